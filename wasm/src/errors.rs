//! What can go wrong, told apart by kind.

use std::collections::BTreeMap;

use serde::Serialize;
use tract_nnef::internal::TractError;

/// Symbol values, by name.
pub type Values = BTreeMap<String, i64>;

/// The kind of an error and what a program needs to react to it. The names are those the
/// TypeScript facade knows (`js/errors.ts`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Kind {
    /// The archive is damaged, or is none.
    Archive,
    /// The archive asks for more than the limits allow.
    Limit,
    /// The archive can be read, but tract cannot build a model of it.
    Model,
    /// A tensor or an option does not fit.
    Input,
    /// A symbol is unknown, or its value does not fit.
    Symbols,
    /// A condition the model states does not hold.
    Assert {
        /// The condition, as the archive writes it.
        assert: String,
        /// The symbols it speaks of.
        values: Values,
    },
    /// None of the model's modes fits.
    Mode {
        /// All modes and their conditions.
        modes: BTreeMap<String, Vec<String>>,
        /// The symbols they speak of.
        values: Values,
    },
    /// The input is too short along a symbol.
    TooShort {
        /// The symbol.
        symbol: String,
        /// The least value that would do.
        least: i64,
    },
    /// The model cannot be cut into pulses this way.
    Pulse {
        /// The symbol asked for.
        symbol: String,
        /// The pulse asked for.
        pulse: i64,
        /// Pulses that are possible.
        possible: Vec<i64>,
    },
    /// NNEF cannot express the model.
    Write {
        /// The operator.
        op: String,
        /// The node's name.
        node: String,
    },
    /// tract could not plan the model.
    Prepare,
    /// tract failed while running.
    Run,
    /// An earlier run of this state failed.
    Poisoned,
    /// The handle is not, or no longer, known.
    Disposed,
}

/// An error: its kind, one sentence, and the chain of causes, outermost first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Error {
    /// What kind, with the fields of that kind.
    #[serde(flatten)]
    pub kind: Kind,
    /// What is wrong, where, and what to do.
    pub message: String,
    /// What tract says, outermost first.
    pub causes: Vec<String>,
}

impl Error {
    /// An error of our own finding.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), causes: vec![] }
    }

    /// An error of tract's.
    pub fn from_tract(kind: Kind, what: &str, error: &TractError) -> Error {
        let causes: Vec<String> = error.chain().map(|cause| cause.to_string()).collect();
        let root = causes.last().cloned().unwrap_or_default();
        Error { kind, message: format!("{what}: {root}"), causes }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What everything here returns.
pub type Result<T> = std::result::Result<T, Error>;

pub(crate) fn damaged(message: impl Into<String>) -> Error {
    Error::new(Kind::Archive, message)
}

pub(crate) fn beyond(message: impl Into<String>) -> Error {
    Error::new(Kind::Limit, message)
}

/// Values in a sentence.
pub(crate) fn listed(values: &Values) -> String {
    let pairs = values.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join(", ")
}

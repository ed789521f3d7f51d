//! Errors, told apart by kind.

use std::collections::BTreeMap;

use serde::Serialize;
use tract_nnef::internal::TractError;

/// Symbol values, by name.
pub type Values = BTreeMap<String, i64>;

/// The kind of an error, with what a program needs to react to it. The names are those of the
/// TypeScript facade (`js/errors.ts`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Kind {
    /// The bytes are not a valid archive.
    Archive,
    /// The archive exceeds a limit.
    Limit,
    /// The archive is valid, but tract cannot build a model from it.
    Model,
    /// A tensor or an option does not fit.
    Input,
    /// A symbol is unknown, or its value does not fit.
    Symbols,
    /// An assert of the model does not hold.
    Assert {
        /// The assert, as the archive writes it.
        assert: String,
        /// Values of its symbols.
        values: Values,
    },
    /// No mode of the model fits.
    Mode {
        /// All modes and their conditions.
        modes: BTreeMap<String, Vec<String>>,
        /// Values of their symbols.
        values: Values,
    },
    /// The input is too short along a symbol.
    TooShort {
        /// The symbol.
        symbol: String,
        /// The least value that is long enough.
        least: i64,
    },
    /// The model cannot be pulsed this way.
    Pulse {
        /// The symbol to pulse along.
        symbol: String,
        /// The requested pulse.
        pulse: i64,
        /// Some pulses that are possible.
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
    /// The handle is unknown or was disposed of.
    Disposed,
}

/// An error: its kind, one sentence, and the chain of causes, outermost first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Error {
    /// The kind, with its fields.
    #[serde(flatten)]
    pub kind: Kind,
    /// What is wrong, where, and what to do.
    pub message: String,
    /// tract's errors, outermost first.
    pub causes: Vec<String>,
}

impl Error {
    /// An error found here.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), causes: vec![] }
    }

    /// An error from tract.
    pub fn from_tract(kind: Kind, what: &str, error: &TractError) -> Error {
        let causes: Vec<String> = error.chain().map(|cause| cause.to_string()).collect();
        let root = causes.last().cloned().unwrap_or_default();
        Error { kind, message: format!("{what}: {root}"), causes }
    }

    /// The archive is not valid.
    pub(crate) fn archive(message: impl Into<String>) -> Error {
        Error::new(Kind::Archive, message)
    }

    /// The archive exceeds a limit.
    pub(crate) fn limit(message: impl Into<String>) -> Error {
        Error::new(Kind::Limit, message)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

/// `B=2, S=3`.
pub(crate) fn format_values(values: &Values) -> String {
    let pairs = values.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join(", ")
}

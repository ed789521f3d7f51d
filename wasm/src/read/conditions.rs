//! Asserts and modes of a model.

use std::collections::BTreeMap;

use tract_nnef::internal::Identifier;

use crate::errors::Values;

/// Asserts and modes, as the archive writes them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// Must hold for each run.
    pub asserts: Vec<String>,
    /// Named sets of conditions: each run must satisfy at least one.
    pub modes: BTreeMap<String, Vec<String>>,
    /// Symbols that were fixed, with their values.
    pub fixed: Values,
}

impl Conditions {
    /// Reads `extension tract_assert S+P < 64;` and `extension tract_assert tg: S == 1;`.
    pub fn read(extensions: &[(Identifier, String)]) -> Conditions {
        let mut asserts = vec![];
        let mut modes = BTreeMap::<String, Vec<String>>::new();
        for (_, text) in extensions.iter().filter(|(name, _)| name.0 == "tract_assert") {
            match text.split_once(':') {
                Some((mode, condition)) => {
                    modes
                        .entry(mode.trim().to_string())
                        .or_default()
                        .push(condition.trim().to_string());
                }
                None => asserts.push(text.trim().to_string()),
            }
        }
        Conditions { asserts, modes, fixed: Default::default() }
    }
}

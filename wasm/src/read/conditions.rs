//! Asserts and modes, as an archive states them.

use std::collections::BTreeMap;

use tract_nnef::internal::Identifier;

use crate::errors::Values;

/// The conditions an archive states, in its own words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// What holds for every run.
    pub asserts: Vec<String>,
    /// Named alternatives: each run meets at least one.
    pub modes: BTreeMap<String, Vec<String>>,
    /// Values symbols were fixed to.
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

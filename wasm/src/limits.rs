//! Bounds on what an archive may ask for: archives are untrusted.

use serde::Deserialize;

use crate::errors::{Result, beyond};

/// Bounds on what an archive may ask for. Defaults are those of `js/archive.ts`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Files in the archive.
    pub entries: usize,
    /// Bytes of one tensor.
    pub tensor_bytes: u64,
    /// Nesting of expressions and of fragments.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { entries: 100_000, tensor_bytes: 1 << 30, depth: 12 }
    }
}

/// Operators in one statement: the parser's tree is as deep as they are many, and tract looks for a
/// free name for each among all there are.
pub(crate) const OPERATORS: usize = 256;

/// Whether one statement may hold so many operators.
pub(crate) fn check_operators(operators: usize) -> Result<()> {
    if operators > OPERATORS {
        return Err(beyond(format!("a statement of more than {OPERATORS} operators")));
    }
    Ok(())
}

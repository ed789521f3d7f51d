//! Limits on the resources that an untrusted archive may use.

use serde::Deserialize;

use crate::errors::{Error, Result};

/// Limits while an archive is read. The defaults are those of `js/archive.ts`.
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

/// Operators in one statement. The syntax tree is as deep as their number, and for each tract
/// searches all names for a free one.
pub(crate) const MAX_OPERATORS: usize = 256;

/// Checks the number of operators in one statement.
pub(crate) fn check_operators(operators: usize) -> Result<()> {
    if operators > MAX_OPERATORS {
        return Err(Error::limit(format!("a statement has more than {MAX_OPERATORS} operators")));
    }
    Ok(())
}

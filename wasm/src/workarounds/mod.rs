//! What tract itself should do, done here meanwhile.
//!
//! Each workaround is a folder with its proposal to tract, and hooks that it submits: to remove one,
//! delete its folder and its line below. Without its hooks tract's own code runs. `README.md` lists
//! them with their figures.

mod conditions;
mod fused;
mod gather_table;
mod nested_text;
mod scan_planning;
mod slices;
pub mod unwritten_memory;
#[cfg(target_arch = "wasm32")]
mod wasm_kernels;

mod hooks;
mod matching;

pub use hooks::{
    ConditionCheck, Stage, check_conditions, parser, replace_operators, replace_passes, rewrite,
    stdlib,
};

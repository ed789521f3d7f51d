//! Workarounds for tract.
//!
//! Each is a folder with a proposal to tract, and submits hooks. To remove one, delete its folder and
//! its line below: then tract's own code runs. `README.md` lists them with their figures.

mod conditions;
mod fused;
mod gather_table;
mod nested_text;
mod scan_planning;
mod slices;
pub mod unwritten_memory;
mod wasm_kernels;
mod writer;

mod hooks;
mod matching;

pub use hooks::{
    ConditionCheck, Stage, check_conditions, find_unwritable, parser, replace_operators,
    replace_passes, rewrite, stdlib,
};

//! What the WebAssembly module exports.

mod exports;
pub mod memory;

pub use exports::{control, record_panic};

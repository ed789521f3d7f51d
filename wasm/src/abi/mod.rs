//! The functions that the WebAssembly module exports.

mod exports;
mod host;
pub mod memory;

pub use host::{control, record_panic};

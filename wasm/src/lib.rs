//! NNEF inference with symbols, pulses and state: [tract](https://github.com/sonos/tract) for
//! browsers and Node.
//!
//! Rooms, each of which uses only those before it: `workarounds`, `read`, `plan`, `run`, `abi`.
//! [`read::load::load`] reads an archive into a [`read::model::Model`]; `plan` transforms, writes
//! and shows it; [`run::runnable::Runnable`] is a model prepared for running and
//! [`run::state::State`] one stream. The same code runs natively; in WebAssembly, `abi` exports it.

#[cfg(target_arch = "wasm32")]
pub mod abi;
mod clock;
pub mod errors;
pub mod limits;
pub mod plan;
pub mod read;
pub mod run;
#[cfg(test)]
mod testing;
pub mod workarounds;

pub use tract_nnef::internal as tract;

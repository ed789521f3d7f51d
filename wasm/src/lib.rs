//! NNEF inference with symbols, pulses and state: [tract](https://github.com/sonos/tract) for
//! browsers and Node.
//!
//! [`load::load`] reads an archive into a [`model::Model`], which can be looked at, transformed
//! and written; [`runnable::Runnable`] is a model prepared for running; [`runnable::State`] is one
//! stream. The same code runs natively; in WebAssembly, `boundary` exports it.

pub mod alloc;
pub mod archive;
mod arguments;
#[cfg(target_arch = "wasm32")]
mod boundary;
mod clock;
pub mod constraints;
mod cover;
pub mod errors;
pub mod facts;
mod fragments;
mod fused;
pub mod graph;
#[cfg(target_arch = "wasm32")]
mod kernels;
pub mod load;
pub mod model;
mod parse;
pub mod properties;
mod pulse;
pub mod runnable;
mod slices;
mod standard;
pub mod tensors;
mod text;
mod tidying;
pub mod trace;
pub mod write;

pub use tract_nnef::internal as tract;

#[global_allocator]
static ALLOCATOR: alloc::Zeroing = alloc::Zeroing;

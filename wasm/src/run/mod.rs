//! Runs a model: validates inputs, keeps the state of a stream, records traces and times.

mod checked;
pub mod input_validator;
pub mod profile;
pub mod runnable;
pub mod state;
pub mod trace;

//! Running a model: what is checked before, streams, traces and times.

pub mod constraints;
pub mod profile;
pub mod runnable;
pub mod state;
pub mod trace;

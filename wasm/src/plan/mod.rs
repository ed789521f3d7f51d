//! What becomes of a model: pulses, a plan, plain data, an archive.

pub mod graph;
pub mod optimize;
pub mod provenance;
pub mod pulse;
pub mod write;

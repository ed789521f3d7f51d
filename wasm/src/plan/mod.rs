//! Turns a model into something else: a pulsed model, an optimised one, plain data, an archive.

pub mod graph;
pub mod optimize;
pub mod provenance;
pub mod pulse;
pub mod write;

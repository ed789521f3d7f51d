//! Reads an untrusted archive into a model.

pub mod archive;
mod arguments;
pub mod conditions;
pub mod facts;
mod fragments;
pub mod framework;
pub mod load;
pub mod model;
pub mod properties;
pub mod tensors;
mod text;

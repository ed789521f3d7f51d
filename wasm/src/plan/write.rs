//! Writes a model as an archive.

use tract_nnef::internal::*;
use tract_nnef::ser::to_proto_model;

use crate::errors::{Error, Kind, Result};
use crate::read::framework::with_writer;
use crate::read::model::Model;
use crate::workarounds::{Stage, find_unwritable, rewrite};

/// Writes a model as a tar: decluttered, or as it is if the decluttered one cannot be written.
pub fn write(model: &Model) -> Result<Vec<u8>> {
    let failed = |e: TractError| Error::from_tract(Kind::Model, "cannot rewrite the model", &e);
    // A loaded model has unused parts that NNEF cannot express, such as the indices of a pool.
    let mut decluttered = model.typed.clone().into_decluttered().map_err(failed)?;
    rewrite(Stage::Writing, &mut decluttered).map_err(failed)?;
    write_typed(&decluttered).or_else(|error| write_typed(&model.typed).map_err(|_| error))
}

fn write_typed(typed: &TypedModel) -> Result<Vec<u8>> {
    if let Some((node, why)) = find_unwritable(typed) {
        return Err(cannot_write(typed.node(node), why, vec![]));
    }
    with_writer(|framework| {
        framework
            .write_to_tar_with_config(typed, vec![], false, true)
            .map_err(|error| locate(framework, typed, &error))
    })
}

fn cannot_write(node: &TypedNode, why: &str, causes: Vec<String>) -> Error {
    let (op, name) = (node.op.name().into_owned(), node.name.clone());
    let message = format!("cannot write {op} {name}: {why}");
    Error { kind: Kind::Write { op, node: name }, message, causes }
}

/// The error for the first node that cannot be written alone.
fn locate(framework: &Nnef, model: &TypedModel, error: &TractError) -> Error {
    let alone = |node: &&TypedNode| {
        let lone = isolated(model, node);
        lone.is_ok_and(|lone| to_proto_model(framework, &lone).is_err())
    };
    let causes: Vec<String> = error.chain().map(|cause| cause.to_string()).collect();
    let why = causes.last().cloned().unwrap_or_default();
    match model.nodes().iter().find(alone).or(model.nodes().last()) {
        Some(node) => cannot_write(node, &why, causes),
        None => Error { kind: Kind::Model, message: why, causes },
    }
}

/// A model of one node. Its inputs become sources or constants.
fn isolated(model: &TypedModel, node: &TypedNode) -> TractResult<TypedModel> {
    let mut lone = TypedModel { symbols: model.symbols.clone(), ..TypedModel::default() };
    let mut inputs = tvec![];
    for (ix, outlet) in node.inputs.iter().enumerate() {
        let fact = model.outlet_fact(*outlet)?;
        let name = format!("input_{ix}");
        inputs.push(match &fact.konst {
            Some(konst) => lone.add_const(name, konst.clone())?,
            None => lone.add_source(name, fact.without_value())?,
        });
    }
    let outputs = lone.wire_node(&node.name, node.op.clone(), &inputs)?;
    lone.select_output_outlets(&outputs)?;
    Ok(lone)
}

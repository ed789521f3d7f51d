//! A model back to an archive.

use tract_core::ops::array::{MultiBroadcastTo, Slice};
use tract_core::ops::change_axes::AxisOp;
use tract_core::ops::element_wise::ElementWiseOp;
use tract_core::ops::konst::Const;
use tract_core::ops::math::{add, erf, mul};
use tract_core::ops::nn::GeluExact;
use tract_core::ops::source::TypedSource;
use tract_nnef::internal::*;
use tract_nnef::ser::to_proto_model;

use crate::errors::{Error, Kind, Result};
use crate::read::framework::with_writer;
use crate::read::model::Model;

/// Writes a model as a tar: tidied, or as it is where that cannot be written.
pub fn write(model: &Model) -> Result<Vec<u8>> {
    let failed = |e: TractError| Error::from_tract(Kind::Model, "cannot rewrite the model", &e);
    // As loaded, a model has parts nobody uses, such as the indices of a pool's maxima, which
    // NNEF cannot say.
    let tidied = model.typed.clone().into_decluttered().map_err(failed)?;
    let tidied = expand_gelu(&tidied).map_err(failed)?;
    write_typed(&tidied).or_else(|error| write_typed(&model.typed).map_err(|_| error))
}

fn write_typed(typed: &TypedModel) -> Result<Vec<u8>> {
    if let Some(node) = typed.nodes().iter().find(|node| has_unwritable_dim(node)) {
        let why = "NNEF's text has no minimum, maximum or broadcast of symbols";
        return Err(cannot_write(node, why, vec![]));
    }
    with_writer(|framework| {
        framework
            .write_to_tar_with_config(typed, vec![], false, true)
            .map_err(|error| blame(framework, typed, &error))
    })
}

fn cannot_write(node: &TypedNode, why: &str, causes: Vec<String>) -> Error {
    let (op, name) = (node.op.name().into_owned(), node.name.clone());
    let message = format!("cannot write {op} {name}: {why}");
    Error { kind: Kind::Write { op, node: name }, message, causes }
}

/// Finds the node that cannot be written: the first that cannot be on its own.
fn blame(framework: &Nnef, model: &TypedModel, error: &TractError) -> Error {
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

/// A model of one node, its inputs being sources or constants.
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

/// tract's writer panics on these, so they are looked for first.
fn has_unwritable_dim(node: &TypedNode) -> bool {
    let mut dims: Vec<TDim> = vec![];
    if let Some(op) = node.op_as::<TypedSource>() {
        dims.extend(op.fact.shape.iter().cloned());
    } else if let Some(AxisOp::Reshape(_, from, to)) = node.op_as::<AxisOp>() {
        dims.extend(from.iter().chain(to).cloned());
    } else if let Some(op) = node.op_as::<MultiBroadcastTo>() {
        dims.extend(op.shape.iter().cloned());
    } else if let Some(op) = node.op_as::<Slice>() {
        dims.extend([op.start.clone(), op.end.clone()]);
    } else if let Some(op) = node.op_as::<Const>()
        && let Ok(view) = op.val().to_plain_array_view::<TDim>()
    {
        dims.extend(view.iter().cloned());
    }
    dims.iter().any(unwritable)
}

fn unwritable(dim: &TDim) -> bool {
    match dim {
        TDim::Val(_) | TDim::Sym(_) => false,
        TDim::Add(terms) | TDim::Mul(terms) => terms.iter().any(unwritable),
        TDim::MulInt(_, dim) | TDim::Div(dim, _) => unwritable(dim),
        _ => true,
    }
}

/// tract recognises exact GELU when it tidies a model, but has no NNEF for it: writes it as what
/// it stands for, 0.5 x (1 + erf(x / √2)).
fn expand_gelu(model: &TypedModel) -> TractResult<TypedModel> {
    let mut model = model.clone();
    Rewriter::default().with_rule_for("expand-gelu", gelu_rule).rewrite(&(), &mut model)?;
    Ok(model)
}

fn gelu_rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    name: &str,
    op: &ElementWiseOp,
) -> TractResult<Option<TypedModelPatch>> {
    if !op.0.is::<GeluExact>() {
        return Ok(None);
    }
    let fact = model.outlet_fact(node.inputs[0])?;
    let mut patch = TypedModelPatch::default();
    let x = patch.tap_model(model, node.inputs[0])?;
    let mut constant = |what: &str, value: f32| {
        let scalar = tensor0(value).cast_to_dt(fact.datum_type)?.into_owned();
        patch.add_const(format!("{name}.{what}"), scalar.broadcast_into_rank(fact.rank())?)
    };
    let scale = constant("inverse_sqrt2", std::f32::consts::FRAC_1_SQRT_2)?;
    let one = constant("one", 1.0)?;
    let half = constant("half", 0.5)?;
    let scaled = patch.wire_node(format!("{name}.scaled"), mul(), &[x, scale])?[0];
    let erf = patch.wire_node(format!("{name}.erf"), erf(), &[scaled])?[0];
    let shifted = patch.wire_node(format!("{name}.shifted"), add(), &[erf, one])?[0];
    let halved = patch.wire_node(format!("{name}.halved"), mul(), &[x, half])?[0];
    let out = patch.wire_node(name, mul(), &[halved, shifted])?[0];
    patch.shunt_outside(model, node.id.into(), out)?;
    Ok(Some(patch))
}

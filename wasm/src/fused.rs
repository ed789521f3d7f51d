//! What runs as one operator of our own where tract runs many.
//!
//! A small transformer spends more on going from operator to operator than on numbers: an
//! attention is about twenty of tract's, a layer normalisation five, a rotation of positions
//! sixteen. Each is found by what it computes, whoever wrote it; what is not found runs as it was.

mod arithmetic;
mod attention;
mod copied;
mod layer_norm;
mod linear;
mod rotary;

use tract_core::ops::binary::{BinMiniOp, TypedBinOp};
use tract_core::ops::cast::Cast;
use tract_nnef::internal::*;

/// Before tract tidies a model, which takes attentions and rotations apart.
pub(crate) fn as_written(mut model: TypedModel) -> TractResult<TypedModel> {
    Rewriter::default()
        .with_rule_for("attention", attention::spelt_out)
        .with_rule_for("attention-operator", attention::named)
        .with_rule_for("rotary", rotary::rule)
        .rewrite(&(), &mut model)?;
    Ok(model)
}

/// Once tract has tidied it, and found what normalises.
pub(crate) fn as_tidied(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default()
        .with_rule_for("layer-norm", layer_norm::rule)
        .with_rule_for("few-windows", copied::few_windows)
        .rewrite(&(), model)?;
    Rewriter::default().with_rule_for("linear", linear::rule).rewrite(&Default::default(), model)
}

/// Once tract has picked what runs.
pub(crate) fn as_planned(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default()
        .with_rule_for("windows", copied::windows)
        .with_rule_for("gathered", copied::gathered)
        .with_rule_for("arithmetic", arithmetic::rule)
        .rewrite(&(), model)
}

/// One operator in place of those that end in `last`, under its name.
fn replaced(
    model: &TypedModel,
    last: &TypedNode,
    inputs: &[OutletId],
    op: impl Into<Box<dyn TypedOp>>,
) -> TractResult<Option<TypedModelPatch>> {
    let mut patch = TypedModelPatch::default();
    let taps = patch.taps(model, inputs)?;
    let outputs = patch.wire_node(&last.name, op, &taps)?;
    patch.shunt_outside(model, last.id.into(), outputs[0])?;
    Ok(Some(patch))
}

/// The wire before casts that change nothing, which reading a graph leaves everywhere.
fn uncast(model: &TypedModel, mut wire: OutletId) -> OutletId {
    while let node = model.node(wire.node)
        && node.op_as::<Cast>().is_some_and(|cast| is_a(model, node.inputs[0], cast.to))
    {
        wire = node.inputs[0];
    }
    wire
}

fn is_a(model: &TypedModel, wire: OutletId, dtype: DatumType) -> bool {
    model.outlet_fact(wire).is_ok_and(|fact| fact.is_plain() && fact.datum_type == dtype)
}

fn shape(model: &TypedModel, wire: OutletId) -> TractResult<&[TDim]> {
    Ok(&model.outlet_fact(wire)?.shape)
}

/// What a sum, product or the like is made of.
fn operands<Op: BinMiniOp>(model: &TypedModel, wire: OutletId) -> Option<[OutletId; 2]> {
    let node = model.node(wire.node);
    let [left, right] = node.inputs[..] else { return None };
    node.op_as::<TypedBinOp>()?.0.is::<Op>().then(|| [uncast(model, left), uncast(model, right)])
}

/// The number a wire always holds.
fn number(model: &TypedModel, wire: OutletId) -> Option<f32> {
    constant(model, wire).filter(|it| it.len() == 1)?.cast_to_scalar().ok()
}

/// The tensor a wire always holds.
fn constant(model: &TypedModel, wire: OutletId) -> Option<Arc<Tensor>> {
    model.outlet_fact(wire).ok()?.konst.clone().filter(|it| it.is_plain())
}

/// Whether two wires hold the same, made by the same operators, as far as a few steps tell: a graph
/// can be so made that it has more ways back than there is time.
fn same(model: &TypedModel, a: OutletId, b: OutletId) -> bool {
    let mut pairs = vec![(a, b)];
    for _ in 0..32 {
        let Some((a, b)) = pairs.pop() else { return true };
        let [a, b] = [a, b].map(|wire| uncast(model, wire));
        if a == b {
            continue;
        }
        let (left, right) = (model.node(a.node), model.node(b.node));
        let alike = a.slot == b.slot
            && !left.inputs.is_empty()
            && left.inputs.len() == right.inputs.len()
            && left.op.dyn_eq(&*right.op);
        if !alike {
            return false;
        }
        pairs.extend(left.inputs.iter().copied().zip(right.inputs.iter().copied()));
    }
    false
}

/// Numbers of a tensor, row by row.
fn numbers(tensor: &Tensor) -> TractResult<&[f32]> {
    tensor.try_as_plain_ram()?.as_slice()
}

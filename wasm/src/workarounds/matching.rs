//! Matches operators in a model and replaces several by one.

use tract_core::ops::binary::{BinMiniOp, TypedBinOp};
use tract_core::ops::cast::Cast;
use tract_nnef::internal::*;

/// Replaces the operators that end in `last` by one operator with its name.
pub fn replace(
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

/// The wire before casts that change nothing. A loaded graph has many of them.
pub fn skip_casts(model: &TypedModel, mut wire: OutletId) -> OutletId {
    while let node = model.node(wire.node)
        && node.op_as::<Cast>().is_some_and(|cast| has_dtype(model, node.inputs[0], cast.to))
    {
        wire = node.inputs[0];
    }
    wire
}

pub fn has_dtype(model: &TypedModel, wire: OutletId, dtype: DatumType) -> bool {
    model.outlet_fact(wire).is_ok_and(|fact| fact.is_plain() && fact.datum_type == dtype)
}

pub fn shape(model: &TypedModel, wire: OutletId) -> TractResult<&[TDim]> {
    Ok(&model.outlet_fact(wire)?.shape)
}

/// The operands of a binary operator, if `wire` is its output.
pub fn operands<Op: BinMiniOp>(model: &TypedModel, wire: OutletId) -> Option<[OutletId; 2]> {
    let node = model.node(wire.node);
    let [left, right] = node.inputs[..] else { return None };
    node.op_as::<TypedBinOp>()?
        .0
        .is::<Op>()
        .then(|| [skip_casts(model, left), skip_casts(model, right)])
}

/// The constant number on a wire.
pub fn constant_number(model: &TypedModel, wire: OutletId) -> Option<f32> {
    constant(model, wire).filter(|tensor| tensor.len() == 1)?.cast_to_scalar().ok()
}

/// The constant tensor on a wire.
pub fn constant(model: &TypedModel, wire: OutletId) -> Option<Arc<Tensor>> {
    model.outlet_fact(wire).ok()?.konst.clone().filter(|tensor| tensor.is_plain())
}

/// Whether two wires have the same value, computed by equal operators. Gives up after a few steps: a
/// graph can have exponentially many paths.
pub fn are_equal(model: &TypedModel, a: OutletId, b: OutletId) -> bool {
    let mut pairs = vec![(a, b)];
    for _ in 0..32 {
        let Some((a, b)) = pairs.pop() else { return true };
        let [a, b] = [a, b].map(|wire| skip_casts(model, wire));
        if a == b {
            continue;
        }
        let (left, right) = (model.node(a.node), model.node(b.node));
        let equal_ops = a.slot == b.slot
            && !left.inputs.is_empty()
            && left.inputs.len() == right.inputs.len()
            && left.op.dyn_eq(&*right.op);
        if !equal_ops {
            return false;
        }
        pairs.extend(left.inputs.iter().copied().zip(right.inputs.iter().copied()));
    }
    false
}

/// A tensor's values in row-major order.
pub fn f32_values(tensor: &Tensor) -> TractResult<&[f32]> {
    tensor.try_as_plain_ram()?.as_slice()
}

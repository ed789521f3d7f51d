//! Finds operators in a model and puts one in the place of several.

use tract_core::ops::binary::{BinMiniOp, TypedBinOp};
use tract_core::ops::cast::Cast;
use tract_nnef::internal::*;

/// One operator in place of those that end in `last`, under its name.
pub fn replaced(
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
pub fn uncast(model: &TypedModel, mut wire: OutletId) -> OutletId {
    while let node = model.node(wire.node)
        && node.op_as::<Cast>().is_some_and(|cast| is_a(model, node.inputs[0], cast.to))
    {
        wire = node.inputs[0];
    }
    wire
}

pub fn is_a(model: &TypedModel, wire: OutletId, dtype: DatumType) -> bool {
    model.outlet_fact(wire).is_ok_and(|fact| fact.is_plain() && fact.datum_type == dtype)
}

pub fn shape(model: &TypedModel, wire: OutletId) -> TractResult<&[TDim]> {
    Ok(&model.outlet_fact(wire)?.shape)
}

/// What a sum, product or the like is made of.
pub fn operands<Op: BinMiniOp>(model: &TypedModel, wire: OutletId) -> Option<[OutletId; 2]> {
    let node = model.node(wire.node);
    let [left, right] = node.inputs[..] else { return None };
    node.op_as::<TypedBinOp>()?.0.is::<Op>().then(|| [uncast(model, left), uncast(model, right)])
}

/// The number a wire always holds.
pub fn number(model: &TypedModel, wire: OutletId) -> Option<f32> {
    constant(model, wire).filter(|it| it.len() == 1)?.cast_to_scalar().ok()
}

/// The tensor a wire always holds.
pub fn constant(model: &TypedModel, wire: OutletId) -> Option<Arc<Tensor>> {
    model.outlet_fact(wire).ok()?.konst.clone().filter(|it| it.is_plain())
}

/// Whether two wires hold the same, made by the same operators, as far as a few steps tell: a graph
/// can be so made that it has more ways back than there is time.
pub fn same(model: &TypedModel, a: OutletId, b: OutletId) -> bool {
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
pub fn numbers(tensor: &Tensor) -> TractResult<&[f32]> {
    tensor.try_as_plain_ram()?.as_slice()
}

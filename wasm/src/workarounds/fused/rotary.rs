//! Rotary positions (Su et al., 2021, arXiv:2104.09864), the halves of a row as pairs.

use tract_core::ops::array::{DynSlice, Slice, TypedConcat};
use tract_core::ops::math::{Add, Mul, Sub};
use tract_nnef::internal::*;

use crate::workarounds::matching::{
    is_a, number, numbers, operands, replaced, same, shape, uncast,
};

/// Turns f32 along the last axis. Cosines and sines are two more inputs, half as wide; axes before
/// are those of what is turned, but for some at the front along which there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rotary;

pub(super) fn rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &TypedConcat,
) -> TractResult<Option<TypedModelPatch>> {
    let [left, right] = node.inputs[..] else { return Ok(None) };
    rule_if_some!([a_cosine, b_sine] = operands::<Sub>(model, uncast(model, left)));
    rule_if_some!([one, other] = operands::<Add>(model, uncast(model, right)));
    rule_if_some!((a, cosine) = half(model, a_cosine, op.axis));
    rule_if_some!((b, sine) = half(model, b_sine, op.axis));
    rule_if!(a.begins == 0 && b.begins == a.ends && a.of == b.of);
    let crossed = [(one, other), (other, one)].into_iter().any(|(a_sine, b_cosine)| {
        let (Some(left), Some(right)) =
            (half(model, a_sine, op.axis), half(model, b_cosine, op.axis))
        else {
            return false;
        };
        left.0 == a && right.0 == b && same(model, left.1, sine) && same(model, right.1, cosine)
    });
    rule_if!(crossed);
    let dims = shape(model, a.of)?;
    let fits = |wire: OutletId| {
        let angles = shape(model, wire)?;
        let one = angles.iter().take_while(|dim| dim.is_one()).count().min(op.axis);
        let whole = angles.len() == dims.len() && angles[one..op.axis] == dims[one..op.axis];
        TractResult::Ok(
            whole && angles[op.axis] == a.ends.to_dim() && is_a(model, wire, f32::datum_type()),
        )
    };
    rule_if!(op.axis + 1 == dims.len() && dims[op.axis] == b.ends.to_dim());
    rule_if!(a.ends > 0 && b.ends == 2 * a.ends && is_a(model, a.of, f32::datum_type()));
    rule_if!(fits(cosine)? && fits(sine)?);
    rule_if!(shape(model, cosine)? == shape(model, sine)?);
    replaced(model, node, &[a.of, cosine, sine], Rotary)
}

/// A part of a wire's last axis.
#[derive(PartialEq)]
struct Half {
    of: OutletId,
    begins: usize,
    ends: usize,
}

/// The half that is a product's one side, and the other side.
fn half(model: &TypedModel, product: OutletId, axis: usize) -> Option<(Half, OutletId)> {
    let [a, b] = operands::<Mul>(model, product)?;
    let sides = [(a, b), (b, a)].into_iter();
    sides.filter_map(|(part, by)| Some((part_of(model, part, axis)?, by))).next()
}

fn part_of(model: &TypedModel, wire: OutletId, axis: usize) -> Option<Half> {
    let node = model.node(wire.node);
    let of = uncast(model, *node.inputs.first()?);
    let (at, begins, ends) = if let Some(slice) = node.op_as::<Slice>() {
        (slice.axis, slice.start.to_usize().ok()?, slice.end.to_usize().ok()?)
    } else {
        let bound = |k: usize| number(model, node.inputs[k]).map(|it| it as usize);
        (node.op_as::<DynSlice>()?.axis, bound(1)?, bound(2)?)
    };
    (at == axis).then_some(Half { of, begins, ends })
}

impl Op for Rotary {
    fn name(&self) -> StaticName {
        "Rotary".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Rotary {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (x, cosines, sines) = args_3!(inputs);
        let mut x = x.into_tensor();
        let wide = *x.shape().last().context("what is turned has no axis")?;
        let (cosines, sines) = (numbers(&cosines)?, numbers(&sines)?);
        let fit = wide > 1 && !cosines.is_empty() && cosines.len() == sines.len();
        ensure!(fit || x.len() == 0, "angles of {} for rows of {}", cosines.len(), wide);
        let angles = cosines.chunks_exact(wide / 2).zip(sines.chunks_exact(wide / 2)).cycle();
        let mut plain = x.try_as_plain_ram_mut()?;
        for (row, (cosines, sines)) in plain.as_slice_mut()?.chunks_exact_mut(wide).zip(angles) {
            rows::turn(row, cosines, sines);
        }
        Ok(tvec![x.into_tvalue()])
    }
}

impl TypedOp for Rotary {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![f32::fact(inputs[0].shape.clone())])
    }

    as_op!();
}

//! Rotary position embedding (Su et al., 2021, arXiv:2104.09864), with the halves of a row as pairs.

use tract_core::ops::array::{DynSlice, Slice, TypedConcat};
use tract_core::ops::math::{Add, Mul, Sub};
use tract_nnef::internal::*;

use crate::workarounds::matching::{
    are_equal, constant_number, f32_values, has_dtype, operands, replace, shape, skip_casts,
};

/// Rotates f32 rows along the last axis. Cosines and sines are inputs of half that width; their other
/// axes are those of the rows, or have length 1 at the front.
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
    rule_if_some!([a_cosine, b_sine] = operands::<Sub>(model, skip_casts(model, left)));
    rule_if_some!([one, other] = operands::<Add>(model, skip_casts(model, right)));
    rule_if_some!((a, cosine) = factors(model, a_cosine, op.axis));
    rule_if_some!((b, sine) = factors(model, b_sine, op.axis));
    rule_if!(a.begin == 0 && b.begin == a.end && a.wire == b.wire);
    let matches = [(one, other), (other, one)].into_iter().any(|(a_sine, b_cosine)| {
        let (Some(left), Some(right)) =
            (factors(model, a_sine, op.axis), factors(model, b_cosine, op.axis))
        else {
            return false;
        };
        left.0 == a
            && right.0 == b
            && are_equal(model, left.1, sine)
            && are_equal(model, right.1, cosine)
    });
    rule_if!(matches);
    let dims = shape(model, a.wire)?;
    let fits = |wire: OutletId| {
        let angles = shape(model, wire)?;
        let ones = angles.iter().take_while(|dim| dim.is_one()).count().min(op.axis);
        let same_axes = angles.len() == dims.len() && angles[ones..op.axis] == dims[ones..op.axis];
        TractResult::Ok(
            same_axes
                && angles[op.axis] == a.end.to_dim()
                && has_dtype(model, wire, f32::datum_type()),
        )
    };
    rule_if!(op.axis + 1 == dims.len() && dims[op.axis] == b.end.to_dim());
    rule_if!(a.end > 0 && b.end == 2 * a.end && has_dtype(model, a.wire, f32::datum_type()));
    rule_if!(fits(cosine)? && fits(sine)?);
    rule_if!(shape(model, cosine)? == shape(model, sine)?);
    replace(model, node, &[a.wire, cosine, sine], Rotary)
}

/// A range of a wire's last axis.
#[derive(PartialEq)]
struct Part {
    wire: OutletId,
    begin: usize,
    end: usize,
}

/// The factors of a product of a part with another wire.
fn factors(model: &TypedModel, product: OutletId, axis: usize) -> Option<(Part, OutletId)> {
    let [a, b] = operands::<Mul>(model, product)?;
    let sides = [(a, b), (b, a)].into_iter();
    sides.filter_map(|(part, factor)| Some((part_of(model, part, axis)?, factor))).next()
}

fn part_of(model: &TypedModel, wire: OutletId, axis: usize) -> Option<Part> {
    let node = model.node(wire.node);
    let source = skip_casts(model, *node.inputs.first()?);
    let (slice_axis, begin, end) = if let Some(slice) = node.op_as::<Slice>() {
        (slice.axis, slice.start.to_usize().ok()?, slice.end.to_usize().ok()?)
    } else {
        let bound = |k: usize| constant_number(model, node.inputs[k]).map(|bound| bound as usize);
        (node.op_as::<DynSlice>()?.axis, bound(1)?, bound(2)?)
    };
    (slice_axis == axis).then_some(Part { wire: source, begin, end })
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
        let width = *x.shape().last().context("rotary rows need an axis")?;
        let (cosines, sines) = (f32_values(&cosines)?, f32_values(&sines)?);
        let fits = width > 1 && !cosines.is_empty() && cosines.len() == sines.len();
        ensure!(fits || x.len() == 0, "{} angles for rows of {}", cosines.len(), width);
        let angles = cosines.chunks_exact(width / 2).zip(sines.chunks_exact(width / 2)).cycle();
        let mut plain = x.try_as_plain_ram_mut()?;
        for (row, (cosines, sines)) in plain.as_slice_mut()?.chunks_exact_mut(width).zip(angles) {
            rows::rope(row, cosines, sines);
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

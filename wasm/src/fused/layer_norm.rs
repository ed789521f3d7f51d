//! Layer normalisation (Ba et al., 2016, arXiv:1607.06450).

use tract_core::ops::math::{Add, Mul, Sub};
use tract_core::ops::nn::{Reduce, Reducer, RmsNorm};
use tract_nnef::internal::*;

use super::{is_a, number, numbers, operands, replaced, shape};

/// Along the last axis of f32, with a scale and a shift (two more inputs) for each of its places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LayerNorm {
    eps: f32,
}

/// From what tract has found to be a division by the root of a mean of squares.
pub(super) fn rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &RmsNorm,
) -> TractResult<Option<TypedModelPatch>> {
    rule_if_some!([x, mean] = operands::<Sub>(model, node.inputs[0]));
    let dims = shape(model, x)?;
    rule_if!(is_a(model, x, f32::datum_type()) && op.axis + 1 == dims.len());
    rule_if_some!(count = dims[op.axis].to_usize().ok().filter(|count| *count > 0));
    rule_if!(is_mean(model, mean, x, op.axis, count));
    rule_if_some!((scaled, scale) = then::<Mul>(model, node, count)?);
    rule_if_some!((shifted, shift) = then::<Add>(model, scaled, count)?);
    rule_if!(model.outlet_fact(shifted.id.into())?.shape == model.outlet_fact(x)?.shape);
    let op = LayerNorm { eps: op.eps.cast_to_scalar()? };
    replaced(model, shifted, &[x, scale, shift], op)
}

fn is_mean(model: &TypedModel, mean: OutletId, x: OutletId, axis: usize, count: usize) -> bool {
    let Some([a, b]) = operands::<Mul>(model, mean) else { return false };
    [(a, b), (b, a)].into_iter().any(|(sum, over)| {
        let node = model.node(sum.node);
        let of_x = node.op_as::<Reduce>().is_some_and(|op| {
            op.reducer == Reducer::Sum && op.axes[..] == [axis] && node.inputs[0] == x
        });
        of_x && number(model, over).is_some_and(|it| (it * count as f32 - 1.0).abs() < 1e-6)
    })
}

/// The node that takes this one alone and as many constants as there are places in a row.
fn then<'m, Op: tract_core::ops::binary::BinMiniOp>(
    model: &'m TypedModel,
    node: &TypedNode,
    count: usize,
) -> TractResult<Option<(&'m TypedNode, OutletId)>> {
    rule_if_some!(next = model.single_succ(node.id)?);
    rule_if_some!(both = operands::<Op>(model, next.id.into()));
    let fits = |wire: &OutletId| {
        let fact = model.outlet_fact(*wire);
        fact.is_ok_and(|fact| fact.konst.as_ref().is_some_and(|it| it.len() == count))
            && is_a(model, *wire, f32::datum_type())
            && shape(model, *wire).is_ok_and(|dims| dims.last() == Some(&count.to_dim()))
    };
    Ok(both.into_iter().find(fits).map(|constant| (next, constant)))
}

// What is derived stands for it: the number is never NaN.
impl Eq for LayerNorm {}

impl Op for LayerNorm {
    fn name(&self) -> StaticName {
        "LayerNorm".into()
    }

    op_as_typed_op!();
}

impl EvalOp for LayerNorm {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (x, scale, shift) = args_3!(inputs);
        let mut x = x.into_tensor();
        let (scale, shift) = (numbers(&scale)?, numbers(&shift)?);
        for row in x.try_as_plain_ram_mut()?.as_slice_mut()?.chunks_exact_mut(scale.len()) {
            rows::normalize(row, self.eps, scale, shift);
        }
        Ok(tvec![x.into_tvalue()])
    }
}

impl TypedOp for LayerNorm {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![f32::fact(inputs[0].shape.clone())])
    }

    as_op!();
}

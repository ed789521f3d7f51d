//! Layer normalisation (Ba et al., 2016, arXiv:1607.06450).

use tract_core::ops::binary::BinMiniOp;
use tract_core::ops::math::{Add, Mul, Sub};
use tract_core::ops::nn::{Reduce, Reducer, RmsNorm};
use tract_nnef::internal::*;

use crate::workarounds::matching::{constant, is_a, number, numbers, operands, replaced, shape};

/// Along the last axis of f32, with a scale and a shift for each of its places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LayerNorm {
    eps: f32,
    scale: Arc<Tensor>,
    shift: Arc<Tensor>,
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
    // A scale of ones, or a shift of zeros, tract has left out.
    let (scaled, scale) = then::<Mul>(model, node, count)?.unwrap_or((node, all(1.0, count)));
    let (shifted, shift) = then::<Add>(model, scaled, count)?.unwrap_or((scaled, all(0.0, count)));
    rule_if!(shape(model, shifted.id.into())? == dims);
    replaced(model, shifted, &[x], LayerNorm { eps: op.eps.cast_to_scalar()?, scale, shift })
}

fn all(number: f32, count: usize) -> Arc<Tensor> {
    tensor1(&vec![number; count]).into_arc_tensor()
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

/// The node that takes this one alone and as many constants as there are places in a row; these.
fn then<'m, Op: BinMiniOp>(
    model: &'m TypedModel,
    node: &TypedNode,
    count: usize,
) -> TractResult<Option<(&'m TypedNode, Arc<Tensor>)>> {
    rule_if!(!model.output_outlets()?.contains(&node.id.into()));
    rule_if_some!(next = model.single_succ(node.id)?);
    rule_if_some!(both = operands::<Op>(model, next.id.into()));
    let fits = |it: &Arc<Tensor>| {
        it.len() == count
            && it.datum_type() == f32::datum_type()
            && it.shape().last() == Some(&count)
    };
    let constant = both.into_iter().filter_map(|wire| constant(model, wire)).find(fits);
    Ok(constant.map(|constant| (next, constant)))
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
        let mut x = args_1!(inputs).into_tensor();
        let (scale, shift) = (numbers(&self.scale)?, numbers(&self.shift)?);
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

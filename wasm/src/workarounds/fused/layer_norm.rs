//! Layer normalisation (Ba et al., 2016, arXiv:1607.06450).

use tract_core::ops::binary::BinMiniOp;
use tract_core::ops::math::{Add, Mul, Sub};
use tract_core::ops::nn::{Reduce, Reducer, RmsNorm};
use tract_nnef::internal::*;

use crate::workarounds::matching::{
    constant, constant_number, f32_values, has_dtype, operands, replace, shape,
};

/// Along the last axis of f32, with a scale and a shift for each position on it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LayerNorm {
    eps: f32,
    scale: Arc<Tensor>,
    shift: Arc<Tensor>,
}

/// Matches an `RmsNorm` of a difference from the mean.
pub(super) fn rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &RmsNorm,
) -> TractResult<Option<TypedModelPatch>> {
    rule_if_some!([x, mean] = operands::<Sub>(model, node.inputs[0]));
    let dims = shape(model, x)?;
    rule_if!(has_dtype(model, x, f32::datum_type()) && op.axis + 1 == dims.len());
    rule_if_some!(count = dims[op.axis].to_usize().ok().filter(|count| *count > 0));
    rule_if!(is_mean(model, mean, x, op.axis, count));
    // tract removes a scale of ones and a shift of zeros.
    let (scaled, scale) =
        following::<Mul>(model, node, count)?.unwrap_or((node, filled(1.0, count)));
    let (shifted, shift) =
        following::<Add>(model, scaled, count)?.unwrap_or((scaled, filled(0.0, count)));
    rule_if!(shape(model, shifted.id.into())? == dims);
    replace(model, shifted, &[x], LayerNorm { eps: op.eps.cast_to_scalar()?, scale, shift })
}

fn filled(number: f32, count: usize) -> Arc<Tensor> {
    tensor1(&vec![number; count]).into_arc_tensor()
}

fn is_mean(model: &TypedModel, mean: OutletId, x: OutletId, axis: usize, count: usize) -> bool {
    let Some([a, b]) = operands::<Mul>(model, mean) else { return false };
    [(a, b), (b, a)].into_iter().any(|(sum, factor)| {
        let node = model.node(sum.node);
        let is_sum = node.op_as::<Reduce>().is_some_and(|op| {
            op.reducer == Reducer::Sum && op.axes[..] == [axis] && node.inputs[0] == x
        });
        is_sum
            && constant_number(model, factor)
                .is_some_and(|factor| (factor * count as f32 - 1.0).abs() < 1e-6)
    })
}

/// The next node, if it combines this one with a constant row; and that row.
fn following<'m, Op: BinMiniOp>(
    model: &'m TypedModel,
    node: &TypedNode,
    count: usize,
) -> TractResult<Option<(&'m TypedNode, Arc<Tensor>)>> {
    rule_if!(!model.output_outlets()?.contains(&node.id.into()));
    rule_if_some!(next = model.single_succ(node.id)?);
    rule_if_some!(sides = operands::<Op>(model, next.id.into()));
    let is_row = |tensor: &Arc<Tensor>| {
        tensor.len() == count
            && tensor.datum_type() == f32::datum_type()
            && tensor.shape().last() == Some(&count)
    };
    let constant = sides.into_iter().filter_map(|wire| constant(model, wire)).find(is_row);
    Ok(constant.map(|constant| (next, constant)))
}

// `eps` is never NaN.
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
        let (scale, shift) = (f32_values(&self.scale)?, f32_values(&self.shift)?);
        for row in x.try_as_plain_ram_mut()?.as_slice_mut()?.chunks_exact_mut(scale.len()) {
            rows::layer_norm(row, self.eps, scale, shift);
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

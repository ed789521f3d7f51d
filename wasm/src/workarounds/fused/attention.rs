//! Scaled dot-product attention (Vaswani et al., 2017, arXiv:1706.03762).

use tract_core::ops::einsum::EinSum;
use tract_core::ops::math::{Add, Div, Mul};
use tract_core::ops::nn::{Softmax, SoftmaxKind};
use tract_nnef::internal::*;
use tract_transformers::ops::sdpa::Sdpa;

use crate::workarounds::matching::{
    constant_number, f32_values, has_dtype, operands, replace, shape, skip_casts,
};

/// Inputs of f32: queries (…, S, D), keys (…, T, D), values (…, T, E) and, optionally, a mask that is
/// added to the scores and broadcasts to (…, S, T). Output: (…, S, E).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attention {
    scale: f32,
}

/// For more keys, tract's matrix products are faster than our rows.
const MAX_KEYS: usize = 64;

/// Matches two products with a softmax between.
pub(super) fn product_rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &EinSum,
) -> TractResult<Option<TypedModelPatch>> {
    rule_if!(node.inputs.len() == 2);
    let [weights, values] = [0, 1].map(|k| skip_casts(model, node.inputs[k]));
    let softmax = model.node(weights.node);
    rule_if_some!(softmax_op = softmax.op_as::<Softmax>());
    let dims = shape(model, weights)?;
    let rank = dims.len();
    rule_if!(softmax_op.kind == SoftmaxKind::Softmax && softmax_op.axes[..] == [rank - 1]);
    rule_if!(summed_axis(op, rank) == Some(rank - 2) && may_be_few(&dims[rank - 1]));
    let wire = skip_casts(model, softmax.inputs[0]);
    let (scores, mask) = match operands::<Add>(model, wire) {
        None => (scores(model, wire), None),
        Some([a, b]) => match scores(model, a) {
            None => (scores(model, b), Some(a)),
            found => (found, Some(b)),
        },
    };
    rule_if_some!((queries, keys, scale) = scores);
    rule_if!(mask.is_none_or(|mask| broadcasts(model, mask, dims)));
    let inputs: TVec<OutletId> = [queries, keys, values].into_iter().chain(mask).collect();
    rule_if!(inputs.iter().all(|wire| has_dtype(model, *wire, f32::datum_type())));
    let batch = |wire| shape(model, wire).map(|dims| &dims[..rank - 2]);
    rule_if!(batch(queries)? == batch(keys)? && batch(keys)? == batch(values)?);
    replace(model, node, &inputs, Attention { scale })
}

/// Matches tract's `Sdpa`, which runs without SIMD kernels in WebAssembly and took a third of a ViT's
/// time. With many keys it becomes matrix products, which have SIMD kernels.
pub(super) fn sdpa_rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    name: &str,
    op: &Sdpa,
) -> TractResult<Option<TypedModelPatch>> {
    let keys = shape(model, node.inputs[1])?;
    let same_heads = keys.len() < 4 || keys[1] == shape(model, node.inputs[0])?[1];
    let all_f32 = node.inputs.iter().all(|wire| has_dtype(model, *wire, f32::datum_type()));
    let no_mask = node.inputs.len() == 3 && !op.is_causal;
    if same_heads && all_f32 && no_mask && may_be_few(&keys[keys.len() - 2]) {
        let width = keys[keys.len() - 1].to_usize()? as f32;
        let scale = op.scale.as_ref().map(|scale| scale.cast_to_scalar::<f32>()).transpose()?;
        let scale = scale.unwrap_or_else(|| width.sqrt().recip());
        return replace(model, node, &node.inputs, Attention { scale });
    }
    let mut patch = op.patch_sdpa(model, node)?;
    // `patch_sdpa` gives the same names each time, but names in a plan must be unique.
    for inner in patch.iter_mut().flat_map(|patch| &mut patch.model.nodes) {
        inner.name = format!("{name}.{}", inner.name);
    }
    Ok(patch)
}

/// Whether the number of keys is small or open.
fn may_be_few(keys: &TDim) -> bool {
    keys.to_usize().map_or(true, |keys| keys <= MAX_KEYS)
}

/// Queries, keys and scale, if `wire` is the scaled product of queries and keys.
fn scores(model: &TypedModel, mut wire: OutletId) -> Option<(OutletId, OutletId, f32)> {
    let mut scale = 1.0;
    loop {
        if let Some([a, b]) = operands::<Mul>(model, wire) {
            let (scaled, factor) = match constant_number(model, b) {
                Some(factor) => (a, factor),
                None => (b, constant_number(model, a)?),
            };
            (wire, scale) = (scaled, scale * factor);
        } else if let Some([scaled, divisor]) = operands::<Div>(model, wire) {
            (wire, scale) = (scaled, scale / constant_number(model, divisor)?);
        } else {
            break;
        }
    }
    let node = model.node(wire.node);
    let rank = shape(model, wire).ok()?.len();
    let [queries, keys] = node.inputs[..] else { return None };
    let summed = summed_axis(node.op_as::<EinSum>()?, rank)?;
    let keys = skip_casts(model, keys);
    if summed == rank - 1 {
        return Some((skip_casts(model, queries), keys, scale));
    }
    let transposition = model.node(keys.node);
    let AxisOp::Move(from, to) = transposition.op_as::<AxisOp>()? else { return None };
    let last_two = from.min(to) + 2 == rank && from.max(to) + 1 == rank;
    last_two
        .then(|| (skip_casts(model, queries), skip_casts(model, transposition.inputs[0]), scale))
}

/// The axis of the second input that is summed over, if `op` is a batched matrix product.
fn summed_axis(op: &EinSum, rank: usize) -> Option<usize> {
    let plain = rank >= 2 && op.q_params.is_none() && op.operating_dt == f32::datum_type();
    let ranks = op.axes.rank(InOut::In(0)) == rank && op.axes.rank(InOut::In(1)) == rank;
    if !plain || !ranks || op.axes.rank(InOut::Out(0)) != rank {
        return None;
    }
    let summed = op.axes.axis((InOut::In(0), rank - 1)).ok()?;
    let [at] = summed.inputs[1][..] else { return None };
    let maps = |out: usize, first: &[usize], second: &[usize]| {
        let axis = op.axes.axis((InOut::Out(0), out));
        axis.is_ok_and(|axis| axis.inputs[0][..] == *first && axis.inputs[1][..] == *second)
    };
    let fits = summed.outputs[0].is_empty()
        && (0..rank - 2).all(|axis| maps(axis, &[axis], &[axis]))
        && maps(rank - 2, &[rank - 2], &[])
        && at + 2 >= rank
        && maps(rank - 1, &[], &[2 * rank - 3 - at]);
    fits.then_some(at)
}

fn broadcasts(model: &TypedModel, mask: OutletId, over: &[TDim]) -> bool {
    shape(model, mask).is_ok_and(|dims| {
        dims.len() == over.len() && dims.iter().zip(over).all(|(a, b)| a == b || a.is_one())
    })
}

// The scale is never NaN.
impl Eq for Attention {}

impl Op for Attention {
    fn name(&self) -> StaticName {
        "Attention".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Attention {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let [queries, keys, values, masks @ ..] = &inputs[..] else {
            bail!("attention needs queries, keys and values")
        };
        let mut shape: TVec<usize> = queries.shape().into();
        let (Some(&width), Some(&[keys_count, out])) = (shape.last(), values.shape().last_chunk())
        else {
            bail!("attention needs matrices")
        };
        let count = shape[shape.len() - 2];
        *shape.last_mut().expect("just read") = out;
        let mut output = Tensor::zero::<f32>(&shape)?;
        if keys_count * width * out == 0 {
            return Ok(tvec![output.into_tvalue()]);
        }
        let (q, k, v) = (f32_values(queries)?, f32_values(keys)?, f32_values(values)?);
        let batches: usize = shape[..shape.len() - 2].iter().product();
        let fits = k.len() == batches * keys_count * width && v.len() == batches * keys_count * out;
        ensure!(fits, "queries {:?} do not fit keys {:?} and values {:?}", queries, keys, values);
        let mask = match masks.first() {
            Some(mask) => {
                let over = shape[..shape.len() - 1].iter().chain([&keys_count]);
                let fits = mask.shape().iter().zip(over).all(|(a, b)| *a == 1 || a == b);
                ensure!(
                    fits && mask.rank() == shape.len(),
                    "mask {:?} does not fit the scores",
                    mask
                );
                Some((mask.shape(), f32_values(mask)?))
            }
            None => None,
        };
        let mut weights = vec![0.0; keys_count];
        let mut plain = output.try_as_plain_ram_mut()?;
        let rows = plain.as_slice_mut::<f32>()?.chunks_exact_mut(out).zip(q.chunks_exact(width));
        for (row, (output, query)) in rows.enumerate() {
            let batch = row / count;
            rows::dot_products(
                query,
                &k[batch * keys_count * width..][..keys_count * width],
                &mut weights,
            );
            match mask {
                None => rows::scale(&mut weights, self.scale),
                Some((dims, mask)) => {
                    let at = mask_offset(dims, &shape, row);
                    match dims.last() {
                        Some(1) => rows::scale_and_add(
                            &mut weights,
                            self.scale,
                            &vec![mask[at]; keys_count],
                        ),
                        _ => rows::scale_and_add(
                            &mut weights,
                            self.scale,
                            &mask[at..at + keys_count],
                        ),
                    }
                }
            }
            let sum = rows::softmax_exp(&mut weights);
            let values = &v[batch * keys_count * out..][..keys_count * out];
            rows::weighted_sum(&weights, values, sum.recip(), output);
        }
        Ok(tvec![output.into_tvalue()])
    }
}

/// The offset of a row's mask. `row` counts along all axes but the last.
fn mask_offset(mask: &[usize], shape: &[usize], mut row: usize) -> usize {
    let (mut at, mut step) = (0, *mask.last().unwrap_or(&1));
    for axis in (0..shape.len() - 1).rev() {
        if mask[axis] > 1 {
            at += step * (row % shape[axis]);
        }
        step *= mask[axis];
        row /= shape[axis];
    }
    at
}

impl TypedOp for Attention {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut shape = inputs[0].shape.clone();
        let width = inputs[2].shape.last().context("values need an axis")?;
        shape.set(inputs[0].rank() - 1, width.clone());
        Ok(tvec![f32::fact(shape)])
    }

    as_op!();
}

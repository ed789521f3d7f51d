//! Scaled dot-product attention (Vaswani et al., 2017, arXiv:1706.03762).

use tract_core::ops::einsum::EinSum;
use tract_core::ops::math::{Add, Div, Mul};
use tract_core::ops::nn::{Softmax, SoftmaxKind};
use tract_nnef::internal::*;
use tract_transformers::ops::sdpa::Sdpa;

use crate::workarounds::matching::{is_a, number, numbers, operands, replaced, shape, uncast};

/// Queries (…, S, D), keys (…, T, D) and values (…, T, E) to (…, S, E), f32; and a mask, added to
/// the scores, each of whose axes is theirs, (…, S, T), or has one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attention {
    scale: f32,
}

/// Above this many keys, tract's products of whole matrices are quicker than ours row by row.
const FEW: usize = 64;

/// From two products with a softmax between.
pub(super) fn spelt_out(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &EinSum,
) -> TractResult<Option<TypedModelPatch>> {
    rule_if!(node.inputs.len() == 2);
    let [weights, values] = [0, 1].map(|k| uncast(model, node.inputs[k]));
    let softmax = model.node(weights.node);
    rule_if_some!(weighing = softmax.op_as::<Softmax>());
    let dims = shape(model, weights)?;
    let rank = dims.len();
    rule_if!(weighing.kind == SoftmaxKind::Softmax && weighing.axes[..] == [rank - 1]);
    rule_if!(product(op, rank) == Some(rank - 2) && few(&dims[rank - 1]));
    let wire = uncast(model, softmax.inputs[0]);
    let (scores, mask) = match operands::<Add>(model, wire) {
        None => (scores(model, wire), None),
        Some([a, b]) => match scores(model, a) {
            None => (scores(model, b), Some(a)),
            found => (found, Some(b)),
        },
    };
    rule_if_some!((queries, keys, scale) = scores);
    rule_if!(mask.is_none_or(|mask| spreads(model, mask, dims)));
    let inputs: TVec<OutletId> = [queries, keys, values].into_iter().chain(mask).collect();
    rule_if!(inputs.iter().all(|wire| is_a(model, *wire, f32::datum_type())));
    let before = |wire| shape(model, wire).map(|dims| &dims[..rank - 2]);
    rule_if!(before(queries)? == before(keys)? && before(keys)? == before(values)?);
    replaced(model, node, &inputs, Attention { scale })
}

/// From tract's operator for it, which saves memory and multiplies number by number: measured in
/// WebAssembly, it took a third of a ViT. Where there are many keys, that is spelt in products,
/// which run on simd kernels.
pub(super) fn named(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    name: &str,
    op: &Sdpa,
) -> TractResult<Option<TypedModelPatch>> {
    let keys = shape(model, node.inputs[1])?;
    let heads = keys.len() < 4 || keys[1] == shape(model, node.inputs[0])?[1];
    let single = node.inputs.iter().all(|wire| is_a(model, *wire, f32::datum_type()));
    let plain = node.inputs.len() == 3 && !op.is_causal;
    if heads && single && plain && few(&keys[keys.len() - 2]) {
        let wide = keys[keys.len() - 1].to_usize()? as f32;
        let scale = op.scale.as_ref().map(|it| it.cast_to_scalar::<f32>()).transpose()?;
        let scale = scale.unwrap_or_else(|| wide.sqrt().recip());
        return replaced(model, node, &node.inputs, Attention { scale });
    }
    let mut patch = op.patch_sdpa(model, node)?;
    // Every attention's nodes have the same names; a plan's nodes are told apart by theirs.
    for inner in patch.iter_mut().flat_map(|patch| &mut patch.model.nodes) {
        inner.name = format!("{name}.{}", inner.name);
    }
    Ok(patch)
}

/// Not known to be many.
fn few(keys: &TDim) -> bool {
    keys.to_usize().map_or(true, |keys| keys <= FEW)
}

/// Queries, keys and the scale of a product of the first two.
fn scores(model: &TypedModel, mut wire: OutletId) -> Option<(OutletId, OutletId, f32)> {
    let mut scale = 1.0;
    loop {
        if let Some([a, b]) = operands::<Mul>(model, wire) {
            let (scaled, by) = match number(model, b) {
                Some(by) => (a, by),
                None => (b, number(model, a)?),
            };
            (wire, scale) = (scaled, scale * by);
        } else if let Some([scaled, by]) = operands::<Div>(model, wire) {
            (wire, scale) = (scaled, scale / number(model, by)?);
        } else {
            break;
        }
    }
    let node = model.node(wire.node);
    let rank = shape(model, wire).ok()?.len();
    let [queries, keys] = node.inputs[..] else { return None };
    let summed = product(node.op_as::<EinSum>()?, rank)?;
    let keys = uncast(model, keys);
    if summed == rank - 1 {
        return Some((uncast(model, queries), keys, scale));
    }
    let turned = model.node(keys.node);
    let AxisOp::Move(from, to) = turned.op_as::<AxisOp>()? else { return None };
    let last_two = from.min(to) + 2 == rank && from.max(to) + 1 == rank;
    last_two.then(|| (uncast(model, queries), uncast(model, turned.inputs[0]), scale))
}

/// Which axis of the second matrix is summed over, where this is a product of matrices, one for
/// each place of the axes before.
fn product(op: &EinSum, rank: usize) -> Option<usize> {
    let plain = rank >= 2 && op.q_params.is_none() && op.operating_dt == f32::datum_type();
    let ranks = op.axes.rank(InOut::In(0)) == rank && op.axes.rank(InOut::In(1)) == rank;
    if !plain || !ranks || op.axes.rank(InOut::Out(0)) != rank {
        return None;
    }
    let summed = op.axes.axis((InOut::In(0), rank - 1)).ok()?;
    let [at] = summed.inputs[1][..] else { return None };
    let goes = |out: usize, first: &[usize], second: &[usize]| {
        let axis = op.axes.axis((InOut::Out(0), out));
        axis.is_ok_and(|axis| axis.inputs[0][..] == *first && axis.inputs[1][..] == *second)
    };
    let fits = summed.outputs[0].is_empty()
        && (0..rank - 2).all(|axis| goes(axis, &[axis], &[axis]))
        && goes(rank - 2, &[rank - 2], &[])
        && at + 2 >= rank
        && goes(rank - 1, &[], &[2 * rank - 3 - at]);
    fits.then_some(at)
}

fn spreads(model: &TypedModel, mask: OutletId, over: &[TDim]) -> bool {
    shape(model, mask).is_ok_and(|dims| {
        dims.len() == over.len() && dims.iter().zip(over).all(|(a, b)| a == b || a.is_one())
    })
}

// What is derived stands for it: the number is never NaN.
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
            bail!("attention has queries, keys and values")
        };
        let mut shape: TVec<usize> = queries.shape().into();
        let (Some(&wide), Some(&[past, out])) = (shape.last(), values.shape().last_chunk()) else {
            bail!("attention is over matrices")
        };
        let count = shape[shape.len() - 2];
        *shape.last_mut().expect("just read") = out;
        let mut mixed = Tensor::zero::<f32>(&shape)?;
        if past * wide * out == 0 {
            return Ok(tvec![mixed.into_tvalue()]);
        }
        let (q, k, v) = (numbers(queries)?, numbers(keys)?, numbers(values)?);
        let batches: usize = shape[..shape.len() - 2].iter().product();
        let fit = k.len() == batches * past * wide && v.len() == batches * past * out;
        ensure!(fit, "attention of {:?} over {:?} and {:?}", queries, keys, values);
        let mask = match masks.first() {
            Some(mask) => {
                let over = shape[..shape.len() - 1].iter().chain([&past]);
                let fits = mask.shape().iter().zip(over).all(|(a, b)| *a == 1 || a == b);
                ensure!(fits && mask.rank() == shape.len(), "a mask of {:?}", mask);
                Some((mask.shape(), numbers(mask)?))
            }
            None => None,
        };
        let mut weights = vec![0.0; past];
        let mut plain = mixed.try_as_plain_ram_mut()?;
        let rows = plain.as_slice_mut::<f32>()?.chunks_exact_mut(out).zip(q.chunks_exact(wide));
        for (row, (mixed, query)) in rows.enumerate() {
            let batch = row / count;
            rows::products(query, &k[batch * past * wide..][..past * wide], &mut weights);
            match mask {
                None => rows::scale(&mut weights, self.scale),
                Some((dims, mask)) => {
                    let at = place(dims, &shape, row);
                    match dims.last() {
                        Some(1) => {
                            rows::scale_and_add(&mut weights, self.scale, &vec![mask[at]; past])
                        }
                        _ => rows::scale_and_add(&mut weights, self.scale, &mask[at..at + past]),
                    }
                }
            }
            let sum = rows::powers(&mut weights);
            rows::mix(&weights, &v[batch * past * out..][..past * out], sum.recip(), mixed);
        }
        Ok(tvec![mixed.into_tvalue()])
    }
}

/// Where the mask of a row begins; `row` counts along all axes but the last.
fn place(mask: &[usize], shape: &[usize], mut row: usize) -> usize {
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
        let wide = inputs[2].shape.last().context("values have no axis")?;
        shape.set(inputs[0].rank() - 1, wide.clone());
        Ok(tvec![f32::fact(shape)])
    }

    as_op!();
}

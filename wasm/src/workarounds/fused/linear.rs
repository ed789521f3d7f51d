//! A linear layer: rows times constant weights, plus a bias.

use std::cell::RefCell;
use std::collections::HashMap;

use rows::GROUP;
use tract_core::ops::einsum::EinSum;
use tract_core::ops::math::Add;
use tract_nnef::internal::*;

use crate::workarounds::matching::{constant, f32_values, has_dtype, operands, replace, shape};

/// f32 rows (…, K) to rows (…, N); the other axes may be permuted.
///
/// tract packs both sides of a matrix product for its tiles, which takes longer than the product if
/// there are few rows. Here only the weights are packed, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Linear {
    /// Weights in groups of sixteen outputs, in each group input by input; bias, padded alike.
    weights: Arc<Tensor>,
    bias: Arc<Tensor>,
    outputs: usize,
    /// For each axis of the output but the last, its axis of the input. The input's other axes have
    /// length 1.
    order: TVec<usize>,
}

/// With more rows, tract's tiles are as fast, and faster if a group's weights fill a cache.
const MAX_ROWS: usize = 256;

/// Packed weights, for layers that share theirs.
#[derive(Default)]
pub(super) struct WeightCache(RefCell<HashMap<(*const Tensor, bool), Packed>>);

struct Packed {
    packed: Arc<Tensor>,
    /// Keeps the address in the key from being reused.
    _weights: Arc<Tensor>,
}

pub(super) fn rule(
    cache: &WeightCache,
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &EinSum,
) -> TractResult<Option<TypedModelPatch>> {
    let [x, weights] = node.inputs[..] else { return Ok(None) };
    rule_if!(
        has_dtype(model, x, f32::datum_type())
            && has_dtype(model, node.id.into(), f32::datum_type())
    );
    rule_if!(op.q_params.is_none() && op.operating_dt == f32::datum_type());
    rule_if_some!(weights = constant(model, weights));
    rule_if!(min_rows(shape(model, x)?) <= MAX_ROWS);
    rule_if_some!(layout = Layout::of(op, shape(model, x)?, &weights));
    let Layout { order, outputs, .. } = layout;
    let (last, mut bias) =
        following_bias(model, node, outputs)?.unwrap_or((node, vec![0.0; outputs]));
    bias.resize(outputs.next_multiple_of(GROUP), 0.0);
    let weights = cache.packed(weights, layout.by_output, layout.inputs, outputs)?;
    let op = Linear { weights, bias: tensor1(&bias).into_arc_tensor(), outputs, order };
    replace(model, last, &[x], op)
}

/// The number of rows, if each open axis has length 1.
fn min_rows(x: &[TDim]) -> usize {
    x.iter().rev().skip(1).filter_map(|dim| dim.to_usize().ok()).product()
}

struct Layout {
    order: TVec<usize>,
    /// Weights are stored output by output.
    by_output: bool,
    inputs: usize,
    outputs: usize,
}

impl Layout {
    /// The layout, if `op` is a product of rows and weights.
    fn of(op: &EinSum, x: &[TDim], weights: &Tensor) -> Option<Layout> {
        let (last, out_last) =
            (x.len().checked_sub(1)?, op.axes.rank(InOut::Out(0)).checked_sub(1)?);
        let axis = |io, at| op.axes.axis((io, at)).ok();
        let order = (0..out_last).map(|at| match axis(InOut::Out(0), at)?.inputs[0][..] {
            [input] => (input != last).then_some(input),
            _ => None,
        });
        let order: TVec<usize> = order.collect::<Option<_>>()?;
        let (summed, outputs_axis) = (axis(InOut::In(0), last)?, axis(InOut::Out(0), out_last)?);
        let ([k], [n]) = (&summed.inputs[1][..], &outputs_axis.inputs[1][..]) else { return None };
        let (inputs, outputs) = (weights.shape()[*k], weights.shape()[*n]);
        let fits = summed.outputs[0].is_empty()
            && outputs_axis.inputs[0].is_empty()
            && (0..last).all(|at| order.contains(&at) || x[at].is_one())
            && weights.len() == inputs * outputs
            && x[last] == inputs.to_dim();
        let is_layer = fits && inputs * outputs > 0;
        is_layer.then(|| Layout { order, by_output: n < k, inputs, outputs })
    }
}

/// The next node, if it adds a constant to each output; and those constants.
fn following_bias<'m>(
    model: &'m TypedModel,
    node: &TypedNode,
    outputs: usize,
) -> TractResult<Option<(&'m TypedNode, Vec<f32>)>> {
    rule_if_some!(next = model.single_succ(node.id)?);
    rule_if!(!model.output_outlets()?.contains(&node.id.into()));
    rule_if_some!(sides = operands::<Add>(model, next.id.into()));
    rule_if!(model.outlet_fact(next.id.into())?.shape == model.outlet_fact(node.id.into())?.shape);
    rule_if_some!(bias = sides.into_iter().find_map(|wire| constant(model, wire)));
    let is_scalar = bias.len() == 1;
    rule_if!(bias.datum_type() == f32::datum_type());
    rule_if!(is_scalar || (bias.len() == outputs && bias.shape().last() == Some(&outputs)));
    let bias = f32_values(&bias)?;
    Ok(Some((next, if is_scalar { vec![bias[0]; outputs] } else { bias.to_vec() })))
}

impl WeightCache {
    fn packed(
        &self,
        weights: Arc<Tensor>,
        by_output: bool,
        inputs: usize,
        outputs: usize,
    ) -> TractResult<Arc<Tensor>> {
        let key = (Arc::as_ptr(&weights), by_output);
        if let Some(entry) = self.0.borrow().get(&key) {
            return Ok(entry.packed.clone());
        }
        let values = f32_values(&weights)?;
        let mut packed = vec![0.0; outputs.next_multiple_of(GROUP) * inputs];
        for output in 0..outputs {
            let group = &mut packed[output / GROUP * inputs * GROUP..][..inputs * GROUP];
            for input in 0..inputs {
                let at = if by_output { output * inputs + input } else { input * outputs + output };
                group[input * GROUP + output % GROUP] = values[at];
            }
        }
        let packed = tensor1(&packed).into_arc_tensor();
        let entry = Packed { packed: packed.clone(), _weights: weights };
        self.0.borrow_mut().insert(key, entry);
        Ok(packed)
    }
}

impl Op for Linear {
    fn name(&self) -> StaticName {
        "Linear".into()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        Ok(vec![format!("{} outputs", self.outputs)])
    }

    op_as_typed_op!();
}

impl EvalOp for Linear {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = args_1!(inputs);
        let mut shape: TVec<usize> = x.shape().into();
        let last = shape.len() - 1;
        ensure!(
            shape[last] * self.bias.len() == self.weights.len(),
            "rows and weights differ in width"
        );
        shape[last] = self.outputs;
        let mut y = Tensor::zero::<f32>(&shape)?;
        let (weights, bias) = (f32_values(&self.weights)?, f32_values(&self.bias)?);
        let mut plain = y.try_as_plain_ram_mut()?;
        rows::linear(f32_values(&x)?, weights, bias, self.outputs, plain.as_slice_mut()?);
        let order = self.order.iter().copied().chain([last]);
        if !order.clone().filter(|axis| shape[*axis] > 1).is_sorted() {
            let ones = (0..last).filter(|axis| !self.order.contains(axis));
            y = y.permute_axes(&ones.chain(order.clone()).collect::<TVec<_>>())?;
        }
        y.set_shape(&order.map(|axis| shape[axis]).collect::<TVec<_>>())?;
        Ok(tvec![y.into_tvalue()])
    }
}

impl TypedOp for Linear {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let rows = self.order.iter().map(|axis| inputs[0].shape[*axis].clone());
        let shape: TVec<TDim> = rows.chain([self.outputs.to_dim()]).collect();
        Ok(tvec![f32::fact(shape)])
    }

    as_op!();
}

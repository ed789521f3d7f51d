//! A linear layer: products of rows with constant weights, and a bias.

use std::cell::RefCell;
use std::collections::HashMap;

use rows::GROUP;
use tract_core::ops::einsum::EinSum;
use tract_core::ops::math::Add;
use tract_nnef::internal::*;

use crate::workarounds::matching::{constant, is_a, numbers, operands, replaced, shape};

/// Rows (…, K) of f32 to (…, N), the axes before in any order.
///
/// Of tract's product of matrices, what lays out both sides for its tiles takes longer than a
/// product with few rows. Here the weights alone are laid out, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Linear {
    /// As many groups of sixteen outputs as it takes, each the weights of one input after the other;
    /// and for each output what its sum begins with.
    weights: Arc<Tensor>,
    bias: Arc<Tensor>,
    outputs: usize,
    /// The axes of x that those of the result are, but for the last of both. The others have one
    /// place.
    order: TVec<usize>,
}

/// Above this many rows, tract's tiles are as quick, and no slower where a group's weights fill a
/// cache.
const FEW: usize = 256;

/// Weights as they are laid out, each once: layers may share theirs.
#[derive(Default)]
pub(super) struct Weights(RefCell<HashMap<(*const Tensor, bool), Laid>>);

struct Laid {
    out: Arc<Tensor>,
    /// Kept so that its address is nobody else's.
    _given: Arc<Tensor>,
}

pub(super) fn rule(
    laid: &Weights,
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &EinSum,
) -> TractResult<Option<TypedModelPatch>> {
    let [x, weights] = node.inputs[..] else { return Ok(None) };
    rule_if!(is_a(model, x, f32::datum_type()) && is_a(model, node.id.into(), f32::datum_type()));
    rule_if!(op.q_params.is_none() && op.operating_dt == f32::datum_type());
    rule_if_some!(weights = constant(model, weights));
    rule_if!(known_rows(shape(model, x)?) <= FEW);
    rule_if_some!(layout = Layout::of(op, shape(model, x)?, &weights));
    let Layout { order, outputs, .. } = layout;
    let (last, mut bias) = biased(model, node, outputs)?.unwrap_or((node, vec![0.0; outputs]));
    bias.resize(outputs.next_multiple_of(GROUP), 0.0);
    let weights = laid.out(weights, layout.by_output, layout.inputs, outputs)?;
    let op = Linear { weights, bias: tensor1(&bias).into_arc_tensor(), outputs, order };
    replaced(model, last, &[x], op)
}

/// How many rows there are at least, where an open axis has one place.
fn known_rows(x: &[TDim]) -> usize {
    x.iter().rev().skip(1).filter_map(|dim| dim.to_usize().ok()).product()
}

struct Layout {
    order: TVec<usize>,
    /// The weights are those of one output after the other.
    by_output: bool,
    inputs: usize,
    outputs: usize,
}

impl Layout {
    /// Of a product of rows with weights, where it is one.
    fn of(op: &EinSum, x: &[TDim], weights: &Tensor) -> Option<Layout> {
        let (last, made) = (x.len().checked_sub(1)?, op.axes.rank(InOut::Out(0)).checked_sub(1)?);
        let axis = |io, at| op.axes.axis((io, at)).ok();
        let order = (0..made).map(|at| match axis(InOut::Out(0), at)?.inputs[0][..] {
            [of] => (of != last).then_some(of),
            _ => None,
        });
        let order: TVec<usize> = order.collect::<Option<_>>()?;
        let (summed, made) = (axis(InOut::In(0), last)?, axis(InOut::Out(0), made)?);
        let ([k], [n]) = (&summed.inputs[1][..], &made.inputs[1][..]) else { return None };
        let (inputs, outputs) = (weights.shape()[*k], weights.shape()[*n]);
        let fits = summed.outputs[0].is_empty()
            && made.inputs[0].is_empty()
            && (0..last).all(|at| order.contains(&at) || x[at].is_one())
            && weights.len() == inputs * outputs
            && x[last] == inputs.to_dim();
        let some = fits && inputs * outputs > 0;
        some.then(|| Layout { order, by_output: n < k, inputs, outputs })
    }
}

/// The addition that follows of a number for each output, and these.
fn biased<'m>(
    model: &'m TypedModel,
    node: &TypedNode,
    outputs: usize,
) -> TractResult<Option<(&'m TypedNode, Vec<f32>)>> {
    rule_if_some!(next = model.single_succ(node.id)?);
    rule_if!(!model.output_outlets()?.contains(&node.id.into()));
    rule_if_some!(both = operands::<Add>(model, next.id.into()));
    rule_if!(model.outlet_fact(next.id.into())?.shape == model.outlet_fact(node.id.into())?.shape);
    rule_if_some!(bias = both.into_iter().find_map(|wire| constant(model, wire)));
    let one = bias.len() == 1;
    rule_if!(bias.datum_type() == f32::datum_type());
    rule_if!(one || (bias.len() == outputs && bias.shape().last() == Some(&outputs)));
    let bias = numbers(&bias)?;
    Ok(Some((next, if one { vec![bias[0]; outputs] } else { bias.to_vec() })))
}

impl Weights {
    fn out(
        &self,
        weights: Arc<Tensor>,
        by_output: bool,
        inputs: usize,
        outputs: usize,
    ) -> TractResult<Arc<Tensor>> {
        let key = (Arc::as_ptr(&weights), by_output);
        if let Some(laid) = self.0.borrow().get(&key) {
            return Ok(laid.out.clone());
        }
        let given = numbers(&weights)?;
        let mut laid = vec![0.0; outputs.next_multiple_of(GROUP) * inputs];
        for output in 0..outputs {
            let group = &mut laid[output / GROUP * inputs * GROUP..][..inputs * GROUP];
            for input in 0..inputs {
                let at = if by_output { output * inputs + input } else { input * outputs + output };
                group[input * GROUP + output % GROUP] = given[at];
            }
        }
        let out = tensor1(&laid).into_arc_tensor();
        self.0.borrow_mut().insert(key, Laid { out: out.clone(), _given: weights });
        Ok(out)
    }
}

impl Op for Linear {
    fn name(&self) -> StaticName {
        "Linear".into()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        Ok(vec![format!("to {}", self.outputs)])
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
            "rows are not as wide as weights"
        );
        shape[last] = self.outputs;
        let mut y = Tensor::zero::<f32>(&shape)?;
        let (weights, bias) = (numbers(&self.weights)?, numbers(&self.bias)?);
        let mut plain = y.try_as_plain_ram_mut()?;
        rows::linear(numbers(&x)?, weights, bias, self.outputs, plain.as_slice_mut()?);
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

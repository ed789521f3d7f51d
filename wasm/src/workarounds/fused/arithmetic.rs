//! Sums, differences and products of f32 tensors with open shapes. tract calls a function for each
//! number there, which takes about ten times as long as the arithmetic.

use rows::Arithmetic;
use tract_core::ops::binary::TypedBinOp;
use tract_core::ops::math::{Add, Mul, Sub, SubF};
use tract_nnef::internal::*;

use crate::workarounds::matching::{f32_values, has_dtype, replace};

/// Arithmetic on two tensors, one of which may be broadcast.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pairwise {
    arithmetic: Arithmetic,
    /// tract's operator, used if both are broadcast.
    fallback: TypedBinOp,
}

pub(super) fn rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &TypedBinOp,
) -> TractResult<Option<TypedModelPatch>> {
    let [a, b] = node.inputs[..] else { return Ok(None) };
    rule_if!([a, b, node.id.into()].iter().all(|wire| has_dtype(model, *wire, f32::datum_type())));
    rule_if_some!(arithmetic = arithmetic(op));
    replace(model, node, &[a, b], Pairwise { arithmetic, fallback: op.clone() })
}

fn arithmetic(op: &TypedBinOp) -> Option<Arithmetic> {
    let known = [
        (op.0.is::<Add>(), Arithmetic::Sum),
        (op.0.is::<Sub>(), Arithmetic::Difference),
        (op.0.is::<SubF>(), Arithmetic::Reversed),
        (op.0.is::<Mul>(), Arithmetic::Product),
    ];
    known.into_iter().find_map(|(is, arithmetic)| is.then_some(arithmetic))
}

/// Whether `small` can be broadcast to `large`.
fn can_broadcast(large: &[usize], small: &[usize]) -> bool {
    large.len() == small.len() && large.iter().zip(small).all(|(n, m)| n == m || *m == 1)
}

/// Applies the operation to `large` and `small`, broadcast, into `large`.
fn combine(
    arithmetic: Arithmetic,
    (large, shape): (&mut [f32], &[usize]),
    (small, small_shape): (&[f32], &[usize]),
) {
    match small {
        _ if large.is_empty() => {}
        [y] => arithmetic.apply_scalar(large, *y),
        _ if shape == small_shape => arithmetic.apply(large, small),
        _ => {
            let (inner, small_inner) = (&shape[1..], &small_shape[1..]);
            let slices = large.chunks_exact_mut(large.len() / shape[0]);
            if small_shape[0] == 1 {
                slices.for_each(|large| combine(arithmetic, (large, inner), (small, small_inner)));
            } else {
                let small_slices = small.chunks_exact(small.len() / shape[0]);
                slices.zip(small_slices).for_each(|(large, small)| {
                    combine(arithmetic, (large, inner), (small, small_inner));
                });
            }
        }
    }
}

impl Op for Pairwise {
    fn name(&self) -> StaticName {
        format!("Opt{}", self.fallback.name()).into()
    }

    op_as_typed_op!();
}

impl EvalOp for Pairwise {
    op_out_of_plan!();

    fn eval(&self, context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (a, b) = args_2!(inputs);
        let (large, small, arithmetic) = if can_broadcast(a.shape(), b.shape()) {
            (a, b, self.arithmetic)
        } else if can_broadcast(b.shape(), a.shape()) {
            (b, a, self.arithmetic.swapped())
        } else {
            return self.fallback.eval(context, tvec![a, b]);
        };
        let mut large = large.into_tensor();
        let shape: TVec<usize> = large.shape().into();
        let mut plain = large.try_as_plain_ram_mut()?;
        let small = (f32_values(&small)?, small.shape());
        combine(arithmetic, (plain.as_slice_mut()?, &shape), small);
        Ok(tvec![large.into_tvalue()])
    }
}

impl TypedOp for Pairwise {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        self.fallback.output_facts(inputs)
    }

    as_op!();
}

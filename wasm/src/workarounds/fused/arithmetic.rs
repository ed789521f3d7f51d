//! Sums, differences and products of f32 whose shapes are not known to fit tract's quick ways.
//!
//! There tract calls a function for each number, which takes some ten times as long as what it
//! computes.

use rows::Arithmetic;
use tract_core::ops::binary::TypedBinOp;
use tract_core::ops::math::{Add, Mul, Sub, SubF};
use tract_nnef::internal::*;

use crate::workarounds::matching::{is_a, numbers, replaced};

/// Two tensors, one of which may be broadcast to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pairwise {
    arithmetic: Arithmetic,
    /// For where each is broadcast to the other.
    theirs: TypedBinOp,
}

pub(super) fn rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &TypedBinOp,
) -> TractResult<Option<TypedModelPatch>> {
    let [a, b] = node.inputs[..] else { return Ok(None) };
    rule_if!([a, b, node.id.into()].iter().all(|wire| is_a(model, *wire, f32::datum_type())));
    rule_if_some!(arithmetic = arithmetic(op));
    replaced(model, node, &[a, b], Pairwise { arithmetic, theirs: op.clone() })
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

/// Whether `part` can be broadcast to `whole`.
fn covers(whole: &[usize], part: &[usize]) -> bool {
    whole.len() == part.len() && whole.iter().zip(part).all(|(n, m)| n == m || *m == 1)
}

/// Each number of `whole` with that of `part`, broadcast to it.
fn combine(
    arithmetic: Arithmetic,
    (whole, shape): (&mut [f32], &[usize]),
    (part, part_shape): (&[f32], &[usize]),
) {
    match part {
        _ if whole.is_empty() => {}
        [y] => arithmetic.each(whole, *y),
        _ if shape == part_shape => arithmetic.pairs(whole, part),
        _ => {
            let (inner, part_inner) = (&shape[1..], &part_shape[1..]);
            let each = whole.chunks_exact_mut(whole.len() / shape[0]);
            if part_shape[0] == 1 {
                each.for_each(|it| combine(arithmetic, (it, inner), (part, part_inner)));
            } else {
                let parts = part.chunks_exact(part.len() / shape[0]);
                each.zip(parts).for_each(|(it, part)| {
                    combine(arithmetic, (it, inner), (part, part_inner));
                });
            }
        }
    }
}

impl Op for Pairwise {
    fn name(&self) -> StaticName {
        format!("Opt{}", self.theirs.name()).into()
    }

    op_as_typed_op!();
}

impl EvalOp for Pairwise {
    op_out_of_plan!();

    fn eval(&self, context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (a, b) = args_2!(inputs);
        let (whole, part, arithmetic) = if covers(a.shape(), b.shape()) {
            (a, b, self.arithmetic)
        } else if covers(b.shape(), a.shape()) {
            (b, a, self.arithmetic.swapped())
        } else {
            return self.theirs.eval(context, tvec![a, b]);
        };
        let mut whole = whole.into_tensor();
        let shape: TVec<usize> = whole.shape().into();
        let mut plain = whole.try_as_plain_ram_mut()?;
        let part = (numbers(&part)?, part.shape());
        combine(arithmetic, (plain.as_slice_mut()?, &shape), part);
        Ok(tvec![whole.into_tvalue()])
    }
}

impl TypedOp for Pairwise {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        self.theirs.output_facts(inputs)
    }

    as_op!();
}

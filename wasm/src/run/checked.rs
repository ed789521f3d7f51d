//! Checks of values that only a run knows: an index beyond its axis, a divisor of 0. tract panics on
//! them, or reads another element; in WebAssembly a panic ends the instance.

use tract_core::ops::array::{
    Gather, GatherElements, GatherNd, OneHot, Range, ScatterElements, ScatterNd, Topk,
};
use tract_core::ops::binary::{BinMiniOp, OptBinByScalar, OptBinChain, OptBinUnicast, TypedBinOp};
use tract_core::ops::math::Div;
use tract_core::ops::scan::Scan;
use tract_core::tract_linalg::block_quant::BlockQuantStorage;
use tract_core::tract_linalg::mmm::PackedMatrixStorage;
use tract_nnef::internal::*;

/// An operator with a check of its inputs before it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Checked {
    operator: Box<dyn TypedOp>,
    check: Check,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// The second input holds indices along an axis of the first.
    Axis(usize),
    /// The second input holds positions in the first, after so many shared axes.
    Positions(usize),
    /// The first input holds numbers below this.
    Below(usize),
    /// The second input is a number of elements of an axis.
    Count(usize),
    /// Inputs after the first are divisors.
    Divisors,
    /// The third input is the step from the first to the second.
    Step,
}

/// The longest range that a run may make.
const MAX_RANGE: f64 = (1 << 28) as f64;

/// Puts checks before the operators of a plan that need them.
pub fn add_checks(model: &mut TypedModel) -> TractResult<()> {
    for id in 0..model.nodes().len() {
        if let Some(scan) = model.node(id).op_as::<Scan>() {
            let mut scan = scan.clone();
            add_checks(&mut scan.body)?;
            model.node_mut(id).op = Box::new(scan);
        } else if let Some(check) = check_of(model, model.node(id))? {
            let operator = model.node(id).op.clone();
            model.node_mut(id).op = Box::new(Checked { operator, check });
        }
    }
    Ok(())
}

fn check_of(model: &TypedModel, node: &TypedNode) -> TractResult<Option<Check>> {
    let divides = |op: &dyn BinMiniOp| op.is::<Div>();
    let is_division = node.op_as::<TypedBinOp>().is_some_and(|op| divides(&*op.0))
        || node.op_as::<OptBinByScalar>().is_some_and(|op| divides(&*op.binop))
        || node.op_as::<OptBinUnicast>().is_some_and(|op| divides(&*op.binop))
        || node
            .op_as::<OptBinChain>()
            .is_some_and(|op| op.steps.iter().any(|it| divides(&*it.binop)));
    if is_division {
        let dt = model.outlet_fact(node.inputs[0])?.datum_type;
        return Ok((dt.is_integer() && !dt.is_quantized()).then_some(Check::Divisors));
    }
    Ok(if let Some(op) = node.op_as::<Gather>() {
        Some(Check::Axis(op.axis))
    } else if let Some(op) = node.op_as::<GatherElements>() {
        Some(Check::Axis(op.axis))
    } else if let Some(op) = node.op_as::<ScatterElements>() {
        Some(Check::Axis(op.axis))
    } else if let Some(op) = node.op_as::<GatherNd>() {
        Some(Check::Positions(op.batch_dims))
    } else if node.op_is::<ScatterNd>() {
        Some(Check::Positions(0))
    } else if let Some(op) = node.op_as::<OneHot>() {
        Some(Check::Below(op.dim))
    } else if let Some(op) = node.op_as::<Topk>() {
        Some(Check::Count(op.axis))
    } else {
        node.op_is::<Range>().then_some(Check::Step)
    })
}

impl Check {
    fn run(self, inputs: &[TValue]) -> TractResult<()> {
        match self {
            Check::Axis(axis) => {
                let (least, length) = match packed_rows(&inputs[0]) {
                    // Of packed rows tract counts none from the end.
                    Some(rows) => (0, rows as i64),
                    None => (-(inputs[0].shape()[axis] as i64), inputs[0].shape()[axis] as i64),
                };
                check_each(&inputs[1], |_, index| (least..length).contains(&index))
            }
            Check::Positions(shared) => {
                let lengths = &inputs[0].shape()[shared..];
                let count = inputs[1].shape().last().copied().unwrap_or(1).max(1);
                check_each(&inputs[1], |ix, index| {
                    usize::try_from(index).is_ok_and(|index| index < lengths[ix % count])
                })
            }
            Check::Below(length) => {
                let length = length as i64;
                check_each(&inputs[0], |_, index| (-length..length).contains(&index))
            }
            Check::Count(axis) => {
                let length = inputs[0].shape()[axis] as i64;
                check_each(&inputs[1], |_, count| (0..=length).contains(&count))
            }
            Check::Divisors => inputs[1..].iter().try_for_each(|divisor| {
                check_each(divisor, |_, n| n != 0).context("integers are divided by 0")
            }),
            Check::Step => {
                if inputs.iter().any(|it| !is_known(it)) {
                    return Ok(());
                }
                let number = |ix: usize| inputs[ix].cast_to_scalar::<f64>();
                let length = ((number(1)? - number(0)?) / number(2)?).ceil();
                ensure!(length.is_finite() && length.abs() < MAX_RANGE, "a range without an end");
                Ok(())
            }
        }
    }
}

/// The rows of a table that is not a plain tensor.
fn packed_rows(table: &Tensor) -> Option<usize> {
    if let Some(packed) = table.storage_as::<PackedMatrixStorage>() {
        return Some(packed.value().mn());
    }
    table.storage_as::<BlockQuantStorage>().map(|_| table.shape()[0])
}

/// Whether its numbers hold no symbol: those that do, tract resolves itself.
fn is_known(tensor: &Tensor) -> bool {
    tensor.datum_type() != TDim::datum_type() || tensor.cast_to::<i64>().is_ok()
}

/// Checks each integer, by its place in the tensor.
fn check_each(tensor: &Tensor, fits: impl Fn(usize, i64) -> bool) -> TractResult<()> {
    if !is_known(tensor) {
        return Ok(());
    }
    let integers = tensor.cast_to::<i64>()?;
    let plain = integers.try_as_plain_ram()?;
    let all = plain.as_slice::<i64>()?;
    if let Some((_, n)) = all.iter().enumerate().find(|(ix, n)| !fits(*ix, **n)) {
        bail!("an input holds {n}, which is out of range");
    }
    Ok(())
}

impl Op for Checked {
    fn name(&self) -> StaticName {
        self.operator.name()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        self.operator.info()
    }

    fn mints_runtime_symbols(&self) -> bool {
        self.operator.mints_runtime_symbols()
    }

    fn required_bound_symbols(&self, inputs: &[&TypedFact]) -> TVec<Symbol> {
        self.operator.required_bound_symbols(inputs)
    }

    op_as_typed_op!();
}

impl EvalOp for Checked {
    op_out_of_plan!();

    fn eval(&self, context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.check.run(&inputs)?;
        self.operator.eval(context, inputs)
    }
}

impl TypedOp for Checked {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        self.operator.output_facts(inputs)
    }

    as_op!();
}

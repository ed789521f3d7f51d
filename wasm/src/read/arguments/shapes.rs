//! Rules of operators that make or change shapes.

use tract_core::tract_linalg::block_quant::BlockQuantStorage;
use tract_nnef::ast::TypeName;
use tract_nnef::deser::Value;
use tract_nnef::internal::*;

use super::rules::{check_range, check_size};
use super::values::Arguments;

/// The longest list of wires that an operator makes.
const MAX_WIRES: i64 = 1 << 16;

pub fn external(arguments: &Arguments) -> TractResult<()> {
    let unsupported = match arguments.call.invocation.generic_type_name {
        Some(TypeName::String) => "string",
        Some(TypeName::Any) => "?",
        _ => return Ok(()),
    };
    bail!(
        "external<{unsupported}> is not supported: an input is of scalar, integer or logical type"
    )
}

/// A shape's known sizes.
pub fn concrete(arguments: &Arguments) -> TractResult<()> {
    ensure!(arguments.items("shape").len() <= 8, "shape has more than 8 axes");
    check_size("shape", arguments.integers("shape"))
}

/// Weights in blocks take the shape of the text unseen.
pub fn variable(arguments: &Arguments) -> TractResult<()> {
    let Some(label) = arguments.text("label") else { return Ok(()) };
    let tensors = &arguments.builder.proto_model.tensors;
    let found = [label, label.trim_start_matches('/')].map(|label| tensors.get(&label.into()));
    let Some(tensor) = found.into_iter().flatten().next() else { return Ok(()) };
    if tensor.storage_as::<BlockQuantStorage>().is_none() {
        return Ok(());
    }
    let shape = arguments.integers("shape");
    let [file, text] =
        [tensor.shape().iter().map(|dim| *dim as i64).collect::<Vec<_>>(), shape.clone()]
            .map(|shape| shape.iter().product::<i64>());
    ensure!(file == text, "{label} has shape {:?}, but the text says {shape:?}", tensor.shape());
    let same_rows = tensor.shape().last().map(|dim| *dim as i64) == shape.last().copied();
    ensure!(same_rows, "{label} has shape {:?}, but the text says {shape:?}", tensor.shape());
    Ok(())
}

pub fn subscript(arguments: &Arguments) -> TractResult<()> {
    let index = arguments.integer("index").context("the index is no number")?;
    let length = match arguments.get("value") {
        Some(Value::Array(items) | Value::Tuple(items)) => items.len() as i64,
        _ => {
            let fact = arguments.fact("value").context("no value")?;
            ensure!(fact.rank() == 1, "a tensor with {} axes has no such part", fact.rank());
            fact.shape[0].as_i64().context("its length is open")?
        }
    };
    ensure!(index < length, "index {index} of {length} values");
    Ok(())
}

pub fn broadcast(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    let items = arguments.items("shape");
    ensure!(input.rank() <= items.len(), "shape has fewer axes than the input");
    for (dim, item) in input.shape.iter().rev().zip(items.iter().rev()) {
        let Value::Dim(to) = item else { continue };
        let differ = dim.as_i64().zip(to.as_i64()).is_some_and(|(a, b)| a != b && a != 1);
        ensure!(!differ, "{dim} cannot be broadcast to {to}");
    }
    Ok(())
}

pub fn reshape(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    let rank = input.rank() as i64;
    let start = arguments.integer("axis_start").context("axis_start is no number")?;
    let count = arguments.integer("axis_count").context("axis_count is no number")?;
    check_range("axis_start", &[start], 0, rank)?;
    check_range("axis_count", &[count], -1, rank - start)?;
    let shape = arguments.integers("shape");
    check_range("shape", &shape, -1, i64::from(u32::MAX))?;
    ensure!(shape.iter().filter(|dim| **dim == -1).count() <= 1, "shape has -1 twice");
    let is_open = shape.contains(&-1);
    for (ix, dim) in shape.iter().enumerate().filter(|(_, dim)| **dim == 0) {
        let from = input.shape.get(ix + start as usize);
        let from = from.with_context(|| format!("shape has {dim} beyond the input's axes"))?;
        ensure!(
            !is_open || from.as_i64().is_none_or(|n| n != 0),
            "-1 cannot be computed from an axis of 0"
        );
    }
    check_size("shape", shape.iter().map(|dim| (*dim).max(1)))
}

pub fn permutation(arguments: &Arguments) -> TractResult<()> {
    let axes = arguments.integers("axes");
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    let is_permutation = sorted.iter().copied().eq(0..axes.len() as i64);
    ensure!(is_permutation, "axes {axes:?} are not a permutation of {} axes", axes.len());
    Ok(())
}

pub fn distinct(arguments: &Arguments) -> TractResult<()> {
    let mut axes = arguments.integers("axes");
    let count = axes.len();
    axes.sort_unstable();
    axes.dedup();
    ensure!(axes.len() == count, "axes have one twice");
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    for axis in axes {
        let dim = input.shape.get(axis as usize).and_then(TDim::as_i64);
        ensure!(dim.is_none_or(|dim| dim == 1), "axis {axis} has a size of {dim:?}, not of 1");
    }
    Ok(())
}

pub fn unsqueeze(arguments: &Arguments) -> TractResult<()> {
    let Some(rank) = arguments.rank("input") else { return Ok(()) };
    let mut axes = arguments.integers("axes");
    axes.sort_unstable();
    for (added, axis) in axes.iter().enumerate() {
        check_range("axes", &[*axis], 0, (rank + added) as i64)?;
    }
    Ok(())
}

/// Values that are joined along an axis. All but that axis are equal.
pub fn joined(arguments: &Arguments) -> TractResult<()> {
    let is_stack = arguments.call.invocation.id.0 == "stack";
    let axis = arguments.integer("axis").context("axis is no number")?;
    let facts: Vec<_> =
        arguments.items("values").iter().filter_map(|item| arguments.fact_of(item)).collect();
    let Some(first) = facts.first() else { return Ok(()) };
    check_range("axis", &[axis], 0, first.rank() as i64 - i64::from(!is_stack))?;
    for fact in &facts[1..] {
        for (ix, (a, b)) in first.shape.iter().zip(fact.shape.iter()).enumerate() {
            let differ = a.as_i64().zip(b.as_i64()).is_some_and(|(a, b)| a != b);
            let is_other = is_stack || ix as i64 != axis;
            ensure!(!(differ && is_other), "values have {a} and {b} along axis {ix}");
        }
    }
    Ok(())
}

pub fn unstack(arguments: &Arguments) -> TractResult<()> {
    let (Some(input), Some(axis)) = (arguments.fact("value"), arguments.integer("axis")) else {
        return Ok(());
    };
    let length = input.shape.get(axis as usize).and_then(TDim::as_i64);
    let length = length.context("the length of the axis is open")?;
    ensure!(length <= MAX_WIRES, "an axis of {length} gives more than {MAX_WIRES} values");
    Ok(())
}

/// Bounds as tract reads them: a negative one counts from the end, and an end of 0 is the end.
pub fn slice(arguments: &Arguments) -> TractResult<()> {
    let [axes, begins, ends, strides] =
        ["axes", "begin", "end", "stride"].map(|name| arguments.integers(name));
    let counts = ["axes", "begin", "end"].map(|name| arguments.items(name).len());
    let is_list = |name| matches!(arguments.get(name), Some(Value::Array(_) | Value::Tuple(_)));
    if ["axes", "begin", "end"].into_iter().all(is_list) {
        let [axes, begins, ends] = counts;
        ensure!(axes == begins && axes == ends, "axes, begin and end have different lengths");
    }
    ensure!(strides.is_empty() || strides.len() >= counts[0], "stride has too few values");
    check_range("stride", &strides, -i64::from(i32::MAX), i64::from(i32::MAX))?;
    ensure!(!strides.contains(&0), "stride has a 0");
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    if axes.len() != begins.len() || axes.len() != ends.len() {
        return Ok(());
    }
    for ((axis, begin), end) in axes.iter().zip(begins).zip(ends) {
        let Some(dim) = input.shape.get(*axis as usize) else { continue };
        let length = dim.as_i64().unwrap_or(i64::MAX / 4);
        let from = if begin < 0 { begin + length } else { begin.min(length) };
        let to = if end <= 0 { end + length } else { end.min(length) };
        let fits = 0 <= from && from <= to;
        ensure!(fits, "from {begin} to {end} is no part of an axis of {dim}");
    }
    Ok(())
}

pub fn dyn_slice(arguments: &Arguments) -> TractResult<()> {
    for name in ["start", "end"] {
        ensure!(arguments.rank(name).is_none_or(|rank| rank == 0), "{name} is no single number");
        check_range(name, &arguments.integers(name), 0, i64::from(i32::MAX))?;
    }
    let known = [arguments.integer("start"), arguments.integer("end"), arguments.integer("len")];
    if let [Some(start), Some(end), len] = known {
        ensure!(start <= end, "from {start} to {end} is no part of an axis");
        ensure!(
            len.is_none_or(|len| len == end - start),
            "len is not the distance of start and end"
        );
        let axis = arguments.integer("axis").unwrap_or(0) as usize;
        let length = arguments.fact("input").and_then(|fact| fact.shape.get(axis)?.as_i64());
        ensure!(length.is_none_or(|length| end <= length), "end {end} is beyond the axis");
    }
    Ok(())
}

pub fn tile(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    let repeats = arguments.integers("repeats");
    let known = input.shape.iter().zip(repeats);
    check_size("the output", known.map(|(dim, n)| dim.as_i64().unwrap_or(1).saturating_mul(n)))
}

pub fn pad(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    let padding = arguments.integers("padding");
    let reflects = arguments.text("border") == Some("reflect");
    let mut output = vec![];
    for (dim, pair) in input.shape.iter().zip(padding.chunks(2)) {
        let [before, after] = pair[..] else { continue };
        let Some(length) = dim.as_i64() else { continue };
        let is_padded = before > 0 || after > 0;
        ensure!(
            !reflects || !is_padded || before.max(after) < length,
            "{pair:?} reflects too much"
        );
        let is_constant = arguments.text("border") == Some("constant");
        ensure!(is_constant || !is_padded || length > 0, "an axis of 0 has no edge");
        output.push(length + before + after);
    }
    check_size("the output", output)
}

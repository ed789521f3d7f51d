//! Rules of single operators.

use tract_nnef::deser::Value;
use tract_nnef::internal::*;

use super::geometry::floats;
use super::rules::{check_range, check_size};
use super::values::{Arguments, integers};

/// Whether two sizes can stand on one axis.
pub fn can_broadcast(a: &TDim, b: &TDim) -> bool {
    let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) else { return true };
    a == b || a == 1 || b == 1
}

/// Integers are not divided by 0, nor the least one by -1. A divisor takes the dividend's type.
pub fn division(arguments: &Arguments) -> TractResult<()> {
    let is_float = |name| arguments.fact(name).is_some_and(|fact| fact.datum_type.is_float());
    if is_float("x") && is_float("y") {
        return Ok(());
    }
    let divisors = floats(arguments, "y").unwrap_or_default();
    ensure!(divisors.iter().all(|by| by.trunc() != 0.0), "integers are divided by 0");
    let is_least = |n: &f32| *n <= i64::MIN as f32 || *n == i32::MIN as f32;
    let least = floats(arguments, "x").is_some_and(|values| values.iter().any(is_least));
    ensure!(!least || !divisors.contains(&-1.0), "the least integer is divided by -1");
    Ok(())
}

pub fn matmul(arguments: &Arguments) -> TractResult<()> {
    let (Some(a), Some(b)) = (arguments.fact("A"), arguments.fact("B")) else { return Ok(()) };
    let transposed = |name| matches!(arguments.get(name), Some(Value::Bool(true)));
    let is_exotic = a.is_exotic() || b.is_exotic();
    ensure!(is_exotic || a.rank() == b.rank(), "A has {} axes, B {}", a.rank(), b.rank());
    let inner =
        |fact: &TypedFact, last: bool| fact.shape[fact.rank() - 2 + usize::from(last)].clone();
    let (left, right) = (inner(&a, !transposed("transposeA")), inner(&b, transposed("transposeB")));
    ensure!(can_broadcast(&left, &right), "rows of {left} do not multiply with columns of {right}");
    let batches = a.shape.iter().rev().skip(2).zip(b.shape.iter().rev().skip(2));
    for (left, right) in batches {
        ensure!(can_broadcast(left, right), "axes of {left} and {right} do not match");
    }
    for fact in [&a, &b] {
        let dt = fact.datum_type;
        ensure!(dt.is_number(), "a matrix has elements of type {dt:?}");
    }
    Ok(())
}

/// Each letter stands for axes of one size.
pub fn einsum(arguments: &Arguments) -> TractResult<()> {
    let Some(expression) = arguments.text("expr") else { return Ok(()) };
    let (inputs, _) = expression.split_once("->").context("expr has no ->")?;
    let inputs: Vec<&str> = inputs.split(',').collect();
    let mut facts: Vec<TypedFact> =
        arguments.items("inputs").iter().filter_map(|item| arguments.fact_of(item)).collect();
    let more = ["bias", "a0", "a_scale", "b0", "b_scale", "c0", "c_scale"];
    facts.extend(more.iter().filter_map(|name| arguments.fact(name)));
    ensure!(inputs.len() == facts.len(), "expr has {} inputs, not {}", inputs.len(), facts.len());
    let mut sizes: HashMap<char, TDim> = HashMap::new();
    for (letters, fact) in inputs.iter().zip(&facts) {
        let letters: Vec<char> = letters.chars().filter(|c| !c.is_whitespace()).collect();
        let rank = fact.rank();
        ensure!(letters.len() == rank, "expr names {} axes of {rank}", letters.len());
        ensure!(fact.datum_type.is_number(), "an input has elements of type {:?}", fact.datum_type);
        for (letter, dim) in letters.into_iter().zip(fact.shape.iter()) {
            let known = sizes.entry(letter).or_insert_with(|| dim.clone());
            ensure!(can_broadcast(known, dim), "{letter} stands for {known} and for {dim}");
            if known.is_one() {
                *known = dim.clone();
            }
        }
    }
    Ok(())
}

pub fn legacy_matmul(arguments: &Arguments) -> TractResult<()> {
    let axes = arguments.integers("axes");
    let [a_m, a_k, b_k, b_n, ..] = axes[..] else { bail!("axes are not 6 numbers") };
    ensure!(axes.len() == 6, "axes are not 6 numbers");
    ensure!(a_m != a_k && b_k != b_n, "axes have one twice");
    let (Some(a), Some(b)) = (arguments.fact("A"), arguments.fact("B")) else { return Ok(()) };
    let fits = can_broadcast(&a.shape[a_k as usize], &b.shape[b_k as usize]);
    ensure!(fits, "the axes to sum over differ");
    Ok(())
}

pub fn range(arguments: &Arguments) -> TractResult<()> {
    let values = ["start", "end", "step"].map(|name| floats(arguments, name));
    for name in ["start", "end", "step"] {
        let dt = arguments.fact(name).map(|fact| fact.datum_type);
        let fits = dt.is_none_or(|dt| dt.is_number() || dt.is_tdim());
        ensure!(fits, "{name} is no number");
    }
    let [start, end, Some(step)] = values.map(|all| all.and_then(|all| all.first().copied()))
    else {
        return Ok(());
    };
    ensure!(step != 0.0 && step.is_finite(), "step is {step}");
    if let (Some(start), Some(end)) = (start, end) {
        let length = ((end - start) / step).ceil();
        let fits = length.is_finite() && length < (1 << 24) as f32;
        ensure!(fits && length >= 0.0, "from {start} to {end} by {step} is no range");
    }
    Ok(())
}

/// Sizes of a recurrent layer's tensors.
pub fn gru(arguments: &Arguments) -> TractResult<()> {
    let hidden = arguments.integer("hidden").context("hidden is no number")?;
    for (name, rank) in [("x", 3), ("r", 3), ("initial_h", 3)] {
        let found = arguments.rank(name).unwrap_or(rank);
        ensure!(found == rank, "{name} has {found} axes, not {rank}");
    }
    let last = |name| arguments.fact(name).and_then(|fact| fact.shape.last()?.as_i64());
    for name in ["r", "initial_h"] {
        ensure!(last(name).is_none_or(|n| n == hidden), "{name} does not have {hidden} values");
    }
    Ok(())
}

pub fn gru_epilogue(arguments: &Arguments) -> TractResult<()> {
    let hidden = arguments.integer("hidden").context("hidden is no number")?;
    check_last(arguments, &[("xh", 3 * hidden), ("rh", 3 * hidden), ("h_prev", hidden)])
}

pub fn lstm_epilogue(arguments: &Arguments) -> TractResult<()> {
    let hidden = arguments.integer("hidden").context("hidden is no number")?;
    check_last(arguments, &[("preact", 4 * hidden), ("c_prev", hidden)])
}

/// The last axis of each tensor has this size.
fn check_last(arguments: &Arguments, sizes: &[(&str, i64)]) -> TractResult<()> {
    for (name, size) in sizes {
        let Some(fact) = arguments.fact(name) else { continue };
        let last = fact.shape.last().and_then(TDim::as_i64);
        ensure!(last == Some(*size), "the last axis of {name} is {last:?}, not {size}");
        ensure!(fact.datum_type.is_float(), "{name} has elements of type {:?}", fact.datum_type);
    }
    Ok(())
}

pub fn unit_norm(arguments: &Arguments) -> TractResult<()> {
    let complex = matches!(arguments.get("complex"), Some(Value::Bool(true)));
    let Some(rank) = arguments.rank("input").filter(|_| complex) else { return Ok(()) };
    let axis = arguments.integer("axis").unwrap_or(0);
    ensure!(axis + 1 < rank as i64, "a complex input has its parts on its last axis");
    Ok(())
}

pub fn rope(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    let last = input.shape.last().and_then(TDim::as_i64);
    ensure!(last.is_none_or(|last| last % 2 == 0), "the last axis of {last:?} is odd");
    Ok(())
}

pub fn masked_softmax(arguments: &Arguments) -> TractResult<()> {
    let (Some(input), Some(mask)) = (arguments.fact("input"), arguments.fact("mask")) else {
        return Ok(());
    };
    ensure!(input.datum_type.is_float(), "input has elements of type {:?}", input.datum_type);
    ensure!(mask.rank() <= input.rank(), "the mask has more axes than the input");
    for (dim, of) in mask.shape.iter().rev().zip(input.shape.iter().rev()) {
        ensure!(can_broadcast(dim, of), "the mask has {dim} for {of}");
    }
    Ok(())
}

pub fn attention(arguments: &Arguments) -> TractResult<()> {
    let facts = ["q", "k", "v"].map(|name| arguments.fact(name));
    let [Some(q), Some(k), Some(v)] = facts else { return Ok(()) };
    if q.rank() == 4 {
        let heads = k.shape[1].as_i64();
        ensure!(heads != Some(0), "k has no heads");
        ensure!(can_broadcast(&k.shape[1], &v.shape[1]), "k and v have different heads");
    }
    Ok(())
}

pub fn gated_delta(arguments: &Arguments) -> TractResult<()> {
    let ranks = [("query", 4), ("key", 4), ("value", 4), ("log_decay", 3), ("beta", 3)];
    for (name, rank) in ranks.into_iter().chain([("initial_state", 4)]) {
        let found = arguments.rank(name).unwrap_or(rank);
        ensure!(found == rank, "{name} has {found} axes, not {rank}");
    }
    Ok(())
}

pub fn causal_conv(arguments: &Arguments) -> TractResult<()> {
    for name in ["input", "initial_state"] {
        let found = arguments.rank(name).unwrap_or(3);
        ensure!(found == 3, "{name} has {found} axes, not 3");
    }
    Ok(())
}

/// An entry of a scan is: a name, a wire (for outputs: which of its values), an axis, a step.
pub fn scan(arguments: &Arguments) -> TractResult<()> {
    let body = arguments.text("body").context("body is no name")?;
    let fragments = &arguments.builder.proto_model.doc.fragments;
    let fragment = fragments.iter().find(|fragment| fragment.decl.id.0 == body);
    let has_body = fragment.is_some_and(|fragment| fragment.body.is_some());
    ensure!(has_body, "no fragment {body} with a body");
    for name in ["scan", "full", "state", "output"] {
        for entry in arguments.items(name) {
            let Value::Tuple(parts) = entry else { bail!("{name} has an entry that is no tuple") };
            for part in parts {
                let is_named = !matches!(part, Value::String(text) if text.is_empty());
                ensure!(is_named, "{name} has an entry without a name");
            }
            let rank = parts.get(1).and_then(|part| match part {
                Value::String(_) => Some(8),
                _ => arguments.fact_of(part).map(|fact| fact.rank()),
            });
            let numbers: Vec<i64> =
                parts.iter().skip(2).flat_map(|part| integers(arguments.builder, part)).collect();
            if let (Some(axis), Some(rank)) = (numbers.first(), rank) {
                let exists = (0..rank as i64).contains(axis);
                ensure!(exists, "{name} has axis {axis} of a tensor with {rank} axes");
            }
            if let Some(step) = numbers.get(1) {
                ensure!(*step != 0, "{name} has a step of 0");
                check_size(name, [step.abs()])?;
            }
        }
    }
    check_range("skip", &arguments.integers("skip"), 0, 1 << 24)
}

//! Checks arguments of operators that tract does not check: it panics on them, and in WebAssembly a
//! panic ends the instance.
//!
//! Only literals are checked, as exporters write them, and arithmetic on literals. Values that a
//! graph computes are not.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use tract_nnef::ast::TypeName;
use tract_nnef::deser::{ModelBuilder, ResolvedInvocation, Value};
use tract_nnef::internal::*;
use tract_nnef::registry::ToTract;

use crate::literals::{integer, integers, literal};

/// tract's builder of each operator, by name.
static BUILDERS: OnceLock<HashMap<String, ToTract>> = OnceLock::new();

/// Operators that slide a window over their input.
const WINDOWED: &[&str] =
    &["conv", "deconv", "max_pool", "max_pool_with_index", "argmax_pool", "box", "debox"];
/// The largest size of a window, stride or padding.
const MAX_EXTENT: i64 = 1 << 24;
/// The most elements of a tensor. A larger one would not fit into memory.
const MAX_ELEMENTS: i64 = 1 << 30;
/// The most axes of a tensor in an archive.
const MAX_RANK: usize = 8;

/// Adds a check of the arguments before each operator of `framework` is built.
pub fn with_argument_checks(mut framework: Nnef) -> Nnef {
    let all = framework.registries.iter().flat_map(|registry| registry.primitives.values());
    let all = all.map(|primitive| (primitive.decl.id.0.clone(), primitive.to_tract)).collect();
    BUILDERS.get_or_init(|| all);
    for registry in &mut framework.registries {
        for primitive in registry.primitives.values_mut() {
            primitive.to_tract = check_and_build;
        }
    }
    framework
}

fn check_and_build(
    builder: &mut ModelBuilder,
    invocation: &ResolvedInvocation,
) -> TractResult<Value> {
    let id = &invocation.invocation.id.0;
    check(builder, invocation).with_context(|| format!("arguments of {id}"))?;
    let build = BUILDERS.get().and_then(|builders| builders.get(id));
    build.with_context(|| format!("no operator {id}"))?(builder, invocation)
}

fn check(builder: &mut ModelBuilder, invocation: &ResolvedInvocation) -> TractResult<()> {
    let names: Vec<&str> = invocation.default_params.iter().map(|param| &*param.id.0).collect();
    let rank = rank_of_first(builder, invocation, names.first().copied());
    let id = &*invocation.invocation.id.0;
    let windowed = WINDOWED.contains(&id);
    if id == "external" {
        check_external(invocation.invocation.generic_type_name)?;
    }
    for name in names {
        let Some(value) = literal(builder, invocation, name) else { continue };
        let values = integers(builder, &value);
        match name {
            "axis" | "axes" => check_axes(id, name, &values, rank)?,
            "stride" | "dilation" | "size" if windowed => {
                check_range(name, &values, 1..=MAX_EXTENT)?
            }
            "padding" if windowed => check_range(name, &values, 0..=MAX_EXTENT)?,
            "shape" if id != "reshape" => check_shape(&values)?,
            "border" if windowed => check_border(id, &value)?,
            "scan" | "output" => check_scan(builder, name, &value)?,
            "body" => check_body(builder, &value)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_external(of: Option<TypeName>) -> TractResult<()> {
    let unsupported = match of {
        Some(TypeName::String) => "string",
        Some(TypeName::Any) => "?",
        _ => return Ok(()),
    };
    bail!(
        "external<{unsupported}> is not supported: an input is of scalar, integer or logical type"
    )
}

fn check_range(name: &str, values: &[i64], range: RangeInclusive<i64>) -> TractResult<()> {
    for n in values {
        ensure!(range.contains(n), "{name} has {n}, which is not in {range:?}");
    }
    Ok(())
}

/// An axis of 0 counts as 1: padding can enlarge it.
fn check_shape(shape: &[i64]) -> TractResult<()> {
    check_range("shape", shape, 0..=i64::MAX)?;
    let elements = shape.iter().try_fold(1i64, |elements, dim| elements.checked_mul((*dim).max(1)));
    let fits = elements.is_some_and(|elements| elements <= MAX_ELEMENTS);
    ensure!(fits, "shape {shape:?} has more than {MAX_ELEMENTS} elements");
    Ok(())
}

fn check_axes(id: &str, name: &str, axes: &[i64], rank: Option<usize>) -> TractResult<()> {
    if id == "transpose" {
        let mut sorted = axes.to_vec();
        sorted.sort_unstable();
        let is_permutation = sorted.iter().copied().eq(0..axes.len() as i64);
        ensure!(is_permutation, "axes {axes:?} are not a permutation of {} axes", axes.len());
    }
    let Some(rank) = rank else { return Ok(()) };
    let bound = match id {
        "unsqueeze" | "stack" => rank + axes.len(),
        _ => rank,
    } as i64;
    let first = if id == "tract_pulse_delay" { 0 } else { -bound };
    check_range(name, axes, first..=bound - 1)?;
    Ok(())
}

fn check_border(id: &str, value: &Value) -> TractResult<()> {
    let Value::String(border) = value else { return Ok(()) };
    let supported: &[&str] = match id {
        "conv" | "deconv" => &["constant"],
        _ => &["constant", "ignore"],
    };
    ensure!(supported.contains(&&**border), "border {border:?} is not one of {supported:?}");
    Ok(())
}

/// An entry of a scan is: a name, a wire (for outputs: which of its values), an axis, a step.
fn check_scan(builder: &ModelBuilder, name: &str, value: &Value) -> TractResult<()> {
    let Value::Array(entries) = value else { return Ok(()) };
    for entry in entries {
        let Value::Tuple(parts) = entry else { continue };
        let rank = match parts.get(1) {
            Some(Value::Wire(outlet)) => builder.model.outlet_fact(*outlet)?.rank(),
            _ => MAX_RANK,
        };
        if let Some(axis) = parts.get(2).and_then(|part| integer(builder, part)) {
            let exists = (0..rank as i64).contains(&axis);
            ensure!(exists, "{name} has axis {axis} of a tensor with {rank} axes");
        }
        if let Some(step) = parts.get(3).and_then(|part| integer(builder, part)) {
            ensure!(step != 0, "{name} has a step of 0");
        }
    }
    Ok(())
}

fn check_body(builder: &ModelBuilder, value: &Value) -> TractResult<()> {
    let Value::String(name) = value else { return Ok(()) };
    let fragments = &builder.proto_model.doc.fragments;
    let body = fragments.iter().find(|fragment| fragment.decl.id.0 == *name);
    ensure!(body.is_some_and(|fragment| fragment.body.is_some()), "no fragment {name} with a body");
    Ok(())
}

/// The rank of an operator's first argument, if it is a number, a wire or a list of wires.
fn rank_of_first(
    builder: &mut ModelBuilder,
    invocation: &ResolvedInvocation,
    name: Option<&str>,
) -> Option<usize> {
    let name = name.filter(|name| ["input", "x", "value", "values"].contains(name))?;
    let outlet = match literal(builder, invocation, name)? {
        Value::Wire(outlet) => outlet,
        Value::Array(values) => match values.first()? {
            Value::Wire(outlet) => *outlet,
            _ => return None,
        },
        Value::Dim(_) | Value::Scalar(_) => return Some(0),
        _ => return None,
    };
    builder.model.outlet_fact(outlet).ok().map(|fact| fact.rank())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tract_extra::WithTractExtra;
    use tract_pulse::WithPulse;
    use tract_transformers::WithTractTransformers;

    #[test]
    fn operator_names_are_unique() {
        let framework = tract_nnef::nnef().with_tract_resource().with_pulse();
        let framework = framework.with_tract_extra().with_tract_transformers();
        let mut seen = HashSet::new();
        for registry in &framework.registries {
            for id in registry.primitives.keys() {
                assert!(seen.insert(id.0.clone()), "{} is in two registries", id.0);
            }
        }
    }
}

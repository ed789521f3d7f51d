//! Looks over what an archive hands to tract's operators, where they take it on trust and panic:
//! in WebAssembly a panic ends the instance.
//!
//! Only what stands there as a number, a string or a name is looked at, as exporters write it, and
//! operations on numbers. Whatever else is computed on the spot goes through unseen.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use tract_nnef::deser::{ModelBuilder, ResolvedInvocation, Value};
use tract_nnef::internal::*;
use tract_nnef::registry::ToTract;

use crate::literals::{number, numbers, plain};

/// What builds each operator, by name.
static BUILDERS: OnceLock<HashMap<String, ToTract>> = OnceLock::new();

/// Operators that slide a window over their input.
const SLIDING: &[&str] =
    &["conv", "deconv", "max_pool", "max_pool_with_index", "argmax_pool", "box", "debox"];
/// The largest extent of a window, stride or padding.
const LARGEST: i64 = 1 << 24;
/// The most values of a tensor: there is no memory for more.
const MOST_VALUES: i64 = 1 << 30;
/// Tensors of an archive have no more axes.
const MAX_RANK: usize = 8;

/// Has what every operator of `framework` is given looked over before it is built.
pub fn checked(mut framework: Nnef) -> Nnef {
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
    let slides = SLIDING.contains(&id);
    for name in names {
        let Some(given) = plain(builder, invocation, name) else { continue };
        let whole = numbers(builder, &given);
        match name {
            "axis" | "axes" => check_axes(id, name, &whole, rank)?,
            "stride" | "dilation" | "size" if slides => within(name, &whole, 1..=LARGEST)?,
            "padding" if slides => within(name, &whole, 0..=LARGEST)?,
            "shape" if id != "reshape" => check_shape(&whole)?,
            "border" if slides => check_border(id, &given)?,
            "scan" | "output" => check_scanned(builder, name, &given)?,
            "body" => check_body(builder, &given)?,
            _ => {}
        }
    }
    Ok(())
}

fn within(name: &str, given: &[i64], range: RangeInclusive<i64>) -> TractResult<()> {
    for n in given {
        ensure!(range.contains(n), "{name} holds {n}, which is not in {range:?}");
    }
    Ok(())
}

/// Even an empty axis: a window's padding can fill it.
fn check_shape(shape: &[i64]) -> TractResult<()> {
    within("shape", shape, 0..=i64::MAX)?;
    let values = shape.iter().try_fold(1i64, |values, dim| values.checked_mul((*dim).max(1)));
    let fits = values.is_some_and(|values| values <= MOST_VALUES);
    ensure!(fits, "shape {shape:?} is larger than {MOST_VALUES} values");
    Ok(())
}

fn check_axes(id: &str, name: &str, axes: &[i64], rank: Option<usize>) -> TractResult<()> {
    if id == "transpose" {
        let mut sorted = axes.to_vec();
        sorted.sort_unstable();
        let whole = sorted.iter().copied().eq(0..axes.len() as i64);
        ensure!(whole, "axes {axes:?} do not name each of {} axes once", axes.len());
    }
    let Some(rank) = rank else { return Ok(()) };
    let reach = match id {
        "unsqueeze" | "stack" => rank + axes.len(),
        _ => rank,
    } as i64;
    let least = if id == "tract_pulse_delay" { 0 } else { -reach };
    within(name, axes, least..=reach - 1)?;
    Ok(())
}

fn check_border(id: &str, given: &Value) -> TractResult<()> {
    let Value::String(border) = given else { return Ok(()) };
    let known: &[&str] = match id {
        "conv" | "deconv" => &["constant"],
        _ => &["constant", "ignore"],
    };
    ensure!(known.contains(&&**border), "border {border:?} is none of {known:?}");
    Ok(())
}

/// Each entry of a scan is a name, a wire (or, of outputs, which of its values), an axis, a step.
fn check_scanned(builder: &ModelBuilder, name: &str, given: &Value) -> TractResult<()> {
    let Value::Array(entries) = given else { return Ok(()) };
    for entry in entries {
        let Value::Tuple(parts) = entry else { continue };
        let rank = match parts.get(1) {
            Some(Value::Wire(outlet)) => builder.model.outlet_fact(*outlet)?.rank(),
            _ => MAX_RANK,
        };
        if let Some(axis) = parts.get(2).and_then(|part| number(builder, part)) {
            ensure!((0..rank as i64).contains(&axis), "{name} goes along axis {axis} of {rank}");
        }
        if let Some(step) = parts.get(3).and_then(|part| number(builder, part)) {
            ensure!(step != 0, "{name} goes in steps of 0");
        }
    }
    Ok(())
}

fn check_body(builder: &ModelBuilder, given: &Value) -> TractResult<()> {
    let Value::String(name) = given else { return Ok(()) };
    let fragments = &builder.proto_model.doc.fragments;
    let body = fragments.iter().find(|fragment| fragment.decl.id.0 == *name);
    ensure!(body.is_some_and(|fragment| fragment.body.is_some()), "no fragment {name} to run");
    Ok(())
}

/// Axes of an operator's first argument, where it is a number, a wire or starts with one.
fn rank_of_first(
    builder: &mut ModelBuilder,
    invocation: &ResolvedInvocation,
    name: Option<&str>,
) -> Option<usize> {
    let name = name.filter(|name| ["input", "x", "value", "values"].contains(name))?;
    let outlet = match plain(builder, invocation, name)? {
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
    fn no_two_operators_share_a_name() {
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

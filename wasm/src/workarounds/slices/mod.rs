//! Slices with literal bounds become one node: `proposal.md`.
//!
//! tract adds a dozen nodes for a slice's bounds, in case they are computed, and removes them again
//! before it plans.

use tract_core::ops::array::Slice;
use tract_nnef::ast::RValue;
use tract_nnef::deser::{ModelBuilder, ResolvedInvocation, Value};
use tract_nnef::internal::*;
use tract_nnef::ops::nnef::deser;

use super::hooks::Hook;

inventory::submit! { Hook::Operator("slice", slice) }

/// Builds `slice`; by tract's builder if a bound is not a number inside its axis.
fn slice(builder: &mut ModelBuilder, invocation: &ResolvedInvocation) -> TractResult<Value> {
    match literal_slices(builder, invocation) {
        Some((input, slices)) => {
            let mut wire = tvec!(input);
            for slice in slices {
                wire = builder.wire_as_outlets(slice, &wire)?;
            }
            Ok(Value::Wire(wire[0]))
        }
        None => deser::slice(builder, invocation),
    }
}

fn literal_slices(
    builder: &mut ModelBuilder,
    invocation: &ResolvedInvocation,
) -> Option<(OutletId, Vec<Slice>)> {
    // The arguments are literals or names of what is built already: resolving them adds no node.
    let mut argument = |name: &str| -> Option<Value> {
        let value = invocation.get_named_arg(name)?;
        let is_known = !matches!(&*value, RValue::Invocation(_) | RValue::Binary(..));
        is_known.then(|| value.resolve(builder, &[]).ok()).flatten()
    };
    let input = argument("input")?;
    let [axes, begins, ends, strides] =
        ["axes", "begin", "end", "stride"].map(|name| integers(&argument(name)?));
    let Value::Wire(input) = input else { return None };
    let (axes, begins, ends) = (axes?, begins?, ends?);
    let strides = match invocation.get_named_arg("stride") {
        Some(_) => strides?,
        None => vec![1; axes.len()],
    };
    if [&begins, &ends, &strides].iter().any(|values| values.len() != axes.len())
        || strides.iter().any(|stride| *stride != 1)
    {
        return None;
    }
    let shape = &builder.model.outlet_fact(input).ok()?.shape;
    let slices = axes.iter().zip(begins).zip(ends).map(|((axis, begin), end)| {
        let axis = usize::try_from(*axis).ok()?;
        let inside = 0 <= begin && begin < end && end <= shape.get(axis)?.as_i64()?;
        inside.then(|| Slice::new(axis, begin, end))
    });
    Some((input, slices.collect::<Option<_>>()?))
}

/// The numbers of a list, if it has only numbers.
fn integers(list: &Value) -> Option<Vec<i64>> {
    let Value::Array(items) = list else { return None };
    let number = |item: &Value| match item {
        Value::Dim(dim) => dim.as_i64(),
        _ => None,
    };
    items.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::testing::tar_of;

    fn text(bounds: &str) -> String {
        format!(
            "version 1.0;
            graph test(x) -> (y) {{
              x = external<scalar>(shape = [3, 4]);
              y = slice(x, {bounds});
            }}"
        )
    }

    /// tract's framework with this workaround.
    fn framework_with_workaround() -> Nnef {
        let mut framework = tract_nnef::nnef();
        let registries = framework.registries.iter_mut();
        registries
            .flat_map(|registry| registry.primitives.get_mut(&"slice".into()))
            .for_each(|primitive| primitive.to_tract = slice);
        framework
    }

    /// The output for an input of distinct numbers.
    fn output(model: TypedModel) -> TractResult<Tensor> {
        let x: Vec<f32> = (0..12).map(|n| n as f32).collect();
        let x = Tensor::from_shape(&[3, 4], &x)?.into_tvalue();
        let outputs = TypedSimplePlan::new(model)?.run(tvec![x])?;
        Ok(outputs[0].clone().into_tensor())
    }

    #[test]
    fn the_output_is_that_of_tracts_builder() -> TractResult<()> {
        let framework = AssertUnwindSafe(tract_nnef::nnef());
        let replaced = AssertUnwindSafe(framework_with_workaround());
        let mut compared = 0;
        for (begin, end) in (-5..=5).flat_map(|begin| (-5..=5).map(move |end| (begin, end))) {
            for bounds in [
                format!("axes = [1], begin = [{begin}], end = [{end}]"),
                format!("axes = [1, 0], begin = [{begin}, 1], end = [{end}, 3]"),
                format!("axes = [1], begin = [{begin}], end = [{end}], stride = [2]"),
            ] {
                let tar = tar_of(&[("graph.nnef", text(&bounds).as_bytes())]);
                // tract panics where a slice ends before it begins.
                let theirs = catch_unwind(|| framework.model_for_read(&mut &*tar).and_then(output));
                let ours = catch_unwind(|| replaced.model_for_read(&mut &*tar).and_then(output));
                let [ours, theirs] = [ours, theirs].map(|it| it.ok().and_then(Result::ok));
                compared += usize::from(theirs.is_some());
                assert_eq!(ours, theirs, "{bounds}");
            }
        }
        assert!(compared > 50, "{compared}");
        Ok(())
    }

    #[test]
    fn a_slice_is_one_node() {
        let bounds = "axes = [0, 1], begin = [1, 0], end = [3, 2]";
        let tar = tar_of(&[("graph.nnef", text(bounds).as_bytes())]);
        let model = framework_with_workaround().model_for_read(&mut &*tar).expect("it loads");
        let ops: Vec<_> = model.nodes().iter().map(|node| node.op.name()).collect();
        assert_eq!(ops, ["Source", "Slice", "Slice"]);
    }
}

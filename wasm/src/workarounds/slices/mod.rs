//! Slices between numbers, wired at once.
//!
//! tract makes a dozen nodes of a slice's bounds, in case they are computed, evaluates them, and
//! takes them away again before it plans.

use tract_core::ops::array::Slice;
use tract_nnef::deser::{ModelBuilder, ResolvedInvocation, Value};
use tract_nnef::internal::*;
use tract_nnef::ops::nnef::deser;

use super::hooks::Hook;
use crate::literals::{numbers, plain};

inventory::submit! { Hook::Operator("slice", slice) }

/// `slice`, as tract builds it where a bound is no number inside its axis.
fn slice(builder: &mut ModelBuilder, invocation: &ResolvedInvocation) -> TractResult<Value> {
    match between_numbers(builder, invocation) {
        Some((input, cuts)) => {
            let mut wire = tvec!(input);
            for cut in cuts {
                wire = builder.wire_as_outlets(cut, &wire)?;
            }
            Ok(Value::Wire(wire[0]))
        }
        None => deser::slice(builder, invocation),
    }
}

fn between_numbers(
    builder: &mut ModelBuilder,
    invocation: &ResolvedInvocation,
) -> Option<(OutletId, Vec<Slice>)> {
    let Value::Wire(input) = plain(builder, invocation, "input")? else { return None };
    let [axes, begins, ends] = ["axes", "begin", "end"].map(|name| {
        let given = plain(builder, invocation, name)?;
        let Value::Array(parts) = &given else { return None };
        let found = numbers(builder, &given);
        (found.len() == parts.len()).then_some(found)
    });
    let (axes, begins, ends) = (axes?, begins?, ends?);
    let strides = match invocation.get_named_arg("stride") {
        Some(_) => plain(builder, invocation, "stride").map(|given| numbers(builder, &given))?,
        None => vec![1; axes.len()],
    };
    if [&begins, &ends, &strides].iter().any(|given| given.len() != axes.len())
        || strides.iter().any(|stride| *stride != 1)
    {
        return None;
    }
    let shape = &builder.model.outlet_fact(input).ok()?.shape;
    let cuts = axes.iter().zip(begins).zip(ends).map(|((axis, begin), end)| {
        let axis = usize::try_from(*axis).ok()?;
        let inside = 0 <= begin && begin < end && end <= shape.get(axis)?.as_i64()?;
        inside.then(|| Slice::new(axis, begin, end))
    });
    Some((input, cuts.collect::<Option<_>>()?))
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

    /// tract's, with this workaround alone.
    fn framework_of_ours() -> Nnef {
        let mut framework = tract_nnef::nnef();
        let registries = framework.registries.iter_mut();
        registries
            .flat_map(|registry| registry.primitives.get_mut(&"slice".into()))
            .for_each(|primitive| primitive.to_tract = slice);
        framework
    }

    /// What comes of a tensor of different numbers.
    fn output(model: TypedModel) -> TractResult<Tensor> {
        let x: Vec<f32> = (0..12).map(|n| n as f32).collect();
        let x = Tensor::from_shape(&[3, 4], &x)?.into_tvalue();
        let outputs = TypedSimplePlan::new(model)?.run(tvec![x])?;
        Ok(outputs[0].clone().into_tensor())
    }

    #[test]
    fn what_is_cut_is_what_tract_cuts() -> TractResult<()> {
        let framework = AssertUnwindSafe(tract_nnef::nnef());
        let replaced = AssertUnwindSafe(framework_of_ours());
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
    fn a_cut_between_numbers_is_one_node() {
        let bounds = "axes = [0, 1], begin = [1, 0], end = [3, 2]";
        let tar = tar_of(&[("graph.nnef", text(bounds).as_bytes())]);
        let model = framework_of_ours().model_for_read(&mut &*tar).expect("it loads");
        let ops: Vec<_> = model.nodes().iter().map(|node| node.op.name()).collect();
        assert_eq!(ops, ["Source", "Slice", "Slice"]);
    }
}

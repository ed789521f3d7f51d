//! Operators that only copy, run from a table of where each value comes from.
//!
//! tract looks for each place anew at every run: the windows of a VAD's convolutions, a few frames
//! each, took a fifth of a pulse.

use tract_core::ops::array::Gather;
use tract_core::ops::cnn::Conv;
use tract_core::ops::cnn::conv::Im2Col;
use tract_core::tract_linalg::mmm::{EagerPackedInput, MMMInputValue, PackedMatrixStorage};
use tract_nnef::internal::*;

use super::hooks::{Hook, Stage};
use super::matching::{constant, is_a, numbers, replaced};

inventory::submit! { Hook::Rewrite(Stage::Decluttered, 0, as_decluttered) }
inventory::submit! { Hook::Rewrite(Stage::Optimized, 0, as_planned) }

fn as_decluttered(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default().with_rule_for("few-windows", few_windows).rewrite(&(), model)
}

fn as_planned(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default()
        .with_rule_for("windows", windows)
        .with_rule_for("gathered", gathered)
        .rewrite(&(), model)
}

/// What an operator would copy, of f32.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copied {
    /// The operator's name.
    name: StaticName,
    /// For each value, which of the input's it is; beyond them for none, which is 0.
    places: Arc<Vec<u32>>,
    /// What is given.
    out: Out,
    fact: TypedFact,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Out {
    Tensor,
    /// Columns laid out for a product.
    Packed {
        alignment: usize,
        panel_bytes: usize,
        columns: usize,
    },
}

/// The largest table, in values: 128 kB, many times what a stream needs.
const LARGEST: usize = 1 << 15;
/// Above this many columns, which way tract lays them out is left to tract.
const FEW: usize = 4;

/// Lays a convolution's windows out once where it has few: tract would do it for each panel of
/// rows.
fn few_windows(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &Conv,
) -> TractResult<Option<TypedModelPatch>> {
    rule_if!(op.q_params.is_none() && op.group == 1);
    rule_if!(is_a(model, node.inputs[0], f32::datum_type()));
    rule_if!(is_a(model, node.inputs[1], f32::datum_type()));
    rule_if_some!(x = model.outlet_fact(node.inputs[0])?.shape.as_concrete());
    let columns: usize = op.pool_spec.output_shape(x)?.hw_dims().iter().product();
    rule_if!((1..=FEW).contains(&columns));
    let mut patch = TypedModelPatch::new("few windows");
    let inputs = patch.taps(model, &node.inputs)?;
    // tract's own way with any convolution, and as safe.
    #[allow(unsafe_code)]
    let wire = unsafe { op.wire_as_im2col_pair(&mut patch, &node.name, &inputs)? };
    patch.shunt_outside(model, node.id.into(), wire[0])?;
    patch.obliterate(node.id)?;
    Ok(Some(patch))
}

fn windows(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &Im2Col,
) -> TractResult<Option<TypedModelPatch>> {
    // With a second input, what is outside is not 0.
    let [x] = node.inputs[..] else { return Ok(None) };
    rule_if_some!(places = places_of(model, x)?);
    let packed = op.eval_out_of_plan(tvec![places])?;
    rule_if_some!(packed = packed);
    let storage = packed[0].try_storage_as::<PackedMatrixStorage>()?;
    rule_if!(storage.batch_shape().iter().all(|n| *n == 1));
    rule_if_some!(panels = storage.value().downcast_ref::<EagerPackedInput>());
    let alignment = panels.packed.layout().align();
    let bytes = panels.packed.as_bytes().chunks_exact(4);
    let values = bytes.map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]));
    let (panel_bytes, columns) = (panels.panel_bytes, panels.mn);
    let out = Out::Packed { alignment, panel_bytes, columns };
    copied(model, node, x, values.collect::<Vec<_>>().as_slice(), out)
}

fn gathered(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &Gather,
) -> TractResult<Option<TypedModelPatch>> {
    let [x, indices] = node.inputs[..] else { return Ok(None) };
    rule_if!(is_a(model, node.id.into(), f32::datum_type()));
    rule_if_some!(indices = constant(model, indices));
    rule_if_some!(places = places_of(model, x)?);
    rule_if_some!(there = places.shape().get(op.axis).map(|dim| *dim as i64));
    let whole = indices.cast_to::<i64>()?;
    let whole = whole.try_as_plain_ram()?.as_slice::<i64>()?;
    // What is not there is for a run to refuse: tract panics.
    rule_if!(whole.iter().all(|index| (-there..there).contains(index)));
    rule_if_some!(gathered = op.eval_out_of_plan(tvec![places, indices.clone().into_tvalue()])?);
    copied(model, node, x, numbers(&gathered[0])?, Out::Tensor)
}

/// A tensor for `wire` that holds, at each place, which it is, from 1.
fn places_of(model: &TypedModel, wire: OutletId) -> TractResult<Option<TValue>> {
    rule_if!(is_a(model, wire, f32::datum_type()));
    rule_if_some!(shape = model.outlet_fact(wire)?.shape.as_concrete());
    let len: usize = shape.iter().product();
    rule_if!((1..=LARGEST).contains(&len));
    let counted: Vec<f32> = (1..=len).map(|place| place as f32).collect();
    Ok(Some(Tensor::from_shape(shape, &counted)?.into_tvalue()))
}

fn copied(
    model: &TypedModel,
    node: &TypedNode,
    x: OutletId,
    values: &[f32],
    out: Out,
) -> TractResult<Option<TypedModelPatch>> {
    rule_if!((1..=LARGEST).contains(&values.len()));
    let places = values.iter().map(|value| (*value as u32).wrapping_sub(1)).collect();
    let fact = node.outputs[0].fact.without_value();
    let op = Copied { name: node.op.name(), places: Arc::new(places), out, fact };
    replaced(model, node, &[x], op)
}

impl Op for Copied {
    fn name(&self) -> StaticName {
        self.name.clone()
    }

    op_as_typed_op!();
}

impl EvalOp for Copied {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = args_1!(inputs);
        let x = numbers(&x)?;
        let len = self.places.len();
        let (shape, alignment) = match &self.out {
            Out::Tensor => (self.fact.shape.as_concrete().context("an open shape")?, 16),
            Out::Packed { alignment, .. } => (&[len][..], *alignment),
        };
        let f32s = f32::datum_type();
        // Every place is written.
        #[allow(unsafe_code)]
        let mut copy = unsafe { Tensor::uninitialized_aligned_dt(f32s, shape, alignment)? };
        rows::copy(x, &self.places, copy.try_as_plain_ram_mut()?.as_slice_mut()?);
        let Out::Packed { panel_bytes, columns, .. } = self.out else {
            return Ok(tvec![copy.into_tvalue()]);
        };
        let fact = self.fact.exotic_fact().and_then(|fact| fact.downcast_ref()).cloned();
        let fact = fact.context("no packing")?;
        let packed = copy.into_blob()?.into();
        let panels = EagerPackedInput { fact, packed, panel_bytes, mn: columns };
        let panels: Box<dyn MMMInputValue> = Box::new(panels);
        let storage = PackedMatrixStorage::new_batched(&[1, 1], tvec![panels]);
        Ok(tvec![storage.into_tensor(f32s).into_tvalue()])
    }
}

impl TypedOp for Copied {
    fn output_facts(&self, _: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![self.fact.clone()])
    }

    as_op!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tar_of;

    /// The model of a text whose graph reads `x`, with a kernel `w` of (3, 2, 3) beside it.
    fn model(shape: &str, y: &str) -> TypedModel {
        let text = format!(
            "version 1.0;
            extension tract_registry tract_core;
            graph test(x) -> (y) {{
              x = external<scalar>(shape = [{shape}]);
              w = variable<scalar>(label = \"w\", shape = [3, 2, 3]);
              at = variable<scalar>(label = \"at\", shape = [5]);
              y = {y};
            }}"
        );
        let kernel: Vec<f32> = (0..18).map(|n| (n as f32 * 0.7).sin()).collect();
        let kernel = Tensor::from_shape(&[3, 2, 3], &kernel).expect("18 numbers");
        let at = tensor1(&[3i64, 0, 1, 1, 2]);
        let files = [("w.dat", kernel), ("at.dat", at)].map(|(name, tensor)| {
            let mut bytes = vec![];
            tract_nnef::tensors::write_tensor(&mut bytes, &tensor).expect("it goes into memory");
            (name, bytes)
        });
        let mut files: Vec<(&str, &[u8])> = files.iter().map(|(n, bytes)| (*n, &**bytes)).collect();
        files.insert(0, ("graph.nnef", text.as_bytes()));
        tract_nnef::nnef().model_for_read(&mut &*tar_of(&files)).expect("it loads")
    }

    fn optimized(model: TypedModel) -> TractResult<TypedModel> {
        let mut model = model.into_decluttered()?;
        as_decluttered(&mut model)?;
        model.optimize()?;
        as_planned(&mut model)?;
        Ok(model)
    }

    /// How many operators run from a table, once the plan was held to the model as it is.
    fn copies(model: TypedModel) -> TractResult<usize> {
        let shape = model.input_fact(0)?.shape.as_concrete().context("an open shape")?;
        let x: Vec<f32> = (0..shape.iter().product()).map(|n| (n as f32).cos()).collect();
        let x = Tensor::from_shape(shape, &x)?.into_tvalue();
        let plan = optimized(model.clone())?;
        let count = plan.nodes().iter().filter(|node| node.op_is::<Copied>()).count();
        let run = |model| TypedSimplePlan::new(model)?.run(tvec![x.clone()]);
        let (whole, planned) = (run(model)?, run(plan)?);
        planned[0].close_enough(&whole[0], Approximation::Close)?;
        Ok(count)
    }

    #[test]
    fn windows_are_those_of_the_convolution() -> TractResult<()> {
        for (stride, dilation) in [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2)] {
            for (before, after) in [(0, 0), (1, 1), (2, 0)] {
                for frames in 5..=7 {
                    let y = format!(
                        "conv(x, w, 0.5, stride = [{stride}], dilation = [{dilation}],
                        padding = [({before}, {after})], border = \"constant\", groups = 1)"
                    );
                    let columns = (frames + before + after - 2 * dilation - 1) / stride + 1;
                    let count = copies(model(&format!("1, 2, {frames}"), &y))?;
                    assert!(count == 1 || columns > FEW, "{y} of {frames}: {count}");
                }
            }
        }
        Ok(())
    }

    #[test]
    fn what_constant_indices_gather_is_copied() -> TractResult<()> {
        for (shape, axis) in [("4, 3", 0), ("2, 4", 1), ("2, 4, 3", 1)] {
            let y = format!("tract_core_gather(x, at, axis = {axis})");
            assert_eq!(copies(model(shape, &y))?, 1);
        }
        Ok(())
    }

    #[test]
    fn an_index_that_is_not_there_is_for_a_run_to_refuse() {
        let model = model("1, 3", "tract_core_gather(x, at, axis = 1)");
        let plan = optimized(model).expect("it is planned");
        assert!(!plan.nodes().iter().any(|node| node.op_is::<Copied>()));
    }
}

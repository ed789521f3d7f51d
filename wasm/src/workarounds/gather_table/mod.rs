//! Operators that only copy values, run from a table of source indices: `proposal.md`.
//!
//! tract computes each index anew in each run: for the windows of a VAD's convolutions, of a few
//! frames each, that took a fifth of a pulse.

use tract_core::ops::array::Gather;
use tract_core::ops::cnn::Conv;
use tract_core::ops::cnn::conv::Im2Col;
use tract_core::tract_linalg::mmm::{EagerPackedInput, MMMInputValue, PackedMatrixStorage};
use tract_nnef::internal::*;

use super::hooks::{Hook, Stage};
use super::matching::{constant, f32_values, has_dtype, replace};

inventory::submit! { Hook::Rewrite(Stage::Decluttered, 0, rewrite_decluttered) }
inventory::submit! { Hook::Rewrite(Stage::Optimized, 0, rewrite_optimized) }

fn rewrite_decluttered(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default().with_rule_for("few-columns", few_columns_rule).rewrite(&(), model)
}

fn rewrite_optimized(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default()
        .with_rule_for("im2col", im2col_rule)
        .with_rule_for("gather", gather_rule)
        .rewrite(&(), model)
}

/// Copies f32 values by a table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct GatherTable {
    /// Name of the replaced operator.
    name: StaticName,
    /// Source index of each element; an index out of range writes 0.
    indices: Arc<Vec<u32>>,
    output: Output,
    fact: TypedFact,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Output {
    Tensor,
    /// Columns packed for a matrix product.
    Packed {
        alignment: usize,
        panel_bytes: usize,
        columns: usize,
    },
}

/// The largest table, in elements: 128 kB, much more than a stream needs.
const MAX_TABLE: usize = 1 << 15;
/// With more columns, tract chooses the layout.
const MAX_COLUMNS: usize = 4;

/// Uses `Im2Col` for a convolution with few columns. tract would use `LazyIm2col`, which gathers
/// again for each panel of rows.
fn few_columns_rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &Conv,
) -> TractResult<Option<TypedModelPatch>> {
    rule_if!(op.q_params.is_none() && op.group == 1);
    rule_if!(has_dtype(model, node.inputs[0], f32::datum_type()));
    rule_if!(has_dtype(model, node.inputs[1], f32::datum_type()));
    rule_if_some!(x = model.outlet_fact(node.inputs[0])?.shape.as_concrete());
    let columns: usize = op.pool_spec.output_shape(x)?.hw_dims().iter().product();
    rule_if!((1..=MAX_COLUMNS).contains(&columns));
    let mut patch = TypedModelPatch::new("few columns");
    let inputs = patch.taps(model, &node.inputs)?;
    // SAFETY: called with the inputs of `op`, as tract does.
    #[allow(unsafe_code)]
    let wire = unsafe { op.wire_as_im2col_pair(&mut patch, &node.name, &inputs)? };
    patch.shunt_outside(model, node.id.into(), wire[0])?;
    patch.obliterate(node.id)?;
    Ok(Some(patch))
}

fn im2col_rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &Im2Col,
) -> TractResult<Option<TypedModelPatch>> {
    // With a second input, padding is not 0.
    let [x] = node.inputs[..] else { return Ok(None) };
    rule_if_some!(positions = positions_of(model, x)?);
    let packed = op.eval_out_of_plan(tvec![positions])?;
    rule_if_some!(packed = packed);
    let storage = packed[0].try_storage_as::<PackedMatrixStorage>()?;
    rule_if!(storage.batch_shape().iter().all(|n| *n == 1));
    rule_if_some!(panels = storage.value().downcast_ref::<EagerPackedInput>());
    let alignment = panels.packed.layout().align();
    let bytes = panels.packed.as_bytes().chunks_exact(4);
    let values = bytes.map(|value| f32::from_le_bytes([value[0], value[1], value[2], value[3]]));
    let (panel_bytes, columns) = (panels.panel_bytes, panels.mn);
    let output = Output::Packed { alignment, panel_bytes, columns };
    replace_by_table(model, node, x, values.collect::<Vec<_>>().as_slice(), output)
}

fn gather_rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    _: &str,
    op: &Gather,
) -> TractResult<Option<TypedModelPatch>> {
    let [x, indices] = node.inputs[..] else { return Ok(None) };
    rule_if!(has_dtype(model, node.id.into(), f32::datum_type()));
    rule_if_some!(indices = constant(model, indices));
    rule_if_some!(positions = positions_of(model, x)?);
    rule_if_some!(length = positions.shape().get(op.axis).map(|dim| *dim as i64));
    let integers = indices.cast_to::<i64>()?;
    let integers = integers.try_as_plain_ram()?.as_slice::<i64>()?;
    // An index out of range must fail when it runs, but tract panics.
    rule_if!(integers.iter().all(|index| (-length..length).contains(index)));
    rule_if_some!(gathered = op.eval_out_of_plan(tvec![positions, indices.clone().into_tvalue()])?);
    replace_by_table(model, node, x, f32_values(&gathered[0])?, Output::Tensor)
}

/// A tensor of `wire`'s shape that holds 1, 2, 3, …: running the operator on it shows where each
/// output comes from.
fn positions_of(model: &TypedModel, wire: OutletId) -> TractResult<Option<TValue>> {
    rule_if!(has_dtype(model, wire, f32::datum_type()));
    rule_if_some!(shape = model.outlet_fact(wire)?.shape.as_concrete());
    let len: usize = shape.iter().product();
    rule_if!((1..=MAX_TABLE).contains(&len));
    let positions: Vec<f32> = (1..=len).map(|position| position as f32).collect();
    Ok(Some(Tensor::from_shape(shape, &positions)?.into_tvalue()))
}

fn replace_by_table(
    model: &TypedModel,
    node: &TypedNode,
    x: OutletId,
    values: &[f32],
    output: Output,
) -> TractResult<Option<TypedModelPatch>> {
    rule_if!((1..=MAX_TABLE).contains(&values.len()));
    let indices = values.iter().map(|value| (*value as u32).wrapping_sub(1)).collect();
    let fact = node.outputs[0].fact.without_value();
    let op = GatherTable { name: node.op.name(), indices: Arc::new(indices), output, fact };
    replace(model, node, &[x], op)
}

impl Op for GatherTable {
    fn name(&self) -> StaticName {
        self.name.clone()
    }

    op_as_typed_op!();
}

impl EvalOp for GatherTable {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = args_1!(inputs);
        let x = f32_values(&x)?;
        let len = self.indices.len();
        let (shape, alignment) = match &self.output {
            Output::Tensor => (self.fact.shape.as_concrete().context("the shape is open")?, 16),
            Output::Packed { alignment, .. } => (&[len][..], *alignment),
        };
        let f32s = f32::datum_type();
        // SAFETY: `gather` writes each element.
        #[allow(unsafe_code)]
        let mut output = unsafe { Tensor::uninitialized_aligned_dt(f32s, shape, alignment)? };
        rows::gather(x, &self.indices, output.try_as_plain_ram_mut()?.as_slice_mut()?);
        let Output::Packed { panel_bytes, columns, .. } = self.output else {
            return Ok(tvec![output.into_tvalue()]);
        };
        let fact = self.fact.exotic_fact().and_then(|fact| fact.downcast_ref()).cloned();
        let fact = fact.context("a packed output has a packing")?;
        let packed = output.into_blob()?.into();
        let panels = EagerPackedInput { fact, packed, panel_bytes, mn: columns };
        let panels: Box<dyn MMMInputValue> = Box::new(panels);
        let storage = PackedMatrixStorage::new_batched(&[1, 1], tvec![panels]);
        Ok(tvec![storage.into_tensor(f32s).into_tvalue()])
    }
}

impl TypedOp for GatherTable {
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
        let kernel = Tensor::from_shape(&[3, 2, 3], &kernel).expect("18 f32_values");
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
        rewrite_decluttered(&mut model)?;
        model.optimize()?;
        rewrite_optimized(&mut model)?;
        Ok(model)
    }

    /// The number of tables in the plan, whose output is compared with the model's.
    fn table_count(model: TypedModel) -> TractResult<usize> {
        let shape = model.input_fact(0)?.shape.as_concrete().context("the shape is open")?;
        let x: Vec<f32> = (0..shape.iter().product()).map(|n| (n as f32).cos()).collect();
        let x = Tensor::from_shape(shape, &x)?.into_tvalue();
        let plan = optimized(model.clone())?;
        let count = plan.nodes().iter().filter(|node| node.op_is::<GatherTable>()).count();
        let run = |model| TypedSimplePlan::new(model)?.run(tvec![x.clone()]);
        let (whole, planned) = (run(model)?, run(plan)?);
        planned[0].close_enough(&whole[0], Approximation::Close)?;
        Ok(count)
    }

    #[test]
    fn columns_are_those_of_the_convolution() -> TractResult<()> {
        for (stride, dilation) in [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2)] {
            for (before, after) in [(0, 0), (1, 1), (2, 0)] {
                for frames in 5..=7 {
                    let y = format!(
                        "conv(x, w, 0.5, stride = [{stride}], dilation = [{dilation}],
                        padding = [({before}, {after})], border = \"constant\", groups = 1)"
                    );
                    let columns = (frames + before + after - 2 * dilation - 1) / stride + 1;
                    let count = table_count(model(&format!("1, 2, {frames}"), &y))?;
                    assert!(count == 1 || columns > MAX_COLUMNS, "{y} of {frames}: {count}");
                }
            }
        }
        Ok(())
    }

    #[test]
    fn a_gather_by_constant_indices_becomes_a_table() -> TractResult<()> {
        for (shape, axis) in [("4, 3", 0), ("2, 4", 1), ("2, 4, 3", 1)] {
            let y = format!("tract_core_gather(x, at, axis = {axis})");
            assert_eq!(table_count(model(shape, &y))?, 1);
        }
        Ok(())
    }

    #[test]
    fn an_index_out_of_range_is_left_to_tract() {
        let model = model("1, 3", "tract_core_gather(x, at, axis = 1)");
        let plan = optimized(model).expect("it is planned");
        assert!(!plan.nodes().iter().any(|node| node.op_is::<GatherTable>()));
    }
}

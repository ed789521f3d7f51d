//! What tract's NNEF writer cannot write: `proposal.md`.

use tract_core::ops::array::{MultiBroadcastTo, Slice};
use tract_core::ops::change_axes::AxisOp;
use tract_core::ops::element_wise::ElementWiseOp;
use tract_core::ops::konst::Const;
use tract_core::ops::math::{add, erf, mul};
use tract_core::ops::nn::GeluExact;
use tract_core::ops::source::TypedSource;
use tract_nnef::internal::*;

use super::hooks::{Hook, Stage};

inventory::submit! { Hook::Rewrite(Stage::Writing, 0, expand_gelu) }
inventory::submit! { Hook::Unwritable(find_unwritable) }

fn find_unwritable(model: &TypedModel) -> Option<(usize, &'static str)> {
    let node = model.nodes().iter().find(|node| has_unwritable_dim(node))?;
    Some((node.id, "NNEF text cannot express a minimum, maximum or broadcast of symbols"))
}

/// tract's writer panics on these dimensions.
fn has_unwritable_dim(node: &TypedNode) -> bool {
    let mut dims: Vec<TDim> = vec![];
    if let Some(op) = node.op_as::<TypedSource>() {
        dims.extend(op.fact.shape.iter().cloned());
    } else if let Some(AxisOp::Reshape(_, from, to)) = node.op_as::<AxisOp>() {
        dims.extend(from.iter().chain(to).cloned());
    } else if let Some(op) = node.op_as::<MultiBroadcastTo>() {
        dims.extend(op.shape.iter().cloned());
    } else if let Some(op) = node.op_as::<Slice>() {
        dims.extend([op.start.clone(), op.end.clone()]);
    } else if let Some(op) = node.op_as::<Const>()
        && let Ok(view) = op.val().to_plain_array_view::<TDim>()
    {
        dims.extend(view.iter().cloned());
    }
    dims.iter().any(unwritable)
}

fn unwritable(dim: &TDim) -> bool {
    match dim {
        TDim::Val(_) | TDim::Sym(_) => false,
        TDim::Add(terms) | TDim::Mul(terms) => terms.iter().any(unwritable),
        TDim::MulInt(_, dim) | TDim::Div(dim, _) => unwritable(dim),
        _ => true,
    }
}

/// Replaces exact GELU, which declutter finds and tract's writer has no NNEF for, by its definition:
/// 0.5 x (1 + erf(x / √2)).
fn expand_gelu(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default().with_rule_for("expand-gelu", gelu_rule).rewrite(&(), model)
}

fn gelu_rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    name: &str,
    op: &ElementWiseOp,
) -> TractResult<Option<TypedModelPatch>> {
    if !op.0.is::<GeluExact>() {
        return Ok(None);
    }
    let fact = model.outlet_fact(node.inputs[0])?;
    let mut patch = TypedModelPatch::default();
    let x = patch.tap_model(model, node.inputs[0])?;
    let mut constant = |what: &str, value: f32| {
        let scalar = tensor0(value).cast_to_dt(fact.datum_type)?.into_owned();
        patch.add_const(format!("{name}.{what}"), scalar.broadcast_into_rank(fact.rank())?)
    };
    let scale = constant("inverse_sqrt2", std::f32::consts::FRAC_1_SQRT_2)?;
    let one = constant("one", 1.0)?;
    let half = constant("half", 0.5)?;
    let scaled = patch.wire_node(format!("{name}.scaled"), mul(), &[x, scale])?[0];
    let erf = patch.wire_node(format!("{name}.erf"), erf(), &[scaled])?[0];
    let shifted = patch.wire_node(format!("{name}.shifted"), add(), &[erf, one])?[0];
    let halved = patch.wire_node(format!("{name}.halved"), mul(), &[x, half])?[0];
    let out = patch.wire_node(name, mul(), &[halved, shifted])?[0];
    patch.shunt_outside(model, node.id.into(), out)?;
    Ok(Some(patch))
}

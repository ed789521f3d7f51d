//! What runs as one operator of our own where tract runs many.
//!
//! A small transformer spends more on going from operator to operator than on numbers: an
//! attention is about twenty of tract's, a layer normalisation five, a rotation of positions
//! sixteen. Each is found by what it computes, whoever wrote it; what is not found runs as it was.

mod arithmetic;
mod attention;
mod layer_norm;
mod linear;
mod rotary;

use tract_nnef::internal::*;

use super::hooks::{Hook, Stage};

inventory::submit! { Hook::Rewrite(Stage::Loaded, 1, as_written) }
inventory::submit! { Hook::Rewrite(Stage::Decluttered, 1, as_decluttered) }
inventory::submit! { Hook::Rewrite(Stage::Optimized, 1, as_planned) }

/// Before tract declutters a model, which takes attentions and rotations apart.
fn as_written(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default()
        .with_rule_for("attention", attention::spelt_out)
        .with_rule_for("attention-operator", attention::named)
        .with_rule_for("rotary", rotary::rule)
        .rewrite(&(), model)
}

/// Once tract has found what normalises.
fn as_decluttered(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default().with_rule_for("layer-norm", layer_norm::rule).rewrite(&(), model)?;
    Rewriter::default().with_rule_for("linear", linear::rule).rewrite(&Default::default(), model)
}

/// Once tract has picked what runs.
fn as_planned(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default().with_rule_for("arithmetic", arithmetic::rule).rewrite(&(), model)
}

//! Fused operators, each in place of many of tract's: `proposal.md`.
//!
//! A small transformer spends more time between operators than in them: an attention is about twenty
//! operators in tract, a layer normalisation five, a rotary embedding sixteen. A rule matches the
//! computation, not names; unmatched operators run as before.

mod arithmetic;
mod attention;
mod layer_norm;
mod linear;
mod rotary;

use tract_nnef::internal::*;

use super::hooks::{Hook, Stage};

inventory::submit! { Hook::Rewrite(Stage::Loaded, 1, fuse_loaded) }
inventory::submit! { Hook::Rewrite(Stage::Decluttered, 1, fuse_decluttered) }
inventory::submit! { Hook::Rewrite(Stage::Optimized, 1, fuse_optimized) }

/// Before declutter, which takes attentions and rotary embeddings apart.
fn fuse_loaded(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default()
        .with_rule_for("attention", attention::product_rule)
        .with_rule_for("sdpa", attention::sdpa_rule)
        .with_rule_for("rotary", rotary::rule)
        .rewrite(&(), model)
}

/// After declutter, which finds `RmsNorm`.
fn fuse_decluttered(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default().with_rule_for("layer-norm", layer_norm::rule).rewrite(&(), model)?;
    Rewriter::default().with_rule_for("linear", linear::rule).rewrite(&Default::default(), model)
}

/// After tract has chosen its own operators.
fn fuse_optimized(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::default().with_rule_for("arithmetic", arithmetic::rule).rewrite(&(), model)
}

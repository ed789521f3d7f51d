//! How attention runs.

use tract_nnef::internal::*;
use tract_transformers::ops::sdpa::Sdpa;

/// Spells attention as two products and a softmax, which run on tract's simd kernels.
///
/// tract's own choice is one operator, FlashSDPA, that saves memory and multiplies number by
/// number: measured in WebAssembly, it took a third of a ViT.
pub(crate) fn as_products(mut model: TypedModel) -> TractResult<TypedModel> {
    Rewriter::default().with_rule_for("attention-as-products", rule).rewrite(&(), &mut model)?;
    Ok(model)
}

fn rule(
    _: &(),
    model: &TypedModel,
    node: &TypedNode,
    name: &str,
    op: &Sdpa,
) -> TractResult<Option<TypedModelPatch>> {
    let mut patch = op.patch_sdpa(model, node)?;
    // Every attention's nodes have the same names; a plan's nodes are told apart by theirs.
    for inner in patch.iter_mut().flat_map(|patch| &mut patch.model.nodes) {
        inner.name = format!("{name}.{}", inner.name);
    }
    Ok(patch)
}

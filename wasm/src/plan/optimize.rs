//! Declutters a model, fuses its nodes and picks kernels.

use tract_core::optim::Optimizer;
use tract_nnef::internal::*;

use crate::workarounds::{Stage, replace_passes, rewrite};

/// tract's `into_optimized`, with the workarounds' rewrites before, between and after its stages.
pub fn optimized(mut model: TypedModel) -> TractResult<TypedModel> {
    rewrite(Stage::Loaded, &mut model)?;
    let mut declutter = Optimizer::declutter();
    replace_passes(&model, &mut declutter);
    declutter.optimize(&mut model)?;
    rewrite(Stage::Decluttered, &mut model)?;
    model.optimize()?;
    rewrite(Stage::Optimized, &mut model)?;
    Ok(model)
}

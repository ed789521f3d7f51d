//! Where a workaround takes the place of tract's code, or goes before or after it.

use std::collections::BTreeMap;

use tract_core::optim::Optimizer;
use tract_nnef::ast::Document;
use tract_nnef::internal::*;
use tract_nnef::registry::ToTract;

use crate::errors::{Result, Values};

/// Parses the text of a file, nested at most so deep.
pub type Parser = fn(file: &str, text: &str, depth: usize) -> Result<Document>;

/// Checks the values of a run's symbols against a model's conditions.
pub type ConditionCheck = Box<dyn Fn(&Values) -> Result<()> + Send + Sync>;

/// One hook of a workaround.
pub enum Hook {
    /// In place of tract's parser.
    Parse(Parser),
    /// In place of the fragments and the registry that tract parses for each `Nnef`.
    Stdlib(fn() -> (Vec<FragmentDef>, Registry)),
    /// In place of what builds the operator of that name.
    Operator(&'static str, ToTract),
    /// Changes the passes that declutter a model.
    Passes(fn(&TypedModel, &mut Optimizer)),
    /// Rewrites a model at a stage. At one stage, in ascending order.
    Rewrite(Stage, u8, fn(&mut TypedModel) -> TractResult<()>),
    /// Makes the check of asserts and modes.
    Conditions(
        fn(
            asserts: &[String],
            modes: &BTreeMap<String, Vec<String>>,
        ) -> TractResult<ConditionCheck>,
    ),
}

inventory::collect!(Hook);

/// Stages of planning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// As loaded.
    Loaded,
    /// After tract's declutter.
    Decluttered,
    /// After tract has chosen kernels.
    Optimized,
}

fn hooks() -> impl Iterator<Item = &'static Hook> {
    inventory::iter::<Hook>.into_iter()
}

/// The parser in place of tract's, if any.
pub fn parser() -> Option<Parser> {
    hooks().find_map(|hook| match hook {
        Hook::Parse(parser) => Some(*parser),
        _ => None,
    })
}

/// The standard's fragments and the registry of its operators.
pub fn stdlib() -> (Vec<FragmentDef>, Registry) {
    let make = hooks().find_map(|hook| match hook {
        Hook::Stdlib(make) => Some(make),
        _ => None,
    });
    match make {
        Some(make) => make(),
        None => (tract_nnef::framework::stdlib(), tract_nnef::ops::tract_nnef()),
    }
}

/// Puts operators in the place of tract's.
pub fn replace_operators(registry: &mut Registry) {
    for hook in hooks() {
        if let Hook::Operator(id, build) = hook
            && let Some(primitive) = registry.primitives.get_mut(&Identifier::from(*id))
        {
            primitive.to_tract = *build;
        }
    }
}

/// Puts passes in the place of tract's.
pub fn replace_passes(model: &TypedModel, optimizer: &mut Optimizer) {
    for hook in hooks() {
        if let Hook::Passes(replace) = hook {
            replace(model, optimizer);
        }
    }
}

/// Rewrites a model at a stage.
pub fn rewrite(at: Stage, model: &mut TypedModel) -> TractResult<()> {
    let mut rewrites: Vec<_> = hooks()
        .filter_map(|hook| match hook {
            Hook::Rewrite(stage, order, rewrite) if *stage == at => Some((*order, *rewrite)),
            _ => None,
        })
        .collect();
    rewrites.sort_by_key(|(order, _)| *order);
    rewrites.into_iter().try_for_each(|(_, rewrite)| rewrite(model))
}

/// The check of asserts and modes.
pub fn check_conditions(
    asserts: &[String],
    modes: &BTreeMap<String, Vec<String>>,
) -> TractResult<ConditionCheck> {
    let make = hooks().find_map(|hook| match hook {
        Hook::Conditions(make) => Some(make),
        _ => None,
    });
    make.map_or_else(
        || Ok(Box::new(|_: &Values| Ok(())) as ConditionCheck),
        |make| make(asserts, modes),
    )
}

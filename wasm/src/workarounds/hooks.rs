//! Hooks: the places where a workaround replaces tract's code or adds to it.

use std::collections::BTreeMap;

use tract_core::optim::Optimizer;
use tract_nnef::ast::Document;
use tract_nnef::internal::*;
use tract_nnef::registry::ToTract;

use crate::errors::{Result, Values};

/// Parses the text of a file. `depth` limits its nesting.
pub type Parser = fn(file: &str, text: &str, depth: usize) -> Result<Document>;

/// Checks the values of a run's symbols against a model's conditions.
pub type ConditionCheck = Box<dyn Fn(&Values) -> Result<()> + Send + Sync>;

/// Makes the check for a model's asserts and modes.
pub type MakeConditionCheck =
    fn(asserts: &[String], modes: &BTreeMap<String, Vec<String>>) -> TractResult<ConditionCheck>;

/// One hook of a workaround.
pub enum Hook {
    /// Replaces tract's parser.
    Parse(Parser),
    /// Makes the standard's fragments and registry, which tract parses for each `Nnef`.
    Stdlib(fn() -> (Vec<FragmentDef>, Registry)),
    /// Replaces the builder of the operator of that name.
    Operator(&'static str, ToTract),
    /// Changes the passes that declutter a model.
    Passes(fn(&TypedModel, &mut Optimizer)),
    /// Rewrites a model at a stage. Rewrites of one stage run in ascending order of the number.
    Rewrite(Stage, u8, fn(&mut TypedModel) -> TractResult<()>),
    /// Finds a node that tract's writer panics on: its id, and why.
    Unwritable(fn(&TypedModel) -> Option<(usize, &'static str)>),
    /// Makes the check of asserts and modes.
    Conditions(MakeConditionCheck),
}

inventory::collect!(Hook);

/// Stages of a model on the way to a plan or to text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// As loaded.
    Loaded,
    /// After tract's declutter.
    Decluttered,
    /// After tract has chosen kernels.
    Optimized,
    /// Decluttered, before it is written.
    Writing,
}

fn hooks() -> impl Iterator<Item = &'static Hook> {
    inventory::iter::<Hook>.into_iter()
}

/// The parser that replaces tract's, if any.
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

/// Replaces builders of operators.
pub fn replace_operators(registry: &mut Registry) {
    for hook in hooks() {
        if let Hook::Operator(id, build) = hook
            && let Some(primitive) = registry.primitives.get_mut(&Identifier::from(*id))
        {
            primitive.to_tract = *build;
        }
    }
}

/// Replaces passes of declutter.
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

/// A node that tract's writer would panic on: its id, and why.
pub fn find_unwritable(model: &TypedModel) -> Option<(usize, &'static str)> {
    hooks().find_map(|hook| match hook {
        Hook::Unwritable(find) => find(model),
        _ => None,
    })
}

/// Makes the check of asserts and modes.
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

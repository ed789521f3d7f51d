//! A model prepared for running.

use std::collections::HashSet;

use serde::Serialize;
use tract_core::ops::scan::{InputMapping, OptScan, Scan};
use tract_nnef::internal::*;
use tract_pulse_opl::ops::Delay;

use super::checked::add_checks;
use super::input_validator::InputValidator;
use crate::errors::{Error, Kind, Result};
use crate::plan::optimize::optimized;
use crate::plan::provenance::provenance;
use crate::read::model::{About, Model};

/// What a node keeps from run to run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Memory {
    /// Past frames.
    Delay {
        /// Time axis.
        axis: usize,
        /// Delay in frames.
        delay: usize,
        /// Further past frames in the buffer.
        overlap: usize,
    },
    /// A recurrence.
    Scan,
}

/// A node of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Id in the plan.
    pub id: usize,
    /// Name.
    pub name: String,
    /// Operator.
    pub op: String,
    /// Names of the model's nodes that it computes.
    pub covers: Vec<String>,
    /// What it keeps from run to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Memory>,
}

/// A model prepared for running. Immutable, shared by its states.
#[derive(Debug)]
pub struct Runnable {
    pub(crate) plan: Arc<TypedSimplePlan>,
    pub(crate) about: About,
    pub(crate) steps: Vec<Step>,
    pub(crate) validator: InputValidator,
}

impl Runnable {
    /// Plans a model. `optimize` fuses nodes and picks kernels.
    pub fn new(model: &Model, optimize: bool) -> Result<Arc<Runnable>> {
        prepare(model, optimize)
            .map(Arc::new)
            .map_err(|e| Error::from_tract(Kind::Prepare, "cannot prepare the model", &e))
    }

    /// The model's description.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The nodes of the plan, in the order of running.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

fn prepare(model: &Model, optimize: bool) -> TractResult<Runnable> {
    let source = &model.typed;
    // With an empty axis an optimised plan fails or panics: `tests/engine/reports/empty-axis.md`.
    let optimize = optimize && !model.conditions.fixed.values().any(|value| *value == 0);
    let mut typed = match optimize {
        true => optimized(source.clone())?,
        false => source.clone(),
    };
    add_checks(&mut typed)?;
    let validator =
        InputValidator::new(source, &model.about.inputs, &model.conditions, &pinned(source)?)?;
    let plan = TypedSimplePlan::new(typed)?;
    let planned = plan.model();
    let provenance = provenance(source, planned, model.names.assigned.as_ref())?;
    let steps = plan.order_without_consts().iter().map(|id| {
        let node = planned.node(*id);
        Step {
            id: *id,
            name: node.name.clone(),
            op: node.op.name().into_owned(),
            covers: provenance.get(id).cloned().unwrap_or_default(),
            state: memory(node),
        }
    });
    let steps = steps.collect();
    Ok(Runnable { steps, validator, about: model.about.clone(), plan })
}

fn memory(node: &TypedNode) -> Option<Memory> {
    if let Some(op) = node.op_as::<Delay>() {
        return Some(Memory::Delay { axis: op.axis, delay: op.delay, overlap: op.overlap });
    }
    (node.op_is::<Scan>() || node.op_is::<OptScan>()).then_some(Memory::Scan)
}

/// Symbols in the shapes of a state's tensors. They must keep their values while the state lives.
fn pinned(model: &TypedModel) -> TractResult<HashSet<String>> {
    let mut symbols = HashSet::new();
    for node in model.nodes() {
        if let Some(delay) = node.op_as::<Delay>() {
            symbols.extend(delay.buffer_shape.iter().flat_map(|dim| dim.symbols()));
        }
        if let Some(scan) = node.op_as::<Scan>() {
            for (input, mapping) in node.inputs.iter().zip(&scan.input_mapping) {
                if *mapping == InputMapping::State {
                    let fact = model.outlet_fact(*input)?;
                    symbols.extend(fact.shape.iter().flat_map(|dim| dim.symbols()));
                }
            }
        }
    }
    Ok(symbols.iter().map(ToString::to_string).collect())
}

//! Runs that are watched: values on wires, times of nodes, contents of delays.

use std::collections::HashSet;

use tract_core::plan::eval;
use tract_nnef::internal::*;
use tract_pulse_opl::ops::{Delay, DelayState};

use super::state::State;
use crate::clock;
use crate::errors::Result;

/// What to keep of a run.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Measure each node.
    pub timing: bool,
    /// Nodes whose outputs are kept; None keeps none.
    pub values: Option<Keep>,
    /// Keep the contents of delays.
    pub states: bool,
}

/// Which nodes.
#[derive(Debug, Clone)]
pub enum Keep {
    /// All.
    All,
    /// Those with these ids.
    Only(HashSet<usize>),
}

impl Keep {
    fn has(&self, id: usize) -> bool {
        match self {
            Keep::All => true,
            Keep::Only(ids) => ids.contains(&id),
        }
    }
}

/// What was seen. Nodes are those of [`Runnable::steps`](super::runnable::Runnable::steps), by id.
#[derive(Debug, Default)]
pub struct Seen {
    /// The model's outputs.
    pub outputs: TVec<TValue>,
    /// Milliseconds of the whole run, when timed.
    pub total_ms: f64,
    /// Milliseconds by node id, when timed.
    pub ms: Vec<f64>,
    /// Outputs of the nodes kept.
    pub values: Vec<(usize, TVec<TValue>)>,
    /// What delays hold, oldest frame first.
    pub delays: Vec<(usize, Tensor)>,
}

/// One run, watched.
pub fn trace(state: &mut State, inputs: TVec<TValue>, watch: &Watch) -> Result<Seen> {
    let nodes = state.runnable.plan.model().nodes().len();
    let runs = state.runs + 1;
    state.run_with(inputs, |state, inputs| {
        let mut seen =
            Seen { ms: vec![0.0; if watch.timing { nodes } else { 0 }], ..Seen::default() };
        let start = if watch.timing { clock::now() } else { 0.0 };
        let mut last = start;
        let outputs = state.run_plan_with_eval(inputs, |ctx, mut op_state, node, inputs| {
            let pulse = delay_pulse(node, &inputs, watch);
            let outputs = eval(ctx, op_state.as_deref_mut(), node, inputs)?;
            if watch.timing {
                // From the end of the node before: what the plan does between two nodes counts.
                let now = clock::now();
                seen.ms[node.id] += now - last;
                last = now;
            }
            if watch.values.as_ref().is_some_and(|keep| keep.has(node.id)) {
                seen.values.push((node.id, outputs.clone()));
            }
            if let (Some(pulse), Some(state)) = (pulse, op_state)
                && let Some(buffer) = held(node, state, pulse * runs)?
            {
                seen.delays.push((node.id, buffer));
            }
            if watch.timing && (watch.values.is_some() || watch.states) {
                last = clock::now();
            }
            TractResult::Ok(outputs)
        })?;
        seen.total_ms = if watch.timing { clock::now() - start } else { 0.0 };
        seen.outputs = outputs;
        Ok(seen)
    })
}

fn delay_pulse(node: &TypedNode, inputs: &[TValue], watch: &Watch) -> Option<usize> {
    let delay = node.op_as::<Delay>().filter(|_| watch.states)?;
    Some(inputs[0].shape()[delay.axis])
}

/// The frames a delay holds after `frames` have come in. It keeps them in a ring, overwritten
/// from `frames` modulo its length on.
fn held(node: &TypedNode, state: &dyn OpState, frames: usize) -> TractResult<Option<Tensor>> {
    let (Some(delay), Some(state)) = (node.op_as::<Delay>(), state.downcast_ref::<DelayState>())
    else {
        return Ok(None);
    };
    let Some(ring) = &state.buffer else {
        return Ok(None);
    };
    let head = delay.ring_index(frames);
    if head == 0 {
        return Ok(Some(ring.clone()));
    }
    let oldest = ring.slice(delay.axis, head, delay.buffered())?;
    let newest = ring.slice(delay.axis, 0, head)?;
    Ok(Some(Tensor::stack_tensors(delay.axis, &[oldest, newest])?))
}

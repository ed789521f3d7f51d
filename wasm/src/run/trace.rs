//! Traced runs: values of wires, times of nodes, contents of delays.

use std::collections::HashSet;

use tract_core::plan::eval;
use tract_nnef::internal::*;
use tract_pulse_opl::ops::{Delay, DelayState};

use super::state::State;
use crate::clock;
use crate::errors::Result;

/// What to record of a run.
#[derive(Debug, Clone, Default)]
pub struct TraceOptions {
    /// Time each node.
    pub timing: bool,
    /// Nodes whose outputs to record.
    pub values: NodeFilter,
    /// Record the contents of delays.
    pub states: bool,
}

/// A set of nodes.
#[derive(Debug, Clone, Default)]
pub enum NodeFilter {
    /// No node.
    #[default]
    None,
    /// All nodes.
    All,
    /// Nodes with these ids.
    Only(HashSet<usize>),
}

impl NodeFilter {
    fn contains(&self, id: usize) -> bool {
        match self {
            NodeFilter::None => false,
            NodeFilter::All => true,
            NodeFilter::Only(ids) => ids.contains(&id),
        }
    }
}

/// What a trace recorded. Nodes are those of [`Runnable::steps`](super::runnable::Runnable::steps), by id.
#[derive(Debug, Default)]
pub struct Trace {
    /// The model's outputs.
    pub outputs: TVec<TValue>,
    /// Milliseconds of the whole run, if timed.
    pub total_ms: f64,
    /// Milliseconds by node id, if timed.
    pub ms: Vec<f64>,
    /// Recorded outputs, by node id.
    pub values: Vec<(usize, TVec<TValue>)>,
    /// Contents of delays by node id, oldest frame first.
    pub delays: Vec<(usize, Tensor)>,
}

/// Runs a pulse and records it.
pub fn trace(state: &mut State, inputs: TVec<TValue>, options: &TraceOptions) -> Result<Trace> {
    let nodes = state.runnable.plan.model().nodes().len();
    let runs = state.runs + 1;
    state.run_with(inputs, |state, inputs| {
        let mut trace =
            Trace { ms: vec![0.0; if options.timing { nodes } else { 0 }], ..Trace::default() };
        let start = if options.timing { clock::now() } else { 0.0 };
        let mut last = start;
        let outputs = state.run_plan_with_eval(inputs, |ctx, mut op_state, node, inputs| {
            let pulse = delay_pulse(node, &inputs, options);
            let outputs = eval(ctx, op_state.as_deref_mut(), node, inputs)?;
            if options.timing {
                // From the end of the previous node, so that time between nodes counts.
                let now = clock::now();
                trace.ms[node.id] += now - last;
                last = now;
            }
            if options.values.contains(node.id) {
                trace.values.push((node.id, outputs.clone()));
            }
            if let (Some(pulse), Some(state)) = (pulse, op_state)
                && let Some(buffer) = delay_buffer(node, state, pulse * runs)?
            {
                trace.delays.push((node.id, buffer));
            }
            if options.timing && (!matches!(options.values, NodeFilter::None) || options.states) {
                last = clock::now();
            }
            TractResult::Ok(outputs)
        })?;
        trace.total_ms = if options.timing { clock::now() - start } else { 0.0 };
        trace.outputs = outputs;
        Ok(trace)
    })
}

fn delay_pulse(node: &TypedNode, inputs: &[TValue], options: &TraceOptions) -> Option<usize> {
    let delay = node.op_as::<Delay>().filter(|_| options.states)?;
    Some(inputs[0].shape()[delay.axis])
}

/// The frames in a delay after `frames` input frames. They are in a ring buffer, whose oldest frame
/// is at `frames` modulo its length.
fn delay_buffer(
    node: &TypedNode,
    state: &dyn OpState,
    frames: usize,
) -> TractResult<Option<Tensor>> {
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

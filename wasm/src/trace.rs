//! Runs that are watched: values on wires, times of nodes, contents of delays.

use std::collections::HashSet;

use tract_core::plan::eval;
use tract_nnef::internal::*;
use tract_pulse_opl::ops::{Delay, DelayState};

use crate::clock;
use crate::errors::Result;
use crate::runnable::{Runnable, State};

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

/// What was seen. Nodes are those of [`Runnable::steps`], by id.
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

/// Mean times over many runs.
#[derive(Debug, Default)]
pub struct Profile {
    /// Runs summed over.
    pub rounds: usize,
    /// The smallest step seen on the clock, in milliseconds.
    pub clock_step_ms: f64,
    /// Mean milliseconds of a run.
    pub total_ms: f64,
    /// Mean milliseconds by node id.
    pub ms: Vec<f64>,
}

/// A clock's step is looked for during this many milliseconds at most.
const STEP_SEARCH_MS: f64 = 20.0;
/// Without a number of rounds, the whole lasts this many steps of the clock.
const STEPS: f64 = 1000.0;
/// But no shorter and no longer than this, in milliseconds.
const SHORTEST_MS: f64 = 50.0;
const LONGEST_MS: f64 = 2000.0;

/// Times nodes over `rounds` runs of a fresh state; 0 chooses as many as the clock needs.
///
/// A browser's clock moves in steps longer than a node takes. Readings truncated to a step are
/// right in the mean over many runs, as steps fall anywhere in them.
pub fn profile(runnable: &Arc<Runnable>, inputs: TVec<TValue>, rounds: usize) -> Result<Profile> {
    let mut state = State::new(runnable)?;
    state.run(inputs.clone())?;
    let step = clock_step();
    let watch = Watch { timing: true, ..Watch::default() };
    let nodes = runnable.plan.model().nodes().len();
    let mut profile = Profile { clock_step_ms: step, ms: vec![0.0; nodes], ..Profile::default() };
    let start = clock::now();
    loop {
        let seen = trace(&mut state, inputs.clone(), &watch)?;
        profile.rounds += 1;
        profile.total_ms += seen.total_ms;
        for (sum, ms) in profile.ms.iter_mut().zip(seen.ms) {
            *sum += ms;
        }
        let elapsed = clock::now() - start;
        let enough = match rounds {
            0 => elapsed >= (step * STEPS).clamp(SHORTEST_MS, LONGEST_MS),
            rounds => profile.rounds >= rounds,
        };
        if enough {
            break;
        }
    }
    let rounds = profile.rounds as f64;
    profile.total_ms /= rounds;
    profile.ms.iter_mut().for_each(|sum| *sum /= rounds);
    Ok(profile)
}

fn clock_step() -> f64 {
    let start = clock::now();
    let mut last = start;
    let mut least = f64::INFINITY;
    while last - start < STEP_SEARCH_MS {
        let now = clock::now();
        if now > last {
            least = least.min(now - last);
            last = now;
        }
    }
    least
}

//! Times of a plan's nodes.

use tract_nnef::internal::*;

use super::runnable::Runnable;
use super::state::State;
use super::trace::{TraceOptions, trace};
use crate::clock;
use crate::errors::Result;

/// Mean times of many runs.
#[derive(Debug, Default)]
pub struct Profile {
    /// Number of runs.
    pub rounds: usize,
    /// The smallest step of the clock, in milliseconds.
    pub clock_step_ms: f64,
    /// Mean milliseconds of a run.
    pub total_ms: f64,
    /// Mean milliseconds by node id.
    pub ms: Vec<f64>,
}

/// Time limit of the search for the clock's step.
const MAX_STEP_SEARCH_MS: f64 = 20.0;
/// The default duration, in steps of the clock.
const STEPS: f64 = 1000.0;
/// Bounds of the default duration.
const MIN_MS: f64 = 50.0;
const MAX_MS: f64 = 2000.0;

/// Times nodes in `rounds` runs of a new state; 0 chooses the number from the clock's step.
///
/// A step of a browser's clock is longer than a node takes. The mean of many truncated readings is
/// still right, because steps fall at random.
pub fn profile(runnable: &Arc<Runnable>, inputs: TVec<TValue>, rounds: usize) -> Result<Profile> {
    let mut state = State::new(runnable)?;
    state.run(inputs.clone())?;
    let step = clock_step();
    let options = TraceOptions { timing: true, ..TraceOptions::default() };
    let nodes = runnable.plan.model().nodes().len();
    let mut profile = Profile { clock_step_ms: step, ms: vec![0.0; nodes], ..Profile::default() };
    let start = clock::now();
    loop {
        let run = trace(&mut state, inputs.clone(), &options)?;
        profile.rounds += 1;
        profile.total_ms += run.total_ms;
        for (sum, ms) in profile.ms.iter_mut().zip(run.ms) {
            *sum += ms;
        }
        let elapsed = clock::now() - start;
        let enough = match rounds {
            0 => elapsed >= (step * STEPS).clamp(MIN_MS, MAX_MS),
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
    let mut smallest = f64::INFINITY;
    while last - start < MAX_STEP_SEARCH_MS {
        let now = clock::now();
        if now > last {
            smallest = smallest.min(now - last);
            last = now;
        }
    }
    smallest
}

//! Times of a model's nodes.

use tract_nnef::internal::*;

use super::runnable::Runnable;
use super::state::State;
use super::trace::{Watch, trace};
use crate::clock;
use crate::errors::Result;

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

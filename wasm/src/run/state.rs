//! One stream of a prepared model.

use tract_nnef::internal::*;

use super::runnable::Runnable;
use crate::errors::{Error, Kind, Result};

impl Runnable {
    /// Runs once, without state.
    pub fn run(self: &Arc<Self>, inputs: TVec<TValue>) -> Result<TVec<TValue>> {
        State::new(self)?.run(inputs)
    }
}

/// One stream: a prepared model and its state.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) runnable: Arc<Runnable>,
    /// None after a failed run, which leaves it half updated.
    inner: Option<TypedSimpleState>,
    pinned: Option<TVec<i64>>,
    /// Runs since the start of the stream.
    pub(crate) runs: usize,
}

impl State {
    /// Starts a stream.
    pub fn new(runnable: &Arc<Runnable>) -> Result<State> {
        let inner = spawn(runnable)?;
        Ok(State { runnable: runnable.clone(), inner: Some(inner), pinned: None, runs: 0 })
    }

    /// Runs one pulse. Invalid inputs leave the state unchanged; a failed run poisons it.
    pub fn run(&mut self, inputs: TVec<TValue>) -> Result<TVec<TValue>> {
        self.run_with(inputs, |state, inputs| state.run(inputs))
    }

    /// Validates the inputs, then calls `run`.
    pub(crate) fn run_with<R>(
        &mut self,
        inputs: TVec<TValue>,
        run: impl FnOnce(&mut TypedSimpleState, TVec<TValue>) -> TractResult<R>,
    ) -> Result<R> {
        if self.inner.is_none() {
            let message = "an earlier run of this state failed: reset the state or use another";
            return Err(Error::new(Kind::Poisoned, message));
        }
        let pinned = self.runnable.validator.check(&inputs)?;
        if let Some(before) = &self.pinned
            && *before != pinned
        {
            return Err(self.runnable.validator.pinned_error(before, &pinned));
        }
        let mut state = self.inner.take().expect("checked above");
        let result = run(&mut state, inputs)
            .map_err(|e| Error::from_tract(Kind::Run, "the run failed", &e))?;
        self.inner = Some(state);
        self.pinned = Some(pinned);
        self.runs += 1;
        Ok(result)
    }

    /// Returns to the start of the stream.
    pub fn reset(&mut self) -> Result<()> {
        *self = State::new(&self.runnable.clone())?;
        Ok(())
    }
}

fn spawn(runnable: &Runnable) -> Result<TypedSimpleState> {
    let spawned = runnable.plan.spawn();
    spawned.map_err(|e| Error::from_tract(Kind::Prepare, "cannot start a stream", &e))
}

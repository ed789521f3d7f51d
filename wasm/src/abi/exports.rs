//! The functions the WebAssembly module exports, called by `js/instance.ts`.
//!
//! Arguments too large for a number are written by the host into an exchange buffer before the
//! call; what is too large for a number is left in a reply buffer. Where both lie stands in the
//! control block. A function answers a number from 0, or [`FAILED`] with the error as JSON in the
//! reply. Handles are numbers from 1.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde::{Deserialize, Serialize};
use tract_nnef::internal::*;

use super::memory;
use crate::errors::{Error, Kind, Result, Values};
use crate::limits::Limits;
use crate::plan::{graph, pulse, write};
use crate::read::load;
use crate::read::model::Model;
use crate::read::tensors::{Reader, Writer, crosses};
use crate::run::profile;
use crate::run::runnable::Runnable;
use crate::run::state::State;
use crate::run::trace::{self, Keep, Watch};

const FAILED: i32 = -1;
/// Buffers above this many bytes are given back after use.
const KEPT: usize = 1 << 20;

/// However small tensors must be, loading needs blocks of this size.
const LEAST_LIMIT: u64 = 16 << 20;

/// exchange address, exchange size, reply address, reply size, panic message address, its size.
static CONTROL: [AtomicUsize; 6] = [const { AtomicUsize::new(0) }; 6];

thread_local! {
    static HOST: RefCell<Host> = RefCell::default();
}

#[derive(Default)]
struct Host {
    exchange: Vec<u8>,
    reply: Vec<u8>,
    last: u32,
    models: BTreeMap<u32, Model>,
    runnables: BTreeMap<u32, Arc<Runnable>>,
    states: BTreeMap<u32, State>,
}

impl Host {
    fn handle(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    fn keep_model(&mut self, model: Model) -> i32 {
        let handle = self.handle();
        self.models.insert(handle, model);
        handle as i32
    }

    fn keep_state(&mut self, state: State) -> i32 {
        let handle = self.handle();
        self.states.insert(handle, state);
        handle as i32
    }

    fn answer(&mut self, bytes: Vec<u8>) -> i32 {
        let length = bytes.len() as i32;
        self.reply = bytes;
        length
    }

    fn json(&mut self, value: &impl Serialize) -> Result<i32> {
        let json = serde_json::to_vec(value)
            .map_err(|e| Error::new(Kind::Model, format!("cannot describe the model: {e}")))?;
        Ok(self.answer(json))
    }

    fn options<'a, T: Deserialize<'a>>(&'a self, length: u32) -> Result<T> {
        serde_json::from_slice(&self.exchange[..length as usize])
            .map_err(|e| Error::new(Kind::Input, format!("malformed options: {e}")))
    }

    fn inputs(&self) -> Result<TVec<TValue>> {
        Reader::new(&self.exchange).tensors()
    }

    fn writer(&mut self) -> Writer {
        Writer::reuse(std::mem::take(&mut self.reply))
    }

    fn outputs(&mut self, outputs: &[TValue]) -> Result<i32> {
        let mut writer = self.writer();
        writer.tensors(outputs).map_err(unwritable)?;
        Ok(self.answer(writer.into_bytes()))
    }

    fn publish(&mut self) {
        if self.reply.capacity() > KEPT && self.reply.is_empty() {
            self.reply = vec![];
        }
        CONTROL[0].store(self.exchange.as_ptr().addr(), Relaxed);
        CONTROL[1].store(self.exchange.len(), Relaxed);
        CONTROL[2].store(self.reply.as_ptr().addr(), Relaxed);
        CONTROL[3].store(self.reply.len(), Relaxed);
    }
}

fn unwritable(error: TractError) -> Error {
    Error::from_tract(Kind::Run, "an output cannot be handed out", &error)
}

fn gone() -> Error {
    Error::new(Kind::Disposed, "this handle was disposed of")
}

fn find<T>(table: &BTreeMap<u32, T>, handle: u32) -> Result<&T> {
    table.get(&handle).ok_or_else(gone)
}

fn call(body: impl FnOnce(&mut Host) -> Result<i32>) -> i32 {
    HOST.with_borrow_mut(|host| {
        let status = body(host).unwrap_or_else(|error| {
            let json = serde_json::to_vec(&error).unwrap_or_default();
            host.answer(json);
            FAILED
        });
        host.publish();
        status
    })
}

/// Address of the control block.
pub fn control() -> usize {
    CONTROL.as_ptr().addr()
}

/// Leaves what a panic says in the control block. What is left of the instance is not to be called
/// again: the message is leaked. The engine is built without places.
pub fn record_panic(info: &PanicHookInfo) {
    let reason = info.payload_as_str().unwrap_or("for no given reason");
    let message: &'static str = Box::leak(format!("panicked: {reason}").into_boxed_str());
    CONTROL[4].store(message.as_ptr().addr(), Relaxed);
    CONTROL[5].store(message.len(), Relaxed);
}

// What follows only exports names: nothing behind it is unsafe.
macro_rules! exports {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty $body:block)*) => {
        $($(#[$doc])*
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($arg: $type),*) -> $result $body)*
    };
}

exports! {
    /// Versions of this crate and of tract, in the reply.
    fn versions() -> i32 {
        let versions = serde_json::json!({
            "package": env!("CARGO_PKG_VERSION"),
            "tract": env!("TRACT_VERSION"),
        });
        call(|host| host.json(&versions))
    }

    /// Address of the size of the block last refused by the allocator.
    fn refused() -> usize {
        memory::refused().as_ptr().addr()
    }

    /// Makes the exchange buffer hold at least `length` bytes.
    fn exchange(length: u32) -> i32 {
        call(|host| {
            let length = length as usize;
            if length > host.exchange.len() || host.exchange.len() > KEPT {
                host.exchange = vec![0; length];
            }
            Ok(0)
        })
    }

    /// Loads the archive in the exchange buffer, followed by limits as JSON.
    fn load_model(archive: u32, limits: u32) -> i32 {
        call(|host| {
            let bytes = std::mem::take(&mut host.exchange);
            let (archive, rest) = bytes.split_at(archive as usize);
            let limits: Limits = serde_json::from_slice(&rest[..limits as usize])
                .map_err(|e| Error::new(Kind::Input, format!("malformed limits: {e}")))?;
            let largest = limits.tensor_bytes.max(LEAST_LIMIT).max(2 * archive.len() as u64);
            memory::set_limit(usize::try_from(largest).unwrap_or(usize::MAX));
            let model = load::load(archive, &limits);
            memory::set_limit(usize::MAX);
            Ok(host.keep_model(model?))
        })
    }

    /// What a model says of itself.
    fn model_about(model: u32) -> i32 {
        call(|host| {
            let about = find(&host.models, model)?.about().clone();
            host.json(&about)
        })
    }

    /// Fixes the symbols given as JSON.
    fn model_set_symbols(model: u32, length: u32) -> i32 {
        call(|host| {
            let values: Values = host.options(length)?;
            let set = find(&host.models, model)?.set_symbols(&values)?;
            Ok(host.keep_model(set))
        })
    }

    /// Cuts into pulses, `[symbol, pulse]` given as JSON.
    fn model_pulse(model: u32, length: u32) -> i32 {
        call(|host| {
            let (symbol, pulse): (String, i64) = host.options(length)?;
            let pulsed = pulse::pulse(find(&host.models, model)?, &symbol, pulse)?;
            Ok(host.keep_model(pulsed))
        })
    }

    /// The model's graph.
    fn model_graph(model: u32) -> i32 {
        call(|host| {
            let graph = graph::graph(&find(&host.models, model)?.typed)
                .map_err(|e| Error::from_tract(Kind::Model, "cannot show the graph", &e))?;
            host.json(&graph)
        })
    }

    /// The model as a tar.
    fn model_write(model: u32) -> i32 {
        call(|host| {
            let tar = write::write(find(&host.models, model)?)?;
            Ok(host.answer(tar))
        })
    }

    /// Prepares a model.
    fn model_prepare(model: u32, optimize: u32) -> i32 {
        call(|host| {
            let runnable = Runnable::new(find(&host.models, model)?, optimize != 0)?;
            let handle = host.handle();
            host.runnables.insert(handle, runnable);
            Ok(handle as i32)
        })
    }

    /// The nodes of a plan.
    fn runnable_steps(runnable: u32) -> i32 {
        call(|host| {
            let runnable = find(&host.runnables, runnable)?.clone();
            host.json(&runnable.steps())
        })
    }

    /// Runs once on the inputs in the exchange buffer.
    fn runnable_run(runnable: u32) -> i32 {
        call(|host| {
            let outputs = find(&host.runnables, runnable)?.run(host.inputs()?)?;
            host.outputs(&outputs)
        })
    }

    /// Times nodes; replies rounds, clock step, total, and a time for each node of the plan.
    fn runnable_profile(runnable: u32, rounds: u32) -> i32 {
        call(|host| {
            let runnable = find(&host.runnables, runnable)?.clone();
            let profile = profile::profile(&runnable, host.inputs()?, rounds as usize)?;
            let mut writer = host.writer();
            let head = [profile.rounds as f64, profile.clock_step_ms, profile.total_ms];
            let nodes = runnable.steps().iter().map(|step| profile.ms[step.id]);
            head.into_iter().chain(nodes).for_each(|value| writer.f64(value));
            Ok(host.answer(writer.into_bytes()))
        })
    }

    /// Starts a stream.
    fn runnable_spawn(runnable: u32) -> i32 {
        call(|host| {
            let state = State::new(find(&host.runnables, runnable)?)?;
            Ok(host.keep_state(state))
        })
    }

    /// Runs a pulse on the inputs in the exchange buffer.
    fn state_run(state: u32) -> i32 {
        call(|host| {
            let inputs = host.inputs()?;
            let outputs = host.states.get_mut(&state).ok_or_else(gone)?.run(inputs)?;
            host.outputs(&outputs)
        })
    }

    /// Runs a pulse and replies what was seen. In the exchange buffer: `timing: u32, states: u32,
    /// values: u32` (0 none, 1 all, 2 those listed), `count: u32`, ids, padding, inputs.
    fn state_trace(state: u32) -> i32 {
        call(|host| {
            let mut reader = Reader::new(&host.exchange);
            let timing = reader.u32()? != 0;
            let states = reader.u32()? != 0;
            let which = reader.u32()?;
            let count = reader.u32()?;
            let ids = (0..count).map(|_| Ok(reader.u32()? as usize));
            let ids = ids.collect::<Result<HashSet<usize>>>()?;
            let values = match which {
                0 => None,
                1 => Some(Keep::All),
                _ => Some(Keep::Only(ids)),
            };
            reader.align();
            let inputs = reader.tensors()?;
            let state = host.states.get_mut(&state).ok_or_else(gone)?;
            let seen = trace::trace(state, inputs, &Watch { timing, values, states })?;
            let runnable = state.runnable.clone();
            let mut writer = host.writer();
            reply_seen(&mut writer, &runnable, &seen, timing).map_err(unwritable)?;
            Ok(host.answer(writer.into_bytes()))
        })
    }

    /// Copies a stream.
    fn state_clone(state: u32) -> i32 {
        call(|host| {
            let copy = find(&host.states, state)?.clone();
            Ok(host.keep_state(copy))
        })
    }

    /// Back to the start of a stream.
    fn state_reset(state: u32) -> i32 {
        call(|host| host.states.get_mut(&state).ok_or_else(gone)?.reset().map(|()| 0))
    }

    /// Frees what a handle stands for.
    fn dispose(handle: u32) -> i32 {
        call(|host| {
            host.models.remove(&handle);
            host.runnables.remove(&handle);
            host.states.remove(&handle);
            Ok(0)
        })
    }
}

/// Outputs; when timed, the total and the time of each node of the plan; then `count: u32` values
/// and `count: u32` delays, each `id: u32, outputs: u32` and its tensors. Tensors of a type that
/// cannot leave the engine are left out.
fn reply_seen(
    writer: &mut Writer,
    runnable: &Runnable,
    seen: &trace::Seen,
    timing: bool,
) -> TractResult<()> {
    writer.tensors(&seen.outputs)?;
    if timing {
        writer.f64(seen.total_ms);
        runnable.steps().iter().for_each(|step| writer.f64(seen.ms[step.id]));
    }
    writer.u32(seen.values.len() as u32);
    writer.u32(seen.delays.len() as u32);
    for (id, outputs) in &seen.values {
        let crossing: Vec<_> = outputs.iter().filter(|value| leaves(value)).cloned().collect();
        writer.u32(*id as u32);
        writer.u32(0);
        writer.tensors(&crossing)?;
    }
    for (id, buffer) in &seen.delays {
        writer.u32(*id as u32);
        writer.u32(0);
        writer.tensor(buffer)?;
    }
    Ok(())
}

fn leaves(value: &Tensor) -> bool {
    let dt = value.datum_type();
    let numbers = dt == TDim::datum_type() && value.cast_to::<i64>().is_ok();
    value.is_plain_ram() && (numbers || crosses(dt))
}

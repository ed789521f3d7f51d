//! The exported functions, called by `js/instance.ts`.
//!
//! Before a call the host writes larger arguments into the exchange buffer; larger results are in the
//! reply buffer. A function returns a number of at least 0, or -1 with the error as JSON in the reply
//! buffer. Handles start at 1.

use std::collections::HashSet;

use tract_nnef::internal::*;

use super::host::{MAX_KEPT_BYTES, call, find, unsupported_output};
use super::memory;
use crate::errors::{Error, Kind, Result, Values};
use crate::limits::Limits;
use crate::plan::{graph, pulse, write};
use crate::read::load;
use crate::read::tensors::{Reader, Writer, is_transferable};
use crate::run::profile;
use crate::run::runnable::Runnable;
use crate::run::state::State;
use crate::run::trace::{self, NodeFilter, Trace, TraceOptions};

/// Loading needs blocks of this size, even if the limit for tensors is lower.
const MIN_BLOCK_LIMIT: u64 = 16 << 20;

// A macro, because each export needs the same two attributes. The code behind them is safe.
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
        call(|host| host.reply_json(&versions))
    }

    /// Address of the size of the last block that the allocator refused.
    fn refused() -> usize {
        memory::refused().as_ptr().addr()
    }

    /// Makes the exchange buffer hold at least `length` bytes.
    fn exchange(length: u32) -> i32 {
        call(|host| {
            let length = length as usize;
            if length > host.exchange.len() || host.exchange.len() > MAX_KEPT_BYTES {
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
            let largest = limits.tensor_bytes.max(MIN_BLOCK_LIMIT).max(2 * archive.len() as u64);
            memory::set_limit(usize::try_from(largest).unwrap_or(usize::MAX));
            let model = load::load(archive, &limits);
            memory::set_limit(usize::MAX);
            Ok(host.add_model(model?))
        })
    }

    /// The model's description, in the reply.
    fn model_about(model: u32) -> i32 {
        call(|host| {
            let about = find(&host.models, model)?.about().clone();
            host.reply_json(&about)
        })
    }

    /// A model with symbols fixed. In the exchange buffer: values by name, as JSON.
    fn model_set_symbols(model: u32, length: u32) -> i32 {
        call(|host| {
            let values: Values = host.options(length)?;
            let fixed = find(&host.models, model)?.set_symbols(&values)?;
            Ok(host.add_model(fixed))
        })
    }

    /// A pulsed model. In the exchange buffer: `[symbol, pulse]`, as JSON.
    fn model_pulse(model: u32, length: u32) -> i32 {
        call(|host| {
            let (symbol, pulse): (String, i64) = host.options(length)?;
            let pulsed = pulse::pulse(find(&host.models, model)?, &symbol, pulse)?;
            Ok(host.add_model(pulsed))
        })
    }

    /// The model's graph, in the reply.
    fn model_graph(model: u32) -> i32 {
        call(|host| {
            let graph = graph::graph(&find(&host.models, model)?.typed)
                .map_err(|e| Error::from_tract(Kind::Model, "cannot describe the graph", &e))?;
            host.reply_json(&graph)
        })
    }

    /// The model as a tar, in the reply.
    fn model_write(model: u32) -> i32 {
        call(|host| {
            let tar = write::write(find(&host.models, model)?)?;
            Ok(host.reply(tar))
        })
    }

    /// Prepares a model; returns a runnable.
    fn model_prepare(model: u32, optimize: u32) -> i32 {
        call(|host| {
            let runnable = Runnable::new(find(&host.models, model)?, optimize != 0)?;
            Ok(host.add_runnable(runnable))
        })
    }

    /// The nodes of the plan, in the reply.
    fn runnable_steps(runnable: u32) -> i32 {
        call(|host| {
            let runnable = find(&host.runnables, runnable)?.clone();
            host.reply_json(&runnable.steps())
        })
    }

    /// Runs once on the inputs in the exchange buffer.
    fn runnable_run(runnable: u32) -> i32 {
        call(|host| {
            let outputs = find(&host.runnables, runnable)?.run(host.inputs()?)?;
            host.reply_tensors(&outputs)
        })
    }

    /// Times nodes. In the reply: rounds, clock step, total, then the time of each node of the plan.
    fn runnable_profile(runnable: u32, rounds: u32) -> i32 {
        call(|host| {
            let runnable = find(&host.runnables, runnable)?.clone();
            let profile = profile::profile(&runnable, host.inputs()?, rounds as usize)?;
            let mut writer = host.writer();
            let head = [profile.rounds as f64, profile.clock_step_ms, profile.total_ms];
            let nodes = runnable.steps().iter().map(|step| profile.ms[step.id]);
            head.into_iter().chain(nodes).for_each(|value| writer.f64(value));
            Ok(host.reply(writer.into_bytes()))
        })
    }

    /// Starts a stream; returns a state.
    fn runnable_spawn(runnable: u32) -> i32 {
        call(|host| {
            let state = State::new(find(&host.runnables, runnable)?)?;
            Ok(host.add_state(state))
        })
    }

    /// Runs a pulse on the inputs in the exchange buffer.
    fn state_run(state: u32) -> i32 {
        call(|host| {
            let inputs = host.inputs()?;
            let outputs = host.state_mut(state)?.run(inputs)?;
            host.reply_tensors(&outputs)
        })
    }

    /// Runs a pulse and records it. In the exchange buffer: `timing: u32, states: u32,
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
                0 => NodeFilter::None,
                1 => NodeFilter::All,
                _ => NodeFilter::Only(ids),
            };
            reader.align();
            let inputs = reader.tensors()?;
            let state = host.state_mut(state)?;
            let options = TraceOptions { timing, values, states };
            let trace = trace::trace(state, inputs, &options)?;
            let runnable = state.runnable.clone();
            let mut writer = host.writer();
            write_trace(&mut writer, &runnable, &trace, timing).map_err(unsupported_output)?;
            Ok(host.reply(writer.into_bytes()))
        })
    }

    /// Copies a state.
    fn state_clone(state: u32) -> i32 {
        call(|host| {
            let copy = find(&host.states, state)?.clone();
            Ok(host.add_state(copy))
        })
    }

    /// Returns a state to the start of its stream.
    fn state_reset(state: u32) -> i32 {
        call(|host| host.state_mut(state)?.reset().map(|()| 0))
    }

    /// Frees the object of a handle.
    fn dispose(handle: u32) -> i32 {
        call(|host| {
            host.models.remove(&handle);
            host.runnables.remove(&handle);
            host.states.remove(&handle);
            Ok(0)
        })
    }
}

/// Writes a trace: the outputs; if timed, the total and the time of each node of the plan; then
/// `count: u32` values and `count: u32` delays, each `id: u32, 0: u32` and its tensors. Tensors of an
/// unsupported type are left out.
fn write_trace(
    writer: &mut Writer,
    runnable: &Runnable,
    trace: &Trace,
    timing: bool,
) -> TractResult<()> {
    writer.tensors(&trace.outputs)?;
    if timing {
        writer.f64(trace.total_ms);
        runnable.steps().iter().for_each(|step| writer.f64(trace.ms[step.id]));
    }
    writer.u32(trace.values.len() as u32);
    writer.u32(trace.delays.len() as u32);
    for (id, outputs) in &trace.values {
        let supported: Vec<_> =
            outputs.iter().filter(|value| is_supported(value)).cloned().collect();
        writer.u32(*id as u32);
        writer.u32(0);
        writer.tensors(&supported)?;
    }
    for (id, buffer) in &trace.delays {
        writer.u32(*id as u32);
        writer.u32(0);
        writer.tensor(buffer)?;
    }
    Ok(())
}

fn is_supported(value: &Tensor) -> bool {
    let dt = value.datum_type();
    let is_concrete = dt == TDim::datum_type() && value.cast_to::<i64>().is_ok();
    value.is_plain_ram() && (is_concrete || is_transferable(dt))
}

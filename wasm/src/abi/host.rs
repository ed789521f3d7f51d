//! What the host and this module share: two buffers, a control block with their addresses, and
//! handles.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde::{Deserialize, Serialize};
use tract_nnef::internal::*;

use crate::errors::{Error, Kind, Result};
use crate::read::model::Model;
use crate::read::tensors::{Reader, Writer};
use crate::run::runnable::Runnable;
use crate::run::state::State;

const FAILED: i32 = -1;
/// Larger buffers are freed after use.
pub(super) const MAX_KEPT_BYTES: usize = 1 << 20;

/// Addresses and sizes of the exchange buffer, the reply buffer and the panic message.
static CONTROL: [AtomicUsize; 6] = [const { AtomicUsize::new(0) }; 6];

thread_local! {
    static HOST: RefCell<Host> = RefCell::default();
}

/// Buffers, and the objects that handles stand for.
#[derive(Default)]
pub(super) struct Host {
    pub exchange: Vec<u8>,
    reply: Vec<u8>,
    last_handle: u32,
    pub models: BTreeMap<u32, Model>,
    pub runnables: BTreeMap<u32, Arc<Runnable>>,
    pub states: BTreeMap<u32, State>,
}

impl Host {
    fn next_handle(&mut self) -> u32 {
        self.last_handle += 1;
        self.last_handle
    }

    pub fn add_model(&mut self, model: Model) -> i32 {
        let handle = self.next_handle();
        self.models.insert(handle, model);
        handle as i32
    }

    pub fn add_runnable(&mut self, runnable: Arc<Runnable>) -> i32 {
        let handle = self.next_handle();
        self.runnables.insert(handle, runnable);
        handle as i32
    }

    pub fn add_state(&mut self, state: State) -> i32 {
        let handle = self.next_handle();
        self.states.insert(handle, state);
        handle as i32
    }

    pub fn state_mut(&mut self, handle: u32) -> Result<&mut State> {
        self.states.get_mut(&handle).ok_or_else(disposed)
    }

    /// Leaves `bytes` in the reply buffer; returns their number.
    pub fn reply(&mut self, bytes: Vec<u8>) -> i32 {
        let length = bytes.len() as i32;
        self.reply = bytes;
        length
    }

    pub fn reply_json(&mut self, value: &impl Serialize) -> Result<i32> {
        let json = serde_json::to_vec(value)
            .map_err(|e| Error::new(Kind::Model, format!("cannot describe the model: {e}")))?;
        Ok(self.reply(json))
    }

    pub fn reply_tensors(&mut self, tensors: &[TValue]) -> Result<i32> {
        let mut writer = self.writer();
        writer.tensors(tensors).map_err(unsupported_output)?;
        Ok(self.reply(writer.into_bytes()))
    }

    /// The options in the exchange buffer, as JSON of that length.
    pub fn options<'a, T: Deserialize<'a>>(&'a self, length: u32) -> Result<T> {
        serde_json::from_slice(&self.exchange[..length as usize])
            .map_err(|e| Error::new(Kind::Input, format!("malformed options: {e}")))
    }

    /// The tensors in the exchange buffer.
    pub fn inputs(&self) -> Result<TVec<TValue>> {
        Reader::new(&self.exchange).tensors()
    }

    /// A writer that reuses the reply buffer.
    pub fn writer(&mut self) -> Writer {
        Writer::reuse(std::mem::take(&mut self.reply))
    }

    fn publish(&mut self) {
        if self.reply.capacity() > MAX_KEPT_BYTES && self.reply.is_empty() {
            self.reply = vec![];
        }
        CONTROL[0].store(self.exchange.as_ptr().addr(), Relaxed);
        CONTROL[1].store(self.exchange.len(), Relaxed);
        CONTROL[2].store(self.reply.as_ptr().addr(), Relaxed);
        CONTROL[3].store(self.reply.len(), Relaxed);
    }
}

pub(super) fn unsupported_output(error: TractError) -> Error {
    Error::from_tract(Kind::Run, "cannot return an output", &error)
}

fn disposed() -> Error {
    Error::new(Kind::Disposed, "this handle was disposed of")
}

/// The object of a handle.
pub(super) fn find<T>(table: &BTreeMap<u32, T>, handle: u32) -> Result<&T> {
    table.get(&handle).ok_or_else(disposed)
}

/// Runs the body of an exported function. An error becomes JSON in the reply buffer.
pub(super) fn call(body: impl FnOnce(&mut Host) -> Result<i32>) -> i32 {
    HOST.with_borrow_mut(|host| {
        let status = body(host).unwrap_or_else(|error| {
            let json = serde_json::to_vec(&error).unwrap_or_default();
            host.reply(json);
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

/// Puts a panic's message into the control block. The message is leaked: nothing may call the
/// instance after a panic. It has no source location, as the engine is built without.
pub fn record_panic(info: &PanicHookInfo) {
    let reason = info.payload_as_str().unwrap_or("for no given reason");
    let message: &'static str = Box::leak(format!("panicked: {reason}").into_boxed_str());
    CONTROL[4].store(message.as_ptr().addr(), Relaxed);
    CONTROL[5].store(message.len(), Relaxed);
}

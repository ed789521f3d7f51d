//! Runs the cases of `tests/conformance` natively. WebAssembly and native code must give the same
//! outputs. `tests/conformance` makes the cases and starts this.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tract_wasm::limits::Limits;
use tract_wasm::plan::pulse::pulse;
use tract_wasm::read::load::load;
use tract_wasm::read::model::Model;
use tract_wasm::run::runnable::Runnable;
use tract_wasm::run::state::State;
use tract_wasm::tract::*;

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    tolerance: f32,
    runs: usize,
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    symbol: String,
    pulse: i64,
    run: usize,
    tail: usize,
}

#[derive(Deserialize)]
struct Stored {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

type Outcome<T> = Result<T, Box<dyn Error>>;
type Named = BTreeMap<String, Tensor>;

fn safetensors(bytes: &[u8]) -> Outcome<Named> {
    let size = u64::from_le_bytes(bytes[..8].try_into()?) as usize;
    let header: HashMap<String, serde_json::Value> = serde_json::from_slice(&bytes[8..8 + size])?;
    let mut tensors = Named::new();
    for (name, stored) in header {
        if name == "__metadata__" {
            continue;
        }
        let stored: Stored = serde_json::from_value(stored)?;
        let (from, to) = stored.data_offsets;
        let dt = match stored.dtype.as_str() {
            "F32" => DatumType::F32,
            "I64" => DatumType::I64,
            other => return Err(format!("{name} is {other}").into()),
        };
        let mut tensor = Tensor::zero_dt(dt, &stored.shape)?;
        tensor.as_bytes_mut().copy_from_slice(&bytes[8 + size + from..8 + size + to]);
        tensors.insert(name, tensor);
    }
    Ok(tensors)
}

fn unzipped(path: &Path) -> Outcome<Vec<u8>> {
    let mut bytes = vec![];
    flate2::read::GzDecoder::new(std::fs::File::open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn side(tensors: &Named, run: usize, side: &str) -> Named {
    let prefix = format!("{run}.{side}.");
    let own = tensors.iter().filter_map(|(name, tensor)| {
        Some((name.strip_prefix(&prefix)?.to_string(), tensor.clone()))
    });
    own.collect()
}

fn in_order(model: &Model, inputs: &Named) -> TVec<TValue> {
    let names = model.about().inputs.iter().map(|input| &input.name);
    names.map(|name| inputs[name].clone().into_tvalue()).collect()
}

fn largest_error(found: &Tensor, expected: &Tensor) -> Outcome<f32> {
    assert_eq!(found.shape(), expected.shape());
    let (found, expected) = (found.try_as_plain_ram()?, expected.try_as_plain_ram()?);
    let pairs = found.as_slice::<f32>()?.iter().zip(expected.as_slice::<f32>()?);
    // Unlike `max`, keeps a NaN.
    let errors = pairs.map(|(a, b)| (a - b).abs());
    Ok(errors.fold(0.0, |largest: f32, error| if error <= largest { largest } else { error }))
}

/// Frames of a stream along `axis`. Frames after its end are NaN.
fn frames(tensor: &Tensor, axis: usize, from: usize, to: usize) -> Outcome<Tensor> {
    let length = tensor.shape()[axis];
    let inside = tensor.slice(axis, from.min(length), to.min(length))?;
    let mut shape = tensor.shape().to_vec();
    shape[axis] = to - from - inside.shape()[axis];
    let mut past = Tensor::zero::<f32>(&shape)?;
    past.fill_t(f32::NAN)?;
    Ok(Tensor::stack_tensors(axis, &[inside, past])?)
}

fn axis(model: &Model, property: &str) -> usize {
    model.about().properties[property][0].as_u64().expect("a pulsed model has it") as usize
}

fn streamed(model: &Model, input: &Tensor, wanted: usize) -> Outcome<Tensor> {
    let ones = model.about().symbols.iter().map(|symbol| (symbol.clone(), 1)).collect();
    let model = model.set_symbols(&ones)?;
    let (into, from) = (axis(&model, "pulse.input_axes"), axis(&model, "pulse.output_axes"));
    let delay = axis(&model, "pulse.delay");
    let runnable = Runnable::new(&model, true)?;
    let mut state = State::new(&runnable)?;
    let fact = serde_json::to_value(&model.about().inputs[0].fact.shape[into])?;
    let pulse = fact.as_u64().expect("a pulse is a number") as usize;
    let (mut outputs, mut got, mut at) = (vec![], 0, 0);
    while got < delay + wanted {
        let chunk = frames(input, into, at, at + pulse)?;
        let output = state.run(tvec!(chunk.into_tvalue()))?.remove(0).into_tensor();
        got += output.shape()[from];
        outputs.push(output);
        at += pulse;
    }
    Ok(Tensor::stack_tensors(from, &outputs)?.slice(from, delay, delay + wanted)?)
}

fn check(what: &str, found: &Tensor, expected: &Tensor, tolerance: f32) -> Outcome<()> {
    let error = largest_error(found, expected)?;
    println!("native: {what}: largest error {error:.1e} over {}", expected.len());
    assert!(expected.len() > 0 && error <= tolerance, "{what}: {error} > {tolerance}");
    Ok(())
}

fn run_case(folder: &Path, case: &Case) -> Outcome<()> {
    let folder = folder.join(&case.name);
    let tensors = safetensors(&std::fs::read(folder.join("runs.safetensors"))?)?;
    let model = load(&unzipped(&folder.join("model.nnef.tgz"))?, &Limits::default())?;
    let runnable = Runnable::new(&model, true)?;
    for run in 0..case.runs {
        let found = runnable.run(in_order(&model, &side(&tensors, run, "in")))?;
        let expected = side(&tensors, run, "out");
        for (output, found) in model.about().outputs.iter().zip(&found) {
            let what = format!("{} {} {:?}", case.name, output.name, found.shape());
            check(&what, found, &expected[&output.name], case.tolerance)?;
        }
    }
    for stream in &case.streams {
        let pulsed = pulse(&model, &stream.symbol, stream.pulse)?;
        let input = side(&tensors, stream.run, "in").into_values().next().expect("an input");
        let whole = side(&tensors, stream.run, "out").into_values().next().expect("an output");
        let along = axis(&pulsed, "pulse.output_axes");
        let wanted = whole.shape()[along] - stream.tail;
        let found = streamed(&pulsed, &input, wanted)?;
        let what = format!("{} streamed, {}={}", case.name, stream.symbol, stream.pulse);
        check(&what, &found, &whole.slice(along, 0, wanted)?, case.tolerance)?;
    }
    Ok(())
}

#[test]
#[ignore = "started by `tests/conformance`, which makes the cases"]
fn each_case_equals_pytorch() -> Outcome<()> {
    let folder = PathBuf::from(std::env::var_os("NNEF_PULSE_CASES").expect("a folder of cases"));
    let cases: Cases = serde_json::from_slice(&std::fs::read(folder.join("cases.json"))?)?;
    for case in &cases.cases {
        run_case(&folder, case).map_err(|error| format!("{}: {error}", case.name))?;
    }
    Ok(())
}

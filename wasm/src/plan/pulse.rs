//! Cutting a model into pulses, and saying what would be possible where it cannot be cut.

use tract_core::ops::scan::{InputMapping, Scan};
use tract_core::transform::{ModelTransform, get_transform_with_params};
use tract_nnef::internal::*;

use crate::clock;
use crate::errors::{Error, Kind, Result};
use crate::read::facts::Dim;
use crate::read::model::{Model, Names};

/// The least possible pulse is searched among these; the others are its multiples.
const LEAST_POSSIBLE: i64 = 64;
/// How long the search may take, in milliseconds.
const SEARCH_MS: f64 = 2000.0;
/// How many pulses are proposed.
const PROPOSED: usize = 4;

/// Cuts `model` into pulses of `pulse` frames along `symbol`.
pub fn pulse(model: &Model, symbol: &str, pulse: i64) -> Result<Model> {
    let refuse = |why: String, possible: Vec<i64>, causes: Vec<String>| Error {
        kind: Kind::Pulse { symbol: symbol.to_string(), pulse, possible },
        message: why,
        causes,
    };
    let dims = model.about.inputs.iter().flat_map(|input| &input.described.shape);
    let streams = |dim: &Dim| match dim {
        Dim::Number(_) => false,
        Dim::Expression(text) => {
            let parsed = model.typed.symbols.parse_tdim(text);
            parsed.is_ok_and(|dim| dim.symbols().iter().any(|sym| sym.to_string() == symbol))
        }
    };
    if !dims.into_iter().any(streams) {
        return Err(refuse(format!("no input of the model is long as {symbol}"), vec![], vec![]));
    }
    let backward = backward_scan(&model.typed, symbol)
        .map_err(|e| Error::from_tract(Kind::Model, "cannot look the model over", &e))?;
    if let Some(name) = backward {
        let why = format!("{name} reads {symbol} from its end, which a stream does not have");
        return Err(refuse(why, vec![], vec![]));
    }
    let possible = || possible(&model.typed, symbol, pulse);
    if pulse < 1 {
        return Err(refuse(format!("a pulse of {pulse} frames is none"), possible(), vec![]));
    }
    let typed = pulsed(&model.typed, symbol, pulse).map_err(|error| {
        let what = format!("cannot be cut into pulses of {symbol}={pulse}");
        let error = Error::from_tract(Kind::Model, &what, &error);
        refuse(error.message, possible(), error.causes)
    })?;
    // Pulsing rewrites the graph: its nodes are what there is to speak of.
    let names = Names { assigned: None, ..model.names.clone() };
    Model::new(typed, names, model.conditions.clone())
}

/// tract's own transformation, as all its bindings run it.
fn pulsed(model: &TypedModel, symbol: &str, pulse: i64) -> TractResult<TypedModel> {
    let config = serde_json::json!({ "symbol": symbol, "pulse": pulse.to_string() });
    let mut config = <dyn erased_serde::Deserializer>::erase(config);
    let transform: Box<dyn ModelTransform> = get_transform_with_params("pulse", &mut config)?
        .context("tract's pulse transformation is not linked in")?;
    let mut model = model.clone();
    transform.transform(&mut model)?;
    Ok(model)
}

/// A scan that runs against the stream: tract pulses it without a word, and computes nonsense.
fn backward_scan(model: &TypedModel, symbol: &str) -> TractResult<Option<String>> {
    for node in model.nodes() {
        let Some(scan) = node.op_as::<Scan>() else {
            continue;
        };
        for (input, mapping) in node.inputs.iter().zip(&scan.input_mapping) {
            if let InputMapping::Scan(info) = mapping
                && info.chunk < 0
                && let Some(dim) = model.outlet_fact(*input)?.shape.get(info.axis)
                && dim.symbols().iter().any(|sym| sym.to_string() == symbol)
            {
                return Ok(Some(node.name.clone()));
            }
        }
    }
    Ok(None)
}

/// Pulses the model can be cut into, those near the one asked for first found, in order.
fn possible(model: &TypedModel, symbol: &str, wanted: i64) -> Vec<i64> {
    let deadline = clock::now() + SEARCH_MS;
    let works = |n: &i64| clock::now() < deadline && pulsed(model, symbol, *n).is_ok();
    let Some(least) = (1..=LEAST_POSSIBLE).find(works) else {
        return vec![];
    };
    let below = wanted.max(0) / least;
    let near = [below, below + 1].into_iter().filter(|times| *times > 0);
    let mut proposed: Vec<i64> =
        (1..=PROPOSED as i64).chain(near).map(|times| times * least).collect();
    proposed.sort_unstable();
    proposed.dedup();
    proposed.retain(|n| *n == least || works(n));
    proposed
}

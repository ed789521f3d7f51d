//! Pulses a model, or lists pulses that would work.

use tract_core::ops::scan::{InputMapping, Scan};
use tract_core::transform::{ModelTransform, get_transform_with_params};
use tract_nnef::internal::*;

use crate::clock;
use crate::errors::{Error, Kind, Result};
use crate::read::facts::Dim;
use crate::read::model::{Model, Names};

/// The smallest possible pulse is searched up to this one; the others are its multiples.
const MAX_SMALLEST: i64 = 64;
/// Time limit of the search.
const MAX_SEARCH_MS: f64 = 2000.0;
/// Multiples of the smallest pulse that are proposed.
const PROPOSED: usize = 4;

/// Pulses `model` along `symbol`, with `pulse` frames in each pulse.
pub fn pulse(model: &Model, symbol: &str, pulse: i64) -> Result<Model> {
    let refusal = |why: String, possible: Vec<i64>, causes: Vec<String>| Error {
        kind: Kind::Pulse { symbol: symbol.to_string(), pulse, possible },
        message: why,
        causes,
    };
    let dims = model.about.inputs.iter().flat_map(|input| &input.fact.shape);
    let has_symbol = |dim: &Dim| match dim {
        Dim::Number(_) => false,
        Dim::Expression(text) => {
            let parsed = model.typed.symbols.parse_tdim(text);
            parsed.is_ok_and(|dim| dim.symbols().iter().any(|sym| sym.to_string() == symbol))
        }
    };
    if !dims.into_iter().any(has_symbol) {
        return Err(refusal(format!("no input has symbol {symbol} in its shape"), vec![], vec![]));
    }
    let backward = backward_scan(&model.typed, symbol)
        .map_err(|e| Error::from_tract(Kind::Model, "cannot check the model", &e))?;
    if let Some(name) = backward {
        let why = format!("{name} scans {symbol} backwards: a stream has no end to start from");
        return Err(refusal(why, vec![], vec![]));
    }
    let possible = || possible(&model.typed, symbol, pulse);
    if pulse < 1 {
        return Err(refusal(
            format!("pulse must be at least 1 frame, got {pulse}"),
            possible(),
            vec![],
        ));
    }
    let typed = pulsed(&model.typed, symbol, pulse).map_err(|error| {
        let what = format!("cannot pulse the model by {symbol}={pulse}");
        let error = Error::from_tract(Kind::Model, &what, &error);
        refusal(error.message, possible(), error.causes)
    })?;
    // Pulsing rewrites the graph, so all its nodes count as assigned.
    let names = Names { assigned: None, ..model.names.clone() };
    Model::new(typed, names, model.conditions.clone())
}

/// tract's `pulse` transformation.
fn pulsed(model: &TypedModel, symbol: &str, pulse: i64) -> TractResult<TypedModel> {
    let config = serde_json::json!({ "symbol": symbol, "pulse": pulse.to_string() });
    let mut config = <dyn erased_serde::Deserializer>::erase(config);
    let transform: Box<dyn ModelTransform> = get_transform_with_params("pulse", &mut config)?
        .context("tract's pulse transformation is not registered")?;
    let mut model = model.clone();
    transform.transform(&mut model)?;
    Ok(model)
}

/// A scan that runs backwards along `symbol`. tract pulses it without an error, to wrong values:
/// `tests/engine/reports/backward-scan.md`.
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

/// Some possible pulses, in ascending order, with those next to `wanted`.
fn possible(model: &TypedModel, symbol: &str, wanted: i64) -> Vec<i64> {
    let deadline = clock::now() + MAX_SEARCH_MS;
    let works = |n: &i64| clock::now() < deadline && pulsed(model, symbol, *n).is_ok();
    let Some(smallest) = (1..=MAX_SMALLEST).find(works) else {
        return vec![];
    };
    let below = wanted.max(0) / smallest;
    let near = [below, below + 1].into_iter().filter(|times| *times > 0);
    let mut proposed: Vec<i64> =
        (1..=PROPOSED as i64).chain(near).map(|times| times * smallest).collect();
    proposed.sort_unstable();
    proposed.dedup();
    proposed.retain(|n| *n == smallest || works(n));
    proposed
}

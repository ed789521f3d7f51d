//! A model, as loaded or transformed.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use tract_nnef::internal::*;

use super::conditions::Conditions;
use super::facts::{self, NamedFact};
use super::properties;
use super::tensors::is_transferable;
use crate::errors::{Error, Kind, Result, Values};

/// A model. Transformations return a new one.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) typed: TypedModel,
    pub(crate) names: Names,
    pub(crate) conditions: Conditions,
    pub(crate) about: About,
}

/// Names that transformations keep.
#[derive(Debug, Clone, PartialEq)]
pub struct Names {
    /// Names that the archive's text assigns; None if all nodes count as assigned.
    pub assigned: Option<HashSet<String>>,
    /// Inputs, in order.
    pub inputs: Vec<String>,
    /// Outputs, in order.
    pub outputs: Vec<String>,
}

/// A model's description.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct About {
    /// Inputs, in order.
    pub inputs: Vec<NamedFact>,
    /// Outputs, in order.
    pub outputs: Vec<NamedFact>,
    /// Symbols in the facts of inputs and outputs.
    pub symbols: Vec<String>,
    /// Conditions that each run must satisfy.
    pub asserts: Vec<String>,
    /// Named sets of conditions: each run must satisfy at least one.
    pub modes: BTreeMap<String, Vec<String>>,
    /// Properties, as JSON.
    pub properties: BTreeMap<String, serde_json::Value>,
}

impl Model {
    /// Describes `typed`, and checks that the host can pass its inputs.
    pub fn new(typed: TypedModel, names: Names, conditions: Conditions) -> Result<Model> {
        let about = describe(&typed, &names, &conditions)
            .map_err(|e| Error::from_tract(Kind::Model, "cannot describe the model", &e))?;
        Ok(Model { typed, names, conditions, about })
    }

    /// The model's description.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// A model with these symbols fixed.
    pub fn set_symbols(&self, values: &Values) -> Result<Model> {
        let mut substitutions = HashMap::new();
        let mut conditions = self.conditions.clone();
        for (name, value) in values {
            let symbol = self.symbol(name)?;
            if *value < 0 {
                let message =
                    format!("{name} is {value}, but a symbol is an integer of at least 0");
                return Err(Error::new(Kind::Symbols, message));
            }
            substitutions.insert(symbol, value.to_dim());
            conditions.fixed.insert(name.clone(), *value);
        }
        let failed = |e| Error::from_tract(Kind::Symbols, "cannot set these symbols", &e);
        let typed = self.typed.set_symbols(&substitutions).map_err(failed)?;
        Model::new(typed, self.names.clone(), conditions)
    }

    fn symbol(&self, name: &str) -> Result<Symbol> {
        let known = self.about.symbols.iter().any(|known| known == name);
        match self.typed.symbols.get(name) {
            Some(symbol) if known => Ok(symbol),
            _ => {
                let symbols = self.about.symbols.join(", ");
                let message = format!("the model has no symbol {name}; it has: {symbols}");
                Err(Error::new(Kind::Symbols, message))
            }
        }
    }
}

fn describe(typed: &TypedModel, names: &Names, conditions: &Conditions) -> TractResult<About> {
    let inputs = facts::named(typed, typed.input_outlets()?, &names.inputs)?;
    let outputs = facts::named(typed, typed.output_outlets()?, &names.outputs)?;
    for outlet in typed.input_outlets()? {
        let dt = typed.outlet_fact(*outlet)?.datum_type;
        ensure!(is_transferable(dt), "inputs of type {dt:?} are not supported");
    }
    Ok(About {
        inputs,
        outputs,
        symbols: facts::symbols(typed)?.iter().map(ToString::to_string).collect(),
        asserts: conditions.asserts.clone(),
        modes: conditions.modes.clone(),
        properties: properties::to_json(&typed.properties)?,
    })
}

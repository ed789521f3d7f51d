//! A model: looked at, transformed, written, prepared.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use tract_nnef::internal::*;

use super::conditions::Conditions;
use super::facts::{self, Named};
use super::properties;
use super::tensors::crosses;
use crate::errors::{Error, Kind, Result, Values};

/// A model as loaded or transformed. Transformations give a new one.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) typed: TypedModel,
    pub(crate) names: Names,
    pub(crate) conditions: Conditions,
    pub(crate) about: About,
}

/// Names that transformations do not change.
#[derive(Debug, Clone, PartialEq)]
pub struct Names {
    /// What the archive's text assigns; None where every node counts as assigned.
    pub assigned: Option<HashSet<String>>,
    /// Inputs, in order.
    pub inputs: Vec<String>,
    /// Outputs, in order.
    pub outputs: Vec<String>,
}

/// What a model says of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct About {
    /// Inputs, in order.
    pub inputs: Vec<Named>,
    /// Outputs, in order.
    pub outputs: Vec<Named>,
    /// Symbols its facts use.
    pub symbols: Vec<String>,
    /// Conditions for every run.
    pub asserts: Vec<String>,
    /// Named alternatives.
    pub modes: BTreeMap<String, Vec<String>>,
    /// Properties, as JSON.
    pub properties: BTreeMap<String, serde_json::Value>,
}

impl Model {
    /// Describes `typed` and checks that tensors of its inputs and outputs can cross.
    pub fn new(typed: TypedModel, names: Names, conditions: Conditions) -> Result<Model> {
        let about = describe(&typed, &names, &conditions)
            .map_err(|e| Error::from_tract(Kind::Model, "cannot describe the model", &e))?;
        Ok(Model { typed, names, conditions, about })
    }

    /// What the model says of itself.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Fixes symbols to values.
    pub fn set_symbols(&self, values: &Values) -> Result<Model> {
        let mut substitutions = HashMap::new();
        let mut conditions = self.conditions.clone();
        for (name, value) in values {
            let symbol = self.symbol(name)?;
            if *value < 0 {
                let message = format!("{name} cannot be {value}: whole numbers from 0 can");
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
        ensure!(crosses(dt), "an input of {dt:?} cannot be given");
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

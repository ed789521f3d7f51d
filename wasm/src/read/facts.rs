//! Facts as tract prints them.

use serde::Serialize;
use tract_nnef::internal::*;

/// A dimension: a number, or an expression of symbols.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Dim {
    /// Known.
    Number(i64),
    /// Depends on symbols.
    Expression(String),
}

/// What is known of a wire before any value flows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Described {
    /// Lower-case dtype.
    pub dtype: String,
    /// Dimensions.
    pub shape: Vec<Dim>,
    /// Both, as tract prints them: `1,S,64,f32`.
    pub fact: String,
}

/// A described wire with the name of the model's input or output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Named {
    /// Name.
    pub name: String,
    /// Fact.
    #[serde(flatten)]
    pub described: Described,
}

/// The dtype as facts spell it.
pub fn dtype(dt: DatumType) -> String {
    format!("{:?}", dt.unquantized()).to_lowercase()
}

/// Describes a fact.
pub fn describe(fact: &TypedFact) -> Described {
    let shape = fact.shape.iter().map(|dim| match dim.as_i64() {
        Some(number) => Dim::Number(number),
        None => Dim::Expression(dim.to_string()),
    });
    let dtype = dtype(fact.datum_type);
    let text = fact.shape.iter().map(ToString::to_string).chain([dtype.clone()]);
    Described { shape: shape.collect(), fact: text.collect::<Vec<_>>().join(","), dtype }
}

/// Describes wires and gives each its name.
pub fn named(
    model: &TypedModel,
    outlets: &[OutletId],
    names: &[String],
) -> TractResult<Vec<Named>> {
    ensure!(outlets.len() == names.len(), "{} names for {} wires", names.len(), outlets.len());
    let pairs = outlets.iter().zip(names);
    let named = pairs.map(|(outlet, name)| {
        Ok(Named { name: name.clone(), described: describe(model.outlet_fact(*outlet)?) })
    });
    named.collect()
}

/// Symbols the model's inputs and outputs speak of, in order of appearance.
pub fn symbols(model: &TypedModel) -> TractResult<Vec<Symbol>> {
    let outlets = model.input_outlets()?.iter().chain(model.output_outlets()?);
    let mut found: Vec<Symbol> = vec![];
    for outlet in outlets {
        for dim in model.outlet_fact(*outlet)?.shape.iter() {
            let mut symbols: Vec<Symbol> = dim.symbols().into_iter().collect();
            symbols.sort();
            for symbol in symbols {
                if !found.contains(&symbol) {
                    found.push(symbol);
                }
            }
        }
    }
    Ok(found)
}

//! Facts: types and shapes of wires, as tract prints them.

use serde::Serialize;
use tract_nnef::internal::*;

/// A dimension: a number, or an expression of symbols.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Dim {
    /// A number.
    Number(i64),
    /// An expression of symbols.
    Expression(String),
}

/// A wire's type and shape.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// Lower-case dtype.
    pub dtype: String,
    /// Dimensions.
    pub shape: Vec<Dim>,
    /// Shape and dtype, as tract prints them: `1,S,64,f32`.
    #[serde(rename = "fact")]
    pub text: String,
}

/// An input or output of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedFact {
    /// Name.
    pub name: String,
    /// Its fact.
    #[serde(flatten)]
    pub fact: Fact,
}

/// The dtype, as in a printed fact.
pub fn dtype(dt: DatumType) -> String {
    format!("{:?}", dt.unquantized()).to_lowercase()
}

/// A fact as plain data.
pub fn describe(fact: &TypedFact) -> Fact {
    let shape = fact.shape.iter().map(|dim| match dim.as_i64() {
        Some(number) => Dim::Number(number),
        None => Dim::Expression(dim.to_string()),
    });
    let dtype = dtype(fact.datum_type);
    let text = fact.shape.iter().map(ToString::to_string).chain([dtype.clone()]);
    Fact { shape: shape.collect(), text: text.collect::<Vec<_>>().join(","), dtype }
}

/// The facts of `outlets`, with their names.
pub fn named(
    model: &TypedModel,
    outlets: &[OutletId],
    names: &[String],
) -> TractResult<Vec<NamedFact>> {
    ensure!(outlets.len() == names.len(), "{} names for {} wires", names.len(), outlets.len());
    let pairs = outlets.iter().zip(names);
    let named = pairs.map(|(outlet, name)| {
        Ok(NamedFact { name: name.clone(), fact: describe(model.outlet_fact(*outlet)?) })
    });
    named.collect()
}

/// Symbols in the facts of inputs and outputs, in order of appearance.
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

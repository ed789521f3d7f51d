//! Checks inputs before a run: shapes, symbols, asserts, modes, minimum lengths. tract does not
//! check asserts, modes and lengths: it panics or gives wrong values.

use std::collections::HashSet;

use tract_nnef::internal::*;

use crate::errors::{Error, Kind, Result, Values, format_values};
use crate::read::conditions::Conditions;
use crate::read::facts::{self, NamedFact};
use crate::workarounds::{ConditionCheck, check_conditions};

/// Limit of the search for a symbol's smallest valid value.
const MAX_LEAST: i64 = 1 << 24;

struct Input {
    name: String,
    dt: DatumType,
    shape: TVec<TDim>,
    fact: String,
}

/// Checks a model's inputs.
pub struct InputValidator {
    /// Keeps the symbols of the other fields alive.
    scope: SymbolScope,
    inputs: Vec<Input>,
    /// No symbols and no conditions: shapes alone are checked.
    concrete: bool,
    check_conditions: Option<ConditionCheck>,
    /// Dimensions inside the model that fall below 1 if an input is too short.
    shrinking: Vec<TDim>,
    /// Symbols that must keep their value while a state lives.
    pinned: Vec<Symbol>,
    fixed: SymbolValues,
}

impl InputValidator {
    /// A validator for a model that is not optimised yet.
    pub fn new(
        model: &TypedModel,
        named: &[NamedFact],
        conditions: &Conditions,
        pinned: &HashSet<String>,
    ) -> TractResult<InputValidator> {
        let scope = model.symbols.clone();
        let inputs = named
            .iter()
            .enumerate()
            .map(|(ix, named)| {
                let fact = model.input_fact(ix)?;
                Ok(Input {
                    name: named.name.clone(),
                    dt: fact.datum_type,
                    shape: fact.shape.to_tvec(),
                    fact: named.fact.text.clone(),
                })
            })
            .collect::<TractResult<Vec<_>>>()?;
        let mut fixed = SymbolValues::default();
        for (name, value) in &conditions.fixed {
            fixed.set(&scope.sym(name), *value);
        }
        let free = facts::symbols(model)?;
        let concrete = inputs.iter().all(|i| i.shape.iter().all(|dim| dim.as_i64().is_some()))
            && conditions.asserts.is_empty()
            && conditions.modes.is_empty();
        Ok(InputValidator {
            shrinking: shrinking(model, &free),
            pinned: free.into_iter().filter(|sym| pinned.contains(&sym.to_string())).collect(),
            scope,
            inputs,
            concrete,
            check_conditions: (!conditions.asserts.is_empty() || !conditions.modes.is_empty())
                .then(|| check_conditions(&conditions.asserts, &conditions.modes))
                .transpose()?,
            fixed,
        })
    }

    /// Checks `inputs`. Returns the values of the pinned symbols.
    pub fn check(&self, inputs: &[TValue]) -> Result<TVec<i64>> {
        if inputs.len() != self.inputs.len() {
            let message = format!("{} inputs given, {} needed", inputs.len(), self.inputs.len());
            return Err(Error::new(Kind::Input, message));
        }
        for (expected, tensor) in self.inputs.iter().zip(inputs) {
            expected.check(tensor)?;
        }
        if self.concrete {
            return Ok(tvec!());
        }
        let values = self.resolve(inputs)?;
        // Before asserts: an archive may state the same condition, and this error gives the least value.
        self.check_lengths(&values)?;
        if let Some(check) = &self.check_conditions {
            check(&self.named(&values, self.scope.all_symbols()))?;
        }
        Ok(self.pinned.iter().map(|sym| values.get(sym).unwrap_or(-1)).collect())
    }

    /// The error for a pinned symbol that changed.
    pub fn pinned_error(&self, before: &[i64], now: &[i64]) -> Error {
        let changed = self.pinned.iter().zip(before.iter().zip(now)).find(|(_, (a, b))| a != b);
        let (symbol, (before, now)) = changed.expect("the caller saw a change");
        Error::new(
            Kind::Symbols,
            format!(
                "{symbol} is {now}, but this state has run with {symbol}={before}: \
                 reset the state or use another"
            ),
        )
    }

    fn resolve(&self, inputs: &[TValue]) -> Result<SymbolValues> {
        let mut values = self.fixed.clone();
        let dims = || {
            let pairs = self.inputs.iter().zip(inputs);
            pairs.flat_map(|(expected, tensor)| {
                let dims = expected.shape.iter().zip(tensor.shape()).enumerate();
                dims.map(move |(axis, (dim, given))| (expected, axis, dim, *given as i64))
            })
        };
        for (_, _, dim, given) in dims() {
            if let TDim::Sym(symbol) = dim
                && values.get(symbol).is_none()
            {
                values.set(symbol, given);
            }
        }
        for (_, _, dim, given) in dims() {
            let left = dim.eval(&values);
            let mut unknown = left.symbols().into_iter();
            if let (Some(symbol), None) = (unknown.next(), unknown.next())
                && let Some(value) = solve_for(&symbol, &left, &given.to_dim())
                && let Some(value) = value.as_i64()
            {
                values.set(&symbol, value);
            }
        }
        for (expected, axis, dim, given) in dims() {
            let evaluated = dim.eval(&values);
            if evaluated.as_i64() != Some(given) {
                return Err(Error::new(
                    Kind::Input,
                    format!(
                        "{}: axis {axis} is {given}, but {} needs {dim} = {evaluated} ({})",
                        expected.name,
                        expected.fact,
                        format_values(&self.named(&values, dim.symbols()))
                    ),
                ));
            }
        }
        Ok(values)
    }

    fn named(&self, values: &SymbolValues, symbols: impl IntoIterator<Item = Symbol>) -> Values {
        let known =
            symbols.into_iter().filter_map(|sym| Some((sym.to_string(), values.get(&sym)?)));
        known.collect()
    }

    fn check_lengths(&self, values: &SymbolValues) -> Result<()> {
        let short = |values: &SymbolValues| {
            let low = |dim: &&TDim| dim.eval(values).as_i64().is_some_and(|value| value < 1);
            self.shrinking.iter().find(low)
        };
        let Some(dim) = short(values) else {
            return Ok(());
        };
        let symbols = dim.symbols();
        let symbol = symbols.iter().max_by_key(|sym| self.growth(dim, sym, values));
        let symbol = symbol.expect("a shrinking dimension has a symbol");
        let given = values.get(symbol).unwrap_or(0);
        let enough = |value: i64| {
            let mut raised = values.clone();
            raised.set(symbol, value);
            short(&raised).is_none()
        };
        let mut step = 1;
        while !enough(given + step) {
            if step >= MAX_LEAST {
                // No length is enough, so length is not the cause. The run reports what is.
                return Ok(());
            }
            step *= 2;
        }
        let (mut low, mut high) = (given + step / 2, given + step);
        while low + 1 < high {
            let middle = (low + high) / 2;
            *(if enough(middle) { &mut high } else { &mut low }) = middle;
        }
        Err(Error::new(
            Kind::TooShort { symbol: symbol.to_string(), least: high },
            format!("{symbol} is {given}, but this model needs at least {high}"),
        ))
    }

    /// How much a dimension grows with a symbol.
    fn growth(&self, dim: &TDim, symbol: &Symbol, values: &SymbolValues) -> i64 {
        let mut raised = values.clone();
        raised.set(symbol, values.get(symbol).unwrap_or(0) + MAX_LEAST);
        let at = |values| dim.eval(values).as_i64().unwrap_or(0);
        at(&raised) - at(values)
    }
}

impl std::fmt::Debug for InputValidator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InputValidator({} inputs)", self.inputs.len())
    }
}

impl Input {
    fn check(&self, tensor: &Tensor) -> Result<()> {
        let known = |(dim, given): (&TDim, &usize)| {
            dim.as_i64().is_none_or(|expected| expected == *given as i64)
        };
        let fits = tensor.datum_type().unquantized() == self.dt.unquantized()
            && tensor.rank() == self.shape.len()
            && self.shape.iter().zip(tensor.shape()).all(known);
        if fits {
            return Ok(());
        }
        let given = tensor.shape().iter().map(ToString::to_string);
        let given = given.chain([facts::dtype(tensor.datum_type())]).collect::<Vec<_>>();
        let message = format!("{}: {} given, {} needed", self.name, given.join(","), self.fact);
        Err(Error::new(Kind::Input, message))
    }
}

/// Dimensions that are negative if all symbols are 0, as after a convolution without padding. A
/// dimension that is then 0, such as the length of an empty cache, is valid.
fn shrinking(model: &TypedModel, free: &[Symbol]) -> Vec<TDim> {
    let mut zeros = SymbolValues::default();
    for symbol in free {
        zeros.set(symbol, 0);
    }
    let outlets = model.nodes().iter().flat_map(|node| &node.outputs);
    let dims = outlets.flat_map(|outlet| outlet.fact.shape.iter());
    let mut found: Vec<TDim> = vec![];
    for dim in dims {
        let below = dim.as_i64().is_none() && dim.eval(&zeros).as_i64().is_some_and(|at| at < 0);
        if below && !found.contains(dim) {
            found.push(dim.clone());
        }
    }
    found
}

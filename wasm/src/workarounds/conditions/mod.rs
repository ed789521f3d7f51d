//! Checks asserts and modes at run time: `proposal.md`.

use std::collections::BTreeMap;

use tract_nnef::internal::*;

use super::hooks::{ConditionCheck, Hook};
use crate::errors::{Error, Kind, Result, Values, format_values};

inventory::submit! { Hook::Conditions(checker) }

fn checker(
    asserts: &[String],
    modes: &BTreeMap<String, Vec<String>>,
) -> TractResult<ConditionCheck> {
    let parse = |texts: &[String]| {
        texts.iter().map(|text| Condition::parse(text)).collect::<TractResult<Vec<_>>>()
    };
    let modes = modes.iter().map(|(name, texts)| Ok((name.clone(), parse(texts)?)));
    let conditions =
        Conditions { asserts: parse(asserts)?, modes: modes.collect::<TractResult<Vec<_>>>()? };
    Ok(Box::new(move |values| {
        conditions.check_asserts(values)?;
        conditions.check_modes(values)
    }))
}

struct Conditions {
    asserts: Vec<Condition>,
    modes: Vec<(String, Vec<Condition>)>,
}

impl Conditions {
    fn check_asserts(&self, values: &Values) -> Result<()> {
        let Some(failed) = self.asserts.iter().find(|a| a.holds(values) == Some(false)) else {
            return Ok(());
        };
        let values = failed.values(values);
        let message = format!("the model requires {}, but {}", failed.text, format_values(&values));
        Err(Error::new(Kind::Assert { assert: failed.text.clone(), values }, message))
    }

    fn check_modes(&self, values: &Values) -> Result<()> {
        let may_hold = |conditions: &Vec<Condition>| {
            conditions.iter().all(|condition| condition.holds(values) != Some(false))
        };
        if self.modes.is_empty() || self.modes.iter().any(|(_, mode)| may_hold(mode)) {
            return Ok(());
        }
        let all = self.modes.iter().flat_map(|(_, mode)| mode);
        let values: Values = all.flat_map(|condition| condition.values(values)).collect();
        let texts = |mode: &[Condition]| mode.iter().map(|c| c.text.clone()).collect::<Vec<_>>();
        let modes: BTreeMap<_, _> =
            self.modes.iter().map(|(name, mode)| (name.clone(), texts(mode))).collect();
        let wanted = modes.iter().map(|(name, texts)| format!("{name} ({})", texts.join(", ")));
        let message = format!(
            "no mode of the model fits {}: {}",
            format_values(&values),
            wanted.collect::<Vec<_>>().join(", ")
        );
        Err(Error::new(Kind::Mode { modes, values }, message))
    }
}

/// A condition, with a scope of its own: tract can only parse one by adding it to a scope.
struct Condition {
    text: String,
    symbols: Vec<Symbol>,
    parsed: Assertion,
    /// Keeps the symbols alive.
    _scope: SymbolScope,
}

impl Condition {
    fn parse(text: &str) -> TractResult<Condition> {
        let scope = SymbolScope::default().with_assertion(text)?;
        let parsed = scope.all_assertions().pop().context("the scope has no assertion")?;
        Ok(Condition {
            text: text.to_string(),
            symbols: scope.all_symbols(),
            parsed,
            _scope: scope,
        })
    }

    /// None if a symbol's value is unknown.
    fn holds(&self, values: &Values) -> Option<bool> {
        let mut own = SymbolValues::default();
        for symbol in &self.symbols {
            own.set(symbol, *values.get(&symbol.to_string())?);
        }
        self.parsed.check(&own)
    }

    fn values(&self, values: &Values) -> Values {
        let names = self.symbols.iter().map(ToString::to_string);
        names.filter_map(|name| Some((name.clone(), *values.get(&name)?))).collect()
    }
}

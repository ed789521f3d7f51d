//! The kinds of rules that arguments must follow.

use tract_nnef::ast::TypeSpec;
use tract_nnef::deser::Value;
use tract_nnef::internal::*;

use super::values::Arguments;

/// A check of one call. Names are those of parameters.
pub enum Rule {
    /// Each number is an axis of the tensor, or of one with so many axes more.
    Axis(&'static str, &'static str, usize),
    /// Each number lies within.
    Between(&'static str, i64, i64),
    /// A tensor, or each of a list, has so many axes.
    Rank(&'static str, usize, usize),
    /// All of them have the same number of axes.
    SameRank(&'static [&'static str]),
    /// A list has so many items.
    Count(&'static str, usize, usize),
    /// A list is empty or has an item for each axis of the tensor but the first few.
    PerAxis(&'static str, &'static str, usize),
    /// Each item of a list has two numbers.
    Pairs(&'static str),
    /// A text is one of these.
    OneOf(&'static str, &'static [&'static str]),
    /// Tensors have elements of such a type.
    Elements(&'static [&'static str], Elements),
    /// What the others do not express.
    Special(fn(&Arguments) -> TractResult<()>),
}

/// Types of elements.
#[derive(Clone, Copy, PartialEq)]
pub enum Elements {
    /// 32-bit floating point: all that the operator takes.
    F32,
    Float,
    /// Numbers that no symbol is in.
    Number,
}

/// The largest integer that a parameter takes. Sums and products of a few stay below an overflow.
const MAX_INTEGER: i64 = 1 << 40;
/// The most elements of a tensor. A larger one would not fit into memory.
pub const MAX_ELEMENTS: i64 = 1 << 30;
/// The most axes of a tensor. tract names axes by letters.
const MAX_RANK: usize = 20;

impl Rule {
    pub fn check(&self, arguments: &Arguments) -> TractResult<()> {
        match self {
            Rule::Axis(name, of, more) => {
                let Some(rank) = arguments.rank(of) else { return Ok(()) };
                check_range(name, &arguments.integers(name), 0, (rank + more) as i64 - 1)
            }
            Rule::Between(name, least, most) => {
                check_range(name, &arguments.integers(name), *least, *most)
            }
            Rule::Rank(name, least, most) => {
                let items = matches!(arguments.get(name), Some(Value::Tuple(_)));
                let ranks = match (arguments.rank(name), items) {
                    (Some(rank), false) => vec![rank],
                    _ => arguments.ranks(name),
                };
                for rank in ranks {
                    let fits = (*least..=*most).contains(&rank);
                    ensure!(fits, "{name} has {rank} axes, which is not in {least}..={most}");
                }
                Ok(())
            }
            Rule::SameRank(names) => check_same_rank(arguments, names),
            Rule::Count(name, least, most) => {
                let Some(Value::Array(items) | Value::Tuple(items)) = arguments.get(name) else {
                    return Ok(());
                };
                let count = items.len();
                let fits = (*least..=*most).contains(&count);
                ensure!(fits, "{name} has {count} items, which is not in {least}..={most}");
                Ok(())
            }
            Rule::PerAxis(name, of, skipped) => {
                let count = arguments.items(name).len();
                let Some(rank) = arguments.rank(of).filter(|_| count > 0) else { return Ok(()) };
                let needed = rank.saturating_sub(*skipped);
                ensure!(count == needed, "{name} has {count} items, but {of} needs {needed}");
                Ok(())
            }
            Rule::Pairs(name) => {
                let pair = |item: &Value| match item {
                    Value::Array(items) | Value::Tuple(items) => items.len() == 2,
                    _ => false,
                };
                ensure!(
                    arguments.items(name).iter().all(pair),
                    "{name} has an item that is no pair"
                );
                Ok(())
            }
            Rule::OneOf(name, known) => {
                let Some(text) = arguments.text(name) else { return Ok(()) };
                ensure!(known.contains(&text), "{name} {text:?} is not one of {known:?}");
                Ok(())
            }
            Rule::Elements(names, elements) => {
                names.iter().try_for_each(|name| check_elements(arguments, name, *elements))
            }
            Rule::Special(check) => check(arguments),
        }
    }

    /// The parameters it names.
    #[cfg(test)]
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Rule::Axis(name, of, _) | Rule::PerAxis(name, of, _) => vec![name, of],
            Rule::Between(name, ..) | Rule::Rank(name, ..) | Rule::Count(name, ..) => vec![name],
            Rule::Pairs(name) | Rule::OneOf(name, _) => vec![name],
            Rule::SameRank(names) | Rule::Elements(names, _) => names.to_vec(),
            Rule::Special(_) => vec![],
        }
    }
}

/// What holds of every operator: integers are not huge, tensors have few axes.
pub fn check_common(arguments: &Arguments) -> TractResult<()> {
    for parameter in arguments.call.default_params {
        let name = &*parameter.id.0;
        if is_integer(&parameter.spec) {
            check_range(name, &arguments.integers(name), -MAX_INTEGER, MAX_INTEGER)?;
        }
        for value in arguments.items(name) {
            let rank = arguments.fact_of(value).map_or(0, |fact| fact.rank());
            ensure!(rank <= MAX_RANK, "{name} has {rank} axes, more than {MAX_RANK}");
        }
    }
    Ok(())
}

fn is_integer(spec: &TypeSpec) -> bool {
    match spec {
        TypeSpec::Single(name) => *name == TypeName::Integer,
        TypeSpec::Array(item) => is_integer(item),
        TypeSpec::Tuple(items) => items.iter().all(is_integer),
        TypeSpec::Tensor(_) => false,
    }
}

pub fn check_range(name: &str, values: &[i64], least: i64, most: i64) -> TractResult<()> {
    for n in values {
        let fits = (least..=most).contains(n);
        ensure!(fits, "{name} has {n}, which is not in {least}..={most}");
    }
    Ok(())
}

/// An axis of 0 counts as 1: padding can enlarge it.
pub fn check_size(what: &str, dims: impl IntoIterator<Item = i64>) -> TractResult<()> {
    let mut elements = Some(1i64);
    for dim in dims {
        ensure!(dim >= 0, "{what} has a size of {dim}");
        elements = elements.and_then(|product| product.checked_mul(dim.max(1)));
    }
    let fits = elements.is_some_and(|elements| elements <= MAX_ELEMENTS);
    ensure!(fits, "{what} has more than {MAX_ELEMENTS} elements");
    Ok(())
}

fn check_same_rank(arguments: &Arguments, names: &[&str]) -> TractResult<()> {
    let mut first = None;
    for name in names {
        let ranks = match arguments.get(name) {
            Some(Value::Array(_) | Value::Tuple(_)) => arguments.ranks(name),
            _ => arguments.rank(name).into_iter().collect(),
        };
        for rank in ranks {
            let first = *first.get_or_insert(rank);
            ensure!(rank == first, "{name} has {rank} axes, but another operand has {first}");
        }
    }
    Ok(())
}

fn check_elements(arguments: &Arguments, name: &str, elements: Elements) -> TractResult<()> {
    for value in arguments.items(name) {
        // A number in the text takes the type of the other operands.
        if !matches!(value, Value::Wire(_) | Value::Tensor(_) | Value::String(_)) {
            continue;
        }
        let Some(fact) = arguments.fact_of(value) else { continue };
        let dt = fact.datum_type;
        let fits = match elements {
            Elements::F32 => dt == f32::datum_type(),
            Elements::Float => dt.is_float(),
            Elements::Number => dt.is_number(),
        };
        ensure!(fits, "{name} has elements of type {dt:?}, which this operator does not take");
    }
    Ok(())
}

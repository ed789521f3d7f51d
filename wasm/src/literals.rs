//! Arguments of an operator whose values are known while a model is built.

use tract_nnef::ast::{Literal, RValue};
use tract_nnef::deser::{ModelBuilder, ResolvedInvocation, Value};

/// The value of an argument, if resolving it adds no node to the model.
pub fn literal(
    builder: &mut ModelBuilder,
    invocation: &ResolvedInvocation,
    name: &str,
) -> Option<Value> {
    let value = fold_arithmetic(invocation.get_named_arg(name)?.as_ref());
    is_literal(builder, &value).then(|| value.resolve(builder, &[]).ok()).flatten()
}

/// Replaces arithmetic on numbers by its result, rounded down: arguments are integers. tract would
/// add nodes to the model for it.
fn fold_arithmetic(value: &RValue) -> RValue {
    let fold_all = |values: &[RValue]| values.iter().map(fold_arithmetic).collect();
    match value {
        RValue::Tuple(values) => RValue::Tuple(fold_all(values)),
        RValue::Array(values) => RValue::Array(fold_all(values)),
        RValue::Binary(left, op, right) => {
            let operands = number(&fold_arithmetic(left)).zip(number(&fold_arithmetic(right)));
            let result = operands.and_then(|(a, b)| calculate(op, a, b));
            let integer =
                |n: f64| RValue::Literal(Literal::Numeric((n.floor() as i64).to_string()));
            result.map_or_else(|| value.clone(), integer)
        }
        _ => value.clone(),
    }
}

fn number(value: &RValue) -> Option<f64> {
    match value {
        RValue::Literal(Literal::Numeric(text)) => text.parse().ok(),
        _ => None,
    }
}

fn calculate(op: &str, a: f64, b: f64) -> Option<f64> {
    Some(match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "^" => a.powf(b),
        "<" => f64::from(a < b),
        ">" => f64::from(a > b),
        "<=" => f64::from(a <= b),
        ">=" => f64::from(a >= b),
        "==" => f64::from(a == b),
        "!=" => f64::from(a != b),
        _ => return None,
    })
}

fn is_literal(builder: &ModelBuilder, value: &RValue) -> bool {
    match value {
        RValue::Literal(_) => true,
        RValue::Identifier(id) => {
            let in_scope = builder.scopes.last().is_some_and(|scope| scope.contains_key(id));
            in_scope || builder.model.symbols.get(&id.0).is_some()
        }
        RValue::Tuple(values) | RValue::Array(values) => {
            values.iter().all(|value| is_literal(builder, value))
        }
        _ => false,
    }
}

/// All integers in `value`.
pub fn integers(builder: &ModelBuilder, value: &Value) -> Vec<i64> {
    match value {
        Value::Array(values) | Value::Tuple(values) => {
            values.iter().flat_map(|value| integers(builder, value)).collect()
        }
        value => integer(builder, value).into_iter().collect(),
    }
}

/// `value` as an integer, if it is one.
pub fn integer(builder: &ModelBuilder, value: &Value) -> Option<i64> {
    match value {
        Value::Dim(dim) => dim.as_i64(),
        Value::Scalar(number) if number.fract() == 0.0 => Some(*number as i64),
        // An argument of a fragment is a constant wire inside it.
        Value::Wire(outlet) => {
            let constant = builder.model.outlet_fact(*outlet).ok()?.konst.as_ref()?;
            let scalar = (constant.len() == 1).then(|| constant.cast_to::<i64>().ok()).flatten()?;
            scalar.try_as_plain_ram().ok()?.to_scalar::<i64>().ok().copied()
        }
        _ => None,
    }
}

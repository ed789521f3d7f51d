//! Arguments of an operator that are known while a model is built.

use tract_nnef::ast::{Literal, RValue};
use tract_nnef::deser::{ModelBuilder, ResolvedInvocation, Value};

/// An argument's value, where finding it out adds nothing to the model.
pub fn plain(
    builder: &mut ModelBuilder,
    invocation: &ResolvedInvocation,
    name: &str,
) -> Option<Value> {
    let value = worked_out(invocation.get_named_arg(name)?.as_ref());
    is_plain(builder, &value).then(|| value.resolve(builder, &[]).ok()).flatten()
}

/// `value` with each operation on numbers as a whole number, which is what an argument is taken for:
/// tract would make nodes of them.
fn worked_out(value: &RValue) -> RValue {
    let all = |values: &[RValue]| values.iter().map(worked_out).collect();
    match value {
        RValue::Tuple(values) => RValue::Tuple(all(values)),
        RValue::Array(values) => RValue::Array(all(values)),
        RValue::Binary(left, op, right) => {
            let operands = literal(&worked_out(left)).zip(literal(&worked_out(right)));
            let result = operands.and_then(|(a, b)| operation(op, a, b));
            let number = |n: f64| RValue::Literal(Literal::Numeric((n.floor() as i64).to_string()));
            result.map_or_else(|| value.clone(), number)
        }
        _ => value.clone(),
    }
}

fn literal(value: &RValue) -> Option<f64> {
    match value {
        RValue::Literal(Literal::Numeric(text)) => text.parse().ok(),
        _ => None,
    }
}

fn operation(op: &str, a: f64, b: f64) -> Option<f64> {
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

fn is_plain(builder: &ModelBuilder, value: &RValue) -> bool {
    match value {
        RValue::Literal(_) => true,
        RValue::Identifier(id) => {
            let in_scope = builder.scopes.last().is_some_and(|scope| scope.contains_key(id));
            in_scope || builder.model.symbols.get(&id.0).is_some()
        }
        RValue::Tuple(values) | RValue::Array(values) => {
            values.iter().all(|value| is_plain(builder, value))
        }
        _ => false,
    }
}

/// Every whole number in `value`.
pub fn numbers(builder: &ModelBuilder, value: &Value) -> Vec<i64> {
    match value {
        Value::Array(values) | Value::Tuple(values) => {
            values.iter().flat_map(|value| numbers(builder, value)).collect()
        }
        value => number(builder, value).into_iter().collect(),
    }
}

pub fn number(builder: &ModelBuilder, value: &Value) -> Option<i64> {
    match value {
        Value::Dim(dim) => dim.as_i64(),
        Value::Scalar(number) if number.fract() == 0.0 => Some(*number as i64),
        // What a fragment was given, computed before it came here.
        Value::Wire(outlet) => {
            let known = builder.model.outlet_fact(*outlet).ok()?.konst.as_ref()?;
            let known = (known.len() == 1).then(|| known.cast_to::<i64>().ok()).flatten()?;
            known.try_as_plain_ram().ok()?.to_scalar::<i64>().ok().copied()
        }
        _ => None,
    }
}

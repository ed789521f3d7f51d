//! The values of an operator's arguments, as far as they are known while a model is built.

use tract_nnef::deser::{ModelBuilder, ResolvedInvocation, Value};
use tract_nnef::internal::*;

/// The arguments of one call.
pub struct Arguments<'a, 'mb> {
    pub builder: &'a ModelBuilder<'mb>,
    pub call: &'a ResolvedInvocation<'a>,
    pub values: &'a [(Identifier, Value)],
}

impl Arguments<'_, '_> {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(id, _)| id.0 == name).map(|(_, value)| value)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; of another value the value itself.
    pub fn items(&self, name: &str) -> &[Value] {
        match self.get(name) {
            Some(Value::Array(items) | Value::Tuple(items)) => items,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        }
    }

    /// All integers in an argument that are known.
    pub fn integers(&self, name: &str) -> Vec<i64> {
        self.get(name).map_or(vec![], |value| integers(self.builder, value))
    }

    /// The only integer of an argument.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.integers(name)[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Type and shape of an argument, as tract makes a tensor of it.
    pub fn fact(&self, name: &str) -> Option<TypedFact> {
        self.get(name).and_then(|value| self.fact_of(value))
    }

    pub fn fact_of(&self, value: &Value) -> Option<TypedFact> {
        Some(match value {
            Value::Wire(outlet) => self.builder.model.outlet_fact(*outlet).ok()?.clone(),
            Value::Tensor(tensor) => TypedFact::try_from(tensor.clone()).ok()?,
            Value::Scalar(_) => f32::scalar_fact(),
            Value::Dim(_) => TDim::scalar_fact(),
            Value::Bool(_) => bool::scalar_fact(),
            Value::String(_) => String::scalar_fact(),
            Value::Tuple(items) if items.len() == 1 => self.fact_of(&items[0])?,
            Value::Tuple(_) => return None,
            Value::Array(items) => {
                let Some(first) = items.first() else { return Some(f32::fact([0])) };
                let mut fact = self.fact_of(first)?.without_value();
                fact.shape.insert_axis(0).ok()?;
                fact.shape.set(0, items.len().to_dim());
                fact
            }
        })
    }

    pub fn rank(&self, name: &str) -> Option<usize> {
        self.fact(name).map(|fact| fact.rank())
    }

    /// The ranks of an argument that is a list of tensors.
    pub fn ranks(&self, name: &str) -> Vec<usize> {
        let facts = self.items(name).iter().filter_map(|value| self.fact_of(value));
        facts.map(|fact| fact.rank()).collect()
    }
}

/// All integers in `value`.
pub fn integers(builder: &ModelBuilder, value: &Value) -> Vec<i64> {
    match value {
        Value::Array(values) | Value::Tuple(values) => {
            values.iter().flat_map(|value| integers(builder, value)).collect()
        }
        Value::Dim(dim) => dim.as_i64().into_iter().collect(),
        Value::Scalar(number) if number.fract() == 0.0 => vec![*number as i64],
        Value::Tensor(tensor) => of_tensor(tensor).unwrap_or_default(),
        Value::Wire(outlet) => {
            let fact = builder.model.outlet_fact(*outlet).ok();
            let constant = fact.and_then(|fact| fact.konst.clone());
            constant.and_then(|tensor| of_tensor(&tensor)).unwrap_or_default()
        }
        _ => vec![],
    }
}

fn of_tensor(tensor: &Tensor) -> Option<Vec<i64>> {
    let plain = tensor.try_as_plain_ram().ok()?;
    if tensor.datum_type().is_tdim() {
        let dims = plain.as_slice::<TDim>().ok()?;
        return Some(dims.iter().filter_map(TDim::as_i64).collect());
    }
    let integers = tensor.cast_to::<i64>().ok().filter(|_| tensor.datum_type().is_number())?;
    Some(integers.try_as_plain_ram().ok()?.as_slice::<i64>().ok()?.to_vec())
}

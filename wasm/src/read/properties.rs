//! A model's properties as plain JSON.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use tract_nnef::internal::*;

/// Properties as JSON: a tensor of rank 0 becomes a number or a string, others nested arrays.
pub fn to_json(properties: &HashMap<String, Arc<Tensor>>) -> TractResult<BTreeMap<String, Value>> {
    properties.iter().map(|(name, tensor)| Ok((name.clone(), tensor_to_json(tensor)?))).collect()
}

fn tensor_to_json(tensor: &Tensor) -> TractResult<Value> {
    let dt = tensor.datum_type();
    if dt == String::datum_type() {
        return nested::<String>(tensor, |text| Value::from(text.as_str()));
    }
    if dt == TDim::datum_type() {
        let number = |dim: &TDim| dim.as_i64().map_or_else(|| dim.to_string().into(), Value::from);
        return nested::<TDim>(tensor, number);
    }
    if dt == bool::datum_type() {
        return nested::<bool>(tensor, |value| Value::from(*value));
    }
    if dt.unquantized().is_float() {
        return nested::<f64>(&*tensor.cast_to::<f64>()?, |value| Value::from(*value));
    }
    nested::<i64>(&*tensor.cast_to::<i64>()?, |value| Value::from(*value))
}

fn nested<T: Datum>(tensor: &Tensor, item: impl Fn(&T) -> Value + Copy) -> TractResult<Value> {
    fn level<T>(shape: &[usize], items: &[T], item: impl Fn(&T) -> Value + Copy) -> Value {
        match shape.split_first() {
            None => item(&items[0]),
            Some((0, _)) => Value::Array(vec![]),
            Some((rows, rest)) => {
                let chunks = items.chunks((items.len() / rows).max(1)).take(*rows);
                chunks.map(|row| level(rest, row, item)).collect()
            }
        }
    }
    Ok(level(tensor.shape(), tensor.try_as_plain_ram()?.as_slice::<T>()?, item))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_strings_and_arrays() -> TractResult<()> {
        let properties: HashMap<String, Arc<Tensor>> = HashMap::from([
            ("delay".into(), rctensor0(3i64)),
            ("axes".into(), rctensor2(&[[1i64, 2], [3, 4]])),
            ("name".into(), rctensor0("S".to_string())),
            ("ratio".into(), rctensor0(0.5f32)),
            ("none".into(), Tensor::zero::<i64>(&[0])?.into_arc_tensor()),
        ]);
        let json = serde_json::to_value(to_json(&properties)?)?;
        let expected = json!({
            "delay": 3, "axes": [[1, 2], [3, 4]], "name": "S", "ratio": 0.5, "none": []
        });
        assert_eq!(json, expected);
        Ok(())
    }
}

//! Rules of operators that read or write at positions.

use tract_nnef::internal::*;

use super::rules::check_range;
use super::special::can_broadcast;
use super::values::Arguments;

/// Each known index lies in the axis.
fn check_indices(arguments: &Arguments, length: Option<i64>) -> TractResult<()> {
    let dt = arguments.fact("indices").map(|fact| fact.datum_type);
    let fits = dt.is_none_or(|dt| dt.is_number() || dt.is_tdim());
    ensure!(fits, "indices are no numbers");
    let Some(length) = length else { return Ok(()) };
    check_range("indices", &arguments.integers("indices"), -length, length - 1)
}

fn length_of_axis(arguments: &Arguments) -> Option<i64> {
    let axis = usize::try_from(arguments.integer("axis")?).ok()?;
    arguments.fact("input")?.shape.get(axis)?.as_i64()
}

pub fn gather(arguments: &Arguments) -> TractResult<()> {
    check_indices(arguments, length_of_axis(arguments))
}

pub fn gather_elements(arguments: &Arguments) -> TractResult<()> {
    check_indices(arguments, length_of_axis(arguments))?;
    let axis = arguments.integer("axis");
    let (Some(input), Some(indices)) = (arguments.fact("input"), arguments.fact("indices")) else {
        return Ok(());
    };
    for (ix, (dim, index)) in input.shape.iter().zip(indices.shape.iter()).enumerate() {
        let beyond = dim.as_i64().zip(index.as_i64()).is_some_and(|(dim, index)| index > dim);
        ensure!(axis == Some(ix as i64) || !beyond, "indices are larger than the input");
    }
    Ok(())
}

pub fn scatter_elements(arguments: &Arguments) -> TractResult<()> {
    gather_elements(arguments)?;
    let (Some(indices), Some(updates)) = (arguments.fact("indices"), arguments.fact("updates"))
    else {
        return Ok(());
    };
    for (index, update) in indices.shape.iter().zip(updates.shape.iter()) {
        let beyond = index.as_i64().zip(update.as_i64()).is_some_and(|(a, b)| a > b);
        ensure!(!beyond, "there are fewer updates than indices");
    }
    Ok(())
}

/// The last axis of the indices holds a position in the input.
fn check_positions(arguments: &Arguments, batches: i64) -> TractResult<Option<usize>> {
    let (Some(input), Some(indices)) = (arguments.fact("input"), arguments.fact("indices")) else {
        return Ok(None);
    };
    let dt = indices.datum_type;
    ensure!(dt.is_number() || dt.is_tdim(), "indices are no numbers");
    ensure!(indices.rank() >= 1, "indices have no axis");
    let last = indices.shape[indices.rank() - 1].as_i64();
    let count = last.context("the number of coordinates is open")?;
    ensure!(batches >= 0 && batches < indices.rank() as i64, "batch_dims is {batches}");
    let fits = batches + count <= input.rank() as i64;
    ensure!(fits, "{count} coordinates are more than the input has axes");
    let dims: Vec<_> = input.shape.iter().skip(batches as usize).map(TDim::as_i64).collect();
    for position in arguments.integers("indices").chunks(count.max(1) as usize) {
        for (index, length) in position.iter().zip(&dims) {
            let length = length.unwrap_or(i64::MAX);
            check_range("indices", &[*index], 0, length - 1)?;
        }
    }
    for (dim, index) in input.shape.iter().zip(indices.shape.iter()).take(batches as usize) {
        ensure!(can_broadcast(dim, index), "batches of {dim} and {index}");
    }
    Ok(Some(count as usize))
}

pub fn gather_nd(arguments: &Arguments) -> TractResult<()> {
    let batches = arguments.integer("batch_dims").context("batch_dims is no number")?;
    check_positions(arguments, batches).map(|_| ())
}

pub fn scatter_nd(arguments: &Arguments) -> TractResult<()> {
    let Some(count) = check_positions(arguments, 0)? else { return Ok(()) };
    let [input, indices, updates] = ["input", "indices", "updates"].map(|it| arguments.fact(it));
    let (Some(input), Some(indices), Some(updates)) = (input, indices, updates) else {
        return Ok(());
    };
    let outer = indices.shape.iter().take(indices.rank() - 1);
    let needed: Vec<_> = outer.chain(input.shape.iter().skip(count)).collect();
    let equal = needed.len() == updates.rank()
        && needed
            .iter()
            .zip(updates.shape.iter())
            .all(|(a, b)| a.as_i64().zip(b.as_i64()).is_none_or(|(a, b)| a == b));
    ensure!(equal, "updates have shape {:?}, not {needed:?}", updates.shape);
    Ok(())
}

pub fn topk(arguments: &Arguments) -> TractResult<()> {
    let k = arguments.fact("k");
    ensure!(k.is_none_or(|k| k.shape.volume().is_one()), "k is no single number");
    let most = length_of_axis(arguments).unwrap_or(1 << 24);
    check_range("k", &arguments.integers("k"), 0, most)
}

pub fn downsample(arguments: &Arguments) -> TractResult<()> {
    let limit = i64::from(i32::MAX);
    let strides = arguments.integers("stride");
    check_range("stride", &strides, -limit, limit)?;
    ensure!(!strides.contains(&0), "stride is 0");
    let most = length_of_axis(arguments).unwrap_or(limit);
    check_range("modulo", &arguments.integers("modulo"), 0, most)
}

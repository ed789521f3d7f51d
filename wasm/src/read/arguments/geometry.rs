//! Rules of operators with windows or positions in space.

use tract_nnef::internal::*;

use super::rules::check_size;
use super::values::Arguments;

/// One axis that a window slides along.
struct Window {
    size: i64,
    stride: i64,
    dilation: i64,
    /// None if tract computes it.
    padding: Option<i64>,
}

/// The windows of a call, one for each axis of its kernel or size.
fn windows(arguments: &Arguments, sizes: &[i64]) -> Vec<Window> {
    let [strides, dilations, paddings] =
        ["stride", "dilation", "padding"].map(|name| arguments.integers(name));
    let window = |(axis, size): (usize, &i64)| Window {
        size: *size,
        stride: strides.get(axis).copied().unwrap_or(1),
        dilation: dilations.get(axis).copied().unwrap_or(1),
        padding: paddings.get(2 * axis..2 * axis + 2).map(|pair| pair[0] + pair[1]),
    };
    sizes.iter().enumerate().map(window).collect()
}

/// The window is not longer than the padded input. tract would subtract below zero.
fn check_fit(windows: &[Window], dims: &[TDim]) -> TractResult<()> {
    for (window, dim) in windows.iter().zip(dims) {
        let (Some(length), Some(padding)) = (dim.as_i64(), window.padding) else { continue };
        let covered = (window.size - 1) * window.dilation + 1;
        ensure!(
            covered <= length + padding,
            "a window of {covered} is longer than its axis of {length} and padding of {padding}"
        );
    }
    Ok(())
}

pub fn pool_fits(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    check_fit(&windows(arguments, &arguments.integers("size")), &input.shape)
}

pub fn filter_fits(arguments: &Arguments) -> TractResult<()> {
    let (Some(input), Some(filter)) = (arguments.fact("input"), arguments.fact("filter")) else {
        return Ok(());
    };
    let sizes: Option<Vec<i64>> = filter.shape.iter().map(TDim::as_i64).collect();
    let sizes = sizes.context("the filter's size is open")?;
    ensure!(sizes.iter().all(|size| *size > 0), "the filter has an axis of 0");
    let groups = arguments.integer("groups").or(arguments.integer("group")).unwrap_or(1);
    ensure!(groups >= 0, "groups is {groups}");
    // Of 0 groups each channel is one.
    let groups = if groups == 0 { sizes[0] } else { groups };
    ensure!(sizes[0] % groups == 0, "{} outputs do not divide into {groups} groups", sizes[0]);
    if let Some(bias) = arguments.fact("bias") {
        let wide: Vec<_> = bias.shape.iter().filter(|dim| !dim.is_one()).collect();
        let outputs = [sizes[0], sizes[1] * groups];
        let fits = wide.iter().all(|dim| dim.as_i64().is_some_and(|n| outputs.contains(&n)));
        ensure!(wide.len() <= 1 && fits, "the bias has shape {:?}", bias.shape);
    }
    if arguments.call.invocation.id.0 == "deconv" {
        return Ok(());
    }
    check_fit(&windows(arguments, &sizes[2..]), &input.shape[2..])
}

pub fn deconvolution(arguments: &Arguments) -> TractResult<()> {
    let shape = arguments.integers("output_shape");
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    let (sizes, skipped) = match arguments.fact("filter") {
        Some(filter) => (filter.shape.iter().filter_map(TDim::as_i64).skip(2).collect(), 2),
        None => (arguments.integers("size"), 0),
    };
    let is_automatic = arguments.items("padding").is_empty();
    let is_used = shape.len() == sizes.len();
    ensure!(!is_used || !is_automatic, "an output_shape without padding is not supported");
    check_size("the output", shape.iter().copied())?;
    let windows = windows(arguments, &sizes);
    let mut output = vec![];
    for (window, dim) in windows.iter().zip(input.shape.iter().skip(skipped)) {
        let Some(length) = dim.as_i64() else { continue };
        let covered = (length - 1) * window.stride + (window.size - 1) * window.dilation + 1;
        let length = covered - window.padding.unwrap_or(0);
        ensure!(length > 0, "the padding of {:?} leaves no output", window.padding);
        output.push(length);
    }
    for (needed, length) in shape.iter().zip(&output) {
        ensure!(needed >= length, "output_shape has {needed}, but the output has {length}");
    }
    check_size("the output", output)
}

/// Sizes and scales of a resize are positive, one for each axis.
pub fn resize(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    check_resized(&input)?;
    for name in ["scales", "sizes"] {
        let Some(fact) = arguments.fact(name) else { continue };
        if fact.datum_type == bool::datum_type() {
            continue;
        }
        let rank = input.rank() as i64;
        ensure!(fact.rank() == 1, "{name} has {} axes, not 1", fact.rank());
        ensure!(fact.shape[0].as_i64() == Some(rank), "{name} has no value for each axis");
        let Some(values) = floats(arguments, name) else { continue };
        let finite = values.iter().all(|value| *value > 0.0 && *value < 1e6);
        ensure!(finite, "{name} has a value that is not positive");
        let dims = input.shape.iter().zip(values).map(|(dim, value)| match name {
            "sizes" => value as i64,
            _ => (dim.as_i64().unwrap_or(1) as f32 * value) as i64,
        });
        check_size("the output", dims)?;
    }
    Ok(())
}

/// The values of a constant tensor.
pub fn floats(arguments: &Arguments, name: &str) -> Option<Vec<f32>> {
    use tract_nnef::deser::Value;
    let of_value = |value: &Value| match value {
        Value::Scalar(number) => Some(vec![*number]),
        Value::Dim(dim) => Some(vec![dim.as_i64()? as f32]),
        Value::Wire(_) | Value::Tensor(_) => {
            let constant = arguments.fact_of(value)?.konst?;
            let floats = constant.cast_to::<f32>().ok()?;
            Some(floats.try_as_plain_ram().ok()?.as_slice::<f32>().ok()?.to_vec())
        }
        _ => None,
    };
    let all: Option<Vec<_>> = arguments.items(name).iter().map(of_value).collect();
    all.map(|all| all.concat())
}

fn check_resized(input: &TypedFact) -> TractResult<()> {
    ensure!(input.datum_type.is_number(), "input has elements of type {:?}", input.datum_type);
    let is_empty = input.shape.iter().any(|dim| dim.as_i64() == Some(0));
    ensure!(!is_empty, "input has no elements");
    Ok(())
}

pub fn upsample(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    check_resized(&input)?;
    let factors = arguments.integers("factor");
    ensure!(factors.len() <= input.rank(), "factor has more values than the input has axes");
    let known = input.shape.iter().rev().zip(factors.iter().rev());
    check_size("the output", known.map(|(dim, by)| dim.as_i64().unwrap_or(1).saturating_mul(*by)))
}

/// A grid holds a position of as many coordinates as the input has axes in space.
pub fn grid(arguments: &Arguments) -> TractResult<()> {
    let (Some(input), Some(grid)) = (arguments.fact("input"), arguments.fact("grid")) else {
        return Ok(());
    };
    let coordinates = grid.shape.last().and_then(TDim::as_i64);
    let needed = input.rank() as i64 - 2;
    ensure!(coordinates == Some(needed), "the grid's last axis must have {needed} coordinates");
    ensure!(input.datum_type.is_float() && grid.datum_type.is_float(), "input or grid is no float");
    ensure!(grid.shape[0] == input.shape[0], "input and grid have different batches");
    Ok(())
}

/// The axis that a Fourier transform runs along is not the last, which holds the two parts.
pub fn spectrum(arguments: &Arguments) -> TractResult<()> {
    let Some(input) = arguments.fact("input") else { return Ok(()) };
    let axis = arguments.integer("axis").context("axis is no number")?;
    ensure!(input.rank() >= 2, "input has {} axes, fewer than 2", input.rank());
    let last = input.rank() as i64 - 1;
    ensure!((0..last).contains(&axis), "axis {axis} is not in 0..{last}");
    if let (Some(frame), Some(length)) =
        (arguments.integer("frame"), input.shape[axis as usize].as_i64())
    {
        ensure!(frame <= length, "a frame of {frame} is longer than its axis of {length}");
        let window = arguments.fact("window").filter(|fact| fact.datum_type.is_float());
        let fits = window.is_none_or(|fact| fact.shape.volume().as_i64() == Some(frame));
        ensure!(fits, "the window is not as long as the frame of {frame}");
    }
    Ok(())
}

//! Arithmetic on rows of f32 values, four at a time.

mod arithmetic;
mod lanes;
mod linear;

pub use arithmetic::Arithmetic;
use lanes::Lanes;
pub use linear::{GROUP, linear};

/// Layer normalisation in place: (row - mean) / √(variance + eps) · scale + shift.
///
/// # Panics
///
/// If the three slices differ in length.
pub fn layer_norm(row: &mut [f32], eps: f32, scale: &[f32], shift: &[f32]) {
    assert!(scale.len() == row.len() && shift.len() == row.len());
    let count = row.len() as f32;
    let mean = sum(row, |x| x, |x| x) / count;
    let means = Lanes::splat(mean);
    let square = |x: f32| (x - mean) * (x - mean);
    let squares = |x: Lanes| x.sub(means).mul(x.sub(means));
    let factor = (sum(row, square, squares) / count + eps).sqrt().recip();
    let factors = Lanes::splat(factor);
    let (fours, rest) = row.as_chunks_mut::<4>();
    let (scales, last_scales) = scale.as_chunks::<4>();
    let (shifts, last_shifts) = shift.as_chunks::<4>();
    for k in 0..fours.len() {
        let normalized = Lanes::load(&fours[k]).sub(means).mul(factors);
        normalized.mul(Lanes::load(&scales[k])).add(Lanes::load(&shifts[k])).store(&mut fours[k]);
    }
    for k in 0..rest.len() {
        rest[k] = (rest[k] - mean) * factor * last_scales[k] + last_shifts[k];
    }
}

#[inline(always)]
fn sum(row: &[f32], one: impl Fn(f32) -> f32, four: impl Fn(Lanes) -> Lanes) -> f32 {
    let (fours, rest) = row.as_chunks::<4>();
    let mut sums = Lanes::splat(0.0);
    for it in fours {
        sums = sums.add(four(Lanes::load(it)));
    }
    let mut total = sums.sum();
    for it in rest {
        total += one(*it);
    }
    total
}

/// `output[k] = input[indices[k]]`; an index out of range writes 0.
///
/// # Panics
///
/// If `indices` and `output` differ in length.
pub fn gather(input: &[f32], indices: &[u32], output: &mut [f32]) {
    assert!(indices.len() == output.len());
    for (value, index) in output.iter_mut().zip(indices) {
        *value = input.get(*index as usize).copied().unwrap_or(0.0);
    }
}

/// Rotary position embedding in place: rotates the pair (row[k], row[k + half]) by angle k.
///
/// # Panics
///
/// If `cosines` or `sines` are not half as long as `row`.
pub fn rope(row: &mut [f32], cosines: &[f32], sines: &[f32]) {
    let (left, right) = row.split_at_mut(row.len() / 2);
    assert!(left.len() == right.len());
    assert!(cosines.len() == left.len() && sines.len() == left.len());
    let (lefts, last_left) = left.as_chunks_mut::<4>();
    let (rights, last_right) = right.as_chunks_mut::<4>();
    for k in 0..lefts.len() {
        let (a, b) = (Lanes::load(&lefts[k]), Lanes::load(&rights[k]));
        let cosine = Lanes::load(&cosines.as_chunks().0[k]);
        let sine = Lanes::load(&sines.as_chunks().0[k]);
        a.mul(cosine).sub(b.mul(sine)).store(&mut lefts[k]);
        a.mul(sine).add(b.mul(cosine)).store(&mut rights[k]);
    }
    let done = 4 * lefts.len();
    for k in 0..last_left.len() {
        let (a, b) = (last_left[k], last_right[k]);
        let (cosine, sine) = (cosines[done + k], sines[done + k]);
        last_left[k] = a * cosine - b * sine;
        last_right[k] = a * sine + b * cosine;
    }
}

/// The dot product of `x` with each row of `rows`.
///
/// # Panics
///
/// If `to` does not have one value for each row.
pub fn dot_products(x: &[f32], rows: &[f32], to: &mut [f32]) {
    let width = x.len();
    assert!(rows.len() == width * to.len());
    let (xs, last) = x.as_chunks::<4>();
    let (tos, rest) = to.as_chunks_mut::<4>();
    for (k, to) in tos.iter_mut().enumerate() {
        let four = &rows[4 * k * width..4 * (k + 1) * width];
        let (a, four) = four.split_at(width);
        let (b, four) = four.split_at(width);
        let (c, d) = four.split_at(width);
        let each = [
            a.as_chunks::<4>().0,
            b.as_chunks::<4>().0,
            c.as_chunks::<4>().0,
            d.as_chunks::<4>().0,
        ];
        let mut sums = [Lanes::splat(0.0); 4];
        for i in 0..xs.len() {
            let x = Lanes::load(&xs[i]);
            sums[0] = sums[0].add(x.mul(Lanes::load(&each[0][i])));
            sums[1] = sums[1].add(x.mul(Lanes::load(&each[1][i])));
            sums[2] = sums[2].add(x.mul(Lanes::load(&each[2][i])));
            sums[3] = sums[3].add(x.mul(Lanes::load(&each[3][i])));
        }
        Lanes::sums_of(sums).store(to);
        for (i, x) in last.iter().enumerate() {
            let at = 4 * xs.len() + i;
            to[0] += x * a[at];
            to[1] += x * b[at];
            to[2] += x * c[at];
            to[3] += x * d[at];
        }
    }
    let done = 4 * tos.len();
    for (k, to) in rest.iter_mut().enumerate() {
        let row = &rows[(done + k) * width..(done + k + 1) * width];
        let (fours, last_of_row) = row.as_chunks::<4>();
        let mut sums = Lanes::splat(0.0);
        for i in 0..xs.len() {
            sums = sums.add(Lanes::load(&xs[i]).mul(Lanes::load(&fours[i])));
        }
        *to = sums.sum();
        for i in 0..last.len() {
            *to += last[i] * last_of_row[i];
        }
    }
}

/// exp(x − max) in place; returns the sum (softmax).
pub fn softmax_exp(row: &mut [f32]) -> f32 {
    let (fours, rest) = row.as_chunks_mut::<4>();
    let mut max = Lanes::splat(f32::NEG_INFINITY);
    for it in &*fours {
        max = max.max(Lanes::load(it));
    }
    for it in &*rest {
        max = max.max(Lanes::splat(*it));
    }
    let max = Lanes::splat(max.max_lane());
    let mut sums = Lanes::splat(0.0);
    for it in fours {
        let exp = Lanes::load(it).sub(max).exp();
        sums = sums.add(exp);
        exp.store(it);
    }
    let mut sum = sums.sum();
    for it in rest {
        let mut four = [0.0; 4];
        Lanes::splat(*it).sub(max).exp().store(&mut four);
        *it = four[0];
        sum += four[0];
    }
    sum
}

/// `to` = factor · Σ weights[k] · rows[k].
///
/// # Panics
///
/// If there is not one weight for each row, or `to` is empty.
pub fn weighted_sum(weights: &[f32], rows: &[f32], factor: f32, to: &mut [f32]) {
    let width = to.len();
    assert!(rows.len() == width * weights.len());
    let (fours, rest) = to.as_chunks_mut::<16>();
    for (k, to) in fours.iter_mut().enumerate() {
        let mut sums = [Lanes::splat(0.0); 4];
        for (weight, row) in weights.iter().zip(rows.chunks_exact(width)) {
            let weight = Lanes::splat(*weight);
            let values = row[16 * k..][..16].as_chunks::<4>().0;
            sums[0] = sums[0].add(weight.mul(Lanes::load(&values[0])));
            sums[1] = sums[1].add(weight.mul(Lanes::load(&values[1])));
            sums[2] = sums[2].add(weight.mul(Lanes::load(&values[2])));
            sums[3] = sums[3].add(weight.mul(Lanes::load(&values[3])));
        }
        let to = to.as_chunks_mut::<4>().0;
        let factors = Lanes::splat(factor);
        sums[0].mul(factors).store(&mut to[0]);
        sums[1].mul(factors).store(&mut to[1]);
        sums[2].mul(factors).store(&mut to[2]);
        sums[3].mul(factors).store(&mut to[3]);
    }
    let done = width - rest.len();
    for (k, to) in rest.iter_mut().enumerate() {
        let column = rows[done + k..].iter().step_by(width);
        *to = weights.iter().zip(column).map(|(weight, it)| weight * it).sum::<f32>() * factor;
    }
}

/// row · factor, in place.
pub fn scale(row: &mut [f32], factor: f32) {
    let (fours, rest) = row.as_chunks_mut::<4>();
    for it in fours {
        Lanes::load(it).mul(Lanes::splat(factor)).store(it);
    }
    for it in rest {
        *it *= factor;
    }
}

/// row · factor + other, in place.
///
/// # Panics
///
/// If the two rows differ in length.
pub fn scale_and_add(row: &mut [f32], factor: f32, other: &[f32]) {
    assert!(row.len() == other.len());
    let (fours, rest) = row.as_chunks_mut::<4>();
    let (others, last) = other.as_chunks::<4>();
    for k in 0..fours.len() {
        let scaled = Lanes::load(&fours[k]).mul(Lanes::splat(factor));
        scaled.add(Lanes::load(&others[k])).store(&mut fours[k]);
    }
    for k in 0..rest.len() {
        rest[k] = rest[k] * factor + last[k];
    }
}

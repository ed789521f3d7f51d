//! Arithmetic on rows of numbers, four at a time.

mod arithmetic;
mod lanes;
mod linear;

pub use arithmetic::Arithmetic;
use lanes::Lanes;
pub use linear::{GROUP, linear};

/// `row`, less its mean, over its standard deviation, then scaled and shifted number by number.
///
/// # Panics
///
/// Where the three are not of one length.
pub fn normalize(row: &mut [f32], eps: f32, scale: &[f32], shift: &[f32]) {
    assert!(scale.len() == row.len() && shift.len() == row.len());
    let count = row.len() as f32;
    let mean = sum(row, |x| x, |x| x) / count;
    let all = Lanes::all(mean);
    let square = |x: f32| (x - mean) * (x - mean);
    let squares = |x: Lanes| x.minus(all).times(x.minus(all));
    let by = (sum(row, square, squares) / count + eps).sqrt().recip();
    let all_by = Lanes::all(by);
    let (fours, rest) = row.as_chunks_mut::<4>();
    let (scales, last_scales) = scale.as_chunks::<4>();
    let (shifts, last_shifts) = shift.as_chunks::<4>();
    for k in 0..fours.len() {
        let unit = Lanes::of(&fours[k]).minus(all).times(all_by);
        unit.times(Lanes::of(&scales[k])).plus(Lanes::of(&shifts[k])).to(&mut fours[k]);
    }
    for k in 0..rest.len() {
        rest[k] = (rest[k] - mean) * by * last_scales[k] + last_shifts[k];
    }
}

#[inline(always)]
fn sum(row: &[f32], one: impl Fn(f32) -> f32, four: impl Fn(Lanes) -> Lanes) -> f32 {
    let (fours, rest) = row.as_chunks::<4>();
    let mut sums = Lanes::all(0.0);
    for it in fours {
        sums = sums.plus(four(Lanes::of(it)));
    }
    let mut total = sums.sum();
    for it in rest {
        total += one(*it);
    }
    total
}

/// Values of `from`, each from its place; 0 where there is no such place.
///
/// # Panics
///
/// Where there are not as many places as values.
pub fn copy(from: &[f32], places: &[u32], to: &mut [f32]) {
    assert!(places.len() == to.len());
    for (value, place) in to.iter_mut().zip(places) {
        *value = from.get(*place as usize).copied().unwrap_or(0.0);
    }
}

/// The two halves of `row` as pairs, each turned by an angle of its own.
///
/// # Panics
///
/// Where there are not half as many cosines, and sines, as numbers.
pub fn turn(row: &mut [f32], cosines: &[f32], sines: &[f32]) {
    let (left, right) = row.split_at_mut(row.len() / 2);
    assert!(left.len() == right.len());
    assert!(cosines.len() == left.len() && sines.len() == left.len());
    let (lefts, last_left) = left.as_chunks_mut::<4>();
    let (rights, last_right) = right.as_chunks_mut::<4>();
    for k in 0..lefts.len() {
        let (a, b) = (Lanes::of(&lefts[k]), Lanes::of(&rights[k]));
        let cosine = Lanes::of(&cosines.as_chunks().0[k]);
        let sine = Lanes::of(&sines.as_chunks().0[k]);
        a.times(cosine).minus(b.times(sine)).to(&mut lefts[k]);
        a.times(sine).plus(b.times(cosine)).to(&mut rights[k]);
    }
    let done = 4 * lefts.len();
    for k in 0..last_left.len() {
        let (a, b) = (last_left[k], last_right[k]);
        let (cosine, sine) = (cosines[done + k], sines[done + k]);
        last_left[k] = a * cosine - b * sine;
        last_right[k] = a * sine + b * cosine;
    }
}

/// The product of `x` with each row of `rows`, into `to`.
///
/// # Panics
///
/// Where `rows` are not as many as `to` holds.
pub fn products(x: &[f32], rows: &[f32], to: &mut [f32]) {
    let wide = x.len();
    assert!(rows.len() == wide * to.len());
    let (xs, last) = x.as_chunks::<4>();
    let (tos, rest) = to.as_chunks_mut::<4>();
    for (k, to) in tos.iter_mut().enumerate() {
        let four = &rows[4 * k * wide..4 * (k + 1) * wide];
        let (a, four) = four.split_at(wide);
        let (b, four) = four.split_at(wide);
        let (c, d) = four.split_at(wide);
        let each = [
            a.as_chunks::<4>().0,
            b.as_chunks::<4>().0,
            c.as_chunks::<4>().0,
            d.as_chunks::<4>().0,
        ];
        let mut sums = [Lanes::all(0.0); 4];
        for i in 0..xs.len() {
            let x = Lanes::of(&xs[i]);
            sums[0] = sums[0].plus(x.times(Lanes::of(&each[0][i])));
            sums[1] = sums[1].plus(x.times(Lanes::of(&each[1][i])));
            sums[2] = sums[2].plus(x.times(Lanes::of(&each[2][i])));
            sums[3] = sums[3].plus(x.times(Lanes::of(&each[3][i])));
        }
        Lanes::sums(sums).to(to);
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
        let row = &rows[(done + k) * wide..(done + k + 1) * wide];
        let (fours, last_of_row) = row.as_chunks::<4>();
        let mut sums = Lanes::all(0.0);
        for i in 0..xs.len() {
            sums = sums.plus(Lanes::of(&xs[i]).times(Lanes::of(&fours[i])));
        }
        *to = sums.sum();
        for i in 0..last.len() {
            *to += last[i] * last_of_row[i];
        }
    }
}

/// `row` as powers of e, each over that of the greatest; their sum.
pub fn powers(row: &mut [f32]) -> f32 {
    let (fours, rest) = row.as_chunks_mut::<4>();
    let mut greatest = Lanes::all(f32::NEG_INFINITY);
    for it in &*fours {
        greatest = greatest.max(Lanes::of(it));
    }
    for it in &*rest {
        greatest = greatest.max(Lanes::all(*it));
    }
    let greatest = Lanes::all(greatest.greatest());
    let mut sums = Lanes::all(0.0);
    for it in fours {
        let power = Lanes::of(it).minus(greatest).exp();
        sums = sums.plus(power);
        power.to(it);
    }
    let mut sum = sums.sum();
    for it in rest {
        let mut four = [0.0; 4];
        Lanes::all(*it).minus(greatest).exp().to(&mut four);
        *it = four[0];
        sum += four[0];
    }
    sum
}

/// The sum of `rows`, each times its weight, times `by`, into `to`.
///
/// # Panics
///
/// Where `rows` are not as many as there are weights, or there are none.
pub fn mix(weights: &[f32], rows: &[f32], by: f32, to: &mut [f32]) {
    let wide = to.len();
    assert!(rows.len() == wide * weights.len());
    let (fours, rest) = to.as_chunks_mut::<16>();
    for (k, to) in fours.iter_mut().enumerate() {
        let mut sums = [Lanes::all(0.0); 4];
        for (weight, row) in weights.iter().zip(rows.chunks_exact(wide)) {
            let weight = Lanes::all(*weight);
            let values = row[16 * k..][..16].as_chunks::<4>().0;
            sums[0] = sums[0].plus(weight.times(Lanes::of(&values[0])));
            sums[1] = sums[1].plus(weight.times(Lanes::of(&values[1])));
            sums[2] = sums[2].plus(weight.times(Lanes::of(&values[2])));
            sums[3] = sums[3].plus(weight.times(Lanes::of(&values[3])));
        }
        let to = to.as_chunks_mut::<4>().0;
        let by = Lanes::all(by);
        sums[0].times(by).to(&mut to[0]);
        sums[1].times(by).to(&mut to[1]);
        sums[2].times(by).to(&mut to[2]);
        sums[3].times(by).to(&mut to[3]);
    }
    let done = wide - rest.len();
    for (k, to) in rest.iter_mut().enumerate() {
        let column = rows[done + k..].iter().step_by(wide);
        *to = weights.iter().zip(column).map(|(weight, it)| weight * it).sum::<f32>() * by;
    }
}

/// `row` times a number.
pub fn scale(row: &mut [f32], by: f32) {
    let (fours, rest) = row.as_chunks_mut::<4>();
    for it in fours {
        Lanes::of(it).times(Lanes::all(by)).to(it);
    }
    for it in rest {
        *it *= by;
    }
}

/// `row` times a number, and another row besides.
///
/// # Panics
///
/// Where the two are not of one length.
pub fn scale_and_add(row: &mut [f32], by: f32, other: &[f32]) {
    assert!(row.len() == other.len());
    let (fours, rest) = row.as_chunks_mut::<4>();
    let (others, last) = other.as_chunks::<4>();
    for k in 0..fours.len() {
        let scaled = Lanes::of(&fours[k]).times(Lanes::all(by));
        scaled.plus(Lanes::of(&others[k])).to(&mut fours[k]);
    }
    for k in 0..rest.len() {
        rest[k] = rest[k] * by + last[k];
    }
}

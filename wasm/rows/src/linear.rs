//! Rows by constant weights.

use super::lanes::Lanes;

/// Outputs at a time.
pub const GROUP: usize = 8;

/// Rows at a time: so many sums of a group as there are registers for.
const ROWS: usize = 4;

/// Rows `x` to rows `y` of `outputs` places.
///
/// `weights` are as many groups of eight outputs as it takes, each the weights of one input after
/// the other; `bias` is what the sum of each output begins with.
///
/// # Panics
///
/// Where the lengths do not fit.
pub fn linear(x: &[f32], weights: &[f32], bias: &[f32], outputs: usize, y: &mut [f32]) {
    let inputs = weights.len() / bias.len();
    let (x, alone) = x.split_at(x.len() - x.len() % (ROWS * inputs));
    let (y, y_alone) = y.split_at_mut(x.len() / inputs * outputs);
    let x = interleaved(x, inputs);
    let groups = weights.chunks_exact(inputs * GROUP).zip(bias.as_chunks::<GROUP>().0);
    for (group, (weights, bias)) in groups.enumerate() {
        let from = group * GROUP;
        let to = (from + GROUP).min(outputs);
        let write = |y: &mut [f32], sums: &[f32; GROUP]| {
            y[from..to].copy_from_slice(&sums[..to - from]);
        };
        for (x, y) in x.chunks_exact(inputs).zip(y.chunks_exact_mut(ROWS * outputs)) {
            let mut sums = [*bias; ROWS];
            several(x, weights, &mut sums);
            for (y, sums) in y.chunks_exact_mut(outputs).zip(&sums) {
                write(y, sums);
            }
        }
        for (x, y) in alone.chunks_exact(inputs).zip(y_alone.chunks_exact_mut(outputs)) {
            let mut sums = *bias;
            one(x, weights, &mut sums);
            write(y, &sums);
        }
    }
}

/// Four rows after four, each input of all four together.
fn interleaved(x: &[f32], inputs: usize) -> Vec<[f32; ROWS]> {
    let mut all = Vec::with_capacity(x.len() / ROWS);
    for rows in x.chunks_exact(ROWS * inputs) {
        all.extend((0..inputs).map(|k| std::array::from_fn(|row| rows[row * inputs + k])));
    }
    all
}

/// Adds to the sums of a group, for four rows, their products with its weights.
fn several(x: &[[f32; ROWS]], weights: &[f32], sums: &mut [[f32; GROUP]; ROWS]) {
    let halves = |sums: &[f32; GROUP]| {
        let [left, right] = sums.as_chunks::<4>().0 else { unreachable!("two fours are eight") };
        (Lanes::of(left), Lanes::of(right))
    };
    let (mut a, mut b) = halves(&sums[0]);
    let (mut c, mut d) = halves(&sums[1]);
    let (mut e, mut f) = halves(&sums[2]);
    let (mut g, mut h) = halves(&sums[3]);
    for (x, weights) in x.iter().zip(weights.as_chunks::<GROUP>().0) {
        let (left, right) = halves(weights);
        let x = x.map(Lanes::all);
        (a, b) = (a.plus(x[0].times(left)), b.plus(x[0].times(right)));
        (c, d) = (c.plus(x[1].times(left)), d.plus(x[1].times(right)));
        (e, f) = (e.plus(x[2].times(left)), f.plus(x[2].times(right)));
        (g, h) = (g.plus(x[3].times(left)), h.plus(x[3].times(right)));
    }
    for (sums, (left, right)) in sums.iter_mut().zip([(a, b), (c, d), (e, f), (g, h)]) {
        let [one, other] = sums.as_chunks_mut::<4>().0 else { unreachable!("two fours are eight") };
        left.to(one);
        right.to(other);
    }
}

/// Adds to the sums of a group, for one row, its products with the group's weights: of four inputs
/// to sums of their own, none of which waits for another.
fn one(x: &[f32], weights: &[f32], sums: &mut [f32; GROUP]) {
    let (fours, rest) = x.as_chunks::<4>();
    let (groups, last) = weights.as_chunks::<{ 4 * GROUP }>();
    assert!(groups.len() == fours.len() && last.len() == rest.len() * GROUP);
    let mut lefts = [Lanes::all(0.0); 4];
    let mut rights = lefts;
    for k in 0..fours.len() {
        let weights = groups[k].as_chunks::<4>().0;
        let x = fours[k].map(Lanes::all);
        lefts[0] = lefts[0].plus(x[0].times(Lanes::of(&weights[0])));
        rights[0] = rights[0].plus(x[0].times(Lanes::of(&weights[1])));
        lefts[1] = lefts[1].plus(x[1].times(Lanes::of(&weights[2])));
        rights[1] = rights[1].plus(x[1].times(Lanes::of(&weights[3])));
        lefts[2] = lefts[2].plus(x[2].times(Lanes::of(&weights[4])));
        rights[2] = rights[2].plus(x[2].times(Lanes::of(&weights[5])));
        lefts[3] = lefts[3].plus(x[3].times(Lanes::of(&weights[6])));
        rights[3] = rights[3].plus(x[3].times(Lanes::of(&weights[7])));
    }
    let [to, and] = sums.as_chunks_mut::<4>().0 else { unreachable!("two fours are eight") };
    let total = |[a, b, c, d]: [Lanes; 4]| a.plus(b).plus(c.plus(d));
    let (mut left, mut right) =
        (Lanes::of(to).plus(total(lefts)), Lanes::of(and).plus(total(rights)));
    for (x, weights) in rest.iter().zip(last.as_chunks::<GROUP>().0) {
        let weights = weights.as_chunks::<4>().0;
        left = left.plus(Lanes::all(*x).times(Lanes::of(&weights[0])));
        right = right.plus(Lanes::all(*x).times(Lanes::of(&weights[1])));
    }
    left.to(to);
    right.to(and);
}

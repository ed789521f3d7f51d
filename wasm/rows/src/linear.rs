//! Rows by constant weights.

use super::lanes::Lanes;

/// Outputs at a time.
pub const GROUP: usize = 8;

/// Rows at a time: so many sums of a group as there are registers for.
const ROWS: usize = 4;

/// Groups at a time, where there is one row.
const WIDE: usize = 4;

/// Rows `x` to rows `y` of `outputs` places.
///
/// `weights` are as many groups of eight outputs as it takes, each the weights of one input after
/// the other; `bias` is what the sum of each output begins with. Each sum is taken input by input,
/// however many rows there are: what comes pulse by pulse is what comes at once, bit by bit.
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
        for (x, y) in x.chunks_exact(inputs).zip(y.chunks_exact_mut(ROWS * outputs)) {
            let mut sums = [*bias; ROWS];
            several(x, weights, &mut sums);
            for (y, sums) in y.chunks_exact_mut(outputs).zip(&sums) {
                y[from..to].copy_from_slice(&sums[..to - from]);
            }
        }
    }
    for (x, y) in alone.chunks_exact(inputs).zip(y_alone.chunks_exact_mut(outputs)) {
        let mut sums = bias.to_vec();
        let (fours, rest) = sums.as_chunks_mut::<{ WIDE * GROUP }>();
        let (weights, last) = weights.split_at(fours.len() * WIDE * GROUP * inputs);
        for (sums, weights) in fours.iter_mut().zip(weights.chunks_exact(WIDE * GROUP * inputs)) {
            one(x, weights, sums);
        }
        for (sums, weights) in
            rest.as_chunks_mut::<GROUP>().0.iter_mut().zip(last.chunks_exact(GROUP * inputs))
        {
            narrow(x, weights, sums);
        }
        y.copy_from_slice(&sums[..outputs]);
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

/// Adds to the sums of four groups, for one row, its products with their weights.
fn one(x: &[f32], weights: &[f32], sums: &mut [f32; WIDE * GROUP]) {
    let (first, weights) = weights.split_at(x.len() * GROUP);
    let (second, weights) = weights.split_at(x.len() * GROUP);
    let (third, fourth) = weights.split_at(x.len() * GROUP);
    let [first, second, third, fourth] =
        [first, second, third, fourth].map(|weights| weights.as_chunks::<GROUP>().0);
    let lengths = [first, second, third, fourth].map(|weights| weights.len());
    assert!(lengths == [x.len(); 4]);
    let to = sums.as_chunks_mut::<4>().0;
    let (mut a, mut b) = (Lanes::of(&to[0]), Lanes::of(&to[1]));
    let (mut c, mut d) = (Lanes::of(&to[2]), Lanes::of(&to[3]));
    let (mut e, mut f) = (Lanes::of(&to[4]), Lanes::of(&to[5]));
    let (mut g, mut h) = (Lanes::of(&to[6]), Lanes::of(&to[7]));
    for (k, x) in x.iter().enumerate() {
        let x = Lanes::all(*x);
        let (left, right) = halves(&first[k]);
        (a, b) = (a.plus(x.times(left)), b.plus(x.times(right)));
        let (left, right) = halves(&second[k]);
        (c, d) = (c.plus(x.times(left)), d.plus(x.times(right)));
        let (left, right) = halves(&third[k]);
        (e, f) = (e.plus(x.times(left)), f.plus(x.times(right)));
        let (left, right) = halves(&fourth[k]);
        (g, h) = (g.plus(x.times(left)), h.plus(x.times(right)));
    }
    for (to, sum) in to.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        sum.to(to);
    }
}

/// The same for one group.
fn narrow(x: &[f32], weights: &[f32], sums: &mut [f32; GROUP]) {
    let (mut a, mut b) = halves(sums);
    for (x, weights) in x.iter().zip(weights.as_chunks::<GROUP>().0) {
        let x = Lanes::all(*x);
        let (left, right) = halves(weights);
        (a, b) = (a.plus(x.times(left)), b.plus(x.times(right)));
    }
    let to = sums.as_chunks_mut::<4>().0;
    a.to(&mut to[0]);
    b.to(&mut to[1]);
}

fn halves(eight: &[f32; GROUP]) -> (Lanes, Lanes) {
    let [left, right] = eight.as_chunks::<4>().0 else { unreachable!("two fours are eight") };
    (Lanes::of(left), Lanes::of(right))
}

//! Rows by constant weights.

use super::lanes::Lanes;

/// Outputs at a time: with two rows, as many sums as there are registers for beside what they are
/// made of.
pub const GROUP: usize = 16;

/// Rows `x` to rows `y` of `outputs` places.
///
/// `weights` are as many groups of sixteen outputs as it takes, each the weights of one input after
/// the other; `bias` is what the sum of each output begins with. Each sum is taken input by input,
/// however many rows there are: what comes pulse by pulse is what comes at once, bit by bit.
///
/// # Panics
///
/// Where the lengths do not fit.
pub fn linear(x: &[f32], weights: &[f32], bias: &[f32], outputs: usize, y: &mut [f32]) {
    let inputs = weights.len() / bias.len();
    let (pairs, alone) = x.split_at(x.len() - x.len() % (2 * inputs));
    let (y, y_alone) = y.split_at_mut(pairs.len() / inputs * outputs);
    let weights = weights.as_chunks().0;
    let bias = bias.as_chunks().0;
    for (group, (weights, bias)) in weights.chunks_exact(inputs).zip(bias).enumerate() {
        let from = group * GROUP;
        let to = (from + GROUP).min(outputs);
        for (x, y) in pairs.chunks_exact(2 * inputs).zip(y.chunks_exact_mut(2 * outputs)) {
            let mut sums = [*bias; 2];
            two_rows(x.split_at(inputs), weights, &mut sums);
            for (y, sums) in y.chunks_exact_mut(outputs).zip(&sums) {
                y[from..to].copy_from_slice(&sums[..to - from]);
            }
        }
    }
    for (x, y) in alone.chunks_exact(inputs).zip(y_alone.chunks_exact_mut(outputs)) {
        let mut sums = bias.to_vec();
        let (twos, last) = sums.as_chunks_mut();
        let (weights, last_weights) = weights.split_at(2 * twos.len() * inputs);
        for (sums, weights) in twos.iter_mut().zip(weights.chunks_exact(2 * inputs)) {
            two_groups(x, weights.split_at(inputs), sums);
        }
        for sums in last {
            one_group(x, last_weights, sums);
        }
        y.copy_from_slice(&sums.as_flattened()[..outputs]);
    }
}

type Group = [f32; GROUP];

// None of these is taken into its caller, where they would share registers with it.

/// Adds to the sums of two rows their products with a group's weights.
#[inline(never)]
fn two_rows((x, y): (&[f32], &[f32]), weights: &[Group], sums: &mut [Group; 2]) {
    let [[mut a, mut b, mut c, mut d], [mut e, mut f, mut g, mut h]] = sums.each_ref().map(lanes);
    for ((x, y), weights) in x.iter().zip(y).zip(weights) {
        let [p, q, r, s] = lanes(weights);
        let (x, y) = (Lanes::all_of(x), Lanes::all_of(y));
        (a, e) = (a.plus(x.times(p)), e.plus(y.times(p)));
        (b, f) = (b.plus(x.times(q)), f.plus(y.times(q)));
        (c, g) = (c.plus(x.times(r)), g.plus(y.times(r)));
        (d, h) = (d.plus(x.times(s)), h.plus(y.times(s)));
    }
    store([a, b, c, d], &mut sums[0]);
    store([e, f, g, h], &mut sums[1]);
}

/// Adds to the sums of two groups a row's products with their weights.
#[inline(never)]
fn two_groups(x: &[f32], (left, right): (&[Group], &[Group]), sums: &mut [Group; 2]) {
    let [[mut a, mut b, mut c, mut d], [mut e, mut f, mut g, mut h]] = sums.each_ref().map(lanes);
    for ((x, left), right) in x.iter().zip(left).zip(right) {
        let x = Lanes::all_of(x);
        let [p, q, r, s] = lanes(left);
        (a, b) = (a.plus(x.times(p)), b.plus(x.times(q)));
        (c, d) = (c.plus(x.times(r)), d.plus(x.times(s)));
        let [p, q, r, s] = lanes(right);
        (e, f) = (e.plus(x.times(p)), f.plus(x.times(q)));
        (g, h) = (g.plus(x.times(r)), h.plus(x.times(s)));
    }
    store([a, b, c, d], &mut sums[0]);
    store([e, f, g, h], &mut sums[1]);
}

/// Adds to the sums of a group a row's products with its weights.
#[inline(never)]
fn one_group(x: &[f32], weights: &[Group], sums: &mut Group) {
    let [mut a, mut b, mut c, mut d] = lanes(sums);
    for (x, weights) in x.iter().zip(weights) {
        let x = Lanes::all_of(x);
        let [p, q, r, s] = lanes(weights);
        (a, b) = (a.plus(x.times(p)), b.plus(x.times(q)));
        (c, d) = (c.plus(x.times(r)), d.plus(x.times(s)));
    }
    store([a, b, c, d], sums);
}

#[inline(always)]
fn lanes(group: &Group) -> [Lanes; 4] {
    let [a, b, c, d] = group.as_chunks().0 else { unreachable!("four fours are sixteen") };
    [a, b, c, d].map(Lanes::of)
}

#[inline(always)]
fn store(lanes: [Lanes; 4], group: &mut Group) {
    for (lanes, to) in lanes.into_iter().zip(group.as_chunks_mut().0) {
        lanes.to(to);
    }
}

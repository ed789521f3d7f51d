//! A linear layer: rows times constant weights.

use super::lanes::Lanes;

/// Outputs computed together. With two rows, the sums and their operands fill the registers.
pub const GROUP: usize = 16;

/// y = x · weights + bias, for rows `x` and rows `y` of `outputs` values.
///
/// `weights` are groups of sixteen outputs, padded, in each group input by input; `bias` is padded
/// alike. Each sum is taken in the order of the inputs, whatever the number of rows: rows give the
/// same bits alone as together.
///
/// # Panics
///
/// If the lengths do not fit.
pub fn linear(x: &[f32], weights: &[f32], bias: &[f32], outputs: usize, y: &mut [f32]) {
    let inputs = weights.len() / bias.len();
    let (pairs, last_row) = x.split_at(x.len() - x.len() % (2 * inputs));
    let (y, last_y) = y.split_at_mut(pairs.len() / inputs * outputs);
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
    for (x, y) in last_row.chunks_exact(inputs).zip(last_y.chunks_exact_mut(outputs)) {
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

// Not inlined, so that each has all registers.

/// Adds the products of two rows with a group's weights to their sums.
#[inline(never)]
fn two_rows((x, y): (&[f32], &[f32]), weights: &[Group], sums: &mut [Group; 2]) {
    let [[mut a, mut b, mut c, mut d], [mut e, mut f, mut g, mut h]] = sums.each_ref().map(lanes);
    for ((x, y), weights) in x.iter().zip(y).zip(weights) {
        let [p, q, r, s] = lanes(weights);
        let (x, y) = (Lanes::splat_from(x), Lanes::splat_from(y));
        (a, e) = (a.add(x.mul(p)), e.add(y.mul(p)));
        (b, f) = (b.add(x.mul(q)), f.add(y.mul(q)));
        (c, g) = (c.add(x.mul(r)), g.add(y.mul(r)));
        (d, h) = (d.add(x.mul(s)), h.add(y.mul(s)));
    }
    store([a, b, c, d], &mut sums[0]);
    store([e, f, g, h], &mut sums[1]);
}

/// Adds the products of a row with two groups' weights to their sums.
#[inline(never)]
fn two_groups(x: &[f32], (left, right): (&[Group], &[Group]), sums: &mut [Group; 2]) {
    let [[mut a, mut b, mut c, mut d], [mut e, mut f, mut g, mut h]] = sums.each_ref().map(lanes);
    for ((x, left), right) in x.iter().zip(left).zip(right) {
        let x = Lanes::splat_from(x);
        let [p, q, r, s] = lanes(left);
        (a, b) = (a.add(x.mul(p)), b.add(x.mul(q)));
        (c, d) = (c.add(x.mul(r)), d.add(x.mul(s)));
        let [p, q, r, s] = lanes(right);
        (e, f) = (e.add(x.mul(p)), f.add(x.mul(q)));
        (g, h) = (g.add(x.mul(r)), h.add(x.mul(s)));
    }
    store([a, b, c, d], &mut sums[0]);
    store([e, f, g, h], &mut sums[1]);
}

/// Adds the products of a row with a group's weights to its sums.
#[inline(never)]
fn one_group(x: &[f32], weights: &[Group], sums: &mut Group) {
    let [mut a, mut b, mut c, mut d] = lanes(sums);
    for (x, weights) in x.iter().zip(weights) {
        let x = Lanes::splat_from(x);
        let [p, q, r, s] = lanes(weights);
        (a, b) = (a.add(x.mul(p)), b.add(x.mul(q)));
        (c, d) = (c.add(x.mul(r)), d.add(x.mul(s)));
    }
    store([a, b, c, d], sums);
}

#[inline(always)]
fn lanes(group: &Group) -> [Lanes; 4] {
    let [a, b, c, d] = group.as_chunks().0 else { unreachable!("four fours are sixteen") };
    [a, b, c, d].map(Lanes::load)
}

#[inline(always)]
fn store(lanes: [Lanes; 4], group: &mut Group) {
    for (lanes, to) in lanes.into_iter().zip(group.as_chunks_mut().0) {
        lanes.store(to);
    }
}

//! Discrete Fourier transforms of any length, in little code: `../proposal.md`.
//!
//! The part of the crate `rustfft` that tract uses, with the same names. A length with small prime
//! factors uses Cooley and Tukey's decimation in time. Others become a convolution whose length is a
//! power of two, after Bluestein ("A linear filtering approach to the computation of discrete Fourier
//! transform", 1970). Nothing is normalised: forward and inverse together multiply by the length.

use std::fmt::Debug;
use std::sync::Arc;

use num_complex::Complex;
pub use num_traits;
use num_traits::{Float, FromPrimitive};

#[cfg(test)]
mod tests;

/// The type of a real number: `f32` or `f64`.
pub trait FftNum: Float + FromPrimitive + Debug + Send + Sync + 'static {}
impl FftNum for f32 {}
impl FftNum for f64 {}

/// The sign of the exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FftDirection {
    /// Minus: signal to spectrum.
    Forward,
    /// Plus: spectrum to signal.
    Inverse,
}

/// For a larger prime, Bluestein's algorithm is faster than a sum over all pairs.
const MAX_FACTOR: usize = 23;

/// Makes transforms.
#[derive(Debug, Default)]
pub struct FftPlanner<T>(std::marker::PhantomData<T>);

impl<T: FftNum> FftPlanner<T> {
    /// A planner without a cache: making a plan is fast.
    pub fn new() -> FftPlanner<T> {
        FftPlanner(std::marker::PhantomData)
    }

    /// A transform of `length` values.
    pub fn plan_fft(&mut self, length: usize, direction: FftDirection) -> Arc<Fft<T>> {
        Arc::new(Fft::new(length, direction))
    }

    /// A forward transform of `length` values.
    pub fn plan_fft_forward(&mut self, length: usize) -> Arc<Fft<T>> {
        self.plan_fft(length, FftDirection::Forward)
    }
}

/// A transform of one length in one direction.
#[derive(Debug)]
pub struct Fft<T> {
    length: usize,
    /// e^(∓2πik/length) for each k.
    roots: Vec<Complex<T>>,
    algorithm: Algorithm<T>,
}

#[derive(Debug)]
enum Algorithm<T> {
    /// Cooley and Tukey, with these factors of the length.
    Factors(Vec<usize>),
    /// Bluestein: a convolution with a chirp of this spectrum.
    Chirp { chirp: Vec<Complex<T>>, spectrum: Vec<Complex<T>>, inner: Box<Fft<T>> },
}

impl<T: FftNum> Fft<T> {
    fn new(length: usize, direction: FftDirection) -> Fft<T> {
        let roots = (0..length).map(|k| root(2 * k, 2 * length, direction)).collect();
        let factors = factors(length);
        let algorithm = if factors.iter().all(|factor| *factor <= MAX_FACTOR) {
            Algorithm::Factors(factors)
        } else {
            chirp(length, direction)
        };
        Fft { length, roots, algorithm }
    }

    /// Transforms each `length` values of `buffer` in place.
    pub fn process(&self, buffer: &mut [Complex<T>]) {
        for signal in buffer.chunks_exact_mut(self.length.max(1)) {
            match &self.algorithm {
                Algorithm::Factors(factors) => {
                    let from = signal.to_vec();
                    self.split(&from, 1, signal, factors);
                }
                Algorithm::Chirp { chirp, spectrum, inner } => {
                    convolve(signal, chirp, spectrum, inner)
                }
            }
        }
    }

    /// Transforms every `stride`-th value of `from` into `to`: combines a transform for each remainder
    /// modulo the first factor.
    fn split(&self, from: &[Complex<T>], stride: usize, to: &mut [Complex<T>], factors: &[usize]) {
        let Some((&parts, rest)) = factors.split_first() else {
            to[0] = from[0];
            return;
        };
        let size = to.len() / parts;
        for (part, piece) in to.chunks_exact_mut(size).enumerate() {
            self.split(&from[part * stride..], stride * parts, piece, rest);
        }
        match parts {
            2 => self.join_two(to, size, stride),
            4 => self.join_four(to, size, stride),
            _ => self.join(to, size, stride, parts),
        }
    }

    fn join_two(&self, to: &mut [Complex<T>], size: usize, stride: usize) {
        let (even, odd) = to.split_at_mut(size);
        for (k, (a, b)) in even.iter_mut().zip(odd).enumerate() {
            let rotated = *b * self.roots[k * stride];
            (*a, *b) = (*a + rotated, *a - rotated);
        }
    }

    fn join_four(&self, to: &mut [Complex<T>], size: usize, stride: usize) {
        // The root of a quarter turn.
        let quarter = self.roots[size * stride];
        for k in 0..size {
            let a = to[k];
            let b = to[k + size] * self.roots[k * stride];
            let c = to[k + 2 * size] * self.roots[2 * k * stride];
            let d = to[k + 3 * size] * self.roots[3 * k * stride];
            let (sum, difference) = (a + c, a - c);
            let (other, rotated) = (b + d, (b - d) * quarter);
            to[k] = sum + other;
            to[k + size] = difference + rotated;
            to[k + 2 * size] = sum - other;
            to[k + 3 * size] = difference - rotated;
        }
    }

    fn join(&self, to: &mut [Complex<T>], size: usize, stride: usize, parts: usize) {
        let mut column = [Complex::new(T::zero(), T::zero()); MAX_FACTOR];
        let column = &mut column[..parts];
        for k in 0..size {
            column.iter_mut().enumerate().for_each(|(part, value)| *value = to[k + part * size]);
            for row in 0..parts {
                let at = k + row * size;
                let (mut turn, mut sum) = (0, column[0]);
                for value in &column[1..] {
                    turn = (turn + at * stride) % self.length;
                    sum = sum + *value * self.roots[turn];
                }
                to[at] = sum;
            }
        }
    }
}

/// e^(∓2πi·turn/turns), computed in double precision.
fn root<T: FftNum>(turn: usize, turns: usize, direction: FftDirection) -> Complex<T> {
    let angle = std::f64::consts::TAU * turn as f64 / turns as f64;
    let (sin, cos) = angle.sin_cos();
    let sin = if direction == FftDirection::Forward { -sin } else { sin };
    let real = |value| T::from_f64(value).unwrap_or_else(T::nan);
    Complex::new(real(cos), real(sin))
}

/// Factors of 4 first, then primes.
fn factors(mut length: usize) -> Vec<usize> {
    let mut found = vec![];
    let mut factor = 4;
    while length > 1 {
        if length.is_multiple_of(factor) {
            found.push(factor);
            length /= factor;
        } else {
            factor = match factor {
                4 => 2,
                2 => 3,
                large if large * large > length => length,
                odd => odd + 2,
            };
        }
    }
    found
}

/// As 2jk = j² + k² - (j - k)², a transform is: multiply by a chirp, convolve with it, multiply again.
fn chirp<T: FftNum>(length: usize, direction: FftDirection) -> Algorithm<T> {
    let turns = 2 * length;
    // Modulo a full turn, because a large angle would lose all its digits.
    let square = |k: usize| (k as u128 * k as u128 % turns as u128) as usize;
    let chirp: Vec<Complex<T>> = (0..length).map(|k| root(square(k), turns, direction)).collect();
    let inner = Fft::new((2 * length - 1).next_power_of_two(), FftDirection::Forward);
    let mut spectrum = vec![Complex::new(T::zero(), T::zero()); inner.length];
    for (k, value) in chirp.iter().enumerate() {
        spectrum[k] = value.conj();
        spectrum[(inner.length - k) % inner.length] = value.conj();
    }
    inner.process(&mut spectrum);
    Algorithm::Chirp { chirp, spectrum, inner: Box::new(inner) }
}

fn convolve<T: FftNum>(
    signal: &mut [Complex<T>],
    chirp: &[Complex<T>],
    spectrum: &[Complex<T>],
    inner: &Fft<T>,
) {
    let mut work = vec![Complex::new(T::zero(), T::zero()); inner.length];
    work.iter_mut().zip(signal.iter().zip(chirp)).for_each(|(to, (a, b))| *to = *a * *b);
    inner.process(&mut work);
    // The inverse is the conjugate of the transform of the conjugate.
    work.iter_mut().zip(spectrum).for_each(|(value, by)| *value = (*value * *by).conj());
    inner.process(&mut work);
    let scale = T::from_usize(inner.length).unwrap_or_else(T::nan).recip();
    for (to, (value, by)) in signal.iter_mut().zip(work.iter().zip(chirp)) {
        *to = value.conj().scale(scale) * *by;
    }
}

//! Discrete Fourier transforms of any length, in little code.
//!
//! The part of the crate `rustfft` that tract uses, under its names. Lengths whose prime factors
//! are small go by Cooley and Tukey's decimation in time; others are turned into a convolution of
//! a length that is a power of two, after Bluestein ("A linear filtering approach to the
//! computation of discrete Fourier transform", 1970). Nothing is normalised: forward and inverse
//! one after the other multiply by the length.

use std::fmt::Debug;
use std::sync::Arc;

use num_complex::Complex;
pub use num_traits;
use num_traits::{Float, FromPrimitive};

#[cfg(test)]
mod tests;

/// A real number to transform with: `f32` or `f64`.
pub trait FftNum: Float + FromPrimitive + Debug + Send + Sync + 'static {}
impl FftNum for f32 {}
impl FftNum for f64 {}

/// The sign of the exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FftDirection {
    /// Minus: from signals to spectra.
    Forward,
    /// Plus: back.
    Inverse,
}

/// Above this prime, a sum over all pairs costs more than Bluestein's detour.
const LARGEST_FACTOR: usize = 23;

/// Makes transforms.
#[derive(Debug, Default)]
pub struct FftPlanner<T>(std::marker::PhantomData<T>);

impl<T: FftNum> FftPlanner<T> {
    /// Remembers nothing: a plan is quickly made.
    pub fn new() -> FftPlanner<T> {
        FftPlanner(std::marker::PhantomData)
    }

    /// A transform of `length` values.
    pub fn plan_fft(&mut self, length: usize, direction: FftDirection) -> Arc<Fft<T>> {
        Arc::new(Fft::new(length, direction))
    }

    /// A transform of `length` values from signals to spectra.
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
    way: Way<T>,
}

#[derive(Debug)]
enum Way<T> {
    /// By these factors, whose product is the length.
    Factors(Vec<usize>),
    /// As a convolution with a chirp, given as its spectrum.
    Chirp { chirp: Vec<Complex<T>>, spectrum: Vec<Complex<T>>, inner: Box<Fft<T>> },
}

impl<T: FftNum> Fft<T> {
    fn new(length: usize, direction: FftDirection) -> Fft<T> {
        let roots = (0..length).map(|k| root(2 * k, 2 * length, direction)).collect();
        let factors = factors(length);
        let way = if factors.iter().all(|factor| *factor <= LARGEST_FACTOR) {
            Way::Factors(factors)
        } else {
            chirp(length, direction)
        };
        Fft { length, roots, way }
    }

    /// Transforms each `length` values of `buffer` in place.
    pub fn process(&self, buffer: &mut [Complex<T>]) {
        for signal in buffer.chunks_exact_mut(self.length.max(1)) {
            match &self.way {
                Way::Factors(factors) => {
                    let from = signal.to_vec();
                    self.split(&from, 1, signal, factors);
                }
                Way::Chirp { chirp, spectrum, inner } => convolve(signal, chirp, spectrum, inner),
            }
        }
    }

    /// Transforms every `stride`-th value of `from` into `to`: one transform for each remainder
    /// by the first factor, put together.
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
            let turned = *b * self.roots[k * stride];
            (*a, *b) = (*a + turned, *a - turned);
        }
    }

    fn join_four(&self, to: &mut [Complex<T>], size: usize, stride: usize) {
        // The quarter of a turn, in this direction.
        let quarter = self.roots[size * stride];
        for k in 0..size {
            let a = to[k];
            let b = to[k + size] * self.roots[k * stride];
            let c = to[k + 2 * size] * self.roots[2 * k * stride];
            let d = to[k + 3 * size] * self.roots[3 * k * stride];
            let (sum, difference) = (a + c, a - c);
            let (other, turned) = (b + d, (b - d) * quarter);
            to[k] = sum + other;
            to[k + size] = difference + turned;
            to[k + 2 * size] = sum - other;
            to[k + 3 * size] = difference - turned;
        }
    }

    fn join(&self, to: &mut [Complex<T>], size: usize, stride: usize, parts: usize) {
        let mut column = [Complex::new(T::zero(), T::zero()); LARGEST_FACTOR];
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

/// e^(∓2πi·turn/turns), found in double precision.
fn root<T: FftNum>(turn: usize, turns: usize, direction: FftDirection) -> Complex<T> {
    let angle = std::f64::consts::TAU * turn as f64 / turns as f64;
    let (sin, cos) = angle.sin_cos();
    let sin = if direction == FftDirection::Forward { -sin } else { sin };
    let real = |value| T::from_f64(value).unwrap_or_else(T::nan);
    Complex::new(real(cos), real(sin))
}

/// Fours first, then primes.
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

/// Since 2jk = j² + k² - (j - k)², a transform is a convolution with a chirp, between two
/// multiplications by it.
fn chirp<T: FftNum>(length: usize, direction: FftDirection) -> Way<T> {
    let turns = 2 * length;
    // The square modulo one turn: the angle itself would lose all its digits.
    let square = |k: usize| (k as u128 * k as u128 % turns as u128) as usize;
    let chirp: Vec<Complex<T>> = (0..length).map(|k| root(square(k), turns, direction)).collect();
    let inner = Fft::new((2 * length - 1).next_power_of_two(), FftDirection::Forward);
    let mut spectrum = vec![Complex::new(T::zero(), T::zero()); inner.length];
    for (k, value) in chirp.iter().enumerate() {
        spectrum[k] = value.conj();
        spectrum[(inner.length - k) % inner.length] = value.conj();
    }
    inner.process(&mut spectrum);
    Way::Chirp { chirp, spectrum, inner: Box::new(inner) }
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
    // Back by the same transform: of the conjugate, conjugated.
    work.iter_mut().zip(spectrum).for_each(|(value, by)| *value = (*value * *by).conj());
    inner.process(&mut work);
    let scale = T::from_usize(inner.length).unwrap_or_else(T::nan).recip();
    for (to, (value, by)) in signal.iter_mut().zip(work.iter().zip(chirp)) {
        *to = value.conj().scale(scale) * *by;
    }
}

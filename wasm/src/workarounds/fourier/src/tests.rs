use super::*;

fn naive(signal: &[Complex<f64>], direction: FftDirection) -> Vec<Complex<f64>> {
    let length = signal.len();
    let at = |k: usize| {
        let terms = signal.iter().enumerate();
        terms.map(|(j, value)| value * root::<f64>(j * k % length, length, direction)).sum()
    };
    (0..length).map(at).collect()
}

fn noise(length: usize) -> Vec<Complex<f64>> {
    let mut state = length as u32 | 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 23) - 1.0
    };
    (0..length).map(|_| Complex::new(next(), next())).collect()
}

fn largest_error(found: &[Complex<f64>], expected: &[Complex<f64>]) -> f64 {
    let errors = found.iter().zip(expected).map(|(a, b)| (a - b).norm());
    errors.fold(0.0, |largest, error| if error <= largest { largest } else { error })
}

#[test]
fn each_length_equals_the_defining_sum() {
    for length in (1..=130).chain([160, 256, 400, 512, 529, 1009, 2 * 499]) {
        let signal = noise(length);
        for direction in [FftDirection::Forward, FftDirection::Inverse] {
            let expected = naive(&signal, direction);
            let mut found = signal.clone();
            FftPlanner::new().plan_fft(length, direction).process(&mut found);
            let error = largest_error(&found, &expected);
            assert!(error <= 1e-10, "{length} {direction:?}: {error}");

            let mut single: Vec<Complex<f32>> =
                signal.iter().map(|it| Complex::new(it.re as f32, it.im as f32)).collect();
            FftPlanner::new().plan_fft(length, direction).process(&mut single);
            let wide: Vec<_> =
                single.iter().map(|it| Complex::new(f64::from(it.re), f64::from(it.im))).collect();
            let scale = expected.iter().fold(1.0, |most: f64, it| most.max(it.norm()));
            let error = largest_error(&wide, &expected) / scale;
            assert!(error <= 1e-5, "{length} {direction:?} in f32: {error}");
        }
    }
}

#[test]
fn several_signals_in_one_buffer() {
    let (one, other) = (noise(30), noise(30).into_iter().rev().collect::<Vec<_>>());
    let fft = FftPlanner::new().plan_fft_forward(30);
    let mut both = [one.clone(), other.clone()].concat();
    fft.process(&mut both);
    let expected =
        [naive(&one, FftDirection::Forward), naive(&other, FftDirection::Forward)].concat();
    assert!(largest_error(&both, &expected) <= 1e-10);
    fft.process(&mut []);
}

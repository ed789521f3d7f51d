//! Elementwise arithmetic on two rows.

/// An operation on two numbers, `x` and `y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// x + y
    Sum,
    /// x - y
    Difference,
    /// y - x
    Reversed,
    /// x y
    Product,
}

impl Arithmetic {
    /// The operation with `x` and `y` exchanged.
    pub fn swapped(self) -> Arithmetic {
        match self {
            Arithmetic::Difference => Arithmetic::Reversed,
            Arithmetic::Reversed => Arithmetic::Difference,
            same => same,
        }
    }

    /// Applies the operation to each pair of `row` and `other`, into `row`.
    ///
    /// # Panics
    ///
    /// If the two rows differ in length.
    pub fn apply(self, row: &mut [f32], other: &[f32]) {
        assert!(row.len() == other.len());
        let pairs = row.iter_mut().zip(other);
        match self {
            Arithmetic::Sum => pairs.for_each(|(x, y)| *x += y),
            Arithmetic::Difference => pairs.for_each(|(x, y)| *x -= y),
            Arithmetic::Reversed => pairs.for_each(|(x, y)| *x = y - *x),
            Arithmetic::Product => pairs.for_each(|(x, y)| *x *= y),
        }
    }

    /// Applies the operation to each number of `row` and `y`, into `row`.
    pub fn apply_scalar(self, row: &mut [f32], y: f32) {
        match self {
            Arithmetic::Sum => row.iter_mut().for_each(|x| *x += y),
            Arithmetic::Difference => row.iter_mut().for_each(|x| *x -= y),
            Arithmetic::Reversed => row.iter_mut().for_each(|x| *x = y - *x),
            Arithmetic::Product => row.iter_mut().for_each(|x| *x *= y),
        }
    }
}

//! Two rows of numbers, number by number.

/// What becomes of a number `x` and another, `y`.
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
    /// The same of the other number and this one.
    pub fn swapped(self) -> Arithmetic {
        match self {
            Arithmetic::Difference => Arithmetic::Reversed,
            Arithmetic::Reversed => Arithmetic::Difference,
            same => same,
        }
    }

    /// Each number of `row` with that of `other` at its place.
    ///
    /// # Panics
    ///
    /// Where the two are not of one length.
    pub fn pairs(self, row: &mut [f32], other: &[f32]) {
        assert!(row.len() == other.len());
        let pairs = row.iter_mut().zip(other);
        match self {
            Arithmetic::Sum => pairs.for_each(|(x, y)| *x += y),
            Arithmetic::Difference => pairs.for_each(|(x, y)| *x -= y),
            Arithmetic::Reversed => pairs.for_each(|(x, y)| *x = y - *x),
            Arithmetic::Product => pairs.for_each(|(x, y)| *x *= y),
        }
    }

    /// Each number of `row` with `y`.
    pub fn each(self, row: &mut [f32], y: f32) {
        match self {
            Arithmetic::Sum => row.iter_mut().for_each(|x| *x += y),
            Arithmetic::Difference => row.iter_mut().for_each(|x| *x -= y),
            Arithmetic::Reversed => row.iter_mut().for_each(|x| *x = y - *x),
            Arithmetic::Product => row.iter_mut().for_each(|x| *x *= y),
        }
    }
}

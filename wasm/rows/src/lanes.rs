//! Four numbers at a time: of the processor in WebAssembly, spelt out elsewhere, where only tests
//! run.

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::*;

#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy)]
pub struct Lanes(v128);

#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy)]
pub struct Lanes([f32; 4]);

#[cfg(target_arch = "wasm32")]
impl Lanes {
    #[inline(always)]
    pub fn all(x: f32) -> Lanes {
        Lanes(f32x4_splat(x))
    }

    /// As `all`, loaded so: where neighbours are each wanted four times, the compiler would load
    /// them together and shuffle them apart, with what a processor adds with.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn all_of(x: &f32) -> Lanes {
        // SAFETY: a reference to four bytes, and loads need no alignment.
        Lanes(unsafe { v128_load32_splat(std::ptr::from_ref(x).cast()) })
    }

    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn of(four: &[f32; 4]) -> Lanes {
        // SAFETY: a reference to sixteen bytes, and loads need no alignment.
        Lanes(unsafe { v128_load(four.as_ptr().cast()) })
    }

    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn to(self, four: &mut [f32; 4]) {
        // SAFETY: as above.
        unsafe { v128_store(four.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    pub fn plus(self, other: Lanes) -> Lanes {
        Lanes(f32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub fn minus(self, other: Lanes) -> Lanes {
        Lanes(f32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    pub fn times(self, other: Lanes) -> Lanes {
        Lanes(f32x4_mul(self.0, other.0))
    }

    #[inline(always)]
    pub fn max(self, other: Lanes) -> Lanes {
        Lanes(f32x4_max(self.0, other.0))
    }

    /// The sum of each of four.
    #[inline(always)]
    pub fn sums([a, b, c, d]: [Lanes; 4]) -> Lanes {
        let ab =
            f32x4_add(i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0));
        let cd =
            f32x4_add(i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0), i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
        Lanes(f32x4_add(i32x4_shuffle::<0, 1, 4, 5>(ab, cd), i32x4_shuffle::<2, 3, 6, 7>(ab, cd)))
    }

    /// e to the power of each, none of which is above 0; below -87, where floats end, 0.
    ///
    /// The polynomial, good to the last bit but one, is `expf` of Moshier's Cephes library.
    #[inline(always)]
    pub fn exp(self) -> Lanes {
        let all = f32x4_splat;
        let twos = f32x4_nearest(f32x4_mul(self.0, all(std::f32::consts::LOG2_E)));
        let rest = f32x4_sub(self.0, f32x4_mul(twos, all(0.693_359_4)));
        let rest = f32x4_add(rest, f32x4_mul(twos, all(2.121_944_4e-4)));
        let mut sum = all(1.987_569_1e-4);
        for factor in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5] {
            sum = f32x4_add(f32x4_mul(sum, rest), all(factor));
        }
        let sum = f32x4_mul(f32x4_mul(sum, rest), rest);
        let sum = f32x4_add(f32x4_add(sum, rest), all(1.0));
        let exponent = i32x4_add(i32x4_trunc_sat_f32x4(twos), i32x4_splat(127));
        let power = f32x4_mul(sum, i32x4_shl(exponent, 23));
        Lanes(v128_andnot(power, f32x4_lt(self.0, all(-87.0))))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Lanes {
    pub fn all(x: f32) -> Lanes {
        Lanes([x; 4])
    }

    pub fn all_of(x: &f32) -> Lanes {
        Lanes::all(*x)
    }

    pub fn of(four: &[f32; 4]) -> Lanes {
        Lanes(*four)
    }

    pub fn to(self, four: &mut [f32; 4]) {
        *four = self.0;
    }

    fn zip(self, other: Lanes, op: impl Fn(f32, f32) -> f32) -> Lanes {
        Lanes(std::array::from_fn(|k| op(self.0[k], other.0[k])))
    }

    pub fn plus(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a + b)
    }

    pub fn minus(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a - b)
    }

    pub fn times(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a * b)
    }

    pub fn max(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| if a > b || a.is_nan() { a } else { b })
    }

    pub fn sums(each: [Lanes; 4]) -> Lanes {
        Lanes(each.map(|lanes| lanes.0.iter().sum()))
    }

    pub fn exp(self) -> Lanes {
        Lanes(self.0.map(f32::exp))
    }
}

impl Lanes {
    /// The sum of the four.
    #[inline(always)]
    pub fn sum(self) -> f32 {
        let mut four = [0.0; 4];
        self.to(&mut four);
        (four[0] + four[2]) + (four[1] + four[3])
    }

    /// The greatest of the four.
    #[inline(always)]
    pub fn greatest(self) -> f32 {
        let mut four = [0.0; 4];
        self.to(&mut four);
        let [a, b, c, d] = four.map(Lanes::all);
        let mut one = [0.0; 4];
        a.max(b).max(c.max(d)).to(&mut one);
        one[0]
    }
}

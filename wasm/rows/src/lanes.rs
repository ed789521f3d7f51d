//! Four f32 values at a time: a SIMD vector in WebAssembly, an array elsewhere, for native tests.

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
    pub fn splat(x: f32) -> Lanes {
        Lanes(f32x4_splat(x))
    }

    /// `splat` of a value in memory. With `splat`, the compiler loads neighbours together and shuffles
    /// them apart, on the ports that the processor adds with.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn splat_from(x: &f32) -> Lanes {
        // SAFETY: reads the four bytes of a reference; loads need no alignment.
        Lanes(unsafe { v128_load32_splat(std::ptr::from_ref(x).cast()) })
    }

    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn load(four: &[f32; 4]) -> Lanes {
        // SAFETY: reads the sixteen bytes of a reference; loads need no alignment.
        Lanes(unsafe { v128_load(four.as_ptr().cast()) })
    }

    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn store(self, four: &mut [f32; 4]) {
        // SAFETY: writes the sixteen bytes of a reference; stores need no alignment.
        unsafe { v128_store(four.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    pub fn add(self, other: Lanes) -> Lanes {
        Lanes(f32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub fn sub(self, other: Lanes) -> Lanes {
        Lanes(f32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    pub fn mul(self, other: Lanes) -> Lanes {
        Lanes(f32x4_mul(self.0, other.0))
    }

    #[inline(always)]
    pub fn max(self, other: Lanes) -> Lanes {
        Lanes(f32x4_max(self.0, other.0))
    }

    /// The four sums over the lanes of each of four vectors.
    #[inline(always)]
    pub fn sums_of([a, b, c, d]: [Lanes; 4]) -> Lanes {
        let ab =
            f32x4_add(i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0));
        let cd =
            f32x4_add(i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0), i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
        Lanes(f32x4_add(i32x4_shuffle::<0, 1, 4, 5>(ab, cd), i32x4_shuffle::<2, 3, 6, 7>(ab, cd)))
    }

    /// exp of each lane, which must not be above 0. Below -87 the result is 0.
    ///
    /// The polynomial is that of `expf` in Moshier's Cephes library, exact to 2 units in the last
    /// place.
    #[inline(always)]
    pub fn exp(self) -> Lanes {
        let splat = f32x4_splat;
        let twos = f32x4_nearest(f32x4_mul(self.0, splat(std::f32::consts::LOG2_E)));
        let rest = f32x4_sub(self.0, f32x4_mul(twos, splat(0.693_359_4)));
        let rest = f32x4_add(rest, f32x4_mul(twos, splat(2.121_944_4e-4)));
        let mut sum = splat(1.987_569_1e-4);
        for factor in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5] {
            sum = f32x4_add(f32x4_mul(sum, rest), splat(factor));
        }
        let sum = f32x4_mul(f32x4_mul(sum, rest), rest);
        let sum = f32x4_add(f32x4_add(sum, rest), splat(1.0));
        let exponent = i32x4_add(i32x4_trunc_sat_f32x4(twos), i32x4_splat(127));
        let power = f32x4_mul(sum, i32x4_shl(exponent, 23));
        Lanes(v128_andnot(power, f32x4_lt(self.0, splat(-87.0))))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Lanes {
    pub fn splat(x: f32) -> Lanes {
        Lanes([x; 4])
    }

    pub fn splat_from(x: &f32) -> Lanes {
        Lanes::splat(*x)
    }

    pub fn load(four: &[f32; 4]) -> Lanes {
        Lanes(*four)
    }

    pub fn store(self, four: &mut [f32; 4]) {
        *four = self.0;
    }

    fn zip(self, other: Lanes, op: impl Fn(f32, f32) -> f32) -> Lanes {
        Lanes(std::array::from_fn(|k| op(self.0[k], other.0[k])))
    }

    pub fn add(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a + b)
    }

    pub fn sub(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a - b)
    }

    pub fn mul(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a * b)
    }

    pub fn max(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| if a > b || a.is_nan() { a } else { b })
    }

    pub fn sums_of(each: [Lanes; 4]) -> Lanes {
        Lanes(each.map(|lanes| lanes.0.iter().sum()))
    }

    pub fn exp(self) -> Lanes {
        Lanes(self.0.map(f32::exp))
    }
}

impl Lanes {
    /// The sum of the lanes.
    #[inline(always)]
    pub fn sum(self) -> f32 {
        let mut four = [0.0; 4];
        self.store(&mut four);
        (four[0] + four[2]) + (four[1] + four[3])
    }

    /// The largest lane.
    #[inline(always)]
    pub fn max_lane(self) -> f32 {
        let mut four = [0.0; 4];
        self.store(&mut four);
        let [a, b, c, d] = four.map(Lanes::splat);
        let mut one = [0.0; 4];
        a.max(b).max(c.max(d)).store(&mut one);
        one[0]
    }
}

//! The product of half a tile.

use std::arch::wasm32::*;

/// Rows and columns of a tile.
pub const SIDE: usize = 8;

/// Computes four rows of a tile: the product of `k` columns of `a` and `k` rows of `b`, both packed
/// by eight, into 32 values at `to`.
///
/// Not unrolled: two steps at once would need more than 16 registers. (The crate is compiled for
/// size.)
///
/// # Safety
///
/// `a` must point to 8 k - 4 values, `b` to 8 k and `to` to 32.
#[allow(unsafe_code)]
pub unsafe fn half_product(k: usize, mut a: *const f32, mut b: *const f32, to: *mut f32) {
    let none = f32x4_splat(0.0);
    let (mut s00, mut s01, mut s10, mut s11) = (none, none, none, none);
    let (mut s20, mut s21, mut s30, mut s31) = (none, none, none, none);
    unsafe {
        for _ in 0..k {
            let (left, right) = (v128_load(b.cast()), v128_load(b.add(4).cast()));
            let row = v128_load32_splat(a.cast());
            s00 = f32x4_add(s00, f32x4_mul(row, left));
            s01 = f32x4_add(s01, f32x4_mul(row, right));
            let row = v128_load32_splat(a.add(1).cast());
            s10 = f32x4_add(s10, f32x4_mul(row, left));
            s11 = f32x4_add(s11, f32x4_mul(row, right));
            let row = v128_load32_splat(a.add(2).cast());
            s20 = f32x4_add(s20, f32x4_mul(row, left));
            s21 = f32x4_add(s21, f32x4_mul(row, right));
            let row = v128_load32_splat(a.add(3).cast());
            s30 = f32x4_add(s30, f32x4_mul(row, left));
            s31 = f32x4_add(s31, f32x4_mul(row, right));
            a = a.add(SIDE);
            b = b.add(SIDE);
        }
        for (n, sum) in [s00, s01, s10, s11, s20, s21, s30, s31].into_iter().enumerate() {
            v128_store(to.add(4 * n).cast(), sum);
        }
    }
}

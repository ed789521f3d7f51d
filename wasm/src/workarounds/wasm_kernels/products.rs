//! The product inside tract's 8 × 8 tile, half a tile at a time.
//!
//! tract's own loop keeps sixteen vectors of sums, and what they are made of: more than processors
//! with 16 vector registers hold, so a browser compiles some of it to memory, and waits for it.
//! Here eight are kept, four rows of the tile and then the others: a ViT takes two thirds of the time.
//! All else that a tile does (biases, scales, storing) is tract's own.

use std::arch::wasm32::*;

use tract_core::tract_linalg::isa::Arch;
use tract_core::tract_linalg::mmm::{DynKernel, FusedKerSpec};
use tract_core::tract_linalg::mmm_routines::MmmRoutine;
use tract_core::tract_linalg::wasm::{wasm_f32_8x1, wasm_f32_8x8};

/// The kernel for more than one column.
pub(crate) const TILE: &str = "halves_f32_8x8";

inventory::submit! {
    MmmRoutine { make: || preferred(TILE, tile, &wasm_f32_8x8).mmm() }
}

// Where the number of columns is open, tract weighs the most preferred kernels alone, and takes
// two that share a packing: one for columns, one for a single column. This is tract's own again.
inventory::submit! {
    MmmRoutine { make: || preferred("column_f32_8x1", wasm_f32_8x1.kernel, &wasm_f32_8x1).mmm() }
}

type Step = FusedKerSpec<f32>;
type Kernel<const COLUMNS: usize> = DynKernel<SIDE, COLUMNS, f32>;

const SIDE: usize = 8;
const AREA: usize = SIDE * SIDE;

fn preferred<const COLUMNS: usize>(
    name: &str,
    run: unsafe fn(&[Step]) -> isize,
    theirs: &Kernel<COLUMNS>,
) -> Kernel<COLUMNS> {
    let (a, b) = (theirs.regular_pack_a(), theirs.regular_pack_b());
    let mut kernel = Kernel::new(name, run, a, b).with_boost(|| 1);
    kernel.arch = Some(Arch::Wasm32Simd128);
    kernel
}

#[repr(align(16))]
struct Sums([f32; AREA]);

/// Steps that may follow a product. More than tract ever fuses; should it, the loop is tract's.
const MOST: usize = 14;

/// Runs a tile's steps: our product in place of a leading one, then tract's kernel on the rest.
#[allow(unsafe_code)]
unsafe fn tile(steps: &[Step]) -> isize {
    use FusedKerSpec::{AddMatMul, Clear, Done, LoadTile};
    let theirs = wasm_f32_8x8.kernel;
    let [Clear, AddMatMul { k, pa, pb, .. }, then @ ..] = steps else {
        return unsafe { theirs(steps) };
    };
    if then.len() > MOST {
        return unsafe { theirs(steps) };
    }
    let mut sums = Sums([0.0; AREA]);
    let (a, b, to) = (pa.cast::<f32>(), pb.cast::<f32>(), sums.0.as_mut_ptr());
    unsafe {
        half_product(*k, a, b, to);
        half_product(*k, a.add(SIDE / 2), b, to.add(AREA / 2));
    }
    let mut rest = [Done; 1 + MOST];
    rest[0] = LoadTile(to, to);
    rest[1..=then.len()].copy_from_slice(then);
    unsafe { theirs(&rest) }
}

/// Four rows of the tile: of `k` columns of `a` and `k` rows of `b`, each packed by eight.
///
/// Not unrolled, as this crate is compiled for size: two steps at once would again be more than
/// 16 registers hold.
#[allow(unsafe_code)]
unsafe fn half_product(k: usize, mut a: *const f32, mut b: *const f32, to: *mut f32) {
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

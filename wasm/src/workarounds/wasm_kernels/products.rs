//! tract's 8 × 8 tile with our product, half a tile at a time.
//!
//! tract's loop keeps sixteen vectors of sums, and their operands. With 16 vector registers a browser
//! spills some of them to memory. Here each of two passes keeps eight: a ViT takes two thirds of the
//! time. The rest of a tile's steps (biases, scales, storing) are tract's.

use tract_core::tract_linalg::isa::Arch;
use tract_core::tract_linalg::mmm::{DynKernel, FusedKerSpec};
use tract_core::tract_linalg::mmm_routines::MmmRoutine;
use tract_core::tract_linalg::wasm::{wasm_f32_8x1, wasm_f32_8x8};

use super::half_tile::{SIDE, half_product};

/// The kernel for more than one column.
pub(crate) const TILE: &str = "halves_f32_8x8";

inventory::submit! {
    MmmRoutine { make: || preferred(TILE, tile, &wasm_f32_8x8).mmm() }
}

// If the number of columns is open, tract considers the most preferred kernels alone, and takes two
// with the same packing, one of them for a single column. So tract's kernel for it is preferred, too.
inventory::submit! {
    MmmRoutine { make: || preferred("column_f32_8x1", wasm_f32_8x1.kernel, &wasm_f32_8x1).mmm() }
}

type Step = FusedKerSpec<f32>;
type Kernel<const COLUMNS: usize> = DynKernel<SIDE, COLUMNS, f32>;

const AREA: usize = SIDE * SIDE;

fn preferred<const COLUMNS: usize>(
    name: &str,
    run: unsafe fn(&[Step]) -> isize,
    original: &Kernel<COLUMNS>,
) -> Kernel<COLUMNS> {
    let (a, b) = (original.regular_pack_a(), original.regular_pack_b());
    let mut kernel = Kernel::new(name, run, a, b).with_boost(|| 1);
    kernel.arch = Some(Arch::Wasm32Simd128);
    kernel
}

#[repr(align(16))]
struct Sums([f32; AREA]);

/// The most steps after a product, more than tract fuses. With more, the tile is tract's.
const MAX_STEPS: usize = 14;

/// Runs a tile's steps: our product, if the first step is one, then tract's kernel for the rest.
#[allow(unsafe_code)]
unsafe fn tile(steps: &[Step]) -> isize {
    use FusedKerSpec::{AddMatMul, Clear, Done, LoadTile};
    let tract_tile = wasm_f32_8x8.kernel;
    let [Clear, AddMatMul { k, pa, pb, .. }, following @ ..] = steps else {
        return unsafe { tract_tile(steps) };
    };
    if following.len() > MAX_STEPS {
        return unsafe { tract_tile(steps) };
    }
    let mut sums = Sums([0.0; AREA]);
    let (a, b, to) = (pa.cast::<f32>(), pb.cast::<f32>(), sums.0.as_mut_ptr());
    unsafe {
        half_product(*k, a, b, to);
        half_product(*k, a.add(SIDE / 2), b, to.add(AREA / 2));
    }
    let mut rest = [Done; 1 + MAX_STEPS];
    rest[0] = LoadTile(to, to);
    rest[1..=following.len()].copy_from_slice(following);
    unsafe { tract_tile(&rest) }
}

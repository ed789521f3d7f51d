//! Which matrix kernels run.
//!
//! tract's own choice in WebAssembly is an 8 × 8 tile at every width above one, half or more of
//! whose columns are padding where a stream brings four frames or fewer. There the matrix by
//! vector kernel, run once a column, computes nothing in vain. Wider products run on our own loops,
//! as do those whose width is not known before they run: `products` claims them by its boost.

mod products;

use tract_core::tract_linalg::isa::Arch;
use tract_core::tract_linalg::mmm_tiers::MmmTier;
use tract_nnef::internal::DatumType;

/// Above this many columns the tile wins.
const FEW: usize = 4;

/// Rows of the kernel: with fewer, padding would come back as rows.
const ROWS: usize = 32;

inventory::submit! {
    MmmTier {
        arch: Some(Arch::Wasm32Simd128),
        precedence: 2,
        name: "few-columns",
        applies: |_| true,
        preferred: |_, accumulator, query, _| {
            let few = query.n.is_some_and(|n| (2..=FEW).contains(&n));
            let tall = query.m.is_some_and(|m| m >= ROWS);
            match (accumulator, query.n) {
                (DatumType::F32, Some(1)) => None,
                (DatumType::F32, _) if few && tall => Some("wasm_f32_32x1"),
                (DatumType::F32, _) => Some(products::TILE),
                _ => None,
            }
        },
    }
}

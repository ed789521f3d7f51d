//! The choice of matrix kernels in WebAssembly: `proposal.md`.
//!
//! tract uses an 8 × 8 tile for each product with more than one column. With at most four columns, as
//! in a stream, half of the tile or more is padding; there the matrix-vector kernel runs once for
//! each column. Wider products, and those of open width, use the tile in `products`.

#![cfg(target_arch = "wasm32")]

mod half_tile;
mod products;

use tract_core::tract_linalg::isa::Arch;
use tract_core::tract_linalg::mmm_tiers::MmmTier;
use tract_nnef::internal::DatumType;

/// With more columns the tile is faster.
const MAX_COLUMNS: usize = 4;

/// Rows of the kernel. With fewer rows it would compute padding.
const KERNEL_ROWS: usize = 32;

inventory::submit! {
    MmmTier {
        arch: Some(Arch::Wasm32Simd128),
        precedence: 2,
        name: "few-columns",
        applies: |_| true,
        preferred: |_, accumulator, query, _| {
            let few = query.n.is_some_and(|n| (2..=MAX_COLUMNS).contains(&n));
            let tall = query.m.is_some_and(|m| m >= KERNEL_ROWS);
            match (accumulator, query.n) {
                (DatumType::F32, Some(1)) => None,
                (DatumType::F32, _) if few && tall => Some("wasm_f32_32x1"),
                (DatumType::F32, _) => Some(products::TILE),
                _ => None,
            }
        },
    }
}

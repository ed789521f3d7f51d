//! `rows` and the half tile as exported functions. Slices are passed as addresses in memory that the
//! test reserves, with lengths in values.
#![cfg(target_arch = "wasm32")]

use std::slice::{from_raw_parts, from_raw_parts_mut};

use rows::Arithmetic;

#[path = "../../../src/workarounds/wasm_kernels/half_tile.rs"]
mod half_tile;

/// A zeroed block of `count` values, never freed.
#[unsafe(no_mangle)]
extern "C" fn reserve(count: usize) -> *mut f32 {
    vec![0.0f32; count].leak().as_mut_ptr()
}

// SAFETY, for all below: the test passes addresses of blocks that it reserved, with their lengths.

/// A slice of the memory.
unsafe fn read<'a, T>(at: *const T, count: usize) -> &'a [T] {
    unsafe { from_raw_parts(at, count) }
}

/// A slice of the memory to write.
unsafe fn write<'a>(at: *mut f32, count: usize) -> &'a mut [f32] {
    unsafe { from_raw_parts_mut(at, count) }
}

macro_rules! exports {
    ($(fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {
        $(#[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($arg: $type),*) $(-> $result)? { unsafe { $body } })*
    };
}

exports! {
    fn layer_norm(row: *mut f32, count: usize, eps: f32, scale: *const f32, shift: *const f32) {
        rows::layer_norm(write(row, count), eps, read(scale, count), read(shift, count))
    }

    fn gather(input: *const f32, length: usize, indices: *const u32, count: usize, to: *mut f32) {
        rows::gather(read(input, length), read(indices, count), write(to, count))
    }

    fn rope(row: *mut f32, count: usize, cosines: *const f32, sines: *const f32) {
        rows::rope(write(row, count), read(cosines, count / 2), read(sines, count / 2))
    }

    fn dot_products(x: *const f32, width: usize, matrix: *const f32, count: usize, to: *mut f32) {
        rows::dot_products(read(x, width), read(matrix, width * count), write(to, count))
    }

    fn softmax_exp(row: *mut f32, count: usize) -> f32 {
        rows::softmax_exp(write(row, count))
    }

    fn weighted_sum(
        weights: *const f32,
        count: usize,
        matrix: *const f32,
        factor: f32,
        to: *mut f32,
        width: usize
    ) {
        let matrix = read(matrix, count * width);
        rows::weighted_sum(read(weights, count), matrix, factor, write(to, width))
    }

    fn scale(row: *mut f32, count: usize, factor: f32) {
        rows::scale(write(row, count), factor)
    }

    fn scale_and_add(row: *mut f32, count: usize, factor: f32, other: *const f32) {
        rows::scale_and_add(write(row, count), factor, read(other, count))
    }

    fn arithmetic(operation: usize, row: *mut f32, count: usize, other: *const f32) {
        OPERATIONS[operation].apply(write(row, count), read(other, count))
    }

    fn arithmetic_scalar(operation: usize, row: *mut f32, count: usize, y: f32) {
        OPERATIONS[operation].apply_scalar(write(row, count), y)
    }

    fn linear(
        x: *const f32,
        count: usize,
        inputs: usize,
        weights: *const f32,
        bias: *const f32,
        outputs: usize,
        to: *mut f32
    ) {
        let padded = outputs.next_multiple_of(rows::GROUP);
        let (x, to) = (read(x, count * inputs), write(to, count * outputs));
        rows::linear(x, read(weights, padded * inputs), read(bias, padded), outputs, to)
    }

    fn half_tile(k: usize, a: *const f32, b: *const f32, to: *mut f32) {
        half_tile::half_product(k, a, b, to)
    }
}

const OPERATIONS: [Arithmetic; 4] =
    [Arithmetic::Sum, Arithmetic::Difference, Arithmetic::Reversed, Arithmetic::Product];

//! Tensors as bytes, to transfer them between this module and its host.
//!
//! A tensor is `dtype: u32, rank: u32, dims: u32 × rank`, zeros up to a multiple of 8 bytes, then
//! the values in row-major little-endian order, and zeros up to a multiple of 8 again. A list of
//! tensors is `count: u32, 0: u32`, then the tensors.

use tract_nnef::internal::*;

use crate::errors::{Error, Kind};

/// The index is the code of the dtype, as in `js/tensor.ts`.
const DTYPES: [DatumType; 12] = [
    DatumType::Bool,
    DatumType::U8,
    DatumType::U16,
    DatumType::U32,
    DatumType::U64,
    DatumType::I8,
    DatumType::I16,
    DatumType::I32,
    DatumType::I64,
    DatumType::F16,
    DatumType::F32,
    DatumType::F64,
];

const ALIGN: usize = 8;

fn malformed(what: &str) -> Error {
    Error::new(Kind::Input, format!("malformed tensor: {what}"))
}

/// Reads values from a byte slice.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(len).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| malformed("it is truncated"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// The next little-endian number.
    pub fn u32(&mut self) -> Result<u32, Error> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Skips to the next multiple of 8 bytes.
    pub fn align(&mut self) {
        self.at = self.at.next_multiple_of(ALIGN).min(self.bytes.len());
    }

    /// The next tensor.
    pub fn tensor(&mut self) -> Result<Tensor, Error> {
        let code = self.u32()? as usize;
        let dt = *DTYPES.get(code).ok_or_else(|| malformed("unknown dtype"))?;
        let rank = self.u32()? as usize;
        let shape =
            (0..rank).map(|_| Ok(self.u32()? as usize)).collect::<Result<TVec<_>, Error>>()?;
        self.align();
        let len = shape.iter().try_fold(dt.size_of(), |len, dim| len.checked_mul(*dim));
        let values = self.take(len.ok_or_else(|| malformed("its shape overflows"))?)?;
        self.align();
        let mut tensor = Tensor::zero_dt(dt, &shape).map_err(|_| malformed("unknown dtype"))?;
        if dt == DatumType::Bool {
            // A bool with another byte than 0 or 1 is undefined behaviour.
            for (to, from) in tensor.as_bytes_mut().iter_mut().zip(values) {
                *to = u8::from(*from != 0);
            }
        } else {
            tensor.as_bytes_mut().copy_from_slice(values);
        }
        Ok(tensor)
    }

    /// The next list of tensors.
    pub fn tensors(&mut self) -> Result<TVec<TValue>, Error> {
        let count = self.u32()?;
        self.u32()?;
        (0..count).map(|_| Ok(self.tensor()?.into_tvalue())).collect()
    }
}

/// Appends values to a byte vector.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer that reuses memory.
    pub fn reuse(mut bytes: Vec<u8>) -> Writer {
        bytes.clear();
        Writer { bytes }
    }

    /// The written bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends a little-endian number.
    pub fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Appends a number, aligned to 8 bytes.
    pub fn f64(&mut self, value: f64) {
        self.align();
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGN), 0);
    }

    /// Appends a tensor: quantized integers as plain integers, dimensions as i64.
    pub fn tensor(&mut self, tensor: &Tensor) -> TractResult<()> {
        let dt = tensor.datum_type().unquantized();
        if dt == DatumType::TDim {
            return self.tensor(tensor.cast_to::<i64>()?.as_ref());
        }
        let code = DTYPES.iter().position(|known| *known == dt);
        let code = code.with_context(|| format!("tensors of type {dt:?} are not supported"))?;
        let plain = tensor.try_as_plain_ram()?;
        self.u32(code as u32);
        self.u32(tensor.rank() as u32);
        for dim in tensor.shape() {
            self.u32(*dim as u32);
        }
        self.align();
        self.bytes.extend_from_slice(plain.as_bytes());
        self.align();
        Ok(())
    }

    /// Appends a list of tensors.
    pub fn tensors(&mut self, tensors: &[TValue]) -> TractResult<()> {
        self.u32(tensors.len() as u32);
        self.u32(0);
        tensors.iter().try_for_each(|tensor| self.tensor(tensor))
    }
}

/// Whether the host can pass and receive tensors of this type.
pub fn is_transferable(dt: DatumType) -> bool {
    DTYPES.contains(&dt.unquantized())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_are_read_as_written() -> TractResult<()> {
        let tensors: TVec<TValue> = tvec![
            tensor2(&[[1f32, -0.0], [f32::NAN, 1e-40]]).into_tvalue(),
            tensor0(7i64).into_tvalue(),
            tensor1(&[true, false, true]).into_tvalue(),
            Tensor::zero::<u8>(&[0, 3])?.into_tvalue(),
        ];
        let mut writer = Writer::default();
        writer.tensors(&tensors)?;
        let bytes = writer.into_bytes();
        let back = Reader::new(&bytes).tensors()?;
        assert_eq!(back.len(), tensors.len());
        for (a, b) in tensors.iter().zip(&back) {
            assert_eq!((a.shape(), a.datum_type()), (b.shape(), b.datum_type()));
            assert_eq!(a.as_bytes(), b.as_bytes());
        }
        Ok(())
    }

    #[test]
    fn a_truncated_list_is_refused() {
        let mut writer = Writer::default();
        writer.tensors(&[tensor1(&[1f32, 2.0, 3.0]).into_tvalue()]).unwrap();
        let bytes = writer.into_bytes();
        for len in 0..bytes.len() - 4 {
            assert!(Reader::new(&bytes[..len]).tensors().is_err(), "{len} bytes were enough");
        }
    }
}

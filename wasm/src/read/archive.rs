//! Checks an archive before tract reads it: archives are untrusted.

use std::collections::HashSet;
use std::io::Read;

use tract_core::tract_linalg::block_quant::{BlockQuant, Q4_0, Q8_1};

use crate::errors::{Error, Result};
use crate::limits::Limits;
use crate::read::text;

pub(crate) const GRAPH: &str = "graph.nnef";
const DAT_HEADER: u64 = 128;
const MAX_RANK: usize = 8;

/// Checks names, types and sizes of a tar's entries, tensor headers, and the text that tract
/// parses. Returns the graph's text unchecked: `load` parses it.
pub fn check(bytes: &[u8], limits: &Limits) -> Result<String> {
    let unreadable = |error: std::io::Error| Error::archive(format!("not a readable tar: {error}"));
    let mut seen = HashSet::new();
    let mut graph = None;
    let mut graph_in_folder = None;
    let mut archive = tar::Archive::new(bytes);
    for (count, entry) in archive.entries().map_err(unreadable)?.enumerate() {
        if count >= limits.entries {
            let message = format!("the archive has more than {} files", limits.entries);
            return Err(Error::limit(message));
        }
        let mut entry = entry.map_err(unreadable)?;
        let path = String::from_utf8(entry.path_bytes().to_vec())
            .map_err(|_| Error::archive("a file name is not UTF-8"))?;
        let kind = entry.header().entry_type();
        if !has_content(kind) || is_side_file(&path) {
            continue;
        }
        if !(kind.is_file() || kind.is_contiguous()) {
            return Err(Error::archive(format!("{path:?} is neither a file nor a folder")));
        }
        let name = checked_name(&path)?;
        if entry.size() > bytes.len() as u64 {
            return Err(Error::archive(format!("{name} is truncated")));
        }
        if !seen.insert(name.to_string()) {
            return Err(Error::archive(format!("the archive has {name} twice")));
        }
        if name == GRAPH || name.ends_with("/graph.nnef") || name.ends_with(".quant") {
            let mut text = String::new();
            entry
                .read_to_string(&mut text)
                .map_err(|_| Error::archive(format!("{name} is truncated or not UTF-8")))?;
            match name {
                GRAPH => graph = Some(text),
                _ => text::check(&text, limits)?,
            }
            if name.ends_with("/graph.nnef") {
                graph_in_folder = Some(name.to_string());
            }
        } else if name.ends_with(".dat") {
            check_tensor(name, entry.size(), &mut entry, limits)?;
        } else if name.ends_with(".nnef.tar") {
            let depth = limits.depth.checked_sub(1).filter(|depth| *depth > 0);
            let depth = depth.ok_or_else(|| Error::limit("archives nest too deep"))?;
            let mut inner = vec![];
            entry.read_to_end(&mut inner).map_err(unreadable)?;
            let text = check(&inner, &Limits { depth, ..*limits })?;
            text::check(&text, limits)?;
        } else if name.ends_with(".nnef.tgz") {
            return Err(Error::archive(format!("{name}: an inner archive must not be gzipped")));
        }
    }
    graph.ok_or_else(|| match graph_in_folder {
        Some(name) => Error::archive(format!(
            "the graph of this archive is {name}, but it must be {GRAPH}, outside any folder"
        )),
        None => Error::archive(format!("not an NNEF archive: it has no {GRAPH}")),
    })
}

/// Whether macOS added this file: its archivers store attributes of `w.dat` in `._w.dat`, or in the
/// folder `__MACOSX`.
pub(crate) fn is_side_file(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    name.starts_with("._") || name == ".DS_Store" || parts.any(|folder| folder == "__MACOSX")
}

/// Whether an entry has content: folders and extended headers have none.
pub(crate) fn has_content(kind: tar::EntryType) -> bool {
    !kind.is_dir() && !kind.is_pax_global_extensions()
}

fn checked_name(path: &str) -> Result<&str> {
    let name = path.strip_prefix("./").unwrap_or(path);
    let bad = |part: &str| part == ".." || part.contains('\0');
    if name.is_empty() || name.starts_with('/') || name.split(['/', '\\']).any(bad) {
        return Err(Error::archive(format!("{path:?} is not a path inside the archive")));
    }
    Ok(name)
}

/// tract allocates the size in a header before it reads the values.
fn check_tensor(name: &str, size: u64, entry: &mut impl Read, limits: &Limits) -> Result<()> {
    let mut header = [0u8; DAT_HEADER as usize];
    entry
        .read_exact(&mut header)
        .map_err(|_| Error::archive(format!("{name}: its header is truncated")))?;
    let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| header[at + i]));
    let (data_bytes, rank) = (u64::from(word(4)), word(8) as usize);
    if header[..2] != [0x4e, 0xef] || rank > MAX_RANK {
        return Err(Error::archive(format!("{name} is not an NNEF tensor")));
    }
    let too_large = || Error::limit(format!("{name} is larger than {} bytes", limits.tensor_bytes));
    let items = (0..rank).try_fold(1u64, |n, axis| n.checked_mul(u64::from(word(12 + 4 * axis))));
    let items = items.filter(|items| *items <= limits.tensor_bytes).ok_or_else(too_large)?;
    if data_bytes > limits.tensor_bytes {
        return Err(too_large());
    }
    if data_bytes + DAT_HEADER > size {
        let message = format!("{name} is truncated: its header says {data_bytes} bytes of values");
        return Err(Error::archive(message));
    }
    let bits = word(44);
    let [item_type, vendor] = [48, 50].map(|at| u16::from_le_bytes([header[at], header[at + 1]]));
    if vendor > 0 && item_type & 0x2000 != 0 {
        return check_block_quantized(name, item_type, data_bytes, rank, items);
    }
    let matches = match (vendor, bits) {
        // A string has its length in front, at least four bytes. A quantized value has at least
        // one bit.
        (1.., u32::MAX) => items.saturating_mul(4) <= data_bytes || items == 0,
        (1.., _) => items <= data_bytes.saturating_mul(8),
        (0, bits) => items.saturating_mul(u64::from(bits)).div_ceil(8) == data_bytes,
    };
    if !matches {
        return Err(Error::archive(format!("{name}: its shape does not match its size")));
    }
    Ok(())
}

/// tract has two block formats: 32 values and their scale (and, in Q8_1, their sum) in 18 or 36 bytes.
fn check_block_quantized(
    name: &str,
    item_type: u16,
    data_bytes: u64,
    rank: usize,
    items: u64,
) -> Result<()> {
    const BLOCK: u64 = 32;
    let block_bytes = match item_type {
        0x2040 | 0x3040 => Q4_0.block_bytes() as u64,
        0x3080 => Q8_1.block_bytes() as u64,
        other => {
            let message = format!(
                "{name}: block format 0x{other:04x} is not supported; 0x2040 and 0x3040 (Q4_0) and 0x3080 (Q8_1) are"
            );
            return Err(Error::archive(message));
        }
    };
    if rank < 2 || !items.is_multiple_of(BLOCK) || items / BLOCK * block_bytes != data_bytes {
        return Err(Error::archive(format!("{name}: its shape does not match its size")));
    }
    Ok(())
}

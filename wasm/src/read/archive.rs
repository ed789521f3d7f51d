//! Looks an archive over before tract reads it: archives are untrusted.

use std::collections::HashSet;
use std::io::Read;

use crate::errors::{Result, beyond, damaged};
use crate::limits::Limits;
use crate::read::text;

pub(crate) const GRAPH: &str = "graph.nnef";
const DAT_HEADER: u64 = 128;

/// Checks the names, kinds and sizes of a tar's entries, the tensor headers in it, and what text tract
/// parses; gives the graph's, which `parse` does.
pub fn check(bytes: &[u8], limits: &Limits) -> Result<String> {
    let broken = |error: std::io::Error| damaged(format!("not a readable tar: {error}"));
    let mut seen = HashSet::new();
    let mut graph = None;
    let mut archive = tar::Archive::new(bytes);
    for (count, entry) in archive.entries().map_err(broken)?.enumerate() {
        if count >= limits.entries {
            return Err(beyond(format!("more than {} files in the archive", limits.entries)));
        }
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8(entry.path_bytes().to_vec())
            .map_err(|_| damaged("a file's name is not UTF-8"))?;
        let kind = entry.header().entry_type();
        if is_no_file(kind) {
            continue;
        }
        if !(kind.is_file() || kind.is_contiguous()) {
            return Err(damaged(format!("{path:?} is neither file nor folder")));
        }
        let name = checked_name(&path)?;
        if entry.size() > bytes.len() as u64 {
            return Err(damaged(format!("{name} ends early")));
        }
        if !seen.insert(name.to_string()) {
            return Err(damaged(format!("{name} is there twice")));
        }
        if name == GRAPH || name.ends_with("/graph.nnef") || name.ends_with(".quant") {
            let mut text = String::new();
            entry
                .read_to_string(&mut text)
                .map_err(|_| damaged(format!("{name} is cut or not UTF-8")))?;
            match name {
                GRAPH => graph = Some(text),
                _ => text::check(&text, limits)?,
            }
        } else if name.ends_with(".dat") {
            check_tensor(name, entry.size(), &mut entry, limits)?;
        } else if name.ends_with(".nnef.tar") {
            let depth = limits.depth.checked_sub(1).filter(|depth| *depth > 0);
            let depth = depth.ok_or_else(|| beyond("archives in archives, too deep"))?;
            let mut inner = vec![];
            entry.read_to_end(&mut inner).map_err(broken)?;
            let text = check(&inner, &Limits { depth, ..*limits })?;
            text::check(&text, limits)?;
        } else if name.ends_with(".nnef.tgz") {
            return Err(damaged(format!(
                "{name}: an archive inside an archive must not be gzipped"
            )));
        }
    }
    let none = || damaged(format!("no {GRAPH} in the archive: it is not an NNEF archive"));
    graph.ok_or_else(none)
}

/// Folders, and remarks on the files that follow.
pub(crate) fn is_no_file(kind: tar::EntryType) -> bool {
    kind.is_dir() || kind.is_pax_global_extensions()
}

fn checked_name(path: &str) -> Result<&str> {
    let name = path.strip_prefix("./").unwrap_or(path);
    let bad = |part: &str| part == ".." || part.contains('\0');
    if name.is_empty() || name.starts_with('/') || name.split(['/', '\\']).any(bad) {
        return Err(damaged(format!("{path:?} is not a file name inside the archive")));
    }
    Ok(name)
}

/// tract allocates what a header announces before it reads the values.
fn check_tensor(name: &str, size: u64, entry: &mut impl Read, limits: &Limits) -> Result<()> {
    let mut header = [0u8; DAT_HEADER as usize];
    entry.read_exact(&mut header).map_err(|_| damaged(format!("{name} has no whole header")))?;
    let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| header[at + i]));
    let (announced, rank) = (u64::from(word(4)), word(8) as usize);
    if header[..2] != [0x4e, 0xef] || rank > 8 {
        return Err(damaged(format!("{name} is not an NNEF tensor")));
    }
    let items = (0..rank).try_fold(1u64, |n, axis| n.checked_mul(u64::from(word(12 + 4 * axis))));
    let items = items.filter(|items| *items <= limits.tensor_bytes);
    let items = items.ok_or_else(|| beyond(format!("{name} is larger than a tensor may be")))?;
    if announced > limits.tensor_bytes {
        return Err(beyond(format!("{name} is larger than a tensor may be")));
    }
    if announced + DAT_HEADER > size {
        return Err(damaged(format!("{name} ends early: {announced} bytes announced")));
    }
    let bits = word(44);
    let vendor = u16::from_le_bytes([header[50], header[51]]);
    let counted = match (vendor, bits) {
        // Strings carry their lengths, at least four bytes each; blocks of quantized values take
        // at least one bit a value.
        (1.., u32::MAX) => items.saturating_mul(4) <= announced || items == 0,
        (1.., _) => items <= announced.saturating_mul(8),
        (0, bits) => items.saturating_mul(u64::from(bits)).div_ceil(8) == announced,
    };
    if !counted {
        return Err(damaged(format!("{name}: its shape does not match its size")));
    }
    Ok(())
}

//! A parser for NNEF text and the standard's operators, in place of tract's: `proposal.md`.

mod lexer;
mod parse;
mod stdlib;
mod values;

use super::hooks::Hook;

inventory::submit! { Hook::Parse(parse::document) }
inventory::submit! {
    Hook::Stdlib(|| {
        let fragments = stdlib::fragments();
        let registry = stdlib::registry(&fragments);
        (fragments, registry)
    })
}

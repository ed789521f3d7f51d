//! NNEF text, and the standard's operators, read once and without tract's parser: `proposal.md`.

mod lexer;
mod parse;
mod stdlib;

use super::hooks::Hook;

inventory::submit! { Hook::Parse(parse::document) }
inventory::submit! {
    Hook::Stdlib(|| {
        let fragments = stdlib::fragments();
        let registry = stdlib::registry(&fragments);
        (fragments, registry)
    })
}

//! The registry of NNEF's standard operators: their parameters and builders.
//!
//! A test compares it with tract's own. To make that one, tract parses the standard's declarations
//! twice with its slow parser: a third of the time from an archive to a running model. Entries that
//! only a writer needs are left out.

use std::any::TypeId;

use tract_core::ops::binary::BinMiniOp;
use tract_core::ops::element_wise::ElementWiseMiniOp;
use tract_core::ops::{logic, math, nn};
use tract_nnef::internal::*;
use tract_nnef::ops::nnef::{deser, ser};

use super::parse;
use crate::limits::Limits;

/// The standard's declarations and definitions, as tract prints them. A test writes it.
const TEXT: &str = include_str!("stdlib.nnef");

const PRIMITIVES: &[(&str, ToTract)] = &[
    ("external", deser::external),
    ("variable", deser::variable),
    ("reshape", deser::reshape),
    ("transpose", deser::transpose),
    ("concat", deser::concat),
    ("slice", deser::slice),
    ("squeeze", deser::squeeze),
    ("unsqueeze", deser::unsqueeze),
    ("tile", deser::tile),
    ("pad", deser::pad),
    ("stack", deser::stack),
    ("unstack", deser::unstack),
    ("copy", deser::copy),
    ("select", deser::select),
    ("matmul", deser::matmul),
    ("conv", deser::conv),
    ("deconv", deser::deconv),
    ("sum_reduce", deser::reduce),
    ("max_reduce", deser::reduce),
    ("min_reduce", deser::reduce),
    ("all_reduce", deser::reduce),
    ("any_reduce", deser::reduce),
    ("argmax_reduce", deser::reduce),
    ("argmin_reduce", deser::reduce),
    ("softmax", deser::softmax),
    ("max_pool_with_index", deser::max_pool_with_index),
    ("box", deser::sum_pool),
    ("debox", deser::debox),
];

const ELEMENT_WISE: &[(&str, &dyn ElementWiseMiniOp)] = &[
    ("exp", &math::Exp {}),
    ("log", &math::Ln {}),
    ("sin", &math::Sin {}),
    ("cos", &math::Cos {}),
    ("abs", &math::Abs {}),
    ("neg", &math::Neg {}),
    ("sign", &math::Sign {}),
    ("recip", &math::Recip {}),
    ("tan", &math::Tan {}),
    ("acos", &math::Acos {}),
    ("asin", &math::Asin {}),
    ("atan", &math::Atan {}),
    ("cosh", &math::Cosh {}),
    ("sinh", &math::Sinh {}),
    ("acosh", &math::Acosh {}),
    ("asinh", &math::Asinh {}),
    ("atanh", &math::Atanh {}),
    ("floor", &math::Floor {}),
    ("ceil", &math::Ceil {}),
    ("round", &math::Round {}),
    ("square", &math::Square {}),
    ("sqrt", &math::Sqrt {}),
    ("rsqrt", &math::Rsqrt {}),
    ("tanh", &math::Tanh {}),
    ("sigmoid", &nn::Sigmoid {}),
    ("not", &logic::Not {}),
];

const BINARY: &[(&str, &dyn BinMiniOp)] = &[
    ("add", &math::Add {}),
    ("sub", &math::Sub {}),
    ("mul", &math::Mul {}),
    ("div", &math::Div {}),
    ("pow", &math::Pow {}),
    ("eq", &logic::CompEq),
    ("ne", &logic::CompNE),
    ("lt", &logic::CompLT),
    ("gt", &logic::CompGT),
    ("le", &logic::CompLTE),
    ("ge", &logic::CompGTE),
    ("and", &logic::And {}),
    ("or", &logic::Or {}),
    ("min", &math::Min {}),
    ("max", &math::Max {}),
];

/// The standard's fragments: declarations, and definitions with a body.
pub fn fragments() -> Vec<FragmentDef> {
    let parsed = parse::fragments("stdlib.nnef", TEXT, Limits::default().depth);
    parsed.expect("a test parses it, too")
}

/// The registry of the standard's operators. A fragment with a body is registered as it is, unless
/// tract has an operator for it.
pub fn registry(fragments: &[FragmentDef]) -> Registry {
    let mut registry = Registry::new("tract_nnef");
    for fragment in fragments {
        let FragmentDecl { id, parameters, results, .. } = &fragment.decl;
        if let Some((_, build)) = PRIMITIVES.iter().find(|(name, _)| *name == id.0) {
            registry.register_primitive(id, parameters, results, *build);
        } else if fragment.body.is_some() {
            registry.register_fragment(fragment.clone());
        }
    }
    for (id, op) in ELEMENT_WISE {
        registry.register_unit_element_wise(id, *op);
    }
    registry.register_element_wise(
        "leaky_relu",
        TypeId::of::<nn::LeakyRelu>(),
        Box::new(ser::leaky_relu),
        vec![TypeName::Scalar.tensor().named("x"), TypeName::Scalar.named("alpha")],
        deser::leaky_relu,
    );
    for (id, op) in BINARY {
        registry.register_binary(id, *op);
    }
    registry
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::Hash;

    use tract_nnef::ast::dump::Dumper;

    use super::*;

    /// `NNEF_PULSE_STDLIB=write` writes the text again, for a new version of tract.
    #[test]
    fn the_fragments_are_those_of_tract() -> TractResult<()> {
        let theirs = tract_nnef::framework::stdlib();
        if std::env::var_os("NNEF_PULSE_STDLIB").is_some() {
            let mut text = vec![];
            Dumper::new(&tract_nnef::nnef(), &mut text).fragments(&theirs)?;
            let text = String::from_utf8(text)?.replace("\n\n", "\n");
            // The printer leaves out the space after `for`.
            let text = text.replace("[ for", "[for ");
            let text = text.replace("(\n    ", "(").replace(",\n    ", ", ").replace("\n)", ")");
            let text = format!("# Written by a test, from the fragments of tract-nnef.\n{text}");
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/workarounds/nested_text");
            std::fs::write(format!("{folder}/stdlib.nnef"), text)?;
        }
        let by_name = |mut fragments: Vec<FragmentDef>| {
            fragments.sort_by(|a, b| a.decl.id.cmp(&b.decl.id));
            fragments
        };
        assert_eq!(by_name(fragments()), by_name(theirs));
        Ok(())
    }

    #[test]
    fn the_registry_equals_tracts() {
        let ours = registry(&fragments());
        let theirs = tract_nnef::ops::tract_nnef();
        assert_eq!(ours.id, theirs.id);
        assert_eq!(keys(&ours.primitives), keys(&theirs.primitives));
        for (id, primitive) in &ours.primitives {
            let other = &theirs.primitives[id];
            assert_eq!(primitive.decl.parameters, other.decl.parameters, "{}", id.0);
            assert_eq!(primitive.decl.results, other.decl.results, "{}", id.0);
            assert_eq!(primitive.to_tract as usize, other.to_tract as usize, "{}", id.0);
        }
        assert_eq!(ours.fragments, theirs.fragments);
        let wise = |registry: &Registry| -> BTreeSet<_> {
            let all = &registry.unit_element_wise_ops;
            all.iter().map(|(id, op)| (id.0.clone(), op.name())).collect()
        };
        assert_eq!(wise(&ours), wise(&theirs));
        let wise = |registry: &Registry| -> Vec<_> {
            let all = &registry.element_wise_ops;
            let each = all.iter().map(|(id, kind, _, parameters, build)| {
                (id.clone(), *kind, parameters.clone(), *build as usize)
            });
            each.collect()
        };
        assert_eq!(wise(&ours), wise(&theirs));
        let binary = |registry: &Registry| -> BTreeSet<_> {
            let all = registry.binary_ops.iter();
            // A primitive of the same name comes before it.
            let all = all.filter(|(id, _)| !registry.primitives.contains_key(id));
            all.map(|(id, op)| (id.0.clone(), op.name())).collect()
        };
        assert_eq!(binary(&ours), binary(&theirs));
    }

    fn keys<K: Clone + Eq + Hash + Ord, V>(map: &HashMap<K, V>) -> BTreeSet<K> {
        map.keys().cloned().collect()
    }
}

use super::*;
use crate::errors::Kind;

const DEPTH: usize = 12;

/// Values in a graph's text.
const VALUES: &[&str] = &[
    "a",
    "i\"a.b\"",
    "-1.5e-3",
    "-inf",
    "1.",
    "true",
    "'it \\' is'",
    "a + b * c ^ 2.0 - d / -3",
    "a && b || c",
    "a < b",
    "a >= b == c != d",
    "a in b",
    "a if b < c else d",
    "(a)",
    "(a, b)",
    "[]",
    "[a, [1, 2], (b, 'c')]",
    "[for i in a, j in b yield i + j]",
    "[for_a, format]",
    "a[1]",
    "a[1:]",
    "a[:b + 1]",
    "a[:]",
    "f()",
    "f<scalar>(a, axes = [1, 2], deep = g(h(a), [(0, 1)]))",
    "f<?>([a, b], name = \"a b\")",
    "a # and so on\n + b",
];

fn document_with(value: &str) -> String {
    format!(
        "version 1.0;\nextension tract_symbol S;\nextension tract_assert S >= 1;\n\
         fragment f<? = scalar>(a: tensor<?>, axes: integer[] = [], pads: (integer, integer)[] \
         = [], name: string = 'x') -> (b: tensor<scalar>[], c: logical);\n\
         fragment g(a: tensor<?>) -> (b: tensor<scalar>) {{ b = a; }}\n\
         graph main(a, b) -> (x) {{ x = {value}; [y, (z, i'w')] = {value}; p, q = f(x); }}\n"
    )
}

#[test]
fn the_tree_equals_that_of_tracts_parser() {
    for value in VALUES {
        let text = document_with(value);
        let ours = document("graph.nnef", &text, DEPTH).unwrap_or_else(|e| panic!("{e}"));
        let theirs = tract_nnef::ast::parse::parse_document(&text);
        assert_eq!(ours, theirs.unwrap_or_else(|e| panic!("{value}: {e}")), "{value}");
    }
}

/// The standard: a sign binds tighter than any operator. tract gives it all that follows.
#[test]
fn a_sign_binds_tightest() {
    let value = |text: &str| {
        let graph = document("graph.nnef", &document_with(text), DEPTH).unwrap().graph_def;
        graph.body[0].right.clone()
    };
    for (signs, calls) in [
        ("-a + b", "neg(a) + b"),
        ("a * -b + c", "a * neg(b) + c"),
        ("-a ^ b", "neg(a) ^ b"),
        ("- -a[1]", "neg(neg(a[1]))"),
        ("-(a + b)", "neg(a + b)"),
        ("-f(a) if !a else +b", "neg(f(a)) if not(a) else b"),
        ("!a && b", "not(a) && b"),
        ("[- 1, -(-2.5)]", "[-1, 2.5]"),
    ] {
        assert_eq!(value(signs), value(calls), "{signs}");
    }
}

/// tract's parser fails on these: it reads `infinite` as `inf in ite`.
#[test]
fn a_name_can_begin_with_a_keyword() {
    for name in ["infinite", "true_value", "falsely", "ifs", "form", "information"] {
        let graph = document("graph.nnef", &document_with(name), DEPTH).unwrap().graph_def;
        assert_eq!(graph.body[0].right, RValue::Identifier(Identifier::from(name)));
    }
}

#[test]
fn an_error_has_the_file_and_the_line() {
    let error = |text: &str| document("graph.nnef", text, DEPTH).unwrap_err();
    for value in ["a +", "f(a", "'a"] {
        let error = error(&document_with(value));
        assert_eq!(error.kind, Kind::Archive);
        assert!(error.message.starts_with("graph.nnef, line 6: "), "{error}");
    }
    assert!(error("version 1.0;\ngraph g(").message.contains("line 2"));
}

#[test]
fn depth_and_operators_are_limited() {
    let kind = |value: &str| document("graph.nnef", &document_with(value), DEPTH).unwrap_err().kind;
    assert_eq!(kind(&format!("{}1{}", "(".repeat(500), ")".repeat(500))), Kind::Limit);
    assert_eq!(kind(&format!("{}a", "! ".repeat(500))), Kind::Limit);
    assert_eq!(kind(&format!("a{}", " + a".repeat(500))), Kind::Limit);
}

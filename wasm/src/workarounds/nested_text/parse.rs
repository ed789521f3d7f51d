//! Parses NNEF text into tract's own syntax tree, in one pass.
//!
//! tract's parser reads what is nested twice at each level and builds an error at each alternative
//! it gives up: it took more than half of the time from an archive to a running model. The grammar
//! is tract's, including where it departs from the standard: a sign takes all that follows as its
//! operand, and a subscript has none of its own.

use tract_nnef::ast::*;

use super::lexer::Words;
use crate::errors::{Result, beyond};
use crate::limits::check_operators;

/// Binary operators, from those that bind least to those that bind most; longer ones first.
const BINARY: &[&[&str]] = &[
    &["in"],
    &["||", "&&"],
    &["==", "!=", "<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/"],
    &["^"],
];

/// Parses a document: version, extensions, fragments, graph. `file` is named in errors; brackets
/// and signs may nest `depth` deep.
pub fn document(file: &str, text: &str, depth: usize) -> Result<Document> {
    let mut parser = Parser::new(file, text, depth);
    parser.words.keyword("version")?;
    let version = parser.words.number()?;
    parser.words.token(";")?;
    let mut extension = vec![];
    while parser.words.takes_keyword("extension") {
        let id = parser.words.identifier()?;
        let Some(rest) = parser.words.until(';') else {
            return Err(parser.words.expected("`;` after an extension"));
        };
        extension.push((id, rest.to_string()));
        parser.words.token(";")?;
    }
    let fragments = parser.fragments()?;
    let graph_def = parser.graph()?;
    parser.words.end()?;
    Ok(Document { version, extension, fragments, graph_def })
}

/// Parses a list of fragments.
pub fn fragments(file: &str, text: &str, depth: usize) -> Result<Vec<FragmentDef>> {
    let mut parser = Parser::new(file, text, depth);
    let fragments = parser.fragments()?;
    parser.words.end()?;
    Ok(fragments)
}

struct Parser<'a> {
    file: &'a str,
    words: Words<'a>,
    /// Levels there are yet.
    depth: usize,
    most: usize,
    operators: usize,
}

impl<'a> Parser<'a> {
    fn new(file: &'a str, text: &'a str, depth: usize) -> Self {
        Parser { file, words: Words::new(file, text), depth, most: depth, operators: 0 }
    }

    /// Goes a level deeper for the time of `inside`.
    fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(beyond(format!("{}'s text nests deeper than {}", self.file, self.most)));
        };
        self.depth = depth;
        let parsed = inside(self)?;
        self.depth += 1;
        Ok(parsed)
    }

    /// What `item` parses, separated by commas, up to `close`.
    fn list<T>(
        &mut self,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.nested(|parser| {
            let mut items = vec![];
            if parser.words.takes(close) {
                return Ok(items);
            }
            loop {
                items.push(item(parser)?);
                if !parser.words.takes(",") {
                    break;
                }
            }
            parser.words.token(close)?;
            Ok(items)
        })
    }

    fn fragments(&mut self) -> Result<Vec<FragmentDef>> {
        let mut fragments = vec![];
        while self.words.takes_keyword("fragment") {
            let decl = self.fragment_decl()?;
            let body = if self.words.takes(";") { None } else { Some(self.body()?) };
            fragments.push(FragmentDef { decl, body });
        }
        Ok(fragments)
    }

    fn fragment_decl(&mut self) -> Result<FragmentDecl> {
        let id = self.words.identifier()?;
        let mut generic_decl = None;
        if self.words.takes("<") {
            self.words.token("?")?;
            generic_decl = Some(if self.words.takes("=") { Some(self.type_name()?) } else { None });
            self.words.token(">")?;
        }
        self.words.token("(")?;
        let parameters = self.list(")", Self::parameter)?;
        self.words.token("->")?;
        self.words.token("(")?;
        let results = self.list(")", |parser| {
            let (id, spec) = parser.typed()?;
            Ok(Result_ { id, spec })
        })?;
        Ok(FragmentDecl { id, generic_decl, parameters, results })
    }

    fn parameter(&mut self) -> Result<Parameter> {
        let (id, spec) = self.typed()?;
        let lit = if self.words.takes("=") { Some(self.default()?) } else { None };
        Ok(Parameter { id, spec, lit, doc: None })
    }

    fn default(&mut self) -> Result<Literal> {
        if self.words.takes("[") {
            return self.list("]", Self::default).map(Literal::Array);
        }
        if self.words.takes("(") {
            return self.list(")", Self::default).map(Literal::Tuple);
        }
        self.words.literal()?.ok_or_else(|| self.words.expected("a literal"))
    }

    fn typed(&mut self) -> Result<(Identifier, TypeSpec)> {
        let id = self.words.identifier()?;
        self.words.token(":")?;
        Ok((id, self.type_spec()?))
    }

    fn type_spec(&mut self) -> Result<TypeSpec> {
        let spec = if self.words.takes("(") {
            TypeSpec::Tuple(self.list(")", Self::type_spec)?)
        } else if self.words.takes_keyword("tensor") {
            self.words.token("<")?;
            let name = self.type_name()?;
            self.words.token(">")?;
            TypeSpec::Tensor(name)
        } else {
            TypeSpec::Single(self.type_name()?)
        };
        if !self.words.takes("[") {
            return Ok(spec);
        }
        self.words.token("]")?;
        Ok(spec.array())
    }

    fn type_name(&mut self) -> Result<TypeName> {
        if self.words.takes("?") {
            return Ok(TypeName::Any);
        }
        let name = match self.words.word() {
            "integer" => TypeName::Integer,
            "scalar" => TypeName::Scalar,
            "logical" => TypeName::Logical,
            "string" => TypeName::String,
            _ => return Err(self.words.expected("a type")),
        };
        self.words.advance(self.words.word().len());
        Ok(name)
    }

    fn graph(&mut self) -> Result<GraphDef> {
        self.words.keyword("graph")?;
        let id = self.words.identifier()?;
        self.words.token("(")?;
        let parameters = self.list(")", |parser| parser.words.identifier())?;
        self.words.token("->")?;
        self.words.token("(")?;
        let results = self.list(")", |parser| parser.words.identifier())?;
        Ok(GraphDef { id, parameters, results, body: self.body()? })
    }

    fn body(&mut self) -> Result<Vec<Assignment>> {
        self.words.token("{")?;
        let mut assignments = vec![];
        while !self.words.takes("}") {
            self.operators = 0;
            let left = self.assigned()?;
            self.words.token("=")?;
            let right = self.value()?;
            self.words.token(";")?;
            assignments.push(Assignment { left, right });
        }
        Ok(assignments)
    }

    /// What is assigned to: one, or several as a tuple.
    fn assigned(&mut self) -> Result<LValue> {
        let first = self.assigned_part()?;
        if !self.words.rest().starts_with(',') {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.words.takes(",") {
            parts.push(self.assigned_part()?);
        }
        Ok(LValue::Tuple(parts))
    }

    fn assigned_part(&mut self) -> Result<LValue> {
        if self.words.takes("[") {
            return self.list("]", Self::assigned_part).map(LValue::Array);
        }
        if self.words.takes("(") {
            return self.list(")", Self::assigned_part).map(LValue::Tuple);
        }
        self.words.identifier().map(LValue::Identifier)
    }

    fn value(&mut self) -> Result<RValue> {
        let then = self.binary(0)?;
        if !self.words.takes_keyword("if") {
            return Ok(then);
        }
        let cond = self.binary(0)?;
        self.words.keyword("else")?;
        let otherwise = self.binary(0)?;
        Ok(RValue::IfThenElse(Box::new(IfThenElse { cond, then, otherwise })))
    }

    /// Operators that bind as those of `BINARY[least]` do, or more.
    fn binary(&mut self, least: usize) -> Result<RValue> {
        let mut left = self.subscripted()?;
        while let Some((level, operator)) = self.operator(least) {
            self.operators += 1;
            check_operators(self.operators)?;
            self.words.advance(operator.len());
            let right = self.binary(level + 1)?;
            left = RValue::Binary(Box::new(left), operator.to_string(), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&self, least: usize) -> Option<(usize, &'static str)> {
        let levels = BINARY.iter().enumerate().skip(least);
        let all = levels.flat_map(|(level, all)| all.iter().map(move |one| (level, *one)));
        let rest = self.words.rest();
        all.into_iter().find(|(_, one)| match *one {
            "in" => self.words.word() == "in",
            one => rest.starts_with(one),
        })
    }

    fn subscripted(&mut self) -> Result<RValue> {
        let value = self.atom()?;
        if !self.words.takes("[") {
            return Ok(value);
        }
        let subscript = self.nested(|parser| {
            let first = match parser.words.rest().starts_with(':') {
                true => None,
                false => Some(parser.value()?),
            };
            if !parser.words.takes(":") {
                let only = first.ok_or_else(|| parser.words.expected("a subscript"))?;
                return Ok(Subscript::Single(only));
            }
            let open = parser.words.rest().starts_with(']');
            Ok(Subscript::Range(first, if open { None } else { Some(parser.value()?) }))
        })?;
        self.words.token("]")?;
        Ok(RValue::Subscript(Box::new(value), Box::new(subscript)))
    }

    fn atom(&mut self) -> Result<RValue> {
        if let Some(literal) = self.words.literal()? {
            return Ok(RValue::Literal(literal));
        }
        if let Some(sign) =
            ["+", "-", "!"].into_iter().find(|sign| self.words.rest().starts_with(sign))
        {
            self.words.advance(1);
            let operand = self.nested(Self::value)?;
            return Ok(RValue::Unary(sign.to_string(), Box::new(operand)));
        }
        if self.words.takes("(") {
            let mut values = self.list(")", Self::value)?;
            return Ok(match values.len() {
                1 => values.remove(0),
                _ => RValue::Tuple(values),
            });
        }
        if self.words.takes("[") {
            return match self.words.takes_keyword("for") {
                true => self.nested(Self::comprehension),
                false => self.list("]", Self::value).map(RValue::Array),
            };
        }
        if self.words.word().is_empty() {
            return Err(self.words.expected("a value"));
        }
        let id = self.words.identifier()?;
        let generic_type_name = self.generic_type();
        if generic_type_name.is_none() && !self.words.rest().starts_with('(') {
            return Ok(RValue::Identifier(id));
        }
        self.words.token("(")?;
        let arguments = self.list(")", Self::argument)?;
        Ok(RValue::Invocation(Invocation { id, generic_type_name, arguments }))
    }

    /// `<type>` before a bracket; anything else is a comparison.
    fn generic_type(&mut self) -> Option<TypeName> {
        let start = self.words.clone();
        let found = self.words.takes("<").then(|| self.type_name().ok()).flatten();
        let found = found.filter(|_| self.words.takes(">") && self.words.rest().starts_with('('));
        if found.is_none() {
            self.words = start;
        }
        found
    }

    fn argument(&mut self) -> Result<Argument> {
        let start = self.words.clone();
        if !self.words.word().is_empty() {
            let id = self.words.identifier()?;
            if self.words.rest().starts_with('=') && !self.words.rest().starts_with("==") {
                self.words.token("=")?;
                return Ok(Argument { id: Some(id), rvalue: self.value()? });
            }
            self.words = start;
        }
        Ok(Argument { id: None, rvalue: self.value()? })
    }

    fn comprehension(&mut self) -> Result<RValue> {
        let mut loop_iters = vec![];
        loop {
            let id = self.words.identifier()?;
            self.words.keyword("in")?;
            loop_iters.push((id, self.value()?));
            if !self.words.takes(",") {
                break;
            }
        }
        self.words.keyword("yield")?;
        let yields = self.value()?;
        self.words.token("]")?;
        Ok(RValue::Comprehension(Box::new(Comprehension { loop_iters, filter: None, yields })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::Kind;

    const DEPTH: usize = 12;

    /// Texts a graph is made of, some of them rare.
    const VALUES: &[&str] = &[
        "a",
        "i\"a.b\"",
        "-1.5e-3",
        "- 1",
        "-inf",
        "1.",
        "true",
        "'it \\' is'",
        "a + b * c ^ 2.0 - d / -3",
        "-a + b",
        "!a && b || c",
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

    fn with(value: &str) -> String {
        format!(
            "version 1.0;\nextension tract_symbol S;\nextension tract_assert S >= 1;\n\
             fragment f<? = scalar>(a: tensor<?>, axes: integer[] = [], pads: (integer, integer)[] \
             = [], name: string = 'x') -> (b: tensor<scalar>[], c: logical);\n\
             fragment g(a: tensor<?>) -> (b: tensor<scalar>) {{ b = a; }}\n\
             graph main(a, b) -> (x) {{ x = {value}; [y, (z, i'w')] = {value}; p, q = f(x); }}\n"
        )
    }

    #[test]
    fn the_tree_is_tracts() {
        for value in VALUES {
            let text = with(value);
            let ours = document("graph.nnef", &text, DEPTH).unwrap_or_else(|e| panic!("{e}"));
            let theirs = tract_nnef::ast::parse::parse_document(&text);
            assert_eq!(ours, theirs.unwrap_or_else(|e| panic!("{value}: {e}")), "{value}");
        }
    }

    /// Where tract finds a word: `infinite` is `inf in ite` to it, and `true_value` no value at all.
    #[test]
    fn a_name_may_begin_as_a_word_does() {
        for name in ["infinite", "true_value", "falsely", "ifs", "form", "information"] {
            let graph = document("graph.nnef", &with(name), DEPTH).unwrap().graph_def;
            assert_eq!(graph.body[0].right, RValue::Identifier(Identifier::from(name)));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let said = |value: &str| document("graph.nnef", &with(value), DEPTH).unwrap_err().message;
        assert_eq!(said("a +"), "graph.nnef, line 6: a value expected, `;` found");
        assert_eq!(said("f(a"), "graph.nnef, line 6: `)` expected, `;` found");
        assert_eq!(said("'a"), "graph.nnef, line 6: `;` expected, `w')]` found");
        let cut = document("graph.nnef", "version 1.0;\ngraph g(", DEPTH).unwrap_err();
        assert_eq!(cut.message, "graph.nnef, line 2: a name expected, the end found");
    }

    #[test]
    fn depth_and_operators_have_bounds() {
        let kind = |value: &str| document("graph.nnef", &with(value), DEPTH).unwrap_err().kind;
        assert_eq!(kind(&format!("{}1{}", "(".repeat(500), ")".repeat(500))), Kind::Limit);
        assert_eq!(kind(&format!("{}a", "! ".repeat(500))), Kind::Limit);
        assert_eq!(kind(&format!("a{}", " + a".repeat(500))), Kind::Limit);
    }
}

//! Parses NNEF text into tract's own syntax tree, in one pass.
//!
//! tract's parser reads what is nested twice at each level and builds an error at each alternative
//! it gives up: it took more than half of the time from an archive to a running model. The grammar
//! is tract's, including where it departs from the standard: a sign takes all that follows as its
//! operand, and a subscript has none of its own.

use tract_nnef::ast::*;

use crate::archive::beyond;
use crate::errors::{Error, Kind, Result};
use crate::text::check_operators;

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
    parser.keyword("version")?;
    let version = parser.number()?;
    parser.token(";")?;
    let mut extension = vec![];
    while parser.takes_keyword("extension") {
        let id = parser.identifier()?;
        let Some((words, _)) = parser.rest().split_once(';') else {
            return Err(parser.expected("`;` after an extension"));
        };
        extension.push((id, words.to_string()));
        parser.at += words.len();
        parser.token(";")?;
    }
    let fragments = parser.fragments()?;
    let graph_def = parser.graph()?;
    parser.end()?;
    Ok(Document { version, extension, fragments, graph_def })
}

/// Parses a list of fragments.
pub fn fragments(file: &str, text: &str, depth: usize) -> Result<Vec<FragmentDef>> {
    let mut parser = Parser::new(file, text, depth);
    let fragments = parser.fragments()?;
    parser.end()?;
    Ok(fragments)
}

struct Parser<'a> {
    file: &'a str,
    text: &'a str,
    /// Always at a token or at the end: spaces and comments are skipped after each token.
    at: usize,
    /// Levels there are yet.
    depth: usize,
    most: usize,
    operators: usize,
}

impl<'a> Parser<'a> {
    fn new(file: &'a str, text: &'a str, depth: usize) -> Self {
        let mut parser = Parser { file, text, at: 0, depth, most: depth, operators: 0 };
        parser.skip_spaces();
        parser
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r']);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return;
            }
            self.at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
        }
    }

    /// Takes `length` bytes and the spaces after them.
    fn advance(&mut self, length: usize) -> &'a str {
        let taken = &self.rest()[..length];
        self.at += length;
        self.skip_spaces();
        taken
    }

    fn expected(&self, what: &str) -> Error {
        let line = 1 + self.text[..self.at].matches('\n').count();
        let found = match self.rest().split_whitespace().next() {
            Some(word) => format!("`{}`", word.chars().take(24).collect::<String>()),
            None => "the end".to_string(),
        };
        let message = format!("{}, line {line}: {what} expected, {found} found", self.file);
        Error::new(Kind::Archive, message)
    }

    fn end(&self) -> Result<()> {
        self.rest().is_empty().then_some(()).ok_or_else(|| self.expected("the end"))
    }

    fn takes(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.advance(token.len());
        }
        there
    }

    fn token(&mut self, token: &str) -> Result<()> {
        if self.takes(token) { Ok(()) } else { Err(self.expected(&format!("`{token}`"))) }
    }

    fn takes_keyword(&mut self, word: &str) -> bool {
        let there = self.word() == word;
        if there {
            self.advance(word.len());
        }
        there
    }

    fn keyword(&mut self, word: &str) -> Result<()> {
        if self.takes_keyword(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    /// The name or keyword the parser is at, empty if it is at none.
    fn word(&self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = &rest[..length.unwrap_or(rest.len())];
        if word.starts_with(|c: char| c.is_ascii_digit()) { "" } else { word }
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
            if parser.takes(close) {
                return Ok(items);
            }
            loop {
                items.push(item(parser)?);
                if !parser.takes(",") {
                    break;
                }
            }
            parser.token(close)?;
            Ok(items)
        })
    }

    /// A name, or `i"any text"`.
    fn identifier(&mut self) -> Result<Identifier> {
        let word = self.word();
        if word == "i" && self.rest()[1..].starts_with(['"', '\'']) {
            self.at += 1;
            return self.string().map(Identifier);
        }
        if word.is_empty() {
            return Err(self.expected("a name"));
        }
        Ok(Identifier::from(self.advance(word.len())))
    }

    fn string(&mut self) -> Result<String> {
        let Some(quote) = self.rest().chars().next().filter(|c| ['"', '\''].contains(c)) else {
            return Err(self.expected("a string"));
        };
        let mut string = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((ix, c)) = chars.next() {
            match c {
                '\\' => string.extend(chars.next().map(|(_, c)| c)),
                c if c == quote => {
                    self.advance(ix + 1);
                    return Ok(string);
                }
                c => string.push(c),
            }
        }
        Err(self.expected("a string that ends"))
    }

    fn number(&mut self) -> Result<String> {
        match number_length(self.rest()) {
            0 => Err(self.expected("a number")),
            length => Ok(self.advance(length).to_string()),
        }
    }

    fn literal(&mut self) -> Result<Option<Literal>> {
        if number_length(self.rest()) > 0 {
            return Ok(Some(Literal::Numeric(self.number()?)));
        }
        if self.rest().starts_with(['"', '\'']) {
            return Ok(Some(Literal::String(self.string()?)));
        }
        let logical = match self.word() {
            "true" => true,
            "false" => false,
            _ => return Ok(None),
        };
        self.advance(self.word().len());
        Ok(Some(Literal::Logical(logical)))
    }

    fn fragments(&mut self) -> Result<Vec<FragmentDef>> {
        let mut fragments = vec![];
        while self.takes_keyword("fragment") {
            let decl = self.fragment_decl()?;
            let body = if self.takes(";") { None } else { Some(self.body()?) };
            fragments.push(FragmentDef { decl, body });
        }
        Ok(fragments)
    }

    fn fragment_decl(&mut self) -> Result<FragmentDecl> {
        let id = self.identifier()?;
        let mut generic_decl = None;
        if self.takes("<") {
            self.token("?")?;
            generic_decl = Some(if self.takes("=") { Some(self.type_name()?) } else { None });
            self.token(">")?;
        }
        self.token("(")?;
        let parameters = self.list(")", Self::parameter)?;
        self.token("->")?;
        self.token("(")?;
        let results = self.list(")", |parser| {
            let (id, spec) = parser.typed()?;
            Ok(Result_ { id, spec })
        })?;
        Ok(FragmentDecl { id, generic_decl, parameters, results })
    }

    fn parameter(&mut self) -> Result<Parameter> {
        let (id, spec) = self.typed()?;
        let lit = if self.takes("=") { Some(self.default()?) } else { None };
        Ok(Parameter { id, spec, lit, doc: None })
    }

    fn default(&mut self) -> Result<Literal> {
        if self.takes("[") {
            return self.list("]", Self::default).map(Literal::Array);
        }
        if self.takes("(") {
            return self.list(")", Self::default).map(Literal::Tuple);
        }
        self.literal()?.ok_or_else(|| self.expected("a literal"))
    }

    fn typed(&mut self) -> Result<(Identifier, TypeSpec)> {
        let id = self.identifier()?;
        self.token(":")?;
        Ok((id, self.type_spec()?))
    }

    fn type_spec(&mut self) -> Result<TypeSpec> {
        let spec = if self.takes("(") {
            TypeSpec::Tuple(self.list(")", Self::type_spec)?)
        } else if self.takes_keyword("tensor") {
            self.token("<")?;
            let name = self.type_name()?;
            self.token(">")?;
            TypeSpec::Tensor(name)
        } else {
            TypeSpec::Single(self.type_name()?)
        };
        if !self.takes("[") {
            return Ok(spec);
        }
        self.token("]")?;
        Ok(spec.array())
    }

    fn type_name(&mut self) -> Result<TypeName> {
        if self.takes("?") {
            return Ok(TypeName::Any);
        }
        let name = match self.word() {
            "integer" => TypeName::Integer,
            "scalar" => TypeName::Scalar,
            "logical" => TypeName::Logical,
            "string" => TypeName::String,
            _ => return Err(self.expected("a type")),
        };
        self.advance(self.word().len());
        Ok(name)
    }

    fn graph(&mut self) -> Result<GraphDef> {
        self.keyword("graph")?;
        let id = self.identifier()?;
        self.token("(")?;
        let parameters = self.list(")", Self::identifier)?;
        self.token("->")?;
        self.token("(")?;
        let results = self.list(")", Self::identifier)?;
        Ok(GraphDef { id, parameters, results, body: self.body()? })
    }

    fn body(&mut self) -> Result<Vec<Assignment>> {
        self.token("{")?;
        let mut assignments = vec![];
        while !self.takes("}") {
            self.operators = 0;
            let left = self.assigned()?;
            self.token("=")?;
            let right = self.value()?;
            self.token(";")?;
            assignments.push(Assignment { left, right });
        }
        Ok(assignments)
    }

    /// What is assigned to: one, or several as a tuple.
    fn assigned(&mut self) -> Result<LValue> {
        let first = self.assigned_part()?;
        if !self.rest().starts_with(',') {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.takes(",") {
            parts.push(self.assigned_part()?);
        }
        Ok(LValue::Tuple(parts))
    }

    fn assigned_part(&mut self) -> Result<LValue> {
        if self.takes("[") {
            return self.list("]", Self::assigned_part).map(LValue::Array);
        }
        if self.takes("(") {
            return self.list(")", Self::assigned_part).map(LValue::Tuple);
        }
        self.identifier().map(LValue::Identifier)
    }

    fn value(&mut self) -> Result<RValue> {
        let then = self.binary(0)?;
        if !self.takes_keyword("if") {
            return Ok(then);
        }
        let cond = self.binary(0)?;
        self.keyword("else")?;
        let otherwise = self.binary(0)?;
        Ok(RValue::IfThenElse(Box::new(IfThenElse { cond, then, otherwise })))
    }

    /// Operators that bind as those of `BINARY[least]` do, or more.
    fn binary(&mut self, least: usize) -> Result<RValue> {
        let mut left = self.subscripted()?;
        while let Some((level, operator)) = self.operator(least) {
            self.operators += 1;
            check_operators(self.operators)?;
            self.advance(operator.len());
            let right = self.binary(level + 1)?;
            left = RValue::Binary(Box::new(left), operator.to_string(), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&self, least: usize) -> Option<(usize, &'static str)> {
        let levels = BINARY.iter().enumerate().skip(least);
        let all = levels.flat_map(|(level, all)| all.iter().map(move |one| (level, *one)));
        let rest = self.rest();
        all.into_iter().find(|(_, one)| match *one {
            "in" => self.word() == "in",
            one => rest.starts_with(one),
        })
    }

    fn subscripted(&mut self) -> Result<RValue> {
        let value = self.atom()?;
        if !self.takes("[") {
            return Ok(value);
        }
        let subscript = self.nested(|parser| {
            let first = match parser.rest().starts_with(':') {
                true => None,
                false => Some(parser.value()?),
            };
            if !parser.takes(":") {
                let only = first.ok_or_else(|| parser.expected("a subscript"))?;
                return Ok(Subscript::Single(only));
            }
            let open = parser.rest().starts_with(']');
            Ok(Subscript::Range(first, if open { None } else { Some(parser.value()?) }))
        })?;
        self.token("]")?;
        Ok(RValue::Subscript(Box::new(value), Box::new(subscript)))
    }

    fn atom(&mut self) -> Result<RValue> {
        if let Some(literal) = self.literal()? {
            return Ok(RValue::Literal(literal));
        }
        if let Some(sign) = ["+", "-", "!"].into_iter().find(|sign| self.rest().starts_with(sign)) {
            self.advance(1);
            let operand = self.nested(Self::value)?;
            return Ok(RValue::Unary(sign.to_string(), Box::new(operand)));
        }
        if self.takes("(") {
            let mut values = self.list(")", Self::value)?;
            return Ok(match values.len() {
                1 => values.remove(0),
                _ => RValue::Tuple(values),
            });
        }
        if self.takes("[") {
            return match self.takes_keyword("for") {
                true => self.nested(Self::comprehension),
                false => self.list("]", Self::value).map(RValue::Array),
            };
        }
        if self.word().is_empty() {
            return Err(self.expected("a value"));
        }
        let id = self.identifier()?;
        let generic_type_name = self.generic_type();
        if generic_type_name.is_none() && !self.rest().starts_with('(') {
            return Ok(RValue::Identifier(id));
        }
        self.token("(")?;
        let arguments = self.list(")", Self::argument)?;
        Ok(RValue::Invocation(Invocation { id, generic_type_name, arguments }))
    }

    /// `<type>` before a bracket; anything else is a comparison.
    fn generic_type(&mut self) -> Option<TypeName> {
        let start = self.at;
        let found = self.takes("<").then(|| self.type_name().ok()).flatten();
        let found = found.filter(|_| self.takes(">") && self.rest().starts_with('('));
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn argument(&mut self) -> Result<Argument> {
        let start = self.at;
        if !self.word().is_empty() {
            let id = self.identifier()?;
            if self.rest().starts_with('=') && !self.rest().starts_with("==") {
                self.token("=")?;
                return Ok(Argument { id: Some(id), rvalue: self.value()? });
            }
            self.at = start;
        }
        Ok(Argument { id: None, rvalue: self.value()? })
    }

    fn comprehension(&mut self) -> Result<RValue> {
        let mut loop_iters = vec![];
        loop {
            let id = self.identifier()?;
            self.keyword("in")?;
            loop_iters.push((id, self.value()?));
            if !self.takes(",") {
                break;
            }
        }
        self.keyword("yield")?;
        let yields = self.value()?;
        self.token("]")?;
        Ok(RValue::Comprehension(Box::new(Comprehension { loop_iters, filter: None, yields })))
    }
}

/// Length of the number `text` begins with, such as `-1.5e-3` or `inf`; 0 if it begins with none.
fn number_length(text: &str) -> usize {
    let digits = |at: usize| {
        let rest = &text.as_bytes()[at..];
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let starts = |at: usize, any: &[u8]| text.as_bytes().get(at).is_some_and(|b| any.contains(b));
    let mut at = usize::from(starts(0, b"-"));
    at += match digits(at) {
        0 if is_infinite(&text[at..]) => 3,
        0 => return 0,
        count => count,
    };
    if starts(at, b".") {
        at += 1 + digits(at + 1);
    }
    if starts(at, b"eE") {
        let sign = usize::from(starts(at + 1, b"+-"));
        let count = digits(at + 1 + sign);
        if count > 0 {
            at += 1 + sign + count;
        }
    }
    at
}

fn is_infinite(text: &str) -> bool {
    let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.strip_prefix("inf").is_some_and(|rest| !rest.starts_with(named))
}

#[cfg(test)]
mod tests {
    use super::*;

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

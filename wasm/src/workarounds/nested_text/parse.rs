//! Parses NNEF text into tract's syntax tree, in one pass.
//!
//! tract's parser reads nested text twice at each level and builds an error for each alternative that
//! fails: more than half of the time from an archive to a running model. The grammar is tract's, also
//! where it differs from the standard (a subscript cannot follow a subscript), but for a prefix sign:
//! as in the standard it binds tighter than any operator, while tract applies it to all that follows.

use tract_nnef::ast::*;

use super::lexer::Lexer;
use crate::errors::{Error, Result};

/// Parses a document: version, extensions, fragments, graph. `file` is for errors; `depth` limits the
/// nesting of brackets and signs.
pub fn document(file: &str, text: &str, depth: usize) -> Result<Document> {
    let mut parser = Parser::new(file, text, depth);
    parser.lexer.expect_keyword("version")?;
    let version = parser.lexer.number()?;
    parser.lexer.expect(";")?;
    let mut extension = vec![];
    while parser.lexer.accept_keyword("extension") {
        let id = parser.lexer.identifier()?;
        let Some(rest) = parser.lexer.until(';') else {
            return Err(parser.lexer.error_expected("`;` after an extension"));
        };
        extension.push((id, rest.to_string()));
        parser.lexer.expect(";")?;
    }
    let fragments = parser.fragments()?;
    let graph_def = parser.graph()?;
    parser.lexer.end()?;
    Ok(Document { version, extension, fragments, graph_def })
}

/// Parses tract's own fragments, which are written for its grammar: a sign applies to all that
/// follows.
pub fn fragments(file: &str, text: &str, depth: usize) -> Result<Vec<FragmentDef>> {
    let mut parser = Parser { signs_reach_far: true, ..Parser::new(file, text, depth) };
    let fragments = parser.fragments()?;
    parser.lexer.end()?;
    Ok(fragments)
}

pub(super) struct Parser<'a> {
    file: &'a str,
    pub(super) lexer: Lexer<'a>,
    /// Remaining levels.
    depth: usize,
    max_depth: usize,
    /// Operators in the current statement.
    pub(super) operators: usize,
    /// Whether a sign applies to all that follows.
    pub(super) signs_reach_far: bool,
}

impl<'a> Parser<'a> {
    fn new(file: &'a str, text: &'a str, depth: usize) -> Self {
        let lexer = Lexer::new(file, text);
        Parser { file, lexer, depth, max_depth: depth, operators: 0, signs_reach_far: false }
    }

    /// Calls `inside` one level deeper.
    pub(super) fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(Error::limit(format!(
                "{} nests deeper than {}",
                self.file, self.max_depth
            )));
        };
        self.depth = depth;
        let parsed = inside(self)?;
        self.depth += 1;
        Ok(parsed)
    }

    /// Items separated by commas, up to `close`.
    pub(super) fn list<T>(
        &mut self,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.nested(|parser| {
            let mut items = vec![];
            if parser.lexer.accept(close) {
                return Ok(items);
            }
            loop {
                items.push(item(parser)?);
                if !parser.lexer.accept(",") {
                    break;
                }
            }
            parser.lexer.expect(close)?;
            Ok(items)
        })
    }

    fn fragments(&mut self) -> Result<Vec<FragmentDef>> {
        let mut fragments = vec![];
        while self.lexer.accept_keyword("fragment") {
            let decl = self.fragment_decl()?;
            let body = if self.lexer.accept(";") { None } else { Some(self.body()?) };
            fragments.push(FragmentDef { decl, body });
        }
        Ok(fragments)
    }

    fn fragment_decl(&mut self) -> Result<FragmentDecl> {
        let id = self.lexer.identifier()?;
        let mut generic_decl = None;
        if self.lexer.accept("<") {
            self.lexer.expect("?")?;
            generic_decl =
                Some(if self.lexer.accept("=") { Some(self.type_name()?) } else { None });
            self.lexer.expect(">")?;
        }
        self.lexer.expect("(")?;
        let parameters = self.list(")", Self::parameter)?;
        self.lexer.expect("->")?;
        self.lexer.expect("(")?;
        let results = self.list(")", |parser| {
            let (id, spec) = parser.typed()?;
            Ok(Result_ { id, spec })
        })?;
        Ok(FragmentDecl { id, generic_decl, parameters, results })
    }

    fn parameter(&mut self) -> Result<Parameter> {
        let (id, spec) = self.typed()?;
        let lit = if self.lexer.accept("=") { Some(self.default()?) } else { None };
        Ok(Parameter { id, spec, lit, doc: None })
    }

    fn default(&mut self) -> Result<Literal> {
        if self.lexer.accept("[") {
            return self.list("]", Self::default).map(Literal::Array);
        }
        if self.lexer.accept("(") {
            return self.list(")", Self::default).map(Literal::Tuple);
        }
        self.lexer.literal()?.ok_or_else(|| self.lexer.error_expected("a literal"))
    }

    fn typed(&mut self) -> Result<(Identifier, TypeSpec)> {
        let id = self.lexer.identifier()?;
        self.lexer.expect(":")?;
        Ok((id, self.type_spec()?))
    }

    fn type_spec(&mut self) -> Result<TypeSpec> {
        let spec = if self.lexer.accept("(") {
            TypeSpec::Tuple(self.list(")", Self::type_spec)?)
        } else if self.lexer.accept_keyword("tensor") {
            self.lexer.expect("<")?;
            let name = self.type_name()?;
            self.lexer.expect(">")?;
            TypeSpec::Tensor(name)
        } else {
            TypeSpec::Single(self.type_name()?)
        };
        if !self.lexer.accept("[") {
            return Ok(spec);
        }
        self.lexer.expect("]")?;
        Ok(spec.array())
    }

    pub(super) fn type_name(&mut self) -> Result<TypeName> {
        if self.lexer.accept("?") {
            return Ok(TypeName::Any);
        }
        let name = match self.lexer.word() {
            "integer" => TypeName::Integer,
            "scalar" => TypeName::Scalar,
            "logical" => TypeName::Logical,
            "string" => TypeName::String,
            _ => return Err(self.lexer.error_expected("a type")),
        };
        self.lexer.advance(self.lexer.word().len());
        Ok(name)
    }

    fn graph(&mut self) -> Result<GraphDef> {
        self.lexer.expect_keyword("graph")?;
        let id = self.lexer.identifier()?;
        self.lexer.expect("(")?;
        let parameters = self.list(")", |parser| parser.lexer.identifier())?;
        self.lexer.expect("->")?;
        self.lexer.expect("(")?;
        let results = self.list(")", |parser| parser.lexer.identifier())?;
        Ok(GraphDef { id, parameters, results, body: self.body()? })
    }

    fn body(&mut self) -> Result<Vec<Assignment>> {
        self.lexer.expect("{")?;
        let mut assignments = vec![];
        while !self.lexer.accept("}") {
            self.operators = 0;
            let left = self.assigned()?;
            self.lexer.expect("=")?;
            let right = self.value()?;
            self.lexer.expect(";")?;
            assignments.push(Assignment { left, right });
        }
        Ok(assignments)
    }

    /// The left of an assignment: one name or several, as a tuple.
    fn assigned(&mut self) -> Result<LValue> {
        let first = self.assigned_part()?;
        if !self.lexer.rest().starts_with(',') {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.lexer.accept(",") {
            parts.push(self.assigned_part()?);
        }
        Ok(LValue::Tuple(parts))
    }

    fn assigned_part(&mut self) -> Result<LValue> {
        if self.lexer.accept("[") {
            return self.list("]", Self::assigned_part).map(LValue::Array);
        }
        if self.lexer.accept("(") {
            return self.list(")", Self::assigned_part).map(LValue::Tuple);
        }
        self.lexer.identifier().map(LValue::Identifier)
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;

//! Parses the values of assignments: expressions, calls, lists.

use tract_nnef::ast::*;

use super::parse::Parser;
use crate::errors::Result;
use crate::limits::check_operators;

/// Binary operators by precedence, lowest first. In a level, longer ones come first.
const BINARY: &[&[&str]] = &[
    &["in"],
    &["||", "&&"],
    &["==", "!=", "<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/"],
    &["^"],
];

impl Parser<'_> {
    pub(super) fn value(&mut self) -> Result<RValue> {
        let then = self.binary(0)?;
        if !self.lexer.accept_keyword("if") {
            return Ok(then);
        }
        let cond = self.binary(0)?;
        self.lexer.expect_keyword("else")?;
        let otherwise = self.binary(0)?;
        Ok(RValue::IfThenElse(Box::new(IfThenElse { cond, then, otherwise })))
    }

    /// A binary expression of operators in `BINARY[level..]`.
    fn binary(&mut self, min_level: usize) -> Result<RValue> {
        let mut left = self.subscripted()?;
        while let Some((level, operator)) = self.operator(min_level) {
            self.operators += 1;
            check_operators(self.operators)?;
            self.lexer.advance(operator.len());
            let right = self.binary(level + 1)?;
            left = RValue::Binary(Box::new(left), operator.to_string(), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&self, min_level: usize) -> Option<(usize, &'static str)> {
        let levels = BINARY.iter().enumerate().skip(min_level);
        let all = levels.flat_map(|(level, operators)| {
            operators.iter().map(move |operator| (level, *operator))
        });
        let rest = self.lexer.rest();
        all.into_iter().find(|(_, operator)| match *operator {
            "in" => self.lexer.word() == "in",
            operator => rest.starts_with(operator),
        })
    }

    fn subscripted(&mut self) -> Result<RValue> {
        let value = self.atom()?;
        if !self.lexer.accept("[") {
            return Ok(value);
        }
        let subscript = self.nested(|parser| {
            let first = match parser.lexer.rest().starts_with(':') {
                true => None,
                false => Some(parser.value()?),
            };
            if !parser.lexer.accept(":") {
                let only = first.ok_or_else(|| parser.lexer.error_expected("a subscript"))?;
                return Ok(Subscript::Single(only));
            }
            let open = parser.lexer.rest().starts_with(']');
            Ok(Subscript::Range(first, if open { None } else { Some(parser.value()?) }))
        })?;
        self.lexer.expect("]")?;
        Ok(RValue::Subscript(Box::new(value), Box::new(subscript)))
    }

    fn atom(&mut self) -> Result<RValue> {
        if let Some(literal) = self.lexer.literal()? {
            return Ok(RValue::Literal(literal));
        }
        if let Some(sign) =
            ["+", "-", "!"].into_iter().find(|sign| self.lexer.rest().starts_with(sign))
        {
            self.lexer.advance(1);
            if self.signs_reach_far {
                let operand = self.nested(Self::value)?;
                return Ok(RValue::Unary(sign.to_string(), Box::new(operand)));
            }
            let operand = self.nested(Self::subscripted)?;
            return Ok(applied(sign, operand));
        }
        if self.lexer.accept("(") {
            let mut values = self.list(")", Self::value)?;
            return Ok(match values.len() {
                1 => values.remove(0),
                _ => RValue::Tuple(values),
            });
        }
        if self.lexer.accept("[") {
            return match self.lexer.accept_keyword("for") {
                true => self.nested(Self::comprehension),
                false => self.list("]", Self::value).map(RValue::Array),
            };
        }
        if self.lexer.word().is_empty() {
            return Err(self.lexer.error_expected("a value"));
        }
        let id = self.lexer.identifier()?;
        let generic_type_name = self.generic_type();
        if generic_type_name.is_none() && !self.lexer.rest().starts_with('(') {
            return Ok(RValue::Identifier(id));
        }
        self.lexer.expect("(")?;
        let arguments = self.list(")", Self::argument)?;
        Ok(RValue::Invocation(Invocation { id, generic_type_name, arguments }))
    }

    /// `<type>` before a bracket. Otherwise `<` is a comparison.
    fn generic_type(&mut self) -> Option<TypeName> {
        let start = self.lexer.clone();
        let found = self.lexer.accept("<").then(|| self.type_name().ok()).flatten();
        let found = found.filter(|_| self.lexer.accept(">") && self.lexer.rest().starts_with('('));
        if found.is_none() {
            self.lexer = start;
        }
        found
    }

    fn argument(&mut self) -> Result<Argument> {
        let start = self.lexer.clone();
        if !self.lexer.word().is_empty() {
            let id = self.lexer.identifier()?;
            if self.lexer.rest().starts_with('=') && !self.lexer.rest().starts_with("==") {
                self.lexer.expect("=")?;
                return Ok(Argument { id: Some(id), rvalue: self.value()? });
            }
            self.lexer = start;
        }
        Ok(Argument { id: None, rvalue: self.value()? })
    }

    fn comprehension(&mut self) -> Result<RValue> {
        let mut loop_iters = vec![];
        loop {
            let id = self.lexer.identifier()?;
            self.lexer.expect_keyword("in")?;
            loop_iters.push((id, self.value()?));
            if !self.lexer.accept(",") {
                break;
            }
        }
        self.lexer.expect_keyword("yield")?;
        let yields = self.value()?;
        self.lexer.expect("]")?;
        Ok(RValue::Comprehension(Box::new(Comprehension { loop_iters, filter: None, yields })))
    }
}

/// `sign operand`, as the call of an operator that it stands for: tract builds no signs.
fn applied(sign: &str, operand: RValue) -> RValue {
    let id = match (sign, &operand) {
        ("+", _) => return operand,
        ("-", RValue::Literal(Literal::Numeric(number))) => {
            let positive = number.strip_prefix('-');
            let negated = positive.map_or_else(|| format!("-{number}"), str::to_string);
            return RValue::Literal(Literal::Numeric(negated));
        }
        ("-", _) => "neg",
        _ => "not",
    };
    let arguments = vec![Argument { id: None, rvalue: operand }];
    RValue::Invocation(Invocation { id: id.into(), generic_type_name: None, arguments })
}

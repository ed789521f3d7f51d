//! Bounds the time tract's parser takes on a text: its time doubles with each level of nesting.

use crate::errors::{Error, Result};
use crate::limits::{Limits, check_operators};

/// Exporters nest at most this deep: a list in an argument of a call in a call.
const USUAL_DEPTH: usize = 6;
/// Statements beyond the usual depth, each counted as often as the parser reads it.
const MAX_REREADS: u64 = 400;

/// The parser recurses on brackets and on the tree of a chain of operators. It reads nested text
/// twice at each level.
pub fn check(text: &str, limits: &Limits) -> Result<()> {
    let (mut depth, mut operators, mut prefixes) = (0usize, 0usize, 0usize);
    let (mut deepest, mut rereads) = (0usize, 0u64);
    // After a value a sign is an operator, elsewhere a prefix.
    let mut after_value = false;
    let mut rest = after_extensions(text);
    while let Some((token, after)) = next(rest) {
        rest = after;
        match token {
            Token::Space => continue,
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::End => {
                rereads += (1 << deepest.saturating_sub(USUAL_DEPTH).min(32)) - 1;
                (operators, deepest) = (0, 0);
            }
            Token::Operator => {
                operators += usize::from(after_value);
                prefixes += 1;
            }
            // A word after a value is the operator `in`, or a syntax error.
            Token::Value => {
                operators += usize::from(after_value);
                prefixes = 0;
            }
            Token::Other => {}
        }
        after_value = matches!(token, Token::Value | Token::Close);
        deepest = deepest.max(depth + prefixes.saturating_sub(1));
        if deepest > limits.depth {
            return Err(Error::limit(format!("a text nests deeper than {}", limits.depth)));
        }
        check_operators(operators)?;
        if rereads > MAX_REREADS {
            return Err(Error::limit("a text has too many deeply nested statements"));
        }
    }
    Ok(())
}

/// The text after version and extensions. Each of them ends at the next semicolon: a quote in one
/// does not open a string.
fn after_extensions(text: &str) -> &str {
    let to_end = |text| str::split_once(text, ';').map_or("", |(_, rest)| rest);
    let Some(version) = skip_space(text).strip_prefix("version") else { return text };
    let mut rest = to_end(version);
    while let Some(extension) = skip_space(rest).strip_prefix("extension") {
        let name = skip_space(extension);
        let value = next(name).map_or("", |(_, value)| value);
        let escaped = name.starts_with("i\"") || name.starts_with("i'");
        rest = to_end(skip_space(if escaped { skip_string(value) } else { value }));
    }
    rest
}

#[derive(Clone, Copy)]
enum Token {
    Space,
    Value,
    Operator,
    Open,
    Close,
    End,
    Other,
}

/// The first token of `text`, and the rest.
fn next(text: &str) -> Option<(Token, &str)> {
    let first = text.chars().next()?;
    let after = &text[first.len_utf8()..];
    Some(match first {
        ' ' | '\t' | '\n' | '\r' | '#' => (Token::Space, skip_space(text)),
        '"' | '\'' => (Token::Value, skip_string(text)),
        '(' | '[' => (Token::Open, after),
        ')' | ']' => (Token::Close, after),
        ';' => (Token::End, after),
        '=' => match after.strip_prefix('=') {
            Some(after) => (Token::Operator, after),
            None => (Token::Other, after),
        },
        '+' | '-' | '*' | '/' | '^' | '!' | '<' | '>' | '&' | '|' | '?' => (Token::Operator, after),
        '0'..='9' => (Token::Value, skip_number(text)),
        c if in_word(c) => (Token::Value, text.trim_start_matches(in_word)),
        _ => (Token::Other, after),
    })
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn skip_space(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches([' ', '\t', '\n', '\r']);
        if !text.starts_with('#') {
            return text;
        }
        text = text.trim_start_matches(|c| c != '\n' && c != '\r');
    }
}

fn skip_number(text: &str) -> &str {
    let digits = |text| str::trim_start_matches(text, |c: char| c.is_ascii_digit());
    let whole = digits(text);
    let mantissa = whole.strip_prefix('.').map_or(whole, digits);
    let exponent = mantissa.strip_prefix(['e', 'E']);
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    exponent.filter(|text| text.starts_with(|c: char| c.is_ascii_digit())).map_or(mantissa, digits)
}

/// Skips a string, from its opening quote. A backslash escapes the next character.
fn skip_string(text: &str) -> &str {
    let mut rest = text.chars();
    let open = rest.next();
    while let Some(c) = rest.next() {
        if c == '\\' {
            rest.next();
        } else if Some(c) == open {
            break;
        }
    }
    rest.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_OPERATORS as OPERATORS;

    fn refused(header: &str, statement: &str) -> bool {
        let text = format!("version 1.0;\n{header}graph g(x) -> (y)\n{{ {statement}; }}\n");
        check(&text, &Limits::default()).is_err()
    }

    #[test]
    fn nesting_is_found_behind_strings_and_comments() {
        let deep = "y = ((((((((((((((x))))))))))))))";
        assert!(refused("", deep));
        for header in [
            "extension tract_registry \"tract_core;\n",
            "extension tract_registry 'tract_core;\n",
            "extension tract_symbol S; # it's\n",
            "extension # one; \n a \" ;\n",
            "extension i\"a;\" b \" ;\n",
        ] {
            assert!(refused(header, deep), "{header}");
        }
        for hidden in ["a = \"\\\"\"; ", "a = '\\''; ", "a = \"\\\\\"; ", "# it's \r "] {
            assert!(refused("", &format!("{hidden}{deep}; z = \"\"")), "{hidden}");
        }
        assert!(!refused("extension tract_symbol \"S;\n", "y = \"((((((((((((((\""));
        assert!(!refused("", "# ((((((((((((((\n y = '(((((((((((((('"));
    }

    #[test]
    fn operators_count_and_prefix_signs_do_not() {
        for operator in ["+", "-", "*", "/", "^", "==", "!=", "<", ">=", "&&", "||", "in"] {
            let chain = |n| format!("y = x{}", format!(" {operator} x").repeat(n));
            assert!(refused("", &chain(OPERATORS + 1)), "{operator}");
            assert!(!refused("", &chain(OPERATORS / 4)), "{operator}");
            let strings = format!("y = 'x'{}", format!(" {operator} 'x'").repeat(OPERATORS + 1));
            assert!(refused("", &strings), "{operator}");
        }
        let list = |item: &str| format!("y = [{}]", [item; 2 * OPERATORS].join(", "));
        for item in ["-1", "-0.5", "1e-5", "-1.5E+3", "x"] {
            assert!(!refused("", &list(item)), "{item}");
        }
    }
}

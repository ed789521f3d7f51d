//! Splits NNEF text into tokens: names, numbers, strings and signs, between spaces and comments.

use tract_nnef::ast::Literal;
use tract_nnef::internal::Identifier;

use crate::errors::{Error, Kind, Result};

/// A position in a text.
#[derive(Clone)]
pub struct Lexer<'a> {
    file: &'a str,
    text: &'a str,
    /// At a token or at the end: spaces and comments are skipped after each token.
    at: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        let mut lexer = Lexer { file, text, at: 0 };
        lexer.skip_spaces();
        lexer
    }

    /// The text after the position.
    pub fn rest(&self) -> &'a str {
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

    /// Advances by `length` bytes and the spaces after them; returns the bytes.
    pub fn advance(&mut self, length: usize) -> &'a str {
        let taken = &self.rest()[..length];
        self.at += length;
        self.skip_spaces();
        taken
    }

    /// Advances to the next `mark`; returns the text before it, with its comments.
    pub fn until(&mut self, mark: char) -> Option<&'a str> {
        let (before, _) = self.rest().split_once(mark)?;
        self.at += before.len();
        Some(before)
    }

    /// An error: `what` is missing at this position.
    pub fn error_expected(&self, what: &str) -> Error {
        let line = 1 + self.text[..self.at].matches('\n').count();
        let found = match self.rest().split_whitespace().next() {
            Some(word) => format!("`{}`", word.chars().take(24).collect::<String>()),
            None => "the end".to_string(),
        };
        let message = format!("{}, line {line}: expected {what}, found {found}", self.file);
        Error::new(Kind::Archive, message)
    }

    pub fn end(&self) -> Result<()> {
        self.rest().is_empty().then_some(()).ok_or_else(|| self.error_expected("the end"))
    }

    /// Advances past `token` if it is next; returns whether it was.
    pub fn accept(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.advance(token.len());
        }
        found
    }

    pub fn expect(&mut self, token: &str) -> Result<()> {
        if self.accept(token) { Ok(()) } else { Err(self.error_expected(&format!("`{token}`"))) }
    }

    pub fn accept_keyword(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        if found {
            self.advance(word.len());
        }
        found
    }

    pub fn expect_keyword(&mut self, word: &str) -> Result<()> {
        if self.accept_keyword(word) {
            Ok(())
        } else {
            Err(self.error_expected(&format!("`{word}`")))
        }
    }

    /// The next name or keyword, or an empty string.
    pub fn word(&self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = &rest[..length.unwrap_or(rest.len())];
        if word.starts_with(|c: char| c.is_ascii_digit()) { "" } else { word }
    }

    /// A name, or `i"any text"`.
    pub fn identifier(&mut self) -> Result<Identifier> {
        let word = self.word();
        if word == "i" && self.rest()[1..].starts_with(['"', '\'']) {
            self.at += 1;
            return self.string().map(Identifier);
        }
        if word.is_empty() {
            return Err(self.error_expected("a name"));
        }
        Ok(Identifier::from(self.advance(word.len())))
    }

    pub fn string(&mut self) -> Result<String> {
        let Some(quote) = self.rest().chars().next().filter(|c| ['"', '\''].contains(c)) else {
            return Err(self.error_expected("a string"));
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
        Err(self.error_expected("a closing quote"))
    }

    pub fn number(&mut self) -> Result<String> {
        match number_length(self.rest()) {
            0 => Err(self.error_expected("a number")),
            length => Ok(self.advance(length).to_string()),
        }
    }

    /// The next number, string or truth value, if there is one.
    pub fn literal(&mut self) -> Result<Option<Literal>> {
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
}

/// Length of the number at the start of `text`, such as `-1.5e-3` or `inf`; 0 if there is none.
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
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.strip_prefix("inf").is_some_and(|rest| !rest.starts_with(is_name))
}

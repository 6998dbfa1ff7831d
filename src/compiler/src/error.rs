//! Syntax errors and warnings as data; the runtime turns them into exceptions.

use crate::ast::Pos;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    Syntax,
    Indentation,
    Tab,
    /// `ValueError` (null bytes) and friends: only the message counts.
    Value,
    /// Nested too deeply for the parser: `MemoryError` in CPython.
    Memory,
    /// Nested too deeply for the compiler.
    Recursion,
    Unicode,
}

/// `offset` and `end_offset` count from 1 in characters, as in `SyntaxError.offset`; 0 means unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    pub kind: ErrorKind,
    pub message: String,
    pub filename: String,
    pub lineno: u32,
    pub offset: u32,
    pub end_lineno: u32,
    pub end_offset: u32,
    pub text: Option<String>,
    /// More input could complete the source (REPL, `codeop`).
    pub incomplete: bool,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, line {})", self.message, self.filename, self.lineno)
    }
}

impl std::error::Error for SyntaxError {}

/// An error inside the compiler, before source text and file name are known.
#[derive(Clone, Debug)]
pub struct Error {
    pub kind: ErrorKind,
    pub message: String,
    pub pos: Pos,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(pos: Pos, message: impl Into<String>) -> Error {
        Error { kind: ErrorKind::Syntax, message: message.into(), pos }
    }

    /// Fills in the text of the line and turns byte columns into character offsets.
    pub fn locate(self, source: &str, filename: &str) -> SyntaxError {
        let line = |n: u32| source.split_inclusive('\n').nth(n.saturating_sub(1) as usize);
        let chars = |n: u32, col: u32| -> u32 {
            match line(n) {
                Some(text) => {
                    let bytes = text.as_bytes();
                    let head = &bytes[..(col as usize).min(bytes.len())];
                    let extra = (col as usize).saturating_sub(bytes.len());
                    (String::from_utf8_lossy(head).chars().count() + extra) as u32
                }
                None => col,
            }
        };
        let p = self.pos;
        let (offset, end_offset) = (chars(p.line, p.col) + 1, chars(p.end_line, p.end_col) + 1);
        SyntaxError {
            kind: self.kind,
            message: self.message,
            filename: filename.to_string(),
            lineno: p.line,
            offset,
            end_lineno: p.end_line,
            end_offset,
            text: line(p.line).map(str::to_string),
            incomplete: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningCategory {
    Syntax,
    Deprecation,
}

/// A warning found while compiling; the runtime passes it to `warnings.warn_explicit`.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxWarningRecord {
    pub category: WarningCategory,
    pub message: String,
    pub lineno: u32,
    pub offset: u32,
    pub end_lineno: u32,
    pub end_offset: u32,
}

//! Tokens with text and positions, as `_tokenize.TokenizerIter` gives them out.

use crate::error::SyntaxError;
use crate::position::LineIndex;
use crate::tokenizer::{self, Kind};

#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The number in the `token` module.
    pub kind: u32,
    pub text: String,
    /// Line from 1 and column from 0, in characters.
    pub start: (u32, u32),
    pub end: (u32, u32),
    /// The physical line it begins on.
    pub line: String,
}

/// Numbers of the `token` module in Python 3.14.
fn number(kind: Kind, text: &str, exact: bool) -> u32 {
    match kind {
        Kind::EndMarker => 0,
        Kind::Name => 1,
        Kind::Number => 2,
        Kind::String => 3,
        Kind::Newline => 4,
        Kind::Indent => 5,
        Kind::Dedent => 6,
        Kind::Op if exact => operator(text),
        Kind::Op => 55,
        Kind::FStringStart => 59,
        Kind::FStringMiddle => 60,
        Kind::FStringEnd => 61,
        Kind::TStringStart => 62,
        Kind::TStringMiddle => 63,
        Kind::TStringEnd => 64,
        Kind::Comment => 65,
        Kind::Nl => 66,
    }
}

fn operator(text: &str) -> u32 {
    const OPERATORS: [&str; 48] = [
        "(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%",
        "{", "}", "==", "!=", "<=", ">=", "~", "^", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=",
        "&=", "|=", "^=", "<<=", ">>=", "**=", "//", "//=", "@", "@=", "->", "...", ":=", "!",
    ];
    OPERATORS
        .iter()
        .position(|o| *o == text)
        .map_or(55, |i| i as u32 + 7)
}

/// All tokens of a text. `extra` adds comments and blank lines and gives every operator the kind `OP`, as the
/// `tokenize` module wants. After an error the tokens before it are still given.
pub fn tokens(source: &str, filename: &str, extra: bool) -> (Vec<Token>, Option<SyntaxError>) {
    let lines = LineIndex::new(source);
    let (list, mut error, open) = tokenizer::tokenize(source, &lines, extra);
    if error.is_none() && !open.is_empty() {
        let last = source.len() as u32;
        let pos = lines.pos(last, last);
        error = Some(crate::error::Error::new(
            pos,
            "unexpected EOF in multi-line statement",
        ));
    }
    let at = |offset: u32| {
        let (line, col) = lines.line_col(offset);
        let start = lines.line_start(line) as usize;
        let chars = source
            .get(start..start + col as usize)
            .map_or(col, |s| s.chars().count() as u32);
        (line, chars)
    };
    let mut out = Vec::with_capacity(list.len());
    for t in &list {
        let text = source.get(t.start as usize..t.end as usize).unwrap_or("");
        let (mut start, mut end) = (at(t.start), at(t.end));
        let mut shown = text.to_string();
        let line_no = start.0;
        let from = lines.line_start(line_no) as usize;
        let mut line: String = source[from..]
            .split_inclusive('\n')
            .next()
            .unwrap_or("")
            .into();
        if extra {
            match t.kind {
                Kind::Newline | Kind::Nl => {
                    // The end of the line stands on the line itself, one column wide.
                    end = (start.0, start.1 + 1);
                    if t.kind == Kind::Newline && text.is_empty() {
                        end = (start.0, start.1 + 1);
                    }
                }
                Kind::Indent => {
                    start.1 = 0;
                    shown = source.get(from..t.end as usize).unwrap_or("").into();
                }
                Kind::EndMarker | Kind::Dedent if t.start as usize == source.len() => {
                    let last = if source.ends_with('\n') || source.is_empty() {
                        start.0
                    } else {
                        start.0 + 1
                    };
                    start = (last, 0);
                    end = start;
                    line.clear();
                }
                _ => {}
            }
        } else if matches!(t.kind, Kind::Newline | Kind::Indent | Kind::Dedent) {
            shown.clear();
        }
        out.push(Token {
            kind: number(t.kind, text, !extra),
            text: shown,
            start,
            end,
            line,
        });
    }
    (out, error.map(|e| e.locate(source, filename)))
}

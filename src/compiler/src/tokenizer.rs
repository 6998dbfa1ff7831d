//! Tokens as CPython's tokenizer makes them, with its error messages and positions.
//!
//! The parser crate has a lexer of its own; this one serves the `tokenize` module, the limits on nesting, and
//! syntax errors, where wording and columns must be CPython's. Offsets are bytes.

use crate::ast::Pos;
use crate::error::{Error, ErrorKind};
use crate::position::LineIndex;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    EndMarker,
    Name,
    Number,
    String,
    Newline,
    Indent,
    Dedent,
    Op,
    FStringStart,
    FStringMiddle,
    FStringEnd,
    TStringStart,
    TStringMiddle,
    TStringEnd,
    Comment,
    Nl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    /// Open brackets around it.
    pub level: u32,
}

const MAX_LEVEL: usize = 200;
const MAX_INDENT: usize = 100;

struct Quoted {
    quote: u8,
    triple: bool,
    raw: bool,
    template: bool,
    start: usize,
    /// Bracket depth at which a `}` returns to the text.
    level: usize,
    in_field: bool,
    in_spec: bool,
    /// Depth of nested fields.
    fields: Vec<usize>,
}

pub struct Tokenizer<'a> {
    src: &'a str,
    b: &'a [u8],
    at: usize,
    lines: &'a LineIndex,
    brackets: Vec<(u8, usize)>,
    indents: Vec<(usize, usize)>,
    pending: i32,
    line_start: bool,
    blank: bool,
    extra: bool,
    strings: Vec<Quoted>,
    done: bool,
    need_newline: bool,
    pub out: Vec<Token>,
}

/// All tokens up to the end or the first error. With `extra`, comments and blank lines too.
pub fn tokenize(
    src: &str,
    lines: &LineIndex,
    extra: bool,
) -> (Vec<Token>, Option<Error>, Vec<(u8, u32)>) {
    let mut t = Tokenizer {
        src,
        b: src.as_bytes(),
        at: 0,
        lines,
        brackets: Vec::new(),
        indents: vec![(0, 0)],
        pending: 0,
        line_start: true,
        blank: false,
        extra,
        strings: Vec::new(),
        done: false,
        need_newline: false,
        out: Vec::new(),
    };
    let mut error = None;
    while !t.done {
        if let Err(e) = t.step() {
            error = Some(e);
            break;
        }
    }
    let open = t.brackets.iter().map(|(c, at)| (*c, *at as u32)).collect();
    (t.out, error, open)
}

fn is_name_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || (!c.is_ascii() && unicode_ident::is_xid_start(c))
}

fn is_name_part(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric() || (!c.is_ascii() && unicode_ident::is_xid_continue(c))
}

type Step = Result<(), Error>;

impl<'a> Tokenizer<'a> {
    fn peek(&self, n: usize) -> u8 {
        self.b.get(self.at + n).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let level = self.brackets.len() as u32;
        self.out.push(Token {
            kind,
            start: start as u32,
            end: end as u32,
            level,
        });
    }

    /// An error at the last character consumed before `end`.
    fn error<T>(&self, end: usize, message: impl Into<String>) -> Result<T, Error> {
        let mut at = end.min(self.b.len()).saturating_sub(1);
        while !self.src.is_char_boundary(at) {
            at -= 1;
        }
        let p = self.lines.pos(at as u32, at as u32);
        Err(Error::new(p, message))
    }

    fn error_range<T>(
        &self,
        start: usize,
        end: usize,
        message: impl Into<String>,
    ) -> Result<T, Error> {
        Err(Error::new(
            self.lines.pos(start as u32, end as u32),
            message,
        ))
    }

    fn kind_error<T>(&self, at: usize, kind: ErrorKind, message: &str) -> Result<T, Error> {
        let p = self.lines.pos(at as u32, at as u32);
        Err(Error {
            kind,
            message: message.into(),
            pos: p,
        })
    }

    fn step(&mut self) -> Step {
        if let Some(q) = self.strings.last()
            && !q.in_field
        {
            return self.quoted_text();
        }
        if self.line_start {
            self.line_start = false;
            self.indentation()?;
        }
        if self.pending != 0 {
            while self.pending > 0 {
                self.pending -= 1;
                self.push(Kind::Indent, self.at, self.at);
            }
            while self.pending < 0 {
                self.pending += 1;
                self.push(Kind::Dedent, self.at, self.at);
            }
        }
        self.token()
    }

    fn indentation(&mut self) -> Step {
        let (mut col, mut alt) = (0, 0);
        self.blank = false;
        let start = self.at;
        loop {
            match self.peek(0) {
                b' ' => {
                    col += 1;
                    alt += 1;
                }
                b'\t' => {
                    col = (col / 8 + 1) * 8;
                    alt += 1;
                }
                0x0c => {
                    col = 0;
                    alt = 0;
                }
                b'\\' if matches!(self.peek(1), b'\n' | b'\r') => {
                    // A backslash joins an indented line to the next.
                    self.at += if self.peek(1) == b'\r' && self.peek(2) == b'\n' {
                        3
                    } else {
                        2
                    };
                    let keep = col;
                    while matches!(self.peek(0), b' ' | b'\t') {
                        self.at += 1;
                    }
                    col = keep;
                    break;
                }
                _ => break,
            }
            self.at += 1;
        }
        let c = self.peek(0);
        if self.at >= self.b.len() || matches!(c, b'#' | b'\n' | b'\r') {
            self.blank = true;
            if self.at < self.b.len() {
                return Ok(());
            }
            // Nothing but blanks before the end: no indentation counts.
            col = 0;
            alt = 0;
        }
        if !self.brackets.is_empty() {
            return Ok(());
        }
        let (top, top_alt) = self.indents.last().copied().unwrap_or((0, 0));
        let tabs = |t: &Self| {
            t.kind_error::<()>(
                start,
                ErrorKind::Tab,
                "inconsistent use of tabs and spaces in indentation",
            )
        };
        if self.blank {
            return Ok(());
        }
        if col == top {
            if alt != top_alt {
                return tabs(self);
            }
        } else if col > top {
            if self.indents.len() >= MAX_INDENT {
                return self.kind_error(
                    self.at,
                    ErrorKind::Indentation,
                    "too many levels of indentation",
                );
            }
            if alt <= top_alt {
                return tabs(self);
            }
            self.pending += 1;
            self.indents.push((col, alt));
        } else {
            while self.indents.len() > 1 && col < self.indents.last().map_or(0, |i| i.0) {
                self.pending -= 1;
                self.indents.pop();
            }
            let (now, now_alt) = self.indents.last().copied().unwrap_or((0, 0));
            if col != now {
                // The column shown is the end of the line.
                let end = self.b[self.at..]
                    .iter()
                    .position(|c| *c == b'\n')
                    .map_or(self.b.len(), |n| self.at + n);
                let p = self.lines.pos(end as u32, end as u32);
                return Err(Error {
                    kind: ErrorKind::Indentation,
                    message: "unindent does not match any outer indentation level".into(),
                    pos: p,
                });
            }
            if alt != now_alt {
                return tabs(self);
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Step {
        let n = self.b.len();
        if !self.brackets.is_empty() {
            self.done = true;
            return Ok(());
        }
        if self.need_newline {
            self.push(Kind::Newline, n, n);
        }
        while self.indents.len() > 1 {
            self.indents.pop();
            self.push(Kind::Dedent, n, n);
        }
        self.push(Kind::EndMarker, n, n);
        self.done = true;
        Ok(())
    }

    fn token(&mut self) -> Step {
        while matches!(self.peek(0), b' ' | b'\t' | 0x0c) && self.at < self.b.len() {
            self.at += 1;
        }
        let start = self.at;
        if start >= self.b.len() {
            return self.end();
        }
        let c = self.b[start];
        match c {
            b'#' => {
                while self.at < self.b.len() && !matches!(self.b[self.at], b'\n' | b'\r') {
                    self.at += 1;
                }
                if self.extra {
                    self.push(Kind::Comment, start, self.at);
                }
                if let Some(q) = self.strings.last()
                    && !q.triple
                {
                    let open = self.brackets.last().map_or(start, |b| b.1);
                    let _ = open;
                    return self.error(self.at, "'{' was never closed");
                }
                return Ok(());
            }
            b'\n' | b'\r' => {
                self.at += if c == b'\r' && self.peek(1) == b'\n' {
                    2
                } else {
                    1
                };
                self.line_start = true;
                if self.blank || !self.brackets.is_empty() {
                    if self.extra {
                        self.push(Kind::Nl, start, self.at);
                    }
                    if !self.brackets.is_empty() {
                        self.line_start = false;
                    }
                    return Ok(());
                }
                if let Some(q) = self.strings.last()
                    && !q.triple
                {
                    return self.unterminated_fstring();
                }
                self.need_newline = false;
                self.push(Kind::Newline, start, self.at);
                return Ok(());
            }
            b'\\' => {
                self.at += 1;
                let c = self.peek(0);
                if self.at >= self.b.len() {
                    return self.error(self.at, "unexpected EOF while parsing");
                }
                if c != b'\n' && c != b'\r' {
                    return self.error(
                        self.at + 1,
                        "unexpected character after line continuation character",
                    );
                }
                self.at += if c == b'\r' && self.peek(1) == b'\n' {
                    2
                } else {
                    1
                };
                if self.at >= self.b.len() {
                    return self.error(self.at, "unexpected EOF while parsing");
                }
                return Ok(());
            }
            _ => {}
        }
        self.need_newline = true;
        let ch = self.src[start..].chars().next().unwrap_or('\0');
        if is_name_start(ch) {
            return self.name(start);
        }
        if c.is_ascii_digit() || (c == b'.' && self.peek(1).is_ascii_digit()) {
            return self.number(start);
        }
        if c == b'"' || c == b'\'' {
            return self.string(start, start);
        }
        self.operator(start, ch)
    }

    fn name(&mut self, start: usize) -> Step {
        let mut end = start;
        for ch in self.src[start..].chars() {
            if !is_name_part(ch) {
                // A character that only looks like part of a word spoils the word.
                if !ch.is_ascii() {
                    let at = end + ch.len_utf8();
                    let code = ch as u32;
                    let text = if ch.is_control()
                        || ch.is_whitespace()
                        || ('\u{200b}'..='\u{200f}').contains(&ch)
                    {
                        format!("invalid non-printable character U+{code:04X}")
                    } else {
                        format!("invalid character '{ch}' (U+{code:04X})")
                    };
                    return self.error(at, text);
                }
                break;
            }
            end += ch.len_utf8();
        }
        let word = &self.b[start..end];
        let next = self.b.get(end).copied().unwrap_or(0);
        if (next == b'"' || next == b'\'') && word.len() <= 2 {
            let lower: Vec<u8> = word.iter().map(u8::to_ascii_lowercase).collect();
            if matches!(&lower[..], b"r" | b"u" | b"b" | b"br" | b"rb") {
                return self.string(start, end);
            }
            if matches!(&lower[..], b"f" | b"fr" | b"rf" | b"t" | b"tr" | b"rt") {
                return self.quoted_start(start, end, lower.contains(&b'r'), lower.contains(&b't'));
            }
        }
        if (next == b'"' || next == b'\'')
            && word.len() <= 5
            && let Some((a, b)) = incompatible(word)
        {
            return self.error_range(
                start,
                end,
                format!("'{a}' and '{b}' prefixes are incompatible"),
            );
        }
        self.at = end;
        self.push(Kind::Name, start, end);
        Ok(())
    }

    fn digits(&mut self, base: u32, name: &str) -> Step {
        loop {
            if self.peek(0) == b'_' {
                self.at += 1;
            }
            let c = self.peek(0);
            if !(c as char).is_digit(base) {
                if c.is_ascii_digit() {
                    return self.error(
                        self.at + 1,
                        format!("invalid digit '{}' in {name} literal", c as char),
                    );
                }
                return self.error(self.at, format!("invalid {name} literal"));
            }
            while (self.peek(0) as char).is_digit(base) {
                self.at += 1;
            }
            if self.peek(0) != b'_' {
                break;
            }
        }
        if self.peek(0).is_ascii_digit() {
            let c = self.peek(0) as char;
            return self.error(
                self.at + 1,
                format!("invalid digit '{c}' in {name} literal"),
            );
        }
        self.after_number(name)
    }

    /// A number may be followed by a keyword, not by other letters.
    fn after_number(&mut self, name: &str) -> Step {
        let rest = &self.b[self.at..];
        let c = self.peek(0);
        let keyword = [
            &b"and"[..],
            b"else",
            b"for",
            b"if",
            b"in",
            b"is",
            b"not",
            b"or",
        ]
        .iter()
        .any(|k| rest.starts_with(k));
        if keyword {
            return Ok(());
        }
        let ch = self
            .src
            .get(self.at..)
            .and_then(|s| s.chars().next())
            .unwrap_or('\0');
        if c < 128 && is_name_part(ch) {
            return self.error(self.at, format!("invalid {name} literal"));
        }
        if !ch.is_ascii() && is_name_start(ch) {
            return self.error(self.at, format!("invalid {name} literal"));
        }
        Ok(())
    }

    fn decimal_tail(&mut self) -> Step {
        loop {
            while self.peek(0).is_ascii_digit() {
                self.at += 1;
            }
            if self.peek(0) != b'_' {
                return Ok(());
            }
            self.at += 1;
            if !self.peek(0).is_ascii_digit() {
                return self.error(self.at, "invalid decimal literal");
            }
        }
    }

    fn number(&mut self, start: usize) -> Step {
        if self.b[start] == b'0' {
            let base = match self.peek(1) {
                b'x' | b'X' => Some((16, "hexadecimal")),
                b'o' | b'O' => Some((8, "octal")),
                b'b' | b'B' => Some((2, "binary")),
                _ => None,
            };
            if let Some((base, name)) = base {
                self.at += 2;
                self.digits(base, name)?;
                self.push(Kind::Number, start, self.at);
                return Ok(());
            }
            let mut nonzero = false;
            loop {
                if self.peek(0) == b'_' {
                    self.at += 1;
                    if !self.peek(0).is_ascii_digit() {
                        return self.error(self.at, "invalid decimal literal");
                    }
                }
                if self.peek(0) != b'0' {
                    break;
                }
                self.at += 1;
            }
            let zeros = self.at;
            if self.peek(0).is_ascii_digit() {
                nonzero = true;
                self.decimal_tail()?;
            }
            if nonzero && !matches!(self.peek(0), b'.' | b'e' | b'E' | b'j' | b'J') {
                return self.error_range(
                    start,
                    zeros,
                    "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                );
            }
        } else if self.b[start] != b'.' {
            self.decimal_tail()?;
        }
        let mut what = "decimal";
        if self.peek(0) == b'.' {
            self.at += 1;
            if self.peek(0).is_ascii_digit() {
                self.decimal_tail()?;
            }
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                self.decimal_tail()?;
            } else if sign == 1 {
                return self.error(self.at + 2, "invalid decimal literal");
            }
        }
        if matches!(self.peek(0), b'j' | b'J') {
            self.at += 1;
            what = "imaginary";
        }
        self.after_number(what)?;
        self.push(Kind::Number, start, self.at);
        Ok(())
    }

    fn string(&mut self, start: usize, quote_at: usize) -> Step {
        let quote = self.b[quote_at];
        let triple = self.b[quote_at..].starts_with(&[quote; 3]);
        let mut i = quote_at + if triple { 3 } else { 1 };
        let mut escaped = false;
        while let Some(c) = self.b.get(i).copied() {
            escaped |= c == b'\\' && self.b.get(i + 1) == Some(&quote);
            if c == quote && (!triple || self.b[i..].starts_with(&[quote; 3])) {
                i += if triple { 3 } else { 1 };
                self.at = i;
                self.push(Kind::String, start, i);
                return Ok(());
            }
            if (c == b'\n' || c == b'\r') && !triple {
                break;
            }
            i += if c == b'\\' { 2 } else { 1 };
            if c == b'\\' && self.b.get(i - 1) == Some(&b'\r') && self.b.get(i) == Some(&b'\n') {
                i += 1;
            }
        }
        let i = i.min(self.b.len());
        let line = self.lines.line_col(i as u32).0;
        let p = self.lines.pos(start as u32, start as u32);
        // The quote of the f-string around it: its field was not closed.
        if let Some(q) = self.strings.last()
            && q.quote == quote
            && q.triple == triple
        {
            let letter = if q.template { 't' } else { 'f' };
            return self.error(i, format!("{letter}-string: expecting '}}'"));
        }
        if triple {
            let last = self.last_line();
            return Err(Error::new(
                p,
                format!("unterminated triple-quoted string literal (detected at line {last})"),
            ));
        }
        let hint = if escaped {
            "; perhaps you escaped the end quote"
        } else {
            ""
        };
        Err(Error::new(
            p,
            format!("unterminated string literal (detected at line {line}){hint}"),
        ))
    }

    /// Number of the last line that has text.
    fn last_line(&self) -> u32 {
        let n = self.b.len();
        let (line, col) = self.lines.line_col(n as u32);
        if col == 0 && line > 1 { line - 1 } else { line }
    }

    fn quoted_start(&mut self, start: usize, quote_at: usize, raw: bool, template: bool) -> Step {
        let quote = self.b[quote_at];
        let triple = self.b[quote_at..].starts_with(&[quote; 3]);
        self.at = quote_at + if triple { 3 } else { 1 };
        if self.strings.len() >= 150 {
            return self.error(
                self.at,
                format!(
                    "too many nested {}",
                    if template { "t-strings" } else { "f-strings" }
                ),
            );
        }
        self.push(
            if template {
                Kind::TStringStart
            } else {
                Kind::FStringStart
            },
            start,
            self.at,
        );
        self.strings.push(Quoted {
            quote,
            triple,
            raw,
            template,
            start,
            level: self.brackets.len(),
            in_field: false,
            in_spec: false,
            fields: Vec::new(),
        });
        Ok(())
    }

    fn unterminated_fstring<T>(&self) -> Result<T, Error> {
        let Some(q) = self.strings.last() else {
            return self.error(self.at, "invalid syntax");
        };
        let p = self.lines.pos(q.start as u32, q.start as u32);
        let letter = if q.template { 't' } else { 'f' };
        let (what, line) = if q.triple {
            ("triple-quoted ", self.last_line())
        } else {
            ("", self.lines.line_col(q.start as u32).0)
        };
        Err(Error::new(
            p,
            format!("unterminated {what}{letter}-string literal (detected at line {line})"),
        ))
    }

    fn quoted_text(&mut self) -> Step {
        let Some(q) = self.strings.last() else {
            return Ok(());
        };
        let (quote, triple, raw, template, in_spec) =
            (q.quote, q.triple, q.raw, q.template, q.in_spec);
        let (middle, end) = if template {
            (Kind::TStringMiddle, Kind::TStringEnd)
        } else {
            (Kind::FStringMiddle, Kind::FStringEnd)
        };
        let start = self.at;
        let mut i = start;
        loop {
            let Some(c) = self.b.get(i).copied() else {
                return self.unterminated_fstring();
            };
            if c == quote && (!triple || self.b[i..].starts_with(&[quote; 3])) {
                if in_spec {
                    // The field was not closed.
                    self.at = i;
                    let letter = if template { 't' } else { 'f' };
                    return self.error(i + 1, format!("{letter}-string: expecting '}}'"));
                }
                if i > start {
                    self.push(middle, start, i);
                }
                let n = if triple { 3 } else { 1 };
                self.at = i + n;
                self.push(end, i, i + n);
                self.strings.pop();
                return Ok(());
            }
            match c {
                b'\n' | b'\r' if !triple => {
                    if in_spec {
                        if i > start {
                            self.push(middle, start, i);
                        }
                        if let Some(q) = self.strings.last_mut() {
                            q.in_field = true;
                            q.in_spec = false;
                        }
                        self.at = i;
                        return Ok(());
                    }
                    return self.unterminated_fstring();
                }
                b'\\' => {
                    if self.b.get(i + 1) == Some(&b'{') || self.b.get(i + 1) == Some(&b'}') {
                        i += 1;
                    } else if !raw
                        && self.b.get(i + 1) == Some(&b'N')
                        && self.b.get(i + 2) == Some(&b'{')
                    {
                        i += 3;
                        while i < self.b.len()
                            && !matches!(self.b[i], b'}' | b'\n')
                            && self.b[i] != quote
                        {
                            i += 1;
                        }
                    } else {
                        i += 2;
                    }
                }
                b'{' if self.b.get(i + 1) == Some(&b'{') && !in_spec => i += 2,
                b'{' => {
                    if i > start {
                        self.push(middle, start, i);
                    }
                    if self.brackets.len() >= MAX_LEVEL {
                        return self.error(i + 1, "too many nested parentheses");
                    }
                    self.push(Kind::Op, i, i + 1);
                    self.brackets.push((b'{', i));
                    let level = self.brackets.len();
                    if let Some(q) = self.strings.last_mut() {
                        if q.fields.len() >= 2 && in_spec && q.fields.len() > 150 {
                            return self.error(i + 1, "f-string: expressions nested too deeply");
                        }
                        q.fields.push(level);
                        q.in_field = true;
                        q.in_spec = false;
                        q.level = level;
                    }
                    self.at = i + 1;
                    return Ok(());
                }
                b'}' if in_spec => {
                    if i > start {
                        self.push(middle, start, i);
                    }
                    self.at = i;
                    if let Some(q) = self.strings.last_mut() {
                        q.in_field = true;
                        q.in_spec = false;
                    }
                    return Ok(());
                }
                b'}' if self.b.get(i + 1) == Some(&b'}') => i += 2,
                b'}' => {
                    let letter = if template { 't' } else { 'f' };
                    return self.error(
                        i + 1,
                        format!("{letter}-string: single '}}' is not allowed"),
                    );
                }
                _ => i += 1,
            }
        }
    }

    fn operator(&mut self, start: usize, ch: char) -> Step {
        const THREE: [&[u8]; 5] = [b"**=", b"//=", b">>=", b"<<=", b"..."];
        const TWO: [&[u8]; 20] = [
            b"!=", b"%=", b"&=", b"**", b"*=", b"+=", b"-=", b"->", b"//", b"/=", b":=", b"<<",
            b"<=", b"<>", b"==", b">=", b">>", b"@=", b"^=", b"|=",
        ];
        let rest = &self.b[start..];
        let in_field = self
            .strings
            .last()
            .is_some_and(|q| q.in_field && q.level == self.brackets.len());
        let n = if THREE.iter().any(|o| rest.starts_with(o)) {
            3
        } else if TWO.iter().any(|o| rest.starts_with(o)) {
            2
        } else {
            1
        };
        let c = self.b[start];
        if in_field {
            match c {
                b':' => {
                    self.at = start + 1;
                    self.push(Kind::Op, start, start + 1);
                    if let Some(q) = self.strings.last_mut() {
                        q.in_field = false;
                        q.in_spec = true;
                    }
                    return Ok(());
                }
                b'!' if n == 1 => {
                    self.at = start + 1;
                    self.push(Kind::Op, start, start + 1);
                    return Ok(());
                }
                b'}' => {
                    self.at = start + 1;
                    self.brackets.pop();
                    self.push(Kind::Op, start, start + 1);
                    let level = self.brackets.len();
                    if let Some(q) = self.strings.last_mut() {
                        q.fields.pop();
                        q.in_field = false;
                        q.in_spec = !q.fields.is_empty();
                        q.level = q.fields.last().copied().unwrap_or(level);
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
        match c {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_LEVEL {
                    return self.error(start + 1, "too many nested parentheses");
                }
                self.push(Kind::Op, start, start + 1);
                self.brackets.push((c, start));
                self.at = start + 1;
                return Ok(());
            }
            b')' | b']' | b'}' => {
                self.at = start + 1;
                let Some((open, at)) = self.brackets.last().copied() else {
                    return self.error(start + 1, format!("unmatched '{}'", c as char));
                };
                let matching = matches!((open, c), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
                if !matching {
                    if let Some(q) = self.strings.last()
                        && q.in_field
                        && q.level == self.brackets.len()
                    {
                        let letter = if q.template { 't' } else { 'f' };
                        return self.error(
                            start + 1,
                            format!("{letter}-string: unmatched '{}'", c as char),
                        );
                    }
                    let (open_line, here) = (
                        self.lines.line_col(at as u32).0,
                        self.lines.line_col(start as u32).0,
                    );
                    let place = if open_line != here {
                        format!(" on line {open_line}")
                    } else {
                        String::new()
                    };
                    return self.error(
                        start + 1,
                        format!(
                            "closing parenthesis '{}' does not match opening parenthesis '{}'{place}",
                            c as char, open as char
                        ),
                    );
                }
                self.brackets.pop();
                self.push(Kind::Op, start, start + 1);
                return Ok(());
            }
            _ => {}
        }
        let known = n > 1 || b"+-*/%@&|^~<>=,.:;!".contains(&c);
        if !known || !ch.is_ascii() {
            let code = ch as u32;
            if matches!(c, b'$' | b'?' | b'`') {
                self.at = start + 1;
                if self.extra {
                    self.push(Kind::Op, start, start + 1);
                    return Ok(());
                }
                return self.error_range(start, start + 1, "invalid syntax");
            }
            let end = start + ch.len_utf8();
            let printable = !ch.is_control()
                && !(ch.is_whitespace())
                && !('\u{200b}'..='\u{200f}').contains(&ch)
                && ch != '\u{feff}';
            let message = if printable {
                format!("invalid character '{ch}' (U+{code:04X})")
            } else {
                format!("invalid non-printable character U+{code:04X}")
            };
            return self.error(end, message);
        }
        self.at = start + n;
        self.push(Kind::Op, start, start + n);
        Ok(())
    }
}

/// Two letters of a string prefix that exclude each other; none if the word is no prefix at all.
fn incompatible(word: &[u8]) -> Option<(char, char)> {
    let lower: Vec<u8> = word.iter().map(u8::to_ascii_lowercase).collect();
    let distinct = lower
        .iter()
        .enumerate()
        .all(|(i, c)| b"urbft".contains(c) && !lower[..i].contains(c));
    if !distinct {
        return None;
    }
    // In the order in which CPython looks at the pairs.
    let pairs = [
        (b'u', b'b'),
        (b'u', b'r'),
        (b'u', b'f'),
        (b'u', b't'),
        (b'b', b'f'),
        (b'b', b't'),
        (b'f', b't'),
    ];
    let (x, y) = pairs
        .into_iter()
        .find(|(x, y)| lower.contains(x) && lower.contains(y))?;
    Some((x as char, y as char))
}

/// Position of a token.
pub fn pos(t: &Token, lines: &LineIndex) -> Pos {
    lines.pos(t.start, t.end)
}

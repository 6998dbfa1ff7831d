//! f-strings and t-strings.

use super::unpack::STACK_GUIDELINE;
use super::*;
use crate::ast::ExprKind;

fn conversion_code(c: i32) -> u32 {
    match u8::try_from(c) {
        Ok(b's') => 1,
        Ok(b'r') => 2,
        Ok(b'a') => 3,
        _ => 0,
    }
}

/// A piece of a `%` format that can be done without the operator.
enum Piece {
    Text(String),
    /// Conversion and format specification.
    Field(i32, String),
}

/// Splits a `%` format of nothing but `%s`, `%r` and `%a` with widths and precisions.
fn percent_pieces(format: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut it = format.chars().peekable();
    while let Some(c) = it.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        if it.peek() == Some(&'%') {
            it.next();
            text.push('%');
            continue;
        }
        let mut left = false;
        while let Some(f @ ('-' | '+' | ' ' | '#' | '0')) = it.peek() {
            left |= *f == '-';
            it.next();
        }
        let digits = |it: &mut std::iter::Peekable<std::str::Chars>| -> Option<String> {
            let mut out = String::new();
            while let Some(d) = it.peek().filter(|d| d.is_ascii_digit()) {
                out.push(*d);
                if out.len() > 3 {
                    return None;
                }
                it.next();
            }
            Some(out)
        };
        let width = digits(&mut it)?;
        let mut spec = String::new();
        if !width.is_empty() {
            if !left && width.parse::<u32>().is_ok_and(|w| w > 0) {
                spec.push('>');
            }
            spec.push_str(width.trim_start_matches('0'));
        }
        if it.peek() == Some(&'.') {
            it.next();
            let precision = digits(&mut it)?;
            let n: u32 = precision.parse().unwrap_or(0);
            spec.push_str(&format!(".{n}"));
        }
        let conversion @ ('s' | 'r' | 'a') = it.next()? else {
            return None;
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(Piece::Field(conversion as i32, spec));
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Some(pieces)
}

impl<'a> Compiler<'a> {
    pub fn joined_str(&mut self, loc: Loc, values: &'a [Expr]) -> Result<()> {
        let n = values.len();
        if n > STACK_GUIDELINE {
            self.load_const(loc, Const::Str("".into()));
            let i = self.unit().names.add(&"join".into());
            self.emit_arg(loc, Op::LOAD_ATTR, i << 1 | 1);
            self.emit_arg(loc, Op::BUILD_LIST, 0);
            for v in values {
                self.expr(v)?;
                self.emit_arg(loc, Op::LIST_APPEND, 1);
            }
            self.emit_arg(loc, Op::CALL, 1);
            return Ok(());
        }
        self.exprs(values)?;
        match n {
            0 => self.load_const(loc, Const::Str("".into())),
            1 => {}
            _ => self.emit_arg(loc, Op::BUILD_STRING, n as u32),
        }
        Ok(())
    }

    /// Says whether it could be done.
    pub fn percent_format(&mut self, loc: Loc, format: &str, elts: &'a [Expr]) -> Result<bool> {
        let Some(pieces) = percent_pieces(format) else {
            return Ok(false);
        };
        let fields = pieces
            .iter()
            .filter(|p| matches!(p, Piece::Field(..)))
            .count();
        let starred = elts.iter().any(|e| matches!(e.kind, ExprKind::Starred(..)));
        if fields != elts.len() || starred || pieces.len() > STACK_GUIDELINE {
            return Ok(false);
        }
        let n = pieces.len();
        let mut values = elts.iter();
        for p in pieces {
            match p {
                Piece::Text(t) => self.load_const(loc, Const::Str(t.into())),
                Piece::Field(conversion, spec) => {
                    let Some(e) = values.next() else { continue };
                    self.expr(e)?;
                    self.emit_arg(e.pos, Op::CONVERT_VALUE, conversion_code(conversion));
                    if spec.is_empty() {
                        self.emit(e.pos, Op::FORMAT_SIMPLE);
                    } else {
                        self.load_const(e.pos, Const::Str(spec.into()));
                        self.emit(e.pos, Op::FORMAT_WITH_SPEC);
                    }
                }
            }
        }
        match n {
            0 => self.load_const(loc, Const::Str("".into())),
            1 => {}
            _ => self.emit_arg(loc, Op::BUILD_STRING, n as u32),
        }
        Ok(true)
    }

    pub fn formatted_value(
        &mut self,
        loc: Loc,
        value: &'a Expr,
        conversion: i32,
        spec: Option<&'a Expr>,
    ) -> Result<()> {
        self.expr(value)?;
        if conversion != -1 {
            self.emit_arg(loc, Op::CONVERT_VALUE, conversion_code(conversion));
        }
        match spec {
            Some(s) => {
                self.expr(s)?;
                self.emit(loc, Op::FORMAT_WITH_SPEC);
            }
            None => self.emit(loc, Op::FORMAT_SIMPLE),
        }
        Ok(())
    }

    pub fn template_str(&mut self, loc: Loc, values: &'a [Expr]) -> Result<()> {
        let is_field = |e: &Expr| matches!(e.kind, ExprKind::Interpolation { .. });
        let mut last_was_field = true;
        let mut strings = 0;
        for v in values {
            if is_field(v) {
                if last_was_field {
                    self.load_const(loc, Const::Str("".into()));
                    strings += 1;
                }
                last_was_field = true;
            } else {
                self.expr(v)?;
                strings += 1;
                last_was_field = false;
            }
        }
        if last_was_field {
            self.load_const(loc, Const::Str("".into()));
            strings += 1;
        }
        self.emit_arg(loc, Op::BUILD_TUPLE, strings);
        let mut fields = 0;
        for v in values.iter().filter(|v| is_field(v)) {
            self.expr(v)?;
            fields += 1;
        }
        self.emit_arg(loc, Op::BUILD_TUPLE, fields);
        self.emit(loc, Op::BUILD_TEMPLATE);
        Ok(())
    }

    pub fn interpolation(
        &mut self,
        loc: Loc,
        value: &'a Expr,
        text: &Const,
        conversion: i32,
        spec: Option<&'a Expr>,
    ) -> Result<()> {
        self.expr(value)?;
        self.load_const(loc, text.clone());
        let mut arg = 2;
        if let Some(s) = spec {
            arg += 1;
            self.expr(s)?;
        }
        arg |= conversion_code(conversion) << 2;
        self.emit_arg(loc, Op::BUILD_INTERPOLATION, arg);
        Ok(())
    }
}

//! `str.format`: replacement fields with automatic numbering, attributes, items, conversions and nested
//! specifiers; and what the `_string` module offers to `string.Formatter`.

use crate::classes::C;
use crate::core::short::Short;
use crate::core::string::{self, Builder, Units};
use crate::core::{list, tuple};
use crate::error::{raise, raise_with, value_error};
use crate::object::*;
use crate::ops;
use crate::spec::Args;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

/// One step of the iteration over a format string: literal text, then perhaps a field. Positions in the text.
struct Piece {
    literal: (usize, usize),
    field: Option<Field>,
}

struct Field {
    name: (usize, usize),
    conversion: Option<u32>,
    spec: (usize, usize),
    nested: bool,
}

const OPEN: u32 = b'{' as u32;
const CLOSE: u32 = b'}' as u32;

fn next_piece(th: &Thread, s: &StrObj, pos: &mut usize, end: usize) -> R<Option<Piece>> {
    if *pos >= end {
        return Ok(None);
    }
    let start = *pos;
    let stop = find_brace(s, start, end);
    if stop == end {
        *pos = end;
        return Ok(Some(Piece {
            literal: (start, end),
            field: None,
        }));
    }
    let c = s.at(stop);
    *pos = stop + 1;
    let at_end = *pos >= end;
    if c == CLOSE && (at_end || s.at(*pos) != CLOSE) {
        return Err(value_error(th, "Single '}' encountered in format string"));
    }
    if at_end && c == OPEN {
        return Err(value_error(th, "Single '{' encountered in format string"));
    }
    if s.at(*pos) == c {
        // A doubled brace stands for one.
        *pos += 1;
        return Ok(Some(Piece {
            literal: (start, stop + 1),
            field: None,
        }));
    }
    let field = Some(parse_field(th, s, pos, end)?);
    Ok(Some(Piece {
        literal: (start, stop),
        field,
    }))
}

/// Where from `from` on the first brace stands, or `end`.
fn find_brace(s: &StrObj, from: usize, end: usize) -> usize {
    match s.units() {
        Units::One(b) => memchr::memchr2(b'{', b'}', &b[from..end]).map_or(end, |i| from + i),
        _ => find(s, from, end, |c| c == OPEN || c == CLOSE),
    }
}

/// Where from `from` on the first such character stands, or `end`.
#[inline(always)]
fn find(s: &StrObj, from: usize, end: usize, such: impl Fn(u32) -> bool) -> usize {
    let found = match s.units() {
        Units::One(b) => b[from..end].iter().position(|&c| such(c as u32)),
        Units::Two(b) => b[from..end].iter().position(|&c| such(c as u32)),
        Units::Four(b) => b[from..end].iter().position(|&c| such(c)),
    };
    found.map_or(end, |i| from + i)
}

/// Is a part of `s` this text?
fn is_part(s: &StrObj, (a, b): (usize, usize), text: &StrObj) -> bool {
    text.len() == b - a
        && match (s.units(), text.units()) {
            (Units::One(s), Units::One(t)) => s[a..b].iter().eq(t),
            _ => (a..b).all(|i| s.at(i) == text.at(i - a)),
        }
}

fn parse_field(th: &Thread, s: &StrObj, pos: &mut usize, end: usize) -> R<Field> {
    let start = *pos;
    let mut c = 0;
    let special = |c| matches!(char::from_u32(c), Some('{' | '[' | '}' | ':' | '!'));
    while *pos < end {
        let i = find(s, *pos, end, special);
        if i == end {
            *pos = end;
            break;
        }
        c = s.at(i);
        *pos = i + 1;
        if c == OPEN {
            return Err(value_error(th, "unexpected '{' in field name"));
        }
        if c != b'[' as u32 {
            break;
        }
        *pos = find(s, *pos, end, |c| c == b']' as u32);
    }
    let mut f = Field {
        name: (start, (*pos).saturating_sub(1)),
        conversion: None,
        spec: (0, 0),
        nested: false,
    };
    if c == b'!' as u32 || c == b':' as u32 {
        if c == b'!' as u32 {
            if *pos >= end {
                return Err(value_error(
                    th,
                    "end of string while looking for conversion specifier",
                ));
            }
            f.conversion = Some(s.at(*pos));
            *pos += 1;
            if *pos < end {
                c = s.at(*pos);
                *pos += 1;
                if c == CLOSE {
                    return Ok(f);
                }
                if c != b':' as u32 {
                    return Err(value_error(th, "expected ':' after conversion specifier"));
                }
            }
        }
        let from = *pos;
        let mut depth = 1;
        while *pos < end {
            c = s.at(*pos);
            *pos += 1;
            if c == OPEN {
                f.nested = true;
                depth += 1;
            } else if c == CLOSE {
                depth -= 1;
                if depth == 0 {
                    f.spec = (from, *pos - 1);
                    return Ok(f);
                }
            }
        }
        return Err(value_error(th, "unmatched '{' in format spec"));
    }
    if c != CLOSE {
        return Err(value_error(th, "expected '}' before end of string"));
    }
    Ok(f)
}

/// Where the arguments come from.
enum Source<'a> {
    Args(Args<'a>),
    Mapping(Value),
}

#[derive(Clone, Copy, PartialEq)]
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

struct Formatter<'a> {
    source: Source<'a>,
    numbering: Numbering,
}

fn integer(th: &Thread, s: &StrObj, range: (usize, usize)) -> R<Option<usize>> {
    if range.0 == range.1 {
        return Ok(None);
    }
    let mut n = 0usize;
    for i in range.0..range.1 {
        let Some(d) = crate::unicode::decimal_value(s.at(i)) else {
            return Ok(None);
        };
        n = match n.checked_mul(10).and_then(|n| n.checked_add(d as usize)) {
            Some(n) if n <= isize::MAX as usize => n,
            _ => return Err(value_error(th, "Too many decimal digits in format string")),
        };
    }
    Ok(Some(n))
}

/// The first part of a field name, and where the rest begins.
fn first_part(s: &StrObj, range: (usize, usize)) -> (usize, usize) {
    let stop = find(s, range.0, range.1, |c| {
        c == b'.' as u32 || c == b'[' as u32
    });
    (range.0, stop)
}

/// The next attribute or item of a field name: whether an attribute, and the name's range.
fn next_part(
    th: &Thread,
    s: &StrObj,
    pos: &mut usize,
    end: usize,
) -> R<Option<(bool, (usize, usize))>> {
    if *pos >= end {
        return Ok(None);
    }
    let c = s.at(*pos);
    *pos += 1;
    let start = *pos;
    let (attribute, stop) = if c == b'.' as u32 {
        while *pos < end && s.at(*pos) != b'.' as u32 && s.at(*pos) != b'[' as u32 {
            *pos += 1;
        }
        (true, *pos)
    } else if c == b'[' as u32 {
        while *pos < end && s.at(*pos) != b']' as u32 {
            *pos += 1;
        }
        if *pos >= end {
            return Err(value_error(th, "Missing ']' in format string"));
        }
        *pos += 1;
        (false, *pos - 1)
    } else {
        return Err(value_error(
            th,
            "Only '.' or '[' may follow ']' in format field specifier",
        ));
    };
    if start == stop {
        return Err(value_error(th, "Empty attribute in format string"));
    }
    Ok(Some((attribute, (start, stop))))
}

impl Formatter<'_> {
    fn build(
        &mut self,
        th: &Thread,
        s: Gc<StrObj>,
        range: (usize, usize),
        depth: u32,
    ) -> R<Gc<StrObj>> {
        if depth == 0 {
            return Err(value_error(th, "Max string recursion exceeded"));
        }
        let mut out = Builder::with_width(s.width_log2(), range.1 - range.0 + 16);
        let mut pos = range.0;
        while let Some(p) = next_piece(th, &s, &mut pos, range.1)? {
            out.push_range(s, p.literal.0, p.literal.1);
            let Some(f) = p.field else { continue };
            let mut v = self.object(th, s, f.name)?;
            if let Some(c) = f.conversion {
                v = match char::from_u32(c) {
                    Some('r') => ops::repr::repr(th, v)?,
                    Some('s') => ops::repr::str(th, v)?,
                    Some('a') => ops::repr::ascii(th, v)?,
                    _ if c > 32 && c < 127 => {
                        let c = c as u8 as char;
                        return Err(value_error(
                            th,
                            &format!("Unknown conversion specifier {c}"),
                        ));
                    }
                    _ => {
                        return Err(value_error(
                            th,
                            &format!("Unknown conversion specifier \\x{c:x}"),
                        ));
                    }
                };
            }
            if f.spec.0 == f.spec.1
                && let Some(digits) = v.as_int().and_then(Short::decimal)
            {
                digits.write(|b| out.push_ascii(b));
                continue;
            }
            let spec = if f.nested {
                self.build(th, s, f.spec, depth - 1)?
            } else {
                string::slice(th, s, f.spec.0, f.spec.1)?
            };
            out.push(expect(ops::format::format(th, v, spec.value())?));
        }
        out.finish(th)
    }

    fn object(&mut self, th: &Thread, s: Gc<StrObj>, name: (usize, usize)) -> R {
        let first = first_part(&s, name);
        let mut index = integer(th, &s, first)?;
        let empty = first.0 == first.1;
        if empty || index.is_some() {
            if let Source::Args(_) = self.source {
                match (self.numbering, empty) {
                    (Numbering::Manual, true) => {
                        return Err(value_error(
                            th,
                            "cannot switch from manual field specification to automatic field numbering",
                        ));
                    }
                    (Numbering::Automatic(_), false) => {
                        return Err(value_error(
                            th,
                            "cannot switch from automatic field numbering to manual field specification",
                        ));
                    }
                    (Numbering::Unknown, false) => self.numbering = Numbering::Manual,
                    _ => {}
                }
            }
            if empty {
                let n = if let Numbering::Automatic(n) = self.numbering {
                    n
                } else {
                    0
                };
                index = Some(n);
                self.numbering = Numbering::Automatic(n + 1);
            }
        }
        let mut v = match (index, &self.source) {
            (Some(_), Source::Mapping(_)) => {
                return Err(value_error(th, "Format string contains positional fields"));
            }
            (Some(i), Source::Args(a)) => match a.pos().get(i) {
                Some(&v) => v,
                None => {
                    return Err(raise(
                        th,
                        C::IndexError,
                        &format!("Replacement index {i} out of range for positional args tuple"),
                    ));
                }
            },
            (None, Source::Mapping(m)) => {
                let key = string::slice(th, s, first.0, first.1)?;
                ops::subscr::get(th, *m, key.value())?
            }
            (None, Source::Args(a)) => {
                let named = |k: Value| k.cast::<StrObj>().is_some_and(|k| is_part(&s, first, &k));
                match a.kw().find(|(k, _)| named(*k)) {
                    Some((_, v)) => v,
                    None => {
                        let key = string::slice(th, s, first.0, first.1)?;
                        return Err(raise_with(th, C::KeyError, key.value()));
                    }
                }
            }
        };
        let mut pos = first.1;
        while let Some((attribute, range)) = next_part(th, &s, &mut pos, name.1)? {
            if attribute {
                let n = string::slice(th, s, range.0, range.1)?;
                let n = string::intern(th, n)?;
                v = crate::core::attr::get(th, v, n.value())?;
            } else {
                let key = match integer(th, &s, range)? {
                    Some(i) => crate::core::int::from_usize(th, i)?,
                    None => string::slice(th, s, range.0, range.1)?.value(),
                };
                v = ops::subscr::get(th, v, key)?;
            }
        }
        Ok(v)
    }
}

pub fn format(th: &Thread, s: Gc<StrObj>, a: Args) -> R {
    let mut f = Formatter {
        source: Source::Args(a),
        numbering: Numbering::Unknown,
    };
    f.build(th, s, (0, s.len()), 2).map(|s| s.value())
}

pub fn format_map(th: &Thread, s: Gc<StrObj>, mapping: Value) -> R {
    let mut f = Formatter {
        source: Source::Mapping(mapping),
        numbering: Numbering::Unknown,
    };
    f.build(th, s, (0, s.len()), 2).map(|s| s.value())
}

fn text_arg(th: &Thread, v: Value) -> R<Gc<StrObj>> {
    match v.cast::<StrObj>() {
        Some(s) => Ok(s),
        None => Err(crate::error::type_error(
            th,
            &format!("expected str, got {}", crate::core::class::type_name(v)),
        )),
    }
}

/// An iterator over (literal, field name, specifier, conversion).
pub fn formatter_parser(th: &Thread, v: Value) -> R {
    let s = text_arg(th, v)?;
    let l = list::new(th)?;
    let mut pos = 0;
    while let Some(p) = next_piece(th, &s, &mut pos, s.len())? {
        let literal = string::slice(th, s, p.literal.0, p.literal.1)?.value();
        let t = match p.field {
            None => tuple::new_value(th, &[literal, Value::NONE, Value::NONE, Value::NONE])?,
            Some(f) => {
                let name = string::slice(th, s, f.name.0, f.name.1)?.value();
                let spec = string::slice(th, s, f.spec.0, f.spec.1)?.value();
                let conversion = match f.conversion {
                    Some(c) => string::char_str(th, c)?.value(),
                    None => Value::NONE,
                };
                tuple::new_value(th, &[literal, name, spec, conversion])?
            }
        };
        list::push(th, l, t)?;
    }
    ops::iter::get(th, l.value())
}

/// The first part of a field name, and an iterator over (is attribute, name) of the rest.
pub fn formatter_field_name_split(th: &Thread, v: Value) -> R {
    let s = text_arg(th, v)?;
    let part = |range: (usize, usize)| -> R {
        match integer(th, &s, range)? {
            Some(i) => crate::core::int::from_usize(th, i),
            None => Ok(string::slice(th, s, range.0, range.1)?.value()),
        }
    };
    let first = first_part(&s, (0, s.len()));
    let head = part(first)?;
    let l = list::new(th)?;
    let mut pos = first.1;
    while let Some((attribute, range)) = next_part(th, &s, &mut pos, s.len())? {
        let name = if attribute {
            string::slice(th, s, range.0, range.1)?.value()
        } else {
            part(range)?
        };
        let t = tuple::new_value(th, &[Value::bool(attribute), name])?;
        list::push(th, l, t)?;
    }
    let it = ops::iter::get(th, l.value())?;
    tuple::new_value(th, &[head, it])
}

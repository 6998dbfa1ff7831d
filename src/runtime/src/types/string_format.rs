//! `str % args` and `bytes % args`, which share one core working on text (bytes are taken as Latin-1).
//! `str.format` lies in `string_format/fields.rs`.

use crate::classes::C;
use crate::core::class::{special_of, type_name};
use crate::core::string::{self, Builder};
use crate::core::{int, parse as arg};
use crate::error::{absorb, raise, type_error, value_error};
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops::format::{ALT, double_to_string};
use crate::thread::{R, Thread, expect};
use crate::types;
use habu_heap::Value;

mod fields;
pub use fields::{format, format_map, formatter_field_name_split, formatter_parser};

/// `fmt % args`.
pub fn percent(th: &Thread, fmt: Gc<StrObj>, args: Value) -> R {
    run(th, fmt, args, false)?.finish_value(th)
}

/// The same for bytes.
pub fn percent_bytes(th: &Thread, fmt: &[u8], args: Value) -> R<Vec<u8>> {
    let fmt = string::latin1(th, fmt)?;
    let s = run(th, fmt, args, true)?.finish(th)?;
    Ok(s.bytes().to_vec())
}

struct Arguments {
    args: Value,
    is_tuple: bool,
    used: usize,
}

impl Arguments {
    fn next(&mut self, th: &Thread) -> R {
        let v = if self.is_tuple {
            expect::<TupleObj>(self.args)
                .items()
                .get(self.used)
                .copied()
        } else if self.used == 0 {
            Some(self.args)
        } else {
            None
        };
        self.used += 1;
        v.ok_or_else(|| type_error(th, "not enough arguments for format string"))
    }
    fn left_over(&self) -> bool {
        if self.is_tuple {
            self.used < expect::<TupleObj>(self.args).len()
        } else {
            self.used == 0
        }
    }
}

#[derive(Default)]
struct Directive {
    left: bool,
    plus: bool,
    blank: bool,
    alt: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

fn is_mapping(v: Value, bytes: bool) -> bool {
    let text = match v.kind() {
        kinds::TUPLE => return false,
        kinds::STR => !bytes,
        kinds::BYTES | kinds::BYTEARRAY => bytes,
        _ => false,
    };
    !text && special_of(v, N::GetItem).is_some()
}

fn run(th: &Thread, fmt: Gc<StrObj>, args: Value, bytes: bool) -> R<Builder> {
    let is_tuple = args.is::<TupleObj>();
    let mapping = is_mapping(args, bytes);
    let mut input = Arguments {
        args,
        is_tuple,
        used: 0,
    };
    let mut out = Builder::with_width(fmt.width_log2(), fmt.len() + 16);
    let n = fmt.len();
    let mut i = 0;
    while i < n {
        let start = i;
        while i < n && fmt.at(i) != b'%' as u32 {
            i += 1;
        }
        out.push_range(fmt, start, i);
        if i == n {
            break;
        }
        i += 1;
        let first = i;
        let at = |i: usize| if i < n { fmt.at(i) } else { 0 };
        let mut keyed = None;
        if at(i) == b'(' as u32 {
            if !mapping {
                return Err(type_error(th, "format requires a mapping"));
            }
            let from = i + 1;
            let mut depth = 1;
            i = from;
            while i < n && depth > 0 {
                match fmt.at(i) {
                    0x29 => depth -= 1,
                    0x28 => depth += 1,
                    _ => {}
                }
                i += 1;
            }
            if depth > 0 {
                return Err(value_error(th, "incomplete format key"));
            }
            let key = string::slice(th, fmt, from, i - 1)?;
            let key = if bytes {
                types::bytes::new(th, key.bytes())?
            } else {
                key.value()
            };
            keyed = Some(crate::ops::subscr::get(th, args, key)?);
            input.used = 1;
        }
        let mut d = Directive::default();
        while i < n {
            match fmt.at(i) {
                0x2d => d.left = true,
                0x2b => d.plus = true,
                0x20 => d.blank = true,
                0x23 => d.alt = true,
                0x30 => d.zero = true,
                _ => break,
            }
            i += 1;
        }
        let star = |input: &mut Arguments| -> R<i64> {
            let v = input.next(th)?;
            if !int::is_int(v) {
                return Err(type_error(th, "* wants int"));
            }
            arg::as_isize(th, v)
        };
        if at(i) == b'*' as u32 {
            i += 1;
            let w = star(&mut input)?;
            d.left |= w < 0;
            d.width = w.unsigned_abs() as usize;
        } else {
            d.width = number(th, &fmt, &mut i, isize::MAX as usize, "width too big")?;
        }
        if at(i) == b'.' as u32 {
            i += 1;
            if at(i) == b'*' as u32 {
                i += 1;
                let p = star(&mut input)?;
                if p > i32::MAX as i64 {
                    return Err(raise(
                        th,
                        C::OverflowError,
                        "Python int too large to convert to C int",
                    ));
                }
                d.precision = Some(p.max(0) as usize);
            } else {
                d.precision = Some(number(
                    th,
                    &fmt,
                    &mut i,
                    i32::MAX as usize,
                    "precision too big",
                )?);
            }
        }
        if matches!(at(i), 0x68 | 0x6c | 0x4c) {
            i += 1;
        }
        if i >= n {
            return Err(value_error(th, "incomplete format"));
        }
        let c = fmt.at(i);
        i += 1;
        if c == b'%' as u32 && i == first + 1 {
            out.push_char(c);
            continue;
        }
        if d.width > 1 << 36 {
            return Err(crate::error::out_of_memory(th));
        }
        let known = matches!(
            c as u8,
            b's' | b'r'
                | b'a'
                | b'd'
                | b'i'
                | b'u'
                | b'o'
                | b'x'
                | b'X'
                | b'e'
                | b'E'
                | b'f'
                | b'F'
                | b'g'
                | b'G'
                | b'c'
        ) || bytes && c == b'b' as u32;
        let v = match keyed {
            Some(v) => v,
            None => input.next(th)?,
        };
        if !known || c > 127 {
            let shown = if (31..127).contains(&c) {
                c as u8 as char
            } else {
                '?'
            };
            return Err(value_error(
                th,
                &format!(
                    "unsupported format character '{shown}' (0x{c:x}) at index {}",
                    i - 1
                ),
            ));
        }
        one(th, &mut out, &d, c as u8, v, bytes)?;
    }
    if input.left_over() && !mapping {
        let what = if bytes { "bytes" } else { "string" };
        return Err(type_error(
            th,
            &format!("not all arguments converted during {what} formatting"),
        ));
    }
    Ok(out)
}

fn number(th: &Thread, fmt: &StrObj, i: &mut usize, max: usize, too_big: &str) -> R<usize> {
    let mut x = 0usize;
    while *i < fmt.len() {
        let Some(d) = (fmt.at(*i)).checked_sub(48).filter(|&d| d < 10) else {
            break;
        };
        x = match x.checked_mul(10).and_then(|x| x.checked_add(d as usize)) {
            Some(x) if x <= max => x,
            _ => return Err(value_error(th, too_big)),
        };
        *i += 1;
    }
    Ok(x)
}

fn one(th: &Thread, out: &mut Builder, d: &Directive, c: u8, v: Value, bytes: bool) -> R<()> {
    match c {
        b's' | b'b' if bytes => {
            let b = as_bytes(th, v)?;
            let s = string::latin1(th, &b)?;
            pad_text(out, d, s);
        }
        b's' => pad_text(out, d, expect(crate::ops::repr::str(th, v)?)),
        b'r' if !bytes => pad_text(out, d, expect(crate::ops::repr::repr(th, v)?)),
        b'r' | b'a' => pad_text(out, d, expect(crate::ops::repr::ascii(th, v)?)),
        b'c' => {
            let s = if bytes {
                byte_char(th, v)?
            } else {
                text_char(th, v)?
            };
            pad_text(
                out,
                &Directive {
                    precision: None,
                    ..*d
                },
                s,
            );
        }
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            let (negative, digits) = integer_digits(th, c, v, d.precision.unwrap_or(0))?;
            let prefix = match c {
                b'o' if d.alt => "0o",
                b'x' if d.alt => "0x",
                b'X' if d.alt => "0X",
                _ => "",
            };
            pad_number(out, d, negative, prefix, &digits);
        }
        _ => {
            let f = match types::float::get(v) {
                Some(f) => f,
                None if bytes => {
                    let r = types::float::to_f64(th, v);
                    match absorb(th, r, C::TypeError)? {
                        Some(f) => f,
                        None => {
                            return Err(type_error(
                                th,
                                &format!("float argument required, not {}", type_name(v)),
                            ));
                        }
                    }
                }
                None => types::float::to_f64(th, v)?,
            };
            let text =
                double_to_string(f, c, d.precision.unwrap_or(6), if d.alt { ALT } else { 0 });
            match text.strip_prefix('-') {
                Some(t) => pad_number(out, d, true, "", t),
                None => pad_number(out, d, false, "", &text),
            }
        }
    }
    Ok(())
}

fn fill(out: &mut Builder, c: u8, n: usize) {
    for _ in 0..n {
        out.push_char(c as u32);
    }
}

fn pad_text(out: &mut Builder, d: &Directive, s: Gc<StrObj>) {
    let n = s.len().min(d.precision.unwrap_or(usize::MAX));
    let room = d.width.saturating_sub(n);
    if !d.left {
        fill(out, b' ', room);
    }
    out.push_range(s, 0, n);
    if d.left {
        fill(out, b' ', room);
    }
}

fn pad_number(out: &mut Builder, d: &Directive, negative: bool, prefix: &str, digits: &str) {
    let sign = match (negative, d.plus, d.blank) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let room = d
        .width
        .saturating_sub(sign.len() + prefix.len() + digits.len());
    if !d.left && !d.zero {
        fill(out, b' ', room);
    }
    out.push_str(sign);
    out.push_str(prefix);
    if !d.left && d.zero {
        fill(out, b'0', room);
    }
    out.push_str(digits);
    if d.left {
        fill(out, b' ', room);
    }
}

/// The magnitude's digits for `%d` and its kin, at least `precision` of them.
fn integer_digits(th: &Thread, c: u8, v: Value, precision: usize) -> R<(bool, String)> {
    let wrong = || {
        let what = if matches!(c, b'o' | b'x' | b'X') {
            "an integer"
        } else {
            "a real number"
        };
        type_error(
            th,
            &format!(
                "%{} format: {what} is required, not {}",
                c as char,
                type_name(v)
            ),
        )
    };
    let i = if int::is_int(v) {
        v
    } else {
        let number = [N::Int, N::Index, N::Float]
            .iter()
            .any(|&n| special_of(v, n).is_some())
            || v.kind() == kinds::COMPLEX;
        if !number {
            return Err(wrong());
        }
        let r = if matches!(c, b'o' | b'x' | b'X') {
            arg::index(th, v)
        } else {
            types::int::from_object(th, v)
        };
        match absorb(th, r, C::TypeError)? {
            Some(i) => i,
            None => return Err(wrong()),
        }
    };
    let (negative, mut digits) = match c {
        b'o' => types::int::magnitude_digits(i, 8),
        b'x' | b'X' => types::int::magnitude_digits(i, 16),
        _ => match int::to_i64(i) {
            Some(i) => (i < 0, i.unsigned_abs().to_string()),
            None => {
                let s = types::int::limited(th, i)?;
                match s.strip_prefix('-') {
                    Some(d) => (true, d.to_string()),
                    None => (false, s),
                }
            }
        },
    };
    if c == b'X' {
        digits.make_ascii_uppercase();
    }
    if digits.len() < precision {
        digits.insert_str(0, &"0".repeat(precision - digits.len()));
    }
    Ok((negative, digits))
}

fn text_char(th: &Thread, v: Value) -> R<Gc<StrObj>> {
    if let Some(s) = v.cast::<StrObj>() {
        if s.len() == 1 {
            return Ok(s);
        }
        return Err(type_error(
            th,
            &format!(
                "%c requires an int or a unicode character, not a string of length {}",
                s.len()
            ),
        ));
    }
    if !int::is_int(v) && special_of(v, N::Index).is_none() {
        return Err(type_error(
            th,
            &format!(
                "%c requires an int or a unicode character, not {}",
                type_name(v)
            ),
        ));
    }
    let i = arg::index(th, v)?;
    match int::to_i64(i) {
        Some(c) if (0..0x110000).contains(&c) => string::char_str(th, c as u32),
        _ => Err(raise(th, C::OverflowError, "%c arg not in range(0x110000)")),
    }
}

fn byte_char(th: &Thread, v: Value) -> R<Gc<StrObj>> {
    if let Some(s) = types::bytes::as_slice(v) {
        if let [c] = s {
            return Ok(string::latin1_char(*c));
        }
        let what = if v.is::<BytesObj>() {
            "bytes"
        } else {
            "bytearray"
        };
        return Err(type_error(
            th,
            &format!(
                "%c requires an integer in range(256) or a single byte, not a {what} object of length {}",
                s.len()
            ),
        ));
    }
    if !int::is_int(v) && special_of(v, N::Index).is_none() {
        return Err(type_error(
            th,
            &format!(
                "%c requires an integer in range(256) or a single byte, not {}",
                type_name(v)
            ),
        ));
    }
    let i = arg::index(th, v)?;
    match int::to_i64(i) {
        Some(c) if (0..256).contains(&c) => Ok(string::latin1_char(c as u8)),
        _ => Err(raise(th, C::OverflowError, "%c arg not in range(256)")),
    }
}

fn as_bytes(th: &Thread, v: Value) -> R<Vec<u8>> {
    if let Some(s) = types::bytes::as_slice(v) {
        return Ok(s.to_vec());
    }
    if let Some(f) = special_of(v, N::Bytes) {
        let r = crate::ops::call::call_special(th, f, v, &[])?;
        return match r.cast::<BytesObj>() {
            Some(b) => Ok(b.as_slice().to_vec()),
            None => Err(type_error(
                th,
                &format!("__bytes__ returned non-bytes (type {})", type_name(r)),
            )),
        };
    }
    match types::bytes::bytes_like(th, v)? {
        Some(s) => Ok(s.to_vec()),
        None => Err(type_error(
            th,
            &format!(
                "%b requires a bytes-like object, or an object that implements __bytes__, not '{}'",
                type_name(v)
            ),
        )),
    }
}

//! Case, padding, stripping, joining, translation, hexadecimal text and decoding of bytes.

use super::split::is_space;
use super::{as_slice, buffer, new, same_type, this, unchanged};
use crate::classes::C;
use crate::core::class::type_name;
use crate::core::string as text;
use crate::core::{list, parse as arg};
use crate::error::{type_error, value_error};
use crate::object::*;
use crate::spec::Args;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

fn map(th: &Thread, v: Value, f: impl Fn(usize, u8) -> u8) -> R {
    let out: Vec<u8> = this(v).iter().enumerate().map(|(i, &c)| f(i, c)).collect();
    same_type(th, v, &out)
}

pub fn lower(th: &Thread, v: Value) -> R {
    map(th, v, |_, c| c.to_ascii_lowercase())
}

pub fn upper(th: &Thread, v: Value) -> R {
    map(th, v, |_, c| c.to_ascii_uppercase())
}

pub fn swapcase(th: &Thread, v: Value) -> R {
    map(
        th,
        v,
        |_, c| if c.is_ascii_alphabetic() { c ^ 32 } else { c },
    )
}

pub fn capitalize(th: &Thread, v: Value) -> R {
    map(th, v, |i, c| {
        if i == 0 {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        }
    })
}

pub fn title(th: &Thread, v: Value) -> R {
    let s = this(v);
    map(th, v, |i, c| {
        if i > 0 && s[i - 1].is_ascii_alphabetic() {
            c.to_ascii_lowercase()
        } else {
            c.to_ascii_uppercase()
        }
    })
}

fn all(v: Value, f: impl Fn(u8) -> bool) -> R {
    let s = this(v);
    Ok(Value::bool(!s.is_empty() && s.iter().all(|&c| f(c))))
}

pub fn isalnum(_th: &Thread, v: Value) -> R {
    all(v, |c| c.is_ascii_alphanumeric())
}

pub fn isalpha(_th: &Thread, v: Value) -> R {
    all(v, |c| c.is_ascii_alphabetic())
}

pub fn isascii(_th: &Thread, v: Value) -> R {
    Ok(Value::bool(this(v).is_ascii()))
}

pub fn isdigit(_th: &Thread, v: Value) -> R {
    all(v, |c| c.is_ascii_digit())
}

pub fn isspace(_th: &Thread, v: Value) -> R {
    all(v, is_space)
}

pub fn islower(_th: &Thread, v: Value) -> R {
    let s = this(v);
    Ok(Value::bool(
        s.iter().any(u8::is_ascii_lowercase) && !s.iter().any(u8::is_ascii_uppercase),
    ))
}

pub fn isupper(_th: &Thread, v: Value) -> R {
    let s = this(v);
    Ok(Value::bool(
        s.iter().any(u8::is_ascii_uppercase) && !s.iter().any(u8::is_ascii_lowercase),
    ))
}

pub fn istitle(_th: &Thread, v: Value) -> R {
    let (mut seen, mut inside) = (false, false);
    for c in this(v) {
        let wrong = (c.is_ascii_uppercase() && inside) || (c.is_ascii_lowercase() && !inside);
        if wrong {
            return Ok(Value::FALSE);
        }
        inside = c.is_ascii_alphabetic();
        seen |= inside;
    }
    Ok(Value::bool(seen))
}

fn pad(th: &Thread, v: Value, left: usize, right: usize, fill: u8) -> R {
    if left + right == 0 {
        return unchanged(th, v);
    }
    let s = this(v);
    if left + right > 1 << 40 {
        return Err(crate::error::out_of_memory(th));
    }
    let mut out = vec![fill; left + s.len() + right];
    out[left..left + s.len()].copy_from_slice(s);
    same_type(th, v, &out)
}

fn pad_args(th: &Thread, a: &[Value], func: &str) -> R<(usize, u8)> {
    let width = arg::as_isize(th, a[1])?;
    let fill = match a.get(2) {
        None => b' ',
        Some(&f) => match as_slice(f) {
            Some([c]) => *c,
            Some(s) => {
                let what = if f.is::<BytesObj>() {
                    "bytes"
                } else {
                    "bytearray"
                };
                return Err(type_error(
                    th,
                    &format!(
                        "{func}(): argument 2 must be a byte string of length 1, not a {what} object of length {}",
                        s.len()
                    ),
                ));
            }
            None => {
                return Err(type_error(
                    th,
                    &format!(
                        "{func}() argument 2 must be a byte string of length 1, not {}",
                        type_name(f)
                    ),
                ));
            }
        },
    };
    Ok(((width - this(a[0]).len() as i64).max(0) as usize, fill))
}

pub fn center(th: &Thread, a: &[Value]) -> R {
    let (room, fill) = pad_args(th, a, "center")?;
    let left = room / 2 + (room & (this(a[0]).len() + room) & 1);
    pad(th, a[0], left, room - left, fill)
}

pub fn ljust(th: &Thread, a: &[Value]) -> R {
    let (room, fill) = pad_args(th, a, "ljust")?;
    pad(th, a[0], 0, room, fill)
}

pub fn rjust(th: &Thread, a: &[Value]) -> R {
    let (room, fill) = pad_args(th, a, "rjust")?;
    pad(th, a[0], room, 0, fill)
}

pub fn zfill(th: &Thread, v: Value, width: Value) -> R {
    let width = arg::as_isize(th, width)?;
    let s = this(v);
    let room = (width - s.len() as i64).max(0) as usize;
    if room > 0 && matches!(s.first(), Some(b'+' | b'-')) {
        let mut out = vec![b'0'; room + s.len()];
        out[0] = s[0];
        out[room + 1..].copy_from_slice(&s[1..]);
        return same_type(th, v, &out);
    }
    pad(th, v, room, 0, b'0')
}

pub fn expandtabs(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [size] = crate::args!(th, a.rest(), "expandtabs", ["tabsize"], 0, 0, 1);
    let size = match size {
        Some(v) => arg::as_i32(th, v)?.max(0) as usize,
        None => 8,
    };
    let mut out = Vec::new();
    let mut column = 0;
    for &c in this(v) {
        if c == b'\t' {
            if size > 0 {
                let n = size - column % size;
                out.resize(out.len() + n, b' ');
                column += n;
            }
        } else {
            out.push(c);
            column = if c == b'\n' || c == b'\r' {
                0
            } else {
                column + 1
            };
        }
    }
    same_type(th, v, &out)
}

fn strip_ends(th: &Thread, a: &[Value], left: bool, right: bool) -> R {
    let chars = match a.get(1) {
        None | Some(&Value::NONE) => None,
        Some(&c) => Some(buffer(th, c)?),
    };
    let out = |c: u8| match chars {
        None => is_space(c),
        Some(set) => set.contains(&c),
    };
    let s = this(a[0]);
    let (mut i, mut j) = (0, s.len());
    if left {
        while i < j && out(s[i]) {
            i += 1;
        }
    }
    if right {
        while j > i && out(s[j - 1]) {
            j -= 1;
        }
    }
    if i == 0 && j == s.len() {
        return unchanged(th, a[0]);
    }
    same_type(th, a[0], &s[i..j])
}

pub fn strip(th: &Thread, a: &[Value]) -> R {
    strip_ends(th, a, true, true)
}

pub fn lstrip(th: &Thread, a: &[Value]) -> R {
    strip_ends(th, a, true, false)
}

pub fn rstrip(th: &Thread, a: &[Value]) -> R {
    strip_ends(th, a, false, true)
}

pub fn join(th: &Thread, sep: Value, items: Value) -> R {
    if !crate::ops::iter::is_iterable(items) {
        return Err(type_error(th, "can only join an iterable"));
    }
    let l = if items.shape() == C::List.shape() {
        expect(items)
    } else {
        crate::ops::iter::to_list(th, items)?
    };
    let mut out = Vec::new();
    let mut i = 0;
    while let Some(v) = list::get(l, i) {
        let Some(s) = super::bytes_like(th, v)? else {
            return Err(type_error(
                th,
                &format!(
                    "sequence item {i}: expected a bytes-like object, {} found",
                    type_name(v)
                ),
            ));
        };
        if i == 0 && list::len(l) == 1 && v.shape() == C::Bytes.shape() && sep.is::<BytesObj>() {
            return Ok(v);
        }
        if i > 0 {
            out.extend_from_slice(this(sep));
        }
        out.extend_from_slice(s);
        i += 1;
    }
    same_type(th, sep, &out)
}

pub fn maketrans(th: &Thread, from: Value, to: Value) -> R {
    let (from, to) = (buffer(th, from)?, buffer(th, to)?);
    if from.len() != to.len() {
        return Err(value_error(th, "maketrans arguments must have same length"));
    }
    let mut table: [u8; 256] = std::array::from_fn(|i| i as u8);
    for (&f, &t) in from.iter().zip(to) {
        table[f as usize] = t;
    }
    new(th, &table)
}

pub fn translate(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [table, delete] = crate::args!(th, a.rest(), "translate", ["", "delete"], 1, 1, 2);
    let table = match table {
        None | Some(Value::NONE) => None,
        Some(t) => {
            let t = buffer(th, t)?;
            if t.len() != 256 {
                return Err(value_error(
                    th,
                    "translation table must be 256 characters long",
                ));
            }
            Some(t)
        }
    };
    let mut gone = [false; 256];
    if let Some(d) = delete {
        for &c in buffer(th, d)? {
            gone[c as usize] = true;
        }
    }
    let out: Vec<u8> = this(v)
        .iter()
        .filter(|&&c| !gone[c as usize])
        .map(|&c| table.map_or(c, |t| t[c as usize]))
        .collect();
    if out == this(v) {
        return unchanged(th, v);
    }
    same_type(th, v, &out)
}

/// `hex()` of bytes, also for memoryviews.
pub fn hex_text(th: &Thread, s: &[u8], sep: Option<Value>, group: i64) -> R {
    let sep = match sep {
        None => None,
        Some(v) => {
            if crate::ops::length(th, v)? != 1 {
                return Err(value_error(th, "sep must be length 1."));
            }
            let c = if let Some(t) = v.cast::<StrObj>() {
                t.at(0)
            } else if let Some(b) = v.cast::<BytesObj>() {
                b.as_slice()[0] as u32
            } else {
                return Err(type_error(th, "sep must be str or bytes."));
            };
            if c > 127 {
                return Err(value_error(th, "sep must be ASCII."));
            }
            Some(c as u8)
        }
    };
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = Vec::with_capacity(s.len() * 3);
    let n = s.len();
    let size = group.unsigned_abs() as usize;
    for (i, &c) in s.iter().enumerate() {
        if let Some(sep) = sep
            && i > 0
            && size > 0
        {
            let at = if group > 0 { n - i } else { i };
            if at % size == 0 {
                out.push(sep);
            }
        }
        out.push(DIGITS[(c >> 4) as usize]);
        out.push(DIGITS[(c & 15) as usize]);
    }
    Ok(text::ascii(th, &out)?.value())
}

pub fn hex(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [sep, group] = crate::args!(th, a.rest(), "hex", ["sep", "bytes_per_sep"], 0, 0, 2);
    let group = match group {
        Some(g) => arg::as_i32(th, g)? as i64,
        None => 1,
    };
    hex_text(th, this(v), sep, group)
}

pub fn fromhex(th: &Thread, cls: Value, v: Value) -> R {
    let chars: Vec<u32> = match v.cast::<StrObj>() {
        Some(s) => s.chars().collect(),
        None => match super::bytes_like(th, v)? {
            Some(s) => s.iter().map(|&c| c as u32).collect(),
            None => {
                return Err(type_error(
                    th,
                    &format!(
                        "fromhex() argument must be str or bytes-like, not {}",
                        type_name(v)
                    ),
                ));
            }
        },
    };
    let digit = |c: u32| {
        char::from_u32(c)
            .filter(char::is_ascii)
            .and_then(|c| c.to_digit(16))
    };
    let mut out = Vec::with_capacity(chars.len() / 2);
    let mut i = 0;
    let bad = |i: usize| {
        value_error(
            th,
            &format!("non-hexadecimal number found in fromhex() arg at position {i}"),
        )
    };
    loop {
        while i < chars.len() && chars[i] < 128 && is_space(chars[i] as u8) {
            i += 1;
        }
        if i == chars.len() {
            break;
        }
        let Some(high) = digit(chars[i]) else {
            return Err(bad(i));
        };
        i += 1;
        let Some(&c) = chars.get(i) else {
            return Err(value_error(
                th,
                "fromhex() arg must contain an even number of hexadecimal digits",
            ));
        };
        let Some(low) = digit(c) else {
            return Err(bad(i));
        };
        i += 1;
        out.push((high << 4 | low) as u8);
    }
    if cls == crate::runtime::class_value(C::Bytes) {
        return new(th, &out);
    }
    if cls == crate::runtime::class_value(C::ByteArray) {
        return super::new_bytearray(th, &out);
    }
    let b = new(th, &out)?;
    crate::ops::call::call(th, cls, &[b])
}

pub fn decode(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [encoding, errors] = crate::args!(th, a.rest(), "decode", ["encoding", "errors"], 0, 0, 2);
    let name = |v: Option<Value>, what: &str, default: &str| -> R<String> {
        match v {
            None => Ok(default.into()),
            Some(v) => match v.cast::<StrObj>() {
                Some(s) => Ok(s.to_rust().into_owned()),
                None => Err(type_error(
                    th,
                    &format!(
                        "decode() argument '{what}' must be str, not {}",
                        crate::types::string::arg_type(v)
                    ),
                )),
            },
        }
    };
    let (encoding, errors) = (
        name(encoding, "encoding", "utf-8")?,
        name(errors, "errors", "strict")?,
    );
    crate::codecs::decode(th, this(v), &encoding, &errors)
}

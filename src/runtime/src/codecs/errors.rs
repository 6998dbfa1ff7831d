//! Error handlers: the built-in ones without an exception object, others through the registry.

use super::utf::push_any;
use super::{Codec, Order};
use crate::classes::C;
use crate::core::class::type_name;
use crate::core::string::{self as text, Builder};
use crate::core::{int, parse as arg, tuple};
use crate::error::{make, raise, raise_value, type_error};
use crate::object::*;
use crate::runtime::class;
use crate::thread::{R, Raised, Thread, expect};
use crate::types::bytes;
use habu_heap::Value;

pub fn is_known_handler(name: &str) -> bool {
    matches!(
        name,
        "strict"
            | "ignore"
            | "replace"
            | "surrogateescape"
            | "surrogatepass"
            | "backslashreplace"
            | "xmlcharrefreplace"
            | "namereplace"
    )
}

/// Characters that an encoding has no bytes for.
pub struct BadText<'a> {
    pub codec: Codec,
    pub name: &'a str,
    pub text: Gc<StrObj>,
    pub start: usize,
    pub end: usize,
    pub why: &'a str,
    pub errors: &'a str,
}

type Push<'a> = &'a mut dyn FnMut(&mut Vec<u8>, u32) -> bool;

pub fn backslash(c: u32) -> String {
    match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x10000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

fn escaped(c: u32, errors: &str) -> String {
    match errors {
        "xmlcharrefreplace" => format!("&#{c};"),
        "namereplace" => match crate::unicode::name(c) {
            Some(n) => format!("\\N{{{n}}}"),
            None => backslash(c),
        },
        _ => backslash(c),
    }
}

impl BadText<'_> {
    fn exception(&self, th: &Thread, start: usize) -> R {
        let name = text::new_value(th, self.name)?;
        let why = text::new_value(th, self.why)?;
        let args = [
            name,
            self.text.value(),
            Value::small_int(start as i64),
            Value::small_int(self.end as i64),
            why,
        ];
        make(th, class(C::UnicodeEncodeError), &args)
    }

    fn strict(&self, th: &Thread, start: usize) -> Raised {
        match self.exception(th, start) {
            Ok(e) => raise_value(th, e),
            Err(r) => r,
        }
    }

    /// Write a replacement; where to go on.
    pub fn handle(&self, th: &Thread, out: &mut Vec<u8>, push: Push) -> R<usize> {
        match self.errors {
            "strict" => return Err(self.strict(th, self.start)),
            "ignore" => return Ok(self.end),
            _ => {}
        }
        for i in self.start..self.end {
            let c = self.text.at(i);
            match self.errors {
                "replace" => {
                    if !push(out, b'?' as u32) {
                        return Err(self.strict(th, i));
                    }
                }
                "surrogateescape" => match c {
                    0xdc80..0xdd00 => {
                        if matches!(self.codec, Codec::Utf16(_) | Codec::Utf32(_)) {
                            return Err(self.strict(th, self.start));
                        }
                        out.push(c as u8)
                    }
                    _ => return Err(self.strict(th, i)),
                },
                "surrogatepass" => {
                    let utf = matches!(self.codec, Codec::Utf8 | Codec::Utf16(_) | Codec::Utf32(_));
                    if !utf || !(0xd800..0xe000).contains(&c) {
                        return Err(self.strict(th, self.start));
                    }
                    push_any(out, self.codec, c);
                }
                "backslashreplace" | "xmlcharrefreplace" | "namereplace" => {
                    for b in escaped(c, self.errors).bytes() {
                        if !push(out, b as u32) {
                            return Err(self.strict(th, i));
                        }
                    }
                }
                _ => return self.custom(th, out, push),
            }
        }
        Ok(self.end)
    }

    fn custom(&self, th: &Thread, out: &mut Vec<u8>, push: Push) -> R<usize> {
        let handler = crate::modules::codecs::lookup_error(th, self.errors)?;
        let exc = self.exception(th, self.start)?;
        let r = crate::ops::call::call(th, handler, &[exc])?;
        let (rep, pos) = answer(
            th,
            r,
            self.text.len(),
            "encoding error handler must return (str/bytes, int) tuple",
        )?;
        if let Some(b) = rep.cast::<BytesObj>() {
            out.extend_from_slice(b.as_slice());
            return Ok(pos);
        }
        let Some(s) = rep.cast::<StrObj>() else {
            return Err(type_error(
                th,
                "encoding error handler must return (str/bytes, int) tuple",
            ));
        };
        for c in s.chars() {
            if !push(out, c) {
                return Err(self.strict(th, self.start));
            }
        }
        Ok(pos)
    }
}

/// A handler's tuple: the replacement and the position to go on.
fn answer(th: &Thread, r: Value, len: usize, text: &str) -> R<(Value, usize)> {
    let Some(t) = r.cast::<TupleObj>().filter(|t| t.len() == 2) else {
        return Err(type_error(th, text));
    };
    let (rep, pos) = (t.items()[0], t.items()[1]);
    if !int::is_int(pos) {
        return Err(type_error(th, text));
    }
    let p = arg::as_isize(th, pos)?;
    let q = if p < 0 { p + len as i64 } else { p };
    if q < 0 || q > len as i64 {
        return Err(raise(
            th,
            C::IndexError,
            &format!("position {p} from error handler out of bounds"),
        ));
    }
    Ok((rep, q as usize))
}

fn decode_exception(th: &Thread, name: &str, b: &[u8], range: (usize, usize), why: &str) -> R {
    let name = text::new_value(th, name)?;
    let data = bytes::new(th, b)?;
    let why = text::new_value(th, why)?;
    let args = [
        name,
        data,
        Value::small_int(range.0 as i64),
        Value::small_int(range.1 as i64),
        why,
    ];
    make(th, class(C::UnicodeDecodeError), &args)
}

/// A lone surrogate in its UTF form at the start of `b`, and its length.
fn passed(codec: Option<Codec>, b: &[u8]) -> Option<(u32, usize)> {
    let (c, n) = match (codec?, b) {
        (Codec::Utf8, &[0xed, x @ 0xa0..0xc0, y @ 0x80..0xc0, ..]) => {
            (0xd000 | (x as u32 & 0x3f) << 6 | (y as u32 & 0x3f), 3)
        }
        (Codec::Utf16(Order::Big), &[x, y, ..]) => (u16::from_be_bytes([x, y]) as u32, 2),
        (Codec::Utf16(_), &[x, y, ..]) => (u16::from_le_bytes([x, y]) as u32, 2),
        (Codec::Utf32(Order::Big), &[p, q, r, s, ..]) => (u32::from_be_bytes([p, q, r, s]), 4),
        (Codec::Utf32(_), &[p, q, r, s, ..]) => (u32::from_le_bytes([p, q, r, s]), 4),
        _ => return None,
    };
    (0xd800..0xe000).contains(&c).then_some((c, n))
}

/// Bytes that mean no character: write a replacement; where to go on.
#[allow(clippy::too_many_arguments)]
pub fn bad_bytes(
    th: &Thread,
    out: &mut Builder,
    codec: Option<Codec>,
    name: &str,
    b: &[u8],
    (start, end): (usize, usize),
    why: &str,
    errors: &str,
) -> R<usize> {
    match errors {
        "ignore" => return Ok(end),
        "replace" => {
            out.push_char(0xfffd);
            return Ok(end);
        }
        "backslashreplace" => {
            for &c in &b[start..end] {
                out.push_str(&format!("\\x{c:02x}"));
            }
            return Ok(end);
        }
        "surrogateescape" => {
            let n = b[start..end]
                .iter()
                .take(4)
                .take_while(|&&c| c >= 128)
                .count();
            if n > 0 {
                for &c in &b[start..start + n] {
                    out.push_char(0xdc00 + c as u32);
                }
                return Ok(start + n);
            }
        }
        "surrogatepass" => {
            if let Some((c, n)) = passed(codec, &b[start..]) {
                out.push_char(c);
                return Ok(start + n);
            }
        }
        "strict" => {}
        _ => {
            let handler = crate::modules::codecs::lookup_error(th, errors)?;
            let exc = decode_exception(th, name, b, (start, end), why)?;
            let r = crate::ops::call::call(th, handler, &[exc])?;
            let text = "decoding error handler must return (str, int) tuple";
            let (rep, pos) = answer(th, r, b.len(), text)?;
            let Some(s) = rep.cast::<StrObj>() else {
                return Err(type_error(th, text));
            };
            out.push(s);
            return Ok(pos);
        }
    }
    let e = decode_exception(th, name, b, (start, end), why)?;
    Err(raise_value(th, e))
}

/// A built-in handler called as a function on an exception (`codecs.replace_errors(exc)`).
pub fn handle_exception(th: &Thread, handler: &str, exc: Value) -> R {
    let is = |c: C| crate::core::class::is_a(exc, c);
    if !crate::core::class::is_a(exc, C::BaseException) {
        return Err(type_error(th, "codec must pass exception instance"));
    }
    if handler == "strict" {
        return Err(raise_value(th, exc));
    }
    let (encodes, decodes) = (is(C::UnicodeEncodeError), is(C::UnicodeDecodeError));
    let translates = is(C::UnicodeTranslateError);
    let known = match handler {
        "ignore" | "replace" | "backslashreplace" => encodes || decodes || translates,
        "xmlcharrefreplace" | "namereplace" => encodes,
        _ => encodes || decodes,
    };
    if !known {
        return Err(type_error(
            th,
            &format!(
                "don't know how to handle {} in error callback",
                type_name(exc)
            ),
        ));
    }
    let get = |name: &str| -> R {
        let n = text::intern_new(th, name)?;
        crate::core::attr::get(th, exc, n.value())
    };
    let object = get("object")?;
    let len = crate::ops::length(th, object)? as i64;
    let start = arg::as_isize(th, get("start")?)?.clamp(0, len);
    let end = arg::as_isize(th, get("end")?)?.clamp(start, len);
    let (start, end) = (start as usize, end as usize);
    let codec = || -> R<Option<Codec>> {
        let e = get("encoding")?;
        Ok(e.cast::<StrObj>().and_then(|s| Codec::find(&s.to_rust())))
    };
    let mut out = Builder::new();
    let mut pos = end;
    if decodes {
        let b = bytes::buffer(th, object)?;
        let c = codec()?;
        let possible = match handler {
            "surrogatepass" => passed(c, &b[start..]).is_some(),
            "surrogateescape" => b[start..end].first().is_some_and(|&c| c >= 128),
            _ => true,
        };
        if !possible {
            return Err(raise_value(th, exc));
        }
        pos = bad_bytes(th, &mut out, c, "", b, (start, end), "", handler)?;
    } else {
        let s: Gc<StrObj> = expect(object);
        let mut raw = Vec::new();
        for i in start..end {
            let c = s.at(i);
            match handler {
                "ignore" => {}
                "replace" => out.push_char(if translates { 0xfffd } else { b'?' as u32 }),
                "surrogateescape" => match c {
                    0xdc80..0xdd00 => raw.push(c as u8),
                    _ => return Err(raise_value(th, exc)),
                },
                "surrogatepass" => match codec()? {
                    Some(k @ (Codec::Utf8 | Codec::Utf16(_) | Codec::Utf32(_)))
                        if (0xd800..0xe000).contains(&c) =>
                    {
                        push_any(&mut raw, k, c)
                    }
                    _ => return Err(raise_value(th, exc)),
                },
                _ => out.push_str(&escaped(c, handler)),
            }
        }
        if handler.starts_with("surrogate") {
            let rep = bytes::new(th, &raw)?;
            return tuple::new_value(th, &[rep, Value::small_int(end as i64)]);
        }
    }
    let rep = out.finish_value(th)?;
    tuple::new_value(th, &[rep, Value::small_int(pos as i64)])
}

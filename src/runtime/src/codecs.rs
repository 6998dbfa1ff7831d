//! Encodings that the runtime knows itself: UTF-8, -16, -32, ASCII, Latin-1 and the escape encodings. All others
//! come from the codec registry.
//!
//! `codecs/errors.rs` holds the error handlers; every codec reports a bad stretch to it and goes on where it says.

use crate::core::string::{self as text, Builder};
use crate::object::*;
use crate::thread::{R, Thread};
use habu_heap::Value;

pub mod charmap;
mod errors;
mod escape;
mod utf;
mod utf7;

pub use errors::{handle_exception, is_known_handler};

/// The codecs of this module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Codec {
    Utf8,
    Ascii,
    Latin1,
    Utf16(Order),
    Utf32(Order),
    UnicodeEscape,
    RawUnicodeEscape,
    /// Found by the registry only.
    Utf7,
}

/// Byte order; `Mark` writes and reads a byte order mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    Mark,
    Little,
    Big,
}

impl Order {
    fn suffix(self) -> &'static str {
        match self {
            Order::Mark => "",
            Order::Little => "-le",
            Order::Big => "-be",
        }
    }
}

/// Lowercase, with everything but letters, digits and points as single underscores.
pub fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    out
}

impl Codec {
    pub fn find(name: &str) -> Option<Codec> {
        if matches!(name, "utf-8" | "utf8") {
            return Some(Codec::Utf8);
        }
        Some(match normalize(name).as_str() {
            "utf_8" | "utf8" | "u8" | "utf" | "cp65001" => Codec::Utf8,
            "ascii" | "us_ascii" | "646" | "ansi_x3.4_1968" => Codec::Ascii,
            "latin_1" | "latin1" | "latin" | "l1" | "iso_8859_1" | "iso8859_1" | "iso8859"
            | "8859" | "cp819" => Codec::Latin1,
            "utf_16" | "utf16" | "u16" => Codec::Utf16(Order::Mark),
            "utf_16_le" | "utf_16le" | "unicodelittleunmarked" => Codec::Utf16(Order::Little),
            "utf_16_be" | "utf_16be" | "unicodebigunmarked" => Codec::Utf16(Order::Big),
            "utf_32" | "utf32" | "u32" => Codec::Utf32(Order::Mark),
            "utf_32_le" | "utf_32le" => Codec::Utf32(Order::Little),
            "utf_32_be" | "utf_32be" => Codec::Utf32(Order::Big),
            "unicode_escape" | "unicodeescape" => Codec::UnicodeEscape,
            "raw_unicode_escape" | "rawunicodeescape" => Codec::RawUnicodeEscape,
            _ => return None,
        })
    }

    /// As it stands in error messages.
    pub fn name(self) -> String {
        match self {
            Codec::Utf8 => "utf-8".into(),
            Codec::Ascii => "ascii".into(),
            Codec::Latin1 => "latin-1".into(),
            Codec::Utf16(o) => format!("utf-16{}", o.suffix()),
            Codec::Utf32(o) => format!("utf-32{}", o.suffix()),
            Codec::UnicodeEscape => "unicodeescape".into(),
            Codec::RawUnicodeEscape => "rawunicodeescape".into(),
            Codec::Utf7 => "utf7".into(),
        }
    }
}

pub fn encode(th: &Thread, s: Gc<StrObj>, encoding: &str, errors: &str) -> R<Vec<u8>> {
    match Codec::find(encoding) {
        Some(c) => encode_known(th, s, c, errors),
        None => {
            let r = crate::modules::codecs::lookup_encode(th, s.value(), encoding, errors)?;
            match crate::types::bytes::as_slice(r) {
                Some(b) => Ok(b.to_vec()),
                None => Err(crate::error::type_error(
                    th,
                    &format!(
                        "'{encoding}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
                        crate::core::class::type_name(r)
                    ),
                )),
            }
        }
    }
}

pub fn decode(th: &Thread, b: &[u8], encoding: &str, errors: &str) -> R {
    match Codec::find(encoding) {
        Some(c) => Ok(decode_known(th, b, c, errors, true)?.0),
        None => {
            let data = crate::types::bytes::new(th, b)?;
            let r = crate::modules::codecs::lookup_decode(th, data, encoding, errors)?;
            if r.is::<StrObj>() {
                return Ok(r);
            }
            Err(crate::error::type_error(
                th,
                &format!(
                    "'{encoding}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
                    crate::core::class::type_name(r)
                ),
            ))
        }
    }
}

pub fn encode_known(th: &Thread, s: Gc<StrObj>, c: Codec, errors: &str) -> R<Vec<u8>> {
    if s.is_ascii() && matches!(c, Codec::Utf8 | Codec::Ascii | Codec::Latin1) {
        return Ok(s.bytes().to_vec());
    }
    if c == Codec::Latin1 && s.width_log2() == 0 {
        return Ok(s.bytes().to_vec());
    }
    match c {
        Codec::UnicodeEscape => return Ok(escape::encode(&s)),
        Codec::RawUnicodeEscape => return Ok(escape::encode_raw(&s)),
        Codec::Utf7 => return Ok(utf7::encode(&s)),
        _ => {}
    }
    let mut out = Vec::with_capacity(s.len() * 2 + 4);
    utf::push_mark(&mut out, c);
    let (n, mut i) = (s.len(), 0);
    while i < n {
        if utf::push(&mut out, c, s.at(i)) {
            i += 1;
            continue;
        }
        let mut end = i + 1;
        // UTF-16 and -32 report characters one by one.
        let run = !matches!(c, Codec::Utf16(_) | Codec::Utf32(_));
        while run && end < n && !utf::fits(c, s.at(end)) {
            end += 1;
        }
        let why = match c {
            Codec::Ascii => "ordinal not in range(128)",
            Codec::Latin1 => "ordinal not in range(256)",
            _ => "surrogates not allowed",
        };
        let bad = errors::BadText {
            codec: c,
            name: &c.name(),
            text: s,
            start: i,
            end,
            why,
            errors,
        };
        i = bad.handle(th, &mut out, &mut |out, ch| utf::push(out, c, ch))?;
    }
    Ok(out)
}

/// The text and how many bytes were read: all of them where `last`, else up to an incomplete sequence.
pub fn decode_known(
    th: &Thread,
    b: &[u8],
    c: Codec,
    errors: &str,
    last: bool,
) -> R<(Value, usize)> {
    match c {
        Codec::Utf8 if b.is_ascii() => return Ok((text::ascii(th, b)?.value(), b.len())),
        Codec::Ascii if b.is_ascii() => return Ok((text::ascii(th, b)?.value(), b.len())),
        Codec::Latin1 => return Ok((text::latin1(th, b)?.value(), b.len())),
        Codec::Utf8 => {
            if let Ok(s) = std::str::from_utf8(b) {
                return Ok((text::new(th, s)?.value(), b.len()));
            }
        }
        _ => {}
    }
    let mut d = Decoder {
        th,
        out: Builder::new(),
        codec: c,
        errors,
        last,
    };
    // A handler may replace the input (`exc.object`); it lives in a bytes object then.
    let read = match c {
        Codec::Utf8 => utf::decode_utf8(&mut d, b)?,
        Codec::Ascii => utf::decode_ascii(&mut d, b)?,
        Codec::Utf16(o) => utf::decode_utf16(&mut d, b, o)?.0,
        Codec::Utf32(o) => utf::decode_utf32(&mut d, b, o)?.0,
        Codec::UnicodeEscape => escape::decode(&mut d, b)?,
        Codec::RawUnicodeEscape => escape::decode_raw(&mut d, b)?,
        Codec::Utf7 => utf7::decode(&mut d, b)?,
        Codec::Latin1 => b.len(),
    };
    Ok((d.out.finish_value(th)?, read))
}

/// UTF-16 and -32 with the byte order found: -1 little, 1 big, 0 none seen (`utf_16_ex_decode`).
pub fn decode_ordered(
    th: &Thread,
    b: &[u8],
    c: Codec,
    errors: &str,
    last: bool,
) -> R<(Value, usize, i64)> {
    let mut d = Decoder {
        th,
        out: Builder::new(),
        codec: c,
        errors,
        last,
    };
    let (read, order) = match c {
        Codec::Utf16(o) => utf::decode_utf16(&mut d, b, o)?,
        Codec::Utf32(o) => utf::decode_utf32(&mut d, b, o)?,
        _ => (0, Order::Mark),
    };
    let order = match order {
        Order::Mark => 0,
        Order::Little => -1,
        Order::Big => 1,
    };
    Ok((d.out.finish_value(th)?, read, order))
}

/// What a decoder writes to, and how it treats bad input.
pub struct Decoder<'a> {
    pub th: &'a Thread,
    pub out: Builder,
    pub codec: Codec,
    pub errors: &'a str,
    /// The input ends here: an incomplete sequence is an error.
    pub last: bool,
}

impl Decoder<'_> {
    /// Report `b[start..end]`; where to go on.
    fn bad(&mut self, b: &[u8], start: usize, end: usize, why: &str) -> R<usize> {
        let name = self.codec.name();
        errors::bad_bytes(
            self.th,
            &mut self.out,
            Some(self.codec),
            &name,
            b,
            (start, end),
            why,
            self.errors,
        )
    }
}

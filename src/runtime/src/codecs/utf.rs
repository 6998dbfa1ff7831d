//! UTF-8, -16 and -32, ASCII and Latin-1, character by character.

use super::{Codec, Decoder, Order};
use crate::thread::R;

pub fn surrogate(c: u32) -> bool {
    (0xd800..0xe000).contains(&c)
}

pub fn fits(c: Codec, ch: u32) -> bool {
    match c {
        Codec::Ascii => ch < 128,
        Codec::Latin1 => ch < 256,
        _ => !surrogate(ch),
    }
}

pub fn push_mark(out: &mut Vec<u8>, c: Codec) {
    match c {
        Codec::Utf16(Order::Mark) => out.extend_from_slice(&[0xff, 0xfe]),
        Codec::Utf32(Order::Mark) => out.extend_from_slice(&[0xff, 0xfe, 0, 0]),
        _ => {}
    }
}

fn push16(out: &mut Vec<u8>, o: Order, u: u16) {
    out.extend_from_slice(&if o == Order::Big {
        u.to_be_bytes()
    } else {
        u.to_le_bytes()
    });
}

/// Write one character; false where the encoding has none for it.
pub fn push(out: &mut Vec<u8>, c: Codec, ch: u32) -> bool {
    if !fits(c, ch) {
        return false;
    }
    push_any(out, c, ch);
    true
}

/// The same, lone surrogates included.
pub fn push_any(out: &mut Vec<u8>, c: Codec, ch: u32) {
    match c {
        Codec::Utf16(o) => {
            if ch >= 0x10000 {
                push16(out, o, 0xd7c0u16.wrapping_add((ch >> 10) as u16));
                push16(out, o, 0xdc00 | (ch & 0x3ff) as u16);
            } else {
                push16(out, o, ch as u16);
            }
        }
        Codec::Utf32(o) => out.extend_from_slice(&if o == Order::Big {
            ch.to_be_bytes()
        } else {
            ch.to_le_bytes()
        }),
        Codec::Utf8 => match ch {
            0..0x80 => out.push(ch as u8),
            0x80..0x800 => out.extend_from_slice(&[0xc0 | (ch >> 6) as u8, 0x80 | (ch & 63) as u8]),
            0x800..0x10000 => out.extend_from_slice(&[
                0xe0 | (ch >> 12) as u8,
                0x80 | (ch >> 6 & 63) as u8,
                0x80 | (ch & 63) as u8,
            ]),
            _ => out.extend_from_slice(&[
                0xf0 | (ch >> 18) as u8,
                0x80 | (ch >> 12 & 63) as u8,
                0x80 | (ch >> 6 & 63) as u8,
                0x80 | (ch & 63) as u8,
            ]),
        },
        _ => out.push(ch as u8),
    }
}

pub fn decode_utf8(d: &mut Decoder, b: &[u8]) -> R<usize> {
    let mut i = 0;
    while i < b.len() {
        let e = match std::str::from_utf8(&b[i..]) {
            Ok(s) => {
                d.out.push_str(s);
                return Ok(b.len());
            }
            Err(e) => e,
        };
        // SAFETY: valid up to here, as just told.
        d.out
            .push_str(unsafe { std::str::from_utf8_unchecked(&b[i..i + e.valid_up_to()]) });
        let start = i + e.valid_up_to();
        i = match e.error_len() {
            None if !d.last => return Ok(start),
            None => d.bad(b, start, b.len(), "unexpected end of data")?,
            Some(n) => {
                let why = match b[start] {
                    0x80..0xc2 | 0xf5.. => "invalid start byte",
                    _ => "invalid continuation byte",
                };
                d.bad(b, start, start + n, why)?
            }
        };
    }
    Ok(b.len())
}

pub fn decode_ascii(d: &mut Decoder, b: &[u8]) -> R<usize> {
    let mut i = 0;
    while i < b.len() {
        if b[i] < 128 {
            d.out.push_char(b[i] as u32);
            i += 1;
        } else {
            i = d.bad(b, i, i + 1, "ordinal not in range(128)")?;
        }
    }
    Ok(b.len())
}

pub fn decode_utf16(d: &mut Decoder, b: &[u8], order: Order) -> R<(usize, Order)> {
    let mut o = order;
    let mut i = 0;
    if o == Order::Mark {
        match b {
            [0xff, 0xfe, ..] => (o, i) = (Order::Little, 2),
            [0xfe, 0xff, ..] => (o, i) = (Order::Big, 2),
            _ => {}
        }
        // Errors name the byte order that is read.
        d.codec = Codec::Utf16(if o == Order::Big { o } else { Order::Little });
    }
    let unit = |i: usize| {
        let u = [b[i], b[i + 1]];
        (if o == Order::Big {
            u16::from_be_bytes(u)
        } else {
            u16::from_le_bytes(u)
        }) as u32
    };
    while i < b.len() {
        if b.len() - i < 2 {
            if !d.last {
                return Ok((i, o));
            }
            i = d.bad(b, i, b.len(), "truncated data")?;
            continue;
        }
        let c = unit(i);
        if !surrogate(c) {
            d.out.push_char(c);
            i += 2;
        } else if c >= 0xdc00 {
            i = d.bad(b, i, i + 2, "illegal encoding")?;
        } else if b.len() - i < 4 {
            if !d.last {
                return Ok((i, o));
            }
            i = d.bad(b, i, b.len(), "unexpected end of data")?;
        } else {
            let low = unit(i + 2);
            if (0xdc00..0xe000).contains(&low) {
                d.out.push_char(0x10000 + ((c & 0x3ff) << 10 | low & 0x3ff));
                i += 4;
            } else {
                i = d.bad(b, i, i + 2, "illegal UTF-16 surrogate")?;
            }
        }
    }
    Ok((b.len(), o))
}

pub fn decode_utf32(d: &mut Decoder, b: &[u8], order: Order) -> R<(usize, Order)> {
    let mut o = order;
    let mut i = 0;
    if o == Order::Mark {
        match b {
            [0xff, 0xfe, 0, 0, ..] => (o, i) = (Order::Little, 4),
            [0, 0, 0xfe, 0xff, ..] => (o, i) = (Order::Big, 4),
            _ => {}
        }
        d.codec = Codec::Utf32(if o == Order::Big { o } else { Order::Little });
    }
    while i < b.len() {
        if b.len() - i < 4 {
            if !d.last {
                return Ok((i, o));
            }
            i = d.bad(b, i, b.len(), "truncated data")?;
            continue;
        }
        let u = [b[i], b[i + 1], b[i + 2], b[i + 3]];
        let c = if o == Order::Big {
            u32::from_be_bytes(u)
        } else {
            u32::from_le_bytes(u)
        };
        if surrogate(c) {
            i = d.bad(
                b,
                i,
                i + 4,
                "code point in surrogate code point range(0xd800, 0xe000)",
            )?;
        } else if c >= 0x110000 {
            i = d.bad(b, i, i + 4, "code point not in range(0x110000)")?;
        } else {
            d.out.push_char(c);
            i += 4;
        }
    }
    Ok((b.len(), o))
}

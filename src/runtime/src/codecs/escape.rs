//! `unicode-escape` and `raw-unicode-escape`.

use super::Decoder;
use super::errors::backslash;
use crate::object::*;
use crate::thread::R;

pub fn encode(s: &StrObj) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    for c in s.chars() {
        match c {
            0x5c => out.extend_from_slice(b"\\\\"),
            9 => out.extend_from_slice(b"\\t"),
            10 => out.extend_from_slice(b"\\n"),
            13 => out.extend_from_slice(b"\\r"),
            32..127 => out.push(c as u8),
            _ => out.extend_from_slice(backslash(c).as_bytes()),
        }
    }
    out
}

pub fn encode_raw(s: &StrObj) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    for c in s.chars() {
        match c {
            0..256 => out.push(c as u8),
            _ => out.extend_from_slice(backslash(c).as_bytes()),
        }
    }
    out
}

/// Up to `n` hexadecimal digits from `i` on: value and number of digits.
fn hex(b: &[u8], i: usize, n: usize) -> (u32, usize) {
    let (mut v, mut k) = (0u32, 0);
    while k < n {
        let Some(d) = b.get(i + k).and_then(|&c| (c as char).to_digit(16)) else {
            break;
        };
        v = v << 4 | d;
        k += 1;
    }
    (v, k)
}

pub fn decode(d: &mut Decoder, b: &[u8]) -> R<usize> {
    let mut i = 0;
    while i < b.len() {
        let c = b[i];
        if c != b'\\' {
            d.out.push_char(c as u32);
            i += 1;
            continue;
        }
        let start = i;
        let Some(&e) = b.get(i + 1) else {
            if !d.last {
                return Ok(start);
            }
            i = d.bad(b, start, b.len(), "\\ at end of string")?;
            continue;
        };
        i += 2;
        let simple = match e {
            b'\n' => continue,
            b'\\' | b'\'' | b'"' => Some(e),
            b'a' => Some(7),
            b'b' => Some(8),
            b'f' => Some(12),
            b'n' => Some(10),
            b'r' => Some(13),
            b't' => Some(9),
            b'v' => Some(11),
            _ => None,
        };
        if let Some(c) = simple {
            d.out.push_char(c as u32);
            continue;
        }
        match e {
            b'0'..=b'7' => {
                let mut v = (e - b'0') as u32;
                for _ in 0..2 {
                    let Some(&o @ b'0'..=b'7') = b.get(i) else {
                        break;
                    };
                    v = v << 3 | (o - b'0') as u32;
                    i += 1;
                }
                d.out.push_char(v);
            }
            b'x' | b'u' | b'U' => {
                let (n, why) = match e {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                let (v, k) = hex(b, i, n);
                if k < n {
                    if i + k == b.len() && !d.last {
                        return Ok(start);
                    }
                    i = d.bad(b, start, i + k, why)?;
                } else if v > 0x10ffff {
                    i = d.bad(b, start, i + k, "illegal Unicode character")?;
                } else {
                    d.out.push_char(v);
                    i += k;
                }
            }
            b'N' => {
                let close = if b.get(i) == Some(&b'{') {
                    b[i..].iter().position(|&c| c == b'}')
                } else {
                    None
                };
                match close {
                    Some(n) if n > 1 => {
                        let name = String::from_utf8_lossy(&b[i + 1..i + n]).into_owned();
                        match crate::unicode::lookup_name(&name) {
                            Some(c) => {
                                d.out.push_char(c);
                                i += n + 1;
                            }
                            None => {
                                i = d.bad(b, start, i + n + 1, "unknown Unicode character name")?
                            }
                        }
                    }
                    _ => {
                        // What has not ended may still become a name.
                        let open = b.get(i).is_none_or(|&c| c == b'{') && close.is_none();
                        if open && !d.last {
                            return Ok(start);
                        }
                        let end = match close {
                            Some(n) => i + n,
                            None if open => b.len(),
                            None => i,
                        };
                        i = d.bad(b, start, end, "malformed \\N character escape")?;
                    }
                }
            }
            _ => {
                d.out.push_char(b'\\' as u32);
                d.out.push_char(e as u32);
            }
        }
    }
    Ok(b.len())
}

pub fn decode_raw(d: &mut Decoder, b: &[u8]) -> R<usize> {
    let mut i = 0;
    while i < b.len() {
        let c = b[i];
        if c != b'\\' {
            d.out.push_char(c as u32);
            i += 1;
            continue;
        }
        let (n, why) = match b.get(i + 1) {
            Some(b'u') => (4, "truncated \\uXXXX escape"),
            Some(b'U') => (8, "truncated \\UXXXXXXXX escape"),
            None if !d.last => return Ok(i),
            other => {
                d.out.push_char(b'\\' as u32);
                if let Some(&o) = other {
                    d.out.push_char(o as u32);
                }
                i += 2;
                continue;
            }
        };
        let (v, k) = hex(b, i + 2, n);
        if k < n {
            if i + 2 + k == b.len() && !d.last {
                return Ok(i);
            }
            i = d.bad(b, i, i + 2 + k, why)?;
        } else if v > 0x10ffff {
            i = d.bad(b, i, i + 2 + k, "\\Uxxxxxxxx out of range")?;
        } else {
            d.out.push_char(v);
            i += 2 + k;
        }
    }
    Ok(b.len())
}

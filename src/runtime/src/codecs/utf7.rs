//! UTF-7 (RFC 2152): ASCII, in which `+…-` holds UTF-16 in base 64.

use super::{Decoder, utf::surrogate};
use crate::object::*;
use crate::thread::R;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(c: u8) -> Option<u32> {
    Some(match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    } as u32)
}

/// What stands for itself: the RFC's sets D and O, and white space.
fn is_direct(c: u32) -> bool {
    match u8::try_from(c) {
        Ok(b'+' | b'\\' | b'~') => false,
        Ok(b'\t' | b'\n' | b'\r' | b' '..=b'}') => true,
        _ => false,
    }
}

/// Bits that are not yet a digit.
#[derive(Default)]
struct Bits {
    value: u32,
    count: u32,
}

impl Bits {
    fn unit(&mut self, out: &mut Vec<u8>, u: u32) {
        self.value = self.value << 16 | u;
        self.count += 16;
        while self.count >= 6 {
            self.count -= 6;
            out.push(DIGITS[(self.value >> self.count & 63) as usize]);
        }
        self.value &= (1 << self.count) - 1;
    }
    fn end(&mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            out.push(DIGITS[(self.value << (6 - self.count) & 63) as usize]);
        }
        *self = Bits::default();
    }
}

pub fn encode(s: &StrObj) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    let (mut shifted, mut bits) = (false, Bits::default());
    for c in s.chars() {
        if is_direct(c) {
            let c = c as u8;
            if std::mem::take(&mut shifted) {
                bits.end(&mut out);
                // Other characters than digits end the base 64 by themselves.
                if digit(c).is_some() || c == b'-' {
                    out.push(b'-');
                }
            }
            out.push(c);
            continue;
        }
        if !shifted {
            out.push(b'+');
            if c == b'+' as u32 {
                out.push(b'-');
                continue;
            }
            shifted = true;
        }
        match c.checked_sub(0x10000) {
            Some(c) => {
                bits.unit(&mut out, 0xd800 | c >> 10);
                bits.unit(&mut out, 0xdc00 | c & 0x3ff);
            }
            None => bits.unit(&mut out, c),
        }
    }
    if shifted {
        bits.end(&mut out);
        out.push(b'-');
    }
    out
}

/// A stretch of base 64 that is being read.
#[derive(Default)]
struct Shift {
    bits: u32,
    count: u32,
    /// The first half of a pair.
    high: Option<u32>,
    /// What it has given: nothing of it counts where its end is still to come.
    chars: Vec<u32>,
}

impl Shift {
    fn digit(&mut self, d: u32) {
        self.bits = self.bits << 6 | d;
        self.count += 6;
        if self.count < 16 {
            return;
        }
        self.count -= 16;
        let u = self.bits >> self.count;
        self.bits &= (1 << self.count) - 1;
        match (self.high.take(), u) {
            (Some(h), 0xdc00..0xe000) => {
                self.chars.push(0x10000 + ((h & 0x3ff) << 10 | u & 0x3ff));
                return;
            }
            (Some(h), _) => self.chars.push(h),
            (None, _) => {}
        }
        match surrogate(u) && u < 0xdc00 {
            true => self.high = Some(u),
            false => self.chars.push(u),
        }
    }
    /// What is wrong with ending here.
    fn fault(&self) -> Option<&'static str> {
        match self.count {
            6.. => Some("partial character in shift sequence"),
            _ if self.bits != 0 => Some("non-zero padding bits in shift sequence"),
            _ => None,
        }
    }
    fn flush(&mut self, d: &mut Decoder) {
        self.chars.drain(..).for_each(|c| d.out.push_char(c));
    }
}

pub fn decode(d: &mut Decoder, b: &[u8]) -> R<usize> {
    let mut i = 0;
    // Where the last stretch or single fault began.
    let mut start = 0;
    let mut shift: Option<Shift> = None;
    loop {
        let Some(&c) = b.get(i) else {
            let Some(mut s) = shift.take() else {
                return Ok(b.len());
            };
            if !d.last {
                return Ok(start);
            }
            s.flush(d);
            if s.high.is_none() && s.fault().is_none() {
                return Ok(b.len());
            }
            i = d.bad(b, start, b.len(), "unterminated shift sequence")?;
            continue;
        };
        if let Some(s) = &mut shift {
            if let Some(n) = digit(c) {
                s.digit(n);
                i += 1;
                continue;
            }
            s.flush(d);
            let (fault, high) = (s.fault(), s.high);
            shift = None;
            if let Some(why) = fault {
                i = d.bad(b, start, i + 1, why)?;
                continue;
            }
            if let Some(h) = high.filter(|_| c < 128 && c != b'+') {
                d.out.push_char(h);
            }
            i += (c == b'-') as usize;
            continue;
        }
        match (c, b.get(i + 1)) {
            (b'+', Some(b'-')) => {
                d.out.push_char(c as u32);
                i += 2;
            }
            (b'+', Some(&n)) if digit(n).is_none() => {
                start = i;
                i = d.bad(b, start, i + 2, "ill-formed sequence")?;
            }
            (b'+', _) => {
                start = i;
                shift = Some(Shift::default());
                i += 1;
            }
            (0..128, _) => {
                d.out.push_char(c as u32);
                i += 1;
            }
            _ => {
                start = i;
                i = d.bad(b, start, i + 1, "unexpected special character")?;
            }
        }
    }
}

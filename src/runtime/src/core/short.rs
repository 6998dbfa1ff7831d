//! Short texts as numbers: up to 16 characters of one byte each, put together in registers.
//!
//! A processor that reads what it has just stored waits when the read is not part of one store. Texts of a few
//! characters are made from parts and hashed or compared at once, so they are not put together in memory: `finish`
//! stores a whole word (or two halves as `copy_bytes` does), which every later read lies in.
//!
//! What must hold: bits beyond `len` characters are zero.

use super::recent;
use super::string::{self, alloc_str};
use crate::object::*;
use crate::thread::{R, Thread};

pub const MOST: usize = 16;

#[derive(Clone, Copy, Default)]
pub struct Short {
    /// The first character is the lowest byte.
    bits: u128,
    len: usize,
}

impl Short {
    /// The first so many one-byte characters of a word, the last one first.
    #[inline(always)]
    pub fn turned_word(word: u64, len: usize) -> Short {
        debug_assert!((1..=8).contains(&len));
        Short {
            bits: u128::from(word.swap_bytes() >> (64 - 8 * len)),
            len,
        }
    }

    /// A text of one-byte characters, if it is short enough.
    #[inline(always)]
    pub fn of(s: Gc<StrObj>) -> Option<Short> {
        let len = s.len();
        if len > MOST || s.width_log2() != 0 {
            return None;
        }
        let p = s.data();
        // SAFETY: `len` bytes are readable; data that stands in the object itself is padded to whole words.
        let bits = unsafe {
            match len {
                8.. => {
                    let first = u64::from_le(p.cast::<u64>().read_unaligned());
                    let last = u64::from_le(p.add(len - 8).cast::<u64>().read_unaligned());
                    u128::from(first) | u128::from(last) << (8 * (len - 8))
                }
                0 => 0,
                _ if s.owner.get().is_none() => {
                    let word = u64::from_le(p.cast::<u64>().read());
                    u128::from(word & (u64::MAX >> (64 - 8 * len)))
                }
                _ => (0..len).fold(0, |m, i| m | u128::from(*p.add(i)) << (8 * i)),
            }
        };
        Some(Short { bits, len })
    }

    /// The decimal digits of a number below 10^16, with a sign where it is negative.
    #[inline(always)]
    pub fn decimal(i: i64) -> Option<Short> {
        match i {
            0..100_000_000 => Some(Short::digits(i as u64, 7)),
            _ => Short::long_decimal(i),
        }
    }

    #[inline(never)]
    fn long_decimal(i: i64) -> Option<Short> {
        let m = i.unsigned_abs();
        let (upper, lower) = (m / 100_000_000, m % 100_000_000);
        if upper >= 100_000_000 {
            return None;
        }
        let mut s = if upper == 0 {
            Short::digits(lower, 7)
        } else {
            let mut s = Short::digits(upper, 7);
            s.push(Short::digits(lower, 0));
            s
        };
        if i < 0 {
            if s.len == MOST {
                return None;
            }
            s = Short {
                bits: s.bits << 8 | u128::from(b'-'),
                len: s.len + 1,
            };
        }
        Some(s)
    }

    /// A number below 10^8, without its leading zeros, of which at most `zeros` go.
    #[inline(always)]
    fn digits(m: u64, zeros: u32) -> Short {
        let text = eight_digits(m);
        let zeros = (text.trailing_zeros() / 8).min(zeros);
        Short {
            bits: u128::from((text + 0x3030_3030_3030_3030) >> (8 * zeros)),
            len: 8 - zeros as usize,
        }
    }

    /// Both have at most `MOST` characters together.
    #[inline(always)]
    pub fn push(&mut self, o: Short) {
        debug_assert!(self.len + o.len <= MOST);
        if o.len > 0 {
            self.bits |= o.bits << (8 * self.len);
            self.len += o.len;
        }
    }

    /// The same where they have; `false`: nothing is added.
    #[inline(always)]
    pub fn try_push(&mut self, o: Short) -> bool {
        let fits = self.len + o.len <= MOST;
        if fits {
            self.push(o);
        }
        fits
    }

    /// Have the characters written somewhere.
    #[inline(always)]
    pub fn write(self, to: impl FnOnce(&[u8])) {
        to(&self.bits.to_le_bytes()[..self.len])
    }

    /// The last character first.
    #[inline(always)]
    pub fn turned(self) -> Short {
        let bits = self.bits.swap_bytes();
        Short {
            bits: bits.checked_shr(8 * (MOST - self.len) as u32).unwrap_or(0),
            ..self
        }
    }

    /// The same as `finish`, for texts that are likely to come again: keys made of parts.
    #[inline]
    pub fn finish_key(self, th: &Thread) -> R<Gc<StrObj>> {
        let bits = self.bits as u64;
        match self.len {
            2..=recent::MOST if bits & 0x8080_8080_8080_8080 == 0 => {
                string::short_part(th, recent::Key::of_word(bits, self.len), self.len)
            }
            _ => self.finish(th),
        }
    }

    #[inline(always)]
    pub fn finish(self, th: &Thread) -> R<Gc<StrObj>> {
        match self.len {
            0 => Ok(string::empty()),
            1 => Ok(string::latin1_char(self.bits as u8)),
            2..=8 => string::of_word(th, self.bits as u64, self.len),
            _ => self.finish_long(th),
        }
    }

    #[inline(never)]
    fn finish_long(self, th: &Thread) -> R<Gc<StrObj>> {
        let ascii = self.bits & 0x8080_8080_8080_8080_8080_8080_8080_8080 == 0;
        let s = alloc_str(th, self.len, 0, ascii)?;
        // SAFETY: the object has room for `len` bytes, in whole words.
        unsafe {
            let p = s.raw().add(1) as *mut u8;
            p.cast::<u64>().write((self.bits as u64).to_le());
            let last = (self.bits >> (8 * (self.len - 8))) as u64;
            p.add(self.len - 8)
                .cast::<u64>()
                .write_unaligned(last.to_le())
        }
        Ok(s)
    }
}

/// The eight decimal digits of a number below 10^8 as bytes, the most significant one lowest: halves, quarters and
/// eighths of it side by side.
#[inline(always)]
pub fn eight_digits(m: u64) -> u64 {
    debug_assert!(m < 100_000_000);
    let halves = (m / 10_000) | ((m % 10_000) << 32);
    let hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
    let pairs = hundreds | (halves - 100 * hundreds) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (pairs - 10 * tens) << 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: Short) -> String {
        let bytes = s.bits.to_le_bytes();
        String::from_utf8_lossy(&bytes[..s.len]).into_owned()
    }

    #[test]
    fn decimals_are_what_rust_prints() {
        let mut samples = vec![0, 7, 10, 99, 100, 9_999, 10_000, 99_999_999, 100_000_000];
        samples.extend([
            123_456_789,
            1_000_000_000_000,
            9_999_999_999_999_999,
            100_000_001,
            -9,
        ]);
        samples.extend((0..20_000).map(|i: i64| i * 7_919 * (i % 5 - 2)));
        samples.extend((0..20_000).map(|i: i64| i * i * i * 1_237));
        for i in samples {
            let Some(s) = Short::decimal(i) else {
                assert!(i.to_string().len() > MOST, "{i}");
                continue;
            };
            assert_eq!(text(s), i.to_string());
        }
        assert!(Short::decimal(10_000_000_000_000_000).is_none());
        assert!(Short::decimal(i64::MIN).is_none());
    }

    #[test]
    fn parts_stand_one_behind_the_other() {
        let mut s = Short::default();
        for i in [12, 0, 345, 6_789_012, -44] {
            s.push(Short::decimal(i).unwrap_or_default())
        }
        assert_eq!(text(s), "1203456789012-44");
    }
}

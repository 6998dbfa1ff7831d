//! ASCII text cut at white space: 64 characters at once are told apart by bits, and a word goes from one change of
//! these to the next. Most words are short and have been met before.
//!
//! What must hold: the data of a string does not move, and whoever splits it has it on the stack.

use crate::core::{list, recent, string as text};
use crate::object::*;
use crate::thread::{R, Thread};
use habu_heap::Value;

/// Parts on their way into a list, which gets room for just as many as there are if these are few.
pub struct Parts {
    /// On the stack, where a collection finds them.
    some: [Value; Parts::AT_ONCE],
    n: usize,
    list: Option<Gc<ListObj>>,
}

impl Parts {
    const AT_ONCE: usize = 32;

    #[inline(always)]
    pub fn new() -> Parts {
        Parts {
            some: [Value::NONE; Parts::AT_ONCE],
            n: 0,
            list: None,
        }
    }

    #[inline(always)]
    pub fn push(&mut self, th: &Thread, part: Value) -> R<()> {
        if self.n == Parts::AT_ONCE {
            self.pour(th)?;
        }
        self.some[self.n] = part;
        self.n += 1;
        Ok(())
    }

    /// Push `s[start..end]`.
    #[inline(always)]
    pub fn cut(&mut self, th: &Thread, s: Gc<StrObj>, start: usize, end: usize) -> R<()> {
        let part = text::slice(th, s, start, end)?;
        self.push(th, part.value())
    }

    #[inline(never)]
    fn pour(&mut self, th: &Thread) -> R<()> {
        let items = &self.some[..self.n];
        match self.list {
            None => self.list = Some(list::from_slice(th, items)?),
            Some(l) => list::splice(th, l, list::len(l), list::len(l), items)?,
        }
        self.n = 0;
        Ok(())
    }

    #[inline(always)]
    pub fn finish(mut self, th: &Thread) -> R {
        if let Some(l) = self.list {
            self.pour(th)?;
            return Ok(l.value());
        }
        Ok(list::from_slice(th, &self.some[..self.n])?.value())
    }
}

/// `s.split(None, max)` of ASCII text.
pub fn split(th: &Thread, s: Gc<StrObj>, max: usize) -> R {
    let b = s.bytes();
    let mut parts = Parts::new();
    let mut left = max;
    // Where the word began that has not ended.
    let mut start = None;
    let mut was_white = 1;
    for (k, block) in b.chunks(64).enumerate() {
        let white = white_bits(block);
        let mut changes = white ^ (white << 1 | was_white);
        was_white = white >> 63;
        while changes != 0 {
            let at = 64 * k + changes.trailing_zeros() as usize;
            changes &= changes - 1;
            if let Some(from) = start.take() {
                parts.push(th, part(th, s, b, from, at)?)?;
                continue;
            }
            if left == 0 {
                parts.cut(th, s, at, b.len())?;
                return parts.finish(th);
            }
            left -= 1;
            start = Some(at);
        }
    }
    if let Some(from) = start {
        parts.cut(th, s, from, b.len())?;
    }
    parts.finish(th)
}

#[inline(always)]
fn part(th: &Thread, s: Gc<StrObj>, b: &[u8], start: usize, end: usize) -> R {
    let n = end - start;
    let found = match b.get(start..start + recent::MOST) {
        Some(all) if (2..=recent::MOST).contains(&n) => {
            let all = u64::from_le_bytes(all.try_into().unwrap_or_default());
            let word = all & (u64::MAX >> (64 - 8 * n));
            text::short_part(th, recent::Key::of_word(word, n), n)
        }
        _ => text::slice(th, s, start, end),
    };
    Ok(found?.value())
}

/// A bit for each of up to 64 ASCII characters, the first one lowest, set for white space; and for what would be behind
/// them.
#[inline(always)]
fn white_bits(block: &[u8]) -> u64 {
    let (words, rest) = block.as_chunks::<8>();
    let mut bits = 0;
    for (i, w) in words.iter().enumerate() {
        bits |= eight_bits(u64::from_le_bytes(*w)) << (8 * i);
    }
    if !rest.is_empty() {
        bits |= eight_bits(text::short_word(rest)) << (8 * words.len());
    }
    match block.len() {
        64 => bits,
        n => bits | u64::MAX << n,
    }
}

/// The same of eight characters.
#[inline(always)]
fn eight_bits(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    // Each character is below 128: adding sets the top bit of those that are at least so large.
    let from = |c: u64| word.wrapping_add(ONES * (128 - c));
    let white = (from(9) & !from(14)) | (from(28) & !from(33));
    // Multiplying brings the eight bits side by side at the top.
    ((white >> 7) & ONES).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_told() {
        for n in 1..=64 {
            for c in 0..128 {
                let block: Vec<u8> = (0..n).map(|i| (c + 37 * i) as u8 & 127).collect();
                let bits = white_bits(&block);
                for i in 0..64 {
                    let white = block
                        .get(i)
                        .is_none_or(|&c| crate::types::string::is_ascii_space(c));
                    assert_eq!(bits >> i & 1 != 0, white, "{block:?} {i}");
                }
            }
        }
    }
}

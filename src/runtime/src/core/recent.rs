//! Short texts that a thread has cut out of others lately: what takes text apart meets the same words again and again.
//! A word that is the same object as before needs no room, has its hash, and is found in a table without a comparison.
//!
//! What must hold: lines are no roots; what a collection does not leave is forgotten before the world runs again. Only
//! exact ASCII strings are noted.

use crate::object::*;
use habu_heap::{Survivors, Value};
use std::cell::Cell;

/// Lines of the table, as a power of 2.
const LINES_LOG: u32 = 10;

/// The longest text that is noted.
pub const MOST: usize = 8;

#[derive(Clone, Copy)]
struct Line {
    key: u64,
    /// The object, with `AGAIN` if it was found since it was last to give way to another text.
    text: u64,
}

/// Words that come again stay where many others come once.
const AGAIN: u64 = 1;

/// No key is 0.
const EMPTY: Line = Line { key: 0, text: 0 };

pub struct Recent {
    lines: Cell<*mut Line>,
    /// Texts looked for in vain, less those found. Above `MOST_VAIN` no text is looked for until so many have passed as
    /// it is above that.
    vain: Cell<i32>,
}

/// What a text found is worth, in texts looked for in vain.
const FOUND: i32 = 4;
const MOST_VAIN: i32 = 1024;
const PASS: i32 = 8192;

/// Two to eight ASCII characters as a number that no other text has.
#[derive(Clone, Copy)]
pub struct Key(u64);

impl Key {
    /// # Safety
    /// `n` ASCII characters are readable at `p`, two to eight.
    #[inline(always)]
    pub unsafe fn of(p: *const u8, n: usize) -> Key {
        // SAFETY: the caller's promise; two reads that may overlap cover all of it.
        let bits = unsafe {
            match n {
                MOST => return Key(u64::from_le(p.cast::<u64>().read_unaligned())),
                4.. => {
                    let first = u32::from_le(p.cast::<u32>().read_unaligned());
                    let last = u32::from_le(p.add(n - 4).cast::<u32>().read_unaligned());
                    u64::from(first) | u64::from(last) << (8 * (n - 4))
                }
                _ => {
                    let first = u16::from_le(p.cast::<u16>().read_unaligned());
                    u64::from(first) | u64::from(*p.add(n - 1)) << (8 * (n - 1))
                }
            }
        };
        Key::of_word(bits, n)
    }

    /// The same of characters in a word that are followed by zeros.
    #[inline(always)]
    pub fn of_word(bits: u64, n: usize) -> Key {
        // No character has the top bit, and the length tells apart those that end in zeros.
        match n {
            MOST => Key(bits),
            _ => Key(bits | (0x80 | n as u64) << 56),
        }
    }

    /// The characters, followed by zeros.
    #[inline(always)]
    pub fn characters(self) -> u64 {
        match self.0 >> 63 {
            0 => self.0,
            _ => self.0 & (u64::MAX >> 8),
        }
    }
}

impl Recent {
    #[inline(always)]
    fn line(&self, key: Key) -> *mut Line {
        if self.lines.get().is_null() {
            self.make();
        }
        let i = key.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - LINES_LOG);
        // SAFETY: the index is within the table.
        unsafe { self.lines.get().add(i as usize) }
    }

    #[cold]
    #[inline(never)]
    fn make(&self) {
        let lines = vec![EMPTY; 1 << LINES_LOG].into_boxed_slice();
        self.lines.set(Box::leak(lines).as_mut_ptr());
    }

    /// The thread ends.
    pub fn free(&self) {
        let lines = self.lines.replace(std::ptr::null_mut());
        if !lines.is_null() {
            // SAFETY: made by `make`, and nobody else knows it.
            drop(unsafe {
                Box::from_raw(std::ptr::slice_from_raw_parts_mut(lines, 1 << LINES_LOG))
            });
        }
    }

    /// A collection leaves these objects.
    pub fn keep(&self, left: &Survivors) {
        let lines = self.lines.get();
        if lines.is_null() {
            return;
        }
        // SAFETY: the table has so many lines, and its thread stands still.
        for l in unsafe { std::slice::from_raw_parts_mut(lines, 1 << LINES_LOG) } {
            if l.key != 0 && !left.have((l.text & !AGAIN) as usize) {
                *l = EMPTY;
            }
        }
    }

    #[inline(always)]
    pub fn get(&self, key: Key) -> Option<Gc<StrObj>> {
        let vain = self.vain.get();
        if vain > MOST_VAIN {
            self.pass(vain);
            return None;
        }
        let l = self.line(key);
        // SAFETY: the table belongs to this thread alone, and what stands in it is still there.
        unsafe {
            if (*l).key != key.0 {
                self.vain.set(vain + 1);
                return None;
            }
            self.vain.set((vain - FOUND).max(0));
            let text = (*l).text & !AGAIN;
            (*l).text = text | AGAIN;
            Value::from_bits(text).map(|s| s.cast_unchecked())
        }
    }

    /// Texts are not looked for at present.
    #[cold]
    #[inline(never)]
    fn pass(&self, vain: i32) {
        const BEGIN: i32 = MOST_VAIN + 1;
        const END: i32 = MOST_VAIN + 2;
        self.vain.set(match vain {
            BEGIN => MOST_VAIN + PASS,
            END => 0,
            _ => vain - 1,
        });
    }

    /// `text` has turned out to be equal to `other`, a key of a table: what looks for it again is to find that one.
    #[inline(always)]
    pub fn prefer(&self, text: Gc<StrObj>, other: Gc<StrObj>) {
        let n = text.len();
        let lines = self.lines.get();
        if lines.is_null() || !(2..=MOST).contains(&n) || !text.is_ascii() {
            return;
        }
        // SAFETY: so many ASCII characters.
        let l = self.line(unsafe { Key::of(text.data(), n) });
        // SAFETY: the table belongs to this thread alone.
        unsafe {
            if (*l).text & !AGAIN == text.raw() as u64 {
                (*l).text = other.raw() as u64 | AGAIN;
            }
        }
    }

    /// `text` has just been made of these characters.
    #[inline(always)]
    pub fn put(&self, key: Key, text: Gc<StrObj>) {
        if self.vain.get() > MOST_VAIN {
            return;
        }
        let l = self.line(key);
        // SAFETY: as above.
        unsafe {
            match (*l).text & AGAIN {
                0 => {
                    *l = Line {
                        key: key.0,
                        text: text.raw() as u64,
                    }
                }
                _ => (*l).text &= !AGAIN,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_texts_apart() {
        let text = b"ab\0\0\0\0\0\0cdefghij";
        let mut seen = Vec::new();
        for n in 2..=MOST {
            for at in 0..=text.len() - n {
                let part = &text[at..at + n];
                // SAFETY: that part of the text.
                let key = unsafe { Key::of(part.as_ptr(), n) };
                let mut word = [0; 8];
                word[..n].copy_from_slice(part);
                assert_eq!(key.characters(), u64::from_le_bytes(word));
                for &(other, k) in &seen {
                    assert_eq!(other == part, k == key.0);
                }
                seen.push((part, key.0));
            }
        }
    }
}

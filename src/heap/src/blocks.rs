//! Blocks of small objects: which are free, which have room, and sweeping.
//!
//! What must hold: a block descriptor is written by the thread that took the block (`fresh_end` only), under the
//! heap's lock, or while the world is stopped.

use crate::os;
use crate::space::{BLOCK, BLOCK_LOG, Committed, LINES, Space};
use std::cell::Cell;

/// A block with this many usable lines is worth allocating into.
const MIN_USABLE: usize = LINES / 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum State {
    Free = 0,
    /// Not worth allocating into.
    Full,
    /// Has holes.
    Recyclable,
    /// A thread allocates into it, or did since the last collection.
    Touched,
}

#[repr(C)]
pub struct Block {
    pub state: Cell<State>,
    /// A free block whose memory was given back (or never touched).
    released: Cell<bool>,
    /// Lines below this were handed out where they are not marked.
    pub fresh_end: Cell<u16>,
    /// Lines counted as used at the last sweep.
    used: Cell<u16>,
    /// The bitmap of fresh starts is right for this epoch.
    pub fresh_epoch: Cell<u32>,
}

/// The usable lines of a block, one bit each; taken out hole by hole.
#[derive(Default)]
pub struct Holes {
    words: [Cell<u64>; LINES / 64],
}

impl Holes {
    pub const fn none() -> Holes {
        Holes {
            words: [const { Cell::new(0) }; LINES / 64],
        }
    }

    /// The free lines. Even single ones are worth using: where each of a row of small objects that stay has short-lived
    /// ones around it, most holes are of one line.
    pub fn of(space: &Space, b: usize) -> Holes {
        let holes = Holes::none();
        for i in 0..LINES / 8 {
            // Line marks are bytes of 0 or 1; the product gathers eight of them into one byte.
            let used = space.lines8(b, i).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            let word = &holes.words[i / 8];
            word.set(word.get() | (used ^ 0xff) << (i % 8 * 8));
        }
        holes
    }

    pub fn set(&self, from: &Holes) {
        for (to, from) in self.words.iter().zip(&from.words) {
            to.set(from.get())
        }
    }

    fn count(&self) -> usize {
        self.words
            .iter()
            .map(|w| w.get().count_ones() as usize)
            .sum()
    }

    /// The next hole, as its first line and the one after it.
    pub fn next(&self) -> Option<(usize, usize)> {
        let mut w = self.words.iter().position(|w| w.get() != 0)?;
        let bits = self.words[w].get();
        let low = bits & bits.wrapping_neg();
        let first = w * 64 + bits.trailing_zeros() as usize;
        // Adding the lowest bit carries through the run; a carry out of the word goes on in the next one.
        let (mut sum, mut carry) = bits.overflowing_add(low);
        self.words[w].set(bits & sum);
        while carry && w + 1 < self.words.len() {
            w += 1;
            let bits = self.words[w].get();
            (sum, carry) = bits.overflowing_add(1);
            self.words[w].set(bits & sum);
            if !carry {
                return Some((first, w * 64 + bits.trailing_ones() as usize));
            }
        }
        let end = if carry {
            LINES
        } else {
            first + (sum ^ bits).count_ones() as usize - 1
        };
        Some((first, end))
    }
}

#[derive(Default)]
pub struct Blocks {
    free: Vec<u32>,
    recyclable: Vec<u32>,
    touched: Vec<u32>,
    /// Blocks from here on were never used.
    pub front: usize,
    used_lines: usize,
}

impl Blocks {
    /// Bytes in lines that hold something (or are useless).
    pub fn used_bytes(&self) -> usize {
        self.used_lines * crate::space::LINE
    }

    /// Bytes in blocks that are not free.
    pub fn held_bytes(&self) -> usize {
        (self.front - self.free.len()) << BLOCK_LOG
    }

    /// A block to allocate into. `may_grow` says whether the heap may hold one more.
    pub fn take(
        &mut self,
        space: &Space,
        committed: &mut Committed,
        empty: bool,
        may_grow: bool,
    ) -> Option<usize> {
        let b = if let Some(b) = if empty { None } else { self.recyclable.pop() } {
            b as usize
        } else if !may_grow {
            return None;
        } else if let Some(b) = self.free.pop() {
            b as usize
        } else {
            let b = self.front;
            if !space.grow_up(committed, (b + 1) << BLOCK_LOG) {
                return None;
            }
            self.front += 1;
            b
        };
        let block = space.block(b);
        block.state.set(State::Touched);
        block.released.set(false);
        block.fresh_end.set(0);
        self.touched.push(b as u32);
        Some(b)
    }

    pub fn clear_marks(&self, space: &Space) {
        for b in 0..self.front {
            if space.block(b).state.get() != State::Free {
                space.clear_block(b)
            }
        }
    }

    /// After marking: what is free, what has room.
    pub fn sweep(&mut self, space: &Space, full: bool) {
        if full {
            self.free.clear();
            self.recyclable.clear();
            self.touched.clear();
            self.used_lines = 0;
            for b in (0..self.front).rev() {
                if space.block(b).state.get() == State::Free {
                    self.free.push(b as u32)
                } else {
                    self.sweep_block(space, b, true)
                }
            }
        } else {
            let touched = std::mem::take(&mut self.touched);
            for &b in touched.iter().rev() {
                self.sweep_block(space, b as usize, false)
            }
            self.touched = touched;
            self.touched.clear();
        }
    }

    fn sweep_block(&mut self, space: &Space, b: usize, full: bool) {
        let block = space.block(b);
        let usable = Holes::of(space, b).count();
        let used = LINES - usable;
        self.used_lines += used;
        if !full {
            self.used_lines -= block.used.get() as usize;
        }
        block.used.set(used as u16);
        block.fresh_end.set(0);
        block.state.set(if used == 0 {
            self.free.push(b as u32);
            State::Free
        } else if usable >= MIN_USABLE {
            self.recyclable.push(b as u32);
            State::Recyclable
        } else {
            State::Full
        })
    }

    /// Give the memory of free blocks beyond `keep` bytes back to the system. After a full sweep.
    pub fn release(&mut self, space: &Space, keep: usize) {
        let surplus = self.free.len().saturating_sub(keep >> BLOCK_LOG);
        // The list was filled from the highest block down; the first ones are the last to be used again.
        let mut run = (0, 0);
        for &b in &self.free[..surplus] {
            let block = space.block(b as usize);
            if block.released.replace(true) {
                continue;
            }
            let at = space.block_start(b as usize);
            if at + BLOCK == run.0 {
                run.0 = at
            } else {
                // SAFETY: a run of free blocks: nothing in it is needed.
                unsafe { os::release(run.0, run.1, space.page) };
                run = (at, at + BLOCK)
            }
        }
        // SAFETY: as above.
        unsafe { os::release(run.0, run.1, space.page) }
    }

    pub fn holds(&self, b: usize) -> bool {
        b < self.front
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_runs_of_bits() {
        let mut seed = 7u64;
        let mut random = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        for round in 0..2000 {
            let holes = Holes::none();
            for w in &holes.words {
                w.set(match (round + random()) % 5 {
                    0 => 0,
                    1 => u64::MAX,
                    2 => random() & random(),
                    3 => random() | random() | random(),
                    _ => random() << (random() & 63),
                })
            }
            let lines: Vec<bool> = (0..LINES)
                .map(|i| holes.words[i / 64].get() >> (i % 64) & 1 != 0)
                .collect();
            let mut want = Vec::new();
            let mut i = 0;
            while i < LINES {
                let first = i;
                while i < LINES && lines[i] {
                    i += 1
                }
                if i > first {
                    want.push((first, i))
                }
                i += 1
            }
            let found: Vec<_> = std::iter::from_fn(|| holes.next()).collect();
            assert_eq!(found, want);
            assert_eq!(holes.count(), 0)
        }
    }
}

//! The heap's address space and its side tables.
//!
//! One region: blocks of small objects grow up from its start, large objects down from its end. Beside it, by offset
//! into it: mark bits (one for 8 bytes, also the object-start map of survivors), a bitmap for the starts of objects born
//! since the last collection (filled on demand, per block), line marks, cards and block descriptors. Memory is committed in
//! steps from both ends, and the system gives each page when it is first touched.
//!
//! What must hold: mark bits and line marks change only while the world is stopped. A card is set by mutators and
//! cleared while the world is stopped.

use crate::blocks::Block;
use crate::{OutOfMemory, os};
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

pub const BLOCK_LOG: usize = 15;
pub const BLOCK: usize = 1 << BLOCK_LOG;
pub const LINE_LOG: usize = 7;
pub const LINE: usize = 1 << LINE_LOG;
pub const LINES: usize = BLOCK / LINE;
/// Words of a block in a bitmap with one bit for 8 bytes.
pub const BLOCK_BITS: usize = BLOCK / 512;
pub const CARD_LOG: usize = 9;
/// Objects of more bytes have pages of their own.
pub const LARGE: usize = 8 << 10;

const MAX_RESERVE: usize = 128 << 30;
const MAX_SHAPES: usize = 1 << 26;

pub struct Space {
    pub base: usize,
    /// Bytes of the region.
    pub size: usize,
    /// Offset from which on everything is large objects.
    pub large_lo: AtomicUsize,
    pub page: usize,
    /// Step of commitment: so large that each side table commits whole pages.
    pub unit: usize,
    bits: usize,
    fresh: usize,
    lines: usize,
    cards: usize,
    blocks: usize,
    pub shapes: usize,
    pub max_shapes: usize,
}

/// How far memory is committed from each end of the region. In the heap's lock.
pub struct Committed {
    pub lo: usize,
    pub hi: usize,
    /// Bytes of the shape table.
    pub shapes: usize,
}

/// The heap begins with large pages at both its ends; a large heap would have the system tidy its memory up for them.
const LARGE_PAGES: usize = 256 << 20;

impl Space {
    pub fn reserve() -> Result<Space, OutOfMemory> {
        let page = os::page_size();
        let unit = page * 512;
        // Leave room for native stacks, libraries and the native heap where address space is limited.
        let mut want = match os::address_space_left() {
            Some(left) => (left / 8 * 5).min(MAX_RESERVE),
            None => MAX_RESERVE,
        };
        while want >= 4 * unit {
            if let Some(space) = Space::try_reserve(want & !(unit - 1), page, unit) {
                return Ok(space);
            }
            want /= 2;
        }
        Err(OutOfMemory)
    }

    fn try_reserve(size: usize, page: usize, unit: usize) -> Option<Space> {
        let mut total = 0;
        let mut part = |bytes: usize| {
            let at = total;
            total += (bytes + unit - 1) & !(unit - 1);
            at
        };
        let max_shapes = MAX_SHAPES.min(size / 64);
        let data = part(size);
        let bits = part(size / 64);
        let fresh = part(size / 64);
        let lines = part(size >> LINE_LOG);
        let cards = part(size >> CARD_LOG);
        let block_bytes = (size >> BLOCK_LOG) * size_of::<Block>();
        let blocks = part(block_bytes);
        let shapes = part(max_shapes * 8);
        let start = os::reserve(total + unit)?;
        let at = (start + unit - 1) & !(unit - 1);
        // SAFETY: both lie in the reservation; the block table is small and wanted from the start.
        let ok = unsafe {
            os::commit(
                at + blocks,
                at + blocks + ((block_bytes + page - 1) & !(page - 1)),
            )
        };
        if !ok {
            // SAFETY: nobody knows of the reservation.
            unsafe { libc::munmap(start as *mut _, total + unit) };
            return None;
        }
        Some(Space {
            base: at + data,
            size,
            large_lo: AtomicUsize::new(size),
            page,
            unit,
            bits: at + bits,
            fresh: at + fresh,
            lines: at + lines,
            cards: at + cards,
            blocks: at + blocks,
            shapes: at + shapes,
            max_shapes,
        })
    }

    /// Offset of an address; `size` or more for what is outside.
    #[inline(always)]
    pub fn offset(&self, addr: usize) -> usize {
        addr.wrapping_sub(self.base)
    }

    /// Word `i` of the mark bitmap.
    #[inline(always)]
    pub fn mark_word(&self, i: usize) -> &AtomicU64 {
        debug_assert!(i < self.size / 512);
        // SAFETY: callers ask for words that belong to committed memory.
        unsafe { &*(self.bits as *const AtomicU64).add(i) }
    }

    #[inline(always)]
    pub fn is_marked(&self, addr: usize) -> bool {
        let i = self.offset(addr) >> 3;
        self.mark_word(i >> 6).load(Relaxed) >> (i & 63) & 1 != 0
    }

    /// The bitmap of object starts since the last collection; same indices as `mark_word`.
    #[inline(always)]
    pub fn fresh_word(&self, i: usize) -> &AtomicU64 {
        debug_assert!(i < self.size / 512);
        // SAFETY: as for `mark_word`.
        unsafe { &*(self.fresh as *const AtomicU64).add(i) }
    }

    /// The marks of the lines of block `b`.
    #[inline(always)]
    pub fn lines(&self, b: usize) -> &[AtomicU8; LINES] {
        debug_assert!(b < self.size >> BLOCK_LOG);
        // SAFETY: callers ask for blocks in committed memory.
        unsafe { &*((self.lines + b * LINES) as *const [AtomicU8; LINES]) }
    }

    /// Eight line marks as one word (`i` < LINES / 8).
    #[inline(always)]
    pub fn lines8(&self, b: usize, i: usize) -> u64 {
        // SAFETY: the table is 8-aligned and has `LINES` bytes a block; line marks of a block do not change while
        // somebody allocates in it.
        unsafe { *((self.lines + b * LINES + 8 * i) as *const u64) }
    }

    /// The table of line marks, indexed by offset >> LINE_LOG.
    #[inline(always)]
    pub fn line_table(&self) -> *const AtomicU8 {
        self.lines as *const AtomicU8
    }

    /// The card of an address in the region.
    #[inline(always)]
    pub fn card(&self, addr: usize) -> &AtomicU8 {
        debug_assert!(self.offset(addr) < self.size);
        // SAFETY: the address is that of a slot in an object, so its card is committed.
        unsafe { &*((self.cards + (self.offset(addr) >> CARD_LOG)) as *const AtomicU8) }
    }

    #[inline(always)]
    pub fn block(&self, b: usize) -> &Block {
        debug_assert!(b < self.size >> BLOCK_LOG);
        // SAFETY: the whole block table is committed and zeros are a valid `Block`.
        unsafe { &*(self.blocks as *const Block).add(b) }
    }

    #[inline(always)]
    pub fn block_start(&self, b: usize) -> usize {
        self.base + (b << BLOCK_LOG)
    }

    /// Forget all marks of a block.
    pub fn clear_block(&self, b: usize) {
        for i in 0..BLOCK_BITS {
            self.mark_word(b * BLOCK_BITS + i).store(0, Relaxed)
        }
        for l in self.lines(b) {
            l.store(0, Relaxed)
        }
    }

    /// Commit offsets `[lo, hi)`, multiples of the unit, with their side tables.
    fn commit(&self, lo: usize, hi: usize) -> bool {
        let side = |table: usize, log: usize| {
            // SAFETY: side tables are part of the reservation, and unit-multiples scale to whole pages.
            unsafe { os::commit(table + (lo >> log), table + (hi >> log)) }
        };
        // SAFETY: the offsets lie in the region.
        side(self.bits, 6)
            && side(self.fresh, 6)
            && side(self.lines, LINE_LOG)
            && side(self.cards, CARD_LOG)
            && unsafe { os::commit(self.base + lo, self.base + hi) }
    }

    fn step(&self, committed: usize) -> usize {
        (committed / 4).min(64 << 20).max(self.unit) & !(self.unit - 1)
    }

    /// Make offsets below `hi` usable.
    pub fn grow_up(&self, c: &mut Committed, hi: usize) -> bool {
        while c.lo < hi {
            let room = c.hi - c.lo;
            let step = self
                .step(c.lo)
                .max((hi - c.lo + self.unit - 1) & !(self.unit - 1))
                .min(room);
            if step == 0 || !self.commit(c.lo, c.lo + step) {
                return false;
            }
            if c.lo < LARGE_PAGES {
                // SAFETY: the range was just committed.
                unsafe { os::want_large_pages(self.base + c.lo, self.base + c.lo + step) };
            }
            c.lo += step;
        }
        true
    }

    /// Make offsets from `lo` on usable.
    pub fn grow_down(&self, c: &mut Committed, lo: usize) -> bool {
        while c.hi > lo {
            let room = c.hi - c.lo;
            let step = self
                .step(self.size - c.hi)
                .max((c.hi - lo + self.unit - 1) & !(self.unit - 1))
                .min(room);
            if step == 0 || !self.commit(c.hi - step, c.hi) {
                return false;
            }
            c.hi -= step;
            // What few large objects a start makes shall not cost a large page.
            if (self.unit + 1..LARGE_PAGES).contains(&(self.size - c.hi)) {
                // SAFETY: the range was just committed.
                unsafe { os::want_large_pages(self.base + c.hi, self.base + c.hi + step) };
            }
        }
        true
    }

    /// Make room for `n` entries of the shape table.
    pub fn grow_shapes(&self, c: &mut Committed, n: usize) -> bool {
        if n * 8 <= c.shapes {
            return true;
        }
        let step = (64 << 10).max(self.page);
        let want = (n * 8 + step - 1) & !(step - 1);
        // SAFETY: the table has room for `max_shapes` and callers ask for no more; its reservation is unit-rounded.
        if n > self.max_shapes || !unsafe { os::commit(self.shapes + c.shapes, self.shapes + want) }
        {
            return false;
        }
        c.shapes = want;
        true
    }
}

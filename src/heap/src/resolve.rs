//! From a word that looks like an address to the object it points to or into.
//!
//! In a marked line the mark bitmap has the starts of all objects. In a line that was handed out since the last
//! collection, starts are found by walking the holes of that block, once per collection and only for blocks that some
//! word points into; so allocation sets no bit.
//!
//! What must hold: the world is stopped, every thread has ended its runs of objects with a terminator (`seal`), and
//! marking has not begun (line marks tell old from new). An object marked by the last collection and one born since do
//! not share a line, as holes are whole lines.

use crate::Header;
use crate::blocks::{Block, State};
use crate::garbage::Starts;
use crate::heap::{Heap, Inner};
use crate::layout::{TERMINATOR, parts};
use crate::space::{BLOCK, BLOCK_BITS, BLOCK_LOG, LINE, LINE_LOG, LINES};
use std::sync::atomic::Ordering::Relaxed;

/// The objects that roots lead to, gathered before anything is marked.
pub struct Roots {
    pub objects: Vec<*mut Header>,
    /// To be traced even if they are marked.
    pub again: Vec<*mut Header>,
    heap: &'static Heap,
    inner: *const Inner,
    epoch: u32,
}

impl Roots {
    /// `inner` stays locked by the caller and is not changed while the roots are gathered.
    pub fn new(heap: &'static Heap, inner: &mut Inner) -> Roots {
        inner.epoch = inner.epoch.wrapping_add(1);
        Roots {
            objects: Vec::new(),
            again: Vec::new(),
            heap,
            inner,
            epoch: inner.epoch,
        }
    }

    #[inline]
    pub fn exact(&mut self, word: u64) {
        if word & 7 == 0 && self.heap.space.offset(word as usize) < self.heap.space.size {
            self.objects.push(word as *mut Header)
        }
    }

    #[inline]
    pub fn guess(&mut self, word: usize) {
        if self.heap.space.offset(word) < self.heap.space.size
            && let Some(obj) = self.resolve(word)
            && self.objects.last() != Some(&obj)
        {
            self.objects.push(obj)
        }
    }

    pub fn rescan(&mut self, obj: *mut Header) {
        self.exact(obj as u64);
        if self.heap.space.offset(obj as usize) < self.heap.space.size {
            self.again.push(obj)
        }
    }

    /// Words `[lo, hi)` of a stack.
    ///
    /// # Safety
    /// Readable, aligned.
    pub unsafe fn guess_range(&mut self, lo: usize, hi: usize) {
        let mut p = lo & !7;
        while p < hi {
            // SAFETY: the caller's promise. The read is volatile as the stack belongs to other code.
            self.guess(unsafe { (p as *const usize).read_volatile() });
            p += 8
        }
    }

    /// The object that contains `addr`, which lies in the region.
    pub fn resolve(&self, addr: usize) -> Option<*mut Header> {
        let space = &self.heap.space;
        // SAFETY: the caller of `new` holds the lock.
        let inner = unsafe { &*self.inner };
        let offset = space.offset(addr);
        if offset >= space.large_lo.load(Relaxed) {
            return inner.large.find(addr).map(|p| p as *mut Header);
        }
        let b = offset >> BLOCK_LOG;
        if !inner.blocks.holds(b) {
            return None;
        }
        let block = space.block(b);
        let line = (offset >> LINE_LOG) & (LINES - 1);
        let fresh = match block.state.get() {
            State::Free => return None,
            _ if space.lines(b)[line].load(Relaxed) != 0 => false,
            State::Touched if line < block.fresh_end.get() as usize => true,
            _ => return None,
        };
        if fresh && block.fresh_epoch.replace(self.epoch) != self.epoch {
            self.walk(b, block)
        }
        let word = |i: usize| {
            if fresh {
                space.fresh_word(i)
            } else {
                space.mark_word(i)
            }
            .load(Relaxed)
        };
        let i = offset >> 3;
        let first = b * BLOCK_BITS;
        let mut w = i >> 6;
        let mut bits = word(w) & (!0 >> (63 - (i & 63)));
        while bits == 0 {
            if w == first {
                return None;
            }
            w -= 1;
            bits = word(w)
        }
        let start = space.base + ((w * 64 + 63 - bits.leading_zeros() as usize) << 3);
        let obj = start as *mut Header;
        // SAFETY: a start in either bitmap is that of an initialized object.
        let bytes = unsafe { parts(&self.heap.kinds, self.heap.config.kinds, obj) }.bytes;
        if addr < start + bytes {
            Some(obj)
        } else {
            None
        }
    }

    /// Where all objects stand.
    pub fn starts(&self) -> Starts {
        // SAFETY: the caller of `new` holds the lock.
        let inner = unsafe { &*self.inner };
        Starts::take(self.heap, inner, |b| {
            let block = self.heap.space.block(b);
            if !inner.blocks.holds(b) || !matches!(block.state.get(), State::Touched) {
                return false;
            }
            if block.fresh_epoch.replace(self.epoch) != self.epoch {
                self.walk(b, block)
            }
            true
        })
    }

    /// Fills the fresh bitmap of a block.
    fn walk(&self, b: usize, block: &Block) {
        let space = &self.heap.space;
        for i in 0..BLOCK_BITS {
            space.fresh_word(b * BLOCK_BITS + i).store(0, Relaxed)
        }
        let lines = space.lines(b);
        let free = |i: usize| lines[i].load(Relaxed) == 0;
        let end = block.fresh_end.get() as usize;
        let start = space.block_start(b);
        let mut i = 0;
        while i < end {
            let a = i;
            while i < LINES && free(i) {
                i += 1
            }
            if i > a && i <= end {
                self.walk_hole(start + a * LINE, start + i * LINE)
            }
            if i == a {
                i += 1
            }
        }
        debug_assert!(start + BLOCK <= space.base + space.size);
    }

    fn walk_hole(&self, lo: usize, hi: usize) {
        let space = &self.heap.space;
        let mut p = lo;
        // SAFETY: a hole that was handed out holds initialized objects back to back, up to a terminator or its end.
        unsafe {
            while p < hi && *(p as *const u64) != TERMINATOR {
                let i = space.offset(p) >> 3;
                let word = space.fresh_word(i >> 6);
                word.store(word.load(Relaxed) | 1 << (i & 63), Relaxed);
                let bytes = parts(&self.heap.kinds, self.heap.config.kinds, p as *mut Header).bytes;
                debug_assert!(
                    bytes >= 8 && p + bytes <= hi,
                    "an object was not initialized before a safepoint"
                );
                p += bytes.max(8)
            }
        }
    }
}

//! Allocation off the fast path: holes, blocks, large objects, and when to collect.
//!
//! What must hold: the budget is charged by bytes handed out, not by bytes used, or a heap of useless holes would never
//! collect. After a collection the next attempt to get a block does not collect again.

use crate::blocks::Holes;
use crate::heap::{Heap, Inner, heap, lock};
use crate::large::{RELEASE_AT_ONCE, page_round};
use crate::layout::TERMINATOR;
use crate::mutator::Mutator;
use crate::space::{BLOCK, LARGE, LINE, LINES};
use crate::{Header, OutOfMemory, os};
use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;

/// Every so many collections under `stress` one is full.
const STRESS_FULL: u32 = 64;
/// What fresh memory is filled with where the heap is verified.
const JUNK: u8 = 0xa8;

/// What came of asking for a block.
enum Block {
    Got(usize),
    /// There was a collection; the mutator has no room any more.
    Again,
}

/// Why to collect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The budget is used up.
    Budget,
    Minor,
    Full,
}

impl Mutator {
    /// What `alloc` does when there is no room at the cursor. Also for compiled code.
    #[cold]
    #[inline(never)]
    pub fn alloc_slow(&self, header: u64, bytes: usize) -> Option<NonNull<Header>> {
        self.alloc_anew(header, bytes, false)
    }

    /// The same for a large object with all words but the header zeroed.
    #[inline(never)]
    pub(crate) fn alloc_large_zeroed(&self, header: u64, bytes: usize) -> Option<NonNull<Header>> {
        self.alloc_anew(header, bytes, true)
    }

    #[inline(always)]
    fn alloc_anew(&self, header: u64, bytes: usize, zeroed: bool) -> Option<NonNull<Header>> {
        if self.stress.get() {
            self.stress_collect()
        }
        let p = if bytes > LARGE {
            self.find_large(bytes, zeroed)
        } else {
            self.find_small(bytes)
        }
        .ok()?;
        // SAFETY: `p` is free memory of this thread with room for the object.
        unsafe {
            *(p as *mut u64) = header;
            Some(NonNull::new_unchecked(p as *mut Header))
        }
    }

    #[cold]
    pub(crate) fn stress_collect(&self) {
        let n = self.stressed.get().wrapping_add(1);
        self.stressed.set(n);
        self.gc(if n.is_multiple_of(STRESS_FULL) {
            Why::Full
        } else {
            Why::Minor
        })
    }

    fn find_small(&self, bytes: usize) -> Result<usize, OutOfMemory> {
        let mut collected = false;
        loop {
            if let Some(p) = bump(&self.cursor, &self.hole_limit, bytes) {
                return Ok(p);
            }
            if bytes > LINE {
                // Too large for the smallest hole.
                if let Some(p) = bump(&self.spare, &self.spare_limit, bytes) {
                    return Ok(p);
                }
                if let Block::Got(b) = self.take_block(true, &mut collected)? {
                    let h = heap();
                    end_run(self.spare.get(), self.spare_limit.get());
                    let start = h.space.block_start(b);
                    h.space.block(b).fresh_end.set(LINES as u16);
                    self.charge.set(self.charge.get() + BLOCK);
                    junk(h, start, BLOCK);
                    self.spare.set(start);
                    self.spare_limit.set(start + BLOCK)
                }
                continue;
            }
            end_run(self.cursor.get(), self.hole_limit.get());
            self.set_hole(0, 0);
            while !self.next_hole() {
                if let Block::Got(b) = self.take_block(false, &mut collected)? {
                    self.block.set(b);
                    self.holes.set(&Holes::of(&heap().space, b))
                }
            }
        }
    }

    fn set_hole(&self, lo: usize, hi: usize) {
        self.cursor.set(lo);
        self.hole_limit.set(hi);
        self.limit.set(if self.stress.get() { 0 } else { hi })
    }

    /// The next hole of the block, if there is one.
    fn next_hole(&self) -> bool {
        let Some((first, end)) = self.holes.next() else {
            return false;
        };
        let h = heap();
        let b = self.block.get();
        let start = h.space.block_start(b) + first * LINE;
        let size = (end - first) * LINE;
        h.space.block(b).fresh_end.set(end as u16);
        self.charge.set(self.charge.get() + size);
        junk(h, start, size);
        self.set_hole(start, start + size);
        true
    }

    fn take_block(&self, empty: bool, collected: &mut bool) -> Result<Block, OutOfMemory> {
        let h = heap();
        h.young.fetch_add(self.charge.take(), Relaxed);
        if over_budget(h) {
            self.gc(Why::Budget);
            return Ok(Block::Again);
        }
        {
            let mut guard = lock(&h.inner);
            let inner = &mut *guard;
            let may_grow = within_limit(h, inner, BLOCK);
            if let Some(b) = inner
                .blocks
                .take(&h.space, &mut inner.committed, empty, may_grow)
            {
                return Ok(Block::Got(b));
            }
        }
        self.last_resort(collected)?;
        Ok(Block::Again)
    }

    fn find_large(&self, bytes: usize, zeroed: bool) -> Result<usize, OutOfMemory> {
        let h = heap();
        if bytes > h.space.size {
            return Err(OutOfMemory);
        }
        let size = page_round(bytes);
        let mut collected = false;
        if over_budget(h) {
            self.gc(Why::Budget)
        }
        loop {
            let mut guard = lock(&h.inner);
            let inner = &mut *guard;
            if within_limit(h, inner, size)
                && let Some((at, dirty)) = inner.large.take(&h.space, &mut inner.committed, size)
            {
                drop(guard);
                h.young.fetch_add(size, Relaxed);
                if dirty && zeroed {
                    // SAFETY: pages that are this object's. Those that were given back before it are not touched.
                    unsafe {
                        if size >= RELEASE_AT_ONCE && (at | size).is_multiple_of(h.space.page) {
                            os::release(at, at + size, h.space.page)
                        } else {
                            std::ptr::write_bytes(at as *mut u8, 0, size)
                        }
                    }
                } else if !zeroed {
                    junk(h, at, size)
                }
                return Ok(at);
            }
            drop(guard);
            self.last_resort(&mut collected)?
        }
    }

    /// There is no memory: collect everything, once.
    fn last_resort(&self, collected: &mut bool) -> Result<(), OutOfMemory> {
        if std::mem::replace(collected, true) {
            return Err(OutOfMemory);
        }
        self.gc(Why::Full);
        Ok(())
    }

    /// Run `f`, most of whose objects will stay (classes and functions of modules): the next collection is put off to
    /// twice the budget, as it would find little to free.
    pub fn loading<T>(&self, f: impl FnOnce() -> T) -> T {
        heap().loading.fetch_add(1, Relaxed);
        let r = f();
        heap().loading.fetch_sub(1, Relaxed);
        r
    }

    /// Memory outside the heap that heap objects hold: brings the next collection nearer.
    pub fn charge_external(&self, bytes: usize) {
        heap().young.fetch_add(bytes, Relaxed);
    }
}

pub fn over_budget(h: &Heap) -> bool {
    let room = h.nursery.load(Relaxed);
    let factor = 1 + (h.loading.load(Relaxed) > 0) as usize;
    h.young.load(Relaxed) >= factor * room
}

fn within_limit(h: &Heap, inner: &Inner, more: usize) -> bool {
    h.config
        .max_heap
        .is_none_or(|max| inner.blocks.held_bytes() + inner.large.bytes + more <= max)
}

#[inline]
fn bump(at: &std::cell::Cell<usize>, end: &std::cell::Cell<usize>, bytes: usize) -> Option<usize> {
    let p = at.get();
    if p + bytes > end.get() {
        return None;
    }
    at.set(p + bytes);
    Some(p)
}

/// Mark the end of the objects in `[.., hi)`.
fn end_run(at: usize, hi: usize) {
    if at < hi {
        // SAFETY: free memory of this thread.
        unsafe { *(at as *mut u64) = TERMINATOR }
    }
}

fn junk(h: &Heap, at: usize, size: usize) {
    if h.config.verify {
        // SAFETY: memory just handed to this thread.
        unsafe { std::ptr::write_bytes(at as *mut u8, JUNK, size) }
    }
}

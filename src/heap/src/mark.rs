//! Marking: an explicit stack, a short queue that gives the cache time to fetch an object before it is looked at, long
//! arrays in pieces.
//!
//! What must hold: the world is stopped. An object is on the stack at most once, as its mark bit is set when it gets
//! there; its line marks and gc byte are set when it leaves.
//!
//! One marker works. More of them would pay for full collections of a large heap: the bit would be set by `fetch_or` and
//! halves of a long stack handed over. That is left until a program is found that waits for it.

use crate::Header;
use crate::heap::{Heap, heap};
use crate::layout::{Class, Packed, custom_trace, parts};
use crate::os::prefetch;
use crate::space::LINE_LOG;
use crate::trace::{Sink, Tracer};
use std::ptr;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};

/// `Header::gc` of an object that survived a collection and is not remembered.
pub const OLD: u8 = 1;
/// The same of an array whose stores are remembered by card.
pub const CARDED: u8 = 2;
/// A `Sized` object with this many values gets cards.
const CARDED_LEN: usize = 128;
/// An object with more values may have many ints side by side.
const MANY: usize = 32;
/// Values of an array visited at a time.
const PIECE: usize = 1024;
const QUEUE: usize = 16;

pub struct Marker {
    heap: &'static Heap,
    base: usize,
    granules: usize,
    bits: *const AtomicU64,
    lines: *const AtomicU8,
    large_lo: usize,
    kinds: *const [Packed; 256],
    shapes: *const AtomicU64,
    first_dynamic: u32,
    last_shape: u32,
    stack: Vec<*mut Header>,
    pieces: Vec<(*const u64, usize)>,
}

impl Marker {
    pub fn new() -> Marker {
        let heap = heap();
        let space = &heap.space;
        Marker {
            heap,
            base: space.base,
            granules: space.size >> 3,
            bits: space.mark_word(0),
            lines: space.line_table(),
            large_lo: space.large_lo.load(Relaxed),
            kinds: &*heap.kinds,
            shapes: space.shapes as *const AtomicU64,
            first_dynamic: heap.config.first_dynamic_shape,
            last_shape: u32::MAX,
            stack: Vec::with_capacity(256),
            pieces: Vec::new(),
        }
    }

    /// # Safety
    /// `word` is a value word: 0, no pointer, or a pointer to an object (or to something outside the heap).
    #[inline(always)]
    pub unsafe fn visit(&mut self, word: u64) {
        // The rotation moves the tag to the top, so one compare finds what is no pointer and what is not ours.
        let i = (word as usize).wrapping_sub(self.base).rotate_right(3);
        if i >= self.granules {
            return;
        }
        // SAFETY: the bitmap covers the region, and is committed where there are objects.
        let marks = unsafe { &*self.bits.add(i >> 6) };
        let bit = 1u64 << (i & 63);
        let old = marks.load(Relaxed);
        if old & bit == 0 {
            marks.store(old | bit, Relaxed);
            self.stack.push(word as *mut Header)
        }
    }

    /// # Safety
    /// `values` points to `n` value words.
    #[inline(always)]
    pub unsafe fn visit_range(&mut self, values: *const u64, n: usize) {
        for i in 0..n {
            // SAFETY: the caller's promise.
            unsafe { self.visit(*values.add(i)) }
        }
    }

    /// The same of many values, four at once where all are ints.
    ///
    /// # Safety
    /// As above.
    #[inline(never)]
    unsafe fn visit_many(&mut self, values: *const u64, n: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let mut i = 0;
            while i + 4 <= n {
                let p = values.add(i);
                if *p & *p.add(1) & *p.add(2) & *p.add(3) & 1 == 0 {
                    self.visit_range(p, 4)
                }
                i += 4
            }
            self.visit_range(values.add(i), n - i)
        }
    }

    /// The fields of an object; makes it old and not remembered, and returns its size.
    ///
    /// # Safety
    /// A live, initialized object.
    #[inline(always)]
    pub unsafe fn scan(&mut self, obj: *mut Header) -> usize {
        // SAFETY: the caller's promise; the parts describe words of the object.
        unsafe {
            let p = parts(&*self.kinds, self.heap.config.kinds, obj);
            let carded = p.class == Class::Sized && p.values >= CARDED_LEN;
            (*obj).gc.store(if carded { CARDED } else { OLD }, Relaxed);
            let shape = (*obj).shape.load(Relaxed);
            if shape >= self.first_dynamic && shape != self.last_shape {
                self.last_shape = shape;
                self.visit((*self.shapes.add(shape as usize)).load(Relaxed))
            }
            if p.values > PIECE {
                self.pieces.push((p.first, p.values))
            } else if p.values > MANY {
                self.visit_many(p.first, p.values)
            } else {
                self.visit_range(p.first, p.values)
            }
            if p.ext {
                self.visit(*((obj as usize + p.bytes - 8) as *const u64))
            }
            if p.class == Class::Custom {
                custom_trace(
                    self.heap.config.kinds,
                    obj,
                    &mut Tracer::new(Sink::Mark(self)),
                )
            }
            p.bytes
        }
    }

    /// # Safety
    /// A marked object from the stack.
    #[inline(always)]
    unsafe fn process(&mut self, obj: *mut Header) {
        // SAFETY: marked objects are live.
        let bytes = unsafe { self.scan(obj) };
        let offset = obj as usize - self.base;
        if offset < self.large_lo {
            let mut line = offset >> LINE_LOG;
            let last = (offset + bytes - 1) >> LINE_LOG;
            loop {
                // SAFETY: the object's lines are committed.
                unsafe { (*self.lines.add(line)).store(1, Relaxed) };
                if line >= last {
                    break;
                }
                line += 1
            }
        }
    }

    /// The values of a card of a carded array.
    ///
    /// # Safety
    /// `owner` is a live object and `[lo, hi)` a range of addresses.
    pub unsafe fn scan_card(&mut self, owner: *mut Header, lo: usize, hi: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let p = parts(&*self.kinds, self.heap.config.kinds, owner);
            let first = p.first as usize;
            let (lo, hi) = (lo.max(first), hi.min(first + 8 * p.values));
            if lo < hi {
                self.visit_range(lo as *const u64, (hi - lo) / 8)
            }
            if p.ext {
                self.visit(*((owner as usize + p.bytes - 8) as *const u64))
            }
        }
    }

    /// Until nothing is left to mark.
    pub fn drain(&mut self) {
        let mut queue = [ptr::null_mut::<Header>(); QUEUE];
        let mut at = 0;
        let mut queued = 0;
        loop {
            let next = if let Some(o) = self.stack.pop() {
                prefetch(o);
                // Half of all objects end in another cache line than they begin in.
                prefetch(o.wrapping_byte_add(48));
                o
            } else if queued > 0 {
                ptr::null_mut()
            } else if let Some((values, n)) = self.pieces.pop() {
                let k = n.min(PIECE);
                // SAFETY: the rest of an array pushed by `scan`.
                unsafe {
                    if k < n {
                        self.pieces.push((values.add(k), n - k))
                    }
                    self.visit_many(values, k)
                }
                continue;
            } else {
                return;
            };
            let o = std::mem::replace(&mut queue[at % QUEUE], next);
            at += 1;
            queued += !next.is_null() as usize;
            if !o.is_null() {
                queued -= 1;
                // SAFETY: it came from the stack.
                unsafe { self.process(o) }
            }
        }
    }
}

//! The mutator: what a thread needs to allocate, store and stop. The runtime's thread structure begins with it.
//!
//! What must hold: it stays where it is from `attach` to `detach`; only its own thread uses it, but for the poll word
//! and for what the collector reads and writes while that thread is stopped.

use crate::blocks::Holes;
use crate::heap::heap;
use crate::mark::CARDED;
use crate::regs::Saved;
use crate::space::{CARD_LOG, LARGE};
use crate::world::{NATIVE, World};
use crate::{Header, Slot, Value};
use std::cell::{Cell, UnsafeCell};
use std::mem::offset_of;
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering::{Relaxed, Release};
use std::sync::atomic::{AtomicU8, AtomicU32};

/// `Mutator::poll`: the heap wants this thread to stop (`safepoint`).
pub const POLL_STOP: u32 = 1;
/// `Mutator::poll`: `next_finalizable` or `next_dead_weakref` has something. The runtime clears it.
pub const POLL_FINALIZERS: u32 = 2;

/// No block.
pub(crate) const NO_BLOCK: usize = usize::MAX;

#[repr(C)]
pub struct Mutator {
    /// Bump allocation: the next free byte and the end of the room (0 with `stress`: every allocation is slow).
    pub cursor: Cell<usize>,
    pub limit: Cell<usize>,
    /// Not 0: somebody wants something of this thread. Bits 0 and 1 are the heap's.
    pub poll: AtomicU32,
    pub(crate) state: AtomicU8,
    pub(crate) stress: Cell<bool>,
    /// The VM stack: `[vm_base, vm_top)` is scanned conservatively; nothing in use lies above `vm_top`.
    pub vm_base: Cell<*mut u64>,
    pub vm_top: Cell<*mut u64>,
    /// The end of the hole that `cursor` is in.
    pub(crate) hole_limit: Cell<usize>,
    /// Room in an empty block, for objects that do not fit a small hole.
    pub(crate) spare: Cell<usize>,
    pub(crate) spare_limit: Cell<usize>,
    /// The block that `cursor` is in, and what is left of its holes.
    pub(crate) block: Cell<usize>,
    pub(crate) holes: Holes,
    /// Bytes handed out and not yet counted in the heap's budget.
    pub(crate) charge: Cell<usize>,
    pub(crate) stack_lo: Cell<usize>,
    pub(crate) stack_base: Cell<usize>,
    /// The world, while this thread holds it stopped.
    pub(crate) held: Cell<*mut World>,
    pub(crate) stressed: Cell<u32>,
    pub(crate) saved: Saved,
    logs: UnsafeCell<Logs>,
}

/// What a mutator gathers between two collections.
#[derive(Default)]
pub struct Logs {
    /// Old objects that were stored into.
    pub objects: Vec<*mut Header>,
    /// Old arrays and the start of a card that was stored into.
    pub cards: Vec<(*mut Header, usize)>,
    pub finalizable: Vec<*mut Header>,
    pub natives: Vec<*mut Header>,
}

impl Logs {
    pub fn append(&mut self, other: &mut Logs) {
        self.objects.append(&mut other.objects);
        self.cards.append(&mut other.cards);
        self.finalizable.append(&mut other.finalizable);
        self.natives.append(&mut other.natives);
    }
}

impl Default for Mutator {
    fn default() -> Self {
        Self::new()
    }
}

impl Mutator {
    /// For compiled code.
    pub const CURSOR_OFFSET: usize = offset_of!(Mutator, cursor);
    pub const LIMIT_OFFSET: usize = offset_of!(Mutator, limit);
    pub const POLL_OFFSET: usize = offset_of!(Mutator, poll);
    pub const VM_TOP_OFFSET: usize = offset_of!(Mutator, vm_top);

    pub const fn new() -> Mutator {
        Mutator {
            cursor: Cell::new(0),
            limit: Cell::new(0),
            poll: AtomicU32::new(0),
            state: AtomicU8::new(NATIVE),
            stress: Cell::new(false),
            vm_base: Cell::new(ptr::null_mut()),
            vm_top: Cell::new(ptr::null_mut()),
            hole_limit: Cell::new(0),
            spare: Cell::new(0),
            spare_limit: Cell::new(0),
            block: Cell::new(NO_BLOCK),
            holes: Holes::none(),
            charge: Cell::new(0),
            stack_lo: Cell::new(0),
            stack_base: Cell::new(0),
            held: Cell::new(ptr::null_mut()),
            stressed: Cell::new(0),
            saved: Saved::new(),
            logs: UnsafeCell::new(Logs {
                objects: Vec::new(),
                cards: Vec::new(),
                finalizable: Vec::new(),
                natives: Vec::new(),
            }),
        }
    }

    /// # Safety
    /// The caller is the mutator's thread, or that thread is stopped; and nobody has a reference from here.
    #[allow(clippy::mut_from_ref)]
    #[inline(always)]
    pub(crate) unsafe fn logs(&self) -> &mut Logs {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.logs.get() }
    }

    /// No room to allocate in: the next allocation looks for some.
    pub(crate) fn reset_room(&self) {
        for c in [
            &self.cursor,
            &self.limit,
            &self.hole_limit,
            &self.spare,
            &self.spare_limit,
        ] {
            c.set(0)
        }
        self.charge.set(0);
        self.holes.set(&Holes::none());
        self.block.set(NO_BLOCK)
    }

    /// A new object: the header is written, the other words are whatever they were. They
    /// are to be initialized before the next safepoint, allocation or `blocked`. `None`: out of memory.
    #[inline(always)]
    pub fn alloc(&self, header: u64, bytes: usize) -> Option<NonNull<Header>> {
        debug_assert!(bytes & 7 == 0 && bytes != 0);
        let p = self.cursor.get();
        let end = p.wrapping_add(bytes);
        if bytes > LARGE || end > self.limit.get() {
            return self.alloc_slow(header, bytes);
        }
        self.cursor.set(end);
        // SAFETY: `[p, end)` is free memory of this thread.
        unsafe {
            *(p as *mut u64) = header;
            Some(NonNull::new_unchecked(p as *mut Header))
        }
    }

    /// The same with all words but the header zeroed.
    #[inline]
    pub fn alloc_zeroed(&self, header: u64, bytes: usize) -> Option<NonNull<Header>> {
        if bytes > LARGE {
            return self.alloc_large_zeroed(header, bytes);
        }
        let p = self.alloc(header, bytes)?;
        // SAFETY: the object has `bytes` bytes.
        unsafe { ptr::write_bytes((p.as_ptr() as *mut u64).add(1), 0, bytes / 8 - 1) }
        Some(p)
    }

    /// Stores a value into a slot of a heap object, with the barrier.
    ///
    /// # Safety
    /// `slot` belongs to the live object `owner`.
    #[inline(always)]
    pub unsafe fn write(&self, owner: *mut Header, slot: &Slot, v: Option<Value>) {
        // SAFETY: the caller's promise.
        unsafe {
            if v.is_some_and(Value::is_ptr) && (*owner).gc.load(Relaxed) != 0 {
                self.barrier_slot(owner, slot)
            }
        }
        slot.atomic().store(v.map_or(0, Value::bits), Release)
    }

    /// The cold half of `write`: to be called before the store of a pointer if the header's gc byte is not 0. Also for
    /// compiled code.
    ///
    /// # Safety
    /// As for `write`.
    #[cold]
    #[inline(never)]
    pub unsafe fn barrier_slot(&self, owner: *mut Header, slot: *const Slot) {
        // SAFETY: the caller's promise.
        unsafe {
            if (*owner).gc.load(Relaxed) & CARDED == 0 {
                return self.remember(owner);
            }
        }
        // Two carded arrays may share a card, one with its end and one with its start: each has a bit.
        let card = heap().space.card(slot as usize);
        let starts_in_card = owner as usize >> CARD_LOG == slot as usize >> CARD_LOG;
        let bit = if starts_in_card { 1 } else { 2 };
        if card.load(Relaxed) & bit == 0 {
            card.fetch_or(bit, Relaxed);
            // SAFETY: the thread's own logs.
            unsafe { self.logs() }.cards.push((owner, slot as usize))
        }
    }

    /// Barrier for a whole object: before any number of plain stores into it, up to the next safepoint.
    ///
    /// # Safety
    /// `owner` is a live object.
    #[inline(always)]
    pub unsafe fn barrier(&self, owner: *mut Header) {
        // SAFETY: the caller's promise.
        unsafe {
            if (*owner).gc.load(Relaxed) != 0 {
                self.remember(owner)
            }
        }
    }

    /// Two threads may both get here for one object; then it is logged twice and scanned once.
    #[cold]
    #[inline(never)]
    unsafe fn remember(&self, owner: *mut Header) {
        // SAFETY: a live object, and the thread's own logs.
        unsafe {
            (*owner).gc.store(0, Relaxed);
            self.logs().objects.push(owner)
        }
    }

    /// Does somebody want something?
    #[inline(always)]
    pub fn poll(&self) -> bool {
        self.poll.load(Relaxed) != 0
    }

    /// The native stack of the thread: lowest address, base.
    pub fn stack_bounds(&self) -> (usize, usize) {
        (self.stack_lo.get(), self.stack_base.get())
    }
}

//! The mutator: what a thread needs to allocate, store and stop. The runtime's thread structure begins with it.
//!
//! What must hold: it stays where it is from `attach` to `detach`; only its own thread uses it, but for the fields
//! that the collector reads and writes while that thread is stopped.

use crate::{Header, Slot, Value, heap};
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering};

/// `Mutator::poll`: the heap wants this thread to stop (`safepoint`).
pub const POLL_STOP: u32 = 1;
/// `Mutator::poll`: `next_finalizable` or `next_dead_weakref` has something. The runtime clears it.
pub const POLL_FINALIZERS: u32 = 2;

#[repr(C)]
pub struct Mutator {
    /// Bump allocation: the next free byte and the end of the room.
    pub cursor: Cell<usize>,
    pub limit: Cell<usize>,
    /// Not 0: somebody wants something of this thread. Bits 0 and 1 are the heap's.
    pub poll: AtomicU32,
    _pad: u32,
    /// The VM stack: `[vm_base, vm_top)` is scanned conservatively; `vm_top` is exact at every safepoint.
    pub vm_base: Cell<*mut u64>,
    pub vm_top: Cell<*mut u64>,
}

impl Default for Mutator {
    fn default() -> Self {
        Self::new()
    }
}

impl Mutator {
    pub const CURSOR_OFFSET: usize = offset_of!(Mutator, cursor);
    pub const LIMIT_OFFSET: usize = offset_of!(Mutator, limit);
    pub const POLL_OFFSET: usize = offset_of!(Mutator, poll);

    pub const fn new() -> Mutator {
        Mutator {
            cursor: Cell::new(0),
            limit: Cell::new(0),
            poll: AtomicU32::new(0),
            _pad: 0,
            vm_base: Cell::new(ptr::null_mut()),
            vm_top: Cell::new(ptr::null_mut()),
        }
    }

    /// Makes the calling thread one that may use the heap.
    ///
    /// # Safety
    /// `self` stays at its address until `detach`, which the same thread calls.
    pub unsafe fn attach(&self) {}

    /// # Safety
    /// The thread is attached and holds no value any more.
    pub unsafe fn detach(&self) {}

    /// A new object: the header is written, the other words are whatever they were (zero if `bytes` > `LARGE`). They
    /// are to be initialized before the next safepoint, allocation or `blocked`. `None`: out of memory.
    #[inline(always)]
    pub fn alloc(&self, header: u64, bytes: usize) -> Option<NonNull<Header>> {
        debug_assert!(bytes & 7 == 0 && bytes != 0);
        let p = self.cursor.get();
        let end = p.wrapping_add(bytes);
        if bytes > crate::LARGE || end > self.limit.get() {
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
        let p = self.alloc(header, bytes)?;
        if bytes <= crate::LARGE {
            // SAFETY: the object has `bytes` bytes.
            unsafe { ptr::write_bytes((p.as_ptr() as *mut u64).add(1), 0, bytes / 8 - 1) }
        }
        Some(p)
    }

    /// What `alloc` does when there is no room at the cursor; for compiled code.
    #[cold]
    #[inline(never)]
    pub fn alloc_slow(&self, header: u64, bytes: usize) -> Option<NonNull<Header>> {
        let size = if bytes > crate::LARGE {
            (bytes + 4095) & !4095
        } else {
            1 << 20
        };
        // SAFETY: a fresh anonymous mapping.
        let p = unsafe {
            libc::mmap(
                ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if p == libc::MAP_FAILED {
            return None;
        }
        if bytes <= crate::LARGE {
            self.cursor.set(p as usize + bytes);
            self.limit.set(p as usize + size);
        }
        // SAFETY: the mapping has room for the object.
        unsafe { *(p as *mut u64) = header };
        NonNull::new(p as *mut Header)
    }

    /// Stores a value into a slot of a heap object, with the barrier.
    ///
    /// # Safety
    /// `slot` belongs to the live object `owner`.
    #[inline(always)]
    pub unsafe fn write(&self, owner: *mut Header, slot: &Slot, v: Option<Value>) {
        let _ = owner;
        slot.atomic()
            .store(v.map_or(0, Value::bits), Ordering::Release)
    }

    /// The cold half of `write` (call it before the store if the header's gc byte is not 0); for compiled code.
    ///
    /// # Safety
    /// As for `write`.
    #[cold]
    #[inline(never)]
    pub unsafe fn barrier_slot(&self, _owner: *mut Header, _slot: *const Slot) {}

    /// Barrier for a whole object: before any number of plain stores into it, up to the next safepoint.
    ///
    /// # Safety
    /// `owner` is a live object.
    #[inline(always)]
    pub unsafe fn barrier(&self, _owner: *mut Header) {}

    /// Changes the shape of an object, with the barrier that keeps a new shape alive.
    ///
    /// # Safety
    /// `owner` is a live object; `shape` is registered.
    #[inline(always)]
    pub unsafe fn set_shape(&self, owner: *mut Header, shape: u32) {
        // SAFETY: the caller's promise.
        unsafe { (*owner).shape.store(shape, Ordering::Release) }
    }

    /// A new shape id, with `obj` in the shape table. `None`: there are no more.
    pub fn register_shape(&self, obj: *mut Header) -> Option<u32> {
        let id = heap().next_shape.fetch_add(1, Ordering::Relaxed);
        heap()
            .shapes
            .get(id as usize)?
            .store(obj as u64, Ordering::Release);
        Some(id)
    }

    /// Does somebody want something?
    #[inline(always)]
    pub fn poll(&self) -> bool {
        self.poll.load(Ordering::Relaxed) != 0
    }

    /// Parks until the collection is over, if one wants to start.
    #[inline]
    pub fn safepoint(&self) {}

    pub fn collect(&self, _full: bool) {}

    /// Runs `f`, which touches no heap object and may block, while collections may go on.
    #[inline]
    pub fn blocked<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
    }

    /// When `obj` dies it is kept for once and handed out by `next_finalizable`.
    pub fn register_finalizer(&self, _obj: *mut Header) {}

    /// An initialized object of a `Weak` layout; its target does not change any more.
    pub fn register_weak(&self, _weak: *mut Header) {}

    /// An initialized object of a `Native` layout.
    pub fn register_native(&self, _obj: *mut Header) {}

    /// The registered weak references to `target`.
    pub fn weakrefs_of(&self, _target: *mut Header, _f: &mut dyn FnMut(Value)) {}

    /// Memory outside the heap that heap objects hold: brings the next collection nearer.
    pub fn charge_external(&self, _bytes: usize) {}

    /// The native stack of the thread: lowest address, base.
    pub fn stack_bounds(&self) -> (usize, usize) {
        // SAFETY: plain libc calls on the current thread.
        unsafe {
            let mut attr: libc::pthread_attr_t = std::mem::zeroed();
            libc::pthread_getattr_np(libc::pthread_self(), &mut attr);
            let (mut lo, mut size) = (ptr::null_mut(), 0);
            libc::pthread_attr_getstack(&attr, &mut lo, &mut size);
            libc::pthread_attr_destroy(&mut attr);
            (lo as usize, lo as usize + size)
        }
    }
}

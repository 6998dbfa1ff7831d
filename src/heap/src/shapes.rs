//! The shape table: shape id to shape object. Ids are never used twice.
//!
//! What must hold: entries from `first_dynamic_shape` on do not keep their object alive (objects with that shape do);
//! after marking, entries of dead shapes become 0. A minor collection looks only at ids younger than the last one.

use crate::heap::{Heap, Inner, heap, lock};
use crate::{Header, Mutator};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

fn entry(h: &Heap, id: u32) -> &AtomicU64 {
    // SAFETY: callers ask for ids in the committed part of the table.
    unsafe { &*(h.space.shapes as *const AtomicU64).add(id as usize) }
}

/// The shape objects by shape id, 0 where there is none (any more). The table does not move; the slice ends with the
/// ids there are now.
#[inline]
pub fn shape_table() -> &'static [AtomicU64] {
    let h = heap();
    let n = h.next_shape.load(Acquire) as usize;
    // SAFETY: entries below `next_shape` are committed, for good.
    unsafe { std::slice::from_raw_parts(h.space.shapes as *const AtomicU64, n) }
}

/// The shape object of a shape that some live object has.
#[inline]
pub fn shape_object(id: u32) -> Option<*mut Header> {
    debug_assert!(id < heap().next_shape.load(Relaxed));
    let p = entry(heap(), id).load(Relaxed) as *mut Header;
    if p.is_null() { None } else { Some(p) }
}

/// A shape below `first_dynamic_shape`: an immortal one.
pub fn set_static_shape(id: u32, obj: *mut Header) {
    assert!(id < heap().config.first_dynamic_shape);
    entry(heap(), id).store(obj as u64, Release)
}

impl Mutator {
    /// A new shape id, with `obj` in the shape table. `None`: out of memory, or of ids.
    pub fn register_shape(&self, obj: *mut Header) -> Option<u32> {
        let h = heap();
        let mut inner = lock(&h.inner);
        let id = h.next_shape.load(Relaxed);
        if !h.space.grow_shapes(&mut inner.committed, id as usize + 1) {
            return None;
        }
        entry(h, id).store(obj as u64, Release);
        h.next_shape.store(id + 1, Release);
        Some(id)
    }

    /// Changes the shape of an object, with the barrier that keeps a new shape alive.
    ///
    /// # Safety
    /// `owner` is a live object; `shape` is registered.
    #[inline(always)]
    pub unsafe fn set_shape(&self, owner: *mut Header, shape: u32) {
        // SAFETY: the caller's promise.
        unsafe {
            self.barrier(owner);
            (*owner).shape.store(shape, Release)
        }
    }
}

/// Shape objects that are roots.
pub fn each_static(h: &Heap, mut f: impl FnMut(u64)) {
    for id in 0..h.config.first_dynamic_shape {
        f(entry(h, id).load(Relaxed))
    }
}

/// After marking: forget dead shapes.
pub fn sweep(h: &Heap, inner: &mut Inner, full: bool) {
    let end = h.next_shape.load(Relaxed);
    let start = if full {
        h.config.first_dynamic_shape
    } else {
        inner.shapes_seen
    };
    for id in start..end {
        let e = entry(h, id);
        let p = e.load(Relaxed);
        if p != 0 && !h.space.is_marked(p as usize) {
            e.store(0, Relaxed)
        }
    }
    inner.shapes_seen = end
}

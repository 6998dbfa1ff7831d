//! Looking at the heap from outside: every object, what an object refers to, what an address belongs to.

use crate::collect::collect_stopped;
use crate::heap::{Heap, Inner, heap, lock};
use crate::layout::{Class, custom_trace, parts};
use crate::resolve::Roots;
use crate::space::{BLOCK_BITS, BLOCK_LOG};
use crate::trace::{Sink, Tracer};
use crate::weak::{announce, run_drops};
use crate::{Header, Mutator, Value};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

/// Every live object, after a full collection and with the world stopped. `f` must not use the heap but for reading
/// and for plain stores of what is no pointer.
pub fn for_each_object(m: &Mutator, f: &mut dyn FnMut(*mut Header)) {
    let dropped = m.with_stopped(
        || true,
        |h, world| {
            let mut inner = lock(&h.inner);
            let dropped = collect_stopped(h, world, &mut inner, true, Instant::now());
            if inner.weak.has_queued() {
                announce(m)
            }
            each_marked(h, &inner, f);
            dropped
        },
    );
    run_drops(dropped.unwrap_or_default())
}

/// Every marked object; right after a collection that is every object.
pub fn each_marked(h: &Heap, inner: &Inner, f: &mut dyn FnMut(*mut Header)) {
    for b in 0..inner.blocks.front {
        for w in 0..BLOCK_BITS {
            let mut bits = h.space.mark_word(b * BLOCK_BITS + w).load(Relaxed);
            while bits != 0 {
                let i = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                f((h.space.base + (b << BLOCK_LOG) + (w * 64 + i) * 8) as *mut Header)
            }
        }
    }
    for at in inner.large.each() {
        if h.space.is_marked(at) {
            f(at as *mut Header)
        }
    }
}

/// Every value in `obj` that is a pointer. `f` must not store into `obj`.
///
/// # Safety
/// `obj` is a live object.
pub unsafe fn referents(obj: *mut Header, f: &mut dyn FnMut(Value)) {
    let h = heap();
    // SAFETY: the caller's promise; the parts describe words of the object.
    unsafe {
        let p = parts(&h.kinds, h.config.kinds, obj);
        let mut tracer = Tracer::new(Sink::Each(f));
        for i in 0..p.values {
            tracer.visit(*p.first.add(i))
        }
        if p.ext {
            tracer.visit(*((obj as usize + p.bytes - 8) as *const u64))
        }
        if p.class == Class::Custom {
            custom_trace(h.config.kinds, obj, &mut tracer)
        }
    }
}

/// Size of an object in bytes.
///
/// # Safety
/// `obj` is a live object.
pub unsafe fn size_of_object(obj: *mut Header) -> usize {
    let h = heap();
    // SAFETY: the caller's promise.
    unsafe { parts(&h.kinds, h.config.kinds, obj) }.bytes
}

/// The object that `addr` points to or into, if any. Stops the world.
pub fn find_object(m: &Mutator, addr: usize) -> Option<*mut Header> {
    m.with_stopped(
        || true,
        |h, _| {
            if h.space.offset(addr) >= h.space.size {
                return None;
            }
            Roots::new(h, &mut lock(&h.inner)).resolve(addr)
        },
    )
    .flatten()
}

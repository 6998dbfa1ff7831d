//! Which views keep their memory from changing size: those that a variable holds.
//!
//! Without reference counts nobody knows when a view has gone, and a pointer that was left on the native stack keeps a
//! dead one from being collected, so that neither a count nor a collection tells. But a variable of a frame that runs, or
//! of the namespace that a frame's code runs in, holds what it holds in CPython too. A view that only other objects
//! hold does not count; access through it is checked instead.

use super::{STORE, slot};
use crate::core::dict;
use crate::interp::frame;
use crate::kinds;
use crate::object::*;
use crate::thread::Thread;
use habu_heap::Value;

/// There is a view of this memory now: before it changes size, variables are to be looked through.
pub fn note(store: Value) {
    if let Some(b) = store.cast::<ByteArrayObj>() {
        b.exports.set(1);
    }
}

/// Does a variable hold a view of this memory?
pub fn is_viewed(th: &Thread, store: Gc<ByteArrayObj>) -> bool {
    if store.exports.get() == 0 {
        return false;
    }
    let store = store.value();
    let views = |v: Value| v.kind() == kinds::MEMORYVIEW && slot(v, STORE).get() == Some(store);
    let mut next = frame::current(th);
    while let Some(f) = next {
        let locals = f.code().nlocalsplus.get() as usize;
        let found = (0..locals).filter_map(|i| f.local(i)).any(|v| {
            views(v)
                || v.cast::<CellObj>()
                    .and_then(|c| c.value.get())
                    .is_some_and(views)
        });
        if found || names(f).is_some_and(|d| any(d, views)) {
            return true;
        }
        next = f.prev();
    }
    false
}

fn names(f: frame::Frame) -> Option<Gc<DictObj>> {
    f.namespace()?.cast()
}

fn any(d: Gc<DictObj>, views: impl Fn(Value) -> bool) -> bool {
    let mut i = 0;
    while let Some((_, v)) = dict::next(d, &mut i) {
        if views(v) {
            return true;
        }
    }
    false
}

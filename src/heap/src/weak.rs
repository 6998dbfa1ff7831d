//! Weak references, finalizers and native data: what has to be done when an object dies.
//!
//! Each kind of object keeps a young and an old list, so that a minor collection looks only at what it can change.
//! Order after marking: dead targets are cleared; dead objects with a finalizer become roots once more and are queued;
//! weak references that only this brought back are treated then; native data of what is dead now is dropped after
//! the restart.
//!
//! What must hold: the target of a weak reference is set before it is registered, and only the collector changes it.

use crate::heap::{Heap, Inner, heap, lock};
use crate::layout::word_ptr;
use crate::mark::Marker;
use crate::mutator::POLL_FINALIZERS;
use crate::{Header, Layout, Mutator, Value};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering::Relaxed;

#[derive(Default)]
struct Aged {
    young: Vec<*mut Header>,
    old: Vec<*mut Header>,
}

impl Aged {
    /// Those a collection has to look at. They are to be put into `old` again if they survive.
    fn take(&mut self, full: bool) -> Vec<*mut Header> {
        let mut list = std::mem::take(&mut self.young);
        if full {
            list.append(&mut self.old)
        }
        list
    }
}

#[derive(Default)]
pub struct Weak {
    references: Aged,
    finalizable: Aged,
    natives: Aged,
    /// Target to weak references.
    table: HashMap<usize, Vec<*mut Header>>,
    /// Waiting for `next_finalizable` and `next_dead_weakref`; roots until then.
    to_finalize: VecDeque<*mut Header>,
    to_call: VecDeque<*mut Header>,
}

/// Native data whose object died: `drop(data)` is still to be called.
pub struct Dropped {
    data: u64,
    drop: u64,
}

/// Calls the drop functions. The world runs again.
pub fn run_drops(dropped: Vec<Dropped>) {
    for d in dropped {
        // SAFETY: the runtime stored a function of this type there, and the collector hands each object's data over
        // once.
        unsafe {
            let f: unsafe fn(*mut u8) = std::mem::transmute(d.drop as usize);
            f(d.data as *mut u8)
        }
    }
}

/// The objects that a collection leaves, once it has marked them.
pub struct Survivors(pub(crate) &'static Heap);

impl Survivors {
    /// Is what was an object at this address at the last collection, or has become one since, still there?
    #[inline]
    pub fn have(&self, addr: usize) -> bool {
        survives(self.0, addr)
    }
}

#[inline]
fn survives(h: &Heap, addr: usize) -> bool {
    h.space.offset(addr) >= h.space.size || h.space.is_marked(addr)
}

impl Weak {
    pub fn add_finalizable(&mut self, mut list: Vec<*mut Header>) {
        self.finalizable.young.append(&mut list)
    }

    pub fn add_natives(&mut self, mut list: Vec<*mut Header>) {
        self.natives.young.append(&mut list)
    }

    pub fn each_root(&self, mut f: impl FnMut(*mut Header)) {
        self.to_finalize
            .iter()
            .chain(&self.to_call)
            .for_each(|&o| f(o))
    }

    pub fn has_queued(&self) -> bool {
        !self.to_finalize.is_empty() || !self.to_call.is_empty()
    }

    /// After the roots were marked from; marks what finalizers bring back.
    pub fn process(&mut self, h: &Heap, marker: &mut Marker, full: bool) -> Vec<Dropped> {
        let mut unreached = Vec::new();
        for w in self.references.take(full) {
            if survives(h, w as usize) {
                self.settle(h, w, true)
            } else {
                unreached.push(w)
            }
        }
        for o in self.finalizable.take(full) {
            if survives(h, o as usize) {
                self.finalizable.old.push(o)
            } else {
                self.to_finalize.push_back(o);
                // SAFETY: an object that was live until now.
                unsafe { marker.visit(o as u64) }
            }
        }
        marker.drain();
        for w in unreached {
            if survives(h, w as usize) {
                self.settle(h, w, false)
            } else {
                // SAFETY: dead, but its memory is untouched as nothing was swept yet.
                let target = unsafe { *word_ptr(w, 1) };
                self.unlink(target as usize, w)
            }
        }
        let mut dropped = Vec::new();
        for o in self.natives.take(full) {
            if survives(h, o as usize) {
                self.natives.old.push(o)
            } else if let Layout::Native { values } = h.config.kinds[kind_of(o)].layout {
                // SAFETY: as above; the layout says where the two words are.
                let (data, drop) = unsafe {
                    (
                        *word_ptr(o, 1 + values as usize),
                        *word_ptr(o, 2 + values as usize),
                    )
                };
                if drop != 0 {
                    dropped.push(Dropped { data, drop })
                }
            }
        }
        dropped
    }

    /// A weak reference that lives: keep it if its target does, or clear it.
    fn settle(&mut self, h: &Heap, w: *mut Header, callback: bool) {
        // SAFETY: `w` is a live object of a `Weak` layout.
        unsafe {
            let target = *word_ptr(w, 1) as usize;
            if target == 0 {
                return;
            }
            if survives(h, target) {
                self.references.old.push(w);
                return;
            }
            (*(word_ptr(w, 1) as *const std::sync::atomic::AtomicU64)).store(0, Relaxed);
            self.unlink(target, w);
            if callback
                && let Layout::Weak { values, .. } = h.config.kinds[kind_of(w)].layout
                && values > 0
                && *word_ptr(w, 2) != 0
            {
                self.to_call.push_back(w)
            }
        }
    }

    fn unlink(&mut self, target: usize, w: *mut Header) {
        if let Some(list) = self.table.get_mut(&target) {
            list.retain(|&x| x != w);
            if list.is_empty() {
                self.table.remove(&target);
            }
        }
    }
}

fn kind_of(o: *mut Header) -> usize {
    // SAFETY: registered objects stay readable until the sweep.
    unsafe { (*o).kind as usize }
}

impl Mutator {
    /// When `obj` dies it is kept for once and handed out by `next_finalizable`.
    pub fn register_finalizer(&self, obj: *mut Header) {
        // SAFETY: this thread runs, so nobody else uses its logs.
        unsafe { self.logs() }.finalizable.push(obj)
    }

    /// An initialized object of a `Native` layout, not registered before.
    pub fn register_native(&self, obj: *mut Header) {
        // SAFETY: as above.
        unsafe { self.logs() }.natives.push(obj)
    }

    /// An initialized object of a `Weak` layout, not registered before; its target does not change any more.
    #[allow(clippy::not_unsafe_ptr_arg_deref)] // object pointers are taken at their word, here as in the other two
    pub fn register_weak(&self, weak: *mut Header) {
        let mut inner = lock(&heap().inner);
        inner.weak.references.young.push(weak);
        // SAFETY: initialized, says the caller.
        let target = unsafe { *word_ptr(weak, 1) };
        if target != 0 {
            inner
                .weak
                .table
                .entry(target as usize)
                .or_default()
                .push(weak)
        }
    }

    /// The registered weak references to `target`, oldest first. `f` must not use the heap; a `ValueVec` with room
    /// may take them.
    pub fn weakrefs_of(&self, target: *mut Header, f: &mut dyn FnMut(Value)) {
        let inner = lock(&heap().inner);
        for &w in inner
            .weak
            .table
            .get(&(target as usize))
            .into_iter()
            .flatten()
        {
            // SAFETY: entries of dead weak references leave the table before they are swept.
            f(unsafe { Value::from_ptr(w) })
        }
    }

    /// The first registered weak reference to `target` for which `f` holds. `f` must not allocate.
    pub fn find_weakref(
        &self,
        target: *mut Header,
        mut f: impl FnMut(*mut Header) -> bool,
    ) -> Option<Value> {
        let inner = lock(&heap().inner);
        let w = inner
            .weak
            .table
            .get(&(target as usize))?
            .iter()
            .copied()
            .find(|&w| f(w))?;
        // SAFETY: entries of dead weak references leave the table before they are swept.
        Some(unsafe { Value::from_ptr(w) })
    }

    pub fn weakref_count(&self, target: *mut Header) -> usize {
        lock(&heap().inner)
            .weak
            .table
            .get(&(target as usize))
            .map_or(0, Vec::len)
    }

    fn next_queued(&self, f: impl FnOnce(&mut Inner) -> Option<*mut Header>) -> Option<Value> {
        // SAFETY: what is queued is a root, so it lives.
        f(&mut lock(&heap().inner)).map(|o| unsafe { Value::from_ptr(o) })
    }
}

/// An object with a finalizer that died and was brought back for it: the runtime calls the finalizer.
pub fn next_finalizable(m: &Mutator) -> Option<Value> {
    m.next_queued(|inner| inner.weak.to_finalize.pop_front())
}

/// A weak reference that still lives and has a callback (word 2), whose target died.
pub fn next_dead_weakref(m: &Mutator) -> Option<Value> {
    m.next_queued(|inner| inner.weak.to_call.pop_front())
}

/// Tell a mutator that there is something in the queues.
pub fn announce(m: &Mutator) {
    m.poll.fetch_or(POLL_FINALIZERS, Relaxed);
}

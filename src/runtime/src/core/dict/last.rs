//! The key that a thread has found last: programs ask for a key, and then for its value, and then store another.
//!
//! What must hold: only texts, large ints and tuples are noted, which stay equal to what they are equal to. A table's
//! entries keep their numbers; whether the one noted is still that of the same key is asked. No collection lies between
//! noting a key and finding it again (each begins a new epoch), so that the words still mean the same objects.

use super::{Found, look_other, replace, table};
use crate::object::*;
use crate::runtime::rt;
use crate::thread::Thread;
use habu_heap::Value;
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

pub struct LastFound {
    table: Cell<u64>,
    key: Cell<u64>,
    entry: Cell<usize>,
    /// The key that the entry has.
    there: Cell<u64>,
    epoch: Cell<u64>,
}

impl LastFound {
    #[inline(always)]
    fn find(&self, t: Gc<Table>, key: Value) -> Option<usize> {
        let n = self.entry.get();
        let same = self.key.get() == key.bits()
            && self.table.get() == t.raw() as u64
            && self.epoch.get() == rt().class_epoch.load(Relaxed)
            && t.entry(n).key.bits() == self.there.get();
        same.then_some(n)
    }

    #[inline(always)]
    fn note(&self, t: Gc<Table>, key: Value, n: usize) {
        self.table.set(t.raw() as u64);
        self.key.set(key.bits());
        self.entry.set(n);
        self.there.set(t.entry(n).key.bits());
        self.epoch.set(rt().class_epoch.load(Relaxed));
    }
}

/// The entry of a key that is no small int; `None` where that takes more than a look.
#[inline(never)]
fn entry_of(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<Option<usize>> {
    let t = table(d);
    if let Some(n) = th.last_found.find(t, key) {
        return Some(Some(n));
    }
    Some(match look_other(d, key)?.0 {
        Found::At(n) => {
            th.last_found.note(t, key, n);
            Some(n)
        }
        Found::Missing(_) => None,
    })
}

/// The value of such a key.
#[inline(always)]
pub(super) fn value(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<Option<Value>> {
    entry_of(th, d, key).map(|n| table(d).entry(n?).value.get())
}

/// Is such a key there?
#[inline(always)]
pub(super) fn has(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<bool> {
    entry_of(th, d, key).map(|n| n.is_some())
}

/// Give the key that was found last another value, if it is this one.
#[inline(always)]
pub(super) fn set(th: &Thread, d: Gc<DictObj>, key: Value, value: Value) -> bool {
    let found = th.last_found.find(table(d), key);
    if let Some(n) = found {
        replace(th, d, n, value);
    }
    found.is_some()
}

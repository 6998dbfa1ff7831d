//! The key that a thread has found last: programs ask for a key, and then for its value, and then store another.
//!
//! What must hold: only texts, large ints and tuples are noted, which stay equal to what they are equal to. A table's
//! entries keep their numbers; whether the one noted is still that of the same key is asked. No collection lies between
//! noting a key and finding it again (each begins a new epoch), so that the words still mean the same objects.

use super::{Found, find_big, find_str, find_tuple, replace, table};
use crate::classes::C;
use crate::object::*;
use crate::runtime::rt;
use crate::thread::{Thread, expect};
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
    match key.shape() {
        s if s == C::Str.shape() => text_entry(th, t, expect(key)),
        s if s == C::Tuple.shape() => tuple_entry(th, t, expect(key)),
        s if s == C::Int.shape() => int_entry(th, t, expect(key)),
        _ => None,
    }
}

#[inline(always)]
fn noted(th: &Thread, t: Gc<Table>, key: Value, found: Found) -> Option<usize> {
    match found {
        Found::At(n) => {
            th.last_found.note(t, key, n);
            Some(n)
        }
        Found::Missing(_) => None,
    }
}

#[inline(always)]
fn text_entry(th: &Thread, t: Gc<Table>, key: Gc<StrObj>) -> Option<Option<usize>> {
    // Most texts are the very key, and where its hash says.
    let h = key.hash_if_known();
    let n = t.index_get((h & t.mask.get()) as usize).wrapping_sub(1);
    if h != 0 && n != usize::MAX && t.entry(n).key.bits() == key.raw() as u64 {
        th.last_found.note(t, key.value(), n);
        return Some(Some(n));
    }
    other_text_entry(th, t, key)
}

#[inline(never)]
fn other_text_entry(th: &Thread, t: Gc<Table>, key: Gc<StrObj>) -> Option<Option<usize>> {
    let found = find_str(t, key, key.hash())?;
    if let Found::At(n) = found
        && let Some(k) = t.entry(n).key.get()
        && k.shape() == C::Str.shape()
    {
        th.recent.prefer(key, expect(k));
    }
    Some(noted(th, t, key.value(), found))
}

#[inline(never)]
fn tuple_entry(th: &Thread, t: Gc<Table>, key: Gc<TupleObj>) -> Option<Option<usize>> {
    let h = crate::ops::hash::plain_tuple(key)?;
    find_tuple(t, key, h as u64).map(|f| noted(th, t, key.value(), f))
}

#[inline(never)]
fn int_entry(th: &Thread, t: Gc<Table>, key: Gc<IntObj>) -> Option<Option<usize>> {
    let h = crate::core::int::hash(key.value());
    find_big(t, key, h as u64).map(|f| noted(th, t, key.value(), f))
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

//! The key that a thread has found last: programs ask for a key, and then for its value, and then store another.
//!
//! What must hold: only texts, large ints and tuples are noted, which stay equal to what they are equal to. A table's
//! entries keep their numbers; whether the one noted is still that of the same key is asked. No collection lies between
//! noting a key and finding it again (each begins a new epoch), so that the words still mean the same objects.

use super::{Found, find_big, find_str, find_tuple, index_at, replace, table};
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

/// The entry of a text that is the very key, where its hash says: most are.
#[inline(always)]
pub(super) fn same_text(d: Gc<DictObj>, key: Value) -> Option<usize> {
    if key.shape() != C::Str.shape() {
        return None;
    }
    // SAFETY: exactly a str.
    let (t, k): (Gc<Table>, Gc<StrObj>) = (table(d), unsafe { key.cast_unchecked() });
    let mask = t.mask.get();
    // SAFETY: masked. A key has its hash; of a text without one any word may be looked at.
    let n = unsafe { index_at(t.index_base(), mask, (k.hash_if_known() & mask) as usize) };
    let n = n.checked_sub(1)?;
    (t.entry(n).key.bits() == key.bits()).then_some(n)
}

/// The entry of a key that is no small int; `None` where that takes more than a look.
#[inline(always)]
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

#[inline(never)]
fn text_entry(th: &Thread, t: Gc<Table>, key: Gc<StrObj>) -> Option<Option<usize>> {
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
    let h = crate::ops::hash::plain_tuple_here(key)?;
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

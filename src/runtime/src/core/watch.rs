//! Words of the heap that native code takes for constants.
//!
//! What must hold: whoever changes a word that can be watched (what a namespace has under a name, a namespace's table,
//! a function's code and defaults, what classes and their entries keep) says so here, before Python code can run that
//! relies on it. It costs a test of the owner's header, which is marked where native code has asked about it, and then
//! one of a table of bits, so that a namespace whose functions are native may still have a counter in it.

use crate::interp::tier;
use crate::object::*;
use habu_heap::{Header, Value};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// In the header's lock byte, whose lock is bit 0.
const WATCHED: u8 = 0x80;

/// The same in the header's word.
pub const IN_HEADER: u64 = (WATCHED as u64) << (8 * std::mem::offset_of!(Header, lock));

/// What of an owner: the bits of a name, for namespaces; else an offset of the object.
pub type What = u64;

/// A namespace's table.
pub const TABLE: What = std::mem::offset_of!(DictObj, table) as What;

/// Of the class `object`: no data descriptor is put over attributes that instances have.
pub const ATTRIBUTES: What = 1;

/// Bits of what is watched. Where two have one bit, changes are told that nobody asked for.
const BITS: usize = 1 << 16;
static FILTER: [AtomicU64; BITS / 64] = [const { AtomicU64::new(0) }; BITS / 64];

#[inline(always)]
fn bit(owner: u64, what: What) -> (&'static AtomicU64, u64) {
    let h = (owner ^ what.rotate_left(20)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
    (&FILTER[h as usize / 64], 1 << (h % 64))
}

/// The word that says whether somebody wants to know of changes of `what` of the object at this address, and the bit of
/// it that does, for native code that changes it itself.
pub fn place(owner: u64, what: What) -> (u64, u64) {
    let (word, bit) = bit(owner, what);
    (word as *const AtomicU64 as u64, bit)
}

/// From now on nothing is told but what is asked for.
pub fn forget_all() {
    FILTER.iter().for_each(|w| w.store(0, Relaxed));
}

/// From now on it is told when `what` of the object at this address changes, whose changes are watched.
pub fn ask(owner: u64, what: What) {
    let (word, bit) = bit(owner, what);
    word.fetch_or(bit, Relaxed);
}

/// Changes of this object are watched from now on.
pub fn watch(owner: Value) {
    // SAFETY: an object; the bit is nobody else's.
    unsafe { &*(owner.bits() as *const Header) }
        .lock
        .fetch_or(WATCHED, Relaxed);
}

#[inline(always)]
fn is_watched<T>(owner: Gc<T>) -> bool {
    // SAFETY: a live object.
    unsafe { &*owner.header() }.lock.load(Relaxed) & WATCHED != 0
}

/// `what` of `owner` has changed, or will before anybody looks.
#[inline(always)]
pub fn changed<T>(owner: Gc<T>, what: What) {
    if is_watched(owner) {
        tell_asked(owner.raw() as u64, what)
    }
}

#[inline(never)]
fn tell_asked(owner: u64, what: What) {
    let (word, bit) = bit(owner, what);
    if word.load(Relaxed) & bit != 0 {
        tell(owner, Some(what))
    }
}

/// Anything of `owner` may have changed.
#[inline(always)]
pub fn all_changed<T>(owner: Gc<T>) {
    if is_watched(owner) {
        tell(owner.raw() as u64, None)
    }
}

/// A namespace gets a new name.
#[inline(always)]
pub fn named(d: Gc<DictObj>, key: Value) {
    if is_watched(d) {
        let interned = key
            .cast::<StrObj>()
            .is_some_and(|s| s.flags() & crate::core::string::INTERNED != 0);
        match interned {
            true => tell_asked(d.raw() as u64, key.bits()),
            // Another text object may be equal to a name that was not there.
            false => tell(d.raw() as u64, None),
        }
    }
}

#[cold]
#[inline(never)]
fn tell(owner: u64, what: Option<What>) {
    if let Some(t) = tier::tier() {
        t.changed(owner, what)
    }
}

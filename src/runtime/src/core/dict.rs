//! The compact ordered table under dict and set: entries (key, value, hash) in insertion order, and an index of
//! small numbers that open addressing probes.
//!
//! What must hold: an entry is written before the index word that names it, and a table only ever grows at its
//! end: whoever sees an index sees a whole entry. Changing the capacity publishes a new table. One entry more than
//! the capacity exists and is always empty: the index words of deleted entries name it, so that probing passes
//! over them without a test of its own. Entries hold the hash as a tagged int (63 bits).

use crate::classes::C;
use crate::core::{class, watch};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::runtime::rt;
use crate::thread::{R, Raised, Thread, expect};
use habu_heap::{Slot, Value};
use std::sync::atomic::Ordering::Relaxed;

mod again;
mod last;
mod low;
mod order;
mod sets;
pub use again::{clone_table, clone_with_key, clone_with_room, copy, reserve};
use again::{copy_as_it_is, filled, put, resize};
pub use last::LastFound;
pub use low::{both_low, extreme_low, has_low, keep_low};
pub use order::{next_back, pop_last, use_again, value_of_items};
pub use sets::{add_those, add_those_ints, extreme_int, ints_subset, is_dense, subset};

const HEAD: usize = std::mem::size_of::<Table>();

impl Table {
    #[inline(always)]
    pub fn used(&self) -> usize {
        (self.sizes.get() >> 32) as usize / 3
    }
    /// Is there an entry (or was there one) with this number?
    #[inline(always)]
    pub fn has(&self, i: usize) -> bool {
        let words = self.sizes.get() >> 32;
        (i as u64) < words && 3 * (i as u64) < words
    }
    #[inline(always)]
    fn set_used(&self, n: usize) {
        self.sizes
            .set((self.sizes.get() & 0xffff_ffff) | (3 * n as u64) << 32)
    }
    #[inline(always)]
    pub fn entry(&self, i: usize) -> &Entry3 {
        debug_assert!(i <= self.capacity.get() as usize);
        // SAFETY: `capacity + 1` entries stand behind the struct.
        unsafe { &*((self as *const Self).add(1) as *const Entry3).add(i) }
    }
    /// Those that are there, and those that were.
    #[inline(always)]
    fn entries(&self) -> &[Entry3] {
        // SAFETY: as many as are used stand behind the struct.
        unsafe { std::slice::from_raw_parts(self.entry(0), self.used()) }
    }
    #[inline(always)]
    fn index_base(&self) -> *const u8 {
        // SAFETY: the index stands behind the entries.
        unsafe {
            ((self as *const Self).add(1) as *const Entry3).add(self.capacity.get() as usize + 1)
                as *const u8
        }
    }
    #[inline(always)]
    fn index_get(&self, slot: usize) -> usize {
        // SAFETY: `slot <= mask`.
        unsafe { index_at(self.index_base(), self.mask.get(), slot) }
    }
    #[inline(always)]
    fn index_set(&self, slot: usize, n: usize) {
        let (b, m) = (self.index_base() as *mut u8, self.mask.get());
        // SAFETY: as above; the writer holds the object's lock (or the GIL).
        unsafe {
            if m < 256 {
                *b.add(slot) = n as u8
            } else if m < 65536 {
                *(b as *mut u16).add(slot) = n as u16
            } else {
                *(b as *mut u32).add(slot) = n as u32
            }
        }
    }
}

/// The word of an index of `mask + 1` words, whose width follows from that.
///
/// # Safety
/// `slot <= mask`.
#[inline(always)]
unsafe fn index_at(index: *const u8, mask: u64, slot: usize) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        if mask < 256 {
            *index.add(slot) as usize
        } else if mask < 65536 {
            *(index as *const u16).add(slot) as usize
        } else {
            *(index as *const u32).add(slot) as usize
        }
    }
}

#[repr(C)]
pub struct Entry3 {
    pub key: Slot,
    pub value: Slot,
    pub hash: Slot,
}

fn capacity_for(index: usize) -> usize {
    index * 2 / 3
}

fn index_bytes(index: usize) -> usize {
    let width = if index <= 256 {
        1
    } else if index <= 65536 {
        2
    } else {
        4
    };
    index * width
}

/// A table with room for `n` entries.
pub fn new_table(th: &Thread, n: usize) -> R<Gc<Table>> {
    let mut index = 8;
    while capacity_for(index) < n {
        index *= 2;
    }
    let cap = capacity_for(index);
    let bytes = index_bytes(index);
    let size = HEAD + (cap + 1) * 24 + bytes.div_ceil(8) * 8;
    let t: Gc<Table> = th.alloc(C::Hidden.shape(), 0, size)?;
    t.sizes.set(sizes(size / 8, 0));
    t.id.set(new_id(th));
    t.live.set(0);
    t.fill.set(0);
    t.mask.set(index as u64 - 1);
    t.capacity.set(cap as u64);
    clear_dummy(t);
    // SAFETY: the index is that many bytes behind the entries.
    unsafe { std::ptr::write_bytes(t.index_base() as *mut u8, 0, bytes) };
    Ok(t)
}

/// An id that no table has had for long: each thread takes them by the thousand.
#[inline(always)]
fn new_id(th: &Thread) -> u64 {
    const AT_ONCE: u32 = 1024;
    let mut id = th.table_id.get();
    if id.is_multiple_of(AT_ONCE) {
        id = rt().table_ids.fetch_add(AT_ONCE, Relaxed);
    }
    th.table_id.set(id.wrapping_add(1));
    id as u64
}

fn clear_dummy(t: Gc<Table>) {
    let e = t.entry(t.capacity.get() as usize);
    e.key.init(None);
    e.value.init(None);
    e.hash.init_bits(1);
}

/// The shared table of empty dicts: no room, an index of one empty slot.
pub fn make_empty_table(th: &Thread) -> R<Gc<Table>> {
    let size = HEAD + 24 + 8;
    let t: Gc<Table> = th.alloc(C::Hidden.shape(), 0, size)?;
    t.sizes.set(sizes(size / 8, 0));
    t.id.set(new_id(th));
    t.live.set(0);
    t.fill.set(0);
    t.mask.set(0);
    t.capacity.set(0);
    clear_dummy(t);
    // SAFETY: one word behind the struct.
    unsafe { *(t.index_base() as *mut u64) = 0 };
    Ok(t)
}

pub fn new_dict(th: &Thread) -> R<Gc<DictObj>> {
    let d: Gc<DictObj> = th.alloc(C::Dict.shape(), 0, 16)?;
    d.table.init(rt().empty_table.get());
    Ok(d)
}

pub fn new_dict_sized(th: &Thread, n: usize) -> R<Gc<DictObj>> {
    if n == 0 {
        return new_dict(th);
    }
    let t = new_table(th, n)?;
    let d: Gc<DictObj> = th.alloc(C::Dict.shape(), 0, 16)?;
    d.table.init(Some(t.value()));
    Ok(d)
}

pub fn new_set(th: &Thread) -> R<Gc<SetObj>> {
    let d: Gc<SetObj> = th.alloc(C::Set.shape(), 0, 16)?;
    d.table.init(rt().empty_table.get());
    Ok(d)
}

/// A frozenset to be filled by its maker.
pub fn new_frozenset(th: &Thread) -> R<Gc<FrozenSetObj>> {
    let d: Gc<FrozenSetObj> = th.alloc(C::FrozenSet.shape(), 0, 32)?;
    d.table.init(rt().empty_table.get());
    d.hash.set(0);
    d.low.set(0);
    Ok(d)
}

pub fn frozenset_of(th: &Thread, items: &[Value]) -> R {
    let f = new_frozenset(th)?.value();
    for &v in items {
        set_add(th, f, v)?;
    }
    Ok(f)
}

/// Dict, set and frozenset have their table in the same place: any of them as a dict.
#[inline(always)]
pub fn as_map(v: Value) -> Gc<DictObj> {
    // SAFETY: callers have checked the kind; the three layouts begin alike.
    unsafe { v.cast_unchecked() }
}

#[inline(always)]
pub fn table(d: Gc<DictObj>) -> Gc<Table> {
    // SAFETY: a dict always has a table.
    unsafe { d.table.get_unchecked().cast_unchecked() }
}

#[inline(always)]
pub fn len(d: Gc<DictObj>) -> usize {
    table(d).live.get() as usize
}

#[inline(always)]
fn tag_hash(h: i64) -> u64 {
    ((h as u64) << 1) | 1
}

/// What probing starts from: the 63 bits that entries keep, sign-extended.
#[inline(always)]
fn probe_hash(h: u64) -> u64 {
    ((h << 1) as i64 >> 1) as u64
}

#[inline(always)]
pub fn entry_hash(e: &Entry3) -> i64 {
    (e.hash.bits() as i64) >> 1
}

enum Found {
    At(usize),
    /// With the word of the index that a new entry of this key takes, as long as the table is as it is.
    Missing(usize),
}

/// Look for an entry: `same` says of the key of one with this hash whether it is the one (`None`: that cannot be
/// told here). `word` is the key's own word.
#[inline(always)]
fn probe(
    t: Gc<Table>,
    word: u64,
    hash: u64,
    same: impl Fn(Value) -> Option<bool>,
) -> Option<Found> {
    // Read once: a table that is in use keeps its size, and its words are atomics, which compilers read anew.
    let mask = t.mask.get();
    let (index, entries) = (t.index_base(), t.entry(0) as *const Entry3);
    let want = tag_hash(hash as i64);
    let mut i = hash & mask;
    let mut perturb = probe_hash(hash);
    loop {
        // SAFETY: `i <= mask`; what the index names is an entry.
        let (n, e) = unsafe {
            let n = index_at(index, mask, i as usize);
            if n == 0 {
                return Some(Found::Missing(i as usize));
            }
            (n - 1, &*entries.add(n - 1))
        };
        // What is the same object has the same hash.
        if e.hash.bits() == want {
            let k = e.key.bits();
            if k == word {
                return Some(Found::At(n));
            }
            if let Some(k) = Value::from_bits(k)
                && same(k)?
            {
                return Some(Found::At(n));
            }
        }
        perturb >>= 5;
        i = i.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1) & mask;
    }
}

/// Find a `str` key. Only identical or equal strings match; needs no Python code unless the table has keys that
/// are no exact strings, which `None` reports (and texts too long to be compared in passing).
#[inline(always)]
fn find_str(t: Gc<Table>, key: Gc<StrObj>, hash: u64) -> Option<Found> {
    probe(t, key.raw() as u64, hash, |k| {
        if k.shape() != C::Str.shape() {
            return None;
        }
        // SAFETY: exactly a str.
        unsafe { k.cast_unchecked::<StrObj>() }.same_short_text(&key)
    })
}

/// Find a small int: its word is equal to no other int's.
#[inline(always)]
fn find_int(t: Gc<Table>, key: Value, hash: u64) -> Option<Found> {
    probe(t, key.bits(), hash, |k| k.is_int().then_some(false))
}

/// Find a tuple of small ints, texts and the like; `None` where the comparison takes more than a look.
#[inline(always)]
fn find_tuple(t: Gc<Table>, key: Gc<TupleObj>, hash: u64) -> Option<Found> {
    probe(t, key.raw() as u64, hash, |k| {
        if k.shape() == C::Tuple.shape() {
            // SAFETY: exactly a tuple.
            let k = unsafe { k.cast_unchecked() };
            return match ops::compare::identical_items(k, key) {
                true => Some(true),
                false => ops::compare::same_items(k, key, 2),
            };
        }
        (k.is_int() || k.shape() == C::Str.shape()).then_some(false)
    })
}

/// Find a tuple of the very same small ints and texts, which need not exist as an object; `None`: that takes more than
/// a look.
#[inline]
fn find_items(t: Gc<Table>, items: &[Value]) -> Option<Found> {
    let h = ops::hash::of_items(items)?;
    // No object is where the items are, so no key has this word.
    probe(t, items.as_ptr() as u64, h as u64, |k| {
        if k.shape() == C::Tuple.shape() {
            // SAFETY: exactly a tuple.
            let k: Gc<TupleObj> = unsafe { k.cast_unchecked() };
            return (k.items() == items).then_some(true);
        }
        (k.is_int() || k.shape() == C::Str.shape()).then_some(false)
    })
}

#[inline(never)]
fn find_other_tuple(t: Gc<Table>, key: Gc<TupleObj>, hash: u64) -> Option<Found> {
    find_tuple(t, key, hash)
}

/// Find an int that is no word, of exactly that class.
#[inline(never)]
fn find_big(t: Gc<Table>, key: Gc<IntObj>, hash: u64) -> Option<Found> {
    probe(t, key.raw() as u64, hash, |k| {
        if k.shape() == C::Int.shape() {
            let k: Gc<IntObj> = expect(k);
            return Some(k.is_negative() == key.is_negative() && k.limbs() == key.limbs());
        }
        (k.is_int() || k.shape() == C::Str.shape()).then_some(false)
    })
}

/// Find a class whose metaclass is `type`: it is equal to nothing else.
#[inline(never)]
fn find_class(t: Gc<Table>, key: Value, hash: u64) -> Option<Found> {
    probe(t, key.bits(), hash, |k| {
        let plain = k.is_int() || k.shape() == C::Str.shape() || ops::hash::is_plain_class(k);
        plain.then_some(false)
    })
}

/// Find a string, a small int, a tuple or a class; `None` where it takes more than that.
#[inline(always)]
fn find_plain(t: Gc<Table>, key: Value, hash: i64) -> Option<Found> {
    if key.shape() == C::Str.shape() {
        // SAFETY: exactly a str.
        find_str(t, unsafe { key.cast_unchecked() }, hash as u64)
    } else if key.is_int() {
        find_int(t, key, hash as u64)
    } else if key.shape() == C::Tuple.shape() {
        // SAFETY: exactly a tuple.
        find_other_tuple(t, unsafe { key.cast_unchecked() }, hash as u64)
    } else if ops::hash::is_plain_class(key) {
        find_class(t, key, hash as u64)
    } else {
        None
    }
}

/// The value of an ASCII key that need not exist as an object.
pub fn get_ascii(d: Gc<DictObj>, key: &str) -> Option<Value> {
    get_ascii_hashed(
        d,
        key.as_bytes(),
        crate::core::string::ascii_hash(key.as_bytes()),
    )
}

/// The same with the hash of the key.
pub fn get_ascii_hashed(d: Gc<DictObj>, key: &[u8], h: u64) -> Option<Value> {
    let t = table(d);
    // No key has the word 1: it is the int 0.
    let found = probe(t, 1, h, |k| {
        if k.shape() != C::Str.shape() {
            return None;
        }
        let s: Gc<StrObj> = crate::thread::expect(k);
        Some(s.is_ascii() && s.bytes() == key)
    })?;
    match found {
        Found::At(n) => t.entry(n).value.get(),
        Found::Missing(_) => None,
    }
}

/// Find any key. What is found is an entry of the table that the dict has when this returns.
#[inline]
fn find(th: &Thread, d: Gc<DictObj>, key: Value, hash: i64) -> R<Found> {
    match find_plain(table(d), key, hash) {
        Some(f) => Ok(f),
        None => find_any(th, d, key, hash),
    }
}

/// The same without the short way. May run `__eq__`; starts over when that changed the table.
#[inline(never)]
fn find_any(th: &Thread, d: Gc<DictObj>, key: Value, hash: i64) -> R<Found> {
    'restart: loop {
        let t = table(d);
        let mask = t.mask.get() as usize;
        let want = tag_hash(hash);
        let mut i = hash as usize & mask;
        let mut perturb = probe_hash(hash as u64);
        loop {
            let n = t.index_get(i);
            if n == 0 {
                return Ok(Found::Missing(i));
            }
            let e = t.entry(n - 1);
            if e.key.bits() == key.bits() {
                return Ok(Found::At(n - 1));
            }
            if e.hash.bits() == want
                && let Some(k) = e.key.get()
            {
                let eq = match ops::compare::fast_eq(k, key) {
                    Some(eq) => eq,
                    None => {
                        let eq = ops::compare::eq_bool(th, k, key)?;
                        if table(d) != t || e.key.bits() != k.bits() {
                            continue 'restart;
                        }
                        eq
                    }
                };
                if eq {
                    return Ok(Found::At(n - 1));
                }
            }
            perturb >>= 5;
            i = (i
                .wrapping_mul(5)
                .wrapping_add(perturb as usize)
                .wrapping_add(1))
                & mask;
        }
    }
}

/// The value of a string key in a table whose keys are strings (namespaces); other keys are passed over.
#[inline]
pub fn get_str(d: Gc<DictObj>, key: Gc<StrObj>) -> Option<Value> {
    let t = table(d);
    match find_str(t, key, key.hash()) {
        Some(Found::At(n)) => t.entry(n).value.get(),
        Some(Found::Missing(_)) => None,
        None => get_str_slow(d, key),
    }
}

/// A text too long to be compared in passing, or a namespace with other keys, which are passed over.
#[cold]
#[inline(never)]
fn get_str_slow(d: Gc<DictObj>, key: Gc<StrObj>) -> Option<Value> {
    let t = table(d);
    match find_long(t, key)? {
        Found::At(n) => t.entry(n).value.get(),
        Found::Missing(_) => None,
    }
}

/// Find a text of any length; `None` where other keys than strings stand in the way.
#[inline(never)]
fn find_long(t: Gc<Table>, key: Gc<StrObj>) -> Option<Found> {
    probe(t, key.raw() as u64, key.hash(), |k| {
        if k.shape() != C::Str.shape() {
            return None;
        }
        Some(crate::thread::expect::<StrObj>(k).equals(&key))
    })
}

#[inline]
pub fn get_name(d: Gc<DictObj>, key: Value) -> Option<Value> {
    // SAFETY: names are strings.
    get_str(d, unsafe { key.cast_unchecked() })
}

/// Entry number of an interned name, for caches.
pub fn index_of(d: Gc<DictObj>, key: Gc<StrObj>) -> Option<usize> {
    match find_long(table(d), key)? {
        Found::At(n) => Some(n),
        Found::Missing(_) => None,
    }
}

/// The hash of a key of `d`; that of an unhashable one says what it was to be.
#[inline(always)]
fn hash_of(th: &Thread, d: Gc<DictObj>, key: Value) -> R<i64> {
    if key.shape() == C::Str.shape() {
        // SAFETY: exactly a str.
        return Ok(unsafe { key.cast_unchecked::<StrObj>() }.hash() as i64);
    }
    if let Some(i) = key.as_int() {
        return Ok(crate::core::hash::int(i));
    }
    if key.shape() == C::Tuple.shape()
        && let Some(h) = ops::hash::plain_tuple(expect(key))
    {
        return Ok(h);
    }
    hash_of_any(th, d, key)
}

#[inline(never)]
fn hash_of_any(th: &Thread, d: Gc<DictObj>, key: Value) -> R<i64> {
    ops::hash::hash(th, key).map_err(|_| {
        let set = matches!(d.value().kind(), kinds::SET | kinds::FROZENSET);
        unfit(th, if set { SET_ELEMENT } else { DICT_KEY }, key)
    })
}

const DICT_KEY: &str = "dict key";
pub const SET_ELEMENT: &str = "set element";

/// The pending TypeError of an unhashable object, reworded to say what the object was to be.
#[cold]
pub fn unfit(th: &Thread, role: &str, key: Value) -> Raised {
    let e = th.take();
    if class::of(e) != crate::runtime::class(C::TypeError) {
        return th.restore(e);
    }
    match ops::repr::str_string(th, e) {
        Ok(why) => {
            let name = class::full_name(class::of(key));
            let name = name.strip_prefix("__main__.").unwrap_or(&name);
            error::type_error(th, &format!("cannot use '{name}' as a {role} ({why})"))
        }
        Err(r) => r,
    }
}

#[inline]
pub fn get(th: &Thread, d: Gc<DictObj>, key: Value) -> R<Option<Value>> {
    let h = hash_of(th, d, key)?;
    get_hashed(th, d, key, h)
}

#[inline]
pub fn get_hashed(th: &Thread, d: Gc<DictObj>, key: Value, h: i64) -> R<Option<Value>> {
    match find_plain(table(d), key, h) {
        Some(Found::At(n)) => Ok(table(d).entry(n).value.get()),
        Some(Found::Missing(_)) => Ok(None),
        None => get_any(th, d, key, h),
    }
}

/// The value of a key whose hash needs no Python code; `None` where telling keys apart would.
pub fn get_plain(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<Option<Value>> {
    let Ok(h) = hash_of(th, d, key) else {
        th.take();
        return None;
    };
    let found = probe(table(d), key.bits(), h as u64, |k| {
        ops::compare::fast_eq(k, key)
    })?;
    Some(match found {
        Found::At(n) => table(d).entry(n).value.get(),
        Found::Missing(_) => None,
    })
}

#[inline(never)]
fn get_any(th: &Thread, d: Gc<DictObj>, key: Value, h: i64) -> R<Option<Value>> {
    Ok(match find_any(th, d, key, h)? {
        Found::At(n) => table(d).entry(n).value.get(),
        Found::Missing(_) => None,
    })
}

/// Is the key there, a small int, a text or a tuple of such? `None` where that takes more than a look.
#[inline]
pub fn has_plain(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<bool> {
    match last::same_text(d, key) {
        Some(_) => Some(true),
        None => has_other(th, d, key),
    }
}

#[inline(never)]
fn has_other(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<bool> {
    match key.as_int() {
        Some(i) => look_int(d, key, i).map(|f| matches!(f, Found::At(_))),
        None => last::has(th, d, key),
    }
}

/// The value of such a key.
#[inline]
pub fn value_plain(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<Option<Value>> {
    match last::same_text(d, key) {
        Some(n) => Some(table(d).entry(n).value.get()),
        None => value_other(th, d, key),
    }
}

#[inline(never)]
fn value_other(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<Option<Value>> {
    match key.as_int() {
        Some(i) => look_int(d, key, i).map(|f| value_of(d, f)),
        None => last::value(th, d, key),
    }
}

#[inline(always)]
fn value_of(d: Gc<DictObj>, found: Found) -> Option<Value> {
    match found {
        Found::At(n) => table(d).entry(n).value.get(),
        Found::Missing(_) => None,
    }
}

#[inline(always)]
fn look_int(d: Gc<DictObj>, key: Value, i: i64) -> Option<Found> {
    find_int(table(d), key, crate::core::hash::int(i) as u64)
}

#[inline(always)]
fn look_other(d: Gc<DictObj>, key: Value) -> Option<(Found, i64)> {
    let h = match key.shape() {
        s if s == C::Str.shape() => expect::<StrObj>(key).hash() as i64,
        s if s == C::Tuple.shape() => ops::hash::plain_tuple(expect(key))?,
        s if s == C::Int.shape() => {
            let h = crate::core::int::hash(key);
            return Some((find_big(table(d), expect(key), h as u64)?, h));
        }
        _ => return None,
    };
    Some((find_plain(table(d), key, h)?, h))
}

/// Such a key, and its hash.
#[inline(always)]
fn look(d: Gc<DictObj>, key: Value) -> Option<(Found, i64)> {
    match key.as_int() {
        Some(i) => Some((look_int(d, key, i)?, crate::core::hash::int(i))),
        None => look_other(d, key),
    }
}

/// `d[key]`, or KeyError.
#[inline(never)]
pub fn index(th: &Thread, d: Gc<DictObj>, key: Value) -> R {
    match get(th, d, key)? {
        Some(v) => Ok(v),
        None => Err(error::raise_with(th, C::KeyError, key)),
    }
}

#[inline]
pub fn contains(th: &Thread, d: Gc<DictObj>, key: Value) -> R<bool> {
    Ok(get(th, d, key)?.is_some())
}

pub fn set(th: &Thread, d: Gc<DictObj>, key: Value, value: Value) -> R<()> {
    if let Some(n) = last::same_text(d, key) {
        replace(th, d, n, value);
        return Ok(());
    }
    match last::set(th, d, key, value) {
        true => Ok(()),
        false => set_other(th, d, key, value),
    }
}

/// Another key than the one found last.
#[inline(never)]
fn set_other(th: &Thread, d: Gc<DictObj>, key: Value, value: Value) -> R<()> {
    let h = hash_of(th, d, key)?;
    set_hashed(th, d, key, h, value)
}

#[inline]
pub fn set_hashed(th: &Thread, d: Gc<DictObj>, key: Value, h: i64, value: Value) -> R<()> {
    match find_plain(table(d), key, h) {
        Some(Found::At(n)) => {
            replace(th, d, n, value);
            Ok(())
        }
        Some(Found::Missing(slot)) => insert_at(th, d, key, h, value, slot),
        None => set_any(th, d, key, h, value),
    }
}

/// Give entry `n`, which is there, another value.
#[inline(always)]
pub fn replace(th: &Thread, d: Gc<DictObj>, n: usize, value: Value) {
    let t = table(d);
    let e = t.entry(n);
    th.set(t, &e.value, Some(value));
    watch::changed(d, e.key.bits());
}

#[inline(never)]
fn set_any(th: &Thread, d: Gc<DictObj>, key: Value, h: i64, value: Value) -> R<()> {
    match find_any(th, d, key, h)? {
        Found::At(n) => {
            replace(th, d, n, value);
            Ok(())
        }
        Found::Missing(slot) => insert_at(th, d, key, h, value, slot),
    }
}

/// The value already there, or `value` after storing it.
pub fn set_default(th: &Thread, d: Gc<DictObj>, key: Value, value: Value) -> R<Value> {
    let h = hash_of(th, d, key)?;
    match find(th, d, key, h)? {
        Found::At(n) => Ok(table(d).entry(n).value.get().unwrap_or(value)),
        Found::Missing(_) => {
            insert_new(th, d, key, h, value)?;
            Ok(value)
        }
    }
}

pub fn set_str(th: &Thread, d: Gc<DictObj>, key: Gc<StrObj>, value: Value) -> R<()> {
    set_hashed(th, d, key.value(), key.hash() as i64, value)
}

pub fn set_name(th: &Thread, d: Gc<DictObj>, key: Value, value: Value) -> R<()> {
    // SAFETY: names are strings.
    set_str(th, d, unsafe { key.cast_unchecked() }, value)
}

/// Store under a Rust string (interned).
pub fn set_text(th: &Thread, d: Gc<DictObj>, key: &str, value: Value) -> R<()> {
    let k = crate::core::string::intern_new(th, key)?;
    set_str(th, d, k, value)
}

pub fn get_text(th: &Thread, d: Gc<DictObj>, key: &str) -> R<Option<Value>> {
    let k = crate::core::string::intern_new(th, key)?;
    Ok(get_str(d, k))
}

#[inline(never)]
pub fn insert_new(th: &Thread, d: Gc<DictObj>, key: Value, h: i64, value: Value) -> R<()> {
    if is_full(table(d)) {
        resize(th, d, len(d) + 1)?;
    }
    let t = table(d);
    let n = append(th, d, t, key, h, value);
    index_insert(t, h as u64, n);
    Ok(())
}

/// The same where a look for the key has come to this word of the index.
#[inline]
fn insert_at(th: &Thread, d: Gc<DictObj>, key: Value, h: i64, value: Value, slot: usize) -> R<()> {
    let t = table(d);
    if is_full(t) {
        return insert_new(th, d, key, h, value);
    }
    let n = append(th, d, t, key, h, value);
    t.index_set(slot, n + 1);
    Ok(())
}

#[inline(always)]
fn is_full(t: Gc<Table>) -> bool {
    t.used() >= t.capacity.get() as usize || t.fill.get() >= t.capacity.get()
}

/// A new entry, which the index does not name yet.
#[inline(always)]
fn append(th: &Thread, d: Gc<DictObj>, t: Gc<Table>, key: Value, h: i64, value: Value) -> usize {
    let n = t.used();
    let e = t.entry(n);
    e.hash.init_bits(tag_hash(h));
    th.set(t, &e.value, Some(value));
    th.set(t, &e.key, Some(key));
    watch::named(d, key);
    t.set_used(n + 1);
    t.live.set(t.live.get() + 1);
    t.fill.set(t.fill.get() + 1);
    n
}

#[inline(always)]
fn index_insert(t: Gc<Table>, hash: u64, n: usize) {
    let mask = t.mask.get() as usize;
    let mut i = hash as usize & mask;
    let mut perturb = probe_hash(hash);
    while t.index_get(i) != 0 {
        perturb >>= 5;
        i = (i
            .wrapping_mul(5)
            .wrapping_add(perturb as usize)
            .wrapping_add(1))
            & mask;
    }
    t.index_set(i, n + 1);
}

/// Remove and return the value.
pub fn remove(th: &Thread, d: Gc<DictObj>, key: Value) -> R<Option<Value>> {
    let h = hash_of(th, d, key)?;
    Ok(match find(th, d, key, h)? {
        Found::At(n) => delete_at(d, n),
        Found::Missing(_) => None,
    })
}

pub fn remove_name(d: Gc<DictObj>, key: Value) -> Option<Value> {
    // SAFETY: names are strings.
    let k: Gc<StrObj> = unsafe { key.cast_unchecked() };
    match find_long(table(d), k)? {
        Found::At(n) => delete_at(d, n),
        Found::Missing(_) => None,
    }
}

/// Delete entry `n` and return its value.
pub fn delete_at(d: Gc<DictObj>, n: usize) -> Option<Value> {
    let t = table(d);
    if n >= t.used() {
        return None;
    }
    let e = t.entry(n);
    let v = e.value.get();
    if e.key.bits() == 0 {
        return None;
    }
    let slot = word_of(t, n, entry_hash(e));
    watch::changed(d, e.key.bits());
    delete_from(t, slot, n);
    v
}

/// The word of the index that names entry `n`, whose key has this hash.
#[inline(always)]
fn word_of(t: Gc<Table>, n: usize, hash: i64) -> usize {
    let mask = t.mask.get() as usize;
    let mut i = hash as usize & mask;
    let mut perturb = probe_hash(hash as u64);
    while t.index_get(i) != n + 1 {
        perturb >>= 5;
        i = (i
            .wrapping_mul(5)
            .wrapping_add(perturb as usize)
            .wrapping_add(1))
            & mask;
    }
    i
}

/// Delete entry `n`, which word `slot` of the index names.
fn delete_from(t: Gc<Table>, slot: usize, n: usize) {
    let e = t.entry(n);
    t.index_set(slot, t.capacity.get() as usize + 1);
    e.key.init(None);
    e.value.init(None);
    t.live.set(t.live.get() - 1);
}

pub fn clear(th: &Thread, d: Gc<DictObj>) {
    th.set(d, &d.table, rt().empty_table.get());
    watch::all_changed(d);
}

/// Live entries in order, by position: `next(d, &mut i)`.
#[inline(always)]
pub fn next(d: Gc<DictObj>, i: &mut usize) -> Option<(Value, Value)> {
    let t = table(d);
    while *i < t.used() {
        let e = t.entry(*i);
        *i += 1;
        if let (Some(k), Some(v)) = (e.key.get(), e.value.get()) {
            return Some((k, v));
        }
    }
    None
}

/// The same with the hash.
#[inline(always)]
pub fn next_hashed(d: Gc<DictObj>, i: &mut usize) -> Option<(Value, Value, i64)> {
    let t = table(d);
    while *i < t.used() {
        let e = t.entry(*i);
        *i += 1;
        if let (Some(k), Some(v)) = (e.key.get(), e.value.get()) {
            return Some((k, v, entry_hash(e)));
        }
    }
    None
}

/// Store all of `src`'s entries into `d` (both real dicts).
pub fn update(th: &Thread, d: Gc<DictObj>, src: Gc<DictObj>) -> R<()> {
    if len(d) == 0 && d != src {
        let t = clone_table(th, src)?;
        th.set(d, &d.table, Some(t));
        watch::all_changed(d);
        return Ok(());
    }
    let mut i = 0;
    while let Some((k, v, h)) = next_hashed(src, &mut i) {
        set_hashed(th, d, k, h, v)?;
    }
    Ok(())
}

pub fn set_add(th: &Thread, s: Value, key: Value) -> R<()> {
    if let Some(r) = set_add_plain(th, as_map(s), key) {
        return r;
    }
    let h = hash_of(th, as_map(s), key)?;
    set_add_hashed(th, s, key, h)
}

/// The same with a small int, a text or a tuple of such; `None` where that takes more than a look.
#[inline]
pub fn set_add_plain(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<R<()>> {
    let (found, h) = look(d, key)?;
    Some(match found {
        Found::At(_) => Ok(()),
        Found::Missing(slot) => insert_at(th, d, key, h, Value::TRUE, slot),
    })
}

pub fn set_add_hashed(th: &Thread, s: Value, key: Value, h: i64) -> R<()> {
    let d = as_map(s);
    match find(th, d, key, h)? {
        Found::At(_) => Ok(()),
        Found::Missing(slot) => insert_at(th, d, key, h, Value::TRUE, slot),
    }
}

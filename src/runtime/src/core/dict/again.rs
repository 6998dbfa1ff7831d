//! Tables made anew of the same entries: larger ones, copies.
//!
//! What must hold: a new table is complete before anybody sees it.

use super::*;

/// Publish a table with room for at least `need` entries, without the deleted ones.
pub(super) fn resize(th: &Thread, d: Gc<DictObj>, need: usize) -> R<()> {
    let room = need.max(len(d) * 2).max(4);
    let new = new_table(th, room)?;
    let old = table(d);
    copy_entries(old, new);
    th.set(d, &d.table, Some(new.value()));
    watch::changed(d, watch::TABLE);
    Ok(())
}

/// Room for so many entries at first.
pub fn reserve(th: &Thread, d: Gc<DictObj>, need: usize) -> R<()> {
    match table(d).live.get() == 0 && need > 0 {
        true => resize(th, d, need),
        false => Ok(()),
    }
}

/// Entries and index of a table into a new one of the same capacity.
pub(super) fn copy_as_it_is(old: Gc<Table>, new: Gc<Table>) {
    let used = old.used();
    // SAFETY: tables of one capacity have one layout, and nobody else knows the new one.
    unsafe {
        let (from, to) = (old.entry(0) as *const Entry3, new.entry(0) as *const Entry3);
        std::ptr::copy_nonoverlapping(from, to as *mut Entry3, used);
        let bytes = index_bytes(old.mask.get() as usize + 1);
        std::ptr::copy_nonoverlapping(old.index_base(), new.index_base() as *mut u8, bytes);
    }
    new.set_used(used);
}

/// Is a table with these `n` entries worth copying as it stands to have room for `need`? Nothing was ever deleted, and
/// it is not so large that a new one is better.
fn stands(old: Gc<Table>, n: usize, need: usize) -> bool {
    let whole = n > 0 && old.used() == n && old.fill.get() as usize == n;
    whole && fits(old, need)
}

fn fits(old: Gc<Table>, need: usize) -> bool {
    let room = old.capacity.get() as usize;
    room >= need && room <= 4 * need
}

/// A copy as it stands, in one piece, with an id of its own; to be `filled`.
fn same_table(th: &Thread, old: Gc<Table>) -> R<Gc<Table>> {
    const HEAD_WORDS: usize = HEAD / 8;
    let words = old.sizes.get() as u32 as usize;
    let new: Gc<Table> = th.alloc(C::Hidden.shape(), 0, 8 * words)?;
    // SAFETY: both have that many words, and nobody else knows the new one. Words of a heap object are readable, those
    // of entries that are not used say nothing.
    unsafe {
        let (from, to) = (old.raw() as *const u64, new.raw() as *mut u64);
        let n = words - HEAD_WORDS;
        std::ptr::copy_nonoverlapping(from.add(HEAD_WORDS), to.add(HEAD_WORDS), n);
    }
    // One by one: who asks for a word of what a wide store has just written waits until that has reached the cache.
    new.sizes.set(sizes(words, 0));
    new.id.set(new_id(th));
    new.mask.set(old.mask.get());
    new.capacity.set(old.capacity.get());
    Ok(new)
}

/// `new` is empty and has room.
fn copy_entries(old: Gc<Table>, new: Gc<Table>) {
    let used = old.used();
    let untouched = old.live.get() as usize == used && old.fill.get() as usize == used;
    if untouched && old.mask.get() == new.mask.get() {
        // Nothing was ever deleted: entries and index are as they would become. (Index words of deleted entries are
        // not to be copied: a table is made anew to be rid of them.)
        copy_as_it_is(old, new);
        return filled(new, used);
    }
    let mut n = 0;
    for i in 0..old.used() {
        let e = old.entry(i);
        if e.key.bits() != 0 {
            put(new, n, e);
            n += 1;
        }
    }
    filled(new, n);
}

/// The same entry as number `n` of a new table.
#[inline(always)]
pub(super) fn put(new: Gc<Table>, n: usize, e: &Entry3) {
    let f = new.entry(n);
    f.key.init_bits(e.key.bits());
    f.value.init_bits(e.value.bits());
    f.hash.init_bits(e.hash.bits());
    index_insert(new, entry_hash(f) as u64, n);
}

/// A new table has `n` entries, none of them deleted.
pub(super) fn filled(new: Gc<Table>, n: usize) {
    new.set_used(n);
    new.live.set(n as u64);
    new.fill.set(n as u64);
}

/// A new table with the same live entries.
pub fn clone_table(th: &Thread, d: Gc<DictObj>) -> R<Value> {
    clone_with_room(th, d, 0)
}

/// The same with room for `more` entries.
pub fn clone_with_room(th: &Thread, d: Gc<DictObj>, more: usize) -> R<Value> {
    let n = len(d);
    if n == 0 {
        // SAFETY: set at start.
        return Ok(unsafe { rt().empty_table.get_unchecked() });
    }
    let (old, need) = (table(d), n + more);
    if stands(old, n, need) {
        let new = same_table(th, old)?;
        filled(new, n);
        return Ok(new.value());
    }
    let same = old.used() == n && fits(old, need);
    let room = if same {
        old.capacity.get() as usize
    } else {
        need
    };
    let new = new_table(th, room)?;
    copy_entries(old, new);
    Ok(new.value())
}

/// A new table with the same entries and, as of a set, this key: a small int, a text or a tuple of such. `None` where
/// that takes more than a look or a table made anew. The key is looked for in the old table, which the cache has.
pub fn clone_with_key(th: &Thread, d: Gc<DictObj>, key: Value) -> Option<R<Value>> {
    let (old, n) = (table(d), len(d));
    if !stands(old, n, n + 1) {
        return None;
    }
    let (found, h) = look(d, key)?;
    Some(same_table(th, old).map(|new| {
        match found {
            Found::At(_) => filled(new, n),
            Found::Missing(slot) => {
                let e = new.entry(n);
                e.key.init(Some(key));
                e.value.init(Some(Value::TRUE));
                e.hash.init_bits(tag_hash(h));
                new.index_set(slot, n + 1);
                filled(new, n + 1);
            }
        }
        new.value()
    }))
}

pub fn copy(th: &Thread, d: Gc<DictObj>) -> R<Gc<DictObj>> {
    let t = clone_table(th, d)?;
    let n: Gc<DictObj> = th.alloc(C::Dict.shape(), 0, 16)?;
    n.table.init(Some(t));
    Ok(n)
}

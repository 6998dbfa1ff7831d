//! Entries at the end: taken from there, brought there, walked from there.
//!
//! What must hold: an entry that is brought to the end leaves an empty one, which no word of the index names.

use super::*;

/// Remove and return the last entry.
pub fn pop_last(d: Gc<DictObj>) -> Option<(Value, Value)> {
    let t = table(d);
    let mut n = t.used();
    while n > 0 {
        n -= 1;
        let e = t.entry(n);
        if let (Some(k), Some(v)) = (e.key.get(), e.value.get()) {
            delete_at(d, n);
            t.set_used(n);
            return Some((k, v));
        }
    }
    None
}

/// Live entries from the end: `*i` is one past the next position to look at.
pub fn next_back(d: Gc<DictObj>, i: &mut usize) -> Option<(Value, Value)> {
    let t = table(d);
    *i = (*i).min(t.used());
    while *i > 0 {
        *i -= 1;
        let e = t.entry(*i);
        if let (Some(k), Some(v)) = (e.key.get(), e.value.get()) {
            return Some((k, v));
        }
    }
    None
}

/// The value of a key whose entry becomes the last one.
pub fn use_again(th: &Thread, d: Gc<DictObj>, key: Value, h: i64) -> R<Option<Value>> {
    let Some(found) = find_plain(table(d), key, h) else {
        let value = get_any(th, d, key, h)?;
        if let Some(v) = value {
            remove(th, d, key)?;
            set_hashed(th, d, key, h, v)?;
        }
        return Ok(value);
    };
    match found {
        Found::At(n) => to_end(th, d, n, h),
        Found::Missing(_) => Ok(None),
    }
}

/// The value of a tuple of these items, which need not exist as an object, if that can be told by a look at them. With
/// `again`, its entry becomes the last one.
#[inline]
pub fn value_of_items(
    th: &Thread,
    d: Gc<DictObj>,
    items: &[Value],
    again: bool,
) -> R<Option<Value>> {
    match find_items(table(d), items) {
        Some(Found::At(n)) if again => to_end(th, d, n, entry_hash(table(d).entry(n))),
        Some(Found::At(n)) => Ok(table(d).entry(n).value.get()),
        _ => Ok(None),
    }
}

/// Entry `n`, whose key has this hash, becomes the last one; its value.
fn to_end(th: &Thread, d: Gc<DictObj>, n: usize, h: i64) -> R<Option<Value>> {
    let (t, last) = (table(d), table(d).used());
    let (from, value) = (t.entry(n), t.entry(n).value.get());
    if n + 1 == last {
        return Ok(value);
    }
    let (Some(k), Some(v)) = (from.key.get(), value) else {
        return Ok(value);
    };
    if last >= t.capacity.get() as usize {
        delete_at(d, n);
        insert_new(th, d, k, h, v)?;
        return Ok(value);
    }
    let to = t.entry(last);
    to.hash.init_bits(from.hash.bits());
    th.set(t, &to.value, Some(v));
    th.set(t, &to.key, Some(k));
    watch::changed(d, watch::TABLE);
    t.set_used(last + 1);
    t.index_set(word_of(t, n, h), last + 1);
    from.key.init(None);
    from.value.init(None);
    Ok(value)
}

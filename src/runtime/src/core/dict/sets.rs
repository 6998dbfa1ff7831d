//! What sets do with all of their keys at once.
//!
//! What must hold: a key that is no small int may be compared by Python code, which may change either table. So tables
//! are asked for anew at each key.

use super::*;

/// Is the key, whose hash this is, there?
#[inline(always)]
pub fn has_hashed(th: &Thread, d: Gc<DictObj>, key: Value, h: i64) -> R<bool> {
    if key.is_int() {
        match find_int(table(d), key, h as u64) {
            Some(Found::At(_)) => return Ok(true),
            Some(Found::Missing(_)) => return Ok(false),
            None => {}
        }
    }
    Ok(get_hashed(th, d, key, h)?.is_some())
}

/// Are all keys of `x` in `y`?
#[inline]
pub fn subset(th: &Thread, x: Gc<DictObj>, y: Gc<DictObj>) -> R<bool> {
    if len(x) > len(y) {
        return Ok(false);
    }
    match ints_subset(table(x), table(y)) {
        Some(told) => Ok(told),
        None => any_subset(th, x, y),
    }
}

/// Where a small int stands in an index: its word of the index, and its entry.
enum Place {
    At(usize, usize),
    Nowhere,
    /// Another key that may be equal to it stands in the way.
    Unknown,
}

/// Look for the small int with this word and hash.
#[inline(always)]
fn place(t: Gc<Table>, word: u64, hash: u64) -> Place {
    let mask = t.mask.get();
    let (index, entries) = (t.index_base(), t.entry(0) as *const Entry3);
    let narrow = mask < 256;
    let mut i = hash & mask;
    let mut perturb = hash;
    loop {
        // SAFETY: `i <= mask`; what the index names is an entry.
        let (n, found) = unsafe {
            let n = match narrow {
                true => *index.add(i as usize) as usize,
                false => index_at(index, mask, i as usize),
            };
            if n == 0 {
                return Place::Nowhere;
            }
            (n - 1, (*entries.add(n - 1)).key.bits())
        };
        if found == word {
            return Place::At(i as usize, n);
        }
        if !is_int_word(found) && found != 0 {
            return Place::Unknown;
        }
        perturb >>= 5;
        i = i.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1) & mask;
    }
}

#[inline(always)]
fn is_int_word(word: u64) -> bool {
    Value::from_bits(word).is_some_and(Value::is_int)
}

/// `subset` of small ints, as long as nothing else is met.
pub fn ints_subset(x: Gc<Table>, y: Gc<Table>) -> Option<bool> {
    for e in x.entries() {
        let word = e.key.bits();
        if !is_int_word(word) {
            if word == 0 {
                continue;
            }
            return None;
        }
        match place(y, word, entry_hash(e) as u64) {
            Place::At(..) => {}
            Place::Nowhere => return Some(false),
            Place::Unknown => return None,
        }
    }
    Some(true)
}

/// The least or greatest key, if all are small ints.
pub fn extreme_int(d: Gc<DictObj>, want_less: bool) -> Option<i64> {
    let mut best = None;
    for e in table(d).entries() {
        let Some(k) = e.key.get() else { continue };
        let k = k.as_int()?;
        best = Some(match best {
            Some(b) if want_less => k.min(b),
            Some(b) => k.max(b),
            None => k,
        });
    }
    best
}

/// Is a copy of the table of `x` from which the keys of `y` are deleted worth it?
pub fn is_dense(x: Gc<DictObj>, y: Gc<DictObj>) -> bool {
    len(y) <= len(x) && table(x).used() <= len(x) + len(x) / 4
}

/// A table of the keys of `x` without the small ints that are all keys of `y`: a copy from which these are deleted. `None`
/// where it is quicker or safer to look at each key.
fn without_ints(th: &Thread, x: Gc<DictObj>, y: Gc<DictObj>) -> R<Option<Gc<Table>>> {
    if !is_dense(x, y) {
        return Ok(None);
    }
    let (old, other) = (table(x), table(y));
    let new = new_table(th, old.capacity.get() as usize)?;
    if new.mask.get() != old.mask.get() {
        return Ok(None);
    }
    let (live, used) = (old.live.get(), old.used());
    new.fill.set(old.fill.get());
    copy_as_it_is(old, new);
    if old.live.get() != live || new.used() != used || old.used() != used {
        // Another thread has changed it.
        return Ok(None);
    }
    new.live.set(live);
    for e in other.entries() {
        let word = e.key.bits();
        if word == 0 {
            continue;
        }
        if !is_int_word(word) {
            return Ok(None);
        }
        match place(new, word, entry_hash(e) as u64) {
            Place::At(slot, n) => {
                delete_from(new, slot, n);
            }
            Place::Nowhere => {}
            Place::Unknown => return Ok(None),
        }
    }
    Ok(Some(new))
}

fn any_subset(th: &Thread, x: Gc<DictObj>, y: Gc<DictObj>) -> R<bool> {
    let mut i = 0;
    while let Some((k, _, h)) = next_hashed(x, &mut i) {
        if !has_hashed(th, y, k, h)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A table of the keys of `x` that are (or are not) in `y`, as long as small ints are all that is met.
fn those_ints(th: &Thread, x: Gc<DictObj>, y: Gc<DictObj>, are: bool) -> R<Option<Gc<Table>>> {
    let (old, other) = (table(x), table(y));
    let new = new_table(th, len(x))?;
    let mut n = 0;
    for e in old.entries() {
        let word = e.key.bits();
        if word == 0 {
            continue;
        }
        if !is_int_word(word) || n as u64 == new.capacity.get() {
            return Ok(None);
        }
        let taken = match place(other, word, entry_hash(e) as u64) {
            Place::At(..) => are,
            Place::Nowhere => !are,
            Place::Unknown => return Ok(None),
        };
        if taken {
            put(new, n, e);
            n += 1;
        }
    }
    filled(new, n);
    Ok(Some(new))
}

/// Give `out`, which is empty, the keys of `x` that are (or are not) in `y`. `false`: small ints are not all that is met.
pub fn add_those_ints(
    th: &Thread,
    out: Gc<DictObj>,
    x: Gc<DictObj>,
    y: Gc<DictObj>,
    are: bool,
) -> R<bool> {
    if len(x) == 0 {
        return Ok(true);
    }
    let dense = match are {
        true => None,
        false => without_ints(th, x, y)?,
    };
    let made = match dense {
        Some(t) => Some(t),
        None => those_ints(th, x, y, are)?,
    };
    if let Some(t) = made {
        th.set(out, &out.table, Some(t.value()));
    }
    Ok(made.is_some())
}

/// The same of any keys.
pub fn add_those(
    th: &Thread,
    out: Gc<DictObj>,
    x: Gc<DictObj>,
    y: Gc<DictObj>,
    are: bool,
) -> R<()> {
    let mut i = 0;
    while let Some((k, _, h)) = next_hashed(x, &mut i) {
        if has_hashed(th, y, k, h)? == are {
            if is_full(table(out)) {
                // As many as there are at most, where most are likely to be taken.
                let most = if are { 0 } else { len(x) };
                resize(th, out, most.max(len(out) + 1))?;
            }
            let t = table(out);
            let n = append(th, out, t, k, h, Value::TRUE);
            index_insert(t, h as u64, n);
        }
    }
    Ok(())
}

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
pub fn subset(th: &Thread, x: Gc<DictObj>, y: Gc<DictObj>) -> R<bool> {
    if len(x) > len(y) {
        return Ok(false);
    }
    let mut i = 0;
    while let Some((k, _, h)) = next_hashed(x, &mut i) {
        if !has_hashed(th, y, k, h)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Add to `out`, which has none of them, the keys of `x` that are (or are not) in `y`.
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

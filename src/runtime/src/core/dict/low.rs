//! Frozensets of ints from 0 to 61: which ints these are is kept as bits of a word, so that such sets are compared,
//! subtracted and intersected without looking at their tables.
//!
//! What must hold: the bits are asked for only when the set has all its keys, which do not change any more. Threads
//! that find them out at once find the same.

use super::*;

/// Ints below this have a bit.
const END: i64 = 62;
/// The set's word says which ints it has, or that these are not all it has.
const KNOWN: u64 = 2;
const OTHERS: u64 = 1;

fn frozen(v: Value) -> Option<Gc<FrozenSetObj>> {
    // SAFETY: objects of this shape are frozensets.
    (v.shape() == C::FrozenSet.shape()).then(|| unsafe { v.cast_unchecked() })
}

/// The bits of what has only small ints.
#[inline(always)]
pub fn low_ints(v: Value) -> Option<u64> {
    let f = frozen(v)?;
    let mut word = f.low.get();
    if word == 0 {
        word = find_out(f);
    }
    (word & KNOWN != 0).then_some(word >> 2)
}

#[inline(never)]
fn find_out(f: Gc<FrozenSetObj>) -> u64 {
    let mut bits = Some(0u64);
    for e in table(as_map(f.value())).entries() {
        let Some(k) = e.key.get() else { continue };
        let low = k.as_int().filter(|i| (0..END).contains(i));
        bits = bits.zip(low).map(|(bits, i)| bits | 1 << i);
        if bits.is_none() {
            break;
        }
    }
    let word = bits.map_or(OTHERS, |bits| KNOWN | bits << 2);
    f.low.set(word);
    word
}

/// The bits of both.
#[inline(always)]
pub fn both_low(a: Value, b: Value) -> Option<(u64, u64)> {
    match (frozen(a), frozen(b)) {
        (Some(_), Some(_)) => low_ints(a).zip(low_ints(b)),
        _ => None,
    }
}

/// Give `out`, an empty frozenset, those keys of the frozenset `x` whose bits these are.
pub fn keep_low(th: &Thread, out: Value, x: Value, bits: u64) -> R<()> {
    let (Some(f), true) = (frozen(out), bits != 0) else {
        return Ok(());
    };
    let new = new_table(th, bits.count_ones() as usize)?;
    let mut n = 0;
    for e in table(as_map(x)).entries() {
        let kept = e.key.get().and_then(Value::as_int);
        if kept.is_some_and(|i| (0..END).contains(&i) && bits >> i & 1 != 0) {
            put(new, n, e);
            n += 1;
        }
    }
    filled(new, n);
    th.set(f, &f.table, Some(new.value()));
    f.low.set(KNOWN | bits << 2);
    Ok(())
}

/// `out` has come to have the keys whose bits these are.
pub fn has_low(out: Value, bits: u64) {
    if let Some(f) = frozen(out) {
        f.low.set(KNOWN | bits << 2);
    }
}

/// The least or greatest int of a frozenset of small ones.
pub fn extreme_low(v: Value, want_less: bool) -> Option<i64> {
    let bits = low_ints(v).filter(|b| *b != 0)?;
    Some(match want_less {
        true => bits.trailing_zeros() as i64,
        false => 63 - bits.leading_zeros() as i64,
    })
}

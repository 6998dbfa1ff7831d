//! Sorting: a stable merge sort with runs. It works on a detached buffer, so that the list looks empty (and a
//! change of it is noticed) while comparisons run Python code; ints, floats, strings and tuples of them are compared
//! directly.

use crate::classes::C;
use crate::core::list;
use crate::error;
use crate::object::*;
use crate::ops;
use crate::runtime::rt;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;
use std::cmp::Ordering;

/// What all keys are, or all items at one place of tuples. Words that are floats are no nan: in each of the kinds
/// that have a name two values are in order, and no code runs.
#[derive(Clone, Copy, PartialEq)]
enum Keys {
    Ints,
    Bools,
    Floats,
    Strings,
    Any,
}

fn classify(mut keys: impl Iterator<Item = Value>) -> Keys {
    let Some(first) = keys.next() else {
        return Keys::Any;
    };
    let str_shape = C::Str.shape();
    if first.is_int() && keys.all(|k| k.is_int()) {
        Keys::Ints
    } else if is_bool(first) && keys.all(is_bool) {
        Keys::Bools
    } else if first.is_float() && keys.all(|k| k.is_float()) {
        Keys::Floats
    } else if first.shape() == str_shape && keys.all(|k| k.shape() == str_shape) {
        Keys::Strings
    } else {
        Keys::Any
    }
}

fn is_bool(v: Value) -> bool {
    v == Value::TRUE || v == Value::FALSE
}

/// Tuples of more items are compared like any other.
const COLUMNS: usize = 8;

/// What the keys' items are, where all keys are tuples of one length and no place of theirs has items of several kinds.
fn columns(keys: &[Value]) -> Option<Vec<Keys>> {
    let tuple = |k: Value| (k.shape() == C::Tuple.shape()).then(|| expect::<TupleObj>(k));
    let width = tuple(*keys.first()?)?.len();
    if !(1..=COLUMNS).contains(&width)
        || !keys
            .iter()
            .all(|&k| tuple(k).is_some_and(|t| t.len() == width))
    {
        return None;
    }
    let column = |i: usize| classify(keys.iter().map(|&k| expect::<TupleObj>(k).items()[i]));
    (0..width)
        .map(|i| Some(column(i)).filter(|c| *c != Keys::Any))
        .collect()
}

/// A number that orders values of a kind that has a name: those of texts only as far as it goes.
#[inline(always)]
fn rank(kind: Keys, v: Value) -> u64 {
    match kind {
        Keys::Ints => v.bits() ^ 1 << 63,
        Keys::Bools => (v == Value::TRUE) as u64,
        Keys::Floats => {
            // The two zeros are equal.
            let bits = (v.as_float().unwrap_or(0.0) + 0.0).to_bits();
            if bits >> 63 == 0 {
                bits | 1 << 63
            } else {
                !bits
            }
        }
        Keys::Strings | Keys::Any => prefix(expect(v)),
    }
}

/// Tuples with the ranks of all their items, row by row.
struct Rows<'a> {
    tuples: &'a [Value],
    columns: Vec<Keys>,
    ranks: Vec<u64>,
    /// One number for each tuple that orders the first `told` items, and further ones as far as it goes.
    leads: Vec<u64>,
    told: usize,
}

/// The bits that tell numbers apart: less the lowest of them, these many places further down, so many bits.
struct Spread {
    low: u64,
    down: u32,
    bits: u32,
}

impl Spread {
    fn of(numbers: impl Iterator<Item = u64> + Clone) -> Spread {
        let first = numbers.clone().next().unwrap_or(0);
        let (mut low, mut high, mut differ) = (first, first, 0);
        for n in numbers {
            (low, high) = (low.min(n), high.max(n));
            differ |= n ^ first;
        }
        // Floats that are no long fractions end in many zeros.
        let down = differ.trailing_zeros() % u64::BITS;
        Spread {
            low,
            down,
            bits: u64::BITS - ((high - low) >> down).leading_zeros(),
        }
    }

    #[inline(always)]
    fn place(&self, n: u64) -> u64 {
        (n - self.low) >> self.down
    }
}

/// `Rows::leads` and `told`: each column takes as many bits as its ranks differ in, the last one those that are left.
fn leads(columns: &[Keys], ranks: &[u64]) -> (Vec<u64>, usize) {
    let width = columns.len();
    let mut leads = vec![0u64; ranks.len() / width];
    let mut room = u64::BITS;
    for (i, &kind) in columns.iter().enumerate() {
        let column = || ranks.iter().skip(i).step_by(width).copied();
        let spread = Spread::of(column());
        let take = spread.bits.min(room);
        for (lead, rank) in leads.iter_mut().zip(column()) {
            // Nothing stands in the lead yet where a column takes all of it.
            *lead = lead.checked_shl(take).unwrap_or(0)
                | spread
                    .place(rank)
                    .checked_shr(spread.bits - take)
                    .unwrap_or(0);
        }
        room -= take;
        // Ranks of texts say only how they begin.
        if take < spread.bits || kind == Keys::Strings {
            return (leads, i);
        }
    }
    (leads, width)
}

impl<'a> Rows<'a> {
    fn of(tuples: &'a [Value]) -> Option<Self> {
        let columns = columns(tuples)?;
        let mut ranks = Vec::with_capacity(tuples.len() * columns.len());
        for &t in tuples {
            let items = expect::<TupleObj>(t);
            ranks.extend(columns.iter().zip(items.items()).map(|(&c, &v)| rank(c, v)));
        }
        let (leads, told) = leads(&columns, &ranks);
        Some(Rows {
            tuples,
            columns,
            ranks,
            leads,
            told,
        })
    }

    fn ranks(&self, row: usize) -> &[u64] {
        let width = self.columns.len();
        &self.ranks[row * width..][..width]
    }

    /// Of tuples with the same lead.
    fn order(&self, a: usize, b: usize) -> Ordering {
        let (a_ranks, b_ranks) = (self.ranks(a), self.ranks(b));
        for i in self.told..self.columns.len() {
            let (x, y) = (a_ranks[i], b_ranks[i]);
            if x != y {
                return x.cmp(&y);
            }
            if self.columns[i] == Keys::Strings {
                let text = |row: usize| expect(expect::<TupleObj>(self.tuples[row]).items()[i]);
                let order = crate::types::string::order(text(a), text(b));
                if order.is_ne() {
                    return order;
                }
            }
        }
        Ordering::Equal
    }
}

pub fn sort(th: &Thread, l: Gc<ListObj>, key: Option<Value>, reverse: bool) -> R<()> {
    let n = list::len(l);
    if n == 0 {
        return Ok(());
    }
    let original = list::buf(l).value();
    // Another thread may be about to store into the buffer: only where there is none, it can be taken as it is.
    let work = if crate::threads::is_alone() {
        let work = list::new(th)?;
        list::set_buf(th, work, original);
        work
    } else {
        list::from_slice(th, list::items(l))?
    };
    list::set_buf(th, l, rt().empty_listbuf.get().unwrap_or(original));
    let empty = l.buf.bits();
    let r = sort_detached(th, work, key, reverse);
    let changed = l.buf.bits() != empty;
    match r {
        Ok(sorted) => {
            list::set_buf(th, l, list::buf(sorted).value());
            if changed {
                return Err(error::value_error(th, "list modified during sort"));
            }
            Ok(())
        }
        Err(e) => {
            list::set_buf(th, l, list::buf(work).value());
            Err(e)
        }
    }
}

fn sort_detached(
    th: &Thread,
    items: Gc<ListObj>,
    key: Option<Value>,
    reverse: bool,
) -> R<Gc<ListObj>> {
    let n = list::len(items);
    let keys = match key {
        Some(k) => {
            let out = list::with_capacity(th, n)?;
            for i in 0..n {
                if let Some(v) = list::get(items, i) {
                    list::push(th, out, ops::call::call(th, k, &[v])?)?;
                }
            }
            out
        }
        None => items,
    };
    let ks = list::items(keys);
    let kind = classify(ks.iter().copied());
    if key.is_none() && kind == Keys::Ints {
        // Equal small ints are the same word: nobody can tell in which order they are.
        let mut numbers: Vec<i64> = ks.iter().filter_map(|k| k.as_int()).collect();
        numbers.sort_unstable();
        if reverse {
            numbers.reverse();
        }
        return list::build(th, n, |i| Value::small_int(numbers[i]));
    }
    // Sort positions: values stay in heap objects, positions are plain numbers.
    let positions = |i: usize| (if reverse { n - 1 - i } else { i }) as u32;
    let mut order: Vec<u32> = match kind {
        Keys::Ints | Keys::Bools | Keys::Floats => {
            by_rank(n, positions, |k| rank(kind, ks[k]), None::<Never>)
        }
        Keys::Strings => by_rank(
            n,
            positions,
            |k| rank(kind, ks[k]),
            Some(|a: usize, b: usize| crate::types::string::order(expect(ks[a]), expect(ks[b]))),
        ),
        Keys::Any if let Some(rows) = Rows::of(ks) => {
            let further = |a: usize, b: usize| rows.order(a, b);
            let some = rows.told < rows.columns.len();
            by_rank(n, positions, |k| rows.leads[k], some.then_some(further))
        }
        Keys::Any => {
            let mut order: Vec<u32> = (0..n).map(positions).collect();
            merge_sort(th, ks, &mut order)?;
            order
        }
    };
    if reverse {
        order.reverse();
    }
    let src = list::items(items);
    let out = list::build(th, n, |i| src[order[i] as usize])?;
    // Keep what conservative scanning could otherwise lose sight of.
    std::hint::black_box((items, keys));
    Ok(out)
}

/// Of ranks that say it all.
type Never = fn(usize, usize) -> Ordering;

/// The positions of `n` keys in stable order: that of their ranks, which stand beside them while they are sorted, and
/// among equal ranks the one that is asked for, if there is one.
#[inline(always)]
fn by_rank(
    n: usize,
    position: impl Fn(usize) -> u32,
    rank: impl Fn(usize) -> u64,
    further: Option<impl Fn(usize, usize) -> Ordering>,
) -> Vec<u32> {
    let ranked = |i| rank(position(i) as usize);
    let Some(further) = further else {
        let spread = Spread::of((0..n).map(ranked));
        let below = usize::BITS - n.leading_zeros();
        if spread.bits + below <= u64::BITS {
            // Rank and place fit one number: no two are equal, so any sort is stable.
            let number = |i| spread.place(ranked(i)) << below | i as u64;
            let mut v: Vec<u64> = (0..n).map(number).collect();
            v.sort_unstable();
            let places = v.iter().map(|x| x & ((1 << below) - 1));
            return places.map(|i| position(i as usize)).collect();
        }
        let mut v: Vec<(u64, u32)> = (0..n).map(|i| (ranked(i), position(i))).collect();
        v.sort_by_key(|x| x.0);
        return v.iter().map(|x| x.1).collect();
    };
    let mut v: Vec<(u64, u32)> = (0..n).map(|i| (ranked(i), position(i))).collect();
    v.sort_by(|x, y| {
        x.0.cmp(&y.0)
            .then_with(|| further(x.1 as usize, y.1 as usize))
    });
    v.iter().map(|x| x.1).collect()
}

/// A number that orders texts as far as it goes: the first eight characters, up to one beyond 254. Texts whose
/// numbers are equal have to be compared themselves.
fn prefix(s: Gc<StrObj>) -> u64 {
    if s.is_ascii() {
        let word = match s.bytes().first_chunk() {
            Some(eight) => u64::from_be_bytes(*eight),
            None => crate::core::string::short_word(s.bytes()).swap_bytes(),
        };
        return word;
    }
    let mut r = 0;
    for i in 0..s.len().min(8) {
        let c = s.at(i).min(0xff) as u64;
        r |= c << (56 - 8 * i);
        if c == 0xff {
            break;
        }
    }
    r
}

/// Stable bottom-up merge of natural runs (extended to 16 by binary insertion), with fallible comparisons.
fn merge_sort(th: &Thread, keys: &[Value], v: &mut [u32]) -> R<()> {
    let less = |a: u32, b: u32| ops::compare::less(th, keys[a as usize], keys[b as usize]);
    let n = v.len();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut tmp: Vec<u32> = Vec::with_capacity(n);
    let mut start = 0;
    while start < n {
        let mut end = start + 1;
        if end < n {
            if less(v[end], v[end - 1])? {
                end += 1;
                while end < n && less(v[end], v[end - 1])? {
                    end += 1;
                }
                v[start..end].reverse();
            } else {
                end += 1;
                while end < n && !less(v[end], v[end - 1])? {
                    end += 1;
                }
            }
        }
        let want = (start + 16).min(n);
        while end < want {
            let x = v[end];
            let (mut lo, mut hi) = (start, end);
            while lo < hi {
                let mid = (lo + hi) / 2;
                if less(x, v[mid])? {
                    hi = mid;
                } else {
                    lo = mid + 1;
                }
            }
            v.copy_within(lo..end, lo + 1);
            v[lo] = x;
            end += 1;
        }
        runs.push((start, end));
        // Keep run lengths falling fast enough that merges stay balanced.
        while runs.len() >= 2 {
            let k = runs.len();
            let len = |i: usize| runs[i].1 - runs[i].0;
            if k >= 3 && len(k - 3) <= len(k - 2) + len(k - 1) && len(k - 3) < len(k - 1) {
                let b = runs.remove(k - 2);
                let a = runs[k - 3];
                merge(v, a.0, a.1, b.1, &mut tmp, less)?;
                runs[k - 3] = (a.0, b.1);
            } else if len(k - 2) <= len(k - 1) {
                let b = runs.remove(k - 1);
                let a = runs[k - 2];
                merge(v, a.0, a.1, b.1, &mut tmp, less)?;
                runs[k - 2] = (a.0, b.1);
            } else {
                break;
            }
        }
        start = end;
    }
    while runs.len() >= 2 {
        let k = runs.len();
        let b = runs.remove(k - 1);
        let a = runs[k - 2];
        merge(v, a.0, a.1, b.1, &mut tmp, less)?;
        runs[k - 2] = (a.0, b.1);
    }
    Ok(())
}

fn merge(
    v: &mut [u32],
    a: usize,
    m: usize,
    b: usize,
    tmp: &mut Vec<u32>,
    less: impl Fn(u32, u32) -> R<bool>,
) -> R<()> {
    if !less(v[m], v[m - 1])? {
        return Ok(());
    }
    tmp.clear();
    tmp.extend_from_slice(&v[a..m]);
    let (mut i, mut j, mut k) = (0, m, a);
    while i < tmp.len() && j < b {
        let right = match less(v[j], tmp[i]) {
            Ok(r) => r,
            Err(e) => {
                // Leave a permutation behind.
                let rest = tmp.len() - i;
                v[k..k + rest].copy_from_slice(&tmp[i..]);
                return Err(e);
            }
        };
        if right {
            v[k] = v[j];
            j += 1;
        } else {
            v[k] = tmp[i];
            i += 1;
        }
        k += 1;
    }
    let rest = tmp.len() - i;
    v[k..k + rest].copy_from_slice(&tmp[i..]);
    Ok(())
}

//! Sorting: a stable merge sort with runs. It works on a detached buffer, so that the list looks empty (and a
//! change of it is noticed) while comparisons run Python code; ints, floats and strings are compared directly.

use crate::core::list;
use crate::error;
use crate::object::*;
use crate::ops;
use crate::runtime::rt;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;
use std::cmp::Ordering;

/// What all keys are.
#[derive(Clone, Copy, PartialEq)]
enum Keys {
    Ints,
    Floats,
    Strings,
    Any,
}

fn classify(keys: &[Value]) -> Keys {
    let Some(&first) = keys.first() else {
        return Keys::Any;
    };
    let str_shape = crate::classes::C::Str.shape();
    if first.is_int() && keys.iter().all(|k| k.is_int()) {
        Keys::Ints
    } else if first.is_float() && keys.iter().all(|k| k.is_float()) {
        Keys::Floats
    } else if first.shape() == str_shape && keys.iter().all(|k| k.shape() == str_shape) {
        Keys::Strings
    } else {
        Keys::Any
    }
}

pub fn sort(th: &Thread, l: Gc<ListObj>, key: Option<Value>, reverse: bool) -> R<()> {
    let n = list::len(l);
    if n == 0 {
        return Ok(());
    }
    let original = list::buf(l).value();
    let work = list::from_slice(th, list::items(l))?;
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
    // Sort positions: values stay in heap objects, positions are plain numbers.
    let ks = list::items(keys);
    let mut order: Vec<u32> = (0..n as u32).collect();
    if reverse {
        order.reverse();
    }
    match classify(ks) {
        Keys::Ints => order
            .sort_by(|&a, &b| (ks[a as usize].bits() as i64).cmp(&(ks[b as usize].bits() as i64))),
        Keys::Floats => order.sort_by(|&a, &b| {
            let (x, y) = (ks[a as usize].as_float(), ks[b as usize].as_float());
            x.partial_cmp(&y).unwrap_or(Ordering::Equal)
        }),
        Keys::Strings => order.sort_by(|&a, &b| {
            crate::types::string::order(expect(ks[a as usize]), expect(ks[b as usize]))
        }),
        Keys::Any => merge_sort(th, ks, &mut order)?,
    }
    if reverse {
        order.reverse();
    }
    let src = list::items(items);
    let out = list::with_capacity(th, n)?;
    for &i in &order {
        list::push(th, out, src[i as usize])?;
    }
    // Keep what conservative scanning could otherwise lose sight of.
    std::hint::black_box((items, keys));
    Ok(out)
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
                merge(v, a.0, a.1, b.1, &mut tmp, &less)?;
                runs[k - 3] = (a.0, b.1);
            } else if len(k - 2) <= len(k - 1) {
                let b = runs.remove(k - 1);
                let a = runs[k - 2];
                merge(v, a.0, a.1, b.1, &mut tmp, &less)?;
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
        merge(v, a.0, a.1, b.1, &mut tmp, &less)?;
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
    less: &dyn Fn(u32, u32) -> R<bool>,
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

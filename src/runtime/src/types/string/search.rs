//! Finding, counting and replacing.
//!
//! What must hold: a needle wider than the haystack cannot occur in it (widths are the smallest that fit).

use super::{arg_type, slice_index};
use crate::core::class::type_name;
use crate::core::string::{self as text, Builder, Units};
use crate::core::{int, parse as arg};
use crate::error::{type_error, value_error};
use crate::object::*;
use crate::spec::Args;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;
use memchr::memmem;

fn wide<T: TryFrom<u32>>(s: &StrObj) -> Option<Vec<T>> {
    s.chars().map(|c| T::try_from(c).ok()).collect()
}

fn find_in<T: PartialEq + Copy>(hay: &[T], needle: &[T]) -> Option<usize> {
    let (&first, rest) = needle.split_first()?;
    let last = hay.len().checked_sub(needle.len())?;
    let mut i = 0;
    while i <= last {
        i += hay[i..=last].iter().position(|&c| c == first)?;
        if hay[i + 1..].starts_with(rest) {
            return Some(i);
        }
        i += 1;
    }
    None
}

fn rfind_in<T: PartialEq + Copy>(hay: &[T], needle: &[T]) -> Option<usize> {
    let mut i = hay.len().checked_sub(needle.len())? + 1;
    while i > 0 {
        i -= 1;
        if hay[i..].starts_with(needle) {
            return Some(i);
        }
    }
    None
}

/// First position of `needle` inside `hay[start..end]`.
pub fn find(hay: &StrObj, needle: &StrObj, start: usize, end: usize) -> Option<usize> {
    if start > end || needle.len() > end - start || needle.width_log2() > hay.width_log2() {
        return None;
    }
    if needle.is_empty() {
        return Some(start);
    }
    let at = match hay.units() {
        Units::One(h) => match needle.bytes() {
            [c] => memchr::memchr(*c, &h[start..end]),
            n => memmem::find(&h[start..end], n),
        },
        Units::Two(h) => find_in(&h[start..end], &wide::<u16>(needle)?),
        Units::Four(h) => find_in(&h[start..end], &wide::<u32>(needle)?),
    }?;
    Some(start + at)
}

/// Last position of `needle` inside `hay[start..end]`.
pub fn rfind(hay: &StrObj, needle: &StrObj, start: usize, end: usize) -> Option<usize> {
    if start > end || needle.len() > end - start || needle.width_log2() > hay.width_log2() {
        return None;
    }
    if needle.is_empty() {
        return Some(end);
    }
    let at = match hay.units() {
        Units::One(h) => match needle.bytes() {
            [c] => memchr::memrchr(*c, &h[start..end]),
            n => memmem::rfind(&h[start..end], n),
        },
        Units::Two(h) => rfind_in(&h[start..end], &wide::<u16>(needle)?),
        Units::Four(h) => rfind_in(&h[start..end], &wide::<u32>(needle)?),
    }?;
    Some(start + at)
}

/// Positions of at most `max` occurrences that do not overlap; `needle` is not empty.
pub fn positions(
    hay: &StrObj,
    needle: &StrObj,
    start: usize,
    end: usize,
    max: usize,
) -> Vec<usize> {
    let mut out = Vec::new();
    if needle.width_log2() > hay.width_log2() || start > end {
        return out;
    }
    if let Units::One(h) = hay.units() {
        match needle.bytes() {
            [c] => out.extend(
                memchr::memchr_iter(*c, &h[start..end])
                    .take(max)
                    .map(|i| start + i),
            ),
            n => out.extend(
                memmem::find_iter(&h[start..end], n)
                    .take(max)
                    .map(|i| start + i),
            ),
        }
        return out;
    }
    let mut at = start;
    while out.len() < max {
        let Some(i) = find(hay, needle, at, end) else {
            break;
        };
        out.push(i);
        at = i + needle.len();
    }
    out
}

/// Start and end arguments as positions; `start` may lie beyond `end`.
pub fn bounds(th: &Thread, a: &[Value], len: usize) -> R<(usize, usize)> {
    let len = len as i64;
    let fix = |v: Option<&Value>, d: i64| -> R<i64> {
        match v {
            None | Some(&Value::NONE) => Ok(d),
            Some(&v) => {
                let i = slice_index(th, v)?;
                Ok(if i < 0 {
                    i.saturating_add(len).max(0)
                } else {
                    i
                })
            }
        }
    };
    let start = fix(a.first(), 0)?;
    let end = fix(a.get(1), len)?.min(len);
    Ok((start as usize, end as usize))
}

fn needle(th: &Thread, v: Value, func: &str) -> R<Gc<StrObj>> {
    match v.cast::<StrObj>() {
        Some(s) => Ok(s),
        None => Err(type_error(
            th,
            &format!("{func}() argument 1 must be str, not {}", arg_type(v)),
        )),
    }
}

fn search(th: &Thread, a: &[Value], func: &str, last: bool) -> R<Option<usize>> {
    let s: Gc<StrObj> = expect(a[0]);
    let n = needle(th, a[1], func)?;
    let (start, end) = bounds(th, &a[2..], s.len())?;
    Ok(if last {
        rfind(&s, &n, start, end)
    } else {
        find(&s, &n, start, end)
    })
}

fn or_minus_one(p: Option<usize>) -> Value {
    Value::small_int(p.map_or(-1, |p| p as i64))
}

fn or_error(th: &Thread, p: Option<usize>) -> R {
    match p {
        Some(p) => Ok(Value::small_int(p as i64)),
        None => Err(value_error(th, "substring not found")),
    }
}

pub fn find_method(th: &Thread, a: &[Value]) -> R {
    Ok(or_minus_one(search(th, a, "find", false)?))
}

pub fn rfind_method(th: &Thread, a: &[Value]) -> R {
    Ok(or_minus_one(search(th, a, "rfind", true)?))
}

pub fn index_method(th: &Thread, a: &[Value]) -> R {
    let p = search(th, a, "index", false)?;
    or_error(th, p)
}

pub fn rindex_method(th: &Thread, a: &[Value]) -> R {
    let p = search(th, a, "rindex", true)?;
    or_error(th, p)
}

pub fn count_method(th: &Thread, a: &[Value]) -> R {
    let s: Gc<StrObj> = expect(a[0]);
    let n = needle(th, a[1], "count")?;
    let (start, end) = bounds(th, &a[2..], s.len())?;
    let count = if start > end {
        0
    } else if n.is_empty() {
        end - start + 1
    } else {
        positions(&s, &n, start, end, usize::MAX).len()
    };
    int::from_usize(th, count)
}

/// Does `part` stand at `at` in `s`?
pub fn stands_at(s: &StrObj, part: &StrObj, at: usize) -> bool {
    if at + part.len() > s.len() || part.width_log2() > s.width_log2() {
        return false;
    }
    match (s.units(), part.units()) {
        (Units::One(h), Units::One(n)) => h[at..].starts_with(n),
        (Units::Two(h), Units::Two(n)) => h[at..].starts_with(n),
        (Units::Four(h), Units::Four(n)) => h[at..].starts_with(n),
        _ => (0..part.len()).all(|i| s.at(at + i) == part.at(i)),
    }
}

fn tail_match(th: &Thread, a: &[Value], func: &str, end_side: bool) -> R {
    let s: Gc<StrObj> = expect(a[0]);
    let (start, end) = bounds(th, &a[2..], s.len())?;
    let test = |p: &StrObj| {
        start <= end
            && p.len() <= end - start
            && stands_at(&s, p, if end_side { end - p.len() } else { start })
    };
    if let Some(p) = a[1].cast::<StrObj>() {
        return Ok(Value::bool(test(&p)));
    }
    let Some(t) = a[1].cast::<TupleObj>() else {
        return Err(type_error(
            th,
            &format!(
                "{func} first arg must be str or a tuple of str, not {}",
                type_name(a[1])
            ),
        ));
    };
    for &v in t.items() {
        let Some(p) = v.cast::<StrObj>() else {
            return Err(type_error(
                th,
                &format!(
                    "tuple for {func} must only contain str, not {}",
                    type_name(v)
                ),
            ));
        };
        if test(&p) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

pub fn starts_with(th: &Thread, a: &[Value]) -> R {
    tail_match(th, a, "startswith", false)
}

pub fn ends_with(th: &Thread, a: &[Value]) -> R {
    tail_match(th, a, "endswith", true)
}

pub fn replace(th: &Thread, a: Args) -> R {
    let s: Gc<StrObj> = expect(a.all()[0]);
    let [old, new, count] = crate::args!(th, a.rest(), "replace", ["", "", "count"], 2, 2, 3);
    let part = |v: Option<Value>, i: usize| -> R<Gc<StrObj>> {
        let Some(v) = v else { unreachable!("required") };
        match v.cast::<StrObj>() {
            Some(s) => Ok(s),
            None => Err(type_error(
                th,
                &format!("replace() argument {i} must be str, not {}", arg_type(v)),
            )),
        }
    };
    let (old, new) = (part(old, 1)?, part(new, 2)?);
    let max = match count {
        Some(c) => arg::as_isize(th, c)?,
        None => -1,
    };
    let max = if max < 0 { usize::MAX } else { max as usize };
    replace_text(th, s, old, new, max)
}

fn replace_text(th: &Thread, s: Gc<StrObj>, old: Gc<StrObj>, new: Gc<StrObj>, max: usize) -> R {
    let unchanged = || super::exact_str(th, s).map(|s| s.value());
    if max == 0 || old.len() > s.len() {
        return unchanged();
    }
    let width = s.width_log2().max(new.width_log2());
    if old.is_empty() {
        if s.is_empty() {
            return super::exact_str(th, new).map(|s| s.value());
        }
        let mut out = Builder::with_width(width, s.len() + new.len());
        let n = max.min(s.len() + 1);
        for i in 0..s.len() {
            if i < n {
                out.push(new);
            }
            out.push_char(s.at(i));
        }
        if n > s.len() {
            out.push(new);
        }
        return out.finish_value(th);
    }
    let at = positions(&s, &old, 0, s.len(), max);
    if at.is_empty() {
        return unchanged();
    }
    let total = (s.len() - at.len() * old.len()).checked_add(at.len().saturating_mul(new.len()));
    let Some(total) = total.filter(|&t| t < 1 << 40) else {
        return Err(crate::error::out_of_memory(th));
    };
    if let (Units::One(h), Units::One(n)) = (s.units(), new.units()) {
        let mut out = Vec::with_capacity(total);
        let mut from = 0;
        for &i in &at {
            out.extend_from_slice(&h[from..i]);
            out.extend_from_slice(n);
            from = i + old.len();
        }
        out.extend_from_slice(&h[from..]);
        return Ok(text::latin1(th, &out)?.value());
    }
    let mut out = Builder::with_width(width, total);
    let mut from = 0;
    for &i in &at {
        out.push_range(s, from, i);
        out.push(new);
        from = i + old.len();
    }
    out.push_range(s, from, s.len());
    out.finish_value(th)
}

//! Finding, counting and replacing in bytes.

use super::{as_slice, buffer, byte_arg, same_type, this, unchanged};
use crate::core::class::{special_of, type_name};
use crate::core::{int, parse as arg};
use crate::error::{type_error, value_error};
use crate::names::N;
use crate::object::*;
use crate::thread::{R, Thread};
use crate::types::string::search::bounds;
use habu_heap::Value;
use memchr::memmem;

/// What to look for: bytes, or one byte as an int.
fn needle(th: &Thread, v: Value) -> R<Vec<u8>> {
    if let Some(s) = as_slice(v) {
        return Ok(s.to_vec());
    }
    if int::is_int(v) || special_of(v, N::Index).is_some() {
        return Ok(vec![byte_arg(th, v)?]);
    }
    match super::bytes_like(th, v)? {
        Some(s) => Ok(s.to_vec()),
        None => Err(type_error(
            th,
            &format!(
                "argument should be integer or bytes-like object, not '{}'",
                type_name(v)
            ),
        )),
    }
}

pub fn find_in(hay: &[u8], needle: &[u8], last: bool) -> Option<usize> {
    match (needle, last) {
        ([c], false) => memchr::memchr(*c, hay),
        ([c], true) => memchr::memrchr(*c, hay),
        (n, false) => memmem::find(hay, n),
        (n, true) => memmem::rfind(hay, n),
    }
}

fn search(th: &Thread, a: &[Value], last: bool) -> R<Option<usize>> {
    let n = needle(th, a[1])?;
    let len = this(a[0]).len();
    let (start, end) = bounds(th, &a[2..], len)?;
    let hay = this(a[0]);
    if start > end || end > hay.len() {
        return Ok(None);
    }
    Ok(find_in(&hay[start..end], &n, last).map(|i| start + i))
}

fn or_minus_one(p: Option<usize>) -> Value {
    Value::small_int(p.map_or(-1, |p| p as i64))
}

fn or_error(th: &Thread, p: Option<usize>) -> R {
    match p {
        Some(p) => Ok(Value::small_int(p as i64)),
        None => Err(value_error(th, "subsection not found")),
    }
}

pub fn find_method(th: &Thread, a: &[Value]) -> R {
    Ok(or_minus_one(search(th, a, false)?))
}

pub fn rfind_method(th: &Thread, a: &[Value]) -> R {
    Ok(or_minus_one(search(th, a, true)?))
}

pub fn index_method(th: &Thread, a: &[Value]) -> R {
    let p = search(th, a, false)?;
    or_error(th, p)
}

pub fn rindex_method(th: &Thread, a: &[Value]) -> R {
    let p = search(th, a, true)?;
    or_error(th, p)
}

pub fn count_method(th: &Thread, a: &[Value]) -> R {
    let n = needle(th, a[1])?;
    let len = this(a[0]).len();
    let (start, end) = bounds(th, &a[2..], len)?;
    let hay = this(a[0]);
    let count = if start > end || end > hay.len() {
        0
    } else if n.is_empty() {
        end - start + 1
    } else {
        memmem::find_iter(&hay[start..end], &n).count()
    };
    int::from_usize(th, count)
}

fn tail_match(th: &Thread, a: &[Value], func: &str, end_side: bool) -> R {
    let len = this(a[0]).len();
    let (start, end) = bounds(th, &a[2..], len)?;
    let test = |p: &[u8]| {
        let hay = this(a[0]);
        start <= end
            && end <= hay.len()
            && if end_side {
                hay[start..end].ends_with(p)
            } else {
                hay[start..end].starts_with(p)
            }
    };
    if let Some(t) = a[1].cast::<TupleObj>() {
        for &v in t.items() {
            if test(buffer(th, v)?) {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    match super::bytes_like(th, a[1])? {
        Some(p) => Ok(Value::bool(test(p))),
        None => Err(type_error(
            th,
            &format!(
                "{func} first arg must be bytes or a tuple of bytes, not {}",
                type_name(a[1])
            ),
        )),
    }
}

pub fn starts_with(th: &Thread, a: &[Value]) -> R {
    tail_match(th, a, "startswith", false)
}

pub fn ends_with(th: &Thread, a: &[Value]) -> R {
    tail_match(th, a, "endswith", true)
}

pub fn replace(th: &Thread, a: &[Value]) -> R {
    let old = buffer(th, a[1])?;
    let new = buffer(th, a[2])?;
    let max = match a.get(3) {
        Some(&c) => arg::as_isize(th, c)?,
        None => -1,
    };
    let max = if max < 0 { usize::MAX } else { max as usize };
    let s = this(a[0]);
    if max == 0 || old.len() > s.len() {
        return unchanged(th, a[0]);
    }
    let mut out = Vec::with_capacity(s.len());
    if old.is_empty() {
        for (i, &c) in s.iter().enumerate() {
            if i < max {
                out.extend_from_slice(new);
            }
            out.push(c);
        }
        if s.len() < max {
            out.extend_from_slice(new);
        }
        return same_type(th, a[0], &out);
    }
    let mut from = 0;
    for i in memmem::find_iter(s, old).take(max) {
        out.extend_from_slice(&s[from..i]);
        out.extend_from_slice(new);
        from = i + old.len();
    }
    if from == 0 {
        return unchanged(th, a[0]);
    }
    out.extend_from_slice(&s[from..]);
    same_type(th, a[0], &out)
}

//! Taking bytes apart: split, partition, lines, prefixes.

use super::search::find_in;
use super::{buffer, same_type, this, unchanged};
use crate::core::{list, parse as arg, tuple};
use crate::error::value_error;
use crate::kinds;
use crate::object::*;
use crate::spec::Args;
use crate::thread::{R, Thread};
use habu_heap::Value;

pub fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t'..=b'\r')
}

fn split_args(th: &Thread, a: Args, func: &'static str) -> R<(Option<&'static [u8]>, usize)> {
    let p = arg::Params {
        func,
        names: ["sep", "maxsplit"],
        pos_only: 0,
        required: 0,
        max_pos: 2,
    };
    let [sep, max] = arg::parse(th, a, &p)?;
    let max = match max {
        Some(m) => arg::as_isize(th, m)?,
        None => -1,
    };
    let max = if max < 0 { usize::MAX } else { max as usize };
    let sep = match sep {
        None | Some(Value::NONE) => None,
        Some(v) => {
            let s = buffer(th, v)?;
            if s.is_empty() {
                return Err(value_error(th, "empty separator"));
            }
            Some(s)
        }
    };
    Ok((sep, max))
}

/// A list of parts of the receiver.
fn parts(th: &Thread, v: Value, ranges: &[(usize, usize)]) -> R {
    let l = list::with_capacity(th, ranges.len())?;
    let s = this(v);
    for &(a, b) in ranges {
        let part = same_type(th, v, &s[a..b])?;
        list::push(th, l, part)?;
    }
    Ok(l.value())
}

pub fn split(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let (sep, max) = split_args(th, a.rest(), "split")?;
    let s = this(v);
    let mut out = Vec::new();
    match sep {
        Some(sep) => {
            let mut from = 0;
            for i in memchr::memmem::find_iter(s, sep).take(max) {
                out.push((from, i));
                from = i + sep.len();
            }
            out.push((from, s.len()));
        }
        None => {
            let mut i = 0;
            loop {
                while i < s.len() && is_space(s[i]) {
                    i += 1;
                }
                if i == s.len() {
                    break;
                }
                if out.len() == max {
                    out.push((i, s.len()));
                    break;
                }
                let start = i;
                while i < s.len() && !is_space(s[i]) {
                    i += 1;
                }
                out.push((start, i));
            }
        }
    }
    parts(th, v, &out)
}

pub fn rsplit(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let (sep, max) = split_args(th, a.rest(), "rsplit")?;
    let s = this(v);
    let mut out = Vec::new();
    let mut end = s.len();
    match sep {
        Some(sep) => {
            while out.len() < max {
                let Some(i) = find_in(&s[..end], sep, true) else {
                    break;
                };
                out.push((i + sep.len(), end));
                end = i;
            }
            out.push((0, end));
        }
        None => loop {
            while end > 0 && is_space(s[end - 1]) {
                end -= 1;
            }
            if end == 0 {
                break;
            }
            if out.len() == max {
                out.push((0, end));
                break;
            }
            let mut start = end;
            while start > 0 && !is_space(s[start - 1]) {
                start -= 1;
            }
            out.push((start, end));
            end = start;
        },
    }
    out.reverse();
    parts(th, v, &out)
}

pub fn splitlines(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [keep] = crate::args!(th, a.rest(), "splitlines", ["keepends"], 0, 0, 1);
    let keep = match keep {
        Some(k) => crate::ops::truth(th, k)?,
        None => false,
    };
    let s = this(v);
    let mut out = Vec::new();
    let mut i = 0;
    while i < s.len() {
        let start = i;
        while i < s.len() && s[i] != b'\n' && s[i] != b'\r' {
            i += 1;
        }
        let end = i;
        if i < s.len() {
            i += if s[i..].starts_with(b"\r\n") { 2 } else { 1 };
        }
        out.push((start, if keep { i } else { end }));
    }
    parts(th, v, &out)
}

fn partition_at(th: &Thread, v: Value, sep: Value, last: bool) -> R {
    let d = buffer(th, sep)?;
    if d.is_empty() {
        return Err(value_error(th, "empty separator"));
    }
    let s = this(v);
    match find_in(s, d, last) {
        Some(i) => {
            let a = same_type(th, v, &s[..i])?;
            let mid = if v.kind() == kinds::BYTEARRAY {
                same_type(th, v, d)?
            } else {
                sep
            };
            let b = same_type(th, v, &s[i + d.len()..])?;
            tuple::new_value(th, &[a, mid, b])
        }
        None => {
            let whole = unchanged(th, v)?;
            let (e, f) = (same_type(th, v, &[])?, same_type(th, v, &[])?);
            tuple::new_value(th, &if last { [e, f, whole] } else { [whole, e, f] })
        }
    }
}

pub fn partition(th: &Thread, v: Value, sep: Value) -> R {
    partition_at(th, v, sep, false)
}

pub fn rpartition(th: &Thread, v: Value, sep: Value) -> R {
    partition_at(th, v, sep, true)
}

pub fn removeprefix(th: &Thread, v: Value, p: Value) -> R {
    let p = buffer(th, p)?;
    match this(v).strip_prefix(p) {
        Some(rest) if !p.is_empty() => same_type(th, v, rest),
        _ => unchanged(th, v),
    }
}

pub fn removesuffix(th: &Thread, v: Value, p: Value) -> R {
    let p = buffer(th, p)?;
    match this(v).strip_suffix(p) {
        Some(rest) if !p.is_empty() => same_type(th, v, rest),
        _ => unchanged(th, v),
    }
}

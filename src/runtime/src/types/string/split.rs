//! Taking apart: split, partition, lines, prefixes.

use super::arg_type;
use super::search::{find, positions, rfind, stands_at};
use super::words::Parts;
use crate::core::class::type_name;
use crate::core::string as text;
use crate::core::{list, parse as arg, tuple};
use crate::error::{type_error, value_error};
use crate::object::*;
use crate::spec::Args;
use crate::thread::{R, Thread, expect};
use crate::unicode;
use habu_heap::Value;

/// The separator (None for white space) and the limit.
fn split_args(th: &Thread, a: Args, func: &'static str) -> R<(Option<Gc<StrObj>>, usize)> {
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
        Some(v) => match v.cast::<StrObj>() {
            Some(s) if s.is_empty() => return Err(value_error(th, "empty separator")),
            Some(s) => Some(s),
            None => {
                return Err(type_error(
                    th,
                    &format!("must be str or None, not {}", type_name(v)),
                ));
            }
        },
    };
    Ok((sep, max))
}

fn push(th: &Thread, l: Gc<ListObj>, s: Gc<StrObj>, start: usize, end: usize) -> R<()> {
    let part = text::slice(th, s, start, end)?;
    list::push(th, l, part.value())
}

fn space(s: &StrObj, i: usize) -> bool {
    unicode::is_space(s.at(i))
}

pub fn split(th: &Thread, a: Args) -> R {
    let s: Gc<StrObj> = expect(a.all()[0]);
    let (sep, max) = split_args(th, a.rest(), "split")?;
    let n = s.len();
    let Some(sep) = sep else {
        return split_space(th, s, max);
    };
    let at = positions(&s, &sep, 0, n, max);
    let mut parts = Parts::new();
    let mut from = 0;
    for i in at {
        parts.cut(th, s, from, i)?;
        from = i + sep.len();
    }
    parts.cut(th, s, from, n)?;
    parts.finish(th)
}

fn split_space(th: &Thread, s: Gc<StrObj>, max: usize) -> R {
    if s.is_ascii() {
        return super::words::split(th, s, max);
    }
    split_where(th, s, max, |i, is| {
        (i..s.len())
            .find(|&i| space(&s, i) == is)
            .unwrap_or(s.len())
    })
}

/// Parts are found some at a time, so that the list gets room for just as many as there are.
const AT_ONCE: usize = 32;

/// `next(i, is)` is the next place from `i` on that is white space or not, or the end.
#[inline(always)]
fn split_where(th: &Thread, s: Gc<StrObj>, max: usize, next: impl Fn(usize, bool) -> usize) -> R {
    let l = list::new(th)?;
    let n = s.len();
    let mut parts = [(0, 0); AT_ONCE];
    let (mut i, mut done) = (0, 0);
    loop {
        let mut found = 0;
        while found < AT_ONCE {
            let start = next(i, false);
            if start == n {
                break;
            }
            i = if done + found == max {
                n
            } else {
                next(start, true)
            };
            parts[found] = (start, i);
            found += 1;
        }
        if found == 0 {
            return Ok(l.value());
        }
        // What a long text has is not known; a list that grows by the same number each time would cost its square.
        list::reserve(
            th,
            l,
            if done == 0 {
                found
            } else {
                found.max(done / 2)
            },
        )?;
        for &(start, end) in &parts[..found] {
            push(th, l, s, start, end)?;
        }
        done += found;
    }
}

pub fn rsplit(th: &Thread, a: Args) -> R {
    let s: Gc<StrObj> = expect(a.all()[0]);
    let (sep, max) = split_args(th, a.rest(), "rsplit")?;
    // Parts from the right, turned around at the end.
    let mut parts: Vec<(usize, usize)> = Vec::new();
    let mut end = s.len();
    match sep {
        Some(sep) => {
            while parts.len() < max {
                let Some(i) = rfind(&s, &sep, 0, end) else {
                    break;
                };
                parts.push((i + sep.len(), end));
                end = i;
            }
            parts.push((0, end));
        }
        None => loop {
            while end > 0 && space(&s, end - 1) {
                end -= 1;
            }
            if end == 0 {
                break;
            }
            if parts.len() == max {
                parts.push((0, end));
                break;
            }
            let mut start = end;
            while start > 0 && !space(&s, start - 1) {
                start -= 1;
            }
            parts.push((start, end));
            end = start;
        },
    }
    let l = list::with_capacity(th, parts.len())?;
    for &(start, end) in parts.iter().rev() {
        push(th, l, s, start, end)?;
    }
    Ok(l.value())
}

pub fn splitlines(th: &Thread, a: Args) -> R {
    let s: Gc<StrObj> = expect(a.all()[0]);
    let [keep] = crate::args!(th, a.rest(), "splitlines", ["keepends"], 0, 0, 1);
    let keep = match keep {
        Some(k) => crate::ops::truth(th, k)?,
        None => false,
    };
    let l = list::new(th)?;
    let n = s.len();
    let mut i = 0;
    while i < n {
        let start = i;
        while i < n && !unicode::is_linebreak(s.at(i)) {
            i += 1;
        }
        let end = i;
        if i < n {
            i += if s.at(i) == 13 && i + 1 < n && s.at(i + 1) == 10 {
                2
            } else {
                1
            };
        }
        push(th, l, s, start, if keep { i } else { end })?;
    }
    Ok(l.value())
}

fn separator(th: &Thread, v: Value) -> R<Gc<StrObj>> {
    match v.cast::<StrObj>() {
        Some(s) if s.is_empty() => Err(value_error(th, "empty separator")),
        Some(s) => Ok(s),
        None => Err(type_error(
            th,
            &format!("must be str, not {}", type_name(v)),
        )),
    }
}

pub fn partition(th: &Thread, v: Value, sep: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    let sep = separator(th, sep)?;
    let empty = text::empty().value();
    match find(&s, &sep, 0, s.len()) {
        Some(i) => {
            let a = text::slice(th, s, 0, i)?;
            let b = text::slice(th, s, i + sep.len(), s.len())?;
            tuple::new_value(th, &[a.value(), sep.value(), b.value()])
        }
        None => {
            let s = super::exact_str(th, s)?;
            tuple::new_value(th, &[s.value(), empty, empty])
        }
    }
}

pub fn rpartition(th: &Thread, v: Value, sep: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    let sep = separator(th, sep)?;
    let empty = text::empty().value();
    match rfind(&s, &sep, 0, s.len()) {
        Some(i) => {
            let a = text::slice(th, s, 0, i)?;
            let b = text::slice(th, s, i + sep.len(), s.len())?;
            tuple::new_value(th, &[a.value(), sep.value(), b.value()])
        }
        None => {
            let s = super::exact_str(th, s)?;
            tuple::new_value(th, &[empty, empty, s.value()])
        }
    }
}

fn affix(th: &Thread, v: Value, func: &str) -> R<Gc<StrObj>> {
    match v.cast::<StrObj>() {
        Some(s) => Ok(s),
        None => Err(type_error(
            th,
            &format!("{func}() argument must be str, not {}", arg_type(v)),
        )),
    }
}

pub fn removeprefix(th: &Thread, v: Value, p: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    let p = affix(th, p, "removeprefix")?;
    let from = if stands_at(&s, &p, 0) { p.len() } else { 0 };
    Ok(text::slice(th, s, from, s.len())?.value())
}

pub fn removesuffix(th: &Thread, v: Value, p: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    let p = affix(th, p, "removesuffix")?;
    let cut = p.len() <= s.len() && stands_at(&s, &p, s.len() - p.len());
    Ok(text::slice(th, s, 0, if cut { s.len() - p.len() } else { s.len() })?.value())
}

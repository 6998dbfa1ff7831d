//! Padding, stripping, joining, translating, encoding, formatting.

use crate::classes::C;
use crate::core::class::type_name;
use crate::core::string::{self as text, Builder, Filler};
use crate::core::{dict, int, list, parse as arg, recent};
use crate::error::{absorb, raise, type_error, value_error};
use crate::object::*;
use crate::spec::Args;
use crate::thread::{R, Thread, expect};
use crate::unicode;
use habu_heap::Value;

fn pad(th: &Thread, s: Gc<StrObj>, left: usize, right: usize, fill: u32) -> R {
    if left == 0 && right == 0 {
        return Ok(super::exact_str(th, s)?.value());
    }
    if left.saturating_add(right).saturating_add(s.len()) > 1 << 40 {
        return Err(crate::error::out_of_memory(th));
    }
    let len = s.len() + left + right;
    if s.width_log2() == 0 && fill < 256 && len > 1 {
        let s = text::build(th, len, s.is_ascii() && fill < 128, |room| {
            let mut out = Filler::new(room);
            out.push_many(fill as u8, left);
            out.push(s.bytes());
            out.push_many(fill as u8, right);
        })?;
        return Ok(s.value());
    }
    let width = if fill > 255 { 2 } else { s.width_log2() };
    let mut out = Builder::with_width(width, len);
    for _ in 0..left {
        out.push_char(fill);
    }
    out.push(s);
    for _ in 0..right {
        out.push_char(fill);
    }
    out.finish_value(th)
}

/// Width and fill character: the room to fill.
fn pad_args(th: &Thread, a: &[Value]) -> R<(Gc<StrObj>, usize, u32)> {
    let s: Gc<StrObj> = expect(a[0]);
    let width = arg::as_isize(th, a[1])?;
    let fill = match a.get(2) {
        None => 32,
        Some(&f) => match f.cast::<StrObj>() {
            Some(f) if f.len() == 1 => f.at(0),
            Some(_) => {
                return Err(type_error(
                    th,
                    "The fill character must be exactly one character long",
                ));
            }
            None => {
                return Err(type_error(
                    th,
                    &format!(
                        "The fill character must be a unicode character, not {}",
                        type_name(f)
                    ),
                ));
            }
        },
    };
    Ok((s, (width - s.len() as i64).max(0) as usize, fill))
}

pub fn center(th: &Thread, a: &[Value]) -> R {
    let (s, room, fill) = pad_args(th, a)?;
    let left = room / 2 + (room & (s.len() + room) & 1);
    pad(th, s, left, room - left, fill)
}

pub fn ljust(th: &Thread, a: &[Value]) -> R {
    let (s, room, fill) = pad_args(th, a)?;
    pad(th, s, 0, room, fill)
}

pub fn rjust(th: &Thread, a: &[Value]) -> R {
    let (s, room, fill) = pad_args(th, a)?;
    pad(th, s, room, 0, fill)
}

pub fn zfill(th: &Thread, v: Value, width: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    let width = arg::as_isize(th, width)?;
    let room = (width - s.len() as i64).max(0) as usize;
    if room == 0 || s.is_empty() || !matches!(s.at(0), 0x2b | 0x2d) {
        return pad(th, s, room, 0, b'0' as u32);
    }
    let mut out = Builder::with_width(s.width_log2(), s.len() + room);
    out.push_char(s.at(0));
    for _ in 0..room {
        out.push_char(b'0' as u32);
    }
    out.push_range(s, 1, s.len());
    out.finish_value(th)
}

pub fn expandtabs(th: &Thread, a: Args) -> R {
    let s: Gc<StrObj> = expect(a.all()[0]);
    let [size] = crate::args!(th, a.rest(), "expandtabs", ["tabsize"], 0, 0, 1);
    let size = match size {
        Some(v) => arg::as_i32(th, v)?.max(0) as usize,
        None => 8,
    };
    let mut out = Builder::with_width(s.width_log2(), s.len());
    let mut column = 0;
    for c in s.chars() {
        if c == 9 {
            if size > 0 {
                let n = size - column % size;
                if out.len() + n > 1 << 40 {
                    return Err(raise(th, C::OverflowError, "new string is too long"));
                }
                for _ in 0..n {
                    out.push_char(32);
                }
                column += n;
            }
        } else {
            out.push_char(c);
            column = if c == 10 || c == 13 { 0 } else { column + 1 };
        }
    }
    out.finish_value(th)
}

/// Where to strip.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Left,
    Right,
    Both,
}

/// Up to eight ASCII characters, the rest of the word no characters.
#[derive(Clone, Copy)]
struct Few(u64);

impl Few {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = 0x80 * Few::ONES;

    /// Of an ASCII string; `None` for a longer one, and where its characters do not stand in the object itself, filled up to whole words.
    #[inline(always)]
    fn of(set: Gc<StrObj>) -> Option<Few> {
        let n = set.len();
        if n > 8 || set.owner.get().is_some() {
            return None;
        }
        if n == 0 {
            return Some(Few(Few::TOPS));
        }
        // SAFETY: data stands behind the object and has room for whole words.
        let word = u64::from_le(unsafe { *(set.raw().add(1) as *const u64) });
        let used = u64::MAX >> (64 - 8 * n);
        Some(Few(word & used | Few::TOPS & !used))
    }

    /// Is this ASCII character one of them?
    #[inline(always)]
    fn has(self, c: u8) -> bool {
        // A byte that is 0 borrows from its top bit.
        let differ = self.0 ^ (u64::from(c) * Few::ONES);
        differ.wrapping_sub(Few::ONES) & !differ & Few::TOPS != 0
    }
}

#[inline(never)]
fn strip_ends(th: &Thread, a: &[Value], func: &str, ends: Ends) -> R {
    let s: Gc<StrObj> = expect(a[0]);
    let chars = match a.get(1) {
        None | Some(&Value::NONE) => None,
        Some(&v) => match v.cast::<StrObj>() {
            Some(c) => Some(c),
            None => return Err(type_error(th, &format!("{func} arg must be None or str"))),
        },
    };
    let n = s.len();
    let (i, j) = match (s.is_ascii(), &chars) {
        (true, None) => {
            let b = s.bytes();
            inner(n, ends, |i| super::is_ascii_space(b[i]))
        }
        (true, Some(set)) if set.is_ascii() => {
            let b = s.bytes();
            let set = set.bytes().iter().fold(0, |m, &c| m | 1u128 << (c & 127));
            inner(n, ends, |i| set >> (b[i] & 127) & 1 != 0)
        }
        _ => wide_ends(s, chars, ends),
    };
    Ok(text::slice(th, s, i, j)?.value())
}

#[inline(never)]
fn wide_ends(s: Gc<StrObj>, chars: Option<Gc<StrObj>>, ends: Ends) -> (usize, usize) {
    inner(s.len(), ends, |i| match &chars {
        None => unicode::is_space(s.at(i)),
        Some(set) => set.chars().any(|x| x == s.at(i)),
    })
}

/// What is left of `0..n` without the ends that are `out`.
#[inline(always)]
fn inner(n: usize, ends: Ends, out: impl Fn(usize) -> bool) -> (usize, usize) {
    let (mut i, mut j) = (0, n);
    if ends != Ends::Right {
        while i < j && out(i) {
            i += 1;
        }
    }
    if ends != Ends::Left {
        while j > i && out(j - 1) {
            j -= 1;
        }
    }
    (i, j)
}

/// An exact ASCII string and what to strip from it, which is one too.
#[inline(always)]
fn text_and_set(a: &[Value]) -> Option<(Gc<StrObj>, Gc<StrObj>)> {
    let &[this, set] = a else {
        return None;
    };
    if this.shape() != C::Str.shape() || set.shape() != C::Str.shape() {
        return None;
    }
    // SAFETY: exactly strings.
    let both: (Gc<StrObj>, Gc<StrObj>) = unsafe { (this.cast_unchecked(), set.cast_unchecked()) };
    (both.0.flags() & both.1.flags() & text::ASCII != 0).then_some(both)
}

/// What is left of an exact ASCII string without a few ASCII characters.
#[inline(always)]
fn strip_few(a: &[Value], ends: Ends) -> Option<(Gc<StrObj>, usize, usize)> {
    let (s, set) = text_and_set(a)?;
    let (set, b) = (Few::of(set)?, s.bytes());
    let (i, j) = inner(b.len(), ends, |i| set.has(b[i]));
    Some((s, i, j))
}

#[inline(always)]
fn stripped(th: &Thread, a: &[Value], func: &str, ends: Ends) -> R {
    match strip_few(a, ends) {
        Some((s, 0, j)) if j == s.len() => Ok(a[0]),
        Some((s, i, j)) => Ok(text::slice(th, s, i, j)?.value()),
        None => strip_ends(th, a, func, ends),
    }
}

/// Do both ends of an exact ASCII string surely stay, as there are few characters to strip and these are others?
#[inline(always)]
fn stays(a: &[Value]) -> bool {
    let Some((s, set)) = text_and_set(a) else {
        return false;
    };
    let (n @ 1.., Some(word)) = (s.len(), set.first_word()) else {
        return false;
    };
    let p = s.data();
    // SAFETY: of one byte each, and there is one.
    let (first, last) = unsafe { (*p, *p.add(n - 1)) };
    // Bytes below 128: adding 127 leaves the top bit of those that are 0. Bytes behind the set carry only away from it.
    let others = |c: u8| (word ^ (u64::from(c) * Few::ONES)).wrapping_add(0x7f * Few::ONES);
    let used = Few::TOPS >> (64 - 8 * set.len());
    others(first) & others(last) & used == used
}

pub fn strip(th: &Thread, a: &[Value]) -> R {
    match stays(a) {
        true => Ok(a[0]),
        false => strip_both(th, a),
    }
}

#[inline(never)]
fn strip_both(th: &Thread, a: &[Value]) -> R {
    stripped(th, a, "strip", Ends::Both)
}

pub fn lstrip(th: &Thread, a: &[Value]) -> R {
    stripped(th, a, "lstrip", Ends::Left)
}

pub fn rstrip(th: &Thread, a: &[Value]) -> R {
    stripped(th, a, "rstrip", Ends::Right)
}

pub fn join(th: &Thread, sep: Value, items: Value) -> R {
    let sep: Gc<StrObj> = expect(sep);
    let l: Gc<ListObj>;
    let parts: &[Value] = if items.shape() == C::Tuple.shape() {
        // SAFETY: the tuple stays on the stack while its items are used.
        unsafe {
            std::mem::transmute::<&[Value], &'static [Value]>(expect::<TupleObj>(items).items())
        }
    } else if items.shape() == C::List.shape() {
        list::items(expect(items))
    } else {
        if !crate::ops::iter::is_iterable(items) {
            return Err(type_error(th, "can only join an iterable"));
        }
        l = crate::ops::iter::to_list(th, items)?;
        list::items(l)
    };
    // No Python code runs below, so a list's buffer does not change under the slice.
    if sep.is_empty()
        && let Some(s) = join_characters(th, parts)?
    {
        return Ok(s.value());
    }
    let (mut len, mut width, mut ascii) = (0usize, sep.width_log2(), sep.is_ascii());
    for (i, &v) in parts.iter().enumerate() {
        let Some(s) = v.cast::<StrObj>() else {
            return Err(type_error(
                th,
                &format!(
                    "sequence item {i}: expected str instance, {} found",
                    type_name(v)
                ),
            ));
        };
        len = len.saturating_add(s.len() + sep.len());
        width = width.max(s.width_log2());
        ascii &= s.is_ascii();
    }
    match parts {
        [] => return Ok(text::empty().value()),
        [one] if one.shape() == C::Str.shape() => return Ok(*one),
        _ => {}
    }
    if len > 1 << 40 {
        return Err(raise(
            th,
            C::OverflowError,
            "join() result is too long for a Python string",
        ));
    }
    // One separator was counted too many.
    let total = len - sep.len();
    if width == 0 && total > 1 {
        let sep = sep.bytes();
        let s = text::build(th, total, ascii, |room| {
            let mut out = Filler::new(room);
            for (i, &v) in parts.iter().enumerate() {
                if i > 0 && !sep.is_empty() {
                    out.push(sep);
                }
                out.push(expect::<StrObj>(v).bytes());
            }
        })?;
        return Ok(s.value());
    }
    let mut out = Builder::with_width(width, len);
    for (i, &v) in parts.iter().enumerate() {
        if i > 0 {
            out.push(sep);
        }
        out.push(expect(v));
    }
    out.finish_value(th)
}

/// Several texts of one ASCII character each as one text; `None`: not all of them are.
fn join_characters(th: &Thread, parts: &[Value]) -> R<Option<Gc<StrObj>>> {
    let character = |v: &Value| {
        let s = v
            .cast::<StrObj>()
            .filter(|s| s.len() == 1 && s.is_ascii())?;
        Some(s.first_word()? as u8)
    };
    // Both ends tell most others apart before there is room for a text.
    let ([first, .., last], Some(_)) = (parts, parts.first().and_then(character)) else {
        return Ok(None);
    };
    if first != last && character(last).is_none() {
        return Ok(None);
    }
    if parts.len() <= recent::MOST {
        let mut word = 0;
        for (i, v) in parts.iter().enumerate() {
            let Some(c) = character(v) else {
                return Ok(None);
            };
            word |= u64::from(c) << (8 * i);
        }
        // A short text put together from characters is likely to be a name that comes again.
        let key = recent::Key::of_word(word, parts.len());
        return Ok(Some(text::short_part(th, key, parts.len())?));
    }
    let mut all = true;
    let s = text::build(th, parts.len(), true, |room| {
        for (to, v) in room.iter_mut().zip(parts) {
            match character(v) {
                Some(c) => *to = c,
                None => {
                    all = false;
                    break;
                }
            }
        }
        if !all {
            room.fill(0);
        }
    })?;
    Ok(all.then_some(s))
}

pub fn encode(th: &Thread, a: Args) -> R {
    let s: Gc<StrObj> = expect(a.all()[0]);
    let [encoding, errors] = crate::args!(th, a.rest(), "encode", ["encoding", "errors"], 0, 0, 2);
    let name = |v: Option<Value>, what: &str, default: &str| -> R<String> {
        match v {
            None => Ok(default.into()),
            Some(v) => match v.cast::<StrObj>() {
                Some(s) => Ok(s.to_rust().into_owned()),
                None => Err(type_error(
                    th,
                    &format!(
                        "encode() argument '{what}' must be str, not {}",
                        super::arg_type(v)
                    ),
                )),
            },
        }
    };
    let (encoding, errors) = (
        name(encoding, "encoding", "utf-8")?,
        name(errors, "errors", "strict")?,
    );
    let b = crate::codecs::encode(th, s, &encoding, &errors)?;
    crate::types::bytes::new(th, &b)
}

pub fn format(th: &Thread, a: Args) -> R {
    crate::types::string_format::format(th, expect(a.all()[0]), a.rest())
}

pub fn format_map(th: &Thread, s: Value, mapping: Value) -> R {
    crate::types::string_format::format_map(th, expect(s), mapping)
}

pub fn translate(th: &Thread, v: Value, table: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    let mut out = Builder::with_width(s.width_log2(), s.len());
    for c in s.chars() {
        let r = crate::ops::subscr::get(th, table, Value::small_int(c as i64));
        let Some(r) = absorb(th, r, C::LookupError)? else {
            out.push_char(c);
            continue;
        };
        if r.is_none() {
            continue;
        }
        if let Some(t) = r.cast::<StrObj>() {
            out.push(t);
        } else if int::is_int(r) {
            match int::to_i64(r) {
                Some(i) if (0..0x110000).contains(&i) => out.push_char(i as u32),
                _ => {
                    return Err(value_error(
                        th,
                        "character mapping must be in range(0x110000)",
                    ));
                }
            }
        } else {
            return Err(type_error(
                th,
                "character mapping must return integer, None or str",
            ));
        }
    }
    out.finish_value(th)
}

pub fn maketrans(th: &Thread, a: &[Value]) -> R {
    let d = dict::new_dict(th)?;
    if a.len() == 1 {
        let Some(src) = a[0].cast::<DictObj>() else {
            return Err(type_error(
                th,
                "if you give only one argument to maketrans it must be a dict",
            ));
        };
        let mut i = 0;
        while let Some((k, v)) = dict::next(src, &mut i) {
            let key = if let Some(s) = k.cast::<StrObj>() {
                if s.len() != 1 {
                    return Err(value_error(
                        th,
                        "string keys in translatetable must be of length 1",
                    ));
                }
                Value::small_int(s.at(0) as i64)
            } else if int::is_int(k) {
                k
            } else {
                return Err(type_error(
                    th,
                    "keys in translate table mustbe strings or integers",
                ));
            };
            dict::set(th, d, key, v)?;
        }
        return Ok(d.value());
    }
    let Some(x) = a[0].cast::<StrObj>() else {
        return Err(type_error(
            th,
            "first maketrans argument must be a string if there is a second argument",
        ));
    };
    let other = |v: Value, i: usize| match v.cast::<StrObj>() {
        Some(s) => Ok(s),
        None => Err(type_error(
            th,
            &format!(
                "maketrans() argument {i} must be str, not {}",
                super::arg_type(v)
            ),
        )),
    };
    let y = other(a[1], 2)?;
    let z = match a.get(2) {
        Some(&z) => Some(other(z, 3)?),
        None => None,
    };
    if x.len() != y.len() {
        return Err(value_error(
            th,
            "the first two maketrans arguments must have equal length",
        ));
    }
    for (k, v) in x.chars().zip(y.chars()) {
        dict::set(
            th,
            d,
            Value::small_int(k as i64),
            Value::small_int(v as i64),
        )?;
    }
    if let Some(z) = z {
        for k in z.chars() {
            dict::set(th, d, Value::small_int(k as i64), Value::NONE)?;
        }
    }
    Ok(d.value())
}

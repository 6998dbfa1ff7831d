//! Case mapping and questions about characters.

use crate::classes::C;
use crate::core::string::{self as text, Builder};
use crate::object::*;
use crate::thread::{R, Thread, expect};
use crate::unicode as u;
use habu_heap::Value;

const SIGMA: u32 = 0x3a3;

/// A new ASCII string, byte by byte.
fn map_ascii(th: &Thread, s: Gc<StrObj>, f: impl Fn(usize, u8) -> u8) -> R {
    let old = s.bytes();
    if old.len() < 2 {
        return Ok(match old {
            [c] => text::latin1_char(f(0, *c)),
            _ => text::empty(),
        }
        .value());
    }
    let new = text::build(th, old.len(), true, |new| {
        for (i, (to, &c)) in new.iter_mut().zip(old).enumerate() {
            *to = f(i, c);
        }
    })?;
    Ok(new.value())
}

/// An exact ASCII string without a letter from `first` to `last`: mapping those letters would make a copy, which it
/// can be itself, hash included.
fn is_fixed(s: Gc<StrObj>, first: u8, last: u8) -> bool {
    let b = s.bytes();
    let (words, rest) = b.as_chunks::<8>();
    let mut found = words
        .iter()
        .fold(0, |f, w| f | letters(u64::from_le_bytes(*w), first, last));
    let end = match b.last_chunk::<8>() {
        Some(w) => u64::from_le_bytes(*w),
        None => text::short_word(rest),
    };
    found |= letters(end, first, last);
    found == 0 && s.value().shape() == C::Str.shape()
}

/// The top bits of those of eight ASCII characters that are letters from `first` to `last`.
#[inline(always)]
fn letters(word: u64, first: u8, last: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x80 * ONES;
    // Each is below 128: adding carries into a byte's top bit where it is large enough.
    let (low, high) = (ONES * u64::from(128 - first), ONES * u64::from(127 - last));
    (word + low) & !(word + high) & TOPS
}

fn push(out: &mut Builder, m: u::Mapped) {
    for &c in m.as_slice() {
        out.push_char(c)
    }
}

/// Lowercase of the character at `i`, with the rule for a sigma that ends a word.
fn lower_at(s: &StrObj, i: usize) -> u::Mapped {
    let c = s.at(i);
    if c == SIGMA {
        return u::Mapped::one(if final_sigma(s, i) { 0x3c2 } else { 0x3c3 });
    }
    u::to_lower(c)
}

fn final_sigma(s: &StrObj, i: usize) -> bool {
    let before = (0..i)
        .rev()
        .map(|j| s.at(j))
        .find(|&c| !u::is_case_ignorable(c));
    if !before.is_some_and(u::is_cased) {
        return false;
    }
    let after = (i + 1..s.len())
        .map(|j| s.at(j))
        .find(|&c| !u::is_case_ignorable(c));
    !after.is_some_and(u::is_cased)
}

fn map(th: &Thread, s: Gc<StrObj>, f: impl Fn(usize) -> u::Mapped) -> R {
    let mut out = Builder::with_width(s.width_log2(), s.len());
    for i in 0..s.len() {
        push(&mut out, f(i));
    }
    out.finish_value(th)
}

/// Is it an exact ASCII string of a few characters, none of them a letter from `first` to `last`?
#[inline(always)]
fn is_fixed_word(v: Value, first: u8, last: u8) -> bool {
    if v.shape() != C::Str.shape() {
        return false;
    }
    // SAFETY: exactly a str.
    let s: Gc<StrObj> = unsafe { v.cast_unchecked() };
    let Some(word) = s.first_word() else {
        return false;
    };
    let word = word & (u64::MAX >> (64 - 8 * s.len()));
    s.is_ascii() && letters(word, first, last) == 0
}

pub fn lower(th: &Thread, v: Value) -> R {
    match is_fixed_word(v, b'A', b'Z') {
        true => Ok(v),
        false => lower_any(th, v),
    }
}

#[inline(never)]
fn lower_any(th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    match s.is_ascii() && is_fixed(s, b'A', b'Z') {
        true => Ok(v),
        false => lowered(th, s),
    }
}

#[inline(never)]
fn lowered(th: &Thread, s: Gc<StrObj>) -> R {
    if s.is_ascii() {
        return map_ascii(th, s, |_, c| c.to_ascii_lowercase());
    }
    map(th, s, |i| lower_at(&s, i))
}

pub fn upper(th: &Thread, v: Value) -> R {
    match is_fixed_word(v, b'a', b'z') {
        true => Ok(v),
        false => upper_any(th, v),
    }
}

#[inline(never)]
fn upper_any(th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    match s.is_ascii() && is_fixed(s, b'a', b'z') {
        true => Ok(v),
        false => uppered(th, s),
    }
}

#[inline(never)]
fn uppered(th: &Thread, s: Gc<StrObj>) -> R {
    if s.is_ascii() {
        return map_ascii(th, s, |_, c| c.to_ascii_uppercase());
    }
    map(th, s, |i| u::to_upper(s.at(i)))
}

pub fn casefold(th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    if s.is_ascii() {
        return lower(th, v);
    }
    map(th, s, |i| u::to_folded(s.at(i)))
}

pub fn swapcase(th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    if s.is_ascii() {
        return map_ascii(
            th,
            s,
            |_, c| if c.is_ascii_alphabetic() { c ^ 32 } else { c },
        );
    }
    map(th, s, |i| {
        let c = s.at(i);
        if u::is_upper(c) {
            lower_at(&s, i)
        } else if u::is_lower(c) {
            u::to_upper(c)
        } else {
            u::Mapped::one(c)
        }
    })
}

pub fn capitalize(th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    if s.is_ascii() {
        return map_ascii(th, s, |i, c| {
            if i == 0 {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        });
    }
    map(th, s, |i| {
        if i == 0 {
            u::to_title(s.at(0))
        } else {
            lower_at(&s, i)
        }
    })
}

pub fn title(th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    map(th, s, |i| {
        if i > 0 && u::is_cased(s.at(i - 1)) {
            lower_at(&s, i)
        } else {
            u::to_title(s.at(i))
        }
    })
}

fn all(v: Value, f: impl Fn(u32) -> bool) -> R {
    let s: Gc<StrObj> = expect(v);
    Ok(Value::bool(!s.is_empty() && s.chars().all(f)))
}

pub fn isalnum(_th: &Thread, v: Value) -> R {
    all(v, |c| u::is_alpha(c) || u::is_numeric(c))
}

pub fn isalpha(_th: &Thread, v: Value) -> R {
    all(v, u::is_alpha)
}

pub fn isascii(_th: &Thread, v: Value) -> R {
    Ok(Value::bool(expect::<StrObj>(v).is_ascii()))
}

pub fn isdecimal(_th: &Thread, v: Value) -> R {
    all(v, u::is_decimal)
}

pub fn isdigit(_th: &Thread, v: Value) -> R {
    all(v, u::is_digit)
}

pub fn isnumeric(_th: &Thread, v: Value) -> R {
    all(v, u::is_numeric)
}

pub fn isspace(_th: &Thread, v: Value) -> R {
    all(v, u::is_space)
}

pub fn isprintable(_th: &Thread, v: Value) -> R {
    Ok(Value::bool(
        expect::<StrObj>(v).chars().all(u::is_printable),
    ))
}

pub fn isidentifier(_th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    Ok(Value::bool(is_identifier(&s)))
}

pub fn is_identifier(s: &StrObj) -> bool {
    let mut chars = s.chars();
    let start = chars
        .next()
        .is_some_and(|c| c == b'_' as u32 || u::is_xid_start(c));
    start && chars.all(u::is_xid_continue)
}

pub fn islower(_th: &Thread, v: Value) -> R {
    one_case(v, u::is_lower, u::is_upper)
}

pub fn isupper(_th: &Thread, v: Value) -> R {
    one_case(v, u::is_upper, u::is_lower)
}

fn one_case(v: Value, wanted: fn(u32) -> bool, other: fn(u32) -> bool) -> R {
    let s: Gc<StrObj> = expect(v);
    let mut seen = false;
    for c in s.chars() {
        if other(c) || u::is_title(c) {
            return Ok(Value::FALSE);
        }
        seen |= wanted(c);
    }
    Ok(Value::bool(seen))
}

pub fn istitle(_th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    let (mut seen, mut inside) = (false, false);
    for c in s.chars() {
        if u::is_upper(c) || u::is_title(c) {
            if inside {
                return Ok(Value::FALSE);
            }
            inside = true;
            seen = true;
        } else if u::is_lower(c) {
            if !inside {
                return Ok(Value::FALSE);
            }
            seen = true;
        } else {
            inside = false;
        }
    }
    Ok(Value::bool(seen))
}

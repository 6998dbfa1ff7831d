//! Ints from and to text in any base, with the limit on the number of digits.

use crate::core::short::{Short, eight_digits};
use crate::core::{int, string};
use crate::error::value_error;
use crate::object::*;
use crate::runtime::rt;
use crate::thread::{R, Raised, Thread};
use dashu_int::ops::BitTest;
use dashu_int::{IBig, Sign, UBig};
use habu_heap::Value;
use std::sync::atomic::Ordering::Relaxed;

/// Decimal digits, without a limit.
pub fn to_string(v: Value) -> String {
    match int::to_i64(v) {
        Some(i) => i.to_string(),
        None => super::arith::big(v).to_string(),
    }
}

/// Room for a 64-bit number in any base, with a sign.
pub type Digits = [u8; 65];

/// Write the decimal digits to the buffer's end, eight at a time (what stands before them is lost); returns where they
/// begin.
#[inline]
pub fn write_decimal(mut m: u64, buffer: &mut Digits) -> usize {
    let mut at = buffer.len();
    loop {
        at -= 8;
        let eight = eight_digits(m % 100_000_000);
        m /= 100_000_000;
        buffer[at..at + 8].copy_from_slice(&(eight + 0x3030_3030_3030_3030).to_le_bytes());
        if m == 0 {
            return at + (eight.trailing_zeros() / 8).min(7) as usize;
        }
    }
}

/// The same in a base of `1 << bits`.
pub fn write_radix(mut m: u64, bits: u32, upper: bool, buffer: &mut Digits) -> usize {
    let digits = if upper {
        b"0123456789ABCDEF"
    } else {
        b"0123456789abcdef"
    };
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = digits[(m & ((1 << bits) - 1)) as usize];
        m >>= bits;
        if m == 0 {
            return at;
        }
    }
}

/// `str(v)`, within the limit.
pub fn to_text(th: &Thread, v: Value) -> R {
    if let Some(i) = int::to_i64(v) {
        if let Some(short) = Short::decimal(i) {
            return Ok(short.finish(th)?.value());
        }
        let mut buffer = [0; 65];
        let mut at = write_decimal(i.unsigned_abs(), &mut buffer);
        if i < 0 {
            at -= 1;
            buffer[at] = b'-';
        }
        return Ok(string::ascii(th, &buffer[at..])?.value());
    }
    let s = limited(th, v)?;
    string::new_value(th, &s)
}

/// Decimal digits of an int of any size; ValueError beyond the limit.
pub fn limited(th: &Thread, v: Value) -> R<String> {
    let limit = rt().int_digits_limit.load(Relaxed);
    let too_long = || {
        value_error(
            th,
            &format!(
                "Exceeds the limit ({limit} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit"
            ),
        )
    };
    let i = super::arith::big(v);
    // log10(2) is a little over 0.30102.
    if limit > 0 && i.bit_len() as u64 / 1000 * 301 > limit as u64 + 1000 {
        return Err(too_long());
    }
    let s = i.to_string();
    if limit > 0 && s.len() - (i.sign() == Sign::Negative) as usize > limit {
        return Err(too_long());
    }
    Ok(s)
}

/// Digits in base 2, 8 or 16 with their prefix (`bin`, `oct`, `hex`).
pub fn radix_string(v: Value, radix: u32) -> String {
    let (neg, digits) = magnitude_digits(v, radix);
    let prefix = match radix {
        2 => "0b",
        8 => "0o",
        _ => "0x",
    };
    format!("{}{prefix}{digits}", if neg { "-" } else { "" })
}

/// The sign, and the magnitude's digits in base 2, 8, 10 or 16.
pub fn magnitude_digits(v: Value, radix: u32) -> (bool, String) {
    if let Some(i) = int::to_i64(v) {
        let m = i.unsigned_abs();
        return (
            i < 0,
            match radix {
                2 => format!("{m:b}"),
                8 => format!("{m:o}"),
                16 => format!("{m:x}"),
                _ => m.to_string(),
            },
        );
    }
    let (sign, m) = super::arith::big(v).into_parts();
    (sign == Sign::Negative, m.in_radix(radix as u8).to_string())
}

fn invalid(th: &Thread, base: u32, original: Value) -> Raised {
    match crate::ops::repr::repr_string(th, original) {
        Ok(r) => {
            // CPython cuts the literal at 200 characters.
            let r: String = r.chars().take(200).collect();
            value_error(
                th,
                &format!("invalid literal for int() with base {base}: {r}"),
            )
        }
        Err(r) => r,
    }
}

pub fn parse_bytes(th: &Thread, s: &[u8], base: u32, original: Value) -> R {
    let shown = if original.is::<BytesObj>() {
        original
    } else {
        crate::types::bytes::new(th, s)?
    };
    match std::str::from_utf8(s) {
        Ok(t) if t.is_ascii() && !t.contains('\0') => parse_text(th, t, base, shown),
        _ => Err(invalid(th, base, shown)),
    }
}

/// An int literal as `int()` takes it. `original` is shown in the error.
/// A plain decimal number, so short that it is a small int whatever its digits are.
pub fn short_decimal(b: &[u8]) -> Option<i64> {
    let (negative, digits) = match b {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, b),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut n = 0;
    for &c in digits {
        let d = c.wrapping_sub(b'0');
        if d > 9 {
            return None;
        }
        n = 10 * n + d as i64;
    }
    Some(if negative { -n } else { n })
}

pub fn parse_text(th: &Thread, text: &str, base: u32, original: Value) -> R {
    let t = text
        .trim_matches(|c: char| matches!(c, ' ' | '\t'..='\r' | '\x1c'..='\x1f'))
        .as_bytes();
    let neg = t.first() == Some(&b'-');
    let mut s = if matches!(t.first(), Some(b'+' | b'-')) {
        &t[1..]
    } else {
        t
    };
    let mut radix = base;
    let prefix = |s: &[u8]| match s {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut octal_like = false;
    if base == 0 {
        radix = match prefix(s) {
            0 => {
                octal_like = s.first() == Some(&b'0');
                10
            }
            p => p,
        };
    }
    if radix == prefix(s) {
        s = &s[2..];
        if s.first() == Some(&b'_') {
            s = &s[1..];
        }
    }
    let mut digits = Vec::with_capacity(s.len());
    let mut last_digit = false;
    for &c in s {
        if c == b'_' {
            if !last_digit {
                return Err(invalid(th, base, original));
            }
            last_digit = false;
        } else if (c as char).to_digit(36).is_some_and(|d| d < radix) {
            digits.push(c);
            last_digit = true;
        } else {
            return Err(invalid(th, base, original));
        }
    }
    if !last_digit {
        return Err(invalid(th, base, original));
    }
    if octal_like && digits.iter().any(|&c| c != b'0') {
        return Err(invalid(th, base, original));
    }
    // SAFETY: only ASCII letters and digits were pushed.
    let d = unsafe { std::str::from_utf8_unchecked(&digits) };
    if let Ok(m) = i64::from_str_radix(d, radix) {
        return int::from_i64(th, if neg { -m } else { m });
    }
    let limit = rt().int_digits_limit.load(Relaxed);
    if !radix.is_power_of_two() && limit > 0 && digits.len() > limit {
        return Err(value_error(
            th,
            &format!(
                "Exceeds the limit ({limit} digits) for integer string conversion: value has {} digits; use sys.set_int_max_str_digits() to increase the limit",
                digits.len()
            ),
        ));
    }
    match UBig::from_str_radix(d, radix) {
        Ok(u) => int::from_ibig(
            th,
            &IBig::from_parts(if neg { Sign::Negative } else { Sign::Positive }, u),
        ),
        Err(_) => Err(invalid(th, base, original)),
    }
}

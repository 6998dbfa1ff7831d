//! Floats in base 16, and rounding of long binary fractions to a float.

use crate::classes::C;
use crate::core::hash::frexp;
use crate::error::{raise, value_error};
use crate::thread::{R, Thread};

/// `2^e` for `-1074 <= e <= 1023`.
pub fn pow2(e: i32) -> f64 {
    if e >= -1022 {
        f64::from_bits(((e + 1023) as u64) << 52)
    } else {
        f64::from_bits(1 << (e + 1074))
    }
}

/// `m * 2^e` rounded half to even; `sticky` says that the true value lies a little above. `None` on overflow.
pub fn round_to_f64(m: u128, sticky: bool, e: i64) -> Option<f64> {
    if m == 0 {
        return Some(0.0);
    }
    let bits = 128 - m.leading_zeros() as i64;
    let top = e + bits;
    if top > 1024 {
        return None;
    }
    let lsb = (top - 53).max(-1074);
    let drop = lsb - e;
    let q = if drop <= 0 {
        m << -drop
    } else if drop > 128 {
        0
    } else {
        let q = if drop == 128 { 0 } else { m >> drop };
        let half = 1u128 << (drop - 1);
        let rest = m & (half | (half - 1));
        let up = rest > half || (rest == half && (sticky || q & 1 == 1));
        q + up as u128
    };
    let f = q as f64;
    if q == 1 << 53 && lsb == 971 {
        return None;
    }
    Some(f * pow2(lsb as i32))
}

pub fn format(f: f64) -> String {
    if f.is_nan() {
        return "nan".into();
    }
    let sign = if f.is_sign_negative() { "-" } else { "" };
    if f.is_infinite() {
        return format!("{sign}inf");
    }
    if f == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (_, e) = frexp(f.abs());
    let exp = (e - 1).max(-1022);
    let bits = f.to_bits() & ((1 << 52) - 1);
    let lead = (f.to_bits() >> 52 & 0x7ff != 0) as u8;
    format!(
        "{sign}0x{lead}.{bits:013x}p{}{}",
        if exp < 0 { '-' } else { '+' },
        exp.abs()
    )
}

/// `float.fromhex`.
pub fn parse(th: &Thread, text: &[u8]) -> R<f64> {
    match read(text) {
        Some(Some(f)) => Ok(f),
        Some(None) => Err(raise(
            th,
            C::OverflowError,
            "hexadecimal value too large to represent as a float",
        )),
        None => Err(value_error(th, "invalid hexadecimal floating-point string")),
    }
}

/// `None`: no such literal; `Some(None)`: too large.
fn read(text: &[u8]) -> Option<Option<f64>> {
    let space = |c: &u8| matches!(c, b' ' | b'\t'..=b'\r');
    let start = text.iter().position(|c| !space(c))?;
    let end = text.iter().rposition(|c| !space(c))? + 1;
    let mut s = &text[start..end];
    let neg = s[0] == b'-';
    if matches!(s[0], b'+' | b'-') {
        s = &s[1..];
    }
    let sign = |f: f64| if neg { -f } else { f };
    match s.to_ascii_lowercase().as_slice() {
        b"inf" | b"infinity" => return Some(Some(sign(f64::INFINITY))),
        b"nan" => return Some(Some(sign(f64::NAN))),
        _ => {}
    }
    if s.len() > 1 && s[0] == b'0' && s[1] | 32 == b'x' {
        s = &s[2..];
    }
    let (mut m, mut e, mut sticky, mut digits, mut point) = (0u128, 0i64, false, 0usize, false);
    let mut i = 0;
    while let Some(&c) = s.get(i) {
        if c == b'.' && !point {
            point = true;
            i += 1;
            continue;
        }
        let Some(d) = (c as char).to_digit(16) else {
            break;
        };
        digits += 1;
        if m >> 120 == 0 {
            m = m << 4 | d as u128;
            e -= 4 * point as i64;
        } else {
            sticky |= d != 0;
            e += 4 * !point as i64;
        }
        i += 1;
    }
    if digits == 0 {
        return None;
    }
    if matches!(s.get(i), Some(b'p' | b'P')) {
        i += 1;
        let neg = s.get(i) == Some(&b'-');
        if matches!(s.get(i), Some(b'+' | b'-')) {
            i += 1;
        }
        let from = i;
        let mut x = 0i64;
        while let Some(c @ b'0'..=b'9') = s.get(i) {
            x = (x * 10 + (c - b'0') as i64).min(1 << 60);
            i += 1;
        }
        if i == from {
            return None;
        }
        e = e.saturating_add(if neg { -x } else { x });
    }
    if i != s.len() {
        return None;
    }
    Some(round_to_f64(m, sticky, e).map(sign))
}

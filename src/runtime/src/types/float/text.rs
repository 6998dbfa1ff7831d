//! Floats from and to decimal text.

use crate::object::*;

/// Shortest digits that read back as `f`, and the position of the decimal point relative to their start.
/// `f` is finite and not negative.
pub fn shortest(f: f64) -> (String, i32) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(f);
    let (body, e) = match text.split_once(['e', 'E']) {
        Some((body, e)) => (body, e.parse::<i32>().unwrap_or(0)),
        None => (text, 0),
    };
    let (whole, frac) = body.split_once('.').unwrap_or((body, ""));
    let mut digits = String::with_capacity(20);
    digits.push_str(whole);
    digits.push_str(frac);
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    let mut point = whole.len() as i32 + e - zeros as i32;
    let digits = digits[zeros..].trim_end_matches('0');
    if digits.is_empty() {
        point = 1;
        return ("0".into(), point);
    }
    (digits.into(), point)
}

/// `repr` of a float: shortest digits, with an exponent below 1e-4 and from 1e16 on.
pub fn repr_f64(f: f64) -> String {
    if f.is_nan() {
        return "nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "inf" } else { "-inf" }.into();
    }
    if (1e-4..1e16).contains(&f.abs()) {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(f);
        if text.contains('.') && !text.contains(['e', 'E']) {
            return text.into();
        }
    }
    let (digits, point) = shortest(f.abs());
    let mut out = String::with_capacity(24);
    if f.is_sign_negative() {
        out.push('-');
    }
    let n = digits.len() as i32;
    if !(-3..=16).contains(&point) {
        let e = point - 1;
        out.push_str(&digits[..1]);
        if n > 1 {
            out.push('.');
            out.push_str(&digits[1..]);
        }
        out.push_str(&format!("e{}{:02}", if e < 0 { '-' } else { '+' }, e.abs()));
    } else if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', -point as usize));
        out.push_str(&digits);
    } else if point >= n {
        out.push_str(&digits);
        out.extend(std::iter::repeat_n('0', (point - n) as usize));
        out.push_str(".0");
    } else {
        out.push_str(&digits[..point as usize]);
        out.push('.');
        out.push_str(&digits[point as usize..]);
    }
    out
}

/// A float literal as `float()` takes it: sign, digits, point, exponent, or inf and nan; surrounded by ASCII
/// white space; with underscores between digits.
pub fn parse(text: &str) -> Option<f64> {
    let t = text.trim_matches(|c: char| matches!(c, ' ' | '\t'..='\r' | '\x1c'..='\x1f'));
    if !t.contains('_') {
        return parse_plain(t);
    }
    let s = t.as_bytes();
    let mut plain = String::with_capacity(t.len());
    for (i, &c) in s.iter().enumerate() {
        if c == b'_' {
            let digit = |j: Option<&u8>| j.is_some_and(u8::is_ascii_digit);
            if i == 0 || !digit(s.get(i - 1)) || !digit(s.get(i + 1)) {
                return None;
            }
        } else {
            plain.push(c as char);
        }
    }
    if plain.is_ascii() {
        parse_plain(&plain)
    } else {
        None
    }
}

fn parse_plain(t: &str) -> Option<f64> {
    let s = t.as_bytes();
    let digits = |mut i: usize| {
        while s.get(i).is_some_and(u8::is_ascii_digit) {
            i += 1;
        }
        i
    };
    let start = matches!(s.first(), Some(b'+' | b'-')) as usize;
    let body = &t[start..];
    if body.eq_ignore_ascii_case("inf")
        || body.eq_ignore_ascii_case("infinity")
        || body.eq_ignore_ascii_case("nan")
    {
        let f = if body.len() == 3 && body.as_bytes()[0] | 32 == b'n' {
            f64::NAN
        } else {
            f64::INFINITY
        };
        return Some(if s[0] == b'-' { -f } else { f });
    }
    let mut i = digits(start);
    let mut n = i - start;
    if s.get(i) == Some(&b'.') {
        let j = digits(i + 1);
        n += j - i - 1;
        i = j;
    }
    if n == 0 {
        return None;
    }
    if matches!(s.get(i), Some(b'e' | b'E')) {
        let k = i + 1 + matches!(s.get(i + 1), Some(b'+' | b'-')) as usize;
        let j = digits(k);
        if j == k {
            return None;
        }
        i = j;
    }
    if i != s.len() {
        return None;
    }
    t.parse().ok()
}

/// Text with every decimal digit and space as ASCII; anything else foreign becomes `?`.
pub fn ascii_digits(s: Gc<StrObj>) -> String {
    if s.is_ascii() {
        return s.to_rust().into_owned();
    }
    s.chars()
        .map(|c| match c {
            0..128 => c as u8 as char,
            _ if crate::unicode::is_space(c) => ' ',
            _ => match crate::unicode::decimal_value(c) {
                Some(d) => (b'0' + d) as char,
                None => '?',
            },
        })
        .collect()
}

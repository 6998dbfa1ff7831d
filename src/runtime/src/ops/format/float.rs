//! Floats as text with a presentation type and precision, correctly rounded.

pub const ADD_DOT_0: u32 = 1;
pub const ALT: u32 = 2;
pub const NO_NEG_0: u32 = 4;

/// More digits than any double has; the rest are zeros.
const MOST_DIGITS: usize = 1100;

/// `n` significant digits (at least one) without trailing zeros, and the position of the point.
fn significant(x: f64, n: usize) -> (Vec<u8>, i64) {
    let text = format!("{:.*e}", n.clamp(1, MOST_DIGITS) - 1, x);
    let (body, e) = text.split_once('e').unwrap_or((&text, "0"));
    let mut d: Vec<u8> = body.bytes().filter(|&c| c != b'.').collect();
    trim(&mut d);
    if d == b"0" {
        return (d, 1);
    }
    (d, e.parse::<i64>().unwrap_or(0) + 1)
}

/// Digits up to `n` behind the point.
fn fixed(x: f64, n: usize) -> (Vec<u8>, i64) {
    let text = format!("{:.*}", n.min(MOST_DIGITS), x);
    let (whole, frac) = text.split_once('.').unwrap_or((&text, ""));
    let mut d: Vec<u8> = whole.bytes().chain(frac.bytes()).collect();
    let zeros = d.iter().take_while(|&&c| c == b'0').count();
    if zeros == d.len() {
        return (b"0".to_vec(), 1);
    }
    d.drain(..zeros);
    trim(&mut d);
    (d, whole.len() as i64 - zeros as i64)
}

/// The most digits behind the point that `scaled` takes.
const SCALED: usize = 15;

/// `x * 10^n`, rounded to even, where that is exact in 128 bits and fits 64: what prices and measurements need.
fn scaled(x: f64, n: usize) -> Option<u64> {
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32 - 1075;
    if n > SCALED || !(-1073..0).contains(&exponent) {
        return None;
    }
    // Below 2^53 * 10^15, which is below 2^103.
    let m = ((bits & ((1 << 52) - 1)) | 1 << 52) as u128 * 10u128.pow(n as u32);
    let shift = -exponent as u32;
    if shift > 104 {
        return Some(0);
    }
    let (q, rest, half) = (m >> shift, m & ((1 << shift) - 1), 1u128 << (shift - 1));
    let up = rest > half || rest == half && q & 1 != 0;
    u64::try_from(q + u128::from(up)).ok()
}

/// The text of `scaled(x, n)` with its point and a sign.
fn scaled_text(q: u64, n: usize, negative: bool) -> String {
    let mut buffer = [b'0'; 65];
    let end = buffer.len();
    // At least one digit stands before the point; the buffer is filled with zeros.
    let at = crate::types::int::write_decimal(q, &mut buffer).min(end - n - 1);
    let mut out = String::with_capacity(end - at + 2);
    if negative {
        out.push('-');
    }
    let digits = std::str::from_utf8(&buffer[at..]).unwrap_or_default();
    let (whole, fraction) = digits.split_at(digits.len() - n);
    out.push_str(whole);
    if n > 0 {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn trim(d: &mut Vec<u8>) {
    while d.len() > 1 && d.last() == Some(&b'0') {
        d.pop();
    }
}

/// `kind` is one of `eEfFgGr`; the flags are those above.
pub fn double_to_string(x: f64, kind: u8, precision: usize, flags: u32) -> String {
    let upper = kind.is_ascii_uppercase();
    if !x.is_finite() {
        let text = match (x.is_nan(), upper) {
            (true, false) => "nan",
            (true, true) => "NAN",
            (false, false) => "inf",
            (false, true) => "INF",
        };
        return if x < 0.0 {
            format!("-{text}")
        } else {
            text.into()
        };
    }
    let kind = kind.to_ascii_lowercase();
    let precision = if kind == b'g' {
        precision.max(1)
    } else {
        precision
    };
    let (alt, dot_0) = (flags & ALT != 0, flags & ADD_DOT_0 != 0);
    let a = x.abs();
    if kind == b'f'
        && !alt
        && let Some(q) = scaled(a, precision)
    {
        let negative = x.is_sign_negative() && !(flags & NO_NEG_0 != 0 && q == 0);
        return scaled_text(q, precision, negative);
    }
    let (digits, mut point) = match kind {
        b'e' => significant(a, precision.saturating_add(1)),
        b'f' => fixed(a, precision),
        b'g' => significant(a, precision),
        _ => {
            let (d, p) = crate::types::float::shortest(a);
            (d.into_bytes(), p as i64)
        }
    };
    let negative = x.is_sign_negative() && !(flags & NO_NEG_0 != 0 && digits == b"0");
    let mut end = digits.len() as i64;
    let mut use_exp = false;
    match kind {
        b'e' => {
            use_exp = true;
            end = precision as i64 + 1;
        }
        b'f' => end = point + precision as i64,
        b'g' => {
            use_exp = point <= -4 || point > precision as i64 - dot_0 as i64;
            if alt {
                end = precision as i64;
            }
        }
        _ => use_exp = point <= -4 || point > 16,
    }
    let exp = point - 1;
    if use_exp {
        point = 1;
    }
    let start = if point <= 0 { point - 1 } else { 0 };
    end = end.max(point + (!use_exp && dot_0) as i64);
    let mut out = String::with_capacity((end - start) as usize + 8);
    if negative {
        out.push('-');
    }
    for i in start..end {
        if i == point {
            out.push('.');
        }
        out.push(if i >= 0 {
            digits.get(i as usize).map_or('0', |&d| d as char)
        } else {
            '0'
        });
    }
    if end == point && alt {
        out.push('.');
    }
    if use_exp {
        out.push(if upper { 'E' } else { 'e' });
        out.push(if exp < 0 { '-' } else { '+' });
        out.push_str(&format!("{:02}", exp.abs()));
    }
    out
}

//! Half-precision floats (IEEE 754 binary16), which Rust has no stable type for.

/// The half-precision float nearest to `x`, or nothing where it is too large.
pub fn to_half(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    let a = x.abs();
    if a.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let exp = if a < 2f64.powi(-14) {
        -14
    } else {
        ((a.to_bits() >> 52) as i32) - 1023
    };
    // Ties go to even, in units of the last place.
    let units = (a / 2f64.powi(exp - 10)).round_ties_even() as u32;
    let bits = if a < 2f64.powi(-14) {
        units
    } else {
        ((exp + 14) as u32) * 1024 + units
    };
    (bits < 0x7c00).then_some(sign | bits as u16)
}
/// The value of a half-precision float.
pub fn from_half(h: u16) -> f64 {
    let (e, f) = ((h >> 10 & 31) as i32, (h & 1023) as f64);
    let v = match e {
        0 => f * 2f64.powi(-24),
        31 if f == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + f) * 2f64.powi(e - 25),
    };
    if h & 0x8000 != 0 { -v } else { v }
}

//! Arithmetic on ints of any size: machine words where both fit, dashu beyond.

use super::limbs::{self, Number};
use super::too_many_digits;
use crate::classes::C;
use crate::core::{int, tuple};
use crate::error::{out_of_memory, raise, value_error};
use crate::object::ValueExt;
use crate::thread::{R, Raised, Thread};
use crate::types::float;
use dashu_int::fast_div::ConstDivisor;
use dashu_int::ops::{BitTest, DivRem, ExtendedGcd, Gcd};
use dashu_int::{IBig, Sign, UBig};
use habu_bytecode::opcode::binary as b;
use habu_heap::Value;

/// Results beyond this many bits are refused as MemoryError.
const MAX_BITS: u64 = 1 << 36;

pub fn big(v: Value) -> IBig {
    match int::to_ibig(v) {
        Some(i) => i,
        None => unreachable!("int arithmetic got no int"),
    }
}

fn zero_division(th: &Thread) -> Raised {
    raise(th, C::ZeroDivisionError, "division by zero")
}

/// The operator `op` on two ints (bools and instances of subclasses are as good); `None` for `@`.
pub fn binary(th: &Thread, op: u32, x: Value, y: Value) -> Option<R> {
    match (int::to_i64(x), int::to_i64(y)) {
        (Some(i), Some(j)) => small(th, op, i, j),
        _ => large(th, op, x, y),
    }
}

/// `x & y`, `x | y`, `x ^ y` of exact ints that are machine words, as hashes and sets of bits are; else `None`.
#[inline(always)]
pub fn bitwise(th: &Thread, op: u32, x: Value, y: Value) -> Option<R> {
    let exact = |v: Value| v.is_int() || v.shape() == C::Int.shape();
    if !matches!(op, b::AND | b::OR | b::XOR) || !exact(x) || !exact(y) {
        return None;
    }
    let (i, j) = (int::to_i64(x)?, int::to_i64(y)?);
    Some(int::from_i64(
        th,
        match op {
            b::AND => i & j,
            b::OR => i | j,
            _ => i ^ j,
        },
    ))
}

fn small(th: &Thread, op: u32, i: i64, j: i64) -> Option<R> {
    Some(match op {
        b::ADD => int::from_i128(th, i as i128 + j as i128),
        b::SUBTRACT => int::from_i128(th, i as i128 - j as i128),
        b::MULTIPLY => int::from_i128(th, i as i128 * j as i128),
        b::AND => int::from_i64(th, i & j),
        b::OR => int::from_i64(th, i | j),
        b::XOR => int::from_i64(th, i ^ j),
        b::FLOOR_DIVIDE | b::REMAINDER | b::TRUE_DIVIDE if j == 0 => Err(zero_division(th)),
        b::FLOOR_DIVIDE => int::from_i128(th, floor(i as i128, j as i128).0),
        b::REMAINDER => int::from_i128(th, floor(i as i128, j as i128).1),
        b::TRUE_DIVIDE => {
            let exact = 1u64 << 53;
            if i.unsigned_abs() <= exact && j.unsigned_abs() <= exact {
                float::new(th, i as f64 / j as f64)
            } else {
                true_divide(th, &IBig::from(i), &IBig::from(j))
            }
        }
        b::LSHIFT if j < 0 => Err(value_error(th, "negative shift count")),
        b::LSHIFT => {
            if i == 0 {
                Ok(Value::small_int(0))
            } else if j < 64 {
                int::from_i128(th, (i as i128) << j)
            } else {
                int::from_i64(th, i).and_then(|x| shift_left(th, x, j as u64))
            }
        }
        b::RSHIFT if j < 0 => Err(value_error(th, "negative shift count")),
        b::RSHIFT => int::from_i64(th, i >> j.min(63)),
        b::POWER => small_power(th, i, j),
        _ => return None,
    })
}

/// Quotient and remainder, rounded down; `j` is not 0.
fn floor(i: i128, j: i128) -> (i128, i128) {
    let (q, r) = (i / j, i % j);
    if r != 0 && (r < 0) != (j < 0) {
        (q - 1, r + j)
    } else {
        (q, r)
    }
}

fn floor_big(x: &IBig, y: &IBig) -> (IBig, IBig) {
    let (q, r) = x.div_rem(y);
    if !r.is_zero() && r.sign() != y.sign() {
        (q - IBig::from(1), r + y)
    } else {
        (q, r)
    }
}

fn large(th: &Thread, op: u32, x: Value, y: Value) -> Option<R> {
    if matches!(op, b::LSHIFT | b::RSHIFT) {
        return Some(shift(th, op, x, y));
    }
    if op == b::POWER {
        return Some(large_power(th, x, y));
    }
    if matches!(op, b::FLOOR_DIVIDE | b::REMAINDER | b::TRUE_DIVIDE) && int::to_i64(y) == Some(0) {
        return Some(Err(zero_division(th)));
    }
    let (mut one, mut other) = ([0], [0]);
    let (m, n) = (Number::of(x, &mut one), Number::of(y, &mut other));
    let done = match op {
        b::ADD => Some(limbs::add(th, m, n)),
        b::SUBTRACT => Some(limbs::add(th, m, n.negated())),
        b::MULTIPLY => limbs::multiply(th, m, n),
        b::AND | b::OR | b::XOR if !m.negative && !n.negative => Some(match op {
            b::AND => limbs::bitwise(th, m, n, false, |x, y| x & y),
            b::OR => limbs::bitwise(th, m, n, true, |x, y| x | y),
            _ => limbs::bitwise(th, m, n, true, |x, y| x ^ y),
        }),
        b::FLOOR_DIVIDE => limbs::divide(th, m, n, true, false).map(|r| Ok(r?.0)),
        b::REMAINDER => limbs::divide(th, m, n, false, true).map(|r| Ok(r?.1)),
        _ => None,
    };
    if done.is_some() {
        return done;
    }
    let (p, q) = (big(x), big(y));
    let r = match op {
        b::MULTIPLY => p * q,
        b::AND => p & q,
        b::OR => p | q,
        b::XOR => p ^ q,
        b::FLOOR_DIVIDE => floor_big(&p, &q).0,
        b::REMAINDER => floor_big(&p, &q).1,
        b::TRUE_DIVIDE => return Some(true_divide(th, &p, &q)),
        _ => return None,
    };
    Some(int::from_ibig(th, &r))
}

pub fn divmod(th: &Thread, x: Value, y: Value) -> R {
    if int::to_i64(y) == Some(0) {
        return Err(zero_division(th));
    }
    let (q, r) = match (int::to_i64(x), int::to_i64(y)) {
        (Some(i), Some(j)) => {
            let (q, r) = floor(i as i128, j as i128);
            let q = int::from_i128(th, q)?;
            (q, int::from_i128(th, r)?)
        }
        _ => {
            let (mut one, mut other) = ([0], [0]);
            let (m, n) = (Number::of(x, &mut one), Number::of(y, &mut other));
            match limbs::divide(th, m, n, true, true) {
                Some(r) => r?,
                None => {
                    let (q, r) = floor_big(&big(x), &big(y));
                    let q = int::from_ibig(th, &q)?;
                    (q, int::from_ibig(th, &r)?)
                }
            }
        }
    };
    tuple::new_value(th, &[q, r])
}

/// `x / y`, correctly rounded; `y` is not 0.
pub fn true_divide(th: &Thread, x: &IBig, y: &IBig) -> R {
    let negative = x.sign() != y.sign();
    let sign = |f: f64| if negative { -f } else { f };
    let (a, d) = (x.clone().into_parts().1, y.clone().into_parts().1);
    if a.is_zero() {
        return float::new(th, sign(0.0));
    }
    let diff = a.bit_len() as i64 - d.bit_len() as i64;
    let overflow = || {
        raise(
            th,
            C::OverflowError,
            "integer division result too large for a float",
        )
    };
    if diff > 1025 {
        return Err(overflow());
    }
    if diff < -1140 {
        return float::new(th, sign(0.0));
    }
    // A quotient of 65 or 66 bits has room for rounding.
    let shift = diff - 65;
    let (q, r) = if shift >= 0 {
        a.div_rem(d << shift as usize)
    } else {
        (a << -shift as usize).div_rem(d)
    };
    let words = q.as_words();
    let m = words.first().copied().unwrap_or(0) as u128
        | (words.get(1).copied().unwrap_or(0) as u128) << 64;
    match float::round_to_f64(m, !r.is_zero(), shift) {
        Some(f) => float::new(th, sign(f)),
        None => Err(overflow()),
    }
}

fn shift_left(th: &Thread, x: Value, n: u64) -> R {
    if n > MAX_BITS {
        return Err(out_of_memory(th));
    }
    limbs::shift_left(th, Number::of(x, &mut [0]), n as usize)
}

fn shift(th: &Thread, op: u32, x: Value, y: Value) -> R {
    if int::is_negative(y) {
        return Err(value_error(th, "negative shift count"));
    }
    if int::to_i64(x) == Some(0) {
        return Ok(Value::small_int(0));
    }
    match (op, int::to_i64(y)) {
        (b::LSHIFT, Some(n)) => shift_left(th, x, n as u64),
        (b::LSHIFT, None) => Err(too_many_digits(th)),
        (_, Some(n)) if (n as u64) < MAX_BITS => {
            limbs::shift_right(th, Number::of(x, &mut [0]), n as usize)
        }
        _ => Ok(Value::small_int(if int::is_negative(x) { -1 } else { 0 })),
    }
}

fn negative_power(th: &Thread, x: Value, y: Value) -> R {
    match (int::to_f64(x), int::to_f64(y)) {
        (Some(f), Some(g)) => float::power(th, f, g),
        _ => Err(float::int_too_large(th)),
    }
}

fn small_power(th: &Thread, i: i64, j: i64) -> R {
    if j < 0 {
        if i == 0 {
            return Err(raise(th, C::ZeroDivisionError, "zero to a negative power"));
        }
        return float::power(th, i as f64, j as f64);
    }
    match i {
        0 | 1 => return Ok(Value::small_int(if j == 0 { 1 } else { i })),
        -1 => return Ok(Value::small_int(if j & 1 == 0 { 1 } else { -1 })),
        _ => {}
    }
    if j < 64
        && let Some(r) = i.checked_pow(j as u32)
    {
        return int::from_i64(th, r);
    }
    if i == 2 {
        return shift_left(th, Value::small_int(1), j as u64);
    }
    raise_to(th, &IBig::from(i), j as u64)
}

fn raise_to(th: &Thread, x: &IBig, n: u64) -> R {
    let bits = (x.bit_len() as u64 - 1).saturating_mul(n);
    if bits > MAX_BITS {
        return Err(out_of_memory(th));
    }
    int::from_ibig(th, &x.pow(n as usize))
}

fn large_power(th: &Thread, x: Value, y: Value) -> R {
    if int::is_negative(y) {
        return negative_power(th, x, y);
    }
    match (int::to_i64(x), int::to_i64(y)) {
        (_, Some(0)) => Ok(Value::small_int(1)),
        (Some(i @ (0 | 1)), _) => Ok(Value::small_int(i)),
        (Some(-1), _) => {
            let odd = big(y) & IBig::from(1);
            Ok(Value::small_int(if odd.is_zero() { 1 } else { -1 }))
        }
        (_, Some(n)) => raise_to(th, &big(x), n as u64),
        _ => Err(out_of_memory(th)),
    }
}

/// `pow(x, y, z)` for ints.
pub fn pow_mod(th: &Thread, x: Value, y: Value, z: Value) -> R {
    match int::to_i64(z) {
        Some(0) => return Err(value_error(th, "pow() 3rd argument cannot be 0")),
        Some(1 | -1) => return Ok(Value::small_int(0)),
        Some(m) if m > 0 && m < 1 << 62 => {
            if let (Some(i), Some(j)) = (int::to_i64(x), int::to_i64(y))
                && j >= 0
            {
                return Ok(Value::small_int(small_pow_mod(i, j as u64, m)));
            }
        }
        _ => {}
    }
    let z = big(z);
    let negative = z.sign() == Sign::Negative;
    let m = z.clone().into_parts().1;
    let (mut base, mut exp) = (floor_big(&big(x), &IBig::from(m.clone())).1, big(y));
    if exp.sign() == Sign::Negative {
        let Some(i) = inverse(&base, &m) else {
            return Err(value_error(
                th,
                "base is not invertible for the given modulus",
            ));
        };
        base = i;
        exp = -exp;
    }
    let ring = ConstDivisor::new(m);
    let r = IBig::from(
        ring.reduce(base.into_parts().1)
            .pow(&exp.into_parts().1)
            .residue(),
    );
    if negative && !r.is_zero() {
        return int::from_ibig(th, &(r + z));
    }
    int::from_ibig(th, &r)
}

fn small_pow_mod(i: i64, mut n: u64, m: i64) -> i64 {
    let m = m as u128;
    let mut base = (i as i128).rem_euclid(m as i128) as u128;
    let mut r = 1u128;
    while n > 0 {
        if n & 1 == 1 {
            r = r * base % m;
        }
        base = base * base % m;
        n >>= 1;
    }
    r as i64
}

fn inverse(x: &IBig, m: &UBig) -> Option<IBig> {
    let x = x.clone().into_parts().1;
    if x.is_zero() || !(&x).gcd(m).is_one() {
        return None;
    }
    let (_, a, _) = (&x).gcd_ext(m);
    Some(floor_big(&a, &IBig::from(m.clone())).1)
}

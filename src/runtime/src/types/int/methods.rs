//! Bits, bytes, rounding.

use super::arith::big;
use crate::classes::C;
use crate::core::class::type_name;
use crate::core::{int, parse as arg, tuple};
use crate::error::{raise, type_error, value_error};
use crate::object::*;
use crate::spec::Args;
use crate::thread::{R, Thread, expect};
use dashu_int::ops::{BitTest, DivRem};
use dashu_int::{IBig, UBig};
use habu_heap::Value;
use std::cmp::Ordering;

/// `round(i, n)`: for negative `n` to a multiple of a power of ten, half to even.
pub fn round(th: &Thread, a: &[Value]) -> R {
    let v = int::exact(th, a[0])?;
    if a.len() < 2 || a[1].is_none() {
        return Ok(v);
    }
    let n = arg::index(th, a[1])?;
    if !int::is_negative(n) {
        return Ok(v);
    }
    let (sign, m) = big(v).into_parts();
    let n = int::to_i64(n).unwrap_or(i64::MIN).unsigned_abs();
    if n > m.bit_len() as u64 / 3 + 2 {
        return Ok(Value::small_int(0));
    }
    let unit = UBig::from(10u8).pow(n as usize);
    let (mut q, r) = m.div_rem(&unit);
    let up = match (r << 1).cmp(&unit) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => q.bit(0),
    };
    if up {
        q += UBig::from(1u8);
    }
    int::from_ibig(th, &IBig::from_parts(sign, q * unit))
}

pub fn getnewargs(th: &Thread, v: Value) -> R {
    let i = int::exact(th, v)?;
    tuple::new_value(th, &[i])
}

pub fn sizeof(_th: &Thread, v: Value) -> R {
    let bits = big(v).bit_len() as i64;
    Ok(Value::small_int(24 + 4 * ((bits + 29) / 30).max(1)))
}

pub fn as_integer_ratio(th: &Thread, v: Value) -> R {
    let i = int::exact(th, v)?;
    tuple::new_value(th, &[i, Value::small_int(1)])
}

pub fn is_integer(_th: &Thread, _v: Value) -> R {
    Ok(Value::TRUE)
}

pub fn bit_length(_th: &Thread, v: Value) -> R {
    let n = match int::to_i64(v) {
        Some(i) => 64 - i.unsigned_abs().leading_zeros() as i64,
        None => big(v).into_parts().1.bit_len() as i64,
    };
    Ok(Value::small_int(n))
}

pub fn bit_count(_th: &Thread, v: Value) -> R {
    let n = match int::to_i64(v) {
        Some(i) => i.unsigned_abs().count_ones() as i64,
        None => big(v).into_parts().1.count_ones() as i64,
    };
    Ok(Value::small_int(n))
}

/// "big" or "little"; true for little.
fn byte_order(th: &Thread, v: Option<Value>, func: &str) -> R<bool> {
    let Some(v) = v else { return Ok(false) };
    let Some(s) = v.cast::<StrObj>() else {
        return Err(type_error(
            th,
            &format!(
                "{func}() argument 'byteorder' must be str, not {}",
                type_name(v)
            ),
        ));
    };
    if s.eq_str("little") {
        Ok(true)
    } else if s.eq_str("big") {
        Ok(false)
    } else {
        Err(value_error(
            th,
            "byteorder must be either 'little' or 'big'",
        ))
    }
}

fn flag(th: &Thread, v: Option<Value>) -> R<bool> {
    match v {
        Some(v) => crate::ops::truth(th, v),
        None => Ok(false),
    }
}

/// The int in little-endian bytes.
pub fn from_bytes_le(bytes: &[u8], signed: bool) -> IBig {
    let u = IBig::from(UBig::from_le_bytes(bytes));
    if signed && bytes.last().is_some_and(|&b| b >= 128) {
        u - (IBig::from(1) << (bytes.len() * 8))
    } else {
        u
    }
}

/// `len` little-endian bytes of an int.
pub fn to_bytes_le(th: &Thread, v: Value, len: usize, signed: bool) -> R<Vec<u8>> {
    let negative = int::is_negative(v);
    if negative && !signed {
        return Err(raise(
            th,
            C::OverflowError,
            "can't convert negative int to unsigned",
        ));
    }
    let too_big = || raise(th, C::OverflowError, "int too big to convert");
    let i = big(v);
    // Two's complement magnitude: of -n the bits of n - 1, inverted.
    let m = if negative { (-i) - IBig::from(1) } else { i };
    let bits = m.bit_len() + signed as usize;
    if bits > len.saturating_mul(8) && (len > 0 || negative || !m.is_zero()) {
        return Err(too_big());
    }
    let mut out = m.into_parts().1.to_le_bytes().into_vec();
    if out.len() > len {
        out.truncate(len);
    }
    out.resize(len, 0);
    if negative {
        for b in &mut out {
            *b = !*b;
        }
    }
    Ok(out)
}

/// The same for as many bytes as an `i64` holds.
fn few_bytes(bytes: &[u8], little: bool, signed: bool) -> Option<i64> {
    let n = bytes.len();
    if n == 0 || n > 8 || n == 8 && !signed {
        return None;
    }
    let mut all = [0; 8];
    all[..n].copy_from_slice(bytes);
    if !little {
        all[..n].reverse();
    }
    let up = 64 - 8 * n as u32;
    let i = i64::from_le_bytes(all) << up;
    Some(if signed {
        i >> up
    } else {
        (i as u64 >> up) as i64
    })
}

pub fn from_bytes(th: &Thread, a: Args) -> R {
    let cls = a.all()[0];
    let [bytes, order, signed] = crate::args!(
        th,
        a.rest(),
        "from_bytes",
        ["bytes", "byteorder", "signed"],
        0,
        1,
        2
    );
    let little = byte_order(th, order, "from_bytes")?;
    let signed = flag(th, signed)?;
    let Some(bytes) = bytes else {
        unreachable!("required")
    };
    if bytes.shape() == C::Bytes.shape()
        && cls == crate::runtime::class_value(C::Int)
        && let Some(i) = few_bytes(expect::<BytesObj>(bytes).as_slice(), little, signed)
    {
        return int::from_i64(th, i);
    }
    let mut data = crate::types::bytes::from_object(th, bytes)?;
    if !little {
        data.reverse();
    }
    let i = int::from_ibig(th, &from_bytes_le(&data, signed))?;
    if cls == crate::runtime::class_value(C::Int) {
        Ok(i)
    } else {
        crate::ops::call::call(th, cls, &[i])
    }
}

pub fn to_bytes(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [len, order, signed] = crate::args!(
        th,
        a.rest(),
        "to_bytes",
        ["length", "byteorder", "signed"],
        0,
        0,
        2
    );
    let len = match len {
        Some(l) => arg::as_isize(th, l)?,
        None => 1,
    };
    let little = byte_order(th, order, "to_bytes")?;
    let signed = flag(th, signed)?;
    if len < 0 {
        return Err(value_error(th, "length argument must be non-negative"));
    }
    let mut out = to_bytes_le(th, v, len as usize, signed)?;
    if !little {
        out.reverse();
    }
    crate::types::bytes::new(th, &out)
}

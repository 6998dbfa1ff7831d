//! The items of a memoryview: native values by a format character, and walks over any number of dimensions.

use crate::classes::C;
use crate::core::{class, int, list, parse};
use crate::error;
use crate::names::N;
use crate::object::*;
use crate::thread::{R, Raised, Thread};
use crate::types::{bytes, float};
use habu_heap::Value;

/// Bytes of one item of this native format.
pub fn size_of(code: u8) -> Option<usize> {
    Some(match code {
        b'B' | b'b' | b'c' | b'?' => 1,
        b'H' | b'h' | b'e' => 2,
        b'I' | b'i' | b'f' | b'w' | b'u' => 4,
        b'L' | b'l' | b'Q' | b'q' | b'N' | b'n' | b'P' | b'd' => 8,
        _ => return None,
    })
}
/// A format that memoryviews read and write (others, as `array`'s text, they only carry).
pub fn is_known(code: u8) -> bool {
    !matches!(code, b'w' | b'u') && size_of(code).is_some()
}
fn not_supported(th: &Thread, code: u8) -> Raised {
    let text = format!("memoryview: format {} not supported", code as char);
    error::raise(th, C::NotImplementedError, &text)
}

/// One item of this format.
pub fn load(th: &Thread, code: u8, b: &[u8]) -> R {
    let mut w = [0; 8];
    w[..b.len()].copy_from_slice(b);
    let u = u64::from_le_bytes(w);
    match code {
        b'b' => Ok(Value::small_int(u as i8 as i64)),
        b'h' => Ok(Value::small_int(u as i16 as i64)),
        b'i' => Ok(Value::small_int(u as i32 as i64)),
        b'l' | b'q' | b'n' => int::from_i64(th, u as i64),
        b'?' => Ok(Value::bool(u != 0)),
        b'c' => bytes::new(th, b),
        b'e' => float::new(th, float::from_half(u as u16)),
        b'f' => float::new(th, f32::from_bits(u as u32) as f64),
        b'd' => float::new(th, f64::from_bits(u)),
        b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' | b'P' => int::from_u64(th, u),
        _ => Err(not_supported(th, code)),
    }
}
/// `x` as an item of this format.
pub fn store(th: &Thread, code: u8, x: Value) -> R<[u8; 8]> {
    let invalid = |what: &str| format!("memoryview: invalid {what} for format '{}'", code as char);
    let bits = match code {
        b'c' => match x.is::<BytesObj>().then(|| bytes::as_slice(x)).flatten() {
            Some([c]) => *c as u64,
            Some(_) => return Err(error::value_error(th, &invalid("value"))),
            None => return Err(error::type_error(th, &invalid("type"))),
        },
        b'?' => crate::ops::truth(th, x)? as u64,
        b'f' | b'd' | b'e' => {
            let known = float::get(x).is_some()
                || int::is_int(x)
                || class::special_of(x, N::Float).is_some()
                || class::special_of(x, N::Index).is_some();
            if !known {
                return Err(error::type_error(th, &invalid("type")));
            }
            let f = parse::as_f64(th, x)?;
            match code {
                b'd' => f.to_bits(),
                b'f' => (f as f32).to_bits() as u64,
                _ => match float::to_half(f) {
                    Some(h) => h as u64,
                    None => return Err(error::value_error(th, &invalid("value"))),
                },
            }
        }
        c if is_known(c) => {
            if class::special_of(x, N::Index).is_none() {
                return Err(error::type_error(th, &invalid("type")));
            }
            let n = parse::index(th, x)?;
            let n = int::to_ibig(n).and_then(|b| i128::try_from(b).ok());
            let bits = size_of(c).unwrap_or(1) as u32 * 8;
            let (lo, hi) = match c.is_ascii_uppercase() {
                true => (0, (1i128 << bits) - 1),
                false => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
            };
            match n {
                Some(n) if (lo..=hi).contains(&n) => n as u64,
                _ => return Err(error::value_error(th, &invalid("value"))),
            }
        }
        c => return Err(not_supported(th, c)),
    };
    Ok(bits.to_le_bytes())
}

/// Dimensions of a view: where it starts in its memory, items by dimension, bytes from one to the next.
#[derive(Clone, PartialEq)]
pub struct Form {
    pub start: i64,
    pub shape: Vec<i64>,
    pub strides: Vec<i64>,
}

impl Form {
    /// Strides of an array that lies in memory without gaps, last dimension fastest.
    pub fn packed(start: i64, shape: &[i64], size: usize) -> Form {
        let mut strides = vec![0; shape.len()];
        let mut step = size as i64;
        for (s, n) in strides.iter_mut().zip(shape).rev() {
            *s = step;
            step *= n;
        }
        Form {
            start,
            shape: shape.to_vec(),
            strides,
        }
    }
    pub fn count(&self) -> i64 {
        self.shape.iter().product()
    }
    pub fn is_c(&self, size: usize) -> bool {
        self.dense(size, &mut self.shape.iter().zip(&self.strides).rev())
    }
    pub fn is_fortran(&self, size: usize) -> bool {
        self.dense(size, &mut self.shape.iter().zip(&self.strides))
    }
    fn dense(&self, size: usize, dims: &mut dyn Iterator<Item = (&i64, &i64)>) -> bool {
        let mut step = size as i64;
        if self.shape.contains(&0) {
            return true;
        }
        for (n, s) in dims {
            if *n > 1 && *s != step {
                return false;
            }
            step *= n;
        }
        true
    }
    /// The form of item (or row) `i` of the first dimension.
    pub fn inner(&self, i: i64) -> Form {
        Form {
            start: self.start + i * self.strides[0],
            shape: self.shape[1..].to_vec(),
            strides: self.strides[1..].to_vec(),
        }
    }
    /// The place of every item, in the order of the last dimension fastest.
    pub fn places(&self) -> Vec<usize> {
        let mut out = vec![self.start];
        for (n, s) in self.shape.iter().zip(&self.strides) {
            out = out
                .iter()
                .flat_map(|at| (0..*n).map(move |i| at + i * s))
                .collect();
        }
        out.into_iter().map(|p| p as usize).collect()
    }
    /// The same with the dimensions the other way round.
    pub fn reversed(&self) -> Form {
        let back = |v: &[i64]| v.iter().rev().copied().collect();
        Form {
            start: self.start,
            shape: back(&self.shape),
            strides: back(&self.strides),
        }
    }
}

/// Nested lists of the items.
pub fn to_list(th: &Thread, code: u8, size: usize, b: &[u8], f: &Form) -> R {
    if f.shape.is_empty() {
        let at = f.start as usize;
        return load(th, code, &b[at..at + size]);
    }
    let l = list::new(th)?;
    for i in 0..f.shape[0] {
        let x = to_list(th, code, size, b, &f.inner(i))?;
        list::push(th, l, x)?;
    }
    Ok(l.value())
}

//! Ints: tagged words up to 63 bits, heap objects with 64-bit limbs beyond (dashu does the arithmetic).

use crate::classes::C;
use crate::object::*;
use crate::thread::{R, Thread};
use dashu_int::{IBig, Sign, UBig};
use habu_heap::Value;
use std::sync::atomic::Ordering::Relaxed;

impl IntObj {
    /// The flag of negative ints.
    pub const NEGATIVE: u8 = 1;

    pub fn is_negative(&self) -> bool {
        self.header.flags.load(Relaxed) & Self::NEGATIVE != 0
    }
    pub fn limbs(&self) -> &[u64] {
        // SAFETY: `limbs` words stand behind the struct.
        unsafe {
            std::slice::from_raw_parts(
                (self as *const Self).add(1) as *const u64,
                self.limbs.get() as usize,
            )
        }
    }
    pub fn to_ibig(&self) -> IBig {
        let u = UBig::from_words(self.limbs());
        IBig::from_parts(
            if self.is_negative() {
                Sign::Negative
            } else {
                Sign::Positive
            },
            u,
        )
    }
}

/// An int of any size as dashu's; `None` where `v` is no int. Instances of int's subclasses count, bools too.
pub fn to_ibig(v: Value) -> Option<IBig> {
    if let Some(i) = to_i64(v) {
        return Some(IBig::from(i));
    }
    Some(v.cast::<IntObj>()?.to_ibig())
}

/// Any int (bools and subclasses too) that fits.
#[inline(always)]
pub fn to_i64(v: Value) -> Option<i64> {
    if let Some(i) = v.as_int() {
        return Some(i);
    }
    to_i64_slow(v)
}

fn to_i64_slow(v: Value) -> Option<i64> {
    if v == Value::TRUE {
        return Some(1);
    }
    if v == Value::FALSE {
        return Some(0);
    }
    let o = v.cast::<IntObj>()?;
    match o.limbs() {
        [] => Some(0),
        [x] if o.is_negative() && *x <= 1 << 63 => Some((*x as i64).wrapping_neg()),
        [x] if !o.is_negative() && *x < 1 << 63 => Some(*x as i64),
        _ => None,
    }
}

/// Any int, bool or instance of a subclass?
#[inline(always)]
pub fn is_int(v: Value) -> bool {
    v.is_int() || v == Value::TRUE || v == Value::FALSE || v.kind() == crate::kinds::INT
}

pub fn is_negative(v: Value) -> bool {
    match to_i64(v) {
        Some(i) => i < 0,
        None => v.cast::<IntObj>().is_some_and(|o| o.is_negative()),
    }
}

#[inline(always)]
pub fn from_i64(th: &Thread, i: i64) -> R {
    match Value::try_int(i) {
        Some(v) => Ok(v),
        None => make(th, C::Int.shape(), i < 0, &[i.unsigned_abs()]),
    }
}

pub fn from_u64(th: &Thread, i: u64) -> R {
    if i < 1 << 62 {
        Ok(Value::small_int(i as i64))
    } else {
        make(th, C::Int.shape(), false, &[i])
    }
}

pub fn from_i128(th: &Thread, i: i128) -> R {
    match i64::try_from(i) {
        Ok(i) => from_i64(th, i),
        Err(_) => {
            let m = i.unsigned_abs();
            let limbs = [m as u64, (m >> 64) as u64];
            let used = 1 + (limbs[1] != 0) as usize;
            make(th, C::Int.shape(), i < 0, &limbs[..used])
        }
    }
}

pub fn from_usize(th: &Thread, i: usize) -> R {
    from_u64(th, i as u64)
}

/// The canonical int of a dashu number.
pub fn from_ibig(th: &Thread, i: &IBig) -> R {
    let (sign, words) = i.as_sign_words();
    let neg = sign == Sign::Negative;
    match words {
        [] => Ok(Value::small_int(0)),
        [x] if *x < 1 << 62 => Ok(Value::small_int(if neg { -(*x as i64) } else { *x as i64 })),
        [x] if *x == 1 << 62 && neg => Ok(Value::small_int(-(1 << 62))),
        _ => make(th, C::Int.shape(), neg, words),
    }
}

pub fn from_ubig(th: &Thread, u: UBig) -> R {
    from_ibig(th, &IBig::from(u))
}

fn make(th: &Thread, shape: u32, neg: bool, limbs: &[u64]) -> R {
    let size = 24 + limbs.len() * 8;
    let o: Gc<IntObj> = th.alloc(shape, if neg { IntObj::NEGATIVE } else { 0 }, size)?;
    o.sizes.set(sizes(size / 8, 0));
    o.limbs.set(limbs.len() as u64);
    // SAFETY: room for the limbs stands behind the struct.
    unsafe {
        std::ptr::copy_nonoverlapping(limbs.as_ptr(), o.raw().add(1) as *mut u64, limbs.len())
    };
    Ok(o.value())
}

/// The canonical int of up to `n` limbs that `write` fills in; it must not allocate.
#[inline]
pub fn build(th: &Thread, n: usize, negative: bool, write: impl FnOnce(&mut [u64])) -> R {
    let size = 24 + n * 8;
    let o: Gc<IntObj> = th.alloc(
        C::Int.shape(),
        if negative { IntObj::NEGATIVE } else { 0 },
        size,
    )?;
    o.sizes.set(sizes(size / 8, 0));
    // SAFETY: the room is there, nobody else knows the object, and memory of the heap always holds something.
    let room = unsafe { std::slice::from_raw_parts_mut(o.raw().add(1) as *mut u64, n) };
    write(room);
    let used = n - room.iter().rev().take_while(|&&l| l == 0).count();
    o.limbs.set(used as u64);
    match room[..used] {
        [] => Ok(Value::small_int(0)),
        [x] if x < 1 << 62 => Ok(Value::small_int(if negative {
            -(x as i64)
        } else {
            x as i64
        })),
        [x] if x == 1 << 62 && negative => Ok(Value::small_int(-(1 << 62))),
        _ => Ok(o.value()),
    }
}

/// An instance of a subclass of int: always a heap object, with an attribute word at its end.
pub fn make_extended(th: &Thread, shape: u32, v: Value) -> R {
    let small;
    let big;
    let (neg, limbs): (bool, &[u64]) = match to_i64(v) {
        Some(0) => (false, &[]),
        Some(i) => {
            small = [i.unsigned_abs()];
            (i < 0, &small)
        }
        None => {
            big = crate::thread::expect::<IntObj>(v);
            (big.is_negative(), big.limbs())
        }
    };
    let size = 24 + limbs.len() * 8 + 8;
    let flags = if neg { IntObj::NEGATIVE } else { 0 } | habu_heap::EXT;
    let o: Gc<IntObj> = th.alloc(shape, flags, size)?;
    o.sizes.set(sizes(size / 8, 0));
    o.limbs.set(limbs.len() as u64);
    // SAFETY: room for the limbs and the attribute word stands behind the struct.
    unsafe {
        std::ptr::copy_nonoverlapping(limbs.as_ptr(), o.raw().add(1) as *mut u64, limbs.len());
        *(o.raw() as *mut u64).add(size / 8 - 1) = 0;
    }
    Ok(o.value())
}

/// The exact int of an int, bool or instance of a subclass.
pub fn exact(th: &Thread, v: Value) -> R {
    if v.is_int() || v.shape() == C::Int.shape() {
        return Ok(v);
    }
    match to_i64(v) {
        Some(i) => from_i64(th, i),
        None => {
            let o = crate::thread::expect::<IntObj>(v);
            make(th, C::Int.shape(), o.is_negative(), o.limbs())
        }
    }
}

/// Nearest float; `None` on overflow.
pub fn to_f64(v: Value) -> Option<f64> {
    if let Some(i) = to_i64(v) {
        return Some(i as f64);
    }
    let f = v.cast::<IntObj>()?.to_ibig().to_f64().value();
    if f.is_infinite() { None } else { Some(f) }
}

pub fn hash(v: Value) -> i64 {
    if let Some(i) = to_i64(v) {
        return crate::core::hash::int(i);
    }
    let o = crate::thread::expect::<IntObj>(v);
    const M: u64 = crate::core::hash::MODULUS;
    let mut h: u64 = 0;
    for &l in o.limbs().iter().rev() {
        // 2^61 is 1 there, and 2^64 is 8.
        let wide = ((h as u128) << 3) + l as u128;
        h = (wide as u64 & M) + (wide >> 61) as u64;
        h = if h >= M { h - M } else { h };
    }
    let h = if o.is_negative() {
        -(h as i64)
    } else {
        h as i64
    };
    if h == -1 { -2 } else { h }
}

//! Hashes, with CPython's rules: SipHash-1-3 for text and bytes, numbers modulo 2^61 - 1.

use crate::runtime::rt;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::sync::atomic::Ordering::Relaxed;

pub const MODULUS: u64 = (1 << 61) - 1;
pub const INF: i64 = 314159;

pub fn bytes(b: &[u8]) -> u64 {
    if b.is_empty() {
        return 0;
    }
    let mut h = SipHasher13::new_with_keys(
        rt().hash_seed.0.load(Relaxed),
        rt().hash_seed.1.load(Relaxed),
    );
    h.write(b);
    let h = h.finish();
    if h == u64::MAX { u64::MAX - 1 } else { h }
}

/// SipHash-1-3 under a key of the caller's, the same in every process: for what goes into files.
pub fn keyed(key: u64, b: &[u8]) -> u64 {
    let mut h = SipHasher13::new_with_keys(key, 0);
    h.write(b);
    h.finish()
}

#[inline(always)]
pub fn int(i: i64) -> i64 {
    let m = i.unsigned_abs() % MODULUS;
    let h = if i < 0 { -(m as i64) } else { m as i64 };
    if h == -1 { -2 } else { h }
}

pub fn float(f: f64, id: usize) -> i64 {
    if !f.is_finite() {
        return if f.is_nan() {
            pointer(id)
        } else if f > 0.0 {
            INF
        } else {
            -INF
        };
    }
    // f = m * 2^e with 0.5 <= m < 1; take 28 bits at a time
    let (mut m, mut e) = frexp(f.abs());
    let mut x: u64 = 0;
    while m != 0.0 {
        x = ((x << 28) & MODULUS) | x >> (61 - 28);
        m *= 268435456.0;
        e -= 28;
        let y = m as u64;
        m -= y as f64;
        x += y;
        if x >= MODULUS {
            x -= MODULUS;
        }
    }
    let e = e.rem_euclid(61) as u32;
    let x = if e == 0 {
        x
    } else {
        ((x << e) & MODULUS) | x >> (61 - e)
    };
    let h = if f < 0.0 { -(x as i64) } else { x as i64 };
    if h == -1 { -2 } else { h }
}

pub fn frexp(f: f64) -> (f64, i32) {
    if f == 0.0 || !f.is_finite() {
        return (f, 0);
    }
    let bits = f.to_bits();
    let e = (bits >> 52 & 0x7ff) as i32;
    if e == 0 {
        let (m, e) = frexp(f * 18014398509481984.0);
        return (m, e - 54);
    }
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), e - 1022)
}

#[inline]
pub fn pointer(p: usize) -> i64 {
    let h = p.rotate_right(4) as i64;
    if h == -1 { -2 } else { h }
}

/// Tuples: xxHash as CPython uses it.
pub struct TupleHasher {
    acc: u64,
    n: u64,
}

const P1: u64 = 11400714785074694791;
const P2: u64 = 14029467366897019727;
const P5: u64 = 2870177450012600261;

impl Default for TupleHasher {
    fn default() -> Self {
        TupleHasher { acc: P5, n: 0 }
    }
}

impl TupleHasher {
    #[inline]
    pub fn add(&mut self, lane: i64) {
        self.acc = self
            .acc
            .wrapping_add((lane as u64).wrapping_mul(P2))
            .rotate_left(31)
            .wrapping_mul(P1);
        self.n += 1;
    }
    #[inline]
    pub fn finish(self) -> i64 {
        let acc = self.acc.wrapping_add(self.n ^ (P5 ^ 3527539));
        if acc == u64::MAX {
            1546275796
        } else {
            acc as i64
        }
    }
}

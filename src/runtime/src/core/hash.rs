//! Hashes, with CPython's rules: SipHash-1-3 for text and bytes, numbers modulo 2^61 - 1.

use crate::runtime::rt;
use std::sync::atomic::Ordering::Relaxed;

pub const MODULUS: u64 = (1 << 61) - 1;
pub const INF: i64 = 314159;

pub fn bytes(b: &[u8]) -> u64 {
    if b.is_empty() {
        return 0;
    }
    let seed = &rt().hash_seed;
    let h = siphash(seed.0.load(Relaxed), seed.1.load(Relaxed), b);
    if h == u64::MAX { u64::MAX - 1 } else { h }
}

/// SipHash-1-3 under a key of the caller's, the same in every process: for what goes into files.
pub fn keyed(key: u64, b: &[u8]) -> u64 {
    siphash(key, 0, b)
}

/// SipHash-1-3 of a whole text at once: most are a few words long, and an object that takes them in pieces costs
/// more than the hash.
fn siphash(k0: u64, k1: u64, b: &[u8]) -> u64 {
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let (words, rest) = b.as_chunks::<8>();
    for w in words {
        let m = u64::from_le_bytes(*w);
        v[3] ^= m;
        round(&mut v);
        v[0] ^= m;
    }
    let m = (b.len() as u64) << 56 | tail(b, rest);
    v[3] ^= m;
    round(&mut v);
    v[0] ^= m;
    v[2] ^= 0xff;
    for _ in 0..3 {
        round(&mut v)
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

/// The last bytes of a text, up to seven, as a number: read in two halves that may overlap.
#[inline(always)]
fn tail(all: &[u8], rest: &[u8]) -> u64 {
    let n = rest.len();
    if let Some(last) = all.last_chunk::<8>() {
        return match n {
            0 => 0,
            _ => u64::from_le_bytes(*last) >> (64 - 8 * n),
        };
    }
    match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(a), Some(z)) => {
            let (a, z) = (u32::from_le_bytes(*a), u32::from_le_bytes(*z));
            u64::from(a) | u64::from(z) << (8 * (n - 4))
        }
        _ => match *rest {
            [] => 0,
            [a, ..] => {
                let (m, z) = (rest[n / 2], rest[n - 1]);
                u64::from(a) | u64::from(m) << (8 * (n / 2)) | u64::from(z) << (8 * (n - 1))
            }
        },
    }
}

#[inline(always)]
fn round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[2] = v[2].wrapping_add(v[3]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[1]);
    v[0] = v[0].wrapping_add(v[3]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].rotate_left(32);
}

#[inline(always)]
pub fn int(i: i64) -> i64 {
    let m = i.unsigned_abs();
    let m = if m < MODULUS { m } else { m % MODULUS };
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

#[cfg(test)]
mod tests {
    use siphasher::sip::SipHasher13;
    use std::hash::Hasher;

    #[test]
    fn siphash_is_siphash() {
        let text: Vec<u8> = (0..100).map(|i| (i * 37 + 5) as u8).collect();
        for n in 0..text.len() {
            let keys = (n as u64 * 0x1234_5678_9abc_def1, !(n as u64));
            let mut h = SipHasher13::new_with_keys(keys.0, keys.1);
            h.write(&text[..n]);
            assert_eq!(super::siphash(keys.0, keys.1, &text[..n]), h.finish());
        }
    }
}

//! `_random`: the Mersenne Twister, seeded and drawn from exactly as CPython does.

use habu_runtime::core::{class, class_make, int, parse, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, MethodDef, TypeSpec, m1, m2, mv, type_flags as tf};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{bytes, float, iters};
use habu_runtime::value::{Slot, Value};

const N: usize = 624;
const M: usize = 397;

/// The state lives in a heap `bytes` object of its own (words as native-endian u32, then the index).
fn slot(v: Value) -> &'static Slot {
    // SAFETY: the class has one native word.
    unsafe { v.cast_unchecked::<Instance>() }.word(1)
}

fn load(v: Value) -> Vec<u32> {
    let b = bytes::as_slice(slot(v).get().unwrap_or(Value::NONE)).unwrap_or(&[]);
    b.chunks_exact(4)
        .map(|c| u32::from_ne_bytes([c[0], c[1], c[2], c[3]]))
        .collect()
}

fn store(th: &Thread, v: Value, s: &[u32]) -> R<()> {
    let raw: Vec<u8> = s.iter().flat_map(|w| w.to_ne_bytes()).collect();
    let b = bytes::new(th, &raw)?;
    th.set_in(v, slot(v), Some(b));
    Ok(())
}

/// The state in place: nobody else sees the object.
fn words(v: Value) -> &'static mut [u32] {
    let b: Gc<BytesObj> = expect(slot(v).get().unwrap_or(Value::NONE));
    // SAFETY: the bytes are this generator's own, 4-aligned, N + 1 words long, and used under the GIL only for
    // the length of one call.
    unsafe { std::slice::from_raw_parts_mut(b.raw().add(1) as *mut u32, N + 1) }
}

fn seed_u32(s: u32) -> Vec<u32> {
    let mut mt = vec![0u32; N + 1];
    mt[0] = s;
    for i in 1..N {
        mt[i] = 1812433253u32
            .wrapping_mul(mt[i - 1] ^ (mt[i - 1] >> 30))
            .wrapping_add(i as u32);
    }
    mt[N] = N as u32;
    mt
}

fn seed_key(key: &[u32]) -> Vec<u32> {
    let mut mt = seed_u32(19650218);
    let (mut i, mut j) = (1, 0);
    for _ in 0..N.max(key.len()) {
        mt[i] = (mt[i] ^ (mt[i - 1] ^ (mt[i - 1] >> 30)).wrapping_mul(1664525))
            .wrapping_add(key[j])
            .wrapping_add(j as u32);
        i += 1;
        j += 1;
        if i >= N {
            mt[0] = mt[N - 1];
            i = 1;
        }
        if j >= key.len() {
            j = 0;
        }
    }
    for _ in 0..N - 1 {
        mt[i] = (mt[i] ^ (mt[i - 1] ^ (mt[i - 1] >> 30)).wrapping_mul(1566083941))
            .wrapping_sub(i as u32);
        i += 1;
        if i >= N {
            mt[0] = mt[N - 1];
            i = 1;
        }
    }
    mt[0] = 0x8000_0000;
    mt
}

fn next_u32(mt: &mut [u32]) -> u32 {
    let mut i = mt[N] as usize;
    if i >= N {
        for k in 0..N {
            let y = (mt[k] & 0x8000_0000) | (mt[(k + 1) % N] & 0x7fff_ffff);
            mt[k] = mt[(k + M) % N] ^ (y >> 1) ^ if y & 1 != 0 { 0x9908_b0df } else { 0 };
        }
        i = 0;
    }
    let mut y = mt[i];
    mt[N] = i as u32 + 1;
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    y ^ (y >> 18)
}

fn seed_from(th: &Thread, arg: Option<Value>) -> R<Vec<u32>> {
    let n = match arg.filter(|a| !a.is_none()) {
        None => {
            let mut key = [0u32; N];
            // SAFETY: the buffer is writable for its length.
            unsafe { libc::getrandom(key.as_mut_ptr() as *mut _, N * 4, 0) };
            return Ok(seed_key(&key));
        }
        Some(a) if int::is_int(a) => a,
        Some(a) => int::from_i64(th, ops::hash::hash(th, a)?)?,
    };
    // The value, whatever a subclass's `__abs__` says.
    let n = ops::binary::absolute(th, int::exact(th, n)?)?;
    let mut key: Vec<u32> = match int::to_i64(n) {
        Some(i) => vec![i as u32, (i >> 32) as u32],
        None => expect::<IntObj>(n)
            .limbs()
            .iter()
            .flat_map(|l| [*l as u32, (*l >> 32) as u32])
            .collect(),
    };
    while key.len() > 1 && key.last() == Some(&0) {
        key.pop();
    }
    Ok(seed_key(&key))
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    let s = seed_from(th, a.pos().first().copied())?;
    store(th, v, &s)?;
    Ok(v)
}
fn seed(th: &Thread, a: &[Value]) -> R {
    let s = seed_from(th, a.get(1).copied())?;
    store(th, a[0], &s)?;
    Ok(Value::NONE)
}
fn random(th: &Thread, v: Value) -> R {
    let mt = words(v);
    let (a, b) = (next_u32(mt) >> 5, next_u32(mt) >> 6);
    float::new(th, (a as f64 * 67108864.0 + b as f64) / 9007199254740992.0)
}
fn getrandbits(th: &Thread, v: Value, k: Value) -> R {
    let k = parse::as_isize(th, k)?;
    if k < 0 {
        return Err(error::value_error(
            th,
            "number of bits must be non-negative",
        ));
    }
    if k == 0 {
        return Ok(Value::small_int(0));
    }
    let mt = words(v);
    if k <= 32 {
        return int::from_u64(th, (next_u32(mt) >> (32 - k)) as u64);
    }
    error::check_size(th, k as usize / 8)?;
    let n = (k as usize).div_ceil(32);
    let mut w: Vec<u64> = vec![0; n.div_ceil(2)];
    let mut left = k;
    for i in 0..n {
        let mut r = next_u32(mt);
        if left < 32 {
            r >>= 32 - left;
        }
        w[i / 2] |= (r as u64) << (32 * (i % 2));
        left -= 32;
    }
    int::from_ubig(th, dashu_int::UBig::from_words(&w))
}
fn getstate(th: &Thread, v: Value) -> R {
    let l = habu_runtime::core::list::new(th)?;
    for w in load(v) {
        habu_runtime::core::list::push(th, l, Value::small_int(w as i64))?;
    }
    tuple::new_value(th, habu_runtime::core::list::items(l))
}
fn setstate(th: &Thread, v: Value, s: Value) -> R {
    let Some(t) = s.cast::<TupleObj>() else {
        return Err(error::type_error(th, "state vector must be a tuple"));
    };
    if t.len() != N + 1 {
        return Err(error::value_error(th, "state vector is the wrong size"));
    }
    let mut w = Vec::with_capacity(N + 1);
    for &x in t.items() {
        let i = parse::index(th, x)?;
        match int::to_i64(i).and_then(|i| u32::try_from(i).ok()) {
            Some(i) => w.push(i),
            None => {
                return Err(error::type_error(
                    th,
                    &format!(
                        "state vector items must be 32-bit ints, not {}",
                        class::type_name(x)
                    ),
                ));
            }
        }
    }
    if w[N] as usize > N {
        return Err(error::value_error(th, "invalid state"));
    }
    store(th, v, &w)?;
    Ok(Value::NONE)
}
static METHODS: [MethodDef; 5] = [
    mv("seed", seed, 1, 2),
    m1("random", random),
    m2("getrandbits", getrandbits),
    m1("getstate", getstate),
    m2("setstate", setstate),
];
static RANDOM: TypeSpec = TypeSpec::new("Random", kinds::RECORD)
    .module("_random")
    .words(1)
    .flags(tf::BASE | tf::WEAKREF)
    .methods(&METHODS)
    .new_fn(new);
static NONE: [MethodDef; 0] = [];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let r = m::new(th, "_random", &NONE)?;
    m::set(
        th,
        r,
        "Random",
        class_make::from_spec(th, &RANDOM, None)?.value(),
    )?;
    Ok(r)
}

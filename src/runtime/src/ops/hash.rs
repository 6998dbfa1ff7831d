//! `hash()`.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{hash as h, int};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::runtime::rt;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[inline(always)]
pub fn hash(th: &Thread, v: Value) -> R<i64> {
    if let Some(i) = v.as_int() {
        return Ok(h::int(i));
    }
    if v.shape() == C::Str.shape() {
        return Ok(expect::<StrObj>(v).hash() as i64);
    }
    if v.shape() == C::Tuple.shape() {
        return inner_tuple(th, expect(v));
    }
    slow(th, v)
}

#[inline(never)]
fn slow(th: &Thread, v: Value) -> R<i64> {
    if let Some(f) = v.as_float() {
        return Ok(h::float(f, 0));
    }
    if v.shape() < crate::classes::FIRST_DYNAMIC_SHAPE {
        match v.kind() {
            kinds::INT => return Ok(int::hash(v)),
            kinds::FLOAT => return Ok(h::float(expect::<FloatObj>(v).get(), v.bits() as usize)),
            kinds::BYTES => return Ok(bytes_hash(expect(v))),
            kinds::TYPE | kinds::FUNCTION | kinds::MODULE => {
                return Ok(h::pointer(v.bits() as usize));
            }
            0 => {
                return Ok(match v {
                    Value::TRUE => 1,
                    Value::FALSE => 0,
                    _ => h::pointer(v.bits() as usize * 16),
                });
            }
            _ => {}
        }
    }
    match special(class::of(v), N::Hash) {
        Some(Value::NONE) | None => Err(unhashable(th, v)),
        // Named tuples: keys of many dicts, and often of tuples in tuples.
        Some(f)
            if v.kind() == kinds::TUPLE
                && special(crate::runtime::class(C::Tuple), N::Hash) == Some(f) =>
        {
            inner_tuple(th, expect(v))
        }
        Some(f) => {
            let r = crate::ops::call::call_special(th, f, v, &[])?;
            if !int::is_int(r) {
                return Err(error::type_error(
                    th,
                    "__hash__ method should return an integer",
                ));
            }
            let x = match int::to_i64(r) {
                Some(i) => i,
                None => int::hash(r),
            };
            Ok(if x == -1 { -2 } else { x })
        }
    }
}

pub fn bytes_hash(b: Gc<BytesObj>) -> i64 {
    match b.hash.get() {
        0 => {
            let x = h::bytes(b.as_slice());
            let x = if x == 0 && b.len.get() != 0 { 1 } else { x };
            b.hash.set(x);
            x as i64
        }
        x => x as i64,
    }
}

pub fn tuple(th: &Thread, t: Gc<TupleObj>) -> R<i64> {
    let mut x = h::TupleHasher::default();
    for &v in t.items() {
        x.add(match v.as_int() {
            Some(i) => h::int(i),
            None if v.shape() == C::Str.shape() => expect::<StrObj>(v).hash() as i64,
            None => {
                th.check_native_stack()?;
                hash(th, v)?
            }
        });
    }
    Ok(x.finish())
}

/// Hashes of tuples, by address. Keys made of tuples of tuples are hashed again and again with the same parts, and a
/// tuple has no room for its hash.
///
/// An entry holds for one class epoch: within it no address is used again (each collection begins another) and no
/// `__hash__` changes. The first two words are mixed with the hash, so that an entry which two threads have written
/// at once fits nobody.
struct Known {
    tuple: AtomicU64,
    epoch: AtomicU64,
    hash: AtomicU64,
}
const KNOWN_LOG: u32 = 12;
static KNOWN: [Known; 1 << KNOWN_LOG] = [const {
    Known {
        tuple: AtomicU64::new(0),
        epoch: AtomicU64::new(0),
        hash: AtomicU64::new(0),
    }
}; 1 << KNOWN_LOG];
/// Shorter tuples are hashed faster than they are found.
const WORTH_KEEPING: usize = 3;

fn inner_tuple(th: &Thread, t: Gc<TupleObj>) -> R<i64> {
    if t.items().len() < WORTH_KEEPING {
        return tuple(th, t);
    }
    let at = t.value().bits();
    let k = &KNOWN[(at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - KNOWN_LOG)) as usize];
    let (known, epoch) = (k.hash.load(Relaxed), rt().class_epoch.load(Relaxed));
    if k.tuple.load(Relaxed) ^ known == at && k.epoch.load(Relaxed) ^ known == epoch {
        return Ok(known as i64);
    }
    let x = tuple(th, t)?;
    let new = x as u64;
    k.tuple.store(at ^ new, Relaxed);
    k.epoch.store(epoch ^ new, Relaxed);
    k.hash.store(new, Relaxed);
    Ok(x)
}

pub fn unhashable(th: &Thread, v: Value) -> crate::thread::Raised {
    error::type_error(th, &format!("unhashable type: '{}'", class::type_name(v)))
}

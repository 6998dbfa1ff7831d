//! `hash()`.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{hash as h, int};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

#[inline(always)]
pub fn hash(th: &Thread, v: Value) -> R<i64> {
    if let Some(i) = v.as_int() {
        return Ok(h::int(i));
    }
    if v.shape() == C::Str.shape() {
        return Ok(expect::<StrObj>(v).hash() as i64);
    }
    if v.shape() == C::Tuple.shape() {
        return tuple(th, expect(v));
    }
    slow(th, v)
}

/// A class whose metaclass is `type`: it is equal to nothing but itself.
#[inline]
pub fn is_plain_class(v: Value) -> bool {
    v.is_ptr() && v.kind() == kinds::TYPE && class::of(v) == crate::runtime::class(C::Type)
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
    if is_plain_class(v) {
        return Ok(h::pointer(v.bits() as usize));
    }
    match special(class::of(v), N::Hash) {
        Some(Value::NONE) | None => Err(unhashable(th, v)),
        // By identity: classes, and instances of classes that say nothing about it.
        Some(f) if special(crate::runtime::class(C::Object), N::Hash) == Some(f) => {
            Ok(h::pointer(v.bits() as usize))
        }
        // Named tuples: keys of many dicts, and often of tuples in tuples.
        Some(f)
            if v.kind() == kinds::TUPLE
                && special(crate::runtime::class(C::Tuple), N::Hash) == Some(f) =>
        {
            tuple(th, expect(v))
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

/// The hash of a tuple of small ints and texts; of others only if it is known.
#[inline(always)]
pub fn plain_tuple(t: Gc<TupleObj>) -> Option<i64> {
    match t.hash.get() {
        0 => plain_items(t),
        known => Some(known as i64),
    }
}

/// The same without a call for tuples of small ints.
#[inline(always)]
pub fn plain_tuple_here(t: Gc<TupleObj>) -> Option<i64> {
    match t.hash.get() {
        0 => ints_or_items(t),
        known => Some(known as i64),
    }
}

#[inline(never)]
fn plain_items(t: Gc<TupleObj>) -> Option<i64> {
    ints_or_items(t)
}

/// Small ints only, most often: hashing texts takes calls, and those a frame.
#[inline(always)]
fn ints_or_items(t: Gc<TupleObj>) -> Option<i64> {
    let mut x = h::TupleHasher::default();
    if let [a, b] = t.items()
        && let (Some(i), Some(j)) = (a.as_int(), b.as_int())
    {
        x.add(h::int(i));
        x.add(h::int(j));
        let x = x.finish();
        t.hash.set(x as u64);
        return Some(x);
    }
    for &v in t.items() {
        match v.as_int() {
            Some(i) => x.add(h::int(i)),
            None => return mixed_items(t),
        }
    }
    let x = x.finish();
    t.hash.set(x as u64);
    Some(x)
}

#[inline(never)]
fn mixed_items(t: Gc<TupleObj>) -> Option<i64> {
    let x = of_items(t.items())?;
    t.hash.set(x as u64);
    Some(x)
}

/// The hash that a tuple of these small ints and texts has.
#[inline]
pub fn of_items(items: &[Value]) -> Option<i64> {
    let mut x = h::TupleHasher::default();
    for &v in items {
        x.add(match v.as_int() {
            Some(i) => h::int(i),
            // SAFETY: exactly a str.
            None if v.shape() == C::Str.shape() => {
                unsafe { v.cast_unchecked::<StrObj>() }.hash() as i64
            }
            None => return None,
        });
    }
    Some(x.finish())
}

pub fn tuple(th: &Thread, t: Gc<TupleObj>) -> R<i64> {
    if let Some(plain) = plain_tuple(t) {
        return Ok(plain);
    }
    th.check_native_stack()?;
    let mut x = h::TupleHasher::default();
    for &v in t.items() {
        x.add(hash(th, v)?);
    }
    let x = x.finish();
    t.hash.set(x as u64);
    Ok(x)
}

pub fn unhashable(th: &Thread, v: Value) -> crate::thread::Raised {
    error::type_error(th, &format!("unhashable type: '{}'", class::type_name(v)))
}

//! The operations of the language on any objects: fast ways for built-in types, special methods for the rest.
pub mod binary;
pub mod call;
pub mod compare;
pub mod format;
pub mod hash;
pub mod isinstance;
pub mod iter;
pub mod plain;
pub mod repr;
pub mod subscr;

use crate::classes::C;
use crate::core::class::{self, special_of};
use crate::core::{dict, int, list};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

/// `a is b`. Floats are words, so equal ones are the same object; big ints and texts are by address.
#[inline(always)]
pub fn same(a: Value, b: Value) -> bool {
    a == b
}

/// `bool(v)`.
#[inline(always)]
pub fn truth(th: &Thread, v: Value) -> R<bool> {
    match v {
        Value::TRUE => Ok(true),
        Value::FALSE | Value::NONE => Ok(false),
        _ if v.is_int() => Ok(v != Value::small_int(0)),
        _ => truth_slow(th, v),
    }
}

#[inline(never)]
fn truth_slow(th: &Thread, v: Value) -> R<bool> {
    if let Some(f) = v.as_float() {
        return Ok(f != 0.0);
    }
    if v.shape() < crate::classes::FIRST_DYNAMIC_SHAPE {
        match v.kind() {
            kinds::STR => return Ok(!expect::<StrObj>(v).is_empty()),
            kinds::LIST => return Ok(list::len(expect(v)) != 0),
            kinds::TUPLE => return Ok(!expect::<TupleObj>(v).is_empty()),
            kinds::DICT | kinds::SET | kinds::FROZENSET => {
                return Ok(dict::len(dict::as_map(v)) != 0);
            }
            kinds::BYTES => return Ok(expect::<BytesObj>(v).len.get() != 0),
            _ => {}
        }
    }
    if let Some(f) = special_of(v, N::Bool) {
        let r = call::call_special(th, f, v, &[])?;
        return match r {
            Value::TRUE => Ok(true),
            Value::FALSE => Ok(false),
            _ => Err(error::type_error(
                th,
                &format!(
                    "__bool__ should return bool, returned {}",
                    class::type_name(r)
                ),
            )),
        };
    }
    if special_of(v, N::Len).is_some() {
        return Ok(length(th, v)? != 0);
    }
    Ok(true)
}

/// The length of an exact instance of a built-in container.
#[inline(always)]
pub fn exact_length(v: Value) -> Option<usize> {
    if v.shape() >= crate::classes::FIRST_DYNAMIC_SHAPE {
        return None;
    }
    match v.kind() {
        kinds::STR => Some(expect::<StrObj>(v).len()),
        kinds::LIST => Some(list::len(expect(v))),
        kinds::TUPLE => Some(expect::<TupleObj>(v).len()),
        kinds::DICT | kinds::SET | kinds::FROZENSET => Some(dict::len(dict::as_map(v))),
        kinds::BYTES => Some(expect::<BytesObj>(v).len.get() as usize),
        _ => None,
    }
}

/// `len(v)`.
#[inline]
pub fn length(th: &Thread, v: Value) -> R<usize> {
    if let Some(n) = exact_length(v) {
        return Ok(n);
    }
    if v.kind() == kinds::LIST && class::keeps(v, C::List, N::Len) {
        return Ok(list::len(expect(v)));
    }
    match special_of(v, N::Len) {
        Some(f) => {
            let r = call::call_special(th, f, v, &[])?;
            let i = crate::core::parse::index(th, r)?;
            match int::to_i64(i) {
                Some(n) if n >= 0 => Ok(n as usize),
                None if !int::is_negative(i) => Err(error::raise(
                    th,
                    C::OverflowError,
                    "cannot fit 'int' into an index-sized integer",
                )),
                _ => Err(error::value_error(th, "__len__() should return >= 0")),
            }
        }
        None => Err(error::type_error(
            th,
            &format!("object of type '{}' has no len()", class::type_name(v)),
        )),
    }
}

/// `x in c`.
pub fn contains(th: &Thread, c: Value, x: Value) -> R<bool> {
    if c.shape() < crate::classes::FIRST_DYNAMIC_SHAPE {
        match c.kind() {
            kinds::DICT => return dict::contains(th, expect(c), x),
            kinds::SET | kinds::FROZENSET => return crate::types::set::contains(th, c, x),
            kinds::LIST => {
                let l: Gc<ListObj> = expect(c);
                let mut i = 0;
                while let Some(v) = list::get(l, i) {
                    if v == x || compare::eq_bool(th, v, x)? {
                        return Ok(true);
                    }
                    i += 1;
                }
                return Ok(false);
            }
            kinds::TUPLE => {
                let t: Gc<TupleObj> = expect(c);
                for &v in t.items() {
                    if v == x || compare::eq_bool(th, v, x)? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
            kinds::STR => return crate::types::string::contains(th, expect(c), x),
            _ => {}
        }
    }
    match special_of(c, N::Contains) {
        Some(Value::NONE) => Err(error::type_error(
            th,
            &format!("'{}' object is not a container", class::type_name(c)),
        )),
        Some(f) => {
            let r = call::call_special(th, f, c, &[x])?;
            truth(th, r)
        }
        None => {
            if !iter::is_iterable(c) {
                return Err(error::type_error(
                    th,
                    &format!(
                        "argument of type '{}' is not a container or iterable",
                        class::type_name(c)
                    ),
                ));
            }
            let it = iter::get(th, c)?;
            while let Some(v) = iter::next(th, it)? {
                if v == x || compare::eq_bool(th, v, x)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

//! `isinstance` and `issubclass`.

use crate::classes::C;
use crate::core::attr;
use crate::core::class::{self, special};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::call::call_special;
use crate::runtime::class as core_class;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

/// Does the metaclass have type's own check?
fn plain_check(c: Value, n: N) -> bool {
    let m = class::of(c);
    m == core_class(C::Type)
        || special(m, n).is_some_and(|f| {
            f.kind() == kinds::BUILTIN
                && expect::<BuiltinObj>(f)
                    .owner()
                    .is_some_and(|o| o == core_class(C::Type))
        })
}

pub fn isinstance(th: &Thread, v: Value, c: Value) -> R<bool> {
    if class::of(v).value() == c {
        return Ok(true);
    }
    match c.kind() {
        kinds::TYPE if plain_check(c, N::InstanceCheck) => real_instance(th, v, c),
        kinds::TUPLE => {
            th.check_native_stack()?;
            let t: Gc<TupleObj> = expect(c);
            for &x in t.items() {
                if isinstance(th, v, x)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        kinds::UNION => {
            for &x in crate::types::union::members(c).items() {
                let x = if x.is_none() {
                    core_class(C::None).value()
                } else {
                    x
                };
                if isinstance(th, v, x)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => match special(class::of(c), N::InstanceCheck) {
            Some(f) => {
                th.check_native_stack()?;
                let r = call_special(th, f, c, &[v])?;
                crate::ops::truth(th, r)
            }
            None => real_instance(th, v, c),
        },
    }
}

/// `type.__instancecheck__`: by class, or by what `__class__` says.
pub fn real_instance(th: &Thread, v: Value, c: Value) -> R<bool> {
    if let Some(t) = c.cast::<TypeObj>() {
        if class::is_instance(v, t) {
            return Ok(true);
        }
        // Proxies and mocks say another `__class__`.
        if v.is_ptr()
            && let Some(k) = attr::get_opt(th, v, nm(N::Class))?
            && k != class::of(v).value()
            && let Some(k) = k.cast::<TypeObj>()
        {
            return Ok(class::is_subclass(k, t));
        }
        return Ok(false);
    }
    if bases_of(th, c)?.is_none() {
        return Err(error::type_error(
            th,
            "isinstance() arg 2 must be a type, a tuple of types, or a union",
        ));
    }
    match attr::get_opt(th, v, nm(N::Class))? {
        Some(k) => abstract_subclass(th, k, c),
        None => Ok(false),
    }
}

pub fn issubclass(th: &Thread, k: Value, c: Value) -> R<bool> {
    match c.kind() {
        kinds::TYPE if plain_check(c, N::SubclassCheck) => {
            if k == c {
                return Ok(true);
            }
            real_subclass(th, k, c)
        }
        kinds::TUPLE => {
            th.check_native_stack()?;
            let t: Gc<TupleObj> = expect(c);
            for &x in t.items() {
                if issubclass(th, k, x)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        kinds::UNION => {
            for &x in crate::types::union::members(c).items() {
                let x = if x.is_none() {
                    core_class(C::None).value()
                } else {
                    x
                };
                if issubclass(th, k, x)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => match special(class::of(c), N::SubclassCheck) {
            Some(f) => {
                th.check_native_stack()?;
                let r = call_special(th, f, c, &[k])?;
                crate::ops::truth(th, r)
            }
            None => real_subclass(th, k, c),
        },
    }
}

pub fn real_subclass(th: &Thread, k: Value, c: Value) -> R<bool> {
    if let (Some(k), Some(c)) = (k.cast::<TypeObj>(), c.cast::<TypeObj>()) {
        return Ok(class::is_subclass(k, c));
    }
    if bases_of(th, k)?.is_none() {
        return Err(error::type_error(th, "issubclass() arg 1 must be a class"));
    }
    if bases_of(th, c)?.is_none() {
        return Err(error::type_error(
            th,
            "issubclass() arg 2 must be a class, a tuple of classes, or a union",
        ));
    }
    abstract_subclass(th, k, c)
}

/// `__bases__` where it is a tuple.
fn bases_of(th: &Thread, c: Value) -> R<Option<Gc<TupleObj>>> {
    Ok(attr::get_opt(th, c, nm(N::Bases))?.and_then(|b| b.cast()))
}

fn abstract_subclass(th: &Thread, k: Value, c: Value) -> R<bool> {
    if k == c {
        return Ok(true);
    }
    th.check_native_stack()?;
    let Some(b) = bases_of(th, k)? else {
        return Ok(false);
    };
    for &x in b.items() {
        if abstract_subclass(th, x, c)? {
            return Ok(true);
        }
    }
    Ok(false)
}

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

/// What `isinstance` and `issubclass` differ in.
struct Question {
    /// The metaclass's method that may answer.
    special: N,
    ask: fn(&Thread, Value, Value) -> R<bool>,
    /// The answer of a class that has no such method.
    real: fn(&Thread, Value, Value) -> R<bool>,
}
static INSTANCE: Question = Question {
    special: N::InstanceCheck,
    ask: isinstance,
    real: real_instance,
};
static SUBCLASS: Question = Question {
    special: N::SubclassCheck,
    ask: issubclass,
    real: real_subclass,
};

impl Question {
    /// Ask it of `x` and `c`, which may be a class, a union, a tuple of such, or anything with the method.
    fn answer(&self, th: &Thread, x: Value, c: Value) -> R<bool> {
        match c.kind() {
            kinds::TYPE if plain_check(c, self.special) => (self.real)(th, x, c),
            kinds::TUPLE => {
                for &m in expect::<TupleObj>(c).items() {
                    if th.nested(|| (self.ask)(th, x, m))? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            kinds::UNION => {
                for &m in crate::types::union::members(c).items() {
                    let none = core_class(C::None).value();
                    if (self.ask)(th, x, if m.is_none() { none } else { m })? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => match special(class::of(c), self.special) {
                Some(f) => {
                    th.check_native_stack()?;
                    let r = call_special(th, f, c, &[x])?;
                    crate::ops::truth(th, r)
                }
                None => (self.real)(th, x, c),
            },
        }
    }
}

pub fn isinstance(th: &Thread, v: Value, c: Value) -> R<bool> {
    if class::of(v).value() == c {
        return Ok(true);
    }
    INSTANCE.answer(th, v, c)
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
    SUBCLASS.answer(th, k, c)
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

//! Calling anything.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{attr, func};
use crate::error;
use crate::interp;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::spec::{Args, Named};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

#[inline]
pub fn call(th: &Thread, f: Value, args: &[Value]) -> R {
    call_args(th, f, Args::positional_only(args))
}

/// Call with keywords; what handlers use, which keep nothing on the native stack.
#[inline(never)]
pub fn call_named(th: &Thread, f: Value, all: &[Value], names: Option<Gc<TupleObj>>) -> R {
    call_args(th, f, Args::of(&Named { all, names }))
}

/// Call with keywords.
pub fn call_args(th: &Thread, f: Value, args: Args) -> R {
    match f.kind() {
        kinds::FUNCTION => interp::call_function(th, expect(f), args),
        kinds::BUILTIN => func::call_builtin(th, expect(f), args.all(), args.names()),
        kinds::METHOD => {
            let m: Gc<MethodObj> = expect(f);
            let (g, this) = (
                m.func.get().unwrap_or(Value::NONE),
                m.this.get().unwrap_or(Value::NONE),
            );
            func::with_first(th, this, args.all(), |all| {
                call_args(
                    th,
                    g,
                    Args::of(&Named {
                        all,
                        names: args.names(),
                    }),
                )
            })
        }
        kinds::TYPE => crate::types::class::call_any(th, expect(f), args),
        _ => match special(class::of(f), N::Call) {
            Some(c) => {
                th.check_native_stack()?;
                // The built-in class's own method needs no binding and no check of its receiver.
                if c.shape() == C::WrapperDescriptor.shape()
                    && expect::<BuiltinObj>(c).owner() == Some(class::of(f))
                {
                    let def = expect::<BuiltinObj>(c).def();
                    return func::with_first(th, f, args.all(), |all| {
                        func::call_def(th, def, all, args.names())
                    });
                }
                call_special_args(th, c, f, args)
            }
            None => Err(not_callable(th, f)),
        },
    }
}

#[cold]
pub fn not_callable(th: &Thread, f: Value) -> crate::thread::Raised {
    error::type_error(
        th,
        &format!("'{}' object is not callable", class::type_name(f)),
    )
}

/// A function that takes its receiver as first argument (no binding needed)?
#[inline(always)]
pub fn is_plain_method(f: Value) -> bool {
    match f.kind() {
        kinds::FUNCTION => true,
        kinds::BUILTIN => {
            f.shape() == C::WrapperDescriptor.shape() || f.shape() == C::MethodDescriptor.shape()
        }
        _ => false,
    }
}

/// Call what a class look-up found, on a receiver.
#[inline]
pub fn call_special(th: &Thread, f: Value, this: Value, args: &[Value]) -> R {
    match f.kind() {
        kinds::BUILTIN if is_plain_method(f) => {
            let b: Gc<BuiltinObj> = expect(f);
            // A class may hold another class's method (`__eq__ = str.__eq__`): its receiver is checked.
            func::call_method(th, b, this, args)
        }
        kinds::FUNCTION => func::with_first(th, this, args, |all| {
            interp::call_function(th, expect(f), Args::positional_only(all))
        }),
        _ => call_special_args(th, f, this, Args::positional_only(args)),
    }
}

pub fn call_special_args(th: &Thread, f: Value, this: Value, args: Args) -> R {
    if is_plain_method(f) {
        return func::with_first(th, this, args.all(), |all| {
            let names = args.names();
            match f.kind() {
                kinds::BUILTIN => func::call_on_first(th, expect(f), all, names),
                _ => interp::call_function(th, expect(f), Args::of(&Named { all, names })),
            }
        });
    }
    let bound = attr::bind(th, f, Some(this), class::of(this))?;
    call_args(th, bound, args)
}

/// `v.name(*args)`, looked up as an attribute (without making a bound method where that can be avoided).
pub fn method(th: &Thread, v: Value, name: Value, args: &[Value]) -> R {
    if v.is_ptr() && v.kind() != kinds::TYPE && v.kind() != kinds::MODULE {
        let plain = special(class::of(v), N::GetAttribute).is_none_or(|f| {
            f.kind() == kinds::BUILTIN
                && expect::<BuiltinObj>(f)
                    .owner()
                    .is_some_and(|o| o.spec().kind == kinds::INSTANCE)
        });
        if plain {
            let (kind, info) = attr::resolve(th, v, name)?;
            if kind == crate::core::lookup_cache::Kind::Method {
                // SAFETY: this kind carries an entry, which the class keeps alive.
                let e: Gc<Entry> = unsafe { Gc::from_raw(info as *mut Entry) };
                if let Some(f) = e.value.get() {
                    return call_special(th, f, v, args);
                }
            }
        }
    }
    let f = attr::get(th, v, name)?;
    call(th, f, args)
}

pub fn method_named(th: &Thread, v: Value, name: &str, args: &[Value]) -> R {
    let n = crate::core::string::intern_new(th, name)?;
    method(th, v, n.value(), args)
}

/// The special method of `v`'s class called on it; `None` where the class has none.
pub fn special_method(th: &Thread, v: Value, n: N, args: &[Value]) -> R<Option<Value>> {
    match special(class::of(v), n) {
        Some(f) => call_special(th, f, v, args).map(Some),
        None => Ok(None),
    }
}

pub fn is_callable(v: Value) -> bool {
    match v.kind() {
        kinds::FUNCTION | kinds::BUILTIN | kinds::METHOD | kinds::TYPE => true,
        _ => special(class::of(v), N::Call).is_some(),
    }
}

/// `module.qualname()` for argument errors.
pub fn callable_name(th: &Thread, f: Value) -> R<String> {
    let q = attr::get_opt(th, f, nm(N::QualName))?.and_then(|v| v.cast::<StrObj>());
    let Some(q) = q else {
        return Ok(format!("{} object", class::type_name(f)));
    };
    let m = attr::get_opt(th, f, nm(N::Module))?.and_then(|v| v.cast::<StrObj>());
    Ok(match m {
        Some(m) if !m.eq_str("builtins") => format!("{}.{}()", m.to_rust(), q.to_rust()),
        _ => format!("{}()", q.to_rust()),
    })
}

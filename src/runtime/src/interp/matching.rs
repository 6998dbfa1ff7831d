//! The match statement's instructions and the intrinsics.

use super::frame::Frame;
use super::val;
use crate::classes::C;
use crate::core::{attr, class, dict, list, tuple};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops;
use crate::spec::type_flags as tf;
use crate::thread::{R, Thread, expect};
use crate::{check, next, save};
use habu_bytecode::opcode::{intrinsic1 as i1, intrinsic2 as i2};
use habu_heap::Value;

crate::handlers! {
    match_mapping(ip, sp, fp, th) {
        let t = class::of(val(*sp.sub(1)));
        *sp = Value::bool(t.has(tf::MAPPING)).bits();
        next!(ip.add(1), sp.add(1), fp, th)
    }

    match_sequence(ip, sp, fp, th) {
        let t = class::of(val(*sp.sub(1)));
        *sp = Value::bool(t.has(tf::SEQUENCE)).bits();
        next!(ip.add(1), sp.add(1), fp, th)
    }

    /// Stack: subject, keys. Pushes a tuple of values, or None.
    match_keys(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = check!(keys(th, val(*sp.sub(2)), val(*sp.sub(1))), ip, sp, fp, th);
        *sp = r.bits();
        next!(ip.add(1), sp.add(1), fp, th)
    }

    /// Stack: subject, class, names. `arg`: positional patterns.
    match_class(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = class_pattern(th, val(*sp.sub(3)), val(*sp.sub(2)), val(*sp.sub(1)), (*ip).arg as usize);
        *sp.sub(3) = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(1), sp.sub(2), fp, th)
    }
}

#[inline(never)]
fn keys(th: &Thread, subject: Value, keys: Value) -> R {
    let keys: Gc<TupleObj> = expect(keys);
    let out = list::new(th)?;
    let seen = dict::new_set(th)?;
    let get = attr::get(th, subject, nm(N::Get_))?;
    let missing = crate::types::object::new_sentinel(th)?;
    for &k in keys.items() {
        if dict::contains(th, dict::as_map(seen.value()), k)? {
            let r = ops::repr::repr_string(th, k)?;
            return Err(error::value_error(
                th,
                &format!("mapping pattern checks duplicate key ({r})"),
            ));
        }
        dict::set_add(th, seen.value(), k)?;
        let v = ops::call::call(th, get, &[k, missing])?;
        if v == missing {
            return Ok(Value::NONE);
        }
        list::push(th, out, v)?;
    }
    tuple::new_value(th, list::items(out))
}

#[inline(never)]
fn class_pattern(th: &Thread, subject: Value, cls: Value, names: Value, npos: usize) -> R {
    let names: Gc<TupleObj> = expect(names);
    let Some(t) = cls.cast::<TypeObj>() else {
        return Err(error::type_error(
            th,
            "called match pattern must be a class",
        ));
    };
    if !ops::isinstance::isinstance(th, subject, cls)? {
        return Ok(Value::NONE);
    }
    let out = list::new(th)?;
    let seen = list::new(th)?;
    if npos > 0 {
        let mut match_self = false;
        let ma = match attr::get_opt(th, cls, nm(N::MatchArgs))? {
            Some(m) => match m.cast::<TupleObj>() {
                Some(m) => m,
                None => {
                    return Err(error::type_error(
                        th,
                        &format!(
                            "{}.__match_args__ must be a tuple (got {})",
                            t.name_str(),
                            class::type_name(m)
                        ),
                    ));
                }
            },
            None => {
                match_self = t.has(tf::MATCH_SELF);
                tuple::empty()
            }
        };
        let allowed = if match_self { 1 } else { ma.len() };
        if allowed < npos {
            let plural = if allowed == 1 { "" } else { "s" };
            return Err(error::type_error(
                th,
                &format!(
                    "{}() accepts {allowed} positional sub-pattern{plural} ({npos} given)",
                    t.name_str()
                ),
            ));
        }
        if match_self {
            list::push(th, out, subject)?;
        } else {
            for &n in &ma.items()[..npos] {
                if n.kind() != kinds::STR {
                    return Err(error::type_error(
                        th,
                        &format!(
                            "__match_args__ elements must be strings (got {})",
                            class::type_name(n)
                        ),
                    ));
                }
                let n = attr::intern_name(th, n)?;
                match pattern_attr(th, subject, t, n, seen)? {
                    Some(v) => list::push(th, out, v)?,
                    None => return Ok(Value::NONE),
                }
            }
        }
    }
    for &n in names.items() {
        match pattern_attr(th, subject, t, n, seen)? {
            Some(v) => list::push(th, out, v)?,
            None => return Ok(Value::NONE),
        }
    }
    tuple::new_value(th, list::items(out))
}

fn pattern_attr(
    th: &Thread,
    subject: Value,
    t: Gc<TypeObj>,
    name: Value,
    seen: Gc<ListObj>,
) -> R<Option<Value>> {
    if list::items(seen).contains(&name) {
        let r = ops::repr::repr_string(th, name)?;
        return Err(error::type_error(
            th,
            &format!(
                "{}() got multiple sub-patterns for attribute {r}",
                t.name_str()
            ),
        ));
    }
    list::push(th, seen, name)?;
    attr::get_opt(th, subject, name)
}

#[inline(never)]
pub fn intrinsic_1(th: &Thread, f: Frame, which: u32, v: Value) -> R {
    match which {
        i1::PRINT => crate::modules::sys::display(th, v),
        i1::IMPORT_STAR => crate::import::import_star(th, f, v),
        i1::STOPITERATION_ERROR => stop_iteration_error(th, f, v),
        i1::ASYNC_GEN_WRAP => crate::types::asyncgen::wrap(th, v),
        i1::UNARY_POSITIVE => ops::binary::positive(th, v),
        i1::LIST_TO_TUPLE => tuple::new_value(th, list::items(expect(v))),
        i1::TYPEVAR | i1::PARAMSPEC | i1::TYPEVARTUPLE => {
            crate::types::typevars::intrinsic(th, which, v, None)
        }
        i1::SUBSCRIPT_GENERIC => crate::types::typevars::subscript_generic(th, v),
        i1::TYPEALIAS => crate::types::typevars::new_alias(th, v),
        _ => Err(error::raise(th, C::SystemError, "unknown intrinsic")),
    }
}

#[inline(never)]
pub fn intrinsic_2(th: &Thread, which: u32, a: Value, b: Value) -> R {
    match which {
        i2::PREP_RERAISE_STAR => crate::types::groups::prep_reraise_star(th, a, b),
        i2::TYPEVAR_WITH_BOUND | i2::TYPEVAR_WITH_CONSTRAINTS => {
            crate::types::typevars::intrinsic(th, which + 100, a, Some(b))
        }
        i2::SET_FUNCTION_TYPE_PARAMS => {
            let f: Gc<FunctionObj> = expect(a);
            th.set(f, &f.type_params, Some(b));
            Ok(a)
        }
        i2::SET_TYPEPARAM_DEFAULT => crate::types::typevars::set_default(th, a, b),
        _ => Err(error::raise(th, C::SystemError, "unknown intrinsic")),
    }
}

/// StopIteration that would leave a generator becomes RuntimeError (PEP 479).
fn stop_iteration_error(th: &Thread, f: Frame, exc: Value) -> R {
    let flags = f.code().flags.get() as u32;
    let async_gen = flags & habu_bytecode::CodeFlags::ASYNC_GENERATOR != 0;
    let text = if class::is_a(exc, C::StopIteration) {
        if async_gen {
            "async generator raised StopIteration"
        } else if flags & habu_bytecode::CodeFlags::COROUTINE != 0 {
            "coroutine raised StopIteration"
        } else {
            "generator raised StopIteration"
        }
    } else if async_gen && class::is_a(exc, C::StopAsyncIteration) {
        "async generator raised StopAsyncIteration"
    } else {
        return Ok(exc);
    };
    let s = crate::core::string::new_value(th, text)?;
    let e = error::make(th, crate::runtime::class(C::RuntimeError), &[s])?;
    let x: Gc<ExcObj> = expect(e);
    th.set(x, &x.cause, Some(exc));
    th.set(x, &x.context, Some(exc));
    x.suppress.init(Some(Value::TRUE));
    Ok(e)
}

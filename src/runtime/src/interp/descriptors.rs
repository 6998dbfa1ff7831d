//! Attributes that Python functions get and set: descriptors with `__get__` and `__set__`, setters of properties. Their
//! frames are pushed right at the attribute instruction.
//!
//! What must hold: a site's entry holds a data descriptor of objects with its shape as long as it is not emptied; what
//! the descriptor's own class says is asked each time.

use super::attrs::{dest, is_ptr, load_attr, object, owner_of_cache, shape_of, store_attr};
use super::frame::flag;
use super::val;
use crate::core::class;
use crate::names::N;
use crate::object::*;
use crate::thread::Thread;
use crate::{check, next, save};
use habu_heap::Value;

/// A method of the descriptor that takes so many arguments beside it and is a simple Python function.
fn method(d: Value, n: N, argc: i64) -> Option<Gc<FunctionObj>> {
    let f: Gc<FunctionObj> = class::special_of(d, n)?.cast()?;
    (f.simple_argc.get() == Some(Value::small_int(argc + 1))).then_some(f)
}

/// What gets the attribute when called with descriptor, object and class.
pub fn getter(d: Value) -> Option<Gc<FunctionObj>> {
    method(d, N::Get, 2)
}

/// What sets the attribute when called with object and value.
#[derive(Clone, Copy)]
pub enum Setter {
    /// A property's.
    Plain(Gc<FunctionObj>),
    /// It takes the descriptor first.
    Method(Gc<FunctionObj>),
}

pub fn setter(d: Value) -> Option<Setter> {
    if class::is_exact(d, crate::classes::C::Property) {
        let f: Gc<FunctionObj> = d.cast::<PropertyObj>()?.set.get()?.cast()?;
        return (f.simple_argc.get() == Some(Value::small_int(2))).then_some(Setter::Plain(f));
    }
    method(d, N::Set, 2).map(Setter::Method)
}

/// Let the site remember this entry. The form is chosen by the caller.
///
/// # Safety
/// `ip` is an attribute instruction with its cache behind it.
pub unsafe fn remember(th: &Thread, ip: *mut super::Op, entry: u64, form: super::Handler) {
    // SAFETY: the caller's promise.
    unsafe {
        (*ip.add(1)).h = entry as usize;
        th.mutator.barrier(owner_of_cache(ip));
        (*ip).h = form as usize;
    }
}

crate::handlers! {
    load_attr_descriptor<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let d = (*e).value.bits();
            if let Some(func) = getter(val(d)) {
                save!(ip, sp, fp, th);
                let ops = check!(super::ops_of(th, func.code.get_unchecked().cast_unchecked()), ip, sp, fp, th);
                let new = check!(super::push_frame(th, func, ops, sp, dest::<L>(sp), 0), ip, sp, fp, th);
                *new = d;
                *new.add(1) = w;
                *new.add(2) = class::of(val(w)).value().bits();
                super::zero_words(new.add(3), ops.locals() - 3);
                th.fp.set(new);
                next!(ops.start(), new.add(ops.locals()), new, th)
            }
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    store_attr_descriptor<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let d = (*e).value.bits();
            if let Some(s) = setter(val(d)) {
                save!(ip, sp, fp, th);
                let (func, first) = match s {
                    Setter::Plain(f) => (f, None),
                    Setter::Method(f) => (f, Some(d)),
                };
                let x = dest::<L>(sp).sub(1);
                let ops = check!(super::ops_of(th, func.code.get_unchecked().cast_unchecked()), ip, sp, fp, th);
                let new = check!(super::push_frame(th, func, ops, sp, x, flag::DROP), ip, sp, fp, th);
                let n = first.is_some() as usize;
                if let Some(d) = first {
                    *new = d;
                }
                *new.add(n) = w;
                *new.add(n + 1) = *x;
                super::zero_words(new.add(n + 2), ops.locals() - n - 2);
                th.fp.set(new);
                next!(ops.start(), new.add(ops.locals()), new, th)
            }
        }
        store_attr::<L>(ip, sp, fp, th)
    }
}

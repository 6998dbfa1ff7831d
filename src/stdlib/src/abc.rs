//! `_abc`: what abstract base classes remember, and the checks that use it.
//!
//! A class keeps its state in `_abc_impl`, a list of three dicts and a number: what was registered, which classes
//! were found to be subclasses, which not, and the count of registrations at which the last held. A dict has the
//! class's address as key and a weak reference as value: objects do not move, and where the reference leads to
//! another class or none, the entry is that of a class that is gone.

use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, dict, list, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::isinstance::issubclass;
use habu_runtime::ops::{self, call};
use habu_runtime::spec::{MethodDef, m0, m1, m2};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::weakref;
use habu_runtime::value::Value;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// Registrations so far: negative answers hold until the next one.
static TOKEN: AtomicI64 = AtomicI64::new(0);

const REGISTRY: usize = 0;
const POSITIVE: usize = 1;
const NEGATIVE: usize = 2;
const VERSION: usize = 3;

fn token() -> Value {
    Value::small_int(TOKEN.load(Relaxed))
}
fn state(th: &Thread, cls: Value) -> R<Gc<ListObj>> {
    let found = attr::get_text(th, cls, "_abc_impl")?;
    match found.cast::<ListObj>() {
        Some(l) if list::len(l) == 4 => Ok(l),
        _ => Err(error::type_error(th, "_abc_impl is set to a wrong type")),
    }
}
fn part(l: Gc<ListObj>, i: usize) -> Value {
    list::get(l, i).unwrap_or(Value::NONE)
}
fn map(l: Gc<ListObj>, i: usize) -> Gc<DictObj> {
    expect(part(l, i))
}
fn renew(th: &Thread, l: Gc<ListObj>, i: usize) -> R<()> {
    let d = dict::new_dict(th)?;
    list::set(th, l, i, d.value());
    Ok(())
}
fn key(c: Value) -> Value {
    Value::small_int((c.bits() >> 3) as i64)
}
fn has(th: &Thread, l: Gc<ListObj>, i: usize, c: Value) -> R<bool> {
    let found = dict::get(th, map(l, i), key(c))?;
    Ok(found.is_some_and(|r| weakref::target(expect(r)) == Some(c)))
}
/// Remember `c`. Now and then the dict forgets classes that are gone.
fn add(th: &Thread, l: Gc<ListObj>, i: usize, c: Value) -> R<()> {
    let old = map(l, i);
    let n = dict::len(old);
    if n >= 64 && n.is_power_of_two() {
        renew(th, l, i)?;
        let mut k = 0;
        while let Some((c, r)) = dict::next(old, &mut k) {
            if weakref::target(expect(r)).is_some() {
                dict::set(th, map(l, i), c, r)?;
            }
        }
    }
    let r = weakref::hidden(th, c)?;
    dict::set(th, map(l, i), key(c), r)
}

fn is_abstract(th: &Thread, v: Value) -> R<bool> {
    if v.kind() == 0 {
        return Ok(false);
    }
    let name = habu_runtime::names::nm(habu_runtime::names::N::IsAbstract);
    match attr::get_opt(th, v, name)? {
        Some(x) => ops::truth(th, x),
        None => Ok(false),
    }
}
fn init_class(th: &Thread, cls: Value) -> R {
    let Some(t) = cls.cast::<TypeObj>() else {
        return Err(error::type_error(th, "_abc_init() takes a class"));
    };
    let names = dict::new_frozenset(th)?;
    let own = dict::copy(th, t.dict())?;
    let mut i = 0;
    while let Some((name, v)) = dict::next(own, &mut i) {
        if is_abstract(th, v)? {
            dict::set_add(th, names.value(), name)?;
        }
    }
    let bases: Gc<TupleObj> = expect(attr::get_text(th, cls, "__bases__")?);
    let all = habu_runtime::names::nm(habu_runtime::names::N::AbstractMethods);
    for &b in bases.items() {
        let Some(inherited) = attr::get_opt(th, b, all)? else {
            continue;
        };
        let l = ops::iter::to_list(th, inherited)?;
        let mut i = 0;
        while let Some(name) = list::get(l, i) {
            i += 1;
            let name = attr::intern_name(th, name)?;
            if let Some(v) = attr::get_opt(th, cls, name)?
                && is_abstract(th, v)?
            {
                dict::set_add(th, names.value(), name)?;
            }
        }
    }
    attr::set_text(th, cls, "__abstractmethods__", names.value())?;
    let l = list::new(th)?;
    for _ in 0..3 {
        let d = dict::new_dict(th)?;
        list::push(th, l, d.value())?;
    }
    list::push(th, l, token())?;
    attr::set_text(th, cls, "_abc_impl", l.value())?;
    Ok(Value::NONE)
}

fn register(th: &Thread, cls: Value, sub: Value) -> R {
    if !sub.is::<TypeObj>() {
        return Err(error::type_error(th, "Can only register classes"));
    }
    if issubclass(th, sub, cls)? {
        return Ok(sub);
    }
    if issubclass(th, cls, sub)? {
        return Err(error::raise(
            th,
            C::RuntimeError,
            "Refusing to create an inheritance cycle",
        ));
    }
    add(th, state(th, cls)?, REGISTRY, sub)?;
    TOKEN.fetch_add(1, Relaxed);
    Ok(sub)
}

fn check(th: &Thread, cls: Value, sub: Value) -> R<bool> {
    let r = call::method_named(th, cls, "__subclasscheck__", &[sub])?;
    ops::truth(th, r)
}
fn instancecheck(th: &Thread, cls: Value, v: Value) -> R {
    let l = state(th, cls)?;
    let name = habu_runtime::names::nm(habu_runtime::names::N::Class);
    let sub = attr::get(th, v, name)?;
    if has(th, l, POSITIVE, sub)? {
        return Ok(Value::TRUE);
    }
    let real = class::of(v).value();
    if real == sub {
        if part(l, VERSION) == token() && has(th, l, NEGATIVE, sub)? {
            return Ok(Value::FALSE);
        }
        return Ok(Value::bool(check(th, cls, sub)?));
    }
    Ok(Value::bool(check(th, cls, sub)? || check(th, cls, real)?))
}
fn subclasscheck(th: &Thread, cls: Value, sub: Value) -> R {
    let Some(t) = sub.cast::<TypeObj>() else {
        return Err(error::type_error(th, "issubclass() arg 1 must be a class"));
    };
    let l = state(th, cls)?;
    if has(th, l, POSITIVE, sub)? {
        return Ok(Value::TRUE);
    }
    if part(l, VERSION) != token() {
        renew(th, l, NEGATIVE)?;
        list::set(th, l, VERSION, token());
    } else if has(th, l, NEGATIVE, sub)? {
        return Ok(Value::FALSE);
    }
    let yes = match call::method_named(th, cls, "__subclasshook__", &[sub])? {
        Value::TRUE => true,
        Value::FALSE => {
            add(th, l, NEGATIVE, sub)?;
            return Ok(Value::FALSE);
        }
        Value::NOT_IMPLEMENTED => t.mro().items().contains(&cls) || related(th, l, cls, sub)?,
        _ => {
            return Err(error::raise(
                th,
                C::AssertionError,
                "__subclasshook__ must return either False, True, or NotImplemented",
            ));
        }
    };
    add(th, l, if yes { POSITIVE } else { NEGATIVE }, sub)?;
    Ok(Value::bool(yes))
}
/// Whether `sub` is a subclass of a registered class, or of a subclass of `cls`.
fn related(th: &Thread, l: Gc<ListObj>, cls: Value, sub: Value) -> R<bool> {
    // A copy: the checks may run anything.
    let registered = dict::copy(th, map(l, REGISTRY))?;
    let mut i = 0;
    while let Some((_, r)) = dict::next(registered, &mut i) {
        if let Some(c) = weakref::target(expect(r))
            && issubclass(th, sub, c)?
        {
            return Ok(true);
        }
    }
    let below = call::method_named(th, cls, "__subclasses__", &[])?;
    let below = ops::iter::to_list(th, below)?;
    let mut i = 0;
    while let Some(c) = list::get(below, i) {
        i += 1;
        if issubclass(th, sub, c)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn get_cache_token(_: &Thread) -> R {
    Ok(token())
}
fn get_dump(th: &Thread, cls: Value) -> R {
    let l = state(th, cls)?;
    let ref_class = habu_runtime::runtime::class_value(C::WeakRef);
    let out = list::new(th)?;
    for i in [REGISTRY, POSITIVE, NEGATIVE] {
        let s = dict::new_set(th)?;
        let mut k = 0;
        while let Some((_, r)) = dict::next(map(l, i), &mut k) {
            if let Some(c) = weakref::target(expect(r)) {
                dict::set_add(th, s.value(), call::call(th, ref_class, &[c])?)?;
            }
        }
        list::push(th, out, s.value())?;
    }
    list::push(th, out, part(l, VERSION))?;
    tuple::new_value(th, list::items(out))
}
fn reset_registry(th: &Thread, cls: Value) -> R {
    renew(th, state(th, cls)?, REGISTRY)?;
    Ok(Value::NONE)
}
fn reset_caches(th: &Thread, cls: Value) -> R {
    let l = state(th, cls)?;
    renew(th, l, POSITIVE)?;
    renew(th, l, NEGATIVE)?;
    Ok(Value::NONE)
}

static FUNCTIONS: [MethodDef; 8] = [
    m0("get_cache_token", get_cache_token),
    m1("_abc_init", init_class),
    m2("_abc_register", register),
    m2("_abc_instancecheck", instancecheck),
    m2("_abc_subclasscheck", subclasscheck),
    m1("_get_dump", get_dump),
    m1("_reset_registry", reset_registry),
    m1("_reset_caches", reset_caches),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_abc", &FUNCTIONS)
}

//! `_abc`: what abstract base classes remember of their virtual subclasses.
//!
//! What must hold: classes are remembered by weak references, so that a registration keeps no class alive; a negative
//! answer counts only until the next registration anywhere (`COUNTER`).

use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, class_make, dict, list, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::names::{N, nm};
use habu_runtime::object::*;
use habu_runtime::ops::{self, call, isinstance, iter};
use habu_runtime::spec::{MethodDef, TypeSpec, m0, m1, m2, type_flags as tf};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{iters, set, weakref};
use habu_runtime::value::{Slot, Value};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

static COUNTER: AtomicI64 = AtomicI64::new(0);

// The record of a class: three sets of weak references (absent while empty), the count of the negative ones.
const REGISTRY: usize = 0;
const CACHE: usize = 1;
const NEGATIVE: usize = 2;
const VERSION: usize = 3;
static DATA: TypeSpec = TypeSpec::new("_abc_data", kinds::RECORD)
    .module("_abc")
    .words(4)
    .flags(tf::NO_NEW);

fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: records have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn record(th: &Thread, c: Value) -> R {
    let found = attr::get_text_opt(th, c, "_abc_impl")?;
    match found.filter(|d| d.kind() == kinds::RECORD) {
        Some(d) => Ok(d),
        None => Err(error::type_error(th, "_abc_impl is set to a wrong type")),
    }
}
fn weak(th: &Thread, c: Value) -> R {
    call::call(th, habu_runtime::runtime::class_value(C::WeakRef), &[c])
}
/// Is `c` in the set?
fn has(th: &Thread, d: Value, i: usize, c: Value) -> R<bool> {
    let Some(s) = slot(d, i).get() else {
        return Ok(false);
    };
    let r = weak(th, c)?;
    set::contains(th, s, r)
}
fn add(th: &Thread, d: Value, i: usize, c: Value) -> R<()> {
    let s = match slot(d, i).get() {
        Some(s) => s,
        None => {
            let s = dict::new_set(th)?.value();
            th.set_in(d, slot(d, i), Some(s));
            s
        }
    };
    let r = weak(th, c)?;
    dict::set_add(th, s, r)
}
fn forget_negative(d: Value) {
    slot(d, NEGATIVE).init(None);
    slot(d, VERSION).init(Some(Value::small_int(COUNTER.load(Relaxed))));
}

fn get_cache_token(_: &Thread) -> R {
    Ok(Value::small_int(COUNTER.load(Relaxed)))
}
fn is_abstract(th: &Thread, v: Value) -> R<bool> {
    match attr::get_text_opt(th, v, "__isabstractmethod__")? {
        Some(x) => ops::truth(th, x),
        None => Ok(false),
    }
}
/// `__abstractmethods__`: abstract names of the class itself, and inherited ones that are abstract still.
fn abstract_names(th: &Thread, c: Gc<TypeObj>) -> R<()> {
    let found = dict::new_frozenset(th)?.value();
    let own = dict::copy(th, c.dict())?;
    let mut i = 0;
    while let Some((k, v)) = dict::next(own, &mut i) {
        if is_abstract(th, v)? {
            dict::set_add(th, found, k)?;
        }
    }
    let bases = attr::get_text(th, c.value(), "__bases__")?;
    for &b in expect::<TupleObj>(bases).items() {
        let Some(names) = attr::get_text_opt(th, b, "__abstractmethods__")? else {
            continue;
        };
        for &k in iter::to_tuple(th, names)?.items() {
            if let Some(v) = attr::get_opt(th, c.value(), k)?
                && is_abstract(th, v)?
            {
                dict::set_add(th, found, k)?;
            }
        }
    }
    attr::set_text(th, c.value(), "__abstractmethods__", found)
}
fn init_class(th: &Thread, v: Value) -> R {
    let Some(c) = v.cast::<TypeObj>() else {
        return Err(error::type_error(
            th,
            "_abc_init() argument must be a class",
        ));
    };
    abstract_names(th, c)?;
    let me = habu_runtime::import::import_module(th, "_abc")?;
    let data: Gc<TypeObj> = expect(attr::get_text(th, me, "_abc_data")?);
    // SAFETY: just made with this class's layout.
    let d = unsafe { Value::from_ptr(iters::alloc(th, data)?) };
    forget_negative(d);
    attr::set_text(th, v, "_abc_impl", d)?;
    if let Some(flags) = dict::get_text(th, c.dict(), "__abc_tpflags__")? {
        let flags = flags.as_int().unwrap_or(0);
        for (bit, flag) in [(5, tf::SEQUENCE), (6, tf::MAPPING)] {
            if flags >> bit & 1 != 0 {
                c.set_flag(flag);
            }
        }
        let name = habu_runtime::core::string::intern_new(th, "__abc_tpflags__")?;
        attr::set(th, v, name.value(), None)?;
    }
    Ok(Value::NONE)
}
/// A registered class and those under it match the patterns that the base matches, unless they match some already.
fn inherit(c: Gc<TypeObj>, flag: u64) {
    if c.has(tf::SEQUENCE) || c.has(tf::MAPPING) {
        return;
    }
    if c.has(tf::HEAP) {
        c.set_flag(flag);
        class::subclasses(c, &mut |s| inherit(s, flag));
    }
}
fn register(th: &Thread, v: Value, sub: Value) -> R {
    let Some(s) = sub.cast::<TypeObj>() else {
        return Err(error::type_error(th, "Can only register classes"));
    };
    if isinstance::issubclass(th, sub, v)? {
        return Ok(sub);
    }
    if isinstance::issubclass(th, v, sub)? {
        return Err(error::raise(
            th,
            C::RuntimeError,
            "Refusing to create an inheritance cycle",
        ));
    }
    add(th, record(th, v)?, REGISTRY, sub)?;
    COUNTER.fetch_add(1, Relaxed);
    if let Some(c) = v.cast::<TypeObj>() {
        for flag in [tf::SEQUENCE, tf::MAPPING] {
            if c.has(flag) {
                inherit(s, flag);
            }
        }
    }
    Ok(sub)
}
fn instancecheck(th: &Thread, v: Value, x: Value) -> R {
    let d = record(th, v)?;
    let kind = class::of(x).value();
    let sub = attr::get(th, x, nm(N::Class));
    let sub = error::absorb(th, sub, C::AttributeError)?.unwrap_or(kind);
    if has(th, d, CACHE, sub)? {
        return Ok(Value::TRUE);
    }
    let current = slot(d, VERSION).get() == Some(Value::small_int(COUNTER.load(Relaxed)));
    if kind == sub && current && has(th, d, NEGATIVE, sub)? {
        return Ok(Value::FALSE);
    }
    let yes = call::method_named(th, v, "__subclasscheck__", &[sub])?;
    if kind == sub || ops::truth(th, yes)? {
        return Ok(yes);
    }
    call::method_named(th, v, "__subclasscheck__", &[kind])
}
fn subclasscheck(th: &Thread, v: Value, sub: Value) -> R {
    if !sub.is::<TypeObj>() {
        return Err(error::type_error(th, "issubclass() arg 1 must be a class"));
    }
    let d = record(th, v)?;
    if has(th, d, CACHE, sub)? {
        return Ok(Value::TRUE);
    }
    if slot(d, VERSION).get() != Some(Value::small_int(COUNTER.load(Relaxed))) {
        forget_negative(d);
    } else if has(th, d, NEGATIVE, sub)? {
        return Ok(Value::FALSE);
    }
    let yes = th.nested(|| decide(th, v, d, sub))?;
    add(th, d, if yes { CACHE } else { NEGATIVE }, sub)?;
    Ok(Value::bool(yes))
}
fn decide(th: &Thread, v: Value, d: Value, sub: Value) -> R<bool> {
    let ok = call::method_named(th, v, "__subclasshook__", &[sub])?;
    match ok {
        Value::TRUE => return Ok(true),
        Value::FALSE => return Ok(false),
        Value::NOT_IMPLEMENTED => {}
        _ => {
            return Err(error::raise(
                th,
                C::AssertionError,
                "__subclasshook__ must return either False, True, or NotImplemented",
            ));
        }
    }
    if let (Some(s), Some(c)) = (sub.cast::<TypeObj>(), v.cast::<TypeObj>())
        && class::is_subclass(s, c)
    {
        return Ok(true);
    }
    // Registered classes, then classes derived from this one in the ordinary way.
    if let Some(s) = slot(d, REGISTRY).get() {
        let refs = set::items(th, s)?;
        for &r in list::items(refs) {
            if let Some(c) = weakref::target(expect(r))
                && isinstance::issubclass(th, sub, c)?
            {
                return Ok(true);
            }
        }
    }
    let direct = attr::get_text(th, v, "__subclasses__")?;
    let direct = call::call(th, direct, &[])?;
    if !direct.is::<ListObj>() {
        return Err(error::type_error(th, "__subclasses__() must return a list"));
    }
    for &c in iter::to_tuple(th, direct)?.items() {
        if isinstance::issubclass(th, sub, c)? {
            return Ok(true);
        }
    }
    Ok(false)
}
fn shown(th: &Thread, d: Value, i: usize) -> R {
    match slot(d, i).get() {
        Some(s) => {
            let copy = dict::new_set(th)?.value();
            set::update(th, copy, s)?;
            Ok(copy)
        }
        None => Ok(dict::new_set(th)?.value()),
    }
}
fn get_dump(th: &Thread, v: Value) -> R {
    let d = record(th, v)?;
    let items = [
        shown(th, d, REGISTRY)?,
        shown(th, d, CACHE)?,
        shown(th, d, NEGATIVE)?,
        slot(d, VERSION).get().unwrap_or(Value::NONE),
    ];
    tuple::new_value(th, &items)
}
fn reset_registry(th: &Thread, v: Value) -> R {
    slot(record(th, v)?, REGISTRY).init(None);
    Ok(Value::NONE)
}
fn reset_caches(th: &Thread, v: Value) -> R {
    let d = record(th, v)?;
    slot(d, CACHE).init(None);
    slot(d, NEGATIVE).init(None);
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
    let a = m::new(th, "_abc", &FUNCTIONS)?;
    let c = class_make::from_spec(th, &DATA, None)?;
    m::set(th, a, "_abc_data", c.value())?;
    Ok(a)
}

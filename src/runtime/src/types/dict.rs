//! `dict`.

use crate::classes::C;
use crate::core::{attr, class, dict, list, shape, tuple};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call, iter};
use crate::runtime::{class as core_class, rt};
use crate::spec::{Args, MethodDef, TypeSpec, m1, m2, m3, mk, mv, type_flags as tf};
use crate::thread::{R, Thread, expect};
use crate::types::dictviews;
use habu_heap::Value;

fn d(v: Value) -> Gc<DictObj> {
    expect(v)
}

pub fn alloc(th: &Thread, cls: Gc<TypeObj>) -> R<Gc<DictObj>> {
    if cls == core_class(C::Dict) {
        return dict::new_dict(th);
    }
    let o: Gc<DictObj> = th.alloc(shape::root(cls).id(), habu_heap::EXT, 24)?;
    o.table.init(rt().empty_table.get());
    // SAFETY: the last word is the attribute word.
    unsafe { *(o.raw() as *mut u64).add(2) = 0 };
    if cls.has(tf::FINALIZER) {
        th.mutator.register_finalizer(o.header());
    }
    Ok(o)
}

fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    Ok(alloc(th, cls)?.value())
}

/// Any mapping with `keys()` and items.
pub fn merge_mapping(th: &Thread, into: Gc<DictObj>, src: Value) -> R<()> {
    if let Some(s) = src.cast::<DictObj>()
        && (class::is_exact(src, C::Dict)
            || class::special_of(src, N::Iter) == class::special(core_class(C::Dict), N::Iter))
    {
        return dict::update(th, into, s);
    }
    let keys = call::method(th, src, nm(N::Keys), &[])?;
    let it = iter::get(th, keys)?;
    while let Some(k) = iter::next(th, it)? {
        let v = ops::subscr::get(th, src, k)?;
        dict::set(th, into, k, v)?;
    }
    Ok(())
}

/// `**src` of a call: keys must be new.
pub fn merge_keywords(th: &Thread, func: Value, into: Gc<DictObj>, src: Value) -> R<()> {
    let map = match src.cast::<DictObj>() {
        Some(s) => s,
        None => {
            let t = dict::new_dict(th)?;
            let r = merge_mapping(th, t, src);
            if r.is_err() && error::matches(th, C::AttributeError) {
                th.take();
                let name = call::callable_name(th, func)?;
                return Err(error::type_error(
                    th,
                    &format!(
                        "{name} argument after ** must be a mapping, not {}",
                        class::type_name(src)
                    ),
                ));
            }
            r?;
            t
        }
    };
    let mut i = 0;
    while let Some((k, v)) = dict::next(map, &mut i) {
        if dict::contains(th, into, k)? {
            let name = call::callable_name(th, func)?;
            let text = if k.kind() == kinds::STR {
                format!(
                    "{name} got multiple values for keyword argument '{}'",
                    ops::repr::str_string(th, k)?
                )
            } else {
                "keywords must be strings".to_string()
            };
            return Err(error::type_error(th, &text));
        }
        dict::set(th, into, k, v)?;
    }
    Ok(())
}

/// `dict.update`'s sources: a mapping, or an iterable of pairs.
pub fn update_from(th: &Thread, into: Gc<DictObj>, src: Value) -> R<()> {
    if src.is::<DictObj>() || attr::get_opt(th, src, nm(N::Keys))?.is_some() {
        return merge_mapping(th, into, src);
    }
    let it = iter::get(th, src)?;
    let mut n = 0;
    while let Some(pair) = iter::next(th, it)? {
        let kv = match pair_of(th, pair) {
            Ok(t) => t,
            Err(_) => {
                let e = th.take();
                if class::of(e) == crate::runtime::class(C::TypeError) {
                    let note = format!(
                        "Cannot convert dictionary update sequence element #{n} to a sequence"
                    );
                    super::exceptions::add_note_text(th, e, &note)?;
                }
                return Err(th.restore(e));
            }
        };
        if kv.len() != 2 {
            return Err(error::value_error(
                th,
                &format!(
                    "dictionary update sequence element #{n} has length {}; 2 is required",
                    kv.len()
                ),
            ));
        }
        dict::set(th, into, kv.items()[0], kv.items()[1])?;
        n += 1;
    }
    Ok(())
}

/// The items of an element of an update sequence.
fn pair_of(th: &Thread, pair: Value) -> R<Gc<TupleObj>> {
    if matches!(pair.kind(), kinds::TUPLE | kinds::LIST) {
        return iter::to_tuple(th, pair);
    }
    match iter::get(th, pair) {
        Ok(it) => iter::to_tuple(th, it),
        Err(_) if error::matches(th, C::TypeError) => {
            th.take();
            Err(error::type_error(th, "object is not iterable"))
        }
        Err(e) => Err(e),
    }
}

fn update_args(th: &Thread, this: Gc<DictObj>, a: Args, name: &str) -> R<()> {
    if a.pos().len() > 1 {
        return Err(error::type_error(
            th,
            &format!("{name} expected at most 1 argument, got {}", a.pos().len()),
        ));
    }
    if let Some(&s) = a.pos().first() {
        update_from(th, this, s)?;
    }
    for (k, v) in a.kw() {
        dict::set(th, this, k, v)?;
    }
    Ok(())
}

fn init(th: &Thread, a: Args) -> R {
    update_args(th, d(a.all()[0]), a.rest(), "dict")?;
    Ok(Value::NONE)
}
fn update(th: &Thread, a: Args) -> R {
    update_args(th, d(a.all()[0]), a.rest(), "update")?;
    Ok(Value::NONE)
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    match dict::get(th, d(v), k)? {
        Some(x) => Ok(x),
        None => {
            if !class::is_exact(v, C::Dict)
                && let Some(f) = class::special_of(v, N::Missing)
            {
                return call::call_special(th, f, v, &[k]);
            }
            Err(error::raise_with(th, C::KeyError, k))
        }
    }
}
fn setitem(th: &Thread, v: Value, k: Value, x: Value) -> R {
    dict::set(th, d(v), k, x)?;
    Ok(Value::NONE)
}
fn delitem(th: &Thread, v: Value, k: Value) -> R {
    match dict::remove(th, d(v), k)? {
        Some(_) => Ok(Value::NONE),
        None => Err(error::raise_with(th, C::KeyError, k)),
    }
}
fn contains(th: &Thread, v: Value, k: Value) -> R {
    Ok(Value::bool(dict::contains(th, d(v), k)?))
}
fn len(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(dict::len(d(v)) as i64))
}
fn py_iter(th: &Thread, v: Value) -> R {
    dictviews::iter(th, v, dictviews::KEY)
}
fn reversed(th: &Thread, v: Value) -> R {
    dictviews::iter_reversed(th, v, dictviews::KEY)
}
fn get(th: &Thread, a: &[Value]) -> R {
    Ok(dict::get(th, d(a[0]), a[1])?.unwrap_or(a.get(2).copied().unwrap_or(Value::NONE)))
}
fn setdefault(th: &Thread, a: &[Value]) -> R {
    dict::set_default(th, d(a[0]), a[1], a.get(2).copied().unwrap_or(Value::NONE))
}
fn pop(th: &Thread, a: &[Value]) -> R {
    // An empty dict does not ask for the key's hash.
    let found = match dict::len(d(a[0])) {
        0 => None,
        _ => dict::remove(th, d(a[0]), a[1])?,
    };
    match found {
        Some(v) => Ok(v),
        None => match a.get(2) {
            Some(&v) => Ok(v),
            None => Err(error::raise_with(th, C::KeyError, a[1])),
        },
    }
}
fn popitem(th: &Thread, v: Value) -> R {
    match dict::pop_last(d(v)) {
        Some((k, x)) => tuple::new_value(th, &[k, x]),
        None => Err(error::raise(
            th,
            C::KeyError,
            "popitem(): dictionary is empty",
        )),
    }
}
fn clear(th: &Thread, v: Value) -> R {
    dict::clear(th, d(v));
    Ok(Value::NONE)
}
fn copy(th: &Thread, v: Value) -> R {
    Ok(dict::copy(th, d(v))?.value())
}
fn keys(th: &Thread, v: Value) -> R {
    dictviews::view(th, v, dictviews::KEY)
}
fn values(th: &Thread, v: Value) -> R {
    dictviews::view(th, v, dictviews::VALUE)
}
fn items(th: &Thread, v: Value) -> R {
    dictviews::view(th, v, dictviews::ITEM)
}
fn fromkeys(th: &Thread, a: &[Value]) -> R {
    let cls = a[0];
    let value = a.get(2).copied().unwrap_or(Value::NONE);
    let out = call::call(th, cls, &[])?;
    if class::is_exact(out, C::Dict) {
        let o = d(out);
        let it = iter::get(th, a[1])?;
        while let Some(k) = iter::next(th, it)? {
            dict::set(th, o, k, value)?;
        }
        return Ok(out);
    }
    let it = iter::get(th, a[1])?;
    while let Some(k) = iter::next(th, it)? {
        ops::subscr::set(th, out, k, value)?;
    }
    Ok(out)
}
fn repr(th: &Thread, v: Value) -> R {
    let m = d(v);
    if dict::len(m) == 0 {
        return crate::core::string::new_value(th, "{}");
    }
    let r = ops::repr::guarded(th, v, || {
        let mut b = crate::core::string::Builder::new();
        b.push_str("{");
        let (mut i, mut first) = (0, true);
        while let Some((k, x)) = dict::next(m, &mut i) {
            if !first {
                b.push_str(", ");
            }
            first = false;
            b.push(expect(ops::repr::repr(th, k)?));
            b.push_str(": ");
            b.push(expect(ops::repr::repr(th, x)?));
        }
        b.push_str("}");
        b.finish_value(th)
    })?;
    match r {
        Some(r) => Ok(r),
        None => crate::core::string::new_value(th, "{...}"),
    }
}
fn equal(th: &Thread, a: Value, b: Value) -> R<bool> {
    let (x, y) = (d(a), d(b));
    if dict::len(x) != dict::len(y) {
        return Ok(false);
    }
    let mut i = 0;
    while let Some((k, v, h)) = dict::next_hashed(x, &mut i) {
        match dict::get_hashed(th, y, k, h)? {
            Some(w) => {
                if !ops::compare::eq_bool(th, v, w)? {
                    return Ok(false);
                }
            }
            None => return Ok(false),
        }
    }
    Ok(true)
}
fn eq(th: &Thread, a: Value, b: Value) -> R {
    if !b.is::<DictObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    Ok(Value::bool(equal(th, a, b)?))
}
fn ne(th: &Thread, a: Value, b: Value) -> R {
    if !b.is::<DictObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    Ok(Value::bool(!equal(th, a, b)?))
}
fn or(th: &Thread, a: Value, b: Value) -> R {
    if !a.is::<DictObj>() || !b.is::<DictObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let r = dict::copy(th, d(a))?;
    dict::update(th, r, d(b))?;
    Ok(r.value())
}
fn ror(th: &Thread, a: Value, b: Value) -> R {
    or(th, b, a)
}
fn ior(th: &Thread, a: Value, b: Value) -> R {
    update_from(th, d(a), b)?;
    Ok(a)
}
fn sizeof(th: &Thread, v: Value) -> R {
    crate::core::int::from_usize(th, 16 + dict::table(d(v)).sizes.get() as u32 as usize * 8)
}

static METHODS: [MethodDef; 27] = [
    mk("__init__", init).sig("($self, /, *args, **kwargs)"),
    m1("__repr__", repr).sig("($self, /)"),
    m2("__getitem__", getitem).sig("($self, key, /)"),
    m3("__setitem__", setitem).sig("($self, key, value, /)"),
    m2("__delitem__", delitem).sig("($self, key, /)"),
    m2("__contains__", contains).sig("($self, key, /)"),
    m1("__len__", len).sig("($self, /)"),
    m1("__iter__", py_iter).sig("($self, /)"),
    m1("__reversed__", reversed).sig("($self, /)"),
    m2("__eq__", eq).sig("($self, value, /)"),
    m2("__ne__", ne).sig("($self, value, /)"),
    m2("__or__", or).sig("($self, value, /)"),
    m2("__ror__", ror).sig("($self, value, /)"),
    m2("__ior__", ior).sig("($self, value, /)"),
    mv("get", get, 2, 3).sig("($self, key, default=None, /)"),
    mv("setdefault", setdefault, 2, 3).sig("($self, key, default=None, /)"),
    mv("pop", pop, 2, 3),
    m1("popitem", popitem).sig("($self, /)"),
    mk("update", update),
    m1("clear", clear).sig("($self, /)"),
    m1("copy", copy).sig("($self, /)"),
    m1("keys", keys).sig("($self, /)"),
    m1("values", values).sig("($self, /)"),
    m1("items", items).sig("($self, /)"),
    mv("fromkeys", fromkeys, 2, 3)
        .class()
        .sig("($type, iterable, value=None, /)"),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
    m1("__sizeof__", sizeof),
];

pub static SPEC: TypeSpec = TypeSpec::new("dict", kinds::DICT)
    .flags(tf::BASE | tf::MAPPING | tf::MATCH_SELF)
    .methods(&METHODS)
    .new_fn(new);

/// Keys as a list (module `__dir__` and the like).
pub fn key_list(th: &Thread, m: Gc<DictObj>) -> R<Gc<ListObj>> {
    let l = list::with_capacity(th, dict::len(m))?;
    let mut i = 0;
    while let Some((k, _)) = dict::next(m, &mut i) {
        list::push(th, l, k)?;
    }
    Ok(l)
}

//! `_functools`: partial, reduce, cmp_to_key and the cache of `lru_cache`.

use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, class_make, dict, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call, compare, iter};
use habu_runtime::runtime::{Keep, class_value, keep, kept};
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, Named, TypeSpec, gs, m1, m2, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{generic_alias, iters};
use habu_runtime::value::{Slot, Value};

fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: every class here has the native words that its functions name.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn field(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}
fn put(th: &Thread, v: Value, i: usize, x: Value) {
    th.set_in(v, slot(v, i), Some(x));
}
fn instance(th: &Thread, cls: Gc<TypeObj>) -> R {
    // SAFETY: just made with this class's layout.
    Ok(unsafe { Value::from_ptr(iters::alloc(th, cls)?) })
}
fn mine(th: &Thread, name: &str) -> R {
    match kept(Keep::Functools) {
        Some(me) => attr::get_text(th, me, name),
        None => Err(error::raise(th, C::SystemError, "_functools is not ready")),
    }
}

fn reduce(th: &Thread, a: Args) -> R {
    let [f, it, start] = habu_runtime::args!(
        th,
        a,
        "reduce",
        ["function", "iterable", "initial"],
        2,
        2,
        3
    );
    let (f, src) = (f.unwrap_or(Value::NONE), it.unwrap_or(Value::NONE));
    if !iter::is_iterable(src) {
        return Err(error::type_error(
            th,
            "reduce() arg 2 must support iteration",
        ));
    }
    let it = iter::get(th, src)?;
    let mut result = start;
    while let Some(x) = iter::next(th, it)? {
        result = Some(match result {
            Some(r) => call::call(th, f, &[r, x])?,
            None => x,
        });
    }
    result.ok_or_else(|| error::type_error(th, "reduce() of empty iterable with no initial value"))
}

// KeyWrapper: compare function, object.
fn cmp_to_key(th: &Thread, a: Args) -> R {
    let [f] = habu_runtime::args!(th, a, "cmp_to_key", ["mycmp"], 0, 1, 1);
    let k = instance(th, expect(mine(th, "KeyWrapper")?))?;
    put(th, k, 0, f.unwrap_or(Value::NONE));
    Ok(k)
}
fn key_call(th: &Thread, a: Args) -> R {
    let [x] = habu_runtime::args!(th, a.rest(), "K", ["obj"], 0, 1, 1);
    let k = instance(th, class::of(a.all()[0]))?;
    put(th, k, 0, field(a.all()[0], 0));
    put(th, k, 1, x.unwrap_or(Value::NONE));
    Ok(k)
}
fn key_compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    if class::of(a) != class::of(b) {
        return Err(error::type_error(th, "other argument must be K instance"));
    }
    let (Some(x), Some(y)) = (slot(a, 1).get(), slot(b, 1).get()) else {
        return Err(attribute_object(th));
    };
    let r = call::call(th, field(a, 0), &[x, y])?;
    compare::rich(th, r, Value::small_int(0), op)
}
fn attribute_object(th: &Thread) -> habu_runtime::thread::Raised {
    error::raise(th, C::AttributeError, "object")
}
habu_runtime::comparisons!(key_compare);
fn key_object(th: &Thread, v: Value) -> R {
    slot(v, 1).get().ok_or_else(|| attribute_object(th))
}
static KEY_METHODS: [MethodDef; 7] = [
    mk("__call__", key_call).sig("($self, /, obj)"),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__lt__", lt),
    m2("__le__", le),
    m2("__gt__", gt),
    m2("__ge__", ge),
];
static KEY_GETSET: [GetSetDef; 1] = [gs("obj", key_object)];
static KEY: TypeSpec = TypeSpec::new("KeyWrapper", kinds::RECORD)
    .module("functools")
    .words(2)
    .flags(tf::NO_NEW)
    .methods(&KEY_METHODS)
    .getset(&KEY_GETSET);

// Placeholder: one object.
fn placeholder_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    if !a.all().is_empty() {
        return Err(error::type_error(th, "_PlaceholderType takes no arguments"));
    }
    mine(th, "Placeholder")
}
fn placeholder_text(th: &Thread, _: Value) -> R {
    string::new_value(th, "Placeholder")
}
static PLACEHOLDER_METHODS: [MethodDef; 2] = [
    m1("__repr__", placeholder_text),
    m1("__reduce__", placeholder_text),
];
static PLACEHOLDER: TypeSpec = TypeSpec::new("_PlaceholderType", kinds::RECORD)
    .module("functools")
    .methods(&PLACEHOLDER_METHODS)
    .new_fn(placeholder_new);

// partial: function, arguments, keywords, number of placeholders.
const FUNC: usize = 0;
const ARGS: usize = 1;
const KEYWORDS: usize = 2;
const HOLES: usize = 3;
fn part_args(v: Value) -> Gc<TupleObj> {
    expect(field(v, ARGS))
}
fn keywords(v: Value) -> Gc<DictObj> {
    expect(field(v, KEYWORDS))
}
fn holes(v: Value) -> usize {
    field(v, HOLES).as_int().unwrap_or(0) as usize
}
/// The first arguments with later ones put in for placeholders, then the rest of these.
fn merged(th: &Thread, have: &[Value], hole: Value, more: &[Value]) -> R<Gc<ListObj>> {
    let l = list::with_capacity(th, have.len() + more.len())?;
    let mut next = 0;
    for &x in have {
        if x == hole && next < more.len() {
            list::push(th, l, more[next])?;
            next += 1;
        } else {
            list::push(th, l, x)?;
        }
    }
    for &x in &more[next..] {
        list::push(th, l, x)?;
    }
    Ok(l)
}
fn count_holes(items: &[Value], hole: Value) -> usize {
    items.iter().filter(|x| **x == hole).count()
}
fn partial_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let Some(&f) = a.pos().first() else {
        return Err(error::type_error(
            th,
            "type 'partial' takes at least one argument",
        ));
    };
    if !call::is_callable(f) {
        return Err(error::type_error(th, "the first argument must be callable"));
    }
    let hole = mine(th, "Placeholder")?;
    let more = &a.pos()[1..];
    if more.last() == Some(&hole) {
        return Err(error::type_error(
            th,
            "trailing Placeholders are not allowed",
        ));
    }
    let d = dict::new_dict(th)?;
    let base: Gc<TypeObj> = expect(mine(th, "partial")?);
    // A partial of a partial is one partial, unless the inner one carries attributes of its own.
    let flat = class::is_instance(f, base)
        && attr::get_text(th, f, "__dict__")?
            .cast::<DictObj>()
            .is_none_or(|d| dict::len(d) == 0);
    let (f, items) = if flat {
        let mut i = 0;
        while let Some((k, v)) = dict::next(keywords(f), &mut i) {
            dict::set(th, d, k, v)?;
        }
        let l = merged(th, part_args(f).items(), hole, more)?;
        (field(f, FUNC), tuple::new(th, list::items(l))?)
    } else {
        (f, tuple::new(th, more)?)
    };
    for (k, v) in a.kw() {
        if v == hole {
            return Err(error::type_error(
                th,
                "Placeholder cannot be passed as a keyword argument",
            ));
        }
        dict::set(th, d, k, v)?;
    }
    let v = instance(th, cls)?;
    put(th, v, FUNC, f);
    put(th, v, ARGS, items.value());
    put(th, v, KEYWORDS, d.value());
    let n = count_holes(items.items(), hole);
    put(th, v, HOLES, Value::small_int(n as i64));
    Ok(v)
}
fn partial_call(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let rest = a.rest();
    let (more, n) = (rest.pos(), holes(v));
    if more.len() < n {
        let text = format!(
            "missing positional arguments in 'partial' call; expected at least {n}, got {}",
            more.len()
        );
        return Err(error::type_error(th, &text));
    }
    let hole = match n {
        0 => Value::NONE,
        _ => mine(th, "Placeholder")?,
    };
    let l = match n {
        0 => {
            let l = list::from_slice(th, part_args(v).items())?;
            for &x in more {
                list::push(th, l, x)?;
            }
            l
        }
        _ => merged(th, part_args(v).items(), hole, more)?,
    };
    if dict::len(keywords(v)) == 0 && rest.kw_len() == 0 {
        return call::call(th, field(v, FUNC), list::items(l));
    }
    let d = dict::copy(th, keywords(v))?;
    for (k, x) in rest.kw() {
        dict::set(th, d, k, x)?;
    }
    let names = list::new(th)?;
    let mut i = 0;
    while let Some((k, x)) = dict::next(d, &mut i) {
        if !k.is::<StrObj>() {
            return Err(error::type_error(th, "keywords must be strings"));
        }
        list::push(th, names, k)?;
        list::push(th, l, x)?;
    }
    let names = tuple::new(th, list::items(names))?;
    let named = Named {
        all: list::items(l),
        names: Some(names),
    };
    let all = Args::of(&named);
    call::call_args(th, field(v, FUNC), all)
}
fn partial_get(th: &Thread, a: &[Value]) -> R {
    if a[1].is_none() {
        return Ok(a[0]);
    }
    Ok(attr::new_method(th, a[0], a[1])?.value())
}
fn partial_repr(th: &Thread, v: Value) -> R {
    let name = class::full_name(class::of(v));
    let name = if name == "partial" {
        "functools.partial".into()
    } else {
        name
    };
    let done = ops::repr::guarded(th, v, || {
        let mut b = string::Builder::new();
        b.push_str(&name);
        b.push_str("(");
        b.push(expect(ops::repr::repr(th, field(v, FUNC))?));
        let items = part_args(v);
        for &x in items.items() {
            b.push_str(", ");
            b.push(expect(ops::repr::repr(th, x)?));
        }
        let d = dict::copy(th, keywords(v))?;
        let mut i = 0;
        while let Some((k, x)) = dict::next(d, &mut i) {
            b.push_str(", ");
            b.push(expect(ops::repr::str(th, k)?));
            b.push_str("=");
            b.push(expect(ops::repr::repr(th, x)?));
        }
        b.push_str(")");
        b.finish_value(th)
    })?;
    match done {
        Some(s) => Ok(s),
        None => string::new_value(th, "..."),
    }
}
fn partial_reduce(th: &Thread, v: Value) -> R {
    let d = attr::get_text(th, v, "__dict__")?;
    let d = match d.cast::<DictObj>() {
        Some(x) if dict::len(x) > 0 => d,
        _ => Value::NONE,
    };
    let f = field(v, FUNC);
    let args = tuple::new_value(th, &[f])?;
    let state = tuple::new_value(th, &[f, field(v, ARGS), field(v, KEYWORDS), d])?;
    tuple::new_value(th, &[class::of(v).value(), args, state])
}
fn partial_setstate(th: &Thread, v: Value, state: Value) -> R {
    let bad = || error::type_error(th, "invalid partial state");
    let Some(t) = state.cast::<TupleObj>().filter(|t| t.len() == 4) else {
        return Err(bad());
    };
    let [f, args, kw, d] = [t.items()[0], t.items()[1], t.items()[2], t.items()[3]];
    if !call::is_callable(f)
        || !args.is::<TupleObj>()
        || !(kw.is_none() || kw.is::<DictObj>())
        || !(d.is_none() || d.is::<DictObj>())
    {
        return Err(bad());
    }
    let hole = mine(th, "Placeholder")?;
    let items = match class::is_exact(args, C::Tuple) {
        true => expect(args),
        false => tuple::new(th, expect::<TupleObj>(args).items())?,
    };
    if items.items().last() == Some(&hole) {
        return Err(error::type_error(
            th,
            "trailing Placeholders are not allowed",
        ));
    }
    let kw = match kw.cast::<DictObj>() {
        Some(k) => dict::copy(th, k)?,
        None => dict::new_dict(th)?,
    };
    put(th, v, FUNC, f);
    put(th, v, ARGS, items.value());
    put(th, v, KEYWORDS, kw.value());
    let n = count_holes(items.items(), hole);
    put(th, v, HOLES, Value::small_int(n as i64));
    let d = match d.is_none() {
        true => dict::new_dict(th)?.value(),
        false => d,
    };
    attr::set_text(th, v, "__dict__", d)?;
    Ok(Value::NONE)
}
static PARTIAL_METHODS: [MethodDef; 6] = [
    mk("__call__", partial_call).sig("($self, /, *args, **kwargs)"),
    mv("__get__", partial_get, 2, 3),
    m1("__repr__", partial_repr),
    m1("__reduce__", partial_reduce),
    m2("__setstate__", partial_setstate),
    m2("__class_getitem__", generic_alias::class_getitem).class(),
];
static PARTIAL_GETSET: [GetSetDef; 3] = [
    gs("func", |_, v| Ok(field(v, FUNC))),
    gs("args", |_, v| Ok(field(v, ARGS))),
    gs("keywords", |_, v| Ok(field(v, KEYWORDS))),
];
static PARTIAL: TypeSpec = TypeSpec::new("partial", kinds::RECORD)
    .module("functools")
    .words(4)
    .flags(tf::BASE | tf::WEAKREF | tf::HAS_DICT | tf::DICT_ITSELF)
    .methods(&PARTIAL_METHODS)
    .getset(&PARTIAL_GETSET)
    .new_fn(partial_new)
    .doc("Create a new function with partial application of the given arguments and keywords.");

// The cache: function, size (None: no bound), typed, cache_info's class, dict in order of use, hits, misses.
const CACHED: usize = 0;
const SIZE: usize = 1;
const TYPED: usize = 2;
const INFO: usize = 3;
const DICT: usize = 4;
const HITS: usize = 5;
const MISSES: usize = 6;
fn cache_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let [f, size, typed, info] = habu_runtime::args!(
        th,
        a,
        "lru_cache",
        ["user_function", "maxsize", "typed", "cache_info_type"],
        0,
        4,
        4
    );
    let f = f.unwrap_or(Value::NONE);
    if !call::is_callable(f) {
        return Err(error::type_error(th, "the first argument must be callable"));
    }
    let size = size.unwrap_or(Value::NONE);
    let size = if size.is_none() {
        size
    } else if class::special_of(size, habu_runtime::names::N::Index).is_some() {
        Value::small_int(parse::as_isize(th, size)?.max(0))
    } else {
        return Err(error::type_error(th, "maxsize should be integer or None"));
    };
    let v = instance(th, cls)?;
    put(th, v, CACHED, f);
    put(th, v, SIZE, size);
    let typed = ops::truth(th, typed.unwrap_or(Value::FALSE))?;
    put(th, v, TYPED, Value::bool(typed));
    put(th, v, INFO, info.unwrap_or(Value::NONE));
    cache_clear(th, v)?;
    Ok(v)
}
fn cache_clear(th: &Thread, v: Value) -> R {
    let d = dict::new_dict(th)?;
    put(th, v, DICT, d.value());
    put(th, v, HITS, Value::small_int(0));
    put(th, v, MISSES, Value::small_int(0));
    Ok(Value::NONE)
}
fn cache_info(th: &Thread, v: Value) -> R {
    let d: Gc<DictObj> = expect(field(v, DICT));
    let n = Value::small_int(dict::len(d) as i64);
    let all = [field(v, HITS), field(v, MISSES), field(v, SIZE), n];
    call::call(th, field(v, INFO), &all)
}
fn tick(th: &Thread, v: Value, i: usize) {
    let n = field(v, i).as_int().unwrap_or(0);
    put(th, v, i, Value::small_int(n + 1));
}
/// A key for these arguments: one exact int or str is its own.
fn cache_key(th: &Thread, v: Value, a: Args) -> R {
    let typed = field(v, TYPED) == Value::TRUE;
    let pos = a.pos();
    if !typed && a.kw_len() == 0 {
        return match *pos {
            [x] if x.is_int() || class::is_exact(x, C::Int) || class::is_exact(x, C::Str) => Ok(x),
            _ => tuple::new_value(th, pos),
        };
    }
    let l = list::from_slice(th, pos)?;
    if a.kw_len() > 0 {
        list::push(th, l, mine(th, "_mark")?)?;
        for (k, x) in a.kw() {
            list::push(th, l, k)?;
            list::push(th, l, x)?;
        }
    }
    if typed {
        for &x in pos {
            list::push(th, l, class::of(x).value())?;
        }
        for (_, x) in a.kw() {
            list::push(th, l, class::of(x).value())?;
        }
    }
    tuple::new_value(th, list::items(l))
}
fn cache_call(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let rest = a.rest();
    let f = field(v, CACHED);
    let size = field(v, SIZE).as_int();
    if size == Some(0) {
        tick(th, v, MISSES);
        return call::call_args(th, f, rest);
    }
    let d: Gc<DictObj> = expect(field(v, DICT));
    // What is known already needs no key to be made, as a rule.
    let pos = rest.pos();
    if pos.len() > 1
        && rest.kw_len() == 0
        && field(v, TYPED) != Value::TRUE
        && let Some(x) = dict::value_of_items(th, d, pos, size.is_some())?
    {
        tick(th, v, HITS);
        return Ok(x);
    }
    let key = cache_key(th, v, rest)?;
    let h = ops::hash::hash(th, key)?;
    // To find the hash may have cleared the cache.
    let d: Gc<DictObj> = expect(field(v, DICT));
    // Where there is a bound, last used stands last.
    let known = match size {
        Some(_) => dict::use_again(th, d, key, h)?,
        None => dict::get_hashed(th, d, key, h)?,
    };
    if let Some(x) = known {
        tick(th, v, HITS);
        return Ok(x);
    }
    tick(th, v, MISSES);
    let x = call::call_args(th, f, rest)?;
    // The call may have cleared the cache or cached this key itself.
    let d: Gc<DictObj> = expect(field(v, DICT));
    if let Some(n) = size {
        if dict::get_hashed(th, d, key, h)?.is_some() {
            return Ok(x);
        }
        if dict::len(d) as i64 >= n {
            let mut i = 0;
            if let Some((oldest, _)) = dict::next(d, &mut i) {
                dict::remove(th, d, oldest)?;
            }
        }
    }
    dict::set_hashed(th, d, key, h, x)?;
    Ok(x)
}
fn cache_get(th: &Thread, a: &[Value]) -> R {
    partial_get(th, a)
}
fn cache_same(_: &Thread, v: Value) -> R {
    Ok(v)
}
fn cache_deep(_: &Thread, v: Value, _: Value) -> R {
    Ok(v)
}
fn cache_reduce(th: &Thread, v: Value) -> R {
    attr::get_text(th, v, "__qualname__")
}
fn cache_repr(th: &Thread, v: Value) -> R {
    let text = format!("<functools._lru_cache_wrapper object at {:#x}>", v.bits());
    string::new_value(th, &text)
}
static CACHE_METHODS: [MethodDef; 8] = [
    mk("__call__", cache_call).sig("($self, /, *args, **kwargs)"),
    m1("cache_info", cache_info),
    m1("cache_clear", cache_clear),
    mv("__get__", cache_get, 2, 3),
    m1("__copy__", cache_same),
    m2("__deepcopy__", cache_deep),
    m1("__reduce__", cache_reduce),
    m1("__repr__", cache_repr),
];
static CACHE: TypeSpec = TypeSpec::new("_lru_cache_wrapper", kinds::RECORD)
    .module("functools")
    .words(7)
    .flags(tf::BASE | tf::WEAKREF | tf::HAS_DICT | tf::DICT_ITSELF)
    .methods(&CACHE_METHODS)
    .new_fn(cache_new);

static FUNCTIONS: [MethodDef; 2] = [
    mk("reduce", reduce)
        .sig("($module, function, iterable, initial=<functools initial missing>, /)"),
    mk("cmp_to_key", cmp_to_key).sig("($module, /, mycmp)"),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    // The placeholder is one object however often the module is imported afresh, so all of them share one namespace's
    // contents.
    if let Some(first) = kept(Keep::Functools) {
        let again = m::new(th, "_functools", &FUNCTIONS)?;
        let dict_of = habu_runtime::types::module::dict_of;
        dict::update(th, dict_of(again.value()), dict_of(first))?;
        return Ok(again);
    }
    let f = m::new(th, "_functools", &FUNCTIONS)?;
    keep(Keep::Functools, Some(f.value()));
    let key = class_make::from_spec(th, &KEY, None)?;
    dict::set_text(th, key.dict(), "__hash__", Value::NONE)?;
    m::set(th, f, "KeyWrapper", key.value())?;
    let hole = class_make::from_spec(th, &PLACEHOLDER, None)?;
    m::set(th, f, "_PlaceholderType", hole.value())?;
    m::set(th, f, "Placeholder", instance(th, hole)?)?;
    for spec in [&PARTIAL, &CACHE] {
        let c = class_make::from_spec(th, spec, None)?;
        m::set(th, f, spec.name, c.value())?;
    }
    m::set(th, f, "_mark", call::call(th, class_value(C::Object), &[])?)?;
    Ok(f)
}

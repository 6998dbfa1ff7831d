//! `_collections`: deque, defaultdict, and what `collections` counts with. OrderedDict is Lib's own.

use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, class_make, dict, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::names::{N, nm};
use habu_runtime::object::*;
use habu_runtime::ops::{self, call, iter};
use habu_runtime::runtime;
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, Named, TypeSpec, gs, gss, m1, m2, m3, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{self, iters};
use habu_runtime::value::{Slot, Value};

// deque: an array used as a ring (word 0), first position, length, maxlen (None: unbounded), change count.
fn s(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the deque class has five native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn num(v: Value, i: usize) -> usize {
    s(v, i).get().and_then(|n| n.as_int()).unwrap_or(0) as usize
}
fn put(v: Value, i: usize, n: usize) {
    s(v, i).init(Some(Value::small_int(n as i64)))
}
const BUF: usize = 0;
const HEAD: usize = 1;
const LEN: usize = 2;
const MAX: usize = 3;
const CHANGES: usize = 4;

fn buf(v: Value) -> Gc<ArrayObj> {
    expect(s(v, BUF).get().unwrap_or(Value::NONE))
}
fn at(v: Value, i: usize) -> &'static Slot {
    let b = buf(v);
    let k = (num(v, HEAD) + i) & (b.len() - 1);
    // SAFETY: the array lives as long as the deque that is on the stack.
    unsafe { std::mem::transmute::<&Slot, &'static Slot>(b.slot(k)) }
}
fn get(v: Value, i: usize) -> Value {
    at(v, i).get().unwrap_or(Value::NONE)
}
fn touch(v: Value) {
    put(v, CHANGES, num(v, CHANGES) + 1)
}
fn max_of(v: Value) -> Option<usize> {
    s(v, MAX).get().and_then(|m| m.as_int()).map(|m| m as usize)
}
fn grow(th: &Thread, v: Value) -> R<()> {
    let old = buf(v);
    let n = num(v, LEN);
    let new = habu_runtime::core::shape::array(th, old.len() * 2)?;
    for i in 0..n {
        new.slot(i).init(Some(get(v, i)));
    }
    th.set_in(v, s(v, BUF), Some(new.value()));
    put(v, HEAD, 0);
    Ok(())
}
fn push_back(th: &Thread, v: Value, x: Value) -> R<()> {
    if max_of(v) == Some(0) {
        return Ok(());
    }
    if max_of(v) == Some(num(v, LEN)) {
        pop_front(v);
    }
    if num(v, LEN) == buf(v).len() {
        grow(th, v)?;
    }
    let b = buf(v);
    th.set(b, at(v, num(v, LEN)), Some(x));
    put(v, LEN, num(v, LEN) + 1);
    touch(v);
    Ok(())
}
fn push_front(th: &Thread, v: Value, x: Value) -> R<()> {
    if max_of(v) == Some(0) {
        return Ok(());
    }
    if max_of(v) == Some(num(v, LEN)) {
        pop_back(v);
    }
    if num(v, LEN) == buf(v).len() {
        grow(th, v)?;
    }
    let b = buf(v);
    put(v, HEAD, (num(v, HEAD) + b.len() - 1) & (b.len() - 1));
    th.set(b, at(v, 0), Some(x));
    put(v, LEN, num(v, LEN) + 1);
    touch(v);
    Ok(())
}
fn pop_back(v: Value) -> Option<Value> {
    let n = num(v, LEN);
    if n == 0 {
        return None;
    }
    let x = get(v, n - 1);
    at(v, n - 1).init(None);
    put(v, LEN, n - 1);
    touch(v);
    Some(x)
}
fn pop_front(v: Value) -> Option<Value> {
    let n = num(v, LEN);
    if n == 0 {
        return None;
    }
    let x = get(v, 0);
    at(v, 0).init(None);
    put(v, HEAD, (num(v, HEAD) + 1) & (buf(v).len() - 1));
    put(v, LEN, n - 1);
    touch(v);
    Some(x)
}
fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    let b = habu_runtime::core::shape::array(th, 8)?;
    th.set_in(v, s(v, BUF), Some(b.value()));
    put(v, HEAD, 0);
    put(v, LEN, 0);
    put(v, CHANGES, 0);
    Ok(v)
}
fn init_(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [it, max] = habu_runtime::args!(th, a.rest(), "deque", ["iterable", "maxlen"], 0, 0, 2);
    match max.filter(|m| !m.is_none()) {
        Some(x) => {
            let n = parse::as_isize(th, x)?;
            if n < 0 {
                return Err(error::value_error(th, "maxlen must be non-negative"));
            }
            put(v, MAX, n as usize);
        }
        None => s(v, MAX).init(None),
    }
    while pop_back(v).is_some() {}
    if let Some(it) = it {
        extend(th, v, it)?;
    }
    Ok(Value::NONE)
}
fn append(th: &Thread, v: Value, x: Value) -> R {
    push_back(th, v, x)?;
    Ok(Value::NONE)
}
fn appendleft(th: &Thread, v: Value, x: Value) -> R {
    push_front(th, v, x)?;
    Ok(Value::NONE)
}
fn extend(th: &Thread, v: Value, it: Value) -> R {
    let l = if it == v {
        iter::to_list(th, it)?.value()
    } else {
        it
    };
    let it = iter::get(th, l)?;
    while let Some(x) = iter::next(th, it)? {
        push_back(th, v, x)?;
    }
    Ok(Value::NONE)
}
fn extendleft(th: &Thread, v: Value, it: Value) -> R {
    let l = if it == v {
        iter::to_list(th, it)?.value()
    } else {
        it
    };
    let it = iter::get(th, l)?;
    while let Some(x) = iter::next(th, it)? {
        push_front(th, v, x)?;
    }
    Ok(Value::NONE)
}
fn empty(th: &Thread) -> habu_runtime::thread::Raised {
    error::raise(th, C::IndexError, "pop from an empty deque")
}
fn pop(th: &Thread, v: Value) -> R {
    pop_back(v).ok_or_else(|| empty(th))
}
fn popleft(th: &Thread, v: Value) -> R {
    pop_front(v).ok_or_else(|| empty(th))
}
fn clear(_: &Thread, v: Value) -> R {
    while pop_back(v).is_some() {}
    Ok(Value::NONE)
}
fn rotate(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let n = match a.get(1) {
        Some(&n) => parse::as_isize(th, n)?,
        None => 1,
    };
    let len = num(v, LEN) as i64;
    if len > 1 {
        let k = n.rem_euclid(len);
        let max = s(v, MAX).get();
        s(v, MAX).init(None);
        for _ in 0..k {
            if let Some(x) = pop_back(v) {
                push_front(th, v, x)?;
            }
        }
        s(v, MAX).init(max);
    }
    Ok(Value::NONE)
}
fn len(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(num(v, LEN) as i64))
}
fn position(th: &Thread, v: Value, k: Value) -> R<usize> {
    let i = parse::as_index(th, k)?;
    let n = num(v, LEN) as i64;
    let i = if i < 0 { i + n } else { i };
    if (0..n).contains(&i) {
        return Ok(i as usize);
    }
    Err(error::raise(th, C::IndexError, "deque index out of range"))
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    if k.is::<SliceObj>() {
        return Err(error::type_error(
            th,
            "sequence index must be integer, not 'slice'",
        ));
    }
    let i = position(th, v, k)?;
    Ok(get(v, i))
}
fn setitem(th: &Thread, v: Value, k: Value, x: Value) -> R {
    let i = position(th, v, k)?;
    let b = buf(v);
    th.set(b, at(v, i), Some(x));
    Ok(Value::NONE)
}
fn remove_at(th: &Thread, v: Value, i: usize) -> R<()> {
    let n = num(v, LEN);
    let b = buf(v);
    for k in i..n - 1 {
        th.set(b, at(v, k), Some(get(v, k + 1)));
    }
    at(v, n - 1).init(None);
    put(v, LEN, n - 1);
    touch(v);
    Ok(())
}
fn delitem(th: &Thread, v: Value, k: Value) -> R {
    let i = position(th, v, k)?;
    remove_at(th, v, i)?;
    Ok(Value::NONE)
}
fn search(th: &Thread, v: Value, x: Value, from: usize, to: usize) -> R<Option<usize>> {
    let changes = num(v, CHANGES);
    let mut i = from;
    while i < to.min(num(v, LEN)) {
        let equal = ops::compare::eq_bool(th, get(v, i), x)?;
        if num(v, CHANGES) != changes {
            return Err(error::raise(
                th,
                C::RuntimeError,
                "deque mutated during iteration",
            ));
        }
        if equal {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}
fn contains(th: &Thread, v: Value, x: Value) -> R {
    Ok(Value::bool(search(th, v, x, 0, usize::MAX)?.is_some()))
}
fn count(th: &Thread, v: Value, x: Value) -> R {
    let (mut n, mut i) = (0, 0);
    while let Some(k) = search(th, v, x, i, usize::MAX)? {
        n += 1;
        i = k + 1;
    }
    Ok(Value::small_int(n))
}
fn index(th: &Thread, a: &[Value]) -> R {
    let (from, to) = types::list::search_range(th, a, num(a[0], LEN))?;
    match search(th, a[0], a[1], from, to)? {
        Some(i) => Ok(Value::small_int(i as i64)),
        None => {
            let r = ops::repr::repr_string(th, a[1])?;
            Err(error::value_error(th, &format!("{r} is not in deque")))
        }
    }
}
fn remove(th: &Thread, v: Value, x: Value) -> R {
    let r = search(th, v, x, 0, usize::MAX);
    let Some(found) = error::absorb_if(th, r, C::RuntimeError, num(v, LEN) == 0)? else {
        return Err(error::raise(
            th,
            C::IndexError,
            "deque mutated during remove().",
        ));
    };
    match found {
        Some(i) => {
            remove_at(th, v, i)?;
            Ok(Value::NONE)
        }
        None => Err(error::value_error(th, "deque.remove(x): x not in deque")),
    }
}
fn insert(th: &Thread, v: Value, i: Value, x: Value) -> R {
    if max_of(v) == Some(num(v, LEN)) {
        return Err(error::raise(
            th,
            C::IndexError,
            "deque already at its maximum size",
        ));
    }
    let i = parse::as_isize(th, i)?;
    let n = num(v, LEN) as i64;
    let i = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize;
    push_back(th, v, x)?;
    let b = buf(v);
    let mut k = num(v, LEN) - 1;
    while k > i {
        th.set(b, at(v, k), Some(get(v, k - 1)));
        k -= 1;
    }
    th.set(b, at(v, i), Some(x));
    Ok(Value::NONE)
}
fn reverse(th: &Thread, v: Value) -> R {
    let n = num(v, LEN);
    let b = buf(v);
    for i in 0..n / 2 {
        let (x, y) = (get(v, i), get(v, n - 1 - i));
        th.set(b, at(v, i), Some(y));
        th.set(b, at(v, n - 1 - i), Some(x));
    }
    Ok(Value::NONE)
}
fn to_list(th: &Thread, v: Value) -> R<Gc<ListObj>> {
    let l = list::with_capacity(th, num(v, LEN))?;
    for i in 0..num(v, LEN) {
        list::push(th, l, get(v, i))?;
    }
    Ok(l)
}
fn remake(th: &Thread, v: Value, items: Gc<ListObj>) -> R {
    let max = s(v, MAX).get();
    match max {
        Some(mx) => call::call(th, class::of(v).value(), &[items.value(), mx]),
        None => call::call(th, class::of(v).value(), &[items.value()]),
    }
}
fn copy(th: &Thread, v: Value) -> R {
    let l = to_list(th, v)?;
    remake(th, v, l)
}
fn is_deque(v: Value) -> bool {
    v.is_ptr() && std::ptr::eq(class::of(v).spec(), &DEQUE)
}
fn add(th: &Thread, v: Value, o: Value) -> R {
    if !is_deque(o) {
        return Err(error::type_error(
            th,
            &format!(
                "can only concatenate deque (not \"{}\") to deque",
                class::type_name(o)
            ),
        ));
    }
    let r = copy(th, v)?;
    extend(th, r, o)?;
    Ok(r)
}
fn iadd(th: &Thread, v: Value, o: Value) -> R {
    extend(th, v, o)?;
    Ok(v)
}
fn mul(th: &Thread, v: Value, n: Value) -> R {
    let n = parse::as_isize(th, n)?.max(0);
    let l = to_list(th, v)?;
    let out = list::new(th)?;
    for _ in 0..n {
        for &x in list::items(l) {
            list::push(th, out, x)?;
        }
    }
    remake(th, v, out)
}
fn repr(th: &Thread, v: Value) -> R {
    let name = class::type_name(v);
    let r = ops::repr::guarded(th, v, || {
        let l = to_list(th, v)?;
        let t = ops::repr::repr_string(th, l.value())?;
        let mx = match max_of(v) {
            Some(n) => format!(", maxlen={n}"),
            None => String::new(),
        };
        string::new_value(th, &format!("{name}({t}{mx})"))
    })?;
    match r {
        Some(r) => Ok(r),
        None => string::new_value(th, "[...]"),
    }
}
fn compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    if !is_deque(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (to_list(th, a)?, to_list(th, b)?);
    ops::compare::rich(th, x.value(), y.value(), op)
}
macro_rules! compares {
    ($($f:ident = $op:literal;)*) => {$(fn $f(th: &Thread, a: Value, b: Value) -> R { compare(th, a, b, $op) })*};
}
compares! { lt = 0; le = 1; eq = 2; ne = 3; gt = 4; ge = 5; }
// Iterator: deque, position, change count, direction.
fn new_iter(th: &Thread, v: Value, reversed: bool) -> R {
    let mo = habu_runtime::import::import_module(th, "_collections")?;
    let name = if reversed {
        "_deque_reverse_iterator"
    } else {
        "_deque_iterator"
    };
    let c: Gc<TypeObj> = expect(attr::get_text(th, mo, name)?);
    // SAFETY: just made with this class's layout.
    let i = unsafe { Value::from_ptr(iters::alloc(th, c)?) };
    th.set_in(i, s(i, 0), Some(v));
    put(i, 1, 0);
    put(i, 2, num(v, CHANGES));
    s(i, 3).init(Some(Value::bool(reversed)));
    Ok(i)
}
fn py_iter(th: &Thread, v: Value) -> R {
    new_iter(th, v, false)
}
fn reversed(th: &Thread, v: Value) -> R {
    new_iter(th, v, true)
}
fn iter_next(th: &Thread, i: Value) -> R {
    if let Some(v) = s(i, 0).get() {
        if num(v, CHANGES) != num(i, 2) {
            s(i, 0).init(None);
            return Err(error::raise(
                th,
                C::RuntimeError,
                "deque mutated during iteration",
            ));
        }
        let (k, n) = (num(i, 1), num(v, LEN));
        if k < n {
            put(i, 1, k + 1);
            return Ok(get(
                v,
                if s(i, 3).get() == Some(Value::TRUE) {
                    n - 1 - k
                } else {
                    k
                },
            ));
        }
        s(i, 0).init(None);
    }
    Err(error::raise_args(th, runtime::class(C::StopIteration), &[]))
}
fn iter_hint(_: &Thread, i: Value) -> R {
    Ok(Value::small_int(
        s(i, 0)
            .get()
            .map_or(0, |v| num(v, LEN).saturating_sub(num(i, 1))) as i64,
    ))
}
static ITER_METHODS: [MethodDef; 3] = [
    m1("__iter__", iters::self_iter),
    m1("__next__", iter_next),
    m1("__length_hint__", iter_hint),
];
static ITER: TypeSpec = TypeSpec::new("_deque_iterator", kinds::RECORD)
    .module("_collections")
    .words(4)
    .methods(&ITER_METHODS);
static REV_ITER: TypeSpec = TypeSpec::new("_deque_reverse_iterator", kinds::RECORD)
    .module("_collections")
    .words(4)
    .methods(&ITER_METHODS);

fn get_maxlen(_: &Thread, v: Value) -> R {
    Ok(s(v, MAX).get().unwrap_or(Value::NONE))
}
fn reduce(th: &Thread, v: Value) -> R {
    let args = match s(v, MAX).get() {
        Some(mx) => tuple::new_value(th, &[tuple::empty().value(), mx])?,
        None => tuple::empty().value(),
    };
    let state = match attr::snapshot(th, v)? {
        Some(d) if dict::len(d) > 0 => d.value(),
        _ => Value::NONE,
    };
    let it = py_iter(th, v)?;
    tuple::new_value(th, &[class::of(v).value(), args, state, it])
}
static METHODS: [MethodDef; 36] = [
    mk("__init__", init_),
    m2("append", append),
    m2("appendleft", appendleft),
    m2("extend", extend),
    m2("extendleft", extendleft),
    m1("pop", pop),
    m1("popleft", popleft),
    m1("clear", clear),
    mv("rotate", rotate, 1, 2),
    m1("__len__", len),
    m2("__getitem__", getitem),
    m3("__setitem__", setitem),
    m2("__delitem__", delitem),
    m2("__contains__", contains),
    m2("count", count),
    mv("index", index, 2, 4),
    m2("remove", remove),
    m3("insert", insert),
    m1("reverse", reverse),
    m1("copy", copy),
    m1("__copy__", copy),
    m2("__add__", add),
    m2("__iadd__", iadd),
    m2("__mul__", mul),
    m2("__rmul__", mul),
    m1("__repr__", repr),
    m2("__lt__", lt),
    m2("__le__", le),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__gt__", gt),
    m2("__ge__", ge),
    m1("__iter__", py_iter),
    m1("__reversed__", reversed),
    m1("__reduce__", reduce),
    m2("__class_getitem__", types::generic_alias::class_getitem).class(),
];
static GETSET: [GetSetDef; 1] = [gs("maxlen", get_maxlen)];
static DEQUE: TypeSpec = TypeSpec::new("deque", kinds::RECORD)
    .module("collections")
    .words(5)
    .flags(tf::BASE | tf::SEQUENCE | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

// ---- defaultdict: a dict subclass whose factory is an attribute

const HIDDEN: &str = " factory";
fn hidden(th: &Thread) -> R {
    Ok(string::intern_new(th, HIDDEN)?.value())
}
fn dd_new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    Ok(types::dict::alloc(th, cls)?.value())
}
fn dd_get(th: &Thread, v: Value) -> R {
    let s = habu_runtime::core::shape::of(v);
    let n = hidden(th)?;
    if s.is_dict_mode() {
        return Ok(match attr::own_dict(v) {
            Some(d) => dict::get(th, d, n)?.unwrap_or(Value::NONE),
            None => Value::NONE,
        });
    }
    Ok(s.find(n)
        .and_then(|i| habu_runtime::core::shape::load(v, s.place(i)))
        .unwrap_or(Value::NONE))
}
fn dd_set(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let n = hidden(th)?;
    let s = habu_runtime::core::shape::of(v);
    let x = x.unwrap_or(Value::NONE);
    if s.is_dict_mode() {
        return match attr::own_dict(v) {
            Some(d) => dict::set(th, d, n, x),
            None => Ok(()),
        };
    }
    match s.find(n) {
        Some(i) => habu_runtime::core::shape::store(th, v, s.place(i), Some(x)),
        None => attr::add_attr(th, v, s, n, x),
    }
}
fn dd_init(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let f = a.pos().get(1).copied().unwrap_or(Value::NONE);
    if !f.is_none() && !call::is_callable(f) {
        return Err(error::type_error(
            th,
            "first argument must be callable or None",
        ));
    }
    dd_set(th, v, Some(f))?;
    let rest = a.rest();
    let rest = if a.pos().len() > 1 { rest.rest() } else { rest };
    let update = attr::get_text(th, runtime::class_value(C::Dict), "__init__")?;
    let l = list::from_slice(th, &[v])?;
    for &x in rest.all() {
        list::push(th, l, x)?;
    }
    call::call_args(
        th,
        update,
        Args::of(&Named {
            all: list::items(l),
            names: rest.names(),
        }),
    )
}
fn dd_missing(th: &Thread, v: Value, k: Value) -> R {
    let f = dd_get(th, v)?;
    if f.is_none() {
        return Err(error::raise_with(th, C::KeyError, k));
    }
    let x = call::call(th, f, &[])?;
    dict::set(th, expect(v), k, x)?;
    Ok(x)
}
fn dd_repr(th: &Thread, v: Value) -> R {
    let f = dd_get(th, v)?;
    let name = class::type_name(v);
    let fr = match ops::repr::guarded(th, v, || ops::repr::repr_string(th, f))? {
        Some(s) => s,
        None => "...".into(),
    };
    let base = attr::get_text(th, runtime::class_value(C::Dict), "__repr__")?;
    let d = call::call(th, base, &[v])?;
    string::new_value(
        th,
        &format!("{name}({fr}, {})", ops::repr::str_string(th, d)?),
    )
}
fn dd_copy(th: &Thread, v: Value) -> R {
    let f = dd_get(th, v)?;
    call::call(th, class::of(v).value(), &[f, v])
}
fn dd_reduce(th: &Thread, v: Value) -> R {
    let f = dd_get(th, v)?;
    let args = if f.is_none() {
        tuple::empty().value()
    } else {
        tuple::new_value(th, &[f])?
    };
    let items = call::method(th, v, nm(N::Items), &[])?;
    let it = iter::get(th, items)?;
    tuple::new_value(
        th,
        &[class::of(v).value(), args, Value::NONE, Value::NONE, it],
    )
}
fn dd_or(th: &Thread, a: Value, b: Value) -> R {
    if !a.is::<DictObj>() || !b.is::<DictObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let f = dd_get(th, a)?;
    let r = call::call(th, class::of(a).value(), &[f, a])?;
    dict::update(th, expect(r), expect(b))?;
    Ok(r)
}
fn dd_ror(th: &Thread, a: Value, b: Value) -> R {
    if !a.is::<DictObj>() || !b.is::<DictObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let f = dd_get(th, a)?;
    let r = call::call(th, class::of(a).value(), &[f, b])?;
    dict::update(th, expect(r), expect(a))?;
    Ok(r)
}
static DD_METHODS: [MethodDef; 8] = [
    mk("__init__", dd_init),
    m2("__missing__", dd_missing),
    m1("__repr__", dd_repr),
    m1("copy", dd_copy),
    m1("__copy__", dd_copy),
    m1("__reduce__", dd_reduce),
    m2("__or__", dd_or),
    m2("__ror__", dd_ror),
];
static DD_GETSET: [GetSetDef; 1] = [gss("default_factory", dd_get, dd_set)];
static DEFAULTDICT: TypeSpec = TypeSpec::new("defaultdict", kinds::DICT)
    .module("collections")
    .base(C::Dict)
    .flags(tf::BASE | tf::MAPPING | tf::HAS_DICT | tf::DICT_ITSELF)
    .methods(&DD_METHODS)
    .getset(&DD_GETSET)
    .new_fn(dd_new);

fn count_elements(th: &Thread, m_: Value, it: Value) -> R {
    let one = Value::small_int(1);
    let it = iter::get(th, it)?;
    let plain = m_.cast::<DictObj>();
    while let Some(k) = iter::next(th, it)? {
        match plain {
            Some(d) => {
                let old = dict::get(th, d, k)?.unwrap_or(Value::small_int(0));
                let n = match old.as_int() {
                    Some(n) => Value::small_int(n + 1),
                    None => ops::binary::binary(th, 0, old, one)?,
                };
                dict::set(th, d, k, n)?;
            }
            None => {
                let old = call::method(th, m_, nm(N::Get_), &[k, Value::small_int(0)])?;
                let n = ops::binary::binary(th, 0, old, one)?;
                ops::subscr::set(th, m_, k, n)?;
            }
        }
    }
    Ok(Value::NONE)
}
static FUNCTIONS: [MethodDef; 1] = [m2("_count_elements", count_elements)];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let c = m::new(th, "_collections", &FUNCTIONS)?;
    m::set(
        th,
        c,
        "deque",
        class_make::from_spec(th, &DEQUE, None)?.value(),
    )?;
    m::set(
        th,
        c,
        "defaultdict",
        class_make::from_spec(th, &DEFAULTDICT, None)?.value(),
    )?;
    m::set(
        th,
        c,
        "_tuplegetter",
        habu_runtime::runtime::class_value(C::TupleGetter),
    )?;
    m::set(
        th,
        c,
        "_deque_iterator",
        class_make::from_spec(th, &ITER, None)?.value(),
    )?;
    m::set(
        th,
        c,
        "_deque_reverse_iterator",
        class_make::from_spec(th, &REV_ITER, None)?.value(),
    )?;
    Ok(c)
}

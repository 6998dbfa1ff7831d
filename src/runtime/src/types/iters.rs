//! Iterators of the built-in sequences, and `enumerate`, `zip`, `map`, `filter`, `reversed`.

use crate::classes::C;
use crate::core::{class, int, list, parse, shape, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops::{self, call, iter};
use crate::runtime::class as core_class;
use crate::spec::{Args, MethodDef, NativeFn, TypeSpec, m1, m2, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

/// A native `next`: `None` at the end.
pub type NextFn = fn(&Thread, Value) -> R<Option<Value>>;

pub fn index_iter(th: &Thread, c: C, kind: u8, source: Value) -> R {
    let p = th.alloc_zeroed(c.shape(), kind, 3, 32)?;
    // SAFETY: all index iterators share this layout.
    let it: Gc<IndexIter> = unsafe { Gc::from_raw(p as *mut IndexIter) };
    it.source.init(Some(source));
    it.index.init(Some(Value::small_int(0)));
    Ok(it.value())
}

fn ix(v: Value) -> Gc<IndexIter> {
    // SAFETY: called for index iterators only.
    unsafe { v.cast_unchecked() }
}

fn pos(it: Gc<IndexIter>) -> usize {
    it.index.get().and_then(|i| i.as_int()).unwrap_or(0) as usize
}

fn set_pos(it: Gc<IndexIter>, i: usize) {
    it.index.init(Some(Value::small_int(i as i64)))
}

fn list_next(_: &Thread, v: Value) -> R<Option<Value>> {
    let it = ix(v);
    let Some(s) = it.source.get() else {
        return Ok(None);
    };
    let i = pos(it);
    match list::get(expect(s), i) {
        Some(x) => {
            set_pos(it, i + 1);
            Ok(Some(x))
        }
        None => {
            it.source.init(None);
            Ok(None)
        }
    }
}

pub fn list_reverse(th: &Thread, l: Gc<ListObj>) -> R {
    let v = index_iter(th, C::ListRevIter, kinds::SEQ_ITER, l.value())?;
    ix(v)
        .index
        .init(Some(Value::small_int(list::len(l) as i64 - 1)));
    Ok(v)
}

fn list_rev_next(_: &Thread, v: Value) -> R<Option<Value>> {
    let it = ix(v);
    let Some(s) = it.source.get() else {
        return Ok(None);
    };
    let i = it.index.get().and_then(|i| i.as_int()).unwrap_or(-1);
    if i >= 0
        && let Some(x) = list::get(expect(s), i as usize)
    {
        it.index.init(Some(Value::small_int(i - 1)));
        return Ok(Some(x));
    }
    it.source.init(None);
    Ok(None)
}

fn tuple_next(_: &Thread, v: Value) -> R<Option<Value>> {
    let it = ix(v);
    let Some(s) = it.source.get() else {
        return Ok(None);
    };
    let i = pos(it);
    match expect::<TupleObj>(s).items().get(i) {
        Some(&x) => {
            set_pos(it, i + 1);
            Ok(Some(x))
        }
        None => {
            it.source.init(None);
            Ok(None)
        }
    }
}

fn str_next(th: &Thread, v: Value) -> R<Option<Value>> {
    let it = ix(v);
    let Some(s) = it.source.get() else {
        return Ok(None);
    };
    let s: Gc<StrObj> = expect(s);
    let i = pos(it);
    if i < s.len() {
        set_pos(it, i + 1);
        return Ok(Some(string::char_str(th, s.at(i))?.value()));
    }
    it.source.init(None);
    Ok(None)
}

fn bytes_next(_: &Thread, v: Value) -> R<Option<Value>> {
    let it = ix(v);
    let Some(s) = it.source.get() else {
        return Ok(None);
    };
    let i = pos(it);
    match crate::types::bytes::as_slice(s).and_then(|b| b.get(i).copied()) {
        Some(x) => {
            set_pos(it, i + 1);
            Ok(Some(Value::small_int(x as i64)))
        }
        None => {
            it.source.init(None);
            Ok(None)
        }
    }
}

/// The old sequence protocol: `__getitem__` from 0 until IndexError.
fn seq_next(th: &Thread, v: Value) -> R<Option<Value>> {
    let it = ix(v);
    let Some(s) = it.source.get() else {
        return Ok(None);
    };
    let i = it.index.get().unwrap_or(Value::small_int(0));
    let r = ops::subscr::get(th, s, i);
    if r.is_err() && (error::matches(th, C::IndexError) || error::matches(th, C::StopIteration)) {
        th.take();
        it.source.init(None);
        return Ok(None);
    }
    let x = r?;
    it.index
        .init(Some(int::from_i64(th, i.as_int().unwrap_or(0) + 1)?));
    Ok(Some(x))
}

fn in_sequence(th: &Thread, v: Value) -> R<Option<Value>> {
    if v.shape() == C::ListRevIter.shape() {
        list_rev_next(th, v)
    } else {
        seq_next(th, v)
    }
}

fn call_next(th: &Thread, v: Value) -> R<Option<Value>> {
    let it: Gc<CallIter> = expect(v);
    let (Some(f), Some(s)) = (it.func.get(), it.sentinel.get()) else {
        return Ok(None);
    };
    let r = call::call(th, f, &[]);
    let Some(x) = error::absorb(th, r, C::StopIteration)? else {
        it.func.init(None);
        return Ok(None);
    };
    if ops::compare::eq_bool(th, x, s)? {
        it.func.init(None);
        it.sentinel.init(None);
        return Ok(None);
    }
    Ok(Some(x))
}

pub fn new_call_iter(th: &Thread, f: Value, sentinel: Value) -> R {
    let it: Gc<CallIter> = th.alloc(C::CallIter.shape(), 3, 32)?;
    it.attrs.init(None);
    it.func.init(Some(f));
    it.sentinel.init(Some(sentinel));
    Ok(it.value())
}

/// An item of an iterator whose items are mostly unpacked at once.
pub enum Item {
    /// What would have been a tuple of two.
    Pair(Value, Value),
    One(Value),
}

/// The next item; of `enumerate`, a `zip` of two, and a dict's items without making the tuple.
pub fn next_unpacked(th: &Thread, it: Value) -> R<Option<Item>> {
    let pair = match it.kind() {
        kinds::ENUMERATE if it.shape() == C::Enumerate.shape() => enumerate_step(th, it)?,
        kinds::ZIP if it.shape() == C::Zip.shape() && zips_two(it) => zip_step(th, it)?,
        kinds::DICT_ITER if super::dictviews::gives_items(it) => super::dictviews::step(th, it)?,
        _ => return Ok(iter::next(th, it)?.map(Item::One)),
    };
    Ok(pair.map(|(a, b)| Item::Pair(a, b)))
}

/// `next_unpacked` of pairs whose making runs no Python code and cannot fail. `None`: another iterator.
pub fn plain_pair(th: &Thread, it: Value) -> Option<Option<(Value, Value)>> {
    match it.kind() {
        kinds::ENUMERATE if it.shape() == C::Enumerate.shape() => {
            let e: Gc<EnumerateObj> = expect(it);
            let small = e.index.get()?.as_int()? < i64::MAX >> 2;
            let source = e.iter.get().filter(|&s| small && is_plain(s))?;
            let Some(x) = plain_next(th, source) else {
                return Some(None);
            };
            let i = e.index.get()?;
            e.index.init_bits(i.bits() + 2);
            Some(Some((i, x)))
        }
        kinds::ZIP if it.shape() == C::Zip.shape() && zips_two(it) => {
            let its: Gc<TupleObj> = expect(expect::<ZipObj>(it).iters.get()?);
            let (a, b) = (its.items()[0], its.items()[1]);
            if !is_plain(a) || !is_plain(b) {
                return None;
            }
            Some(plain_next(th, a).and_then(|x| Some((x, plain_next(th, b)?))))
        }
        kinds::DICT_ITER if super::dictviews::gives_items(it) => {
            super::dictviews::plain_step(th, it)
        }
        _ => None,
    }
}

/// The kinds of an iterator of pairs and of the iterators inside it (0: none, or not plain).
pub fn pair_kinds(it: Value) -> [u8; 3] {
    let plain = |v: Value| match is_plain(v) {
        true => v.kind(),
        false => 0,
    };
    match it.kind() {
        kinds::ENUMERATE => {
            let inner = expect::<EnumerateObj>(it).iter.get();
            [it.kind(), inner.map_or(0, plain), 0]
        }
        kinds::ZIP if zips_two(it) => {
            let inner = expect::<ZipObj>(it).iters.get();
            let inner = inner.and_then(|t| t.cast::<TupleObj>());
            let at = |i: usize| inner.map_or(0, |t| plain(t.slot(i).get().unwrap_or(Value::NONE)));
            [it.kind(), at(0), at(1)]
        }
        k => [k, 0, 0],
    }
}

fn is_plain(it: Value) -> bool {
    matches!(
        it.kind(),
        kinds::LIST_ITER | kinds::TUPLE_ITER | kinds::RANGE_ITER
    ) && it.shape() < crate::classes::FIRST_DYNAMIC_SHAPE
}

/// The next item of an iterator that `is_plain`.
#[inline(always)]
fn plain_next(th: &Thread, it: Value) -> Option<Value> {
    let r = match it.kind() {
        kinds::LIST_ITER => list_next(th, it),
        kinds::TUPLE_ITER => tuple_next(th, it),
        _ => crate::types::range::next(th, it),
    };
    r.ok().flatten()
}

fn zips_two(v: Value) -> bool {
    let it: Gc<ZipObj> = expect(v);
    let two = |t: Value| t.cast::<TupleObj>().is_some_and(|t| t.len() == 2);
    it.iters.get().is_some_and(two) && it.strict.get() != Some(Value::TRUE)
}

fn zip_step(th: &Thread, v: Value) -> R<Option<(Value, Value)>> {
    let it: Gc<ZipObj> = expect(v);
    let its: Gc<TupleObj> = expect(it.iters.get().unwrap_or(Value::NONE));
    let Some(a) = iter::next(th, its.items()[0])? else {
        return Ok(None);
    };
    Ok(iter::next(th, its.items()[1])?.map(|b| (a, b)))
}

fn enumerate_next(th: &Thread, v: Value) -> R<Option<Value>> {
    match enumerate_step(th, v)? {
        Some((i, x)) => Ok(Some(tuple::new_value(th, &[i, x])?)),
        None => Ok(None),
    }
}

fn enumerate_step(th: &Thread, v: Value) -> R<Option<(Value, Value)>> {
    let it: Gc<EnumerateObj> = expect(v);
    let Some(src) = it.iter.get() else {
        return Ok(None);
    };
    let Some(x) = iter::next(th, src)? else {
        return Ok(None);
    };
    let i = it.index.get().unwrap_or(Value::small_int(0));
    let after = match i.as_int().and_then(|n| Value::try_int(n + 1)) {
        Some(n) => n,
        None => ops::binary::binary(
            th,
            habu_bytecode::opcode::binary::ADD,
            i,
            Value::small_int(1),
        )?,
    };
    th.set(it, &it.index, Some(after));
    Ok(Some((i, x)))
}

fn zip_next(th: &Thread, v: Value) -> R<Option<Value>> {
    let it: Gc<ZipObj> = expect(v);
    let Some(its) = it.iters.get() else {
        return Ok(None);
    };
    let its: Gc<TupleObj> = expect(its);
    let n = its.len();
    if n == 0 {
        return Ok(None);
    }
    if zips_two(v) {
        return match zip_step(th, v)? {
            Some((a, b)) => Ok(Some(tuple::new_value(th, &[a, b])?)),
            None => Ok(None),
        };
    }
    let strict = it.strict.get() == Some(Value::TRUE);
    let out = crate::core::tuple::alloc(th, n)?;
    for i in 0..n {
        out.slot(i).init(Some(Value::NONE));
    }
    for i in 0..n {
        match iter::next(th, its.items()[i])? {
            Some(x) => th.set(out, out.slot(i), Some(x)),
            None => {
                if strict {
                    check_zip_lengths(th, its, i)?;
                }
                return Ok(None);
            }
        }
    }
    Ok(Some(out.value()))
}

/// `zip(strict=True)`: the `i`-th ended; all before it gave an item only if `i` is not the first.
fn check_zip_lengths(th: &Thread, its: Gc<TupleObj>, i: usize) -> R<()> {
    let plural = |k: usize| {
        if k == 1 {
            " ".to_string()
        } else {
            format!("s 1-{k}")
        }
    };
    let others = |k: usize| if k == 1 { " 1".to_string() } else { plural(k) };
    if i > 0 {
        return Err(error::value_error(
            th,
            &format!(
                "zip() argument {} is shorter than argument{}",
                i + 1,
                others(i)
            ),
        ));
    }
    for k in 1..its.len() {
        if iter::next(th, its.items()[k])?.is_some() {
            return Err(error::value_error(
                th,
                &format!(
                    "zip() argument {} is longer than argument{}",
                    k + 1,
                    others(k)
                ),
            ));
        }
    }
    Ok(())
}

fn map_next(th: &Thread, v: Value) -> R<Option<Value>> {
    let it: Gc<MapObj> = expect(v);
    let (Some(f), Some(its)) = (it.func.get(), it.iters.get()) else {
        return Ok(None);
    };
    let its: Gc<TupleObj> = expect(its);
    if its.len() == 1 {
        return match iter::next(th, its.items()[0])? {
            Some(x) => Ok(Some(call::call(th, f, &[x])?)),
            None => Ok(None),
        };
    }
    let strict = it.strict.get() == Some(Value::TRUE);
    let args = list::with_capacity(th, its.len())?;
    for i in 0..its.len() {
        match iter::next(th, its.items()[i])? {
            Some(x) => list::push(th, args, x)?,
            None => {
                if strict {
                    let r = check_zip_lengths(th, its, i);
                    if r.is_err() && error::matches(th, C::ValueError) {
                        let e = th.take();
                        let text = ops::repr::str_string(th, e)?.replacen("zip()", "map()", 1);
                        return Err(error::value_error(th, &text));
                    }
                    r?;
                }
                return Ok(None);
            }
        }
    }
    Ok(Some(call::call(th, f, list::items(args))?))
}

fn filter_next(th: &Thread, v: Value) -> R<Option<Value>> {
    let it: Gc<FilterObj> = expect(v);
    let (Some(f), Some(src)) = (it.func.get(), it.iter.get()) else {
        return Ok(None);
    };
    let plain = f.is_none() || f == crate::runtime::class_value(C::Bool);
    while let Some(x) = iter::next(th, src)? {
        let keep = if plain {
            ops::truth(th, x)?
        } else {
            let r = call::call(th, f, &[x])?;
            ops::truth(th, r)?
        };
        if keep {
            return Ok(Some(x));
        }
    }
    Ok(None)
}

fn reversed_next(th: &Thread, v: Value) -> R<Option<Value>> {
    let it: Gc<ReversedObj> = expect(v);
    let Some(s) = it.source.get() else {
        return Ok(None);
    };
    let i = it.index.get().and_then(|i| i.as_int()).unwrap_or(-1);
    if i < 0 {
        it.source.init(None);
        return Ok(None);
    }
    let r = ops::subscr::get(th, s, Value::small_int(i));
    if r.is_err() && (error::matches(th, C::IndexError) || error::matches(th, C::StopIteration)) {
        th.take();
        it.source.init(None);
        return Ok(None);
    }
    it.index.init(Some(Value::small_int(i - 1)));
    r.map(Some)
}

/// The `next` of exact native iterators, by kind.
#[inline]
pub fn native_next(kind: u8) -> Option<NextFn> {
    Some(match kind {
        kinds::LIST_ITER => list_next,
        kinds::TUPLE_ITER => tuple_next,
        kinds::STR_ITER => str_next,
        kinds::RANGE_ITER => crate::types::range::next,
        kinds::DICT_ITER => crate::types::dictviews::next,
        kinds::ENUMERATE => enumerate_next,
        kinds::ZIP => zip_next,
        kinds::MAP => map_next,
        kinds::FILTER => filter_next,
        kinds::REVERSED => reversed_next,
        kinds::SEQ_ITER => in_sequence,
        kinds::CALL_ITER => call_next,
        kinds::GENERATOR => crate::types::generator::next_opt,
        kinds::BYTES_ITER => bytes_next,
        _ => return None,
    })
}

/// The native `next` behind a `__next__` definition (subclasses of native iterators).
pub fn native_next_def(def: &'static MethodDef, it: Value) -> Option<NextFn> {
    let NativeFn::F1(f) = def.func else {
        return None;
    };
    if std::ptr::fn_addr_eq(f, py_next as fn(&Thread, Value) -> R) {
        return by_object(it);
    }
    None
}

fn by_object(it: Value) -> Option<NextFn> {
    native_next(it.kind())
}

/// `__next__` of all native iterators.
pub fn py_next(th: &Thread, v: Value) -> R {
    let r = match by_object(v) {
        Some(n) => n(th, v)?,
        None => None,
    };
    match r {
        Some(x) => Ok(x),
        None => Err(error::raise_args(th, core_class(C::StopIteration), &[])),
    }
}

pub fn self_iter(_: &Thread, v: Value) -> R {
    Ok(v)
}

fn length_hint(th: &Thread, v: Value) -> R {
    let it = ix(v);
    let Some(s) = it.source.get() else {
        return Ok(Value::small_int(0));
    };
    let i = it.index.get().and_then(|i| i.as_int()).unwrap_or(0);
    if v.shape() == C::ListRevIter.shape() {
        return Ok(Value::small_int((i + 1).max(0)));
    }
    if class::special_of(s, N::Len).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let n = ops::length(th, s)? as i64;
    Ok(Value::small_int((n - i).max(0)))
}

fn builtin_fn(th: &Thread, name: &str) -> R {
    crate::interp::builtin_named(th, name)
}

fn reduce(th: &Thread, v: Value) -> R {
    let it = ix(v);
    let rev = v.shape() == C::ListRevIter.shape();
    let f = builtin_fn(th, if rev { "reversed" } else { "iter" })?;
    match it.source.get() {
        Some(s) => {
            let args = tuple::new_value(th, &[s])?;
            tuple::new_value(th, &[f, args, it.index.get().unwrap_or(Value::NONE)])
        }
        None => {
            let e = list::new(th)?;
            let f = builtin_fn(th, "iter")?;
            let args = tuple::new_value(th, &[e.value()])?;
            tuple::new_value(th, &[f, args])
        }
    }
}

fn setstate(th: &Thread, v: Value, state: Value) -> R {
    let i = parse::as_isize(th, state)?;
    let it = ix(v);
    if let Some(s) = it.source.get() {
        let i = if v.shape() == C::ListRevIter.shape() {
            i.clamp(-1, ops::length(th, s)? as i64 - 1)
        } else {
            let n = if class::special_of(s, N::Len).is_some() {
                ops::length(th, s)? as i64
            } else {
                i64::MAX >> 2
            };
            i.clamp(0, n)
        };
        it.index.init(Some(int::from_i64(th, i)?));
    }
    Ok(Value::NONE)
}

static INDEX_METHODS: [MethodDef; 5] = [
    m1("__iter__", self_iter).sig("($self, /)"),
    m1("__next__", py_next).sig("($self, /)"),
    m1("__length_hint__", length_hint),
    m1("__reduce__", reduce),
    m2("__setstate__", setstate),
];

macro_rules! index_spec {
    ($name:ident, $text:literal, $kind:ident) => {
        pub static $name: TypeSpec = TypeSpec::new($text, kinds::$kind)
            .words(2)
            .methods(&INDEX_METHODS);
    };
}
index_spec!(LIST, "list_iterator", LIST_ITER);
index_spec!(LIST_REVERSE, "list_reverseiterator", SEQ_ITER);
index_spec!(TUPLE, "tuple_iterator", TUPLE_ITER);
index_spec!(STR, "str_ascii_iterator", STR_ITER);
index_spec!(BYTES, "bytes_iterator", BYTES_ITER);
index_spec!(BYTEARRAY, "bytearray_iterator", BYTES_ITER);
index_spec!(SEQ, "iterator", SEQ_ITER);

static CALL_METHODS: [MethodDef; 2] = [m1("__iter__", self_iter), m1("__next__", py_next)];
pub static CALL: TypeSpec = TypeSpec::new("callable_iterator", kinds::CALL_ITER)
    .words(2)
    .methods(&CALL_METHODS);

/// An instance of a native `Inst` class or of a subclass; native words are 0.
pub fn alloc(th: &Thread, cls: Gc<TypeObj>) -> R<*mut habu_heap::Header> {
    let s = shape::root(cls);
    let words = s.first_word() + s.inline_words();
    let p = th.alloc_zeroed(
        s.id(),
        cls.instance_kind.get() as u8,
        words as u8,
        8 + words * 8,
    )?;
    if cls.has(tf::FINALIZER) {
        th.mutator.register_finalizer(p);
    }
    Ok(p)
}

fn enumerate_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let [it, start] = crate::args!(th, a, "enumerate", ["iterable", "start"], 0, 1, 2);
    let it = iter::get(th, it.unwrap_or(Value::NONE))?;
    let start = match start {
        Some(s) => parse::index(th, s)?,
        None => Value::small_int(0),
    };
    // SAFETY: the class has the layout of its native base.
    let o: Gc<EnumerateObj> = unsafe { Gc::from_raw(alloc(th, cls)? as *mut EnumerateObj) };
    o.iter.init(Some(it));
    o.index.init(Some(start));
    Ok(o.value())
}
fn enumerate_reduce(th: &Thread, v: Value) -> R {
    let o: Gc<EnumerateObj> = expect(v);
    let args = tuple::new_value(
        th,
        &[
            o.iter.get().unwrap_or(Value::NONE),
            o.index.get().unwrap_or(Value::NONE),
        ],
    )?;
    tuple::new_value(th, &[class::of(v).value(), args])
}
static ENUMERATE_METHODS: [MethodDef; 4] = [
    m1("__iter__", self_iter),
    m1("__next__", py_next),
    m1("__reduce__", enumerate_reduce),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
pub static ENUMERATE: TypeSpec = TypeSpec::new("enumerate", kinds::ENUMERATE)
    .words(2)
    .flags(tf::BASE)
    .methods(&ENUMERATE_METHODS)
    .new_fn(enumerate_new);

fn strict_kw(th: &Thread, name: &str, a: Args) -> R<Value> {
    let mut strict = Value::FALSE;
    for (k, v) in a.kw() {
        if !k.cast::<StrObj>().is_some_and(|s| s.eq_str("strict")) {
            return Err(error::type_error(
                th,
                &format!(
                    "{name}() got an unexpected keyword argument '{}'",
                    ops::repr::str_string(th, k)?
                ),
            ));
        }
        strict = Value::bool(ops::truth(th, v)?);
    }
    Ok(strict)
}

fn iter_tuple(th: &Thread, items: &[Value]) -> R<Gc<TupleObj>> {
    let l = list::with_capacity(th, items.len())?;
    for &x in items {
        list::push(th, l, iter::get(th, x)?)?;
    }
    tuple::new(th, list::items(l))
}

fn zip_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let strict = strict_kw(th, "zip", a)?;
    let l = list::with_capacity(th, a.pos().len())?;
    for (i, &x) in a.pos().iter().enumerate() {
        if !iter::is_iterable(x) {
            return Err(error::type_error(
                th,
                &format!("'{}' object is not iterable", class::type_name(x)),
            ));
        }
        let _ = i;
        list::push(th, l, iter::get(th, x)?)?;
    }
    let its = tuple::new(th, list::items(l))?;
    // SAFETY: as for enumerate.
    let o: Gc<ZipObj> = unsafe { Gc::from_raw(alloc(th, cls)? as *mut ZipObj) };
    o.iters.init(Some(its.value()));
    o.strict.init(Some(strict));
    Ok(o.value())
}
fn zip_reduce(th: &Thread, v: Value) -> R {
    let o: Gc<ZipObj> = expect(v);
    let its = o.iters.get().unwrap_or(tuple::empty().value());
    if o.strict.get() == Some(Value::TRUE) {
        return tuple::new_value(th, &[class::of(v).value(), its, Value::TRUE]);
    }
    tuple::new_value(th, &[class::of(v).value(), its])
}
fn zip_setstate(th: &Thread, v: Value, x: Value) -> R {
    let o: Gc<ZipObj> = expect(v);
    o.strict.init(Some(Value::bool(ops::truth(th, x)?)));
    Ok(Value::NONE)
}
static ZIP_METHODS: [MethodDef; 4] = [
    m1("__iter__", self_iter),
    m1("__next__", py_next),
    m1("__reduce__", zip_reduce),
    m2("__setstate__", zip_setstate),
];
pub static ZIP: TypeSpec = TypeSpec::new("zip", kinds::ZIP)
    .words(2)
    .flags(tf::BASE)
    .methods(&ZIP_METHODS)
    .new_fn(zip_new);

fn map_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let strict = strict_kw(th, "map", a)?;
    if a.pos().len() < 2 {
        return Err(error::type_error(
            th,
            "map() must have at least two arguments.",
        ));
    }
    let its = iter_tuple(th, &a.pos()[1..])?;
    // SAFETY: as for enumerate.
    let o: Gc<MapObj> = unsafe { Gc::from_raw(alloc(th, cls)? as *mut MapObj) };
    o.func.init(Some(a.all()[0]));
    o.iters.init(Some(its.value()));
    o.strict.init(Some(strict));
    Ok(o.value())
}
fn map_reduce(th: &Thread, v: Value) -> R {
    let o: Gc<MapObj> = expect(v);
    let l = list::new(th)?;
    list::push(th, l, o.func.get().unwrap_or(Value::NONE))?;
    if let Some(i) = o.iters.get() {
        for &x in expect::<TupleObj>(i).items() {
            list::push(th, l, x)?;
        }
    }
    let args = tuple::new_value(th, list::items(l))?;
    if o.strict.get() == Some(Value::TRUE) {
        return tuple::new_value(th, &[class::of(v).value(), args, Value::TRUE]);
    }
    tuple::new_value(th, &[class::of(v).value(), args])
}
fn map_setstate(th: &Thread, v: Value, x: Value) -> R {
    let o: Gc<MapObj> = expect(v);
    o.strict.init(Some(Value::bool(ops::truth(th, x)?)));
    Ok(Value::NONE)
}
static MAP_METHODS: [MethodDef; 4] = [
    m1("__iter__", self_iter),
    m1("__next__", py_next),
    m1("__reduce__", map_reduce),
    m2("__setstate__", map_setstate),
];
pub static MAP: TypeSpec = TypeSpec::new("map", kinds::MAP)
    .words(3)
    .flags(tf::BASE)
    .methods(&MAP_METHODS)
    .new_fn(map_new);

fn filter_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    if cls == core_class(C::Filter) {
        parse::no_kwargs(th, "filter", a)?;
    }
    parse::check_count(th, "filter", a.pos().len(), 2, 2)?;
    let it = iter::get(th, a.all()[1])?;
    // SAFETY: as for enumerate.
    let o: Gc<FilterObj> = unsafe { Gc::from_raw(alloc(th, cls)? as *mut FilterObj) };
    o.func.init(Some(a.all()[0]));
    o.iter.init(Some(it));
    Ok(o.value())
}
fn filter_reduce(th: &Thread, v: Value) -> R {
    let o: Gc<FilterObj> = expect(v);
    let args = tuple::new_value(
        th,
        &[
            o.func.get().unwrap_or(Value::NONE),
            o.iter.get().unwrap_or(Value::NONE),
        ],
    )?;
    tuple::new_value(th, &[class::of(v).value(), args])
}
static FILTER_METHODS: [MethodDef; 3] = [
    m1("__iter__", self_iter),
    m1("__next__", py_next),
    m1("__reduce__", filter_reduce),
];
pub static FILTER: TypeSpec = TypeSpec::new("filter", kinds::FILTER)
    .words(2)
    .flags(tf::BASE)
    .methods(&FILTER_METHODS)
    .new_fn(filter_new);

fn reversed_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    if cls == core_class(C::Reversed) {
        parse::no_kwargs(th, "reversed", a)?;
    }
    parse::check_count(th, "reversed", a.pos().len(), 1, 1)?;
    let v = a.all()[0];
    match class::special_of(v, N::Reversed) {
        Some(Value::NONE) => {
            return Err(error::type_error(
                th,
                &format!("'{}' object is not reversible", class::type_name(v)),
            ));
        }
        Some(f) => return call::call_special(th, f, v, &[]),
        None => {}
    }
    if class::special_of(v, N::GetItem).is_none()
        || v.kind() == kinds::DICT
        || class::special_of(v, N::Len).is_none()
    {
        return Err(error::type_error(
            th,
            &format!("'{}' object is not reversible", class::type_name(v)),
        ));
    }
    let n = ops::length(th, v)?;
    // SAFETY: as for enumerate.
    let o: Gc<ReversedObj> = unsafe { Gc::from_raw(alloc(th, cls)? as *mut ReversedObj) };
    o.source.init(Some(v));
    o.index.init(Some(Value::small_int(n as i64 - 1)));
    Ok(o.value())
}
fn reversed_hint(th: &Thread, v: Value) -> R {
    let o: Gc<ReversedObj> = expect(v);
    let Some(s) = o.source.get() else {
        return Ok(Value::small_int(0));
    };
    let i = o.index.get().and_then(|i| i.as_int()).unwrap_or(-1) + 1;
    let n = ops::length(th, s)? as i64;
    Ok(Value::small_int(if n < i { 0 } else { i }))
}
fn reversed_reduce(th: &Thread, v: Value) -> R {
    let o: Gc<ReversedObj> = expect(v);
    match o.source.get() {
        Some(s) => {
            let args = tuple::new_value(th, &[s])?;
            tuple::new_value(
                th,
                &[
                    class::of(v).value(),
                    args,
                    o.index.get().unwrap_or(Value::NONE),
                ],
            )
        }
        None => {
            let args = tuple::new_value(th, &[tuple::empty().value()])?;
            tuple::new_value(th, &[class::of(v).value(), args])
        }
    }
}
fn reversed_setstate(th: &Thread, v: Value, x: Value) -> R {
    let o: Gc<ReversedObj> = expect(v);
    let i = parse::as_isize(th, x)?;
    if let Some(s) = o.source.get() {
        let n = ops::length(th, s)? as i64;
        o.index.init(Some(Value::small_int(i.clamp(-1, n - 1))));
    }
    Ok(Value::NONE)
}
static REVERSED_METHODS: [MethodDef; 5] = [
    m1("__iter__", self_iter),
    m1("__next__", py_next),
    m1("__length_hint__", reversed_hint),
    m1("__reduce__", reversed_reduce),
    m2("__setstate__", reversed_setstate),
];
pub static REVERSED: TypeSpec = TypeSpec::new("reversed", kinds::REVERSED)
    .words(2)
    .flags(tf::BASE)
    .methods(&REVERSED_METHODS)
    .new_fn(reversed_new);

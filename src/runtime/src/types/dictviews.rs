//! Views of dicts and their iterators.

use crate::classes::C;
use crate::core::{dict, list, tuple};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops::{self, iter as it};
use crate::spec::{GetSetDef, MethodDef, TypeSpec, gs, m1, m2};
use crate::thread::{R, Thread, expect};
use crate::types::iters;
use habu_bytecode::opcode::compare as c;
use habu_heap::Value;

pub const KEY: i64 = 0;
pub const VALUE: i64 = 1;
pub const ITEM: i64 = 2;
const REVERSED: i64 = 4;

fn new_iter(th: &Thread, c: C, d: Value, what: i64, index: i64) -> R {
    let i: Gc<DictIter> = th.alloc(c.shape(), 6, 56)?;
    i.attrs.init(None);
    i.source.init(Some(d));
    i.index.init(Some(Value::small_int(index)));
    i.what.init(Some(Value::small_int(what)));
    let n = Value::small_int(dict::len(dict::as_map(d)) as i64);
    i.expect.init(Some(n));
    i.left.init(Some(n));
    Ok(i.value())
}

pub fn iter(th: &Thread, d: Value, what: i64) -> R {
    let c = [C::DictKeyIter, C::DictValueIter, C::DictItemIter][what as usize];
    new_iter(th, c, d, what, 0)
}

pub fn iter_reversed(th: &Thread, d: Value, what: i64) -> R {
    let c = [C::DictRevKeyIter, C::DictRevValueIter, C::DictRevItemIter][what as usize];
    let n = dict::table(dict::as_map(d)).used();
    new_iter(th, c, d, what | REVERSED, n as i64)
}

/// Sets iterate their tables the same way.
pub fn set_iter(th: &Thread, s: Value) -> R {
    new_iter(th, C::SetIter, s, KEY, 0)
}

#[inline(always)]
fn num(s: &habu_heap::Slot) -> i64 {
    s.get().and_then(|v| v.as_int()).unwrap_or(0)
}

/// The next key, where that is all there is to it.
#[inline(always)]
pub fn next_key(i: Gc<DictIter>) -> Option<Value> {
    let plain = i.what.get() == Some(Value::small_int(KEY));
    let d = dict::as_map(i.source.get().filter(|_| plain)?);
    let (index, left) = (num(&i.index), num(&i.left));
    if num(&i.expect) != dict::len(d) as i64 || left == 0 {
        return None;
    }
    let mut n = index as usize;
    let (k, _) = dict::next(d, &mut n)?;
    i.index.init(Some(Value::small_int(n as i64)));
    i.left.init(Some(Value::small_int(left - 1)));
    Some(k)
}

pub fn next(th: &Thread, v: Value) -> R<Option<Value>> {
    if let Some(k) = next_key(expect(v)) {
        return Ok(Some(k));
    }
    let Some((k, x)) = step(th, v)? else {
        return Ok(None);
    };
    let i: Gc<DictIter> = expect(v);
    Ok(Some(match num(&i.what) & 3 {
        KEY => k,
        VALUE => x,
        _ => tuple::new_value(th, &[k, x])?,
    }))
}

/// Does this iterator give keys from the first to the last?
pub fn gives_keys(v: Value) -> bool {
    let i: Gc<DictIter> = expect(v);
    i.what.get() == Some(Value::small_int(KEY))
}

/// Does this iterator give keys with their values?
pub fn gives_items(v: Value) -> bool {
    let i: Gc<DictIter> = expect(v);
    !matches!(num(&i.what) & 3, KEY | VALUE)
}

/// `step`, where it surely does not raise.
pub fn plain_step(th: &Thread, v: Value) -> Option<Option<(Value, Value)>> {
    let i: Gc<DictIter> = expect(v);
    if let Some(src) = i.source.get() {
        let d = dict::as_map(src);
        let mut n = num(&i.index) as usize;
        let over = num(&i.what) & REVERSED == 0 && dict::next(d, &mut n).is_none();
        if num(&i.expect) != dict::len(d) as i64 || num(&i.left) == 0 && !over {
            return None;
        }
    }
    step(th, v).ok()
}

/// The next key and value.
pub fn step(th: &Thread, v: Value) -> R<Option<(Value, Value)>> {
    let i: Gc<DictIter> = expect(v);
    let Some(src) = i.source.get() else {
        return Ok(None);
    };
    let d = dict::as_map(src);
    if num(&i.expect) != dict::len(d) as i64 {
        i.expect.init(Some(Value::small_int(-1)));
        let what = if src.kind() == kinds::DICT {
            "dictionary"
        } else {
            "Set"
        };
        return Err(error::raise(
            th,
            C::RuntimeError,
            &format!("{what} changed size during iteration"),
        ));
    }
    let what = num(&i.what);
    let mut n = num(&i.index) as usize;
    let found = if what & REVERSED != 0 {
        dict::next_back(d, &mut n)
    } else {
        dict::next(d, &mut n)
    };
    i.index.init(Some(Value::small_int(n as i64)));
    match found {
        Some((k, x)) => {
            let left = num(&i.left);
            if left == 0 && src.kind() == kinds::DICT {
                return Err(error::raise(
                    th,
                    C::RuntimeError,
                    "dictionary keys changed during iteration",
                ));
            }
            i.left.init(Some(Value::small_int(left - 1)));
            Ok(Some((k, x)))
        }
        None => {
            i.source.init(None);
            Ok(None)
        }
    }
}

fn length_hint(_: &Thread, v: Value) -> R {
    let i: Gc<DictIter> = expect(v);
    let Some(src) = i.source.get() else {
        return Ok(Value::small_int(0));
    };
    let d = dict::as_map(src);
    if num(&i.expect) != dict::len(d) as i64 {
        return Ok(Value::small_int(0));
    }
    let mut n = num(&i.index) as usize;
    let mut left = 0;
    if num(&i.what) & REVERSED != 0 {
        while dict::next_back(d, &mut n).is_some() {
            left += 1;
        }
    } else {
        while dict::next(d, &mut n).is_some() {
            left += 1;
        }
    }
    Ok(Value::small_int(left))
}

fn iter_reduce(th: &Thread, v: Value) -> R {
    let i: Gc<DictIter> = expect(v);
    let l = list::new(th)?;
    if let Some(src) = i.source.get() {
        let copy = new_iter(th, C::DictKeyIter, src, num(&i.what), num(&i.index))?;
        while let Some(x) = next(th, copy)? {
            list::push(th, l, x)?;
        }
    }
    let f = crate::interp::builtin_named(th, "iter")?;
    let args = tuple::new_value(th, &[l.value()])?;
    tuple::new_value(th, &[f, args])
}

static ITER_METHODS: [MethodDef; 4] = [
    m1("__iter__", iters::self_iter),
    m1("__next__", iters::py_next),
    m1("__length_hint__", length_hint),
    m1("__reduce__", iter_reduce),
];

macro_rules! iter_spec {
    ($name:ident, $text:literal) => {
        pub static $name: TypeSpec = TypeSpec::new($text, kinds::DICT_ITER)
            .words(5)
            .methods(&ITER_METHODS);
    };
}
iter_spec!(KEY_ITER, "dict_keyiterator");
iter_spec!(VALUE_ITER, "dict_valueiterator");
iter_spec!(ITEM_ITER, "dict_itemiterator");
iter_spec!(REV_KEY_ITER, "dict_reversekeyiterator");
iter_spec!(REV_VALUE_ITER, "dict_reversevalueiterator");
iter_spec!(REV_ITEM_ITER, "dict_reverseitemiterator");
iter_spec!(SET_ITER_SPEC, "set_iterator");

pub fn view(th: &Thread, d: Value, what: i64) -> R {
    let c = [C::DictKeys, C::DictValues, C::DictItems][what as usize];
    let v: Gc<DictView> = th.alloc(c.shape(), 3, 32)?;
    v.attrs.init(None);
    v.dict.init(Some(d));
    v.what.init(Some(Value::small_int(what)));
    Ok(v.value())
}

fn w(v: Value) -> Gc<DictView> {
    expect(v)
}
fn dict_of(v: Value) -> Value {
    w(v).dict.get().unwrap_or(Value::NONE)
}
fn what_of(v: Value) -> i64 {
    num(&w(v).what)
}

fn len(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(dict::len(dict::as_map(dict_of(v))) as i64))
}
fn view_iter(th: &Thread, v: Value) -> R {
    iter(th, dict_of(v), what_of(v))
}
fn view_reversed(th: &Thread, v: Value) -> R {
    iter_reversed(th, dict_of(v), what_of(v))
}
fn contains(th: &Thread, v: Value, x: Value) -> R {
    let d = dict::as_map(dict_of(v));
    if what_of(v) == KEY {
        return Ok(Value::bool(dict::contains(th, d, x)?));
    }
    let Some(t) = x.cast::<TupleObj>().filter(|t| t.len() == 2) else {
        return Ok(Value::FALSE);
    };
    match dict::get(th, d, t.items()[0])? {
        Some(y) => Ok(Value::bool(ops::compare::eq_bool(th, y, t.items()[1])?)),
        None => Ok(Value::FALSE),
    }
}
fn repr(th: &Thread, v: Value) -> R {
    let name = crate::core::class::type_name(v);
    let r = ops::repr::guarded(th, v, || {
        let l = it::to_list(th, v)?;
        let s = ops::repr::repr_string(th, l.value())?;
        crate::core::string::new_value(th, &format!("{name}({s})"))
    })?;
    match r {
        Some(r) => Ok(r),
        None => crate::core::string::new_value(th, "..."),
    }
}
fn is_setlike(v: Value) -> bool {
    matches!(v.kind(), kinds::SET | kinds::FROZENSET)
        || v.kind() == kinds::DICT_VIEW && what_of(v) != VALUE
}
/// Are all items of `a` in `b`?
fn all_in(th: &Thread, a: Value, b: Value) -> R<bool> {
    let i = it::get(th, a)?;
    while let Some(x) = it::next(th, i)? {
        if !ops::contains(th, b, x)? {
            return Ok(false);
        }
    }
    Ok(true)
}
fn compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    if !is_setlike(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (n, m) = (ops::length(th, a)?, ops::length(th, b)?);
    Ok(Value::bool(match op {
        c::EQ => n == m && all_in(th, a, b)?,
        c::NE => n != m || !all_in(th, a, b)?,
        c::LT => n < m && all_in(th, a, b)?,
        c::LE => n <= m && all_in(th, a, b)?,
        c::GT => n > m && all_in(th, b, a)?,
        _ => n >= m && all_in(th, b, a)?,
    }))
}
crate::comparisons!(compare);
fn to_set(th: &Thread, v: Value) -> R {
    let s = dict::new_set(th)?;
    crate::types::set::update(th, s.value(), v)?;
    Ok(s.value())
}
fn and(th: &Thread, a: Value, b: Value) -> R {
    let s = to_set(th, a)?;
    ops::call::method_named(th, s, "intersection", &[b])
}
fn or(th: &Thread, a: Value, b: Value) -> R {
    let s = to_set(th, a)?;
    ops::call::method_named(th, s, "union", &[b])
}
fn sub(th: &Thread, a: Value, b: Value) -> R {
    let s = to_set(th, a)?;
    ops::call::method_named(th, s, "difference", &[b])
}
fn xor(th: &Thread, a: Value, b: Value) -> R {
    let s = to_set(th, a)?;
    ops::call::method_named(th, s, "symmetric_difference", &[b])
}
fn rsub(th: &Thread, a: Value, b: Value) -> R {
    sub(th, b, a)
}
fn isdisjoint(th: &Thread, a: Value, b: Value) -> R {
    let i = it::get(th, b)?;
    while let Some(x) = it::next(th, i)? {
        if ops::contains(th, a, x)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}
fn mapping(th: &Thread, v: Value) -> R {
    crate::types::mappingproxy::new(th, dict_of(v))
}
static GETSET: [GetSetDef; 1] = [gs("mapping", mapping)];

static SET_METHODS: [MethodDef; 20] = [
    m1("__repr__", repr),
    m1("__len__", len),
    m1("__iter__", view_iter),
    m1("__reversed__", view_reversed),
    m2("__contains__", contains),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__lt__", lt),
    m2("__le__", le),
    m2("__gt__", gt),
    m2("__ge__", ge),
    m2("__and__", and),
    m2("__rand__", and),
    m2("__or__", or),
    m2("__ror__", or),
    m2("__sub__", sub),
    m2("__rsub__", rsub),
    m2("__xor__", xor),
    m2("__rxor__", xor),
    m2("isdisjoint", isdisjoint),
];
static VALUE_METHODS: [MethodDef; 4] = [
    m1("__repr__", repr),
    m1("__len__", len),
    m1("__iter__", view_iter),
    m1("__reversed__", view_reversed),
];

pub static KEYS: TypeSpec = TypeSpec::new("dict_keys", kinds::DICT_VIEW)
    .words(2)
    .methods(&SET_METHODS)
    .getset(&GETSET);
pub static VALUES: TypeSpec = TypeSpec::new("dict_values", kinds::DICT_VIEW)
    .words(2)
    .methods(&VALUE_METHODS)
    .getset(&GETSET);
pub static ITEMS: TypeSpec = TypeSpec::new("dict_items", kinds::DICT_VIEW)
    .words(2)
    .methods(&SET_METHODS)
    .getset(&GETSET);

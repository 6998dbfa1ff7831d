//! `range` and its iterators.

use crate::classes::C;
use crate::core::{class, int, parse, tuple};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops::{self, binary::binary as arith};
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, type_flags as tf};
use crate::thread::{R, Thread, expect};
use crate::types::iters;
use habu_bytecode::opcode::{binary as b, compare as c};
use habu_heap::Value;

const ZERO: i64 = 0;

fn r(v: Value) -> Gc<RangeObj> {
    expect(v)
}
fn part(s: &habu_heap::Slot) -> Value {
    s.get().unwrap_or(Value::NONE)
}

pub fn make(th: &Thread, start: Value, stop: Value, step: Value) -> R {
    let len = match (start.as_int(), stop.as_int(), step.as_int()) {
        (Some(a), Some(z), Some(s)) => int::from_usize(th, crate::types::slice::count(a, z, s))?,
        _ => big_len(th, start, stop, step)?,
    };
    let o: Gc<RangeObj> = th.alloc(C::Range.shape(), 5, 48)?;
    o.attrs.init(None);
    o.start.init(Some(start));
    o.stop.init(Some(stop));
    o.step.init(Some(step));
    o.len.init(Some(len));
    Ok(o.value())
}

fn big_len(th: &Thread, start: Value, stop: Value, step: Value) -> R {
    use dashu_int::IBig;
    let g = |v: Value| int::to_ibig(v).unwrap_or(IBig::ZERO);
    let (a, z, s) = (g(start), g(stop), g(step));
    let n = if s > IBig::ZERO {
        if a < z {
            (z - a - IBig::ONE) / s + IBig::ONE
        } else {
            IBig::ZERO
        }
    } else if z < a {
        (a - z - IBig::ONE) / (-s) + IBig::ONE
    } else {
        IBig::ZERO
    };
    int::from_ibig(th, &n)
}

fn new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    parse::no_kwargs(th, "range", a)?;
    parse::check_count(th, "range", a.pos().len(), 1, 3)?;
    let at = |i: usize| parse::index(th, a.all()[i]);
    let one = Value::small_int(1);
    let (start, stop, step) = match a.all().len() {
        1 => (Value::small_int(ZERO), at(0)?, one),
        2 => (at(0)?, at(1)?, one),
        _ => (at(0)?, at(1)?, at(2)?),
    };
    if step == Value::small_int(0) {
        return Err(error::value_error(th, "range() arg 3 must not be zero"));
    }
    make(th, start, stop, step)
}

/// Item `i` (in range), of any size.
fn item(th: &Thread, o: Gc<RangeObj>, i: Value) -> R {
    let m = arith(th, b::MULTIPLY, i, part(&o.step))?;
    arith(th, b::ADD, part(&o.start), m)
}

pub fn iter(th: &Thread, o: Gc<RangeObj>) -> R {
    match (
        part(&o.start).as_int(),
        part(&o.step).as_int(),
        part(&o.len).as_int(),
    ) {
        (Some(s), Some(st), Some(n))
            if s.checked_add(st.saturating_mul(n))
                .is_some_and(|e| Value::try_int(e).is_some()) =>
        {
            small_iter(th, s, st, n)
        }
        _ => long_iter(th, part(&o.start), part(&o.step), part(&o.len)),
    }
}

fn small_iter(th: &Thread, start: i64, step: i64, n: i64) -> R {
    let it: Gc<RangeIter> = th.alloc(C::RangeIter.shape(), 4, 40)?;
    it.attrs.init(None);
    it.next.init(Some(Value::small_int(start)));
    it.step.init(Some(Value::small_int(step)));
    it.left.init(Some(Value::small_int(n)));
    Ok(it.value())
}

fn long_iter(th: &Thread, start: Value, step: Value, n: Value) -> R {
    let p = th.alloc_zeroed(C::LongRangeIter.shape(), kinds::RECORD, 4, 40)?;
    // SAFETY: the same three words.
    let it: Gc<RangeIter> = unsafe { Gc::from_raw(p as *mut RangeIter) };
    it.next.init(Some(start));
    it.step.init(Some(step));
    it.left.init(Some(n));
    Ok(it.value())
}

pub fn next(_: &Thread, v: Value) -> R<Option<Value>> {
    let it: Gc<RangeIter> = expect(v);
    let left = it.left.bits();
    if left <= 1 {
        return Ok(None);
    }
    let x = it.next.get();
    it.left.init_bits(left - 2);
    it.next
        .init_bits(it.next.bits().wrapping_add(it.step.bits() - 1));
    Ok(x)
}

fn long_next(th: &Thread, v: Value) -> R {
    // SAFETY: the method is only reached with its own class.
    let it: Gc<RangeIter> = unsafe { v.cast_unchecked() };
    if part(&it.left) == Value::small_int(0) {
        return Err(error::raise_args(
            th,
            crate::runtime::class(C::StopIteration),
            &[],
        ));
    }
    let x = part(&it.next);
    let n = arith(th, b::SUBTRACT, part(&it.left), Value::small_int(1))?;
    th.set(it, &it.left, Some(n));
    let y = arith(th, b::ADD, x, part(&it.step))?;
    th.set(it, &it.next, Some(y));
    Ok(x)
}

fn iter_hint(_: &Thread, v: Value) -> R {
    // SAFETY: both iterators have this layout.
    Ok(part(&unsafe { v.cast_unchecked::<RangeIter>() }.left))
}

fn iter_reduce(th: &Thread, v: Value) -> R {
    // SAFETY: both iterators have this layout.
    let it: Gc<RangeIter> = unsafe { v.cast_unchecked() };
    let span = arith(th, b::MULTIPLY, part(&it.left), part(&it.step))?;
    let stop = arith(th, b::ADD, part(&it.next), span)?;
    let rg = make(th, part(&it.next), stop, part(&it.step))?;
    let f = crate::interp::builtin_named(th, "iter")?;
    let args = tuple::new_value(th, &[rg])?;
    tuple::new_value(th, &[f, args, Value::NONE])
}

fn iter_setstate(th: &Thread, v: Value, x: Value) -> R {
    // SAFETY: both iterators have this layout.
    let it: Gc<RangeIter> = unsafe { v.cast_unchecked() };
    if x.is_none() {
        return Ok(Value::NONE);
    }
    let i = parse::index(th, x)?;
    let zero = Value::small_int(0);
    let i = if ops::compare::cmp_ints(i, zero).is_lt() {
        zero
    } else {
        i
    };
    let i = if ops::compare::cmp_ints(i, part(&it.left)).is_gt() {
        part(&it.left)
    } else {
        i
    };
    let d = arith(th, b::MULTIPLY, i, part(&it.step))?;
    let n = arith(th, b::ADD, part(&it.next), d)?;
    th.set(it, &it.next, Some(n));
    let left = arith(th, b::SUBTRACT, part(&it.left), i)?;
    th.set(it, &it.left, Some(left));
    Ok(Value::NONE)
}

fn py_iter(th: &Thread, v: Value) -> R {
    iter(th, r(v))
}
fn reversed(th: &Thread, v: Value) -> R {
    let o = r(v);
    let small = |s| part(s).as_int();
    if let (Some(start), Some(step), Some(n)) = (small(&o.start), small(&o.step), small(&o.len))
        && let Some(last) = step.checked_mul(n - 1).and_then(|d| start.checked_add(d))
        && Value::try_int(last).is_some()
        && Value::try_int(-step).is_some()
    {
        return small_iter(th, last, -step, n);
    }
    let n = part(&o.len);
    let last = arith(th, b::SUBTRACT, n, Value::small_int(1))?;
    let start = item(th, o, last)?;
    let step = ops::binary::negative(th, part(&o.step))?;
    match (start.as_int(), step.as_int(), n.as_int()) {
        (Some(s), Some(st), Some(k)) => small_iter(th, s, st, k),
        _ => long_iter(th, start, step, n),
    }
}
fn len(th: &Thread, v: Value) -> R {
    let n = part(&r(v).len);
    if n.as_int().is_none() {
        return Err(error::raise(
            th,
            C::OverflowError,
            "Python int too large to convert to C ssize_t",
        ));
    }
    Ok(n)
}
/// How many ints a range has, if that is a small int.
pub fn small_len(v: Value) -> Option<usize> {
    part(&r(v).len).as_int().map(|n| n as usize)
}

fn bool_(_: &Thread, v: Value) -> R {
    Ok(Value::bool(part(&r(v).len) != Value::small_int(0)))
}
/// `v[k]` in machine integers, where all is small enough for them.
fn small_item(th: &Thread, o: Gc<RangeObj>, k: Value) -> Option<R> {
    let small = |s| part(s).as_int();
    let (start, step, len) = (small(&o.start)?, small(&o.step)?, small(&o.len)?);
    let at = |i: i64| Value::try_int(start.checked_add(step.checked_mul(i)?)?);
    if let Some(i) = k.as_int() {
        let i = if i < 0 { i + len } else { i };
        return if (0..len).contains(&i) {
            at(i).map(Ok)
        } else {
            None
        };
    }
    let s: Gc<SliceObj> = k.cast()?;
    let (first, last, by) = crate::types::slice::plain_limits(
        part(&s.start),
        part(&s.stop),
        part(&s.step),
        len as usize,
    )?;
    let by = Value::try_int(step.checked_mul(by)?)?;
    Some(make(th, at(first)?, at(last)?, by))
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    let o = r(v);
    if let Some(found) = small_item(th, o, k) {
        return found;
    }
    if let Some(s) = k.cast::<SliceObj>() {
        let idx = crate::ops::call::method_named(th, s.value(), "indices", &[part(&o.len)])?;
        let t: Gc<TupleObj> = expect(idx);
        let start = item(th, o, t.items()[0])?;
        let stop = item(th, o, t.items()[1])?;
        let step = arith(th, b::MULTIPLY, part(&o.step), t.items()[2])?;
        return make(th, start, stop, step);
    }
    if class::special_of(k, N::Index).is_none() {
        return Err(error::type_error(
            th,
            &format!(
                "range indices must be integers or slices, not {}",
                class::type_name(k)
            ),
        ));
    }
    let mut i = parse::index(th, k)?;
    if int::is_negative(i) {
        i = arith(th, b::ADD, i, part(&o.len))?;
    }
    if int::is_negative(i) || !ops::compare::cmp_ints(i, part(&o.len)).is_lt() {
        return Err(error::raise(
            th,
            C::IndexError,
            "range object index out of range",
        ));
    }
    item(th, o, i)
}
/// Position of an exact int in the range.
fn position(th: &Thread, o: Gc<RangeObj>, x: Value) -> R<Option<Value>> {
    let d = arith(th, b::SUBTRACT, x, part(&o.start))?;
    let m = arith(th, b::REMAINDER, d, part(&o.step))?;
    if m != Value::small_int(0) {
        return Ok(None);
    }
    let i = arith(th, b::FLOOR_DIVIDE, d, part(&o.step))?;
    let inside = !int::is_negative(i) && ops::compare::cmp_ints(i, part(&o.len)).is_lt();
    Ok(inside.then_some(i))
}
fn exact_int(v: Value) -> bool {
    v.is_int() || v.shape() == C::Int.shape() || v == Value::TRUE || v == Value::FALSE
}
fn search(th: &Thread, v: Value, x: Value) -> R<Option<Value>> {
    if exact_int(x) {
        return position(th, r(v), x);
    }
    let it = iter(th, r(v))?;
    let mut i = 0;
    while let Some(y) = ops::iter::next(th, it)? {
        if ops::compare::eq_bool(th, y, x)? {
            return Ok(Some(Value::small_int(i)));
        }
        i += 1;
    }
    Ok(None)
}
fn contains(th: &Thread, v: Value, x: Value) -> R {
    Ok(Value::bool(search(th, v, x)?.is_some()))
}
fn index(th: &Thread, v: Value, x: Value) -> R {
    match search(th, v, x)? {
        Some(i) => Ok(i),
        None if exact_int(x) => Err(error::value_error(
            th,
            &format!("{} is not in range", ops::repr::repr_string(th, x)?),
        )),
        None => Err(error::value_error(
            th,
            "sequence.index(x): x not in sequence",
        )),
    }
}
fn count(th: &Thread, v: Value, x: Value) -> R {
    if exact_int(x) {
        return Ok(Value::small_int(position(th, r(v), x)?.is_some() as i64));
    }
    let it = iter(th, r(v))?;
    let mut n = 0;
    while let Some(y) = ops::iter::next(th, it)? {
        if ops::compare::eq_bool(th, y, x)? {
            n += 1;
        }
    }
    Ok(Value::small_int(n))
}
fn repr(th: &Thread, v: Value) -> R {
    let o = r(v);
    let (a, z) = (
        ops::repr::repr_string(th, part(&o.start))?,
        ops::repr::repr_string(th, part(&o.stop))?,
    );
    let text = if part(&o.step) == Value::small_int(1) {
        format!("range({a}, {z})")
    } else {
        format!(
            "range({a}, {z}, {})",
            ops::repr::repr_string(th, part(&o.step))?
        )
    };
    crate::core::string::new_value(th, &text)
}
/// What decides equality and hash: length, first item, step.
fn key(th: &Thread, o: Gc<RangeObj>) -> R {
    let n = part(&o.len);
    let (a, s) = if n == Value::small_int(0) {
        (Value::NONE, Value::NONE)
    } else if n == Value::small_int(1) {
        (part(&o.start), Value::NONE)
    } else {
        (part(&o.start), part(&o.step))
    };
    tuple::new_value(th, &[n, a, s])
}
fn hash(th: &Thread, v: Value) -> R {
    let k = key(th, r(v))?;
    int::from_i64(th, ops::hash::hash(th, k)?)
}
fn eq(th: &Thread, x: Value, y: Value) -> R {
    if !y.is::<RangeObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (k, l) = (key(th, r(x))?, key(th, r(y))?);
    ops::compare::rich(th, k, l, c::EQ)
}
fn reduce(th: &Thread, v: Value) -> R {
    let o = r(v);
    let args = tuple::new_value(th, &[part(&o.start), part(&o.stop), part(&o.step)])?;
    tuple::new_value(th, &[crate::runtime::class_value(C::Range), args])
}
fn get_start(_: &Thread, v: Value) -> R {
    Ok(part(&r(v).start))
}
fn get_stop(_: &Thread, v: Value) -> R {
    Ok(part(&r(v).stop))
}
fn get_step(_: &Thread, v: Value) -> R {
    Ok(part(&r(v).step))
}

static METHODS: [MethodDef; 12] = [
    m1("__repr__", repr).sig("($self, /)"),
    m1("__hash__", hash).sig("($self, /)"),
    m2("__eq__", eq).sig("($self, value, /)"),
    m1("__len__", len).sig("($self, /)"),
    m1("__bool__", bool_).sig("($self, /)"),
    m1("__iter__", py_iter).sig("($self, /)"),
    m1("__reversed__", reversed),
    m2("__getitem__", getitem).sig("($self, key, /)"),
    m2("__contains__", contains).sig("($self, key, /)"),
    m2("count", count),
    m2("index", index),
    m1("__reduce__", reduce),
];
static GETSET: [GetSetDef; 3] = [
    gs("start", get_start),
    gs("stop", get_stop),
    gs("step", get_step),
];
pub static SPEC: TypeSpec = TypeSpec::new("range", kinds::RANGE)
    .words(4)
    .flags(tf::SEQUENCE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

static ITER_METHODS: [MethodDef; 5] = [
    m1("__iter__", iters::self_iter),
    m1("__next__", iters::py_next),
    m1("__length_hint__", iter_hint),
    m1("__reduce__", iter_reduce),
    m2("__setstate__", iter_setstate),
];
pub static ITER: TypeSpec = TypeSpec::new("range_iterator", kinds::RANGE_ITER)
    .words(3)
    .methods(&ITER_METHODS);
static LONG_METHODS: [MethodDef; 5] = [
    m1("__iter__", iters::self_iter),
    m1("__next__", long_next),
    m1("__length_hint__", iter_hint),
    m1("__reduce__", iter_reduce),
    m2("__setstate__", iter_setstate),
];
pub static LONG_ITER: TypeSpec = TypeSpec::new("longrange_iterator", kinds::RECORD)
    .words(3)
    .methods(&LONG_METHODS);

//! `slice`.

use crate::classes::C;
use crate::core::{class, int, parse, tuple};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

pub fn new(th: &Thread, start: Value, stop: Value, step: Value) -> R {
    let s: Gc<SliceObj> = th.alloc(C::Slice.shape(), 4, 40)?;
    s.attrs.init(None);
    s.start.init(Some(start));
    s.stop.init(Some(stop));
    s.step.init(Some(step));
    Ok(s.value())
}

fn s(v: Value) -> Gc<SliceObj> {
    expect(v)
}

fn part(v: &habu_heap::Slot) -> Value {
    v.get().unwrap_or(Value::NONE)
}

#[inline(always)]
fn index(th: &Thread, v: Value) -> R<i64> {
    match v.as_int() {
        Some(i) => Ok(i),
        None => index_any(th, v),
    }
}

#[inline(never)]
fn index_any(th: &Thread, v: Value) -> R<i64> {
    if class::special_of(v, N::Index).is_none() {
        return Err(error::type_error(
            th,
            "slice indices must be integers or None or have an __index__ method",
        ));
    }
    parse::as_clipped(th, v)
}

/// Start, stop and step for a sequence of `len` items, clipped as CPython does.
pub fn indices(th: &Thread, sl: Gc<SliceObj>, len: usize) -> R<(i64, i64, i64)> {
    let (start, stop, step) = (part(&sl.start), part(&sl.stop), part(&sl.step));
    let step = if step.is_none() { 1 } else { index(th, step)? };
    if step == 0 {
        return Err(error::value_error(th, "slice step cannot be zero"));
    }
    let step = step.max(-i64::MAX);
    let n = len as i64;
    let clip = |v: Value, default: i64| -> R<i64> {
        if v.is_none() {
            return Ok(default);
        }
        let i = index(th, v)?;
        Ok(if i < 0 {
            let i = i.saturating_add(n);
            if i < 0 {
                if step < 0 { -1 } else { 0 }
            } else {
                i
            }
        } else if i >= n {
            if step < 0 { n - 1 } else { n }
        } else {
            i
        })
    };
    let start = clip(start, if step < 0 { n - 1 } else { 0 })?;
    let stop = clip(stop, if step < 0 { -1 } else { n })?;
    Ok((start, stop, step))
}

/// The same for parts that are small ints or None (and no step of 0).
#[inline(always)]
pub fn plain_limits(start: Value, stop: Value, step: Value, len: usize) -> Option<(i64, i64, i64)> {
    let n = len as i64;
    let step = if step.is_none() { 1 } else { step.as_int()? };
    if step == 0 {
        return None;
    }
    let (least, most) = if step < 0 { (-1, n - 1) } else { (0, n) };
    let clip = |v: Value, default: i64| -> Option<i64> {
        if v.is_none() {
            return Some(default);
        }
        let i = v.as_int()?;
        let i = if i < 0 { i + n } else { i };
        Some(i.clamp(least, most))
    };
    let start = clip(start, if step < 0 { most } else { least })?;
    let stop = clip(stop, if step < 0 { least } else { most })?;
    Some((start, stop, step))
}

/// Number of items such a slice takes.
#[inline(always)]
pub fn count(start: i64, stop: i64, step: i64) -> usize {
    if step == 1 {
        (stop - start).max(0) as usize
    } else if step == -1 {
        (start - stop).max(0) as usize
    } else if step > 0 {
        if start < stop {
            ((stop - start - 1) / step + 1) as usize
        } else {
            0
        }
    } else if stop < start {
        ((start - stop - 1) / (-step) + 1) as usize
    } else {
        0
    }
}

fn py_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    parse::no_kwargs(th, "slice", a)?;
    parse::check_count(th, "slice", a.pos().len(), 1, 3)?;
    match *a.pos() {
        [stop] => new(th, Value::NONE, stop, Value::NONE),
        [start, stop] => new(th, start, stop, Value::NONE),
        [start, stop, step] => new(th, start, stop, step),
        _ => Ok(Value::NONE),
    }
}

fn repr(th: &Thread, v: Value) -> R {
    let s = s(v);
    let text = format!(
        "slice({}, {}, {})",
        ops::repr::repr_string(th, part(&s.start))?,
        ops::repr::repr_string(th, part(&s.stop))?,
        ops::repr::repr_string(th, part(&s.step))?
    );
    crate::core::string::new_value(th, &text)
}

fn as_tuple(th: &Thread, v: Value) -> R {
    let s = s(v);
    tuple::new_value(th, &[part(&s.start), part(&s.stop), part(&s.step)])
}

fn compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    if !b.is::<SliceObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (as_tuple(th, a)?, as_tuple(th, b)?);
    ops::compare::rich(th, x, y, op)
}
crate::comparisons!(compare);
fn hash(th: &Thread, v: Value) -> R {
    let t = as_tuple(th, v)?;
    int::from_i64(th, ops::hash::hash(th, t)?)
}

/// `slice.indices(len)`, for ints of any size.
fn py_indices(th: &Thread, v: Value, len: Value) -> R {
    let n = parse::index(th, len)?;
    if int::is_negative(n) {
        return Err(error::value_error(th, "length should not be negative"));
    }
    if let Some(n) = int::to_i64(n)
        && n < i64::MAX / 4
    {
        let sl = s(v);
        let fits = |x: Value| -> R<bool> {
            Ok(x.is_none() || {
                if x.as_int().is_none() && class::special_of(x, N::Index).is_none() {
                    return Err(error::type_error(
                        th,
                        "slice indices must be integers or None or have an __index__ method",
                    ));
                }
                int::to_i64(parse::index(th, x)?).is_some()
            })
        };
        if fits(part(&sl.step))? && fits(part(&sl.start))? && fits(part(&sl.stop))? {
            let (a, b, st) = indices(th, sl, n as usize)?;
            return tuple::new_value(
                th,
                &[
                    int::from_i64(th, a)?,
                    int::from_i64(th, b)?,
                    int::from_i64(th, st)?,
                ],
            );
        }
    }
    big_indices(th, s(v), n)
}

fn big_indices(th: &Thread, sl: Gc<SliceObj>, n: Value) -> R {
    use dashu_int::IBig;
    let big = |v: Value| -> R<IBig> {
        let i = parse::index(th, v)?;
        Ok(int::to_ibig(i).unwrap_or(IBig::ZERO))
    };
    let len = big(n)?;
    let step = if part(&sl.step).is_none() {
        IBig::ONE
    } else {
        big(part(&sl.step))?
    };
    if step == IBig::ZERO {
        return Err(error::value_error(th, "slice step cannot be zero"));
    }
    let neg = step < IBig::ZERO;
    let (lower, upper) = if neg {
        (IBig::from(-1), &len - IBig::ONE)
    } else {
        (IBig::ZERO, len.clone())
    };
    let clip = |v: Value, default: &IBig| -> R<IBig> {
        if v.is_none() {
            return Ok(default.clone());
        }
        let mut i = big(v)?;
        if i < IBig::ZERO {
            i += &len;
            if i < lower {
                i = lower.clone();
            }
        } else if i > upper {
            i = upper.clone();
        }
        Ok(i)
    };
    let start = clip(part(&sl.start), if neg { &upper } else { &lower })?;
    let stop = clip(part(&sl.stop), if neg { &lower } else { &upper })?;
    let a = int::from_ibig(th, &start)?;
    let b = int::from_ibig(th, &stop)?;
    let st = int::from_ibig(th, &step)?;
    tuple::new_value(th, &[a, b, st])
}

fn reduce(th: &Thread, v: Value) -> R {
    let t = as_tuple(th, v)?;
    tuple::new_value(th, &[crate::runtime::class_value(C::Slice), t])
}
fn get_start(_: &Thread, v: Value) -> R {
    Ok(part(&s(v).start))
}
fn get_stop(_: &Thread, v: Value) -> R {
    Ok(part(&s(v).stop))
}
fn get_step(_: &Thread, v: Value) -> R {
    Ok(part(&s(v).step))
}

static METHODS: [MethodDef; 11] = [
    m1("__repr__", repr).sig("($self, /)"),
    m1("__hash__", hash).sig("($self, /)"),
    m2("__eq__", eq).sig("($self, value, /)"),
    m2("__ne__", ne).sig("($self, value, /)"),
    m2("__lt__", lt).sig("($self, value, /)"),
    m2("__le__", le).sig("($self, value, /)"),
    m2("__gt__", gt).sig("($self, value, /)"),
    m2("__ge__", ge).sig("($self, value, /)"),
    m2("indices", py_indices),
    m1("__reduce__", reduce),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
static GETSET: [GetSetDef; 3] = [
    gs("start", get_start),
    gs("stop", get_stop),
    gs("step", get_step),
];

pub static SPEC: TypeSpec = TypeSpec::new("slice", kinds::SLICE)
    .words(3)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(py_new);

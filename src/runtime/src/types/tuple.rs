//! `tuple`.

use crate::classes::C;
use crate::core::{class, shape, tuple};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::runtime::class as core_class;
use crate::spec::{Args, MethodDef, TypeSpec, m1, m2, mv, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

fn t(v: Value) -> Gc<TupleObj> {
    expect(v)
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let exact = cls == core_class(C::Tuple);
    if exact {
        crate::core::parse::no_kwargs(th, "tuple", a)?;
    }
    crate::core::parse::check_count(th, "tuple", a.pos().len(), 0, 1)?;
    let items = match a.pos().first() {
        Some(&x) => ops::iter::to_tuple(th, x)?,
        None => tuple::empty(),
    };
    if exact {
        return Ok(items.value());
    }
    Ok(tuple::new_extended(th, shape::root(cls).id(), items.items())?.value())
}

pub fn get_item(th: &Thread, s: Gc<TupleObj>, k: Value) -> R {
    if let Some(sl) = k.cast::<SliceObj>() {
        let (start, stop, step) = crate::types::slice::indices(th, sl, s.len())?;
        let n = crate::types::slice::count(start, stop, step);
        if n == s.len() && step == 1 && class::is_exact(s.value(), C::Tuple) {
            return Ok(s.value());
        }
        let l = crate::core::list::with_capacity(th, n)?;
        for i in 0..n as i64 {
            crate::core::list::push(th, l, s.items()[(start + i * step) as usize])?;
        }
        return tuple::new_value(th, crate::core::list::items(l));
    }
    if class::special_of(k, crate::names::N::Index).is_none() {
        return Err(error::type_error(
            th,
            &format!(
                "tuple indices must be integers or slices, not {}",
                class::type_name(k)
            ),
        ));
    }
    let i = crate::core::parse::as_index(th, k)?;
    let i = if i < 0 { i + s.len() as i64 } else { i };
    match s.items().get(i as usize) {
        Some(&v) if i >= 0 => Ok(v),
        _ => Err(error::raise(th, C::IndexError, "tuple index out of range")),
    }
}

fn getitem(th: &Thread, v: Value, k: Value) -> R {
    get_item(th, t(v), k)
}
fn len(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(t(v).len() as i64))
}
fn iter(th: &Thread, v: Value) -> R {
    crate::types::iters::index_iter(th, C::TupleIter, kinds::TUPLE_ITER, v)
}
fn hash(th: &Thread, v: Value) -> R {
    crate::core::int::from_i64(th, ops::hash::tuple(th, t(v))?)
}
fn repr(th: &Thread, v: Value) -> R {
    let s = t(v);
    if s.is_empty() {
        return crate::core::string::new_value(th, "()");
    }
    ops::repr::sequence(th, v, "(", ")", &|i| s.items().get(i).copied())
}
fn contains(th: &Thread, v: Value, x: Value) -> R {
    for &y in t(v).items() {
        if ops::compare::eq_bool(th, y, x)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}
pub fn add(th: &Thread, a: Value, b: Value) -> R {
    let Some(y) = b.cast::<TupleObj>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let x = t(a);
    if x.is_empty() && class::is_exact(b, C::Tuple) {
        return Ok(b);
    }
    if y.is_empty() && class::is_exact(a, C::Tuple) {
        return Ok(a);
    }
    let r = tuple::alloc(th, x.len() + y.len())?;
    for (i, &v) in x.items().iter().chain(y.items()).enumerate() {
        r.slot(i).init(Some(v));
    }
    Ok(r.value())
}
fn mul(th: &Thread, a: Value, b: Value) -> R {
    let Some(n) = crate::types::string::count_arg(th, b)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if n == 1 && class::is_exact(a, C::Tuple) {
        return Ok(a);
    }
    Ok(ops::binary::repeat(th, t(a).items(), n)?.value())
}
fn compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    let Some(y) = b.cast::<TupleObj>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let x = t(a);
    ops::compare::sequences(
        th,
        |i| x.items().get(i).copied(),
        |i| y.items().get(i).copied(),
        || (x.len(), y.len()),
        op,
    )
}
crate::comparisons!(compare);
fn count(th: &Thread, v: Value, x: Value) -> R {
    let mut n = 0;
    for &y in t(v).items() {
        if ops::compare::eq_bool(th, y, x)? {
            n += 1;
        }
    }
    Ok(Value::small_int(n))
}
fn index(th: &Thread, a: &[Value]) -> R {
    let s = t(a[0]);
    let (from, to) = crate::types::list::search_range(th, a, s.len())?;
    for i in from..to.min(s.len()) {
        if ops::compare::eq_bool(th, s.items()[i], a[1])? {
            return Ok(Value::small_int(i as i64));
        }
    }
    Err(error::value_error(th, "tuple.index(x): x not in tuple"))
}
fn getnewargs(th: &Thread, v: Value) -> R {
    let items = tuple::new(th, t(v).items())?;
    tuple::new_value(th, &[items.value()])
}

static METHODS: [MethodDef; 19] = [
    m1("__repr__", repr).sig("($self, /)"),
    m1("__hash__", hash).sig("($self, /)"),
    m1("__len__", len).sig("($self, /)"),
    m1("__iter__", iter).sig("($self, /)"),
    m2("__getitem__", getitem).sig("($self, key, /)"),
    m2("__contains__", contains).sig("($self, key, /)"),
    m2("__add__", add).sig("($self, value, /)"),
    m2("__mul__", mul).sig("($self, value, /)"),
    m2("__rmul__", mul).sig("($self, value, /)"),
    m2("__eq__", eq).sig("($self, value, /)"),
    m2("__ne__", ne).sig("($self, value, /)"),
    m2("__lt__", lt).sig("($self, value, /)"),
    m2("__le__", le).sig("($self, value, /)"),
    m2("__gt__", gt).sig("($self, value, /)"),
    m2("__ge__", ge).sig("($self, value, /)"),
    m2("count", count).sig("($self, value, /)"),
    mv("index", index, 2, 4).sig("($self, value, start=0, stop=sys.maxsize, /)"),
    m1("__getnewargs__", getnewargs).sig("($self, /)"),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];

pub static SPEC: TypeSpec = TypeSpec::new("tuple", kinds::TUPLE)
    .flags(tf::BASE | tf::SEQUENCE | tf::MATCH_SELF)
    .methods(&METHODS)
    .new_fn(new)
    .doc("Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\nIf iterable is specified the tuple is initialized from iterable's items.\n\nIf the argument is a tuple, the return value is the same object.");

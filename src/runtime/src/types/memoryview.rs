//! `memoryview` over bytes and bytearray (one dimension, bytes).

use crate::classes::C;
use crate::core::{class, string};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mv, type_flags as tf};
use crate::thread::{R, Thread};
use habu_heap::Value;

// Words: object, start, length.
fn slot(v: Value, i: usize) -> &'static habu_heap::Slot {
    // SAFETY: memoryviews have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn obj(th: &Thread, v: Value) -> R {
    match slot(v, 0).get() {
        Some(o) => Ok(o),
        None => Err(error::value_error(
            th,
            "operation forbidden on released memoryview object",
        )),
    }
}
fn num(v: Value, i: usize) -> usize {
    slot(v, i).get().and_then(|n| n.as_int()).unwrap_or(0) as usize
}
fn make(th: &Thread, o: Value, start: usize, len: usize) -> R {
    let p = th.alloc_zeroed(C::MemoryView.shape(), kinds::MEMORYVIEW, 4, 40)?;
    // SAFETY: just made.
    let v = unsafe { Value::from_ptr(p) };
    slot(v, 0).init(Some(o));
    slot(v, 1).init(Some(Value::small_int(start as i64)));
    slot(v, 2).init(Some(Value::small_int(len as i64)));
    Ok(v)
}
fn new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let [o] = crate::args!(th, a, "memoryview", ["object"], 0, 1, 1);
    let o = o.unwrap_or(Value::NONE);
    if o.kind() == kinds::MEMORYVIEW {
        return make(th, obj(th, o)?, num(o, 1), num(o, 2));
    }
    match crate::types::bytes::as_slice(o) {
        Some(b) => make(th, o, 0, b.len()),
        None => Err(error::type_error(
            th,
            &format!(
                "memoryview: a bytes-like object is required, not '{}'",
                class::type_name(o)
            ),
        )),
    }
}
/// The bytes of a memoryview (or of any other buffer that this runtime knows).
pub fn bytes_of(th: &Thread, v: Value) -> R<Option<&'static [u8]>> {
    if v.kind() != kinds::MEMORYVIEW {
        return Ok(None);
    }
    let o = obj(th, v)?;
    let (s, n) = (num(v, 1), num(v, 2));
    Ok(crate::types::bytes::as_slice(o).and_then(|b| b.get(s..s + n)))
}
fn data(th: &Thread, v: Value) -> R<&'static [u8]> {
    match bytes_of(th, v)? {
        Some(b) => Ok(b),
        None => Err(error::value_error(
            th,
            "memoryview's object changed its size",
        )),
    }
}
fn tobytes(th: &Thread, a: &[Value]) -> R {
    crate::types::bytes::new(th, data(th, a[0])?)
}
fn tolist(th: &Thread, v: Value) -> R {
    let l = crate::core::list::new(th)?;
    for &b in data(th, v)? {
        crate::core::list::push(th, l, Value::small_int(b as i64))?;
    }
    Ok(l.value())
}
fn len(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(data(th, v)?.len() as i64))
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    let n = data(th, v)?.len();
    if let Some(s) = k.cast::<SliceObj>() {
        let (a, b, st) = crate::types::slice::indices(th, s, n)?;
        if st != 1 {
            return Err(error::raise(
                th,
                C::NotImplementedError,
                "memoryview slices with a step are not supported yet",
            ));
        }
        return make(
            th,
            obj(th, v)?,
            num(v, 1) + a as usize,
            (b - a).max(0) as usize,
        );
    }
    let i = crate::core::parse::as_index(th, k)?;
    let i = if i < 0 { i + n as i64 } else { i };
    match data(th, v)?.get(i as usize) {
        Some(&b) if i >= 0 => Ok(Value::small_int(b as i64)),
        _ => Err(error::raise(
            th,
            C::IndexError,
            "index out of bounds on dimension 1",
        )),
    }
}
/// Store into the bytearray behind the view.
fn setitem(th: &Thread, v: Value, k: Value, x: Value) -> R {
    let o = obj(th, v)?;
    let Some(b) = o.cast::<ByteArrayObj>() else {
        return Err(error::type_error(th, "cannot modify read-only memory"));
    };
    let (at, n) = (num(v, 1), data(th, v)?.len());
    if let Some(s) = k.cast::<SliceObj>() {
        // A copy: the source may be the same memory.
        let new = crate::types::bytes::buffer(th, x)?.to_vec();
        let (start, stop, step) = crate::types::slice::indices(th, s, n)?;
        let count = crate::types::slice::count(start, stop, step);
        if count != new.len() {
            return Err(error::value_error(
                th,
                "memoryview assignment: lvalue and rvalue have different structures",
            ));
        }
        data(th, v)?;
        let m = crate::types::bytes::bytearray::bytearray_mut(b);
        for (i, &c) in new.iter().enumerate() {
            m[at + (start + i as i64 * step) as usize] = c;
        }
        return Ok(Value::NONE);
    }
    let i = crate::core::parse::as_index(th, k)?;
    let i = if i < 0 { i + n as i64 } else { i };
    if i < 0 || i >= n as i64 {
        return Err(error::raise(
            th,
            C::IndexError,
            "index out of bounds on dimension 1",
        ));
    }
    let c = crate::core::parse::as_index(th, x)?;
    let Ok(c) = u8::try_from(c) else {
        return Err(error::value_error(
            th,
            "memoryview: invalid value for format 'B'",
        ));
    };
    data(th, v)?;
    crate::types::bytes::bytearray::bytearray_mut(b)[at + i as usize] = c;
    Ok(Value::NONE)
}
/// Only bytes are known: any cast between byte formats is the view again.
fn cast(th: &Thread, a: &[Value]) -> R {
    let f = crate::core::parse::as_str(th, a[1], "cast() argument 1")?;
    if !["B", "b", "c", "@B"].iter().any(|k| f.eq_str(k)) {
        return Err(error::raise(
            th,
            C::NotImplementedError,
            "memoryview casts other than to bytes are not supported yet",
        ));
    }
    make(th, obj(th, a[0])?, num(a[0], 1), num(a[0], 2))
}
fn contiguous(th: &Thread, v: Value) -> R {
    obj(th, v)?;
    Ok(Value::TRUE)
}
fn shape(th: &Thread, v: Value) -> R {
    crate::core::tuple::new_value(th, &[Value::small_int(data(th, v)?.len() as i64)])
}
fn strides(th: &Thread, _: Value) -> R {
    crate::core::tuple::new_value(th, &[Value::small_int(1)])
}
fn release(_: &Thread, v: Value) -> R {
    slot(v, 0).init(None);
    Ok(Value::NONE)
}
fn enter(th: &Thread, v: Value) -> R {
    obj(th, v)?;
    Ok(v)
}
fn exit(_: &Thread, a: &[Value]) -> R {
    slot(a[0], 0).init(None);
    Ok(Value::NONE)
}
fn eq(th: &Thread, a: Value, b: Value) -> R {
    let x = data(th, a)?;
    let y = match bytes_of(th, b)? {
        Some(y) => Some(y),
        None => crate::types::bytes::as_slice(b),
    };
    Ok(match y {
        Some(y) => Value::bool(x == y),
        None => Value::NOT_IMPLEMENTED,
    })
}
fn repr(th: &Thread, v: Value) -> R {
    let what = if slot(v, 0).get().is_some() {
        "memory"
    } else {
        "released memory"
    };
    string::new_value(th, &format!("<{what} at {:#x}>", v.bits()))
}
fn hash(th: &Thread, v: Value) -> R {
    let b = crate::types::bytes::new(th, data(th, v)?)?;
    crate::core::int::from_i64(th, ops::hash::hash(th, b)?)
}
fn hex(th: &Thread, v: Value) -> R {
    let t: String = data(th, v)?.iter().map(|b| format!("{b:02x}")).collect();
    string::new_value(th, &t)
}
fn get_obj(th: &Thread, v: Value) -> R {
    obj(th, v)
}
fn one(_: &Thread, _: Value) -> R {
    Ok(Value::small_int(1))
}
fn format(th: &Thread, _: Value) -> R {
    string::new_value(th, "B")
}
fn readonly(th: &Thread, v: Value) -> R {
    Ok(Value::bool(obj(th, v)?.kind() == kinds::BYTES))
}
static METHODS: [MethodDef; 13] = [
    crate::spec::m3("__setitem__", setitem),
    mv("cast", cast, 2, 3),
    mv("tobytes", tobytes, 1, 2),
    m1("tolist", tolist),
    m1("__len__", len),
    m2("__getitem__", getitem),
    m1("release", release),
    m1("__enter__", enter),
    mv("__exit__", exit, 1, 4),
    m2("__eq__", eq),
    m1("__repr__", repr),
    m1("__hash__", hash),
    m1("hex", hex),
];
static GETSET: [GetSetDef; 11] = [
    gs("contiguous", contiguous),
    gs("c_contiguous", contiguous),
    gs("f_contiguous", contiguous),
    gs("shape", shape),
    gs("strides", strides),
    gs("obj", get_obj),
    gs("nbytes", len),
    gs("itemsize", one),
    gs("ndim", one),
    gs("format", format),
    gs("readonly", readonly),
];
pub static SPEC: TypeSpec = TypeSpec::new("memoryview", kinds::MEMORYVIEW)
    .words(3)
    .flags(tf::SEQUENCE | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

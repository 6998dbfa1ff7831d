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

// Words: object, start, length, format character (absent: B).
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
    let p = th.alloc_zeroed(C::MemoryView.shape(), kinds::MEMORYVIEW, 5, 48)?;
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
/// The format character; bytes when it was never cast.
fn code(v: Value) -> u8 {
    match num(v, 3) {
        0 => b'B',
        c => c as u8,
    }
}
fn size_of(code: u8) -> Option<usize> {
    Some(match code {
        b'B' | b'b' | b'c' | b'?' => 1,
        b'H' | b'h' => 2,
        b'I' | b'i' | b'f' => 4,
        b'L' | b'l' | b'Q' | b'q' | b'N' | b'n' | b'P' | b'd' => 8,
        _ => return None,
    })
}
fn size(v: Value) -> usize {
    size_of(code(v)).unwrap_or(1)
}
/// One item of this format.
fn item(th: &Thread, code: u8, b: &[u8]) -> R {
    let mut w = [0; 8];
    w[..b.len()].copy_from_slice(b);
    let u = u64::from_le_bytes(w);
    match code {
        b'b' => Ok(Value::small_int(u as i8 as i64)),
        b'h' => Ok(Value::small_int(u as i16 as i64)),
        b'i' => Ok(Value::small_int(u as i32 as i64)),
        b'l' | b'q' | b'n' => crate::core::int::from_i64(th, u as i64),
        b'?' => Ok(Value::bool(u != 0)),
        b'c' => crate::types::bytes::new(th, b),
        b'f' => crate::types::float::new(th, f32::from_bits(u as u32) as f64),
        b'd' => crate::types::float::new(th, f64::from_bits(u)),
        _ => crate::core::int::from_u64(th, u),
    }
}
fn cast(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let n = data(th, v)?.len();
    let text = crate::core::parse::as_str(th, a[1], "memoryview: format argument")?
        .to_rust()
        .into_owned();
    let (c, s) = match text.trim_start_matches('@').as_bytes() {
        [c] if size_of(*c).is_some() => (*c, size_of(*c).unwrap_or(1)),
        _ => {
            return Err(error::value_error(
                th,
                "memoryview: destination format must be a native single character format prefixed with an optional '@'",
            ));
        }
    };
    if size(v) != 1 && s != 1 {
        return Err(error::type_error(
            th,
            "memoryview: cannot cast between two non-byte formats",
        ));
    }
    if n % s != 0 {
        return Err(error::type_error(
            th,
            "memoryview: length is not a multiple of itemsize",
        ));
    }
    let r = make(th, obj(th, v)?, num(v, 1), n)?;
    slot(r, 3).init(Some(Value::small_int(c as i64)));
    Ok(r)
}
fn tolist(th: &Thread, v: Value) -> R {
    let l = crate::core::list::new(th)?;
    for b in data(th, v)?.chunks_exact(size(v)) {
        crate::core::list::push(th, l, item(th, code(v), b)?)?;
    }
    Ok(l.value())
}
fn len(th: &Thread, v: Value) -> R {
    Ok(Value::small_int((data(th, v)?.len() / size(v)) as i64))
}
fn nbytes(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(data(th, v)?.len() as i64))
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    let size = size(v);
    let n = data(th, v)?.len() / size;
    if let Some(s) = k.cast::<SliceObj>() {
        let (a, b, st) = crate::types::slice::indices(th, s, n)?;
        if st != 1 {
            return Err(error::raise(
                th,
                C::NotImplementedError,
                "memoryview slices with a step are not supported yet",
            ));
        }
        let r = make(
            th,
            obj(th, v)?,
            num(v, 1) + a as usize * size,
            (b - a).max(0) as usize * size,
        )?;
        slot(r, 3).init(slot(v, 3).get());
        return Ok(r);
    }
    let i = crate::core::parse::as_index(th, k)?;
    let i = if i < 0 { i + n as i64 } else { i };
    match data(th, v)?.chunks_exact(size).nth(i.max(0) as usize) {
        Some(b) if i >= 0 => item(th, code(v), b),
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
    if size(v) != 1 {
        return Err(error::raise(
            th,
            C::NotImplementedError,
            "memoryview items of this format cannot be set yet",
        ));
    }
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
fn contiguous(th: &Thread, v: Value) -> R {
    obj(th, v)?;
    Ok(Value::TRUE)
}
fn shape(th: &Thread, v: Value) -> R {
    crate::core::tuple::new_value(th, &[len(th, v)?])
}
fn strides(th: &Thread, v: Value) -> R {
    crate::core::tuple::new_value(th, &[Value::small_int(size(v) as i64)])
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
fn itemsize(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(size(v) as i64))
}
fn format(th: &Thread, v: Value) -> R {
    string::new_value(th, &(code(v) as char).to_string())
}
fn readonly(th: &Thread, v: Value) -> R {
    Ok(Value::bool(obj(th, v)?.kind() == kinds::BYTES))
}
static METHODS: [MethodDef; 13] = [
    crate::spec::m3("__setitem__", setitem),
    mv("tobytes", tobytes, 1, 2),
    m1("tolist", tolist),
    mv("cast", cast, 2, 3),
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
    gs("nbytes", nbytes),
    gs("itemsize", itemsize),
    gs("ndim", one),
    gs("format", format),
    gs("readonly", readonly),
];
pub static SPEC: TypeSpec = TypeSpec::new("memoryview", kinds::MEMORYVIEW)
    .words(4)
    .flags(tf::SEQUENCE | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

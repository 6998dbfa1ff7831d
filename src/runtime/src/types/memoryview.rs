//! `memoryview`: a window on the memory of bytes, a bytearray, or an object whose `__buffer__` gives a view.
//!
//! What must hold: the memory is always reached through the object that owns it (`STORE`, bytes or bytearray) and
//! checked against its length at that moment, as a bytearray may shrink under its views: not all of them keep it from
//! that (`exports`).

pub mod exports;
mod items;

pub use items::{is_known, size_of};

use crate::classes::C;
use crate::core::{class, int, list, parse, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, m3, mk, mv, type_flags as tf};
use crate::thread::{R, Thread};
use crate::types::{bytes, slice};
use habu_heap::Value;
use items::Form;

/// What the view is of, as `obj` shows it.
const OBJ: usize = 0;
/// The bytes or bytearray that holds the memory; absent once released.
const STORE: usize = 1;
const START: usize = 2;
/// Bytes in the window, gaps not counted.
const LEN: usize = 3;
const CODE: usize = 4;
/// Tuples; absent for one dimension without gaps.
const SHAPE: usize = 5;
const STRIDES: usize = 6;
const FLAGS: usize = 7;
const HASH: usize = 8;
/// How many calls that may run Python code are reading the view just now.
const READERS: usize = 9;

const READ_ONLY: i64 = 1;
/// The format was given with an `@`.
const AT: i64 = 2;

fn slot(v: Value, i: usize) -> &'static habu_heap::Slot {
    // SAFETY: memoryviews have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn num(v: Value, i: usize) -> i64 {
    slot(v, i).get().and_then(|n| n.as_int()).unwrap_or(0)
}
fn store_of(th: &Thread, v: Value) -> R {
    match slot(v, STORE).get() {
        Some(o) => Ok(o),
        None => Err(error::value_error(
            th,
            "operation forbidden on released memoryview object",
        )),
    }
}
fn code(v: Value) -> u8 {
    num(v, CODE) as u8
}
fn size(v: Value) -> usize {
    size_of(code(v)).unwrap_or(1)
}
fn numbers(v: Value, i: usize) -> Option<Vec<i64>> {
    let t = slot(v, i).get()?.cast::<TupleObj>()?;
    Some(t.items().iter().map(|n| n.as_int().unwrap_or(0)).collect())
}
fn form(v: Value) -> Form {
    let size = size(v);
    let start = num(v, START);
    match (numbers(v, SHAPE), numbers(v, STRIDES)) {
        (Some(shape), Some(strides)) => Form {
            start,
            shape,
            strides,
        },
        _ => Form::packed(start, &[num(v, LEN) / size as i64], size),
    }
}

/// A view of `store` (bytes or bytearray) that shows `obj`: `len` bytes from `start`.
pub fn over(th: &Thread, obj: Value, store: Value, start: usize, len: usize, code: u8) -> R {
    let p = crate::types::iters::alloc(th, crate::runtime::class(C::MemoryView))?;
    // SAFETY: just made.
    let v = unsafe { Value::from_ptr(p) };
    slot(v, OBJ).init(Some(obj));
    slot(v, STORE).init(Some(store));
    exports::note(store);
    for (i, n) in [(START, start), (LEN, len), (CODE, code as usize)] {
        slot(v, i).init(Some(Value::small_int(n as i64)));
    }
    let read_only = if store.kind() == kinds::BYTES {
        READ_ONLY
    } else {
        0
    };
    slot(v, FLAGS).init(Some(Value::small_int(read_only)));
    Ok(v)
}
/// Another view of the same memory.
fn again(th: &Thread, v: Value) -> R {
    let store = store_of(th, v)?;
    let obj = slot(v, OBJ).get().unwrap_or(Value::NONE);
    let n = over(th, obj, store, 0, 0, b'B')?;
    for i in START..=FLAGS {
        let x = slot(v, i).get();
        th.set_in(n, slot(n, i), x);
    }
    Ok(n)
}
fn set_form(th: &Thread, v: Value, f: &Form, code: u8) -> R<()> {
    let size = size_of(code).unwrap_or(1);
    let count = f.count() * size as i64;
    slot(v, START).init(Some(Value::small_int(f.start)));
    slot(v, LEN).init(Some(Value::small_int(count)));
    slot(v, CODE).init(Some(Value::small_int(code as i64)));
    if f.shape.len() == 1 && f.is_c(size) {
        slot(v, SHAPE).init(None);
        slot(v, STRIDES).init(None);
        return Ok(());
    }
    for (i, n) in [(SHAPE, &f.shape), (STRIDES, &f.strides)] {
        let t = number_tuple(th, n)?;
        th.set_in(v, slot(v, i), Some(t));
    }
    Ok(())
}
fn number_tuple(th: &Thread, n: &[i64]) -> R {
    let t = tuple::alloc(th, n.len())?;
    for (i, n) in n.iter().enumerate() {
        t.slot(i).init(Some(Value::small_int(*n)));
    }
    Ok(t.value())
}

/// `memoryview(o)`, or `None` where `o` has no buffer.
pub fn of(th: &Thread, o: Value) -> R<Option<Value>> {
    if o.kind() == kinds::MEMORYVIEW {
        return again(th, o).map(Some);
    }
    if let Some(b) = bytes::as_slice(o) {
        return over(th, o, o, 0, b.len(), b'B').map(Some);
    }
    let Some(f) = class::special_of(o, N::Buffer).filter(|f| !f.is_none()) else {
        return Ok(None);
    };
    // PyBUF_FULL_RO.
    let r = ops::call::call_special(th, f, o, &[Value::small_int(284)])?;
    if r.kind() != kinds::MEMORYVIEW {
        return Err(error::type_error(
            th,
            "__buffer__ returned non-memoryview object",
        ));
    }
    Ok(Some(r))
}
fn new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let [o] = crate::args!(th, a, "memoryview", ["object"], 0, 1, 1);
    let o = o.unwrap_or(Value::NONE);
    match of(th, o)? {
        Some(v) => Ok(v),
        None => Err(error::type_error(
            th,
            &format!(
                "memoryview: a bytes-like object is required, not '{}'",
                class::type_name(o)
            ),
        )),
    }
}
/// All the memory behind the view.
fn memory(th: &Thread, v: Value) -> R<&'static [u8]> {
    Ok(bytes::as_slice(store_of(th, v)?).unwrap_or(&[]))
}
fn shrunk(th: &Thread) -> crate::thread::Raised {
    error::value_error(th, "memoryview's object changed its size")
}
/// Does every item still lie in the memory?
fn fits(f: &Form, size: usize, len: usize) -> bool {
    if f.shape.contains(&0) {
        return true;
    }
    let (mut lo, mut hi) = (f.start, f.start + size as i64);
    for (n, s) in f.shape.iter().zip(&f.strides) {
        let reach = (n - 1) * s;
        lo += reach.min(0);
        hi += reach.max(0);
    }
    lo >= 0 && hi <= len as i64
}
/// The bytes of the view in order: its memory where it has no gaps, else a copy.
fn data(th: &Thread, v: Value) -> R<&'static [u8]> {
    let m = memory(th, v)?;
    if slot(v, SHAPE).get().is_none() {
        let (s, n) = (num(v, START) as usize, num(v, LEN) as usize);
        return m.get(s..s + n).ok_or_else(|| shrunk(th));
    }
    let f = form(v);
    if !fits(&f, size(v), m.len()) {
        return Err(shrunk(th));
    }
    if f.is_c(size(v)) {
        let (s, n) = (num(v, START) as usize, num(v, LEN) as usize);
        return Ok(&m[s..s + n]);
    }
    let copy = bytes::new(th, &gather(m, &f, size(v)))?;
    Ok(bytes::as_slice(copy).unwrap_or(&[]))
}
fn gather(m: &[u8], f: &Form, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(f.count() as usize * size);
    for p in f.places() {
        out.extend_from_slice(&m[p..p + size]);
    }
    out
}
/// The bytes of any object with a buffer other than bytes and bytearray; `None` where it has none.
pub fn bytes_of(th: &Thread, v: Value) -> R<Option<&'static [u8]>> {
    if v.kind() == kinds::MEMORYVIEW {
        return data(th, v).map(Some);
    }
    match of(th, v)? {
        Some(m) => data(th, m).map(Some),
        None => Ok(None),
    }
}
/// The memory of a writable buffer without gaps.
pub fn writable(th: &Thread, v: Value) -> R<&'static mut [u8]> {
    if let Some(b) = v.cast::<ByteArrayObj>() {
        return Ok(bytes::bytearray::bytearray_mut(b));
    }
    let refused = || {
        let text = format!(
            "a read-write bytes-like object is required, not '{}'",
            class::type_name(v)
        );
        error::type_error(th, &text)
    };
    let Some(view) = of(th, v)? else {
        return Err(refused());
    };
    let f = form(view);
    let store = store_of(th, view)?;
    let Some(b) = store
        .cast::<ByteArrayObj>()
        .filter(|_| num(view, FLAGS) & READ_ONLY == 0 && f.is_c(size(view)))
    else {
        return Err(refused());
    };
    let from = num(view, START) as usize;
    bytes::bytearray::bytearray_mut(b)
        .get_mut(from..from + num(view, LEN) as usize)
        .ok_or_else(|| shrunk(th))
}
/// Write into the memory of a writable buffer, from byte `at` of it on; what does not fit is an error of the caller.
pub fn write(th: &Thread, v: Value, at: usize, new: &[u8]) -> R<()> {
    match writable(th, v)?.get_mut(at..at + new.len()) {
        Some(room) => {
            room.copy_from_slice(new);
            Ok(())
        }
        None => Err(shrunk(th)),
    }
}
/// Is this a buffer that may be written?
pub fn is_writable(th: &Thread, v: Value) -> R<bool> {
    Ok(match of(th, v)? {
        Some(m) => num(m, FLAGS) & READ_ONLY == 0,
        None => false,
    })
}

fn tobytes(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [order] = crate::args!(th, a.rest(), "tobytes", ["order"], 0, 0, 1);
    let order = match order.filter(|o| !o.is_none()) {
        Some(o) => parse::as_str(th, o, "tobytes() argument 'order'")?
            .to_rust()
            .into_owned(),
        None => "C".into(),
    };
    let f = form(v);
    match order.as_str() {
        "C" => {}
        "A" if !f.is_fortran(size(v)) || f.is_c(size(v)) => {}
        "F" | "A" => {
            data(th, v)?;
            return bytes::new(th, &gather(memory(th, v)?, &f.reversed(), size(v)));
        }
        _ => {
            return Err(error::value_error(th, "order must be 'C', 'F' or 'A'"));
        }
    }
    bytes::new(th, data(th, v)?)
}
fn tolist(th: &Thread, v: Value) -> R {
    data(th, v)?;
    if !is_known(code(v)) {
        items::load(th, code(v), &[])?;
    }
    items::to_list(th, code(v), size(v), memory(th, v)?, &form(v))
}
fn toreadonly(th: &Thread, v: Value) -> R {
    let n = again(th, v)?;
    slot(n, FLAGS).init(Some(Value::small_int(num(v, FLAGS) | READ_ONLY)));
    Ok(n)
}
/// A sequence of positive sizes whose product is what there is.
fn shape_arg(th: &Thread, v: Value) -> R<Vec<i64>> {
    let t = match v.cast::<ListObj>() {
        Some(l) => tuple::new(th, list::items(l))?,
        None => match v.cast::<TupleObj>() {
            Some(t) => t,
            None => {
                return Err(error::type_error(th, "shape must be a list or a tuple"));
            }
        },
    };
    if t.len() > 64 {
        return Err(error::value_error(
            th,
            "memoryview: number of dimensions must not exceed 64",
        ));
    }
    let mut out = Vec::new();
    for &n in t.items() {
        if !int::is_int(n) {
            return Err(error::type_error(
                th,
                "memoryview.cast(): elements of shape must be integers",
            ));
        }
        match int::to_i64(n) {
            Some(n) if n > 0 => out.push(n),
            _ => {
                return Err(error::value_error(
                    th,
                    "memoryview.cast(): elements of shape must be integers > 0",
                ));
            }
        }
    }
    Ok(out)
}
fn cast(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [format, shape] = crate::args!(th, a.rest(), "cast", ["format", "shape"], 0, 1, 2);
    store_of(th, v)?;
    let format = format.unwrap_or(Value::NONE);
    let Some(text) = format.cast::<StrObj>().map(|s| s.to_rust().into_owned()) else {
        let text = format!(
            "cast() argument 'format' must be str, not {}",
            class::type_name(format)
        );
        return Err(error::type_error(th, &text));
    };
    let f = form(v);
    if !f.is_c(size(v)) {
        return Err(error::type_error(
            th,
            "memoryview: casts are restricted to C-contiguous views",
        ));
    }
    let dims = f.shape.len();
    let shape = match shape.filter(|s| !s.is_none()) {
        Some(s) => Some(shape_arg(th, s)?),
        None => None,
    };
    if (shape.is_some() || dims != 1) && f.shape.contains(&0) {
        return Err(error::type_error(
            th,
            "memoryview: cannot cast view with zeros in shape or strides",
        ));
    }
    if shape.as_ref().is_some_and(|s| s.len() != 1) && dims != 1 {
        return Err(error::type_error(
            th,
            "memoryview: cast must be 1D -> ND or ND -> 1D",
        ));
    }
    let (c, at) = match text.as_bytes() {
        [c] if is_known(*c) => (*c, 0),
        [b'@', c] if is_known(*c) => (*c, AT),
        _ => {
            return Err(error::value_error(
                th,
                "memoryview: destination format must be a native single character format prefixed with an optional '@'",
            ));
        }
    };
    let is_byte = |c: u8| matches!(c, b'B' | b'b' | b'c');
    if !is_known(code(v)) {
        return Err(error::value_error(
            th,
            "memoryview: source format must be a native single character format prefixed with an optional '@'",
        ));
    }
    if !is_byte(code(v)) && !is_byte(c) {
        return Err(error::type_error(
            th,
            "memoryview: cannot cast between two non-byte formats",
        ));
    }
    let (n, s) = (num(v, LEN), size_of(c).unwrap_or(1));
    if n % s as i64 != 0 {
        return Err(error::type_error(
            th,
            "memoryview: length is not a multiple of itemsize",
        ));
    }
    let shape = match shape {
        Some(shape) => {
            let all = shape.iter().try_fold(s as i64, |a, n| a.checked_mul(*n));
            let Some(all) = all else {
                return Err(error::value_error(
                    th,
                    "memoryview.cast(): product(shape) > SSIZE_MAX",
                ));
            };
            if all != n {
                return Err(error::type_error(
                    th,
                    "memoryview: product(shape) * itemsize != buffer size",
                ));
            }
            shape
        }
        None => vec![n / s as i64],
    };
    let r = again(th, v)?;
    set_form(th, r, &Form::packed(num(v, START), &shape, s), c)?;
    slot(r, FLAGS).init(Some(Value::small_int(num(v, FLAGS) & READ_ONLY | at)));
    Ok(r)
}
fn len(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    if slot(v, SHAPE).get().is_none() {
        return Ok(Value::small_int(num(v, LEN) / size(v) as i64));
    }
    match form(v).shape.first() {
        Some(n) => Ok(Value::small_int(*n)),
        None => Err(error::type_error(th, "0-dim memory has no length")),
    }
}
/// The form that a whole index, with its slices, leads to.
fn descend(th: &Thread, v: Value, k: Value) -> R<Form> {
    let whole = form(v);
    if let Some(s) = k.cast::<SliceObj>() {
        let Some(&n) = whole.shape.first() else {
            return Err(error::type_error(th, "invalid indexing of 0-dim memory"));
        };
        let (a, b, step) = slice::indices(th, s, n as usize)?;
        let mut f = whole;
        f.start += a * f.strides[0];
        f.shape[0] = slice::count(a, b, step) as i64;
        f.strides[0] *= step;
        return Ok(f);
    }
    let one = |f: Form, k: Value, dim: usize| -> R<Form> {
        let n = f.shape[0];
        let i = parse::as_index(th, k)?;
        let i = if i < 0 { i + n } else { i };
        if !(0..n).contains(&i) {
            let text = format!("index out of bounds on dimension {}", dim + 1);
            return Err(error::raise(th, C::IndexError, &text));
        }
        Ok(f.inner(i))
    };
    if let Some(t) = k.cast::<TupleObj>() {
        let index = |k: &Value| class::special_of(*k, N::Index).is_some();
        if !t.items().iter().all(index) {
            let slices = !t.is_empty() && t.items().iter().all(|k| k.is::<SliceObj>());
            return Err(match slices {
                true => error::raise(
                    th,
                    C::NotImplementedError,
                    "multi-dimensional slicing is not implemented",
                ),
                false => error::type_error(th, "memoryview: invalid slice key"),
            });
        }
        let dims = whole.shape.len();
        if t.len() > dims {
            let text = format!(
                "cannot index {dims}-dimension view with {}-element tuple",
                t.len()
            );
            return Err(error::type_error(th, &text));
        }
        if t.len() < dims {
            return Err(error::raise(
                th,
                C::NotImplementedError,
                "sub-views are not implemented",
            ));
        }
        let mut f = whole;
        for (d, &k) in t.items().iter().enumerate() {
            f = one(f, k, d)?;
        }
        return Ok(f);
    }
    if class::special_of(k, N::Index).is_none() {
        return Err(error::type_error(th, "memoryview: invalid slice key"));
    }
    match whole.shape.len() {
        0 => Err(error::type_error(th, "invalid indexing of 0-dim memory")),
        1 => one(whole, k, 0),
        _ => Err(error::raise(
            th,
            C::NotImplementedError,
            "multi-dimensional sub-views are not implemented",
        )),
    }
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    store_of(th, v)?;
    if let (Some(i), None) = (k.as_int(), slot(v, SHAPE).get()) {
        let b = data(th, v)?;
        let (n, size) = ((b.len() / size(v)) as i64, size(v));
        let i = if i < 0 { i + n } else { i };
        if (0..n).contains(&i) {
            let at = i as usize * size;
            return items::load(th, code(v), &b[at..at + size]);
        }
    }
    if k == Value::ELLIPSIS && form(v).shape.is_empty() {
        return Ok(v);
    }
    if k.cast::<TupleObj>().is_some_and(|t| t.is_empty()) && form(v).shape.is_empty() {
        return tolist(th, v);
    }
    let f = descend(th, v, k)?;
    if k.is::<SliceObj>() {
        let r = again(th, v)?;
        set_form(th, r, &f, code(v))?;
        return Ok(r);
    }
    let (m, size, at) = (memory(th, v)?, size(v), f.start as usize);
    match m.get(at..at + size) {
        Some(b) => items::load(th, code(v), b),
        None => Err(shrunk(th)),
    }
}
fn read_only(th: &Thread) -> crate::thread::Raised {
    error::type_error(th, "cannot modify read-only memory")
}
fn setitem(th: &Thread, v: Value, k: Value, x: Value) -> R {
    let o = store_of(th, v)?;
    let Some(b) = o
        .cast::<ByteArrayObj>()
        .filter(|_| num(v, FLAGS) & READ_ONLY == 0)
    else {
        return Err(read_only(th));
    };
    let size = size(v);
    if !is_known(code(v)) {
        items::load(th, code(v), &[])?;
    }
    let empty_key = k == Value::ELLIPSIS || k.cast::<TupleObj>().is_some_and(|t| t.is_empty());
    let f = match empty_key && form(v).shape.is_empty() {
        true => form(v),
        false => descend(th, v, k)?,
    };
    if k.is::<SliceObj>() {
        if f.shape.len() != 1 {
            return Err(error::raise(
                th,
                C::NotImplementedError,
                "memoryview slice assignments are currently restricted to ndim = 1",
            ));
        }
        let Some(src) = of(th, x)? else {
            let text = format!(
                "a bytes-like object is required, not '{}'",
                class::type_name(x)
            );
            return Err(error::type_error(th, &text));
        };
        if code(src) != code(v) || form(src).shape != f.shape {
            return Err(error::value_error(
                th,
                "memoryview assignment: lvalue and rvalue have different structures",
            ));
        }
        // A copy: the source may be the same memory.
        let new = data(th, src)?.to_vec();
        let m = bytes::bytearray::bytearray_mut(b);
        if !fits(&f, size, m.len()) {
            return Err(shrunk(th));
        }
        for (p, item) in f.places().into_iter().zip(new.chunks_exact(size)) {
            m[p..p + size].copy_from_slice(item);
        }
        return Ok(Value::NONE);
    }
    let new = items::store(th, code(v), x)?;
    // Converting the value may have run Python code that released the view or shrank the memory.
    store_of(th, v)?;
    let at = f.start as usize;
    match bytes::bytearray::bytearray_mut(b).get_mut(at..at + size) {
        Some(room) => {
            room.copy_from_slice(&new[..size]);
            Ok(Value::NONE)
        }
        None => Err(shrunk(th)),
    }
}
fn delitem(th: &Thread, v: Value, _: Value) -> R {
    store_of(th, v)?;
    if num(v, FLAGS) & READ_ONLY != 0 {
        return Err(read_only(th));
    }
    Err(error::type_error(th, "cannot delete memory"))
}
fn search(th: &Thread, v: Value, x: Value, mut f: impl FnMut(i64) -> bool) -> R<()> {
    let n = len(th, v)?.as_int().unwrap_or(0);
    for i in 0..n {
        let item = getitem(th, v, Value::small_int(i))?;
        if (item == x || ops::compare::eq_bool(th, item, x)?) && !f(i) {
            break;
        }
    }
    Ok(())
}
fn count(th: &Thread, v: Value, x: Value) -> R {
    let mut n = 0;
    search(th, v, x, |_| {
        n += 1;
        true
    })?;
    Ok(Value::small_int(n))
}
fn index(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    if form(v).shape.len() != 1 {
        return Err(error::raise(
            th,
            C::NotImplementedError,
            "multi-dimensional lookup is not implemented",
        ));
    }
    let n = len(th, v)?.as_int().unwrap_or(0);
    let (from, to) = crate::types::list::search_range(th, a, n as usize)?;
    for i in from..to.min(n as usize) {
        let item = getitem(th, v, Value::small_int(i as i64))?;
        if item == a[1] || ops::compare::eq_bool(th, item, a[1])? {
            return Ok(Value::small_int(i as i64));
        }
    }
    Err(error::value_error(th, "memoryview.index(x): x not found"))
}
/// Do something during which the view must not be released.
fn hold<T>(v: Value, f: impl FnOnce() -> R<T>) -> R<T> {
    slot(v, READERS).init(Some(Value::small_int(num(v, READERS) + 1)));
    let r = f();
    slot(v, READERS).init(Some(Value::small_int(num(v, READERS) - 1)));
    r
}
fn release(th: &Thread, v: Value) -> R {
    let n = num(v, READERS);
    if n > 0 && slot(v, STORE).get().is_some() {
        let s = if n == 1 { "" } else { "s" };
        let text = format!("memoryview has {n} exported buffer{s}");
        return Err(error::raise(th, C::BufferError, &text));
    }
    slot(v, STORE).init(None);
    slot(v, OBJ).init(None);
    Ok(Value::NONE)
}
fn enter(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(v)
}
fn exit(th: &Thread, a: &[Value]) -> R {
    release(th, a[0])
}
fn eq(th: &Thread, a: Value, b: Value) -> R {
    if a == b {
        return Ok(Value::TRUE);
    }
    if slot(a, STORE).get().is_none() {
        return Ok(Value::FALSE);
    }
    if b.kind() == kinds::MEMORYVIEW && slot(b, STORE).get().is_none() {
        return Ok(Value::FALSE);
    }
    let Some(b) = of(th, b)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (f, g) = (form(a), form(b));
    if f.shape != g.shape {
        return Ok(Value::FALSE);
    }
    let (x, y) = (data(th, a)?, data(th, b)?);
    let (cx, cy) = (code(a), code(b));
    if cx == cy && !matches!(cx, b'f' | b'd' | b'e') {
        return Ok(Value::bool(x == y));
    }
    if !is_known(cx) || !is_known(cy) {
        return Ok(Value::FALSE);
    }
    let (sx, sy) = (size(a), size(b));
    for (p, q) in x.chunks_exact(sx).zip(y.chunks_exact(sy)) {
        let (p, q) = (items::load(th, cx, p)?, items::load(th, cy, q)?);
        if !ops::compare::eq_bool(th, p, q)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}
fn ne(th: &Thread, a: Value, b: Value) -> R {
    let r = eq(th, a, b)?;
    Ok(match r {
        Value::NOT_IMPLEMENTED => r,
        r => Value::bool(r == Value::FALSE),
    })
}
fn repr(th: &Thread, v: Value) -> R {
    let what = if slot(v, STORE).get().is_some() {
        "memory"
    } else {
        "released memory"
    };
    string::new_value(th, &format!("<{what} at {:#x}>", v.bits()))
}
fn hash(th: &Thread, v: Value) -> R {
    if let Some(h) = slot(v, HASH).get() {
        return Ok(h);
    }
    store_of(th, v)?;
    if num(v, FLAGS) & READ_ONLY == 0 {
        return Err(error::value_error(
            th,
            "cannot hash writable memoryview object",
        ));
    }
    if !matches!(code(v), b'B' | b'b' | b'c') {
        return Err(error::value_error(
            th,
            "memoryview: hashing is restricted to formats 'B', 'b' or 'c'",
        ));
    }
    let obj = slot(v, OBJ).get().unwrap_or(Value::NONE);
    hold(v, || ops::hash::hash(th, obj))?;
    let b = bytes::new(th, data(th, v)?)?;
    let h = int::from_i64(th, ops::hash::hash(th, b)?)?;
    th.set_in(v, slot(v, HASH), Some(h));
    Ok(h)
}
fn hex(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [sep, group] = crate::args!(th, a.rest(), "hex", ["sep", "bytes_per_sep"], 0, 0, 2);
    let group = group.map_or(Ok(1), |g| parse::as_i32(th, g))?;
    hold(v, || {
        bytes::methods::hex_text(th, data(th, v)?, sep, group as i64)
    })
}
fn buffer(th: &Thread, v: Value, flags: Value) -> R {
    bytes::check_flags(th, flags, num(v, FLAGS) & READ_ONLY != 0)?;
    again(th, v)
}
fn from_flags(th: &Thread, a: Args) -> R {
    let [_, o, flags] = crate::args!(th, a, "_from_flags", ["", "object", "flags"], 1, 3, 3);
    let flags = flags.unwrap_or(Value::NONE);
    let o = o.unwrap_or(Value::NONE);
    if let Some(f) = class::special_of(o, N::Buffer) {
        return ops::call::call_special(th, f, o, &[flags]);
    }
    new(
        th,
        crate::runtime::class(C::MemoryView),
        Args::positional_only(&[o]),
    )
}

fn get_obj(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(slot(v, OBJ).get().unwrap_or(Value::NONE))
}
fn nbytes(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(Value::small_int(num(v, LEN)))
}
fn itemsize(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(Value::small_int(size(v) as i64))
}
fn format(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    let at = if num(v, FLAGS) & AT != 0 { "@" } else { "" };
    string::new_value(th, &format!("{at}{}", code(v) as char))
}
fn readonly(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(Value::bool(num(v, FLAGS) & READ_ONLY != 0))
}
fn ndim(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(Value::small_int(form(v).shape.len() as i64))
}
fn shape(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    number_tuple(th, &form(v).shape)
}
fn strides(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    number_tuple(th, &form(v).strides)
}
fn suboffsets(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(tuple::empty().value())
}
fn c_contiguous(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(Value::bool(form(v).is_c(size(v))))
}
fn f_contiguous(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    Ok(Value::bool(form(v).is_fortran(size(v))))
}
fn contiguous(th: &Thread, v: Value) -> R {
    store_of(th, v)?;
    let f = form(v);
    Ok(Value::bool(f.is_c(size(v)) || f.is_fortran(size(v))))
}

static METHODS: [MethodDef; 21] = [
    mk("tobytes", tobytes),
    m1("tolist", tolist),
    m1("toreadonly", toreadonly),
    mk("cast", cast),
    m1("__len__", len),
    m2("__getitem__", getitem),
    m3("__setitem__", setitem),
    m2("__delitem__", delitem),
    m1("release", release),
    m1("__enter__", enter),
    mv("__exit__", exit, 1, 4),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m1("__repr__", repr),
    m1("__hash__", hash),
    mk("hex", hex),
    m2("count", count),
    mv("index", index, 2, 4),
    m2("__buffer__", buffer),
    mk("_from_flags", from_flags).class(),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
static GETSET: [GetSetDef; 12] = [
    gs("obj", get_obj),
    gs("nbytes", nbytes),
    gs("readonly", readonly),
    gs("itemsize", itemsize),
    gs("format", format),
    gs("ndim", ndim),
    gs("shape", shape),
    gs("strides", strides),
    gs("suboffsets", suboffsets),
    gs("c_contiguous", c_contiguous),
    gs("f_contiguous", f_contiguous),
    gs("contiguous", contiguous),
];
pub static SPEC: TypeSpec = TypeSpec::new("memoryview", kinds::MEMORYVIEW)
    .words(10)
    .flags(tf::SEQUENCE | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new)
    .doc("Create a new memoryview object which references the given object.");

//! `BytesIO`: bytes in memory. They stand in a bytes object that came or went out, until somebody writes, or in a
//! bytearray of our own.
//!
//! What must hold: the store is absent exactly when the stream is closed; the position may lie beyond the end.

use super::*;
use habu_runtime::core::{list, tuple};
use habu_runtime::kinds;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, gs, m1, m2, mk, mv};
use habu_runtime::thread::expect;
use habu_runtime::types::bytes::bytearray::{check_resize, splice};
use habu_runtime::types::{bytes, memoryview};

const STORE: usize = 0;
const POS: usize = 1;

fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    let v = alloc(th, cls)?;
    put(th, v, STORE, Some(bytes::empty().value()));
    set_pos(v, 0);
    Ok(v)
}
fn pos(v: Value) -> usize {
    slot(v, POS).get().and_then(int::to_i64).unwrap_or(0) as usize
}
fn set_pos(v: Value, p: usize) {
    slot(v, POS).init(Some(Value::small_int(p as i64)))
}
#[inline]
fn contents(th: &Thread, v: Value) -> R<&'static [u8]> {
    match slot(v, STORE).get().and_then(bytes::as_slice) {
        Some(b) => Ok(b),
        None => Err(closed_error(th)),
    }
}
/// The bytes as a bytearray that may be written.
fn own(th: &Thread, v: Value) -> R<Gc<ByteArrayObj>> {
    let b = contents(th, v)?;
    if let Some(s) = slot(v, STORE).get()
        && let Some(s) = s.cast::<ByteArrayObj>()
    {
        return Ok(s);
    }
    let s = bytes::new_bytearray(th, b)?;
    put(th, v, STORE, Some(s));
    Ok(expect(s))
}
/// BufferError while a variable holds a view of our memory, even where its size would stay.
fn check_views(th: &Thread, v: Value) -> R<()> {
    match slot(v, STORE).get().and_then(|s| s.cast()) {
        Some(b) => check_resize(th, b),
        None => Ok(()),
    }
}
fn init_(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    check_views(th, v)?;
    let [initial] = habu_runtime::args!(th, a.rest(), "BytesIO", ["initial_bytes"], 0, 0, 1);
    put(th, v, STORE, Some(bytes::empty().value()));
    set_pos(v, 0);
    if let Some(b) = initial.filter(|b| !b.is_none()) {
        let store = if class::is_exact(b, C::Bytes) {
            b
        } else {
            bytes::new(th, data(th, b)?)?
        };
        put(th, v, STORE, Some(store));
    }
    Ok(Value::NONE)
}
/// The next `n` bytes (all for `n` below 0); the position moves behind them.
fn take(th: &Thread, v: Value, n: i64) -> R<&'static [u8]> {
    let b = contents(th, v)?;
    let from = pos(v).min(b.len());
    let left = b.len() - from;
    let n = if n < 0 { left } else { left.min(n as usize) };
    if n > 0 {
        set_pos(v, from + n);
    }
    Ok(&b[from..from + n])
}
fn read(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let n = size_arg(th, a.get(1))?;
    let b = take(th, v, n)?;
    // Everything at once, as it came.
    if let Some(s) = slot(v, STORE).get()
        && class::is_exact(s, C::Bytes)
        && b.len() == expect::<BytesObj>(s).as_slice().len()
    {
        return Ok(s);
    }
    bytes::new(th, b)
}
fn line(th: &Thread, v: Value, limit: i64) -> R<&'static [u8]> {
    let b = contents(th, v)?;
    let left = &b[pos(v).min(b.len())..];
    let left = if limit < 0 {
        left
    } else {
        &left[..left.len().min(limit as usize)]
    };
    let n = memchr::memchr(b'\n', left).map_or(left.len(), |i| i + 1);
    take(th, v, n as i64)
}
fn readline(th: &Thread, a: &[Value]) -> R {
    let n = size_arg(th, a.get(1))?;
    bytes::new(th, line(th, a[0], n)?)
}
fn readlines(th: &Thread, a: &[Value]) -> R {
    let hint = size_arg(th, a.get(1))?;
    contents(th, a[0])?;
    let l = list::new(th)?;
    let mut n = 0;
    loop {
        let b = line(th, a[0], -1)?;
        if b.is_empty() {
            return Ok(l.value());
        }
        list::push(th, l, bytes::new(th, b)?)?;
        n += b.len() as i64;
        if hint > 0 && n >= hint {
            return Ok(l.value());
        }
    }
}
fn next(th: &Thread, v: Value) -> R {
    let b = line(th, v, -1)?;
    if b.is_empty() {
        return Err(error::raise_args(
            th,
            habu_runtime::runtime::class(C::StopIteration),
            &[],
        ));
    }
    bytes::new(th, b)
}
fn iter(th: &Thread, v: Value) -> R {
    contents(th, v)?;
    Ok(v)
}
fn readinto(th: &Thread, v: Value, into: Value) -> R {
    let to = room(th, into, "readinto")?;
    let b = take(th, v, to.len() as i64)?;
    // A view of our own memory may be what is read into.
    // SAFETY: both ranges are live; they may overlap.
    unsafe { std::ptr::copy(b.as_ptr(), to.as_mut_ptr(), b.len()) };
    Ok(Value::small_int(b.len() as i64))
}
fn put_at(th: &Thread, v: Value, at: usize, b: &[u8]) -> R<()> {
    let s = own(th, v)?;
    let n = s.len.get() as usize;
    if at > n {
        error::check_size(th, at)?;
        splice(th, s, n, n, &vec![0; at - n])?;
    }
    let n = s.len.get() as usize;
    splice(th, s, at, (at + b.len()).min(n), b)
}
fn write(th: &Thread, v: Value, x: Value) -> R {
    contents(th, v)?;
    if x.is::<StrObj>() {
        return Err(error::type_error(
            th,
            "a bytes-like object is required, not 'str'",
        ));
    }
    check_views(th, v)?;
    let b = data(th, x)?;
    contents(th, v)?;
    check_views(th, v)?;
    if b.is_empty() {
        return Ok(Value::small_int(0));
    }
    let at = pos(v);
    let Some(end) = at
        .checked_add(b.len())
        .filter(|e| *e < i64::MAX as usize >> 1)
    else {
        return Err(error::raise(
            th,
            C::OverflowError,
            "new buffer size too large",
        ));
    };
    let own_memory = slot(v, STORE)
        .get()
        .and_then(bytes::as_slice)
        .is_some_and(|s| s.as_ptr_range().contains(&b.as_ptr()));
    if own_memory {
        let copy = b.to_vec();
        put_at(th, v, at, &copy)?;
    } else {
        put_at(th, v, at, b)?;
    }
    set_pos(v, end);
    Ok(Value::small_int(b.len() as i64))
}
fn writelines(th: &Thread, v: Value, lines: Value) -> R {
    contents(th, v)?;
    let it = ops::iter::get(th, lines)?;
    while let Some(x) = ops::iter::next(th, it)? {
        write(th, v, x)?;
    }
    Ok(Value::NONE)
}
fn truncate(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    contents(th, v)?;
    check_views(th, v)?;
    let n = match a.get(1).filter(|n| !n.is_none()) {
        Some(n) => size_arg(th, Some(n))?,
        None => pos(v) as i64,
    };
    if n < 0 {
        return Err(error::value_error(th, &format!("negative size value {n}")));
    }
    if (n as usize) < contents(th, v)?.len() {
        let s = own(th, v)?;
        let end = s.len.get() as usize;
        splice(th, s, (n as usize).min(end), end, &[])?;
    }
    int::from_i64(th, n)
}
fn seek(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let n = parse::as_isize(th, a[1])?;
    let whence = match a.get(2) {
        Some(&w) => parse::as_i32(th, w)?,
        None => 0,
    };
    let len = contents(th, v)?.len();
    if n < 0 && whence == 0 {
        return Err(error::value_error(th, &format!("negative seek value {n}")));
    }
    let base = match whence {
        0 => 0,
        1 => pos(v),
        2 => len,
        _ => {
            return Err(error::value_error(
                th,
                &format!("invalid whence ({whence}, should be 0, 1 or 2)"),
            ));
        }
    };
    let Some(to) = (base as i64).checked_add(n) else {
        return Err(error::raise(th, C::OverflowError, "new position too large"));
    };
    let to = int::from_i64(th, to.max(0))?;
    put(th, v, POS, Some(to));
    Ok(to)
}
fn tell(th: &Thread, v: Value) -> R {
    contents(th, v)?;
    int::from_i64(th, pos(v) as i64)
}
fn getvalue(th: &Thread, v: Value) -> R {
    let b = contents(th, v)?;
    match slot(v, STORE).get() {
        Some(s) if class::is_exact(s, C::Bytes) => Ok(s),
        _ => bytes::new(th, b),
    }
}
fn getbuffer(th: &Thread, v: Value) -> R {
    let s = own(th, v)?;
    memoryview::over(th, v, s.value(), 0, s.len.get() as usize, b'B')
}
fn close(th: &Thread, v: Value) -> R {
    check_views(th, v)?;
    put(th, v, STORE, None);
    Ok(Value::NONE)
}
fn closed(_: &Thread, v: Value) -> R {
    Ok(Value::bool(slot(v, STORE).get().is_none()))
}
fn yes(th: &Thread, v: Value) -> R {
    contents(th, v)?;
    Ok(Value::TRUE)
}
fn no(th: &Thread, v: Value) -> R {
    contents(th, v)?;
    Ok(Value::FALSE)
}
fn flush(th: &Thread, v: Value) -> R {
    contents(th, v)?;
    Ok(Value::NONE)
}
fn getstate(th: &Thread, v: Value) -> R {
    let value = getvalue(th, v)?;
    let attrs = base::attributes(th, v)?;
    tuple::new_value(th, &[value, int::from_i64(th, pos(v) as i64)?, attrs])
}
fn setstate(th: &Thread, v: Value, state: Value) -> R {
    contents(th, v)?;
    let what = class::full_name(class::of(v));
    let Some(t) = state.cast::<TupleObj>().filter(|t| t.len() >= 3) else {
        let text = format!(
            "{what}.__setstate__ argument should be 3-tuple, got {}",
            class::type_name(state)
        );
        return Err(error::type_error(th, &text));
    };
    let (b, p) = (t.items()[0], t.items()[1]);
    let store = if class::is_exact(b, C::Bytes) {
        b
    } else {
        bytes::new(th, data(th, b)?)?
    };
    if !int::is_int(p) {
        let text = format!(
            "second item of state must be an integer, not {}",
            class::type_name(p)
        );
        return Err(error::type_error(th, &text));
    }
    let p = parse::as_isize(th, p)?;
    if p < 0 {
        return Err(error::value_error(th, "position value cannot be negative"));
    }
    check_views(th, v)?;
    put(th, v, STORE, Some(store));
    put(th, v, POS, Some(int::from_i64(th, p)?));
    base::set_attributes(th, v, state, 3)?;
    Ok(Value::NONE)
}
fn sizeof(_: &Thread, v: Value) -> R {
    let n = slot(v, STORE)
        .get()
        .and_then(bytes::as_slice)
        .map_or(0, |b| b.len());
    Ok(Value::small_int(64 + n as i64))
}

/// As `copyreg` does it for classes with `__getstate__`.
pub fn reduce(th: &Thread, a: &[Value]) -> R {
    let reg = habu_runtime::import::import_module(th, "copyreg")?;
    let f = attr::get_text(th, reg, "__newobj__")?;
    let args = tuple::new_value(th, &[class::of(a[0]).value()])?;
    let state = ask(th, a[0], "__getstate__", &[])?;
    tuple::new_value(th, &[f, args, state])
}

static METHODS: [MethodDef; 26] = [
    mk("__init__", init_),
    m1("readable", yes).sig("($self, /)"),
    m1("writable", yes).sig("($self, /)"),
    m1("seekable", yes).sig("($self, /)"),
    m1("isatty", no).sig("($self, /)"),
    m1("flush", flush).sig("($self, /)"),
    m1("tell", tell).sig("($self, /)"),
    mv("seek", seek, 2, 3).sig("($self, pos, whence=os.SEEK_SET, /)"),
    mv("read", read, 1, 2).sig("($self, size=-1, /)"),
    mv("read1", read, 1, 2).sig("($self, size=-1, /)"),
    mv("readline", readline, 1, 2).sig("($self, size=-1, /)"),
    mv("readlines", readlines, 1, 2).sig("($self, size=None, /)"),
    m2("readinto", readinto).sig("($self, buffer, /)"),
    m2("write", write).sig("($self, b, /)"),
    m2("writelines", writelines).sig("($self, lines, /)"),
    mv("truncate", truncate, 1, 2).sig("($self, size=None, /)"),
    m1("close", close).sig("($self, /)"),
    m1("getvalue", getvalue).sig("($self, /)"),
    m1("getbuffer", getbuffer).sig("($self, /)"),
    m1("__iter__", iter),
    m1("__next__", next),
    m1("__getstate__", getstate),
    m2("__setstate__", setstate),
    m1("__sizeof__", sizeof),
    mv("__reduce_ex__", reduce, 2, 2),
    m1("__del__", base::del),
];
static GETSET: [GetSetDef; 1] = [gs("closed", closed)];
pub static BYTES_IO: TypeSpec = TypeSpec::new("BytesIO", kinds::RECORD)
    .module("_io")
    .doc("A stream of bytes in memory.")
    .sig("(initial_bytes=b'')")
    .words(2)
    .flags(tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

//! The abstract bases: `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`. They ask the stream for its methods,
//! which a subclass may have replaced; being closed is an attribute of the instance.

use super::*;
use habu_runtime::core::list;
use habu_runtime::kinds;
use habu_runtime::spec::{GetSetDef, MethodDef, gs, m1, m2, mv};
use habu_runtime::types::bytes;

const CLOSED: &str = "__IOBase_closed";

fn marked_closed(th: &Thread, v: Value) -> R<bool> {
    Ok(attr::get_text_opt(th, v, CLOSED)?.is_some())
}
fn closed(th: &Thread, v: Value) -> R {
    Ok(Value::bool(marked_closed(th, v)?))
}
fn check_closed(th: &Thread, v: Value) -> R<()> {
    if is_closed(th, v)? {
        return Err(closed_error(th));
    }
    Ok(())
}
fn py_check_closed(th: &Thread, a: &[Value]) -> R {
    check_closed(th, a[0])?;
    Ok(Value::NONE)
}
fn require(th: &Thread, v: Value, method: &str, text: &str) -> R {
    let r = ask(th, v, method, &[])?;
    if r != Value::TRUE {
        return Err(unsupported(th, text));
    }
    Ok(Value::TRUE)
}
pub fn check_seekable(th: &Thread, v: Value) -> R {
    require(th, v, "seekable", "File or stream is not seekable.")
}
pub fn check_readable(th: &Thread, v: Value) -> R {
    require(th, v, "readable", "File or stream is not readable.")
}
pub fn check_writable(th: &Thread, v: Value) -> R {
    require(th, v, "writable", "File or stream is not writable.")
}
fn seekable_(th: &Thread, a: &[Value]) -> R {
    check_seekable(th, a[0])
}
fn readable_(th: &Thread, a: &[Value]) -> R {
    check_readable(th, a[0])
}
fn writable_(th: &Thread, a: &[Value]) -> R {
    check_writable(th, a[0])
}
fn seek(th: &Thread, _: &[Value]) -> R {
    Err(unsupported(th, "seek"))
}
fn truncate(th: &Thread, _: &[Value]) -> R {
    Err(unsupported(th, "truncate"))
}
fn fileno(th: &Thread, _: Value) -> R {
    Err(unsupported(th, "fileno"))
}
fn tell(th: &Thread, v: Value) -> R {
    ask(th, v, "seek", &[Value::small_int(0), Value::small_int(1)])
}
fn flush(th: &Thread, v: Value) -> R {
    if marked_closed(th, v)? {
        return Err(closed_error(th));
    }
    Ok(Value::NONE)
}
fn close(th: &Thread, v: Value) -> R {
    if marked_closed(th, v)? {
        return Ok(Value::NONE);
    }
    let r = ask(th, v, "flush", &[]);
    let e = if r.is_err() { Some(th.take()) } else { None };
    attr::set_text(th, v, CLOSED, Value::TRUE)?;
    match e {
        Some(e) => Err(th.restore(e)),
        None => Ok(Value::NONE),
    }
}
fn no(_: &Thread, _: Value) -> R {
    Ok(Value::FALSE)
}
fn isatty(th: &Thread, v: Value) -> R {
    check_closed(th, v)?;
    Ok(Value::FALSE)
}
fn enter(th: &Thread, v: Value) -> R {
    check_closed(th, v)?;
    Ok(v)
}
fn exit(th: &Thread, a: &[Value]) -> R {
    ask(th, a[0], "close", &[])
}
fn iter(th: &Thread, v: Value) -> R {
    check_closed(th, v)?;
    Ok(v)
}
fn next(th: &Thread, v: Value) -> R {
    let line = call::method(
        th,
        v,
        habu_runtime::names::nm(habu_runtime::names::N::ReadLine),
        &[],
    )?;
    if ops::length(th, line)? == 0 {
        return Err(error::raise_args(
            th,
            habu_runtime::runtime::class(C::StopIteration),
            &[],
        ));
    }
    Ok(line)
}
/// `readline` by `read`, and by `peek` where there is one: how many bytes may be asked for at once.
fn readline(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let limit = size_arg(th, a.get(1))?;
    let peek = attr::get_text_opt(th, v, "peek")?;
    let mut out: Vec<u8> = Vec::new();
    while limit < 0 || (out.len() as i64) < limit {
        let mut want = 1;
        if let Some(p) = peek {
            let seen = call::call(th, p, &[Value::small_int(1)])?;
            let Some(b) = seen.cast::<BytesObj>() else {
                return Err(error::raise(
                    th,
                    C::OSError,
                    &format!(
                        "peek() should have returned a bytes object, not '{}'",
                        class::type_name(seen)
                    ),
                ));
            };
            let b = b.as_slice();
            if !b.is_empty() {
                let b = match limit >= 0 {
                    true => &b[..b.len().min((limit - out.len() as i64) as usize)],
                    false => b,
                };
                want = memchr::memchr(b'\n', b).map_or(b.len(), |i| i + 1);
            }
        }
        let got = ask(th, v, "read", &[Value::small_int(want as i64)])?;
        let Some(b) = got.cast::<BytesObj>() else {
            return Err(error::raise(
                th,
                C::OSError,
                &format!(
                    "read() should have returned a bytes object, not '{}'",
                    class::type_name(got)
                ),
            ));
        };
        if b.as_slice().is_empty() {
            break;
        }
        out.extend_from_slice(b.as_slice());
        if out.last() == Some(&b'\n') {
            break;
        }
    }
    bytes::new(th, &out)
}
fn readlines(th: &Thread, a: &[Value]) -> R {
    let hint = size_arg(th, a.get(1))?;
    let l = list::new(th)?;
    let it = ops::iter::get(th, a[0])?;
    let mut n = 0;
    while let Some(line) = ops::iter::next(th, it)? {
        list::push(th, l, line)?;
        if hint > 0 {
            n += ops::length(th, line)? as i64;
            if n >= hint {
                break;
            }
        }
    }
    Ok(l.value())
}
fn writelines(th: &Thread, v: Value, lines: Value) -> R {
    check_closed(th, v)?;
    let it = ops::iter::get(th, lines)?;
    while let Some(line) = ops::iter::next(th, it)? {
        call::method(
            th,
            v,
            habu_runtime::names::nm(habu_runtime::names::N::Write),
            &[line],
        )?;
    }
    Ok(Value::NONE)
}
/// What is unreachable and open is closed.
pub fn del(th: &Thread, v: Value) -> R {
    let r = attr::get_text_opt(th, v, "closed").and_then(|c| match c {
        Some(c) => ops::truth(th, c),
        None => Ok(true),
    });
    let is_closed = match r {
        Ok(c) => c,
        Err(_) => {
            th.take();
            true
        }
    };
    if is_closed {
        return Ok(Value::NONE);
    }
    if attr::set_text(th, v, "_finalizing", Value::TRUE).is_err() {
        th.take();
    }
    if ask(th, v, "close", &[]).is_err() {
        habu_runtime::modules::sys::unraisable(
            th,
            Some(v),
            "Exception ignored while finalizing file",
        );
    }
    Ok(Value::NONE)
}

static METHODS: [MethodDef; 22] = [
    mv("seek", seek, 1, 3).sig("($self, offset, whence=os.SEEK_SET, /)"),
    m1("tell", tell).sig("($self, /)"),
    mv("truncate", truncate, 1, 2).sig("($self, size=None, /)"),
    m1("flush", flush).sig("($self, /)"),
    m1("close", close).sig("($self, /)"),
    m1("seekable", no).sig("($self, /)"),
    m1("readable", no).sig("($self, /)"),
    m1("writable", no).sig("($self, /)"),
    mv("_checkClosed", py_check_closed, 1, 2),
    mv("_checkSeekable", seekable_, 1, 2),
    mv("_checkReadable", readable_, 1, 2),
    mv("_checkWritable", writable_, 1, 2),
    m1("fileno", fileno).sig("($self, /)"),
    m1("isatty", isatty).sig("($self, /)"),
    m1("__enter__", enter),
    mv("__exit__", exit, 1, 255),
    mv("readline", readline, 1, 2).sig("($self, size=-1, /)"),
    mv("readlines", readlines, 1, 2).sig("($self, hint=-1, /)"),
    m2("writelines", writelines).sig("($self, lines, /)"),
    m1("__iter__", iter),
    m1("__next__", next),
    m1("__del__", del),
];
static GETSET: [GetSetDef; 1] = [gs("closed", closed)];
pub static IO_BASE: TypeSpec = TypeSpec::new("_IOBase", kinds::INSTANCE)
    .module("_io")
    .doc("What all streams have in common: being closed, lines by read(), and refusing what the stream cannot do.")
    .flags(FLAGS)
    .methods(&METHODS)
    .getset(&GETSET);
pub const FLAGS: u64 = tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT | tf::WEAKREF | tf::FINALIZER;

// ---- raw streams

fn raw_read(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let n = match a.get(1) {
        Some(&n) => parse::as_isize(th, n)?,
        None => -1,
    };
    if n < 0 {
        return ask(th, v, "readall", &[]);
    }
    error::check_size(th, n as usize)?;
    let b = bytes::new_bytearray(th, &vec![0; n as usize])?;
    let got = ask(th, v, "readinto", &[b])?;
    if got.is_none() {
        return Ok(got);
    }
    let got = parse::as_isize(th, got)?;
    let held = bytes::as_slice(b).unwrap_or(&[]);
    if got < 0 || got as usize > held.len() {
        return Err(error::value_error(
            th,
            &format!("readinto returned {got} outside buffer size {}", held.len()),
        ));
    }
    bytes::new(th, &held[..got as usize])
}
fn raw_readall(th: &Thread, v: Value) -> R {
    let mut out: Vec<u8> = Vec::new();
    loop {
        let b = ask(th, v, "read", &[Value::small_int(BUFFER_SIZE as i64)])?;
        if b.is_none() {
            if out.is_empty() {
                return Ok(b);
            }
            break;
        }
        let Some(b) = b.cast::<BytesObj>() else {
            return Err(error::type_error(th, "read() should return bytes"));
        };
        if b.as_slice().is_empty() {
            break;
        }
        out.extend_from_slice(b.as_slice());
    }
    bytes::new(th, &out)
}
fn not_implemented(th: &Thread, _: Value, _: Value) -> R {
    Err(error::raise_args(
        th,
        habu_runtime::runtime::class(C::NotImplementedError),
        &[],
    ))
}
static RAW_METHODS: [MethodDef; 4] = [
    m2("readinto", not_implemented).sig("($self, buffer, /)"),
    m2("write", not_implemented).sig("($self, b, /)"),
    mv("read", raw_read, 1, 2).sig("($self, size=-1, /)"),
    m1("readall", raw_readall).sig("($self, /)"),
];
pub static RAW_BASE: TypeSpec = TypeSpec::new("_RawIOBase", kinds::INSTANCE)
    .module("_io")
    .doc("A stream of bytes without a buffer: read() by readinto().")
    .flags(FLAGS)
    .methods(&RAW_METHODS);

// ---- buffered streams

macro_rules! lacking {
    ($($f:ident $text:literal)*) => {$(
        fn $f(th: &Thread, _: &[Value]) -> R {
            Err(unsupported(th, $text))
        }
    )*};
}
lacking! { no_detach "detach" no_read "read" no_read1 "read1" no_write "write" no_readline "readline" }

fn into(th: &Thread, v: Value, b: Value, how: &str, func: &str) -> R {
    let n = room(th, b, func)?.len();
    let got = ask(th, v, how, &[Value::small_int(n as i64)])?;
    let Some(d) = got.cast::<BytesObj>() else {
        return Err(error::type_error(th, "read() should return bytes"));
    };
    let d = d.as_slice();
    let to = room(th, b, func)?;
    if d.len() > to.len() {
        return Err(error::value_error(
            th,
            &format!(
                "read() returned too much data: {} bytes requested, {} returned",
                to.len(),
                d.len()
            ),
        ));
    }
    to[..d.len()].copy_from_slice(d);
    Ok(Value::small_int(d.len() as i64))
}
fn readinto(th: &Thread, v: Value, b: Value) -> R {
    into(th, v, b, "read", "readinto")
}
fn readinto1(th: &Thread, v: Value, b: Value) -> R {
    into(th, v, b, "read1", "readinto1")
}
static BUFFERED_METHODS: [MethodDef; 6] = [
    mv("detach", no_detach, 1, 1).sig("($self, /)"),
    mv("read", no_read, 1, 2).sig("($self, size=-1, /)"),
    mv("read1", no_read1, 1, 2).sig("($self, size=-1, /)"),
    m2("readinto", readinto).sig("($self, buffer, /)"),
    m2("readinto1", readinto1).sig("($self, buffer, /)"),
    mv("write", no_write, 2, 2).sig("($self, b, /)"),
];
pub static BUFFERED_BASE: TypeSpec = TypeSpec::new("_BufferedIOBase", kinds::INSTANCE)
    .module("_io")
    .doc("A stream of bytes that gives and takes as much as is asked for: readinto() by read().")
    .flags(FLAGS)
    .methods(&BUFFERED_METHODS);

// ---- text streams

fn none(_: &Thread, _: Value) -> R {
    Ok(Value::NONE)
}
static TEXT_METHODS: [MethodDef; 4] = [
    mv("detach", no_detach, 1, 1).sig("($self, /)"),
    mv("read", no_read, 1, 2).sig("($self, size=-1, /)"),
    mv("readline", no_readline, 1, 2).sig("($self, size=-1, /)"),
    mv("write", no_write, 2, 2).sig("($self, s, /)"),
];
static TEXT_GETSET: [GetSetDef; 3] = [
    gs("encoding", none),
    gs("newlines", none),
    gs("errors", none),
];
pub static TEXT_BASE: TypeSpec = TypeSpec::new("_TextIOBase", kinds::INSTANCE)
    .module("_io")
    .doc("A stream of text.")
    .flags(FLAGS)
    .methods(&TEXT_METHODS)
    .getset(&TEXT_GETSET);

/// The attributes of an instance, as a pickled stream in memory carries them: a copy of its dict, or None.
pub fn attributes(th: &Thread, v: Value) -> R {
    Ok(match attr::snapshot(th, v)? {
        Some(d) if habu_runtime::core::dict::len(d) > 0 => d.value(),
        _ => Value::NONE,
    })
}
/// Take the attributes of a pickled stream over.
pub fn set_attributes(th: &Thread, v: Value, state: Value, size: usize) -> R<Gc<TupleObj>> {
    let what = class::full_name(class::of(v));
    let short = what.rsplit('.').next().unwrap_or("").to_string();
    let Some(t) = state.cast::<TupleObj>().filter(|t| t.len() >= size) else {
        let text = format!(
            "{short}.__setstate__ argument should be {size}-tuple, got {}",
            class::type_name(state)
        );
        return Err(error::type_error(th, &text));
    };
    let d = t.items()[size - 1];
    if !d.is_none() {
        let Some(d) = d.cast::<DictObj>() else {
            let text = format!(
                "{} item of state should be a dict, got a {}",
                if size == 3 { "third" } else { "fourth" },
                class::type_name(d)
            );
            return Err(error::type_error(th, &text));
        };
        let own = attr::dict_of(th, v)?;
        habu_runtime::core::dict::update(th, own, d)?;
    }
    Ok(t)
}

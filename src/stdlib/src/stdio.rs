//! The standard streams: cheap native objects over the process-wide buffer of `builtins_io`, standing where CPython
//! has a `TextIOWrapper`. `print` writes to them without a look-up.

use habu_runtime::codecs;
use habu_runtime::core::{class, class_make, list, parse, string};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::modules::builtins_io as io;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, mk, mv, type_flags as tf};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::{bytes, iters};
use habu_runtime::value::{Slot, Value};
use std::sync::Mutex;

const FD: usize = 0;
const BUFFER: usize = 1;
const CLOSED: usize = 2;
const NEWLINES: usize = 3;

fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: both classes have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn fd(v: Value) -> i32 {
    slot(v, FD).get().and_then(|f| f.as_int()).unwrap_or(-1) as i32
}
fn open(th: &Thread, v: Value) -> R<i32> {
    if slot(v, CLOSED).get().is_some() {
        return Err(error::value_error(th, "I/O operation on closed file."));
    }
    Ok(fd(v))
}
fn unsupported(th: &Thread, what: &str) -> habu_runtime::thread::Raised {
    let r = (|| -> R {
        let io = habu_runtime::import::import_module(th, "io")?;
        let c = habu_runtime::core::attr::get_text(th, io, "UnsupportedOperation")?;
        let s = string::new_value(th, what)?;
        ops::call::call(th, c, &[s])
    })();
    match r {
        Ok(e) => error::raise_value(th, e),
        Err(r) => r,
    }
}
fn put(th: &Thread, v: Value, b: &[u8]) -> R<()> {
    let fd = open(th, v)?;
    if fd == 0 {
        return Err(unsupported(th, "not writable"));
    }
    io::write_raw(fd, b);
    Ok(())
}
/// Write text.
pub fn write(th: &Thread, v: Value, s: Value) -> R {
    let Some(t) = s.cast::<StrObj>() else {
        return Err(error::type_error(
            th,
            &format!("write() argument must be str, not {}", class::type_name(s)),
        ));
    };
    match t.to_utf8() {
        Some(u) => put(th, v, u.as_bytes())?,
        None => {
            let how = if fd(v) == 2 {
                "backslashreplace"
            } else {
                "strict"
            };
            put(th, v, &codecs::encode(th, t, "utf-8", how)?)?
        }
    }
    Ok(Value::small_int(t.len() as i64))
}
fn write_bytes(th: &Thread, v: Value, b: Value) -> R {
    if b.is::<StrObj>() {
        return Err(error::type_error(
            th,
            "a bytes-like object is required, not 'str'",
        ));
    }
    let b = bytes::buffer(th, b)?;
    put(th, v, b)?;
    Ok(Value::small_int(b.len() as i64))
}
fn lines(th: &Thread, v: Value, l: Value) -> R {
    ops::iter::each(th, l, &mut |x| {
        write(th, v, x)?;
        Ok(true)
    })?;
    Ok(Value::NONE)
}
fn flush(th: &Thread, v: Value) -> R {
    if open(th, v)? == 1 && !io::flush() {
        return Err(error::os_error(th, error::errno(), None));
    }
    Ok(Value::NONE)
}

static IN: Mutex<(Vec<u8>, usize)> = Mutex::new((Vec::new(), 0));
fn input<T>(f: impl FnOnce(&mut (Vec<u8>, usize)) -> T) -> T {
    match IN.lock() {
        Ok(mut g) => f(&mut g),
        Err(p) => f(&mut p.into_inner()),
    }
}
/// More of standard input into the buffer; false at its end.
fn fill(th: &Thread) -> R<bool> {
    let mut b = vec![0u8; 8192];
    let n = crate::posix::path::sys(th, None, || {
        // SAFETY: the buffer is writable for its length.
        unsafe { libc::read(0, b.as_mut_ptr() as *mut _, b.len()) as i64 }
    })? as usize;
    input(|i| {
        i.0.drain(..i.1);
        i.1 = 0;
        i.0.extend_from_slice(&b[..n]);
    });
    Ok(n > 0)
}
/// Up to `limit` bytes, not beyond what `stop` finds (a length) in the buffer.
fn take(
    th: &Thread,
    v: Value,
    limit: Option<usize>,
    stop: impl Fn(&[u8]) -> Option<usize>,
) -> R<Vec<u8>> {
    if open(th, v)? != 0 {
        return Err(unsupported(th, "not readable"));
    }
    io::flush();
    loop {
        let found = input(|i| {
            let have = &i.0[i.1..];
            let n = match (stop(have), limit) {
                (Some(n), Some(l)) => Some(n.min(l)),
                (Some(n), None) => Some(n),
                (None, Some(l)) if have.len() >= l => Some(l),
                _ => None,
            };
            n.map(|n| {
                let out = have[..n].to_vec();
                i.1 += n;
                out
            })
        });
        if let Some(f) = found {
            return Ok(f);
        }
        if !fill(th)? {
            return Ok(input(|i| {
                let out = i.0[i.1..].to_vec();
                i.1 = i.0.len();
                out
            }));
        }
    }
}
fn size(th: &Thread, a: &[Value]) -> R<Option<usize>> {
    match a.get(1).filter(|n| !n.is_none()) {
        Some(&n) => {
            let n = parse::as_i32(th, n)?;
            Ok((n >= 0).then_some(n as usize))
        }
        None => Ok(None),
    }
}
fn text(th: &Thread, b: Vec<u8>) -> R {
    let b = match memchr(&b) {
        true => String::from_utf8_lossy(&b)
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .into_bytes(),
        false => b,
    };
    codecs::decode(th, &b, "utf-8", "strict")
}
fn memchr(b: &[u8]) -> bool {
    b.contains(&b'\r') && std::str::from_utf8(b).is_ok()
}
fn line_end(b: &[u8]) -> Option<usize> {
    b.iter().position(|c| *c == b'\n').map(|i| i + 1)
}
/// Bytes of the first `n` characters, where they are all there.
fn chars_end(b: &[u8], n: usize) -> Option<usize> {
    let mut starts = b.iter().enumerate().filter(|(_, c)| **c & 0xc0 != 0x80);
    starts.nth(n).map(|s| s.0)
}
fn readline(th: &Thread, a: &[Value]) -> R {
    let n = size(th, a)?;
    text(th, take(th, a[0], n, line_end)?)
}
fn read(th: &Thread, a: &[Value]) -> R {
    let b = match size(th, a)? {
        Some(n) => take(th, a[0], None, |b| {
            if n == 0 { Some(0) } else { chars_end(b, n) }
        })?,
        None => take(th, a[0], None, |_| None)?,
    };
    text(th, b)
}
fn readline_bytes(th: &Thread, a: &[Value]) -> R {
    let n = size(th, a)?;
    bytes::new(th, &take(th, a[0], n, line_end)?)
}
fn read_bytes(th: &Thread, a: &[Value]) -> R {
    let n = size(th, a)?;
    bytes::new(th, &take(th, a[0], n, |_| None)?)
}
fn all_lines(th: &Thread, a: &[Value], one: fn(&Thread, &[Value]) -> R) -> R {
    let l = list::new(th)?;
    loop {
        let s = one(th, &a[..1])?;
        if ops::length(th, s)? == 0 {
            return Ok(l.value());
        }
        list::push(th, l, s)?;
    }
}
fn readlines(th: &Thread, a: &[Value]) -> R {
    all_lines(th, a, readline)
}
fn readlines_bytes(th: &Thread, a: &[Value]) -> R {
    all_lines(th, a, readline_bytes)
}
fn next_of(th: &Thread, v: Value, one: fn(&Thread, &[Value]) -> R) -> R {
    let s = one(th, &[v])?;
    if ops::length(th, s)? == 0 {
        let c = habu_runtime::runtime::class(habu_runtime::classes::C::StopIteration);
        return Err(error::raise_args(th, c, &[]));
    }
    Ok(s)
}
fn next(th: &Thread, v: Value) -> R {
    next_of(th, v, readline)
}
fn next_bytes(th: &Thread, v: Value) -> R {
    next_of(th, v, readline_bytes)
}
fn itself(_: &Thread, v: Value) -> R {
    Ok(v)
}
fn close(th: &Thread, v: Value) -> R {
    if slot(v, CLOSED).get().is_none() {
        flush(th, v)?;
        slot(v, CLOSED).init(Some(Value::TRUE));
    }
    Ok(Value::NONE)
}
fn exit(th: &Thread, a: &[Value]) -> R {
    close(th, a[0])
}
fn fileno(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(open(th, v)? as i64))
}
fn isatty(th: &Thread, v: Value) -> R {
    let fd = open(th, v)?;
    // SAFETY: a plain system call.
    Ok(Value::bool(unsafe { libc::isatty(fd) } == 1))
}
fn readable(_: &Thread, v: Value) -> R {
    Ok(Value::bool(fd(v) == 0))
}
fn writable(_: &Thread, v: Value) -> R {
    Ok(Value::bool(fd(v) != 0))
}
fn seekable(_: &Thread, _: Value) -> R {
    Ok(Value::FALSE)
}
fn reconfigure(_: &Thread, _: Args) -> R {
    Ok(Value::NONE)
}
fn no_seek(th: &Thread, _: &[Value]) -> R {
    Err(unsupported(th, "underlying stream is not seekable"))
}
fn detach(th: &Thread, v: Value) -> R {
    flush(th, v)?;
    Ok(slot(v, BUFFER).get().unwrap_or(Value::NONE))
}
fn name_of(v: Value) -> &'static str {
    match fd(v) {
        0 => "<stdin>",
        1 => "<stdout>",
        _ => "<stderr>",
    }
}
fn name(th: &Thread, v: Value) -> R {
    string::new_value(th, name_of(v))
}
fn mode(th: &Thread, v: Value) -> R {
    string::new_value(th, if fd(v) == 0 { "r" } else { "w" })
}
fn mode_bytes(th: &Thread, v: Value) -> R {
    string::new_value(th, if fd(v) == 0 { "rb" } else { "wb" })
}
fn encoding(th: &Thread, _: Value) -> R {
    string::new_value(th, "utf-8")
}
fn errors(th: &Thread, v: Value) -> R {
    string::new_value(
        th,
        if fd(v) == 2 {
            "backslashreplace"
        } else {
            "strict"
        },
    )
}
fn buffer(_: &Thread, v: Value) -> R {
    Ok(slot(v, BUFFER).get().unwrap_or(Value::NONE))
}
fn closed(_: &Thread, v: Value) -> R {
    Ok(Value::bool(slot(v, CLOSED).get().is_some()))
}
fn line_buffering(th: &Thread, v: Value) -> R {
    if fd(v) == 2 {
        Ok(Value::TRUE)
    } else {
        isatty(th, v)
    }
}
fn write_through(_: &Thread, _: Value) -> R {
    Ok(Value::FALSE)
}
fn newlines(_: &Thread, v: Value) -> R {
    Ok(slot(v, NEWLINES).get().unwrap_or(Value::NONE))
}
fn repr(th: &Thread, v: Value) -> R {
    let m = if fd(v) == 0 { "r" } else { "w" };
    string::new_value(
        th,
        &format!(
            "<_io.TextIOWrapper name='{}' mode='{m}' encoding='utf-8'>",
            name_of(v)
        ),
    )
}
fn repr_bytes(th: &Thread, v: Value) -> R {
    let c = if fd(v) == 0 {
        "BufferedReader"
    } else {
        "BufferedWriter"
    };
    string::new_value(th, &format!("<_io.{c} name='{}'>", name_of(v)))
}

macro_rules! methods {
    ($id:ident: $($own:expr),* $(,)?) => {
        static $id: &[MethodDef] = &[
            $($own,)*
            m1("flush", flush), m1("close", close), m1("fileno", fileno), m1("isatty", isatty),
            m1("readable", readable), m1("writable", writable), m1("seekable", seekable), m1("detach", detach),
            mv("seek", no_seek, 1, 3), mv("tell", no_seek, 1, 1), mv("truncate", no_seek, 1, 2),
            m1("__iter__", itself), m1("__enter__", itself), mv("__exit__", exit, 1, 4),
        ];
    };
}
methods! { TEXT_METHODS:
    habu_runtime::spec::m2("write", write), habu_runtime::spec::m2("writelines", lines),
    mv("read", read, 1, 2), mv("readline", readline, 1, 2), mv("readlines", readlines, 1, 2),
    m1("__next__", next), m1("__repr__", repr), mk("reconfigure", reconfigure),
}
methods! { BYTE_METHODS:
    habu_runtime::spec::m2("write", write_bytes), mv("read", read_bytes, 1, 2), mv("read1", read_bytes, 1, 2),
    mv("readline", readline_bytes, 1, 2), mv("readlines", readlines_bytes, 1, 2), m1("__next__", next_bytes),
    m1("__repr__", repr_bytes),
}
static TEXT_FIELDS: [GetSetDef; 9] = [
    gs("name", name),
    gs("mode", mode),
    gs("encoding", encoding),
    gs("errors", errors),
    gs("buffer", buffer),
    gs("closed", closed),
    gs("line_buffering", line_buffering),
    gs("write_through", write_through),
    gs("newlines", newlines),
];
static BYTE_FIELDS: [GetSetDef; 4] = [
    gs("name", name),
    gs("mode", mode_bytes),
    gs("closed", closed),
    gs("raw", itself),
];
static TEXT: TypeSpec = TypeSpec::new("_StdStream", habu_runtime::kinds::RECORD)
    .module("_io")
    .words(4)
    .flags(tf::NO_NEW | tf::WEAKREF)
    .methods(TEXT_METHODS)
    .getset(&TEXT_FIELDS);
static BYTES: TypeSpec = TypeSpec::new("_StdBuffer", habu_runtime::kinds::RECORD)
    .module("_io")
    .words(4)
    .flags(tf::NO_NEW | tf::WEAKREF)
    .methods(BYTE_METHODS)
    .getset(&BYTE_FIELDS);

fn builtin_open(th: &Thread, a: Args) -> R {
    // Asking `io` for a class makes it take all of them from _pyio.
    let io = habu_runtime::import::import_module(th, "io")?;
    habu_runtime::core::attr::get_text(th, io, "FileIO")?;
    let pyio = habu_runtime::import::import_module(th, "_pyio")?;
    let f = habu_runtime::core::attr::get_text(th, pyio, "open")?;
    ops::call::call_args(th, f, a)
}
static OPEN: [MethodDef; 1] = [mk("open", builtin_open)];

/// Make `sys.stdin`, `stdout` and `stderr`.
pub fn install(th: &Thread, sys: Gc<ModuleObj>) -> R<()> {
    let (t, b) = (
        class_make::from_spec(th, &TEXT, None)?,
        class_make::from_spec(th, &BYTES, None)?,
    );
    m::sys::set_stream_class(&TEXT, write);
    if let Some(b) = habu_runtime::runtime::rt()
        .builtins
        .get()
        .and_then(|b| b.cast())
    {
        m::add_functions(th, b, "_io", &OPEN)?;
    }
    for (n, name) in ["stdin", "stdout", "stderr"].iter().enumerate() {
        // SAFETY: just made with these classes' layouts.
        let (s, raw) = unsafe {
            (
                Value::from_ptr(iters::alloc(th, t)?),
                Value::from_ptr(iters::alloc(th, b)?),
            )
        };
        slot(raw, FD).init(Some(Value::small_int(n as i64)));
        slot(s, FD).init(Some(Value::small_int(n as i64)));
        th.set_in(s, slot(s, BUFFER), Some(raw));
        m::set(th, sys, name, s)?;
        m::set(th, sys, &format!("__{name}__"), s)?;
    }
    Ok(())
}

//! Path arguments, results of system calls, file system text.

use habu_runtime::codecs;
use habu_runtime::core::{class, int, parse};
use habu_runtime::error;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;
use std::ffi::CString;

/// A path, or an open descriptor where the function takes one.
pub struct Path {
    pub text: CString,
    pub fd: Option<i32>,
    /// As given, for error messages.
    pub value: Value,
    pub is_bytes: bool,
}

/// Text as the system takes it.
pub fn encode(th: &Thread, s: Gc<StrObj>) -> R<Vec<u8>> {
    codecs::encode(th, s, "utf-8", "surrogateescape")
}
/// Text as the system gives it.
pub fn decode(th: &Thread, b: &[u8]) -> R {
    codecs::decode(th, b, "utf-8", "surrogateescape")
}
/// A name of the same type as the path it was found under.
pub fn name(th: &Thread, b: &[u8], as_bytes: bool) -> R {
    if as_bytes {
        bytes::new(th, b)
    } else {
        decode(th, b)
    }
}

/// What `os.fspath` gives: str or bytes.
pub fn fspath(th: &Thread, v: Value) -> R {
    if v.is::<StrObj>() || v.is::<BytesObj>() {
        return Ok(v);
    }
    let cls = class::of(v);
    let n = habu_runtime::core::string::intern_new(th, "__fspath__")?;
    let Some(f) = class::lookup(cls, n.value()).filter(|f| !f.is_none()) else {
        return Err(error::type_error(
            th,
            &format!(
                "expected str, bytes or os.PathLike object, not {}",
                class::type_name(v)
            ),
        ));
    };
    let r = call::call_special(th, f, v, &[])?;
    if r.is::<StrObj>() || r.is::<BytesObj>() {
        return Ok(r);
    }
    Err(error::type_error(
        th,
        &format!(
            "expected {}.__fspath__() to return str or bytes, not {}",
            class::type_name(v),
            class::type_name(r)
        ),
    ))
}

fn convert(th: &Thread, v: Value, func: &str, what: &str, fds: bool) -> R<Path> {
    if fds && int::is_int(v) {
        let fd = parse::as_i32(th, v)?;
        return Ok(Path {
            text: CString::default(),
            fd: Some(fd),
            value: v,
            is_bytes: false,
        });
    }
    let n = habu_runtime::core::string::intern_new(th, "__fspath__")?;
    if !(v.is::<StrObj>() || v.is::<BytesObj>()) && class::lookup(class::of(v), n.value()).is_none()
    {
        let kinds = if func == "listdir" || func == "scandir" {
            "string, bytes, os.PathLike, integer or None"
        } else if fds {
            "string, bytes, os.PathLike or integer"
        } else {
            "string, bytes or os.PathLike"
        };
        return Err(error::type_error(
            th,
            &format!(
                "{func}: {what} should be {kinds}, not {}",
                class::type_name(v)
            ),
        ));
    }
    let p = fspath(th, v)?;
    let raw = match p.cast::<StrObj>() {
        Some(s) => encode(th, s)?,
        None => bytes::as_slice(p).unwrap_or(b"").to_vec(),
    };
    match CString::new(raw) {
        Ok(text) => Ok(Path {
            text,
            fd: None,
            value: v,
            is_bytes: p.is::<BytesObj>(),
        }),
        Err(_) => Err(error::value_error(
            th,
            &format!("{func}: embedded null character in {what}"),
        )),
    }
}
pub fn path(th: &Thread, v: Option<Value>, func: &str) -> R<Path> {
    convert(th, v.unwrap_or(Value::NONE), func, "path", false)
}
pub fn named(th: &Thread, v: Option<Value>, func: &str, what: &str) -> R<Path> {
    convert(th, v.unwrap_or(Value::NONE), func, what, false)
}
pub fn path_or_fd(th: &Thread, v: Option<Value>, func: &str) -> R<Path> {
    convert(th, v.unwrap_or(Value::NONE), func, "path", true)
}
pub fn dir_fd(th: &Thread, v: Option<Value>) -> R<i32> {
    match v.filter(|v| !v.is_none()) {
        Some(v) => parse::as_i32(th, v),
        None => Ok(libc::AT_FDCWD),
    }
}
/// A descriptor: an int, or an object with `fileno()`.
pub fn fd(th: &Thread, v: Value) -> R<i32> {
    if int::is_int(v) {
        return parse::as_i32(th, v);
    }
    match habu_runtime::core::attr::get_text_opt(th, v, "fileno")? {
        Some(f) => {
            let n = call::call(th, f, &[])?;
            parse::as_i32(th, n)
        }
        None => Err(error::type_error(
            th,
            "argument must be an int, or have a fileno() method.",
        )),
    }
}

/// A system call outside the runtime, again where a signal broke it; its result, or the `OSError` naming `what`.
pub fn sys(th: &Thread, what: Option<Value>, mut f: impl FnMut() -> i64) -> R<i64> {
    loop {
        let (r, e) = th.blocked(|| {
            let r = f();
            (r, if r < 0 { error::errno() } else { 0 })
        });
        if r >= 0 {
            return Ok(r);
        }
        if e != libc::EINTR {
            return Err(error::os_error(th, e, what));
        }
        habu_runtime::polls::check(th)?;
    }
}
/// The same for a call without a result.
pub fn done(th: &Thread, what: Option<Value>, mut f: impl FnMut() -> i32) -> R {
    sys(th, what, || f() as i64)?;
    Ok(Value::NONE)
}
/// A call about two paths.
pub fn done2(th: &Thread, from: &Path, to: &Path, f: impl FnOnce() -> i32) -> R {
    let (r, e) = th.blocked(|| {
        let r = f();
        (r, error::errno())
    });
    if r >= 0 {
        return Ok(Value::NONE);
    }
    let msg = habu_runtime::core::string::new_value(th, &error::errno_text(e))?;
    let c = habu_runtime::runtime::class_value(habu_runtime::classes::C::OSError);
    let x = call::call(
        th,
        c,
        &[
            Value::small_int(e as i64),
            msg,
            from.value,
            Value::NONE,
            to.value,
        ],
    )?;
    Err(error::raise_value(th, x))
}

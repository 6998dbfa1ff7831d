//! `BufferedReader`, and how `BufferedRandom` reads.

use super::buffered::{self, Lock, any_state, check_open, raw, raw_read, state};
use super::*;
use habu_runtime::kinds;
use habu_runtime::spec::{Args, MethodDef, m1, m2, mk, mv};
use habu_runtime::types::bytes;

fn init_(th: &Thread, a: Args) -> R {
    let args = habu_runtime::args!(
        th,
        a.rest(),
        "BufferedReader",
        ["raw", "buffer_size"],
        0,
        1,
        2
    );
    buffered::init(th, a.all()[0], args, base::check_readable, [true, false])
}
/// Before reading, what a BufferedRandom has written goes out.
fn settle(th: &Thread, v: Value) -> R<()> {
    if any_state(v).dirty.is_empty() {
        return Ok(());
    }
    buffered::flush_and_rewind(th, v)
}
/// Read ahead once, which replaces what was read; how much, or `None` where it would have to wait. Locked.
pub fn fill(th: &Thread, v: Value) -> R<Option<usize>> {
    let s = any_state(v);
    let mut room = std::mem::take(&mut s.data);
    s.pos = 0;
    let size = s.size;
    if room.len() < size {
        if room.capacity() < size {
            error::check_size(th, size)?;
            room = vec![0; size];
        } else {
            room.resize(size, 0);
        }
    }
    let r = raw_read(th, v, &mut room[..size]);
    room.truncate(match r {
        Ok(Some(n)) => n,
        _ => 0,
    });
    any_state(v).data = room;
    r
}
/// Read into `out` until it is full, the stream ends or would have to wait; how much, and whether it would. Locked.
fn read_full(th: &Thread, v: Value, out: &mut [u8], whole: bool) -> R<(usize, bool)> {
    let mut n = 0;
    let take = |n: &mut usize, out: &mut [u8]| {
        let s = any_state(v);
        let k = s.ahead().len().min(out.len() - *n);
        out[*n..*n + k].copy_from_slice(&s.ahead()[..k]);
        s.pos += k;
        *n += k;
    };
    take(&mut n, out);
    if n == out.len() {
        return Ok((n, false));
    }
    settle(th, v)?;
    any_state(v).drop_ahead();
    while n < out.len() {
        let size = any_state(v).size;
        let left = out.len() - n;
        // What is larger than the buffer goes where it is wanted: whole buffers of it, or all.
        let got = if if whole { left >= size } else { left > size } {
            let k = if whole { left - left % size } else { left };
            raw_read(th, v, &mut out[n..n + k])?.inspect(|k| n += k)
        } else {
            let got = fill(th, v)?;
            take(&mut n, out);
            got
        };
        match got {
            Some(0) => break,
            Some(_) => {}
            None => return Ok((n, true)),
        }
    }
    Ok((n, false))
}
/// Everything that is left; `None` where nothing is there and it would have to wait. Locked.
fn read_all(th: &Thread, v: Value) -> R<Option<Vec<u8>>> {
    let s = any_state(v);
    let mut out = s.ahead().to_vec();
    s.drop_ahead();
    settle(th, v)?;
    let r = raw(v);
    if any_state(v).direct {
        let rest = fileio::read_all(th, r)?;
        any_state(v).at = -1;
        return Ok(match rest {
            Some(b) if out.is_empty() => Some(b),
            Some(b) => {
                out.extend_from_slice(&b);
                Some(out)
            }
            None => Some(out).filter(|o| !o.is_empty()),
        });
    }
    any_state(v).at = -1;
    if attr::get_text_opt(th, r, "readall")?.is_some() {
        let rest = ask(th, r, "readall", &[])?;
        if rest.is_none() {
            return Ok(Some(out).filter(|o| !o.is_empty()));
        }
        let Some(b) = rest.cast::<BytesObj>() else {
            return Err(error::type_error(th, "readall() should return bytes"));
        };
        out.extend_from_slice(b.as_slice());
        return Ok(Some(out));
    }
    loop {
        let b = ask(th, r, "read", &[])?;
        if b.is_none() {
            return Ok(Some(out).filter(|o| !o.is_empty()));
        }
        let Some(b) = b.cast::<BytesObj>() else {
            return Err(error::type_error(th, "read() should return bytes"));
        };
        if b.as_slice().is_empty() {
            return Ok(Some(out));
        }
        out.extend_from_slice(b.as_slice());
    }
}
/// Everything that is left, for text streams.
pub fn all_of(th: &Thread, v: Value) -> R<Option<Vec<u8>>> {
    check_open(th, v, "read of closed file")?;
    let _lock = Lock::new(th, v)?;
    read_all(th, v)
}
pub fn read(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    state(th, v)?;
    let n = size_arg(th, a.get(1))?;
    if n < -1 {
        return Err(error::value_error(
            th,
            "read length must be non-negative or -1",
        ));
    }
    check_open(th, v, "read of closed file")?;
    if n >= 0 {
        let s = state(th, v)?;
        if n as usize <= s.ahead().len() && s.dirty.is_empty() {
            let b = bytes::new(th, &s.ahead()[..n as usize])?;
            s.pos += n as usize;
            return Ok(b);
        }
    }
    let _lock = Lock::new(th, v)?;
    if n < 0 {
        return match read_all(th, v)? {
            Some(b) => bytes::new(th, &b),
            None => Ok(Value::NONE),
        };
    }
    error::check_size(th, n as usize)?;
    let mut out = vec![0; n as usize];
    let (k, waits) = read_full(th, v, &mut out, true)?;
    if k == 0 && waits {
        return Ok(Value::NONE);
    }
    bytes::new(th, &out[..k])
}
pub fn read1(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    state(th, v)?;
    let n = match a.get(1) {
        Some(&n) => parse::as_isize(th, n)?,
        None => -1,
    };
    check_open(th, v, "read of closed file")?;
    let n = if n < 0 {
        state(th, v)?.size
    } else {
        n as usize
    };
    if n == 0 {
        return bytes::new(th, &[]);
    }
    let _lock = Lock::new(th, v)?;
    settle(th, v)?;
    let s = any_state(v);
    if !s.ahead().is_empty() {
        let k = n.min(s.ahead().len());
        let b = bytes::new(th, &s.ahead()[..k])?;
        s.pos += k;
        return Ok(b);
    }
    s.drop_ahead();
    error::check_size(th, n)?;
    let mut out = vec![0; n];
    let k = raw_read(th, v, &mut out)?.unwrap_or(0);
    bytes::new(th, &out[..k])
}
/// What `read1` gives, handed to `f` where it stands: for text streams. An empty piece: the end, or it would wait.
pub fn read1_with<T>(th: &Thread, v: Value, n: usize, f: impl FnOnce(&[u8]) -> R<T>) -> R<T> {
    check_open(th, v, "read of closed file")?;
    let lock = Lock::new(th, v)?;
    settle(th, v)?;
    if any_state(v).ahead().is_empty() {
        any_state(v).drop_ahead();
        fill(th, v)?;
    }
    let s = any_state(v);
    let k = n.min(s.ahead().len());
    let from = s.pos;
    s.pos += k;
    // Out of the state while `f`, which may run Python code, looks at it.
    let held = std::mem::take(&mut s.data);
    let pos = std::mem::take(&mut s.pos);
    let r = f(&held[from..from + k]);
    let s = any_state(v);
    s.data = held;
    s.pos = pos;
    drop(lock);
    r
}
fn into(th: &Thread, v: Value, b: Value, once: bool) -> R {
    state(th, v)?;
    check_open(th, v, "readinto of closed file")?;
    let n = room(th, b, if once { "readinto1" } else { "readinto" })?.len();
    let _lock = Lock::new(th, v)?;
    let s = any_state(v);
    let held = s.ahead().len();
    if n <= held || once && held > 0 && n - held <= s.size {
        let k = n.min(held);
        room(th, b, "readinto")?[..k].copy_from_slice(&s.ahead()[..k]);
        s.pos += k;
        return Ok(Value::small_int(k as i64));
    }
    if once {
        settle(th, v)?;
        let s = any_state(v);
        if n - held <= s.size {
            // Not more than the buffer holds: it is filled, once.
            fill(th, v)?;
            let s = any_state(v);
            let k = n.min(s.ahead().len());
            bytes::write_into(th, b, 0, &s.ahead()[..k])?;
            s.pos += k;
            return Ok(Value::small_int(k as i64));
        }
        let mut out = s.ahead().to_vec();
        s.drop_ahead();
        error::check_size(th, n)?;
        out.resize(n, 0);
        let got = held + raw_read(th, v, &mut out[held..])?.unwrap_or(0);
        bytes::write_into(th, b, 0, &out[..got])?;
        return Ok(Value::small_int(got as i64));
    }
    error::check_size(th, n)?;
    let mut out = vec![0; n];
    let (k, waits) = read_full(th, v, &mut out, false)?;
    if k == 0 && waits {
        return Ok(Value::NONE);
    }
    bytes::write_into(th, b, 0, &out[..k])?;
    Ok(Value::small_int(k as i64))
}
pub fn readinto(th: &Thread, v: Value, b: Value) -> R {
    into(th, v, b, false)
}
pub fn readinto1(th: &Thread, v: Value, b: Value) -> R {
    into(th, v, b, true)
}
pub fn peek(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    state(th, v)?;
    check_open(th, v, "peek of closed file")?;
    let _lock = Lock::new(th, v)?;
    settle(th, v)?;
    if any_state(v).ahead().is_empty() {
        any_state(v).drop_ahead();
        fill(th, v)?;
    }
    bytes::new(th, any_state(v).ahead())
}
fn line(th: &Thread, v: Value, limit: i64) -> R {
    check_open(th, v, "readline of closed file")?;
    let end = |s: &[u8], left: i64| {
        let s = if left >= 0 {
            &s[..s.len().min(left as usize)]
        } else {
            s
        };
        match memchr::memchr(b'\n', s) {
            Some(i) => Some(i + 1),
            None if left >= 0 && s.len() as i64 == left => Some(s.len()),
            None => None,
        }
    };
    let s = state(th, v)?;
    if let Some(n) = end(s.ahead(), limit) {
        let b = bytes::new(th, &s.ahead()[..n])?;
        s.pos += n;
        return Ok(b);
    }
    let _lock = Lock::new(th, v)?;
    let mut out: Vec<u8> = any_state(v).ahead().to_vec();
    any_state(v).drop_ahead();
    settle(th, v)?;
    loop {
        let left = if limit < 0 {
            -1
        } else {
            limit - out.len() as i64
        };
        match fill(th, v)? {
            Some(n) if n > 0 => {}
            _ => break,
        }
        let s = any_state(v);
        let found = end(s.ahead(), left);
        let n = found.unwrap_or(s.ahead().len());
        out.extend_from_slice(&s.ahead()[..n]);
        s.pos += n;
        if found.is_some() {
            break;
        }
    }
    bytes::new(th, &out)
}
pub fn readline(th: &Thread, a: &[Value]) -> R {
    state(th, a[0])?;
    let n = size_arg(th, a.get(1))?;
    line(th, a[0], n)
}
pub fn iter(th: &Thread, v: Value) -> R {
    state(th, v)?;
    if is_closed(th, v)? {
        return Err(closed_error(th));
    }
    Ok(v)
}
pub fn next(th: &Thread, v: Value) -> R {
    state(th, v)?;
    let l = if class::of(v).has(tf::HEAP) {
        let l = ask(th, v, "readline", &[])?;
        if !l.is::<BytesObj>() {
            return Err(error::raise(
                th,
                C::OSError,
                &format!(
                    "readline() should have returned a bytes object, not '{}'",
                    class::type_name(l)
                ),
            ));
        }
        l
    } else {
        line(th, v, -1)?
    };
    if ops::length(th, l)? == 0 {
        return Err(error::raise_args(
            th,
            habu_runtime::runtime::class(C::StopIteration),
            &[],
        ));
    }
    Ok(l)
}

buffered::methods! { METHODS:
    mk("__init__", init_),
    mv("read", read, 1, 2).sig("($self, size=-1, /)"),
    mv("read1", read1, 1, 2).sig("($self, size=-1, /)"),
    m2("readinto", readinto).sig("($self, buffer, /)"),
    m2("readinto1", readinto1).sig("($self, buffer, /)"),
    mv("peek", peek, 1, 2).sig("($self, size=0, /)"),
    mv("readline", readline, 1, 2).sig("($self, size=-1, /)"),
    m1("readable", buffered::readable).sig("($self, /)"),
    m1("flush", buffered::raw_flush).sig("($self, /)"),
    m1("__iter__", iter),
    m1("__next__", next),
}
pub static READER: TypeSpec = TypeSpec::new("BufferedReader", kinds::RECORD)
    .module("_io")
    .doc("Reads ahead from a raw stream.")
    .sig("(raw, buffer_size=131072)")
    .words(buffered::WORDS)
    .flags(base::FLAGS)
    .methods(METHODS)
    .getset(&buffered::GETSET)
    .new_fn(buffered::new);

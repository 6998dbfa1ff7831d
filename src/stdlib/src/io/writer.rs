//! `BufferedWriter`, how `BufferedRandom` writes, and `BufferedRandom` itself.

use super::buffered::{self, Lock, any_state, check_open, raw_write, state};
use super::*;
use habu_runtime::kinds;
use habu_runtime::spec::{Args, MethodDef, m1, m2, mk, mv};

fn init_(th: &Thread, a: Args) -> R {
    let args = habu_runtime::args!(
        th,
        a.rest(),
        "BufferedWriter",
        ["raw", "buffer_size"],
        0,
        1,
        2
    );
    buffered::init(th, a.all()[0], args, base::check_writable, [false, true])
}
fn would_block(th: &Thread, written: usize) -> Raised {
    blocking(th, "write could not complete without blocking", written)
}
/// Write out what is to be written; what does not go stays. Locked.
pub fn flush_dirty(th: &Thread, v: Value) -> R<()> {
    if any_state(v).dirty.is_empty() {
        return Ok(());
    }
    let mut b = std::mem::take(&mut any_state(v).dirty);
    let mut n = 0;
    let r = loop {
        if n >= b.len() {
            break Ok(());
        }
        match raw_write(th, v, &b[n..]) {
            Ok(Some(k)) => n += k,
            Ok(None) => break Err(would_block(th, 0)),
            Err(e) => break Err(e),
        }
        if let Err(e) = habu_runtime::polls::check(th) {
            break Err(e);
        }
    };
    b.drain(..n);
    any_state(v).dirty = b;
    r
}
/// Write; for text streams too.
pub fn write_bytes(th: &Thread, v: Value, b: &[u8]) -> R<()> {
    state(th, v)?;
    let _lock = Lock::new(th, v)?;
    // Who held the lock may have closed it.
    check_open(th, v, "write to closed file")?;
    if !any_state(v).ahead().is_empty() {
        buffered::flush_and_rewind(th, v)?;
    }
    let s = any_state(v);
    let size = s.size;
    s.drop_ahead();
    if s.dirty.len() + b.len() <= size {
        s.dirty.extend_from_slice(b);
        return Ok(());
    }
    if flush_dirty(th, v).is_err() {
        let e = th.take();
        if !class::is_a(e, C::BlockingIOError) {
            return Err(th.restore(e));
        }
        // What fits is kept.
        let s = any_state(v);
        let k = size.saturating_sub(s.dirty.len()).min(b.len());
        s.dirty.extend_from_slice(&b[..k]);
        if k == b.len() {
            return Ok(());
        }
        return Err(would_block(th, k));
    }
    let mut n = 0;
    while b.len() - n > size {
        match raw_write(th, v, &b[n..])? {
            Some(k) => n += k,
            None => {
                any_state(v).dirty.extend_from_slice(&b[n..n + size]);
                return Err(would_block(th, n + size));
            }
        }
        habu_runtime::polls::check(th)?;
    }
    any_state(v).dirty.extend_from_slice(&b[n..]);
    Ok(())
}
fn write(th: &Thread, v: Value, x: Value) -> R {
    state(th, v)?;
    if x.is::<StrObj>() {
        return Err(error::type_error(
            th,
            "a bytes-like object is required, not 'str'",
        ));
    }
    let b = data(th, x)?;
    write_bytes(th, v, b)?;
    Ok(Value::small_int(b.len() as i64))
}
pub fn flush(th: &Thread, v: Value) -> R {
    state(th, v)?;
    check_open(th, v, "flush of closed file")?;
    let _lock = Lock::new(th, v)?;
    buffered::flush_and_rewind(th, v)?;
    Ok(Value::NONE)
}

buffered::methods! { METHODS:
    mk("__init__", init_),
    m2("write", write).sig("($self, buffer, /)"),
    m1("writable", buffered::writable).sig("($self, /)"),
    m1("flush", flush).sig("($self, /)"),
}
pub static WRITER: TypeSpec = TypeSpec::new("BufferedWriter", kinds::RECORD)
    .module("_io")
    .doc("Collects what is written to a raw stream.")
    .sig("(raw, buffer_size=131072)")
    .words(buffered::WORDS)
    .flags(base::FLAGS)
    .methods(METHODS)
    .getset(&buffered::GETSET)
    .new_fn(buffered::new);

fn init_random(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [r, size] = habu_runtime::args!(
        th,
        a.rest(),
        "BufferedRandom",
        ["raw", "buffer_size"],
        0,
        1,
        2
    );
    let r = r.unwrap_or(Value::NONE);
    let size = buffered::size_of(th, size)?;
    buffered::unset(v);
    base::check_seekable(th, r)?;
    base::check_readable(th, r)?;
    base::check_writable(th, r)?;
    buffered::start(th, v, r, size, true, true)?;
    Ok(Value::NONE)
}
buffered::methods! { RANDOM_METHODS:
    mk("__init__", init_random),
    mv("read", reader::read, 1, 2).sig("($self, size=-1, /)"),
    mv("read1", reader::read1, 1, 2).sig("($self, size=-1, /)"),
    m2("readinto", reader::readinto).sig("($self, buffer, /)"),
    m2("readinto1", reader::readinto1).sig("($self, buffer, /)"),
    mv("peek", reader::peek, 1, 2).sig("($self, size=0, /)"),
    mv("readline", reader::readline, 1, 2).sig("($self, size=-1, /)"),
    m1("readable", buffered::readable).sig("($self, /)"),
    m1("__iter__", reader::iter),
    m1("__next__", reader::next),
    m2("write", write).sig("($self, buffer, /)"),
    m1("writable", buffered::writable).sig("($self, /)"),
    m1("flush", flush).sig("($self, /)"),
}
pub static RANDOM: TypeSpec = TypeSpec::new("BufferedRandom", kinds::RECORD)
    .module("_io")
    .doc("Reads ahead from, and collects what is written to, a raw stream that can seek.")
    .sig("(raw, buffer_size=131072)")
    .words(buffered::WORDS)
    .flags(base::FLAGS)
    .methods(RANDOM_METHODS)
    .getset(&buffered::GETSET)
    .new_fn(buffered::new);

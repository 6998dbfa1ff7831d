//! What buffered streams over a raw one have in common: state, lock, and the calls of the raw stream.
//!
//! What must hold: a buffer holds what was read ahead (`data[pos..]`, the raw stream stands behind it) or what is still
//! to be written (`dirty`, the raw stream stands where that begins), never both; while a system call waits, the buffer
//! is out of the state, and the lock keeps other threads from wanting it.

use super::*;
use crate::native_state;
use habu_runtime::spec::{GetSetDef, gs, gss};
use habu_runtime::types::{bytes, memoryview};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

const BOX: usize = 0;
const RAW: usize = 1;
pub const WORDS: u8 = 2;

#[derive(Default)]
pub struct Buf {
    /// What was read ahead; `data[pos..]` is still to come.
    pub data: Vec<u8>,
    pub pos: usize,
    pub dirty: Vec<u8>,
    pub size: usize,
    /// Where the raw stream stands; -1: unknown.
    pub at: i64,
    ok: bool,
    detached: bool,
    pub reads: bool,
    pub writes: bool,
    finalizing: bool,
    /// A text stream over it closes it.
    owned: bool,
    /// The raw stream is a FileIO, which is called directly.
    pub direct: bool,
    /// The thread that is in it; 0: none.
    owner: u64,
}

impl Buf {
    pub fn ahead(&self) -> &[u8] {
        &self.data[self.pos..]
    }
    /// Forget what was read ahead.
    pub fn drop_ahead(&mut self) {
        self.data.clear();
        self.pos = 0;
    }
}

/// The state of a stream, initialized or not.
#[inline]
pub fn any_state(v: Value) -> &'static mut Buf {
    match slot(v, BOX).get() {
        // SAFETY: made by `new`; nobody keeps the reference over a call that may run Python code or wait.
        Some(b) => unsafe { native_state::get(b) },
        None => unreachable!("a buffered stream without state"),
    }
}
#[inline]
pub fn state(th: &Thread, v: Value) -> R<&'static mut Buf> {
    let s = any_state(v);
    if s.ok { Ok(s) } else { Err(not_ready(th, s)) }
}
#[cold]
fn not_ready(th: &Thread, s: &Buf) -> Raised {
    if s.detached {
        return error::value_error(th, "raw stream has been detached");
    }
    uninitialized(th)
}
pub fn raw(v: Value) -> Value {
    slot(v, RAW).get().unwrap_or(Value::NONE)
}
pub fn new(th: &Thread, cls: Gc<TypeObj>, _: habu_runtime::spec::Args) -> R {
    let v = alloc(th, cls)?;
    let b = native_state::new(
        th,
        Buf {
            at: -1,
            ..Buf::default()
        },
    )?;
    put(th, v, BOX, Some(b));
    Ok(v)
}
pub fn start(th: &Thread, v: Value, raw: Value, size: i64, reads: bool, writes: bool) -> R<()> {
    if size <= 0 {
        return Err(error::value_error(
            th,
            "buffer size must be strictly positive",
        ));
    }
    start_quick(th, v, raw, size as usize, reads, writes);
    if raw_tell(th, v).is_err() {
        th.take();
    }
    Ok(())
}
/// The same without asking where the raw stream stands.
pub fn start_quick(th: &Thread, v: Value, raw: Value, size: usize, reads: bool, writes: bool) {
    put(th, v, RAW, Some(raw));
    let direct = is_exact(raw, &fileio::FILE_IO);
    if is_a(raw, &fileio::FILE_IO) {
        fileio::set_owned(raw, true);
    }
    *any_state(v) = Buf {
        size,
        at: -1,
        ok: true,
        reads,
        writes,
        direct,
        ..Buf::default()
    };
}
/// `__init__` of a stream over a raw one that passes this check, which `[reads, writes]`.
pub fn init(
    th: &Thread,
    v: Value,
    [raw, size]: [Option<Value>; 2],
    check: fn(&Thread, Value) -> R,
    [reads, writes]: [bool; 2],
) -> R {
    let raw = raw.unwrap_or(Value::NONE);
    let size = size_of(th, size)?;
    unset(v);
    check(th, raw)?;
    start(th, v, raw, size, reads, writes)?;
    Ok(Value::NONE)
}

/// `__init__` of a stream failed, or begins.
pub fn unset(v: Value) {
    let s = any_state(v);
    s.ok = false;
    s.detached = false;
}
pub fn size_of(th: &Thread, v: Option<Value>) -> R<i64> {
    match v {
        Some(v) => parse::as_isize(th, v),
        None => Ok(BUFFER_SIZE as i64),
    }
}

/// Is it one of the classes that have this state?
pub fn is_buffered(v: Value) -> bool {
    is_a(v, &reader::READER) || is_a(v, &writer::WRITER) || is_a(v, &writer::RANDOM)
}
pub fn set_owned(v: Value, on: bool) {
    if is_buffered(v) {
        any_state(v).owned = on;
    }
}
/// Of two that die together the outer one is closed, which closes the inner.
pub fn del(th: &Thread, v: Value) -> R {
    if any_state(v).owned {
        Ok(Value::NONE)
    } else {
        base::del(th, v)
    }
}

/// One thread at a time is in a stream.
pub struct Lock(Value);

impl Lock {
    #[inline]
    pub fn new(th: &Thread, v: Value) -> R<Lock> {
        let me = th.id.load(Relaxed);
        let s = any_state(v);
        if s.owner == 0 {
            s.owner = me;
            return Ok(Lock(v));
        }
        Self::wait(th, v, me)
    }
    #[cold]
    fn wait(th: &Thread, v: Value, me: u64) -> R<Lock> {
        if any_state(v).owner == me {
            let r = ops::repr::repr_string(th, v)?;
            return Err(error::raise(
                th,
                C::RuntimeError,
                &format!("reentrant call inside {r}"),
            ));
        }
        let mut pause = 20;
        while any_state(v).owner != 0 {
            th.blocked(|| std::thread::sleep(Duration::from_micros(pause)));
            pause = (pause * 2).min(2000);
            habu_runtime::polls::check(th)?;
        }
        any_state(v).owner = me;
        Ok(Lock(v))
    }
}
impl Drop for Lock {
    #[inline]
    fn drop(&mut self) {
        any_state(self.0).owner = 0;
    }
}

/// ValueError naming what was tried, where the stream is closed.
pub fn check_open(th: &Thread, v: Value, what: &str) -> R<()> {
    let s = state(th, v)?;
    let shut = if s.direct {
        fileio::fd(raw(v)) < 0
    } else {
        is_closed(th, raw(v))?
    };
    if shut {
        return Err(error::value_error(th, what));
    }
    state(th, v).map(drop)
}

// ---- the raw stream

/// `f()` again while a signal breaks it.
fn unbroken(th: &Thread, mut f: impl FnMut() -> R) -> R {
    loop {
        let r = f();
        if r.is_err() && error::matches(th, C::InterruptedError) {
            th.take();
            habu_runtime::polls::check(th)?;
            continue;
        }
        return r;
    }
}
fn length(th: &Thread, r: Value, most: usize, what: &str) -> R<usize> {
    let n = parse::as_isize(th, r);
    let n = match n {
        Ok(n) => n,
        Err(_) => {
            let cause = th.take();
            let e = error::raise(th, C::OSError, &format!("raw {what}() failed"));
            if let Some(x) = th.pending.get().and_then(|p| p.cast::<ExcObj>()) {
                th.set(x, &x.cause, Some(cause));
                th.set(x, &x.context, Some(cause));
            }
            return Err(e);
        }
    };
    if n < 0 || n as usize > most {
        return Err(error::raise(
            th,
            C::OSError,
            &format!(
                "raw {what}() returned invalid length {n} (should have been between 0 and {most})"
            ),
        ));
    }
    Ok(n as usize)
}
/// Read once into `to`, which is on the stack or out of the state; `None` where it would have to wait.
pub fn raw_read(th: &Thread, v: Value, to: &mut [u8]) -> R<Option<usize>> {
    let r = raw(v);
    let n = if any_state(v).direct {
        fileio::read_into(th, r, to)?
    } else {
        let store = bytes::new_bytearray(th, to)?;
        let view = memoryview::over(th, store, store, 0, to.len(), b'B')?;
        let n = unbroken(th, || ask(th, r, "readinto", &[view]))?;
        if n.is_none() {
            None
        } else {
            let n = length(th, n, to.len(), "readinto")?;
            let got = bytes::as_slice(store).unwrap_or(&[]);
            let n = n.min(got.len());
            to[..n].copy_from_slice(&got[..n]);
            Some(n)
        }
    };
    let s = any_state(v);
    if let Some(n) = n
        && s.at >= 0
    {
        s.at += n as i64;
    }
    Ok(n)
}
pub fn raw_write(th: &Thread, v: Value, b: &[u8]) -> R<Option<usize>> {
    let r = raw(v);
    let n = if any_state(v).direct {
        fileio::write_from(th, r, b)?
    } else {
        let store = bytes::new(th, b)?;
        let view = memoryview::over(th, store, store, 0, b.len(), b'B')?;
        let n = unbroken(th, || ask(th, r, "write", &[view]))?;
        if n.is_none() {
            None
        } else {
            Some(length(th, n, b.len(), "write")?)
        }
    };
    let s = any_state(v);
    if let Some(n) = n
        && s.at >= 0
    {
        s.at += n as i64;
    }
    Ok(n)
}
fn position(th: &Thread, v: Value, n: Value) -> R<i64> {
    let n = offset(th, n)?;
    if n < 0 {
        return Err(error::raise(
            th,
            C::OSError,
            &format!("Raw stream returned invalid position {n}"),
        ));
    }
    any_state(v).at = n;
    Ok(n)
}
pub fn raw_tell(th: &Thread, v: Value) -> R<i64> {
    any_state(v).at = -1;
    let n = if any_state(v).direct {
        int::from_i64(th, fileio::seek_raw(th, raw(v), 0, 1)?)?
    } else {
        ask(th, raw(v), "tell", &[])?
    };
    position(th, v, n)
}
pub fn raw_seek(th: &Thread, v: Value, to: i64, whence: i32) -> R<i64> {
    any_state(v).at = -1;
    let n = if any_state(v).direct {
        int::from_i64(th, fileio::seek_raw(th, raw(v), to, whence)?)?
    } else {
        let to = int::from_i64(th, to)?;
        ask(th, raw(v), "seek", &[to, Value::small_int(whence as i64)])?
    };
    position(th, v, n)
}

// ---- seek and tell

/// Write out what is to be written, and put the raw stream where the program believes it is.
pub fn flush_and_rewind(th: &Thread, v: Value) -> R<()> {
    writer::flush_dirty(th, v)?;
    let s = any_state(v);
    let n = s.ahead().len() as i64;
    s.drop_ahead();
    if n > 0 {
        raw_seek(th, v, -n, 1)?;
    }
    Ok(())
}
pub fn seek(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    state(th, v)?;
    let whence = match a.get(2) {
        Some(&w) => parse::as_i32(th, w)?,
        None => 0,
    };
    if !(0..=4).contains(&whence) {
        return Err(error::value_error(
            th,
            &format!("whence value {whence} unsupported"),
        ));
    }
    check_open(th, v, "seek of closed file")?;
    if state(th, v)?.direct && fileio::seekable(th, raw(v))? {
    } else {
        base::check_seekable(th, raw(v))?;
    }
    let mut to = offset(th, a[1])?;
    // Within what was read ahead no call is needed.
    if whence <= 1 && state(th, v)?.reads {
        let s = state(th, v)?;
        let here = if s.at >= 0 { s.at } else { raw_tell(th, v)? };
        let s = state(th, v)?;
        if s.dirty.is_empty() && !s.data.is_empty() {
            let logical = here - s.ahead().len() as i64;
            let by = if whence == 0 {
                to.wrapping_sub(logical)
            } else {
                to
            };
            let new = (s.pos as i64).checked_add(by);
            let new = new.filter(|n| (0..=s.data.len() as i64).contains(n));
            if let Some(new) = new.filter(|_| logical.saturating_add(by) >= 0) {
                s.pos = new as usize;
                return int::from_i64(th, logical + by);
            }
        }
    }
    let _lock = Lock::new(th, v)?;
    writer::flush_dirty(th, v)?;
    if whence == 1 {
        to = to.saturating_sub(state(th, v)?.ahead().len() as i64);
    }
    let n = raw_seek(th, v, to, whence)?;
    state(th, v)?.drop_ahead();
    int::from_i64(th, n)
}
pub fn tell_at(th: &Thread, v: Value) -> R<i64> {
    state(th, v)?;
    let n = raw_tell(th, v)?;
    let s = state(th, v)?;
    Ok((n - s.ahead().len() as i64 + s.dirty.len() as i64).max(0))
}
pub fn tell(th: &Thread, v: Value) -> R {
    int::from_i64(th, tell_at(th, v)?)
}
pub fn truncate(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    check_open(th, v, "truncate of closed file")?;
    if !state(th, v)?.writes {
        return Err(unsupported(th, "truncate"));
    }
    let _lock = Lock::new(th, v)?;
    flush_and_rewind(th, v)?;
    let r = ask(th, raw(v), "truncate", &a[1..])?;
    if raw_tell(th, v).is_err() {
        th.take();
    }
    Ok(r)
}

// ---- what is left to the raw stream

macro_rules! handed_on {
    ($($f:ident $name:literal)*) => {$(
        pub fn $f(th: &Thread, v: Value) -> R {
            state(th, v)?;
            ask(th, raw(v), $name, &[])
        }
    )*};
}
handed_on! { fileno "fileno" isatty "isatty" seekable "seekable" readable "readable" writable "writable" raw_flush "flush" }

fn closed(th: &Thread, v: Value) -> R {
    state(th, v)?;
    attr::get_text(th, raw(v), "closed")
}
fn name(th: &Thread, v: Value) -> R {
    state(th, v)?;
    attr::get_text(th, raw(v), "name")
}
fn mode(th: &Thread, v: Value) -> R {
    state(th, v)?;
    attr::get_text(th, raw(v), "mode")
}
fn get_raw(_: &Thread, v: Value) -> R {
    Ok(raw(v))
}
fn finalizing(_: &Thread, v: Value) -> R {
    Ok(Value::bool(any_state(v).finalizing))
}
fn set_finalizing(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    any_state(v).finalizing = switch(th, x)?;
    Ok(())
}
pub fn close(th: &Thread, v: Value) -> R {
    state(th, v)?;
    if is_closed(th, v)? {
        return Ok(Value::NONE);
    }
    if any_state(v).finalizing {
        dealloc_warn(th, v, v)?;
    }
    let flushed = ask(th, v, "flush", &[]).map(drop);
    let _lock = if flushed.is_ok() {
        Some(Lock::new(th, v)?)
    } else {
        None
    };
    let r = chain(th, flushed, || ask(th, raw(v), "close", &[]));
    let s = any_state(v);
    (s.data, s.dirty, s.pos) = (Vec::new(), Vec::new(), 0);
    r
}
pub fn detach(th: &Thread, v: Value) -> R {
    state(th, v)?;
    ask(th, v, "flush", &[])?;
    let r = raw(v);
    if is_a(r, &fileio::FILE_IO) {
        fileio::set_owned(r, false);
    }
    put(th, v, RAW, None);
    let s = any_state(v);
    s.ok = false;
    s.detached = true;
    s.direct = false;
    s.drop_ahead();
    Ok(r)
}
pub fn dealloc_warn(th: &Thread, v: Value, source: Value) -> R {
    if any_state(v).ok && attr::get_text_opt(th, raw(v), "_dealloc_warn")?.is_some() {
        let r = ask(th, raw(v), "_dealloc_warn", &[source]);
        if r.is_err() {
            th.take();
        }
    }
    Ok(Value::NONE)
}
pub fn sizeof(_: &Thread, v: Value) -> R {
    let s = any_state(v);
    Ok(Value::small_int(160 + s.size as i64))
}

/// The common methods before a class's own.
macro_rules! methods {
    ($id:ident: $($own:expr),* $(,)?) => {
        pub static $id: &[MethodDef] = &[
            m1("detach", $crate::io::buffered::detach).sig("($self, /)"),
            m1("close", $crate::io::buffered::close).sig("($self, /)"),
            m1("seekable", $crate::io::buffered::seekable).sig("($self, /)"),
            m1("fileno", $crate::io::buffered::fileno).sig("($self, /)"),
            m1("isatty", $crate::io::buffered::isatty).sig("($self, /)"),
            mv("seek", $crate::io::buffered::seek, 2, 3).sig("($self, target, whence=0, /)"),
            mv("truncate", $crate::io::buffered::truncate, 1, 2).sig("($self, pos=None, /)"),
            m1("__repr__", repr_named),
            m1("__del__", $crate::io::buffered::del),
                        mv("__reduce_ex__", bytesio::reduce, 2, 2),
            mv("__getstate__", no_state, 1, 1),
            m1("tell", $crate::io::buffered::tell).sig("($self, /)"),
            m2("_dealloc_warn", $crate::io::buffered::dealloc_warn),
            m1("__sizeof__", $crate::io::buffered::sizeof),
            $($own,)*
        ];
    };
}
pub(super) use methods;
pub static GETSET: [GetSetDef; 5] = [
    gs("closed", closed),
    gs("name", name),
    gs("mode", mode),
    gs("raw", get_raw),
    gss("_finalizing", finalizing, set_finalizing),
];

//! A `FileIO`'s calls of the system.
//!
//! What must hold: a call that may wait runs outside the runtime, and what it reads into or writes from stays where it
//! is meanwhile: it is on the stack, or out of the state of whoever asks.

use super::fileio::{ASKED, SEEKS, fd, has, open, reads, set_bit, writes};
use super::*;

/// A call that may wait: its result, or the error's number. Signals' handlers run in between.
pub fn wait(th: &Thread, mut f: impl FnMut() -> i64) -> R<Result<usize, i32>> {
    loop {
        let (r, e) = th.blocked(|| {
            let r = f();
            (r, if r < 0 { error::errno() } else { 0 })
        });
        if r >= 0 {
            return Ok(Ok(r as usize));
        }
        if e != libc::EINTR {
            return Ok(Err(e));
        }
        habu_runtime::polls::check(th)?;
    }
}
/// `None` where it would have to wait.
fn done(th: &Thread, r: Result<usize, i32>) -> R<Option<usize>> {
    match r {
        Ok(n) => Ok(Some(n)),
        Err(libc::EAGAIN) => Ok(None),
        Err(e) => Err(error::os_error(th, e, None)),
    }
}
pub const MOST: usize = 0x7fff_f000;
/// Read into memory that stays while the call waits.
pub fn read_into(th: &Thread, v: Value, to: &mut [u8]) -> R<Option<usize>> {
    let f = open(th, v)?;
    if !reads(v) {
        return Err(unsupported(th, "File not open for reading"));
    }
    let n = to.len().min(MOST);
    // SAFETY: the memory is writable for its length.
    let r = wait(th, || unsafe {
        libc::read(f, to.as_mut_ptr() as *mut _, n) as i64
    })?;
    done(th, r)
}
pub fn write_from(th: &Thread, v: Value, b: &[u8]) -> R<Option<usize>> {
    let f = open(th, v)?;
    if !writes(v) {
        return Err(unsupported(th, "File not open for writing"));
    }
    let n = b.len().min(MOST);
    // SAFETY: the memory is readable for its length.
    let r = wait(th, || unsafe {
        libc::write(f, b.as_ptr() as *const _, n) as i64
    })?;
    done(th, r)
}
pub fn seek_to(th: &Thread, v: Value, to: i64, whence: i32) -> Result<i64, i32> {
    let f = fd(v);
    let (r, e) = th.blocked(|| {
        // SAFETY: a plain system call.
        let r = unsafe { libc::lseek(f, to, whence) };
        (r, error::errno())
    });
    if !has(v, ASKED) {
        set_bit(v, SEEKS, r >= 0);
        set_bit(v, ASKED, true);
    }
    if r < 0 { Err(e) } else { Ok(r) }
}
pub fn seek_raw(th: &Thread, v: Value, to: i64, whence: i32) -> R<i64> {
    open(th, v)?;
    seek_to(th, v, to, whence).map_err(|e| error::os_error(th, e, None))
}
/// All that is left, in one go where the system tells how much that is.
pub fn read_all(th: &Thread, v: Value) -> R<Option<Vec<u8>>> {
    let f = open(th, v)?;
    if !reads(v) {
        return Err(unsupported(th, "File not open for reading"));
    }
    // SAFETY: zero bytes are a `stat`, and the call fills it.
    let (size, at) = th.blocked(|| unsafe {
        let mut s: libc::stat = std::mem::zeroed();
        let r = libc::fstat(f, &mut s);
        (
            if r == 0 { s.st_size } else { 0 },
            libc::lseek(f, 0, libc::SEEK_CUR),
        )
    });
    let left = if at >= 0 && size > at {
        (size - at) as usize
    } else {
        0
    };
    error::check_size(th, left)?;
    // One more, so that the end is seen without growing.
    let mut out: Vec<u8> = vec![0; if left > 0 { left + 1 } else { 8192 }];
    let mut n = 0;
    loop {
        if n == out.len() {
            let more = (out.len() / 4).max(BUFFER_SIZE);
            error::check_size(th, out.len() + more)?;
            out.resize(out.len() + more, 0);
        }
        match read_into(th, v, &mut out[n..])? {
            Some(0) => break,
            Some(k) => n += k,
            None if n == 0 => return Ok(None),
            None => break,
        }
    }
    out.truncate(n);
    Ok(Some(out))
}

//! Standard output before (and below) Python's file objects: one process-wide buffer over descriptor 1.

use std::sync::{Mutex, OnceLock};

static OUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
const ROOM: usize = 8192;

/// Somebody watches: lines go out at once.
fn is_terminal() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    // SAFETY: a plain system call.
    *ANSWER.get_or_init(|| unsafe { libc::isatty(1) } == 1)
}

/// Write to descriptor 1 (buffered) or 2.
pub fn write_raw(fd: i32, b: &[u8]) {
    if fd != 1 {
        flush();
        write_all(fd, b);
        return;
    }
    let mut o = match OUT.lock() {
        Ok(o) => o,
        Err(p) => p.into_inner(),
    };
    o.extend_from_slice(b);
    if o.len() >= ROOM || b.contains(&b'\n') && is_terminal() {
        write_all(1, &o);
        o.clear();
    }
}

/// False where the descriptor no longer takes anything.
fn write_all(fd: i32, mut b: &[u8]) -> bool {
    while !b.is_empty() {
        // SAFETY: the buffer is readable for its length.
        let n = unsafe { libc::write(fd, b.as_ptr() as *const _, b.len()) };
        if n < 0 {
            if std::io::Error::last_os_error().raw_os_error() == Some(libc::EINTR) {
                continue;
            }
            return false;
        }
        b = &b[n as usize..];
    }
    true
}

pub fn flush() -> bool {
    let mut o = match OUT.lock() {
        Ok(o) => o,
        Err(p) => p.into_inner(),
    };
    let ok = write_all(1, &o);
    o.clear();
    ok
}

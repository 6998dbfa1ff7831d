//! `fcntl`: control of open descriptors and locks on files.

use crate::posix::path::{self, sys};
use habu_runtime::core::{int, parse};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{MethodDef, m2, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;

macro_rules! constants {
    ($($n:ident)*) => { const CONSTANTS: &[(&str, i64)] = &[$((stringify!($n), libc::$n as i64)),*]; };
}
constants! {
    F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_GETOWN F_SETOWN F_RDLCK F_WRLCK
    F_UNLCK F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_SETPIPE_SZ F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS F_SEAL_SEAL
    F_SEAL_SHRINK F_SEAL_GROW F_SEAL_WRITE FD_CLOEXEC LOCK_SH LOCK_EX LOCK_NB LOCK_UN FIONREAD TIOCGWINSZ TIOCSWINSZ
}

/// The argument of a control call: nothing, a number, or a buffer that comes back.
enum Operand {
    Number(i64),
    Buffer(Vec<u8>),
}
fn operand(th: &Thread, v: Option<Value>) -> R<Operand> {
    let Some(v) = v else {
        return Ok(Operand::Number(0));
    };
    if int::is_int(v) {
        return Ok(Operand::Number(parse::as_clipped(th, v)?));
    }
    let raw = match v.cast::<StrObj>() {
        Some(s) => path::encode(th, s)?,
        None => bytes::buffer(th, v)?.to_vec(),
    };
    if raw.len() > 1024 {
        return Err(error::value_error(th, "fcntl argument 3 is too long"));
    }
    Ok(Operand::Buffer(raw))
}
fn fcntl(th: &Thread, a: &[Value]) -> R {
    let (fd, cmd) = (path::fd(th, a[0])?, parse::as_i32(th, a[1])?);
    match operand(th, a.get(2).copied())? {
        // SAFETY: the third argument is a number.
        Operand::Number(n) => {
            let r = sys(th, None, || unsafe { libc::fcntl(fd, cmd, n) } as i64)?;
            Ok(Value::small_int(r))
        }
        Operand::Buffer(b) => {
            let mut room = [0u8; 1024];
            room[..b.len()].copy_from_slice(&b);
            // SAFETY: more room than any of these calls writes.
            sys(
                th,
                None,
                || unsafe { libc::fcntl(fd, cmd, room.as_mut_ptr()) } as i64,
            )?;
            bytes::new(th, &room[..b.len()])
        }
    }
}
fn ioctl(th: &Thread, a: &[Value]) -> R {
    let fd = path::fd(th, a[0])?;
    let cmd = parse::as_clipped(th, a[1])? as u32 as libc::c_ulong;
    match operand(th, a.get(2).copied())? {
        Operand::Number(n) => {
            // SAFETY: the third argument is a number.
            let r = sys(th, None, || unsafe { libc::ioctl(fd, cmd, n) } as i64)?;
            Ok(Value::small_int(r))
        }
        Operand::Buffer(b) => {
            let mut room = [0u8; 1024];
            room[..b.len()].copy_from_slice(&b);
            // SAFETY: more room than any of these calls writes.
            let r = sys(
                th,
                None,
                || unsafe { libc::ioctl(fd, cmd, room.as_mut_ptr()) } as i64,
            )?;
            let mutate = a.get(3).map_or(Ok(true), |m| ops::truth(th, *m))?;
            if mutate && a[2].is::<ByteArrayObj>() {
                let new = bytes::new(th, &room[..b.len()])?;
                let all =
                    habu_runtime::types::slice::new(th, Value::NONE, Value::NONE, Value::NONE)?;
                ops::subscr::set(th, a[2], all, new)?;
                return Ok(Value::small_int(r));
            }
            bytes::new(th, &room[..b.len()])
        }
    }
}
fn flock(th: &Thread, fd: Value, op: Value) -> R {
    let (fd, op) = (path::fd(th, fd)?, parse::as_i32(th, op)?);
    // SAFETY: a plain system call.
    path::done(th, None, || unsafe { libc::flock(fd, op) })
}
fn lockf(th: &Thread, a: &[Value]) -> R {
    let (fd, op) = (path::fd(th, a[0])?, parse::as_i32(th, a[1])?);
    let number = |i: usize| a.get(i).map_or(Ok(0), |v| parse::as_isize(th, *v));
    let kind = match op & !libc::LOCK_NB {
        libc::LOCK_UN => libc::F_UNLCK,
        libc::LOCK_SH => libc::F_RDLCK,
        libc::LOCK_EX => libc::F_WRLCK,
        _ => return Err(error::value_error(th, "unrecognized lockf argument")),
    };
    // SAFETY: all-zero is a valid lock description.
    let mut l: libc::flock = unsafe { std::mem::zeroed() };
    l.l_type = kind as i16;
    (l.l_len, l.l_start, l.l_whence) = (number(2)?, number(3)?, number(4)? as i16);
    let cmd = if op & libc::LOCK_NB != 0 {
        libc::F_SETLK
    } else {
        libc::F_SETLKW
    };
    // SAFETY: the description is readable.
    path::done(th, None, || unsafe { libc::fcntl(fd, cmd, &l) })
}
static FUNCTIONS: [MethodDef; 4] = [
    mv("fcntl", fcntl, 2, 3),
    mv("ioctl", ioctl, 2, 4),
    m2("flock", flock),
    mv("lockf", lockf, 2, 5),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let f = m::new(th, "fcntl", &FUNCTIONS)?;
    for (n, v) in CONSTANTS {
        m::set(th, f, n, Value::small_int(*v))?;
    }
    Ok(f)
}

//! Descriptors and the file tree.

use super::path::{self, done, done2, sys};
use habu_runtime::core::{int, parse, tuple};
use habu_runtime::error;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, MethodDef, m0, m1, mk};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::{bytes, float};
use habu_runtime::value::Value;

fn none(v: Option<Value>) -> Value {
    v.unwrap_or(Value::NONE)
}
fn num(th: &Thread, v: Option<Value>, default: i32) -> R<i32> {
    v.map_or(Ok(default), |v| parse::as_i32(th, v))
}
fn offset(th: &Thread, v: Option<Value>) -> R<i64> {
    let v = parse::index(th, none(v))?;
    match int::to_i64(v) {
        Some(i) => Ok(i),
        None => Err(error::raise(
            th,
            habu_runtime::classes::C::OverflowError,
            "Python int too large to convert to C long",
        )),
    }
}
fn yes(th: &Thread, v: Option<Value>, default: bool) -> R<bool> {
    v.map_or(Ok(default), |v| ops::truth(th, v))
}

fn open(th: &Thread, a: Args) -> R {
    let [p, flags, mode, dir] =
        habu_runtime::args!(th, a, "open", ["path", "flags", "mode", "dir_fd"], 0, 2, 3);
    let p = path::path(th, p, "open")?;
    let flags = num(th, flags, 0)? | libc::O_CLOEXEC;
    let (mode, dir) = (num(th, mode, 0o777)?, path::dir_fd(th, dir)?);
    // SAFETY: the path is a C string.
    let fd = sys(
        th,
        Some(p.value),
        || unsafe { libc::openat(dir, p.text.as_ptr(), flags, mode) } as i64,
    )?;
    Ok(Value::small_int(fd))
}
fn close(th: &Thread, a: Args) -> R {
    let [fd] = habu_runtime::args!(th, a, "close", ["fd"], 0, 1, 1);
    let fd = path::fd(th, none(fd))?;
    // A broken close has closed all the same: never again.
    let (r, e) = th.blocked(|| {
        // SAFETY: a plain system call.
        let r = unsafe { libc::close(fd) };
        (r, error::errno())
    });
    if r < 0 && e != libc::EINTR {
        return Err(error::os_error(th, e, None));
    }
    Ok(Value::NONE)
}
fn closerange(th: &Thread, a: Args) -> R {
    let [lo, hi] = habu_runtime::args!(th, a, "closerange", ["fd_low", "fd_high"], 2, 2, 2);
    for fd in num(th, lo, 0)?.max(0)..num(th, hi, 0)? {
        // SAFETY: a plain system call.
        unsafe { libc::close(fd) };
    }
    Ok(Value::NONE)
}
fn read(th: &Thread, a: Args) -> R {
    let [fd, n] = habu_runtime::args!(th, a, "read", ["fd", "length"], 2, 2, 2);
    let (fd, n) = (num(th, fd, 0)?, offset(th, n)?);
    if n < 0 {
        return Err(error::os_error(th, libc::EINVAL, None));
    }
    let mut buf: Vec<u8> = Vec::new();
    if buf.try_reserve_exact(n as usize).is_err() {
        return Err(error::out_of_memory(th));
    }
    let room = buf.spare_capacity_mut().as_mut_ptr() as usize;
    // SAFETY: the buffer has room for `n` bytes.
    let got = sys(
        th,
        None,
        || unsafe { libc::read(fd, room as *mut _, n as usize) } as i64,
    )?;
    // SAFETY: `got` bytes were written.
    unsafe { buf.set_len(got as usize) };
    bytes::new(th, &buf)
}
fn readinto(th: &Thread, a: Args) -> R {
    let [fd, b] = habu_runtime::args!(th, a, "readinto", ["fd", "buffer"], 2, 2, 2);
    let fd = num(th, fd, 0)?;
    let n = bytes::buffer(th, none(b))?.len();
    let mut buf = vec![0u8; n];
    let got = sys(th, None, || {
        // SAFETY: the buffer is writable for its length.
        unsafe { libc::read(fd, buf.as_mut_ptr() as *mut _, n) as i64 }
    })?;
    let data = bytes::new(th, &buf[..got as usize])?;
    let range = ops::call::call(
        th,
        habu_runtime::runtime::class_value(habu_runtime::classes::C::Slice),
        &[Value::small_int(0), Value::small_int(got)],
    )?;
    ops::subscr::set(th, none(b), range, data)?;
    Ok(Value::small_int(got))
}
fn write(th: &Thread, a: Args) -> R {
    let [fd, b] = habu_runtime::args!(th, a, "write", ["fd", "data"], 2, 2, 2);
    let (fd, v) = (num(th, fd, 0)?, none(b));
    let mut b = bytes::buffer(th, v)?;
    // A bytearray may change while others run.
    let copy;
    if !v.is::<BytesObj>() {
        copy = bytes::new(th, b)?;
        b = bytes::buffer(th, copy)?;
    }
    if fd == 1 || fd == 2 {
        habu_runtime::modules::builtins_io::flush();
    }
    // SAFETY: the data is readable for its length.
    let n = sys(
        th,
        None,
        || unsafe { libc::write(fd, b.as_ptr() as *const _, b.len()) } as i64,
    )?;
    Ok(Value::small_int(n))
}
fn lseek(th: &Thread, a: Args) -> R {
    let [fd, pos, how] = habu_runtime::args!(th, a, "lseek", ["fd", "position", "whence"], 3, 3, 3);
    let (fd, pos, how) = (num(th, fd, 0)?, offset(th, pos)?, num(th, how, 0)?);
    // SAFETY: a plain system call.
    int::from_i64(th, sys(th, None, || unsafe { libc::lseek(fd, pos, how) })?)
}
fn isatty(th: &Thread, v: Value) -> R {
    let fd = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    Ok(Value::bool(unsafe { libc::isatty(fd) } == 1))
}
fn fsync(th: &Thread, v: Value) -> R {
    let fd = path::fd(th, v)?;
    // SAFETY: a plain system call.
    done(th, None, || unsafe { libc::fsync(fd) })
}
fn fdatasync(th: &Thread, v: Value) -> R {
    let fd = path::fd(th, v)?;
    // SAFETY: a plain system call.
    done(th, None, || unsafe { libc::fdatasync(fd) })
}
fn ftruncate(th: &Thread, a: Args) -> R {
    let [fd, n] = habu_runtime::args!(th, a, "ftruncate", ["fd", "length"], 2, 2, 2);
    let (fd, n) = (num(th, fd, 0)?, offset(th, n)?);
    // SAFETY: a plain system call.
    done(th, None, || unsafe { libc::ftruncate(fd, n) })
}
fn truncate(th: &Thread, a: Args) -> R {
    let [p, n] = habu_runtime::args!(th, a, "truncate", ["path", "length"], 0, 2, 2);
    let (p, n) = (path::path_or_fd(th, p, "truncate")?, offset(th, n)?);
    // SAFETY: the path is a C string.
    done(th, Some(p.value), || unsafe {
        match p.fd {
            Some(fd) => libc::ftruncate(fd, n),
            None => libc::truncate(p.text.as_ptr(), n),
        }
    })
}
fn pair(th: &Thread, a: i32, b: i32) -> R {
    tuple::new_value(
        th,
        &[Value::small_int(a as i64), Value::small_int(b as i64)],
    )
}
fn pipe(th: &Thread) -> R {
    let mut p = [0; 2];
    // SAFETY: room for two descriptors.
    done(th, None, || unsafe {
        libc::pipe2(p.as_mut_ptr(), libc::O_CLOEXEC)
    })?;
    pair(th, p[0], p[1])
}
fn pipe2(th: &Thread, v: Value) -> R {
    let flags = parse::as_i32(th, v)?;
    let mut p = [0; 2];
    // SAFETY: room for two descriptors.
    done(th, None, || unsafe { libc::pipe2(p.as_mut_ptr(), flags) })?;
    pair(th, p[0], p[1])
}
fn dup(th: &Thread, v: Value) -> R {
    let fd = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    Ok(Value::small_int(sys(
        th,
        None,
        || unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } as i64,
    )?))
}
fn dup2(th: &Thread, a: Args) -> R {
    let [fd, to, keep] = habu_runtime::args!(th, a, "dup2", ["fd", "fd2", "inheritable"], 0, 2, 3);
    let (fd, to) = (num(th, fd, 0)?, num(th, to, 0)?);
    let keep = yes(th, keep, true)?;
    habu_runtime::modules::builtins_io::flush();
    // SAFETY: a plain system call.
    Ok(Value::small_int(sys(th, None, || unsafe {
        if keep || fd == to {
            libc::dup2(fd, to) as i64
        } else {
            libc::dup3(fd, to, libc::O_CLOEXEC) as i64
        }
    })?))
}
fn get_inheritable(th: &Thread, v: Value) -> R {
    let fd = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    let f = sys(th, None, || unsafe { libc::fcntl(fd, libc::F_GETFD) }
        as i64)?;
    Ok(Value::bool(f & libc::FD_CLOEXEC as i64 == 0))
}
fn set_inheritable(th: &Thread, a: Args) -> R {
    let [fd, on] = habu_runtime::args!(th, a, "set_inheritable", ["fd", "inheritable"], 2, 2, 2);
    let (fd, on) = (num(th, fd, 0)?, yes(th, on, false)?);
    // SAFETY: a plain system call.
    done(th, None, || unsafe {
        libc::fcntl(fd, libc::F_SETFD, if on { 0 } else { libc::FD_CLOEXEC })
    })
}
fn get_blocking(th: &Thread, v: Value) -> R {
    let fd = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    let f = sys(th, None, || unsafe { libc::fcntl(fd, libc::F_GETFL) }
        as i64)?;
    Ok(Value::bool(f & libc::O_NONBLOCK as i64 == 0))
}
fn set_blocking(th: &Thread, a: Args) -> R {
    let [fd, on] = habu_runtime::args!(th, a, "set_blocking", ["fd", "blocking"], 2, 2, 2);
    let (fd, on) = (num(th, fd, 0)?, yes(th, on, false)?);
    // SAFETY: a plain system call.
    done(th, None, || unsafe {
        let f = libc::fcntl(fd, libc::F_GETFL);
        if f < 0 {
            return f;
        }
        libc::fcntl(
            fd,
            libc::F_SETFL,
            if on {
                f & !libc::O_NONBLOCK
            } else {
                f | libc::O_NONBLOCK
            },
        )
    })
}

fn cwd_bytes(th: &Thread) -> R<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    match std::env::current_dir() {
        Ok(d) => Ok(d.into_os_string().into_vec()),
        Err(e) => Err(error::io_error(th, &e, None)),
    }
}
fn getcwd(th: &Thread) -> R {
    path::decode(th, &cwd_bytes(th)?)
}
fn getcwdb(th: &Thread) -> R {
    bytes::new(th, &cwd_bytes(th)?)
}
fn chdir(th: &Thread, a: Args) -> R {
    let [p] = habu_runtime::args!(th, a, "chdir", ["path"], 0, 1, 1);
    let p = path::path_or_fd(th, p, "chdir")?;
    // SAFETY: the path is a C string.
    done(th, Some(p.value), || unsafe {
        match p.fd {
            Some(fd) => libc::fchdir(fd),
            None => libc::chdir(p.text.as_ptr()),
        }
    })
}
fn mkdir(th: &Thread, a: Args) -> R {
    let [p, mode, dir] = habu_runtime::args!(th, a, "mkdir", ["path", "mode", "dir_fd"], 0, 1, 2);
    let p = path::path(th, p, "mkdir")?;
    let (mode, dir) = (num(th, mode, 0o777)?, path::dir_fd(th, dir)?);
    // SAFETY: the path is a C string.
    done(th, Some(p.value), || unsafe {
        libc::mkdirat(dir, p.text.as_ptr(), mode as u32)
    })
}
fn rmdir(th: &Thread, a: Args) -> R {
    let [p, dir] = habu_runtime::args!(th, a, "rmdir", ["path", "dir_fd"], 0, 1, 1);
    let (p, dir) = (path::path(th, p, "rmdir")?, path::dir_fd(th, dir)?);
    // SAFETY: the path is a C string.
    done(th, Some(p.value), || unsafe {
        libc::unlinkat(dir, p.text.as_ptr(), libc::AT_REMOVEDIR)
    })
}
fn unlink(th: &Thread, a: Args) -> R {
    let [p, dir] = habu_runtime::args!(th, a, "unlink", ["path", "dir_fd"], 0, 1, 1);
    let (p, dir) = (path::path(th, p, "unlink")?, path::dir_fd(th, dir)?);
    // SAFETY: the path is a C string.
    done(th, Some(p.value), || unsafe {
        libc::unlinkat(dir, p.text.as_ptr(), 0)
    })
}
fn remove(th: &Thread, a: Args) -> R {
    let [p, dir] = habu_runtime::args!(th, a, "remove", ["path", "dir_fd"], 0, 1, 1);
    let (p, dir) = (path::path(th, p, "remove")?, path::dir_fd(th, dir)?);
    // SAFETY: the path is a C string.
    done(th, Some(p.value), || unsafe {
        libc::unlinkat(dir, p.text.as_ptr(), 0)
    })
}
fn rename(th: &Thread, a: Args) -> R {
    let [p, q, pd, qd] = habu_runtime::args!(
        th,
        a,
        "rename",
        ["src", "dst", "src_dir_fd", "dst_dir_fd"],
        0,
        2,
        2
    );
    let (p, q) = (
        path::named(th, p, "rename", "src")?,
        path::named(th, q, "rename", "dst")?,
    );
    let (pd, qd) = (path::dir_fd(th, pd)?, path::dir_fd(th, qd)?);
    // SAFETY: both paths are C strings.
    done2(th, &p, &q, || unsafe {
        libc::renameat(pd, p.text.as_ptr(), qd, q.text.as_ptr())
    })
}
fn link(th: &Thread, a: Args) -> R {
    let [p, q, pd, qd, follow] = habu_runtime::args!(
        th,
        a,
        "link",
        ["src", "dst", "src_dir_fd", "dst_dir_fd", "follow_symlinks"],
        0,
        2,
        2
    );
    let (p, q) = (
        path::named(th, p, "link", "src")?,
        path::named(th, q, "link", "dst")?,
    );
    let (pd, qd) = (path::dir_fd(th, pd)?, path::dir_fd(th, qd)?);
    let flags = if yes(th, follow, false)? {
        libc::AT_SYMLINK_FOLLOW
    } else {
        0
    };
    // SAFETY: both paths are C strings.
    done2(th, &p, &q, || unsafe {
        libc::linkat(pd, p.text.as_ptr(), qd, q.text.as_ptr(), flags)
    })
}
fn symlink(th: &Thread, a: Args) -> R {
    let [p, q, _, dir] = habu_runtime::args!(
        th,
        a,
        "symlink",
        ["src", "dst", "target_is_directory", "dir_fd"],
        0,
        2,
        3
    );
    let (p, q) = (
        path::named(th, p, "symlink", "src")?,
        path::named(th, q, "symlink", "dst")?,
    );
    let dir = path::dir_fd(th, dir)?;
    // SAFETY: both paths are C strings.
    done2(th, &p, &q, || unsafe {
        libc::symlinkat(p.text.as_ptr(), dir, q.text.as_ptr())
    })
}
fn readlink(th: &Thread, a: Args) -> R {
    let [p, dir] = habu_runtime::args!(th, a, "readlink", ["path", "dir_fd"], 0, 1, 1);
    let (p, dir) = (path::path(th, p, "readlink")?, path::dir_fd(th, dir)?);
    let mut b = vec![0u8; 4096];
    let n = sys(th, Some(p.value), || {
        // SAFETY: the path is a C string and the buffer is writable for its length.
        unsafe { libc::readlinkat(dir, p.text.as_ptr(), b.as_mut_ptr() as *mut _, b.len()) as i64 }
    })?;
    path::name(th, &b[..n as usize], p.is_bytes)
}
fn chmod(th: &Thread, a: Args) -> R {
    let [p, mode, dir, follow] = habu_runtime::args!(
        th,
        a,
        "chmod",
        ["path", "mode", "dir_fd", "follow_symlinks"],
        0,
        2,
        2
    );
    let (p, mode, dir) = (
        path::path_or_fd(th, p, "chmod")?,
        num(th, mode, 0)?,
        path::dir_fd(th, dir)?,
    );
    let flags = if yes(th, follow, true)? {
        0
    } else {
        libc::AT_SYMLINK_NOFOLLOW
    };
    // SAFETY: the path is a C string.
    done(th, Some(p.value), || unsafe {
        match p.fd {
            Some(fd) => libc::fchmod(fd, mode as u32),
            None => libc::fchmodat(dir, p.text.as_ptr(), mode as u32, flags),
        }
    })
}
fn chown(th: &Thread, a: Args) -> R {
    let [p, u, g, dir, follow] = habu_runtime::args!(
        th,
        a,
        "chown",
        ["path", "uid", "gid", "dir_fd", "follow_symlinks"],
        0,
        3,
        3
    );
    let (p, dir) = (path::path_or_fd(th, p, "chown")?, path::dir_fd(th, dir)?);
    let (u, g) = (offset(th, u)? as u32, offset(th, g)? as u32);
    let flags = if yes(th, follow, true)? {
        0
    } else {
        libc::AT_SYMLINK_NOFOLLOW
    };
    // SAFETY: the path is a C string.
    done(th, Some(p.value), || unsafe {
        match p.fd {
            Some(fd) => libc::fchown(fd, u, g),
            None => libc::fchownat(dir, p.text.as_ptr(), u, g, flags),
        }
    })
}
fn umask(th: &Thread, v: Value) -> R {
    let n = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    Ok(Value::small_int(unsafe { libc::umask(n as u32) } as i64))
}
fn access(th: &Thread, a: Args) -> R {
    let [p, mode, dir, eff, follow] = habu_runtime::args!(
        th,
        a,
        "access",
        ["path", "mode", "dir_fd", "effective_ids", "follow_symlinks"],
        0,
        2,
        2
    );
    let (p, mode, dir) = (
        path::path(th, p, "access")?,
        num(th, mode, 0)?,
        path::dir_fd(th, dir)?,
    );
    let mut flags = if yes(th, eff, false)? {
        libc::AT_EACCESS
    } else {
        0
    };
    if !yes(th, follow, true)? {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    // SAFETY: the path is a C string.
    Ok(Value::bool(
        th.blocked(|| unsafe { libc::faccessat(dir, p.text.as_ptr(), mode, flags) }) == 0,
    ))
}
fn times_of(th: &Thread, pair: Value, ns: bool) -> R<[libc::timespec; 2]> {
    let t = match pair.cast::<TupleObj>().filter(|t| t.len() == 2) {
        Some(t) => t,
        None => {
            let w = if ns {
                "utime: 'ns' must be a tuple of two ints"
            } else {
                "utime: 'times' must be either a tuple of two ints or None"
            };
            return Err(error::type_error(th, w));
        }
    };
    let one = |v: Value| -> R<libc::timespec> {
        if ns {
            let n = offset(th, Some(v))?;
            return Ok(libc::timespec {
                tv_sec: n.div_euclid(1_000_000_000),
                tv_nsec: n.rem_euclid(1_000_000_000),
            });
        }
        if int::is_int(v) {
            return Ok(libc::timespec {
                tv_sec: offset(th, Some(v))?,
                tv_nsec: 0,
            });
        }
        let f = float::to_f64(th, v)?;
        let s = f.floor();
        Ok(libc::timespec {
            tv_sec: s as i64,
            tv_nsec: ((f - s) * 1e9).floor() as i64,
        })
    };
    Ok([one(t.items()[0])?, one(t.items()[1])?])
}
fn utime(th: &Thread, a: Args) -> R {
    let [p, times, ns, dir, follow] = habu_runtime::args!(
        th,
        a,
        "utime",
        ["path", "times", "ns", "dir_fd", "follow_symlinks"],
        0,
        1,
        2
    );
    let (p, dir) = (path::path_or_fd(th, p, "utime")?, path::dir_fd(th, dir)?);
    let times = times.filter(|t| !t.is_none());
    let now = libc::timespec {
        tv_sec: 0,
        tv_nsec: libc::UTIME_NOW,
    };
    let t = match (times, ns) {
        (Some(_), Some(_)) => {
            return Err(error::value_error(
                th,
                "utime: you may specify either 'times' or 'ns' but not both",
            ));
        }
        (Some(t), None) => times_of(th, t, false)?,
        (None, Some(n)) => times_of(th, n, true)?,
        (None, None) => [now, now],
    };
    let flags = if yes(th, follow, true)? {
        0
    } else {
        libc::AT_SYMLINK_NOFOLLOW
    };
    // SAFETY: the path is a C string, the times are two.
    done(th, Some(p.value), || unsafe {
        match p.fd {
            Some(fd) => libc::futimens(fd, t.as_ptr()),
            None => libc::utimensat(dir, p.text.as_ptr(), t.as_ptr(), flags),
        }
    })
}

pub static FUNCTIONS: [MethodDef; 40] = [
    mk("open", open),
    mk("close", close),
    mk("closerange", closerange),
    mk("read", read),
    mk("readinto", readinto),
    mk("write", write),
    mk("lseek", lseek),
    m1("isatty", isatty),
    m1("fsync", fsync),
    m1("fdatasync", fdatasync),
    mk("ftruncate", ftruncate),
    mk("truncate", truncate),
    m0("pipe", pipe),
    m1("pipe2", pipe2),
    m1("dup", dup),
    mk("dup2", dup2),
    m1("get_inheritable", get_inheritable),
    mk("set_inheritable", set_inheritable),
    m1("get_blocking", get_blocking),
    mk("set_blocking", set_blocking),
    m0("getcwd", getcwd),
    m0("getcwdb", getcwdb),
    mk("chdir", chdir),
    mk("fchdir", chdir),
    mk("mkdir", mkdir),
    mk("rmdir", rmdir),
    mk("unlink", unlink),
    mk("remove", remove),
    mk("rename", rename),
    mk("replace", rename),
    mk("link", link),
    mk("symlink", symlink),
    mk("readlink", readlink),
    mk("chmod", chmod),
    mk("fchmod", chmod),
    mk("chown", chown),
    mk("fchown", chown),
    m1("umask", umask),
    mk("access", access),
    mk("utime", utime),
];

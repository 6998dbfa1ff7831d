//! `posix`: the system calls behind `os`.
//!
//! What must hold: a call that may wait runs outside the runtime (`path::sys`), and is made again where a signal
//! broke it; errors are `OSError`s that name the path as it was given.

mod files;
pub mod path;
mod process;
mod spawn;
mod stat;

use habu_runtime::core::{list, string};
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::runtime;
use habu_runtime::thread::{R, Thread};
use habu_runtime::value::Value;

macro_rules! constants {
    ($($n:ident)*) => { const CONSTANTS: &[(&str, i64)] = &[$((stringify!($n), libc::$n as i64)),*]; };
}
constants! {
    F_OK R_OK W_OK X_OK O_RDONLY O_WRONLY O_RDWR O_CREAT O_EXCL O_TRUNC O_APPEND O_NONBLOCK O_NDELAY O_SYNC O_DSYNC
    O_RSYNC O_NOCTTY O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_PATH O_TMPFILE O_ACCMODE O_ASYNC O_DIRECT O_NOATIME
    O_LARGEFILE WNOHANG WUNTRACED WCONTINUED WEXITED WSTOPPED WNOWAIT P_ALL P_PID P_PGID SEEK_DATA SEEK_HOLE
    GRND_NONBLOCK GRND_RANDOM PRIO_PROCESS PRIO_PGRP PRIO_USER SCHED_OTHER SCHED_FIFO SCHED_RR RTLD_LAZY RTLD_NOW
    RTLD_GLOBAL RTLD_LOCAL F_LOCK F_TLOCK F_ULOCK F_TEST ST_RDONLY ST_NOSUID
}
/// sysexits(3), from 64 on.
const EXITS: &[&str] = &[
    "USAGE",
    "DATAERR",
    "NOINPUT",
    "NOUSER",
    "NOHOST",
    "UNAVAILABLE",
    "SOFTWARE",
    "OSERR",
    "OSFILE",
    "CANTCREAT",
    "IOERR",
    "TEMPFAIL",
    "PROTOCOL",
    "NOPERM",
    "CONFIG",
];
/// What `os.supports_*` is told about.
const HAVE: &[&str] = &[
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FDOPENDIR",
    "HAVE_FSTATAT",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_LINKAT",
    "HAVE_LSTAT",
    "HAVE_MKDIRAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let p = m::new(th, "posix", &files::FUNCTIONS)?;
    m::add_functions(th, p, "posix", &stat::FUNCTIONS)?;
    for (n, v) in CONSTANTS {
        m::set(th, p, n, Value::small_int(*v))?;
    }
    m::set(th, p, "EX_OK", Value::small_int(0))?;
    for (i, n) in EXITS.iter().enumerate() {
        m::set(th, p, &format!("EX_{n}"), Value::small_int(64 + i as i64))?;
    }
    m::set(th, p, "TMP_MAX", Value::small_int(238328))?;
    m::set(th, p, "NGROUPS_MAX", Value::small_int(65536))?;
    m::set(
        th,
        p,
        "error",
        runtime::class_value(habu_runtime::classes::C::OSError),
    )?;
    let l = list::new(th)?;
    for n in HAVE {
        list::push(th, l, string::new_value(th, n)?)?;
    }
    m::set(th, p, "_have_functions", l.value())?;
    stat::install(th, p)?;
    process::install(th, p)?;
    spawn::install(th, p)?;
    Ok(p)
}

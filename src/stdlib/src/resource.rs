//! `resource`: limits of the process and what it used.

use crate::posix::path::done;
use crate::structseq::{self, structseq};
use habu_runtime::classes::C;
use habu_runtime::core::{int, parse, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::runtime::class_value;
use habu_runtime::spec::{MethodDef, m0, m1, m2, mv};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::float;
use habu_runtime::value::Value;

structseq! { RUSAGE "resource" "struct_rusage" [
0 ru_utime, 1 ru_stime, 2 ru_maxrss, 3 ru_ixrss, 4 ru_idrss, 5 ru_isrss, 6 ru_minflt, 7 ru_majflt, 8 ru_nswap,
9 ru_inblock, 10 ru_oublock, 11 ru_msgsnd, 12 ru_msgrcv, 13 ru_nsignals, 14 ru_nvcsw, 15 ru_nivcsw] [] }

macro_rules! constants {
    ($($n:ident)*) => { const CONSTANTS: &[(&str, i64)] = &[$((stringify!($n), libc::$n as i64)),*]; };
}
constants! {
    RLIMIT_AS RLIMIT_CORE RLIMIT_CPU RLIMIT_DATA RLIMIT_FSIZE RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_NOFILE
    RLIMIT_NPROC RLIMIT_RSS RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING RLIMIT_STACK RUSAGE_SELF RUSAGE_CHILDREN
    RUSAGE_THREAD
}

fn number(th: &Thread, n: libc::rlim_t) -> R {
    match n {
        libc::RLIM_INFINITY => Ok(Value::small_int(-1)),
        n => int::from_u64(th, n),
    }
}
fn which(th: &Thread, v: Value) -> R<u32> {
    let n = parse::as_i32(th, v)?;
    if (0..16).contains(&n) {
        return Ok(n as u32);
    }
    Err(error::value_error(th, "invalid resource specified"))
}
fn pair(th: &Thread, l: &libc::rlimit) -> R {
    let items = [number(th, l.rlim_cur)?, number(th, l.rlim_max)?];
    tuple::new_value(th, &items)
}
fn limits(th: &Thread, v: Value) -> R<libc::rlimit> {
    let t = ops::iter::to_tuple(th, v)?;
    let [soft, hard] = t.items() else {
        return Err(error::value_error(th, "expected a tuple of 2 integers"));
    };
    Ok(libc::rlimit {
        rlim_cur: parse::as_isize(th, *soft)? as libc::rlim_t,
        rlim_max: parse::as_isize(th, *hard)? as libc::rlim_t,
    })
}
fn getrlimit(th: &Thread, v: Value) -> R {
    let n = which(th, v)?;
    let mut l = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the limits are writable.
    done(th, None, || unsafe { libc::getrlimit(n, &mut l) })?;
    pair(th, &l)
}
fn setrlimit(th: &Thread, v: Value, l: Value) -> R {
    let (n, l) = (which(th, v)?, limits(th, l)?);
    // SAFETY: the limits are readable.
    if unsafe { libc::setrlimit(n, &l) } == 0 {
        return Ok(Value::NONE);
    }
    match error::errno() {
        libc::EINVAL => Err(error::value_error(
            th,
            "current limit exceeds maximum limit",
        )),
        libc::EPERM => Err(error::value_error(th, "not allowed to raise maximum limit")),
        e => Err(error::os_error(th, e, None)),
    }
}
fn prlimit(th: &Thread, a: &[Value]) -> R {
    let (pid, n) = (parse::as_i32(th, a[0])?, which(th, a[1])?);
    let new = match a.get(2).filter(|v| !v.is_none()) {
        Some(&v) => Some(limits(th, v)?),
        None => None,
    };
    let mut old = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    let p = new.as_ref().map_or(std::ptr::null(), |l| l as *const _);
    // SAFETY: one set of limits is readable or null, the other writable.
    done(th, None, || unsafe { libc::prlimit(pid, n, p, &mut old) })?;
    pair(th, &old)
}
fn getrusage(th: &Thread, v: Value) -> R {
    let who = parse::as_i32(th, v)?;
    // SAFETY: all-zero is a valid value, which the call overwrites.
    let mut u: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    if unsafe { libc::getrusage(who, &mut u) } != 0 {
        return Err(match error::errno() {
            libc::EINVAL => error::value_error(th, "invalid who parameter"),
            e => error::os_error(th, e, None),
        });
    }
    let time = |t: libc::timeval| float::new(th, t.tv_sec as f64 + t.tv_usec as f64 / 1e6);
    let mut f = [Value::NONE; 16];
    (f[0], f[1]) = (time(u.ru_utime)?, time(u.ru_stime)?);
    let rest = [
        u.ru_maxrss,
        u.ru_ixrss,
        u.ru_idrss,
        u.ru_isrss,
        u.ru_minflt,
        u.ru_majflt,
        u.ru_nswap,
        u.ru_inblock,
        u.ru_oublock,
        u.ru_msgsnd,
        u.ru_msgrcv,
        u.ru_nsignals,
        u.ru_nvcsw,
        u.ru_nivcsw,
    ];
    for (f, n) in f[2..].iter_mut().zip(rest) {
        *f = int::from_i64(th, n)?;
    }
    let me = habu_runtime::import::import_module(th, "resource")?;
    let c = habu_runtime::core::attr::get_text(th, me, "struct_rusage")?;
    structseq::make(th, expect(c), &f)
}
fn getpagesize(_: &Thread) -> R {
    // SAFETY: a plain library call.
    Ok(Value::small_int(unsafe {
        libc::sysconf(libc::_SC_PAGESIZE)
    }))
}
static FUNCTIONS: [MethodDef; 5] = [
    m1("getrlimit", getrlimit),
    m2("setrlimit", setrlimit),
    mv("prlimit", prlimit, 2, 3),
    m1("getrusage", getrusage),
    m0("getpagesize", getpagesize),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let r = m::new(th, "resource", &FUNCTIONS)?;
    for (n, v) in CONSTANTS {
        m::set(th, r, n, Value::small_int(*v))?;
    }
    m::set(th, r, "RLIM_INFINITY", Value::small_int(-1))?;
    m::set(th, r, "error", class_value(C::OSError))?;
    structseq::add(th, r, &RUSAGE)?;
    Ok(r)
}

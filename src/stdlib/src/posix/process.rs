//! Processes, their environment, and facts about the system.

use super::path::{self, done, sys};
use super::stat::posix_class;
use crate::structseq::{self, structseq};
use habu_runtime::core::{dict, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, MethodDef, m0, m1, mk, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::{bytes, float};
use habu_runtime::value::Value;
use std::ffi::CString;

structseq! { UNAME "posix" "uname_result" [0 sysname, 1 nodename, 2 release, 3 version, 4 machine] [] }
structseq! { TIMES "posix" "times_result" [0 user, 1 system, 2 children_user, 3 children_system, 4 elapsed] [] }
structseq! { TERMINAL "os" "terminal_size" [0 columns, 1 lines] [] }

macro_rules! ids {
    ($($f:ident)*) => {
        $(fn $f(_: &Thread) -> R {
            // SAFETY: a plain system call.
            Ok(Value::small_int(unsafe { libc::$f() } as i64))
        })*
        static IDS: &[MethodDef] = &[$(m0(stringify!($f), $f)),*];
    };
}
ids! { getpid getppid getuid geteuid getgid getegid getpgrp setsid }

fn exit(_: &Thread, a: Args) -> R {
    let code = a.all().first().and_then(|v| v.as_int()).unwrap_or(0);
    // SAFETY: ends the process at once.
    unsafe { libc::_exit(code as i32) }
}
fn abort(_: &Thread) -> R {
    std::process::abort()
}
fn kill(th: &Thread, a: &[Value]) -> R {
    let (pid, n) = (parse::as_i32(th, a[0])?, parse::as_i32(th, a[1])?);
    // SAFETY: a plain system call.
    done(th, None, || unsafe { libc::kill(pid, n) })?;
    habu_runtime::polls::check(th)?;
    Ok(Value::NONE)
}
fn killpg(th: &Thread, a: &[Value]) -> R {
    let (pid, n) = (parse::as_i32(th, a[0])?, parse::as_i32(th, a[1])?);
    // SAFETY: a plain system call.
    done(th, None, || unsafe { libc::killpg(pid, n) })
}
fn getpgid(th: &Thread, v: Value) -> R {
    let pid = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    Ok(Value::small_int(sys(
        th,
        None,
        || unsafe { libc::getpgid(pid) } as i64,
    )?))
}
fn waitpid(th: &Thread, a: &[Value]) -> R {
    let (pid, options) = (parse::as_i32(th, a[0])?, parse::as_i32(th, a[1])?);
    let mut status = 0;
    // SAFETY: the status is writable.
    let r = sys(
        th,
        None,
        || unsafe { libc::waitpid(pid, &mut status, options) } as i64,
    )?;
    tuple::new_value(th, &[Value::small_int(r), Value::small_int(status as i64)])
}
fn wait(th: &Thread) -> R {
    waitpid(th, &[Value::small_int(-1), Value::small_int(0)])
}
fn fork(th: &Thread) -> R {
    habu_runtime::modules::builtins_io::flush();
    // SAFETY: the heap is in a state that the child can go on with.
    let pid = habu_runtime::gil::fork(th, || unsafe { libc::fork() });
    if pid < 0 {
        return Err(error::os_error(th, error::errno(), None));
    }
    if pid == 0 {
        habu_runtime::gil::after_fork(th);
    }
    Ok(Value::small_int(pid as i64))
}
fn system(th: &Thread, a: Args) -> R {
    let [c] = habu_runtime::args!(th, a, "system", ["command"], 0, 1, 1);
    let c = path::named(th, c, "system", "command")?;
    habu_runtime::modules::builtins_io::flush();
    // SAFETY: the command is a C string.
    Ok(Value::small_int(
        th.blocked(|| unsafe { libc::system(c.text.as_ptr()) }) as i64,
    ))
}
/// C strings of a sequence of arguments.
pub fn arguments(th: &Thread, v: Value, func: &str) -> R<Vec<CString>> {
    let l = ops::iter::to_list(th, v)?;
    let mut out = Vec::new();
    let mut i = 0;
    while let Some(x) = list::get(l, i) {
        out.push(path::named(th, Some(x), func, "argument")?.text);
        i += 1;
    }
    Ok(out)
}
pub fn pointers(v: &[CString]) -> Vec<*const libc::c_char> {
    v.iter()
        .map(|s| s.as_ptr())
        .chain([std::ptr::null()])
        .collect()
}
fn execv(th: &Thread, a: &[Value]) -> R {
    let p = path::path(th, Some(a[0]), "execv")?;
    let args = arguments(th, a[1], "execv")?;
    if args.is_empty() {
        return Err(error::value_error(th, "execv() arg 2 must not be empty"));
    }
    habu_runtime::modules::builtins_io::flush();
    // SAFETY: a path and a list of C strings ended by null.
    unsafe { libc::execv(p.text.as_ptr(), pointers(&args).as_ptr()) };
    Err(error::os_error(th, error::errno(), Some(p.value)))
}
/// `NAME=value` strings of a mapping.
pub fn variables(th: &Thread, env: Value, func: &str) -> R<Vec<CString>> {
    let items = ops::call::method_named(th, env, "items", &[])?;
    let l = ops::iter::to_list(th, items)?;
    let mut vars = Vec::new();
    let mut i = 0;
    while let Some(x) = list::get(l, i) {
        i += 1;
        let t = ops::iter::to_tuple(th, x)?;
        let k = path::named(th, t.items().first().copied(), func, "env")?;
        let v = path::named(th, t.items().get(1).copied(), func, "env")?;
        let mut s = k.text.into_bytes();
        s.push(b'=');
        s.extend_from_slice(v.text.as_bytes());
        vars.push(CString::new(s).unwrap_or_default());
    }
    Ok(vars)
}
fn execve(th: &Thread, a: Args) -> R {
    let [p, argv, env] = habu_runtime::args!(th, a, "execve", ["path", "argv", "env"], 0, 3, 3);
    let p = path::path(th, p, "execve")?;
    let args = arguments(th, argv.unwrap_or(Value::NONE), "execve")?;
    if args.is_empty() {
        return Err(error::value_error(th, "execve: argv must not be empty"));
    }
    let vars = variables(th, env.unwrap_or(Value::NONE), "execve")?;
    habu_runtime::modules::builtins_io::flush();
    // SAFETY: a path and two lists of C strings ended by null.
    unsafe {
        libc::execve(
            p.text.as_ptr(),
            pointers(&args).as_ptr(),
            pointers(&vars).as_ptr(),
        )
    };
    Err(error::os_error(th, error::errno(), Some(p.value)))
}

macro_rules! statuses {
    ($($f:ident: $t:ident)*) => {
        $(#[allow(non_snake_case)]
        fn $f(th: &Thread, v: Value) -> R {
            let s = parse::as_i32(th, v)?;
            Ok(Value::from(Status(libc::$f(s))))
        })*
        static STATUSES: &[MethodDef] = &[$(m1(stringify!($f), $f)),*];
    };
}
struct Status<T>(T);
impl From<Status<bool>> for Value {
    fn from(s: Status<bool>) -> Value {
        Value::bool(s.0)
    }
}
impl From<Status<i32>> for Value {
    fn from(s: Status<i32>) -> Value {
        Value::small_int(s.0 as i64)
    }
}
statuses! { WIFEXITED: b WIFSIGNALED: b WIFSTOPPED: b WIFCONTINUED: b WCOREDUMP: b WEXITSTATUS: i WTERMSIG: i WSTOPSIG: i }
fn waitstatus_to_exitcode(th: &Thread, a: Args) -> R {
    let [s] = habu_runtime::args!(th, a, "waitstatus_to_exitcode", ["status"], 0, 1, 1);
    let s = parse::as_i32(th, s.unwrap_or(Value::NONE))?;
    if libc::WIFEXITED(s) {
        return Ok(Value::small_int(libc::WEXITSTATUS(s) as i64));
    }
    if libc::WIFSIGNALED(s) {
        return Ok(Value::small_int(-libc::WTERMSIG(s) as i64));
    }
    Err(error::value_error(th, &format!("invalid wait status: {s}")))
}

fn putenv(th: &Thread, a: &[Value]) -> R {
    let (k, v) = (
        path::named(th, Some(a[0]), "putenv", "name")?,
        path::named(th, Some(a[1]), "putenv", "value")?,
    );
    if k.text.as_bytes().is_empty() || k.text.as_bytes().contains(&b'=') {
        return Err(error::value_error(th, "illegal environment variable name"));
    }
    // SAFETY: both are C strings; the GIL keeps others from changing the environment.
    done(th, None, || unsafe {
        libc::setenv(k.text.as_ptr(), v.text.as_ptr(), 1)
    })
}
fn unsetenv(th: &Thread, v: Value) -> R {
    let k = path::named(th, Some(v), "unsetenv", "name")?;
    // SAFETY: as above.
    done(th, None, || unsafe { libc::unsetenv(k.text.as_ptr()) })
}
pub fn create_environ(th: &Thread) -> R {
    use std::os::unix::ffi::OsStrExt;
    let d = dict::new_dict(th)?;
    for (k, v) in std::env::vars_os() {
        let (k, v) = (bytes::new(th, k.as_bytes())?, bytes::new(th, v.as_bytes())?);
        dict::set_default(th, d, k, v)?;
    }
    Ok(d.value())
}

fn urandom(th: &Thread, v: Value) -> R {
    let n = parse::as_i32(th, v)?;
    if n < 0 {
        return Err(error::value_error(th, "negative argument not allowed"));
    }
    let mut b = vec![0u8; n as usize];
    let mut at = 0;
    while at < b.len() {
        let rest = &mut b[at..];
        // SAFETY: the buffer is writable for its length.
        at +=
            sys(
                th,
                None,
                || unsafe { libc::getrandom(rest.as_mut_ptr() as *mut _, rest.len(), 0) } as i64,
            )? as usize;
    }
    bytes::new(th, &b)
}
fn getrandom(th: &Thread, a: Args) -> R {
    let [n, _] = habu_runtime::args!(th, a, "getrandom", ["size", "flags"], 0, 1, 2);
    urandom(th, n.unwrap_or(Value::NONE))
}
fn cpu_count(_: &Thread) -> R {
    // SAFETY: a plain library call.
    let n = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    Ok(if n > 0 {
        Value::small_int(n)
    } else {
        Value::NONE
    })
}
fn sched_getaffinity(th: &Thread, v: Value) -> R {
    let pid = parse::as_i32(th, v)?;
    // SAFETY: all-zero is an empty set, which is writable.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    done(th, None, || unsafe {
        libc::sched_getaffinity(pid, std::mem::size_of_val(&set), &mut set)
    })?;
    let s = dict::new_set(th)?.value();
    for i in 0..libc::CPU_SETSIZE as usize {
        // SAFETY: the index is within the set.
        if unsafe { libc::CPU_ISSET(i, &set) } {
            dict::set_add(th, s, Value::small_int(i as i64))?;
        }
    }
    Ok(s)
}
fn sched_yield(th: &Thread) -> R {
    th.blocked(std::thread::yield_now);
    Ok(Value::NONE)
}
fn getloadavg(th: &Thread) -> R {
    let mut l = [0f64; 3];
    // SAFETY: room for three numbers.
    if unsafe { libc::getloadavg(l.as_mut_ptr(), 3) } != 3 {
        return Err(error::raise(
            th,
            habu_runtime::classes::C::OSError,
            "Load averages are unobtainable",
        ));
    }
    tuple::new_value(
        th,
        &[
            float::new(th, l[0])?,
            float::new(th, l[1])?,
            float::new(th, l[2])?,
        ],
    )
}
fn get_terminal_size(th: &Thread, a: &[Value]) -> R {
    let fd = a.first().map_or(Ok(1), |v| parse::as_i32(th, *v))?;
    // SAFETY: all-zero is a valid size, which is writable.
    let mut w: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    done(th, None, || unsafe {
        libc::ioctl(fd, libc::TIOCGWINSZ, &mut w)
    })?;
    let fields = [
        Value::small_int(w.ws_col as i64),
        Value::small_int(w.ws_row as i64),
    ];
    structseq::make(th, posix_class(th, "terminal_size")?, &fields)
}
fn strerror(th: &Thread, v: Value) -> R {
    let n = parse::as_i32(th, v)?;
    string::new_value(th, &error::errno_text(n))
}
fn uname(th: &Thread) -> R {
    // SAFETY: the structure is writable; its fields are C strings after the call.
    let u = unsafe {
        let mut u: libc::utsname = std::mem::zeroed();
        libc::uname(&mut u);
        u
    };
    let text = |f: &[libc::c_char]| {
        let b: Vec<u8> = f
            .iter()
            .take_while(|c| **c != 0)
            .map(|c| *c as u8)
            .collect();
        path::decode(th, &b)
    };
    let fields = [
        text(&u.sysname)?,
        text(&u.nodename)?,
        text(&u.release)?,
        text(&u.version)?,
        text(&u.machine)?,
    ];
    structseq::make(th, posix_class(th, "uname_result")?, &fields)
}
fn times(th: &Thread) -> R {
    // SAFETY: the structure is writable.
    let (t, now, hz) = unsafe {
        let mut t: libc::tms = std::mem::zeroed();
        let now = libc::times(&mut t);
        (t, now, libc::sysconf(libc::_SC_CLK_TCK) as f64)
    };
    let f = |x: libc::clock_t| float::new(th, x as f64 / hz);
    let fields = [
        f(t.tms_utime)?,
        f(t.tms_stime)?,
        f(t.tms_cutime)?,
        f(t.tms_cstime)?,
        f(now)?,
    ];
    structseq::make(th, posix_class(th, "times_result")?, &fields)
}
const SYSCONF: &[(&str, i32)] = &[
    ("SC_PAGE_SIZE", libc::_SC_PAGESIZE),
    ("SC_PAGESIZE", libc::_SC_PAGESIZE),
    ("SC_NPROCESSORS_ONLN", libc::_SC_NPROCESSORS_ONLN),
    ("SC_NPROCESSORS_CONF", libc::_SC_NPROCESSORS_CONF),
    ("SC_CLK_TCK", libc::_SC_CLK_TCK),
    ("SC_OPEN_MAX", libc::_SC_OPEN_MAX),
    ("SC_ARG_MAX", libc::_SC_ARG_MAX),
    ("SC_PHYS_PAGES", libc::_SC_PHYS_PAGES),
    ("SC_AVPHYS_PAGES", libc::_SC_AVPHYS_PAGES),
    ("SC_IOV_MAX", libc::_SC_IOV_MAX),
    ("SC_SEM_NSEMS_MAX", libc::_SC_SEM_NSEMS_MAX),
];
fn sysconf(th: &Thread, v: Value) -> R {
    let n = match v.cast::<StrObj>() {
        Some(s) => match SYSCONF.iter().find(|(n, _)| s.eq_str(n)) {
            Some((_, n)) => *n,
            None => return Err(error::value_error(th, "unrecognized configuration name")),
        },
        None => parse::as_i32(th, v)?,
    };
    // SAFETY: a plain library call.
    int::from_i64(th, unsafe { libc::sysconf(n) })
}
fn fspath(th: &Thread, a: Args) -> R {
    let [p] = habu_runtime::args!(th, a, "fspath", ["path"], 0, 1, 1);
    path::fspath(th, p.unwrap_or(Value::NONE))
}
fn register_at_fork(_: &Thread, _: Args) -> R {
    Ok(Value::NONE)
}

static FUNCTIONS: &[MethodDef] = &[
    mk("_exit", exit),
    m0("abort", abort),
    mv("kill", kill, 2, 2),
    mv("killpg", killpg, 2, 2),
    m1("getpgid", getpgid),
    mv("waitpid", waitpid, 2, 2),
    m0("wait", wait),
    m0("fork", fork),
    mk("system", system),
    mv("execv", execv, 2, 2),
    mk("execve", execve),
    mk("waitstatus_to_exitcode", waitstatus_to_exitcode),
    mv("putenv", putenv, 2, 2),
    m1("unsetenv", unsetenv),
    m0("_create_environ", create_environ),
    m1("urandom", urandom),
    mk("getrandom", getrandom),
    m0("cpu_count", cpu_count),
    m1("sched_getaffinity", sched_getaffinity),
    m0("sched_yield", sched_yield),
    m0("getloadavg", getloadavg),
    mv("get_terminal_size", get_terminal_size, 0, 1),
    m1("strerror", strerror),
    m0("uname", uname),
    m0("times", times),
    m1("sysconf", sysconf),
    mk("fspath", fspath),
    mk("register_at_fork", register_at_fork),
];
pub fn install(th: &Thread, p: Gc<ModuleObj>) -> R<()> {
    for f in [FUNCTIONS, IDS, STATUSES] {
        habu_runtime::modules::add_functions(th, p, "posix", f)?;
    }
    for c in [&UNAME, &TIMES, &TERMINAL] {
        structseq::add(th, p, c)?;
    }
    let d = dict::new_dict(th)?;
    for (n, v) in SYSCONF {
        dict::set_text(th, d, n, Value::small_int(*v as i64))?;
    }
    habu_runtime::modules::set(th, p, "sysconf_names", d.value())?;
    let e = create_environ(th)?;
    habu_runtime::modules::set(th, p, "environ", e)
}

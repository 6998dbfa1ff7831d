//! `_signal`: handlers in a dict by number; the C side and their delivery are the runtime's.

use habu_runtime::classes::C;
use habu_runtime::core::{dict, parse, string};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::modules::signals;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::runtime::{Keep, keep, kept};
use habu_runtime::spec::{MethodDef, m0, m1, mv};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::float;
use habu_runtime::value::Value;

macro_rules! constants {
    ($($n:ident)*) => { const CONSTANTS: &[(&str, i64)] = &[$((stringify!($n), libc::$n as i64)),*]; };
}
constants! {
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM
    SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO
    SIGPWR SIGSYS SIG_BLOCK SIG_UNBLOCK SIG_SETMASK ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF
}
const COUNT: i32 = 65;

fn handlers(th: &Thread) -> R<Gc<DictObj>> {
    if let Some(d) = kept(Keep::SignalHandlers) {
        return Ok(expect(d));
    }
    let d = dict::new_dict(th)?;
    keep(Keep::SignalHandlers, Some(d.value()));
    Ok(d)
}
fn number(th: &Thread, v: Value) -> R<i32> {
    let n = parse::as_i32(th, v)?;
    if !(1..COUNT).contains(&n) {
        return Err(error::value_error(th, "signal number out of range"));
    }
    Ok(n)
}
fn default_int(th: &Thread) -> R {
    let me = habu_runtime::import::import_module(th, "_signal")?;
    habu_runtime::core::attr::get_text(th, me, "default_int_handler")
}
fn getsignal(th: &Thread, v: Value) -> R {
    let n = number(th, v)?;
    match dict::get(th, handlers(th)?, Value::small_int(n as i64))? {
        Some(h) => Ok(h),
        None if n == libc::SIGINT => default_int(th),
        None => {
            // SAFETY: all-zero is a valid action to be written to; asking changes nothing.
            let how = unsafe {
                let mut sa: libc::sigaction = std::mem::zeroed();
                libc::sigaction(n, std::ptr::null(), &mut sa);
                sa.sa_sigaction
            };
            Ok(if how <= 1 {
                Value::small_int(how as i64)
            } else {
                Value::NONE
            })
        }
    }
}
fn signal(th: &Thread, a: &[Value]) -> R {
    let (n, h) = (number(th, a[0])?, a[1]);
    if !th.is_main.get() {
        return Err(error::value_error(
            th,
            "signal only works in main thread of the main interpreter",
        ));
    }
    let plain = h.as_int().filter(|h| (0..2).contains(h));
    if plain.is_none() && !ops::call::is_callable(h) {
        return Err(error::type_error(
            th,
            "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",
        ));
    }
    if n == libc::SIGKILL || n == libc::SIGSTOP {
        return Err(error::os_error(th, libc::EINVAL, None));
    }
    let old = getsignal(th, a[0])?;
    dict::set(th, handlers(th)?, Value::small_int(n as i64), h)?;
    match plain {
        Some(how) => signals::set_plain(n, how as usize),
        None => signals::watch(n),
    }
    Ok(old)
}
fn default_int_handler(th: &Thread, _: &[Value]) -> R {
    Err(error::raise_args(
        th,
        habu_runtime::runtime::class(C::KeyboardInterrupt),
        &[],
    ))
}
fn raise_signal(th: &Thread, v: Value) -> R {
    let n = parse::as_i32(th, v)?;
    // SAFETY: a plain library call.
    if unsafe { libc::raise(n) } != 0 {
        return Err(error::os_error(th, error::errno(), None));
    }
    habu_runtime::polls::check(th)?;
    Ok(Value::NONE)
}
fn alarm(th: &Thread, v: Value) -> R {
    let n = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    Ok(Value::small_int(unsafe { libc::alarm(n as u32) } as i64))
}
fn pause(th: &Thread) -> R {
    // SAFETY: a plain system call.
    th.blocked(|| unsafe { libc::pause() });
    habu_runtime::polls::check(th)?;
    Ok(Value::NONE)
}
fn interval(th: &Thread, t: &libc::itimerval) -> R {
    let f = |t: &libc::timeval| float::new(th, t.tv_sec as f64 + t.tv_usec as f64 / 1e6);
    habu_runtime::core::tuple::new_value(th, &[f(&t.it_value)?, f(&t.it_interval)?])
}
fn setitimer(th: &Thread, a: &[Value]) -> R {
    let which = parse::as_i32(th, a[0])?;
    let part = |v: Option<&Value>| -> R<libc::timeval> {
        let s = v.map_or(Ok(0.0), |v| parse::as_f64(th, *v))?;
        Ok(libc::timeval {
            tv_sec: s.floor() as i64,
            tv_usec: ((s - s.floor()) * 1e6) as i64,
        })
    };
    let new = libc::itimerval {
        it_value: part(a.get(1))?,
        it_interval: part(a.get(2))?,
    };
    let mut old = new;
    // SAFETY: both structures are ours.
    if unsafe { libc::setitimer(which as _, &new, &mut old) } != 0 {
        return Err(error::os_error(th, error::errno(), None));
    }
    interval(th, &old)
}
fn getitimer(th: &Thread, v: Value) -> R {
    let which = parse::as_i32(th, v)?;
    // SAFETY: all-zero is a valid timer, which is writable.
    let mut t: libc::itimerval = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    if unsafe { libc::getitimer(which as _, &mut t) } != 0 {
        return Err(error::os_error(th, error::errno(), None));
    }
    interval(th, &t)
}
fn strsignal(th: &Thread, v: Value) -> R {
    let n = number(th, v)?;
    // SAFETY: strsignal returns a C string or null.
    let s = unsafe {
        let p = libc::strsignal(n);
        if p.is_null() {
            return Ok(Value::NONE);
        }
        std::ffi::CStr::from_ptr(p).to_string_lossy().into_owned()
    };
    if s.starts_with("Unknown signal") {
        Ok(Value::NONE)
    } else {
        string::new_value(th, &s)
    }
}
fn valid_signals(th: &Thread) -> R {
    let s = dict::new_set(th)?.value();
    for n in (1..COUNT).filter(|n| *n != 32 && *n != 33) {
        dict::set_add(th, s, Value::small_int(n as i64))?;
    }
    Ok(s)
}
fn set_of(th: &Thread, set: &libc::sigset_t) -> R {
    let s = dict::new_set(th)?.value();
    for n in 1..COUNT {
        // SAFETY: the set is readable and the number in range.
        if unsafe { libc::sigismember(set, n) } == 1 {
            dict::set_add(th, s, Value::small_int(n as i64))?;
        }
    }
    Ok(s)
}
fn pthread_sigmask(th: &Thread, a: &[Value]) -> R {
    let how = parse::as_i32(th, a[0])?;
    // SAFETY: all-zero is an empty set.
    let (mut new, mut old): (libc::sigset_t, libc::sigset_t) =
        unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
    ops::iter::each(th, a[1], &mut |v| {
        let n = number(th, v)?;
        // SAFETY: the number is in range.
        unsafe { libc::sigaddset(&mut new, n) };
        Ok(true)
    })?;
    // SAFETY: both sets are ours.
    let e = unsafe { libc::pthread_sigmask(how, &new, &mut old) };
    if e != 0 {
        return Err(error::os_error(th, e, None));
    }
    habu_runtime::polls::check(th)?;
    set_of(th, &old)
}
fn set_wakeup_fd(_: &Thread, _: habu_runtime::spec::Args) -> R {
    Ok(Value::small_int(-1))
}
fn siginterrupt(_: &Thread, _: &[Value]) -> R {
    Ok(Value::NONE)
}
static FUNCTIONS: [MethodDef; 13] = [
    mv("signal", signal, 2, 2),
    m1("getsignal", getsignal),
    mv("default_int_handler", default_int_handler, 2, 2),
    m1("raise_signal", raise_signal),
    m1("alarm", alarm),
    m0("pause", pause),
    mv("setitimer", setitimer, 2, 3),
    m1("getitimer", getitimer),
    m1("strsignal", strsignal),
    m0("valid_signals", valid_signals),
    mv("pthread_sigmask", pthread_sigmask, 2, 2),
    habu_runtime::spec::mk("set_wakeup_fd", set_wakeup_fd),
    mv("siginterrupt", siginterrupt, 2, 2),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let s = m::new(th, "_signal", &FUNCTIONS)?;
    for (n, v) in CONSTANTS {
        m::set(th, s, n, Value::small_int(*v))?;
    }
    for (n, v) in [
        ("SIG_DFL", 0),
        ("SIG_IGN", 1),
        ("NSIG", COUNT),
        ("SIGRTMIN", 34),
        ("SIGRTMAX", 64),
    ] {
        m::set(th, s, n, Value::small_int(v as i64))?;
    }
    for (n, v) in [
        ("SIGCLD", libc::SIGCHLD),
        ("SIGPOLL", libc::SIGIO),
        ("SIGIOT", libc::SIGABRT),
    ] {
        m::set(th, s, n, Value::small_int(v as i64))?;
    }
    m::set(
        th,
        s,
        "ItimerError",
        habu_runtime::runtime::class_value(C::OSError),
    )?;
    Ok(s)
}

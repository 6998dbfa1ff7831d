//! `select`: waiting for descriptors with select, poll and epoll.
//!
//! What must hold: waits run outside the runtime and are made again, with what is left of their time, where a signal
//! broke them.

use crate::posix::path;
use habu_runtime::classes::C;
use habu_runtime::core::{class_make, dict, int, list, parse, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::runtime::class_value;
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, m0, m1, m2, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::iters;
use habu_runtime::value::{Slot, Value};
use std::time::{Duration, Instant};

macro_rules! constants {
    ($($n:ident)*) => { const CONSTANTS: &[(&str, i64)] = &[$((stringify!($n), libc::$n as i64)),*]; };
}
constants! {
    POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND POLLWRNORM POLLWRBAND POLLRDHUP
    EPOLLIN EPOLLPRI EPOLLOUT EPOLLERR EPOLLHUP EPOLLRDHUP EPOLLONESHOT EPOLLET EPOLLRDNORM EPOLLRDBAND EPOLLWRNORM
    EPOLLWRBAND EPOLLMSG EPOLLEXCLUSIVE EPOLL_CLOEXEC PIPE_BUF
}

fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: both classes have this native word.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn descriptor(th: &Thread, v: Value) -> R<i32> {
    let n = path::fd(th, v)?;
    if n < 0 {
        let text = format!("file descriptor cannot be a negative integer ({n})");
        return Err(error::value_error(th, &text));
    }
    Ok(n)
}

/// How long a wait may still last.
#[derive(Clone, Copy)]
struct Wait(Option<Instant>);
impl Wait {
    /// From seconds (`scale` 1) or milliseconds (1000); None or (for milliseconds) a negative number: for ever.
    fn new(th: &Thread, v: Option<Value>, scale: f64) -> R<Wait> {
        let Some(v) = v.filter(|v| !v.is_none()) else {
            return Ok(Wait(None));
        };
        if habu_runtime::types::float::get(v).is_none() && !int::is_int(v) {
            return Err(error::type_error(
                th,
                "timeout must be a real number or None",
            ));
        }
        let s = parse::as_f64(th, v)? / scale;
        if s.is_nan() {
            return Err(error::value_error(th, "Invalid value NaN (not a number)"));
        }
        if s < 0.0 {
            return match scale == 1.0 {
                true => Err(error::value_error(th, "timeout must be non-negative")),
                false => Ok(Wait(None)),
            };
        }
        if s > 9.2e9 {
            return Err(error::raise(
                th,
                C::OverflowError,
                "timestamp too large to convert to C PyTime_t",
            ));
        }
        Ok(Wait(Some(Instant::now() + Duration::from_secs_f64(s))))
    }
    /// Rounded up, so that a wait is never shorter than asked.
    fn milliseconds(self) -> i32 {
        match self.0 {
            None => -1,
            Some(t) => {
                let left = t.saturating_duration_since(Instant::now());
                left.as_micros().div_ceil(1000).min(i32::MAX as u128) as i32
            }
        }
    }
}

fn select(th: &Thread, a: &[Value]) -> R {
    let wait = Wait::new(th, a.get(3).copied(), 1.0)?;
    let mut polls: Vec<libc::pollfd> = Vec::new();
    let mut sets = [Vec::new(), Vec::new(), Vec::new()];
    let kept = [list::new(th)?, list::new(th)?, list::new(th)?];
    let events = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    for (i, set) in sets.iter_mut().enumerate() {
        if !ops::iter::is_iterable(a[i]) {
            return Err(error::type_error(th, "arguments 1-3 must be sequences"));
        }
        ops::iter::extend_list(th, kept[i], a[i])?;
        let mut k = 0;
        while let Some(x) = list::get(kept[i], k) {
            let n = descriptor(th, x)?;
            if n >= libc::FD_SETSIZE as i32 {
                return Err(error::value_error(
                    th,
                    "filedescriptor out of range in select()",
                ));
            }
            set.push(polls.len());
            polls.push(libc::pollfd {
                fd: n,
                events: events[i],
                revents: 0,
            });
            k += 1;
        }
    }
    path::sys(th, None, || {
        // SAFETY: the entries are writable.
        unsafe { libc::poll(polls.as_mut_ptr(), polls.len() as _, wait.milliseconds()) as i64 }
    })?;
    if polls.iter().any(|p| p.revents & libc::POLLNVAL != 0) {
        return Err(error::os_error(th, libc::EBADF, None));
    }
    let ready = [
        libc::POLLIN | libc::POLLHUP | libc::POLLERR,
        libc::POLLOUT | libc::POLLERR,
        libc::POLLPRI,
    ];
    let mut out = [Value::NONE; 3];
    for (i, set) in sets.iter().enumerate() {
        let l = list::new(th)?;
        for (k, &at) in set.iter().enumerate() {
            if polls[at].revents & ready[i] != 0
                && let Some(x) = list::get(kept[i], k)
            {
                list::push(th, l, x)?;
            }
        }
        out[i] = l.value();
    }
    tuple::new_value(th, &out)
}

// poll: a dict of event masks by descriptor.
fn masks(v: Value) -> Gc<DictObj> {
    expect(slot(v, 0).get().unwrap_or(Value::NONE))
}
fn poll_make(th: &Thread) -> R {
    let me = habu_runtime::import::import_module(th, "select")?;
    let c: Gc<TypeObj> = expect(habu_runtime::core::attr::get_text(th, me, "_poll")?);
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, c)?) };
    let d = dict::new_dict(th)?;
    th.set_in(v, slot(v, 0), Some(d.value()));
    Ok(v)
}
fn poll_mask(th: &Thread, v: Option<&Value>, default: i16) -> R<Value> {
    let Some(&v) = v else {
        return Ok(Value::small_int(default as u16 as i64));
    };
    let n = parse::as_clipped(th, v)?;
    if n < 0 {
        return Err(error::value_error(
            th,
            "can't convert negative value to unsigned short",
        ));
    }
    if n > u16::MAX as i64 {
        return Err(error::raise(
            th,
            C::OverflowError,
            "Python int too large to convert to C unsigned short",
        ));
    }
    Ok(Value::small_int(n))
}
fn poll_register(th: &Thread, a: &[Value]) -> R {
    let n = descriptor(th, a[1])?;
    let default = libc::POLLIN | libc::POLLPRI | libc::POLLOUT;
    let mask = poll_mask(th, a.get(2), default)?;
    dict::set(th, masks(a[0]), Value::small_int(n as i64), mask)?;
    Ok(Value::NONE)
}
fn poll_modify(th: &Thread, v: Value, f: Value, mask: Value) -> R {
    let n = Value::small_int(descriptor(th, f)? as i64);
    let mask = poll_mask(th, Some(&mask), 0)?;
    if !dict::contains(th, masks(v), n)? {
        return Err(error::os_error(th, libc::ENOENT, None));
    }
    dict::set(th, masks(v), n, mask)?;
    Ok(Value::NONE)
}
fn poll_unregister(th: &Thread, v: Value, f: Value) -> R {
    let n = Value::small_int(descriptor(th, f)? as i64);
    match dict::remove(th, masks(v), n)? {
        Some(_) => Ok(Value::NONE),
        None => Err(error::raise_with(th, C::KeyError, n)),
    }
}
fn poll_poll(th: &Thread, a: &[Value]) -> R {
    let wait = Wait::new(th, a.get(1).copied(), 1000.0)?;
    let mut polls = Vec::new();
    let mut i = 0;
    while let Some((k, mask)) = dict::next(masks(a[0]), &mut i) {
        polls.push(libc::pollfd {
            fd: k.as_int().unwrap_or(-1) as i32,
            events: mask.as_int().unwrap_or(0) as i16,
            revents: 0,
        });
    }
    path::sys(th, None, || {
        // SAFETY: the entries are writable.
        unsafe { libc::poll(polls.as_mut_ptr(), polls.len() as _, wait.milliseconds()) as i64 }
    })?;
    let l = list::new(th)?;
    for p in polls.iter().filter(|p| p.revents != 0) {
        let items = [p.fd as i64, p.revents as u16 as i64].map(Value::small_int);
        list::push(th, l, tuple::new_value(th, &items)?)?;
    }
    Ok(l.value())
}
static POLL_METHODS: [MethodDef; 4] = [
    mv("register", poll_register, 2, 3),
    habu_runtime::spec::m3("modify", poll_modify),
    m2("unregister", poll_unregister),
    mv("poll", poll_poll, 1, 2),
];
static POLL: TypeSpec = TypeSpec::new("poll", kinds::RECORD)
    .module("select")
    .words(1)
    .flags(tf::NO_NEW)
    .methods(&POLL_METHODS);

// epoll: the descriptor.
fn ep(th: &Thread, v: Value) -> R<i32> {
    match slot(v, 0).get().and_then(|n| n.as_int()) {
        Some(n) if n >= 0 => Ok(n as i32),
        _ => Err(error::value_error(
            th,
            "I/O operation on closed epoll object",
        )),
    }
}
fn ep_wrap(th: &Thread, cls: Gc<TypeObj>, n: i64) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    slot(v, 0).init(Some(Value::small_int(n)));
    Ok(v)
}
fn ep_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let [size, flags] = habu_runtime::args!(th, a, "epoll", ["sizehint", "flags"], 0, 0, 2);
    let size = size.map_or(Ok(-1), |v| parse::as_i32(th, v))?;
    let flags = flags.map_or(Ok(0), |v| parse::as_i32(th, v))?;
    if size == 0 || size < -1 {
        return Err(error::value_error(th, "sizehint must be positive or -1"));
    }
    if flags & !libc::EPOLL_CLOEXEC != 0 {
        return Err(error::raise(th, C::OSError, "invalid flags"));
    }
    // SAFETY: a plain system call.
    let n = path::sys(
        th,
        None,
        || unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) } as i64,
    )?;
    ep_wrap(th, cls, n)
}
fn ep_fromfd(th: &Thread, cls: Value, n: Value) -> R {
    let n = parse::as_i32(th, n)? as i64;
    ep_wrap(th, expect(cls), n)
}
fn ep_control(th: &Thread, v: Value, f: Value, op: i32, mask: u32) -> R {
    let (e, n) = (ep(th, v)?, path::fd(th, f)?);
    let mut event = libc::epoll_event {
        events: mask,
        u64: n as u64,
    };
    // SAFETY: the event is readable.
    path::done(th, None, || unsafe {
        libc::epoll_ctl(e, op, n, &mut event)
    })
}
fn ep_register(th: &Thread, a: Args) -> R {
    let [f, mask] = habu_runtime::args!(th, a.rest(), "register", ["fd", "eventmask"], 0, 1, 2);
    let all = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32;
    let mask = mask.map_or(Ok(all as i64), |m| parse::as_isize(th, m))? as u32;
    ep_control(
        th,
        a.all()[0],
        f.unwrap_or(Value::NONE),
        libc::EPOLL_CTL_ADD,
        mask,
    )
}
fn ep_modify(th: &Thread, a: Args) -> R {
    let [f, mask] = habu_runtime::args!(th, a.rest(), "modify", ["fd", "eventmask"], 0, 2, 2);
    let mask = parse::as_isize(th, mask.unwrap_or(Value::NONE))? as u32;
    ep_control(
        th,
        a.all()[0],
        f.unwrap_or(Value::NONE),
        libc::EPOLL_CTL_MOD,
        mask,
    )
}
fn ep_unregister(th: &Thread, v: Value, f: Value) -> R {
    ep_control(th, v, f, libc::EPOLL_CTL_DEL, 0)
}
fn ep_poll(th: &Thread, a: Args) -> R {
    let [timeout, most] =
        habu_runtime::args!(th, a.rest(), "poll", ["timeout", "maxevents"], 0, 0, 2);
    let e = ep(th, a.all()[0])?;
    let timeout = match timeout.filter(|t| !t.is_none()) {
        Some(t) if parse::as_f64(th, t)? < 0.0 => None,
        t => t,
    };
    let wait = Wait::new(th, timeout, 1.0)?;
    let most = most.map_or(Ok(-1), |v| parse::as_i32(th, v))?;
    if most == 0 || most < -1 {
        let text = format!("maxevents must be greater than 0, got {most}");
        return Err(error::value_error(th, &text));
    }
    let most = if most == -1 { 1023 } else { most.min(1 << 16) };
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; most as usize];
    let n = path::sys(th, None, || {
        // SAFETY: room for that many events.
        unsafe { libc::epoll_wait(e, events.as_mut_ptr(), most, wait.milliseconds()) as i64 }
    })?;
    let l = list::new(th)?;
    for event in &events[..n as usize] {
        let items = [event.u64 as i64, event.events as i64].map(Value::small_int);
        list::push(th, l, tuple::new_value(th, &items)?)?;
    }
    Ok(l.value())
}
fn ep_close(th: &Thread, v: Value) -> R {
    if let Ok(n) = ep(th, v) {
        slot(v, 0).init(Some(Value::small_int(-1)));
        // SAFETY: the descriptor is this object's own.
        path::done(th, None, || unsafe { libc::close(n) })
    } else {
        th.take();
        Ok(Value::NONE)
    }
}
fn ep_fileno(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(ep(th, v)? as i64))
}
fn ep_enter(th: &Thread, v: Value) -> R {
    ep(th, v)?;
    Ok(v)
}
fn ep_exit(th: &Thread, a: &[Value]) -> R {
    ep_close(th, a[0])
}
fn ep_closed(_: &Thread, v: Value) -> R {
    let n = slot(v, 0).get().and_then(|n| n.as_int()).unwrap_or(-1);
    Ok(Value::bool(n < 0))
}
static EPOLL_METHODS: [MethodDef; 10] = [
    m2("fromfd", ep_fromfd).class(),
    mk("register", ep_register),
    mk("modify", ep_modify),
    m2("unregister", ep_unregister),
    mk("poll", ep_poll),
    m1("close", ep_close),
    m1("fileno", ep_fileno),
    m1("__enter__", ep_enter),
    mv("__exit__", ep_exit, 1, 4),
    m1("__del__", ep_close),
];
static EPOLL_GETSET: [GetSetDef; 1] = [gs("closed", ep_closed)];
static EPOLL: TypeSpec = TypeSpec::new("epoll", kinds::RECORD)
    .module("select")
    .words(1)
    .flags(tf::FINALIZER)
    .methods(&EPOLL_METHODS)
    .getset(&EPOLL_GETSET)
    .new_fn(ep_new);

static FUNCTIONS: [MethodDef; 2] = [mv("select", select, 3, 4), m0("poll", poll_make)];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let s = m::new(th, "select", &FUNCTIONS)?;
    for (n, v) in CONSTANTS {
        m::set(th, s, n, Value::small_int(*v))?;
    }
    m::set(th, s, "error", class_value(C::OSError))?;
    let poll = class_make::from_spec(th, &POLL, None)?;
    m::set(th, s, "_poll", poll.value())?;
    let epoll = class_make::from_spec(th, &EPOLL, None)?;
    m::set(th, s, "epoll", epoll.value())?;
    Ok(s)
}

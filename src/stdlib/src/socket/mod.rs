//! `_socket`: the system's sockets. Lib's `socket` builds the rest on them.
//!
//! What must hold: a call that may wait runs outside the runtime; with a timeout the descriptor is non-blocking and
//! `poll` waits for it first, so no call waits longer than it may.

mod address;
mod resolve;

use crate::posix::path;
use address::Address;
use habu_runtime::classes::C;
use habu_runtime::core::{attr, class_make, int, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::runtime::class_value;
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, m0, m1, m2, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::{bytes, float, iters};
use habu_runtime::value::{Slot, Value};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};

macro_rules! constants {
    ($($n:ident)*) => { const CONSTANTS: &[(&str, i64)] = &[$((stringify!($n), libc::$n as i64)),*]; };
}
constants! {
    AF_UNSPEC AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET
    SOCK_CLOEXEC SOCK_NONBLOCK SOL_SOCKET SOL_TCP SOL_UDP SO_REUSEADDR SO_REUSEPORT SO_KEEPALIVE SO_BROADCAST SO_LINGER SO_OOBINLINE
    SO_SNDBUF SO_RCVBUF SO_SNDTIMEO SO_RCVTIMEO SO_SNDLOWAT SO_RCVLOWAT SO_ERROR SO_TYPE SO_DEBUG SO_DONTROUTE
    SO_ACCEPTCONN SO_PROTOCOL SO_DOMAIN SO_PRIORITY SO_MARK SO_BINDTODEVICE SO_PASSCRED SO_PEERCRED SOMAXCONN IPPROTO_IP IPPROTO_ICMP IPPROTO_TCP
    IPPROTO_UDP IPPROTO_IPV6 IPPROTO_RAW IPPROTO_ICMPV6 IPV6_V6ONLY
    IPV6_MULTICAST_HOPS IPV6_MULTICAST_IF IPV6_MULTICAST_LOOP IPV6_UNICAST_HOPS IP_TTL IP_TOS IP_MULTICAST_IF
    IP_MULTICAST_LOOP IP_MULTICAST_TTL IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP TCP_NODELAY TCP_KEEPIDLE TCP_KEEPINTVL
    TCP_KEEPCNT TCP_MAXSEG TCP_CORK TCP_DEFER_ACCEPT TCP_QUICKACK TCP_FASTOPEN TCP_USER_TIMEOUT TCP_INFO MSG_OOB MSG_PEEK MSG_DONTROUTE
    MSG_WAITALL MSG_DONTWAIT MSG_NOSIGNAL MSG_TRUNC MSG_CTRUNC MSG_EOR MSG_MORE MSG_ERRQUEUE MSG_CMSG_CLOEXEC SHUT_RD SHUT_WR SHUT_RDWR AI_PASSIVE
    AI_CANONNAME AI_NUMERICHOST AI_NUMERICSERV AI_V4MAPPED AI_ALL AI_ADDRCONFIG NI_NUMERICHOST NI_NUMERICSERV
    NI_NOFQDN NI_NAMEREQD NI_DGRAM NI_MAXHOST EAI_AGAIN EAI_BADFLAGS EAI_FAIL EAI_FAMILY EAI_MEMORY EAI_NONAME
    EAI_SERVICE EAI_SOCKTYPE EAI_SYSTEM EAI_NODATA EAI_OVERFLOW SCM_RIGHTS SCM_CREDENTIALS
}

/// `setdefaulttimeout`, in nanoseconds; below 0 for none.
static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

// Words: descriptor, family, type, protocol, timeout in nanoseconds (below 0: none).
const FD: usize = 0;
const FAMILY: usize = 1;
const TYPE: usize = 2;
const PROTO: usize = 3;
const TIMEOUT: usize = 4;
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: sockets have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn num(v: Value, i: usize) -> i64 {
    slot(v, i).get().and_then(|n| n.as_int()).unwrap_or(-1)
}
fn put(v: Value, i: usize, n: i64) {
    slot(v, i).init(Some(Value::small_int(n)))
}
fn fd(v: Value) -> i32 {
    num(v, FD) as i32
}

fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    for i in FD..=TIMEOUT {
        put(v, i, -1);
    }
    Ok(v)
}
fn set_nonblocking(th: &Thread, fd: i32, on: bool) -> R<()> {
    let mut flag = on as libc::c_int;
    // SAFETY: the flag is readable.
    path::done(th, None, || unsafe {
        libc::ioctl(fd, libc::FIONBIO, &mut flag)
    })?;
    Ok(())
}
fn asked(fd: i32, what: i32) -> Option<i64> {
    let (mut n, mut len) = (0i32, 4);
    // SAFETY: room for an int.
    let r = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, what, &raw mut n as *mut _, &mut len) };
    (r == 0).then_some(n as i64)
}
fn init_(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [family, kind, proto, file] = habu_runtime::args!(
        th,
        a.rest(),
        "socket",
        ["family", "type", "proto", "fileno"],
        0,
        0,
        4
    );
    let n = |v: Option<Value>| v.map_or(Ok(-1), |v| parse::as_i32(th, v));
    let (mut family, mut kind, mut proto) = (n(family)?, n(kind)?, n(proto)?);
    match file.filter(|f| !f.is_none()) {
        Some(f) => {
            let f = parse::as_i32(th, f)?;
            if f < 0 {
                return Err(error::value_error(th, "negative file descriptor"));
            }
            let mut a = Address::empty();
            // SAFETY: a writable address.
            path::done(th, None, || unsafe {
                libc::getsockname(f, a.ptr_mut(), &mut a.len)
            })?;
            if family == -1 {
                family = a.raw.ss_family as i32;
            }
            if kind == -1 {
                kind = asked(f, libc::SO_TYPE).unwrap_or(0) as i32;
            }
            if proto == -1 {
                proto = asked(f, libc::SO_PROTOCOL).unwrap_or(0) as i32;
            }
            put(v, FD, f as i64);
        }
        None => {
            family = if family == -1 { libc::AF_INET } else { family };
            kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
            proto = proto.max(0);
            // SAFETY: a plain system call.
            let f = path::sys(th, None, || unsafe {
                libc::socket(family, kind | libc::SOCK_CLOEXEC, proto)
            } as i64)?;
            put(v, FD, f);
        }
    }
    let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    put(v, FAMILY, family as i64);
    put(v, TYPE, (kind & !flags) as i64);
    put(v, PROTO, proto as i64);
    let default = DEFAULT_TIMEOUT.load(Relaxed);
    put(v, TIMEOUT, default);
    if kind & libc::SOCK_NONBLOCK != 0 {
        put(v, TIMEOUT, 0);
    } else if default >= 0 {
        set_nonblocking(th, fd(v), true)?;
    }
    Ok(Value::NONE)
}

/// Wait until the socket is ready; TimeoutError where that takes longer than it may.
fn wait(th: &Thread, v: Value, events: i16, until: Option<Instant>) -> R<()> {
    let Some(until) = until else { return Ok(()) };
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let ms = left.as_millis().min(i32::MAX as u128 - 1) as i32 + (!left.is_zero()) as i32;
        let mut p = libc::pollfd {
            fd: fd(v),
            events,
            revents: 0,
        };
        // SAFETY: one writable entry.
        let r = path::sys(th, None, || unsafe { libc::poll(&mut p, 1, ms) } as i64)?;
        if r > 0 {
            return Ok(());
        }
        if left.is_zero() {
            return Err(error::raise(th, C::TimeoutError, "timed out"));
        }
    }
}
/// A transfer that waits as long as the socket's timeout lets it.
fn transfer(th: &Thread, v: Value, events: i16, mut f: impl FnMut() -> i64) -> R<i64> {
    let t = num(v, TIMEOUT);
    let until = (t > 0).then(|| Instant::now() + Duration::from_nanos(t as u64));
    loop {
        wait(th, v, events, until)?;
        let (r, e) = th.blocked(|| {
            let r = f();
            (r, error::errno())
        });
        match e {
            _ if r >= 0 => return Ok(r),
            libc::EINTR => habu_runtime::polls::check(th)?,
            libc::EAGAIN if until.is_some() => {}
            e => return Err(error::os_error(th, e, None)),
        }
    }
}
fn accept(th: &Thread, v: Value) -> R {
    let mut a = Address::empty();
    let s = fd(v);
    // SAFETY: a writable address.
    let new = transfer(th, v, libc::POLLIN, || unsafe {
        a.len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        libc::accept4(s, a.ptr_mut(), &mut a.len, libc::SOCK_CLOEXEC) as i64
    })?;
    let shown = a.show(th)?;
    tuple::new_value(th, &[Value::small_int(new), shown])
}
fn bind(th: &Thread, v: Value, addr: Value) -> R {
    let a = address::from_python(th, addr, num(v, FAMILY) as i32, "bind")?;
    // SAFETY: a readable address.
    path::done(th, None, || unsafe { libc::bind(fd(v), a.ptr(), a.len) })
}
/// 0 or the error number; `None` for a timeout.
fn do_connect(th: &Thread, v: Value, addr: Value, what: &str) -> R<i32> {
    let a = address::from_python(th, addr, num(v, FAMILY) as i32, what)?;
    let s = fd(v);
    // SAFETY: a readable address.
    let (r, e) = th.blocked(|| unsafe {
        let r = libc::connect(s, a.ptr(), a.len);
        (r, error::errno())
    });
    if r == 0 {
        return Ok(0);
    }
    let t = num(v, TIMEOUT);
    if e == libc::EINTR {
        habu_runtime::polls::check(th)?;
    }
    if e == libc::EINTR && t != 0 || e == libc::EINPROGRESS && t > 0 {
        let time = if t > 0 { t as u64 } else { 1 << 62 };
        let until = Instant::now().checked_add(Duration::from_nanos(time));
        wait(th, v, libc::POLLOUT, until)?;
        return Ok(asked(s, libc::SO_ERROR).unwrap_or(0) as i32);
    }
    Ok(e)
}
fn connect(th: &Thread, v: Value, addr: Value) -> R {
    match do_connect(th, v, addr, "connect")? {
        0 => Ok(Value::NONE),
        e => Err(error::os_error(th, e, None)),
    }
}
fn connect_ex(th: &Thread, v: Value, addr: Value) -> R {
    let r = do_connect(th, v, addr, "connect_ex");
    match error::absorb(th, r, C::TimeoutError)? {
        Some(e) => Ok(Value::small_int(e as i64)),
        None => Ok(Value::small_int(libc::EAGAIN as i64)),
    }
}
fn listen(th: &Thread, a: &[Value]) -> R {
    let n = a.get(1).map_or(Ok(128), |n| parse::as_i32(th, *n))?.max(0);
    // SAFETY: a plain system call.
    path::done(th, None, || unsafe { libc::listen(fd(a[0]), n) })
}
fn flags_of(th: &Thread, v: Option<&Value>) -> R<i32> {
    v.map_or(Ok(0), |v| parse::as_i32(th, *v))
}
fn size_arg(th: &Thread, v: Value, func: &str) -> R<usize> {
    let n = parse::as_isize(th, v)?;
    if n < 0 {
        let text = format!("negative buffersize in {func}");
        return Err(error::value_error(th, &text));
    }
    error::check_size(th, n as usize)?;
    Ok(n as usize)
}
fn receive(th: &Thread, v: Value, n: usize, flags: i32) -> R<(Vec<u8>, Address)> {
    let mut b = vec![0u8; n];
    let mut a = Address::empty();
    let s = fd(v);
    // SAFETY: the buffer and the address are writable for their sizes.
    let got = transfer(th, v, libc::POLLIN, || unsafe {
        a.len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        libc::recvfrom(
            s,
            b.as_mut_ptr() as *mut _,
            n,
            flags,
            a.ptr_mut(),
            &mut a.len,
        ) as i64
    })?;
    b.truncate(got as usize);
    Ok((b, a))
}
fn recv(th: &Thread, a: &[Value]) -> R {
    let (n, flags) = (size_arg(th, a[1], "recv")?, flags_of(th, a.get(2))?);
    bytes::new(th, &receive(th, a[0], n, flags)?.0)
}
fn recvfrom(th: &Thread, a: &[Value]) -> R {
    let (n, flags) = (size_arg(th, a[1], "recvfrom")?, flags_of(th, a.get(2))?);
    let (b, from) = receive(th, a[0], n, flags)?;
    let (b, from) = (bytes::new(th, &b)?, from.show(th)?);
    tuple::new_value(th, &[b, from])
}
/// Receive into a buffer: through memory of our own, as the buffer may change while others run.
fn into(th: &Thread, a: Args, func: &'static str) -> R<(usize, Address)> {
    let v = a.all()[0];
    let [buffer, n, flags] = habu_runtime::args!(
        th,
        a.rest(),
        "recv_into",
        ["buffer", "nbytes", "flags"],
        0,
        1,
        3
    );
    let buffer = buffer.unwrap_or(Value::NONE);
    let room = bytes::buffer(th, buffer)?.len();
    let n = match n {
        Some(n) => size_arg(th, n, func)?,
        None => 0,
    };
    if n > room {
        return Err(error::value_error(
            th,
            "buffer too small for requested bytes",
        ));
    }
    let n = if n == 0 { room } else { n };
    let (b, from) = receive(th, v, n, flags_of(th, flags.as_ref())?)?;
    bytes::write_into(th, buffer, 0, &b)?;
    Ok((b.len(), from))
}
fn recv_into(th: &Thread, a: Args) -> R {
    Ok(Value::small_int(into(th, a, "recv_into")?.0 as i64))
}
fn recvfrom_into(th: &Thread, a: Args) -> R {
    let (n, from) = into(th, a, "recvfrom_into")?;
    let from = from.show(th)?;
    tuple::new_value(th, &[Value::small_int(n as i64), from])
}
fn send_some(th: &Thread, v: Value, b: &[u8], flags: i32, to: Option<&Address>) -> R<i64> {
    let s = fd(v);
    // SAFETY: data and address are readable; no address is null.
    transfer(th, v, libc::POLLOUT, || unsafe {
        let (p, n) = to.map_or((std::ptr::null(), 0), |a| (a.ptr(), a.len));
        libc::sendto(
            s,
            b.as_ptr() as *const _,
            b.len(),
            flags | libc::MSG_NOSIGNAL,
            p,
            n,
        ) as i64
    })
}
fn send(th: &Thread, a: &[Value]) -> R {
    let b = bytes::buffer(th, a[1])?.to_vec();
    let n = send_some(th, a[0], &b, flags_of(th, a.get(2))?, None)?;
    Ok(Value::small_int(n))
}
fn sendall(th: &Thread, a: &[Value]) -> R {
    let b = bytes::buffer(th, a[1])?.to_vec();
    let flags = flags_of(th, a.get(2))?;
    let mut at = 0;
    while at < b.len() {
        at += send_some(th, a[0], &b[at..], flags, None)? as usize;
    }
    Ok(Value::NONE)
}
fn sendto(th: &Thread, a: &[Value]) -> R {
    let (flags, to) = match a.len() {
        3 => (0, a[2]),
        _ => (parse::as_i32(th, a[2])?, a[3]),
    };
    let b = bytes::buffer(th, a[1])?.to_vec();
    let to = address::from_python(th, to, num(a[0], FAMILY) as i32, "sendto")?;
    Ok(Value::small_int(send_some(th, a[0], &b, flags, Some(&to))?))
}
fn shutdown(th: &Thread, v: Value, how: Value) -> R {
    let how = parse::as_i32(th, how)?;
    // SAFETY: a plain system call.
    path::done(th, None, || unsafe { libc::shutdown(fd(v), how) })
}
fn fileno(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(num(v, FD)))
}
fn detach(_: &Thread, v: Value) -> R {
    let f = num(v, FD);
    put(v, FD, -1);
    Ok(Value::small_int(f))
}
fn close(th: &Thread, v: Value) -> R {
    let f = fd(v);
    if f >= 0 {
        put(v, FD, -1);
        // SAFETY: the descriptor was this socket's own.
        let (r, e) = th.blocked(|| unsafe { (libc::close(f), error::errno()) });
        if r < 0 && e != libc::ECONNRESET {
            return Err(error::os_error(th, e, None));
        }
    }
    Ok(Value::NONE)
}
fn name_by(
    th: &Thread,
    v: Value,
    f: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
) -> R {
    let mut a = Address::empty();
    // SAFETY: a writable address.
    path::done(th, None, || unsafe { f(fd(v), a.ptr_mut(), &mut a.len) })?;
    a.show(th)
}
fn getsockname(th: &Thread, v: Value) -> R {
    name_by(th, v, libc::getsockname)
}
fn getpeername(th: &Thread, v: Value) -> R {
    name_by(th, v, libc::getpeername)
}
fn getsockopt(th: &Thread, a: &[Value]) -> R {
    let (level, name) = (parse::as_i32(th, a[1])?, parse::as_i32(th, a[2])?);
    let size = a.get(3).map_or(Ok(0), |n| parse::as_i32(th, *n))?;
    if !(0..=1024).contains(&size) {
        return Err(error::raise(
            th,
            C::OSError,
            "getsockopt buflen out of range",
        ));
    }
    let mut b = [0u8; 1024];
    let mut len = if size == 0 {
        4
    } else {
        size as libc::socklen_t
    };
    // SAFETY: room for that many bytes.
    path::done(th, None, || unsafe {
        libc::getsockopt(fd(a[0]), level, name, b.as_mut_ptr() as *mut _, &mut len)
    })?;
    if size == 0 {
        return Ok(Value::small_int(
            i32::from_ne_bytes([b[0], b[1], b[2], b[3]]) as i64,
        ));
    }
    bytes::new(th, &b[..len as usize])
}
fn setsockopt(th: &Thread, a: &[Value]) -> R {
    let (level, name) = (parse::as_i32(th, a[1])?, parse::as_i32(th, a[2])?);
    let data = match a[3] {
        v if int::is_int(v) => parse::as_i32(th, v)?.to_ne_bytes().to_vec(),
        v if v.is_none() => Vec::new(),
        v => bytes::buffer(th, v)?.to_vec(),
    };
    let (p, n) = match a.get(4) {
        Some(&n) => (std::ptr::null(), parse::as_i32(th, n)? as libc::socklen_t),
        None => (data.as_ptr(), data.len() as libc::socklen_t),
    };
    // SAFETY: readable for the size, or null.
    path::done(th, None, || unsafe {
        libc::setsockopt(fd(a[0]), level, name, p as *const _, n)
    })
}
/// A timeout in nanoseconds from Python's seconds; -1 for None.
fn timeout_arg(th: &Thread, v: Value) -> R<i64> {
    if v.is_none() {
        return Ok(-1);
    }
    let s = parse::as_f64(th, v)?;
    if s.is_nan() {
        return Err(error::value_error(th, "Invalid value NaN (not a number)"));
    }
    if s < 0.0 {
        return Err(error::value_error(th, "Timeout value out of range"));
    }
    if s > 4e9 {
        return Err(error::raise(
            th,
            C::OverflowError,
            "timestamp too large to convert to C PyTime_t",
        ));
    }
    Ok((s * 1e9).ceil() as i64)
}
fn settimeout(th: &Thread, v: Value, t: Value) -> R {
    let t = timeout_arg(th, t)?;
    put(v, TIMEOUT, t);
    set_nonblocking(th, fd(v), t >= 0)?;
    Ok(Value::NONE)
}
fn show_timeout(th: &Thread, t: i64) -> R {
    match t {
        t if t < 0 => Ok(Value::NONE),
        t => float::new(th, t as f64 / 1e9),
    }
}
fn gettimeout(th: &Thread, v: Value) -> R {
    show_timeout(th, num(v, TIMEOUT))
}
fn setblocking(th: &Thread, v: Value, on: Value) -> R {
    let on = ops::truth(th, on)?;
    put(v, TIMEOUT, if on { -1 } else { 0 });
    set_nonblocking(th, fd(v), !on)?;
    Ok(Value::NONE)
}
fn getblocking(_: &Thread, v: Value) -> R {
    Ok(Value::bool(num(v, TIMEOUT) != 0))
}
fn repr(th: &Thread, v: Value) -> R {
    let text = format!(
        "<socket object, fd={}, family={}, type={}, proto={}>",
        num(v, FD),
        num(v, FAMILY),
        num(v, TYPE),
        num(v, PROTO)
    );
    string::new_value(th, &text)
}
/// An open socket that nobody holds any more: a warning, and its descriptor is closed.
fn del(th: &Thread, v: Value) -> R {
    if fd(v) >= 0 {
        let r = ops::repr::repr_string(th, v)?;
        let warned = m::warnings::warn(th, C::ResourceWarning, &format!("unclosed {r}"), 1);
        close(th, v)?;
        warned?;
    }
    Ok(Value::NONE)
}
fn family(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(num(v, FAMILY)))
}
fn kind(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(num(v, TYPE)))
}
fn proto(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(num(v, PROTO)))
}
static METHODS: [MethodDef; 27] = [
    mk("__init__", init_),
    m1("_accept", accept),
    m2("bind", bind),
    m2("connect", connect),
    m2("connect_ex", connect_ex),
    mv("listen", listen, 1, 2),
    mv("recv", recv, 2, 3),
    mv("recvfrom", recvfrom, 2, 3),
    mk("recv_into", recv_into),
    mk("recvfrom_into", recvfrom_into),
    mv("send", send, 2, 3),
    mv("sendall", sendall, 2, 3),
    mv("sendto", sendto, 3, 4),
    m2("shutdown", shutdown),
    m1("fileno", fileno),
    m1("detach", detach),
    m1("close", close),
    m1("getsockname", getsockname),
    m1("getpeername", getpeername),
    mv("getsockopt", getsockopt, 3, 4),
    mv("setsockopt", setsockopt, 4, 5),
    m2("settimeout", settimeout),
    m1("gettimeout", gettimeout),
    m2("setblocking", setblocking),
    m1("getblocking", getblocking),
    m1("__repr__", repr),
    m1("__del__", del),
];
static GETSET: [GetSetDef; 4] = [
    gs("family", family),
    gs("type", kind),
    gs("proto", proto),
    gs("timeout", gettimeout),
];
static SOCKET: TypeSpec = TypeSpec::new("socket", kinds::RECORD)
    .module("_socket")
    .words(5)
    .flags(tf::BASE | tf::FINALIZER)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

fn socketpair(th: &Thread, a: &[Value]) -> R {
    let n = |i: usize, d: i32| a.get(i).map_or(Ok(d), |v| parse::as_i32(th, *v));
    let (family, kind, proto) = (n(0, libc::AF_UNIX)?, n(1, libc::SOCK_STREAM)?, n(2, 0)?);
    let mut fds = [0; 2];
    // SAFETY: room for two descriptors.
    path::done(th, None, || unsafe {
        libc::socketpair(family, kind | libc::SOCK_CLOEXEC, proto, fds.as_mut_ptr())
    })?;
    let me = habu_runtime::import::import_module(th, "_socket")?;
    let c = attr::get_text(th, me, "socket")?;
    let make = |f: i32| {
        let args = [family, kind, proto, f].map(|n| Value::small_int(n as i64));
        ops::call::call(th, c, &args)
    };
    let (x, y) = (make(fds[0])?, make(fds[1])?);
    tuple::new_value(th, &[x, y])
}
fn dup(th: &Thread, v: Value) -> R {
    let f = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    let r = path::sys(
        th,
        None,
        || unsafe { libc::fcntl(f, libc::F_DUPFD_CLOEXEC, 0) } as i64,
    )?;
    Ok(Value::small_int(r))
}
fn close_fd(th: &Thread, v: Value) -> R {
    let f = parse::as_i32(th, v)?;
    // SAFETY: a plain system call.
    let (r, e) = th.blocked(|| unsafe { (libc::close(f), error::errno()) });
    if r < 0 && e != libc::ECONNRESET {
        return Err(error::os_error(th, e, None));
    }
    Ok(Value::NONE)
}
fn getdefaulttimeout(th: &Thread) -> R {
    show_timeout(th, DEFAULT_TIMEOUT.load(Relaxed))
}
fn setdefaulttimeout(th: &Thread, v: Value) -> R {
    DEFAULT_TIMEOUT.store(timeout_arg(th, v)?, Relaxed);
    Ok(Value::NONE)
}
static FUNCTIONS: [MethodDef; 5] = [
    mv("socketpair", socketpair, 0, 3),
    m1("dup", dup),
    m1("close", close_fd),
    m0("getdefaulttimeout", getdefaulttimeout),
    m1("setdefaulttimeout", setdefaulttimeout),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let s = m::new(th, "_socket", &FUNCTIONS)?;
    m::add_functions(th, s, "_socket", &resolve::FUNCTIONS)?;
    for (n, v) in CONSTANTS {
        m::set(th, s, n, Value::small_int(*v))?;
    }
    for (n, v) in [
        ("INADDR_ANY", 0),
        ("INADDR_BROADCAST", 0xffff_ffff),
        ("INADDR_LOOPBACK", 0x7f00_0001),
        ("INADDR_NONE", 0xffff_ffff),
        ("IPV6_JOIN_GROUP", libc::IPV6_ADD_MEMBERSHIP as i64),
        ("IPV6_LEAVE_GROUP", libc::IPV6_DROP_MEMBERSHIP as i64),
    ] {
        m::set(th, s, n, Value::small_int(v))?;
    }
    let os_error = class_value(C::OSError);
    m::set(th, s, "error", os_error)?;
    m::set(th, s, "timeout", class_value(C::TimeoutError))?;
    m::set(th, s, "has_ipv6", Value::TRUE)?;
    let module = string::new_value(th, "socket")?;
    for n in ["herror", "gaierror"] {
        let d = habu_runtime::core::dict::new_dict(th)?;
        habu_runtime::core::dict::set_text(th, d, "__module__", module)?;
        let bases = tuple::new_value(th, &[os_error])?;
        let name = string::new_value(th, n)?;
        let c = ops::call::call(th, class_value(C::Type), &[name, bases, d.value()])?;
        m::set(th, s, n, c)?;
    }
    let c = class_make::from_spec(th, &SOCKET, None)?.value();
    m::set(th, s, "socket", c)?;
    m::set(th, s, "SocketType", c)?;
    Ok(s)
}

//! Names of hosts and services, and addresses as text.

use super::address::{Address, from_python, host_name};
use habu_runtime::classes::C;
use habu_runtime::core::{attr, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::spec::{Args, MethodDef, m0, m1, m2, mk, mv};
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;
use std::ffi::{CStr, CString};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Family, type, protocol, canonical name, address.
type Found = (i32, i32, i32, Vec<u8>, Address);

fn gai_error(th: &Thread, code: i32) -> Raised {
    if code == libc::EAI_SYSTEM {
        return error::os_error(th, error::errno(), None);
    }
    // SAFETY: the library returns a C string for every code.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) }
        .to_string_lossy()
        .into_owned();
    let r = (|| -> R {
        let me = habu_runtime::import::import_module(th, "_socket")?;
        let c = attr::get_text(th, me, "gaierror")?;
        let text = string::new_value(th, &text)?;
        call::call(th, c, &[Value::small_int(code as i64), text])
    })();
    match r {
        Ok(e) => error::raise_value(th, e),
        Err(r) => r,
    }
}

pub fn look_up(
    th: &Thread,
    host: Option<&[u8]>,
    service: Option<&[u8]>,
    family: i32,
    kind: i32,
    proto: i32,
    flags: i32,
) -> R<Vec<Found>> {
    let c = |b: Option<&[u8]>| b.and_then(|b| CString::new(b).ok());
    let (host, service) = (c(host), c(service));
    // SAFETY: all-zero is a valid request.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    (
        hints.ai_family,
        hints.ai_socktype,
        hints.ai_protocol,
        hints.ai_flags,
    ) = (family, kind, proto, flags);
    let p = |s: &Option<CString>| s.as_ref().map_or(std::ptr::null(), |s| s.as_ptr());
    let mut out = Vec::new();
    // SAFETY: the strings live through the call; the answer is a list that is read and then given back.
    let code = th.blocked(|| unsafe {
        let mut all = std::ptr::null_mut();
        let code = libc::getaddrinfo(p(&host), p(&service), &hints, &mut all);
        if code == 0 {
            let mut at = all;
            while let Some(i) = at.as_ref() {
                let mut a = Address::empty();
                let n = (i.ai_addrlen as usize).min(size_of::<libc::sockaddr_storage>());
                std::ptr::copy_nonoverlapping(i.ai_addr as *const u8, &raw mut a.raw as *mut u8, n);
                a.len = n as libc::socklen_t;
                let name = match i.ai_canonname.is_null() {
                    true => Vec::new(),
                    false => CStr::from_ptr(i.ai_canonname).to_bytes().to_vec(),
                };
                out.push((i.ai_family, i.ai_socktype, i.ai_protocol, name, a));
                at = i.ai_next;
            }
            libc::freeaddrinfo(all);
        }
        code
    });
    if code != 0 {
        return Err(gai_error(th, code));
    }
    Ok(out)
}

fn getaddrinfo(th: &Thread, a: Args) -> R {
    let [host, port, family, kind, proto, flags] = habu_runtime::args!(
        th,
        a,
        "getaddrinfo",
        ["host", "port", "family", "type", "proto", "flags"],
        0,
        2,
        6
    );
    let host = match host.filter(|h| !h.is_none()) {
        Some(h) => Some(host_name(th, h)?),
        None => None,
    };
    let port = match port.filter(|p| !p.is_none()) {
        Some(p) if int::is_int(p) => Some(parse::as_isize(th, p)?.to_string().into_bytes()),
        Some(p) if p.is::<StrObj>() || p.is::<BytesObj>() => Some(host_name(th, p)?),
        Some(_) => {
            return Err(error::raise(th, C::OSError, "Int or String expected"));
        }
        None => None,
    };
    let n = |v: Option<Value>| v.map_or(Ok(0), |v| parse::as_i32(th, v));
    let found = look_up(
        th,
        host.as_deref(),
        port.as_deref(),
        n(family)?,
        n(kind)?,
        n(proto)?,
        n(flags)?,
    )?;
    let l = list::new(th)?;
    for (family, kind, proto, name, a) in &found {
        let i = |n: &i32| Value::small_int(*n as i64);
        let name = crate::posix::path::decode(th, name)?;
        let shown = a.show(th)?;
        let t = tuple::new_value(th, &[i(family), i(kind), i(proto), name, shown])?;
        list::push(th, l, t)?;
    }
    Ok(l.value())
}
fn getnameinfo(th: &Thread, addr: Value, flags: Value) -> R {
    let flags = parse::as_i32(th, flags)?;
    let Some(t) = addr.cast::<TupleObj>() else {
        return Err(error::type_error(
            th,
            "getnameinfo() argument 1 must be a tuple",
        ));
    };
    let family = match t.items().first().and_then(|h| h.cast::<StrObj>()) {
        Some(h) if h.to_rust().contains(':') => libc::AF_INET6,
        _ => libc::AF_INET,
    };
    let a = from_python(th, addr, family, "getnameinfo")?;
    let (mut host, mut service) = ([0 as libc::c_char; 1025], [0 as libc::c_char; 32]);
    // SAFETY: an address and two writable texts with their sizes.
    let code = th.blocked(|| unsafe {
        libc::getnameinfo(
            a.ptr(),
            a.len,
            host.as_mut_ptr(),
            1025,
            service.as_mut_ptr(),
            32,
            flags,
        )
    });
    if code != 0 {
        return Err(gai_error(th, code));
    }
    // SAFETY: the call ended both texts with zeros.
    let (h, s) = unsafe {
        (
            CStr::from_ptr(host.as_ptr()),
            CStr::from_ptr(service.as_ptr()),
        )
    };
    let h = crate::posix::path::decode(th, h.to_bytes())?;
    let s = crate::posix::path::decode(th, s.to_bytes())?;
    tuple::new_value(th, &[h, s])
}
fn first_v4(th: &Thread, v: Value) -> R {
    let name = host_name(th, v)?;
    let found = look_up(
        th,
        Some(&name),
        None,
        libc::AF_INET,
        libc::SOCK_STREAM,
        0,
        0,
    )?;
    match found.first() {
        Some((.., a)) => {
            let t = a.show(th)?;
            Ok(t.cast::<TupleObj>().map_or(Value::NONE, |t| t.items()[0]))
        }
        None => Err(gai_error(th, libc::EAI_NONAME)),
    }
}
fn gethostname(th: &Thread) -> R {
    let mut b = [0u8; 1024];
    // SAFETY: writable for its size less one, so that a zero ends it.
    if unsafe { libc::gethostname(b.as_mut_ptr() as *mut _, 1023) } != 0 {
        return Err(error::os_error(th, error::errno(), None));
    }
    crate::posix::path::decode(th, b.split(|c| *c == 0).next().unwrap_or(&[]))
}
fn text_of(th: &Thread, v: Value) -> R<String> {
    Ok(parse::as_str(th, v, "argument")?.to_rust().into_owned())
}
fn illegal(th: &Thread, what: &str) -> Raised {
    error::raise(
        th,
        C::OSError,
        &format!("illegal IP address string passed to {what}"),
    )
}
fn inet_aton(th: &Thread, v: Value) -> R {
    let s = CString::new(text_of(th, v)?).map_err(|_| illegal(th, "inet_aton"))?;
    // SAFETY: a C string and a writable place.
    unsafe {
        let mut a: libc::in_addr = std::mem::zeroed();
        if inet_aton_c(s.as_ptr(), &mut a) == 0 {
            return Err(illegal(th, "inet_aton"));
        }
        bytes::new(th, &a.s_addr.to_ne_bytes())
    }
}
unsafe extern "C" {
    #[link_name = "inet_aton"]
    fn inet_aton_c(s: *const libc::c_char, a: *mut libc::in_addr) -> libc::c_int;
}
fn inet_ntoa(th: &Thread, v: Value) -> R {
    match <[u8; 4]>::try_from(bytes::buffer(th, v)?) {
        Ok(b) => string::new_value(th, &Ipv4Addr::from(b).to_string()),
        Err(_) => Err(error::raise(th, C::OSError, "packed IP wrong length")),
    }
}
fn inet_pton(th: &Thread, family: Value, v: Value) -> R {
    let text = text_of(th, v)?;
    match parse::as_i32(th, family)? {
        libc::AF_INET => match text.parse::<Ipv4Addr>() {
            Ok(ip) => bytes::new(th, &ip.octets()),
            Err(_) => Err(illegal(th, "inet_pton")),
        },
        libc::AF_INET6 => match text.parse::<Ipv6Addr>() {
            Ok(ip) => bytes::new(th, &ip.octets()),
            Err(_) => Err(illegal(th, "inet_pton")),
        },
        _ => Err(error::os_error(th, libc::EAFNOSUPPORT, None)),
    }
}
fn inet_ntop(th: &Thread, family: Value, v: Value) -> R {
    let b = bytes::buffer(th, v)?;
    let text = match parse::as_i32(th, family)? {
        libc::AF_INET => <[u8; 4]>::try_from(b).map(|b| Ipv4Addr::from(b).to_string()),
        libc::AF_INET6 => <[u8; 16]>::try_from(b).map(|b| Ipv6Addr::from(b).to_string()),
        n => {
            return Err(error::value_error(
                th,
                &format!("unknown address family {n}"),
            ));
        }
    };
    match text {
        Ok(t) => string::new_value(th, &t),
        Err(_) => Err(error::value_error(
            th,
            "invalid length of packed IP address string",
        )),
    }
}
fn swap(th: &Thread, v: Value, most: i64, name: &str, f: fn(u32) -> u32) -> R {
    let n = parse::as_isize(th, v)?;
    if n < 0 {
        let text = format!(
            "{name}: can't convert negative Python int to C {}-bit unsigned integer",
            if most > 65535 { 32 } else { 16 }
        );
        return Err(error::raise(th, C::OverflowError, &text));
    }
    if n > most {
        let text = format!(
            "{name}: Python int too large to convert to C {}-bit unsigned integer",
            if most > 65535 { 32 } else { 16 }
        );
        return Err(error::raise(th, C::OverflowError, &text));
    }
    Ok(Value::small_int(f(n as u32) as i64))
}
fn htons(th: &Thread, v: Value) -> R {
    swap(th, v, 65535, "htons", |n| (n as u16).to_be() as u32)
}
fn ntohs(th: &Thread, v: Value) -> R {
    swap(th, v, 65535, "ntohs", |n| u16::from_be(n as u16) as u32)
}
fn htonl(th: &Thread, v: Value) -> R {
    swap(th, v, u32::MAX as i64, "htonl", u32::to_be)
}
fn ntohl(th: &Thread, v: Value) -> R {
    swap(th, v, u32::MAX as i64, "ntohl", u32::from_be)
}
fn getservbyname(th: &Thread, a: &[Value]) -> R {
    let c = |v: &Value| -> R<CString> {
        CString::new(text_of(th, *v)?)
            .map_err(|_| error::value_error(th, "embedded null character"))
    };
    let name = c(&a[0])?;
    let proto = match a.get(1) {
        Some(p) => Some(c(p)?),
        None => None,
    };
    // SAFETY: C strings or null; the answer is read at once.
    unsafe {
        let s = libc::getservbyname(
            name.as_ptr(),
            proto.as_ref().map_or(std::ptr::null(), |p| p.as_ptr()),
        );
        if s.is_null() {
            return Err(error::raise(th, C::OSError, "service/proto not found"));
        }
        Ok(Value::small_int(u16::from_be((*s).s_port as u16) as i64))
    }
}

pub static FUNCTIONS: [MethodDef; 13] = [
    mk("getaddrinfo", getaddrinfo),
    m2("getnameinfo", getnameinfo),
    m1("gethostbyname", first_v4),
    m0("gethostname", gethostname),
    m1("inet_aton", inet_aton),
    m1("inet_ntoa", inet_ntoa),
    m2("inet_pton", inet_pton),
    m2("inet_ntop", inet_ntop),
    m1("htons", htons),
    m1("ntohs", ntohs),
    m1("htonl", htonl),
    m1("ntohl", ntohl),
    mv("getservbyname", getservbyname, 1, 2),
];

//! Socket addresses between Python's tuples and the system's structures.

use crate::posix::path;
use habu_runtime::core::{class, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::object::*;
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;
use std::mem::size_of;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address of any family.
pub struct Address {
    pub raw: libc::sockaddr_storage,
    pub len: libc::socklen_t,
}

impl Address {
    pub fn empty() -> Address {
        Address {
            // SAFETY: all-zero is a valid address of no family.
            raw: unsafe { std::mem::zeroed() },
            len: size_of::<libc::sockaddr_storage>() as libc::socklen_t,
        }
    }
    pub fn ptr(&self) -> *const libc::sockaddr {
        &raw const self.raw as *const _
    }
    pub fn ptr_mut(&mut self) -> *mut libc::sockaddr {
        &raw mut self.raw as *mut _
    }
    fn of<T>(value: T, len: usize) -> Address {
        let mut a = Address::empty();
        // SAFETY: every address structure fits into the storage.
        unsafe { std::ptr::write(&raw mut a.raw as *mut T, value) };
        a.len = len as libc::socklen_t;
        a
    }
    pub fn v4(ip: Ipv4Addr, port: u16) -> Address {
        // SAFETY: all-zero is a valid address.
        let mut s: libc::sockaddr_in = unsafe { std::mem::zeroed() };
        s.sin_family = libc::AF_INET as u16;
        s.sin_port = port.to_be();
        s.sin_addr.s_addr = u32::from_ne_bytes(ip.octets());
        Address::of(s, size_of::<libc::sockaddr_in>())
    }
    pub fn v6(ip: Ipv6Addr, port: u16, flow: u32, scope: u32) -> Address {
        // SAFETY: as above.
        let mut s: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
        s.sin6_family = libc::AF_INET6 as u16;
        s.sin6_port = port.to_be();
        s.sin6_addr.s6_addr = ip.octets();
        s.sin6_flowinfo = flow.to_be();
        s.sin6_scope_id = scope;
        Address::of(s, size_of::<libc::sockaddr_in6>())
    }
    fn unix(path: &[u8]) -> Option<Address> {
        // SAFETY: as above.
        let mut s: libc::sockaddr_un = unsafe { std::mem::zeroed() };
        s.sun_family = libc::AF_UNIX as u16;
        if path.len() >= s.sun_path.len() {
            return None;
        }
        for (d, c) in s.sun_path.iter_mut().zip(path) {
            *d = *c as libc::c_char;
        }
        // An abstract name (first byte 0) has no terminator; an empty one asks the system for a name.
        let end = (!path.is_empty() && path[0] != 0) as usize;
        Some(Address::of(s, 2 + path.len() + end))
    }
    /// As Python shows it.
    pub fn show(&self, th: &Thread) -> R {
        // SAFETY: the family says which structure the storage holds.
        unsafe {
            match self.raw.ss_family as i32 {
                libc::AF_INET => {
                    let s = &*(&raw const self.raw as *const libc::sockaddr_in);
                    let ip = Ipv4Addr::from(s.sin_addr.s_addr.to_ne_bytes());
                    let host = string::new_value(th, &ip.to_string())?;
                    let port = u16::from_be(s.sin_port) as i64;
                    tuple::new_value(th, &[host, Value::small_int(port)])
                }
                libc::AF_INET6 => {
                    let s = &*(&raw const self.raw as *const libc::sockaddr_in6);
                    let ip = Ipv6Addr::from(s.sin6_addr.s6_addr);
                    let host = string::new_value(th, &ip.to_string())?;
                    let n = |n: u32| Value::small_int(n as i64);
                    let items = [
                        host,
                        n(u16::from_be(s.sin6_port) as u32),
                        n(u32::from_be(s.sin6_flowinfo)),
                        n(s.sin6_scope_id),
                    ];
                    tuple::new_value(th, &items)
                }
                libc::AF_UNIX => {
                    let s = &*(&raw const self.raw as *const libc::sockaddr_un);
                    let n = (self.len as usize).saturating_sub(2).min(s.sun_path.len());
                    let b: Vec<u8> = s.sun_path[..n].iter().map(|c| *c as u8).collect();
                    if b.first() == Some(&0) {
                        return bytes::new(th, &b);
                    }
                    path::decode(th, b.split(|c| *c == 0).next().unwrap_or(&[]))
                }
                _ => Ok(Value::NONE),
            }
        }
    }
}

/// A host name as bytes without zeros.
pub fn host_name(th: &Thread, v: Value) -> R<Vec<u8>> {
    let b = match v.cast::<StrObj>() {
        Some(s) if s.is_ascii() => s.bytes().to_vec(),
        Some(s) => habu_runtime::codecs::encode(th, s, "idna", "strict")?,
        None => match bytes::as_slice(v) {
            Some(b) => b.to_vec(),
            None => {
                let text = format!(
                    "str, bytes or bytearray expected, not {}",
                    class::type_name(v)
                );
                return Err(error::type_error(th, &text));
            }
        },
    };
    if b.contains(&0) {
        return Err(error::value_error(
            th,
            "host name must not contain null character",
        ));
    }
    Ok(b)
}

/// Resolve a host for an address of this family: the first answer.
fn resolve(th: &Thread, host: Value, family: i32, port: u16) -> R<Address> {
    let name = host_name(th, host)?;
    if family == libc::AF_INET {
        let fixed = match name.as_slice() {
            b"" => Some(Ipv4Addr::UNSPECIFIED),
            b"<broadcast>" => Some(Ipv4Addr::BROADCAST),
            n => std::str::from_utf8(n).ok().and_then(|n| n.parse().ok()),
        };
        if let Some(ip) = fixed {
            return Ok(Address::v4(ip, port));
        }
    } else {
        let fixed = match name.as_slice() {
            b"" => Some(Ipv6Addr::UNSPECIFIED),
            n => std::str::from_utf8(n).ok().and_then(|n| n.parse().ok()),
        };
        if let Some(ip) = fixed {
            return Ok(Address::v6(ip, port, 0, 0));
        }
    }
    let found = super::resolve::look_up(th, Some(&name), None, family, libc::SOCK_STREAM, 0, 0)?;
    let Some((_, _, _, _, mut a)) = found.into_iter().next() else {
        return Err(error::os_error(th, libc::EHOSTUNREACH, None));
    };
    // SAFETY: the family says which structure the storage holds.
    unsafe {
        match a.raw.ss_family as i32 {
            libc::AF_INET => (*(&raw mut a.raw as *mut libc::sockaddr_in)).sin_port = port.to_be(),
            _ => (*(&raw mut a.raw as *mut libc::sockaddr_in6)).sin6_port = port.to_be(),
        }
    }
    Ok(a)
}

fn port_of(th: &Thread, v: Value, func: &str) -> R<u16> {
    let n = parse::as_clipped(th, v)?;
    match u16::try_from(n) {
        Ok(p) => Ok(p),
        Err(_) => Err(error::raise(
            th,
            habu_runtime::classes::C::OverflowError,
            &format!("{func}(): port must be 0-65535."),
        )),
    }
}

/// The address that `v` stands for in a socket of this family.
pub fn from_python(th: &Thread, v: Value, family: i32, func: &str) -> R<Address> {
    match family {
        libc::AF_UNIX => {
            let raw = match v.cast::<StrObj>() {
                Some(s) => path::encode(th, s)?,
                None => bytes::buffer(th, v)?.to_vec(),
            };
            Address::unix(&raw).ok_or_else(|| {
                error::raise(
                    th,
                    habu_runtime::classes::C::OSError,
                    "AF_UNIX path too long",
                )
            })
        }
        libc::AF_INET | libc::AF_INET6 => {
            let name = if family == libc::AF_INET {
                "AF_INET"
            } else {
                "AF_INET6"
            };
            let Some(t) = v.cast::<TupleObj>() else {
                let text = format!(
                    "{func}(): {name} address must be tuple, not {}",
                    class::type_name(v)
                );
                return Err(error::type_error(th, &text));
            };
            let most = if family == libc::AF_INET { 2 } else { 4 };
            let items = t.items();
            if items.len() < 2 || items.len() > most {
                let text = match most {
                    2 => format!("{func}(): AF_INET address must be a pair (host, port)"),
                    _ => format!(
                        "{func}(): AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"
                    ),
                };
                return Err(error::type_error(th, &text));
            }
            let port = port_of(th, items[1], func)?;
            let mut a = resolve(th, items[0], family, port)?;
            let extra = |i: usize| -> R<u32> {
                items
                    .get(i)
                    .map_or(Ok(0), |v| Ok(parse::as_clipped(th, *v)? as u32))
            };
            if family == libc::AF_INET6 {
                let (flow, scope) = (extra(2)?, extra(3)?);
                // SAFETY: `resolve` made an address of this family.
                unsafe {
                    let s = &mut *(&raw mut a.raw as *mut libc::sockaddr_in6);
                    s.sin6_flowinfo = flow.to_be();
                    if scope != 0 {
                        s.sin6_scope_id = scope;
                    }
                }
            }
            Ok(a)
        }
        _ => Err(bad_family(th, func)),
    }
}
fn bad_family(th: &Thread, func: &str) -> Raised {
    error::raise(
        th,
        habu_runtime::classes::C::OSError,
        &format!("{func}(): bad family"),
    )
}

//! `pwd` and `grp`: users and groups of the system.
//!
//! What must hold: the library's answers lie in one static buffer, so they are copied out before anything else runs
//! (the GIL keeps other threads out).

use crate::posix::path;
use crate::structseq::{self, structseq};
use habu_runtime::classes::C;
use habu_runtime::core::{attr, list, parse};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::repr;
use habu_runtime::spec::{MethodDef, m0, m1};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::value::Value;
use std::ffi::CStr;

structseq! { PASSWD "pwd" "struct_passwd"
[0 pw_name, 1 pw_passwd, 2 pw_uid, 3 pw_gid, 4 pw_gecos, 5 pw_dir, 6 pw_shell] [] }
structseq! { GROUP "grp" "struct_group" [0 gr_name, 1 gr_passwd, 2 gr_gid, 3 gr_mem] [] }

/// # Safety
/// `p` is null or a C string.
unsafe fn text(th: &Thread, p: *const libc::c_char) -> R {
    if p.is_null() {
        return Ok(Value::NONE);
    }
    // SAFETY: the caller's promise; the bytes are copied before they are used.
    let b = unsafe { CStr::from_ptr(p) }.to_bytes().to_vec();
    path::decode(th, &b)
}
fn class_of(th: &Thread, module: &str, name: &str) -> R<Gc<TypeObj>> {
    let me = habu_runtime::import::import_module(th, module)?;
    Ok(expect(attr::get_text(th, me, name)?))
}
fn missing(th: &Thread, what: &str, key: Value) -> habu_runtime::thread::Raised {
    match repr::repr_string(th, key) {
        Ok(r) => error::raise(th, C::KeyError, &format!("{what}() name not found: {r}")),
        Err(e) => e,
    }
}
fn passwd(th: &Thread, p: *const libc::passwd) -> R {
    let c = class_of(th, "pwd", "struct_passwd")?;
    // SAFETY: the library gave a record with C strings.
    let f = unsafe {
        let p = &*p;
        [
            text(th, p.pw_name)?,
            text(th, p.pw_passwd)?,
            Value::small_int(p.pw_uid as i64),
            Value::small_int(p.pw_gid as i64),
            text(th, p.pw_gecos)?,
            text(th, p.pw_dir)?,
            text(th, p.pw_shell)?,
        ]
    };
    structseq::make(th, c, &f)
}
fn group(th: &Thread, g: *const libc::group) -> R {
    let c = class_of(th, "grp", "struct_group")?;
    let members = list::new(th)?;
    // SAFETY: the library gave a record with C strings and a list of such that null ends.
    unsafe {
        let g = &*g;
        let mut p = g.gr_mem;
        while !p.is_null() && !(*p).is_null() {
            list::push(th, members, text(th, *p)?)?;
            p = p.add(1);
        }
        let f = [
            text(th, g.gr_name)?,
            text(th, g.gr_passwd)?,
            Value::small_int(g.gr_gid as i64),
            members.value(),
        ];
        structseq::make(th, c, &f)
    }
}
/// A user or group number; `None` where no system has such.
fn number(th: &Thread, v: Value) -> R<Option<u32>> {
    let n = parse::as_clipped(th, v)?;
    Ok(u32::try_from(n).ok())
}
fn name(th: &Thread, v: Value) -> R<std::ffi::CString> {
    let s = parse::as_str(th, v, "argument")?;
    std::ffi::CString::new(path::encode(th, s)?)
        .map_err(|_| error::value_error(th, "embedded null character"))
}
fn no_number(th: &Thread, what: &str, v: Value) -> R {
    let r = repr::repr_string(th, v)?;
    let what = format!("{what}() uid not found: {r}").replace("getgrgid() uid", "getgrgid() gid");
    Err(error::raise(th, C::KeyError, &what))
}
fn getpwuid(th: &Thread, v: Value) -> R {
    if let Some(n) = number(th, v)? {
        // SAFETY: a library call; the answer is copied at once.
        let p = unsafe { libc::getpwuid(n) };
        if !p.is_null() {
            return passwd(th, p);
        }
    }
    no_number(th, "getpwuid", v)
}
fn getpwnam(th: &Thread, v: Value) -> R {
    let n = name(th, v)?;
    // SAFETY: as above.
    let p = unsafe { libc::getpwnam(n.as_ptr()) };
    if p.is_null() {
        return Err(missing(th, "getpwnam", v));
    }
    passwd(th, p)
}
fn getpwall(th: &Thread) -> R {
    let l = list::new(th)?;
    // SAFETY: as above.
    unsafe { libc::setpwent() };
    loop {
        // SAFETY: as above.
        let p = unsafe { libc::getpwent() };
        if p.is_null() {
            break;
        }
        list::push(th, l, passwd(th, p)?)?;
    }
    // SAFETY: as above.
    unsafe { libc::endpwent() };
    Ok(l.value())
}
fn getgrgid(th: &Thread, v: Value) -> R {
    if let Some(n) = number(th, v)? {
        // SAFETY: as above.
        let p = unsafe { libc::getgrgid(n) };
        if !p.is_null() {
            return group(th, p);
        }
    }
    no_number(th, "getgrgid", v)
}
fn getgrnam(th: &Thread, v: Value) -> R {
    let n = name(th, v)?;
    // SAFETY: as above.
    let p = unsafe { libc::getgrnam(n.as_ptr()) };
    if p.is_null() {
        return Err(missing(th, "getgrnam", v));
    }
    group(th, p)
}
fn getgrall(th: &Thread) -> R {
    let l = list::new(th)?;
    // SAFETY: as above.
    unsafe { libc::setgrent() };
    loop {
        // SAFETY: as above.
        let p = unsafe { libc::getgrent() };
        if p.is_null() {
            break;
        }
        list::push(th, l, group(th, p)?)?;
    }
    // SAFETY: as above.
    unsafe { libc::endgrent() };
    Ok(l.value())
}
static PWD: [MethodDef; 3] = [
    m1("getpwuid", getpwuid),
    m1("getpwnam", getpwnam),
    m0("getpwall", getpwall),
];
static GRP: [MethodDef; 3] = [
    m1("getgrgid", getgrgid),
    m1("getgrnam", getgrnam),
    m0("getgrall", getgrall),
];

pub fn pwd(th: &Thread) -> R<Gc<ModuleObj>> {
    let p = m::new(th, "pwd", &PWD)?;
    structseq::add(th, p, &PASSWD)?;
    Ok(p)
}
pub fn grp(th: &Thread) -> R<Gc<ModuleObj>> {
    let g = m::new(th, "grp", &GRP)?;
    structseq::add(th, g, &GROUP)?;
    Ok(g)
}

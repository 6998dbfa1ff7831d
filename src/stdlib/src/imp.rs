//! Small modules: `errno`, `_imp`, `gc`, `atexit`.

use habu_runtime::core::{dict, list, string};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::runtime::{Keep, keep, kept};
use habu_runtime::spec::{Args, MethodDef, Named, m0, m1, m2, mk, mv};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::module;
use habu_runtime::value::Value;

macro_rules! errnos {
    ($($n:ident)*) => { const ERRNOS: &[(&str, i32)] = &[$((stringify!($n), libc::$n)),*]; };
}
errnos! {
    EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT EBUSY EEXIST EXDEV
    ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK
    ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP EWOULDBLOCK ENOTSOCK EADDRINUSE EADDRNOTAVAIL ENETUNREACH
    ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ETIMEDOUT ECONNREFUSED EHOSTUNREACH EALREADY EINPROGRESS
    ESTALE ECANCELED EOVERFLOW EILSEQ EPROTO ESHUTDOWN EAFNOSUPPORT EMSGSIZE ENOTSUP EOPNOTSUPP
}
static NONE: [MethodDef; 0] = [];

pub fn errno(th: &Thread) -> R<Gc<ModuleObj>> {
    let e = m::new(th, "errno", &NONE)?;
    let codes = dict::new_dict(th)?;
    for (n, v) in ERRNOS {
        m::set(th, e, n, Value::small_int(*v as i64))?;
        let s = string::new_value(th, n)?;
        dict::set(th, codes, Value::small_int(*v as i64), s)?;
    }
    m::set(th, e, "errorcode", codes.value())?;
    Ok(e)
}

fn is_builtin(th: &Thread, v: Value) -> R {
    let n = habu_runtime::core::parse::as_str(th, v, "name")?;
    Ok(Value::small_int(m::find(&n.to_rust()).is_some() as i64))
}
fn never(_: &Thread, _: Value) -> R {
    Ok(Value::FALSE)
}
fn nothing(_: &Thread) -> R {
    Ok(Value::NONE)
}
fn no(_: &Thread) -> R {
    Ok(Value::FALSE)
}
fn suffixes(th: &Thread) -> R {
    Ok(list::new(th)?.value())
}
fn create_builtin(th: &Thread, spec: Value) -> R {
    let n = habu_runtime::core::attr::get_text(th, spec, "name")?;
    let n = habu_runtime::ops::repr::str_string(th, n)?;
    // What is there already stays the one module of its name: native code holds on to it.
    if let Some(mods) = habu_runtime::import::modules()
        && let Some(m) = dict::get_text(th, mods, &n)?
    {
        return Ok(m);
    }
    match m::find(&n) {
        Some(init) => Ok(init(th)?.value()),
        None => Ok(Value::NONE),
    }
}
fn exec_builtin(_: &Thread, _: Value) -> R {
    Ok(Value::small_int(0))
}
/// No module is frozen: the packed Lib is an entry of `sys.path`.
fn find_frozen(_: &Thread, _: &[Value]) -> R {
    Ok(Value::NONE)
}
fn get_frozen_object(th: &Thread, a: &[Value]) -> R {
    let n = habu_runtime::ops::repr::repr_string(th, a[0])?;
    Err(error::raise(
        th,
        habu_runtime::classes::C::ImportError,
        &format!("No such frozen object named {n}"),
    ))
}
fn fix_co_filename(th: &Thread, code: Value, path: Value) -> R {
    let (Some(c), true) = (code.cast::<CodeObj>(), path.is::<StrObj>()) else {
        return Err(error::type_error(
            th,
            "_fix_co_filename() takes a code object and a str",
        ));
    };
    habu_runtime::core::code::set_filename(th, c, path)?;
    Ok(Value::NONE)
}
/// What a hash-based `.pyc` is checked by: SipHash-1-3 of the source under a key.
fn source_hash(th: &Thread, key: Value, source: Value) -> R {
    let key = u64::from(habu_runtime::core::parse::as_i32(th, key)? as u32);
    let b = habu_runtime::types::bytes::buffer(th, source)?;
    let h = habu_runtime::core::hash::keyed(key, b);
    habu_runtime::types::bytes::new(th, &h.to_le_bytes())
}
fn override_frozen(_: &Thread, _: Value) -> R {
    Ok(Value::NONE)
}
static IMP: [MethodDef; 15] = [
    mv("find_frozen", find_frozen, 1, 2),
    mv("get_frozen_object", get_frozen_object, 1, 2),
    m1("is_frozen_package", never),
    m1("init_frozen", override_frozen),
    m2("_fix_co_filename", fix_co_filename),
    m2("source_hash", source_hash),
    m1("create_builtin", create_builtin),
    m1("exec_builtin", exec_builtin),
    m1("is_builtin", is_builtin),
    m1("is_frozen", never),
    m1("_override_frozen_modules_for_tests", override_frozen),
    m0("acquire_lock", nothing),
    m0("release_lock", nothing),
    m0("lock_held", no),
    m0("extension_suffixes", suffixes),
];
pub fn imp(th: &Thread) -> R<Gc<ModuleObj>> {
    let i = m::new(th, "_imp", &IMP)?;
    let magic = i64::from(u32::from_le_bytes(habu_bytecode::pyc::MAGIC));
    m::set(th, i, "pyc_magic_number_token", Value::small_int(magic))?;
    let check = habu_runtime::config::xoption("check-hash-based-pycs").unwrap_or("default");
    let check = string::new_value(th, check)?;
    m::set(th, i, "check_hash_based_pycs", check)?;
    Ok(i)
}

/// Kinds of objects that programs see and that can be part of a cycle.
pub fn is_container(kind: u8) -> bool {
    use habu_runtime::kinds::*;
    !matches!(
        kind,
        STR | BYTES
            | INT
            | FLOAT
            | COMPLEX
            | BYTEARRAY
            | ARRAY
            | LISTBUF
            | TABLE
            | SHAPE
            | ENTRY
            | CODE
            | OPS
            | NATIVE_BOX
            | RANGE
            | RAW
    )
}
/// What ended calls left on the native stack, which is read conservatively, would keep garbage alive through a
/// collection that somebody asked for and counts on.
#[inline(never)]
fn wipe_stack() {
    std::hint::black_box(&mut [0u64; 1024]);
}
fn collect(th: &Thread, a: Args) -> R {
    let _ = a;
    wipe_stack();
    // SAFETY: the collector hands out objects whose headers are whole.
    let counts = &mut |o: *mut habu_heap::Header| is_container(unsafe { (*o).kind });
    let found = th.mutator.collect_counting(counts);
    habu_runtime::polls::run_finalizers(th);
    Ok(Value::small_int(found as i64))
}
fn isenabled(_: &Thread) -> R {
    Ok(Value::TRUE)
}
fn threshold(th: &Thread) -> R {
    habu_runtime::core::tuple::new_value(
        th,
        &[
            Value::small_int(2000),
            Value::small_int(10),
            Value::small_int(0),
        ],
    )
}
fn ignore(_: &Thread, _: &[Value]) -> R {
    Ok(Value::NONE)
}
static GC: [MethodDef; 8] = [
    mk("collect", collect),
    m0("enable", nothing),
    m0("disable", nothing),
    m0("isenabled", isenabled),
    m0("get_threshold", threshold),
    mv("set_threshold", ignore, 0, 3),
    m0("freeze", nothing),
    m0("unfreeze", nothing),
];
pub fn gc(th: &Thread) -> R<Gc<ModuleObj>> {
    let g = m::new(th, "gc", &GC)?;
    m::add_functions(th, g, "gc", &crate::referrers::FUNCTIONS)?;
    m::set(th, g, "garbage", list::new(th)?.value())?;
    m::set(th, g, "callbacks", list::new(th)?.value())?;
    Ok(g)
}

fn registry(th: &Thread) -> R<Gc<ListObj>> {
    match kept(Keep::AtExit) {
        Some(l) => Ok(expect(l)),
        None => {
            let l = list::new(th)?;
            keep(Keep::AtExit, Some(l.value()));
            Ok(l)
        }
    }
}
fn register(th: &Thread, a: Args) -> R {
    let Some(&f) = a.pos().first() else {
        return Err(error::type_error(
            th,
            "register() takes at least 1 argument (0 given)",
        ));
    };
    if !call::is_callable(f) {
        return Err(error::type_error(th, "the first argument must be callable"));
    }
    let l = registry(th)?;
    let args = habu_runtime::core::tuple::new_value(th, a.all())?;
    let names = a.names().map_or(Value::NONE, |n| n.value());
    let entry = habu_runtime::core::tuple::new_value(th, &[args, names])?;
    list::push(th, l, entry)?;
    Ok(f)
}
fn unregister(th: &Thread, f: Value) -> R {
    let l = registry(th)?;
    let mut i = 0;
    while let Some(e) = list::get(l, i) {
        let t: Gc<TupleObj> = expect(e);
        let args: Gc<TupleObj> = expect(t.items()[0]);
        if args.items()[0] == f {
            list::remove(th, l, i)?;
        } else {
            i += 1;
        }
    }
    Ok(Value::NONE)
}
/// Run what was registered, last first.
pub fn run_exit_functions(th: &Thread) -> R {
    let l = registry(th)?;
    while let Some(e) = list::pop(l) {
        let t: Gc<TupleObj> = expect(e);
        let all: Gc<TupleObj> = expect(t.items()[0]);
        let named = Named {
            all: all.items(),
            names: t.items()[1].cast(),
        };
        let args = Args::of(&named);
        if call::call_args(th, all.items()[0], args.rest()).is_err() {
            m::sys::unraisable(
                th,
                Some(all.items()[0]),
                "Exception ignored in atexit callback",
            );
        }
    }
    Ok(Value::NONE)
}
static ATEXIT: [MethodDef; 3] = [
    mk("register", register),
    m1("unregister", unregister),
    m0("_run_exitfuncs", run_exit_functions),
];
pub fn atexit(th: &Thread) -> R<Gc<ModuleObj>> {
    let a = m::new(th, "atexit", &ATEXIT)?;
    let _ = module::dict_of(a.value());
    Ok(a)
}

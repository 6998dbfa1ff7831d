//! `sys`.

use crate::structseq::{self, structseq};
use habu_runtime::classes::C;
use habu_runtime::config::{Config, config};
use habu_runtime::core::{class, dict, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::interp;
use habu_runtime::interp::events::{self, Which};
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::runtime::{self, rt};
use habu_runtime::spec::{MethodDef, TypeSpec, m0, m1, m2, mk, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types;
use habu_runtime::value::Value;
use std::sync::atomic::Ordering::Relaxed;

fn exit(th: &Thread, a: &[Value]) -> R {
    let args: &[Value] = match a {
        [v] if !v.is_none() => a,
        _ => &[],
    };
    Err(error::raise_args(th, runtime::class(C::SystemExit), args))
}
fn exc_info(th: &Thread) -> R {
    match interp::current_handled(th) {
        Some(e) => {
            let tb = e
                .cast::<ExcObj>()
                .and_then(|x| x.traceback.get())
                .unwrap_or(Value::NONE);
            tuple::new_value(th, &[class::of(e).value(), e, tb])
        }
        None => tuple::new_value(th, &[Value::NONE; 3]),
    }
}
fn exception(th: &Thread) -> R {
    Ok(interp::current_handled(th).unwrap_or(Value::NONE))
}
fn getrecursionlimit(_: &Thread) -> R {
    Ok(Value::small_int(rt().recursion_limit.load(Relaxed) as i64))
}
fn setrecursionlimit(th: &Thread, v: Value) -> R {
    let n = parse::as_i32(th, v)?;
    if n <= 0 {
        return Err(error::value_error(
            th,
            "recursion limit must be greater or equal than 1",
        ));
    }
    rt().recursion_limit.store(n as usize, Relaxed);
    th.depth_limit.set((n as u64) << 32);
    Ok(Value::NONE)
}
fn getframe(th: &Thread, a: &[Value]) -> R {
    let mut n = match a.first() {
        Some(&v) => parse::as_i32(th, v)?,
        None => 0,
    };
    let mut f = interp::current_frame(th);
    while n > 0 {
        f = f.and_then(|f| f.prev());
        n -= 1;
    }
    match f {
        Some(f) => Ok(interp::frame::object(th, f)?.value()),
        None => Err(error::value_error(th, "call stack is not deep enough")),
    }
}
fn getframemodulename(th: &Thread, a: &[Value]) -> R {
    let mut n = match a.first() {
        Some(&v) => parse::as_i32(th, v)?,
        None => 0,
    };
    let mut f = interp::current_frame(th);
    while n > 0 {
        f = f.and_then(|f| f.prev());
        n -= 1;
    }
    Ok(f.and_then(|f| f.func().module.get()).unwrap_or(Value::NONE))
}
fn intern(th: &Thread, v: Value) -> R {
    match v.cast::<StrObj>() {
        Some(s) => Ok(string::intern(th, s)?.value()),
        None => Err(error::type_error(
            th,
            &format!("intern() argument must be str, not {}", class::type_name(v)),
        )),
    }
}
fn getsizeof(th: &Thread, a: &[Value]) -> R {
    habu_runtime::ops::call::method_named(th, a[0], "__sizeof__", &[])
}
fn getrefcount(_: &Thread, _: Value) -> R {
    Ok(Value::small_int(1))
}
fn getdefaultencoding(th: &Thread) -> R {
    string::new_value(th, "utf-8")
}
fn surrogateescape(th: &Thread) -> R {
    string::new_value(th, "surrogateescape")
}
fn displayhook(th: &Thread, v: Value) -> R {
    m::sys::displayhook(th, v)
}
fn excepthook(th: &Thread, a: &[Value]) -> R {
    habu_runtime::start::print_exception(th, a[1]);
    Ok(Value::NONE)
}
fn is_gil_enabled(_: &Thread) -> R {
    Ok(Value::TRUE)
}
fn is_finalizing(_: &Thread) -> R {
    Ok(Value::bool(rt().finalizing.load(Relaxed)))
}
fn get_int_max_str_digits(_: &Thread) -> R {
    Ok(Value::small_int(rt().int_digits_limit.load(Relaxed) as i64))
}
fn set_int_max_str_digits(th: &Thread, v: Value) -> R {
    let n = parse::as_i32(th, v)?;
    if n != 0 && n < 640 {
        return Err(error::value_error(
            th,
            "maxdigits must be 0 or larger than 640",
        ));
    }
    rt().int_digits_limit.store(n as usize, Relaxed);
    Ok(Value::NONE)
}
fn getswitchinterval(th: &Thread) -> R {
    types::float::new(
        th,
        habu_runtime::gil::INTERVAL_US.load(Relaxed) as f64 / 1e6,
    )
}
fn setswitchinterval(th: &Thread, v: Value) -> R {
    let f = parse::as_f64(th, v)?;
    if f <= 0.0 {
        return Err(error::value_error(
            th,
            "switch interval must be strictly positive",
        ));
    }
    habu_runtime::gil::INTERVAL_US.store((f * 1e6) as usize, Relaxed);
    Ok(Value::NONE)
}
fn get_asyncgen_hooks(th: &Thread) -> R {
    let g = |s: Option<Value>| s.unwrap_or(Value::NONE);
    tuple::new_value(
        th,
        &[g(th.asyncgen_first.get()), g(th.asyncgen_final.get())],
    )
}

fn cpu_count_config(_: &Thread) -> R {
    Ok(Value::small_int(-1))
}
fn ignore(_: &Thread, _: habu_runtime::spec::Args) -> R {
    Ok(Value::NONE)
}
fn gettrace(th: &Thread) -> R {
    Ok(th.trace.get().unwrap_or(Value::NONE))
}
fn getprofile(th: &Thread) -> R {
    Ok(th.profile.get().unwrap_or(Value::NONE))
}

fn settrace(th: &Thread, f: Value) -> R {
    events::set(th, Which::Trace, f)?;
    Ok(Value::NONE)
}
fn setprofile(th: &Thread, f: Value) -> R {
    events::set(th, Which::Profile, f)?;
    Ok(Value::NONE)
}
fn settrace_all(th: &Thread, f: Value) -> R {
    events::set_all(th, Which::Trace, f)?;
    Ok(Value::NONE)
}
fn setprofile_all(th: &Thread, f: Value) -> R {
    events::set_all(th, Which::Profile, f)?;
    Ok(Value::NONE)
}
fn call_tracing(th: &Thread, f: Value, args: Value) -> R {
    match args.cast::<TupleObj>() {
        Some(t) => events::call_tracing(th, f, t.items()),
        None => {
            let text = format!(
                "call_tracing() argument 2 must be tuple, not {}",
                class::type_name(args)
            );
            Err(error::type_error(th, &text))
        }
    }
}
/// `sys.unraisablehook`: report an exception that nobody can catch.
fn unraisablehook(th: &Thread, args: Value) -> R {
    let field = |n: &str| habu_runtime::core::attr::get_text(th, args, n);
    let (e, msg, obj) = (field("exc_value")?, field("err_msg")?, field("object")?);
    let mut head = match msg.is_none() {
        true => "Exception ignored in".to_string(),
        false => habu_runtime::ops::repr::str_string(th, msg)?,
    };
    if !obj.is_none() {
        let r = habu_runtime::ops::repr::repr_string(th, obj)?;
        head = format!("{head}: {r}");
    }
    let mut text = format!("{head}\n");
    if !e.is_none() {
        text.push_str(&habu_runtime::traceback::format_exception(th, e));
    }
    let s = string::new_value(th, &text)?;
    m::sys::write_to(th, "stderr", s)?;
    Ok(Value::NONE)
}
fn set_asyncgen_hooks(th: &Thread, a: habu_runtime::spec::Args) -> R {
    let [first, last] = habu_runtime::args!(
        th,
        a,
        "set_asyncgen_hooks",
        ["firstiter", "finalizer"],
        0,
        0,
        2
    );
    for (v, what) in [(first, "firstiter"), (last, "finalizer")] {
        if let Some(v) = v.filter(|v| !v.is_none())
            && !habu_runtime::ops::call::is_callable(v)
        {
            let text = format!("callable {what} expected, got {}", class::type_name(v));
            return Err(error::type_error(th, &text));
        }
    }
    if let Some(f) = first {
        th.asyncgen_first.init(Some(f).filter(|f| !f.is_none()));
    }
    if let Some(f) = last {
        th.asyncgen_final.init(Some(f).filter(|f| !f.is_none()));
    }
    Ok(Value::NONE)
}

/// `breakpoint()`: what `PYTHONBREAKPOINT` names, `pdb.set_trace` by default, nothing for `0`.
fn breakpointhook(th: &Thread, a: habu_runtime::spec::Args) -> R {
    let wanted = std::env::var("PYTHONBREAKPOINT").unwrap_or_default();
    if wanted == "0" {
        return Ok(Value::NONE);
    }
    let path = if wanted.is_empty() {
        "pdb.set_trace"
    } else {
        &wanted
    };
    let (module, name) = path.rsplit_once('.').unwrap_or(("builtins", path));
    let found = habu_runtime::import::import_module(th, module);
    let found = found.and_then(|m| habu_runtime::core::attr::get_text(th, m, name));
    match found {
        Ok(f) => habu_runtime::ops::call::call_args(th, f, a),
        Err(e) if !error::matches(th, C::ImportError) && !error::matches(th, C::AttributeError) => {
            Err(e)
        }
        Err(_) => {
            th.take();
            let text = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{path}\"");
            m::warnings::warn(th, C::RuntimeWarning, &text, 1)?;
            Ok(Value::NONE)
        }
    }
}

const COPYRIGHT: &str = "Copyright (c) the Habu authors.\n\nThe library: Copyright (c) 2001 Python Software Foundation.\nAll Rights Reserved.";

static FUNCTIONS: [MethodDef; 42] = [
    mk("breakpointhook", breakpointhook),
    mk("__breakpointhook__", breakpointhook),
    mk("set_asyncgen_hooks", set_asyncgen_hooks),
    m1("settrace", settrace),
    m1("setprofile", setprofile),
    m1("_settraceallthreads", settrace_all),
    m1("_setprofileallthreads", setprofile_all),
    m2("call_tracing", call_tracing),
    m1("unraisablehook", unraisablehook),
    m1("__unraisablehook__", unraisablehook),
    m0("_get_cpu_count_config", cpu_count_config),
    mk("audit", ignore),
    mk("addaudithook", ignore),
    mk("_clear_type_descriptors", ignore),
    mk("_clear_type_cache", ignore),
    mk("_clear_internal_caches", ignore),
    m0("gettrace", gettrace),
    m0("getprofile", getprofile),
    mv("exit", exit, 0, 1),
    m0("exc_info", exc_info),
    m0("exception", exception),
    m0("getrecursionlimit", getrecursionlimit),
    m1("setrecursionlimit", setrecursionlimit),
    mv("_getframe", getframe, 0, 1),
    mv("_getframemodulename", getframemodulename, 0, 1),
    m1("intern", intern),
    mv("getsizeof", getsizeof, 1, 2),
    m1("getrefcount", getrefcount),
    m0("getdefaultencoding", getdefaultencoding),
    m0("getfilesystemencoding", getdefaultencoding),
    m0("getfilesystemencodeerrors", surrogateescape),
    m1("displayhook", displayhook),
    m1("__displayhook__", displayhook),
    mv("excepthook", excepthook, 3, 3),
    mv("__excepthook__", excepthook, 3, 3),
    m0("_is_gil_enabled", is_gil_enabled),
    m0("is_finalizing", is_finalizing),
    m0("get_int_max_str_digits", get_int_max_str_digits),
    m1("set_int_max_str_digits", set_int_max_str_digits),
    m0("getswitchinterval", getswitchinterval),
    m1("setswitchinterval", setswitchinterval),
    m0("get_asyncgen_hooks", get_asyncgen_hooks),
];

/// `sys._jit`: the native tier is always built in.
fn jit_available(_: &Thread) -> R {
    Ok(Value::TRUE)
}

/// Was it left on when the process began?
fn jit_enabled(_: &Thread) -> R {
    Ok(Value::bool(habu_runtime::interp::tier::tier().is_some()))
}

/// Has the calling function native code that its callers enter?
fn jit_active(th: &Thread) -> R {
    let active = habu_runtime::interp::frame::current(th)
        .is_some_and(|f| habu_runtime::interp::tier::is_compiled(f.code()));
    Ok(Value::bool(active))
}

static JIT: [MethodDef; 3] = [
    m0("is_available", jit_available),
    m0("is_enabled", jit_enabled),
    m0("is_active", jit_active),
];

fn strings(th: &Thread, items: &[String]) -> R<Gc<ListObj>> {
    let l = list::new(th)?;
    for s in items {
        list::push(th, l, string::new_value(th, s)?)?;
    }
    Ok(l)
}

/// `sys.prefix` and `sys.base_prefix`: the folder of a virtual environment is the one with `pyvenv.cfg`.
fn prefixes(executable: &str) -> (String, String) {
    const BASE: &str = "/usr/local";
    let bin = std::path::Path::new(executable).parent();
    for d in [bin, bin.and_then(|b| b.parent())].into_iter().flatten() {
        let Ok(text) = std::fs::read_to_string(d.join("pyvenv.cfg")) else {
            continue;
        };
        let home = text.lines().find_map(|l| {
            let (k, v) = l.split_once('=')?;
            (k.trim().eq_ignore_ascii_case("home")).then(|| v.trim().to_string())
        });
        if home.is_some() {
            return (d.to_string_lossy().into_owned(), BASE.into());
        }
    }
    (BASE.into(), BASE.into())
}

/// Where the search for modules begins: PYTHONPATH, then the packed Lib.
fn search_path(c: &Config) -> Vec<String> {
    let mut path: Vec<String> = c
        .path
        .iter()
        .map(|p| match std::path::absolute(p) {
            Ok(p) => p.to_string_lossy().into_owned(),
            Err(_) => p.clone(),
        })
        .collect();
    path.push("/<habu>".into());
    path
}

/// The program's folder comes before all else on `sys.path`, once `site` is done.
pub fn add_program_folder(th: &Thread) -> R<()> {
    let c = config();
    let first = c.argv.first().map_or("", |a| a);
    // A folder or archive that is run is put there itself.
    if c.safe_path || habu_runtime::start::is_runnable_path(first) {
        return Ok(());
    }
    let folder = match first {
        "" | "-c" | "-" => String::new(),
        "-m" => std::env::current_dir()
            .map(|d| d.to_string_lossy().into_owned())
            .unwrap_or_default(),
        f => {
            let f = std::fs::canonicalize(f).unwrap_or_else(|_| f.into());
            f.parent()
                .map(|p| p.to_string_lossy().into_owned())
                .unwrap_or_default()
        }
    };
    match m::sys::get(th, "path")?.and_then(|l| l.cast::<ListObj>()) {
        Some(l) => list::insert(th, l, 0, string::new_value(th, &folder)?),
        None => Ok(()),
    }
}

/// What `warnings` reads: weak ones first, so that later ones win.
fn warn_options(c: &Config) -> Vec<String> {
    let mut out = Vec::new();
    if c.dev_mode {
        out.push("default".to_string());
    }
    out.extend(c.warnoptions.iter().cloned());
    match c.bytes_warning {
        0 => {}
        1 => out.push("default::BytesWarning".into()),
        _ => out.push("error::BytesWarning".into()),
    }
    out
}

pub fn install(th: &Thread) -> R<()> {
    let c = config();
    let s = m::new(th, "sys", &FUNCTIONS)?;
    let d = types::module::dict_of(s.value());
    rt().sys.init(Some(s.value()));
    rt().sys_dict.init(Some(d.value()));
    let text = |v: &str| string::new_value(th, v);
    let num = |i: i64| Value::small_int(i);
    crate::monitoring::install(th, s)?;
    m::set(th, s, "argv", strings(th, &c.argv)?.value())?;
    m::set(th, s, "orig_argv", strings(th, &c.orig_argv)?.value())?;
    m::set(th, s, "path", strings(th, &search_path(c))?.value())?;
    if let Some(mods) = habu_runtime::import::modules() {
        m::set(th, s, "modules", mods.value())?;
        dict::set_text(th, mods, "sys", s.value())?;
    }
    m::set(
        th,
        s,
        "version",
        // In the form that `platform` takes apart: version, build, compiler.
        text(concat!(
            "3.14.0 (Habu ",
            env!("CARGO_PKG_VERSION"),
            ") [Rust]"
        ))?,
    )?;
    m::set(th, s, "hexversion", num(0x030e00f0))?;
    m::set(th, s, "api_version", num(1013))?;
    m::set(th, s, "copyright", text(COPYRIGHT)?)?;
    m::set(th, s, "platform", text("linux")?)?;
    m::set(th, s, "byteorder", text("little")?)?;
    m::set(th, s, "maxsize", int::from_i64(th, i64::MAX)?)?;
    m::set(th, s, "maxunicode", num(0x10ffff))?;
    m::set(th, s, "float_repr_style", text("short")?)?;
    m::set(th, s, "platlibdir", text("lib")?)?;
    m::set(th, s, "abiflags", text("")?)?;
    m::set(th, s, "_framework", text("")?)?;
    let known = dict::new_frozenset(th)?;
    for e in crate::packed::INDEX
        .iter()
        .filter(|e| !e.name.contains('.'))
    {
        dict::set_add(th, known.value(), text(e.name)?)?;
    }
    for n in m::names().into_iter().chain(["sys", "builtins"]) {
        dict::set_add(th, known.value(), text(n)?)?;
    }
    m::set(th, s, "stdlib_module_names", known.value())?;
    m::set(th, s, "_jit", m::new(th, "sys._jit", &JIT)?.value())?;
    m::set(
        th,
        s,
        "dont_write_bytecode",
        Value::bool(c.dont_write_bytecode),
    )?;
    let prefix = match &c.pycache_prefix {
        Some(p) => text(p)?,
        None => Value::NONE,
    };
    m::set(th, s, "pycache_prefix", prefix)?;
    let warn = strings(th, &warn_options(c))?;
    m::set(th, s, "warnoptions", warn.value())?;
    m::set(th, s, "meta_path", list::new(th)?.value())?;
    m::set(th, s, "path_hooks", list::new(th)?.value())?;
    m::set(th, s, "path_importer_cache", dict::new_dict(th)?.value())?;
    let x = dict::new_dict(th)?;
    for (name, value) in &c.xoptions {
        let v = match value {
            Some(v) => text(v)?,
            None => Value::TRUE,
        };
        dict::set_text(th, x, name, v)?;
    }
    m::set(th, s, "_xoptions", x.value())?;
    m::set(th, s, "executable", text(&c.executable)?)?;
    m::set(th, s, "_base_executable", text(&c.executable)?)?;
    let (prefix, base) = prefixes(&c.executable);
    for (n, p) in [
        ("prefix", &prefix),
        ("exec_prefix", &prefix),
        ("base_prefix", &base),
        ("base_exec_prefix", &base),
    ] {
        m::set(th, s, n, text(p)?)?;
    }
    m::set(th, s, "_stdlib_dir", text("/<habu>")?)?;
    let mut names: Vec<&str> = m::names();
    names.extend(["sys", "builtins"]);
    names.sort();
    let l = list::new(th)?;
    for n in names {
        list::push(th, l, text(n)?)?;
    }
    m::set(
        th,
        s,
        "builtin_module_names",
        tuple::new_value(th, list::items(l))?,
    )?;
    crate::stdio::install(th, s)?;
    crate::signal::start(th);
    records(th, s)
}

structseq! { VERSION_INFO "sys" "version_info" [0 major, 1 minor, 2 micro, 3 releaselevel, 4 serial] [] }
structseq! { FLAGS "sys" "flags" [0 debug, 1 inspect, 2 interactive, 3 optimize, 4 dont_write_bytecode, 5 no_user_site, 6 no_site, 7 ignore_environment, 8 verbose, 9 bytes_warning, 10 quiet, 11 hash_randomization, 12 isolated, 13 dev_mode, 14 utf8_mode, 15 warn_default_encoding, 16 safe_path, 17 int_max_str_digits] [18 gil, 19 thread_inherit_context, 20 context_aware_warnings] }
structseq! { FLOAT_INFO "sys" "float_info" [0 max, 1 max_exp, 2 max_10_exp, 3 min, 4 min_exp, 5 min_10_exp, 6 dig, 7 mant_dig, 8 epsilon, 9 radix, 10 rounds] [] }
structseq! { INT_INFO "sys" "int_info" [0 bits_per_digit, 1 sizeof_digit, 2 default_max_str_digits, 3 str_digits_check_threshold] [] }
structseq! { HASH_INFO "sys" "hash_info" [0 width, 1 modulus, 2 inf, 3 nan, 4 imag, 5 algorithm, 6 hash_bits, 7 seed_bits, 8 cutoff] [] }
structseq! { THREAD_INFO "sys" "thread_info" [0 name, 1 lock, 2 version] [] }

/// A struct sequence of `sys`, which takes the place of its class there.
fn record(th: &Thread, s: Gc<ModuleObj>, spec: &'static TypeSpec, fields: &[(&str, Value)]) -> R {
    structseq::add(th, s, spec)?;
    let cls = habu_runtime::core::attr::get_text(th, s.value(), spec.name)?;
    let hold = list::new(th)?;
    for f in fields {
        list::push(th, hold, f.1)?;
    }
    let v = structseq::make(th, habu_runtime::thread::expect(cls), list::items(hold))?;
    m::set(th, s, spec.name, v)?;
    Ok(v)
}

fn records(th: &Thread, s: Gc<ModuleObj>) -> R<()> {
    let num = |i: i64| Value::small_int(i);
    let text = |v: &str| string::new_value(th, v);
    let version = [
        ("major", num(3)),
        ("minor", num(14)),
        ("micro", num(0)),
        ("releaselevel", text("final")?),
        ("serial", num(0)),
    ];
    let vi = record(th, s, &VERSION_INFO, &version)?;
    let name = text("habu")?;
    let tag = text("habu-314")?;
    let imp = types::namespace::with(
        th,
        &[
            ("name", name),
            ("cache_tag", tag),
            ("version", vi),
            ("hexversion", num(0x030e00f0)),
        ],
    )?;
    m::set(th, s, "implementation", imp)?;
    let flag_names = [
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "dev_mode",
        "utf8_mode",
        "warn_default_encoding",
        "safe_path",
        "int_max_str_digits",
        "gil",
        "thread_inherit_context",
        "context_aware_warnings",
    ];
    let c = config();
    let flags: Vec<(&str, i64)> = flag_names
        .iter()
        .map(|n| {
            (
                *n,
                match *n {
                    "debug" => c.debug.into(),
                    "inspect" | "interactive" => c.inspect.into(),
                    "optimize" => c.optimize.into(),
                    "dont_write_bytecode" => c.dont_write_bytecode.into(),
                    "no_user_site" => c.no_user_site.into(),
                    "no_site" => c.no_site.into(),
                    "ignore_environment" => c.ignore_environment.into(),
                    "verbose" => c.verbose.into(),
                    "bytes_warning" => c.bytes_warning.into(),
                    "quiet" => c.quiet.into(),
                    "isolated" => c.isolated.into(),
                    "dev_mode" => c.dev_mode.into(),
                    "safe_path" => c.safe_path.into(),
                    "hash_randomization" => !c.fixed_hash_seed as i64,
                    "utf8_mode" | "gil" => 1,
                    "int_max_str_digits" => 4300,
                    _ => 0,
                },
            )
        })
        .collect();
    let mut fields = [("", Value::NONE); 21];
    for (f, (n, v)) in fields.iter_mut().zip(&flags) {
        // These two are bools.
        let v = match *n {
            "dev_mode" | "safe_path" => Value::bool(*v != 0),
            _ => Value::small_int(*v),
        };
        *f = (n, v);
    }
    record(th, s, &FLAGS, &fields)?;
    let f = |x: f64| types::float::new(th, x);
    let fi = [
        ("max", f(f64::MAX)?),
        ("max_exp", num(1024)),
        ("max_10_exp", num(308)),
        ("min", f(f64::MIN_POSITIVE)?),
        ("min_exp", num(-1021)),
        ("min_10_exp", num(-307)),
        ("dig", num(15)),
        ("mant_dig", num(53)),
        ("epsilon", f(f64::EPSILON)?),
        ("radix", num(2)),
        ("rounds", num(1)),
    ];
    record(th, s, &FLOAT_INFO, &fi)?;
    let ii = [
        ("bits_per_digit", num(30)),
        ("sizeof_digit", num(4)),
        ("default_max_str_digits", num(4300)),
        ("str_digits_check_threshold", num(640)),
    ];
    record(th, s, &INT_INFO, &ii)?;
    let hi = [
        ("width", num(64)),
        ("modulus", num((1 << 61) - 1)),
        ("inf", num(314159)),
        ("nan", num(0)),
        ("imag", num(1000003)),
        ("algorithm", text("siphash13")?),
        ("hash_bits", num(64)),
        ("seed_bits", num(128)),
        ("cutoff", num(0)),
    ];
    record(th, s, &HASH_INFO, &hi)?;
    let ti = [
        ("name", text("pthread")?),
        ("lock", text("semaphore")?),
        ("version", Value::NONE),
    ];
    record(th, s, &THREAD_INFO, &ti).map(drop)
}

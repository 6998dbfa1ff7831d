//! Imports: `sys.modules`, native modules, the packed Lib, then directories on `sys.path`.

use crate::classes::C;
use crate::core::{attr, code, dict, list, string, tuple};
use crate::error;
use crate::interp::{self, frame::Frame};
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::runtime::rt;
use crate::thread::{R, Thread, expect};
use crate::types::module;
use habu_heap::Value;
use std::sync::OnceLock;

/// Where packed modules come from: name to (source, is a package).
pub type Packed = fn(&str) -> Option<(&'static str, bool)>;
static PACKED: OnceLock<Packed> = OnceLock::new();

pub fn set_packed(f: Packed) {
    let _ = PACKED.set(f);
}

pub fn modules() -> Option<Gc<DictObj>> {
    rt().modules.get().and_then(|m| m.cast())
}

fn text(v: Value) -> String {
    v.cast::<StrObj>()
        .map(|s| s.to_rust().into_owned())
        .unwrap_or_default()
}

/// The module of this absolute name, imported if need be.
pub fn import_module(th: &Thread, name: &str) -> R {
    if let Some(m) = loaded(th, name)? {
        return Ok(m);
    }
    // Parents first.
    if let Some((parent, _)) = name.rsplit_once('.') {
        let p = import_module(th, parent)?;
        if let Some(m) = loaded(th, name)? {
            return Ok(m);
        }
        if attr::get_opt(th, p, nm(N::Path))?.is_none() {
            return Err(not_found(
                th,
                name,
                &format!("No module named '{name}'; '{parent}' is not a package"),
            ));
        }
        let m = load(th, name, Some(p))?;
        let last = name.rsplit('.').next().unwrap_or(name);
        attr::set_text(th, p, last, m)?;
        return Ok(m);
    }
    load(th, name, None)
}

fn loaded(th: &Thread, name: &str) -> R<Option<Value>> {
    let Some(d) = modules() else { return Ok(None) };
    let m = dict::get_text(th, d, name)?;
    if m == Some(Value::NONE) {
        return Err(not_found(
            th,
            name,
            &format!("import of {name} halted; None in sys.modules"),
        ));
    }
    Ok(m)
}

fn not_found(th: &Thread, name: &str, message: &str) -> crate::thread::Raised {
    let r = (|| -> R {
        let s = string::new_value(th, message)?;
        let e = error::make(th, crate::runtime::class(C::ModuleNotFoundError), &[s])?;
        let x: Gc<ExcObj> = expect(e);
        let n = string::new_value(th, name)?;
        th.set(x, &x.f1, Some(n));
        Ok(e)
    })();
    match r {
        Ok(e) => error::raise_value(th, e),
        Err(r) => r,
    }
}

fn put(th: &Thread, name: &str, m: Value) -> R<()> {
    match modules() {
        Some(d) => dict::set_text(th, d, name, m),
        None => Ok(()),
    }
}

fn load(th: &Thread, name: &str, parent: Option<Value>) -> R {
    if let Some(init) = crate::modules::find(name) {
        let m = init(th)?.value();
        put(th, name, m)?;
        return Ok(m);
    }
    if (FIRST.contains(&name) || parent.is_some())
        && let Some(m) = load_packed(th, name)?
    {
        return Ok(m);
    }
    let path = match parent {
        Some(p) => attr::get_opt(th, p, nm(N::Path))?,
        None => crate::modules::sys::get(th, "path")?,
    };
    let last = name.rsplit('.').next().unwrap_or(name);
    let mut namespace = None;
    if let Some(path) = path {
        let dirs = ops::iter::to_list(th, path)?;
        let mut i = 0;
        while let Some(d) = list::get(dirs, i) {
            i += 1;
            let d = text(d);
            let base = if d.is_empty() {
                last.to_string()
            } else {
                format!("{d}/{last}")
            };
            let init = format!("{base}/__init__.py");
            if let Ok(src) = std::fs::read(&init) {
                return run_source(th, name, &src, &init, Some(&base));
            }
            let file = format!("{base}.py");
            if let Ok(src) = std::fs::read(&file) {
                return run_source(th, name, &src, &file, None);
            }
            if namespace.is_none() && std::path::Path::new(&base).is_dir() {
                namespace = Some(base);
            }
        }
    }
    if let Some(m) = load_packed(th, name)? {
        return Ok(m);
    }
    if let Some(base) = namespace {
        return namespace_package(th, name, &base);
    }
    Err(not_found(th, name, &format!("No module named '{name}'")))
}

/// Modules that directories on `sys.path` do not shadow: what the import system and the standard streams need.
const FIRST: &[&str] = &[
    "_collections_abc",
    "_sitebuiltins",
    "abc",
    "codecs",
    "encodings",
    "genericpath",
    "importlib",
    "io",
    "os",
    "posixpath",
    "site",
    "stat",
    "zipimport",
];

fn load_packed(th: &Thread, name: &str) -> R<Option<Value>> {
    let Some((source, is_package)) = PACKED.get().and_then(|f| f(name)) else {
        return Ok(None);
    };
    let file = format!(
        "<habu>/{}{}",
        name.replace('.', "/"),
        if is_package { "/__init__.py" } else { ".py" }
    );
    let dir = is_package.then_some("<habu>");
    run_source(th, name, source.as_bytes(), &file, dir).map(Some)
}

fn namespace_package(th: &Thread, name: &str, dir: &str) -> R {
    let m = module::new(th, name)?;
    let d = module::dict_of(m.value());
    let l = list::new(th)?;
    list::push(th, l, string::new_value(th, dir)?)?;
    dict::set_name(th, d, nm(N::Path), l.value())?;
    let p = string::intern_new(th, name)?;
    dict::set_name(th, d, nm(N::Package), p.value())?;
    put(th, name, m.value())?;
    Ok(m.value())
}

fn run_source(th: &Thread, name: &str, src: &[u8], file: &str, package_dir: Option<&str>) -> R {
    let c = compile_bytes(th, src, file, &habu_compiler::Options::default())?;
    let m = module::new(th, name)?;
    let d = module::dict_of(m.value());
    let f = string::new_value(th, file)?;
    dict::set_name(th, d, nm(N::File), f)?;
    let package = match package_dir {
        Some(dir) => {
            let l = list::new(th)?;
            list::push(th, l, string::new_value(th, dir)?)?;
            dict::set_name(th, d, nm(N::Path), l.value())?;
            name
        }
        None => name.rsplit_once('.').map_or("", |p| p.0),
    };
    let p = string::intern_new(th, package)?;
    dict::set_name(th, d, nm(N::Package), p.value())?;
    let spec = crate::types::namespace::with(
        th,
        &[
            ("name", string::new_value(th, name)?),
            ("origin", f),
            ("parent", p.value()),
            ("has_location", Value::TRUE),
            ("loader", Value::NONE),
            ("cached", Value::NONE),
            (
                "submodule_search_locations",
                dict::get_name(d, nm(N::Path)).unwrap_or(Value::NONE),
            ),
            ("_initializing", Value::TRUE),
        ],
    )?;
    dict::set_name(th, d, nm(N::Spec), spec)?;
    if let Some(b) = rt().builtins.get() {
        dict::set_name(th, d, nm(N::Builtins), b)?;
    }
    put(th, name, m.value())?;
    match interp::run_code(th, c, d, Some(d.value()), None) {
        Ok(_) => {}
        Err(e) => {
            if let Some(mods) = modules() {
                let exc = th.pending.get();
                th.pending.init(None);
                let n = string::intern_new(th, name)?;
                dict::remove_name(mods, n.value());
                th.pending.init(exc);
            }
            return Err(e);
        }
    }
    attr::set_text(th, spec, "_initializing", Value::FALSE)?;
    if name == "importlib" {
        // Its machinery reaches this importer through a finder.
        import_module(th, "_habu_finder")?;
    }
    // The module may have put something else in its place.
    Ok(loaded(th, name)?.unwrap_or(m.value()))
}

/// Compile, or raise SyntaxError.
pub fn compile_bytes(
    th: &Thread,
    src: &[u8],
    file: &str,
    o: &habu_compiler::Options,
) -> R<Gc<CodeObj>> {
    match habu_compiler::compile_bytes(src, file, o) {
        Ok(c) => {
            for w in &c.warnings {
                crate::modules::warnings::warn(th, C::SyntaxWarning, &w.message, 1)?;
            }
            code::from_unit(th, &c.code)
        }
        Err(e) => Err(syntax_error(th, &e, file)),
    }
}

pub fn syntax_error(
    th: &Thread,
    e: &habu_compiler::SyntaxError,
    file: &str,
) -> crate::thread::Raised {
    use habu_compiler::ErrorKind as K;
    let c = match e.kind {
        K::Syntax => C::SyntaxError,
        K::Memory => return error::raise(th, C::MemoryError, &e.message),
        K::Recursion => return error::raise(th, C::RecursionError, &e.message),
        K::Unicode => return error::raise(th, C::UnicodeEncodeError, &e.message),
        K::Indentation => C::IndentationError,
        K::Tab => C::TabError,
        K::Value => return error::value_error(th, &e.message),
        K::Type => return error::type_error(th, &e.message),
    };
    let r = (|| -> R {
        let f = string::new_value(th, file)?;
        let t = match &e.text {
            Some(t) => string::new_value(th, t)?,
            None => Value::NONE,
        };
        let n = |i: u32| Value::small_int(i as i64);
        let info = tuple::new_value(
            th,
            &[
                f,
                n(e.lineno),
                n(e.offset),
                t,
                n(e.end_lineno),
                n(e.end_offset),
            ],
        )?;
        let msg = string::new_value(th, &e.message)?;
        error::make(th, crate::runtime::class(c), &[msg, info])
    })();
    match r {
        Ok(x) => error::raise_value(th, x),
        Err(r) => r,
    }
}

/// The package that relative names count from.
fn package_of(th: &Thread, globals: Gc<DictObj>) -> R<String> {
    if let Some(p) = dict::get_name(globals, nm(N::Package)).filter(|p| !p.is_none()) {
        return Ok(text(p));
    }
    let name = text(dict::get_name(globals, nm(N::Name)).unwrap_or(Value::NONE));
    if dict::get_name(globals, nm(N::Path)).is_some() {
        return Ok(name);
    }
    let _ = th;
    Ok(name
        .rsplit_once('.')
        .map_or(String::new(), |p| p.0.to_string()))
}

/// `__import__(name, globals, fromlist, level)`.
pub fn import(
    th: &Thread,
    name: &str,
    globals: Option<Gc<DictObj>>,
    fromlist: Value,
    level: i64,
) -> R {
    let absolute = if level > 0 {
        let g = match globals {
            Some(g) => g,
            None => return Err(error::raise(th, C::KeyError, "'__name__' not in globals")),
        };
        let package = package_of(th, g)?;
        if package.is_empty() {
            return Err(error::raise(
                th,
                C::ImportError,
                "attempted relative import with no known parent package",
            ));
        }
        let mut base: &str = &package;
        for _ in 1..level {
            base = match base.rsplit_once('.') {
                Some((p, _)) => p,
                None => {
                    return Err(error::raise(
                        th,
                        C::ImportError,
                        "attempted relative import beyond top-level package",
                    ));
                }
            };
        }
        if name.is_empty() {
            base.to_string()
        } else {
            format!("{base}.{name}")
        }
    } else {
        if name.is_empty() {
            return Err(error::value_error(th, "Empty module name"));
        }
        name.to_string()
    };
    let m = import_module(th, &absolute)?;
    if !fromlist.is_none() && ops::truth(th, fromlist)? {
        if attr::get_opt(th, m, nm(N::Path))?.is_some() {
            load_submodules(th, m, &absolute, fromlist)?;
        }
        return Ok(m);
    }
    if level == 0 || name.is_empty() {
        let top = absolute.split('.').next().unwrap_or(&absolute);
        return import_module(th, if level == 0 { top } else { &absolute });
    }
    let cut = absolute.len() - name.len() + name.split('.').next().unwrap_or(name).len();
    import_module(th, &absolute[..cut])
}

/// `from package import a, b`: names that are submodules get imported.
fn load_submodules(th: &Thread, m: Value, name: &str, fromlist: Value) -> R<()> {
    let names = ops::iter::to_list(th, fromlist)?;
    let mut i = 0;
    while let Some(n) = list::get(names, i) {
        i += 1;
        let t = text(n);
        if t == "*" {
            if let Some(all) = attr::get_opt(th, m, nm(N::All))? {
                load_submodules(th, m, name, all)?;
            }
            continue;
        }
        let n = attr::intern_name(th, n)?;
        if attr::get_opt(th, m, n)?.is_none() {
            let full = format!("{name}.{t}");
            if let Err(e) = import_module(th, &full) {
                // Not a submodule: `import from` reports the name.
                let own = error::matches(th, C::ModuleNotFoundError)
                    && th
                        .pending
                        .get()
                        .and_then(|e| e.cast::<ExcObj>())
                        .and_then(|e| e.f1.get())
                        .is_some_and(|n| text(n) == full);
                if !own {
                    return Err(e);
                }
                th.take();
            }
        }
    }
    Ok(())
}

/// `IMPORT_NAME`: through `builtins.__import__` where somebody replaced it.
pub fn import_name(th: &Thread, f: Frame, name: Value, fromlist: Value, level: Value) -> R {
    let globals = f.globals();
    if let Some(b) = f.func().builtins.get().and_then(|b| b.cast::<DictObj>()) {
        match dict::get_name(b, nm(N::Import)) {
            Some(i) if Some(i) == rt().import_func.get() => {}
            Some(i) => {
                let locals = f.namespace().unwrap_or(Value::NONE);
                return call::call(th, i, &[name, globals.value(), locals, fromlist, level]);
            }
            None => return Err(error::raise(th, C::ImportError, "__import__ not found")),
        }
    }
    let n = text(name);
    import(th, &n, Some(globals), fromlist, level.as_int().unwrap_or(0))
}

/// `IMPORT_FROM`.
pub fn import_from(th: &Thread, m: Value, name: Value) -> R {
    if let Some(v) = attr::get_opt(th, m, name)? {
        return Ok(v);
    }
    // A circular import may have the submodule in sys.modules already.
    let pkg = attr::get_opt(th, m, nm(N::Name))?;
    if let Some(p) = pkg.filter(|p| p.is::<StrObj>()) {
        let full = format!("{}.{}", text(p), text(name));
        if let Some(v) = loaded(th, &full)? {
            return Ok(v);
        }
    }
    let p = pkg.map_or("<unknown module name>".to_string(), text);
    let file = attr::get_opt(th, m, nm(N::File))?.filter(|f| f.is::<StrObj>());
    let place = file.map_or("unknown location".to_string(), text);
    let initializing = match attr::get_opt(th, m, nm(N::Spec))? {
        Some(s) if !s.is_none() => match attr::get_opt(th, s, nm(N::Initializing))? {
            Some(x) => ops::truth(th, x)?,
            None => false,
        },
        _ => false,
    };
    let msg = if initializing {
        format!(
            "cannot import name '{}' from partially initialized module '{p}' (most likely due to a circular import) ({place})",
            text(name)
        )
    } else {
        format!("cannot import name '{}' from '{p}' ({place})", text(name))
    };
    let r = (|| -> R {
        let s = string::new_value(th, &msg)?;
        let e = error::make(th, crate::runtime::class(C::ImportError), &[s])?;
        let x: Gc<ExcObj> = expect(e);
        th.set(x, &x.f1, pkg);
        th.set(x, &x.f2, file);
        th.set(x, &x.f3, Some(name));
        Ok(e)
    })();
    match r {
        Ok(e) => Err(error::raise_value(th, e)),
        Err(r) => Err(r),
    }
}

/// `from module import *`.
pub fn import_star(th: &Thread, f: Frame, m: Value) -> R {
    let Some(ns) = f.namespace() else {
        return Err(error::raise(
            th,
            C::SystemError,
            "no locals found during 'import *'",
        ));
    };
    let all = attr::get_opt(th, m, nm(N::All))?;
    let names = match all {
        Some(a) => ops::iter::to_list(th, a)?,
        None => match attr::get_opt(th, m, nm(N::Dict))? {
            Some(d) => {
                let keys = call::method(th, d, nm(N::Keys), &[])?;
                ops::iter::to_list(th, keys)?
            }
            None => {
                return Err(error::raise(
                    th,
                    C::ImportError,
                    "from-import-* object has no __dict__ and no __all__",
                ));
            }
        },
    };
    let mut i = 0;
    while let Some(n) = list::get(names, i) {
        i += 1;
        if all.is_none() && text(n).starts_with('_') {
            continue;
        }
        let n = attr::intern_name(th, n)?;
        let v = attr::get(th, m, n)?;
        crate::interp::names::store_in(th, ns, n, v)?;
    }
    Ok(Value::NONE)
}

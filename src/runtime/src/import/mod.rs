//! Imports: the statements and `__import__`. What is not in `sys.modules` is found and loaded by importlib
//! (`_frozen_importlib`, from the packed Lib), which `boot` brings up with a small loader of our own.

mod boot;
mod frames;
mod times;

pub use boot::{Packed, install, module_code, packed, packed_source, set_packed};

use crate::classes::C;
use crate::core::{attr, code, dict, list, string, tuple};
use crate::error;
use crate::interp::frame::Frame;
use crate::modules::warnings;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::runtime::{self, Keep, rt};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

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
        ensure_initialized(th, name, m)?;
        return Ok(m);
    }
    let Some(lib) = runtime::kept(Keep::ImportLib) else {
        return boot::load(th, name);
    };
    let find = attr::get(th, lib, nm(N::FindAndLoad))?;
    let n = string::intern_new(th, name)?.value();
    let import = importer(th, lib)?;
    let load = || th.mutator.loading(|| call::call(th, find, &[n, import]));
    let r = match times::level() {
        times::OFF => load(),
        _ => times::loading(name, load),
    };
    if r.is_err() {
        frames::remove_importlib(th);
    }
    r
}

/// What importlib imports other modules with: packages of what is imported, submodules that `from` names. Where imports
/// are timed, these are too.
fn importer(th: &Thread, lib: Value) -> R {
    match rt()
        .import_func
        .get()
        .filter(|_| times::level() != times::OFF)
    {
        Some(f) => Ok(f),
        None => attr::get_text(th, lib, "_gcd_import"),
    }
}

/// A module that another thread is still executing is waited for, as far as that cannot deadlock.
fn ensure_initialized(th: &Thread, name: &str, m: Value) -> R<()> {
    let Some(lib) = runtime::kept(Keep::ImportLib) else {
        return Ok(());
    };
    let busy = match attr::get_opt(th, m, nm(N::Spec))? {
        Some(s) if !s.is_none() => match attr::get_opt(th, s, nm(N::Initializing))? {
            Some(x) => ops::truth(th, x)?,
            None => false,
        },
        _ => false,
    };
    if busy {
        let wait = attr::get_text(th, lib, "_lock_unlock_module")?;
        let n = string::intern_new(th, name)?.value();
        call::call(th, wait, &[n])?;
    }
    Ok(())
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
        let e = error::make(th, runtime::class(C::ModuleNotFoundError), &[s])?;
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

/// The text of source bytes: their byte order mark or coding line says how they are to be read.
pub fn decode_source(th: &Thread, src: &[u8], file: &str) -> R<String> {
    if let Some(name) = habu_compiler::foreign_encoding(src) {
        let r = crate::codecs::decode(th, src, &name, "strict");
        match error::absorb(th, r, C::LookupError) {
            Ok(Some(v)) if v.cast::<StrObj>().is_some_and(|s| !s.has_surrogates()) => {
                return Ok(text(v));
            }
            Err(_) if error::matches(th, C::UnicodeError) => {
                let e = th.take();
                let why = ops::repr::str_string(th, e)?;
                return Err(error::raise(
                    th,
                    C::SyntaxError,
                    &format!("(unicode error) {why}"),
                ));
            }
            Err(r) => return Err(r),
            // No such codec, or none for text: the compiler says so.
            Ok(_) => {}
        }
    }
    habu_compiler::decode(src, file).map_err(|e| syntax_error(th, &e, file))
}

/// Compile, or raise SyntaxError.
pub fn compile_bytes(
    th: &Thread,
    src: &[u8],
    file: &str,
    o: &habu_compiler::Options,
) -> R<Gc<CodeObj>> {
    let text = decode_source(th, src, file)?;
    compile_text(th, &text, file, o)
}

/// The same for text, in which a coding line means nothing.
pub fn compile_text(
    th: &Thread,
    src: &str,
    file: &str,
    o: &habu_compiler::Options,
) -> R<Gc<CodeObj>> {
    code_of(th, habu_compiler::compile(src, file, o), file)
}

/// What the compiler gave, as an object or an exception.
fn code_of(
    th: &Thread,
    compiled: Result<habu_compiler::Compiled, habu_compiler::SyntaxError>,
    file: &str,
) -> R<Gc<CodeObj>> {
    let c = compiled.map_err(|e| syntax_error(th, &e, file))?;
    for w in &c.warnings {
        warnings::warn(th, C::SyntaxWarning, &w.message, 1)?;
    }
    code::from_unit(th, &c.code)
}

/// The same for text that may go on: what is only incomplete raises `_IncompleteInputError`.
pub fn compile_part(
    th: &Thread,
    src: &str,
    file: &str,
    o: &habu_compiler::Options,
) -> R<Gc<CodeObj>> {
    match habu_compiler::compile(src, file, o) {
        Err(e) if e.incomplete => Err(raise_syntax(th, C::IncompleteInputError, &e, file)),
        compiled => code_of(th, compiled, file),
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
    raise_syntax(th, c, e, file)
}

fn raise_syntax(
    th: &Thread,
    c: C,
    e: &habu_compiler::SyntaxError,
    file: &str,
) -> crate::thread::Raised {
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
        error::make(th, runtime::class(c), &[msg, info])
    })();
    match r {
        Ok(x) => error::raise_value(th, x),
        Err(r) => r,
    }
}

/// The package that relative names count from.
fn package_of(th: &Thread, globals: Gc<DictObj>) -> R<String> {
    let given = dict::get_name(globals, nm(N::Package)).filter(|p| !p.is_none());
    let spec = dict::get_name(globals, nm(N::Spec)).filter(|s| !s.is_none());
    if let Some(p) = given {
        if !p.is::<StrObj>() {
            return Err(error::type_error(th, "package must be a string"));
        }
        if let Some(s) = spec {
            let parent = attr::get_text(th, s, "parent")?;
            if !ops::compare::eq_bool(th, p, parent)? {
                warnings::warn(
                    th,
                    C::DeprecationWarning,
                    "__package__ != __spec__.parent",
                    1,
                )?;
            }
        }
        return Ok(text(p));
    }
    if let Some(s) = spec {
        let parent = attr::get_text(th, s, "parent")?;
        if !parent.is::<StrObj>() {
            return Err(error::type_error(th, "__spec__.parent must be a string"));
        }
        return Ok(text(parent));
    }
    warnings::warn(
        th,
        C::ImportWarning,
        "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__",
        1,
    )?;
    let Some(name) = dict::get_name(globals, nm(N::Name)) else {
        return Err(error::raise(th, C::KeyError, "'__name__' not in globals"));
    };
    if !name.is::<StrObj>() {
        return Err(error::type_error(th, "__name__ must be a string"));
    }
    let name = text(name);
    if dict::get_name(globals, nm(N::Path)).is_some() {
        return Ok(name);
    }
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
    if times::level() == times::CACHED_TOO && loaded(th, &absolute)?.is_some() {
        times::cached(&absolute);
    }
    let m = import_module(th, &absolute)?;
    if !fromlist.is_none() && ops::truth(th, fromlist)? {
        if attr::get_opt(th, m, nm(N::Path))?.is_some() {
            load_submodules(th, m, fromlist)?;
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
fn load_submodules(th: &Thread, m: Value, fromlist: Value) -> R<()> {
    if let Some(t) = fromlist.cast::<TupleObj>() {
        let mut all = true;
        for &n in t.items() {
            let known = match n.cast::<StrObj>() {
                Some(s) if !s.eq_str("*") => {
                    let n = attr::intern_name(th, n)?;
                    attr::get_opt(th, m, n)?.is_some()
                }
                _ => false,
            };
            if !known {
                all = false;
                break;
            }
        }
        if all {
            return Ok(());
        }
    }
    // Before importlib is up, only attributes are asked for.
    let Some(lib) = runtime::kept(Keep::ImportLib) else {
        return Ok(());
    };
    let handle = attr::get(th, lib, nm(N::HandleFromlist))?;
    let import = importer(th, lib)?;
    let r = call::call(th, handle, &[m, fromlist, import]);
    if r.is_err() {
        frames::remove_importlib(th);
    }
    r.map(|_| ())
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
        let e = error::make(th, runtime::class(C::ImportError), &[s])?;
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

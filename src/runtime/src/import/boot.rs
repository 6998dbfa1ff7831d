//! The packed Lib, and the loader that brings importlib up: it knows native modules and packed ones, nothing else.
//! Once `install` is through, every import goes through importlib, which asks for packed code by `module_code`.

use super::{modules, not_found, text};
use crate::core::{attr, dict, string, unpack};
use crate::interp;
use crate::names::{N, nm};
use crate::object::*;
use crate::runtime::{self, Keep, rt};
use crate::thread::{R, Thread};
use crate::types::module;
use habu_heap::Value;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::Relaxed;

/// A module of the packed Lib.
pub struct Packed {
    /// UTF-8.
    pub source: &'static [u8],
    /// Packed code without optimization; empty where the source does not compile.
    pub code: &'static [u8],
    pub package: bool,
}
/// Finds a packed module by its name.
pub type Find = fn(&str) -> Option<Packed>;
static PACKED: OnceLock<Find> = OnceLock::new();

pub fn set_packed(f: Find) {
    let _ = PACKED.set(f);
}

pub fn packed(name: &str) -> Option<Packed> {
    PACKED.get().and_then(|f| f(name))
}

/// The source of the packed module that this file name stands for.
pub fn packed_source(file: &str) -> Option<&'static str> {
    let name = match file {
        "<frozen importlib._bootstrap>" => "importlib._bootstrap".to_string(),
        "<frozen importlib._bootstrap_external>" => "importlib._bootstrap_external".to_string(),
        _ => {
            let path = file.strip_prefix("/<habu>/")?.strip_suffix(".py")?;
            path.strip_suffix("/__init__")
                .unwrap_or(path)
                .replace('/', ".")
        }
    };
    packed(&name).and_then(|p| std::str::from_utf8(p.source).ok())
}

/// The code of a packed module.
pub fn module_code(th: &Thread, name: &str) -> R<Gc<CodeObj>> {
    let Some(p) = packed(name) else {
        return Err(not_found(th, name, &format!("No module named '{name}'")));
    };
    let optimize = rt().options.optimize.load(Relaxed) as u8;
    if optimize == 0
        && let Some(c) = unpack::module(th, p.code)?
    {
        return Ok(c);
    }
    let end = if p.package { "/__init__.py" } else { ".py" };
    let file = format!("/<habu>/{}{end}", name.replace('.', "/"));
    let o = habu_compiler::Options {
        optimize,
        ..Default::default()
    };
    super::compile_bytes(th, p.source, &file, &o)
}

fn put(th: &Thread, name: &str, m: Value) -> R<()> {
    match modules() {
        Some(d) => dict::set_text(th, d, name, m),
        None => Ok(()),
    }
}

/// Before importlib is there: a native module, or one of the few packed ones that it is made of.
pub(super) fn load(th: &Thread, name: &str) -> R {
    if let Some(init) = crate::modules::find(name) {
        let m = init(th)?.value();
        put(th, name, m)?;
        return Ok(m);
    }
    let code_name = match name {
        "_frozen_importlib" => "importlib._bootstrap",
        "_frozen_importlib_external" => "importlib._bootstrap_external",
        _ => name,
    };
    let c = module_code(th, code_name)?;
    let m = module::new(th, name)?;
    let d = module::dict_of(m.value());
    let empty = string::intern_new(th, "")?;
    dict::set_name(th, d, nm(N::Package), empty.value())?;
    if let Some(b) = rt().builtins.get() {
        dict::set_name(th, d, nm(N::Builtins), b)?;
    }
    put(th, name, m.value())?;
    interp::run_code(th, c, d, Some(d.value()), None)?;
    Ok(m.value())
}

/// Bring importlib up. From here on, `sys.meta_path` decides.
pub fn install(th: &Thread) -> R<()> {
    let glue = load(th, "_habu_import")?;
    let lib = attr::get_text(th, glue, "bootstrap")?;
    debug_assert_eq!(
        attr::get(th, lib, nm(N::Name))
            .map(text)
            .unwrap_or_default(),
        "_frozen_importlib"
    );
    runtime::keep(Keep::ImportLib, Some(lib));
    Ok(())
}

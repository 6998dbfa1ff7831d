//! Native modules that the runtime itself cannot do without. The others are in `habu-stdlib`, which registers
//! them here by name.

pub mod ast_objects;
pub mod builtins;
mod builtins_exec;
pub use builtins_exec::{fs_text, source_text};
pub mod builtins_io;
pub mod codecs;
pub mod signals;
pub mod sys;
pub mod warnings;

use crate::core::{dict, func, string};
use crate::object::*;
use crate::spec::MethodDef;
use crate::thread::{R, Thread};
use crate::types::module;
use habu_heap::Value;
use std::sync::RwLock;

/// Makes a module object.
pub type Init = fn(&Thread) -> R<Gc<ModuleObj>>;

static TABLE: RwLock<Vec<(&'static str, Init)>> = RwLock::new(Vec::new());

pub fn register(name: &'static str, init: Init) {
    if let Ok(mut t) = TABLE.write() {
        t.push((name, init));
    }
}

pub fn find(name: &str) -> Option<Init> {
    let t = TABLE.read().ok()?;
    t.iter().find(|(n, _)| *n == name).map(|(_, i)| *i)
}

pub fn names() -> Vec<&'static str> {
    TABLE
        .read()
        .map(|t| t.iter().map(|(n, _)| *n).collect())
        .unwrap_or_default()
}

/// A module with these functions.
pub fn new(th: &Thread, name: &'static str, functions: &'static [MethodDef]) -> R<Gc<ModuleObj>> {
    let m = module::new(th, name)?;
    add_functions(th, m, name, functions)?;
    Ok(m)
}

pub fn add_functions(
    th: &Thread,
    m: Gc<ModuleObj>,
    name: &str,
    functions: &'static [MethodDef],
) -> R<()> {
    let d = module::dict_of(m.value());
    let n = string::intern_new(th, name)?;
    for f in functions {
        let o = func::new_builtin(
            th,
            crate::classes::C::Builtin,
            f,
            Some(m.value()),
            Some(n.value()),
            None,
        )?;
        // Module functions take no receiver: `this` is only what `__self__` shows.
        o.this.init(None);
        dict::set_text(th, d, f.name, o.value())?;
    }
    Ok(())
}

pub fn set(th: &Thread, m: Gc<ModuleObj>, name: &str, v: Value) -> R<()> {
    dict::set_text(th, module::dict_of(m.value()), name, v)
}

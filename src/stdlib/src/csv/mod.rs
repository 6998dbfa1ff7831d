//! `_csv`: dialects and their registry, readers and writers under Lib's `csv`.
//!
//! What must hold: a `Dialect` object is never changed after it is made, so that readers and writers may take its
//! settings (`dialect::Settings`) by reference while Python code runs.

mod dialect;
mod reader;
mod writer;

use crate::own_errors;
use habu_runtime::classes::C;
use habu_runtime::core::{class_make, dict, int, list, parse, string};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::spec::{Args, MethodDef, m0, m1, mk};
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types::module;
use habu_runtime::value::Value;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// The longest field that a reader takes, in characters.
static FIELD_LIMIT: AtomicI64 = AtomicI64::new(128 * 1024);

fn failure(th: &Thread, text: &str) -> Raised {
    own_errors::raise(th, "_csv", "Error", text)
}
fn own(th: &Thread, name: &str) -> R {
    let me = habu_runtime::import::import_module(th, "_csv")?;
    match dict::get_text(th, module::dict_of(me), name)? {
        Some(v) => Ok(v),
        None => Err(error::raise(th, C::RuntimeError, "lost a part of _csv")),
    }
}
fn registry(th: &Thread) -> R<Gc<DictObj>> {
    match own(th, "_dialects")?.cast() {
        Some(d) => Ok(d),
        None => Err(error::raise(th, C::RuntimeError, "lost the dialects")),
    }
}
fn registered(th: &Thread, name: Value) -> R {
    match dict::get(th, registry(th)?, name)? {
        Some(d) => Ok(d),
        None => Err(failure(th, "unknown dialect")),
    }
}
/// A `Dialect` made with these arguments: at most one by position, settings by keyword.
fn make_dialect(th: &Thread, a: Args) -> R {
    call::call_args(th, own(th, "Dialect")?, a)
}

fn register_dialect(th: &Thread, a: Args) -> R {
    parse::check_count(th, "register_dialect", a.pos().len(), 1, 2)?;
    let name = a.all()[0];
    if !name.is::<StrObj>() {
        return Err(error::type_error(th, "dialect name must be a string"));
    }
    let d = make_dialect(th, a.rest())?;
    dict::set(th, registry(th)?, name, d)?;
    Ok(Value::NONE)
}
fn unregister_dialect(th: &Thread, name: Value) -> R {
    match dict::remove(th, registry(th)?, name)? {
        Some(_) => Ok(Value::NONE),
        None => Err(failure(th, "unknown dialect")),
    }
}
fn list_dialects(th: &Thread) -> R {
    let l = list::new(th)?;
    let (d, mut i) = (registry(th)?, 0);
    while let Some((name, _)) = dict::next(d, &mut i) {
        list::push(th, l, name)?;
    }
    Ok(l.value())
}
fn field_size_limit(th: &Thread, a: Args) -> R {
    let [new] = habu_runtime::args!(th, a, "field_size_limit", ["new_limit"], 0, 0, 1);
    let old = FIELD_LIMIT.load(Relaxed);
    if let Some(n) = new {
        if !int::is_int(n) {
            return Err(error::type_error(th, "limit must be an integer"));
        }
        FIELD_LIMIT.store(parse::as_isize(th, n)?, Relaxed);
    }
    int::from_i64(th, old)
}

static FUNCTIONS: [MethodDef; 7] = [
    mk("reader", reader::reader),
    mk("writer", writer::writer),
    mk("register_dialect", register_dialect),
    m1("unregister_dialect", unregister_dialect),
    m1("get_dialect", registered),
    m0("list_dialects", list_dialects),
    mk("field_size_limit", field_size_limit),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let c = m::new(th, "_csv", &FUNCTIONS)?;
    m::set(
        th,
        c,
        "__doc__",
        string::new_value(th, "CSV parsing and writing.\n")?,
    )?;
    for (name, spec) in [
        ("Dialect", &dialect::DIALECT),
        ("Reader", &reader::READER),
        ("Writer", &writer::WRITER),
    ] {
        m::set(th, c, name, class_make::from_spec(th, spec, None)?.value())?;
    }
    m::set(th, c, "_dialects", dict::new_dict(th)?.value())?;
    for (name, q) in dialect::QUOTINGS {
        m::set(th, c, name, Value::small_int(q as i64))?;
    }
    own_errors::add(th, c, "_csv", "Error", C::Exception)?;
    Ok(c)
}

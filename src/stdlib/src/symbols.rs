//! `_symtable`: the compiler's symbol tables as objects, under Lib's `symtable`.

use habu_compiler::Mode;
use habu_compiler::symtable::dump::{SCOPE_OFFSET, Table, symtable as tables_of};
use habu_compiler::symtable::flag;
use habu_runtime::classes::C;
use habu_runtime::core::{class_make, dict, int, list, parse, string};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{GetSetDef, MethodDef, TypeSpec, gs, m1, mv, type_flags as tf};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::iters;
use habu_runtime::value::{Slot, Value};

// Native words of an entry.
const NAME: usize = 0;
const SYMBOLS: usize = 1;
const VARNAMES: usize = 2;
const CHILDREN: usize = 3;
const NESTED: usize = 4;
const TYPE: usize = 5;
const LINENO: usize = 6;

fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the class has these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn field(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}
fn id(th: &Thread, v: Value) -> R {
    int::from_i64(th, v.bits() as i64)
}
fn repr(th: &Thread, v: Value) -> R {
    let name: Gc<StrObj> = expect(field(v, NAME));
    let line = int::to_i64(field(v, LINENO)).unwrap_or(0);
    let text = format!(
        "<symtable entry {}({}), line {line}>",
        name.to_rust(),
        v.bits()
    );
    string::new_value(th, &text)
}

static METHODS: [MethodDef; 1] = [m1("__repr__", repr)];
static GETSET: [GetSetDef; 8] = [
    gs("id", id),
    gs("name", |_, v| Ok(field(v, NAME))),
    gs("symbols", |_, v| Ok(field(v, SYMBOLS))),
    gs("varnames", |_, v| Ok(field(v, VARNAMES))),
    gs("children", |_, v| Ok(field(v, CHILDREN))),
    gs("nested", |_, v| Ok(field(v, NESTED))),
    gs("type", |_, v| Ok(field(v, TYPE))),
    gs("lineno", |_, v| Ok(field(v, LINENO))),
];
static ENTRY: TypeSpec = TypeSpec::new("symtable entry", kinds::RECORD)
    .words(7)
    .flags(tf::NO_NEW)
    .methods(&METHODS)
    .getset(&GETSET);

/// The entry of a table whose children's entries stand in `entries`, at their tables' places.
fn entry(th: &Thread, cls: Gc<TypeObj>, t: &Table, entries: Gc<ListObj>) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    let set = |i: usize, x: Value| th.set_in(v, slot(v, i), Some(x));
    set(NAME, string::new_value(th, &t.name)?);
    let symbols = dict::new_dict(th)?;
    for (name, flags) in &t.symbols {
        dict::set_text(th, symbols, name, Value::small_int(*flags as i64))?;
    }
    set(SYMBOLS, symbols.value());
    let varnames = list::new(th)?;
    for name in &t.varnames {
        list::push(th, varnames, string::new_value(th, name)?)?;
    }
    set(VARNAMES, varnames.value());
    let children = list::new(th)?;
    for &c in &t.children {
        list::push(th, children, list::get(entries, c).unwrap_or(Value::NONE))?;
    }
    set(CHILDREN, children.value());
    set(NESTED, Value::small_int(t.nested as i64));
    set(TYPE, Value::small_int(t.kind as i64));
    set(LINENO, Value::small_int(t.lineno as i64));
    Ok(v)
}

fn symtable(th: &Thread, a: &[Value]) -> R {
    let file = m::fs_text(th, a[1])?;
    let source = m::source_text(th, a[0], &file, "symtable", "string or bytes")?;
    let mode = parse::as_str(th, a[2], "symtable() argument 3")?;
    let mode = match &*mode.to_rust() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => {
            return Err(error::value_error(
                th,
                "symtable() arg 3 must be 'exec' or 'eval' or 'single'",
            ));
        }
    };
    let tables = match tables_of(&source, &file, mode) {
        Ok(t) => t,
        Err(e) => return Err(habu_runtime::import::syntax_error(th, &e, &file)),
    };
    let cls = class(th)?;
    let entries = list::new(th)?;
    for _ in &tables {
        list::push(th, entries, Value::NONE)?;
    }
    // Children come behind their parents.
    for (i, t) in tables.iter().enumerate().rev() {
        list::set(th, entries, i, entry(th, cls, t, entries)?);
    }
    Ok(list::get(entries, 0).unwrap_or(Value::NONE))
}
/// The class of entries hangs on the module without a name that Python could say.
fn class(th: &Thread) -> R<Gc<TypeObj>> {
    let me = habu_runtime::import::import_module(th, "_symtable")?;
    let d = habu_runtime::types::module::dict_of(me);
    match dict::get_text(th, d, ENTRY.name)?.and_then(|c| c.cast()) {
        Some(c) => Ok(c),
        None => Err(error::raise(
            th,
            C::RuntimeError,
            "lost a part of _symtable",
        )),
    }
}

static FUNCTIONS: [MethodDef; 1] = [mv("symtable", symtable, 3, 3)];
static NUMBERS: &[(&str, u32)] = &[
    ("USE", flag::USE),
    ("DEF_GLOBAL", flag::DEF_GLOBAL),
    ("DEF_NONLOCAL", flag::DEF_NONLOCAL),
    ("DEF_LOCAL", flag::DEF_LOCAL),
    ("DEF_PARAM", flag::DEF_PARAM),
    ("DEF_TYPE_PARAM", flag::DEF_TYPE_PARAM),
    ("DEF_FREE_CLASS", flag::DEF_FREE_CLASS),
    ("DEF_IMPORT", flag::DEF_IMPORT),
    // What the module calls bound leaves type parameters out.
    ("DEF_BOUND", flag::DEF_BOUND & !flag::DEF_TYPE_PARAM),
    ("DEF_ANNOT", flag::DEF_ANNOT),
    ("DEF_COMP_ITER", flag::DEF_COMP_ITER),
    ("DEF_COMP_CELL", flag::DEF_COMP_CELL),
    ("TYPE_FUNCTION", 0),
    ("TYPE_CLASS", 1),
    ("TYPE_MODULE", 2),
    ("TYPE_ANNOTATION", 3),
    ("TYPE_TYPE_ALIAS", 4),
    ("TYPE_TYPE_PARAMETERS", 5),
    ("TYPE_TYPE_VARIABLE", 6),
    ("LOCAL", 1),
    ("GLOBAL_EXPLICIT", 2),
    ("GLOBAL_IMPLICIT", 3),
    ("FREE", 4),
    ("CELL", 5),
    ("SCOPE_OFF", SCOPE_OFFSET),
    ("SCOPE_MASK", 15),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let s = m::new(th, "_symtable", &FUNCTIONS)?;
    for (name, n) in NUMBERS {
        m::set(th, s, name, Value::small_int(*n as i64))?;
    }
    let c = class_make::from_spec(th, &ENTRY, None)?;
    m::set(th, s, ENTRY.name, c.value())?;
    Ok(s)
}

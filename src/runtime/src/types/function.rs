//! Python functions, bound methods, cells.

use crate::classes::C;
use crate::core::{attr, class, dict, string, tuple, watch};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::runtime::rt;
use crate::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, gss, m1, m2, mk, mv, type_flags as tf,
};
use crate::thread::{R, Thread, expect};
use habu_bytecode::CodeFlags;
use habu_heap::Value;
use std::mem::offset_of;

const WORDS: usize = std::mem::size_of::<FunctionObj>() / 8 - 1;

/// Arguments such a function takes when nothing has to be sorted; a big number where something has.
pub fn simple_argc(code: Gc<CodeObj>) -> i64 {
    let flags = code.flags.get() as u32;
    if code.kwonly.get() == 0 && flags & (CodeFlags::VARARGS | CodeFlags::VARKEYWORDS) == 0 {
        code.argcount.get() as i64
    } else {
        i32::MAX as i64
    }
}

pub fn new_function(th: &Thread, code: Gc<CodeObj>, globals: Gc<DictObj>) -> R<Gc<FunctionObj>> {
    let builtins = match dict::get_name(globals, nm(N::Builtins)) {
        Some(m) => match m.cast::<ModuleObj>() {
            Some(m) => m.dict.get(),
            None => Some(m),
        },
        None => rt().builtins_dict.get(),
    };
    new_function_in(th, code, globals, builtins)
}

/// The globals of all functions that this code has had, if those are the same and have the usual builtins.
pub fn home(code: Gc<CodeObj>) -> Option<Gc<DictObj>> {
    code.home.get()?.cast()
}

/// A function has this code. What it is at home in is a namespace, or NotImplemented once there were several.
#[inline(always)]
fn note_home(th: &Thread, code: Gc<CodeObj>, globals: Gc<DictObj>, builtins: Option<Value>) {
    let usual = builtins == rt().builtins_dict.get();
    if code.home.bits() != globals.value().bits() || !usual {
        note_other_home(th, code, usual.then_some(globals));
    }
}

#[inline(never)]
fn note_other_home(th: &Thread, code: Gc<CodeObj>, globals: Option<Gc<DictObj>>) {
    let home = match (code.home.get(), globals) {
        (None, Some(g)) => g.value(),
        _ => Value::NOT_IMPLEMENTED,
    };
    th.set(code, &code.home, Some(home));
    watch::changed(code, offset_of!(CodeObj, home) as u64);
}

pub fn new_function_in(
    th: &Thread,
    code: Gc<CodeObj>,
    globals: Gc<DictObj>,
    builtins: Option<Value>,
) -> R<Gc<FunctionObj>> {
    let f: Gc<FunctionObj> = th.alloc(C::Function.shape(), WORDS as u8, WORDS * 8 + 8)?;
    f.attrs.init(None);
    f.code.init(Some(code.value()));
    f.globals.init(Some(globals.value()));
    f.builtins.init(builtins);
    note_home(th, code, globals, builtins);
    f.simple_argc
        .init(Some(Value::small_int(simple_argc(code))));
    f.name.init(code.name.get());
    f.qualname.init(code.qualname.get());
    for s in [
        &f.defaults,
        &f.kwdefaults,
        &f.closure,
        &f.doc,
        &f.module,
        &f.annotations,
        &f.annotate,
        &f.type_params,
    ] {
        s.init(None);
    }
    f.module.init(dict::get_name(globals, nm(N::Name)));
    if code.flags.get() as u32 & CodeFlags::HAS_DOCSTRING != 0
        && let Some(k) = code.consts.get().and_then(|c| c.cast::<TupleObj>())
    {
        f.doc.init(k.items().first().copied());
    }
    Ok(f)
}

/// A function of this code with the globals of `like`.
pub fn new_like(th: &Thread, code: Gc<CodeObj>, like: Gc<FunctionObj>) -> R<Gc<FunctionObj>> {
    // SAFETY: every function has its globals, a dict.
    let globals: Gc<DictObj> = unsafe { like.globals.get_unchecked().cast_unchecked() };
    new_function_in(th, code, globals, like.builtins.get())
}

pub fn new_cell(th: &Thread, v: Option<Value>) -> R<Gc<CellObj>> {
    let c: Gc<CellObj> = th.alloc(C::Cell.shape(), 2, 24)?;
    c.attrs.init(None);
    c.value.init(v);
    Ok(c)
}

fn f(v: Value) -> Gc<FunctionObj> {
    expect(v)
}
fn or_none(s: &habu_heap::Slot) -> R {
    Ok(s.get().unwrap_or(Value::NONE))
}

fn new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let [code, globals, name, defs, closure, kwdefs] = crate::args!(
        th,
        a,
        "function",
        [
            "code",
            "globals",
            "name",
            "argdefs",
            "closure",
            "kwdefaults"
        ],
        0,
        2,
        6
    );
    let arg = |v: Option<Value>| v.unwrap_or(Value::NONE);
    let Some(c) = arg(code).cast::<CodeObj>() else {
        return Err(error::type_error(
            th,
            &format!(
                "function() argument 'code' must be code, not {}",
                class::type_name(arg(code))
            ),
        ));
    };
    let Some(g) = arg(globals).cast::<DictObj>() else {
        return Err(error::type_error(
            th,
            &format!(
                "function() argument 'globals' must be dict, not {}",
                class::type_name(arg(globals))
            ),
        ));
    };
    let func = new_function(th, c, g)?;
    if let Some(n) = name.filter(|n| !n.is_none()) {
        if !n.is::<StrObj>() {
            return Err(error::type_error(th, "arg 3 (name) must be None or string"));
        }
        th.set(func, &func.name, Some(n));
    }
    if let Some(d) = defs.filter(|d| !d.is_none()) {
        if !d.is::<TupleObj>() {
            return Err(error::type_error(
                th,
                "arg 4 (defaults) must be None or tuple",
            ));
        }
        th.set(func, &func.defaults, Some(d));
    }
    let nfree = c.nfrees.get() as usize;
    match closure.filter(|c| !c.is_none()) {
        Some(cl) => {
            let Some(t) = cl.cast::<TupleObj>() else {
                return Err(error::type_error(
                    th,
                    if nfree > 0 {
                        "arg 5 (closure) must be tuple"
                    } else {
                        "arg 5 (closure) must be None or tuple"
                    },
                ));
            };
            if t.len() != nfree {
                return Err(error::value_error(
                    th,
                    &format!(
                        "{} requires closure of length {nfree}, not {}",
                        ops::repr::str_string(th, c.name.get().unwrap_or(Value::NONE))?,
                        t.len()
                    ),
                ));
            }
            if let Some(bad) = t.items().iter().find(|x| !x.is::<CellObj>()) {
                return Err(error::type_error(
                    th,
                    &format!(
                        "arg 5 (closure) expected cell, found {}",
                        class::type_name(*bad)
                    ),
                ));
            }
            th.set(func, &func.closure, Some(cl));
        }
        None if nfree > 0 => return Err(error::type_error(th, "arg 5 (closure) must be tuple")),
        None => {}
    }
    if let Some(k) = kwdefs.filter(|k| !k.is_none()) {
        th.set(func, &func.kwdefaults, Some(k));
    }
    Ok(func.value())
}

fn repr(th: &Thread, v: Value) -> R {
    let q = ops::repr::str_string(th, or_none(&f(v).qualname)?)?;
    string::new_value(th, &format!("<function {q} at {:#x}>", v.bits()))
}
fn call_(th: &Thread, a: Args) -> R {
    call::call_args(th, a.all()[0], a.rest())
}
fn get(th: &Thread, a: &[Value]) -> R {
    if a[1].is_none() {
        return Ok(a[0]);
    }
    Ok(attr::new_method(th, a[0], a[1])?.value())
}

fn get_code(_: &Thread, v: Value) -> R {
    or_none(&f(v).code)
}
fn set_code(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let Some(c) = x.and_then(|x| x.cast::<CodeObj>()) else {
        return Err(error::type_error(
            th,
            "__code__ must be set to a code object",
        ));
    };
    let func = f(v);
    let nclosure = func
        .closure
        .get()
        .and_then(|c| c.cast::<TupleObj>())
        .map_or(0, |t| t.len());
    if c.nfrees.get() as usize != nclosure {
        return Err(error::value_error(
            th,
            &format!(
                "{}() requires a code object with {nclosure} free vars, not {}",
                ops::repr::str_string(th, or_none(&func.name)?)?,
                c.nfrees.get()
            ),
        ));
    }
    th.set(func, &func.code, Some(c.value()));
    if let Some(g) = func.globals.get().and_then(|g| g.cast()) {
        note_home(th, c, g, func.builtins.get());
    }
    watch::changed(func, offset_of!(FunctionObj, code) as u64);
    func.simple_argc
        .init(Some(Value::small_int(simple_argc(c))));
    Ok(())
}
fn get_name(_: &Thread, v: Value) -> R {
    or_none(&f(v).name)
}
fn set_name(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x {
        Some(s) if s.is::<StrObj>() => {
            th.set(f(v), &f(v).name, Some(s));
            Ok(())
        }
        _ => Err(error::type_error(
            th,
            "__name__ must be set to a string object",
        )),
    }
}
fn get_qualname(_: &Thread, v: Value) -> R {
    or_none(&f(v).qualname)
}
fn set_qualname(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x {
        Some(s) if s.is::<StrObj>() => {
            th.set(f(v), &f(v).qualname, Some(s));
            Ok(())
        }
        _ => Err(error::type_error(
            th,
            "__qualname__ must be set to a string object",
        )),
    }
}
fn get_doc(_: &Thread, v: Value) -> R {
    or_none(&f(v).doc)
}
fn set_doc(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    th.set(f(v), &f(v).doc, x);
    Ok(())
}
fn get_module(_: &Thread, v: Value) -> R {
    or_none(&f(v).module)
}
fn set_module(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    th.set(f(v), &f(v).module, x);
    Ok(())
}
fn get_globals(_: &Thread, v: Value) -> R {
    or_none(&f(v).globals)
}
fn get_builtins(_: &Thread, v: Value) -> R {
    or_none(&f(v).builtins)
}
fn get_closure(_: &Thread, v: Value) -> R {
    or_none(&f(v).closure)
}
fn get_defaults(_: &Thread, v: Value) -> R {
    or_none(&f(v).defaults)
}
fn set_defaults(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    watch::changed(f(v), offset_of!(FunctionObj, defaults) as u64);
    match x.filter(|x| !x.is_none()) {
        None => f(v).defaults.init(None),
        Some(t) if t.is::<TupleObj>() => th.set(f(v), &f(v).defaults, Some(t)),
        Some(_) => {
            return Err(error::type_error(
                th,
                "__defaults__ must be set to a tuple object",
            ));
        }
    }
    Ok(())
}
fn get_kwdefaults(_: &Thread, v: Value) -> R {
    or_none(&f(v).kwdefaults)
}
fn set_kwdefaults(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x.filter(|x| !x.is_none()) {
        None => f(v).kwdefaults.init(None),
        Some(t) if t.is::<DictObj>() => th.set(f(v), &f(v).kwdefaults, Some(t)),
        Some(_) => {
            return Err(error::type_error(
                th,
                "__kwdefaults__ must be set to a dict object",
            ));
        }
    }
    Ok(())
}
fn get_annotations(th: &Thread, v: Value) -> R {
    let func = f(v);
    if let Some(a) = func.annotations.get() {
        // A flat tuple (name, value, …) is what code with `from __future__ import annotations` gives.
        if let Some(t) = a.cast::<TupleObj>() {
            let d = dict::new_dict(th)?;
            for kv in t.items().chunks_exact(2) {
                dict::set(th, d, kv[0], kv[1])?;
            }
            th.set(func, &func.annotations, Some(d.value()));
            return Ok(d.value());
        }
        return Ok(a);
    }
    let d = match func.annotate.get().filter(|a| call::is_callable(*a)) {
        Some(g) => {
            let r = call::call(th, g, &[Value::small_int(1)])?;
            if !r.is::<DictObj>() {
                return Err(error::type_error(
                    th,
                    &format!(
                        "__annotate__() must return a dict, not {}",
                        class::type_name(r)
                    ),
                ));
            }
            r
        }
        None => dict::new_dict(th)?.value(),
    };
    th.set(func, &func.annotations, Some(d));
    Ok(d)
}
fn set_annotations(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x.filter(|x| !x.is_none()) {
        None => f(v).annotations.init(None),
        Some(t) if t.is::<DictObj>() => th.set(f(v), &f(v).annotations, Some(t)),
        Some(_) => {
            return Err(error::type_error(
                th,
                "__annotations__ must be set to a dict object",
            ));
        }
    }
    f(v).annotate.init(None);
    Ok(())
}
fn get_annotate(_: &Thread, v: Value) -> R {
    or_none(&f(v).annotate)
}
fn set_annotate(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x {
        None => Err(error::type_error(th, "__annotate__ cannot be deleted")),
        Some(x) if x.is_none() => {
            f(v).annotate.init(None);
            Ok(())
        }
        Some(x) if call::is_callable(x) => {
            th.set(f(v), &f(v).annotate, Some(x));
            f(v).annotations.init(None);
            Ok(())
        }
        Some(_) => Err(error::type_error(
            th,
            "__annotate__ must be callable or None",
        )),
    }
}
fn get_type_params(_: &Thread, v: Value) -> R {
    Ok(f(v).type_params.get().unwrap_or(tuple::empty().value()))
}
fn set_type_params(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x {
        Some(t) if t.is::<TupleObj>() => {
            th.set(f(v), &f(v).type_params, Some(t));
            Ok(())
        }
        _ => Err(error::type_error(
            th,
            "__type_params__ must be set to a tuple",
        )),
    }
}

static METHODS: [MethodDef; 3] = [
    m1("__repr__", repr),
    mk("__call__", call_).sig("($self, /, *args, **kwargs)"),
    mv("__get__", get, 2, 3).sig("($self, instance, owner=None, /)"),
];
static GETSET: [GetSetDef; 13] = [
    gss("__code__", get_code, set_code),
    gss("__name__", get_name, set_name),
    gss("__qualname__", get_qualname, set_qualname),
    gss("__doc__", get_doc, set_doc),
    gss("__module__", get_module, set_module),
    gs("__globals__", get_globals),
    gs("__builtins__", get_builtins),
    gs("__closure__", get_closure),
    gss("__defaults__", get_defaults, set_defaults),
    gss("__kwdefaults__", get_kwdefaults, set_kwdefaults),
    gss("__annotations__", get_annotations, set_annotations),
    gss("__annotate__", get_annotate, set_annotate),
    gss("__type_params__", get_type_params, set_type_params),
];
pub static SPEC: TypeSpec = TypeSpec::new("function", kinds::FUNCTION)
    .words(WORDS as u8 - 1)
    .flags(tf::DICT_ITSELF | tf::HAS_DICT | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

// ---- bound methods

fn m(v: Value) -> Gc<MethodObj> {
    expect(v)
}
fn method_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    crate::core::parse::no_kwargs(th, "method", a)?;
    crate::core::parse::check_count(th, "method", a.pos().len(), 2, 2)?;
    if !call::is_callable(a.all()[0]) {
        return Err(error::type_error(th, "first argument must be callable"));
    }
    if a.all()[1].is_none() {
        return Err(error::type_error(th, "instance must not be None"));
    }
    Ok(attr::new_method(th, a.all()[0], a.all()[1])?.value())
}
fn method_repr(th: &Thread, v: Value) -> R {
    let func = or_none(&m(v).func)?;
    let name = match attr::get_opt(th, func, nm(N::QualName))? {
        Some(q) => Some(q),
        None => attr::get_opt(th, func, nm(N::Name))?,
    };
    let name = match name.filter(|n| n.is::<StrObj>()) {
        Some(n) => ops::repr::str_string(th, n)?,
        None => "?".to_string(),
    };
    let this = ops::repr::repr_string(th, or_none(&m(v).this)?)?;
    string::new_value(th, &format!("<bound method {name} of {this}>"))
}
fn method_eq(_: &Thread, a: Value, b: Value) -> R {
    match b.cast::<MethodObj>() {
        Some(y) => Ok(Value::bool(
            m(a).func.get() == y.func.get() && m(a).this.get() == y.this.get(),
        )),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}
fn method_hash(th: &Thread, v: Value) -> R {
    let x = m(v);
    let h = crate::core::hash::pointer(x.this.bits() as usize)
        ^ ops::hash::hash(th, or_none(&x.func)?)?;
    crate::core::int::from_i64(th, if h == -1 { -2 } else { h })
}
fn method_func(_: &Thread, v: Value) -> R {
    or_none(&m(v).func)
}
fn method_self(_: &Thread, v: Value) -> R {
    or_none(&m(v).this)
}
fn method_getattribute(th: &Thread, v: Value, name: Value) -> R {
    let n = attr::intern_name(th, name)?;
    if let Some(a) = class::lookup(class::of(v), n) {
        return attr::bind(th, a, Some(v), class::of(v));
    }
    attr::get(th, or_none(&m(v).func)?, n)
}
fn method_doc(th: &Thread, v: Value) -> R {
    attr::get(th, or_none(&m(v).func)?, nm(N::Doc))
}
fn method_reduce(th: &Thread, v: Value) -> R {
    let g = crate::interp::builtin_named(th, "getattr")?;
    let n = attr::get(th, or_none(&m(v).func)?, nm(N::Name))?;
    let args = tuple::new_value(th, &[or_none(&m(v).this)?, n])?;
    tuple::new_value(th, &[g, args])
}
fn method_get(_: &Thread, a: &[Value]) -> R {
    Ok(a[0])
}
static METHOD_METHODS: [MethodDef; 7] = [
    m1("__repr__", method_repr),
    mk("__call__", call_).sig("($self, /, *args, **kwargs)"),
    m2("__eq__", method_eq),
    m1("__hash__", method_hash),
    m2("__getattribute__", method_getattribute),
    m1("__reduce__", method_reduce),
    mv("__get__", method_get, 2, 3),
];
static METHOD_GETSET: [GetSetDef; 3] = [
    gs("__func__", method_func),
    gs("__self__", method_self),
    gs("__doc__", method_doc),
];
pub static METHOD: TypeSpec = TypeSpec::new("method", kinds::METHOD)
    .words(2)
    .flags(tf::WEAKREF)
    .methods(&METHOD_METHODS)
    .getset(&METHOD_GETSET)
    .new_fn(method_new);

// ---- cells

fn cell_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    crate::core::parse::check_count(th, "cell", a.pos().len(), 0, 1)?;
    Ok(new_cell(th, a.pos().first().copied())?.value())
}
fn cell_get(th: &Thread, v: Value) -> R {
    match expect::<CellObj>(v).value.get() {
        Some(x) => Ok(x),
        None => Err(error::value_error(th, "cell is empty")),
    }
}
fn cell_set(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let c: Gc<CellObj> = expect(v);
    th.set(c, &c.value, x);
    Ok(())
}
fn cell_repr(th: &Thread, v: Value) -> R {
    let text = match expect::<CellObj>(v).value.get() {
        Some(x) => format!(
            "<cell at {:#x}: {} object at {:#x}>",
            v.bits(),
            class::type_name(x),
            x.bits()
        ),
        None => format!("<cell at {:#x}: empty>", v.bits()),
    };
    string::new_value(th, &text)
}
fn cell_compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    let (Some(x), Some(y)) = (a.cast::<CellObj>(), b.cast::<CellObj>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match (x.value.get(), y.value.get()) {
        (Some(p), Some(q)) => ops::compare::rich(th, p, q, op),
        (p, q) => Ok(Value::bool(ops::compare::holds(
            op,
            p.is_some().cmp(&q.is_some()),
        ))),
    }
}
macro_rules! cell_op {
    ($($n:ident = $op:ident),*) => {$(
        fn $n(th: &Thread, a: Value, b: Value) -> R {
            cell_compare(th, a, b, habu_bytecode::opcode::compare::$op)
        }
    )*};
}
cell_op!(
    cell_eq = EQ,
    cell_ne = NE,
    cell_lt = LT,
    cell_le = LE,
    cell_gt = GT,
    cell_ge = GE
);
static CELL_METHODS: [MethodDef; 7] = [
    m1("__repr__", cell_repr),
    m2("__eq__", cell_eq),
    m2("__ne__", cell_ne),
    m2("__lt__", cell_lt),
    m2("__le__", cell_le),
    m2("__gt__", cell_gt),
    m2("__ge__", cell_ge),
];
static CELL_GETSET: [GetSetDef; 1] = [gss("cell_contents", cell_get, cell_set)];
pub static CELL: TypeSpec = TypeSpec::new("cell", kinds::CELL)
    .words(1)
    .methods(&CELL_METHODS)
    .getset(&CELL_GETSET)
    .new_fn(cell_new);

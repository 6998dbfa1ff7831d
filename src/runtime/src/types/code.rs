//! Code objects as Python sees them.

use crate::core::{code as core_code, int, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk};
use crate::thread::{R, Thread, expect};
use habu_bytecode::code::local_kind as lk;
use habu_heap::{Slot, Value};

fn c(v: Value) -> Gc<CodeObj> {
    expect(v)
}
fn or_none(s: &Slot) -> R {
    Ok(s.get().unwrap_or(Value::NONE))
}

macro_rules! values {
    ($($f:ident = $field:ident;)*) => {$(fn $f(_: &Thread, v: Value) -> R { or_none(&c(v).$field) })*};
}
macro_rules! bytes {
    ($($f:ident = $field:ident;)*) => {$(
        fn $f(th: &Thread, v: Value) -> R { core_code::bytes_object(th, c(v), &c(v).$field) }
    )*};
}
macro_rules! numbers {
    ($($f:ident = $field:ident;)*) => {$(
        fn $f(_: &Thread, v: Value) -> R { Ok(Value::small_int(c(v).$field.get() as i64)) }
    )*};
}
values! {
    name = name; qualname = qualname; filename = filename; consts = consts; names = names;
}
bytes! {
    code = code; linetable = line_table; exceptiontable = exception_table;
}
numbers! {
    argcount = argcount; posonly = posonly; kwonly = kwonly; flags = flags; stacksize = stacksize;
    firstlineno = firstlineno; nlocals = nlocals;
}

/// Names of the locals of these kinds.
fn picked(th: &Thread, v: Value, mask: u8) -> R {
    let o = c(v);
    let names: Gc<TupleObj> = expect(or_none(&o.locals)?);
    let k: Gc<BytesObj> = expect(or_none(&o.kinds)?);
    let l = list::new(th)?;
    for (n, k) in names.items().iter().zip(k.as_slice()) {
        if k & mask != 0 {
            list::push(th, l, *n)?;
        }
    }
    tuple::new_value(th, list::items(l))
}
fn varnames(th: &Thread, v: Value) -> R {
    picked(th, v, lk::LOCAL)
}
fn cellvars(th: &Thread, v: Value) -> R {
    picked(th, v, lk::CELL)
}
fn freevars(th: &Thread, v: Value) -> R {
    picked(th, v, lk::FREE)
}
fn lines(th: &Thread, v: Value) -> R {
    let o = c(v);
    let l = list::new(th)?;
    let mut run: Option<(i64, i64, Option<u32>)> = None;
    let pos = habu_bytecode::locations::positions(o.locations(), o.firstlineno.get() as u32);
    let emit = |(s, e, line): (i64, i64, Option<u32>)| -> R<()> {
        let ln = line.map_or(Value::NONE, |l| Value::small_int(l as i64));
        let x = tuple::new_value(th, &[Value::small_int(s), Value::small_int(e), ln])?;
        list::push(th, l, x)
    };
    for (i, p) in pos.enumerate() {
        let at = 2 * i as i64;
        match &mut run {
            Some(r) if r.2 == p.0 => r.1 = at + 2,
            _ => {
                if let Some(r) = run {
                    emit(r)?;
                }
                run = Some((at, at + 2, p.0));
            }
        }
    }
    if let Some(r) = run {
        emit(r)?;
    }
    ops::iter::get(th, l.value())
}
fn positions(th: &Thread, v: Value) -> R {
    let o = c(v);
    let l = list::new(th)?;
    for p in habu_bytecode::locations::positions(o.locations(), o.firstlineno.get() as u32) {
        let n = |x: Option<u32>| x.map_or(Value::NONE, |x| Value::small_int(x as i64));
        let x = tuple::new_value(th, &[n(p.0), n(p.1), n(p.2), n(p.3)])?;
        list::push(th, l, x)?;
    }
    ops::iter::get(th, l.value())
}
/// (branch, where it goes on, where it jumps to) for each conditional jump.
fn branches(th: &Thread, v: Value) -> R {
    use habu_bytecode::Op as B;
    let o = c(v);
    let all: Vec<_> = habu_bytecode::instructions::iter(o.bytecode()).collect();
    let l = list::new(th)?;
    let loops = crate::interp::traced::async_loops(&all);
    for (i, x) in all.iter().enumerate() {
        let to = match x.op {
            B::END_SEND => {
                let of_loop = loops.iter().find(|l| l.0 == i);
                of_loop.map(|&(_, end)| all[end].offset + 2)
            }
            B::POP_JUMP_IF_FALSE
            | B::POP_JUMP_IF_TRUE
            | B::POP_JUMP_IF_NONE
            | B::POP_JUMP_IF_NOT_NONE => x.target(),
            // Behind END_FOR and POP_ITER.
            B::FOR_ITER => x.target().map(|t| t + 4),
            _ => None,
        };
        if let (Some(to), Some(next)) = (to, all.get(i + 1)) {
            let at = |o: u32| Value::small_int(o as i64);
            let t = tuple::new_value(th, &[at(x.offset), at(next.offset), at(to)])?;
            list::push(th, l, t)?;
        }
    }
    ops::iter::get(th, l.value())
}
fn varname_from_oparg(th: &Thread, v: Value, i: Value) -> R {
    let names: Gc<TupleObj> = expect(or_none(&c(v).locals)?);
    let i = crate::core::parse::as_isize(th, i)?;
    match names.items().get(i as usize) {
        Some(n) => Ok(*n),
        None => Err(error::raise(
            th,
            crate::classes::C::IndexError,
            "tuple index out of range",
        )),
    }
}
fn replace(th: &Thread, a: Args) -> R {
    let o = c(a.all()[0]);
    let n = core_code::alloc(th)?;
    for (to, from) in [
        (&n.name, &o.name),
        (&n.qualname, &o.qualname),
        (&n.filename, &o.filename),
        (&n.consts, &o.consts),
        (&n.names, &o.names),
        (&n.locals, &o.locals),
        (&n.kinds, &o.kinds),
        (&n.code, &o.code),
        (&n.line_table, &o.line_table),
        (&n.exception_table, &o.exception_table),
    ] {
        th.set(n, to, from.get());
    }
    for (to, from) in [
        (&n.argcount, &o.argcount),
        (&n.posonly, &o.posonly),
        (&n.kwonly, &o.kwonly),
        (&n.flags, &o.flags),
        (&n.stacksize, &o.stacksize),
        (&n.firstlineno, &o.firstlineno),
    ] {
        to.set(from.get());
    }
    for (k, v) in a.kw() {
        let k: Gc<StrObj> = expect(k);
        let num = |w: &Word| -> R<()> {
            let i = crate::core::parse::as_i32(th, v)?;
            if i < 0 {
                return Err(error::value_error(th, "code: argument out of range"));
            }
            w.set(i as u64);
            Ok(())
        };
        let bytes = |s: &Slot| -> R<()> {
            if v.is::<BytesObj>() {
                th.set(n, s, Some(v));
                return Ok(());
            }
            Err(error::type_error(
                th,
                &format!(
                    "replace() argument '{}' must be bytes, not {}",
                    k.to_rust(),
                    crate::core::class::type_name(v)
                ),
            ))
        };
        match &*k.to_rust() {
            "co_argcount" => num(&n.argcount)?,
            "co_posonlyargcount" => num(&n.posonly)?,
            "co_kwonlyargcount" => num(&n.kwonly)?,
            "co_flags" => num(&n.flags)?,
            "co_stacksize" => num(&n.stacksize)?,
            "co_firstlineno" => num(&n.firstlineno)?,
            "co_nlocals" => {}
            "co_code" => bytes(&n.code)?,
            "co_consts" => th.set(n, &n.consts, Some(v)),
            "co_names" => th.set(n, &n.names, Some(v)),
            "co_filename" => th.set(n, &n.filename, Some(v)),
            "co_name" => th.set(n, &n.name, Some(v)),
            "co_qualname" => th.set(n, &n.qualname, Some(v)),
            "co_linetable" => bytes(&n.line_table)?,
            "co_exceptiontable" => bytes(&n.exception_table)?,
            "co_varnames" | "co_cellvars" | "co_freevars" => {}
            other => {
                return Err(error::type_error(
                    th,
                    &format!("replace() got an unexpected keyword argument '{other}'"),
                ));
            }
        }
    }
    core_code::count_locals(n);
    Ok(n.value())
}
fn repr(th: &Thread, v: Value) -> R {
    let o = c(v);
    string::new_value(
        th,
        &format!(
            "<code object {} at {:#x}, file \"{}\", line {}>",
            core_code::name(o),
            v.bits(),
            core_code::filename(o),
            o.firstlineno.get() as i64
        ),
    )
}
fn key(th: &Thread, v: Value) -> R {
    let o = c(v);
    tuple::new_value(
        th,
        &[
            or_none(&o.name)?,
            or_none(&o.consts)?,
            or_none(&o.names)?,
            or_none(&o.locals)?,
            code(th, v)?,
            linetable(th, v)?,
            Value::small_int(o.firstlineno.get() as i64),
            Value::small_int(o.argcount.get() as i64),
            Value::small_int(o.flags.get() as i64),
        ],
    )
}
fn eq(th: &Thread, a: Value, b: Value) -> R {
    if !b.is::<CodeObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (key(th, a)?, key(th, b)?);
    ops::compare::rich(th, x, y, habu_bytecode::opcode::compare::EQ)
}
fn hash(th: &Thread, v: Value) -> R {
    let o = c(v);
    let k = tuple::new_value(th, &[or_none(&o.name)?, code(th, v)?, or_none(&o.names)?])?;
    int::from_i64(th, ops::hash::hash(th, k)?)
}

static METHODS: [MethodDef; 9] = [
    m1("co_branches", branches),
    m1("__repr__", repr),
    m2("__eq__", eq),
    m1("__hash__", hash),
    m1("co_lines", lines),
    m1("co_positions", positions),
    m2("_varname_from_oparg", varname_from_oparg),
    mk("replace", replace),
    mk("__replace__", replace),
];
static GETSET: [GetSetDef; 19] = [
    gs("co_name", name),
    gs("co_qualname", qualname),
    gs("co_filename", filename),
    gs("co_consts", consts),
    gs("co_names", names),
    gs("co_code", code),
    gs("_co_code_adaptive", code),
    gs("co_linetable", linetable),
    gs("co_exceptiontable", exceptiontable),
    gs("co_argcount", argcount),
    gs("co_posonlyargcount", posonly),
    gs("co_kwonlyargcount", kwonly),
    gs("co_flags", flags),
    gs("co_stacksize", stacksize),
    gs("co_firstlineno", firstlineno),
    gs("co_nlocals", nlocals),
    gs("co_varnames", varnames),
    gs("co_cellvars", cellvars),
    gs("co_freevars", freevars),
];

pub static SPEC: TypeSpec = TypeSpec::new("code", kinds::CODE)
    .methods(&METHODS)
    .getset(&GETSET);

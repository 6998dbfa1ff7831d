//! Frames and tracebacks as objects.

use crate::classes::C;
use crate::core::{class, dict, list, string};
use crate::error;
use crate::interp::frame::{self, Frame};
use crate::interp::gens;
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, gss, m1, m2, m3, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_bytecode::code::local_kind as lk;
use habu_heap::Value;

fn f(v: Value) -> Gc<FrameObj> {
    expect(v)
}

impl FrameObj {
    /// The live frame behind the object.
    pub fn live(&self) -> Option<Frame> {
        match self.fp.bits() & !1 {
            0 => None,
            p => Some(Frame(p as *mut u64)),
        }
    }
    pub fn code(&self) -> Gc<CodeObj> {
        let func: Gc<FunctionObj> = expect(self.func.get().unwrap_or(Value::NONE));
        expect(func.code.get().unwrap_or(Value::NONE))
    }
    fn generator(&self) -> Option<Gc<GeneratorObj>> {
        self.generator.get()?.cast()
    }
    /// Raw local `i` (a cell stays a cell).
    fn local(&self, i: usize) -> Option<Value> {
        if let Some(l) = self.live() {
            return l.local(i);
        }
        if let Some(s) = self.saved.get() {
            let a: Gc<ArrayObj> = expect(s);
            return if i < a.len() { a.slot(i).get() } else { None };
        }
        gens::saved_local(self.generator()?, i)
    }
    fn set_local(&self, th: &Thread, i: usize, v: Option<Value>) {
        if let Some(l) = self.live() {
            gens::before_store(th, l);
            l.set_local(i, v);
            crate::interp::frame::locals_changed(th, l);
        } else if let Some(s) = self.saved.get() {
            let a: Gc<ArrayObj> = expect(s);
            if i < a.len() {
                th.set(a, a.slot(i), v);
            }
        } else if let Some(g) = self.generator() {
            gens::set_saved_local(th, g, i, v);
        }
    }
    fn kind_of(&self, i: usize) -> u8 {
        self.code()
            .kinds
            .get()
            .and_then(|k| k.cast::<BytesObj>())
            .and_then(|k| k.as_slice().get(i).copied())
            .unwrap_or(0)
    }
    /// Value of local `i`, cells opened.
    fn opened(&self, i: usize) -> Option<Value> {
        let v = self.local(i)?;
        if self.kind_of(i) & (lk::CELL | lk::FREE) != 0
            && let Some(c) = v.cast::<CellObj>()
        {
            return c.value.get();
        }
        Some(v)
    }
    pub fn lasti(&self) -> i64 {
        if let Some(l) = self.live() {
            return l.lasti().map_or(-1, |o| o as i64);
        }
        if let Some(i) = self.lasti.get().and_then(|i| i.as_int()) {
            return i;
        }
        match self.generator() {
            Some(g) if g.state.bits() <= gens::SUSPENDED => {
                let ip = (g.ip.bits() & !1) as *mut crate::interp::Op;
                crate::interp::ops_offset(self.code(), ip).map_or(-1, |o| o as i64)
            }
            _ => -1,
        }
    }
    pub fn line(&self) -> Option<u32> {
        let i = self.lasti();
        if i < 0 {
            return Some(self.code().firstlineno.get() as u32);
        }
        crate::core::code::line_at(self.code(), i as u32)
    }
}

/// The frame object of a suspended, running or finished generator.
pub fn of_generator(th: &Thread, g: Gc<GeneratorObj>) -> R {
    if g.state.bits() == gens::CLOSED {
        return Ok(Value::NONE);
    }
    if let Some(o) = g.frame.get() {
        return Ok(o);
    }
    if g.state.bits() == gens::RUNNING {
        let mut c = frame::current(th);
        while let Some(x) = c {
            if x.generator() == Some(g) {
                return Ok(frame::object(th, x)?.value());
            }
            c = x.prev();
        }
        return Ok(Value::NONE);
    }
    let words = std::mem::size_of::<FrameObj>() / 8 - 1;
    let p = th.alloc_zeroed(C::Frame.shape(), kinds::FRAME, words as u8, words * 8 + 8)?;
    // SAFETY: zeroed words are an empty frame object.
    let o: Gc<FrameObj> = unsafe { Gc::from_raw(p as *mut FrameObj) };
    o.func.init(g.func.get());
    o.generator.init(Some(g.value()));
    th.set(g, &g.frame, Some(o.value()));
    Ok(o.value())
}

/// Add an entry for this frame in front of the pending exception's traceback.
pub fn add_traceback(th: &Thread, fr: Frame) {
    let Some(e) = th.pending.get().and_then(|e| e.cast::<ExcObj>()) else {
        return;
    };
    let exc = th.pending.get();
    th.pending.init(None);
    let r = (|| -> R<()> {
        let o = frame::object(th, fr)?;
        let t: Gc<TracebackObj> = th.alloc(C::Traceback.shape(), 5, 48)?;
        t.attrs.init(None);
        t.next.init(e.traceback.get());
        t.frame.init(Some(o.value()));
        t.lasti
            .init(Some(Value::small_int(fr.lasti().map_or(-1, |o| o as i64))));
        t.lineno.init(None);
        th.set(e, &e.traceback, Some(t.value()));
        Ok(())
    })();
    if r.is_err() {
        // Out of memory while noting where: the exception itself goes on.
        th.take();
    }
    th.pending.init(exc);
}

/// Does the frame keep its names in a namespace (module, class, exec)?
fn namespace(o: Gc<FrameObj>) -> Option<Value> {
    if o.code().flags.get() as u32 & habu_bytecode::CodeFlags::OPTIMIZED != 0 {
        return None;
    }
    o.extra_locals.get()
}

fn get_locals(th: &Thread, v: Value) -> R {
    let o = f(v);
    if let Some(ns) = namespace(o) {
        return Ok(ns);
    }
    let p = th.alloc_zeroed(C::FrameLocals.shape(), kinds::RECORD, 2, 24)?;
    // SAFETY: just made with one native word.
    let r: Gc<RecordObj> = unsafe { Gc::from_raw(p as *mut RecordObj) };
    r.slot(0).init(Some(v));
    Ok(r.value())
}

/// `locals()`: the namespace, or a fresh dict of the fast locals.
pub fn locals_snapshot(th: &Thread, fr: Frame) -> R {
    if let Some(ns) = fr.namespace()
        && fr.code().flags.get() as u32 & habu_bytecode::CodeFlags::OPTIMIZED == 0
    {
        return Ok(ns);
    }
    let o = frame::object(th, fr)?;
    Ok(locals_dict(th, o)?.value())
}

fn names_of(o: Gc<FrameObj>) -> Gc<TupleObj> {
    expect(o.code().locals.get().unwrap_or(Value::NONE))
}

pub fn locals_dict(th: &Thread, o: Gc<FrameObj>) -> R<Gc<DictObj>> {
    let d = dict::new_dict(th)?;
    let names = names_of(o);
    for i in 0..names.len() {
        if o.kind_of(i) & lk::HIDDEN != 0 {
            continue;
        }
        if let Some(x) = o.opened(i) {
            dict::set(th, d, names.items()[i], x)?;
        }
    }
    if let Some(x) = o.locals.get().and_then(|x| x.cast::<DictObj>()) {
        dict::update(th, d, x)?;
    }
    Ok(d)
}

fn get_back(th: &Thread, v: Value) -> R {
    let o = f(v);
    if let Some(l) = o.live() {
        return match l.prev() {
            Some(p) => Ok(frame::object(th, p)?.value()),
            None => Ok(Value::NONE),
        };
    }
    Ok(o.back.get().unwrap_or(Value::NONE))
}
fn get_code(_: &Thread, v: Value) -> R {
    Ok(f(v).code().value())
}
fn func_of(v: Value) -> Gc<FunctionObj> {
    expect(f(v).func.get().unwrap_or(Value::NONE))
}
fn get_globals(_: &Thread, v: Value) -> R {
    Ok(func_of(v).globals.get().unwrap_or(Value::NONE))
}
fn get_builtins(_: &Thread, v: Value) -> R {
    Ok(func_of(v).builtins.get().unwrap_or(Value::NONE))
}
fn get_lineno(_: &Thread, v: Value) -> R {
    Ok(f(v)
        .line()
        .map_or(Value::NONE, |l| Value::small_int(l as i64)))
}
fn set_lineno(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    super::frame_jump::set_line(th, f(v), x)
}
fn get_lasti(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(f(v).lasti()))
}
fn get_trace(_: &Thread, v: Value) -> R {
    Ok(f(v).trace.get().unwrap_or(Value::NONE))
}
fn set_trace(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let o = f(v);
    th.set(o, &o.trace, x.filter(|x| !x.is_none()));
    trace_opcodes(th, o)
}
/// Single instructions are traced where both are set.
fn trace_opcodes(th: &Thread, o: Gc<FrameObj>) -> R<()> {
    if o.trace.get().is_some() && o.trace_opcodes.get() == Some(Value::TRUE) {
        return crate::interp::events::want_opcodes(th, o.code());
    }
    Ok(())
}
/// A bool that may not be deleted.
fn bool_only(th: &Thread, x: Option<Value>) -> R<Value> {
    match x {
        Some(x) if x == Value::TRUE || x == Value::FALSE => Ok(x),
        Some(_) => Err(error::type_error(th, "attribute value type must be bool")),
        None => Err(error::raise(
            th,
            C::AttributeError,
            "cannot delete attribute",
        )),
    }
}
fn get_trace_lines(_: &Thread, v: Value) -> R {
    Ok(f(v).trace_lines.get().unwrap_or(Value::TRUE))
}
fn set_trace_lines(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let x = bool_only(th, x)?;
    th.set(f(v), &f(v).trace_lines, Some(x));
    Ok(())
}
fn get_trace_opcodes(_: &Thread, v: Value) -> R {
    Ok(f(v).trace_opcodes.get().unwrap_or(Value::FALSE))
}
fn set_trace_opcodes(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let x = bool_only(th, x)?;
    th.set(f(v), &f(v).trace_opcodes, Some(x));
    trace_opcodes(th, f(v))
}
fn get_generator(_: &Thread, v: Value) -> R {
    Ok(f(v).generator.get().unwrap_or(Value::NONE))
}
fn clear(th: &Thread, v: Value) -> R {
    let o = f(v);
    if o.live().is_some() {
        return Err(error::raise(
            th,
            C::RuntimeError,
            "cannot clear an executing frame",
        ));
    }
    if let Some(g) = o.generator()
        && g.state.bits() == gens::SUSPENDED
    {
        return Err(error::raise(
            th,
            C::RuntimeError,
            "cannot clear a suspended frame",
        ));
    }
    if let Some(g) = o.generator()
        && g.state.bits() == gens::CREATED
    {
        crate::types::generator::close(th, g.value())?;
    }
    o.saved.init(None);
    o.locals.init(None);
    Ok(Value::NONE)
}
fn repr(th: &Thread, v: Value) -> R {
    let o = f(v);
    let c = o.code();
    let text = format!(
        "<frame at {:#x}, file '{}', line {}, code {}>",
        v.bits(),
        crate::core::code::filename(c),
        o.line().unwrap_or(0),
        crate::core::code::name(c)
    );
    string::new_value(th, &text)
}
static METHODS: [MethodDef; 2] = [m1("clear", clear), m1("__repr__", repr)];
static GETSET: [GetSetDef; 11] = [
    gs("f_back", get_back),
    gs("f_code", get_code),
    gs("f_globals", get_globals),
    gs("f_builtins", get_builtins),
    gs("f_locals", get_locals),
    gss("f_lineno", get_lineno, set_lineno),
    gs("f_lasti", get_lasti),
    gss("f_trace", get_trace, set_trace),
    gss("f_trace_lines", get_trace_lines, set_trace_lines),
    gss("f_trace_opcodes", get_trace_opcodes, set_trace_opcodes),
    gs("f_generator", get_generator),
];
pub static SPEC: TypeSpec = TypeSpec::new("frame", kinds::FRAME)
    .words(12)
    .methods(&METHODS)
    .getset(&GETSET);

// ---- the write-through view of fast locals

fn frame_of(v: Value) -> Gc<FrameObj> {
    // SAFETY: the class has one native word.
    f(unsafe { v.cast_unchecked::<RecordObj>() }
        .slot(0)
        .get()
        .unwrap_or(Value::NONE))
}
fn position(o: Gc<FrameObj>, k: Value) -> Option<usize> {
    let s = k.cast::<StrObj>()?;
    let names = names_of(o);
    (0..names.len()).find(|&i| {
        o.kind_of(i) & lk::HIDDEN == 0
            && names.items()[i]
                .cast::<StrObj>()
                .is_some_and(|n| n.equals(&s))
    })
}
fn extra(th: &Thread, o: Gc<FrameObj>) -> R<Gc<DictObj>> {
    if let Some(d) = o.locals.get().and_then(|d| d.cast::<DictObj>()) {
        return Ok(d);
    }
    let d = dict::new_dict(th)?;
    th.set(o, &o.locals, Some(d.value()));
    Ok(d)
}
fn p_get(th: &Thread, v: Value, k: Value) -> R {
    let o = frame_of(v);
    if let Some(i) = position(o, k)
        && let Some(x) = o.opened(i)
    {
        return Ok(x);
    }
    if let Some(d) = o.locals.get().and_then(|d| d.cast::<DictObj>())
        && let Some(x) = dict::get(th, d, k)?
    {
        return Ok(x);
    }
    Err(error::raise_with(th, C::KeyError, k))
}
fn p_set(th: &Thread, v: Value, k: Value, x: Value) -> R {
    let o = frame_of(v);
    match position(o, k) {
        Some(i) => {
            if o.kind_of(i) & (lk::CELL | lk::FREE) != 0
                && let Some(c) = o.local(i).and_then(|c| c.cast::<CellObj>())
            {
                th.set(c, &c.value, Some(x));
            } else {
                o.set_local(th, i, Some(x));
            }
        }
        None => {
            let d = extra(th, o)?;
            dict::set(th, d, k, x)?;
        }
    }
    Ok(Value::NONE)
}
fn p_del(th: &Thread, v: Value, k: Value) -> R {
    let o = frame_of(v);
    if position(o, k).is_some() {
        return Err(error::value_error(
            th,
            "cannot remove local variables from FrameLocalsProxy",
        ));
    }
    let d = extra(th, o)?;
    match dict::remove(th, d, k)? {
        Some(_) => Ok(Value::NONE),
        None => Err(error::raise_with(th, C::KeyError, k)),
    }
}
fn as_dict(th: &Thread, v: Value) -> R<Gc<DictObj>> {
    locals_dict(th, frame_of(v))
}
fn p_len(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(dict::len(as_dict(th, v)?) as i64))
}
fn p_contains(th: &Thread, v: Value, k: Value) -> R {
    let d = as_dict(th, v)?;
    Ok(Value::bool(dict::contains(th, d, k)?))
}
fn p_iter(th: &Thread, v: Value) -> R {
    let l = crate::types::dict::key_list(th, as_dict(th, v)?)?;
    ops::iter::get(th, l.value())
}
fn p_reversed(th: &Thread, v: Value) -> R {
    let l = crate::types::dict::key_list(th, as_dict(th, v)?)?;
    crate::types::iters::list_reverse(th, l)
}
fn p_keys(th: &Thread, v: Value) -> R {
    Ok(crate::types::dict::key_list(th, as_dict(th, v)?)?.value())
}
fn p_values(th: &Thread, v: Value) -> R {
    let d = as_dict(th, v)?;
    let l = list::new(th)?;
    let mut i = 0;
    while let Some((_, x)) = dict::next(d, &mut i) {
        list::push(th, l, x)?;
    }
    Ok(l.value())
}
fn p_items(th: &Thread, v: Value) -> R {
    let d = as_dict(th, v)?;
    let l = list::new(th)?;
    let mut i = 0;
    while let Some((k, x)) = dict::next(d, &mut i) {
        let t = crate::core::tuple::new_value(th, &[k, x])?;
        list::push(th, l, t)?;
    }
    Ok(l.value())
}
fn p_copy(th: &Thread, v: Value) -> R {
    Ok(as_dict(th, v)?.value())
}
fn p_getopt(th: &Thread, a: &[Value]) -> R {
    let d = as_dict(th, a[0])?;
    Ok(dict::get(th, d, a[1])?.unwrap_or(a.get(2).copied().unwrap_or(Value::NONE)))
}
fn p_setdefault(th: &Thread, a: &[Value]) -> R {
    let d = as_dict(th, a[0])?;
    if let Some(x) = dict::get(th, d, a[1])? {
        return Ok(x);
    }
    let x = a.get(2).copied().unwrap_or(Value::NONE);
    p_set(th, a[0], a[1], x)?;
    Ok(x)
}
fn p_update(th: &Thread, a: Args) -> R {
    let d = dict::new_dict(th)?;
    for &s in &a.pos()[1..] {
        crate::types::dict::update_from(th, d, s)?;
    }
    for (k, v) in a.kw() {
        dict::set(th, d, k, v)?;
    }
    let mut i = 0;
    while let Some((k, x)) = dict::next(d, &mut i) {
        p_set(th, a.all()[0], k, x)?;
    }
    Ok(Value::NONE)
}
fn p_repr(th: &Thread, v: Value) -> R {
    let d = as_dict(th, v)?;
    ops::repr::repr(th, d.value())
}
fn p_eq(th: &Thread, a: Value, b: Value) -> R {
    let d = as_dict(th, a)?.value();
    let e = if class::is_exact(b, C::FrameLocals) {
        as_dict(th, b)?.value()
    } else {
        b
    };
    Ok(Value::bool(ops::compare::rich_bool(
        th,
        d,
        e,
        habu_bytecode::opcode::compare::EQ,
    )?))
}
fn p_ror(th: &Thread, a: Value, b: Value) -> R {
    let d = dict::new_dict(th)?;
    crate::types::dict::update_from(th, d, b)?;
    crate::types::dict::update_from(th, d, a)?;
    Ok(d.value())
}
fn p_or(th: &Thread, a: Value, b: Value) -> R {
    let d = as_dict(th, a)?;
    crate::types::dict::update_from(th, d, b)?;
    Ok(d.value())
}
static PROXY_METHODS: [MethodDef; 19] = [
    m2("__getitem__", p_get),
    m3("__setitem__", p_set),
    m2("__delitem__", p_del),
    m1("__len__", p_len),
    m2("__contains__", p_contains),
    m1("__iter__", p_iter),
    m1("__reversed__", p_reversed),
    m1("keys", p_keys),
    m1("values", p_values),
    m1("items", p_items),
    m1("copy", p_copy),
    crate::spec::mv("get", p_getopt, 2, 3),
    crate::spec::mv("setdefault", p_setdefault, 2, 3),
    crate::spec::mk("update", p_update),
    m1("__repr__", p_repr),
    m2("__eq__", p_eq),
    m2("__or__", p_or),
    m2("__ror__", p_ror),
    m2("__ior__", p_or),
];
pub static LOCALS_PROXY: TypeSpec = TypeSpec::new("FrameLocalsProxy", kinds::RECORD)
    .words(1)
    .flags(tf::MAPPING)
    .methods(&PROXY_METHODS);

// ---- tracebacks

fn tb(v: Value) -> Gc<TracebackObj> {
    expect(v)
}
fn tb_next(_: &Thread, v: Value) -> R {
    Ok(tb(v).next.get().unwrap_or(Value::NONE))
}
fn tb_set_next(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x {
        None => Err(error::type_error(th, "can't delete tb_next attribute")),
        Some(Value::NONE) => {
            tb(v).next.init(None);
            Ok(())
        }
        Some(n) if n.is::<TracebackObj>() => {
            let mut c = Some(n);
            while let Some(t) = c {
                if t == v {
                    return Err(error::value_error(th, "traceback loop detected"));
                }
                c = tb(t).next.get();
            }
            th.set(tb(v), &tb(v).next, Some(n));
            Ok(())
        }
        Some(o) => Err(error::type_error(
            th,
            &format!(
                "expected traceback object or None, got '{}'",
                class::type_name(o)
            ),
        )),
    }
}
fn tb_frame(_: &Thread, v: Value) -> R {
    Ok(tb(v).frame.get().unwrap_or(Value::NONE))
}
fn tb_lasti(_: &Thread, v: Value) -> R {
    Ok(tb(v).lasti.get().unwrap_or(Value::NONE))
}
/// Line of a traceback entry, computed when asked.
pub fn tb_line(v: Value) -> Option<u32> {
    let t = tb(v);
    if let Some(n) = t.lineno.get().and_then(|n| n.as_int()) {
        return Some(n as u32);
    }
    let o: Gc<FrameObj> = t.frame.get()?.cast()?;
    let i = t.lasti.get()?.as_int()?;
    if i < 0 {
        return Some(o.code().firstlineno.get() as u32);
    }
    crate::core::code::line_at(o.code(), i as u32)
}
fn tb_lineno(_: &Thread, v: Value) -> R {
    Ok(tb_line(v).map_or(Value::NONE, |l| Value::small_int(l as i64)))
}
fn tb_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let [next, fr, lasti, lineno] = crate::args!(
        th,
        a,
        "traceback",
        ["tb_next", "tb_frame", "tb_lasti", "tb_lineno"],
        0,
        4,
        4
    );
    let next = next.unwrap_or(Value::NONE);
    if !next.is_none() && !next.is::<TracebackObj>() {
        return Err(error::type_error(
            th,
            &format!(
                "expected traceback object or None, got '{}'",
                class::type_name(next)
            ),
        ));
    }
    let fr = fr.unwrap_or(Value::NONE);
    if !fr.is::<FrameObj>() {
        return Err(error::type_error(
            th,
            &format!(
                "traceback() argument 'tb_frame' must be frame, not {}",
                class::type_name(fr)
            ),
        ));
    }
    let li = crate::core::parse::as_i32(th, lasti.unwrap_or(Value::NONE))?;
    let ln = crate::core::parse::as_i32(th, lineno.unwrap_or(Value::NONE))?;
    let t: Gc<TracebackObj> = th.alloc(C::Traceback.shape(), 5, 48)?;
    t.attrs.init(None);
    t.next.init(if next.is_none() { None } else { Some(next) });
    t.frame.init(Some(fr));
    t.lasti.init(Some(Value::small_int(li as i64)));
    t.lineno.init(Some(Value::small_int(ln as i64)));
    Ok(t.value())
}
fn tb_dir(th: &Thread, _: Value) -> R {
    let l = list::new(th)?;
    for n in ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"] {
        list::push(th, l, string::intern_new(th, n)?.value())?;
    }
    Ok(l.value())
}
static TB_METHODS: [MethodDef; 1] = [m1("__dir__", tb_dir)];
static TB_GETSET: [GetSetDef; 4] = [
    gss("tb_next", tb_next, tb_set_next),
    gs("tb_frame", tb_frame),
    gs("tb_lasti", tb_lasti),
    gs("tb_lineno", tb_lineno),
];
pub static TRACEBACK: TypeSpec = TypeSpec::new("traceback", kinds::TRACEBACK)
    .words(4)
    .methods(&TB_METHODS)
    .getset(&TB_GETSET)
    .new_fn(tb_new);

//! Generators and coroutines as objects.

use crate::classes::C;
use crate::core::{class, string};
use crate::error;
use crate::interp::gens::{self, CLOSED, CREATED, RUNNING, SUSPENDED, Sent};
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::spec::{GetSetDef, MethodDef, TypeSpec, gs, gss, m1, m2, mv, type_flags as tf};
use crate::thread::{R, Thread, expect};
use crate::types::exceptions::stop_iteration;
use crate::types::iters;
use habu_bytecode::CodeFlags;
use habu_heap::Value;

pub fn g(v: Value) -> Gc<GeneratorObj> {
    expect(v)
}

fn what(v: Value) -> &'static str {
    if v.shape() == C::Coroutine.shape() {
        "coroutine"
    } else if v.shape() == C::AsyncGenerator.shape() {
        "async generator"
    } else {
        "generator"
    }
}

/// Send (or raise `exc`) and report how the generator went on. A finished one raises as CPython does.
pub fn send_raw(th: &Thread, v: Value, sent: Value, exc: Option<Value>) -> R<Sent> {
    let o = g(v);
    match o.state.bits() {
        RUNNING => Err(error::value_error(
            th,
            &format!("{} already executing", what(v)),
        )),
        CLOSED => match exc {
            Some(e) if v.shape() == C::Coroutine.shape() && !class::is_a(e, C::GeneratorExit) => {
                let _ = e;
                Err(error::raise(
                    th,
                    C::RuntimeError,
                    "cannot reuse already awaited coroutine",
                ))
            }
            Some(e) => Err(error::raise_value(th, e)),
            None if v.shape() == C::Coroutine.shape() => Err(error::raise(
                th,
                C::RuntimeError,
                "cannot reuse already awaited coroutine",
            )),
            None => Ok(Sent::Return(Value::NONE)),
        },
        CREATED if !sent.is_none() && exc.is_none() => Err(error::type_error(
            th,
            &format!("can't send non-None value to a just-started {}", what(v)),
        )),
        _ => gens::resume(th, o, sent, exc),
    }
}

/// `next()` without StopIteration.
pub fn next_opt(th: &Thread, v: Value) -> R<Option<Value>> {
    let o = g(v);
    if gens::can_resume_inline(o)
        && let Some(r) = gens::run_in_place(th, o, Value::NONE)
    {
        let x = r?;
        return Ok((o.state.bits() != CLOSED).then_some(x));
    }
    match send_raw(th, v, Value::NONE, None)? {
        Sent::Yield(x) => Ok(Some(x)),
        Sent::Return(_) => Ok(None),
    }
}

fn deliver(th: &Thread, s: Sent) -> R {
    match s {
        Sent::Yield(x) => Ok(x),
        Sent::Return(x) => Err(stop_with(th, x)),
    }
}

/// StopIteration with a value, also where the value is a tuple or an exception.
pub fn stop_with(th: &Thread, v: Value) -> crate::thread::Raised {
    if v.is_none() {
        return stop_iteration(th, None);
    }
    // Not in the context of what is being handled, as CPython has it: the value is what tells.
    match error::make(th, crate::runtime::class(C::StopIteration), &[v]) {
        Ok(e) => th.restore(e),
        Err(r) => r,
    }
}

fn send(th: &Thread, v: Value, x: Value) -> R {
    let s = send_raw(th, v, x, None)?;
    deliver(th, s)
}
fn next(th: &Thread, v: Value) -> R {
    let s = send_raw(th, v, Value::NONE, None)?;
    deliver(th, s)
}

/// The exception object of `throw`'s arguments.
pub fn throw_arg(th: &Thread, a: &[Value]) -> R {
    let e = if crate::types::exceptions::is_exception_class(a[0]) {
        match a.get(1).copied().filter(|v| !v.is_none()) {
            Some(v) if class::is_instance(v, expect(a[0])) => v,
            Some(v) => match v.cast::<TupleObj>() {
                Some(t) => call::call(th, a[0], t.items())?,
                None => call::call(th, a[0], &[v])?,
            },
            None => call::call(th, a[0], &[])?,
        }
    } else if a[0].kind() == kinds::EXC {
        if a.get(1).is_some_and(|v| !v.is_none()) {
            return Err(error::type_error(
                th,
                "instance exception may not have a separate value",
            ));
        }
        a[0]
    } else {
        return Err(error::type_error(
            th,
            &format!(
                "exceptions must be classes or instances deriving from BaseException, not {}",
                class::type_name(a[0])
            ),
        ));
    };
    if let Some(&tb) = a.get(2)
        && !tb.is_none()
    {
        if !tb.is::<TracebackObj>() {
            return Err(error::type_error(
                th,
                "throw() third argument must be a traceback object",
            ));
        }
        let x: Gc<ExcObj> = expect(e);
        th.set(x, &x.traceback, Some(tb));
    }
    Ok(e)
}

pub fn throw_exc(th: &Thread, v: Value, exc: Value) -> R<Sent> {
    let o = g(v);
    if let Some(sub) = gens::delegate(o) {
        if class::is_a(exc, C::GeneratorExit) {
            o.state.init_bits(RUNNING);
            let r = close_sub(th, sub);
            o.state.init_bits(SUSPENDED);
            if r.is_err() {
                let e = th.take();
                return gens::resume(th, o, Value::NONE, Some(e));
            }
            return gens::resume(th, o, Value::NONE, Some(exc));
        }
        let meth = if sub.kind() == kinds::GENERATOR {
            Some(None)
        } else {
            crate::core::attr::get_opt(th, sub, nm(N::Throw))?.map(Some)
        };
        if let Some(m) = meth {
            o.state.init_bits(RUNNING);
            let r = match m {
                None if sub.shape() != C::AsyncGenerator.shape() => match throw_exc(th, sub, exc) {
                    Ok(s) => deliver(th, s),
                    Err(e) => Err(e),
                },
                None => call::method(th, sub, nm(N::Throw), &[exc]),
                Some(f) => call::call(th, f, &[exc]),
            };
            o.state.init_bits(SUSPENDED);
            return match r {
                Ok(y) => Ok(Sent::Yield(y)),
                Err(_) => {
                    let e = th.take();
                    gens::resume(th, o, Value::NONE, Some(e))
                }
            };
        }
    }
    send_raw(th, v, Value::NONE, Some(exc))
}

fn close_sub(th: &Thread, sub: Value) -> R<()> {
    if sub.kind() == kinds::GENERATOR && sub.shape() != C::AsyncGenerator.shape() {
        return close(th, sub).map(drop);
    }
    match crate::core::attr::get_opt(th, sub, nm(N::Close))? {
        Some(f) => call::call(th, f, &[]).map(drop),
        None => Ok(()),
    }
}

fn throw(th: &Thread, a: &[Value]) -> R {
    if a.len() > 2 {
        crate::modules::warnings::warn(
            th,
            C::DeprecationWarning,
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            1,
        )?;
    }
    let e = throw_arg(th, &a[1..])?;
    let s = throw_exc(th, a[0], e)?;
    deliver(th, s)
}

pub fn close(th: &Thread, v: Value) -> R {
    let o = g(v);
    match o.state.bits() {
        CREATED => {
            o.state.init_bits(CLOSED);
            return Ok(Value::NONE);
        }
        CLOSED => return Ok(Value::NONE),
        RUNNING => {
            return Err(error::value_error(
                th,
                &format!("{} already executing", what(v)),
            ));
        }
        _ => {}
    }
    let e = error::make(th, crate::runtime::class(C::GeneratorExit), &[])?;
    match throw_exc(th, v, e) {
        Ok(Sent::Return(x)) => Ok(x),
        Ok(Sent::Yield(_)) => Err(error::raise(
            th,
            C::RuntimeError,
            &format!("{} ignored GeneratorExit", what(v)),
        )),
        Err(r) => {
            if error::matches(th, C::GeneratorExit) || error::matches(th, C::StopIteration) {
                let e = th.take();
                let x: Gc<ExcObj> = expect(e);
                let val = if class::is_a(e, C::StopIteration) {
                    x.f0.get().unwrap_or(Value::NONE)
                } else {
                    Value::NONE
                };
                return Ok(val);
            }
            Err(r)
        }
    }
}

/// Called by the collector's finalizer queue.
pub fn finalize(th: &Thread, v: Value) -> R<()> {
    let o = g(v);
    match o.state.bits() {
        CREATED if v.shape() == C::Coroutine.shape() => {
            let q = ops::repr::str_string(th, o.qualname.get().unwrap_or(Value::NONE))?;
            o.state.init_bits(CLOSED);
            crate::modules::warnings::warn(
                th,
                C::RuntimeWarning,
                &format!("coroutine '{q}' was never awaited"),
                1,
            )
        }
        SUSPENDED if v.shape() == C::AsyncGenerator.shape() => {
            crate::types::asyncgen::finalize(th, v)
        }
        SUSPENDED => close(th, v).map(drop),
        _ => Ok(()),
    }
}

pub fn new_coroutine(th: &Thread, g: Gc<GeneratorObj>) -> R<()> {
    let _ = (th, g);
    Ok(())
}

/// `await v`: what SEND drives. `how`: 1 `__aenter__`, 2 `__aexit__` (for the message).
pub fn awaitable_iter(th: &Thread, v: Value, how: u32) -> R {
    if v.shape() == C::Coroutine.shape() {
        if gens::delegate(g(v)).is_some() {
            return Err(error::raise(
                th,
                C::RuntimeError,
                "coroutine is being awaited already",
            ));
        }
        return Ok(v);
    }
    if v.shape() == C::Generator.shape()
        && gens::code_of(g(v)).flags.get() as u32 & CodeFlags::ITERABLE_COROUTINE != 0
    {
        return Ok(v);
    }
    match class::special_of(v, N::Await) {
        Some(f) => {
            let it = call::call_special(th, f, v, &[])?;
            if it.shape() == C::Coroutine.shape() {
                return Err(error::type_error(th, "__await__() returned a coroutine"));
            }
            if !ops::iter::is_iterator(it) {
                return Err(error::type_error(
                    th,
                    &format!(
                        "__await__() returned non-iterator of type '{}'",
                        class::type_name(it)
                    ),
                ));
            }
            Ok(it)
        }
        None => {
            let t = class::type_name(v);
            let text = match how {
                1 => format!(
                    "'async with' received an object from __aenter__ that does not implement __await__: {t}"
                ),
                2 => format!(
                    "'async with' received an object from __aexit__ that does not implement __await__: {t}"
                ),
                _ => format!("'{t}' object can't be awaited"),
            };
            Err(error::type_error(th, &text))
        }
    }
}

fn repr(th: &Thread, v: Value) -> R {
    let q = ops::repr::str_string(th, g(v).qualname.get().unwrap_or(Value::NONE))?;
    let w = match what(v) {
        "async generator" => "async_generator",
        w => w,
    };
    string::new_value(th, &format!("<{w} object {q} at {:#x}>", v.bits()))
}
fn get_name(_: &Thread, v: Value) -> R {
    Ok(g(v).name.get().unwrap_or(Value::NONE))
}
fn set_name(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x {
        Some(s) if s.is::<StrObj>() => {
            th.set(g(v), &g(v).name, Some(s));
            Ok(())
        }
        _ => Err(error::type_error(
            th,
            "__name__ must be set to a string object",
        )),
    }
}
fn get_qualname(_: &Thread, v: Value) -> R {
    Ok(g(v).qualname.get().unwrap_or(Value::NONE))
}
fn set_qualname(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    match x {
        Some(s) if s.is::<StrObj>() => {
            th.set(g(v), &g(v).qualname, Some(s));
            Ok(())
        }
        _ => Err(error::type_error(
            th,
            "__qualname__ must be set to a string object",
        )),
    }
}
fn running(_: &Thread, v: Value) -> R {
    Ok(Value::bool(gens::is_running(g(v))))
}
fn suspended(_: &Thread, v: Value) -> R {
    Ok(Value::bool(g(v).state.bits() == SUSPENDED))
}
fn frame(th: &Thread, v: Value) -> R {
    crate::types::frame::of_generator(th, g(v))
}
fn code(_: &Thread, v: Value) -> R {
    Ok(gens::code_of(g(v)).value())
}
fn delegate(_: &Thread, v: Value) -> R {
    Ok(gens::delegate(g(v)).unwrap_or(Value::NONE))
}
fn origin(_: &Thread, v: Value) -> R {
    Ok(g(v).origin.get().unwrap_or(Value::NONE))
}
fn del(th: &Thread, v: Value) -> R {
    finalize(th, v)?;
    Ok(Value::NONE)
}

static METHODS: [MethodDef; 8] = [
    m1("__repr__", repr),
    m1("__iter__", iters::self_iter),
    m1("__next__", next),
    m2("send", send),
    mv("throw", throw, 2, 4),
    m1("close", close),
    m1("__del__", del),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
static GETSET: [GetSetDef; 7] = [
    gss("__name__", get_name, set_name),
    gss("__qualname__", get_qualname, set_qualname),
    gs("gi_running", running),
    gs("gi_suspended", suspended),
    gs("gi_frame", frame),
    gs("gi_code", code),
    gs("gi_yieldfrom", delegate),
];
pub static SPEC: TypeSpec = TypeSpec::new("generator", kinds::GENERATOR)
    .flags(tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET);

fn coro_await(th: &Thread, v: Value) -> R {
    let p = th.alloc_zeroed(C::CoroutineWrapper.shape(), kinds::RECORD, 2, 24)?;
    // SAFETY: just made, with one native word.
    let r: Gc<RecordObj> = unsafe { Gc::from_raw(p as *mut RecordObj) };
    r.slot(0).init(Some(v));
    Ok(r.value())
}
static CORO_METHODS: [MethodDef; 7] = [
    m1("__repr__", repr),
    m1("__await__", coro_await),
    m2("send", send),
    mv("throw", throw, 2, 4),
    m1("close", close),
    m1("__del__", del),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
static CORO_GETSET: [GetSetDef; 8] = [
    gss("__name__", get_name, set_name),
    gss("__qualname__", get_qualname, set_qualname),
    gs("cr_running", running),
    gs("cr_suspended", suspended),
    gs("cr_frame", frame),
    gs("cr_code", code),
    gs("cr_await", delegate),
    gs("cr_origin", origin),
];
pub static COROUTINE: TypeSpec = TypeSpec::new("coroutine", kinds::GENERATOR)
    .flags(tf::WEAKREF)
    .methods(&CORO_METHODS)
    .getset(&CORO_GETSET);

fn wrapped(v: Value) -> Value {
    // SAFETY: the class has one native word.
    unsafe { v.cast_unchecked::<RecordObj>() }
        .slot(0)
        .get()
        .unwrap_or(Value::NONE)
}
fn w_next(th: &Thread, v: Value) -> R {
    next(th, wrapped(v))
}
fn w_send(th: &Thread, v: Value, x: Value) -> R {
    send(th, wrapped(v), x)
}
fn w_throw(th: &Thread, a: &[Value]) -> R {
    let e = throw_arg(th, &a[1..])?;
    let s = throw_exc(th, wrapped(a[0]), e)?;
    deliver(th, s)
}
fn w_close(th: &Thread, v: Value) -> R {
    close(th, wrapped(v))
}
static WRAPPER_METHODS: [MethodDef; 5] = [
    m1("__iter__", iters::self_iter),
    m1("__next__", w_next),
    m2("send", w_send),
    mv("throw", w_throw, 2, 4),
    m1("close", w_close),
];
pub static COROUTINE_WRAPPER: TypeSpec = TypeSpec::new("coroutine_wrapper", kinds::RECORD)
    .words(1)
    .methods(&WRAPPER_METHODS);

static ASYNC_GETSET: [GetSetDef; 7] = [
    gss("__name__", get_name, set_name),
    gss("__qualname__", get_qualname, set_qualname),
    gs("ag_running", crate::types::asyncgen::running),
    gs("ag_suspended", suspended),
    gs("ag_frame", frame),
    gs("ag_code", code),
    gs("ag_await", delegate),
];
static ASYNC_METHODS: [MethodDef; 8] = [
    m1("__repr__", repr),
    m1("__aiter__", iters::self_iter),
    m1("__anext__", crate::types::asyncgen::anext),
    m2("asend", crate::types::asyncgen::asend),
    mv("athrow", crate::types::asyncgen::athrow, 2, 4),
    m1("aclose", crate::types::asyncgen::aclose),
    m1("__del__", del),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
pub static ASYNC: TypeSpec = TypeSpec::new("async_generator", kinds::GENERATOR)
    .flags(tf::WEAKREF)
    .methods(&ASYNC_METHODS)
    .getset(&ASYNC_GETSET);

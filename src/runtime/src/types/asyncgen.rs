//! Async generators: the awaitables of `asend`, `athrow`, `aclose`, and `async for`.
//!
//! A yield in an async generator hands out a wrapped value; what an `await` inside it hands out is not wrapped.
//! That tells the awaitables when their step is done.

use crate::classes::C;
use crate::core::class;
use crate::error;
use crate::interp::gens::{self, CLOSED, Sent};
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::spec::{MethodDef, TypeSpec, m1, m2, mv};
use crate::thread::{R, Raised, Thread};
use crate::types::generator::{self, g, stop_with};
use crate::types::iters;
use habu_heap::Value;

/// Words of the awaitables: generator, argument (value or exception), state, kind.
const GEN: usize = 0;
const ARG: usize = 1;
const STATE: usize = 2;
const HOW: usize = 3;
const INIT: i64 = 0;
const ITER: i64 = 1;
const DONE: i64 = 2;
const SEND: i64 = 0;
const THROW: i64 = 1;
const CLOSE: i64 = 2;

fn record(th: &Thread, c: C, words: &[Value]) -> R {
    let n = words.len() + 1;
    let p = th.alloc_zeroed(c.shape(), kinds::RECORD, n as u8, 8 + n * 8)?;
    // SAFETY: just made with these words.
    let r: Gc<RecordObj> = unsafe { Gc::from_raw(p as *mut RecordObj) };
    for (i, &w) in words.iter().enumerate() {
        r.slot(i).init(Some(w));
    }
    Ok(r.value())
}
fn rec(v: Value) -> Gc<RecordObj> {
    // SAFETY: called with this file's records only.
    unsafe { v.cast_unchecked() }
}
fn word(v: Value, i: usize) -> Value {
    rec(v).slot(i).get().unwrap_or(Value::NONE)
}
fn num(v: Value, i: usize) -> i64 {
    word(v, i).as_int().unwrap_or(0)
}
fn set_num(v: Value, i: usize, n: i64) {
    rec(v).slot(i).init(Some(Value::small_int(n)))
}

pub fn wrap(th: &Thread, v: Value) -> R {
    record(th, C::AsyncGenWrapped, &[v])
}

pub fn running(_: &Thread, v: Value) -> R {
    Ok(Value::bool(g(v).running_async.get() == Some(Value::TRUE)))
}
fn set_running(v: Value, on: bool) {
    g(v).running_async.init(on.then_some(Value::TRUE))
}

/// The event loop's hooks see a generator when it is first iterated.
fn init_hooks(th: &Thread, v: Value) -> R<()> {
    let o = g(v);
    if o.hooks.get().is_some() {
        return Ok(());
    }
    th.set(
        o,
        &o.hooks,
        Some(th.asyncgen_final.get().unwrap_or(Value::NONE)),
    );
    if let Some(f) = th.asyncgen_first.get().filter(|f| !f.is_none()) {
        call::call(th, f, &[v])?;
    }
    Ok(())
}

pub fn anext(th: &Thread, v: Value) -> R {
    init_hooks(th, v)?;
    step(th, v, Value::NONE, SEND)
}
pub fn asend(th: &Thread, v: Value, x: Value) -> R {
    init_hooks(th, v)?;
    step(th, v, x, SEND)
}
pub fn athrow(th: &Thread, a: &[Value]) -> R {
    init_hooks(th, a[0])?;
    let e = generator::throw_arg(th, &a[1..])?;
    step(th, a[0], e, THROW)
}
pub fn aclose(th: &Thread, v: Value) -> R {
    init_hooks(th, v)?;
    step(th, v, Value::NONE, CLOSE)
}
fn step(th: &Thread, gen_: Value, arg: Value, how: i64) -> R {
    let c = if how == SEND {
        C::AsyncGenASend
    } else {
        C::AsyncGenAThrow
    };
    record(
        th,
        c,
        &[gen_, arg, Value::small_int(INIT), Value::small_int(how)],
    )
}

fn stop_async(th: &Thread) -> Raised {
    error::raise_args(th, crate::runtime::class(C::StopAsyncIteration), &[])
}

/// What one resume of the generator means for the awaitable.
fn outcome(th: &Thread, aw: Value, r: R<Sent>) -> R {
    let gen_ = word(aw, GEN);
    let how = num(aw, HOW);
    let done = || {
        set_running(gen_, false);
        set_num(aw, STATE, DONE);
    };
    match r {
        Ok(Sent::Yield(y)) if y.shape() == C::AsyncGenWrapped.shape() => {
            done();
            if how == CLOSE {
                return Err(error::raise(
                    th,
                    C::RuntimeError,
                    "async generator ignored GeneratorExit",
                ));
            }
            Err(stop_with(th, word(y, 0)))
        }
        Ok(Sent::Yield(y)) => Ok(y),
        Ok(Sent::Return(_)) => {
            done();
            if how == CLOSE {
                Err(stop_with(th, Value::NONE))
            } else {
                Err(stop_async(th))
            }
        }
        Err(e) => {
            done();
            if how == CLOSE
                && (error::matches(th, C::StopAsyncIteration)
                    || error::matches(th, C::GeneratorExit))
            {
                th.take();
                return Err(stop_with(th, Value::NONE));
            }
            Err(e)
        }
    }
}

fn reuse(th: &Thread, aw: Value) -> Raised {
    let text = match num(aw, HOW) {
        SEND => "cannot reuse already awaited __anext__()/asend()",
        _ => "cannot reuse already awaited aclose()/athrow()",
    };
    error::raise(th, C::RuntimeError, text)
}

fn send(th: &Thread, aw: Value, x: Value) -> R {
    let gen_ = word(aw, GEN);
    let how = num(aw, HOW);
    match num(aw, STATE) {
        DONE => return Err(reuse(th, aw)),
        INIT => {
            if g(gen_).running_async.get() == Some(Value::TRUE) {
                set_num(aw, STATE, DONE);
                let text = match how {
                    SEND => "anext(): asynchronous generator is already running",
                    THROW => "athrow(): asynchronous generator is already running",
                    _ => "aclose(): asynchronous generator is already running",
                };
                return Err(error::raise(th, C::RuntimeError, text));
            }
            if how != SEND {
                if g(gen_).state.bits() == CLOSED {
                    set_num(aw, STATE, DONE);
                    return Err(if how == CLOSE {
                        stop_with(th, Value::NONE)
                    } else {
                        stop_async(th)
                    });
                }
                if !x.is_none() {
                    return Err(error::raise(
                        th,
                        C::RuntimeError,
                        "can't send non-None value to a just-started coroutine",
                    ));
                }
            } else if g(gen_).state.bits() == CLOSED {
                set_num(aw, STATE, DONE);
                return Err(stop_async(th));
            }
            set_num(aw, STATE, ITER);
            set_running(gen_, true);
            let r = match how {
                SEND => {
                    let v = if word(aw, ARG).is_none() {
                        x
                    } else {
                        word(aw, ARG)
                    };
                    generator::send_raw(th, gen_, v, None)
                }
                THROW => generator::throw_exc(th, gen_, word(aw, ARG)),
                _ => {
                    if g(gen_).state.bits() == gens::CREATED {
                        g(gen_).state.init_bits(CLOSED);
                        set_running(gen_, false);
                        set_num(aw, STATE, DONE);
                        return Err(stop_with(th, Value::NONE));
                    }
                    let e = error::make(th, crate::runtime::class(C::GeneratorExit), &[])?;
                    generator::throw_exc(th, gen_, e)
                }
            };
            return outcome(th, aw, r);
        }
        _ => {}
    }
    let r = generator::send_raw(th, gen_, x, None);
    outcome(th, aw, r)
}
fn next(th: &Thread, aw: Value) -> R {
    send(th, aw, Value::NONE)
}
fn throw(th: &Thread, a: &[Value]) -> R {
    let aw = a[0];
    if num(aw, STATE) == DONE {
        return Err(reuse(th, aw));
    }
    let e = generator::throw_arg(th, &a[1..])?;
    if num(aw, STATE) == INIT {
        set_num(aw, STATE, ITER);
        set_running(word(aw, GEN), true);
    }
    let r = generator::throw_exc(th, word(aw, GEN), e);
    outcome(th, aw, r)
}
fn close(th: &Thread, aw: Value) -> R {
    if num(aw, STATE) != ITER {
        set_num(aw, STATE, DONE);
        return Ok(Value::NONE);
    }
    let e = error::make(th, crate::runtime::class(C::GeneratorExit), &[])?;
    let r = throw(th, &[aw, e]);
    set_num(aw, STATE, DONE);
    match r {
        Ok(_) => Err(error::raise(
            th,
            C::RuntimeError,
            "coroutine ignored GeneratorExit",
        )),
        Err(r) => {
            if error::matches(th, C::GeneratorExit)
                || error::matches(th, C::StopIteration)
                || error::matches(th, C::StopAsyncIteration)
            {
                th.take();
                return Ok(Value::NONE);
            }
            Err(r)
        }
    }
}

static METHODS: [MethodDef; 6] = [
    m1("__await__", iters::self_iter),
    m1("__iter__", iters::self_iter),
    m1("__next__", next),
    m2("send", send),
    mv("throw", throw, 2, 4),
    m1("close", close),
];
pub static ASEND: TypeSpec = TypeSpec::new("async_generator_asend", kinds::RECORD)
    .words(4)
    .methods(&METHODS);
pub static ATHROW: TypeSpec = TypeSpec::new("async_generator_athrow", kinds::RECORD)
    .words(4)
    .methods(&METHODS);
pub static WRAPPED: TypeSpec =
    TypeSpec::new("async_generator_wrapped_value", kinds::RECORD).words(1);

/// `aiter()` / `async for`.
pub fn get_aiter(th: &Thread, v: Value) -> R {
    let Some(f) = class::special_of(v, N::AIter) else {
        return Err(error::type_error(
            th,
            &format!(
                "'async for' requires an object with __aiter__ method, got {}",
                class::type_name(v)
            ),
        ));
    };
    let it = call::call_special(th, f, v, &[])?;
    if class::special_of(it, N::ANext).is_none() {
        return Err(error::type_error(
            th,
            &format!(
                "'async for' received an object from __aiter__ that does not implement __anext__: {}",
                class::type_name(it)
            ),
        ));
    }
    Ok(it)
}

pub fn get_anext(th: &Thread, v: Value) -> R {
    if v.shape() == C::AsyncGenerator.shape() {
        return anext(th, v);
    }
    let Some(f) = class::special_of(v, N::ANext) else {
        return Err(error::type_error(
            th,
            &format!(
                "'async for' requires an iterator with __anext__ method, got {}",
                class::type_name(v)
            ),
        ));
    };
    let a = call::call_special(th, f, v, &[])?;
    match generator::awaitable_iter(th, a, 0) {
        Ok(x) => Ok(x),
        Err(_) => {
            let cause = th.take();
            error::type_error(
                th,
                &format!(
                    "'async for' received an invalid object from __anext__: {}",
                    class::type_name(a)
                ),
            );
            let e = th.take();
            let x: Gc<ExcObj> = crate::thread::expect(e);
            th.set(x, &x.cause, Some(cause));
            th.set(x, &x.context, Some(cause));
            x.suppress.init(Some(Value::TRUE));
            Err(th.restore(e))
        }
    }
}

/// A suspended async generator died: the event loop's finalizer closes it.
pub fn finalize(th: &Thread, v: Value) -> R<()> {
    match g(v).hooks.get().filter(|h| !h.is_none()) {
        Some(h) => call::call(th, h, &[v]).map(drop),
        None => Ok(()),
    }
}

// ---- anext(it, default)

fn an_inner(th: &Thread, v: Value) -> R {
    generator::awaitable_iter(th, word(v, 0), 0)
}
fn an_finish(th: &Thread, v: Value, r: R) -> R {
    match r {
        Ok(x) => Ok(x),
        Err(e) => {
            if error::matches(th, C::StopAsyncIteration) {
                th.take();
                return Err(stop_with(th, word(v, 1)));
            }
            Err(e)
        }
    }
}
fn an_next(th: &Thread, v: Value) -> R {
    let i = an_inner(th, v)?;
    let r = ops::iter::next_keep_stop_any(th, i);
    an_finish(th, v, r)
}
fn an_send(th: &Thread, v: Value, x: Value) -> R {
    let i = an_inner(th, v)?;
    let r = call::method(th, i, nm(N::Send), &[x]);
    an_finish(th, v, r)
}
fn an_throw(th: &Thread, a: &[Value]) -> R {
    let i = an_inner(th, a[0])?;
    let r = call::method(th, i, nm(N::Throw), &a[1..]);
    an_finish(th, a[0], r)
}
fn an_close(th: &Thread, v: Value) -> R {
    let i = an_inner(th, v)?;
    call::method(th, i, nm(N::Close), &[])
}
pub fn new_anext(th: &Thread, awaitable: Value, default: Value) -> R {
    record(th, C::ANextAwaitable, &[awaitable, default])
}
static AN_METHODS: [MethodDef; 6] = [
    m1("__await__", iters::self_iter),
    m1("__iter__", iters::self_iter),
    m1("__next__", an_next),
    m2("send", an_send),
    mv("throw", an_throw, 2, 4),
    m1("close", an_close),
];
pub static ANEXT: TypeSpec = TypeSpec::new("anext_awaitable", kinds::RECORD)
    .words(2)
    .methods(&AN_METHODS);

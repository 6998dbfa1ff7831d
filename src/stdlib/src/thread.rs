//! `_thread`: real threads under the GIL, locks.

use habu_runtime::classes::C;
use habu_runtime::core::{class, class_make, dict, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::runtime::{self, Keep};
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, Named, TypeSpec, gs, m0, m1, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{float, iters, module};
use habu_runtime::value::Value;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::{Duration, Instant};

// A lock is one word: 0 free, else the holder's thread id; RLocks count in a second word.
fn slot(v: Value, i: usize) -> &'static habu_runtime::value::Slot {
    // SAFETY: both lock classes have two native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
const FREE: u64 = 1;
fn me(th: &Thread) -> u64 {
    th.id.load(SeqCst) << 1 | 1
}
fn new_lock(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    slot(v, 0).init_bits(FREE);
    slot(v, 1).init_bits(1);
    Ok(v)
}
fn try_take(th: &Thread, v: Value) -> bool {
    slot(v, 0)
        .atomic()
        .compare_exchange(FREE, me(th), SeqCst, SeqCst)
        .is_ok()
}
/// Wait for the lock, leaving the runtime meanwhile, until the deadline.
fn wait(th: &Thread, v: Value, until: Option<Instant>) -> R<bool> {
    let mut nap = 10;
    loop {
        if try_take(th, v) {
            return Ok(true);
        }
        if until.is_some_and(|u| Instant::now() >= u) {
            return Ok(false);
        }
        let left = until.map_or(Duration::from_millis(5), |u| {
            u.saturating_duration_since(Instant::now())
        });
        th.blocked(|| std::thread::sleep(left.min(Duration::from_micros(nap))));
        nap = (nap * 2).min(2000);
        habu_runtime::polls::check(th)?;
    }
}
fn timing(th: &Thread, a: Args) -> R<(bool, Option<Instant>)> {
    let [blocking, timeout] =
        habu_runtime::args!(th, a, "acquire", ["blocking", "timeout"], 0, 0, 2);
    let blocking = match blocking {
        Some(b) => habu_runtime::ops::truth(th, b)?,
        None => true,
    };
    let t = match timeout {
        Some(t) => parse::as_f64(th, t)?,
        None => -1.0,
    };
    if !blocking && t != -1.0 {
        return Err(error::value_error(
            th,
            "can't specify a timeout for a non-blocking call",
        ));
    }
    if t < 0.0 && t != -1.0 {
        return Err(error::value_error(
            th,
            "timeout value must be a non-negative number",
        ));
    }
    Ok((
        blocking,
        (t >= 0.0).then(|| Instant::now() + Duration::from_secs_f64(t.min(1e9))),
    ))
}
fn acquire(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let (blocking, until) = timing(th, a.rest())?;
    if try_take(th, v) {
        return Ok(Value::TRUE);
    }
    if !blocking {
        return Ok(Value::FALSE);
    }
    Ok(Value::bool(wait(th, v, until)?))
}
fn release(th: &Thread, v: Value) -> R {
    if slot(v, 0).atomic().swap(FREE, SeqCst) == FREE {
        return Err(error::raise(th, C::RuntimeError, "release unlocked lock"));
    }
    Ok(Value::NONE)
}
fn locked(_: &Thread, v: Value) -> R {
    Ok(Value::bool(slot(v, 0).bits() != FREE))
}
fn enter(th: &Thread, v: Value) -> R {
    if !try_take(th, v) {
        wait(th, v, None)?;
    }
    Ok(Value::TRUE)
}
fn exit(th: &Thread, a: &[Value]) -> R {
    release(th, a[0])
}
fn repr(th: &Thread, v: Value) -> R {
    let state = if slot(v, 0).bits() == FREE {
        "unlocked"
    } else {
        "locked"
    };
    string::new_value(
        th,
        &format!(
            "<{state} {} object at {:#x}>",
            class::full_name(class::of(v)),
            v.bits()
        ),
    )
}
fn reinit(_: &Thread, v: Value) -> R {
    slot(v, 0).init_bits(FREE);
    slot(v, 1).init_bits(1);
    Ok(Value::NONE)
}
static LOCK_METHODS: [MethodDef; 9] = [
    mk("acquire", acquire),
    mk("acquire_lock", acquire),
    m1("release", release),
    m1("release_lock", release),
    m1("locked", locked),
    m1("__enter__", enter),
    mv("__exit__", exit, 1, 4),
    m1("__repr__", repr),
    m1("_at_fork_reinit", reinit),
];
static LOCK: TypeSpec = TypeSpec::new("lock", habu_runtime::kinds::RECORD)
    .module("_thread")
    .words(2)
    .flags(tf::WEAKREF)
    .methods(&LOCK_METHODS)
    .new_fn(new_lock);

fn count(v: Value) -> i64 {
    slot(v, 1).get().and_then(|n| n.as_int()).unwrap_or(0)
}
fn set_count(v: Value, n: i64) {
    slot(v, 1).init(Some(Value::small_int(n)))
}
fn r_take(th: &Thread, v: Value, blocking: bool, until: Option<Instant>) -> R<bool> {
    if slot(v, 0).bits() == me(th) {
        set_count(v, count(v) + 1);
        return Ok(true);
    }
    if !(try_take(th, v) || blocking && wait(th, v, until)?) {
        return Ok(false);
    }
    set_count(v, 1);
    Ok(true)
}
fn r_acquire(th: &Thread, a: Args) -> R {
    let (blocking, until) = timing(th, a.rest())?;
    Ok(Value::bool(r_take(th, a.all()[0], blocking, until)?))
}
fn r_enter(th: &Thread, v: Value) -> R {
    Ok(Value::bool(r_take(th, v, true, None)?))
}
fn r_release(th: &Thread, v: Value) -> R {
    if slot(v, 0).bits() != me(th) {
        return Err(error::raise(
            th,
            C::RuntimeError,
            "cannot release un-acquired lock",
        ));
    }
    let n = count(v) - 1;
    set_count(v, n);
    if n == 0 {
        slot(v, 0).atomic().store(FREE, SeqCst);
    }
    Ok(Value::NONE)
}
fn r_exit(th: &Thread, a: &[Value]) -> R {
    r_release(th, a[0])
}
fn is_owned(th: &Thread, v: Value) -> R {
    Ok(Value::bool(slot(v, 0).bits() == me(th)))
}
fn recursion_count(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(if slot(v, 0).bits() == me(th) {
        count(v)
    } else {
        0
    }))
}
fn release_save(th: &Thread, v: Value) -> R {
    let n = count(v);
    set_count(v, 0);
    slot(v, 0).atomic().store(FREE, SeqCst);
    habu_runtime::core::tuple::new_value(th, &[Value::small_int(n), Value::small_int(0)])
}
fn acquire_restore(th: &Thread, a: &[Value]) -> R {
    if !try_take(th, a[0]) {
        wait(th, a[0], None)?;
    }
    let t: Gc<TupleObj> = expect(a[1]);
    set_count(a[0], t.items()[0].as_int().unwrap_or(1));
    Ok(Value::NONE)
}
static RLOCK_METHODS: [MethodDef; 11] = [
    mk("acquire", r_acquire),
    m1("release", r_release),
    m1("locked", locked),
    m1("__enter__", r_enter),
    mv("__exit__", r_exit, 1, 4),
    m1("_is_owned", is_owned),
    m1("_recursion_count", recursion_count),
    m1("_release_save", release_save),
    mv("_acquire_restore", acquire_restore, 2, 2),
    m1("__repr__", repr),
    m1("_at_fork_reinit", reinit),
];
static RLOCK: TypeSpec = TypeSpec::new("RLock", habu_runtime::kinds::RECORD)
    .module("_thread")
    .words(2)
    .flags(tf::BASE | tf::WEAKREF)
    .methods(&RLOCK_METHODS)
    .new_fn(new_lock);

fn get_ident(th: &Thread) -> R {
    int::from_u64(th, th.id.load(SeqCst))
}
fn lock_class(th: &Thread, name: &str) -> R {
    let mo = habu_runtime::import::import_module(th, "_thread")?;
    match dict::get_text(th, module::dict_of(mo), name)? {
        Some(v) => Ok(v),
        None => Err(error::raise(th, C::RuntimeError, "lost _thread")),
    }
}
fn allocate_lock(th: &Thread) -> R {
    let c = lock_class(th, "lock")?;
    call::call(th, c, &[])
}
// A handle: thread id, state.
const NOT_STARTED: i64 = 0;
const RUNNING: i64 = 1;
const DONE: i64 = 2;
fn state(h: Value) -> i64 {
    slot(h, 1).get().and_then(|n| n.as_int()).unwrap_or(DONE)
}
fn set_state(h: Value, n: i64) {
    slot(h, 1).init(Some(Value::small_int(n)))
}
fn handle_new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    slot(v, 0).init(Some(Value::small_int(0)));
    set_state(v, NOT_STARTED);
    Ok(v)
}
fn handle_ident(_: &Thread, h: Value) -> R {
    Ok(slot(h, 0).get().unwrap_or(Value::NONE))
}
fn handle_is_done(_: &Thread, h: Value) -> R {
    Ok(Value::bool(state(h) == DONE))
}
fn handle_set_done(_: &Thread, h: Value) -> R {
    set_state(h, DONE);
    Ok(Value::NONE)
}
fn handle_join(th: &Thread, a: &[Value]) -> R {
    let h = a[0];
    let until = match a.get(1).filter(|t| !t.is_none()) {
        Some(&t) => {
            Some(Instant::now() + Duration::from_secs_f64(parse::as_f64(th, t)?.clamp(0.0, 1e9)))
        }
        None => None,
    };
    if state(h) == NOT_STARTED {
        return Err(error::raise(th, C::RuntimeError, "thread not started"));
    }
    if slot(h, 0).get() == Value::try_int(th.id.load(SeqCst) as i64) && state(h) == RUNNING {
        return Err(error::raise(
            th,
            C::RuntimeError,
            "Cannot join current thread",
        ));
    }
    let mut nap = 20;
    while state(h) != DONE && until.is_none_or(|u| Instant::now() < u) {
        th.blocked(|| std::thread::sleep(Duration::from_micros(nap)));
        nap = (nap * 2).min(2000);
        habu_runtime::polls::check(th)?;
    }
    Ok(Value::NONE)
}
static HANDLE_METHODS: [MethodDef; 3] = [
    m1("is_done", handle_is_done),
    m1("_set_done", handle_set_done),
    mv("join", handle_join, 1, 2),
];
static HANDLE_GETSET: [GetSetDef; 1] = [gs("ident", handle_ident)];
static HANDLE: TypeSpec = TypeSpec::new("_ThreadHandle", habu_runtime::kinds::RECORD)
    .module("_thread")
    .words(2)
    .methods(&HANDLE_METHODS)
    .getset(&HANDLE_GETSET)
    .new_fn(handle_new);

/// What started threads are to do, by ticket: the record keeps function and arguments alive until they run.
fn tickets(th: &Thread) -> R<Gc<DictObj>> {
    match runtime::kept(Keep::Threads) {
        Some(d) => Ok(expect(d)),
        None => {
            let d = dict::new_dict(th)?;
            runtime::keep(Keep::Threads, Some(d.value()));
            Ok(d)
        }
    }
}
static NEXT_TICKET: AtomicI64 = AtomicI64::new(0);
static LIVE: AtomicI64 = AtomicI64::new(0);
const THREAD_STACK: usize = 64 << 20;

fn launch(th: &Thread, func: Value, args: Value, kwargs: Value, handle: Value) -> R<u64> {
    let ticket = NEXT_TICKET.fetch_add(1, SeqCst);
    let record = tuple::new_value(th, &[func, args, kwargs, handle])?;
    dict::set(th, tickets(th)?, Value::small_int(ticket), record)?;
    set_state(handle, RUNNING);
    let (tell, told) = std::sync::mpsc::channel();
    let started = std::thread::Builder::new()
        .stack_size(THREAD_STACK)
        .spawn(move || run_thread(ticket, tell));
    if started.is_err() {
        dict::remove(th, tickets(th)?, Value::small_int(ticket))?;
        set_state(handle, DONE);
        return Err(error::raise(th, C::RuntimeError, "can't start new thread"));
    }
    match th.blocked(|| told.recv()) {
        Ok(id) => {
            slot(handle, 0).init(Some(Value::small_int(id as i64)));
            Ok(id)
        }
        Err(_) => Err(error::raise(th, C::RuntimeError, "can't start new thread")),
    }
}

/// The life of a started thread.
fn run_thread(ticket: i64, tell: std::sync::mpsc::Sender<u64>) {
    let th = habu_runtime::threads::attach(false);
    LIVE.fetch_add(1, SeqCst);
    // The parent may have stopped waiting only because the process ends.
    let _ = tell.send(th.id.load(SeqCst));
    th.mutator.blocked(|| habu_runtime::gil::acquire(th));
    if run_ticket(th, ticket).is_err() {
        th.take();
    }
    habu_runtime::interp::events::forget(th);
    LIVE.fetch_sub(1, SeqCst);
    // SAFETY: nothing runs on this thread any more.
    unsafe { habu_runtime::threads::detach(th) };
    habu_runtime::gil::release(th);
}

fn run_ticket(th: &Thread, ticket: i64) -> R<()> {
    let Some(record) = dict::remove(th, tickets(th)?, Value::small_int(ticket))? else {
        return Ok(());
    };
    let t: Gc<TupleObj> = expect(record);
    let (func, args, kwargs, handle) = (t.items()[0], t.items()[1], t.items()[2], t.items()[3]);
    let all = list::from_slice(th, expect::<TupleObj>(args).items())?;
    let mut names = None;
    if let Some(d) = kwargs.cast::<DictObj>() {
        let l = list::new(th)?;
        let mut i = 0;
        while let Some((k, v)) = dict::next(d, &mut i) {
            list::push(th, l, k)?;
            list::push(th, all, v)?;
        }
        names = Some(tuple::new(th, list::items(l))?);
    }
    let r = call::call_args(
        th,
        func,
        Args::of(&Named {
            all: list::items(all),
            names,
        }),
    );
    if r.is_err() {
        if error::matches(th, C::SystemExit) {
            th.take();
        } else {
            m::sys::unraisable(th, Some(func), "Exception ignored in thread started by");
        }
    }
    set_state(handle, DONE);
    Ok(())
}

fn new_handle(th: &Thread) -> R {
    let c = lock_class(th, "_ThreadHandle")?;
    call::call(th, c, &[])
}
fn start_new_thread(th: &Thread, a: &[Value]) -> R {
    if !call::is_callable(a[0]) {
        return Err(error::type_error(th, "first arg must be callable"));
    }
    if !a[1].is::<TupleObj>() {
        return Err(error::type_error(th, "2nd arg must be a tuple"));
    }
    let kwargs = a.get(2).copied().unwrap_or(Value::NONE);
    if !kwargs.is_none() && !kwargs.is::<DictObj>() {
        return Err(error::type_error(
            th,
            "optional 3rd arg must be a dictionary",
        ));
    }
    let h = new_handle(th)?;
    let id = launch(th, a[0], a[1], kwargs, h)?;
    int::from_u64(th, id)
}
fn start_joinable_thread(th: &Thread, a: Args) -> R {
    let [f, h, _daemon] = habu_runtime::args!(
        th,
        a,
        "start_joinable_thread",
        ["function", "handle", "daemon"],
        0,
        1,
        1
    );
    let f = f.unwrap_or(Value::NONE);
    if !call::is_callable(f) {
        return Err(error::type_error(th, "thread function must be callable"));
    }
    let h = match h.filter(|h| !h.is_none()) {
        Some(h) => h,
        None => new_handle(th)?,
    };
    if state(h) != NOT_STARTED {
        return Err(error::raise(th, C::RuntimeError, "thread already started"));
    }
    launch(th, f, tuple::empty().value(), Value::NONE, h)?;
    Ok(h)
}
fn make_thread_handle(th: &Thread, ident: Value) -> R {
    let h = new_handle(th)?;
    th.set_in(h, slot(h, 0), Some(ident));
    set_state(h, RUNNING);
    Ok(h)
}
fn daemon_threads_allowed(_: &Thread) -> R {
    Ok(Value::TRUE)
}
fn nothing(_: &Thread) -> R {
    Ok(Value::NONE)
}
fn main_ident(_: &Thread) -> R {
    Ok(Value::small_int(1))
}
fn is_main(_: &Thread) -> R {
    Ok(Value::TRUE)
}
fn set_name(_: &Thread, _: Value) -> R {
    Ok(Value::NONE)
}
fn stack_size(_: &Thread, _: &[Value]) -> R {
    Ok(Value::small_int(0))
}
fn thread_count(_: &Thread) -> R {
    Ok(Value::small_int(LIVE.load(SeqCst)))
}
fn interrupt_main(th: &Thread, _: &[Value]) -> R {
    th.mutator
        .poll
        .fetch_or(habu_runtime::thread::poll::SIGNALS, SeqCst);
    Ok(Value::NONE)
}
static FUNCTIONS: [MethodDef; 16] = [
    m0("_is_main_interpreter", is_main),
    mk("start_joinable_thread", start_joinable_thread),
    m1("_make_thread_handle", make_thread_handle),
    m0("daemon_threads_allowed", daemon_threads_allowed),
    m0("_shutdown", nothing),
    m0("_get_main_thread_ident", main_ident),
    m1("set_name", set_name),
    m0("get_ident", get_ident),
    m0("get_native_id", get_ident),
    m0("allocate_lock", allocate_lock),
    m0("allocate", allocate_lock),
    mv("start_new_thread", start_new_thread, 2, 3),
    mv("start_new", start_new_thread, 2, 3),
    mv("stack_size", stack_size, 0, 1),
    m0("_count", thread_count),
    mv("interrupt_main", interrupt_main, 0, 1),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let t = m::new(th, "_thread", &FUNCTIONS)?;
    let l = class_make::from_spec(th, &LOCK, None)?;
    m::set(th, t, "lock", l.value())?;
    m::set(th, t, "LockType", l.value())?;
    m::set(
        th,
        t,
        "RLock",
        class_make::from_spec(th, &RLOCK, None)?.value(),
    )?;
    m::set(
        th,
        t,
        "_ThreadHandle",
        class_make::from_spec(th, &HANDLE, None)?.value(),
    )?;
    let local = habu_runtime::import::import_module(th, "_habu_local")?;
    m::set(
        th,
        t,
        "_local",
        habu_runtime::core::attr::get_text(th, local, "_local")?,
    )?;
    m::set(th, t, "error", runtime::class_value(C::RuntimeError))?;
    m::set(th, t, "TIMEOUT_MAX", float::new(th, 9223372036.0)?)?;
    Ok(t)
}

//! Events of running code for `sys.monitoring`, `sys.settrace` and `sys.setprofile`: which are wanted, and telling those
//! who asked.
//!
//! What must hold: while nothing is wanted nothing here is reached but by cold paths. While something is (`wanted() != 0`)
//! every thread's poll word has `poll::TRACE`, all code runs in its traced form (`traced`), native code is not entered
//! (`switch`), and events that nobody wants at a place cost that place a test. No event is told while the thread is
//! inside a callback (`Thread::tracing`).

use super::frame::{self, Frame};
use super::{OpsObj, switch};
use crate::classes::C;
use crate::core::{class, dict, shape, tuple};
use crate::error;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::call;
use crate::runtime::{Keep, keep, kept};
use crate::thread::{R, Raised, Thread, expect};
use habu_heap::Value;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

macro_rules! events {
    ($($name:ident)*) => {
        /// Event numbers: bits of event sets.
        pub mod event {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum All { $($name),* }
            $(pub const $name: u32 = All::$name as u32;)*
        }
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

events! {
    PY_START PY_RESUME PY_RETURN PY_YIELD CALL LINE INSTRUCTION JUMP BRANCH_LEFT BRANCH_RIGHT STOP_ITERATION
    RAISE EXCEPTION_HANDLED PY_UNWIND PY_THROW RERAISE C_RETURN C_RAISE BRANCH
}

pub const fn bit(e: u32) -> u32 {
    1 << e
}

/// Events that belong to a place in the code: `DISABLE` works for them, and they can be set for one code object.
pub const LOCAL: u32 = bit(event::STOP_ITERATION + 1) - 1;
/// `BRANCH` stands for these two.
pub const BRANCHES: u32 = bit(event::BRANCH_LEFT) | bit(event::BRANCH_RIGHT);
/// `CALL` brings these with it.
pub const AFTER_CALL: u32 = bit(event::C_RETURN) | bit(event::C_RAISE);
/// What `sys.settrace` needs, beside single instructions.
const FOR_TRACE: u32 = bit(event::PY_START)
    | bit(event::PY_RESUME)
    | bit(event::PY_RETURN)
    | bit(event::PY_YIELD)
    | bit(event::LINE)
    | bit(event::JUMP)
    | bit(event::RAISE)
    | bit(event::STOP_ITERATION)
    | bit(event::PY_UNWIND)
    | bit(event::PY_THROW);
const FOR_PROFILE: u32 = bit(event::PY_START)
    | bit(event::PY_RESUME)
    | bit(event::PY_RETURN)
    | bit(event::PY_YIELD)
    | bit(event::CALL)
    | AFTER_CALL
    | bit(event::PY_UNWIND)
    | bit(event::PY_THROW);

/// What unwinding tells about.
pub const UNWINDING: u32 =
    bit(event::RAISE) | bit(event::RERAISE) | bit(event::EXCEPTION_HANDLED) | bit(event::PY_UNWIND);

pub const TOOLS: usize = 6;

/// What each tool wants everywhere.
static EVERYWHERE: [AtomicU32; TOOLS] = [const { AtomicU32::new(0) }; TOOLS];
/// What some tool wants in some code object, and how many code objects that is.
static SOMEWHERE: AtomicU32 = AtomicU32::new(0);
static CODES: AtomicU32 = AtomicU32::new(0);
/// Threads with a trace function, threads with a profile function.
static TRACING: AtomicU32 = AtomicU32::new(0);
static PROFILING: AtomicU32 = AtomicU32::new(0);
/// Has a frame's `f_trace_opcodes` been set?
static OPCODES: AtomicU32 = AtomicU32::new(0);
/// All of the above in one word.
static WANTED: AtomicU32 = AtomicU32::new(0);
/// What `DISABLE` switched off under an older number is on again.
static RESTARTS: AtomicU32 = AtomicU32::new(1);

/// The events that somebody wants somewhere.
#[inline(always)]
pub fn wanted() -> u32 {
    WANTED.load(Relaxed)
}

/// The sets have changed.
fn update(th: &Thread) -> R<()> {
    let mut w = if CODES.load(Relaxed) > 0 {
        SOMEWHERE.load(Relaxed)
    } else {
        SOMEWHERE.store(0, Relaxed);
        0
    };
    for t in &EVERYWHERE {
        w |= t.load(Relaxed);
    }
    if TRACING.load(Relaxed) > 0 {
        w |= FOR_TRACE;
        if OPCODES.load(Relaxed) > 0 {
            w |= bit(event::INSTRUCTION);
        }
    }
    if PROFILING.load(Relaxed) > 0 {
        w |= FOR_PROFILE;
    }
    let before = WANTED.swap(w, Relaxed);
    match (before != 0, w != 0) {
        (false, true) => switch::on(th),
        (true, false) => {
            switch::off(th);
            Ok(())
        }
        _ => Ok(()),
    }
}

// ---- trace and profile functions

fn set_function(th: &Thread, of: &Thread, which: Which, f: Option<Value>) -> R<()> {
    let (slot, count) = match which {
        Which::Trace => (&of.trace, &TRACING),
        Which::Profile => (&of.profile, &PROFILING),
    };
    match (slot.get().is_some(), f.is_some()) {
        (false, true) => count.fetch_add(1, Relaxed),
        (true, false) => count.fetch_sub(1, Relaxed),
        _ => 0,
    };
    slot.init(f);
    update(th)
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Trace,
    Profile,
}

/// `sys.settrace`, `sys.setprofile`.
pub fn set(th: &Thread, which: Which, f: Value) -> R<()> {
    set_function(th, th, which, Some(f).filter(|f| !f.is_none()))
}

/// The same for every thread.
pub fn set_all(th: &Thread, which: Which, f: Value) -> R<()> {
    let mut r = Ok(());
    crate::threads::each(&mut |of| {
        let done = set_function(th, of, which, Some(f).filter(|f| !f.is_none()));
        if r.is_ok() {
            r = done;
        }
    });
    r
}

/// The thread ends.
pub fn forget(th: &Thread) {
    for which in [Which::Trace, Which::Profile] {
        if set_function(th, th, which, None).is_err() {
            th.take();
        }
    }
}

/// Trace functions hear of single instructions of this code, in frames that have `f_trace_opcodes`.
pub fn want_opcodes(th: &Thread, code: Gc<CodeObj>) -> R<()> {
    if wants_opcodes(code) {
        return Ok(());
    }
    let a = sets_of(th, code)?;
    a.slot(TOOLS).init(Some(Value::TRUE));
    OPCODES.store(1, Relaxed);
    update(th)
}

fn wants_opcodes(code: Gc<CodeObj>) -> bool {
    code.events
        .get()
        .and_then(|a| a.cast::<ArrayObj>())
        .is_some_and(|a| a.slot(TOOLS).get().is_some())
}

/// Call a callback. No events are told meanwhile; what it is told about is noted for those who set `f_lineno`.
fn call_back(th: &Thread, f: Frame, what: N, to: Value, args: &[Value]) -> R {
    let depth = th.tracing.get();
    let before = (th.traced_event.get(), th.traced_frame.get());
    th.traced_frame.set(f.0);
    th.traced_event.set(what as u32);
    th.tracing.set(depth + 1);
    let r = call::call(th, to, args);
    th.tracing.set(depth);
    th.traced_event.set(before.0);
    th.traced_frame.set(before.1);
    r
}

/// Call a trace or profile function.
fn call_function(th: &Thread, f: Frame, to: Value, what: N, arg: Value) -> R {
    let o = frame::object(th, f)?;
    call_back(th, f, what, to, &[o.value(), nm(what), arg])
}

/// The trace functions' event that lets a frame jump as this one does.
fn kind_of(e: u32) -> N {
    match e {
        event::PY_START | event::PY_RESUME | event::PY_THROW => N::TraceCall,
        event::LINE
        | event::INSTRUCTION
        | event::JUMP
        | event::BRANCH_LEFT
        | event::BRANCH_RIGHT => N::TraceLine,
        event::CALL | event::C_RETURN | event::C_RAISE => N::TraceCCall,
        event::PY_RETURN | event::PY_YIELD | event::PY_UNWIND => N::TraceReturn,
        _ => N::TraceException,
    }
}

fn trace(th: &Thread, f: Frame, what: N, arg: Value) -> R<()> {
    let Some(new) = th.trace.get() else {
        return Ok(());
    };
    let to = if what == N::TraceCall {
        Some(new)
    } else {
        f.object().and_then(|o| o.trace.get())
    };
    let Some(to) = to else { return Ok(()) };
    let o = frame::object(th, f)?;
    let in_line = matches!(what, N::TraceLine | N::TraceOpcode);
    if !in_line && o.trace_opcodes.get() == Some(Value::TRUE) {
        want_opcodes(th, f.code())?;
    }
    match call_function(th, f, to, what, arg) {
        Ok(v) => {
            if !v.is_none() {
                th.set(o, &o.trace, Some(v));
            }
            Ok(())
        }
        Err(_) => {
            let e = th.take();
            o.trace.init(None);
            if set_function(th, th, Which::Trace, None).is_err() {
                th.take();
            }
            Err(th.restore(e))
        }
    }
}

fn profile(th: &Thread, f: Frame, what: N, arg: Value) -> R<()> {
    let Some(to) = th.profile.get() else {
        return Ok(());
    };
    match call_function(th, f, to, what, arg) {
        Ok(_) => Ok(()),
        Err(_) => {
            let e = th.take();
            if set_function(th, th, Which::Profile, None).is_err() {
                th.take();
            }
            Err(th.restore(e))
        }
    }
}

// ---- tools

/// Names by tool id, callbacks by tool id * 64 + event number.
pub fn tools(th: &Thread) -> R<Gc<DictObj>> {
    match kept(Keep::Monitoring) {
        Some(d) => Ok(expect(d)),
        None => {
            let d = dict::new_dict(th)?;
            keep(Keep::Monitoring, Some(d.value()));
            Ok(d)
        }
    }
}

pub fn callback_key(tool: usize, e: u32) -> Value {
    Value::small_int((tool as i64 + 1) * 64 + e as i64)
}

pub fn global_events(tool: usize) -> u32 {
    EVERYWHERE[tool].load(Relaxed)
}

pub fn set_global_events(th: &Thread, tool: usize, set: u32) -> R<()> {
    let old = EVERYWHERE[tool].swap(set, Relaxed);
    if set & !old != 0 {
        // What was switched off at a place before does not count for an event that comes anew.
        restart();
    }
    update(th)
}

/// `restart_events`
pub fn restart() {
    RESTARTS.fetch_add(1, Relaxed);
}

pub fn local_events(code: Gc<CodeObj>, tool: usize) -> u32 {
    code.events
        .get()
        .and_then(|a| a.cast::<ArrayObj>())
        .and_then(|a| a.slot(tool).get())
        .and_then(|v| v.as_int())
        .unwrap_or(0) as u32
}

/// What is wanted in this code: a set for each tool, and whether single instructions are traced.
fn sets_of(th: &Thread, code: Gc<CodeObj>) -> R<Gc<ArrayObj>> {
    if let Some(a) = code.events.get() {
        return Ok(expect(a));
    }
    let a = shape::array(th, TOOLS + 1)?;
    th.set(code, &code.events, Some(a.value()));
    Ok(a)
}

pub fn set_local_events(th: &Thread, code: Gc<CodeObj>, tool: usize, set: u32) -> R<()> {
    let all = || (0..TOOLS).fold(0, |s, t| s | local_events(code, t));
    let before = all();
    let a = sets_of(th, code)?;
    let old = local_events(code, tool);
    a.slot(tool).init(Some(Value::small_int(set as i64)));
    if set & !old != 0
        && let Some(o) = code.traced.get().and_then(|o| o.cast::<OpsObj>())
    {
        super::traced::enable(o, tool);
    }
    match (before != 0, all() != 0) {
        (false, true) => CODES.fetch_add(1, Relaxed),
        (true, false) => CODES.fetch_sub(1, Relaxed),
        _ => 0,
    };
    SOMEWHERE.fetch_or(set, Relaxed);
    update(th)
}

/// No local events for this tool in any code object.
pub fn clear_local_events(th: &Thread, tool: usize) -> R<()> {
    if CODES.load(Relaxed) == 0 {
        return Ok(());
    }
    habu_heap::for_each_object(&th.mutator, &mut |p| {
        // SAFETY: the heap hands out live objects; numbers are stored, which are no pointers.
        unsafe {
            if (*p).kind != crate::kinds::CODE {
                return;
            }
            let code: Gc<CodeObj> = Gc::from_raw(p as *mut CodeObj);
            let Some(a) = code.events.get().and_then(|a| a.cast::<ArrayObj>()) else {
                return;
            };
            if local_events(code, tool) != 0 {
                a.slot(tool).init(Some(Value::small_int(0)));
                if (0..TOOLS).all(|t| local_events(code, t) == 0) {
                    CODES.fetch_sub(1, Relaxed);
                }
            }
        }
    });
    update(th)
}

/// A place's word of what `DISABLE` switched off there: the number of restarts it counts for, and a bit for each tool.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub word: &'a Word,
    /// A place that has two events keeps the second one's tools eight bits further.
    pub shift: u32,
    /// The other event is a branch, too: a tool that takes them for one event has both off.
    pub branch: bool,
}

impl Site<'_> {
    fn disabled(&self) -> u32 {
        let w = self.word.get();
        if (w >> 32) as u32 != RESTARTS.load(Relaxed) {
            return 0;
        }
        (w as u32 >> self.shift) & 0xff
    }
    fn disable(&self, tool: usize, both: bool) {
        let n = RESTARTS.load(Relaxed) as u64;
        let w = self.word.get();
        let old = if w >> 32 == n { w & 0xffff_ffff } else { 0 };
        let bits = if both { 0x101 } else { 1 << self.shift };
        self.word.set(n << 32 | old | bits << tool);
    }
}

/// Tell the tools that want the event in this code. `args` come after the code object.
fn tell(th: &Thread, f: Frame, e: u32, site: Option<Site>, args: &[Value]) -> R<()> {
    let code = f.code();
    let disabled = site.map_or(0, |s| s.disabled());
    for tool in (0..TOOLS).rev() {
        let set = EVERYWHERE[tool].load(Relaxed) | local_events(code, tool);
        if set & bit(e) == 0 || disabled >> tool & 1 != 0 {
            continue;
        }
        let key = callback_key(tool, e);
        let Some(to) = dict::get(th, tools(th)?, key)? else {
            continue;
        };
        let mut all = [code.value(); 4];
        all[1..=args.len()].copy_from_slice(args);
        let r = call_back(th, f, kind_of(e), to, &all[..=args.len()]);
        if Some(r?) != kept(Keep::MonitorDisable) {
            continue;
        }
        match site.filter(|_| bit(e) & LOCAL != 0) {
            Some(s) => {
                let both = s.branch && {
                    let key = callback_key(tool, event::BRANCH);
                    dict::get(th, tools(th)?, key)? == Some(to)
                };
                s.disable(tool, both)
            }
            None => {
                dict::remove(th, tools(th)?, key)?;
                let name = NAMES[e as usize];
                let text = format!("Cannot disable {name} events. Callback removed.");
                return Err(error::value_error(th, &text));
            }
        }
    }
    Ok(())
}

/// Does a tool want the event here? (`sys.settrace` and `sys.setprofile` apart.)
fn tool_wants(code: Gc<CodeObj>, e: u32) -> bool {
    (0..TOOLS).any(|t| (EVERYWHERE[t].load(Relaxed) | local_events(code, t)) & bit(e) != 0)
}

/// The same events while an exception is pending; it stays pending if they raise none.
fn beside_exception(th: &Thread, tell: impl FnOnce(Value) -> R<()>) -> R<()> {
    let Some(exc) = th.pending.get() else {
        return Ok(());
    };
    th.pending.init(None);
    let r = tell(exc);
    if r.is_ok() {
        th.pending.init(Some(exc));
    }
    r
}

fn offset(f: Frame) -> Value {
    Value::small_int(f.lasti().map_or(-1, |o| o as i64))
}

// ---- the events. Each is told at the frame's instruction (`Frame::ip`), with the VM top saved.

#[inline(always)]
fn quiet(th: &Thread, e: u32) -> bool {
    wanted() & bit(e) == 0 || th.tracing.get() != 0
}

/// A function begins, or a generator goes on.
pub fn started(th: &Thread, f: Frame, resumed: bool, site: Site) -> R<()> {
    let e = if resumed {
        event::PY_RESUME
    } else {
        event::PY_START
    };
    if quiet(th, e) {
        return Ok(());
    }
    trace(th, f, N::TraceCall, Value::NONE)?;
    profile(th, f, N::TraceCall, Value::NONE)?;
    tell(th, f, e, Some(site), &[offset(f)])
}

/// A function returns or a generator yields.
pub fn returning(th: &Thread, f: Frame, e: u32, v: Value, site: Site) -> R<()> {
    if quiet(th, e) {
        return Ok(());
    }
    trace(th, f, N::TraceReturn, v)?;
    profile(th, f, N::TraceReturn, v)?;
    tell(th, f, e, Some(site), &[offset(f), v])
}

pub fn line(th: &Thread, f: Frame, line: u32, site: Site) -> R<()> {
    if quiet(th, event::LINE) {
        return Ok(());
    }
    trace_line(th, f)?;
    tell(
        th,
        f,
        event::LINE,
        Some(site),
        &[Value::small_int(line as i64)],
    )
}

fn trace_line(th: &Thread, f: Frame) -> R<()> {
    match f.object() {
        Some(o) if o.trace_lines.get() != Some(Value::FALSE) => {
            trace(th, f, N::TraceLine, Value::NONE)
        }
        _ => Ok(()),
    }
}

pub fn instruction(th: &Thread, f: Frame, site: Site) -> R<()> {
    if quiet(th, event::INSTRUCTION) {
        return Ok(());
    }
    if let Some(o) = f.object()
        && o.trace_opcodes.get() == Some(Value::TRUE)
        && wants_opcodes(f.code())
    {
        trace(th, f, N::TraceOpcode, Value::NONE)?;
    }
    tell(th, f, event::INSTRUCTION, Some(site), &[offset(f)])
}

/// A jump or branch from `from` (bytecode offsets); the frame stands at its target. `same_line`: backward within a line,
/// which trace functions see as a line.
pub fn jump(
    th: &Thread,
    f: Frame,
    e: u32,
    from: u32,
    to: u32,
    same_line: bool,
    site: Site,
) -> R<()> {
    if quiet(th, e) {
        return Ok(());
    }
    if same_line {
        trace_line(th, f)?;
    }
    let at = |o: u32| Value::small_int(o as i64);
    tell(th, f, e, Some(site), &[at(from), at(to)])
}

/// Something is about to be called.
pub fn calling(th: &Thread, f: Frame, callee: Value, this: Option<Value>, site: Site) -> R<()> {
    if quiet(th, event::CALL) {
        return Ok(());
    }
    about_call(th, f, N::TraceCCall, callee, this)?;
    let arg = this.or(kept(Keep::MonitorMissing)).unwrap_or(Value::NONE);
    tell(th, f, event::CALL, Some(site), &[offset(f), callee, arg])
}

/// Is somebody interested in how calls of native functions end?
pub fn follows_calls(th: &Thread, f: Frame) -> bool {
    !quiet(th, event::CALL)
        && (th.profile.get().is_some()
            || wanted() & bit(event::CALL) != 0 && tool_wants(f.code(), event::CALL))
}

/// A native callee is done: with a result, or an exception is pending.
pub fn called(
    th: &Thread,
    f: Frame,
    callee: Value,
    this: Option<Value>,
    raised: bool,
    site: Site,
) -> R<()> {
    if th.tracing.get() != 0 {
        return Ok(());
    }
    let arg = this.or(kept(Keep::MonitorMissing)).unwrap_or(Value::NONE);
    let (what, e) = if raised {
        (N::TraceCException, event::C_RAISE)
    } else {
        (N::TraceCReturn, event::C_RETURN)
    };
    let report = || -> R<()> {
        about_call(th, f, what, callee, this)?;
        // They are set together with CALL and are silent where that is disabled.
        let off = site.disabled();
        let code = f.code();
        for tool in (0..TOOLS).rev() {
            let set = EVERYWHERE[tool].load(Relaxed) | local_events(code, tool);
            if set & bit(event::CALL) != 0 && off >> tool & 1 == 0 {
                let args = [code.value(), offset(f), callee, arg];
                tell_one(th, f, tool, e, &args)?;
            }
        }
        Ok(())
    };
    if raised {
        beside_exception(th, |_| report())
    } else {
        report()
    }
}

fn tell_one(th: &Thread, f: Frame, tool: usize, e: u32, args: &[Value]) -> R<()> {
    let key = callback_key(tool, e);
    let Some(to) = dict::get(th, tools(th)?, key)? else {
        return Ok(());
    };
    let r = call_back(th, f, kind_of(e), to, args);
    if Some(r?) == kept(Keep::MonitorDisable) {
        dict::remove(th, tools(th)?, key)?;
        let name = NAMES[e as usize];
        let text = format!("Cannot disable {name} events. Callback removed.");
        return Err(error::value_error(th, &text));
    }
    Ok(())
}

/// Profile functions see calls of native functions, methods bound.
fn about_call(th: &Thread, f: Frame, what: N, callee: Value, this: Option<Value>) -> R<()> {
    if th.profile.get().is_none() {
        return Ok(());
    }
    let Some(b) = callee.cast::<BuiltinObj>() else {
        return Ok(());
    };
    let is_descriptor = class::is_exact(callee, C::MethodDescriptor);
    let arg = match (is_descriptor, this) {
        (false, _) if class::is_exact(callee, C::Builtin) => b.value(),
        (true, Some(t)) => crate::core::attr::bind(th, callee, Some(t), class::of(t))?,
        _ => return Ok(()),
    };
    profile(th, f, what, arg)
}

/// A generator that `yield from` waited for has returned this value.
pub fn iteration_stopped(th: &Thread, f: Frame, v: Value, site: Site) -> R<()> {
    if quiet(th, event::STOP_ITERATION) {
        return Ok(());
    }
    let e = stop_iteration(th, v)?;
    trace_exception(th, f, e)?;
    tell(th, f, event::STOP_ITERATION, Some(site), &[offset(f), e])
}

fn stop_iteration(th: &Thread, v: Value) -> R {
    let args = [v];
    let args = if v.is_none() { &args[..0] } else { &args };
    error::make(th, crate::runtime::class(C::StopIteration), args)
}

fn trace_exception(th: &Thread, f: Frame, exc: Value) -> R<()> {
    if f.object().is_none_or(|o| o.trace.get().is_none()) || th.trace.get().is_none() {
        return Ok(());
    }
    let tb = exc.cast::<ExcObj>().and_then(|e| e.traceback.get());
    let items = [class::of(exc).value(), exc, tb.unwrap_or(Value::NONE)];
    let arg = tuple::new_value(th, &items)?;
    trace(th, f, N::TraceException, arg)
}

/// What unwinding does with the pending exception in this frame: `RAISE`, `RERAISE`, `EXCEPTION_HANDLED`, `PY_UNWIND`,
/// `PY_THROW`. A callback's exception takes its place.
#[cold]
#[inline(never)]
pub fn unwinding(th: &Thread, f: Frame, e: u32) -> R<()> {
    if quiet(th, e) {
        return Ok(());
    }
    beside_exception(th, |exc| {
        match e {
            event::RAISE => trace_exception(th, f, exc)?,
            event::PY_UNWIND => {
                trace(th, f, N::TraceReturn, Value::NONE)?;
                profile(th, f, N::TraceReturn, Value::NONE)?;
            }
            event::PY_THROW => {
                trace(th, f, N::TraceCall, Value::NONE)?;
                profile(th, f, N::TraceCall, Value::NONE)?;
            }
            _ => {}
        }
        tell(th, f, e, None, &[offset(f), exc])
    })
}

/// The exception has found a handler, at which the frame stands.
pub fn handled(th: &Thread, f: Frame, exc: Value) -> R<()> {
    if quiet(th, event::EXCEPTION_HANDLED) {
        return Ok(());
    }
    tell(th, f, event::EXCEPTION_HANDLED, None, &[offset(f), exc])
}

/// `sys.call_tracing`: events are told although a callback is running.
pub fn call_tracing(th: &Thread, f: Value, args: &[Value]) -> R {
    let depth = th.tracing.replace(0);
    let r = call::call(th, f, args);
    th.tracing.set(depth);
    r
}

/// What `yield from` or `await` waited for ended by raising StopIteration with this value.
pub fn sent_to_end(th: &Thread, f: Frame, v: Value) -> R<()> {
    if quiet(th, event::RAISE) {
        return Ok(());
    }
    let e = stop_iteration(th, v)?;
    trace_exception(th, f, e)?;
    tell(th, f, event::RAISE, None, &[offset(f), e])
}

/// The iterator of a `for` loop raised StopIteration, which is pending.
pub fn loop_ended(th: &Thread, f: Frame) -> Result<(), Raised> {
    unwinding(th, f, event::RAISE)
}

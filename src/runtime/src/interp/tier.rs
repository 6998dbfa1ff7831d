//! The seam to the native-code tier: counting, handing over hot code, entering compiled code and coming back.
//!
//! What must hold: compiled code is called as `entry(thread, fp)` on a frame that has its header and its arguments; one
//! that compiled code pushed lacks what `flag::BARE` and `called_by_native` tell. The thread's current frame is a live
//! one: this, once compiled code has said so, or one below. It returns the frame's result; or `LEFT` or `RAISED` with
//! the instruction to go on at (or to unwind from) in `Thread::trampoline`. A frame that compiled code pushed for a
//! callee has `flag::NATIVE`: whoever leaves it returns to native code, so the interpreter runs it to its end natively
//! and `LEFT` is never seen by the caller.

use super::frame::{self, Frame, flag};
use super::{Op, OpsObj};
use crate::next;
use crate::object::*;
use crate::thread::Thread;
use habu_heap::Value;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Compiled code, or what stands in for it.
pub type Entry = unsafe extern "C" fn(&Thread, *mut u64) -> u64;

/// Compiled code raised, and the frame is still there to be unwound.
pub const RAISED: u64 = 0;
/// Compiled code left the frame to the interpreter. No value has this word.
pub const LEFT: u64 = 8;

/// What the runtime asks of the tier.
pub trait Tier: Sync {
    /// The function of `f` was called often. The frame stands at its start (arguments bound, nothing run).
    fn hot_call(&'static self, th: &Thread, f: Frame);
    /// The generator of `f` was resumed often at the RESUME at `op`; its operand stack ends at `sp`.
    fn hot_resume(&'static self, th: &Thread, f: Frame, sp: *mut u64, op: *mut Op);
    /// The loop that ends in the backward jump at `op` ran often; the operand stack ends at `sp`.
    fn hot_loop(&'static self, th: &Thread, f: Frame, sp: *mut u64, op: *mut Op);
    /// `what` of this object (`None`: anything), which was watched, has changed.
    fn changed(&self, owner: u64, what: Option<u64>);
    /// Call `f`, which forks and gives 0 in the child.
    fn fork(&self, f: &mut dyn FnMut() -> i32) -> i32;
    /// Lines for `-X stats`.
    fn report(&self) -> String;
}

static TIER: OnceLock<&'static dyn Tier> = OnceLock::new();
static CALLS: AtomicU32 = AtomicU32::new(NEVER);
static LOOPS: AtomicU32 = AtomicU32::new(NEVER);

/// A counter that practically does not end.
pub const NEVER: u32 = u32::MAX;

/// Switch the tier on: code translated from now on counts down from these numbers.
pub fn install(t: &'static dyn Tier, calls: u32, loops: u32) {
    if TIER.set(t).is_ok() {
        CALLS.store(calls, Relaxed);
        LOOPS.store(loops, Relaxed);
    }
}

pub fn tier() -> Option<&'static dyn Tier> {
    TIER.get().copied()
}

/// What a `RESUME` counts down from.
pub fn call_threshold() -> u32 {
    CALLS.load(Relaxed)
}

/// What a backward jump counts down from.
pub fn loop_threshold() -> u32 {
    LOOPS.load(Relaxed)
}

/// A compiled loop, as a backward jump that enters it keeps it: its argument is the address of one of these.
#[repr(C)]
pub struct LoopCode {
    pub entry: Entry,
    /// The jump's own argument.
    pub plain: u64,
}

/// A compiled function, as its first instruction keeps it.
#[repr(C)]
pub struct StartCode {
    pub entry: Entry,
    pub plain: Op,
    /// Of a generator that runs on its saved words: others may look at its frame.
    pub shown: bool,
}

/// Where native code of a generator has the frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Place {
    /// On the VM stack.
    #[default]
    Stack,
    /// On its saved words, while nobody can look at it.
    Hidden,
    /// On its saved words, with a header.
    Shown,
}

/// Set the countdown of a backward jump.
///
/// # Safety
/// `op` is a plain backward jump.
pub unsafe fn set_loop_count(op: *mut Op, n: u32) {
    // SAFETY: the caller's promise.
    unsafe { (*op).arg = ((*op).arg & 0xffff_ffff) | (n as u64) << 32 }
}

crate::handlers! {
    /// The countdown of a function's calls ended.
    #[inline(never)]
    resume_hot(ip, sp, fp, th) {
        (*ip).arg = NEVER as u64;
        crate::save!(ip, sp, fp, th);
        if let Some(t) = tier() {
            if Frame(fp).flags() & flag::GENERATOR == 0 {
                t.hot_call(th, Frame(fp));
            } else {
                t.hot_resume(th, Frame(fp), sp, ip);
            }
            let code = Frame(fp).code();
            if is_compiled(code) {
                crate::check!(super::switch::note_compiled(th, code), ip, sp, fp, th);
            }
        }
        next!(ip.add(1), sp, fp, th)
    }

    /// The countdown of a loop ended. The jump itself is still to be done.
    #[inline(never)]
    loop_hot(ip, sp, fp, th) {
        set_loop_count(ip, NEVER);
        crate::save!(ip, sp, fp, th);
        if let Some(t) = tier() {
            t.hot_loop(th, Frame(fp), sp, ip);
        }
        next!(ip, sp, fp, th)
    }

    /// First instruction of a compiled function.
    start_compiled(ip, sp, fp, th) {
        enter(ip, sp, fp, th)
    }

    /// Where a compiled generator is resumed.
    resume_compiled(ip, sp, fp, th) {
        if th.mutator.poll() {
            return loop_compiled_poll(ip, sp, fp, th);
        }
        enter_generator(ip, sp, fp, th)
    }

    /// As `enter`, in a generator's frame: native code suspends or ends it, and this goes on in who resumed it.
    #[inline(never)]
    enter_generator(ip, sp, fp, th) {
        crate::save!(ip, sp, fp, th);
        let Some(g) = Frame(fp).generator() else { return super::control::unknown(ip, sp, fp, th) };
        let flags = Frame(fp).flags();
        let prev = (*fp.offset(frame::PREV) & !1) as *mut u64;
        let ret = (*fp.offset(frame::RET_SP) & !1) as *mut u64;
        let entry: Entry = *((*ip).arg as *const Entry);
        let r = entry(th, fp);
        if r & !LEFT == 0 {
            return after(r, th);
        }
        if flags & flag::ENTRY != 0 {
            return r;
        }
        let closed = g.state.bits() == super::gens::CLOSED;
        let ip = (*prev.offset(frame::IP) & !1) as *mut Op;
        if flags & flag::BY_FOR != 0 {
            if closed {
                next!(super::loops::exit_target(ip), ret, prev, th)
            }
            *ret = r;
            return super::loops::for_resumed(ip, ret, prev, th);
        }
        *ret = r;
        next!(if closed { ip.offset((*ip).arg as isize) } else { ip.add(2) }, ret.add(1), prev, th)
    }

    /// Where native code runs a generator on its saved words (`gens::run_in_place`). A frame that is on the VM stack
    /// is the interpreter's.
    resume_in_place(ip, sp, fp, th) {
        if th.mutator.poll() {
            return loop_compiled_poll(ip, sp, fp, th);
        }
        next!(ip.add(1), sp, fp, th)
    }

    /// Backward jump of a compiled loop.
    loop_compiled(ip, sp, fp, th) {
        if th.mutator.poll() {
            return loop_compiled_poll(ip, sp, fp, th);
        }
        enter(ip, sp, fp, th)
    }

    #[inline(never)]
    loop_compiled_poll(ip, sp, fp, th) {
        crate::save!(ip, sp, fp, th);
        match crate::check!(super::control::polled(th, ip, fp), ip, sp, fp, th) {
            Some(traced) => next!(traced, sp, fp, th),
            // Events are wanted and this is a callback: on without asking again.
            None if th.mutator.poll() && (*ip).h == loop_compiled as *const () as usize => {
                next!(ip.offset((*((*ip).arg as *const LoopCode)).plain as i32 as isize), sp, fp, th)
            }
            None if th.mutator.poll() && is_resumed_compiled(ip) => {
                next!(ip.add(1), sp, fp, th)
            }
            // What the poll ran may have put the plain jump back.
            None => next!(ip, sp, fp, th),
        }
    }

    /// `StartCode` and `LoopCode` both begin with the entry.
    #[inline(never)]
    enter(ip, sp, fp, th) {
        if Frame(fp).flags() & flag::GENERATOR != 0 {
            return enter_generator(ip, sp, fp, th);
        }
        crate::save!(ip, sp, fp, th);
        let entry: Entry = *((*ip).arg as *const Entry);
        let r = entry(th, fp);
        if r & !LEFT == 0 {
            return after(r, th);
        }
        // `return_value` leaves the frame as it finds it.
        let sp = fp.add(locals_of(fp));
        *sp = r;
        super::calls::return_value(ip, sp.add(1), fp, th)
    }
}

unsafe fn locals_of(fp: *mut u64) -> usize {
    Frame(fp).code().nlocalsplus.get() as usize
}

/// Go on where compiled code left off.
unsafe extern "C" fn after(r: u64, th: &Thread) -> u64 {
    let [ip, sp, fp] = th.trampoline.take();
    let (ip, sp, fp) = (ip as *mut Op, sp as *mut u64, fp as *mut u64);
    // SAFETY: compiled code left a complete frame and its instruction.
    unsafe {
        if r == LEFT {
            next!(ip, sp, fp, th)
        }
        if let Some(v) = th.left.get() {
            th.left.init(None);
            let Some(done) = what_is_done(Frame(fp)) else {
                crate::error::raise(
                    th,
                    crate::classes::C::SystemError,
                    "a result without a call",
                );
                return super::unwind::unwind(ip, sp, fp, th);
            };
            // The instruction at `ip` is done.
            let base = sp.sub(done.operands);
            if done.gives {
                *base = v.bits();
            }
            next!(ip.add(done.words), base.add(done.gives as usize), fp, th)
        }
        super::unwind::unwind(ip, sp, fp, th)
    }
}

/// Run the interpreter on the frame that compiled code left until that frame is done; the result or 0.
///
/// # Safety
/// `Thread::trampoline` holds what `LEFT` and `RAISED` promise; the frame has `flag::ENTRY`.
pub unsafe fn run_left(th: &Thread, r: u64) -> u64 {
    // SAFETY: the caller's promise.
    unsafe {
        // Frames that were inlined stand above the one that the native caller pushed.
        let mut f = Frame(th.fp.get());
        while f.flags() & flag::ENTRY == 0
            && let Some(p) = f.prev()
        {
            f = p;
        }
        let code = f.code();
        let r = after(r, th);
        #[cfg(not(habu_threaded))]
        let r = super::enter::dispatch(th, r);
        result(th, code, r)
    }
}

/// The entry of code that is not compiled: the interpreter runs the frame.
///
/// # Safety
/// As compiled code: `fp` is a frame that compiled code pushed.
pub unsafe extern "C" fn interpret(th: &Thread, fp: *mut u64) -> u64 {
    let f = Frame(fp);
    f.called_by_native();
    let code = f.code();
    // SAFETY: the caller's promise: arguments are bound, the other locals are not written yet.
    unsafe {
        let bound = Value::from_bits(f.func().simple_argc.bits())
            .and_then(|v| v.as_int())
            .unwrap_or(0)
            .max(0) as usize;
        let n = code.nlocalsplus.get() as usize;
        super::zero_words(fp.add(bound.min(n)), n - bound.min(n));
        th.mutator.vm_top.set(fp.add(n));
        *fp.offset(frame::IP) = 1;
        th.fp.set(fp);
        let ops = match th
            .check_native_stack()
            .and_then(|_| super::ops_of(th, code))
        {
            Ok(o) => o,
            Err(_) => {
                // The frame never ran: it goes without a traceback entry.
                let prev = (*fp.offset(frame::PREV) & !1) as *mut u64;
                th.fp.set(prev);
                return 0;
            }
        };
        *fp.offset(frame::IP) = ops.start() as u64 | 1;
        match super::run(th, ops.start(), fp.add(n), fp) {
            Ok(v) => result(th, code, v.bits()),
            Err(_) => 0,
        }
    }
}

/// What a native caller gets for the result of `code`. Where events have come to be wanted meanwhile, it is told that
/// there is none and leaves its frame to the interpreter, which finds the result in `Thread::left`.
#[inline(always)]
fn result(th: &Thread, code: Gc<CodeObj>, r: u64) -> u64 {
    if r != 0 && (super::events::wanted() != 0 || was_changed(th)) {
        return leave_with(th, Some(code), r);
    }
    r
}

/// Were the current frame's locals changed from outside?
#[inline(always)]
fn was_changed(th: &Thread) -> bool {
    !th.changed.get().is_null() && th.changed.get() == th.fp.get()
}

/// What the runtime gives back to native code that has called it, which leaves its frame if others have changed that.
#[inline(always)]
pub fn came_back(th: &Thread, r: u64) -> u64 {
    if r != 0 && was_changed(th) {
        return leave_with(th, None, r);
    }
    r
}

#[cold]
#[inline(never)]
fn leave_with(th: &Thread, code: Option<Gc<CodeObj>>, r: u64) -> u64 {
    th.changed.set(std::ptr::null_mut());
    let Some(caller) = frame::current(th) else {
        return r;
    };
    // What a class's call makes is not what its `__init__` returns.
    let init = code.is_some_and(|c| crate::core::code::name(c) == "__init__");
    if what_is_done(caller).is_none() || init {
        return r;
    }
    th.left.init(Value::from_bits(r));
    0
}

/// What native code gave to a caller that is not native, for which leaving with the result means nothing.
pub fn given(th: &Thread, r: u64) -> crate::thread::R {
    if r == 0
        && let Some(v) = th.left.get()
    {
        th.left.init(None);
        return Ok(v);
    }
    Value::from_bits(r).ok_or(crate::thread::Raised)
}

/// An instruction whose result is there though its frame still stands before it.
struct Done {
    /// Words of the operand stack that it takes, and whether it leaves one.
    operands: usize,
    gives: bool,
    /// Words of threaded code.
    words: usize,
}

/// The instruction that the frame is at, where native code can be told to leave behind it.
fn what_is_done(f: Frame) -> Option<Done> {
    use habu_bytecode::Op as B;
    let code = f.code();
    let bytes = code.bytecode();
    let at = f.lasti()? as usize;
    let unit = bytes.get(at..at + 2)?;
    let (operands, gives) = match unit[0] {
        op if op == B::CALL as u8 => (unit[1] as usize + 2, true),
        op if op == B::CALL_KW as u8 => (unit[1] as usize + 3, true),
        op if op == B::CALL_FUNCTION_EX as u8 => (4, true),
        op if op == B::STORE_SUBSCR as u8 => (3, false),
        _ => return None,
    };
    // More arguments than fit have a prefix: the caller stays where it is.
    let prefixed = at >= 2 && bytes[at - 2] == B::EXTENDED_ARG as u8;
    (!prefixed).then_some(Done {
        operands,
        gives,
        words: 1 + gives as usize,
    })
}

/// Has the code native code that calls enter?
pub fn is_compiled(code: Gc<CodeObj>) -> bool {
    code.entry.get() != interpret as *const () as u64
}

/// Does the first instruction keep compiled code?
unsafe fn is_start(op: *mut Op) -> bool {
    // SAFETY: the caller has an instruction.
    let h = unsafe { (*op).h };
    h == start_compiled as *const () as usize
        || h == super::trace_ops::start_parked as *const () as usize
}

/// Let the first instruction of a compiled function enter traced code instead.
///
/// # Safety
/// `ops` is a code object's threaded code.
pub unsafe fn park_start(ops: Gc<OpsObj>) {
    // SAFETY: the first instruction exists.
    unsafe {
        let op = ops.start();
        if is_start(op) {
            (*op).h = super::trace_ops::start_parked as *const () as usize;
        }
    }
}

/// Let it enter compiled code again, which is the result.
///
/// # Safety
/// As above.
pub unsafe fn unpark_start(ops: Gc<OpsObj>) -> Option<Entry> {
    // SAFETY: the first instruction exists; its argument is a `StartCode` if it has the handler.
    unsafe {
        let op = ops.start();
        if !is_start(op) {
            return None;
        }
        (*op).h = start_compiled as *const () as usize;
        Some((*((*op).arg as *const StartCode)).entry)
    }
}

/// Put the plain instruction of a compiled function's start back.
///
/// # Safety
/// `ops` is a code object's threaded code.
pub unsafe fn uninstall_start(ops: Gc<OpsObj>) {
    // SAFETY: the first instruction exists; its argument is a `StartCode` if it has the handler.
    unsafe {
        let op = ops.start();
        if is_start(op) {
            *op = (*((*op).arg as *const StartCode)).plain;
        }
    }
}

/// Make the function's first instruction enter compiled code.
///
/// # Safety
/// `ops` is a code object's threaded code.
pub unsafe fn install_start(ops: Gc<OpsObj>, entry: Entry) {
    // SAFETY: the first instruction exists.
    unsafe {
        uninstall_start(ops);
        let op = ops.start();
        let c = Box::leak(Box::new(StartCode {
            entry,
            plain: *op,
            shown: false,
        }));
        (*op).arg = c as *const StartCode as u64;
        (*op).h = start_compiled as *const () as usize;
    }
}

/// Make a backward jump enter compiled code, or plain again.
///
/// # Safety
/// `op` is a backward jump.
pub unsafe fn install_loop(op: *mut Op, entry: Option<Entry>) {
    // SAFETY: the caller's promise.
    unsafe {
        if (*op).h == loop_compiled as *const () as usize {
            (*op).arg = (*((*op).arg as *const LoopCode)).plain;
            (*op).h = super::control::jump_backward as *const () as usize;
        }
        if let Some(entry) = entry {
            let plain = (*op).arg;
            let c = Box::leak(Box::new(LoopCode { entry, plain }));
            (*op).arg = c as *const LoopCode as u64;
            (*op).h = loop_compiled as *const () as usize;
        }
    }
}

/// Make a RESUME of a generator enter compiled code, or plain again with this countdown.
///
/// # Safety
/// `op` is such a RESUME.
pub unsafe fn install_resume(op: *mut Op, entry: Option<(Entry, Place)>, count: u32) {
    // SAFETY: the caller's promise; the argument is a `StartCode` if it has one of the handlers.
    unsafe {
        if is_resumed_compiled(op) {
            *op = (*((*op).arg as *const StartCode)).plain;
        }
        match entry {
            Some((entry, place)) => {
                let c = Box::leak(Box::new(StartCode {
                    entry,
                    plain: *op,
                    shown: place == Place::Shown,
                }));
                (*op).arg = c as *const StartCode as u64;
                (*op).h = match place {
                    Place::Stack => resume_compiled as *const () as usize,
                    _ => resume_in_place as *const () as usize,
                };
            }
            None => (*op).arg = count as u64,
        }
    }
}

unsafe fn is_resumed_compiled(op: *const Op) -> bool {
    // SAFETY: the callers have an instruction.
    let h = unsafe { (*op).h };
    h == resume_compiled as *const () as usize || h == resume_in_place as *const () as usize
}

/// The compiled code that runs on a generator's saved words from this RESUME on, and whether its frame may be looked at.
///
/// # Safety
/// `op` is an instruction.
#[inline(always)]
pub unsafe fn in_place_entry(op: *const Op) -> Option<(Entry, bool)> {
    // SAFETY: the handler says what the argument is.
    unsafe {
        if (*op).h != resume_in_place as *const () as usize {
            return None;
        }
        let code = &*((*op).arg as *const StartCode);
        Some((code.entry, code.shown))
    }
}

/// The compiled code that a generator's RESUME enters with a frame.
///
/// # Safety
/// `op` is an instruction.
pub unsafe fn resumed_entry(op: *const Op) -> Option<Entry> {
    // SAFETY: the handler says what the argument is.
    unsafe {
        ((*op).h == resume_compiled as *const () as usize)
            .then(|| (*((*op).arg as *const StartCode)).entry)
    }
}

/// Let the function's calls count down again.
///
/// # Safety
/// `ops` is a code object's threaded code.
pub unsafe fn recount_start(ops: Gc<OpsObj>, n: u32) {
    // SAFETY: the caller's promise; a RESUME has a countdown.
    unsafe {
        if let Some(op) = start_count(ops) {
            (*op).arg = n as u64;
        }
    }
}

/// Make the RESUME at this bytecode offset plain again, if it enters compiled code, and let it count down.
///
/// # Safety
/// As above.
pub unsafe fn recount_resume(ops: Gc<OpsObj>, offset: u32, n: u32) {
    let op = ops.op_at(offset);
    // SAFETY: an op of this code.
    unsafe {
        if is_resumed_compiled(op) {
            install_resume(op, None, n);
        }
    }
}

/// Make the backward jumps to the loop header at this bytecode offset plain again, and let them count down.
///
/// # Safety
/// As above.
pub unsafe fn recount_loops(ops: Gc<OpsObj>, header: u32, n: u32) {
    let target = ops.op_at(header);
    for i in 0..ops.count.get() as usize {
        // SAFETY: below the count; the handlers say what the arguments are.
        unsafe {
            let op = ops.start().add(i);
            if (*op).h == loop_compiled as *const () as usize {
                let plain = (*((*op).arg as *const LoopCode)).plain;
                if op.offset(plain as i32 as isize) == target {
                    install_loop(op, None);
                    set_loop_count(op, n);
                }
            }
        }
    }
}

/// A loop that is not compiled: its backward jump, its header, and what is left of its countdown.
#[derive(Clone, Copy)]
struct Counted {
    jump: *mut Op,
    header: *mut Op,
    left: u32,
}

impl Counted {
    fn is_around(&self, at: *mut Op) -> bool {
        self.header <= at && self.jump > at
    }
    /// Iterations of one that has come to be compiled if it is hot: what counts down from `NEVER` is not.
    fn done(&self) -> Option<u32> {
        (self.left < NEVER / 2).then(|| loop_threshold().saturating_sub(self.left))
    }
}

/// The loops of this code that count down.
///
/// # Safety
/// `ops` is a code object's threaded code.
unsafe fn counted_loops(ops: Gc<OpsObj>) -> impl Iterator<Item = Counted> {
    (0..ops.count.get() as usize).filter_map(move |i| {
        // SAFETY: below the count; plain backward jumps have a distance and a countdown.
        unsafe {
            let jump = ops.start().add(i);
            ((*jump).h == super::control::jump_backward as *const () as usize).then(|| Counted {
                jump,
                header: jump.offset((*jump).arg as i32 as isize),
                left: ((*jump).arg >> 32) as u32,
            })
        }
    })
}

/// Let the innermost loop around this op count down from `n` at most.
///
/// # Safety
/// As above; `at` is one of its ops.
pub unsafe fn hurry_loop_at(ops: Gc<OpsObj>, at: *mut Op, n: u32) {
    // SAFETY: the caller's promise.
    unsafe {
        let around = counted_loops(ops).filter(|l| l.is_around(at));
        let inner = around.max_by_key(|l| l.header);
        if let Some(l) = inner.filter(|l| l.left >= n && l.done().is_some()) {
            set_loop_count(l.jump, n);
        }
    }
}

/// Let the innermost loop around this op that has come round `least` times be handed over at its next iteration. Was
/// there one that had not been told so before?
///
/// # Safety
/// As above.
pub unsafe fn hand_over_loop_at(ops: Gc<OpsObj>, at: *mut Op, least: u32) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let worn = |l: &Counted| l.is_around(at) && l.done().is_some_and(|n| n >= least);
        let found = counted_loops(ops).filter(worn).max_by_key(|l| l.header);
        found.is_some_and(|l| {
            set_loop_count(l.jump, 0);
            l.left != 0
        })
    }
}

/// As above, of the outermost loop that is truly around the one with this header.
///
/// # Safety
/// As above.
pub unsafe fn hand_over_loop_around(ops: Gc<OpsObj>, header: u32, least: u32) -> bool {
    let inner = ops.op_at(header);
    // SAFETY: the caller's promise.
    unsafe {
        let worn = |l: &Counted| {
            l.is_around(inner) && l.header != inner && l.done().is_some_and(|n| n >= least)
        };
        let found = counted_loops(ops).filter(worn).min_by_key(|l| l.header);
        found.is_some_and(|l| {
            set_loop_count(l.jump, 0);
            l.left != 0
        })
    }
}

/// Let the loops around the one with this header be handed over at their next iteration.
///
/// # Safety
/// As above.
pub unsafe fn hurry_loops_around(ops: Gc<OpsObj>, header: u32) {
    let inner = ops.op_at(header);
    // SAFETY: the caller's promise.
    unsafe {
        for l in counted_loops(ops) {
            if l.is_around(inner) && l.left != NEVER {
                set_loop_count(l.jump, 0);
            }
        }
    }
}

/// Calls of a function that has come to be compiled if it is hot, and is not.
///
/// # Safety
/// As above.
pub unsafe fn calls_done(ops: Gc<OpsObj>) -> Option<u32> {
    // SAFETY: the caller's promise.
    let resume = unsafe { start_count(ops) }?;
    // SAFETY: a RESUME that counts.
    let left = unsafe { (*resume).arg };
    (left < NEVER as u64 / 2).then(|| call_threshold().saturating_sub(left as u32))
}

/// Let the function be handed over at its next call. Had nobody said so before?
///
/// # Safety
/// As above.
pub unsafe fn hand_over_start(ops: Gc<OpsObj>) -> bool {
    // SAFETY: the caller's promise; a RESUME has a countdown.
    unsafe { start_count(ops).is_some_and(|op| std::mem::replace(&mut (*op).arg, 0) != 0) }
}

/// The RESUME that counts the calls.
///
/// # Safety
/// As above.
unsafe fn start_count(ops: Gc<OpsObj>) -> Option<*mut Op> {
    (0..ops.count.get() as usize)
        // SAFETY: below the count.
        .map(|i| unsafe { ops.start().add(i) })
        // SAFETY: as above.
        .find(|&op| unsafe { (*op).h } == super::control::resume as *const () as usize)
}

//! Generators and coroutines: suspended frames. Resuming copies the frame's words onto the VM stack, yielding
//! copies them back, so that a running frame is always an ordinary one.

use super::frame::{self, Frame, flag};
use super::{Op, val};
use crate::classes::C;
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{call, iter};
use crate::thread::{R, Raised, Thread};
use crate::{check, next, raised, save};
use habu_bytecode::CodeFlags;
use habu_heap::Value;

pub const CREATED: u64 = 1;
pub const SUSPENDED: u64 = 3;
pub const RUNNING: u64 = 5;
pub const CLOSED: u64 = 7;

const HEAD_WORDS: usize = std::mem::size_of::<GeneratorObj>() / 8;

pub(super) fn saved(g: Gc<GeneratorObj>) -> *mut u64 {
    // SAFETY: saved words stand behind the struct.
    unsafe { g.raw().add(1) as *mut u64 }
}

/// Words of the frame that a generator keeps: locals, then operands.
#[inline(always)]
fn saved_words(g: Gc<GeneratorObj>) -> usize {
    (g.sizes.get() >> 32) as usize - (HEAD_WORDS - 2)
}

#[inline(always)]
pub fn can_resume_inline(g: Gc<GeneratorObj>) -> bool {
    g.state.bits() <= SUSPENDED
}

#[inline(always)]
fn is_delegating(g: Gc<GeneratorObj>) -> bool {
    // SAFETY: a generator stands at an instruction.
    g.state.bits() == SUSPENDED && unsafe { (*((g.ip.bits() & !1) as *const Op)).arg } != 0
}

/// Value that a delegating (`yield from`, `await`) suspended generator waits for.
#[inline]
pub fn delegate(g: Gc<GeneratorObj>) -> Option<Value> {
    if !is_delegating(g) {
        return None;
    }
    // SAFETY: a suspended generator stands at its YIELD_VALUE; the words are as it left them.
    unsafe { Value::from_bits(*saved(g).add(saved_words(g) - 1)) }
}

/// The generator or coroutine that one suspended in `yield from` or `await` waits for, where that is suspended as well.
#[inline(always)]
pub fn waits_for(g: Gc<GeneratorObj>) -> Option<Gc<GeneratorObj>> {
    if !is_delegating(g) {
        return None;
    }
    let other = delegate(g)?;
    if other.kind() != kinds::GENERATOR || other.shape() == C::AsyncGenerator.shape() {
        return None;
    }
    // SAFETY: a generator or coroutine.
    let other: Gc<GeneratorObj> = unsafe { other.cast_unchecked() };
    (other.state.bits() == SUSPENDED).then_some(other)
}

pub fn code_of(g: Gc<GeneratorObj>) -> Gc<CodeObj> {
    // SAFETY: a generator always has its function, and that its code.
    unsafe {
        let f: Gc<FunctionObj> = g.func.get_unchecked().cast_unchecked();
        f.code.get_unchecked().cast_unchecked()
    }
}

/// Local `i` of a suspended generator.
pub fn saved_local(g: Gc<GeneratorObj>, i: usize) -> Option<Value> {
    if g.state.bits() > SUSPENDED || i >= code_of(g).nlocalsplus.get() as usize {
        return None;
    }
    // SAFETY: locals are saved while it is suspended.
    unsafe { Value::from_bits(*saved(g).add(i)) }
}

pub fn set_saved_local(th: &Thread, g: Gc<GeneratorObj>, i: usize, v: Option<Value>) {
    if g.state.bits() <= SUSPENDED && i < code_of(g).nlocalsplus.get() as usize {
        // SAFETY: as above.
        unsafe { th.set(g, &*(saved(g).add(i) as *const habu_heap::Slot), v) }
    }
}

/// A local of a live frame is about to be changed from outside: the frame may be a generator's own words.
pub fn before_store(th: &Thread, f: Frame) {
    if let Some(g) = f.generator() {
        // SAFETY: a live object.
        unsafe { th.mutator.barrier(g.header()) }
    }
}

/// Put the generator's frame on the VM stack at `sp` and make it current.
///
/// # Safety
/// `sp` is the top of the VM stack, `fp` the current frame; the generator can be resumed.
pub unsafe fn resume_inline(
    th: &Thread,
    g: Gc<GeneratorObj>,
    fp: *mut u64,
    sp: *mut u64,
    flags: u64,
) -> R<(*mut Op, *mut u64, *mut u64)> {
    // SAFETY: limits are checked before the words are written.
    unsafe {
        let new = sp.add(frame::HEADER);
        // Its room holds all that the frame can ever need.
        let room = g.sizes.get() as u32 as usize - HEAD_WORDS;
        if new.add(room + 8) > th.vm_limit.get() {
            return Err(error::recursion(th));
        }
        let depth = if fp.is_null() { 0 } else { Frame(fp).depth() } + flag::DEPTH;
        if depth > th.depth_limit.get() {
            return Err(error::recursion(th));
        }
        let ip = (g.ip.bits() & !1) as *mut Op;
        *new.offset(frame::PREV) = fp as u64 | 1;
        *new.offset(frame::IP) = ip as u64 | 1;
        *new.offset(frame::RET_SP) = sp as u64 | 1;
        let mut bits = depth | flags | flag::GENERATOR | flag::TAG;
        *new.offset(frame::EXTRA) = g.value().bits();
        if let Some(o) = g.frame.get().and_then(|o| o.cast::<FrameObj>()) {
            *new.offset(frame::EXTRA) = o.value().bits();
            o.fp.init_bits(new as u64 | 1);
            bits |= flag::FRAME_OBJECT;
        }
        *new.offset(frame::FLAGS) = bits;
        *new.offset(frame::FUNC) = g.func.bits();
        let words = saved_words(g);
        super::copy_words(new, saved(g), words);
        g.state.init_bits(RUNNING);
        take_handled(th, g);
        th.fp.set(new);
        Ok((ip.add(1), new.add(words), new))
    }
}

/// Save the frame's words; `sp` is the top of its operand stack.
unsafe fn suspend(th: &Thread, g: Gc<GeneratorObj>, ip: *mut Op, sp: *mut u64, fp: *mut u64) {
    // SAFETY: the generator has room for its frame; the barrier comes before the bulk store.
    unsafe {
        th.mutator.barrier(g.header());
        let words = (sp as usize - fp as usize) / 8;
        super::copy_words(saved(g), fp, words);
        g.sizes
            .set(sizes(g.sizes.get() as u32 as usize, HEAD_WORDS - 2 + words));
        g.ip.init_bits(ip as u64 | 1);
        g.state.init_bits(SUSPENDED);
        leave(th, g, fp);
    }
}

/// Handled exceptions and the frame object go back to the suspended (or finished) state.
pub(super) unsafe fn leave(th: &Thread, g: Gc<GeneratorObj>, fp: *mut u64) {
    if th.handled.bits() != 0 || g.handled.bits() != 0 {
        th.set(g, &g.handled, th.handled.get());
    }
    th.handled.init(g.caller_handled.get());
    g.caller_handled.init(None);
    if let Some(o) = g.frame.get().and_then(|o| o.cast::<FrameObj>()) {
        let f = Frame(fp);
        o.lasti
            .init(Some(Value::small_int(f.lasti().map_or(-1, |o| o as i64))));
        o.fp.init(None);
        o.back.init(None);
    }
}

fn finish(th: &Thread, g: Gc<GeneratorObj>, fp: *mut u64) {
    // SAFETY: the frame is the generator's, which is running.
    unsafe {
        if g.frame.bits() != 0 {
            // The object keeps the locals as they are now.
            let f = Frame(fp);
            f.set_ip(f.ip());
            frame::detach(th, f);
        }
        leave(th, g, fp);
    }
    close(g);
}

fn close(g: Gc<GeneratorObj>) {
    g.handled.init(None);
    g.state.init_bits(CLOSED);
    g.sizes
        .set(sizes(g.sizes.get() as u32 as usize, HEAD_WORDS - 2));
    g.frame.init(None);
}

/// The generator's frame is being left by an exception.
pub fn finish_raised(th: &Thread, f: Frame) {
    if let Some(g) = f.generator() {
        finish(th, g, f.0);
    }
}

crate::handlers! {
    /// First instruction of a generator function: its frame becomes an object and leaves.
    return_generator(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let f = Frame(fp);
        let g = check!(new_generator(th, f, ip), ip, sp, fp, th);
        let flags = f.flags();
        let prev = (*fp.offset(frame::PREV) & !1) as *mut u64;
        let ret = (*fp.offset(frame::RET_SP) & !1) as *mut u64;
        frame::detach(th, f);
        th.fp.set(prev);
        th.mutator.vm_top.set(ret);
        if flags & flag::ENTRY != 0 {
            return g.bits();
        }
        *ret = g.bits();
        let ip = (*prev.offset(frame::IP) & !1) as *mut Op;
        next!(ip.add(2), ret.add(1), prev, th)
    }

    yield_value(ip, sp, fp, th) {
        *fp.offset(frame::IP) = ip as u64 | 1;
        let f = Frame(fp);
        let w = *sp.sub(1);
        let Some(g) = f.generator() else { return super::control::unknown(ip, sp, fp, th) };
        let flags = f.flags();
        let prev = (*fp.offset(frame::PREV) & !1) as *mut u64;
        let ret = (*fp.offset(frame::RET_SP) & !1) as *mut u64;
        suspend(th, g, ip, sp.sub(1), fp);
        th.fp.set(prev);
        th.mutator.vm_top.set(ret);
        if flags & flag::ENTRY != 0 {
            return w;
        }
        let ip = (*prev.offset(frame::IP) & !1) as *mut Op;
        *ret = w;
        if flags & flag::BY_FOR != 0 {
            return super::loops::for_resumed(ip, ret, prev, th);
        }
        next!(ip.add(2), ret.add(1), prev, th)
    }

    /// RETURN_VALUE in a generator's frame.
    generator_return(ip, sp, fp, th) {
        let f = Frame(fp);
        let w = *sp.sub(1);
        let Some(g) = f.generator() else { return super::control::unknown(ip, sp, fp, th) };
        let flags = f.flags();
        let prev = (*fp.offset(frame::PREV) & !1) as *mut u64;
        let ret = (*fp.offset(frame::RET_SP) & !1) as *mut u64;
        finish(th, g, fp);
        th.fp.set(prev);
        th.mutator.vm_top.set(ret);
        if flags & flag::ENTRY != 0 {
            return w;
        }
        let ip = (*prev.offset(frame::IP) & !1) as *mut Op;
        if flags & flag::BY_FOR != 0 {
            next!(super::loops::exit_target(ip), ret, prev, th)
        }
        *ret = w;
        next!(ip.offset((*ip).arg as isize), ret.add(1), prev, th)
    }

    /// Stack: receiver, value. Wide; `arg` is the distance to where the receiver's return goes.
    send(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let (r, v) = (val(*sp.sub(2)), val(*sp.sub(1)));
        if r.kind() == kinds::GENERATOR && r.shape() != C::AsyncGenerator.shape() {
            let g: Gc<GeneratorObj> = r.cast_unchecked();
            if can_resume_inline(g) && (g.state.bits() != CREATED || v.is_none()) {
                if let Some(r) = run_in_place(th, g, v) {
                    *sp.sub(1) = check!(r, ip, sp, fp, th).bits();
                    let closed = g.state.bits() == CLOSED;
                    next!(if closed { ip.offset((*ip).arg as isize) } else { ip.add(2) }, sp, fp, th)
                }
                if waits_for(g).is_some() {
                    let yielded = check!(send_native(th, sp), ip, sp, fp, th);
                    next!(if yielded { ip.add(2) } else { ip.offset((*ip).arg as isize) }, sp, fp, th)
                }
                let (gip, gsp, gfp) = check!(resume_inline(th, g, fp, sp, flag::BY_SEND), ip, sp, fp, th);
                *gfp.offset(frame::RET_SP) = sp.sub(1) as u64 | 1;
                *gsp = v.bits();
                next!(gip, gsp.add(1), gfp, th)
            }
        }
        let yielded = check!(send_native(th, sp), ip, sp, fp, th);
        next!(if yielded { ip.add(2) } else { ip.offset((*ip).arg as isize) }, sp, fp, th)
    }

    end_send(ip, sp, fp, th) {
        *sp.sub(2) = *sp.sub(1);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    /// Stack: sub-iterator, last value sent, exception.
    cleanup_throw(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let exc = val(*sp.sub(1));
        if crate::core::class::is_a(exc, C::StopIteration) {
            let v = exc.cast::<ExcObj>().and_then(|e| e.f0.get()).unwrap_or(Value::NONE);
            *sp.sub(3) = Value::NONE.bits();
            *sp.sub(2) = v.bits();
            next!(ip.add(1), sp.sub(1), fp, th)
        }
        th.pending.init(Some(exc));
        super::unwind::unwind_again(ip, ip, sp.sub(1), fp, th)
    }

    get_yield_from_iter(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let v = val(*sp.sub(1));
        let f = Frame(fp);
        if v.shape() == C::Coroutine.shape() {
            let ok = (CodeFlags::COROUTINE | CodeFlags::ITERABLE_COROUTINE) as u64;
            if f.code().flags.get() & ok == 0 {
                error::type_error(th, "cannot 'yield from' a coroutine object in a non-coroutine generator");
                raised!(ip, sp, fp, th)
            }
        } else if v.shape() != C::Generator.shape() {
            *sp.sub(1) = check!(iter::get(th, v), ip, sp, fp, th).bits();
        }
        next!(ip.add(1), sp, fp, th)
    }

    get_awaitable(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let v = val(*sp.sub(1));
        let r = crate::types::generator::awaitable_iter(th, v, (*ip).arg as u32);
        *sp.sub(1) = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(1), sp, fp, th)
    }

    get_aiter(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        *sp.sub(1) = check!(crate::types::asyncgen::get_aiter(th, val(*sp.sub(1))), ip, sp, fp, th).bits();
        next!(ip.add(1), sp, fp, th)
    }

    get_anext(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        *sp = check!(crate::types::asyncgen::get_anext(th, val(*sp.sub(1))), ip, sp, fp, th).bits();
        next!(ip.add(1), sp.add(1), fp, th)
    }

    /// Stack: async iterator, exception.
    end_async_for(ip, sp, fp, th) {
        let exc = val(*sp.sub(1));
        if crate::core::class::is_a(exc, C::StopAsyncIteration) {
            next!(ip.add(1), sp.sub(2), fp, th)
        }
        th.pending.init(Some(exc));
        super::unwind::unwind_again(ip, ip, sp.sub(1), fp, th)
    }
}

/// `SEND`: what the receiver yields, or returns.
pub fn send_value(th: &Thread, r: Value, v: Value) -> R<Sent> {
    if r.kind() == kinds::GENERATOR && r.shape() != C::AsyncGenerator.shape() {
        let g: Gc<GeneratorObj> = crate::thread::expect(r);
        if can_resume_inline(g) && (g.state.bits() != CREATED || v.is_none()) {
            return resume(th, g, v, None);
        }
    }
    sent(th, r, v)
}

/// Send from native code; the result replaces the value. True where it yielded.
#[inline(never)]
pub(super) unsafe fn send_native(th: &Thread, sp: *mut u64) -> R<bool> {
    // SAFETY: receiver and value stand below `sp`.
    unsafe {
        let (x, yielded) = match send_value(th, val(*sp.sub(2)), val(*sp.sub(1)))? {
            Sent::Yield(x) => (x, true),
            Sent::Return(x) => (x, false),
        };
        *sp.sub(1) = x.bits();
        Ok(yielded)
    }
}

fn sent(th: &Thread, r: Value, v: Value) -> R<Sent> {
    if v.is_none() && r.kind() != kinds::GENERATOR {
        return next_or_return(th, r);
    }
    match call::method(th, r, nm(N::Send), &[v]) {
        Ok(x) => Ok(Sent::Yield(x)),
        Err(_) => Ok(Sent::Return(stop_value(th)?)),
    }
}

pub enum Sent {
    Yield(Value),
    Return(Value),
}

fn next_or_return(th: &Thread, it: Value) -> R<Sent> {
    if it.shape() < crate::classes::FIRST_DYNAMIC_SHAPE
        && let Some(next) = crate::types::iters::native_next(it.kind())
    {
        return Ok(match next(th, it)? {
            Some(v) => Sent::Yield(v),
            None => Sent::Return(Value::NONE),
        });
    }
    match iter::next_keep_stop(th, it) {
        Ok(v) => Ok(Sent::Yield(v)),
        Err(_) => Ok(Sent::Return(stop_value(th)?)),
    }
}

/// The value of the pending StopIteration, which is swallowed; other exceptions go on.
pub fn stop_value(th: &Thread) -> R {
    if !error::matches(th, C::StopIteration) {
        return Err(Raised);
    }
    let e = th.take();
    Ok(e.cast::<ExcObj>()
        .and_then(|e| e.f0.get())
        .unwrap_or(Value::NONE))
}

fn new_generator(th: &Thread, f: Frame, ip: *mut Op) -> R {
    let code = f.code();
    let flags = code.flags.get() as u32;
    let n = code.nlocalsplus.get() as usize;
    let total = HEAD_WORDS + n + code.stacksize.get() as usize + 1;
    let c = if flags & CodeFlags::ASYNC_GENERATOR != 0 {
        C::AsyncGenerator
    } else if flags & CodeFlags::COROUTINE != 0 {
        C::Coroutine
    } else {
        C::Generator
    };
    let func = f.func();
    let g: Gc<GeneratorObj> = th.alloc(c.shape(), 0, total * 8)?;
    g.sizes.set(sizes(total, HEAD_WORDS - 2 + n));
    g.name.init(func.name.get());
    g.qualname.init(func.qualname.get());
    g.func.init(Some(func.value()));
    for s in [
        &g.frame,
        &g.handled,
        &g.caller_handled,
        &g.origin,
        &g.hooks,
        &g.running_async,
        &g.sink,
        &g.prev,
        &g.ret_sp,
        &g.frame_flags,
        &g.extra,
    ] {
        s.init(None);
    }
    g.state.init_bits(CREATED);
    g.ip.init_bits(ip as u64 | 1);
    // SAFETY: the object has room for the locals.
    unsafe { super::copy_words(saved(g), f.0, n) };
    if c == C::Coroutine {
        crate::types::generator::new_coroutine(th, g)?;
    }
    if flags & CodeFlags::GENERATOR == 0 || code.exceptions().len() > 12 {
        th.mutator.register_finalizer(g.header());
    }
    Ok(g.value())
}

/// The object of a generator whose frame runs already, as native code has made it of a generator that had none.
///
/// # Safety
/// The frame stands on the VM stack with its header; `flag::GENERATOR` is set.
pub unsafe fn of_running(th: &Thread, f: Frame) -> R<Gc<GeneratorObj>> {
    let g: Gc<GeneratorObj> = crate::thread::expect(new_generator(th, f, f.ip())?);
    g.state.init_bits(RUNNING);
    take_handled(th, g);
    // SAFETY: the caller's promise.
    unsafe { *f.0.offset(frame::EXTRA) = g.value().bits() };
    Ok(g)
}

/// Words of the largest frame that native code may have to make of a generator that runs in place.
pub const IN_PLACE_ROOM: usize = 1024;

/// Run a suspended generator on its saved words, where native code can. What it yields or returns (then the generator
/// is closed). `None`: not now.
#[inline]
pub fn run_in_place(th: &Thread, g: Gc<GeneratorObj>, sent: Value) -> Option<R> {
    // SAFETY: the generator is suspended, so `ip` is its instruction and the words are saved; there is room for what
    // is sent. Should native code have to leave, `frame_for` makes the frame, with `flag::ENTRY`.
    unsafe {
        let ip = (g.ip.bits() & !1) as *mut Op;
        let created = g.state.bits() == CREATED;
        if created && !starts_plainly(ip, sent) {
            return None;
        }
        let op = ip.add(1 + created as usize);
        let (entry, shown) = super::tier::in_place_entry(op)?;
        let end = th.mutator.vm_top.get().add(IN_PLACE_ROOM);
        if g.frame.bits() != 0 || th.mutator.poll() || end > th.vm_limit.get() {
            return None;
        }
        let words = saved(g);
        if !created {
            *words.add(saved_words(g)) = sent.bits();
        }
        if shown {
            return run_shown(th, g, entry);
        }
        let r = entry(th, words);
        if r & !super::tier::LEFT != 0 {
            return Some(Ok(Value::from_bits_unchecked(r)));
        }
        let r = super::tier::run_left(th, r);
        Some(super::tier::given(th, r))
    }
}

/// Does the generator that stands at this RETURN_GENERATOR begin with dropping what is sent, before its first RESUME?
///
/// # Safety
/// `ip` is an instruction of a generator that has not run yet.
#[inline(always)]
unsafe fn starts_plainly(ip: *const Op, sent: Value) -> bool {
    // SAFETY: code does not end with a RETURN_GENERATOR, nor with a POP_TOP.
    sent.is_none() && unsafe { (*ip.add(1)).h == super::loads::pop_top as *const () as usize }
}

/// The same for code that calls what may look at the frame, which is where the saved words are: the header stands before
/// them. Frames of what is called, and operands of its own that others write to, are on the VM stack.
///
/// # Safety
/// As for `run_in_place`, which has looked for room.
#[inline(never)]
unsafe fn run_shown(th: &Thread, g: Gc<GeneratorObj>, entry: super::tier::Entry) -> Option<R> {
    // SAFETY: the caller's promise.
    unsafe {
        let (below, top) = (th.fp.get(), th.mutator.vm_top.get());
        let depth = match below.is_null() {
            true => 0,
            false => Frame(below).depth(),
        } + flag::DEPTH;
        if depth > th.depth_limit.get() {
            return None;
        }
        if let Err(r) = th.check_native_stack() {
            return Some(Err(r));
        }
        let words = saved(g);
        *words.offset(frame::PREV) = below as u64 | 1;
        *words.offset(frame::RET_SP) = top as u64 | 1;
        *words.offset(frame::FLAGS) = depth | flag::ENTRY | flag::GENERATOR | flag::TAG;
        *words.offset(frame::EXTRA) = g.value().bits();
        g.state.init_bits(RUNNING);
        take_handled(th, g);
        th.fp.set(words);
        let r = entry(th, words);
        if r & !super::tier::LEFT == 0 {
            // The frame was moved to the VM stack and ends there.
            let r = super::tier::run_left(th, r);
            return Some(super::tier::given(th, r));
        }
        if g.frame.bits() != 0 || th.handled.bits() != 0 || g.caller_handled.bits() != 0 {
            leave(th, g, words);
        }
        th.fp.set(below);
        th.mutator.vm_top.set(top);
        Some(Ok(Value::from_bits_unchecked(r)))
    }
}

/// The frame of a generator that native code runs in place and that others may have looked at, moved to the VM stack
/// without its words.
///
/// # Safety
/// `words` are the saved words of a generator that `run_shown` runs.
pub unsafe fn frame_moved(th: &Thread, words: *mut u64) -> *mut u64 {
    // SAFETY: the caller's promise: the header says where the VM stack ended.
    unsafe {
        let sp = (*words.offset(frame::RET_SP) & !1) as *mut u64;
        let new = sp.add(frame::HEADER);
        for i in 1..=frame::HEADER as isize {
            *new.offset(-i) = *words.offset(-i);
        }
        if let Some(o) = Frame(new).object() {
            o.fp.init_bits(new as u64 | 1);
        }
        th.fp.set(new);
        new
    }
}

/// The frame of a generator that native code runs in place, on the VM stack behind all others, without its words.
///
/// # Safety
/// `words` are the saved words of such a generator; `run_in_place` has looked for room.
pub unsafe fn frame_for(th: &Thread, words: *mut u64) -> *mut u64 {
    // SAFETY: the caller's promise.
    unsafe {
        let g: Gc<GeneratorObj> = Gc::from_raw((words as *mut GeneratorObj).sub(1));
        let (below, sp) = (th.fp.get(), th.mutator.vm_top.get());
        let new = sp.add(frame::HEADER);
        let depth = match below.is_null() {
            true => 0,
            false => Frame(below).depth(),
        };
        *new.offset(frame::PREV) = below as u64 | 1;
        *new.offset(frame::IP) = g.ip.bits();
        *new.offset(frame::RET_SP) = sp as u64 | 1;
        *new.offset(frame::FLAGS) =
            (depth + flag::DEPTH) | flag::ENTRY | flag::GENERATOR | flag::TAG;
        *new.offset(frame::EXTRA) = g.value().bits();
        *new.offset(frame::FUNC) = g.func.bits();
        g.state.init_bits(RUNNING);
        take_handled(th, g);
        th.fp.set(new);
        new
    }
}

/// The generator's handled exception instead of its caller's.
#[inline(always)]
fn take_handled(th: &Thread, g: Gc<GeneratorObj>) {
    if th.handled.bits() != 0 || g.caller_handled.bits() != 0 {
        th.set(g, &g.caller_handled, th.handled.get());
    }
    th.handled.init(g.handled.get());
}

/// A generator that native code runs in place returns.
///
/// # Safety
/// `words` are the saved words of such a generator.
pub unsafe fn end_in_place(th: &Thread, words: *mut u64) {
    // SAFETY: the caller's promise.
    let g: Gc<GeneratorObj> = unsafe { Gc::from_raw((words as *mut GeneratorObj).sub(1)) };
    if g.frame.bits() != 0 {
        // The object keeps the locals as they are now.
        frame::detach(th, Frame(words));
    }
    close(g);
}

/// What native code writes into a generator that it suspends in place.
pub struct Suspended {
    /// Bytes from the saved words back to the object's start.
    pub back: usize,
    pub ip: usize,
    pub sizes: usize,
    pub state: usize,
    /// Where it finds who takes its items.
    pub sink: usize,
}

pub const SUSPENDED_AT: Suspended = Suspended {
    back: std::mem::size_of::<GeneratorObj>(),
    ip: std::mem::offset_of!(GeneratorObj, ip),
    sizes: std::mem::offset_of!(GeneratorObj, sizes),
    state: std::mem::offset_of!(GeneratorObj, state),
    sink: std::mem::offset_of!(GeneratorObj, sink),
};

/// Who takes what a generator yields as long as that needs no Python code: native code of the generator goes on at once.
///
/// What must hold: `take` runs no Python code and does not raise. What it refuses is yielded as ever.
pub struct Sink<'a> {
    take: &'a mut dyn FnMut(Value) -> bool,
}

/// Go on with the generator: what it yields that `take` refuses, `None` at its end.
pub fn next_refused(
    th: &Thread,
    v: Value,
    take: &mut dyn FnMut(Value) -> bool,
) -> R<Option<Value>> {
    let g: Gc<GeneratorObj> = crate::thread::expect(v);
    if !can_resume_inline(g) {
        return crate::types::generator::next_opt(th, v);
    }
    let mut sink = Sink { take };
    // While it runs nobody else resumes it.
    g.sink.init_bits(&raw mut sink as u64 | 1);
    let r = crate::types::generator::next_opt(th, v);
    g.sink.init(None);
    r
}

/// Offer an item to who takes the items of the generator that runs.
///
/// # Safety
/// `sink` is the word that the generator has of it.
pub unsafe fn offer(sink: u64, v: Value) -> bool {
    // SAFETY: `next_refused` waits for the generator.
    unsafe { ((*((sink & !1) as *mut Sink)).take)(v) }
}

/// `GeneratorObj::sizes` with `saved` words of a frame that has room for `room`.
pub fn sizes_with(room: usize, saved: usize) -> u64 {
    sizes(HEAD_WORDS + room + 1, HEAD_WORDS - 2 + saved)
}

/// Resume from native code. With `exc`, that exception is raised at the yield instead.
pub fn resume(th: &Thread, g: Gc<GeneratorObj>, sent: Value, exc: Option<Value>) -> R<Sent> {
    th.check_native_stack()?;
    if exc.is_none() {
        if let Some(r) = run_in_place(th, g, sent) {
            return sent_back(g, r?);
        }
        if waits_for(g).is_some()
            && let Some(r) = super::chain::resume(th, g, sent)
        {
            return r;
        }
    }
    let sp = super::stack_top(th);
    // SAFETY: `sp` is the VM stack's top; the caller checked that the generator can be resumed.
    let r = unsafe {
        let (ip, gsp, gfp) = resume_inline(th, g, th.fp.get(), sp, flag::ENTRY)?;
        match exc {
            None => {
                *gsp = sent.bits();
                th.mutator.vm_top.set(gsp.add(1));
                match super::tier::resumed_entry(ip).filter(|_| !th.mutator.poll()) {
                    Some(entry) => enter_compiled(th, entry, ip, gfp),
                    None => super::run(th, ip, gsp.add(1), gfp),
                }
            }
            Some(e) => {
                th.mutator.vm_top.set(gsp);
                th.restore(e);
                if super::events::wanted() & super::events::bit(super::events::event::PY_THROW) != 0
                {
                    let _ =
                        super::events::unwinding(th, Frame(gfp), super::events::event::PY_THROW);
                }
                let mut stub = [Op {
                    h: super::unwind::unwind as *const () as usize,
                    arg: 0,
                }];
                run_unwind(th, ip.sub(1), gsp, gfp, &mut stub)
            }
        }
    };
    sent_back(g, r?)
}

#[inline(always)]
pub(super) fn sent_back(g: Gc<GeneratorObj>, v: Value) -> R<Sent> {
    Ok(if g.state.bits() == CLOSED {
        Sent::Return(v)
    } else {
        Sent::Yield(v)
    })
}

/// Run compiled code from a RESUME on; the frame has `flag::ENTRY`.
unsafe fn enter_compiled(th: &Thread, entry: super::tier::Entry, ip: *mut Op, fp: *mut u64) -> R {
    // SAFETY: the frame is complete; compiled code that leaves it says where to go on.
    unsafe {
        *fp.offset(frame::IP) = ip as u64 | 1;
        let r = entry(th, fp);
        let r = match r & !super::tier::LEFT {
            0 => super::tier::run_left(th, r),
            _ => r,
        };
        super::tier::given(th, r)
    }
}

/// A compiled generator yields: its words are saved, `words` of them, and it stands at the YIELD_VALUE at `ip`.
///
/// # Safety
/// `fp` is the running frame of a generator, its words complete.
pub unsafe fn suspend_compiled(th: &Thread, fp: *mut u64, ip: *mut Op, words: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        *fp.offset(frame::IP) = ip as u64 | 1;
        let Some(g) = Frame(fp).generator() else {
            return;
        };
        suspend(th, g, ip, fp.add(words), fp);
        drop_frame(th, fp);
    }
}

/// The frame below is the current one again.
unsafe fn drop_frame(th: &Thread, fp: *mut u64) {
    // SAFETY: the callers' promise: `fp` is a frame, which stands there until something is pushed over it.
    unsafe {
        th.fp.set((*fp.offset(frame::PREV) & !1) as *mut u64);
        th.mutator
            .vm_top
            .set((*fp.offset(frame::RET_SP) & !1) as *mut u64);
    }
}

/// A compiled generator returns.
///
/// # Safety
/// `fp` is the running frame of a generator.
pub unsafe fn finish_compiled(th: &Thread, fp: *mut u64) {
    // SAFETY: the caller's promise.
    unsafe {
        let Some(g) = Frame(fp).generator() else {
            return;
        };
        finish(th, g, fp);
        drop_frame(th, fp);
    }
}

/// Begin with the unwinder instead of an instruction.
unsafe fn run_unwind(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _stub: &mut [Op]) -> R {
    // SAFETY: the frame stands at `ip`, with an exception pending.
    unsafe {
        let r = super::unwind::unwind(ip, sp, fp, th);
        #[cfg(not(habu_threaded))]
        {
            let [ip, sp, fp] = th.trampoline.take();
            if ip != 0 {
                return super::run(th, ip as *mut Op, sp as *mut u64, fp as *mut u64);
            }
        }
        Value::from_bits(r).ok_or(Raised)
    }
}

pub fn is_closed(g: Gc<GeneratorObj>) -> bool {
    g.state.bits() == CLOSED
}

pub fn is_running(g: Gc<GeneratorObj>) -> bool {
    g.state.bits() == RUNNING
}

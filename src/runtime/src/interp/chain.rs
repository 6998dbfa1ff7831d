//! Chains of `yield from` and `await`: whoever resumes the first generator of one resumes the last, which is the only one
//! that has something to do.
//!
//! The generators between stay where they are: their saved words are their frames, with headers that lead from the last
//! one down to who resumed the first, so that tracebacks, `sys._getframe` and the limit on recursion find all of them. A
//! step costs a few instructions for each of them instead of moving its frame twice.
//!
//! What must hold: generators of the chain count as running while the last one runs, and as suspended when it has
//! yielded. When the last one returns or raises, the one before it goes on: behind its SEND, or with the exception at
//! its yield. None of them has a frame object or handles an exception when the chain is entered: these would have to
//! change hands.

use super::frame::{self, Frame, flag};
use super::gens::{self, RUNNING, SUSPENDED, Sent};
use super::{Op, events};
use crate::object::*;
use crate::thread::{R, Thread};
use habu_heap::Value;

/// How the last generator goes on.
enum With {
    Sent(Value),
    /// What it waited for has returned this.
    Returned(Value),
    Raised(Value),
}

/// The generator whose saved words these are.
///
/// # Safety
/// They are.
unsafe fn of_words(words: *mut u64) -> Gc<GeneratorObj> {
    // SAFETY: the words stand behind the object.
    unsafe { Gc::from_raw((words as *mut GeneratorObj).sub(1)) }
}

/// The SEND before the yield that the generator is suspended at.
///
/// # Safety
/// It is suspended in `yield from`.
unsafe fn send_of(g: Gc<GeneratorObj>) -> Option<*mut Op> {
    // SAFETY: a SEND has two words and stands right before its yield, where instructions are not counted.
    unsafe {
        let send = ((g.ip.bits() & !1) as *mut Op).sub(2);
        ((*send).h == gens::send as super::Handler as usize).then_some(send)
    }
}

/// Resume a suspended generator that waits for another suspended one. `None`: not in this way.
#[inline(never)]
pub fn resume(th: &Thread, first: Gc<GeneratorObj>, sent: Value) -> Option<R<Sent>> {
    if events::wanted() != 0 || th.handled.bits() != 0 {
        return None;
    }
    let base = th.fp.get();
    // SAFETY: the current frame has a header; suspended generators have room for one before their saved words.
    unsafe {
        let mut depth = match base.is_null() {
            true => 0,
            false => Frame(base).depth(),
        };
        let (mut fp, mut last) = (base, first);
        while let Some(next) = gens::waits_for(last) {
            if last.frame.bits() != 0 || last.handled.bits() != 0 || send_of(last).is_none() {
                return None;
            }
            depth += flag::DEPTH;
            let words = gens::saved(last);
            *words.offset(frame::PREV) = fp as u64 | 1;
            *words.offset(frame::FLAGS) = depth | flag::ENTRY | flag::GENERATOR | flag::TAG;
            *words.offset(frame::EXTRA) = last.value().bits();
            (fp, last) = (words, next);
        }
        if depth + flag::DEPTH > th.depth_limit.get() {
            return None;
        }
        each(base, fp, |g| g.state.init_bits(RUNNING));
        th.fp.set(fp);
        Some(run(th, base, last, With::Sent(sent)))
    }
}

/// For the generators whose saved words are frames from `fp` down to `base`.
///
/// # Safety
/// Headers lead from one to the other.
unsafe fn each(base: *mut u64, mut fp: *mut u64, mut f: impl FnMut(Gc<GeneratorObj>)) {
    while fp != base {
        // SAFETY: the caller's promise.
        unsafe {
            f(of_words(fp));
            fp = (*fp.offset(frame::PREV) & !1) as *mut u64;
        }
    }
}

/// Run the last generator above the thread's current frame, and those before it as they get their turn.
unsafe fn run(th: &Thread, base: *mut u64, mut last: Gc<GeneratorObj>, mut with: With) -> R<Sent> {
    // SAFETY: frames from the current one down to `base` are those of the chain.
    unsafe {
        loop {
            let r = match with {
                With::Sent(v) => gens::resume(th, last, v, None),
                With::Returned(v) => returned(th, last, v),
                With::Raised(e) => gens::resume(th, last, Value::NONE, Some(e)),
            };
            let fp = th.fp.get();
            with = match r {
                r if fp == base => return r,
                Ok(Sent::Yield(v)) => {
                    each(base, fp, |g| {
                        g.state.init_bits(SUSPENDED);
                        if g.frame.bits() != 0 {
                            gens::leave(th, g, gens::saved(g))
                        }
                    });
                    th.fp.set(base);
                    return Ok(Sent::Yield(v));
                }
                Ok(Sent::Return(v)) => With::Returned(v),
                Err(_) => With::Raised(th.take()),
            };
            last = of_words(fp);
            last.state.init_bits(SUSPENDED);
            th.fp.set((*fp.offset(frame::PREV) & !1) as *mut u64);
        }
    }
}

/// Resume the generator behind the SEND that it is suspended at, with what that gives.
unsafe fn returned(th: &Thread, g: Gc<GeneratorObj>, v: Value) -> R<Sent> {
    th.check_native_stack()?;
    // SAFETY: it is suspended at the yield behind a SEND, whose receiver it has saved.
    unsafe {
        let Some(send) = send_of(g) else {
            unreachable!("was looked for")
        };
        let sp = super::stack_top(th);
        let (_, top, fp) = gens::resume_inline(th, g, th.fp.get(), sp, flag::ENTRY)?;
        *top = v.bits();
        th.mutator.vm_top.set(top.add(1));
        let after = send.offset((*send).arg as isize);
        let r = super::run(th, after, top.add(1), fp);
        gens::sent_back(g, r?)
    }
}

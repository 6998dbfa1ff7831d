//! Between the plain and the traced form: what happens when the first event is wanted and when the last one no longer is.
//!
//! What must hold: code that begins finds `poll::TRACE` at its `RESUME`, a loop at its backward jump, and moves over by
//! bytecode offset. Frames that run already do so at their next instruction: in the plain code of each, every handler has
//! been put aside (`Poisoned`) for one that moves over. Native code is not entered: callees' entries and first
//! instructions are parked; what runs leaves at its next poll.

use super::frame::Frame;
use super::{OpsObj, made_ops, trace_ops, traced, translate};
use crate::core::list;
use crate::interp::{Op, events, tier};
use crate::object::*;
use crate::runtime::{Keep, keep, kept};
use crate::thread::{R, Thread, expect, poll};
use crate::threads;
use habu_heap::Value;
use std::sync::atomic::Ordering::SeqCst;

/// The first event is wanted.
pub fn on(th: &Thread) -> R<()> {
    threads::each(&mut |t| {
        t.mutator.poll.fetch_or(poll::TRACE, SeqCst);
    });
    each_compiled(&mut |code| {
        code.entry.set(tier::interpret as *const () as u64);
        if let Some(o) = made_ops(code) {
            // SAFETY: the code's own threaded code.
            unsafe { tier::park_start(o) }
        }
    });
    let poisoned = list::new(th)?;
    keep(Keep::Poisoned, Some(poisoned.value()));
    let mut r = Ok(());
    threads::each(&mut |t| {
        let mut f = super::frame::current(t);
        while let Some(x) = f {
            if r.is_ok()
                && let Some(o) = x.code().ops.get()
            {
                r = poison(th, poisoned, expect(o));
            }
            f = x.prev();
        }
    });
    r
}

/// Nobody wants events any more. Frames in traced code go back at its next op.
pub fn off(_: &Thread) {
    threads::each(&mut |t| {
        t.mutator.poll.fetch_and(!poll::TRACE, SeqCst);
    });
    if let Some(l) = kept(Keep::Poisoned).and_then(|l| l.cast::<ListObj>()) {
        for pair in list::items(l).chunks_exact(2) {
            heal(expect(pair[0]), expect(pair[1]));
        }
    }
    keep(Keep::Poisoned, None);
    each_compiled(&mut |code| {
        if let Some(o) = made_ops(code) {
            // SAFETY: the code's own threaded code.
            if let Some(entry) = unsafe { tier::unpark_start(o) } {
                code.entry.set(entry as usize as u64);
            }
        }
    });
}

/// Is there an instruction at `i`, not the cache behind a wide one?
fn is_op(o: Gc<OpsObj>, i: usize) -> bool {
    i == 0 || o.offsets()[i] != o.offsets()[i - 1]
}

fn poison(th: &Thread, list: Gc<ListObj>, o: Gc<OpsObj>) -> R<()> {
    let n = o.count.get() as usize;
    let moved = trace_ops::moved as *const () as usize;
    // SAFETY: there is at least the op at the end.
    if n == 0 || unsafe { (*o.start()).h } == moved {
        return Ok(());
    }
    let words = std::mem::size_of::<RawBuf>() / 8 + n;
    let saved: Gc<RawBuf> = th.alloc(crate::classes::C::Hidden.shape(), 0, words * 8)?;
    saved.sizes.set(sizes(words, 0));
    for i in 0..n {
        // SAFETY: below the count, which the buffer has room for.
        unsafe { *saved_word(saved, i) = (*o.start().add(i)).h }
    }
    list::push(th, list, o.value())?;
    list::push(th, list, saved.value())?;
    for i in (0..n).filter(|&i| is_op(o, i)) {
        // SAFETY: as above.
        unsafe { (*o.start().add(i)).h = moved }
    }
    Ok(())
}

/// Put the handlers back, but for those that were exchanged meanwhile by an instruction that was just running.
fn heal(o: Gc<OpsObj>, saved: Gc<RawBuf>) {
    for i in (0..o.count.get() as usize).filter(|&i| is_op(o, i)) {
        // SAFETY: as above.
        unsafe {
            let op = o.start().add(i);
            if (*op).h == trace_ops::moved as *const () as usize {
                (*op).h = *saved_word(saved, i);
            }
        }
    }
}

fn saved_word(b: Gc<RawBuf>, i: usize) -> *mut usize {
    // SAFETY: the words stand behind the struct.
    unsafe { (b.raw().add(1) as *mut usize).add(i) }
}

/// The op of the traced form for the plain op `ip`: that of the first instruction that it is made of.
///
/// # Safety
/// `ip` is in the plain code of `f`, which is about to run it.
pub unsafe fn traced_op(th: &Thread, f: Frame, ip: *mut Op) -> R<*mut Op> {
    let code = f.code();
    let traced = traced::of(th, code)?;
    let plain = super::ops_of(th, code)?;
    let k = (ip as usize - plain.start() as usize) / std::mem::size_of::<Op>();
    let (ins, first_op) = translate::layout(code);
    let i = first_op.partition_point(|&o| (o as usize) < k);
    let offset = ins.get(i).map_or(u32::MAX, |x| x.start);
    Ok(traced.op_at(offset))
}

/// The plain op that begins with the instruction that the traced op `ip` belongs to, if one does.
///
/// # Safety
/// `ip` is an event op of the traced code of `f`.
pub unsafe fn plain_op(th: &Thread, f: Frame, ip: *mut Op) -> Option<*mut Op> {
    let code = f.code();
    let Ok(plain) = super::ops_of(th, code) else {
        th.take();
        return None;
    };
    let offset = super::ops_offset(code, ip)?;
    let (ins, first_op) = translate::layout(code);
    let i = ins.partition_point(|x| x.offset < offset);
    let k = *first_op.get(i)?;
    if i > 0 && first_op[i - 1] == k {
        return None;
    }
    // SAFETY: the layout's numbers are those of the plain code.
    Some(unsafe { plain.start().add(k as usize) })
}

/// The form that goes on after an exception at `ip`.
pub fn form_for(th: &Thread, code: Gc<CodeObj>, ip: *mut Op) -> Option<Gc<OpsObj>> {
    if events::wanted() != 0 && th.tracing.get() == 0 {
        match traced::of(th, code) {
            Ok(o) => return Some(o),
            Err(_) => drop(th.take()),
        }
    }
    super::ops_holding(code, ip)
}

/// After a poll in plain code: the traced op to go on at, if events are wanted. `ip` is no fused op.
pub fn after_poll(th: &Thread, f: Frame, ip: *mut Op) -> R<Option<*mut Op>> {
    // Callbacks run in plain code.
    if events::wanted() == 0 || th.tracing.get() != 0 {
        return Ok(None);
    }
    let code = f.code();
    let Some(offset) = super::ops_offset(code, ip) else {
        return Ok(None);
    };
    Ok(Some(traced::of(th, code)?.op_at(offset)))
}

// ---- code that has native code

/// A code object was compiled: its entry has to be found when events are wanted.
pub fn note_compiled(th: &Thread, code: Gc<CodeObj>) -> R<()> {
    let l: Gc<ListObj> = match kept(Keep::Compiled) {
        Some(l) => expect(l),
        None => {
            let l = list::new(th)?;
            keep(Keep::Compiled, Some(l.value()));
            l
        }
    };
    let r = crate::types::weakref::hidden(th, code.value())?;
    list::push(th, l, r)
}

fn each_compiled(f: &mut dyn FnMut(Gc<CodeObj>)) {
    let Some(l) = kept(Keep::Compiled).and_then(|l| l.cast::<ListObj>()) else {
        return;
    };
    let code = |v: &Value| crate::types::weakref::target(expect(*v))?.cast::<CodeObj>();
    for c in list::items(l).iter().filter_map(code) {
        f(c)
    }
}

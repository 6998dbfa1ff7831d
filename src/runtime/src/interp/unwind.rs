//! Unwinding: the traceback entry, the exception table, leaving frames.

use super::events::{self, UNWINDING, event};
use super::frame::{self, Frame, flag};
use super::{Op, val};
use crate::classes::C;
use crate::error;
use crate::next;
use crate::object::ValueExt;
use crate::thread::Thread;
use habu_heap::Value;

/// An exception is pending and the instruction at `ip` raised it.
///
/// # Safety
/// As for handlers.
#[inline(never)]
#[cold]
pub unsafe extern "C" fn unwind(ip: *mut Op, sp: *mut u64, fp: *mut u64, th: &Thread) -> u64 {
    // SAFETY: the caller is a handler.
    unsafe { go(ip, ip, sp, fp, th, true) }
}

/// The pending exception, which op `at` of the frame's code has raised, for native code that has the handler. `None`:
/// it is left to `unwind`.
pub fn catch(th: &Thread, f: Frame, at: usize) -> Option<Value> {
    let ops = f.code().ops.get()?.cast::<super::OpsObj>()?;
    if events::wanted() & UNWINDING != 0 {
        return None;
    }
    // SAFETY: native code names ops that there are.
    f.set_ip(unsafe { ops.start().add(at) });
    crate::types::frame::add_traceback(th, f);
    Some(th.take())
}

/// The same for `RERAISE`: no new traceback entry for this frame. `at` is where the exception came from first.
///
/// # Safety
/// As for handlers.
#[inline(never)]
#[cold]
pub unsafe extern "C" fn unwind_again(
    ip: *mut Op,
    at: *mut Op,
    _sp: *mut u64,
    fp: *mut u64,
    th: &Thread,
) -> u64 {
    // SAFETY: the caller is a handler.
    unsafe { go(ip, at, _sp, fp, th, false) }
}

/// `raise` without operand.
///
/// # Safety
/// As for handlers.
pub unsafe extern "C" fn reraise_current(
    ip: *mut Op,
    sp: *mut u64,
    fp: *mut u64,
    th: &Thread,
) -> u64 {
    match super::current_handled(th) {
        Some(e) => {
            th.restore(e);
            // Its traceback has this frame already.
            // SAFETY: the caller is a handler.
            unsafe { go(ip, ip, sp, fp, th, false) }
        }
        None => {
            error::raise(th, C::RuntimeError, "No active exception to reraise");
            // SAFETY: the caller is a handler.
            unsafe { unwind(ip, sp, fp, th) }
        }
    }
}

/// `ip` is looked up in the exception table; `at` is what tracebacks show.
unsafe fn go(
    ip: *mut Op,
    at: *mut Op,
    sp: *mut u64,
    fp: *mut u64,
    th: &Thread,
    add_entry: bool,
) -> u64 {
    let mut ip = ip;
    let mut at = at;
    let mut fp = fp;
    let mut add = add_entry;
    let mut top = sp;
    loop {
        let f = Frame(fp);
        f.set_ip(at);
        th.mutator.vm_top.set(top);
        if add {
            crate::types::frame::add_traceback(th, f);
        }
        if events::wanted() & UNWINDING != 0 {
            let e = if add { event::RAISE } else { event::RERAISE };
            // An exception of a callback goes on in the place of this one.
            let _ = events::unwinding(th, f, e);
        }
        add = true;
        let code = f.code();
        let offset = super::ops_offset(code, ip).unwrap_or(0);
        if let Some(h) = habu_bytecode::exceptions::lookup(code.exceptions(), offset) {
            // SAFETY: the table's depth is within the frame's operand stack.
            unsafe {
                let mut sp = fp.add(code.nlocalsplus.get() as usize + h.depth as usize);
                if h.lasti {
                    let lasti = super::ops_offset(code, at).unwrap_or(offset);
                    *sp = Value::small_int(lasti as i64).bits();
                    sp = sp.add(1);
                }
                *sp = th.take().bits();
                sp = sp.add(1);
                // Handlers are looked up by the offset of an instruction, so some form of the code holds it.
                let Some(ops) = super::switch::form_for(th, code, ip) else {
                    unreachable!("an instruction of another code object")
                };
                f.set_ip(at);
                let to = ops.op_at(h.target);
                if events::wanted() & UNWINDING != 0 {
                    th.mutator.vm_top.set(sp);
                    f.set_ip(to);
                    let e = val(*sp.sub(1));
                    if events::handled(th, f, e).is_err() {
                        ip = to;
                        at = to;
                        top = sp;
                        continue;
                    }
                    f.set_ip(at);
                }
                next!(to, sp, fp, th)
            }
        }
        // No handler here: leave the frame.
        if events::wanted() & UNWINDING != 0 {
            let _ = events::unwinding(th, f, event::PY_UNWIND);
        }
        let flags = f.flags();
        if flags & flag::GENERATOR != 0 {
            crate::interp::gens::finish_raised(th, f);
        }
        frame::detach(th, f);
        let prev = f.prev();
        // SAFETY: the caller's stack pointer was stored when the frame was pushed.
        let ret = unsafe { (*fp.offset(frame::RET_SP) & !1) as *mut u64 };
        th.fp.set(prev.map_or(std::ptr::null_mut(), |p| p.0));
        th.mutator.vm_top.set(ret);
        if flags & flag::ENTRY != 0 {
            return 0;
        }
        match prev {
            Some(p) => {
                fp = p.0;
                ip = p.ip();
                at = ip;
                top = ret;
                // A generator that a frame below resumed with FOR_ITER and that ended with StopIteration was
                // turned into RuntimeError by `finish_raised`; anything else just goes on here.
            }
            None => return 0,
        }
    }
}

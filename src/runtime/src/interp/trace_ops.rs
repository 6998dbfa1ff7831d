//! Handlers of the traced form: they tell an event and go on. Nobody runs them while nobody wants events, but for frames
//! that were in traced code when the last one stopped, which they lead back to the plain form.

use super::events::{self, Site, event};
use super::frame::{self, Frame};
use super::traced::{self, shape};
use super::{Handler, Op, kind_of, switch, val};
use crate::core::{class, list};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops::{call as ops_call, iter};
use crate::spec::{Args, Named, type_flags as tf};
use crate::thread::{R, Thread};
use crate::{next, raised, save};
use habu_heap::Value;

/// An op's word for `DISABLE`.
unsafe fn site<'a>(ip: *mut Op, shift: u32) -> Site<'a> {
    // SAFETY: event ops are wide.
    let word = unsafe { &*(&raw const (*ip.add(1)).arg as *const Word) };
    Site {
        word,
        shift,
        branch: false,
    }
}

/// Handlers that call a function with the frame presentable: it gives the op to go on at, with the operand stack's top in
/// the thread's VM top; or nothing, where it raised (at the frame's `IP`).
macro_rules! event_ops {
    ($($(#[$m:meta])* $name:ident => $f:ident;)*) => {
        crate::handlers! {$(
            $(#[$m])*
            $name(ip, sp, fp, th) {
                let before = *fp.offset(frame::IP);
                save!(ip, sp, fp, th);
                let to = $f(th, ip, sp, fp, before);
                if to.is_null() {
                    raised!(Frame(fp).ip(), sp, fp, th)
                }
                next!(to, th.mutator.vm_top.get(), fp, th)
            }
        )*}
        pub static ALL: &[Handler] = &[$($name),*];
    };
}

event_ops! {
    /// Before every instruction: lines, single instructions.
    instruction => at_instruction;
    resume => at_resume;
    /// The jump itself is a part of it. `arg`: distance | target's bytecode offset << 32
    jump => at_jump;
    branch_left => at_branch_left;
    /// As `jump`.
    branch_right => at_branch_right;
    /// Before a call instruction. `arg`: shape | argument << 8
    call => at_call;
    super_call => at_super_call;
    returning => at_return;
    yielding => at_yield;
    send_ended => at_send_ended;
}

crate::handlers! {
    /// FOR_ITER: a StopIteration that is an object, raised by a Python iterator or because a generator returned more
    /// than None, is an event.
    for_iter(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        match crate::check!(next_item(th, Frame(fp), val(*sp.sub(1))), ip, sp, fp, th) {
            Some(v) => {
                *sp = v.bits();
                next!(ip.add(2), sp.add(1), fp, th)
            }
            None => next!(super::loops::exit_target(ip), sp, fp, th),
        }
    }

    /// SEND: as FOR_ITER.
    send(ip, sp, fp, th) {
        if kind_of(*sp.sub(2)) == kinds::GENERATOR {
            return super::gens::send(ip, sp, fp, th);
        }
        save!(ip, sp, fp, th);
        let yielded = crate::check!(send_native(th, sp, fp), ip, sp, fp, th);
        next!(if yielded { ip.add(2) } else { ip.offset((*ip).arg as isize) }, sp, fp, th)
    }

    /// What stands in the place of every handler of plain code that has to be left for the traced form.
    moved(ip, sp, fp, th) {
        th.mutator.vm_top.set(sp);
        let to = move_over(th, ip, fp);
        if to.is_null() {
            save!(ip, sp, fp, th);
            raised!(ip, sp, fp, th)
        }
        next!(to, sp, fp, th)
    }

    /// First instruction of a compiled function while native code is not entered.
    start_parked(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let ops = crate::check!(traced::of(th, Frame(fp).code()), ip, sp, fp, th);
        next!(ops.start(), sp, fp, th)
    }
}

#[inline(never)]
unsafe fn move_over(th: &Thread, ip: *mut Op, fp: *mut u64) -> *mut Op {
    // SAFETY: `ip` is in the plain code of the frame.
    unsafe { switch::traced_op(th, Frame(fp), ip).unwrap_or(std::ptr::null_mut()) }
}

#[inline(never)]
unsafe fn send_native(th: &Thread, sp: *mut u64, fp: *mut u64) -> R<bool> {
    // SAFETY: receiver and value are on the stack.
    unsafe {
        let yielded = super::gens::send_native(th, sp)?;
        let v = val(*sp.sub(1));
        if !yielded && (class::of(val(*sp.sub(2))).has(tf::HEAP) || !v.is_none()) {
            events::sent_to_end(th, Frame(fp), v)?;
        }
        Ok(yielded)
    }
}

#[inline(never)]
fn next_item(th: &Thread, f: Frame, it: Value) -> R<Option<Value>> {
    let generator = it.kind() == kinds::GENERATOR;
    if !class::of(it).has(tf::HEAP) && !generator {
        return iter::next(th, it);
    }
    let r = iter::next_keep_stop(th, it);
    let stop = th.pending.get().filter(|_| r.is_err());
    if let Some(e) = stop
        && class::is_a(e, crate::classes::C::StopIteration)
        && (!generator
            || e.cast::<ExcObj>()
                .and_then(|e| e.f0.get())
                .is_some_and(|v| !v.is_none()))
    {
        events::loop_ended(th, f)?;
    }
    error::absorb(th, r, crate::classes::C::StopIteration)
}

/// Go on at `to` with the operand stack ending at `sp`.
fn on(th: &Thread, to: *mut Op, sp: *mut u64) -> *mut Op {
    th.mutator.vm_top.set(sp);
    to
}

const RAISED: *mut Op = std::ptr::null_mut();

#[inline(never)]
unsafe fn at_instruction(
    th: &Thread,
    ip: *mut Op,
    sp: *mut u64,
    fp: *mut u64,
    before: u64,
) -> *mut Op {
    // SAFETY: `event_ops!` hands over the frame's state.
    unsafe {
        let f = Frame(fp);
        let wanted = events::wanted();
        if wanted == 0 {
            return on(th, switch::plain_op(th, f, ip).unwrap_or(ip.add(2)), sp);
        }
        if th.tracing.get() == 0 {
            let about = (*ip).arg;
            if about & traced::START != 0
                && wanted & events::bit(event::LINE) != 0
                && new_line(f, before, about as u32)
                && events::line(th, f, about as u32, site(ip, 0)).is_err()
            {
                return RAISED;
            }
            if f.ip() != ip {
                return jumped(th, f);
            }
            if wanted & events::bit(event::INSTRUCTION) != 0 && about & traced::SILENT == 0 {
                if events::instruction(th, f, site(ip, 8)).is_err() {
                    return RAISED;
                }
                if f.ip() != ip {
                    return jumped(th, f);
                }
            }
        }
        on(th, ip.add(2), sp)
    }
}

/// Is the line another than that of the instruction that ran before?
unsafe fn new_line(f: Frame, before: u64, line: u32) -> bool {
    let code = f.code();
    let at = super::ops_offset(code, (before & !1) as *mut Op);
    match (at, code.traced.get()) {
        (Some(at), Some(o)) => {
            // SAFETY: the field holds threaded code only.
            let about = traced::about(unsafe { o.cast_unchecked() }, at);
            about as u32 != line || about & traced::RESUME != 0
        }
        _ => true,
    }
}

/// The callback set `f_lineno`: the frame's `IP` is the new place, the operand stack has become shorter.
unsafe fn jumped(th: &Thread, f: Frame) -> *mut Op {
    let depth = f.object().and_then(|o| {
        let d = o.jump.get()?.as_int();
        o.jump.init(None);
        d
    });
    let n = f.code().nlocalsplus.get() as usize + depth.unwrap_or(0) as usize;
    // SAFETY: the setter kept the depth within the operand stack.
    unsafe { on(th, f.ip(), f.0.add(n)) }
}

unsafe fn at_resume(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: as above.
    unsafe {
        let f = Frame(fp);
        if crate::polls::check_traced(th).is_err()
            || events::started(th, f, (*ip).arg & 3 != 0, site(ip, 0)).is_err()
        {
            return RAISED;
        }
        if f.ip() != ip {
            return jumped(th, f);
        }
        if events::wanted() == 0 {
            return on(th, switch::plain_op(th, f, ip).unwrap_or(ip.add(2)), sp);
        }
        on(th, ip.add(2), sp)
    }
}

/// Tell about the jump that goes to `to`; the frame stands there meanwhile, unless it only goes on.
unsafe fn tell_jump(th: &Thread, f: Frame, ip: *mut Op, to: *mut Op, e: u32) -> R<*mut Op> {
    // SAFETY: `ip` is the event op of a jump, `to` its target.
    unsafe {
        if events::wanted() & events::bit(e) == 0 {
            return Ok(to);
        }
        let from = f.lasti().unwrap_or(0);
        let dest = ((*ip).arg >> 32) as u32;
        let same_line = e == event::JUMP && dest <= from && {
            let ops = traced::of(th, f.code())?;
            traced::about(ops, from) as u32 == traced::about(ops, dest) as u32
        };
        let stands = if e == event::BRANCH_LEFT { ip } else { to };
        f.set_ip(stands);
        // Both branches share the word of the first.
        let mut at = match e {
            event::BRANCH_RIGHT => site(ip.sub(2), 8),
            _ => site(ip, 0),
        };
        at.branch = e != event::JUMP;
        events::jump(th, f, e, from, dest, same_line, at)?;
        if f.ip() != stands {
            return Ok(std::ptr::null_mut());
        }
        f.set_ip(ip);
        Ok(to)
    }
}

unsafe fn go(th: &Thread, f: Frame, sp: *mut u64, r: R<*mut Op>) -> *mut Op {
    match r {
        // SAFETY: the frame stands where the callback sent it.
        Ok(to) if to.is_null() => unsafe { jumped(th, f) },
        Ok(to) => on(th, to, sp),
        Err(_) => RAISED,
    }
}

unsafe fn at_jump(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: as above.
    unsafe {
        let f = Frame(fp);
        let to = ip.offset((*ip).arg as i32 as isize);
        if to < ip && crate::polls::check_traced(th).is_err() {
            return RAISED;
        }
        let r = tell_jump(th, f, ip, to, event::JUMP);
        go(th, f, sp, r)
    }
}

unsafe fn at_branch_left(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: as above; `branch_right`, two words, is skipped.
    unsafe {
        let f = Frame(fp);
        let r = tell_jump(th, f, ip, ip.add(4), event::BRANCH_LEFT);
        go(th, f, sp, r)
    }
}

unsafe fn at_branch_right(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: as above.
    unsafe {
        let f = Frame(fp);
        let to = ip.offset((*ip).arg as i32 as isize);
        let r = tell_jump(th, f, ip, to, event::BRANCH_RIGHT);
        go(th, f, sp, r)
    }
}

unsafe fn at_return(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: the result is on top of the stack.
    unsafe {
        let v = val(*sp.sub(1));
        if events::returning(th, Frame(fp), event::PY_RETURN, v, site(ip, 0)).is_err() {
            return RAISED;
        }
        on(th, ip.add(2), sp)
    }
}

unsafe fn at_yield(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: as above.
    unsafe {
        let f = Frame(fp);
        let v = val(*sp.sub(1));
        if events::returning(th, f, event::PY_YIELD, v, site(ip, 0)).is_err() {
            return RAISED;
        }
        if f.ip() != ip {
            return jumped(th, f);
        }
        on(th, ip.add(2), sp)
    }
}

unsafe fn at_send_ended(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: receiver and value are on the stack.
    unsafe {
        if kind_of(*sp.sub(2)) == kinds::GENERATOR {
            let v = val(*sp.sub(1));
            if events::iteration_stopped(th, Frame(fp), v, site(ip, 0)).is_err() {
                return RAISED;
            }
        }
        on(th, ip.add(2), sp)
    }
}

/// Stack: the global `super`, class, receiver.
unsafe fn at_super_call(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: the three words are on the stack.
    unsafe {
        let f = Frame(fp);
        if events::wanted() & events::bit(event::CALL) != 0 {
            // Written with arguments, it is called with the class.
            let this = ((*ip).arg & 2 != 0).then(|| val(*sp.sub(2)));
            let (callee, base) = (val(*sp.sub(3)), sp.sub(3));
            if events::calling(th, f, callee, this, site(ip, 0)).is_err() {
                return RAISED;
            }
            if events::follows_calls(th, f) {
                let name = super::attrs::name_of(ip.add(2));
                let flags = (*ip).arg;
                let r = super::attrs::super_attr_at(th, name, flags & 1 != 0, flags & 2 != 0, base);
                let told = events::called(th, f, callee, this, r.is_err(), site(ip, 0));
                let (Ok(n), Ok(())) = (r, told) else {
                    return RAISED;
                };
                return on(th, ip.add(4), base.add(n));
            }
        }
        on(th, ip.add(2), sp)
    }
}

unsafe fn slice<'a>(p: *mut u64, n: usize) -> &'a [Value] {
    // SAFETY: argument words are values.
    unsafe { std::slice::from_raw_parts(p as *const Value, n) }
}

#[inline(never)]
unsafe fn at_call(th: &Thread, ip: *mut Op, sp: *mut u64, fp: *mut u64, _: u64) -> *mut Op {
    // SAFETY: the operand stack of the call instruction that follows.
    unsafe {
        let f = Frame(fp);
        if events::wanted() & events::bit(event::CALL) == 0 || th.tracing.get() != 0 {
            return on(th, ip.add(2), sp);
        }
        let arg = (*ip).arg;
        let n = (arg >> 8) as usize;
        let base = match arg & 0xff {
            shape::CALL => sp.sub(n + 2),
            shape::KW => sp.sub(n + 3),
            _ => sp.sub(4),
        };
        let ex = arg & 0xff == shape::EX;
        if kind_of(*base) == kinds::METHOD && *base.add(1) == 0 && !ex {
            let m: Gc<MethodObj> = val(*base).cast_unchecked();
            *base.add(1) = m.this.bits();
            *base = m.func.bits();
        }
        let callee = val(*base);
        let this = if ex {
            match super::calls::ex_positional(th, sp) {
                Ok(t) => t.items().first().copied(),
                Err(_) => return RAISED,
            }
        } else {
            Value::from_bits(*base.add(1)).or((n > 0).then(|| val(*base.add(2))))
        };
        if events::calling(th, f, callee, this, site(ip, 0)).is_err() {
            return RAISED;
        }
        if callee.kind() == kinds::FUNCTION || !events::follows_calls(th, f) {
            return on(th, ip.add(2), sp);
        }
        let has_self = (*base.add(1) != 0) as usize;
        let args = slice(base.add(2 - has_self), n + has_self);
        let r = match arg & 0xff {
            shape::CALL => ops_call::call(th, callee, args),
            shape::KW => {
                let names = val(*sp.sub(1)).cast::<TupleObj>();
                ops_call::call_args(th, callee, Args::of(&Named { all: args, names }))
            }
            _ => match super::calls::ex_arguments(th, sp) {
                Ok((l, names)) => {
                    let all = list::items(l);
                    ops_call::call_args(th, callee, Args::of(&Named { all, names }))
                }
                Err(e) => Err(e),
            },
        };
        // The callee stays on the stack until everybody knows.
        let told = events::called(th, f, callee, this, r.is_err(), site(ip, 0));
        let (Ok(v), Ok(())) = (r, told) else {
            return RAISED;
        };
        *base = v.bits();
        // Behind the call instruction, which is wide but for the case that it is not there.
        on(th, ip.add(4), base.add(1))
    }
}

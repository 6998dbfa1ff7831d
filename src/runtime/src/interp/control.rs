//! Jumps, polls, exception bookkeeping, `with`, assertions and imports.

use super::frame::Frame;
use super::val;
use crate::classes::C;
use crate::error;
use crate::names::N;
use crate::object::*;
use crate::ops::call;
use crate::thread::{R, Thread};
use crate::{check, next, raised, save};
use habu_bytecode::opcode::special as sp_code;
use habu_heap::Value;

crate::handlers! {
    resume(ip, sp, fp, th) {
        if th.mutator.poll() {
            return resume_poll(ip, sp, fp, th);
        }
        let left = (*ip).arg;
        if left == 0 {
            return super::tier::resume_hot(ip, sp, fp, th);
        }
        (*ip).arg = left - 1;
        next!(ip.add(1), sp, fp, th)
    }

    #[inline(never)]
    resume_poll(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        match check!(polled(th, ip, fp), ip, sp, fp, th) {
            Some(traced) => next!(traced, sp, fp, th),
            None => next!(ip.add(1), sp, fp, th),
        }
    }

    jump(ip, sp, fp, th) { next!(ip.offset((*ip).arg as isize), sp, fp, th) }

    /// `arg` is distance | countdown << 32.
    jump_backward(ip, sp, fp, th) {
        if th.mutator.poll() {
            return jump_backward_poll(ip, sp, fp, th);
        }
        let a = (*ip).arg;
        if a >> 32 == 0 {
            return super::tier::loop_hot(ip, sp, fp, th);
        }
        (*ip).arg = a - (1 << 32);
        next!(ip.offset(a as i32 as isize), sp, fp, th)
    }

    #[inline(never)]
    jump_backward_poll(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        // While others run at the poll the loop may become native code, and `arg` something else.
        let distance = (*ip).arg as i32 as isize;
        match check!(polled(th, ip, fp), ip, sp, fp, th) {
            Some(traced) => next!(traced, sp, fp, th),
            None => next!(ip.offset(distance), sp, fp, th),
        }
    }

    push_exc_info(ip, sp, fp, th) {
        let exc = *sp.sub(1);
        *sp.sub(1) = th.handled.get().unwrap_or(Value::NONE).bits();
        *sp = exc;
        th.handled.init(Some(val(exc)));
        next!(ip.add(1), sp.add(1), fp, th)
    }

    pop_except(ip, sp, fp, th) {
        let old = val(*sp.sub(1));
        th.handled.init(if old.is_none() { None } else { Some(old) });
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    check_exc_match(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = check!(crate::types::exceptions::matches_handler(th, val(*sp.sub(2)), val(*sp.sub(1))), ip, sp, fp, th);
        *sp.sub(1) = Value::bool(r).bits();
        next!(ip.add(1), sp, fp, th)
    }

    check_eg_match(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let (rest, hit) = check!(crate::types::groups::match_group(th, val(*sp.sub(2)), val(*sp.sub(1))), ip, sp, fp, th);
        if !hit.is_none() {
            th.handled.init(Some(hit));
        }
        *sp.sub(2) = rest.bits();
        *sp.sub(1) = hit.bits();
        next!(ip.add(1), sp, fp, th)
    }

    raise_varargs(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        match (*ip).arg {
            0 => {
                return super::unwind::reraise_current(ip, sp, fp, th);
            }
            1 => { let _ = crate::types::exceptions::do_raise(th, val(*sp.sub(1)), None); }
            _ => { let _ = crate::types::exceptions::do_raise(th, val(*sp.sub(2)), Some(val(*sp.sub(1)))); }
        }
        raised!(ip, sp, fp, th)
    }

    reraise(ip, sp, fp, th) {
        let exc = val(*sp.sub(1));
        let n = (*ip).arg as usize;
        save!(ip, sp.sub(1), fp, th);
        th.pending.init(Some(exc));
        let mut at = ip;
        if n > 0
            && let Some(lasti) = Value::from_bits(*sp.sub(1 + n)).and_then(|v| v.as_int())
        {
            let f = Frame(fp);
            if let Some(o) = f.code().ops.get() {
                at = o.cast_unchecked::<super::OpsObj>().op_at(lasti as u32);
            }
        }
        super::unwind::unwind_again(ip, at, sp.sub(1), fp, th)
    }

    with_except_start(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        *sp = check!(call_exit(th, sp), ip, sp, fp, th).bits();
        next!(ip.add(1), sp.add(1), fp, th)
    }

    /// Pops the object, pushes the special method and its receiver.
    load_special(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        check!(special_method(th, (*ip).arg as u32, val(*sp.sub(1)), sp.sub(1)), ip, sp, fp, th);
        next!(ip.add(1), sp.add(1), fp, th)
    }

    load_common_constant(ip, sp, fp, th) {
        *sp = common_constant((*ip).arg as u32).bits();
        next!(ip.add(1), sp.add(1), fp, th)
    }

    import_name(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = crate::import::import_name(th, Frame(fp), val((*ip).arg), val(*sp.sub(1)), val(*sp.sub(2)));
        *sp.sub(2) = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    import_from(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        *sp = check!(crate::import::import_from(th, val(*sp.sub(1)), val((*ip).arg)), ip, sp, fp, th).bits();
        next!(ip.add(1), sp.add(1), fp, th)
    }

    call_intrinsic_1(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = super::matching::intrinsic_1(th, Frame(fp), (*ip).arg as u32, val(*sp.sub(1)));
        *sp.sub(1) = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(1), sp, fp, th)
    }

    call_intrinsic_2(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = super::matching::intrinsic_2(th, (*ip).arg as u32, val(*sp.sub(2)), val(*sp.sub(1)));
        *sp.sub(2) = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    setup_annotations(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        check!(super::names::setup_annotations(th, Frame(fp)), ip, sp, fp, th);
        next!(ip.add(1), sp, fp, th)
    }

    /// An instruction this build does not know: reported, not executed.
    unknown(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        error::raise(th, C::SystemError, "unknown opcode");
        raised!(ip, sp, fp, th)
    }
}

/// The special method with this number and its receiver (or what binding gave, and nothing), written to `d`.
///
/// # Safety
/// Two words are writable at `d`.
#[inline(never)]
pub unsafe fn special_method(th: &Thread, which: u32, o: Value, d: *mut u64) -> R<()> {
    use crate::core::{attr, class};
    let Some(f) = class::special_of(o, special_name(which)) else {
        return Err(crate::types::exceptions::no_special(th, o, which));
    };
    let (f, this) = match call::is_plain_method(f) {
        true => (f, o.bits()),
        false => (attr::bind(th, f, Some(o), class::of(o))?, 0),
    };
    // SAFETY: the caller's promise.
    unsafe {
        *d = f.bits();
        *d.add(1) = this;
    }
    Ok(())
}

/// The method that `LOAD_SPECIAL` looks for.
pub fn special_name(which: u32) -> N {
    match which {
        sp_code::ENTER => N::Enter,
        sp_code::EXIT => N::Exit,
        sp_code::AENTER => N::AEnter,
        _ => N::AExit,
    }
}

/// What `LOAD_COMMON_CONSTANT` pushes.
pub fn common_constant(which: u32) -> Value {
    use crate::runtime::{class_value, rt};
    use habu_bytecode::opcode::common_constant as cc;
    match which {
        cc::ASSERTION_ERROR => class_value(C::AssertionError),
        cc::NOT_IMPLEMENTED_ERROR => class_value(C::NotImplementedError),
        cc::BUILTIN_TUPLE => class_value(C::Tuple),
        cc::BUILTIN_ALL => rt().all.get().unwrap_or(Value::NONE),
        _ => rt().any.get().unwrap_or(Value::NONE),
    }
}

/// A poll that has something to do; the traced op to go on at, where the frame has to move over.
pub fn polled(th: &Thread, ip: *mut super::Op, fp: *mut u64) -> R<Option<*mut super::Op>> {
    crate::polls::poll_slow(th)?;
    super::switch::after_poll(th, Frame(fp), ip)
}

/// Stack: exit function, its receiver, lasti, previous exception, exception.
#[inline(never)]
unsafe fn call_exit(th: &Thread, sp: *mut u64) -> R {
    // SAFETY: the five words stand below `sp`.
    let (exc, func, this) = unsafe {
        (
            val(*sp.sub(1)),
            val(*sp.sub(5)),
            Value::from_bits(*sp.sub(4)),
        )
    };
    let class = crate::core::class::of(exc).value();
    let tb = exc
        .cast::<ExcObj>()
        .and_then(|e| e.traceback.get())
        .unwrap_or(Value::NONE);
    match this {
        Some(t) => call::call(th, func, &[t, class, exc, tb]),
        None => call::call(th, func, &[class, exc, tb]),
    }
}

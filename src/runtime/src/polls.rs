//! What happens at a poll whose word is not zero: collections, GIL hand-over, signals, finalizers.

use crate::core::class;
use crate::error;
use crate::names::N;
use crate::object::*;
use crate::ops::call;
use crate::runtime::rt;
use crate::thread::{R, Thread, poll};
use habu_heap::Value;
use std::sync::atomic::Ordering::SeqCst;

#[cold]
#[inline(never)]
pub fn poll_slow(th: &Thread) -> R<()> {
    let bits = th.mutator.poll.load(SeqCst);
    if bits & habu_heap::POLL_STOP != 0 {
        th.mutator.safepoint();
    }
    if bits & poll::FINALIZERS != 0 {
        th.mutator.poll.fetch_and(!poll::FINALIZERS, SeqCst);
        run_finalizers(th);
    }
    if bits & poll::GIL != 0 {
        crate::gil::hand_over(th);
    }
    if bits & poll::SIGNALS != 0 && th.is_main.get() {
        th.mutator.poll.fetch_and(!poll::SIGNALS, SeqCst);
        crate::modules::signals::deliver(th)?;
    }
    if bits & poll::ASYNC_EXC != 0 {
        th.mutator.poll.fetch_and(!poll::ASYNC_EXC, SeqCst);
        if let Some(e) = th.async_exc.get() {
            th.async_exc.init(None);
            crate::types::exceptions::do_raise(th, e, None)?;
        }
    }
    Ok(())
}

/// `__del__` methods and weak reference callbacks that the last collections queued.
pub fn run_finalizers(th: &Thread) {
    if th.finalizing.get() {
        return;
    }
    th.finalizing.set(true);
    let pending = th.pending.get();
    th.pending.init(None);
    let handled = th.handled.get();
    while let Some(r) = habu_heap::next_dead_weakref(&th.mutator) {
        if let Some(w) = r.cast::<WeakRefObj>()
            && let Some(cb) = w.callback.get()
        {
            w.callback.init(None);
            if call::call(th, cb, &[r]).is_err() {
                crate::modules::sys::unraisable(
                    th,
                    Some(cb),
                    "Exception ignored while calling weakref callback",
                );
            }
        }
    }
    while let Some(v) = habu_heap::next_finalizable(&th.mutator) {
        finalize(th, v);
    }
    th.handled.init(handled);
    th.pending.init(pending);
    th.finalizing.set(false);
}

fn finalize(th: &Thread, v: Value) {
    let r = if v.kind() == crate::kinds::GENERATOR {
        crate::types::generator::finalize(th, v)
    } else {
        match class::special_of(v, N::Del) {
            Some(f) => call::call_special(th, f, v, &[]).map(drop),
            None => Ok(()),
        }
    };
    if r.is_err() {
        let f = class::special_of(v, N::Del);
        crate::modules::sys::unraisable(
            th,
            f.or(Some(v)),
            "Exception ignored while calling deallocator",
        );
    }
}

/// Ask the main thread to look at signals (async-signal-safe).
///
/// # Safety
/// `main` is null or the main thread's structure.
pub unsafe fn signal_arrived(main: *const Thread) {
    if crate::runtime::is_installed() {
        rt().signals_pending.store(true, SeqCst);
    }
    if !main.is_null() {
        // SAFETY: the caller's promise; the structure is never freed.
        unsafe { (*main).mutator.poll.fetch_or(poll::SIGNALS, SeqCst) };
    }
}

/// A poll in traced code, where `poll::TRACE` says nothing new.
pub fn check_traced(th: &Thread) -> R<()> {
    if th.mutator.poll.load(SeqCst) & !poll::TRACE != 0 {
        poll_slow(th)?;
    }
    Ok(())
}

/// Deliver what is pending, for long-running native code.
pub fn check(th: &Thread) -> R<()> {
    if th.mutator.poll() {
        poll_slow(th)
    } else {
        Ok(())
    }
}

/// Used where an error cannot be raised.
pub fn ignore(th: &Thread, r: R<()>) {
    if r.is_err() {
        let _ = error::matches(th, crate::classes::C::BaseException);
        crate::modules::sys::unraisable(th, None, "Exception ignored");
    }
}

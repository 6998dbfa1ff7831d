//! The GIL: one runtime thread runs Python at a time. Waiters ask the holder to hand over at its next poll.

use crate::thread::{Thread, poll};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

struct State {
    held: bool,
    switches: u64,
}

static STATE: Mutex<State> = Mutex::new(State {
    held: false,
    switches: 0,
});
static FREED: Condvar = Condvar::new();
static HOLDER: AtomicPtr<Thread> = AtomicPtr::new(std::ptr::null_mut());
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// How long a waiter waits before it asks for the GIL (`sys.setswitchinterval`), in microseconds.
pub static INTERVAL_US: AtomicUsize = AtomicUsize::new(5000);

fn lock() -> std::sync::MutexGuard<'static, State> {
    match STATE.lock() {
        Ok(g) => g,
        Err(p) => p.into_inner(),
    }
}

/// Wait for the GIL. The caller must not be counted as running by the heap while it waits.
pub fn acquire(th: &Thread) {
    let mut s = lock();
    WAITING.fetch_add(1, SeqCst);
    while s.held {
        let before = s.switches;
        let wait = Duration::from_micros(INTERVAL_US.load(SeqCst).max(1) as u64);
        let (g, r) = match FREED.wait_timeout(s, wait) {
            Ok(x) => x,
            Err(p) => p.into_inner(),
        };
        s = g;
        if r.timed_out() && s.held && s.switches == before {
            let h = HOLDER.load(SeqCst);
            if !h.is_null() {
                // SAFETY: the holder cannot detach without releasing, which needs the lock that we have.
                unsafe { (*h).mutator.poll.fetch_or(poll::GIL, SeqCst) };
            }
        }
    }
    WAITING.fetch_sub(1, SeqCst);
    s.held = true;
    s.switches += 1;
    HOLDER.store(th as *const Thread as *mut Thread, SeqCst);
}

pub fn release(th: &Thread) {
    let mut s = lock();
    s.held = false;
    HOLDER.store(std::ptr::null_mut(), SeqCst);
    th.mutator.poll.fetch_and(!poll::GIL, SeqCst);
    drop(s);
    FREED.notify_one();
}

/// Hand the GIL to somebody who waits, and take it again.
pub fn hand_over(th: &Thread) {
    th.mutator.poll.fetch_and(!poll::GIL, SeqCst);
    if WAITING.load(SeqCst) == 0 {
        return;
    }
    release(th);
    th.mutator.blocked(|| {
        std::thread::yield_now();
    });
    th.mutator.blocked(|| acquire(th));
}

/// Fork by `f` (0 in the child), with the heap and the native tier in a state that the child can go on with.
pub fn fork(th: &Thread, mut f: impl FnMut() -> i32) -> i32 {
    // The world stops first: a thread that waits for the tier would keep it from stopping.
    habu_heap::fork(&th.mutator, || match crate::interp::tier::tier() {
        Some(t) => t.fork(&mut f),
        None => f(),
    })
}

/// After a fork: only this thread is left, and it holds the GIL.
pub fn after_fork(th: &Thread) {
    crate::threads::after_fork(th);
    WAITING.store(0, SeqCst);
    HOLDER.store(th as *const Thread as *mut Thread, SeqCst);
}

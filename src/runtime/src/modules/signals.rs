//! Signals: the C handler notes the number, the main thread runs Python handlers at its next poll.

use crate::classes::C;
use crate::core::dict;
use crate::error;
use crate::object::*;
use crate::ops::call;
use crate::runtime::{Keep, kept, rt};
use crate::thread::{R, Thread};
use habu_heap::Value;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::SeqCst};

const COUNT: usize = 65;
static PENDING: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
static MAIN: AtomicPtr<Thread> = AtomicPtr::new(std::ptr::null_mut());

extern "C" fn on_signal(n: libc::c_int) {
    if let Some(p) = PENDING.get(n as usize) {
        p.store(true, SeqCst);
    }
    // SAFETY: `MAIN` is null or the main thread.
    unsafe { crate::polls::signal_arrived(MAIN.load(SeqCst)) };
}

/// Let the C handler note this signal.
pub fn watch(n: i32) {
    // SAFETY: the handler only stores to atomics.
    unsafe {
        let mut sa: libc::sigaction = std::mem::zeroed();
        sa.sa_sigaction = on_signal as *const () as usize;
        libc::sigemptyset(&mut sa.sa_mask);
        libc::sigaction(n, &sa, std::ptr::null_mut());
    }
}

/// SIG_DFL (0) or SIG_IGN (1).
pub fn set_plain(n: i32, how: usize) {
    // SAFETY: a plain disposition.
    unsafe {
        libc::signal(n, how);
    }
}

pub fn set_main(th: &Thread) {
    MAIN.store(th as *const Thread as *mut Thread, SeqCst);
}

pub fn deliver(th: &Thread) -> R<()> {
    rt().signals_pending.store(false, SeqCst);
    for (n, p) in PENDING.iter().enumerate() {
        if !p.swap(false, SeqCst) {
            continue;
        }
        let handler = match kept(Keep::SignalHandlers).and_then(|h| h.cast::<DictObj>()) {
            Some(h) => dict::get(th, h, Value::small_int(n as i64))?,
            None => None,
        };
        match handler {
            Some(f) if call::is_callable(f) => {
                let frame = match crate::interp::current_frame(th) {
                    Some(f) => crate::interp::frame::object(th, f)?.value(),
                    None => Value::NONE,
                };
                call::call(th, f, &[Value::small_int(n as i64), frame])?;
            }
            None if n as i32 == libc::SIGINT => {
                return Err(error::raise_args(
                    th,
                    crate::runtime::class(C::KeyboardInterrupt),
                    &[],
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

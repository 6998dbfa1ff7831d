//! What is compiled when something is hot: the outermost code that is about as hot, since that takes in what it calls
//! and what it goes round in. Code made for the inner ones would hardly run before that of the outer ones is there.
//!
//! What must hold: whoever is put off is asked for again after a bounded count, and what it was put off for is told only
//! once: then nothing stays uncompiled because a caller does not come round.

use crate::tier::threshold;
use habu_runtime::interp::frame::{Frame, flag};
use habu_runtime::interp::{made_ops, tier};

/// Is a caller of this function, which has become hot in the interpreter, about to be compiled in its place? That is
/// the loop from which it is called, or the outermost function on the way there that is called about as often.
pub fn caller_is_next(f: Frame) -> bool {
    let entered = flag::ENTRY | flag::NATIVE | flag::GENERATOR;
    let mut at = f;
    let mut called = None;
    for _ in 0..threshold::CALLERS {
        if at.flags() & entered != 0 {
            break;
        }
        let Some(caller) = at.prev().filter(|c| c.code() != f.code()) else {
            break;
        };
        let Some(ops) = made_ops(caller.code()) else {
            break;
        };
        // SAFETY: the frame's own threaded code and instruction.
        let (done, handed_over) = unsafe {
            let over = tier::hand_over_loop_at(ops, caller.ip(), threshold::ROUNDS_CALLING);
            (tier::calls_done(ops), over)
        };
        if handed_over {
            return true;
        }
        if done.is_none_or(|n| n < threshold::CALLS_CALLING) {
            break;
        }
        called = Some(ops);
        at = caller;
    }
    // SAFETY: a code object's threaded code.
    called.is_some_and(|ops| unsafe { tier::hand_over_start(ops) })
}

//! Generators that run on their saved words: these are the frame then, and nothing is copied.
//!
//! What must hold: what such code stores into the saved words goes through the write barrier, since they are part of an
//! object. Code that calls nothing which could look for its frame (`is_leaf`) makes no header and touches neither the
//! thread's current frame nor the end of the VM stack. Other code finds a header before the words; operands that it
//! hands to others and the frames of what it calls are on the VM stack, where the frame would be. Where either leaves,
//! the frame is made there: exits store what memory lacks behind the caller's frame, and `take_words` adds the rest.
//! Code without a header does not mark the generator as running: the GIL keeps other threads from resuming it, which
//! only polls let in, and those leave. Without the GIL its state has to be claimed first.

use crate::deopt::ExitInfo;
use crate::helpers::{TABLE, id};
use crate::ir::{Func, Inst};
use habu_runtime::interp::gens::IN_PLACE_ROOM;
use habu_runtime::interp::tier::Place;

/// Where a generator's code is to have its frame.
pub fn place(f: &Func) -> Place {
    if crate::lower::frame_words(f) as usize + 128 >= IN_PLACE_ROOM {
        Place::Stack
    } else if is_leaf(f) {
        Place::Hidden
    } else if f.bodies[0].locals == 0 {
        // Its first operand would have the frame's own address.
        Place::Stack
    } else {
        Place::Shown
    }
}

/// Can nothing that the code calls see its frame, or be handed words of it?
fn is_leaf(f: &Func) -> bool {
    let calls_leaf = |inst: &Inst| match inst {
        Inst::CallPython(_) | Inst::Header(_) => false,
        // Handed words of the frame only for what they give.
        Inst::Call(id::yield_value | id::end_generator | id::plain_pair, ..) => true,
        Inst::Call(h, args, _) => {
            let is_frame = |&a| matches!(f.inst(a), Inst::FrameAddress(_));
            !TABLE[*h as usize].python && !args.iter().any(is_frame)
        }
        Inst::SyncMaybe(..) => false,
        _ => true,
    };
    f.blocks
        .iter()
        .flat_map(|b| &b.insts)
        .all(|&v| calls_leaf(f.inst(v)))
}

/// Copy to the frame at `fp` the saved words that the exit has not stored there.
///
/// # Safety
/// `words` are the saved words of the generator whose frame `fp` is.
pub unsafe fn take_words(exit: &ExitInfo, words: *const u64, fp: *mut u64) {
    let Some(f) = exit.frames.first() else { return };
    for i in 0..f.locals + f.depth {
        if !exit.stored.contains(&i) {
            // SAFETY: both have room for the whole frame.
            unsafe { *fp.add(i as usize) = *words.add(i as usize) }
        }
    }
}

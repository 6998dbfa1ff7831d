//! What a failed import's traceback leaves out: the frames of importlib, as CPython does. An ImportError loses all
//! of them; another exception those runs of them that end in `_call_with_frames_removed`.

use crate::classes::C;
use crate::core::{class, code};
use crate::object::*;
use crate::runtime::rt;
use crate::thread::Thread;
use habu_heap::Value;
use std::sync::atomic::Ordering::Relaxed;

pub(super) fn remove_importlib(th: &Thread) {
    let Some(exc) = th.pending.get() else { return };
    let Some(x) = exc.cast::<ExcObj>() else {
        return;
    };
    if rt().options.verbose.load(Relaxed) > 0 {
        return;
    }
    let always = class::is_a(exc, C::ImportError);
    // The traceback before the one looked at, and that before the run of importlib's frames; `None`: the exception.
    let mut last: Option<Gc<TracebackObj>> = None;
    let mut outside: Option<Gc<TracebackObj>> = None;
    let mut inside = false;
    let mut at = x.traceback.get();
    while let Some(tb) = at.and_then(|t| t.cast::<TracebackObj>()) {
        let next = tb.next.get();
        let (own, removed) = importlib_frame(tb);
        if own && !inside {
            outside = last;
        }
        inside = own;
        if own && (always || removed) {
            match outside {
                Some(o) => th.set(o, &o.next, next),
                None => th.set(x, &x.traceback, next),
            }
            last = outside;
        } else {
            last = Some(tb);
        }
        at = next.filter(|n| !Value::is_none(*n));
    }
}

/// Whether the frame is importlib's, and whether it is the one that calls what is not.
fn importlib_frame(tb: Gc<TracebackObj>) -> (bool, bool) {
    let Some(f) = tb.frame.get().and_then(|f| f.cast::<FrameObj>()) else {
        return (false, false);
    };
    let c = f.code();
    let own = code::filename(c).starts_with("<frozen importlib.");
    (own, own && code::name(c) == "_call_with_frames_removed")
}

//! The matcher's memory: its stack of choices and undo frames, repeats, inner patterns and marks, and how it is kept
//! from one search to the next.
//!
//! What must hold: nothing here is a heap value; positions are plain numbers. A `Work` has one user at a time.

use habu_runtime::thread::{R, Thread};
use std::mem::ManuallyDrop;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};

/// A mark that is not set.
pub const UNSET: usize = usize::MAX;

/// What to do when a path fails.
#[derive(Clone, Copy)]
pub enum Frame {
    /// Undo a mark.
    Mark { i: u32, last: u32, old: usize },
    /// Make this repeat the current one again.
    Current(u32),
    /// Leave a repeat: it was the last one made.
    Leave { current: u32 },
    /// Undo one step of a repeat.
    Step { rep: u32, count: u32, last: usize },
    /// Try the alternative at `pc`.
    Branch { pc: u32, pos: usize },
    /// Give one character back.
    Greedy { tail: u32, min: usize, cur: usize },
    /// Take one character more.
    Lazy { pc: u32, count: u32, pos: usize },
    /// Try what follows the repeat.
    Tail { rep: u32, pos: usize },
    /// Try the body of the repeat once more.
    Body { rep: u32, pos: usize },
    /// The inner pattern of `subs.last()` has failed.
    Inner,
}

/// A repeat in progress: `pc` is its operands' place, `until` that of its MAX_UNTIL or MIN_UNTIL.
#[derive(Clone, Copy)]
pub struct Rep {
    pub pc: u32,
    pub until: u32,
    /// The repeat around it.
    pub outer: u32,
    /// Rounds begun; `u32::MAX` before the first.
    pub count: u32,
    pub last: usize,
}

/// An inner pattern (assertion, atomic group, possessive round) in progress.
#[derive(Clone, Copy)]
pub struct Sub {
    /// The instruction.
    pub pc: u32,
    pub current: u32,
    /// Rounds done, for possessive repeats.
    pub count: u32,
    pub pos: usize,
    /// Height of the stack below its `Inner` frame, and of the repeats.
    pub height: usize,
    pub reps: usize,
}

/// The matcher's memory, kept from one search to the next.
#[derive(Default)]
pub struct Work {
    pub stack: Vec<Frame>,
    pub subs: Vec<Sub>,
    pub reps: Vec<Rep>,
    /// Two a group.
    pub marks: Vec<usize>,
    /// The group closed last, from 1; 0: none.
    pub last: u32,
    pub start: usize,
    pub end: usize,
}

/// The memory of the last search, for the next one: most are over before memory has been asked for.
static SPARE: AtomicPtr<Work> = AtomicPtr::new(std::ptr::null_mut());
/// A stack that has grown beyond this is given back.
const KEPT: usize = 1 << 12;

/// A matcher's memory while a search lasts.
pub struct Lease(ManuallyDrop<Box<Work>>);

impl std::ops::Deref for Lease {
    type Target = Work;
    fn deref(&self) -> &Work {
        &self.0
    }
}
impl std::ops::DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Work {
        &mut self.0
    }
}
impl Drop for Lease {
    fn drop(&mut self) {
        // SAFETY: nobody uses it after this.
        let w = unsafe { ManuallyDrop::take(&mut self.0) };
        if w.stack.capacity() <= KEPT && w.marks.capacity() <= KEPT {
            exchange(Box::into_raw(w));
        }
    }
}

/// Put something into `SPARE`; what stood there. Where there is one thread, the processor need not be told to wait for
/// all that was stored before.
#[inline(always)]
fn exchange(w: *mut Work) -> Option<Box<Work>> {
    let w = if habu_runtime::threads::is_alone() {
        let before = SPARE.load(Relaxed);
        SPARE.store(w, Relaxed);
        before
    } else {
        SPARE.swap(w, AcqRel)
    };
    // SAFETY: only boxes are put there, and whoever takes one out of there is alone with it.
    (!w.is_null()).then(|| unsafe { Box::from_raw(w) })
}

impl Work {
    pub fn lease(th: &Thread, groups: usize) -> R<Lease> {
        let mut w = exchange(std::ptr::null_mut()).unwrap_or_default();
        // What the marks are does not matter: each attempt begins with none set.
        if w.marks.len() != groups * 2 {
            w.marks.clear();
            if w.marks.try_reserve_exact(groups * 2).is_err() {
                return Err(habu_runtime::error::out_of_memory(th));
            }
            w.marks.resize(groups * 2, UNSET);
        }
        w.last = 0;
        Ok(Lease(ManuallyDrop::new(w)))
    }
    pub fn reset(&mut self) {
        self.stack.clear();
        self.subs.clear();
        self.reps.clear();
        if self.last != 0 || !self.marks.is_empty() {
            self.marks.fill(UNSET);
            self.last = 0;
        }
    }
}

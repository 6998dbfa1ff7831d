//! Threads and stopping them.
//!
//! A thread is RUN (may touch the heap), PARKED (stopped at a safepoint) or NATIVE (in `blocked`, or not attached).
//! The stopper takes the `world` lock, sets every poll word and waits until no other thread is RUN; it holds the lock
//! until the world runs again, so that a thread can become RUN only before or after.
//!
//! What must hold:
//! - A thread that is not RUN has saved its registers and stack pointer and ended its runs of objects (`seal`).
//! - On the way out of NATIVE nothing of the mutator is touched until it is RUN for good: the state may show RUN for a
//!   moment while a collection goes on, and goes back to NATIVE.
//! - Waiters wait for the next epoch, not for "nobody stops the world": so each stop lets every thread go on once.

use crate::heap::{Heap, heap, lock};
use crate::layout::TERMINATOR;
use crate::mutator::{Mutator, POLL_STOP};
use crate::os;
use std::ptr;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Condvar, MutexGuard, PoisonError};

pub const RUN: u8 = 0;
pub const PARKED: u8 = 1;
pub const NATIVE: u8 = 2;

#[derive(Default)]
pub struct World {
    pub threads: Vec<*const Mutator>,
    /// Counts the stops.
    epoch: u64,
    stopping: bool,
}

// SAFETY: mutators stay where they are while they are in the list, and others touch them only by the rules above.
unsafe impl Send for World {}

fn wait<'a>(change: &Condvar, world: MutexGuard<'a, World>) -> MutexGuard<'a, World> {
    change.wait(world).unwrap_or_else(PoisonError::into_inner)
}

impl Mutator {
    /// Makes the calling thread one that may use the heap.
    ///
    /// # Safety
    /// `self` is not attached and stays at its address until `detach`, which the same thread calls.
    pub unsafe fn attach(&self) {
        let h = heap();
        let (lo, base) = os::stack_bounds();
        let mut world = lock(&h.world);
        while world.stopping {
            world = wait(&h.resumed, world)
        }
        self.stack_lo.set(lo);
        self.stack_base.set(base);
        self.reset_room();
        self.stress.set(h.config.stress);
        if h.config.stress {
            self.poll.fetch_or(POLL_STOP, Relaxed);
        }
        self.state.store(RUN, SeqCst);
        world.threads.push(self);
        let n = world.threads.len();
        drop(world);
        resize_nursery(h, n)
    }

    /// # Safety
    /// The thread is attached and holds no value any more.
    pub unsafe fn detach(&self) {
        let h = heap();
        self.saved.save();
        self.seal();
        let mut world = lock(&h.world);
        while world.stopping {
            world = self.wait_parked(h, world)
        }
        self.state.store(NATIVE, SeqCst);
        let me: *const Mutator = self;
        world.threads.retain(|&t| t != me);
        // SAFETY: the thread's own logs.
        let mut logs = std::mem::take(unsafe { self.logs() });
        lock(&h.inner).orphans.append(&mut logs);
        self.reset_room();
        let n = world.threads.len();
        drop(world);
        resize_nursery(h, n)
    }

    /// Parks until the collection is over, if one wants to start. With `stress`, collects.
    #[inline]
    pub fn safepoint(&self) {
        if self.poll.load(Relaxed) & POLL_STOP != 0 {
            self.park()
        }
    }

    #[cold]
    #[inline(never)]
    fn park(&self) {
        let h = heap();
        self.saved.save();
        self.seal();
        let mut world = lock(&h.world);
        if world.stopping && self.held.get().is_null() {
            world = self.wait_parked(h, world)
        }
        drop(world);
        if self.stress.get() {
            self.stress_collect()
        }
    }

    /// Lets a stop pass. Registers are saved and runs of objects ended.
    fn wait_parked<'a>(
        &self,
        h: &'static Heap,
        mut world: MutexGuard<'a, World>,
    ) -> MutexGuard<'a, World> {
        self.state.store(PARKED, SeqCst);
        h.stopped.notify_one();
        let epoch = world.epoch;
        while world.epoch == epoch {
            world = wait(&h.resumed, world)
        }
        self.state.store(RUN, SeqCst);
        world
    }

    /// Makes the memory this thread allocates into walkable.
    fn seal(&self) {
        for (at, end) in [
            (&self.cursor, &self.hole_limit),
            (&self.spare, &self.spare_limit),
        ] {
            if at.get() < end.get() {
                // SAFETY: free memory of this thread.
                unsafe { *(at.get() as *mut u64) = TERMINATOR }
            }
        }
    }

    /// Runs `f` with every other thread parked or native, and the world's lock held; not at all if `wanted` does not
    /// hold (any more) by the time it could. Nested stops just run.
    #[inline(never)]
    pub(crate) fn with_stopped<R>(
        &self,
        wanted: impl Fn() -> bool,
        f: impl FnOnce(&'static Heap, &mut World) -> R,
    ) -> Option<R> {
        let h = heap();
        self.saved.save();
        self.seal();
        if !self.held.get().is_null() {
            if !wanted() {
                return None;
            }
            // SAFETY: this thread stopped the world further up and holds the lock; that frame does not use it now.
            return Some(f(h, unsafe { &mut *self.held.get() }));
        }
        debug_assert!(
            self.state.load(Relaxed) == RUN,
            "the thread is attached and not in `blocked`"
        );
        let mut world = lock(&h.world);
        loop {
            if !wanted() {
                return None;
            }
            if !world.stopping {
                break;
            }
            world = self.wait_parked(h, world)
        }
        world.stopping = true;
        h.stopping.store(true, SeqCst);
        let me: *const Mutator = self;
        let others_run = |world: &World| {
            // SAFETY: threads in the list are attached.
            world
                .threads
                .iter()
                .any(|&t| t != me && unsafe { &*t }.state.load(SeqCst) == RUN)
        };
        for &t in &world.threads {
            // SAFETY: as above.
            unsafe { &*t }.poll.fetch_or(POLL_STOP, SeqCst);
        }
        while others_run(&world) {
            world = wait(&h.stopped, world)
        }
        let mut resume = Resume { m: self, h, world };
        let p: *mut World = &mut *resume.world;
        self.held.set(p);
        // SAFETY: `resume` holds the lock and is not used until `f` is done.
        Some(f(h, unsafe { &mut *p }))
    }

    /// Runs `f`, which touches no heap object and may block, while collections may go on. Values that the caller needs
    /// later are kept as usual.
    #[inline(never)]
    pub fn blocked<R>(&self, f: impl FnOnce() -> R) -> R {
        if self.state.load(Relaxed) != RUN || !self.held.get().is_null() {
            return f();
        }
        self.saved.save();
        self.seal();
        self.state.store(NATIVE, SeqCst);
        if heap().stopping.load(SeqCst) {
            let _world = lock(&heap().world);
            heap().stopped.notify_one()
        }
        let _leave = Leave(self);
        f()
    }

    #[cold]
    #[inline(never)]
    fn leave_slow(&self) {
        let h = heap();
        self.state.store(NATIVE, SeqCst);
        let mut world = lock(&h.world);
        h.stopped.notify_one();
        if world.stopping {
            let epoch = world.epoch;
            while world.epoch == epoch {
                world = wait(&h.resumed, world)
            }
        }
        self.state.store(RUN, SeqCst)
    }
}

/// Leaves NATIVE, also when the blocking function panics.
struct Leave<'a>(&'a Mutator);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.state.store(RUN, SeqCst);
        if heap().stopping.load(SeqCst) {
            self.0.leave_slow()
        }
    }
}

/// Lets the world run again.
struct Resume<'a> {
    m: &'a Mutator,
    h: &'static Heap,
    world: MutexGuard<'static, World>,
}

impl Drop for Resume<'_> {
    fn drop(&mut self) {
        self.m.held.set(ptr::null_mut());
        if !self.h.config.stress {
            for &t in &self.world.threads {
                // SAFETY: threads in the list are attached.
                unsafe { &*t }.poll.fetch_and(!POLL_STOP, SeqCst);
            }
        }
        self.world.stopping = false;
        self.world.epoch += 1;
        self.h.stopping.store(false, SeqCst);
        self.h.resumed.notify_all()
    }
}

/// What all threads together may allocate between two collections.
pub fn resize_nursery(h: &Heap, threads: usize) {
    let each = lock(&h.inner).nursery_each;
    h.nursery.store(each * threads.clamp(1, 8), Relaxed)
}

/// Runs `f` with every other thread parked or in `blocked`. `f` may allocate, but not wait for another thread.
pub fn stop_the_world<R>(m: &Mutator, f: impl FnOnce() -> R) -> R {
    match m.with_stopped(|| true, |_, _| f()) {
        Some(r) => r,
        None => unreachable!("it was wanted"),
    }
}

/// Calls `f` (which is to fork, and return 0 in the child) with the heap in a state that a child can go on with; in
/// the child the calling thread is the only one left.
pub fn fork(m: &Mutator, f: impl FnOnce() -> i32) -> i32 {
    let forked = m.with_stopped(
        || true,
        |h, world| {
            let mut inner = lock(&h.inner);
            let pid = f();
            if pid == 0 {
                let me: *const Mutator = m;
                for t in std::mem::take(&mut world.threads) {
                    if t == me {
                        world.threads.push(t)
                    } else {
                        // SAFETY: the thread was stopped; its memory is in the child, too.
                        inner.orphans.append(unsafe { (*t).logs() })
                    }
                }
            }
            pid
        },
    );
    match forked {
        Some(pid) => {
            if pid == 0 {
                resize_nursery(heap(), 1)
            }
            pid
        }
        None => unreachable!("it was wanted"),
    }
}

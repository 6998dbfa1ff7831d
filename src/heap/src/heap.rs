//! The one heap of the process: its configuration, its address space, and what is under its two locks.
//!
//! Lock order: `world` (who is attached, is somebody stopping the others) before `inner` (blocks, large objects, weak
//! references, counters). A collector holds both while it works.

use crate::blocks::Blocks;
use crate::large::Large;
use crate::layout::{self, Class, KindInfo, Packed};
use crate::mutator::Logs;
use crate::space::{Committed, Space};
use crate::stats::Stats;
use crate::weak::{Survivors, Weak};
use crate::world::World;
use crate::{Mutator, OutOfMemory, Slot, Tracer};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A full collection is due no earlier than with this much in use.
pub const FULL_AT_LEAST: usize = 32 << 20;
/// What a thread may allocate between two collections, at first and at most.
const NURSERY: usize = 4 << 20;
const NURSERY_GROWTH: usize = 2;

pub struct Config {
    /// By kind number; 255 is not to be used.
    pub kinds: &'static [KindInfo],
    /// The kind of `ValueVec`'s arrays: `Layout::Sized { start: 2 }`; and the shape they get.
    pub array_kind: u8,
    pub array_shape: u32,
    /// Shapes below are roots; from here on they live as long as an object has them or a value points to them.
    pub first_dynamic_shape: u32,
    /// What a thread may allocate between two collections, at first; 0 for the default.
    pub nursery_bytes: usize,
    /// Collect at every allocation and poll.
    pub stress: bool,
    /// Check the heap after every collection, and fill memory before it is handed out again.
    pub verify: bool,
    pub max_heap: Option<usize>,
    /// Process-wide roots; called at every collection with the world stopped.
    pub extra_roots: fn(&mut Tracer),
    /// Roots of each attached thread; called with the world stopped.
    pub thread_roots: fn(*mut Mutator, &mut Tracer),
    /// After marking, for each attached thread, with the world stopped: what it knows of objects (by their addresses)
    /// that `Survivors` does not have is to be forgotten.
    pub thread_caches: fn(*mut Mutator, &Survivors),
}

pub struct Heap {
    pub config: Config,
    pub space: Space,
    pub kinds: Box<[Packed; 256]>,
    pub inner: Mutex<Inner>,
    pub world: Mutex<World>,
    /// A thread stopped being RUN: for the one who stops the world.
    pub stopped: Condvar,
    /// The world runs again: for those who wait for that.
    pub resumed: Condvar,
    /// Somebody stops the world or holds it stopped.
    pub stopping: AtomicBool,
    /// Bytes handed out since the last collection.
    pub young: AtomicUsize,
    /// A collection is due when `young` gets here.
    pub nursery: AtomicUsize,
    /// How many threads are loading what will stay.
    pub loading: AtomicUsize,
    pub next_shape: AtomicU32,
}

pub struct Inner {
    pub blocks: Blocks,
    pub large: Large,
    pub committed: Committed,
    pub weak: Weak,
    pub static_roots: Vec<&'static Slot>,
    /// What detached threads left.
    pub orphans: Logs,
    /// Counts the uses of the fresh bitmaps.
    pub epoch: u32,
    /// Bytes in use at which the next collection is a full one.
    pub full_at: usize,
    pub nursery_each: usize,
    pub nursery_max: usize,
    /// Collections since the nursery grew.
    pub at_this_size: u32,
    /// Shapes below were there at the last collection.
    pub shapes_seen: u32,
    pub stats: Stats,
}

// SAFETY: the object pointers in it belong to the heap and are used under the lock or with the world stopped.
unsafe impl Send for Inner {}

static HEAP: AtomicPtr<Heap> = AtomicPtr::new(std::ptr::null_mut());

/// The heap. `init` was called: there is no `Mutator` attached before.
#[inline(always)]
pub fn heap() -> &'static Heap {
    let p = HEAP.load(Ordering::Relaxed);
    debug_assert!(!p.is_null(), "heap::init was not called");
    // SAFETY: set by `init` once and never freed; attached threads started after it.
    unsafe { &*p }
}

/// A lock whose holder may have panicked in a callback of the runtime: what it guards is still whole, or the
/// process is ending.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Once per process, before the first `attach`. The second call and later ones change nothing.
pub fn init(config: Config) -> Result<(), OutOfMemory> {
    static ONCE: Mutex<()> = Mutex::new(());
    let _once = lock(&ONCE);
    if !HEAP.load(Ordering::Acquire).is_null() {
        return Ok(());
    }
    assert!(config.kinds.len() <= layout::RESERVED_KIND as usize);
    let space = Space::reserve()?;
    let kinds = layout::pack(config.kinds);
    debug_assert!(kinds[config.array_kind as usize].class == Class::Sized);
    let mut committed = Committed {
        lo: 0,
        hi: space.size,
        shapes: 0,
    };
    if !space.grow_shapes(&mut committed, config.first_dynamic_shape as usize) {
        return Err(OutOfMemory);
    }
    let nursery_each = if config.nursery_bytes == 0 {
        NURSERY
    } else {
        config.nursery_bytes
    };
    let first = config.first_dynamic_shape;
    let heap = Heap {
        inner: Mutex::new(Inner {
            blocks: Blocks::default(),
            large: Large::new(&space),
            committed,
            weak: Weak::default(),
            static_roots: Vec::new(),
            orphans: Logs::default(),
            epoch: 0,
            full_at: FULL_AT_LEAST,
            nursery_each,
            nursery_max: NURSERY_GROWTH * nursery_each,
            at_this_size: 0,
            shapes_seen: first,
            stats: Stats::default(),
        }),
        world: Mutex::new(World::default()),
        stopped: Condvar::new(),
        resumed: Condvar::new(),
        stopping: AtomicBool::new(false),
        young: AtomicUsize::new(0),
        nursery: AtomicUsize::new(nursery_each),
        loading: AtomicUsize::new(0),
        next_shape: AtomicU32::new(first),
        config,
        space,
        kinds,
    };
    HEAP.store(Box::into_raw(Box::new(heap)), Ordering::Release);
    Ok(())
}

/// A static slot that is a root from now on; stores into it need no barrier.
pub fn add_root(slot: &'static Slot) {
    lock(&heap().inner).static_roots.push(slot)
}

//! The heap: words, headers, allocation, marking, roots, safepoints. It does not know Python.
//!
//! Invariant of this room: a `Value` is seen by the collector only on a native stack, in a saved register, on a
//! VM stack or in a heap object.

pub mod layout;
mod mutator;
mod trace;
pub mod vec;
mod word;

pub use layout::{EXT, KindInfo, Layout, sized_word, word_ptr};
pub use mutator::{Mutator, POLL_FINALIZERS, POLL_STOP};
pub use trace::Tracer;
pub use vec::ValueVec;
pub use word::{Header, INT_MAX, INT_MIN, Slot, Value};

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Objects of more bytes have pages of their own.
pub const LARGE: usize = 8 << 10;

/// The heap could not give what was asked for: the system has no more, or `Config::max_heap` is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

pub struct Config {
    /// By kind number; 255 is not to be used.
    pub kinds: &'static [KindInfo],
    /// The kind of `ValueVec`'s arrays: `Layout::Sized { start: 2 }`; and the shape they get.
    pub array_kind: u8,
    pub array_shape: u32,
    /// Shapes below are roots; from here on they live as long as an object has them or a value points to them.
    pub first_dynamic_shape: u32,
    /// 0 for the default.
    pub nursery_bytes: usize,
    /// Collect at every allocation and poll.
    pub stress: bool,
    /// Check the heap after every collection.
    pub verify: bool,
    pub max_heap: Option<usize>,
    /// Process-wide roots; called at every collection with the world stopped.
    pub extra_roots: fn(&mut Tracer),
    /// Roots of each attached thread.
    pub thread_roots: fn(*mut Mutator, &mut Tracer),
}

struct Heap {
    config: Config,
    shapes: Box<[AtomicU64]>,
    next_shape: AtomicU32,
}
static HEAP: OnceLock<Heap> = OnceLock::new();

fn heap() -> &'static Heap {
    HEAP.get().expect("heap::init was called")
}

/// Once per process, before the first `attach`.
pub fn init(config: Config) -> Result<(), OutOfMemory> {
    let next_shape = AtomicU32::new(config.first_dynamic_shape);
    let shapes = (0..1 << 16).map(|_| AtomicU64::new(0)).collect();
    let _ = HEAP.set(Heap {
        config,
        shapes,
        next_shape,
    });
    Ok(())
}

fn array_kind() -> u8 {
    heap().config.array_kind
}
fn array_shape() -> u32 {
    heap().config.array_shape
}

/// The shape objects by shape id, 0 where there is none (any more).
#[inline]
pub fn shape_table() -> &'static [AtomicU64] {
    &heap().shapes
}

/// A shape below `first_dynamic_shape`: an immortal one.
pub fn set_static_shape(id: u32, obj: *mut Header) {
    assert!(id < heap().config.first_dynamic_shape);
    heap().shapes[id as usize].store(obj as u64, Relaxed)
}

/// A static slot that is a root from now on; stores into it need no barrier.
pub fn add_root(_slot: &'static Slot) {}

#[derive(Clone, Copy, Default, Debug)]
pub struct Stats {
    pub minor_collections: u64,
    pub full_collections: u64,
    pub pause_total_ns: u64,
    pub pause_max_ns: u64,
    pub pause_max_minor_ns: u64,
    pub allocated_bytes: u64,
    /// Estimate after the last collection.
    pub live_bytes: u64,
    pub heap_bytes: u64,
}

pub fn stats() -> Stats {
    Stats::default()
}

/// Every live object, after a full collection and with the world stopped. `f` must not allocate.
pub fn for_each_object(_m: &Mutator, _f: &mut dyn FnMut(*mut Header)) {}

/// Every value word in `obj` that is a pointer.
///
/// # Safety
/// `obj` is a live object.
pub unsafe fn referents(_obj: *mut Header, _f: &mut dyn FnMut(Value)) {}

/// The object that `addr` points to or into, if any. Stops the world.
pub fn find_object(_m: &Mutator, _addr: usize) -> Option<*mut Header> {
    None
}

/// `f` with every other thread parked or in `blocked`.
pub fn stop_the_world<R>(_m: &Mutator, f: impl FnOnce() -> R) -> R {
    f()
}

/// Calls `f` (which is to fork, and return 0 in the child) with the heap in a state that a child can go on with; in
/// the child the calling thread is the only one left.
pub fn fork(_m: &Mutator, f: impl FnOnce() -> i32) -> i32 {
    f()
}

/// An object with a finalizer that died and was brought back for it: the runtime calls the finalizer.
pub fn next_finalizable(_m: &Mutator) -> Option<Value> {
    None
}

/// A weak reference that still lives and has a callback (word 2), whose target died.
pub fn next_dead_weakref(_m: &Mutator) -> Option<Value> {
    None
}

//! The heap: words, headers, allocation, marking, roots, safepoints. It does not know Python.
//!
//! A non-moving mark-region collector with sticky mark bits (so it is generational without copying), conservative about
//! stacks and registers and exact about the heap. One heap a process; a thread that uses it has a `Mutator`.
//!
//! Invariant of this room: a `Value` is seen by the collector only on a native stack, in a saved register, on a
//! VM stack, in a registered root or in a heap object. Objects never move. Every mutable word is atomic, under a lock, or
//! touched only with the world stopped; what a racing reader may still see is kept alive by its stack.
//!
//! Left for later, until a program is found that waits for it: several threads marking in a full collection. The lists
//! of the collector itself (mark stack, logs) come from the native heap, which aborts the process when it is exhausted;
//! `space` leaves it a share where address space is limited.
//!
//! | file | what |
//! |---|---|
//! | `word`, `layout` | values, headers, where the values of an object are |
//! | `heap`, `space`, `os` | configuration, the address space and its side tables, what the system gives |
//! | `mutator`, `alloc`, `vec` | allocation and the write barrier, a vector of values for native code |
//! | `blocks`, `large` | where small and large objects live |
//! | `world`, `regs` | threads, safepoints, stopping the world, fork |
//! | `collect`, `resolve`, `mark`, `trace` | a collection: roots, words that may be addresses, marking |
//! | `weak`, `shapes` | weak references, finalizers, native data, the shape table |
//! | `walk`, `verify`, `stats`, `garbage` | looking at the heap, and at what a collection found dead |

mod alloc;
mod blocks;
mod collect;
mod garbage;
mod heap;
mod large;
mod layout;
mod mark;
mod mutator;
mod os;
mod regs;
mod resolve;
mod shapes;
mod space;
mod stats;
mod trace;
mod vec;
mod verify;
mod walk;
mod weak;
mod word;
mod world;

pub use heap::{Config, add_root, init};
pub use layout::{EXT, KindInfo, Layout, RESERVED_KIND, sized_word, word_ptr};
pub use mark::{CARDED, OLD};
pub use mutator::{Mutator, POLL_FINALIZERS, POLL_STOP};
pub use shapes::{set_static_shape, shape_object, shape_table};
pub use space::LARGE;
pub use stats::{Stats, stats};
pub use trace::Tracer;
pub use vec::ValueVec;
pub use walk::{find_object, for_each_object, referents, size_of_object};
pub use weak::{Survivors, next_dead_weakref, next_finalizable};
pub use word::{Header, INT_MAX, INT_MIN, Slot, Value};
pub use world::{fork, stop_the_world};

/// The heap could not give what was asked for: the system has no more, or `Config::max_heap` is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of memory")
    }
}

impl std::error::Error for OutOfMemory {}

//! The heap: words, headers, allocation, marking, roots, safepoints. It does not know Python.
//!
//! Invariant of this room: a `Value` is seen by the collector only on a native stack, in a saved register, on a
//! VM stack or in a heap object.

mod word;
pub use word::{Header, INT_MAX, INT_MIN, Slot, Value};

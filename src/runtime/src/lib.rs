//! The runtime: objects, types, shapes, interpreter, frames, import, threads.
//!
//! Invariants of this room: it does not know Cranelift; the thread is handed in, never looked up; a value lives
//! on a stack or in the heap; Python errors are `Result<_, Raised>` with the exception pending in the thread.
#![allow(clippy::missing_safety_doc)]

pub mod classes;
pub mod codecs;
pub mod config;
pub mod core;
pub mod error;
pub mod gil;
pub mod import;
pub mod interp;
pub mod kinds;
pub mod modules;
pub mod names;
pub mod object;
pub mod ops;
pub mod polls;
pub mod runtime;
pub mod spec;
pub mod start;
pub mod suggest;
pub mod thread;
pub mod threads;
pub mod traceback;
pub mod types;
pub mod unicode;
/// Words, for native modules.
pub use habu_heap as value;

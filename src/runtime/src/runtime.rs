//! What the process has once: classes, known names, interned strings, shared empty objects, the module table.
//!
//! What must hold: every word here is reported to the collector by `trace_roots`.

use crate::classes::C;
use crate::names::N;
use crate::object::*;
use habu_heap::{Slot, Tracer, Value};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};

pub const EXTRA: usize = 32;

/// Process-wide objects that native modules keep, by fixed number.
#[derive(Clone, Copy)]
#[repr(usize)]
pub enum Keep {
    ImportLib,
    ImportExternal,
    ImportFunc,
    WarningsFilters,
    CodecSearch,
    CodecCache,
    CodecErrors,
    AtExit,
    MainModule,
    BuildClass,
    Abc,
    TypingModule,
    GcCallbacks,
    UnraisableHook,
    ExceptHook,
    IoOpen,
    OldBuiltinImport,
    /// The module `_io` and its classes.
    Io,
    SignalHandlers,
    Threads,
    CopyReg,
    GcGarbage,
    WarnOnce,
    Monitoring,
    Functools,
    MonitorDisable,
    MonitorMissing,
    /// Weak references to code objects that have native code.
    Compiled,
    /// Threaded code with its handlers put aside, and those (`interp::switch`).
    Poisoned,
    /// The code of `-c`.
    MainCode,
}

pub struct Runtime {
    pub names: [Slot; N::End as usize],
    pub classes: [Slot; C::End as usize],
    pub interned: Slot,
    pub chars: [Slot; 256],
    pub empty_str: Slot,
    pub empty_bytes: Slot,
    pub empty_tuple: Slot,
    pub empty_table: Slot,
    pub empty_listbuf: Slot,
    pub empty_frozenset: Slot,
    pub modules: Slot,
    pub sys: Slot,
    pub sys_dict: Slot,
    pub builtins: Slot,
    pub builtins_dict: Slot,
    pub native_modules: Slot,
    pub keep: [Slot; EXTRA],
    pub import_func: Slot,
    /// Methods of `object` that nobody can change.
    pub object_eq: Slot,
    pub object_ne: Slot,
    /// `all` and `any` as they were at first.
    pub all: Slot,
    pub any: Slot,
    pub memory_error: Slot,
    /// Bumped by every change of a class that a lookup may have answered from.
    pub class_epoch: AtomicU64,
    pub table_ids: AtomicU32,
    pub recursion_limit: AtomicUsize,
    pub int_digits_limit: AtomicUsize,
    pub options: Options,
    pub signals_pending: AtomicBool,
    pub finalizing: AtomicBool,
    pub hash_seed: (AtomicU64, AtomicU64),
    pub class_ids: AtomicU64,
    pub instrumentation: AtomicU32,
}

/// What the command line said.
#[derive(Default)]
pub struct Options {
    pub optimize: AtomicU32,
    pub verbose: AtomicU32,
    pub bytes_warning: AtomicU32,
    pub gc_stress: AtomicBool,
    pub stats: AtomicBool,
    pub dev_mode: AtomicBool,
}

// SAFETY: slots are atomics; the single instance is set up before a second thread exists.
static mut RT: *const Runtime = std::ptr::null();

#[inline(always)]
pub fn rt() -> &'static Runtime {
    // SAFETY: set once by `install` before anything runs, never freed.
    unsafe { &*RT }
}

pub fn is_installed() -> bool {
    // SAFETY: as above.
    unsafe { !RT.is_null() }
}

pub fn install() {
    // SAFETY: all-zero is a valid `Runtime` (empty slots, zero counters); called once, single-threaded.
    unsafe {
        let b: Box<Runtime> = Box::new(std::mem::zeroed());
        RT = Box::into_raw(b);
    }
}

impl Runtime {
    pub fn trace_roots(&self, t: &mut Tracer) {
        let start = self as *const Runtime as *const u64;
        // Every word of the structure may be a slot; what is no heap address resolves to nothing.
        // SAFETY: the whole structure is readable.
        unsafe { t.visit_conservative_range(start, start.add(std::mem::size_of::<Runtime>() / 8)) };
    }
}

/// A class every process has.
#[inline(always)]
pub fn class(c: C) -> Gc<TypeObj> {
    // SAFETY: all core classes are made before anything asks for one.
    unsafe { rt().classes[c as usize].get_unchecked().cast_unchecked() }
}

#[inline(always)]
pub fn class_value(c: C) -> Value {
    class(c).value()
}

#[inline(always)]
pub fn kept(k: Keep) -> Option<Value> {
    rt().keep[k as usize].get()
}

pub fn keep(k: Keep, v: Option<Value>) {
    rt().keep[k as usize].init(v)
}

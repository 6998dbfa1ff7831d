//! A thread's state: the heap's mutator first (compiled code addresses it by offset), then the frame pointers,
//! the pending exception and what signals and the GIL need.
//!
//! What must hold: a `Thread` stays at one address from attach to detach; everything takes it as a parameter.

use crate::object::ValueExt;
use crate::object::{Gc, Object};
use habu_heap::{Header, Mutator, Slot, Value};
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicU64};

/// "A Python exception is pending in the thread."
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raised;

/// What everything that can raise returns: one register, 0 for raised.
pub type R<T = Value> = Result<T, Raised>;

/// Poll bits beside the heap's.
pub mod poll {
    pub const FINALIZERS: u32 = 2;
    pub const SIGNALS: u32 = 4;
    pub const GIL: u32 = 8;
    pub const ASYNC_EXC: u32 = 16;
    /// Events of running code are wanted: `RESUME` and backward jumps move over to traced code.
    pub const TRACE: u32 = 32;
    pub const STRESS: u32 = 64;
}

#[repr(C)]
pub struct Thread {
    pub mutator: Mutator,
    /// Locals of the running frame; null outside Python code.
    pub fp: Cell<*mut u64>,
    /// Top of the running frame's operand stack, exact whenever the runtime may allocate.
    pub sp: Cell<*mut u64>,
    /// Frames may not reach beyond this.
    pub vm_limit: Cell<*mut u64>,
    pub vm_base: Cell<*mut u64>,
    /// Depth at which RecursionError comes, in the units of a frame's flags word (`1 << 32` a frame).
    pub depth_limit: Cell<u64>,
    /// Native stack may not go below this address.
    pub native_limit: Cell<usize>,
    /// The pending exception.
    pub pending: Slot,
    /// The exception being handled (`sys.exception()`), per generator.
    pub handled: Slot,
    pub async_exc: Slot,
    pub id: AtomicU64,
    pub poll_count: Cell<u32>,
    pub is_main: Cell<bool>,
    pub trampoline: Cell<[u64; 3]>,
    /// Operands of a call of native code that leaves all registers as they are; the first is what it gives.
    pub aside: Cell<[u64; 2]>,
    /// Objects being printed (`repr` of recursive containers).
    pub repr_depth: Cell<u32>,
    pub repr_guard: Slot,
    /// `contextvars`' current context, async hooks, trace and profile functions, thread-local dict.
    pub context: Slot,
    pub context_version: Cell<u64>,
    pub asyncgen_first: Slot,
    pub asyncgen_final: Slot,
    pub trace: Slot,
    pub profile: Slot,
    /// Inside how many callbacks for events the thread is.
    pub tracing: Cell<u32>,
    pub locals: Slot,
    pub temp: Slot,
    pub lookup: crate::core::lookup_cache::LookupCache,
    pub last_found: crate::core::dict::LastFound,
    pub recent: crate::core::recent::Recent,
    pub finalizing: Cell<bool>,
    pub stop_requested: AtomicU32,
    pub native_base: Cell<usize>,
    pub coroutine_origin_depth: Cell<u32>,
    /// How deep native code is in nested data (`nested`).
    pub nesting: Cell<u32>,
    /// The result of a call whose native caller has to leave its frame (`interp::tier`).
    pub left: Slot,
    /// The frame whose locals were changed from outside last: native code that it belongs to is to leave it.
    pub changed: Cell<*mut u64>,
    /// What a trace or profile function is being told (a known name's number; 0: nothing).
    pub traced_event: Cell<u32>,
    /// And about which frame.
    pub traced_frame: Cell<*mut u64>,
    /// What the next table's id is, unless it is the first of those that threads take at once.
    pub table_id: Cell<u32>,
}

impl Thread {
    /// Allocate an object of `bytes` with this header word; the caller initializes every word at once.
    #[inline(always)]
    pub fn alloc<T: Object>(&self, shape: u32, flags: u8, bytes: usize) -> R<Gc<T>> {
        match self
            .mutator
            .alloc(Header::word(shape, T::KIND, flags), bytes)
        {
            // SAFETY: the heap returned room for this object.
            Some(p) => Ok(unsafe { Gc::from_raw(p.as_ptr() as *mut T) }),
            None => Err(crate::error::out_of_memory(self)),
        }
    }

    /// The same for a kind only known at run time; words are zeroed.
    #[inline]
    pub fn alloc_zeroed(&self, shape: u32, kind: u8, flags: u8, bytes: usize) -> R<*mut Header> {
        match self
            .mutator
            .alloc_zeroed(Header::word(shape, kind, flags), bytes)
        {
            Some(p) => Ok(p.as_ptr()),
            None => Err(crate::error::out_of_memory(self)),
        }
    }

    /// Store into a field of `owner` with the write barrier.
    #[inline(always)]
    pub fn set<T>(&self, owner: Gc<T>, slot: &Slot, v: Option<Value>) {
        // SAFETY: `slot` is a field of `owner`, by the callers' form `th.set(o, &o.field, v)`.
        unsafe { self.mutator.write(owner.header(), slot, v) }
    }

    /// Store with barrier where the owner is only known as a value.
    #[inline(always)]
    pub fn set_in(&self, owner: Value, slot: &Slot, v: Option<Value>) {
        // SAFETY: as above; `owner` is a pointer.
        unsafe { self.mutator.write(owner.bits() as *mut Header, slot, v) }
    }

    /// The pending exception, taken.
    pub fn take(&self) -> Value {
        let e = self.pending.get();
        self.pending.init(None);
        match e {
            Some(e) => e,
            None => unreachable!("an exception was announced but none is pending"),
        }
    }

    #[inline(always)]
    pub fn is_pending(&self) -> bool {
        self.pending.bits() != 0
    }

    /// Make `exc` the pending exception again.
    pub fn restore(&self, exc: Value) -> Raised {
        self.pending.init(Some(exc));
        Raised
    }

    /// Address below which native recursion must stop.
    #[inline(always)]
    pub fn check_native_stack(&self) -> R<()> {
        let here = &self as *const _ as usize;
        if here < self.native_limit.get() {
            return Err(crate::error::recursion(self));
        }
        Ok(())
    }

    /// Go one level down in nested data; RecursionError where it is nested beyond reason, long before the native
    /// stack, which is large, is used up.
    pub fn nested<T>(&self, f: impl FnOnce() -> R<T>) -> R<T> {
        const DEEPEST: u32 = 50_000;
        self.check_native_stack()?;
        let n = self.nesting.get();
        if n >= DEEPEST {
            return Err(crate::error::recursion(self));
        }
        self.nesting.set(n + 1);
        let r = f();
        self.nesting.set(n);
        r
    }

    pub fn frame_func(&self) -> Option<Value> {
        let fp = self.fp.get();
        if fp.is_null() {
            return None;
        }
        // SAFETY: a non-null fp is a frame whose header stands before it.
        unsafe { Value::from_bits(*fp.offset(crate::interp::frame::FUNC)) }
    }

    /// Run `f` with the thread outside the runtime: others may run, a collection needs not wait.
    pub fn blocked<T>(&self, f: impl FnOnce() -> T) -> T {
        crate::gil::release(self);
        self.mutator.blocked(|| {
            let r = f();
            crate::gil::acquire(self);
            r
        })
    }
}

/// `v` as this layout, for places where the class was checked already.
pub fn expect<T: Object>(v: Value) -> Gc<T> {
    match v.cast::<T>() {
        Some(o) => o,
        None => unreachable!("kind {} where {} was expected", v.kind(), T::KIND),
    }
}

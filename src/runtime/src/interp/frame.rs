//! Frames: words on the thread's VM stack, shared by interpreter and compiled code. A generator's frame is there
//! only while it runs; suspended, its words are kept in the generator.
//!
//! `fp` points to the locals; the header stands before them, the operand stack behind them. Header words that
//! hold addresses have bit 0 set, so that nobody takes them for objects.

use crate::classes::C;
use crate::object::*;
use crate::thread::{R, Thread};
use habu_heap::Value;

/// Offsets from `fp`, in words.
pub const PREV: isize = -6;
/// The instruction the frame is at, exact whenever it is not the running one or the runtime was called.
pub const IP: isize = -5;
/// Where the caller's operand stack gets the result.
pub const RET_SP: isize = -4;
/// `depth << 32 | flags | 1`
pub const FLAGS: isize = -3;
/// Namespace (module, class body, exec) or generator, or the frame object once there is one
/// (`flag::FRAME_OBJECT`), which then has those.
pub const EXTRA: isize = -2;
pub const FUNC: isize = -1;
pub const HEADER: usize = 6;

pub mod flag {
    pub const TAG: u64 = 1;
    /// Returning from it leaves the native `run`.
    pub const ENTRY: u64 = 2;
    /// Runs `__init__`: the result is the instance, already in place.
    pub const INIT: u64 = 4;
    pub const GENERATOR: u64 = 8;
    pub const FRAME_OBJECT: u64 = 16;
    /// The generator was resumed by FOR_ITER / SEND of the frame below.
    pub const BY_FOR: u64 = 32;
    pub const BY_SEND: u64 = 64;
    /// Popped by unwinding of `throw`/`close`.
    pub const DISCARD: u64 = 128;
    /// Pushed by compiled code, which waits natively for the result (with `ENTRY`).
    pub const NATIVE: u64 = 256;
    /// Called by an instruction of one word; calls have two.
    pub const NARROW: u64 = 512;
    /// The caller has no place for the result.
    pub const DROP: u64 = 1024;
    /// Runs an operator's method: NotImplemented makes the right side be asked.
    pub const OPERATOR: u64 = 2048;
    /// The result goes to the local that the caller's instruction names.
    pub const STORE: u64 = 4096;
    /// `EXTRA` was not written: there is nothing.
    pub const BARE: u64 = 8192;
    /// The caller's locals were changed: compiled code returns to it by way of the interpreter.
    pub const CHANGED: u64 = 16384;
    pub const LOW: u64 = 0xffff_ffff;
    pub const DEPTH: u64 = 1 << 32;
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame(pub *mut u64);

impl Frame {
    #[inline(always)]
    fn word(self, i: isize) -> u64 {
        // SAFETY: a frame's header stands before its locals.
        unsafe { *self.0.offset(i) }
    }
    #[inline(always)]
    fn set_word(self, i: isize, w: u64) {
        // SAFETY: as above.
        unsafe { *self.0.offset(i) = w }
    }
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }
    pub fn prev(self) -> Option<Frame> {
        let p = (self.word(PREV) & !1) as *mut u64;
        if p.is_null() { None } else { Some(Frame(p)) }
    }
    pub fn ip(self) -> *mut super::Op {
        (self.word(IP) & !1) as *mut super::Op
    }
    pub fn set_ip(self, ip: *mut super::Op) {
        self.set_word(IP, ip as u64 | 1)
    }
    /// The halves of `FLAGS`. Compiled code writes each by itself: who read both as one word would wait until these
    /// writes, and all before them, have reached the cache.
    #[inline(always)]
    fn half(self, high: usize) -> *mut u32 {
        const { assert!(cfg!(target_endian = "little")) }
        // SAFETY: as for `word`.
        unsafe { (self.0.offset(FLAGS) as *mut u32).add(high) }
    }
    #[inline(always)]
    pub fn flags(self) -> u64 {
        // SAFETY: as above.
        unsafe { *self.half(0) as u64 }
    }
    /// The depth stays as it is.
    pub fn set_flags(self, f: u64) {
        // SAFETY: as above.
        unsafe { *self.half(0) = f as u32 }
    }
    /// As it stands in `FLAGS`: a multiple of `flag::DEPTH`.
    #[inline(always)]
    pub fn depth(self) -> u64 {
        // SAFETY: as above.
        unsafe { (*self.half(1) as u64) << 32 }
    }
    pub fn func(self) -> Gc<FunctionObj> {
        // SAFETY: every frame has its function.
        unsafe { Value::from_bits_unchecked(self.word(FUNC)).cast_unchecked() }
    }
    pub fn code(self) -> Gc<CodeObj> {
        // SAFETY: every function has its code.
        unsafe { self.func().code.get_unchecked().cast_unchecked() }
    }
    pub fn globals(self) -> Gc<DictObj> {
        // SAFETY: every function has globals.
        unsafe { self.func().globals.get_unchecked().cast_unchecked() }
    }
    pub fn local(self, i: usize) -> Option<Value> {
        Value::from_bits(self.word(i as isize))
    }
    /// What was passed as argument `i`, unless the function has set it anew.
    pub fn argument(self, i: usize) -> Value {
        let v = self.local(i).unwrap_or(Value::NONE);
        let cell = v.cast::<CellObj>().and_then(|c| c.value.get());
        cell.unwrap_or(v)
    }
    pub fn set_local(self, i: usize, v: Option<Value>) {
        self.set_word(i as isize, v.map_or(0, Value::bits))
    }
    pub fn extra(self) -> Option<Value> {
        if self.flags() & flag::BARE != 0 {
            return None;
        }
        Value::from_bits(self.word(EXTRA))
    }
    pub fn set_extra(self, v: Option<Value>) {
        self.set_flags(self.flags() & !flag::BARE);
        self.set_word(EXTRA, v.map_or(0, Value::bits))
    }
    /// Write what compiled code has left out.
    pub fn complete(self) {
        if self.flags() & flag::BARE != 0 {
            self.set_extra(None);
        }
    }
    /// The interpreter takes over a frame that compiled code pushed behind its own.
    pub fn called_by_native(self) {
        self.complete();
        self.set_flags(self.flags() & !flag::NATIVE);
        // The frame stands right behind what its caller uses.
        self.set_word(RET_SP, (self.0 as u64 - HEADER as u64 * 8) | 1);
    }
    /// The frame object, where there is one.
    pub fn object(self) -> Option<Gc<FrameObj>> {
        if self.flags() & flag::FRAME_OBJECT != 0 {
            self.extra()?.cast()
        } else {
            None
        }
    }
    /// The namespace of a frame without fast locals.
    pub fn namespace(self) -> Option<Value> {
        if self.flags() & flag::FRAME_OBJECT != 0 {
            self.extra()?.cast::<FrameObj>()?.extra_locals.get()
        } else {
            self.extra().filter(|_| self.flags() & flag::GENERATOR == 0)
        }
    }
    /// The generator whose frame this is.
    pub fn generator(self) -> Option<Gc<GeneratorObj>> {
        if self.flags() & flag::GENERATOR == 0 {
            return None;
        }
        match self.object() {
            Some(o) => o.generator.get()?.cast(),
            None => self.extra()?.cast(),
        }
    }
    /// Bytecode offset of the instruction the frame is at.
    pub fn lasti(self) -> Option<u32> {
        super::ops_offset(self.code(), self.ip())
    }
    pub fn line(self) -> u32 {
        let c = self.code();
        match self.lasti() {
            Some(o) => crate::core::code::line_at(c, o).unwrap_or(c.firstlineno.get() as u32),
            None => c.firstlineno.get() as u32,
        }
    }
}

/// A local of a live frame was changed from outside. Compiled code has locals in registers: it leaves the frame as soon
/// as it is its turn again.
pub fn locals_changed(th: &Thread, f: Frame) {
    th.changed.set(f.0);
    let mut above = current(th);
    while let Some(a) = above {
        let below = a.prev();
        if below == Some(f) {
            a.set_flags(a.flags() | flag::CHANGED);
        }
        above = below.filter(|_| a != f);
    }
}

pub fn current(th: &Thread) -> Option<Frame> {
    let fp = th.fp.get();
    if fp.is_null() { None } else { Some(Frame(fp)) }
}

/// The frame object of a live frame, made now if need be.
pub fn object(th: &Thread, f: Frame) -> R<Gc<FrameObj>> {
    if let Some(o) = f.object() {
        return Ok(o);
    }
    let words = std::mem::size_of::<FrameObj>() / 8 - 1;
    let p = th.alloc_zeroed(
        C::Frame.shape(),
        crate::kinds::FRAME,
        words as u8,
        words * 8 + 8,
    )?;
    // SAFETY: zeroed words are an empty frame object.
    let o: Gc<FrameObj> = unsafe { Gc::from_raw(p as *mut FrameObj) };
    o.func.init(Some(f.func().value()));
    o.fp.init_bits(f.0 as u64 | 1);
    match f.generator() {
        Some(g) => {
            o.generator.init(Some(g.value()));
            th.set(g, &g.frame, Some(o.value()));
        }
        None => o.extra_locals.init(f.extra()),
    }
    f.set_extra(Some(o.value()));
    f.set_flags(f.flags() | flag::FRAME_OBJECT);
    Ok(o)
}

/// The frame goes: its object, if any, keeps what can still be asked.
pub fn detach(th: &Thread, f: Frame) {
    let Some(o) = f.object() else { return };
    let code = f.code();
    let n = code.nlocalsplus.get() as usize;
    if let Ok(a) = crate::core::shape::array(th, n) {
        for i in 0..n {
            th.set(a, a.slot(i), f.local(i));
        }
        th.set(o, &o.saved, Some(a.value()));
    } else {
        th.take();
    }
    o.lasti
        .init(Some(Value::small_int(f.lasti().map_or(-1, |o| o as i64))));
    if let Some(p) = f.prev()
        && o.back.get().is_none()
        && let Ok(b) = object(th, p)
    {
        th.set(o, &o.back, Some(b.value()));
    }
    o.fp.init(None);
    f.set_extra(o.extra_locals.get());
    f.set_flags(f.flags() & !flag::FRAME_OBJECT);
}

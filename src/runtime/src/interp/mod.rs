//! The interpreter: direct-threaded code made from bytecode on first execution, and its handlers.
//!
//! What must hold: a handler's last act is to call the next one; it keeps nothing on the native stack on its
//! fast path, so that in release builds the call is a jump. Everything that may allocate, raise or run Python
//! sees the frame's `IP` and the thread's VM top up to date (`save!`).

pub mod arith;
pub mod attrs;
pub mod build;
pub mod cache;
pub mod calls;
mod chain;
pub mod control;
pub mod counted;
pub mod descriptors;
pub mod enter;
pub mod events;
pub mod feedback;
pub mod frame;
pub mod gens;
pub mod loads;
pub mod loops;
pub mod matching;
pub mod names;
pub mod operators;
mod ops_object;
pub mod poly;
pub mod subscr;
pub mod switch;
pub mod tier;
mod trace_ops;
pub mod traced;
pub mod translate;
pub mod unwind;

pub use enter::*;
pub use ops_object::*;

use crate::thread::Thread;

/// A handler: instruction, top of the operand stack (one past the last item), locals, thread.
pub type Handler = unsafe extern "C" fn(*mut Op, *mut u64, *mut u64, &Thread) -> u64;

/// One instruction of threaded code. Wide instructions are followed by one whose words are cache.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Op {
    pub h: usize,
    pub arg: u64,
}

impl Op {
    #[inline(always)]
    pub fn handler(&self) -> Handler {
        // SAFETY: `h` of an instruction (not of a cache) is a handler's address.
        unsafe { std::mem::transmute::<usize, Handler>(self.h) }
    }
}

/// Go on with the instruction at `ip`.
#[macro_export]
macro_rules! next {
    ($ip:expr, $sp:expr, $fp:expr, $th:expr) => {{
        let ip = $ip;
        #[cfg(habu_threaded)]
        {
            return ((*ip).handler())(ip, $sp, $fp, $th);
        }
        #[cfg(not(habu_threaded))]
        {
            $th.trampoline.set([ip as u64, $sp as u64, $fp as u64]);
            return 0;
        }
    }};
}

/// Make the frame presentable before calling what may look at it.
#[macro_export]
macro_rules! save {
    ($ip:expr, $sp:expr, $fp:expr, $th:expr) => {{
        *$fp.offset($crate::interp::frame::IP) = $ip as u64 | 1;
        $th.mutator.vm_top.set($sp);
    }};
}

/// Unwind from this instruction.
#[macro_export]
macro_rules! raised {
    ($ip:expr, $sp:expr, $fp:expr, $th:expr) => {{
        return $crate::interp::unwind::unwind($ip, $sp, $fp, $th);
    }};
}

/// The value of a result, or unwind.
#[macro_export]
macro_rules! check {
    ($e:expr, $ip:expr, $sp:expr, $fp:expr, $th:expr) => {
        match $e {
            Ok(v) => v,
            Err(_) => $crate::raised!($ip, $sp, $fp, $th),
        }
    };
}

/// Declare handlers (their bodies are unsafe code throughout): `handlers! { name(ip, sp, fp, th) { … } }`.
#[macro_export]
macro_rules! handlers {
    ($($(#[$m:meta])* $name:ident $(<$(const $g:ident : $gt:ty),*>)? ($ip:ident, $sp:ident, $fp:ident, $th:ident) $body:block)*) => {$(
        $(#[$m])*
        /// # Safety
        /// Called by the dispatcher with a valid instruction, operand stack, frame and thread.
        #[allow(unused_variables, unreachable_code, clippy::macro_metavars_in_unsafe)]
        pub unsafe extern "C" fn $name$(<$(const $g: $gt),*>)?(
            $ip: *mut $crate::interp::Op,
            $sp: *mut u64,
            $fp: *mut u64,
            $th: &$crate::thread::Thread,
        ) -> u64 {
            // SAFETY: the dispatcher's promise: the compiler of the bytecode proved the stack discipline.
            unsafe { $body }
        }
    )*};
}

#[inline(always)]
pub fn val(w: u64) -> habu_heap::Value {
    debug_assert!(w != 0);
    // SAFETY: operand stack words are values wherever an instruction reads them.
    unsafe { habu_heap::Value::from_bits_unchecked(w) }
}

/// The kind of the object that the word points to; 0 where it is no pointer.
///
/// # Safety
/// A pointer word points to a live object.
#[inline(always)]
pub unsafe fn kind_of(w: u64) -> u8 {
    // SAFETY: the caller's promise.
    unsafe {
        if w & 0x8000_0000_0000_0007 == 0 {
            (*(w as *const habu_heap::Header)).kind
        } else {
            0
        }
    }
}

//! The callee-saved registers and the stack pointer of a thread, saved for the collector.
//!
//! What must hold: every value that is live across `save` is in a callee-saved register or on the stack. It is, as the
//! assembly claims to clobber what a call may clobber.

use std::cell::Cell;

const N: usize = if cfg!(target_arch = "aarch64") { 20 } else { 7 };

#[repr(C)]
pub struct Saved {
    /// The stack pointer first, then the registers.
    words: [Cell<usize>; N],
}

impl Saved {
    pub const fn new() -> Saved {
        Saved {
            words: [const { Cell::new(0) }; N],
        }
    }

    pub fn sp(&self) -> usize {
        self.words[0].get()
    }

    pub fn registers(&self) -> impl Iterator<Item = usize> + '_ {
        self.words[1..].iter().map(Cell::get)
    }

    /// Into the frame of the function that calls it: what the collector shall see stands there or above.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub fn save(&self) {
        // SAFETY: stores of seven words into `self`.
        unsafe {
            std::arch::asm!(
                "mov [rdi], rsp",
                "mov [rdi + 8], rbx",
                "mov [rdi + 16], rbp",
                "mov [rdi + 24], r12",
                "mov [rdi + 32], r13",
                "mov [rdi + 40], r14",
                "mov [rdi + 48], r15",
                inout("rdi") self.words.as_ptr() => _,
                clobber_abi("sysv64"),
            )
        }
    }

    /// Into the frame of the function that calls it: what the collector shall see stands there or above.
    #[cfg(target_arch = "aarch64")]
    #[inline(always)]
    pub fn save(&self) {
        // SAFETY: stores of twenty words into `self`.
        unsafe {
            std::arch::asm!(
                "mov x9, sp",
                "str x9, [x0]",
                "stp x19, x20, [x0, #8]",
                "stp x21, x22, [x0, #24]",
                "stp x23, x24, [x0, #40]",
                "stp x25, x26, [x0, #56]",
                "stp x27, x28, [x0, #72]",
                "str x29, [x0, #88]",
                "stp d8, d9, [x0, #96]",
                "stp d10, d11, [x0, #112]",
                "stp d12, d13, [x0, #128]",
                "stp d14, d15, [x0, #144]",
                inout("x0") self.words.as_ptr() => _,
                clobber_abi("C"),
            )
        }
    }
}

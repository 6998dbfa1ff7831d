//! Layouts: where the values of an object stand and how large it is, by the kind in its header.
//!
//! What must hold: size and value words follow from the header and word 1 (for `Custom` from whatever its functions
//! read) from the moment the allocating code has initialized the object, before its next safepoint.

use crate::{Header, Tracer};
use std::sync::atomic::Ordering::Relaxed;

/// Flag bit of a header: one more value word stands at the very end of the object. Not for `Inst` and `Custom`.
pub const EXT: u8 = 0x80;
/// The kind of the collector's own marks inside free memory; no object may have it.
pub const RESERVED_KIND: u8 = 255;

/// Word 0 of an object is its header; "word 1" is the one after it.
#[derive(Clone, Copy)]
pub enum Layout {
    /// `values` values from word 1 on, then raw words; `words` words in all after the header.
    Fixed { values: u16, words: u16 },
    /// Word 1 is `sized_word(total words with the header, value words)`; the values stand from word `start` on.
    Sized { start: u16 },
    /// The header's flags are the number of value words after the header.
    Inst,
    /// Word 1 is the weak target (a pointer or 0, cleared by the collector), then `values` values, then raw words;
    /// `words` words in all after the header, the target among them.
    Weak { values: u16, words: u16 },
    /// `values` values, then two raw words: a data pointer and an `unsafe fn(*mut u8)` or 0, called once with it when
    /// the object has died.
    Native { values: u16 },
    /// Both functions are the caller's; they are also called while the world is stopped and must not allocate.
    Custom {
        size: unsafe fn(*const Header) -> usize,
        trace: unsafe fn(*mut Header, &mut Tracer),
    },
}

#[derive(Clone, Copy)]
pub struct KindInfo {
    pub name: &'static str,
    pub layout: Layout,
}

/// Word 1 of a `Sized` object. `total_words` counts the header, and the `EXT` word if there is one.
#[inline(always)]
pub const fn sized_word(total_words: u32, value_words: u32) -> u64 {
    total_words as u64 | (value_words as u64) << 32
}

/// Word `i` of an object as an address.
///
/// # Safety
/// `obj` has more than `i` words.
#[inline(always)]
pub unsafe fn word_ptr(obj: *const Header, i: usize) -> *mut u64 {
    // SAFETY: the caller's promise.
    unsafe { (obj as *mut u64).add(i) }
}

/// Size of an object in bytes.
///
/// # Safety
/// `obj` is an initialized object of a kind in `kinds`.
pub unsafe fn size_of(kinds: &[KindInfo], obj: *const Header) -> usize {
    // SAFETY: the caller's promise; the words read belong to every object of that layout.
    unsafe {
        let flags = (*obj).flags.load(Relaxed);
        let ext = (flags & EXT != 0) as usize;
        match kinds[(*obj).kind as usize].layout {
            Layout::Fixed { words, .. } | Layout::Weak { words, .. } => {
                8 * (1 + words as usize + ext)
            }
            Layout::Sized { .. } => 8 * (*word_ptr(obj, 1) as u32 as usize),
            Layout::Inst => 8 + 8 * flags as usize,
            Layout::Native { values } => 8 * (3 + values as usize + ext),
            Layout::Custom { size, .. } => size(obj),
        }
    }
}

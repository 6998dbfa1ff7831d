//! Layouts: where the values of an object stand and how large it is, by the kind in its header.
//!
//! What must hold: size and value words follow from the header and word 1 (for `Custom` from whatever its functions
//! read) from the moment the allocating code has initialized the object, before its next safepoint.

use crate::{Header, Tracer};
use std::sync::atomic::Ordering::Relaxed;

/// Flag bit of a header: one more value word stands at the very end of the object. Not for `Inst` and `Custom`.
pub const EXT: u8 = 0x80;
/// No object may have this kind: the heap ends its runs of objects with a word of ones.
pub const RESERVED_KIND: u8 = 255;
/// The word after the last object of a run that does not reach the end of its hole.
pub(crate) const TERMINATOR: u64 = u64::MAX;

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

/// A layout as the marker wants it: eight bytes, no branches but one on the class.
#[derive(Clone, Copy)]
pub(crate) struct Packed {
    pub class: Class,
    /// Word of the first value.
    first: u16,
    /// Value words (`Fixed`, `Weak`, `Native`).
    values: u16,
    /// All words, header included (the same).
    words: u16,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    Fixed,
    Sized,
    Inst,
    Custom,
}

/// What the collector needs to know of one object.
pub(crate) struct Parts {
    pub class: Class,
    pub first: *mut u64,
    pub values: usize,
    pub bytes: usize,
    pub ext: bool,
}

pub(crate) fn pack(kinds: &[KindInfo]) -> Box<[Packed; 256]> {
    let mut table = Box::new(
        [Packed {
            class: Class::Fixed,
            first: 1,
            values: 0,
            words: 1,
        }; 256],
    );
    for (entry, info) in table.iter_mut().zip(kinds) {
        *entry = match info.layout {
            Layout::Fixed { values, words } => Packed {
                class: Class::Fixed,
                first: 1,
                values,
                words: words + 1,
            },
            Layout::Weak { values, words } => Packed {
                class: Class::Fixed,
                first: 2,
                values,
                words: words + 1,
            },
            Layout::Native { values } => Packed {
                class: Class::Fixed,
                first: 1,
                values,
                words: values + 3,
            },
            Layout::Sized { start } => Packed {
                class: Class::Sized,
                first: start,
                values: 0,
                words: 0,
            },
            Layout::Inst => Packed {
                class: Class::Inst,
                first: 1,
                values: 0,
                words: 0,
            },
            Layout::Custom { .. } => Packed {
                class: Class::Custom,
                first: 1,
                values: 0,
                words: 0,
            },
        };
    }
    table
}

/// # Safety
/// `obj` is an initialized object of a kind in the table `kinds` was packed from, `infos`.
#[inline(always)]
pub(crate) unsafe fn parts(kinds: &[Packed; 256], infos: &[KindInfo], obj: *mut Header) -> Parts {
    // SAFETY: the caller's promise; each word read belongs to every object of that layout.
    unsafe {
        let flags = (*obj).flags.load(Relaxed);
        let k = kinds[(*obj).kind as usize];
        let ext = flags & EXT != 0;
        let (values, bytes, ext) = match k.class {
            Class::Fixed => (
                k.values as usize,
                8 * (k.words as usize + ext as usize),
                ext,
            ),
            Class::Sized => {
                let sizes = *word_ptr(obj, 1);
                ((sizes >> 32) as usize, 8 * (sizes as u32 as usize), ext)
            }
            Class::Inst => (flags as usize, 8 + 8 * flags as usize, false),
            Class::Custom => (0, custom_size(infos, obj), false),
        };
        Parts {
            class: k.class,
            first: word_ptr(obj, k.first as usize),
            values,
            bytes,
            ext,
        }
    }
}

#[cold]
unsafe fn custom_size(infos: &[KindInfo], obj: *mut Header) -> usize {
    // SAFETY: the caller's promise; `size` is what the runtime gave for objects of this kind.
    unsafe {
        match infos[(*obj).kind as usize].layout {
            Layout::Custom { size, .. } => size(obj),
            _ => unreachable!("the class came from the same table"),
        }
    }
}

/// # Safety
/// `obj` is an initialized object of class `Custom`.
#[cold]
pub(crate) unsafe fn custom_trace(infos: &[KindInfo], obj: *mut Header, tracer: &mut Tracer) {
    // SAFETY: the caller's promise.
    unsafe {
        if let Layout::Custom { trace, .. } = infos[(*obj).kind as usize].layout {
            trace(obj, tracer)
        }
    }
}

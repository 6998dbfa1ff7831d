//! Heap objects as Rust sees them: typed pointers and one struct a kind.
//!
//! What must hold: a `Gc<T>` lives on a stack only (the collector finds it there), and `T`'s fields are atomics,
//! so that a shared reference is all anybody needs.

use crate::kinds;
use habu_heap::{Header, Slot, Value};
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

mod layout;
pub use layout::*;

/// A typed pointer to a live heap object.
#[repr(transparent)]
pub struct Gc<T>(NonNull<T>, PhantomData<*mut T>);

impl<T> Clone for Gc<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Gc<T> {}
impl<T> PartialEq for Gc<T> {
    #[inline(always)]
    fn eq(&self, o: &Self) -> bool {
        self.0 == o.0
    }
}
impl<T> Eq for Gc<T> {}

impl<T> Deref for Gc<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: a `Gc` is made from live objects only, stays on the stack where the collector sees it, and
        // objects never move.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Gc<T> {
    /// # Safety
    /// `p` points to a live, initialized object of this layout.
    #[inline(always)]
    pub unsafe fn from_raw(p: *mut T) -> Gc<T> {
        // SAFETY: the caller's promise.
        Gc(unsafe { NonNull::new_unchecked(p) }, PhantomData)
    }
    #[inline(always)]
    pub fn value(self) -> Value {
        // SAFETY: live by construction.
        unsafe { Value::from_ptr(self.0.as_ptr()) }
    }
    #[inline(always)]
    pub fn header(self) -> *mut Header {
        self.0.as_ptr() as *mut Header
    }
    #[inline(always)]
    pub fn raw(self) -> *mut T {
        self.0.as_ptr()
    }
    #[inline(always)]
    pub fn cast<U>(self) -> Gc<U> {
        Gc(self.0.cast(), PhantomData)
    }
}

/// A struct that is the layout of one kind.
pub trait Object {
    const KIND: u8;
}

/// What the runtime asks of a word.
pub trait ValueExt: Copy {
    fn kind(self) -> u8;
    fn shape(self) -> u32;
    fn flags(self) -> u8;
    fn is<T: Object>(self) -> bool;
    fn cast<T: Object>(self) -> Option<Gc<T>>;
    /// # Safety
    /// The word is a pointer to an object of this layout.
    unsafe fn cast_unchecked<T>(self) -> Gc<T>;
}

impl ValueExt for Value {
    /// 0 where the word is no pointer.
    #[inline(always)]
    fn kind(self) -> u8 {
        match self.as_ptr() {
            // SAFETY: a pointer word points to a live object.
            Some(p) => unsafe { (*p).kind },
            None => 0,
        }
    }
    /// 0 where the word is no pointer.
    #[inline(always)]
    fn shape(self) -> u32 {
        match self.as_ptr() {
            // SAFETY: as above.
            Some(p) => unsafe { (*p).shape.load(Relaxed) },
            None => 0,
        }
    }
    #[inline(always)]
    fn flags(self) -> u8 {
        match self.as_ptr() {
            // SAFETY: as above.
            Some(p) => unsafe { (*p).flags.load(Relaxed) },
            None => 0,
        }
    }
    #[inline(always)]
    fn is<T: Object>(self) -> bool {
        self.kind() == T::KIND
    }
    #[inline(always)]
    fn cast<T: Object>(self) -> Option<Gc<T>> {
        if self.kind() == T::KIND {
            // SAFETY: the kind says which layout it is.
            Some(unsafe { Gc::from_raw(self.bits() as *mut T) })
        } else {
            None
        }
    }
    #[inline(always)]
    unsafe fn cast_unchecked<T>(self) -> Gc<T> {
        // SAFETY: the caller's promise.
        unsafe { Gc::from_raw(self.bits() as *mut T) }
    }
}

/// A raw word of a heap object: numbers, sizes, code addresses.
#[repr(transparent)]
pub struct Word(AtomicU64);

impl Word {
    #[inline(always)]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
    #[inline(always)]
    pub fn set(&self, w: u64) {
        self.0.store(w, Relaxed)
    }
}

/// `total_words | value_words << 32`, the first word of every `Layout::Sized` object.
#[inline(always)]
pub const fn sizes(total_words: usize, value_words: usize) -> u64 {
    total_words as u64 | (value_words as u64) << 32
}

/// Where an object keeps its attribute storage.
#[inline(always)]
pub fn attr_slot(v: Value) -> Option<&'static Slot> {
    let p = v.as_ptr()?;
    // SAFETY: `p` is live; `Inst` kinds have the word right behind the header, extended ones at their end.
    unsafe {
        match kinds::KINDS[(*p).kind as usize].layout {
            habu_heap::Layout::Inst => Some(&*(p.add(1) as *const Slot)),
            habu_heap::Layout::Weak { .. } => Some(&(*(p as *const WeakRefObj)).attrs),
            _ if (*p).flags.load(Relaxed) & habu_heap::EXT != 0 => {
                let words = match kinds::KINDS[(*p).kind as usize].layout {
                    habu_heap::Layout::Sized { .. } => (*(p.add(1) as *const u64)) as u32 as usize,
                    habu_heap::Layout::Fixed { words, .. } => words as usize + 2,
                    _ => return None,
                };
                Some(&*(p.add(words - 1) as *const Slot))
            }
            _ => None,
        }
    }
}

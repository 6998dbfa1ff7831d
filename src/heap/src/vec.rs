//! `ValueVec`: a growable vector of values for native code, backed by a heap array.
//!
//! What must hold: a `ValueVec` stays on the native stack, where the collector finds the array by its pointer; it is
//! no member of anything that lives in `Box` or `Vec`.

use crate::heap::heap;
use crate::layout::{sized_word, word_ptr};
use crate::{Header, Mutator, OutOfMemory, Slot, Value};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

/// Words before the first element: header and sizes.
const START: usize = 2;

pub struct ValueVec {
    array: *mut Header,
    len: usize,
    _on_one_stack: PhantomData<*mut ()>,
}

impl Default for ValueVec {
    fn default() -> Self {
        Self::new()
    }
}

impl ValueVec {
    #[inline]
    pub const fn new() -> ValueVec {
        ValueVec {
            array: ptr::null_mut(),
            len: 0,
            _on_one_stack: PhantomData,
        }
    }

    pub fn with_capacity(m: &Mutator, capacity: usize) -> Result<ValueVec, OutOfMemory> {
        let mut v = ValueVec::new();
        v.reserve(m, capacity)?;
        Ok(v)
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub fn capacity(&self) -> usize {
        if self.array.is_null() {
            return 0;
        }
        // SAFETY: `array` is a live array made by `reserve`; word 1 holds its sizes.
        unsafe { (*word_ptr(self.array, 1) >> 32) as usize }
    }

    #[inline]
    fn slot(&self, i: usize) -> &Slot {
        debug_assert!(i < self.capacity());
        // SAFETY: callers check `i` against the capacity; the array's value words are slots.
        unsafe { &*(word_ptr(self.array, START + i) as *const Slot) }
    }

    /// Room for `more` elements beyond the length.
    pub fn reserve(&mut self, m: &Mutator, more: usize) -> Result<(), OutOfMemory> {
        let want = self.len.checked_add(more).ok_or(OutOfMemory)?;
        let have = self.capacity();
        if want <= have {
            return Ok(());
        }
        let capacity = want.max(have + have / 2).max(8);
        if capacity >= u32::MAX as usize / 2 {
            return Err(OutOfMemory);
        }
        let words = START + capacity;
        let header = array_header();
        let new = m
            .alloc_zeroed(header, 8 * words)
            .ok_or(OutOfMemory)?
            .as_ptr();
        // SAFETY: `new` has `words` words and is not yet seen by anybody; the old array has `len` elements. No safepoint
        // stands between the allocation and the end of the copy, so plain stores need no barrier.
        unsafe {
            *word_ptr(new, 1) = sized_word(words as u32, capacity as u32);
            if self.len > 0 {
                ptr::copy_nonoverlapping(
                    word_ptr(self.array, START),
                    word_ptr(new, START),
                    self.len,
                );
            }
        }
        self.array = new;
        Ok(())
    }

    #[inline]
    pub fn push(&mut self, m: &Mutator, v: Value) -> Result<(), OutOfMemory> {
        if self.len == self.capacity() {
            self.reserve(m, 1)?;
        }
        // SAFETY: the slot belongs to the array.
        unsafe { m.write(self.array, self.slot(self.len), Some(v)) };
        self.len += 1;
        Ok(())
    }

    pub fn pop(&mut self) -> Option<Value> {
        if self.len == 0 {
            return None;
        }
        self.len -= 1;
        let slot = self.slot(self.len);
        let v = slot.get();
        slot.init(None);
        v
    }

    #[inline]
    pub fn get(&self, i: usize) -> Option<Value> {
        if i < self.len {
            self.slot(i).get()
        } else {
            None
        }
    }

    /// Panics if `i` is not below the length, as slices do.
    #[inline]
    pub fn set(&mut self, m: &Mutator, i: usize, v: Value) {
        assert!(i < self.len);
        // SAFETY: the slot belongs to the array.
        unsafe { m.write(self.array, self.slot(i), Some(v)) }
    }

    pub fn truncate(&mut self, len: usize) {
        while self.len > len {
            self.pop();
        }
    }

    pub fn clear(&mut self) {
        self.truncate(0)
    }

    pub fn extend_from_slice(&mut self, m: &Mutator, vs: &[Value]) -> Result<(), OutOfMemory> {
        self.reserve(m, vs.len())?;
        for &v in vs {
            self.push(m, v)?;
        }
        Ok(())
    }

    /// The elements; valid until the next change of the vector.
    #[inline]
    pub fn as_slice(&self) -> &[Value] {
        let data = if self.array.is_null() {
            NonNull::dangling().as_ptr()
        } else {
            // SAFETY: the array has at least `START` words.
            unsafe { word_ptr(self.array, START) as *const Value }
        };
        // SAFETY: the first `len` elements were stored by `push` and are not 0; nobody else has the array, and a
        // change takes `&mut self`.
        unsafe { std::slice::from_raw_parts(data, self.len) }
    }

    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator + '_ {
        self.as_slice().iter().copied()
    }

    /// The array behind the vector (null while nothing was pushed): `len` values from word 2 on, then zeros.
    #[inline]
    pub fn array(&self) -> *mut Header {
        self.array
    }
}

impl std::ops::Index<usize> for ValueVec {
    type Output = Value;
    fn index(&self, i: usize) -> &Value {
        &self.as_slice()[i]
    }
}

fn array_header() -> u64 {
    let config = &heap().config;
    Header::word(config.array_shape, config.array_kind, 0)
}

//! Words: a `Value` is one non-zero 64-bit word (see the encoding below), an `Option<Value>` the same word with
//! 0 for "nothing here".
//!
//! - `…1`: int, `(i << 1) | 1`, 63 bits.
//! - bit 0 clear and (bit 1 set, or bit 63 set): float, `rotl(bits + (1 << 60), 3)`.
//! - low three bits `000`, top bit 0: pointer to an 8-aligned heap object.
//! - low three bits `100`, top bit 0: a special (None, True, …).
//!
//! What must hold: a `Value` lives only on a stack or in a heap object, never in Rust-side collections, because
//! only those places are seen by the collector.

use std::num::NonZeroU64;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(NonZeroU64);

const FLOAT_OFFSET: u64 = 1 << 60;
pub const INT_MAX: i64 = (1 << 62) - 1;
pub const INT_MIN: i64 = -(1 << 62);

const fn special(n: u64) -> Value {
    match NonZeroU64::new((n << 3) | 0b100) {
        Some(w) => Value(w),
        None => unreachable!(),
    }
}

impl Value {
    pub const NONE: Value = special(0);
    pub const FALSE: Value = special(1);
    pub const TRUE: Value = special(2);
    pub const ELLIPSIS: Value = special(3);
    pub const NOT_IMPLEMENTED: Value = special(4);

    #[inline(always)]
    pub fn bits(self) -> u64 {
        self.0.get()
    }

    /// The word as a value; `None` for 0.
    #[inline(always)]
    pub fn from_bits(w: u64) -> Option<Value> {
        NonZeroU64::new(w).map(Value)
    }

    /// # Safety
    /// `w` is not 0.
    #[inline(always)]
    pub unsafe fn from_bits_unchecked(w: u64) -> Value {
        // SAFETY: the caller's promise.
        Value(unsafe { NonZeroU64::new_unchecked(w) })
    }

    #[inline(always)]
    pub const fn bool(b: bool) -> Value {
        if b { Value::TRUE } else { Value::FALSE }
    }

    /// An int that is known to fit in 63 bits.
    #[inline(always)]
    pub fn small_int(i: i64) -> Value {
        debug_assert!((INT_MIN..=INT_MAX).contains(&i));
        // SAFETY: bit 0 is set.
        unsafe { Value::from_bits_unchecked(((i as u64) << 1) | 1) }
    }

    /// `None` where `i` needs 64 bits: the caller makes a big int.
    #[inline(always)]
    pub fn try_int(i: i64) -> Option<Value> {
        let w = (i as u64) << 1;
        if (w as i64) >> 1 == i {
            Value::from_bits(w | 1)
        } else {
            None
        }
    }

    #[inline(always)]
    pub fn is_int(self) -> bool {
        self.bits() & 1 != 0
    }

    #[inline(always)]
    pub fn as_int(self) -> Option<i64> {
        if self.is_int() {
            Some((self.bits() as i64) >> 1)
        } else {
            None
        }
    }

    /// `None` for inf, nan and the huge: the caller makes a heap float.
    #[inline(always)]
    pub fn try_float(f: f64) -> Option<Value> {
        let w = f.to_bits().wrapping_add(FLOAT_OFFSET).rotate_left(3);
        if w & 3 == 2 || (w & 3 == 0 && (w as i64) < 0) {
            Value::from_bits(w)
        } else {
            None
        }
    }

    #[inline(always)]
    pub fn is_float(self) -> bool {
        let w = self.bits();
        w & 3 == 2 || (w & 3 == 0 && (w as i64) < 0)
    }

    #[inline(always)]
    pub fn as_float(self) -> Option<f64> {
        if self.is_float() {
            Some(f64::from_bits(
                self.bits().rotate_right(3).wrapping_sub(FLOAT_OFFSET),
            ))
        } else {
            None
        }
    }

    #[inline(always)]
    pub fn is_ptr(self) -> bool {
        self.bits() & 0x8000_0000_0000_0007 == 0
    }

    #[inline(always)]
    pub fn as_ptr(self) -> Option<*mut Header> {
        if self.is_ptr() {
            Some(self.bits() as *mut Header)
        } else {
            None
        }
    }

    /// # Safety
    /// `p` points to a live heap object.
    #[inline(always)]
    pub unsafe fn from_ptr<T>(p: *const T) -> Value {
        // SAFETY: the caller's promise: heap objects are never at address 0.
        unsafe { Value::from_bits_unchecked(p as u64) }
    }

    #[inline(always)]
    pub fn is_special(self) -> bool {
        self.bits() & 0x8000_0000_0000_0007 == 4
    }

    #[inline(always)]
    pub fn is_none(self) -> bool {
        self == Value::NONE
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(i) = self.as_int() {
            write!(f, "Value({i})")
        } else if let Some(x) = self.as_float() {
            write!(f, "Value({x:?})")
        } else {
            write!(f, "Value({:#x})", self.bits())
        }
    }
}

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

/// The first word of every heap object.
#[repr(C)]
pub struct Header {
    /// Implies the class and the layout of the attributes.
    pub shape: AtomicU32,
    /// Which Rust-side layout (index into the table of `KindInfo`).
    pub kind: u8,
    /// Collector's: bit 0 old and not remembered, bit 1 old array under card marking.
    pub gc: AtomicU8,
    /// The object's lock byte.
    pub lock: AtomicU8,
    /// Meaning by kind; for `Layout::Inst` the number of value words.
    pub flags: AtomicU8,
}

impl Header {
    /// The header word of a new object (gc and lock are 0).
    #[inline(always)]
    pub const fn word(shape: u32, kind: u8, flags: u8) -> u64 {
        shape as u64 | (kind as u64) << 32 | (flags as u64) << 56
    }
}

/// One mutable word of a heap object that holds a value or nothing.
#[repr(transparent)]
pub struct Slot(AtomicU64);

impl Slot {
    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        Value::from_bits(self.0.load(Relaxed))
    }

    #[inline(always)]
    pub fn bits(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// # Safety
    /// The slot is known to hold a value.
    #[inline(always)]
    pub unsafe fn get_unchecked(&self) -> Value {
        // SAFETY: the caller's promise.
        unsafe { Value::from_bits_unchecked(self.0.load(Relaxed)) }
    }

    /// Store without barrier: into a new object with no allocation or poll since it was made, or a word that is
    /// no pointer.
    #[inline(always)]
    pub fn init(&self, v: Option<Value>) {
        self.0.store(v.map_or(0, Value::bits), Relaxed)
    }

    #[inline(always)]
    pub fn init_bits(&self, w: u64) {
        self.0.store(w, Relaxed)
    }

    #[inline(always)]
    pub fn atomic(&self) -> &AtomicU64 {
        &self.0
    }
}

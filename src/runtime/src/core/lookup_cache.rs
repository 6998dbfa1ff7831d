//! The per-thread cache of attribute look-ups: (shape, name) to what a site may cache. It holds no roots: its
//! lines end with every collection and whenever a class changes. They carry the epoch that they hold in, so that a
//! program which counts in a class attribute does not pay for emptying the table each time.

use crate::runtime::rt;
use habu_heap::Value;
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

const SIZE: usize = 2048;

#[derive(Clone, Copy)]
struct Line {
    shape: u32,
    kind: u32,
    name: u64,
    info: u64,
    /// The class epoch that the line was stored in: it holds in no other.
    epoch: u64,
}

pub struct LookupCache {
    lines: Cell<*mut Line>,
}

/// What a look-up found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Kind {
    /// Nothing cached.
    None = 0,
    /// Inline attribute: `info` is the value word.
    Slot = 1,
    /// Overflow attribute: `info` is the item.
    Overflow = 2,
    /// `info` is an `Entry` whose value is a function to be bound.
    Method = 3,
    /// `info` is an `Entry` whose value is the attribute.
    Constant = 4,
    /// `info` is an `Entry` whose value is a `__slots__` member: its word is in the entry's info.
    Member = 5,
    /// `info` is an `Entry` whose value is a property with a Python getter.
    Property = 6,
    /// `info` is an `Entry` whose value is some other descriptor with `__get__`.
    Descriptor = 7,
    /// Must be looked up anew every time.
    Uncacheable = 8,
}

impl LookupCache {
    #[inline(always)]
    fn line(&self, shape: u32, name: Value) -> *mut Line {
        if self.lines.get().is_null() {
            let v = vec![
                Line {
                    shape: 0,
                    kind: 0,
                    name: 0,
                    info: 0,
                    epoch: 0
                };
                SIZE
            ];
            self.lines.set(Box::leak(v.into_boxed_slice()).as_mut_ptr());
        }
        let h = (shape as u64).wrapping_mul(0x9e37_79b9) ^ (name.bits() >> 4);
        // SAFETY: the index is within the table.
        unsafe {
            self.lines
                .get()
                .add((h as usize ^ (h >> 16) as usize) & (SIZE - 1))
        }
    }

    #[inline(always)]
    pub fn get(&self, shape: u32, name: Value) -> Option<(Kind, u64)> {
        let l = self.line(shape, name);
        // SAFETY: the table belongs to this thread alone; kinds are stored from `Kind`.
        unsafe {
            if (*l).shape == shape
                && (*l).name == name.bits()
                && (*l).epoch == rt().class_epoch.load(Relaxed)
            {
                return Some((std::mem::transmute::<u32, Kind>((*l).kind), (*l).info));
            }
        }
        None
    }

    pub fn put(&self, shape: u32, name: Value, kind: Kind, info: u64) {
        let l = self.line(shape, name);
        // SAFETY: as above.
        unsafe {
            *l = Line {
                shape,
                kind: kind as u32,
                name: name.bits(),
                info,
                epoch: rt().class_epoch.load(Relaxed),
            }
        }
    }

    pub fn clear(&self) {
        if !self.lines.get().is_null() {
            // SAFETY: the table has `SIZE` lines; zero is an empty line.
            unsafe { std::ptr::write_bytes(self.lines.get(), 0, SIZE) }
        }
    }
}

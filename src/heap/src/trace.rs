//! The tracer: what root callbacks and `Layout::Custom` get to report words with.

use crate::mark::Marker;
use crate::resolve::Roots;
use crate::{Header, Value};

/// Handed to `Config::extra_roots`, `Config::thread_roots` and the trace function of a `Layout::Custom`.
pub struct Tracer<'a> {
    sink: Sink<'a>,
}

pub(crate) enum Sink<'a> {
    /// Nothing is marked yet: words are gathered.
    Roots(&'a mut Roots),
    Mark(&'a mut Marker),
    /// Somebody wants to know the pointers.
    Each(&'a mut dyn FnMut(Value)),
}

impl<'a> Tracer<'a> {
    pub(crate) fn new(sink: Sink<'a>) -> Tracer<'a> {
        Tracer { sink }
    }

    /// A value word; 0, ints, floats and specials are ignored.
    #[inline]
    pub fn visit(&mut self, word: u64) {
        match &mut self.sink {
            Sink::Roots(roots) => roots.exact(word),
            // SAFETY: a value word, says the caller.
            Sink::Mark(marker) => unsafe { marker.visit(word) },
            Sink::Each(f) => {
                if let Some(v) = Value::from_bits(word)
                    && v.is_ptr()
                {
                    f(v)
                }
            }
        }
    }

    /// A word that may or may not be a pointer to or into an object. Only in root callbacks.
    pub fn visit_conservative(&mut self, word: u64) {
        match &mut self.sink {
            Sink::Roots(roots) => roots.guess(word as usize),
            _ => debug_assert!(false, "heap objects are traced exactly"),
        }
    }

    /// Every word of `[lo, hi)` conservatively. Only in root callbacks.
    ///
    /// # Safety
    /// The range is readable and aligned.
    pub unsafe fn visit_conservative_range(&mut self, lo: *const u64, hi: *const u64) {
        let mut p = lo;
        while p < hi {
            // SAFETY: the caller's promise.
            unsafe {
                self.visit_conservative(*p);
                p = p.add(1)
            }
        }
    }

    /// Keep an object and trace its fields even if it is old and not remembered (say, a generator that runs now,
    /// whose frame is written without barriers). Only in root callbacks.
    pub fn scan_object(&mut self, obj: *mut Header) {
        match &mut self.sink {
            Sink::Roots(roots) => roots.rescan(obj),
            _ => debug_assert!(false, "only roots are scanned again"),
        }
    }
}

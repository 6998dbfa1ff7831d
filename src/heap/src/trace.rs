//! The tracer: what root callbacks and `Layout::Custom` get to report words with.

use crate::Header;

pub struct Tracer {
    pub(crate) each: fn(u64),
}

impl Tracer {
    /// A value word (0, ints and floats are ignored).
    #[inline]
    pub fn visit(&mut self, word: u64) {
        (self.each)(word)
    }
    /// A word that may or may not be a pointer to or into an object.
    pub fn visit_conservative(&mut self, word: u64) {
        (self.each)(word)
    }
    /// Every word of `[lo, hi)` conservatively.
    pub fn visit_conservative_range(&mut self, _lo: *const u64, _hi: *const u64) {}
    /// Trace the fields of an object even if it is old and not remembered (say, a generator that runs now).
    pub fn scan_object(&mut self, _obj: *mut Header) {}
}

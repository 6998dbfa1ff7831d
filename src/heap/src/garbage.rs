//! How many of the objects that a collection found dead were garbage in cycles, or held by such: what a collector
//! of a heap with reference counts would have counted, where all other garbage is freed as it arises.
//!
//! What must hold: `Starts` is taken while the roots are gathered, before marks are cleared; `cyclic` looks at the dead
//! after marking and before the sweep, while their memory is untouched.

use crate::Header;
use crate::heap::{Heap, Inner};
use crate::space::{BLOCK_BITS, BLOCK_LOG};
use crate::walk::referents;
use std::sync::atomic::Ordering::Relaxed;

/// Where objects stood before a collection: the bits of all blocks, and the large ones.
pub struct Starts {
    pub bits: Vec<u64>,
    pub large: Vec<usize>,
}

/// The dead objects, numbered by address; the large ones come after the small ones.
struct Dead {
    bits: Vec<u64>,
    /// How many stand before each word of `bits`.
    before: Vec<u32>,
    objects: Vec<usize>,
    small: usize,
}

impl Dead {
    fn new(h: &Heap, starts: Starts) -> Dead {
        let (mut bits, mut before, mut objects) = (starts.bits, Vec::new(), Vec::new());
        before.reserve(bits.len());
        for (w, word) in bits.iter_mut().enumerate() {
            *word &= !h.space.mark_word(w).load(Relaxed);
            before.push(objects.len() as u32);
            let mut rest = *word;
            while rest != 0 {
                let i = w * 64 + rest.trailing_zeros() as usize;
                rest &= rest - 1;
                objects.push(h.space.base + i * 8)
            }
        }
        let small = objects.len();
        objects.extend(starts.large.iter().filter(|&&at| !h.space.is_marked(at)));
        Dead {
            bits,
            before,
            objects,
            small,
        }
    }

    fn number(&self, h: &Heap, addr: usize) -> Option<usize> {
        let i = h.space.offset(addr) >> 3;
        match self.bits.get(i >> 6) {
            Some(word) if word >> (i & 63) & 1 == 0 => None,
            Some(word) => {
                let below = word & ((1 << (i & 63)) - 1);
                Some(self.before[i >> 6] as usize + below.count_ones() as usize)
            }
            None => {
                let large = &self.objects[self.small..];
                Some(self.small + large.binary_search(&addr).ok()?)
            }
        }
    }
}

/// Of the dead, those that `counts` and that stay when everything to which no dead object refers is taken away, again
/// and again.
pub fn cyclic(h: &Heap, starts: Starts, counts: &mut dyn FnMut(*mut Header) -> bool) -> usize {
    let dead = Dead::new(h, starts);
    let each = |n: usize, f: &mut dyn FnMut(usize)| {
        // SAFETY: dead, but its memory is untouched as nothing was swept yet.
        unsafe {
            referents(dead.objects[n] as *mut Header, &mut |v| {
                if let Some(to) = dead.number(h, v.bits() as usize) {
                    f(to)
                }
            })
        }
    };
    let mut held = vec![0u32; dead.objects.len()];
    for n in 0..held.len() {
        each(n, &mut |to| held[to] += 1)
    }
    let mut free: Vec<usize> = (0..held.len()).filter(|&n| held[n] == 0).collect();
    while let Some(n) = free.pop() {
        each(n, &mut |to| {
            held[to] -= 1;
            if held[to] == 0 {
                free.push(to)
            }
        })
    }
    (0..held.len())
        .filter(|&n| held[n] != 0 && counts(dead.objects[n] as *mut Header))
        .count()
}

impl Starts {
    /// `small` fills the bits of objects born since the last collection and says which blocks have such.
    pub fn take(h: &Heap, inner: &Inner, fresh: impl Fn(usize) -> bool) -> Starts {
        let mut bits = Vec::with_capacity(inner.blocks.front * BLOCK_BITS);
        for b in 0..inner.blocks.front {
            let fresh = fresh(b);
            for i in b * BLOCK_BITS..(b + 1) * BLOCK_BITS {
                let mut word = 0;
                if inner.blocks.holds(b) {
                    word = h.space.mark_word(i).load(Relaxed);
                }
                if fresh {
                    word |= h.space.fresh_word(i).load(Relaxed)
                }
                bits.push(word)
            }
        }
        debug_assert!(bits.len() * 512 == inner.blocks.front << BLOCK_LOG);
        Starts {
            bits,
            large: inner.large.each().collect(),
        }
    }
}

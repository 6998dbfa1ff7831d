//! Large objects: each has pages of its own, taken from the high end of the region downwards.
//!
//! What must hold: `free` and `by_size` describe the same free runs, and no two of these touch. Besides them there are
//! those in `bins`: what dies young and is of few pages waits there for the next of its size, joined with nothing.

use crate::os;
use crate::space::{Committed, Space};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;

const PAGE: usize = 4096;
/// A freed object of this size goes back to the system at once.
pub const RELEASE_AT_ONCE: usize = 64 << 20;

/// Runs of less pages may wait in bins.
const BINS: usize = 32;

pub struct Large {
    /// Start and bytes of every large object.
    all: BTreeMap<usize, usize>,
    young: Vec<usize>,
    free: BTreeMap<usize, usize>,
    by_size: BTreeSet<(usize, usize)>,
    /// Free runs by their number of pages.
    bins: [Vec<usize>; BINS],
    /// The lowest address ever handed out.
    front: usize,
    pub bytes: usize,
}

pub const fn page_round(bytes: usize) -> usize {
    (bytes + PAGE - 1) & !(PAGE - 1)
}

impl Large {
    pub fn new(space: &Space) -> Large {
        Large {
            all: BTreeMap::new(),
            young: Vec::new(),
            free: BTreeMap::new(),
            by_size: BTreeSet::new(),
            bins: [const { Vec::new() }; BINS],
            front: space.base + space.size,
            bytes: 0,
        }
    }

    /// Memory of `size` (rounded) bytes, and whether it may hold something other than zeros. The object is known to
    /// the collector from here on.
    pub fn take(
        &mut self,
        space: &Space,
        committed: &mut Committed,
        size: usize,
    ) -> Option<(usize, bool)> {
        let (at, dirty) = if let Some(at) = self.take_free(size) {
            (at, true)
        } else {
            let room = self.front - space.base;
            let lo = room.checked_sub(size)?;
            if !space.grow_down(committed, lo) {
                return None;
            }
            self.front -= size;
            space.large_lo.store(lo, Relaxed);
            (self.front, false)
        };
        self.all.insert(at, size);
        self.young.push(at);
        self.bytes += size;
        Some((at, dirty))
    }

    fn take_free(&mut self, size: usize) -> Option<usize> {
        let binned = self.bins.get_mut(size / PAGE).and_then(Vec::pop);
        if binned.is_some() {
            return binned;
        }
        let fit = |l: &Large| l.by_size.range((size, 0)..).next().copied();
        let (have, at) = fit(self).or_else(|| {
            self.empty_bins();
            fit(self)
        })?;
        self.remove_free(at, have);
        if have > size {
            self.insert_free(at + size, have - size)
        }
        Some(at)
    }

    /// Join what waits in bins with its neighbours.
    fn empty_bins(&mut self) {
        for pages in 0..BINS {
            for at in std::mem::take(&mut self.bins[pages]) {
                self.give_back(at, pages * PAGE)
            }
        }
    }

    fn insert_free(&mut self, at: usize, size: usize) {
        self.free.insert(at, size);
        self.by_size.insert((size, at));
    }

    fn remove_free(&mut self, at: usize, size: usize) {
        self.free.remove(&at);
        self.by_size.remove(&(size, at));
    }

    /// The object that `addr` lies in.
    pub fn find(&self, addr: usize) -> Option<usize> {
        let (&at, &size) = self.all.range(..=addr).next_back()?;
        if addr < at + size { Some(at) } else { None }
    }

    pub fn each(&self) -> impl Iterator<Item = usize> + '_ {
        self.all.keys().copied()
    }

    pub fn clear_marks(&self, space: &Space) {
        for &at in self.all.keys() {
            let i = space.offset(at) >> 3;
            let word = space.mark_word(i >> 6);
            word.store(word.load(Relaxed) & !(1 << (i & 63)), Relaxed)
        }
    }

    pub fn sweep(&mut self, space: &Space, full: bool) {
        let young = std::mem::take(&mut self.young);
        let candidates = if full {
            self.empty_bins();
            self.all.keys().copied().collect()
        } else {
            young
        };
        for at in candidates {
            if space.is_marked(at) {
                continue;
            }
            if let Some(size) = self.all.remove(&at) {
                self.bytes -= size;
                if size >= RELEASE_AT_ONCE {
                    // SAFETY: the object is dead.
                    unsafe { os::release(at, at + size, space.page) }
                }
                match self.bins.get_mut(size / PAGE) {
                    Some(bin) if !full => bin.push(at),
                    _ => self.give_back(at, size),
                }
            }
        }
    }

    fn give_back(&mut self, mut at: usize, mut size: usize) {
        if let Some((&before, &n)) = self.free.range(..at).next_back()
            && before + n == at
        {
            self.remove_free(before, n);
            at = before;
            size += n
        }
        if let Some(&n) = self.free.get(&(at + size)) {
            self.remove_free(at + size, n);
            size += n
        }
        self.insert_free(at, size)
    }

    /// Give free pages back to the system if they are more than `keep` bytes.
    pub fn release(&mut self, space: &Space, keep: usize) {
        let mut total: usize = self.free.values().sum();
        for &(size, at) in self.by_size.iter().rev() {
            if total <= keep {
                break;
            }
            // SAFETY: a free run.
            unsafe { os::release(at, at + size, space.page) };
            total -= size
        }
    }
}

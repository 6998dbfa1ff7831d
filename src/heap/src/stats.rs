//! Counters of the heap.

use crate::heap::{heap, lock};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

#[derive(Clone, Copy, Default, Debug)]
pub struct Stats {
    pub minor_collections: u64,
    pub full_collections: u64,
    pub pause_total_ns: u64,
    /// From the wish to stop the others to the restart.
    pub pause_max_ns: u64,
    pub pause_max_minor_ns: u64,
    /// Bytes handed out to threads, in all.
    pub allocated_bytes: u64,
    /// In use: as of the last collection, and large objects since.
    pub live_bytes: u64,
    /// Blocks and large objects the heap holds now.
    pub heap_bytes: u64,
}

impl Stats {
    pub fn record(&mut self, full: bool, pause: Duration, allocated: u64) {
        let ns = pause.as_nanos() as u64;
        if full {
            self.full_collections += 1
        } else {
            self.minor_collections += 1;
            self.pause_max_minor_ns = self.pause_max_minor_ns.max(ns)
        }
        self.pause_total_ns += ns;
        self.pause_max_ns = self.pause_max_ns.max(ns);
        self.allocated_bytes += allocated
    }

    pub fn pause_mean_ns(&self) -> u64 {
        self.pause_total_ns / (self.minor_collections + self.full_collections).max(1)
    }
}

pub fn stats() -> Stats {
    let inner = lock(&heap().inner);
    Stats {
        allocated_bytes: inner.stats.allocated_bytes + heap().young.load(Relaxed) as u64,
        live_bytes: inner.used_bytes() as u64,
        heap_bytes: (inner.blocks.held_bytes() + inner.large.bytes) as u64,
        ..inner.stats
    }
}

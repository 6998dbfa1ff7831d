//! A collection, start to end.
//!
//! Mark bits are sticky: a minor collection starts from the bits the last one left, so that old objects count as
//! reached, and looks at those old objects only that were stored into since. A full collection clears them first.
//!
//! Order: gather roots (conservative words are resolved while line marks still tell old from new), clear if full, mark,
//! weak references and finalizers, shapes, sweep, sizes. All with the world stopped.

use crate::alloc::{Why, over_budget};
use crate::heap::{FULL_AT_LEAST, Heap, Inner, heap, lock};
use crate::mark::Marker;
use crate::mutator::{Logs, Mutator};
use crate::resolve::Roots;
use crate::space::CARD_LOG;
use crate::trace::{Sink, Tracer};
use crate::weak::{Dropped, Survivors, announce, run_drops};
use crate::world::{World, resize_nursery};
use crate::{Header, garbage, shapes, verify};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

/// A program that collects this often at one nursery size is worth the memory of the next one.
const GROW_AFTER: u32 = 8;

impl Mutator {
    pub fn collect(&self, full: bool) {
        self.gc(if full { Why::Full } else { Why::Minor })
    }

    /// A full collection; how many of the dead objects `counts` and were in cycles or held by such. `counts` must not
    /// use the heap but for reading.
    pub fn collect_counting(&self, counts: &mut dyn FnMut(*mut Header) -> bool) -> usize {
        let mut found = 0;
        self.gc_watched(Why::Full, Some((counts, &mut found)));
        found
    }

    #[inline(never)]
    pub(crate) fn gc(&self, why: Why) {
        self.gc_watched(why, None)
    }

    fn gc_watched(&self, why: Why, mut count: Option<Count>) {
        let begun = Instant::now();
        let wanted = || why != Why::Budget || over_budget(heap());
        let dropped = self.with_stopped(wanted, |h, world| {
            let mut inner = lock(&h.inner);
            let full = why == Why::Full;
            let dropped = collect_watched(h, world, &mut inner, full, begun, count.take());
            if inner.weak.has_queued() {
                announce(self)
            }
            let n = world.threads.len();
            drop(inner);
            resize_nursery(h, n);
            dropped
        });
        if let Some(dropped) = dropped {
            run_drops(dropped)
        }
    }
}

/// Which of the dead to count, and where the number goes.
type Count<'a> = (&'a mut dyn FnMut(*mut Header) -> bool, &'a mut usize);

/// A collection while the caller has the world stopped.
pub fn collect_stopped(
    h: &'static Heap,
    world: &World,
    inner: &mut Inner,
    full: bool,
    begun: Instant,
) -> Vec<Dropped> {
    collect_watched(h, world, inner, full, begun, None)
}

fn collect_watched(
    h: &'static Heap,
    world: &World,
    inner: &mut Inner,
    full: bool,
    begun: Instant,
    count: Option<Count>,
) -> Vec<Dropped> {
    let before = inner.used_bytes();
    let young = h.young.load(Relaxed);
    let full = full || before >= inner.full_at;
    let roots = gather_roots(h, world, inner);
    let starts = count.is_some().then(|| roots.starts());
    let logs = take_logs(world, inner);
    if full {
        inner.blocks.clear_marks(&h.space);
        inner.large.clear_marks(&h.space);
    }
    let mut marker = Marker::new();
    mark_roots(&mut marker, &roots);
    mark_remembered(h, &mut marker, &logs, full);
    marker.drain();
    inner.weak.add_finalizable(logs.finalizable);
    inner.weak.add_natives(logs.natives);
    let dropped = inner.weak.process(h, &mut marker, full);
    for &t in &world.threads {
        (h.config.thread_caches)(t.cast_mut(), &Survivors(h))
    }
    if let (Some((counts, found)), Some(starts)) = (count, starts) {
        *found = garbage::cyclic(h, starts, counts)
    }
    shapes::sweep(h, inner, full);
    inner.blocks.sweep(&h.space, full);
    inner.large.sweep(&h.space, full);
    for &t in &world.threads {
        // SAFETY: stopped, or the collecting thread itself.
        unsafe { &*t }.reset_room()
    }
    h.young.store(0, Relaxed);
    resize(h, inner, full, young, before);
    inner.stats.record(full, begun.elapsed(), young as u64);
    if h.config.verify {
        verify::verify(h, inner)
    }
    dropped
}

fn gather_roots(h: &'static Heap, world: &World, inner: &mut Inner) -> Roots {
    let mut roots = Roots::new(h, inner);
    for &t in &world.threads {
        // SAFETY: the thread is stopped (or is this one) and has saved its registers; its stacks are readable.
        unsafe {
            let m = &*t;
            m.saved.registers().for_each(|word| roots.guess(word));
            roots.guess_range(m.saved.sp(), m.stack_base.get());
            roots.guess_range(m.vm_base.get() as usize, m.vm_top.get() as usize);
            (h.config.thread_roots)(t.cast_mut(), &mut Tracer::new(Sink::Roots(&mut roots)))
        }
    }
    (h.config.extra_roots)(&mut Tracer::new(Sink::Roots(&mut roots)));
    inner
        .static_roots
        .iter()
        .for_each(|slot| roots.exact(slot.bits()));
    inner.weak.each_root(|o| roots.exact(o as u64));
    shapes::each_static(h, |word| roots.exact(word));
    roots
}

fn take_logs(world: &World, inner: &mut Inner) -> Logs {
    let mut logs = std::mem::take(&mut inner.orphans);
    for &t in &world.threads {
        // SAFETY: stopped, or the collecting thread itself.
        logs.append(unsafe { (*t).logs() })
    }
    logs
}

fn mark_roots(marker: &mut Marker, roots: &Roots) {
    // SAFETY: resolved objects, and words that callbacks say are values.
    unsafe {
        for &o in &roots.objects {
            marker.visit(o as u64)
        }
        for &o in &roots.again {
            marker.scan(o);
        }
    }
}

/// The old objects that were stored into. After a full collection nothing is remembered: marking sets every gc byte.
fn mark_remembered(h: &Heap, marker: &mut Marker, logs: &Logs, full: bool) {
    for &(_, slot) in &logs.cards {
        h.space.card(slot).store(0, Relaxed)
    }
    if full {
        return;
    }
    // SAFETY: old objects do not die in a minor collection.
    unsafe {
        for &(owner, slot) in &logs.cards {
            let start = slot & !((1 << CARD_LOG) - 1);
            marker.scan_card(owner, start, start + (1 << CARD_LOG))
        }
        for &o in &logs.objects {
            if (*o).gc.load(Relaxed) == 0 {
                marker.scan(o);
            }
        }
    }
}

/// When to collect next, and what to give back.
fn resize(h: &Heap, inner: &mut Inner, full: bool, young: usize, before: usize) {
    let live = inner.used_bytes();
    if full {
        inner.full_at = (2 * live).max(FULL_AT_LEAST);
        // What will be taken again before the next full collection, and some.
        let keep = (inner.full_at - live).max(live / 4 + (32 << 20));
        inner.blocks.release(&h.space, keep);
        inner.large.release(&h.space, keep);
    }
    inner.at_this_size += 1;
    if live.saturating_sub(before) > young / 4 || inner.at_this_size >= GROW_AFTER {
        inner.at_this_size = 0;
        inner.nursery_each = (2 * inner.nursery_each).min(inner.nursery_max)
    }
}

impl Inner {
    /// Bytes in use: lines that hold something, and large objects.
    pub fn used_bytes(&self) -> usize {
        self.blocks.used_bytes() + self.large.bytes
    }
}

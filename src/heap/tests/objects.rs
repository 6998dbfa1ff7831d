//! Layouts, roots, barriers, weak references, finalizers, native data, shapes: one thing at a time. The tests share one
//! heap, so each looks only at its own objects.

mod common;
use common::*;
use habu_heap::*;
use std::hint::black_box;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};

static EXTRA: AtomicU64 = AtomicU64::new(0);
static AGAIN: AtomicU64 = AtomicU64::new(0);

fn start() {
    let mut c = config();
    c.nursery_bytes = 1 << 20;
    c.extra_roots = |t| {
        t.visit(EXTRA.load(Relaxed));
        if AGAIN.load(Relaxed) != 0 {
            t.scan_object(AGAIN.load(Relaxed) as P)
        }
    };
    init(c).unwrap()
}

fn test(f: impl FnOnce(&Mutator)) {
    start();
    attached(f)
}

/// Both kinds of collection, after `make` is off the stack.
#[inline(never)]
fn apart<R>(f: impl FnOnce() -> R) -> R {
    let r = f();
    scrub();
    r
}

#[test]
fn old_objects_remember_young_ones() {
    test(|m| {
        let o = node(m, null_mut(), null_mut(), 1);
        let big = array(m, 1000);
        let inst = m
            .alloc_zeroed(Header::word(1, INST, 200), 8 + 1600)
            .unwrap()
            .as_ptr();
        let large = array(m, 100_000);
        m.collect(false);
        for round in 0..10 {
            assert_eq!(gc_byte(o), OLD);
            assert_eq!(gc_byte(inst), OLD);
            assert_eq!(gc_byte(big), CARDED);
            assert_eq!(gc_byte(large), CARDED);
            let i = 7 + 97 * round as usize;
            for (owner, at) in [
                (o, 1),
                (o, 2),
                (big, 2 + i),
                (inst, 1 + round as usize * 20),
                (large, 2 + 99 * i),
            ] {
                let l = leaf(m, round);
                set(m, owner, at, l)
            }
            assert_eq!(gc_byte(o), 0);
            m.collect(round == 5);
            for (owner, at) in [
                (o, 1),
                (o, 2),
                (big, 2 + i),
                (inst, 1 + round as usize * 20),
                (large, 2 + 99 * i),
            ] {
                check_leaf(ptr(owner, at), round)
            }
        }
    })
}

/// The last card of one array is the first of the next.
#[test]
fn arrays_that_share_a_card() {
    test(|m| {
        let arrays: Vec<usize> = (0..60).map(|_| black_box(array(m, 131)) as usize).collect();
        let keep = array(m, 60);
        for (i, &a) in arrays.iter().enumerate() {
            set(m, keep, 2 + i, a as P)
        }
        m.collect(false);
        for round in 0..2 {
            for &a in &arrays {
                for at in [2, 3, 131, 132] {
                    let l = leaf(m, at + round);
                    set(m, a as P, at as usize, l)
                }
            }
            m.collect(false);
            for &a in &arrays {
                [2, 3, 131, 132]
                    .iter()
                    .for_each(|&at| check_leaf(ptr(a as P, at), at as u64 + round))
            }
        }
        black_box(keep);
    })
}

#[test]
fn whole_object_barrier() {
    test(|m| {
        let big = array(m, 500);
        m.collect(false);
        let l = leaf(m, 4);
        unsafe { m.barrier(big) };
        for i in 0..500 {
            slot(big, 2 + i).init_bits(l as u64)
        }
        m.collect(false);
        check_leaf(ptr(big, 400), 4);
        assert_eq!(gc_byte(big), CARDED)
    })
}

#[test]
fn ext_word() {
    test(|m| {
        let o = m
            .alloc_zeroed(Header::word(1, LEAF, EXT), 32)
            .unwrap()
            .as_ptr();
        let big = m
            .alloc_zeroed(Header::word(1, ARRAY, EXT), 8 * 203)
            .unwrap()
            .as_ptr();
        slot(big, 1).init_bits(sized_word(203, 200));
        for round in 0..3 {
            let l = leaf(m, 1);
            set(m, o, 3, l);
            let l = leaf(m, 2);
            set(m, big, 202, l);
            m.collect(round == 1);
            check_leaf(ptr(o, 3), 1);
            check_leaf(ptr(big, 202), 2)
        }
        let mut n = 0;
        unsafe { referents(big, &mut |_| n += 1) };
        assert_eq!(n, 1);
        assert_eq!(unsafe { size_of_object(o) }, 32)
    })
}

/// Only a pointer into the middle is left on the stack.
#[test]
fn interior_pointers() {
    test(|m| {
        for full in [false, true, true] {
            let small = apart(|| bytes(m, 20, 11) as usize + 99);
            let large = apart(|| bytes(m, 9000, 12) as usize + 50_001);
            m.collect(full);
            for _ in 0..1000 {
                bytes(m, 20, 13);
            }
            let small = black_box(small) - 99;
            let large = black_box(large) - 50_001;
            (2..22).for_each(|i| assert_eq!(get(small as P, i), 11));
            (2..9002).for_each(|i| assert_eq!(get(large as P, i), 12))
        }
    })
}

#[inline(never)]
fn recurse(m: &Mutator, depth: u64) -> u64 {
    let l = black_box(leaf(m, depth));
    let sum = if depth == 0 {
        m.collect(true);
        m.collect(false);
        0
    } else {
        recurse(m, depth - 1)
    };
    check_leaf(l, depth);
    sum + depth
}

#[test]
fn deep_native_stacks() {
    start();
    std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(|| attached(|m| assert_eq!(recurse(m, 100_000), 100_000 * 100_001 / 2)))
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn long_lists_and_wide_arrays() {
    test(|m| {
        let mut list = null_mut();
        for i in 0..1_000_000 {
            list = node(m, list, null_mut(), i)
        }
        let wide = array(m, 300_000);
        for i in 0..300_000 {
            let l = leaf(m, i);
            set(m, wide, 2 + i as usize, l)
        }
        m.collect(true);
        let mut o = list;
        for i in (0..1_000_000).rev() {
            assert_eq!(get(o, 3), i);
            o = ptr(o, 1)
        }
        (0..300_000).for_each(|i| check_leaf(ptr(wide, 2 + i), i as u64))
    })
}

#[test]
fn vm_stack_and_callbacks() {
    test(|m| {
        let mut stack = vec![0u64; 64];
        m.vm_base.set(stack.as_mut_ptr());
        m.vm_top.set(unsafe { stack.as_mut_ptr().add(32) });
        apart(|| {
            stack[5] = leaf(m, 5) as u64;
            stack[31] = leaf(m, 31) as u64 + 8;
            EXTRA.store(leaf(m, 6) as u64, Relaxed);
            let o = node(m, null_mut(), null_mut(), 0);
            AGAIN.store(o as u64, Relaxed)
        });
        m.collect(true);
        // Written without a barrier, as a running generator's frame is.
        apart(|| slot(AGAIN.load(Relaxed) as P, 2).init_bits(leaf(m, 9) as u64));
        m.collect(false);
        check_leaf(stack[5] as P, 5);
        check_leaf((stack[31] - 8) as P, 31);
        check_leaf(EXTRA.load(Relaxed) as P, 6);
        check_leaf(ptr(AGAIN.load(Relaxed) as P, 2), 9);
        AGAIN.store(0, Relaxed);
        m.vm_top.set(m.vm_base.get())
    })
}

/// In a frame of its own, so that nothing of it stays on the stack: a kept target, a dead one, a dead weak reference.
#[inline(never)]
fn make_weak(m: &Mutator, keep: P, i: usize) {
    let a = leaf(m, i as u64);
    set(m, keep, 2 + 4 * i, a);
    let w = weak(m, a, a);
    set(m, keep, 3 + 4 * i, w);
    let d = leaf(m, i as u64);
    let callback = leaf(m, 1);
    let w = weak(m, d, callback);
    set(m, keep, 4 + 4 * i, w);
    let w = weak(m, leaf(m, 3), null_mut());
    set(m, keep, 5 + 4 * i, w);
    weak(m, a, callback);
}

#[test]
fn weak_references_and_finalizers() {
    test(|m| {
        let n = 100;
        let keep = array(m, 4 * n);
        for i in 0..n {
            make_weak(m, keep, i);
            make_finalizable(m, i as u64)
        }
        scrub();
        assert_eq!(m.weakref_count(ptr(keep, 2)), 2);
        m.collect(false);
        assert!(m.poll.load(Relaxed) & POLL_FINALIZERS != 0);
        let mut dead = 0;
        for i in 0..n {
            let w = ptr(keep, 3 + 4 * i);
            assert_eq!(get(w, 1), get(keep, 2 + 4 * i));
            assert_eq!(
                m.find_weakref(ptr(keep, 2 + 4 * i), |x| x == w),
                Some(unsafe { Value::from_ptr(w) })
            );
            dead += (get(ptr(keep, 4 + 4 * i), 1) == 0) as usize;
            check_leaf(ptr(ptr(keep, 4 + 4 * i), 2), 1)
        }
        assert!(dead >= n - 3, "{dead} of {n} cleared");
        let mut called = 0;
        while let Some(w) = next_dead_weakref(m) {
            let w = w.as_ptr().unwrap();
            assert_eq!((get(w, 1), get(w, 3)), (0, 77));
            check_leaf(ptr(w, 2), 1);
            called += 1
        }
        assert_eq!(called, dead);
        // What is brought back is whole.
        let mut finalized = 0;
        while let Some(o) = next_finalizable(m) {
            let o = o.as_ptr().unwrap();
            m.collect(finalized % 10 == 0);
            check_leaf(ptr(o, 1), get(o, 3));
            // The weak reference that died with it was cleared or kept in step with its target.
            let w = ptr(o, 2);
            assert!(get(w, 1) == o as u64 || get(w, 1) == 0);
            finalized += 1
        }
        assert!(finalized >= n - 3, "{finalized} of {n} finalized");
        scrub();
        m.collect(true);
        let mut counts = 0;
        for i in 0..n {
            counts += m.weakref_count(ptr(keep, 2 + 4 * i))
        }
        assert!(
            counts <= n + 3,
            "weak references that died are forgotten: {counts}"
        )
    })
}

#[inline(never)]
fn make_finalizable(m: &Mutator, i: u64) {
    let o = node(m, null_mut(), null_mut(), i);
    let l = leaf(m, i);
    set(m, o, 1, l);
    let w = weak(m, o, null_mut());
    set(m, o, 2, w);
    m.register_finalizer(o)
}

#[test]
fn native_data() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    unsafe fn drop_box(p: *mut u8) {
        assert_eq!(*unsafe { Box::from_raw(p as *mut u64) }, 4242);
        DROPPED.fetch_add(1, SeqCst);
    }
    #[inline(never)]
    fn make(m: &Mutator) -> P {
        let l = leaf(m, 8);
        let data = Box::into_raw(Box::new(4242u64)) as u64;
        let o = new(
            m,
            head(NATIVE),
            &[l as u64, data, drop_box as *const () as u64],
        );
        m.register_native(o);
        o
    }
    test(|m| {
        let kept = make(m);
        for _ in 0..100 {
            make(m);
        }
        scrub();
        m.collect(false);
        let young = DROPPED.load(SeqCst);
        assert!((97..=100).contains(&young), "{young}");
        check_leaf(ptr(kept, 1), 8);
        m.collect(true);
        check_leaf(ptr(kept, 1), 8);
        assert!(DROPPED.load(SeqCst) <= 100)
    })
}

#[inline(never)]
fn make_shape(m: &Mutator, tag: u64) -> u32 {
    let s = new(m, head(SHAPE), &[0, tag]);
    m.register_shape(s).unwrap()
}

#[test]
fn shapes() {
    test(|m| {
        apart(|| set_static_shape(2, new(m, head(SHAPE), &[0, 22])));
        let (kept, changed) = apart(|| {
            let id = make_shape(m, 5);
            (
                new(m, Header::word(id, NODE, 0), &[0, 0, 0]),
                node(m, null_mut(), null_mut(), 0),
            )
        });
        let dead: Vec<u32> = (0..50).map(|i| apart(|| make_shape(m, i))).collect();
        m.collect(false);
        // An old object gets a young shape.
        apart(|| unsafe { m.set_shape(changed, make_shape(m, 6)) });
        m.collect(false);
        m.collect(true);
        let tag = |o: P| unsafe { get(shape_object((*o).shape.load(Relaxed)).unwrap(), 2) };
        assert_eq!((tag(kept), tag(changed)), (5, 6));
        assert_eq!(get(shape_object(2).unwrap(), 2), 22);
        let gone = dead
            .iter()
            .filter(|&&id| shape_table()[id as usize].load(Relaxed) == 0)
            .count();
        assert!(gone >= 47, "{gone}");
        assert!(make_shape(m, 1) > *dead.last().unwrap())
    })
}

#[test]
fn large_objects_come_back_zeroed() {
    test(|m| {
        for round in 0..200 {
            let n = 1100 + round * 37 % 5000;
            let a = array(m, n);
            assert!((0..n).all(|i| get(a, 2 + i) == 0));
            let l = leaf(m, 1);
            (0..n).for_each(|i| set(m, a, 2 + i, l))
        }
        let s = stats();
        assert!(s.allocated_bytes > s.live_bytes)
    })
}

#[test]
fn absurd_sizes() {
    test(|m| {
        for bytes in [1 << 45, 1 << 62, usize::MAX & !7] {
            assert!(m.alloc(head(BYTES), bytes).is_none())
        }
        let mut v = ValueVec::new();
        assert_eq!(v.reserve(m, usize::MAX), Err(OutOfMemory));
        assert_eq!(v.reserve(m, 1 << 40), Err(OutOfMemory))
    })
}

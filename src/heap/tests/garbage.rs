//! Counting of dead cycles. Alone in its process: a collection that another test asks for would take the garbage first.

mod common;
use common::*;
use habu_heap::*;
use std::hint::black_box;
use std::ptr::null_mut;

/// What `make` leaves on the stack is gone afterwards.
#[inline(never)]
fn apart<R>(f: impl FnOnce() -> R) -> R {
    let r = f();
    scrub();
    r
}

/// Rings with a tail that leads in (garbage of its own) and one that hangs on (held by the ring).
#[test]
fn dead_cycles_are_counted() {
    let mut c = config();
    c.nursery_bytes = 1 << 20;
    init(c).unwrap();
    attached(|m| {
        let make = |old: bool| {
            for _ in 0..30 {
                let last = node(m, null_mut(), null_mut(), 777);
                let mut at = last;
                for _ in 0..9 {
                    at = node(m, at, null_mut(), 777)
                }
                set(m, last, 1, at);
                set(m, last, 2, node(m, null_mut(), null_mut(), 777));
                black_box(node(m, last, null_mut(), 777));
                if old {
                    m.collect(false)
                }
            }
        };
        for old in [false, true] {
            apart(|| make(old));
            // SAFETY: of a node, word 3 is the number it was made with.
            let found =
                m.collect_counting(&mut |o| unsafe { (*o).kind == NODE && *word_ptr(o, 3) == 777 });
            assert!((11 * 28..=11 * 30).contains(&found), "{found}");
            assert_eq!(m.collect_counting(&mut |_| true) / 12, 0);
        }
    })
}

//! Out of memory by `max_heap`: an answer, not a crash; and room again afterwards.

mod common;
use common::*;
use habu_heap::*;

#[test]
fn max_heap() {
    let mut c = config();
    c.max_heap = Some(8 << 20);
    c.verify = false;
    init(c).unwrap();
    attached(|m| {
        for round in 0..3 {
            let count = fill(m, round);
            assert!(count > 1000, "{count}");
            scrub();
            m.collect(true);
            assert!(
                try_array(m, 200_000).is_some(),
                "round {round}: the memory is free again"
            )
        }
        assert!(try_array(m, 2 << 20).is_none())
    })
}

/// Small or large objects in a list until there is no more.
#[inline(never)]
fn fill(m: &Mutator, round: usize) -> usize {
    let mut list: P = std::ptr::null_mut();
    let mut count = 0;
    let words = [3, 100, 500][round];
    while let Some(o) = m.alloc_zeroed(Header::word(1, ARRAY, 0), 8 * (2 + words)) {
        let o = o.as_ptr();
        slot(o, 1).init_bits(sized_word(2 + words as u32, words as u32));
        slot(o, 2).init_bits(list as u64);
        list = o;
        count += 1
    }
    let mut o = list;
    let mut seen = 0;
    while !o.is_null() {
        seen += 1;
        o = ptr(o, 2)
    }
    assert_eq!(seen, count);
    count
}

//! A quick look at the heap's speed: binary trees up to a depth, short-lived leaves, churn beside a large live graph.
//! `cargo run --release -p habu-heap --example trees [trees|leaves|graph|threads|start] [n]`

use habu_heap::{
    Config, Header, KindInfo, Layout, Mutator, Slot, Value, init, sized_word, stats, word_ptr,
};
use std::hint::black_box;
use std::time::Instant;

const LEAF: u64 = Header::word(0, 0, 0);
const NODE: u64 = Header::word(0, 1, 0);
const NODE4: u64 = Header::word(0, 2, 0);
const ARRAY: u64 = Header::word(0, 3, 0);
static KINDS: [KindInfo; 4] = [
    KindInfo {
        name: "leaf",
        layout: Layout::Fixed {
            values: 0,
            words: 2,
        },
    },
    KindInfo {
        name: "node",
        layout: Layout::Fixed {
            values: 2,
            words: 2,
        },
    },
    KindInfo {
        name: "node4",
        layout: Layout::Fixed {
            values: 4,
            words: 4,
        },
    },
    KindInfo {
        name: "array",
        layout: Layout::Sized { start: 2 },
    },
];

type P = *mut Header;

/// # Safety
/// `o` has more than `i` words.
unsafe fn slot<'a>(o: P, i: usize) -> &'a Slot {
    // SAFETY: the caller's promise.
    unsafe { &*(word_ptr(o, i) as *const Slot) }
}

fn new(m: &Mutator, header: u64, words: &[u64]) -> P {
    let o = m
        .alloc(header, 8 + 8 * words.len())
        .expect("memory")
        .as_ptr();
    for (i, &w) in words.iter().enumerate() {
        // SAFETY: the object was made with these words.
        unsafe { slot(o, 1 + i).init_bits(w) }
    }
    o
}

fn array(m: &Mutator, n: usize) -> P {
    let o = m.alloc_zeroed(ARRAY, 16 + 8 * n).expect("memory").as_ptr();
    // SAFETY: a new array.
    unsafe { *word_ptr(o, 1) = sized_word(2 + n as u32, n as u32) };
    o
}

fn tree(m: &Mutator, depth: u32) -> P {
    if m.poll() {
        m.safepoint()
    }
    if depth == 0 {
        return new(m, NODE, &[0, 0]);
    }
    let l = tree(m, depth - 1);
    let r = tree(m, depth - 1);
    new(m, NODE, &[l as u64, r as u64])
}

fn check(o: P) -> u64 {
    // SAFETY: nodes of a live tree.
    let (l, r) = unsafe { (slot(o, 1).bits(), slot(o, 2).bits()) };
    if l == 0 {
        1
    } else {
        1 + check(l as P) + check(r as P)
    }
}

fn trees(m: &Mutator, n: u32) -> u64 {
    let mut sum = check(tree(m, n + 1));
    let long = tree(m, n);
    for d in (4..=n).step_by(2) {
        for _ in 0..1u64 << (n - d + 4) {
            sum += check(tree(m, d))
        }
    }
    sum + check(black_box(long))
}

fn leaves(m: &Mutator, n: u64) -> u64 {
    let ring = array(m, 1000);
    for i in 0..n {
        if m.poll() {
            m.safepoint()
        }
        let leaf = new(m, LEAF, &[(i as f64).to_bits(), 0]);
        if i & 63 == 0 {
            // SAFETY: `ring` lives and has 1000 values from word 2 on.
            unsafe {
                m.write(
                    ring,
                    slot(ring, 2 + (i >> 6) as usize % 1000),
                    Some(Value::from_ptr(leaf)),
                )
            }
        }
    }
    black_box(ring) as u64
}

fn graph(m: &Mutator, n: usize) -> u64 {
    let begun = Instant::now();
    let mut seed = 88_172_645_463_325_252u64;
    let mut random = move |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (((seed >> 32) * n as u64) >> 32) as usize
    };
    let all = array(m, n);
    let mut previous = 0;
    for i in 0..n {
        // SAFETY: `all` lives; its values are nodes of four words or 0.
        unsafe {
            let extra = if i & 1 == 0 {
                new(m, LEAF, &[i as u64, 0]) as u64
            } else {
                1
            };
            let other = if i > 0 {
                slot(all, 2 + random(i)).bits()
            } else {
                0
            };
            let o = new(m, NODE4, &[other, previous, 1, extra]);
            m.write(all, slot(all, 2 + i), Some(Value::from_ptr(o)));
            previous = o as u64
        }
    }
    println!("built in {:.3} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    for i in 0..n {
        let mut head = 0;
        for _ in 0..10 {
            head = new(m, NODE4, &[0, head, 1, 0]) as u64
        }
        if i % 100 == 0 {
            // SAFETY: as above.
            unsafe {
                let o = slot(all, 2 + random(n)).bits() as P;
                m.write(o, slot(o, 4), Some(Value::from_ptr(head as P)))
            }
        }
    }
    println!(
        "churned in {:.3} s; {:?}",
        begun.elapsed().as_secs_f64(),
        stats()
    );
    let begun = Instant::now();
    m.collect(true);
    println!("full collection {:.3} s", begun.elapsed().as_secs_f64());
    black_box(all) as u64
}

fn main() {
    let mut args = std::env::args().skip(1);
    let what = args.next().unwrap_or_default();
    let n = args.next().and_then(|n| n.parse().ok());
    init(Config {
        kinds: &KINDS,
        array_kind: 3,
        array_shape: 0,
        first_dynamic_shape: 1,
        nursery_bytes: 0,
        stress: false,
        verify: false,
        max_heap: None,
        extra_roots: |_| (),
        thread_roots: |_, _| (),
        thread_caches: |_, _| (),
    })
    .expect("address space");
    let m = Mutator::new();
    // SAFETY: `m` stays in this frame.
    unsafe { m.attach() };
    let timed = |name: &str, f: &dyn Fn() -> u64| {
        let begun = Instant::now();
        black_box(f());
        println!(
            "{name}: {:.3} s; {:?}",
            begun.elapsed().as_secs_f64(),
            stats()
        )
    };
    if matches!(what.as_str(), "" | "trees") {
        timed("trees", &|| trees(&m, n.unwrap_or(18) as u32))
    }
    if matches!(what.as_str(), "" | "leaves") {
        timed("leaves", &|| leaves(&m, n.unwrap_or(100_000_000) as u64))
    }
    if what == "threads" {
        timed("trees in four threads", &|| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    std::thread::spawn(move || {
                        let m = Mutator::new();
                        // SAFETY: `m` stays in this frame, and nothing of the heap leaves it.
                        unsafe { m.attach() };
                        let sum = trees(&m, n.unwrap_or(16) as u32);
                        // SAFETY: as above.
                        unsafe { m.detach() };
                        sum
                    })
                })
                .collect();
            m.blocked(|| threads.into_iter().map(|t| t.join().expect("thread")).sum())
        })
    }
    if what == "graph" {
        timed("graph", &|| graph(&m, n.unwrap_or(10_000_000)))
    }
    // SAFETY: nothing of the heap is used from here on.
    unsafe { m.detach() }
}

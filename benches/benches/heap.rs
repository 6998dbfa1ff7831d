//! The heap alone: words, allocation, the write barrier, minor and full collections.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use habu_heap::{Config, Header, KindInfo, Layout, Mutator, Slot, Value, sized_word, word_ptr};
use std::hint::black_box;

const NODE: u8 = 0;
const ARRAY: u8 = 1;

static KINDS: [KindInfo; 2] = [
    KindInfo {
        name: "node",
        layout: Layout::Fixed {
            values: 2,
            words: 3,
        },
    },
    KindInfo {
        name: "array",
        layout: Layout::Sized { start: 2 },
    },
];

type P = *mut Header;

fn start() -> &'static Mutator {
    let config = Config {
        kinds: &KINDS,
        array_kind: ARRAY,
        array_shape: 1,
        first_dynamic_shape: 4,
        nursery_bytes: 4 << 20,
        stress: false,
        verify: false,
        max_heap: None,
        extra_roots: |_| (),
        thread_roots: |_, _| (),
        thread_caches: |_, _| (),
    };
    assert!(habu_heap::init(config).is_ok());
    let m: &'static Mutator = Box::leak(Box::new(Mutator::new()));
    // SAFETY: it stays where it is until the process ends.
    unsafe { m.attach() };
    m
}

fn slot<'a>(o: P, i: usize) -> &'a Slot {
    // SAFETY: callers ask for words that the object has.
    unsafe { &*(word_ptr(o, i) as *const Slot) }
}

#[inline(always)]
fn node(m: &Mutator, a: P, b: P) -> P {
    let Some(o) = m.alloc(Header::word(1, NODE, 0), 32) else {
        panic!("out of memory");
    };
    let o = o.as_ptr();
    slot(o, 1).init_bits(a as u64);
    slot(o, 2).init_bits(b as u64);
    slot(o, 3).init_bits(1);
    o
}

fn array(m: &Mutator, n: usize) -> P {
    let Some(o) = m.alloc_zeroed(Header::word(1, ARRAY, 0), 16 + 8 * n) else {
        panic!("out of memory");
    };
    slot(o.as_ptr(), 1).init_bits(sized_word(2 + n as u32, n as u32));
    o.as_ptr()
}

fn set(m: &Mutator, o: P, i: usize, v: P) {
    // SAFETY: the slot belongs to the object, and both are alive.
    unsafe { m.write(o, slot(o, i), Some(Value::from_ptr(v))) }
}

fn words(c: &mut Criterion) {
    let mut g = c.benchmark_group("words");
    g.throughput(Throughput::Elements(1024));
    g.bench_function("int there and back", |b| {
        b.iter(|| {
            (0..1024i64).fold(0, |x, i| {
                x ^ black_box(Value::small_int(i)).as_int().unwrap_or(0)
            })
        })
    });
    g.bench_function("float there and back", |b| {
        b.iter(|| {
            (0..1024).fold(0.0, |x, i| {
                let f = Value::try_float(i as f64 * 1.5 + 0.25);
                x + black_box(f).and_then(Value::as_float).unwrap_or(0.0)
            })
        })
    });
    g.finish();
}

fn allocation(c: &mut Criterion, m: &Mutator) {
    let mut g = c.benchmark_group("allocation");
    g.throughput(Throughput::Elements(1024));
    g.bench_function("1024 nodes that die", |b| {
        b.iter(|| {
            for _ in 0..1024 {
                black_box(node(m, std::ptr::null_mut(), std::ptr::null_mut()));
            }
        })
    });
    g.throughput(Throughput::Elements(16));
    g.bench_function("16 arrays of 4 KB", |b| {
        b.iter(|| {
            for _ in 0..16 {
                black_box(array(m, 510));
            }
        })
    });
    g.bench_function("16 arrays of 64 KB", |b| {
        b.iter(|| {
            for _ in 0..16 {
                black_box(array(m, 8190));
            }
        })
    });
    g.finish();

    let mut g = c.benchmark_group("barrier");
    g.throughput(Throughput::Elements(1024));
    let young = array(m, 64);
    let leaf = node(m, std::ptr::null_mut(), std::ptr::null_mut());
    g.bench_function("store into a young array", |b| {
        b.iter(|| {
            for i in 0..1024 {
                set(m, young, 2 + (i & 63), leaf);
            }
        })
    });
    let old = array(m, 4096);
    let kept = node(m, old, young);
    m.collect(false);
    m.collect(false);
    g.bench_function("store into an old array", |b| {
        b.iter(|| {
            for i in 0..1024 {
                set(m, old, 2 + i * 4, leaf);
            }
        })
    });
    black_box(kept);
    g.finish();
}

/// Lists of nodes, so many in all, that hang on one array.
fn grow(m: &Mutator, root: P, nodes: usize) {
    for i in 0..nodes {
        let at = 2 + i % 512;
        let rest = slot(root, at).bits() as P;
        set(m, root, at, node(m, rest, std::ptr::null_mut()));
    }
}

fn collection(c: &mut Criterion, m: &Mutator) {
    let mut g = c.benchmark_group("collection");
    g.sample_size(20);
    for survivors in [0, 1_000, 30_000] {
        g.bench_function(BenchmarkId::new("minor, survivors", survivors), |b| {
            let root = array(m, 512);
            m.collect(false);
            b.iter_batched(
                || {
                    for i in 0..512 {
                        slot(root, 2 + i).init_bits(0);
                    }
                    m.collect(false);
                    grow(m, root, survivors);
                    for _ in 0..10_000 {
                        black_box(node(m, std::ptr::null_mut(), std::ptr::null_mut()));
                    }
                },
                |_| m.collect(false),
                criterion::BatchSize::PerIteration,
            );
            black_box(root);
        });
    }
    for live in [10_000, 300_000] {
        let root = array(m, 512);
        grow(m, root, live);
        g.throughput(Throughput::Elements(live as u64));
        g.bench_function(BenchmarkId::new("full, live", live), |b| {
            b.iter(|| m.collect(true))
        });
        black_box(root);
    }
    g.finish();
}

fn heap(c: &mut Criterion) {
    let m = start();
    words(c);
    allocation(c, m);
    collection(c, m);
}

criterion_group!(benches, heap);
criterion_main!(benches);

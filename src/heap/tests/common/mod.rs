//! What the heap's tests share: kinds, a mutator that attaches for a scope, ways to make and read objects.
#![allow(dead_code)]

use habu_heap::*;
use std::sync::atomic::Ordering::Relaxed;

pub const LEAF: u8 = 0;
pub const NODE: u8 = 1;
pub const ARRAY: u8 = 2;
pub const BYTES: u8 = 3;
pub const INST: u8 = 4;
pub const WEAK: u8 = 5;
pub const NATIVE: u8 = 6;
pub const CUSTOM: u8 = 7;
pub const SHAPE: u8 = 8;
pub const FIRST_DYNAMIC: u32 = 4;

static KINDS: [KindInfo; 9] = [
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
            words: 3,
        },
    },
    KindInfo {
        name: "array",
        layout: Layout::Sized { start: 2 },
    },
    KindInfo {
        name: "bytes",
        layout: Layout::Sized { start: 2 },
    },
    KindInfo {
        name: "inst",
        layout: Layout::Inst,
    },
    KindInfo {
        name: "weak",
        layout: Layout::Weak {
            values: 1,
            words: 3,
        },
    },
    KindInfo {
        name: "native",
        layout: Layout::Native { values: 1 },
    },
    KindInfo {
        name: "custom",
        layout: Layout::Custom {
            size: custom_size,
            trace: custom_trace,
        },
    },
    KindInfo {
        name: "shape",
        layout: Layout::Fixed {
            values: 1,
            words: 2,
        },
    },
];

pub type P = *mut Header;

/// Word 1 is n; then n pairs of raw word and value.
unsafe fn custom_size(o: *const Header) -> usize {
    unsafe { 16 + 16 * *word_ptr(o, 1) as usize }
}

unsafe fn custom_trace(o: *mut Header, t: &mut Tracer) {
    unsafe {
        for i in 0..*word_ptr(o, 1) as usize {
            t.visit(*word_ptr(o, 3 + 2 * i))
        }
    }
}

pub fn config() -> Config {
    Config {
        kinds: &KINDS,
        array_kind: ARRAY,
        array_shape: 1,
        first_dynamic_shape: FIRST_DYNAMIC,
        nursery_bytes: 64 << 10,
        stress: false,
        verify: true,
        max_heap: None,
        extra_roots: |_| (),
        thread_roots: |_, _| (),
        thread_caches: |_, _| (),
    }
}

/// `f` on an attached mutator.
pub fn attached<R>(f: impl FnOnce(&Mutator) -> R) -> R {
    let m = Mutator::new();
    unsafe { m.attach() };
    let r = f(&m);
    unsafe { m.detach() };
    r
}

pub fn head(kind: u8) -> u64 {
    Header::word(1, kind, 0)
}

pub fn slot<'a>(o: P, i: usize) -> &'a Slot {
    unsafe { &*(word_ptr(o, i) as *const Slot) }
}

pub fn get(o: P, i: usize) -> u64 {
    slot(o, i).bits()
}

pub fn ptr(o: P, i: usize) -> P {
    get(o, i) as P
}

pub fn set(m: &Mutator, o: P, i: usize, v: P) {
    let v = if v.is_null() {
        None
    } else {
        Some(unsafe { Value::from_ptr(v) })
    };
    unsafe { m.write(o, slot(o, i), v) }
}

pub fn int(i: u64) -> u64 {
    i << 1 | 1
}

pub fn new(m: &Mutator, header: u64, words: &[u64]) -> P {
    let o = m
        .alloc(header, 8 + 8 * words.len())
        .expect("memory")
        .as_ptr();
    for (i, &w) in words.iter().enumerate() {
        slot(o, 1 + i).init_bits(w)
    }
    o
}

pub fn leaf(m: &Mutator, i: u64) -> P {
    new(m, head(LEAF), &[int(i), !i])
}

pub fn check_leaf(o: P, i: u64) {
    unsafe { assert_eq!((*o).kind, LEAF) };
    assert_eq!((get(o, 1), get(o, 2)), (int(i), !i))
}

pub fn node(m: &Mutator, a: P, b: P, tag: u64) -> P {
    new(m, head(NODE), &[a as u64, b as u64, tag])
}

pub fn try_array(m: &Mutator, n: usize) -> Option<P> {
    let o = m.alloc_zeroed(head(ARRAY), 16 + 8 * n)?.as_ptr();
    slot(o, 1).init_bits(sized_word(2 + n as u32, n as u32));
    Some(o)
}

pub fn array(m: &Mutator, n: usize) -> P {
    try_array(m, n).expect("memory")
}

pub fn bytes(m: &Mutator, words: usize, fill: u64) -> P {
    let o = m
        .alloc(head(BYTES), 16 + 8 * words)
        .expect("memory")
        .as_ptr();
    slot(o, 1).init_bits(sized_word(2 + words as u32, 0));
    for i in 0..words {
        slot(o, 2 + i).init_bits(fill)
    }
    o
}

pub fn weak(m: &Mutator, target: P, callback: P) -> P {
    let w = new(m, head(WEAK), &[target as u64, callback as u64, 77]);
    m.register_weak(w);
    w
}

pub fn gc_byte(o: P) -> u8 {
    unsafe { (*o).gc.load(Relaxed) }
}

/// Overwrites what is left of dead frames on the native stack.
#[inline(never)]
pub fn scrub() -> u64 {
    let mut words = [0u64; 4096];
    for (i, w) in words.iter_mut().enumerate() {
        *w = std::hint::black_box(i as u64)
    }
    std::hint::black_box(&words).iter().sum()
}

pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }
}

/// A private graph with a known content, changed at random; every kind of object takes part.
pub fn churn(m: &Mutator, seed: u64, steps: u64, n: usize) {
    let mut r = Rng(seed * 0x9e37_79b9 + 77);
    let all = array(m, n);
    let mut want = vec![0u64; n];
    for step in 1..=steps {
        if m.poll() {
            m.safepoint()
        }
        let i = r.below(n);
        match r.below(10) {
            0 => {
                let l = leaf(m, step);
                let o = node(m, l, std::ptr::null_mut(), step);
                set(m, all, 2 + i, o);
                want[i] = step
            }
            1 => {
                // An array of any size, with one element somewhere.
                let most = if r.below(8) == 0 { 3000 } else { 60 };
                let len = 1 + r.below(most);
                let a = array(m, len);
                let at = r.below(len);
                let l = leaf(m, step);
                set(m, a, 2 + at, l);
                let o = node(m, a, std::ptr::null_mut(), step);
                set(m, all, 2 + i, o);
                want[i] = step
            }
            2 => {
                // Share what another place has.
                let j = r.below(n);
                let old = ptr(all, 2 + j);
                if !old.is_null() {
                    let o = node(m, ptr(old, 1), ptr(all, 2 + i), want[j]);
                    if r.below(4) == 0 {
                        set(m, o, 2, std::ptr::null_mut())
                    }
                    set(m, all, 2 + i, o);
                    want[i] = want[j]
                }
            }
            3 => {
                // Store something new into something old.
                let o = ptr(all, 2 + i);
                if !o.is_null() {
                    let v = r.below(300);
                    let c = m.alloc(head(CUSTOM), 16 + 16 * 2).unwrap().as_ptr();
                    for (k, w) in [2, 99, 0, 98, 0].into_iter().enumerate() {
                        slot(c, 1 + k).init_bits(w)
                    }
                    let l = leaf(m, want[i]);
                    set(m, c, 5, l);
                    let inst = m
                        .alloc_zeroed(Header::word(1, INST, v as u8), 8 + 8 * (v & 255))
                        .unwrap()
                        .as_ptr();
                    if v & 255 > 3 {
                        set(m, inst, 1 + v % 3, c)
                    }
                    let b = bytes(m, v, 0x5151);
                    set(m, o, 2, if v & 1 == 0 { inst } else { b });
                    set(m, o, 1, c)
                }
            }
            4..=6 => check(ptr(all, 2 + i), want[i]),
            7 => {
                set(m, all, 2 + i, std::ptr::null_mut());
                want[i] = 0
            }
            8 => match r.below(200) {
                0 => m.blocked(|| std::thread::sleep(std::time::Duration::from_micros(100))),
                1 => m.collect(false),
                2 if r.below(10) == 0 => m.collect(true),
                _ => {}
            },
            _ => {
                for _ in 0..5 {
                    bytes(m, r.below(40), 0xdead_0000);
                }
            }
        }
    }
    for (i, &want) in want.iter().enumerate() {
        check(ptr(all, 2 + i), want)
    }
}

fn check(o: P, want: u64) {
    assert_eq!(o.is_null(), want == 0);
    if o.is_null() {
        return;
    }
    assert_eq!(get(o, 3), want);
    let a = ptr(o, 1);
    match unsafe { (*a).kind } {
        LEAF => check_leaf(a, want),
        ARRAY => {
            let n = (get(a, 1) >> 32) as usize;
            let mut seen = 0;
            for i in 0..n {
                let l = ptr(a, 2 + i);
                if !l.is_null() {
                    check_leaf(l, want);
                    seen += 1
                }
            }
            assert_eq!(seen, 1)
        }
        CUSTOM => check_leaf(ptr(a, 5), want),
        kind => panic!("kind {kind}"),
    }
    let b = ptr(o, 2);
    if !b.is_null() && unsafe { (*b).kind } == BYTES {
        let n = get(b, 1) as u32 as usize;
        (2..n).for_each(|i| assert_eq!(get(b, i), 0x5151))
    }
}

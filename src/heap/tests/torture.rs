//! Threads with tiny nurseries, verified after each collection.

mod common;
use common::*;
use habu_heap::*;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

static SHARED: [Slot; 16] = {
    // SAFETY: a slot is one word, and 0 is "nothing here".
    unsafe { std::mem::transmute::<[u64; 16], [Slot; 16]>([0; 16]) }
};

fn start() {
    let mut c = config();
    c.nursery_bytes = 16 << 10;
    init(c).unwrap();
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| SHARED.iter().for_each(add_root))
}

#[test]
fn private_graphs() {
    start();
    let threads: Vec<_> = (1..=4)
        .map(|k| std::thread::spawn(move || attached(|m| churn(m, k, 30_000, 200))))
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    assert!(stats().minor_collections > 10)
}

/// Chains handed from thread to thread through static roots and through an old object.
#[test]
fn shared_objects() {
    start();
    static LOCK: Mutex<()> = Mutex::new(());
    let threads: Vec<_> = (0..3u64)
        .map(|k| {
            std::thread::spawn(move || {
                attached(|m| {
                    let mut r = Rng(k + 5);
                    for step in 0..5_000 {
                        let i = r.below(SHARED.len());
                        let o = node(m, std::ptr::null_mut(), std::ptr::null_mut(), step);
                        let l = leaf(m, step);
                        // The lock is held over no safepoint: a thread that waits for it would not stop.
                        let guard = m.blocked(|| LOCK.lock().unwrap());
                        let old = SHARED[i].bits() as P;
                        set(m, o, 1, l);
                        if !old.is_null() {
                            check_leaf(ptr(old, 1), get(old, 3));
                            if r.below(3) == 0 {
                                set(m, old, 1, l);
                                slot(old, 3).init_bits(step)
                            }
                            if r.below(8) > 0 {
                                set(m, o, 2, old)
                            }
                        }
                        SHARED[i].init(Some(unsafe { Value::from_ptr(o) }));
                        drop(guard);
                        if m.poll() {
                            m.safepoint()
                        }
                    }
                })
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap())
}

#[test]
fn attach_and_detach() {
    start();
    static DONE: AtomicU64 = AtomicU64::new(0);
    for round in 0..20 {
        let threads: Vec<_> = (1..=3)
            .map(|k| std::thread::spawn(move || attached(|m| churn(m, round * 10 + k, 400, 50))))
            .collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
        DONE.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

/// Threads that stop the world for other reasons, and find objects by address meanwhile.
#[test]
fn stops() {
    start();
    let threads: Vec<_> = (0..2u64)
        .map(|k| {
            std::thread::spawn(move || {
                attached(|m| {
                    for i in 0..300 {
                        let o = array(m, 5 + (i + k) as usize % 2000);
                        let inside = o as usize + 17;
                        assert_eq!(find_object(m, inside), Some(o));
                        assert_eq!(find_object(m, o as usize), Some(o));
                        stop_the_world(m, || {
                            let l = leaf(m, i);
                            set(m, o, 2, l);
                            if i % 50 == 0 {
                                m.collect(i % 100 == 0)
                            }
                        });
                        check_leaf(ptr(o, 2), i);
                        if i % 100 == 0 {
                            let mut n = 0;
                            let mut found = false;
                            for_each_object(m, &mut |p| {
                                n += 1;
                                found |= p == o
                            });
                            assert!(found && n > 1)
                        }
                        if m.poll() {
                            m.safepoint()
                        }
                    }
                })
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap())
}

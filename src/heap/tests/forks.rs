//! A child goes on with the heap, alone, while other threads of the parent were busy.

mod common;
use common::*;
use habu_heap::*;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[test]
fn children() {
    let mut c = config();
    c.nursery_bytes = 16 << 10;
    init(c).unwrap();
    static STOP: AtomicBool = AtomicBool::new(false);
    let threads: Vec<_> = (1..=3)
        .map(|k| {
            std::thread::spawn(move || {
                attached(|m| {
                    let mut round = k;
                    while !STOP.load(Relaxed) {
                        churn(m, round, 200, 20);
                        round += 10
                    }
                })
            })
        })
        .collect();
    attached(|m| {
        let keep = array(m, 300);
        for i in 0..20 {
            let l = leaf(m, i);
            set(m, keep, 2 + i as usize, l);
            // SAFETY: the child only computes and exits.
            let pid = fork(m, || unsafe { libc::fork() });
            if pid == 0 {
                churn(m, i + 1, 2_000, 30);
                m.collect(true);
                (0..=i).for_each(|j| check_leaf(ptr(keep, 2 + j as usize), j));
                unsafe { libc::_exit(42) }
            }
            let mut status = 0;
            m.blocked(|| assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid));
            assert!(
                libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 42,
                "child: {status:#x}"
            )
        }
        STOP.store(true, Relaxed);
        m.blocked(|| threads.into_iter().for_each(|t| t.join().unwrap()))
    })
}

//! Out of memory as `ulimit -v` makes it.

mod common;
use common::*;
use habu_heap::*;

#[test]
fn limited_address_space() {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let used = pages
        .split_whitespace()
        .next()
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 4096;
    let limit = libc::rlimit {
        rlim_cur: used + (256 << 20),
        rlim_max: libc::RLIM_INFINITY,
    };
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
    let mut c = config();
    c.verify = false;
    init(c).unwrap();
    attached(|m| {
        let keep = array(m, 100_000);
        let mut n = 0;
        while let Some(a) = try_array(m, 2000) {
            set(m, keep, 2 + n, a);
            n += 1
        }
        assert!(n > 5_000, "{n} arrays of 16 kB");
        let mut list: P = std::ptr::null_mut();
        while let Some(o) = m.alloc_zeroed(head(NODE), 32) {
            slot(o.as_ptr(), 1).init_bits(list as u64);
            list = o.as_ptr()
        }
        std::hint::black_box((keep, list));
        assert!(stats().heap_bytes > 100 << 20)
    })
}

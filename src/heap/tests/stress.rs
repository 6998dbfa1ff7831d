//! A collection at every allocation.

mod common;
use common::*;
use habu_heap::*;

fn start() {
    let mut c = config();
    c.stress = true;
    init(c).unwrap()
}

#[test]
fn one_thread() {
    start();
    attached(|m| churn(m, 3, 3_000, 30));
    assert!(stats().minor_collections > 1_000)
}

#[test]
fn two_threads() {
    start();
    let threads: Vec<_> = (1..=2)
        .map(|k| std::thread::spawn(move || attached(|m| churn(m, k, 1_000, 20))))
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap())
}

#[test]
fn vectors() {
    start();
    attached(|m| {
        let mut v = ValueVec::new();
        for i in 0..300 {
            let l = leaf(m, i);
            v.push(m, unsafe { Value::from_ptr(l) }).unwrap()
        }
        for i in 0..300 {
            check_leaf(v[i as usize].as_ptr().unwrap(), i)
        }
        assert_eq!(v.len(), 300);
        let last = v.pop().unwrap();
        v.truncate(10);
        v.extend_from_slice(m, &[last, Value::NONE]).unwrap();
        v.set(m, 0, Value::TRUE);
        assert_eq!(v.iter().len(), 12);
        check_leaf(v[10].as_ptr().unwrap(), 299);
        assert_eq!((v[0], v[11]), (Value::TRUE, Value::NONE));
        assert_eq!(v.get(12), None)
    })
}

//! `time`: clocks and sleeping; calendar functions come with `datetime`'s.

use habu_runtime::core::{int, parse};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{MethodDef, m0, m1};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::float;
use habu_runtime::value::Value;
use std::time::Duration;

fn clock(id: libc::clockid_t) -> i64 {
    // SAFETY: the structure is writable.
    unsafe {
        let mut t: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(id, &mut t);
        t.tv_sec * 1_000_000_000 + t.tv_nsec
    }
}
macro_rules! clocks {
    ($($f:ident, $ns:ident = $id:ident;)*) => {$(
        fn $f(th: &Thread) -> R { float::new(th, clock(libc::$id) as f64 / 1e9) }
        fn $ns(th: &Thread) -> R { int::from_i64(th, clock(libc::$id)) }
    )*};
}
clocks! {
    time, time_ns = CLOCK_REALTIME; monotonic, monotonic_ns = CLOCK_MONOTONIC;
    process_time, process_time_ns = CLOCK_PROCESS_CPUTIME_ID; thread_time, thread_time_ns = CLOCK_THREAD_CPUTIME_ID;
}
fn sleep(th: &Thread, v: Value) -> R {
    let s = parse::as_f64(th, v)?;
    if s.is_nan() {
        return Err(error::value_error(th, "Invalid value NaN (not a number)"));
    }
    if s < 0.0 {
        return Err(error::value_error(th, "sleep length must be non-negative"));
    }
    let until = std::time::Instant::now() + Duration::from_secs_f64(s.min(1e9));
    loop {
        let left = until.saturating_duration_since(std::time::Instant::now());
        // Short naps, so that signals are noticed in time.
        th.blocked(|| std::thread::sleep(left.min(Duration::from_millis(50))));
        habu_runtime::polls::check(th)?;
        if left.is_zero() {
            return Ok(Value::NONE);
        }
    }
}
static FUNCTIONS: [MethodDef; 11] = [
    m0("time", time),
    m0("time_ns", time_ns),
    m0("monotonic", monotonic),
    m0("monotonic_ns", monotonic_ns),
    m0("perf_counter", monotonic),
    m0("perf_counter_ns", monotonic_ns),
    m0("process_time", process_time),
    m0("process_time_ns", process_time_ns),
    m0("thread_time", thread_time),
    m0("thread_time_ns", thread_time_ns),
    m1("sleep", sleep),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "time", &FUNCTIONS)
}

//! Where the time goes that making code takes, for `-X stats`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

macro_rules! parts {
    ($($name:ident = $text:literal,)*) => {
        #[derive(Clone, Copy)]
        pub enum Part { $($name),* }
        const NAMES: &[&str] = &[$($text),*];
    };
}

parts! {
    Build = "building",
    Threads = "threads",
    Earlier = "earlier",
    Reuse = "reuse",
    Bounds = "bounds",
    Scalars = "scalars",
    Deep = "deep",
    Hoist = "hoist",
    Fresh = "fresh",
    Dead = "dead",
    Validate = "validate",
    Lower = "lower",
    Cranelift = "Cranelift",
    Place = "place",
}

static NANOSECONDS: [AtomicU64; NAMES.len()] = [const { AtomicU64::new(0) }; NAMES.len()];

pub fn timed<T>(part: Part, f: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let r = f();
    let ns = began.elapsed().as_nanos() as u64;
    NANOSECONDS[part as usize].fetch_add(ns, Relaxed);
    r
}

/// Each part and its milliseconds.
pub fn times() -> impl Iterator<Item = (&'static str, f64)> {
    let ms = |n: &AtomicU64| n.load(Relaxed) as f64 / 1e6;
    NAMES.iter().copied().zip(NANOSECONDS.iter().map(ms))
}

//! What imports take, told on stderr (`-X importtime`): in CPython's columns, a module after those that it imports.

use crate::config::config;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Levels of `Config::import_time`.
pub const OFF: u8 = 0;
pub const CACHED_TOO: u8 = 2;

#[derive(Clone, Copy, Default)]
struct State {
    begun: bool,
    depth: usize,
    /// What the imports within the current one took.
    inner: Duration,
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State { begun: false, depth: 0, inner: Duration::ZERO }) };
}

pub fn level() -> u8 {
    config().import_time
}

fn begin() -> State {
    let mut s = STATE.get();
    if !s.begun {
        eprintln!("import time: self [us] | cumulative | imported package");
        s.begun = true;
        STATE.set(s);
    }
    s
}

/// Spaces before a name.
fn indent(depth: usize) -> usize {
    2 * depth
}

fn micros(d: Duration) -> u128 {
    d.as_nanos().div_ceil(1000)
}

/// A module that is there already.
pub fn cached(name: &str) {
    // CPython gives the indentation as the width of the name.
    let width = indent(begin().depth);
    eprintln!("import time: cached    | cached     | {name:>width$}");
}

/// Import a module by `f` and tell what that took, whatever came of it.
pub fn loading<T>(name: &str, f: impl FnOnce() -> T) -> T {
    let outer = begin();
    STATE.set(State {
        depth: outer.depth + 1,
        inner: Duration::ZERO,
        ..outer
    });
    let started = Instant::now();
    let r = f();
    let all = started.elapsed();
    let own = all.saturating_sub(STATE.get().inner);
    let width = indent(outer.depth);
    eprintln!(
        "import time: {:9} | {:10} | {:width$}{name}",
        micros(own),
        micros(all),
        ""
    );
    STATE.set(State {
        inner: outer.inner + all,
        ..outer
    });
    r
}

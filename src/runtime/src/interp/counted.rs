//! Instructions counted, for `-X stats=instructions`: code translated while they are wanted has an op before every other
//! that counts the instructions which that other is made of. Whoever does not ask pays nothing: no such op is made.
//!
//! What must hold: the first op of a code object and `RESUME` have none before them (the tier exchanges these in
//! place). What is fused counts as the instructions that it came from, and code that tools trace is not counted.

use crate::next;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

static WANTED: AtomicBool = AtomicBool::new(false);
static INTERPRETED: AtomicU64 = AtomicU64::new(0);
static NATIVE: AtomicU64 = AtomicU64::new(0);

/// Count in all code translated and compiled from now on.
pub fn want() {
    WANTED.store(true, Relaxed);
}

pub fn is_wanted() -> bool {
    WANTED.load(Relaxed)
}

/// Where native code counts.
pub fn native_counter() -> *const AtomicU64 {
    &NATIVE
}

/// Instructions that ran natively and in the interpreter, if they were counted.
pub fn counts() -> Option<(u64, u64)> {
    is_wanted().then(|| (NATIVE.load(Relaxed), INTERPRETED.load(Relaxed)))
}

crate::handlers! {
    /// So many instructions follow in one op.
    count(ip, sp, fp, th) {
        INTERPRETED.fetch_add((*ip).arg, Relaxed);
        next!(ip.add(1), sp, fp, th)
    }
}

/// Is this the handler that counts?
pub fn is_count(h: usize) -> bool {
    h == count as *const () as usize
}

//! Which locals are still read: at each instruction those that some way on reads before it writes them.
//!
//! What must hold: a local that is not in the set is written before bytecode reads it, wherever control goes,
//! exception handlers included. It may still be looked at from outside (`f_locals`), so a dead local's value is kept;
//! only its type does not matter.

use crate::unit::Unit;
use habu_bytecode::Op as B;

/// A set of locals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Locals(Vec<u64>);

impl Locals {
    fn new(n: usize) -> Locals {
        Locals(vec![0; n.div_ceil(64)])
    }
    pub fn has(&self, i: usize) -> bool {
        self.0.get(i / 64).is_some_and(|w| w >> (i % 64) & 1 != 0)
    }
    fn set(&mut self, i: usize, to: bool) {
        if let Some(w) = self.0.get_mut(i / 64) {
            *w = *w & !(1 << (i % 64)) | (to as u64) << (i % 64);
        }
    }
    fn add(&mut self, o: &Locals) {
        for (a, b) in self.0.iter_mut().zip(&o.0) {
            *a |= b;
        }
    }
}

/// For each instruction the locals that are live before it.
pub fn analyze(u: &Unit) -> Vec<Locals> {
    let n = u.ins.len();
    let mut live = vec![Locals::new(u.locals); n + 1];
    let handlers = protected(u);
    loop {
        let mut changed = false;
        for i in (0..n).rev() {
            let (jump, next) = u.successors(i);
            let mut now = Locals::new(u.locals);
            for s in jump.into_iter().chain(next).filter(|&s| s <= n) {
                now.add(&live[s]);
            }
            let x = &u.ins[i];
            let at = x.arg as usize;
            match x.op {
                B::STORE_FAST => now.set(at, false),
                B::LOAD_FAST
                | B::LOAD_FAST_CHECK
                | B::LOAD_FAST_AND_CLEAR
                | B::DELETE_FAST
                | B::MAKE_CELL
                | B::LOAD_DEREF
                | B::STORE_DEREF
                | B::DELETE_DEREF
                | B::LOAD_FROM_DICT_OR_DEREF => now.set(at, true),
                _ => {}
            }
            for &h in &handlers[i] {
                now.add(&live[h]);
            }
            if now != live[i] {
                live[i] = now;
                changed = true;
            }
        }
        if !changed {
            return live;
        }
    }
}

/// For each instruction where its exceptions go on.
fn protected(u: &Unit) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); u.ins.len()];
    for (start, end, target) in u.handler_ranges() {
        for (i, x) in u.ins.iter().enumerate() {
            if x.offset >= start && x.offset < end {
                out[i].push(target);
            }
        }
    }
    out
}

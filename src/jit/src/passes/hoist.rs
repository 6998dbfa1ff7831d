//! What is the same in each round of a loop is done once, before the loop.
//!
//! What must hold: an instruction that moves has only operands from before the loop, and nothing in the loop changes
//! what it reads. It stood on the way that every round takes. A guard that moves gets the loop's own exit: the
//! interpreter begins the loop. What may only be done behind a check names the checked value as its operand, so it
//! does not move without the check; what a branch has told (`Known`) does not move.

use super::Flow;
use super::effects::{self, Places};
use crate::ir::*;
use crate::order::loop_blocks;

pub fn run(f: &mut Func, flow: &Flow) {
    if !f.blocks.iter().any(|b| b.header) {
        return;
    }
    let order = &flow.order;
    let mut home: Vec<Block> = vec![Block(0); f.insts.len()];
    for &b in order {
        for &v in f.block(b).params.iter().chain(&f.block(b).insts) {
            home[v.index()] = b;
        }
    }
    // Inner loops first: what leaves them stands in the loop around them then.
    for &head in order.iter().rev() {
        if f.block(head).header
            && let Some(l) = Loop::find(f, head, flow)
        {
            l.empty(f, &mut home);
        }
    }
}

struct Loop {
    before: Block,
    inside: Vec<bool>,
    /// Blocks that every round goes through, in order.
    always: Vec<Block>,
    exit: Option<Exit>,
    changes: Places,
}

impl Loop {
    fn find(f: &Func, head: Block, flow: &Flow) -> Option<Loop> {
        let Flow { order, dom, preds } = flow;
        let (tails, outside): (Vec<Block>, Vec<Block>) = preds[head.index()]
            .iter()
            .partition(|&&p| dom.dominates(head, p));
        let [before] = outside.as_slice() else {
            return None;
        };
        if tails.is_empty() || !matches!(f.block(*before).term, Term::Jump(..)) {
            return None;
        }
        let inside = loop_blocks(head, &tails, &flow.preds);
        let changes = flow.changes(f, &inside);
        let always = order
            .iter()
            .copied()
            .filter(|b| inside[b.index()] && tails.iter().all(|&t| dom.dominates(*b, t)))
            .collect();
        let exit = f.loop_exits.iter().find(|(b, _)| *b == head);
        Some(Loop {
            before: *before,
            inside,
            always,
            exit: exit.map(|(_, x)| *x),
            changes,
        })
    }

    /// Move what can be moved.
    fn empty(&self, f: &mut Func, home: &mut [Block]) {
        for &b in &self.always {
            let insts = std::mem::take(&mut f.blocks[b.index()].insts);
            let mut kept = Vec::with_capacity(insts.len());
            for v in insts {
                if !self.may_move(f, v, home) {
                    kept.push(v);
                    continue;
                }
                if let Some(x) = self.exit {
                    f.insts[v.index()].inst.set_exit(x);
                }
                f.blocks[self.before.index()].insts.push(v);
                home[v.index()] = self.before;
            }
            f.blocks[b.index()].insts = kept;
        }
    }

    fn may_move(&self, f: &Func, v: V, home: &[Block]) -> bool {
        let inst = f.inst(v);
        let still = match inst {
            Inst::Known(_) | Inst::Box(_) | Inst::FrameAddress(_) => return false,
            // Behind a check of the buffer's length.
            Inst::Load(a, _) if f.ty(*a).rep == Rep::Raw => return false,
            _ => effects::reads(f, inst).is_some_and(|r| r & self.changes == 0),
        };
        if !still {
            return false;
        }
        let mut leaves = false;
        inst.exits(&mut |_| leaves = true);
        if leaves && self.exit.is_none() {
            return false;
        }
        let mut from_before = true;
        inst.each(&mut |a| from_before &= !self.inside[home[a.index()].index()]);
        from_before
    }
}

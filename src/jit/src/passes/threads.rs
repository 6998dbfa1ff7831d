//! Ways that are decided: a block that only asks what its predecessor has passed.
//!
//! What must hold: nothing but the block itself uses what it computes or what it is passed, so that it can be left out
//! on a way whose answer is known.

use super::Flow;
use crate::ir::*;

/// Where a value is used.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Nowhere,
    In(Block),
    Widely,
}

/// Did any block get another successor?
pub fn run(f: &mut Func, flow: &Flow) -> bool {
    let candidates: Vec<Block> = flow
        .order
        .iter()
        .copied()
        .filter(|&b| asks(f, b).is_some())
        .collect();
    if candidates.is_empty() {
        return false;
    }
    let uses = uses(f, flow);
    let mut changed = false;
    for b in candidates {
        let data = f.block(b);
        let own = |v: &V| [Use::Nowhere, Use::In(b)].contains(&uses[v.index()]);
        if !data.params.iter().chain(&data.insts).all(own) {
            continue;
        }
        for &p in &flow.preds[b.index()] {
            if let Some(to) = decided(f, p, b) {
                f.blocks[p.index()].term = Term::Jump(to, vec![]);
                changed = true;
            }
        }
    }
    changed
}

/// The comparison that is all that the block does.
fn asks(f: &Func, b: Block) -> Option<(V, V)> {
    let data = f.block(b);
    let ([c], Term::Branch(t, ..)) = (data.insts.as_slice(), &data.term) else {
        return None;
    };
    let asked = !data.params.is_empty() && c == t && !data.header;
    match *f.inst(*c) {
        Inst::Same(x, y) if asked => Some((x, y)),
        _ => None,
    }
}

/// Where the block leads to with what `from` passes, if that is known.
fn decided(f: &Func, from: Block, b: Block) -> Option<Block> {
    let (x, y) = asks(f, b)?;
    let Term::Jump(_, args) = &f.block(from).term else {
        return None;
    };
    let passed = |v: V| match f.block(b).params.iter().position(|p| *p == v) {
        Some(k) => args[k],
        None => v,
    };
    let word = |v: V| match f.inst(passed(v)) {
        Inst::Word(w) => Some(*w),
        _ => None,
    };
    let same = word(x)? == word(y)?;
    match f.block(b).term {
        Term::Branch(_, yes, no) => Some(if same { yes } else { no }),
        _ => None,
    }
}

fn uses(f: &Func, flow: &Flow) -> Vec<Use> {
    let mut uses = vec![Use::Nowhere; f.insts.len()];
    for &b in &flow.order {
        let mut note = |v: V| {
            let u = &mut uses[v.index()];
            *u = match *u {
                Use::Nowhere => Use::In(b),
                Use::In(o) if o == b => Use::In(b),
                _ => Use::Widely,
            };
        };
        let data = f.block(b);
        for &v in &data.insts {
            let inst = f.inst(v);
            inst.each(&mut note);
            inst.exits(&mut |x| f.exit_values(x, &mut note));
        }
        data.term.each(&mut note);
        data.term.exits(&mut |x| f.exit_values(x, &mut note));
    }
    uses
}

//! Dead values: what nobody uses and nobody can see the absence of.
//!
//! What must hold: an instruction with an effect stays, and with it everything that its exit needs; a block parameter
//! stays if its value is used, and with it what is passed for it.

use super::Flow;
use crate::ir::{Block, Func, Inst, Term, V};

pub fn run(f: &mut Func, flow: &Flow) {
    let order = &flow.order;
    let live = live_values(f, order);
    for &b in order {
        let keep: Vec<bool> = f.block(b).params.iter().map(|p| live[p.index()]).collect();
        for &p in order {
            if let Term::Jump(to, args) = &mut f.blocks[p.index()].term
                && *to == b
            {
                let mut k = keep.iter();
                args.retain(|_| *k.next().unwrap_or(&true));
            }
        }
        let data = &mut f.blocks[b.index()];
        data.params.retain(|p| live[p.index()]);
        data.insts.retain(|v| live[v.index()]);
    }
}

fn live_values(f: &Func, order: &[Block]) -> Vec<bool> {
    let mut live = vec![false; f.insts.len()];
    let mut work: Vec<V> = f.relied.clone();
    // For each parameter the arguments passed for it.
    let mut passed: Vec<Vec<V>> = vec![Vec::new(); f.insts.len()];
    for &b in order {
        let data = f.block(b);
        for &v in &data.insts {
            if !f.inst(v).is_pure() && !is_mere_guess(f, f.inst(v)) {
                work.push(v);
            }
        }
        match &data.term {
            Term::Jump(to, args) => {
                for (p, &a) in f.block(*to).params.iter().zip(args) {
                    passed[p.index()].push(a);
                }
            }
            t => t.each(&mut |v| work.push(v)),
        }
        data.term
            .exits(&mut |x| f.exit_values(x, &mut |v| work.push(v)));
    }
    work.extend(guesses_asked(f, order, &passed));
    while let Some(v) = work.pop() {
        if std::mem::replace(&mut live[v.index()], true) {
            continue;
        }
        let inst = f.inst(v);
        inst.each(&mut |a| work.push(a));
        inst.exits(&mut |x| f.exit_values(x, &mut |a| work.push(a)));
        if matches!(inst, Inst::Param) {
            work.extend(&passed[v.index()]);
        }
    }
    live
}

/// Guards that OSR code begins with and that something took for granted, be that needed or not: where a sum that nobody
/// looks at is left out, what is no number has to raise still.
fn guesses_asked(f: &Func, order: &[Block], passed: &[Vec<V>]) -> Vec<V> {
    let mut work = Vec::new();
    for &v in order.iter().flat_map(|&b| &f.block(b).insts) {
        let inst = f.inst(v);
        if inst.is_pure() && !asks_nothing(inst) {
            inst.each(&mut |a| work.push(a));
        }
    }
    let mut seen = vec![false; f.insts.len()];
    let mut guesses = Vec::new();
    while let Some(v) = work.pop() {
        if std::mem::replace(&mut seen[v.index()], true) {
            continue;
        }
        match f.inst(v) {
            Inst::Param => work.extend(&passed[v.index()]),
            Inst::Known(a) | Inst::Select(_, a, _) => work.push(*a),
            inst if is_mere_guess(f, inst) => guesses.push(v),
            _ => {}
        }
        if let Inst::Select(_, _, b) = f.inst(v) {
            work.push(*b);
        }
    }
    guesses
}

/// Does it mean the same for operands of any kind?
fn asks_nothing(inst: &Inst) -> bool {
    matches!(
        inst,
        Inst::Known(_)
            | Inst::Same(..)
            | Inst::Select(..)
            | Inst::BothInts(..)
            | Inst::IsPlain(_)
            | Inst::LoadShape(_)
    )
}

/// A guard of OSR code about a word that turns out not to be used.
fn is_mere_guess(f: &Func, inst: &Inst) -> bool {
    match inst {
        Inst::Guard(_, _, x) | Inst::Unbox(_, x) => Some(f.exits[x.index()].state) == f.entry,
        _ => false,
    }
}

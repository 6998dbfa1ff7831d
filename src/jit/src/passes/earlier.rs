//! What is asked of a loaded word is asked once: not first whether it is there, and then what it is.
//!
//! What must hold: between the two questions of a block there is nothing that others can see, so that leaving at the
//! first is as good; the exit counts for the instruction that wanted to know what the word is.

use super::Flow;
use super::effects;
use crate::ir::*;
use rustc_hash::FxHashMap as HashMap;

pub fn run(f: &mut Func, flow: &Flow) {
    let mut same: HashMap<V, V> = HashMap::default();
    for &b in &flow.order {
        let mut k = 0;
        while k < f.block(b).insts.len() {
            if let Some((later, at)) = second(f, b, k) {
                merge(f, b, k, later, at, &mut same);
            }
            k += 1;
        }
    }
    if !same.is_empty() {
        f.rename(flow, &mut |v| same.get(&v).copied().unwrap_or(v));
    }
}

/// The word is there: which, and the exit where it is not.
fn is_there(f: &Func, v: V) -> Option<(V, Exit)> {
    match *f.inst(v) {
        Inst::Guard(w, Test::NotEmpty, x) => Some((w, x)),
        _ => None,
    }
}

/// The question about the word that instruction `k` of the block finds to be there, and where it stands.
fn second(f: &Func, b: Block, k: usize) -> Option<(V, usize)> {
    let insts = &f.block(b).insts;
    let v = insts[k];
    is_there(f, v)?;
    for (at, &u) in insts.iter().enumerate().skip(k + 1) {
        match *f.inst(u) {
            Inst::Guard(a, Test::Int | Test::Bool | Test::Shape(_) | Test::Object, _)
            | Inst::Unbox(a, _)
            | Inst::UnboxNumber(a, ..)
                if a == v =>
            {
                return Some((u, at));
            }
            Inst::Guard(..) | Inst::Unbox(..) | Inst::UnboxNumber(..) => {}
            Inst::GuardTrue(..) | Inst::GuardFalse(..) | Inst::Bounded(..) => {}
            ref i if i.is_pure() && effects::changes(f, i) == effects::NONE => {}
            _ => return None,
        }
    }
    None
}

fn merge(f: &mut Func, b: Block, k: usize, later: V, at: usize, same: &mut HashMap<V, V>) {
    let v = f.block(b).insts[k];
    let Some((w, first)) = is_there(f, v) else {
        return;
    };
    let mut wanted = first;
    f.inst(later).exits(&mut |x| wanted = x);
    // It goes on where the word was loaded, and says who wanted to know.
    let mut state = f.states[f.exits[first.index()].state.index()].clone();
    let asking = &f.states[f.exits[wanted.index()].state.index()];
    if asking.body != state.body {
        return;
    }
    (state.line, state.offset) = (asking.line, asking.offset);
    let why = f.exits[wanted.index()].why;
    let state = f.state(state);
    let exit = f.exit(state, why);
    let mut inst = f.inst(later).clone();
    inst.rename(&mut |a| if a == v { w } else { a });
    inst.set_exit(exit);
    let ty = f.ty(later);
    let asked = f.new_value(inst, ty);
    let word = match ty.rep {
        Rep::Word => asked,
        _ => f.new_value(Inst::Known(w), Ty::word(ty.kinds)),
    };
    same.insert(later, asked);
    same.insert(v, word);
    let insts = &mut f.blocks[b.index()].insts;
    insts.remove(at);
    insts[k] = asked;
    if word != asked {
        insts.insert(k + 1, word);
    }
}

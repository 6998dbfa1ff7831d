//! What was computed, loaded or checked before is not done again.
//!
//! What must hold: an instruction is replaced by an equal one that dominates it, with nothing in between that may
//! change what it reads. A guard that is replaced would have left where the earlier one has left already; the value
//! whose type makes a guard needless stays, guard and all.

use super::Flow;
use super::effects::{self, CLASSES, Places};
use crate::ir::*;
use crate::order::loop_blocks;
use habu_runtime::classes::FIRST_DYNAMIC_SHAPE;
use rustc_hash::FxHashMap as HashMap;

/// How often each class of places has changed; numbers are never used twice.
type Versions = [u32; CLASSES];

type Key = (Inst, u8);

struct Known {
    v: V,
    block: Block,
    version: u32,
}

pub fn run(f: &mut Func, flow: &Flow) {
    let Flow { order, dom, .. } = flow;
    let mut same: Vec<V> = (0..f.insts.len() as u32).map(V).collect();
    let mut known: HashMap<Key, Known> = HashMap::default();
    let mut ends: Vec<Option<Versions>> = vec![None; f.blocks.len()];
    let mut last = 0;
    for &b in order {
        let mut now = at_begin(f, flow, b, &ends, &mut last);
        let version_now = version(&now, effects::SHAPES);
        for (guard, load, v) in told_shapes(f, flow, b) {
            // The shape was loaded since shapes may have changed last.
            if known.get(&load).is_some_and(|k| k.version == version_now) {
                let k = Known {
                    v,
                    block: b,
                    version: version_now,
                };
                known.insert(guard, k);
            }
        }
        let insts = std::mem::take(&mut f.blocks[b.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for v in insts {
            let data = &mut f.insts[v.index()];
            data.inst.rename(&mut |a| same[a.index()]);
            if let Some(load) = known_item(f, f.inst(v)) {
                f.insts[v.index()].inst = load;
            }
            let inst = f.inst(v).clone();
            if let Some(w) = needless(f, &inst) {
                same[v.index()] = w;
                if !f.inst(w).is_pure() {
                    f.relied.push(w);
                }
                continue;
            }
            if let Some(read) = effects::reads(f, &inst) {
                let version = version(&now, read);
                let key = key(&inst, f.ty(v));
                match known.get(&key) {
                    Some(k) if k.version == version && dom.dominates(k.block, b) => {
                        same[v.index()] = k.v;
                        continue;
                    }
                    _ => {
                        let k = Known {
                            v,
                            block: b,
                            version,
                        };
                        known.insert(key, k);
                    }
                }
            }
            let changed = effects::changes(f, &inst);
            if changed != effects::NONE {
                last += 1;
                for (i, n) in now.iter_mut().enumerate() {
                    if changed & 1 << i != 0 {
                        *n = last;
                    }
                }
            }
            if let Some((load, v)) = effects::stored(f, &inst)
                && let Some(read) = effects::reads(f, &load)
            {
                let version = version(&now, read);
                let k = Known {
                    v,
                    block: b,
                    version,
                };
                known.insert((load, 0), k);
            }
            kept.push(v);
        }
        let data = &mut f.blocks[b.index()];
        data.insts = kept;
        data.term.rename(&mut |a| same[a.index()]);
        ends[b.index()] = Some(now);
    }
    f.rename_in_states(&mut |a| same[a.index()]);
}

/// The versions at the beginning of a block: what is the same on all ways to it and in all rounds of its loop.
fn at_begin(
    f: &Func,
    flow: &Flow,
    b: Block,
    ends: &[Option<Versions>],
    last: &mut u32,
) -> Versions {
    let preds = &flow.preds[b.index()];
    let mut known = preds.iter().filter_map(|p| ends[p.index()]);
    let mut changed = effects::NONE;
    let Some(mut now) = known.next() else {
        *last += 1;
        return [*last; CLASSES];
    };
    for other in known {
        for (i, (a, b)) in now.iter().zip(other).enumerate() {
            changed |= ((*a != b) as Places) << i;
        }
    }
    let tails: Vec<Block> = preds
        .iter()
        .copied()
        .filter(|p| ends[p.index()].is_none())
        .collect();
    if !tails.is_empty() {
        changed |= changed_in_loop(f, flow, b, &tails);
    }
    if changed != effects::NONE {
        *last += 1;
        for (i, n) in now.iter_mut().enumerate() {
            if changed & 1 << i != 0 {
                *n = *last;
            }
        }
    }
    now
}

/// What the loop with this header and these ends may change.
fn changed_in_loop(f: &Func, flow: &Flow, head: Block, tails: &[Block]) -> Places {
    if tails.iter().any(|&t| !flow.dom.dominates(head, t)) {
        // Not a loop of the usual form.
        return effects::ALL;
    }
    flow.changes(f, &loop_blocks(head, tails, &flow.preds))
}

fn version(now: &Versions, read: Places) -> u32 {
    match read {
        0 => 0,
        _ => now[read.trailing_zeros() as usize],
    }
}

/// What the branch that leads here has told of an object's shape: the guards that would ask for it, the load that it
/// is told from, and the object.
fn told_shapes(f: &Func, flow: &Flow, b: Block) -> Vec<(Key, Key, V)> {
    let [from] = flow.preds[b.index()].as_slice() else {
        return Vec::new();
    };
    let Term::Branch(c, yes, no) = f.block(*from).term else {
        return Vec::new();
    };
    let Inst::RawCmp(Cmp::Eq, have, want) = *f.inst(c) else {
        return Vec::new();
    };
    let (Inst::LoadShape(v), Inst::Raw(shape)) = (f.inst(have), f.inst(want)) else {
        return Vec::new();
    };
    // Built-in classes have types of their own, which the object does not have.
    let told = yes == b && no != b && *shape >= FIRST_DYNAMIC_SHAPE as i64;
    if !told || !f.ty(*v).only(kind::OBJECT) {
        return Vec::new();
    }
    let mut names = vec![*v];
    while let Some(Inst::Guard(w, ..)) = names.last().map(|n| f.inst(*n)) {
        names.push(*w);
    }
    let guard = |n| Inst::Guard(n, Test::Shape(*shape as u32), Exit(u32::MAX));
    let load = (Inst::LoadShape(*v), 0);
    names
        .into_iter()
        .map(|n| ((guard(n), 0), load.clone(), *v))
        .collect()
}

/// Equal keys, equal values: exits do not count, and for what only knows more of a value, that does.
fn key(inst: &Inst, ty: Ty) -> Key {
    let mut i = inst.clone();
    i.set_exit(Exit(u32::MAX));
    let kinds = match inst {
        Inst::Known(_) => ty.kinds,
        _ => 0,
    };
    (i, kinds)
}

/// Items of a tuple made here.
fn new_items(f: &Func, v: V) -> Option<u32> {
    match f.inst(v) {
        Inst::Alloc(_, bytes, _) if effects::is_new_tuple(f, v) => {
            Some((bytes - crate::build::TUPLE_ITEMS as u32) / 8)
        }
        _ => None,
    }
}

/// A load of an item at a known index, as the load that the making of a new tuple leaves known.
fn known_item(f: &Func, inst: &Inst) -> Option<Inst> {
    let Inst::LoadItem(a, i, off) = *inst else {
        return None;
    };
    let i = match *f.inst(i) {
        Inst::Bounded(i, ..) => i,
        _ => i,
    };
    let index = super::most::constant(f, i)?;
    let inside = index >= 0 && index < new_items(f, a)? as i64;
    inside.then(|| Inst::LoadFixed(a, off + 8 * index as i32, Ty::ANY))
}

/// The operand, where the instruction tells nothing new of it.
fn needless(f: &Func, inst: &Inst) -> Option<V> {
    match *inst {
        Inst::Guard(a, t, _) => {
            let ty = f.ty(a);
            let holds = ty.rep == Rep::Word
                && ty.kinds != 0
                && match t {
                    Test::Int => ty.is_int(),
                    Test::Bool => ty.only(kind::BOOL),
                    Test::NotEmpty => !ty.may(kind::EMPTY),
                    Test::Object => ty.only(kind::OBJECT),
                    Test::Shape(s) => ty.shape == s,
                    Test::Items(n) => new_items(f, a) == Some(n),
                };
            holds.then_some(a)
        }
        Inst::Unbox(a, _) => match f.inst(a) {
            Inst::Box(x) => Some(*x),
            _ => None,
        },
        Inst::Untag(a) => match f.inst(a) {
            Inst::Tag(x) => Some(*x),
            _ => None,
        },
        _ => None,
    }
}

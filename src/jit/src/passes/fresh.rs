//! Stores into objects just made: without write barrier, and only the last of several into one place.
//!
//! What must hold: between the making of such an object and the store nothing can collect, so that the object is
//! still new; between two stores of which the first goes, nothing looks at the object and nothing leaves.

use super::Flow;
use super::effects;
use crate::ir::*;
use rustc_hash::FxHashSet as HashSet;

pub fn run(f: &mut Func, flow: &Flow) {
    for &b in &flow.order {
        if !f.block(b).insts.iter().any(|&v| is_new(f, v)) {
            continue;
        }
        without_barrier(f, b);
        last_stores(f, b);
    }
}

fn is_new(f: &Func, v: V) -> bool {
    matches!(f.inst(v), Inst::Alloc(..))
}

/// May it allocate, and so collect?
fn may_collect(inst: &Inst) -> bool {
    matches!(
        inst,
        Inst::Alloc(..) | Inst::Box(_) | Inst::SyncMaybe(..) | Inst::Call(..) | Inst::CallPython(_)
    )
}

fn without_barrier(f: &mut Func, b: Block) {
    let mut fresh: Option<V> = None;
    for i in 0..f.block(b).insts.len() {
        let v = f.block(b).insts[i];
        let inst = &mut f.insts[v.index()].inst;
        match *inst {
            Inst::Alloc(..) => fresh = Some(v),
            Inst::Store(a, off, x) if fresh == Some(a) => *inst = Inst::StoreRaw(a, off, x),
            Inst::SetShape(a, s) if fresh == Some(a) => *inst = Inst::InitShape(a, s),
            ref i if may_collect(i) => fresh = None,
            _ => {}
        }
    }
}

/// A place in an object.
#[derive(PartialEq, Eq, Hash)]
enum Place {
    Shape(V),
    Word(V, i32),
}

fn last_stores(f: &mut Func, b: Block) {
    let mut insts = std::mem::take(&mut f.blocks[b.index()].insts);
    let mut later: HashSet<Place> = HashSet::default();
    let mut keep = vec![true; insts.len()];
    for (k, &v) in insts.iter().enumerate().rev() {
        let inst = f.inst(v);
        match *inst {
            Inst::InitShape(a, _) => keep[k] = later.insert(Place::Shape(a)),
            Inst::StoreRaw(a, off, _) if is_new(f, a) => {
                keep[k] = later.insert(Place::Word(a, off));
            }
            _ => {
                let mut leaves = false;
                inst.exits(&mut |_| leaves = true);
                if leaves || may_collect(inst) || effects::reads(f, inst) != Some(effects::NONE) {
                    later.clear();
                }
            }
        }
    }
    let mut k = keep.iter();
    insts.retain(|_| *k.next().unwrap_or(&true));
    f.blocks[b.index()].insts = insts;
}

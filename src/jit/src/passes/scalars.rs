//! Tuples that nobody sees are not made.
//!
//! What must hold: such a tuple is only written by its own making, and mentioned by exits, which make it when they are
//! taken: from the same items, once for all the words of the frames that hold it.

use super::Flow;
use crate::ir::*;
use habu_runtime::classes::C;

/// Tuples of more items are made.
const MOST: usize = 8;

pub fn run(f: &mut Func, flow: &Flow) {
    let mut items = candidates(f);
    if items.iter().all(Option::is_none) {
        return;
    }
    for &b in &flow.order {
        for &v in &f.block(b).insts {
            match *f.inst(v) {
                Inst::StoreRaw(a, off, x) if items[a.index()].is_some() => {
                    items[x.index()] = None;
                    put(&mut items, a, off, x);
                }
                ref i => i.each(&mut |a| items[a.index()] = None),
            }
        }
        f.block(b).term.each(&mut |a| items[a.index()] = None);
    }
    remove(f, &items);
}

/// New tuples, with room for what is known of their items.
fn candidates(f: &Func) -> Vec<Option<Vec<V>>> {
    let first = crate::build::TUPLE_ITEMS as u32;
    f.insts
        .iter()
        .map(|d| match d.inst {
            Inst::Alloc(_, bytes, _) if d.ty.shape == C::Tuple.shape() => {
                let n = (bytes - first) as usize / 8;
                (n <= MOST).then(|| vec![V(u32::MAX); n])
            }
            _ => None,
        })
        .collect()
}

fn put(items: &mut [Option<Vec<V>>], tuple: V, off: i32, x: V) {
    let n = (off - crate::build::TUPLE_ITEMS) / 8;
    if let Some(slot) = items[tuple.index()]
        .as_mut()
        .filter(|_| n >= 0)
        .and_then(|i| i.get_mut(n as usize))
    {
        *slot = x;
    }
}

/// Leave the making of these tuples to exits.
fn remove(f: &mut Func, items: &[Option<Vec<V>>]) {
    let mut numbers = vec![None; f.insts.len()];
    for (i, list) in items.iter().enumerate() {
        let Some(list) = list.as_ref().filter(|l| l.iter().all(|v| v.0 != u32::MAX)) else {
            continue;
        };
        // What was boxed for the tuple alone need not be boxed.
        let open = |&v: &V| match f.inst(v) {
            Inst::Box(x) => *x,
            _ => v,
        };
        let list = list.iter().map(open).collect();
        numbers[i] = Some(f.tuples.len() as u32);
        f.tuples.push(list);
    }
    if f.tuples.is_empty() {
        return;
    }
    for b in &mut f.blocks {
        b.insts.retain(|v| match f.insts[v.index()].inst {
            Inst::StoreRaw(a, ..) => numbers[a.index()].is_none(),
            _ => numbers[v.index()].is_none(),
        });
    }
    for s in &mut f.states {
        for (_, h) in &mut s.dirty {
            if let Held::Value(v) = *h
                && let Some(n) = numbers[v.index()]
            {
                *h = Held::Tuple(n);
            }
        }
    }
}

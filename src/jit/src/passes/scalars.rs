//! Tuples and functions that nobody sees are not made.
//!
//! What must hold: such a tuple is only written by its own making, and mentioned by exits, which make it when they are
//! taken: from the same items, once for all the words of the frames that hold it. A function is given its closure where
//! it is made, and stands in one word of the frames.

use super::Flow;
use crate::build::given_closure;
use crate::helpers::id;
use crate::ir::*;
use habu_runtime::classes::C;

/// Tuples of more items are made.
const MOST: usize = 8;

pub fn run(f: &mut Func, flow: &Flow) {
    functions(f, flow);
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

/// Leave the making of functions that no instruction uses to exits.
fn functions(f: &mut Func, flow: &Flow) {
    let is_made = |d: &InstData| {
        matches!(
            d.inst,
            Inst::Call(id::make_function | id::set_function_attribute, ..)
        )
    };
    if !f.insts.iter().any(is_made) {
        return;
    }
    // How many instructions use each, but those that give it a closure.
    let mut used = vec![0u32; f.insts.len()];
    let mut closed = vec![0u32; f.insts.len()];
    for &b in &flow.order {
        for &v in &f.block(b).insts {
            f.inst(v).each(&mut |a| used[a.index()] += 1);
            if let Some((function, _)) = given_closure(f, v) {
                used[function.index()] -= 1;
                closed[function.index()] += 1;
            }
        }
        f.block(b).term.each(&mut |a| used[a.index()] += 1);
    }
    let mut numbers = vec![None; f.insts.len()];
    for i in 0..f.insts.len() {
        let v = V(i as u32);
        let (function, closure) = match given_closure(f, v) {
            Some((function, closure)) => (function, Held::Value(closure)),
            None => (v, Held::Empty),
        };
        let Inst::Call(id::make_function, args, _) = f.inst(function) else {
            continue;
        };
        let Inst::Word(code) = *f.inst(args[1]) else {
            continue;
        };
        // With its closure it is another value, which nobody may use either.
        let unseen = used[function.index()] == 0 && closed[function.index()] < 2;
        if unseen && used[i] == 0 && closed_unseen(f, function, &used, flow) {
            numbers[i] = Some(f.functions.len() as u32);
            let like = args[0];
            f.functions.push(NewFunction {
                like,
                code,
                closure,
            });
        }
    }
    if f.functions.is_empty() {
        return;
    }
    for b in &mut f.blocks {
        b.insts.retain(|v| numbers[v.index()].is_none());
    }
    for s in &mut f.states {
        for (_, h) in &mut s.dirty {
            if let Held::Value(v) = *h
                && let Some(n) = numbers[v.index()]
            {
                *h = Held::Function(n);
            }
        }
    }
}

/// Does no instruction use the function once it has its closure?
fn closed_unseen(f: &Func, function: V, used: &[u32], flow: &Flow) -> bool {
    flow.order
        .iter()
        .flat_map(|&b| &f.block(b).insts)
        .all(|&v| given_closure(f, v).is_none_or(|(g, _)| g != function || used[v.index()] == 0))
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
    let in_states = f
        .states
        .iter_mut()
        .flat_map(|s| &mut s.dirty)
        .map(|d| &mut d.1);
    for h in in_states.chain(f.functions.iter_mut().map(|f| &mut f.closure)) {
        if let Held::Value(v) = *h
            && let Some(n) = numbers[v.index()]
        {
            *h = Held::Tuple(n);
        }
    }
}

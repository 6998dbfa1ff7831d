//! Constant indices into one list are compared once, the largest of them.
//!
//! What must hold: they stand in one block, so that whoever passes the first comparison comes to the others; the
//! interpreter does all of it from the first on where the largest is too large. No pass that moves loads comes after
//! this one: they no longer hang on a comparison.

use super::Flow;
use crate::ir::*;
use rustc_hash::FxHashMap as HashMap;

/// What is compared with a length.
struct Asked {
    /// Where the first comparison stands in its block.
    at: usize,
    exit: Exit,
    largest: i64,
    /// The comparisons and the indices themselves.
    of: Vec<(V, V)>,
}

pub fn run(f: &mut Func, flow: &Flow) {
    let mut same: HashMap<V, V> = HashMap::default();
    for &b in &flow.order {
        let mut asked: HashMap<V, Asked> = HashMap::default();
        for (at, &v) in f.block(b).insts.iter().enumerate() {
            let Inst::Bounded(i, len, exit) = *f.inst(v) else {
                continue;
            };
            let Some(index) = constant(f, i).filter(|&n| n >= 0) else {
                continue;
            };
            let a = asked.entry(len).or_insert_with(|| Asked {
                at,
                exit,
                largest: index,
                of: Vec::new(),
            });
            a.largest = a.largest.max(index);
            a.of.push((v, i));
        }
        let mut several: Vec<(V, Asked)> =
            asked.into_iter().filter(|(_, a)| a.of.len() > 1).collect();
        // From the last on: what comes before keeps its place.
        several.sort_unstable_by_key(|(_, a)| std::cmp::Reverse(a.at));
        let gone = same.len();
        for (len, a) in several {
            same.extend(a.of.iter().copied());
            let most = f.new_value(Inst::Raw(a.largest), Ty::RAW);
            let check = f.new_value(Inst::Bounded(most, len, a.exit), Ty::RAW);
            f.blocks[b.index()].insts.splice(a.at..a.at, [most, check]);
        }
        if same.len() > gone {
            f.blocks[b.index()].insts.retain(|v| !same.contains_key(v));
        }
    }
    if !same.is_empty() {
        f.rename(flow, &mut |v| same.get(&v).copied().unwrap_or(v));
    }
}

/// The index, if it is known.
pub fn constant(f: &Func, i: V) -> Option<i64> {
    match *f.inst(i) {
        Inst::Raw(i) => Some(i),
        Inst::Untag(w) => match *f.inst(w) {
            Inst::Word(w) => Some(w as i64 >> 1),
            _ => None,
        },
        _ => None,
    }
}

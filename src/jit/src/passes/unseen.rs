//! Instances that nobody sees are not made.
//!
//! What must hold: such an object is written only where it is made, each word once, and read after that; else only
//! exits mention it, which make it when they are taken, once for all the words of the frames that hold it. Nobody else
//! can change it, so what is read is what was written.

use super::Flow;
use crate::ir::*;
use rustc_hash::FxHashMap as HashMap;

/// Objects of more words are made.
const MOST: usize = 8;
/// So many words of objects may exits have to store (they have room for more than that).
const ROOM: usize = 40;

/// An object, and what is known of its making.
struct Made {
    block: Block,
    header: u64,
    shape: Option<u32>,
    words: Vec<Option<V>>,
    /// Where its making begins and ends, as positions in the block.
    from: usize,
    to: usize,
    loads: Vec<(V, usize)>,
}

type Candidates = HashMap<V, Made>;

/// Was anything read that is known now?
pub fn run(f: &mut Func, flow: &Flow) -> bool {
    if !f.insts.iter().any(|d| is_instance(d)) {
        return false;
    }
    let mut all = candidates(f, flow);
    all.retain(|&v, m| m.shape.is_some() && is_whole(f, v, m));
    let mut room = ROOM;
    let mut chosen: Vec<V> = all.keys().copied().collect();
    chosen.sort_by_key(|v| v.0);
    chosen.retain(|v| {
        let n = all[v].words.len();
        let fits = n <= room;
        room -= if fits { n } else { 0 };
        fits
    });
    remove(f, flow, &all, &chosen)
}

fn is_instance(d: &InstData) -> bool {
    matches!(d.inst, Inst::Alloc(..)) && d.ty.shape == 0 && d.ty.only(kind::OBJECT)
}

/// Objects that are written by their making, and read, and used for nothing else.
fn candidates(f: &Func, flow: &Flow) -> Candidates {
    let mut all = Candidates::default();
    for &b in &flow.order {
        for (at, &v) in f.block(b).insts.iter().enumerate() {
            match *f.inst(v) {
                Inst::Alloc(header, bytes, _) if is_instance(&f.insts[v.index()]) => {
                    let words = bytes as usize / 8 - 1;
                    if words <= MOST {
                        let made = Made {
                            block: b,
                            header,
                            shape: None,
                            words: vec![None; words],
                            from: at,
                            to: at,
                            loads: Vec::new(),
                        };
                        all.insert(v, made);
                    }
                }
                Inst::StoreRaw(a, off, x) => {
                    all.remove(&x);
                    if all.get_mut(&a).is_some_and(|m| !m.write(b, at, off, x)) {
                        all.remove(&a);
                    }
                }
                Inst::InitShape(a, s) => {
                    if all.get_mut(&a).is_some_and(|m| !m.take_shape(b, at, s)) {
                        all.remove(&a);
                    }
                }
                Inst::Load(a, off) => {
                    if let Some(m) = all.get_mut(&a) {
                        m.loads.push((v, word(off)));
                    }
                }
                ref i => i.each(&mut |a| drop(all.remove(&a))),
            }
        }
        f.block(b).term.each(&mut |a| drop(all.remove(&a)));
    }
    all
}

fn word(off: i32) -> usize {
    off as usize / 8 - 1
}

impl Made {
    /// The word is written here: as it should?
    fn write(&mut self, b: Block, at: usize, off: i32, x: V) -> bool {
        let here = b == self.block && self.loads.is_empty();
        self.to = at;
        match self.words.get_mut(word(off)) {
            Some(w @ None) if here => {
                *w = Some(x);
                true
            }
            _ => false,
        }
    }

    fn take_shape(&mut self, b: Block, at: usize, shape: u32) -> bool {
        let here = b == self.block && self.loads.is_empty();
        self.to = at;
        here && self.shape.replace(shape).is_none()
    }
}

/// Is the object never met half made, and all of it known?
fn is_whole(f: &Func, v: V, m: &Made) -> bool {
    let mut whole = m.words.iter().all(Option::is_some);
    whole &= m.loads.iter().all(|&(_, n)| n < m.words.len());
    for &i in &f.block(m.block).insts[m.from + 1..m.to] {
        f.inst(i)
            .exits(&mut |x| f.exit_values(x, &mut |a| whole &= a != v));
    }
    whole
}

fn remove(f: &mut Func, flow: &Flow, all: &Candidates, chosen: &[V]) -> bool {
    let mut numbers: HashMap<V, u32> = HashMap::default();
    let mut read: HashMap<V, V> = HashMap::default();
    for &v in chosen {
        let m = &all[&v];
        let words: Vec<V> = m.words.iter().flatten().copied().collect();
        read.extend(m.loads.iter().map(|&(load, n)| (load, words[n])));
        numbers.insert(v, f.objects.len() as u32);
        f.objects.push(NewObject {
            header: m.header & !(u32::MAX as u64) | m.shape.unwrap_or(0) as u64,
            words,
        });
    }
    if numbers.is_empty() {
        return false;
    }
    for &b in &flow.order {
        let mut insts = std::mem::take(&mut f.blocks[b.index()].insts);
        insts.retain(|v| match f.inst(*v) {
            Inst::StoreRaw(a, ..) | Inst::InitShape(a, _) => !numbers.contains_key(a),
            _ => !numbers.contains_key(v) && !read.contains_key(v),
        });
        f.blocks[b.index()].insts = insts;
    }
    for s in &mut f.states {
        for (_, h) in &mut s.dirty {
            if let Held::Value(v) = *h
                && let Some(&n) = numbers.get(&v)
            {
                *h = Held::Object(n);
            }
        }
    }
    // What was read may have been read from another of them.
    f.rename(flow, &mut |mut v| {
        while let Some(&x) = read.get(&v) {
            v = x;
        }
        v
    });
    // What was boxed for the object alone need not be boxed.
    let mut objects = std::mem::take(&mut f.objects);
    for x in objects.iter_mut().flat_map(|o| &mut o.words) {
        if let Inst::Box(y) = f.inst(*x) {
            *x = *y;
        }
    }
    f.objects = objects;
    !read.is_empty()
}

//! Sums and differences of ints that cannot overflow, by what is known of their operands: from constants, comparisons
//! on the way, indices that were checked, and loops that count.
//!
//! What must hold: a value has its bounds wherever it is defined, and what a branch or a check tells of it holds in the
//! blocks behind that. What loops keep for the next round only counts while a round is left.

use super::Flow;
use crate::ir::*;
use habu_heap::Value;
use rustc_hash::FxHashMap as HashMap;

/// Least and greatest.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Bounds(i64, i64);

/// What int words hold.
const ALL: Bounds = Bounds(-(1 << 62), (1 << 62) - 1);
/// More than any container has.
const LONGEST: i64 = 1 << 48;

impl Bounds {
    fn meet(self, o: Bounds) -> Bounds {
        Bounds(self.0.max(o.0), self.1.min(o.1))
    }
    fn join(self, o: Bounds) -> Bounds {
        Bounds(self.0.min(o.0), self.1.max(o.1))
    }
    /// Bounds of a sum or difference, if each is an int word.
    fn sum(self, o: Bounds, sub: bool) -> Option<Bounds> {
        // Where a comparison cannot hold, bounds lie outside of what int words hold.
        let (low, high) = match sub {
            true => (self.0.checked_sub(o.1)?, self.1.checked_sub(o.0)?),
            false => (self.0.checked_add(o.0)?, self.1.checked_add(o.1)?),
        };
        (low >= ALL.0 && high <= ALL.1).then_some(Bounds(low, high))
    }
}

struct Known<'a> {
    f: &'a Func,
    flow: &'a Flow,
    /// Of each parameter its block and its number there.
    params: HashMap<V, (Block, usize)>,
    /// Of each value where it is defined.
    own: Vec<Bounds>,
    /// What is told of values at the end of each block.
    told: Vec<Vec<(V, Bounds)>>,
    /// Sums and differences that do not overflow.
    safe: Vec<V>,
}

pub fn run(f: &mut Func, flow: &Flow) {
    let is_sum = |d: &InstData| matches!(d.inst, Inst::Int(IntOp::Add | IntOp::Sub, ..));
    if !f.insts.iter().any(is_sum) {
        return;
    }
    let in_block = |b: Block| {
        let params = f.block(b).params.iter().enumerate();
        params.map(move |(n, &p)| (p, (b, n)))
    };
    let mut k = Known {
        f,
        flow,
        params: flow.order.iter().flat_map(|&b| in_block(b)).collect(),
        own: vec![ALL; f.insts.len()],
        told: vec![Vec::new(); f.blocks.len()],
        safe: Vec::new(),
    };
    for &b in &flow.order {
        k.block(b);
    }
    let safe = k.safe;
    unchecked(f, flow, safe);
}

/// The same value by another name.
fn same(f: &Func, mut v: V) -> V {
    while let Inst::Guard(a, ..) | Inst::Known(a) = *f.inst(v) {
        v = a;
    }
    v
}

fn constant(f: &Func, v: V) -> Option<i64> {
    match *f.inst(v) {
        Inst::Word(w) => Value::from_bits(w)?.as_int(),
        _ => None,
    }
}

fn raw(f: &Func, v: V) -> Option<i64> {
    match *f.inst(v) {
        Inst::Raw(i) => Some(i),
        _ => None,
    }
}

impl Known<'_> {
    /// The bounds of a value behind what the block has told so far.
    fn bounds(&self, v: V, at: Block) -> Bounds {
        let v = same(self.f, v);
        let mut r = self.own[v.index()];
        let mut b = Some(at);
        while let Some(i) = b {
            let told = self.told[i.index()].iter().filter(|t| t.0 == v);
            r = told.fold(r, |r, t| r.meet(t.1));
            b = self.flow.dom.parent(i);
        }
        r
    }

    fn tell(&mut self, b: Block, v: V, r: Bounds) {
        self.told[b.index()].push((same(self.f, v), r));
    }

    fn block(&mut self, b: Block) {
        self.told_by_branch(b);
        let data = self.f.block(b);
        for (n, &p) in data.params.iter().enumerate() {
            if self.f.ty(p).is_int() {
                self.own[p.index()] = self.parameter(b, n, p);
            }
        }
        for &v in &data.insts {
            self.instruction(b, v);
        }
    }

    /// What the branch that leads here has asked.
    fn told_by_branch(&mut self, b: Block) {
        let [from] = self.flow.preds[b.index()].as_slice() else {
            return;
        };
        let Term::Branch(c, yes, no) = self.f.block(*from).term else {
            return;
        };
        if yes == no {
            return;
        }
        self.condition(b, c, yes == b);
        if yes == b {
            self.round(*from, b, c);
        }
    }

    /// The condition holds from here on, or does not.
    fn condition(&mut self, b: Block, c: V, holds: bool) {
        let (cmp, x, y) = match *self.f.inst(c) {
            Inst::IntCmp(cmp, x, y) => (cmp, x, y),
            Inst::Below(i, _) if holds => return self.is_index(b, i),
            Inst::Not(c) => return self.condition(b, c, !holds),
            _ => return,
        };
        let (r, s) = (self.bounds(x, b), self.bounds(y, b));
        let less = |r: Bounds, by| Bounds(ALL.0, r.1 - by);
        let more = |r: Bounds, by| Bounds(r.0 + by, ALL.1);
        let (to_x, to_y) = match (cmp, holds) {
            (Cmp::Lt, true) | (Cmp::Ge, false) => (less(s, 1), more(r, 1)),
            (Cmp::Le, true) | (Cmp::Gt, false) => (less(s, 0), more(r, 0)),
            (Cmp::Gt, true) | (Cmp::Le, false) => (more(s, 1), less(r, 1)),
            (Cmp::Ge, true) | (Cmp::Lt, false) => (more(s, 0), less(r, 0)),
            (Cmp::Eq, true) | (Cmp::Ne, false) => (s, r),
            _ => return,
        };
        self.tell(b, x, to_x);
        self.tell(b, y, to_y);
    }

    /// The machine integer is an index.
    fn is_index(&mut self, b: Block, i: V) {
        if let Inst::Untag(word) = *self.f.inst(i) {
            self.tell(b, word, Bounds(0, LONGEST));
        }
    }

    fn instruction(&mut self, b: Block, v: V) {
        let f = self.f;
        let r = match *f.inst(v) {
            Inst::Word(_) => constant(f, v).map(|i| Bounds(i, i)),
            Inst::Guard(a, ..) | Inst::Known(a) => Some(self.bounds(a, b)),
            Inst::Tag(i) => match *f.inst(i) {
                Inst::LoadNumber(n, ..) => n.range().map(|(least, most)| Bounds(least, most)),
                Inst::HighHalf(_) => Some(Bounds(0, u32::MAX as i64)),
                _ => None,
            },
            Inst::Select(_, x, y) if f.ty(v).is_int() => {
                Some(self.bounds(x, b).join(self.bounds(y, b)))
            }
            Inst::Int(op, x, y, _) => self.result(b, v, op, x, y),
            Inst::Bounded(i, ..) => {
                self.is_index(b, i);
                None
            }
            Inst::GuardTrue(c, _) => {
                self.condition(b, c, true);
                None
            }
            Inst::GuardFalse(c, _) => {
                self.condition(b, c, false);
                None
            }
            _ => None,
        };
        if let Some(r) = r {
            self.own[v.index()] = r.meet(ALL);
        }
    }

    fn result(&mut self, b: Block, v: V, op: IntOp, x: V, y: V) -> Option<Bounds> {
        let (r, s) = (self.bounds(x, b), self.bounds(y, b));
        match op {
            IntOp::Add | IntOp::Sub => {
                let sum = r.sum(s, op == IntOp::Sub);
                if sum.is_some() {
                    self.safe.push(v);
                }
                sum
            }
            IntOp::And if s.0 >= 0 => Some(Bounds(0, s.1)),
            IntOp::And if r.0 >= 0 => Some(Bounds(0, r.1)),
            IntOp::Mod if s.0 > 0 => Some(Bounds(0, s.1 - 1)),
            IntOp::FloorDiv if s.0 > 0 => Some(Bounds(r.0.min(0), r.1.max(0))),
            _ => None,
        }
    }

    // ---- loops

    /// What is passed for a parameter on each way here.
    fn passed(&self, b: Block, n: usize) -> Vec<(Block, V)> {
        let preds = &self.flow.preds[b.index()];
        let arg = |&p: &Block| match &self.f.block(p).term {
            Term::Jump(_, args) => args.get(n).map(|&a| (p, a)),
            _ => None,
        };
        preds.iter().filter_map(arg).collect()
    }

    fn parameter(&self, b: Block, n: usize, p: V) -> Bounds {
        let mut all: Option<Bounds> = None;
        let (mut falls, mut rises) = (false, false);
        for (from, a) in self.passed(b, n) {
            if self.flow.dom.dominates(b, from) {
                match self.step(a, p) {
                    Some(0) => {}
                    Some(s) => {
                        rises |= s > 0;
                        falls |= s < 0;
                    }
                    None => return ALL,
                }
            } else {
                let r = self.bounds(a, from);
                all = Some(all.map_or(r, |x| x.join(r)));
            }
        }
        let r = all.unwrap_or(ALL);
        Bounds(
            if falls { ALL.0 } else { r.0 },
            if rises { ALL.1 } else { r.1 },
        )
    }

    /// By how much `a`, which is passed for the next round, differs from the parameter, as words.
    fn step(&self, a: V, p: V) -> Option<i64> {
        let f = self.f;
        let a = self.origin(a);
        if a == p {
            return Some(0);
        }
        let of_p = |x: V| self.origin(x) == p;
        match *f.inst(a) {
            Inst::RawOp(RawOp::Add, x, c) if of_p(x) => raw(f, c),
            Inst::RawOp(RawOp::Sub, x, c) if of_p(x) => raw(f, c)?.checked_neg(),
            Inst::Int(IntOp::Add, x, c, _) if of_p(x) => constant(f, c)?.checked_mul(2),
            Inst::Int(IntOp::Sub, x, c, _) if of_p(x) => constant(f, c)?.checked_mul(-2),
            _ => None,
        }
    }

    /// What a parameter is on all ways: inner loops pass on what they do not change.
    fn origin(&self, v: V) -> V {
        let mut v = same(self.f, v);
        for _ in 0..4 {
            let Some(&(b, n)) = self.params.get(&v) else {
                break;
            };
            let mut others = self.passed(b, n).into_iter().map(|p| same(self.f, p.1));
            let mut only = None;
            let one = others.all(|a| a == v || *only.get_or_insert(a) == a);
            match only {
                Some(x) if one => v = x,
                _ => break,
            }
        }
        v
    }

    /// A loop over a range by ones goes another round in `b`, since `c` says that something is left: then the next
    /// number is less than the greatest there is.
    fn round(&mut self, head: Block, b: Block, c: V) {
        let f = self.f;
        let Inst::IntCmp(Cmp::Gt, left, zero) = *f.inst(c) else {
            return;
        };
        let params = &f.block(head).params;
        let Some(n) = params.iter().position(|&p| p == left) else {
            return;
        };
        if constant(f, zero) != Some(0) || !self.counts(head, n, -2) {
            return;
        }
        for (m, &next) in params.iter().enumerate() {
            let ends =
                f.ty(next).is_int() && self.counts(head, m, 2) && self.ends_in_time(head, m, n);
            if ends {
                self.tell(b, next, Bounds(ALL.0, ALL.1 - 1));
            }
        }
    }

    /// Does the parameter change by this, as a word, in each round?
    fn counts(&self, head: Block, n: usize, by: i64) -> bool {
        let p = self.f.block(head).params[n];
        let passed = self.passed(head, n);
        let mut rounds = passed.iter().filter(|a| self.flow.dom.dominates(head, a.0));
        rounds.all(|a| self.step(a.1, p) == Some(by))
    }

    /// Do next number and what is left begin so that their sum is an int word?
    fn ends_in_time(&self, head: Block, next: usize, left: usize) -> bool {
        let (nexts, lefts) = (self.passed(head, next), self.passed(head, left));
        let begins = |a: &(Block, V)| !self.flow.dom.dominates(head, a.0);
        let mut pairs = nexts.iter().zip(&lefts).filter(|(a, _)| begins(a));
        pairs.all(|(&(from, s), &(_, n))| {
            let sum = self.bounds(s, from).sum(self.bounds(n, from), false);
            sum.is_some() || self.is_distance(n, s)
        })
    }

    /// Is `n` how many numbers there are from `s` to an int?
    fn is_distance(&self, n: V, s: V) -> bool {
        let Inst::Select(_, d, zero) = *self.f.inst(same(self.f, n)) else {
            return false;
        };
        let from_s = |x: V| same(self.f, x) == same(self.f, s);
        let difference = matches!(*self.f.inst(d), Inst::Int(IntOp::Sub, _, x, _) if from_s(x));
        difference && constant(self.f, zero) == Some(0)
    }
}

// ---- without checks

fn unchecked(f: &mut Func, flow: &Flow, safe: Vec<V>) {
    if safe.is_empty() {
        return;
    }
    let mut is_safe = vec![false; f.insts.len()];
    safe.iter().for_each(|v| is_safe[v.index()] = true);
    let mut constants = Constants(HashMap::default());
    for &b in &flow.order {
        let insts = std::mem::take(&mut f.blocks[b.index()].insts);
        let mut out = Vec::with_capacity(insts.len());
        for v in insts {
            if let Inst::Int(op, x, y, _) = *f.inst(v)
                && is_safe[v.index()]
            {
                let sub = op == IntOp::Sub;
                let op = if sub { RawOp::Sub } else { RawOp::Add };
                let known = |v| constant(f, v);
                f.insts[v.index()].inst = match (known(x), known(y)) {
                    (_, Some(c)) => Inst::RawOp(op, x, constants.get(f, 2 * c)),
                    (Some(c), _) if !sub => Inst::RawOp(op, y, constants.get(f, 2 * c)),
                    _ => {
                        let one = constants.get(f, 1);
                        let y = f.new_value(Inst::RawOp(RawOp::Sub, y, one), Ty::RAW);
                        out.push(y);
                        Inst::RawOp(op, x, y)
                    }
                };
            }
            out.push(v);
        }
        f.blocks[b.index()].insts = out;
    }
    let first = &mut f.blocks[flow.order[0].index()].insts;
    first.splice(0..0, constants.0.into_values());
}

/// Constants that stand before everything.
struct Constants(HashMap<i64, V>);

impl Constants {
    fn get(&mut self, f: &mut Func, i: i64) -> V {
        *self
            .0
            .entry(i)
            .or_insert_with(|| f.new_value(Inst::Raw(i), Ty::RAW))
    }
}

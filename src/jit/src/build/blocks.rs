//! Blocks: joining edges, loop headers, back edges.

use super::env::{Edge, Env};
use super::{Bailout, Builder, MAX_VALUES};
use crate::ir::*;
use std::collections::HashMap;

/// A loop header being open for back edges.
pub struct Header {
    block: Block,
    /// Which words have parameters, in the order of the parameters.
    slots: Vec<(usize, Shape)>,
    key: (Vec<u32>, usize),
    types: Vec<Ty>,
}

/// How a word is split into parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    One,
    /// Next and left change; the step does not.
    Range,
    /// The index changes.
    List,
}

impl Builder<'_> {
    /// Build the whole body from instruction `entry` on; the current block is its beginning.
    pub fn body(&mut self, entry: usize) -> Result<(), Bailout> {
        let unit = self.cx.unit.clone();
        let outer_edges = std::mem::take(&mut self.edges);
        let outer_headers = std::mem::take(&mut self.headers);
        self.edges.insert(
            entry,
            vec![Edge {
                from: self.cur,
                env: self.env.clone(),
            }],
        );
        for &b in &unit.order {
            let Some(edges) = self.edges.remove(&b) else {
                // Only exits lead here.
                continue;
            };
            if unit.loops[b].is_some() && !(self.cx.body == Body(0) && unit.is_beyond(b)) {
                self.open_header(b, edges);
            } else {
                self.join(edges);
            }
            self.done = false;
            if self.cx.body == Body(0) && unit.is_beyond(b) {
                self.at = b;
                self.begin_run(b);
                self.leave(Why::LoopEnd);
                continue;
            }
            self.block(b)?;
            if let Some(b) = self.failed {
                return Err(b);
            }
            if self.inline_failed {
                break;
            }
            if self.f.insts.len() > MAX_VALUES {
                return Err(Bailout("too large"));
            }
        }
        if !self.edges.is_empty() && !self.inline_failed {
            return Err(Bailout("a loop that is entered from aside"));
        }
        self.edges = outer_edges;
        self.headers = outer_headers;
        Ok(())
    }

    /// The instructions of the block that begins at `b`.
    fn block(&mut self, b: usize) -> Result<(), Bailout> {
        let unit = self.cx.unit.clone();
        let mut i = b;
        loop {
            self.at = i;
            if i == b || unit.is_boundary(i) {
                self.begin_run(i);
                if i > 0 && unit.ins[i - 1].op == habu_bytecode::Op::RESUME {
                    self.guard_globals();
                }
            }
            let next = self.instruction(i)?;
            if self.done || self.inline_failed {
                return Ok(());
            }
            i = next;
            if i >= unit.ins.len() {
                return Err(Bailout("code without end"));
            }
            if unit.is_start[i] {
                self.edge_to(i);
                return Ok(());
            }
        }
    }

    /// End the current block with a jump to the bytecode block at `to`.
    pub fn edge_to(&mut self, to: usize) {
        let edge = Edge {
            from: self.cur,
            env: self.env.clone(),
        };
        self.add_edge(to, edge);
        self.done = true;
    }

    fn add_edge(&mut self, to: usize, edge: Edge) {
        if self.headers.contains_key(&to) {
            self.back_edge(to, edge);
        } else {
            self.edges.entry(to).or_default().push(edge);
        }
    }

    /// Branch on a condition to two bytecode blocks.
    pub fn branch_to(&mut self, c: V, yes: usize, no: usize) {
        let (a, b) = self.split(c);
        for (blk, to) in [(a, yes), (b, no)] {
            let edge = Edge {
                from: blk,
                env: self.env.clone(),
            };
            self.add_edge(to, edge);
        }
        self.done = true;
    }

    /// Branch to two new blocks; the current block is ended.
    pub fn split(&mut self, c: V) -> (Block, Block) {
        let (a, b) = (self.f.new_block(), self.f.new_block());
        self.f.blocks[self.cur.index()].term = Term::Branch(c, a, b);
        (a, b)
    }

    pub fn enter(&mut self, b: Block) {
        self.cur = b;
        self.done = false;
    }

    /// Continue in a block that all these edges lead to.
    pub fn join(&mut self, edges: Vec<Edge>) {
        if let [one] = edges.as_slice() {
            self.cur = one.from;
            self.env = one.env.clone();
            return;
        }
        let block = self.f.new_block();
        let mut env = edges[0].env.clone();
        for e in &edges[1..] {
            env.meet(&e.env);
        }
        let mut args: Vec<Vec<V>> = vec![Vec::new(); edges.len()];
        for slot in 0..env.slots.len() {
            let held: Vec<Held> = edges.iter().map(|e| e.env.slots[slot]).collect();
            if held.iter().all(|h| *h == held[0]) {
                continue;
            }
            env.slots[slot] = self.join_slot(block, &edges, &held, &mut args);
        }
        for slot in 0..env.memory.len() {
            let m = edges[0].env.memory[slot];
            let same = edges.iter().all(|e| e.env.memory[slot] == m);
            let current = edges.iter().all(|e| self.memory_is_current(&e.env, slot));
            env.memory[slot] = if same
                && edges
                    .iter()
                    .all(|e| e.env.slots[slot] == edges[0].env.slots[slot])
            {
                m
            } else if current {
                // Each path stored what it holds: memory has whatever was chosen.
                Some(env.slots[slot])
            } else {
                None
            };
        }
        for (e, a) in edges.iter().zip(args) {
            self.f.blocks[e.from.index()].term = Term::Jump(block, a);
        }
        self.cur = block;
        self.env = env;
    }

    fn memory_is_current(&self, env: &Env, slot: usize) -> bool {
        match (env.memory[slot], env.slots[slot]) {
            (Some(Held::Value(a)), Held::Value(b)) => self.root(a) == self.root(b),
            (Some(a), b) => a == b,
            _ => false,
        }
    }

    fn join_slot(
        &mut self,
        block: Block,
        edges: &[Edge],
        held: &[Held],
        args: &mut [Vec<V>],
    ) -> Held {
        let same = |l: &Builder, f: fn(Held) -> Option<V>| -> Option<V> {
            let v = f(held[0])?;
            held.iter()
                .all(|h| f(*h).is_some_and(|x| l.root(x) == l.root(v)))
                .then_some(v)
        };
        if held.iter().all(|h| matches!(h, Held::Range(..))) {
            let parts: Vec<Vec<V>> = held
                .iter()
                .map(|h| match h {
                    Held::Range(a, b, c) => vec![*a, *b, *c],
                    _ => vec![],
                })
                .collect();
            let p: Vec<V> = (0..3)
                .map(|k| {
                    self.join_values(
                        block,
                        edges,
                        &parts.iter().map(|x| x[k]).collect::<Vec<_>>(),
                        args,
                    )
                })
                .collect();
            return Held::Range(p[0], p[1], p[2]);
        }
        if held.iter().all(|h| matches!(h, Held::List(..))) {
            let parts: Vec<(V, V)> = held
                .iter()
                .filter_map(|h| match h {
                    Held::List(a, b) => Some((*a, *b)),
                    _ => None,
                })
                .collect();
            let l = self.join_values(
                block,
                edges,
                &parts.iter().map(|x| x.0).collect::<Vec<_>>(),
                args,
            );
            let i = self.join_values(
                block,
                edges,
                &parts.iter().map(|x| x.1).collect::<Vec<_>>(),
                args,
            );
            return Held::List(l, i);
        }
        // The same value, refined on some paths only: what all of them have is its root.
        if let Some(v) = same(self, |h| match h {
            Held::Value(v) => Some(v),
            _ => None,
        }) {
            return Held::Value(self.root(v));
        }
        let empty = self.word(0);
        let values: Vec<V> = held
            .iter()
            .map(|h| match *h {
                Held::Value(v) => v,
                Held::Empty => empty,
                _ => self.mixed_iterators(),
            })
            .collect();
        Held::Value(self.join_values(block, edges, &values, args))
    }

    fn join_values(&mut self, block: Block, edges: &[Edge], vs: &[V], args: &mut [Vec<V>]) -> V {
        if vs.iter().all(|v| *v == vs[0]) {
            return vs[0];
        }
        let ty = vs[1..]
            .iter()
            .fold(self.ty(vs[0]), |t, &v| t.join(self.ty(v)));
        for ((e, &v), a) in edges.iter().zip(vs).zip(args.iter_mut()) {
            let c = self.convert_at(e, v, ty);
            a.push(c);
        }
        self.f.param(block, ty)
    }

    /// `v` in the representation of `ty`, made at the end of the edge's block.
    pub fn convert_at(&mut self, e: &Edge, v: V, ty: Ty) -> V {
        if self.ty(v).rep == ty.rep {
            return v;
        }
        if ty.rep == Rep::F64 {
            return self.open_at(e.from, v);
        }
        if let Some(&b) = e.env.boxed.get(&v) {
            return b;
        }
        let (cur, env) = (self.cur, std::mem::replace(&mut self.env, e.env.clone()));
        self.cur = e.from;
        let w = self.as_word(v);
        self.cur = cur;
        self.env = env;
        w
    }

    /// A word that is a float for sure, unboxed at the end of a block.
    fn open_at(&mut self, b: Block, v: V) -> V {
        let w = self.constant_of(v).and_then(habu_heap::Value::from_bits);
        if let Some(f) = w.and_then(|w| w.as_float()) {
            return self.float(f);
        }
        match self.f.inst(v) {
            Inst::Box(f) => *f,
            _ => self.f.append(b, Inst::Open(v), Ty::F64),
        }
    }

    /// An iterator that was not made yet meets something else where paths join. Bytecode from source has no such
    /// place.
    fn mixed_iterators(&mut self) -> V {
        self.failed = Some(Bailout("iterators of different kinds meet"));
        self.word(0)
    }

    fn open_header(&mut self, at: usize, edges: Vec<Edge>) {
        self.join(edges);
        let unit = self.cx.unit.clone();
        let assigned = unit.loops[at].clone().unwrap_or_default();
        let key = (self.cx.path.clone(), at);
        let entry = self.cur;
        let block = self.f.new_block();
        self.f.blocks[block.index()].header = true;
        let mut slots = Vec::new();
        let mut initial = Vec::new();
        for slot in 0..self.env.slots.len() {
            match self.env.slots[slot] {
                Held::Range(next, _, left) => {
                    slots.push((slot, Shape::Range));
                    initial.extend([next, left]);
                }
                Held::List(_, index) => {
                    slots.push((slot, Shape::List));
                    initial.push(index);
                }
                h if assigned.get(slot).copied().unwrap_or(false) => {
                    slots.push((slot, Shape::One));
                    initial.push(match h {
                        Held::Value(v) => v,
                        _ => self.word(0),
                    });
                }
                _ => {}
            }
        }
        let mut types: Vec<Ty> = initial.iter().map(|&v| self.ty(v)).collect();
        if let Some(known) = self.loop_types.get(&key)
            && known.len() == types.len()
        {
            for (t, k) in types.iter_mut().zip(known) {
                *t = t.join(*k);
            }
        }
        self.loop_types.insert(key.clone(), types.clone());
        let edge = Edge {
            from: entry,
            env: self.env.clone(),
        };
        let args: Vec<V> = initial
            .iter()
            .zip(&types)
            .map(|(&v, t)| self.convert_at(&edge, v, *t))
            .collect();
        self.f.blocks[entry.index()].term = Term::Jump(block, args);
        let mut params = types
            .iter()
            .map(|&t| self.f.param(block, t))
            .collect::<Vec<_>>()
            .into_iter();
        let mut p = || params.next().unwrap_or(V(0));
        for &(slot, shape) in &slots {
            self.env.slots[slot] = match (shape, self.env.slots[slot]) {
                (Shape::Range, Held::Range(_, step, _)) => Held::Range(p(), step, p()),
                (Shape::List, Held::List(list, _)) => Held::List(list, p()),
                _ => Held::Value(p()),
            };
            if let Some(m) = self.env.memory.get_mut(slot) {
                *m = None;
            }
        }
        self.env.forget_heap();
        self.env.boxed = HashMap::new();
        self.cur = block;
        self.headers.insert(
            at,
            Header {
                block,
                slots,
                key,
                types,
            },
        );
    }

    fn back_edge(&mut self, to: usize, edge: Edge) {
        let Some(h) = self.headers.get(&to) else {
            return;
        };
        let (block, slots, key, types) = (h.block, h.slots.clone(), h.key.clone(), h.types.clone());
        let mut values = Vec::new();
        let empty = self.word(0);
        for &(slot, shape) in &slots {
            match (shape, edge.env.slots[slot]) {
                (Shape::Range, Held::Range(next, _, left)) => values.extend([next, left]),
                (Shape::List, Held::List(_, index)) => values.push(index),
                (Shape::One, Held::Value(v)) => values.push(v),
                _ => values.push(empty),
            }
        }
        debug_assert_eq!(values.len(), types.len());
        let mut wider = types.clone();
        for (w, &v) in wider.iter_mut().zip(&values) {
            if !self.ty(v).fits(*w) {
                *w = w.join(self.ty(v));
            }
        }
        if wider != types {
            self.widened = true;
            self.loop_types.insert(key, wider);
        }
        let args = values
            .iter()
            .zip(&types)
            .map(|(&v, t)| {
                if self.ty(v).rep != t.rep && t.rep != Rep::Word && !self.ty(v).is_float() {
                    // Built again anyway.
                    v
                } else {
                    self.convert_at(&edge, v, *t)
                }
            })
            .collect();
        self.f.blocks[edge.from.index()].term = Term::Jump(block, args);
    }
}

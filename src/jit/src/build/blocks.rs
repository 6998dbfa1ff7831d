//! Blocks: joining edges, loop headers, back edges.

use super::env::{Edge, Env};
use super::{Bailout, Builder, MAX_VALUES};
use crate::ir::*;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

/// Inlining path and header.
pub type LoopKey = (Vec<u32>, usize);

/// What is known of loops from round to round.
#[derive(Default)]
pub struct LoopTypes {
    /// Of the words that change in them.
    types: HashMap<LoopKey, Vec<LoopType>>,
    /// Inlined calls (by path) of what calls others that may look at its frame.
    pub framed: HashSet<Vec<u32>>,
    /// Calls of generators' functions (by path) whose items are not taken where they are yielded.
    pub not_taken: HashSet<Vec<u32>>,
    /// Loops whose first iteration stands before them.
    pub peeled: HashSet<LoopKey>,
    /// Operands that loops of resumed generators come back with another value of.
    changing: HashSet<(LoopKey, usize)>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LoopType {
    ty: Ty,
    /// A back edge brought something that is no unboxed float.
    mixed: bool,
}

impl LoopTypes {
    pub fn forget(&mut self, key: &LoopKey) {
        self.types.remove(key);
    }
}

/// A loop header being open for back edges.
pub struct Header {
    block: Block,
    /// Which words have parameters, in the order of the parameters.
    slots: Vec<(usize, Shape)>,
    key: LoopKey,
    types: Vec<LoopType>,
    /// For each parameter: is it a local that is written before it is read?
    dead: Vec<bool>,
    /// Operands that are taken to stay what they are.
    fixed: Vec<(usize, V)>,
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
    pub fn blocks_from(&mut self, entry: usize) -> Result<(), Bailout> {
        let unit = self.cx.unit.clone();
        self.edges.insert(
            entry,
            vec![Edge {
                from: self.cur,
                env: self.env.clone(),
            }],
        );
        let until = self.cx.until;
        for &b in unit.order.iter().filter(|&&b| Some(b) != until) {
            if self.is_peeled(b) {
                self.first_iteration(b)?;
            }
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
            if self.inline_failed {
                break;
            }
        }
        let beyond = self.edges.keys().any(|&b| Some(b) != until);
        if beyond && !self.inline_failed {
            return Err(Bailout("a loop that is entered from aside"));
        }
        Ok(())
    }

    /// The block that begins at `b`.
    pub fn block(&mut self, b: usize) -> Result<(), Bailout> {
        self.instructions(b)?;
        match self.failed {
            Some(b) => Err(b),
            None if self.f.insts.len() > MAX_VALUES => Err(Bailout("too large")),
            None => Ok(()),
        }
    }

    /// From here to the end of the block.
    pub fn instructions(&mut self, b: usize) -> Result<(), Bailout> {
        let unit = self.cx.unit.clone();
        self.at = b;
        let unseen = self.expects_feedback && !self.bad(Why::Unseen) && unit.block_never_ran(b);
        let mut i = b;
        loop {
            self.at = i;
            if i == b || unit.is_boundary(i) {
                self.begin_run(i);
                // A block may begin inside an op (FOR_ITER with the store behind it): there nobody takes over.
                // Nor before the first instruction, which enters native code.
                if unseen && unit.is_boundary(i) && unit.op_of[i] != 0 {
                    self.at = b;
                    self.leave(Why::Unseen);
                    return Ok(());
                }
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

    /// One more instruction begins.
    pub fn count(&mut self) {
        let last = self.f.blocks[self.cur.index()].insts.last().copied();
        if let Some(v) = last
            && let Inst::Count(n) = &mut self.f.insts[v.index()].inst
        {
            *n += 1;
            return;
        }
        self.def(Inst::Count(1), Ty::NONE);
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

    pub fn add_edge(&mut self, to: usize, edge: Edge) {
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
        // Where one path has made the frame's header, the others do it too.
        env.framed = edges.iter().any(|e| e.env.framed);
        for e in edges.iter().filter(|e| env.framed && !e.env.framed) {
            let header = Inst::Header(self.cx.body);
            self.f.append(e.from, header, Ty::NONE);
        }
        let mut args: Vec<Vec<V>> = vec![Vec::new(); edges.len()];
        for slot in 0..env.slots.len() {
            let held: Vec<Held> = edges.iter().map(|e| e.env.slots[slot]).collect();
            if held.iter().all(|h| *h == held[0]) {
                continue;
            }
            env.slots[slot] = self.join_slot(slot, block, &edges, &held, &mut args);
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

    /// Go on where these blocks meet, with the value of each.
    pub fn rejoin<const N: usize>(&mut self, ways: [(Block, V); N], ty: Ty) -> V {
        let join = self.f.new_block();
        for (b, v) in ways {
            self.f.blocks[b.index()].term = Term::Jump(join, vec![v]);
        }
        self.enter(join);
        self.f.param(join, ty)
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
        slot: usize,
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
        if values.iter().any(|&v| self.ty(v).is_maybe()) {
            for ((e, &v), a) in edges.iter().zip(&values).zip(args.iter_mut()) {
                let c = self.maybe_float_at(e, slot, v);
                a.push(c);
            }
            return Held::Value(self.f.param(block, Ty::MAYBE_F64));
        }
        Held::Value(self.join_values(block, edges, &values, args))
    }

    /// A frame word's value as a header's parameter has it.
    fn pass(&mut self, e: &Edge, slot: usize, v: V, ty: Ty) -> V {
        if ty.is_maybe() {
            return self.maybe_float_at(e, slot, v);
        }
        if !self.ty(v).is_maybe() || ty.rep == Rep::F64 {
            return self.convert_at(e, v, ty);
        }
        // The frame's own word says which of the two it is.
        let at = slot as u32 + self.base();
        self.f.append(e.from, Inst::SyncMaybe(at, v), Ty::NONE);
        let fp = self.f.append(e.from, Inst::FrameAddress(at), Ty::RAW);
        let any = Ty::word(kind::ANY | kind::EMPTY);
        self.f.append(e.from, Inst::Load(fp, 0), any)
    }

    /// A dead local's value for a parameter that is a float or `ABSENT`: what is no float stays in the frame.
    fn maybe_float_at(&mut self, e: &Edge, slot: usize, v: V) -> V {
        let t = self.ty(v);
        if t.rep == Rep::F64 || t.is_float() {
            return self.convert_at(e, v, Ty::F64);
        }
        let in_memory = matches!(e.env.memory.get(slot), Some(Some(Held::Value(m))) if self.root(*m) == self.root(v));
        if !in_memory {
            let w = self.convert_at(e, v, Ty::ANY);
            let at = slot as u32 + self.base();
            self.f.append(e.from, Inst::Sync(at, w), Ty::NONE);
        }
        self.float(f64::from_bits(ABSENT))
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
        let p = self.f.param(block, ty);
        self.note_choice(p, vs);
        p
    }

    /// Remember which functions a value may be.
    fn note_choice(&mut self, p: V, vs: &[V]) {
        let mut words: Vec<u64> = Vec::new();
        let mut complete = true;
        for &v in vs {
            match self.constant_of(v).filter(|w| is_function(*w)) {
                Some(w) if words.contains(&w) => {}
                Some(w) => words.push(w),
                None => complete = false,
            }
        }
        if words.len() > 1 || words.len() == 1 && !complete {
            self.choices.insert(p, (words, complete));
        }
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
        if !self.ty(w).fits(ty) {
            // The word that was guessed to be a float: the guess has to stand, though nobody needs the float.
            self.f.relied.push(v);
        }
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
        if self.f.bodies[self.cx.body.index()].framed {
            self.frame();
        }
        let unit = self.cx.unit.clone();
        let assigned = unit.loops[at].clone().unwrap_or_default();
        let key = (self.cx.path.clone(), at);
        let entry = self.cur;
        let block = self.f.new_block();
        self.at = at;
        if unit.is_boundary(at) && !self.bad(Why::Loop) {
            self.begin_run(at);
            let x = self.exit(Why::Loop);
            self.f.loop_exits.push((block, x));
        }
        self.f.blocks[block.index()].header = true;
        let mut slots = Vec::new();
        let mut initial = Vec::new();
        let mut fixed = Vec::new();
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
                h if assigned.get(slot).copied().unwrap_or(false)
                    || self.changes_for_taker(slot) =>
                {
                    slots.push((slot, Shape::One));
                    initial.push(match h {
                        Held::Value(v) => v,
                        _ => self.word(0),
                    });
                }
                h if self.cx.unit.resumed && slot >= self.cx.unit.locals => {
                    // A loop around this one may come back with another iterator.
                    let changes = self.loop_types.changing.contains(&(key.clone(), slot));
                    if let Held::Value(v) = h
                        && !changes
                    {
                        fixed.push((slot, v));
                        continue;
                    }
                    slots.push((slot, Shape::One));
                    initial.push(match h {
                        Held::Value(v) => v,
                        _ => self.word(0),
                    });
                }
                _ => {}
            }
        }
        let dead = self.dead_words(at, &slots);
        let types = self.header_types(&key, &initial, &dead);
        let edge = Edge {
            from: entry,
            env: self.env.clone(),
        };
        let owner = |k: usize| slot_of(&slots, k);
        let args: Vec<V> = initial
            .iter()
            .zip(&types)
            .enumerate()
            .map(|(k, (&v, t))| self.pass(&edge, owner(k), v, t.ty))
            .collect();
        self.f.blocks[entry.index()].term = Term::Jump(block, args);
        let mut params = types
            .iter()
            .map(|t| self.f.param(block, t.ty))
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
        // Of the others the loop may store what they hold: memory has that then, not what it has now.
        for slot in 0..self.env.memory.len() {
            if !self.in_memory(slot, self.env.slots[slot]) {
                self.env.memory[slot] = None;
            }
        }
        self.env.forget_heap();
        self.env.boxed = HashMap::default();
        self.env.unsigned = HashMap::default();
        self.env.codes = HashMap::default();
        self.cur = block;
        self.headers.insert(
            at,
            Header {
                block,
                slots,
                key,
                types,
                dead,
                fixed,
            },
        );
    }

    /// For each parameter of the header: is it a local that is dead there?
    fn dead_words(&self, at: usize, slots: &[(usize, Shape)]) -> Vec<bool> {
        let live = &self.cx.unit.live[at];
        let mut dead = Vec::new();
        for &(slot, shape) in slots {
            dead.push(shape == Shape::One && slot < self.cx.unit.locals && !live.has(slot));
            if shape == Shape::Range {
                dead.push(false);
            }
        }
        dead
    }

    /// What the entry brings, and what back edges brought in earlier rounds.
    fn header_types(&mut self, key: &LoopKey, initial: &[V], dead: &[bool]) -> Vec<LoopType> {
        let mut types: Vec<LoopType> = initial
            .iter()
            .map(|&v| LoopType {
                ty: self.ty(v),
                mixed: false,
            })
            .collect();
        if let Some(known) = self.loop_types.types.get(key)
            && known.len() == types.len()
        {
            for ((t, k), &dead) in types.iter_mut().zip(known).zip(dead) {
                t.mixed = k.mixed;
                t.ty = match dead && k.ty.is_maybe() {
                    true => k.ty,
                    false => t.ty.join(k.ty),
                };
            }
        }
        self.loop_types.types.insert(key.clone(), types.clone());
        types
    }

    fn back_edge(&mut self, to: usize, edge: Edge) {
        let Some(h) = self.headers.get(&to) else {
            return;
        };
        let (block, slots, key, types, dead) = (
            h.block,
            h.slots.clone(),
            h.key.clone(),
            h.types.clone(),
            h.dead.clone(),
        );
        for (slot, v) in h.fixed.clone() {
            let same = |x: V| self.root(x) == self.root(v);
            if !matches!(edge.env.slots[slot], Held::Value(x) if same(x)) {
                self.widened = true;
                self.loop_types.changing.insert((key.clone(), slot));
            }
        }
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
        let becomes_float = |(t, v): (&LoopType, &V)| t.ty.is_int() && self.ty(*v).rep == Rep::F64;
        if types.iter().zip(&values).any(becomes_float) && self.peel(to) {
            return;
        }
        let mut wider = types.clone();
        for ((w, &v), &dead) in wider.iter_mut().zip(&values).zip(&dead) {
            let t = self.ty(v);
            if t.fits(w.ty) {
                continue;
            }
            if dead && !w.mixed && t.rep == Rep::F64 {
                w.ty = Ty::MAYBE_F64;
            } else {
                w.ty = w.ty.join(t);
                w.mixed |= t.rep != Rep::F64;
            }
        }
        if wider != types {
            self.widened = true;
            self.loop_types.types.insert(key, wider);
        }
        let args = values
            .iter()
            .zip(&types)
            .enumerate()
            .map(|(k, (&v, t))| {
                if self.ty(v).rep != t.ty.rep && t.ty.rep != Rep::Word && !self.ty(v).is_float() {
                    // Built again anyway.
                    v
                } else {
                    self.pass(&edge, slot_of(&slots, k), v, t.ty)
                }
            })
            .collect();
        self.f.blocks[edge.from.index()].term = Term::Jump(block, args);
    }
}

fn is_function(w: u64) -> bool {
    use habu_runtime::object::ValueExt;
    habu_heap::Value::from_bits(w).is_some_and(|v| v.kind() == habu_runtime::kinds::FUNCTION)
}

/// The frame word that parameter `k` of a header belongs to.
fn slot_of(slots: &[(usize, Shape)], k: usize) -> usize {
    slots
        .iter()
        .flat_map(|&(slot, shape)| {
            std::iter::repeat_n(slot, if shape == Shape::Range { 2 } else { 1 })
        })
        .nth(k)
        .unwrap_or(0)
}

//! Instances that nobody sees are not made.
//!
//! What must hold: such an object is written, read and asked for its shape, and stored into others of the kind; else
//! only exits mention it, which make it when they are taken, once for all the words that hold it. Nobody else can
//! change it, so what it is at some point is told by the writes on the way there: they come one after another on
//! every way, and none of them is done on some ways to the point and not on others.

use super::Flow;
use crate::ir::*;
use crate::order;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

/// Objects of more words are made.
const MOST: usize = 8;
/// So many words of objects may exits have to store (they have room for more than that).
const ROOM: usize = 40;

/// A block and a position in it.
type Point = (Block, usize);

#[derive(Clone, Copy)]
enum Write {
    Word(usize, V),
    Shape(u32),
}

/// An object, and what is done with it.
struct Made {
    at: Point,
    header: u64,
    words: usize,
    /// In the order in which they are done.
    writes: Vec<(Point, Write)>,
    /// Loads and guards that tell what is known.
    told: Vec<(V, Point)>,
    /// Objects of the kind that are stored into it.
    inside: Vec<V>,
}

/// Was anything told that is known now?
pub fn run(f: &mut Func, flow: &Flow) -> bool {
    if !f.insts.iter().any(is_instance) {
        return false;
    }
    let mut s = Search {
        flow,
        loops: order::loops(&flow.order, &flow.dom, &flow.preds),
        seen: HashSet::default(),
        made: HashMap::default(),
        names: HashMap::default(),
        after: HashMap::default(),
    };
    // What is read of an object is only known if nobody sees it: once more without those that turned out to be seen.
    loop {
        let seen = s.seen.len();
        s.look(f);
        s.check(f);
        s.choose();
        if s.seen.len() == seen {
            break;
        }
        s.made.clear();
        s.names.clear();
    }
    if s.made.is_empty() {
        return false;
    }
    s.tell_exits(f);
    s.remove(f)
}

fn is_instance(d: &InstData) -> bool {
    matches!(d.inst, Inst::Alloc(..)) && d.ty.shape == 0 && d.ty.only(kind::OBJECT)
}

fn word(off: i32) -> usize {
    off as usize / 8 - 1
}

struct Search<'a> {
    flow: &'a Flow,
    /// For each loop which blocks it has.
    loops: Vec<Vec<bool>>,
    /// Objects that are seen.
    seen: HashSet<V>,
    made: HashMap<V, Made>,
    /// What loads and guards gave.
    names: HashMap<V, V>,
    /// Blocks that can be come to from the end of one without making the object again.
    after: HashMap<(V, Block), Vec<bool>>,
}

impl Search<'_> {
    fn root(&self, mut v: V) -> V {
        while let Some(&n) = self.names.get(&v) {
            v = n;
        }
        v
    }

    /// The object is seen, and those stored into it are.
    fn drop(&mut self, v: V) {
        if let Some(m) = self.made.remove(&v) {
            self.seen.insert(v);
            m.inside.into_iter().for_each(|x| self.drop(x));
        }
    }

    /// Is one of them stored into the other, or are they one?
    fn holds(&self, outer: V, inner: V) -> bool {
        let inside = |m: &Made| m.inside.iter().any(|&x| self.holds(x, inner));
        outer == inner || self.made.get(&outer).is_some_and(inside)
    }

    fn is_before(&self, a: Point, b: Point) -> bool {
        match a.0 == b.0 {
            true => a.1 < b.1,
            false => self.flow.dom.dominates(a.0, b.0),
        }
    }

    // ---- what is done with objects

    fn look(&mut self, f: &Func) {
        for &b in &self.flow.order {
            for (i, &v) in f.block(b).insts.iter().enumerate() {
                self.instruction(f, v, (b, i));
            }
            f.block(b).term.each(&mut |a| self.drop(self.root(a)));
        }
        let of_functions = f.functions.iter().map(|m| m.like);
        for v in f.tuples.iter().flatten().copied().chain(of_functions) {
            self.drop(self.root(v));
        }
    }

    fn instruction(&mut self, f: &Func, v: V, at: Point) {
        match *f.inst(v) {
            Inst::Alloc(header, bytes, _) => {
                let words = bytes as usize / 8 - 1;
                let may = is_instance(&f.insts[v.index()]) && !self.seen.contains(&v);
                if may && words <= MOST {
                    let made = Made {
                        at,
                        header,
                        words,
                        writes: Vec::new(),
                        told: Vec::new(),
                        inside: Vec::new(),
                    };
                    self.made.insert(v, made);
                }
            }
            Inst::StoreRaw(a, off, x) | Inst::Store(a, off, x) => {
                let (a, x) = (self.root(a), self.root(x));
                if self.holds(x, a) || !self.write(a, at, Write::Word(word(off), x)) {
                    self.drop(a);
                    self.drop(x);
                } else if self.made.contains_key(&x)
                    && let Some(m) = self.made.get_mut(&a)
                {
                    m.inside.push(x);
                }
            }
            Inst::InitShape(a, s) | Inst::SetShape(a, s) => {
                let a = self.root(a);
                if !self.write(a, at, Write::Shape(s)) {
                    self.drop(a);
                }
            }
            Inst::Load(a, off) => {
                let a = self.root(a);
                let x = self
                    .made
                    .get(&a)
                    .and_then(|m| self.word_at(m, word(off), at));
                self.tell(a, v, at, x);
            }
            Inst::Guard(a, Test::Shape(s), _) => {
                let a = self.root(a);
                let is = |m: &Made| self.shape_at(m, at) == s;
                let same = self.made.get(&a).is_some_and(is);
                self.tell(a, v, at, same.then_some(a));
            }
            Inst::Guard(a, Test::NotEmpty | Test::Object, _) | Inst::Known(a) => {
                let a = self.root(a);
                self.tell(a, v, at, Some(a));
            }
            ref i => i.each(&mut |a| self.drop(self.root(a))),
        }
    }

    /// The object is written: is it one that may be?
    fn write(&mut self, a: V, at: Point, write: Write) -> bool {
        let Some(m) = self.made.get(&a) else {
            return false;
        };
        let inside = |l: &Vec<bool>| l[m.at.0.index()] == l[at.0.index()];
        let after_others = m.writes.iter().all(|w| self.is_before(w.0, at));
        let fits = !matches!(write, Write::Word(n, _) if n >= m.words);
        let may = fits && after_others && self.loops.iter().all(inside);
        if let Some(m) = self.made.get_mut(&a).filter(|_| may) {
            m.writes.push((at, write));
        }
        may
    }

    /// Asking the object gives `x`, if it is known.
    fn tell(&mut self, a: V, v: V, at: Point, x: Option<V>) {
        match (x, self.made.get_mut(&a)) {
            (Some(x), Some(m)) => {
                m.told.push((v, at));
                self.names.insert(v, x);
            }
            _ => self.drop(a),
        }
    }

    fn writes_before<'m>(&self, m: &'m Made, at: Point) -> impl Iterator<Item = Write> + 'm {
        let n = m.writes.iter().take_while(|w| self.is_before(w.0, at));
        m.writes[..n.count()].iter().rev().map(|w| w.1)
    }

    fn word_at(&self, m: &Made, n: usize, at: Point) -> Option<V> {
        self.writes_before(m, at).find_map(|w| match w {
            Write::Word(k, x) if k == n => Some(x),
            _ => None,
        })
    }

    fn shape_at(&self, m: &Made, at: Point) -> u32 {
        let mut all = self.writes_before(m, at);
        let last = all.find_map(|w| match w {
            Write::Shape(s) => Some(s),
            _ => None,
        });
        last.unwrap_or(m.header as u32)
    }

    // ---- is it known wherever it is asked for?

    fn check(&mut self, f: &Func) {
        let mut asked: HashSet<(V, Point)> = HashSet::default();
        for (&v, m) in &self.made {
            asked.extend(m.told.iter().map(|t| (v, t.1)));
        }
        for (at, x) in exits(f, self.flow) {
            f.exit_values(x, &mut |v| self.mentions(self.root(v), at, &mut asked));
        }
        for (v, at) in asked {
            if !self.is_known(f, v, at) {
                self.drop(v);
            }
        }
    }

    /// What exits at a point mention with this value.
    fn mentions(&self, v: V, at: Point, all: &mut HashSet<(V, Point)>) {
        if let Some(m) = self.made.get(&v)
            && all.insert((v, at))
        {
            for w in self.writes_before(m, at) {
                if let Write::Word(_, x) = w {
                    self.mentions(x, at, all);
                }
            }
        }
    }

    /// Are writes that are not done on every way to the point done on none?
    fn is_known(&mut self, f: &Func, v: V, at: Point) -> bool {
        let Some(m) = self.made.get(&v) else {
            return true;
        };
        let made_in = m.at.0;
        let others: Vec<Block> = (m.writes.iter())
            .filter(|w| !self.is_before(w.0, at))
            .map(|w| w.0.0)
            .collect();
        others.into_iter().all(|from| {
            let reached = self.after.entry((v, from)).or_insert_with(|| {
                let next = f.block(from).term.targets();
                order::reachable(f, next, Some(made_in))
            });
            !reached[at.0.index()]
        })
    }

    /// As many as exits have room for.
    fn choose(&mut self) {
        let mut all: Vec<V> = self.made.keys().copied().collect();
        all.sort_by_key(|v| v.0);
        let mut room = ROOM;
        for v in all {
            match self.made.get(&v) {
                Some(m) if m.words < room => room -= m.words + 1,
                _ => self.drop(v),
            }
        }
    }

    // ---- without them

    /// Exits make the objects as they are where they leave.
    fn tell_exits(&self, f: &mut Func) {
        let mut t = Tell {
            s: self,
            states: HashMap::default(),
            exits: HashMap::default(),
            objects: HashMap::default(),
        };
        for &b in &self.flow.order {
            for i in 0..f.block(b).insts.len() {
                let v = f.block(b).insts[i];
                let mut inst = f.inst(v).clone();
                inst.change_exits(&mut |x| t.exit(f, x, (b, i)));
                f.insts[v.index()].inst = inst;
            }
            let end = (b, f.block(b).insts.len());
            let mut term = f.block(b).term.clone();
            if let Term::Leave(x) | Term::Return(_, Some(x)) = &mut term {
                *x = t.exit(f, *x, end);
            }
            f.blocks[b.index()].term = term;
        }
        for i in 0..f.loop_exits.len() {
            let (b, x) = f.loop_exits[i];
            f.loop_exits[i].1 = t.exit(f, x, (b, 0));
        }
    }

    fn remove(&self, f: &mut Func) -> bool {
        let told: HashSet<V> = (self.made.values())
            .flat_map(|m| m.told.iter().map(|t| t.0))
            .collect();
        for &b in &self.flow.order {
            let mut insts = std::mem::take(&mut f.blocks[b.index()].insts);
            insts.retain(|v| match *f.inst(*v) {
                Inst::Alloc(..) => !self.made.contains_key(v),
                Inst::StoreRaw(a, ..)
                | Inst::Store(a, ..)
                | Inst::InitShape(a, _)
                | Inst::SetShape(a, _) => !self.made.contains_key(&self.root(a)),
                _ => !told.contains(v),
            });
            f.blocks[b.index()].insts = insts;
        }
        let name = |v: V| match told.contains(&v) {
            true => self.root(v),
            false => v,
        };
        f.rename(self.flow, &mut |v| name(v));
        !told.is_empty()
    }
}

/// All exits, and where they are taken.
fn exits(f: &Func, flow: &Flow) -> Vec<(Point, Exit)> {
    let mut all: Vec<(Point, Exit)> = f.loop_exits.iter().map(|&(b, x)| ((b, 0), x)).collect();
    for &b in &flow.order {
        let data = f.block(b);
        for (i, &v) in data.insts.iter().enumerate() {
            f.inst(v).exits(&mut |x| all.push(((b, i), x)));
        }
        data.term
            .exits(&mut |x| all.push(((b, data.insts.len()), x)));
    }
    all
}

/// States that mention objects as they are at some point.
struct Tell<'a> {
    s: &'a Search<'a>,
    /// By the state, its caller's, and what became of its words.
    states: HashMap<(State, Option<State>, Vec<Held>), State>,
    exits: HashMap<(Exit, State), Exit>,
    /// By what they are, their first word and the others.
    objects: HashMap<(V, u64, Vec<Held>), u32>,
}

impl Tell<'_> {
    fn exit(&mut self, f: &mut Func, x: Exit, at: Point) -> Exit {
        let data = f.exits[x.index()].clone();
        let state = self.state(f, data.state, at);
        if state == data.state {
            return x;
        }
        *self.exits.entry((x, state)).or_insert_with(|| {
            f.exits.push(ExitData { state, ..data });
            Exit(f.exits.len() as u32 - 1)
        })
    }

    fn state(&mut self, f: &mut Func, s: State, at: Point) -> State {
        let old = f.states[s.index()].clone();
        let parent = old.parent.map(|p| self.state(f, p, at));
        let words: Vec<Held> = (old.dirty.iter())
            .map(|&(_, h)| self.held(f, h, at))
            .collect();
        let same = old.dirty.iter().zip(&words).all(|((_, a), b)| a == b);
        if same && parent == old.parent {
            return s;
        }
        if let Some(&new) = self.states.get(&(s, parent, words.clone())) {
            return new;
        }
        let slots = old.dirty.iter().map(|d| d.0);
        let new = f.state(FrameState {
            parent,
            dirty: slots.zip(words.iter().copied()).collect(),
            ..old
        });
        self.states.insert((s, parent, words), new);
        new
    }

    fn held(&mut self, f: &mut Func, h: Held, at: Point) -> Held {
        let Held::Value(v) = h else {
            return h;
        };
        let root = self.s.root(v);
        let Some(m) = self.s.made.get(&root) else {
            return h;
        };
        let header = m.header & !(u32::MAX as u64) | self.s.shape_at(m, at) as u64;
        let words: Vec<Held> = (0..m.words)
            .map(|n| match self.s.word_at(m, n, at) {
                Some(x) => self.held(f, unboxed(f, x), at),
                None => Held::Empty,
            })
            .collect();
        let objects = &mut f.objects;
        let known = self.objects.entry((root, header, words));
        let n = *known.or_insert_with_key(|(_, header, words)| {
            objects.push(NewObject {
                header: *header,
                words: words.clone(),
            });
            objects.len() as u32 - 1
        });
        Held::Object(n)
    }
}

/// What was boxed for the object alone need not be boxed.
fn unboxed(f: &Func, x: V) -> Held {
    match *f.inst(x) {
        Inst::Box(y) if !f.ty(y).is_maybe() => Held::Value(y),
        _ => Held::Value(x),
    }
}

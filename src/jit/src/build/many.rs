//! Sites that have met several shapes: a path for each answer that differs. Which shapes an object may have is remembered:
//! where they all have one answer, nothing is asked.
//!
//! What must hold: what is known of an object's shapes holds until code runs that may change them.

use super::Builder;
use crate::ir::*;
use habu_heap::Value;
use habu_runtime::interp::poly::{Answer, Form};
use habu_runtime::object::{Entry, MethodObj, ValueExt};
use std::rc::Rc;

/// What a site does with an object.
#[derive(Clone, Copy)]
pub enum Access {
    /// Loads the attribute; for a call with its receiver?
    Load(bool),
    Store(V),
}

impl Builder<'_> {
    /// A site of several shapes. Any other leaves, or is looked up once that has failed before.
    pub fn any_of(&mut self, v: V, answers: &[Answer], name: u64, access: Access) {
        let known = self.known_shapes(v);
        let met: Vec<Answer> = match &known {
            Some(all) => {
                let mine = |a: &&Answer| all.contains(&a.shape);
                answers.iter().filter(mine).copied().collect()
            }
            None => answers.to_vec(),
        };
        let all_met = |all: &Rc<[u32]>| all.iter().all(|s| met.iter().any(|a| a.shape == *s));
        let complete = known.as_ref().is_some_and(all_met);
        let lookup = !complete && self.bad(Why::Shape);
        let o = match lookup && !self.ty(v).only(kind::OBJECT) {
            // Not even an object, perhaps: that is asked last.
            true => self.as_word(v),
            false if complete => self.known_object(v),
            false => self.object(v),
        };
        if met.is_empty() {
            // What the site has met is not what comes here.
            return match self.bad(Why::Shape) {
                true => self.anyhow(o, name, access),
                false => self.leave(Why::Shape),
            };
        }
        let groups = groups(&met);
        let shape = match complete && groups.len() == 1 {
            true => None,
            false => Some(self.def(Inst::LoadShape(o), Ty::RAW)),
        };
        if !lookup && !complete {
            // Where it is none of them this code is left.
            let all = met.iter().map(|a| a.shape).collect();
            let root = self.root(o);
            self.env.among.insert(root, all);
        }
        let mut edges = Vec::new();
        let last = groups.len() - 1;
        for (k, group) in groups.iter().enumerate() {
            let others = match shape {
                Some(shape) if !complete || k < last => {
                    let (yes, no) = {
                        let shapes: Vec<u32> = group.iter().map(|a| a.shape).collect();
                        self.when_among(shape, &shapes)
                    };
                    self.enter(yes);
                    Some((no, self.env.clone()))
                }
                _ => None,
            };
            let o = self.refine(o, Inst::Known(o), Ty::OBJECT);
            if let [one] = group.as_slice() {
                self.env.shapes.insert(o, one.shape);
            }
            self.answer_of(o, group, name, access);
            self.edge(&mut edges);
            if let Some((no, env)) = others {
                self.enter(no);
                self.env = env;
            }
        }
        if lookup {
            self.anyhow(o, name, access);
            self.edge(&mut edges);
        } else if !complete {
            self.leave(Why::Shape);
        }
        self.meet_again(edges);
    }

    /// The shapes that an object may have, as far as that is known.
    pub fn known_shapes(&self, v: V) -> Option<Rc<[u32]>> {
        match self.env.shapes.get(&v) {
            Some(&s) => Some(Rc::new([s])),
            None => self.env.among.get(&self.root(v)).cloned(),
        }
    }

    pub fn known_object(&mut self, v: V) -> V {
        match self.ty(v).only(kind::OBJECT) {
            true => self.as_word(v),
            false => self.refine(v, Inst::Known(v), Ty::OBJECT),
        }
    }

    /// Branch: to a block for objects with one of these shapes, and to one for others.
    pub fn when_among(&mut self, shape: V, group: &[u32]) -> (Block, Block) {
        let body = self.f.new_block();
        for &s in group {
            let want = self.raw(s as i64);
            let same = self.def(Inst::RawCmp(Cmp::Eq, shape, want), Ty::BOOL);
            let no = self.f.new_block();
            self.end(Term::Branch(same, body, no));
            self.enter(no);
        }
        (body, self.cur)
    }

    /// What all shapes of the group answer.
    fn answer_of(&mut self, o: V, group: &[Answer], name: u64, access: Access) {
        let [first, more @ ..] = group else { return };
        let asks = matches!(first.form, Form::Constant | Form::Member | Form::Method);
        let hold = more
            .iter()
            .all(|a| !asks || self.still(a.object as *const Entry, a.shape));
        let done = hold
            && match access {
                Access::Load(method) => self.answer(o, *first, method),
                Access::Store(v) => self.store_answer(o, *first, v),
            };
        if !done && !self.done {
            self.anyhow(o, name, access);
        }
    }

    /// The access by the runtime's own look-up.
    fn anyhow(&mut self, o: V, name: u64, access: Access) {
        match access {
            Access::Load(method) => self.any_attr(o, name, method),
            Access::Store(v) => self.set_attr(o, name, v),
        }
    }
}

/// Answers that are one for several shapes stand together.
fn groups(answers: &[Answer]) -> Vec<Vec<Answer>> {
    let mut groups: Vec<Vec<Answer>> = Vec::new();
    for &a in answers {
        match groups.iter_mut().find(|g| is_same(&g[0], &a)) {
            Some(g) => g.push(a),
            None => groups.push(vec![a]),
        }
    }
    groups
}

fn is_same(a: &Answer, b: &Answer) -> bool {
    let value = |x: &Answer| Builder::entry_value(x.object as *const Entry);
    let is_bound = |w: u64| Value::from_bits(w).is_some_and(|v| v.is::<MethodObj>());
    a.form == b.form
        && match a.form {
            Form::Slot | Form::Member => a.word == b.word,
            Form::Method => value(a) == value(b),
            Form::Constant => value(a) == value(b) && !is_bound(value(a)),
            _ => false,
        }
}

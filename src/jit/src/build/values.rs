//! Values: constants, guards, conversions between the ways of holding a value, states and exits, helper calls.

use super::Builder;
use super::calls::class_of_shape;
use crate::helpers::{self, TABLE};
use crate::ir::*;
use habu_heap::Value;
use habu_runtime::interp::feedback::{SEVERAL_SHAPES, Truths};
use habu_runtime::names::N;
use habu_runtime::object::{Gc, TypeObj};

impl Builder<'_> {
    pub fn def(&mut self, inst: Inst, ty: Ty) -> V {
        self.f.append(self.cur, inst, ty)
    }

    /// A word constant. Constants stand in the first block.
    pub fn word(&mut self, w: u64) -> V {
        if let Some(&v) = self.constants.get(&w) {
            return v;
        }
        let v = self.f.append(Block(0), Inst::Word(w), word_type(w));
        self.constants.insert(w, v);
        if Value::from_bits(w).is_some_and(Value::is_ptr) {
            self.f.roots.push(w);
        }
        v
    }

    pub fn raw(&mut self, i: i64) -> V {
        if let Some(&v) = self.raws.get(&i) {
            return v;
        }
        let v = self.f.append(Block(0), Inst::Raw(i), Ty::RAW);
        self.raws.insert(i, v);
        v
    }

    pub fn float(&mut self, f: f64) -> V {
        let bits = f.to_bits();
        if let Some(&v) = self.floats.get(&bits) {
            return v;
        }
        let v = self.f.append(Block(0), Inst::F64(bits), Ty::F64);
        self.floats.insert(bits, v);
        v
    }

    pub fn ty(&self, v: V) -> Ty {
        self.f.ty(v)
    }

    pub fn constant_of(&self, v: V) -> Option<u64> {
        match self.f.inst(v) {
            Inst::Word(w) => Some(*w),
            _ => None,
        }
    }

    pub fn constant_int(&self, v: V) -> Option<i64> {
        self.constant_of(v)
            .filter(|w| w & 1 != 0)
            .map(|w| w as i64 >> 1)
    }

    pub fn root(&self, v: V) -> V {
        self.origin.get(&v).copied().unwrap_or(v)
    }

    /// A value that is another form of `v`: it takes `v`'s place in the frame.
    pub fn refine(&mut self, v: V, inst: Inst, ty: Ty) -> V {
        let r = self.def(inst, ty);
        let root = self.root(v);
        self.origin.insert(r, root);
        for s in &mut self.env.slots {
            if *s == Held::Value(v) {
                *s = Held::Value(r);
            }
        }
        if let Some(&s) = self.env.shapes.get(&v) {
            self.env.shapes.insert(r, s);
        }
        r
    }

    // ---- states and exits

    /// The interpreter can take over before instruction `i`.
    pub fn begin_run(&mut self, i: usize) {
        self.run = (self.env.slots.clone(), i);
        self.env.state = None;
    }

    /// Which word of the body's frame this is: what is kept for who takes a generator's items stands between the locals
    /// and the operands here, and behind all others in the frame.
    pub fn frame_word(&self, slot: usize) -> u32 {
        let (locals, kept) = (self.cx.unit.locals, self.cx.kept);
        if slot < locals {
            slot as u32
        } else if slot < locals + kept {
            (self.cx.unit.words() + 1 + slot - locals) as u32
        } else {
            (slot - kept) as u32
        }
    }

    pub fn in_memory(&self, slot: usize, held: Held) -> bool {
        let Some(Some(m)) = self.env.memory.get(slot) else {
            return false;
        };
        match (*m, held) {
            (Held::Value(a), Held::Value(b)) => self.root(a) == self.root(b),
            (a, b) => a == b,
        }
    }

    pub fn state(&mut self) -> State {
        if let Some(s) = self.restart {
            return s;
        }
        if let Some(s) = self.env.state {
            return s;
        }
        let i = self.run.1;
        let unit = &self.cx.unit;
        let mut dirty: Vec<(u32, Held)> = self
            .run
            .0
            .iter()
            .enumerate()
            .filter(|&(slot, &h)| !self.in_memory(slot, h))
            .map(|(slot, &h)| (self.frame_word(slot), h))
            .collect();
        if let (Some((_, at)), Some(f)) =
            (self.f.bodies[self.cx.body.index()].taking, self.cx.function)
        {
            dirty.push((at, Held::Value(f)));
        }
        let s = FrameState {
            body: self.cx.body,
            op: unit.op_of[i],
            line: unit.line(self.at),
            offset: unit.ins[self.at].offset,
            depth: (self.run.0.len() - unit.locals - self.cx.kept) as u32,
            dirty,
            framed: self.env.framed,
            parent: self.cx.parent,
        };
        let s = self.f.state(s);
        self.env.state = Some(s);
        s
    }

    pub fn exit(&mut self, why: Why) -> Exit {
        let s = self.state();
        self.f.exit(s, why)
    }

    /// End the block by leaving for the interpreter here.
    pub fn leave(&mut self, why: Why) {
        let x = self.exit(why);
        self.end(Term::Leave(x));
    }

    pub fn end(&mut self, t: Term) {
        self.f.blocks[self.cur.index()].term = t;
        self.done = true;
    }

    // ---- guards

    pub fn guard_true(&mut self, c: V, why: Why) {
        let x = self.exit(why);
        self.def(Inst::GuardTrue(c, x), Ty::NONE);
    }

    pub fn guard_false(&mut self, c: V, why: Why) {
        let x = self.exit(why);
        self.def(Inst::GuardFalse(c, x), Ty::NONE);
    }

    pub fn guard_int(&mut self, v: V) -> V {
        if self.ty(v).is_int() {
            return v;
        }
        if !self.ty(v).may(kind::INT) || self.ty(v).rep != Rep::Word {
            // It cannot be one: this code is not reached, or not any more.
            let x = self.exit(Why::Int);
            let never = self.def(Inst::Raw(0), Ty::RAW);
            let never = self.def(Inst::RawCmp(Cmp::Ne, never, never), Ty::BOOL);
            self.def(Inst::GuardTrue(never, x), Ty::NONE);
            return self.word(Value::small_int(0).bits());
        }
        let x = self.exit(Why::Int);
        self.refine(v, Inst::Guard(v, Test::Int, x), Ty::INT)
    }

    /// The value as a float; ints are converted when they are known to be ints.
    pub fn as_float(&mut self, v: V) -> V {
        let t = self.ty(v);
        if t.rep == Rep::F64 {
            return v;
        }
        if let Some(w) = self.constant_of(v)
            && let Some(x) = Value::from_bits(w)
        {
            if let Some(i) = x.as_int() {
                return self.float(i as f64);
            }
            if let Some(f) = x.as_float() {
                return self.float(f);
            }
        }
        if t.is_int() {
            return self.def(Inst::IntToFloat(v), Ty::F64);
        }
        if let Inst::Box(f) = self.f.inst(v) {
            return *f;
        }
        let x = self.exit(Why::Float);
        let v = self.as_word(v);
        self.refine(v, Inst::Unbox(v, x), Ty::F64)
    }

    /// The value as a word.
    pub fn as_word(&mut self, v: V) -> V {
        let t = self.ty(v);
        let inst = match t.rep {
            Rep::Word => return v,
            Rep::F64 if t.is_maybe() => {
                self.failed = Some(super::Bailout("a dead local is read"));
                return self.word(0);
            }
            Rep::F64 => {
                let root = self.root(v);
                if self.ty(root).rep == Rep::Word {
                    return root;
                }
                Inst::Box(v)
            }
            Rep::Bool => Inst::BoolWord(v),
            Rep::Raw => unreachable!("a machine integer is no value"),
        };
        if let Some(&b) = self.env.boxed.get(&v) {
            return b;
        }
        let w = self.def(inst, Ty::word(t.kinds));
        self.env.boxed.insert(v, w);
        w
    }

    /// Guard the exact shape of an object; instances may change theirs, so it is a fact for a while only.
    pub fn guard_shape(&mut self, v: V, shape: u32) -> V {
        let v = self.as_word(v);
        if self.ty(v).shape == shape || self.env.shapes.get(&v) == Some(&shape) {
            return v;
        }
        let x = self.exit(Why::Shape);
        let fixed = shape < habu_runtime::classes::FIRST_DYNAMIC_SHAPE;
        let ty = if fixed { Ty::shape(shape) } else { Ty::OBJECT };
        let r = self.refine(v, Inst::Guard(v, Test::Shape(shape), x), ty);
        if !fixed {
            self.env.shapes.insert(r, shape);
        }
        r
    }

    /// Take it for granted that `what` of an object stays as it is now; `why` names what is given up should that turn
    /// out wrong.
    pub fn assume(&mut self, owner: Value, what: u64, why: Why) {
        self.f.roots.push(owner.bits());
        let u = &self.cx.unit;
        let a = Assumption {
            owner: owner.bits(),
            what,
            code: u.id,
            offset: u.ins[self.at].offset,
            why,
        };
        self.f.assumptions.insert(a);
        self.ask_again();
    }

    /// Leave unless all that was taken for granted still holds.
    pub fn ask_again(&mut self) {
        if std::mem::replace(&mut self.env.valid, true) {
            return;
        }
        let at = self.raw(self.f.valid as i64);
        let valid = self.def(Inst::LoadRaw(at, 0), Ty::RAW);
        let no = self.raw(0);
        let ok = self.def(Inst::RawCmp(Cmp::Ne, valid, no), Ty::BOOL);
        self.guard_true(ok, Why::Broken);
    }

    // ---- truth

    /// The truth of a constant, or of an object of a class that says nothing of it.
    pub fn known_truth(&mut self, v: V) -> Option<bool> {
        if let Some(t) = self.plain_instance(v) {
            self.same_specials(t);
            return Some(true);
        }
        match Value::from_bits(self.constant_of(v)?)? {
            Value::TRUE => Some(true),
            Value::FALSE | Value::NONE => Some(false),
            v => v.as_int().map(|i| i != 0),
        }
    }

    /// Python's truth of a value.
    pub fn truth(&mut self, v: V) -> V {
        self.truth_of(v, None)
    }

    /// The same where such values were seen.
    pub fn truth_of(&mut self, v: V, seen: Option<Truths>) -> V {
        let t = self.ty(v);
        match t.rep {
            Rep::Bool => return v,
            Rep::F64 => {
                let zero = self.float(0.0);
                return self.def(Inst::FloatCmp(Cmp::Ne, v, zero), Ty::BOOL);
            }
            _ => {}
        }
        if t.is_int() {
            let zero = self.word(Value::small_int(0).bits());
            return self.def(Inst::IntCmp(Cmp::Ne, v, zero), Ty::BOOL);
        }
        let yes = self.word(Value::TRUE.bits());
        if t.only(kind::BOOL | kind::NONE) {
            return self.def(Inst::Same(v, yes), Ty::BOOL);
        }
        if let Some(n) = self.known_length(v) {
            let zero = self.raw(0);
            return self.def(Inst::RawCmp(Cmp::Ne, n, zero), Ty::BOOL);
        }
        if t.may(kind::BOOL) && t.kinds == kind::ANY {
            return self.truth_of_any(v, seen);
        }
        let r = self.truth_word(v);
        self.def(Inst::Same(r, yes), Ty::BOOL)
    }

    /// Python's truth by the runtime, as a word.
    fn truth_word(&mut self, v: V) -> V {
        let ty = Ty::word(kind::BOOL);
        match self.plain(helpers::id::plain_truth, &[v], ty) {
            Some(r) => r,
            None => self.call_as(helpers::id::truth_of, &[v], ty),
        }
    }

    /// The class of an object of a known shape, if it says nothing of truth and length: then the object is true.
    fn plain_instance(&self, v: V) -> Option<Gc<TypeObj>> {
        let shape = *self.env.shapes.get(&v)?;
        let t = class_of_shape(shape)?;
        let says = |n| habu_runtime::core::class::special(t, n).is_some();
        (!says(N::Bool) && !says(N::Len)).then_some(t)
    }

    /// The operand of the `TO_BOOL` at `i`, checked to be what all were that the interpreter has seen.
    pub fn checked_as_seen(&mut self, v: V, i: usize) -> V {
        let t = self.ty(v);
        let known = t.shape != 0 || self.env.shapes.contains_key(&v);
        match self.cx.unit.truths(i).filter(|_| self.expects_feedback) {
            Some(seen) if t.rep == Rep::Word && !known && !seen.plain => {
                if seen.shape == 0 && t.kinds == kind::ANY && !self.bad(Why::Bool) {
                    let x = self.exit(Why::Bool);
                    self.refine(v, Inst::Guard(v, Test::Bool, x), Ty::word(kind::BOOL))
                } else if t.may(kind::OBJECT) && self.expects_shape(seen.shape) {
                    self.guard_shape(v, seen.shape)
                } else {
                    v
                }
            }
            _ => v,
        }
    }

    /// Was this the one shape seen by a `TO_BOOL`, and is it still expected?
    fn expects_shape(&self, seen: u32) -> bool {
        seen != 0 && seen != SEVERAL_SHAPES && !self.bad(Why::Shape)
    }

    /// True, False, None and ints are told right here.
    fn truth_of_any(&mut self, v: V, seen: Option<Truths>) -> V {
        if self.bad(Why::Kind) {
            self.show();
        }
        let yes = self.word(Value::TRUE.bits());
        let is_plain = self.def(Inst::IsPlain(v), Ty::BOOL);
        let (plain, other) = self.split(is_plain);
        self.enter(plain);
        let x = self.def(Inst::PlainTruth(v), Ty::BOOL);
        self.enter(other);
        let y = match seen {
            Some(Truths { shape, .. }) if self.expects_shape(shape) => {
                // What is learned of the object holds on this way only.
                let env = self.env.clone();
                let o = self.guard_shape(v, shape);
                let y = match self.known_truth(o) {
                    Some(_) => self.negate(is_plain),
                    None => self.truth(o),
                };
                self.env = env;
                y
            }
            _ => {
                let r = self.truth_word(v);
                self.def(Inst::Same(r, yes), Ty::BOOL)
            }
        };
        self.rejoin([(plain, x), (self.cur, y)], Ty::BOOL)
    }

    /// A condition as a Python value.
    pub fn negate(&mut self, c: V) -> V {
        self.def(Inst::Not(c), Ty::BOOL)
    }

    // ---- helpers

    /// Call a helper that may raise.
    pub fn call(&mut self, h: u16, args: &[V]) -> V {
        self.call_as(h, args, Ty::ANY)
    }

    pub fn call_as(&mut self, h: u16, args: &[V], ty: Ty) -> V {
        let python = TABLE[h as usize].python;
        let args: Vec<V> = args
            .iter()
            .map(|&a| {
                if self.ty(a).rep == Rep::Raw {
                    a
                } else {
                    self.as_word(a)
                }
            })
            .collect();
        if python {
            self.show();
        }
        let x = self.raised();
        let r = self.def(Inst::Call(h, args.into(), x), ty);
        if python {
            self.env.forget_heap();
        }
        self.caught(r);
        r
    }

    /// Call a helper that runs no Python code and gives 0 where it cannot tell: the interpreter takes over then.
    /// `None`: that has happened here before.
    pub fn plain(&mut self, h: u16, args: &[V], ty: Ty) -> Option<V> {
        if self.bad(Why::Kind) {
            return None;
        }
        debug_assert!(!TABLE[h as usize].python);
        let args: Vec<V> = args
            .iter()
            .map(|&a| match self.ty(a).rep {
                Rep::Raw => a,
                _ => self.as_word(a),
            })
            .collect();
        let x = self.exit(Why::Kind);
        Some(self.def(Inst::Call(h, args.into(), Some(x)), ty))
    }

    /// Others may look at the frame from here on, which is the current one.
    pub fn show(&mut self) {
        self.publish();
        self.def(Inst::Current(self.cx.body), Ty::NONE);
    }

    /// The frame gets its header.
    pub fn frame(&mut self) {
        self.not_quiet();
        if !std::mem::replace(&mut self.env.framed, true) {
            self.def(Inst::Header(self.cx.body), Ty::NONE);
            self.env.state = None;
        }
    }

    /// The frame is presentable: its header and its locals go to memory, and where it is.
    pub fn publish(&mut self) {
        self.not_quiet();
        let body = self.cx.body;
        if !self.f.bodies[body.index()].framed {
            self.inline_failed = true;
            return;
        }
        let base = self.base();
        self.frame();
        for i in 0..self.cx.unit.locals {
            // What the frame shows is what it held when the instruction began.
            let held = self.run.0.get(i).copied().unwrap_or(Held::Empty);
            if self.in_memory(i, held) {
                continue;
            }
            let w = match held {
                Held::Value(v) if self.ty(v).is_maybe() => {
                    self.def(Inst::SyncMaybe(base + i as u32, v), Ty::NONE);
                    self.env.memory[i] = Some(held);
                    self.env.state = None;
                    continue;
                }
                Held::Value(v) => self.as_word(v),
                Held::Empty => self.word(0),
                // Iterators are never in locals.
                _ => continue,
            };
            self.def(Inst::Sync(base + i as u32, w), Ty::NONE);
            self.env.memory[i] = Some(held);
            self.env.state = None;
        }
        let op = self.cx.unit.op_of[self.run.1];
        self.def(Inst::At(body, op), Ty::NONE);
    }
}

pub fn word_type(w: u64) -> Ty {
    let Some(v) = Value::from_bits(w) else {
        return Ty::word(kind::EMPTY);
    };
    if v.is_int() {
        Ty::INT
    } else if v.is_float() {
        Ty::word(kind::FLOAT)
    } else if v == Value::TRUE || v == Value::FALSE {
        Ty::word(kind::BOOL)
    } else if v.is_none() {
        Ty::word(kind::NONE)
    } else if v.is_ptr() {
        use habu_runtime::object::ValueExt;
        let s = v.shape();
        if s == habu_runtime::classes::C::Float.shape() {
            Ty::word(kind::FLOAT)
        } else if s < habu_runtime::classes::FIRST_DYNAMIC_SHAPE {
            Ty::shape(s)
        } else {
            Ty::OBJECT
        }
    } else {
        Ty::word(kind::OTHER)
    }
}

//! Iteration. A loop over a range or a list keeps its iterator's state in values; the object is made when the
//! interpreter needs it.

use super::calls::class_of_shape;
use super::ops::TUPLE_ITEMS;
use super::subscr::STR_LEN;
use super::{Builder, Seen};
use crate::helpers::{EXHAUSTED, id};
use crate::ir::*;
use habu_bytecode::instructions::Instr;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::core::class;
use habu_runtime::kinds;
use habu_runtime::names::N;
use habu_runtime::object::{IndexIter, ListBuf, ListObj, RangeIter};
use std::mem::{offset_of, size_of};

pub const LIST_BUF: i32 = offset_of!(ListObj, buf) as i32;
pub const BUF_LEN: i32 = offset_of!(ListBuf, len) as i32;
pub const BUF_ITEMS: i32 = size_of::<ListBuf>() as i32;
const SOURCE: i32 = offset_of!(IndexIter, source) as i32;
const INDEX: i32 = offset_of!(IndexIter, index) as i32;
const NEXT: i32 = offset_of!(RangeIter, next) as i32;
const BY: i32 = offset_of!(RangeIter, step) as i32;
const LEFT: i32 = offset_of!(RangeIter, left) as i32;

/// An iterator object that was looked at.
pub struct Step {
    it: V,
    /// Is there another item?
    pub more: V,
    from: From,
}

/// Where its next item comes from.
enum From {
    Range {
        left: V,
    },
    Items {
        base: V,
        offset: i32,
        index: V,
        i: V,
    },
    Chars {
        text: V,
        index: V,
        i: V,
    },
}

/// What a loop wants of a generator.
enum Asked {
    Item,
    /// All items, for this list.
    All(V),
    /// The next item that is not true (or false).
    Unlike(bool),
}

/// Shape of the iterators of this kind, if their state can be worked on where it lies.
pub fn plain_shape(kind: u8) -> Option<u32> {
    Some(match kind {
        kinds::RANGE_ITER => C::RangeIter.shape(),
        kinds::LIST_ITER => C::ListIter.shape(),
        kinds::TUPLE_ITER => C::TupleIter.shape(),
        kinds::STR_ITER => C::StrIter.shape(),
        _ => return None,
    })
}

impl Builder<'_> {
    fn int_word(&mut self, i: i64) -> V {
        self.word(Value::small_int(i).bits())
    }

    /// The object of an iterator that was not made. Only for places where nothing can go wrong in between: the
    /// words behind a new object are set at once.
    pub fn materialize(&mut self, h: Held) -> V {
        let mark = self.word(Value::TRUE.bits());
        let x = self.exit(Why::Raised);
        match h {
            Held::Value(v) => self.as_word(v),
            Held::Empty => self.word(0),
            Held::Tuple(_) | Held::Function(_) | Held::Object(_) => {
                unreachable!("only passes find what need not be made")
            }
            Held::Range(next, step, left) => {
                let s = C::RangeIter.shape();
                let header = habu_heap::Header::word(s, kinds::RANGE_ITER, 4);
                let o = self.def(Inst::Alloc(header, 40, x), Ty::shape(s));
                for (off, v) in [
                    (offset_of!(RangeIter, attrs), mark),
                    (offset_of!(RangeIter, next), next),
                    (offset_of!(RangeIter, step), step),
                    (offset_of!(RangeIter, left), left),
                ] {
                    self.def(Inst::StoreRaw(o, off as i32, v), Ty::NONE);
                }
                o
            }
            Held::List(list, index) => {
                let s = C::ListIter.shape();
                let header = habu_heap::Header::word(s, kinds::LIST_ITER, 3);
                let o = self.def(Inst::Alloc(header, 32, x), Ty::shape(s));
                for (off, v) in [
                    (offset_of!(IndexIter, attrs), mark),
                    (offset_of!(IndexIter, source), list),
                    (offset_of!(IndexIter, index), index),
                ] {
                    self.def(Inst::StoreRaw(o, off as i32, v), Ty::NONE);
                }
                o
            }
        }
    }

    /// OSR: an iterator object that only the frame sees, taken apart.
    pub fn private_range(&mut self, v: V) -> Held {
        let o = self.guard_shape(v, C::RangeIter.shape());
        let mark = self.def(
            Inst::Load(o, offset_of!(RangeIter, attrs) as i32),
            Ty::word(kind::ANY | kind::EMPTY),
        );
        let yes = self.word(Value::TRUE.bits());
        let same = self.def(Inst::Same(mark, yes), Ty::BOOL);
        self.guard_true(same, Why::Kind);
        let part = |l: &mut Self, off: usize| l.def(Inst::Load(o, off as i32), Ty::INT);
        let next = part(self, offset_of!(RangeIter, next));
        let step = part(self, offset_of!(RangeIter, step));
        let left = part(self, offset_of!(RangeIter, left));
        Held::Range(next, step, left)
    }

    pub fn private_list(&mut self, v: V) -> Held {
        let o = self.guard_shape(v, C::ListIter.shape());
        let mark = self.def(
            Inst::Load(o, offset_of!(IndexIter, attrs) as i32),
            Ty::word(kind::ANY | kind::EMPTY),
        );
        let yes = self.word(Value::TRUE.bits());
        let same = self.def(Inst::Same(mark, yes), Ty::BOOL);
        self.guard_true(same, Why::Kind);
        let list = self.def(
            Inst::Load(o, offset_of!(IndexIter, source) as i32),
            Ty::word(kind::ANY | kind::EMPTY),
        );
        let x = self.exit(Why::Empty);
        // Of a list or an instance of a class derived from it, which have their buffer at the same place.
        let list = self.def(Inst::Guard(list, Test::NotEmpty, x), Ty::OBJECT);
        let index = self.def(Inst::Load(o, offset_of!(IndexIter, index) as i32), Ty::INT);
        Held::List(list, index)
    }

    pub fn get_iter(&mut self) {
        let top = self.env.slots.len() - 1;
        let Held::Value(v) = self.env.slots[top] else {
            // Iterators are their own iterators.
            return;
        };
        let (next, taken) = match self.taken_with() {
            Some(kind) => (kind, true),
            None => (self.next_iterator(), false),
        };
        // A generator's frame is put away at each yield: its iterators are objects.
        let away = self.cx.unit.is_put_away() && !taken;
        if !away && self.derived_iterated(top, v) {
            return;
        }
        let list = self.ty(v).shape == C::List.shape()
            || next == Some(kinds::LIST_ITER) && !self.bad(Why::Shape);
        if list && !away {
            let l = self.guard_shape(v, C::List.shape());
            let zero = self.int_word(0);
            self.env.slots[top] = Held::List(l, zero);
            return;
        }
        if next == Some(kinds::RANGE_ITER)
            && let Some(h) = self.range_object(v)
        {
            self.env.slots[top] = match away {
                true => Held::Value(self.materialize(h)),
                false => h,
            };
            return;
        }
        let r = self.call(id::get_iter, &[v]);
        self.env.slots[top] = Held::Value(r);
    }

    /// Lists of a class derived from list that leaves their iteration alone.
    fn derived_iterated(&mut self, top: usize, v: V) -> bool {
        let known = self.env.shapes.get(&v).copied();
        let met = self.cx.unit.met(self.at).map(|m| known.unwrap_or(m));
        let Some((shape, t)) = met.and_then(|s| Some((s, class_of_shape(s)?))) else {
            return false;
        };
        let (list, name) = (habu_runtime::runtime::class(C::List), N::Iter);
        if self.ty(v).shape != 0
            || !self.ty(v).may(kind::OBJECT)
            || t.instance_kind.get() != kinds::LIST as u64
            || class::special(t, name) != class::special(list, name)
            || self.bad(Why::Shape)
            || self.bad(Why::Class)
        {
            return false;
        }
        let l = self.guard_shape(v, shape);
        self.same_specials(t);
        let zero = self.int_word(0);
        self.env.slots[top] = Held::List(l, zero);
        true
    }

    /// The kind of iterator that the loop which follows has met.
    fn next_iterator(&self) -> Option<u8> {
        use habu_bytecode::Op as B;
        let u = &self.cx.unit;
        // Comprehensions put locals aside and begin what they make.
        let between = |x: &Instr| match x.op {
            B::LOAD_FAST_AND_CLEAR | B::SWAP => true,
            B::BUILD_LIST | B::BUILD_SET | B::BUILD_MAP => x.arg == 0,
            _ => false,
        };
        let next = (self.at + 1..u.ins.len()).find(|&k| !between(&u.ins[k]))?;
        let loops = u.ins[next].op == B::FOR_ITER;
        loops.then(|| u.iterator_kind(next)).flatten()
    }

    /// `FOR_ITER` at `i`: the item on the stack, or on to `exit`.
    pub fn for_iter(&mut self, exit: usize, next: usize) {
        let top = self.env.slots.len() - 1;
        match self.env.slots[top] {
            Held::Range(n, step, left) => {
                let zero = self.int_word(0);
                let more = self.def(Inst::IntCmp(Cmp::Gt, left, zero), Ty::BOOL);
                let body = self.loop_exit(more, exit);
                self.enter(body);
                let step_raw = match self.constant_of(step) {
                    Some(w) => self.raw(w as i64 - 1),
                    None => {
                        let one = self.raw(1);
                        self.def(Inst::RawOp(RawOp::Sub, step, one), Ty::RAW)
                    }
                };
                let after = self.def(Inst::RawOp(RawOp::Add, n, step_raw), Ty::INT);
                let two = self.raw(2);
                let fewer = self.def(Inst::RawOp(RawOp::Sub, left, two), Ty::INT);
                self.env.slots[top] = Held::Range(after, step, fewer);
                self.env.slots.push(Held::Value(n));
            }
            Held::List(list, index) => {
                let buf = self.def(Inst::LoadRaw(list, LIST_BUF), Ty::RAW);
                let len = self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW);
                let i = self.def(Inst::Untag(index), Ty::RAW);
                let more = self.def(Inst::Below(i, len), Ty::BOOL);
                let body = self.loop_exit(more, exit);
                self.enter(body);
                let item = self.def(Inst::LoadItem(buf, i, BUF_ITEMS), Ty::ANY);
                let two = self.raw(2);
                let after = self.def(Inst::RawOp(RawOp::Add, index, two), Ty::INT);
                self.env.slots[top] = Held::List(list, after);
                self.env.slots.push(Held::Value(item));
            }
            Held::Value(it) if self.iterates_in_place(it) => self.next_in_place(it, exit),
            Held::Value(it) if self.gives_keys(it) => self.keys_in_place(it, exit),
            Held::Value(it) if self.unpacks_pairs(next) => self.next_pair(it, exit, next),
            Held::Value(it) => {
                let generator = self.cx.unit.iterator_kind(self.at) == Some(kinds::GENERATOR);
                let asked = match generator {
                    true => self.asked_in_place(next),
                    false => Asked::Item,
                };
                let r = match asked {
                    Asked::All(list) => {
                        self.call(id::append_rest, &[list, it]);
                        return self.edge_to(exit);
                    }
                    Asked::Unlike(truth) => {
                        let truth = self.raw(truth as i64);
                        self.call(id::next_unlike, &[it, truth])
                    }
                    Asked::Item if generator => self.call(id::next_generated, &[it]),
                    Asked::Item => self.call(id::next_item, &[it]),
                };
                let end = self.raw(EXHAUSTED as i64);
                let more = self.def(Inst::RawCmp(Cmp::Ne, r, end), Ty::BOOL);
                let body = self.loop_exit(more, exit);
                self.enter(body);
                self.env.slots.push(Held::Value(r));
            }
            Held::Empty | Held::Tuple(_) | Held::Function(_) | Held::Object(_) => {
                self.leave(Why::NotCompiled)
            }
        }
        if !self.done {
            self.edge_to(next);
        }
    }

    /// What the loop whose body begins at `next` wants of its generator.
    fn asked_in_place(&self, next: usize) -> Asked {
        use habu_bytecode::Op as B;
        let u = &self.cx.unit;
        let op = |k: usize| u.ins.get(next + k).map(|x| x.op);
        let goes_round = |k: usize| {
            op(k) == Some(B::JUMP_BACKWARD)
                && u.ins[next + k].target().and_then(|t| u.index_of(t)) == Some(self.at)
        };
        match (op(0), op(1)) {
            (Some(B::LIST_APPEND), _) if goes_round(1) => {
                let below = u.ins[next].arg as usize;
                match self.env.slots[self.env.slots.len() - below] {
                    Held::Value(list) => Asked::All(list),
                    _ => Asked::Item,
                }
            }
            (Some(B::TO_BOOL), Some(B::POP_JUMP_IF_TRUE)) if goes_round(2) => Asked::Unlike(false),
            (Some(B::TO_BOOL), Some(B::POP_JUMP_IF_FALSE)) if goes_round(2) => Asked::Unlike(true),
            _ => Asked::Item,
        }
    }

    /// The shape of iterator objects whose state is worked on where it lies, by what the site has met.
    fn place_shape(&self) -> Option<u32> {
        plain_shape(self.cx.unit.iterator_kind(self.at)?)
    }

    fn iterates_in_place(&self, it: V) -> bool {
        let t = self.ty(it);
        self.place_shape()
            .is_some_and(|s| t.shape == s || t.shape == 0 && t.may(kind::OBJECT))
            && !self.bad(Why::Shape)
            && !self.bad(Why::Empty)
    }

    /// The next item of an iterator object.
    fn next_in_place(&mut self, it: V, exit: usize) {
        let shape = self.place_shape().unwrap_or(0);
        let step = self.step_in_place(it, shape);
        let (body, out) = self.split(step.more);
        let env = self.env.clone();
        self.enter(out);
        if !matches!(step.from, From::Range { .. }) {
            let empty = self.word(0);
            self.def(Inst::StoreRaw(step.it, SOURCE, empty), Ty::NONE);
        }
        self.edge_to(exit);
        self.env = env;
        self.enter(body);
        let item = self.take_in_place(step);
        self.env.slots.push(Held::Value(item));
    }

    /// Look at an iterator object with this shape: everything that may leave, and nothing that changes it.
    pub fn step_in_place(&mut self, it: V, shape: u32) -> Step {
        let it = self.guard_shape(it, shape);
        if shape == C::RangeIter.shape() {
            let zero = self.int_word(0);
            let left = self.def(Inst::Load(it, LEFT), Ty::INT);
            let more = self.def(Inst::IntCmp(Cmp::Gt, left, zero), Ty::BOOL);
            let from = From::Range { left };
            return Step { it, more, from };
        }
        let source = self.def(Inst::Load(it, SOURCE), Ty::word(kind::OBJECT | kind::EMPTY));
        // An iterator that has ended has no source: only a loop that is entered again sees that.
        let x = self.exit(Why::Empty);
        let source = self.def(Inst::Guard(source, Test::NotEmpty, x), Ty::OBJECT);
        let index = self.def(Inst::Load(it, INDEX), Ty::INT);
        let i = self.def(Inst::Untag(index), Ty::RAW);
        if shape == C::StrIter.shape() {
            let text = self.def(Inst::Known(source), Ty::shape(C::Str.shape()));
            let len = self.def(Inst::LoadFixed(text, STR_LEN, Ty::RAW), Ty::RAW);
            let more = self.def(Inst::Below(i, len), Ty::BOOL);
            let from = From::Chars { text, index, i };
            return Step { it, more, from };
        }
        let (base, len, offset) = if shape == C::ListIter.shape() {
            let buf = self.def(Inst::LoadRaw(source, LIST_BUF), Ty::RAW);
            let len = self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW);
            (buf, len, BUF_ITEMS)
        } else {
            (source, self.tuple_length(source), TUPLE_ITEMS)
        };
        let more = self.def(Inst::Below(i, len), Ty::BOOL);
        let from = From::Items {
            base,
            offset,
            index,
            i,
        };
        Step { it, more, from }
    }

    /// The item that such an iterator has, which it then is beyond of.
    pub fn take_in_place(&mut self, step: Step) -> V {
        let it = step.it;
        let two = self.raw(2);
        match step.from {
            From::Range { left } => {
                let next = self.def(Inst::Load(it, NEXT), Ty::INT);
                let by = self.def(Inst::Load(it, BY), Ty::INT);
                let one = self.raw(1);
                let by = self.def(Inst::RawOp(RawOp::Sub, by, one), Ty::RAW);
                let after = self.def(Inst::RawOp(RawOp::Add, next, by), Ty::INT);
                let fewer = self.def(Inst::RawOp(RawOp::Sub, left, two), Ty::INT);
                self.def(Inst::StoreRaw(it, NEXT, after), Ty::NONE);
                self.def(Inst::StoreRaw(it, LEFT, fewer), Ty::NONE);
                next
            }
            From::Items {
                base,
                offset,
                index,
                i,
            } => {
                let item = self.def(Inst::LoadItem(base, i, offset), Ty::ANY);
                let after = self.def(Inst::RawOp(RawOp::Add, index, two), Ty::INT);
                self.def(Inst::StoreRaw(it, INDEX, after), Ty::NONE);
                item
            }
            From::Chars { text, index, i } => {
                let item = self.char_at(text, i);
                let after = self.def(Inst::RawOp(RawOp::Add, index, two), Ty::INT);
                self.def(Inst::StoreRaw(it, INDEX, after), Ty::NONE);
                item
            }
        }
    }

    /// Branch: to the bytecode block `exit` unless `more`; the block to go on in otherwise.
    pub fn loop_exit(&mut self, more: V, exit: usize) -> Block {
        let (body, out) = self.split(more);
        let env = self.env.clone();
        self.enter(out);
        self.edge_to(exit);
        self.env = env;
        body
    }

    /// What a frame word holds now, for OSR.
    pub fn look(word: u64, local: bool) -> Seen {
        use habu_runtime::object::*;
        let Some(v) = Value::from_bits(word) else {
            return Seen::Empty;
        };
        if v.is_int() {
            Seen::Int
        } else if v.is_float() {
            Seen::Float
        } else if v == Value::TRUE || v == Value::FALSE {
            Seen::Bool
        } else if v.is_ptr() {
            let private = |v: Value| {
                // SAFETY: both iterators begin with the attribute storage.
                unsafe { v.cast_unchecked::<Instance>() }.attrs.get() == Some(Value::TRUE)
            };
            let s = v.shape();
            if s == C::RangeIter.shape() && !local && private(v) {
                Seen::Range
            } else if s == C::ListIter.shape() && !local && private(v) {
                Seen::List
            } else if s == C::Float.shape() {
                Seen::Float
            } else if s == C::List.shape()
                || s == C::Tuple.shape()
                || s == C::Str.shape()
                || s == C::Dict.shape()
            {
                Seen::Shape(s)
            } else {
                Seen::Any
            }
        } else {
            Seen::Any
        }
    }
}

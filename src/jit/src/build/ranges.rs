//! Ranges that loops iterate over: what their iterators are at is known, objects are not made.

use super::Builder;
use crate::ir::*;
use habu_bytecode::Op as B;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::object::RangeObj;
use std::mem::offset_of;

impl Builder<'_> {
    /// `range(…)` or `reversed(range(…))` at `at` on the stack whose iterator a loop takes at once: that stands there
    /// then. The instruction to go on with.
    pub fn range_loop(&mut self, i: usize, f: Value, args: &[V], at: usize) -> Option<usize> {
        let unit = self.cx.unit.clone();
        let follows = |k: usize, op: B| {
            unit.ins.get(i + k).is_some_and(|x| x.op == op) && !unit.is_start[i + k]
        };
        if f != habu_runtime::runtime::class_value(C::Range)
            || self.bad(Why::Int)
            || self.bad(Why::Overflow)
        {
            return None;
        }
        let (turned, base) = match self.reversed_below(at) {
            _ if follows(1, B::GET_ITER) => (false, at),
            Some(base) if follows(1, B::CALL) && follows(2, B::GET_ITER) => (true, base),
            _ => return None,
        };
        let mut h = self.range_state(args)?;
        if turned {
            h = self.turned(h)?;
        }
        self.env.slots.truncate(base);
        self.push_iterator(h);
        Some(i + 2 + turned as usize)
    }

    /// Where `reversed` stands on the stack that is called with what `at` gives.
    fn reversed_below(&self, at: usize) -> Option<usize> {
        let base = at.checked_sub(2).filter(|&b| b >= self.cx.unit.locals)?;
        let (Held::Value(f), Held::Empty) = (self.env.slots[base], self.env.slots[base + 1]) else {
            return None;
        };
        let reversed = habu_runtime::runtime::class_value(C::Reversed);
        (self.constant_of(f)? == reversed.bits()).then_some(base)
    }

    /// Generators whose frame is put away at yields have objects.
    fn push_iterator(&mut self, h: Held) {
        let h = match self.cx.unit.is_put_away() {
            true => Held::Value(self.materialize(h)),
            false => h,
        };
        self.env.slots.push(h);
    }

    /// From the other end.
    fn turned(&mut self, h: Held) -> Option<Held> {
        let Held::Range(start, step, left) = h else {
            return None;
        };
        let (by, fix) = match self.constant_int(step)? {
            1 => (RawOp::Add, -3),
            -1 => (RawOp::Sub, 3),
            _ => return None,
        };
        // Of tagged words. Where nothing is left nobody asks for it.
        let last = self.def(Inst::RawOp(by, start, left), Ty::RAW);
        let fix = self.raw(fix);
        let last = self.def(Inst::RawOp(RawOp::Add, last, fix), Ty::INT);
        let back = self.constant_int(step).map_or(0, |s| -s);
        let back = self.word(Value::small_int(back).bits());
        Some(Held::Range(last, back, left))
    }

    /// What an iterator of this range object is at: of one that goes up by one, in small ints.
    pub fn range_object(&mut self, v: V) -> Option<Held> {
        let t = self.ty(v);
        let possible = t.shape == C::Range.shape() || t.shape == 0 && t.may(kind::OBJECT);
        if !possible
            || [Why::Shape, Why::Int, Why::Same]
                .iter()
                .any(|&w| self.bad(w))
        {
            return None;
        }
        let o = self.guard_shape(v, C::Range.shape());
        let part = |l: &mut Self, offset: usize| {
            let w = l.def(Inst::LoadFixed(o, offset as i32, Ty::ANY), Ty::ANY);
            l.guard_int(w)
        };
        let step = part(self, offset_of!(RangeObj, step));
        let one = self.word(Value::small_int(1).bits());
        let same = self.def(Inst::Same(step, one), Ty::BOOL);
        self.guard_true(same, Why::Same);
        // With its end an int all items are.
        part(self, offset_of!(RangeObj, stop));
        let start = part(self, offset_of!(RangeObj, start));
        let left = part(self, offset_of!(RangeObj, len));
        Some(Held::Range(start, one, left))
    }

    fn range_state(&mut self, args: &[V]) -> Option<Held> {
        let (start, stop, step) = match *args {
            [stop] => (None, stop, 1),
            [start, stop] => (Some(start), stop, 1),
            [start, stop, step] => match self.constant_int(step) {
                Some(c @ (1 | -1)) => (Some(start), stop, c),
                _ => return self.stepped_range(start, stop, step),
            },
            _ => return None,
        };
        let possible = |l: &Self, v: V| l.ty(v).rep == Rep::Word && l.ty(v).may(kind::INT);
        if !possible(self, stop) || start.is_some_and(|s| !possible(self, s)) {
            return None;
        }
        let zero = self.word(Value::small_int(0).bits());
        let start = match start {
            Some(s) => self.guard_int(s),
            None => zero,
        };
        let stop = self.guard_int(stop);
        let (from, to) = if step == 1 {
            (start, stop)
        } else {
            (stop, start)
        };
        let x = self.exit(Why::Overflow);
        let n = if self.constant_int(from) == Some(0) {
            to
        } else {
            self.def(Inst::Int(IntOp::Sub, to, from, x), Ty::INT)
        };
        let some = self.def(Inst::IntCmp(Cmp::Gt, n, zero), Ty::BOOL);
        let left = self.def(Inst::Select(some, n, zero), Ty::INT);
        let step = self.word(Value::small_int(step).bits());
        Some(Held::Range(start, step, left))
    }

    /// `range` with a step that is positive (guarded where it is not known).
    fn stepped_range(&mut self, start: V, stop: V, step: V) -> Option<Held> {
        let possible = |v: V| self.ty(v).rep == Rep::Word && self.ty(v).may(kind::INT);
        if ![start, stop, step].into_iter().all(possible)
            || self.bad(Why::Zero)
            || self.constant_int(step).is_some_and(|c| c <= 0)
        {
            return None;
        }
        let (start, stop, step) = (
            self.guard_int(start),
            self.guard_int(stop),
            self.guard_int(step),
        );
        let zero = self.word(Value::small_int(0).bits());
        let one = self.word(Value::small_int(1).bits());
        if self.constant_int(step).is_none() {
            let positive = self.def(Inst::IntCmp(Cmp::Gt, step, zero), Ty::BOOL);
            self.guard_true(positive, Why::Zero);
        }
        // (stop - start + step - 1) // step, and not below 0.
        let x = self.exit(Why::Overflow);
        let span = self.def(Inst::Int(IntOp::Sub, stop, start, x), Ty::INT);
        let up = self.def(Inst::Int(IntOp::Sub, step, one, x), Ty::INT);
        let span = self.def(Inst::Int(IntOp::Add, span, up, x), Ty::INT);
        let n = self.def(Inst::Int(IntOp::FloorDiv, span, step, x), Ty::INT);
        let some = self.def(Inst::IntCmp(Cmp::Gt, n, zero), Ty::BOOL);
        let left = self.def(Inst::Select(some, n, zero), Ty::INT);
        Some(Held::Range(start, step, left))
    }
}

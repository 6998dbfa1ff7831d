//! Built-in functions and methods that the compiler knows.

use super::Builder;
use crate::helpers::id;
use crate::ir::*;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::interp::builtin_named;
use habu_runtime::object::*;

impl Builder<'_> {
    /// A known builtin on operands of known kinds.
    pub fn intrinsic(&mut self, g: Gc<BuiltinObj>, args: &[V], method: bool) -> Option<V> {
        let name = g.def().name;
        if method {
            let owner = g.owner()?;
            return self.method(owner, name, args);
        }
        if g.owner.bits() != 0 {
            return None;
        }
        let module = g
            .module
            .get()
            .and_then(|m| m.cast::<StrObj>())
            .map(|m| m.to_rust().into_owned())
            .unwrap_or_default();
        match (module.as_str(), name, args) {
            (_, "len", &[v]) if self.is_builtin(g, "len") => self.length_of(v),
            (_, "abs", &[v]) if self.is_builtin(g, "abs") && self.ty(v).is_float() => {
                let f = self.as_float(v);
                Some(self.def(Inst::FloatAbs(f), Ty::F64))
            }
            (_, "min", &[a, b]) if self.is_builtin(g, "min") => self.extreme(Cmp::Lt, a, b),
            (_, "max", &[a, b]) if self.is_builtin(g, "max") => self.extreme(Cmp::Gt, a, b),
            ("math", "sqrt", &[v]) if self.ty(v).is_float() => {
                let f = self.as_float(v);
                let zero = self.float(0.0);
                let ok = self.def(Inst::FloatCmp(Cmp::Ge, f, zero), Ty::BOOL);
                self.guard_true(ok, Why::Zero);
                Some(self.def(Inst::FloatSqrt(f), Ty::F64))
            }
            _ => None,
        }
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

    /// The lesser or greater of two numbers of one kind: the first one unless the second is strictly better.
    fn extreme(&mut self, c: Cmp, a: V, b: V) -> Option<V> {
        let (ta, tb) = (self.ty(a), self.ty(b));
        if ta.is_int() && tb.is_int() {
            let better = self.def(Inst::IntCmp(c, b, a), Ty::BOOL);
            return Some(self.def(Inst::Select(better, b, a), Ty::INT));
        }
        if ta.rep == Rep::F64 && tb.is_float() || ta.is_float() && tb.rep == Rep::F64 {
            let (a, b) = (self.as_float(a), self.as_float(b));
            let better = self.def(Inst::FloatCmp(c, b, a), Ty::BOOL);
            return Some(self.def(Inst::Select(better, b, a), Ty::F64));
        }
        None
    }

    fn is_builtin(&self, b: Gc<BuiltinObj>, name: &str) -> bool {
        builtin_named(habu_runtime::threads::current(), name) == Ok(b.value())
    }

    fn length_of(&mut self, v: V) -> Option<V> {
        if let Some(n) = self.known_length(v) {
            return Some(self.def(Inst::Tag(n), Ty::INT));
        }
        None
    }

    fn method(&mut self, owner: Gc<TypeObj>, name: &str, args: &[V]) -> Option<V> {
        let list = habu_runtime::runtime::class(C::List);
        match (name, args) {
            ("append", &[l, v]) if owner == list && self.ty(l).shape == C::List.shape() => {
                let v = self.as_word(v);
                self.call(id::list_append, &[l, v]);
                Some(self.word(Value::NONE.bits()))
            }
            _ => None,
        }
    }

    /// `range(…)` whose iterator a loop takes at once: the iterator's state, no objects.
    pub fn range_loop(&mut self, i: usize, f: Value, args: &[V]) -> Option<Held> {
        let u = &self.cx.unit;
        let next = u.ins.get(i + 1)?;
        if f != habu_runtime::runtime::class_value(C::Range)
            || next.op != habu_bytecode::Op::GET_ITER
            || u.is_start[i + 1]
            || u.is_generator()
            || self.bad(Why::Int)
            || self.bad(Why::Overflow)
        {
            return None;
        }
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
}

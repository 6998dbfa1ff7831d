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
    pub fn intrinsic(&mut self, b: Gc<BuiltinObj>, args: &[V], method: bool) -> Option<V> {
        let name = b.def().name;
        if method {
            let owner = b.owner()?;
            return self.method(owner, name, args);
        }
        if b.owner.bits() != 0 {
            return None;
        }
        let module = b
            .module
            .get()
            .and_then(|m| m.cast::<StrObj>())
            .map(|m| m.to_rust().into_owned())
            .unwrap_or_default();
        match (module.as_str(), name, args) {
            (_, "len", &[v]) if self.is_builtin(b, "len") => self.length_of(v),
            (_, "abs", &[v]) if self.is_builtin(b, "abs") && self.ty(v).is_float() => {
                let f = self.as_float(v);
                Some(self.def(Inst::FloatAbs(f), Ty::F64))
            }
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
            || self.bad(Why::Int)
            || self.bad(Why::Overflow)
        {
            return None;
        }
        let (start, stop, step) = match *args {
            [stop] => (None, stop, 1),
            [start, stop] => (Some(start), stop, 1),
            [start, stop, step] => (Some(start), stop, self.constant_int(step)?),
            _ => return None,
        };
        if step != 1 && step != -1 {
            return None;
        }
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

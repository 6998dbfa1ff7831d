//! Arithmetic and comparison: by the types that are known, then by what the site has seen, else by the runtime.

use super::Builder;
use super::calls::class_of_shape;
use crate::helpers::id;
use crate::ir::*;
use habu_bytecode::opcode::{binary as b, compare as cmp};
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::interp::feedback::{SEEN_BIG, SEEN_FLOAT, SEEN_MIXED, SEEN_OTHER};
use habu_runtime::ops::binary;

/// Ints beyond this are not exact as floats.
const EXACT: i64 = 1 << 53;

/// What the operands will be taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum As {
    Ints,
    Floats,
    /// One is a float, the other an int or a float.
    Mixed,
    /// Each an int or a float.
    Numbers,
    Any,
}

fn int_op(op: u32) -> Option<IntOp> {
    Some(match op {
        b::ADD => IntOp::Add,
        b::SUBTRACT => IntOp::Sub,
        b::MULTIPLY => IntOp::Mul,
        b::AND => IntOp::And,
        b::OR => IntOp::Or,
        b::XOR => IntOp::Xor,
        b::LSHIFT => IntOp::Shl,
        b::RSHIFT => IntOp::Shr,
        b::FLOOR_DIVIDE => IntOp::FloorDiv,
        b::REMAINDER => IntOp::Mod,
        _ => return None,
    })
}

fn float_op(op: u32) -> Option<FloatOp> {
    Some(match op {
        b::ADD => FloatOp::Add,
        b::SUBTRACT => FloatOp::Sub,
        b::MULTIPLY => FloatOp::Mul,
        b::TRUE_DIVIDE => FloatOp::Div,
        _ => return None,
    })
}

pub fn comparison(op: u32) -> Cmp {
    match op {
        cmp::LT => Cmp::Lt,
        cmp::LE => Cmp::Le,
        cmp::EQ => Cmp::Eq,
        cmp::NE => Cmp::Ne,
        cmp::GT => Cmp::Gt,
        _ => Cmp::Ge,
    }
}

/// The operator of a `BINARY_OP`, in place or not.
pub fn plain_operator(arg: u32) -> u32 {
    if arg >= b::INPLACE {
        arg - b::INPLACE
    } else {
        arg
    }
}

impl Builder<'_> {
    /// Decide by types, then by the site's record.
    fn numeric(&self, l: V, r: V, seen: u8) -> As {
        let (lt, rt) = (self.ty(l), self.ty(r));
        if lt.is_int() && rt.is_int() {
            return As::Ints;
        }
        let number = |t: Ty| t.is_float() || t.is_int();
        if number(lt) && number(rt) {
            return As::Floats;
        }
        let possible = |t: Ty| t.may(kind::INT | kind::FLOAT);
        if !possible(lt) || !possible(rt) || seen & SEEN_OTHER != 0 {
            return As::Any;
        }
        if lt.is_float() || rt.is_float() {
            // A float on one side, a word on the other: a float if floats were all that was seen.
            return if seen & SEEN_MIXED == 0 && !self.bad(Why::Float) {
                As::Floats
            } else if self.bad(Why::Kind) {
                As::Any
            } else {
                As::Mixed
            };
        }
        match seen {
            0 if !self.bad(Why::Int) => As::Ints,
            SEEN_BIG if !self.bad(Why::Int) && (lt.is_int() || rt.is_int()) => As::Ints,
            SEEN_FLOAT if !self.bad(Why::Float) => As::Floats,
            SEEN_MIXED if (lt.is_int() || rt.is_int()) && !self.bad(Why::Float) => As::Floats,
            _ if seen & SEEN_BIG == 0 && !self.bad(Why::Kind) => As::Numbers,
            _ => As::Any,
        }
    }

    pub fn binary(&mut self, i: usize, arg: u32) {
        let (inplace, op) = (arg >= b::INPLACE, plain_operator(arg));
        let r = self.pop();
        let l = self.pop();
        let seen = self.cx.unit.numbers(i);
        if op == b::ADD
            && let Some(v) = self.joined_texts(l, r)
        {
            return self.push(v);
        }
        let v = match self.numeric(l, r, seen) {
            As::Ints => self.int_arithmetic(op, l, r),
            As::Floats => self.float_arithmetic(op, l, r),
            As::Mixed if float_op(op).is_some() => {
                let (l, r) = (self.number_as_float(l), self.number_as_float(r));
                self.float_arithmetic(op, l, r)
            }
            As::Numbers => self.number_arithmetic(op, l, r),
            As::Mixed | As::Any => None,
        };
        let v = match v {
            Some(v) => v,
            None if seen & SEEN_OTHER != 0 => self.object_arithmetic(i, op, inplace, l, r),
            None => self.any_arithmetic(op, inplace, l, r),
        };
        self.push(v);
    }

    /// Ints on one path, floats on the other; the result is a word.
    fn number_arithmetic(&mut self, op: u32, l: V, r: V) -> Option<V> {
        let fop = float_op(op).filter(|f| *f != FloatOp::Div)?;
        if self.bad(Why::Overflow) {
            return None;
        }
        let (l, r) = (self.as_word(l), self.as_word(r));
        let overflow = self.exit(Why::Overflow);
        let float = self.exit(Why::Kind);
        let both = self.def(Inst::BothInts(l, r), Ty::BOOL);
        let (ints, floats) = self.split(both);
        self.enter(ints);
        let (i, j) = (
            self.def(Inst::Known(l), Ty::INT),
            self.def(Inst::Known(r), Ty::INT),
        );
        let x = self.def(Inst::Int(int_op(op)?, i, j, overflow), Ty::INT);
        let ints = self.cur;
        self.enter(floats);
        let a = self.def(Inst::UnboxNumber(l, float, Exactly::Rounded), Ty::F64);
        let b = self.def(Inst::UnboxNumber(r, float, Exactly::Rounded), Ty::F64);
        let y = self.def(Inst::Float(fop, a, b), Ty::F64);
        let y = self.def(Inst::Box(y), Ty::word(kind::FLOAT));
        let ty = Ty::word(kind::INT | kind::FLOAT);
        Some(self.rejoin([(ints, x), (self.cur, y)], ty))
    }

    /// An operator as helpers take it.
    fn operator_code(&mut self, op: u32, inplace: bool) -> V {
        self.raw(op as i64 + if inplace { 64 } else { 0 })
    }

    /// Operators of classes: a Python function that has the first say is called from here.
    fn object_arithmetic(&mut self, i: usize, op: u32, inplace: bool, l: V, r: V) -> V {
        if !self.ty(l).may(kind::OBJECT) || self.ty(l).shape != 0 {
            return self.any_arithmetic(op, inplace, l, r);
        }
        if let Some(v) = self.known_operator(i, op, inplace, l, r) {
            return v;
        }
        let (l, r) = (self.as_word(l), self.as_word(r));
        let code = self.operator_code(op, inplace);
        self.publish();
        let ask = Inst::Call(id::python_operator, [code, l, r].into(), None);
        let func = self.def(ask, Ty::ANY);
        let none = self.word(Value::NONE.bits());
        let other = self.def(Inst::Same(func, none), Ty::BOOL);
        let (other, python) = self.split(other);
        self.enter(other);
        let x = self.call(id::binary, &[code, l, r]);
        let other = self.cur;
        self.enter(python);
        let y = self.call_unknown(func, vec![l, r]);
        let y = self.unless_declined(y, [code, l, r]);
        self.rejoin([(other, x), (self.cur, y)], Ty::ANY)
    }

    /// The function is what it was when the classes met here had it: called, or inlined.
    fn known_operator(&mut self, i: usize, op: u32, inplace: bool, l: V, r: V) -> Option<V> {
        if self.bad(Why::Shape) || self.bad(Why::Class) {
            return None;
        }
        let ((left, right), flags) = self.cx.unit.operator(i, op)?;
        let (tx, ty) = (class_of_shape(left)?, class_of_shape(right)?);
        if tx.instance_kind.get() != habu_runtime::kinds::INSTANCE as u64 {
            return None;
        }
        let f = binary::left_function(op, inplace, tx, ty)?;
        let l = self.guard_shape(l, left);
        let r = match right {
            s if s == C::Int.shape() => self.guard_int(r),
            s if s == C::Float.shape() => match self.ty(r) {
                t if t.is_float() => r,
                // Another value than was met: an int is not to become a float.
                t if !t.may(kind::FLOAT) => return None,
                _ => self.as_float(r),
            },
            s => self.guard_shape(r, s),
        };
        self.same_specials(tx);
        self.same_specials(ty);
        let at = self.env.slots.len();
        let y = self.call_function(f, vec![l, r], &[], at, flags)?;
        if self.done || !self.ty(y).may(kind::OTHER) {
            return Some(y);
        }
        let code = self.operator_code(op, inplace);
        let (y, r) = (self.as_word(y), self.as_word(r));
        Some(self.unless_declined(y, [code, l, r]))
    }

    /// What the left side's function has given, or what comes after it if that is NotImplemented.
    fn unless_declined(&mut self, y: V, operator: [V; 3]) -> V {
        let no = self.word(Value::NOT_IMPLEMENTED.bits());
        let declined = self.def(Inst::Same(y, no), Ty::BOOL);
        let (declined, done) = self.split(declined);
        let env = self.env.clone();
        self.enter(declined);
        self.f.blocks[declined.index()].cold = true;
        self.publish();
        let after = Inst::Call(id::after_left, operator.into(), self.raised());
        let z = self.def(after, Ty::ANY);
        self.caught(z);
        let declined = self.cur;
        self.enter(done);
        self.env = env;
        self.env.forget_heap();
        self.rejoin([(declined, z), (done, y)], Ty::ANY)
    }

    /// An int or a float as a float.
    pub fn number_as_float(&mut self, v: V) -> V {
        let t = self.ty(v);
        if t.is_float() || t.is_int() {
            return self.as_float(v);
        }
        let x = self.exit(Why::Kind);
        self.def(Inst::UnboxNumber(v, x, Exactly::Rounded), Ty::F64)
    }

    fn any_arithmetic(&mut self, op: u32, inplace: bool, l: V, r: V) -> V {
        let (l, r) = (self.as_word(l), self.as_word(r));
        let code = self.operator_code(op, inplace);
        let number = |t: Ty| t.only(kind::INT | kind::FLOAT);
        // Numbers whose result is a float for sure.
        let ty = if op == b::TRUE_DIVIDE && number(self.ty(l)) && number(self.ty(r)) {
            Ty::word(kind::FLOAT)
        } else {
            Ty::ANY
        };
        let text = |t: Ty| t.shape == habu_runtime::classes::C::Str.shape();
        let plain = op == b::ADD && (text(self.ty(l)) || text(self.ty(r)))
            || number(self.ty(l)) && number(self.ty(r));
        if plain && let Some(v) = self.plain(id::plain_binary, &[code, l, r], ty) {
            return v;
        }
        self.call_as(id::binary, &[code, l, r], ty)
    }

    pub fn int_arithmetic(&mut self, op: u32, l: V, r: V) -> Option<V> {
        if self.bad(Why::Overflow)
            || (op == b::TRUE_DIVIDE || op == b::POWER) && self.bad(Why::Zero)
        {
            return None;
        }
        let same = l == r;
        let l = self.guard_int(l);
        let r = if same { l } else { self.guard_int(r) };
        if let (Some(x), Some(y)) = (self.constant_int(l), self.constant_int(r))
            && let Some(v) = fold(op, x, y)
        {
            return Some(self.word(v));
        }
        if op == b::TRUE_DIVIDE {
            return Some(self.int_division(l, r));
        }
        if op == b::POWER {
            if self.constant_int(r) != Some(2) {
                return None;
            }
            let x = self.exit(Why::Overflow);
            return Some(self.def(Inst::Int(IntOp::Mul, l, l, x), Ty::INT));
        }
        let x = self.exit(Why::Overflow);
        Some(self.def(Inst::Int(int_op(op)?, l, r, x), Ty::INT))
    }

    /// `int / int`: exact as a division of floats while both are.
    fn int_division(&mut self, l: V, r: V) -> V {
        for v in [l, r] {
            if self.constant_int(v).is_some_and(|c| c.abs() <= EXACT) {
                continue;
            }
            let i = self.def(Inst::Untag(v), Ty::RAW);
            let base = self.raw(EXACT);
            let i = self.def(Inst::RawOp(RawOp::Add, i, base), Ty::RAW);
            let limit = self.raw(2 * EXACT + 1);
            let ok = self.def(Inst::Below(i, limit), Ty::BOOL);
            self.guard_true(ok, Why::Overflow);
        }
        if self.constant_int(r).is_none_or(|c| c == 0) {
            let zero = self.word(Value::small_int(0).bits());
            let ok = self.def(Inst::IntCmp(Cmp::Ne, r, zero), Ty::BOOL);
            self.guard_true(ok, Why::Zero);
        }
        let (a, b) = (self.as_float(l), self.as_float(r));
        self.quotient(a, b)
    }

    /// A quotient of floats, the second of which is known not to be zero.
    fn quotient(&mut self, a: V, b: V) -> V {
        let divisor = self.constant_float(b);
        if let Some(factor) = divisor.and_then(exact_reciprocal) {
            let factor = self.float(factor);
            return self.def(Inst::Float(FloatOp::Mul, a, factor), Ty::F64);
        }
        self.def(Inst::Float(FloatOp::Div, a, b), Ty::F64)
    }

    fn constant_float(&self, v: V) -> Option<f64> {
        match self.f.inst(v) {
            Inst::F64(w) => Some(f64::from_bits(*w)),
            _ => None,
        }
    }

    fn float_arithmetic(&mut self, op: u32, l: V, r: V) -> Option<V> {
        if op == b::POWER {
            return self.float_power(l, r);
        }
        let fop = float_op(op)?;
        let same = l == r;
        let a = self.as_float(l);
        let b = if same { a } else { self.as_float(r) };
        if fop == FloatOp::Div {
            let zero = self.float(0.0);
            if self.constant_float(b).is_none_or(|c| c == 0.0) {
                let ok = self.def(Inst::FloatCmp(Cmp::Ne, b, zero), Ty::BOOL);
                self.guard_true(ok, Why::Zero);
            }
            return Some(self.quotient(a, b));
        }
        Some(self.def(Inst::Float(fop, a, b), Ty::F64))
    }

    /// As the library has it, which is no product even for squares: it may round another way. What is not finite (an
    /// error, a complex number) is left to the runtime.
    fn float_power(&mut self, l: V, r: V) -> Option<V> {
        if self.bad(Why::Zero) {
            return None;
        }
        let a = self.as_float(l);
        let b = self.as_float(r);
        let x = self.exit(Why::Zero);
        let call = Inst::Call(id::float_power, [a, b].into(), Some(x));
        Some(self.def(call, Ty::F64))
    }

    /// Leave unless the float is finite.
    pub fn guard_finite(&mut self, v: V) {
        let zero = self.float(0.0);
        let nothing = self.def(Inst::Float(FloatOp::Sub, v, v), Ty::F64);
        let finite = self.def(Inst::FloatCmp(Cmp::Eq, nothing, zero), Ty::BOOL);
        self.guard_true(finite, Why::Zero);
    }

    /// Can it be taken for a number?
    pub fn may_be_float(&self, v: V) -> bool {
        let t = self.ty(v);
        t.is_float() || t.is_int() || t.may(kind::INT | kind::FLOAT) && !self.bad(Why::Kind)
    }

    pub fn compare(&mut self, i: usize, op: u32, want_bool: bool) {
        let r = self.pop();
        let l = self.pop();
        let seen = self.cx.unit.numbers(i);
        let c = comparison(op);
        let text = |v: V| self.ty(v).shape == C::Str.shape();
        if text(l) && text(r) {
            let told = self.compared_chars(c, l, r);
            if let Some(v) = told.or_else(|| self.is_text(op, l, r)) {
                return self.push(v);
            }
        }
        let v = match self.numeric(l, r, seen) {
            As::Ints => {
                let same = l == r;
                let l = self.guard_int(l);
                let r = if same { l } else { self.guard_int(r) };
                self.def(Inst::IntCmp(c, l, r), Ty::BOOL)
            }
            As::Floats if self.comparable(l) && self.comparable(r) => {
                let same = l == r;
                let a = self.as_float(l);
                let b = if same { a } else { self.as_float(r) };
                self.def(Inst::FloatCmp(c, a, b), Ty::BOOL)
            }
            As::Mixed | As::Numbers => self.number_comparison(c, l, r),
            _ => self.any_comparison(i, op, l, r, want_bool),
        };
        self.push(v);
    }

    /// Ints as ints, else both as floats, where ints must be exact.
    fn number_comparison(&mut self, c: Cmp, l: V, r: V) -> V {
        let float = self.exit(Why::Kind);
        let words = [l, r].iter().all(|&v| self.ty(v).rep == Rep::Word);
        let mut ints = None;
        if words && !self.ty(l).is_float() && !self.ty(r).is_float() {
            let both = self.def(Inst::BothInts(l, r), Ty::BOOL);
            let (yes, no) = self.split(both);
            self.enter(yes);
            let (i, j) = (
                self.def(Inst::Known(l), Ty::INT),
                self.def(Inst::Known(r), Ty::INT),
            );
            let x = self.def(Inst::IntCmp(c, i, j), Ty::BOOL);
            ints = Some((self.cur, x));
            self.enter(no);
        }
        let mut exact = |v: V| {
            if self.ty(v).rep == Rep::F64 {
                return v;
            }
            self.def(Inst::UnboxNumber(v, float, Exactly::Yes), Ty::F64)
        };
        let (a, b) = (exact(l), exact(r));
        let y = self.def(Inst::FloatCmp(c, a, b), Ty::BOOL);
        match ints {
            Some(x) => self.rejoin([x, (self.cur, y)], Ty::BOOL),
            None => y,
        }
    }

    /// A float, or an int that is exact as one.
    fn comparable(&self, v: V) -> bool {
        let t = self.ty(v);
        t.is_float() || self.constant_int(v).is_some_and(|c| c.abs() <= EXACT) || !t.is_int()
    }

    fn any_comparison(&mut self, i: usize, op: u32, l: V, r: V, want_bool: bool) -> V {
        let seen = self.cx.unit.numbers(i);
        let (l, r) = (self.as_word(l), self.as_word(r));
        if let Some(v) = self.is_constant(op, l, r) {
            return v;
        }
        let code = self.raw(op as i64);
        let u = &self.cx.unit;
        let jumps = u.ins.get(i + 1).is_some_and(|x| {
            use habu_bytecode::Op as B;
            matches!(
                x.op,
                B::TO_BOOL | B::POP_JUMP_IF_FALSE | B::POP_JUMP_IF_TRUE
            )
        }) && !u.is_start[i + 1];
        let ty = Ty::word(kind::BOOL);
        let plain = match seen & SEEN_OTHER {
            0 => None,
            _ => self.plain(id::plain_holds, &[code, l, r], ty),
        };
        if let Some(t) = plain {
            let yes = self.word(Value::TRUE.bits());
            return self.def(Inst::Same(t, yes), Ty::BOOL);
        }
        if want_bool || jumps {
            let t = self.call_as(id::compare_truth, &[code, l, r], Ty::word(kind::BOOL));
            let yes = self.word(Value::TRUE.bits());
            return self.def(Inst::Same(t, yes), Ty::BOOL);
        }
        self.call(id::compare, &[code, l, r])
    }

    pub fn negative(&mut self) {
        let v = self.pop();
        let t = self.ty(v);
        let r = if t.is_float() {
            let f = self.as_float(v);
            self.def(Inst::FloatNeg(f), Ty::F64)
        } else if t.is_int() && !self.bad(Why::Overflow) {
            let x = self.exit(Why::Overflow);
            self.def(Inst::IntNeg(v, x), Ty::INT)
        } else if t.rep == Rep::Word && self.may_be_float(v) && !self.bad(Why::Overflow) {
            self.number_negative(v)
        } else {
            self.call(id::negative, &[v])
        };
        self.push(r);
    }

    /// An int on one path, a float on the other.
    fn number_negative(&mut self, v: V) -> V {
        let (overflow, float) = (self.exit(Why::Overflow), self.exit(Why::Kind));
        let int = self.def(Inst::BothInts(v, v), Ty::BOOL);
        let (ints, floats) = self.split(int);
        self.enter(ints);
        let i = self.def(Inst::Known(v), Ty::INT);
        let x = self.def(Inst::IntNeg(i, overflow), Ty::INT);
        let ints = self.cur;
        self.enter(floats);
        let f = self.def(Inst::UnboxNumber(v, float, Exactly::Rounded), Ty::F64);
        let y = self.def(Inst::FloatNeg(f), Ty::F64);
        let y = self.def(Inst::Box(y), Ty::word(kind::FLOAT));
        let ty = Ty::word(kind::INT | kind::FLOAT);
        self.rejoin([(ints, x), (self.cur, y)], ty)
    }

    pub fn invert(&mut self) {
        let v = self.pop();
        let r = if self.ty(v).is_int() {
            // ~i is -1 - i: all bits but the tag change.
            let ones = self.word(Value::small_int(-1).bits());
            let x = self.exit(Why::Overflow);
            self.def(Inst::Int(IntOp::Xor, v, ones, x), Ty::INT)
        } else {
            self.call(id::invert, &[v])
        };
        self.push(r);
    }
}

/// What a division is a multiplication by, to the last bit: that of a power of two.
fn exact_reciprocal(divisor: f64) -> Option<f64> {
    const FRACTION: u64 = (1 << 52) - 1;
    let r = divisor.recip();
    let power = |f: f64| f.is_normal() && f.to_bits() & FRACTION == 0;
    (power(divisor) && power(r)).then_some(r)
}

/// Constants computed now.
fn fold(op: u32, x: i64, y: i64) -> Option<u64> {
    let r = match op {
        b::ADD => x.checked_add(y),
        b::SUBTRACT => x.checked_sub(y),
        b::MULTIPLY => x.checked_mul(y),
        b::AND => Some(x & y),
        b::OR => Some(x | y),
        b::XOR => Some(x ^ y),
        _ => None,
    }?;
    Value::try_int(r).map(Value::bits)
}

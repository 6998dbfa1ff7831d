//! Lowering of instructions: guards, arithmetic, floats, comparisons.

use super::{Lower, MEM};
use crate::helpers;
use crate::ir::{Cmp, Exactly, Exit, FloatOp, Inst, IntOp, RawOp, Rep, Test, V, kind};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self as clif, InstBuilder, types};
use habu_heap::Value;

fn int_cc(c: Cmp) -> IntCC {
    match c {
        Cmp::Lt => IntCC::SignedLessThan,
        Cmp::Le => IntCC::SignedLessThanOrEqual,
        Cmp::Eq => IntCC::Equal,
        Cmp::Ne => IntCC::NotEqual,
        Cmp::Gt => IntCC::SignedGreaterThan,
        Cmp::Ge => IntCC::SignedGreaterThanOrEqual,
    }
}

fn float_cc(c: Cmp) -> FloatCC {
    match c {
        Cmp::Lt => FloatCC::LessThan,
        Cmp::Le => FloatCC::LessThanOrEqual,
        Cmp::Eq => FloatCC::Equal,
        Cmp::Ne => FloatCC::NotEqual,
        Cmp::Gt => FloatCC::GreaterThan,
        Cmp::Ge => FloatCC::GreaterThanOrEqual,
    }
}

impl Lower<'_, '_> {
    pub(super) fn inst(&mut self, v: V, inst: &Inst) {
        let r = self.value_of(v, inst);
        self.values[v.index()] = r;
    }

    fn value_of(&mut self, v: V, inst: &Inst) -> Option<clif::Value> {
        Some(match inst {
            Inst::Param => return self.values[v.index()],
            Inst::Word(w) => self.iconst(*w),
            Inst::Raw(i) => self.iconst(*i as u64),
            Inst::F64(bits) => self.b.ins().f64const(f64::from_bits(*bits)),
            Inst::Slot(n) => self.b.ins().load(types::I64, MEM, self.fp, *n as i32 * 8),
            Inst::Guard(a, t, x) => {
                let w = self.v(*a);
                self.guard_word(*a, w, *t, *x);
                w
            }
            Inst::Unbox(a, x) => self.unbox(*a, Some(*x)),
            Inst::UnboxNumber(a, x, e) => self.unbox_number(*a, *x, *e),
            Inst::BothInts(a, b) => {
                let (a, b) = (self.v(*a), self.v(*b));
                let both = self.b.ins().band(a, b);
                let both = self.b.ins().band_imm_s(both, 1);
                self.b.ins().ireduce(types::I8, both)
            }
            Inst::IsPlain(a) => {
                // None, False, True, Ellipsis are 4, 12, 20, 28.
                let w = self.v(*a);
                let int = self.b.ins().band_imm_s(w, 1);
                let int = self.b.ins().ireduce(types::I8, int);
                let low = self.b.ins().bor_imm_s(w, 24);
                let special = self.b.ins().icmp_imm_s(IntCC::Equal, low, 28);
                self.b.ins().bor(int, special)
            }
            Inst::PlainTruth(a) => {
                // All but None and False, and the int 0.
                let w = self.v(*a);
                let low = self.b.ins().band_imm_s(w, !8);
                let some = self.b.ins().icmp_imm_s(IntCC::NotEqual, low, 4);
                let zero = Value::small_int(0).bits() as i64;
                let more = self.b.ins().icmp_imm_s(IntCC::NotEqual, w, zero);
                self.b.ins().band(some, more)
            }
            Inst::Open(a) => self.unbox(*a, None),
            Inst::GuardTrue(c, x) => {
                let c = self.v(*c);
                self.guard(c, *x);
                return None;
            }
            Inst::GuardFalse(c, x) => {
                let c = self.v(*c);
                self.guard_not(c, *x);
                return None;
            }
            Inst::Int(op, a, b, x) => self.int(*op, *a, *b, *x),
            Inst::IntNeg(a, x) => {
                let a = self.v(*a);
                let two = self.iconst(2);
                self.overflowing(*x, |l| l.b.ins().ssub_overflow(two, a))
            }
            Inst::IntCmp(c, a, b) | Inst::RawCmp(c, a, b) => {
                let (a, b) = (self.v(*a), self.v(*b));
                self.b.ins().icmp(int_cc(*c), a, b)
            }
            Inst::Below(a, b) => {
                let (a, b) = (self.v(*a), self.v(*b));
                self.b.ins().icmp(IntCC::UnsignedLessThan, a, b)
            }
            Inst::Bounded(a, b, x) => {
                let (a, b) = (self.v(*a), self.v(*b));
                let ok = self.b.ins().icmp(IntCC::UnsignedLessThan, a, b);
                self.guard(ok, *x);
                a
            }
            Inst::Float(op, a, b) => {
                let (a, b) = (self.v(*a), self.v(*b));
                match op {
                    FloatOp::Add => self.b.ins().fadd(a, b),
                    FloatOp::Sub => self.b.ins().fsub(a, b),
                    FloatOp::Mul => self.b.ins().fmul(a, b),
                    FloatOp::Div => self.b.ins().fdiv(a, b),
                }
            }
            Inst::FloatNeg(a) => {
                let a = self.v(*a);
                self.b.ins().fneg(a)
            }
            Inst::FloatAbs(a) => {
                let a = self.v(*a);
                self.b.ins().fabs(a)
            }
            Inst::FloatSqrt(a) => {
                let a = self.v(*a);
                self.b.ins().sqrt(a)
            }
            Inst::FloatCmp(c, a, b) => {
                let (a, b) = (self.v(*a), self.v(*b));
                self.b.ins().fcmp(float_cc(*c), a, b)
            }
            Inst::IntToFloat(a) => {
                let a = self.v(*a);
                let i = self.b.ins().sshr_imm_s(a, 1);
                self.b.ins().fcvt_from_sint(types::F64, i)
            }
            Inst::Truncate(a, x) => {
                // What does not fit (and what is no number) becomes an integer that does not fit either, or 0.
                let f = self.v(*a);
                let i = self.b.ins().fcvt_to_sint_sat(types::I64, f);
                let moved = self.b.ins().iadd_imm_s(i, 1 << 61);
                let most = self.iconst(1 << 62);
                let fits = self.b.ins().icmp(IntCC::UnsignedLessThan, moved, most);
                let number = self.b.ins().fcmp(FloatCC::Equal, f, f);
                let ok = self.b.ins().band(fits, number);
                self.guard(ok, *x);
                i
            }
            Inst::Box(a) => self.boxed(*a),
            Inst::BoolWord(a) => {
                // False and True are 12 and 20: 12 + 8 * b.
                let a = self.v(*a);
                let a = self.b.ins().uextend(types::I64, a);
                let a = self.b.ins().ishl_imm_s(a, 3);
                self.b.ins().iadd_imm_s(a, Value::FALSE.bits() as i64)
            }
            Inst::Not(a) => {
                let a = self.v(*a);
                self.b.ins().bxor_imm_s(a, 1)
            }
            Inst::Same(a, b) => {
                let (a, b) = (self.v(*a), self.v(*b));
                self.b.ins().icmp(IntCC::Equal, a, b)
            }
            Inst::Select(c, a, b) => {
                let (c, a, b) = (self.v(*c), self.v(*a), self.v(*b));
                self.b.ins().select(c, a, b)
            }
            Inst::Known(a) => self.v(*a),
            Inst::TakesExactly(a, n) => self.takes_exactly(*a, *n),
            Inst::Untag(a) => {
                let a = self.v(*a);
                self.b.ins().sshr_imm_s(a, 1)
            }
            Inst::Tag(a) => {
                let a = self.v(*a);
                let a = self.b.ins().ishl_imm_s(a, 1);
                self.b.ins().bor_imm_s(a, 1)
            }
            Inst::HighHalf(a) => {
                let a = self.v(*a);
                self.b.ins().ushr_imm_s(a, 32)
            }
            Inst::RawOp(op, a, b) => {
                let (a, b) = (self.v(*a), self.v(*b));
                match op {
                    RawOp::Add => self.b.ins().iadd(a, b),
                    RawOp::Sub => self.b.ins().isub(a, b),
                    RawOp::Shr => self.b.ins().ushr(a, b),
                    RawOp::Mul => self.b.ins().imul(a, b),
                    RawOp::And => self.b.ins().band(a, b),
                    RawOp::Or => self.b.ins().bor(a, b),
                    RawOp::Xor => self.b.ins().bxor(a, b),
                    RawOp::Shl => self.b.ins().ishl(a, b),
                    RawOp::Sar => self.b.ins().sshr(a, b),
                }
            }
            _ => return self.memory(v, inst),
        })
    }

    /// Does the word, which is not empty, point to an object?
    fn is_pointer_word(&mut self, w: clif::Value) -> clif::Value {
        let others = self.iconst(0x8000_0000_0000_0007);
        let r = self.b.ins().band(w, others);
        self.b.ins().icmp_imm_s(IntCC::Equal, r, 0)
    }

    pub(super) fn is_pointer(&mut self, a: V, w: clif::Value) -> clif::Value {
        if !self.f.ty(a).may(kind::EMPTY) {
            return self.is_pointer_word(w);
        }
        // After a rotation by three the high four bits are 0; the empty word becomes the highest number.
        let r = self.b.ins().rotr_imm_s(w, 3);
        let r = self.b.ins().iadd_imm_s(r, -1);
        let most = self.iconst((1 << 60) - 1);
        self.b.ins().icmp(IntCC::UnsignedLessThan, r, most)
    }

    fn takes_exactly(&mut self, a: V, n: u32) -> clif::Value {
        use habu_runtime::object::FunctionObj;
        let w = self.v(a);
        let (object, function, join) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
        );
        self.b.append_block_param(join, types::I8);
        let no = self.b.ins().iconst(types::I8, 0);
        let no = [clif::BlockArg::Value(no)];
        let p = self.is_pointer(a, w);
        self.b.ins().brif(p, object, &[], join, &no);
        self.b.switch_to_block(object);
        let k = self.b.ins().load(types::I8, MEM, w, 4);
        let k = self
            .b
            .ins()
            .icmp_imm_s(IntCC::Equal, k, habu_runtime::kinds::FUNCTION as i64);
        self.b.ins().brif(k, function, &[], join, &no);
        self.b.switch_to_block(function);
        let off = std::mem::offset_of!(FunctionObj, simple_argc) as i32;
        let have = self.b.ins().load(types::I64, MEM, w, off);
        let want = Value::small_int(n as i64).bits() as i64;
        let same = self.b.ins().icmp_imm_s(IntCC::Equal, have, want);
        self.b.ins().jump(join, &[clif::BlockArg::Value(same)]);
        self.b.switch_to_block(join);
        self.b.block_params(join)[0]
    }

    fn guard_pointer(&mut self, a: V, w: clif::Value, x: Exit) {
        if self.f.ty(a).only(kind::OBJECT) {
            return;
        }
        let p = self.is_pointer(a, w);
        self.guard(p, x);
    }

    fn guard_word(&mut self, a: V, w: clif::Value, t: Test, x: Exit) {
        if matches!(t, Test::Shape(_) | Test::Object) {
            self.guard_pointer(a, w, x);
        }
        if t == Test::Object {
            return;
        }
        let ok = self.passes(w, t);
        self.guard(ok, x);
    }

    /// The test, for a word that is a pointer where the test needs one.
    fn passes(&mut self, w: clif::Value, t: Test) -> clif::Value {
        match t {
            Test::Int => self.b.ins().band_imm_s(w, 1),
            Test::Bool => {
                // False and True are 12 and 20.
                let d = self.b.ins().iadd_imm_s(w, -(Value::FALSE.bits() as i64));
                let d = self.b.ins().band_imm_s(d, !8);
                self.b.ins().icmp_imm_s(IntCC::Equal, d, 0)
            }
            Test::Shape(s) => {
                let have = self.b.ins().load(types::I32, MEM, w, 0);
                self.b.ins().icmp_imm_s(IntCC::Equal, have, s as i32 as i64)
            }
            Test::Items(n) => {
                let have = self.b.ins().load(types::I64, MEM, w, 8);
                let want = habu_runtime::core::tuple::sizes_of(n as usize);
                let want = self.iconst(want);
                self.b.ins().icmp(IntCC::Equal, have, want)
            }
            Test::Object => self.is_pointer_word(w),
            Test::NotEmpty => self.b.ins().icmp_imm_s(IntCC::NotEqual, w, 0),
        }
    }

    /// A float from its word: the common range at once; zero, tiny and heap floats aside.
    /// Without an exit the word is known to be a float.
    fn unbox(&mut self, a: V, x: Option<Exit>) -> clif::Value {
        if let Inst::Word(w) = self.f.inst(a)
            && let Some(f) = Value::from_bits(*w).and_then(Value::as_float)
        {
            return self.b.ins().f64const(f);
        }
        let w = self.v(a);
        let [fast, slow, aside, heap, join] = self.new_blocks();
        self.b.append_block_param(join, types::F64);
        self.cold([slow, aside, heap]);
        let common = self.is_common_float(w);
        let common = if x.is_some() {
            self.stress(common)
        } else {
            common
        };
        self.b.ins().brif(common, fast, &[], slow, &[]);
        self.b.switch_to_block(slow);
        let inline = self.is_other_float(w);
        self.b.ins().brif(inline, aside, &[], heap, &[]);
        self.b.switch_to_block(heap);
        if let Some(x) = x {
            self.guard_heap_float(a, w, x);
        }
        let f = self.b.ins().load(types::F64, MEM, w, 8);
        self.b.ins().jump(join, &[clif::BlockArg::Value(f)]);
        // What is decoded aside has a block of its own: the common one goes straight on then.
        for block in [aside, fast] {
            self.b.switch_to_block(block);
            let f = self.decoded(w);
            self.b.ins().jump(join, &[clif::BlockArg::Value(f)]);
        }
        self.b.switch_to_block(join);
        self.b.block_params(join)[0]
    }

    /// Do the low two bits say that it is a float of the common range? As one instruction can test it.
    fn is_common_float(&mut self, w: clif::Value) -> clif::Value {
        let low = self.b.ins().iadd_imm_s(w, 2);
        let low = self.b.ins().band_imm_s(low, 3);
        self.b.ins().icmp_imm_s(IntCC::Equal, low, 0)
    }

    /// The same of zero and of tiny floats, which are in their words, too.
    fn is_other_float(&mut self, w: clif::Value) -> clif::Value {
        let low = self.b.ins().band_imm_s(w, 3);
        let zero = self.b.ins().icmp_imm_s(IntCC::Equal, low, 0);
        let neg = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, w, 0);
        self.b.ins().band(zero, neg)
    }

    fn decoded(&mut self, w: clif::Value) -> clif::Value {
        let bits = self.b.ins().rotr_imm_s(w, 3);
        let offset = self.iconst(1 << 60);
        let bits = self.b.ins().isub(bits, offset);
        let flags = clif::MemFlagsData::new();
        self.b.ins().bitcast(types::F64, flags, bits)
    }

    pub(super) fn new_blocks<const N: usize>(&mut self) -> [clif::Block; N] {
        std::array::from_fn(|_| self.b.create_block())
    }

    pub(super) fn cold<const N: usize>(&mut self, blocks: [clif::Block; N]) {
        for b in blocks {
            self.b.set_cold_block(b);
        }
    }

    /// A float from a word that may be an int too.
    fn unbox_number(&mut self, a: V, x: Exit, e: Exactly) -> clif::Value {
        let w = self.v(a);
        let (int, other, join) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
        );
        self.b.append_block_param(join, types::F64);
        let tag = self.b.ins().band_imm_s(w, 1);
        self.b.ins().brif(tag, int, &[], other, &[]);
        self.b.switch_to_block(int);
        let i = self.b.ins().sshr_imm_s(w, 1);
        if e == Exactly::Yes {
            let moved = self.b.ins().iadd_imm_s(i, 1 << 53);
            let most = self.iconst(1 << 54);
            let ok = self
                .b
                .ins()
                .icmp(IntCC::UnsignedLessThanOrEqual, moved, most);
            self.guard(ok, x);
        }
        let f = self.b.ins().fcvt_from_sint(types::F64, i);
        self.b.ins().jump(join, &[clif::BlockArg::Value(f)]);
        self.b.switch_to_block(other);
        let f = self.unbox(a, Some(x));
        self.b.ins().jump(join, &[clif::BlockArg::Value(f)]);
        self.b.switch_to_block(join);
        self.b.block_params(join)[0]
    }

    /// A subclass of float has its own shape: only the plain class counts as a float here.
    fn guard_heap_float(&mut self, a: V, w: clif::Value, x: Exit) {
        let p = self.is_pointer(a, w);
        self.guard_aside(p, x);
        let s = self.b.ins().load(types::I32, MEM, w, 0);
        let float = habu_runtime::classes::C::Float.shape() as i64;
        let s = self.b.ins().icmp_imm_s(IntCC::Equal, s, float);
        self.guard_aside(s, x);
    }

    /// On a way that is rarely taken.
    fn guard_aside(&mut self, ok: clif::Value, x: Exit) {
        self.guard(ok, x);
        if let Some(b) = self.b.current_block() {
            self.b.set_cold_block(b);
        }
    }

    pub(super) fn boxed(&mut self, a: V) -> clif::Value {
        let f = self.v(a);
        let flags = clif::MemFlagsData::new();
        // What is to be added to the bits is added to the exponent of all but those that are not common then either:
        // the factor stays in memory, where what is added would take a register.
        let factor = self.b.ins().f64const(2f64.powi(256));
        let scaled = self.b.ins().fmul(f, factor);
        let scaled = self.b.ins().bitcast(types::I64, flags, scaled);
        let usual = self.b.ins().rotl_imm_s(scaled, 3);
        let common = self.is_common_float(usual);
        let [fast, slow, aside, heap, join] = self.new_blocks();
        self.b.append_block_param(join, types::I64);
        self.cold([slow, aside, heap]);
        self.b.ins().brif(common, fast, &[], slow, &[]);
        self.b.switch_to_block(slow);
        let bits = self.b.ins().bitcast(types::I64, flags, f);
        let offset = self.iconst(1 << 60);
        let other = self.b.ins().iadd(bits, offset);
        let other = self.b.ins().rotl_imm_s(other, 3);
        let inline = self.is_other_float(other);
        self.b.ins().brif(inline, aside, &[], heap, &[]);
        // Blocks of their own: the common one goes straight on then.
        for (block, w) in [(fast, usual), (aside, other)] {
            self.b.switch_to_block(block);
            self.b.ins().jump(join, &[clif::BlockArg::Value(w)]);
        }
        self.b.switch_to_block(heap);
        let h = self.helper_aside(helpers::id::box_float, &[bits]);
        // Only those in the heap are of interest to the collector.
        if let Some(to) = self.into.take() {
            self.tell(&to);
        }
        self.b.ins().jump(join, &[clif::BlockArg::Value(h)]);
        self.b.switch_to_block(join);
        self.b.block_params(join)[0]
    }

    fn overflowing(
        &mut self,
        x: Exit,
        op: impl FnOnce(&mut Self) -> (clif::Value, clif::Value),
    ) -> clif::Value {
        let (r, of) = op(self);
        self.guard_not(of, x);
        r
    }

    fn constant_int(&self, v: V) -> Option<i64> {
        match self.f.inst(v) {
            Inst::Word(w) if w & 1 != 0 => Some(*w as i64 >> 1),
            _ => None,
        }
    }

    fn int(&mut self, op: IntOp, a: V, b: V, x: Exit) -> clif::Value {
        let (av, bv) = (self.v(a), self.v(b));
        match op {
            IntOp::Add | IntOp::Sub if self.constant_int(b).is_some_and(|c| c > 0) => {
                // Past the end of the range it comes out on the other side.
                let c = self.constant_int(b).unwrap_or(0) << 1;
                let (r, past) = match op {
                    IntOp::Add => (self.b.ins().iadd_imm_s(av, c), IntCC::SignedLessThan),
                    _ => (self.b.ins().iadd_imm_s(av, -c), IntCC::SignedGreaterThan),
                };
                let bad = self.b.ins().icmp(past, r, av);
                self.guard_not(bad, x);
                r
            }
            IntOp::Add => {
                let y = match self.constant_int(b) {
                    Some(c) => self.iconst((c << 1) as u64),
                    None => self.b.ins().iadd_imm_s(bv, -1),
                };
                self.overflowing(x, |l| l.b.ins().sadd_overflow(av, y))
            }
            IntOp::Sub => {
                let y = match self.constant_int(b) {
                    Some(c) => self.iconst((c << 1) as u64),
                    None => self.b.ins().iadd_imm_s(bv, -1),
                };
                self.overflowing(x, |l| l.b.ins().ssub_overflow(av, y))
            }
            IntOp::Mul => {
                let i = self.b.ins().iadd_imm_s(av, -1);
                let j = match self.constant_int(b) {
                    Some(c) => self.iconst(c as u64),
                    None => self.b.ins().sshr_imm_s(bv, 1),
                };
                let r = self.overflowing(x, |l| l.b.ins().smul_overflow(i, j));
                self.b.ins().bor_imm_s(r, 1)
            }
            IntOp::And => self.b.ins().band(av, bv),
            IntOp::Or => self.b.ins().bor(av, bv),
            IntOp::Xor => {
                let r = self.b.ins().bxor(av, bv);
                self.b.ins().bor_imm_s(r, 1)
            }
            IntOp::Shl => self.shift_left(av, b, bv, x),
            IntOp::Shr => self.shift_right(av, b, bv, x),
            IntOp::FloorDiv | IntOp::Mod => self.divide(op, av, b, bv, x),
        }
    }

    fn shift_left(&mut self, a: clif::Value, b: V, bv: clif::Value, x: Exit) -> clif::Value {
        let j = self.b.ins().sshr_imm_s(bv, 1);
        if !self.constant_int(b).is_some_and(|c| (0..62).contains(&c)) {
            let limit = self.iconst(62);
            let ok = self.b.ins().icmp(IntCC::UnsignedLessThan, j, limit);
            self.guard(ok, x);
        }
        let i = self.b.ins().iadd_imm_s(a, -1);
        let r = self.b.ins().ishl(i, j);
        let back = self.b.ins().sshr(r, j);
        let ok = self.b.ins().icmp(IntCC::Equal, back, i);
        self.guard(ok, x);
        self.b.ins().bor_imm_s(r, 1)
    }

    fn shift_right(&mut self, a: clif::Value, b: V, bv: clif::Value, x: Exit) -> clif::Value {
        let j = self.b.ins().sshr_imm_s(bv, 1);
        let j = if self.constant_int(b).is_some_and(|c| (0..64).contains(&c)) {
            j
        } else {
            let ok = self
                .b
                .ins()
                .icmp_imm_s(IntCC::SignedGreaterThanOrEqual, j, 0);
            self.guard(ok, x);
            let most = self.iconst(63);
            let far = self.b.ins().icmp(IntCC::UnsignedGreaterThan, j, most);
            self.b.ins().select(far, most, j)
        };
        let r = self.b.ins().sshr(a, j);
        self.b.ins().bor_imm_s(r, 1)
    }

    fn divide(&mut self, op: IntOp, a: clif::Value, b: V, bv: clif::Value, x: Exit) -> clif::Value {
        let c = self.constant_int(b);
        if let Some(c) = c.filter(|c| *c > 0 && c & (c - 1) == 0) {
            // Powers of two: floor division shifts, the remainder masks; both keep the tag.
            return if op == IntOp::Mod {
                self.b.ins().band_imm_s(a, (c - 1) << 1 | 1)
            } else {
                let r = self.b.ins().sshr_imm_s(a, c.trailing_zeros() as i64);
                self.b.ins().bor_imm_s(r, 1)
            };
        }
        let i = self.b.ins().sshr_imm_s(a, 1);
        let j = match c {
            Some(c) => self.iconst(c as u64),
            None => self.b.ins().sshr_imm_s(bv, 1),
        };
        if !c.is_some_and(|c| c != 0 && c != -1) {
            // 0 and -1 both give at most 1 with one added.
            let k = self.b.ins().iadd_imm_s(j, 1);
            let ok = self.b.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, k, 1);
            self.guard(ok, x);
        }
        let q = self.b.ins().sdiv(i, j);
        let p = self.b.ins().imul(q, j);
        let r = self.b.ins().isub(i, p);
        // Python rounds down: where the remainder's sign is not the divisor's, one step further.
        let nonzero = self.b.ins().icmp_imm_s(IntCC::NotEqual, r, 0);
        let signs = self.b.ins().bxor(r, j);
        let differ = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
        let adjust = self.b.ins().band(nonzero, differ);
        let out = if op == IntOp::Mod {
            let moved = self.b.ins().iadd(r, j);
            self.b.ins().select(adjust, moved, r)
        } else {
            let moved = self.b.ins().iadd_imm_s(q, -1);
            self.b.ins().select(adjust, moved, q)
        };
        let t = self.b.ins().ishl_imm_s(out, 1);
        self.b.ins().bor_imm_s(t, 1)
    }

    /// Reps that a store of a word needs.
    pub(super) fn is_word(&self, v: V) -> bool {
        matches!(self.f.ty(v).rep, Rep::Word | Rep::Raw)
    }
}

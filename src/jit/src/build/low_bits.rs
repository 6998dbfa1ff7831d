//! Arithmetic of which only the low bits are asked for: `(a * b + c) & mask`, `h << 5 ^ c`, `% 2**k`, with ints of up
//! to 64 bits without a sign.
//!
//! What must hold: sums, products, differences and shifts to the left are right in their low bits whatever has become
//! of the others, so that nothing overflows on the way to a mask. What is in between has no object and no place in
//! the frame: every exit of the whole goes back to its first instruction.

use super::Builder;
use super::arith::plain_operator;
use crate::ir::*;
use habu_bytecode::Op as B;
use habu_bytecode::opcode::binary as b;
use habu_heap::{Header, Value};
use habu_runtime::classes::C;
use habu_runtime::interp::feedback::{SEEN_BIG, SEEN_WIDE};
use habu_runtime::object::*;
use std::mem::{offset_of, size_of};

/// So many instructions are looked at for the mask.
const FARTHEST: usize = 24;

/// The only limb of an int that has one.
const LIMB: i32 = size_of::<IntObj>() as i32;

/// Words for ints end below this.
const WORDS_END: i64 = 1 << 62;

/// What a machine integer says of the int on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The int itself, which is a word.
    Word,
    /// The int itself, read without a sign.
    Unsigned,
    /// Its low bits.
    Low,
}

/// An int on the way.
#[derive(Clone, Copy)]
struct Part {
    raw: V,
    form: Form,
    constant: Option<Constant>,
}

/// An int that is not negative.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Constant {
    Is(u64),
    /// 2**64.
    Modulus,
}

impl Constant {
    /// What stands for a division by this in a mask.
    fn mask(self) -> Option<i64> {
        match self {
            Constant::Is(c) => c.is_power_of_two().then_some(c as i64 - 1),
            Constant::Modulus => Some(-1),
        }
    }
    /// The distance of a shift.
    fn distance(self, end: u64) -> Option<u64> {
        match self {
            Constant::Is(c) => Some(c).filter(|c| *c < end),
            Constant::Modulus => None,
        }
    }
}

impl Builder<'_> {
    /// Build the operation at `i`, which has been too large for a word, with all that follows up to the mask; the next
    /// instruction to build. `None`: there is no mask.
    pub fn low_bits(&mut self, i: usize) -> Option<usize> {
        let seen = self.cx.unit.numbers(i);
        let starts = match plain_operator(self.cx.unit.ins[i].arg) {
            b::ADD | b::SUBTRACT | b::MULTIPLY | b::LSHIFT => seen != 0 || self.bad(Why::Overflow),
            b::RSHIFT | b::AND | b::OR | b::XOR | b::REMAINDER => seen & SEEN_WIDE != 0,
            _ => false,
        };
        if !starts || seen & !(SEEN_BIG | SEEN_WIDE) != 0 || self.bad(Why::Int) {
            return None;
        }
        let mark = self.mark();
        let next = self.up_to_mask(i);
        if next.is_none() {
            self.back_to(mark);
        }
        next
    }

    fn up_to_mask(&mut self, i: usize) -> Option<usize> {
        let unit = self.cx.unit.clone();
        let wide = unit.numbers(i) & SEEN_WIDE != 0;
        let r = self.taken(wide)?;
        let mut stack = vec![self.taken(wide)?, r];
        for j in i..(i + FARTHEST).min(unit.ins.len()) {
            if j > i && unit.is_start[j] {
                return None;
            }
            let x = unit.ins[j];
            match x.op {
                B::NOP => {}
                B::BINARY_OP => {
                    if j > i && self.counts {
                        self.count();
                    }
                    let (r, l) = (stack.pop()?, stack.pop()?);
                    let v = self.combined(plain_operator(x.arg), l, r)?;
                    if stack.is_empty() && v.form != Form::Low {
                        let v = match v.form {
                            Form::Unsigned => self.unsigned_word(v.raw),
                            _ => self.def(Inst::Tag(v.raw), Ty::INT),
                        };
                        self.push(v);
                        return Some(j + 1);
                    }
                    stack.push(v);
                }
                B::LOAD_FAST | B::LOAD_CONST | B::LOAD_SMALL_INT => {
                    self.instruction(j).ok()?;
                    stack.push(self.taken(wide)?);
                }
                B::LOAD_GLOBAL => {
                    // Exits speak of the first instruction, what is known of the global of its own.
                    self.state();
                    let first = std::mem::replace(&mut self.at, j);
                    let loaded = self.instruction(j);
                    self.at = first;
                    loaded.ok()?;
                    let Some(&Held::Value(v)) = self.env.slots.last() else {
                        return None;
                    };
                    self.constant_of(v)?;
                    stack.push(self.taken(wide)?);
                }
                _ => return None,
            }
        }
        None
    }

    /// The int on top of the stack, which may be no word where such ints were seen.
    fn taken(&mut self, wide: bool) -> Option<Part> {
        let Some(&Held::Value(v)) = self.env.slots.last() else {
            return None;
        };
        let t = self.ty(v);
        if t.rep != Rep::Word || t.may(kind::EMPTY) || !t.may(kind::INT | kind::OBJECT) {
            return None;
        }
        let part = match self.large_constant(v) {
            Some(p) => p,
            None if t.is_int() || t.may(kind::INT) && !wide => {
                let v = self.guard_int(v);
                let constant = self.constant_int(v).and_then(|c| u64::try_from(c).ok());
                Part {
                    raw: self.def(Inst::Untag(v), Ty::RAW),
                    form: Form::Word,
                    constant: constant.map(Constant::Is),
                }
            }
            None if !wide || self.bad(Why::Kind) => return None,
            None => Part {
                raw: self.magnitude(v),
                form: Form::Unsigned,
                constant: None,
            },
        };
        self.env.slots.pop();
        Some(part)
    }

    /// A constant that is no word.
    fn large_constant(&mut self, v: V) -> Option<Part> {
        let int = Value::from_bits(self.constant_of(v)?)?;
        if int.shape() != C::Int.shape() {
            return None;
        }
        let int: Gc<IntObj> = int.cast()?;
        let (limb, constant) = match *int.limbs() {
            [limb] => (limb, Constant::Is(limb)),
            [0, 1] => (0, Constant::Modulus),
            _ => return None,
        };
        if int.is_negative() {
            return None;
        }
        let form = match constant {
            Constant::Is(_) => Form::Unsigned,
            Constant::Modulus => Form::Low,
        };
        Some(Part {
            raw: self.raw(limb as i64),
            form,
            constant: Some(constant),
        })
    }

    /// An int that is not negative and has up to 64 bits, which leaves where it is another.
    fn magnitude(&mut self, v: V) -> V {
        if let Some(&raw) = self.env.unsigned.get(&v) {
            return raw;
        }
        let x = self.exit(Why::Kind);
        let int = self.def(Inst::BothInts(v, v), Ty::BOOL);
        let (words, objects) = self.split(int);
        self.enter(words);
        let i = self.def(Inst::Known(v), Ty::INT);
        let word = self.def(Inst::Untag(i), Ty::RAW);
        let zero = self.raw(0);
        let negative = self.def(Inst::RawCmp(Cmp::Lt, word, zero), Ty::BOOL);
        self.def(Inst::GuardFalse(negative, x), Ty::NONE);
        self.enter(objects);
        let shape = C::Int.shape();
        let o = self.def(Inst::Guard(v, Test::Shape(shape), x), Ty::shape(shape));
        let header = self.def(Inst::LoadFixed(o, 0, Ty::RAW), Ty::RAW);
        let sign = self.raw(Header::word(0, 0, IntObj::NEGATIVE) as i64);
        let sign = self.def(Inst::RawOp(RawOp::And, header, sign), Ty::RAW);
        let positive = self.def(Inst::RawCmp(Cmp::Eq, sign, zero), Ty::BOOL);
        self.def(Inst::GuardTrue(positive, x), Ty::NONE);
        let limbs = offset_of!(IntObj, limbs) as i32;
        let limbs = self.def(Inst::LoadFixed(o, limbs, Ty::RAW), Ty::RAW);
        let one = self.raw(1);
        let one = self.def(Inst::RawCmp(Cmp::Eq, limbs, one), Ty::BOOL);
        self.def(Inst::GuardTrue(one, x), Ty::NONE);
        let limb = self.def(Inst::LoadFixed(o, LIMB, Ty::RAW), Ty::RAW);
        let raw = self.rejoin([(words, word), (objects, limb)], Ty::RAW);
        self.env.unsigned.insert(v, raw);
        raw
    }

    /// The int that a machine integer without a sign is.
    fn unsigned_word(&mut self, raw: V) -> V {
        let shape = C::Int.shape();
        let x = self.exit(Why::Raised);
        let end = self.raw(WORDS_END);
        let fits = self.def(Inst::Below(raw, end), Ty::BOOL);
        let (words, objects) = self.split(fits);
        self.enter(words);
        let word = self.def(Inst::Tag(raw), Ty::INT);
        self.enter(objects);
        let bytes = LIMB as u32 + 8;
        let header = Header::word(shape, habu_runtime::kinds::INT, 0);
        let o = self.def(Inst::Alloc(header, bytes, x), Ty::shape(shape));
        for (at, what) in [
            (
                offset_of!(IntObj, sizes),
                sizes(bytes as usize / 8, 0) as i64,
            ),
            (offset_of!(IntObj, limbs), 1),
        ] {
            let what = self.raw(what);
            self.def(Inst::StoreRaw(o, at as i32, what), Ty::NONE);
        }
        self.def(Inst::StoreRaw(o, LIMB, raw), Ty::NONE);
        let ty = Ty::word(kind::INT | kind::OBJECT);
        let v = self.rejoin([(words, word), (objects, o)], ty);
        self.env.unsigned.insert(v, raw);
        v
    }

    fn combined(&mut self, op: u32, l: Part, r: Part) -> Option<Part> {
        let word = |p: Part| p.form == Form::Word;
        let positive = |p: Part| p.form == Form::Unsigned || word(p) && p.constant.is_some();
        let (raw_op, form) = match op {
            b::ADD => (RawOp::Add, Form::Low),
            b::SUBTRACT => (RawOp::Sub, Form::Low),
            b::MULTIPLY => (RawOp::Mul, Form::Low),
            b::XOR | b::OR => {
                let raw_op = if op == b::OR { RawOp::Or } else { RawOp::Xor };
                let form = match () {
                    _ if word(l) && word(r) => Form::Word,
                    _ if positive(l) && positive(r) => Form::Unsigned,
                    _ => Form::Low,
                };
                (raw_op, form)
            }
            b::AND => {
                let mask = |p: Part| word(p) && p.constant.is_some();
                let form = match () {
                    _ if word(l) && word(r) || mask(l) || mask(r) => Form::Word,
                    _ if positive(l) || positive(r) => Form::Unsigned,
                    _ => Form::Low,
                };
                (RawOp::And, form)
            }
            b::LSHIFT => {
                r.constant?.distance(62)?;
                (RawOp::Shl, Form::Low)
            }
            b::RSHIFT if word(l) => {
                r.constant?.distance(62)?;
                (RawOp::Sar, Form::Word)
            }
            b::RSHIFT if l.form == Form::Unsigned => {
                // Two bits less and it is a word.
                let small = r.constant?.distance(64)? >= 2;
                (RawOp::Shr, if small { Form::Word } else { Form::Unsigned })
            }
            b::REMAINDER => {
                let mask = r.constant?.mask()?;
                let word = (0..WORDS_END).contains(&mask);
                let form = if word { Form::Word } else { Form::Unsigned };
                let mask = self.raw(mask);
                return Some(self.operated(RawOp::And, l.raw, mask, form));
            }
            _ => return None,
        };
        Some(self.operated(raw_op, l.raw, r.raw, form))
    }

    fn operated(&mut self, op: RawOp, l: V, r: V, form: Form) -> Part {
        Part {
            raw: self.def(Inst::RawOp(op, l, r), Ty::RAW),
            form,
            constant: None,
        }
    }
}

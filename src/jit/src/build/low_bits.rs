//! Arithmetic of which only the low bits are asked for: `(a * b + c) & mask`, `h << 5 ^ c`, `% 2**k`.
//!
//! What must hold: sums, products, differences and shifts to the left are right in their low bits whatever has become
//! of the others, so that nothing overflows on the way to a mask. What is in between has no object and no place in
//! the frame: every exit of the whole goes back to its first instruction.

use super::Builder;
use super::arith::plain_operator;
use crate::ir::*;
use habu_bytecode::Op as B;
use habu_bytecode::opcode::binary as b;
use habu_runtime::interp::feedback::SEEN_BIG;

/// So many instructions are looked at for the mask.
const FARTHEST: usize = 24;

/// An int on the way.
#[derive(Clone, Copy)]
struct Part {
    raw: V,
    /// The int itself, and not only its low 64 bits.
    exact: bool,
    constant: Option<i64>,
}

impl Builder<'_> {
    /// Build the operation at `i`, which has been too large for a word, with all that follows up to the mask; the next
    /// instruction to build. `None`: there is no mask.
    pub fn low_bits(&mut self, i: usize) -> Option<usize> {
        let seen = self.cx.unit.numbers(i);
        let grows = matches!(
            plain_operator(self.cx.unit.ins[i].arg),
            b::ADD | b::SUBTRACT | b::MULTIPLY | b::LSHIFT
        );
        if !grows || seen & !SEEN_BIG != 0 || seen == 0 && !self.bad(Why::Overflow) {
            return None;
        }
        if self.bad(Why::Int) {
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
        let r = self.taken()?;
        let mut stack = vec![self.taken()?, r];
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
                    if stack.is_empty() && v.exact {
                        let v = self.def(Inst::Tag(v.raw), Ty::INT);
                        self.push(v);
                        return Some(j + 1);
                    }
                    stack.push(v);
                }
                B::LOAD_FAST | B::LOAD_CONST | B::LOAD_SMALL_INT => {
                    self.instruction(j).ok()?;
                    stack.push(self.taken()?);
                }
                _ => return None,
            }
        }
        None
    }

    /// The int on top of the stack.
    fn taken(&mut self) -> Option<Part> {
        let Some(&Held::Value(v)) = self.env.slots.last() else {
            return None;
        };
        let t = self.ty(v);
        if t.rep != Rep::Word || !t.may(kind::INT) || t.may(kind::EMPTY) {
            return None;
        }
        let v = self.guard_int(v);
        self.env.slots.pop();
        Some(Part {
            raw: self.def(Inst::Untag(v), Ty::RAW),
            exact: true,
            constant: self.constant_int(v),
        })
    }

    fn combined(&mut self, op: u32, l: Part, r: Part) -> Option<Part> {
        let both = l.exact && r.exact;
        let mask = |p: Part| p.constant.is_some_and(|c| c >= 0);
        let (raw_op, exact) = match op {
            b::ADD => (RawOp::Add, false),
            b::SUBTRACT => (RawOp::Sub, false),
            b::MULTIPLY => (RawOp::Mul, false),
            b::XOR => (RawOp::Xor, both),
            b::OR => (RawOp::Or, both),
            b::AND => (RawOp::And, both || mask(l) || mask(r)),
            b::LSHIFT if r.constant.is_some_and(|c| (0..62).contains(&c)) => (RawOp::Shl, false),
            b::RSHIFT if l.exact && r.constant.is_some_and(|c| (0..62).contains(&c)) => {
                (RawOp::Sar, true)
            }
            b::REMAINDER => {
                let c = r.constant.filter(|c| *c > 0 && c & (c - 1) == 0)?;
                let low = self.raw(c - 1);
                return Some(self.part(RawOp::And, l.raw, low, true));
            }
            _ => return None,
        };
        Some(self.part(raw_op, l.raw, r.raw, exact))
    }

    fn part(&mut self, op: RawOp, l: V, r: V, exact: bool) -> Part {
        Part {
            raw: self.def(Inst::RawOp(op, l, r), Ty::RAW),
            exact,
            constant: None,
        }
    }
}

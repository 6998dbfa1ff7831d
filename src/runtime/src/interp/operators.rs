//! Operators of Python classes (and `super()`), as the native tier inlines them: what their sites have met, and what
//! the interpreter does with the result of a method that native code began.
//!
//! What must hold: a note is one word, so that a reader sees all of it or another site's (whose tag differs); it is a
//! guess, and whoever uses it guards it.

use super::frame::{self, Frame, flag};
use super::{Op, val};
use crate::classes::C;
use crate::object::ValueExt;
use crate::ops::binary;
use crate::{check, next};
use habu_bytecode::opcode::binary as b;
use habu_heap::Value;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const SIZE: usize = 1024;
/// Two shapes of 24 bits, and 16 bits of the site's address.
const SHAPE_BITS: u32 = 24;
const SHAPE_MASK: u64 = (1 << SHAPE_BITS) - 1;

static NOTES: [AtomicU64; SIZE] = [const { AtomicU64::new(0) }; SIZE];

fn place(op: *const Op) -> (usize, u64) {
    let a = op as u64 >> 4;
    (a as usize & (SIZE - 1), (a >> 10 & 0xffff) << 48)
}

/// Numbers count by their class.
fn shape_of(v: Value) -> u32 {
    if v.is_int() {
        C::Int.shape()
    } else if v.is_float() {
        C::Float.shape()
    } else {
        v.shape()
    }
}

/// The operator at `op` has met these operands. Is that new?
#[inline]
pub fn note(op: *const Op, x: Value, y: Value) -> bool {
    let (l, r) = (shape_of(x) as u64, shape_of(y) as u64);
    if l > SHAPE_MASK || r > SHAPE_MASK {
        return false;
    }
    let (at, tag) = place(op);
    let word = tag | l << SHAPE_BITS | r;
    let new = NOTES[at].load(Relaxed) != word;
    if new {
        NOTES[at].store(word, Relaxed);
    }
    new
}

/// The shapes that the operator at `op` has met last; 0 for what has none.
pub fn met(op: *const Op) -> Option<(u32, u32)> {
    let (at, tag) = place(op);
    let word = NOTES[at].load(Relaxed);
    let part = |w: u64| (w & SHAPE_MASK) as u32;
    (word != 0 && word >> 48 == tag >> 48).then(|| (part(word >> SHAPE_BITS), part(word)))
}

/// Operator and in-place flag of the instruction that a frame is at.
fn operator_of(f: Frame) -> Option<(u32, bool)> {
    let arg = *f.code().bytecode().get(f.lasti()? as usize + 1)? as u32;
    Some(match arg >= b::INPLACE {
        true => (arg - b::INPLACE, true),
        false => (arg, false),
    })
}

crate::handlers! {
    /// The method in frame `fp` has returned what `sp` points to; `ip` and `sp` are the caller's, and so is the
    /// current frame.
    #[inline(never)]
    returned(ip, sp, fp, th) {
        let callee = Frame(fp);
        let flags = callee.flags();
        let caller = (*fp.offset(frame::PREV) & !1) as *mut u64;
        let mut r = val(*sp);
        if r == Value::NOT_IMPLEMENTED
            && let Some((op, inplace)) = operator_of(Frame(caller))
        {
            let (x, y) = (callee.argument(0), callee.argument(1));
            r = check!(binary::after_left(th, op, inplace, x, y), ip, sp, caller, th);
        }
        let next = ip.add(if flags & flag::NARROW != 0 { 1 } else { 2 });
        if flags & flag::STORE != 0 {
            *caller.add(((*ip).arg >> 32) as u16 as usize) = r.bits();
            next!(next, sp, caller, th)
        }
        *sp = r.bits();
        next!(next, sp.add(1), caller, th)
    }
}

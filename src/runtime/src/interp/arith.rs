//! Arithmetic, comparison and truth: fast paths for ints and floats, operands from stack, locals or constants.

use super::{Op, val};
use crate::classes::C;
use crate::core::dict;
use crate::object::ValueExt;
use crate::ops::{binary, compare};
use crate::{check, next, save};
use habu_bytecode::opcode::binary as b;
use habu_bytecode::opcode::compare as cmp;
use habu_heap::Value;

/// Where an operand comes from.
pub const STACK: u8 = 0;
pub const LOCAL: u8 = 1;
pub const CONST: u8 = 2;

/// Operands of arithmetic: locals of both sides, target local, in-place flag, kinds seen.
#[inline(always)]
pub fn pack(l: u16, r: u16, d: u16, inplace: bool) -> u64 {
    l as u64 | (r as u64) << 16 | (d as u64) << 32 | (inplace as u64) << 48
}

pub const SEEN_FLOAT: u8 = 1;
pub const SEEN_OTHER: u8 = 2;
/// An int and a float.
pub const SEEN_MIXED: u8 = 4;
/// Ints whose result (or that themselves) needed more than 63 bits, or a division by zero.
pub const SEEN_BIG: u8 = 8;
/// Ints that themselves needed more.
pub const SEEN_WIDE: u8 = 16;

/// The bit for operands that a fast path did not take.
pub fn slow_kinds(x: Value, y: Value) -> u8 {
    let int = |v: Value| v.is_int() || v.kind() == crate::kinds::INT;
    let float = |v: Value| v.is_float() || v.kind() == crate::kinds::FLOAT;
    match (int(x), int(y), float(x), float(y)) {
        (true, true, ..) => big_kinds(x, y),
        (.., true, true) => SEEN_FLOAT,
        (true, _, _, true) | (_, true, true, _) => SEEN_MIXED,
        _ => SEEN_OTHER,
    }
}

/// The bits for ints.
#[inline(always)]
pub fn big_kinds(x: Value, y: Value) -> u8 {
    if x.is_int() && y.is_int() {
        SEEN_BIG
    } else {
        SEEN_BIG | SEEN_WIDE
    }
}

#[inline(always)]
pub unsafe fn seen(ip: *mut Op, bit: u8) {
    // SAFETY: `ip` is an instruction that records kinds; its argument's last byte records kinds.
    unsafe {
        let p = (&raw mut (*ip).arg as *mut u8).add(7);
        if *p & bit == 0 {
            *p |= bit;
        }
    }
}

/// What a `TO_BOOL` has seen beside True and False, as its cache notes it: ints and None, and the one shape of other
/// objects (0: none), or that there were several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Truths {
    pub plain: bool,
    pub shape: u32,
}

const PLAIN_TRUTH: u64 = 1 << 32;
pub const SEVERAL_SHAPES: u32 = u32::MAX;

/// What the `TO_BOOL` with this cache has seen.
pub fn truths(op: &Op, cache: &Op) -> Option<Truths> {
    let notes_none = [to_bool, to_bool_jump::<true>, to_bool_jump::<false>];
    let others: [super::Handler; 2] = [local_jump_truth::<true>, local_jump_truth::<false>];
    let is = |h: &super::Handler| op.h == *h as usize;
    let local = others.iter().any(is);
    let known = local || notes_none.iter().any(|h| is(&(*h as super::Handler)));
    known.then_some(Truths {
        plain: local || cache.arg & PLAIN_TRUTH != 0,
        shape: cache.arg as u32,
    })
}

/// # Safety
/// `ip` is a `TO_BOOL` with a cache.
unsafe fn note_truth(ip: *mut Op, v: Value) {
    // SAFETY: the caller's promise.
    let seen = unsafe { &mut (*ip.add(1)).arg };
    let new = if v.is_int() || v == Value::NONE {
        *seen | PLAIN_TRUTH
    } else {
        let shape = if v.is_ptr() {
            v.shape()
        } else {
            SEVERAL_SHAPES
        };
        match *seen as u32 {
            0 => *seen | shape as u64,
            s if s == shape => *seen,
            _ => *seen | SEVERAL_SHAPES as u64,
        }
    };
    if new != *seen {
        *seen = new;
    }
}

#[inline(always)]
fn both_float(x: u64, y: u64) -> bool {
    // The fast test: magnitudes from 2^-255 to 2^257. Zero and the rest take the slower path.
    x & 3 == 2 && y & 3 == 2
}

#[inline(always)]
fn dec(w: u64) -> f64 {
    f64::from_bits(w.rotate_right(3).wrapping_sub(1 << 60))
}

#[inline(always)]
fn enc(f: f64) -> u64 {
    Value::try_float(f).map_or(0, Value::bits)
}

/// 0 where the general path has to do it.
#[inline(always)]
fn int_op<const OP: u32>(x: u64, y: u64) -> u64 {
    let (i, j) = ((x as i64) >> 1, (y as i64) >> 1);
    match OP {
        b::ADD => match (x as i64).checked_add(y as i64 - 1) {
            Some(r) => r as u64,
            None => 0,
        },
        b::SUBTRACT => match (x as i64).checked_sub(y as i64 - 1) {
            Some(r) => r as u64,
            None => 0,
        },
        b::MULTIPLY => match (x as i64 - 1).checked_mul(j) {
            Some(r) => r as u64 + 1,
            None => 0,
        },
        b::AND => x & y,
        b::OR => x | y,
        b::XOR => (x ^ y) | 1,
        b::LSHIFT if (0..62).contains(&j) => {
            let r = i << j;
            if r >> j == i {
                Value::try_int(r).map_or(0, Value::bits)
            } else {
                0
            }
        }
        b::RSHIFT => {
            if j < 0 {
                0
            } else {
                (((i >> j.min(63)) as u64) << 1) | 1
            }
        }
        b::FLOOR_DIVIDE => {
            if j == 0 || j == -1 {
                return 0;
            }
            let q = i / j;
            let q = if (i % j != 0) && ((i < 0) != (j < 0)) {
                q - 1
            } else {
                q
            };
            ((q as u64) << 1) | 1
        }
        b::REMAINDER => {
            if j == 0 || j == -1 {
                return 0;
            }
            let r = i % j;
            let r = if r != 0 && ((r < 0) != (j < 0)) {
                r + j
            } else {
                r
            };
            ((r as u64) << 1) | 1
        }
        b::TRUE_DIVIDE => {
            const EXACT: i64 = 1 << 53;
            if j != 0 && (-EXACT..=EXACT).contains(&i) && (-EXACT..=EXACT).contains(&j) {
                enc(i as f64 / j as f64)
            } else {
                0
            }
        }
        b::POWER if j == 2 => i
            .checked_mul(i)
            .and_then(Value::try_int)
            .map_or(0, Value::bits),
        _ => 0,
    }
}

#[inline(always)]
fn float_op<const OP: u32>(x: u64, y: u64) -> u64 {
    let (f, g) = (dec(x), dec(y));
    match OP {
        b::ADD => enc(f + g),
        b::SUBTRACT => enc(f - g),
        b::MULTIPLY => enc(f * g),
        b::TRUE_DIVIDE => enc(f / g),
        _ => 0,
    }
}

/// Read an operand; `c` is the cache instruction behind a wide one.
#[inline(always)]
unsafe fn left<const L: u8, const R: u8>(ip: *mut Op, sp: *mut u64, fp: *mut u64) -> u64 {
    // SAFETY: the translator put the operands there.
    unsafe {
        match L {
            LOCAL => *fp.add((*ip).arg as u16 as usize),
            _ => *sp.sub(if R == STACK { 2 } else { 1 }),
        }
    }
}

#[inline(always)]
unsafe fn right<const R: u8>(ip: *mut Op, sp: *mut u64, fp: *mut u64) -> u64 {
    // SAFETY: as above.
    unsafe {
        match R {
            LOCAL => *fp.add(((*ip).arg >> 16) as u16 as usize),
            CONST => (*ip.add(1)).arg,
            _ => *sp.sub(1),
        }
    }
}

/// Operand stack once the operands are gone.
#[inline(always)]
unsafe fn popped<const L: u8, const R: u8>(sp: *mut u64) -> *mut u64 {
    // SAFETY: as many words as operands on the stack.
    unsafe { sp.sub((L == STACK) as usize + (R == STACK) as usize) }
}

#[inline(always)]
fn width<const R: u8>() -> usize {
    1 + (R == CONST) as usize
}

crate::handlers! {
    bin<const OP: u32, const L: u8, const R: u8, const D: u8>(ip, sp, fp, th) {
        let (x, y) = (left::<L, R>(ip, sp, fp), right::<R>(ip, sp, fp));
        let mut r = 0;
        if x & y & 1 != 0 {
            r = int_op::<OP>(x, y);
        } else if matches!(OP, b::ADD | b::SUBTRACT | b::MULTIPLY | b::TRUE_DIVIDE) && both_float(x, y) {
            seen(ip, SEEN_FLOAT);
            r = float_op::<OP>(x, y);
        }
        if r == 0 {
            return bin_slow::<OP, L, R, D>(ip, sp, fp, th);
        }
        let sp = popped::<L, R>(sp);
        if D == LOCAL {
            *fp.add(((*ip).arg >> 32) as u16 as usize) = r;
            next!(ip.add(width::<R>()), sp, fp, th)
        }
        *sp = r;
        next!(ip.add(width::<R>()), sp.add(1), fp, th)
    }

    #[inline(never)]
    bin_slow<const OP: u32, const L: u8, const R: u8, const D: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let (x, y) = (left::<L, R>(ip, sp, fp), right::<R>(ip, sp, fp));
        let inplace = (*ip).arg >> 48 & 1 != 0;
        if val(x).kind() == crate::kinds::INSTANCE {
            super::operators::note(ip, val(x), val(y));
        }
        let r = check!(binary::dispatch(th, OP, inplace, val(x), val(y), (&raw mut (*ip).arg as *mut u8).add(7)), ip, sp, fp, th);
        let sp = popped::<L, R>(sp);
        if D == LOCAL {
            *fp.add(((*ip).arg >> 32) as u16 as usize) = r.bits();
            next!(ip.add(width::<R>()), sp, fp, th)
        }
        *sp = r.bits();
        next!(ip.add(width::<R>()), sp.add(1), fp, th)
    }

    /// Operators without fast path: `arg` is the operator.
    binary_any(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let op = (*ip).arg as u32;
        let (inplace, op) = if (b::INPLACE..b::SUBSCR).contains(&op) { (true, op - b::INPLACE) } else { (false, op) };
        let mut kinds = 0u8;
        let r = check!(binary::dispatch(th, op, inplace, val(*sp.sub(2)), val(*sp.sub(1)), &mut kinds), ip, sp, fp, th);
        *sp.sub(2) = r.bits();
        next!(ip.add(1), sp.sub(1), fp, th)
    }
}

#[inline(always)]
fn int_cmp<const OP: u32>(x: u64, y: u64) -> bool {
    let (x, y) = (x as i64, y as i64);
    match OP {
        cmp::LT => x < y,
        cmp::LE => x <= y,
        cmp::EQ => x == y,
        cmp::NE => x != y,
        cmp::GT => x > y,
        _ => x >= y,
    }
}

#[inline(always)]
fn float_cmp<const OP: u32>(x: u64, y: u64) -> bool {
    let (x, y) = (dec(x), dec(y));
    match OP {
        cmp::LT => x < y,
        cmp::LE => x <= y,
        cmp::EQ => x == y,
        cmp::NE => x != y,
        cmp::GT => x > y,
        _ => x >= y,
    }
}

/// Target of a jump: the cache instruction's `h` holds the distance in instructions from `ip`.
#[inline(always)]
unsafe fn jump_target(ip: *mut Op) -> *mut Op {
    // SAFETY: the translator put the distance there.
    unsafe { ip.add((*ip.add(1)).h) }
}

crate::handlers! {
    /// Compare and push a bool (or whatever the comparison gives).
    cmp_push<const OP: u32, const L: u8, const R: u8>(ip, sp, fp, th) {
        let (x, y) = (left::<L, R>(ip, sp, fp), right::<R>(ip, sp, fp));
        let r = if x & y & 1 != 0 {
            int_cmp::<OP>(x, y)
        } else if both_float(x, y) {
            seen(ip, SEEN_FLOAT);
            float_cmp::<OP>(x, y)
        } else {
            return cmp_push_slow::<OP, L, R>(ip, sp, fp, th);
        };
        let sp = popped::<L, R>(sp);
        *sp = Value::bool(r).bits();
        next!(ip.add(2), sp.add(1), fp, th)
    }

    #[inline(never)]
    cmp_push_slow<const OP: u32, const L: u8, const R: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let (x, y) = (left::<L, R>(ip, sp, fp), right::<R>(ip, sp, fp));
        seen(ip, slow_kinds(val(x), val(y)));
        let mut r = check!(compare::rich(th, val(x), val(y), OP), ip, sp, fp, th);
        if (*ip).arg >> 48 & 1 != 0 {
            r = Value::bool(check!(crate::ops::truth(th, r), ip, sp, fp, th));
        }
        let sp = popped::<L, R>(sp);
        *sp = r.bits();
        next!(ip.add(2), sp.add(1), fp, th)
    }

    /// Compare and jump when the outcome is `WHEN`.
    cmp_jump<const OP: u32, const L: u8, const R: u8, const WHEN: bool>(ip, sp, fp, th) {
        let (x, y) = (left::<L, R>(ip, sp, fp), right::<R>(ip, sp, fp));
        let r = if x & y & 1 != 0 {
            int_cmp::<OP>(x, y)
        } else if both_float(x, y) {
            seen(ip, SEEN_FLOAT);
            float_cmp::<OP>(x, y)
        } else {
            return cmp_jump_slow::<OP, L, R, WHEN>(ip, sp, fp, th);
        };
        let sp = popped::<L, R>(sp);
        next!(if r == WHEN { jump_target(ip) } else { ip.add(2) }, sp, fp, th)
    }

    #[inline(never)]
    cmp_jump_slow<const OP: u32, const L: u8, const R: u8, const WHEN: bool>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let (x, y) = (left::<L, R>(ip, sp, fp), right::<R>(ip, sp, fp));
        if let Some(r) = compare::strings(val(x), val(y), OP) {
            seen(ip, SEEN_OTHER);
            let sp = popped::<L, R>(sp);
            next!(if r == WHEN { jump_target(ip) } else { ip.add(2) }, sp, fp, th)
        }
        seen(ip, slow_kinds(val(x), val(y)));
        let r = check!(compare::rich_bool(th, val(x), val(y), OP), ip, sp, fp, th);
        let sp = popped::<L, R>(sp);
        next!(if r == WHEN { jump_target(ip) } else { ip.add(2) }, sp, fp, th)
    }

    is_op(ip, sp, fp, th) {
        let r = crate::ops::same(val(*sp.sub(2)), val(*sp.sub(1))) != ((*ip).arg != 0);
        *sp.sub(2) = Value::bool(r).bits();
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    contains_op(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let form = match val(*sp.sub(1)).shape() {
            s if s == C::Dict.shape() || s == C::Set.shape() || s == C::FrozenSet.shape() => contains_key as super::Handler,
            s if s == C::Str.shape() => contains_text as super::Handler,
            _ => return contains_any(ip, sp, fp, th),
        };
        (*ip).h = form as usize;
        form(ip, sp, fp, th)
    }

    /// Small ints and texts in tables.
    contains_key(ip, sp, fp, th) {
        let (x, c) = (val(*sp.sub(2)), val(*sp.sub(1)));
        let s = c.shape();
        if s != C::Dict.shape() && s != C::Set.shape() && s != C::FrozenSet.shape() {
            return contains_op(ip, sp, fp, th);
        }
        if let Some(r) = dict::has_plain(th, dict::as_map(c), x) {
            *sp.sub(2) = Value::bool(r != ((*ip).arg != 0)).bits();
            next!(ip.add(1), sp.sub(1), fp, th)
        }
        contains_any(ip, sp, fp, th)
    }

    /// A single character in a short text of such characters.
    contains_text(ip, sp, fp, th) {
        let (x, c) = (val(*sp.sub(2)), val(*sp.sub(1)));
        if c.shape() != C::Str.shape() {
            return contains_op(ip, sp, fp, th);
        }
        if x.shape() == C::Str.shape()
            && let Some(r) = crate::types::string::has_char(c.cast_unchecked(), x.cast_unchecked())
        {
            *sp.sub(2) = Value::bool(r != ((*ip).arg != 0)).bits();
            next!(ip.add(1), sp.sub(1), fp, th)
        }
        contains_any(ip, sp, fp, th)
    }

    #[inline(never)]
    contains_any(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = check!(crate::ops::contains(th, val(*sp.sub(1)), val(*sp.sub(2))), ip, sp, fp, th);
        *sp.sub(2) = Value::bool(r != ((*ip).arg != 0)).bits();
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    to_bool(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if w == Value::TRUE.bits() || w == Value::FALSE.bits() {
            next!(ip.add(2), sp, fp, th)
        }
        to_bool_slow(ip, sp, fp, th)
    }

    #[inline(never)]
    to_bool_slow(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        note_truth(ip, val(*sp.sub(1)));
        let r = check!(crate::ops::truth(th, val(*sp.sub(1))), ip, sp, fp, th);
        *sp.sub(1) = Value::bool(r).bits();
        next!(ip.add(2), sp, fp, th)
    }

    unary_not(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if w == Value::TRUE.bits() {
            *sp.sub(1) = Value::FALSE.bits();
            next!(ip.add(1), sp, fp, th)
        }
        if w == Value::FALSE.bits() {
            *sp.sub(1) = Value::TRUE.bits();
            next!(ip.add(1), sp, fp, th)
        }
        save!(ip, sp, fp, th);
        let r = check!(crate::ops::truth(th, val(w)), ip, sp, fp, th);
        *sp.sub(1) = Value::bool(!r).bits();
        next!(ip.add(1), sp, fp, th)
    }

    unary_negative(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if w & 1 != 0 && w as i64 != i64::MIN + 1 {
            *sp.sub(1) = (2u64).wrapping_sub(w);
            next!(ip.add(1), sp, fp, th)
        }
        save!(ip, sp, fp, th);
        let r = check!(binary::negative(th, val(w)), ip, sp, fp, th);
        *sp.sub(1) = r.bits();
        next!(ip.add(1), sp, fp, th)
    }

    unary_invert(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if w & 1 != 0 {
            *sp.sub(1) = !w | 1;
            next!(ip.add(1), sp, fp, th)
        }
        save!(ip, sp, fp, th);
        let r = check!(binary::invert(th, val(w)), ip, sp, fp, th);
        *sp.sub(1) = r.bits();
        next!(ip.add(1), sp, fp, th)
    }

    /// `TO_BOOL` and the jump behind it.
    to_bool_jump<const WHEN: bool>(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if w == Value::TRUE.bits() || w == Value::FALSE.bits() {
            let r = w == Value::TRUE.bits();
            next!(if r == WHEN { ip.offset((*ip).arg as isize) } else { ip.add(2) }, sp.sub(1), fp, th)
        }
        to_bool_jump_slow::<WHEN>(ip, sp, fp, th)
    }

    #[inline(never)]
    to_bool_jump_slow<const WHEN: bool>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        note_truth(ip, val(*sp.sub(1)));
        let r = check!(crate::ops::truth(th, val(*sp.sub(1))), ip, sp, fp, th);
        next!(if r == WHEN { ip.offset((*ip).arg as isize) } else { ip.add(2) }, sp.sub(1), fp, th)
    }

    /// Jump when the (popped) value's truth is `WHEN`: with the truth test built in.
    pop_jump_truth<const WHEN: bool>(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if w == Value::TRUE.bits() || w == Value::FALSE.bits() {
            let r = w == Value::TRUE.bits();
            next!(if r == WHEN { ip.offset((*ip).arg as isize) } else { ip.add(1) }, sp.sub(1), fp, th)
        }
        pop_jump_truth_slow::<WHEN>(ip, sp, fp, th)
    }

    #[inline(never)]
    pop_jump_truth_slow<const WHEN: bool>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = check!(crate::ops::truth(th, val(*sp.sub(1))), ip, sp, fp, th);
        next!(if r == WHEN { ip.offset((*ip).arg as isize) } else { ip.add(1) }, sp.sub(1), fp, th)
    }

    pop_jump_none<const WHEN: bool>(ip, sp, fp, th) {
        let r = *sp.sub(1) == Value::NONE.bits();
        next!(if r == WHEN { ip.offset((*ip).arg as isize) } else { ip.add(1) }, sp.sub(1), fp, th)
    }

    /// `to_bool_jump` for a local: `arg` is distance | local << 32. It does not note None.
    local_jump_truth<const WHEN: bool>(ip, sp, fp, th) {
        let w = *fp.add(((*ip).arg >> 32) as usize);
        let r = if w == Value::TRUE.bits() {
            true
        } else if w == Value::FALSE.bits() || w == Value::NONE.bits() {
            false
        } else {
            return local_jump_truth_slow::<WHEN>(ip, sp, fp, th);
        };
        next!(if r == WHEN { ip.offset((*ip).arg as i32 as isize) } else { ip.add(2) }, sp, fp, th)
    }

    #[inline(never)]
    local_jump_truth_slow<const WHEN: bool>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let w = *fp.add(((*ip).arg >> 32) as usize);
        note_truth(ip, val(w));
        let r = check!(crate::ops::truth(th, val(w)), ip, sp, fp, th);
        next!(if r == WHEN { ip.offset((*ip).arg as i32 as isize) } else { ip.add(2) }, sp, fp, th)
    }
}

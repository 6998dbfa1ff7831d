//! Bytecode to threaded code: one pass that picks handlers, fuses common runs, and lays out caches and jumps.
//!
//! What must hold: a fused instruction has at most one part that can raise, and takes that part's bytecode
//! offset; no jump lands inside a fused run.

use super::arith::{self, CONST, LOCAL, STACK, pack};
use super::{
    Handler, Op, OpsObj, attrs, build, calls, control, counted, gens, loads, loops, matching,
    names, subscr, tier,
};
use crate::object::*;
use crate::thread::{R, Thread, expect};
use habu_bytecode::Op as B;
use habu_bytecode::instructions::{self, Instr};
use habu_bytecode::opcode::{binary as b, compare as cmp};
use habu_heap::Value;

pub(super) struct Out {
    pub ops: Vec<Op>,
    offsets: Vec<u32>,
    sites: Vec<u32>,
    /// (op index, target offset, how the distance is stored)
    pub jumps: Vec<(usize, u32, Jump)>,
}

#[derive(Clone, Copy)]
pub(super) enum Jump {
    /// The whole argument.
    Arg,
    /// The low half of the argument.
    Low,
    /// The cache's `h`.
    Cache,
}

impl Out {
    fn one(&mut self, at: u32, h: Handler, arg: u64) -> usize {
        self.ops.push(Op { h: h as usize, arg });
        self.offsets.push(at);
        self.ops.len() - 1
    }
    pub fn wide(&mut self, at: u32, h: Handler, arg: u64) -> usize {
        let i = self.one(at, h, arg);
        self.ops.push(Op { h: 0, arg: 0 });
        self.offsets.push(at);
        i
    }
    /// The distance of the jump at op `k`.
    pub fn set_distance(&mut self, k: usize, dist: i64, how: Jump) {
        let op = &mut self.ops[k];
        match how {
            Jump::Arg => op.arg = dist as u64,
            Jump::Low => op.arg = (op.arg & !0xffff_ffff) | (dist as u32 as u64),
            Jump::Cache => self.ops[k + 1].h = dist as usize,
        }
    }
    /// Wide, with a cache that may hold an entry.
    fn site(&mut self, at: u32, h: Handler, arg: u64) -> usize {
        let i = self.wide(at, h, arg);
        self.sites.push(i as u32 + 1);
        i
    }
}

macro_rules! by_op {
    ($op:expr, $f:ident, [$($g:tt)*]) => {
        match $op {
            b::ADD => arith::$f::<{ b::ADD }, $($g)*> as Handler,
            b::SUBTRACT => arith::$f::<{ b::SUBTRACT }, $($g)*> as Handler,
            b::MULTIPLY => arith::$f::<{ b::MULTIPLY }, $($g)*> as Handler,
            b::AND => arith::$f::<{ b::AND }, $($g)*> as Handler,
            b::OR => arith::$f::<{ b::OR }, $($g)*> as Handler,
            b::XOR => arith::$f::<{ b::XOR }, $($g)*> as Handler,
            b::LSHIFT => arith::$f::<{ b::LSHIFT }, $($g)*> as Handler,
            b::RSHIFT => arith::$f::<{ b::RSHIFT }, $($g)*> as Handler,
            b::FLOOR_DIVIDE => arith::$f::<{ b::FLOOR_DIVIDE }, $($g)*> as Handler,
            b::REMAINDER => arith::$f::<{ b::REMAINDER }, $($g)*> as Handler,
            b::POWER => arith::$f::<{ b::POWER }, $($g)*> as Handler,
            _ => arith::$f::<{ b::TRUE_DIVIDE }, $($g)*> as Handler,
        }
    };
}

macro_rules! by_cmp {
    ($op:expr, $f:ident, [$($g:tt)*]) => {
        match $op {
            cmp::LT => arith::$f::<{ cmp::LT }, $($g)*> as Handler,
            cmp::LE => arith::$f::<{ cmp::LE }, $($g)*> as Handler,
            cmp::EQ => arith::$f::<{ cmp::EQ }, $($g)*> as Handler,
            cmp::NE => arith::$f::<{ cmp::NE }, $($g)*> as Handler,
            cmp::GT => arith::$f::<{ cmp::GT }, $($g)*> as Handler,
            _ => arith::$f::<{ cmp::GE }, $($g)*> as Handler,
        }
    };
}

/// The form of this handler for an operator: its right operand's place, and its result's.
pub(super) fn bin_form(op: u32, h: usize) -> Option<(u8, u8)> {
    for l in [STACK, LOCAL] {
        for r in [STACK, LOCAL, CONST] {
            for d in [STACK, LOCAL] {
                if bin_handler(op, l, r, d) as usize == h {
                    return Some((r, d));
                }
            }
        }
    }
    None
}

fn bin_handler(op: u32, l: u8, r: u8, d: u8) -> Handler {
    match (l, r, d) {
        (STACK, STACK, STACK) => by_op!(op, bin, [STACK, STACK, STACK]),
        (STACK, LOCAL, STACK) => by_op!(op, bin, [STACK, LOCAL, STACK]),
        (STACK, CONST, STACK) => by_op!(op, bin, [STACK, CONST, STACK]),
        (LOCAL, STACK, STACK) => by_op!(op, bin, [LOCAL, STACK, STACK]),
        (LOCAL, LOCAL, STACK) => by_op!(op, bin, [LOCAL, LOCAL, STACK]),
        (LOCAL, CONST, STACK) => by_op!(op, bin, [LOCAL, CONST, STACK]),
        (STACK, STACK, _) => by_op!(op, bin, [STACK, STACK, LOCAL]),
        (STACK, LOCAL, _) => by_op!(op, bin, [STACK, LOCAL, LOCAL]),
        (STACK, CONST, _) => by_op!(op, bin, [STACK, CONST, LOCAL]),
        (LOCAL, STACK, _) => by_op!(op, bin, [LOCAL, STACK, LOCAL]),
        (LOCAL, LOCAL, _) => by_op!(op, bin, [LOCAL, LOCAL, LOCAL]),
        _ => by_op!(op, bin, [LOCAL, CONST, LOCAL]),
    }
}

fn cmp_push_handler(op: u32, l: u8, r: u8) -> Handler {
    match (l, r) {
        (STACK, STACK) => by_cmp!(op, cmp_push, [STACK, STACK]),
        (STACK, LOCAL) => by_cmp!(op, cmp_push, [STACK, LOCAL]),
        (STACK, _) => by_cmp!(op, cmp_push, [STACK, CONST]),
        (_, STACK) => by_cmp!(op, cmp_push, [LOCAL, STACK]),
        (_, LOCAL) => by_cmp!(op, cmp_push, [LOCAL, LOCAL]),
        _ => by_cmp!(op, cmp_push, [LOCAL, CONST]),
    }
}

fn cmp_jump_handler(op: u32, l: u8, r: u8, when: bool) -> Handler {
    match (l, r, when) {
        (STACK, STACK, true) => by_cmp!(op, cmp_jump, [STACK, STACK, true]),
        (STACK, LOCAL, true) => by_cmp!(op, cmp_jump, [STACK, LOCAL, true]),
        (STACK, _, true) => by_cmp!(op, cmp_jump, [STACK, CONST, true]),
        (_, STACK, true) => by_cmp!(op, cmp_jump, [LOCAL, STACK, true]),
        (_, LOCAL, true) => by_cmp!(op, cmp_jump, [LOCAL, LOCAL, true]),
        (_, _, true) => by_cmp!(op, cmp_jump, [LOCAL, CONST, true]),
        (STACK, STACK, false) => by_cmp!(op, cmp_jump, [STACK, STACK, false]),
        (STACK, LOCAL, false) => by_cmp!(op, cmp_jump, [STACK, LOCAL, false]),
        (STACK, _, false) => by_cmp!(op, cmp_jump, [STACK, CONST, false]),
        (_, STACK, false) => by_cmp!(op, cmp_jump, [LOCAL, STACK, false]),
        (_, LOCAL, false) => by_cmp!(op, cmp_jump, [LOCAL, LOCAL, false]),
        (_, _, false) => by_cmp!(op, cmp_jump, [LOCAL, CONST, false]),
    }
}

pub(super) struct Translator<'a> {
    ins: &'a [Instr],
    /// Instructions that something jumps to (no run may continue into them).
    target: Vec<bool>,
    consts: Gc<TupleObj>,
    names: Gc<TupleObj>,
    pub out: Out,
    /// What calls and loops count down from before the code is handed to the native tier.
    call_count: u64,
    loop_count: u64,
}

/// An operand that an instruction only pushes.
#[derive(Clone, Copy)]
enum Push {
    Local(u16),
    Const(u64),
}

impl<'a> Translator<'a> {
    fn new(
        code: Gc<CodeObj>,
        ins: &'a [Instr],
        target: Vec<bool>,
        call_count: u64,
        loop_count: u64,
    ) -> Self {
        Translator {
            ins,
            target,
            consts: expect(code.consts.get().unwrap_or(Value::NONE)),
            names: expect(code.names.get().unwrap_or(Value::NONE)),
            out: Out {
                ops: Vec::new(),
                offsets: Vec::new(),
                sites: Vec::new(),
                jumps: Vec::new(),
            },
            call_count,
            loop_count,
        }
    }
    /// One that fuses nothing, for code that is not compiled.
    pub fn unfused(code: Gc<CodeObj>, ins: &'a [Instr]) -> Self {
        let n = tier::NEVER as u64;
        Translator::new(code, ins, vec![true; ins.len() + 1], n, n)
    }
    fn op(&self, i: usize) -> Option<B> {
        self.ins.get(i).map(|x| x.op)
    }
    /// Instruction `i` exists, is no jump target and has this opcode.
    fn follows(&self, i: usize, op: B) -> bool {
        self.op(i) == Some(op) && !self.target[i]
    }
    fn const_bits(&self, x: &Instr) -> u64 {
        match x.op {
            B::LOAD_SMALL_INT => Value::small_int(x.arg as i64).bits(),
            _ => self.consts.items()[x.arg as usize].bits(),
        }
    }
    fn push_at(&self, i: usize) -> Option<Push> {
        let x = self.ins.get(i)?;
        match x.op {
            B::LOAD_FAST if x.arg < 0xffff => Some(Push::Local(x.arg as u16)),
            B::LOAD_CONST | B::LOAD_SMALL_INT => Some(Push::Const(self.const_bits(x))),
            _ => None,
        }
    }
    fn name(&self, i: u32) -> u64 {
        self.names.items()[i as usize].bits()
    }

    fn is_binary(&self, i: usize) -> Option<(u32, bool)> {
        if !self.follows(i, B::BINARY_OP) {
            return None;
        }
        let a = self.ins[i].arg;
        if a >= b::SUBSCR {
            return None;
        }
        let (op, inplace) = if a >= b::INPLACE {
            (a - b::INPLACE, true)
        } else {
            (a, false)
        };
        (op != b::MATRIX_MULTIPLY).then_some((op, inplace))
    }

    /// The instructions at `i` as one or two words; how many instructions that were.
    fn step(&mut self, i: usize) -> usize {
        match self.ins[i].op {
            B::LOAD_FAST => self.fused(i).or_else(|| self.local_use(i)),
            B::LOAD_CONST | B::LOAD_SMALL_INT => self.fused(i),
            B::BINARY_OP | B::COMPARE_OP => self.operation(i, None, None),
            B::STORE_FAST => self.store_use(i),
            _ => None,
        }
        .unwrap_or_else(|| self.plain(i))
    }

    /// Arithmetic, comparison or subscript whose operands start with the push at `i`; the instructions eaten.
    fn fused(&mut self, i: usize) -> Option<usize> {
        match self.op(i + 1)? {
            B::BINARY_OP | B::COMPARE_OP => {
                let r = self.push_at(i)?;
                self.operation(i + 1, None, Some(r)).map(|n| n + 1)
            }
            B::LOAD_FAST | B::LOAD_CONST | B::LOAD_SMALL_INT
                if !self.target[i + 1]
                    && matches!(self.op(i + 2), Some(B::BINARY_OP | B::COMPARE_OP)) =>
            {
                let (Some(Push::Local(l)), Some(r)) = (self.push_at(i), self.push_at(i + 1)) else {
                    return None;
                };
                self.operation(i + 2, Some(l), Some(r)).map(|n| n + 2)
            }
            _ => None,
        }
    }

    /// The operation at `i` with these operands taken out of the stack; the instructions it covers.
    fn operation(&mut self, i: usize, l: Option<u16>, r: Option<Push>) -> Option<usize> {
        let (lk, li) = l.map_or((STACK, 0), |l| (LOCAL, l));
        let (rk, ri, rc) = match r {
            None => (STACK, 0, 0),
            Some(Push::Local(r)) => (LOCAL, r, 0),
            Some(Push::Const(c)) => (CONST, 0, c),
        };
        if let Some((op, inplace)) = self.is_binary(i) {
            let at = self.ins[i].offset;
            let (d, di, n) = if self.follows(i + 1, B::STORE_FAST) && self.ins[i + 1].arg < 0xffff {
                (LOCAL, self.ins[i + 1].arg as u16, 2)
            } else {
                (STACK, 0, 1)
            };
            let h = bin_handler(op, lk, rk, d);
            let arg = pack(li, ri, di, inplace);
            if rk == CONST {
                let k = self.out.wide(at, h, arg);
                self.out.ops[k + 1].arg = rc;
            } else {
                self.out.one(at, h, arg);
            }
            return Some(n);
        }
        if self.follows(i, B::COMPARE_OP) {
            let x = self.ins[i];
            let op = x.arg >> 5;
            let mut n = 1;
            // COMPARE_OP [TO_BOOL] POP_JUMP_IF_…
            if self.follows(i + n, B::TO_BOOL) {
                n += 1;
            }
            let jump = match self.op(i + n) {
                Some(B::POP_JUMP_IF_FALSE) if !self.target[i + n] => Some(false),
                Some(B::POP_JUMP_IF_TRUE) if !self.target[i + n] => Some(true),
                _ => None,
            };
            let k = match jump {
                Some(when) => {
                    let k = self.out.wide(
                        x.offset,
                        cmp_jump_handler(op, lk, rk, when),
                        pack(li, ri, 0, false),
                    );
                    let t = target_of(&self.ins[i + n]);
                    self.out.jumps.push((k, t, Jump::Cache));
                    n += 1;
                    k
                }
                None => {
                    let bool_wanted = x.arg & cmp::TO_BOOL_FLAG != 0 || n == 2;
                    self.out.wide(
                        x.offset,
                        cmp_push_handler(op, lk, rk),
                        pack(li, ri, 0, bool_wanted),
                    )
                }
            };
            self.out.ops[k + 1].arg = rc;
            return Some(n);
        }
        if self.follows(i, B::BINARY_OP) && self.ins[i].arg == b::SUBSCR && rk != CONST {
            let h = match (lk, rk) {
                (STACK, STACK) => subscr::subscr::<STACK, STACK> as Handler,
                (STACK, _) => subscr::subscr::<STACK, LOCAL> as Handler,
                (_, STACK) => subscr::subscr::<LOCAL, STACK> as Handler,
                _ => subscr::subscr::<LOCAL, LOCAL> as Handler,
            };
            self.out
                .one(self.ins[i].offset, h, li as u64 | (ri as u64) << 16);
            return Some(1);
        }
        None
    }

    /// A local pushed and used at once by an attribute access, return, store or jump.
    fn local_use(&mut self, i: usize) -> Option<usize> {
        let x = self.ins[i];
        if x.op != B::LOAD_FAST
            || x.arg >= 0xffff
            || self.target.get(i + 1).copied().unwrap_or(true)
        {
            return None;
        }
        let local = (x.arg as u64) << 48;
        let y = *self.ins.get(i + 1)?;
        match y.op {
            B::LOAD_ATTR => {
                let h = if y.arg & 1 != 0 {
                    attrs::load_method::<LOCAL> as Handler
                } else {
                    attrs::load_attr::<LOCAL> as Handler
                };
                self.out.site(y.offset, h, self.name(y.arg >> 1) | local);
            }
            B::STORE_ATTR => {
                self.out.site(
                    y.offset,
                    attrs::store_attr::<LOCAL>,
                    self.name(y.arg) | local,
                );
            }
            B::RETURN_VALUE => {
                self.out.one(y.offset, calls::return_local, x.arg as u64);
            }
            B::STORE_FAST => {
                self.out.one(
                    y.offset,
                    loads::move_local,
                    x.arg as u64 | (y.arg as u64) << 32,
                );
            }
            B::LOAD_FAST => {
                self.out.one(
                    y.offset,
                    loads::load_fast_2,
                    x.arg as u64 | (y.arg as u64) << 32,
                );
            }
            B::TO_BOOL | B::POP_JUMP_IF_TRUE | B::POP_JUMP_IF_FALSE => {
                let n = 1 + (y.op == B::TO_BOOL) as usize;
                let j = *self.ins.get(i + n)?;
                if n == 2 && self.target[i + 2] {
                    return None;
                }
                let h = match j.op {
                    B::POP_JUMP_IF_TRUE => arith::local_jump_truth::<true> as Handler,
                    B::POP_JUMP_IF_FALSE => arith::local_jump_truth::<false> as Handler,
                    _ => return None,
                };
                let k = self.out.wide(y.offset, h, (x.arg as u64) << 32);
                self.out.jumps.push((k, target_of(&j), Jump::Low));
                return Some(n + 1);
            }
            _ => return None,
        }
        Some(2)
    }

    fn store_use(&mut self, i: usize) -> Option<usize> {
        let x = self.ins[i];
        if x.op != B::STORE_FAST {
            return None;
        }
        if self.follows(i + 1, B::STORE_FAST) {
            let y = self.ins[i + 1];
            self.out.one(
                x.offset,
                loads::store_fast_2,
                x.arg as u64 | (y.arg as u64) << 32,
            );
            return Some(2);
        }
        None
    }

    /// Instruction `i` with what it can be fused with; how many that were.
    pub fn plain(&mut self, i: usize) -> usize {
        let x = self.ins[i];
        let (at, a) = (x.offset, x.arg as u64);
        let h: Handler = match x.op {
            B::NOP => return 1,
            B::RESUME => {
                self.out.one(at, control::resume, self.call_count);
                return 1;
            }
            B::JUMP_BACKWARD => {
                let k = self
                    .out
                    .one(at, control::jump_backward, self.loop_count << 32);
                self.out.jumps.push((k, target_of(&x), Jump::Low));
                return 1;
            }
            B::LOAD_FAST => loads::load_fast,
            B::LOAD_FAST_CHECK => loads::load_fast_check,
            B::LOAD_FAST_AND_CLEAR => loads::load_fast_and_clear,
            B::STORE_FAST => loads::store_fast,
            B::DELETE_FAST => loads::delete_fast,
            B::LOAD_CONST | B::LOAD_SMALL_INT => {
                let bits = self.const_bits(&x);
                if self.follows(i + 1, B::RETURN_VALUE) {
                    self.out
                        .one(self.ins[i + 1].offset, calls::return_const, bits);
                    return 2;
                }
                self.out.one(at, loads::load_const, bits);
                return 1;
            }
            B::POP_TOP => loads::pop_top,
            B::PUSH_NULL => loads::push_null,
            B::COPY => loads::copy,
            B::SWAP => loads::swap,
            B::MAKE_CELL => loads::make_cell,
            B::COPY_FREE_VARS => loads::copy_free_vars,
            B::LOAD_DEREF => loads::load_deref,
            B::STORE_DEREF => loads::store_deref,
            B::DELETE_DEREF => loads::delete_deref,
            B::LOAD_BUILD_CLASS => loads::load_build_class,
            B::LOAD_GLOBAL => {
                let h = if a & 1 != 0 {
                    names::load_global::<true> as Handler
                } else {
                    names::load_global::<false> as Handler
                };
                self.out.wide(at, h, self.name(x.arg >> 1));
                return 1;
            }
            B::STORE_GLOBAL => {
                self.out.wide(at, names::store_global, self.name(x.arg));
                return 1;
            }
            B::LOAD_NAME => {
                self.out.wide(at, names::load_name, self.name(x.arg));
                return 1;
            }
            B::STORE_NAME => {
                self.out.wide(at, names::store_name, self.name(x.arg));
                return 1;
            }
            B::DELETE_NAME
            | B::DELETE_GLOBAL
            | B::DELETE_ATTR
            | B::LOAD_FROM_DICT_OR_GLOBALS
            | B::IMPORT_NAME
            | B::IMPORT_FROM => {
                let h = match x.op {
                    B::DELETE_NAME => names::delete_name as Handler,
                    B::DELETE_GLOBAL => names::delete_global as Handler,
                    B::DELETE_ATTR => attrs::delete_attr as Handler,
                    B::IMPORT_NAME => control::import_name as Handler,
                    B::IMPORT_FROM => control::import_from as Handler,
                    _ => names::load_from_dict_or_globals as Handler,
                };
                self.out.one(at, h, self.name(x.arg));
                return 1;
            }
            B::LOAD_LOCALS => names::load_locals,
            B::LOAD_FROM_DICT_OR_DEREF => names::load_from_dict_or_deref,
            B::SETUP_ANNOTATIONS => control::setup_annotations,
            B::LOAD_ATTR => {
                let h = if a & 1 != 0 {
                    attrs::load_method::<STACK> as Handler
                } else {
                    attrs::load_attr::<STACK> as Handler
                };
                self.out.site(at, h, self.name(x.arg >> 1));
                return 1;
            }
            B::STORE_ATTR => {
                self.out
                    .site(at, attrs::store_attr::<STACK>, self.name(x.arg));
                return 1;
            }
            B::LOAD_SUPER_ATTR => {
                let bits = (a & 1) << 48 | (a >> 1 & 1) << 49;
                self.out
                    .site(at, attrs::load_super_attr, self.name(x.arg >> 2) | bits);
                return 1;
            }
            B::CALL => {
                self.out.site(at, calls::call, a);
                return 1;
            }
            B::CALL_KW => {
                self.out.wide(at, calls::call_kw, a);
                return 1;
            }
            B::CALL_FUNCTION_EX => {
                self.out.wide(at, calls::call_function_ex, a);
                return 1;
            }
            B::RETURN_VALUE => calls::return_value,
            B::MAKE_FUNCTION => calls::make_function,
            B::SET_FUNCTION_ATTRIBUTE => calls::set_function_attribute,
            B::BINARY_OP => {
                if a as u32 == b::SUBSCR {
                    self.out.one(at, subscr::subscr::<STACK, STACK>, 0);
                } else {
                    self.out.one(at, arith::binary_any, a);
                }
                return 1;
            }
            B::BINARY_SLICE => subscr::binary_slice,
            B::STORE_SLICE => subscr::store_slice,
            B::STORE_SUBSCR => subscr::store_subscr,
            B::DELETE_SUBSCR => subscr::delete_subscr,
            B::IS_OP => arith::is_op,
            B::CONTAINS_OP => arith::contains_op,
            B::TO_BOOL => {
                // The jump that follows tests truth itself.
                if matches!(
                    self.op(i + 1),
                    Some(B::POP_JUMP_IF_TRUE | B::POP_JUMP_IF_FALSE)
                ) && !self.target[i + 1]
                {
                    let j = self.ins[i + 1];
                    let h = if j.op == B::POP_JUMP_IF_TRUE {
                        arith::to_bool_jump::<true> as Handler
                    } else {
                        arith::to_bool_jump::<false> as Handler
                    };
                    let k = self.out.wide(at, h, 0);
                    self.out.jumps.push((k, target_of(&j), Jump::Arg));
                    return 2;
                }
                self.out.wide(at, arith::to_bool, 0);
                return 1;
            }
            B::UNARY_NOT => arith::unary_not,
            B::UNARY_NEGATIVE => arith::unary_negative,
            B::UNARY_INVERT => arith::unary_invert,
            B::POP_JUMP_IF_TRUE
            | B::POP_JUMP_IF_FALSE
            | B::POP_JUMP_IF_NONE
            | B::POP_JUMP_IF_NOT_NONE
            | B::JUMP_FORWARD
            | B::JUMP_BACKWARD_NO_INTERRUPT => {
                let h = match x.op {
                    B::POP_JUMP_IF_TRUE => arith::pop_jump_truth::<true> as Handler,
                    B::POP_JUMP_IF_FALSE => arith::pop_jump_truth::<false> as Handler,
                    B::POP_JUMP_IF_NONE => arith::pop_jump_none::<true> as Handler,
                    B::POP_JUMP_IF_NOT_NONE => arith::pop_jump_none::<false> as Handler,
                    _ => control::jump as Handler,
                };
                let k = self.out.one(at, h, 0);
                self.out.jumps.push((k, target_of(&x), Jump::Arg));
                return 1;
            }
            B::GET_ITER => loops::get_iter,
            B::FOR_ITER => {
                let (d, n) = if self.follows(i + 1, B::STORE_FAST) {
                    (self.ins[i + 1].arg as u64 + 1, 2)
                } else {
                    (0, 1)
                };
                let k = self.out.wide(at, loops::for_iter, d << 32);
                // Exhaustion skips END_FOR.
                self.out.jumps.push((k, target_of(&x) + 2, Jump::Low));
                return n;
            }
            B::END_FOR => loops::end_for,
            B::POP_ITER => loops::pop_iter,
            B::GET_LEN => loops::get_len,
            B::PUSH_EXC_INFO => control::push_exc_info,
            B::POP_EXCEPT => control::pop_except,
            B::CHECK_EXC_MATCH => control::check_exc_match,
            B::CHECK_EG_MATCH => control::check_eg_match,
            B::RAISE_VARARGS => control::raise_varargs,
            B::RERAISE => control::reraise,
            B::WITH_EXCEPT_START => control::with_except_start,
            B::LOAD_SPECIAL => control::load_special,
            B::LOAD_COMMON_CONSTANT => control::load_common_constant,
            B::CALL_INTRINSIC_1 => control::call_intrinsic_1,
            B::CALL_INTRINSIC_2 => control::call_intrinsic_2,
            B::RETURN_GENERATOR => gens::return_generator,
            B::YIELD_VALUE => gens::yield_value,
            B::SEND => {
                let k = self.out.wide(at, gens::send, 0);
                self.out.jumps.push((k, target_of(&x), Jump::Arg));
                return 1;
            }
            B::END_SEND => gens::end_send,
            B::CLEANUP_THROW => gens::cleanup_throw,
            B::GET_YIELD_FROM_ITER => gens::get_yield_from_iter,
            B::GET_AWAITABLE => gens::get_awaitable,
            B::GET_AITER => gens::get_aiter,
            B::GET_ANEXT => gens::get_anext,
            B::END_ASYNC_FOR => gens::end_async_for,
            B::BUILD_TUPLE => build::build_tuple,
            B::BUILD_LIST => build::build_list,
            B::BUILD_SET => build::build_set,
            B::BUILD_MAP => build::build_map,
            B::BUILD_SLICE => build::build_slice,
            B::BUILD_STRING => build::build_string,
            B::BUILD_INTERPOLATION => build::build_interpolation,
            B::BUILD_TEMPLATE => build::build_template,
            B::LIST_APPEND => build::list_append,
            B::LIST_EXTEND => build::list_extend,
            B::SET_ADD => build::set_add,
            B::SET_UPDATE => build::set_update,
            B::MAP_ADD => build::map_add,
            B::DICT_UPDATE => build::dict_update,
            B::DICT_MERGE => build::dict_merge,
            B::UNPACK_SEQUENCE => build::unpack_sequence,
            B::UNPACK_EX => build::unpack_ex,
            B::FORMAT_SIMPLE => build::format_simple,
            B::FORMAT_WITH_SPEC => build::format_with_spec,
            B::CONVERT_VALUE => build::convert_value,
            B::MATCH_MAPPING => matching::match_mapping,
            B::MATCH_SEQUENCE => matching::match_sequence,
            B::MATCH_KEYS => matching::match_keys,
            B::MATCH_CLASS => matching::match_class,
            B::COMPARE_OP => {
                let bool_wanted = x.arg & cmp::TO_BOOL_FLAG != 0;
                self.out.wide(
                    at,
                    cmp_push_handler(x.arg >> 5, STACK, STACK),
                    pack(0, 0, 0, bool_wanted),
                );
                return 1;
            }
            B::EXTENDED_ARG => control::unknown,
        };
        self.out.one(at, h, a);
        1
    }
}

/// Bytecode offset that a jump goes to.
pub(super) fn target_of(x: &Instr) -> u32 {
    match x.op {
        B::JUMP_BACKWARD | B::JUMP_BACKWARD_NO_INTERRUPT | B::END_ASYNC_FOR => {
            (x.offset + 2).saturating_sub(2 * x.arg)
        }
        _ => x.offset + 2 + 2 * x.arg,
    }
}

fn is_jump(op: B) -> bool {
    matches!(
        op.arg_kind(),
        habu_bytecode::opcode::Arg::JumpForward | habu_bytecode::opcode::Arg::JumpBackward
    ) && op != B::END_ASYNC_FOR
}

/// Functions that switch events on.
const ASKS_FOR_EVENTS: [&str; 4] = ["settrace", "setprofile", "set_events", "set_local_events"];

/// A translation, before it becomes a heap object.
struct Plan {
    out: Out,
    /// For each instruction the first op made of it (or of the run it is in); then the number of ops.
    first_op: Vec<u32>,
}

/// Which instruction a byte offset belongs to: the first that begins there (prefixes included) or later. For each unit
/// the number of the instruction that begins there, from 1 on.
pub(super) struct Units(Vec<u32>);

impl Units {
    pub fn of(ins: &[Instr]) -> Units {
        let mut at = vec![0; ins.last().map_or(0, |x| x.start as usize / 2 + 1)];
        for (i, x) in ins.iter().enumerate() {
            at[x.start as usize / 2] = i as u32 + 1;
        }
        Units(at)
    }
    /// Its number; that of the end, `count`, for an offset behind all.
    fn find(&self, offset: u32, count: usize) -> usize {
        let here = self.0.get((offset as usize).div_ceil(2)..).unwrap_or(&[]);
        // Nothing jumps between a prefix and its instruction; in damaged code that goes on with the next one.
        let i = here.iter().find(|i| **i != 0);
        i.map_or(count, |&i| i as usize - 1)
    }
}

fn plan(code: Gc<CodeObj>, ins: &[Instr], units: &Units) -> Plan {
    let mut target = vec![false; ins.len() + 1];
    let mut mark = |off: u32| target[units.find(off, ins.len())] = true;
    for x in ins.iter().filter(|x| is_jump(x.op)) {
        mark(target_of(x));
        if x.op == B::FOR_ITER {
            mark(target_of(x) + 2);
        }
    }
    for (start, end, h) in habu_bytecode::exceptions::entries(code.exceptions()) {
        mark(h.target);
        // A run across a border of a protected range would be looked up under the wrong handler.
        mark(start);
        mark(end);
    }
    target[ins.len()] = true;
    let awaiting = habu_bytecode::CodeFlags::COROUTINE | habu_bytecode::CodeFlags::ASYNC_GENERATOR;
    let names: Gc<TupleObj> = expect(code.names.get().unwrap_or(Value::NONE));
    // Code that asks for events sees those of its own frame from the next instruction on: it stays with the interpreter.
    let asks = names.items().iter().any(|n| {
        n.cast::<StrObj>().is_some_and(|n| {
            let length = n.len();
            let asks = |a: &&str| a.len() == length && n.eq_str(a);
            ASKS_FOR_EVENTS.iter().any(asks)
        })
    });
    let compiled = code.flags.get() as u32 & awaiting == 0 && !asks;
    let count = |n: u32| {
        if compiled {
            n as u64
        } else {
            tier::NEVER as u64
        }
    };
    let (calls, loops) = (count(tier::call_threshold()), count(tier::loop_threshold()));
    let mut t = Translator::new(code, ins, target, calls, loops);
    // Most instructions become one or two words.
    t.out.ops.reserve(ins.len() + ins.len() / 2 + 1);
    t.out.offsets.reserve(ins.len() + ins.len() / 2 + 1);
    t.out.sites.reserve(ins.len() / 4);
    t.out.jumps.reserve(ins.len() / 8);
    let mut first_op = Vec::with_capacity(ins.len() + 1);
    while first_op.len() < ins.len() {
        let (here, i) = (t.out.ops.len() as u32, first_op.len());
        for _ in 0..t.step(i) {
            first_op.push(here);
        }
    }
    first_op.push(t.out.ops.len() as u32);
    Plan {
        out: t.out,
        first_op,
    }
}

/// The same with ops that count.
#[cold]
fn with_counts(p: Plan, ins: &[Instr]) -> Plan {
    let mut out = Out {
        ops: Vec::new(),
        offsets: Vec::new(),
        sites: Vec::new(),
        jumps: Vec::new(),
    };
    // For each op of before the number of ops that count, up to it.
    let mut moved = Vec::with_capacity(p.out.ops.len() + 1);
    let mut i = 0;
    for (k, (&op, &offset)) in p.out.ops.iter().zip(&p.out.offsets).enumerate() {
        let from = i;
        while i < ins.len() && p.first_op[i] as usize == k {
            i += 1;
        }
        let run = &ins[from..i];
        let real = run.iter().filter(|x| x.op != B::NOP).count();
        if k > 0 && real > 0 && run.iter().all(|x| x.op != B::RESUME) {
            out.one(offset, counted::count, real as u64);
        }
        moved.push((out.ops.len() - k) as u32);
        out.ops.push(op);
        out.offsets.push(offset);
    }
    moved.push((out.ops.len() - p.out.ops.len()) as u32);
    out.sites = p.out.sites.iter().map(|&s| s + moved[s as usize]).collect();
    let jump = |&(k, to, how): &(usize, u32, Jump)| (k + moved[k] as usize, to, how);
    out.jumps = p.out.jumps.iter().map(jump).collect();
    // To what counts, where something does.
    let first_op = p.first_op.iter().map(|&f| {
        let at = f + moved[f as usize];
        let before = at.checked_sub(1).map(|b| out.ops[b as usize].h);
        at - before.is_some_and(counted::is_count) as u32
    });
    let first_op = first_op.collect();
    Plan { out, first_op }
}

pub(super) fn instructions_of(code: Gc<CodeObj>) -> Vec<Instr> {
    instructions::decode(code.bytecode())
}

/// The instructions of a code object, and for each the index of the op it became part of. Instructions that became
/// one op together have the same index: only before the first of them can the interpreter take over.
pub fn layout(code: Gc<CodeObj>) -> (Vec<Instr>, Vec<u32>) {
    let ins = instructions_of(code);
    let mut p = plan(code, &ins, &Units::of(&ins));
    if counted::is_wanted() {
        p = with_counts(p, &ins);
        // What counts is no op that anything is made of, or that has seen anything.
        for i in &mut p.first_op {
            let op = p.out.ops.get(*i as usize);
            *i += op.is_some_and(|o| counted::is_count(o.h)) as u32;
        }
    }
    (ins, p.first_op)
}

pub fn translate(th: &Thread, code: Gc<CodeObj>) -> R<Gc<OpsObj>> {
    let ins = instructions_of(code);
    let units = Units::of(&ins);
    let mut p = plan(code, &ins, &units);
    if counted::is_wanted() {
        p = with_counts(p, &ins);
    }
    let Plan { out, first_op } = p;
    let o = finish(th, code, &ins, &units, out, &first_op)?;
    th.set(code, &code.ops, Some(o.value()));
    Ok(o)
}

/// Threaded code with its jumps resolved. `first_op`: as in `Plan`.
pub(super) fn finish(
    th: &Thread,
    code: Gc<CodeObj>,
    ins: &[Instr],
    units: &Units,
    mut out: Out,
    first_op: &[u32],
) -> R<Gc<OpsObj>> {
    // Falling off the end never happens in compiled code; damaged code ends in an error.
    let end = ins.last().map_or(0, |x| x.offset + 2);
    out.one(end, control::unknown, 0);
    for (k, off, how) in std::mem::take(&mut out.jumps) {
        let dist = first_op[units.find(off, ins.len())] as i64 - k as i64;
        out.set_distance(k, dist, how);
    }
    let locals = code.nlocalsplus.get() as usize;
    super::new_ops(
        th,
        &out.ops,
        &out.offsets,
        &out.sites,
        locals,
        code.stacksize.get() as usize,
    )
}

//! One bytecode instruction after the other.
//!
//! What is not here leaves for the interpreter, which comes back at the next hot loop.

use super::{Bailout, Builder};
use crate::helpers::id;
use crate::ir::*;
use habu_bytecode::Op as B;
use habu_bytecode::instructions::Instr;
use habu_bytecode::opcode::{binary as b, compare as cmp};
use habu_heap::Value;
use habu_runtime::interp::frame;
use habu_runtime::object::{CellObj, FunctionObj, TupleObj};
use std::mem::{offset_of, size_of};

const CELL_VALUE: i32 = offset_of!(CellObj, value) as i32;
pub const TUPLE_ITEMS: i32 = size_of::<TupleObj>() as i32;

impl Builder<'_> {
    // ---- the operand stack

    pub fn push(&mut self, v: V) {
        self.env.slots.push(Held::Value(v));
    }

    pub fn pop_held(&mut self) -> Held {
        if self.env.slots.len() <= self.cx.unit.locals {
            self.failed = Some(Bailout("operand stack underflow"));
            return Held::Empty;
        }
        self.env.slots.pop().unwrap_or(Held::Empty)
    }

    pub fn pop(&mut self) -> V {
        match self.pop_held() {
            Held::Value(v) => v,
            h => self.materialize(h),
        }
    }

    pub fn pop_word(&mut self) -> V {
        let v = self.pop();
        self.as_word(v)
    }

    /// Frame word of operand `n` from the top (1: the top itself).
    pub fn stack_slot(&self, n: usize) -> usize {
        self.env.slots.len() - n
    }

    pub fn peek(&mut self, n: usize) -> V {
        let s = self.stack_slot(n);
        match self.env.slots[s] {
            Held::Value(v) => v,
            h => {
                let v = self.materialize(h);
                self.env.slots[s] = Held::Value(v);
                v
            }
        }
    }

    /// Write the top `n` operands to the frame's memory, for a helper that reads them there; their address.
    pub fn spill(&mut self, n: usize) -> V {
        let first = self.stack_slot(n);
        for slot in first..self.env.slots.len() {
            let w = match self.env.slots[slot] {
                Held::Value(v) => self.as_word(v),
                h => self.materialize(h),
            };
            self.def(Inst::Sync(slot as u32 + self.base(), w), Ty::NONE);
        }
        let at = first as u32 + self.base();
        self.def(Inst::FrameAddress(at), Ty::RAW)
    }

    /// Where this body's frame words begin.
    pub fn base(&self) -> u32 {
        self.f.bodies[self.cx.body.index()].base
    }

    pub fn drop_n(&mut self, n: usize) {
        for _ in 0..n {
            self.pop_held();
        }
    }

    // ---- instructions

    /// Build instruction `i`; the next one to build.
    pub fn instruction(&mut self, i: usize) -> Result<usize, Bailout> {
        let unit = self.cx.unit.clone();
        let x = unit.ins[i];
        let a = x.arg as usize;
        if self.counts && !matches!(x.op, B::NOP | B::RESUME) {
            self.count();
        }
        match x.op {
            B::NOP | B::RESUME | B::END_FOR => {}
            B::LOAD_FAST if self.takes_argument(a) => {}
            B::LOAD_FAST => {
                if let Held::Value(v) = self.env.slots[a]
                    && self.ty(v).may(kind::EMPTY)
                {
                    // The compiler knows that it is set.
                    let there = Ty::word(self.ty(v).kinds & !kind::EMPTY);
                    self.refine(v, Inst::Known(v), there);
                }
                let h = self.env.slots[a];
                self.env.slots.push(h);
            }
            B::LOAD_FAST_CHECK => match self.env.slots[a] {
                Held::Value(v) if self.ty(v).may(kind::EMPTY) => {
                    let x = self.exit(Why::Empty);
                    let v = self.refine(v, Inst::Guard(v, Test::NotEmpty, x), Ty::ANY);
                    self.push(v);
                }
                Held::Value(v) => {
                    // That it is set may be what the entry guessed: asked even if nobody uses the value.
                    self.f.relied.push(v);
                    self.push(v);
                }
                _ => self.leave(Why::Empty),
            },
            B::LOAD_FAST_AND_CLEAR => {
                let h = std::mem::replace(&mut self.env.slots[a], Held::Empty);
                self.env.slots.push(h);
            }
            B::STORE_FAST => {
                let h = self.pop_held();
                self.env.slots[a] = match h {
                    Held::Value(_) | Held::Empty => h,
                    h => Held::Value(self.materialize(h)),
                };
            }
            B::DELETE_FAST => match self.env.slots[a] {
                Held::Value(v) if !self.ty(v).may(kind::EMPTY) => {
                    self.f.relied.push(v);
                    self.env.slots[a] = Held::Empty;
                }
                _ => self.leave(Why::NotCompiled),
            },
            B::LOAD_CONST => {
                let v = self.word(unit.constant(x.arg));
                self.push(v);
            }
            B::LOAD_SMALL_INT => {
                let v = self.word(Value::small_int(x.arg as i64).bits());
                self.push(v);
            }
            B::POP_TOP | B::POP_ITER => {
                self.pop_held();
            }
            B::PUSH_NULL => self.env.slots.push(Held::Empty),
            B::COPY => {
                let s = self.stack_slot(a);
                let h = self.env.slots[s];
                self.env.slots.push(h);
            }
            B::SWAP => {
                let (s, top) = (self.stack_slot(a), self.stack_slot(1));
                self.env.slots.swap(s, top);
            }
            B::MAKE_CELL | B::COPY_FREE_VARS | B::LOAD_DEREF | B::STORE_DEREF => self.cell(x.op, a),
            B::LOAD_GLOBAL => self.load_global(x.arg),
            B::STORE_GLOBAL => {
                let v = self.pop_word();
                self.store_global(unit.name(x.arg), v);
            }
            B::LOAD_NAME => {
                let name = self.word(unit.name(x.arg));
                let fp = self.def(Inst::FrameAddress(self.base()), Ty::RAW);
                let v = self.call(id::load_name, &[fp, name]);
                self.push(v);
            }
            B::STORE_NAME => {
                let v = self.pop_word();
                let name = self.word(unit.name(x.arg));
                let fp = self.def(Inst::FrameAddress(self.base()), Ty::RAW);
                self.call(id::store_name, &[fp, name, v]);
            }
            B::LOAD_ATTR => self.load_attr(i, x.arg),
            B::STORE_ATTR => self.store_attr(i, x.arg),
            B::LOAD_SUPER_ATTR => self.load_super_attr(x.arg),
            B::BINARY_OP if x.arg == b::SUBSCR => match self.constant_slice_to_slice(i) {
                Some(next) => return Ok(next),
                None => self.subscript(i),
            },
            B::BINARY_OP => match self.low_bits(i) {
                Some(next) => return Ok(next),
                None => self.binary(i, x.arg),
            },
            B::COMPARE_OP => self.compare(i, x.arg >> 5, x.arg & cmp::TO_BOOL_FLAG != 0),
            B::IS_OP => {
                let (r, l) = (self.pop_word(), self.pop_word());
                let v = match self.constant_of(l).zip(self.constant_of(r)) {
                    Some((l, r)) => self.word(Value::bool((l == r) == (a == 0)).bits()),
                    None => {
                        let same = self.def(Inst::Same(l, r), Ty::BOOL);
                        if a != 0 { self.negate(same) } else { same }
                    }
                };
                self.push(v);
            }
            B::CONTAINS_OP => {
                let (c, l) = (self.pop_word(), self.pop_word());
                let word = self.key_in_map(i, c, l);
                if let Some(r) = word {
                    let want = self.word(if a != 0 { Value::FALSE } else { Value::TRUE }.bits());
                    let v = self.def(Inst::Same(r, want), Ty::BOOL);
                    self.push(v);
                    return Ok(i + 1);
                }
                if let Some(is) = self.char_in(c, l) {
                    let v = if a != 0 { self.negate(is) } else { is };
                    self.push(v);
                    return Ok(i + 1);
                }
                let r = match self.plain(id::plain_contains, &[c, l], Ty::word(kind::BOOL)) {
                    Some(r) => r,
                    None => self.call(id::contains, &[c, l]),
                };
                let want = self.word(if a != 0 { Value::FALSE } else { Value::TRUE }.bits());
                let v = self.def(Inst::Same(r, want), Ty::BOOL);
                self.push(v);
            }
            B::TO_BOOL => {
                let v = self.pop();
                let v = self.checked_as_seen(v, i);
                let t = match self.known_truth(v) {
                    Some(t) => self.word(Value::bool(t).bits()),
                    None => self.truth_of(v, self.cx.unit.truths(i)),
                };
                self.push(t);
            }
            B::UNARY_NOT => {
                let v = self.pop();
                let n = match self.known_truth(v) {
                    Some(t) => self.word(Value::bool(!t).bits()),
                    None => {
                        let t = self.truth(v);
                        self.negate(t)
                    }
                };
                self.push(n);
            }
            B::UNARY_NEGATIVE => self.negative(),
            B::UNARY_INVERT => self.invert(),
            B::BINARY_SLICE => {
                let (to, from, c) = (self.pop_word(), self.pop_word(), self.pop_word());
                let none = self.word(Value::NONE.bits());
                if let Some(next) = self.slice_to_slice(i + 1, [c, from, to, none]) {
                    return Ok(next);
                }
                let v = match self.plain_slice(c, [from, to, none]) {
                    Some(v) => v,
                    None => self.call(id::slice_of, &[c, from, to]),
                };
                self.push(v);
            }
            B::STORE_SLICE => {
                let (to, from) = (self.pop_word(), self.pop_word());
                let (c, v) = (self.pop_word(), self.pop_word());
                let ty = Ty::word(kind::NONE);
                if self
                    .plain(id::plain_store_slice, &[c, from, to, v], ty)
                    .is_none()
                {
                    self.call(id::store_slice, &[c, from, to, v]);
                }
            }
            B::STORE_SUBSCR => self.store_subscript(i),
            B::DELETE_SUBSCR => {
                let (k, c) = (self.pop_word(), self.pop_word());
                self.call(id::delete_subscript, &[c, k]);
            }
            B::GET_ITER => self.get_iter(),
            B::FOR_ITER if self.env.slots.len() <= unit.locals => {
                return Err(Bailout("operand stack underflow"));
            }
            B::FOR_ITER => {
                let (exit, next) = unit.successors(i);
                let (Some(exit), Some(next)) = (exit, next) else {
                    return Err(Bailout("loop without exit"));
                };
                // Exhaustion goes on behind END_FOR with the iterator on the stack.
                self.for_iter(exit, next);
            }
            B::GET_LEN => {
                let v = self.peek(1);
                let v = self.as_word(v);
                let n = self.call_as(id::length, &[v], Ty::INT);
                self.push(n);
            }
            B::BUILD_TUPLE => self.build_tuple(a),
            B::BUILD_LIST if a == 0 && self.list_of_loop(i) => {}
            B::BUILD_LIST => {
                self.build(id::build_list, a, a, habu_runtime::classes::C::List.shape())
            }
            B::BUILD_STRING => self.build(
                id::build_string,
                a,
                a,
                habu_runtime::classes::C::Str.shape(),
            ),
            B::BUILD_SET if let Some(next) = self.joined_with_items(i, a) => return Ok(next),
            B::BUILD_SET => self.build(id::build_set, a, a, habu_runtime::classes::C::Set.shape()),
            B::BUILD_MAP => self.build(
                id::build_map,
                2 * a,
                a,
                habu_runtime::classes::C::Dict.shape(),
            ),
            B::BUILD_SLICE => {
                let step = if a == 3 {
                    self.pop_word()
                } else {
                    self.word(Value::NONE.bits())
                };
                let (to, from) = (self.pop_word(), self.pop_word());
                if self.is_subscript_next(i) && !self.bad(Why::Kind) {
                    let c = self.pop_word();
                    if let Some(next) = self.slice_to_slice(i + 2, [c, from, to, step]) {
                        return Ok(next);
                    }
                    if let Some(v) = self.plain_slice(c, [from, to, step]) {
                        self.push(v);
                    }
                    return Ok(i + 2);
                }
                let v = self.call(id::build_slice, &[from, to, step]);
                self.push(v);
            }
            B::LIST_APPEND => {
                let v = self.pop_word();
                let l = self.peek(a);
                self.append(l, v);
            }
            B::LIST_EXTEND | B::SET_ADD | B::SET_UPDATE => {
                let h = match x.op {
                    B::LIST_EXTEND => id::list_extend,
                    B::SET_ADD => id::set_add,
                    _ => id::set_update,
                };
                let v = self.pop_word();
                let c = self.peek(a);
                self.call(h, &[c, v]);
            }
            B::MAP_ADD => {
                let (v, k) = (self.pop_word(), self.pop_word());
                let d = self.peek(a);
                self.call(id::map_add, &[d, k, v]);
            }
            B::UNPACK_SEQUENCE if self.unpacked.contains(&(self.cx.path.clone(), i)) => {}
            B::UNPACK_SEQUENCE => self.unpack(i, a),
            B::FORMAT_SIMPLE => {
                let v = self.pop_word();
                let str_shape = habu_runtime::classes::C::Str.shape();
                let joins = |x: &Instr| x.op == B::BUILD_STRING && !unit.is_start[i + 1];
                let r = if self.ty(v).shape == str_shape {
                    v
                } else if self.ty(v).is_int()
                    && let Some(next) = unit.ins.get(i + 1).filter(|x| joins(x))
                {
                    // Its digits need no text of their own.
                    self.push(v);
                    if self.counts {
                        self.count();
                    }
                    let n = next.arg as usize;
                    self.build(id::build_string, n, n, str_shape);
                    return Ok(i + 2);
                } else if self.ty(v).is_int() {
                    self.call_as(id::int_text, &[v], Ty::shape(str_shape))
                } else {
                    self.call(id::format_simple, &[v])
                };
                self.push(r);
            }
            B::FORMAT_WITH_SPEC => {
                let (s, v) = (self.pop_word(), self.pop_word());
                let r = self.call(id::format_with_spec, &[v, s]);
                self.push(r);
            }
            B::CONVERT_VALUE => {
                let v = self.pop_word();
                let how = self.raw(a as i64);
                let r = self.call(id::convert, &[how, v]);
                self.push(r);
            }
            B::MAKE_FUNCTION => {
                let code = self.pop_word();
                let me = self.own_function();
                let f = self.call(id::make_function, &[me, code]);
                self.push(f);
            }
            B::SET_FUNCTION_ATTRIBUTE => {
                let (f, v) = (self.pop_word(), self.pop_word());
                let which = self.raw(a as i64);
                let f = self.call(id::set_function_attribute, &[which, f, v]);
                self.push(f);
            }
            B::CALL => return Ok(self.call_op(i, a)),
            B::CALL_KW => self.call_kw(i, a),
            B::CALL_FUNCTION_EX => {
                let keywords = match self.pop_held() {
                    Held::Value(v) => self.as_word(v),
                    _ => self.word(0),
                };
                let args = self.pop_word();
                self.pop_held();
                let f = self.pop_word();
                let r = self.call(id::call_ex, &[f, args, keywords]);
                self.push(r);
            }
            B::PUSH_EXC_INFO => self.push_handled(),
            B::POP_EXCEPT => self.pop_handled(),
            B::CHECK_EXC_MATCH => self.matches_handler(),
            B::RAISE_VARARGS if a == 1 && self.raises_quietly() => {}
            B::RAISE_VARARGS if a > 0 => {
                let from = if a == 2 {
                    self.pop_word()
                } else {
                    self.word(0)
                };
                let e = self.pop_word();
                self.call(id::raise, &[e, from]);
                self.leave(Why::NotCompiled);
            }
            B::CALL_INTRINSIC_1 => {
                let v = self.pop_word();
                let fp = self.def(Inst::FrameAddress(self.base()), Ty::RAW);
                let which = self.raw(a as i64);
                let r = self.call(id::intrinsic_1, &[fp, which, v]);
                self.push(r);
            }
            B::DICT_UPDATE => {
                let v = self.pop_word();
                let d = self.peek(a);
                self.call(id::dict_update, &[d, v]);
            }
            B::DICT_MERGE => {
                let v = self.pop_word();
                let d = self.peek(a);
                let f = self.peek(a + 3);
                self.call(id::dict_merge, &[f, d, v]);
            }
            B::UNPACK_EX => self.unpack_ex(a),
            B::LOAD_SPECIAL => {
                let o = self.pop_word();
                if let Some(f) = self.special_known(o, x.arg) {
                    self.push(f);
                    self.push(o);
                    return Ok(i + 1);
                }
                let at = self.env.slots.len() as u32 + self.base();
                let dest = self.def(Inst::FrameAddress(at), Ty::RAW);
                let which = self.raw(a as i64);
                self.call(id::load_special, &[which, o, dest]);
                let f = self.def(Inst::Load(dest, 0), Ty::ANY);
                let this = self.def(Inst::Load(dest, 8), Ty::word(kind::ANY | kind::EMPTY));
                self.push(f);
                self.push(this);
            }
            B::LOAD_COMMON_CONSTANT => {
                let constant = habu_runtime::interp::control::common_constant(x.arg);
                let v = self.word(constant.bits());
                self.push(v);
            }
            B::IMPORT_NAME => {
                let (from, level) = (self.pop_word(), self.pop_word());
                let name = self.word(unit.name(x.arg));
                let fp = self.def(Inst::FrameAddress(self.base()), Ty::RAW);
                let m = self.call(id::import_name, &[fp, name, from, level]);
                self.push(m);
            }
            B::IMPORT_FROM => {
                let m = self.peek(1);
                let name = self.word(unit.name(x.arg));
                let v = self.call(id::import_from, &[m, name]);
                self.push(v);
            }
            B::DELETE_ATTR => {
                let v = self.pop_word();
                let name = self.word(unit.name(x.arg));
                self.call(id::delete_attr, &[v, name]);
            }
            B::JUMP_FORWARD | B::JUMP_BACKWARD_NO_INTERRUPT => {
                self.jump(&unit, i)?;
            }
            B::JUMP_BACKWARD => {
                let w = self.def(Inst::Wanted, Ty::BOOL);
                self.guard_false(w, Why::Poll);
                self.jump(&unit, i)?;
            }
            B::POP_JUMP_IF_TRUE
            | B::POP_JUMP_IF_FALSE
            | B::POP_JUMP_IF_NONE
            | B::POP_JUMP_IF_NOT_NONE => self.conditional(&unit, i)?,
            B::GET_YIELD_FROM_ITER if unit.is_generator() => {
                let v = self.pop_word();
                let it = self.call(id::yield_from_iter, &[v]);
                self.push(it);
            }
            B::SEND if unit.is_generator() => self.send(&unit, i)?,
            B::END_SEND => {
                let v = self.pop_held();
                self.pop_held();
                self.env.slots.push(v);
            }
            B::RETURN_GENERATOR if unit.taken => {
                let none = self.word(Value::NONE.bits());
                self.push(none);
            }
            B::YIELD_VALUE if unit.taken => self.item_taken(i),
            B::YIELD_VALUE if unit.is_generator() && self.cx.body == Body(0) => self.yield_item(i),
            B::RETURN_VALUE => {
                let v = self.pop();
                self.give_back(v);
            }
            _ => self.leave(Why::NotCompiled),
        }
        Ok(i + 1)
    }

    fn jump(&mut self, unit: &crate::unit::Unit, i: usize) -> Result<(), Bailout> {
        let (to, _) = unit.successors(i);
        self.edge_to(to.ok_or(Bailout("jump out of the code"))?);
        Ok(())
    }

    fn conditional(&mut self, unit: &crate::unit::Unit, i: usize) -> Result<(), Bailout> {
        let op = unit.ins[i].op;
        let v = self.pop();
        let none_test = matches!(op, B::POP_JUMP_IF_NONE | B::POP_JUMP_IF_NOT_NONE);
        if let (Some(c), (Some(to), Some(next))) = (self.decided(op, v), unit.successors(i)) {
            self.edge_to(if c { to } else { next });
            return Ok(());
        }
        let c = if none_test {
            let t = self.ty(v);
            let none = self.word(Value::NONE.bits());
            if t.rep == Rep::Word {
                self.def(Inst::Same(v, none), Ty::BOOL)
            } else {
                let f = self.raw(0);
                self.def(Inst::RawCmp(Cmp::Ne, f, f), Ty::BOOL)
            }
        } else {
            self.truth(v)
        };
        let (to, next) = unit.successors(i);
        let (Some(to), Some(next)) = (to, next) else {
            return Err(Bailout("jump out of the code"));
        };
        if self.done {
            return Ok(());
        }
        if matches!(op, B::POP_JUMP_IF_TRUE | B::POP_JUMP_IF_NONE) {
            self.branch_to(c, to, next);
        } else {
            self.branch_to(c, next, to);
        }
        Ok(())
    }

    /// Is the next instruction a subscript that nothing jumps to?
    fn is_subscript_next(&self, i: usize) -> bool {
        let u = &self.cx.unit;
        u.ins
            .get(i + 1)
            .is_some_and(|x| x.op == B::BINARY_OP && x.arg == b::SUBSCR)
            && !u.is_start[i + 1]
    }

    /// Is it known whether this conditional jump is taken?
    pub fn decided(&mut self, op: B, v: V) -> Option<bool> {
        self.f.relied.push(v);
        match op {
            B::POP_JUMP_IF_TRUE => self.known_truth(v),
            B::POP_JUMP_IF_FALSE => self.known_truth(v).map(|t| !t),
            _ => {
                let t = self.ty(v);
                let none = match t.kinds {
                    kind::NONE => true,
                    _ if !t.may(kind::NONE) => false,
                    _ => return None,
                };
                Some(none == (op == B::POP_JUMP_IF_NONE))
            }
        }
    }

    fn cell(&mut self, op: B, a: usize) {
        match op {
            B::MAKE_CELL => {
                let old = match self.env.slots[a] {
                    Held::Value(v) => self.as_word(v),
                    _ => self.word(0),
                };
                let c = self.call_as(id::make_cell, &[old], Ty::OBJECT);
                self.env.slots[a] = Held::Value(c);
            }
            B::COPY_FREE_VARS => {
                let func = self.own_function();
                let closure = match super::given_closure(&self.f, func) {
                    Some((_, closure)) => closure,
                    None => {
                        let at = offset_of!(FunctionObj, closure) as i32;
                        self.def(Inst::LoadFixed(func, at, Ty::OBJECT), Ty::OBJECT)
                    }
                };
                let first = self.cx.unit.locals - a;
                for k in 0..a {
                    let off = TUPLE_ITEMS + 8 * k as i32;
                    // As an item of a tuple, which may have been made right here.
                    let c = self.def(Inst::LoadFixed(closure, off, Ty::ANY), Ty::ANY);
                    self.env.slots[first + k] = Held::Value(c);
                }
            }
            B::LOAD_DEREF => {
                let Held::Value(c) = self.env.slots[a] else {
                    return self.leave(Why::Empty);
                };
                let v = self.def(Inst::Load(c, CELL_VALUE), Ty::word(kind::ANY | kind::EMPTY));
                let x = self.exit(Why::Empty);
                let v = self.def(Inst::Guard(v, Test::NotEmpty, x), Ty::ANY);
                self.push(v);
            }
            _ => {
                let v = self.pop_word();
                let Held::Value(c) = self.env.slots[a] else {
                    return self.leave(Why::Empty);
                };
                self.def(Inst::Store(c, CELL_VALUE, v), Ty::NONE);
            }
        }
    }

    /// The function whose frame this is.
    pub fn own_function(&mut self) -> V {
        if let Some(f) = self.cx.function {
            return f;
        }
        if self.cx.body != Body(0) {
            let f = self.f.bodies[self.cx.body.index()].func;
            return self.word(f);
        }
        let fp = self.def(Inst::FrameAddress(0), Ty::RAW);
        self.def(
            Inst::LoadFixed(fp, frame::FUNC as i32 * 8, Ty::OBJECT),
            Ty::OBJECT,
        )
    }
}

//! Structural checks of a code unit that comes from a file: every index an instruction holds is in range, every
//! jump and handler lands on an instruction, execution cannot run off the end. The stack is bounded by following
//! all paths with the effects table.

use crate::code::CodeUnit;
use crate::effects::stack_effect;
use crate::opcode::{Arg, Op};
use crate::{exceptions, instructions};

/// Stack depths up to here are believed.
const MAX_STACK: u32 = 1 << 20;

pub fn check(c: &CodeUnit) -> Result<(), &'static str> {
    if c.localsplus_names.len() != c.localsplus_kinds.len() {
        return Err("local names and kinds");
    }
    if c.stacksize > MAX_STACK {
        return Err("stack size");
    }
    let arguments = u64::from(c.argcount)
        + u64::from(c.kwonlyargcount)
        + u64::from(c.flags & crate::CodeFlags::VARARGS != 0)
        + u64::from(c.flags & crate::CodeFlags::VARKEYWORDS != 0);
    if arguments > c.localsplus_names.len() as u64 || c.posonlyargcount > c.argcount {
        return Err("argument counts");
    }
    let n = c.code.len();
    if n == 0 || !n.is_multiple_of(2) {
        return Err("code size");
    }
    // Index of the instruction that starts at each unit.
    let mut at = vec![usize::MAX; n / 2];
    let mut list = Vec::new();
    let mut end = 0;
    for i in instructions::iter(&c.code) {
        at[i.start as usize / 2] = list.len();
        at[i.offset as usize / 2] = list.len();
        end = i.offset as usize + 2;
        operand(c, &i)?;
        list.push(i);
    }
    if end != n {
        return Err("unknown opcode");
    }
    let find = |offset: u32| at.get(offset as usize / 2).copied().filter(|i| *i != usize::MAX && offset.is_multiple_of(2));
    let mut covered: Vec<(u32, u32, usize, u32)> = Vec::new();
    for (start, end, h) in exceptions::entries(&c.exception_table) {
        let Some(target) = find(h.target) else { return Err("exception handler") };
        let depth = h.depth.saturating_add(1 + u32::from(h.lasti));
        if depth > c.stacksize {
            return Err("depth of an exception handler");
        }
        covered.push((start, end, target, depth));
    }
    let mut depths: Vec<Option<i64>> = vec![None; list.len()];
    let mut todo = vec![(0usize, 0i64)];
    todo.extend(covered.iter().map(|(_, _, t, d)| (*t, i64::from(*d))));
    while let Some((i, depth)) = todo.pop() {
        match depths[i] {
            Some(d) if d == depth => continue,
            Some(_) => return Err("stack depth differs between paths"),
            None => depths[i] = Some(depth),
        }
        let instr = &list[i];
        let after = depth + i64::from(stack_effect(instr.op, instr.arg, false));
        if after < 0 || after > i64::from(c.stacksize) || i64::from(needs(instr)) > depth {
            return Err("stack depth");
        }
        if let Some(t) = jump_target(instr) {
            let t = t.and_then(find).ok_or("jump target")?;
            let over = depth + i64::from(stack_effect(instr.op, instr.arg, true));
            if over < 0 || over > i64::from(c.stacksize) {
                return Err("stack depth");
            }
            todo.push((t, over));
        }
        if !matches!(
            instr.op,
            Op::RETURN_VALUE
                | Op::RAISE_VARARGS
                | Op::RERAISE
                | Op::JUMP_FORWARD
                | Op::JUMP_BACKWARD
                | Op::JUMP_BACKWARD_NO_INTERRUPT
        ) {
            if i + 1 >= list.len() {
                return Err("code runs off its end");
            }
            todo.push((i + 1, after));
        }
    }
    Ok(())
}

fn jump_target(i: &instructions::Instr) -> Option<Option<u32>> {
    match i.op.arg_kind() {
        Arg::JumpForward | Arg::JumpBackward if i.op != Op::END_ASYNC_FOR => Some(i.target()),
        _ => None,
    }
}

/// How deep an instruction looks into the stack.
fn needs(i: &instructions::Instr) -> u32 {
    let n = i.arg;
    match i.op {
        Op::COPY | Op::SWAP => n,
        Op::LIST_APPEND | Op::LIST_EXTEND | Op::SET_ADD | Op::SET_UPDATE | Op::DICT_UPDATE => n.saturating_add(1),
        Op::MAP_ADD => n.saturating_add(2),
        Op::DICT_MERGE => n.saturating_add(4),
        Op::BUILD_LIST | Op::BUILD_SET | Op::BUILD_STRING | Op::BUILD_TUPLE | Op::BUILD_SLICE => n,
        Op::BUILD_MAP => n.saturating_mul(2),
        Op::CALL => n.saturating_add(2),
        Op::CALL_KW => n.saturating_add(3),
        Op::CALL_FUNCTION_EX => 4,
        Op::RERAISE => n.saturating_add(1),
        Op::WITH_EXCEPT_START => 5,
        Op::CLEANUP_THROW | Op::LOAD_SUPER_ATTR => 3,
        Op::END_ASYNC_FOR | Op::SEND | Op::END_SEND | Op::CHECK_EG_MATCH | Op::CHECK_EXC_MATCH | Op::MATCH_KEYS => 2,
        Op::MATCH_CLASS => 3,
        Op::STORE_SLICE => 4,
        Op::STORE_SUBSCR | Op::BINARY_SLICE => 3,
        Op::BINARY_OP | Op::COMPARE_OP | Op::CONTAINS_OP | Op::IS_OP | Op::DELETE_SUBSCR | Op::STORE_ATTR => 2,
        Op::FOR_ITER
        | Op::GET_ITER
        | Op::GET_AITER
        | Op::GET_ANEXT
        | Op::GET_AWAITABLE
        | Op::GET_LEN
        | Op::GET_YIELD_FROM_ITER
        | Op::CALL_INTRINSIC_1
        | Op::CONVERT_VALUE
        | Op::FORMAT_SIMPLE
        | Op::IMPORT_FROM
        | Op::LOAD_ATTR
        | Op::LOAD_FROM_DICT_OR_DEREF
        | Op::LOAD_FROM_DICT_OR_GLOBALS
        | Op::LOAD_SPECIAL
        | Op::MAKE_FUNCTION
        | Op::MATCH_MAPPING
        | Op::MATCH_SEQUENCE
        | Op::PUSH_EXC_INFO
        | Op::TO_BOOL
        | Op::UNARY_INVERT
        | Op::UNARY_NEGATIVE
        | Op::UNARY_NOT
        | Op::UNPACK_EX
        | Op::UNPACK_SEQUENCE
        | Op::YIELD_VALUE => 1,
        _ => 0,
    }
}

fn operand(c: &CodeUnit, i: &instructions::Instr) -> Result<(), &'static str> {
    use crate::opcode::{common_constant, intrinsic1, intrinsic2, special};
    let arg = i.arg as usize;
    let names = c.names.len();
    let ok = match i.op {
        Op::LOAD_GLOBAL | Op::LOAD_ATTR => arg >> 1 < names,
        Op::LOAD_SUPER_ATTR => arg >> 2 < names,
        Op::BINARY_OP => arg <= 26,
        Op::COMPARE_OP => arg >> 5 <= 5,
        Op::CALL_INTRINSIC_1 => (1..=intrinsic1::TYPEALIAS).contains(&i.arg),
        Op::CALL_INTRINSIC_2 => (1..=intrinsic2::SET_TYPEPARAM_DEFAULT).contains(&i.arg),
        Op::LOAD_COMMON_CONSTANT => i.arg <= common_constant::BUILTIN_ANY,
        Op::LOAD_SPECIAL => i.arg <= special::AEXIT,
        Op::RAISE_VARARGS => arg <= 2,
        Op::COPY | Op::SWAP => arg >= 1,
        Op::CONVERT_VALUE => (1..=3).contains(&arg),
        Op::BUILD_SLICE => arg == 2 || arg == 3,
        Op::LOAD_SMALL_INT => arg <= 255,
        Op::COPY_FREE_VARS => {
            let free = crate::code::local_kind::FREE;
            arg == c.localsplus_kinds.iter().filter(|k| **k & free != 0).count()
        }
        _ => match i.op.arg_kind() {
            Arg::Const => arg < c.consts.len(),
            Arg::Name => arg < names,
            Arg::Local | Arg::Free => arg < c.localsplus_names.len(),
            _ => true,
        },
    };
    if ok { Ok(()) } else { Err("operand of an instruction") }
}

//! Constant folding, jump threading and stack shuffles inside basic blocks.

use super::*;
use crate::codegen::STACK_GUIDELINE;
use crate::instr::Consts;
use crate::optimize;
use crate::position::Loc;
use habu_bytecode::Const;
use habu_bytecode::opcode::{binary, compare, intrinsic1};

/// Displays of at least this many constants are built from a constant tuple.
const MIN_CONST_SEQUENCE: usize = 3;

fn value_of(i: &Instr, consts: &Consts) -> Option<Const> {
    match i.op()? {
        Op::LOAD_CONST => consts.list.get(i.arg as usize).cloned(),
        Op::LOAD_SMALL_INT => Some(Const::Int(i64::from(i.arg))),
        _ => None,
    }
}

fn set_const(i: &mut Instr, c: Const, consts: &mut Consts) {
    match c {
        Const::Int(v @ 0..=255) => i.set(Op::LOAD_SMALL_INT, v as u32),
        c => {
            let n = consts.add(c);
            i.set(Op::LOAD_CONST, n);
        }
    }
}

fn nop_out(instrs: &mut [Instr], at: &[usize]) {
    for i in at {
        instrs[*i].nop();
        instrs[*i].loc = Loc::NONE;
    }
}

/// Indices of the `n` constant loads that end before `end`, in order; no-ops between them are skipped.
fn const_loads(instrs: &[Instr], end: usize, n: usize) -> Option<Vec<usize>> {
    let mut out = Vec::with_capacity(n);
    let mut i = end;
    while out.len() < n {
        i = i.checked_sub(1)?;
        match instrs[i].op() {
            Some(Op::NOP) => {}
            Some(Op::LOAD_CONST | Op::LOAD_SMALL_INT) => out.push(i),
            _ => return None,
        }
    }
    out.reverse();
    Some(out)
}

fn values(instrs: &[Instr], at: &[usize], consts: &Consts) -> Option<Vec<Const>> {
    at.iter().map(|i| value_of(&instrs[*i], consts)).collect()
}

impl Graph {
    /// Tests of constants are decided; comparisons with None get their own jumps.
    pub fn optimize_constants(&mut self, consts: &mut Consts) {
        for b in self.order() {
            let instrs = &mut self.blocks[b].instrs;
            let mut loaded: Option<Instr> = None;
            for i in 0..instrs.len() {
                let copy = loaded.is_some_and(|l| l.is(Op::LOAD_CONST)) && instrs[i].is(Op::COPY) && instrs[i].arg == 1;
                if !copy {
                    loaded = Some(instrs[i]);
                }
                let Some(value) = loaded.and_then(|l| value_of(&l, consts)) else { continue };
                let Some(next) = instrs.get(i + 1).copied() else { continue };
                match next.code {
                    Code::Op(Op::POP_JUMP_IF_FALSE | Op::POP_JUMP_IF_TRUE) | Code::JumpIfFalse | Code::JumpIfTrue => {
                        let Some(truth) = optimize::truth(&value) else { continue };
                        if next.is_conditional() {
                            instrs[i].nop();
                        }
                        let on_true = next.is(Op::POP_JUMP_IF_TRUE) || next.code == Code::JumpIfTrue;
                        if truth == on_true {
                            instrs[i + 1].code = Code::Jump;
                        } else {
                            instrs[i + 1].nop();
                        }
                    }
                    Code::Op(Op::IS_OP) if value == Const::None => {
                        let mut j = i + 2;
                        if instrs.get(j).is_some_and(|x| x.is(Op::TO_BOOL)) {
                            instrs[j].nop();
                            j += 1;
                        }
                        let Some(jump) = instrs.get(j) else { continue };
                        let mut invert = next.arg != 0;
                        if jump.is(Op::POP_JUMP_IF_FALSE) {
                            invert = !invert;
                        } else if !jump.is(Op::POP_JUMP_IF_TRUE) {
                            continue;
                        }
                        instrs[i].nop();
                        instrs[i + 1].nop();
                        instrs[j].code =
                            if invert { Op::POP_JUMP_IF_NOT_NONE } else { Op::POP_JUMP_IF_NONE }.into();
                    }
                    Code::Op(Op::TO_BOOL) => {
                        let Some(truth) = optimize::truth(&value) else { continue };
                        instrs[i].nop();
                        set_const(&mut instrs[i + 1], if truth { Const::True } else { Const::False }, consts);
                    }
                    _ => {}
                }
            }
        }
    }

    fn skip_empty(&self, mut t: usize) -> usize {
        while self.blocks[t].instrs.is_empty() {
            match self.blocks[t].next {
                Some(n) => t = n,
                None => break,
            }
        }
        t
    }

    pub fn optimize_block(&mut self, b: BlockRef, consts: &mut Consts) {
        let mut i = 0;
        let mut threads = 0;
        while i < self.blocks[b].instrs.len() {
            let inst = self.blocks[b].instrs[i];
            let mut target = None;
            if let Some(t) = inst.target
                && !inst.is(Op::END_ASYNC_FOR)
            {
                let t = self.skip_empty(t as usize);
                self.blocks[b].instrs[i].target = Some(t as u32);
                self.blocks[t].labelled = true;
                target = self.blocks[t].instrs.first().copied();
            }
            // Jumps to jumps.
            if let Some(to) = target
                && !inst.is_block_push()
            {
                let code = match (inst.code, to.code) {
                    (
                        Code::Op(
                            Op::POP_JUMP_IF_FALSE
                            | Op::POP_JUMP_IF_TRUE
                            | Op::POP_JUMP_IF_NONE
                            | Op::POP_JUMP_IF_NOT_NONE,
                        ),
                        Code::Jump,
                    ) => Some(inst.code),
                    (Code::JumpIfFalse, Code::Jump | Code::JumpIfFalse)
                    | (Code::JumpIfTrue, Code::Jump | Code::JumpIfTrue) => Some(inst.code),
                    (Code::JumpIfFalse, Code::JumpIfTrue) | (Code::JumpIfTrue, Code::JumpIfFalse) => {
                        let t = self.blocks[b].instrs[i].target.map_or(0, |t| t as usize);
                        if let Some(n) = self.blocks[t].next {
                            self.blocks[b].instrs[i].target = Some(n as u32);
                            self.blocks[n].labelled = true;
                            threads += 1;
                            if threads < 1000 {
                                continue;
                            }
                        }
                        None
                    }
                    (Code::Jump | Code::JumpNoInterrupt, Code::Jump) => Some(Code::Jump),
                    (Code::Jump | Code::JumpNoInterrupt, Code::JumpNoInterrupt) => Some(inst.code),
                    _ => None,
                };
                let here = self.blocks[b].instrs[i].target;
                if let Some(code) = code
                    && here != to.target
                    && threads < 1000
                {
                    threads += 1;
                    let instrs = &mut self.blocks[b].instrs;
                    instrs[i].nop();
                    instrs.push(Instr { code, arg: 0, target: to.target, loc: to.loc, except: inst.except });
                    continue;
                }
            }
            self.fold_at(b, i, consts);
            i += 1;
        }
        let mut i = 0;
        while i < self.blocks[b].instrs.len() {
            if self.blocks[b].instrs[i].is(Op::SWAP) {
                i = minimize_swaps(&mut self.blocks[b].instrs, i);
                apply_static_swaps(&mut self.blocks[b].instrs, i);
            }
            i += 1;
        }
    }

    fn fold_at(&mut self, b: BlockRef, i: usize, consts: &mut Consts) {
        let instrs = &mut self.blocks[b].instrs;
        let Some(op) = instrs[i].op() else { return };
        let arg = instrs[i].arg;
        let next = instrs.get(i + 1).and_then(Instr::op);
        match op {
            Op::BUILD_TUPLE => {
                if next == Some(Op::UNPACK_SEQUENCE) && instrs[i + 1].arg == arg && (1..=3).contains(&arg) {
                    instrs[i].nop();
                    if arg == 1 {
                        instrs[i + 1].nop();
                    } else {
                        instrs[i + 1].code = Op::SWAP.into();
                    }
                    return;
                }
                let n = arg as usize;
                if n <= STACK_GUIDELINE
                    && let Some(at) = const_loads(instrs, i, n)
                    && let Some(items) = values(instrs, &at, consts)
                {
                    nop_out(instrs, &at);
                    set_const(&mut instrs[i], Const::Tuple(items.into()), consts);
                }
            }
            Op::BUILD_LIST | Op::BUILD_SET => fold_display(instrs, i, next, consts),
            Op::COMPARE_OP if next == Some(Op::TO_BOOL) => {
                instrs[i].nop();
                instrs[i + 1].set(Op::COMPARE_OP, arg | compare::TO_BOOL_FLAG);
            }
            Op::CONTAINS_OP | Op::IS_OP if next == Some(Op::TO_BOOL) => {
                instrs[i].nop();
                instrs[i + 1].set(op, arg);
            }
            Op::CONTAINS_OP | Op::IS_OP if next == Some(Op::UNARY_NOT) => {
                instrs[i].nop();
                instrs[i + 1].set(op, arg ^ 1);
            }
            Op::TO_BOOL if next == Some(Op::TO_BOOL) => instrs[i].nop(),
            Op::UNARY_NOT if next == Some(Op::TO_BOOL) => {
                instrs[i].nop();
                instrs[i + 1].set(Op::UNARY_NOT, 0);
            }
            Op::UNARY_NOT if next == Some(Op::UNARY_NOT) => {
                instrs[i].nop();
                instrs[i + 1].nop();
            }
            Op::UNARY_NOT | Op::UNARY_INVERT | Op::UNARY_NEGATIVE => fold_unary(instrs, i, op, consts),
            Op::CALL_INTRINSIC_1 if arg == intrinsic1::UNARY_POSITIVE => fold_unary(instrs, i, op, consts),
            Op::CALL_INTRINSIC_1 if arg == intrinsic1::LIST_TO_TUPLE => {
                if next == Some(Op::GET_ITER) {
                    instrs[i].nop();
                } else {
                    fold_list_to_tuple(instrs, i, consts);
                }
            }
            Op::BINARY_OP => {
                if let Some(at) = const_loads(instrs, i, 2)
                    && let Some(v) = values(instrs, &at, consts)
                {
                    let folded = if arg == binary::SUBSCR {
                        optimize::subscript(&v[0], &v[1])
                    } else {
                        optimize::binary(arg, &v[0], &v[1])
                    };
                    if let Some(c) = folded {
                        nop_out(instrs, &at);
                        set_const(&mut instrs[i], c, consts);
                    }
                }
            }
            Op::SWAP if arg == 1 => instrs[i].nop(),
            Op::LOAD_GLOBAL if next == Some(Op::PUSH_NULL) && arg & 1 == 0 => {
                instrs[i].arg |= 1;
                instrs[i + 1].nop();
            }
            _ => {}
        }
    }
}

fn fold_unary(instrs: &mut [Instr], i: usize, op: Op, consts: &mut Consts) {
    if let Some(at) = const_loads(instrs, i, 1)
        && let Some(v) = value_of(&instrs[at[0]], consts)
        && let Some(c) = optimize::unary(op, &v)
    {
        nop_out(instrs, &at);
        set_const(&mut instrs[i], c, consts);
    }
}

/// A display of constants: a constant where it is only looked through, else one extended by a constant tuple.
fn fold_display(instrs: &mut [Instr], i: usize, next: Option<Op>, consts: &mut Consts) {
    let n = instrs[i].arg as usize;
    let is_list = instrs[i].is(Op::BUILD_LIST);
    let only_read = matches!(next, Some(Op::GET_ITER | Op::CONTAINS_OP));
    if n > STACK_GUIDELINE || (n < MIN_CONST_SEQUENCE && !only_read) {
        return;
    }
    let Some(at) = const_loads(instrs, i, n) else {
        if only_read && is_list {
            instrs[i].code = Op::BUILD_TUPLE.into();
        }
        return;
    };
    let Some(items) = values(instrs, &at, consts) else { return };
    let folded = if is_list { Const::Tuple(items.into()) } else { optimize::frozenset(items) };
    let loc = instrs[i].loc;
    let two_before = at.last().copied();
    nop_out(instrs, &at);
    if only_read {
        set_const(&mut instrs[i], folded, consts);
        return;
    }
    // Three slots are at hand: at least three constants came before.
    let (Some(second), build) = (two_before, instrs[i].code) else { return };
    let first = at[at.len() - 2];
    instrs[first].set(build, 0);
    instrs[first].loc = loc;
    set_const(&mut instrs[second], folded, consts);
    instrs[second].loc = Loc::NONE;
    instrs[second].loc = loc;
    instrs[i].set(if is_list { Op::LIST_EXTEND } else { Op::SET_UPDATE }, 1);
}

/// `BUILD_LIST 0`, constants appended one by one, made a tuple: that is a constant.
fn fold_list_to_tuple(instrs: &mut [Instr], i: usize, consts: &mut Consts) {
    let mut at = Vec::new();
    let mut items = Vec::new();
    let mut want_append = true;
    let mut j = i;
    while j > 0 {
        j -= 1;
        let inst = instrs[j];
        match inst.op() {
            Some(Op::NOP) => continue,
            Some(Op::BUILD_LIST) if inst.arg == 0 && want_append => {
                at.push(j);
                items.reverse();
                nop_out(instrs, &at);
                set_const(&mut instrs[i], Const::Tuple(items.into()), consts);
                return;
            }
            Some(Op::LIST_APPEND) if want_append && inst.arg == 1 => {}
            Some(Op::LOAD_CONST | Op::LOAD_SMALL_INT) if !want_append => {
                let Some(v) = value_of(&inst, consts) else { return };
                items.push(v);
            }
            _ => return,
        }
        at.push(j);
        want_append = !want_append;
    }
}

/// Rewrites a run of SWAPs as the fewest that do the same; gives the index of its last instruction.
fn minimize_swaps(instrs: &mut [Instr], start: usize) -> usize {
    let mut depth = instrs[start].arg as usize;
    let mut len = 1;
    let mut more = false;
    while let Some(i) = instrs.get(start + len) {
        if i.is(Op::SWAP) {
            depth = depth.max(i.arg as usize);
            more = true;
        } else if !i.is(Op::NOP) {
            break;
        }
        len += 1;
    }
    if !more {
        return start;
    }
    let mut stack: Vec<Option<usize>> = (0..depth).map(Some).collect();
    for i in &instrs[start..start + len] {
        if i.is(Op::SWAP) && i.arg > 0 {
            stack.swap(0, i.arg as usize - 1);
        }
    }
    let mut current = start + len;
    for i in 0..depth {
        if stack[i].is_none() || stack[i] == Some(i) {
            continue;
        }
        // Every cycle is walked from position 0, the only one a SWAP can start from.
        let mut j = i;
        loop {
            if j != 0 && current > start {
                current -= 1;
                instrs[current].set(Op::SWAP, j as u32 + 1);
            }
            match stack[j].take() {
                None => break,
                Some(next) => j = next,
            }
        }
    }
    for i in &mut instrs[start..current] {
        i.nop();
    }
    start + len - 1
}

fn swappable(i: &Instr) -> bool {
    matches!(i.code, Code::Op(Op::STORE_FAST | Op::POP_TOP) | Code::StoreFastMaybeNull)
}

fn stores_to(i: &Instr) -> Option<u32> {
    matches!(i.code, Code::Op(Op::STORE_FAST) | Code::StoreFastMaybeNull).then_some(i.arg)
}

fn next_swappable(instrs: &[Instr], from: usize, line: Option<i32>) -> Option<usize> {
    for (k, i) in instrs.iter().enumerate().skip(from + 1) {
        if line.is_some_and(|l| l >= 0 && i.loc.line != l) {
            return None;
        }
        if i.is(Op::NOP) {
            continue;
        }
        return swappable(i).then_some(k);
    }
    None
}

/// Swapping two values and then storing both is storing them in the other order.
fn apply_static_swaps(instrs: &mut [Instr], from: usize) {
    for i in (0..=from).rev() {
        let swap = instrs[i];
        if !swap.is(Op::SWAP) {
            if swap.is(Op::NOP) || swappable(&swap) {
                continue;
            }
            return;
        }
        let Some(j) = next_swappable(instrs, i, None) else { return };
        let line = Some(instrs[j].loc.line);
        let mut k = j;
        for _ in 1..swap.arg {
            match next_swappable(instrs, k, line) {
                Some(n) => k = n,
                None => return,
            }
        }
        let (sj, sk) = (stores_to(&instrs[j]), stores_to(&instrs[k]));
        if sj.is_some() || sk.is_some() {
            if sj == sk {
                return;
            }
            let clash = instrs[j + 1..k].iter().filter_map(stores_to).any(|s| Some(s) == sj || Some(s) == sk);
            if clash {
                return;
            }
        }
        instrs[i].nop();
        instrs.swap(j, k);
    }
}

//! The traced form of a code object's threaded code: nothing is fused, and event instructions (`trace_ops`) stand before
//! and behind the plain ones. It is made when the code first runs while somebody wants events, and kept beside the plain
//! form.
//!
//! What must hold: before each instruction from the first `RESUME` on there is an `instruction` op, the first op of its
//! bytecode offset; offsets ascend, so that both forms can be entered and left at any instruction. Event ops are wide:
//! the second word of the second op is a place's `events::Site`.

use super::translate::{Jump, Translator, Units, instructions_of, target_of};
use super::{Op, OpsObj, control, trace_ops};
use crate::object::*;
use crate::thread::{R, Thread};
use habu_bytecode::Op as B;
use habu_bytecode::instructions::Instr;

/// The argument of an `instruction` op: its line, or `NO_LINE`, and what it is.
pub const NO_LINE: u32 = u32::MAX;
/// A line may begin here.
pub const START: u64 = 1 << 32;
pub const RESUME: u64 = 1 << 33;
/// Tools are not told about this instruction.
pub const SILENT: u64 = 1 << 34;

/// What a call event reads off the stack: the low byte of its argument.
pub mod shape {
    pub const CALL: u64 = 0;
    pub const KW: u64 = 1;
    pub const EX: u64 = 2;
}

pub fn of(th: &Thread, code: Gc<CodeObj>) -> R<Gc<OpsObj>> {
    match code.traced.get() {
        // SAFETY: the field holds threaded code only.
        Some(o) => Ok(unsafe { o.cast_unchecked() }),
        None => translate(th, code),
    }
}

/// The line of each instruction.
pub fn lines(code: Gc<CodeObj>, ins: &[Instr]) -> Vec<Option<u32>> {
    let table: Vec<Option<u32>> =
        habu_bytecode::locations::positions(code.locations(), code.firstlineno.get() as u32)
            .map(|p| p.0)
            .collect();
    ins.iter()
        .map(|x| table.get(x.offset as usize / 2).copied().flatten())
        .collect()
}

/// Where lines may begin: where the line changes in the order of the code, and wherever something jumps to. That the
/// line is another than that of the instruction before is asked when it runs.
fn starts(code: Gc<CodeObj>, ins: &[Instr], lines: &[Option<u32>], first: usize) -> Vec<bool> {
    let mut s = vec![false; ins.len()];
    let mut current = None;
    for i in first..ins.len() {
        if matches!(
            ins[i].op,
            B::END_ASYNC_FOR | B::END_FOR | B::END_SEND | B::RESUME | B::POP_ITER
        ) {
            continue;
        }
        s[i] = lines[i].is_some() && lines[i] != current;
        current = lines[i];
    }
    let mut mark = |off: u32, skip: Option<B>| {
        let i = ins.partition_point(|x| x.start < off);
        if i >= first && i < ins.len() && lines[i].is_some() && Some(ins[i].op) != skip {
            s[i] = true;
        }
    };
    for x in &ins[first.min(ins.len())..] {
        match x.op {
            // Their targets are skipped.
            B::FOR_ITER | B::SEND => mark(target_of(x) + 2, Some(B::POP_ITER)),
            B::POP_JUMP_IF_FALSE
            | B::POP_JUMP_IF_TRUE
            | B::POP_JUMP_IF_NONE
            | B::POP_JUMP_IF_NOT_NONE
            | B::JUMP_FORWARD
            | B::JUMP_BACKWARD
            | B::JUMP_BACKWARD_NO_INTERRUPT => mark(target_of(x), None),
            _ => {}
        }
    }
    for (_, _, h) in habu_bytecode::exceptions::entries(code.exceptions()) {
        mark(h.target, Some(B::END_ASYNC_FOR));
    }
    s
}

fn translate(th: &Thread, code: Gc<CodeObj>) -> R<Gc<OpsObj>> {
    let ins = instructions_of(code);
    let first = ins
        .iter()
        .position(|x| x.op == B::RESUME)
        .unwrap_or(ins.len());
    let lines = lines(code, &ins);
    let starts = starts(code, &ins, &lines, first);
    let loops = async_loops(&ins);
    // `branch_right` of the loops met so far, by their END_ASYNC_FOR.
    let mut rights = Vec::new();
    let mut t = Translator::unfused(code, &ins);
    let mut first_op = Vec::with_capacity(ins.len() + 1);
    for (i, &x) in ins.iter().enumerate() {
        first_op.push(t.out.ops.len() as u32);
        let at = x.offset;
        if i < first {
            t.plain(i);
            continue;
        }
        let mut arg = lines[i].unwrap_or(NO_LINE) as u64;
        if starts[i] {
            arg |= START;
        }
        if x.op == B::RESUME {
            arg |= RESUME | SILENT;
        }
        if x.op == B::END_FOR {
            arg |= SILENT;
        }
        t.out.wide(at, trace_ops::instruction, arg);
        match x.op {
            B::RESUME => {
                t.out.wide(at, trace_ops::resume, x.arg as u64);
            }
            B::JUMP_BACKWARD | B::JUMP_FORWARD => {
                let to = target_of(&x);
                let k = t.out.wide(at, trace_ops::jump, (to as u64) << 32);
                t.out.jumps.push((k, to, Jump::Low));
            }
            B::CALL | B::CALL_KW | B::CALL_FUNCTION_EX => {
                let s = match x.op {
                    B::CALL => shape::CALL,
                    B::CALL_KW => shape::KW,
                    _ => shape::EX,
                };
                t.out.wide(at, trace_ops::call, s | (x.arg as u64) << 8);
                t.plain(i);
            }
            B::LOAD_SUPER_ATTR => {
                t.out.wide(at, trace_ops::super_call, x.arg as u64);
                t.plain(i);
            }
            B::RETURN_VALUE => {
                t.out.wide(at, trace_ops::returning, 0);
                t.plain(i);
            }
            B::YIELD_VALUE => {
                t.out.wide(at, trace_ops::yielding, 0);
                t.plain(i);
            }
            B::SEND => {
                t.plain(i);
                if let Some(&(k, ..)) = t.out.jumps.last() {
                    t.out.ops[k].h = trace_ops::send as *const () as usize;
                }
            }
            B::END_SEND => {
                t.out.wide(at, trace_ops::send_ended, 0);
                t.plain(i);
                if let Some(&(_, end)) = loops.iter().find(|l| l.0 == i) {
                    let done = ins[end].offset + 2;
                    rights.push((end, branches(&mut t, &ins, i, done)));
                }
            }
            B::END_ASYNC_FOR => {
                // The end of the loop is told before anybody looks which exception it is.
                let right = rights.iter().find(|r| r.0 == i).map(|r| r.1);
                if let Some(r) = right {
                    let k = t.out.wide(at, control::jump, 0);
                    t.out.set_distance(k, r as i64 - k as i64, Jump::Arg);
                    t.out.set_distance(r, k as i64 + 2 - r as i64, Jump::Low);
                }
                t.plain(i);
            }
            B::POP_JUMP_IF_FALSE
            | B::POP_JUMP_IF_TRUE
            | B::POP_JUMP_IF_NONE
            | B::POP_JUMP_IF_NOT_NONE
            | B::FOR_ITER => branch(&mut t, &ins, i),
            _ => {
                t.plain(i);
            }
        }
    }
    first_op.push(t.out.ops.len() as u32);
    let units = Units::of(&ins);
    let o = super::translate::finish(th, code, &ins, &units, t.out, &first_op)?;
    th.set(code, &code.traced, Some(o.value()));
    Ok(o)
}

/// A conditional jump: not taken it goes on with `branch_left`, which skips `branch_right`; that is where the jump goes,
/// and it goes on to the target.
fn branch(t: &mut Translator, ins: &[Instr], i: usize) {
    let x = ins[i];
    t.plain(i);
    let Some((k, target, how)) = t.out.jumps.pop() else {
        return;
    };
    let mut to = target;
    if x.op == B::FOR_ITER {
        t.out.ops[k].h = trace_ops::for_iter as *const () as usize;
        // Tools see the end of the loop behind POP_ITER.
        to = target + 2;
    }
    let r = branches(t, ins, i, to);
    t.out.jumps.push((r, target, Jump::Low));
    t.out.set_distance(k, (r - k) as i64, how);
}

/// The two event ops of instruction `i`; the second, which tells that it goes to `to`, has no distance yet.
fn branches(t: &mut Translator, ins: &[Instr], i: usize, to: u32) -> usize {
    let at = ins[i].offset;
    let next = ins.get(i + 1).map_or(at + 2, |n| n.offset);
    t.out.wide(at, trace_ops::branch_left, (next as u64) << 32);
    t.out.wide(at, trace_ops::branch_right, (to as u64) << 32)
}

/// Where each `async for` goes on with an item, and where it ends: its END_SEND and its END_ASYNC_FOR.
pub fn async_loops(ins: &[Instr]) -> Vec<(usize, usize)> {
    let loop_of = |end: usize| {
        let send = ins.partition_point(|x| x.start < target_of(&ins[end]));
        let got = (send..end).find(|&i| ins[i].op == B::END_SEND)?;
        Some((got, end))
    };
    (0..ins.len())
        .filter(|&i| ins[i].op == B::END_ASYNC_FOR)
        .filter_map(loop_of)
        .collect()
}

/// Is this the handler of an event op?
fn is_event(h: usize) -> bool {
    trace_ops::ALL.iter().any(|f| *f as *const () as usize == h)
}

/// Forget what `tool` switched off in this code.
pub fn enable(o: Gc<OpsObj>, tool: usize) {
    let n = o.count.get() as usize;
    for i in 0..n.saturating_sub(1) {
        // SAFETY: below the count; event ops are wide.
        unsafe {
            let op = o.start().add(i);
            if is_event((*op).h) {
                (*op.add(1)).arg &= !(0x0101_0101 << tool);
            }
        }
    }
}

/// The line and kind (`START` …) of the instruction at a bytecode offset.
pub fn about(o: Gc<OpsObj>, offset: u32) -> u64 {
    let op: *mut Op = o.op_at(offset);
    // SAFETY: the last op of threaded code is `unknown`, so there is one at or behind each offset of an instruction.
    unsafe {
        if (*op).h == trace_ops::instruction as *const () as usize {
            (*op).arg
        } else {
            NO_LINE as u64
        }
    }
}

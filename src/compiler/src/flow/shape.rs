//! From the optimized graph to what the assembler takes: prologue, slot numbers, real opcodes only, forward
//! conditional jumps only.

use super::*;
use crate::position::Loc;

/// Slot of each cell and free variable: a cell that is a local or parameter shares its slot.
pub fn slots(unit: &Unit) -> Vec<u32> {
    let locals = unit.varnames.list.len() as u32;
    let mut next = locals;
    let mut out = Vec::new();
    for c in &unit.cellvars.list {
        match unit.varnames.get(c) {
            Some(i) => out.push(i),
            None => {
                out.push(next);
                next += 1;
            }
        }
    }
    for _ in &unit.freevars.list {
        out.push(next);
        next += 1;
    }
    out
}

impl Graph {
    pub fn expand_conditional_pseudos(&mut self) {
        for b in self.order() {
            let Some(last) = self.blocks[b].last().copied() else { continue };
            let op = match last.code {
                Code::JumpIfFalse => Op::POP_JUMP_IF_FALSE,
                Code::JumpIfTrue => Op::POP_JUMP_IF_TRUE,
                _ => continue,
            };
            let instrs = &mut self.blocks[b].instrs;
            instrs.pop();
            instrs.push(Instr { code: Op::COPY.into(), arg: 1, target: None, ..last });
            instrs.push(Instr { code: Op::TO_BOOL.into(), arg: 0, target: None, ..last });
            instrs.push(Instr { code: op.into(), ..last });
        }
    }

    pub fn prefix(&mut self, unit: &Unit, flags: u32, firstlineno: i32) {
        let slots = slots(unit);
        for b in self.order() {
            for i in &mut self.blocks[b].instrs {
                let fix = match i.code {
                    Code::LoadClosure => true,
                    Code::Op(op) => op.arg_kind() == habu_bytecode::opcode::Arg::Free,
                    _ => false,
                };
                if fix && let Some(s) = slots.get(i.arg as usize) {
                    i.arg = *s;
                }
            }
        }
        let mut head = Vec::new();
        if !unit.freevars.list.is_empty() {
            head.push(Instr::new(Op::COPY_FREE_VARS, unit.freevars.list.len() as u32, Loc::NONE));
        }
        let mut cells: Vec<u32> = slots[..unit.cellvars.list.len()].to_vec();
        cells.sort_unstable();
        head.extend(cells.into_iter().map(|c| Instr::new(Op::MAKE_CELL, c, Loc::NONE)));
        if flags & (CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR) != 0 {
            let loc = Loc { line: firstlineno, end_line: firstlineno, col: -1, end_col: -1 };
            head.push(Instr::new(Op::RETURN_GENERATOR, 0, loc));
            head.push(Instr::new(Op::POP_TOP, 0, loc));
        }
        self.blocks[0].instrs.splice(0..0, head);
    }

    pub fn drop_pseudos(&mut self) {
        for b in self.order() {
            for i in &mut self.blocks[b].instrs {
                if i.is_block_push() || matches!(i.code, Code::PopBlock | Code::AnnotationsPlaceholder) {
                    i.nop();
                } else if i.code == Code::LoadClosure {
                    i.code = Op::LOAD_FAST.into();
                } else if i.code == Code::StoreFastMaybeNull {
                    i.code = Op::STORE_FAST.into();
                }
            }
        }
        self.remove_redundant();
    }

    /// A conditional jump backwards becomes the opposite one over an unconditional jump back.
    pub fn normalize_jumps(&mut self) {
        let mut seen = vec![false; self.blocks.len()];
        for b in self.order() {
            seen[b] = true;
            let Some(last) = self.blocks[b].last().copied() else { continue };
            let (true, Some(target)) = (last.is_conditional(), last.target) else { continue };
            if !seen.get(target as usize).copied().unwrap_or(false) {
                continue;
            }
            let reversed = match last.op() {
                Some(Op::POP_JUMP_IF_FALSE) => Op::POP_JUMP_IF_TRUE,
                Some(Op::POP_JUMP_IF_TRUE) => Op::POP_JUMP_IF_FALSE,
                Some(Op::POP_JUMP_IF_NONE) => Op::POP_JUMP_IF_NOT_NONE,
                _ => Op::POP_JUMP_IF_NONE,
            };
            let Some(next) = self.blocks[b].next else { continue };
            let back = Instr { code: Code::Jump, ..last };
            let cold = self.blocks[b].cold;
            self.insert_after(b, Block { instrs: vec![back], cold, ..Block::default() });
            seen.push(true);
            if let Some(l) = self.blocks[b].instrs.last_mut() {
                l.code = reversed.into();
                l.target = Some(next as u32);
            }
        }
    }
}

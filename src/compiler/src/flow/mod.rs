//! The flow graph of one code object: basic blocks, exception handlers, line numbers, stack depth.
//!
//! Blocks live in a `Vec`; their order is the `next` chain, which is also the order of the final code. A jump's
//! target is a block id. An instruction's `except` is the block that handles an exception raised there.

mod cleanup;
mod depth;
mod except;
mod lines;
mod locals;
mod peephole;
mod shape;

use crate::codegen::Unit;
use crate::error::Result;
use crate::instr::{Code, Instr, Sequence};
use habu_bytecode::{CodeFlags, Op};

pub type BlockRef = usize;

#[derive(Default, Debug, Clone)]
pub struct Block {
    pub instrs: Vec<Instr>,
    pub next: Option<BlockRef>,
    pub predecessors: u32,
    pub handler: bool,
    pub preserve_lasti: bool,
    pub cold: bool,
    pub depth: Option<u32>,
    /// Whether some instruction names this block.
    pub labelled: bool,
}

#[derive(Debug)]
pub struct Graph {
    pub blocks: Vec<Block>,
    pub stacksize: u32,
}

impl Instr {
    pub fn is_scope_exit(&self) -> bool {
        matches!(self.op(), Some(Op::RETURN_VALUE | Op::RAISE_VARARGS | Op::RERAISE))
    }

    pub fn is_unconditional(&self) -> bool {
        matches!(self.code, Code::Jump | Code::JumpNoInterrupt)
    }

    pub fn is_block_push(&self) -> bool {
        matches!(self.code, Code::SetupFinally | Code::SetupCleanup | Code::SetupWith)
    }

    pub fn is_conditional(&self) -> bool {
        matches!(
            self.op(),
            Some(
                Op::POP_JUMP_IF_FALSE | Op::POP_JUMP_IF_TRUE | Op::POP_JUMP_IF_NONE | Op::POP_JUMP_IF_NOT_NONE
            )
        )
    }

    pub fn is_jump(&self) -> bool {
        match self.code {
            Code::Jump | Code::JumpNoInterrupt | Code::JumpIfFalse | Code::JumpIfTrue => true,
            Code::Op(op) => matches!(op, Op::FOR_ITER | Op::SEND | Op::END_ASYNC_FOR) || self.is_conditional(),
            _ => false,
        }
    }

    pub fn is_terminator(&self) -> bool {
        self.is_jump() || self.is_scope_exit()
    }

    pub fn has_eval_break(&self) -> bool {
        match self.code {
            Code::Jump => true,
            Code::Op(op) => matches!(op, Op::CALL | Op::CALL_KW | Op::CALL_FUNCTION_EX | Op::RESUME),
            _ => false,
        }
    }
}

impl Block {
    pub fn last(&self) -> Option<&Instr> {
        self.instrs.last()
    }

    pub fn falls_through(&self) -> bool {
        self.last().is_none_or(|i| !i.is_scope_exit() && !i.is_unconditional())
    }

    pub fn exits(&self) -> bool {
        self.last().is_some_and(Instr::is_scope_exit)
    }

    pub fn no_lineno(&self) -> bool {
        self.instrs.iter().all(|i| i.loc.line < 0)
    }
}

impl Graph {
    fn from_sequence(seq: Sequence) -> Graph {
        let mut starts: Vec<Vec<u32>> = vec![Vec::new(); seq.instrs.len() + 1];
        for (label, at) in seq.labels.iter().enumerate() {
            if let Some(at) = at {
                starts[*at].push(label as u32);
            }
        }
        let mut where_is = vec![0usize; seq.labels.len()];
        let mut blocks = vec![Block::default()];
        let mut cut = false;
        let last_labels = starts.pop().unwrap_or_default();
        for (i, instr) in seq.instrs.into_iter().enumerate() {
            let labels = &starts[i];
            if cut || (!labels.is_empty() && blocks.last().is_some_and(|b| !b.instrs.is_empty())) {
                blocks.push(Block::default());
            }
            let here = blocks.len() - 1;
            labels.iter().for_each(|l| where_is[*l as usize] = here);
            cut = instr.is_terminator();
            if let Some(b) = blocks.last_mut() {
                b.instrs.push(instr);
            }
        }
        if !last_labels.is_empty() {
            blocks.push(Block::default());
            last_labels.iter().for_each(|l| where_is[*l as usize] = blocks.len() - 1);
        }
        let n = blocks.len();
        let mut named = vec![false; n];
        for (i, b) in blocks.iter_mut().enumerate() {
            b.next = (i + 1 < n).then_some(i + 1);
            for instr in &mut b.instrs {
                if let Some(l) = instr.target {
                    let t = where_is[l as usize];
                    instr.target = Some(t as u32);
                    named[t] = true;
                }
            }
        }
        for (b, named) in blocks.iter_mut().zip(named) {
            b.labelled = named;
        }
        Graph { blocks, stacksize: 0 }
    }

    /// Blocks in code order.
    pub fn order(&self) -> Vec<BlockRef> {
        let mut out = Vec::with_capacity(self.blocks.len());
        let mut cur = Some(0);
        while let Some(b) = cur {
            out.push(b);
            cur = self.blocks[b].next;
        }
        out
    }

    pub fn next_nonempty(&self, from: Option<BlockRef>) -> Option<BlockRef> {
        let mut cur = from;
        while let Some(b) = cur {
            if !self.blocks[b].instrs.is_empty() {
                return Some(b);
            }
            cur = self.blocks[b].next;
        }
        None
    }

    /// Inserts a fresh block after `b`.
    pub fn insert_after(&mut self, b: BlockRef, mut block: Block) -> BlockRef {
        block.next = self.blocks[b].next;
        self.blocks.push(block);
        let id = self.blocks.len() - 1;
        self.blocks[b].next = Some(id);
        id
    }
}

/// Puts module annotations, compiled last, where they belong: right after the start.
fn splice_annotations(mut seq: Sequence) -> Sequence {
    let Some(at) = seq.instrs.iter().position(|i| i.code == Code::AnnotationsPlaceholder) else { return seq };
    let part = seq.annotations.take().map(|b| *b).unwrap_or_default();
    let base = seq.labels.len() as u32;
    let grow = part.instrs.len();
    for l in seq.labels.iter_mut().flatten() {
        if *l > at {
            *l = *l + grow - 1;
        }
    }
    seq.labels.extend(part.labels.iter().map(|l| l.map(|i| i + at)));
    let inserted = part.instrs.into_iter().map(|mut i| {
        i.target = i.target.map(|t| t + base);
        i
    });
    let tail = seq.instrs.split_off(at + 1);
    seq.instrs.pop();
    seq.instrs.extend(inserted);
    seq.instrs.extend(tail);
    seq
}

pub fn build(unit: &mut Unit, flags: u32) -> Result<Graph> {
    let seq = splice_annotations(std::mem::take(&mut unit.seq));
    let mut g = Graph::from_sequence(seq);
    g.label_exception_targets();
    g.inline_small_exits();
    g.remove_unreachable();
    g.resolve_lines();
    g.optimize_constants(&mut unit.consts);
    for b in g.order() {
        g.optimize_block(b, &mut unit.consts);
    }
    g.remove_redundant_pairs();
    g.inline_small_exits();
    g.remove_unreachable();
    g.remove_redundant();
    g.remove_unused_consts(&mut unit.consts);
    let parameters = unit.argcount
        + unit.posonlyargcount
        + unit.kwonlyargcount
        + u32::from(flags & CodeFlags::VARARGS != 0)
        + u32::from(flags & CodeFlags::VARKEYWORDS != 0);
    g.check_uninitialized(unit.varnames.list.len(), parameters as usize);
    g.push_cold_to_end();
    g.resolve_lines();
    g.expand_conditional_pseudos();
    let firstlineno = unit.firstlineno;
    g.prefix(unit, flags, firstlineno);
    g.stacksize = g.stack_depth()?;
    g.drop_pseudos();
    g.normalize_jumps();
    Ok(g)
}

//! Which handler covers each instruction: the block pushes and pops of the instruction stream, followed along
//! every path.

use super::*;

impl Graph {
    pub fn label_exception_targets(&mut self) {
        let n = self.blocks.len();
        let mut stacks: Vec<Option<Vec<BlockRef>>> = vec![None; n];
        stacks[0] = Some(Vec::new());
        let mut todo = vec![0];
        let mut seen = vec![false; n];
        seen[0] = true;
        while let Some(b) = todo.pop() {
            let mut stack = stacks[b].take().unwrap_or_default();
            let mut yield_depth = 0;
            let mut visit = |target: BlockRef, stack: &[BlockRef], todo: &mut Vec<BlockRef>| {
                if !seen[target] {
                    seen[target] = true;
                    stacks[target] = Some(stack.to_vec());
                    todo.push(target);
                }
            };
            let mut instrs = std::mem::take(&mut self.blocks[b].instrs);
            for i in &mut instrs {
                let handler = stack.last().map(|h| *h as u32);
                if i.is_block_push() {
                    let Some(t) = i.target.map(|t| t as usize) else { continue };
                    visit(t, &stack, &mut todo);
                    self.blocks[t].handler = true;
                    if i.code != Code::SetupFinally {
                        self.blocks[t].preserve_lasti = true;
                    }
                    stack.push(t);
                    continue;
                }
                if i.code == Code::PopBlock {
                    stack.pop();
                    i.nop();
                    continue;
                }
                i.except = handler;
                if i.is_jump() && !i.is(Op::END_ASYNC_FOR) {
                    if let Some(t) = i.target {
                        visit(t as usize, &stack, &mut todo);
                    }
                } else if i.is(Op::YIELD_VALUE) {
                    yield_depth = stack.len();
                } else if i.is(Op::RESUME) && i.arg != 0 && yield_depth == 1 {
                    // Only the generator's own handler is around: closing it needs no unwinding.
                    i.arg |= 4;
                }
            }
            self.blocks[b].instrs = instrs;
            if self.blocks[b].falls_through()
                && let Some(next) = self.blocks[b].next
            {
                visit(next, &stack, &mut todo);
            }
        }
    }
}

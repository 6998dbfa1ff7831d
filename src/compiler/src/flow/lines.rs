//! Line numbers for instructions that have none of their own.

use super::*;
use crate::position::Loc;

impl Graph {
    pub fn resolve_lines(&mut self) {
        self.duplicate_exits();
        self.propagate_lines();
    }

    fn bare_exit(&self, b: BlockRef) -> bool {
        let block = &self.blocks[b];
        !block.instrs.is_empty()
            && (block.exits() || block.instrs.iter().any(Instr::has_eval_break))
            && block.no_lineno()
    }

    /// Exits without a line are copied to each jump that reaches them, to take its line.
    fn duplicate_exits(&mut self) {
        for b in self.order() {
            let Some(last) = self.blocks[b].last().copied() else { continue };
            if !last.is_jump() || last.is(Op::END_ASYNC_FOR) {
                continue;
            }
            let Some(target) = self.next_nonempty(last.target.map(|t| t as usize)) else { continue };
            if !self.bare_exit(target) || self.blocks[target].predecessors <= 1 {
                continue;
            }
            let mut copy = self.blocks[target].clone();
            copy.instrs[0].loc = last.loc;
            copy.predecessors = 1;
            copy.labelled = true;
            let id = self.insert_after(target, copy);
            if let Some(l) = self.blocks[b].instrs.last_mut() {
                l.target = Some(id as u32);
            }
            self.blocks[target].predecessors -= 1;
        }
        for b in self.order() {
            let block = &self.blocks[b];
            if let (Some(last), Some(next)) = (block.last().copied(), block.next)
                && block.falls_through()
                && self.bare_exit(next)
            {
                self.blocks[next].instrs[0].loc = last.loc;
            }
        }
    }

    fn propagate_lines(&mut self) {
        for b in self.order() {
            let mut prev = Loc::NONE;
            for i in &mut self.blocks[b].instrs {
                if i.loc.line == -1 {
                    i.loc = prev;
                } else {
                    prev = i.loc;
                }
            }
            let block = &self.blocks[b];
            let Some(last) = block.last().copied() else { continue };
            let through = block.next.filter(|_| block.falls_through());
            let jump = last.target.filter(|_| last.is_jump() && !last.is(Op::END_ASYNC_FOR)).map(|t| t as usize);
            for t in through.into_iter().chain(jump) {
                let t = &mut self.blocks[t];
                if t.predecessors == 1
                    && let Some(first) = t.instrs.first_mut()
                    && first.loc.line == -1
                {
                    first.loc = prev;
                }
            }
        }
    }
}

//! Removing what does nothing: unreachable blocks, no-ops, jumps to the next block, unused constants.

use super::*;
use crate::instr::Consts;
use crate::position::Loc;
use habu_bytecode::Const;

/// Exit blocks up to this size are copied to the jumps that reach them.
const MAX_COPY: usize = 4;

impl Graph {
    pub fn inline_small_exits(&mut self) {
        let mut changed = true;
        let mut budget = self.blocks.len() * 4 + 64;
        while changed && budget > 0 {
            changed = false;
            for b in self.order() {
                let Some(last) = self.blocks[b].last().copied() else { continue };
                let (true, Some(target)) = (last.is_unconditional(), last.target) else { continue };
                let target = target as usize;
                let t = &self.blocks[target];
                let small_exit = t.exits() && t.instrs.len() <= MAX_COPY;
                let bare = !t.instrs.is_empty() && t.no_lineno() && !t.falls_through();
                if target == b || !(small_exit || bare) {
                    continue;
                }
                let copied = t.instrs.clone();
                let block = &mut self.blocks[b];
                if let Some(l) = block.instrs.last_mut() {
                    l.nop();
                }
                block.instrs.extend(copied);
                if bare
                    && let Some(l) = block.instrs.last_mut()
                    && l.is_unconditional()
                    && l.loc.line == -1
                {
                    l.loc = last.loc;
                }
                self.blocks[target].predecessors = self.blocks[target].predecessors.saturating_sub(1);
                changed = true;
                budget -= 1;
                if budget == 0 {
                    break;
                }
            }
        }
    }

    pub fn remove_unreachable(&mut self) {
        self.blocks.iter_mut().for_each(|b| b.predecessors = 0);
        let mut seen = vec![false; self.blocks.len()];
        let mut todo = vec![0];
        seen[0] = true;
        self.blocks[0].predecessors = 1;
        while let Some(b) = todo.pop() {
            let block = &self.blocks[b];
            let mut reach: Vec<BlockRef> = Vec::new();
            if block.falls_through() {
                reach.extend(block.next);
            }
            for i in &block.instrs {
                if (i.is_jump() && !i.is(Op::END_ASYNC_FOR)) || i.is_block_push() {
                    reach.extend(i.target.map(|t| t as usize));
                }
            }
            for r in reach {
                self.blocks[r].predecessors += 1;
                if !seen[r] {
                    seen[r] = true;
                    todo.push(r);
                }
            }
        }
        for (b, seen) in self.blocks.iter_mut().zip(seen) {
            if !seen {
                b.instrs.clear();
                b.handler = false;
            }
        }
    }

    fn remove_nops(&mut self, b: BlockRef) -> bool {
        let after = self.next_nonempty(self.blocks[b].next);
        let next_line = after.and_then(|n| {
            let block = &self.blocks[n];
            let real = block.instrs.iter().find(|i| !(i.is(Op::NOP) && i.loc.line == -1));
            real.map(|i| i.loc.line)
        });
        let block = &mut self.blocks[b];
        let n = block.instrs.len();
        let mut keep = Vec::with_capacity(n);
        let mut prev_line = -1;
        for i in 0..n {
            let line = block.instrs[i].loc.line;
            if block.instrs[i].is(Op::NOP) {
                if line == -1 || prev_line == line {
                    continue;
                }
                if i + 1 < n {
                    let next = block.instrs[i + 1].loc.line;
                    if next == line {
                        continue;
                    }
                    if next == -1 {
                        block.instrs[i + 1].loc = block.instrs[i].loc;
                        continue;
                    }
                } else if next_line == Some(line) {
                    continue;
                }
            }
            keep.push(block.instrs[i]);
            prev_line = line;
        }
        let changed = keep.len() != n;
        block.instrs = keep;
        changed
    }

    fn remove_jumps(&mut self) -> bool {
        let mut changed = false;
        for b in self.order() {
            let Some(last) = self.blocks[b].last().copied() else { continue };
            if !last.is_unconditional() {
                continue;
            }
            let target = self.next_nonempty(last.target.map(|t| t as usize));
            let next = self.next_nonempty(self.blocks[b].next);
            if target.is_some() && target == next {
                if let Some(l) = self.blocks[b].instrs.last_mut() {
                    l.nop();
                }
                changed = true;
            }
        }
        changed
    }

    pub fn remove_redundant(&mut self) {
        loop {
            let mut changed = false;
            for b in self.order() {
                changed |= self.remove_nops(b);
            }
            changed |= self.remove_jumps();
            if !changed {
                break;
            }
        }
    }

    /// Values pushed only to be popped.
    pub fn remove_redundant_pairs(&mut self) {
        let mut done = false;
        while !done {
            done = true;
            let mut prev: Option<(BlockRef, usize)> = None;
            for b in self.order() {
                self.remove_nops(b);
                if self.blocks[b].labelled {
                    prev = None;
                }
                for i in 0..self.blocks[b].instrs.len() {
                    let cur = self.blocks[b].instrs[i];
                    if cur.is(Op::POP_TOP)
                        && let Some((pb, pi)) = prev
                    {
                        let p = self.blocks[pb].instrs[pi];
                        let pure = p.is(Op::LOAD_CONST) || p.is(Op::LOAD_SMALL_INT) || (p.is(Op::COPY) && p.arg == 1);
                        if pure {
                            self.blocks[pb].instrs[pi].nop();
                            self.blocks[b].instrs[i].nop();
                            done = false;
                        }
                    }
                    prev = Some((b, i));
                }
                let block = &self.blocks[b];
                if block.last().is_some_and(Instr::is_jump) || !block.falls_through() {
                    prev = None;
                }
            }
        }
    }

    /// The first constant stays: it may be the docstring.
    pub fn remove_unused_consts(&mut self, consts: &mut Consts) {
        let mut used = vec![false; consts.list.len()];
        if let Some(first) = used.first_mut() {
            *first = true;
        }
        for b in self.order() {
            for i in self.blocks[b].instrs.iter().filter(|i| i.is(Op::LOAD_CONST)) {
                used[i.arg as usize] = true;
            }
        }
        let mut map = vec![0u32; used.len()];
        let mut kept: Vec<Const> = Vec::new();
        for (i, c) in std::mem::take(&mut consts.list).into_iter().enumerate() {
            if used[i] {
                map[i] = kept.len() as u32;
                kept.push(c);
            }
        }
        consts.list = kept;
        for b in self.order() {
            for i in self.blocks[b].instrs.iter_mut().filter(|i| i.is(Op::LOAD_CONST)) {
                i.arg = map[i.arg as usize];
            }
        }
    }

    fn mark_cold(&mut self) {
        let n = self.blocks.len();
        let mut warm = vec![false; n];
        let mut todo = vec![0];
        warm[0] = true;
        let reach = |blocks: &[Block], b: BlockRef| {
            let block = &blocks[b];
            let mut out: Vec<BlockRef> = Vec::new();
            if block.falls_through() {
                out.extend(block.next);
            }
            let jumps = block.instrs.iter().filter(|i| i.is_jump() && !i.is(Op::END_ASYNC_FOR));
            out.extend(jumps.filter_map(|i| i.target.map(|t| t as usize)));
            out
        };
        while let Some(b) = todo.pop() {
            for r in reach(&self.blocks, b) {
                if !warm[r] {
                    warm[r] = true;
                    todo.push(r);
                }
            }
        }
        let mut todo: Vec<BlockRef> = self.order().into_iter().filter(|b| self.blocks[*b].handler && !warm[*b]).collect();
        todo.iter().for_each(|b| self.blocks[*b].cold = true);
        while let Some(b) = todo.pop() {
            for r in reach(&self.blocks, b) {
                if !warm[r] && !self.blocks[r].cold {
                    self.blocks[r].cold = true;
                    todo.push(r);
                }
            }
        }
    }

    /// Exception handlers leave the straight path.
    pub fn push_cold_to_end(&mut self) {
        if self.blocks[0].next.is_none() {
            return;
        }
        self.mark_cold();
        for b in self.order() {
            let block = &self.blocks[b];
            let Some(next) = block.next else { continue };
            if block.cold && block.falls_through() && !self.blocks[next].cold && self.warm_or_empty(next) {
                let mut jump = Instr::new(Code::JumpNoInterrupt, 0, Loc::NONE);
                jump.target = Some(next as u32);
                self.blocks[next].labelled = true;
                let fresh = Block { instrs: vec![jump], cold: true, predecessors: 1, ..Block::default() };
                self.insert_after(b, fresh);
            }
        }
        let order = self.order();
        let (cold, warm): (Vec<_>, Vec<_>) = order.iter().copied().partition(|b| self.blocks[*b].cold);
        let all: Vec<BlockRef> = warm.into_iter().chain(cold.iter().copied()).collect();
        for (i, b) in all.iter().enumerate() {
            self.blocks[*b].next = all.get(i + 1).copied();
        }
        if !cold.is_empty() {
            self.remove_redundant();
        }
    }

    fn warm_or_empty(&self, _b: BlockRef) -> bool {
        true
    }
}

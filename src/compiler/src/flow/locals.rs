//! Loads of locals that may be unbound become checked loads.

use super::*;

/// Functions with more locals than this are looked at block by block only.
const FULL_ANALYSIS: usize = 64;

impl Graph {
    pub fn check_uninitialized(&mut self, locals: usize, parameters: usize) {
        if locals == 0 {
            return;
        }
        if locals > FULL_ANALYSIS {
            self.check_within_blocks(locals, parameters);
        }
        let n = locals.min(FULL_ANALYSIS);
        let all: u64 = if n == 64 { u64::MAX } else { (1 << n) - 1 };
        let params: u64 = if parameters >= 64 { u64::MAX } else { (1 << parameters) - 1 };
        let mut unsafe_at: Vec<Option<u64>> = vec![None; self.blocks.len()];
        unsafe_at[0] = Some(all & !params);
        let mut todo = vec![0];
        while let Some(b) = todo.pop() {
            let mut mask = unsafe_at[b].unwrap_or(0);
            let mut join = |t: BlockRef, mask: u64| {
                let new = unsafe_at[t].unwrap_or(0) | mask;
                if unsafe_at[t] != Some(new) {
                    unsafe_at[t] = Some(new);
                    todo.push(t);
                }
            };
            for i in &self.blocks[b].instrs {
                if let Some(h) = i.except {
                    join(h as usize, mask);
                }
                mask = transfer(i, mask);
                // The handler may also be entered right after.
                if let Some(h) = i.except {
                    join(h as usize, mask);
                }
            }
            let block = &self.blocks[b];
            if block.falls_through()
                && let Some(next) = block.next
            {
                join(next, mask);
            }
            if let Some(last) = block.last()
                && last.is_jump()
                && !last.is(Op::END_ASYNC_FOR)
                && let Some(t) = last.target
            {
                join(t as usize, mask);
            }
        }
        for (b, start) in unsafe_at.iter().enumerate() {
            let Some(mut mask) = *start else { continue };
            for i in &mut self.blocks[b].instrs {
                if i.is(Op::LOAD_FAST) && i.arg < 64 && mask >> i.arg & 1 == 1 {
                    i.code = Code::Op(Op::LOAD_FAST_CHECK);
                }
                mask = transfer(i, mask);
            }
        }
    }

    fn check_within_blocks(&mut self, locals: usize, parameters: usize) {
        let mut known = vec![usize::MAX; locals];
        for b in self.order() {
            for i in &mut self.blocks[b].instrs {
                let at = i.arg as usize;
                if at < FULL_ANALYSIS.max(parameters) {
                    continue;
                }
                match i.code {
                    Code::Op(Op::DELETE_FAST | Op::LOAD_FAST_AND_CLEAR) | Code::StoreFastMaybeNull => {
                        known[at] = usize::MAX;
                    }
                    Code::Op(Op::STORE_FAST) => known[at] = b,
                    Code::Op(Op::LOAD_FAST) => {
                        if known[at] != b {
                            i.code = Code::Op(Op::LOAD_FAST_CHECK);
                        }
                        known[at] = b;
                    }
                    _ => {}
                }
            }
        }
    }
}

fn transfer(i: &Instr, mask: u64) -> u64 {
    if i.arg >= 64 {
        return mask;
    }
    let bit = 1u64 << i.arg;
    match i.code {
        Code::Op(Op::DELETE_FAST | Op::LOAD_FAST_AND_CLEAR) | Code::StoreFastMaybeNull => mask | bit,
        Code::Op(Op::STORE_FAST | Op::LOAD_FAST | Op::LOAD_FAST_CHECK) => mask & !bit,
        _ => mask,
    }
}

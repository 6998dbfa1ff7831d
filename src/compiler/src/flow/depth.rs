//! Stack depth along every path.

use super::*;
use crate::ast::Pos;
use crate::error::Error;
use habu_bytecode::effects::stack_effect;

fn effect(i: &Instr, jump: bool) -> i32 {
    match i.code {
        Code::Op(op) => stack_effect(op, i.arg, jump),
        Code::SetupFinally | Code::SetupWith => i32::from(jump),
        Code::SetupCleanup => 2 * i32::from(jump),
        Code::LoadClosure => 1,
        Code::StoreFastMaybeNull => -1,
        _ => 0,
    }
}

impl Graph {
    pub fn stack_depth(&mut self) -> Result<u32> {
        self.blocks.iter_mut().for_each(|b| b.depth = None);
        let wrong = || Error::new(Pos::default(), "internal compiler error: stack depth");
        let mut max = 0;
        let mut todo = vec![0usize];
        self.blocks[0].depth = Some(0);
        while let Some(b) = todo.pop() {
            let mut depth = self.blocks[b].depth.unwrap_or(0) as i32;
            let mut through = true;
            let mut reached: Vec<(usize, i32)> = Vec::new();
            for i in &self.blocks[b].instrs {
                let after = depth + effect(i, false);
                if after < 0 {
                    return Err(wrong());
                }
                max = max.max(after);
                if let Some(t) = i.target
                    && !i.is(Op::END_ASYNC_FOR)
                {
                    let at = depth + effect(i, true);
                    if at < 0 {
                        return Err(wrong());
                    }
                    max = max.max(at);
                    reached.push((t as usize, at));
                }
                depth = after;
                if i.is_unconditional() || i.is_scope_exit() {
                    through = false;
                    break;
                }
            }
            if through && let Some(n) = self.blocks[b].next {
                reached.push((n, depth));
            }
            for (t, d) in reached {
                match self.blocks[t].depth {
                    None => {
                        self.blocks[t].depth = Some(d as u32);
                        todo.push(t);
                    }
                    Some(old) => debug_assert_eq!(old, d as u32, "stack depth differs at a join"),
                }
            }
        }
        Ok(max.max(1) as u32)
    }
}

//! Early returns: where the first thing that called code does is to ask whether there is anything to do, that is asked
//! before the call, and only the rest is called.
//!
//! What must hold: what is built before the call does nothing that could be noticed, since the call does it again.

use super::env::Edge;
use super::inline::MAX_WORDS;
use super::{Builder, Env};
use crate::ir::*;
use crate::unit::{SUSPENDING, Unit};
use habu_bytecode::Op as B;
use habu_heap::Value;
use habu_runtime::object::*;
use std::rc::Rc;

/// Instructions of a question, and of what returns then.
const MAX_QUESTION: usize = 10;
const MAX_ANSWER: usize = 4;

impl Builder<'_> {
    /// Ask the callee's first question here, and call it where that does not make it return. `None`: it asks none, and
    /// nothing was left behind.
    pub fn try_early_return(
        &mut self,
        f: Gc<FunctionObj>,
        code: Gc<CodeObj>,
        args: &[V],
        place: (usize, u64),
    ) -> Option<V> {
        let words = code.nlocalsplus.get() as u32 + code.stacksize.get() as u32;
        if self.times_active(code) == 0
            || code.flags.get() as u32 & SUSPENDING != 0
            || !code.exceptions().is_empty()
            || self.base() + words > MAX_WORDS
            || !self.f.bodies[self.cx.body.index()].framed
        {
            return None;
        }
        let unit = Rc::new(Unit::new(f, 0)?);
        let rest = rest_after_question(&unit)?;
        if self.expects_feedback && unit.block_never_ran(rest) {
            return None;
        }
        let mark = self.mark();
        let bodies = self.f.bodies.len();
        let ends = self.body_here(f, unit, args, place, false, Some(rest));
        let asked = ends.filter(|e| {
            let called = self.f.bodies.len() > bodies + 1;
            !called && !e.returns.is_empty() && !e.until.is_empty()
        });
        let Some(asked) = asked else {
            self.back_to(mark);
            return None;
        };
        let before = self.env.clone();
        let early = self.join_returns(asked.returns);
        let (int, valid) = (self.ty(early).is_int(), self.env.valid);
        let early = self.end_with(early);
        self.env = before;
        self.join_knowledge(asked.until);
        let func = self.word(f.value().bits());
        let mut late = self.whole_call(func, code, args);
        if place.1 == 0 {
            late = self.asked_behind(place.0, late, valid, int);
        }
        let late = self.end_with(late);
        self.join(vec![early, late]);
        match self.env.slots.pop()? {
            Held::Value(v) => Some(v),
            _ => None,
        }
    }

    /// Behind the call, with its result: what the way without a call need not ask is asked before they meet.
    fn asked_behind(&mut self, at: usize, r: V, valid: bool, int: bool) -> V {
        let (u, next) = (&self.cx.unit, self.at + 1);
        if !u.is_boundary(next) || u.is_start[next] {
            return r;
        }
        let (slots, run) = (self.env.slots.clone(), self.run.clone());
        let at_call = std::mem::replace(&mut self.at, next);
        let int = int && !self.bad(Why::Int);
        self.env.slots.truncate(at);
        self.env.slots.push(Held::Value(r));
        self.begin_run(next);
        if valid {
            self.ask_again();
        }
        let r = match int {
            true => self.guard_int(r),
            false => r,
        };
        self.env.slots = slots;
        self.env.state = None;
        self.run = run;
        self.at = at_call;
        r
    }

    /// The end of a way here, with a value on top.
    fn end_with(&mut self, v: V) -> Edge {
        let mut env = self.env.clone();
        env.slots.push(Held::Value(v));
        Edge {
            from: self.cur,
            env,
        }
    }

    /// Go on where these edges of a callee meet, with what they know.
    fn join_knowledge(&mut self, edges: Vec<Edge>) {
        let none = self.word(Value::NONE.bits());
        let ways = edges.into_iter().map(|e| (e.from, none, e.env));
        let ways: Vec<(Block, V, Env)> = ways.collect();
        self.join_returns(ways);
    }
}

/// Where code goes on whose first block asks something and returns if that is so.
fn rest_after_question(u: &Unit) -> Option<usize> {
    let question = u.block_end(0);
    let asks = |i: usize| {
        matches!(
            u.ins[i].op,
            B::RESUME
                | B::LOAD_FAST
                | B::LOAD_FAST_CHECK
                | B::LOAD_CONST
                | B::LOAD_SMALL_INT
                | B::LOAD_ATTR
                | B::LOAD_GLOBAL
                | B::COMPARE_OP
                | B::IS_OP
                | B::TO_BOOL
        )
    };
    let (Some(jump), Some(next)) = u.successors(question) else {
        return None;
    };
    if question > MAX_QUESTION || u.ins[question].op == B::FOR_ITER || !(0..question).all(asks) {
        return None;
    }
    let returns = |b: usize| {
        let end = u.block_end(b);
        end - b <= MAX_ANSWER && u.ins[end].op == B::RETURN_VALUE && (b..end).all(asks)
    };
    match (returns(jump), returns(next)) {
        (true, false) => Some(next),
        (false, true) => Some(jump),
        _ => None,
    }
}

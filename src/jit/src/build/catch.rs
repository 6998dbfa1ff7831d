//! Exceptions that go on in the same code: what may raise branches to the handler instead of leaving.
//!
//! What must hold: a handler begins with the frame as it was when the instruction that raised began, its operand stack
//! cut to what the exception table says; the exception has its traceback entry by then. Handlers that have not run are
//! left to the interpreter: exits with a pending exception go there.

use super::Builder;
use crate::helpers::id;
use crate::ir::*;
use crate::unit::Catcher;
use habu_heap::Value;

impl Builder<'_> {
    /// Where an exception of this instruction goes on in this code, if it does.
    pub fn catcher(&self) -> Option<Catcher> {
        let u = &self.cx.unit;
        if self.cx.body != Body(0) {
            return None;
        }
        let c = u.catcher(self.run.1)?;
        let unseen = self.expects_feedback && u.block_never_ran(c.at);
        (!unseen && !self.headers.contains_key(&c.at)).then_some(c)
    }

    /// The exit of something that gives 0 when it has raised; `None` where that is looked at (`caught`).
    pub fn raised(&mut self) -> Option<Exit> {
        self.not_quiet();
        match self.catcher() {
            Some(_) => None,
            None => Some(self.exit(Why::Raised)),
        }
    }

    /// After such a call without exit: an exception goes to its handler, anything else goes on.
    pub fn caught(&mut self, r: V) {
        let Some(c) = self.catcher() else { return };
        let zero = self.raw(0);
        let raised = self.def(Inst::RawCmp(Cmp::Eq, r, zero), Ty::BOOL);
        let (handler, on) = self.split(raised);
        let env = self.env.clone();
        self.enter(handler);
        self.f.blocks[handler.index()].cold = true;
        self.handle(c);
        self.env = env;
        self.enter(on);
    }

    /// The pending exception on the stack of its handler.
    fn handle(&mut self, c: Catcher) {
        let op = self.cx.unit.op_of[self.run.1];
        let x = self.exit(Why::Raised);
        let (fp, at) = (
            self.def(Inst::FrameAddress(0), Ty::RAW),
            self.raw(op as i64),
        );
        let take = Inst::Call(id::catch, [fp, at].into(), Some(x));
        let exc = self.def(take, Ty::OBJECT);
        self.cut_for(c);
        self.push(exc);
        self.env.forget_heap();
        self.edge_to(c.at);
    }

    /// The frame as a handler begins with it, but for the exception.
    pub fn cut_for(&mut self, c: Catcher) {
        let depth = self.cx.unit.locals + c.depth;
        self.env.slots = self.run.0.iter().copied().take(depth).collect();
        if c.lasti {
            let offset = self.cx.unit.offset_of_op(self.run.1);
            let w = self.word(Value::small_int(offset as i64).bits());
            self.push(w);
        }
    }

    /// `raise` of a class on the stack that nobody sees.
    pub fn raises_quietly(&mut self) -> bool {
        match self.env.slots.last() {
            Some(&Held::Value(v)) => self.raised_quietly(v),
            _ => false,
        }
    }

    /// A call of a Python function.
    pub fn python_call(&mut self, call: PythonCall) -> V {
        let r = self.def(Inst::CallPython(Box::new(call)), Ty::ANY);
        self.env.forget_heap();
        self.caught(r);
        r
    }

    /// `PUSH_EXC_INFO`: the exception is being handled; below it stands the one that was until now.
    pub fn push_handled(&mut self) {
        let e = self.pop_word();
        let before = self.def(Inst::Call(id::push_handled, [e].into(), None), Ty::ANY);
        self.push(before);
        self.push(e);
    }

    /// `POP_EXCEPT`.
    pub fn pop_handled(&mut self) {
        let before = self.pop_word();
        self.def(Inst::Call(id::pop_handled, [before].into(), None), Ty::ANY);
    }

    /// `CHECK_EXC_MATCH`: does the handler for these classes take the exception below?
    pub fn matches_handler(&mut self) {
        let classes = self.pop_word();
        let e = self.pop_word();
        self.push(e);
        let r = self.call_as(id::matches_handler, &[e, classes], Ty::word(kind::BOOL));
        self.push(r);
    }
}

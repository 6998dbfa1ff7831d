//! try/except/finally, except*, with, and the await loop they share.

use super::block::{BlockType, FBlock};
use super::*;
use crate::ast::{Try, WithItem};
use habu_bytecode::opcode::{intrinsic1, intrinsic2, special};

impl<'a> Compiler<'a> {
    /// `yield from` the iterator on the stack (with the value to send above it).
    pub fn yield_from(&mut self, loc: Loc, is_await: bool) {
        let (send, fail, exit) = (self.new_label(), self.new_label(), self.new_label());
        self.use_label(send);
        self.jump(loc, Op::SEND, exit);
        self.jump(loc, Code::SetupFinally, fail);
        self.emit_arg(loc, Op::YIELD_VALUE, 1);
        self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
        self.emit_arg(loc, Op::RESUME, if is_await { 3 } else { 2 });
        self.jump(loc, Code::JumpNoInterrupt, send);
        self.use_label(fail);
        self.emit(loc, Op::CLEANUP_THROW);
        self.use_label(exit);
        self.emit(loc, Op::END_SEND);
    }

    pub fn await_top(&mut self, loc: Loc, how: u32) {
        self.emit_arg(loc, Op::GET_AWAITABLE, how);
        self.load_const(loc, Const::None);
        self.yield_from(loc, true);
    }

    pub fn yield_top(&mut self, loc: Loc) {
        let b = self.block();
        if b.generator && b.coroutine {
            self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::ASYNC_GEN_WRAP);
        }
        self.emit_arg(loc, Op::YIELD_VALUE, 0);
        self.emit_arg(loc, Op::RESUME, 1);
    }

    pub fn call_exit_with_nones(&mut self, loc: Loc) {
        for _ in 0..3 {
            self.load_const(loc, Const::None);
        }
        self.emit_arg(loc, Op::CALL, 3);
    }

    pub fn unbind(&mut self, loc: Loc, name: &Name) -> Result<()> {
        self.load_const(loc, Const::None);
        self.store_name(loc, name)?;
        self.name_op(loc, name, crate::ast::Ctx::Del)
    }

    fn pop_except_and_reraise(&mut self) {
        self.emit_arg(Loc::NONE, Op::COPY, 3);
        self.emit(Loc::NONE, Op::POP_EXCEPT);
        self.emit_arg(Loc::NONE, Op::RERAISE, 1);
    }

    pub fn try_stmt(&mut self, pos: Pos, t: &'a Try) -> Result<()> {
        if t.finalbody.is_empty() {
            self.try_handlers(pos, t)
        } else {
            self.try_finally(pos, t)
        }
    }

    fn try_handlers(&mut self, pos: Pos, t: &'a Try) -> Result<()> {
        if t.is_star {
            self.try_star(pos, t)
        } else {
            self.try_except(pos, t)
        }
    }

    fn try_finally(&mut self, pos: Pos, t: &'a Try) -> Result<()> {
        let loc = Loc::from(pos);
        let (body, end) = (self.new_label(), self.new_label());
        let (exit, cleanup) = (self.new_label(), self.new_label());
        self.jump(loc, Code::SetupFinally, end);
        self.use_label(body);
        let mut block = FBlock::new(BlockType::FinallyTry, Some(body), loc);
        block.exit = Some(end);
        block.finalbody = &t.finalbody;
        self.push_block(block)?;
        if t.handlers.is_empty() {
            self.stmts(&t.body)?;
        } else {
            self.try_handlers(pos, t)?;
        }
        self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
        self.pop_block();
        self.stmts(&t.finalbody)?;
        self.jump(Loc::NONE, Code::Jump, exit);
        self.use_label(end);
        self.push_block(FBlock::new(BlockType::FinallyEnd, Some(end), Loc::NONE))?;
        self.jump(Loc::NONE, Code::SetupCleanup, cleanup);
        self.emit(Loc::NONE, Op::PUSH_EXC_INFO);
        self.quiet += 1;
        let result = self.stmts(&t.finalbody);
        self.quiet -= 1;
        result?;
        self.pop_block();
        self.emit_arg(Loc::NONE, Op::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise();
        self.use_label(exit);
        Ok(())
    }

    fn try_except(&mut self, pos: Pos, t: &'a Try) -> Result<()> {
        let loc = Loc::from(pos);
        let (body, mut except) = (self.new_label(), self.new_label());
        let (end, cleanup) = (self.new_label(), self.new_label());
        self.jump(loc, Code::SetupFinally, except);
        self.use_label(body);
        self.push_block(FBlock::new(BlockType::TryExcept, Some(body), loc))?;
        self.stmts(&t.body)?;
        self.pop_block();
        self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
        self.stmts(&t.orelse)?;
        self.jump(Loc::NONE, Code::Jump, end);
        self.use_label(except);
        self.jump(Loc::NONE, Code::SetupCleanup, cleanup);
        self.emit(Loc::NONE, Op::PUSH_EXC_INFO);
        self.push_block(FBlock::new(BlockType::ExceptionHandler, None, loc))?;
        for (i, h) in t.handlers.iter().enumerate() {
            let at = Loc::from(h.pos);
            if h.typ.is_none() && i + 1 < t.handlers.len() {
                return self.error(h.pos, "default 'except:' must be last");
            }
            except = self.new_label();
            if let Some(e) = &h.typ {
                self.expr(e)?;
                self.emit(at, Op::CHECK_EXC_MATCH);
                self.jump(at, Op::POP_JUMP_IF_FALSE, except);
            }
            let inner = self.new_label();
            if let Some(name) = &h.name {
                let inner_end = self.new_label();
                self.store_name(at, name)?;
                self.jump(at, Code::SetupCleanup, inner_end);
                self.use_label(inner);
                let mut block = FBlock::new(BlockType::HandlerCleanup, Some(inner), at);
                block.name = Some(name.clone());
                self.push_block(block)?;
                self.stmts(&h.body)?;
                self.pop_block();
                self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
                self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
                self.emit(Loc::NONE, Op::POP_EXCEPT);
                self.unbind(Loc::NONE, name)?;
                self.jump(Loc::NONE, Code::JumpNoInterrupt, end);
                self.use_label(inner_end);
                self.unbind(Loc::NONE, name)?;
                self.emit_arg(Loc::NONE, Op::RERAISE, 1);
            } else {
                self.emit(at, Op::POP_TOP);
                self.use_label(inner);
                self.push_block(FBlock::new(BlockType::HandlerCleanup, Some(inner), at))?;
                self.stmts(&h.body)?;
                self.pop_block();
                self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
                self.emit(Loc::NONE, Op::POP_EXCEPT);
                self.jump(Loc::NONE, Code::JumpNoInterrupt, end);
            }
            self.use_label(except);
        }
        self.pop_block();
        self.emit_arg(Loc::NONE, Op::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise();
        self.use_label(end);
        Ok(())
    }

    fn try_star(&mut self, pos: Pos, t: &'a Try) -> Result<()> {
        let loc = Loc::from(pos);
        let (body, mut except, orelse) = (self.new_label(), self.new_label(), self.new_label());
        let (end, cleanup, reraise_star) = (self.new_label(), self.new_label(), self.new_label());
        self.jump(loc, Code::SetupFinally, except);
        self.use_label(body);
        self.push_block(FBlock::new(BlockType::TryExcept, Some(body), loc))?;
        self.stmts(&t.body)?;
        self.pop_block();
        self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
        self.jump(Loc::NONE, Code::Jump, orelse);
        self.use_label(except);
        self.jump(Loc::NONE, Code::SetupCleanup, cleanup);
        self.emit(Loc::NONE, Op::PUSH_EXC_INFO);
        self.push_block(FBlock::new(BlockType::ExceptionGroupHandler, None, loc))?;
        for (i, h) in t.handlers.iter().enumerate() {
            let at = Loc::from(h.pos);
            except = self.new_label();
            let (with_error, no_match) = (self.new_label(), self.new_label());
            if i == 0 {
                // A list for what the handlers raise, and a copy of the group to take matches from.
                self.emit_arg(at, Op::BUILD_LIST, 0);
                self.emit_arg(at, Op::COPY, 2);
            }
            if let Some(e) = &h.typ {
                self.expr(e)?;
                self.emit(at, Op::CHECK_EG_MATCH);
                self.emit_arg(at, Op::COPY, 1);
                self.jump(at, Op::POP_JUMP_IF_NONE, no_match);
            }
            let (inner_end, inner) = (self.new_label(), self.new_label());
            match &h.name {
                Some(name) => self.store_name(at, name)?,
                None => self.emit(at, Op::POP_TOP),
            }
            self.jump(at, Code::SetupCleanup, inner_end);
            self.use_label(inner);
            let mut block = FBlock::new(BlockType::HandlerCleanup, Some(inner), at);
            block.name = h.name.clone();
            self.push_block(block)?;
            self.stmts(&h.body)?;
            self.pop_block();
            self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
            if let Some(name) = &h.name {
                self.unbind(Loc::NONE, name)?;
            }
            self.jump(Loc::NONE, Code::Jump, except);
            self.use_label(inner_end);
            if let Some(name) = &h.name {
                self.unbind(Loc::NONE, name)?;
            }
            self.emit_arg(Loc::NONE, Op::LIST_APPEND, 3);
            self.emit(Loc::NONE, Op::POP_TOP);
            self.jump(Loc::NONE, Code::Jump, with_error);
            self.use_label(except);
            self.emit(Loc::NONE, Op::NOP);
            self.jump(Loc::NONE, Code::Jump, with_error);
            self.use_label(no_match);
            self.emit(at, Op::POP_TOP);
            self.use_label(with_error);
            if i + 1 == t.handlers.len() {
                self.emit_arg(Loc::NONE, Op::LIST_APPEND, 1);
                self.jump(Loc::NONE, Code::Jump, reraise_star);
            }
        }
        self.pop_block();
        let reraise = self.new_label();
        self.use_label(reraise_star);
        self.emit_arg(
            Loc::NONE,
            Op::CALL_INTRINSIC_2,
            intrinsic2::PREP_RERAISE_STAR,
        );
        self.emit_arg(Loc::NONE, Op::COPY, 1);
        self.jump(Loc::NONE, Op::POP_JUMP_IF_NOT_NONE, reraise);
        self.emit(Loc::NONE, Op::POP_TOP);
        self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
        self.emit(Loc::NONE, Op::POP_EXCEPT);
        self.jump(Loc::NONE, Code::JumpNoInterrupt, end);
        self.use_label(reraise);
        self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
        self.emit_arg(Loc::NONE, Op::SWAP, 2);
        self.emit(Loc::NONE, Op::POP_EXCEPT);
        self.emit_arg(Loc::NONE, Op::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise();
        self.use_label(orelse);
        self.stmts(&t.orelse)?;
        self.use_label(end);
        Ok(())
    }

    pub fn with_stmt(
        &mut self,
        pos: Pos,
        items: &'a [WithItem],
        body: &'a [Stmt],
        is_async: bool,
    ) -> Result<()> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || {
            self.with_inner(pos, items, body, is_async)
        })
    }

    fn with_inner(
        &mut self,
        pos: Pos,
        items: &'a [WithItem],
        body: &'a [Stmt],
        is_async: bool,
    ) -> Result<()> {
        let Some((item, rest)) = items.split_first() else {
            return self.stmts(body);
        };
        let (block, last) = (self.new_label(), self.new_label());
        let (exit, cleanup) = (self.new_label(), self.new_label());
        let loc = Loc::from(item.context.pos);
        let (enter, leave) = if is_async {
            (special::AENTER, special::AEXIT)
        } else {
            (special::ENTER, special::EXIT)
        };
        self.expr(&item.context)?;
        self.emit_arg(loc, Op::COPY, 1);
        self.emit_arg(loc, Op::LOAD_SPECIAL, leave);
        self.emit_arg(loc, Op::SWAP, 2);
        self.emit_arg(loc, Op::SWAP, 3);
        self.emit_arg(loc, Op::LOAD_SPECIAL, enter);
        self.emit_arg(loc, Op::CALL, 0);
        if is_async {
            self.await_top(loc, 1);
        }
        self.jump(loc, Code::SetupWith, last);
        self.use_label(block);
        let kind = if is_async {
            BlockType::AsyncWith
        } else {
            BlockType::With
        };
        let mut fblock = FBlock::new(kind, Some(block), loc);
        fblock.exit = Some(last);
        self.push_block(fblock)?;
        match &item.vars {
            Some(v) => self.expr(v)?,
            None => self.emit(loc, Op::POP_TOP),
        }
        if rest.is_empty() {
            self.stmts(body)?;
        } else {
            self.with_stmt(pos, rest, body, is_async)?;
        }
        self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
        self.pop_block();
        self.call_exit_with_nones(loc);
        if is_async {
            self.await_top(loc, 2);
        }
        self.emit(loc, Op::POP_TOP);
        self.jump(loc, Code::Jump, exit);
        self.use_label(last);
        self.jump(loc, Code::SetupCleanup, cleanup);
        self.emit(loc, Op::PUSH_EXC_INFO);
        self.emit(loc, Op::WITH_EXCEPT_START);
        if is_async {
            self.await_top(loc, 2);
        }
        let suppress = self.new_label();
        self.emit(Loc::NONE, Op::TO_BOOL);
        self.jump(Loc::NONE, Op::POP_JUMP_IF_TRUE, suppress);
        self.emit_arg(Loc::NONE, Op::RERAISE, 2);
        self.use_label(suppress);
        self.emit(Loc::NONE, Op::POP_TOP);
        self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
        self.emit(Loc::NONE, Op::POP_EXCEPT);
        for _ in 0..3 {
            self.emit(Loc::NONE, Op::POP_TOP);
        }
        self.jump(Loc::NONE, Code::JumpNoInterrupt, exit);
        self.use_label(cleanup);
        self.pop_except_and_reraise();
        self.use_label(exit);
        Ok(())
    }
}

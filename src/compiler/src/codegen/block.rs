//! Frame blocks: what a `return`, `break` or `continue` has to undo on its way out.

use super::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockType {
    WhileLoop,
    ForLoop,
    AsyncForLoop,
    TryExcept,
    FinallyTry,
    FinallyEnd,
    With,
    AsyncWith,
    HandlerCleanup,
    PopValue,
    ExceptionHandler,
    ExceptionGroupHandler,
    AsyncComprehension,
    StopIteration,
}

#[derive(Clone, Debug)]
pub struct FBlock<'a> {
    pub kind: BlockType,
    pub start: Option<Label>,
    pub exit: Option<Label>,
    pub loc: Loc,
    pub finalbody: &'a [Stmt],
    /// The name an `except … as name` has to unbind.
    pub name: Option<Name>,
}

impl FBlock<'_> {
    pub fn new(kind: BlockType, start: Option<Label>, loc: Loc) -> Self {
        FBlock { kind, start, exit: None, loc, finalbody: &[], name: None }
    }

    fn is_loop(&self) -> bool {
        matches!(self.kind, BlockType::WhileLoop | BlockType::ForLoop | BlockType::AsyncForLoop)
    }
}

impl<'a> Compiler<'a> {
    pub fn push_block(&mut self, block: FBlock<'a>) -> Result<()> {
        if self.u().fblocks.len() >= MAX_BLOCKS {
            let l = block.loc;
            let pos = Pos {
                line: l.line.max(0) as u32,
                col: l.col.max(0) as u32,
                end_line: l.end_line.max(0) as u32,
                end_col: l.end_col.max(0) as u32,
            };
            return self.error(pos, "too many statically nested blocks");
        }
        self.unit().fblocks.push(block);
        Ok(())
    }

    pub fn pop_block(&mut self) {
        self.unit().fblocks.pop();
    }

    fn unwind_one(&mut self, loc: &mut Loc, block: &FBlock<'a>, keep_top: bool) -> Result<()> {
        match block.kind {
            BlockType::WhileLoop
            | BlockType::ExceptionHandler
            | BlockType::ExceptionGroupHandler
            | BlockType::AsyncComprehension
            | BlockType::StopIteration => {}
            BlockType::ForLoop => {
                if keep_top {
                    self.emit_arg(*loc, Op::SWAP, 2);
                }
                self.emit(*loc, Op::POP_ITER);
            }
            BlockType::AsyncForLoop | BlockType::PopValue => {
                if keep_top {
                    self.emit_arg(*loc, Op::SWAP, 2);
                }
                self.emit(*loc, Op::POP_TOP);
            }
            BlockType::TryExcept => self.emit_pseudo(*loc, Code::PopBlock, 0),
            BlockType::FinallyTry => {
                self.emit_pseudo(*loc, Code::PopBlock, 0);
                if keep_top {
                    self.push_block(FBlock::new(BlockType::PopValue, None, *loc))?;
                }
                self.quiet += 1;
                let result = self.stmts(block.finalbody);
                self.quiet -= 1;
                result?;
                if keep_top {
                    self.pop_block();
                }
                *loc = Loc::NONE;
            }
            BlockType::FinallyEnd => {
                if keep_top {
                    self.emit_arg(*loc, Op::SWAP, 2);
                }
                self.emit(*loc, Op::POP_TOP);
                if keep_top {
                    self.emit_arg(*loc, Op::SWAP, 2);
                }
                self.emit_pseudo(*loc, Code::PopBlock, 0);
                self.emit(*loc, Op::POP_EXCEPT);
            }
            BlockType::With | BlockType::AsyncWith => {
                *loc = block.loc;
                self.emit_pseudo(*loc, Code::PopBlock, 0);
                if keep_top {
                    self.emit_arg(*loc, Op::SWAP, 3);
                    self.emit_arg(*loc, Op::SWAP, 2);
                }
                self.call_exit_with_nones(*loc);
                if block.kind == BlockType::AsyncWith {
                    self.await_top(*loc, 2);
                }
                self.emit(*loc, Op::POP_TOP);
                *loc = Loc::NONE;
            }
            BlockType::HandlerCleanup => {
                if block.name.is_some() {
                    self.emit_pseudo(*loc, Code::PopBlock, 0);
                }
                if keep_top {
                    self.emit_arg(*loc, Op::SWAP, 2);
                }
                self.emit_pseudo(*loc, Code::PopBlock, 0);
                self.emit(*loc, Op::POP_EXCEPT);
                if let Some(name) = &block.name {
                    self.unbind(*loc, name)?;
                }
            }
        }
        Ok(())
    }

    /// Unwinds all blocks, or those inside the innermost loop when `to_loop`; gives that loop.
    pub fn unwind(&mut self, loc: &mut Loc, keep_top: bool, to_loop: bool) -> Result<Option<FBlock<'a>>> {
        let Some(top) = self.u().fblocks.last() else { return Ok(None) };
        if top.kind == BlockType::ExceptionGroupHandler {
            let pos = pos_of(*loc);
            return self.error(pos, "'break', 'continue' and 'return' cannot appear in an except* block");
        }
        if to_loop && top.is_loop() {
            return Ok(Some(top.clone()));
        }
        let Some(copy) = self.unit().fblocks.pop() else { return Ok(None) };
        self.unwind_one(loc, &copy, keep_top)?;
        let found = self.unwind(loc, keep_top, to_loop)?;
        self.unit().fblocks.push(copy);
        Ok(found)
    }

    pub fn break_stmt(&mut self, pos: Pos) -> Result<()> {
        let mut loc = Loc::from(pos);
        self.emit(loc, Op::NOP);
        let Some(found) = self.unwind(&mut loc, false, true)? else {
            return self.error(pos, "'break' outside loop");
        };
        self.unwind_one(&mut loc, &found, false)?;
        if let Some(exit) = found.exit {
            self.jump(loc, Code::Jump, exit);
        }
        Ok(())
    }

    pub fn continue_stmt(&mut self, pos: Pos) -> Result<()> {
        let mut loc = Loc::from(pos);
        self.emit(loc, Op::NOP);
        let Some(found) = self.unwind(&mut loc, false, true)? else {
            return self.error(pos, "'continue' not properly in loop");
        };
        if let Some(start) = found.start {
            self.jump(loc, Code::Jump, start);
        }
        Ok(())
    }
}

pub fn pos_of(l: Loc) -> Pos {
    Pos {
        line: l.line.max(0) as u32,
        col: l.col.max(0) as u32,
        end_line: l.end_line.max(0) as u32,
        end_col: l.end_col.max(0) as u32,
    }
}

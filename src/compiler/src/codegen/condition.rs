//! Conditional jumps, comparisons and boolean operators.

use super::*;
use crate::ast::{BoolOp, CmpOp, ExprKind, UnaryOp};
use habu_bytecode::opcode::compare;

/// Which outcomes make the comparison true (unordered 1, less 2, greater 4, equal 8): CPython's low bits.
fn mask(op: u32) -> u32 {
    match op {
        compare::LT => 2,
        compare::LE => 10,
        compare::EQ => 8,
        compare::NE => 7,
        compare::GT => 4,
        _ => 12,
    }
}

pub fn compare_arg(op: u32) -> u32 {
    op << 5 | mask(op)
}

impl<'a> Compiler<'a> {
    pub fn compare_op(&mut self, loc: Loc, op: CmpOp) {
        let (op, arg) = match op {
            CmpOp::Eq => (Op::COMPARE_OP, compare_arg(compare::EQ)),
            CmpOp::NotEq => (Op::COMPARE_OP, compare_arg(compare::NE)),
            CmpOp::Lt => (Op::COMPARE_OP, compare_arg(compare::LT)),
            CmpOp::LtE => (Op::COMPARE_OP, compare_arg(compare::LE)),
            CmpOp::Gt => (Op::COMPARE_OP, compare_arg(compare::GT)),
            CmpOp::GtE => (Op::COMPARE_OP, compare_arg(compare::GE)),
            CmpOp::Is => (Op::IS_OP, 0),
            CmpOp::IsNot => (Op::IS_OP, 1),
            CmpOp::In => (Op::CONTAINS_OP, 0),
            CmpOp::NotIn => (Op::CONTAINS_OP, 1),
        };
        self.emit_arg(loc, op, arg);
    }

    pub fn jump_if(&mut self, loc: Loc, e: &'a Expr, next: Label, cond: bool) -> Result<()> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.jump_if_inner(loc, e, next, cond))
    }

    fn jump_if_inner(&mut self, loc: Loc, e: &'a Expr, next: Label, cond: bool) -> Result<()> {
        let here = Loc::from(e.pos);
        let pop_jump = if cond { Op::POP_JUMP_IF_TRUE } else { Op::POP_JUMP_IF_FALSE };
        match &e.kind {
            ExprKind::UnaryOp(UnaryOp::Not, v) => return self.jump_if(loc, v, next, !cond),
            ExprKind::BoolOp(op, values) => {
                let cond2 = *op == BoolOp::Or;
                let next2 = if cond2 != cond { self.new_label() } else { next };
                let Some((last, head)) = values.split_last() else { return Ok(()) };
                for v in head {
                    self.jump_if(loc, v, next2, cond2)?;
                }
                self.jump_if(loc, last, next, cond)?;
                if next2 != next {
                    self.use_label(next2);
                }
                return Ok(());
            }
            ExprKind::IfExp(test, body, orelse) => {
                let (end, next2) = (self.new_label(), self.new_label());
                self.jump_if(loc, test, next2, false)?;
                self.jump_if(loc, body, next, cond)?;
                self.jump(Loc::NONE, Code::Jump, end);
                self.use_label(next2);
                self.jump_if(loc, orelse, next, cond)?;
                self.use_label(end);
                return Ok(());
            }
            ExprKind::Compare(left, ops, comparators) if ops.len() > 1 => {
                self.check_compare(left, ops, comparators, e.pos);
                let cleanup = self.new_label();
                let n = ops.len() - 1;
                self.expr(left)?;
                for i in 0..n {
                    self.expr(&comparators[i])?;
                    self.emit_arg(here, Op::SWAP, 2);
                    self.emit_arg(here, Op::COPY, 2);
                    self.compare_op(here, ops[i]);
                    self.emit(here, Op::TO_BOOL);
                    self.jump(here, Op::POP_JUMP_IF_FALSE, cleanup);
                }
                self.expr(&comparators[n])?;
                self.compare_op(here, ops[n]);
                self.emit(here, Op::TO_BOOL);
                self.jump(here, pop_jump, next);
                let end = self.new_label();
                self.jump(Loc::NONE, Code::Jump, end);
                self.use_label(cleanup);
                self.emit(here, Op::POP_TOP);
                if !cond {
                    self.jump(Loc::NONE, Code::Jump, next);
                }
                self.use_label(end);
                return Ok(());
            }
            _ => {}
        }
        self.expr(e)?;
        self.emit(here, Op::TO_BOOL);
        self.jump(here, pop_jump, next);
        Ok(())
    }

    pub fn compare(&mut self, left: &'a Expr, ops: &[CmpOp], rights: &'a [Expr], pos: Pos) -> Result<()> {
        let loc = Loc::from(pos);
        self.check_compare(left, ops, rights, pos);
        self.expr(left)?;
        let n = ops.len() - 1;
        if n == 0 {
            self.expr(&rights[0])?;
            self.compare_op(loc, ops[0]);
            return Ok(());
        }
        let (cleanup, end) = (self.new_label(), self.new_label());
        for i in 0..n {
            self.expr(&rights[i])?;
            self.emit_arg(loc, Op::SWAP, 2);
            self.emit_arg(loc, Op::COPY, 2);
            self.compare_op(loc, ops[i]);
            self.emit_arg(loc, Op::COPY, 1);
            self.emit(loc, Op::TO_BOOL);
            self.jump(loc, Op::POP_JUMP_IF_FALSE, cleanup);
            self.emit(loc, Op::POP_TOP);
        }
        self.expr(&rights[n])?;
        self.compare_op(loc, ops[n]);
        self.jump(Loc::NONE, Code::Jump, end);
        self.use_label(cleanup);
        self.emit_arg(loc, Op::SWAP, 2);
        self.emit(loc, Op::POP_TOP);
        self.use_label(end);
        Ok(())
    }

    pub fn bool_op(&mut self, op: BoolOp, values: &'a [Expr], loc: Loc) -> Result<()> {
        let code = if op == BoolOp::And { Code::JumpIfFalse } else { Code::JumpIfTrue };
        let end = self.new_label();
        let Some((last, head)) = values.split_last() else { return Ok(()) };
        for v in head {
            self.expr(v)?;
            self.jump(loc, code, end);
            self.emit(loc, Op::POP_TOP);
        }
        self.expr(last)?;
        self.use_label(end);
        Ok(())
    }

    pub fn if_exp(&mut self, test: &'a Expr, body: &'a Expr, orelse: &'a Expr, loc: Loc) -> Result<()> {
        let (end, next) = (self.new_label(), self.new_label());
        self.jump_if(loc, test, next, false)?;
        self.expr(body)?;
        self.jump(Loc::NONE, Code::Jump, end);
        self.use_label(next);
        self.expr(orelse)?;
        self.use_label(end);
        Ok(())
    }
}

//! Statements.

use super::block::{BlockType, FBlock};
use super::call::at_attribute;
use super::expr::{binary_arg, is_two_part_slice};
use super::*;
use crate::ast::{Alias, Ctx, ExprKind, For, Operator, StmtKind};
use habu_bytecode::opcode::{binary, common_constant, intrinsic1};

impl<'a> Compiler<'a> {
    pub fn stmts(&mut self, body: &'a [Stmt]) -> Result<()> {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    pub fn stmt(&mut self, s: &'a Stmt) -> Result<()> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.stmt_inner(s))
    }

    fn conditional(&mut self, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let old = std::mem::replace(&mut self.unit().in_conditional, true);
        let result = f(self);
        self.unit().in_conditional = old;
        result
    }

    fn stmt_inner(&mut self, s: &'a Stmt) -> Result<()> {
        let loc = Loc::from(s.pos);
        match &s.kind {
            StmtKind::FunctionDef(f) => self.function(s.pos, f),
            StmtKind::ClassDef(c) => self.class(s.pos, c),
            StmtKind::TypeAlias(a) => self.type_alias(s.pos, a),
            StmtKind::Return(value) => self.return_stmt(s.pos, value.as_deref()),
            StmtKind::Delete(targets) => self.exprs(targets),
            StmtKind::Assign(targets, value) => {
                self.expr(value)?;
                for (i, t) in targets.iter().enumerate() {
                    if i + 1 < targets.len() {
                        self.emit_arg(loc, Op::COPY, 1);
                    }
                    self.expr(t)?;
                }
                Ok(())
            }
            StmtKind::AugAssign(target, op, value) => self.aug_assign(loc, target, *op, value),
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.ann_assign(loc, target, annotation, value.as_deref(), *simple)
            }
            StmtKind::For(f) => self.conditional(|c| if f.is_async { c.async_for(loc, f) } else { c.for_stmt(loc, f) }),
            StmtKind::While { test, body, orelse } => self.conditional(|c| c.while_stmt(loc, test, body, orelse)),
            StmtKind::If { .. } => self.conditional(|c| c.if_stmt(s)),
            StmtKind::With { items, body, is_async } => {
                self.conditional(|c| c.with_stmt(s.pos, items, body, *is_async))
            }
            StmtKind::Match { subject, cases } => self.conditional(|c| c.match_stmt(subject, cases)),
            StmtKind::Raise(exc, cause) => {
                let mut n = 0;
                for e in [exc, cause].into_iter().flatten() {
                    self.expr(e)?;
                    n += 1;
                }
                self.emit_arg(loc, Op::RAISE_VARARGS, n);
                Ok(())
            }
            StmtKind::Try(t) => self.conditional(|c| c.try_stmt(s.pos, t)),
            StmtKind::Assert(test, msg) => self.assert_stmt(loc, s.pos, test, msg.as_deref()),
            StmtKind::Import(names) => self.import(loc, names),
            StmtKind::ImportFrom { module, names, level } => self.import_from(loc, module.as_ref(), names, *level),
            StmtKind::Global(_) | StmtKind::Nonlocal(_) => Ok(()),
            StmtKind::Expr(e) => self.expr_stmt(loc, e),
            StmtKind::Pass => {
                self.emit(loc, Op::NOP);
                Ok(())
            }
            StmtKind::Break => self.break_stmt(s.pos),
            StmtKind::Continue => self.continue_stmt(s.pos),
        }
    }

    fn expr_stmt(&mut self, loc: Loc, e: &'a Expr) -> Result<()> {
        if self.interactive && self.units.len() == 1 {
            self.expr(e)?;
            self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::PRINT);
            self.emit(Loc::NONE, Op::POP_TOP);
        } else if matches!(e.kind, ExprKind::Constant(..)) {
            self.emit(loc, Op::NOP);
        } else {
            self.expr(e)?;
            self.emit(Loc::NONE, Op::POP_TOP);
        }
        Ok(())
    }

    fn return_stmt(&mut self, pos: Pos, value: Option<&'a Expr>) -> Result<()> {
        let mut loc = Loc::from(pos);
        let block = self.block();
        if !block.kind.function_like() {
            return self.error(pos, "'return' outside function");
        }
        if value.is_some() && block.coroutine && block.generator {
            return self.error(pos, "'return' with value in async generator");
        }
        let constant = match value.map(|v| &v.kind) {
            Some(ExprKind::Constant(c, _)) => Some(c.clone()),
            Some(_) => None,
            None => Some(Const::None),
        };
        if let Some(v) = value {
            if constant.is_none() {
                self.expr(v)?;
            } else {
                loc = Loc::from(v.pos);
                self.emit(loc, Op::NOP);
            }
        }
        if value.is_none_or(|v| v.pos.line != pos.line) {
            loc = Loc::from(pos);
            self.emit(loc, Op::NOP);
        }
        self.unwind(&mut loc, constant.is_none(), false)?;
        if let Some(c) = constant {
            self.load_const(loc, c);
        }
        self.emit(loc, Op::RETURN_VALUE);
        Ok(())
    }

    fn aug_assign(&mut self, stmt: Loc, target: &'a Expr, op: Operator, value: &'a Expr) -> Result<()> {
        let mut loc = Loc::from(target.pos);
        let mut two_part = false;
        match &target.kind {
            ExprKind::Attribute(v, attr, _) => {
                self.check_name(target.pos, attr, Ctx::Store)?;
                self.expr(v)?;
                self.emit_arg(loc, Op::COPY, 1);
                loc = at_attribute(loc, target.pos, attr);
                let i = self.attr_index(attr);
                self.emit_arg(loc, Op::LOAD_ATTR, i << 1);
            }
            ExprKind::Subscript(v, index, _) => {
                self.expr(v)?;
                two_part = is_two_part_slice(index);
                if two_part {
                    self.slice_two_parts(index)?;
                    for _ in 0..3 {
                        self.emit_arg(loc, Op::COPY, 3);
                    }
                    self.emit(loc, Op::BINARY_SLICE);
                } else {
                    self.expr(index)?;
                    self.emit_arg(loc, Op::COPY, 2);
                    self.emit_arg(loc, Op::COPY, 2);
                    self.emit_arg(loc, Op::BINARY_OP, binary::SUBSCR);
                }
            }
            ExprKind::Name(name, _) => {
                self.check_name(target.pos, name, Ctx::Store)?;
                self.load_name(loc, name)?;
            }
            _ => return self.error(target.pos, "illegal expression for augmented assignment"),
        }
        self.expr(value)?;
        self.emit_arg(stmt, Op::BINARY_OP, binary_arg(op) + binary::INPLACE);
        match &target.kind {
            ExprKind::Attribute(_, attr, _) => {
                self.emit_arg(loc, Op::SWAP, 2);
                let i = self.attr_index(attr);
                self.emit_arg(loc, Op::STORE_ATTR, i);
            }
            ExprKind::Subscript(..) if two_part => {
                for n in [4, 3, 2] {
                    self.emit_arg(loc, Op::SWAP, n);
                }
                self.emit(loc, Op::STORE_SLICE);
            }
            ExprKind::Subscript(..) => {
                self.emit_arg(loc, Op::SWAP, 3);
                self.emit_arg(loc, Op::SWAP, 2);
                self.emit(loc, Op::STORE_SUBSCR);
            }
            ExprKind::Name(name, _) => self.store_name(loc, name)?,
            _ => {}
        }
        Ok(())
    }

    /// Evaluates for its effect a part of an annotated target that is not assigned.
    fn evaluate(&mut self, e: &'a Expr) -> Result<()> {
        self.expr(e)?;
        self.emit(e.pos, Op::POP_TOP);
        Ok(())
    }

    fn evaluate_index(&mut self, e: &'a Expr) -> Result<()> {
        match &e.kind {
            ExprKind::Slice(a, b, c) => [a, b, c].into_iter().flatten().try_for_each(|p| self.evaluate(p)),
            ExprKind::Tuple(es, _) => es.iter().try_for_each(|e| self.evaluate_index(e)),
            _ => self.evaluate(e),
        }
    }

    fn ann_assign(
        &mut self,
        loc: Loc,
        target: &'a Expr,
        annotation: &'a Expr,
        value: Option<&'a Expr>,
        simple: bool,
    ) -> Result<()> {
        if let Some(v) = value {
            self.expr(v)?;
            self.expr(target)?;
        }
        match &target.kind {
            ExprKind::Name(name, _) => {
                self.check_name(target.pos, name, Ctx::Store)?;
                let scope = self.u().scope;
                if !simple || !matches!(scope, Scope::Module | Scope::Class) {
                    return Ok(());
                }
                if self.future_annotations {
                    self.annotation_expr(annotation)?;
                    let i = self.unit().names.add(&"__annotations__".into());
                    self.emit_arg(loc, Op::LOAD_NAME, i);
                    let mangled = self.mangle(name);
                    self.load_const(loc, Const::Str((&*mangled).into()));
                    self.emit(loc, Op::STORE_SUBSCR);
                    return Ok(());
                }
                let u = self.unit();
                let index = (scope == Scope::Module || u.in_conditional).then(|| {
                    u.next_conditional += 1;
                    u.next_conditional - 1
                });
                u.deferred.push((annotation, name.clone(), loc, index));
                if let Some(i) = index {
                    let marks: Name = "__conditional_annotations__".into();
                    match self.deref_index(&marks) {
                        Some(cell) if scope == Scope::Class => self.emit_arg(loc, Op::LOAD_DEREF, cell),
                        _ => {
                            let n = self.unit().names.add(&marks);
                            self.emit_arg(loc, Op::LOAD_NAME, n);
                        }
                    }
                    self.load_const(loc, Const::Int(i64::from(i)));
                    self.emit_arg(loc, Op::SET_ADD, 1);
                    self.emit(loc, Op::POP_TOP);
                }
                Ok(())
            }
            ExprKind::Attribute(v, attr, _) => {
                self.check_name(target.pos, attr, Ctx::Store)?;
                if value.is_none() {
                    self.evaluate(v)?;
                }
                Ok(())
            }
            ExprKind::Subscript(v, index, _) => {
                if value.is_none() {
                    self.evaluate(v)?;
                    self.evaluate_index(index)?;
                }
                Ok(())
            }
            _ => self.error(target.pos, "invalid node type for annotated assignment"),
        }
    }

    /// `elif` chains go on here without recursion.
    fn if_stmt(&mut self, s: &'a Stmt) -> Result<()> {
        let mut ends = Vec::new();
        let mut cur = s;
        while let StmtKind::If { test, body, orelse } = &cur.kind {
            let end = self.new_label();
            let next = if orelse.is_empty() { end } else { self.new_label() };
            self.jump_if(Loc::from(cur.pos), test, next, false)?;
            self.stmts(body)?;
            ends.push(end);
            if orelse.is_empty() {
                break;
            }
            self.jump(Loc::NONE, Code::Jump, end);
            self.use_label(next);
            match &orelse[..] {
                [only] if matches!(only.kind, StmtKind::If { .. }) => cur = only,
                _ => {
                    self.stmts(orelse)?;
                    break;
                }
            }
        }
        ends.into_iter().rev().for_each(|l| self.use_label(l));
        Ok(())
    }

    fn for_stmt(&mut self, loc: Loc, f: &'a For) -> Result<()> {
        let (start, cleanup, end) = (self.new_label(), self.new_label(), self.new_label());
        let mut block = FBlock::new(BlockType::ForLoop, Some(start), loc);
        block.exit = Some(end);
        self.push_block(block)?;
        self.expr(&f.iter)?;
        let iter = Loc::from(f.iter.pos);
        self.emit(iter, Op::GET_ITER);
        self.use_label(start);
        self.jump(iter, Op::FOR_ITER, cleanup);
        self.emit(f.target.pos, Op::NOP);
        self.expr(&f.target)?;
        self.stmts(&f.body)?;
        self.jump(Loc::NONE, Code::Jump, start);
        self.use_label(cleanup);
        self.emit(Loc::NONE, Op::END_FOR);
        self.emit(Loc::NONE, Op::POP_ITER);
        self.pop_block();
        self.stmts(&f.orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn async_for(&mut self, loc: Loc, f: &'a For) -> Result<()> {
        let (start, send) = (self.new_label(), self.new_label());
        let (except, end) = (self.new_label(), self.new_label());
        self.expr(&f.iter)?;
        self.emit(f.iter.pos, Op::GET_AITER);
        self.use_label(start);
        let mut block = FBlock::new(BlockType::AsyncForLoop, Some(start), loc);
        block.exit = Some(end);
        self.push_block(block)?;
        self.jump(loc, Code::SetupFinally, except);
        self.emit(loc, Op::GET_ANEXT);
        self.load_const(loc, Const::None);
        self.use_label(send);
        self.yield_from(loc, true);
        self.emit_pseudo(loc, Code::PopBlock, 0);
        self.expr(&f.target)?;
        self.stmts(&f.body)?;
        self.jump(Loc::NONE, Code::Jump, start);
        self.pop_block();
        self.use_label(except);
        self.jump(f.iter.pos, Op::END_ASYNC_FOR, send);
        self.stmts(&f.orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn while_stmt(&mut self, loc: Loc, test: &'a Expr, body: &'a [Stmt], orelse: &'a [Stmt]) -> Result<()> {
        let (start, anchor, end) = (self.new_label(), self.new_label(), self.new_label());
        self.use_label(start);
        let mut block = FBlock::new(BlockType::WhileLoop, Some(start), loc);
        block.exit = Some(end);
        self.push_block(block)?;
        self.jump_if(loc, test, anchor, false)?;
        self.stmts(body)?;
        self.jump(Loc::NONE, Code::Jump, start);
        self.pop_block();
        self.use_label(anchor);
        self.stmts(orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn assert_stmt(&mut self, loc: Loc, pos: Pos, test: &'a Expr, msg: Option<&'a Expr>) -> Result<()> {
        let always_true = match &test.kind {
            ExprKind::Tuple(es, _) => !es.is_empty(),
            ExprKind::Constant(Const::Tuple(es), _) => !es.is_empty(),
            _ => false,
        };
        if always_true {
            self.warn(pos, "assertion is always true, perhaps remove parentheses?");
        }
        if self.optimize > 0 {
            return Ok(());
        }
        let end = self.new_label();
        self.jump_if(loc, test, end, true)?;
        self.emit_arg(loc, Op::LOAD_COMMON_CONSTANT, common_constant::ASSERTION_ERROR);
        if let Some(m) = msg {
            self.expr(m)?;
            self.emit_arg(loc, Op::CALL, 0);
        }
        self.emit_arg(test.pos, Op::RAISE_VARARGS, 1);
        self.use_label(end);
        Ok(())
    }

    fn import(&mut self, loc: Loc, names: &'a [Alias]) -> Result<()> {
        for a in names {
            self.load_const(loc, Const::Int(0));
            self.load_const(loc, Const::None);
            self.emit_name(loc, Op::IMPORT_NAME, &a.name);
            match &a.asname {
                None => {
                    let top: Name = a.name.split('.').next().unwrap_or("").into();
                    self.store_name(loc, &top)?;
                }
                Some(asname) => {
                    let parts: Vec<&str> = a.name.split('.').skip(1).collect();
                    for (i, p) in parts.iter().enumerate() {
                        if i > 0 {
                            self.emit_arg(loc, Op::SWAP, 2);
                            self.emit(loc, Op::POP_TOP);
                        }
                        let n = self.unit().names.add(&(*p).into());
                        self.emit_arg(loc, Op::IMPORT_FROM, n);
                    }
                    self.store_name(loc, asname)?;
                    if !parts.is_empty() {
                        self.emit(loc, Op::POP_TOP);
                    }
                }
            }
        }
        Ok(())
    }

    fn import_from(&mut self, loc: Loc, module: Option<&Name>, names: &'a [Alias], level: u32) -> Result<()> {
        self.load_const(loc, Const::Int(i64::from(level)));
        let list: Vec<Const> = names.iter().map(|a| Const::Str((&*a.name).into())).collect();
        self.load_const(loc, Const::Tuple(list.into()));
        let empty: Name = "".into();
        self.emit_name(loc, Op::IMPORT_NAME, module.unwrap_or(&empty));
        for (i, a) in names.iter().enumerate() {
            if i == 0 && a.name.starts_with('*') {
                self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::IMPORT_STAR);
                self.emit(Loc::NONE, Op::POP_TOP);
                return Ok(());
            }
            self.emit_name(loc, Op::IMPORT_FROM, &a.name);
            self.store_name(loc, a.asname.as_ref().unwrap_or(&a.name))?;
        }
        self.emit(loc, Op::POP_TOP);
        Ok(())
    }
}

//! Annotations: `__annotate__` functions (PEP 649), or strings under the future import.

use super::*;
use crate::ast::{Arguments, ExprKind};
use crate::symtable::Role;
use habu_bytecode::opcode::{common_constant, compare, function_attribute as attribute};

impl<'a> Compiler<'a> {
    /// Opens a lazily evaluated scope, whose only argument tells the format; formats above 2 are refused.
    pub fn enter_annotations(&mut self, loc: Loc, key: Key, name: Name) -> Result<()> {
        self.enter(name, Scope::Annotations, key, loc.line, None)?;
        self.unit().posonlyargcount = 1;
        self.emit_arg(loc, Op::LOAD_FAST, 0);
        self.load_const(loc, Const::Int(2));
        self.emit_arg(loc, Op::COMPARE_OP, super::condition::compare_arg(compare::GT));
        let body = self.new_label();
        self.jump(loc, Op::POP_JUMP_IF_FALSE, body);
        self.emit_arg(loc, Op::LOAD_COMMON_CONSTANT, common_constant::NOT_IMPLEMENTED_ERROR);
        self.emit_arg(loc, Op::RAISE_VARARGS, 1);
        self.use_label(body);
        Ok(())
    }

    fn leave_annotations(&mut self, loc: Loc) -> Result<()> {
        self.emit(loc, Op::RETURN_VALUE);
        let mut code = self.finish(true)?;
        // The parameter shows as `format`, a name the scope itself may use for something else.
        if let Some(n) = code.localsplus_names.first_mut() {
            *n = "format".into();
        }
        self.make_closure(loc, code, 0)
    }

    /// Under the future import an annotation is its own source text.
    pub fn annotation_expr(&mut self, e: &'a Expr) -> Result<()> {
        let text = crate::unparse::unparse(e);
        self.load_const(e.pos, Const::Str(text.into()));
        Ok(())
    }

    fn one_annotation(&mut self, loc: Loc, name: &Name, e: Option<&'a Expr>) -> Result<u32> {
        let Some(e) = e else { return Ok(0) };
        let mangled = self.mangle(name);
        self.load_const(loc, Const::Str((&*mangled).into()));
        if self.future_annotations {
            self.annotation_expr(e)?;
        } else if let ExprKind::Starred(v, _) = &e.kind {
            // `*args: *Ts` means the one item of `[*Ts]`.
            self.expr(v)?;
            self.emit_arg(loc, Op::UNPACK_SEQUENCE, 1);
        } else {
            self.expr(e)?;
        }
        Ok(1)
    }

    pub fn signature_annotations(
        &mut self,
        loc: Loc,
        args: &'a Arguments,
        returns: Option<&'a Expr>,
    ) -> Result<u32> {
        let key = symtable::key(args, Role::Signature);
        let used = self.table.find(key).is_some_and(|b| self.table.blocks[b].annotations_used);
        if !used {
            return Ok(0);
        }
        if !self.future_annotations {
            self.enter_annotations(loc, key, "__annotate__".into())?;
        }
        let mut n = 0;
        let all = args.posonly.iter().chain(&args.args).chain(&args.vararg).chain(&args.kwonly).chain(&args.kwarg);
        for a in all {
            n += self.one_annotation(loc, &a.name, a.annotation.as_deref())?;
        }
        n += self.one_annotation(loc, &"return".into(), returns)?;
        if self.future_annotations {
            self.emit_arg(loc, Op::BUILD_TUPLE, n * 2);
            return Ok(attribute::ANNOTATIONS);
        }
        self.emit_arg(loc, Op::BUILD_MAP, n);
        self.leave_annotations(loc)?;
        Ok(attribute::ANNOTATE)
    }

    /// The `__annotate__` of a module or class, from the variable annotations met in its body.
    pub fn deferred_annotations(&mut self, loc: Loc) -> Result<()> {
        let deferred = std::mem::take(&mut self.unit().deferred);
        if deferred.is_empty() {
            return Ok(());
        }
        let scope = self.u().scope;
        let id = self.u().block;
        let saved = (scope == Scope::Module).then(|| std::mem::take(&mut self.unit().seq));
        self.enter_annotations(loc, (id, Role::Variables), "__annotate__".into())?;
        let marks: Name = "__conditional_annotations__".into();
        self.emit_arg(loc, Op::BUILD_MAP, 0);
        for (e, name, at, index) in deferred {
            let mangled = self.mangle(&name);
            let not_set = self.new_label();
            if let Some(i) = index {
                self.load_const(at, Const::Int(i64::from(i)));
                if scope == Scope::Class {
                    if let Some(cell) = self.deref_index(&marks) {
                        self.emit_arg(at, Op::LOAD_DEREF, cell);
                    }
                } else {
                    let n = self.unit().names.add(&marks);
                    self.emit_arg(at, Op::LOAD_GLOBAL, n << 1);
                }
                self.emit_arg(at, Op::CONTAINS_OP, 0);
                self.jump(at, Op::POP_JUMP_IF_FALSE, not_set);
            }
            self.expr(e)?;
            self.emit_arg(at, Op::COPY, 2);
            self.load_const(at, Const::Str((&*mangled).into()));
            self.emit(loc, Op::STORE_SUBSCR);
            self.use_label(not_set);
        }
        self.leave_annotations(loc)?;
        let target: Name = if scope == Scope::Class { "__annotate_func__" } else { "__annotate__" }.into();
        self.store_name(loc, &target)?;
        if let Some(main) = saved {
            let apart = std::mem::replace(&mut self.unit().seq, main);
            self.unit().seq.annotations = Some(Box::new(apart));
        }
        Ok(())
    }
}

//! Calls: plain, method, keyword, star arguments, `super()`, and the inlined `all`/`any`/`tuple` of a generator.

use super::unpack::{Build, STACK_GUIDELINE};
use super::*;
use crate::ast::{Ctx, ExprKind, Keyword};
use crate::symtable::{Binding, flag};
use habu_bytecode::opcode::{common_constant, intrinsic1};

/// The part of a location that belongs to the attribute's name, when it stands on a later line.
pub fn at_attribute(loc: Loc, pos: Pos, attr: &str) -> Loc {
    let mut out = loc;
    if loc.line != pos.end_line as i32 {
        out.line = pos.end_line as i32;
        let len = attr.chars().count() as i32;
        if len <= pos.end_col as i32 {
            out.col = pos.end_col as i32 - len;
            out.end_col = pos.end_col as i32;
        } else {
            out.col = -1;
            out.end_col = -1;
        }
    }
    out
}

impl<'a> Compiler<'a> {
    fn check_keywords(&self, keywords: &[Keyword]) -> Result<()> {
        for (i, k) in keywords.iter().enumerate() {
            let Some(name) = &k.arg else { continue };
            self.check_name(k.pos, name, Ctx::Store)?;
            if let Some(other) = keywords[i + 1..].iter().find(|o| o.arg.as_ref() == Some(name)) {
                return self.error(other.pos, format!("keyword argument repeated: {name}"));
            }
        }
        Ok(())
    }

    pub fn call(
        &mut self,
        pos: Pos,
        func: &'a Expr,
        args: &'a [Expr],
        keywords: &'a [Keyword],
    ) -> Result<()> {
        self.check_keywords(keywords)?;
        if self.method_call(pos, func, args, keywords)? {
            return Ok(());
        }
        let skip = self.new_label();
        self.check_caller(func);
        self.expr(func)?;
        self.generator_consumer(func, args, keywords, skip)?;
        self.emit(func.pos, Op::PUSH_NULL);
        self.call_arguments(Loc::from(pos), 0, args, None, keywords)?;
        self.use_label(skip);
        Ok(())
    }

    fn is_imported(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(n, _) => self.table.blocks[0].symbols.flags(n) & flag::DEF_IMPORT != 0,
            _ => false,
        }
    }

    fn method_call(
        &mut self,
        pos: Pos,
        func: &'a Expr,
        args: &'a [Expr],
        keywords: &'a [Keyword],
    ) -> Result<bool> {
        let ExprKind::Attribute(value, attr, Ctx::Load) = &func.kind else { return Ok(false) };
        if self.is_imported(value)
            || args.len() + keywords.len() + usize::from(!keywords.is_empty()) >= STACK_GUIDELINE
            || args.iter().any(|a| matches!(a.kind, ExprKind::Starred(..)))
            || keywords.iter().any(|k| k.arg.is_none())
        {
            return Ok(false);
        }
        let mut loc = Loc::from(func.pos);
        if let Some(two) = self.super_call(value) {
            self.super_arguments(value)?;
            let i = self.attr_index(attr);
            self.emit_arg(loc, Op::LOAD_SUPER_ATTR, i << 2 | u32::from(two) << 1 | 1);
            loc = at_attribute(loc, func.pos, attr);
            self.emit(loc, Op::NOP);
        } else {
            self.expr(value)?;
            loc = at_attribute(loc, func.pos, attr);
            let i = self.attr_index(attr);
            self.emit_arg(loc, Op::LOAD_ATTR, i << 1 | 1);
        }
        self.exprs(args)?;
        if keywords.is_empty() {
            self.emit_arg(at_attribute(Loc::from(pos), func.pos, attr), Op::CALL, args.len() as u32);
        } else {
            keywords.iter().try_for_each(|k| self.expr(&k.value))?;
            self.keyword_names(loc, keywords);
            let n = args.len() + keywords.len();
            self.emit_arg(at_attribute(Loc::from(pos), func.pos, attr), Op::CALL_KW, n as u32);
        }
        Ok(true)
    }

    pub fn attr_index(&mut self, attr: &Name) -> u32 {
        let mangled = self.mangle(attr);
        self.unit().names.add(&mangled)
    }

    fn keyword_names(&mut self, loc: Loc, keywords: &[Keyword]) {
        let names: Vec<Const> = keywords.iter().filter_map(|k| k.arg.as_ref()).map(|n| Const::Str((&**n).into())).collect();
        self.load_const(loc, Const::Tuple(names.into()));
    }

    /// Whether `e` is a `super()` call the interpreter may see through; the flag tells the two-argument form.
    pub fn super_call(&self, e: &Expr) -> Option<bool> {
        let ExprKind::Call(func, args, keywords) = &e.kind else { return None };
        let ExprKind::Name(name, _) = &func.kind else { return None };
        if &**name != "super" || !keywords.is_empty() {
            return None;
        }
        let binding = self.block().symbols.get("super").and_then(|s| s.binding);
        let shadowed = self.table.blocks[0].symbols.get("super").is_some_and(|s| s.flags & flag::DEF_BOUND != 0);
        if binding != Some(Binding::GlobalImplicit) || shadowed {
            return None;
        }
        if args.len() == 2 {
            return (!args.iter().any(|a| matches!(a.kind, ExprKind::Starred(..)))).then_some(true);
        }
        let u = self.u();
        if !args.is_empty() || u.argcount + u.posonlyargcount == 0 {
            return None;
        }
        let class = self.block().symbols.get("__class__").and_then(|s| s.binding);
        (class == Some(Binding::Free)).then_some(false)
    }

    pub fn super_arguments(&mut self, e: &'a Expr) -> Result<()> {
        let ExprKind::Call(func, args, _) = &e.kind else { return Ok(()) };
        self.load_name(func.pos, &"super".into())?;
        if args.len() == 2 {
            return self.exprs(args);
        }
        if let Some(i) = self.deref_index("__class__") {
            self.emit_arg(e.pos, Op::LOAD_DEREF, i);
        }
        if let Some(first) = self.u().varnames.list.first().cloned() {
            self.unit_name(e.pos, &first)?;
        }
        Ok(())
    }

    /// Loads a name that is mangled already.
    fn unit_name(&mut self, pos: Pos, name: &Name) -> Result<()> {
        let private = self.unit().private.take();
        let result = self.load_name(pos, name);
        self.unit().private = private;
        result
    }

    /// `all(x for …)` and its like loop in place when the name still means the builtin.
    fn generator_consumer(
        &mut self,
        func: &'a Expr,
        args: &'a [Expr],
        keywords: &[Keyword],
        end: Label,
    ) -> Result<()> {
        let (ExprKind::Name(name, _), [arg]) = (&func.kind, args) else { return Ok(()) };
        if !keywords.is_empty() || !matches!(arg.kind, ExprKind::GeneratorExp(..)) {
            return Ok(());
        }
        let loc = Loc::from(func.pos);
        let (constant, initial, go_on) = match &**name {
            "all" => (common_constant::BUILTIN_ALL, Const::True, Op::POP_JUMP_IF_TRUE),
            "any" => (common_constant::BUILTIN_ANY, Const::False, Op::POP_JUMP_IF_FALSE),
            "tuple" => (common_constant::BUILTIN_TUPLE, Const::None, Op::NOP),
            _ => return Ok(()),
        };
        let is_tuple = constant == common_constant::BUILTIN_TUPLE;
        let skip = self.new_label();
        self.emit_arg(loc, Op::COPY, 1);
        self.emit_arg(loc, Op::LOAD_COMMON_CONSTANT, constant);
        self.emit_arg(loc, Op::IS_OP, 0);
        self.jump(loc, Op::POP_JUMP_IF_FALSE, skip);
        self.emit(loc, Op::POP_TOP);
        if is_tuple {
            self.emit_arg(loc, Op::BUILD_LIST, 0);
        }
        self.expr(arg)?;
        let (loop_start, cleanup) = (self.new_label(), self.new_label());
        self.use_label(loop_start);
        self.jump(loc, Op::FOR_ITER, cleanup);
        if is_tuple {
            self.emit_arg(loc, Op::LIST_APPEND, 2);
            self.jump(loc, Code::Jump, loop_start);
        } else {
            self.emit(loc, Op::TO_BOOL);
            self.jump(loc, go_on, loop_start);
            self.emit(Loc::NONE, Op::POP_ITER);
            self.load_const(loc, if initial == Const::True { Const::False } else { Const::True });
            self.jump(loc, Code::Jump, end);
        }
        self.use_label(cleanup);
        self.emit(Loc::NONE, Op::END_FOR);
        self.emit(Loc::NONE, Op::POP_ITER);
        if is_tuple {
            self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::LIST_TO_TUPLE);
        } else {
            self.load_const(loc, initial);
        }
        self.jump(loc, Code::Jump, end);
        self.use_label(skip);
        Ok(())
    }

    /// The arguments and the call; `pushed` positional ones are on the stack already.
    pub fn call_arguments(
        &mut self,
        loc: Loc,
        pushed: u32,
        args: &'a [Expr],
        injected: Option<&Name>,
        keywords: &'a [Keyword],
    ) -> Result<()> {
        self.check_keywords(keywords)?;
        let simple = args.len() + keywords.len() * 2 <= STACK_GUIDELINE
            && !args.iter().any(|a| matches!(a.kind, ExprKind::Starred(..)))
            && !keywords.iter().any(|k| k.arg.is_none());
        if simple {
            self.exprs(args)?;
            let mut n = pushed + args.len() as u32;
            if let Some(name) = injected {
                self.load_name(loc, name)?;
                n += 1;
            }
            if keywords.is_empty() {
                self.emit_arg(loc, Op::CALL, n);
            } else {
                keywords.iter().try_for_each(|k| self.expr(&k.value))?;
                self.keyword_names(loc, keywords);
                self.emit_arg(loc, Op::CALL_KW, n + keywords.len() as u32);
            }
            return Ok(());
        }
        match args {
            [Expr { kind: ExprKind::Starred(v, _), .. }] if pushed == 0 && injected.is_none() => self.expr(v)?,
            _ => self.display(loc, args, injected, pushed, Build::Tuple)?,
        }
        if keywords.is_empty() {
            self.emit(loc, Op::PUSH_NULL);
        } else {
            let mut have = false;
            let mut seen = 0;
            for (i, k) in keywords.iter().enumerate() {
                if k.arg.is_some() {
                    seen += 1;
                    continue;
                }
                if seen > 0 {
                    self.keyword_dict(loc, &keywords[i - seen..i])?;
                    if have {
                        self.emit_arg(loc, Op::DICT_MERGE, 1);
                    }
                    have = true;
                    seen = 0;
                }
                if !have {
                    self.emit_arg(loc, Op::BUILD_MAP, 0);
                    have = true;
                }
                self.expr(&k.value)?;
                self.emit_arg(loc, Op::DICT_MERGE, 1);
            }
            if seen > 0 {
                self.keyword_dict(loc, &keywords[keywords.len() - seen..])?;
                if have {
                    self.emit_arg(loc, Op::DICT_MERGE, 1);
                }
            }
        }
        self.emit(loc, Op::CALL_FUNCTION_EX);
        Ok(())
    }

    fn keyword_dict(&mut self, loc: Loc, keywords: &'a [Keyword]) -> Result<()> {
        let big = keywords.len() * 2 > STACK_GUIDELINE;
        if big {
            self.emit_arg(Loc::NONE, Op::BUILD_MAP, 0);
        }
        for k in keywords {
            if let Some(name) = &k.arg {
                self.load_const(loc, Const::Str((&**name).into()));
            }
            self.expr(&k.value)?;
            if big {
                self.emit_arg(Loc::NONE, Op::MAP_ADD, 1);
            }
        }
        if !big {
            self.emit_arg(loc, Op::BUILD_MAP, keywords.len() as u32);
        }
        Ok(())
    }
}

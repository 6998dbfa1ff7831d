//! Functions, lambdas, classes, type parameters and type aliases.

use super::block::{BlockType, FBlock};
use super::*;
use crate::ast::{Arguments, ClassDef, ExprKind, FunctionDef, TypeAlias, TypeParam, TypeParamKind};
use crate::symtable::Role;
use habu_bytecode::opcode::{function_attribute as attribute, intrinsic1, intrinsic2};

/// Removes the indentation common to all lines but the first, as the compiler does with docstrings.
pub fn clean_doc(c: &Const) -> Const {
    let Const::Str(s) = c else { return c.clone() };
    let doc = expand_tabs(s);
    let first_len = doc.len() - doc.trim_start_matches(' ').len();
    let body = &doc[first_len..];
    let margin = body
        .split('\n')
        .skip(1)
        .filter(|l| !l.trim_start_matches(' ').is_empty())
        .map(|l| l.len() - l.trim_start_matches(' ').len())
        .min();
    let Some(margin) = margin else { return Const::Str(body.into()) };
    let mut out = String::with_capacity(body.len());
    for (i, line) in body.split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
            let spaces = line.len() - line.trim_start_matches(' ').len();
            out.push_str(&line[spaces.min(margin)..]);
        } else {
            out.push_str(line);
        }
    }
    Const::Str(out.into())
}

fn expand_tabs(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut col = 0;
    for c in s.chars() {
        match c {
            '\t' => {
                let n = 8 - col % 8;
                out.extend(std::iter::repeat_n(' ', n));
                col += n;
            }
            '\n' | '\r' => {
                out.push(c);
                col = 0;
            }
            _ => {
                out.push(c);
                col += 1;
            }
        }
    }
    out
}

fn text(name: &Name) -> Const {
    Const::Str((&**name).into())
}

impl<'a> Compiler<'a> {
    pub fn make_closure(&mut self, loc: impl Into<Loc>, code: CodeUnit, flags: u32) -> Result<()> {
        let loc = loc.into();
        let mut free = 0;
        for (name, kind) in code.localsplus_names.iter().zip(&*code.localsplus_kinds) {
            if kind & habu_bytecode::code::local_kind::FREE == 0 {
                continue;
            }
            let Some(i) = self.deref_index(name) else {
                return Err(Error::new(
                    super::block::pos_of(loc),
                    format!("internal compiler error: no cell for '{name}' in {}", self.u().name),
                ));
            };
            self.emit_pseudo(loc, Code::LoadClosure, i);
            free += 1;
        }
        let mut flags = flags;
        if free > 0 {
            flags |= attribute::CLOSURE;
            self.emit_arg(loc, Op::BUILD_TUPLE, free);
        }
        self.load_const(loc, Const::Code(Box::new(code)));
        self.emit(loc, Op::MAKE_FUNCTION);
        for f in [
            attribute::CLOSURE,
            attribute::ANNOTATIONS,
            attribute::ANNOTATE,
            attribute::KWDEFAULTS,
            attribute::DEFAULTS,
        ] {
            if flags & f != 0 {
                self.emit_arg(loc, Op::SET_FUNCTION_ATTRIBUTE, f);
            }
        }
        Ok(())
    }

    fn default_arguments(&mut self, loc: Loc, args: &'a Arguments) -> Result<u32> {
        let mut flags = 0;
        if !args.defaults.is_empty() {
            flags |= attribute::DEFAULTS;
            self.exprs(&args.defaults)?;
            self.emit_arg(loc, Op::BUILD_TUPLE, args.defaults.len() as u32);
        }
        let mut n = 0;
        for (a, d) in args.kwonly.iter().zip(&args.kw_defaults) {
            if let Some(d) = d {
                n += 1;
                let mangled = self.mangle(&a.name);
                self.load_const(loc, text(&mangled));
                self.expr(d)?;
            }
        }
        if n > 0 {
            self.emit_arg(loc, Op::BUILD_MAP, n);
            flags |= attribute::KWDEFAULTS;
        }
        Ok(flags)
    }

    fn set_counts(&mut self, args: &Arguments) {
        let u = self.unit();
        u.argcount = args.args.len() as u32;
        u.posonlyargcount = args.posonly.len() as u32;
        u.kwonlyargcount = args.kwonly.len() as u32;
    }

    fn check_arguments(&self, args: &Arguments) -> Result<()> {
        args.posonly
            .iter()
            .chain(&args.args)
            .chain(&args.vararg)
            .chain(&args.kwonly)
            .chain(&args.kwarg)
            .try_for_each(|a| self.check_name(a.pos, &a.name, crate::ast::Ctx::Store))
    }

    pub fn function(&mut self, pos: Pos, f: &'a FunctionDef) -> Result<()> {
        self.check_arguments(&f.args)?;
        self.exprs(&f.decorators)?;
        let first = f.decorators.first().map_or(pos.line, |d| d.pos.line) as i32;
        let loc = Loc::from(pos);
        let mut flags = self.default_arguments(loc, &f.args)?;
        let generic = !f.type_params.is_empty();
        let mut passed = 0;
        if generic {
            passed = u32::from(flags & attribute::DEFAULTS != 0) + u32::from(flags & attribute::KWDEFAULTS != 0);
            if passed == 2 {
                self.emit_arg(loc, Op::SWAP, 2);
            }
            self.enter_type_params(&f.name, &f.type_params, first, None)?;
            self.unit().argcount = passed;
            self.type_params(&f.type_params)?;
            for i in 0..passed {
                self.emit_arg(loc, Op::LOAD_FAST, i);
            }
        }
        flags |= self.signature_annotations(loc, &f.args, f.returns.as_ref())?;
        self.function_body(pos, f, flags, first)?;
        if generic {
            self.emit_arg(loc, Op::SWAP, 2);
            self.emit_arg(loc, Op::CALL_INTRINSIC_2, intrinsic2::SET_FUNCTION_TYPE_PARAMS);
            self.emit(loc, Op::RETURN_VALUE);
            let code = self.finish(false)?;
            self.make_closure(loc, code, 0)?;
            if passed > 0 {
                self.emit_arg(loc, Op::SWAP, passed + 1);
                self.emit_arg(loc, Op::CALL, passed - 1);
            } else {
                self.emit(loc, Op::PUSH_NULL);
                self.emit_arg(loc, Op::CALL, 0);
            }
        }
        self.apply_decorators(&f.decorators);
        self.store_name(loc, &f.name)
    }

    fn apply_decorators(&mut self, decorators: &[Expr]) {
        for d in decorators.iter().rev() {
            self.emit_arg(d.pos, Op::CALL, 0);
        }
    }

    fn enter_type_params(
        &mut self,
        name: &Name,
        params: &'a [TypeParam],
        first: i32,
        private: Option<Name>,
    ) -> Result<()> {
        let title: Name = format!("<generic parameters of {name}>").into();
        self.enter(title, Scope::Annotations, symtable::key(params, Role::TypeParams), first, private)
    }

    fn function_body(&mut self, pos: Pos, f: &'a FunctionDef, flags: u32, first: i32) -> Result<()> {
        let scope = if f.is_async { Scope::AsyncFunction } else { Scope::Function };
        self.enter(f.name.clone(), scope, symtable::key(f, Role::Body), first, None)?;
        self.set_counts(&f.args);
        let mut body = &f.body[..];
        if let Some(doc) = crate::ast::docstring(body) {
            body = &body[1..];
            if self.optimize < 2
                && let ExprKind::Constant(c, _) = &doc.kind
            {
                self.unit().has_docstring = true;
                self.unit().consts.add(clean_doc(c));
            }
        }
        let b = self.block();
        if b.coroutine || b.generator {
            let start = self.new_label();
            self.use_label(start);
            self.push_block(FBlock::new(BlockType::StopIteration, Some(start), Loc::NONE))?;
        }
        self.stmts(body)?;
        let code = self.finish(true)?;
        self.make_closure(pos, code, flags)
    }

    pub fn lambda(&mut self, pos: Pos, args: &'a Arguments, body: &'a Expr) -> Result<()> {
        self.check_arguments(args)?;
        let flags = self.default_arguments(Loc::from(pos), args)?;
        self.enter("<lambda>".into(), Scope::Lambda, symtable::key(args, Role::Body), pos.line as i32, None)?;
        self.set_counts(args);
        self.expr(body)?;
        let loc = if self.block().generator { Loc::NONE } else { Loc::from(body.pos) };
        self.emit(loc, Op::RETURN_VALUE);
        let code = self.finish(false)?;
        self.make_closure(pos, code, flags)
    }

    pub fn class(&mut self, pos: Pos, c: &'a ClassDef) -> Result<()> {
        self.exprs(&c.decorators)?;
        let first = c.decorators.first().map_or(pos.line, |d| d.pos.line) as i32;
        let loc = Loc::from(pos);
        let generic = !c.type_params.is_empty();
        if generic {
            self.enter_type_params(&c.name, &c.type_params, first, Some(c.name.clone()))?;
            self.type_params(&c.type_params)?;
            self.store_name(loc, &".type_params".into())?;
        }
        self.class_body(pos, c, first)?;
        if generic {
            self.load_name(loc, &".type_params".into())?;
            self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::SUBSCRIPT_GENERIC);
            let base: Name = ".generic_base".into();
            self.store_name(loc, &base)?;
            self.call_arguments(loc, 2, &c.bases, Some(&base), &c.keywords)?;
            self.emit(loc, Op::RETURN_VALUE);
            let code = self.finish(false)?;
            self.make_closure(loc, code, 0)?;
            self.emit(loc, Op::PUSH_NULL);
            self.emit_arg(loc, Op::CALL, 0);
        } else {
            self.call_arguments(loc, 2, &c.bases, None, &c.keywords)?;
        }
        self.apply_decorators(&c.decorators);
        self.store_name(loc, &c.name)
    }

    fn class_body(&mut self, pos: Pos, c: &'a ClassDef, first: i32) -> Result<()> {
        self.enter(c.name.clone(), Scope::Class, symtable::key(c, Role::Body), first, Some(c.name.clone()))?;
        let loc = Loc::line_only(first);
        self.load_name(loc, &"__name__".into())?;
        self.store_name(loc, &"__module__".into())?;
        let qualname = self.u().qualname.clone();
        self.load_const(loc, Const::Str(qualname.into()));
        self.store_name(loc, &"__qualname__".into())?;
        self.load_const(loc, Const::Int(i64::from(first)));
        self.store_name(loc, &"__firstlineno__".into())?;
        if !c.type_params.is_empty() {
            self.load_name(loc, &".type_params".into())?;
            self.store_name(loc, &"__type_params__".into())?;
        }
        let block = self.block();
        if block.needs_classdict
            && let Some(i) = self.deref_index("__classdict__")
        {
            self.emit(loc, Op::LOAD_LOCALS);
            self.emit_arg(loc, Op::STORE_DEREF, i);
        }
        if block.conditional_annotations
            && let Some(i) = self.deref_index("__conditional_annotations__")
        {
            self.emit_arg(loc, Op::BUILD_SET, 0);
            self.emit_arg(loc, Op::STORE_DEREF, i);
        }
        self.body(loc, &c.body)?;
        let statics: Vec<Const> = self.u().static_attributes.iter().map(text).collect();
        self.load_const(Loc::NONE, Const::Tuple(statics.into()));
        self.store_name(Loc::NONE, &"__static_attributes__".into())?;
        if block.needs_classdict
            && let Some(i) = self.deref_index("__classdict__")
        {
            self.emit_pseudo(Loc::NONE, Code::LoadClosure, i);
            self.store_name(Loc::NONE, &"__classdictcell__".into())?;
        }
        match self.deref_index("__class__") {
            Some(i) if block.needs_class_closure => {
                self.emit_pseudo(Loc::NONE, Code::LoadClosure, i);
                self.emit_arg(Loc::NONE, Op::COPY, 1);
                self.store_name(Loc::NONE, &"__classcell__".into())?;
            }
            _ => self.load_const(Loc::NONE, Const::None),
        }
        self.emit(Loc::NONE, Op::RETURN_VALUE);
        let code = self.finish(true)?;
        self.emit(pos, Op::LOAD_BUILD_CLASS);
        self.emit(pos, Op::PUSH_NULL);
        self.make_closure(pos, code, 0)?;
        self.load_const(pos, text(&c.name));
        Ok(())
    }

    fn bound_or_default(&mut self, e: &'a Expr, p: &'a TypeParam, role: Role, starred: bool) -> Result<()> {
        self.load_const(e.pos, Const::Tuple(Box::new([Const::Int(1)])));
        self.enter_annotations(Loc::from(e.pos), symtable::key(p, role), p.name.clone())?;
        match &e.kind {
            ExprKind::Starred(v, _) if starred => {
                self.expr(v)?;
                self.emit_arg(e.pos, Op::UNPACK_SEQUENCE, 1);
            }
            _ => self.expr(e)?,
        }
        self.emit(e.pos, Op::RETURN_VALUE);
        let code = self.finish(true)?;
        self.make_closure(e.pos, code, attribute::DEFAULTS)
    }

    pub fn type_params(&mut self, params: &'a [TypeParam]) -> Result<()> {
        let Some(first) = params.first() else { return Ok(()) };
        for p in params {
            let loc = Loc::from(p.pos);
            self.load_const(loc, text(&p.name));
            let mut starred = false;
            match &p.kind {
                TypeParamKind::TypeVar(Some(bound)) => {
                    self.bound_or_default(bound, p, Role::Bound, false)?;
                    let which = match bound.kind {
                        ExprKind::Tuple(..) => intrinsic2::TYPEVAR_WITH_CONSTRAINTS,
                        _ => intrinsic2::TYPEVAR_WITH_BOUND,
                    };
                    self.emit_arg(loc, Op::CALL_INTRINSIC_2, which);
                }
                TypeParamKind::TypeVar(None) => self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::TYPEVAR),
                TypeParamKind::ParamSpec => self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::PARAMSPEC),
                TypeParamKind::TypeVarTuple => {
                    starred = true;
                    self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::TYPEVARTUPLE);
                }
            }
            if let Some(d) = &p.default {
                self.bound_or_default(d, p, Role::Default, starred)?;
                self.emit_arg(loc, Op::CALL_INTRINSIC_2, intrinsic2::SET_TYPEPARAM_DEFAULT);
            }
            self.emit_arg(loc, Op::COPY, 1);
            self.store_name(loc, &p.name)?;
        }
        self.emit_arg(first.pos, Op::BUILD_TUPLE, params.len() as u32);
        Ok(())
    }

    pub fn type_alias(&mut self, pos: Pos, a: &'a TypeAlias) -> Result<()> {
        let loc = Loc::from(pos);
        let ExprKind::Name(name, _) = &a.name.kind else {
            return self.error(a.name.pos, "invalid syntax");
        };
        let generic = !a.type_params.is_empty();
        if generic {
            self.enter_type_params(name, &a.type_params, pos.line as i32, None)?;
            self.load_const(loc, text(name));
            self.type_params(&a.type_params)?;
        } else {
            self.load_const(loc, text(name));
            self.load_const(loc, Const::None);
        }
        self.load_const(loc, Const::Tuple(Box::new([Const::Int(1)])));
        self.enter_annotations(loc, symtable::key(a, Role::Body), name.clone())?;
        self.expr(&a.value)?;
        self.emit(loc, Op::RETURN_VALUE);
        let code = self.finish(false)?;
        self.make_closure(loc, code, attribute::DEFAULTS)?;
        self.emit_arg(loc, Op::BUILD_TUPLE, 3);
        self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::TYPEALIAS);
        if generic {
            self.emit(loc, Op::RETURN_VALUE);
            let code = self.finish(false)?;
            self.make_closure(loc, code, 0)?;
            self.emit(loc, Op::PUSH_NULL);
            self.emit_arg(loc, Op::CALL, 0);
        }
        self.store_name(loc, name)
    }
}

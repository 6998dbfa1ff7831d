//! First pass: what each block does with each name.

use super::flag::*;
use super::*;
use crate::ast::*;
use crate::error::Error;

const RED_ZONE: usize = 128 * 1024;
const GROWTH: usize = 4 * 1024 * 1024;

struct Builder {
    top_level_await: bool,
    t: SymbolTable,
    stack: Vec<BlockId>,
    cur: BlockId,
    private: Option<Name>,
}

pub fn build(module: &Mod, future_annotations: bool, top_level_await: bool) -> Result<SymbolTable> {
    let t = SymbolTable {
        blocks: Vec::new(),
        by_key: HashMap::new(),
        future_annotations,
    };
    let mut b = Builder {
        top_level_await,
        t,
        stack: Vec::new(),
        cur: 0,
        private: None,
    };
    b.enter(
        "top".into(),
        BlockKind::Module,
        key(module, Role::Body),
        Pos::default(),
    );
    match module {
        Mod::Module(body) | Mod::Interactive(body) => b.stmts(body)?,
        Mod::Expression(e) => b.expr(e)?,
    }
    Ok(b.t)
}

impl Builder {
    fn block(&mut self) -> &mut Block {
        &mut self.t.blocks[self.cur]
    }

    fn new_block(&mut self, name: Name, kind: BlockKind, key: Key, pos: Pos) -> BlockId {
        let parent = self.stack.last().map(|p| &self.t.blocks[*p]);
        let nested = parent.is_some_and(|p| p.nested || p.kind.function_like());
        let method =
            kind == BlockKind::Function && parent.is_some_and(|p| p.kind == BlockKind::Class);
        self.t.blocks.push(Block {
            kind,
            name,
            pos,
            symbols: Symbols::default(),
            varnames: Vec::new(),
            children: Vec::new(),
            directives: Vec::new(),
            nested,
            has_free: false,
            child_free: false,
            generator: false,
            coroutine: false,
            varargs: false,
            varkeywords: false,
            returns_value: false,
            needs_class_closure: false,
            needs_classdict: false,
            comp: CompKind::None,
            comp_inlined: false,
            comp_iter_target: false,
            comp_iter_expr: 0,
            can_see_class: false,
            annotations_used: false,
            annotation_block: None,
            conditional_annotations: false,
            in_conditional: false,
            in_unevaluated: false,
            place: "a TypeVar bound",
            method,
        });
        let id = self.t.blocks.len() - 1;
        self.t.by_key.insert(key, id);
        id
    }

    fn enter(&mut self, name: Name, kind: BlockKind, key: Key, pos: Pos) {
        let id = self.new_block(name, kind, key, pos);
        self.enter_existing(id, true);
    }

    fn enter_existing(&mut self, id: BlockId, add_child: bool) {
        let kind = self.t.blocks[id].kind;
        if add_child && let Some(parent) = self.stack.last().copied() {
            self.t.blocks[parent].children.push(id);
        }
        self.stack.push(id);
        self.cur = id;
        if matches!(
            kind,
            BlockKind::Annotation | BlockKind::TypeAlias | BlockKind::TypeVariable
        ) && self.t.blocks[id].varnames.is_empty()
        {
            // The evaluation format is the block's only parameter.
            let format: Name = ".format".into();
            let b = self.block();
            b.symbols.entry(&format).flags |= DEF_PARAM | USE;
            b.varnames.push(format);
        }
    }

    fn exit(&mut self) {
        self.stack.pop();
        self.cur = self.stack.last().copied().unwrap_or(0);
    }

    fn mangled(&self, name: &Name) -> Name {
        mangle(self.private.as_ref(), name)
    }

    fn add(&mut self, name: &Name, flags: u32, pos: Pos) -> Result<()> {
        self.add_to(self.cur, name, flags, pos)
    }

    fn add_to(&mut self, id: BlockId, name: &Name, flags: u32, pos: Pos) -> Result<()> {
        let mangled = self.mangled(name);
        let b = &mut self.t.blocks[id];
        let iter_target = b.comp_iter_target;
        let sym = b.symbols.entry(&mangled);
        if flags & DEF_PARAM != 0 && sym.flags & DEF_PARAM != 0 {
            return Err(Error::new(
                pos,
                format!("duplicate argument '{name}' in function definition"),
            ));
        }
        if flags & DEF_TYPE_PARAM != 0 && sym.flags & DEF_TYPE_PARAM != 0 {
            return Err(Error::new(
                pos,
                format!("duplicate type parameter '{name}'"),
            ));
        }
        sym.flags |= flags;
        if iter_target {
            // Inner comprehensions may not rebind what an outer clause bound by global/nonlocal.
            if sym.flags & (DEF_GLOBAL | DEF_NONLOCAL) != 0 {
                return Err(Error::new(
                    pos,
                    format!(
                        "comprehension inner loop cannot rebind assignment expression target '{name}'"
                    ),
                ));
            }
            sym.flags |= DEF_COMP_ITER;
        }
        if flags & DEF_PARAM != 0 {
            b.varnames.push(mangled);
        } else if flags & DEF_GLOBAL != 0 && id != 0 {
            // Globals declared in a function are globals of the module too.
            self.t.blocks[0].symbols.entry(&mangled).flags |= flags;
        }
        Ok(())
    }

    fn use_classdict(&mut self) {
        let name: Name = "__classdict__".into();
        let b = self.block();
        b.can_see_class = true;
        b.symbols.entry(&name).flags |= USE;
    }

    fn lookup(&self, id: BlockId, name: &Name) -> u32 {
        self.t.blocks[id].symbols.flags(&self.mangled(name))
    }

    fn stmts(&mut self, body: &[Stmt]) -> Result<()> {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    fn exprs(&mut self, es: &[Expr]) -> Result<()> {
        es.iter().try_for_each(|e| self.expr(e))
    }

    fn opt(&mut self, e: &Option<Box<Expr>>) -> Result<()> {
        e.as_ref().map_or(Ok(()), |e| self.expr(e))
    }

    fn stmt(&mut self, s: &Stmt) -> Result<()> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.stmt_inner(s))
    }

    /// Runs `f` as the body of a statement that may not run exactly once.
    fn conditional(&mut self, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let old = std::mem::replace(&mut self.block().in_conditional, true);
        f(self)?;
        self.block().in_conditional = old;
        Ok(())
    }

    fn stmt_inner(&mut self, s: &Stmt) -> Result<()> {
        let pos = s.pos;
        match &s.kind {
            StmtKind::FunctionDef(f) => {
                self.add(&f.name, DEF_LOCAL, pos)?;
                self.exprs(&f.args.defaults)?;
                f.args
                    .kw_defaults
                    .iter()
                    .flatten()
                    .try_for_each(|e| self.expr(e))?;
                self.exprs(&f.decorators)?;
                if !f.type_params.is_empty() {
                    let has_defaults = !f.args.defaults.is_empty();
                    let has_kw = f.args.kw_defaults.iter().any(Option::is_some);
                    self.type_param_block(
                        &f.name,
                        &f.type_params,
                        has_defaults,
                        has_kw,
                        false,
                        pos,
                    )?;
                }
                let body = self.new_block(
                    f.name.clone(),
                    BlockKind::Function,
                    key(&**f, Role::Body),
                    pos,
                );
                self.signature(&f.args, f.returns.as_ref(), pos)?;
                self.enter_existing(body, true);
                self.block().coroutine = f.is_async;
                self.parameters(&f.args)?;
                self.stmts(&f.body)?;
                self.exit();
                if !f.type_params.is_empty() {
                    self.exit();
                }
            }
            StmtKind::ClassDef(c) => {
                self.add(&c.name, DEF_LOCAL, pos)?;
                self.exprs(&c.decorators)?;
                let outer = self.private.clone();
                if !c.type_params.is_empty() {
                    self.private = Some(c.name.clone());
                    self.type_param_block(&c.name, &c.type_params, false, false, true, pos)?;
                }
                self.exprs(&c.bases)?;
                c.keywords.iter().try_for_each(|k| self.expr(&k.value))?;
                self.enter(c.name.clone(), BlockKind::Class, key(&**c, Role::Body), pos);
                self.private = Some(c.name.clone());
                if !c.type_params.is_empty() {
                    self.add(&"__type_params__".into(), DEF_LOCAL, pos)?;
                    self.add(&".type_params".into(), USE, pos)?;
                }
                self.stmts(&c.body)?;
                self.exit();
                if !c.type_params.is_empty() {
                    self.exit();
                }
                self.private = outer;
            }
            StmtKind::TypeAlias(a) => {
                self.expr(&a.name)?;
                let ExprKind::Name(name, _) = &a.name.kind else {
                    return Err(Error::new(a.name.pos, "invalid syntax"));
                };
                let in_class = self.block().kind == BlockKind::Class;
                if !a.type_params.is_empty() {
                    self.type_param_block(name, &a.type_params, false, false, false, pos)?;
                }
                self.enter(
                    name.clone(),
                    BlockKind::TypeAlias,
                    key(&**a, Role::Body),
                    pos,
                );
                if in_class {
                    self.use_classdict();
                }
                self.expr(&a.value)?;
                self.exit();
                if !a.type_params.is_empty() {
                    self.exit();
                }
            }
            StmtKind::Return(v) => {
                if let Some(v) = v {
                    self.expr(v)?;
                    self.block().returns_value = true;
                }
            }
            StmtKind::Delete(ts) => self.exprs(ts)?,
            StmtKind::Assign(ts, v) => {
                self.exprs(ts)?;
                self.expr(v)?;
            }
            StmtKind::AugAssign(t, _, v) => {
                self.expr(t)?;
                self.expr(v)?;
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => {
                if let ExprKind::Name(name, _) = &target.kind {
                    let cur = self.lookup(self.cur, name);
                    if cur & (DEF_GLOBAL | DEF_NONLOCAL) != 0 && self.cur != 0 && *simple {
                        let what = if cur & DEF_GLOBAL != 0 {
                            "global"
                        } else {
                            "nonlocal"
                        };
                        return Err(Error::new(
                            pos,
                            format!("annotated name '{name}' can't be {what}"),
                        ));
                    }
                    if *simple {
                        self.add(name, DEF_ANNOT | DEF_LOCAL, target.pos)?;
                    } else if value.is_some() {
                        self.add(name, DEF_LOCAL, target.pos)?;
                    }
                } else {
                    self.expr(target)?;
                }
                self.variable_annotation(annotation, *simple, pos)?;
                self.opt(value)?;
            }
            StmtKind::For(f) => {
                if f.is_async {
                    self.need_async("'async for'", pos)?;
                }
                self.expr(&f.target)?;
                self.expr(&f.iter)?;
                self.conditional(|b| {
                    b.stmts(&f.body)?;
                    b.stmts(&f.orelse)
                })?;
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expr(test)?;
                self.conditional(|b| {
                    b.stmts(body)?;
                    b.stmts(orelse)
                })?;
            }
            StmtKind::With {
                items,
                body,
                is_async,
            } => self.conditional(|b| {
                if *is_async {
                    b.need_async("'async with'", pos)?;
                }
                for i in items {
                    b.expr(&i.context)?;
                    if let Some(v) = &i.vars {
                        b.expr(v)?;
                    }
                }
                b.stmts(body)
            })?,
            StmtKind::Match { subject, cases } => {
                self.expr(subject)?;
                self.conditional(|b| {
                    for c in cases {
                        b.pattern(&c.pattern)?;
                        if let Some(g) = &c.guard {
                            b.expr(g)?;
                        }
                        b.stmts(&c.body)?;
                    }
                    Ok(())
                })?;
            }
            StmtKind::Raise(exc, cause) => {
                self.opt(exc)?;
                self.opt(cause)?;
            }
            StmtKind::Try(t) => self.conditional(|b| {
                b.stmts(&t.body)?;
                for h in &t.handlers {
                    if let Some(e) = &h.typ {
                        b.expr(e)?;
                    }
                    if let Some(n) = &h.name {
                        b.add(n, DEF_LOCAL, h.pos)?;
                    }
                    b.stmts(&h.body)?;
                }
                b.stmts(&t.orelse)?;
                b.stmts(&t.finalbody)
            })?,
            StmtKind::Assert(t, m) => {
                self.expr(t)?;
                self.opt(m)?;
            }
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                for a in names {
                    if &*a.name == "*" {
                        if self.block().kind != BlockKind::Module {
                            return Err(Error::new(a.pos, "import * only allowed at module level"));
                        }
                        continue;
                    }
                    let store: Name = match &a.asname {
                        Some(n) => n.clone(),
                        None => a.name.split('.').next().unwrap_or("").into(),
                    };
                    self.add(&store, DEF_IMPORT, a.pos)?;
                }
            }
            StmtKind::Global(names) => {
                for n in names {
                    self.directive(n, DEF_GLOBAL, "global", pos)?;
                }
            }
            StmtKind::Nonlocal(names) => {
                for n in names {
                    self.directive(n, DEF_NONLOCAL, "nonlocal", pos)?;
                }
            }
            StmtKind::Expr(e) => self.expr(e)?,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
        }
        Ok(())
    }

    fn directive(&mut self, name: &Name, what: u32, word: &str, pos: Pos) -> Result<()> {
        let cur = self.lookup(self.cur, name);
        if cur & (DEF_PARAM | DEF_LOCAL | USE | DEF_ANNOT) != 0 {
            let message = if cur & DEF_PARAM != 0 {
                format!("name '{name}' is parameter and {word}")
            } else if cur & USE != 0 {
                format!("name '{name}' is used prior to {word} declaration")
            } else if cur & DEF_ANNOT != 0 {
                format!("annotated name '{name}' can't be {word}")
            } else {
                format!("name '{name}' is assigned to before {word} declaration")
            };
            return Err(Error::new(pos, message));
        }
        self.add(name, what, pos)?;
        let mangled = self.mangled(name);
        self.block().directives.push((mangled, pos));
        Ok(())
    }

    fn type_param_block(
        &mut self,
        name: &Name,
        params: &[TypeParam],
        has_defaults: bool,
        has_kwdefaults: bool,
        is_class: bool,
        pos: Pos,
    ) -> Result<()> {
        let in_class = self.block().kind == BlockKind::Class;
        self.enter(
            name.clone(),
            BlockKind::TypeParameters,
            key(params, Role::TypeParams),
            pos,
        );
        if in_class {
            self.use_classdict();
        }
        if is_class {
            self.add(&".type_params".into(), DEF_LOCAL | USE, pos)?;
            self.add(&".generic_base".into(), DEF_LOCAL | USE, pos)?;
        }
        if has_defaults {
            self.add(&".defaults".into(), DEF_PARAM, pos)?;
        }
        if has_kwdefaults {
            self.add(&".kwdefaults".into(), DEF_PARAM, pos)?;
        }
        let mut seen_default = false;
        for p in params {
            if matches!(&*p.name, "__classdict__" | "__conditional_annotations__") {
                return Err(Error::new(
                    p.pos,
                    format!(
                        "reserved name '{}' cannot be used for type parameter",
                        p.name
                    ),
                ));
            }
            self.add(&p.name, DEF_TYPE_PARAM | DEF_LOCAL, p.pos)?;
            if let TypeParamKind::TypeVar(Some(bound)) = &p.kind {
                self.type_param_part(p, bound, Role::Bound)?;
            }
            match &p.default {
                Some(d) => {
                    seen_default = true;
                    self.type_param_part(p, d, Role::Default)?;
                }
                None if seen_default => {
                    return Err(Error::new(
                        p.pos,
                        format!(
                            "non-default type parameter '{}' follows default type parameter",
                            p.name
                        ),
                    ));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn type_param_part(&mut self, p: &TypeParam, e: &Expr, role: Role) -> Result<()> {
        let in_class = self.block().can_see_class;
        self.enter(p.name.clone(), BlockKind::TypeVariable, key(p, role), e.pos);
        self.block().place = match (&p.kind, role) {
            (TypeParamKind::TypeVar(_), Role::Default) => "a TypeVar default",
            (TypeParamKind::ParamSpec, _) => "a ParamSpec default",
            (TypeParamKind::TypeVarTuple, _) => "a TypeVarTuple default",
            _ if matches!(e.kind, ExprKind::Tuple(..)) => "a TypeVar constraint",
            _ => "a TypeVar bound",
        };
        if in_class {
            self.use_classdict();
        }
        self.expr(e)?;
        self.exit();
        Ok(())
    }

    fn parameters(&mut self, a: &Arguments) -> Result<()> {
        for p in a.posonly.iter().chain(&a.args).chain(&a.kwonly) {
            self.add(&p.name, DEF_PARAM, p.pos)?;
        }
        if let Some(p) = &a.vararg {
            self.add(&p.name, DEF_PARAM, p.pos)?;
            self.block().varargs = true;
        }
        if let Some(p) = &a.kwarg {
            self.add(&p.name, DEF_PARAM, p.pos)?;
            self.block().varkeywords = true;
        }
        Ok(())
    }

    fn signature(&mut self, a: &Arguments, returns: Option<&Expr>, pos: Pos) -> Result<()> {
        let parent = self.block();
        let in_class = parent.can_see_class || parent.kind == BlockKind::Class;
        let id = self.new_block(
            "__annotate__".into(),
            BlockKind::Annotation,
            key(a, Role::Signature),
            pos,
        );
        // Under the future import annotations are strings and their block leaves no trace.
        let keep = !self.t.future_annotations;
        self.enter_existing(id, keep);
        if in_class {
            self.use_classdict();
        }
        let all = a
            .posonly
            .iter()
            .chain(&a.args)
            .chain(&a.vararg)
            .chain(&a.kwarg)
            .chain(&a.kwonly);
        for e in all.filter_map(|p| p.annotation.as_deref()).chain(returns) {
            self.block().annotations_used = true;
            self.expr(e)?;
        }
        self.exit();
        Ok(())
    }

    fn variable_annotation(&mut self, e: &Expr, simple: bool, pos: Pos) -> Result<()> {
        let id = self.cur;
        let kind = self.block().kind;
        if kind == BlockKind::Function {
            self.block().in_unevaluated = true;
            let result = self.expr(e);
            self.t.blocks[id].in_unevaluated = false;
            return result;
        }
        let b = self.block();
        if simple
            && (kind == BlockKind::Module || (kind == BlockKind::Class && b.in_conditional))
            && !b.conditional_annotations
        {
            b.conditional_annotations = true;
            self.add(&"__conditional_annotations__".into(), USE, pos)?;
        }
        match self.t.blocks[id].annotation_block {
            Some(a) => self.enter_existing(a, false),
            None => {
                let k = (id, Role::Variables);
                let a = self.new_block("__annotate__".into(), BlockKind::Annotation, k, pos);
                self.t.blocks[id].annotation_block = Some(a);
                let keep = !self.t.future_annotations;
                self.enter_existing(a, keep);
                if kind == BlockKind::Class {
                    self.use_classdict();
                }
            }
        }
        self.t.blocks[id].annotations_used = true;
        if kind == BlockKind::Class && self.t.blocks[id].conditional_annotations {
            // `__annotate__` asks which of them were reached.
            self.add(&"__conditional_annotations__".into(), USE, pos)?;
        }
        self.expr(e)?;
        self.exit();
        Ok(())
    }

    /// yield, await and named expressions have no meaning where the expression runs in a scope of its own.
    fn forbid(&self, what: &str, pos: Pos) -> Result<()> {
        let b = &self.t.blocks[self.cur];
        let place = match b.kind {
            BlockKind::Annotation => "an annotation",
            _ if b.in_unevaluated => "an annotation",
            BlockKind::TypeVariable => b.place,
            BlockKind::TypeAlias => "a type alias",
            BlockKind::TypeParameters => "the definition of a generic",
            _ => return Ok(()),
        };
        Err(Error::new(
            pos,
            format!("{what} cannot be used within {place}"),
        ))
    }

    fn in_async_def(&self) -> bool {
        let b = &self.t.blocks[self.cur];
        b.kind == BlockKind::Function && b.coroutine
    }

    /// Is this the top level of a module that may await?
    fn may_await_here(&self) -> bool {
        self.top_level_await && self.t.blocks[self.cur].kind == BlockKind::Module
    }

    /// `await`, `async for` and `async with` need an asynchronous function, or a module that may await.
    fn need_async(&mut self, what: &str, pos: Pos) -> Result<()> {
        if self.may_await_here() {
            self.block().coroutine = true;
            return Ok(());
        }
        if !self.block().kind.function_like() && what == "'await'" {
            return Err(Error::new(pos, format!("{what} outside function")));
        }
        if !self.in_async_def() && self.block().comp == CompKind::None {
            return Err(Error::new(pos, format!("{what} outside async function")));
        }
        Ok(())
    }

    fn forbid_in_comprehension(&self, pos: Pos) -> Result<()> {
        let what = match self.t.blocks[self.cur].comp {
            CompKind::None => return Ok(()),
            CompKind::List => "'yield' inside list comprehension",
            CompKind::Set => "'yield' inside set comprehension",
            CompKind::Dict => "'yield' inside dict comprehension",
            CompKind::Generator => "'yield' inside generator expression",
        };
        Err(Error::new(pos, what))
    }

    fn expr(&mut self, e: &Expr) -> Result<()> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.expr_inner(e))
    }

    fn expr_inner(&mut self, e: &Expr) -> Result<()> {
        let pos = e.pos;
        match &e.kind {
            ExprKind::Named(target, value) => {
                self.forbid("named expression", pos)?;
                if self.block().comp_iter_expr > 0 {
                    return Err(Error::new(
                        pos,
                        "assignment expression cannot be used in a comprehension iterable expression",
                    ));
                }
                if self.block().comp != CompKind::None {
                    self.extend_named_scope(target)?;
                }
                self.expr(value)?;
                self.expr(target)?;
            }
            ExprKind::BoolOp(_, vs) => self.exprs(vs)?,
            ExprKind::BinOp(l, _, r) => {
                self.expr(l)?;
                self.expr(r)?;
            }
            ExprKind::UnaryOp(_, v) => self.expr(v)?,
            ExprKind::Lambda(args, body) => {
                self.exprs(&args.defaults)?;
                args.kw_defaults
                    .iter()
                    .flatten()
                    .try_for_each(|e| self.expr(e))?;
                self.enter(
                    "lambda".into(),
                    BlockKind::Function,
                    key(&**args, Role::Body),
                    pos,
                );
                self.parameters(args)?;
                self.expr(body)?;
                self.exit();
            }
            ExprKind::IfExp(t, b, o) => {
                self.expr(t)?;
                self.expr(b)?;
                self.expr(o)?;
            }
            ExprKind::Dict(ks, vs) => {
                ks.iter().flatten().try_for_each(|k| self.expr(k))?;
                self.exprs(vs)?;
            }
            ExprKind::Set(es) | ExprKind::List(es, _) | ExprKind::Tuple(es, _) => self.exprs(es)?,
            ExprKind::ListComp(elt, g) => {
                self.comprehension(elt, None, g, CompKind::List, "listcomp", pos)?
            }
            ExprKind::SetComp(elt, g) => {
                self.comprehension(elt, None, g, CompKind::Set, "setcomp", pos)?
            }
            ExprKind::DictComp(k, v, g) => {
                self.comprehension(k, Some(v), g, CompKind::Dict, "dictcomp", pos)?
            }
            ExprKind::GeneratorExp(elt, g) => {
                self.comprehension(elt, None, g, CompKind::Generator, "genexpr", pos)?
            }
            ExprKind::Yield(v) => {
                self.forbid("yield expression", pos)?;
                self.opt(v)?;
                self.block().generator = true;
                self.forbid_in_comprehension(pos)?;
            }
            ExprKind::YieldFrom(v) => {
                self.forbid("yield expression", pos)?;
                self.expr(v)?;
                self.block().generator = true;
                self.forbid_in_comprehension(pos)?;
            }
            ExprKind::Await(v) => {
                self.forbid("await expression", pos)?;
                self.need_async("'await'", pos)?;
                self.expr(v)?;
                self.block().coroutine = true;
            }
            ExprKind::Compare(l, _, rs) => {
                self.expr(l)?;
                self.exprs(rs)?;
            }
            ExprKind::Call(f, args, kws) => {
                self.expr(f)?;
                self.exprs(args)?;
                for k in kws {
                    self.expr(&k.value)?;
                }
            }
            ExprKind::FormattedValue {
                value, format_spec, ..
            }
            | ExprKind::Interpolation {
                value, format_spec, ..
            } => {
                self.expr(value)?;
                self.opt(format_spec)?;
            }
            ExprKind::JoinedStr(es) | ExprKind::TemplateStr(es) => self.exprs(es)?,
            ExprKind::Constant(..) => {}
            ExprKind::Attribute(v, ..) | ExprKind::Starred(v, _) => self.expr(v)?,
            ExprKind::Subscript(v, s, _) => {
                self.expr(v)?;
                self.expr(s)?;
            }
            ExprKind::Slice(a, b, c) => {
                self.opt(a)?;
                self.opt(b)?;
                self.opt(c)?;
            }
            ExprKind::Name(name, ctx) => {
                if !self.block().in_unevaluated {
                    self.add(name, if *ctx == Ctx::Load { USE } else { DEF_LOCAL }, pos)?;
                    // A call of super() without arguments needs the class.
                    if *ctx == Ctx::Load && self.block().kind.function_like() && &**name == "super"
                    {
                        self.add(&"__class__".into(), USE, pos)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn extend_named_scope(&mut self, target: &Expr) -> Result<()> {
        let ExprKind::Name(name, _) = &target.kind else {
            return Ok(());
        };
        let pos = target.pos;
        for id in self.stack.clone().into_iter().rev() {
            let in_scope = self.lookup(id, name);
            let b = &self.t.blocks[id];
            if b.comp != CompKind::None {
                if in_scope & DEF_COMP_ITER != 0 && in_scope & DEF_LOCAL != 0 {
                    return Err(Error::new(
                        pos,
                        format!(
                            "assignment expression cannot rebind comprehension iteration variable '{name}'"
                        ),
                    ));
                }
                continue;
            }
            let place = match b.kind {
                BlockKind::Function => {
                    let how = if in_scope & DEF_GLOBAL != 0 {
                        DEF_GLOBAL
                    } else {
                        DEF_NONLOCAL
                    };
                    self.add(name, how, pos)?;
                    let mangled = self.mangled(name);
                    self.block().directives.push((mangled, pos));
                    return self.add_to(id, name, DEF_LOCAL, pos);
                }
                BlockKind::Module => {
                    self.add(name, DEF_GLOBAL, pos)?;
                    let mangled = self.mangled(name);
                    self.block().directives.push((mangled, pos));
                    return self.add_to(id, name, DEF_GLOBAL, pos);
                }
                BlockKind::Class => "cannot be used in a class body",
                BlockKind::TypeVariable => "cannot be used in a TypeVar bound",
                BlockKind::TypeAlias => "cannot be used in a type alias",
                BlockKind::TypeParameters => "cannot be used within the definition of a generic",
                BlockKind::Annotation => "cannot be used within an annotation",
            };
            return Err(Error::new(
                pos,
                format!("assignment expression within a comprehension {place}"),
            ));
        }
        Ok(())
    }

    fn comprehension(
        &mut self,
        elt: &Expr,
        value: Option<&Expr>,
        gens: &[crate::ast::Comprehension],
        kind: CompKind,
        name: &str,
        pos: Pos,
    ) -> Result<()> {
        let Some((first, rest)) = gens.split_first() else {
            return Ok(());
        };
        self.block().comp_iter_expr += 1;
        self.expr(&first.iter)?;
        self.block().comp_iter_expr -= 1;
        let unevaluated = self.block().in_unevaluated;
        self.enter(name.into(), BlockKind::Function, key(gens, Role::Body), pos);
        let b = self.block();
        b.comp = kind;
        b.in_unevaluated = unevaluated;
        b.coroutine = first.is_async;
        b.generator = kind == CompKind::Generator;
        self.add(&".0".into(), DEF_PARAM, pos)?;
        self.comp_target(&first.target)?;
        self.exprs(&first.ifs)?;
        for g in rest {
            self.comp_target(&g.target)?;
            self.block().comp_iter_expr += 1;
            self.expr(&g.iter)?;
            self.block().comp_iter_expr -= 1;
            self.exprs(&g.ifs)?;
            if g.is_async {
                self.block().coroutine = true;
            }
        }
        if let Some(v) = value {
            self.expr(v)?;
        }
        self.expr(elt)?;
        let is_async = self.block().coroutine && kind != CompKind::Generator;
        self.exit();
        if is_async
            && !self.in_async_def()
            && self.block().comp == CompKind::None
            && !self.may_await_here()
        {
            return Err(Error::new(
                pos,
                "asynchronous comprehension outside of an asynchronous function",
            ));
        }
        if is_async {
            self.block().coroutine = true;
        }
        Ok(())
    }

    fn comp_target(&mut self, target: &Expr) -> Result<()> {
        self.block().comp_iter_target = true;
        self.expr(target)?;
        self.block().comp_iter_target = false;
        Ok(())
    }

    fn pattern(&mut self, p: &Pattern) -> Result<()> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.pattern_inner(p))
    }

    fn pattern_inner(&mut self, p: &Pattern) -> Result<()> {
        match &p.kind {
            PatternKind::Value(e) => self.expr(e),
            PatternKind::Singleton(_) => Ok(()),
            PatternKind::Sequence(ps) | PatternKind::Or(ps) => {
                ps.iter().try_for_each(|p| self.pattern(p))
            }
            PatternKind::Mapping {
                keys,
                patterns,
                rest,
            } => {
                self.exprs(keys)?;
                patterns.iter().try_for_each(|p| self.pattern(p))?;
                rest.as_ref()
                    .map_or(Ok(()), |n| self.add(n, DEF_LOCAL, p.pos))
            }
            PatternKind::Class {
                cls,
                patterns,
                kwd_patterns,
                ..
            } => {
                self.expr(cls)?;
                patterns
                    .iter()
                    .chain(kwd_patterns)
                    .try_for_each(|p| self.pattern(p))
            }
            PatternKind::Star(n) => n.as_ref().map_or(Ok(()), |n| self.add(n, DEF_LOCAL, p.pos)),
            PatternKind::As(inner, n) => {
                if let Some(inner) = inner {
                    self.pattern(inner)?;
                }
                n.as_ref().map_or(Ok(()), |n| self.add(n, DEF_LOCAL, p.pos))
            }
        }
    }
}

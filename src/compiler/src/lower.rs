//! The parser's tree to ours. This file and `parse.rs` are the only ones that know the parser crate.
//!
//! Where the shapes differ from CPython's (elif chains, positions of decorated definitions, implicit string
//! concatenation, f-string parts) CPython's shape wins, because positions and docstrings are visible to programs.

use crate::ast::*;
use crate::error::{Error, Result};
use crate::literal;
use crate::position::LineIndex;
use habu_bytecode::Const;
use ruff_python_ast as r;
use ruff_text_size::{Ranged, TextRange};
use std::collections::HashMap;

/// Native stack kept free before a recursive step, and how much more to take when it runs short.
const RED_ZONE: usize = 128 * 1024;
const GROWTH: usize = 4 * 1024 * 1024;

pub struct Lower<'a> {
    pub source: &'a str,
    pub lines: &'a LineIndex,
    names: HashMap<Box<str>, Name>,
}

impl<'a> Lower<'a> {
    pub fn new(source: &'a str, lines: &'a LineIndex) -> Self {
        Lower {
            source,
            lines,
            names: HashMap::new(),
        }
    }

    pub fn pos(&self, range: TextRange) -> Pos {
        self.lines.pos(range.start().to_u32(), range.end().to_u32())
    }

    fn span(&self, start: u32, end: u32) -> Pos {
        self.lines.pos(start, end)
    }

    fn name(&mut self, s: &str) -> Name {
        if let Some(n) = self.names.get(s) {
            return n.clone();
        }
        let n: Name = s.into();
        self.names.insert(s.into(), n.clone());
        n
    }

    fn ident(&mut self, i: &r::Identifier) -> Name {
        self.name(i.id.as_str())
    }

    fn ctx(c: r::ExprContext) -> Ctx {
        match c {
            r::ExprContext::Store => Ctx::Store,
            r::ExprContext::Del => Ctx::Del,
            _ => Ctx::Load,
        }
    }

    pub fn body(&mut self, body: &[r::Stmt]) -> Result<Vec<Stmt>> {
        body.iter().map(|s| self.stmt(s)).collect()
    }

    fn exprs(&mut self, es: &[r::Expr]) -> Result<Vec<Expr>> {
        es.iter().map(|e| self.expr(e)).collect()
    }

    fn boxed(&mut self, e: &r::Expr) -> Result<Box<Expr>> {
        Ok(Box::new(self.expr(e)?))
    }

    fn opt(&mut self, e: &Option<Box<r::Expr>>) -> Result<Option<Box<Expr>>> {
        e.as_ref().map(|e| self.boxed(e)).transpose()
    }

    /// Start of a definition's own text, after its decorators.
    fn after_decorators(&self, start: u32, decorators: &[r::Decorator]) -> u32 {
        let Some(last) = decorators.last() else {
            return start;
        };
        let mut i = last.range().end().to_usize();
        let b = self.source.as_bytes();
        while i < b.len() {
            match b[i] {
                b'#' => {
                    while i < b.len() && b[i] != b'\n' {
                        i += 1;
                    }
                }
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c | b'\\' | b')' => i += 1,
                _ => break,
            }
        }
        i as u32
    }

    /// A block ends after the semicolon that closes its last line.
    fn block_end(&self, end: u32) -> u32 {
        let rest = self.source.get(end as usize..).unwrap_or("");
        let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if rest[spaces..].starts_with(';') {
            end + spaces as u32 + 1
        } else {
            end
        }
    }

    fn decorators(&mut self, ds: &[r::Decorator]) -> Result<Vec<Expr>> {
        ds.iter().map(|d| self.expr(&d.expression)).collect()
    }

    fn stmt(&mut self, s: &r::Stmt) -> Result<Stmt> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.stmt_inner(s))
    }

    fn stmt_inner(&mut self, s: &r::Stmt) -> Result<Stmt> {
        let mut pos = self.pos(s.range());
        if compound(s) {
            pos = self.span(
                s.range().start().to_u32(),
                self.block_end(s.range().end().to_u32()),
            );
        }
        let kind = match s {
            r::Stmt::FunctionDef(f) => {
                let start = self.after_decorators(f.range.start().to_u32(), &f.decorator_list);
                pos = self.span(start, self.block_end(f.range.end().to_u32()));
                StmtKind::FunctionDef(Box::new(FunctionDef {
                    name: self.ident(&f.name),
                    args: self.parameters(&f.parameters)?,
                    body: self.body(&f.body)?,
                    decorators: self.decorators(&f.decorator_list)?,
                    returns: f.returns.as_ref().map(|e| self.expr(e)).transpose()?,
                    type_params: self.type_params(&f.type_params)?,
                    is_async: f.is_async,
                }))
            }
            r::Stmt::ClassDef(c) => {
                let start = self.after_decorators(c.range.start().to_u32(), &c.decorator_list);
                pos = self.span(start, self.block_end(c.range.end().to_u32()));
                let (bases, keywords) = match &c.arguments {
                    Some(a) => (self.exprs(&a.args)?, self.keywords(&a.keywords)?),
                    None => (vec![], vec![]),
                };
                StmtKind::ClassDef(Box::new(ClassDef {
                    name: self.ident(&c.name),
                    bases,
                    keywords,
                    body: self.body(&c.body)?,
                    decorators: self.decorators(&c.decorator_list)?,
                    type_params: self.type_params(&c.type_params)?,
                }))
            }
            r::Stmt::Return(x) => StmtKind::Return(self.opt(&x.value)?),
            r::Stmt::Delete(x) => StmtKind::Delete(self.exprs(&x.targets)?),
            r::Stmt::TypeAlias(x) => StmtKind::TypeAlias(Box::new(TypeAlias {
                name: self.expr(&x.name)?,
                type_params: self.type_params(&x.type_params)?,
                value: self.expr(&x.value)?,
            })),
            r::Stmt::Assign(x) => StmtKind::Assign(self.exprs(&x.targets)?, self.boxed(&x.value)?),
            r::Stmt::AugAssign(x) => StmtKind::AugAssign(
                self.boxed(&x.target)?,
                operator(x.op),
                self.boxed(&x.value)?,
            ),
            r::Stmt::AnnAssign(x) => StmtKind::AnnAssign {
                target: self.boxed(&x.target)?,
                annotation: self.boxed(&x.annotation)?,
                value: self.opt(&x.value)?,
                simple: x.simple,
            },
            r::Stmt::For(x) => StmtKind::For(Box::new(For {
                target: self.expr(&x.target)?,
                iter: self.expr(&x.iter)?,
                body: self.body(&x.body)?,
                orelse: self.body(&x.orelse)?,
                is_async: x.is_async,
            })),
            r::Stmt::While(x) => StmtKind::While {
                test: self.boxed(&x.test)?,
                body: self.body(&x.body)?,
                orelse: self.body(&x.orelse)?,
            },
            r::Stmt::If(x) => {
                // Clauses nest from the last to the first.
                let end = self.block_end(x.range.end().to_u32());
                let mut orelse = Vec::new();
                for c in x.elif_else_clauses.iter().rev() {
                    match &c.test {
                        None => orelse = self.body(&c.body)?,
                        Some(t) => {
                            let kind = StmtKind::If {
                                test: self.boxed(t)?,
                                body: self.body(&c.body)?,
                                orelse,
                            };
                            orelse = vec![Stmt {
                                pos: self.span(c.range.start().to_u32(), end),
                                kind,
                            }];
                        }
                    }
                }
                StmtKind::If {
                    test: self.boxed(&x.test)?,
                    body: self.body(&x.body)?,
                    orelse,
                }
            }
            r::Stmt::With(x) => {
                let mut items = Vec::with_capacity(x.items.len());
                for i in &x.items {
                    items.push(WithItem {
                        context: self.expr(&i.context_expr)?,
                        vars: i.optional_vars.as_ref().map(|e| self.expr(e)).transpose()?,
                    });
                }
                StmtKind::With {
                    items,
                    body: self.body(&x.body)?,
                    is_async: x.is_async,
                }
            }
            r::Stmt::Match(x) => {
                let mut cases = Vec::with_capacity(x.cases.len());
                for c in &x.cases {
                    cases.push(MatchCase {
                        pattern: self.pattern(&c.pattern)?,
                        guard: c.guard.as_ref().map(|e| self.expr(e)).transpose()?,
                        body: self.body(&c.body)?,
                    });
                }
                StmtKind::Match {
                    subject: self.boxed(&x.subject)?,
                    cases,
                }
            }
            r::Stmt::Raise(x) => StmtKind::Raise(self.opt(&x.exc)?, self.opt(&x.cause)?),
            r::Stmt::Try(x) => {
                let mut handlers = Vec::with_capacity(x.handlers.len());
                for r::ExceptHandler::ExceptHandler(h) in &x.handlers {
                    handlers.push(Handler {
                        pos: self.span(
                            h.range.start().to_u32(),
                            self.block_end(h.range.end().to_u32()),
                        ),
                        typ: h.type_.as_ref().map(|e| self.expr(e)).transpose()?,
                        name: h.name.as_ref().map(|n| self.ident(n)),
                        body: self.body(&h.body)?,
                    });
                }
                StmtKind::Try(Box::new(Try {
                    body: self.body(&x.body)?,
                    handlers,
                    orelse: self.body(&x.orelse)?,
                    finalbody: self.body(&x.finalbody)?,
                    is_star: x.is_star,
                }))
            }
            r::Stmt::Assert(x) => StmtKind::Assert(self.boxed(&x.test)?, self.opt(&x.msg)?),
            r::Stmt::Import(x) => StmtKind::Import(self.aliases(&x.names)),
            r::Stmt::ImportFrom(x) => StmtKind::ImportFrom {
                module: x.module.as_ref().map(|m| self.ident(m)),
                names: self.aliases(&x.names),
                level: x.level,
            },
            r::Stmt::Global(x) => StmtKind::Global(x.names.iter().map(|n| self.ident(n)).collect()),
            r::Stmt::Nonlocal(x) => {
                StmtKind::Nonlocal(x.names.iter().map(|n| self.ident(n)).collect())
            }
            r::Stmt::Expr(x) => StmtKind::Expr(self.boxed(&x.value)?),
            r::Stmt::Pass(_) => StmtKind::Pass,
            r::Stmt::Break(_) => StmtKind::Break,
            r::Stmt::Continue(_) => StmtKind::Continue,
            r::Stmt::IpyEscapeCommand(_) => return Err(Error::new(pos, "invalid syntax")),
        };
        Ok(Stmt { pos, kind })
    }

    fn aliases(&mut self, names: &[r::Alias]) -> Vec<Alias> {
        names
            .iter()
            .map(|a| Alias {
                pos: self.pos(a.range),
                name: self.ident(&a.name),
                asname: a.asname.as_ref().map(|n| self.ident(n)),
            })
            .collect()
    }

    fn keywords(&mut self, ks: &[r::Keyword]) -> Result<Vec<Keyword>> {
        ks.iter()
            .map(|k| {
                Ok(Keyword {
                    pos: self.pos(k.range),
                    arg: k.arg.as_ref().map(|n| self.ident(n)),
                    value: self.expr(&k.value)?,
                })
            })
            .collect()
    }

    fn param(&mut self, p: &r::Parameter) -> Result<Arg> {
        let start = p.name.range.start().to_u32();
        let end = p
            .annotation
            .as_ref()
            .map_or(p.name.range.end(), |a| a.range().end())
            .to_u32();
        Ok(Arg {
            pos: self.span(start, end),
            name: self.ident(&p.name),
            annotation: self.opt(&p.annotation)?,
        })
    }

    fn parameters(&mut self, p: &r::Parameters) -> Result<Arguments> {
        let mut out = Arguments::default();
        for a in &p.posonlyargs {
            out.posonly.push(self.param(&a.parameter)?);
            if let Some(d) = &a.default {
                out.defaults.push(self.expr(d)?);
            }
        }
        for a in &p.args {
            out.args.push(self.param(&a.parameter)?);
            if let Some(d) = &a.default {
                out.defaults.push(self.expr(d)?);
            }
        }
        out.vararg = p.vararg.as_ref().map(|a| self.param(a)).transpose()?;
        for a in &p.kwonlyargs {
            out.kwonly.push(self.param(&a.parameter)?);
            out.kw_defaults
                .push(a.default.as_ref().map(|d| self.expr(d)).transpose()?);
        }
        out.kwarg = p.kwarg.as_ref().map(|a| self.param(a)).transpose()?;
        Ok(out)
    }

    fn type_params(&mut self, tp: &Option<Box<r::TypeParams>>) -> Result<Vec<TypeParam>> {
        let Some(tp) = tp else { return Ok(vec![]) };
        tp.type_params
            .iter()
            .map(|t| {
                let pos = self.pos(t.range());
                let (name, kind, default) = match t {
                    r::TypeParam::TypeVar(v) => (
                        &v.name,
                        TypeParamKind::TypeVar(self.opt(&v.bound)?),
                        &v.default,
                    ),
                    r::TypeParam::TypeVarTuple(v) => {
                        (&v.name, TypeParamKind::TypeVarTuple, &v.default)
                    }
                    r::TypeParam::ParamSpec(v) => (&v.name, TypeParamKind::ParamSpec, &v.default),
                };
                let default = default.as_ref().map(|e| self.expr(e)).transpose()?;
                Ok(TypeParam {
                    pos,
                    name: self.ident(name),
                    kind,
                    default,
                })
            })
            .collect()
    }

    fn comps(&mut self, gens: &[r::Comprehension]) -> Result<Vec<Comprehension>> {
        gens.iter()
            .map(|g| {
                Ok(Comprehension {
                    target: self.expr(&g.target)?,
                    iter: self.expr(&g.iter)?,
                    ifs: self.exprs(&g.ifs)?,
                    is_async: g.is_async,
                })
            })
            .collect()
    }

    pub fn expr(&mut self, e: &r::Expr) -> Result<Expr> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.expr_inner(e))
    }

    fn expr_inner(&mut self, e: &r::Expr) -> Result<Expr> {
        let pos = self.pos(e.range());
        let kind = match e {
            r::Expr::BoolOp(x) => {
                let op = if x.op == r::BoolOp::And {
                    BoolOp::And
                } else {
                    BoolOp::Or
                };
                ExprKind::BoolOp(op, self.exprs(&x.values)?)
            }
            r::Expr::Named(x) => {
                // The parser takes a target in parentheses, which Python does not.
                let behind = &self.source[x.target.range().end().to_usize()..];
                if behind.trim_start().starts_with(')') {
                    return Err(Error::new(
                        self.lines.pos(
                            x.target.range().start().to_u32(),
                            x.target.range().end().to_u32(),
                        ),
                        "cannot use assignment expressions with name",
                    ));
                }
                ExprKind::Named(self.boxed(&x.target)?, self.boxed(&x.value)?)
            }
            r::Expr::BinOp(x) => {
                ExprKind::BinOp(self.boxed(&x.left)?, operator(x.op), self.boxed(&x.right)?)
            }
            r::Expr::UnaryOp(x) => {
                let op = match x.op {
                    r::UnaryOp::Invert => UnaryOp::Invert,
                    r::UnaryOp::Not => UnaryOp::Not,
                    r::UnaryOp::UAdd => UnaryOp::UAdd,
                    r::UnaryOp::USub => UnaryOp::USub,
                };
                ExprKind::UnaryOp(op, self.boxed(&x.operand)?)
            }
            r::Expr::Lambda(x) => {
                let args = match &x.parameters {
                    Some(p) => self.parameters(p)?,
                    None => Arguments::default(),
                };
                ExprKind::Lambda(Box::new(args), self.boxed(&x.body)?)
            }
            r::Expr::If(x) => ExprKind::IfExp(
                self.boxed(&x.test)?,
                self.boxed(&x.body)?,
                self.boxed(&x.orelse)?,
            ),
            r::Expr::Dict(x) => {
                let mut keys = Vec::with_capacity(x.items.len());
                let mut values = Vec::with_capacity(x.items.len());
                for i in &x.items {
                    keys.push(i.key.as_ref().map(|k| self.expr(k)).transpose()?);
                    values.push(self.expr(&i.value)?);
                }
                ExprKind::Dict(keys, values)
            }
            r::Expr::Set(x) => ExprKind::Set(self.exprs(&x.elts)?),
            r::Expr::ListComp(x) => {
                ExprKind::ListComp(self.boxed(&x.elt)?, self.comps(&x.generators)?)
            }
            r::Expr::SetComp(x) => {
                ExprKind::SetComp(self.boxed(&x.elt)?, self.comps(&x.generators)?)
            }
            r::Expr::DictComp(x) => {
                let Some(key) = &x.key else {
                    return Err(Error::new(
                        pos,
                        "dict unpacking cannot be used in dict comprehension",
                    ));
                };
                ExprKind::DictComp(
                    self.boxed(key)?,
                    self.boxed(&x.value)?,
                    self.comps(&x.generators)?,
                )
            }
            r::Expr::Generator(x) => {
                ExprKind::GeneratorExp(self.boxed(&x.elt)?, self.comps(&x.generators)?)
            }
            r::Expr::Await(x) => ExprKind::Await(self.boxed(&x.value)?),
            r::Expr::Yield(x) => ExprKind::Yield(self.opt(&x.value)?),
            r::Expr::YieldFrom(x) => ExprKind::YieldFrom(self.boxed(&x.value)?),
            r::Expr::Compare(x) => {
                let ops = x.ops.iter().map(|o| cmp_op(*o)).collect();
                ExprKind::Compare(self.boxed(&x.left)?, ops, self.exprs(&x.comparators)?)
            }
            r::Expr::Call(x) => {
                let func = self.boxed(&x.func)?;
                let mut args = self.exprs(&x.arguments.args)?;
                // A lone generator argument takes the call's parentheses as its own.
                if let [r::Expr::Generator(g)] = &x.arguments.args[..]
                    && !g.parenthesized
                {
                    args[0].pos = self.pos(x.arguments.range);
                }
                ExprKind::Call(func, args, self.keywords(&x.arguments.keywords)?)
            }
            r::Expr::FString(x) => {
                let mut parts = Parts::default();
                for p in x.value.as_slice() {
                    match p {
                        r::FStringPart::Literal(l) => {
                            let v = self.string_part(l)?;
                            parts.literal(self.pos(l.range), v);
                        }
                        r::FStringPart::FString(f) => {
                            let raw = r::AnyStringFlags::from(f.flags).is_raw_string();
                            self.elements(&f.elements, raw, false, &mut parts)?;
                        }
                    }
                }
                ExprKind::JoinedStr(parts.finish())
            }
            r::Expr::TString(x) => {
                let mut parts = Parts::default();
                for t in x.value.as_slice() {
                    let raw = r::AnyStringFlags::from(t.flags).is_raw_string();
                    self.elements(&t.elements, raw, true, &mut parts)?;
                }
                ExprKind::TemplateStr(parts.finish())
            }
            r::Expr::StringLiteral(x) => {
                let kind = x.value.is_unicode();
                let value = match x.value.as_slice() {
                    [one] => self.string_part(one)?,
                    many => {
                        let mut all = Parts::default();
                        for l in many {
                            let v = self.string_part(l)?;
                            all.literal(pos, v);
                        }
                        match all.finish().pop() {
                            Some(Expr {
                                kind: ExprKind::Constant(c, _),
                                ..
                            }) => c,
                            _ => Const::Str("".into()),
                        }
                    }
                };
                ExprKind::Constant(value, kind)
            }
            r::Expr::BytesLiteral(x) => {
                let bytes: Vec<u8> = x.value.bytes().collect();
                ExprKind::Constant(Const::Bytes(bytes.into()), false)
            }
            r::Expr::NumberLiteral(x) => {
                let c = match &x.value {
                    r::Number::Int(i) => match i.as_u64() {
                        Some(v) => match i64::try_from(v) {
                            Ok(v) => Const::Int(v),
                            Err(_) => Const::BigInt {
                                negative: false,
                                hex: format!("{v:x}"),
                            },
                        },
                        None => {
                            let range = x.range;
                            literal::big_int(
                                &self.source[range.start().to_usize()..range.end().to_usize()],
                            )
                            .map_err(|m| Error::new(pos, m))?
                        }
                    },
                    r::Number::Float(f) => Const::Float(*f),
                    r::Number::Complex { real, imag } => Const::Complex(*real, *imag),
                };
                ExprKind::Constant(c, false)
            }
            r::Expr::BooleanLiteral(x) => {
                ExprKind::Constant(if x.value { Const::True } else { Const::False }, false)
            }
            r::Expr::NoneLiteral(_) => ExprKind::Constant(Const::None, false),
            r::Expr::EllipsisLiteral(_) => ExprKind::Constant(Const::Ellipsis, false),
            r::Expr::Attribute(x) => {
                ExprKind::Attribute(self.boxed(&x.value)?, self.ident(&x.attr), Self::ctx(x.ctx))
            }
            r::Expr::Subscript(x) => ExprKind::Subscript(
                self.boxed(&x.value)?,
                self.boxed(&x.slice)?,
                Self::ctx(x.ctx),
            ),
            r::Expr::Starred(x) => ExprKind::Starred(self.boxed(&x.value)?, Self::ctx(x.ctx)),
            r::Expr::Name(x) => ExprKind::Name(self.name(x.id.as_str()), Self::ctx(x.ctx)),
            r::Expr::List(x) => ExprKind::List(self.exprs(&x.elts)?, Self::ctx(x.ctx)),
            r::Expr::Tuple(x) => ExprKind::Tuple(self.exprs(&x.elts)?, Self::ctx(x.ctx)),
            r::Expr::Slice(x) => {
                ExprKind::Slice(self.opt(&x.lower)?, self.opt(&x.upper)?, self.opt(&x.step)?)
            }
            r::Expr::IpyEscapeCommand(_) => return Err(Error::new(pos, "invalid syntax")),
        };
        Ok(Expr { pos, kind })
    }

    /// The value of one string literal; the parser's own value serves unless it had to replace a surrogate.
    fn string_part(&mut self, l: &r::StringLiteral) -> Result<Const> {
        if !l.value.contains('\u{FFFD}') {
            return Ok(Const::Str(l.value.clone()));
        }
        let range = l.content_range();
        let text = &self.source[range.start().to_usize()..range.end().to_usize()];
        Ok(literal::decode_text(
            text,
            r::AnyStringFlags::from(l.flags).is_raw_string(),
            false,
        ))
    }

    fn elements(
        &mut self,
        elements: &[r::InterpolatedStringElement],
        raw: bool,
        template: bool,
        out: &mut Parts,
    ) -> Result<()> {
        for el in elements {
            match el {
                r::InterpolatedStringElement::Literal(l) => {
                    let value = if l.value.contains('\u{FFFD}') {
                        let text =
                            &self.source[l.range.start().to_usize()..l.range.end().to_usize()];
                        literal::decode_text(text, raw, true)
                    } else {
                        Const::Str(l.value.clone())
                    };
                    out.literal(self.pos(l.range), value);
                }
                r::InterpolatedStringElement::Interpolation(i) => {
                    let pos = self.pos(i.range);
                    let mut conversion = match i.conversion {
                        r::ConversionFlag::None => -1,
                        r::ConversionFlag::Str => 's' as i32,
                        r::ConversionFlag::Ascii => 'a' as i32,
                        r::ConversionFlag::Repr => 'r' as i32,
                    };
                    if let Some(d) = &i.debug_text {
                        let start = i.range.start().to_u32() + 1;
                        let text = d.as_str();
                        out.literal(
                            self.span(start, start + text.len() as u32),
                            Const::Str(text.into()),
                        );
                        if conversion == -1 && i.format_spec.is_none() {
                            conversion = 'r' as i32;
                        }
                    }
                    let format_spec = match &i.format_spec {
                        Some(f) => {
                            let mut parts = Parts::default();
                            self.elements(&f.elements, raw, template, &mut parts)?;
                            let start = f.range.start().to_u32().saturating_sub(1);
                            let pos = self.span(start, self.block_end(f.range.end().to_u32()));
                            Some(Box::new(Expr {
                                pos,
                                kind: ExprKind::JoinedStr(parts.finish()),
                            }))
                        }
                        None => None,
                    };
                    let value = self.boxed(&i.expression)?;
                    let kind = if template {
                        let text = Const::Str(self.interpolation_text(i).into());
                        ExprKind::Interpolation {
                            value,
                            text,
                            conversion,
                            format_spec,
                        }
                    } else {
                        ExprKind::FormattedValue {
                            value,
                            conversion,
                            format_spec,
                        }
                    };
                    out.push(Expr { pos, kind });
                }
            }
        }
        Ok(())
    }

    /// Source text of a t-string field up to its `!`, `:`, `=` or `}`.
    fn interpolation_text(&self, i: &r::InterpolatedElement) -> String {
        let start = i.range.start().to_usize() + 1;
        let bytes = self.source.as_bytes();
        let mut end = i.expression.range().end().to_usize();
        while end < bytes.len() {
            match bytes[end] {
                b'!' | b':' | b'=' | b'}' => break,
                b'#' => {
                    while end < bytes.len() && bytes[end] != b'\n' {
                        end += 1;
                    }
                }
                _ => end += 1,
            }
        }
        self.source
            .get(start..end)
            .unwrap_or("")
            .trim_end()
            .to_string()
    }

    fn pattern(&mut self, p: &r::Pattern) -> Result<Pattern> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.pattern_inner(p))
    }

    fn patterns(&mut self, ps: &[r::Pattern]) -> Result<Vec<Pattern>> {
        ps.iter().map(|p| self.pattern(p)).collect()
    }

    fn pattern_inner(&mut self, p: &r::Pattern) -> Result<Pattern> {
        let pos = self.pos(p.range());
        let kind = match p {
            r::Pattern::MatchValue(x) => PatternKind::Value(self.boxed(&x.value)?),
            r::Pattern::MatchSingleton(x) => PatternKind::Singleton(match x.value {
                r::Singleton::None => Const::None,
                r::Singleton::True => Const::True,
                r::Singleton::False => Const::False,
            }),
            r::Pattern::MatchSequence(x) => PatternKind::Sequence(self.patterns(&x.patterns)?),
            r::Pattern::MatchMapping(x) => PatternKind::Mapping {
                keys: self.exprs(&x.keys)?,
                patterns: self.patterns(&x.patterns)?,
                rest: x.rest.as_ref().map(|n| self.ident(n)),
            },
            r::Pattern::MatchClass(x) => PatternKind::Class {
                cls: self.boxed(&x.cls)?,
                patterns: self.patterns(&x.arguments.patterns)?,
                kwd_attrs: x
                    .arguments
                    .keywords
                    .iter()
                    .map(|k| self.ident(&k.attr))
                    .collect(),
                kwd_patterns: x
                    .arguments
                    .keywords
                    .iter()
                    .map(|k| self.pattern(&k.pattern))
                    .collect::<Result<_>>()?,
            },
            r::Pattern::MatchStar(x) => PatternKind::Star(x.name.as_ref().map(|n| self.ident(n))),
            r::Pattern::MatchAs(x) => PatternKind::As(
                x.pattern
                    .as_ref()
                    .map(|p| self.pattern(p).map(Box::new))
                    .transpose()?,
                x.name.as_ref().map(|n| self.ident(n)),
            ),
            r::Pattern::MatchOr(x) => PatternKind::Or(self.patterns(&x.patterns)?),
        };
        Ok(Pattern { pos, kind })
    }
}

/// Collects the pieces of an f-string, joining neighbouring literals.
#[derive(Default)]
struct Parts {
    done: Vec<Expr>,
    pending: Option<(Pos, Vec<Const>)>,
}

impl Parts {
    fn literal(&mut self, pos: Pos, value: Const) {
        match &mut self.pending {
            Some((p, v)) => {
                *p = p.to(pos);
                v.push(value);
            }
            None => self.pending = Some((pos, vec![value])),
        }
    }

    fn flush(&mut self) {
        if let Some((pos, v)) = self.pending.take() {
            let c = literal::concat(v);
            if c != Const::Str("".into()) {
                self.done.push(Expr {
                    pos,
                    kind: ExprKind::Constant(c, false),
                });
            }
        }
    }

    fn push(&mut self, e: Expr) {
        self.flush();
        self.done.push(e);
    }

    fn finish(mut self) -> Vec<Expr> {
        self.flush();
        self.done
    }
}

fn compound(s: &r::Stmt) -> bool {
    matches!(
        s,
        r::Stmt::For(_)
            | r::Stmt::While(_)
            | r::Stmt::If(_)
            | r::Stmt::With(_)
            | r::Stmt::Match(_)
            | r::Stmt::Try(_)
    )
}

fn operator(op: r::Operator) -> Operator {
    match op {
        r::Operator::Add => Operator::Add,
        r::Operator::Sub => Operator::Sub,
        r::Operator::Mult => Operator::Mult,
        r::Operator::MatMult => Operator::MatMult,
        r::Operator::Div => Operator::Div,
        r::Operator::Mod => Operator::Mod,
        r::Operator::Pow => Operator::Pow,
        r::Operator::LShift => Operator::LShift,
        r::Operator::RShift => Operator::RShift,
        r::Operator::BitOr => Operator::BitOr,
        r::Operator::BitXor => Operator::BitXor,
        r::Operator::BitAnd => Operator::BitAnd,
        r::Operator::FloorDiv => Operator::FloorDiv,
    }
}

fn cmp_op(op: r::CmpOp) -> CmpOp {
    match op {
        r::CmpOp::Eq => CmpOp::Eq,
        r::CmpOp::NotEq => CmpOp::NotEq,
        r::CmpOp::Lt => CmpOp::Lt,
        r::CmpOp::LtE => CmpOp::LtE,
        r::CmpOp::Gt => CmpOp::Gt,
        r::CmpOp::GtE => CmpOp::GtE,
        r::CmpOp::Is => CmpOp::Is,
        r::CmpOp::IsNot => CmpOp::IsNot,
        r::CmpOp::In => CmpOp::In,
        r::CmpOp::NotIn => CmpOp::NotIn,
    }
}

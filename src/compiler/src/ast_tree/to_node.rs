//! Our tree to nodes.

use super::{Field, MAX_DEPTH, Node};
use crate::ast::*;
use crate::error::{Error, ErrorKind, Result};

struct Out {
    depth: usize,
}

pub fn module(m: &Mod) -> Result<Node> {
    let mut o = Out { depth: 0 };
    Ok(match m {
        Mod::Module(body) => node(
            "Module",
            None,
            vec![
                ("body", o.stmts(body)?),
                ("type_ignores", Field::List(Vec::new())),
            ],
        ),
        Mod::Interactive(body) => node("Interactive", None, vec![("body", o.stmts(body)?)]),
        Mod::Expression(e) => node("Expression", None, vec![("body", o.expr(e)?)]),
    })
}

fn node(class: &'static str, pos: Option<Pos>, fields: Vec<(&'static str, Field)>) -> Node {
    Node {
        class,
        fields,
        pos: pos.map(|p| (p.line, p.col, p.end_line, p.end_col)),
    }
}

fn boxed(class: &'static str, pos: Option<Pos>, fields: Vec<(&'static str, Field)>) -> Field {
    Field::Node(Box::new(node(class, pos, fields)))
}

fn bare(class: &'static str) -> Field {
    boxed(class, None, Vec::new())
}

fn text(n: &Name) -> Field {
    Field::Str(n.to_string())
}

fn opt_text(n: &Option<Name>) -> Field {
    n.as_ref().map_or(Field::None, text)
}

fn texts(ns: &[Name]) -> Field {
    Field::List(ns.iter().map(text).collect())
}

fn ctx(c: Ctx) -> Field {
    bare(match c {
        Ctx::Load => "Load",
        Ctx::Store => "Store",
        Ctx::Del => "Del",
    })
}

pub fn operator(op: Operator) -> &'static str {
    match op {
        Operator::Add => "Add",
        Operator::Sub => "Sub",
        Operator::Mult => "Mult",
        Operator::MatMult => "MatMult",
        Operator::Div => "Div",
        Operator::Mod => "Mod",
        Operator::Pow => "Pow",
        Operator::LShift => "LShift",
        Operator::RShift => "RShift",
        Operator::BitOr => "BitOr",
        Operator::BitXor => "BitXor",
        Operator::BitAnd => "BitAnd",
        Operator::FloorDiv => "FloorDiv",
    }
}

fn cmp_op(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "Eq",
        CmpOp::NotEq => "NotEq",
        CmpOp::Lt => "Lt",
        CmpOp::LtE => "LtE",
        CmpOp::Gt => "Gt",
        CmpOp::GtE => "GtE",
        CmpOp::Is => "Is",
        CmpOp::IsNot => "IsNot",
        CmpOp::In => "In",
        CmpOp::NotIn => "NotIn",
    }
}

type Fields = Result<Field>;

impl Out {
    fn deeper(&mut self, f: impl FnOnce(&mut Self) -> Fields) -> Fields {
        if self.depth >= MAX_DEPTH {
            let mut e = Error::new(
                Pos::default(),
                "maximum recursion depth exceeded during ast construction",
            );
            e.kind = ErrorKind::Recursion;
            return Err(e);
        }
        self.depth += 1;
        let result = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    fn stmts(&mut self, body: &[Stmt]) -> Fields {
        body.iter()
            .map(|s| self.stmt(s))
            .collect::<Result<_>>()
            .map(Field::List)
    }

    fn exprs(&mut self, es: &[Expr]) -> Fields {
        es.iter()
            .map(|e| self.expr(e))
            .collect::<Result<_>>()
            .map(Field::List)
    }

    fn opt<E: std::borrow::Borrow<Expr>>(&mut self, e: &Option<E>) -> Fields {
        e.as_ref()
            .map_or(Ok(Field::None), |e| self.expr(e.borrow()))
    }

    fn opts(&mut self, es: &[Option<Expr>]) -> Fields {
        es.iter()
            .map(|e| self.opt(e))
            .collect::<Result<_>>()
            .map(Field::List)
    }

    fn stmt(&mut self, s: &Stmt) -> Fields {
        self.deeper(|o| o.stmt_inner(s))
    }

    fn stmt_inner(&mut self, s: &Stmt) -> Fields {
        let (class, fields) = match &s.kind {
            StmtKind::FunctionDef(f) => (
                if f.is_async {
                    "AsyncFunctionDef"
                } else {
                    "FunctionDef"
                },
                vec![
                    ("name", text(&f.name)),
                    ("args", self.arguments(&f.args)?),
                    ("body", self.stmts(&f.body)?),
                    ("decorator_list", self.exprs(&f.decorators)?),
                    ("returns", self.opt(&f.returns)?),
                    ("type_comment", Field::None),
                    ("type_params", self.type_params(&f.type_params)?),
                ],
            ),
            StmtKind::ClassDef(c) => (
                "ClassDef",
                vec![
                    ("name", text(&c.name)),
                    ("bases", self.exprs(&c.bases)?),
                    ("keywords", self.keywords(&c.keywords)?),
                    ("body", self.stmts(&c.body)?),
                    ("decorator_list", self.exprs(&c.decorators)?),
                    ("type_params", self.type_params(&c.type_params)?),
                ],
            ),
            StmtKind::Return(v) => ("Return", vec![("value", self.opt(v)?)]),
            StmtKind::Delete(ts) => ("Delete", vec![("targets", self.exprs(ts)?)]),
            StmtKind::Assign(ts, v) => (
                "Assign",
                vec![
                    ("targets", self.exprs(ts)?),
                    ("value", self.expr(v)?),
                    ("type_comment", Field::None),
                ],
            ),
            StmtKind::TypeAlias(a) => (
                "TypeAlias",
                vec![
                    ("name", self.expr(&a.name)?),
                    ("type_params", self.type_params(&a.type_params)?),
                    ("value", self.expr(&a.value)?),
                ],
            ),
            StmtKind::AugAssign(t, op, v) => (
                "AugAssign",
                vec![
                    ("target", self.expr(t)?),
                    ("op", bare(operator(*op))),
                    ("value", self.expr(v)?),
                ],
            ),
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => (
                "AnnAssign",
                vec![
                    ("target", self.expr(target)?),
                    ("annotation", self.expr(annotation)?),
                    ("value", self.opt(value)?),
                    ("simple", Field::Int(i64::from(*simple))),
                ],
            ),
            StmtKind::For(f) => (
                if f.is_async { "AsyncFor" } else { "For" },
                vec![
                    ("target", self.expr(&f.target)?),
                    ("iter", self.expr(&f.iter)?),
                    ("body", self.stmts(&f.body)?),
                    ("orelse", self.stmts(&f.orelse)?),
                    ("type_comment", Field::None),
                ],
            ),
            StmtKind::While { test, body, orelse } => (
                "While",
                vec![
                    ("test", self.expr(test)?),
                    ("body", self.stmts(body)?),
                    ("orelse", self.stmts(orelse)?),
                ],
            ),
            StmtKind::If { test, body, orelse } => (
                "If",
                vec![
                    ("test", self.expr(test)?),
                    ("body", self.stmts(body)?),
                    ("orelse", self.stmts(orelse)?),
                ],
            ),
            StmtKind::With {
                items,
                body,
                is_async,
            } => {
                let mut list = Vec::new();
                for i in items {
                    let fields = vec![
                        ("context_expr", self.expr(&i.context)?),
                        ("optional_vars", self.opt(&i.vars)?),
                    ];
                    list.push(boxed("withitem", None, fields));
                }
                (
                    if *is_async { "AsyncWith" } else { "With" },
                    vec![
                        ("items", Field::List(list)),
                        ("body", self.stmts(body)?),
                        ("type_comment", Field::None),
                    ],
                )
            }
            StmtKind::Match { subject, cases } => {
                let subject = self.expr(subject)?;
                let mut list = Vec::new();
                for c in cases {
                    let fields = vec![
                        ("pattern", self.pattern(&c.pattern)?),
                        ("guard", self.opt(&c.guard)?),
                        ("body", self.stmts(&c.body)?),
                    ];
                    list.push(boxed("match_case", None, fields));
                }
                (
                    "Match",
                    vec![("subject", subject), ("cases", Field::List(list))],
                )
            }
            StmtKind::Raise(exc, cause) => (
                "Raise",
                vec![("exc", self.opt(exc)?), ("cause", self.opt(cause)?)],
            ),
            StmtKind::Try(t) => {
                let body = self.stmts(&t.body)?;
                let mut list = Vec::new();
                for h in &t.handlers {
                    let fields = vec![
                        ("type", self.opt(&h.typ)?),
                        ("name", opt_text(&h.name)),
                        ("body", self.stmts(&h.body)?),
                    ];
                    list.push(boxed("ExceptHandler", Some(h.pos), fields));
                }
                (
                    if t.is_star { "TryStar" } else { "Try" },
                    vec![
                        ("body", body),
                        ("handlers", Field::List(list)),
                        ("orelse", self.stmts(&t.orelse)?),
                        ("finalbody", self.stmts(&t.finalbody)?),
                    ],
                )
            }
            StmtKind::Assert(t, m) => (
                "Assert",
                vec![("test", self.expr(t)?), ("msg", self.opt(m)?)],
            ),
            StmtKind::Import(names) => ("Import", vec![("names", aliases(names))]),
            StmtKind::ImportFrom {
                module,
                names,
                level,
            } => (
                "ImportFrom",
                vec![
                    ("module", opt_text(module)),
                    ("names", aliases(names)),
                    ("level", Field::Int(i64::from(*level))),
                ],
            ),
            StmtKind::Global(ns) => ("Global", vec![("names", texts(ns))]),
            StmtKind::Nonlocal(ns) => ("Nonlocal", vec![("names", texts(ns))]),
            StmtKind::Expr(e) => ("Expr", vec![("value", self.expr(e)?)]),
            StmtKind::Pass => ("Pass", vec![]),
            StmtKind::Break => ("Break", vec![]),
            StmtKind::Continue => ("Continue", vec![]),
        };
        Ok(boxed(class, Some(s.pos), fields))
    }

    fn keywords(&mut self, ks: &[Keyword]) -> Fields {
        let mut list = Vec::new();
        for k in ks {
            let fields = vec![("arg", opt_text(&k.arg)), ("value", self.expr(&k.value)?)];
            list.push(boxed("keyword", Some(k.pos), fields));
        }
        Ok(Field::List(list))
    }

    fn arg(&mut self, a: &Arg) -> Fields {
        let fields = vec![
            ("arg", text(&a.name)),
            ("annotation", self.opt(&a.annotation)?),
            ("type_comment", Field::None),
        ];
        Ok(boxed("arg", Some(a.pos), fields))
    }

    fn args(&mut self, list: &[Arg]) -> Fields {
        list.iter()
            .map(|a| self.arg(a))
            .collect::<Result<_>>()
            .map(Field::List)
    }

    fn opt_arg(&mut self, a: &Option<Arg>) -> Fields {
        a.as_ref().map_or(Ok(Field::None), |a| self.arg(a))
    }

    fn arguments(&mut self, a: &Arguments) -> Fields {
        let fields = vec![
            ("posonlyargs", self.args(&a.posonly)?),
            ("args", self.args(&a.args)?),
            ("vararg", self.opt_arg(&a.vararg)?),
            ("kwonlyargs", self.args(&a.kwonly)?),
            ("kw_defaults", self.opts(&a.kw_defaults)?),
            ("kwarg", self.opt_arg(&a.kwarg)?),
            ("defaults", self.exprs(&a.defaults)?),
        ];
        Ok(boxed("arguments", None, fields))
    }

    fn type_params(&mut self, ps: &[TypeParam]) -> Fields {
        let mut list = Vec::new();
        for p in ps {
            let default = ("default_value", self.opt(&p.default)?);
            let name = ("name", text(&p.name));
            list.push(match &p.kind {
                TypeParamKind::TypeVar(bound) => {
                    let bound = ("bound", self.opt(bound)?);
                    boxed("TypeVar", Some(p.pos), vec![name, bound, default])
                }
                TypeParamKind::ParamSpec => boxed("ParamSpec", Some(p.pos), vec![name, default]),
                TypeParamKind::TypeVarTuple => {
                    boxed("TypeVarTuple", Some(p.pos), vec![name, default])
                }
            });
        }
        Ok(Field::List(list))
    }

    fn generators(&mut self, gens: &[Comprehension]) -> Fields {
        let mut list = Vec::new();
        for g in gens {
            let fields = vec![
                ("target", self.expr(&g.target)?),
                ("iter", self.expr(&g.iter)?),
                ("ifs", self.exprs(&g.ifs)?),
                ("is_async", Field::Int(i64::from(g.is_async))),
            ];
            list.push(boxed("comprehension", None, fields));
        }
        Ok(Field::List(list))
    }

    fn expr(&mut self, e: &Expr) -> Fields {
        self.deeper(|o| o.expr_inner(e))
    }

    fn expr_inner(&mut self, e: &Expr) -> Fields {
        let (class, fields) = match &e.kind {
            ExprKind::BoolOp(op, vs) => {
                let op = bare(if *op == BoolOp::And { "And" } else { "Or" });
                ("BoolOp", vec![("op", op), ("values", self.exprs(vs)?)])
            }
            ExprKind::Named(t, v) => (
                "NamedExpr",
                vec![("target", self.expr(t)?), ("value", self.expr(v)?)],
            ),
            ExprKind::BinOp(l, op, r) => (
                "BinOp",
                vec![
                    ("left", self.expr(l)?),
                    ("op", bare(operator(*op))),
                    ("right", self.expr(r)?),
                ],
            ),
            ExprKind::UnaryOp(op, v) => {
                let op = bare(match op {
                    UnaryOp::Invert => "Invert",
                    UnaryOp::Not => "Not",
                    UnaryOp::UAdd => "UAdd",
                    UnaryOp::USub => "USub",
                });
                ("UnaryOp", vec![("op", op), ("operand", self.expr(v)?)])
            }
            ExprKind::Lambda(a, b) => (
                "Lambda",
                vec![("args", self.arguments(a)?), ("body", self.expr(b)?)],
            ),
            ExprKind::IfExp(t, b, o) => (
                "IfExp",
                vec![
                    ("test", self.expr(t)?),
                    ("body", self.expr(b)?),
                    ("orelse", self.expr(o)?),
                ],
            ),
            ExprKind::Dict(ks, vs) => (
                "Dict",
                vec![("keys", self.opts(ks)?), ("values", self.exprs(vs)?)],
            ),
            ExprKind::Set(es) => ("Set", vec![("elts", self.exprs(es)?)]),
            ExprKind::ListComp(x, g) => (
                "ListComp",
                vec![("elt", self.expr(x)?), ("generators", self.generators(g)?)],
            ),
            ExprKind::SetComp(x, g) => (
                "SetComp",
                vec![("elt", self.expr(x)?), ("generators", self.generators(g)?)],
            ),
            ExprKind::DictComp(k, v, g) => (
                "DictComp",
                vec![
                    ("key", self.expr(k)?),
                    ("value", self.expr(v)?),
                    ("generators", self.generators(g)?),
                ],
            ),
            ExprKind::GeneratorExp(x, g) => (
                "GeneratorExp",
                vec![("elt", self.expr(x)?), ("generators", self.generators(g)?)],
            ),
            ExprKind::Await(v) => ("Await", vec![("value", self.expr(v)?)]),
            ExprKind::Yield(v) => ("Yield", vec![("value", self.opt(v)?)]),
            ExprKind::YieldFrom(v) => ("YieldFrom", vec![("value", self.expr(v)?)]),
            ExprKind::Compare(l, ops, rs) => {
                let ops = ops.iter().map(|o| bare(cmp_op(*o))).collect();
                (
                    "Compare",
                    vec![
                        ("left", self.expr(l)?),
                        ("ops", Field::List(ops)),
                        ("comparators", self.exprs(rs)?),
                    ],
                )
            }
            ExprKind::Call(f, a, k) => (
                "Call",
                vec![
                    ("func", self.expr(f)?),
                    ("args", self.exprs(a)?),
                    ("keywords", self.keywords(k)?),
                ],
            ),
            ExprKind::FormattedValue {
                value,
                conversion,
                format_spec,
            } => (
                "FormattedValue",
                vec![
                    ("value", self.expr(value)?),
                    ("conversion", Field::Int(i64::from(*conversion))),
                    ("format_spec", self.opt(format_spec)?),
                ],
            ),
            ExprKind::Interpolation {
                value,
                text,
                conversion,
                format_spec,
            } => (
                "Interpolation",
                vec![
                    ("value", self.expr(value)?),
                    ("str", Field::Const(text.clone())),
                    ("conversion", Field::Int(i64::from(*conversion))),
                    ("format_spec", self.opt(format_spec)?),
                ],
            ),
            ExprKind::JoinedStr(vs) => ("JoinedStr", vec![("values", self.exprs(vs)?)]),
            ExprKind::TemplateStr(vs) => ("TemplateStr", vec![("values", self.exprs(vs)?)]),
            ExprKind::Constant(c, unicode) => {
                let kind = if *unicode {
                    Field::Str("u".into())
                } else {
                    Field::None
                };
                (
                    "Constant",
                    vec![("value", Field::Const(c.clone())), ("kind", kind)],
                )
            }
            ExprKind::Attribute(v, a, c) => (
                "Attribute",
                vec![
                    ("value", self.expr(v)?),
                    ("attr", text(a)),
                    ("ctx", ctx(*c)),
                ],
            ),
            ExprKind::Subscript(v, s, c) => (
                "Subscript",
                vec![
                    ("value", self.expr(v)?),
                    ("slice", self.expr(s)?),
                    ("ctx", ctx(*c)),
                ],
            ),
            ExprKind::Starred(v, c) => {
                ("Starred", vec![("value", self.expr(v)?), ("ctx", ctx(*c))])
            }
            ExprKind::Name(n, c) => ("Name", vec![("id", text(n)), ("ctx", ctx(*c))]),
            ExprKind::List(es, c) => ("List", vec![("elts", self.exprs(es)?), ("ctx", ctx(*c))]),
            ExprKind::Tuple(es, c) => ("Tuple", vec![("elts", self.exprs(es)?), ("ctx", ctx(*c))]),
            ExprKind::Slice(a, b, c) => (
                "Slice",
                vec![
                    ("lower", self.opt(a)?),
                    ("upper", self.opt(b)?),
                    ("step", self.opt(c)?),
                ],
            ),
        };
        Ok(boxed(class, Some(e.pos), fields))
    }

    fn pattern(&mut self, p: &Pattern) -> Fields {
        self.deeper(|o| o.pattern_inner(p))
    }

    fn patterns(&mut self, ps: &[Pattern]) -> Fields {
        ps.iter()
            .map(|p| self.pattern(p))
            .collect::<Result<_>>()
            .map(Field::List)
    }

    fn pattern_inner(&mut self, p: &Pattern) -> Fields {
        let (class, fields) = match &p.kind {
            PatternKind::Value(e) => ("MatchValue", vec![("value", self.expr(e)?)]),
            PatternKind::Singleton(c) => {
                ("MatchSingleton", vec![("value", Field::Const(c.clone()))])
            }
            PatternKind::Sequence(ps) => ("MatchSequence", vec![("patterns", self.patterns(ps)?)]),
            PatternKind::Mapping {
                keys,
                patterns,
                rest,
            } => (
                "MatchMapping",
                vec![
                    ("keys", self.exprs(keys)?),
                    ("patterns", self.patterns(patterns)?),
                    ("rest", opt_text(rest)),
                ],
            ),
            PatternKind::Class {
                cls,
                patterns,
                kwd_attrs,
                kwd_patterns,
            } => (
                "MatchClass",
                vec![
                    ("cls", self.expr(cls)?),
                    ("patterns", self.patterns(patterns)?),
                    ("kwd_attrs", texts(kwd_attrs)),
                    ("kwd_patterns", self.patterns(kwd_patterns)?),
                ],
            ),
            PatternKind::Star(n) => ("MatchStar", vec![("name", opt_text(n))]),
            PatternKind::As(inner, n) => {
                let inner = match inner {
                    Some(p) => self.pattern(p)?,
                    None => Field::None,
                };
                ("MatchAs", vec![("pattern", inner), ("name", opt_text(n))])
            }
            PatternKind::Or(ps) => ("MatchOr", vec![("patterns", self.patterns(ps)?)]),
        };
        Ok(boxed(class, Some(p.pos), fields))
    }
}

fn aliases(names: &[Alias]) -> Field {
    let one = |a: &Alias| {
        boxed(
            "alias",
            Some(a.pos),
            vec![("name", text(&a.name)), ("asname", opt_text(&a.asname))],
        )
    };
    Field::List(names.iter().map(one).collect())
}

//! Nodes to our tree, checked: whatever a program put together either becomes a tree the compiler may trust or
//! a ValueError or TypeError.

use super::{Field, MAX_DEPTH, Node};
use crate::Mode;
use crate::ast::*;
use crate::error::{Error, ErrorKind, Result};
use habu_bytecode::Const;

struct In {
    depth: usize,
}

fn value_error<T>(message: impl Into<String>) -> Result<T> {
    Err(Error {
        kind: ErrorKind::Value,
        message: message.into(),
        pos: Pos::default(),
    })
}

fn type_error<T>(message: impl Into<String>) -> Result<T> {
    Err(Error {
        kind: ErrorKind::Type,
        message: message.into(),
        pos: Pos::default(),
    })
}

pub fn module(n: &Node, mode: Mode) -> Result<Mod> {
    let mut i = In { depth: 0 };
    let want = match mode {
        Mode::Exec => "Module",
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
    };
    if n.class != want {
        return type_error(format!("expected {want} node, got {}", n.class));
    }
    Ok(match mode {
        Mode::Exec => Mod::Module(i.stmts(n, "body")?),
        Mode::Single => Mod::Interactive(i.stmts(n, "body")?),
        Mode::Eval => Mod::Expression(i.boxed(n, "body", Ctx::Load)?),
    })
}

fn required<'n>(n: &'n Node, name: &str) -> Result<&'n Field> {
    match n.field(name) {
        Some(f) => Ok(f),
        None => type_error(format!(
            "required field \"{name}\" missing from {}",
            n.class
        )),
    }
}

fn child<'n>(n: &'n Node, name: &str) -> Result<&'n Node> {
    match required(n, name)? {
        Field::Node(c) => Ok(c),
        Field::None => value_error(format!("field '{name}' is required for {}", n.class)),
        _ => type_error(format!("field '{name}' of {} has the wrong type", n.class)),
    }
}

fn optional<'n>(n: &'n Node, name: &str) -> Result<Option<&'n Node>> {
    match n.field(name) {
        None | Some(Field::None) => Ok(None),
        Some(Field::Const(Const::None)) => Ok(None),
        Some(Field::Node(c)) => Ok(Some(c)),
        Some(_) => type_error(format!("field '{name}' of {} has the wrong type", n.class)),
    }
}

/// A missing list is an empty one, as in CPython 3.13 and later.
fn list<'n>(n: &'n Node, name: &str) -> Result<&'n [Field]> {
    match n.field(name) {
        None => Ok(&[]),
        Some(Field::List(l)) => Ok(l),
        Some(_) => type_error(format!("{} field \"{name}\" must be a list", n.class)),
    }
}

fn nodes<'n>(n: &'n Node, name: &str) -> Result<Vec<&'n Node>> {
    let one = |f: &'n Field| match f {
        Field::Node(c) => Ok(&**c),
        Field::None => value_error(format!("None disallowed in {} list", "expression")),
        _ => type_error(format!("field '{name}' of {} has the wrong type", n.class)),
    };
    list(n, name)?.iter().map(one).collect()
}

fn identifier(s: &str) -> Result<Name> {
    if matches!(s, "None" | "True" | "False") {
        return value_error(format!("identifier field can't represent '{s}' constant"));
    }
    Ok(s.into())
}

fn text(n: &Node, name: &str) -> Result<Name> {
    match required(n, name)? {
        Field::Str(s) => identifier(s),
        Field::Const(Const::Str(s)) => identifier(s),
        Field::None => value_error(format!("field '{name}' is required for {}", n.class)),
        _ => type_error("AST identifier must be of type str"),
    }
}

fn opt_text(n: &Node, name: &str) -> Result<Option<Name>> {
    match n.field(name) {
        None | Some(Field::None) => Ok(None),
        _ => text(n, name).map(Some),
    }
}

fn texts(n: &Node, name: &str) -> Result<Vec<Name>> {
    let one = |f: &Field| match f {
        Field::Str(s) => identifier(s),
        _ => type_error("AST identifier must be of type str"),
    };
    list(n, name)?.iter().map(one).collect()
}

fn int(n: &Node, name: &str) -> Result<i64> {
    match n.field(name) {
        Some(Field::Int(i)) => Ok(*i),
        Some(Field::Const(Const::Int(i))) => Ok(*i),
        Some(Field::Const(Const::True)) => Ok(1),
        Some(Field::Const(Const::False)) => Ok(0),
        None => type_error(format!(
            "required field \"{name}\" missing from {}",
            n.class
        )),
        Some(_) => value_error(format!("invalid integer value in field '{name}'")),
    }
}

fn pos(n: &Node) -> Result<Pos> {
    let Some((line, col, end_line, end_col)) = n.pos else {
        return type_error(format!(
            "required field \"lineno\" missing from {}",
            n.class
        ));
    };
    if line > end_line {
        return value_error(format!(
            "AST node line range ({line}, {end_line}) is not valid"
        ));
    }
    if line == end_line && col > end_col {
        return value_error(format!(
            "AST node column range ({col}, {end_col}) for line range ({line}, {end_line}) is not valid"
        ));
    }
    Ok(Pos {
        line,
        col,
        end_line,
        end_col,
    })
}

fn operator(n: &Node) -> Result<Operator> {
    Ok(match n.class {
        "Add" => Operator::Add,
        "Sub" => Operator::Sub,
        "Mult" => Operator::Mult,
        "MatMult" => Operator::MatMult,
        "Div" => Operator::Div,
        "Mod" => Operator::Mod,
        "Pow" => Operator::Pow,
        "LShift" => Operator::LShift,
        "RShift" => Operator::RShift,
        "BitOr" => Operator::BitOr,
        "BitXor" => Operator::BitXor,
        "BitAnd" => Operator::BitAnd,
        "FloorDiv" => Operator::FloorDiv,
        other => return type_error(format!("expected some sort of operator, but got {other}")),
    })
}

fn constant(n: &Node) -> Result<Const> {
    match required(n, "value")? {
        Field::Const(c) => Ok(c.clone()),
        Field::Str(s) => Ok(Const::Str(s.as_str().into())),
        Field::Int(i) => Ok(Const::Int(*i)),
        Field::None => Ok(Const::None),
        Field::Node(_) | Field::List(_) => type_error("got an invalid type in Constant"),
    }
}

impl In {
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            let message = "maximum recursion depth exceeded during compilation".into();
            return Err(Error {
                kind: ErrorKind::Recursion,
                message,
                pos: Pos::default(),
            });
        }
        self.depth += 1;
        let result = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    fn stmts(&mut self, n: &Node, name: &str) -> Result<Vec<Stmt>> {
        nodes(n, name)?
            .into_iter()
            .map(|s| self.deeper(|i| i.stmt(s)))
            .collect()
    }

    fn body(&mut self, n: &Node, name: &str) -> Result<Vec<Stmt>> {
        let body = self.stmts(n, name)?;
        if body.is_empty() {
            value_error(format!("empty {name} on {}", n.class))
        } else {
            Ok(body)
        }
    }

    fn exprs(&mut self, n: &Node, name: &str, ctx: Ctx) -> Result<Vec<Expr>> {
        nodes(n, name)?
            .into_iter()
            .map(|e| self.expr(e, ctx))
            .collect()
    }

    fn some_exprs(&mut self, n: &Node, name: &str, ctx: Ctx) -> Result<Vec<Expr>> {
        let es = self.exprs(n, name, ctx)?;
        if es.is_empty() {
            value_error(format!("empty {name} on {}", n.class))
        } else {
            Ok(es)
        }
    }

    fn one(&mut self, n: &Node, name: &str, ctx: Ctx) -> Result<Expr> {
        self.expr(child(n, name)?, ctx)
    }

    fn boxed(&mut self, n: &Node, name: &str, ctx: Ctx) -> Result<Box<Expr>> {
        self.one(n, name, ctx).map(Box::new)
    }

    fn opt(&mut self, n: &Node, name: &str) -> Result<Option<Box<Expr>>> {
        match optional(n, name)? {
            Some(e) => self.expr(e, Ctx::Load).map(|e| Some(Box::new(e))),
            None => Ok(None),
        }
    }

    fn opts(&mut self, n: &Node, name: &str) -> Result<Vec<Option<Expr>>> {
        let mut out = Vec::new();
        for f in list(n, name)? {
            out.push(match f {
                Field::None | Field::Const(Const::None) => None,
                Field::Node(e) => Some(self.expr(e, Ctx::Load)?),
                _ => {
                    return type_error(format!("field '{name}' of {} has the wrong type", n.class));
                }
            });
        }
        Ok(out)
    }

    fn stmt(&mut self, n: &Node) -> Result<Stmt> {
        let kind = match n.class {
            "FunctionDef" | "AsyncFunctionDef" => StmtKind::FunctionDef(Box::new(FunctionDef {
                name: text(n, "name")?,
                args: self.arguments(child(n, "args")?)?,
                body: self.body(n, "body")?,
                decorators: self.exprs(n, "decorator_list", Ctx::Load)?,
                returns: self.opt(n, "returns")?.map(|e| *e),
                type_params: self.type_params(n)?,
                is_async: n.class == "AsyncFunctionDef",
            })),
            "ClassDef" => StmtKind::ClassDef(Box::new(ClassDef {
                name: text(n, "name")?,
                bases: self.exprs(n, "bases", Ctx::Load)?,
                keywords: self.keywords(n)?,
                body: self.body(n, "body")?,
                decorators: self.exprs(n, "decorator_list", Ctx::Load)?,
                type_params: self.type_params(n)?,
            })),
            "Return" => StmtKind::Return(self.opt(n, "value")?),
            "Delete" => StmtKind::Delete(self.some_exprs(n, "targets", Ctx::Del)?),
            "Assign" => {
                let targets = self.some_exprs(n, "targets", Ctx::Store)?;
                StmtKind::Assign(targets, self.boxed(n, "value", Ctx::Load)?)
            }
            "TypeAlias" => {
                let name = self.one(n, "name", Ctx::Store)?;
                if !matches!(name.kind, ExprKind::Name(..)) {
                    return type_error("TypeAlias with non-Name name");
                }
                StmtKind::TypeAlias(Box::new(TypeAlias {
                    name,
                    type_params: self.type_params(n)?,
                    value: self.one(n, "value", Ctx::Load)?,
                }))
            }
            "AugAssign" => StmtKind::AugAssign(
                self.boxed(n, "target", Ctx::Store)?,
                operator(child(n, "op")?)?,
                self.boxed(n, "value", Ctx::Load)?,
            ),
            "AnnAssign" => {
                let target = self.boxed(n, "target", Ctx::Store)?;
                let simple = int(n, "simple")? != 0;
                if simple && !matches!(target.kind, ExprKind::Name(..)) {
                    return type_error("AnnAssign with simple non-Name target");
                }
                StmtKind::AnnAssign {
                    target,
                    annotation: self.boxed(n, "annotation", Ctx::Load)?,
                    value: self.opt(n, "value")?,
                    simple,
                }
            }
            "For" | "AsyncFor" => StmtKind::For(Box::new(For {
                target: self.one(n, "target", Ctx::Store)?,
                iter: self.one(n, "iter", Ctx::Load)?,
                body: self.body(n, "body")?,
                orelse: self.stmts(n, "orelse")?,
                is_async: n.class == "AsyncFor",
            })),
            "While" => StmtKind::While {
                test: self.boxed(n, "test", Ctx::Load)?,
                body: self.body(n, "body")?,
                orelse: self.stmts(n, "orelse")?,
            },
            "If" => StmtKind::If {
                test: self.boxed(n, "test", Ctx::Load)?,
                body: self.body(n, "body")?,
                orelse: self.stmts(n, "orelse")?,
            },
            "With" | "AsyncWith" => {
                let mut items = Vec::new();
                for w in nodes(n, "items")? {
                    let vars = match optional(w, "optional_vars")? {
                        Some(v) => Some(self.expr(v, Ctx::Store)?),
                        None => None,
                    };
                    items.push(WithItem {
                        context: self.one(w, "context_expr", Ctx::Load)?,
                        vars,
                    });
                }
                if items.is_empty() {
                    return value_error(format!("empty items on {}", n.class));
                }
                StmtKind::With {
                    items,
                    body: self.body(n, "body")?,
                    is_async: n.class == "AsyncWith",
                }
            }
            "Match" => {
                let subject = self.boxed(n, "subject", Ctx::Load)?;
                let mut cases = Vec::new();
                for c in nodes(n, "cases")? {
                    cases.push(MatchCase {
                        pattern: self.pattern(child(c, "pattern")?, false)?,
                        guard: self.opt(c, "guard")?.map(|e| *e),
                        body: self.body(c, "body")?,
                    });
                }
                if cases.is_empty() {
                    return value_error("empty cases on Match");
                }
                StmtKind::Match { subject, cases }
            }
            "Raise" => {
                let (exc, cause) = (self.opt(n, "exc")?, self.opt(n, "cause")?);
                if exc.is_none() && cause.is_some() {
                    return value_error("Raise with cause but no exception");
                }
                StmtKind::Raise(exc, cause)
            }
            "Try" | "TryStar" => {
                let body = self.body(n, "body")?;
                let mut handlers = Vec::new();
                for h in nodes(n, "handlers")? {
                    handlers.push(Handler {
                        pos: pos(h)?,
                        typ: self.opt(h, "type")?.map(|e| *e),
                        name: opt_text(h, "name")?,
                        body: self.body(h, "body")?,
                    });
                }
                let (orelse, finalbody) = (self.stmts(n, "orelse")?, self.stmts(n, "finalbody")?);
                if handlers.is_empty() && finalbody.is_empty() {
                    return value_error(format!("{} has neither handlers nor finalbody", n.class));
                }
                if handlers.is_empty() && !orelse.is_empty() {
                    return value_error(format!("{} has orelse but no except handlers", n.class));
                }
                StmtKind::Try(Box::new(Try {
                    body,
                    handlers,
                    orelse,
                    finalbody,
                    is_star: n.class == "TryStar",
                }))
            }
            "Assert" => StmtKind::Assert(self.boxed(n, "test", Ctx::Load)?, self.opt(n, "msg")?),
            "Import" => StmtKind::Import(aliases(n)?),
            "ImportFrom" => {
                let level = match n.field("level") {
                    None | Some(Field::None) => 0,
                    Some(_) => int(n, "level")?,
                };
                let Ok(level) = u32::try_from(level) else {
                    return value_error("Negative ImportFrom level");
                };
                StmtKind::ImportFrom {
                    module: opt_text(n, "module")?,
                    names: aliases(n)?,
                    level,
                }
            }
            "Global" | "Nonlocal" => {
                let names = texts(n, "names")?;
                if names.is_empty() {
                    return value_error(format!("empty names on {}", n.class));
                }
                if n.class == "Global" {
                    StmtKind::Global(names)
                } else {
                    StmtKind::Nonlocal(names)
                }
            }
            "Expr" => StmtKind::Expr(self.boxed(n, "value", Ctx::Load)?),
            "Pass" => StmtKind::Pass,
            "Break" => StmtKind::Break,
            "Continue" => StmtKind::Continue,
            other => return type_error(format!("expected some sort of stmt, but got {other}")),
        };
        Ok(Stmt { pos: pos(n)?, kind })
    }

    fn keywords(&mut self, n: &Node) -> Result<Vec<Keyword>> {
        let mut out = Vec::new();
        for k in nodes(n, "keywords")? {
            out.push(Keyword {
                pos: pos(k)?,
                arg: opt_text(k, "arg")?,
                value: self.one(k, "value", Ctx::Load)?,
            });
        }
        Ok(out)
    }

    fn arg(&mut self, n: &Node) -> Result<Arg> {
        Ok(Arg {
            pos: pos(n)?,
            name: text(n, "arg")?,
            annotation: self.opt(n, "annotation")?,
        })
    }

    fn args(&mut self, n: &Node, name: &str) -> Result<Vec<Arg>> {
        nodes(n, name)?.into_iter().map(|a| self.arg(a)).collect()
    }

    fn opt_arg(&mut self, n: &Node, name: &str) -> Result<Option<Arg>> {
        optional(n, name)?.map(|a| self.arg(a)).transpose()
    }

    fn arguments(&mut self, n: &Node) -> Result<Arguments> {
        let a = Arguments {
            posonly: self.args(n, "posonlyargs")?,
            args: self.args(n, "args")?,
            vararg: self.opt_arg(n, "vararg")?,
            kwonly: self.args(n, "kwonlyargs")?,
            kw_defaults: self.opts(n, "kw_defaults")?,
            kwarg: self.opt_arg(n, "kwarg")?,
            defaults: self.exprs(n, "defaults", Ctx::Load)?,
        };
        if a.defaults.len() > a.posonly.len() + a.args.len() {
            return value_error("more positional defaults than args on arguments");
        }
        if a.kw_defaults.len() != a.kwonly.len() {
            return value_error("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        Ok(a)
    }

    fn type_params(&mut self, n: &Node) -> Result<Vec<TypeParam>> {
        let mut out = Vec::new();
        for p in nodes(n, "type_params")? {
            let kind = match p.class {
                "TypeVar" => TypeParamKind::TypeVar(self.opt(p, "bound")?),
                "ParamSpec" => TypeParamKind::ParamSpec,
                "TypeVarTuple" => TypeParamKind::TypeVarTuple,
                other => {
                    return type_error(format!(
                        "expected some sort of type_param, but got {other}"
                    ));
                }
            };
            let default = self.opt(p, "default_value")?.map(|e| *e);
            out.push(TypeParam {
                pos: pos(p)?,
                name: text(p, "name")?,
                kind,
                default,
            });
        }
        Ok(out)
    }

    fn generators(&mut self, n: &Node) -> Result<Vec<Comprehension>> {
        let mut out = Vec::new();
        for g in nodes(n, "generators")? {
            out.push(Comprehension {
                target: self.one(g, "target", Ctx::Store)?,
                iter: self.one(g, "iter", Ctx::Load)?,
                ifs: self.exprs(g, "ifs", Ctx::Load)?,
                is_async: int(g, "is_async")? != 0,
            });
        }
        if out.is_empty() {
            value_error("comprehension with no generators")
        } else {
            Ok(out)
        }
    }

    fn expr(&mut self, n: &Node, ctx: Ctx) -> Result<Expr> {
        self.deeper(|i| i.expr_inner(n, ctx))
    }

    fn expr_inner(&mut self, n: &Node, want: Ctx) -> Result<Expr> {
        let name = |c: Ctx| match c {
            Ctx::Load => "Load",
            Ctx::Store => "Store",
            Ctx::Del => "Del",
        };
        let ctx = match n.field("ctx") {
            Some(Field::Node(c)) => match c.class {
                "Load" => Ctx::Load,
                "Store" => Ctx::Store,
                "Del" => Ctx::Del,
                other => {
                    return type_error(format!(
                        "expected some sort of expr_context, but got {other}"
                    ));
                }
            },
            _ => Ctx::Load,
        };
        let has_ctx = matches!(
            n.class,
            "Attribute" | "Subscript" | "Starred" | "Name" | "List" | "Tuple"
        );
        if !has_ctx && want != Ctx::Load {
            return value_error(format!(
                "expression which can't be assigned to in {} context",
                name(want)
            ));
        }
        if has_ctx && ctx != want {
            return value_error(format!(
                "expression must have {} context but has {} instead",
                name(want),
                name(ctx)
            ));
        }
        let load = Ctx::Load;
        let kind = match n.class {
            "BoolOp" => {
                let op = match child(n, "op")?.class {
                    "And" => BoolOp::And,
                    "Or" => BoolOp::Or,
                    other => {
                        return type_error(format!(
                            "expected some sort of boolop, but got {other}"
                        ));
                    }
                };
                let values = self.exprs(n, "values", load)?;
                if values.len() < 2 {
                    return value_error("BoolOp with less than 2 values");
                }
                ExprKind::BoolOp(op, values)
            }
            "NamedExpr" => {
                let target = self.boxed(n, "target", Ctx::Store)?;
                if !matches!(target.kind, ExprKind::Name(..)) {
                    return type_error("NamedExpr target must be a Name");
                }
                ExprKind::Named(target, self.boxed(n, "value", load)?)
            }
            "BinOp" => ExprKind::BinOp(
                self.boxed(n, "left", load)?,
                operator(child(n, "op")?)?,
                self.boxed(n, "right", load)?,
            ),
            "UnaryOp" => {
                let op = match child(n, "op")?.class {
                    "Invert" => UnaryOp::Invert,
                    "Not" => UnaryOp::Not,
                    "UAdd" => UnaryOp::UAdd,
                    "USub" => UnaryOp::USub,
                    other => {
                        return type_error(format!(
                            "expected some sort of unaryop, but got {other}"
                        ));
                    }
                };
                ExprKind::UnaryOp(op, self.boxed(n, "operand", load)?)
            }
            "Lambda" => ExprKind::Lambda(
                Box::new(self.arguments(child(n, "args")?)?),
                self.boxed(n, "body", load)?,
            ),
            "IfExp" => ExprKind::IfExp(
                self.boxed(n, "test", load)?,
                self.boxed(n, "body", load)?,
                self.boxed(n, "orelse", load)?,
            ),
            "Dict" => {
                let (keys, values) = (self.opts(n, "keys")?, self.exprs(n, "values", load)?);
                if keys.len() != values.len() {
                    return value_error("Dict doesn't have the same number of keys as values");
                }
                ExprKind::Dict(keys, values)
            }
            "Set" => ExprKind::Set(self.exprs(n, "elts", load)?),
            "ListComp" => ExprKind::ListComp(self.boxed(n, "elt", load)?, self.generators(n)?),
            "SetComp" => ExprKind::SetComp(self.boxed(n, "elt", load)?, self.generators(n)?),
            "GeneratorExp" => {
                ExprKind::GeneratorExp(self.boxed(n, "elt", load)?, self.generators(n)?)
            }
            "DictComp" => ExprKind::DictComp(
                self.boxed(n, "key", load)?,
                self.boxed(n, "value", load)?,
                self.generators(n)?,
            ),
            "Await" => ExprKind::Await(self.boxed(n, "value", load)?),
            "Yield" => ExprKind::Yield(self.opt(n, "value")?),
            "YieldFrom" => ExprKind::YieldFrom(self.boxed(n, "value", load)?),
            "Compare" => {
                let mut ops = Vec::new();
                for o in nodes(n, "ops")? {
                    ops.push(match o.class {
                        "Eq" => CmpOp::Eq,
                        "NotEq" => CmpOp::NotEq,
                        "Lt" => CmpOp::Lt,
                        "LtE" => CmpOp::LtE,
                        "Gt" => CmpOp::Gt,
                        "GtE" => CmpOp::GtE,
                        "Is" => CmpOp::Is,
                        "IsNot" => CmpOp::IsNot,
                        "In" => CmpOp::In,
                        "NotIn" => CmpOp::NotIn,
                        other => {
                            return type_error(format!(
                                "expected some sort of cmpop, but got {other}"
                            ));
                        }
                    });
                }
                let rights = self.exprs(n, "comparators", load)?;
                if rights.is_empty() {
                    return value_error("Compare with no comparators");
                }
                if rights.len() != ops.len() {
                    return value_error(
                        "Compare has a different number of comparators and operands",
                    );
                }
                ExprKind::Compare(self.boxed(n, "left", load)?, ops, rights)
            }
            "Call" => ExprKind::Call(
                self.boxed(n, "func", load)?,
                self.exprs(n, "args", load)?,
                self.keywords(n)?,
            ),
            "FormattedValue" | "Interpolation" => {
                let value = self.boxed(n, "value", load)?;
                let Ok(conversion) = i32::try_from(int(n, "conversion")?) else {
                    return value_error("invalid conversion");
                };
                if !matches!(conversion, -1 | 97 | 114 | 115) {
                    return value_error(format!("Unrecognized conversion character {conversion}"));
                }
                let format_spec = self.opt(n, "format_spec")?;
                if n.class == "FormattedValue" {
                    ExprKind::FormattedValue {
                        value,
                        conversion,
                        format_spec,
                    }
                } else {
                    let text = match required(n, "str")? {
                        Field::Const(c) => c.clone(),
                        Field::Str(s) => Const::Str(s.as_str().into()),
                        _ => return type_error("Interpolation str must be a constant"),
                    };
                    ExprKind::Interpolation {
                        value,
                        text,
                        conversion,
                        format_spec,
                    }
                }
            }
            "JoinedStr" => ExprKind::JoinedStr(self.exprs(n, "values", load)?),
            "TemplateStr" => ExprKind::TemplateStr(self.exprs(n, "values", load)?),
            "Constant" => {
                let unicode = matches!(n.field("kind"), Some(Field::Str(s)) if s == "u");
                ExprKind::Constant(constant(n)?, unicode)
            }
            "Attribute" => {
                ExprKind::Attribute(self.boxed(n, "value", load)?, text(n, "attr")?, ctx)
            }
            "Subscript" => ExprKind::Subscript(
                self.boxed(n, "value", load)?,
                self.boxed(n, "slice", load)?,
                ctx,
            ),
            "Starred" => ExprKind::Starred(self.boxed(n, "value", ctx)?, ctx),
            "Name" => ExprKind::Name(text(n, "id")?, ctx),
            "List" => ExprKind::List(self.exprs(n, "elts", ctx)?, ctx),
            "Tuple" => ExprKind::Tuple(self.exprs(n, "elts", ctx)?, ctx),
            "Slice" => ExprKind::Slice(
                self.opt(n, "lower")?,
                self.opt(n, "upper")?,
                self.opt(n, "step")?,
            ),
            other => return type_error(format!("expected some sort of expr, but got {other}")),
        };
        Ok(Expr { pos: pos(n)?, kind })
    }

    fn patterns(&mut self, n: &Node, name: &str, star: bool) -> Result<Vec<Pattern>> {
        nodes(n, name)?
            .into_iter()
            .map(|p| self.pattern(p, star))
            .collect()
    }

    fn pattern(&mut self, n: &Node, star: bool) -> Result<Pattern> {
        self.deeper(|i| i.pattern_inner(n, star))
    }

    fn pattern_inner(&mut self, n: &Node, star: bool) -> Result<Pattern> {
        let captured = |name: &Option<Name>| match name {
            Some(n) if &**n == "_" => value_error("can't capture name '_' in patterns"),
            _ => Ok(()),
        };
        let kind = match n.class {
            "MatchValue" => PatternKind::Value(self.pattern_value(n)?),
            "MatchSingleton" => match constant(n)? {
                c @ (Const::None | Const::True | Const::False) => PatternKind::Singleton(c),
                _ => return value_error("MatchSingleton can only contain True, False and None"),
            },
            "MatchSequence" => PatternKind::Sequence(self.patterns(n, "patterns", true)?),
            "MatchMapping" => {
                let keys = self.exprs(n, "keys", Ctx::Load)?;
                let patterns = self.patterns(n, "patterns", false)?;
                if keys.len() != patterns.len() {
                    return value_error(
                        "MatchMapping doesn't have the same number of keys as patterns",
                    );
                }
                let rest = opt_text(n, "rest")?;
                captured(&rest)?;
                PatternKind::Mapping {
                    keys,
                    patterns,
                    rest,
                }
            }
            "MatchClass" => {
                let kwd_attrs = texts(n, "kwd_attrs")?;
                let kwd_patterns = self.patterns(n, "kwd_patterns", false)?;
                if kwd_attrs.len() != kwd_patterns.len() {
                    return value_error(
                        "MatchClass doesn't have the same number of keyword attributes as patterns",
                    );
                }
                let cls = self.boxed(n, "cls", Ctx::Load)?;
                let mut base = &*cls;
                while let ExprKind::Attribute(v, ..) = &base.kind {
                    base = v;
                }
                if !matches!(base.kind, ExprKind::Name(..)) {
                    return value_error(
                        "MatchClass cls field can only contain Name or Attribute nodes.",
                    );
                }
                let patterns = self.patterns(n, "patterns", false)?;
                PatternKind::Class {
                    cls,
                    patterns,
                    kwd_attrs,
                    kwd_patterns,
                }
            }
            "MatchStar" => {
                if !star {
                    return value_error("can't use MatchStar here");
                }
                let name = opt_text(n, "name")?;
                captured(&name)?;
                PatternKind::Star(name)
            }
            "MatchAs" => {
                let name = opt_text(n, "name")?;
                captured(&name)?;
                let inner = match optional(n, "pattern")? {
                    Some(_) if name.is_none() => {
                        return value_error(
                            "MatchAs must specify a target name if a pattern is given",
                        );
                    }
                    Some(p) => Some(Box::new(self.pattern(p, false)?)),
                    None => None,
                };
                PatternKind::As(inner, name)
            }
            "MatchOr" => {
                let ps = self.patterns(n, "patterns", false)?;
                if ps.len() < 2 {
                    return value_error("MatchOr requires at least 2 patterns");
                }
                PatternKind::Or(ps)
            }
            other => return type_error(format!("expected some sort of pattern, but got {other}")),
        };
        Ok(Pattern { pos: pos(n)?, kind })
    }

    fn pattern_value(&mut self, n: &Node) -> Result<Box<Expr>> {
        let e = self.boxed(n, "value", Ctx::Load)?;
        match &e.kind {
            ExprKind::Constant(
                Const::Int(_)
                | Const::BigInt { .. }
                | Const::Float(_)
                | Const::Complex(..)
                | Const::Str(_)
                | Const::Surrogates(_)
                | Const::Bytes(_),
                _,
            )
            | ExprKind::Attribute(..)
            | ExprKind::UnaryOp(..)
            | ExprKind::BinOp(..)
            | ExprKind::JoinedStr(_)
            | ExprKind::TemplateStr(_) => Ok(e),
            ExprKind::Constant(..) => {
                value_error("unexpected constant inside of a literal pattern")
            }
            _ => value_error("patterns may only match literals and attribute lookups"),
        }
    }
}

fn aliases(n: &Node) -> Result<Vec<Alias>> {
    let mut out = Vec::new();
    for a in nodes(n, "names")? {
        out.push(Alias {
            pos: pos(a)?,
            name: text(a, "name")?,
            asname: opt_text(a, "asname")?,
        });
    }
    if out.is_empty() {
        value_error(format!("empty names on {}", n.class))
    } else {
        Ok(out)
    }
}

//! The syntax tree the rest of the compiler works on: CPython's ASDL shape, owned, with line/column positions.
//!
//! It stands between the parser and everything else, so that the parser crate may change without touching code
//! generation, and so that trees built by user code (`ast` module) compile by the same path. Columns are UTF-8
//! byte offsets in the line, as CPython's.

use habu_bytecode::Const;
use std::rc::Rc;

pub type Name = Rc<str>;

/// Source position; lines count from 1, columns from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pos {
    pub line: u32,
    pub col: u32,
    pub end_line: u32,
    pub end_col: u32,
}

impl Pos {
    pub fn to(self, end: Pos) -> Pos {
        Pos { line: self.line, col: self.col, end_line: end.end_line, end_col: end.end_col }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ctx {
    Load,
    Store,
    Del,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoolOp {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Invert,
    Not,
    UAdd,
    USub,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CmpOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Clone, Debug)]
pub enum Mod {
    Module(Vec<Stmt>),
    Interactive(Vec<Stmt>),
    Expression(Box<Expr>),
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub pos: Pos,
    pub kind: ExprKind,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    BoolOp(BoolOp, Vec<Expr>),
    Named(Box<Expr>, Box<Expr>),
    BinOp(Box<Expr>, Operator, Box<Expr>),
    UnaryOp(UnaryOp, Box<Expr>),
    Lambda(Box<Arguments>, Box<Expr>),
    IfExp(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A `None` key is a `**mapping` entry.
    Dict(Vec<Option<Expr>>, Vec<Expr>),
    Set(Vec<Expr>),
    ListComp(Box<Expr>, Vec<Comprehension>),
    SetComp(Box<Expr>, Vec<Comprehension>),
    DictComp(Box<Expr>, Box<Expr>, Vec<Comprehension>),
    GeneratorExp(Box<Expr>, Vec<Comprehension>),
    Await(Box<Expr>),
    Yield(Option<Box<Expr>>),
    YieldFrom(Box<Expr>),
    Compare(Box<Expr>, Vec<CmpOp>, Vec<Expr>),
    Call(Box<Expr>, Vec<Expr>, Vec<Keyword>),
    FormattedValue { value: Box<Expr>, conversion: i32, format_spec: Option<Box<Expr>> },
    Interpolation { value: Box<Expr>, text: Const, conversion: i32, format_spec: Option<Box<Expr>> },
    JoinedStr(Vec<Expr>),
    TemplateStr(Vec<Expr>),
    /// The flag is the `u` prefix (`kind` in CPython's tree).
    Constant(Const, bool),
    Attribute(Box<Expr>, Name, Ctx),
    Subscript(Box<Expr>, Box<Expr>, Ctx),
    Starred(Box<Expr>, Ctx),
    Name(Name, Ctx),
    List(Vec<Expr>, Ctx),
    Tuple(Vec<Expr>, Ctx),
    Slice(Option<Box<Expr>>, Option<Box<Expr>>, Option<Box<Expr>>),
}

#[derive(Clone, Debug)]
pub struct Comprehension {
    pub target: Expr,
    pub iter: Expr,
    pub ifs: Vec<Expr>,
    pub is_async: bool,
}

#[derive(Clone, Debug)]
pub struct Keyword {
    pub pos: Pos,
    /// `None` is `**value`.
    pub arg: Option<Name>,
    pub value: Expr,
}

#[derive(Clone, Debug)]
pub struct Arg {
    pub pos: Pos,
    pub name: Name,
    pub annotation: Option<Box<Expr>>,
}

#[derive(Clone, Debug, Default)]
pub struct Arguments {
    pub posonly: Vec<Arg>,
    pub args: Vec<Arg>,
    pub vararg: Option<Arg>,
    pub kwonly: Vec<Arg>,
    pub kw_defaults: Vec<Option<Expr>>,
    pub kwarg: Option<Arg>,
    pub defaults: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub struct Stmt {
    pub pos: Pos,
    pub kind: StmtKind,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    FunctionDef(Box<FunctionDef>),
    ClassDef(Box<ClassDef>),
    Return(Option<Box<Expr>>),
    Delete(Vec<Expr>),
    Assign(Vec<Expr>, Box<Expr>),
    TypeAlias(Box<TypeAlias>),
    AugAssign(Box<Expr>, Operator, Box<Expr>),
    AnnAssign { target: Box<Expr>, annotation: Box<Expr>, value: Option<Box<Expr>>, simple: bool },
    For(Box<For>),
    While { test: Box<Expr>, body: Vec<Stmt>, orelse: Vec<Stmt> },
    If { test: Box<Expr>, body: Vec<Stmt>, orelse: Vec<Stmt> },
    With { items: Vec<WithItem>, body: Vec<Stmt>, is_async: bool },
    Match { subject: Box<Expr>, cases: Vec<MatchCase> },
    Raise(Option<Box<Expr>>, Option<Box<Expr>>),
    Try(Box<Try>),
    Assert(Box<Expr>, Option<Box<Expr>>),
    Import(Vec<Alias>),
    ImportFrom { module: Option<Name>, names: Vec<Alias>, level: u32 },
    Global(Vec<Name>),
    Nonlocal(Vec<Name>),
    Expr(Box<Expr>),
    Pass,
    Break,
    Continue,
}

#[derive(Clone, Debug)]
pub struct FunctionDef {
    pub name: Name,
    pub args: Arguments,
    pub body: Vec<Stmt>,
    pub decorators: Vec<Expr>,
    pub returns: Option<Expr>,
    pub type_params: Vec<TypeParam>,
    pub is_async: bool,
}

#[derive(Clone, Debug)]
pub struct ClassDef {
    pub name: Name,
    pub bases: Vec<Expr>,
    pub keywords: Vec<Keyword>,
    pub body: Vec<Stmt>,
    pub decorators: Vec<Expr>,
    pub type_params: Vec<TypeParam>,
}

#[derive(Clone, Debug)]
pub struct TypeAlias {
    /// Always a `Name` expression.
    pub name: Expr,
    pub type_params: Vec<TypeParam>,
    pub value: Expr,
}

#[derive(Clone, Debug)]
pub struct For {
    pub target: Expr,
    pub iter: Expr,
    pub body: Vec<Stmt>,
    pub orelse: Vec<Stmt>,
    pub is_async: bool,
}

#[derive(Clone, Debug)]
pub struct Try {
    pub body: Vec<Stmt>,
    pub handlers: Vec<Handler>,
    pub orelse: Vec<Stmt>,
    pub finalbody: Vec<Stmt>,
    pub is_star: bool,
}

#[derive(Clone, Debug)]
pub struct Handler {
    pub pos: Pos,
    pub typ: Option<Expr>,
    pub name: Option<Name>,
    pub body: Vec<Stmt>,
}

#[derive(Clone, Debug)]
pub struct WithItem {
    pub context: Expr,
    pub vars: Option<Expr>,
}

#[derive(Clone, Debug)]
pub struct MatchCase {
    pub pattern: Pattern,
    pub guard: Option<Expr>,
    pub body: Vec<Stmt>,
}

#[derive(Clone, Debug)]
pub struct Pattern {
    pub pos: Pos,
    pub kind: PatternKind,
}

#[derive(Clone, Debug)]
pub enum PatternKind {
    Value(Box<Expr>),
    Singleton(Const),
    Sequence(Vec<Pattern>),
    Mapping { keys: Vec<Expr>, patterns: Vec<Pattern>, rest: Option<Name> },
    Class { cls: Box<Expr>, patterns: Vec<Pattern>, kwd_attrs: Vec<Name>, kwd_patterns: Vec<Pattern> },
    Star(Option<Name>),
    As(Option<Box<Pattern>>, Option<Name>),
    Or(Vec<Pattern>),
}

#[derive(Clone, Debug)]
pub struct Alias {
    pub pos: Pos,
    pub name: Name,
    pub asname: Option<Name>,
}

#[derive(Clone, Debug)]
pub struct TypeParam {
    pub pos: Pos,
    pub name: Name,
    pub kind: TypeParamKind,
    pub default: Option<Expr>,
}

#[derive(Clone, Debug)]
pub enum TypeParamKind {
    TypeVar(Option<Box<Expr>>),
    ParamSpec,
    TypeVarTuple,
}

/// The docstring of a body: its first statement, if that is a plain string constant.
pub fn docstring(body: &[Stmt]) -> Option<&Expr> {
    match body.first().map(|s| &s.kind) {
        Some(StmtKind::Expr(e)) => match &e.kind {
            ExprKind::Constant(Const::Str(_) | Const::Surrogates(_), _) => Some(e),
            _ => None,
        },
        _ => None,
    }
}

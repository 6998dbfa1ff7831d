//! The syntax tree as generic nodes, for the `ast` module: `ast.parse`, and `compile` of a tree a program made.
//!
//! Class and field names are those of CPython's `ast`, fields in its order. The tree a program hands back may be
//! anything, so the way in checks everything; both ways keep to a depth limit, and a `Node` is dropped without
//! recursion.

mod from_node;
mod to_node;

use crate::error::{ErrorKind, SyntaxError};
use crate::{Compiled, Mode, Options, Warning};
use habu_bytecode::Const;

/// Deepest tree given out or accepted.
/// Names of all node classes, for those who make trees from elsewhere.
pub const CLASSES: &[&str] = &[
    "mod",
    "Module",
    "Interactive",
    "Expression",
    "FunctionType",
    "stmt",
    "FunctionDef",
    "AsyncFunctionDef",
    "ClassDef",
    "Return",
    "Delete",
    "Assign",
    "TypeAlias",
    "AugAssign",
    "AnnAssign",
    "For",
    "AsyncFor",
    "While",
    "If",
    "With",
    "AsyncWith",
    "Match",
    "Raise",
    "Try",
    "TryStar",
    "Assert",
    "Import",
    "ImportFrom",
    "Global",
    "Nonlocal",
    "Expr",
    "Pass",
    "Break",
    "Continue",
    "expr",
    "BoolOp",
    "NamedExpr",
    "BinOp",
    "UnaryOp",
    "Lambda",
    "IfExp",
    "Dict",
    "Set",
    "ListComp",
    "SetComp",
    "DictComp",
    "GeneratorExp",
    "Await",
    "Yield",
    "YieldFrom",
    "Compare",
    "Call",
    "FormattedValue",
    "Interpolation",
    "JoinedStr",
    "TemplateStr",
    "Constant",
    "Attribute",
    "Subscript",
    "Starred",
    "Name",
    "List",
    "Tuple",
    "Slice",
    "expr_context",
    "Load",
    "Store",
    "Del",
    "boolop",
    "And",
    "Or",
    "operator",
    "Add",
    "Sub",
    "Mult",
    "MatMult",
    "Div",
    "Mod",
    "Pow",
    "LShift",
    "RShift",
    "BitOr",
    "BitXor",
    "BitAnd",
    "FloorDiv",
    "unaryop",
    "Invert",
    "Not",
    "UAdd",
    "USub",
    "cmpop",
    "Eq",
    "NotEq",
    "Lt",
    "LtE",
    "Gt",
    "GtE",
    "Is",
    "IsNot",
    "In",
    "NotIn",
    "comprehension",
    "excepthandler",
    "ExceptHandler",
    "arguments",
    "arg",
    "keyword",
    "alias",
    "withitem",
    "match_case",
    "pattern",
    "MatchValue",
    "MatchSingleton",
    "MatchSequence",
    "MatchMapping",
    "MatchClass",
    "MatchStar",
    "MatchAs",
    "MatchOr",
    "type_ignore",
    "TypeIgnore",
    "type_param",
    "TypeVar",
    "ParamSpec",
    "TypeVarTuple",
];

/// Names of all fields.
pub const FIELDS: &[&str] = &[
    "body",
    "type_ignores",
    "argtypes",
    "returns",
    "name",
    "args",
    "decorator_list",
    "type_comment",
    "type_params",
    "bases",
    "keywords",
    "value",
    "targets",
    "target",
    "op",
    "annotation",
    "simple",
    "iter",
    "orelse",
    "test",
    "items",
    "subject",
    "cases",
    "exc",
    "cause",
    "handlers",
    "finalbody",
    "msg",
    "names",
    "module",
    "level",
    "values",
    "left",
    "right",
    "operand",
    "keys",
    "elts",
    "elt",
    "generators",
    "key",
    "ops",
    "comparators",
    "func",
    "conversion",
    "format_spec",
    "str",
    "kind",
    "attr",
    "ctx",
    "slice",
    "id",
    "lower",
    "upper",
    "step",
    "ifs",
    "is_async",
    "type",
    "posonlyargs",
    "vararg",
    "kwonlyargs",
    "kw_defaults",
    "kwarg",
    "defaults",
    "arg",
    "asname",
    "context_expr",
    "optional_vars",
    "pattern",
    "guard",
    "patterns",
    "rest",
    "cls",
    "kwd_attrs",
    "kwd_patterns",
    "lineno",
    "tag",
    "bound",
    "default_value",
];

pub const MAX_DEPTH: usize = 6000;

#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    None,
    Node(Box<Node>),
    List(Vec<Field>),
    Str(String),
    Int(i64),
    Const(Const),
}

/// Line (from 1), byte column (from 0), and the same for the end.
pub type Position = (u32, u32, u32, u32);

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Node {
    pub class: &'static str,
    pub fields: Vec<(&'static str, Field)>,
    pub pos: Option<Position>,
}

impl Drop for Node {
    fn drop(&mut self) {
        let mut todo: Vec<Field> = self.fields.drain(..).map(|(_, f)| f).collect();
        while let Some(f) = todo.pop() {
            match f {
                Field::Node(mut n) => todo.extend(n.fields.drain(..).map(|(_, f)| f)),
                Field::List(l) => todo.extend(l),
                _ => {}
            }
        }
    }
}

impl Node {
    pub fn new(class: &'static str) -> Node {
        Node {
            class,
            fields: Vec::new(),
            pos: None,
        }
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|(n, _)| *n == name).map(|(_, f)| f)
    }
}

pub struct Parsed {
    pub tree: Node,
    pub warnings: Vec<Warning>,
}

/// The tree of a source text: a `Module`, `Interactive` or `Expression`.
pub fn parse(source: &str, filename: &str, mode: Mode) -> Result<Parsed, SyntaxError> {
    let mut warnings = Vec::new();
    let tree = crate::with_tree(source, filename, mode, |module, found| {
        warnings = found;
        to_node::module(module)
    })?;
    Ok(Parsed { tree, warnings })
}

/// Compiles a tree made of nodes.
pub fn compile(tree: &Node, filename: &str, options: &Options) -> Result<Compiled, SyntaxError> {
    let run = || {
        let module = from_node::module(tree, options.mode)?;
        crate::compile_tree(&module, filename, options)
    };
    stacker::maybe_grow(1024 * 1024, 16 * 1024 * 1024, run).map_err(|e| {
        let bad_tree = matches!(e.kind, ErrorKind::Value | ErrorKind::Type);
        let mut out = e.locate("", filename);
        out.text = None;
        if bad_tree {
            out.lineno = 0;
        }
        out
    })
}

//! SyntaxWarnings about code that cannot mean what it says.

use super::*;
use crate::ast::{CmpOp, ExprKind};

/// The type name of a literal-like expression.
fn literal_type(e: &Expr) -> Option<&'static str> {
    Some(match &e.kind {
        ExprKind::Tuple(..) => "tuple",
        ExprKind::List(..) | ExprKind::ListComp(..) => "list",
        ExprKind::Dict(..) | ExprKind::DictComp(..) => "dict",
        ExprKind::Set(..) | ExprKind::SetComp(..) => "set",
        ExprKind::GeneratorExp(..) => "generator",
        ExprKind::Lambda(..) => "function",
        ExprKind::TemplateStr(..) | ExprKind::Interpolation { .. } => "string.templatelib.Template",
        ExprKind::JoinedStr(..) | ExprKind::FormattedValue { .. } => "str",
        ExprKind::Constant(c, _) => constant_type(c),
        _ => return None,
    })
}

pub fn constant_type(c: &Const) -> &'static str {
    match c {
        Const::None => "NoneType",
        Const::True | Const::False => "bool",
        Const::Ellipsis => "ellipsis",
        Const::Int(_) | Const::BigInt { .. } => "int",
        Const::Float(_) => "float",
        Const::Complex(..) => "complex",
        Const::Str(_) | Const::Surrogates(_) => "str",
        Const::Bytes(_) => "bytes",
        Const::Tuple(_) => "tuple",
        Const::FrozenSet(_) => "frozenset",
        Const::Slice(_) => "slice",
        Const::Code(_) => "code",
    }
}

impl<'a> Compiler<'a> {
    pub fn check_compare(&mut self, left: &Expr, ops: &[CmpOp], rights: &[Expr], pos: Pos) {
        // Comparing identity with a literal: only None, True, False and ... are singletons.
        let odd = |e: &Expr| match &e.kind {
            ExprKind::Constant(Const::None | Const::True | Const::False | Const::Ellipsis, _) => None,
            ExprKind::Constant(c, _) => Some(constant_type(c)),
            ExprKind::Tuple(..)
            | ExprKind::List(..)
            | ExprKind::ListComp(..)
            | ExprKind::Dict(..)
            | ExprKind::DictComp(..)
            | ExprKind::Set(..)
            | ExprKind::SetComp(..)
            | ExprKind::GeneratorExp(..)
            | ExprKind::JoinedStr(..)
            | ExprKind::TemplateStr(..)
            | ExprKind::FormattedValue { .. }
            | ExprKind::Interpolation { .. } => literal_type(e),
            _ => None,
        };
        let constant = |e: &Expr| matches!(e.kind, ExprKind::Constant(..));
        let mut before = left;
        for (op, right) in ops.iter().zip(rights) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) {
                // CPython looks at constants only here.
                let bad = [before, right].into_iter().filter(|e| constant(e)).find_map(odd);
                if let Some(t) = bad {
                    let (word, instead) = if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                    self.warn(pos, format!("\"{word}\" with '{t}' literal. Did you mean \"{instead}\"?"));
                    return;
                }
            }
            before = right;
        }
    }

    pub fn check_caller(&mut self, e: &Expr) {
        let callable = matches!(e.kind, ExprKind::Lambda(..));
        if callable {
            return;
        }
        if let Some(t) = literal_type(e) {
            self.warn(e.pos, format!("'{t}' object is not callable; perhaps you missed a comma?"));
        }
    }

    pub fn check_subscripter(&mut self, e: &Expr) {
        let bad = match &e.kind {
            ExprKind::Constant(c, _) => matches!(
                c,
                Const::None
                    | Const::True
                    | Const::False
                    | Const::Ellipsis
                    | Const::Int(_)
                    | Const::BigInt { .. }
                    | Const::Float(_)
                    | Const::Complex(..)
                    | Const::FrozenSet(_)
            ),
            ExprKind::Set(..)
            | ExprKind::SetComp(..)
            | ExprKind::GeneratorExp(..)
            | ExprKind::Lambda(..)
            | ExprKind::TemplateStr(..)
            | ExprKind::Interpolation { .. } => true,
            _ => false,
        };
        if bad && let Some(t) = literal_type(e) {
            self.warn(e.pos, format!("'{t}' object is not subscriptable; perhaps you missed a comma?"));
        }
    }

    pub fn check_index(&mut self, value: &Expr, index: &Expr) {
        let Some(t) = literal_type(index) else { return };
        if matches!(t, "int" | "bool" | "slice") {
            return;
        }
        let sequence = match &value.kind {
            ExprKind::Constant(Const::Str(_) | Const::Surrogates(_) | Const::Bytes(_) | Const::Tuple(_), _) => true,
            ExprKind::Tuple(..)
            | ExprKind::List(..)
            | ExprKind::ListComp(..)
            | ExprKind::JoinedStr(..)
            | ExprKind::FormattedValue { .. } => true,
            _ => false,
        };
        if sequence && let Some(vt) = literal_type(value) {
            self.warn(
                value.pos.to(index.pos),
                format!("{vt} indices must be integers or slices, not {t}; perhaps you missed a comma?"),
            );
        }
    }
}

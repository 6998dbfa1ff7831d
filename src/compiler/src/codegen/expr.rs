//! Expressions.

use super::call::at_attribute;
use super::unpack::Build;
use super::*;
use crate::ast::{Ctx, ExprKind, Operator, UnaryOp};
use crate::symtable::CompKind;
use habu_bytecode::opcode::{binary, intrinsic1};

pub fn binary_arg(op: Operator) -> u32 {
    match op {
        Operator::Add => binary::ADD,
        Operator::Sub => binary::SUBTRACT,
        Operator::Mult => binary::MULTIPLY,
        Operator::MatMult => binary::MATRIX_MULTIPLY,
        Operator::Div => binary::TRUE_DIVIDE,
        Operator::Mod => binary::REMAINDER,
        Operator::Pow => binary::POWER,
        Operator::LShift => binary::LSHIFT,
        Operator::RShift => binary::RSHIFT,
        Operator::BitOr => binary::OR,
        Operator::BitXor => binary::XOR,
        Operator::BitAnd => binary::AND,
        Operator::FloorDiv => binary::FLOOR_DIVIDE,
    }
}

fn constant_or_none(e: &Option<Box<Expr>>) -> Option<Const> {
    match e {
        None => Some(Const::None),
        Some(e) => match &e.kind {
            ExprKind::Constant(c, _) => Some(c.clone()),
            _ => None,
        },
    }
}

/// `slice(…)` of a slice whose parts are all constants.
fn constant_slice(e: &Expr) -> Option<Const> {
    match &e.kind {
        ExprKind::Slice(a, b, c) => Some(Const::Slice(Box::new([
            constant_or_none(a)?,
            constant_or_none(b)?,
            constant_or_none(c)?,
        ]))),
        _ => None,
    }
}

/// Slices of two parts that are not constant have instructions of their own.
pub fn is_two_part_slice(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Slice(_, _, None)) && constant_slice(e).is_none()
}

impl<'a> Compiler<'a> {
    pub fn exprs(&mut self, es: &'a [Expr]) -> Result<()> {
        es.iter().try_for_each(|e| self.expr(e))
    }

    pub fn expr(&mut self, e: &'a Expr) -> Result<()> {
        // The commonest leaves need no stack to speak of.
        match &e.kind {
            ExprKind::Name(name, ctx) => return self.name_expr(e.pos, name, *ctx),
            ExprKind::Constant(c, _) => {
                self.load_const(e.pos, c.clone());
                return Ok(());
            }
            _ => {}
        }
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.expr_inner(e))
    }

    fn name_expr(&mut self, pos: Pos, name: &Name, ctx: Ctx) -> Result<()> {
        if ctx == Ctx::Load && &**name == "__debug__" {
            self.load_const(pos, if self.optimize == 0 { Const::True } else { Const::False });
            return Ok(());
        }
        self.name_op(Loc::from(pos), name, ctx)
    }

    fn expr_inner(&mut self, e: &'a Expr) -> Result<()> {
        let loc = Loc::from(e.pos);
        match &e.kind {
            ExprKind::Named(target, value) => {
                self.expr(value)?;
                self.emit_arg(loc, Op::COPY, 1);
                self.expr(target)
            }
            ExprKind::BoolOp(op, values) => self.bool_op(*op, values, loc),
            ExprKind::BinOp(..) => self.binary_chain(e),
            ExprKind::UnaryOp(op, v) => {
                self.expr(v)?;
                match op {
                    UnaryOp::UAdd => self.emit_arg(loc, Op::CALL_INTRINSIC_1, intrinsic1::UNARY_POSITIVE),
                    UnaryOp::USub => self.emit(loc, Op::UNARY_NEGATIVE),
                    UnaryOp::Invert => self.emit(loc, Op::UNARY_INVERT),
                    UnaryOp::Not => {
                        self.emit(loc, Op::TO_BOOL);
                        self.emit(loc, Op::UNARY_NOT);
                    }
                }
                Ok(())
            }
            ExprKind::Lambda(args, body) => self.lambda(e.pos, args, body),
            ExprKind::IfExp(test, body, orelse) => self.if_exp(test, body, orelse, loc),
            ExprKind::Dict(keys, values) => self.dict(loc, keys, values),
            ExprKind::Set(elts) => self.display(loc, elts, None, 0, Build::Set),
            ExprKind::ListComp(elt, g) => self.comprehension(e.pos, CompKind::List, g, elt, None),
            ExprKind::SetComp(elt, g) => self.comprehension(e.pos, CompKind::Set, g, elt, None),
            ExprKind::DictComp(k, v, g) => self.comprehension(e.pos, CompKind::Dict, g, k, Some(v)),
            ExprKind::GeneratorExp(elt, g) => self.comprehension(e.pos, CompKind::Generator, g, elt, None),
            ExprKind::Yield(value) => {
                if !self.block().kind.function_like() {
                    return self.error(e.pos, "'yield' outside function");
                }
                match value {
                    Some(v) => self.expr(v)?,
                    None => self.load_const(loc, Const::None),
                }
                self.yield_top(loc);
                Ok(())
            }
            ExprKind::YieldFrom(v) => {
                if !self.block().kind.function_like() {
                    return self.error(e.pos, "'yield from' outside function");
                }
                if self.u().scope == Scope::AsyncFunction {
                    return self.error(e.pos, "'yield from' inside async function");
                }
                self.expr(v)?;
                self.emit(loc, Op::GET_YIELD_FROM_ITER);
                self.load_const(loc, Const::None);
                self.yield_from(loc, false);
                Ok(())
            }
            ExprKind::Await(v) => {
                self.expr(v)?;
                self.await_top(loc, 0);
                Ok(())
            }
            ExprKind::Compare(left, ops, rights) => self.compare(left, ops, rights, e.pos),
            ExprKind::Call(func, args, keywords) => self.call(e.pos, func, args, keywords),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.formatted_value(loc, value, *conversion, format_spec.as_deref())
            }
            ExprKind::Interpolation { value, text, conversion, format_spec } => {
                self.interpolation(loc, value, text, *conversion, format_spec.as_deref())
            }
            ExprKind::JoinedStr(values) => self.joined_str(loc, values),
            ExprKind::TemplateStr(values) => self.template_str(loc, values),
            ExprKind::Constant(c, _) => {
                self.load_const(loc, c.clone());
                Ok(())
            }
            ExprKind::Attribute(value, attr, ctx) => self.attribute(e.pos, value, attr, *ctx),
            ExprKind::Subscript(value, index, ctx) => self.subscript(e.pos, value, index, *ctx),
            ExprKind::Starred(_, ctx) => match ctx {
                Ctx::Store => self.error(e.pos, "starred assignment target must be in a list or tuple"),
                _ => self.error(e.pos, "can't use starred expression here"),
            },
            ExprKind::Name(name, ctx) => self.name_expr(e.pos, name, *ctx),
            ExprKind::List(elts, ctx) => match ctx {
                Ctx::Store => self.assign_to_elements(e.pos, elts),
                Ctx::Load => self.display(loc, elts, None, 0, Build::List),
                Ctx::Del => self.exprs(elts),
            },
            ExprKind::Tuple(elts, ctx) => match ctx {
                Ctx::Store => self.assign_to_elements(e.pos, elts),
                Ctx::Load => self.display(loc, elts, None, 0, Build::Tuple),
                Ctx::Del => self.exprs(elts),
            },
            ExprKind::Slice(..) => self.slice(e),
        }
    }

    /// Left-deep chains such as `a + b + c + …` without recursion.
    fn binary_chain(&mut self, e: &'a Expr) -> Result<()> {
        let mut chain = Vec::new();
        let mut cur = e;
        while let ExprKind::BinOp(left, op, right) = &cur.kind {
            chain.push((cur.pos, *op, &**right));
            cur = left;
        }
        self.expr(cur)?;
        for (pos, op, right) in chain.into_iter().rev() {
            self.expr(right)?;
            self.emit_arg(pos, Op::BINARY_OP, binary_arg(op));
        }
        Ok(())
    }

    fn attribute(&mut self, pos: Pos, value: &'a Expr, attr: &'a Name, ctx: Ctx) -> Result<()> {
        let mut loc = Loc::from(pos);
        if ctx == Ctx::Load
            && let Some(two) = self.super_call(value)
        {
            self.super_arguments(value)?;
            let i = self.attr_index(attr);
            self.emit_arg(loc, Op::LOAD_SUPER_ATTR, i << 2 | u32::from(two) << 1);
            loc = at_attribute(loc, pos, attr);
            self.emit(loc, Op::NOP);
            return Ok(());
        }
        self.check_name(pos, attr, ctx)?;
        if ctx == Ctx::Store
            && let ExprKind::Name(n, _) = &value.kind
            && &**n == "self"
        {
            let last = self.units.len() - 1;
            if let Some(class) = self.units[..last].iter_mut().rev().find(|u| u.scope == Scope::Class) {
                class.static_attributes.insert(attr.clone());
            }
        }
        self.expr(value)?;
        loc = at_attribute(loc, pos, attr);
        let i = self.attr_index(attr);
        match ctx {
            Ctx::Load => self.emit_arg(loc, Op::LOAD_ATTR, i << 1),
            Ctx::Store => self.emit_arg(loc, Op::STORE_ATTR, i),
            Ctx::Del => self.emit_arg(loc, Op::DELETE_ATTR, i),
        }
        Ok(())
    }

    fn subscript(&mut self, pos: Pos, value: &'a Expr, index: &'a Expr, ctx: Ctx) -> Result<()> {
        let loc = Loc::from(pos);
        if ctx == Ctx::Load {
            self.check_subscripter(value);
            self.check_index(value, index);
        }
        self.expr(value)?;
        if is_two_part_slice(index) && ctx != Ctx::Del {
            self.slice_two_parts(index)?;
            self.emit(loc, if ctx == Ctx::Load { Op::BINARY_SLICE } else { Op::STORE_SLICE });
            return Ok(());
        }
        self.expr(index)?;
        match ctx {
            Ctx::Load => self.emit_arg(loc, Op::BINARY_OP, binary::SUBSCR),
            Ctx::Store => self.emit(loc, Op::STORE_SUBSCR),
            Ctx::Del => self.emit(loc, Op::DELETE_SUBSCR),
        }
        Ok(())
    }

    pub fn slice_two_parts(&mut self, e: &'a Expr) -> Result<()> {
        let ExprKind::Slice(lower, upper, _) = &e.kind else { return Ok(()) };
        for part in [lower, upper] {
            match part {
                Some(p) => self.expr(p)?,
                None => self.load_const(e.pos, Const::None),
            }
        }
        Ok(())
    }

    fn slice(&mut self, e: &'a Expr) -> Result<()> {
        if let Some(c) = constant_slice(e) {
            self.load_const(e.pos, c);
            return Ok(());
        }
        self.slice_two_parts(e)?;
        let mut n = 2;
        if let ExprKind::Slice(_, _, Some(step)) = &e.kind {
            self.expr(step)?;
            n = 3;
        }
        self.emit_arg(e.pos, Op::BUILD_SLICE, n);
        Ok(())
    }
}

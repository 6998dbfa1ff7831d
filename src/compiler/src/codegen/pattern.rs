//! `match`: the subject stays on the stack, captured values pile up above it until the whole pattern holds.

use super::condition::compare_arg;
use super::*;
use crate::ast::{CmpOp, ExprKind, MatchCase, Pattern, PatternKind};
use habu_bytecode::opcode::{binary, compare};

#[derive(Default)]
struct Context {
    /// Names captured so far, in the order of their values on the stack.
    stores: Vec<Name>,
    allow_irrefutable: bool,
    /// Labels that pop this many values before failing.
    fail_pop: Vec<Label>,
    /// Values above the captured ones.
    on_top: usize,
}

fn is_wildcard(p: &Pattern) -> bool {
    matches!(p.kind, PatternKind::As(None, None))
}

fn star_wildcard(p: &Pattern) -> bool {
    matches!(p.kind, PatternKind::Star(None))
}

fn quoted(name: &str) -> String {
    format!("'{name}'")
}

impl<'a> Compiler<'a> {
    pub fn match_stmt(&mut self, subject: &'a Expr, cases: &'a [MatchCase]) -> Result<()> {
        self.expr(subject)?;
        let end = self.new_label();
        let Some(last) = cases.last() else { return Ok(()) };
        let has_default = is_wildcard(&last.pattern) && cases.len() > 1;
        let n = cases.len() - usize::from(has_default);
        let mut pc = Context::default();
        for (i, case) in cases[..n].iter().enumerate() {
            let loc = Loc::from(case.pattern.pos);
            if i + 1 != n {
                self.emit_arg(loc, Op::COPY, 1);
            }
            pc.stores.clear();
            pc.allow_irrefutable = case.guard.is_some() || i + 1 == cases.len();
            pc.fail_pop.clear();
            pc.on_top = 0;
            self.pattern(&case.pattern, &mut pc)?;
            for name in std::mem::take(&mut pc.stores) {
                self.store_name(loc, &name)?;
            }
            if let Some(guard) = &case.guard {
                self.ensure_fail_pop(&mut pc, 0);
                self.jump_if(loc, guard, pc.fail_pop[0], false)?;
            }
            if i + 1 != n {
                self.emit(Loc::NEXT, Op::POP_TOP);
            }
            self.stmts(&case.body)?;
            self.jump(Loc::NONE, Code::Jump, end);
            self.emit_fail_pop(loc, &mut pc);
        }
        if has_default {
            let loc = Loc::from(last.pattern.pos);
            self.emit(loc, if cases.len() == 1 { Op::POP_TOP } else { Op::NOP });
            if let Some(guard) = &last.guard {
                self.jump_if(loc, guard, end, false)?;
            }
            self.stmts(&last.body)?;
        }
        self.use_label(end);
        Ok(())
    }

    fn ensure_fail_pop(&mut self, pc: &mut Context, n: usize) {
        while pc.fail_pop.len() <= n {
            let l = self.new_label();
            pc.fail_pop.push(l);
        }
    }

    fn jump_to_fail(&mut self, loc: Loc, pc: &mut Context, code: impl Into<Code>) {
        let pops = pc.on_top + pc.stores.len();
        self.ensure_fail_pop(pc, pops);
        self.jump(loc, code, pc.fail_pop[pops]);
    }

    fn emit_fail_pop(&mut self, loc: Loc, pc: &mut Context) {
        while let Some(l) = pc.fail_pop.pop() {
            self.use_label(l);
            if !pc.fail_pop.is_empty() {
                self.emit(loc, Op::POP_TOP);
            }
        }
    }

    fn rotate(&mut self, loc: Loc, count: usize) {
        for n in (2..=count).rev() {
            self.emit_arg(loc, Op::SWAP, n as u32);
        }
    }

    fn capture(&mut self, pos: Pos, name: Option<&Name>, pc: &mut Context) -> Result<()> {
        let loc = Loc::from(pos);
        let Some(name) = name else {
            self.emit(loc, Op::POP_TOP);
            return Ok(());
        };
        self.check_name(pos, name, crate::ast::Ctx::Store)?;
        if pc.stores.contains(name) {
            return self.error(pos, format!("multiple assignments to name {} in pattern", quoted(name)));
        }
        self.rotate(loc, pc.on_top + pc.stores.len() + 1);
        pc.stores.push(name.clone());
        Ok(())
    }

    fn pattern(&mut self, p: &'a Pattern, pc: &mut Context) -> Result<()> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || self.pattern_inner(p, pc))
    }

    fn subpattern(&mut self, p: &'a Pattern, pc: &mut Context) -> Result<()> {
        let old = std::mem::replace(&mut pc.allow_irrefutable, true);
        let result = self.pattern(p, pc);
        pc.allow_irrefutable = old;
        result
    }

    fn pattern_inner(&mut self, p: &'a Pattern, pc: &mut Context) -> Result<()> {
        let loc = Loc::from(p.pos);
        match &p.kind {
            PatternKind::Value(e) => {
                self.expr(e)?;
                self.compare_op(loc, CmpOp::Eq);
                self.emit(loc, Op::TO_BOOL);
                self.jump_to_fail(loc, pc, Op::POP_JUMP_IF_FALSE);
                Ok(())
            }
            PatternKind::Singleton(c) => {
                self.load_const(loc, c.clone());
                self.emit_arg(loc, Op::IS_OP, 0);
                self.jump_to_fail(loc, pc, Op::POP_JUMP_IF_FALSE);
                Ok(())
            }
            PatternKind::Sequence(ps) => self.sequence_pattern(p.pos, ps, pc),
            PatternKind::Mapping { keys, patterns, rest } => {
                self.mapping_pattern(p.pos, keys, patterns, rest.as_ref(), pc)
            }
            PatternKind::Class { cls, patterns, kwd_attrs, kwd_patterns } => {
                self.class_pattern(p.pos, cls, patterns, kwd_attrs, kwd_patterns, pc)
            }
            PatternKind::Star(name) => self.capture(p.pos, name.as_ref(), pc),
            PatternKind::As(None, name) => {
                if !pc.allow_irrefutable {
                    return match name {
                        Some(n) => self.error(
                            p.pos,
                            format!("name capture {} makes remaining patterns unreachable", quoted(n)),
                        ),
                        None => self.error(p.pos, "wildcard makes remaining patterns unreachable"),
                    };
                }
                self.capture(p.pos, name.as_ref(), pc)
            }
            PatternKind::As(Some(inner), name) => {
                pc.on_top += 1;
                self.emit_arg(loc, Op::COPY, 1);
                self.pattern(inner, pc)?;
                pc.on_top -= 1;
                self.capture(p.pos, name.as_ref(), pc)
            }
            PatternKind::Or(ps) => self.or_pattern(p.pos, ps, pc),
        }
    }

    fn length_check(&mut self, loc: Loc, n: usize, op: u32, pc: &mut Context) {
        self.emit(loc, Op::GET_LEN);
        self.load_const(loc, Const::Int(n as i64));
        self.emit_arg(loc, Op::COMPARE_OP, compare_arg(op));
        self.jump_to_fail(loc, pc, Op::POP_JUMP_IF_FALSE);
    }

    fn sequence_pattern(&mut self, pos: Pos, ps: &'a [Pattern], pc: &mut Context) -> Result<()> {
        let loc = Loc::from(pos);
        let is_star = |p: &Pattern| matches!(p.kind, PatternKind::Star(_));
        if ps.iter().filter(|p| is_star(p)).count() > 1 {
            return self.error(pos, "multiple starred expressions in sequence pattern");
        }
        let star = ps.iter().position(is_star);
        let only_wildcard = ps.iter().all(|p| star_wildcard(p) || is_wildcard(p));
        pc.on_top += 1;
        self.emit(loc, Op::MATCH_SEQUENCE);
        self.jump_to_fail(loc, pc, Op::POP_JUMP_IF_FALSE);
        match star {
            None => self.length_check(loc, ps.len(), compare::EQ, pc),
            Some(_) if ps.len() > 1 => self.length_check(loc, ps.len() - 1, compare::GE, pc),
            Some(_) => {}
        }
        pc.on_top -= 1;
        if only_wildcard {
            self.emit(loc, Op::POP_TOP);
            return Ok(());
        }
        match star {
            Some(star) if star_wildcard(&ps[star]) => self.sequence_by_index(loc, ps, star, pc),
            _ => self.sequence_by_unpacking(pos, ps, star, pc),
        }
    }

    fn sequence_by_unpacking(
        &mut self,
        pos: Pos,
        ps: &'a [Pattern],
        star: Option<usize>,
        pc: &mut Context,
    ) -> Result<()> {
        match star {
            None => self.emit_arg(pos, Op::UNPACK_SEQUENCE, ps.len() as u32),
            Some(i) => {
                if i >= 256 {
                    return self.error(pos, "too many expressions in star-unpacking pattern");
                }
                self.emit_arg(pos, Op::UNPACK_EX, i as u32 | ((ps.len() - i - 1) as u32) << 8);
            }
        }
        pc.on_top += ps.len();
        for p in ps {
            pc.on_top -= 1;
            self.subpattern(p, pc)?;
        }
        Ok(())
    }

    fn sequence_by_index(&mut self, loc: Loc, ps: &'a [Pattern], star: usize, pc: &mut Context) -> Result<()> {
        pc.on_top += 1;
        for (i, p) in ps.iter().enumerate() {
            if i == star || is_wildcard(p) {
                continue;
            }
            self.emit_arg(loc, Op::COPY, 1);
            if i < star {
                self.load_const(loc, Const::Int(i as i64));
            } else {
                self.emit(loc, Op::GET_LEN);
                self.load_const(loc, Const::Int((ps.len() - i) as i64));
                self.emit_arg(loc, Op::BINARY_OP, binary::SUBTRACT);
            }
            self.emit_arg(loc, Op::BINARY_OP, binary::SUBSCR);
            self.subpattern(p, pc)?;
        }
        pc.on_top -= 1;
        self.emit(loc, Op::POP_TOP);
        Ok(())
    }

    fn class_pattern(
        &mut self,
        pos: Pos,
        cls: &'a Expr,
        patterns: &'a [Pattern],
        attrs: &'a [Name],
        kwd_patterns: &'a [Pattern],
        pc: &mut Context,
    ) -> Result<()> {
        let loc = Loc::from(pos);
        for (i, a) in attrs.iter().enumerate() {
            if let Some(j) = attrs[i + 1..].iter().position(|b| a == b) {
                let at = kwd_patterns.get(i + 1 + j).map_or(pos, |p| p.pos);
                return self.error(at, format!("attribute name repeated in class pattern: {a}"));
            }
        }
        self.expr(cls)?;
        let names: Vec<Const> = attrs.iter().map(|a| Const::Str((&**a).into())).collect();
        self.load_const(loc, Const::Tuple(names.into()));
        self.emit_arg(loc, Op::MATCH_CLASS, patterns.len() as u32);
        self.emit_arg(loc, Op::COPY, 1);
        self.load_const(loc, Const::None);
        self.emit_arg(loc, Op::IS_OP, 1);
        pc.on_top += 1;
        self.jump_to_fail(loc, pc, Op::POP_JUMP_IF_FALSE);
        let n = patterns.len() + kwd_patterns.len();
        self.emit_arg(loc, Op::UNPACK_SEQUENCE, n as u32);
        pc.on_top += n;
        pc.on_top -= 1;
        for p in patterns.iter().chain(kwd_patterns) {
            pc.on_top -= 1;
            if is_wildcard(p) {
                self.emit(loc, Op::POP_TOP);
            } else {
                self.subpattern(p, pc)?;
            }
        }
        Ok(())
    }

    fn mapping_pattern(
        &mut self,
        pos: Pos,
        keys: &'a [Expr],
        patterns: &'a [Pattern],
        rest: Option<&'a Name>,
        pc: &mut Context,
    ) -> Result<()> {
        let loc = Loc::from(pos);
        let size = keys.len();
        pc.on_top += 1;
        self.emit(loc, Op::MATCH_MAPPING);
        self.jump_to_fail(loc, pc, Op::POP_JUMP_IF_FALSE);
        if size == 0 && rest.is_none() {
            pc.on_top -= 1;
            self.emit(loc, Op::POP_TOP);
            return Ok(());
        }
        if size > 0 {
            self.length_check(loc, size, compare::GE, pc);
        }
        let mut seen: Vec<Const> = Vec::new();
        for k in keys {
            match crate::optimize::constant_value(k) {
                Some(c) => {
                    if seen.iter().any(|s| crate::optimize::equal_keys(s, &c)) {
                        let shown = crate::unparse::constant_repr(&c);
                        return self.error(pos, format!("mapping pattern checks duplicate key ({shown})"));
                    }
                    seen.push(c);
                }
                None if !matches!(k.kind, ExprKind::Attribute(..) | ExprKind::JoinedStr(_)) => {
                    return self
                        .error(pos, "mapping pattern keys may only match literals and attribute lookups");
                }
                None => {}
            }
            self.expr(k)?;
        }
        self.emit_arg(loc, Op::BUILD_TUPLE, size as u32);
        self.emit(loc, Op::MATCH_KEYS);
        pc.on_top += 2;
        self.emit_arg(loc, Op::COPY, 1);
        self.load_const(loc, Const::None);
        self.emit_arg(loc, Op::IS_OP, 1);
        self.jump_to_fail(loc, pc, Op::POP_JUMP_IF_FALSE);
        self.emit_arg(loc, Op::UNPACK_SEQUENCE, size as u32);
        pc.on_top += size;
        pc.on_top -= 1;
        for p in patterns {
            pc.on_top -= 1;
            self.subpattern(p, pc)?;
        }
        pc.on_top -= 2;
        match rest {
            Some(name) => {
                // A copy of the subject without the keys that matched.
                self.emit_arg(loc, Op::BUILD_MAP, 0);
                self.emit_arg(loc, Op::SWAP, 3);
                self.emit_arg(loc, Op::DICT_UPDATE, 2);
                self.emit_arg(loc, Op::UNPACK_SEQUENCE, size as u32);
                for left in (1..=size).rev() {
                    self.emit_arg(loc, Op::COPY, 1 + left as u32);
                    self.emit_arg(loc, Op::SWAP, 2);
                    self.emit(loc, Op::DELETE_SUBSCR);
                }
                self.capture(pos, Some(name), pc)
            }
            None => {
                self.emit(loc, Op::POP_TOP);
                self.emit(loc, Op::POP_TOP);
                Ok(())
            }
        }
    }

    fn or_pattern(&mut self, pos: Pos, ps: &'a [Pattern], pc: &mut Context) -> Result<()> {
        let end = self.new_label();
        let mut control: Vec<Name> = Vec::new();
        let differ = "alternative patterns bind different names";
        for (i, alt) in ps.iter().enumerate() {
            let loc = Loc::from(alt.pos);
            let mut inner = Context {
                allow_irrefutable: i + 1 == ps.len() && pc.allow_irrefutable,
                ..Context::default()
            };
            self.emit_arg(loc, Op::COPY, 1);
            self.pattern(alt, &mut inner)?;
            if i == 0 {
                control = inner.stores.clone();
            } else if inner.stores.len() != control.len() {
                return self.error(pos, differ);
            } else {
                for ic in (0..control.len()).rev() {
                    let Some(is) = inner.stores.iter().position(|n| *n == control[ic]) else {
                        return self.error(pos, differ);
                    };
                    if ic != is {
                        // Rotate the names, and the stack along with them, into the first alternative's order.
                        let rotated: Vec<Name> = inner.stores.drain(..=is).collect();
                        let at = ic - is;
                        inner.stores.splice(at..at, rotated);
                        for _ in 0..=is {
                            self.rotate(loc, ic + 1);
                        }
                    }
                }
            }
            self.jump(loc, Code::Jump, end);
            self.emit_fail_pop(loc, &mut inner);
        }
        let loc = Loc::from(pos);
        self.emit(loc, Op::POP_TOP);
        self.jump_to_fail(loc, pc, Code::Jump);
        self.use_label(end);
        let rotations = control.len() + 1 + pc.on_top + pc.stores.len();
        for name in control {
            self.rotate(loc, rotations);
            if pc.stores.contains(&name) {
                return self.error(pos, format!("multiple assignments to name {} in pattern", quoted(&name)));
            }
            pc.stores.push(name);
        }
        self.emit(loc, Op::POP_TOP);
        Ok(())
    }
}

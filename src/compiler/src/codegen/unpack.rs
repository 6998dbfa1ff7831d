//! Displays (tuple, list, set, dict), star unpacking, and assignment targets that unpack.

use super::*;
use crate::ast::ExprKind;

/// Displays longer than this are built up step by step to keep the stack shallow.
pub const STACK_GUIDELINE: usize = 30;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Build {
    Tuple,
    List,
    Set,
}

impl Build {
    fn ops(self) -> (Op, Op, Op) {
        match self {
            Build::Tuple | Build::List => (Op::BUILD_LIST, Op::LIST_APPEND, Op::LIST_EXTEND),
            Build::Set => (Op::BUILD_SET, Op::SET_ADD, Op::SET_UPDATE),
        }
    }
}

impl<'a> Compiler<'a> {
    /// Evaluates `elts` (with `pushed` values already on the stack) into one container.
    pub fn display(
        &mut self,
        loc: Loc,
        elts: &'a [Expr],
        injected: Option<&Name>,
        pushed: u32,
        what: Build,
    ) -> Result<()> {
        let (build, add, extend) = what.ops();
        let mut n = elts.len();
        let extra = usize::from(injected.is_some());
        let big = n + pushed as usize + extra > STACK_GUIDELINE;
        let star = elts.iter().any(|e| matches!(e.kind, ExprKind::Starred(..)));
        if !star && !big {
            self.exprs(elts)?;
            if let Some(name) = injected {
                self.load_name(loc, name)?;
                n += 1;
            }
            let op = if what == Build::Tuple { Op::BUILD_TUPLE } else { build };
            self.emit_arg(loc, op, n as u32 + pushed);
            return Ok(());
        }
        let mut built = big;
        if big {
            self.emit_arg(loc, build, pushed);
        }
        for (i, e) in elts.iter().enumerate() {
            if let ExprKind::Starred(v, _) = &e.kind {
                if !built {
                    self.emit_arg(loc, build, i as u32 + pushed);
                    built = true;
                }
                self.expr(v)?;
                self.emit_arg(loc, extend, 1);
            } else {
                self.expr(e)?;
                if built {
                    self.emit_arg(loc, add, 1);
                }
            }
        }
        if let Some(name) = injected {
            self.load_name(loc, name)?;
            self.emit_arg(loc, add, 1);
        }
        if what == Build::Tuple {
            self.emit_arg(loc, Op::CALL_INTRINSIC_1, habu_bytecode::opcode::intrinsic1::LIST_TO_TUPLE);
        }
        Ok(())
    }

    pub fn assign_to_elements(&mut self, pos: Pos, elts: &'a [Expr]) -> Result<()> {
        let n = elts.len();
        let mut star = false;
        for (i, e) in elts.iter().enumerate() {
            if !matches!(e.kind, ExprKind::Starred(..)) {
                continue;
            }
            if star {
                return self.error(pos, "multiple starred expressions in assignment");
            }
            let after = n - i - 1;
            if i >= 256 || after >= (i32::MAX >> 8) as usize {
                return self.error(pos, "too many expressions in star-unpacking assignment");
            }
            self.emit_arg(pos, Op::UNPACK_EX, i as u32 | (after as u32) << 8);
            star = true;
        }
        if !star {
            self.emit_arg(pos, Op::UNPACK_SEQUENCE, n as u32);
        }
        for e in elts {
            match &e.kind {
                ExprKind::Starred(v, _) => self.expr(v)?,
                _ => self.expr(e)?,
            }
        }
        Ok(())
    }

    fn sub_dict(&mut self, loc: Loc, keys: &'a [Option<Expr>], values: &'a [Expr]) -> Result<()> {
        let n = values.len();
        let big = n * 2 > STACK_GUIDELINE;
        if big {
            self.emit_arg(loc, Op::BUILD_MAP, 0);
        }
        for (k, v) in keys.iter().zip(values) {
            if let Some(k) = k {
                self.expr(k)?;
            }
            self.expr(v)?;
            if big {
                self.emit_arg(loc, Op::MAP_ADD, 1);
            }
        }
        if !big {
            self.emit_arg(loc, Op::BUILD_MAP, n as u32);
        }
        Ok(())
    }

    pub fn dict(&mut self, loc: Loc, keys: &'a [Option<Expr>], values: &'a [Expr]) -> Result<()> {
        let n = values.len();
        let mut have = false;
        let mut pending = 0;
        macro_rules! flush {
            ($from:expr, $to:expr) => {
                self.sub_dict(loc, &keys[$from..$to], &values[$from..$to])?;
                if have {
                    self.emit_arg(loc, Op::DICT_UPDATE, 1);
                }
                have = true;
                pending = 0;
            };
        }
        for i in 0..n {
            if keys[i].is_none() {
                if pending > 0 {
                    flush!(i - pending, i);
                }
                if !have {
                    self.emit_arg(loc, Op::BUILD_MAP, 0);
                    have = true;
                }
                self.expr(&values[i])?;
                self.emit_arg(loc, Op::DICT_UPDATE, 1);
            } else if pending * 2 > STACK_GUIDELINE {
                flush!(i - pending, i + 1);
            } else {
                pending += 1;
            }
        }
        if pending > 0 {
            self.sub_dict(loc, &keys[n - pending..], &values[n - pending..])?;
            if have {
                self.emit_arg(loc, Op::DICT_UPDATE, 1);
            }
            have = true;
        }
        if !have {
            self.emit_arg(loc, Op::BUILD_MAP, 0);
        }
        Ok(())
    }
}

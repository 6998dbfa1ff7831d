//! f-strings and t-strings.

use super::unpack::STACK_GUIDELINE;
use super::*;
use crate::ast::ExprKind;

fn conversion_code(c: i32) -> u32 {
    match u8::try_from(c) {
        Ok(b's') => 1,
        Ok(b'r') => 2,
        Ok(b'a') => 3,
        _ => 0,
    }
}

impl<'a> Compiler<'a> {
    pub fn joined_str(&mut self, loc: Loc, values: &'a [Expr]) -> Result<()> {
        let n = values.len();
        if n > STACK_GUIDELINE {
            self.load_const(loc, Const::Str("".into()));
            let i = self.unit().names.add(&"join".into());
            self.emit_arg(loc, Op::LOAD_ATTR, i << 1 | 1);
            self.emit_arg(loc, Op::BUILD_LIST, 0);
            for v in values {
                self.expr(v)?;
                self.emit_arg(loc, Op::LIST_APPEND, 1);
            }
            self.emit_arg(loc, Op::CALL, 1);
            return Ok(());
        }
        self.exprs(values)?;
        match n {
            0 => self.load_const(loc, Const::Str("".into())),
            1 => {}
            _ => self.emit_arg(loc, Op::BUILD_STRING, n as u32),
        }
        Ok(())
    }

    pub fn formatted_value(
        &mut self,
        loc: Loc,
        value: &'a Expr,
        conversion: i32,
        spec: Option<&'a Expr>,
    ) -> Result<()> {
        self.expr(value)?;
        if conversion != -1 {
            self.emit_arg(loc, Op::CONVERT_VALUE, conversion_code(conversion));
        }
        match spec {
            Some(s) => {
                self.expr(s)?;
                self.emit(loc, Op::FORMAT_WITH_SPEC);
            }
            None => self.emit(loc, Op::FORMAT_SIMPLE),
        }
        Ok(())
    }

    pub fn template_str(&mut self, loc: Loc, values: &'a [Expr]) -> Result<()> {
        let is_field = |e: &Expr| matches!(e.kind, ExprKind::Interpolation { .. });
        let mut last_was_field = true;
        let mut strings = 0;
        for v in values {
            if is_field(v) {
                if last_was_field {
                    self.load_const(loc, Const::Str("".into()));
                    strings += 1;
                }
                last_was_field = true;
            } else {
                self.expr(v)?;
                strings += 1;
                last_was_field = false;
            }
        }
        if last_was_field {
            self.load_const(loc, Const::Str("".into()));
            strings += 1;
        }
        self.emit_arg(loc, Op::BUILD_TUPLE, strings);
        let mut fields = 0;
        for v in values.iter().filter(|v| is_field(v)) {
            self.expr(v)?;
            fields += 1;
        }
        self.emit_arg(loc, Op::BUILD_TUPLE, fields);
        self.emit(loc, Op::BUILD_TEMPLATE);
        Ok(())
    }

    pub fn interpolation(
        &mut self,
        loc: Loc,
        value: &'a Expr,
        text: &Const,
        conversion: i32,
        spec: Option<&'a Expr>,
    ) -> Result<()> {
        self.expr(value)?;
        self.load_const(loc, text.clone());
        let mut arg = 2;
        if let Some(s) = spec {
            arg += 1;
            self.expr(s)?;
        }
        arg |= conversion_code(conversion) << 2;
        self.emit_arg(loc, Op::BUILD_INTERPOLATION, arg);
        Ok(())
    }
}

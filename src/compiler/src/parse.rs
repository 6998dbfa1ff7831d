//! Text to our tree, through the parser crate.

use crate::Mode;
use crate::ast::{ExprKind, Mod, Stmt, StmtKind};
use crate::error::{Error, Result};
use crate::lower::Lower;
use crate::position::LineIndex;
use ruff_python_ast as r;
use ruff_python_parser::{Mode as ParseMode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

pub fn parse(source: &str, mode: Mode) -> Result<Mod> {
    let lines = LineIndex::new(source);
    let ruff_mode = if mode == Mode::Eval { ParseMode::Expression } else { ParseMode::Module };
    let options = ParseOptions::from(ruff_mode).with_target_version(r::PythonVersion::PY314);
    let parsed = parse_unchecked(source, options);
    if let Some(e) = parsed.errors().first() {
        let pos = lines.pos(e.location.start().to_u32(), e.location.end().to_u32());
        return Err(Error::new(pos, e.error.to_string()));
    }
    if let Some(e) = parsed.unsupported_syntax_errors().first() {
        let pos = lines.pos(e.range().start().to_u32(), e.range().end().to_u32());
        return Err(Error::new(pos, e.to_string()));
    }
    let mut lower = Lower::new(source, &lines);
    match parsed.syntax() {
        r::Mod::Module(m) => {
            let body = lower.body(&m.body)?;
            Ok(if mode == Mode::Single { Mod::Interactive(body) } else { Mod::Module(body) })
        }
        r::Mod::Expression(e) => Ok(Mod::Expression(Box::new(lower.expr(&e.body)?))),
    }
}

/// Flags of the `from __future__` imports at the head of a module.
pub fn futures(module: &Mod) -> Result<u32> {
    use habu_bytecode::CodeFlags as F;
    let (Mod::Module(body) | Mod::Interactive(body)) = module else { return Ok(0) };
    let mut flags = 0;
    let mut done = false;
    let mut seen_doc = false;
    for s in body {
        let is_future = |s: &Stmt| match &s.kind {
            StmtKind::ImportFrom { module: Some(m), level: 0, .. } => &**m == "__future__",
            _ => false,
        };
        if is_future(s) {
            if done {
                return Err(Error::new(s.pos, "from __future__ imports must occur at the beginning of the file"));
            }
            if let StmtKind::ImportFrom { names, .. } = &s.kind {
                for a in names {
                    flags |= match &*a.name {
                        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement"
                        | "print_function" | "unicode_literals" | "generator_stop" => 0,
                        "barry_as_FLUFL" => F::FUTURE_BARRY_AS_BDFL,
                        "annotations" => F::FUTURE_ANNOTATIONS,
                        "braces" => return Err(Error::new(a.pos, "not a chance")),
                        other => {
                            return Err(Error::new(a.pos, format!("future feature {other} is not defined")));
                        }
                    };
                }
            }
        } else {
            let doc = matches!(&s.kind, StmtKind::Expr(e) if matches!(e.kind, ExprKind::Constant(habu_bytecode::Const::Str(_), _)));
            if doc && !seen_doc {
                seen_doc = true;
            } else {
                done = true;
            }
        }
    }
    Ok(flags)
}

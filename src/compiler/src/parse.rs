//! Text to our tree, through the parser crate.

use crate::Mode;
use crate::ast::{ExprKind, Mod, Pos, Stmt, StmtKind};
use crate::error::{Error, ErrorKind, Result};
use crate::lower::Lower;
use crate::position::LineIndex;
use crate::survey::{self, Survey};
use crate::syntax::Reporter;
use crate::tokenizer::{self, Token};
use ruff_python_ast as r;
use ruff_python_parser::{Mode as ParseMode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

/// Recursion of the parser that costs native stack is refused beyond this, as CPython's own parser does.
const MAX_PREFIX: usize = 4000;

/// What a look at the tokens tells before parsing.
pub struct Prepared {
    pub lines: LineIndex,
    pub tokens: Vec<Token>,
    pub error: Option<Error>,
    pub open: Vec<(u8, u32)>,
    pub survey: Survey,
}

pub fn prepare(source: &str) -> Result<Prepared> {
    let lines = LineIndex::new(source);
    let (tokens, error, open) = tokenizer::tokenize(source, &lines, false);
    let survey = survey::survey(&tokens, source);
    if survey.prefix > MAX_PREFIX {
        let mut e = Error::new(
            Pos {
                line: 1,
                ..Pos::default()
            },
            "Parser stack overflowed - Memory Error",
        );
        e.kind = ErrorKind::Memory;
        return Err(e);
    }
    if let Some(e) = &error
        && matches!(
            &e.message[..],
            "too many nested parentheses" | "too many levels of indentation"
        )
    {
        return Err(e.clone());
    }
    Ok(Prepared {
        lines,
        tokens,
        error,
        open,
        survey,
    })
}

pub fn parse(source: &str, mode: Mode, p: &Prepared) -> Result<Mod> {
    let ruff_mode = if mode == Mode::Eval {
        ParseMode::Expression
    } else {
        ParseMode::Module
    };
    let options = ParseOptions::from(ruff_mode).with_target_version(r::PythonVersion::PY314);
    let parsed = parse_unchecked(source, options);
    let lines = &p.lines;
    if !parsed.errors().is_empty() {
        let reporter = Reporter {
            source,
            lines,
            tokens: &p.tokens,
            tokenizer_error: p.error.as_ref(),
            open: &p.open,
            tree: parsed.syntax(),
        };
        return Err(reporter.report(parsed.errors()));
    }
    if let Some(e) = &p.error
        && e.kind == ErrorKind::Tab
    {
        return Err(e.clone());
    }
    if let Some(e) = parsed.unsupported_syntax_errors().first() {
        let pos = lines.pos(e.range().start().to_u32(), e.range().end().to_u32());
        return Err(Error::new(pos, "invalid syntax"));
    }
    let mut lower = Lower::new(source, lines);
    match parsed.syntax() {
        r::Mod::Module(m) => {
            let body = lower.body(&m.body)?;
            if mode != Mode::Single {
                return Ok(Mod::Module(body));
            }
            if body.is_empty() {
                let pos = Pos {
                    line: 1,
                    end_line: 1,
                    ..Pos::default()
                };
                return Err(Error::new(pos, "invalid syntax"));
            }
            let behind = body.windows(2).find(|w| w[1].pos.line > w[0].pos.end_line);
            if let Some([before, second]) = behind {
                return Err(match is_block(before) {
                    true => Error::new(second.pos, "invalid syntax"),
                    false => Error::new(
                        Pos {
                            line: 1,
                            end_line: 1,
                            ..Pos::default()
                        },
                        "multiple statements found while compiling a single statement",
                    ),
                });
            }
            Ok(Mod::Interactive(body))
        }
        r::Mod::Expression(e) => Ok(Mod::Expression(Box::new(lower.expr(&e.body)?))),
    }
}

/// Where the parser finds the first error.
pub fn first_error(source: &str) -> Option<usize> {
    let options = ParseOptions::from(ParseMode::Module);
    let parsed = parse_unchecked(source, options);
    let e = parsed.errors().first()?;
    Some(e.location.start().to_usize())
}

pub const INCOMPLETE: &str = "incomplete input";

fn is_block(s: &Stmt) -> bool {
    matches!(
        s.kind,
        StmtKind::FunctionDef { .. }
            | StmtKind::ClassDef { .. }
            | StmtKind::For { .. }
            | StmtKind::While { .. }
            | StmtKind::If { .. }
            | StmtKind::With { .. }
            | StmtKind::Match { .. }
            | StmtKind::Try { .. }
    )
}

/// An error where the last statement is a block whose last line has no end: another line may follow.
pub fn blocks_end(module: &Mod, source: &str) -> Result<()> {
    let Mod::Interactive(body) = module else {
        return Ok(());
    };
    let Some(last) = body.last() else {
        return Ok(());
    };
    let ends = source.bytes().filter(|b| *b == b'\n').count();
    if is_block(last) && ends < last.pos.end_line as usize {
        return Err(Error::new(last.pos, INCOMPLETE));
    }
    Ok(())
}

/// Flags of the `from __future__` imports at the head of a module.
pub fn futures(module: &Mod) -> Result<u32> {
    use habu_bytecode::CodeFlags as F;
    let (Mod::Module(body) | Mod::Interactive(body)) = module else {
        return Ok(0);
    };
    let mut flags = 0;
    let mut done = false;
    let mut seen_doc = false;
    for s in body {
        let is_future = |s: &Stmt| match &s.kind {
            StmtKind::ImportFrom {
                module: Some(m),
                level: 0,
                ..
            } => &**m == "__future__",
            _ => false,
        };
        if is_future(s) {
            if done {
                return Err(Error::new(
                    s.pos,
                    "from __future__ imports must occur at the beginning of the file",
                ));
            }
            if let StmtKind::ImportFrom { names, .. } = &s.kind {
                for a in names {
                    flags |= match &*a.name {
                        "nested_scopes" | "generators" | "division" | "absolute_import"
                        | "with_statement" | "print_function" | "unicode_literals"
                        | "generator_stop" => 0,
                        "barry_as_FLUFL" => F::FUTURE_BARRY_AS_BDFL,
                        "annotations" => F::FUTURE_ANNOTATIONS,
                        "braces" => return Err(Error::new(a.pos, "not a chance")),
                        other => {
                            return Err(Error::new(
                                a.pos,
                                format!("future feature {other} is not defined"),
                            ));
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

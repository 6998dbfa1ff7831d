//! Source text to code units: parsing, scopes, code generation, syntax errors.
//!
//! Invariant of this room: whatever the input, the answer is a code unit or a `SyntaxError`, never a panic and
//! never a native stack overflow. It knows nothing of runtime objects.

mod assemble;
pub mod ast;
pub mod ast_tree;
mod codegen;
pub mod error;
mod escapes;
mod flow;
mod instr;
mod literal;
mod lower;
mod optimize;
mod parse;
pub mod position;
mod source;
mod survey;
pub mod symtable;
mod syntax;
mod syntax_rules;
pub mod tokenizer;
pub mod tokens;
mod unparse;

pub use error::{ErrorKind, ErrorKind as Kind, SyntaxError};
pub use escapes::{character_name, named_character};
pub use source::{decode, foreign_encoding};

use habu_bytecode::CodeUnit;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    Exec,
    Eval,
    Single,
}

#[derive(Clone, Debug, Default)]
pub struct Options {
    pub mode: Mode,
    /// 0, 1 (no asserts) or 2 (no docstrings either).
    pub optimize: u8,
    pub future_flags: u32,
    pub allow_top_level_await: bool,
    /// For text that is typed line by line: a block ends only with the end of a line (`Mode::Single`).
    pub blocks_end_blank: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// The name of the warning class.
    pub category: &'static str,
    pub message: String,
    pub lineno: u32,
}

#[derive(Debug)]
pub struct Compiled {
    pub code: CodeUnit,
    pub warnings: Vec<Warning>,
}

/// Native stack for a source of ordinary depth, and for each level its tree may have beyond that.
const STACK_BASE: usize = 2 * 1024 * 1024;
const STACK_PER_LEVEL: usize = 1536;
/// A tree that may be deeper than this is refused.
const MAX_DEPTH: usize = 500_000;

/// Parses and hands the tree to `f`, on a native stack that fits its depth.
fn with_text<T>(
    source: &str,
    filename: &str,
    mode: Mode,
    f: impl FnOnce(&ast::Mod, Vec<Warning>) -> error::Result<T>,
) -> Result<T, SyntaxError> {
    let located = |e: error::Error| e.locate(source, filename);
    let prepared = parse::prepare(source).map_err(located)?;
    let depth = prepared.survey.depth;
    if depth > MAX_DEPTH {
        let mut e = error::Error::new(ast::Pos::default(), "too many nested expressions");
        e.kind = ErrorKind::Memory;
        return Err(located(e));
    }
    let run = || {
        let module = parse::parse(source, mode, &prepared)?;
        let mut found = Vec::new();
        escapes::warnings(source, &prepared.lines, &prepared.tokens, |message, pos| {
            found.push(Warning {
                category: "SyntaxWarning",
                message,
                lineno: pos.line,
            });
        });
        f(&module, found)
    };
    // The parser recurses, and so does dropping a tree: deep sources get a stack to match.
    let wanted = STACK_BASE
        + if depth > 200 {
            depth * STACK_PER_LEVEL
        } else {
            0
        };
    if depth > 200 && !has_room(wanted) {
        return Err(located(error::Error {
            kind: ErrorKind::Memory,
            ..error::Error::new(ast::Pos::default(), "not enough memory to compile")
        }));
    }
    let result = stacker::maybe_grow(STACK_BASE / 2, STACK_BASE, || {
        if depth > 200 {
            stacker::grow(wanted, run)
        } else {
            run()
        }
    });
    result.map_err(|e| {
        let incomplete = is_incomplete(&e, &prepared, source);
        SyntaxError {
            incomplete,
            ..located(e)
        }
    })
}

/// Could this much address space be had? Growing the stack would abort the process where it could not.
fn has_room(bytes: usize) -> bool {
    // A thread with such a stack is the way to ask that answers with an error.
    let probe = std::thread::Builder::new()
        .stack_size(bytes + bytes / 4)
        .spawn(|| ());
    probe.is_ok_and(|t| t.join().is_ok())
}

pub(crate) fn with_tree<T>(
    source: &str,
    filename: &str,
    mode: Mode,
    f: impl FnOnce(&ast::Mod, Vec<Warning>) -> error::Result<T>,
) -> Result<T, SyntaxError> {
    let text = source::normalize(source, filename)?;
    with_text(&text, filename, mode, f)
}

pub fn compile(source: &str, filename: &str, options: &Options) -> Result<Compiled, SyntaxError> {
    with_tree(source, filename, options.mode, |module, mut found| {
        if options.blocks_end_blank {
            parse::blocks_end(module, source)?;
        }
        let mut out = compile_tree(module, filename, options)?;
        found.append(&mut out.warnings);
        out.warnings = found;
        Ok(out)
    })
}

/// Like `compile`, for bytes: a byte order mark and a coding line are honoured.
pub fn compile_bytes(
    source: &[u8],
    filename: &str,
    options: &Options,
) -> Result<Compiled, SyntaxError> {
    let text = source::decode(source, filename)?;
    compile(&text, filename, options)
}

/// Whether more text could still make the source valid.
fn is_incomplete(e: &error::Error, p: &parse::Prepared, source: &str) -> bool {
    if e.message.starts_with("unterminated triple-quoted") {
        return true;
    }
    if e.message.ends_with("was never closed") {
        // Unless something before the end is wrong already.
        return parse::first_error(source).is_none_or(|at| at >= source.trim_end().len());
    }
    if e.message == "unexpected EOF while parsing" || e.message == parse::INCOMPLETE {
        return true;
    }
    // Decorators wait for what they decorate.
    let last = source.trim_end().lines().next_back().unwrap_or("");
    if p.error.is_none() && last.trim_start().starts_with('@') && last.trim() != "@" {
        return true;
    }
    let blank_after = |line: u32| {
        source
            .split('\n')
            .skip(line as usize)
            .all(|l| l.trim().is_empty())
    };
    let block = e.message.starts_with("expected an indented block")
        || e.message.starts_with("expected 'except'");
    block && p.error.is_none() && blank_after(e.pos.line)
}

pub(crate) fn compile_tree(
    module: &ast::Mod,
    filename: &str,
    options: &Options,
) -> error::Result<Compiled> {
    let flags = options.future_flags | parse::futures(module)?;
    let annotations = flags & habu_bytecode::CodeFlags::FUTURE_ANNOTATIONS != 0;
    let table = symtable::SymbolTable::build(module, annotations, options.allow_top_level_await)?;
    let (code, warnings) = codegen::generate(module, &table, filename, options, flags)?;
    let warnings = warnings
        .into_iter()
        .map(|w| Warning {
            category: match w.category {
                error::WarningCategory::Syntax => "SyntaxWarning",
                error::WarningCategory::Deprecation => "DeprecationWarning",
            },
            message: w.message,
            lineno: w.lineno,
        })
        .collect();
    Ok(Compiled { code, warnings })
}

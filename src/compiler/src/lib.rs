//! Source text to code units: parsing, scopes, code generation, syntax errors.
//!
//! Invariant of this room: whatever the input, the answer is a code unit or a `SyntaxError`, never a panic and
//! never a native stack overflow. It knows nothing of runtime objects.

mod assemble;
pub mod ast;
mod codegen;
pub mod error;
mod flow;
mod instr;
mod literal;
mod lower;
mod optimize;
mod parse;
mod position;
pub mod symtable;
mod unparse;

pub use error::{ErrorKind, SyntaxError};
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

pub fn compile(source: &str, filename: &str, options: &Options) -> Result<Compiled, SyntaxError> {
    compile_text(source, filename, options).map_err(|e| e.locate(source, filename))
}

fn compile_text(source: &str, filename: &str, options: &Options) -> error::Result<Compiled> {
    let module = parse::parse(source, options.mode)?;
    let flags = options.future_flags | parse::futures(&module)?;
    let annotations = flags & habu_bytecode::CodeFlags::FUTURE_ANNOTATIONS != 0;
    let table = symtable::SymbolTable::build(&module, annotations)?;
    let (code, warnings) = codegen::generate(&module, &table, filename, options, flags)?;
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

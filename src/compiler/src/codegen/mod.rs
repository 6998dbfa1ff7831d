//! Tree to instructions, one unit per code object.
//!
//! `mod.rs` holds the compiler's state and the emit helpers; statements, expressions and so on live in the
//! sibling files as further `impl Compiler` blocks. Instruction order and locations are CPython 3.14's, since
//! tracebacks, `dis` and tracing expose both.

mod annotations;
mod block;
mod call;
mod comprehension;
mod condition;
mod expr;
mod format;
mod function;
mod names;
mod pattern;
mod stmt;
mod try_with;
mod unpack;
mod warn;

use crate::assemble;
use crate::ast::{Expr, Mod, Name, Pos, Stmt};
use crate::error::{Error, Result, SyntaxWarningRecord, WarningCategory};
use crate::flow;
use crate::instr::{Code, Consts, Instr, Label, Sequence};
use crate::position::Loc;
use crate::symtable::{self, Block, BlockId, Key, SymbolTable};
use habu_bytecode::{CodeFlags, CodeUnit, Const, Op};
use std::collections::{BTreeSet, HashMap, HashSet};

pub use block::FBlock;
pub use unpack::STACK_GUIDELINE;

/// Native stack kept free before a recursive step, and how much more to take when it runs short.
const RED_ZONE: usize = 128 * 1024;
const GROWTH: usize = 4 * 1024 * 1024;

/// More nested blocks than this in one code object are refused, as in CPython.
const MAX_BLOCKS: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    /// Type parameters, annotations, type aliases, bounds.
    Annotations,
}

#[derive(Default, Debug)]
pub struct NameIndex {
    pub list: Vec<Name>,
    map: HashMap<Name, u32>,
}

impl NameIndex {
    pub fn add(&mut self, n: &Name) -> u32 {
        if let Some(i) = self.map.get(n) {
            return *i;
        }
        self.list.push(n.clone());
        let i = self.list.len() as u32 - 1;
        self.map.insert(n.clone(), i);
        i
    }

    pub fn get(&self, n: &str) -> Option<u32> {
        self.map.get(n).copied()
    }
}

/// State of one code object under construction.
pub struct Unit<'a> {
    pub block: BlockId,
    pub scope: Scope,
    pub name: Name,
    pub qualname: String,
    pub private: Option<Name>,
    pub firstlineno: i32,
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub consts: Consts,
    pub names: NameIndex,
    pub varnames: NameIndex,
    pub cellvars: NameIndex,
    pub freevars: NameIndex,
    /// Names of inlined comprehensions that are fast locals here although the block says otherwise; the
    /// value tells whether that holds at the moment.
    pub fast_hidden: HashMap<Name, bool>,
    pub inlined_comps: u32,
    pub overrides: HashMap<Name, symtable::Symbol>,
    pub seq: Sequence,
    pub fblocks: Vec<FBlock<'a>>,
    pub static_attributes: BTreeSet<Name>,
    pub deferred: Vec<(&'a Expr, Name, Loc, Option<u32>)>,
    pub next_conditional: u32,
    pub in_conditional: bool,
    pub has_docstring: bool,
}

pub struct Compiler<'a> {
    pub table: &'a SymbolTable,
    pub filename: &'a str,
    pub optimize: u8,
    pub future_annotations: bool,
    pub future_flags: u32,
    pub top_level_await: bool,
    pub interactive: bool,
    pub units: Vec<Unit<'a>>,
    pub warnings: Vec<SyntaxWarningRecord>,
    /// Set while code is emitted a second time (finally bodies), so that warnings come once.
    pub quiet: u32,
    warned: HashSet<(u32, u32, String)>,
}

pub fn generate<'a>(
    module: &'a Mod,
    table: &'a SymbolTable,
    filename: &'a str,
    options: &crate::Options,
    future_flags: u32,
) -> Result<(CodeUnit, Vec<SyntaxWarningRecord>)> {
    let mut c = Compiler {
        table,
        filename,
        optimize: options.optimize,
        future_annotations: future_flags & CodeFlags::FUTURE_ANNOTATIONS != 0,
        future_flags,
        top_level_await: options.allow_top_level_await,
        interactive: matches!(module, Mod::Interactive(_)),
        units: Vec::new(),
        warnings: Vec::new(),
        quiet: 0,
        warned: HashSet::new(),
    };
    let code = c.module(module)?;
    Ok((code, c.warnings))
}

impl<'a> Compiler<'a> {
    fn module(&mut self, module: &'a Mod) -> Result<CodeUnit> {
        let key = symtable::key(module, symtable::Role::Body);
        self.enter("<module>".into(), Scope::Module, key, 1, None)?;
        match module {
            Mod::Module(body) | Mod::Interactive(body) => {
                let loc = match body.first() {
                    Some(s) => Loc::from(s.pos),
                    None => Loc::line_only(1),
                };
                if self.block().conditional_annotations && !self.future_annotations {
                    self.emit_arg(loc, Op::BUILD_SET, 0);
                    let i = self.unit().names.add(&"__conditional_annotations__".into());
                    self.emit_arg(loc, Op::STORE_NAME, i);
                }
                self.body(loc, body)?;
            }
            Mod::Expression(e) => self.expr(e)?,
        }
        let add_none = !matches!(module, Mod::Expression(_));
        self.finish(add_none)
    }

    // ---- units ----

    pub fn unit(&mut self) -> &mut Unit<'a> {
        let n = self.units.len() - 1;
        &mut self.units[n]
    }

    pub fn u(&self) -> &Unit<'a> {
        &self.units[self.units.len() - 1]
    }

    pub fn block(&self) -> &'a Block {
        &self.table.blocks[self.u().block]
    }

    pub fn enter(
        &mut self,
        name: Name,
        scope: Scope,
        key: Key,
        firstlineno: i32,
        private: Option<Name>,
    ) -> Result<()> {
        let Some(id) = self.table.find(key) else {
            return Err(Error::new(Pos::default(), format!("internal compiler error: no symbol table for '{name}'")));
        };
        let block = &self.table.blocks[id];
        let private = private.or_else(|| self.units.last().and_then(|u| u.private.clone()));
        let mut unit = Unit {
            block: id,
            scope,
            name: name.clone(),
            qualname: name.to_string(),
            private,
            firstlineno,
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            consts: Consts::default(),
            names: NameIndex::default(),
            varnames: NameIndex::default(),
            cellvars: NameIndex::default(),
            freevars: NameIndex::default(),
            fast_hidden: HashMap::new(),
            inlined_comps: 0,
            overrides: HashMap::new(),
            seq: Sequence::default(),
            fblocks: Vec::new(),
            static_attributes: BTreeSet::new(),
            deferred: Vec::new(),
            next_conditional: 0,
            in_conditional: false,
            has_docstring: false,
        };
        for v in &block.varnames {
            unit.varnames.add(v);
        }
        let mut cells: Vec<Name> = Vec::new();
        let mut frees: Vec<Name> = Vec::new();
        for (n, s) in block.symbols.iter() {
            match s.binding {
                Some(symtable::Binding::Cell) => cells.push(n.clone()),
                // A comprehension's cell that is not one of its function is one all the same.
                _ if s.flags & symtable::flag::DEF_COMP_CELL != 0 => cells.push(n.clone()),
                Some(symtable::Binding::Free) => frees.push(n.clone()),
                _ if s.flags & symtable::flag::DEF_FREE_CLASS != 0 => frees.push(n.clone()),
                _ => {}
            }
        }
        if block.needs_class_closure {
            cells.push("__class__".into());
        }
        if block.needs_classdict {
            cells.push("__classdict__".into());
        }
        if block.conditional_annotations && block.kind == symtable::BlockKind::Class {
            cells.push("__conditional_annotations__".into());
        }
        // Sorted names, but the class's own cells stay at the end as CPython appends them.
        let own = ["__class__", "__classdict__", "__conditional_annotations__"];
        let is_class = block.kind == symtable::BlockKind::Class;
        cells.sort_by_key(|n| (is_class && own.contains(&&**n), own.iter().position(|o| **o == **n), n.clone()));
        if !is_class {
            cells.sort();
        }
        frees.sort();
        cells.iter().for_each(|n| {
            unit.cellvars.add(n);
        });
        frees.iter().for_each(|n| {
            unit.freevars.add(n);
        });
        self.units.push(unit);
        if scope != Scope::Module {
            self.set_qualname();
        }
        let loc = match scope {
            Scope::Module => Loc::line_only(0).module_start(),
            _ => Loc::line_only(firstlineno),
        };
        self.emit_arg(loc, Op::RESUME, 0);
        if scope == Scope::Module {
            self.push(Instr::new(Code::AnnotationsPlaceholder, 0, loc));
        }
        Ok(())
    }

    /// `outer.<locals>.name`; explicitly global functions and classes have their bare name.
    fn set_qualname(&mut self) {
        let n = self.units.len();
        if n < 2 {
            return;
        }
        let mut parent = n - 2;
        let skips = |u: &Unit| u.scope == Scope::Annotations && self.table.blocks[u.block].kind == symtable::BlockKind::TypeParameters;
        if skips(&self.units[parent]) {
            if parent == 0 {
                return;
            }
            parent -= 1;
        }
        if parent == 0 && self.units[parent].scope == Scope::Module {
            return;
        }
        let u = &self.units[n - 1];
        if matches!(u.scope, Scope::Function | Scope::AsyncFunction | Scope::Class) {
            let p = &self.units[parent];
            let mangled = symtable::mangle(p.private.as_ref(), &u.name);
            let sym = self.table.blocks[p.block].symbols.get(&mangled);
            if sym.and_then(|s| s.binding) == Some(symtable::Binding::GlobalExplicit) {
                return;
            }
        }
        let p = &self.units[parent];
        let base = match p.scope {
            Scope::Function | Scope::AsyncFunction | Scope::Lambda | Scope::Comprehension | Scope::Annotations => {
                format!("{}.<locals>", p.qualname)
            }
            _ => p.qualname.clone(),
        };
        let qualname = format!("{base}.{}", self.units[n - 1].name);
        self.units[n - 1].qualname = qualname;
    }

    /// Ends the unit: a closing `return None` where asked for, then flow graph and assembly.
    pub fn finish(&mut self, add_none: bool) -> Result<CodeUnit> {
        let block = self.block();
        if add_none {
            self.load_const(Loc::NONE, Const::None);
        }
        // Every unit ends in a return; unreachable ones are dropped later.
        self.emit(Loc::NONE, Op::RETURN_VALUE);
        let flags = self.code_flags(block);
        if flags & (CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR) != 0 {
            self.wrap_in_stopiteration_handler();
        }
        let Some(mut unit) = self.units.pop() else {
            return Err(Error::new(Pos::default(), "internal compiler error: no unit"));
        };
        let graph = flow::build(&mut unit, flags)?;
        assemble::assemble(unit, graph, flags, self.filename)
    }

    fn code_flags(&self, b: &Block) -> u32 {
        let mut flags = 0;
        let scope = self.u().scope;
        if b.kind.function_like() {
            flags |= CodeFlags::NEWLOCALS | CodeFlags::OPTIMIZED;
            if b.nested {
                flags |= CodeFlags::NESTED;
            }
            if b.generator && !b.coroutine {
                flags |= CodeFlags::GENERATOR;
            }
            if b.generator && b.coroutine {
                flags |= CodeFlags::ASYNC_GENERATOR;
            }
            if !b.generator && b.coroutine {
                flags |= CodeFlags::COROUTINE;
            }
            if b.varargs {
                flags |= CodeFlags::VARARGS;
            }
            if b.varkeywords {
                flags |= CodeFlags::VARKEYWORDS;
            }
            if b.method {
                flags |= CodeFlags::METHOD;
            }
        }
        if self.u().has_docstring {
            flags |= CodeFlags::HAS_DOCSTRING;
        }
        if scope == Scope::Module && self.top_level_await && b.coroutine {
            flags |= CodeFlags::COROUTINE;
        }
        flags | self.future_flags
    }

    /// A StopIteration that leaves a generator's frame becomes RuntimeError; one handler spans the body.
    fn wrap_in_stopiteration_handler(&mut self) {
        let handler = self.new_label();
        let setup = Instr { target: Some(handler.0), ..Instr::new(Code::SetupCleanup, 0, Loc::NONE) };
        let seq = &mut self.unit().seq;
        seq.instrs.insert(0, setup);
        for l in seq.labels.iter_mut().flatten() {
            *l += 1;
        }
        self.use_label(handler);
        self.emit_arg(Loc::NONE, Op::CALL_INTRINSIC_1, habu_bytecode::opcode::intrinsic1::STOPITERATION_ERROR);
        self.emit_arg(Loc::NONE, Op::RERAISE, 1);
    }

    // ---- emitting ----

    pub fn push(&mut self, i: Instr) {
        self.unit().seq.instrs.push(i);
    }

    pub fn emit(&mut self, loc: impl Into<Loc>, op: Op) {
        self.push(Instr::new(op, 0, loc.into()));
    }

    pub fn emit_arg(&mut self, loc: impl Into<Loc>, op: Op, arg: u32) {
        self.push(Instr::new(op, arg, loc.into()));
    }

    pub fn emit_pseudo(&mut self, loc: impl Into<Loc>, code: Code, arg: u32) {
        self.push(Instr::new(code, arg, loc.into()));
    }

    pub fn jump(&mut self, loc: impl Into<Loc>, code: impl Into<Code>, target: Label) {
        self.push(Instr { target: Some(target.0), ..Instr::new(code, 0, loc.into()) });
    }

    pub fn new_label(&mut self) -> Label {
        self.unit().seq.new_label()
    }

    pub fn use_label(&mut self, l: Label) {
        self.unit().seq.use_label(l);
    }

    pub fn load_const(&mut self, loc: impl Into<Loc>, c: Const) {
        if let Const::Int(v @ 0..=255) = c {
            return self.emit_arg(loc, Op::LOAD_SMALL_INT, v as u32);
        }
        let i = self.unit().consts.add(c);
        self.emit_arg(loc, Op::LOAD_CONST, i);
    }

    /// An instruction whose argument names an attribute or import; the name is mangled.
    pub fn emit_name(&mut self, loc: impl Into<Loc>, op: Op, name: &Name) {
        let mangled = self.mangle(name);
        let i = self.unit().names.add(&mangled);
        self.emit_arg(loc, op, i);
    }

    pub fn mangle(&self, name: &Name) -> Name {
        symtable::mangle(self.u().private.as_ref(), name)
    }

    pub fn error<T>(&self, pos: Pos, message: impl Into<String>) -> Result<T> {
        Err(Error::new(pos, message))
    }

    pub fn warn(&mut self, pos: Pos, message: impl Into<String>) {
        let message = message.into();
        if self.quiet > 0 || !self.warned.insert((pos.line, pos.col, message.clone())) {
            return;
        }
        self.warnings.push(SyntaxWarningRecord {
            category: WarningCategory::Syntax,
            message,
            lineno: pos.line,
            offset: pos.col + 1,
            end_lineno: pos.end_line,
            end_offset: pos.end_col + 1,
        });
    }

    pub fn body(&mut self, loc: Loc, stmts: &'a [Stmt]) -> Result<()> {
        if self.future_annotations && self.block().annotations_used {
            self.emit(loc, Op::SETUP_ANNOTATIONS);
        }
        if stmts.is_empty() {
            return Ok(());
        }
        let mut rest = stmts;
        if !self.interactive && self.optimize < 2 && let Some(doc) = crate::ast::docstring(stmts) {
            rest = &stmts[1..];
            if let crate::ast::ExprKind::Constant(c, _) = &doc.kind {
                let cleaned = function::clean_doc(c);
                self.load_const(doc.pos, cleaned);
                self.store_name(Loc::NONE, &"__doc__".into())?;
            }
        }
        for s in rest {
            self.stmt(s)?;
        }
        if !self.future_annotations && self.block().annotations_used {
            self.deferred_annotations(loc)?;
        }
        Ok(())
    }
}

impl Loc {
    /// The zero-width location at the very start of a module.
    pub fn module_start(self) -> Loc {
        Loc { line: 0, end_line: 1, col: 0, end_col: 0 }
    }
}

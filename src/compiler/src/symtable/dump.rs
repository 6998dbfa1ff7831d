//! The symbol table as plain data, for the `symtable` module: numbers and names are those of `_symtable`.

use super::{Binding, Block, BlockKind, SymbolTable};
use crate::error::SyntaxError;

/// Bits of a symbol's flags below the scope.
pub const SCOPE_OFFSET: u32 = 12;

/// One block. Tables refer to each other by their place in the list, so that no depth of nesting needs recursion.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub name: String,
    /// `_symtable.TYPE_FUNCTION` and its like.
    pub kind: u32,
    pub lineno: u32,
    pub nested: bool,
    pub varnames: Vec<String>,
    /// Name to flags, with the scope in the bits from `SCOPE_OFFSET` on.
    pub symbols: Vec<(String, u32)>,
    /// Places behind this table's own.
    pub children: Vec<usize>,
}

fn kind(k: BlockKind) -> u32 {
    match k {
        BlockKind::Function => 0,
        BlockKind::Class => 1,
        BlockKind::Module => 2,
        BlockKind::Annotation => 3,
        BlockKind::TypeAlias => 4,
        BlockKind::TypeParameters => 5,
        BlockKind::TypeVariable => 6,
    }
}

fn scope(b: Option<Binding>) -> u32 {
    match b {
        Some(Binding::Local) => 1,
        Some(Binding::GlobalExplicit) => 2,
        Some(Binding::GlobalImplicit) => 3,
        Some(Binding::Free) => 4,
        Some(Binding::Cell) => 5,
        None => 0,
    }
}

fn table(b: &Block) -> Table {
    Table {
        name: b.name.to_string(),
        kind: kind(b.kind),
        lineno: b.pos.line,
        nested: b.nested,
        varnames: b.varnames.iter().map(|n| n.to_string()).collect(),
        symbols: b
            .symbols
            .iter()
            .map(|(n, s)| (n.to_string(), s.flags | scope(s.binding) << SCOPE_OFFSET))
            .collect(),
        children: b.children.clone(),
    }
}

/// The tables of a source text; the first is the module's.
pub fn symtable(
    source: &str,
    filename: &str,
    mode: crate::Mode,
) -> Result<Vec<Table>, SyntaxError> {
    crate::with_tree(source, filename, mode, |module, _| {
        let flags = crate::parse::futures(module)?;
        let annotations = flags & habu_bytecode::CodeFlags::FUTURE_ANNOTATIONS != 0;
        let t = SymbolTable::build(module, annotations, false)?;
        Ok(t.blocks.iter().map(table).collect())
    })
}

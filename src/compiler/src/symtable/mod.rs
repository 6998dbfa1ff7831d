//! Scopes and the binding of every name in them.
//!
//! Two passes, as in CPython: `build.rs` walks the tree and records what each block does with each name;
//! `analyze.rs` decides local, cell, free or global, and folds inlined comprehensions into their block. Code
//! generation finds a block by the address of the node that opens it, so the tree must not move in between.

mod analyze;
mod build;
pub mod dump;

use crate::ast::{Name, Pos};
use crate::error::Result;
use std::collections::HashMap;

/// What a block does with a name.
pub mod flag {
    pub const DEF_GLOBAL: u32 = 1;
    pub const DEF_LOCAL: u32 = 2;
    pub const DEF_PARAM: u32 = 4;
    pub const DEF_NONLOCAL: u32 = 8;
    pub const USE: u32 = 16;
    pub const DEF_FREE_CLASS: u32 = 64;
    pub const DEF_IMPORT: u32 = 128;
    pub const DEF_ANNOT: u32 = 256;
    pub const DEF_COMP_ITER: u32 = 512;
    pub const DEF_TYPE_PARAM: u32 = 1024;
    pub const DEF_COMP_CELL: u32 = 2048;
    pub const DEF_BOUND: u32 = DEF_LOCAL | DEF_PARAM | DEF_IMPORT | DEF_TYPE_PARAM;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    Local,
    GlobalExplicit,
    GlobalImplicit,
    Free,
    Cell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    Function,
    Class,
    Module,
    Annotation,
    TypeVariable,
    TypeAlias,
    TypeParameters,
}

impl BlockKind {
    /// Whether names bind as in a function (fast locals).
    pub fn function_like(self) -> bool {
        !matches!(self, BlockKind::Class | BlockKind::Module)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompKind {
    None,
    List,
    Dict,
    Set,
    Generator,
}

/// Which block of a node is meant; one node may open several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Body,
    TypeParams,
    /// Annotations of a function's parameters and result.
    Signature,
    /// Variable annotations of a module or class.
    Variables,
    Bound,
    Default,
}

pub type Key = (usize, Role);
pub type BlockId = usize;

pub fn key<T: ?Sized>(node: &T, role: Role) -> Key {
    ((node as *const T).cast::<u8>() as usize, role)
}

#[derive(Clone, Debug)]
pub struct Symbol {
    pub flags: u32,
    pub binding: Option<Binding>,
}

/// Symbols in order of first appearance.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    map: HashMap<Name, usize>,
    list: Vec<(Name, Symbol)>,
}

impl Symbols {
    pub fn get(&self, name: &str) -> Option<&Symbol> {
        self.map.get(name).map(|i| &self.list[*i].1)
    }

    pub fn flags(&self, name: &str) -> u32 {
        self.get(name).map_or(0, |s| s.flags)
    }

    pub fn entry(&mut self, name: &Name) -> &mut Symbol {
        let i = *self.map.entry(name.clone()).or_insert_with(|| {
            self.list.push((name.clone(), Symbol { flags: 0, binding: None }));
            self.list.len() - 1
        });
        &mut self.list[i].1
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Symbol)> {
        self.list.iter().map(|(n, s)| (n, s))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Name, &mut Symbol)> {
        self.list.iter_mut().map(|(n, s)| (&*n, s))
    }
}

#[derive(Clone, Debug)]
pub struct Block {
    pub kind: BlockKind,
    pub name: Name,
    pub pos: Pos,
    pub symbols: Symbols,
    /// Parameters, in order (mangled).
    pub varnames: Vec<Name>,
    pub children: Vec<BlockId>,
    /// global and nonlocal statements (and their like), for error positions.
    pub directives: Vec<(Name, Pos)>,
    pub nested: bool,
    pub has_free: bool,
    pub child_free: bool,
    pub generator: bool,
    pub coroutine: bool,
    pub varargs: bool,
    pub varkeywords: bool,
    pub returns_value: bool,
    pub needs_class_closure: bool,
    pub needs_classdict: bool,
    pub comp: CompKind,
    pub comp_inlined: bool,
    pub comp_iter_target: bool,
    pub comp_iter_expr: u32,
    pub can_see_class: bool,
    pub annotations_used: bool,
    pub annotation_block: Option<BlockId>,
    pub conditional_annotations: bool,
    pub in_conditional: bool,
    pub in_unevaluated: bool,
    pub method: bool,
}

pub struct SymbolTable {
    pub blocks: Vec<Block>,
    pub by_key: HashMap<Key, BlockId>,
    pub future_annotations: bool,
}

impl SymbolTable {
    pub fn build(module: &crate::ast::Mod, future_annotations: bool) -> Result<SymbolTable> {
        let mut table = build::build(module, future_annotations)?;
        analyze::analyze(&mut table)?;
        Ok(table)
    }

    pub fn find(&self, key: Key) -> Option<BlockId> {
        self.by_key.get(&key).copied()
    }
}

/// Private name mangling: `__x` in class `C` is `_C__x`.
pub fn mangle(class: Option<&Name>, name: &Name) -> Name {
    let Some(class) = class else { return name.clone() };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.clone();
    }
    let stripped = class.trim_start_matches('_');
    if stripped.is_empty() {
        return name.clone();
    }
    format!("_{stripped}{name}").into()
}

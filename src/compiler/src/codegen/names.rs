//! Loading, storing and deleting names by where they live.

use super::*;
use crate::ast::Ctx;
use crate::symtable::{Binding, BlockKind};

impl<'a> Compiler<'a> {
    pub fn load_name(&mut self, loc: impl Into<Loc>, name: &Name) -> Result<()> {
        self.name_op(loc.into(), name, Ctx::Load)
    }

    pub fn store_name(&mut self, loc: impl Into<Loc>, name: &Name) -> Result<()> {
        self.name_op(loc.into(), name, Ctx::Store)
    }

    pub fn check_name(&self, pos: Pos, name: &str, ctx: Ctx) -> Result<()> {
        match (name, ctx) {
            ("__debug__", Ctx::Store) => self.error(pos, "cannot assign to __debug__"),
            ("__debug__", Ctx::Del) => self.error(pos, "cannot delete __debug__"),
            ("None" | "True" | "False", Ctx::Store) => self.error(pos, format!("cannot assign to {name}")),
            _ => Ok(()),
        }
    }

    pub fn name_op(&mut self, loc: Loc, name: &Name, ctx: Ctx) -> Result<()> {
        let pos = Pos {
            line: loc.line.max(0) as u32,
            col: loc.col.max(0) as u32,
            end_line: loc.end_line.max(0) as u32,
            end_col: loc.end_col.max(0) as u32,
        };
        self.check_name(pos, name, ctx)?;
        let mangled = self.mangle(name);
        let block = self.block();
        let binding = self.binding_of(&mangled);
        let hidden = self.u().fast_hidden.get(&mangled).copied().unwrap_or(false);
        let in_comp = self.u().inlined_comps > 0;
        let function_like = block.kind.function_like();
        match binding {
            Some(Binding::Free | Binding::Cell) => {
                let arg = self.deref_index(&mangled);
                let Some(arg) = arg else {
                    return self.plain_name(loc, &mangled, ctx);
                };
                match ctx {
                    Ctx::Load => {
                        if block.kind == BlockKind::Class && !in_comp {
                            self.emit(loc, Op::LOAD_LOCALS);
                            self.emit_arg(loc, Op::LOAD_FROM_DICT_OR_DEREF, arg);
                        } else if block.can_see_class {
                            self.load_classdict(loc);
                            self.emit_arg(loc, Op::LOAD_FROM_DICT_OR_DEREF, arg);
                        } else {
                            self.emit_arg(loc, Op::LOAD_DEREF, arg);
                        }
                    }
                    Ctx::Store => self.emit_arg(loc, Op::STORE_DEREF, arg),
                    Ctx::Del => self.emit_arg(loc, Op::DELETE_DEREF, arg),
                }
                Ok(())
            }
            Some(Binding::Local) if function_like || hidden => {
                self.fast(loc, &mangled, ctx);
                Ok(())
            }
            Some(Binding::GlobalExplicit) => self.global_name(loc, &mangled, ctx, false),
            Some(Binding::GlobalImplicit) if function_like => self.global_name(loc, &mangled, ctx, true),
            _ => self.plain_name(loc, &mangled, ctx),
        }
    }

    /// Where a name lives at the moment; inside an inlined comprehension its own symbols come first.
    pub fn binding_of(&self, name: &Name) -> Option<Binding> {
        match self.u().overrides.get(name) {
            Some(sym) => sym.binding,
            None => self.block().symbols.get(name).and_then(|s| s.binding),
        }
    }

    fn load_classdict(&mut self, loc: Loc) {
        if let Some(i) = self.deref_index("__classdict__") {
            self.emit_arg(loc, Op::LOAD_DEREF, i);
        }
    }

    fn fast(&mut self, loc: Loc, mangled: &Name, ctx: Ctx) {
        let i = self.unit().varnames.add(mangled);
        let op = match ctx {
            Ctx::Load => Op::LOAD_FAST,
            Ctx::Store => Op::STORE_FAST,
            Ctx::Del => Op::DELETE_FAST,
        };
        self.emit_arg(loc, op, i);
    }

    fn global_name(&mut self, loc: Loc, mangled: &Name, ctx: Ctx, implicit: bool) -> Result<()> {
        match ctx {
            Ctx::Load => {
                if self.block().can_see_class && implicit {
                    self.load_classdict(loc);
                    let i = self.unit().names.add(mangled);
                    self.emit_arg(loc, Op::LOAD_FROM_DICT_OR_GLOBALS, i);
                } else {
                    let i = self.unit().names.add(mangled);
                    self.emit_arg(loc, Op::LOAD_GLOBAL, i << 1);
                }
            }
            Ctx::Store => {
                let i = self.unit().names.add(mangled);
                self.emit_arg(loc, Op::STORE_GLOBAL, i);
            }
            Ctx::Del => {
                let i = self.unit().names.add(mangled);
                self.emit_arg(loc, Op::DELETE_GLOBAL, i);
            }
        }
        Ok(())
    }

    fn plain_name(&mut self, loc: Loc, mangled: &Name, ctx: Ctx) -> Result<()> {
        let in_class_comp = self.block().kind == BlockKind::Class && self.u().inlined_comps > 0;
        let i = self.unit().names.add(mangled);
        match ctx {
            // An inlined comprehension in a class body does not see the class's names.
            Ctx::Load if in_class_comp => self.emit_arg(loc, Op::LOAD_GLOBAL, i << 1),
            Ctx::Load => self.emit_arg(loc, Op::LOAD_NAME, i),
            Ctx::Store => self.emit_arg(loc, Op::STORE_NAME, i),
            Ctx::Del => self.emit_arg(loc, Op::DELETE_NAME, i),
        }
        Ok(())
    }

    /// Index in "cells, then free variables"; the assembler turns it into a slot.
    pub fn deref_index(&self, name: &str) -> Option<u32> {
        let u = self.u();
        u.cellvars.get(name).or_else(|| u.freevars.get(name).map(|i| i + u.cellvars.list.len() as u32))
    }
}

//! Comprehensions: inlined into their function (PEP 709) or, for generators, a function of their own.

use super::block::{BlockType, FBlock};
use super::*;
use crate::ast::{Comprehension, ExprKind};
use crate::symtable::{Binding, BlockKind, CompKind, Role, Symbol, flag};

/// What an inlined comprehension has to put back afterwards.
#[derive(Default)]
struct Inlined {
    pushed: Vec<Name>,
    hidden: Vec<Name>,
    overrides: Vec<(Name, Option<Symbol>)>,
    cleanup: Option<Label>,
}

struct Shape<'a> {
    kind: CompKind,
    generators: &'a [Comprehension],
    elt: &'a Expr,
    value: Option<&'a Expr>,
}

impl<'a> Compiler<'a> {
    pub fn comprehension(
        &mut self,
        pos: Pos,
        kind: CompKind,
        generators: &'a [Comprehension],
        elt: &'a Expr,
        value: Option<&'a Expr>,
    ) -> Result<()> {
        let loc = Loc::from(pos);
        let key = symtable::key(generators, Role::Body);
        let Some(id) = self.table.find(key) else {
            return self.error(pos, "internal compiler error: comprehension without scope");
        };
        let entry = &self.table.blocks[id];
        let Some(outermost) = generators.first() else {
            return Ok(());
        };
        let shape = Shape {
            kind,
            generators,
            elt,
            value,
        };
        let build = match kind {
            CompKind::List => Some(Op::BUILD_LIST),
            CompKind::Set => Some(Op::BUILD_SET),
            CompKind::Dict => Some(Op::BUILD_MAP),
            _ => None,
        };
        if entry.comp_inlined {
            self.outermost_iter(outermost)?;
            let state = self.push_inlined(loc, id)?;
            if let Some(op) = build {
                self.emit_arg(loc, op, 0);
                self.emit_arg(loc, Op::SWAP, 2);
            }
            self.generator(loc, &shape, 0, 0, true)?;
            self.pop_inlined(state)?;
            return Ok(());
        }
        let name = match kind {
            CompKind::List => "<listcomp>",
            CompKind::Set => "<setcomp>",
            CompKind::Dict => "<dictcomp>",
            _ => "<genexpr>",
        };
        self.enter(
            name.into(),
            Scope::Comprehension,
            key,
            pos.line as i32,
            None,
        )?;
        self.unit().argcount = 1;
        if let Some(op) = build {
            self.emit_arg(loc, op, 0);
        }
        self.generator(loc, &shape, 0, 0, false)?;
        if build.is_some() {
            self.emit(elt.pos, Op::RETURN_VALUE);
        }
        let code = self.finish(true)?;
        self.make_closure(loc, code, 0)?;
        self.outermost_iter(outermost)?;
        self.emit_arg(loc, Op::CALL, 0);
        if entry.coroutine && build.is_some() {
            self.await_top(loc, 0);
        }
        Ok(())
    }

    fn outermost_iter(&mut self, g: &'a Comprehension) -> Result<()> {
        self.expr(&g.iter)?;
        self.emit(
            g.iter.pos,
            if g.is_async {
                Op::GET_AITER
            } else {
                Op::GET_ITER
            },
        );
        Ok(())
    }

    fn push_inlined(&mut self, loc: Loc, id: BlockId) -> Result<Inlined> {
        let mut state = Inlined::default();
        let outer = self.block();
        let in_class = outer.kind == BlockKind::Class && self.u().inlined_comps == 0;
        self.unit().inlined_comps += 1;
        let table = self.table;
        for (name, sym) in table.blocks[id].symbols.iter() {
            let bound = sym.flags & flag::DEF_LOCAL != 0 && sym.flags & flag::DEF_NONLOCAL == 0;
            if sym.flags & flag::DEF_PARAM != 0 {
                continue;
            }
            let scope = sym.binding;
            let outer_scope = self.binding_of(name);
            if (scope != outer_scope
                && scope != Some(Binding::Free)
                && !(scope == Some(Binding::Cell) && outer_scope == Some(Binding::Free)))
                || in_class
            {
                let old = self.unit().overrides.insert(name.clone(), sym.clone());
                state.overrides.push((name.clone(), old));
            }
            if !bound {
                continue;
            }
            if !outer.kind.function_like() && self.u().fast_hidden.get(name) != Some(&true) {
                self.unit().fast_hidden.insert(name.clone(), true);
                state.hidden.push(name.clone());
            }
            let i = self.unit().varnames.add(name);
            self.emit_arg(loc, Op::LOAD_FAST_AND_CLEAR, i);
            if scope == Some(Binding::Cell)
                && let Some(cell) = self.deref_index(name)
            {
                self.emit_arg(loc, Op::MAKE_CELL, cell);
            }
            state.pushed.push(name.clone());
        }
        if !state.pushed.is_empty() {
            // The iterator back to the top; and a handler that restores the names should the body raise.
            self.emit_arg(loc, Op::SWAP, state.pushed.len() as u32 + 1);
            let cleanup = self.new_label();
            self.jump(loc, Code::SetupFinally, cleanup);
            state.cleanup = Some(cleanup);
        }
        Ok(state)
    }

    fn pop_inlined(&mut self, state: Inlined) -> Result<()> {
        self.unit().inlined_comps -= 1;
        if let Some(cleanup) = state.cleanup {
            let end = self.new_label();
            self.emit_pseudo(Loc::NONE, Code::PopBlock, 0);
            self.jump(Loc::NONE, Code::Jump, end);
            self.use_label(cleanup);
            self.emit_arg(Loc::NONE, Op::SWAP, 2);
            self.emit(Loc::NONE, Op::POP_TOP);
            self.restore_locals(&state.pushed);
            self.emit_arg(Loc::NONE, Op::RERAISE, 0);
            self.use_label(end);
            self.restore_locals(&state.pushed);
        }
        for (name, old) in state.overrides.into_iter().rev() {
            match old {
                Some(sym) => self.unit().overrides.insert(name, sym),
                None => self.unit().overrides.remove(&name),
            };
        }
        for name in state.hidden {
            self.unit().fast_hidden.insert(name, false);
        }
        Ok(())
    }

    fn restore_locals(&mut self, pushed: &[Name]) {
        self.emit_arg(Loc::NONE, Op::SWAP, pushed.len() as u32 + 1);
        for name in pushed.iter().rev() {
            let i = self.unit().varnames.add(name);
            self.emit_pseudo(Loc::NONE, Code::StoreFastMaybeNull, i);
        }
    }

    fn generator(
        &mut self,
        loc: Loc,
        shape: &Shape<'a>,
        index: usize,
        depth: u32,
        on_stack: bool,
    ) -> Result<()> {
        stacker::maybe_grow(RED_ZONE, GROWTH, || {
            if shape.generators[index].is_async {
                self.async_generator(loc, shape, index, depth, on_stack)
            } else {
                self.sync_generator(loc, shape, index, depth, on_stack)
            }
        })
    }

    fn sync_generator(
        &mut self,
        loc: Loc,
        shape: &Shape<'a>,
        index: usize,
        mut depth: u32,
        on_stack: bool,
    ) -> Result<()> {
        let g = &shape.generators[index];
        let (start, if_cleanup, anchor) = (self.new_label(), self.new_label(), self.new_label());
        let mut looping = true;
        if index == 0 {
            if !on_stack {
                self.emit_arg(loc, Op::LOAD_FAST, 0);
            }
        } else {
            // `for y in [f(x)]` is an assignment.
            match &g.iter.kind {
                ExprKind::List(es, _) | ExprKind::Tuple(es, _)
                    if es.len() == 1 && !matches!(es[0].kind, ExprKind::Starred(..)) =>
                {
                    self.expr(&es[0])?;
                    looping = false;
                }
                _ => {
                    self.expr(&g.iter)?;
                    self.emit(g.iter.pos, Op::GET_ITER);
                }
            }
        }
        if looping {
            depth += 1;
            self.use_label(start);
            self.jump(g.iter.pos, Op::FOR_ITER, anchor);
        }
        self.expr(&g.target)?;
        let elt_loc = self.element(loc, shape, index, depth, if_cleanup)?;
        self.use_label(if_cleanup);
        if looping {
            self.jump(elt_loc, Code::Jump, start);
            self.use_label(anchor);
            self.emit(Loc::NONE, Op::END_FOR);
            self.emit(Loc::NONE, Op::POP_ITER);
        }
        Ok(())
    }

    /// Conditions, then the next clause or the element itself.
    fn element(
        &mut self,
        loc: Loc,
        shape: &Shape<'a>,
        index: usize,
        depth: u32,
        if_cleanup: Label,
    ) -> Result<Loc> {
        for test in &shape.generators[index].ifs {
            self.jump_if(loc, test, if_cleanup, false)?;
        }
        let mut elt_loc = Loc::from(shape.elt.pos);
        if index + 1 < shape.generators.len() {
            self.generator(loc, shape, index + 1, depth, false)?;
            return Ok(elt_loc);
        }
        self.expr(shape.elt)?;
        match (shape.kind, shape.value) {
            (CompKind::List, _) => self.emit_arg(elt_loc, Op::LIST_APPEND, depth + 1),
            (CompKind::Set, _) => self.emit_arg(elt_loc, Op::SET_ADD, depth + 1),
            (CompKind::Dict, Some(value)) => {
                self.expr(value)?;
                elt_loc = Loc::from(shape.elt.pos.to(value.pos));
                self.emit_arg(elt_loc, Op::MAP_ADD, depth + 1);
            }
            _ => {
                self.yield_top(elt_loc);
                self.emit(elt_loc, Op::POP_TOP);
            }
        }
        Ok(elt_loc)
    }

    fn async_generator(
        &mut self,
        loc: Loc,
        shape: &Shape<'a>,
        index: usize,
        depth: u32,
        on_stack: bool,
    ) -> Result<()> {
        let g = &shape.generators[index];
        let (start, send) = (self.new_label(), self.new_label());
        let (except, if_cleanup) = (self.new_label(), self.new_label());
        if index == 0 {
            if !on_stack {
                self.emit_arg(loc, Op::LOAD_FAST, 0);
            }
        } else {
            self.expr(&g.iter)?;
            self.emit(g.iter.pos, Op::GET_AITER);
        }
        self.use_label(start);
        self.push_block(FBlock::new(BlockType::AsyncComprehension, Some(start), loc))?;
        self.jump(loc, Code::SetupFinally, except);
        self.emit(loc, Op::GET_ANEXT);
        self.load_const(loc, Const::None);
        self.use_label(send);
        self.yield_from(loc, true);
        self.emit_pseudo(loc, Code::PopBlock, 0);
        self.expr(&g.target)?;
        let elt_loc = self.element(loc, shape, index, depth + 1, if_cleanup)?;
        self.use_label(if_cleanup);
        self.jump(elt_loc, Code::Jump, start);
        self.pop_block();
        self.use_label(except);
        self.jump(loc, Op::END_ASYNC_FOR, send);
        Ok(())
    }
}

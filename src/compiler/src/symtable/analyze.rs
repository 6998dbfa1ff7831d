//! Second pass: decide where each name lives, from the outermost block inwards and back.

use super::flag::*;
use super::*;
use crate::error::Error;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

type Set = HashSet<Name>;
type Scopes = HashMap<Name, Binding>;

pub fn analyze(t: &mut SymbolTable) -> Result<()> {
    let (mut free, mut type_params) = (Set::new(), Set::new());
    analyze_block(t, 0, None, &mut free, Rc::new(Set::new()), &mut type_params, None)
}

fn analyze_block(
    t: &mut SymbolTable,
    id: BlockId,
    bound: Option<Rc<Set>>,
    free: &mut Set,
    global: Rc<Set>,
    type_params: &mut Set,
    class_entry: Option<BlockId>,
) -> Result<()> {
    stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || {
        analyze_inner(t, id, bound, free, global, type_params, class_entry)
    })
}

fn analyze_inner(
    t: &mut SymbolTable,
    id: BlockId,
    bound: Option<Rc<Set>>,
    free: &mut Set,
    global: Rc<Set>,
    type_params: &mut Set,
    class_entry: Option<BlockId>,
) -> Result<()> {
    let kind = t.blocks[id].kind;
    let is_class = kind == BlockKind::Class;
    let mut scopes = Scopes::new();
    let mut local = Set::new();
    let mut newfree = Set::new();
    let mut inlined_cells = Set::new();
    // A class passes on what it was given; its own names stay invisible to its functions.
    let (class_bound, class_global) = (bound.clone(), global.clone());
    let mut my_bound = bound.map(|b| (*b).clone());
    let mut my_global = (*global).clone();

    let names: Vec<(Name, u32)> = t.blocks[id].symbols.iter().map(|(n, s)| (n.clone(), s.flags)).collect();
    for (name, flags) in &names {
        let mut cx = NameContext {
            t,
            id,
            scopes: &mut scopes,
            bound: my_bound.as_mut(),
            local: &mut local,
            free,
            global: &mut my_global,
            type_params,
            class_entry,
        };
        analyze_name(&mut cx, name, *flags)?;
    }
    let newbound: Set;
    let newglobal: Rc<Set>;
    if is_class {
        let mut b = class_bound.map(|b| (*b).clone()).unwrap_or_default();
        b.extend(["__class__", "__classdict__", "__conditional_annotations__"].map(Name::from));
        newbound = b;
        newglobal = class_global;
    } else {
        let mut b = my_bound.clone().unwrap_or_default();
        if kind.function_like() {
            b.extend(local.iter().cloned());
        }
        newbound = b;
        newglobal = Rc::new(my_global);
    }
    let newbound = Rc::new(newbound);

    let children = t.blocks[id].children.clone();
    for child in &children {
        let new_class_entry = if t.blocks[*child].can_see_class {
            if is_class { Some(id) } else { class_entry }
        } else {
            None
        };
        let comp = t.blocks[*child].comp;
        let inline = comp != CompKind::None && comp != CompKind::Generator && !t.blocks[id].can_see_class;
        let mut child_free = Set::new();
        let mut child_params = type_params.clone();
        analyze_block(
            t,
            *child,
            Some(newbound.clone()),
            &mut child_free,
            newglobal.clone(),
            &mut child_params,
            new_class_entry,
        )?;
        if inline {
            inline_comprehension(t, id, *child, &mut scopes, &mut child_free, &mut inlined_cells);
            t.blocks[*child].comp_inlined = true;
        }
        newfree.extend(child_free);
        if t.blocks[*child].has_free || t.blocks[*child].child_free {
            t.blocks[id].child_free = true;
        }
    }
    // Blocks inside an inlined comprehension belong to this block now.
    let mut spliced = Vec::with_capacity(children.len());
    for child in children {
        if t.blocks[child].comp_inlined {
            spliced.extend(t.blocks[child].children.iter().copied());
        } else {
            spliced.push(child);
        }
    }
    t.blocks[id].children = spliced;

    if kind.function_like() {
        for (name, scope) in scopes.iter_mut() {
            if *scope == Binding::Local && (newfree.contains(name) || inlined_cells.contains(name)) {
                *scope = Binding::Cell;
                newfree.remove(name);
            }
        }
    } else if is_class {
        let b = &mut t.blocks[id];
        if newfree.remove("__class__") {
            b.needs_class_closure = true;
        }
        if newfree.remove("__classdict__") {
            b.needs_classdict = true;
        }
        if newfree.remove("__conditional_annotations__") {
            b.conditional_annotations = true;
        }
    }
    update_symbols(t, id, &scopes, class_bound_of(&my_bound), &newfree, &inlined_cells, is_class);
    free.extend(newfree);
    Ok(())
}

fn class_bound_of(b: &Option<Set>) -> Option<&Set> {
    b.as_ref()
}

struct NameContext<'a> {
    t: &'a mut SymbolTable,
    id: BlockId,
    scopes: &'a mut Scopes,
    bound: Option<&'a mut Set>,
    local: &'a mut Set,
    free: &'a mut Set,
    global: &'a mut Set,
    type_params: &'a mut Set,
    class_entry: Option<BlockId>,
}

impl NameContext<'_> {
    fn error(&self, name: &Name, message: String) -> Error {
        let b = &self.t.blocks[self.id];
        let pos = b.directives.iter().find(|(n, _)| n == name).map_or(b.pos, |(_, p)| *p);
        Error::new(pos, message)
    }
}

fn analyze_name(cx: &mut NameContext, name: &Name, flags: u32) -> Result<()> {
    if flags & DEF_GLOBAL != 0 {
        if flags & DEF_NONLOCAL != 0 {
            return Err(cx.error(name, format!("name '{name}' is nonlocal and global")));
        }
        cx.scopes.insert(name.clone(), Binding::GlobalExplicit);
        cx.global.insert(name.clone());
        if let Some(b) = &mut cx.bound {
            b.remove(name);
        }
        return Ok(());
    }
    if flags & DEF_NONLOCAL != 0 {
        match &cx.bound {
            None => {
                return Err(cx.error(name, "nonlocal declaration not allowed at module level".to_string()));
            }
            Some(b) if !b.contains(name) => {
                return Err(cx.error(name, format!("no binding for nonlocal '{name}' found")));
            }
            _ => {}
        }
        if cx.type_params.contains(name) {
            return Err(cx.error(name, format!("nonlocal binding not allowed for type parameter '{name}'")));
        }
        cx.scopes.insert(name.clone(), Binding::Free);
        cx.t.blocks[cx.id].has_free = true;
        cx.free.insert(name.clone());
        return Ok(());
    }
    if flags & DEF_BOUND != 0 {
        cx.scopes.insert(name.clone(), Binding::Local);
        cx.local.insert(name.clone());
        cx.global.remove(name);
        if flags & DEF_TYPE_PARAM != 0 {
            cx.type_params.insert(name.clone());
        } else {
            cx.type_params.remove(name);
        }
        return Ok(());
    }
    // Visible both in the class namespace and in an outer function: resolve at run time, past the function.
    if let Some(class) = cx.class_entry {
        let class_flags = cx.t.blocks[class].symbols.flags(name);
        if class_flags & DEF_GLOBAL != 0 {
            cx.scopes.insert(name.clone(), Binding::GlobalExplicit);
            return Ok(());
        }
        if class_flags & DEF_BOUND != 0 && class_flags & DEF_NONLOCAL == 0 {
            cx.scopes.insert(name.clone(), Binding::GlobalImplicit);
            return Ok(());
        }
    }
    if cx.bound.as_ref().is_some_and(|b| b.contains(name)) {
        cx.scopes.insert(name.clone(), Binding::Free);
        cx.t.blocks[cx.id].has_free = true;
        cx.free.insert(name.clone());
        return Ok(());
    }
    if !cx.global.contains(name) && cx.t.blocks[cx.id].nested {
        cx.t.blocks[cx.id].has_free = true;
    }
    cx.scopes.insert(name.clone(), Binding::GlobalImplicit);
    Ok(())
}

fn inline_comprehension(
    t: &mut SymbolTable,
    id: BlockId,
    comp: BlockId,
    scopes: &mut Scopes,
    comp_free: &mut Set,
    inlined_cells: &mut Set,
) {
    let is_class = t.blocks[id].kind == BlockKind::Class;
    let symbols: Vec<(Name, Symbol)> =
        t.blocks[comp].symbols.iter().map(|(n, s)| (n.clone(), s.clone())).collect();
    for (name, sym) in symbols {
        if sym.flags & DEF_PARAM != 0 {
            continue;
        }
        let mut scope = sym.binding;
        if scope == Some(Binding::Cell) || sym.flags & DEF_COMP_CELL != 0 {
            inlined_cells.insert(name.clone());
        }
        let dunder = matches!(&*name, "__class__" | "__classdict__" | "__conditional_annotations__");
        let free_in_child = t.blocks[comp]
            .children
            .iter()
            .any(|c| t.blocks[*c].symbols.get(&name).and_then(|s| s.binding) == Some(Binding::Free));
        if scope == Some(Binding::Free) && is_class && dunder {
            scope = Some(Binding::GlobalImplicit);
            if !free_in_child {
                comp_free.remove(&name);
            }
            // Seen from the class body the name is global, whatever the functions inside mean by it.
            t.blocks[comp].symbols.entry(&name).binding = scope;
        }
        match t.blocks[id].symbols.get(&name).map(|s| s.flags) {
            None => {
                t.blocks[id].symbols.entry(&name).flags = sym.flags;
                if let Some(s) = scope {
                    scopes.insert(name.clone(), s);
                }
            }
            Some(flags) => {
                if flags & DEF_BOUND != 0 && !is_class && !free_in_child {
                    comp_free.remove(&name);
                }
            }
        }
    }
}

fn update_symbols(
    t: &mut SymbolTable,
    id: BlockId,
    scopes: &Scopes,
    bound: Option<&Set>,
    free: &Set,
    inlined_cells: &Set,
    is_class: bool,
) {
    let class_like = is_class || t.blocks[id].can_see_class;
    let symbols = &mut t.blocks[id].symbols;
    for (name, sym) in symbols.iter_mut() {
        if inlined_cells.contains(name) {
            sym.flags |= DEF_COMP_CELL;
        }
        sym.binding = scopes.get(name).copied();
    }
    let mut names: Vec<&Name> = free.iter().collect();
    names.sort();
    for name in names {
        if symbols.get(name).is_some() {
            // A method's free variable with the name of a class variable.
            if class_like {
                symbols.entry(name).flags |= DEF_FREE_CLASS;
            }
            continue;
        }
        if bound.is_some_and(|b| !b.contains(name)) {
            continue;
        }
        symbols.entry(name).binding = Some(Binding::Free);
    }
}

//! Graph to code object: jump distances, `EXTENDED_ARG`, location and exception tables, slot names and kinds.

use crate::ast::Pos;
use crate::codegen::Unit;
use crate::error::{Error, Result};
use crate::flow::Graph;
use crate::instr::{Code, Instr};
use crate::position::Loc;
use habu_bytecode::code::local_kind;
use habu_bytecode::exceptions::{self, Handler};
use habu_bytecode::locations::{self, Source};
use habu_bytecode::{CodeFlags, CodeUnit, Op};

fn width(arg: u32) -> u32 {
    match arg {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xff_ffff => 3,
        _ => 4,
    }
}

pub fn assemble(unit: Unit, g: Graph, flags: u32, filename: &str) -> Result<CodeUnit> {
    // One flat list, with the index at which each block starts.
    let mut instrs: Vec<Instr> = Vec::new();
    let mut starts = vec![0usize; g.blocks.len()];
    for b in g.order() {
        starts[b] = instrs.len();
        instrs.extend(&g.blocks[b].instrs);
    }
    let n = instrs.len();
    // Unconditional jumps know their direction now.
    for i in 0..n {
        let Some(target) = instrs[i].target else { continue };
        let forward = starts[target as usize] > i;
        let op = match instrs[i].code {
            Code::Jump if forward => Op::JUMP_FORWARD,
            Code::Jump => Op::JUMP_BACKWARD,
            Code::JumpNoInterrupt if forward => Op::JUMP_FORWARD,
            Code::JumpNoInterrupt => Op::JUMP_BACKWARD_NO_INTERRUPT,
            _ => continue,
        };
        instrs[i].code = op.into();
    }
    let wrong = |what: &str| Error::new(Pos::default(), format!("internal compiler error: {what}"));
    // Distances decide widths and widths decide distances: grow until nothing changes.
    let mut widths: Vec<u32> = instrs.iter().map(|i| width(i.arg)).collect();
    let mut offsets = vec![0u32; n + 1];
    loop {
        for i in 0..n {
            offsets[i + 1] = offsets[i] + widths[i];
        }
        let mut changed = false;
        for i in 0..n {
            let Some(target) = instrs[i].target else { continue };
            let to = offsets[starts[target as usize]];
            let next = offsets[i + 1];
            let back = matches!(
                instrs[i].op(),
                Some(Op::JUMP_BACKWARD | Op::JUMP_BACKWARD_NO_INTERRUPT | Op::END_ASYNC_FOR)
            );
            let arg = if back { next.checked_sub(to) } else { to.checked_sub(next) };
            instrs[i].arg = arg.ok_or_else(|| wrong("jump direction"))?;
            let w = width(instrs[i].arg);
            if w > widths[i] {
                widths[i] = w;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let mut code = Vec::with_capacity(offsets[n] as usize * 2);
    for (i, instr) in instrs.iter().enumerate() {
        let Some(op) = instr.op() else { return Err(wrong("pseudo instruction left")) };
        for k in (1..widths[i]).rev() {
            code.push(Op::EXTENDED_ARG as u8);
            code.push((instr.arg >> (8 * k)) as u8);
        }
        code.push(op as u8);
        code.push(instr.arg as u8);
    }
    // "Location of the next instruction" is settled from the end.
    for i in (0..n).rev() {
        if instrs[i].loc == Loc::NEXT {
            let terminal = instrs[i].is_terminator() || i + 1 >= n;
            instrs[i].loc = if terminal { Loc::NONE } else { instrs[i + 1].loc };
        }
    }
    let mut runs: Vec<(u32, Source)> = Vec::new();
    for (i, instr) in instrs.iter().enumerate() {
        let l = instr.loc;
        let s = Source { line: l.line, end_line: l.end_line, col: l.col, end_col: l.end_col };
        match runs.last_mut() {
            Some((units, last)) if *last == s => *units += widths[i],
            _ => runs.push((widths[i], s)),
        }
    }
    let line_table = locations::encode(runs, unit.firstlineno);
    let mut table: Vec<(u32, u32, Handler)> = Vec::new();
    for (i, instr) in instrs.iter().enumerate() {
        let Some(h) = instr.except else { continue };
        let block = &g.blocks[h as usize];
        let Some(depth) = block.depth else { continue };
        let lasti = block.preserve_lasti;
        let handler = Handler {
            target: offsets[starts[h as usize]] * 2,
            depth: depth.saturating_sub(1 + u32::from(lasti)),
            lasti,
        };
        let (start, end) = (offsets[i] * 2, offsets[i + 1] * 2);
        match table.last_mut() {
            Some((_, e, old)) if *e == start && *old == handler => *e = end,
            _ => table.push((start, end, handler)),
        }
    }
    let (names, kinds) = locals_plus(&unit, flags);
    Ok(CodeUnit {
        argcount: unit.argcount + unit.posonlyargcount,
        posonlyargcount: unit.posonlyargcount,
        kwonlyargcount: unit.kwonlyargcount,
        stacksize: g.stacksize,
        flags,
        code: code.into(),
        consts: unit.consts.list.into(),
        names: unit.names.list.iter().map(|n| (&**n).into()).collect(),
        localsplus_names: names.into(),
        localsplus_kinds: kinds.into(),
        filename: filename.into(),
        name: (&*unit.name).into(),
        qualname: unit.qualname.into(),
        firstlineno: unit.firstlineno.max(0) as u32,
        line_table: line_table.into(),
        exception_table: exceptions::encode(table).into(),
    })
}

fn locals_plus(unit: &Unit, flags: u32) -> (Vec<Box<str>>, Vec<u8>) {
    let mut names: Vec<Box<str>> = Vec::new();
    let mut kinds = Vec::new();
    let positional = unit.posonlyargcount;
    let args = positional + unit.argcount;
    let kwonly = args + unit.kwonlyargcount;
    let varargs = kwonly + u32::from(flags & CodeFlags::VARARGS != 0);
    let varkw = varargs + u32::from(flags & CodeFlags::VARKEYWORDS != 0);
    for (i, name) in unit.varnames.list.iter().enumerate() {
        let i = i as u32;
        let mut kind = local_kind::LOCAL;
        if i < positional {
            kind |= local_kind::ARG_POS;
        } else if i < args {
            kind |= local_kind::ARG_POS | local_kind::ARG_KW;
        } else if i < kwonly {
            kind |= local_kind::ARG_KW;
        } else if i < varargs {
            kind |= local_kind::ARG_VAR | local_kind::ARG_POS;
        } else if i < varkw {
            kind |= local_kind::ARG_VAR | local_kind::ARG_KW;
        }
        if unit.fast_hidden.contains_key(name) {
            kind |= local_kind::HIDDEN;
        }
        if unit.cellvars.get(name).is_some() {
            kind |= local_kind::CELL;
        }
        names.push((&**name).into());
        kinds.push(kind);
    }
    for name in &unit.cellvars.list {
        if unit.varnames.get(name).is_none() {
            names.push((&**name).into());
            kinds.push(local_kind::CELL);
        }
    }
    for name in &unit.freevars.list {
        names.push((&**name).into());
        kinds.push(local_kind::FREE);
    }
    (names, kinds)
}

//! Depth and room are asked for once, before the first of several calls.
//!
//! What must hold: a check stands before each call that it is for on every way, and asks for as much as the deepest of
//! them. Where the interpreter goes on instead, it asks again for each call itself, so asking for too much changes
//! nothing. A limit that is lowered between two calls counts from the next frame of native code on.

use super::Flow;
use crate::ir::*;

pub fn run(f: &mut Func, flow: &Flow) {
    // What asks for others too: for the depth, and for room for a frame of known size.
    let mut depths: Vec<(Block, V)> = Vec::new();
    let mut rooms: Vec<(Block, V)> = Vec::new();
    for &b in &flow.order {
        let first = |asked: &[(Block, V)]| {
            let before = |c: &&(Block, V)| c.0 == b || flow.dom.dominates(c.0, b);
            asked.iter().find(before).map(|c| c.1)
        };
        let mut insts = std::mem::take(&mut f.blocks[b.index()].insts);
        insts.retain(|&v| {
            let Some((body, &mut levels)) = levels(f, v) else {
                return true;
            };
            let deepest = f.callers(body).count() as u32 + levels;
            let asked = first(&depths);
            match asked {
                Some(c) => deepen(f, c, deepest),
                None => depths.push((b, v)),
            }
            let Inst::CallPython(call) = &mut f.insts[v.index()].inst else {
                return asked.is_none();
            };
            if asked.is_some() {
                call.levels = 0;
            }
            if call.code == 0 {
                return true;
            }
            match (first(&rooms), call.room) {
                (Some(c), Some(words)) => {
                    call.room = None;
                    widen(f, c, words);
                }
                _ => rooms.push((b, v)),
            }
            true
        });
        f.blocks[b.index()].insts = insts;
    }
}

/// Whether the frames above this body's would be too deep is asked here, and for how many.
fn levels(f: &mut Func, v: V) -> Option<(Body, &mut u32)> {
    match &mut f.insts[v.index()].inst {
        Inst::Deep(body, levels, _) => Some((*body, levels)),
        Inst::CallPython(c) => Some((c.body, &mut c.levels)),
        _ => None,
    }
}

/// Let the check ask for a frame so many above the outermost.
fn deepen(f: &mut Func, check: V, deepest: u32) {
    let Some(body) = levels(f, check).map(|l| l.0) else {
        return;
    };
    let own = f.callers(body).count() as u32;
    if let Some((_, levels)) = levels(f, check) {
        *levels = (*levels).max(deepest.saturating_sub(own));
    }
}

/// Let the call ask for room for so many words.
fn widen(f: &mut Func, call: V, words: u32) {
    if let Inst::CallPython(c) = &mut f.insts[call.index()].inst {
        c.room = c.room.max(Some(words));
    }
}

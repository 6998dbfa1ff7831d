//! Orders over the blocks of a function.

use crate::ir::{Block, Func};

/// Blocks that can be reached, each before those it dominates.
pub fn reverse_postorder(f: &Func) -> Vec<Block> {
    let mut seen = vec![false; f.blocks.len()];
    let mut post = Vec::new();
    let mut stack = vec![(Block(0), f.block(Block(0)).term.targets())];
    seen[0] = true;
    while let Some((b, succ)) = stack.last_mut() {
        match succ.pop() {
            Some(s) if !seen[s.index()] => {
                seen[s.index()] = true;
                stack.push((s, f.block(s).term.targets()));
            }
            Some(_) => {}
            None => {
                post.push(*b);
                stack.pop();
            }
        }
    }
    post.reverse();
    post
}

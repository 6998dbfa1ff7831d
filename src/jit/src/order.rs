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

/// Which blocks each block can be reached from only through.
pub struct Dominators {
    /// For each block the times at which a walk over the tree comes and goes.
    times: Vec<(u32, u32)>,
    parent: Vec<Option<Block>>,
}

impl Dominators {
    pub fn new(f: &Func, order: &[Block]) -> Dominators {
        let parent = immediate(f, order);
        let mut children: Vec<Vec<Block>> = vec![Vec::new(); f.blocks.len()];
        for &b in order.iter().skip(1) {
            if let Some(p) = parent[b.index()] {
                children[p.index()].push(b);
            }
        }
        let mut times = vec![(0, 0); f.blocks.len()];
        let mut now = 1;
        let mut stack = vec![(Block(0), 0)];
        times[0].0 = 0;
        while let Some((b, k)) = stack.last_mut() {
            match children[b.index()].get(*k) {
                Some(&c) => {
                    *k += 1;
                    times[c.index()].0 = now;
                    now += 1;
                    stack.push((c, 0));
                }
                None => {
                    times[b.index()].1 = now;
                    now += 1;
                    stack.pop();
                }
            }
        }
        Dominators { times, parent }
    }

    /// The block that each way to this one goes through last.
    pub fn parent(&self, b: Block) -> Option<Block> {
        self.parent[b.index()].filter(|&p| p != b)
    }

    /// Both can be reached.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        let ((from, to), (f, t)) = (self.times[a.index()], self.times[b.index()]);
        self.parent[b.index()].is_some() && from <= f && t <= to
    }
}

/// For each block that can be reached the ends that lead to it.
pub fn predecessors(f: &Func, order: &[Block]) -> Vec<Vec<Block>> {
    let mut preds: Vec<Vec<Block>> = vec![Vec::new(); f.blocks.len()];
    for &b in order {
        for t in f.block(b).term.targets() {
            preds[t.index()].push(b);
        }
    }
    preds
}

/// Which blocks the loop with this header has, whose ends (back edges) are `tails`.
pub fn loop_blocks(head: Block, tails: &[Block], preds: &[Vec<Block>]) -> Vec<bool> {
    let mut inside = vec![false; preds.len()];
    inside[head.index()] = true;
    let mut work = tails.to_vec();
    while let Some(b) = work.pop() {
        if !std::mem::replace(&mut inside[b.index()], true) {
            work.extend(&preds[b.index()]);
        }
    }
    inside
}

/// For each loop which blocks it has.
pub fn loops(order: &[Block], dom: &Dominators, preds: &[Vec<Block>]) -> Vec<Vec<bool>> {
    let mut all = Vec::new();
    for &head in order {
        let mut tails = preds[head.index()].clone();
        tails.retain(|&p| dom.dominates(head, p));
        if tails.is_empty() {
            continue;
        }
        all.push(loop_blocks(head, &tails, preds));
    }
    all
}

/// Blocks that can be come to from these, they among them, but not through `but`.
pub fn reachable(f: &Func, mut from: Vec<Block>, but: Option<Block>) -> Vec<bool> {
    let mut seen = vec![false; f.blocks.len()];
    while let Some(b) = from.pop() {
        if Some(b) != but && !std::mem::replace(&mut seen[b.index()], true) {
            from.extend(f.block(b).term.targets());
        }
    }
    seen
}

/// Immediate dominators.
fn immediate(f: &Func, order: &[Block]) -> Vec<Option<Block>> {
    let mut place = vec![usize::MAX; f.blocks.len()];
    for (i, b) in order.iter().enumerate() {
        place[b.index()] = i;
    }
    let preds = predecessors(f, order);
    let mut dom: Vec<Option<Block>> = vec![None; f.blocks.len()];
    dom[0] = Some(Block(0));
    let mut changed = true;
    while changed {
        changed = false;
        for &b in &order[1..] {
            let mut new: Option<Block> = None;
            for &p in &preds[b.index()] {
                if dom[p.index()].is_none() {
                    continue;
                }
                new = Some(match new {
                    None => p,
                    Some(n) => meet(&dom, &place, n, p),
                });
            }
            if dom[b.index()] != new {
                dom[b.index()] = new;
                changed = true;
            }
        }
    }
    dom
}

fn meet(dom: &[Option<Block>], place: &[usize], mut a: Block, mut b: Block) -> Block {
    while a != b {
        while place[a.index()] > place[b.index()] {
            a = dom[a.index()].unwrap_or(Block(0));
        }
        while place[b.index()] > place[a.index()] {
            b = dom[b.index()].unwrap_or(Block(0));
        }
    }
    a
}

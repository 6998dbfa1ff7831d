//! The validator: every value is defined before it is used, where it dominates the use, and held as the use wants it.

use crate::ir::*;
use crate::order::reverse_postorder;

/// The first thing that is wrong.
pub fn check(f: &Func) -> Result<(), String> {
    let order = reverse_postorder(f);
    let dom = dominators(f, &order);
    let mut home: Vec<Option<(Block, usize)>> = vec![None; f.insts.len()];
    for &b in &order {
        for &p in &f.block(b).params {
            home[p.index()] = Some((b, 0));
        }
        for (k, &v) in f.block(b).insts.iter().enumerate() {
            home[v.index()] = Some((b, k + 1));
        }
    }
    let dominates = |a: Block, mut b: Block| loop {
        if a == b {
            return true;
        }
        match dom[b.index()] {
            Some(d) if d != b => b = d,
            _ => return false,
        }
    };
    for &b in &order {
        let data = f.block(b);
        let used = |at: usize, v: V, what: &str| match home[v.index()] {
            None => Err(format!(
                "{v:?} ({:?}) is used by {what} in {b:?} and never made",
                f.inst(v)
            )),
            Some((h, k)) if h == b && k < at || h != b && dominates(h, b) => Ok(()),
            Some((h, _)) => Err(format!("{v:?} of {h:?} does not reach {what} in {b:?}")),
        };
        for (k, &v) in data.insts.iter().enumerate() {
            let inst = f.inst(v);
            let mut r = Ok(());
            let what = format!("{v:?} = {inst:?}");
            inst.each(&mut |a| r = r.clone().and(used(k + 1, a, &what)));
            inst.exits(&mut |x| {
                f.exit_values(x, &mut |a| {
                    r = r.clone().and(used(k + 1, a, &format!("{what}'s exit")))
                })
            });
            r?;
        }
        let end = data.insts.len() + 1;
        let mut r = Ok(());
        match &data.term {
            Term::Open => return Err(format!("{b:?} has no end")),
            Term::Leave(x) => {
                f.exit_values(*x, &mut |a| r = r.clone().and(used(end, a, "an exit")))
            }
            t => t.each(&mut |a| r = r.clone().and(used(end, a, "the end"))),
        }
        r?;
        if let Term::Jump(to, args) = &data.term {
            let params = &f.block(*to).params;
            if params.len() != args.len() {
                return Err(format!("{b:?} passes {} words to {to:?}", args.len()));
            }
            for (p, a) in params.iter().zip(args) {
                if f.ty(*p).rep != f.ty(*a).rep {
                    return Err(format!(
                        "{b:?} passes {a:?} {:?} for {p:?} {:?}",
                        f.ty(*a),
                        f.ty(*p)
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Immediate dominators.
pub fn dominators(f: &Func, order: &[Block]) -> Vec<Option<Block>> {
    let mut place = vec![usize::MAX; f.blocks.len()];
    for (i, b) in order.iter().enumerate() {
        place[b.index()] = i;
    }
    let mut preds: Vec<Vec<Block>> = vec![Vec::new(); f.blocks.len()];
    for &b in order {
        for t in f.block(b).term.targets() {
            preds[t.index()].push(b);
        }
    }
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

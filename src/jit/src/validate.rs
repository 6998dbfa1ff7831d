//! The validator: every value is defined before it is used, where it dominates the use, and held as the use wants it.

use crate::ir::*;
use crate::order::{Dominators, reverse_postorder};

/// The first thing that is wrong.
pub fn check(f: &Func) -> Result<(), String> {
    let order = reverse_postorder(f);
    let dom = Dominators::new(f, &order);
    let mut home: Vec<Option<(Block, usize)>> = vec![None; f.insts.len()];
    for &b in &order {
        for &p in &f.block(b).params {
            home[p.index()] = Some((b, 0));
        }
        for (k, &v) in f.block(b).insts.iter().enumerate() {
            home[v.index()] = Some((b, k + 1));
        }
    }
    for &b in &order {
        let data = f.block(b);
        let reaches = |at: usize, v: V| match home[v.index()] {
            None => false,
            Some((h, k)) => h == b && k < at || h != b && dom.dominates(h, b),
        };
        // The first value that does not reach its use.
        let mut lost = None;
        for (k, &v) in data.insts.iter().enumerate() {
            let inst = f.inst(v);
            let mut used = |a| {
                if lost.is_none() && !reaches(k + 1, a) {
                    lost = Some((a, v));
                }
            };
            inst.each(&mut used);
            inst.exits(&mut |x| f.exit_values(x, &mut used));
        }
        if let Some((a, v)) = lost {
            let (from, by) = (f.inst(a), f.inst(v));
            return Err(format!(
                "{a:?} = {from:?} does not reach {v:?} = {by:?} in {b:?}"
            ));
        }
        let end = data.insts.len() + 1;
        let mut used = |a| {
            if lost.is_none() && !reaches(end, a) {
                lost = Some((a, a));
            }
        };
        match &data.term {
            Term::Open => return Err(format!("{b:?} has no end")),
            t => t.each(&mut used),
        }
        data.term.exits(&mut |x| f.exit_values(x, &mut used));
        if let Some((a, _)) = lost {
            return Err(format!("{a:?} does not reach the end of {b:?}"));
        }
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

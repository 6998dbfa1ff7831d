//! Passes over the representation, one file each.

mod bounds;
mod dead;
mod deep;
mod earlier;
mod effects;
mod fresh;
mod hoist;
mod most;
mod reuse;
mod scalars;
mod threads;
mod unseen;

use crate::clock::{Part, timed};
use crate::ir::{Block, Func, V};
use crate::order::{Dominators, predecessors, reverse_postorder};

/// How blocks follow one another, which only `threads` changes.
struct Flow {
    order: Vec<Block>,
    dom: Dominators,
    preds: Vec<Vec<Block>>,
}

impl Flow {
    /// What these blocks may change.
    fn changes(&self, f: &Func, inside: &[bool]) -> effects::Places {
        let blocks = self.order.iter().filter(|b| inside[b.index()]);
        blocks
            .flat_map(|&b| &f.block(b).insts)
            .fold(effects::NONE, |all, &v| {
                all | effects::changes(f, f.inst(v))
            })
    }
}

impl Func {
    /// Give values other names in all that can be reached.
    fn rename(&mut self, flow: &Flow, new: &mut impl FnMut(V) -> V) {
        for &b in &flow.order {
            let data = &mut self.blocks[b.index()];
            for &v in &data.insts {
                self.insts[v.index()].inst.rename(new);
            }
            data.term.rename(new);
        }
        self.rename_in_states(new);
    }

    /// The same outside of the blocks.
    fn rename_in_states(&mut self, new: &mut impl FnMut(V) -> V) {
        for s in &mut self.states {
            for (_, h) in &mut s.dirty {
                h.rename(new);
            }
        }
        for v in self.tuples.iter_mut().flatten().chain(&mut self.relied) {
            *v = new(*v);
        }
        for h in self.objects.iter_mut().flat_map(|o| &mut o.words) {
            h.rename(new);
        }
        for made in &mut self.functions {
            made.like = new(made.like);
            made.closure.rename(new);
        }
    }
}

fn flow(f: &Func) -> Flow {
    let order = reverse_postorder(f);
    Flow {
        dom: Dominators::new(f, &order),
        preds: predecessors(f, &order),
        order,
    }
}

pub fn run(f: &mut Func) {
    let mut flow = flow(f);
    if timed(Part::Threads, || threads::run(f, &flow)) {
        flow = self::flow(f);
    }
    timed(Part::Earlier, || earlier::run(f, &flow));
    timed(Part::Reuse, || reuse::run(f, &flow));
    timed(Part::Bounds, || bounds::run(f, &flow));
    timed(Part::Fresh, || fresh::run(f, &flow));
    timed(Part::Scalars, || scalars::run(f, &flow));
    if timed(Part::Scalars, || unseen::run(f, &flow)) {
        timed(Part::Reuse, || reuse::run(f, &flow));
    }
    timed(Part::Deep, || deep::run(f, &flow));
    timed(Part::Hoist, || hoist::run(f, &flow));
    timed(Part::Fresh, || fresh::run(f, &flow));
    timed(Part::Dead, || dead::run(f, &flow));
    timed(Part::Bounds, || most::run(f, &flow));
}

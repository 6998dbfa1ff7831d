//! Passes over the representation, one file each.

mod dead;
mod effects;
mod fresh;
mod hoist;
mod reuse;
mod scalars;

use crate::ir::Func;

use crate::ir::Block;
use crate::order::{Dominators, predecessors, reverse_postorder};

/// How blocks follow one another, which no pass changes.
struct Flow {
    order: Vec<Block>,
    dom: Dominators,
    preds: Vec<Vec<Block>>,
}

pub fn run(f: &mut Func) {
    let order = reverse_postorder(f);
    let flow = Flow {
        dom: Dominators::new(f, &order),
        preds: predecessors(f, &order),
        order,
    };
    reuse::run(f, &flow);
    scalars::run(f, &flow);
    hoist::run(f, &flow);
    fresh::run(f, &flow);
    dead::run(f, &flow);
}

//! Passes over the representation, one file each.

mod dead;
mod effects;
mod hoist;
mod reuse;
mod scalars;

use crate::ir::Func;

pub fn run(f: &mut Func) {
    reuse::run(f);
    scalars::run(f);
    hoist::run(f);
    dead::run(f);
}

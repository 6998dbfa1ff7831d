//! Passes over the representation, one file each.

mod dead;

use crate::ir::Func;

pub fn run(f: &mut Func) {
    dead::run(f);
}

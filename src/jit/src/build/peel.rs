//! Loops whose first iteration is built before them, as a part of what leads there.
//!
//! A sum that begins with 0 and goes on with floats is an int only until the first iteration has ended: the loop itself
//! then knows it as a float and keeps it unboxed. Only loops without others inside are built twice, and only where that
//! changes a type.

use super::{Bailout, Builder};

/// Longer loops are not built twice.
const MOST_INSTRUCTIONS: usize = 120;

impl Builder<'_> {
    /// Have the first iteration of the loop at `b` built before it, from the next round on. `false`: it already is, or
    /// cannot be.
    pub fn peel(&mut self, b: usize) -> bool {
        let unit = &self.cx.unit;
        let Some(members) = unit.members(b) else {
            return false;
        };
        let inside = || (0..members.len()).filter(|&i| members[i]);
        let has_loops = inside().any(|i| i != b && unit.loops[i].is_some());
        if has_loops || inside().count() > MOST_INSTRUCTIONS {
            return false;
        }
        let key = (self.cx.path.clone(), b);
        if !self.loop_types.peeled.insert(key.clone()) {
            return false;
        }
        // What back edges brought to the loop as it was says nothing of what they will.
        self.loop_types.forget(&key);
        self.widened = true;
        true
    }

    pub fn is_peeled(&self, b: usize) -> bool {
        !self.loop_types.peeled.is_empty()
            && self.edges.contains_key(&b)
            && self.loop_types.peeled.contains(&(self.cx.path.clone(), b))
    }

    /// The first iteration of the loop at `b`: what goes back to its header is what enters the loop.
    pub fn first_iteration(&mut self, b: usize) -> Result<(), Bailout> {
        let unit = self.cx.unit.clone();
        let Some(members) = unit.members(b) else {
            return Ok(());
        };
        for &m in unit.order.iter().filter(|&&m| members[m]) {
            let Some(edges) = self.edges.remove(&m) else {
                continue;
            };
            self.join(edges);
            self.done = false;
            self.block(m)?;
            if self.inline_failed {
                break;
            }
        }
        Ok(())
    }
}

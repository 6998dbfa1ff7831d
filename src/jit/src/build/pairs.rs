//! Loops over `enumerate`, a `zip` of two and a dict's items whose body unpacks the item at once: no tuple is made.
//!
//! Where both iterators inside are plain ones (of lists, tuples, ranges), as the interpreter has met them here, their
//! state is worked on where it lies.

use super::Builder;
use super::iterate::{Step, plain_shape};
use super::ops::TUPLE_ITEMS;
use crate::helpers::{EXHAUSTED, id};
use crate::ir::*;
use habu_runtime::classes::C;
use habu_runtime::interp::feedback::Site;
use habu_runtime::kinds;
use habu_runtime::object::{EnumerateObj, ZipObj};
use habu_runtime::value::Value;
use std::mem::offset_of;

impl Builder<'_> {
    /// Does the loop body begin with an unpacking into two, and is the iterator none of the plain ones?
    pub fn unpacks_pairs(&self, next: usize) -> bool {
        let u = &self.cx.unit;
        u.ins[next].op == habu_bytecode::Op::UNPACK_SEQUENCE
            && u.ins[next].arg == 2
            && u.is_boundary(next)
            && u.is_boundary(next + 1)
            && !matches!(u.site(self.at), Site::Iterator { .. })
            && !(self.expects_feedback && u.block_never_ran(next))
    }

    /// The two parts of the next item on the stack, as UNPACK_SEQUENCE at `next` leaves them.
    pub fn next_pair(&mut self, it: V, exit: usize, next: usize) {
        if self.pair_in_place(it, exit).is_some() {
            self.unpacked.insert((self.cx.path.clone(), next));
            return;
        }
        let at = self.env.slots.len() as u32 + self.base();
        let dest = self.def(Inst::FrameAddress(at), Ty::RAW);
        let plain = self.plain(id::plain_pair, &[it, dest], Ty::ANY);
        let r = match plain {
            Some(r) => r,
            None => self.call(id::next_pair, &[it, dest]),
        };
        let end = self.raw(EXHAUSTED as i64);
        let more = self.def(Inst::RawCmp(Cmp::Ne, r, end), Ty::BOOL);
        let body = self.loop_exit(more, exit);
        self.enter(body);
        let first = self.def(Inst::Load(dest, 0), Ty::ANY);
        self.unpacked.insert((self.cx.path.clone(), next));
        if plain.is_some() {
            let second = self.def(Inst::Load(dest, 8), Ty::ANY);
            self.push(second);
            self.push(first);
            return;
        }
        let yes = self.word(Value::TRUE.bits());
        let pair = self.def(Inst::Same(r, yes), Ty::BOOL);
        let (two, one) = self.split(pair);
        let env = self.env.clone();
        self.enter(two);
        let second = self.def(Inst::Load(dest, 8), Ty::ANY);
        self.push(second);
        self.push(first);
        let mut edges = Vec::new();
        self.edge(&mut edges);
        // Anything else is unpacked here, as the instruction that follows would do it.
        self.enter(one);
        self.env = env;
        let iteration = self.at;
        self.push(first);
        self.at = next;
        self.begin_run(next);
        let item = self.pop();
        self.unpack_any(item, 2);
        self.edge(&mut edges);
        self.at = iteration;
        self.meet_again(edges);
    }

    /// The next pair of an iterator whose inner ones are plain, worked on in place. `None`: not known to be so.
    fn pair_in_place(&mut self, it: V, exit: usize) -> Option<()> {
        if self.bad(Why::Shape) || self.bad(Why::Empty) || self.bad(Why::Kind) {
            return None;
        }
        let [outer, a, b] = self.cx.unit.pair_kinds(self.at)?;
        let a = plain_shape(a)?;
        match outer {
            kinds::ENUMERATE if !self.bad(Why::Overflow) => {
                let e = self.guard_shape(it, C::Enumerate.shape());
                let inner = self.inner(e, offset_of!(EnumerateObj, iter) as i32);
                let at = offset_of!(EnumerateObj, index) as i32;
                let count = self.def(Inst::Load(e, at), Ty::ANY);
                let count = self.guard_int(count);
                let one = self.word(Value::small_int(1).bits());
                let x = self.exit(Why::Overflow);
                let after = self.def(Inst::Int(IntOp::Add, count, one, x), Ty::INT);
                let step = self.step_in_place(inner, a);
                self.more_pairs(it, &step, exit);
                let item = self.take_in_place(step);
                self.def(Inst::StoreRaw(e, at, after), Ty::NONE);
                self.push(item);
                self.push(count);
            }
            kinds::ZIP => {
                let b = plain_shape(b)?;
                let z = self.guard_shape(it, C::Zip.shape());
                let strict = Inst::Load(z, offset_of!(ZipObj, strict) as i32);
                let strict = self.def(strict, Ty::ANY);
                let yes = self.word(Value::TRUE.bits());
                let strict = self.def(Inst::Same(strict, yes), Ty::BOOL);
                self.guard_false(strict, Why::Shape);
                let both = self.inner(z, offset_of!(ZipObj, iters) as i32);
                let x = self.exit(Why::Shape);
                let both = self.def(
                    Inst::Guard(both, Test::Items(2), x),
                    Ty::shape(C::Tuple.shape()),
                );
                let first = self.inner(both, TUPLE_ITEMS);
                let second = self.inner(both, TUPLE_ITEMS + 8);
                // One iterator twice: what the first takes the second must not see.
                let same = self.def(Inst::Same(first, second), Ty::BOOL);
                self.guard_false(same, Why::Shape);
                let first = self.step_in_place(first, a);
                self.more_pairs(it, &first, exit);
                let second = self.step_in_place(second, b);
                self.more_pairs(it, &second, exit);
                let x = self.take_in_place(first);
                let y = self.take_in_place(second);
                self.push(y);
                self.push(x);
            }
            _ => return None,
        }
        Some(())
    }

    /// What an iterator holds from its making on.
    fn inner(&mut self, it: V, offset: i32) -> V {
        self.def(Inst::LoadFixed(it, offset, Ty::OBJECT), Ty::OBJECT)
    }

    /// Go on where there is another item; the end of the whole is the runtime's.
    fn more_pairs(&mut self, it: V, step: &Step, exit: usize) {
        let (body, out) = self.split(step.more);
        let env = self.env.clone();
        self.enter(out);
        let at = self.env.slots.len() as u32 + self.base();
        let dest = self.def(Inst::FrameAddress(at), Ty::RAW);
        let x = self.exit(Why::Kind);
        // It finds the end that was seen here.
        self.def(
            Inst::Call(id::plain_pair, [it, dest].into(), Some(x)),
            Ty::ANY,
        );
        self.edge_to(exit);
        self.env = env;
        self.enter(body);
    }
}

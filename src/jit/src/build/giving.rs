//! What functions give back and generators yield.
//!
//! What must hold: before a generator's words go to memory nothing is left that may fail. An item that somebody takes
//! at once does not suspend it.

use super::{Bailout, Builder};
use crate::helpers::id;
use crate::ir::*;
use habu_heap::Value;

impl Builder<'_> {
    /// `SEND`: on to the yield behind it, or to where the receiver's return goes.
    pub fn send(&mut self, unit: &crate::unit::Unit, i: usize) -> Result<(), Bailout> {
        let (Some(end), Some(next)) = unit.successors(i) else {
            return Err(Bailout("jump out of the code"));
        };
        let v = self.pop_word();
        let r = self.peek(1);
        let at = self.env.slots.len() as u32 + self.base();
        let dest = self.def(Inst::FrameAddress(at), Ty::RAW);
        let yielded = self.call_as(id::send, &[r, v, dest], Ty::word(kind::BOOL));
        let x = self.def(Inst::Load(dest, 0), Ty::ANY);
        self.push(x);
        let yes = self.word(Value::TRUE.bits());
        let more = self.def(Inst::Same(yielded, yes), Ty::BOOL);
        self.branch_to(more, next, end);
        Ok(())
    }

    /// `yield v`: where somebody takes the items, the generator goes on as soon as this one is taken.
    pub fn yield_item(&mut self, i: usize) {
        let v = self.pop_word();
        if self.cx.unit.yields_end {
            return self.give_item(i, v);
        }
        let sink = self.def(Inst::Sink, Ty::RAW);
        let zero = self.raw(0);
        let none = self.def(Inst::RawCmp(Cmp::Eq, sink, zero), Ty::BOOL);
        let (plain, offered) = self.split(none);
        let env = self.env.clone();
        self.enter(offered);
        let call = Inst::Call(id::take_item, [sink, v].into(), None);
        let taken = self.def(call, Ty::RAW);
        let refused = self.def(Inst::RawCmp(Cmp::Eq, taken, zero), Ty::BOOL);
        let (refused, taken) = self.split(refused);
        let give = self.f.new_block();
        for b in [plain, refused] {
            self.f.blocks[b.index()].term = Term::Jump(give, vec![]);
        }
        self.enter(give);
        self.give_item(i, v);
        self.env = env;
        self.enter(taken);
        let none = self.word(Value::NONE.bits());
        self.push(none);
    }

    /// The frame's words go to memory and from there to the generator.
    fn give_item(&mut self, i: usize, v: V) {
        // What may fail comes first; then nothing of the frame is lost any more.
        for s in 0..self.env.slots.len() {
            self.env.slots[s] = match self.env.slots[s] {
                Held::Value(v) if self.ty(v).is_maybe() => Held::Value(v),
                Held::Value(v) => Held::Value(self.as_word(v)),
                Held::Empty => Held::Empty,
                h => Held::Value(self.materialize(h)),
            };
        }
        for s in 0..self.env.slots.len() {
            let held = self.env.slots[s];
            if self.in_memory(s, held) {
                continue;
            }
            match held {
                Held::Value(v) if self.ty(v).is_maybe() => {
                    self.def(Inst::SyncMaybe(s as u32, v), Ty::NONE)
                }
                Held::Value(v) => self.def(Inst::Save(s as u32, v), Ty::NONE),
                _ => {
                    let empty = self.word(0);
                    self.def(Inst::Save(s as u32, empty), Ty::NONE)
                }
            };
        }
        let fp = self.def(Inst::FrameAddress(0), Ty::RAW);
        let body = &self.f.bodies[0];
        let op = crate::lower::ops_address(body.ops, self.cx.unit.op_of[i]);
        let op = self.raw(op as i64);
        let words = self.raw(self.env.slots.len() as i64);
        let args = [fp, op, words, v];
        let r = self.def(Inst::Call(id::yield_value, args.into(), None), Ty::ANY);
        self.end(Term::Give(r));
    }

    /// `return v`.
    pub fn give_back(&mut self, v: V) {
        if self.cx.body == Body(0) && self.cx.unit.is_generator() {
            let v = self.as_word(v);
            let fp = self.def(Inst::FrameAddress(0), Ty::RAW);
            let r = self.def(Inst::Call(id::end_generator, [fp, v].into(), None), Ty::ANY);
            self.end(Term::Give(r));
        } else if self.cx.body == Body(0) {
            let v = self.as_word(v);
            let kept = self.exit(Why::Kept);
            self.end(Term::Return(v, Some(kept)));
        } else {
            if self.cx.returns.iter().any(|r| r.2.valid) {
                // Who came back another way need not ask again then.
                self.ask_again();
            }
            if self.env.framed {
                let kept = self.exit(Why::Kept);
                self.def(Inst::Pop(self.cx.body, kept), Ty::NONE);
            }
            let env = self.env.clone();
            self.cx.returns.push((self.cur, v, env));
            self.done = true;
        }
    }
}

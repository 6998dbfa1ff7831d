//! Containers made of operands, and taken apart into them.

use super::Builder;
use super::iterate::{BUF_ITEMS, BUF_LEN, LIST_BUF};
use super::ops::TUPLE_ITEMS;
use crate::helpers::id;
use crate::ir::*;
use habu_runtime::interp::feedback::{SEEN_LIST, SEEN_TUPLE};
use habu_runtime::object::TupleObj;
use std::mem::offset_of;

impl Builder<'_> {
    pub fn build(&mut self, h: u16, words: usize, n: usize, shape: u32) {
        let base = self.spill(words);
        let n = self.raw(n as i64);
        let v = self.call_as(h, &[base, n], Ty::shape(shape));
        self.drop_n(words);
        self.push(v);
    }

    pub fn build_tuple(&mut self, n: usize) {
        let shape = habu_runtime::classes::C::Tuple.shape();
        if n == 0 || n > 16 {
            return self.build(id::build_tuple, n, n, shape);
        }
        let first = self.stack_slot(n);
        let items: Vec<V> = (first..self.env.slots.len())
            .map(|s| match self.env.slots[s] {
                Held::Value(v) => self.as_word(v),
                h => self.materialize(h),
            })
            .collect();
        let x = self.exit(Why::Raised);
        let header = habu_heap::Header::word(shape, habu_runtime::kinds::TUPLE, 0);
        let bytes = TUPLE_ITEMS as u32 + 8 * n as u32;
        let t = self.def(Inst::Alloc(header, bytes, x), Ty::shape(shape));
        let sizes = habu_runtime::object::sizes(bytes as usize / 8, n);
        let sizes = self.raw(sizes as i64);
        self.def(Inst::StoreRaw(t, 8, sizes), Ty::NONE);
        let unknown = self.raw(0);
        let hash = offset_of!(TupleObj, hash) as i32;
        self.def(Inst::StoreRaw(t, hash, unknown), Ty::NONE);
        for (k, v) in items.into_iter().enumerate() {
            self.def(Inst::StoreRaw(t, TUPLE_ITEMS + 8 * k as i32, v), Ty::NONE);
        }
        self.drop_n(n);
        self.push(t);
    }

    pub fn unpack(&mut self, i: usize, n: usize) {
        use habu_runtime::classes::C;
        let v = self.pop_word();
        let shape = self.ty(v).shape;
        let seen = self.cx.unit.containers(i);
        let tuple = shape == C::Tuple.shape() || shape == 0 && seen == SEEN_TUPLE;
        let list = shape == C::List.shape() || shape == 0 && seen == SEEN_LIST;
        if !tuple && !list || self.bad(Why::Shape) || self.bad(Why::Index) || n == 0 {
            return self.unpack_any(v, n);
        }
        if list {
            return self.unpack_list(v, n);
        }
        let t = self.guard_shape(v, C::Tuple.shape());
        let x = self.exit(Why::Index);
        let t = self.def(
            Inst::Guard(t, Test::Items(n as u32), x),
            Ty::shape(C::Tuple.shape()),
        );
        for k in (0..n).rev() {
            let item = self.def(
                Inst::LoadFixed(t, TUPLE_ITEMS + 8 * k as i32, Ty::ANY),
                Ty::ANY,
            );
            self.push(item);
        }
    }

    pub fn unpack_list(&mut self, v: V, n: usize) {
        let l = self.guard_shape(v, habu_runtime::classes::C::List.shape());
        let buf = self.def(Inst::LoadRaw(l, LIST_BUF), Ty::RAW);
        let have = self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW);
        let want = self.raw(n as i64);
        let same = self.def(Inst::RawCmp(Cmp::Eq, have, want), Ty::BOOL);
        self.guard_true(same, Why::Index);
        for k in (0..n).rev() {
            let item = self.def(Inst::Load(buf, BUF_ITEMS + 8 * k as i32), Ty::ANY);
            self.push(item);
        }
    }

    pub fn unpack_ex(&mut self, counts: usize) {
        let v = self.pop_word();
        let at = self.env.slots.len() as u32 + self.base();
        let dest = self.def(Inst::FrameAddress(at), Ty::RAW);
        let c = self.raw(counts as i64);
        self.call(id::unpack_ex, &[v, c, dest]);
        for k in 0..(counts & 0xff) + 1 + (counts >> 8) {
            let item = self.def(Inst::Load(dest, 8 * k as i32), Ty::ANY);
            self.push(item);
        }
    }

    pub fn unpack_any(&mut self, v: V, n: usize) {
        let at = self.env.slots.len() as u32 + self.base();
        let dest = self.def(Inst::FrameAddress(at), Ty::RAW);
        let count = self.raw(n as i64);
        self.call(id::unpack, &[v, count, dest]);
        for k in 0..n {
            let item = self.def(Inst::Load(dest, 8 * k as i32), Ty::ANY);
            self.push(item);
        }
    }
}

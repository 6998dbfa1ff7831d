//! Loops over the keys of dicts and sets: the next entry is looked at right here.
//!
//! What must hold: what is not an entry that is there, in a table that is as large as when the loop began, is left to the
//! runtime: the end, entries that were deleted, changes that raise.

use super::Builder;
use super::maps::{ENTRIES, ENTRY, KEY, TABLE};
use crate::helpers::{EXHAUSTED, id};
use crate::ir::*;
use habu_heap::Value;
use habu_runtime::object::{DictIter, Table};
use std::mem::offset_of;

const SOURCE: i32 = offset_of!(DictIter, source) as i32;
const INDEX: i32 = offset_of!(DictIter, index) as i32;
const EXPECT: i32 = offset_of!(DictIter, expect) as i32;
const LEFT: i32 = offset_of!(DictIter, left) as i32;
const SIZES: i32 = offset_of!(Table, sizes) as i32;
const LIVE: i32 = offset_of!(Table, live) as i32;
const WORD: i32 = 8;

impl Builder<'_> {
    /// Is this taken for an iterator of keys, as the loop has met one?
    pub fn gives_keys(&self, it: V) -> bool {
        let t = self.ty(it);
        let may_be = |s: u32| t.shape == s || t.shape == 0 && t.may(kind::OBJECT);
        self.cx.unit.keys_shape(self.at).is_some_and(may_be) && !self.bad(Why::Shape)
    }

    /// `FOR_ITER` of such an iterator.
    pub fn keys_in_place(&mut self, it: V, exit: usize) {
        let shape = self.cx.unit.keys_shape(self.at).unwrap_or(0);
        let it = self.guard_shape(it, shape);
        let other = self.f.new_block();
        let (word, empty) = (Ty::word(kind::OBJECT | kind::EMPTY), self.word(0));
        let source = self.def(Inst::Load(it, SOURCE), word);
        let none = self.def(Inst::Same(source, empty), Ty::BOOL);
        let going = self.negate(none);
        self.or_else(going, other);
        let source = self.def(Inst::Known(source), Ty::OBJECT);
        let table = self.def(Inst::Load(source, TABLE), Ty::OBJECT);
        // As many entries as at first, of which this is one, and there.
        let expected = self.def(Inst::Load(it, EXPECT), Ty::INT);
        let expected = self.def(Inst::Untag(expected), Ty::RAW);
        let live = self.def(Inst::LoadRaw(table, LIVE), Ty::RAW);
        let same = self.def(Inst::RawCmp(Cmp::Eq, live, expected), Ty::BOOL);
        self.or_else(same, other);
        let left = self.def(Inst::Load(it, LEFT), Ty::INT);
        let zero = self.word(Value::small_int(0).bits());
        let some = self.def(Inst::IntCmp(Cmp::Gt, left, zero), Ty::BOOL);
        self.or_else(some, other);
        let index = self.def(Inst::Load(it, INDEX), Ty::INT);
        let i = self.def(Inst::Untag(index), Ty::RAW);
        let words = self.raw((ENTRY / WORD) as i64);
        let at = self.def(Inst::RawOp(RawOp::Mul, i, words), Ty::RAW);
        let sizes = self.def(Inst::LoadRaw(table, SIZES), Ty::RAW);
        let used = self.def(Inst::HighHalf(sizes), Ty::RAW);
        let inside = self.def(Inst::Below(at, used), Ty::BOOL);
        self.or_else(inside, other);
        let any = Ty::word(kind::ANY | kind::EMPTY);
        let key = self.def(Inst::LoadItem(table, at, ENTRIES + KEY), any);
        let none = self.def(Inst::Same(key, empty), Ty::BOOL);
        let there = self.negate(none);
        self.or_else(there, other);
        let two = self.raw(2);
        let after = self.def(Inst::RawOp(RawOp::Add, index, two), Ty::INT);
        let fewer = self.def(Inst::RawOp(RawOp::Sub, left, two), Ty::INT);
        self.def(Inst::StoreRaw(it, INDEX, after), Ty::NONE);
        self.def(Inst::StoreRaw(it, LEFT, fewer), Ty::NONE);
        let key = self.def(Inst::Known(key), Ty::ANY);
        let mut ways = Vec::new();
        let env = self.env.clone();
        self.push(key);
        self.edge(&mut ways);
        self.env = env;
        self.enter(other);
        let r = self.call(id::next_item, &[it]);
        let end = self.raw(EXHAUSTED as i64);
        let more = self.def(Inst::RawCmp(Cmp::Ne, r, end), Ty::BOOL);
        let body = self.loop_exit(more, exit);
        self.enter(body);
        self.push(r);
        self.edge(&mut ways);
        self.meet_again(ways);
    }
}

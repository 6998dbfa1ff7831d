//! Subscripts and lengths of built-in containers.

use super::Builder;
use super::iterate::{BUF_ITEMS, BUF_LEN, LIST_BUF};
use super::ops::TUPLE_ITEMS;
use crate::helpers::id;
use crate::ir::*;
use habu_runtime::classes::C;
use habu_runtime::interp::feedback::{SEEN_LIST, SEEN_TUPLE};
use habu_runtime::object::StrObj;
use std::mem::offset_of;

/// Where a tuple's word of sizes is; its upper half is the length.
const SIZES: i32 = 8;

impl Builder<'_> {
    /// The length of a value of a known built-in class, as a machine integer.
    pub fn known_length(&mut self, v: V) -> Option<V> {
        let s = self.ty(v).shape;
        if s == 0 {
            return None;
        }
        if s == C::List.shape() {
            let buf = self.def(Inst::LoadRaw(v, LIST_BUF), Ty::RAW);
            Some(self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW))
        } else if s == C::Tuple.shape() {
            Some(self.tuple_length(v))
        } else if s == C::Str.shape() {
            let off = offset_of!(StrObj, len) as i32;
            Some(self.def(Inst::LoadFixed(v, off, Ty::RAW), Ty::RAW))
        } else {
            None
        }
    }

    fn tuple_length(&mut self, t: V) -> V {
        // The upper half of the word at an odd half: read it shifted by four bytes.
        let w = self.def(Inst::LoadFixed(t, SIZES, Ty::RAW), Ty::RAW);
        self.def(Inst::HighHalf(w), Ty::RAW)
    }

    /// An index into something of this length, counted from the front, checked.
    fn index(&mut self, k: V, len: V) -> V {
        let i = self.def(Inst::Untag(k), Ty::RAW);
        let i = match self.constant_int(k) {
            Some(c) if c >= 0 => i,
            Some(_) => self.def(Inst::RawOp(RawOp::Add, i, len), Ty::RAW),
            None => {
                let zero = self.raw(0);
                let neg = self.def(Inst::RawCmp(Cmp::Lt, i, zero), Ty::BOOL);
                let back = self.def(Inst::RawOp(RawOp::Add, i, len), Ty::RAW);
                self.def(Inst::Select(neg, back, i), Ty::RAW)
            }
        };
        let ok = self.def(Inst::Below(i, len), Ty::BOOL);
        self.guard_true(ok, Why::Index);
        i
    }

    pub fn subscript(&mut self, i: usize) {
        let k = self.pop();
        let c = self.pop_word();
        let seen = self.cx.unit.containers(i);
        let shape = self.ty(c).shape;
        let known = |s: u32, bit: u8| shape == s || shape == 0 && seen == bit;
        let int_key =
            self.ty(k).is_int() || self.ty(k).may(kind::INT) && self.ty(k).rep == Rep::Word;
        let failed = self.bad(Why::Shape) || self.bad(Why::Int) || self.bad(Why::Index);
        if int_key && !failed && self.ty(c).may(kind::OBJECT) {
            if known(C::List.shape(), SEEN_LIST) {
                let l = self.guard_shape(c, C::List.shape());
                let k = self.guard_int(k);
                let buf = self.def(Inst::LoadRaw(l, LIST_BUF), Ty::RAW);
                let len = self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW);
                let at = self.index(k, len);
                let v = self.def(Inst::LoadItem(buf, at, BUF_ITEMS), Ty::ANY);
                return self.push(v);
            }
            if known(C::Tuple.shape(), SEEN_TUPLE) {
                let t = self.guard_shape(c, C::Tuple.shape());
                let k = self.guard_int(k);
                let len = self.tuple_length(t);
                let at = self.index(k, len);
                let v = self.def(Inst::LoadItem(t, at, TUPLE_ITEMS), Ty::ANY);
                return self.push(v);
            }
        }
        let k = self.as_word(k);
        let v = self.call(id::subscript, &[c, k]);
        self.push(v);
    }

    pub fn store_subscript(&mut self, i: usize) {
        let k = self.pop();
        let c = self.pop_word();
        let v = self.pop_word();
        let seen = self.cx.unit.containers(i);
        let shape = self.ty(c).shape;
        let list = shape == C::List.shape() || shape == 0 && seen == SEEN_LIST;
        let failed = self.bad(Why::Shape) || self.bad(Why::Int) || self.bad(Why::Index);
        let int_key = self.ty(k).rep == Rep::Word && self.ty(k).may(kind::INT);
        if list && int_key && !failed && self.ty(c).may(kind::OBJECT) {
            let l = self.guard_shape(c, C::List.shape());
            let k = self.guard_int(k);
            let buf = self.def(Inst::LoadRaw(l, LIST_BUF), Ty::RAW);
            let len = self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW);
            let at = self.index(k, len);
            self.def(Inst::StoreItem(buf, at, BUF_ITEMS, v), Ty::NONE);
            return;
        }
        let k = self.as_word(k);
        self.call(id::set_subscript, &[c, k, v]);
    }

    /// `list.append` on an exact list.
    pub fn append(&mut self, l: V, v: V) {
        let v = self.as_word(v);
        self.call(id::list_append, &[l, v]);
    }
}

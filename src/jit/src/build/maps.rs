//! Dicts and sets. For ints, characters and texts that a program writes down the first place that the index names is
//! looked at right here: most are there, and such texts are the same objects.
//!
//! What must hold: an index has words of one, two or four bytes, by its length, and stands behind the table's entries;
//! a small int that is not negative is its own hash, and texts remember theirs. What is not told by one look is left to
//! the runtime.

use super::Builder;
use crate::helpers::id;
use crate::ir::*;
use habu_bytecode::Op;
use habu_bytecode::opcode::binary;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::core::{dict::Entry3, hash, watch};
use habu_runtime::interp::feedback;
use habu_runtime::object::{DictObj, StrObj, Table, TypeObj, ValueExt};
use std::mem::{offset_of, size_of};

pub const TABLE: i32 = offset_of!(DictObj, table) as i32;
const MASK: i32 = offset_of!(Table, mask) as i32;
const CAPACITY: i32 = offset_of!(Table, capacity) as i32;
pub const ENTRIES: i32 = size_of::<Table>() as i32;
pub const ENTRY: i32 = size_of::<Entry3>() as i32;
pub const KEY: i32 = offset_of!(Entry3, key) as i32;
const VALUE: i32 = offset_of!(Entry3, value) as i32;
const HASH: i32 = offset_of!(StrObj, hash) as i32;

/// Where a look has come to: three blocks not ended yet, the first of which is the current one.
struct Looked {
    table: V,
    /// The entry's number, from 1 on.
    n: V,
    /// What `ENTRY` has to be taken from for the entry's address.
    entry: V,
    missing: Block,
    /// It takes more than a look.
    other: Block,
}

impl Builder<'_> {
    /// `k in c`, for an int or a text in what has been a dict or set.
    pub fn key_in_map(&mut self, i: usize, c: V, k: V) -> Option<V> {
        let met = self
            .cx
            .unit
            .op_at(i)
            .is_some_and(|op| feedback::looks_in_map(self.cx.unit.ops, op));
        if !met || !self.may_look(k) || self.ty(c).shape != 0 || self.bad(Why::Kind) {
            return None;
        }
        let c = self.as_word(c);
        let shape = self.def(Inst::LoadShape(c), Ty::RAW);
        let first = self.raw(C::Dict.shape() as i64);
        let nth = self.def(Inst::RawOp(RawOp::Sub, shape, first), Ty::RAW);
        let count = self.raw((C::FrozenSet.shape() - C::Dict.shape() + 1) as i64);
        let map = self.def(Inst::Below(nth, count), Ty::BOOL);
        let other = self.f.new_block();
        self.or_else(map, other);
        let map = self.def(Inst::Known(c), Ty::OBJECT);
        let looked = self.look_for(map, k, other);
        let found = self.cur;
        self.enter(looked.other);
        let told = self.plain(id::plain_contains, &[c, k], Ty::word(kind::BOOL))?;
        let (yes, no) = (Value::TRUE.bits(), Value::FALSE.bits());
        let (yes, no) = (self.word(yes), self.word(no));
        let ways = [(self.cur, told), (found, yes), (looked.missing, no)];
        Some(self.rejoin(ways, Ty::word(kind::BOOL)))
    }

    /// Is it worth looking here? Texts made at run time are rarely the very keys.
    fn may_look(&self, k: V) -> bool {
        let constant = self.constant_text(k).is_some();
        let int = self.ty(k).rep == Rep::Word && self.ty(k).may(kind::INT);
        int || constant || self.env.codes.contains_key(&k)
    }

    /// `d[k]` of an int or a text in a dict.
    pub fn key_subscript(&mut self, d: V, k: V) -> Option<V> {
        if !self.may_look(k) || self.bad(Why::Kind) {
            return None;
        }
        let d = self.guard_shape(d, C::Dict.shape());
        let other = self.f.new_block();
        let looked = self.look_for(d, k, other);
        let x = self.value_of(looked.entry);
        let found = self.cur;
        self.f.blocks[looked.missing.index()].term = Term::Jump(looked.other, vec![]);
        self.enter(looked.other);
        let y = self.plain(id::plain_subscript, &[d, k], Ty::ANY)?;
        Some(self.rejoin([(found, x), (self.cur, y)], Ty::ANY))
    }

    /// `d.get(k, default)` of a dict.
    pub fn key_get(&mut self, d: V, k: V, default: V) -> Option<V> {
        if !self.may_look(k) || self.bad(Why::Kind) {
            return self.plain(id::plain_get, &[d, k, default], Ty::ANY);
        }
        let default = self.as_word(default);
        let other = self.f.new_block();
        let looked = self.look_for(d, k, other);
        let x = self.value_of(looked.entry);
        let found = self.cur;
        self.enter(looked.other);
        let y = self.plain(id::plain_get, &[d, k, default], Ty::ANY)?;
        let ways = [(found, x), (self.cur, y), (looked.missing, default)];
        Some(self.rejoin(ways, Ty::ANY))
    }

    /// A number in the namespace of a class that is known here.
    pub fn class_data(&mut self, class: V, shape: u32, name: u64) -> bool {
        let known = self.constant_of(class).and_then(Value::from_bits);
        let Some(t) = known.and_then(|t| t.cast::<TypeObj>()) else {
            return false;
        };
        let other = self.f.new_block();
        // Its metaclass is what it was.
        let now = self.def(Inst::LoadShape(class), Ty::RAW);
        let want = self.raw(shape as i64);
        let same = self.def(Inst::RawCmp(Cmp::Eq, now, want), Ty::BOOL);
        self.or_else(same, other);
        let d = self.word(t.dict().value().bits());
        let key = self.word(name);
        let looked = self.look_for(d, key, other);
        let x = self.value_of(looked.entry);
        let plain = self.def(Inst::IsPlain(x), Ty::BOOL);
        self.or_else(plain, other);
        self.push(x);
        let mut edges = Vec::new();
        self.edge(&mut edges);
        self.f.blocks[looked.missing.index()].term = Term::Jump(looked.other, vec![]);
        self.enter(looked.other);
        self.env.slots.pop();
        let r = self.call(id::get_attr, &[class, key]);
        self.push(r);
        self.edge(&mut edges);
        self.meet_again(edges);
        true
    }

    /// `d[k] = v` of an int or a text that the dict has already.
    pub fn key_store(&mut self, d: V, k: V, v: V) -> bool {
        if !self.may_look(k) {
            return false;
        }
        let d = self.guard_shape(d, C::Dict.shape());
        let v = self.as_word(v);
        let other = self.f.new_block();
        if !self.ty(k).is_int() {
            // Names of namespaces are told to who watches them.
            let header = self.def(Inst::LoadRaw(d, 0), Ty::RAW);
            let watched = self.raw(watch::IN_HEADER as i64);
            let watched = self.def(Inst::RawOp(RawOp::And, header, watched), Ty::RAW);
            let none = self.raw(0);
            let free = self.def(Inst::RawCmp(Cmp::Eq, watched, none), Ty::BOOL);
            self.or_else(free, other);
        }
        let looked = self.look_for(d, k, other);
        let three = self.raw(3);
        let index = self.def(Inst::RawOp(RawOp::Mul, looked.n, three), Ty::RAW);
        let at = ENTRIES - ENTRY + VALUE;
        self.def(Inst::StoreItem(looked.table, index, at, v), Ty::NONE);
        let mut edges = Vec::new();
        self.edge(&mut edges);
        self.f.blocks[looked.missing.index()].term = Term::Jump(looked.other, vec![]);
        self.enter(looked.other);
        self.call(id::set_subscript, &[d, k, v]);
        self.edge(&mut edges);
        self.meet_again(edges);
        true
    }

    /// `s | {…}`: a set joined with items, of which no set is made; the next instruction to build.
    pub fn joined_with_items(&mut self, i: usize, n: usize) -> Option<usize> {
        let u = self.cx.unit.clone();
        let next = u.ins.get(i + 1)?;
        let joins = next.op == Op::BINARY_OP && next.arg == binary::OR && !u.is_start[i + 1];
        let Held::Value(s) = self.env.slots[self.env.slots.len().checked_sub(n + 1)?] else {
            return None;
        };
        if !joins || n == 0 || !self.ty(s).may(kind::OBJECT) || self.bad(Why::Kind) {
            return None;
        }
        let base = self.spill(n);
        let count = self.raw(n as i64);
        let v = self.plain(id::plain_with_items, &[s, base, count], Ty::OBJECT)?;
        if self.counts {
            self.count();
        }
        self.drop_n(n + 1);
        self.push(v);
        Some(i + 2)
    }

    fn value_of(&mut self, entry: V) -> V {
        let at = ENTRIES - ENTRY + VALUE;
        let v = self.def(Inst::Load(entry, at), Ty::word(kind::ANY | kind::EMPTY));
        let x = self.exit(Why::Empty);
        self.def(Inst::Guard(v, Test::NotEmpty, x), Ty::ANY)
    }

    /// Go on where the condition holds.
    pub fn or_else(&mut self, c: V, other: Block) {
        let next = self.f.new_block();
        self.end(Term::Branch(c, next, other));
        self.enter(next);
    }

    /// The hash of the key, if it is plain to see.
    fn hash_of(&mut self, k: V, other: Block) -> V {
        if self.ty(k).may(kind::INT) {
            let mut int = k;
            if !self.ty(k).is_int() {
                let is = self.def(Inst::BothInts(k, k), Ty::BOOL);
                self.or_else(is, other);
                int = self.def(Inst::Known(k), Ty::INT);
            }
            let int = self.def(Inst::Untag(int), Ty::RAW);
            let end = self.raw(hash::MODULUS as i64);
            let plain = self.def(Inst::Below(int, end), Ty::BOOL);
            self.or_else(plain, other);
            return int;
        }
        if let Some(s) = self.constant_text(k) {
            return self.raw(s.hash() as i64);
        }
        let hash = self.def(Inst::LoadRaw(k, HASH), Ty::RAW);
        let none = self.raw(0);
        let known = self.def(Inst::RawCmp(Cmp::Ne, hash, none), Ty::BOOL);
        self.or_else(known, other);
        hash
    }

    fn look_for(&mut self, map: V, k: V, other: Block) -> Looked {
        let hash = self.hash_of(k, other);
        let table = self.def(Inst::LoadRaw(map, TABLE), Ty::RAW);
        let mask = self.def(Inst::LoadRaw(table, MASK), Ty::RAW);
        let slot = self.def(Inst::RawOp(RawOp::And, hash, mask), Ty::RAW);
        let capacity = self.def(Inst::LoadRaw(table, CAPACITY), Ty::RAW);
        let size = self.raw(ENTRY as i64);
        let room = self.def(Inst::RawOp(RawOp::Mul, capacity, size), Ty::RAW);
        let base = self.def(Inst::RawOp(RawOp::Add, table, room), Ty::RAW);
        let n = self.index_word(base, mask, slot);
        let none = self.raw(0);
        let there = self.def(Inst::RawCmp(Cmp::Ne, n, none), Ty::BOOL);
        let (there, missing) = self.split(there);
        self.enter(there);
        let at = self.def(Inst::RawOp(RawOp::Mul, n, size), Ty::RAW);
        let entry = self.def(Inst::RawOp(RawOp::Add, table, at), Ty::RAW);
        let any = Ty::word(kind::ANY | kind::EMPTY);
        let key = self.def(Inst::Load(entry, ENTRIES - ENTRY + KEY), any);
        let same = self.def(Inst::Same(key, k), Ty::BOOL);
        self.or_else(same, other);
        Looked {
            table,
            n,
            entry,
            missing,
            other,
        }
    }

    /// The word of the index at this place.
    fn index_word(&mut self, base: V, mask: V, slot: V) -> V {
        let words = [(256, Number::U8), (65536, Number::U16)];
        let mut ways = Vec::new();
        for (end, number) in words {
            let end = self.raw(end);
            let so = self.def(Inst::Below(mask, end), Ty::BOOL);
            let (yes, no) = self.split(so);
            self.enter(yes);
            let n = Inst::LoadNumber(number, base, slot, ENTRIES + ENTRY);
            ways.push((yes, self.def(n, Ty::RAW)));
            self.enter(no);
        }
        let n = Inst::LoadNumber(Number::U32, base, slot, ENTRIES + ENTRY);
        let last = (self.cur, self.def(n, Ty::RAW));
        self.rejoin([ways[0], ways[1], last], Ty::RAW)
    }
}

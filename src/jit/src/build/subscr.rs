//! Subscripts and lengths of built-in containers.

use super::Builder;
use super::calls::class_of_shape;
use super::iterate::{BUF_ITEMS, BUF_LEN, LIST_BUF};
use super::ops::TUPLE_ITEMS;
use crate::helpers::id;
use crate::ir::*;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::interp::feedback::{
    NUMBER_CODES, SEEN_DICT, SEEN_LIST, SEEN_OTHER_CONTAINER, SEEN_TUPLE,
};
use habu_runtime::interp::frame::flag;
use habu_runtime::names::N;
use habu_runtime::object::{ByteArrayObj, BytesObj, RawBuf, SliceObj, StrObj, ValueExt};
use habu_runtime::spec::type_flags;
use std::mem::{offset_of, size_of};

pub const STR_LEN: i32 = offset_of!(StrObj, len) as i32;
/// Where objects of a class with `type_flags::NUMBERS` have their bytearray and their type code.
const ARRAY_STORE: i32 = 16;
const ARRAY_CODE: i32 = 24;

/// What is subscripted.
enum Container {
    List,
    Tuple,
    Str,
    /// Numbers in memory: shape of the object, how they lie there.
    Numbers(u32, Number),
    Dict,
    /// An object of a class made in Python.
    Python(u32),
    Any,
}

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

    pub fn tuple_length(&mut self, t: V) -> V {
        // The upper half of the word at an odd half: read it shifted by four bytes.
        let w = self.def(Inst::LoadFixed(t, SIZES, Ty::RAW), Ty::RAW);
        self.def(Inst::HighHalf(w), Ty::RAW)
    }

    /// An index into something of this length, counted from the front, checked.
    fn index(&mut self, k: V, len: V) -> V {
        let i = self.def(Inst::Untag(k), Ty::RAW);
        let (i, why) = match self.constant_int(k) {
            Some(c) if c >= 0 => (i, Why::Index),
            Some(_) => {
                let back = self.def(Inst::RawOp(RawOp::Add, i, len), Ty::RAW);
                (back, Why::Index)
            }
            None if !self.bad(Why::Negative) => (i, Why::Negative),
            None => {
                let zero = self.raw(0);
                let neg = self.def(Inst::RawCmp(Cmp::Lt, i, zero), Ty::BOOL);
                let back = self.def(Inst::RawOp(RawOp::Add, i, len), Ty::RAW);
                (self.def(Inst::Select(neg, back, i), Ty::RAW), Why::Index)
            }
        };
        let x = self.exit(why);
        self.def(Inst::Bounded(i, len, x), Ty::RAW)
    }

    /// A slice of a built-in container, which is of the same type.
    pub fn plain_slice(&mut self, c: V, [from, to, step]: [V; 3]) -> Option<V> {
        let same = [C::List, C::Str, C::Tuple].map(C::shape);
        let ty = match self.ty(c).shape {
            s if same.contains(&s) => Ty::shape(s),
            _ => Ty::ANY,
        };
        self.plain(id::plain_slice, &[c, from, to, step], ty)
    }

    /// The parts of a slice that is a constant.
    pub fn constant_slice(&mut self, k: V) -> Option<[V; 3]> {
        let k = Value::from_bits(self.constant_of(k)?)?;
        let s = k
            .cast::<SliceObj>()
            .filter(|_| k.shape() == C::Slice.shape())?;
        Some([&s.start, &s.stop, &s.step].map(|p| self.word(p.bits())))
    }

    pub fn subscript(&mut self, i: usize) {
        let k = self.pop();
        let c = self.pop_word();
        if self.ty(c).may(kind::OBJECT)
            && let Some(parts) = self.constant_slice(k)
            && let Some(v) = self.plain_slice(c, parts)
        {
            return self.push(v);
        }
        if !self.guess_failed() && self.ty(c).may(kind::OBJECT) {
            match self.container(i, c) {
                Container::List if self.may_be_int(k) => {
                    let (buf, at) = self.list_place(c, k);
                    let v = self.def(Inst::LoadItem(buf, at, BUF_ITEMS), Ty::ANY);
                    return self.push(v);
                }
                Container::Tuple if self.may_be_int(k) => {
                    let t = self.guard_shape(c, C::Tuple.shape());
                    let k = self.guard_int(k);
                    let len = self.tuple_length(t);
                    let at = self.index(k, len);
                    let v = self.def(Inst::LoadItem(t, at, TUPLE_ITEMS), Ty::ANY);
                    return self.push(v);
                }
                Container::Str if self.may_be_int(k) => {
                    let s = self.guard_shape(c, C::Str.shape());
                    let k = self.guard_int(k);
                    let len = self.def(Inst::LoadFixed(s, STR_LEN, Ty::RAW), Ty::RAW);
                    let at = self.index(k, len);
                    let v = self.char_at(s, at);
                    return self.push(v);
                }
                Container::Dict => {
                    if let Some(v) = self.found_or_end(c, k) {
                        return self.push(v);
                    }
                    if let Some(v) = self.key_subscript(c, k) {
                        return self.push(v);
                    }
                }
                Container::Numbers(shape, n) if self.may_be_int(k) => {
                    let v = self.number_at(c, shape, n, k);
                    return self.push(v);
                }
                Container::Python(shape) if self.special_subscript(c, shape, k) => return,
                _ => {}
            }
        }
        let k = self.as_word(k);
        let builtin = self.cx.unit.containers(i) & SEEN_OTHER_CONTAINER == 0;
        let plain = match builtin && self.ty(c).may(kind::OBJECT) {
            true => self.plain(id::plain_subscript, &[c, k], Ty::ANY),
            false => None,
        };
        let v = match plain {
            Some(v) => v,
            None => self.call(id::subscript, &[c, k]),
        };
        self.push(v);
    }

    pub fn store_subscript(&mut self, i: usize) {
        let k = self.pop();
        let c = self.pop_word();
        let v = self.pop();
        if !self.guess_failed() && self.ty(c).may(kind::OBJECT) {
            match self.container(i, c) {
                Container::List if self.may_be_int(k) => {
                    let v = self.as_word(v);
                    let (buf, at) = self.list_place(c, k);
                    self.def(Inst::StoreItem(buf, at, BUF_ITEMS, v), Ty::NONE);
                    return;
                }
                Container::Numbers(shape, n)
                    if self.may_be_int(k)
                        && self.may_be_number(v, n)
                        && shape != C::Bytes.shape() =>
                {
                    return self.set_number_at(c, shape, n, k, v);
                }
                Container::Dict if self.key_store(c, k, v) => return,
                Container::Python(shape) if self.special_store(c, shape, k, v) => return,
                _ => {}
            }
        }
        let (k, v) = (self.as_word(k), self.as_word(v));
        self.call(id::set_subscript, &[c, k, v]);
    }

    /// What the container is, by its type or by what the site has seen.
    fn container(&self, i: usize, c: V) -> Container {
        let u = &self.cx.unit;
        let shape = match (self.ty(c).shape, u.containers(i)) {
            (0, SEEN_LIST) => C::List.shape(),
            (0, SEEN_TUPLE) => C::Tuple.shape(),
            (0, SEEN_DICT) => C::Dict.shape(),
            (0, SEEN_OTHER_CONTAINER) => match u.container_shape(i) {
                Some(s) => s,
                None => return Container::Any,
            },
            (0, _) => return Container::Any,
            (s, _) => s,
        };
        if shape == C::List.shape() {
            Container::List
        } else if shape == C::Tuple.shape() {
            Container::Tuple
        } else if shape == C::Str.shape() {
            Container::Str
        } else if shape == C::Bytes.shape() || shape == C::ByteArray.shape() {
            Container::Numbers(shape, Number::U8)
        } else if shape == C::Dict.shape() {
            Container::Dict
        } else if shape < habu_runtime::classes::FIRST_DYNAMIC_SHAPE {
            Container::Any
        } else if class_of_shape(shape).is_some_and(|t| t.has(type_flags::NUMBERS)) {
            match u.array_code(i) {
                Some(n) => Container::Numbers(shape, n),
                None => Container::Any,
            }
        } else {
            Container::Python(shape)
        }
    }

    fn guess_failed(&self) -> bool {
        self.bad(Why::Shape)
            || self.bad(Why::Int)
            || self.bad(Why::Index)
            || self.bad(Why::Overflow)
    }

    fn may_be_int(&self, k: V) -> bool {
        self.ty(k).rep == Rep::Word && self.ty(k).may(kind::INT)
    }

    /// A list's buffer, and the index into it.
    fn list_place(&mut self, c: V, k: V) -> (V, V) {
        let l = self.guard_shape(c, C::List.shape());
        let k = self.guard_int(k);
        let buf = self.def(Inst::LoadRaw(l, LIST_BUF), Ty::RAW);
        let len = self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW);
        let at = self.index(k, len);
        (buf, at)
    }

    // ---- numbers in memory

    /// Where an array's numbers lie, and index and offset of one of them.
    fn number_place(&mut self, c: V, shape: u32, n: Number, k: V) -> (V, V, i32) {
        let o = self.guard_shape(c, shape);
        let k = self.guard_int(k);
        if shape == C::Bytes.shape() {
            let len = offset_of!(BytesObj, len) as i32;
            let len = self.def(Inst::LoadFixed(o, len, Ty::RAW), Ty::RAW);
            let at = self.index(k, len);
            return (o, at, size_of::<BytesObj>() as i32);
        }
        let store = if shape == C::ByteArray.shape() {
            o
        } else {
            self.array_store(o, n)
        };
        let part = |l: &mut Self, off: usize| l.def(Inst::LoadRaw(store, off as i32), Ty::RAW);
        let bytes = part(self, offset_of!(ByteArrayObj, len));
        let len = match n.scale() {
            0 => bytes,
            s => {
                let s = self.raw(s as i64);
                self.def(Inst::RawOp(RawOp::Shr, bytes, s), Ty::RAW)
            }
        };
        let at = self.index(k, len);
        let buf = part(self, offset_of!(ByteArrayObj, buf));
        let start = part(self, offset_of!(ByteArrayObj, start));
        let base = self.def(Inst::RawOp(RawOp::Add, buf, start), Ty::RAW);
        (base, at, size_of::<RawBuf>() as i32)
    }

    /// The bytearray of an array whose numbers are of this type.
    fn array_store(&mut self, o: V, n: Number) -> V {
        let code = self.def(Inst::LoadFixed(o, ARRAY_CODE, Ty::RAW), Ty::RAW);
        let mut codes = NUMBER_CODES
            .iter()
            .filter(|&&c| Number::of_code(c) == Some(n));
        let want = codes.next().copied().unwrap_or(0);
        let want = self.raw(Value::small_int(want as i64).bits() as i64);
        let mut same = self.def(Inst::RawCmp(Cmp::Eq, code, want), Ty::BOOL);
        if let Some(&other) = codes.next() {
            // `l` and `q` are the same.
            let other = self.raw(Value::small_int(other as i64).bits() as i64);
            let chosen = self.def(Inst::Select(same, want, other), Ty::RAW);
            same = self.def(Inst::RawCmp(Cmp::Eq, code, chosen), Ty::BOOL);
        }
        self.guard_true(same, Why::Shape);
        self.def(Inst::LoadFixed(o, ARRAY_STORE, Ty::OBJECT), Ty::OBJECT)
    }

    fn number_at(&mut self, c: V, shape: u32, n: Number, k: V) -> V {
        let (base, at, off) = self.number_place(c, shape, n, k);
        if n.is_float() {
            return self.def(Inst::LoadNumber(n, base, at, off), Ty::F64);
        }
        let i = self.def(Inst::LoadNumber(n, base, at, off), Ty::RAW);
        if n == Number::I64 {
            let half = self.raw(1 << 62);
            let moved = self.def(Inst::RawOp(RawOp::Add, i, half), Ty::RAW);
            let all = self.raw(i64::MIN);
            let fits = self.def(Inst::Below(moved, all), Ty::BOOL);
            self.guard_true(fits, Why::Overflow);
        }
        self.def(Inst::Tag(i), Ty::INT)
    }

    fn may_be_number(&self, v: V, n: Number) -> bool {
        let t = self.ty(v);
        match n.is_float() {
            true => t.may(kind::FLOAT | kind::INT) && !self.bad(Why::Float),
            false => t.rep == Rep::Word && t.may(kind::INT),
        }
    }

    fn set_number_at(&mut self, c: V, shape: u32, n: Number, k: V, v: V) {
        let v = if n.is_float() {
            self.as_float(v)
        } else {
            let v = self.guard_int(v);
            let i = self.def(Inst::Untag(v), Ty::RAW);
            if let Some((least, most)) = n.range() {
                let low = self.raw(least);
                let moved = self.def(Inst::RawOp(RawOp::Sub, i, low), Ty::RAW);
                let width = self.raw(most - least + 1);
                let fits = self.def(Inst::Below(moved, width), Ty::BOOL);
                self.guard_true(fits, Why::Overflow);
            }
            i
        };
        let (base, at, off) = self.number_place(c, shape, n, k);
        self.def(Inst::StoreNumber(n, base, at, off, v), Ty::NONE);
    }

    // ---- classes of Python code

    /// `c[k]` by `__getitem__` of a class.
    fn special_subscript(&mut self, c: V, shape: u32, k: V) -> bool {
        let Some(r) = self.special_call(c, shape, N::GetItem, &[k], flag::NARROW) else {
            return false;
        };
        if !self.done {
            self.push(r);
        }
        true
    }

    fn special_store(&mut self, c: V, shape: u32, k: V, v: V) -> bool {
        let flags = flag::NARROW | flag::DROP;
        self.special_call(c, shape, N::SetItem, &[k, v], flags)
            .is_some()
    }

    /// What `LOAD_SPECIAL` finds in the class of an object that is known, if it is a function.
    pub fn special_known(&mut self, o: V, which: u32) -> Option<V> {
        if self.bad(Why::Class) {
            return None;
        }
        let shape = match self.ty(o).shape {
            0 => *self.env.shapes.get(&o)?,
            s => s,
        };
        let t = class_of_shape(shape)?;
        let name = habu_runtime::interp::control::special_name(which);
        let f = habu_runtime::core::class::special(t, name)?;
        if !habu_runtime::ops::call::is_plain_method(f) {
            return None;
        }
        self.same_specials(t);
        Some(self.word(f.bits()))
    }

    /// Call a special method that is a Python function, for an instruction that is done with it.
    fn special_call(&mut self, o: V, shape: u32, n: N, args: &[V], flags: u64) -> Option<V> {
        if self.bad(Why::Class) {
            return None;
        }
        let f = self.python_special(shape, n)?;
        let t = class_of_shape(shape)?;
        if f.simple_argc.get().and_then(|v| v.as_int()) != Some(args.len() as i64 + 1) {
            return None;
        }
        let o = self.guard_shape(o, shape);
        self.same_specials(t);
        let mut all = vec![o];
        all.extend(args);
        let at = self.env.slots.len();
        self.call_function(f, all, &[], at, flags)
    }

    /// `list.append` on a list: right here where its buffer has room.
    pub fn append(&mut self, l: V, v: V) {
        let v = self.as_word(v);
        let buf = self.def(Inst::LoadRaw(l, LIST_BUF), Ty::RAW);
        let n = self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW);
        let sizes = self.def(Inst::LoadRaw(buf, SIZES), Ty::RAW);
        let room = self.def(Inst::HighHalf(sizes), Ty::RAW);
        let fits = self.def(Inst::Below(n, room), Ty::BOOL);
        let (here, full) = self.split(fits);
        self.enter(full);
        self.f.blocks[full.index()].cold = true;
        self.call(id::list_append, &[l, v]);
        let full = self.cur;
        self.enter(here);
        self.def(Inst::StoreItem(buf, n, BUF_ITEMS, v), Ty::NONE);
        let one = self.raw(1);
        let more = self.def(Inst::RawOp(RawOp::Add, n, one), Ty::RAW);
        self.def(Inst::StoreRaw(buf, BUF_LEN, more), Ty::NONE);
        let join = self.f.new_block();
        for b in [here, full] {
            self.f.blocks[b.index()].term = Term::Jump(join, vec![]);
        }
        self.enter(join);
    }
}

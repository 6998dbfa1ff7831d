//! Characters. An item of a text is its code point first, and the text of that one character second: what compares
//! it with constants asks for the code point, and the text is one of a table that nobody has to make.
//!
//! What must hold: `Env::codes` has code points of texts of one character only.

use super::Builder;
use super::subscr::STR_LEN;
use crate::helpers::id;
use crate::ir::*;
use habu_bytecode::opcode::compare as cmp;
use habu_heap::{Header, Value};
use habu_runtime::classes::C;
use habu_runtime::core::string::{ASCII, WIDTH_MASK};
use habu_runtime::object::*;
use habu_runtime::runtime::rt;
use std::mem::{offset_of, size_of};

const OWNER: i32 = offset_of!(StrObj, owner) as i32;
const DATA: i32 = size_of::<StrObj>() as i32;
/// Characters whose texts the runtime keeps.
const KEPT: i64 = 256;

impl Builder<'_> {
    /// Character `at`, a machine integer below the text's length.
    pub fn char_at(&mut self, s: V, at: V) -> V {
        let code = self.code_at(s, at);
        self.char_of(code)
    }

    fn code_at(&mut self, s: V, at: V) -> V {
        let header = self.def(Inst::LoadFixed(s, 0, Ty::RAW), Ty::RAW);
        let width = self.raw(Header::word(0, 0, WIDTH_MASK) as i64);
        let width = self.def(Inst::RawOp(RawOp::And, header, width), Ty::RAW);
        let narrow = self.equal_raw(width, 0);
        let (bytes, wide) = self.split(narrow);
        self.enter(wide);
        let call = Inst::Call(id::str_code, [s, at].into(), None);
        let y = self.def(call, Ty::RAW);
        self.enter(bytes);
        // They stand behind the text's struct or in the buffer that it shares.
        let owner = self.def(Inst::LoadFixed(s, OWNER, Ty::RAW), Ty::RAW);
        let beyond = self.raw((size_of::<RawBuf>() as i32 - DATA) as i64);
        let shared = self.def(Inst::RawOp(RawOp::Add, owner, beyond), Ty::RAW);
        let own = self.equal_raw(owner, 0);
        let base = self.def(Inst::Select(own, s, shared), Ty::RAW);
        let x = self.def(Inst::LoadNumber(Number::U8, base, at, DATA), Ty::RAW);
        self.rejoin([(bytes, x), (wide, y)], Ty::RAW)
    }

    fn equal_raw(&mut self, v: V, to: i64) -> V {
        let to = self.raw(to);
        self.def(Inst::RawCmp(Cmp::Eq, v, to), Ty::BOOL)
    }

    /// The text of one character.
    fn char_of(&mut self, code: V) -> V {
        let ty = Ty::shape(C::Str.shape());
        let kept = self.raw(KEPT);
        let kept = self.def(Inst::Below(code, kept), Ty::BOOL);
        let (latin, other) = self.split(kept);
        self.enter(other);
        let y = self.call_as(id::wide_char, &[code], ty);
        let other = self.cur;
        self.enter(latin);
        let table = self.raw(rt().chars.as_ptr() as i64);
        let x = self.def(Inst::LoadItem(table, code, 0), ty);
        let v = self.rejoin([(latin, x), (other, y)], ty);
        self.env.codes.insert(v, code);
        v
    }

    /// The code point of a text that is one character.
    pub fn code_of(&mut self, v: V) -> Option<V> {
        if let Some(&code) = self.env.codes.get(&v) {
            return Some(code);
        }
        let s = self.constant_text(v).filter(|s| s.len() == 1)?;
        Some(self.raw(s.at(0) as i64))
    }

    pub fn constant_text(&self, v: V) -> Option<Gc<StrObj>> {
        let s = Value::from_bits(self.constant_of(v)?)?;
        s.cast().filter(|_| s.shape() == C::Str.shape())
    }

    /// A comparison of characters.
    pub fn compared_chars(&mut self, c: Cmp, l: V, r: V) -> Option<V> {
        if !self.env.codes.contains_key(&l) && !self.env.codes.contains_key(&r) {
            return None;
        }
        let (l, r) = (self.code_of(l)?, self.code_of(r)?);
        Some(self.def(Inst::RawCmp(c, l, r), Ty::BOOL))
    }

    /// Is a text the constant one? Another length says no before anything is called.
    pub fn is_text(&mut self, op: u32, l: V, r: V) -> Option<V> {
        let (v, s) = match (self.constant_text(l), self.constant_text(r)) {
            (None, Some(s)) => (l, s),
            (Some(s), None) => (r, s),
            _ => return None,
        };
        if self.ty(v).shape != C::Str.shape() || !matches!(op, cmp::EQ | cmp::NE) {
            return None;
        }
        let constant = if v == l { r } else { l };
        let unlike = self.word(Value::bool(op == cmp::NE).bits());
        let len = self.def(Inst::LoadFixed(v, STR_LEN, Ty::RAW), Ty::RAW);
        let alike = self.equal_raw(len, s.len() as i64);
        let (alike, other) = self.split(alike);
        self.enter(alike);
        let op = self.raw(op as i64);
        let bool = Ty::word(kind::BOOL);
        let call = Inst::Call(id::same_text, [op, v, constant].into(), None);
        let told = self.def(call, bool);
        let told = self.rejoin([(self.cur, told), (other, unlike)], bool);
        let yes = self.word(Value::TRUE.bits());
        Some(self.def(Inst::Same(told, yes), Ty::BOOL))
    }

    /// The sum of texts, one of which is known to be one.
    pub fn joined_texts(&mut self, l: V, r: V) -> Option<V> {
        let str_shape = C::Str.shape();
        let shape = |v: V| self.ty(v).shape;
        let possible =
            |v: V| shape(v) == str_shape || shape(v) == 0 && self.ty(v).may(kind::OBJECT);
        let one = shape(l) == str_shape || shape(r) == str_shape;
        if !one || !possible(l) || !possible(r) || self.bad(Why::Shape) {
            return None;
        }
        let l = self.guard_shape(l, str_shape);
        let r = self.guard_shape(r, str_shape);
        Some(self.call_as(id::concat, &[l, r], Ty::shape(str_shape)))
    }

    /// Is the character in a constant text?
    pub fn char_in(&mut self, text: V, v: V) -> Option<V> {
        let code = *self.env.codes.get(&v)?;
        let s = self
            .constant_text(text)
            .filter(|s| s.flags() & ASCII != 0)?;
        let set = s.bytes().iter().fold(0u128, |m, &c| m | 1 << c);
        let low = self.raw(set as u64 as i64);
        let high = self.raw((set >> 64) as u64 as i64);
        let (half, all) = (self.raw(64), self.raw(128));
        let in_low = self.def(Inst::Below(code, half), Ty::BOOL);
        let in_all = self.def(Inst::Below(code, all), Ty::BOOL);
        let none = self.raw(0);
        let high = self.def(Inst::Select(in_all, high, none), Ty::RAW);
        let set = self.def(Inst::Select(in_low, low, high), Ty::RAW);
        // Shifts go by the distance's low six bits.
        let six = self.raw(63);
        let bit = self.def(Inst::RawOp(RawOp::And, code, six), Ty::RAW);
        let set = self.def(Inst::RawOp(RawOp::Shr, set, bit), Ty::RAW);
        let one = self.raw(1);
        let set = self.def(Inst::RawOp(RawOp::And, set, one), Ty::RAW);
        Some(self.def(Inst::RawCmp(Cmp::Ne, set, none), Ty::BOOL))
    }
}

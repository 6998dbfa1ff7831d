//! Globals and builtins: constants, as long as nobody gives their name another value.

use super::Builder;
use crate::helpers::id;
use crate::ir::*;
use habu_runtime::classes::C;
use habu_runtime::core::{dict, watch};
use habu_runtime::interp::feedback::Site;
use habu_runtime::object::{CodeObj, DictObj, FunctionObj, Gc, StrObj, ValueExt};
use habu_runtime::types::function::home;
use habu_runtime::value::Value;
use std::mem::offset_of;

impl Builder<'_> {
    fn globals(&self) -> Option<Gc<DictObj>> {
        self.cx.unit.func.globals.get()?.cast()
    }

    /// The function whose code this is may be another one with other globals: asked once, at the entry, unless all of
    /// them have the same.
    pub fn guard_globals(&mut self) {
        let u = self.cx.unit.clone();
        use habu_bytecode::Op::{LOAD_GLOBAL, STORE_GLOBAL};
        let mentions = u
            .ins
            .iter()
            .any(|x| matches!(x.op, LOAD_GLOBAL | STORE_GLOBAL));
        if !mentions || self.cx.body != Body(0) {
            return;
        }
        let globals = u.func.globals.get().and_then(|g| g.cast::<DictObj>());
        if !self.bad(Why::Global) && globals.is_some() && home(u.code) == globals {
            let what = offset_of!(CodeObj, home) as u64;
            return self.assume(u.code.value(), what, Why::Global);
        }
        let f = self.own_function();
        for (off, now) in [
            (offset_of!(FunctionObj, globals), u.func.globals.bits()),
            (offset_of!(FunctionObj, builtins), u.func.builtins.bits()),
        ] {
            self.f.roots.push(now);
            let have = self.def(Inst::LoadFixed(f, off as i32, Ty::RAW), Ty::RAW);
            let want = self.raw(now as i64);
            let same = self.def(Inst::RawCmp(Cmp::Eq, have, want), Ty::BOOL);
            self.guard_true(same, Why::Global);
        }
    }

    pub fn load_global(&mut self, arg: u32) {
        let name = self.cx.unit.name(arg >> 1);
        let v = self.global(name);
        self.push(v);
        if arg & 1 != 0 {
            self.env.slots.push(Held::Empty);
        }
    }

    fn global(&mut self, name: u64) -> V {
        let site = self.cx.unit.site(self.at);
        if let Some(g) = self.globals() {
            let builtins = self
                .cx
                .unit
                .func
                .builtins
                .get()
                .and_then(|b| b.cast::<DictObj>());
            match site {
                Site::Global { index } => {
                    if let Some(v) = self.entry(g, index, name) {
                        return v;
                    }
                }
                Site::Builtin { stamp, index }
                    if habu_runtime::interp::names::stamp(g) == stamp && !self.bad(Why::Global) =>
                {
                    if let Some(b) = builtins {
                        // The globals do not get this name.
                        self.assume(g.value(), name, Why::Global);
                        if let Some(v) = self.entry(b, index, name) {
                            return v;
                        }
                    }
                }
                _ => {}
            }
        }
        let name = self.word(name);
        let fp = self.def(Inst::FrameAddress(self.base()), Ty::RAW);
        self.call(id::load_global, &[fp, name])
    }

    /// Give a global another value.
    pub fn store_global(&mut self, name: u64, v: V) {
        if self.store_in_entry(name, v).is_none() {
            let name = self.word(name);
            let fp = self.def(Inst::FrameAddress(self.base()), Ty::RAW);
            self.call(id::store_global, &[fp, name, v]);
        }
    }

    /// The same where the namespace has the name: right in its entry, unless somebody wants to know.
    fn store_in_entry(&mut self, name: u64, v: V) -> Option<()> {
        let g = self
            .globals()
            .filter(|g| g.value().shape() == C::Dict.shape())?;
        let text = Value::from_bits(name)?.cast::<StrObj>()?;
        let t = dict::table(g);
        let e = t.entry(dict::index_of(g, text)?);
        if e.key.bits() != name || e.value.bits() == 0 || self.bad(Why::Global) {
            return None;
        }
        let off = (&e.value as *const _ as u64 - t.raw() as u64) as i32;
        self.assume(g.value(), watch::TABLE, Why::Global);
        self.f.roots.push(t.value().bits());
        let table = self.raw(t.raw() as i64);
        let now = self.def(Inst::Load(table, off), Ty::word(kind::ANY | kind::EMPTY));
        let x = self.exit(Why::Empty);
        let now = self.def(Inst::Guard(now, Test::NotEmpty, x), Ty::ANY);
        self.f.relied.push(now);
        let (word, bit) = watch::place(g.raw() as u64, name);
        let word = self.raw(word as i64);
        let asked = self.def(Inst::LoadRaw(word, 0), Ty::RAW);
        let bit = self.raw(bit as i64);
        let asked = self.def(Inst::RawOp(RawOp::And, asked, bit), Ty::RAW);
        let no = self.raw(0);
        let quiet = self.def(Inst::RawCmp(Cmp::Eq, asked, no), Ty::BOOL);
        let (quiet, told) = self.split(quiet);
        self.enter(told);
        self.f.blocks[told.index()].cold = true;
        let (d, key) = (self.word(g.value().bits()), self.word(name));
        self.call(id::store_entry, &[d, key, v]);
        let told = self.cur;
        self.enter(quiet);
        self.def(Inst::Store(table, off, v), Ty::NONE);
        let join = self.f.new_block();
        for b in [quiet, told] {
            self.f.blocks[b.index()].term = Term::Jump(join, vec![]);
        }
        self.enter(join);
        // What is taken for granted here may have been what changed.
        self.env.valid = false;
        Some(())
    }

    /// Entry `index` of a namespace, if it has this name.
    pub fn entry(&mut self, d: Gc<DictObj>, index: usize, name: u64) -> Option<V> {
        let t = dict::table(d);
        if index >= t.used() || t.entry(index).key.bits() != name {
            return None;
        }
        let slot = &t.entry(index).value as *const _ as u64;
        let off = (slot - t.raw() as u64) as i32;
        let now = t.entry(index).value.bits();
        if now == 0 {
            return None;
        }
        let first = *self.globals.entry(slot).or_insert(now);
        if first == now && !self.bad(Why::Same) {
            self.assume(d.value(), name, Why::Same);
            return Some(self.word(now));
        }
        if self.bad(Why::Global) {
            return None;
        }
        self.assume(d.value(), watch::TABLE, Why::Global);
        self.f.roots.push(t.value().bits());
        let table = self.raw(t.raw() as i64);
        let v = self.def(Inst::Load(table, off), Ty::word(kind::ANY | kind::EMPTY));
        let x = self.exit(Why::Empty);
        Some(self.def(Inst::Guard(v, Test::NotEmpty, x), Ty::ANY))
    }
}

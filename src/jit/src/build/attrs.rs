//! Attributes, by what the inline caches remember.

use super::Builder;
use super::env::Fact;
use crate::helpers::id;
use crate::ir::*;
use habu_runtime::interp::feedback::Site;
use habu_runtime::kinds;
use habu_runtime::object::{Entry, FunctionObj, Gc, ModuleObj, PropertyObj, ValueExt};
use std::mem::offset_of;

/// Offset of value word `n` behind the header.
fn word_offset(n: u32) -> i32 {
    8 + 8 * n as i32
}

impl Builder<'_> {
    /// Guard that objects of the value's shape are still answered by this cache entry; the object.
    fn guard_entry(&mut self, v: V, entry: *const Entry) -> Option<V> {
        // SAFETY: caches hold live entries; nothing was collected since.
        let e = unsafe { &*entry };
        let shape = e.shape.get() as u32;
        if shape == 0 {
            return None;
        }
        self.f.roots.push(entry as u64);
        let v = self.guard_shape(v, shape);
        if self.env.facts.insert(Fact::Entry(entry as u64)) {
            let a = self.raw(entry as i64);
            let off = offset_of!(Entry, shape) as i32;
            let have = self.def(Inst::LoadRaw(a, off), Ty::RAW);
            let want = self.raw(shape as i64);
            let same = self.def(Inst::RawCmp(Cmp::Eq, have, want), Ty::BOOL);
            self.guard_true(same, Why::Class);
        }
        Some(v)
    }

    fn entry_value(entry: *const Entry) -> u64 {
        // SAFETY: as above.
        unsafe { (*entry).value.bits() }
    }

    fn load_word(&mut self, o: V, word: u32) -> V {
        let v = self.def(
            Inst::Load(o, word_offset(word)),
            Ty::word(kind::ANY | kind::EMPTY),
        );
        let x = self.exit(Why::Empty);
        self.def(Inst::Guard(v, Test::NotEmpty, x), Ty::ANY)
    }

    pub fn load_attr(&mut self, i: usize, arg: u32) {
        let (name, method) = (self.cx.unit.name(arg >> 1), arg & 1 != 0);
        let failed = self.bad(Why::Shape) || self.bad(Why::Class) || self.bad(Why::Empty);
        let site = self.cx.unit.site(i);
        let v = self.pop();
        if !failed && self.ty(v).may(kind::OBJECT) && self.cached_attr(v, site, name, method) {
            return;
        }
        let v = self.as_word(v);
        let name = self.word(name);
        if !method {
            let r = self.call(id::get_attr, &[v, name]);
            return self.push(r);
        }
        let at = self.env.slots.len() as u32 + self.base();
        let dest = self.def(Inst::FrameAddress(at), Ty::RAW);
        self.call(id::load_method, &[v, name, dest]);
        let f = self.def(Inst::Load(dest, 0), Ty::ANY);
        let this = self.def(Inst::Load(dest, 8), Ty::word(kind::ANY | kind::EMPTY));
        self.push(f);
        self.push(this);
    }

    /// By the cache; `false` where it does not help.
    fn cached_attr(&mut self, v: V, site: Site, name: u64, method: bool) -> bool {
        let r = match site {
            Site::Slot { shape, word } => {
                let o = self.guard_shape(v, shape);
                self.load_word(o, word)
            }
            Site::Member { entry, word } => match self.guard_entry(v, entry) {
                Some(o) => self.load_word(o, word),
                None => return false,
            },
            Site::Constant { entry } => match self.guard_entry(v, entry) {
                Some(_) => self.word(Self::entry_value(entry)),
                None => return false,
            },
            Site::Method { entry } if method => {
                let Some(o) = self.guard_entry(v, entry) else {
                    return false;
                };
                let f = self.word(Self::entry_value(entry));
                self.push(f);
                self.push(o);
                return true;
            }
            Site::Property { entry } if !method => {
                let Some(getter) = property_getter(entry) else {
                    return false;
                };
                let Some(o) = self.guard_entry(v, entry) else {
                    return false;
                };
                let at = self.env.slots.len();
                let Some(r) = self.call_function(getter, vec![o], at, 0) else {
                    return false;
                };
                r
            }
            Site::Module { index } => {
                let Some(m) = self.constant_of(v).and_then(module_at) else {
                    return false;
                };
                let Some(d) = m.dict.get().and_then(|d| d.cast()) else {
                    return false;
                };
                match self.entry(d, index, name) {
                    Some(r) => r,
                    None => return false,
                }
            }
            _ => return false,
        };
        if self.done {
            return true;
        }
        self.push(r);
        if method {
            self.env.slots.push(Held::Empty);
        }
        true
    }

    pub fn store_attr(&mut self, i: usize, arg: u32) {
        let name = self.cx.unit.name(arg);
        let o = self.pop_word();
        let v = self.pop_word();
        let failed = self.bad(Why::Shape) || self.bad(Why::Class);
        if !failed && self.ty(o).may(kind::OBJECT) {
            match self.cx.unit.site(i) {
                Site::Slot { shape, word } => {
                    let o = self.guard_shape(o, shape);
                    self.def(Inst::Store(o, word_offset(word), v), Ty::NONE);
                    return;
                }
                Site::Member { entry, word } => {
                    if let Some(o) = self.guard_entry(o, entry) {
                        self.def(Inst::Store(o, word_offset(word), v), Ty::NONE);
                        return;
                    }
                }
                Site::Add { old, new, word } => {
                    let o = self.guard_shape(o, old);
                    self.def(Inst::Store(o, word_offset(word), v), Ty::NONE);
                    // SAFETY: the cache keeps the shape object.
                    let id = unsafe { (*new).id() };
                    self.f.roots.push(new as u64);
                    self.def(Inst::SetShape(o, id), Ty::NONE);
                    // Another name for the same object would have had the old shape.
                    self.env.shapes.retain(|_, s| *s != old);
                    self.env.shapes.insert(o, id);
                    return;
                }
                _ => {}
            }
        }
        let name = self.word(name);
        self.call(id::set_attr, &[o, name, v]);
    }

    pub fn load_super_attr(&mut self, arg: u32) {
        let name = self.word(self.cx.unit.name(arg >> 2));
        let method = arg & 1 != 0;
        let base = self.spill(3);
        let how = self.raw((arg & 3) as i64);
        self.call(id::super_attr, &[name, how, base]);
        self.drop_n(3);
        let f = self.def(Inst::Load(base, 0), Ty::ANY);
        self.push(f);
        if method {
            let this = self.def(Inst::Load(base, 8), Ty::word(kind::ANY | kind::EMPTY));
            self.push(this);
        }
    }
}

fn property_getter(entry: *const Entry) -> Option<Gc<FunctionObj>> {
    // SAFETY: caches hold live entries.
    let p = unsafe { (*entry).value.get()? }.cast::<PropertyObj>()?;
    p.get.get()?.cast()
}

fn module_at(w: u64) -> Option<Gc<ModuleObj>> {
    let v = habu_heap::Value::from_bits(w)?;
    (v.kind() == kinds::MODULE).then(|| v.cast())?
}

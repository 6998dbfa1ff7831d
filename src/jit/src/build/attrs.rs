//! Attributes, by what the inline caches remember.

use super::Builder;
use super::calls::class_of_shape;
use super::env::Edge;
use super::many::Access;
use super::ops::TUPLE_ITEMS;
use crate::helpers::id;
use crate::ir::*;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, watch};
use habu_runtime::interp::descriptors::{self, Setter};
use habu_runtime::interp::feedback::Site;
use habu_runtime::interp::frame::flag;
use habu_runtime::interp::poly::{self, Answer, Form};
use habu_runtime::kinds;
use habu_runtime::object::{
    ArrayObj, CellObj, Entry, FunctionObj, Gc, GetSetObj, MethodObj, ModuleObj, PropertyObj,
    ShapeObj, StrObj, TupleObj, TypeObj, ValueExt,
};
use std::mem::offset_of;
use std::rc::Rc;

/// So many shapes of objects `super()` is known for.
const MAX_SUPER: usize = 8;

/// Offset of value word `n` behind the header.
fn word_offset(n: u32) -> i32 {
    8 + 8 * n as i32
}

impl Builder<'_> {
    /// Assume that the cache entry goes on to answer for this shape. `false`: it does not even now.
    pub fn still(&mut self, entry: *const Entry, shape: u32) -> bool {
        // SAFETY: caches hold live entries; nothing was collected since.
        if unsafe { (*entry).shape.get() } != shape as u64 {
            return false;
        }
        self.marked(entry);
        true
    }

    /// As long as the entry is not emptied.
    fn marked(&mut self, entry: *const Entry) {
        // SAFETY: caches hold live entries; nothing was collected since.
        let e = unsafe { Gc::from_raw(entry as *mut Entry) };
        self.assume(e.value(), offset_of!(Entry, shape) as u64, Why::Class);
    }

    pub fn entry_value(entry: *const Entry) -> u64 {
        // SAFETY: as above.
        unsafe { (*entry).value.bits() }
    }

    /// Assume that what instances have goes before what their classes have, as it does now.
    fn own_attributes(&mut self) {
        let object = habu_runtime::runtime::class_value(C::Object);
        self.assume(object, watch::ATTRIBUTES, Why::Class);
    }

    fn load_word(&mut self, o: V, word: u32) -> V {
        let v = self.def(
            Inst::Load(o, word_offset(word)),
            Ty::word(kind::ANY | kind::EMPTY),
        );
        let x = self.exit(Why::Empty);
        self.def(Inst::Guard(v, Test::NotEmpty, x), Ty::ANY)
    }

    /// Attributes beyond the inline words: behind the attribute storage's word.
    fn load_overflow(&mut self, o: V, index: u32) -> V {
        let storage = self.def(Inst::Load(o, word_offset(0)), Ty::OBJECT);
        let v = self.def(
            Inst::Load(storage, item_offset(index)),
            Ty::word(kind::ANY | kind::EMPTY),
        );
        let x = self.exit(Why::Empty);
        self.def(Inst::Guard(v, Test::NotEmpty, x), Ty::ANY)
    }

    fn store_overflow(&mut self, o: V, index: u32, v: V) {
        let storage = self.def(Inst::Load(o, word_offset(0)), Ty::OBJECT);
        self.def(Inst::Store(storage, item_offset(index), v), Ty::NONE);
    }

    pub fn load_attr(&mut self, i: usize, arg: u32) {
        let (name, method) = (self.cx.unit.name(arg >> 1), arg & 1 != 0);
        let failed = self.bad(Why::Class) || self.bad(Why::Empty);
        let site = self.cx.unit.site(i);
        let v = self.pop();
        if !failed && self.ty(v).may(kind::OBJECT) && self.cached_attr(v, site, name, method) {
            return;
        }
        self.any_attr(v, name, method);
    }

    /// The attribute by the runtime's own look-up.
    pub fn any_attr(&mut self, v: V, name: u64, method: bool) {
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

    /// What the site has met, as a list: where one shape was guessed and others came.
    fn known_answers(&self, site: Site) -> Option<Vec<Answer>> {
        match site {
            // SAFETY: a site of the unit's threaded code; nothing was collected since it was read.
            Site::Many { list } => Some(unsafe { poly::answers(list) }.collect()),
            _ if self.bad(Why::Shape) => Answer::of(site).map(|a| vec![a]),
            _ => None,
        }
    }

    /// By the cache; `false` where it does not help.
    fn cached_attr(&mut self, v: V, site: Site, name: u64, method: bool) -> bool {
        if let Some(answers) = self.known_answers(site) {
            self.any_of(v, &answers, name, Access::Load(method));
            return true;
        }
        if let Site::Module { index } = site {
            return self.module_attr(v, index, name, method);
        }
        if let Site::ClassData { shape } = site {
            return !method && self.class_data(v, shape, name);
        }
        if let Site::Native { entry } | Site::Item { entry, .. } = site {
            return !method && self.built_in_attr(v, entry, site);
        }
        let Some(a) = Answer::of(site).filter(|a| serves(a, method)) else {
            return false;
        };
        let o = self.guard_shape(v, a.shape);
        self.answer(o, a, method)
    }

    /// An attribute of a built-in type, or a named tuple's field.
    fn built_in_attr(&mut self, v: V, entry: *const Entry, site: Site) -> bool {
        // SAFETY: caches hold live entries; nothing was collected since.
        let shape = unsafe { (*entry).shape.get() } as u32;
        if shape == 0 || self.bad(Why::Shape) || self.bad(Why::Index) {
            return false;
        }
        let o = self.guard_shape(v, shape);
        if !self.still(entry, shape) {
            return false;
        }
        let r = match site {
            Site::Item { index, .. } => {
                let len = self.tuple_length(o);
                let i = self.raw(index as i64);
                let ok = self.def(Inst::Below(i, len), Ty::BOOL);
                self.guard_true(ok, Why::Index);
                let at = TUPLE_ITEMS + 8 * index as i32;
                self.def(Inst::LoadFixed(o, at, Ty::ANY), Ty::ANY)
            }
            _ if is_class(entry) => match class_of_shape(shape) {
                Some(t) => self.word(t.value().bits()),
                None => return false,
            },
            _ => {
                let getter = self.word(Self::entry_value(entry));
                self.call(id::native_attr, &[getter, o])
            }
        };
        self.push(r);
        true
    }

    /// An attribute of a module that is known here.
    fn module_attr(&mut self, v: V, index: usize, name: u64, method: bool) -> bool {
        let found = self
            .constant_of(v)
            .and_then(module_at)
            .and_then(|m| m.dict.get()?.cast())
            .and_then(|d| self.entry(d, index, name));
        if let Some(r) = found {
            self.give(r, method);
        }
        found.is_some()
    }

    /// The attribute on the stack; for a call with no receiver behind it.
    fn give(&mut self, r: V, method: bool) {
        self.push(r);
        if method {
            self.env.slots.push(Held::Empty);
        }
    }

    /// The current path goes on at the meeting point.
    pub fn edge(&mut self, edges: &mut Vec<Edge>) {
        if !self.done {
            edges.push(Edge {
                from: self.cur,
                env: self.env.clone(),
            });
        }
    }

    /// The value as an object.
    pub fn object(&mut self, v: V) -> V {
        let v = self.as_word(v);
        if self.ty(v).only(kind::OBJECT) {
            return v;
        }
        let x = self.exit(Why::Shape);
        self.refine(v, Inst::Guard(v, Test::Object, x), Ty::OBJECT)
    }

    /// Go on where the paths of several shapes meet.
    pub fn meet_again(&mut self, edges: Vec<Edge>) {
        if edges.is_empty() {
            // All of them leave.
            return;
        }
        self.join(edges);
        self.done = false;
    }

    /// One answer's result on the stack.
    pub fn answer(&mut self, o: V, a: Answer, method: bool) -> bool {
        let entry = a.object as *const Entry;
        if matches!(a.form, Form::Slot | Form::Overflow) {
            self.own_attributes();
        }
        let r = match a.form {
            Form::Slot => self.load_word(o, a.word),
            Form::Overflow if has_storage(a.shape) => self.load_overflow(o, a.word),
            Form::Member if self.still(entry, a.shape) => self.load_word(o, a.word),
            Form::Constant if self.still(entry, a.shape) => {
                let word = Self::entry_value(entry);
                let bound = Value::from_bits(word).and_then(|v| v.cast::<MethodObj>());
                if let Some(m) = bound.filter(|_| method) {
                    // Called at once, it is as good as its function and what that is bound to.
                    for part in [&m.func, &m.this] {
                        let v = self.word(part.bits());
                        self.push(v);
                    }
                    return true;
                }
                self.word(word)
            }
            Form::Method if method && self.still(entry, a.shape) => {
                let f = self.word(Self::entry_value(entry));
                self.push(f);
                self.push(o);
                return true;
            }
            Form::Property if !method => {
                let Some(getter) = property_getter(entry) else {
                    return false;
                };
                if !self.still(entry, a.shape) {
                    return false;
                }
                let at = self.env.slots.len();
                match self.call_function(getter, vec![o], &[], at, 0) {
                    Some(r) => r,
                    None => return false,
                }
            }
            Form::Descriptor if !method => match self.gotten(o, a.shape, entry) {
                Some(r) => r,
                None => return false,
            },
            _ => return false,
        };
        if !self.done {
            self.give(r, method);
        }
        true
    }

    /// Assume that the descriptor goes on to be there for objects of the shape and keeps its methods.
    fn same_descriptor(&mut self, entry: *const Entry, shape: u32) -> Option<V> {
        let d = Value::from_bits(Self::entry_value(entry))?;
        if !self.still(entry, shape) {
            return None;
        }
        let v = self.word(d.bits());
        if d.shape() >= habu_runtime::classes::FIRST_DYNAMIC_SHAPE {
            // It may become one of another class.
            let now = self.def(Inst::LoadShape(v), Ty::RAW);
            let want = self.raw(d.shape() as i64);
            let same = self.def(Inst::RawCmp(Cmp::Eq, now, want), Ty::BOOL);
            self.guard_true(same, Why::Class);
        }
        self.same_specials(class::of(d));
        Some(v)
    }

    /// What a descriptor's Python function gives.
    fn gotten(&mut self, o: V, shape: u32, entry: *const Entry) -> Option<V> {
        let f = descriptors::getter(Value::from_bits(Self::entry_value(entry))?)?;
        let class = class_of_shape(shape)?;
        let d = self.same_descriptor(entry, shape)?;
        let class = self.word(class.value().bits());
        let at = self.env.slots.len();
        self.call_function(f, vec![d, o, class], &[], at, 0)
    }

    /// A store that a descriptor's Python function does.
    fn set_by_function(&mut self, o: V, shape: u32, entry: *const Entry, v: V) -> Option<()> {
        let s = descriptors::setter(Value::from_bits(Self::entry_value(entry))?)?;
        let d = self.same_descriptor(entry, shape)?;
        let (f, args) = match s {
            Setter::Plain(f) => (f, vec![o, v]),
            Setter::Method(f) => (f, vec![d, o, v]),
        };
        let at = self.env.slots.len();
        self.call_function(f, args, &[], at, flag::DROP).map(|_| ())
    }

    /// One answer's store into an object of its shape.
    pub fn store_answer(&mut self, o: V, a: Answer, v: V) -> bool {
        if matches!(a.form, Form::Slot | Form::Overflow | Form::Add) {
            self.own_attributes();
        }
        match a.form {
            Form::Slot => self.store_word(o, a.word, v),
            Form::Overflow if has_storage(a.shape) => self.store_overflow(o, a.word, v),
            Form::Member if self.still(a.object as *const Entry, a.shape) => {
                self.store_word(o, a.word, v)
            }
            Form::Add => self.add_word(o, a.shape, a.object as *const ShapeObj, a.word, v),
            Form::Descriptor => {
                return self
                    .set_by_function(o, a.shape, a.object as *const Entry, v)
                    .is_some();
            }
            _ => return false,
        }
        true
    }

    pub fn set_attr(&mut self, o: V, name: u64, v: V) {
        let name = self.word(name);
        self.call(id::set_attr, &[o, name, v]);
    }

    /// A store into a class that is known here: of numbers that it counts nobody need be told.
    fn store_in_class(&mut self, o: V, name: u64, v: V) -> bool {
        let known = self.constant_of(o).and_then(Value::from_bits);
        if known.is_none_or(|t| t.kind() != kinds::TYPE) {
            return false;
        }
        let word = self.word(name);
        let call = Inst::Call(id::class_exchange, [o, word, v].into(), None);
        let done = self.def(call, Ty::RAW);
        let zero = self.raw(0);
        let done = self.def(Inst::RawCmp(Cmp::Ne, done, zero), Ty::BOOL);
        let (done, other) = self.split(done);
        let env = self.env.clone();
        let mut edges = Vec::new();
        self.enter(done);
        self.edge(&mut edges);
        self.enter(other);
        self.env = env;
        self.set_attr(o, name, v);
        self.edge(&mut edges);
        self.meet_again(edges);
        true
    }

    fn store_word(&mut self, o: V, word: u32, v: V) {
        self.def(Inst::Store(o, word_offset(word), v), Ty::NONE);
    }

    /// Store a new attribute: the object gets the shape that has it.
    fn add_word(&mut self, o: V, old: u32, new: *const ShapeObj, word: u32, v: V) {
        self.store_word(o, word, v);
        // SAFETY: the cache keeps the shape object.
        let id = unsafe { (*new).id() };
        self.f.roots.push(new as u64);
        self.def(Inst::SetShape(o, id), Ty::NONE);
        // Another name for the same object would have had the old shape.
        self.env.shapes.retain(|_, s| *s != old);
        self.env.among.retain(|_, all| !all.contains(&old));
        self.env.shapes.insert(o, id);
    }

    pub fn store_attr(&mut self, i: usize, arg: u32) {
        let name = self.cx.unit.name(arg);
        let o = self.pop_word();
        let v = self.pop_word();
        let site = self.cx.unit.site(i);
        if !self.bad(Why::Class) && self.ty(o).may(kind::OBJECT) {
            if let Some(answers) = self.known_answers(site) {
                return self.any_of(o, &answers, name, Access::Store(v));
            }
            if let Some(a) = Answer::of(site).filter(stores) {
                let o = self.guard_shape(o, a.shape);
                if self.store_answer(o, a, v) {
                    return;
                }
            }
        }
        if !self.store_in_class(o, name, v) {
            self.set_attr(o, name, v);
        }
    }

    /// `super().name` for a call, by what it was found to be in objects of the shapes that it has met.
    fn known_super(&mut self, arg: u32) -> Option<()> {
        if arg & 1 == 0 || self.bad(Why::Class) || self.bad(Why::Same) {
            return None;
        }
        let name = Value::from_bits(self.cx.unit.name(arg >> 2))?;
        let top = self.env.slots.len();
        let held = |h: Held| match h {
            Held::Value(v) => Some(v),
            _ => None,
        };
        let sup = held(self.env.slots[top - 3])?;
        let cls = held(self.env.slots[top - 2])?;
        let this = held(self.env.slots[top - 1])?;
        let known = |w: Option<u64>| w.and_then(Value::from_bits);
        if known(self.constant_of(sup)) != Some(habu_runtime::runtime::class_value(C::Super))
            || !self.ty(this).may(kind::OBJECT)
        {
            return None;
        }
        let class = match self.constant_of(cls) {
            Some(w) => Value::from_bits(w)?,
            None => self.defining_class()?,
        };
        let class: Gc<TypeObj> = class.cast()?;
        let mut found = attr::super_entries(class, name);
        let shapes = self.known_shapes(this);
        found.retain(|(s, _)| shapes.as_ref().is_none_or(|all| all.contains(s)));
        let complete = shapes.is_some_and(|all| all.len() == found.len());
        if found.is_empty() || found.len() > MAX_SUPER {
            return None;
        }
        if self.constant_of(cls).is_none() {
            let want = self.word(class.value().bits());
            let same = self.def(Inst::Same(cls, want), Ty::BOOL);
            self.guard_true(same, Why::Same);
        }
        found.iter().for_each(|(_, e)| self.marked(e.raw()));
        self.one_of_super(arg, this, &found, complete);
        Some(())
    }

    /// A way for each function that it may be; objects of other shapes are looked up where some have come.
    fn one_of_super(&mut self, arg: u32, this: V, found: &[(u32, Gc<Entry>)], complete: bool) {
        let o = match complete {
            true => self.known_object(this),
            false => self.object(this),
        };
        let mut edges = Vec::new();
        let mut left = found;
        while let [(_, first), ..] = left {
            let one = |e: &Gc<Entry>| e.value.bits() == first.value.bits();
            let n = left.iter().take_while(|(_, e)| one(e)).count();
            let (group, rest) = left.split_at(n);
            left = rest;
            let shapes: Rc<[u32]> = group.iter().map(|g| g.0).collect();
            let other = match complete && left.is_empty() {
                true => None,
                false => {
                    let shape = self.def(Inst::LoadShape(o), Ty::RAW);
                    let (yes, no) = self.when_among(shape, &shapes);
                    self.enter(yes);
                    Some((no, self.env.clone()))
                }
            };
            let o = self.refine(o, Inst::Known(o), Ty::OBJECT);
            match *shapes {
                [s] => drop(self.env.shapes.insert(o, s)),
                _ => drop(self.env.among.insert(self.root(o), shapes)),
            }
            self.drop_n(3);
            let f = self.word(first.value.bits());
            self.push(f);
            self.push(o);
            self.edge(&mut edges);
            if let Some((no, env)) = other {
                self.enter(no);
                self.env = env;
            }
        }
        if !complete && self.bad(Why::Shape) {
            self.any_super(arg);
            self.edge(&mut edges);
        } else if !complete {
            self.leave(Why::Shape);
        }
        self.meet_again(edges);
    }

    /// What `__class__` is in the function that is built.
    fn defining_class(&self) -> Option<Value> {
        let u = &self.cx.unit;
        if u.taken {
            return None;
        }
        let names = u.code.locals.get()?.cast::<TupleObj>()?;
        let closure = u.func.closure.get()?.cast::<TupleObj>()?;
        let is_class = |n: &Value| {
            n.cast::<StrObj>()
                .is_some_and(|s| s.to_rust() == "__class__")
        };
        let at = names.items().iter().position(is_class)?;
        let at = (at + closure.items().len()).checked_sub(u.locals)?;
        let cell: Gc<CellObj> = closure.items().get(at)?.cast()?;
        cell.value.get()
    }

    pub fn load_super_attr(&mut self, arg: u32) {
        if self.known_super(arg).is_none() {
            self.any_super(arg);
        }
    }

    fn any_super(&mut self, arg: u32) {
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

/// Offset of item `n` of an overflow array.
fn item_offset(n: u32) -> i32 {
    std::mem::size_of::<ArrayObj>() as i32 + 8 * n as i32
}

/// Do objects of this shape keep their further attributes behind the first word?
fn has_storage(shape: u32) -> bool {
    // The class may be gone: caches do not keep shapes alive.
    class_of_shape(shape).is_some_and(|c| c.instance_kind.get() == kinds::INSTANCE as u64)
}

/// Can a load be built from this answer?
fn serves(a: &Answer, method: bool) -> bool {
    a.shape != 0
        && match a.form {
            Form::Overflow => has_storage(a.shape),
            Form::Method => method,
            Form::Property => !method && property_getter(a.object as *const Entry).is_some(),
            Form::Descriptor => !method,
            Form::Add => false,
            Form::Slot | Form::Constant | Form::Member => true,
        }
}

/// Can a store?
fn stores(a: &Answer) -> bool {
    a.shape != 0
        && match a.form {
            Form::Overflow => has_storage(a.shape),
            Form::Slot | Form::Member | Form::Add | Form::Descriptor => true,
            _ => false,
        }
}

/// Is this what `object` has under `__class__`?
fn is_class(entry: *const Entry) -> bool {
    // SAFETY: caches hold live entries.
    let g = unsafe { (*entry).value.get() }.and_then(|g| g.cast::<GetSetObj>());
    let object = habu_runtime::runtime::class(C::Object);
    g.is_some_and(|g| g.def().name == "__class__" && g.owner.get() == Some(object.value()))
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

//! Attribute look-up, store and deletion: the generic protocol and what a site may remember of it.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::lookup_cache::Kind;
use crate::core::shape::{self, Place};
use crate::core::{dict, list, string, watch};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::call;
use crate::spec::type_flags;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;
use std::mem::offset_of;

/// Has its class `__set__` or `__delete__`?
#[inline]
pub fn is_data_descriptor(v: Value) -> bool {
    match v.kind() {
        kinds::FUNCTION | kinds::BUILTIN | kinds::STATICMETHOD | kinds::CLASSMETHOD | 0 => false,
        kinds::PROPERTY | kinds::MEMBER | kinds::GETSET | kinds::TUPLE_GETTER => true,
        kinds::STR | kinds::TUPLE | kinds::LIST | kinds::DICT => {
            v.shape() >= crate::classes::FIRST_DYNAMIC_SHAPE && slow_data(v)
        }
        _ => slow_data(v),
    }
}

fn slow_data(v: Value) -> bool {
    let t = class::of(v);
    special(t, N::Set).is_some() || special(t, N::Delete).is_some()
}

/// What look-up of `name` in an object of `v`'s shape comes to, cached per thread.
pub fn resolve(th: &Thread, v: Value, name: Value) -> R<(Kind, u64)> {
    let id = v.shape();
    if id != 0
        && let Some(hit) = th.lookup.get(id, name)
    {
        return Ok(hit);
    }
    let found = resolve_slow(th, v, name)?;
    if id != 0 && found.0 != Kind::Uncacheable && found.0 != Kind::None {
        th.lookup.put(id, name, found.0, found.1);
    }
    Ok(found)
}

fn resolve_slow(th: &Thread, v: Value, name: Value) -> R<(Kind, u64)> {
    let t = class::of(v);
    let attr = class::lookup(t, name);
    if let Some(a) = attr
        && is_data_descriptor(a)
    {
        let (kind, info) = match a.kind() {
            kinds::MEMBER => {
                let m: Gc<MemberObj> = expect(a);
                // A member only applies to instances of its owner.
                let ok = m
                    .owner
                    .get()
                    .and_then(|o| o.cast::<TypeObj>())
                    .is_some_and(|o| class::is_subclass(t, o));
                match m.index.get().and_then(|i| i.as_int()) {
                    Some(i) if ok && i >= 0 => (Kind::Member, i as u64),
                    _ => (Kind::Descriptor, 0),
                }
            }
            kinds::PROPERTY if class::is_exact(a, C::Property) => (Kind::Property, 0),
            _ => (Kind::Descriptor, 0),
        };
        return entry(th, v, t, name, a, kind, info);
    }
    if v.is_ptr() {
        let s = shape::of(v);
        if s.is_dict_mode() {
            return Ok((Kind::Uncacheable, 0));
        }
        if let Some(i) = s.find(name) {
            return Ok(match s.place(i) {
                Place::Inline(w) => (Kind::Slot, w as u64),
                Place::Overflow(i) => (Kind::Overflow, i as u64),
            });
        }
        match v.kind() {
            // Their own dict or MRO comes first: the callers look there.
            kinds::TYPE | kinds::MODULE => return Ok((Kind::Uncacheable, 0)),
            _ => {}
        }
    }
    let Some(a) = attr else {
        return Ok((Kind::None, 0));
    };
    if let Some(f) = static_function(a) {
        return entry(th, v, t, name, f, Kind::Constant, 0);
    }
    let kind = match a.kind() {
        kinds::FUNCTION => Kind::Method,
        kinds::BUILTIN
            if class::is_exact(a, C::MethodDescriptor)
                || class::is_exact(a, C::WrapperDescriptor) =>
        {
            Kind::Method
        }
        0 => Kind::Constant,
        _ if special(class::of(a), N::Get).is_some() => Kind::Descriptor,
        _ => Kind::Constant,
    };
    entry(th, v, t, name, a, kind, 0)
}

/// Is the class of this object, which may have attributes of its own, this very one?
pub fn is_of(a: Value, c: C) -> bool {
    class::of(a) == crate::runtime::class(c)
}

/// What a static method of the class itself (no class derived from it) gives to everybody.
fn static_function(a: Value) -> Option<Value> {
    if a.kind() != kinds::STATICMETHOD || !is_of(a, C::StaticMethod) {
        return None;
    }
    expect::<StaticMethodObj>(a).func.get()
}

/// What marks the entry for `super()` of `class` in objects of this shape.
pub fn super_mark(shape: u32, class: Gc<TypeObj>) -> u64 {
    shape as u64 | (shape::root(class).id() as u64) << 32
}

/// An entry for what `super(class, v).name` finds in objects of a shape of `t`: emptied when that may change.
pub fn super_entry(th: &Thread, t: Gc<TypeObj>, mark: u64, name: Value, value: Value) -> R<()> {
    let e = new_entry(th, mark, name, value, 0)?;
    remember_entry(th, t, e).map(drop)
}

pub fn new_entry(th: &Thread, mark: u64, name: Value, value: Value, info: u64) -> R<Gc<Entry>> {
    let e: Gc<Entry> = th.alloc(C::Hidden.shape(), 0, std::mem::size_of::<Entry>())?;
    e.name.init(Some(name));
    e.value.init(Some(value));
    e.shape.set(mark);
    e.info.set(info);
    Ok(e)
}

/// The entry answers for nothing any more.
pub fn empty(e: Gc<Entry>) {
    e.shape.set(0);
    watch::changed(e, offset_of!(Entry, shape) as u64);
}

/// The class's entry with this name and mark.
pub fn find_entry(t: Gc<TypeObj>, name: Value, mark: u64) -> Option<Gc<Entry>> {
    let entries: Gc<ListObj> = expect(t.entries.get()?);
    let mut all = list::items(entries).iter().map(|&e| expect::<Entry>(e));
    all.find(|e| e.name.get() == Some(name) && e.shape.get() == mark)
}

/// What `super(class, v).name` was found to be, for each shape of objects that are `class`'s or derived from it.
pub fn super_entries(class: Gc<TypeObj>, name: Value) -> Vec<(u32, Gc<Entry>)> {
    let mut all = Vec::new();
    let mut classes = vec![class];
    while let Some(t) = classes.pop() {
        if let Some(entries) = t.entries.get() {
            let entries = list::items(expect(entries)).iter();
            let entries = entries.map(|&e| expect::<Entry>(e));
            let found = entries.filter(|e| e.name.get() == Some(name));
            let found = found.map(|e| (e.shape.get() as u32, e));
            all.extend(found.filter(|(s, e)| e.shape.get() == super_mark(*s, class)));
        }
        class::subclasses(t, &mut |s| classes.push(s));
    }
    all
}

/// An entry that every site of this (shape, name) shares; the class keeps it, a change of the class clears it.
fn entry(
    th: &Thread,
    v: Value,
    t: Gc<TypeObj>,
    name: Value,
    value: Value,
    kind: Kind,
    info: u64,
) -> R<(Kind, u64)> {
    let e = new_entry(th, v.shape() as u64, name, value, info)?;
    // Words without header are told apart by sites through the class's own test; they get no shared entry.
    let owner = if v.kind() == kinds::TYPE {
        expect::<TypeObj>(v)
    } else {
        t
    };
    let e = remember_entry(th, owner, e)?;
    Ok((kind, e.raw() as u64))
}

/// The class keeps this entry, or has one that says the same already: look-ups that are only forgotten, not
/// outdated, must not make the list grow.
pub fn remember_entry(th: &Thread, t: Gc<TypeObj>, e: Gc<Entry>) -> R<Gc<Entry>> {
    let l: Gc<ListObj> = match t.entries.get() {
        Some(l) => expect(l),
        None => {
            let l = list::new(th)?;
            th.set(t, &t.entries, Some(l.value()));
            l
        }
    };
    let mut i = 0;
    while let Some(old) = list::get(l, i) {
        let old: Gc<Entry> = expect(old);
        if old.name.bits() == e.name.bits() && old.shape.get() == e.shape.get() {
            if old.value.bits() == e.value.bits() && old.info.get() == e.info.get() {
                return Ok(old);
            }
            empty(old);
            list::set(th, l, i, e.value());
            return Ok(e);
        }
        i += 1;
    }
    list::push(th, l, e.value())?;
    Ok(e)
}

/// Bind a class attribute to an instance (`obj`) or to the class alone.
pub fn bind(th: &Thread, attr: Value, obj: Option<Value>, t: Gc<TypeObj>) -> R {
    match attr.kind() {
        0 => Ok(attr),
        kinds::FUNCTION => match obj {
            Some(o) => Ok(new_method(th, attr, o)?.value()),
            None => Ok(attr),
        },
        kinds::BUILTIN => crate::types::builtin::bind(th, expect(attr), obj, t),
        kinds::STATICMETHOD if is_of(attr, C::StaticMethod) => Ok(expect::<StaticMethodObj>(attr)
            .func
            .get()
            .unwrap_or(Value::NONE)),
        kinds::CLASSMETHOD if is_of(attr, C::ClassMethod) => {
            let f = expect::<ClassMethodObj>(attr)
                .func
                .get()
                .unwrap_or(Value::NONE);
            if f.kind() == kinds::FUNCTION {
                return Ok(new_method(th, f, t.value())?.value());
            }
            // What a classmethod wraps may be a descriptor itself only through its own binding to the class.
            Ok(new_method(th, f, t.value())?.value())
        }
        kinds::PROPERTY if class::is_exact(attr, C::Property) => match obj {
            Some(o) => crate::types::descriptors::property_get(th, expect(attr), o),
            None => Ok(attr),
        },
        kinds::MEMBER => match obj {
            Some(o) => crate::types::descriptors::member_get(th, expect(attr), o),
            None => Ok(attr),
        },
        kinds::TUPLE_GETTER => match obj {
            Some(o) => crate::types::tuple_getter::get(th, attr, o),
            None => Ok(attr),
        },
        kinds::GETSET => match obj {
            Some(o) => crate::types::descriptors::getset_get(th, expect(attr), o),
            None => Ok(attr),
        },
        kinds::STR | kinds::INT | kinds::FLOAT | kinds::TUPLE | kinds::LIST | kinds::DICT
            if attr.shape() < crate::classes::FIRST_DYNAMIC_SHAPE =>
        {
            Ok(attr)
        }
        _ => match special(class::of(attr), N::Get) {
            Some(g) => call::call_special(th, g, attr, &[obj.unwrap_or(Value::NONE), t.value()]),
            None => Ok(attr),
        },
    }
}

pub fn new_method(th: &Thread, func: Value, this: Value) -> R<Gc<MethodObj>> {
    let m: Gc<MethodObj> = th.alloc(C::Method.shape(), 3, 32)?;
    m.attrs.init(None);
    m.func.init(Some(func));
    m.this.init(Some(this));
    Ok(m)
}

/// `object.__getattribute__`: `None` where there is no such attribute.
pub fn generic_get(th: &Thread, v: Value, name: Value) -> R<Option<Value>> {
    let (kind, info) = resolve(th, v, name)?;
    match kind {
        Kind::Slot => {
            // SAFETY: the shape has this word.
            Ok(unsafe { v.cast_unchecked::<Instance>() }
                .word(info as usize)
                .get())
        }
        Kind::Overflow => Ok(shape::load(v, Place::Overflow(info as usize))),
        Kind::None => Ok(None),
        Kind::Uncacheable => dict_mode_get(th, v, name),
        _ => {
            // SAFETY: these kinds carry an entry, which the class keeps alive.
            let e: Gc<Entry> = unsafe { Gc::from_raw(info as *mut Entry) };
            let Some(a) = e.value.get() else {
                return Ok(None);
            };
            match kind {
                Kind::Constant => Ok(Some(a)),
                Kind::Method if a.kind() == kinds::FUNCTION => {
                    Ok(Some(new_method(th, a, v)?.value()))
                }
                _ => bind(th, a, Some(v), class::of(v)).map(Some),
            }
        }
    }
}

/// The object's `__dict__` where it is a real one.
pub fn own_dict(v: Value) -> Option<Gc<DictObj>> {
    if v.kind() == kinds::MODULE {
        return expect::<ModuleObj>(v).dict.get().and_then(|d| d.cast());
    }
    if v.is_ptr() && shape::of(v).is_dict_mode() {
        return attr_slot(v)?.get()?.cast();
    }
    None
}

fn dict_mode_get(th: &Thread, v: Value, name: Value) -> R<Option<Value>> {
    let t = class::of(v);
    let attr = class::lookup(t, name);
    if let Some(a) = attr
        && is_data_descriptor(a)
    {
        return bind(th, a, Some(v), t).map(Some);
    }
    if let Some(d) = own_dict(v)
        && let Some(x) = dict::get(th, d, name)?
    {
        return Ok(Some(x));
    }
    match attr {
        Some(a) => bind(th, a, Some(v), t).map(Some),
        None => Ok(None),
    }
}

/// What a metaclass has of this name. Names that `type` has are marked: most have no mark, and need no look.
#[inline(always)]
fn in_metaclass(meta: Gc<TypeObj>, name: Value) -> Option<Value> {
    let marks = string::INTERNED | string::OF_TYPE;
    let unmarked = |s: Gc<StrObj>| s.flags() & marks == string::INTERNED;
    if meta == crate::runtime::class(C::Type) && name.cast().is_some_and(unmarked) {
        debug_assert!(class::lookup(meta, name).is_none());
        return None;
    }
    class::lookup(meta, name)
}

/// `type.__getattribute__`.
pub fn type_get(th: &Thread, t: Gc<TypeObj>, name: Value) -> R<Option<Value>> {
    let meta = class::of(t.value());
    let m = in_metaclass(meta, name);
    if let Some(a) = m
        && is_data_descriptor(a)
    {
        return bind(th, a, Some(t.value()), meta).map(Some);
    }
    if let Some(a) = class::lookup(t, name) {
        return bind(th, a, None, t).map(Some);
    }
    match m {
        Some(a) => bind(th, a, Some(t.value()), meta).map(Some),
        None => Ok(None),
    }
}

/// A name that can be an attribute: an interned exact string.
pub fn intern_name(th: &Thread, name: Value) -> R {
    match name.cast::<StrObj>() {
        Some(s) => Ok(string::intern(th, s)?.value()),
        None => Err(error::type_error(
            th,
            &format!(
                "attribute name must be string, not '{}'",
                class::type_name(name)
            ),
        )),
    }
}

/// `getattr(v, name)` for an interned name; `None` where AttributeError would come.
pub fn get_opt(th: &Thread, v: Value, name: Value) -> R<Option<Value>> {
    let t = class::of(v);
    let ga = special(t, N::GetAttribute);
    let found = match ga {
        Some(f) if f.kind() == kinds::BUILTIN => native_get(th, expect(f), v, name)?,
        Some(f) => {
            let r = call::call_special(th, f, v, &[name]);
            error::absorb(th, r, C::AttributeError)?
        }
        None => generic_get_caught(th, v, name)?,
    };
    if found.is_some() {
        return Ok(found);
    }
    match special(t, N::GetAttr) {
        Some(f) => {
            let r = call::call_special(th, f, v, &[name]);
            error::absorb(th, r, C::AttributeError)
        }
        None => Ok(None),
    }
}

fn generic_get_caught(th: &Thread, v: Value, name: Value) -> R<Option<Value>> {
    let r = generic_get(th, v, name);
    Ok(error::absorb(th, r, C::AttributeError)?.flatten())
}

/// Native `__getattribute__`s answer without an exception.
fn native_get(th: &Thread, f: Gc<BuiltinObj>, v: Value, name: Value) -> R<Option<Value>> {
    let r = match f.owner().map(|o| o.spec().kind) {
        Some(kinds::TYPE) if v.kind() == kinds::TYPE => type_get(th, expect(v), name),
        Some(kinds::INSTANCE) => generic_get(th, v, name),
        _ => crate::core::func::call_builtin(th, f, &[v, name], None).map(Some),
    };
    Ok(error::absorb(th, r, C::AttributeError)?.flatten())
}

/// `getattr(v, name)` for an interned name.
pub fn get(th: &Thread, v: Value, name: Value) -> R {
    let t = class::of(v);
    let r = match special(t, N::GetAttribute) {
        Some(f) if f.kind() == kinds::BUILTIN => {
            let f: Gc<BuiltinObj> = expect(f);
            match f.owner().map(|o| o.spec().kind) {
                Some(kinds::TYPE) if v.kind() == kinds::TYPE => type_get(th, expect(v), name),
                Some(kinds::INSTANCE) => generic_get(th, v, name),
                _ => crate::core::func::call_builtin(th, f, &[v, name], None).map(Some),
            }
        }
        Some(f) => call::call_special(th, f, v, &[name]).map(Some),
        None => generic_get(th, v, name),
    };
    match r {
        Ok(Some(x)) => Ok(x),
        Ok(None) => match special(t, N::GetAttr) {
            Some(f) => call::call_special(th, f, v, &[name]),
            None => Err(error::attribute_error(th, v, name)),
        },
        Err(e) => {
            if error::matches(th, C::AttributeError)
                && let Some(f) = special(t, N::GetAttr)
            {
                th.take();
                return call::call_special(th, f, v, &[name]);
            }
            Err(e)
        }
    }
}

/// `getattr(v, "text")`.
pub fn get_text(th: &Thread, v: Value, name: &str) -> R {
    let n = string::intern_new(th, name)?;
    get(th, v, n.value())
}

pub fn get_text_opt(th: &Thread, v: Value, name: &str) -> R<Option<Value>> {
    let n = string::intern_new(th, name)?;
    get_opt(th, v, n.value())
}

pub fn set_text(th: &Thread, v: Value, name: &str, x: Value) -> R<()> {
    let n = string::intern_new(th, name)?;
    set(th, v, n.value(), Some(x))
}

/// `setattr(v, name, x)` for an interned name; `None` deletes.
pub fn set(th: &Thread, v: Value, name: Value, x: Option<Value>) -> R<()> {
    let t = class::of(v);
    let which = if x.is_some() { N::SetAttr } else { N::DelAttr };
    match special(t, which) {
        Some(f) if f.kind() == kinds::BUILTIN => {
            let f: Gc<BuiltinObj> = expect(f);
            match f.owner().map(|o| o.spec().kind) {
                Some(kinds::TYPE) if v.kind() == kinds::TYPE => type_set(th, expect(v), name, x),
                Some(kinds::INSTANCE) => generic_set(th, v, name, x),
                _ => match x {
                    Some(x) => {
                        crate::core::func::call_builtin(th, f, &[v, name, x], None).map(drop)
                    }
                    None => crate::core::func::call_builtin(th, f, &[v, name], None).map(drop),
                },
            }
        }
        Some(f) => match x {
            Some(x) => call::call_special(th, f, v, &[name, x]).map(drop),
            None => call::call_special(th, f, v, &[name]).map(drop),
        },
        None => generic_set(th, v, name, x),
    }
}

/// Store through a data descriptor.
pub fn descriptor_set(th: &Thread, d: Value, v: Value, x: Option<Value>, name: Value) -> R<()> {
    match d.kind() {
        kinds::MEMBER => crate::types::descriptors::member_set(th, expect(d), v, x),
        kinds::GETSET => crate::types::descriptors::getset_set(th, expect(d), v, x),
        kinds::PROPERTY if class::is_exact(d, C::Property) => {
            crate::types::descriptors::property_set(th, expect(d), v, x)
        }
        _ => {
            let t = class::of(d);
            match x {
                Some(x) => match special(t, N::Set) {
                    Some(f) => call::call_special(th, f, d, &[v, x]).map(drop),
                    None => Err(error::attribute_error_text(th, "__set__", d, name)),
                },
                None => match special(t, N::Delete) {
                    Some(f) => call::call_special(th, f, d, &[v]).map(drop),
                    None => Err(error::attribute_error_text(th, "__delete__", d, name)),
                },
            }
        }
    }
}

/// `object.__setattr__` and `object.__delattr__`.
pub fn generic_set(th: &Thread, v: Value, name: Value, x: Option<Value>) -> R<()> {
    let t = class::of(v);
    let attr = class::lookup(t, name);
    if let Some(a) = attr
        && is_data_descriptor(a)
    {
        return descriptor_set(th, a, v, x, name);
    }
    if v.kind() == kinds::MODULE
        && let Some(d) = own_dict(v)
    {
        return dict_store(th, d, v, name, x);
    }
    if !v.is_ptr() || shape::of(v).no_attrs() || attr_slot(v).is_none() {
        return Err(no_storage(th, v, name, attr));
    }
    let s = shape::of(v);
    if s.is_dict_mode() {
        let d = dict_of(th, v)?;
        return dict_store(th, d, v, name, x);
    }
    match x {
        Some(x) => match s.find(name) {
            Some(i) => shape::store(th, v, s.place(i), Some(x)),
            None => add_attr(th, v, s, name, x),
        },
        None => match s.find(name) {
            Some(_) => {
                let d = dict_of(th, v)?;
                dict_store(th, d, v, name, None)
            }
            None => Err(error::attribute_error(th, v, name)),
        },
    }
}

fn dict_store(th: &Thread, d: Gc<DictObj>, v: Value, name: Value, x: Option<Value>) -> R<()> {
    match x {
        Some(x) => dict::set(th, d, name, x),
        None => match dict::remove(th, d, name)? {
            Some(_) => Ok(()),
            None if v.kind() == kinds::MODULE => {
                Err(crate::types::module::no_attribute(th, v, name))
            }
            None => Err(error::attribute_error(th, v, name)),
        },
    }
}

/// Add an attribute the shape does not have.
pub fn add_attr(th: &Thread, v: Value, s: Gc<ShapeObj>, name: Value, x: Value) -> R<()> {
    let n = s.count();
    if n >= shape::MAX_SLOTS {
        let d = dict_of(th, v)?;
        return dict::set(th, d, name, x);
    }
    let to = shape::transition(th, s, name)?;
    shape::store(th, v, to.place(n), Some(x))?;
    shape::set_shape(th, v, to);
    let t = s.class();
    let want = (n + 1).min(24) as u64;
    if t.inline_hint.get() < want && v.kind() == kinds::INSTANCE {
        t.inline_hint.set(want);
    }
    Ok(())
}

fn no_storage(th: &Thread, v: Value, name: Value, attr: Option<Value>) -> crate::thread::Raised {
    let n = name
        .cast::<StrObj>()
        .map(|s| s.to_rust().into_owned())
        .unwrap_or_default();
    let t = class::type_name(v);
    let text = if attr.is_some() {
        format!("'{t}' object attribute '{n}' is read-only")
    } else {
        format!("'{t}' object has no attribute '{n}' and no __dict__ for setting new attributes")
    };
    error::attribute_error_text(th, &text, v, name)
}

/// Make the object's attributes a real dict (from then on the storage) and return it.
pub fn dict_of(th: &Thread, v: Value) -> R<Gc<DictObj>> {
    if let Some(d) = own_dict(v) {
        return Ok(d);
    }
    let Some(slot) = attr_slot(v) else {
        return Err(error::raise(
            th,
            C::SystemError,
            "object has no attribute storage",
        ));
    };
    let s = shape::of(v);
    if s.is_dict_mode() {
        let d = dict::new_dict(th)?;
        th.set_in(v, slot, Some(d.value()));
        return Ok(d);
    }
    let d = dict::new_dict_sized(th, s.count())?;
    for i in 0..s.count() {
        if let (Some(k), Some(x)) = (s.name(i), shape::load(v, s.place(i))) {
            dict::set_name(th, d, k, x)?;
        }
    }
    let m = crate::core::class_make::dict_shape(th, s.class())?;
    th.set_in(v, slot, Some(d.value()));
    shape::set_shape(th, v, m);
    Ok(d)
}

/// Replace the object's `__dict__`.
pub fn set_dict(th: &Thread, v: Value, d: Gc<DictObj>) -> R<()> {
    dict_of(th, v)?;
    if let Some(slot) = attr_slot(v) {
        th.set_in(v, slot, Some(d.value()));
    }
    Ok(())
}

/// Attributes as a fresh dict, without changing how the object keeps them.
pub fn snapshot(th: &Thread, v: Value) -> R<Option<Gc<DictObj>>> {
    if let Some(d) = own_dict(v) {
        return dict::copy(th, d).map(Some);
    }
    if !v.is_ptr() || attr_slot(v).is_none() || shape::of(v).no_attrs() {
        return Ok(None);
    }
    let s = shape::of(v);
    let d = dict::new_dict_sized(th, s.count())?;
    for i in 0..s.count() {
        if let (Some(k), Some(x)) = (s.name(i), shape::load(v, s.place(i))) {
            dict::set_name(th, d, k, x)?;
        }
    }
    Ok(Some(d))
}

/// A number, a text or a constant: a class attribute that needs no binding.
pub fn is_plain_data(v: Value) -> bool {
    !v.is_ptr()
        || v.shape() == C::Str.shape()
        || v.shape() == C::Int.shape()
        || v.shape() == C::Float.shape()
}

/// One number or text in a class for another, where nobody has remembered the old one and needs to be told.
fn exchange(th: &Thread, t: Gc<TypeObj>, name: Value, x: Value) -> bool {
    let d = t.dict();
    // SAFETY: names are strings.
    let Some(n) = dict::index_of(d, unsafe { name.cast_unchecked() }) else {
        return false;
    };
    let old = dict::table(d).entry(n).value.get();
    let plain = is_plain_data(x) && old.is_some_and(is_plain_data);
    if !plain || class::may_be_special(Some(name)) || class::remembers(t, name, 0) {
        return false;
    }
    dict::replace(th, d, n, x);
    true
}

/// The same from native code, for a class whose metaclass is `type`.
pub fn exchange_in_class(th: &Thread, t: Gc<TypeObj>, name: Value, x: Value) -> bool {
    let meta = class::of(t.value());
    meta == crate::runtime::class(C::Type)
        && !t.has(type_flags::IMMUTABLE)
        && in_metaclass(meta, name).is_none()
        && exchange(th, t, name, x)
}

/// `type.__setattr__`.
pub fn type_set(th: &Thread, t: Gc<TypeObj>, name: Value, x: Option<Value>) -> R<()> {
    if t.has(type_flags::IMMUTABLE) {
        let n = name
            .cast::<StrObj>()
            .map(|s| s.to_rust().into_owned())
            .unwrap_or_default();
        return Err(error::type_error(
            th,
            &format!(
                "cannot set '{n}' attribute of immutable type '{}'",
                class::full_name(t)
            ),
        ));
    }
    let meta = class::of(t.value());
    if let Some(a) = in_metaclass(meta, name)
        && is_data_descriptor(a)
    {
        return descriptor_set(th, a, t.value(), x, name);
    }
    match x {
        Some(x) if exchange(th, t, name, x) => return Ok(()),
        Some(x) => dict::set_name(th, t.dict(), name, x)?,
        None => {
            if dict::remove_name(t.dict(), name).is_none() {
                return Err(error::attribute_error(th, t.value(), name));
            }
        }
    }
    class::modified(th, t, Some(name));
    if name == nm(N::Del) && x.is_some() {
        t.set_flag(type_flags::FINALIZER);
    }
    Ok(())
}

//! Making classes: from native specs, and for `type(name, bases, namespace)`.

use crate::classes::{C, SPECS};
use crate::core::{class, dict, func, list, shape, string, tuple, watch};
use crate::error::{raise, type_error};
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::runtime::{class as core_class, rt};
use crate::spec::{Args, MethodKind, TypeSpec, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::{Layout, Value};
use std::mem::offset_of;

/// An empty class object; `shape` is the class's own (its metaclass's for the core ones).
fn alloc_type(th: &Thread, shape: u32) -> R<Gc<TypeObj>> {
    let size = std::mem::size_of::<TypeObj>();
    let p = th.alloc_zeroed(shape, kinds::TYPE, 0, size)?;
    // SAFETY: zeroed words are an empty class.
    Ok(unsafe { Gc::from_raw(p as *mut TypeObj) })
}

pub fn is_inst_layout(kind: u8) -> bool {
    matches!(kinds::KINDS[kind as usize].layout, Layout::Inst)
}

fn inline_word(native: u64, inline: u64) -> u64 {
    inline | (1 + native) << 16
}

/// First step at start-up: all core classes exist, with bases, shapes and names to come.
pub fn allocate_core(th: &Thread) -> R<()> {
    for (i, spec) in SPECS.iter().enumerate() {
        if spec.is_some() {
            let t = alloc_type(th, C::Type.shape())?;
            rt().classes[i].init(Some(t.value()));
        }
    }
    Ok(())
}

/// Second step: shapes, so that `class::of` works.
pub fn shape_core(th: &Thread) -> R<()> {
    for (i, spec) in SPECS.iter().enumerate() {
        let Some(spec) = spec else { continue };
        // SAFETY: allocated by the first step.
        let t: Gc<TypeObj> = unsafe { rt().classes[i].get_unchecked().cast_unchecked() };
        let mut word = inline_word(spec.native_words as u64, 0);
        if spec.flags & tf::DICT_ITSELF == 0 {
            word |= shape::NO_ATTRS;
        }
        let s = shape::new(th, t, Some(i as u32), word)?;
        th.set(t, &t.root_shape, Some(s.value()));
        t.native_words.set(spec.native_words as u64);
        t.instance_kind.set(spec.kind as u64);
        t.spec.set(*spec as *const TypeSpec as u64);
        t.flags.set(spec.flags | tf::IMMUTABLE);
    }
    Ok(())
}

/// Third step: names, bases, MROs and dicts.
pub fn fill_core(th: &Thread) -> R<()> {
    for (i, spec) in SPECS.iter().enumerate() {
        let Some(spec) = spec else { continue };
        // SAFETY: as above.
        let t: Gc<TypeObj> = unsafe { rt().classes[i].get_unchecked().cast_unchecked() };
        let base = if i == C::Object as usize {
            None
        } else {
            Some(core_class(spec.base))
        };
        link(th, t, spec, base)?;
    }
    for (i, spec) in SPECS.iter().enumerate() {
        let Some(spec) = spec else { continue };
        // SAFETY: as above.
        let t: Gc<TypeObj> = unsafe { rt().classes[i].get_unchecked().cast_unchecked() };
        fill_dict(th, t, spec)?;
    }
    Ok(())
}

fn link(th: &Thread, t: Gc<TypeObj>, spec: &'static TypeSpec, base: Option<Gc<TypeObj>>) -> R<()> {
    let name = string::intern_new(th, spec.name)?;
    th.set(t, &t.name, Some(name.value()));
    th.set(t, &t.qualname, Some(name.value()));
    t.id.set(
        rt().class_ids
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            + 1,
    );
    let d = dict::new_dict(th)?;
    th.set(t, &t.dict, Some(d.value()));
    match base {
        None => {
            th.set(t, &t.bases, Some(tuple::empty().value()));
            let m = tuple::new(th, &[t.value()])?;
            th.set(t, &t.mro, Some(m.value()));
        }
        Some(b) => {
            let bs = tuple::new(th, &[b.value()])?;
            th.set(t, &t.bases, Some(bs.value()));
            th.set(t, &t.base, Some(b.value()));
            let inherit = tf::SEQUENCE
                | tf::MAPPING
                | tf::HAS_DICT
                | tf::DICT_ITSELF
                | tf::META
                | tf::MATCH_SELF
                | tf::WEAKREF;
            // Of the patterns for sequences and for mappings an instance matches one: the first base decides.
            let decided = t.has(tf::SEQUENCE) || t.has(tf::MAPPING);
            let patterns = tf::SEQUENCE | tf::MAPPING;
            let mask = if decided {
                inherit & !patterns
            } else {
                inherit
            };
            t.set_flag(b.flags.get() & mask);
            if b.mro.get().is_some() {
                let m = class::compute_mro(th, t)?;
                th.set(t, &t.mro, Some(m.value()));
            }
            register_subclass(th, b, t)?;
        }
    }
    Ok(())
}

fn fill_dict(th: &Thread, t: Gc<TypeObj>, spec: &'static TypeSpec) -> R<()> {
    if t.mro.get().is_none() {
        let m = class::compute_mro(th, t)?;
        th.set(t, &t.mro, Some(m.value()));
    }
    let d = t.dict();
    for def in spec.methods {
        let name = string::intern_new(th, def.name)?;
        let dunder = def.name.starts_with("__") && def.name.ends_with("__");
        let v = match def.kind {
            MethodKind::Method => {
                let c = if dunder && crate::types::builtin::is_slot_name(def.name) {
                    C::WrapperDescriptor
                } else {
                    C::MethodDescriptor
                };
                func::new_builtin(th, c, def, None, None, Some(t.value()))?.value()
            }
            MethodKind::Class => func::new_builtin(
                th,
                C::ClassMethodDescriptor,
                def,
                None,
                None,
                Some(t.value()),
            )?
            .value(),
            MethodKind::Static => {
                let f = func::new_builtin(th, C::Builtin, def, None, None, None)?;
                crate::types::descriptors::new_staticmethod(th, f.value())?
            }
        };
        dict::set_str(th, d, name, v)?;
    }
    for def in spec.getset {
        let name = string::intern_new(th, def.name)?;
        let v = crate::types::descriptors::new_getset(th, def, t.value())?;
        dict::set_str(th, d, name, v)?;
    }
    if spec.new.is_some() {
        let f = func::new_builtin(
            th,
            C::Builtin,
            &crate::types::class::NEW_DEF,
            Some(t.value()),
            None,
            None,
        )?;
        dict::set_name(th, d, nm(N::New), f.value())?;
        if is_direct(t, spec) {
            t.set_flag(tf::DIRECT_NEW);
        }
    }
    if spec.flags & tf::DICT_ITSELF != 0 {
        let v = crate::types::descriptors::new_getset(
            th,
            &crate::types::object::DICT_GETSET,
            t.value(),
        )?;
        if dict::get_name(d, nm(N::Dict)).is_none() {
            dict::set_name(th, d, nm(N::Dict), v)?;
        }
    }
    if dict::get_name(d, nm(N::Hash)).is_none()
        && dict::get_name(d, nm(N::Eq)).is_some()
        && t != core_class(C::Object)
    {
        dict::set_name(th, d, nm(N::Hash), Value::NONE)?;
    }
    let doc = if spec.doc.is_empty() {
        Value::NONE
    } else {
        string::new_value(th, spec.doc)?
    };
    if dict::get_name(d, nm(N::Doc)).is_none() {
        dict::set_name(th, d, nm(N::Doc), doc)?;
    }
    if spec.module != "builtins" {
        let m = string::intern_new(th, spec.module)?;
        dict::set_name(th, d, nm(N::Module), m.value())?;
    }
    if t == core_class(C::Type) || t == core_class(C::Object) {
        let mut i = 0;
        while let Some((k, _)) = dict::next(d, &mut i) {
            string::mark(string::intern(th, expect(k))?, string::OF_TYPE);
        }
    }
    Ok(())
}

/// May calling the class be left to its spec's `new`, or `construct`, alone?
fn is_direct(t: Gc<TypeObj>, spec: &TypeSpec) -> bool {
    let has_init = t.mro().items().iter().any(|&c| {
        let c: Gc<TypeObj> = expect(c);
        c != core_class(C::Object) && c.spec().methods.iter().any(|m| m.name == "__init__")
    });
    t != core_class(C::Type)
        && class::of(t.value()) == core_class(C::Type)
        && spec.flags & (tf::ABSTRACT | tf::NO_NEW) == 0
        && (!has_init || spec.construct.is_some())
}

/// A native class made at run time (a module's).
pub fn from_spec(
    th: &Thread,
    spec: &'static TypeSpec,
    base: Option<Gc<TypeObj>>,
) -> R<Gc<TypeObj>> {
    let base = base.unwrap_or_else(|| core_class(spec.base));
    let t = new_with_shape(th, class::of(base.value()))?;
    t.native_words.set(spec.native_words as u64);
    t.instance_kind.set(spec.kind as u64);
    t.spec.set(spec as *const TypeSpec as u64);
    t.flags.set(spec.flags | tf::IMMUTABLE);
    link(th, t, spec, Some(base))?;
    let mut word = inline_word(spec.native_words as u64, 0);
    if t.flags.get() & tf::DICT_ITSELF == 0 {
        word |= shape::NO_ATTRS;
    }
    let s = shape::new(th, t, None, word)?;
    th.set(t, &t.root_shape, Some(s.value()));
    fill_dict(th, t, spec)?;
    Ok(t)
}

/// A class object with a shape of its own, so that sites can tell classes apart by shape.
fn new_with_shape(th: &Thread, meta: Gc<TypeObj>) -> R<Gc<TypeObj>> {
    let t = alloc_type(th, C::Type.shape())?;
    let s = shape::new(th, meta, None, inline_word(0, 0) | shape::NO_ATTRS)?;
    th.set(t, &t.metaclass_spare, Some(s.value()));
    shape::set_shape(th, t.value(), s);
    Ok(t)
}

/// Give a core class its own shape too (after start-up's first steps).
pub fn own_shapes(th: &Thread) -> R<()> {
    for (i, spec) in SPECS.iter().enumerate() {
        if spec.is_none() {
            continue;
        }
        // SAFETY: allocated by the first step.
        let t: Gc<TypeObj> = unsafe { rt().classes[i].get_unchecked().cast_unchecked() };
        let s = shape::new(
            th,
            core_class(C::Type),
            None,
            inline_word(0, 0) | shape::NO_ATTRS,
        )?;
        th.set(t, &t.metaclass_spare, Some(s.value()));
        shape::set_shape(th, t.value(), s);
    }
    Ok(())
}

/// Remember `t` among `base`'s subclasses (weakly).
pub fn register_subclass(th: &Thread, base: Gc<TypeObj>, t: Gc<TypeObj>) -> R<()> {
    let l: Gc<ListObj> = match base.subclasses.get() {
        Some(l) => expect(l),
        None => {
            let l = list::new(th)?;
            th.set(base, &base.subclasses, Some(l.value()));
            l
        }
    };
    let w = crate::types::weakref::hidden(th, t.value())?;
    // Reuse the place of a class that has died.
    for (i, x) in list::items(l).iter().enumerate() {
        if x.cast::<WeakRefObj>()
            .is_some_and(|w| crate::types::weakref::target(w).is_none())
        {
            list::set(th, l, i, w);
            return Ok(());
        }
    }
    list::push(th, l, w)
}

pub fn remove_subclass(th: &Thread, base: Gc<TypeObj>, t: Gc<TypeObj>) -> R<()> {
    if let Some(l) = base.subclasses.get() {
        let l: Gc<ListObj> = expect(l);
        let at = list::items(l).iter().position(|x| {
            x.cast::<WeakRefObj>()
                .and_then(crate::types::weakref::target)
                == Some(t.value())
        });
        if let Some(i) = at {
            list::remove(th, l, i)?;
        }
    }
    Ok(())
}

/// The class among a class's ancestors that decides the layout: the last that adds native words or another kind.
fn solid(t: Gc<TypeObj>) -> Gc<TypeObj> {
    let mut t = t;
    while let Some(b) = t.base() {
        if b.instance_kind.get() != t.instance_kind.get()
            || b.native_words.get() != t.native_words.get()
        {
            return t;
        }
        t = b;
    }
    t
}

/// The base whose layout the new class extends.
pub fn best_base(th: &Thread, bases: &[Value]) -> R<Gc<TypeObj>> {
    let mut best: Option<(Gc<TypeObj>, Gc<TypeObj>)> = None;
    for &b in bases {
        let Some(b) = b.cast::<TypeObj>() else {
            return Err(type_error(th, "bases must be types"));
        };
        if !b.has(tf::BASE) {
            return Err(type_error(
                th,
                &format!(
                    "type '{}' is not an acceptable base type",
                    class::full_name(b)
                ),
            ));
        }
        let s = solid(b);
        match best {
            None => best = Some((b, s)),
            Some((_, w)) if class::is_subclass(w, s) => {}
            Some((_, w)) if class::is_subclass(s, w) => best = Some((b, s)),
            _ => {
                return Err(type_error(
                    th,
                    "multiple bases have instance lay-out conflict",
                ));
            }
        }
    }
    Ok(best.map_or(core_class(C::Object), |b| b.0))
}

/// `type.__new__(meta, name, bases, namespace, **kwargs)`.
pub fn make(
    th: &Thread,
    meta: Gc<TypeObj>,
    name: Gc<StrObj>,
    bases: Gc<TupleObj>,
    ns: Gc<DictObj>,
    kwargs: Args,
) -> R<Gc<TypeObj>> {
    let bases = if bases.is_empty() {
        tuple::new(th, &[core_class(C::Object).value()])?
    } else {
        bases
    };
    let base = best_base(th, bases.items())?;
    if name.chars().any(|c| c == 0) {
        return Err(raise(
            th,
            C::ValueError,
            "type name must not contain null characters",
        ));
    }
    if name.has_surrogates() {
        return Err(crate::types::string::surrogate_error(th, name));
    }
    let t = new_with_shape(th, meta)?;
    let d = dict::copy(th, ns)?;
    th.set(t, &t.name, Some(string::intern(th, name)?.value()));
    t.id.set(
        rt().class_ids
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            + 1,
    );
    th.set(t, &t.dict, Some(d.value()));
    th.set(t, &t.bases, Some(bases.value()));
    th.set(t, &t.base, Some(base.value()));
    t.spec.set(base.spec.get());
    t.instance_kind.set(base.instance_kind.get());
    t.native_words.set(base.native_words.get());
    t.slot_count.set(base.slot_count.get());
    let inherit = tf::META
        | tf::SEQUENCE
        | tf::MAPPING
        | tf::FINALIZER
        | tf::HAS_DICT
        | tf::DICT_ITSELF
        | tf::MATCH_SELF
        | tf::WEAKREF;
    t.set_flag(tf::BASE | tf::HEAP);
    for &b in bases.items() {
        let b: Gc<TypeObj> = expect(b);
        t.set_flag(b.flags.get() & inherit);
        if b.instance_kind.get() == kinds::TYPE as u64 {
            t.set_flag(tf::META);
        }
    }
    t.inline_hint.set(base.inline_hint.get());
    match dict::get_name(d, nm(N::QualName)) {
        Some(q) => {
            if q.cast::<StrObj>().is_none() {
                return Err(type_error(
                    th,
                    &format!(
                        "type __qualname__ must be a str, not {}",
                        class::type_name(q)
                    ),
                ));
            }
            th.set(t, &t.qualname, Some(q));
            dict::remove_name(d, nm(N::QualName));
        }
        None => th.set(t, &t.qualname, t.name.get()),
    }
    if dict::get_name(d, nm(N::Module)).is_none()
        && let Some(m) =
            crate::interp::current_globals(th).and_then(|g| dict::get_name(g, nm(N::Name)))
    {
        dict::set_name(th, d, nm(N::Module), m)?;
    }
    wrap_implicit(th, d)?;
    if dict::get_name(d, nm(N::Del)).is_some() {
        t.set_flag(tf::FINALIZER);
    }
    if dict::get_name(d, nm(N::Hash)).is_none() && dict::get_name(d, nm(N::Eq)).is_some() {
        dict::set_name(th, d, nm(N::Hash), Value::NONE)?;
    }
    let mro = class::compute_mro(th, t)?;
    th.set(t, &t.mro, Some(mro.value()));
    crate::core::class_slots::apply(th, t, base, d)?;
    // After the slots: `__doc__` may be one of them.
    if dict::get_name(d, nm(N::Doc)).is_none() {
        dict::set_name(th, d, nm(N::Doc), Value::NONE)?;
    }
    custom_mro(th, meta, t)?;
    let room = crate::core::class_slots::guess_attributes(t);
    t.inline_hint.set(t.inline_hint.get().max(room));
    renew_root(th, t)?;
    for &b in bases.items() {
        register_subclass(th, expect(b), t)?;
    }
    if let Some(cell) = dict::get_name(d, nm(N::ClassCell)) {
        let Some(c) = cell.cast::<CellObj>() else {
            return Err(type_error(
                th,
                &format!(
                    "__classcell__ must be a nonlocal cell, not <class '{}'>",
                    class::type_name(cell)
                ),
            ));
        };
        th.set(c, &c.value, Some(t.value()));
        dict::remove_name(d, nm(N::ClassCell));
    }
    if let Some(cell) = dict::get_name(d, nm(N::ClassDictCell)) {
        if let Some(c) = cell.cast::<CellObj>() {
            th.set(c, &c.value, Some(d.value()));
        }
        dict::remove_name(d, nm(N::ClassDictCell));
    }
    set_names(th, t, d)?;
    init_subclass(th, t, kwargs)?;
    Ok(t)
}

/// `__new__` is a static method, `__init_subclass__` and `__class_getitem__` are class methods by themselves.
fn wrap_implicit(th: &Thread, d: Gc<DictObj>) -> R<()> {
    if let Some(f) = dict::get_name(d, nm(N::New))
        && f.kind() == kinds::FUNCTION
    {
        let w = crate::types::descriptors::new_staticmethod(th, f)?;
        dict::set_name(th, d, nm(N::New), w)?;
    }
    for n in [N::InitSubclass, N::ClassGetItem] {
        if let Some(f) = dict::get_name(d, nm(n))
            && f.kind() == kinds::FUNCTION
        {
            let w = crate::types::descriptors::new_classmethod(th, f)?;
            dict::set_name(th, d, nm(n), w)?;
        }
    }
    Ok(())
}

/// A metaclass may override `mro()`.
fn custom_mro(th: &Thread, meta: Gc<TypeObj>, t: Gc<TypeObj>) -> R<()> {
    if meta == core_class(C::Type) {
        return Ok(());
    }
    let Some(f) = class::lookup(meta, nm(N::MroCall)) else {
        return Ok(());
    };
    if f.kind() == kinds::BUILTIN {
        return Ok(());
    }
    let m = crate::ops::call::call_special(th, f, t.value(), &[])?;
    let m = crate::ops::iter::to_tuple(th, m)?;
    let layout = solid(t);
    for &c in m.items() {
        let Some(base) = c.cast::<TypeObj>() else {
            return Err(type_error(
                th,
                &format!("mro() returned a non-class ('{}')", class::type_name(c)),
            ));
        };
        if base != t && base.mro.get().is_some() && !class::is_subclass(layout, solid(base)) {
            return Err(type_error(
                th,
                &format!(
                    "mro() returned base with unsuitable layout ('{}')",
                    base.name_str()
                ),
            ));
        }
    }
    set_mro(th, t, Some(m.value()));
    Ok(())
}

/// Give a class another order in which attributes are looked up.
pub fn set_mro(th: &Thread, t: Gc<TypeObj>, mro: Option<Value>) {
    th.set(t, &t.mro, mro);
    watch::changed(t, offset_of!(TypeObj, mro) as u64);
}

/// The root shape for the inline room that instances turned out to need.
pub fn renew_root(th: &Thread, t: Gc<TypeObj>) -> R<Gc<ShapeObj>> {
    let native = t.native_words.get();
    let inst = is_inst_layout(t.instance_kind.get() as u8);
    let has_dict = t.has(tf::HAS_DICT);
    let room = if inst && has_dict {
        t.inline_hint.get().min(200 - native.min(200))
    } else {
        0
    };
    let mut word = inline_word(native, room);
    if !has_dict {
        word |= shape::NO_ATTRS;
    }
    let s = shape::new(th, t, None, word)?;
    th.set(t, &t.root_shape, Some(s.value()));
    watch::changed(t, offset_of!(TypeObj, root_shape) as u64);
    Ok(s)
}

/// The shape of the class's instances that keep their attributes in a dict.
pub fn dict_shape(th: &Thread, t: Gc<TypeObj>) -> R<Gc<ShapeObj>> {
    if let Some(s) = t.weak_shapes.get() {
        // SAFETY: the word holds the class's dict shape.
        return Ok(unsafe { s.cast_unchecked() });
    }
    let word = inline_word(t.native_words.get(), 0) | shape::DICT_MODE;
    let s = shape::new(th, t, None, word)?;
    th.set(t, &t.weak_shapes, Some(s.value()));
    Ok(s)
}

fn set_names(th: &Thread, t: Gc<TypeObj>, d: Gc<DictObj>) -> R<()> {
    let snapshot = dict::copy(th, d)?;
    let mut i = 0;
    while let Some((k, v)) = dict::next(snapshot, &mut i) {
        if v.kind() == 0 || v.kind() == kinds::FUNCTION || v.kind() == kinds::STR {
            continue;
        }
        if let Some(f) = class::lookup(class::of(v), nm(N::SetName))
            && let Err(e) = crate::ops::call::call_special(th, f, v, &[t.value(), k])
        {
            let exc = th.take();
            let name = crate::ops::repr::repr_string(th, k)?;
            let note = format!(
                "Error calling __set_name__ on '{}' instance {} in '{}'",
                class::type_name(v),
                name,
                t.name_str()
            );
            crate::types::exceptions::add_note_text(th, exc, &note)?;
            th.restore(exc);
            return Err(e);
        }
    }
    Ok(())
}

fn init_subclass(th: &Thread, t: Gc<TypeObj>, kwargs: Args) -> R<()> {
    let after = t.mro().items()[1..]
        .iter()
        .find_map(|c| dict::get_name(expect::<TypeObj>(*c).dict(), nm(N::InitSubclass)));
    let Some(f) = after else { return Ok(()) };
    let bound = crate::core::attr::bind(th, f, None, t)?;
    let bound = if f.kind() == kinds::CLASSMETHOD || f.kind() == kinds::BUILTIN {
        bound
    } else {
        crate::core::attr::bind(th, f, Some(t.value()), t)?
    };
    crate::ops::call::call_args(th, bound, kwargs)?;
    Ok(())
}

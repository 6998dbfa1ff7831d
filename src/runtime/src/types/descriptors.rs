//! Descriptors: property, classmethod, staticmethod, slots' members, native attributes.

use crate::classes::C;
use crate::core::{attr, class, string};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, gss, m1, m2, m3, mk, mv, type_flags as tf,
};
use crate::thread::{R, Thread, expect};
use crate::types::iters::alloc;
use habu_heap::Value;

fn or_none(s: &habu_heap::Slot) -> R {
    Ok(s.get().unwrap_or(Value::NONE))
}

// ---- native attributes

pub fn new_getset(th: &Thread, def: &'static GetSetDef, owner: Value) -> R {
    let g: Gc<GetSetObj> = th.alloc(C::GetSet.shape(), 3, 32)?;
    g.attrs.init(None);
    g.def.init_bits(def as *const GetSetDef as u64 | 1);
    g.owner.init(Some(owner));
    Ok(g.value())
}
impl GetSetObj {
    pub fn def(&self) -> &'static GetSetDef {
        // SAFETY: the word is the address of a static definition, tagged as an int.
        unsafe { &*((self.def.bits() & !1) as *const GetSetDef) }
    }
    /// Is the object an instance of the class that the attribute was made for?
    pub fn applies_to(&self, obj: Value) -> bool {
        class::is_instance(obj, owner_of(&self.owner))
    }
}
fn owner_of(s: &habu_heap::Slot) -> Gc<TypeObj> {
    expect(s.get().unwrap_or(Value::NONE))
}
fn check_owner(th: &Thread, name: &str, owner: Gc<TypeObj>, obj: Value) -> R<()> {
    if class::is_instance(obj, owner) {
        return Ok(());
    }
    Err(error::type_error(
        th,
        &format!(
            "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
            owner.name_str(),
            class::type_name(obj)
        ),
    ))
}
pub fn getset_get(th: &Thread, g: Gc<GetSetObj>, obj: Value) -> R {
    check_owner(th, g.def().name, owner_of(&g.owner), obj)?;
    (g.def().get)(th, obj)
}
pub fn getset_set(th: &Thread, g: Gc<GetSetObj>, obj: Value, x: Option<Value>) -> R<()> {
    let def = g.def();
    check_owner(th, def.name, owner_of(&g.owner), obj)?;
    match def.set {
        Some(f) => f(th, obj, x),
        None => {
            let text = format!(
                "attribute '{}' of '{}' objects is not writable",
                def.name,
                owner_of(&g.owner).name_str()
            );
            let n = string::intern_new(th, def.name)?;
            Err(error::attribute_error_text(th, &text, obj, n.value()))
        }
    }
}
fn gs_get(th: &Thread, a: &[Value]) -> R {
    if a[1].is_none() && a.get(2).is_some_and(|t| !t.is_none()) {
        return Ok(a[0]);
    }
    getset_get(th, expect(a[0]), a[1])
}
fn gs_set(th: &Thread, d: Value, o: Value, x: Value) -> R {
    getset_set(th, expect(d), o, Some(x))?;
    Ok(Value::NONE)
}
fn gs_delete(th: &Thread, d: Value, o: Value) -> R {
    getset_set(th, expect(d), o, None)?;
    Ok(Value::NONE)
}
fn gs_name(th: &Thread, v: Value) -> R {
    Ok(string::intern_new(th, expect::<GetSetObj>(v).def().name)?.value())
}
fn gs_qualname(th: &Thread, v: Value) -> R {
    let g: Gc<GetSetObj> = expect(v);
    let q = ops::repr::str_string(th, or_none(&owner_of(&g.owner).qualname)?)?;
    string::new_value(th, &format!("{q}.{}", g.def().name))
}
fn gs_owner(_: &Thread, v: Value) -> R {
    or_none(&expect::<GetSetObj>(v).owner)
}
fn no_doc(_: &Thread, _: Value) -> R {
    Ok(Value::NONE)
}
fn gs_repr(th: &Thread, v: Value) -> R {
    let g: Gc<GetSetObj> = expect(v);
    let o = class::full_name(owner_of(&g.owner));
    string::new_value(
        th,
        &format!("<attribute '{}' of '{o}' objects>", g.def().name),
    )
}
static GETSET_METHODS: [MethodDef; 4] = [
    m1("__repr__", gs_repr),
    mv("__get__", gs_get, 2, 3),
    m3("__set__", gs_set),
    m2("__delete__", gs_delete),
];
static GETSET_GETSET: [GetSetDef; 4] = [
    gs("__name__", gs_name),
    gs("__qualname__", gs_qualname),
    gs("__objclass__", gs_owner),
    gs("__doc__", no_doc),
];
pub static GETSET: TypeSpec = TypeSpec::new("getset_descriptor", kinds::GETSET)
    .words(2)
    .methods(&GETSET_METHODS)
    .getset(&GETSET_GETSET);

// ---- members of __slots__

pub fn new_member(th: &Thread, name: Value, owner: Value, index: i64) -> R {
    let m: Gc<MemberObj> = th.alloc(C::Member.shape(), 4, 40)?;
    m.attrs.init(None);
    m.name.init(Some(name));
    m.owner.init(Some(owner));
    m.index.init(Some(Value::small_int(index)));
    Ok(m.value())
}
fn member_slot(th: &Thread, m: Gc<MemberObj>, obj: Value) -> R<&'static habu_heap::Slot> {
    let name = ops::repr::str_string(th, or_none(&m.name)?)?;
    check_owner(th, &name, owner_of(&m.owner), obj)?;
    let i = m.index.get().and_then(|i| i.as_int()).unwrap_or(0) as usize;
    // SAFETY: instances of the owner have the word that the member names.
    Ok(unsafe { obj.cast_unchecked::<Instance>() }.word(i))
}
pub fn member_get(th: &Thread, m: Gc<MemberObj>, obj: Value) -> R {
    match member_slot(th, m, obj)?.get() {
        Some(v) => Ok(v),
        None => Err(error::attribute_error(th, obj, or_none(&m.name)?)),
    }
}
pub fn member_set(th: &Thread, m: Gc<MemberObj>, obj: Value, x: Option<Value>) -> R<()> {
    let s = member_slot(th, m, obj)?;
    if x.is_none() && s.get().is_none() {
        return Err(error::attribute_error(th, obj, or_none(&m.name)?));
    }
    th.set_in(obj, s, x);
    Ok(())
}
fn mb_get(th: &Thread, a: &[Value]) -> R {
    if a[1].is_none() && a.get(2).is_some_and(|t| !t.is_none()) {
        return Ok(a[0]);
    }
    member_get(th, expect(a[0]), a[1])
}
fn mb_set(th: &Thread, d: Value, o: Value, x: Value) -> R {
    member_set(th, expect(d), o, Some(x))?;
    Ok(Value::NONE)
}
fn mb_delete(th: &Thread, d: Value, o: Value) -> R {
    member_set(th, expect(d), o, None)?;
    Ok(Value::NONE)
}
fn mb_name(_: &Thread, v: Value) -> R {
    or_none(&expect::<MemberObj>(v).name)
}
fn mb_owner(_: &Thread, v: Value) -> R {
    or_none(&expect::<MemberObj>(v).owner)
}
fn mb_qualname(th: &Thread, v: Value) -> R {
    let m: Gc<MemberObj> = expect(v);
    let q = ops::repr::str_string(th, or_none(&owner_of(&m.owner).qualname)?)?;
    let n = ops::repr::str_string(th, or_none(&m.name)?)?;
    string::new_value(th, &format!("{q}.{n}"))
}
fn mb_repr(th: &Thread, v: Value) -> R {
    let m: Gc<MemberObj> = expect(v);
    let n = ops::repr::str_string(th, or_none(&m.name)?)?;
    string::new_value(
        th,
        &format!(
            "<member '{n}' of '{}' objects>",
            owner_of(&m.owner).name_str()
        ),
    )
}
fn mb_reduce(th: &Thread, v: Value) -> R {
    let m: Gc<MemberObj> = expect(v);
    let g = crate::interp::builtin_named(th, "getattr")?;
    let args = crate::core::tuple::new_value(th, &[or_none(&m.owner)?, or_none(&m.name)?])?;
    crate::core::tuple::new_value(th, &[g, args])
}
static MEMBER_METHODS: [MethodDef; 5] = [
    m1("__repr__", mb_repr),
    mv("__get__", mb_get, 2, 3),
    m3("__set__", mb_set),
    m2("__delete__", mb_delete),
    m1("__reduce__", mb_reduce),
];
static MEMBER_GETSET: [GetSetDef; 4] = [
    gs("__name__", mb_name),
    gs("__qualname__", mb_qualname),
    gs("__objclass__", mb_owner),
    gs("__doc__", no_doc),
];
pub static MEMBER: TypeSpec = TypeSpec::new("member_descriptor", kinds::MEMBER)
    .words(3)
    .methods(&MEMBER_METHODS)
    .getset(&MEMBER_GETSET);

// ---- property

fn p(v: Value) -> Gc<PropertyObj> {
    expect(v)
}
fn prop_new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: the class has the layout of its native base.
    Ok(unsafe { Value::from_ptr(alloc(th, cls)?) })
}
fn prop_init(th: &Thread, a: Args) -> R {
    let this = p(a.all()[0]);
    let [get, set, del, doc] = crate::args!(
        th,
        a.rest(),
        "property",
        ["fget", "fset", "fdel", "doc"],
        0,
        0,
        4
    );
    let opt = |v: Option<Value>| v.filter(|v| !v.is_none());
    th.set(this, &this.get, opt(get));
    th.set(this, &this.set, opt(set));
    th.set(this, &this.del, opt(del));
    this.name.init(None);
    let mut doc = opt(doc);
    this.getter_doc.init(Some(Value::FALSE));
    if doc.is_none()
        && let Some(g) = opt(get)
        && let Some(d) = attr::get_opt(th, g, nm(N::Doc))?.filter(|d| !d.is_none())
    {
        this.getter_doc.init(Some(Value::TRUE));
        doc = Some(d);
    }
    if class::is_exact(this.value(), C::Property) {
        th.set(this, &this.doc, doc);
    } else if doc.is_some()
        || attr::get_opt(th, class::of(this.value()).value(), nm(N::Doc))?.is_none()
    {
        let r = attr::generic_set(
            th,
            this.value(),
            nm(N::Doc),
            Some(doc.unwrap_or(Value::NONE)),
        );
        if r.is_err()
            && error::matches(th, C::AttributeError)
            && this.getter_doc.get() == Some(Value::TRUE)
        {
            th.take();
        } else {
            r?;
        }
    }
    Ok(Value::NONE)
}
/// The name for messages: set by `__set_name__`, or the getter's.
fn prop_label(th: &Thread, x: Gc<PropertyObj>, obj: Value, what: &str) -> R<crate::thread::Raised> {
    let t = ops::repr::repr_string(th, or_none(&class::of(obj).qualname)?)?;
    let n = match x.name.get() {
        Some(n) => Some(n),
        None => match x.get.get() {
            Some(g) => attr::get_opt(th, g, nm(N::Name))?,
            None => None,
        },
    };
    let text = match n {
        Some(n) => format!(
            "property {} of {t} object has no {what}",
            ops::repr::repr_string(th, n)?
        ),
        None => format!("property of {t} object has no {what}"),
    };
    let name = n.filter(|n| n.is::<StrObj>()).unwrap_or(Value::NONE);
    let e = error::raise(th, C::AttributeError, &text);
    let _ = name;
    Ok(e)
}
pub fn property_get(th: &Thread, x: Gc<PropertyObj>, obj: Value) -> R {
    match x.get.get() {
        Some(g) => call::call(th, g, &[obj]),
        None => Err(prop_label(th, x, obj, "getter")?),
    }
}
pub fn property_set(th: &Thread, x: Gc<PropertyObj>, obj: Value, v: Option<Value>) -> R<()> {
    match v {
        Some(v) => match x.set.get() {
            Some(f) => call::call(th, f, &[obj, v]).map(drop),
            None => Err(prop_label(th, x, obj, "setter")?),
        },
        None => match x.del.get() {
            Some(f) => call::call(th, f, &[obj]).map(drop),
            None => Err(prop_label(th, x, obj, "deleter")?),
        },
    }
}
fn prop_get(th: &Thread, a: &[Value]) -> R {
    if a[1].is_none() {
        return Ok(a[0]);
    }
    property_get(th, p(a[0]), a[1])
}
fn prop_set(th: &Thread, d: Value, o: Value, v: Value) -> R {
    property_set(th, p(d), o, Some(v))?;
    Ok(Value::NONE)
}
fn prop_delete(th: &Thread, d: Value, o: Value) -> R {
    property_set(th, p(d), o, None)?;
    Ok(Value::NONE)
}
fn prop_copy(
    th: &Thread,
    v: Value,
    get: Option<Value>,
    set: Option<Value>,
    del: Option<Value>,
) -> R {
    let x = p(v);
    let pick = |new: Option<Value>, old: &habu_heap::Slot| {
        new.filter(|n| !n.is_none())
            .or(old.get())
            .unwrap_or(Value::NONE)
    };
    let doc = if x.getter_doc.get() == Some(Value::TRUE) && get.is_some() {
        Value::NONE
    } else {
        or_none(&x.doc)?
    };
    let args = [pick(get, &x.get), pick(set, &x.set), pick(del, &x.del), doc];
    let r = call::call(th, class::of(v).value(), &args)?;
    if let Some(y) = r.cast::<PropertyObj>() {
        th.set(y, &y.name, x.name.get());
    }
    Ok(r)
}
fn prop_getter(th: &Thread, v: Value, f: Value) -> R {
    prop_copy(th, v, Some(f), None, None)
}
fn prop_setter(th: &Thread, v: Value, f: Value) -> R {
    prop_copy(th, v, None, Some(f), None)
}
fn prop_deleter(th: &Thread, v: Value, f: Value) -> R {
    prop_copy(th, v, None, None, Some(f))
}
fn prop_set_name(th: &Thread, v: Value, _: Value, n: Value) -> R {
    th.set(p(v), &p(v).name, Some(n));
    Ok(Value::NONE)
}
fn prop_fget(_: &Thread, v: Value) -> R {
    or_none(&p(v).get)
}
fn prop_fset(_: &Thread, v: Value) -> R {
    or_none(&p(v).set)
}
fn prop_fdel(_: &Thread, v: Value) -> R {
    or_none(&p(v).del)
}
fn prop_doc(_: &Thread, v: Value) -> R {
    or_none(&p(v).doc)
}
fn prop_set_doc(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    th.set(p(v), &p(v).doc, x);
    Ok(())
}
fn prop_name(th: &Thread, v: Value) -> R {
    if let Some(n) = p(v).name.get() {
        return Ok(n);
    }
    if let Some(g) = p(v).get.get()
        && let Some(n) = attr::get_opt(th, g, nm(N::Name))?
    {
        return Ok(n);
    }
    Err(error::attribute_error(th, v, nm(N::Name)))
}
fn prop_set_dunder_name(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    th.set(p(v), &p(v).name, x);
    Ok(())
}
fn prop_abstract(th: &Thread, v: Value) -> R {
    for f in [&p(v).get, &p(v).set, &p(v).del] {
        if let Some(f) = f.get()
            && is_abstract(th, f)?
        {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}
fn is_abstract(th: &Thread, f: Value) -> R<bool> {
    match attr::get_opt(th, f, nm(N::IsAbstract))? {
        Some(x) => ops::truth(th, x),
        None => Ok(false),
    }
}
static PROP_METHODS: [MethodDef; 8] = [
    mk("__init__", prop_init),
    mv("__get__", prop_get, 2, 3),
    m3("__set__", prop_set),
    m2("__delete__", prop_delete),
    m2("getter", prop_getter),
    m2("setter", prop_setter),
    m2("deleter", prop_deleter),
    m3("__set_name__", prop_set_name),
];
static PROP_GETSET: [GetSetDef; 6] = [
    gs("fget", prop_fget),
    gs("fset", prop_fset),
    gs("fdel", prop_fdel),
    gss("__doc__", prop_doc, prop_set_doc),
    gss("__name__", prop_name, prop_set_dunder_name),
    gs("__isabstractmethod__", prop_abstract),
];
pub static PROPERTY: TypeSpec = TypeSpec::new("property", kinds::PROPERTY)
    .words(6)
    .flags(tf::BASE)
    .methods(&PROP_METHODS)
    .getset(&PROP_GETSET)
    .new_fn(prop_new);

// ---- classmethod and staticmethod

pub fn new_staticmethod(th: &Thread, f: Value) -> R {
    let s: Gc<StaticMethodObj> = th.alloc(C::StaticMethod.shape(), 2, 24)?;
    s.attrs.init(None);
    s.func.init(Some(f));
    Ok(s.value())
}
pub fn new_classmethod(th: &Thread, f: Value) -> R {
    let s: Gc<ClassMethodObj> = th.alloc(C::ClassMethod.shape(), 2, 24)?;
    s.attrs.init(None);
    s.func.init(Some(f));
    Ok(s.value())
}
fn wrapped(v: Value) -> Value {
    // SAFETY: both kinds have the function in the same word.
    unsafe { v.cast_unchecked::<StaticMethodObj>() }
        .func
        .get()
        .unwrap_or(Value::NONE)
}
fn wrap_new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: the class has the layout of its native base.
    Ok(unsafe { Value::from_ptr(alloc(th, cls)?) })
}
fn wrap_init(th: &Thread, a: Args) -> R {
    let name = class::type_name(a.all()[0]);
    crate::core::parse::no_kwargs(th, &name, a)?;
    crate::core::parse::check_count(th, &name, a.pos().len() - 1, 1, 1)?;
    let f = a.all()[1];
    // SAFETY: both kinds have the function in the same word.
    let s: Gc<StaticMethodObj> = unsafe { a.all()[0].cast_unchecked() };
    th.set(s, &s.func, Some(f));
    for n in [N::Module, N::Name, N::QualName, N::Doc] {
        if let Some(x) = attr::get_opt(th, f, nm(n))? {
            attr::generic_set(th, a.all()[0], nm(n), Some(x))?;
        }
    }
    Ok(Value::NONE)
}
fn static_get(_: &Thread, a: &[Value]) -> R {
    Ok(wrapped(a[0]))
}
fn class_get(th: &Thread, a: &[Value]) -> R {
    let t = match a.get(2).filter(|t| !t.is_none()) {
        Some(&t) => t,
        None => class::of(a[1]).value(),
    };
    Ok(attr::new_method(th, wrapped(a[0]), t)?.value())
}
fn static_call(th: &Thread, a: Args) -> R {
    call::call_args(th, wrapped(a.all()[0]), a.rest())
}
fn wrap_func(_: &Thread, v: Value) -> R {
    Ok(wrapped(v))
}
fn wrap_abstract(th: &Thread, v: Value) -> R {
    Ok(Value::bool(is_abstract(th, wrapped(v))?))
}
fn static_repr(th: &Thread, v: Value) -> R {
    let r = ops::repr::repr_string(th, wrapped(v))?;
    string::new_value(th, &format!("<staticmethod({r})>"))
}
fn class_repr(th: &Thread, v: Value) -> R {
    let r = ops::repr::repr_string(th, wrapped(v))?;
    string::new_value(th, &format!("<classmethod({r})>"))
}
fn wrap_annotations(th: &Thread, v: Value) -> R {
    attr::get(th, wrapped(v), nm(N::Annotations))
}
fn wrap_annotate(th: &Thread, v: Value) -> R {
    attr::get(th, wrapped(v), nm(N::Annotate))
}
static STATIC_METHODS: [MethodDef; 5] = [
    mk("__init__", wrap_init),
    m1("__repr__", static_repr),
    mv("__get__", static_get, 2, 3),
    mk("__call__", static_call),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
static CLASS_METHODS: [MethodDef; 4] = [
    mk("__init__", wrap_init),
    m1("__repr__", class_repr),
    mv("__get__", class_get, 2, 3),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
static WRAP_GETSET: [GetSetDef; 5] = [
    gs("__func__", wrap_func),
    gs("__wrapped__", wrap_func),
    gs("__isabstractmethod__", wrap_abstract),
    gs("__annotations__", wrap_annotations),
    gs("__annotate__", wrap_annotate),
];
pub static STATICMETHOD: TypeSpec = TypeSpec::new("staticmethod", kinds::STATICMETHOD)
    .words(1)
    .flags(tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT)
    .methods(&STATIC_METHODS)
    .getset(&WRAP_GETSET)
    .new_fn(wrap_new);
pub static CLASSMETHOD: TypeSpec = TypeSpec::new("classmethod", kinds::CLASSMETHOD)
    .words(1)
    .flags(tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT)
    .methods(&CLASS_METHODS)
    .getset(&WRAP_GETSET)
    .new_fn(wrap_new);

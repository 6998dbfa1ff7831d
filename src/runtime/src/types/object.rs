//! `object`: what every class inherits.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{attr, class_make, dict, func, list, shape, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops;
use crate::runtime::{class as core_class, class_value};
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gss, m1, m2, m3, mk, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

/// Does the class use `object.__new__`?
#[inline(always)]
pub fn has_plain_new(t: Gc<TypeObj>) -> bool {
    t.instance_kind.get() == kinds::INSTANCE as u64
        && !t.has(tf::ABSTRACT)
        && special(t, N::New).is_some_and(|f| {
            f.kind() == kinds::BUILTIN
                && expect::<BuiltinObj>(f).this.get() == Some(class_value(C::Object))
        })
}

/// A new instance of a class with `object`'s layout (or any `Inst` kind), attributes empty.
#[inline]
pub fn new_plain(th: &Thread, t: Gc<TypeObj>) -> R {
    let mut s = shape::root(t);
    if t.inline_hint.get() as usize > s.inline_words() && t.has(tf::HEAP) && t.has(tf::HAS_DICT) {
        s = class_make::renew_root(th, t)?;
    }
    let words = s.first_word() + s.inline_words();
    let p = th.mutator.alloc(
        habu_heap::Header::word(s.id(), t.instance_kind.get() as u8, words as u8),
        8 + words * 8,
    );
    let Some(p) = p else {
        return Err(error::out_of_memory(th));
    };
    // SAFETY: the object has `words` words behind its header.
    unsafe { crate::interp::zero_words(p.as_ptr().add(1) as *mut u64, words) };
    if t.has(tf::FINALIZER) {
        th.mutator.register_finalizer(p.as_ptr());
    }
    // SAFETY: just made.
    Ok(unsafe { Value::from_ptr(p.as_ptr()) })
}

/// A unique object.
pub fn new_sentinel(th: &Thread) -> R {
    new_plain(th, core_class(C::Object))
}

fn new(th: &Thread, t: Gc<TypeObj>, a: Args) -> R {
    if !a.all().is_empty() {
        let n = special(t, N::New);
        let plain_new = n.is_some_and(|f| f.kind() == kinds::BUILTIN);
        let plain_init = is_objects(t, N::Init);
        if !plain_new {
            return Err(error::type_error(
                th,
                "object.__new__() takes exactly one argument (the type to instantiate)",
            ));
        }
        if plain_init {
            return Err(error::type_error(
                th,
                &format!("{}() takes no arguments", t.name_str()),
            ));
        }
    }
    if t.has(tf::ABSTRACT) {
        check_abstract(th, t)?;
    }
    if t.has(tf::NO_NEW) {
        // Its methods count on native words that only its module fills in.
        return Err(error::type_error(
            th,
            &format!("cannot create '{}' instances", class::full_name(t)),
        ));
    }
    new_plain(th, t)
}

/// A class with abstract methods left cannot be instantiated.
pub fn check_abstract(th: &Thread, t: Gc<TypeObj>) -> R<()> {
    let Some(m) = dict::get_name(t.dict(), nm(N::AbstractMethods)) else {
        return Ok(());
    };
    let names = ops::iter::to_list(th, m)?;
    if list::len(names) == 0 {
        return Ok(());
    }
    crate::types::sort::sort(th, names, None, false)?;
    let mut out = Vec::new();
    for &n in list::items(names) {
        out.push(format!("'{}'", ops::repr::str_string(th, n)?));
    }
    Err(error::type_error(
        th,
        &format!(
            "Can't instantiate abstract class {} without an implementation for abstract method{} {}",
            t.name_str(),
            if out.len() == 1 { "" } else { "s" },
            out.join(", ")
        ),
    ))
}

/// Does the class have `object`'s own method?
pub fn is_objects(t: Gc<TypeObj>, n: N) -> bool {
    special(t, n) == special(crate::runtime::class(C::Object), n)
}

fn init(th: &Thread, a: Args) -> R {
    let this = a.all()[0];
    if a.all().len() > 1 {
        let t = class::of(this);
        let own_init = special(t, N::Init).is_some_and(|f| f.kind() != kinds::BUILTIN);
        let own_new = !is_objects(t, N::New);
        if own_init {
            return Err(error::type_error(
                th,
                "object.__init__() takes exactly one argument (the instance to initialize)",
            ));
        }
        if !own_new {
            return Err(error::type_error(
                th,
                &format!("{}() takes no arguments", t.name_str()),
            ));
        }
    }
    Ok(Value::NONE)
}

pub fn repr(th: &Thread, v: Value) -> R {
    let t = class::of(v);
    let name = qualified(t);
    string::new_value(th, &format!("<{name} object at {:#x}>", address(v)))
}

/// `module.QualName`, builtins without.
pub fn qualified(t: Gc<TypeObj>) -> String {
    class::full_name(t)
}

/// `id()`.
pub fn address(v: Value) -> u64 {
    v.bits()
}

fn str(th: &Thread, v: Value) -> R {
    ops::repr::repr(th, v)
}

fn hash(th: &Thread, v: Value) -> R {
    crate::core::int::from_i64(th, crate::core::hash::pointer(v.bits() as usize))
}

fn eq(_: &Thread, a: Value, b: Value) -> R {
    Ok(if a == b {
        Value::TRUE
    } else {
        Value::NOT_IMPLEMENTED
    })
}

fn ne(th: &Thread, a: Value, b: Value) -> R {
    match special(class::of(a), N::Eq) {
        Some(f) => {
            let r = ops::call::call_special(th, f, a, &[b])?;
            if r == Value::NOT_IMPLEMENTED {
                Ok(r)
            } else {
                Ok(Value::bool(!ops::truth(th, r)?))
            }
        }
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn not_implemented(_: &Thread, _: Value, _: Value) -> R {
    Ok(Value::NOT_IMPLEMENTED)
}

fn getattribute(th: &Thread, v: Value, name: Value) -> R {
    let n = attr::intern_name(th, name)?;
    match attr::generic_get(th, v, n)? {
        Some(x) => Ok(x),
        None => Err(error::attribute_error(th, v, n)),
    }
}

fn setattr(th: &Thread, v: Value, name: Value, x: Value) -> R {
    let n = attr::intern_name(th, name)?;
    if v.kind() == kinds::TYPE {
        return Err(error::type_error(
            th,
            &format!(
                "can't apply this __setattr__ to {} object",
                class::type_name(v)
            ),
        ));
    }
    attr::generic_set(th, v, n, Some(x))?;
    Ok(Value::NONE)
}

fn delattr(th: &Thread, v: Value, name: Value) -> R {
    let n = attr::intern_name(th, name)?;
    attr::generic_set(th, v, n, None)?;
    Ok(Value::NONE)
}

fn get_class(_: &Thread, v: Value) -> R {
    Ok(class::of(v).value())
}

fn set_class(th: &Thread, v: Value, c: Option<Value>) -> R<()> {
    let Some(c) = c else {
        return Err(error::type_error(th, "can't delete __class__ attribute"));
    };
    let Some(new) = c.cast::<TypeObj>() else {
        return Err(error::type_error(
            th,
            &format!(
                "__class__ must be set to a class, not '{}' object",
                class::type_name(c)
            ),
        ));
    };
    let old = class::of(v);
    let module = |t: Gc<TypeObj>| t.instance_kind.get() == kinds::MODULE as u64;
    let changeable = module(new) && module(old) || new.has(tf::HEAP) && old.has(tf::HEAP);
    if !changeable {
        return Err(error::type_error(
            th,
            "__class__ assignment only supported for mutable types or ModuleType subclasses",
        ));
    }
    if new.instance_kind.get() != old.instance_kind.get()
        || new.native_words.get() != old.native_words.get()
        || new.has(tf::HAS_DICT) != old.has(tf::HAS_DICT)
        || !v.is_ptr()
    {
        return Err(error::type_error(
            th,
            &format!(
                "__class__ assignment: '{}' object layout differs from '{}'",
                new.name_str(),
                old.name_str()
            ),
        ));
    }
    if v.kind() == kinds::MODULE {
        let s = shape::new(th, new, None, shape::of(v).inline.get())?;
        shape::set_shape(th, v, s);
        return Ok(());
    }
    if new.has(tf::HAS_DICT) {
        // The attributes move into a dict: the two classes' inline rooms may differ.
        attr::dict_of(th, v)?;
        let s = class_make::dict_shape(th, new)?;
        shape::set_shape(th, v, s);
    } else {
        shape::set_shape(th, v, shape::root(new));
    }
    Ok(())
}

fn get_dict(th: &Thread, v: Value) -> R {
    if v.is_ptr()
        && !shape::of(v).no_attrs()
        && (attr_slot(v).is_some() || v.kind() == kinds::MODULE)
    {
        return Ok(attr::dict_of(th, v)?.value());
    }
    Err(error::attribute_error(th, v, nm(N::Dict)))
}

fn set_dict(th: &Thread, v: Value, d: Option<Value>) -> R<()> {
    let Some(d) = d else {
        return Err(error::type_error(th, "cannot delete __dict__"));
    };
    match d.cast::<DictObj>() {
        Some(d) => attr::set_dict(th, v, d),
        None => Err(error::type_error(
            th,
            &format!(
                "__dict__ must be set to a dictionary, not a '{}'",
                class::type_name(d)
            ),
        )),
    }
}

/// The `__dict__` descriptor that classes with instance dicts get.
pub static DICT_GETSET: GetSetDef = gss("__dict__", get_dict, set_dict);
/// The `__weakref__` descriptor.
pub static WEAKREF_GETSET: GetSetDef = GetSetDef {
    name: "__weakref__",
    get: crate::types::weakref::first_of,
    set: None,
};

fn dir(th: &Thread, v: Value) -> R {
    let d = match attr::get_opt(th, v, nm(N::Dict))? {
        Some(d) => match d.cast::<DictObj>() {
            Some(d) => dict::copy(th, d)?,
            None => dict::new_dict(th)?,
        },
        None => match attr::snapshot(th, v)? {
            Some(d) => d,
            None => dict::new_dict(th)?,
        },
    };
    if let Some(c) = attr::get_opt(th, v, nm(N::Class))? {
        merge_class_dict(th, d, c)?;
    }
    Ok(ops::iter::to_list(th, d.value())?.value())
}

/// All names of a class and its bases.
pub fn merge_class_dict(th: &Thread, d: Gc<DictObj>, c: Value) -> R<()> {
    th.check_native_stack()?;
    if let Some(cd) = attr::get_opt(th, c, nm(N::Dict))? {
        let keys = ops::call::method(th, cd, nm(N::Keys), &[])?;
        let keys = ops::iter::to_list(th, keys)?;
        for &k in list::items(keys) {
            dict::set(th, d, k, Value::NONE)?;
        }
    }
    if let Some(b) = attr::get_opt(th, c, nm(N::Bases))?.and_then(|b| b.cast::<TupleObj>()) {
        for &x in b.items() {
            merge_class_dict(th, d, x)?;
        }
    }
    Ok(())
}

fn format(th: &Thread, v: Value, spec: Value) -> R {
    let s = crate::core::parse::as_str(th, spec, "format() argument 2")?;
    if !s.is_empty() {
        return Err(error::type_error(
            th,
            &format!(
                "unsupported format string passed to {}.__format__",
                class::type_name(v)
            ),
        ));
    }
    ops::repr::str(th, v)
}

fn init_subclass(th: &Thread, a: Args) -> R {
    if a.all().len() > 1 {
        let t: Gc<TypeObj> = expect(a.all()[0]);
        return Err(error::type_error(
            th,
            &format!(
                "{}.__init_subclass__() takes no keyword arguments",
                t.name_str()
            ),
        ));
    }
    Ok(Value::NONE)
}

fn subclasshook(_: &Thread, _: Value, _: Value) -> R {
    Ok(Value::NOT_IMPLEMENTED)
}

fn sizeof(th: &Thread, v: Value) -> R {
    let n = match v.as_ptr() {
        // SAFETY: a pointer word points to a live object.
        Some(p) => unsafe { habu_heap::size_of_object(p) },
        None => 24,
    };
    crate::core::int::from_usize(th, n)
}

fn reduce(th: &Thread, v: Value) -> R {
    reduce_proto(th, v, 0)
}

fn reduce_ex(th: &Thread, v: Value, proto: Value) -> R {
    let t = class::of(v);
    if let Some(f) = class::lookup(t, nm(N::Reduce))
        && Some(f) != class::lookup(core_class(C::Object), nm(N::Reduce))
    {
        let b = attr::get(th, v, nm(N::Reduce))?;
        return ops::call::call(th, b, &[]);
    }
    let p = crate::core::parse::as_isize(th, proto)?;
    reduce_proto(th, v, p)
}

fn copyreg(th: &Thread) -> R {
    crate::import::import_module(th, "copyreg")
}

fn reduce_proto(th: &Thread, v: Value, proto: i64) -> R {
    let cr = copyreg(th)?;
    if proto < 2 {
        let f = attr::get_text(th, cr, "_reduce_ex")?;
        return ops::call::call(th, f, &[v, Value::small_int(proto)]);
    }
    let t = class::of(v);
    let mut args = tuple::empty().value();
    let mut kwargs = None;
    if let Some(g) = attr::get_opt(th, v, nm(N::GetNewArgsEx))? {
        let r = ops::call::call(th, g, &[])?;
        match r.cast::<TupleObj>() {
            Some(p) if p.len() == 2 => {
                args = p.items()[0];
                kwargs = Some(p.items()[1]);
            }
            _ => {
                return Err(error::type_error(
                    th,
                    &format!(
                        "__getnewargs_ex__ should return a tuple, not '{}'",
                        class::type_name(r)
                    ),
                ));
            }
        }
    } else if let Some(g) = attr::get_opt(th, v, nm(N::GetNewArgs))? {
        args = ops::call::call(th, g, &[])?;
        if args.cast::<TupleObj>().is_none() {
            return Err(error::type_error(
                th,
                &format!(
                    "__getnewargs__ should return a tuple, not '{}'",
                    class::type_name(args)
                ),
            ));
        }
    } else if !matches!(
        t.instance_kind.get() as u8,
        kinds::INSTANCE
            | kinds::EXC
            | kinds::LIST
            | kinds::DICT
            | kinds::SET
            | kinds::RECORD
            | kinds::MODULE
    ) || t.instance_kind.get() as u8 == kinds::RECORD && !t.has(tf::HEAP)
    {
        return Err(error::type_error(
            th,
            &format!("cannot pickle '{}' object", t.name_str()),
        ));
    }
    let state = getstate(th, v)?;
    let items_list = if v.kind() == kinds::LIST {
        ops::iter::get(th, v)?
    } else {
        Value::NONE
    };
    let items_dict = if v.kind() == kinds::DICT {
        let i = ops::call::method(th, v, nm(N::Items), &[])?;
        ops::iter::get(th, i)?
    } else {
        Value::NONE
    };
    let (func, fargs) = match kwargs {
        Some(k) if ops::length(th, k)? > 0 => {
            let f = attr::get_text(th, cr, "__newobj_ex__")?;
            (f, tuple::new_value(th, &[t.value(), args, k])?)
        }
        _ => {
            let f = attr::get_text(th, cr, "__newobj__")?;
            let l = list::new(th)?;
            list::push(th, l, t.value())?;
            for &x in expect::<TupleObj>(args).items() {
                list::push(th, l, x)?;
            }
            (f, tuple::new_value(th, list::items(l))?)
        }
    };
    tuple::new_value(th, &[func, fargs, state, items_list, items_dict])
}

/// `__getstate__` of the object (its own, or object's).
fn getstate(th: &Thread, v: Value) -> R {
    let f = attr::get(th, v, nm(N::GetState))?;
    ops::call::call(th, f, &[])
}

fn default_getstate(th: &Thread, v: Value) -> R {
    let state = match attr::snapshot(th, v)? {
        Some(d) if dict::len(d) > 0 => d.value(),
        _ => Value::NONE,
    };
    let cr = copyreg(th)?;
    let f = attr::get_text(th, cr, "_slotnames")?;
    let names = ops::call::call(th, f, &[class::of(v).value()])?;
    if let Some(l) = names.cast::<ListObj>()
        && list::len(l) > 0
    {
        let slots = dict::new_dict(th)?;
        for &n in list::items(l) {
            let n = attr::intern_name(th, n)?;
            if let Some(x) = attr::get_opt(th, v, n)? {
                dict::set(th, slots, n, x)?;
            }
        }
        if dict::len(slots) > 0 {
            return tuple::new_value(th, &[state, slots.value()]);
        }
    }
    Ok(state)
}

static METHODS: [MethodDef; 21] = [
    mk("__init__", init).sig("($self, /, *args, **kwargs)"),
    m1("__repr__", repr).sig("($self, /)"),
    m1("__str__", str).sig("($self, /)"),
    m1("__hash__", hash).sig("($self, /)"),
    m2("__eq__", eq).sig("($self, value, /)"),
    m2("__ne__", ne).sig("($self, value, /)"),
    m2("__lt__", not_implemented).sig("($self, value, /)"),
    m2("__le__", not_implemented).sig("($self, value, /)"),
    m2("__gt__", not_implemented).sig("($self, value, /)"),
    m2("__ge__", not_implemented).sig("($self, value, /)"),
    m2("__getattribute__", getattribute).sig("($self, name, /)"),
    m3("__setattr__", setattr).sig("($self, name, value, /)"),
    m2("__delattr__", delattr).sig("($self, name, /)"),
    m1("__dir__", dir).sig("($self, /)"),
    m2("__format__", format).sig("($self, format_spec, /)"),
    mk("__init_subclass__", init_subclass).class(),
    m2("__subclasshook__", subclasshook).class(),
    m1("__sizeof__", sizeof).sig("($self, /)"),
    m1("__reduce__", reduce).sig("($self, /)"),
    m2("__reduce_ex__", reduce_ex).sig("($self, protocol, /)"),
    m1("__getstate__", default_getstate).sig("($self, /)"),
];

static GETSET: [GetSetDef; 1] = [gss("__class__", get_class, set_class)];

pub static SPEC: TypeSpec = TypeSpec::new("object", kinds::INSTANCE)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new)
    .doc(
        "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
    );

/// For natives that only have a name.
pub fn call_named(th: &Thread, v: Value, name: &str, args: &[Value]) -> R {
    let n = string::intern_new(th, name)?;
    ops::call::method(th, v, n.value(), args)
}

/// Used by specs that want an argument-free method.
pub fn with_self<T>(
    th: &Thread,
    this: Value,
    args: &[Value],
    f: impl FnOnce(&[Value]) -> R<T>,
) -> R<T> {
    func::with_first(th, this, args, f)
}

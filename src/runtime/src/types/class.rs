//! `type`: classes as objects, and calling them.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{attr, class_make, dict, func, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops;
use crate::runtime::{class as core_class, class_value};
use crate::spec::{
    Args, GetSetDef, MethodDef, MethodKind, Named, NativeFn, TypeSpec, gs, gss, m1, m2, m3, mk,
    type_flags as tf,
};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

/// Does the class's metaclass call it the usual way?
#[inline(always)]
pub fn plain_call(t: Gc<TypeObj>) -> bool {
    let m = class::of(t.value());
    m == core_class(C::Type) || special(m, N::Call).is_some_and(|f| f.kind() == kinds::BUILTIN)
}

/// The call of a class whose instances are all made by its `new`; `None` for the other classes.
#[inline]
pub fn call_direct(th: &Thread, t: Gc<TypeObj>, args: Args) -> Option<R> {
    if !t.has(tf::DIRECT_NEW) {
        return None;
    }
    let spec = t.spec();
    if let Some(construct) = spec.construct {
        return Some(construct(th, t, args));
    }
    let obj = match spec.new?(th, t, args) {
        Ok(obj) => obj,
        Err(e) => return Some(Err(e)),
    };
    // `__new__` may answer with an instance of a subclass, which has an `__init__` perhaps; not so `str`'s.
    if !obj.is_ptr() || obj.shape() == crate::core::shape::root(t).id() || t == core_class(C::Str) {
        return Some(Ok(obj));
    }
    Some(initialize(th, t, obj, args, true))
}

/// Call a class through its metaclass.
pub fn call_any(th: &Thread, t: Gc<TypeObj>, args: Args) -> R {
    if let Some(r) = call_direct(th, t, args) {
        return r;
    }
    if plain_call(t) {
        return call(th, t, args);
    }
    match special(class::of(t.value()), N::Call) {
        Some(f) => ops::call::call_special_args(th, f, t.value(), args),
        None => Err(ops::call::not_callable(th, t.value())),
    }
}

/// `type.__call__`.
pub fn call(th: &Thread, t: Gc<TypeObj>, args: Args) -> R {
    if !plain_call(t) {
        return call_any(th, t, args);
    }
    call_type(th, t, args)
}

fn call_type(th: &Thread, t: Gc<TypeObj>, args: Args) -> R {
    if t == core_class(C::Type) && args.all().len() == 1 && args.names().is_none() {
        return Ok(class::of(args.all()[0]).value());
    }
    let Some(new) = special(t, N::New) else {
        return Err(error::type_error(
            th,
            &format!("cannot create '{}' instances", class::full_name(t)),
        ));
    };
    let obj = match native_new(new) {
        Some(spec) => new_native(th, spec, t, args)?,
        None => {
            let f = attr::bind(th, new, None, t)?;
            func::with_first(th, t.value(), args.all(), |all| {
                ops::call::call_args(
                    th,
                    f,
                    Args::of(&Named {
                        all,
                        names: args.names(),
                    }),
                )
            })?
        }
    };
    initialize(th, t, obj, args, native_new(new).is_some())
}

/// What follows `__new__`: `__init__`, where the object is an instance of the class that was called.
fn initialize(th: &Thread, t: Gc<TypeObj>, obj: Value, args: Args, native: bool) -> R {
    let ot = class::of(obj);
    if ot != t && !class::is_instance(obj, t) {
        return Ok(obj);
    }
    if let Some(init) = special(ot, N::Init) {
        if init.kind() == kinds::BUILTIN && init.shape() == C::WrapperDescriptor.shape() {
            let b: Gc<BuiltinObj> = expect(init);
            // object.__init__ has nothing to do beyond the checks that object.__new__ made.
            let owner = b.owner();
            let none = args.all().is_empty();
            if owner == Some(core_class(C::Object)) && (none || native) {
                return Ok(obj);
            }
            // Nothing given to a container that was just made empty.
            let empty = [C::List, C::Dict, C::Set].map(|c| Some(core_class(c)));
            if none && native && args.names().is_none() && empty.contains(&owner) {
                return Ok(obj);
            }
        }
        let r = ops::call::call_special_args(th, init, obj, args)?;
        if !r.is_none() {
            return Err(error::type_error(
                th,
                &format!(
                    "__init__() should return None, not '{}'",
                    class::type_name(r)
                ),
            ));
        }
    }
    Ok(obj)
}

/// The spec behind a native `__new__`.
fn native_new(f: Value) -> Option<&'static TypeSpec> {
    let b = f.cast::<BuiltinObj>()?;
    if !std::ptr::eq(b.def(), &NEW_DEF) {
        return None;
    }
    Some(b.this.get()?.cast::<TypeObj>()?.spec())
}

fn new_native(th: &Thread, spec: &'static TypeSpec, t: Gc<TypeObj>, args: Args) -> R {
    match spec.new {
        Some(f) => {
            if t.has(tf::ABSTRACT) {
                crate::types::object::check_abstract(th, t)?;
            }
            f(th, t, args)
        }
        None => Err(error::type_error(
            th,
            &format!("cannot create '{}' instances", class::full_name(t)),
        )),
    }
}

/// `Type.__new__(cls, …)`: the receiver is the native class, the first argument the class to make.
fn tp_new(th: &Thread, a: Args) -> R {
    let owner: Gc<TypeObj> = expect(a.all()[0]);
    let spec = owner.spec();
    let Some(&c) = a.pos().get(1) else {
        return Err(error::type_error(
            th,
            &format!("{}.__new__(): not enough arguments", spec.name),
        ));
    };
    let Some(t) = c.cast::<TypeObj>() else {
        return Err(error::type_error(
            th,
            &format!(
                "{}.__new__(X): X is not a type object ({})",
                spec.name,
                class::type_name(c)
            ),
        ));
    };
    if !class::is_subclass(t, owner) {
        return Err(error::type_error(
            th,
            &format!(
                "{0}.__new__({1}): {1} is not a subtype of {0}",
                spec.name,
                t.name_str()
            ),
        ));
    }
    if !std::ptr::eq(t.spec(), spec)
        && t.spec().new.is_some()
        && !std::ptr::eq(
            t.spec().new.map_or(0, |f| f as usize) as *const u8,
            spec.new.map_or(0, |f| f as usize) as *const u8,
        )
    {
        return Err(error::type_error(
            th,
            &format!(
                "{0}.__new__({1}) is not safe, use {2}.__new__()",
                spec.name,
                t.name_str(),
                t.spec().name
            ),
        ));
    }
    new_native(th, spec, t, a.rest().rest())
}

pub static NEW_DEF: MethodDef = MethodDef {
    name: "__new__",
    func: NativeFn::K(tp_new),
    min: 0,
    max: 255,
    kind: MethodKind::Method,
    sig: "($type, *args, **kwargs)",
};

/// `type(name, bases, namespace, **kwargs)`.
fn new(th: &Thread, meta: Gc<TypeObj>, a: Args) -> R {
    let pos = a.pos();
    if pos.len() != 3 {
        return Err(error::type_error(th, "type() takes 1 or 3 arguments"));
    }
    let name = match pos[0].cast::<StrObj>() {
        Some(s) => s,
        None => {
            return Err(error::type_error(
                th,
                &format!(
                    "type.__new__() argument 1 must be str, not {}",
                    class::type_name(pos[0])
                ),
            ));
        }
    };
    let Some(bases) = pos[1].cast::<TupleObj>() else {
        return Err(error::type_error(
            th,
            &format!(
                "type.__new__() argument 2 must be tuple, not {}",
                class::type_name(pos[1])
            ),
        ));
    };
    let Some(ns) = pos[2].cast::<DictObj>() else {
        return Err(error::type_error(
            th,
            &format!(
                "type.__new__() argument 3 must be dict, not {}",
                class::type_name(pos[2])
            ),
        ));
    };
    for &b in bases.items() {
        if !b.is::<TypeObj>() {
            if attr::get_opt(th, b, nm(N::MroEntries))?.is_some() {
                return Err(error::type_error(
                    th,
                    "type() doesn't support MRO entry resolution; use types.new_class()",
                ));
            }
            return Err(error::type_error(th, "bases must be types"));
        }
    }
    let winner = class::best_metaclass(th, meta, bases.items())?;
    if winner != meta
        && let Some(n) = special(winner, N::New)
        && native_new(n).is_none_or(|s| !std::ptr::eq(s, &SPEC))
    {
        let f = attr::bind(th, n, None, winner)?;
        return func::with_first(th, winner.value(), a.all(), |all| {
            ops::call::call_args(
                th,
                f,
                Args::of(&Named {
                    all,
                    names: a.names(),
                }),
            )
        });
    }
    let named = Named {
        all: &a.all()[3..],
        names: a.names(),
    };
    let kw = Args::of(&named);
    Ok(class_make::make(th, winner, name, bases, ns, kw)?.value())
}

fn init(th: &Thread, a: Args) -> R {
    let n = a.pos().len();
    if n != 2 && n != 4 {
        return Err(error::type_error(
            th,
            "type.__init__() takes 1 or 3 arguments",
        ));
    }
    Ok(Value::NONE)
}

fn repr(th: &Thread, v: Value) -> R {
    let t: Gc<TypeObj> = expect(v);
    string::new_value(th, &format!("<class '{}'>", class::full_name(t)))
}

fn call_method(th: &Thread, a: Args) -> R {
    call_type(th, expect(a.all()[0]), a.rest())
}

fn getattribute(th: &Thread, v: Value, name: Value) -> R {
    let n = attr::intern_name(th, name)?;
    match attr::type_get(th, expect(v), n)? {
        Some(x) => Ok(x),
        None => Err(error::attribute_error(th, v, n)),
    }
}

fn setattr(th: &Thread, v: Value, name: Value, x: Value) -> R {
    let n = attr::intern_name(th, name)?;
    attr::type_set(th, expect(v), n, Some(x))?;
    Ok(Value::NONE)
}

fn delattr(th: &Thread, v: Value, name: Value) -> R {
    let n = attr::intern_name(th, name)?;
    attr::type_set(th, expect(v), n, None)?;
    Ok(Value::NONE)
}

fn mro_method(th: &Thread, v: Value) -> R {
    let m = class::compute_mro(th, expect(v))?;
    Ok(list::from_slice(th, m.items())?.value())
}

fn subclasses(th: &Thread, v: Value) -> R {
    let l = list::new(th)?;
    let mut bad = None;
    class::subclasses(expect(v), &mut |s| {
        if let Err(e) = list::push(th, l, s.value()) {
            bad = Some(e);
        }
    });
    match bad {
        Some(e) => Err(e),
        None => Ok(l.value()),
    }
}

fn instancecheck(th: &Thread, c: Value, v: Value) -> R {
    Ok(Value::bool(ops::isinstance::real_instance(th, v, c)?))
}

fn subclasscheck(th: &Thread, c: Value, k: Value) -> R {
    Ok(Value::bool(ops::isinstance::real_subclass(th, k, c)?))
}

fn prepare(th: &Thread, _: Args) -> R {
    Ok(dict::new_dict(th)?.value())
}

fn dir(th: &Thread, v: Value) -> R {
    let d = dict::new_dict(th)?;
    crate::types::object::merge_class_dict(th, d, v)?;
    Ok(ops::iter::to_list(th, d.value())?.value())
}

fn or(th: &Thread, a: Value, b: Value) -> R {
    crate::types::union::or(th, a, b)
}

fn sizeof(_: &Thread, _: Value) -> R {
    Ok(Value::small_int(std::mem::size_of::<TypeObj>() as i64))
}

fn t(v: Value) -> Gc<TypeObj> {
    expect(v)
}

fn get_name(_: &Thread, v: Value) -> R {
    Ok(t(v).name.get().unwrap_or(Value::NONE))
}
fn set_name(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let t = mutable(th, v, "__name__", x)?;
    match x.and_then(|x| x.cast::<StrObj>()) {
        Some(s) if s.chars().any(|c| c == 0) => Err(error::value_error(
            th,
            "type name must not contain null characters",
        )),
        Some(s) => {
            th.set(t, &t.name, Some(s.value()));
            Ok(())
        }
        None => Err(error::type_error(
            th,
            &format!(
                "can only assign string to {}.__name__, not '{}'",
                t.name_str(),
                x.map_or("NoneType".into(), class::type_name)
            ),
        )),
    }
}
fn mutable(th: &Thread, v: Value, what: &str, x: Option<Value>) -> R<Gc<TypeObj>> {
    let t = t(v);
    if t.has(tf::IMMUTABLE) {
        return Err(error::type_error(
            th,
            &format!(
                "cannot set '{what}' attribute of immutable type '{}'",
                class::full_name(t)
            ),
        ));
    }
    if x.is_none() {
        return Err(error::type_error(
            th,
            &format!(
                "cannot delete '{what}' attribute of immutable type '{}'",
                t.name_str()
            ),
        ));
    }
    Ok(t)
}
fn get_qualname(_: &Thread, v: Value) -> R {
    Ok(t(v).qualname.get().unwrap_or(Value::NONE))
}
fn set_qualname(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let t = mutable(th, v, "__qualname__", x)?;
    match x {
        Some(s) if s.is::<StrObj>() => {
            th.set(t, &t.qualname, Some(s));
            Ok(())
        }
        _ => Err(error::type_error(
            th,
            &format!(
                "can only assign string to {}.__qualname__, not '{}'",
                t.name_str(),
                x.map_or("NoneType".into(), class::type_name)
            ),
        )),
    }
}
fn get_bases(_: &Thread, v: Value) -> R {
    Ok(t(v).bases.get().unwrap_or(tuple::empty().value()))
}
fn set_bases(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let c = mutable(th, v, "__bases__", x)?;
    let Some(b) = x.and_then(|x| x.cast::<TupleObj>()) else {
        return Err(error::type_error(
            th,
            &format!(
                "can only assign tuple to {}.__bases__, not {}",
                c.name_str(),
                x.map_or("NoneType".into(), class::type_name)
            ),
        ));
    };
    if b.is_empty() {
        return Err(error::type_error(
            th,
            &format!(
                "can only assign non-empty tuple to {}.__bases__, not ()",
                c.name_str()
            ),
        ));
    }
    for &x in b.items() {
        let Some(xt) = x.cast::<TypeObj>() else {
            return Err(error::type_error(
                th,
                &format!(
                    "{}.__bases__ must be tuple of classes, not '{}'",
                    c.name_str(),
                    class::type_name(x)
                ),
            ));
        };
        if class::is_subclass(xt, c) {
            return Err(error::type_error(
                th,
                "a __bases__ item causes an inheritance cycle",
            ));
        }
    }
    let best = class_make::best_base(th, b.items())?;
    if best.instance_kind.get() != c.instance_kind.get() {
        return Err(error::type_error(
            th,
            &format!(
                "__bases__ assignment: '{}' object layout differs from '{}'",
                best.name_str(),
                c.base().map_or(String::new(), |b| b.name_str())
            ),
        ));
    }
    let old_bases = c.bases.get();
    let old_base = c.base.get();
    th.set(c, &c.bases, Some(b.value()));
    th.set(c, &c.base, Some(best.value()));
    match class::compute_mro(th, c) {
        Ok(m) => class_make::set_mro(th, c, Some(m.value())),
        Err(e) => {
            th.set(c, &c.bases, old_bases);
            th.set(c, &c.base, old_base);
            return Err(e);
        }
    }
    if let Some(old) = old_bases.and_then(|o| o.cast::<TupleObj>()) {
        for &o in old.items() {
            class_make::remove_subclass(th, expect(o), c)?;
        }
    }
    for &n in b.items() {
        class_make::register_subclass(th, expect(n), c)?;
    }
    update_mros(th, c)?;
    class::modified(th, c, None);
    crate::interp::cache::flush_all(th);
    Ok(())
}

fn update_mros(th: &Thread, c: Gc<TypeObj>) -> R<()> {
    let l = list::new(th)?;
    let mut bad = Ok(());
    class::subclasses(c, &mut |s| {
        if let Err(e) = list::push(th, l, s.value()) {
            bad = Err(e);
        }
    });
    bad?;
    for &s in list::items(l) {
        let s: Gc<TypeObj> = expect(s);
        let m = class::compute_mro(th, s)?;
        class_make::set_mro(th, s, Some(m.value()));
        update_mros(th, s)?;
    }
    Ok(())
}
fn get_mro(_: &Thread, v: Value) -> R {
    Ok(t(v).mro().value())
}
fn get_base(_: &Thread, v: Value) -> R {
    Ok(t(v).base.get().unwrap_or(Value::NONE))
}
fn get_dict(th: &Thread, v: Value) -> R {
    crate::types::mappingproxy::new(th, t(v).dict().value())
}
fn get_doc(th: &Thread, v: Value) -> R {
    let c = t(v);
    match dict::get_name(c.dict(), nm(N::Doc)) {
        Some(d) => attr::bind(th, d, None, c),
        None => Ok(Value::NONE),
    }
}
fn set_doc(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let c = mutable(th, v, "__doc__", x)?;
    if let Some(x) = x {
        dict::set_name(th, c.dict(), nm(N::Doc), x)?;
    }
    class::modified(th, c, Some(nm(N::Doc)));
    Ok(())
}
fn get_module(th: &Thread, v: Value) -> R {
    let c = t(v);
    match dict::get_name(c.dict(), nm(N::Module)) {
        Some(m) => Ok(m),
        None if c.has(tf::HEAP) => Err(error::attribute_error(th, v, nm(N::Module))),
        None => Ok(string::intern_new(th, "builtins")?.value()),
    }
}
fn set_module(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let c = mutable(th, v, "__module__", x)?;
    if let Some(x) = x {
        dict::set_name(th, c.dict(), nm(N::Module), x)?;
    }
    class::modified(th, c, Some(nm(N::Module)));
    Ok(())
}
fn get_abstract(th: &Thread, v: Value) -> R {
    match dict::get_name(t(v).dict(), nm(N::AbstractMethods)) {
        Some(m) if v != class_value(C::Type) => Ok(m),
        _ => Err(error::attribute_error(th, v, nm(N::AbstractMethods))),
    }
}
fn set_abstract(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let c = t(v);
    match x {
        Some(x) => {
            let on = ops::truth(th, x)?;
            dict::set_name(th, c.dict(), nm(N::AbstractMethods), x)?;
            if on {
                c.set_flag(tf::ABSTRACT);
            } else {
                c.flags.set(c.flags.get() & !tf::ABSTRACT);
            }
        }
        None => {
            if dict::remove_name(c.dict(), nm(N::AbstractMethods)).is_none() {
                return Err(error::attribute_error(th, v, nm(N::AbstractMethods)));
            }
            c.flags.set(c.flags.get() & !tf::ABSTRACT);
        }
    }
    class::modified(th, c, Some(nm(N::AbstractMethods)));
    Ok(())
}
fn get_type_params(_: &Thread, v: Value) -> R {
    Ok(dict::get_name(t(v).dict(), nm(N::TypeParams)).unwrap_or(tuple::empty().value()))
}
fn set_type_params(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let c = mutable(th, v, "__type_params__", x)?;
    if let Some(x) = x {
        dict::set_name(th, c.dict(), nm(N::TypeParams), x)?;
    }
    Ok(())
}
fn get_annotate(th: &Thread, v: Value) -> R {
    let c = t(v);
    if !c.has(tf::HEAP) {
        return Err(error::attribute_error(th, v, nm(N::Annotate)));
    }
    for n in [N::AnnotateFunc, N::Annotate] {
        if let Some(f) = dict::get_name(c.dict(), nm(n)) {
            return attr::bind(th, f, None, c);
        }
    }
    dict::set_name(th, c.dict(), nm(N::AnnotateFunc), Value::NONE)?;
    Ok(Value::NONE)
}
fn set_annotate(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let Some(x) = x else {
        return Err(error::type_error(
            th,
            "cannot delete __annotate__ attribute",
        ));
    };
    let c = mutable(th, v, "__annotate__", Some(x))?;
    if !x.is_none() && !ops::call::is_callable(x) {
        return Err(error::type_error(
            th,
            "__annotate__ must be callable or None",
        ));
    }
    dict::set_name(th, c.dict(), nm(N::AnnotateFunc), x)?;
    if !x.is_none() {
        dict::remove_name(c.dict(), annotations_cache(th)?);
        dict::remove_name(c.dict(), nm(N::Annotations));
    }
    class::modified(th, c, None);
    Ok(())
}
fn annotations_cache(th: &Thread) -> R {
    Ok(string::intern_new(th, "__annotations_cache__")?.value())
}
fn get_annotations(th: &Thread, v: Value) -> R {
    let c = t(v);
    if !c.has(tf::HEAP) {
        return Err(error::attribute_error(th, v, nm(N::Annotations)));
    }
    let cache = annotations_cache(th)?;
    for n in [nm(N::Annotations), cache] {
        if let Some(a) = dict::get_name(c.dict(), n) {
            return attr::bind(th, a, None, c);
        }
    }
    let f = get_annotate(th, v)?;
    let d = if ops::call::is_callable(f) {
        let r = ops::call::call(th, f, &[Value::small_int(1)])?;
        if !r.is::<DictObj>() {
            return Err(error::type_error(
                th,
                &format!(
                    "__annotate__() must return a dict, not {}",
                    class::type_name(r)
                ),
            ));
        }
        r
    } else {
        dict::new_dict(th)?.value()
    };
    dict::set_name(th, c.dict(), cache, d)?;
    Ok(d)
}
fn set_annotations(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let c = t(v);
    if c.has(tf::IMMUTABLE) {
        return Err(error::type_error(
            th,
            &format!(
                "cannot set '__annotations__' attribute of immutable type '{}'",
                class::full_name(c)
            ),
        ));
    }
    let cache = annotations_cache(th)?;
    match x {
        Some(x) => {
            let n = if dict::get_name(c.dict(), nm(N::Annotations)).is_some() {
                nm(N::Annotations)
            } else {
                cache
            };
            dict::set_name(th, c.dict(), n, x)?;
        }
        None => {
            let a = dict::remove_name(c.dict(), nm(N::Annotations));
            let b = dict::remove_name(c.dict(), cache);
            if a.is_none() && b.is_none() {
                return Err(error::attribute_error(th, v, nm(N::Annotations)));
            }
        }
    }
    dict::remove_name(c.dict(), nm(N::AnnotateFunc));
    dict::remove_name(c.dict(), nm(N::Annotate));
    class::modified(th, c, None);
    Ok(())
}
fn get_flags(_: &Thread, v: Value) -> R {
    let c = t(v);
    let mut f: i64 = 1 << 12;
    let mut put = |flag: u64, bit: u32| {
        if c.has(flag) {
            f |= 1 << bit;
        }
    };
    put(tf::IMMUTABLE, 8);
    put(tf::HEAP, 9);
    put(tf::BASE, 10);
    put(tf::ABSTRACT, 20);
    put(tf::SEQUENCE, 5);
    put(tf::MAPPING, 6);
    Ok(Value::small_int(f))
}
fn get_basicsize(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(16 + 8 * t(v).native_words.get() as i64))
}
fn get_zero(_: &Thread, _: Value) -> R {
    Ok(Value::small_int(0))
}
fn get_text_signature(th: &Thread, v: Value) -> R {
    match t(v).has(tf::HEAP) {
        false if !t(v).spec().sig.is_empty() => string::new_value(th, t(v).spec().sig),
        _ => Ok(Value::NONE),
    }
}

static METHODS: [MethodDef; 15] = [
    mk("__init__", init),
    m1("__repr__", repr).sig("($self, /)"),
    mk("__call__", call_method).sig("($self, /, *args, **kwargs)"),
    m2("__getattribute__", getattribute).sig("($self, name, /)"),
    m3("__setattr__", setattr).sig("($self, name, value, /)"),
    m2("__delattr__", delattr).sig("($self, name, /)"),
    m1("mro", mro_method).sig("($self, /)"),
    m1("__subclasses__", subclasses).sig("($self, /)"),
    m2("__instancecheck__", instancecheck).sig("($self, instance, /)"),
    m2("__subclasscheck__", subclasscheck).sig("($self, subclass, /)"),
    mk("__prepare__", prepare).class(),
    m1("__dir__", dir).sig("($self, /)"),
    m2("__or__", or).sig("($self, value, /)"),
    m2("__ror__", ror).sig("($self, value, /)"),
    m1("__sizeof__", sizeof).sig("($self, /)"),
];

fn ror(th: &Thread, a: Value, b: Value) -> R {
    crate::types::union::or(th, b, a)
}

static GETSET: [GetSetDef; 19] = [
    gss("__name__", get_name, set_name),
    gss("__qualname__", get_qualname, set_qualname),
    gss("__bases__", get_bases, set_bases),
    gs("__mro__", get_mro),
    gs("__base__", get_base),
    gs("__dict__", get_dict),
    gss("__doc__", get_doc, set_doc),
    gss("__module__", get_module, set_module),
    gss("__abstractmethods__", get_abstract, set_abstract),
    gss("__type_params__", get_type_params, set_type_params),
    gss("__annotate__", get_annotate, set_annotate),
    gss("__annotations__", get_annotations, set_annotations),
    gs("__flags__", get_flags),
    gs("__basicsize__", get_basicsize),
    gs("__itemsize__", get_zero),
    gs("__dictoffset__", get_zero),
    gs("__weakrefoffset__", get_zero),
    gs("__weakref__", crate::types::weakref::first_of),
    gs("__text_signature__", get_text_signature),
];

pub static SPEC: TypeSpec = TypeSpec::new("type", kinds::TYPE)
    .flags(tf::BASE | tf::META)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

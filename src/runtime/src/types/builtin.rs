//! Native functions as Python sees them.

use crate::classes::C;
use crate::core::{class, func, string, tuple};
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

fn b(v: Value) -> Gc<BuiltinObj> {
    expect(v)
}

/// Names that CPython implements as type slots (shown as "slot wrapper").
pub fn is_slot_name(n: &str) -> bool {
    !matches!(
        n,
        "__reduce__"
            | "__reduce_ex__"
            | "__getstate__"
            | "__setstate__"
            | "__sizeof__"
            | "__format__"
            | "__dir__"
            | "__getnewargs__"
            | "__getnewargs_ex__"
            | "__class_getitem__"
            | "__init_subclass__"
            | "__subclasshook__"
            | "__instancecheck__"
            | "__subclasscheck__"
            | "__prepare__"
            | "__length_hint__"
            | "__reversed__"
            | "__round__"
            | "__trunc__"
            | "__floor__"
            | "__ceil__"
            | "__copy__"
            | "__deepcopy__"
            | "__enter__"
            | "__exit__"
            | "__bytes__"
            | "__complex__"
            | "__missing__"
            | "__subclasses__"
            | "__mro_entries__"
            | "__getformat__"
            | "__typing_subst__"
            | "__typing_prepare_subst__"
    )
}

/// Bind a native method found on a class.
pub fn bind(th: &Thread, f: Gc<BuiltinObj>, obj: Option<Value>, t: Gc<TypeObj>) -> R {
    let shape = f.value().shape();
    if shape == C::ClassMethodDescriptor.shape() {
        return Ok(func::new_builtin(
            th,
            C::Builtin,
            f.def(),
            Some(t.value()),
            None,
            f.owner.get(),
        )?
        .value());
    }
    let Some(o) = obj else { return Ok(f.value()) };
    if shape == C::MethodDescriptor.shape() {
        return Ok(
            func::new_builtin(th, C::Builtin, f.def(), Some(o), None, f.owner.get())?.value(),
        );
    }
    if shape == C::WrapperDescriptor.shape() {
        return Ok(
            func::new_builtin(th, C::MethodWrapper, f.def(), Some(o), None, f.owner.get())?.value(),
        );
    }
    Ok(f.value())
}

fn call(th: &Thread, a: Args) -> R {
    ops::call::call_args(th, a.all()[0], a.rest())
}
fn name(th: &Thread, v: Value) -> R {
    Ok(string::intern_new(th, b(v).def().name)?.value())
}
fn qualname(th: &Thread, v: Value) -> R {
    let f = b(v);
    let t = match f.owner() {
        Some(t) => Some(t),
        None => f.this.get().and_then(|t| t.cast::<TypeObj>()),
    };
    let text = match t {
        Some(t) => {
            let q = t
                .qualname
                .get()
                .and_then(|q| q.cast::<StrObj>())
                .map(|s| s.to_rust().into_owned());
            format!("{}.{}", q.unwrap_or_default(), f.def().name)
        }
        None => f.def().name.to_string(),
    };
    string::new_value(th, &text)
}
fn doc(_: &Thread, _: Value) -> R {
    Ok(Value::NONE)
}
fn module(_: &Thread, v: Value) -> R {
    Ok(b(v).module.get().unwrap_or(Value::NONE))
}
fn this(_: &Thread, v: Value) -> R {
    Ok(b(v).this.get().unwrap_or(Value::NONE))
}
fn fn_self(th: &Thread, v: Value) -> R {
    match b(v).this.get() {
        Some(t) => Ok(t),
        None => match crate::runtime::rt().builtins.get() {
            Some(m) => Ok(m),
            None => {
                let _ = th;
                Ok(Value::NONE)
            }
        },
    }
}
fn objclass(_: &Thread, v: Value) -> R {
    Ok(b(v).owner.get().unwrap_or(Value::NONE))
}
fn text_signature(th: &Thread, v: Value) -> R {
    let s = b(v).def().sig;
    if s.is_empty() {
        Ok(Value::NONE)
    } else {
        string::new_value(th, s)
    }
}
fn fn_repr(th: &Thread, v: Value) -> R {
    let f = b(v);
    let n = f.def().name;
    match f.this.get() {
        Some(t) if t.kind() != kinds::MODULE => {
            let text = format!(
                "<built-in method {n} of {} object at {:#x}>",
                class::type_name(t),
                t.bits()
            );
            string::new_value(th, &text)
        }
        _ => string::new_value(th, &format!("<built-in function {n}>")),
    }
}
fn owner_name(v: Value) -> String {
    b(v).owner().map(class::full_name).unwrap_or_default()
}
fn method_repr(th: &Thread, v: Value) -> R {
    string::new_value(
        th,
        &format!(
            "<method '{}' of '{}' objects>",
            b(v).def().name,
            owner_name(v)
        ),
    )
}
fn wrapper_repr(th: &Thread, v: Value) -> R {
    string::new_value(
        th,
        &format!(
            "<slot wrapper '{}' of '{}' objects>",
            b(v).def().name,
            owner_name(v)
        ),
    )
}
fn method_wrapper_repr(th: &Thread, v: Value) -> R {
    let t = b(v).this.get().unwrap_or(Value::NONE);
    string::new_value(
        th,
        &format!(
            "<method-wrapper '{}' of {} object at {:#x}>",
            b(v).def().name,
            class::type_name(t),
            t.bits()
        ),
    )
}
fn get(th: &Thread, f: Value, obj: Value, t: Value) -> R {
    let obj = if obj.is_none() && !t.is_none() {
        None
    } else {
        Some(obj)
    };
    let t = match t.cast::<TypeObj>() {
        Some(t) => t,
        None => class::of(obj.unwrap_or(Value::NONE)),
    };
    if f.shape() != C::ClassMethodDescriptor.shape()
        && let (Some(o), Some(owner)) = (obj, b(f).owner())
        && !class::is_instance(o, owner)
    {
        return Err(crate::error::type_error(
            th,
            &format!(
                "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
                b(f).def().name,
                owner.name_str(),
                class::type_name(o)
            ),
        ));
    }
    bind(th, b(f), obj, t)
}
fn get2(th: &Thread, a: &[Value]) -> R {
    get(th, a[0], a[1], a.get(2).copied().unwrap_or(Value::NONE))
}
fn eq(_: &Thread, x: Value, y: Value) -> R {
    match (x.cast::<BuiltinObj>(), y.cast::<BuiltinObj>()) {
        (Some(f), Some(g)) => Ok(Value::bool(
            f.def.bits() == g.def.bits() && f.this.get() == g.this.get() && x.shape() == y.shape(),
        )),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}
fn hash(th: &Thread, v: Value) -> R {
    let f = b(v);
    let h = crate::core::hash::pointer((f.def.bits() ^ f.this.bits().rotate_left(7)) as usize);
    crate::core::int::from_i64(th, h)
}
fn reduce(th: &Thread, v: Value) -> R {
    let f = b(v);
    match f.this.get() {
        Some(t) if t.kind() != kinds::MODULE => {
            let g = crate::interp::builtin_named(th, "getattr")?;
            let n = name(th, v)?;
            let args = tuple::new_value(th, &[t, n])?;
            tuple::new_value(th, &[g, args])
        }
        _ => match f.owner.get() {
            Some(o) => {
                let g = crate::interp::builtin_named(th, "getattr")?;
                let n = name(th, v)?;
                let args = tuple::new_value(th, &[o, n])?;
                tuple::new_value(th, &[g, args])
            }
            None => name(th, v),
        },
    }
}

static FN_METHODS: [MethodDef; 5] = [
    mk("__call__", call).sig("($self, /, *args, **kwargs)"),
    m1("__repr__", fn_repr),
    m2("__eq__", eq),
    m1("__hash__", hash),
    m1("__reduce__", reduce),
];
static FN_GETSET: [GetSetDef; 6] = [
    gs("__name__", name),
    gs("__qualname__", qualname),
    gs("__doc__", doc),
    gs("__module__", module),
    gs("__self__", fn_self),
    gs("__text_signature__", text_signature),
];
pub static FUNCTION: TypeSpec = TypeSpec::new("builtin_function_or_method", kinds::BUILTIN)
    .words(4)
    .methods(&FN_METHODS)
    .getset(&FN_GETSET);

macro_rules! descr {
    ($methods:ident, $repr:expr) => {
        static $methods: [MethodDef; 4] = [
            mk("__call__", call).sig("($self, /, *args, **kwargs)"),
            m1("__repr__", $repr),
            crate::spec::mv("__get__", get2, 2, 3).sig("($self, instance, owner=None, /)"),
            m1("__reduce__", reduce),
        ];
    };
}
descr!(MD_METHODS, method_repr);
descr!(WD_METHODS, wrapper_repr);
static DESCR_GETSET: [GetSetDef; 5] = [
    gs("__name__", name),
    gs("__qualname__", qualname),
    gs("__doc__", doc),
    gs("__objclass__", objclass),
    gs("__text_signature__", text_signature),
];
pub static METHOD_DESCRIPTOR: TypeSpec = TypeSpec::new("method_descriptor", kinds::BUILTIN)
    .words(4)
    .methods(&MD_METHODS)
    .getset(&DESCR_GETSET);
pub static WRAPPER_DESCRIPTOR: TypeSpec = TypeSpec::new("wrapper_descriptor", kinds::BUILTIN)
    .words(4)
    .methods(&WD_METHODS)
    .getset(&DESCR_GETSET);
pub static CLASSMETHOD_DESCRIPTOR: TypeSpec =
    TypeSpec::new("classmethod_descriptor", kinds::BUILTIN)
        .words(4)
        .methods(&MD_METHODS)
        .getset(&DESCR_GETSET);

static MW_METHODS: [MethodDef; 5] = [
    mk("__call__", call).sig("($self, /, *args, **kwargs)"),
    m1("__repr__", method_wrapper_repr),
    m2("__eq__", eq),
    m1("__hash__", hash),
    m1("__reduce__", reduce),
];
static MW_GETSET: [GetSetDef; 6] = [
    gs("__name__", name),
    gs("__qualname__", qualname),
    gs("__doc__", doc),
    gs("__self__", this),
    gs("__objclass__", objclass),
    gs("__text_signature__", text_signature),
];
pub static METHOD_WRAPPER: TypeSpec = TypeSpec::new("method-wrapper", kinds::BUILTIN)
    .words(4)
    .methods(&MW_METHODS)
    .getset(&MW_GETSET);

/// For messages that name a function.
pub fn function_name(v: Value) -> String {
    match v.cast::<BuiltinObj>() {
        Some(f) => f.def().name.to_string(),
        None => class::type_name(v),
    }
}

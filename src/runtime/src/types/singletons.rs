//! None, Ellipsis, NotImplemented, and what Python never sees.

use crate::classes::C;
use crate::core::string;
use crate::error;
use crate::kinds;
use crate::object::Gc;
use crate::object::TypeObj;
use crate::spec::{Args, MethodDef, TypeSpec, m1};
use crate::thread::{R, Thread};
use habu_heap::Value;

fn no_args(th: &Thread, name: &str, a: Args) -> R<()> {
    if a.all().is_empty() {
        Ok(())
    } else {
        Err(error::type_error(th, &format!("{name} takes no arguments")))
    }
}

fn none_repr(th: &Thread, _: Value) -> R {
    string::new_value(th, "None")
}
fn none_bool(_: &Thread, _: Value) -> R {
    Ok(Value::FALSE)
}
fn none_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    no_args(th, "NoneType", a)?;
    Ok(Value::NONE)
}
fn ellipsis_repr(th: &Thread, _: Value) -> R {
    string::new_value(th, "Ellipsis")
}
fn ellipsis_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    no_args(th, "EllipsisType", a)?;
    Ok(Value::ELLIPSIS)
}
fn notimpl_repr(th: &Thread, _: Value) -> R {
    string::new_value(th, "NotImplemented")
}
fn notimpl_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    no_args(th, "NotImplementedType", a)?;
    Ok(Value::NOT_IMPLEMENTED)
}
fn notimpl_bool(th: &Thread, _: Value) -> R {
    Err(error::raise(
        th,
        C::TypeError,
        "NotImplemented should not be used in a boolean context",
    ))
}
fn notimpl_reduce(th: &Thread, _: Value) -> R {
    string::new_value(th, "NotImplemented")
}

static NONE_METHODS: [MethodDef; 2] = [m1("__repr__", none_repr), m1("__bool__", none_bool)];
static ELLIPSIS_METHODS: [MethodDef; 2] = [
    m1("__repr__", ellipsis_repr),
    m1("__reduce__", ellipsis_repr),
];
static NOTIMPL_METHODS: [MethodDef; 3] = [
    m1("__repr__", notimpl_repr),
    m1("__bool__", notimpl_bool),
    m1("__reduce__", notimpl_reduce),
];

pub static NONE: TypeSpec = TypeSpec::new("NoneType", kinds::INSTANCE)
    .methods(&NONE_METHODS)
    .new_fn(none_new);
pub static ELLIPSIS: TypeSpec = TypeSpec::new("ellipsis", kinds::INSTANCE)
    .methods(&ELLIPSIS_METHODS)
    .new_fn(ellipsis_new);
pub static NOT_IMPLEMENTED: TypeSpec = TypeSpec::new("NotImplementedType", kinds::INSTANCE)
    .methods(&NOTIMPL_METHODS)
    .new_fn(notimpl_new);
pub static CAPSULE: TypeSpec = TypeSpec::new("PyCapsule", kinds::RECORD).module("types");
pub static HIDDEN: TypeSpec = TypeSpec::new("<internal>", kinds::RECORD);

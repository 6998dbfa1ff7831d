//! `collections._tuplegetter`: the descriptor of a named tuple's field, which gives item `index` of a tuple.
//!
//! What must hold: `index` is a small int that is not negative.

use crate::classes::C;
use crate::core::{class, string, tuple};
use crate::error;
use crate::object::*;
use crate::ops;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gss, m1, m2, m3, mv};
use crate::thread::{R, Raised, Thread, expect};
use habu_heap::Value;

fn me(v: Value) -> Gc<TupleGetterObj> {
    expect(v)
}

pub fn index(v: Value) -> usize {
    me(v).index.get().and_then(|i| i.as_int()).unwrap_or(0) as usize
}

fn new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    crate::core::parse::no_kwargs(th, "_tuplegetter", a)?;
    crate::core::parse::check_count(th, "_tuplegetter", a.pos().len(), 2, 2)?;
    let i = crate::core::parse::as_isize(th, a.all()[0])?;
    if i < 0 {
        return Err(error::value_error(th, "index must not be negative"));
    }
    let g: Gc<TupleGetterObj> = th.alloc(C::TupleGetter.shape(), 3, 32)?;
    g.attrs.init(None);
    g.index.init(Some(Value::small_int(i)));
    g.doc.init(Some(a.all()[1]));
    Ok(g.value())
}

/// The field of `obj`.
pub fn get(th: &Thread, getter: Value, obj: Value) -> R {
    let i = index(getter);
    let Some(t) = obj.cast::<TupleObj>() else {
        return Err(error::type_error(
            th,
            &format!(
                "descriptor for index '{i}' for tuple subclasses doesn't apply to '{}' object",
                class::type_name(obj)
            ),
        ));
    };
    match t.items().get(i) {
        Some(&v) => Ok(v),
        None => Err(error::raise(th, C::IndexError, "tuple index out of range")),
    }
}

fn py_get(th: &Thread, a: &[Value]) -> R {
    if a[1].is_none() {
        return match a.get(2) {
            Some(t) if !t.is_none() => Ok(a[0]),
            _ => Err(error::type_error(th, "__get__(None, None) is invalid")),
        };
    }
    get(th, a[0], a[1])
}

/// Fields cannot be set.
pub fn refuse(th: &Thread, delete: bool) -> Raised {
    let what = if delete { "delete" } else { "set" };
    error::raise(th, C::AttributeError, &format!("can't {what} attribute"))
}

fn py_set(th: &Thread, _: Value, _: Value, _: Value) -> R {
    Err(refuse(th, false))
}
fn py_delete(th: &Thread, _: Value, _: Value) -> R {
    Err(refuse(th, true))
}
fn doc(_: &Thread, v: Value) -> R {
    Ok(me(v).doc.get().unwrap_or(Value::NONE))
}
fn set_doc(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    if x.is_none() {
        return Err(error::type_error(th, "can't delete __doc__"));
    }
    th.set(me(v), &me(v).doc, x);
    Ok(())
}
fn reduce(th: &Thread, v: Value) -> R {
    let i = Value::small_int(index(v) as i64);
    let args = tuple::new_value(th, &[i, doc(th, v)?])?;
    tuple::new_value(th, &[class::of(v).value(), args])
}
fn repr(th: &Thread, v: Value) -> R {
    let d = doc(th, v)?;
    let d = ops::repr::repr_string(th, d)?;
    string::new_value(th, &format!("_tuplegetter({}, {d})", index(v)))
}

static METHODS: [MethodDef; 5] = [
    mv("__get__", py_get, 2, 3),
    m3("__set__", py_set),
    m2("__delete__", py_delete),
    m1("__reduce__", reduce),
    m1("__repr__", repr),
];
static GETSET: [GetSetDef; 1] = [gss("__doc__", doc, set_doc)];

pub static SPEC: TypeSpec = TypeSpec::new("_tuplegetter", crate::kinds::TUPLE_GETTER)
    .module("collections")
    .words(2)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

//! `mappingproxy`: a read-only view of a mapping.

use crate::classes::C;
use crate::core::{class, string};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::spec::{Args, MethodDef, TypeSpec, m1, m2, mv, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

pub fn new(th: &Thread, mapping: Value) -> R {
    let p: Gc<MappingProxyObj> = th.alloc(C::MappingProxy.shape(), 2, 24)?;
    p.attrs.init(None);
    p.mapping.init(Some(mapping));
    Ok(p.value())
}
fn m(v: Value) -> Value {
    expect::<MappingProxyObj>(v)
        .mapping
        .get()
        .unwrap_or(Value::NONE)
}
fn py_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let [x] = crate::args!(th, a, "mappingproxy", ["mapping"], 0, 1, 1);
    let x = x.unwrap_or(Value::NONE);
    if class::special_of(x, N::GetItem).is_none() || matches!(x.kind(), kinds::LIST | kinds::TUPLE)
    {
        return Err(error::type_error(
            th,
            &format!(
                "mappingproxy() argument must be a mapping, not {}",
                class::type_name(x)
            ),
        ));
    }
    new(th, x)
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    ops::subscr::get(th, m(v), k)
}
fn contains(th: &Thread, v: Value, k: Value) -> R {
    Ok(Value::bool(ops::contains(th, m(v), k)?))
}
fn len(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(ops::length(th, m(v))? as i64))
}
fn iter(th: &Thread, v: Value) -> R {
    ops::iter::get(th, m(v))
}
fn reversed(th: &Thread, v: Value) -> R {
    call::method(th, m(v), nm(N::Reversed), &[])
}
fn get(th: &Thread, a: &[Value]) -> R {
    call::method(
        th,
        m(a[0]),
        nm(N::Get_),
        &[a[1], a.get(2).copied().unwrap_or(Value::NONE)],
    )
}
fn keys(th: &Thread, v: Value) -> R {
    call::method(th, m(v), nm(N::Keys), &[])
}
fn values(th: &Thread, v: Value) -> R {
    call::method(th, m(v), nm(N::Values), &[])
}
fn items(th: &Thread, v: Value) -> R {
    call::method(th, m(v), nm(N::Items), &[])
}
fn copy(th: &Thread, v: Value) -> R {
    call::method_named(th, m(v), "copy", &[])
}
fn repr(th: &Thread, v: Value) -> R {
    let r = ops::repr::repr_string(th, m(v))?;
    string::new_value(th, &format!("mappingproxy({r})"))
}
fn str(th: &Thread, v: Value) -> R {
    ops::repr::str(th, m(v))
}
fn hash(th: &Thread, v: Value) -> R {
    crate::core::int::from_i64(th, ops::hash::hash(th, m(v))?)
}
fn open(v: Value) -> Value {
    if v.is::<MappingProxyObj>() { m(v) } else { v }
}
fn eq(th: &Thread, a: Value, b: Value) -> R {
    ops::compare::rich(th, m(a), open(b), habu_bytecode::opcode::compare::EQ)
}
fn or(th: &Thread, a: Value, b: Value) -> R {
    ops::binary::binary(th, habu_bytecode::opcode::binary::OR, open(a), open(b))
}
fn ror(th: &Thread, a: Value, b: Value) -> R {
    or(th, b, a)
}
fn ior(th: &Thread, a: Value, _: Value) -> R {
    let t = class::type_name(a);
    Err(error::type_error(
        th,
        &format!("'|=' is not supported by {t}; use '|' instead"),
    ))
}

static METHODS: [MethodDef; 18] = [
    m2("__getitem__", getitem),
    m2("__contains__", contains),
    m1("__len__", len),
    m1("__iter__", iter),
    m1("__reversed__", reversed),
    mv("get", get, 2, 3),
    m1("keys", keys),
    m1("values", values),
    m1("items", items),
    m1("copy", copy),
    m1("__repr__", repr),
    m1("__str__", str),
    m1("__hash__", hash),
    m2("__eq__", eq),
    m2("__or__", or),
    m2("__ror__", ror),
    m2("__ior__", ior),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
pub static SPEC: TypeSpec = TypeSpec::new("mappingproxy", kinds::MAPPINGPROXY)
    .words(1)
    .flags(tf::MAPPING)
    .methods(&METHODS)
    .new_fn(py_new);

//! `int | str`: unions.

use crate::classes::C;
use crate::core::{dict, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::runtime::class_value;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, type_flags as tf};
use crate::thread::{R, Thread, expect};
use crate::types::generic_alias;
use habu_heap::Value;

fn u(v: Value) -> Gc<UnionObj> {
    expect(v)
}
pub fn members(v: Value) -> Gc<TupleObj> {
    expect(u(v).args.get().unwrap_or(tuple::empty().value()))
}
fn is_unionable(v: Value) -> bool {
    v.is_none()
        || matches!(v.kind(), kinds::TYPE | kinds::GENERIC_ALIAS | kinds::UNION)
        || v.shape() == C::TypeAlias.shape()
}
/// `a | b` for types; NotImplemented for others.
pub fn or(th: &Thread, a: Value, b: Value) -> R {
    if !is_unionable(a) || !is_unionable(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    make(th, &[a, b])
}
/// The union of these (nested ones opened, repeats dropped); a single one is itself.
pub fn make(th: &Thread, items: &[Value]) -> R {
    let l = list::new(th)?;
    for &x in items {
        let x = if x.is_none() { class_value(C::None) } else { x };
        if x.is::<UnionObj>() {
            for &y in members(x).items() {
                add(th, l, y)?;
            }
        } else {
            add(th, l, x)?;
        }
    }
    if list::len(l) == 1 {
        return Ok(list::items(l)[0]);
    }
    let t = tuple::new(th, list::items(l))?;
    let o: Gc<UnionObj> = th.alloc(C::Union.shape(), 3, 32)?;
    o.attrs.init(None);
    o.args.init(Some(t.value()));
    o.params.init(None);
    Ok(o.value())
}
fn add(th: &Thread, l: Gc<ListObj>, x: Value) -> R<()> {
    let mut i = 0;
    while let Some(y) = list::get(l, i) {
        if x == y || (!x.is::<TypeObj>() && ops::compare::eq_bool(th, y, x)?) {
            return Ok(());
        }
        i += 1;
    }
    list::push(th, l, x)
}
fn repr(th: &Thread, v: Value) -> R {
    let mut parts = Vec::new();
    for &x in members(v).items() {
        parts.push(if x == class_value(C::None) {
            "None".into()
        } else {
            generic_alias::repr_item(th, x)?
        });
    }
    string::new_value(th, &parts.join(" | "))
}
fn as_set(th: &Thread, v: Value) -> R {
    let s = dict::new_set(th)?.value();
    for &x in members(v).items() {
        dict::set_add(th, s, x)?;
    }
    Ok(s)
}
fn eq(th: &Thread, a: Value, b: Value) -> R {
    if !b.is::<UnionObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (as_set(th, a)?, as_set(th, b)?);
    ops::compare::rich(th, x, y, habu_bytecode::opcode::compare::EQ)
}
fn hash(th: &Thread, v: Value) -> R {
    let f = dict::new_frozenset(th)?.value();
    for &x in members(v).items() {
        dict::set_add(th, f, x)?;
    }
    crate::core::int::from_i64(th, ops::hash::hash(th, f)?)
}
fn instancecheck(th: &Thread, v: Value, x: Value) -> R {
    Ok(Value::bool(ops::isinstance::isinstance(th, x, v)?))
}
fn subclasscheck(th: &Thread, v: Value, x: Value) -> R {
    if !x.is::<TypeObj>() {
        return Err(error::type_error(th, "issubclass() arg 1 must be a class"));
    }
    Ok(Value::bool(ops::isinstance::issubclass(th, x, v)?))
}
fn ror(th: &Thread, a: Value, b: Value) -> R {
    or(th, b, a)
}
fn get_args(_: &Thread, v: Value) -> R {
    Ok(members(v).value())
}
fn get_params(th: &Thread, v: Value) -> R {
    if let Some(p) = u(v).params.get() {
        return Ok(p);
    }
    let p = generic_alias::parameters_of(th, members(v))?.value();
    th.set(u(v), &u(v).params, Some(p));
    Ok(p)
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    let ps: Gc<TupleObj> = expect(get_params(th, v)?);
    let n = generic_alias::substitute(th, v, members(v), ps, k)?;
    let mut r = n.items()[0];
    for &x in &n.items()[1..] {
        r = ops::binary::binary(th, habu_bytecode::opcode::binary::OR, r, x)?;
    }
    Ok(r)
}
/// A string becomes a forward reference.
fn member(th: &Thread, v: Value) -> R {
    if !v.is::<StrObj>() {
        return Ok(v);
    }
    let typing = crate::import::import_module(th, "typing")?;
    let make = crate::core::attr::get_text(th, typing, "ForwardRef")?;
    ops::call::call(th, make, &[v])
}
fn class_getitem(th: &Thread, _: Value, k: Value) -> R {
    let Some(t) = k.cast::<TupleObj>() else {
        return make(th, &[member(th, k)?]);
    };
    if t.is_empty() {
        return Err(error::type_error(th, "Cannot take a Union of no types."));
    }
    let l = list::new(th)?;
    for &v in t.items() {
        list::push(th, l, member(th, v)?)?;
    }
    make(th, list::items(l))
}
fn get_origin(_: &Thread, _: Value) -> R {
    Ok(class_value(C::Union))
}
fn get_name(th: &Thread, _: Value) -> R {
    Ok(string::intern_new(th, "Union")?.value())
}
fn mro_entries(th: &Thread, v: Value, _: Value) -> R {
    let r = ops::repr::repr_string(th, v)?;
    Err(error::type_error(th, &format!("Cannot subclass {r}")))
}
fn reduce(th: &Thread, v: Value) -> R {
    let op = crate::import::import_module(th, "functools")?;
    let f = crate::core::attr::get_text(th, op, "reduce")?;
    let o = crate::import::import_module(th, "operator")?;
    let g = crate::core::attr::get_text(th, o, "or_")?;
    let args = tuple::new_value(th, &[g, members(v).value()])?;
    tuple::new_value(th, &[f, args])
}
fn new(th: &Thread, _: Gc<TypeObj>, _: Args) -> R {
    Err(error::type_error(
        th,
        "cannot create 'typing.Union' instances",
    ))
}
static METHODS: [MethodDef; 11] = [
    m1("__repr__", repr),
    m2("__eq__", eq),
    m1("__hash__", hash),
    m2("__or__", or),
    m2("__ror__", ror),
    m2("__instancecheck__", instancecheck),
    m2("__subclasscheck__", subclasscheck),
    m2("__getitem__", getitem),
    m2("__class_getitem__", class_getitem).class(),
    m2("__mro_entries__", mro_entries),
    m1("__reduce__", reduce),
];
static GETSET: [GetSetDef; 5] = [
    gs("__args__", get_args),
    gs("__parameters__", get_params),
    gs("__origin__", get_origin),
    gs("__name__", get_name),
    gs("__qualname__", get_name),
];
pub static SPEC: TypeSpec = TypeSpec::new("Union", kinds::UNION)
    .module("typing")
    .words(2)
    .flags(tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

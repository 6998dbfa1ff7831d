//! `types.SimpleNamespace`.

use crate::classes::C;
use crate::core::{attr, class, dict, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::runtime::class as core_class;
use crate::spec::{Args, MethodDef, TypeSpec, m1, m2, mk, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

/// Its attributes as the dict that holds them.
fn d(th: &Thread, v: Value) -> R<Gc<DictObj>> {
    attr::dict_of(th, v)
}
fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: just made, with this class's layout.
    Ok(unsafe { Value::from_ptr(crate::types::iters::alloc(th, cls)?) })
}
fn init(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    crate::core::parse::check_count(th, &class::type_name(v), a.pos().len() - 1, 0, 1)?;
    let m = d(th, v)?;
    if let Some(&x) = a.pos().get(1) {
        let t = dict::new_dict(th)?;
        crate::types::dict::update_from(th, t, x)?;
        let mut i = 0;
        while let Some((k, _)) = dict::next(t, &mut i) {
            if !k.is::<StrObj>() {
                return Err(error::type_error(th, "keywords must be strings"));
            }
        }
        dict::update(th, m, t)?;
    }
    for (k, x) in a.kw() {
        let k = attr::intern_name(th, k)?;
        dict::set(th, m, k, x)?;
    }
    Ok(Value::NONE)
}
fn repr(th: &Thread, v: Value) -> R {
    let name = if class::is_exact(v, C::SimpleNamespace)
        || class::of(v) == core_class(C::SimpleNamespace)
    {
        "namespace".to_string()
    } else {
        class::type_name(v)
    };
    let r = ops::repr::guarded(th, v, || {
        let m = d(th, v)?;
        let mut parts = Vec::new();
        let mut i = 0;
        while let Some((k, x)) = dict::next(m, &mut i) {
            parts.push(format!(
                "{}={}",
                ops::repr::str_string(th, k)?,
                ops::repr::repr_string(th, x)?
            ));
        }
        string::new_value(th, &format!("{name}({})", parts.join(", ")))
    })?;
    match r {
        Some(r) => Ok(r),
        None => string::new_value(th, &format!("{name}(...)")),
    }
}
fn eq(th: &Thread, a: Value, b: Value) -> R {
    if !class::is_a(b, C::SimpleNamespace) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (d(th, a)?, d(th, b)?);
    ops::compare::rich(th, x.value(), y.value(), habu_bytecode::opcode::compare::EQ)
}
fn reduce(th: &Thread, v: Value) -> R {
    let m = d(th, v)?;
    tuple::new_value(
        th,
        &[class::of(v).value(), tuple::empty().value(), m.value()],
    )
}
fn replace(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let r = ops::call::call(th, class::of(v).value(), &[])?;
    let m = d(th, r)?;
    dict::update(th, m, d(th, v)?)?;
    for (k, x) in a.kw() {
        dict::set(th, m, k, x)?;
    }
    Ok(r)
}
/// A namespace with these attributes.
pub fn with(th: &Thread, items: &[(&str, Value)]) -> R {
    let hold = list::new(th)?;
    for (_, v) in items {
        list::push(th, hold, *v)?;
    }
    let v = new(
        th,
        core_class(C::SimpleNamespace),
        Args::positional_only(&[]),
    )?;
    let m = d(th, v)?;
    for (k, x) in items {
        dict::set_text(th, m, k, *x)?;
    }
    let _: Gc<ListObj> = expect(hold.value());
    Ok(v)
}
static METHODS: [MethodDef; 5] = [
    mk("__init__", init),
    m1("__repr__", repr),
    m2("__eq__", eq),
    m1("__reduce__", reduce),
    mk("__replace__", replace),
];
pub static SPEC: TypeSpec = TypeSpec::new("SimpleNamespace", kinds::RECORD)
    .module("types")
    .flags(tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT)
    .methods(&METHODS)
    .new_fn(new);

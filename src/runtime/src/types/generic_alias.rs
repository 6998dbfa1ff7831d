//! `list[int]`: generic aliases.

use crate::classes::C;
use crate::core::{attr, class, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

fn a(v: Value) -> Gc<GenericAliasObj> {
    expect(v)
}
pub fn new(th: &Thread, origin: Value, args: Value) -> R {
    let t = match args
        .cast::<TupleObj>()
        .filter(|_| class::is_exact(args, C::Tuple))
    {
        Some(t) => t,
        None => tuple::new(th, &[args])?,
    };
    let o: Gc<GenericAliasObj> = th.alloc(C::GenericAlias.shape(), 5, 48)?;
    o.attrs.init(None);
    o.origin.init(Some(origin));
    o.args.init(Some(t.value()));
    o.params.init(None);
    o.starred.init(None);
    Ok(o.value())
}
/// `__class_getitem__` of the built-in containers.
pub fn class_getitem(th: &Thread, cls: Value, k: Value) -> R {
    new(th, cls, k)
}
fn py_new(th: &Thread, _: Gc<TypeObj>, x: Args) -> R {
    crate::core::parse::no_kwargs(th, "GenericAlias", x)?;
    crate::core::parse::check_count(th, "GenericAlias", x.pos().len(), 2, 2)?;
    new(th, x.all()[0], x.all()[1])
}
fn origin(v: Value) -> Value {
    a(v).origin.get().unwrap_or(Value::NONE)
}
fn args(v: Value) -> Gc<TupleObj> {
    expect(a(v).args.get().unwrap_or(tuple::empty().value()))
}

/// One argument as `repr` shows it.
pub fn repr_item(th: &Thread, v: Value) -> R<String> {
    if v == Value::ELLIPSIS {
        return Ok("...".into());
    }
    if let Some(l) = v.cast::<ListObj>() {
        let mut parts = Vec::new();
        let mut i = 0;
        while let Some(x) = list::get(l, i) {
            parts.push(repr_item(th, x)?);
            i += 1;
        }
        return Ok(format!("[{}]", parts.join(", ")));
    }
    if let Some(t) = v.cast::<TypeObj>() {
        return Ok(class::full_name(t));
    }
    ops::repr::repr_string(th, v)
}
fn repr(th: &Thread, v: Value) -> R {
    let mut parts = Vec::new();
    for &x in args(v).items() {
        parts.push(repr_item(th, x)?);
    }
    let inner = if parts.is_empty() {
        "()".to_string()
    } else {
        parts.join(", ")
    };
    let star = if a(v).starred.get().is_some() {
        "*"
    } else {
        ""
    };
    let o = repr_item(th, origin(v))?;
    string::new_value(th, &format!("{star}{o}[{inner}]"))
}

/// Type variables among arguments, in order, without repeats.
pub fn parameters_of(th: &Thread, args: Gc<TupleObj>) -> R<Gc<TupleObj>> {
    let l = list::new(th)?;
    collect(th, args.items(), l)?;
    tuple::new(th, list::items(l))
}
fn collect(th: &Thread, items: &[Value], l: Gc<ListObj>) -> R<()> {
    let add = |x: Value| -> R<()> {
        if !list::items(l).contains(&x) {
            list::push(th, l, x)?;
        }
        Ok(())
    };
    for &x in items {
        if x.is::<TypeObj>() {
            continue;
        }
        if attr::get_opt(th, x, nm(N::TypingSubst))?.is_some() {
            add(x)?;
        } else if x.is::<TupleObj>() || x.is::<ListObj>() {
            let t = ops::iter::to_tuple(th, x)?;
            collect(th, t.items(), l)?;
        } else if let Some(p) =
            attr::get_opt(th, x, nm(N::Parameters))?.and_then(|p| p.cast::<TupleObj>())
        {
            for &y in p.items() {
                add(y)?;
            }
        }
    }
    Ok(())
}
fn parameters(th: &Thread, v: Value) -> R {
    if let Some(p) = a(v).params.get() {
        return Ok(p);
    }
    let p = parameters_of(th, args(v))?.value();
    th.set(a(v), &a(v).params, Some(p));
    Ok(p)
}

/// Substitute type variables: what `alias[item]` makes of the arguments.
pub fn substitute(
    th: &Thread,
    this: Value,
    args: Gc<TupleObj>,
    params: Gc<TupleObj>,
    item: Value,
) -> R<Gc<TupleObj>> {
    if params.is_empty() {
        return Err(error::type_error(
            th,
            &format!(
                "{} is not a generic class",
                ops::repr::repr_string(th, this)?
            ),
        ));
    }
    let mut items = match item.cast::<TupleObj>() {
        Some(t) => t,
        None => tuple::new(th, &[item])?,
    };
    for &p in params.items() {
        if let Some(f) = attr::get_opt(th, p, nm(N::TypingPrepareSubst))?.filter(|f| !f.is_none()) {
            let r = call::call(th, f, &[this, items.value()])?;
            items = ops::iter::to_tuple(th, r)?;
        }
    }
    if items.len() != params.len() {
        return Err(error::type_error(
            th,
            &format!(
                "Too {} arguments for {}; actual {}, expected {}",
                if items.len() > params.len() {
                    "many"
                } else {
                    "few"
                },
                ops::repr::repr_string(th, this)?,
                items.len(),
                params.len()
            ),
        ));
    }
    let out = list::new(th)?;
    for &x in args.items() {
        if x.is::<TypeObj>() {
            list::push(th, out, x)?;
            continue;
        }
        if x.is::<TupleObj>() || x.is::<ListObj>() {
            let inner = ops::iter::to_tuple(th, x)?;
            let ps = parameters_of(th, inner)?;
            if ps.is_empty() {
                list::push(th, out, x)?;
                continue;
            }
            let sub = list::new(th)?;
            for &p in ps.items() {
                if let Some(i) = params.items().iter().position(|q| *q == p) {
                    list::push(th, sub, items.items()[i])?;
                }
            }
            let subt = tuple::new(th, list::items(sub))?;
            let r = substitute(th, this, inner, ps, subt.value())?;
            if x.is::<ListObj>() {
                list::push(th, out, list::from_slice(th, r.items())?.value())?;
            } else {
                list::push(th, out, r.value())?;
            }
            continue;
        }
        if let Some(f) = attr::get_opt(th, x, nm(N::TypingSubst))? {
            if let Some(i) = params.items().iter().position(|q| *q == x) {
                let r = call::call(th, f, &[items.items()[i]])?;
                if attr::get_opt(th, x, nm(N::TypingUnpackedTupleArgs))?.is_some()
                    || r.is::<TupleObj>() && unpacks(th, x)?
                {
                    for &y in ops::iter::to_tuple(th, r)?.items() {
                        list::push(th, out, y)?;
                    }
                } else {
                    list::push(th, out, r)?;
                }
                continue;
            }
            list::push(th, out, x)?;
            continue;
        }
        let ps = attr::get_opt(th, x, nm(N::Parameters))?.and_then(|p| p.cast::<TupleObj>());
        match ps {
            Some(ps) if !ps.is_empty() => {
                let sub = list::new(th)?;
                for &p in ps.items() {
                    if let Some(i) = params.items().iter().position(|q| *q == p) {
                        let y = items.items()[i];
                        if y.is::<TupleObj>() && unpacks(th, p)? {
                            for &z in expect::<TupleObj>(y).items() {
                                list::push(th, sub, z)?;
                            }
                        } else {
                            list::push(th, sub, y)?;
                        }
                    }
                }
                let key = tuple::new_value(th, list::items(sub))?;
                let r = ops::subscr::get(th, x, key)?;
                if let Some(u) = attr::get_opt(th, r, nm(N::TypingUnpackedTupleArgs))?
                    .and_then(|u| u.cast::<TupleObj>())
                {
                    for &y in u.items() {
                        list::push(th, out, y)?;
                    }
                } else {
                    list::push(th, out, r)?;
                }
            }
            _ => list::push(th, out, x)?,
        }
    }
    tuple::new(th, list::items(out))
}
fn unpacks(_: &Thread, p: Value) -> R<bool> {
    Ok(p.shape() == C::TypeVarTuple.shape())
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    let ps: Gc<TupleObj> = expect(parameters(th, v)?);
    let n = substitute(th, v, args(v), ps, k)?;
    let r = new(th, origin(v), n.value())?;
    th.set(a(r), &a(r).starred, a(v).starred.get());
    Ok(r)
}
fn call_(th: &Thread, x: Args) -> R {
    let r = call::call_args(th, origin(x.all()[0]), x.rest())?;
    let s = attr::set(th, r, nm(N::OrigClass), Some(x.all()[0]));
    if s.is_err() && (error::matches(th, C::AttributeError) || error::matches(th, C::TypeError)) {
        th.take();
        return Ok(r);
    }
    s?;
    Ok(r)
}
/// Attributes of the alias itself; all others are the origin's.
const OWN: [&str; 14] = [
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__copy__",
    "__deepcopy__",
    "__slots__",
    "__dict__",
    "__weakref__",
];
fn getattribute(th: &Thread, v: Value, name: Value) -> R {
    let n = attr::intern_name(th, name)?;
    let s: Gc<StrObj> = expect(n);
    if !OWN.iter().any(|o| s.eq_str(o)) && !s.eq_str("__class_getitem__") {
        let dunder = s.eq_str("__class__");
        if !dunder {
            return attr::get(th, origin(v), n);
        }
    }
    match attr::generic_get(th, v, n)? {
        Some(x) => Ok(x),
        None => Err(error::attribute_error(th, v, n)),
    }
}
fn mro_entries(th: &Thread, v: Value, _: Value) -> R {
    tuple::new_value(th, &[origin(v)])
}
fn eq(th: &Thread, x: Value, y: Value) -> R {
    if !y.is::<GenericAliasObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if a(x).starred.get().is_some() != a(y).starred.get().is_some() {
        return Ok(Value::FALSE);
    }
    if !ops::compare::eq_bool(th, origin(x), origin(y))? {
        return Ok(Value::FALSE);
    }
    ops::compare::rich(
        th,
        args(x).value(),
        args(y).value(),
        habu_bytecode::opcode::compare::EQ,
    )
}
fn hash(th: &Thread, v: Value) -> R {
    let h = ops::hash::hash(th, origin(v))? ^ ops::hash::hash(th, args(v).value())?;
    crate::core::int::from_i64(th, if h == -1 { -2 } else { h })
}
fn instancecheck(th: &Thread, _: Value, _: Value) -> R {
    Err(error::type_error(
        th,
        "isinstance() argument 2 cannot be a parameterized generic",
    ))
}
fn subclasscheck(th: &Thread, _: Value, _: Value) -> R {
    Err(error::type_error(
        th,
        "issubclass() argument 2 cannot be a parameterized generic",
    ))
}
fn reduce(th: &Thread, v: Value) -> R {
    let t = tuple::new_value(th, &[origin(v), args(v).value()])?;
    tuple::new_value(th, &[class::of(v).value(), t])
}
fn iter(th: &Thread, v: Value) -> R {
    let r = new(th, origin(v), args(v).value())?;
    a(r).starred.init(Some(Value::TRUE));
    let t = tuple::new_value(th, &[r])?;
    ops::iter::get(th, t)
}
fn dir(th: &Thread, v: Value) -> R {
    let f = crate::interp::builtin_named(th, "dir")?;
    call::call(th, f, &[origin(v)])
}
fn or(th: &Thread, x: Value, y: Value) -> R {
    crate::types::union::or(th, x, y)
}
fn ror(th: &Thread, x: Value, y: Value) -> R {
    crate::types::union::or(th, y, x)
}
fn get_origin(_: &Thread, v: Value) -> R {
    Ok(origin(v))
}
fn get_args(_: &Thread, v: Value) -> R {
    Ok(args(v).value())
}
fn get_unpacked(_: &Thread, v: Value) -> R {
    Ok(Value::bool(a(v).starred.get().is_some()))
}
fn get_unpacked_args(_: &Thread, v: Value) -> R {
    if a(v).starred.get().is_some() && origin(v) == crate::runtime::class_value(C::Tuple) {
        return Ok(args(v).value());
    }
    Ok(Value::NONE)
}
static METHODS: [MethodDef; 14] = [
    m1("__repr__", repr),
    m2("__getitem__", getitem),
    mk("__call__", call_),
    m2("__getattribute__", getattribute),
    m2("__mro_entries__", mro_entries),
    m2("__eq__", eq),
    m1("__hash__", hash),
    m2("__instancecheck__", instancecheck),
    m2("__subclasscheck__", subclasscheck),
    m1("__reduce__", reduce),
    m1("__iter__", iter),
    m1("__dir__", dir),
    m2("__or__", or),
    m2("__ror__", ror),
];
static GETSET: [GetSetDef; 5] = [
    gs("__origin__", get_origin),
    gs("__args__", get_args),
    gs("__parameters__", parameters),
    gs("__unpacked__", get_unpacked),
    gs("__typing_unpacked_tuple_args__", get_unpacked_args),
];
pub static SPEC: TypeSpec = TypeSpec::new("GenericAlias", kinds::GENERIC_ALIAS)
    .module("types")
    .words(4)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(py_new);

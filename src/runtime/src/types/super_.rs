//! `super`.

use crate::classes::C;
use crate::core::{attr, class, dict, string};
use crate::error;
use crate::interp;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::call;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk, mv, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

/// What `super(t, this).name` finds in instances of `start`, before it is bound.
pub fn found_in(t: Gc<TypeObj>, start: Gc<TypeObj>, name: Value) -> Option<Value> {
    let known = class::is_subclass(start, t) && name != nm(N::Class);
    known.then(|| find(t, start, name)).flatten()
}

/// The class whose MRO is searched: the object's, or the object itself where it is a subclass.
fn check(th: &Thread, t: Gc<TypeObj>, obj: Value) -> R<Gc<TypeObj>> {
    if let Some(o) = obj.cast::<TypeObj>()
        && class::is_subclass(o, t)
    {
        return Ok(o);
    }
    if class::is_instance(obj, t) {
        return Ok(class::of(obj));
    }
    if let Some(k) = attr::get_opt(th, obj, nm(N::Class))?.and_then(|k| k.cast::<TypeObj>())
        && class::is_subclass(k, t)
    {
        return Ok(k);
    }
    let what = if obj.is::<TypeObj>() {
        "type"
    } else {
        "instance of"
    };
    let name = match obj.cast::<TypeObj>() {
        Some(o) => o.name_str(),
        None => class::type_name(obj),
    };
    let _ = what;
    Err(error::type_error(
        th,
        &format!(
            "super(type, obj): obj ({what} {name}) is not an instance or subtype of type ({}).",
            t.name_str()
        ),
    ))
}

/// `super(t, this).name`. In the method form functions come unbound (`true`: to be called with `this`).
pub fn lookup(
    th: &Thread,
    t: Gc<TypeObj>,
    this: Value,
    name: Value,
    method: bool,
) -> R<(Value, bool)> {
    let start = check(th, t, this)?;
    if name == nm(N::Class) {
        let s = make(th, Some((t, this, start)))?;
        return Ok((
            attr::generic_get(th, s, name)?.unwrap_or(Value::NONE),
            false,
        ));
    }
    match find(t, start, name) {
        Some(a) => {
            if method && call::is_plain_method(a) && this != start.value() {
                return Ok((a, true));
            }
            let obj = if this == start.value() {
                None
            } else {
                Some(this)
            };
            Ok((attr::bind(th, a, obj, start)?, false))
        }
        None => {
            let s = make(th, Some((t, this, start)))?;
            match attr::generic_get(th, s, name)? {
                Some(v) => Ok((v, false)),
                None => {
                    let n = name
                        .cast::<StrObj>()
                        .map(|s| s.to_rust().into_owned())
                        .unwrap_or_default();
                    Err(error::attribute_error_text(
                        th,
                        &format!("'super' object has no attribute '{n}'"),
                        s,
                        name,
                    ))
                }
            }
        }
    }
}

/// First definition behind `t` in `start`'s MRO.
fn find(t: Gc<TypeObj>, start: Gc<TypeObj>, name: Value) -> Option<Value> {
    let m = start.mro();
    let at = m.items().iter().position(|c| *c == t.value())?;
    m.items()[at + 1..]
        .iter()
        .find_map(|c| dict::get_name(expect::<TypeObj>(*c).dict(), name))
}

fn make(th: &Thread, bound: Option<(Gc<TypeObj>, Value, Gc<TypeObj>)>) -> R {
    let s: Gc<SuperObj> = th.alloc(C::Super.shape(), 4, 40)?;
    s.attrs.init(None);
    s.class.init(bound.map(|b| b.0.value()));
    s.this.init(bound.map(|b| b.1));
    s.this_class.init(bound.map(|b| b.2.value()));
    Ok(s.value())
}

fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    // SAFETY: the class has the layout of its native base.
    Ok(unsafe { Value::from_ptr(crate::types::iters::alloc(th, cls)?) })
}

fn init(th: &Thread, a: Args) -> R {
    let s: Gc<SuperObj> = expect(a.all()[0]);
    let a = a.rest();
    crate::core::parse::no_kwargs(th, "super", a)?;
    crate::core::parse::check_count(th, "super", a.pos().len(), 0, 2)?;
    let (t, obj) = match *a.pos() {
        [] => implicit(th)?,
        [t] => (t, Value::NONE),
        [t, o, ..] => (t, o),
    };
    let Some(t) = t.cast::<TypeObj>() else {
        return Err(error::type_error(
            th,
            &format!(
                "super() argument 1 must be a type, not {}",
                class::type_name(t)
            ),
        ));
    };
    th.set(s, &s.class, Some(t.value()));
    if !obj.is_none() {
        let k = check(th, t, obj)?;
        th.set(s, &s.this, Some(obj));
        th.set(s, &s.this_class, Some(k.value()));
    }
    Ok(Value::NONE)
}

/// `super()` in a method: the `__class__` cell and the first argument of the running frame.
fn implicit(th: &Thread) -> R<(Value, Value)> {
    let fail = |text: &str| Err(error::raise(th, C::RuntimeError, text));
    let Some(f) = interp::current_frame(th) else {
        return fail("super(): no current frame");
    };
    let code = f.code();
    if code.argcount.get() == 0 {
        return fail("super(): no arguments");
    }
    let names: Gc<TupleObj> = expect(code.locals.get().unwrap_or(Value::NONE));
    let first = match f.local(0) {
        Some(v) => match v.cast::<CellObj>() {
            Some(c) if interp_is_cell(code, 0) => c.value.get(),
            _ => Some(v),
        },
        None => None,
    };
    let Some(first) = first else {
        return fail("super(): arg[0] deleted");
    };
    let at = names.items().iter().rposition(|n| *n == nm(N::Class));
    let Some(at) = at else {
        return fail("super(): __class__ cell not found");
    };
    let Some(cell) = f.local(at).and_then(|v| v.cast::<CellObj>()) else {
        return fail("super(): bad __class__ cell");
    };
    match cell.value.get() {
        Some(t) if t.is::<TypeObj>() => Ok((t, first)),
        Some(t) => Err(error::raise(
            th,
            C::RuntimeError,
            &format!("super(): __class__ is not a type ({})", class::type_name(t)),
        )),
        None => fail("super(): empty __class__ cell"),
    }
}

fn interp_is_cell(code: Gc<CodeObj>, i: usize) -> bool {
    code.kinds
        .get()
        .and_then(|k| k.cast::<BytesObj>())
        .is_some_and(|k| {
            k.as_slice()
                .get(i)
                .is_some_and(|k| k & habu_bytecode::code::local_kind::CELL != 0)
        })
}

fn getattribute(th: &Thread, v: Value, name: Value) -> R {
    let n = attr::intern_name(th, name)?;
    let s: Gc<SuperObj> = expect(v);
    if n != nm(N::Class)
        && let (Some(t), Some(this), Some(start)) =
            (s.class.get(), s.this.get(), s.this_class.get())
    {
        let (t, start): (Gc<TypeObj>, Gc<TypeObj>) = (expect(t), expect(start));
        if let Some(a) = find(t, start, n) {
            let obj = if this == start.value() {
                None
            } else {
                Some(this)
            };
            return attr::bind(th, a, obj, start);
        }
    }
    match attr::generic_get(th, v, n)? {
        Some(x) => Ok(x),
        None => Err(error::attribute_error(th, v, n)),
    }
}

fn get(th: &Thread, a: &[Value]) -> R {
    let s: Gc<SuperObj> = expect(a[0]);
    if a[1].is_none() || s.this.get().is_some() {
        return Ok(a[0]);
    }
    if !class::is_exact(a[0], C::Super) {
        return call::call(
            th,
            class::of(a[0]).value(),
            &[s.class.get().unwrap_or(Value::NONE), a[1]],
        );
    }
    let t: Gc<TypeObj> = expect(s.class.get().unwrap_or(Value::NONE));
    let k = check(th, t, a[1])?;
    make(th, Some((t, a[1], k)))
}

fn repr(th: &Thread, v: Value) -> R {
    let s: Gc<SuperObj> = expect(v);
    let t = match s.class.get().and_then(|t| t.cast::<TypeObj>()) {
        Some(t) => format!("<class '{}'>", t.name_str()),
        None => "NULL".to_string(),
    };
    let text = match s.this_class.get().and_then(|t| t.cast::<TypeObj>()) {
        Some(k) => format!("<super: {t}, <{} object>>", k.name_str()),
        None => format!("<super: {t}, NULL>"),
    };
    string::new_value(th, &text)
}
fn thisclass(_: &Thread, v: Value) -> R {
    Ok(expect::<SuperObj>(v).class.get().unwrap_or(Value::NONE))
}
fn this(_: &Thread, v: Value) -> R {
    Ok(expect::<SuperObj>(v).this.get().unwrap_or(Value::NONE))
}
fn self_class(_: &Thread, v: Value) -> R {
    Ok(expect::<SuperObj>(v)
        .this_class
        .get()
        .unwrap_or(Value::NONE))
}

static METHODS: [MethodDef; 4] = [
    mk("__init__", init),
    m1("__repr__", repr),
    m2("__getattribute__", getattribute),
    mv("__get__", get, 2, 3),
];
static GETSET: [GetSetDef; 3] = [
    gs("__thisclass__", thisclass),
    gs("__self__", this),
    gs("__self_class__", self_class),
];
pub static SPEC: TypeSpec = TypeSpec::new("super", kinds::SUPER)
    .words(3)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

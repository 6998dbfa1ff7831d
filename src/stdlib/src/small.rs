//! Small halves of Lib modules: `_typing`, `_string`, `_opcode`, `_contextvars`.

use habu_runtime::classes::C;
use habu_runtime::core::{class_make, dict, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call};
use habu_runtime::runtime;
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, m0, m1, m2, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{generic_alias, iters, module};
use habu_runtime::value::{Slot, Value};

fn idfunc(_: &Thread, v: Value) -> R {
    Ok(v)
}
static TYPING: [MethodDef; 1] = [m1("_idfunc", idfunc)];
pub fn typing(th: &Thread) -> R<Gc<ModuleObj>> {
    let t = m::new(th, "_typing", &TYPING)?;
    for c in [
        C::TypeVar,
        C::ParamSpec,
        C::ParamSpecArgs,
        C::ParamSpecKwargs,
        C::TypeVarTuple,
        C::TypeAlias,
    ] {
        let c = runtime::class(c);
        m::set(th, t, &c.name_str(), c.value())?;
    }
    m::set(th, t, "Generic", runtime::class_value(C::Generic))?;
    m::set(th, t, "Union", runtime::class_value(C::Union))?;
    m::set(
        th,
        t,
        "NoDefault",
        runtime::kept(runtime::Keep::TypingModule).unwrap_or(Value::NONE),
    )?;
    Ok(t)
}

fn text_iter(th: &Thread, l: Gc<ListObj>) -> R {
    ops::iter::get(th, l.value())
}
/// The pieces of a format string: (literal, field, spec, conversion).
fn formatter_parser(th: &Thread, v: Value) -> R {
    let s = parse::as_str(th, v, "expected str, got something else:")?;
    let c: Vec<u32> = s.chars().collect();
    let part = |a: &[u32]| Ok(string::from_u32(th, a)?.value());
    let out = list::new(th)?;
    let (o, e) = ('{' as u32, '}' as u32);
    let mut i = 0;
    while i < c.len() {
        let mut lit = Vec::new();
        let mut field = false;
        while i < c.len() {
            let ch = c[i];
            i += 1;
            if ch != o && ch != e {
                lit.push(ch);
                continue;
            }
            if c.get(i) == Some(&ch) {
                // A doubled brace ends the literal, as CPython cuts it.
                lit.push(ch);
                i += 1;
                break;
            }
            if ch == e {
                return Err(error::value_error(
                    th,
                    "Single '}' encountered in format string",
                ));
            }
            if i >= c.len() {
                return Err(error::value_error(
                    th,
                    "Single '{' encountered in format string",
                ));
            }
            field = true;
            break;
        }
        let lit = part(&lit)?;
        if !field {
            let t = tuple::new_value(th, &[lit, Value::NONE, Value::NONE, Value::NONE])?;
            list::push(th, out, t)?;
            continue;
        }
        let start = i;
        let (mut depth, mut bracket) = (1, false);
        let (mut name_end, mut conv) = (None, None);
        while i < c.len() {
            let ch = c[i];
            if ch == '[' as u32 && name_end.is_none() {
                bracket = true;
            } else if ch == ']' as u32 {
                bracket = false;
            } else if bracket {
            } else if ch == o {
                depth += 1;
            } else if ch == e {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            } else if depth == 1 && name_end.is_none() && (ch == ':' as u32 || ch == '!' as u32) {
                name_end = Some(i);
                if ch == '!' as u32 {
                    conv = c.get(i + 1).copied();
                    i += 1;
                }
            }
            i += 1;
        }
        if i >= c.len() {
            return Err(error::value_error(th, "expected '}' before end of string"));
        }
        let (name, spec, cv) = match name_end {
            None => (&c[start..i], &c[i..i], Value::NONE),
            Some(n) => match conv {
                Some(x) => {
                    let rest = n + 2;
                    if rest < i && c[rest] != ':' as u32 {
                        return Err(error::value_error(
                            th,
                            "expected ':' after conversion specifier",
                        ));
                    }
                    (
                        &c[start..n],
                        &c[(rest + 1).min(i)..i],
                        string::char_str(th, x)?.value(),
                    )
                }
                None => (&c[start..n], &c[n + 1..i], Value::NONE),
            },
        };
        i += 1;
        let t = tuple::new_value(th, &[lit, part(name)?, part(spec)?, cv])?;
        list::push(th, out, t)?;
    }
    text_iter(th, out)
}
/// `a.b[c]` as (a, iterator over (is attribute, name)).
fn field_name_split(th: &Thread, v: Value) -> R {
    let s = parse::as_str(th, v, "expected str, got something else:")?;
    let c: Vec<u32> = s.chars().collect();
    let key = |a: &[u32]| -> R {
        let digits = !a.is_empty() && a.len() < 18 && a.iter().all(|d| (48..58).contains(d));
        if digits {
            return Ok(Value::small_int(
                a.iter().fold(0, |n, d| n * 10 + (*d as i64 - 48)),
            ));
        }
        Ok(string::from_u32(th, a)?.value())
    };
    let (dot, open, shut) = ('.' as u32, '[' as u32, ']' as u32);
    let end = c
        .iter()
        .position(|x| *x == dot || *x == open)
        .unwrap_or(c.len());
    let first = key(&c[..end])?;
    let out = list::new(th)?;
    let mut i = end;
    while i < c.len() {
        let attr = c[i] == dot;
        i += 1;
        let stop = |x: &u32| {
            if attr {
                *x == dot || *x == open
            } else {
                *x == shut
            }
        };
        let n = match c[i..].iter().position(stop) {
            Some(n) => n,
            None if attr => c.len() - i,
            None => return Err(error::value_error(th, "Missing ']' in format string")),
        };
        if n == 0 {
            return Err(error::value_error(th, "Empty attribute in format string"));
        }
        let k = if attr {
            string::from_u32(th, &c[i..i + n])?.value()
        } else {
            key(&c[i..i + n])?
        };
        i += n + !attr as usize;
        if !attr && i < c.len() && c[i] != dot && c[i] != open {
            return Err(error::value_error(
                th,
                "Only '.' or '[' may follow ']' in format field specifier",
            ));
        }
        let t = tuple::new_value(th, &[Value::bool(attr), k])?;
        list::push(th, out, t)?;
    }
    let it = text_iter(th, out)?;
    tuple::new_value(th, &[first, it])
}
static STRING: [MethodDef; 2] = [
    m1("formatter_parser", formatter_parser),
    m1("formatter_field_name_split", field_name_split),
];
pub fn string_module(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_string", &STRING)
}

// Context: variables, outer context while entered. ContextVar: name, default. Token: context, variable, old value.
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the classes of this module have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn class_of(th: &Thread, name: &str) -> R<Gc<TypeObj>> {
    let mo = habu_runtime::import::import_module(th, "_contextvars")?;
    match dict::get_text(th, module::dict_of(mo), name)?.and_then(|c| c.cast()) {
        Some(c) => Ok(c),
        None => Err(error::raise(th, C::RuntimeError, "lost _contextvars")),
    }
}
fn instance(th: &Thread, name: &str) -> R {
    let c = class_of(th, name)?;
    // SAFETY: just made with this class's layout.
    Ok(unsafe { Value::from_ptr(iters::alloc(th, c)?) })
}
fn vars(v: Value) -> Gc<DictObj> {
    expect(slot(v, 0).get().unwrap_or(Value::NONE))
}
fn current(th: &Thread) -> R {
    if let Some(c) = th.context.get().filter(|c| !c.is_none()) {
        return Ok(c);
    }
    let c = new_context(th)?;
    th.context.init(Some(c));
    Ok(c)
}
fn new_context(th: &Thread) -> R {
    let d = dict::new_dict(th)?;
    let c = instance(th, "Context")?;
    slot(c, 0).init(Some(d.value()));
    Ok(c)
}
fn context_new(th: &Thread, _: Gc<TypeObj>, _: Args) -> R {
    new_context(th)
}
fn copy_of(th: &Thread, v: Value) -> R {
    let d = dict::copy(th, vars(v))?;
    let c = instance(th, "Context")?;
    slot(c, 0).init(Some(d.value()));
    Ok(c)
}
fn copy_context(th: &Thread) -> R {
    let c = current(th)?;
    copy_of(th, c)
}
fn context_run(th: &Thread, a: Args) -> R {
    let c = a.all()[0];
    if a.pos().len() < 2 {
        return Err(error::type_error(
            th,
            "run() missing 1 required positional argument",
        ));
    }
    if slot(c, 1).get().is_some() {
        let r = ops::repr::repr_string(th, c)?;
        return Err(error::raise(
            th,
            C::RuntimeError,
            &format!("cannot enter context: {r} is already entered"),
        ));
    }
    let outer = current(th)?;
    th.set_in(c, slot(c, 1), Some(outer));
    th.context.init(Some(c));
    let r = call::call_args(th, a.all()[1], a.rest().rest());
    th.context.init(slot(c, 1).get());
    slot(c, 1).init(None);
    r
}
fn context_get(th: &Thread, a: &[Value]) -> R {
    Ok(dict::get(th, vars(a[0]), a[1])?.unwrap_or(a.get(2).copied().unwrap_or(Value::NONE)))
}
fn context_item(th: &Thread, v: Value, k: Value) -> R {
    match dict::get(th, vars(v), k)? {
        Some(x) => Ok(x),
        None => Err(error::raise_with(th, C::KeyError, k)),
    }
}
fn context_contains(th: &Thread, v: Value, k: Value) -> R {
    Ok(Value::bool(dict::contains(th, vars(v), k)?))
}
fn context_len(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(dict::len(vars(v)) as i64))
}
fn context_view(th: &Thread, v: Value, name: &str) -> R {
    let d = dict::copy(th, vars(v))?;
    call::method_named(th, d.value(), name, &[])
}
fn context_keys(th: &Thread, v: Value) -> R {
    context_view(th, v, "keys")
}
fn context_values(th: &Thread, v: Value) -> R {
    context_view(th, v, "values")
}
fn context_items(th: &Thread, v: Value) -> R {
    context_view(th, v, "items")
}
fn context_iter(th: &Thread, v: Value) -> R {
    let k = context_keys(th, v)?;
    ops::iter::get(th, k)
}
static CONTEXT_METHODS: [MethodDef; 10] = [
    mk("run", context_run),
    m1("copy", copy_of),
    mv("get", context_get, 2, 3),
    m2("__getitem__", context_item),
    m2("__contains__", context_contains),
    m1("__len__", context_len),
    m1("__iter__", context_iter),
    m1("keys", context_keys),
    m1("values", context_values),
    m1("items", context_items),
];
static CONTEXT: TypeSpec = TypeSpec::new("Context", habu_runtime::kinds::RECORD)
    .module("_contextvars")
    .words(2)
    .flags(tf::WEAKREF)
    .methods(&CONTEXT_METHODS)
    .new_fn(context_new);

fn var_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let [name, default] = habu_runtime::args!(th, a, "ContextVar", ["name", "default"], 1, 1, 1);
    let name = name.unwrap_or(Value::NONE);
    if !name.is::<StrObj>() {
        return Err(error::type_error(th, "context variable name must be a str"));
    }
    let v = instance(th, "ContextVar")?;
    slot(v, 0).init(Some(name));
    slot(v, 1).init(default);
    Ok(v)
}
fn var_get(th: &Thread, a: &[Value]) -> R {
    let c = current(th)?;
    if let Some(x) = dict::get(th, vars(c), a[0])? {
        return Ok(x);
    }
    match a.get(1).copied().or(slot(a[0], 1).get()) {
        Some(d) => Ok(d),
        None => Err(error::raise_with(th, C::LookupError, a[0])),
    }
}
fn var_set(th: &Thread, v: Value, x: Value) -> R {
    let c = current(th)?;
    let old = dict::get(th, vars(c), v)?;
    dict::set(th, vars(c), v, x)?;
    let t = instance(th, "Token")?;
    slot(t, 0).init(Some(c));
    slot(t, 1).init(Some(v));
    slot(t, 2).init(old);
    Ok(t)
}
fn var_reset(th: &Thread, v: Value, t: Value) -> R {
    if habu_runtime::core::class::of(t) != class_of(th, "Token")? {
        let n = habu_runtime::core::class::type_name(t);
        return Err(error::type_error(
            th,
            &format!("expected an instance of Token, got {n}"),
        ));
    }
    if slot(t, 3).get().is_some() {
        let r = ops::repr::repr_string(th, t)?;
        return Err(error::raise(
            th,
            C::RuntimeError,
            &format!("{r} has already been used once"),
        ));
    }
    let r = |what: &str| -> R<String> {
        Ok(format!(
            "{} was created {what}",
            ops::repr::repr_string(th, t)?
        ))
    };
    if slot(t, 1).get() != Some(v) {
        return Err(error::value_error(th, &r("by a different ContextVar")?));
    }
    let c = current(th)?;
    if slot(t, 0).get() != Some(c) {
        return Err(error::value_error(th, &r("in a different Context")?));
    }
    slot(t, 3).init(Some(Value::TRUE));
    match slot(t, 2).get() {
        Some(old) => dict::set(th, vars(c), v, old)?,
        None => {
            dict::remove(th, vars(c), v)?;
        }
    }
    Ok(Value::NONE)
}
fn var_name(_: &Thread, v: Value) -> R {
    Ok(slot(v, 0).get().unwrap_or(Value::NONE))
}
fn var_hash(th: &Thread, v: Value) -> R {
    habu_runtime::core::int::from_i64(th, (v.bits() >> 4) as i64)
}
static VAR_METHODS: [MethodDef; 5] = [
    mv("get", var_get, 1, 2),
    m2("set", var_set),
    m2("reset", var_reset),
    m1("__hash__", var_hash),
    m2("__class_getitem__", generic_alias::class_getitem).class(),
];
static VAR_FIELDS: [GetSetDef; 1] = [gs("name", var_name)];
static VAR: TypeSpec = TypeSpec::new("ContextVar", habu_runtime::kinds::RECORD)
    .module("_contextvars")
    .words(2)
    .methods(&VAR_METHODS)
    .getset(&VAR_FIELDS)
    .new_fn(var_new);

fn token_var(_: &Thread, v: Value) -> R {
    Ok(slot(v, 1).get().unwrap_or(Value::NONE))
}
fn token_old(th: &Thread, v: Value) -> R {
    match slot(v, 2).get() {
        Some(o) => Ok(o),
        None => {
            let c = class_of(th, "Token")?;
            Ok(dict::get_text(th, c.dict(), "MISSING")?.unwrap_or(Value::NONE))
        }
    }
}
fn token_enter(_: &Thread, v: Value) -> R {
    Ok(v)
}
fn token_exit(th: &Thread, a: &[Value]) -> R {
    let var = token_var(th, a[0])?;
    var_reset(th, var, a[0])
}
static TOKEN_METHODS: [MethodDef; 3] = [
    m1("__enter__", token_enter),
    mv("__exit__", token_exit, 1, 4),
    m2("__class_getitem__", generic_alias::class_getitem).class(),
];
static TOKEN_FIELDS: [GetSetDef; 2] = [gs("var", token_var), gs("old_value", token_old)];
static TOKEN: TypeSpec = TypeSpec::new("Token", habu_runtime::kinds::RECORD)
    .module("_contextvars")
    .words(4)
    .flags(tf::NO_NEW)
    .methods(&TOKEN_METHODS)
    .getset(&TOKEN_FIELDS);

static CONTEXTVARS: [MethodDef; 1] = [m0("copy_context", copy_context)];
pub fn contextvars(th: &Thread) -> R<Gc<ModuleObj>> {
    let c = m::new(th, "_contextvars", &CONTEXTVARS)?;
    for s in [&CONTEXT, &VAR, &TOKEN] {
        let k = class_make::from_spec(th, s, None)?;
        if s.name == "Token" {
            let missing = string::new_value(th, "<Token.MISSING>")?;
            dict::set_text(th, k.dict(), "MISSING", missing)?;
        }
        m::set(th, c, s.name, k.value())?;
    }
    Ok(c)
}

//! Type parameters: TypeVar, ParamSpec, TypeVarTuple, type aliases, Generic.

use crate::classes::C;
use crate::core::{attr, class, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::runtime::class as core_class;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_bytecode::opcode::{intrinsic1 as i1, intrinsic2 as i2};
use habu_heap::{Slot, Value};

// Words: name, bound, constraints, default, flags (tagged bits), evaluators of bound, constraints, default.
const NAME: usize = 0;
const BOUND: usize = 1;
const CONSTRAINTS: usize = 2;
const DEFAULT: usize = 3;
const FLAGS: usize = 4;
const EVAL_BOUND: usize = 5;
const EVAL_CONSTRAINTS: usize = 6;
const EVAL_DEFAULT: usize = 7;
const COVARIANT: i64 = 1;
const CONTRAVARIANT: i64 = 2;
const INFER: i64 = 4;

fn s(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the records of this file have eight native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn get(v: Value, i: usize) -> Value {
    s(v, i).get().unwrap_or(Value::NONE)
}
fn put(th: &Thread, v: Value, i: usize, x: Option<Value>) {
    th.set_in(v, s(v, i), x)
}
fn no_default() -> Value {
    crate::runtime::kept(crate::runtime::Keep::TypingModule).unwrap_or(Value::NONE)
}
fn alloc(th: &Thread, c: C) -> R {
    // SAFETY: just made.
    Ok(unsafe { Value::from_ptr(crate::types::iters::alloc(th, core_class(c))?) })
}
fn set_module(th: &Thread, v: Value) -> R<()> {
    if let Some(g) = crate::interp::current_globals(th)
        && let Some(m) = crate::core::dict::get_name(g, nm(N::Name))
    {
        attr::generic_set(th, v, nm(N::Module), Some(m))?;
    }
    Ok(())
}

/// `CALL_INTRINSIC` TYPEVAR and relatives; bounds come as functions to be called when asked (plus 100).
pub fn intrinsic(th: &Thread, which: u32, name: Value, arg: Option<Value>) -> R {
    let c = match which {
        i1::PARAMSPEC => C::ParamSpec,
        i1::TYPEVARTUPLE => C::TypeVarTuple,
        _ => C::TypeVar,
    };
    let v = alloc(th, c)?;
    put(th, v, NAME, Some(name));
    put(th, v, FLAGS, Some(Value::small_int(INFER)));
    const WITH_BOUND: u32 = i2::TYPEVAR_WITH_BOUND + 100;
    if arg.is_some() {
        put(
            th,
            v,
            if which == WITH_BOUND {
                EVAL_BOUND
            } else {
                EVAL_CONSTRAINTS
            },
            arg,
        );
    }
    set_module(th, v)?;
    Ok(v)
}
pub fn set_default(th: &Thread, v: Value, evaluate: Value) -> R {
    put(th, v, EVAL_DEFAULT, Some(evaluate));
    Ok(v)
}
pub fn subscript_generic(th: &Thread, params: Value) -> R {
    let m = crate::import::import_module(th, "typing")?;
    let f = attr::get_text(th, m, "_GenericAlias")?;
    let unpacked = list::new(th)?;
    for &p in expect::<TupleObj>(params).items() {
        if p.shape() == C::TypeVarTuple.shape() {
            let it = ops::iter::get(th, p)?;
            while let Some(x) = ops::iter::next(th, it)? {
                list::push(th, unpacked, x)?;
            }
        } else {
            list::push(th, unpacked, p)?;
        }
    }
    let t = tuple::new_value(th, list::items(unpacked))?;
    call::call(th, f, &[core_class(C::Generic).value(), t])
}

/// Value of a lazily evaluated word.
fn lazy(th: &Thread, v: Value, at: usize, eval: usize, missing: Value) -> R {
    if let Some(x) = s(v, at).get() {
        return Ok(x);
    }
    match s(v, eval).get() {
        Some(f) => {
            let x = call::call(th, f, &[Value::small_int(1)])?;
            put(th, v, at, Some(x));
            Ok(x)
        }
        None => Ok(missing),
    }
}
fn get_name(_: &Thread, v: Value) -> R {
    Ok(get(v, NAME))
}
fn get_bound(th: &Thread, v: Value) -> R {
    lazy(th, v, BOUND, EVAL_BOUND, Value::NONE)
}
fn get_constraints(th: &Thread, v: Value) -> R {
    lazy(th, v, CONSTRAINTS, EVAL_CONSTRAINTS, tuple::empty().value())
}
fn get_default(th: &Thread, v: Value) -> R {
    lazy(th, v, DEFAULT, EVAL_DEFAULT, no_default())
}
fn has_default(_: &Thread, v: Value) -> R {
    let d = s(v, DEFAULT).get();
    Ok(Value::bool(
        s(v, EVAL_DEFAULT).get().is_some() || d.is_some_and(|d| d != no_default()),
    ))
}
fn evaluate_bound(_: &Thread, v: Value) -> R {
    Ok(get(v, EVAL_BOUND))
}
fn evaluate_constraints(_: &Thread, v: Value) -> R {
    Ok(get(v, EVAL_CONSTRAINTS))
}
fn evaluate_default(_: &Thread, v: Value) -> R {
    Ok(get(v, EVAL_DEFAULT))
}
fn flag(v: Value, bit: i64) -> R {
    Ok(Value::bool(get(v, FLAGS).as_int().unwrap_or(0) & bit != 0))
}
fn covariant(_: &Thread, v: Value) -> R {
    flag(v, COVARIANT)
}
fn contravariant(_: &Thread, v: Value) -> R {
    flag(v, CONTRAVARIANT)
}
fn infer(_: &Thread, v: Value) -> R {
    flag(v, INFER)
}
fn repr(th: &Thread, v: Value) -> R {
    let n = ops::repr::str_string(th, get(v, NAME))?;
    let f = get(v, FLAGS).as_int().unwrap_or(0);
    let sign = if f & INFER != 0 {
        ""
    } else if f & COVARIANT != 0 {
        "+"
    } else if f & CONTRAVARIANT != 0 {
        "-"
    } else {
        "~"
    };
    string::new_value(th, &format!("{sign}{n}"))
}
fn plain_repr(_: &Thread, v: Value) -> R {
    Ok(get(v, NAME))
}
fn typing_call(th: &Thread, name: &str, args: &[Value]) -> R {
    let m = crate::import::import_module(th, "typing")?;
    let f = attr::get_text(th, m, name)?;
    call::call(th, f, args)
}
fn subst(th: &Thread, v: Value, x: Value) -> R {
    let f = match v.shape() {
        s if s == C::ParamSpec.shape() => "_paramspec_subst",
        s if s == C::TypeVarTuple.shape() => {
            return Err(error::type_error(
                th,
                "Substitution of bare TypeVarTuple is not supported",
            ));
        }
        _ => "_typevar_subst",
    };
    typing_call(th, f, &[v, x])
}
fn prepare_subst(th: &Thread, a: &[Value]) -> R {
    let (v, alias, args) = (a[0], a[1], a[2]);
    match v.shape() {
        s if s == C::ParamSpec.shape() => {
            typing_call(th, "_paramspec_prepare_subst", &[v, alias, args])
        }
        s if s == C::TypeVarTuple.shape() => {
            typing_call(th, "_typevartuple_prepare_subst", &[v, alias, args])
        }
        _ => {
            // typing hands over a list here, types.GenericAlias a tuple.
            let params = attr::get(th, alias, nm(N::Parameters))?;
            let params = ops::iter::to_tuple(th, params)?;
            let given = ops::iter::to_tuple(th, args)?;
            let i = params.items().iter().position(|p| *p == v).unwrap_or(0);
            if i < given.len() {
                return Ok(args);
            }
            if i == given.len() {
                let d = get_default(th, v)?;
                if d == no_default() {
                    return Err(error::type_error(
                        th,
                        &format!(
                            "Too few arguments for {}",
                            ops::repr::repr_string(th, alias)?
                        ),
                    ));
                }
                let l = ops::iter::to_list(th, args)?;
                list::push(th, l, d)?;
                return tuple::new_value(th, list::items(l));
            }
            Ok(args)
        }
    }
}
/// By `typing.Union`, which makes forward references of strings.
fn or(th: &Thread, x: Value, y: Value) -> R {
    let typing = crate::import::import_module(th, "typing")?;
    let union = attr::get_text(th, typing, "Union")?;
    let both = tuple::new_value(th, &[x, y])?;
    ops::subscr::get(th, union, both)
}
fn ror(th: &Thread, x: Value, y: Value) -> R {
    or(th, y, x)
}
fn mro_entries(th: &Thread, v: Value, _: Value) -> R {
    let n = class::type_name(v);
    Err(error::type_error(
        th,
        &format!("Cannot subclass an instance of {n}"),
    ))
}
fn reduce(_: &Thread, v: Value) -> R {
    Ok(get(v, NAME))
}

fn typevar_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let pos = a.pos();
    let mut name = pos.first().copied();
    let v = alloc(th, C::TypeVar)?;
    let mut flags = 0;
    for (k, x) in a.kw() {
        match &*expect::<StrObj>(k).to_rust() {
            "name" => name = Some(x),
            "bound" if !x.is_none() => {
                let b = typing_call(
                    th,
                    "_type_check",
                    &[x, string::new_value(th, "Bound must be a type.")?],
                )?;
                put(th, v, BOUND, Some(b));
            }
            "bound" => {}
            "covariant" => flags |= if ops::truth(th, x)? { COVARIANT } else { 0 },
            "contravariant" => flags |= if ops::truth(th, x)? { CONTRAVARIANT } else { 0 },
            "infer_variance" => flags |= if ops::truth(th, x)? { INFER } else { 0 },
            "default" => put(th, v, DEFAULT, Some(x)),
            other => {
                return Err(error::type_error(
                    th,
                    &format!("typevar() got an unexpected keyword argument '{other}'"),
                ));
            }
        }
    }
    let Some(name) = name.filter(|n| n.is::<StrObj>()) else {
        return Err(error::type_error(
            th,
            "typevar() missing required argument 'name' (pos 1)",
        ));
    };
    put(th, v, NAME, Some(name));
    put(th, v, FLAGS, Some(Value::small_int(flags)));
    if flags & (COVARIANT | CONTRAVARIANT) == COVARIANT | CONTRAVARIANT {
        return Err(error::value_error(th, "Bivariant types are not supported."));
    }
    if pos.len() > 1 {
        if pos.len() == 2 {
            return Err(error::type_error(th, "A single constraint is not allowed"));
        }
        if s(v, BOUND).get().is_some() {
            return Err(error::type_error(
                th,
                "Constraints cannot be combined with bound=...",
            ));
        }
        let t = tuple::new_value(th, &pos[1..])?;
        put(th, v, CONSTRAINTS, Some(t));
    }
    set_module(th, v)?;
    Ok(v)
}
fn simple_new(th: &Thread, c: C, a: Args) -> R {
    let v = alloc(th, c)?;
    let mut name = a.pos().first().copied();
    let mut flags = 0;
    for (k, x) in a.kw() {
        match &*expect::<StrObj>(k).to_rust() {
            "name" => name = Some(x),
            "default" => put(th, v, DEFAULT, Some(x)),
            "bound" if c == C::ParamSpec => put(th, v, BOUND, Some(x).filter(|x| !x.is_none())),
            "covariant" => flags |= if ops::truth(th, x)? { COVARIANT } else { 0 },
            "contravariant" => flags |= if ops::truth(th, x)? { CONTRAVARIANT } else { 0 },
            "infer_variance" => flags |= if ops::truth(th, x)? { INFER } else { 0 },
            other => {
                return Err(error::type_error(
                    th,
                    &format!("got an unexpected keyword argument '{other}'"),
                ));
            }
        }
    }
    let Some(name) = name.filter(|n| n.is::<StrObj>()) else {
        return Err(error::type_error(
            th,
            "missing required argument 'name' (pos 1)",
        ));
    };
    put(th, v, NAME, Some(name));
    put(th, v, FLAGS, Some(Value::small_int(flags)));
    set_module(th, v)?;
    Ok(v)
}
fn paramspec_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    simple_new(th, C::ParamSpec, a)
}
fn typevartuple_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    simple_new(th, C::TypeVarTuple, a)
}
fn tuple_iter(th: &Thread, v: Value) -> R {
    let m = crate::import::import_module(th, "typing")?;
    let u = attr::get_text(th, m, "Unpack")?;
    let x = ops::subscr::get(th, u, v)?;
    let t = tuple::new_value(th, &[x])?;
    ops::iter::get(th, t)
}

const FL: u64 = tf::DICT_ITSELF | tf::HAS_DICT | tf::WEAKREF;
static TV_METHODS: [MethodDef; 8] = [
    m1("__repr__", repr),
    m2("__typing_subst__", subst),
    crate::spec::mv("__typing_prepare_subst__", prepare_subst, 3, 3),
    m2("__or__", or),
    m2("__ror__", ror),
    m2("__mro_entries__", mro_entries),
    m1("__reduce__", reduce),
    m1("has_default", has_default),
];
static TV_GETSET: [GetSetDef; 10] = [
    gs("__name__", get_name),
    gs("__bound__", get_bound),
    gs("__constraints__", get_constraints),
    gs("__default__", get_default),
    gs("__covariant__", covariant),
    gs("__contravariant__", contravariant),
    gs("__infer_variance__", infer),
    gs("evaluate_bound", evaluate_bound),
    gs("evaluate_constraints", evaluate_constraints),
    gs("evaluate_default", evaluate_default),
];
pub static TYPEVAR: TypeSpec = TypeSpec::new("TypeVar", kinds::RECORD)
    .module("typing")
    .words(8)
    .flags(FL)
    .methods(&TV_METHODS)
    .getset(&TV_GETSET)
    .new_fn(typevar_new);

fn ps_args(th: &Thread, v: Value) -> R {
    ps_part(th, v, C::ParamSpecArgs)
}
fn ps_kwargs(th: &Thread, v: Value) -> R {
    ps_part(th, v, C::ParamSpecKwargs)
}
fn ps_part(th: &Thread, v: Value, c: C) -> R {
    let p = alloc(th, c)?;
    // SAFETY: these records have one native word.
    th.set_in(
        p,
        unsafe { p.cast_unchecked::<Instance>() }.word(1),
        Some(v),
    );
    Ok(p)
}
static PS_GETSET: [GetSetDef; 9] = [
    gs("__name__", get_name),
    gs("__bound__", get_bound),
    gs("__default__", get_default),
    gs("__covariant__", covariant),
    gs("__contravariant__", contravariant),
    gs("__infer_variance__", infer),
    gs("evaluate_default", evaluate_default),
    gs("args", ps_args),
    gs("kwargs", ps_kwargs),
];
pub static PARAMSPEC: TypeSpec = TypeSpec::new("ParamSpec", kinds::RECORD)
    .module("typing")
    .words(8)
    .flags(FL)
    .methods(&TV_METHODS)
    .getset(&PS_GETSET)
    .new_fn(paramspec_new);
fn origin(_: &Thread, v: Value) -> R {
    // SAFETY: these records have one native word.
    Ok(unsafe { v.cast_unchecked::<Instance>() }
        .word(1)
        .get()
        .unwrap_or(Value::NONE))
}
fn args_repr(th: &Thread, v: Value) -> R {
    let o = origin(th, v)?;
    let n = ops::repr::str_string(th, get(o, NAME))?;
    let what = if v.shape() == C::ParamSpecArgs.shape() {
        "args"
    } else {
        "kwargs"
    };
    string::new_value(th, &format!("{n}.{what}"))
}
fn args_eq(th: &Thread, a: Value, b: Value) -> R {
    if a.shape() != b.shape() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    Ok(Value::bool(origin(th, a)? == origin(th, b)?))
}
fn args_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    crate::core::parse::check_count(th, &cls.name_str(), a.pos().len(), 1, 1)?;
    ps_part(
        th,
        a.all()[0],
        if cls == core_class(C::ParamSpecArgs) {
            C::ParamSpecArgs
        } else {
            C::ParamSpecKwargs
        },
    )
}
static ARGS_METHODS: [MethodDef; 3] = [
    m1("__repr__", args_repr),
    m2("__eq__", args_eq),
    m2("__mro_entries__", mro_entries),
];
static ARGS_GETSET: [GetSetDef; 1] = [gs("__origin__", origin)];
pub static PARAMSPEC_ARGS: TypeSpec = TypeSpec::new("ParamSpecArgs", kinds::RECORD)
    .module("typing")
    .words(1)
    .methods(&ARGS_METHODS)
    .getset(&ARGS_GETSET)
    .new_fn(args_new);
pub static PARAMSPEC_KWARGS: TypeSpec = TypeSpec::new("ParamSpecKwargs", kinds::RECORD)
    .module("typing")
    .words(1)
    .methods(&ARGS_METHODS)
    .getset(&ARGS_GETSET)
    .new_fn(args_new);
static TT_METHODS: [MethodDef; 7] = [
    m1("__repr__", plain_repr),
    m1("__iter__", tuple_iter),
    m2("__typing_subst__", subst),
    crate::spec::mv("__typing_prepare_subst__", prepare_subst, 3, 3),
    m2("__mro_entries__", mro_entries),
    m1("__reduce__", reduce),
    m1("has_default", has_default),
];
static TT_GETSET: [GetSetDef; 3] = [
    gs("__name__", get_name),
    gs("__default__", get_default),
    gs("evaluate_default", evaluate_default),
];
pub static TYPEVARTUPLE: TypeSpec = TypeSpec::new("TypeVarTuple", kinds::RECORD)
    .module("typing")
    .words(8)
    .flags(FL)
    .methods(&TT_METHODS)
    .getset(&TT_GETSET)
    .new_fn(typevartuple_new);

// ---- type aliases: name, value, type params, evaluator

/// From the compiler: (name, type params or None, function for the value).
pub fn new_alias(th: &Thread, v: Value) -> R {
    let t: Gc<TupleObj> = expect(v);
    let a = alloc(th, C::TypeAlias)?;
    put(th, a, 0, Some(t.items()[0]));
    put(th, a, 2, Some(t.items()[1]).filter(|p| !p.is_none()));
    put(th, a, 3, Some(t.items()[2]));
    set_module(th, a)?;
    Ok(a)
}
fn alias_new(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let [n, v, p] = crate::args!(
        th,
        a,
        "typealias",
        ["name", "value", "type_params"],
        0,
        2,
        2
    );
    let o = alloc(th, C::TypeAlias)?;
    put(th, o, 0, n);
    put(th, o, 1, v);
    put(th, o, 2, p);
    set_module(th, o)?;
    Ok(o)
}
fn alias_value(th: &Thread, v: Value) -> R {
    if let Some(x) = s(v, 1).get() {
        return Ok(x);
    }
    let x = call::call(th, get(v, 3), &[Value::small_int(1)])?;
    put(th, v, 1, Some(x));
    Ok(x)
}
fn alias_params(_: &Thread, v: Value) -> R {
    Ok(s(v, 2).get().unwrap_or(tuple::empty().value()))
}
fn alias_getitem(th: &Thread, v: Value, k: Value) -> R {
    if s(v, 2).get().is_none() {
        return Err(error::type_error(
            th,
            "Only generic type aliases are subscriptable",
        ));
    }
    crate::types::generic_alias::new(th, v, k)
}
fn alias_evaluate(_: &Thread, v: Value) -> R {
    Ok(get(v, 3))
}
fn union_or(th: &Thread, a: Value, b: Value) -> R {
    crate::types::union::or(th, a, b)
}
fn union_ror(th: &Thread, a: Value, b: Value) -> R {
    crate::types::union::or(th, b, a)
}
static ALIAS_METHODS: [MethodDef; 5] = [
    m1("__repr__", plain_repr),
    m2("__getitem__", alias_getitem),
    m2("__or__", union_or),
    m2("__ror__", union_ror),
    m1("__reduce__", reduce),
];
static ALIAS_GETSET: [GetSetDef; 5] = [
    gs("__name__", get_name),
    gs("__value__", alias_value),
    gs("__type_params__", alias_params),
    gs("__parameters__", alias_params),
    gs("evaluate_value", alias_evaluate),
];
pub static TYPEALIAS: TypeSpec = TypeSpec::new("TypeAliasType", kinds::RECORD)
    .module("typing")
    .words(4)
    .flags(FL)
    .methods(&ALIAS_METHODS)
    .getset(&ALIAS_GETSET)
    .new_fn(alias_new);

// ---- Generic

fn generic_getitem(th: &Thread, a: Args) -> R {
    let m = crate::import::import_module(th, "typing")?;
    let f = attr::get_text(th, m, "_generic_class_getitem")?;
    call::call_args(th, f, a)
}
fn generic_init_subclass(th: &Thread, a: Args) -> R {
    let m = crate::import::import_module(th, "typing")?;
    let f = attr::get_text(th, m, "_generic_init_subclass")?;
    call::call_args(th, f, a)
}
static GENERIC_METHODS: [MethodDef; 2] = [
    mk("__class_getitem__", generic_getitem).class(),
    mk("__init_subclass__", generic_init_subclass).class(),
];
pub static GENERIC: TypeSpec = TypeSpec::new("Generic", kinds::INSTANCE)
    .module("typing")
    .flags(tf::BASE)
    .methods(&GENERIC_METHODS);

fn nodefault_repr(th: &Thread, _: Value) -> R {
    string::new_value(th, "typing.NoDefault")
}
fn nodefault_reduce(th: &Thread, _: Value) -> R {
    string::new_value(th, "NoDefault")
}
fn nodefault_new(_: &Thread, _: Gc<TypeObj>, _: Args) -> R {
    Ok(no_default())
}
static ND_METHODS: [MethodDef; 2] = [
    m1("__repr__", nodefault_repr),
    m1("__reduce__", nodefault_reduce),
];
pub static NODEFAULT: TypeSpec = TypeSpec::new("NoDefaultType", kinds::RECORD)
    .methods(&ND_METHODS)
    .new_fn(nodefault_new);

/// Make the NoDefault object at start-up.
pub fn init(th: &Thread) -> R<()> {
    let v = alloc(th, C::NoDefault)?;
    crate::runtime::keep(crate::runtime::Keep::TypingModule, Some(v));
    Ok(())
}

//! `_operator`: the operators of the language as functions, and `attrgetter`, `itemgetter`, `methodcaller`.
//!
//! What must hold: a getter keeps what it was made from in its native words, so that it can be shown and pickled.

use habu_bytecode::opcode::{binary as b, compare as cmp};
use habu_runtime::core::{attr, class, class_make, dict, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, binary, call, compare, iter, subscr};
use habu_runtime::spec::{Args, MethodDef, Named, TypeSpec, m1, m2, m3, mk, mv, type_flags as tf};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{bytes, iters};
use habu_runtime::value::{Slot, Value};

/// Functions of two arguments that are an operator each.
macro_rules! binaries {
    ($($f:ident $op:ident $inplace:ident;)*) => {$(
        fn $f(th: &Thread, x: Value, y: Value) -> R {
            binary::binary(th, b::$op, x, y)
        }
        fn $inplace(th: &Thread, x: Value, y: Value) -> R {
            binary::inplace_op(th, b::$op, x, y)
        }
    )*};
}
binaries! {
    add ADD iadd;
    and AND iand;
    floordiv FLOOR_DIVIDE ifloordiv;
    lshift LSHIFT ilshift;
    matmul MATRIX_MULTIPLY imatmul;
    mul MULTIPLY imul;
    modulo REMAINDER imod;
    or OR ior;
    pow POWER ipow;
    rshift RSHIFT irshift;
    sub SUBTRACT isub;
    truediv TRUE_DIVIDE itruediv;
    xor XOR ixor;
}
macro_rules! compares {
    ($($f:ident $op:ident;)*) => {$(
        fn $f(th: &Thread, x: Value, y: Value) -> R {
            compare::rich(th, x, y, cmp::$op)
        }
    )*};
}
compares! {
    lt LT;
    le LE;
    eq EQ;
    ne NE;
    gt GT;
    ge GE;
}

fn truth(th: &Thread, v: Value) -> R {
    Ok(Value::bool(ops::truth(th, v)?))
}
fn not(th: &Thread, v: Value) -> R {
    Ok(Value::bool(!ops::truth(th, v)?))
}
fn is(_: &Thread, x: Value, y: Value) -> R {
    Ok(Value::bool(ops::same(x, y)))
}
fn is_not(_: &Thread, x: Value, y: Value) -> R {
    Ok(Value::bool(!ops::same(x, y)))
}
fn is_none(_: &Thread, v: Value) -> R {
    Ok(Value::bool(v.is_none()))
}
fn is_not_none(_: &Thread, v: Value) -> R {
    Ok(Value::bool(!v.is_none()))
}
fn contains(th: &Thread, x: Value, y: Value) -> R {
    Ok(Value::bool(ops::contains(th, x, y)?))
}
fn iterator(th: &Thread, v: Value) -> R {
    match iter::is_iterable(v) {
        true => iter::get(th, v),
        false => {
            let text = format!("'{}' object is not iterable", class::type_name(v));
            Err(error::type_error(th, &text))
        }
    }
}
fn count_of(th: &Thread, x: Value, y: Value) -> R {
    let (it, mut n) = (iterator(th, x)?, 0);
    while let Some(v) = iter::next(th, it)? {
        n += (v == y || compare::eq_bool(th, v, y)?) as usize;
    }
    int::from_usize(th, n)
}
fn index_of(th: &Thread, x: Value, y: Value) -> R {
    let (it, mut n) = (iterator(th, x)?, 0);
    while let Some(v) = iter::next(th, it)? {
        if v == y || compare::eq_bool(th, v, y)? {
            return int::from_usize(th, n);
        }
        n += 1;
    }
    Err(error::value_error(
        th,
        "sequence.index(x): x not in sequence",
    ))
}
/// Refuse to concatenate what is no sequence, though it may know `+`.
fn sequence(th: &Thread, x: Value) -> R<()> {
    let is_dict = x.is::<DictObj>();
    if is_dict || attr::get_text_opt(th, class::of(x).value(), "__getitem__")?.is_none() {
        let text = format!("'{}' object can't be concatenated", class::type_name(x));
        return Err(error::type_error(th, &text));
    }
    Ok(())
}
fn concat(th: &Thread, x: Value, y: Value) -> R {
    sequence(th, x)?;
    add(th, x, y)
}
fn iconcat(th: &Thread, x: Value, y: Value) -> R {
    sequence(th, x)?;
    iadd(th, x, y)
}
fn setitem(th: &Thread, x: Value, k: Value, v: Value) -> R {
    subscr::set(th, x, k, v)?;
    Ok(Value::NONE)
}
fn length_hint(th: &Thread, a: &[Value]) -> R {
    let default = match a.get(1) {
        Some(&d) if !int::is_int(d) => {
            let text = format!(
                "'{}' object cannot be interpreted as an integer",
                class::type_name(d)
            );
            return Err(error::type_error(th, &text));
        }
        Some(&d) => parse::as_isize(th, d)?,
        None => 0,
    };
    // A negative default is handed back as it is.
    match iter::length_hint(th, a[0], usize::MAX)? {
        usize::MAX => int::from_i64(th, default),
        n => int::from_usize(th, n),
    }
}
fn call_any(th: &Thread, a: Args) -> R {
    match a.pos().first() {
        Some(&f) => call::call_args(th, f, a.rest()),
        None => Err(error::type_error(
            th,
            "call expected at least 1 argument, got 0",
        )),
    }
}
/// Equality in a time that depends on the lengths only.
fn compare_digest(th: &Thread, x: Value, y: Value) -> R {
    let same = |p: &[u8], q: &[u8]| {
        let n = p.len().max(q.len());
        let at = |s: &[u8], i: usize| s.get(i).copied().unwrap_or(0);
        let differ = (0..n).fold(0, |d, i| d | (at(p, i) ^ at(q, i)));
        Value::bool(std::hint::black_box(differ) == 0 && p.len() == q.len())
    };
    if let (Some(p), Some(q)) = (x.cast::<StrObj>(), y.cast::<StrObj>()) {
        let (p, q) = (p.to_rust(), q.to_rust());
        if !p.is_ascii() || !q.is_ascii() {
            return Err(error::type_error(
                th,
                "comparing strings with non-ASCII characters is not supported",
            ));
        }
        return Ok(same(p.as_bytes(), q.as_bytes()));
    }
    match (bytes::bytes_like(th, x)?, bytes::bytes_like(th, y)?) {
        (Some(p), Some(q)) => Ok(same(p, q)),
        _ => {
            let text = format!(
                "unsupported operand types(s) or combination of types: '{}' and '{}'",
                class::type_name(x),
                class::type_name(y)
            );
            Err(error::type_error(th, &text))
        }
    }
}

// The getters: a tuple of what they get; a method caller has its name, its arguments and their keywords.
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the three classes have the native words that their functions name.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn field(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}
fn items(v: Value, i: usize) -> Gc<TupleObj> {
    expect(field(v, i))
}
fn instance(th: &Thread, cls: Gc<TypeObj>, fields: &[Value]) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    for (i, &x) in fields.iter().enumerate() {
        th.set_in(v, slot(v, i), Some(x));
    }
    Ok(v)
}
/// What a getter is made from.
fn wanted(th: &Thread, a: Args, name: &str) -> R<Gc<TupleObj>> {
    if a.kw_len() > 0 {
        let text = format!("{name}() takes no keyword arguments");
        return Err(error::type_error(th, &text));
    }
    if a.all().is_empty() {
        let text = format!("{name} expected 1 argument, got 0");
        return Err(error::type_error(th, &text));
    }
    tuple::new(th, a.all())
}
/// The one argument of a getter's call.
fn subject(th: &Thread, a: Args, name: &str) -> R {
    let text = match (a.pos(), a.kw_len()) {
        ([_, v], 0) => return Ok(*v),
        (_, 0) => format!("{name} expected 1 argument, got {}", a.pos().len() - 1),
        _ => format!("{name}() takes no keyword arguments"),
    };
    Err(error::type_error(th, &text))
}
/// One result alone, several in a tuple.
fn gather(th: &Thread, of: Gc<TupleObj>, get: impl Fn(Value) -> R) -> R {
    if of.len() == 1 {
        return get(of.items()[0]);
    }
    let l = list::with_capacity(th, of.len())?;
    for &x in of.items() {
        list::push(th, l, get(x)?)?;
    }
    tuple::new_value(th, list::items(l))
}
fn shown(th: &Thread, v: Value, put: impl FnOnce(&mut string::Builder) -> R<()>) -> R {
    let done = ops::repr::guarded(th, v, || {
        let mut s = string::Builder::new();
        s.push_str(&class::full_name(class::of(v)));
        s.push_str("(");
        put(&mut s)?;
        s.push_str(")");
        s.finish_value(th)
    })?;
    match done {
        Some(s) => Ok(s),
        None => string::new_value(th, &format!("{}(...)", class::full_name(class::of(v)))),
    }
}
fn put_items(th: &Thread, s: &mut string::Builder, items: &[Value]) -> R<()> {
    for (i, &x) in items.iter().enumerate() {
        if i > 0 {
            s.push_str(", ");
        }
        s.push(expect(ops::repr::repr(th, x)?));
    }
    Ok(())
}
fn getter_repr(th: &Thread, v: Value) -> R {
    shown(th, v, |s| put_items(th, s, items(v, 0).items()))
}
fn getter_reduce(th: &Thread, v: Value) -> R {
    tuple::new_value(th, &[class::of(v).value(), field(v, 0)])
}

fn attrgetter_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let names = wanted(th, a, "attrgetter")?;
    if names.items().iter().any(|n| !n.is::<StrObj>()) {
        return Err(error::type_error(th, "attribute name must be a string"));
    }
    instance(th, cls, &[names.value()])
}
fn dotted(th: &Thread, v: Value, path: Value) -> R {
    let s: Gc<StrObj> = expect(path);
    let c: Vec<u32> = s.chars().collect();
    let mut v = v;
    for part in c.split(|c| *c == '.' as u32) {
        let name = string::from_u32(th, part)?.value();
        v = attr::get(th, v, attr::intern_name(th, name)?)?;
    }
    Ok(v)
}
fn attrgetter_call(th: &Thread, a: Args) -> R {
    let v = subject(th, a, "attrgetter")?;
    gather(th, items(a.all()[0], 0), |path| dotted(th, v, path))
}
fn itemgetter_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let keys = wanted(th, a, "itemgetter")?;
    instance(th, cls, &[keys.value()])
}
fn itemgetter_call(th: &Thread, a: Args) -> R {
    let v = subject(th, a, "itemgetter")?;
    gather(th, items(a.all()[0], 0), |k| subscr::get(th, v, k))
}

const NAME: usize = 0;
const ARGS: usize = 1;
const KEYWORDS: usize = 2;
fn methodcaller_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let Some(&name) = a.pos().first() else {
        return Err(error::type_error(
            th,
            "methodcaller needs at least one argument, the method name",
        ));
    };
    if !name.is::<StrObj>() {
        return Err(error::type_error(th, "method name must be a string"));
    }
    let d = dict::new_dict(th)?;
    for (k, v) in a.kw() {
        dict::set(th, d, k, v)?;
    }
    let given = tuple::new_value(th, &a.pos()[1..])?;
    instance(th, cls, &[name, given, d.value()])
}
fn methodcaller_call(th: &Thread, a: Args) -> R {
    let v = subject(th, a, "methodcaller")?;
    let me = a.all()[0];
    let name = attr::intern_name(th, field(me, NAME))?;
    let given = items(me, ARGS);
    let d: Gc<DictObj> = expect(field(me, KEYWORDS));
    if dict::len(d) == 0 {
        return call::method(th, v, name, given.items());
    }
    let f = attr::get(th, v, name)?;
    let l = list::from_slice(th, given.items())?;
    let names = list::new(th)?;
    let mut i = 0;
    while let Some((k, x)) = dict::next(d, &mut i) {
        list::push(th, names, k)?;
        list::push(th, l, x)?;
    }
    let names = tuple::new(th, list::items(names))?;
    let named = Named {
        all: list::items(l),
        names: Some(names),
    };
    let all = Args::of(&named);
    call::call_args(th, f, all)
}
fn methodcaller_repr(th: &Thread, v: Value) -> R {
    shown(th, v, |s| {
        put_items(th, s, &[field(v, NAME)])?;
        for &x in items(v, ARGS).items() {
            s.push_str(", ");
            s.push(expect(ops::repr::repr(th, x)?));
        }
        let d = dict::copy(th, expect(field(v, KEYWORDS)))?;
        let mut i = 0;
        while let Some((k, x)) = dict::next(d, &mut i) {
            s.push_str(", ");
            s.push(expect(ops::repr::str(th, k)?));
            s.push_str("=");
            s.push(expect(ops::repr::repr(th, x)?));
        }
        Ok(())
    })
}
/// Keywords only fit a call, so with them the maker is a `partial`.
fn methodcaller_reduce(th: &Thread, v: Value) -> R {
    let cls = class::of(v).value();
    let d: Gc<DictObj> = expect(field(v, KEYWORDS));
    if dict::len(d) == 0 {
        let l = list::from_slice(th, &[field(v, NAME)])?;
        for &x in items(v, ARGS).items() {
            list::push(th, l, x)?;
        }
        let args = tuple::new_value(th, list::items(l))?;
        return tuple::new_value(th, &[cls, args]);
    }
    let functools = habu_runtime::import::import_module(th, "functools")?;
    let partial = attr::get_text(th, functools, "partial")?;
    let l = list::from_slice(th, &[cls, field(v, NAME)])?;
    let names = list::new(th)?;
    let mut i = 0;
    while let Some((k, x)) = dict::next(d, &mut i) {
        list::push(th, names, k)?;
        list::push(th, l, x)?;
    }
    let named = Named {
        all: list::items(l),
        names: Some(tuple::new(th, list::items(names))?),
    };
    let all = Args::of(&named);
    let maker = call::call_args(th, partial, all)?;
    tuple::new_value(th, &[maker, field(v, ARGS)])
}

static ATTRGETTER_METHODS: [MethodDef; 3] = [
    mk("__call__", attrgetter_call).sig("($self, obj, /)"),
    m1("__repr__", getter_repr).sig("($self, /)"),
    m1("__reduce__", getter_reduce),
];
static ATTRGETTER: TypeSpec = TypeSpec::new("attrgetter", kinds::RECORD)
    .module("operator")
    .words(1)
    .flags(tf::BASE)
    .methods(&ATTRGETTER_METHODS)
    .new_fn(attrgetter_new)
    .sig("(attr, /, *attrs)")
    .doc("Return a callable object that fetches the given attribute(s) from its operand.");
static ITEMGETTER_METHODS: [MethodDef; 3] = [
    mk("__call__", itemgetter_call).sig("($self, obj, /)"),
    m1("__repr__", getter_repr).sig("($self, /)"),
    m1("__reduce__", getter_reduce),
];
static ITEMGETTER: TypeSpec = TypeSpec::new("itemgetter", kinds::RECORD)
    .module("operator")
    .words(1)
    .flags(tf::BASE)
    .methods(&ITEMGETTER_METHODS)
    .new_fn(itemgetter_new)
    .sig("(item, /, *items)")
    .doc("Return a callable object that fetches the given item(s) from its operand.");
static METHODCALLER_METHODS: [MethodDef; 3] = [
    mk("__call__", methodcaller_call).sig("($self, obj, /)"),
    m1("__repr__", methodcaller_repr).sig("($self, /)"),
    m1("__reduce__", methodcaller_reduce),
];
static METHODCALLER: TypeSpec = TypeSpec::new("methodcaller", kinds::RECORD)
    .module("operator")
    .words(3)
    .flags(tf::BASE)
    .methods(&METHODCALLER_METHODS)
    .new_fn(methodcaller_new)
    .sig("(name, /, *args, **kwargs)")
    .doc("Return a callable object that calls the given method on its operand.");

const ONE: &str = "($module, a, /)";
const TWO: &str = "($module, a, b, /)";
static FUNCTIONS: [MethodDef; 55] = [
    m1("truth", truth).sig(ONE),
    m1("not_", not).sig(ONE),
    m2("is_", is).sig(TWO),
    m2("is_not", is_not).sig(TWO),
    m1("is_none", is_none).sig(ONE),
    m1("is_not_none", is_not_none).sig(ONE),
    m2("contains", contains).sig(TWO),
    m2("countOf", count_of).sig(TWO),
    m2("indexOf", index_of).sig(TWO),
    mv("length_hint", length_hint, 1, 2).sig("($module, obj, default=0, /)"),
    m1("index", parse::index).sig(ONE),
    mk("call", call_any).sig("($module, obj, /, *args, **kwargs)"),
    m2("add", add).sig(TWO),
    m2("sub", sub).sig(TWO),
    m2("mul", mul).sig(TWO),
    m2("matmul", matmul).sig(TWO),
    m2("floordiv", floordiv).sig(TWO),
    m2("truediv", truediv).sig(TWO),
    m2("mod", modulo).sig(TWO),
    m2("lshift", lshift).sig(TWO),
    m2("rshift", rshift).sig(TWO),
    m2("and_", and).sig(TWO),
    m2("or_", or).sig(TWO),
    m2("xor", xor).sig(TWO),
    m2("pow", pow).sig(TWO),
    m1("neg", binary::negative).sig(ONE),
    m1("pos", binary::positive).sig(ONE),
    m1("abs", binary::absolute).sig(ONE),
    m1("inv", binary::invert).sig(ONE),
    m1("invert", binary::invert).sig(ONE),
    m2("concat", concat).sig(TWO),
    m2("iconcat", iconcat).sig(TWO),
    m2("iadd", iadd).sig(TWO),
    m2("isub", isub).sig(TWO),
    m2("imul", imul).sig(TWO),
    m2("imatmul", imatmul).sig(TWO),
    m2("ifloordiv", ifloordiv).sig(TWO),
    m2("itruediv", itruediv).sig(TWO),
    m2("imod", imod).sig(TWO),
    m2("ilshift", ilshift).sig(TWO),
    m2("irshift", irshift).sig(TWO),
    m2("iand", iand).sig(TWO),
    m2("ior", ior).sig(TWO),
    m2("ixor", ixor).sig(TWO),
    m2("ipow", ipow).sig(TWO),
    m2("getitem", subscr::get).sig(TWO),
    m2("delitem", subscr::delete).sig(TWO),
    m3("setitem", setitem).sig("($module, a, b, c, /)"),
    m2("lt", lt).sig(TWO),
    m2("le", le).sig(TWO),
    m2("eq", eq).sig(TWO),
    m2("ne", ne).sig(TWO),
    m2("gt", gt).sig(TWO),
    m2("ge", ge).sig(TWO),
    m2("_compare_digest", compare_digest).sig(TWO),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let o = m::new(th, "_operator", &FUNCTIONS)?;
    for spec in [&ATTRGETTER, &ITEMGETTER, &METHODCALLER] {
        let c = class_make::from_spec(th, spec, None)?;
        m::set(th, o, spec.name, c.value())?;
    }
    Ok(o)
}

//! `itertools`.

use habu_runtime::classes::C;
use habu_runtime::core::{class, class_make, int, list, parse, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, binary, call, iter};
use habu_runtime::runtime;
use habu_runtime::spec::{Args, MethodDef, NewFn, TypeSpec, m1, m2, mv, type_flags as tf};
use habu_runtime::thread::{R, Raised, Thread, expect};
use habu_runtime::types::{generic_alias, iters};
use habu_runtime::value::{Slot, Value};

fn s(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the classes of this file declare the words that their functions use.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn get(v: Value, i: usize) -> Value {
    s(v, i).get().unwrap_or(Value::NONE)
}
fn set(th: &Thread, v: Value, i: usize, x: Value) {
    th.set_in(v, s(v, i), Some(x))
}
fn num(v: Value, i: usize) -> i64 {
    get(v, i).as_int().unwrap_or(0)
}
fn set_num(v: Value, i: usize, n: i64) {
    s(v, i).init(Some(Value::small_int(n)))
}
fn make(th: &Thread, cls: Gc<TypeObj>) -> R {
    // SAFETY: just made with this class's layout.
    Ok(unsafe { Value::from_ptr(iters::alloc(th, cls)?) })
}
fn stop(th: &Thread) -> Raised {
    error::raise_args(th, runtime::class(C::StopIteration), &[])
}
fn next_or_stop(th: &Thread, it: Value) -> R {
    match iter::next(th, it)? {
        Some(x) => Ok(x),
        None => Err(stop(th)),
    }
}
fn list_of(v: Value, i: usize) -> Gc<ListObj> {
    expect(get(v, i))
}
fn item(l: Gc<ListObj>, i: usize) -> Value {
    list::get(l, i).unwrap_or(Value::NONE)
}

macro_rules! class {
    ($spec:ident, $methods:ident, $name:literal, $words:literal, $new:expr, $next:expr $(, $extra:expr)* $(,)?) => {
        static $methods: &[MethodDef] = &[m1("__iter__", iters::self_iter), m1("__next__", $next), $($extra),*];
        pub(super) static $spec: TypeSpec = TypeSpec::new($name, kinds::RECORD)
            .module("itertools")
            .words($words)
            .flags(tf::BASE)
            .methods($methods)
            .new_fn($new as NewFn);
    };
}

mod combine;
use combine::{COMBINATIONS, CWR, PERMUTATIONS, PRODUCT};

// ---- count: next value, step
fn count_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let [start, step] = habu_runtime::args!(th, a, "count", ["start", "step"], 0, 0, 2);
    let v = make(th, c)?;
    for (i, x, d) in [(0, start, 0), (1, step, 1)] {
        let x = x.unwrap_or(Value::small_int(d));
        if class::special_of(x, habu_runtime::names::N::Float).is_none()
            && class::special_of(x, habu_runtime::names::N::Index).is_none()
            && class::special_of(x, habu_runtime::names::N::Complex).is_none()
        {
            return Err(error::type_error(th, "a number is required"));
        }
        set(th, v, i, x);
    }
    Ok(v)
}
fn count_next(th: &Thread, v: Value) -> R {
    let x = get(v, 0);
    set(
        th,
        v,
        0,
        binary::binary(th, habu_bytecode::opcode::binary::ADD, x, get(v, 1))?,
    );
    Ok(x)
}
fn count_repr(th: &Thread, v: Value) -> R {
    let (a, b) = (
        ops::repr::repr_string(th, get(v, 0))?,
        ops::repr::repr_string(th, get(v, 1))?,
    );
    let text = if get(v, 1) == Value::small_int(1) {
        format!("count({a})")
    } else {
        format!("count({a}, {b})")
    };
    habu_runtime::core::string::new_value(th, &text)
}
class!(
    COUNT,
    COUNT_M,
    "count",
    2,
    count_new,
    count_next,
    m1("__repr__", count_repr)
);

// ---- cycle: iterator, saved list, position (-1: still filling)
fn cycle_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    parse::check_count(th, "cycle", a.pos().len(), 1, 1)?;
    let it = iter::get(th, a.all()[0])?;
    let v = make(th, c)?;
    set(th, v, 0, it);
    let l = list::new(th)?;
    set(th, v, 1, l.value());
    set_num(v, 2, -1);
    Ok(v)
}
fn cycle_next(th: &Thread, v: Value) -> R {
    let l = list_of(v, 1);
    if num(v, 2) < 0 {
        if let Some(x) = iter::next(th, get(v, 0))? {
            list::push(th, l, x)?;
            return Ok(x);
        }
        set_num(v, 2, 0);
    }
    let i = num(v, 2) as usize;
    match list::get(l, i) {
        Some(x) => {
            set_num(v, 2, ((i + 1) % list::len(l)) as i64);
            Ok(x)
        }
        None => Err(stop(th)),
    }
}
class!(CYCLE, CYCLE_M, "cycle", 3, cycle_new, cycle_next);

// ---- repeat: object, times left (-1: forever)
fn repeat_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let [x, n] = habu_runtime::args!(th, a, "repeat", ["object", "times"], 0, 1, 2);
    let v = make(th, c)?;
    set(th, v, 0, x.unwrap_or(Value::NONE));
    let n = match n {
        Some(n) => parse::as_isize(th, n)?.max(0),
        None => -1,
    };
    set_num(v, 1, n);
    Ok(v)
}
fn repeat_next(th: &Thread, v: Value) -> R {
    match num(v, 1) {
        0 => Err(stop(th)),
        n => {
            if n > 0 {
                set_num(v, 1, n - 1);
            }
            Ok(get(v, 0))
        }
    }
}
fn repeat_repr(th: &Thread, v: Value) -> R {
    let x = ops::repr::repr_string(th, get(v, 0))?;
    let text = match num(v, 1) {
        n if n < 0 => format!("repeat({x})"),
        n => format!("repeat({x}, {n})"),
    };
    habu_runtime::core::string::new_value(th, &text)
}
fn repeat_hint(th: &Thread, v: Value) -> R {
    match num(v, 1) {
        n if n < 0 => Err(error::type_error(th, "len() of unsized object")),
        n => Ok(Value::small_int(n)),
    }
}
class!(
    REPEAT,
    REPEAT_M,
    "repeat",
    2,
    repeat_new,
    repeat_next,
    m1("__repr__", repeat_repr),
    m1("__length_hint__", repeat_hint)
);

// ---- chain: iterator over iterables, current iterator
fn chain_of(th: &Thread, c: Gc<TypeObj>, src: Value) -> R {
    let it = iter::get(th, src)?;
    let v = make(th, c)?;
    set(th, v, 0, it);
    Ok(v)
}
fn chain_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    parse::no_kwargs(th, "chain", a)?;
    let t = tuple::new_value(th, a.pos())?;
    chain_of(th, c, t)
}
fn from_iterable(th: &Thread, c: Value, src: Value) -> R {
    chain_of(th, expect(c), src)
}
fn chain_next(th: &Thread, v: Value) -> R {
    loop {
        if s(v, 1).get().is_none() {
            let Some(src) = s(v, 0).get() else {
                return Err(stop(th));
            };
            match iter::next(th, src)? {
                Some(x) => set(th, v, 1, iter::get(th, x)?),
                None => {
                    s(v, 0).init(None);
                    return Err(stop(th));
                }
            }
        }
        if let Some(x) = iter::next(th, get(v, 1))? {
            return Ok(x);
        }
        s(v, 1).init(None);
    }
}
class!(
    CHAIN,
    CHAIN_M,
    "chain",
    2,
    chain_new,
    chain_next,
    m2("from_iterable", from_iterable).class(),
    m2("__class_getitem__", generic_alias::class_getitem).class()
);

// ---- accumulate: iterator, function, total
fn accumulate_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let [it, f, initial] = habu_runtime::args!(
        th,
        a,
        "accumulate",
        ["iterable", "func", "initial"],
        0,
        1,
        2
    );
    let it = iter::get(th, it.unwrap_or(Value::NONE))?;
    let v = make(th, c)?;
    set(th, v, 0, it);
    set(th, v, 1, f.unwrap_or(Value::NONE));
    if let Some(i) = initial.filter(|i| !i.is_none()) {
        set(th, v, 3, i);
    }
    Ok(v)
}
fn accumulate_next(th: &Thread, v: Value) -> R {
    if let Some(i) = s(v, 3).get() {
        s(v, 3).init(None);
        set(th, v, 2, i);
        return Ok(i);
    }
    let x = next_or_stop(th, get(v, 0))?;
    let total = match s(v, 2).get() {
        None => x,
        Some(t) if get(v, 1).is_none() => {
            binary::binary(th, habu_bytecode::opcode::binary::ADD, t, x)?
        }
        Some(t) => call::call(th, get(v, 1), &[t, x])?,
    };
    set(th, v, 2, total);
    Ok(total)
}
class!(
    ACCUMULATE,
    ACCUMULATE_M,
    "accumulate",
    4,
    accumulate_new,
    accumulate_next
);

// ---- islice: iterator, next index wanted, stop (-1: none), step, position
fn islice_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    parse::no_kwargs(th, "islice", a)?;
    parse::check_count(th, "islice", a.pos().len(), 2, 4)?;
    let bound = |x: Value, d: i64, what: &str| -> R<i64> {
        if x.is_none() {
            return Ok(d);
        }
        let r = parse::index(th, x);
        let n = match r {
            // Positions are counted in small ints; nobody gets that far.
            Ok(i) => int::to_i64(i).map_or(-1, |n| n.min(1 << 61)),
            Err(_) => {
                th.take();
                -1
            }
        };
        if n < 0 {
            return Err(error::value_error(th, what));
        }
        Ok(n)
    };
    let p = a.pos();
    let idx = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let (start, end) = if p.len() == 2 {
        (
            0,
            bound(
                p[1],
                -1,
                "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.",
            )?,
        )
    } else {
        (bound(p[1], 0, idx)?, bound(p[2], -1, idx)?)
    };
    let step = match p.get(3) {
        Some(&x) => bound(
            x,
            1,
            "Step for islice() must be a positive integer or None.",
        )?,
        None => 1,
    };
    if step == 0 {
        return Err(error::value_error(
            th,
            "Step for islice() must be a positive integer or None.",
        ));
    }
    let it = iter::get(th, p[0])?;
    let v = make(th, c)?;
    set(th, v, 0, it);
    for (i, n) in [(1, start), (2, end), (3, step), (4, 0)] {
        set_num(v, i, n);
    }
    Ok(v)
}
fn islice_next(th: &Thread, v: Value) -> R {
    let (want, end) = (num(v, 1), num(v, 2));
    let Some(it) = s(v, 0).get() else {
        return Err(stop(th));
    };
    let target = if end >= 0 { want.min(end) } else { want };
    while num(v, 4) < target {
        if iter::next(th, it)?.is_none() {
            s(v, 0).init(None);
            return Err(stop(th));
        }
        set_num(v, 4, num(v, 4) + 1);
    }
    if end >= 0 && want >= end {
        s(v, 0).init(None);
        return Err(stop(th));
    }
    match iter::next(th, it)? {
        Some(x) => {
            set_num(v, 4, num(v, 4) + 1);
            set_num(v, 1, want.saturating_add(num(v, 3)).min(1 << 61));
            Ok(x)
        }
        None => {
            s(v, 0).init(None);
            Err(stop(th))
        }
    }
}
class!(ISLICE, ISLICE_M, "islice", 5, islice_new, islice_next);

// ---- predicate iterators: function, iterator, state
fn pred_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    parse::check_count(th, c.spec().name, a.pos().len(), 2, 2)?;
    let it = iter::get(th, a.all()[1])?;
    let v = make(th, c)?;
    set(th, v, 0, a.all()[0]);
    set(th, v, 1, it);
    set_num(v, 2, 0);
    Ok(v)
}
fn holds(th: &Thread, v: Value, x: Value) -> R<bool> {
    let f = get(v, 0);
    if f.is_none() {
        return ops::truth(th, x);
    }
    let r = call::call(th, f, &[x])?;
    ops::truth(th, r)
}
fn takewhile_next(th: &Thread, v: Value) -> R {
    if num(v, 2) == 0 {
        let x = next_or_stop(th, get(v, 1))?;
        if holds(th, v, x)? {
            return Ok(x);
        }
        set_num(v, 2, 1);
    }
    Err(stop(th))
}
fn dropwhile_next(th: &Thread, v: Value) -> R {
    loop {
        let x = next_or_stop(th, get(v, 1))?;
        if num(v, 2) == 1 {
            return Ok(x);
        }
        if !holds(th, v, x)? {
            set_num(v, 2, 1);
            return Ok(x);
        }
    }
}
fn filterfalse_next(th: &Thread, v: Value) -> R {
    loop {
        let x = next_or_stop(th, get(v, 1))?;
        if !holds(th, v, x)? {
            return Ok(x);
        }
    }
}
fn starmap_next(th: &Thread, v: Value) -> R {
    let x = next_or_stop(th, get(v, 1))?;
    let t = iter::to_tuple(th, x)?;
    call::call(th, get(v, 0), t.items())
}
class!(
    TAKEWHILE,
    TAKEWHILE_M,
    "takewhile",
    3,
    pred_new,
    takewhile_next
);
class!(
    DROPWHILE,
    DROPWHILE_M,
    "dropwhile",
    3,
    pred_new,
    dropwhile_next
);
class!(
    FILTERFALSE,
    FILTERFALSE_M,
    "filterfalse",
    3,
    pred_new,
    filterfalse_next
);
class!(STARMAP, STARMAP_M, "starmap", 3, pred_new, starmap_next);

// ---- compress: data iterator, selectors iterator
fn compress_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let [d, sel] = habu_runtime::args!(th, a, "compress", ["data", "selectors"], 0, 2, 2);
    let d = iter::get(th, d.unwrap_or(Value::NONE))?;
    let sel = iter::get(th, sel.unwrap_or(Value::NONE))?;
    let v = make(th, c)?;
    set(th, v, 0, d);
    set(th, v, 1, sel);
    Ok(v)
}
fn compress_next(th: &Thread, v: Value) -> R {
    loop {
        let x = next_or_stop(th, get(v, 0))?;
        let y = next_or_stop(th, get(v, 1))?;
        if ops::truth(th, y)? {
            return Ok(x);
        }
    }
}
class!(
    COMPRESS,
    COMPRESS_M,
    "compress",
    2,
    compress_new,
    compress_next
);

// ---- zip_longest: list of iterators (None: ended), fill value, live count
fn zip_longest_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let mut fill = Value::NONE;
    for (k, x) in a.kw() {
        if !k.cast::<StrObj>().is_some_and(|s| s.eq_str("fillvalue")) {
            return Err(error::type_error(
                th,
                "zip_longest() got an unexpected keyword argument",
            ));
        }
        fill = x;
    }
    let l = list::new(th)?;
    for &x in a.pos() {
        list::push(th, l, iter::get(th, x)?)?;
    }
    let v = make(th, c)?;
    set(th, v, 0, l.value());
    set(th, v, 1, fill);
    set_num(v, 2, a.pos().len() as i64);
    Ok(v)
}
fn zip_longest_next(th: &Thread, v: Value) -> R {
    let l = list_of(v, 0);
    if num(v, 2) == 0 {
        return Err(stop(th));
    }
    let out = list::new(th)?;
    for i in 0..list::len(l) {
        let it = item(l, i);
        let x = if it.is_none() {
            None
        } else {
            iter::next(th, it)?
        };
        if x.is_none() && !it.is_none() {
            list::set(th, l, i, Value::NONE);
            set_num(v, 2, num(v, 2) - 1);
            if num(v, 2) == 0 {
                return Err(stop(th));
            }
        }
        list::push(th, out, x.unwrap_or(get(v, 1)))?;
    }
    tuple::new_value(th, list::items(out))
}
class!(
    ZIP_LONGEST,
    ZIP_LONGEST_M,
    "zip_longest",
    3,
    zip_longest_new,
    zip_longest_next
);

// ---- pairwise: iterator, last
fn pairwise_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    parse::check_count(th, "pairwise", a.pos().len(), 1, 1)?;
    let it = iter::get(th, a.all()[0])?;
    let v = make(th, c)?;
    set(th, v, 0, it);
    Ok(v)
}
fn pairwise_next(th: &Thread, v: Value) -> R {
    let old = match s(v, 1).get() {
        Some(o) => o,
        None => next_or_stop(th, get(v, 0))?,
    };
    set(th, v, 1, old);
    let new = next_or_stop(th, get(v, 0))?;
    set(th, v, 1, new);
    tuple::new_value(th, &[old, new])
}
class!(
    PAIRWISE,
    PAIRWISE_M,
    "pairwise",
    2,
    pairwise_new,
    pairwise_next
);

// ---- batched: iterator, size, strict
fn batched_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let [it, n, strict] =
        habu_runtime::args!(th, a, "batched", ["iterable", "n", "strict"], 0, 2, 2);
    let n = parse::as_isize(th, n.unwrap_or(Value::NONE))?;
    if n < 1 {
        return Err(error::value_error(th, "n must be at least one"));
    }
    let it = iter::get(th, it.unwrap_or(Value::NONE))?;
    let v = make(th, c)?;
    set(th, v, 0, it);
    set_num(v, 1, n);
    set_num(
        v,
        2,
        match strict {
            Some(x) => ops::truth(th, x)? as i64,
            None => 0,
        },
    );
    Ok(v)
}
fn batched_next(th: &Thread, v: Value) -> R {
    let l = list::new(th)?;
    for _ in 0..num(v, 1) {
        match iter::next(th, get(v, 0))? {
            Some(x) => list::push(th, l, x)?,
            None => break,
        }
    }
    if list::len(l) == 0 {
        return Err(stop(th));
    }
    if num(v, 2) == 1 && (list::len(l) as i64) < num(v, 1) {
        return Err(error::value_error(th, "batched(): incomplete batch"));
    }
    tuple::new_value(th, list::items(l))
}
class!(BATCHED, BATCHED_M, "batched", 3, batched_new, batched_next);

// ---- groupby: iterator, key function, target key, current key, current value, group number
fn groupby_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    let [it, key] = habu_runtime::args!(th, a, "groupby", ["iterable", "key"], 0, 1, 2);
    let it = iter::get(th, it.unwrap_or(Value::NONE))?;
    let v = make(th, c)?;
    set(th, v, 0, it);
    set(th, v, 1, key.unwrap_or(Value::NONE));
    set_num(v, 5, 0);
    Ok(v)
}
fn groupby_step(th: &Thread, v: Value) -> R<bool> {
    let Some(x) = iter::next(th, get(v, 0))? else {
        return Ok(false);
    };
    let k = if get(v, 1).is_none() {
        x
    } else {
        call::call(th, get(v, 1), &[x])?
    };
    set(th, v, 4, x);
    set(th, v, 3, k);
    Ok(true)
}
fn groupby_next(th: &Thread, v: Value) -> R {
    set_num(v, 5, num(v, 5) + 1);
    loop {
        match (s(v, 3).get(), s(v, 2).get()) {
            (Some(k), Some(t)) if !ops::compare::eq_bool(th, t, k)? => break,
            (Some(_), None) => break,
            _ => {
                if !groupby_step(th, v)? {
                    return Err(stop(th));
                }
            }
        }
    }
    let k = get(v, 3);
    set(th, v, 2, k);
    let mo = habu_runtime::import::import_module(th, "itertools")?;
    let c: Gc<TypeObj> = expect(habu_runtime::core::attr::get_text(th, mo, "_grouper")?);
    let g = make(th, c)?;
    set(th, g, 0, v);
    set(th, g, 1, k);
    set_num(g, 2, num(v, 5));
    tuple::new_value(th, &[k, g])
}
fn grouper_new(th: &Thread, _: Gc<TypeObj>, _: Args) -> R {
    Err(error::type_error(
        th,
        "cannot create 'itertools._grouper' instances",
    ))
}
fn grouper_next(th: &Thread, g: Value) -> R {
    let v = get(g, 0);
    if num(v, 5) != num(g, 2) {
        return Err(stop(th));
    }
    if s(v, 4).get().is_none() && !groupby_step(th, v)? {
        return Err(stop(th));
    }
    if !ops::compare::eq_bool(th, get(g, 1), get(v, 3))? {
        return Err(stop(th));
    }
    let x = get(v, 4);
    s(v, 4).init(None);
    Ok(x)
}
class!(GROUPBY, GROUPBY_M, "groupby", 6, groupby_new, groupby_next);
class!(GROUPER, GROUPER_M, "_grouper", 3, grouper_new, grouper_next);

// ---- tee: shared list of seen items, shared iterator, position
fn tee_next(th: &Thread, v: Value) -> R {
    let l = list_of(v, 0);
    let i = num(v, 2) as usize;
    if i >= list::len(l) {
        // One entry: somebody is taking the next item, here or in another thread.
        let busy = list_of(v, 3);
        if list::len(busy) > 0 {
            return Err(error::raise(
                th,
                C::RuntimeError,
                "cannot re-enter the tee iterator",
            ));
        }
        list::push(th, busy, Value::TRUE)?;
        let x = next_or_stop(th, get(v, 1));
        list::pop(busy);
        list::push(th, l, x?)?;
    }
    set_num(v, 2, i as i64 + 1);
    Ok(item(l, i))
}
fn tee_copy(th: &Thread, v: Value) -> R {
    let w = make(th, class::of(v))?;
    for i in 0..4 {
        set(th, w, i, get(v, i));
    }
    Ok(w)
}
fn tee_new(th: &Thread, c: Gc<TypeObj>, a: Args) -> R {
    parse::check_count(th, "_tee", a.pos().len(), 1, 1)?;
    tee_of(th, c, a.all()[0])
}
fn tee_of(th: &Thread, c: Gc<TypeObj>, src: Value) -> R {
    let it = iter::get(th, src)?;
    if class::of(it) == c {
        return tee_copy(th, it);
    }
    let v = make(th, c)?;
    let l = list::new(th)?;
    set(th, v, 0, l.value());
    set(th, v, 1, it);
    set_num(v, 2, 0);
    let busy = list::new(th)?;
    set(th, v, 3, busy.value());
    Ok(v)
}
class!(
    TEE,
    TEE_M,
    "_tee",
    4,
    tee_new,
    tee_next,
    m1("__copy__", tee_copy)
);
fn tee(th: &Thread, a: &[Value]) -> R {
    let n = match a.get(1) {
        Some(&n) => parse::as_isize(th, n)?,
        None => 2,
    };
    if n < 0 {
        return Err(error::value_error(th, "n must be >= 0"));
    }
    let mo = habu_runtime::import::import_module(th, "itertools")?;
    let c: Gc<TypeObj> = expect(habu_runtime::core::attr::get_text(th, mo, "_tee")?);
    let out = list::new(th)?;
    if n > 0 {
        let first = tee_of(th, c, a[0])?;
        list::push(th, out, first)?;
        for _ in 1..n {
            list::push(th, out, tee_copy(th, first)?)?;
        }
    }
    tuple::new_value(th, list::items(out))
}
static FUNCTIONS: [MethodDef; 1] = [mv("tee", tee, 1, 2)];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let x = m::new(th, "itertools", &FUNCTIONS)?;
    for spec in [
        &COUNT,
        &CYCLE,
        &REPEAT,
        &CHAIN,
        &ACCUMULATE,
        &ISLICE,
        &TAKEWHILE,
        &DROPWHILE,
        &FILTERFALSE,
        &STARMAP,
        &COMPRESS,
        &ZIP_LONGEST,
        &PAIRWISE,
        &BATCHED,
        &COMBINATIONS,
        &CWR,
        &PERMUTATIONS,
        &PRODUCT,
        &GROUPBY,
        &GROUPER,
        &TEE,
    ] {
        let t = class_make::from_spec(th, spec, None)?;
        m::set(th, x, spec.name, t.value())?;
    }
    Ok(x)
}

//! `list`.

use crate::classes::C;
use crate::core::{class, func, list, shape};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops;
use crate::runtime::{class as core_class, rt};
use crate::spec::{Args, MethodDef, TypeSpec, m1, m2, m3, mk, mv, type_flags as tf};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

fn l(v: Value) -> Gc<ListObj> {
    expect(v)
}

pub fn alloc(th: &Thread, cls: Gc<TypeObj>) -> R<Gc<ListObj>> {
    if cls == core_class(C::List) {
        return list::new(th);
    }
    let o: Gc<ListObj> = th.alloc(shape::root(cls).id(), habu_heap::EXT, 24)?;
    o.buf.init(rt().empty_listbuf.get());
    // SAFETY: the last word is the attribute word.
    unsafe { *(o.raw() as *mut u64).add(2) = 0 };
    if cls.has(tf::FINALIZER) {
        th.mutator.register_finalizer(o.header());
    }
    Ok(o)
}

/// Does a call of this class, which is derived from list, without arguments do nothing but make an empty one?
pub fn makes_empty(t: Gc<TypeObj>) -> bool {
    let list = core_class(C::List);
    let keeps = |n| class::special(t, n) == class::special(list, n);
    t != list
        && t.instance_kind.get() == kinds::LIST as u64
        && !t.has(tf::FINALIZER)
        && !t.has(tf::ABSTRACT)
        && keeps(N::New)
        && keeps(N::Init)
}

fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    Ok(alloc(th, cls)?.value())
}

/// `list(…)`.
fn construct(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    if let (None, &[x]) = (a.names(), a.all()) {
        return Ok(ops::iter::to_list(th, x)?.value());
    }
    func::initialized(th, list::new(th)?.value(), a, init)
}

fn init(th: &Thread, a: Args) -> R {
    let this = l(a.all()[0]);
    let a = a.rest();
    if class::is_exact(this.value(), C::List) {
        crate::core::parse::no_kwargs(th, "list", a)?;
    }
    crate::core::parse::check_count(th, "list", a.pos().len(), 0, 1)?;
    if list::len(this) > 0 {
        list::clear(th, this);
    }
    if let Some(&x) = a.pos().first() {
        ops::iter::extend_list(th, this, x)?;
    }
    Ok(Value::NONE)
}

fn bad_index(th: &Thread, k: Value) -> crate::thread::Raised {
    error::type_error(
        th,
        &format!(
            "list indices must be integers or slices, not {}",
            class::type_name(k)
        ),
    )
}

fn position(th: &Thread, s: Gc<ListObj>, k: Value, what: &str) -> R<usize> {
    if k.as_int().is_none() && class::special_of(k, N::Index).is_none() {
        return Err(bad_index(th, k));
    }
    let i = crate::core::parse::as_index(th, k)?;
    let n = list::len(s) as i64;
    let i = if i < 0 { i + n } else { i };
    if (0..n).contains(&i) {
        Ok(i as usize)
    } else {
        Err(error::raise(th, C::IndexError, what))
    }
}

pub fn get_item(th: &Thread, s: Gc<ListObj>, k: Value) -> R {
    if let Some(sl) = k.cast::<SliceObj>() {
        let (start, stop, step) = crate::types::slice::indices(th, sl, list::len(s))?;
        let n = crate::types::slice::count(start, stop, step);
        if step == 1 {
            return Ok(
                list::from_slice(th, &list::items(s)[start as usize..start as usize + n])?.value(),
            );
        }
        return Ok(list::strided(th, list::items(s), start, step, n)?.value());
    }
    let i = position(th, s, k, "list index out of range")?;
    match list::get(s, i) {
        Some(v) => Ok(v),
        None => Err(error::raise(th, C::IndexError, "list index out of range")),
    }
}

/// `s[k] = v`, or `del s[k]`.
pub fn set_item(th: &Thread, s: Gc<ListObj>, k: Value, v: Option<Value>) -> R<()> {
    if let Some(sl) = k.cast::<SliceObj>() {
        return set_slice(th, s, sl, v);
    }
    let i = position(th, s, k, "list assignment index out of range")?;
    match v {
        Some(v) => {
            list::set(th, s, i, v);
        }
        None => {
            list::remove(th, s, i)?;
        }
    }
    Ok(())
}

/// Put `items` in the place of those from `start` to `stop`; with another step than 1 as many as there are.
fn store_items(
    th: &Thread,
    s: Gc<ListObj>,
    (start, stop, step): (i64, i64, i64),
    items: &[Value],
) -> R<()> {
    let n = crate::types::slice::count(start, stop, step);
    if step == 1 {
        return list::splice(th, s, start as usize, start as usize + n, items);
    }
    if items.len() != n {
        return Err(error::value_error(
            th,
            &format!(
                "attempt to assign sequence of size {} to extended slice of size {n}",
                items.len()
            ),
        ));
    }
    for (i, &x) in items.iter().enumerate() {
        list::set(th, s, (start + i as i64 * step) as usize, x);
    }
    Ok(())
}

/// Put the items of another list in the place of those from `start` to `stop`; false where that takes more. No
/// Python code runs, and the items stand still.
pub fn store_list(th: &Thread, s: Gc<ListObj>, range: (i64, i64, i64), v: Value) -> R<bool> {
    if v.shape() != C::List.shape() || v == s.value() {
        return Ok(false);
    }
    store_items(th, s, range, list::items(expect(v)))?;
    Ok(true)
}

fn set_slice(th: &Thread, s: Gc<ListObj>, sl: Gc<SliceObj>, v: Option<Value>) -> R<()> {
    let (mut start, mut stop, mut step) = crate::types::slice::indices(th, sl, list::len(s))?;
    if let Some(v) = v
        && store_list(th, s, (start, stop, step), v)?
    {
        return Ok(());
    }
    let items = match v {
        Some(v) => {
            if !ops::iter::is_iterable(v) {
                return Err(error::type_error(
                    th,
                    "must assign iterable to extended slice",
                ));
            }
            Some(ops::iter::to_tuple(th, v)?)
        }
        None => None,
    };
    if items.is_some() {
        (start, stop, step) = crate::types::slice::indices(th, sl, list::len(s))?;
    }
    let n = crate::types::slice::count(start, stop, step);
    match items {
        Some(items) => store_items(th, s, (start, stop, step), items.items()),
        None if n == 0 => Ok(()),
        None if step == 1 => list::splice(th, s, start as usize, start as usize + n, &[]),
        None => {
            let gone = |i: usize| {
                let d = i as i64 - start;
                d % step == 0 && (0..n as i64).contains(&(d / step))
            };
            let keep = list::with_capacity(th, list::len(s))?;
            for i in 0..list::len(s) {
                if !gone(i)
                    && let Some(v) = list::get(s, i)
                {
                    list::push(th, keep, v)?;
                }
            }
            list::set_buf(th, s, list::buf(keep).value());
            Ok(())
        }
    }
}

/// `index(value, start, stop)` arguments as positions.
pub fn search_range(th: &Thread, a: &[Value], len: usize) -> R<(usize, usize)> {
    let clip = |v: Option<&Value>, d: i64| -> R<usize> {
        let i = match v {
            Some(&v) => {
                if class::special_of(v, N::Index).is_none() {
                    return Err(error::type_error(
                        th,
                        "slice indices must be integers or have an __index__ method",
                    ));
                }
                crate::core::parse::as_clipped(th, v)?
            }
            None => d,
        };
        let i = if i < 0 { (i + len as i64).max(0) } else { i };
        Ok(i as usize)
    };
    Ok((clip(a.get(2), 0)?, clip(a.get(3), i64::MAX)?))
}

fn getitem(th: &Thread, v: Value, k: Value) -> R {
    get_item(th, l(v), k)
}
fn setitem(th: &Thread, v: Value, k: Value, x: Value) -> R {
    set_item(th, l(v), k, Some(x))?;
    Ok(Value::NONE)
}
fn delitem(th: &Thread, v: Value, k: Value) -> R {
    set_item(th, l(v), k, None)?;
    Ok(Value::NONE)
}
fn len(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(list::len(l(v)) as i64))
}
fn iter(th: &Thread, v: Value) -> R {
    crate::types::iters::index_iter(th, C::ListIter, kinds::LIST_ITER, v)
}
fn reversed(th: &Thread, v: Value) -> R {
    crate::types::iters::list_reverse(th, l(v))
}
fn repr(th: &Thread, v: Value) -> R {
    let s = l(v);
    if list::len(s) == 0 {
        return crate::core::string::new_value(th, "[]");
    }
    ops::repr::sequence(th, v, "[", "]", &|i| list::get(s, i))
}
fn contains(th: &Thread, v: Value, x: Value) -> R {
    Ok(Value::bool(find(th, l(v), x, 0, usize::MAX)?.is_some()))
}
fn find(th: &Thread, s: Gc<ListObj>, x: Value, from: usize, to: usize) -> R<Option<usize>> {
    let mut i = from;
    while i < to
        && let Some(y) = list::get(s, i)
    {
        if ops::compare::eq_bool(th, y, x)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}
pub fn add(th: &Thread, a: Value, b: Value) -> R {
    if !b.is::<ListObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (list::items(l(a)), list::items(l(b)));
    Ok(list::joined(th, x, y)?.value())
}
fn iadd(th: &Thread, a: Value, b: Value) -> R {
    ops::iter::extend_list(th, l(a), b)?;
    Ok(a)
}
fn mul(th: &Thread, a: Value, b: Value) -> R {
    let Some(n) = crate::types::string::count_arg(th, b)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let items = list::items(l(a));
    let total = items.len().checked_mul(n).filter(|&t| t < 1 << 31);
    let Some(total) = total else {
        return Err(error::out_of_memory(th));
    };
    let r = list::with_capacity(th, total)?;
    let items = list::items(l(a));
    // As often as one likes, nothing stays nothing: nobody waits for that.
    let times = if items.is_empty() { 0 } else { n };
    for _ in 0..times {
        for &v in items {
            list::push(th, r, v)?;
        }
    }
    Ok(r.value())
}
fn imul(th: &Thread, a: Value, b: Value) -> R {
    let r = mul(th, a, b)?;
    if r == Value::NOT_IMPLEMENTED {
        return Ok(r);
    }
    list::set_buf(th, l(a), list::buf(l(r)).value());
    Ok(a)
}
fn compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    if !b.is::<ListObj>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    ops::compare::lists(th, l(a), l(b), op)
}
crate::comparisons!(compare);
fn append(th: &Thread, v: Value, x: Value) -> R {
    list::push(th, l(v), x)?;
    Ok(Value::NONE)
}
fn extend(th: &Thread, v: Value, x: Value) -> R {
    ops::iter::extend_list(th, l(v), x)?;
    Ok(Value::NONE)
}
fn insert(th: &Thread, v: Value, i: Value, x: Value) -> R {
    let s = l(v);
    let i = crate::core::parse::as_isize(th, i)?;
    let n = list::len(s) as i64;
    let i = if i < 0 { (i + n).max(0) } else { i.min(n) };
    list::insert(th, s, i as usize, x)?;
    Ok(Value::NONE)
}
fn pop(th: &Thread, a: &[Value]) -> R {
    let s = l(a[0]);
    let n = list::len(s) as i64;
    let i = match a.get(1) {
        Some(&i) => crate::core::parse::as_isize(th, i)?,
        None => -1,
    };
    if n == 0 {
        return Err(error::raise(th, C::IndexError, "pop from empty list"));
    }
    let i = if i < 0 { i + n } else { i };
    if !(0..n).contains(&i) {
        return Err(error::raise(th, C::IndexError, "pop index out of range"));
    }
    Ok(list::remove(th, s, i as usize)?.unwrap_or(Value::NONE))
}
fn remove(th: &Thread, v: Value, x: Value) -> R {
    match find(th, l(v), x, 0, usize::MAX)? {
        Some(i) => {
            list::remove(th, l(v), i)?;
            Ok(Value::NONE)
        }
        None => Err(error::value_error(th, "list.remove(x): x not in list")),
    }
}
fn clear(th: &Thread, v: Value) -> R {
    list::clear(th, l(v));
    Ok(Value::NONE)
}
fn copy(th: &Thread, v: Value) -> R {
    Ok(list::from_slice(th, list::items(l(v)))?.value())
}
fn count(th: &Thread, v: Value, x: Value) -> R {
    let (mut n, mut i) = (0, 0);
    while let Some(j) = find(th, l(v), x, i, usize::MAX)? {
        n += 1;
        i = j + 1;
    }
    Ok(Value::small_int(n))
}
fn index(th: &Thread, a: &[Value]) -> R {
    let (from, to) = search_range(th, a, list::len(l(a[0])))?;
    match find(th, l(a[0]), a[1], from, to)? {
        Some(i) => Ok(Value::small_int(i as i64)),
        None => Err(error::value_error(th, "list.index(x): x not in list")),
    }
}
fn reverse(th: &Thread, v: Value) -> R {
    list::reverse(th, l(v), 0, list::len(l(v)));
    Ok(Value::NONE)
}
fn sort(th: &Thread, a: Args) -> R {
    let this = l(a.all()[0]);
    let [key, rev] = crate::args!(th, a.rest(), "sort", ["key", "reverse"], 0, 0, 0);
    let rev = match rev {
        Some(r) => ops::truth(th, r)?,
        None => false,
    };
    crate::types::sort::sort(th, this, key.filter(|k| !k.is_none()), rev)?;
    Ok(Value::NONE)
}
fn sizeof(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(40 + 8 * list::buf(l(v)).capacity() as i64))
}

static METHODS: [MethodDef; 33] = [
    mk("__init__", init).sig("($self, /, *args, **kwargs)"),
    m1("__repr__", repr).sig("($self, /)"),
    m1("__len__", len).sig("($self, /)"),
    m1("__iter__", iter).sig("($self, /)"),
    m1("__reversed__", reversed).sig("($self, /)"),
    m2("__getitem__", getitem).sig("($self, index, /)"),
    m3("__setitem__", setitem).sig("($self, key, value, /)"),
    m2("__delitem__", delitem).sig("($self, key, /)"),
    m2("__contains__", contains).sig("($self, key, /)"),
    m2("__add__", add).sig("($self, value, /)"),
    m2("__iadd__", iadd).sig("($self, value, /)"),
    m2("__mul__", mul).sig("($self, value, /)"),
    m2("__rmul__", mul).sig("($self, value, /)"),
    m2("__imul__", imul).sig("($self, value, /)"),
    m2("__eq__", eq).sig("($self, value, /)"),
    m2("__ne__", ne).sig("($self, value, /)"),
    m2("__lt__", lt).sig("($self, value, /)"),
    m2("__le__", le).sig("($self, value, /)"),
    m2("__gt__", gt).sig("($self, value, /)"),
    m2("__ge__", ge).sig("($self, value, /)"),
    m2("append", append).sig("($self, object, /)"),
    m2("extend", extend).sig("($self, iterable, /)"),
    m3("insert", insert).sig("($self, index, object, /)"),
    mv("pop", pop, 1, 2).sig("($self, index=-1, /)"),
    m2("remove", remove).sig("($self, value, /)"),
    m1("clear", clear).sig("($self, /)"),
    m1("copy", copy).sig("($self, /)"),
    m2("count", count).sig("($self, value, /)"),
    mv("index", index, 2, 4).sig("($self, value, start=0, stop=sys.maxsize, /)"),
    m1("reverse", reverse).sig("($self, /)"),
    mk("sort", sort).sig("($self, /, *, key=None, reverse=False)"),
    m1("__sizeof__", sizeof).sig("($self, /)"),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];

pub static SPEC: TypeSpec = TypeSpec::new("list", kinds::LIST)
    .flags(tf::BASE | tf::SEQUENCE | tf::MATCH_SELF)
    .methods(&METHODS)
    .new_fn(new)
    .construct(construct)
    .doc("Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an iterable if specified.");

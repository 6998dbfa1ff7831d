//! `set` and `frozenset`.

use crate::classes::C;
use crate::core::{class, dict, func, list, shape, tuple};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops::{self, iter};
use crate::runtime::{class as core_class, rt};
use crate::spec::{Args, MethodDef, TypeSpec, m1, m2, mk, mv, type_flags as tf};
use crate::thread::{R, Thread};
use crate::types::dictviews;
use habu_bytecode::opcode::compare as c;
use habu_heap::Value;

pub use dictviews::SET_ITER_SPEC as ITER;

fn is_set(v: Value) -> bool {
    matches!(v.kind(), kinds::SET | kinds::FROZENSET)
}

fn map(v: Value) -> Gc<DictObj> {
    dict::as_map(v)
}

fn alloc(th: &Thread, cls: Gc<TypeObj>) -> R {
    if cls == core_class(C::Set) {
        return Ok(dict::new_set(th)?.value());
    }
    if cls == core_class(C::FrozenSet) {
        return Ok(dict::new_frozenset(th)?.value());
    }
    let kind = cls.instance_kind.get() as u8;
    let words = if kind == kinds::SET { 3 } else { 5 };
    let p = th.alloc_zeroed(shape::root(cls).id(), kind, habu_heap::EXT, words * 8)?;
    // SAFETY: just made with this layout.
    let o: Gc<SetObj> = unsafe { Gc::from_raw(p as *mut SetObj) };
    o.table.init(rt().empty_table.get());
    if cls.has(tf::FINALIZER) {
        th.mutator.register_finalizer(p);
    }
    Ok(o.value())
}

/// Hash tables' own hash of a set used as key: sets hash like the frozenset with their items.
fn lookup_key(th: &Thread, x: Value) -> R {
    let r = ops::hash::hash(th, x);
    match r {
        Ok(_) => Ok(x),
        Err(_) => {
            if x.kind() == kinds::SET && error::matches(th, C::TypeError) {
                th.take();
                let f = dict::new_frozenset(th)?;
                update(th, f.value(), x)?;
                return Ok(f.value());
            }
            Err(dict::unfit(th, dict::SET_ELEMENT, x))
        }
    }
}

pub fn contains(th: &Thread, s: Value, x: Value) -> R<bool> {
    // Only what might be a set has to be asked whether it can be a key before it is looked up.
    if !x.is_ptr()
        || x.shape() == C::Str.shape()
        || x.shape() == C::Tuple.shape()
        || ops::hash::is_plain_class(x)
    {
        return dict::contains(th, map(s), x);
    }
    let k = lookup_key(th, x)?;
    dict::contains(th, map(s), k)
}

const PRESIZED: usize = 1 << 22;

/// Add all items of an iterable.
pub fn update(th: &Thread, s: Value, src: Value) -> R<()> {
    if is_set(src) || class::is_exact(src, C::Dict) {
        let m = map(src);
        let mut i = 0;
        while let Some((k, _, h)) = dict::next_hashed(m, &mut i) {
            dict::set_add_hashed(th, s, k, h)?;
        }
        return Ok(());
    }
    // A range has no int twice: the table need not grow on the way. That there is no memory for a huge one is to be
    // noticed as late as ever.
    if src.kind() == kinds::RANGE
        && let Some(n) = crate::types::range::small_len(src)
        && n <= PRESIZED
    {
        dict::reserve(th, map(s), n)?;
    }
    let items = iter::Items::in_any(th, src)?;
    let mut take = |x| dict::set_add_plain(th, map(s), x).is_some_and(|r| iter::quietly(th, r));
    while let Some(x) = items.next_refused(th, &mut take)? {
        dict::set_add(th, s, x)?;
    }
    Ok(())
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    if cls.instance_kind.get() as u8 == kinds::FROZENSET {
        if cls == core_class(C::FrozenSet) {
            crate::core::parse::no_kwargs(th, "frozenset", a)?;
        }
        crate::core::parse::check_count(th, "frozenset", a.pos().len(), 0, 1)?;
        if let Some(&x) = a.pos().first() {
            if cls == core_class(C::FrozenSet) && class::is_exact(x, C::FrozenSet) {
                return Ok(x);
            }
            let s = alloc(th, cls)?;
            update(th, s, x)?;
            return Ok(s);
        }
        if cls == core_class(C::FrozenSet)
            && let Some(e) = rt().empty_frozenset.get()
        {
            return Ok(e);
        }
    }
    alloc(th, cls)
}

/// `set(…)`.
fn construct(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    func::initialized(th, dict::new_set(th)?.value(), a, init)
}

fn init(th: &Thread, a: Args) -> R {
    let this = a.all()[0];
    let a = a.rest();
    if class::is_exact(this, C::Set) {
        crate::core::parse::no_kwargs(th, "set", a)?;
    }
    crate::core::parse::check_count(th, "set", a.pos().len(), 0, 1)?;
    dict::clear(th, map(this));
    if let Some(&x) = a.pos().first() {
        update(th, this, x)?;
    }
    Ok(Value::NONE)
}

/// A fresh exact set of the same flavour.
fn same_kind(th: &Thread, like: Value) -> R {
    if like.kind() == kinds::FROZENSET {
        Ok(dict::new_frozenset(th)?.value())
    } else {
        Ok(dict::new_set(th)?.value())
    }
}

fn as_set(th: &Thread, v: Value) -> R {
    if is_set(v) {
        return Ok(v);
    }
    let s = dict::new_set(th)?.value();
    update(th, s, v)?;
    Ok(s)
}

fn len(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(dict::len(map(v)) as i64))
}
fn py_iter(th: &Thread, v: Value) -> R {
    dictviews::set_iter(th, v)
}
fn py_contains(th: &Thread, v: Value, x: Value) -> R {
    Ok(Value::bool(contains(th, v, x)?))
}
fn repr(th: &Thread, v: Value) -> R {
    let name = class::type_name(v);
    if dict::len(map(v)) == 0 {
        return crate::core::string::new_value(th, &format!("{name}()"));
    }
    let r = ops::repr::guarded(th, v, || {
        let l = iter::to_list(th, v)?;
        let s = ops::repr::repr_string(th, l.value())?;
        let inner = &s[1..s.len() - 1];
        let text = if class::is_exact(v, C::Set) {
            format!("{{{inner}}}")
        } else {
            format!("{name}({{{inner}}})")
        };
        crate::core::string::new_value(th, &text)
    })?;
    match r {
        Some(r) => Ok(r),
        None => crate::core::string::new_value(th, &format!("{name}(...)")),
    }
}
fn hash(th: &Thread, v: Value) -> R {
    // SAFETY: only frozensets have this method.
    let f: Gc<FrozenSetObj> = unsafe { v.cast_unchecked() };
    if f.hash.get() != 0 {
        return crate::core::int::from_i64(th, f.hash.get() as i64);
    }
    let m = map(v);
    let mut h: u64 = 0;
    let mut i = 0;
    let mut n = 0u64;
    while let Some((_, _, x)) = dict::next_hashed(m, &mut i) {
        let x = x as u64;
        h ^= ((x ^ 89869747) ^ (x << 16)).wrapping_mul(3644798167);
        n += 1;
    }
    h ^= (n + 1).wrapping_mul(1927868237);
    h ^= (h >> 11) ^ (h >> 25);
    h = h.wrapping_mul(69069).wrapping_add(907133923);
    if h == u64::MAX {
        h = 590923713;
    }
    f.hash.set(h);
    crate::core::int::from_i64(th, h as i64)
}
fn subset(th: &Thread, a: Value, b: Value) -> R<bool> {
    dict::subset(th, map(a), map(b))
}
fn compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    if !is_set(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    holds(th, a, b, op).map(Value::bool)
}
/// The comparison of two sets.
pub fn holds(th: &Thread, a: Value, b: Value, op: u32) -> R<bool> {
    let (n, m) = (dict::len(map(a)), dict::len(map(b)));
    Ok(match op {
        c::EQ => n == m && subset(th, a, b)?,
        c::NE => n != m || !subset(th, a, b)?,
        c::LT => n < m && subset(th, a, b)?,
        c::LE => subset(th, a, b)?,
        c::GT => m < n && subset(th, b, a)?,
        _ => subset(th, b, a)?,
    })
}
/// The same of two sets of small ints.
pub fn ints_hold(a: Value, b: Value, op: u32) -> Option<bool> {
    if let Some((x, y)) = dict::both_low(a, b) {
        return Some(match op {
            c::EQ => x == y,
            c::NE => x != y,
            c::LT => x & !y == 0 && x != y,
            c::LE => x & !y == 0,
            c::GT => y & !x == 0 && x != y,
            _ => y & !x == 0,
        });
    }
    let (n, m) = (dict::len(map(a)), dict::len(map(b)));
    let subset = |x: Value, y: Value| dict::ints_subset(dict::table(map(x)), dict::table(map(y)));
    match op {
        c::EQ if n != m => Some(false),
        c::NE if n != m => Some(true),
        c::LT if n >= m => Some(false),
        c::LE if n > m => Some(false),
        c::GT if n <= m => Some(false),
        c::GE if n < m => Some(false),
        c::NE => subset(a, b).map(|is| !is),
        c::GT | c::GE => subset(b, a),
        _ => subset(a, b),
    }
}
/// Exactly a set or a frozenset.
#[inline(always)]
pub fn is_exact(v: Value) -> bool {
    let s = v.shape();
    s == C::Set.shape() || s == C::FrozenSet.shape()
}
crate::comparisons!(compare);
fn issubset(th: &Thread, a: Value, b: Value) -> R {
    let b = as_set(th, b)?;
    Ok(Value::bool(subset(th, a, b)?))
}
fn issuperset(th: &Thread, a: Value, b: Value) -> R {
    let b = as_set(th, b)?;
    Ok(Value::bool(subset(th, b, a)?))
}
fn isdisjoint(th: &Thread, a: Value, b: Value) -> R {
    let it = iter::get(th, b)?;
    while let Some(x) = iter::next(th, it)? {
        if dict::contains(th, map(a), x)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}
const MORE: usize = 8;

/// A set with the same items and room for more.
pub fn copied(th: &Thread, s: Value, more: usize) -> R {
    let t = dict::clone_with_room(th, map(s), more)?;
    of_table(th, s, t)
}

/// A new set of this kind with a table that only it knows.
pub fn of_table(th: &Thread, like: Value, t: Value) -> R {
    let c = same_kind(th, like)?;
    th.set(map(c), &map(c).table, Some(t));
    Ok(c)
}

fn union(th: &Thread, a: &[Value]) -> R {
    // Room for a few more items at once; larger sets may well have most items in common.
    let more = match a.get(1) {
        Some(&x) if is_set(x) => dict::len(map(x)).min(MORE),
        _ => 0,
    };
    let s = copied(th, a[0], more)?;
    for &x in &a[1..] {
        update(th, s, x)?;
    }
    Ok(s)
}
fn intersect(th: &Thread, a: Value, b: Value) -> R {
    let out = same_kind(th, a)?;
    if is_set(b) {
        let (small, big) = if dict::len(map(b)) <= dict::len(map(a)) {
            (b, a)
        } else {
            (a, b)
        };
        if let Some((x, y)) = dict::both_low(small, big) {
            dict::keep_low(th, out, small, x & y)?;
            return Ok(out);
        }
        if !dict::add_those_ints(th, map(out), map(small), map(big), true)? {
            dict::add_those(th, map(out), map(small), map(big), true)?;
        }
        return Ok(out);
    }
    let it = iter::get(th, b)?;
    while let Some(x) = iter::next(th, it)? {
        let h = ops::hash::hash(th, x).map_err(|_| dict::unfit(th, dict::SET_ELEMENT, x))?;
        if dict::get_hashed(th, map(a), x, h)?.is_some() {
            dict::set_add_hashed(th, out, x, h)?;
        }
    }
    Ok(out)
}
fn intersection(th: &Thread, a: &[Value]) -> R {
    let mut s = copied(th, a[0], 0)?;
    for &x in &a[1..] {
        s = intersect(th, s, x)?;
    }
    Ok(s)
}
fn subtract(th: &Thread, s: Value, b: Value) -> R<()> {
    let b = if b == s { copied(th, b, 0)? } else { b };
    if is_set(b) || class::is_exact(b, C::Dict) {
        let m = map(b);
        let mut i = 0;
        while let Some((k, _)) = dict::next(m, &mut i) {
            dict::remove(th, map(s), k)?;
        }
        return Ok(());
    }
    let it = iter::get(th, b)?;
    while let Some(x) = iter::next(th, it)? {
        dict::remove(th, map(s), x)?;
    }
    Ok(())
}
/// `a - b` of sets.
fn minus(th: &Thread, a: Value, b: Value) -> R {
    let out = same_kind(th, a)?;
    let low = dict::both_low(a, b);
    if let Some((x, y)) = low
        && !dict::is_dense(map(a), map(b))
    {
        dict::keep_low(th, out, a, x & !y)?;
        return Ok(out);
    }
    let done = dict::add_those_ints(th, map(out), map(a), map(b), false)?;
    if let (Some((x, y)), true) = (low, done) {
        dict::has_low(out, x & !y);
    }
    if !done && dict::len(map(a)) / 4 > dict::len(map(b)) {
        return difference(th, &[a, b]);
    }
    if !done {
        dict::add_those(th, map(out), map(a), map(b), false)?;
    }
    Ok(out)
}
fn difference(th: &Thread, a: &[Value]) -> R {
    let s = copied(th, a[0], 0)?;
    for &x in &a[1..] {
        subtract(th, s, x)?;
    }
    Ok(s)
}
fn toggle(th: &Thread, s: Value, b: Value) -> R<()> {
    let b = if is_set(b) && b != s {
        b
    } else {
        as_fresh(th, b)?
    };
    let m = map(b);
    let mut i = 0;
    while let Some((k, _, h)) = dict::next_hashed(m, &mut i) {
        if dict::remove(th, map(s), k)?.is_none() {
            dict::set_add_hashed(th, s, k, h)?;
        }
    }
    Ok(())
}
fn as_fresh(th: &Thread, v: Value) -> R {
    let s = dict::new_set(th)?.value();
    update(th, s, v)?;
    Ok(s)
}
fn symmetric_difference(th: &Thread, a: Value, b: Value) -> R {
    let s = copied(th, a, 0)?;
    toggle(th, s, b)?;
    Ok(s)
}
macro_rules! operators {
    ($($name:ident, $rname:ident, $f:expr;)*) => {$(
        fn $name(th: &Thread, a: Value, b: Value) -> R {
            if !is_set(a) || !is_set(b) {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            $f(th, a, b)
        }
        fn $rname(th: &Thread, a: Value, b: Value) -> R {
            $name(th, b, a)
        }
    )*};
}
operators! {
    or, ror, |th: &Thread, a, b| union(th, &[a, b]);
    and, rand, intersect;
    sub, rsub, minus;
    xor, rxor, symmetric_difference;
}

/// The operator (by its number) on two sets.
pub fn operator(th: &Thread, op: u32, a: Value, b: Value) -> Option<R> {
    use habu_bytecode::opcode::binary as number;
    Some(match op {
        number::OR => union(th, &[a, b]),
        number::AND => intersect(th, a, b),
        number::SUBTRACT => minus(th, a, b),
        number::XOR => symmetric_difference(th, a, b),
        _ => return None,
    })
}

fn ior(th: &Thread, a: Value, b: Value) -> R {
    if !is_set(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    update(th, a, b)?;
    Ok(a)
}
fn iand(th: &Thread, a: Value, b: Value) -> R {
    if !is_set(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let r = intersect(th, a, b)?;
    th.set(map(a), &map(a).table, map(r).table.get());
    Ok(a)
}
fn isub(th: &Thread, a: Value, b: Value) -> R {
    if !is_set(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    subtract(th, a, b)?;
    Ok(a)
}
fn ixor(th: &Thread, a: Value, b: Value) -> R {
    if !is_set(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    toggle(th, a, b)?;
    Ok(a)
}
fn add(th: &Thread, v: Value, x: Value) -> R {
    dict::set_add(th, v, x)?;
    Ok(Value::NONE)
}
fn discard(th: &Thread, v: Value, x: Value) -> R {
    let k = lookup_key(th, x)?;
    dict::remove(th, map(v), k)?;
    Ok(Value::NONE)
}
fn remove(th: &Thread, v: Value, x: Value) -> R {
    let k = lookup_key(th, x)?;
    match dict::remove(th, map(v), k)? {
        Some(_) => Ok(Value::NONE),
        None => Err(error::raise_with(th, C::KeyError, x)),
    }
}
fn pop(th: &Thread, v: Value) -> R {
    let m = map(v);
    let mut i = 0;
    match dict::next(m, &mut i) {
        Some((k, _)) => {
            dict::delete_at(m, i - 1);
            if dict::len(m) == 0 {
                dict::clear(th, m);
            }
            Ok(k)
        }
        None => Err(error::raise(th, C::KeyError, "pop from an empty set")),
    }
}
fn clear(th: &Thread, v: Value) -> R {
    dict::clear(th, map(v));
    Ok(Value::NONE)
}
fn copy(th: &Thread, v: Value) -> R {
    if class::is_exact(v, C::FrozenSet) {
        return Ok(v);
    }
    copied(th, v, 0)
}
fn py_update(th: &Thread, a: &[Value]) -> R {
    for &x in &a[1..] {
        update(th, a[0], x)?;
    }
    Ok(Value::NONE)
}
fn intersection_update(th: &Thread, a: &[Value]) -> R {
    let r = intersection(th, a)?;
    th.set(map(a[0]), &map(a[0]).table, map(r).table.get());
    Ok(Value::NONE)
}
fn difference_update(th: &Thread, a: &[Value]) -> R {
    for &x in &a[1..] {
        subtract(th, a[0], x)?;
    }
    Ok(Value::NONE)
}
fn symmetric_difference_update(th: &Thread, a: Value, b: Value) -> R {
    toggle(th, a, b)?;
    Ok(Value::NONE)
}
fn reduce(th: &Thread, v: Value) -> R {
    let l = iter::to_list(th, v)?;
    let args = tuple::new_value(th, &[l.value()])?;
    let state = match crate::core::attr::snapshot(th, v)? {
        Some(d) if dict::len(d) > 0 => d.value(),
        _ => Value::NONE,
    };
    tuple::new_value(th, &[class::of(v).value(), args, state])
}
fn sizeof(th: &Thread, v: Value) -> R {
    crate::core::int::from_usize(th, 16 + dict::table(map(v)).sizes.get() as u32 as usize * 8)
}

macro_rules! shared {
    ($($extra:expr),* $(,)?) => {
        &[
            m1("__repr__", repr).sig("($self, /)"),
            m1("__len__", len).sig("($self, /)"),
            m1("__iter__", py_iter).sig("($self, /)"),
            m2("__contains__", py_contains),
            m2("__eq__", eq).sig("($self, value, /)"),
            m2("__ne__", ne).sig("($self, value, /)"),
            m2("__lt__", lt).sig("($self, value, /)"),
            m2("__le__", le).sig("($self, value, /)"),
            m2("__gt__", gt).sig("($self, value, /)"),
            m2("__ge__", ge).sig("($self, value, /)"),
            m2("__or__", or).sig("($self, value, /)"),
            m2("__ror__", ror).sig("($self, value, /)"),
            m2("__and__", and).sig("($self, value, /)"),
            m2("__rand__", rand).sig("($self, value, /)"),
            m2("__sub__", sub).sig("($self, value, /)"),
            m2("__rsub__", rsub).sig("($self, value, /)"),
            m2("__xor__", xor).sig("($self, value, /)"),
            m2("__rxor__", rxor).sig("($self, value, /)"),
            m2("issubset", issubset).sig("($self, other, /)"),
            m2("issuperset", issuperset).sig("($self, other, /)"),
            m2("isdisjoint", isdisjoint).sig("($self, other, /)"),
            mv("union", union, 1, 255).sig("($self, /, *others)"),
            mv("intersection", intersection, 1, 255).sig("($self, /, *others)"),
            mv("difference", difference, 1, 255).sig("($self, /, *others)"),
            m2("symmetric_difference", symmetric_difference).sig("($self, other, /)"),
            m1("copy", copy).sig("($self, /)"),
            m1("__reduce__", reduce),
            m1("__sizeof__", sizeof),
            m2("__class_getitem__", crate::types::generic_alias::class_getitem).class(),
            $($extra),*
        ]
    };
}

static METHODS: &[MethodDef] = shared![
    mk("__init__", init),
    m2("__ior__", ior),
    m2("__iand__", iand),
    m2("__isub__", isub),
    m2("__ixor__", ixor),
    m2("add", add).sig("($self, object, /)"),
    m2("discard", discard).sig("($self, object, /)"),
    m2("remove", remove).sig("($self, object, /)"),
    m1("pop", pop).sig("($self, /)"),
    m1("clear", clear).sig("($self, /)"),
    mv("update", py_update, 1, 255).sig("($self, /, *others)"),
    mv("intersection_update", intersection_update, 1, 255),
    mv("difference_update", difference_update, 1, 255),
    m2("symmetric_difference_update", symmetric_difference_update),
];
static FROZEN_METHODS: &[MethodDef] = shared![m1("__hash__", hash).sig("($self, /)")];

pub static SPEC: TypeSpec = TypeSpec::new("set", kinds::SET)
    .flags(tf::BASE | tf::MATCH_SELF)
    .methods(METHODS)
    .new_fn(new)
    .construct(construct);
pub static FROZEN: TypeSpec = TypeSpec::new("frozenset", kinds::FROZENSET)
    .flags(tf::BASE | tf::MATCH_SELF)
    .methods(FROZEN_METHODS)
    .new_fn(new);

/// Items as a list.
pub fn items(th: &Thread, v: Value) -> R<Gc<ListObj>> {
    let l = list::with_capacity(th, dict::len(map(v)))?;
    let mut i = 0;
    while let Some((k, _)) = dict::next(map(v), &mut i) {
        list::push(th, l, k)?;
    }
    Ok(l)
}

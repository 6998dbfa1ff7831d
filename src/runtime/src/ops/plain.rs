//! The operations on built-in types as far as they surely run no Python code, and do not fail: native code calls these
//! in the middle of what it assumes about classes and frames. `None` says that it takes more than that (or that the
//! operation raises): whoever asked does the whole again by the general way.

use crate::classes::{C, FIRST_DYNAMIC_SHAPE};
use crate::core::{class, dict, list};
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, compare};
use crate::runtime::class as core_class;
use crate::thread::{R, Thread, expect};
use crate::types::{self, slice};
use habu_heap::Value;
use std::mem::MaybeUninit;

fn is_builtin(v: Value) -> bool {
    v.shape() < FIRST_DYNAMIC_SHAPE
}

/// A list, or an instance of a class derived from it that has left this special method alone.
fn is_list(v: Value, n: N) -> bool {
    v.kind() == kinds::LIST && class::keeps(v, C::List, n)
}

/// `len(v)`.
pub fn length(v: Value) -> Option<usize> {
    if !v.is_ptr() {
        return None;
    }
    ops::exact_length(v).or_else(|| is_list(v, N::Len).then(|| list::len(expect(v))))
}

/// `bool(v)`.
pub fn truth(th: &Thread, v: Value) -> Option<bool> {
    if !v.is_ptr() || v.is_float() {
        return ops::truth(th, v).ok();
    }
    let t = class::of(v);
    if v.kind() == kinds::INSTANCE
        && class::special(t, N::Bool).is_none()
        && class::special(t, N::Len).is_none()
    {
        return Some(true);
    }
    if v.kind() == kinds::LIST && class::special(t, N::Bool).is_some() {
        return None;
    }
    length(v).map(|n| n != 0)
}

/// Can the key be hashed and compared without Python code?
fn is_plain_key(k: Value, depth: u32) -> bool {
    if !k.is_ptr() || k.shape() == C::Str.shape() || k.is_float() {
        return true;
    }
    k.shape() == C::Tuple.shape()
        && depth > 0
        && expect::<TupleObj>(k)
            .items()
            .iter()
            .all(|&i| is_plain_key(i, depth - 1))
}

/// The entry of a dict or set.
pub fn get(th: &Thread, d: Gc<DictObj>, k: Value) -> Option<Option<Value>> {
    match dict::value_plain(th, d, k) {
        None => get_other(th, d, k),
        found => found,
    }
}

#[cold]
#[inline(never)]
fn get_other(th: &Thread, d: Gc<DictObj>, k: Value) -> Option<Option<Value>> {
    match is_plain_key(k, 2) {
        true => dict::get_plain(th, d, k),
        false => None,
    }
}

/// `next(it)` of an iterator that goes on being at its end.
pub fn next(th: &Thread, it: Value) -> Option<Option<Value>> {
    let plain = matches!(
        it.kind(),
        kinds::LIST_ITER | kinds::TUPLE_ITER | kinds::STR_ITER | kinds::RANGE_ITER
    );
    let f = types::iters::native_next(it.kind())
        .filter(|_| plain && it.shape() < crate::classes::FIRST_DYNAMIC_SHAPE)?;
    done(th, f(th, it))
}

/// `s.add(v)`.
pub fn add(th: &Thread, s: Gc<DictObj>, v: Value) -> Option<()> {
    if let Some(r) = dict::set_add_plain(th, s, v) {
        return done(th, r);
    }
    match get(th, s, v)? {
        Some(_) => Some(()),
        None => done(th, dict::set_add(th, s.value(), v).map(drop)),
    }
}

/// `s | {…}` of a set or frozenset.
pub fn with_items(th: &Thread, s: Value, items: &[Value]) -> Option<Value> {
    if !types::set::is_exact(s) {
        return None;
    }
    if let [key] = *items
        && let Some(t) = dict::clone_with_key(th, dict::as_map(s), key)
    {
        return done(th, t.and_then(|t| types::set::of_table(th, s, t)));
    }
    let r = done(th, types::set::copied(th, s, items.len()))?;
    for &v in items {
        done(th, dict::set_add_plain(th, dict::as_map(r), v)?)?;
    }
    Some(r)
}

/// `c[k]`, where that is there.
pub fn subscript(th: &Thread, c: Value, k: Value) -> Option<Value> {
    if !c.is_ptr() || !is_builtin(c) && !is_list(c, N::GetItem) {
        return None;
    }
    match c.kind() {
        kinds::DICT => get(th, expect(c), k)?,
        kinds::BYTES if k.is_int() => done(th, ops::subscr::get(th, c, k)),
        kinds::LIST | kinds::TUPLE | kinds::STR => {
            let len = match c.kind() {
                kinds::LIST => list::len(expect(c)),
                _ => ops::length(th, c).ok()?,
            } as i64;
            let i = k.as_int()?;
            let i = if i < 0 { i + len } else { i };
            if !(0..len).contains(&i) {
                return None;
            }
            match c.kind() {
                kinds::LIST => list::get(expect(c), i as usize),
                kinds::TUPLE => expect::<TupleObj>(c).items().get(i as usize).copied(),
                _ => ops::subscr::get(th, c, k).ok(),
            }
        }
        _ => None,
    }
}

/// `c[start:stop:step]`.
pub fn slice(th: &Thread, c: Value, start: Value, stop: Value, step: Value) -> Option<Value> {
    if c.shape() == C::List.shape() {
        let l: Gc<ListObj> = expect(c);
        let (from, to, by) = slice::plain_limits(start, stop, step, list::len(l))?;
        let (items, n) = (list::items(l), slice::count(from, to, by));
        let new = match by {
            1 => list::from_slice(th, &items[from as usize..from as usize + n]),
            _ => list::strided(th, items, from, by, n),
        };
        return done(th, new.map(|l| l.value()));
    }
    if c.shape() == C::Str.shape() {
        let s: Gc<StrObj> = expect(c);
        let (from, to, by) = slice::plain_limits(start, stop, step, s.len())?;
        let n = slice::count(from, to, by);
        return done(th, types::string::characters(th, s, from, by, n));
    }
    let parts = [start, stop].iter().all(|p| p.is_none() || p.is_int());
    let known = matches!(c.kind(), kinds::TUPLE | kinds::BYTES);
    if !step.is_none() || !parts || !c.is_ptr() || !is_builtin(c) || !known {
        return None;
    }
    done(th, ops::subscr::get_slice(th, c, start, stop))
}

/// `l[start:stop] = v` of lists.
pub fn store_slice(th: &Thread, l: Value, start: Value, stop: Value, v: Value) -> Option<()> {
    if l.shape() != C::List.shape() {
        return None;
    }
    let l: Gc<ListObj> = expect(l);
    let limits = slice::plain_limits(start, stop, Value::NONE, list::len(l))?;
    if v.shape() == C::List.shape() && list::replace(th, l, limits, expect(v)) {
        return Some(());
    }
    done(th, types::list::store_list(th, l, limits, v))?.then_some(())
}

/// `l[from:to] = c[start:stop:step]` of lists, if as many items go as come.
pub fn copy_slice(
    th: &Thread,
    c: Value,
    parts: [Value; 3],
    l: Value,
    to: [Value; 2],
) -> Option<()> {
    if c.shape() != C::List.shape() || l.shape() != C::List.shape() {
        return None;
    }
    let (c, l): (Gc<ListObj>, Gc<ListObj>) = (expect(c), expect(l));
    let (start, stop, step) = slice::plain_limits(parts[0], parts[1], parts[2], list::len(c))?;
    let (at, end, _) = slice::plain_limits(to[0], to[1], Value::NONE, list::len(l))?;
    let n = slice::count(start, stop, step);
    if n != slice::count(at, end, 1) {
        return None;
    }
    list::transfer(th, (l, at as usize), (c, start, step), n).then_some(())
}

/// So many slices `store_joined` takes, and so many items in all.
pub const JOINED: usize = 3;
const JOINED_ITEMS: usize = 256;

/// `l[from:to] = c[start:stop] + …` of lists, if as many items go as come; `c` is None where there are less slices.
pub fn store_joined(
    th: &Thread,
    l: Value,
    to: [Value; 2],
    parts: [[Value; 3]; JOINED],
) -> Option<()> {
    if l.shape() != C::List.shape() {
        return None;
    }
    let l: Gc<ListObj> = expect(l);
    let (at, end, _) = slice::plain_limits(to[0], to[1], Value::NONE, list::len(l))?;
    let mut items = [const { MaybeUninit::uninit() }; JOINED_ITEMS];
    let mut n = 0;
    for [c, start, stop] in parts {
        if c.is_none() {
            continue;
        }
        if c.shape() != C::List.shape() {
            return None;
        }
        let from = list::items(expect(c));
        let (start, stop, _) = slice::plain_limits(start, stop, Value::NONE, from.len())?;
        let part = &from[start as usize..][..slice::count(start, stop, 1)];
        items.get_mut(n..n + part.len())?.write_copy_of_slice(part);
        n += part.len();
    }
    // SAFETY: so many were written.
    let items = unsafe { items[..n].assume_init_ref() };
    (n == slice::count(at, end, 1)).then(|| list::overwrite(th, l, at as usize, items))
}

/// `l[:last + 1] = l[last::-1]`, where there is such an item.
pub fn turn(th: &Thread, l: Gc<ListObj>, last: i64) -> Option<()> {
    if !(0..list::len(l) as i64).contains(&last) {
        return None;
    }
    list::reverse(th, l, 0, last as usize + 1);
    Some(())
}

/// `list.pop(l, i)`, where there is such an item.
pub fn pop(th: &Thread, l: Gc<ListObj>, i: Value) -> Option<Value> {
    let (i, n) = (i.as_int()?, list::len(l) as i64);
    let i = if i < 0 { i + n } else { i };
    if !(0..n).contains(&i) {
        return None;
    }
    done(th, list::remove(th, l, i as usize))?
}

/// `list.insert(l, i, v)`.
pub fn insert(th: &Thread, l: Gc<ListObj>, i: Value, v: Value) -> Option<()> {
    let (i, n) = (i.as_int()?, list::len(l) as i64);
    let i = if i < 0 { (i + n).max(0) } else { i.min(n) };
    done(th, list::insert(th, l, i as usize, v))
}

/// What fails leaves no exception behind.
fn done<T>(th: &Thread, r: R<T>) -> Option<T> {
    r.map_err(|_| th.take()).ok()
}

/// Of a class with no built-in one but `object` among its bases.
fn is_instance_of_python(v: Value) -> bool {
    v.is_ptr() && v.kind() == kinds::INSTANCE
}

/// `x == y`.
pub fn equal(x: Value, y: Value) -> Option<bool> {
    if !x.is_ptr() && !y.is_ptr() {
        if x.is_int() && y.is_int() {
            return Some(x == y);
        }
        // Words of different kinds, but for numbers.
        return compare::fast_eq(x, y).or(Some(false));
    }
    if is_instance_of_python(x) || is_instance_of_python(y) {
        return same(x, y, habu_bytecode::opcode::compare::EQ);
    }
    if x.is_none() || y.is_none() {
        let other = if x.is_none() { y } else { x };
        return is_builtin(other).then_some(false);
    }
    if x == y {
        // Not everything is equal to itself.
        let s = x.shape();
        let reflexive = [C::Str, C::Bytes, C::Int, C::Tuple];
        return reflexive.iter().any(|c| c.shape() == s).then_some(true);
    }
    compare::fast_eq(x, y)
}

/// Are they one object, where that is all that their classes ask for?
fn same(x: Value, y: Value, op: u32) -> Option<bool> {
    let (t, u) = (class::of(x), class::of(y));
    let plain = compare::by_identity(t, op) && (t == u || compare::by_identity(u, op));
    plain.then_some(x == y)
}

/// A comparison.
pub fn holds(th: &Thread, op: u32, x: Value, y: Value) -> Option<bool> {
    use habu_bytecode::opcode::compare as c;
    if types::set::is_exact(x) && types::set::is_exact(y) {
        return types::set::ints_hold(x, y, op);
    }
    if is_instance_of_python(x) && is_instance_of_python(y) {
        return match op {
            c::EQ => same(x, y, op),
            c::NE => same(x, y, op).map(|e| !e),
            _ => None,
        };
    }
    if let Some(r) = compare::strings(x, y, op) {
        return Some(r);
    }
    let number = |v: Value| v.is_int() || v.is_float();
    match op {
        c::EQ => equal(x, y),
        c::NE if is_instance_of_python(x) || is_instance_of_python(y) => {
            same(x, y, c::NE).map(|e| !e)
        }
        c::NE => equal(x, y).map(|e| !e),
        _ if number(x) && number(y) => compare::rich_bool(th, x, y, op).ok(),
        _ => None,
    }
}

/// `x in c`.
#[inline(always)]
pub fn contains(th: &Thread, c: Value, x: Value) -> Option<bool> {
    let s = c.shape();
    let found = if s == C::List.shape() && x.is_int() {
        among_ints(list::items(expect(c)), x)
    } else if s == C::Dict.shape() || s == C::Set.shape() || s == C::FrozenSet.shape() {
        dict::has_plain(th, dict::as_map(c), x)
    } else {
        None
    };
    found.or_else(|| contains_any(th, c, x))
}

/// Is the int one of the items, which are told by looking at them as long as they are ints?
#[inline(always)]
fn among_ints(items: &[Value], x: Value) -> Option<bool> {
    for &v in items {
        if v == x {
            return Some(true);
        }
        if !v.is_int() {
            return None;
        }
    }
    Some(false)
}

#[inline(never)]
fn contains_any(th: &Thread, c: Value, x: Value) -> Option<bool> {
    if !c.is_ptr() || !is_builtin(c) && !is_list(c, N::Contains) {
        return None;
    }
    let tuple: Gc<TupleObj>;
    let items = match c.kind() {
        kinds::DICT | kinds::SET | kinds::FROZENSET => {
            let d = dict::as_map(c);
            return get(th, d, x).map(|v| v.is_some());
        }
        kinds::STR if x.shape() == C::Str.shape() => {
            let short = types::string::has_char(expect(c), expect(x));
            return short.or_else(|| ops::contains(th, c, x).ok());
        }
        // No comparison runs Python code: the items stand still.
        kinds::LIST => list::items(expect(c)),
        kinds::TUPLE => {
            tuple = expect(c);
            tuple.items()
        }
        _ => return None,
    };
    if x.is_int() {
        // Other ints are other numbers.
        for &v in items {
            if v == x || !v.is_int() && equal(v, x)? {
                return Some(true);
            }
        }
        return Some(false);
    }
    for &v in items {
        if v == x || equal(v, x)? {
            return Some(true);
        }
    }
    Some(false)
}

/// `isinstance(v, c)` of a class or a tuple of classes that leave the answer to their list of bases.
pub fn is_instance(v: Value, c: Value) -> Option<bool> {
    if c.kind() == kinds::TUPLE {
        let mut any = false;
        for &m in expect::<TupleObj>(c).items() {
            any |= is_instance(v, m)?;
        }
        return Some(any);
    }
    let t: Gc<TypeObj> = c.cast()?;
    if class::of(c) != core_class(C::Type) {
        return None;
    }
    if class::is_instance(v, t) {
        return Some(true);
    }
    // Proxies and mocks say another `__class__`.
    says_its_class(class::of(v)).then_some(false)
}

/// Is `__class__` of its objects what `object` says, whoever asks?
fn says_its_class(t: Gc<TypeObj>) -> bool {
    let object = core_class(C::Object);
    let plain = class::special(t, N::GetAttribute).is_some_and(|f| {
        f.cast::<BuiltinObj>()
            .is_some_and(|b| b.owner() == Some(object))
    });
    plain
        && class::special(t, N::GetAttr).is_none()
        && class::lookup_where(t, nm(N::Class)).is_some_and(|(owner, _)| owner == object)
}

/// `a op b` of exact numbers and texts; what fails leaves no exception behind.
pub fn binary(th: &Thread, op: u32, inplace: bool, a: Value, b: Value) -> Option<Value> {
    let plain = |v: Value| {
        !v.is_ptr()
            || v.is_float()
            || v.shape() == C::Int.shape()
            || v.shape() == C::Str.shape() && op == habu_bytecode::opcode::binary::ADD
    };
    if !plain(a) || !plain(b) {
        return None;
    }
    let mut seen = 0u8;
    // SAFETY: `seen` is writable.
    done(th, unsafe {
        ops::binary::dispatch(th, op, inplace, a, b, &mut seen)
    })
}

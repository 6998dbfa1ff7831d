//! Comparison of any objects.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{int, list};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops::call::call_special;
use crate::runtime::rt;
use crate::thread::{R, Thread, expect};
use habu_bytecode::opcode::compare as c;
use habu_heap::Value;
use std::cmp::Ordering;

const METHODS: [N; 6] = [N::Lt, N::Le, N::Eq, N::Ne, N::Gt, N::Ge];
const SYMBOLS: [&str; 6] = ["<", "<=", "==", "!=", ">", ">="];
const SWAPPED: [u32; 6] = [c::GT, c::GE, c::EQ, c::NE, c::LT, c::LE];

#[inline]
pub fn holds(op: u32, o: Ordering) -> bool {
    match op {
        c::LT => o == Ordering::Less,
        c::LE => o != Ordering::Greater,
        c::EQ => o == Ordering::Equal,
        c::NE => o != Ordering::Equal,
        c::GT => o == Ordering::Greater,
        _ => o != Ordering::Less,
    }
}

fn float(v: Value) -> Option<f64> {
    match v.as_float() {
        Some(f) => Some(f),
        None if v.shape() == C::Float.shape() => Some(expect::<FloatObj>(v).get()),
        None => None,
    }
}

fn exact_int(v: Value) -> bool {
    v.is_int() || v.shape() == C::Int.shape() || v == Value::TRUE || v == Value::FALSE
}

/// Order of exact ints and floats; `None` for anything else; `Some(None)` for unordered (nan).
#[inline]
fn numbers(x: Value, y: Value) -> Option<Option<Ordering>> {
    if let (Some(i), Some(j)) = (x.as_int(), y.as_int()) {
        return Some(Some(i.cmp(&j)));
    }
    match (float(x), float(y)) {
        (Some(f), Some(g)) => Some(f.partial_cmp(&g)),
        (Some(f), None) if exact_int(y) => Some(cmp_int_float(y, f).map(Ordering::reverse)),
        (None, Some(g)) if exact_int(x) => Some(cmp_int_float(x, g)),
        (None, None) if exact_int(x) && exact_int(y) => Some(Some(cmp_ints(x, y))),
        _ => None,
    }
}

pub fn cmp_ints(x: Value, y: Value) -> Ordering {
    match (int::to_i64(x), int::to_i64(y)) {
        (Some(i), Some(j)) => i.cmp(&j),
        (Some(_), None) => {
            if int::is_negative(y) {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (None, Some(_)) => {
            if int::is_negative(x) {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (None, None) => {
            use crate::types::int::limbs::{Number, compare};
            let (mut one, mut other) = ([0], [0]);
            compare(Number::of(x, &mut one), Number::of(y, &mut other))
        }
    }
}

/// Exact comparison of an int with a float.
pub fn cmp_int_float(i: Value, f: f64) -> Option<Ordering> {
    if f.is_nan() {
        return None;
    }
    if f.is_infinite() {
        return Some(if f > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    if let Some(n) = int::to_i64(i) {
        if n.unsigned_abs() <= 1 << 53 {
            return (n as f64).partial_cmp(&f);
        }
        if f.abs() >= 9223372036854775808.0 {
            return Some(if f > 0.0 {
                Ordering::Less
            } else {
                Ordering::Greater
            });
        }
        let t = f.trunc();
        return Some(
            n.cmp(&(t as i64))
                .then_with(|| 0.0f64.partial_cmp(&(f - t)).unwrap_or(Ordering::Equal)),
        );
    }
    if f.abs() < 4611686018427387904.0 {
        return Some(if int::is_negative(i) {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    let (m, e) = crate::core::hash::frexp(f);
    let scaled = (m * 9007199254740992.0) as i64;
    let shift = e - 53;
    let fb = if shift >= 0 {
        dashu_int::IBig::from(scaled) << shift as usize
    } else {
        dashu_int::IBig::from(scaled >> (-shift).min(63))
    };
    Some(int::to_ibig(i)?.cmp(&fb))
}

/// Equality where it can be told without running Python code.
#[inline]
pub fn fast_eq(x: Value, y: Value) -> Option<bool> {
    if x == y && !(x.is_ptr() && x.kind() == kinds::FLOAT) {
        return Some(true);
    }
    let (sx, sy) = (x.shape(), y.shape());
    if sx == C::Str.shape() && sy == C::Str.shape() {
        return Some(expect::<StrObj>(x).equals(&expect::<StrObj>(y)));
    }
    if is_own_tuple(x, N::Eq) && is_own_tuple(y, N::Eq) {
        return same_items(expect(x), expect(y), 2);
    }
    if let Some(o) = numbers(x, y) {
        return Some(o == Some(Ordering::Equal));
    }
    None
}

/// A tuple, or an instance of a subclass that has tuple's own method (named tuples)?
#[inline(always)]
fn is_own_tuple(v: Value, n: N) -> bool {
    v.kind() == kinds::TUPLE && class::keeps(v, C::Tuple, n)
}

/// Have two tuples the very same items? (Ints are; and what is identical counts as equal in tuples.)
#[inline(always)]
pub fn identical_items(a: Gc<TupleObj>, b: Gc<TupleObj>) -> bool {
    let (a, b) = (a.items(), b.items());
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x == y)
}

/// Equality of tuples whose items are small ints, floats, strings and such tuples, `depth` deep; others are not told.
pub fn same_items(a: Gc<TupleObj>, b: Gc<TupleObj>, depth: u32) -> Option<bool> {
    let (a, b) = (a.items(), b.items());
    if a.len() != b.len() {
        return Some(false);
    }
    for (&x, &y) in a.iter().zip(b) {
        if x == y {
            continue;
        }
        let (sx, sy) = (x.shape(), y.shape());
        let same = if x.is_int() && y.is_int() {
            false
        } else if sx == C::Str.shape() && sy == C::Str.shape() {
            expect::<StrObj>(x).equals(&expect::<StrObj>(y))
        } else if let (Some(f), Some(g)) = (x.as_float(), y.as_float()) {
            f == g
        } else if depth > 0 && is_own_tuple(x, N::Eq) && is_own_tuple(y, N::Eq) {
            same_items(expect(x), expect(y), depth - 1)?
        } else {
            return None;
        };
        if !same {
            return Some(false);
        }
    }
    Some(true)
}

/// `x == y` as containers use it: identity first.
pub fn eq_bool(th: &Thread, x: Value, y: Value) -> R<bool> {
    if x == y {
        return Ok(true);
    }
    rich_bool(th, x, y, c::EQ)
}

#[inline]
pub fn rich_bool(th: &Thread, x: Value, y: Value, op: u32) -> R<bool> {
    if let (Some(i), Some(j)) = (x.as_int(), y.as_int()) {
        return Ok(holds(op, i.cmp(&j)));
    }
    // Floats that are words are no nan.
    if let (Some(f), Some(g)) = (x.as_float(), y.as_float()) {
        return Ok(f.partial_cmp(&g).is_some_and(|o| holds(op, o)));
    }
    if let Some(r) = strings(x, y, op) {
        return Ok(r);
    }
    if x.shape() == C::Tuple.shape() && y.shape() == C::Tuple.shape() {
        return tuples_bool(th, expect(x), expect(y), op);
    }
    if crate::types::set::is_exact(x) && crate::types::set::is_exact(y) {
        return crate::types::set::holds(th, x, y, op);
    }
    let r = rich(th, x, y, op)?;
    match r {
        Value::TRUE => Ok(true),
        Value::FALSE => Ok(false),
        _ => crate::ops::truth(th, r),
    }
}

/// Comparison of exact strings; `None` for anything else.
#[inline(always)]
pub fn strings(x: Value, y: Value, op: u32) -> Option<bool> {
    if x.shape() != C::Str.shape() || y.shape() != C::Str.shape() {
        return None;
    }
    // SAFETY: exactly strings.
    let (a, b): (Gc<StrObj>, Gc<StrObj>) = unsafe { (x.cast_unchecked(), y.cast_unchecked()) };
    Some(match op {
        c::EQ => a.equals(&b),
        c::NE => !a.equals(&b),
        _ => holds(op, crate::types::string::order(a, b)),
    })
}

/// Are instances of the class equal to nothing but themselves, as `object` has it?
#[inline]
pub fn by_identity(t: Gc<TypeObj>, op: u32) -> bool {
    class::is_known_identity(t) || finds_identity(t, op)
}

#[inline(never)]
fn finds_identity(t: Gc<TypeObj>, op: u32) -> bool {
    let own = |n: N, objects: &habu_heap::Slot| match objects.get() {
        Some(f) => class::special(t, n) == Some(f),
        None => {
            objects.init(class::special(crate::runtime::class(C::Object), n));
            crate::types::object::is_objects(t, n)
        }
    };
    let r = rt();
    let (eq, ne) = (own(N::Eq, &r.object_eq), own(N::Ne, &r.object_ne));
    if eq && ne {
        class::note_identity(t);
    }
    eq && (ne || op == c::EQ)
}

pub fn rich(th: &Thread, x: Value, y: Value, op: u32) -> R {
    if let Some(r) = strings(x, y, op) {
        return Ok(Value::bool(r));
    }
    if x.shape() == C::Tuple.shape() && y.shape() == C::Tuple.shape() {
        return tuples(th, expect(x), expect(y), op);
    }
    if x.is_ptr() && x.kind() == kinds::INSTANCE {
        return rich_any(th, x, y, op);
    }
    let (f, r) = (METHODS[op as usize], METHODS[SWAPPED[op as usize] as usize]);
    let tuples_own = |v| is_own_tuple(v, f) && is_own_tuple(v, r);
    if tuples_own(x) && tuples_own(y) {
        return tuples(th, expect(x), expect(y), op);
    }
    if x.shape() == C::List.shape() && y.shape() == C::List.shape() {
        th.check_native_stack()?;
        return lists(th, expect(x), expect(y), op);
    }
    if let Some(o) = numbers(x, y) {
        return Ok(Value::bool(match o {
            Some(o) => holds(op, o),
            None => op == c::NE,
        }));
    }
    rich_any(th, x, y, op)
}

/// Comparison by what the classes say.
#[inline(never)]
fn rich_any(th: &Thread, x: Value, y: Value, op: u32) -> R {
    let (f, r) = (METHODS[op as usize], METHODS[SWAPPED[op as usize] as usize]);
    th.check_native_stack()?;
    let (tx, ty) = (class::of(x), class::of(y));
    if matches!(op, c::EQ | c::NE) && by_identity(tx, op) && by_identity(ty, op) {
        return Ok(Value::bool((x == y) == (op == c::EQ)));
    }
    let mut tried_right = false;
    if tx != ty
        && class::is_subclass(ty, tx)
        && let Some(g) = special(ty, r)
    {
        tried_right = true;
        let v = call_special(th, g, y, &[x])?;
        if v != Value::NOT_IMPLEMENTED {
            return Ok(v);
        }
    }
    if let Some(g) = special(tx, f) {
        let v = call_special(th, g, x, &[y])?;
        if v != Value::NOT_IMPLEMENTED {
            return Ok(v);
        }
    }
    if !tried_right && let Some(g) = special(ty, r) {
        let v = call_special(th, g, y, &[x])?;
        if v != Value::NOT_IMPLEMENTED {
            return Ok(v);
        }
    }
    match op {
        c::EQ => Ok(Value::bool(x == y)),
        c::NE => Ok(Value::bool(x != y)),
        _ => Err(error::type_error(
            th,
            &format!(
                "'{}' not supported between instances of '{}' and '{}'",
                SYMBOLS[op as usize],
                class::type_name(x),
                class::type_name(y)
            ),
        )),
    }
}

/// `x < y`, for sorting.
#[inline]
pub fn less(th: &Thread, x: Value, y: Value) -> R<bool> {
    if let (Some(i), Some(j)) = (x.as_int(), y.as_int()) {
        return Ok(i < j);
    }
    rich_bool(th, x, y, c::LT)
}

/// Lexicographic comparison of tuples: sort keys, keys of dicts, fields of records.
fn tuples(th: &Thread, a: Gc<TupleObj>, b: Gc<TupleObj>, op: u32) -> R {
    match order_of_tuples(th, a, b, op)? {
        Differ::At(i) => rich(th, a.items()[i], b.items()[i], op),
        Differ::Told(r) => Ok(Value::bool(r)),
    }
}

#[inline(never)]
fn tuples_bool(th: &Thread, a: Gc<TupleObj>, b: Gc<TupleObj>, op: u32) -> R<bool> {
    match order_of_tuples(th, a, b, op)? {
        Differ::At(i) => rich_bool(th, a.items()[i], b.items()[i], op),
        Differ::Told(r) => Ok(r),
    }
}

/// Where two tuples differ first, or what their comparison gives at once.
enum Differ {
    At(usize),
    Told(bool),
}

/// Tuples do not change, whatever the comparison of their items does.
#[inline(always)]
fn order_of_tuples(th: &Thread, a: Gc<TupleObj>, b: Gc<TupleObj>, op: u32) -> R<Differ> {
    th.check_native_stack()?;
    let (n, m) = (a.len(), b.len());
    if matches!(op, c::EQ | c::NE) && n != m {
        return Ok(Differ::Told(op == c::NE));
    }
    for (i, (&x, &y)) in a.items().iter().zip(b.items()).enumerate() {
        if x == y {
            continue;
        }
        if let (Some(p), Some(q)) = (x.as_int(), y.as_int()) {
            return Ok(Differ::Told(holds(op, p.cmp(&q))));
        }
        let same = match fast_eq(x, y) {
            Some(same) => same,
            None => rich_bool(th, x, y, c::EQ)?,
        };
        if !same {
            return Ok(match op {
                c::EQ => Differ::Told(false),
                c::NE => Differ::Told(true),
                _ => Differ::At(i),
            });
        }
    }
    Ok(Differ::Told(holds(op, n.cmp(&m))))
}

/// Lexicographic comparison of lists; items are read anew after every comparison.
pub fn lists(th: &Thread, a: Gc<ListObj>, b: Gc<ListObj>, op: u32) -> R {
    sequences(
        th,
        |i| list::get(a, i),
        |i| list::get(b, i),
        || (list::len(a), list::len(b)),
        op,
    )
}

/// Lexicographic comparison of sequences; items are read anew after every comparison.
#[inline(always)]
pub fn sequences(
    th: &Thread,
    a: impl Fn(usize) -> Option<Value>,
    b: impl Fn(usize) -> Option<Value>,
    lens: impl Fn() -> (usize, usize),
    op: u32,
) -> R {
    if matches!(op, c::EQ | c::NE) && lens().0 != lens().1 {
        return Ok(Value::bool(op == c::NE));
    }
    let mut i = 0;
    while let (Some(x), Some(y)) = (a(i), b(i)) {
        let same = x == y
            || match fast_eq(x, y) {
                Some(same) => same,
                None => rich_bool(th, x, y, c::EQ)?,
            };
        if !same {
            return match op {
                c::EQ => Ok(Value::FALSE),
                c::NE => Ok(Value::TRUE),
                _ => rich(th, x, y, op),
            };
        }
        i += 1;
    }
    let (n, m) = lens();
    Ok(Value::bool(holds(op, n.cmp(&m))))
}

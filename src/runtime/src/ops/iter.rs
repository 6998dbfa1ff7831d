//! Iteration over anything.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{dict, list, tuple};
use crate::error;
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::ops::call::call_special;
use crate::thread::{R, Raised, Thread, expect};
use crate::types;
use habu_heap::Value;

/// `iter(v)`.
pub fn get(th: &Thread, v: Value) -> R {
    if v.shape() < crate::classes::FIRST_DYNAMIC_SHAPE {
        match v.kind() {
            kinds::LIST => return types::iters::index_iter(th, C::ListIter, kinds::LIST_ITER, v),
            kinds::TUPLE => {
                return types::iters::index_iter(th, C::TupleIter, kinds::TUPLE_ITER, v);
            }
            kinds::STR => return types::iters::index_iter(th, C::StrIter, kinds::STR_ITER, v),
            kinds::RANGE => return types::range::iter(th, expect(v)),
            kinds::DICT => return types::dictviews::iter(th, v, types::dictviews::KEY),
            kinds::GENERATOR if v.shape() == C::Generator.shape() => return Ok(v),
            _ => {}
        }
    } else if v.kind() == kinds::LIST && class::keeps(v, C::List, N::Iter) {
        return types::iters::index_iter(th, C::ListIter, kinds::LIST_ITER, v);
    }
    match special(class::of(v), N::Iter) {
        Some(Value::NONE) => Err(not_iterable(th, v)),
        Some(f) => {
            let it = call_special(th, f, v, &[])?;
            if is_iterator(it) {
                return Ok(it);
            }
            Err(error::type_error(
                th,
                &format!(
                    "iter() returned non-iterator of type '{}'",
                    class::type_name(it)
                ),
            ))
        }
        None if special(class::of(v), N::GetItem).is_some()
            && !class::of(v).has(crate::spec::type_flags::MAPPING) =>
        {
            types::iters::index_iter(th, C::SeqIter, kinds::SEQ_ITER, v)
        }
        None => Err(not_iterable(th, v)),
    }
}

fn not_iterable(th: &Thread, v: Value) -> Raised {
    error::type_error(
        th,
        &format!("'{}' object is not iterable", class::type_name(v)),
    )
}

pub fn is_iterator(v: Value) -> bool {
    special(class::of(v), N::Next).is_some_and(|f| !f.is_none())
}

pub fn is_iterable(v: Value) -> bool {
    match special(class::of(v), N::Iter) {
        Some(f) => !f.is_none(),
        None => special(class::of(v), N::GetItem).is_some(),
    }
}

/// The next item; `None` at the end (StopIteration is swallowed, or never made).
#[inline]
pub fn next(th: &Thread, it: Value) -> R<Option<Value>> {
    if it.shape() < crate::classes::FIRST_DYNAMIC_SHAPE
        && let Some(f) = types::iters::native_next(it.kind())
    {
        return f(th, it);
    }
    next_slow(th, it)
}

/// The items of an iterator from here on, for loops that take many: how to get one is looked up once.
pub struct Items {
    it: Value,
    next: types::iters::NextFn,
}

impl Items {
    pub fn of(it: Value) -> Items {
        let native = (it.shape() < crate::classes::FIRST_DYNAMIC_SHAPE)
            .then(|| types::iters::native_next(it.kind()))
            .flatten();
        Items {
            it,
            next: native.unwrap_or(next_slow),
        }
    }
    /// The items of an iterable.
    pub fn in_any(th: &Thread, v: Value) -> R<Items> {
        Ok(Items::of(get(th, v)?))
    }
    #[inline(always)]
    pub fn next(&self, th: &Thread) -> R<Option<Value>> {
        (self.next)(th, self.it)
    }
    /// The next item, or the next one that `take` refuses: a generator may hand others to it, which must not run Python
    /// code nor raise.
    #[inline(always)]
    pub fn next_refused(
        &self,
        th: &Thread,
        take: &mut dyn FnMut(Value) -> bool,
    ) -> R<Option<Value>> {
        if self.it.shape() == C::Generator.shape() {
            return crate::interp::gens::next_refused(th, self.it, take);
        }
        (self.next)(th, self.it)
    }
}

fn next_slow(th: &Thread, it: Value) -> R<Option<Value>> {
    let Some(f) = special(class::of(it), N::Next) else {
        return Err(error::type_error(
            th,
            &format!("'{}' object is not an iterator", class::type_name(it)),
        ));
    };
    if f.kind() != kinds::BUILTIN {
        let r = call_special(th, f, it, &[]);
        return error::absorb(th, r, C::StopIteration);
    }
    let b: Gc<BuiltinObj> = expect(f);
    if let Some(n) = types::iters::native_next_def(b.def(), it) {
        return n(th, it);
    }
    let r = match b.def().func {
        // A class's own method need not ask whose receiver it is given.
        crate::spec::NativeFn::F1(next) if b.owner() == Some(class::of(it)) => next(th, it),
        _ => call_special(th, f, it, &[]),
    };
    error::absorb(th, r, C::StopIteration)
}

/// The next item, with StopIteration left pending at the end.
pub fn next_keep_stop(th: &Thread, it: Value) -> R {
    let Some(f) = special(class::of(it), N::Next) else {
        return Err(error::type_error(
            th,
            &format!("'{}' object is not an iterator", class::type_name(it)),
        ));
    };
    call_special(th, f, it, &[])
}

/// A fresh list of the items.
pub fn to_list(th: &Thread, v: Value) -> R<Gc<ListObj>> {
    if v.shape() == C::List.shape() {
        return list::from_slice(th, list::items(expect(v)));
    }
    if v.shape() == C::Tuple.shape() {
        return list::from_slice(th, expect::<TupleObj>(v).items());
    }
    let l = list::new(th)?;
    extend_list(th, l, v)?;
    Ok(l)
}

pub fn to_tuple(th: &Thread, v: Value) -> R<Gc<TupleObj>> {
    if v.shape() == C::Tuple.shape() {
        return Ok(expect(v));
    }
    if v.shape() == C::List.shape() {
        return tuple::new(th, list::items(expect(v)));
    }
    let l = to_list(th, v)?;
    tuple::new(th, list::items(l))
}

pub fn extend_list(th: &Thread, l: Gc<ListObj>, v: Value) -> R<()> {
    if v.shape() == C::List.shape() || v.shape() == C::Tuple.shape() {
        let copy = to_tuple(th, v)?;
        let n = list::len(l);
        return list::splice(th, l, n, n, copy.items());
    }
    if v.shape() == C::Dict.shape()
        || v.shape() == C::Set.shape()
        || v.shape() == C::FrozenSet.shape()
    {
        let d = dict::as_map(v);
        list::reserve(th, l, dict::len(d))?;
        let mut i = 0;
        while let Some((k, _)) = dict::next(d, &mut i) {
            list::push(th, l, k)?;
        }
        return Ok(());
    }
    let items = Items::in_any(th, v)?;
    let hint = match v.shape() == C::Generator.shape() {
        true => 0,
        false => length_hint(th, v, 0)?,
    };
    if hint > 0 {
        list::reserve(th, l, hint.min(1 << 20))?;
    }
    extend_rest(th, l, &items)
}

/// All further items go to the list.
pub fn extend_rest(th: &Thread, l: Gc<ListObj>, items: &Items) -> R<()> {
    while let Some(x) = items.next_refused(th, &mut |x| quietly(th, list::push(th, l, x)))? {
        list::push(th, l, x)?;
    }
    Ok(())
}

/// Did it work? What it has raised is forgotten: it is tried again.
pub fn quietly(th: &Thread, r: R<()>) -> bool {
    if r.is_err() {
        th.take();
    }
    r.is_ok()
}

/// Call `f` with each item until it says stop.
pub fn each(th: &Thread, v: Value, f: &mut dyn FnMut(Value) -> R<bool>) -> R<()> {
    let items = Items::in_any(th, v)?;
    while let Some(x) = items.next(th)? {
        if !f(x)? {
            break;
        }
    }
    Ok(())
}

/// `operator.length_hint`.
pub fn length_hint(th: &Thread, v: Value, default: usize) -> R<usize> {
    let t = class::of(v);
    if special(t, N::Len).is_some() {
        let r = crate::ops::length(th, v);
        if let Some(n) = error::absorb(th, r, C::TypeError)? {
            return Ok(n);
        }
    }
    let Some(f) = special(t, N::LengthHint) else {
        return Ok(default);
    };
    let r = call_special(th, f, v, &[]);
    let Some(r) = error::absorb(th, r, C::TypeError)? else {
        return Ok(default);
    };
    if r == Value::NOT_IMPLEMENTED {
        return Ok(default);
    }
    match crate::core::int::to_i64(r) {
        Some(n) if n >= 0 => Ok(n as usize),
        Some(_) => Err(error::value_error(
            th,
            "__length_hint__() should return >= 0",
        )),
        None => Err(error::type_error(
            th,
            &format!(
                "__length_hint__ must be an integer, not {}",
                class::type_name(r)
            ),
        )),
    }
}

/// `next_keep_stop`, for coroutines too (they have `send` instead of `__next__`).
pub fn next_keep_stop_any(th: &Thread, it: Value) -> R {
    if special(class::of(it), N::Next).is_some() {
        return next_keep_stop(th, it);
    }
    crate::ops::call::method(th, it, crate::names::nm(N::Send), &[Value::NONE])
}

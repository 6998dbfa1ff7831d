//! `x[k]`, `x[k] = v`, `del x[k]`.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{attr, dict, list, string};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::call::call_special;
use crate::thread::{R, Thread, expect};
use crate::types;
use habu_heap::Value;

#[inline]
pub fn get(th: &Thread, x: Value, k: Value) -> R {
    if x.shape() == C::Dict.shape() {
        // SAFETY: exactly a dict.
        return dict::index(th, unsafe { x.cast_unchecked() }, k);
    }
    get_any(th, x, k)
}

#[inline(never)]
fn get_any(th: &Thread, x: Value, k: Value) -> R {
    if x.shape() < crate::classes::FIRST_DYNAMIC_SHAPE {
        match x.kind() {
            kinds::STR => {
                if let Some(i) = k.as_int() {
                    let s: Gc<StrObj> = expect(x);
                    let i = if i < 0 { i + s.len() as i64 } else { i };
                    if (i as u64) < s.len() as u64 {
                        return Ok(string::char_str(th, s.at(i as usize))?.value());
                    }
                    return Err(error::raise(th, C::IndexError, "string index out of range"));
                }
                if k.is::<SliceObj>() {
                    return types::string::get_item(th, x, k);
                }
            }
            kinds::BYTES if k.is_int() => {
                let b: Gc<BytesObj> = expect(x);
                let (b, i) = (b.as_slice(), k.as_int().unwrap_or(0));
                let i = if i < 0 { i + b.len() as i64 } else { i };
                return match b.get(i as usize) {
                    Some(&c) => Ok(Value::small_int(c as i64)),
                    None => Err(error::raise(th, C::IndexError, "index out of range")),
                };
            }
            kinds::LIST => return types::list::get_item(th, expect(x), k),
            kinds::TUPLE => return types::tuple::get_item(th, expect(x), k),
            _ => {}
        }
    }
    let t = class::of(x);
    match special(t, N::GetItem) {
        Some(f) => call_special(th, f, x, &[k]),
        None => {
            if x.kind() == kinds::TYPE {
                return class_getitem(th, x, k);
            }
            Err(error::type_error(
                th,
                &format!("'{}' object is not subscriptable", class::type_name(x)),
            ))
        }
    }
}

fn class_getitem(th: &Thread, x: Value, k: Value) -> R {
    if x == crate::runtime::class_value(C::Type) {
        return types::generic_alias::new(th, x, k);
    }
    match attr::get_opt(th, x, nm(N::ClassGetItem))? {
        Some(f) if !f.is_none() => crate::ops::call::call(th, f, &[k]),
        _ => Err(error::type_error(
            th,
            &format!(
                "type '{}' is not subscriptable",
                expect::<TypeObj>(x).name_str()
            ),
        )),
    }
}

#[inline]
pub fn set(th: &Thread, x: Value, k: Value, v: Value) -> R<()> {
    if x.shape() == C::Dict.shape() {
        // SAFETY: exactly a dict.
        return dict::set(th, unsafe { x.cast_unchecked() }, k, v);
    }
    set_any(th, x, k, v)
}

#[inline(never)]
fn set_any(th: &Thread, x: Value, k: Value, v: Value) -> R<()> {
    if x.shape() == C::List.shape() {
        return types::list::set_item(th, expect(x), k, Some(v));
    }
    match special(class::of(x), N::SetItem) {
        Some(f) => call_special(th, f, x, &[k, v]).map(drop),
        // As for deletions below.
        None if is_like_sequence(x) && special(class::of(x), N::DelItem).is_some() => {
            Err(error::raise(th, C::AttributeError, "__setitem__"))
        }
        None => {
            position(th, x, k)?;
            let t = class::type_name(x);
            let text = format!("'{t}' object does not support item assignment");
            Err(error::type_error(th, &text))
        }
    }
}

pub fn delete(th: &Thread, x: Value, k: Value) -> R {
    match special(class::of(x), N::DelItem) {
        Some(f) => call_special(th, f, x, &[k]).map(|_| Value::NONE),
        // CPython has one slot for both: who says how items are set is asked how they are deleted.
        None if is_like_sequence(x) && special(class::of(x), N::SetItem).is_some() => {
            Err(error::raise(th, C::AttributeError, "__delitem__"))
        }
        None => {
            let how = match position(th, x, k)? {
                true => "doesn't",
                false => "does not",
            };
            let t = class::type_name(x);
            let text = format!("'{t}' object {how} support item deletion");
            Err(error::type_error(th, &text))
        }
    }
}

/// Is `k` a position in what is like a sequence? It has to fit then, before anything else is said.
fn position(th: &Thread, x: Value, k: Value) -> R<bool> {
    let is = is_like_sequence(x) && special(class::of(k), N::Index).is_some();
    if is {
        crate::core::parse::as_index(th, k)?;
    }
    Ok(is)
}

/// What has a table of sequence operations in CPython, though maybe an empty one.
pub fn is_like_sequence(x: Value) -> bool {
    let t = class::of(x);
    let has = |n| special(t, n).is_some();
    !t.has(crate::spec::type_flags::IMMUTABLE) || has(N::Len) || has(N::Contains)
}

/// The positions that `start` and `stop` come to in a sequence of `n` items, where both are plain.
fn range(start: Value, stop: Value, n: usize) -> Option<(usize, usize)> {
    let (a, b, _) = types::slice::plain_limits(start, stop, Value::NONE, n)?;
    Some((a as usize, b.max(a) as usize))
}

/// `x[start:stop] = v`, without making the slice where a list gets the items of another.
pub fn set_slice(th: &Thread, x: Value, start: Value, stop: Value, v: Value) -> R<()> {
    if x.shape() == C::List.shape() {
        let l: Gc<ListObj> = expect(x);
        if let Some((a, b)) = range(start, stop, list::len(l))
            && types::list::store_list(th, l, (a as i64, b as i64, 1), v)?
        {
            return Ok(());
        }
    }
    let s = types::slice::new(th, start, stop, Value::NONE)?;
    set(th, x, s, v)
}

/// `x[start:stop]`, without making the slice for the common types.
pub fn get_slice(th: &Thread, x: Value, start: Value, stop: Value) -> R {
    if x.shape() < crate::classes::FIRST_DYNAMIC_SHAPE {
        let range = |n: usize| range(start, stop, n);
        match x.kind() {
            kinds::STR => {
                let s: Gc<StrObj> = expect(x);
                if let Some((a, b)) = range(s.len()) {
                    return Ok(string::slice(th, s, a, b)?.value());
                }
            }
            kinds::LIST => {
                let l: Gc<ListObj> = expect(x);
                if let Some((a, b)) = range(list::len(l)) {
                    return Ok(list::from_slice(th, &list::items(l)[a..b])?.value());
                }
            }
            kinds::TUPLE => {
                let t: Gc<TupleObj> = expect(x);
                match range(t.len()) {
                    Some((0, b)) if b == t.len() => return Ok(x),
                    Some((a, b)) => return crate::core::tuple::new_value(th, &t.items()[a..b]),
                    None => {}
                }
            }
            kinds::BYTES => {
                let b: Gc<BytesObj> = expect(x);
                match range(b.as_slice().len()) {
                    Some((0, n)) if n == b.as_slice().len() => return Ok(x),
                    Some((from, to)) => return types::bytes::new(th, &b.as_slice()[from..to]),
                    None => {}
                }
            }
            _ => {}
        }
    }
    let s = types::slice::new(th, start, stop, Value::NONE)?;
    get(th, x, s)
}

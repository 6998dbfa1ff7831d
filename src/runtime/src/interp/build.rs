//! Making and taking apart: tuples, lists, sets, dicts, strings, unpacking.

use super::arith::seen;
use super::subscr::{SEEN_LIST, SEEN_OTHER, SEEN_TUPLE};
use super::val;
use crate::classes::C;
use crate::core::short::Short;
use crate::core::{class, dict, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops::{format, iter};
use crate::thread::{R, Thread, expect};
use crate::{check, next, raised, save};
use habu_heap::Value;

#[inline(always)]
unsafe fn top<'a>(sp: *mut u64, n: usize) -> &'a [Value] {
    // SAFETY: the operand stack has `n` values.
    unsafe { std::slice::from_raw_parts(sp.sub(n) as *const Value, n) }
}

/// `{**v}`.
#[inline(never)]
pub fn update(th: &Thread, d: Gc<DictObj>, v: Value) -> R<()> {
    let r = crate::types::dict::merge_mapping(th, d, v);
    if r.is_err() && error::matches(th, C::AttributeError) {
        th.take();
        let text = format!("'{}' object is not a mapping", class::type_name(v));
        return Err(error::type_error(th, &text));
    }
    r
}

/// `a, *rest, b = v`: the items are written to `d`, the last one first.
///
/// # Safety
/// So many words are writable at `d`.
#[inline(never)]
pub unsafe fn unpack_rest(
    th: &Thread,
    v: Value,
    before: usize,
    after: usize,
    d: *mut u64,
) -> R<()> {
    if !iter::is_iterable(v) {
        let text = format!("cannot unpack non-iterable {} object", class::type_name(v));
        return Err(error::type_error(th, &text));
    }
    let l = iter::to_list(th, v)?;
    let n = list::len(l);
    if n < before + after {
        let text = format!(
            "not enough values to unpack (expected at least {}, got {n})",
            before + after
        );
        return Err(error::value_error(th, &text));
    }
    let rest = list::from_slice(th, &list::items(l)[before..n - after])?;
    let total = before + 1 + after;
    for i in 0..total {
        let w = if i < before {
            list::items(l)[i].bits()
        } else if i == before {
            rest.value().bits()
        } else {
            list::items(l)[n - after + (i - before - 1)].bits()
        };
        // SAFETY: the caller's promise.
        unsafe { *d.add(total - 1 - i) = w }
    }
    Ok(())
}

crate::handlers! {
    build_tuple(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let t = check!(tuple::new(th, top(sp, n)), ip, sp, fp, th);
        let d = sp.sub(n);
        *d = t.value().bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    build_list(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let l = check!(list::from_slice(th, top(sp, n)), ip, sp, fp, th);
        let d = sp.sub(n);
        *d = l.value().bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    build_set(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let d = sp.sub(n);
        *d = check!(set_of(th, sp, n), ip, sp, fp, th).bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    build_map(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let d = sp.sub(2 * n);
        *d = check!(map_of(th, sp, n), ip, sp, fp, th).bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    build_slice(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let d = sp.sub(n);
        let step = if n == 3 { val(*sp.sub(1)) } else { Value::NONE };
        let s = check!(crate::types::slice::new(th, val(*d), val(*d.add(1)), step), ip, sp, fp, th);
        *d = s.bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    build_string(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let d = sp.sub(n);
        *d = check!(string_of(th, sp, n), ip, sp, fp, th).bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    build_interpolation(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let a = (*ip).arg;
        let has_spec = a & 1 != 0;
        let n = 2 + has_spec as usize;
        let d = sp.sub(n);
        let spec = if has_spec { val(*sp.sub(1)) } else { string::empty().value() };
        let r = crate::types::template::new_interpolation(th, val(*d), val(*d.add(1)), (a >> 2) as u32, spec);
        *d = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    build_template(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = crate::types::template::new_template(th, val(*sp.sub(2)), val(*sp.sub(1)));
        *sp.sub(2) = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    list_append(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let l: Gc<ListObj> = val(*sp.sub(1 + (*ip).arg as usize)).cast_unchecked();
        check!(list::push(th, l, val(*sp.sub(1))), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    list_extend(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let l: Gc<ListObj> = val(*sp.sub(1 + (*ip).arg as usize)).cast_unchecked();
        let src = val(*sp.sub(1));
        if !iter::is_iterable(src) {
            error::type_error(th, &format!("Value after * must be an iterable, not {}", class::type_name(src)));
            raised!(ip, sp, fp, th)
        }
        check!(iter::extend_list(th, l, src), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    set_add(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        check!(dict::set_add(th, val(*sp.sub(1 + (*ip).arg as usize)), val(*sp.sub(1))), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    set_update(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let s = val(*sp.sub(1 + (*ip).arg as usize));
        check!(crate::types::set::update(th, s, val(*sp.sub(1))), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    /// Stack: …, dict, …, key, value.
    map_add(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let d: Gc<DictObj> = val(*sp.sub(2 + (*ip).arg as usize)).cast_unchecked();
        check!(dict::set(th, d, val(*sp.sub(2)), val(*sp.sub(1))), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(2), fp, th)
    }

    dict_update(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let d: Gc<DictObj> = val(*sp.sub(1 + (*ip).arg as usize)).cast_unchecked();
        check!(update(th, d, val(*sp.sub(1))), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    /// The same for call keywords: duplicates are errors.
    dict_merge(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as usize;
        let d: Gc<DictObj> = val(*sp.sub(1 + n)).cast_unchecked();
        let func = val(*sp.sub(4 + n));
        check!(crate::types::dict::merge_keywords(th, func, d, val(*sp.sub(1))), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    unpack_sequence(ip, sp, fp, th) {
        let n = (*ip).arg as u32 as usize;
        let v = val(*sp.sub(1));
        if v.shape() == C::Tuple.shape() {
            let t: Gc<TupleObj> = v.cast_unchecked();
            if t.len() == n {
                seen(ip, SEEN_TUPLE);
                for i in 0..n {
                    *sp.sub(1).add(n - 1 - i) = t.slot(i).bits();
                }
                next!(ip.add(1), sp.sub(1).add(n), fp, th)
            }
        } else if v.shape() == C::List.shape() {
            let b = list::buf(v.cast_unchecked());
            if b.len() == n {
                seen(ip, SEEN_LIST);
                for i in 0..n {
                    *sp.sub(1).add(n - 1 - i) = b.slot(i).bits();
                }
                next!(ip.add(1), sp.sub(1).add(n), fp, th)
            }
        }
        unpack_slow(ip, sp, fp, th)
    }

    #[inline(never)]
    unpack_slow(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = (*ip).arg as u32 as usize;
        seen(ip, SEEN_OTHER);
        check!(unpack(th, sp.sub(1), n), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(1).add(n), fp, th)
    }

    unpack_ex(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let (before, after) = (((*ip).arg & 0xff) as usize, ((*ip).arg >> 8) as usize);
        let d = sp.sub(1);
        check!(unpack_rest(th, val(*d), before, after, d), ip, sp, fp, th);
        next!(ip.add(1), d.add(before + 1 + after), fp, th)
    }

    format_simple(ip, sp, fp, th) {
        let v = val(*sp.sub(1));
        if v.shape() == C::Str.shape() {
            next!(ip.add(1), sp, fp, th)
        }
        save!(ip, sp, fp, th);
        *sp.sub(1) = check!(format::format(th, v, string::empty().value()), ip, sp, fp, th).bits();
        next!(ip.add(1), sp, fp, th)
    }

    format_with_spec(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        *sp.sub(2) = check!(format::format(th, val(*sp.sub(2)), val(*sp.sub(1))), ip, sp, fp, th).bits();
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    convert_value(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let v = val(*sp.sub(1));
        let r = match (*ip).arg {
            1 => crate::ops::repr::str(th, v),
            2 => crate::ops::repr::repr(th, v),
            _ => crate::ops::repr::ascii(th, v),
        };
        *sp.sub(1) = check!(r, ip, sp, fp, th).bits();
        next!(ip.add(1), sp, fp, th)
    }
}

#[inline(never)]
unsafe fn set_of(th: &Thread, sp: *mut u64, n: usize) -> R {
    // SAFETY: `n` values stand below `sp`.
    unsafe {
        let s = dict::new_set(th)?;
        *sp = s.value().bits();
        th.mutator.vm_top.set(sp.add(1));
        for &v in top(sp, n) {
            dict::set_add(th, s.value(), v)?;
        }
        Ok(s.value())
    }
}

#[inline(never)]
unsafe fn map_of(th: &Thread, sp: *mut u64, n: usize) -> R {
    // SAFETY: `n` pairs stand below `sp`.
    unsafe {
        let m = dict::new_dict_sized(th, n)?;
        *sp = m.value().bits();
        th.mutator.vm_top.set(sp.add(1));
        for kv in top(sp, 2 * n).chunks_exact(2) {
            dict::set(th, m, kv[0], kv[1])?;
        }
        Ok(m.value())
    }
}

#[inline(never)]
unsafe fn string_of(th: &Thread, sp: *mut u64, n: usize) -> R {
    // SAFETY: `n` strings stand below `sp`.
    joined(th, unsafe { top(sp, n) })
}

/// The strings, and the digits of small ints, one after the other.
pub fn joined(th: &Thread, parts: &[Value]) -> R {
    let mut all = Short::default();
    for &v in parts {
        let part = match v.as_int() {
            Some(i) => Short::decimal(i),
            None => Short::of(expect(v)),
        };
        if !part.is_some_and(|p| all.try_push(p)) {
            return joined_any(th, parts);
        }
    }
    Ok(all.finish_key(th)?.value())
}

#[inline(never)]
fn joined_any(th: &Thread, parts: &[Value]) -> R {
    let texts;
    let mut parts = parts;
    if parts.iter().any(|v| v.is_int()) {
        let l = list::with_capacity(th, parts.len())?;
        for &v in parts {
            let text = match v.is_int() {
                true => crate::types::int::to_text(th, v)?,
                false => v,
            };
            list::push(th, l, text)?;
        }
        texts = l;
        parts = list::items(texts);
    }
    let (mut len, mut width, mut ascii) = (0usize, 0, true);
    for &v in parts {
        let s: Gc<StrObj> = expect(v);
        len = len.saturating_add(s.len());
        width = width.max(s.width_log2());
        ascii &= s.is_ascii();
    }
    if width == 0 {
        let s = string::build(th, len, ascii, |room| {
            let mut out = string::Filler::new(room);
            for &v in parts {
                out.push(expect::<StrObj>(v).bytes());
            }
        })?;
        return Ok(s.value());
    }
    let mut b = string::Builder::new();
    for v in parts {
        b.push(expect::<StrObj>(*v));
    }
    b.finish_value(th)
}

/// Exactly `n` items of the iterable at `at`, stored there in reverse.
#[inline(never)]
unsafe fn unpack(th: &Thread, at: *mut u64, n: usize) -> R<()> {
    // SAFETY: the operand stack has room for the items.
    unsafe { unpack_value(th, val(*at), at, n) }
}

/// Exactly `n` items of `v`, stored at `at` in reverse.
///
/// # Safety
/// `n` words at `at` are writable.
pub unsafe fn unpack_value(th: &Thread, v: Value, at: *mut u64, n: usize) -> R<()> {
    // SAFETY: the caller's promise.
    unsafe {
        let l = unpacked(th, v, n)?;
        for (i, v) in list::items(l).iter().enumerate() {
            *at.add(n - 1 - i) = v.bits();
        }
        Ok(())
    }
}

fn unpacked(th: &Thread, v: Value, n: usize) -> R<Gc<ListObj>> {
    if !iter::is_iterable(v) {
        return Err(error::type_error(
            th,
            &format!("cannot unpack non-iterable {} object", class::type_name(v)),
        ));
    }
    let out = list::new(th)?;
    let known = match v.kind() {
        kinds::LIST if v.shape() == C::List.shape() => Some(list::len(expect(v))),
        kinds::TUPLE if v.shape() == C::Tuple.shape() => Some(expect::<TupleObj>(v).len()),
        kinds::DICT if v.shape() == C::Dict.shape() => Some(dict::len(expect(v))),
        _ => None,
    };
    let it = iter::get(th, v)?;
    for i in 0..n {
        match iter::next(th, it)? {
            Some(x) => list::push(th, out, x)?,
            None => {
                return Err(error::value_error(
                    th,
                    &format!("not enough values to unpack (expected {n}, got {i})"),
                ));
            }
        }
    }
    if iter::next(th, it)?.is_some() {
        let got = match known {
            Some(k) => format!(", got {k}"),
            None => String::new(),
        };
        return Err(error::value_error(
            th,
            &format!("too many values to unpack (expected {n}{got})"),
        ));
    }
    Ok(out)
}

//! Subscripts and slices.

use super::arith::{LOCAL, STACK, seen};
use super::{Op, val};
use crate::core::{dict, list, string};
use crate::object::*;
use crate::ops::subscr;
use crate::{check, next, save};
use habu_heap::{Header, Value};

#[inline(always)]
unsafe fn shape_of(w: u64) -> u32 {
    // SAFETY: as above.
    unsafe {
        if w & 0x8000_0000_0000_0007 == 0 {
            (*(w as *const Header))
                .shape
                .load(std::sync::atomic::Ordering::Relaxed)
        } else {
            0
        }
    }
}

#[inline(always)]
unsafe fn operands<const L: u8, const R: u8>(
    ip: *mut Op,
    sp: *mut u64,
    fp: *mut u64,
) -> (u64, u64, *mut u64) {
    // SAFETY: the translator put the operands there.
    unsafe {
        let r = if R == LOCAL {
            *fp.add(((*ip).arg >> 16) as u16 as usize)
        } else {
            *sp.sub(1)
        };
        let l = if L == LOCAL {
            *fp.add((*ip).arg as u16 as usize)
        } else {
            *sp.sub(if R == STACK { 2 } else { 1 })
        };
        (l, r, sp.sub((L == STACK) as usize + (R == STACK) as usize))
    }
}

/// Containers seen at a subscript, in the last byte of its argument.
pub const SEEN_LIST: u8 = 1;
pub const SEEN_TUPLE: u8 = 2;
pub const SEEN_DICT: u8 = 4;
pub const SEEN_OTHER: u8 = 8;

/// Where a subscript's argument keeps the shape of other containers: one seen always, or that there were several.
const SHAPE_AT: u32 = 32;
const SHAPE_MASK: u64 = 0xff_ffff;
pub const SEVERAL: u32 = SHAPE_MASK as u32;

/// The one shape of other containers that the subscript has seen; 0 for none, or `SEVERAL`.
pub fn seen_shape(op: &Op) -> u32 {
    (op.arg >> SHAPE_AT & SHAPE_MASK) as u32
}

unsafe fn note_shape(ip: *mut Op, shape: u32) {
    // SAFETY: `ip` is a subscript instruction.
    unsafe {
        let old = seen_shape(&*ip);
        let new = if old == 0 || old == shape {
            shape.min(SEVERAL)
        } else {
            SEVERAL
        };
        if new != old {
            (*ip).arg = (*ip).arg & !(SHAPE_MASK << SHAPE_AT) | (new as u64) << SHAPE_AT;
        }
    }
}

/// Type codes of arrays that a subscript tells apart, in the last four bits of its argument: their place here and 1.
pub const NUMBER_CODES: &[u8] = b"bBhHiIlqfd";
const CODE_AT: u32 = 60;
const MIXED_CODES: u64 = 15;

/// The one type code of arrays that the subscript has seen.
pub fn seen_code(op: &Op) -> Option<u8> {
    match op.arg >> CODE_AT {
        0 | MIXED_CODES => None,
        n => NUMBER_CODES.get(n as usize - 1).copied(),
    }
}

/// # Safety
/// `ip` is a subscript instruction, `v` an object.
unsafe fn note_code(ip: *mut Op, v: Value) {
    if !crate::core::class::of(v).has(crate::spec::type_flags::NUMBERS) {
        return;
    }
    // SAFETY: classes with that flag have the type code in their second native word.
    let code = unsafe { v.cast_unchecked::<Instance>() }.word(2).get();
    let code = code.and_then(|c| c.as_int()).unwrap_or(0);
    let n = NUMBER_CODES
        .iter()
        .position(|&c| c as i64 == code)
        .map_or(MIXED_CODES, |i| i as u64 + 1);
    // SAFETY: the caller's promise.
    unsafe {
        let old = (*ip).arg >> CODE_AT;
        let new = if old == 0 || old == n { n } else { MIXED_CODES };
        (*ip).arg = (*ip).arg & !(15 << CODE_AT) | new << CODE_AT;
    }
}

unsafe fn note_slow(ip: *mut Op, container: u64, key: u64) {
    // SAFETY: `ip` is a subscript instruction.
    unsafe {
        let s = shape_of(container);
        let bit = if s == crate::classes::C::Dict.shape() {
            SEEN_DICT
        } else if s == crate::classes::C::List.shape() && key & 1 != 0 {
            // Out of range: an exception, or a list that is about to be outgrown.
            SEEN_LIST
        } else {
            note_shape(ip, s);
            if s >= crate::classes::FIRST_DYNAMIC_SHAPE {
                note_code(ip, val(container));
            }
            SEEN_OTHER
        };
        seen(ip, bit);
    }
}

crate::handlers! {
    /// `l[r]`: list and tuple by int right here.
    subscr<const L: u8, const R: u8>(ip, sp, fp, th) {
        let (l, r, d) = operands::<L, R>(ip, sp, fp);
        if r & 1 != 0 {
            let s = shape_of(l);
            if s == crate::classes::C::List.shape() {
                let b = list::buf(val(l).cast_unchecked());
                let i = (r as i64) >> 1;
                let i = if i < 0 { i + b.len() as i64 } else { i };
                if (i as u64) < b.len() as u64 {
                    seen(ip, SEEN_LIST);
                    *d = b.slot(i as usize).bits();
                    next!(ip.add(1), d.add(1), fp, th)
                }
            } else if s == crate::classes::C::Tuple.shape() {
                let t: Gc<TupleObj> = val(l).cast_unchecked();
                let i = (r as i64) >> 1;
                let i = if i < 0 { i + t.len() as i64 } else { i };
                if (i as u64) < t.len() as u64 {
                    seen(ip, SEEN_TUPLE);
                    *d = t.slot(i as usize).bits();
                    next!(ip.add(1), d.add(1), fp, th)
                }
            } else if s == crate::classes::C::Str.shape() {
                let t: Gc<StrObj> = val(l).cast_unchecked();
                let i = (r as i64) >> 1;
                let i = if i < 0 { i + t.len() as i64 } else { i };
                if (i as u64) < t.len() as u64 && t.width_log2() == 0 {
                    seen(ip, SEEN_OTHER);
                    note_shape(ip, s);
                    *d = string::latin1_char(*t.data().add(i as usize)).value().bits();
                    next!(ip.add(1), d.add(1), fp, th)
                }
            }
        }
        subscr_slow::<L, R>(ip, sp, fp, th)
    }

    /// The form for dicts.
    subscr_dict<const L: u8, const R: u8>(ip, sp, fp, th) {
        let (l, r, _) = operands::<L, R>(ip, sp, fp);
        if shape_of(l) != crate::classes::C::Dict.shape() {
            (*ip).h = subscr::<L, R> as super::Handler as usize;
            return subscr::<L, R>(ip, sp, fp, th);
        }
        save!(ip, sp, fp, th);
        let v = check!(dict::index(th, val(l).cast_unchecked(), val(r)), ip, sp, fp, th);
        let (_, _, d) = operands::<L, R>(ip, sp, fp);
        *d = v.bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    #[inline(never)]
    subscr_slow<const L: u8, const R: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let (l, r, d) = operands::<L, R>(ip, sp, fp);
        note_slow(ip, l, r);
        if shape_of(l) == crate::classes::C::Dict.shape() {
            (*ip).h = subscr_dict::<L, R> as super::Handler as usize;
        }
        let v = check!(subscr::get(th, val(l), val(r)), ip, sp, fp, th);
        *d = v.bits();
        next!(ip.add(1), d.add(1), fp, th)
    }

    /// Stack: value, container, key.
    store_subscr(ip, sp, fp, th) {
        let (v, c, k) = (*sp.sub(3), *sp.sub(2), *sp.sub(1));
        if k & 1 != 0 && shape_of(c) == crate::classes::C::List.shape() {
            let b = list::buf(val(c).cast_unchecked());
            let i = (k as i64) >> 1;
            let i = if i < 0 { i + b.len() as i64 } else { i };
            if (i as u64) < b.len() as u64 {
                seen(ip, SEEN_LIST);
                th.set(b, b.slot(i as usize), Some(val(v)));
                next!(ip.add(1), sp.sub(3), fp, th)
            }
        }
        store_subscr_slow(ip, sp, fp, th)
    }

    /// The form for dicts.
    store_subscr_dict(ip, sp, fp, th) {
        let (v, c, k) = (*sp.sub(3), *sp.sub(2), *sp.sub(1));
        if shape_of(c) != crate::classes::C::Dict.shape() {
            (*ip).h = store_subscr as super::Handler as usize;
            return store_subscr(ip, sp, fp, th);
        }
        save!(ip, sp, fp, th);
        check!(dict::set(th, val(c).cast_unchecked(), val(k), val(v)), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(3), fp, th)
    }

    #[inline(never)]
    store_subscr_slow(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        note_slow(ip, *sp.sub(2), *sp.sub(1));
        if shape_of(*sp.sub(2)) == crate::classes::C::Dict.shape() {
            (*ip).h = store_subscr_dict as super::Handler as usize;
        }
        check!(subscr::set(th, val(*sp.sub(2)), val(*sp.sub(1)), val(*sp.sub(3))), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(3), fp, th)
    }

    delete_subscr(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        check!(subscr::delete(th, val(*sp.sub(2)), val(*sp.sub(1))), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(2), fp, th)
    }

    /// Stack: container, start, stop.
    binary_slice(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let r = check!(
            subscr::get_slice(th, val(*sp.sub(3)), val(*sp.sub(2)), val(*sp.sub(1))),
            ip, sp, fp, th
        );
        *sp.sub(3) = r.bits();
        next!(ip.add(1), sp.sub(2), fp, th)
    }

    /// Stack: value, container, start, stop.
    store_slice(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        check!(
            subscr::set_slice(th, val(*sp.sub(3)), val(*sp.sub(2)), val(*sp.sub(1)), val(*sp.sub(4))),
            ip, sp, fp, th
        );
        next!(ip.add(1), sp.sub(4), fp, th)
    }
}

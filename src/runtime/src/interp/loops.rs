//! Iteration: GET_ITER, FOR_ITER with forms for the common iterators, and the store that usually follows.
//!
//! `FOR_ITER` is wide: `arg` is the distance to the instruction after `END_FOR`, in the top half the local that
//! takes the item (plus one; 0: push it). The cache instruction's `arg` keeps the kinds of iterators of pairs.

use super::arith::seen;
use super::frame::flag;
use super::subscr::SEEN_TUPLE;
use super::{Op, kind_of, val};
use crate::core::{list, string};
use crate::kinds;
use crate::object::*;
use crate::ops::iter;
use crate::types::iters::Item;
use crate::{check, next, save};
use habu_heap::Value;

#[inline(always)]
unsafe fn exit_of(ip: *mut Op) -> *mut Op {
    // SAFETY: the translator put the distance there.
    unsafe { ip.offset((*ip).arg as i32 as isize) }
}

/// Deliver an item: into the local, or onto the stack; then go on.
macro_rules! deliver {
    ($w:expr, $ip:expr, $sp:expr, $fp:expr, $th:expr) => {{
        let w: u64 = $w;
        let d = ((*$ip).arg >> 32) as usize;
        if d != 0 {
            *$fp.add(d - 1) = w;
            next!($ip.add(2), $sp, $fp, $th)
        }
        *$sp = w;
        next!($ip.add(2), $sp.add(1), $fp, $th)
    }};
}

crate::handlers! {
    get_iter(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let source = val(*sp.sub(1));
        if source.kind() == kinds::LIST && source.shape() != crate::classes::C::List.shape() {
            // Native code looks for a list derived.
            super::operators::note(ip, source, Value::NONE);
        }
        let it = check!(iter::get(th, source), ip, sp, fp, th);
        mark_private(source, it);
        *sp.sub(1) = it.bits();
        next!(ip.add(1), sp, fp, th)
    }

    for_iter(ip, sp, fp, th) {
        let h = match kind_of(*sp.sub(1)) {
            kinds::RANGE_ITER => for_range as super::Handler,
            kinds::LIST_ITER => for_list as super::Handler,
            kinds::TUPLE_ITER => for_tuple as super::Handler,
            kinds::STR_ITER => for_str as super::Handler,
            kinds::GENERATOR => for_generator as super::Handler,
            kinds::ENUMERATE | kinds::ZIP | kinds::DICT_ITER if unpacks_two(ip) => {
                (*ip.add(1)).arg = note_pair(crate::types::iters::pair_kinds(val(*sp.sub(1))));
                for_pair as super::Handler
            }
            kinds::DICT_ITER if crate::types::dictviews::gives_keys(val(*sp.sub(1))) => {
                (*ip.add(1)).arg = val(*sp.sub(1)).shape() as u64;
                for_keys as super::Handler
            }
            _ => return for_any(ip, sp, fp, th),
        };
        (*ip).h = h as usize;
        h(ip, sp, fp, th)
    }

    /// The keys of a dict or a set.
    for_keys(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if kind_of(w) != kinds::DICT_ITER {
            return for_iter(ip, sp, fp, th);
        }
        match crate::types::dictviews::next_key(val(w).cast_unchecked()) {
            Some(k) => deliver!(k.bits(), ip, sp, fp, th),
            None => for_any(ip, sp, fp, th),
        }
    }

    #[inline(never)]
    for_any(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        match check!(next_item(th, val(*sp.sub(1))), ip, sp, fp, th) {
            Some(v) => deliver!(v.bits(), ip, sp, fp, th),
            None => next!(exit_of(ip), sp, fp, th),
        }
    }

    /// An iterator of pairs whose items are unpacked by the next instruction: without making the tuples.
    #[inline(never)]
    for_pair(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        match check!(next_pair(th, sp), ip, sp, fp, th) {
            Got::Pair => {
                seen(ip.add(2), SEEN_TUPLE);
                next!(ip.add(3), sp.add(2), fp, th)
            }
            Got::One => {
                (*ip).h = for_iter as super::Handler as usize;
                next!(ip.add(2), sp.add(1), fp, th)
            }
            Got::End => next!(exit_of(ip), sp, fp, th),
        }
    }

    for_range(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if kind_of(w) != kinds::RANGE_ITER {
            return for_iter(ip, sp, fp, th);
        }
        let it: Gc<RangeIter> = val(w).cast_unchecked();
        // All three words are tagged ints: `left` counts down to 1 (tagged 0).
        let left = it.left.bits();
        if left <= 1 {
            next!(exit_of(ip), sp, fp, th)
        }
        let v = it.next.bits();
        it.left.init_bits(left - 2);
        it.next.init_bits(v.wrapping_add(it.step.bits() - 1));
        deliver!(v, ip, sp, fp, th)
    }

    for_list(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if kind_of(w) != kinds::LIST_ITER {
            return for_iter(ip, sp, fp, th);
        }
        let it: Gc<IndexIter> = val(w).cast_unchecked();
        let src = it.source.bits();
        if src != 0 && kind_of(src) == kinds::LIST {
            let i = (it.index.bits() >> 1) as usize;
            let b = list::buf(val(src).cast_unchecked());
            if i < b.len() {
                it.index.init_bits(it.index.bits() + 2);
                deliver!(b.slot(i).bits(), ip, sp, fp, th)
            }
            it.source.init(None);
        }
        next!(exit_of(ip), sp, fp, th)
    }

    for_tuple(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if kind_of(w) != kinds::TUPLE_ITER {
            return for_iter(ip, sp, fp, th);
        }
        let it: Gc<IndexIter> = val(w).cast_unchecked();
        let src = it.source.bits();
        if src != 0 {
            let i = (it.index.bits() >> 1) as usize;
            let t: Gc<TupleObj> = val(src).cast_unchecked();
            if i < t.len() {
                it.index.init_bits(it.index.bits() + 2);
                deliver!(t.slot(i).bits(), ip, sp, fp, th)
            }
            it.source.init(None);
        }
        next!(exit_of(ip), sp, fp, th)
    }

    for_str(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if kind_of(w) != kinds::STR_ITER {
            return for_iter(ip, sp, fp, th);
        }
        let it: Gc<IndexIter> = val(w).cast_unchecked();
        let src = it.source.bits();
        if src != 0 {
            let i = (it.index.bits() >> 1) as usize;
            let s: Gc<StrObj> = val(src).cast_unchecked();
            if i < s.len() && s.width_log2() == 0 {
                it.index.init_bits(it.index.bits() + 2);
                let c = string::latin1_char(*s.data().add(i));
                deliver!(c.value().bits(), ip, sp, fp, th)
            }
        }
        for_any(ip, sp, fp, th)
    }

    /// A generator: its frame goes on top of this one.
    for_generator(ip, sp, fp, th) {
        let w = *sp.sub(1);
        if kind_of(w) != kinds::GENERATOR {
            return for_iter(ip, sp, fp, th);
        }
        let g: Gc<GeneratorObj> = val(w).cast_unchecked();
        if !super::gens::can_resume_inline(g) || val(w).shape() != crate::classes::C::Generator.shape() {
            return for_any(ip, sp, fp, th);
        }
        save!(ip, sp, fp, th);
        if let Some(r) = super::gens::run_in_place(th, g, Value::NONE) {
            let r = check!(r, ip, sp, fp, th);
            if g.state.bits() == super::gens::CLOSED {
                next!(exit_of(ip), sp, fp, th)
            }
            deliver!(r.bits(), ip, sp, fp, th)
        }
        if super::gens::waits_for(g).is_some() {
            return for_any(ip, sp, fp, th);
        }
        let (gip, gsp, gfp) = check!(super::gens::resume_inline(th, g, fp, sp, flag::BY_FOR), ip, sp, fp, th);
        *gsp = Value::NONE.bits();
        next!(gip, gsp.add(1), gfp, th)
    }

    /// Where a generator's yield goes when FOR_ITER resumed it: `sp[0]` holds the item.
    for_resumed(ip, sp, fp, th) {
        deliver!(*sp, ip, sp, fp, th)
    }

    pop_iter(ip, sp, fp, th) { next!(ip.add(1), sp.sub(1), fp, th) }

    end_for(ip, sp, fp, th) { next!(ip.add(1), sp.sub(1), fp, th) }

    get_len(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let n = check!(crate::ops::length(th, val(*sp.sub(1))), ip, sp, fp, th);
        *sp = Value::small_int(n as i64).bits();
        next!(ip.add(1), sp.add(1), fp, th)
    }
}

/// An iterator just made for a loop is seen by nobody but its frame: compiled code may keep its state in registers.
/// The mark is `True` in the attribute storage, which these iterators do not use.
pub fn mark_private(source: Value, it: Value) {
    if matches!(source.kind(), kinds::RANGE | kinds::LIST)
        && matches!(it.kind(), kinds::RANGE_ITER | kinds::LIST_ITER)
    {
        // SAFETY: both kinds begin with the attribute storage.
        unsafe { it.cast_unchecked::<Instance>() }
            .attrs
            .init(Some(Value::TRUE));
    }
}

/// Kinds of an iterator of pairs and of those inside it, as a cache's word.
fn note_pair(kinds: [u8; 3]) -> u64 {
    let [a, b, c] = kinds;
    u32::from_le_bytes([a, b, c, 0]) as u64
}

/// The other way round.
pub fn noted_pair(word: u64) -> [u8; 3] {
    let [a, b, c, _] = (word as u32).to_le_bytes();
    [a, b, c]
}

/// Is the FOR_ITER at `ip` followed by the unpacking of its item into two?
unsafe fn unpacks_two(ip: *mut Op) -> bool {
    // SAFETY: `ip` is a FOR_ITER, whose two words an instruction follows.
    unsafe {
        let next = &*ip.add(2);
        let pushes = (*ip).arg >> 32 == 0;
        pushes
            && next.h == super::build::unpack_sequence as super::Handler as usize
            && next.arg as u32 == 2
    }
}

/// What `next_pair` left on the operand stack.
enum Got {
    Pair,
    One,
    End,
}

/// The next item of the iterator below `sp`: its two parts as UNPACK_SEQUENCE leaves them, or the item itself.
#[inline(never)]
unsafe fn next_pair(th: &crate::thread::Thread, sp: *mut u64) -> crate::thread::R<Got> {
    // SAFETY: the operand stack has an iterator, and room for two more words.
    unsafe {
        Ok(
            match crate::types::iters::next_unpacked(th, val(*sp.sub(1)))? {
                Some(Item::Pair(a, b)) => {
                    *sp = b.bits();
                    *sp.add(1) = a.bits();
                    Got::Pair
                }
                Some(Item::One(x)) => {
                    *sp = x.bits();
                    Got::One
                }
                None => Got::End,
            },
        )
    }
}

#[inline(never)]
fn next_item(th: &crate::thread::Thread, it: Value) -> crate::thread::R<Option<Value>> {
    iter::next(th, it)
}

/// Give the FOR_ITER at `ip` an item from outside, or the end: where its frame stands then.
///
/// # Safety
/// `ip` is a FOR_ITER of the frame at `fp`, whose operand stack ends with its iterator.
pub unsafe fn given(
    ip: *mut Op,
    sp: *mut u64,
    fp: *mut u64,
    item: Option<Value>,
) -> (*mut Op, *mut u64) {
    // SAFETY: the caller's promise; there is room for the item.
    unsafe {
        let Some(v) = item else {
            return (exit_of(ip), sp);
        };
        match ((*ip).arg >> 32) as usize {
            0 => {
                *sp = v.bits();
                (ip.add(2), sp.add(1))
            }
            local => {
                *fp.add(local - 1) = v.bits();
                (ip.add(2), sp)
            }
        }
    }
}

/// The exit of the FOR_ITER at `ip`, for a generator that returned.
///
/// # Safety
/// `ip` is a FOR_ITER.
pub unsafe fn exit_target(ip: *mut Op) -> *mut Op {
    // SAFETY: the caller's promise.
    unsafe { exit_of(ip) }
}

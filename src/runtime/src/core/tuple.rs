//! Tuples.

use crate::classes::C;
use crate::object::*;
use crate::runtime::rt;
use crate::thread::{R, Thread};
use habu_heap::Value;

pub fn empty() -> Gc<TupleObj> {
    // SAFETY: set at start.
    unsafe { rt().empty_tuple.get_unchecked().cast_unchecked() }
}

/// A tuple whose items the caller initializes at once.
#[inline(always)]
pub fn alloc(th: &Thread, n: usize) -> R<Gc<TupleObj>> {
    let t: Gc<TupleObj> = th.alloc(C::Tuple.shape(), 0, 16 + n * 8)?;
    t.sizes.set(sizes(2 + n, n));
    Ok(t)
}

#[inline(always)]
pub fn new(th: &Thread, items: &[Value]) -> R<Gc<TupleObj>> {
    if items.is_empty() {
        return Ok(empty());
    }
    let t = alloc(th, items.len())?;
    for (i, &v) in items.iter().enumerate() {
        t.slot(i).init(Some(v));
    }
    Ok(t)
}

pub fn new_value(th: &Thread, items: &[Value]) -> R {
    Ok(new(th, items)?.value())
}

/// An instance of a subclass of tuple: an attribute word at the end.
pub fn new_extended(th: &Thread, shape: u32, items: &[Value]) -> R<Gc<TupleObj>> {
    let n = items.len();
    let t: Gc<TupleObj> = th.alloc(shape, habu_heap::EXT, 16 + n * 8 + 8)?;
    t.sizes.set(sizes(3 + n, n));
    for (i, &v) in items.iter().enumerate() {
        t.slot(i).init(Some(v));
    }
    // SAFETY: the last word is the attribute word.
    unsafe { *(t.raw() as *mut u64).add(2 + n) = 0 };
    Ok(t)
}

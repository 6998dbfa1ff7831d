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

/// Words before the items.
const HEAD: usize = std::mem::size_of::<TupleObj>() / 8;

/// What the word of sizes is in a tuple of `n` items.
pub const fn sizes_of(n: usize) -> u64 {
    sizes(HEAD + n, n)
}

/// A tuple whose items the caller initializes at once.
#[inline(always)]
pub fn alloc(th: &Thread, n: usize) -> R<Gc<TupleObj>> {
    let t: Gc<TupleObj> = th.alloc(C::Tuple.shape(), 0, (HEAD + n) * 8)?;
    t.sizes.set(sizes_of(n));
    t.hash.set(0);
    Ok(t)
}

/// A tuple of None, which the caller fills before anybody sees it; it may grow old until then.
pub fn blank(th: &Thread, n: usize) -> R<Gc<TupleObj>> {
    let t = alloc(th, n)?;
    for i in 0..n {
        t.slot(i).init(Some(Value::NONE));
    }
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
    let t: Gc<TupleObj> = th.alloc(shape, habu_heap::EXT, (HEAD + n + 1) * 8)?;
    t.sizes.set(sizes(HEAD + n + 1, n));
    t.hash.set(0);
    for (i, &v) in items.iter().enumerate() {
        t.slot(i).init(Some(v));
    }
    // SAFETY: the last word is the attribute word.
    unsafe { *(t.raw() as *mut u64).add(HEAD + n) = 0 };
    Ok(t)
}

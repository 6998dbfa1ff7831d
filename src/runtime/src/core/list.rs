//! Lists: one pointer to a buffer that holds the length, the capacity and the items.
//!
//! What must hold: words between the length and the capacity are 0 (the collector scans the whole capacity).

use crate::classes::C;
use crate::object::*;
use crate::runtime::rt;
use crate::thread::{R, Thread};
use habu_heap::{Slot, Value};

const HEAD: usize = std::mem::size_of::<ListBuf>();

impl ListBuf {
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.get() as usize
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    #[inline(always)]
    pub fn capacity(&self) -> usize {
        (self.sizes.get() >> 32) as usize
    }
    #[inline(always)]
    pub fn slot(&self, i: usize) -> &Slot {
        debug_assert!(i < self.capacity());
        // SAFETY: `capacity` words stand behind the struct.
        unsafe { &*((self as *const Self).add(1) as *const Slot).add(i) }
    }
}

#[inline(always)]
pub fn buf(l: Gc<ListObj>) -> Gc<ListBuf> {
    // SAFETY: a list always has a buffer.
    unsafe { l.buf.get_unchecked().cast_unchecked() }
}

#[inline(always)]
pub fn len(l: Gc<ListObj>) -> usize {
    buf(l).len()
}

#[inline(always)]
pub fn get(l: Gc<ListObj>, i: usize) -> Option<Value> {
    let b = buf(l);
    if i < b.len() { b.slot(i).get() } else { None }
}

fn new_buf(th: &Thread, cap: usize) -> R<Gc<ListBuf>> {
    let size = HEAD + cap * 8;
    if cap > (1 << 31) {
        return Err(crate::error::out_of_memory(th));
    }
    let b: Gc<ListBuf> = th.alloc(C::Hidden.shape(), 0, size)?;
    b.sizes.set(sizes(size / 8, cap));
    b.len.set(0);
    Ok(b)
}

/// Items from `at` on, which the buffer has room for: a new buffer, or one whose barrier has been passed.
#[inline(always)]
fn put(b: Gc<ListBuf>, at: usize, items: &[Value]) {
    debug_assert!(at + items.len() <= b.capacity());
    // SAFETY: in the buffer; a slice of another one, or of this one's items as they were copied elsewhere.
    unsafe {
        super::copy_items(
            items.as_ptr(),
            b.slot_ptr().add(at) as *mut Value,
            items.len(),
        )
    }
}

pub fn make_empty_buf(th: &Thread) -> R<Gc<ListBuf>> {
    new_buf(th, 0)
}

pub fn new(th: &Thread) -> R<Gc<ListObj>> {
    let l: Gc<ListObj> = th.alloc(C::List.shape(), 0, 16)?;
    l.buf.init(rt().empty_listbuf.get());
    Ok(l)
}

/// A list with this new buffer.
fn of_buf(th: &Thread, b: Gc<ListBuf>) -> R<Gc<ListObj>> {
    let l: Gc<ListObj> = th.alloc(C::List.shape(), 0, 16)?;
    l.buf.init(Some(b.value()));
    Ok(l)
}

pub fn with_capacity(th: &Thread, cap: usize) -> R<Gc<ListObj>> {
    if cap == 0 {
        return new(th);
    }
    let b = new_buf(th, cap)?;
    for i in 0..cap {
        b.slot(i).init(None);
    }
    of_buf(th, b)
}

pub fn from_slice(th: &Thread, items: &[Value]) -> R<Gc<ListObj>> {
    if items.is_empty() {
        return new(th);
    }
    let b = new_buf(th, items.len())?;
    put(b, 0, items);
    b.len.set(items.len() as u64);
    of_buf(th, b)
}

/// A list of `n` items, each given by its place. `item` must not allocate.
pub fn build(th: &Thread, n: usize, item: impl Fn(usize) -> Value) -> R<Gc<ListObj>> {
    if n == 0 {
        return new(th);
    }
    let b = new_buf(th, n)?;
    for i in 0..n {
        b.slot(i).init(Some(item(i)));
    }
    b.len.set(n as u64);
    of_buf(th, b)
}

/// A new list of these items and then those.
pub fn joined(th: &Thread, first: &[Value], then: &[Value]) -> R<Gc<ListObj>> {
    let n = first.len() + then.len();
    if n == 0 {
        return new(th);
    }
    let b = new_buf(th, n)?;
    put(b, 0, first);
    put(b, first.len(), then);
    b.len.set(n as u64);
    of_buf(th, b)
}

/// Every `step`-th of these items from `start` on, `n` of them.
pub fn strided(th: &Thread, items: &[Value], start: i64, step: i64, n: usize) -> R<Gc<ListObj>> {
    if step == -1 && n > 0 {
        let taken = &items[start as usize + 1 - n..=start as usize];
        let b = new_buf(th, n)?;
        for (i, &v) in taken.iter().rev().enumerate() {
            b.slot(i).init(Some(v));
        }
        b.len.set(n as u64);
        return of_buf(th, b);
    }
    build(th, n, |i| items[(start + i as i64 * step) as usize])
}

/// Publish a buffer of capacity `cap` with the first `keep` items.
fn rebuffer(th: &Thread, l: Gc<ListObj>, cap: usize, keep: usize) -> R<Gc<ListBuf>> {
    let new = new_buf(th, cap)?;
    let old = buf(l);
    let keep = keep.min(old.len());
    put(new, 0, &old.as_slice()[..keep]);
    for i in keep..cap {
        new.slot(i).init(None);
    }
    new.len.set(keep as u64);
    th.set(l, &l.buf, Some(new.value()));
    Ok(new)
}

/// Room for a list that grows: as CPython has it for short ones, which programs may see in `sys.getsizeof`. Long ones
/// are copied each time, so they grow by more.
fn grown(n: usize) -> usize {
    (n + if n < 256 { n / 8 } else { n / 2 } + 6) & !3
}

pub fn reserve(th: &Thread, l: Gc<ListObj>, more: usize) -> R<()> {
    let b = buf(l);
    if b.len() + more > b.capacity() {
        rebuffer(th, l, b.len() + more, b.len())?;
    }
    Ok(())
}

#[inline(always)]
pub fn push(th: &Thread, l: Gc<ListObj>, v: Value) -> R<()> {
    let b = buf(l);
    let n = b.len();
    if n < b.capacity() {
        th.set(b, b.slot(n), Some(v));
        b.len.set(n as u64 + 1);
        return Ok(());
    }
    push_slow(th, l, v)
}

#[inline(never)]
fn push_slow(th: &Thread, l: Gc<ListObj>, v: Value) -> R<()> {
    let n = buf(l).len();
    let b = rebuffer(th, l, if n == 0 { 4 } else { grown(n + n / 4) }, n)?;
    th.set(b, b.slot(n), Some(v));
    b.len.set(n as u64 + 1);
    Ok(())
}

pub fn pop(l: Gc<ListObj>) -> Option<Value> {
    let b = buf(l);
    let n = b.len();
    if n == 0 {
        return None;
    }
    b.len.set(n as u64 - 1);
    let v = b.slot(n - 1).get();
    b.slot(n - 1).init(None);
    v
}

#[inline(always)]
pub fn set(th: &Thread, l: Gc<ListObj>, i: usize, v: Value) -> bool {
    let b = buf(l);
    if i >= b.len() {
        return false;
    }
    th.set(b, b.slot(i), Some(v));
    true
}

/// Replace a range by the items of another list, if there are as many.
#[inline(always)]
pub fn replace(th: &Thread, l: Gc<ListObj>, range: (i64, i64, i64), by: Gc<ListObj>) -> bool {
    let (from, b, new) = (range.0 as usize, buf(l), buf(by));
    let n = crate::types::slice::count(range.0, range.1, 1);
    if n != new.len() {
        return false;
    }
    // SAFETY: bulk stores into the buffer come right after its barrier, with no allocation between.
    unsafe { th.mutator.barrier(b.header()) };
    for i in 0..n {
        b.slot(from + i).init_bits(new.slot(i).bits());
    }
    true
}

/// Move `n` words of a buffer, whose barrier has been passed, to another place in it.
#[inline(always)]
fn shift(b: Gc<ListBuf>, from: usize, to: usize, n: usize) {
    debug_assert!(from.max(to) + n <= b.capacity());
    if n > 16 {
        // SAFETY: both ranges are inside the capacity.
        unsafe {
            let p = b.slot_ptr();
            std::ptr::copy(p.add(from), p.add(to), n);
        }
    } else if to < from {
        for i in 0..n {
            b.slot(to + i).init_bits(b.slot(from + i).bits());
        }
    } else if to > from {
        for i in (0..n).rev() {
            b.slot(to + i).init_bits(b.slot(from + i).bits());
        }
    }
}

/// Store `items`, which are elsewhere, in place of as many that there are from `at` on.
pub fn overwrite(th: &Thread, l: Gc<ListObj>, at: usize, items: &[Value]) {
    let b = buf(l);
    // SAFETY: bulk stores into the buffer come right after its barrier, with no allocation between.
    unsafe { th.mutator.barrier(b.header()) };
    put(b, at, items)
}

/// Turn `n` items around, from `at` on.
#[inline(always)]
pub fn reverse(th: &Thread, l: Gc<ListObj>, at: usize, n: usize) {
    let b = buf(l);
    // SAFETY: bulk stores into the buffer come right after its barrier, with no allocation between.
    unsafe { th.mutator.barrier(b.header()) };
    let (mut i, mut j) = (at, at + n);
    while i + 1 < j {
        j -= 1;
        let (first, last) = (b.slot(i), b.slot(j));
        let w = first.bits();
        first.init_bits(last.bits());
        last.init_bits(w);
        i += 1;
    }
}

/// Store `n` items of `c`, from `start` on and `step` apart, from `at` on: what a slice of `c` would be, without making
/// it. `false`: the items would be overwritten before they are read.
pub fn transfer(
    th: &Thread,
    (l, at): (Gc<ListObj>, usize),
    (c, start, step): (Gc<ListObj>, i64, i64),
    n: usize,
) -> bool {
    if n == 0 {
        return true;
    }
    let (b, src) = (buf(l), buf(c));
    let last = start + (n as i64 - 1) * step;
    let (least, most) = (start.min(last), start.max(last));
    let apart = b != src || most < at as i64 || least >= (at + n) as i64;
    let turned = step == -1 && least == at as i64;
    if !apart {
        if turned {
            reverse(th, l, at, n)
        }
        return turned;
    }
    // SAFETY: bulk stores into the buffer come right after its barrier, with no allocation between.
    unsafe { th.mutator.barrier(b.header()) };
    for i in 0..n {
        let from = (start + i as i64 * step) as usize;
        b.slot(at + i).init_bits(src.slot(from).bits());
    }
    true
}

/// Replace `start..end` by `items`.
pub fn splice(th: &Thread, l: Gc<ListObj>, start: usize, end: usize, items: &[Value]) -> R<()> {
    let n = len(l);
    let (start, end) = (start.min(n), end.min(n).max(start.min(n)));
    let new_len = n - (end - start) + items.len();
    let mut b = buf(l);
    if new_len > b.capacity() {
        b = rebuffer(th, l, grown(new_len), n)?;
    }
    // SAFETY: bulk stores into the buffer come right after its barrier, with no allocation between.
    unsafe { th.mutator.barrier(b.header()) };
    let tail = n - end;
    let dst = start + items.len();
    shift(b, end, dst, tail);
    put(b, start, items);
    for i in new_len..n {
        b.slot(i).init(None);
    }
    b.len.set(new_len as u64);
    if is_roomy(b, new_len) {
        rebuffer(th, l, grown(new_len), new_len)?;
    }
    Ok(())
}

/// Is the buffer so large for this many items that they get a smaller one?
fn is_roomy(b: Gc<ListBuf>, items: usize) -> bool {
    items * 4 < b.capacity() && b.capacity() > 64
}

impl ListBuf {
    fn slot_ptr(&self) -> *mut u64 {
        // SAFETY: items stand behind the struct.
        unsafe { (self as *const Self).add(1) as *mut u64 }
    }
    /// The items as they are now. The slice dies with the next change of the list: copy before running Python.
    #[inline(always)]
    pub fn as_slice(&self) -> &[Value] {
        // SAFETY: the first `len` words are values.
        unsafe { std::slice::from_raw_parts(self.slot_ptr() as *const Value, self.len()) }
    }
}

/// The current buffer; readers that run Python code between items must index with `get` instead.
#[inline(always)]
pub fn items(l: Gc<ListObj>) -> &'static [Value] {
    // SAFETY: the buffer stays alive while the slice is on the stack (interior pointers keep objects).
    unsafe { std::mem::transmute::<&[Value], &'static [Value]>(buf(l).as_slice()) }
}

pub fn clear(th: &Thread, l: Gc<ListObj>) {
    th.set(l, &l.buf, rt().empty_listbuf.get());
}

pub fn insert(th: &Thread, l: Gc<ListObj>, i: usize, v: Value) -> R<()> {
    let (n, b) = (len(l), buf(l));
    if i >= n {
        return push(th, l, v);
    }
    if n == b.capacity() {
        return splice(th, l, i, i, &[v]);
    }
    // SAFETY: bulk stores into the buffer come right after its barrier, with no allocation between.
    unsafe { th.mutator.barrier(b.header()) };
    shift(b, i, i + 1, n - i);
    b.slot(i).init(Some(v));
    b.len.set(n as u64 + 1);
    Ok(())
}

pub fn remove(th: &Thread, l: Gc<ListObj>, i: usize) -> R<Option<Value>> {
    let n = len(l);
    if i >= n {
        return Ok(None);
    }
    if i + 1 == n {
        return Ok(pop(l));
    }
    let (v, b) = (get(l, i), buf(l));
    if is_roomy(b, n - 1) {
        splice(th, l, i, i + 1, &[])?;
        return Ok(v);
    }
    // SAFETY: bulk stores into the buffer come right after its barrier, with no allocation between.
    unsafe { th.mutator.barrier(b.header()) };
    shift(b, i + 1, i, n - 1 - i);
    b.slot(n - 1).init(None);
    b.len.set(n as u64 - 1);
    Ok(v)
}

/// Give `l` the items of `other`'s buffer (sort and similar, which work on a detached buffer).
pub fn set_buf(th: &Thread, l: Gc<ListObj>, b: Value) {
    th.set(l, &l.buf, Some(b))
}

//! Bytearrays: data in a `RawBuf`, from `start`, with room behind it.
//!
//! What must hold: while somebody holds a view (`exports`), the size does not change.

use super::{buffer, byte_arg, collect, position, source, this, zeros};
use crate::classes::C;
use crate::core::class::type_name;
use crate::core::{int, parse as arg, string as text, tuple};
use crate::error::{raise, type_error, value_error};
use crate::kinds;
use crate::object::*;
use crate::runtime::class;
use crate::spec::Args;
use crate::thread::{R, Thread, expect};
use crate::types::memoryview::exports::is_viewed;
use crate::types::string::slice_range;
use habu_heap::Value;

const HEAD: usize = std::mem::size_of::<RawBuf>();

/// A buffer with room for `capacity` bytes.
pub fn new_buf(th: &Thread, capacity: usize) -> R<Gc<RawBuf>> {
    if capacity > 1 << 40 {
        return Err(crate::error::out_of_memory(th));
    }
    let size = HEAD + capacity.div_ceil(8) * 8;
    let b: Gc<RawBuf> = th.alloc(C::Hidden.shape(), 0, size)?;
    b.sizes.set(sizes(size / 8, 0));
    Ok(b)
}

pub fn buf_data(b: Gc<RawBuf>) -> *mut u8 {
    // SAFETY: the data stands behind the struct.
    unsafe { b.raw().add(1) as *mut u8 }
}

fn capacity(b: Gc<ByteArrayObj>) -> usize {
    match b.buf.get() {
        // SAFETY: the word holds a `RawBuf`.
        Some(r) => unsafe { r.cast_unchecked::<RawBuf>().sizes.get() as u32 as usize * 8 - HEAD },
        None => 0,
    }
}

/// Where the data begins; dangling for an empty bytearray without a buffer.
pub fn data(b: Gc<ByteArrayObj>) -> *mut u8 {
    match b.buf.get() {
        // SAFETY: `start` lies inside the buffer.
        Some(r) => unsafe { buf_data(r.cast_unchecked()).add(b.start.get() as usize) },
        None => std::ptr::NonNull::dangling().as_ptr(),
    }
}

/// The data as it is now; dies with the next change of size.
#[inline]
pub fn bytearray_slice(b: Gc<ByteArrayObj>) -> &'static [u8] {
    // SAFETY: `len` bytes stand there; the slice keeps the buffer alive while it is on the stack.
    unsafe { std::slice::from_raw_parts(data(b), b.len.get() as usize) }
}

/// The data for writing.
pub fn bytearray_mut(b: Gc<ByteArrayObj>) -> &'static mut [u8] {
    // SAFETY: as above; the caller holds no other slice of it.
    unsafe { std::slice::from_raw_parts_mut(data(b), b.len.get() as usize) }
}

fn alloc(th: &Thread, shape: u32, extended: bool) -> R<Gc<ByteArrayObj>> {
    let o: Gc<ByteArrayObj> = th.alloc(
        shape,
        if extended { habu_heap::EXT } else { 0 },
        40 + extended as usize * 8,
    )?;
    o.buf.init(None);
    o.start.set(0);
    o.len.set(0);
    o.exports.set(0);
    if extended {
        // SAFETY: the sixth word is the attribute word.
        unsafe { *(o.raw() as *mut u64).add(5) = 0 };
    }
    Ok(o)
}

pub fn new_bytearray(th: &Thread, s: &[u8]) -> R {
    let o = alloc(th, C::ByteArray.shape(), false)?;
    set_all(th, o, s)?;
    Ok(o.value())
}

/// Replace the whole data.
fn set_all(th: &Thread, b: Gc<ByteArrayObj>, s: &[u8]) -> R<()> {
    splice(th, b, 0, b.len.get() as usize, s)
}

pub fn check_resize(th: &Thread, b: Gc<ByteArrayObj>) -> R<()> {
    if is_viewed(th, b) {
        return Err(raise(
            th,
            C::BufferError,
            "Existing exports of data: object cannot be re-sized",
        ));
    }
    Ok(())
}

/// Replace `from..to` by `s`, which is no slice of `b` itself.
pub fn splice(th: &Thread, b: Gc<ByteArrayObj>, from: usize, to: usize, s: &[u8]) -> R<()> {
    let n = b.len.get() as usize;
    let new_len = n - (to - from) + s.len();
    if new_len != n {
        check_resize(th, b)?;
    }
    if from == 0 && s.is_empty() && to < n {
        // Cutting off the front moves the start.
        b.start.set(b.start.get() + to as u64);
        b.len.set(new_len as u64);
        return Ok(());
    }
    let room = capacity(b) - b.start.get() as usize;
    if new_len > room
        || (b.buf.get().is_none() && new_len > 0)
        || (new_len < room / 4 && room > 4096)
    {
        let want = if n == 0 {
            new_len
        } else {
            new_len + new_len / 8 + if new_len < 9 { 3 } else { 6 }
        };
        let fresh = new_buf(th, want)?;
        // SAFETY: the new buffer has room for all three parts.
        unsafe {
            let (src, dst) = (data(b), buf_data(fresh));
            std::ptr::copy_nonoverlapping(src, dst, from);
            std::ptr::copy_nonoverlapping(s.as_ptr(), dst.add(from), s.len());
            std::ptr::copy_nonoverlapping(src.add(to), dst.add(from + s.len()), n - to);
        }
        th.set(b, &b.buf, Some(fresh.value()));
        b.start.set(0);
        b.len.set(new_len as u64);
        return Ok(());
    }
    // SAFETY: there is room for the new length behind `start`.
    unsafe {
        let p = data(b);
        std::ptr::copy(p.add(to), p.add(from + s.len()), n - to);
        std::ptr::copy_nonoverlapping(s.as_ptr(), p.add(from), s.len());
    }
    b.len.set(new_len as u64);
    Ok(())
}

fn obj(v: Value) -> Gc<ByteArrayObj> {
    expect(v)
}

pub fn make(th: &Thread, cls: Gc<TypeObj>, _a: Args) -> R {
    if cls == class(C::ByteArray) {
        return Ok(alloc(th, C::ByteArray.shape(), false)?.value());
    }
    Ok(alloc(th, crate::core::shape::root(cls).id(), true)?.value())
}

pub fn init(th: &Thread, a: Args) -> R {
    let b = obj(a.all()[0]);
    let d = match source(th, a.rest(), "bytearray")? {
        Ok(d) => d,
        Err(v) => match zeros(th, v)? {
            Some(d) => d,
            None => collect(th, v, "bytearray")?,
        },
    };
    set_all(th, b, &d)?;
    Ok(Value::NONE)
}

pub fn set_item(th: &Thread, v: Value, k: Value, x: Value) -> R {
    let b = obj(v);
    let Some(sl) = k.cast::<SliceObj>() else {
        position(th, v, k)?;
        let byte = byte_arg(th, x)?;
        // The value's `__index__` may have changed the size.
        let i = position(th, v, k)?;
        bytearray_mut(b)[i] = byte;
        return Ok(Value::NONE);
    };
    let d = if int::is_int(x) || x.is::<StrObj>() {
        return Err(type_error(
            th,
            "can assign only bytes, buffers, or iterables of ints in range(0, 256)",
        ));
    } else {
        collect(th, x, "bytearray")?
    };
    let (start, step, n) = slice_range(th, sl, this(v).len())?;
    if step == 1 {
        let start = start as usize;
        splice(th, b, start, start + n, &d)?;
        return Ok(Value::NONE);
    }
    if d.is_empty() {
        return delete_slice(th, b, start, step, n);
    }
    if d.len() != n {
        return Err(value_error(
            th,
            &format!(
                "attempt to assign bytes of size {} to extended slice of size {n}",
                d.len()
            ),
        ));
    }
    let s = bytearray_mut(b);
    for (i, &x) in d.iter().enumerate() {
        s[(start + i as i64 * step) as usize] = x;
    }
    Ok(Value::NONE)
}

fn delete_slice(th: &Thread, b: Gc<ByteArrayObj>, start: i64, step: i64, n: usize) -> R {
    let s = bytearray_slice(b);
    let mut gone = vec![false; s.len()];
    for i in 0..n {
        gone[(start + i as i64 * step) as usize] = true;
    }
    let kept: Vec<u8> = s
        .iter()
        .zip(&gone)
        .filter(|(_, g)| !**g)
        .map(|(&x, _)| x)
        .collect();
    set_all(th, b, &kept)?;
    Ok(Value::NONE)
}

pub fn del_item(th: &Thread, v: Value, k: Value) -> R {
    let b = obj(v);
    let Some(sl) = k.cast::<SliceObj>() else {
        let i = position(th, v, k)?;
        splice(th, b, i, i + 1, &[])?;
        return Ok(Value::NONE);
    };
    let (start, step, n) = slice_range(th, sl, this(v).len())?;
    if step == 1 {
        splice(th, b, start as usize, start as usize + n, &[])?;
        return Ok(Value::NONE);
    }
    delete_slice(th, b, start, step, n)
}

pub fn iadd(th: &Thread, v: Value, x: Value) -> R {
    let Some(s) = super::bytes_like(th, x)? else {
        return Err(type_error(
            th,
            &format!("can't concat {} to {}", type_name(x), type_name(v)),
        ));
    };
    if x == v && !s.is_empty() {
        // The operand's own data is exported while it is read.
        return Err(raise(
            th,
            C::BufferError,
            "Existing exports of data: object cannot be re-sized",
        ));
    }
    push_all(th, obj(v), s)?;
    Ok(v)
}

/// Append `s`, which may be a slice of `b` itself.
fn push_all(th: &Thread, b: Gc<ByteArrayObj>, s: &[u8]) -> R<()> {
    let n = b.len.get() as usize;
    let own = bytearray_slice(b).as_ptr_range();
    if own.contains(&s.as_ptr()) {
        let copy = s.to_vec();
        return splice(th, b, n, n, &copy);
    }
    splice(th, b, n, n, s)
}

pub fn imul(th: &Thread, v: Value, n: Value) -> R {
    let Some(n) = crate::types::string::count_arg(th, n)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let d = super::repeated(th, v, n)?;
    set_all(th, obj(v), &d)?;
    Ok(v)
}

pub fn alloc_size(_th: &Thread, v: Value) -> R {
    Ok(Value::small_int(capacity(obj(v)) as i64))
}

pub fn sizeof(_th: &Thread, v: Value) -> R {
    Ok(Value::small_int(56 + capacity(obj(v)) as i64))
}

fn reduce_with(th: &Thread, v: Value, proto: i64) -> R {
    let args = if proto < 3 {
        let s = text::latin1(th, this(v))?;
        let e = text::new(th, "latin-1")?;
        tuple::new_value(th, &[s.value(), e.value()])?
    } else {
        let b = super::new(th, this(v))?;
        tuple::new_value(th, &[b])?
    };
    let state = match crate::core::attr::get_opt(th, v, crate::names::nm(crate::names::N::Dict))? {
        Some(d) => d,
        None => Value::NONE,
    };
    tuple::new_value(th, &[crate::core::class::of(v).value(), args, state])
}

pub fn reduce(th: &Thread, v: Value) -> R {
    reduce_with(th, v, 2)
}

pub fn reduce_ex(th: &Thread, a: &[Value]) -> R {
    let proto = match a.get(1) {
        Some(&p) => arg::as_isize(th, p)?,
        None => 0,
    };
    reduce_with(th, a[0], proto)
}

pub fn append(th: &Thread, v: Value, x: Value) -> R {
    let byte = byte_arg(th, x)?;
    let b = obj(v);
    let n = b.len.get() as usize;
    splice(th, b, n, n, &[byte])?;
    Ok(Value::NONE)
}

pub fn clear(th: &Thread, v: Value) -> R {
    let b = obj(v);
    splice(th, b, 0, b.len.get() as usize, &[])?;
    Ok(Value::NONE)
}

pub fn copy(th: &Thread, v: Value) -> R {
    new_bytearray(th, this(v))
}

pub fn extend(th: &Thread, v: Value, x: Value) -> R {
    if x.kind() == kinds::STR {
        return Err(type_error(th, "expected iterable of integers; got: 'str'"));
    }
    if let Some(s) = super::bytes_like(th, x)? {
        push_all(th, obj(v), s)?;
        return Ok(Value::NONE);
    }
    if !crate::ops::iter::is_iterable(x) {
        return Err(type_error(
            th,
            &format!("can't extend bytearray with {}", type_name(x)),
        ));
    }
    let d = collect(th, x, "bytearray")?;
    push_all(th, obj(v), &d)?;
    Ok(Value::NONE)
}

pub fn insert(th: &Thread, v: Value, i: Value, x: Value) -> R {
    let i = arg::as_isize(th, i)?;
    let byte = byte_arg(th, x)?;
    let b = obj(v);
    let n = b.len.get() as i64;
    let i = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize;
    splice(th, b, i, i, &[byte])?;
    Ok(Value::NONE)
}

pub fn pop(th: &Thread, a: &[Value]) -> R {
    let b = obj(a[0]);
    let i = match a.get(1) {
        Some(&i) => arg::as_isize(th, i)?,
        None => -1,
    };
    let n = b.len.get() as i64;
    if n == 0 {
        return Err(raise(th, C::IndexError, "pop from empty bytearray"));
    }
    let i = if i < 0 { i + n } else { i };
    if i < 0 || i >= n {
        return Err(raise(th, C::IndexError, "pop index out of range"));
    }
    let x = bytearray_slice(b)[i as usize];
    splice(th, b, i as usize, i as usize + 1, &[])?;
    Ok(Value::small_int(x as i64))
}

pub fn remove(th: &Thread, v: Value, x: Value) -> R {
    let byte = byte_arg(th, x)?;
    match memchr::memchr(byte, this(v)) {
        Some(i) => {
            splice(th, obj(v), i, i + 1, &[])?;
            Ok(Value::NONE)
        }
        None => Err(value_error(th, "value not found in bytearray")),
    }
}

pub fn reverse(_th: &Thread, v: Value) -> R {
    bytearray_mut(obj(v)).reverse();
    Ok(Value::NONE)
}

pub fn resize(th: &Thread, v: Value, size: Value) -> R {
    let n = arg::as_isize(th, size)?;
    if n < 0 {
        return Err(value_error(
            th,
            &format!("bytearray.resize(): new size must be >= 0, got {n}"),
        ));
    }
    let (b, n) = (obj(v), n as usize);
    let old = b.len.get() as usize;
    if n > 1 << 40 {
        return Err(crate::error::out_of_memory(th));
    }
    if n < old {
        splice(th, b, n, old, &[])?;
    } else {
        splice(th, b, old, old, &vec![0; n - old])?;
    }
    Ok(Value::NONE)
}

/// The data of a bytes-like argument, as a copy that survives changes.
pub fn copied(th: &Thread, v: Value) -> R<Vec<u8>> {
    Ok(buffer(th, v)?.to_vec())
}

//! `bytes` and `bytearray`. Both share the methods in `bytes/search.rs`, `bytes/split.rs` and `bytes/methods.rs`,
//! which work on the receiver's slice and make results of the receiver's type; `bytes/bytearray.rs` holds what
//! changes a bytearray.
//!
//! What must hold: slices of heap data (`&'static`) are used on the stack only, where the collector sees them; a
//! bytearray's slice is copied before Python code may run.

use crate::classes::C;
use crate::core::class::{special_of, type_name};
use crate::core::string as text;
use crate::core::{int, list, parse as arg, tuple};
use crate::error::{raise, type_error, value_error};
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::runtime::{class, rt};
use crate::spec::{Args, MethodDef, TypeSpec, m1, m2, m3, mk, mv, type_flags as tf};
use crate::thread::{R, Thread, expect};
use crate::types::string::{count_arg, repeated_len, slice_range};
use habu_bytecode::opcode::compare as cmp;
use habu_heap::Value;

pub mod bytearray;
pub mod methods;
pub mod search;
mod split;

pub use bytearray::{bytearray_slice, new_bytearray};

pub static SPEC: TypeSpec = TypeSpec::new("bytes", kinds::BYTES)
    .flags(tf::BASE | tf::MATCH_SELF)
    .methods(&METHODS)
    .new_fn(make)
    .doc("bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\nbytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> empty bytes object\n\nConstruct an immutable array of bytes from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - any object implementing the buffer API.\n  - an integer");

pub static BYTEARRAY: TypeSpec = TypeSpec::new("bytearray", kinds::BYTEARRAY)
    .flags(tf::BASE | tf::MATCH_SELF)
    .methods(&BYTEARRAY_METHODS)
    .new_fn(bytearray::make)
    .doc("bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> bytes array of size given by the parameter initialized with null bytes\nbytearray() -> empty bytes array\n\nConstruct a mutable bytearray object from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - a bytes or a buffer object\n  - any object implementing the buffer API.\n  - an integer");

/// What both types have, and room for each one's own.
macro_rules! tables {
    ($($shared:expr),* ; $($bytes:expr),* ; $($array:expr),* $(,)?) => {
        static METHODS: [MethodDef; 64] = [$($shared,)* $($bytes,)*];
        static BYTEARRAY_METHODS: [MethodDef; 78] = [$($shared,)* $($array,)*];
    };
}

tables! {
    m2("__buffer__", view),
    m2("__add__", add),
    m2("__mul__", mul),
    m2("__rmul__", mul),
    m2("__mod__", rem),
    m2("__rmod__", rrem),
    m2("__contains__", contains),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__lt__", lt),
    m2("__le__", le),
    m2("__gt__", gt),
    m2("__ge__", ge),
    m1("__len__", len),
    m1("__iter__", iter),
    m2("__getitem__", get_item),
    m1("__repr__", repr),
    m1("__str__", repr),
    m1("capitalize", methods::capitalize).sig("($self, /)"),
    mv("center", methods::center, 2, 3).sig("($self, width, fillchar=b' ', /)"),
    mv("count", search::count_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    mk("decode", methods::decode).sig("($self, /, encoding='utf-8', errors='strict')"),
    mv("endswith", search::ends_with, 2, 4).sig("($self, suffix[, start[, end]], /)"),
    mk("expandtabs", methods::expandtabs).sig("($self, /, tabsize=8)"),
    mv("find", search::find_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    m2("fromhex", methods::fromhex).class().sig("($type, string, /)"),
    mk("hex", methods::hex).sig("($self, /, sep=<unrepresentable>, bytes_per_sep=1)"),
    mv("index", search::index_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    m1("isalnum", methods::isalnum).sig("($self, /)"),
    m1("isalpha", methods::isalpha).sig("($self, /)"),
    m1("isascii", methods::isascii).sig("($self, /)"),
    m1("isdigit", methods::isdigit).sig("($self, /)"),
    m1("islower", methods::islower).sig("($self, /)"),
    m1("isspace", methods::isspace).sig("($self, /)"),
    m1("istitle", methods::istitle).sig("($self, /)"),
    m1("isupper", methods::isupper).sig("($self, /)"),
    m2("join", methods::join).sig("($self, iterable_of_bytes, /)"),
    mv("ljust", methods::ljust, 2, 3).sig("($self, width, fillchar=b' ', /)"),
    m1("lower", methods::lower).sig("($self, /)"),
    mv("lstrip", methods::lstrip, 1, 2).sig("($self, bytes=None, /)"),
    m2("maketrans", methods::maketrans).stat().sig("(frm, to, /)"),
    m2("partition", split::partition).sig("($self, sep, /)"),
    m2("removeprefix", split::removeprefix).sig("($self, prefix, /)"),
    m2("removesuffix", split::removesuffix).sig("($self, suffix, /)"),
    mv("replace", search::replace, 3, 4).sig("($self, old, new, count=-1, /)"),
    mv("rfind", search::rfind_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    mv("rindex", search::rindex_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    mv("rjust", methods::rjust, 2, 3).sig("($self, width, fillchar=b' ', /)"),
    m2("rpartition", split::rpartition).sig("($self, sep, /)"),
    mk("rsplit", split::rsplit).sig("($self, /, sep=None, maxsplit=-1)"),
    mv("rstrip", methods::rstrip, 1, 2).sig("($self, bytes=None, /)"),
    mk("split", split::split).sig("($self, /, sep=None, maxsplit=-1)"),
    mk("splitlines", split::splitlines).sig("($self, /, keepends=False)"),
    mv("startswith", search::starts_with, 2, 4).sig("($self, prefix[, start[, end]], /)"),
    mv("strip", methods::strip, 1, 2).sig("($self, bytes=None, /)"),
    m1("swapcase", methods::swapcase).sig("($self, /)"),
    m1("title", methods::title).sig("($self, /)"),
    mk("translate", methods::translate).sig("($self, table, /, delete=b'')"),
    m1("upper", methods::upper).sig("($self, /)"),
    m2("zfill", methods::zfill).sig("($self, width, /)");
    m1("__hash__", hash),
    m1("__bytes__", exact),
    m1("__getnewargs__", getnewargs),
    m1("__sizeof__", sizeof);
    mk("__init__", bytearray::init),
    m3("__setitem__", bytearray::set_item),
    m2("__delitem__", bytearray::del_item),
    m2("__iadd__", bytearray::iadd),
    m2("__imul__", bytearray::imul),
    m1("__alloc__", bytearray::alloc_size),
    m1("__sizeof__", bytearray::sizeof),
    m1("__reduce__", bytearray::reduce),
    mv("__reduce_ex__", bytearray::reduce_ex, 1, 2),
    m2("append", bytearray::append).sig("($self, item, /)"),
    m1("clear", bytearray::clear).sig("($self, /)"),
    m1("copy", bytearray::copy).sig("($self, /)"),
    m2("extend", bytearray::extend).sig("($self, iterable_of_ints, /)"),
    m3("insert", bytearray::insert).sig("($self, index, item, /)"),
    mv("pop", bytearray::pop, 1, 2).sig("($self, index=-1, /)"),
    m2("remove", bytearray::remove).sig("($self, value, /)"),
    m1("reverse", bytearray::reverse).sig("($self, /)"),
    m2("resize", bytearray::resize).sig("($self, size, /)"),
}

pub fn empty() -> Gc<BytesObj> {
    // SAFETY: set at start.
    unsafe { rt().empty_bytes.get_unchecked().cast_unchecked() }
}

const HEAD: usize = std::mem::size_of::<BytesObj>();

fn alloc(th: &Thread, shape: u32, data: &[u8], extended: bool) -> R<Gc<BytesObj>> {
    let size = HEAD + data.len().div_ceil(8) * 8 + extended as usize * 8;
    let o: Gc<BytesObj> = th.alloc(shape, if extended { habu_heap::EXT } else { 0 }, size)?;
    o.sizes.set(sizes(size / 8, 0));
    o.len.set(data.len() as u64);
    o.hash.set(0);
    // SAFETY: room for the data stands behind the struct; an extended object's last word is for attributes.
    unsafe {
        std::ptr::copy_nonoverlapping(data.as_ptr(), o.raw().add(1) as *mut u8, data.len());
        if extended {
            *(o.raw() as *mut u64).add(size / 8 - 1) = 0;
        }
    }
    Ok(o)
}

pub fn new_obj(th: &Thread, data: &[u8]) -> R<Gc<BytesObj>> {
    if data.is_empty() && rt().empty_bytes.get().is_some() {
        return Ok(empty());
    }
    alloc(th, C::Bytes.shape(), data, false)
}

pub fn new(th: &Thread, data: &[u8]) -> R {
    Ok(new_obj(th, data)?.value())
}

/// The data of a bytes or bytearray.
#[inline]
pub fn as_slice(v: Value) -> Option<&'static [u8]> {
    if let Some(b) = v.cast::<BytesObj>() {
        // SAFETY: bytes do not change, and the slice keeps the object alive while it is on the stack.
        return Some(unsafe { std::mem::transmute::<&[u8], &'static [u8]>(b.as_slice()) });
    }
    v.cast::<ByteArrayObj>().map(bytearray_slice)
}

/// The receiver's data.
fn this(v: Value) -> &'static [u8] {
    match as_slice(v) {
        Some(s) => s,
        None => unreachable!("a bytes method got no bytes"),
    }
}

/// The data of any object with a buffer; `None` where `v` has none.
pub fn bytes_like(th: &Thread, v: Value) -> R<Option<&'static [u8]>> {
    match as_slice(v) {
        Some(s) => Ok(Some(s)),
        None => crate::types::memoryview::bytes_of(th, v),
    }
}

/// The data of a bytes-like argument.
pub fn buffer(th: &Thread, v: Value) -> R<&'static [u8]> {
    match bytes_like(th, v)? {
        Some(s) => Ok(s),
        None => Err(type_error(
            th,
            &format!("a bytes-like object is required, not '{}'", type_name(v)),
        )),
    }
}

/// Write into a writable buffer, from byte `at` of it on.
pub fn write_into(th: &Thread, v: Value, at: usize, data: &[u8]) -> R<()> {
    crate::types::memoryview::write(th, v, at, data)
}

/// BufferError where flags of the buffer protocol ask to write what is read-only.
pub fn check_flags(th: &Thread, flags: Value, read_only: bool) -> R<()> {
    let flags = arg::as_i32(th, flags)?;
    if read_only && flags & 1 != 0 {
        return Err(raise(th, C::BufferError, "Object is not writable."));
    }
    Ok(())
}
/// `__buffer__`.
fn view(th: &Thread, v: Value, flags: Value) -> R {
    check_flags(th, flags, v.kind() == kinds::BYTES)?;
    crate::types::memoryview::over(th, v, v, 0, this(v).len(), b'B')
}

/// A result of the same type as `like`.
fn same_type(th: &Thread, like: Value, data: &[u8]) -> R {
    if like.kind() == kinds::BYTEARRAY {
        new_bytearray(th, data)
    } else {
        new(th, data)
    }
}

/// A result equal to the receiver: bytes return themselves, a bytearray a copy.
fn unchanged(th: &Thread, v: Value) -> R {
    if v.shape() == C::Bytes.shape() {
        Ok(v)
    } else {
        same_type(th, v, this(v))
    }
}

/// One byte from an integer argument.
pub fn byte_arg(th: &Thread, v: Value) -> R<u8> {
    let i = arg::index(th, v)?;
    match int::to_i64(i) {
        Some(b) if (0..256).contains(&b) => Ok(b as u8),
        _ => Err(value_error(th, "byte must be in range(0, 256)")),
    }
}

/// The items of a buffer or of an iterable of small ints. `target` is the type that is wanted.
pub fn collect(th: &Thread, v: Value, target: &str) -> R<Vec<u8>> {
    if let Some(s) = bytes_like(th, v)? {
        return Ok(s.to_vec());
    }
    if v.kind() == kinds::STR || !crate::ops::iter::is_iterable(v) {
        return Err(type_error(
            th,
            &format!("cannot convert '{}' object to {target}", type_name(v)),
        ));
    }
    let range = if target == "bytes" {
        "bytes must be in range(0, 256)"
    } else {
        "byte must be in range(0, 256)"
    };
    let mut out = Vec::new();
    let item = |x: Value| -> R<u8> {
        let i = arg::index(th, x)?;
        match int::to_i64(i) {
            Some(b) if (0..256).contains(&b) => Ok(b as u8),
            _ => Err(value_error(th, range)),
        }
    };
    if v.shape() == C::List.shape() {
        let l: Gc<ListObj> = expect(v);
        while let Some(x) = list::get(l, out.len()) {
            out.push(item(x)?);
        }
        return Ok(out);
    }
    crate::ops::iter::each(th, v, &mut |x| {
        out.push(item(x)?);
        Ok(true)
    })?;
    Ok(out)
}

/// `bytes(v)` as plain data, for a `v` that is no str and no int.
pub fn from_object(th: &Thread, v: Value) -> R<Vec<u8>> {
    if v.shape() == C::Bytes.shape() {
        return Ok(this(v).to_vec());
    }
    if let Some(f) = special_of(v, N::Bytes) {
        let r = crate::ops::call::call_special(th, f, v, &[])?;
        return match r.cast::<BytesObj>() {
            Some(b) => Ok(b.as_slice().to_vec()),
            None => Err(type_error(
                th,
                &format!("__bytes__ returned non-bytes (type {})", type_name(r)),
            )),
        };
    }
    collect(th, v, "bytes")
}

/// Source, encoding and errors of `bytes()` and `bytearray()`. `None`: the source is `object` itself.
fn source(th: &Thread, a: Args, name: &'static str) -> R<Result<Vec<u8>, Value>> {
    let p = arg::Params {
        func: name,
        names: ["source", "encoding", "errors"],
        pos_only: 0,
        required: 0,
        max_pos: 3,
    };
    let [v, encoding, errors] = arg::parse(th, a, &p)?;
    let word = |v: Option<Value>, what: &str| -> R<Option<String>> {
        match v {
            None => Ok(None),
            Some(v) => match v.cast::<StrObj>() {
                Some(s) => Ok(Some(s.to_rust().into_owned())),
                None => Err(type_error(
                    th,
                    &format!(
                        "{name}() argument '{what}' must be str, not {}",
                        crate::types::string::arg_type(v)
                    ),
                )),
            },
        }
    };
    let (encoding, errors) = (word(encoding, "encoding")?, word(errors, "errors")?);
    let Some(v) = v else {
        if encoding.is_some() || errors.is_some() {
            let what = if encoding.is_some() {
                "encoding"
            } else {
                "errors"
            };
            return Err(type_error(th, &format!("{what} without a string argument")));
        }
        return Ok(Ok(Vec::new()));
    };
    if let Some(s) = v.cast::<StrObj>() {
        return match encoding {
            Some(e) => {
                crate::codecs::encode(th, s, &e, errors.as_deref().unwrap_or("strict")).map(Ok)
            }
            None if special_of(v, N::Bytes).is_some() && errors.is_none() => {
                from_object(th, v).map(Ok)
            }
            None => Err(type_error(th, "string argument without an encoding")),
        };
    }
    if encoding.is_some() || errors.is_some() {
        let what = if encoding.is_some() {
            "encoding"
        } else {
            "errors"
        };
        return Err(type_error(th, &format!("{what} without a string argument")));
    }
    Ok(Err(v))
}

/// `count` zero bytes, where `v` is an integer.
fn zeros(th: &Thread, v: Value) -> R<Option<Vec<u8>>> {
    if !int::is_int(v) && special_of(v, N::Index).is_none() {
        return Ok(None);
    }
    let i = arg::index(th, v)?;
    match int::to_i64(i) {
        Some(n) if n < 0 => Err(value_error(th, "negative count")),
        Some(n) if n < 1 << 40 => {
            crate::error::check_size(th, n as usize)?;
            Ok(Some(vec![0; n as usize]))
        }
        Some(_) => Err(crate::error::out_of_memory(th)),
        None => Err(raise(
            th,
            C::OverflowError,
            &format!("cannot fit '{}' into an index-sized integer", type_name(v)),
        )),
    }
}

fn make(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let exact_class = cls == class(C::Bytes);
    let data = match source(th, a, "bytes")? {
        Ok(d) => d,
        Err(v) if exact_class && v.shape() == C::Bytes.shape() => return Ok(v),
        Err(v) if special_of(v, N::Bytes).is_some() => from_object(th, v)?,
        Err(v) => match zeros(th, v)? {
            Some(d) => d,
            None => from_object(th, v)?,
        },
    };
    if exact_class {
        return new(th, &data);
    }
    Ok(alloc(th, crate::core::shape::root(cls).id(), &data, true)?.value())
}

fn exact(th: &Thread, v: Value) -> R {
    unchanged(th, v)
}

fn getnewargs(th: &Thread, v: Value) -> R {
    let b = new(th, this(v))?;
    tuple::new_value(th, &[b])
}

fn sizeof(_th: &Thread, v: Value) -> R {
    Ok(Value::small_int(33 + this(v).len() as i64))
}

fn hash(th: &Thread, v: Value) -> R {
    int::from_i64(th, crate::ops::hash::bytes_hash(expect(v)))
}

fn len(_th: &Thread, v: Value) -> R {
    Ok(Value::small_int(this(v).len() as i64))
}

fn iter(th: &Thread, v: Value) -> R {
    let c = if v.kind() == kinds::BYTEARRAY {
        C::ByteArrayIter
    } else {
        C::BytesIter
    };
    crate::types::iters::index_iter(th, c, kinds::BYTES_ITER, v)
}

fn add(th: &Thread, a: Value, b: Value) -> R {
    let Some(y) = bytes_like(th, b)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let x = this(a);
    if y.is_empty() && a.shape() == C::Bytes.shape() {
        return Ok(a);
    }
    if x.is_empty() && a.shape() == C::Bytes.shape() && b.shape() == C::Bytes.shape() {
        return Ok(b);
    }
    let mut out = Vec::with_capacity(x.len() + y.len());
    out.extend_from_slice(x);
    out.extend_from_slice(y);
    same_type(th, a, &out)
}

fn repeated(th: &Thread, v: Value, n: usize) -> R<Vec<u8>> {
    let s = this(v);
    let too_long = (v.kind() == kinds::BYTES).then_some("repeated bytes are too long");
    let total = repeated_len(th, s.len(), n, too_long)?;
    crate::error::check_size(th, total)?;
    Ok(s.repeat(n))
}

fn mul(th: &Thread, v: Value, n: Value) -> R {
    match count_arg(th, n)? {
        Some(1) => unchanged(th, v),
        Some(n) => {
            let r = repeated(th, v, n)?;
            same_type(th, v, &r)
        }
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn rem(th: &Thread, v: Value, args: Value) -> R {
    let fmt = this(v).to_vec();
    let r = crate::types::string_format::percent_bytes(th, &fmt, args)?;
    same_type(th, v, &r)
}

fn rrem(th: &Thread, args: Value, v: Value) -> R {
    if as_slice(v).is_none() {
        Ok(Value::NOT_IMPLEMENTED)
    } else {
        rem(th, v, args)
    }
}

fn contains(th: &Thread, v: Value, x: Value) -> R {
    if int::is_int(x) || (special_of(x, N::Index).is_some() && as_slice(x).is_none()) {
        let b = byte_arg(th, x)?;
        return Ok(Value::bool(memchr::memchr(b, this(v)).is_some()));
    }
    let n = buffer(th, x)?;
    Ok(Value::bool(memchr::memmem::find(this(v), n).is_some()))
}

fn rich(th: &Thread, a: Value, b: Value, op: u32) -> R {
    let y = if a.kind() == kinds::BYTES {
        match b.cast::<BytesObj>() {
            Some(_) => this(b),
            None => return Ok(Value::NOT_IMPLEMENTED),
        }
    } else {
        match bytes_like(th, b)? {
            Some(y) => y,
            None => return Ok(Value::NOT_IMPLEMENTED),
        }
    };
    Ok(Value::bool(crate::ops::compare::holds(op, this(a).cmp(y))))
}

macro_rules! comparisons {
    ($($f:ident $op:expr;)*) => {$(
        fn $f(th: &Thread, x: Value, y: Value) -> R {
            rich(th, x, y, $op)
        }
    )*};
}

comparisons! {
    eq cmp::EQ;
    ne cmp::NE;
    lt cmp::LT;
    le cmp::LE;
    gt cmp::GT;
    ge cmp::GE;
}

/// An integer index as a position, checked against the length.
fn position(th: &Thread, v: Value, k: Value) -> R<usize> {
    let array = v.kind() == kinds::BYTEARRAY;
    if !int::is_int(k) && special_of(k, N::Index).is_none() {
        let what = if array { "bytearray" } else { "byte" };
        return Err(type_error(
            th,
            &format!(
                "{what} indices must be integers or slices, not {}",
                type_name(k)
            ),
        ));
    }
    let i = arg::as_index(th, k)?;
    let n = this(v).len() as i64;
    let i = if i < 0 { i + n } else { i };
    if i < 0 || i >= n {
        let text = if array {
            "bytearray index out of range"
        } else {
            "index out of range"
        };
        return Err(raise(th, C::IndexError, text));
    }
    Ok(i as usize)
}

fn get_item(th: &Thread, v: Value, k: Value) -> R {
    let Some(sl) = k.cast::<SliceObj>() else {
        let i = position(th, v, k)?;
        return match this(v).get(i) {
            Some(&b) => Ok(Value::small_int(b as i64)),
            None => Err(raise(th, C::IndexError, "index out of range")),
        };
    };
    let (start, step, n) = slice_range(th, sl, this(v).len())?;
    let s = this(v);
    if step == 1 {
        if n == s.len() {
            return unchanged(th, v);
        }
        let start = start.max(0) as usize;
        return same_type(th, v, s.get(start..start + n).unwrap_or(&[]));
    }
    let out: Vec<u8> = (0..n)
        .filter_map(|i| s.get((start + i as i64 * step) as usize).copied())
        .collect();
    same_type(th, v, &out)
}

/// `b'…'`.
pub fn repr_of(s: &[u8]) -> String {
    quoted(s, false)
}

/// A bytearray's repr has a backslash before every single quote, even inside double ones.
fn quoted(s: &[u8], array: bool) -> String {
    let quote = if s.contains(&b'\'') && !s.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(s.len() + 3);
    out.push('b');
    out.push(quote);
    for &c in s {
        match c {
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\\' => out.push_str("\\\\"),
            c if c as char == quote || (array && c == b'\'') => {
                out.push('\\');
                out.push(c as char);
            }
            32..127 => out.push(c as char),
            _ => out.push_str(&format!("\\x{c:02x}")),
        }
    }
    out.push(quote);
    out
}

fn repr(th: &Thread, v: Value) -> R {
    let array = v.kind() == kinds::BYTEARRAY;
    let body = quoted(this(v), array);
    if array {
        return text::new_value(th, &format!("{}({body})", type_name(v)));
    }
    text::new_value(th, &body)
}

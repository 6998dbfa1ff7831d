//! `array`: sequences of one number type, in the memory of a bytearray of their own.
//!
//! What must hold: whatever may run Python code (converting a value, taking from an iterator) is over before the
//! bytes are touched, as it may change the array.

mod items;

use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, class_make, dict, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call, iter};
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, m3, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Raised, Thread, expect};
use habu_runtime::types::bytes::bytearray::{bytearray_mut, bytearray_slice, splice};
use habu_runtime::types::{self, bytes, generic_alias, iters, list as lists, memoryview, slice};
use habu_runtime::value::{Slot, Value};

// Words: a bytearray, the type code.
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: arrays have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn store(v: Value) -> Gc<ByteArrayObj> {
    expect(slot(v, 0).get().unwrap_or(Value::NONE))
}
fn code(v: Value) -> u8 {
    slot(v, 1).get().and_then(|c| c.as_int()).unwrap_or(0) as u8
}
fn size(v: Value) -> usize {
    items::size_of(code(v))
}
fn data(v: Value) -> &'static [u8] {
    bytearray_slice(store(v))
}
fn count_of(v: Value) -> usize {
    data(v).len() / size(v)
}
fn is_array(v: Value) -> bool {
    v.kind() == kinds::RECORD && std::ptr::eq(native_spec(v), &ARRAY)
}
/// The spec of the nearest native class.
fn native_spec(v: Value) -> &'static TypeSpec {
    class::of(v).spec()
}
fn make(th: &Thread, cls: Gc<TypeObj>, code: u8, b: &[u8]) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    let s = bytes::new_bytearray(th, b)?;
    th.set_in(v, slot(v, 0), Some(s));
    slot(v, 1).init(Some(Value::small_int(code as i64)));
    Ok(v)
}
/// An array like `v` with other data.
fn like(th: &Thread, v: Value, b: &[u8]) -> R {
    make(th, array_class(th)?, code(v), b)
}
fn array_class(th: &Thread) -> R<Gc<TypeObj>> {
    let me = habu_runtime::import::import_module(th, "array")?;
    Ok(expect(attr::get_text(th, me, "array")?))
}
fn put(th: &Thread, v: Value, from: usize, to: usize, b: &[u8]) -> R<()> {
    let s = store(v);
    if to - from != b.len() && memoryview::exports::is_viewed(th, s) {
        return Err(error::raise(
            th,
            C::BufferError,
            "cannot resize an array that is exporting buffers",
        ));
    }
    splice(th, s, from, to, b)
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    if a.kw_len() > 0 && std::ptr::eq(cls.spec(), &ARRAY) && cls == array_class(th)? {
        return Err(error::type_error(
            th,
            "array.array() takes no keyword arguments",
        ));
    }
    let pos = a.pos();
    parse::check_count(th, "array", pos.len(), 1, 2)?;
    let c = match pos[0].cast::<StrObj>() {
        Some(s) if s.len() == 1 => s.at(0),
        Some(s) => {
            let text = format!(
                "array() argument 1 must be a unicode character, not a string of length {}",
                s.len()
            );
            return Err(error::type_error(th, &text));
        }
        None => {
            let text = format!(
                "array() argument 1 must be a unicode character, not {}",
                class::type_name(pos[0])
            );
            return Err(error::type_error(th, &text));
        }
    };
    let Some(c) = items::CODES.bytes().find(|x| *x as u32 == c) else {
        return Err(error::value_error(
            th,
            "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)",
        ));
    };
    if c == b'u' {
        let text = "The 'u' type code is deprecated and will be removed in Python 3.16";
        m::warnings::warn(th, C::DeprecationWarning, text, 1)?;
    }
    let v = make(th, cls, c, &[])?;
    let Some(&x) = pos.get(1) else { return Ok(v) };
    if x.is::<StrObj>() {
        if !items::is_text(c) {
            let text = format!(
                "cannot use a str to initialize an array with typecode '{}'",
                c as char
            );
            return Err(error::type_error(th, &text));
        }
        fromunicode(th, v, x)?;
    } else if is_array(x) && items::is_text(code(x)) && !items::is_text(c) {
        let text = format!(
            "cannot use a unicode array to initialize an array with typecode '{}'",
            c as char
        );
        return Err(error::type_error(th, &text));
    } else if let Some(b) = bytes::as_slice(x) {
        frombytes_slice(th, v, b)?;
    } else if is_array(x) && code(x) == c {
        put(th, v, 0, 0, data(x))?;
    } else {
        extend_items(th, v, x)?;
    }
    Ok(v)
}
fn extend_items(th: &Thread, v: Value, x: Value) -> R<()> {
    let it = iter::get(th, x)?;
    while let Some(x) = iter::next(th, it)? {
        append(th, v, x)?;
    }
    Ok(())
}
fn append(th: &Thread, v: Value, x: Value) -> R {
    let b = items::store(th, code(v), x)?;
    let n = data(v).len();
    put(th, v, n, n, &b[..size(v)])?;
    Ok(Value::NONE)
}
fn extend(th: &Thread, v: Value, x: Value) -> R {
    if is_array(x) {
        if code(x) != code(v) {
            return Err(error::type_error(
                th,
                "can only extend with array of same kind",
            ));
        }
        let n = data(v).len();
        // A copy: `x` may be the array itself.
        let more = data(x).to_vec();
        put(th, v, n, n, &more)?;
        return Ok(Value::NONE);
    }
    extend_items(th, v, x)?;
    Ok(Value::NONE)
}
fn fromlist(th: &Thread, v: Value, x: Value) -> R {
    let Some(l) = x.cast::<ListObj>() else {
        return Err(error::type_error(th, "arg must be list"));
    };
    let n = list::len(l);
    let mut new = Vec::new();
    let mut i = 0;
    while let Some(x) = list::get(l, i) {
        new.extend_from_slice(&items::store(th, code(v), x)?[..size(v)]);
        if list::len(l) != n {
            return Err(error::raise(
                th,
                C::RuntimeError,
                "list changed size during iteration",
            ));
        }
        i += 1;
    }
    let n = data(v).len();
    put(th, v, n, n, &new)?;
    Ok(Value::NONE)
}
fn frombytes_slice(th: &Thread, v: Value, b: &[u8]) -> R<()> {
    if !b.len().is_multiple_of(size(v)) {
        return Err(error::value_error(
            th,
            "bytes length not a multiple of item size",
        ));
    }
    let n = data(v).len();
    put(th, v, n, n, b)
}
fn frombytes(th: &Thread, v: Value, x: Value) -> R {
    let b = bytes::buffer(th, x)?.to_vec();
    frombytes_slice(th, v, &b)?;
    Ok(Value::NONE)
}
fn fromfile(th: &Thread, v: Value, f: Value, n: Value) -> R {
    let n = parse::as_isize(th, n)?;
    if n < 0 {
        return Err(error::value_error(th, "negative count"));
    }
    let Some(want) = n.checked_mul(size(v) as i64) else {
        return Err(error::out_of_memory(th));
    };
    let got = call::method_named(th, f, "read", &[Value::small_int(want)])?;
    let Some(b) = got.cast::<BytesObj>() else {
        return Err(error::type_error(th, "read() didn't return bytes"));
    };
    let b = b.as_slice().to_vec();
    frombytes_slice(th, v, &b)?;
    if b.len() as i64 != want {
        return Err(error::raise(
            th,
            C::EOFError,
            "read() didn't return enough bytes",
        ));
    }
    Ok(Value::NONE)
}
fn tofile(th: &Thread, v: Value, f: Value) -> R {
    let b = data(v).to_vec();
    for part in b.chunks(64 << 10) {
        let part = bytes::new(th, part)?;
        call::method_named(th, f, "write", &[part])?;
    }
    Ok(Value::NONE)
}
fn tobytes(th: &Thread, v: Value) -> R {
    bytes::new(th, data(v))
}
fn text_only(th: &Thread, v: Value, what: &str) -> R<()> {
    if items::is_text(code(v)) {
        return Ok(());
    }
    let text = format!("{what}() may only be called on unicode type arrays ('u' or 'w')");
    Err(error::value_error(th, &text))
}
fn fromunicode(th: &Thread, v: Value, x: Value) -> R {
    let Some(s) = x.cast::<StrObj>() else {
        let text = format!(
            "fromunicode() argument must be str, not {}",
            class::type_name(x)
        );
        return Err(error::type_error(th, &text));
    };
    text_only(th, v, "fromunicode")?;
    let b: Vec<u8> = s.chars().flat_map(u32::to_le_bytes).collect();
    let n = data(v).len();
    put(th, v, n, n, &b)?;
    Ok(Value::NONE)
}
fn tounicode(th: &Thread, v: Value) -> R {
    text_only(th, v, "tounicode")?;
    let mut out = Vec::new();
    for b in data(v).chunks_exact(4) {
        let c = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        items::character(th, code(v), c)?;
        out.push(c);
    }
    Ok(string::from_u32(th, &out)?.value())
}
fn get(th: &Thread, v: Value, i: usize) -> R<Option<Value>> {
    let n = size(v);
    match data(v).get(i * n..i * n + n) {
        Some(b) => items::load(th, code(v), b).map(Some),
        None => Ok(None),
    }
}
fn tolist(th: &Thread, v: Value) -> R {
    let l = list::new(th)?;
    let mut i = 0;
    while let Some(x) = get(th, v, i)? {
        list::push(th, l, x)?;
        i += 1;
    }
    Ok(l.value())
}
fn len(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(count_of(v) as i64))
}
fn position(th: &Thread, v: Value, k: Value, text: &str) -> R<usize> {
    if class::special_of(k, habu_runtime::names::N::Index).is_none() {
        return Err(error::type_error(th, "array indices must be integers"));
    }
    let i = parse::as_index(th, k)?;
    let n = count_of(v) as i64;
    let i = if i < 0 { i + n } else { i };
    if (0..n).contains(&i) {
        return Ok(i as usize);
    }
    Err(error::raise(th, C::IndexError, text))
}
fn getitem(th: &Thread, v: Value, k: Value) -> R {
    if let Some(s) = k.cast::<SliceObj>() {
        let (a, b, step) = slice::indices(th, s, count_of(v))?;
        let n = size(v);
        let d = data(v);
        let mut out = Vec::new();
        for i in 0..slice::count(a, b, step) as i64 {
            let at = (a + i * step) as usize * n;
            out.extend_from_slice(&d[at..at + n]);
        }
        return like(th, v, &out);
    }
    let i = position(th, v, k, "array index out of range")?;
    Ok(get(th, v, i)?.unwrap_or(Value::NONE))
}
fn setitem(th: &Thread, v: Value, k: Value, x: Value) -> R {
    let n = size(v);
    if let Some(s) = k.cast::<SliceObj>() {
        if !is_array(x) {
            let text = format!(
                "can only assign array (not \"{}\") to array slice",
                class::type_name(x)
            );
            return Err(error::type_error(th, &text));
        }
        if code(x) != code(v) {
            return Err(bad_argument(th));
        }
        let new = data(x).to_vec();
        let (a, b, step) = slice::indices(th, s, count_of(v))?;
        let want = slice::count(a, b, step);
        if step == 1 {
            let (a, b) = (a as usize, b.max(a) as usize);
            put(th, v, a * n, b * n, &new)?;
            return Ok(Value::NONE);
        }
        if new.len() != want * n {
            let text = format!(
                "attempt to assign array of size {} to extended slice of size {want}",
                new.len() / n
            );
            return Err(error::value_error(th, &text));
        }
        let d = bytearray_mut(store(v));
        for (i, item) in new.chunks_exact(n).enumerate() {
            let at = (a + i as i64 * step) as usize * n;
            d[at..at + n].copy_from_slice(item);
        }
        return Ok(Value::NONE);
    }
    let text = "array assignment index out of range";
    position(th, v, k, text)?;
    let b = items::store(th, code(v), x)?;
    let at = position(th, v, k, text)? * n;
    bytearray_mut(store(v))[at..at + n].copy_from_slice(&b[..n]);
    Ok(Value::NONE)
}
fn delitem(th: &Thread, v: Value, k: Value) -> R {
    let n = size(v);
    if let Some(s) = k.cast::<SliceObj>() {
        let (a, b, step) = slice::indices(th, s, count_of(v))?;
        let mut gone = vec![false; count_of(v)];
        for i in 0..slice::count(a, b, step) as i64 {
            gone[(a + i * step) as usize] = true;
        }
        let left: Vec<u8> = data(v)
            .chunks_exact(n)
            .zip(&gone)
            .filter(|(_, g)| !**g)
            .flat_map(|(b, _)| b.to_vec())
            .collect();
        put(th, v, 0, data(v).len(), &left)?;
        return Ok(Value::NONE);
    }
    let i = position(th, v, k, "array assignment index out of range")?;
    put(th, v, i * n, i * n + n, &[])?;
    Ok(Value::NONE)
}
fn insert(th: &Thread, v: Value, i: Value, x: Value) -> R {
    let i = parse::as_index(th, i)?;
    let b = items::store(th, code(v), x)?;
    let n = count_of(v) as i64;
    let i = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize * size(v);
    put(th, v, i, i, &b[..size(v)])?;
    Ok(Value::NONE)
}
fn pop(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let i = match a.get(1) {
        Some(&i) => parse::as_index(th, i)?,
        None => -1,
    };
    let n = count_of(v) as i64;
    if n == 0 {
        return Err(error::raise(th, C::IndexError, "pop from empty array"));
    }
    let i = if i < 0 { i + n } else { i };
    if !(0..n).contains(&i) {
        return Err(error::raise(th, C::IndexError, "pop index out of range"));
    }
    let x = get(th, v, i as usize)?.unwrap_or(Value::NONE);
    let at = i as usize * size(v);
    put(th, v, at, at + size(v), &[])?;
    Ok(x)
}
fn find(th: &Thread, v: Value, x: Value, from: usize, to: usize) -> R<Option<usize>> {
    let mut i = from;
    while i < to
        && let Some(y) = get(th, v, i)?
    {
        if ops::compare::eq_bool(th, y, x)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}
fn index(th: &Thread, a: &[Value]) -> R {
    let (from, to) = lists::search_range(th, a, count_of(a[0]))?;
    match find(th, a[0], a[1], from, to)? {
        Some(i) => Ok(Value::small_int(i as i64)),
        None => Err(error::value_error(th, "array.index(x): x not in array")),
    }
}
fn count(th: &Thread, v: Value, x: Value) -> R {
    let (mut n, mut i) = (0, 0);
    while let Some(k) = find(th, v, x, i, usize::MAX)? {
        n += 1;
        i = k + 1;
    }
    Ok(Value::small_int(n))
}
fn contains(th: &Thread, v: Value, x: Value) -> R {
    Ok(Value::bool(find(th, v, x, 0, usize::MAX)?.is_some()))
}
fn remove(th: &Thread, v: Value, x: Value) -> R {
    match find(th, v, x, 0, usize::MAX)? {
        Some(i) if i < count_of(v) => {
            let at = i * size(v);
            put(th, v, at, at + size(v), &[])?;
            Ok(Value::NONE)
        }
        _ => Err(error::value_error(th, "array.remove(x): x not in array")),
    }
}
fn clear(th: &Thread, v: Value) -> R {
    put(th, v, 0, data(v).len(), &[])?;
    Ok(Value::NONE)
}
fn reverse(_: &Thread, v: Value) -> R {
    let n = size(v);
    let b: Vec<u8> = data(v)
        .chunks_exact(n)
        .rev()
        .flat_map(|c| c.to_vec())
        .collect();
    bytearray_mut(store(v)).copy_from_slice(&b);
    Ok(Value::NONE)
}
fn byteswap(_: &Thread, v: Value) -> R {
    for c in bytearray_mut(store(v)).chunks_exact_mut(size(v)) {
        c.reverse();
    }
    Ok(Value::NONE)
}
fn buffer_info(th: &Thread, v: Value) -> R {
    let p = int::from_usize(th, data(v).as_ptr() as usize)?;
    tuple::new_value(th, &[p, Value::small_int(count_of(v) as i64)])
}
fn bad_argument(th: &Thread) -> Raised {
    error::type_error(th, "bad argument type for built-in operation")
}
fn add(th: &Thread, v: Value, x: Value) -> R {
    if !is_array(x) {
        let text = format!(
            "can only append array (not \"{}\") to array",
            class::type_name(x)
        );
        return Err(error::type_error(th, &text));
    }
    if code(x) != code(v) {
        return Err(bad_argument(th));
    }
    let all = [data(v), data(x)].concat();
    like(th, v, &all)
}
fn iadd(th: &Thread, v: Value, x: Value) -> R {
    if !is_array(x) {
        let text = format!(
            "can only extend with array (not \"{}\")",
            class::type_name(x)
        );
        return Err(error::type_error(th, &text));
    }
    extend(th, v, x)?;
    Ok(v)
}
fn repeated(th: &Thread, v: Value, n: Value) -> R<Vec<u8>> {
    let Some(n) = types::string::count_arg(th, n)? else {
        let text = format!(
            "can't multiply sequence by non-int of type '{}'",
            class::type_name(n)
        );
        return Err(error::type_error(th, &text));
    };
    let total = types::string::repeated_len(th, data(v).len(), n, None)?;
    error::check_size(th, total)?;
    Ok(data(v).repeat(n))
}
fn mul(th: &Thread, v: Value, n: Value) -> R {
    let b = repeated(th, v, n)?;
    like(th, v, &b)
}
fn imul(th: &Thread, v: Value, n: Value) -> R {
    let b = repeated(th, v, n)?;
    put(th, v, 0, data(v).len(), &b)?;
    Ok(v)
}
fn compare(th: &Thread, a: Value, b: Value, op: u32) -> R {
    use habu_bytecode::opcode::compare::{EQ, NE};
    if !is_array(a) || !is_array(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (n, k) = (count_of(a), count_of(b));
    if n != k && (op == EQ || op == NE) {
        return Ok(Value::bool(op == NE));
    }
    let mut i = 0;
    loop {
        let (x, y) = (get(th, a, i)?, get(th, b, i)?);
        let (Some(x), Some(y)) = (x, y) else {
            return Ok(Value::bool(ops::compare::holds(op, n.cmp(&k))));
        };
        if !ops::compare::eq_bool(th, x, y)? {
            return match op {
                EQ => Ok(Value::FALSE),
                NE => Ok(Value::TRUE),
                _ => ops::compare::rich(th, x, y, op),
            };
        }
        i += 1;
    }
}
habu_runtime::comparisons!(compare);

fn repr(th: &Thread, v: Value) -> R {
    let name = class::of(v).name_str();
    let mut b = string::Builder::new();
    b.push_str(&format!("{name}('{}'", code(v) as char));
    if count_of(v) > 0 {
        b.push_str(", ");
        let inner = if items::is_text(code(v)) {
            tounicode(th, v)?
        } else {
            tolist(th, v)?
        };
        b.push(expect(ops::repr::repr(th, inner)?));
    }
    b.push_str(")");
    b.finish_value(th)
}
fn iter_(th: &Thread, v: Value) -> R {
    iters::index_iter(th, C::SeqIter, kinds::SEQ_ITER, v)
}
fn copy(th: &Thread, v: Value) -> R {
    like(th, v, data(v))
}
fn deepcopy(th: &Thread, v: Value, _: Value) -> R {
    copy(th, v)
}
fn sizeof(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(80 + data(v).len() as i64))
}
fn buffer(th: &Thread, v: Value, flags: Value) -> R {
    bytes::check_flags(th, flags, false)?;
    memoryview::over(th, v, store(v).value(), 0, data(v).len(), code(v))
}
/// What `_array_reconstructor` knows a machine format by.
fn machine_format(code: u8) -> i64 {
    match code {
        b'B' => 0,
        b'b' => 1,
        b'H' => 2,
        b'h' => 4,
        b'I' => 6,
        b'i' => 8,
        b'L' | b'Q' => 10,
        b'l' | b'q' => 12,
        b'f' => 14,
        b'd' => 16,
        _ => 20,
    }
}
fn reduce_ex(th: &Thread, v: Value, protocol: Value) -> R {
    let protocol = parse::as_isize(th, protocol)?;
    let state = match attr::get_text_opt(th, v, "__dict__")? {
        Some(d) => d,
        None => Value::NONE,
    };
    let cls = class::of(v).value();
    let letter = string::new_value(th, &(code(v) as char).to_string())?;
    if protocol < 3 {
        let l = tolist(th, v)?;
        let args = tuple::new_value(th, &[letter, l])?;
        return tuple::new_value(th, &[cls, args, state]);
    }
    let me = habu_runtime::import::import_module(th, "array")?;
    let f = attr::get_text(th, me, "_array_reconstructor")?;
    let format = Value::small_int(machine_format(code(v)));
    let args = tuple::new_value(th, &[cls, letter, format, bytes::new(th, data(v))?])?;
    tuple::new_value(th, &[f, args, state])
}
fn typecode(th: &Thread, v: Value) -> R {
    string::new_value(th, &(code(v) as char).to_string())
}
fn itemsize(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(size(v) as i64))
}

static METHODS: [MethodDef; 43] = [
    m2("append", append).sig("($self, v, /)"),
    m1("buffer_info", buffer_info).sig("($self, /)"),
    m1("byteswap", byteswap).sig("($self, /)"),
    m1("clear", clear).sig("($self, /)"),
    m2("count", count).sig("($self, v, /)"),
    m2("extend", extend).sig("($self, bb, /)"),
    m3("fromfile", fromfile).sig("($self, f, n, /)"),
    m2("fromlist", fromlist).sig("($self, list, /)"),
    m2("frombytes", frombytes).sig("($self, buffer, /)"),
    m2("fromunicode", fromunicode).sig("($self, ustr, /)"),
    mv("index", index, 2, 4),
    m3("insert", insert).sig("($self, i, v, /)"),
    mv("pop", pop, 1, 2),
    m2("remove", remove).sig("($self, v, /)"),
    m1("reverse", reverse).sig("($self, /)"),
    m1("tobytes", tobytes).sig("($self, /)"),
    m2("tofile", tofile).sig("($self, f, /)"),
    m1("tolist", tolist).sig("($self, /)"),
    m1("tounicode", tounicode).sig("($self, /)"),
    m1("__len__", len),
    m2("__getitem__", getitem),
    m3("__setitem__", setitem),
    m2("__delitem__", delitem),
    m2("__contains__", contains),
    m2("__add__", add),
    m2("__iadd__", iadd),
    m2("__mul__", mul),
    m2("__rmul__", mul),
    m2("__imul__", imul),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__lt__", lt),
    m2("__le__", le),
    m2("__gt__", gt),
    m2("__ge__", ge),
    m1("__repr__", repr),
    m1("__iter__", iter_),
    m1("__copy__", copy),
    m2("__deepcopy__", deepcopy),
    m1("__sizeof__", sizeof),
    m2("__buffer__", buffer),
    m2("__reduce_ex__", reduce_ex),
    m2("__class_getitem__", generic_alias::class_getitem).class(),
];
static GETSET: [GetSetDef; 2] = [gs("typecode", typecode), gs("itemsize", itemsize)];
static ARRAY: TypeSpec = TypeSpec::new("array", kinds::RECORD)
    .module("array")
    .words(2)
    .flags(tf::BASE | tf::WEAKREF | tf::SEQUENCE | tf::NUMBERS)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

fn reconstruct(th: &Thread, a: &[Value]) -> R {
    let Some(cls) = a[0].cast::<TypeObj>() else {
        let text = format!(
            "first argument must be a type object, not {}",
            class::type_name(a[0])
        );
        return Err(error::type_error(th, &text));
    };
    if !class::is_subclass(cls, array_class(th)?) {
        let text = format!("{} is not a subtype of array.array", class::full_name(cls));
        return Err(error::type_error(th, &text));
    }
    let letter = parse::as_str(th, a[1], "_array_reconstructor() argument 2")?;
    let c = match letter.to_rust().as_bytes() {
        [c] if items::CODES.as_bytes().contains(c) => *c,
        _ => {
            return Err(error::value_error(
                th,
                "second argument must be a valid type code",
            ));
        }
    };
    let format = parse::as_isize(th, a[2])?;
    let Some(b) = a[3].cast::<BytesObj>() else {
        let text = format!(
            "fourth argument should be bytes, not {}",
            class::type_name(a[3])
        );
        return Err(error::type_error(th, &text));
    };
    // Size, signed, big-endian of the numbered formats.
    let (n, signed, big) = match format {
        0 => (1, false, false),
        1 => (1, true, false),
        2..=5 => (2, format >= 4, format % 2 == 1),
        6..=9 => (4, format >= 8, format % 2 == 1),
        10..=13 => (8, format >= 12, format % 2 == 1),
        14 | 15 => (4, true, format == 15),
        16 | 17 => (8, true, format == 17),
        18..=21 => (if format < 20 { 2 } else { 4 }, false, format % 2 == 1),
        _ => {
            return Err(error::value_error(
                th,
                "third argument must be a valid machine format code.",
            ));
        }
    };
    let data = b.as_slice().to_vec();
    if data.len() % n != 0 {
        return Err(error::value_error(
            th,
            "bytes length not a multiple of item size",
        ));
    }
    let letter = string::new_value(th, &(c as char).to_string())?;
    let l = list::new(th)?;
    for part in data.chunks_exact(n) {
        let mut w = [0u8; 8];
        for (i, x) in part.iter().enumerate() {
            w[if big { n - 1 - i } else { i }] = *x;
        }
        let u = u64::from_le_bytes(w);
        let x = match format {
            14 | 15 => items::load(th, b'f', &w[..4])?,
            16 | 17 => items::load(th, b'd', &w[..8])?,
            18.. => continue,
            _ if signed => {
                let shift = 64 - n * 8;
                int::from_i64(th, (u << shift) as i64 >> shift)?
            }
            _ => int::from_u64(th, u)?,
        };
        list::push(th, l, x)?;
    }
    let init = if format >= 18 {
        let name = match format {
            18 => "utf-16-le",
            19 => "utf-16-be",
            20 => "utf-32-le",
            _ => "utf-32-be",
        };
        habu_runtime::codecs::decode(th, &data, name, "strict")?
    } else {
        l.value()
    };
    call::call(th, cls.value(), &[letter, init])
}
static FUNCTIONS: [MethodDef; 1] = [mv("_array_reconstructor", reconstruct, 4, 4)];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let a = m::new(th, "array", &FUNCTIONS)?;
    let c = class_make::from_spec(th, &ARRAY, None)?;
    dict::set_text(th, c.dict(), "__hash__", Value::NONE)?;
    m::set(th, a, "array", c.value())?;
    m::set(th, a, "ArrayType", c.value())?;
    m::set(th, a, "typecodes", string::new_value(th, items::CODES)?)?;
    let abc = habu_runtime::import::import_module(th, "collections.abc")?;
    let base = attr::get_text(th, abc, "MutableSequence")?;
    call::method_named(th, base, "register", &[c.value()])?;
    Ok(a)
}

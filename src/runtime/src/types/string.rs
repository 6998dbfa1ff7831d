//! `str`. Searching lies in `string/search.rs`, splitting in `string/split.rs`, case and character classes in
//! `string/case.rs`, padding, translation and the rest in `string/methods.rs`.

use crate::classes::C;
use crate::core::class::type_name;
use crate::core::short::{self, Short};
use crate::core::string::{self as text, Builder, Filler, Units};
use crate::core::{int, parse as arg, tuple};
use crate::error::{raise, raise_args, type_error};
use crate::kinds;
use crate::object::*;
use crate::runtime::class;
use crate::spec::{Args, MethodDef, TypeSpec, m1, m2, mk, mv, type_flags as tf};
use crate::thread::{R, Raised, Thread, expect};
use crate::unicode;
use habu_bytecode::opcode::compare as cmp;
use habu_heap::Value;
use std::cmp::Ordering;

mod case;
mod methods;
pub mod search;
mod split;
mod words;

pub use search::{find, rfind};

pub static SPEC: TypeSpec = TypeSpec::new("str", kinds::STR)
    .flags(tf::BASE | tf::MATCH_SELF)
    .methods(&METHODS)
    .new_fn(new)
    .doc("str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nCreate a new string object from the given object. If encoding or\nerrors is specified, then the object must expose a data buffer\nthat will be decoded using the given encoding and error handler.\nOtherwise, returns the result of object.__str__() (if defined)\nor repr(object).\nencoding defaults to 'utf-8'.\nerrors defaults to 'strict'.");

static METHODS: [MethodDef; 68] = [
    m2("__add__", add),
    m2("__mul__", mul),
    m2("__rmul__", mul),
    m2("__mod__", rem),
    m2("__rmod__", rrem),
    m2("__contains__", contains_method),
    m2("__eq__", eq),
    m2("__ne__", ne),
    m2("__lt__", lt),
    m2("__le__", le),
    m2("__gt__", gt),
    m2("__ge__", ge),
    m1("__hash__", hash),
    m1("__len__", len),
    m1("__iter__", iter),
    m2("__getitem__", get_item),
    m1("__repr__", repr),
    m1("__str__", exact),
    m2("__format__", format_method).sig("($self, format_spec, /)"),
    m1("__getnewargs__", getnewargs),
    m1("__sizeof__", sizeof).sig("($self, /)"),
    m1("capitalize", case::capitalize).sig("($self, /)"),
    m1("casefold", case::casefold).sig("($self, /)"),
    mv("center", methods::center, 2, 3).sig("($self, width, fillchar=' ', /)"),
    mv("count", search::count_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    mk("encode", methods::encode).sig("($self, /, encoding='utf-8', errors='strict')"),
    mv("endswith", search::ends_with, 2, 4).sig("($self, suffix[, start[, end]], /)"),
    mk("expandtabs", methods::expandtabs).sig("($self, /, tabsize=8)"),
    mv("find", search::find_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    mk("format", methods::format).sig("($self, /, *args, **kwargs)"),
    m2("format_map", methods::format_map).sig("($self, mapping, /)"),
    mv("index", search::index_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    m1("isalnum", case::isalnum).sig("($self, /)"),
    m1("isalpha", case::isalpha).sig("($self, /)"),
    m1("isascii", case::isascii).sig("($self, /)"),
    m1("isdecimal", case::isdecimal).sig("($self, /)"),
    m1("isdigit", case::isdigit).sig("($self, /)"),
    m1("isidentifier", case::isidentifier).sig("($self, /)"),
    m1("islower", case::islower).sig("($self, /)"),
    m1("isnumeric", case::isnumeric).sig("($self, /)"),
    m1("isprintable", case::isprintable).sig("($self, /)"),
    m1("isspace", case::isspace).sig("($self, /)"),
    m1("istitle", case::istitle).sig("($self, /)"),
    m1("isupper", case::isupper).sig("($self, /)"),
    m2("join", methods::join).sig("($self, iterable, /)"),
    mv("ljust", methods::ljust, 2, 3).sig("($self, width, fillchar=' ', /)"),
    m1("lower", case::lower).sig("($self, /)"),
    mv("lstrip", methods::lstrip, 1, 2).sig("($self, chars=None, /)"),
    mv("maketrans", methods::maketrans, 1, 3)
        .stat()
        .sig("(x, y=<unrepresentable>, z=<unrepresentable>, /)"),
    m2("partition", split::partition).sig("($self, sep, /)"),
    m2("removeprefix", split::removeprefix).sig("($self, prefix, /)"),
    m2("removesuffix", split::removesuffix).sig("($self, suffix, /)"),
    mk("replace", search::replace).sig("($self, old, new, /, count=-1)"),
    mv("rfind", search::rfind_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    mv("rindex", search::rindex_method, 2, 4).sig("($self, sub[, start[, end]], /)"),
    mv("rjust", methods::rjust, 2, 3).sig("($self, width, fillchar=' ', /)"),
    m2("rpartition", split::rpartition).sig("($self, sep, /)"),
    mk("rsplit", split::rsplit).sig("($self, /, sep=None, maxsplit=-1)"),
    mv("rstrip", methods::rstrip, 1, 2).sig("($self, chars=None, /)"),
    mk("split", split::split).sig("($self, /, sep=None, maxsplit=-1)"),
    mk("splitlines", split::splitlines).sig("($self, /, keepends=False)"),
    mv("startswith", search::starts_with, 2, 4).sig("($self, prefix[, start[, end]], /)"),
    mv("strip", methods::strip, 1, 2).sig("($self, chars=None, /)"),
    m1("swapcase", case::swapcase).sig("($self, /)"),
    m1("title", case::title).sig("($self, /)"),
    m2("translate", methods::translate).sig("($self, table, /)"),
    m1("upper", case::upper).sig("($self, /)"),
    m2("zfill", methods::zfill).sig("($self, width, /)"),
];

/// The type of an argument, as argument errors name it.
pub fn arg_type(v: Value) -> String {
    if v.is_none() {
        "None".into()
    } else {
        type_name(v)
    }
}

/// An exact `str` with the receiver's text.
fn exact(th: &Thread, v: Value) -> R {
    exact_str(th, expect(v)).map(|s| s.value())
}

pub fn exact_str(th: &Thread, s: Gc<StrObj>) -> R<Gc<StrObj>> {
    if s.value().shape() == C::Str.shape() {
        Ok(s)
    } else {
        text::copy(th, s)
    }
}

/// White space among the ASCII characters, as `str` sees it.
pub(crate) fn is_ascii_space(b: u8) -> bool {
    matches!(b, 9..=13 | 28..=32)
}

/// Order by code point.
#[inline]
pub fn order(a: Gc<StrObj>, b: Gc<StrObj>) -> Ordering {
    // Single characters, and texts that differ at once.
    if (a.width_log2() | b.width_log2()) == 0 && !a.is_empty() && !b.is_empty() {
        // SAFETY: both have a first byte.
        let (x, y) = unsafe { (*a.data(), *b.data()) };
        if x != y {
            return x.cmp(&y);
        }
    }
    order_slow(a, b)
}

#[inline(never)]
fn order_slow(a: Gc<StrObj>, b: Gc<StrObj>) -> Ordering {
    match (a.units(), b.units()) {
        (Units::One(x), Units::One(y)) => x.cmp(y),
        (Units::Two(x), Units::Two(y)) => x.cmp(y),
        (Units::Four(x), Units::Four(y)) => x.cmp(y),
        _ => a.chars().cmp(b.chars()),
    }
}

/// UnicodeEncodeError for the first lone surrogate of `s`.
pub fn surrogate_error(th: &Thread, s: Gc<StrObj>) -> Raised {
    let start = s
        .chars()
        .position(|c| (0xd800..0xe000).contains(&c))
        .unwrap_or(0);
    let n = s
        .chars()
        .skip(start)
        .take_while(|c| (0xd800..0xe000).contains(c))
        .count();
    encode_error(th, "utf-8", s, start, start + n, "surrogates not allowed")
}

/// A UnicodeEncodeError, raised.
pub fn encode_error(
    th: &Thread,
    encoding: &str,
    s: Gc<StrObj>,
    start: usize,
    end: usize,
    why: &str,
) -> Raised {
    let r = (|| -> R<Raised> {
        let e = text::new_value(th, encoding)?;
        let w = text::new_value(th, why)?;
        let args = [
            e,
            s.value(),
            Value::small_int(start as i64),
            Value::small_int(end as i64),
            w,
        ];
        Ok(raise_args(th, class(C::UnicodeEncodeError), &args))
    })();
    match r {
        Ok(r) | Err(r) => r,
    }
}

/// Is the text `x`, one character, in the short text `s`? `None` where it takes more than a look.
#[inline(always)]
pub fn has_char(s: Gc<StrObj>, x: Gc<StrObj>) -> Option<bool> {
    const SHORT: usize = 16;
    let wide = (s.flags() | x.flags()) & text::WIDTH_MASK;
    if wide != 0 || x.len() != 1 || s.len() > SHORT {
        return None;
    }
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    let want = ONES * x.bytes()[0] as u64;
    let b = s.bytes();
    // Eight at a time: the lowest byte that became 0 is told by the lowest top bit.
    let in_word = |w: u64, n: usize| {
        let z = w ^ want;
        let hits = z.wrapping_sub(ONES) & !z & TOPS;
        hits != 0 && (hits.trailing_zeros() as usize) < 8 * n
    };
    let (words, rest) = b.as_chunks::<8>();
    Some(
        words.iter().any(|w| in_word(u64::from_le_bytes(*w), 8))
            || !rest.is_empty() && in_word(text::short_word(rest), rest.len()),
    )
}

pub fn contains(th: &Thread, s: Gc<StrObj>, x: Value) -> R<bool> {
    match x.cast::<StrObj>() {
        Some(n) => Ok(find(&s, &n, 0, s.len()).is_some()),
        None => Err(type_error(
            th,
            &format!(
                "'in <string>' requires string as left operand, not {}",
                type_name(x)
            ),
        )),
    }
}

fn contains_method(th: &Thread, s: Value, x: Value) -> R {
    Ok(Value::bool(contains(th, expect(s), x)?))
}

fn add(th: &Thread, a: Value, b: Value) -> R {
    match b.cast::<StrObj>() {
        Some(b) => {
            let r = text::concat(th, expect(a), b)?;
            Ok(r.value())
        }
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn mul(th: &Thread, s: Value, n: Value) -> R {
    match count_arg(th, n)? {
        Some(n) => repeat(th, expect(s), n),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// How often to repeat a sequence; `None` where `n` is no integer.
pub fn count_arg(th: &Thread, n: Value) -> R<Option<usize>> {
    if !int::is_int(n) && crate::core::class::special_of(n, crate::names::N::Index).is_none() {
        return Ok(None);
    }
    let i = arg::index(th, n)?;
    match int::to_i64(i) {
        Some(i) => Ok(Some(i.max(0) as usize)),
        None => Err(raise(
            th,
            C::OverflowError,
            &format!("cannot fit '{}' into an index-sized integer", type_name(n)),
        )),
    }
}

/// How long `n` times `len` items are. Beyond what an index can say it is OverflowError where the sequence has words
/// for it, MemoryError where not.
pub fn repeated_len(th: &Thread, len: usize, n: usize, too_long: Option<&str>) -> R<usize> {
    let total = len.checked_mul(n).filter(|&t| t <= isize::MAX as usize);
    match (total, too_long) {
        (Some(t), _) if t < 1 << 40 => Ok(t),
        (None, Some(text)) => Err(raise(th, C::OverflowError, text)),
        _ => Err(crate::error::out_of_memory(th)),
    }
}

/// `s * n`.
pub fn repeat(th: &Thread, s: Gc<StrObj>, n: usize) -> R {
    if n == 0 || s.is_empty() {
        return Ok(text::empty().value());
    }
    if n == 1 {
        return exact(th, s.value());
    }
    let total = repeated_len(th, s.len(), n, Some("repeated string is too long"))?;
    crate::error::check_size(th, total << s.width_log2())?;
    if total <= short::MOST
        && let Some(part) = Short::of(s)
    {
        // Dashes and blanks that fill something up come again.
        let mut all = Short::default();
        for _ in 0..n {
            all.push(part);
        }
        return Ok(all.finish_key(th)?.value());
    }
    let r = match s.units() {
        Units::One(&[c]) => text::build(th, total, s.is_ascii(), |room| room.fill(c)),
        Units::One(u) => text::build(th, total, s.is_ascii(), |room| {
            for part in room.chunks_exact_mut(u.len()) {
                part.copy_from_slice(u);
            }
        }),
        Units::Two(u) => text::from_u16(th, &u.repeat(n)),
        Units::Four(u) => text::from_u32(th, &u.repeat(n)),
    }?;
    debug_assert_eq!(r.len(), total);
    Ok(r.value())
}

fn rem(th: &Thread, s: Value, args: Value) -> R {
    crate::types::string_format::percent(th, expect(s), args)
}

fn rrem(th: &Thread, args: Value, s: Value) -> R {
    match s.cast::<StrObj>() {
        Some(s) => crate::types::string_format::percent(th, s, args),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn rich(a: Value, b: Value, op: u32) -> Value {
    let (a, Some(b)) = (expect::<StrObj>(a), b.cast::<StrObj>()) else {
        return Value::NOT_IMPLEMENTED;
    };
    Value::bool(match op {
        cmp::EQ => a.equals(&b),
        cmp::NE => !a.equals(&b),
        _ => crate::ops::compare::holds(op, order(a, b)),
    })
}

macro_rules! comparisons {
    ($($f:ident $op:expr;)*) => {$(
        fn $f(_th: &Thread, x: Value, y: Value) -> R {
            Ok(rich(x, y, $op))
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

fn hash(th: &Thread, s: Value) -> R {
    int::from_i64(th, expect::<StrObj>(s).hash() as i64)
}

fn len(_th: &Thread, s: Value) -> R {
    Ok(Value::small_int(expect::<StrObj>(s).len() as i64))
}

fn iter(th: &Thread, s: Value) -> R {
    crate::types::iters::index_iter(th, C::StrIter, kinds::STR_ITER, s)
}

fn getnewargs(th: &Thread, s: Value) -> R {
    let s = text::copy(th, expect(s))?;
    tuple::new_value(th, &[s.value()])
}

fn sizeof(_th: &Thread, s: Value) -> R {
    let s: Gc<StrObj> = expect(s);
    let head = if s.is_ascii() { 40 } else { 56 };
    Ok(Value::small_int(
        head + (((s.len() + 1) as i64) << s.width_log2()),
    ))
}

/// `slice.indices(len)` and the number of items: start, step, count.
pub fn slice_range(th: &Thread, s: Gc<SliceObj>, len: usize) -> R<(i64, i64, usize)> {
    let len = len as i64;
    let part = |v: Option<Value>| -> R<Option<i64>> {
        match v {
            None | Some(Value::NONE) => Ok(None),
            Some(v) => slice_index(th, v).map(Some),
        }
    };
    let step = part(s.step.get())?.unwrap_or(1);
    if step == 0 {
        return Err(crate::error::value_error(th, "slice step cannot be zero"));
    }
    let step = step.max(-i64::MAX);
    let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let clip = |i: i64| {
        if i < 0 {
            (i.saturating_add(len)).max(low)
        } else {
            i.min(high)
        }
    };
    let start = part(s.start.get())?.map_or(if step < 0 { high } else { low }, clip);
    let stop = part(s.stop.get())?.map_or(if step < 0 { low } else { high }, clip);
    let count = if step < 0 && stop < start {
        (start - stop - 1) / -step + 1
    } else if step > 0 && start < stop {
        (stop - start - 1) / step + 1
    } else {
        0
    };
    Ok((start, step, count as usize))
}

/// An index in a slice or a start/end argument, clipped to a machine word.
#[inline]
pub fn slice_index(th: &Thread, v: Value) -> R<i64> {
    match v.as_int() {
        Some(i) => Ok(i),
        None => slice_index_any(th, v),
    }
}

#[inline(never)]
fn slice_index_any(th: &Thread, v: Value) -> R<i64> {
    if !int::is_int(v) && crate::core::class::special_of(v, crate::names::N::Index).is_none() {
        return Err(type_error(
            th,
            "slice indices must be integers or None or have an __index__ method",
        ));
    }
    arg::as_clipped(th, v)
}

/// `n` characters from `start` on, each `step` behind the one before, all of which are there.
#[inline]
pub fn characters(th: &Thread, s: Gc<StrObj>, start: i64, step: i64, n: usize) -> R {
    if step == -1
        && n == s.len()
        && s.width_log2() == 0
        && let Some(word) = s.first_word()
    {
        return Ok(Short::turned_word(word, n).finish(th)?.value());
    }
    any_characters(th, s, start, step, n)
}

#[inline(never)]
fn any_characters(th: &Thread, s: Gc<StrObj>, start: i64, step: i64, n: usize) -> R {
    if n == 0 {
        return Ok(text::empty().value());
    }
    if step == 1 {
        return Ok(text::slice(th, s, start as usize, start as usize + n)?.value());
    }
    if step == -1
        && n == s.len()
        && let Some(short) = Short::of(s)
    {
        return Ok(short.turned().finish(th)?.value());
    }
    let at = |i: usize| (start + i as i64 * step) as usize;
    let r = match s.units() {
        Units::One(u) if n == 1 => Ok(text::latin1_char(u[at(0)])),
        Units::One(u) if s.is_ascii() => text::build(th, n, true, |room| {
            if step == -1 && n == u.len() {
                turned(u, room);
                return;
            }
            for (i, to) in room.iter_mut().enumerate() {
                *to = u[at(i)];
            }
        }),
        Units::One(u) => text::latin1(th, &(0..n).map(|i| u[at(i)]).collect::<Vec<_>>()),
        Units::Two(u) => text::from_u16(th, &(0..n).map(|i| u[at(i)]).collect::<Vec<_>>()),
        Units::Four(u) => text::from_u32(th, &(0..n).map(|i| u[at(i)]).collect::<Vec<_>>()),
    };
    Ok(r?.value())
}

/// Copy bytes, the last one first.
fn turned(from: &[u8], to: &mut [u8]) {
    for (to, &c) in to.iter_mut().zip(from.iter().rev()) {
        *to = c;
    }
}

pub fn get_item(th: &Thread, s: Value, k: Value) -> R {
    let s: Gc<StrObj> = expect(s);
    if let Some(sl) = k.cast::<SliceObj>() {
        let (start, step, n) = slice_range(th, sl, s.len())?;
        return characters(th, s, start, step, n);
    }
    if !int::is_int(k) && crate::core::class::special_of(k, crate::names::N::Index).is_none() {
        return Err(type_error(
            th,
            &format!("string indices must be integers, not '{}'", type_name(k)),
        ));
    }
    let i = arg::as_index(th, k)?;
    let n = s.len() as i64;
    let i = if i < 0 { i + n } else { i };
    if i < 0 || i >= n {
        return Err(raise(th, C::IndexError, "string index out of range"));
    }
    Ok(text::char_str(th, s.at(i as usize))?.value())
}

fn format_method(th: &Thread, s: Value, spec: Value) -> R {
    let spec = crate::ops::format::spec_arg(th, spec)?;
    crate::ops::format::format_str(th, expect(s), spec)
}

pub fn repr(th: &Thread, v: Value) -> R {
    let s: Gc<StrObj> = expect(v);
    if let Units::One(u) = s.units()
        && u.iter()
            .all(|&c| (32..127).contains(&c) && c != b'\'' && c != b'\\')
    {
        let r = text::build(th, u.len() + 2, true, |room| {
            let mut out = Filler::new(room);
            out.push(b"'");
            out.push(u);
            out.push(b"'");
        })?;
        return Ok(r.value());
    }
    let mut single = false;
    let mut double = false;
    for c in s.chars() {
        single |= c == b'\'' as u32;
        double |= c == b'"' as u32;
    }
    let quote = if single && !double { b'"' } else { b'\'' } as u32;
    let mut out = Builder::with_width(s.width_log2(), s.len() + 2);
    out.push_char(quote);
    for c in s.chars() {
        match c {
            0x5c => out.push_str("\\\\"),
            0x0a => out.push_str("\\n"),
            0x0d => out.push_str("\\r"),
            0x09 => out.push_str("\\t"),
            c if c == quote => {
                out.push_char(0x5c);
                out.push_char(c);
            }
            32..127 => out.push_char(c),
            c if c >= 127 && unicode::is_printable(c) => out.push_char(c),
            c => push_escape(&mut out, c),
        }
    }
    out.push_char(quote);
    out.finish_value(th)
}

/// `\xhh`, `\uhhhh` or `\Uhhhhhhhh`.
pub fn push_escape(out: &mut Builder, c: u32) {
    let s = match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x10000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    };
    out.push_str(&s)
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    if let ([object], None) = (a.all(), a.names())
        && cls == class(C::Str)
    {
        return crate::ops::repr::str(th, *object);
    }
    let [object, encoding, errors] =
        crate::args!(th, a, "str", ["object", "encoding", "errors"], 0, 0, 3);
    let name = |v: Option<Value>, what: &str| -> R<Option<String>> {
        match v {
            None => Ok(None),
            Some(v) => match v.cast::<StrObj>() {
                Some(s) => Ok(Some(s.to_rust().into_owned())),
                None => Err(type_error(
                    th,
                    &format!("str() argument '{what}' must be str, not {}", arg_type(v)),
                )),
            },
        }
    };
    let (encoding, errors) = (name(encoding, "encoding")?, name(errors, "errors")?);
    let s: Gc<StrObj> = match object {
        None => text::empty(),
        Some(o) if encoding.is_none() && errors.is_none() => expect(crate::ops::repr::str(th, o)?),
        Some(o) => {
            if o.is::<StrObj>() {
                return Err(type_error(th, "decoding str is not supported"));
            }
            let Some(b) = crate::types::bytes::bytes_like(th, o)? else {
                return Err(type_error(
                    th,
                    &format!(
                        "decoding to str: need a bytes-like object, {} found",
                        type_name(o)
                    ),
                ));
            };
            let (encoding, errors) = (
                encoding.as_deref().unwrap_or("utf-8"),
                errors.as_deref().unwrap_or("strict"),
            );
            expect(crate::codecs::decode(th, b, encoding, errors)?)
        }
    };
    if cls == class(C::Str) {
        return Ok(s.value());
    }
    Ok(text::copy_extended(th, s, crate::core::shape::root(cls).id())?.value())
}

//! `StringIO`: text in memory.

use super::newline::{Mode, Newlines};
use super::textbuf::Text;
use super::*;
use crate::native_state;
use habu_runtime::core::tuple;
use habu_runtime::kinds;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, gs, m1, m2, mk, mv};
use habu_runtime::thread::expect;

struct State {
    text: Text,
    pos: usize,
    closed: bool,
    mode: Mode,
    decoder: Option<Newlines>,
}

fn state(th: &Thread, v: Value) -> R<&'static mut State> {
    match slot(v, 0).get() {
        // SAFETY: made by `init_`; nobody keeps the reference over a call that may run Python code.
        Some(b) => Ok(unsafe { native_state::get(b) }),
        None => Err(uninitialized(th)),
    }
}
#[inline]
fn open(th: &Thread, v: Value) -> R<&'static mut State> {
    let s = state(th, v)?;
    if s.closed {
        return Err(error::value_error(th, "I/O operation on closed file"));
    }
    Ok(s)
}
fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    alloc(th, cls)
}
fn start(th: &Thread, v: Value, initial: Option<Value>, newline: Option<Value>) -> R<()> {
    let mode = match newline {
        Some(n) => Mode::new(th, n, false)?,
        None => Mode::new(th, string::latin1_char(b'\n').value(), false)?,
    };
    let initial = match initial.filter(|i| !i.is_none()) {
        Some(i) if i.is::<StrObj>() => Some(i),
        Some(i) => {
            return Err(type_error(
                th,
                format!(
                    "initial_value must be str or None, not {}",
                    class::type_name(i)
                ),
            ));
        }
        None => None,
    };
    let s = State {
        text: Text::default(),
        pos: 0,
        closed: false,
        mode,
        decoder: mode.universal.then(|| Newlines::new(mode.translate)),
    };
    let b = native_state::new(th, s)?;
    put(th, v, 0, Some(b));
    if let Some(i) = initial {
        put_text(th, v, expect(i))?;
        open(th, v)?.pos = 0;
    }
    Ok(())
}
fn init_(th: &Thread, a: Args) -> R {
    let [initial, newline] = habu_runtime::args!(
        th,
        a.rest(),
        "StringIO",
        ["initial_value", "newline"],
        0,
        0,
        2
    );
    start(th, a.all()[0], initial, newline)?;
    Ok(Value::NONE)
}
fn put_text(th: &Thread, v: Value, x: Gc<StrObj>) -> R<()> {
    let s = open(th, v)?;
    let mut x = x;
    if let Some(d) = &mut s.decoder {
        x = d.decode(th, x, true)?;
    }
    if let Some(nl) = s.mode.written() {
        x = with_newlines(th, x, nl)?;
    }
    if s.pos > 1 << 40 {
        return Err(error::raise(th, C::OverflowError, "new position too large"));
    }
    if !x.is_empty() {
        if s.pos > s.text.len() {
            error::check_size(th, s.pos)?;
        }
        s.text.write(s.pos, x);
        s.pos += x.len();
    }
    Ok(())
}
/// The text with each `\n` as `nl`.
pub fn with_newlines(th: &Thread, x: Gc<StrObj>, nl: &str) -> R<Gc<StrObj>> {
    let lf = b'\n' as u32;
    if !x.chars().any(|c| c == lf) {
        return Ok(x);
    }
    let mut b = string::Builder::with_width(x.width_log2(), x.len() + 8);
    for c in x.chars() {
        if c == lf {
            b.push_str(nl)
        } else {
            b.push_char(c)
        }
    }
    b.finish(th)
}
pub fn write(th: &Thread, v: Value, x: Value) -> R {
    let Some(t) = x.cast::<StrObj>() else {
        state(th, v)?;
        return Err(type_error(
            th,
            format!("string argument expected, got '{}'", class::type_name(x)),
        ));
    };
    put_text(th, v, t)?;
    Ok(Value::small_int(t.len() as i64))
}
fn read(th: &Thread, a: &[Value]) -> R {
    let n = size_arg(th, a.get(1))?;
    let s = open(th, a[0])?;
    let from = s.pos.min(s.text.len());
    let left = s.text.len() - from;
    let n = if n < 0 { left } else { left.min(n as usize) };
    if n > 0 {
        s.pos = from + n;
    }
    s.text.slice(th, from, from + n)
}
fn line(th: &Thread, v: Value, limit: i64) -> R<Option<Value>> {
    let s = open(th, v)?;
    if s.pos >= s.text.len() {
        return Ok(None);
    }
    let from = s.pos;
    let mut end = s.text.line_end(from, s.mode.ends);
    if limit >= 0 {
        end = end.min(from.saturating_add(limit as usize));
    }
    s.pos = end;
    s.text.slice(th, from, end).map(Some)
}
fn readline(th: &Thread, a: &[Value]) -> R {
    let n = size_arg(th, a.get(1))?;
    Ok(line(th, a[0], n)?.unwrap_or(string::empty().value()))
}
fn next(th: &Thread, v: Value) -> R {
    open(th, v)?;
    let l = if is_exact(v, &STRING_IO) {
        line(th, v, -1)?
    } else {
        let l = ask(th, v, "readline", &[])?;
        if !l.is::<StrObj>() {
            return Err(error::raise(
                th,
                C::OSError,
                &format!(
                    "readline() should have returned a str object, not '{}'",
                    class::type_name(l)
                ),
            ));
        }
        Some(l).filter(|l| !expect::<StrObj>(*l).is_empty())
    };
    match l {
        Some(l) => Ok(l),
        None => Err(error::raise_args(
            th,
            habu_runtime::runtime::class(C::StopIteration),
            &[],
        )),
    }
}
fn iter(th: &Thread, v: Value) -> R {
    open(th, v)?;
    Ok(v)
}
fn tell(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(open(th, v)?.pos as i64))
}
fn truncate(th: &Thread, a: &[Value]) -> R {
    open(th, a[0])?;
    let n = match a.get(1).filter(|n| !n.is_none()) {
        Some(n) => size_arg(th, Some(n))?,
        None => open(th, a[0])?.pos as i64,
    };
    if n < 0 {
        return Err(error::value_error(th, &format!("Negative size value {n}")));
    }
    let s = open(th, a[0])?;
    s.text.truncate(n as usize);
    int::from_i64(th, n)
}
fn seek(th: &Thread, a: &[Value]) -> R {
    let n = parse::as_isize(th, a[1])?;
    let whence = match a.get(2) {
        Some(&w) => parse::as_i32(th, w)?,
        None => 0,
    };
    let s = open(th, a[0])?;
    if !(0..=2).contains(&whence) {
        return Err(error::value_error(
            th,
            &format!("Invalid whence ({whence}, should be 0, 1 or 2)"),
        ));
    }
    if n < 0 && whence == 0 {
        return Err(error::value_error(
            th,
            &format!("Negative seek position {n}"),
        ));
    }
    if whence != 0 && n != 0 {
        return Err(error::raise(
            th,
            C::OSError,
            "Can't do nonzero cur-relative seeks",
        ));
    }
    s.pos = match whence {
        0 => n as usize,
        1 => s.pos,
        _ => s.text.len(),
    };
    int::from_i64(th, s.pos as i64)
}
fn getvalue(th: &Thread, v: Value) -> R {
    open(th, v)?.text.all(th)
}
fn close(th: &Thread, v: Value) -> R {
    if slot(v, 0).get().is_some() {
        let s = state(th, v)?;
        s.closed = true;
        s.text = Text::default();
    }
    Ok(Value::NONE)
}
fn closed(th: &Thread, v: Value) -> R {
    Ok(Value::bool(state(th, v)?.closed))
}
fn yes(th: &Thread, v: Value) -> R {
    open(th, v)?;
    Ok(Value::TRUE)
}
fn line_buffering(th: &Thread, v: Value) -> R {
    open(th, v)?;
    Ok(Value::FALSE)
}
fn newlines(th: &Thread, v: Value) -> R {
    match &open(th, v)?.decoder {
        Some(d) => d.seen(th),
        None => Ok(Value::NONE),
    }
}
fn getstate(th: &Thread, v: Value) -> R {
    let value = getvalue(th, v)?;
    let s = open(th, v)?;
    let nl = match s.mode.newline {
        Some(n) => string::new_value(th, n)?,
        None => Value::NONE,
    };
    let p = int::from_i64(th, s.pos as i64)?;
    let attrs = base::attributes(th, v)?;
    tuple::new_value(th, &[value, nl, p, attrs])
}
fn setstate(th: &Thread, v: Value, x: Value) -> R {
    if let Some(b) = slot(v, 0).get() {
        let _ = b;
        open(th, v)?;
    }
    let what = class::full_name(class::of(v));
    let Some(t) = x.cast::<TupleObj>().filter(|t| t.len() >= 4) else {
        let text = format!(
            "{what}.__setstate__ argument should be 4-tuple, got {}",
            class::type_name(x)
        );
        return Err(error::type_error(th, &text));
    };
    let [value, nl, p] = [t.items()[0], t.items()[1], t.items()[2]];
    start(th, v, Some(value), Some(nl))?;
    if !int::is_int(p) {
        let text = format!(
            "third item of state must be an integer, got {}",
            class::type_name(p)
        );
        return Err(error::type_error(th, &text));
    }
    let p = parse::as_isize(th, p)?;
    if p < 0 {
        return Err(error::value_error(th, "position value cannot be negative"));
    }
    // The text as it was, not translated once more.
    let s = open(th, v)?;
    s.text = Text::default();
    if let Some(value) = value.cast() {
        s.text.write(0, value);
    }
    s.pos = p as usize;
    base::set_attributes(th, v, x, 4)?;
    Ok(Value::NONE)
}

static METHODS: [MethodDef; 20] = [
    mk("__init__", init_),
    m1("close", close).sig("($self, /)"),
    m1("getvalue", getvalue).sig("($self, /)"),
    mv("read", read, 1, 2).sig("($self, size=-1, /)"),
    mv("readline", readline, 1, 2).sig("($self, size=-1, /)"),
    m1("tell", tell).sig("($self, /)"),
    mv("truncate", truncate, 1, 2).sig("($self, pos=None, /)"),
    mv("seek", seek, 2, 3).sig("($self, pos, whence=os.SEEK_SET, /)"),
    m2("write", write).sig("($self, s, /)"),
    m1("seekable", yes).sig("($self, /)"),
    m1("readable", yes).sig("($self, /)"),
    m1("writable", yes).sig("($self, /)"),
    m1("__iter__", iter),
    m1("__next__", next),
    m1("__getstate__", getstate),
    m2("__setstate__", setstate),
    m1("__sizeof__", sizeof),
    mv("__reduce_ex__", bytesio::reduce, 2, 2),
    m1("flush", flush).sig("($self, /)"),
    m1("isatty", no).sig("($self, /)"),
];
fn flush(th: &Thread, v: Value) -> R {
    open(th, v)?;
    Ok(Value::NONE)
}
fn no(th: &Thread, v: Value) -> R {
    open(th, v)?;
    Ok(Value::FALSE)
}
fn sizeof(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(96 + 4 * state(th, v)?.text.len() as i64))
}
static GETSET: [GetSetDef; 3] = [
    gs("closed", closed),
    gs("newlines", newlines),
    gs("line_buffering", line_buffering),
];
pub static STRING_IO: TypeSpec = TypeSpec::new("StringIO", kinds::RECORD)
    .module("_io")
    .doc("A stream of text in memory; newline as for TextIOWrapper.")
    .sig("(initial_value='', newline='\\n')")
    .words(1)
    .flags(tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

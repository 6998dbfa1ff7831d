//! `TextIOWrapper`: text over a binary stream. Here its state, its making, and what is neither reading, writing nor
//! seeking.
//!
//! What must hold: `pending` is encoded text that the buffer has not got yet; `CHARS` is the text decoded last, of which
//! `used` characters were given out, and `snapshot` the decoder's flags and the bytes that this text came from.

use super::newline::{Mode, Newlines};
use super::*;
use crate::native_state;
use habu_runtime::codecs::Codec;
use habu_runtime::kinds;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, gs, gss, m1, m2, mk, mv};
use std::sync::{Arc, OnceLock};

pub const BOX: usize = 0;
pub const BUFFER: usize = 1;
pub const ENCODING: usize = 2;
pub const ERRORS: usize = 3;
pub const DECODER: usize = 4;
pub const ENCODER: usize = 5;
pub const CHARS: usize = 6;

pub struct Text {
    ok: bool,
    detached: bool,
    /// An encoding that needs no codec object.
    pub codec: Option<Codec>,
    pub errors: Arc<str>,
    pub mode: Mode,
    pub line_buffering: bool,
    pub write_through: bool,
    pub reads: bool,
    pub writes: bool,
    pub newlines: Option<Newlines>,
    /// The start of a character whose end is still to come (of `codec`).
    pub held: Vec<u8>,
    pub seekable: bool,
    /// Whether it is seekable is known: the standard streams are asked when somebody wants to know.
    asked: bool,
    pub telling: bool,
    pub read1: bool,
    /// The buffer is a BufferedReader or a BufferedWriter, which is called directly.
    pub reader: bool,
    pub writer: bool,
    pub chunk: usize,
    pub pending: Vec<u8>,
    pub used: usize,
    pub snapshot: Option<(i64, Vec<u8>)>,
    /// Bytes a character, in the last piece.
    pub ratio: f64,
    finalizing: bool,
}

impl Text {
    fn unset() -> Text {
        Text {
            ok: false,
            detached: false,
            codec: None,
            errors: "strict".into(),
            mode: Mode {
                newline: None,
                ends: newline::Ends::Lf,
                universal: true,
                translate: true,
            },
            line_buffering: false,
            write_through: false,
            reads: false,
            writes: false,
            newlines: None,
            held: Vec::new(),
            seekable: false,
            asked: true,
            telling: false,
            read1: false,
            reader: false,
            writer: false,
            chunk: 8192,
            pending: Vec::new(),
            used: 0,
            snapshot: None,
            ratio: 0.0,
            finalizing: false,
        }
    }
}

#[inline]
pub fn any_state(v: Value) -> &'static mut Text {
    match slot(v, BOX).get() {
        // SAFETY: made by `new`; nobody keeps the reference over a call that may run Python code.
        Some(b) => unsafe { native_state::get(b) },
        None => unreachable!("a text stream without state"),
    }
}
#[inline]
pub fn state(th: &Thread, v: Value) -> R<&'static mut Text> {
    let s = any_state(v);
    if s.ok { Ok(s) } else { Err(not_ready(th, s)) }
}
#[cold]
fn not_ready(th: &Thread, s: &Text) -> Raised {
    if s.detached {
        return error::value_error(th, "underlying buffer has been detached");
    }
    uninitialized(th)
}
/// Whether places can be asked for and gone to.
pub fn is_seekable(th: &Thread, v: Value) -> R<bool> {
    if !any_state(v).asked {
        let b = buffer(v);
        let raw = if buffered::is_buffered(b) {
            buffered::raw(b)
        } else {
            b
        };
        let s = any_state(v);
        s.asked = true;
        s.seekable = fileio::seekable(th, raw)?;
        s.telling = s.seekable;
    }
    Ok(any_state(v).seekable)
}
pub fn buffer(v: Value) -> Value {
    slot(v, BUFFER).get().unwrap_or(Value::NONE)
}
/// The state of a stream that is open.
#[inline]
pub fn open(th: &Thread, v: Value) -> R<&'static mut Text> {
    let s = state(th, v)?;
    let b = buffer(v);
    let shut = if (s.reader || s.writer) && buffered::any_state(b).direct {
        fileio::fd(buffered::raw(b)) < 0
    } else {
        is_closed(th, b)?
    };
    if shut {
        return Err(closed_error(th));
    }
    state(th, v)
}
pub fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    let v = alloc(th, cls)?;
    let b = native_state::new(th, Text::unset())?;
    put(th, v, BOX, Some(b));
    Ok(v)
}

/// The name of an encoding or an error handler.
pub fn check_name(th: &Thread, s: Gc<StrObj>) -> R<()> {
    if s.chars().any(|c| c == 0) {
        return Err(error::value_error(th, "embedded null character"));
    }
    if s.has_surrogates() {
        return Err(habu_runtime::types::string::surrogate_error(th, s));
    }
    Ok(())
}
fn optional_str(th: &Thread, v: Option<Value>, name: &str) -> R<Option<Gc<StrObj>>> {
    let Some(v) = v.filter(|v| !v.is_none()) else {
        return Ok(None);
    };
    let Some(s) = v.cast::<StrObj>() else {
        return Err(type_error(
            th,
            format!(
                "TextIOWrapper() argument '{name}' must be str or None, not {}",
                class::type_name(v)
            ),
        ));
    };
    check_name(th, s)?;
    Ok(Some(s))
}
/// What the environment says that text files are written in: UTF-8, as it calls it.
pub fn locale_encoding() -> &'static str {
    static ANSWER: OnceLock<&str> = OnceLock::new();
    ANSWER.get_or_init(ask_locale)
}
fn ask_locale() -> &'static str {
    let set = |n: &str| std::env::var(n).ok().filter(|v| !v.is_empty());
    let l = set("LC_ALL")
        .or_else(|| set("LC_CTYPE"))
        .or_else(|| set("LANG"));
    match l {
        Some(l) if l.to_ascii_lowercase().contains("utf") => "UTF-8",
        _ => "utf-8",
    }
}
fn init_(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [buffer, encoding, errors, newline, lines, through] = habu_runtime::args!(
        th,
        a.rest(),
        "TextIOWrapper",
        [
            "buffer",
            "encoding",
            "errors",
            "newline",
            "line_buffering",
            "write_through"
        ],
        0,
        1,
        6
    );
    let buffer = buffer.unwrap_or(Value::NONE);
    any_state(v).ok = false;
    let encoding = optional_str(th, encoding, "encoding")?;
    let errors = optional_str(th, errors, "errors")?;
    let mode = Mode::new(th, newline.unwrap_or(Value::NONE), true)?;
    let flag = |f: Option<Value>| f.map_or(Ok(false), |f| ops::truth(th, f));
    let (lines, through) = (flag(lines)?, flag(through)?);
    start(th, v, buffer, encoding, errors, mode, lines, through)?;
    Ok(Value::NONE)
}
#[allow(clippy::too_many_arguments)]
pub fn start(
    th: &Thread,
    v: Value,
    b: Value,
    encoding: Option<Gc<StrObj>>,
    errors: Option<Gc<StrObj>>,
    mode: Mode,
    line_buffering: bool,
    write_through: bool,
) -> R<()> {
    *any_state(v) = Text::unset();
    for i in BUFFER..=CHARS {
        put(th, v, i, None);
    }
    let encoding = match encoding.filter(|e| !e.eq_str("locale")) {
        Some(e) => e,
        None => string::new(th, locale_encoding())?,
    };
    let errors = match errors {
        Some(e) => e,
        None => string::new(th, "strict")?,
    };
    put(th, v, ENCODING, Some(encoding.value()));
    put(th, v, ERRORS, Some(errors.value()));
    if habu_runtime::config::config().dev_mode {
        codec::check_errors(th, errors)?;
    }
    let info = codec::find(th, v, encoding)?;
    let s = any_state(v);
    s.errors = errors.to_rust().as_ref().into();
    s.mode = mode;
    s.line_buffering = line_buffering;
    s.write_through = write_through;
    s.reader = is_exact(b, &reader::READER);
    s.writer = is_exact(b, &writer::WRITER);
    codec::ask_buffer(th, v, b)?;
    codec::make(th, v, info)?;
    put(th, v, BUFFER, Some(b));
    buffered::set_owned(b, true);
    let seekable = if is_exact(b, &reader::READER) || is_exact(b, &writer::WRITER) {
        let raw = buffered::raw(b);
        match is_exact(raw, &fileio::FILE_IO) {
            true => fileio::seekable(th, raw)?,
            false => ask_bool(th, b, "seekable")?,
        }
    } else {
        ask_bool(th, b, "seekable")?
    };
    let read1 = s.reader || attr::get_text_opt(th, b, "read1")?.is_some();
    let s = any_state(v);
    s.seekable = seekable;
    s.telling = seekable;
    s.read1 = read1;
    text_seek::fix_encoder(th, v)?;
    any_state(v).ok = true;
    Ok(())
}
/// A stream over a standard descriptor, whose answers are known.
pub fn start_quick(
    th: &Thread,
    v: Value,
    b: Value,
    reading: bool,
    errors: &str,
    line_buffering: bool,
    write_through: bool,
) -> R<()> {
    buffered::set_owned(b, true);
    put(th, v, BUFFER, Some(b));
    put(th, v, ENCODING, Some(string::new_value(th, "utf-8")?));
    put(th, v, ERRORS, Some(string::new_value(th, errors)?));
    let s = any_state(v);
    s.codec = Some(Codec::Utf8);
    s.errors = errors.into();
    s.line_buffering = line_buffering;
    s.write_through = write_through;
    s.reader = is_exact(b, &reader::READER);
    s.writer = is_exact(b, &writer::WRITER);
    s.reads = reading;
    s.writes = !reading;
    if reading {
        s.newlines = Some(Newlines::new(true));
    } else {
        s.mode = Mode {
            newline: Some("\n"),
            universal: false,
            translate: false,
            ..s.mode
        };
    }
    s.read1 = reading;
    s.asked = false;
    s.ok = true;
    Ok(())
}
// ---- closing, and what is left to the buffer

pub fn flush(th: &Thread, v: Value) -> R {
    let s = open(th, v)?;
    s.telling = s.seekable;
    text_write::send(th, v)?;
    text_write::flush_buffer(th, v)
}
fn close(th: &Thread, v: Value) -> R {
    state(th, v)?;
    // Asking may have detached it.
    if is_closed(th, v)? || any_state(v).detached {
        return Ok(Value::NONE);
    }
    if any_state(v).finalizing {
        let r = ask(th, buffer(v), "_dealloc_warn", &[v]);
        if r.is_err() {
            th.take();
        }
    }
    let flushed = ask(th, v, "flush", &[]).map(drop);
    chain(th, flushed, || ask(th, buffer(v), "close", &[]))
}
fn detach(th: &Thread, v: Value) -> R {
    state(th, v)?;
    ask(th, v, "flush", &[])?;
    let b = buffer(v);
    buffered::set_owned(b, false);
    put(th, v, BUFFER, None);
    let s = any_state(v);
    s.ok = false;
    s.detached = true;
    Ok(b)
}
macro_rules! handed_on {
    ($($f:ident $name:literal)*) => {$(
        fn $f(th: &Thread, v: Value) -> R {
            state(th, v)?;
            ask(th, buffer(v), $name, &[])
        }
    )*};
}
handed_on! { fileno "fileno" isatty "isatty" seekable "seekable" readable "readable" writable "writable" }

fn truncate(th: &Thread, a: &[Value]) -> R {
    state(th, a[0])?;
    ask(th, a[0], "flush", &[])?;
    ask(th, buffer(a[0]), "truncate", &a[1..])
}
fn closed(th: &Thread, v: Value) -> R {
    state(th, v)?;
    attr::get_text(th, buffer(v), "closed")
}
fn name(th: &Thread, v: Value) -> R {
    state(th, v)?;
    attr::get_text(th, buffer(v), "name")
}
fn get_buffer(th: &Thread, v: Value) -> R {
    let s = any_state(v);
    if s.detached {
        return Err(not_ready(th, s));
    }
    Ok(buffer(v))
}
fn encoding(_: &Thread, v: Value) -> R {
    Ok(slot(v, ENCODING).get().unwrap_or(Value::NONE))
}
fn errors(th: &Thread, v: Value) -> R {
    let s = any_state(v);
    if !s.ok && !s.detached {
        return Err(not_ready(th, s));
    }
    Ok(slot(v, ERRORS).get().unwrap_or(Value::NONE))
}
fn newlines(th: &Thread, v: Value) -> R {
    state(th, v)?;
    if let Some(n) = &any_state(v).newlines {
        return n.seen(th);
    }
    Ok(Value::NONE)
}
fn line_buffering(_: &Thread, v: Value) -> R {
    Ok(Value::bool(any_state(v).line_buffering))
}
fn write_through(_: &Thread, v: Value) -> R {
    Ok(Value::bool(any_state(v).write_through))
}
fn chunk(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(state(th, v)?.chunk as i64))
}
fn set_chunk(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    state(th, v)?;
    let Some(x) = x else {
        return Err(error::raise(
            th,
            C::AttributeError,
            "attribute '_CHUNK_SIZE' of '_io.TextIOWrapper' objects cannot be deleted",
        ));
    };
    let n = parse::index(th, x)?;
    let Some(n) = int::to_i64(n) else {
        return Err(error::value_error(
            th,
            "cannot fit 'int' into an index-sized integer",
        ));
    };
    if n <= 0 {
        return Err(error::value_error(
            th,
            "a strictly positive integer is required",
        ));
    }
    any_state(v).chunk = (n as usize).min(1 << 40);
    Ok(())
}
fn finalizing(_: &Thread, v: Value) -> R {
    Ok(Value::bool(any_state(v).finalizing))
}
fn set_finalizing(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    any_state(v).finalizing = switch(th, x)?;
    Ok(())
}
fn repr(th: &Thread, v: Value) -> R {
    if !any_state(v).detached {
        state(th, v)?;
    }
    let cls = class::full_name(class::of(v));
    let r = ops::repr::guarded(th, v, || {
        let mut out = format!("<{cls}");
        let r = attr::get_text_opt(th, v, "name");
        if let Some(Some(n)) = error::absorb(th, r, C::ValueError)? {
            out += &format!(" name={}", ops::repr::repr_string(th, n)?);
        }
        if let Some(m) = attr::get_text_opt(th, v, "mode")? {
            out += &format!(" mode={}", ops::repr::repr_string(th, m)?);
        }
        let e = slot(v, ENCODING).get().unwrap_or(Value::NONE);
        out += &format!(" encoding={}>", ops::repr::repr_string(th, e)?);
        string::new_value(th, &out)
    })?;
    match r {
        Some(r) => Ok(r),
        None => Err(error::raise(
            th,
            C::RuntimeError,
            &format!("reentrant call inside {cls}.__repr__"),
        )),
    }
}

static METHODS: [MethodDef; 23] = [
    mk("__init__", init_),
    mk("reconfigure", text_change::reconfigure)
        .sig("($self, /, *, encoding=None, errors=None, newline=<unrepresentable>,\n            line_buffering=None, write_through=None)"),
    m1("detach", detach).sig("($self, /)"),
    m2("write", text_write::write).sig("($self, text, /)"),
    mv("read", text_read::read, 1, 2).sig("($self, size=-1, /)"),
    mv("readline", text_read::readline, 1, 2).sig("($self, size=-1, /)"),
    m1("__next__", text_read::next),
    m1("__iter__", text_read::iter),
    m1("flush", flush).sig("($self, /)"),
    m1("close", close).sig("($self, /)"),
    m1("fileno", fileno).sig("($self, /)"),
    m1("seekable", seekable).sig("($self, /)"),
    m1("readable", readable).sig("($self, /)"),
    m1("writable", writable).sig("($self, /)"),
    m1("isatty", isatty).sig("($self, /)"),
    mv("seek", text_seek::seek, 2, 3).sig("($self, cookie, whence=os.SEEK_SET, /)"),
    m1("tell", text_seek::tell).sig("($self, /)"),
    mv("truncate", truncate, 1, 2).sig("($self, pos=None, /)"),
    m1("__repr__", repr),
    m1("__del__", base::del),
        mv("__reduce_ex__", bytesio::reduce, 2, 2),
    mv("__getstate__", no_state, 1, 1),
    m2("writelines", text_write::writelines).sig("($self, lines, /)"),
];
static GETSET: [GetSetDef; 10] = [
    gs("name", name),
    gs("closed", closed),
    gs("newlines", newlines),
    gs("errors", errors),
    gs("encoding", encoding),
    gs("buffer", get_buffer),
    gs("line_buffering", line_buffering),
    gs("write_through", write_through),
    gss("_CHUNK_SIZE", chunk, set_chunk),
    gss("_finalizing", finalizing, set_finalizing),
];
pub static TEXT: TypeSpec = TypeSpec::new("TextIOWrapper", kinds::RECORD)
    .module("_io")
    .doc("A stream of text over one of bytes.\n\nnewline: None reads every line end as '\\n'; '' knows all of them and changes none;\nelse the text that ends a line, which '\\n' is written as. With line_buffering a\nline end flushes; with write_through nothing is held back.")
    .sig("(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)")
    .words(7)
    .flags(base::FLAGS)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

//! `zlib`: compression by zlib-rs, behind zlib's own interface.
//!
//! What must hold: a stream belongs to one Rust object that ends it when it is dropped; an object of Python holds it
//! in a `NativeBox`, which the collector drops. Input and output are slices that outlive each call.

use crate::{native_state, own_errors};
use habu_runtime::classes::C;
use habu_runtime::core::{class, class_make, parse, string};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Raised, Thread, expect};
use habu_runtime::types::{bytes, iters};
use habu_runtime::value::{Slot, Value};
use libz_rs_sys as z;
use std::ffi::CStr;

const OK: i32 = 0;
const STREAM_END: i32 = 1;
const NEED_DICT: i32 = 2;
const BUF_ERROR: i32 = -5;
const NO_FLUSH: i32 = 0;
const SYNC_FLUSH: i32 = 2;
const FINISH: i32 = 4;
const MAX_WBITS: i32 = 15;
const DEF_BUF_SIZE: i64 = 16384;

/// A stream of either direction.
struct Stream {
    z: Box<z::z_stream>,
    inflating: bool,
}
impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: an initialized stream, ended once.
        unsafe {
            match self.inflating {
                true => z::inflateEnd(&mut *self.z),
                false => z::deflateEnd(&mut *self.z),
            };
        }
    }
}
/// How a stream is made.
struct Deflating {
    level: i32,
    method: i32,
    wbits: i32,
    memory: i32,
    strategy: i32,
}
impl Stream {
    fn deflate(d: &Deflating) -> Result<Stream, i32> {
        let mut z = Box::<z::z_stream>::default();
        // SAFETY: a fresh stream; version and size are the library's own.
        let r = unsafe {
            z::deflateInit2_(
                &mut *z,
                d.level,
                d.method,
                d.wbits,
                d.memory,
                d.strategy,
                z::zlibVersion(),
                size_of::<z::z_stream>() as i32,
            )
        };
        match r {
            OK => Ok(Stream {
                z,
                inflating: false,
            }),
            r => Err(r),
        }
    }
    fn inflate(wbits: i32) -> Result<Stream, i32> {
        let mut z = Box::<z::z_stream>::default();
        // SAFETY: as above.
        let r = unsafe {
            z::inflateInit2_(
                &mut *z,
                wbits,
                z::zlibVersion(),
                size_of::<z::z_stream>() as i32,
            )
        };
        match r {
            OK => Ok(Stream { z, inflating: true }),
            r => Err(r),
        }
    }
    fn copy(&mut self) -> Result<Stream, i32> {
        let mut z = Box::<z::z_stream>::default();
        // SAFETY: the source is an initialized stream of that direction.
        let r = unsafe {
            match self.inflating {
                true => z::inflateCopy(&mut *z, &*self.z),
                false => z::deflateCopy(&mut *z, &mut *self.z),
            }
        };
        match r {
            OK => Ok(Stream {
                z,
                inflating: self.inflating,
            }),
            r => Err(r),
        }
    }
    fn set_dictionary(&mut self, d: &[u8]) -> i32 {
        // SAFETY: the slice is readable, the stream initialized.
        unsafe {
            match self.inflating {
                true => z::inflateSetDictionary(&mut *self.z, d.as_ptr(), d.len() as u32),
                false => z::deflateSetDictionary(&mut *self.z, d.as_ptr(), d.len() as u32),
            }
        }
    }
    fn message(&self) -> Option<String> {
        // SAFETY: null, or a C string of the library.
        (!self.z.msg.is_null()).then(|| {
            unsafe { CStr::from_ptr(self.z.msg) }
                .to_string_lossy()
                .into_owned()
        })
    }
    /// Work `input` off until it is used up, `most` bytes are made, or the stream ends: the result, the bytes of
    /// input that were used, and the last code.
    fn run(
        &mut self,
        input: &[u8],
        flush: i32,
        most: usize,
        dictionary: Option<&[u8]>,
    ) -> (Vec<u8>, usize, i32) {
        let mut out = Vec::new();
        let mut used = 0;
        loop {
            let part = &input[used..];
            let part = &part[..part.len().min(1 << 30)];
            let last = used + part.len() == input.len();
            let room = (out.len().clamp(1 << 12, 1 << 24)).min(most - out.len());
            let begin = out.len();
            out.resize(begin + room, 0);
            self.z.next_in = part.as_ptr();
            self.z.avail_in = part.len() as u32;
            self.z.next_out = out[begin..].as_mut_ptr();
            self.z.avail_out = room as u32;
            let f = if last { flush } else { NO_FLUSH };
            // SAFETY: both windows are live slices of these lengths.
            let r = unsafe {
                match self.inflating {
                    true => z::inflate(&mut *self.z, f),
                    false => z::deflate(&mut *self.z, f),
                }
            };
            used += part.len() - self.z.avail_in as usize;
            out.truncate(begin + room - self.z.avail_out as usize);
            let full = self.z.avail_out == 0;
            if r == NEED_DICT
                && let Some(d) = dictionary
                && self.set_dictionary(d) == OK
            {
                continue;
            }
            let goes_on = r == OK || (r == BUF_ERROR && full);
            let more = goes_on && out.len() < most && (full || used < input.len());
            if !more {
                return (out, used, r);
            }
        }
    }
}

fn fail(th: &Thread, text: &str) -> Raised {
    own_errors::raise(th, "zlib", "error", text)
}
/// The error of a code, while doing something.
fn stream_error(th: &Thread, code: i32, doing: &str, message: Option<String>) -> Raised {
    let known = match code {
        BUF_ERROR => Some("incomplete or truncated stream"),
        -2 => Some("inconsistent stream state"),
        -3 => Some("invalid input data"),
        _ => None,
    };
    let message = message.or(known.map(|m| m.to_string()));
    match message {
        Some(m) => fail(th, &format!("Error {code} {doing}: {m}")),
        None => fail(th, &format!("Error {code} {doing}")),
    }
}

// Words of every object here: the box with its stream, unused data, unconsumed tail, end reached, dictionary; and
// whether it is finished with, or for the reader whether its last output filled the limit.
const STREAM: usize = 0;
const UNUSED: usize = 1;
const TAIL: usize = 2;
const EOF: usize = 3;
const DICTIONARY: usize = 4;
const CLOSED: usize = 5;
const FULL: usize = 5;
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the classes here have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn field(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}
fn held(v: Value, i: usize) -> &'static [u8] {
    bytes::as_slice(field(v, i)).unwrap_or(&[])
}
fn put(th: &Thread, v: Value, i: usize, data: &[u8]) -> R<()> {
    let b = bytes::new(th, data)?;
    th.set_in(v, slot(v, i), Some(b));
    Ok(())
}
fn at_end(v: Value) -> bool {
    field(v, EOF) == Value::TRUE
}
fn stream(v: Value) -> &'static mut Stream {
    let b = field(v, STREAM);
    // SAFETY: the box holds a stream until it dies, which is after the object on the stack; methods run one at a time
    // under the GIL and hold no other reference.
    unsafe { native_state::get(b) }
}
fn wrap(th: &Thread, cls: Gc<TypeObj>, s: Stream) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    let b = native_state::new(th, s)?;
    th.set_in(v, slot(v, STREAM), Some(b));
    slot(v, EOF).init(Some(Value::FALSE));
    put(th, v, UNUSED, &[])?;
    put(th, v, TAIL, &[])?;
    Ok(v)
}
fn class_named(th: &Thread, name: &str) -> R<Gc<TypeObj>> {
    let me = habu_runtime::import::import_module(th, "zlib")?;
    Ok(expect(habu_runtime::core::attr::get_text(th, me, name)?))
}
fn number(th: &Thread, v: Option<Value>, default: i32) -> R<i32> {
    v.map_or(Ok(default), |v| parse::as_i32(th, v))
}
/// A dictionary argument as bytes of our own.
fn dictionary(th: &Thread, v: Option<Value>) -> R<Option<Value>> {
    match v.filter(|v| !v.is_none()) {
        None => Ok(None),
        Some(v) => match bytes::bytes_like(th, v)? {
            Some(b) => bytes::new(th, b).map(Some),
            None => Err(error::type_error(
                th,
                "zdict argument must support the buffer protocol",
            )),
        },
    }
}

fn compress(th: &Thread, a: Args) -> R {
    let [data, level, wbits] =
        habu_runtime::args!(th, a, "compress", ["data", "level", "wbits"], 1, 1, 3);
    let b = bytes::buffer(th, data.unwrap_or(Value::NONE))?;
    let d = Deflating {
        level: number(th, level, -1)?,
        method: 8,
        wbits: number(th, wbits, MAX_WBITS)?,
        memory: 8,
        strategy: 0,
    };
    let mut s = match Stream::deflate(&d) {
        Ok(s) => s,
        Err(-2) => return Err(fail(th, "Bad compression level")),
        Err(r) => return Err(stream_error(th, r, "while compressing data", None)),
    };
    let (out, _, r) = s.run(b, FINISH, usize::MAX, None);
    match r {
        STREAM_END => bytes::new(th, &out),
        r => Err(stream_error(th, r, "while compressing data", s.message())),
    }
}
fn decompress(th: &Thread, a: Args) -> R {
    let [data, wbits, size] =
        habu_runtime::args!(th, a, "decompress", ["data", "wbits", "bufsize"], 1, 1, 3);
    let b = bytes::buffer(th, data.unwrap_or(Value::NONE))?;
    if size.map_or(Ok(DEF_BUF_SIZE), |n| parse::as_isize(th, n))? < 0 {
        return Err(error::value_error(th, "bufsize must be non-negative"));
    }
    let doing = "while decompressing data";
    let mut s = match Stream::inflate(number(th, wbits, MAX_WBITS)?) {
        Ok(s) => s,
        Err(r) => {
            return Err(stream_error(
                th,
                r,
                "while preparing to decompress data",
                None,
            ));
        }
    };
    let (out, _, r) = s.run(b, SYNC_FLUSH, usize::MAX, None);
    match r {
        STREAM_END => bytes::new(th, &out),
        OK | BUF_ERROR => Err(stream_error(th, BUF_ERROR, doing, None)),
        r => Err(stream_error(th, r, doing, s.message())),
    }
}
fn compressobj(th: &Thread, a: Args) -> R {
    let [level, method, wbits, memory, strategy, zdict] = habu_runtime::args!(
        th,
        a,
        "compressobj",
        ["level", "method", "wbits", "memLevel", "strategy", "zdict"],
        0,
        0,
        6
    );
    let d = Deflating {
        level: number(th, level, -1)?,
        method: number(th, method, 8)?,
        wbits: number(th, wbits, MAX_WBITS)?,
        memory: number(th, memory, 8)?,
        strategy: number(th, strategy, 0)?,
    };
    let zdict = dictionary(th, zdict)?;
    let Ok(mut s) = Stream::deflate(&d) else {
        return Err(error::value_error(th, "Invalid initialization option"));
    };
    if let Some(d) = zdict.and_then(bytes::as_slice)
        && s.set_dictionary(d) != OK
    {
        return Err(error::value_error(th, "Invalid dictionary"));
    }
    wrap(th, class_named(th, "Compress")?, s)
}
fn make_decompressor(
    th: &Thread,
    cls: Gc<TypeObj>,
    wbits: Option<Value>,
    zdict: Option<Value>,
) -> R {
    let wbits = number(th, wbits, MAX_WBITS)?;
    let zdict = dictionary(th, zdict)?;
    let Ok(mut s) = Stream::inflate(wbits) else {
        return Err(error::value_error(th, "Invalid initialization option"));
    };
    // A raw stream does not say that it needs one.
    if let Some(d) = zdict.and_then(bytes::as_slice)
        && wbits < 0
        && s.set_dictionary(d) != OK
    {
        return Err(fail(th, "Error -3 while setting zdict"));
    }
    let v = wrap(th, cls, s)?;
    th.set_in(v, slot(v, DICTIONARY), zdict);
    Ok(v)
}
fn decompressobj(th: &Thread, a: Args) -> R {
    let [wbits, zdict] = habu_runtime::args!(th, a, "decompressobj", ["wbits", "zdict"], 0, 0, 2);
    make_decompressor(th, class_named(th, "Decompress")?, wbits, zdict)
}

/// Nothing more is done with a stream that was finished.
fn check_open(th: &Thread, v: Value, doing: &str) -> R<()> {
    match field(v, CLOSED) {
        Value::TRUE => Err(stream_error(th, -2, doing, None)),
        _ => Ok(()),
    }
}
fn object_compress(th: &Thread, v: Value, data: Value) -> R {
    let b = bytes::buffer(th, data)?;
    check_open(th, v, "while compressing data")?;
    let s = stream(v);
    let (out, _, r) = s.run(b, NO_FLUSH, usize::MAX, None);
    match r {
        OK | BUF_ERROR => bytes::new(th, &out),
        r => Err(stream_error(th, r, "while compressing data", s.message())),
    }
}
fn object_flush(th: &Thread, a: &[Value]) -> R {
    let mode = number(th, a.get(1).copied(), FINISH)?;
    if mode == NO_FLUSH {
        return bytes::new(th, &[]);
    }
    check_open(th, a[0], "while flushing")?;
    let s = stream(a[0]);
    let (out, _, r) = s.run(&[], mode, usize::MAX, None);
    if mode == FINISH && r == STREAM_END {
        slot(a[0], CLOSED).init(Some(Value::TRUE));
    }
    match r {
        OK | BUF_ERROR | STREAM_END => bytes::new(th, &out),
        r => Err(stream_error(th, r, "while flushing", s.message())),
    }
}
fn object_copy(th: &Thread, v: Value) -> R {
    let bad = || error::value_error(th, "Inconsistent stream state");
    if field(v, CLOSED) == Value::TRUE {
        return Err(bad());
    }
    let s = stream(v).copy().map_err(|_| bad())?;
    let n = wrap(th, class::of(v), s)?;
    for i in UNUSED..=DICTIONARY {
        th.set_in(n, slot(n, i), slot(v, i).get());
    }
    Ok(n)
}
fn object_deep(th: &Thread, v: Value, _: Value) -> R {
    object_copy(th, v)
}
/// `bytes + more` into a slot.
fn append(th: &Thread, v: Value, i: usize, more: &[u8]) -> R<()> {
    if more.is_empty() {
        return Ok(());
    }
    put(th, v, i, &[held(v, i), more].concat())
}
/// Decompress `b`; what was not used goes where it belongs.
fn feed(th: &Thread, v: Value, b: &[u8], flush: i32, most: usize) -> R<Vec<u8>> {
    let s = stream(v);
    let zdict = field(v, DICTIONARY);
    let (out, used, r) = s.run(b, flush, most, bytes::as_slice(zdict));
    match r {
        STREAM_END => {
            slot(v, EOF).init(Some(Value::TRUE));
            append(th, v, UNUSED, &b[used..])?;
            put(th, v, TAIL, &[])?;
        }
        OK | BUF_ERROR => put(th, v, TAIL, &b[used..])?,
        r => return Err(stream_error(th, r, "while decompressing data", s.message())),
    }
    Ok(out)
}
fn object_decompress(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [data, most] =
        habu_runtime::args!(th, a.rest(), "decompress", ["data", "max_length"], 1, 1, 2);
    let b = bytes::buffer(th, data.unwrap_or(Value::NONE))?;
    let most = match most.map_or(Ok(0), |n| parse::as_isize(th, n))? {
        n if n < 0 => return Err(error::value_error(th, "max_length must be non-negative")),
        0 => usize::MAX,
        n => n as usize,
    };
    if at_end(v) {
        append(th, v, UNUSED, b)?;
        return bytes::new(th, &[]);
    }
    let out = feed(th, v, b, SYNC_FLUSH, most)?;
    bytes::new(th, &out)
}
fn object_finish(th: &Thread, a: &[Value]) -> R {
    if a.len() > 1 && parse::as_isize(th, a[1])? <= 0 {
        return Err(error::value_error(th, "length must be greater than zero"));
    }
    let v = a[0];
    let out = match at_end(v) {
        true => Vec::new(),
        false => feed(th, v, held(v, TAIL), FINISH, usize::MAX)?,
    };
    if at_end(v) {
        slot(v, CLOSED).init(Some(Value::TRUE));
    }
    bytes::new(th, &out)
}

fn reader_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let [wbits, zdict] =
        habu_runtime::args!(th, a, "_ZlibDecompressor", ["wbits", "zdict"], 0, 0, 2);
    make_decompressor(th, cls, wbits, zdict)
}
/// As `bz2` and `lzma` have it: input that is left over is kept inside.
fn reader_decompress(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [data, most] =
        habu_runtime::args!(th, a.rest(), "decompress", ["data", "max_length"], 0, 1, 2);
    let b = bytes::buffer(th, data.unwrap_or(Value::NONE))?;
    let most = match most.map_or(Ok(-1), |n| parse::as_isize(th, n))? {
        n if n < 0 => usize::MAX,
        n => n as usize,
    };
    if at_end(v) {
        return Err(error::raise(
            th,
            C::EOFError,
            "End of stream already reached",
        ));
    }
    let all = [held(v, TAIL), b].concat();
    if most == 0 {
        put(th, v, TAIL, &all)?;
        return bytes::new(th, &[]);
    }
    let out = feed(th, v, &all, SYNC_FLUSH, most)?;
    // Output that just filled the limit may be followed by more without further input.
    let full = Value::bool(out.len() == most && !at_end(v));
    th.set_in(v, slot(v, FULL), Some(full));
    bytes::new(th, &out)
}
fn needs_input(_: &Thread, v: Value) -> R {
    let more = held(v, TAIL).is_empty() && field(v, FULL) != Value::TRUE;
    Ok(Value::bool(more && !at_end(v)))
}

static COMPRESS_METHODS: [MethodDef; 5] = [
    m2("compress", object_compress).sig("($self, data, /)"),
    mv("flush", object_flush, 1, 2),
    m1("copy", object_copy).sig("($self, /)"),
    m1("__copy__", object_copy).sig("($self, /)"),
    m2("__deepcopy__", object_deep).sig("($self, memo, /)"),
];
static COMPRESS: TypeSpec = TypeSpec::new("Compress", kinds::RECORD)
    .module("zlib")
    .words(6)
    .flags(tf::NO_NEW)
    .methods(&COMPRESS_METHODS);
static DECOMPRESS_METHODS: [MethodDef; 5] = [
    mk("decompress", object_decompress).sig("($self, data, /, max_length=0)"),
    mv("flush", object_finish, 1, 2),
    m1("copy", object_copy).sig("($self, /)"),
    m1("__copy__", object_copy).sig("($self, /)"),
    m2("__deepcopy__", object_deep).sig("($self, memo, /)"),
];
static DECOMPRESS_GETSET: [GetSetDef; 3] = [
    gs("unused_data", |_, v| Ok(field(v, UNUSED))),
    gs("unconsumed_tail", |_, v| Ok(field(v, TAIL))),
    gs("eof", |_, v| Ok(field(v, EOF))),
];
static DECOMPRESS: TypeSpec = TypeSpec::new("Decompress", kinds::RECORD)
    .module("zlib")
    .words(6)
    .flags(tf::NO_NEW)
    .methods(&DECOMPRESS_METHODS)
    .getset(&DECOMPRESS_GETSET);
static READER_METHODS: [MethodDef; 1] =
    [mk("decompress", reader_decompress).sig("($self, /, data, max_length=-1)")];
static READER_GETSET: [GetSetDef; 3] = [
    gs("unused_data", |_, v| Ok(field(v, UNUSED))),
    gs("needs_input", needs_input),
    gs("eof", |_, v| Ok(field(v, EOF))),
];
static READER: TypeSpec = TypeSpec::new("_ZlibDecompressor", kinds::RECORD)
    .module("zlib")
    .words(6)
    .methods(&READER_METHODS)
    .getset(&READER_GETSET)
    .new_fn(reader_new);

fn adler32(th: &Thread, a: &[Value]) -> R {
    let b = bytes::buffer(th, a[0])?;
    let start = match a.get(1) {
        Some(_) => crate::binascii::start(th, a)?,
        None => 1,
    };
    // SAFETY: a readable slice.
    let sum = unsafe { z::adler32_z(start as _, b.as_ptr(), b.len()) };
    Ok(Value::small_int(sum as i64))
}
static FUNCTIONS: [MethodDef; 6] = [
    mk("compress", compress).sig("($module, data, /, level=-1, wbits=15)"),
    mk("decompress", decompress).sig("($module, data, /, wbits=15, bufsize=16384)"),
    mk("compressobj", compressobj),
    mk("decompressobj", decompressobj),
    mv("crc32", crate::binascii::crc32, 1, 2).sig("($module, data, value=0, /)"),
    mv("adler32", adler32, 1, 2).sig("($module, data, value=1, /)"),
];
const NUMBERS: &[(&str, i64)] = &[
    ("MAX_WBITS", MAX_WBITS as i64),
    ("DEFLATED", 8),
    ("DEF_MEM_LEVEL", 8),
    ("DEF_BUF_SIZE", DEF_BUF_SIZE),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_NO_COMPRESSION", 0),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_SYNC_FLUSH", 2),
    ("Z_FULL_FLUSH", 3),
    ("Z_FINISH", 4),
    ("Z_BLOCK", 5),
    ("Z_TREES", 6),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let h = m::new(th, "zlib", &FUNCTIONS)?;
    for (name, n) in NUMBERS {
        m::set(th, h, name, Value::small_int(*n))?;
    }
    // SAFETY: a C string of the library.
    let version = unsafe { CStr::from_ptr(z::zlibVersion()) };
    let version = string::new_value(th, &version.to_string_lossy())?;
    m::set(th, h, "ZLIB_VERSION", version)?;
    m::set(th, h, "ZLIB_RUNTIME_VERSION", version)?;
    for spec in [&COMPRESS, &DECOMPRESS, &READER] {
        let c = class_make::from_spec(th, spec, None)?;
        m::set(th, h, spec.name, c.value())?;
    }
    own_errors::add(th, h, "zlib", "error", C::Exception)?;
    Ok(h)
}

//! `marshal`: objects of built-in types as bytes and back, in CPython's format but for code objects.

mod read;
mod write;

use habu_bytecode::pyc::MAGIC_NUMBER;
use habu_runtime::core::{hash, parse};
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call};
use habu_runtime::spec::{Args, MethodDef, mk};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;
use read::{Reader, Source};
use write::Writer;

const VERSION: i64 = 5;

/// What stands before a code object: 8 bytes that must be the hash of what follows, so that a damaged file is known.
const SUM: usize = 8;

fn sum(b: &[u8]) -> [u8; SUM] {
    hash::keyed(MAGIC_NUMBER.into(), b).to_le_bytes()
}

/// Whether these bytes are a code object as it was written.
pub fn is_intact(data: &[u8]) -> bool {
    data.split_first_chunk::<SUM>()
        .is_some_and(|(s, rest)| *s == sum(rest))
}

fn write(th: &Thread, v: Option<Value>, version: Option<Value>, code: Option<Value>) -> R {
    let version = version.map_or(Ok(VERSION), |v| parse::as_isize(th, v))?;
    let code = code.map_or(Ok(true), |v| ops::truth(th, v))?;
    let mut w = Writer::new(th, version, code);
    w.value(v.unwrap_or(Value::NONE))?;
    if v.is_some_and(|v| v.is::<CodeObj>()) {
        let s = sum(&w.out);
        w.out.splice(..0, s);
    }
    bytes::new(th, &w.out)
}
fn dumps(th: &Thread, a: Args) -> R {
    let [v, version, code] =
        habu_runtime::args!(th, a, "dumps", ["value", "version", "allow_code"], 2, 1, 2);
    write(th, v, version, code)
}
fn dump(th: &Thread, a: Args) -> R {
    let [v, f, version, code] = habu_runtime::args!(
        th,
        a,
        "dump",
        ["value", "file", "version", "allow_code"],
        3,
        2,
        3
    );
    let b = write(th, v, version, code)?;
    call::method_named(th, f.unwrap_or(Value::NONE), "write", &[b])
}
fn loads(th: &Thread, a: Args) -> R {
    let [b, code] = habu_runtime::args!(th, a, "loads", ["bytes", "allow_code"], 1, 1, 1);
    let code = code.map_or(Ok(true), |v| ops::truth(th, v))?;
    let data = bytes::buffer(th, b.unwrap_or(Value::NONE))?;
    let data = if is_intact(data) { &data[SUM..] } else { data }.to_vec();
    Reader::new(th, Source::Data(data, 0), code)?.whole()
}
fn load(th: &Thread, a: Args) -> R {
    let [f, code] = habu_runtime::args!(th, a, "load", ["file", "allow_code"], 1, 1, 1);
    let code = code.map_or(Ok(true), |v| ops::truth(th, v))?;
    Reader::new(th, Source::File(f.unwrap_or(Value::NONE)), code)?.whole()
}
static FUNCTIONS: [MethodDef; 4] = [
    mk("dumps", dumps),
    mk("loads", loads),
    mk("dump", dump),
    mk("load", load),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let x = m::new(th, "marshal", &FUNCTIONS)?;
    m::set(th, x, "version", Value::small_int(VERSION))?;
    Ok(x)
}

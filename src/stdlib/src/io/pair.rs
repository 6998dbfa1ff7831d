//! `BufferedRWPair`: a reader and a writer, each asked for its part.

use super::*;
use habu_runtime::kinds;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, gs, m1, mk, mv};

const READER: usize = 0;
const WRITER: usize = 1;

fn part(th: &Thread, v: Value, i: usize) -> R {
    match slot(v, i).get() {
        Some(p) => Ok(p),
        None => Err(uninitialized(th)),
    }
}
fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    alloc(th, cls)
}
fn init_(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    habu_runtime::core::parse::no_kwargs(th, "BufferedRWPair", a)?;
    let pos = &a.pos()[1..];
    parse::check_count(th, "BufferedRWPair", pos.len(), 2, 3)?;
    let (r, w) = (pos[0], pos[1]);
    base::check_readable(th, r)?;
    base::check_writable(th, w)?;
    let size = match pos.get(2) {
        Some(&n) => n,
        None => Value::small_int(BUFFER_SIZE as i64),
    };
    let reader = call::call(th, module::class(th, module::READER)?, &[r, size])?;
    let writer = call::call(th, module::class(th, module::WRITER)?, &[w, size])?;
    put(th, v, READER, Some(reader));
    put(th, v, WRITER, Some(writer));
    Ok(Value::NONE)
}
macro_rules! forwards {
    ($($f:ident $which:ident $name:literal)*) => {$(
        fn $f(th: &Thread, a: &[Value]) -> R {
            let p = part(th, a[0], $which)?;
            ask(th, p, $name, &a[1..])
        }
    )*};
}
forwards! {
    read READER "read" peek READER "peek" read1 READER "read1" readinto READER "readinto"
    readinto1 READER "readinto1" readable READER "readable"
    write WRITER "write" flush WRITER "flush" writable WRITER "writable"
}
fn close(th: &Thread, v: Value) -> R {
    let (r, w) = (part(th, v, READER)?, part(th, v, WRITER)?);
    let first = ask(th, w, "close", &[]).map(drop);
    chain(th, first, || ask(th, r, "close", &[]))
}
fn isatty(th: &Thread, v: Value) -> R {
    let w = part(th, v, WRITER)?;
    let r = ask(th, w, "isatty", &[])?;
    if ops::truth(th, r)? {
        return Ok(r);
    }
    ask(th, part(th, v, READER)?, "isatty", &[])
}
fn closed(th: &Thread, v: Value) -> R {
    attr::get_text(th, part(th, v, WRITER)?, "closed")
}
static METHODS: [MethodDef; 13] = [
    mk("__init__", init_),
    mv("read", read, 1, 2).sig("($self, size=-1, /)"),
    mv("peek", peek, 1, 2).sig("($self, size=0, /)"),
    mv("read1", read1, 1, 2).sig("($self, size=-1, /)"),
    mv("readinto", readinto, 2, 2).sig("($self, buffer, /)"),
    mv("readinto1", readinto1, 2, 2).sig("($self, buffer, /)"),
    mv("write", write, 2, 2).sig("($self, buffer, /)"),
    mv("flush", flush, 1, 1).sig("($self, /)"),
    mv("readable", readable, 1, 1).sig("($self, /)"),
    mv("writable", writable, 1, 1).sig("($self, /)"),
    m1("close", close).sig("($self, /)"),
    m1("isatty", isatty).sig("($self, /)"),
    m1("__del__", base::del),
];
static GETSET: [GetSetDef; 1] = [gs("closed", closed)];
pub static PAIR: TypeSpec = TypeSpec::new("BufferedRWPair", kinds::RECORD)
    .module("_io")
    .doc("A raw stream that is read and another that is written, both with a buffer.")
    .words(2)
    .flags(base::FLAGS)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

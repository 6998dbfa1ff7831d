//! The module itself: its classes, made once and kept with it.

use super::*;
use habu_runtime::core::{class_make, dict, tuple};
use habu_runtime::modules as m;
use habu_runtime::runtime::{self, Keep};
use habu_runtime::spec::{MethodDef, mk};
use habu_runtime::thread::expect;

macro_rules! classes {
    ($($id:ident = $spec:path, $base:expr;)*) => {
        classes!(@number 0usize, $($id)*);
        /// Spec and base of each, bases first.
        static CLASSES: &[(&TypeSpec, Option<usize>)] = &[$((&$spec, $base)),*];
    };
    (@number $n:expr, $id:ident $($rest:ident)*) => {
        // Not every class is asked for by its number.
        #[allow(dead_code)]
        pub const $id: usize = $n;
        classes!(@number $n + 1, $($rest)*);
    };
    (@number $n:expr,) => {
        pub const UNSUPPORTED: usize = $n;
    };
}
classes! {
    IO_BASE = base::IO_BASE, None;
    RAW_BASE = base::RAW_BASE, Some(IO_BASE);
    BUFFERED_BASE = base::BUFFERED_BASE, Some(IO_BASE);
    TEXT_BASE = base::TEXT_BASE, Some(IO_BASE);
    FILE_IO = fileio::FILE_IO, Some(RAW_BASE);
    BYTES_IO = bytesio::BYTES_IO, Some(BUFFERED_BASE);
    READER = reader::READER, Some(BUFFERED_BASE);
    WRITER = writer::WRITER, Some(BUFFERED_BASE);
    RANDOM = writer::RANDOM, Some(BUFFERED_BASE);
    PAIR = pair::PAIR, Some(BUFFERED_BASE);
    STRING_IO = stringio::STRING_IO, Some(TEXT_BASE);
    TEXT = text::TEXT, Some(TEXT_BASE);
    NEWLINE_DECODER = newline::DECODER_TYPE, None;
}

/// The module and its classes, a tuple.
fn kept() -> Option<Gc<TupleObj>> {
    runtime::kept(Keep::Io).and_then(|k| k.cast())
}
/// Class `i`, by the numbers above.
pub fn class(th: &Thread, i: usize) -> R {
    if let Some(k) = kept() {
        return Ok(k.items()[i + 1]);
    }
    init(th)?;
    match kept() {
        Some(k) => Ok(k.items()[i + 1]),
        None => Err(error::raise(th, C::SystemError, "_io is not there")),
    }
}
pub fn type_of(th: &Thread, i: usize) -> R<Gc<TypeObj>> {
    Ok(expect(class(th, i)?))
}
static FUNCTIONS: [MethodDef; 3] = [
    mk("open", opening::open)
        .sig("($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)"),
    mk("open_code", opening::open_code).sig("($module, /, path)"),
    mk("text_encoding", opening::text_encoding).sig("($module, encoding, stacklevel=2, /)"),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    if let Some(k) = kept() {
        return Ok(expect(k.items()[0]));
    }
    let io = m::new(th, "_io", &FUNCTIONS)?;
    let mut all = [Value::NONE; CLASSES.len() + 2];
    all[0] = io.value();
    for (i, (spec, base)) in CLASSES.iter().enumerate() {
        let base = base.map(|b| expect(all[b + 1]));
        let c = class_make::from_spec(th, spec, base)?;
        m::set(th, io, spec.name, c.value())?;
        all[i + 1] = c.value();
    }
    let bases = tuple::new_value(
        th,
        &[
            runtime::class_value(C::OSError),
            runtime::class_value(C::ValueError),
        ],
    )?;
    let d = dict::new_dict(th)?;
    dict::set_text(th, d, "__module__", string::new_value(th, "io")?)?;
    let name = string::new_value(th, "UnsupportedOperation")?;
    let u = call::call(th, runtime::class_value(C::Type), &[name, bases, d.value()])?;
    m::set(th, io, "UnsupportedOperation", u)?;
    all[UNSUPPORTED + 1] = u;
    m::set(
        th,
        io,
        "BlockingIOError",
        runtime::class_value(C::BlockingIOError),
    )?;
    m::set(
        th,
        io,
        "DEFAULT_BUFFER_SIZE",
        Value::small_int(BUFFER_SIZE as i64),
    )?;
    let all = tuple::new(th, &all)?;
    runtime::keep(Keep::Io, Some(all.value()));
    Ok(io)
}

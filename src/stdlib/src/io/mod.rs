//! `_io`: files and streams in memory, as Lib's `io` builds on them. One file for each family of classes.
//!
//! What must hold: whatever may run Python code (an argument's conversion, a stream that a program wrote) is over
//! before state is touched, and state is looked at anew after it; a system call that may wait runs outside the runtime
//! and touches only memory that its object's lock (`buffered::Lock`) or the stack keeps. Streams of our own classes are
//! asked directly, others by their methods.

mod atend;
mod base;
mod buffered;
mod bytesio;
mod codec;
mod descriptor;
mod fileio;
mod module;
mod newline;
mod opening;
mod pair;
mod reader;
mod standard;
mod stringio;
mod text;
mod text_change;
mod text_read;
mod text_seek;
mod text_write;
mod textbuf;
mod writer;

pub use atend::flush_all;
pub use module::init;
pub use standard::{Standard, make as standard};
pub use text::TEXT;
pub use text_write::write as write_text;

use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, int, parse, string};
use habu_runtime::error;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call};
use habu_runtime::spec::{TypeSpec, type_flags as tf};
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types::iters;
use habu_runtime::value::{Slot, Value};

/// How many bytes streams buffer where nobody says otherwise.
pub const BUFFER_SIZE: usize = 128 * 1024;

/// Native word `i` of a stream.
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: called for objects of this module's classes, with the words that their specs declare.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn put(th: &Thread, v: Value, i: usize, x: Option<Value>) {
    th.set_in(v, slot(v, i), x)
}
/// An object of this class whose words are all absent.
fn alloc(th: &Thread, cls: Gc<TypeObj>) -> R {
    // SAFETY: just made with this class's layout.
    Ok(unsafe { Value::from_ptr(iters::alloc(th, cls)?) })
}
/// An instance of the native class, or of one made from it.
fn is_a(v: Value, spec: &'static TypeSpec) -> bool {
    v.kind() == spec.kind && std::ptr::eq(class::of(v).spec(), spec)
}
/// An instance of the very class: its methods are ours.
fn is_exact(v: Value, spec: &'static TypeSpec) -> bool {
    is_a(v, spec) && !class::of(v).has(tf::HEAP)
}
fn unsupported(th: &Thread, what: &str) -> Raised {
    let r = module::class(th, module::UNSUPPORTED)
        .and_then(|c| call::call(th, c, &[string::new_value(th, what)?]));
    match r {
        Ok(e) => error::raise_value(th, e),
        Err(r) => r,
    }
}
fn closed_error(th: &Thread) -> Raised {
    error::value_error(th, "I/O operation on closed file.")
}
fn uninitialized(th: &Thread) -> Raised {
    error::value_error(th, "I/O operation on uninitialized object")
}
/// `v.name(*args)`.
fn ask(th: &Thread, v: Value, name: &str, args: &[Value]) -> R {
    call::method_named(th, v, name, args)
}
fn ask_bool(th: &Thread, v: Value, name: &str) -> R<bool> {
    let r = ask(th, v, name, &[])?;
    ops::truth(th, r)
}
fn is_closed(th: &Thread, v: Value) -> R<bool> {
    let c = attr::get_text(th, v, "closed")?;
    ops::truth(th, c)
}
fn type_error(th: &Thread, text: String) -> Raised {
    error::type_error(th, &text)
}
/// A size argument: absent and None are -1.
fn size_arg(th: &Thread, v: Option<&Value>) -> R<i64> {
    match v {
        None => Ok(-1),
        Some(v) if v.is_none() => Ok(-1),
        Some(&v) if v.is_int() => Ok(v.as_int().unwrap_or(-1)),
        Some(&v) if class::special_of(v, habu_runtime::names::N::Index).is_some() => {
            parse::as_isize(th, v)
        }
        Some(&v) => Err(type_error(
            th,
            format!(
                "argument should be integer or None, not '{}'",
                class::type_name(v)
            ),
        )),
    }
}
/// A file offset.
fn offset(th: &Thread, v: Value) -> R<i64> {
    if class::special_of(v, habu_runtime::names::N::Index).is_none() {
        return Err(type_error(
            th,
            format!(
                "'{}' object cannot be interpreted as an integer",
                class::type_name(v)
            ),
        ));
    }
    let i = parse::index(th, v)?;
    match int::to_i64(i) {
        Some(i) => Ok(i),
        None => Err(error::raise(
            th,
            C::OverflowError,
            "cannot fit 'int' into an offset-sized integer",
        )),
    }
}
/// The memory of an argument that is written into.
fn room(th: &Thread, v: Value, func: &str) -> R<&'static mut [u8]> {
    let r = habu_runtime::types::memoryview::writable(th, v);
    match error::absorb(th, r, C::TypeError)? {
        Some(m) => Ok(m),
        None => Err(type_error(
            th,
            format!(
                "{func}() argument must be read-write bytes-like object, not {}",
                class::type_name(v)
            ),
        )),
    }
}
/// The data of a bytes-like argument, as `func` words its absence.
fn data(th: &Thread, v: Value) -> R<&'static [u8]> {
    habu_runtime::types::bytes::buffer(th, v)
}
/// `BlockingIOError(errno, text, written)`.
fn blocking(th: &Thread, text: &str, written: usize) -> Raised {
    let r = (|| -> R {
        let c = habu_runtime::runtime::class_value(C::BlockingIOError);
        call::call(
            th,
            c,
            &[
                Value::small_int(libc::EAGAIN as i64),
                string::new_value(th, text)?,
                Value::small_int(written as i64),
            ],
        )
    })();
    match r {
        Ok(e) => error::raise_value(th, e),
        Err(r) => r,
    }
}
/// Run `second` whatever `first` gave; `first`'s exception becomes the context of `second`'s, else it is the result.
fn chain(th: &Thread, first: R<()>, second: impl FnOnce() -> R) -> R {
    if first.is_ok() {
        return second();
    }
    let e = th.take();
    match second() {
        Ok(_) => Err(th.restore(e)),
        Err(r) => {
            if let Some(x) = th.pending.get().and_then(|p| p.cast::<ExcObj>())
                && x.value() != e
            {
                th.set(x, &x.context, Some(e));
            }
            Err(r)
        }
    }
}
/// `<class name=…>`, without a name where the stream has none.
fn repr_named(th: &Thread, v: Value) -> R {
    let cls = class::full_name(class::of(v));
    let r = attr::get_text_opt(th, v, "name");
    let name = match error::absorb(th, r, C::ValueError)? {
        Some(Some(n)) => n,
        _ => return string::new_value(th, &format!("<{cls}>")),
    };
    let r = ops::repr::guarded(th, v, || {
        let n = ops::repr::repr_string(th, name)?;
        string::new_value(th, &format!("<{cls} name={n}>"))
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
/// A switch that `close` looks at.
fn switch(th: &Thread, x: Option<Value>) -> R<bool> {
    match x {
        Some(Value::TRUE) => Ok(true),
        Some(Value::FALSE) => Ok(false),
        Some(_) => Err(error::type_error(th, "attribute value type must be bool")),
        None => Err(error::type_error(th, "can't delete numeric/char attribute")),
    }
}
/// Pickling is refused; a subclass may have a state of its own.
fn no_state(th: &Thread, a: &[Value]) -> R {
    Err(type_error(
        th,
        format!("cannot pickle '{}' instances", class::type_name(a[0])),
    ))
}

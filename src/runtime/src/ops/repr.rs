//! `repr`, `str`, `ascii`.

use crate::classes::C;
use crate::core::class::{self, special};
use crate::core::{list, string};
use crate::error;
use crate::names::N;
use crate::object::*;
use crate::ops::call::call_special;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

pub fn repr(th: &Thread, v: Value) -> R {
    if v.is_int() {
        return crate::types::int::to_text(th, v);
    }
    th.check_native_stack()?;
    if v.shape() == C::Str.shape() {
        return crate::types::string::repr(th, v);
    }
    match special(class::of(v), N::Repr) {
        Some(f) => {
            let r = call_special(th, f, v, &[])?;
            if r.is::<StrObj>() {
                return Ok(r);
            }
            Err(error::type_error(
                th,
                &format!(
                    "__repr__ returned non-string (type {})",
                    class::type_name(r)
                ),
            ))
        }
        None => crate::types::object::repr(th, v),
    }
}

pub fn str(th: &Thread, v: Value) -> R {
    if v.shape() == C::Str.shape() {
        return Ok(v);
    }
    if v.is_int() {
        return crate::types::int::to_text(th, v);
    }
    th.check_native_stack()?;
    match special(class::of(v), N::Str) {
        Some(f) => {
            let r = call_special(th, f, v, &[])?;
            if r.is::<StrObj>() {
                return Ok(r);
            }
            Err(error::type_error(
                th,
                &format!("__str__ returned non-string (type {})", class::type_name(r)),
            ))
        }
        None => repr(th, v),
    }
}

pub fn ascii(th: &Thread, v: Value) -> R {
    let r = repr(th, v)?;
    let s: Gc<StrObj> = expect(r);
    if s.is_ascii() {
        return Ok(r);
    }
    let mut out = string::Builder::new();
    for c in s.chars() {
        if c < 128 {
            out.push_char(c);
        } else if c < 256 {
            out.push_str(&format!("\\x{c:02x}"));
        } else if c < 0x10000 {
            out.push_str(&format!("\\u{c:04x}"));
        } else {
            out.push_str(&format!("\\U{c:08x}"));
        }
    }
    out.finish_value(th)
}

/// For messages.
pub fn repr_string(th: &Thread, v: Value) -> R<String> {
    let r = repr(th, v)?;
    Ok(expect::<StrObj>(r).to_rust().into_owned())
}

pub fn str_string(th: &Thread, v: Value) -> R<String> {
    let r = str(th, v)?;
    Ok(expect::<StrObj>(r).to_rust().into_owned())
}

/// Run `f` unless `v` is already being printed further out; then `None`.
pub fn guarded<T>(th: &Thread, v: Value, f: impl FnOnce() -> R<T>) -> R<Option<T>> {
    let l: Gc<ListObj> = match th.repr_guard.get() {
        Some(l) => expect(l),
        None => {
            let l = list::new(th)?;
            th.repr_guard.init(Some(l.value()));
            l
        }
    };
    if list::items(l).contains(&v) {
        return Ok(None);
    }
    list::push(th, l, v)?;
    let r = f();
    list::pop(l);
    r.map(Some)
}

/// `open` items `close`, with `…` for an object inside itself.
pub fn sequence(
    th: &Thread,
    v: Value,
    open: &str,
    close: &str,
    get: &dyn Fn(usize) -> Option<Value>,
) -> R {
    let r = guarded(th, v, || {
        let mut b = string::Builder::new();
        b.push_str(open);
        let mut i = 0;
        while let Some(x) = get(i) {
            if i > 0 {
                b.push_str(", ");
            }
            b.push(expect(repr(th, x)?));
            i += 1;
        }
        if i == 1 && open == "(" {
            b.push_str(",");
        }
        b.push_str(close);
        b.finish_value(th)
    })?;
    match r {
        Some(r) => Ok(r),
        None => string::new_value(th, &format!("{open}...{close}")),
    }
}

//! Encodings that are not built in go through Python's codec registry.

use crate::classes::C;
use crate::core::{attr, list, string};
use crate::error;
use crate::object::*;
use crate::ops::{call, subscr};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

fn lookup(th: &Thread, encoding: &str) -> R {
    let m = crate::import::import_module(th, "_codecs");
    let m = match m {
        Ok(m) => m,
        Err(_) => {
            th.take();
            return Err(error::raise(
                th,
                C::LookupError,
                &format!("unknown encoding: {encoding}"),
            ));
        }
    };
    let f = attr::get_text(th, m, "lookup")?;
    let e = string::new_value(th, encoding)?;
    call::call(th, f, &[e])
}

fn run(th: &Thread, encoding: &str, errors: &str, arg: Value, which: i64) -> R {
    let c = lookup(th, encoding)?;
    let f = subscr::get(th, c, Value::small_int(which))?;
    let e = string::new_value(th, errors)?;
    let r = call::call(th, f, &[arg, e])?;
    match r.cast::<TupleObj>() {
        Some(t) if t.len() == 2 => Ok(t.items()[0]),
        _ => Err(error::type_error(
            th,
            if which == 0 {
                "encoder must return a tuple (object, integer)"
            } else {
                "decoder must return a tuple (object,integer)"
            },
        )),
    }
}

pub fn lookup_encode(th: &Thread, s: Value, encoding: &str, errors: &str) -> R {
    run(th, encoding, errors, s, 0)
}

pub fn lookup_decode(th: &Thread, data: Value, encoding: &str, errors: &str) -> R {
    run(th, encoding, errors, data, 1)
}

/// An object with room for codec search functions.
pub fn search_list(th: &Thread) -> R<Gc<ListObj>> {
    use crate::runtime::{Keep, keep, kept};
    if let Some(l) = kept(Keep::CodecSearch) {
        return Ok(expect(l));
    }
    let l = list::new(th)?;
    keep(Keep::CodecSearch, Some(l.value()));
    Ok(l)
}

/// A registered error handler.
pub fn lookup_error(th: &Thread, name: &str) -> R {
    use crate::runtime::{Keep, kept};
    if let Some(d) = kept(Keep::CodecErrors)
        && let Some(f) = crate::core::dict::get_text(th, expect(d), name)?
    {
        return Ok(f);
    }
    Err(error::raise(
        th,
        C::LookupError,
        &format!("unknown error handler name '{name}'"),
    ))
}

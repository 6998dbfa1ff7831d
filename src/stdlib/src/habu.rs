//! `_habu`: what our own Python files ask of the runtime.

use habu_runtime::core::{int, list, parse, string, tuple};
use habu_runtime::import;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, MethodDef, m0, m1, m2, mk};
use habu_runtime::thread::{R, Thread};
use habu_runtime::value::Value;

/// `tokens(source, extra)`: the tokens as tuples, and the error they end with or None.
fn tokens(th: &Thread, src: Value, extra: Value) -> R {
    let s = parse::as_str(th, src, "source")?;
    let extra = ops::truth(th, extra)?;
    let (found, failed) = habu_compiler::tokens::tokens(&s.to_rust(), "<string>", extra);
    let l = list::with_capacity(th, found.len())?;
    let pair = |(a, b): (u32, u32)| {
        tuple::new_value(
            th,
            &[Value::small_int(a as i64), Value::small_int(b as i64)],
        )
    };
    for t in &found {
        let (text, line) = (
            string::new_value(th, &t.text)?,
            string::new_value(th, &t.line)?,
        );
        let (start, end) = (pair(t.start)?, pair(t.end)?);
        let x = tuple::new_value(
            th,
            &[Value::small_int(t.kind as i64), text, start, end, line],
        )?;
        list::push(th, l, x)?;
    }
    let e = match failed {
        Some(e) => {
            habu_runtime::import::syntax_error(th, &e, "<string>");
            th.take()
        }
        None => Value::NONE,
    };
    tuple::new_value(th, &[l.value(), e])
}

fn get_ident(th: &Thread) -> R {
    int::from_u64(th, th.id.load(std::sync::atomic::Ordering::Relaxed))
}

/// Whether a packed module is a package; None where there is none of that name.
fn is_packed(th: &Thread, name: Value) -> R {
    let n = parse::as_str(th, name, "name")?;
    Ok(import::packed(&n.to_rust()).map_or(Value::NONE, |p| Value::bool(p.package)))
}
fn packed_code(th: &Thread, name: Value) -> R {
    let n = parse::as_str(th, name, "name")?;
    Ok(import::module_code(th, &n.to_rust())?.value())
}
fn packed_source(th: &Thread, name: Value) -> R {
    let n = parse::as_str(th, name, "name")?;
    match import::packed(&n.to_rust()) {
        Some(p) => string::new_value(th, &String::from_utf8_lossy(p.source)),
        None => Ok(Value::NONE),
    }
}
/// The packed modules right below a prefix, which ends in a dot or is empty: (name, is a package).
fn packed_names(th: &Thread, prefix: Value) -> R {
    let p = parse::as_str(th, prefix, "prefix")?.to_rust().into_owned();
    let l = list::new(th)?;
    for e in crate::packed::INDEX {
        if let Some(rest) = e.name.strip_prefix(&p)
            && !rest.contains('.')
        {
            let n = string::new_value(th, rest)?;
            list::push(th, l, tuple::new_value(th, &[n, Value::bool(e.package)])?)?;
        }
    }
    Ok(l.value())
}
fn is_intact(th: &Thread, data: Value) -> R {
    Ok(Value::bool(crate::marshal::is_intact(
        habu_runtime::types::bytes::buffer(th, data)?,
    )))
}

static FUNCTIONS: [MethodDef; 7] = [
    m2("tokens", tokens),
    m0("get_ident", get_ident),
    m1("is_packed", is_packed),
    m1("packed_code", packed_code),
    m1("packed_source", packed_source),
    m1("packed_names", packed_names),
    m1("is_intact", is_intact),
];
/// `_warnings.warn`, for those who ask it directly: `warnings.warn`.
fn warn(th: &Thread, a: Args) -> R {
    let w = habu_runtime::import::import_module(th, "warnings")?;
    let f = habu_runtime::core::attr::get_text(th, w, "warn")?;
    habu_runtime::ops::call::call_args(th, f, a)
}
static WARNINGS: [MethodDef; 1] = [mk("warn", warn)];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_habu", &FUNCTIONS)
}

/// `_warnings` lacks what `warnings` looks for, which then uses Lib's own implementation.
pub fn warnings(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_warnings", &WARNINGS)
}

//! `_habu`: what our own Python files ask of the runtime.

use habu_runtime::core::{int, list, parse, string, tuple};
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{MethodDef, m0, m2};
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

static FUNCTIONS: [MethodDef; 2] = [m2("tokens", tokens), m0("get_ident", get_ident)];
static NONE: [MethodDef; 0] = [];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_habu", &FUNCTIONS)
}

/// `_warnings` is empty: `warnings` then uses Lib's own implementation.
pub fn warnings(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_warnings", &NONE)
}

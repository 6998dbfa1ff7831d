//! "Did you mean" hints of uncaught AttributeError, NameError and ImportError.

use crate::classes::C;
use crate::core::{class, dict, list};
use crate::object::*;
use crate::ops;
use crate::thread::{R, Thread};
use crate::types::exceptions::x;
use habu_heap::Value;

fn names_of(th: &Thread, l: Value) -> R<Vec<String>> {
    let l = ops::iter::to_list(th, l)?;
    let mut v = Vec::new();
    let mut i = 0;
    while let Some(n) = list::get(l, i) {
        if let Some(s) = n.cast::<StrObj>() {
            v.push(s.to_rust().into_owned());
        }
        i += 1;
    }
    Ok(v)
}

/// Text to put behind the message; empty where there is nothing to say.
pub fn hint(th: &Thread, exc: Value) -> R<String> {
    let e = x(exc);
    let Some(name) = e.f0.get().and_then(|n| n.cast::<StrObj>()) else {
        return Ok(String::new());
    };
    let name = name.to_rust().into_owned();
    let candidates = if class::is_a(exc, C::AttributeError) {
        let Some(obj) = e.f1.get() else {
            return Ok(String::new());
        };
        let dir = crate::interp::builtin_named(th, "dir")?;
        match ops::call::call(th, dir, &[obj]) {
            Ok(d) => names_of(th, d)?,
            Err(_) => {
                th.take();
                return Ok(String::new());
            }
        }
    } else if class::is_a(exc, C::NameError) {
        let Some(f) = last_frame(exc) else {
            return Ok(String::new());
        };
        let mut v = Vec::new();
        let d = crate::types::frame::locals_dict(th, f)?;
        v.extend(names_of(th, d.value())?);
        let func: Gc<FunctionObj> = crate::thread::expect(f.func.get().unwrap_or(Value::NONE));
        for m in [func.globals.get(), func.builtins.get()]
            .into_iter()
            .flatten()
        {
            if let Some(m) = m.cast::<DictObj>() {
                let mut i = 0;
                while let Some((k, _)) = dict::next(m, &mut i) {
                    if let Some(s) = k.cast::<StrObj>() {
                        v.push(s.to_rust().into_owned());
                    }
                }
            }
        }
        v
    } else {
        return Ok(String::new());
    };
    let private = name.starts_with('_');
    let mut sorted: Vec<&str> = candidates
        .iter()
        .map(|s| s.as_str())
        .filter(|s| private || !s.starts_with('_'))
        .collect();
    sorted.sort();
    Ok(match crate::suggest::closest(&name, sorted.into_iter()) {
        Some(s) => format!(". Did you mean: '{s}'?"),
        None => String::new(),
    })
}

fn last_frame(exc: Value) -> Option<Gc<FrameObj>> {
    let mut t: Gc<TracebackObj> = x(exc).traceback.get()?.cast()?;
    while let Some(n) = t.next.get().and_then(|n| n.cast::<TracebackObj>()) {
        t = n;
    }
    t.frame.get()?.cast()
}

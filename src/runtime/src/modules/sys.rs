//! `sys`, as far as the runtime itself needs it; the rest is in `habu-stdlib`.

use crate::classes::C;
use crate::core::{attr, dict, string};
use crate::error;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::runtime::rt;
use crate::spec::TypeSpec;
use crate::thread::{R, Thread};
use habu_heap::Value;
use std::sync::OnceLock;

pub fn dict_of_sys() -> Option<Gc<DictObj>> {
    rt().sys_dict.get().and_then(|d| d.cast())
}

/// `sys.name`, where it is set.
pub fn get(th: &Thread, name: &str) -> R<Option<Value>> {
    match dict_of_sys() {
        Some(d) => dict::get_text(th, d, name),
        None => Ok(None),
    }
}

/// The interactive display of an expression statement.
pub fn display(th: &Thread, v: Value) -> R {
    match get(th, "displayhook")? {
        Some(h) => call::call(th, h, &[v]),
        None => Err(error::raise(th, C::RuntimeError, "lost sys.displayhook")),
    }
}

/// Default `sys.displayhook`.
pub fn displayhook(th: &Thread, v: Value) -> R {
    if v.is_none() {
        return Ok(v);
    }
    let b = rt().builtins_dict.get().and_then(|d| d.cast::<DictObj>());
    if let Some(b) = b {
        dict::set_name(th, b, nm(N::Underscore), Value::NONE)?;
    }
    let text = ops::repr::repr(th, v)?;
    write_to(th, "stdout", text)?;
    let nl = string::new_value(th, "\n")?;
    write_to(th, "stdout", nl)?;
    if let Some(b) = b {
        dict::set_name(th, b, nm(N::Underscore), v)?;
    }
    Ok(Value::NONE)
}

/// Writes text to a native stream.
pub type StreamWrite = fn(&Thread, Value, Value) -> R;
static STREAM: OnceLock<(u32, &'static TypeSpec, StreamWrite)> = OnceLock::new();

/// The shape and class of the standard streams as they are made, and how to write to them.
pub fn set_stream_class(shape: u32, spec: &'static TypeSpec, write: StreamWrite) {
    let _ = STREAM.set((shape, spec, write));
}

/// How to write to `v`, where it is a standard stream, whose `write` no attribute of its own replaces.
pub fn stream_writer(v: Value) -> Option<StreamWrite> {
    let (shape, spec, write) = STREAM.get()?;
    (v.shape() == *shape && std::ptr::eq(crate::core::class::of(v).spec(), *spec)).then_some(*write)
}

/// Write text to `sys.stdout` or `sys.stderr`, or to the file behind it before there is one.
pub fn write_to(th: &Thread, stream: &str, text: Value) -> R<()> {
    match get(th, stream)? {
        Some(f) if !f.is_none() => call::method(th, f, nm(N::Write), &[text]).map(drop),
        Some(_) => Ok(()),
        None => {
            let s = ops::repr::str_string(th, text)?;
            crate::modules::builtins_io::write_raw(
                if stream == "stdout" { 1 } else { 2 },
                s.as_bytes(),
            );
            Ok(())
        }
    }
}

/// An exception nobody can catch: report it and go on.
pub fn unraisable(th: &Thread, obj: Option<Value>, text: &str) {
    let Some(e) = th.pending.get() else { return };
    th.pending.init(None);
    let r = (|| -> R<()> {
        if let Some(h) =
            get(th, "unraisablehook")?.filter(|h| !h.is_none() && h.kind() != crate::kinds::BUILTIN)
        {
            let x: Gc<ExcObj> = crate::thread::expect(e);
            let msg = string::new_value(th, text)?;
            let arg = crate::types::namespace::with(
                th,
                &[
                    ("exc_type", crate::core::class::of(e).value()),
                    ("exc_value", e),
                    ("exc_traceback", x.traceback.get().unwrap_or(Value::NONE)),
                    ("err_msg", msg),
                    ("object", obj.unwrap_or(Value::NONE)),
                ],
            )?;
            call::call(th, h, &[arg])?;
            return Ok(());
        }
        let mut head = text.to_string();
        if let Some(o) = obj {
            let r = ops::repr::repr_string(th, o);
            match r {
                Ok(s) => head = format!("{text} {s}"),
                Err(_) => {
                    th.take();
                }
            }
        }
        let mut out = format!("{head}:\n");
        out.push_str(&crate::traceback::format_exception(th, e));
        let s = string::new_value(th, &out)?;
        write_to(th, "stderr", s)
    })();
    if r.is_err() {
        th.take();
    }
}

/// `sys.exit` and uncaught exceptions end here: the process's exit code.
pub fn exit_code(th: &Thread, e: Value) -> i32 {
    let code = e
        .cast::<ExcObj>()
        .and_then(|x| x.f0.get())
        .unwrap_or(Value::NONE);
    if code.is_none() {
        return 0;
    }
    if crate::core::int::is_int(code) {
        return crate::core::int::to_i64(code).map_or(-1, |c| c as i32);
    }
    if let Ok(s) = ops::repr::str(th, code) {
        let _ = write_to(th, "stderr", s);
        if let Ok(nl) = string::new_value(th, "\n") {
            let _ = write_to(th, "stderr", nl);
        }
    }
    1
}

static AT_END: OnceLock<fn(&Thread)> = OnceLock::new();
/// What else is done when the program ends.
pub fn set_end(f: fn(&Thread)) {
    let _ = AT_END.set(f);
}
pub fn end(th: &Thread) {
    if let Some(f) = AT_END.get() {
        f(th)
    }
}

pub fn flush_std(th: &Thread) -> bool {
    let mut ok = true;
    for n in ["stdout", "stderr"] {
        match get(th, n) {
            Ok(Some(f)) if !f.is_none() => {
                if let Ok(Some(c)) = attr::get_text_opt(th, f, "closed")
                    && ops::truth(th, c).unwrap_or(false)
                {
                    continue;
                }
                if call::method(th, f, nm(N::Flush), &[]).is_err() {
                    if n == "stdout" {
                        unraisable(th, None, "Exception ignored while flushing sys.stdout");
                        ok = false;
                    } else {
                        th.take();
                    }
                }
            }
            Ok(_) => {}
            Err(_) => {
                th.take();
            }
        }
    }
    ok
}

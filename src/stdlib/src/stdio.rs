//! The standard streams, made without asking the system more than whether the descriptors are there and what they are.
//! `print` writes to one that nobody changed without a look-up.

use crate::io;
use habu_runtime::config::config;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::thread::{R, Thread};
use habu_runtime::value::Value;

/// Encoding and error handler that PYTHONIOENCODING names.
fn wanted() -> (Option<String>, Option<String>) {
    let set = match config().ignore_environment {
        true => None,
        false => std::env::var("PYTHONIOENCODING").ok(),
    };
    let Some(set) = set else { return (None, None) };
    let (e, h) = set.split_once(':').unwrap_or((&set, ""));
    let some = |s: &str| (!s.is_empty()).then(|| s.to_string());
    (some(e), some(h))
}
/// What kind of file a descriptor is; `None` where there is none.
fn is_device(fd: i32) -> Option<bool> {
    // SAFETY: zero bytes are a `stat`, and the call fills it.
    unsafe {
        let mut s: libc::stat = std::mem::zeroed();
        (libc::fstat(fd, &mut s) == 0).then_some(s.st_mode & libc::S_IFMT == libc::S_IFCHR)
    }
}

/// Make `sys.stdin`, `stdout` and `stderr`, and `open`.
pub fn install(th: &Thread, sys: Gc<ModuleObj>) -> R<()> {
    let module = io::init(th)?;
    if let Some(b) = habu_runtime::runtime::rt()
        .builtins
        .get()
        .and_then(|b| b.cast())
    {
        let open = habu_runtime::core::attr::get_text(th, module.value(), "open")?;
        m::set(th, b, "open", open)?;
    }
    m::sys::set_end(io::flush_all);
    let (encoding, handler) = wanted();
    for (fd, name) in ["stdin", "stdout", "stderr"].iter().enumerate() {
        let v = match is_device(fd as i32) {
            None => Value::NONE,
            Some(device) => {
                let how = io::Standard {
                    fd: fd as i32,
                    device,
                    encoding: encoding.as_deref(),
                    errors: if fd == 2 {
                        "backslashreplace"
                    } else {
                        handler.as_deref().unwrap_or("strict")
                    },
                    unbuffered: config().unbuffered,
                };
                io::standard(th, how)?
            }
        };
        if fd == 1 && !v.is_none() {
            m::sys::set_stream_class(v.shape(), &io::TEXT, io::write_text);
        }
        m::set(th, sys, name, v)?;
        m::set(th, sys, &format!("__{name}__"), v)?;
    }
    Ok(())
}

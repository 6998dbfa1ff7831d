//! Raising: every function here makes an exception pending and returns `Raised`.

use crate::classes::C;
use crate::core::{string, tuple};
use crate::object::*;
use crate::runtime::{class, rt};
use crate::thread::{R, Raised, Thread};
use habu_heap::Value;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Raise a class every process has, with a message.
#[cold]
#[inline(never)]
pub fn raise(th: &Thread, c: C, text: &str) -> Raised {
    match string::new(th, text) {
        Ok(s) => raise_args(th, class(c), &[s.value()]),
        Err(r) => r,
    }
}

#[cold]
#[inline(never)]
pub fn type_error(th: &Thread, text: &str) -> Raised {
    raise(th, C::TypeError, text)
}

#[cold]
#[inline(never)]
pub fn value_error(th: &Thread, text: &str) -> Raised {
    raise(th, C::ValueError, text)
}

/// Raise with these `args`, for classes whose construction runs no Python code.
#[cold]
pub fn raise_args(th: &Thread, c: Gc<TypeObj>, args: &[Value]) -> Raised {
    match make(th, c, args) {
        Ok(e) => raise_value(th, e),
        Err(r) => r,
    }
}

pub fn make(th: &Thread, c: Gc<TypeObj>, args: &[Value]) -> R {
    let t = tuple::new(th, args)?;
    crate::types::exceptions::new_instance(th, c, t)
}

/// Raise with one argument (KeyError's key, StopIteration's value).
#[cold]
pub fn raise_with(th: &Thread, c: C, arg: Value) -> Raised {
    raise_args(th, class(c), &[arg])
}

/// Raise an exception object; the exception being handled becomes its context.
#[cold]
pub fn raise_value(th: &Thread, exc: Value) -> Raised {
    set_context(th, exc);
    th.restore(exc)
}

/// Chain the handled exception to `exc`, without making a cycle.
pub fn set_context(th: &Thread, exc: Value) {
    let Some(handled) = crate::interp::current_handled(th) else {
        return;
    };
    if handled == exc {
        return;
    }
    let Some(e) = exc.cast::<ExcObj>() else {
        return;
    };
    // Cut a cycle that would come back to `exc`.
    let mut o = handled.cast::<ExcObj>();
    let mut slow = o;
    let mut step = false;
    while let Some(x) = o {
        let Some(c) = x.context.get() else { break };
        if c == exc {
            x.context.init(None);
            break;
        }
        o = c.cast();
        if step {
            slow = slow.and_then(|s| s.context.get()).and_then(|c| c.cast());
            if slow == o {
                break;
            }
        }
        step = !step;
    }
    th.set(e, &e.context, Some(handled));
}

#[cold]
pub fn out_of_memory(th: &Thread) -> Raised {
    /// One is being made: it is for that that there is no memory.
    static MAKING: AtomicBool = AtomicBool::new(false);
    match rt().memory_error.get() {
        Some(shared) => {
            // What is refused for its size leaves room for an exception of its own, whose traceback is not that of
            // the last one.
            let made = (!MAKING.swap(true, Relaxed)).then(|| {
                let e = make(th, class(C::MemoryError), &[]);
                MAKING.store(false, Relaxed);
                e
            });
            th.restore(made.and_then(Result::ok).unwrap_or(shared))
        }
        None => {
            eprintln!("habu: out of memory during start-up");
            std::process::exit(1)
        }
    }
}

#[cold]
pub fn recursion(th: &Thread) -> Raised {
    // A little room for making the exception itself.
    let (d, n) = (th.depth_limit.get(), th.native_limit.get());
    th.depth_limit.set(d + (50 << 32));
    th.native_limit.set(n.saturating_sub(64 << 10));
    let r = raise(th, C::RecursionError, "maximum recursion depth exceeded");
    th.depth_limit.set(d);
    th.native_limit.set(n);
    r
}

/// Is the pending exception an instance of `c`?
pub fn matches(th: &Thread, c: C) -> bool {
    th.pending
        .get()
        .is_some_and(|e| crate::core::class::is_a(e, c))
}

/// `Ok(None)` where the result is the exception `c`, which is swallowed.
pub fn absorb<T>(th: &Thread, r: R<T>, c: C) -> R<Option<T>> {
    match r {
        Ok(v) => Ok(Some(v)),
        Err(_) if matches(th, c) => {
            th.take();
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// The same, but only where `also` holds.
pub fn absorb_if<T>(th: &Thread, r: R<T>, c: C, also: bool) -> R<Option<T>> {
    match also {
        true => absorb(th, r, c),
        false => r.map(Some),
    }
}

/// An `OSError` (of the subclass that fits) for an errno.
pub fn os_error(th: &Thread, errno: i32, path: Option<Value>) -> Raised {
    let text = errno_text(errno);
    let r = (|| -> R {
        let msg = string::new_value(th, &text)?;
        let num = Value::small_int(errno as i64);
        match path {
            Some(p) => {
                crate::ops::call::call(th, crate::runtime::class_value(C::OSError), &[num, msg, p])
            }
            None => {
                crate::ops::call::call(th, crate::runtime::class_value(C::OSError), &[num, msg])
            }
        }
    })();
    match r {
        Ok(e) => raise_value(th, e),
        Err(r) => r,
    }
}

pub fn io_error(th: &Thread, e: &std::io::Error, path: Option<Value>) -> Raised {
    os_error(th, e.raw_os_error().unwrap_or(libc::EIO), path)
}

pub fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

pub fn errno_text(errno: i32) -> String {
    // SAFETY: strerror returns a readable C string for any number.
    unsafe {
        let p = libc::strerror(errno);
        std::ffi::CStr::from_ptr(p).to_string_lossy().into_owned()
    }
}

/// AttributeError with `name` and `obj`, as CPython words it.
pub fn attribute_error(th: &Thread, obj: Value, name: Value) -> Raised {
    let n = name
        .cast::<StrObj>()
        .map(|s| s.to_rust().into_owned())
        .unwrap_or_default();
    let text = match obj.cast::<TypeObj>() {
        Some(t) => format!("type object '{}' has no attribute '{n}'", t.name_str()),
        None => format!(
            "'{}' object has no attribute '{n}'",
            crate::core::class::type_name(obj)
        ),
    };
    attribute_error_text(th, &text, obj, name)
}

pub fn attribute_error_text(th: &Thread, text: &str, obj: Value, name: Value) -> Raised {
    let r = (|| -> R {
        let s = string::new_value(th, text)?;
        let e = make(th, class(C::AttributeError), &[s])?;
        let x: Gc<ExcObj> = crate::thread::expect(e);
        th.set(x, &x.f0, Some(name));
        th.set(x, &x.f1, Some(obj));
        Ok(e)
    })();
    match r {
        Ok(e) => raise_value(th, e),
        Err(r) => r,
    }
}

/// NameError with its `name`.
pub fn name_error(th: &Thread, c: C, text: &str, name: Value) -> Raised {
    let r = (|| -> R {
        let s = string::new_value(th, text)?;
        let e = make(th, class(c), &[s])?;
        let x: Gc<ExcObj> = crate::thread::expect(e);
        th.set(x, &x.f0, Some(name));
        Ok(e)
    })();
    match r {
        Ok(e) => raise_value(th, e),
        Err(r) => r,
    }
}

/// MemoryError for sizes that this machine (or its limits) cannot give to native memory, which would otherwise
/// end the process.
pub fn check_size(th: &Thread, bytes: usize) -> R<()> {
    if bytes < 1 << 24 {
        return Ok(());
    }
    // SAFETY: plain questions to the system.
    let most = unsafe {
        let ram = libc::sysconf(libc::_SC_PHYS_PAGES) as usize
            * libc::sysconf(libc::_SC_PAGESIZE) as usize;
        let mut l: libc::rlimit = std::mem::zeroed();
        match libc::getrlimit(libc::RLIMIT_AS, &mut l) {
            0 if l.rlim_cur != libc::RLIM_INFINITY => ram.min(l.rlim_cur as usize / 4),
            _ => ram,
        }
    };
    if bytes > most / 2 || Vec::<u8>::new().try_reserve_exact(bytes).is_err() {
        return Err(out_of_memory(th));
    }
    Ok(())
}

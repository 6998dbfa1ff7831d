//! Exceptions: one layout for all, the classes by table.
//!
//! Fields `f0…f7` belong to the class: SystemExit code; StopIteration value; ImportError msg, name, path, name_from;
//! AttributeError name, obj; NameError name; OSError errno, strerror, filename, filename2, written; SyntaxError
//! msg, filename, lineno, offset, text, end_lineno, end_offset, print_file_and_line; Unicode errors encoding,
//! object, start, end, reason; groups message, exceptions.

use crate::classes::C;
use crate::core::{attr, class, dict, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call};
use crate::runtime::class as core_class;
use crate::spec::{
    Args, GetSetDef, Getter, MethodDef, Setter, TypeSpec, gss, m1, m2, mk, type_flags as tf,
};
use crate::thread::{R, Thread, expect};
use habu_heap::{Slot, Value};

pub fn x(v: Value) -> Gc<ExcObj> {
    expect(v)
}
fn or_none(s: &Slot) -> Value {
    s.get().unwrap_or(Value::NONE)
}

/// An instance with these args, fields set from them as the class's constructor does (without Python code).
pub fn new_instance(th: &Thread, cls: Gc<TypeObj>, args: Gc<TupleObj>) -> R {
    let e = alloc(th, cls, args)?;
    if has_fields(cls) {
        init_fields(th, e, cls, args)?;
    }
    Ok(e.value())
}

fn alloc(th: &Thread, cls: Gc<TypeObj>, args: Gc<TupleObj>) -> R<Gc<ExcObj>> {
    // SAFETY: the class has the layout of BaseException.
    let e: Gc<ExcObj> =
        unsafe { Gc::from_raw(crate::types::iters::alloc(th, cls)? as *mut ExcObj) };
    e.args.init(Some(args.value()));
    e.suppress.init(Some(Value::FALSE));
    Ok(e)
}

fn is(cls: Gc<TypeObj>, c: C) -> bool {
    class::is_subclass(cls, core_class(c))
}

/// Is it an exception whose making takes more than storing the arguments? One walk tells it of most that are none.
fn has_fields(cls: Gc<TypeObj>) -> bool {
    const WITH: [C; 7] = [
        C::StopIteration,
        C::SystemExit,
        C::ImportError,
        C::OSError,
        C::SyntaxError,
        C::UnicodeError,
        C::BaseExceptionGroup,
    ];
    cls.mro().items().iter().any(|&c| {
        // SAFETY: an MRO holds classes; the number of a core class is the shape of its instances.
        let id = crate::core::shape::root(unsafe { c.cast_unchecked() }).id();
        WITH.iter().any(|w| w.shape() == id)
    })
}

/// Does a call of this class with any arguments do nothing but keep them?
pub fn keeps_its_arguments(t: Gc<TypeObj>) -> bool {
    let native = |n| class::special(t, n).is_some_and(|f| f.kind() == kinds::BUILTIN);
    is(t, C::BaseException)
        && (!has_fields(t) || t == core_class(C::StopIteration))
        && crate::types::class::plain_call(t)
        && native(N::New)
        && native(N::Init)
        && !t.has(crate::spec::type_flags::FINALIZER)
}

fn init_fields(th: &Thread, e: Gc<ExcObj>, cls: Gc<TypeObj>, args: Gc<TupleObj>) -> R<()> {
    let a = args.items();
    let put = |s: &Slot, i: usize| th.set(e, s, a.get(i).copied());
    if is(cls, C::StopIteration) {
        th.set(e, &e.f0, Some(a.first().copied().unwrap_or(Value::NONE)));
    } else if is(cls, C::SystemExit) {
        let v = match a {
            [] => Value::NONE,
            [x] => *x,
            _ => args.value(),
        };
        th.set(e, &e.f0, Some(v));
    } else if is(cls, C::ImportError) {
        if a.len() == 1 {
            put(&e.f0, 0);
        }
    } else if is(cls, C::OSError) {
        if (2..=5).contains(&a.len()) {
            put(&e.f0, 0);
            put(&e.f1, 1);
            if a.len() >= 3 && !a[2].is_none() {
                put(&e.f2, 2);
                if a.len() == 5 {
                    put(&e.f3, 4);
                }
                let short = tuple::new(th, &a[..2])?;
                th.set(e, &e.args, Some(short.value()));
            }
            if is(cls, C::BlockingIOError) && a.len() >= 3 && crate::core::int::is_int(a[2]) {
                e.f2.init(None);
                th.set(e, &e.f4, Some(a[2]));
                th.set(e, &e.args, Some(args.value()));
            }
        }
    } else if is(cls, C::SyntaxError) {
        put(&e.f0, 0);
        if a.len() == 2 {
            let info = ops::iter::to_tuple(th, a[1])?;
            let i = info.items();
            for (s, k) in [
                (&e.f1, 0),
                (&e.f2, 1),
                (&e.f3, 2),
                (&e.f4, 3),
                (&e.f5, 4),
                (&e.f6, 5),
            ] {
                th.set(e, s, i.get(k).copied());
            }
            if !matches!(i.len(), 4 | 6) {
                return Err(error::type_error(
                    th,
                    &format!(
                        "function {} ({} given)",
                        if i.len() < 4 {
                            "missing required argument"
                        } else {
                            "takes at most 6 arguments"
                        },
                        i.len()
                    ),
                ));
            }
        }
    } else if is(cls, C::UnicodeError) {
        for (s, k) in [(&e.f0, 0), (&e.f1, 1), (&e.f2, 2), (&e.f3, 3), (&e.f4, 4)] {
            th.set(e, s, a.get(k).copied());
        }
        if is(cls, C::UnicodeTranslateError) && a.len() == 4 {
            e.f0.init(None);
            for (s, k) in [(&e.f1, 0), (&e.f2, 1), (&e.f3, 2), (&e.f4, 3)] {
                th.set(e, s, a.get(k).copied());
            }
        }
    }
    Ok(())
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let args = tuple::new(th, a.pos())?;
    let mut cls = cls;
    if cls == core_class(C::OSError) && a.pos().len() >= 2 {
        cls = os_subclass(a.pos()[0]).unwrap_or(cls);
    }
    if !has_fields(cls) {
        return Ok(alloc(th, cls, args)?.value());
    }
    if is(cls, C::BaseExceptionGroup) {
        return crate::types::groups::new(th, cls, args);
    }
    let e = alloc(th, cls, args)?;
    // What a subclass's own __init__ takes may not fit the native fields; its super().__init__ call sets them.
    let own_init = class::special(cls, N::Init).is_some_and(|f| f.kind() != kinds::BUILTIN);
    if !own_init {
        init_fields(th, e, cls, args)?;
    } else if is(cls, C::OSError) {
        let r = init_fields(th, e, cls, args);
        if r.is_err() {
            th.take();
        }
    }
    Ok(e.value())
}

/// A call of the very class: `new`, then `__init__`, which does nothing more where there are no fields.
fn construct(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    if a.kw_len() == 0 && !has_fields(cls) {
        let args = tuple::new(th, a.pos())?;
        return Ok(alloc(th, cls, args)?.value());
    }
    let e = new(th, cls, a)?;
    if let Some(init) = class::special_of(e, N::Init) {
        call::call_special_args(th, init, e, a)?;
    }
    Ok(e)
}

fn os_subclass(errno: Value) -> Option<Gc<TypeObj>> {
    let c = match errno.as_int()? as i32 {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => C::BlockingIOError,
        libc::EPIPE | libc::ESHUTDOWN => C::BrokenPipeError,
        libc::ECHILD => C::ChildProcessError,
        libc::ECONNABORTED => C::ConnectionAbortedError,
        libc::ECONNREFUSED => C::ConnectionRefusedError,
        libc::ECONNRESET => C::ConnectionResetError,
        libc::EEXIST => C::FileExistsError,
        libc::ENOENT => C::FileNotFoundError,
        libc::EISDIR => C::IsADirectoryError,
        libc::ENOTDIR => C::NotADirectoryError,
        libc::EINTR => C::InterruptedError,
        libc::EACCES | libc::EPERM => C::PermissionError,
        libc::ESRCH => C::ProcessLookupError,
        libc::ETIMEDOUT => C::TimeoutError,
        _ => return None,
    };
    Some(core_class(c))
}

fn init(th: &Thread, a: Args) -> R {
    let e = x(a.all()[0]);
    let cls = class::of(a.all()[0]);
    let rest = a.rest();
    // What `__new__` has kept, as a rule.
    let args = match e.args.get().and_then(|t| t.cast::<TupleObj>()) {
        Some(t) if t.items() == rest.pos() => t,
        _ => tuple::new(th, rest.pos())?,
    };
    if rest.kw_len() == 0 && !has_fields(cls) {
        th.set(e, &e.args, Some(args.value()));
        return Ok(Value::NONE);
    }
    let named: &[(&str, C, usize)] = &[
        ("name", C::ImportError, 1),
        ("path", C::ImportError, 2),
        ("name_from", C::ImportError, 3),
        ("name", C::AttributeError, 0),
        ("obj", C::AttributeError, 1),
        ("name", C::NameError, 0),
    ];
    for (k, v) in rest.kw() {
        let ks: Gc<StrObj> = expect(k);
        match named.iter().find(|(n, c, _)| ks.eq_str(n) && is(cls, *c)) {
            Some(&(_, _, i)) => th.set(e, e.field(i), Some(v)),
            None => {
                let owner = [C::ImportError, C::AttributeError, C::NameError]
                    .into_iter()
                    .find(|c| is(cls, *c));
                let text = match owner {
                    Some(c) => format!(
                        "{}() got an unexpected keyword argument '{}'",
                        core_class(c).name_str(),
                        ks.to_rust()
                    ),
                    None => format!("{}() takes no keyword arguments", cls.name_str()),
                };
                return Err(error::type_error(th, &text));
            }
        }
    }
    if is(cls, C::BaseExceptionGroup) {
        return Ok(Value::NONE);
    }
    if is(cls, C::UnicodeError) {
        check_unicode(th, cls, args)?;
    }
    th.set(e, &e.args, Some(args.value()));
    init_fields(th, e, cls, args)?;
    Ok(Value::NONE)
}

fn check_unicode(th: &Thread, cls: Gc<TypeObj>, args: Gc<TupleObj>) -> R<()> {
    let want = if is(cls, C::UnicodeEncodeError) || is(cls, C::UnicodeDecodeError) {
        5
    } else if is(cls, C::UnicodeTranslateError) {
        4
    } else {
        return Ok(());
    };
    let n = args.len();
    if n != want {
        return Err(error::type_error(
            th,
            &format!("function takes exactly {want} arguments ({n} given)"),
        ));
    }
    let strs: &[usize] = match (want, is(cls, C::UnicodeDecodeError)) {
        (5, true) => &[0, 4],
        (5, false) => &[0, 1, 4],
        _ => &[0, 3],
    };
    for &i in strs {
        if !args.items()[i].is::<StrObj>() {
            return Err(error::type_error(
                th,
                &format!(
                    "argument {} must be str, not {}",
                    i + 1,
                    class::type_name(args.items()[i])
                ),
            ));
        }
    }
    Ok(())
}

impl ExcObj {
    pub fn field(&self, i: usize) -> &Slot {
        [
            &self.f0, &self.f1, &self.f2, &self.f3, &self.f4, &self.f5, &self.f6, &self.f7,
        ][i]
    }
}

fn args_of(e: Gc<ExcObj>) -> Gc<TupleObj> {
    e.args
        .get()
        .and_then(|a| a.cast())
        .unwrap_or(tuple::empty())
}

fn repr(th: &Thread, v: Value) -> R {
    let a = args_of(x(v));
    let name = class::type_name(v);
    let text = match a.items() {
        [one] => format!("{name}({})", ops::repr::repr_string(th, *one)?),
        [] => format!("{name}()"),
        _ => format!("{name}{}", ops::repr::repr_string(th, a.value())?),
    };
    string::new_value(th, &text)
}

fn str(th: &Thread, v: Value) -> R {
    let e = x(v);
    let cls = class::of(v);
    let a = args_of(e);
    if is(cls, C::OSError) && e.f0.get().is_some() && e.f1.get().is_some() {
        let (n, s) = (
            ops::repr::str_string(th, or_none(&e.f0))?,
            ops::repr::str_string(th, or_none(&e.f1))?,
        );
        let text = match (e.f2.get(), e.f3.get()) {
            (Some(f), Some(g)) => format!(
                "[Errno {n}] {s}: {} -> {}",
                ops::repr::repr_string(th, f)?,
                ops::repr::repr_string(th, g)?
            ),
            (Some(f), None) => format!("[Errno {n}] {s}: {}", ops::repr::repr_string(th, f)?),
            _ => format!("[Errno {n}] {s}"),
        };
        return string::new_value(th, &text);
    }
    if is(cls, C::ImportError)
        && let Some(m) = e.f0.get()
        && class::is_exact(m, C::Str)
    {
        return Ok(m);
    }
    if is(cls, C::KeyError) && a.len() == 1 {
        return ops::repr::repr(th, a.items()[0]);
    }
    if is(cls, C::SyntaxError) {
        return syntax_str(th, e);
    }
    if is(cls, C::UnicodeError)
        && let Some(r) = unicode_str(th, e, cls)?
    {
        return Ok(r);
    }
    if is(cls, C::BaseExceptionGroup) {
        return crate::types::groups::str(th, e);
    }
    match a.items() {
        [] => Ok(string::empty().value()),
        [one] => ops::repr::str(th, *one),
        _ => ops::repr::repr(th, a.value()),
    }
}

fn syntax_str(th: &Thread, e: Gc<ExcObj>) -> R {
    let msg = ops::repr::str(th, or_none(&e.f0))?;
    let file = e.f1.get().and_then(|f| f.cast::<StrObj>());
    let line = e.f2.get().and_then(|l| l.as_int());
    let m = expect::<StrObj>(msg).to_rust().into_owned();
    let base = file.map(|f| f.to_rust().rsplit('/').next().unwrap_or("").to_string());
    let text = match (base, line) {
        (Some(f), Some(l)) => format!("{m} ({f}, line {l})"),
        (Some(f), None) => format!("{m} ({f})"),
        (None, Some(l)) => format!("{m} (line {l})"),
        _ => return Ok(msg),
    };
    string::new_value(th, &text)
}

fn unicode_str(th: &Thread, e: Gc<ExcObj>, cls: Gc<TypeObj>) -> R<Option<Value>> {
    let (Some(obj), Some(start), Some(end)) = (
        e.f1.get(),
        e.f2.get().and_then(|v| v.as_int()),
        e.f3.get().and_then(|v| v.as_int()),
    ) else {
        return Ok(
            if is(cls, C::UnicodeEncodeError)
                || is(cls, C::UnicodeDecodeError)
                || is(cls, C::UnicodeTranslateError)
            {
                Some(string::empty().value())
            } else {
                None
            },
        );
    };
    let reason = ops::repr::str_string(th, or_none(&e.f4))?;
    let enc = match e.f0.get() {
        Some(v) => ops::repr::str_string(th, v)?,
        None => String::new(),
    };
    let len = ops::length(th, obj)? as i64;
    let one = end == start + 1 && start >= 0 && start < len;
    let text = if is(cls, C::UnicodeDecodeError) {
        match (one, crate::types::bytes::as_slice(obj)) {
            (true, Some(b)) => {
                format!(
                    "'{enc}' codec can't decode byte 0x{:02x} in position {start}: {reason}",
                    b[start as usize]
                )
            }
            _ => format!(
                "'{enc}' codec can't decode bytes in position {start}-{}: {reason}",
                end - 1
            ),
        }
    } else {
        let what = if is(cls, C::UnicodeTranslateError) {
            "can't translate".to_string()
        } else {
            format!("'{enc}' codec can't encode")
        };
        match (one, obj.cast::<StrObj>()) {
            (true, Some(s)) => {
                let c = s.at(start as usize);
                let esc = if c < 256 {
                    format!("\\x{c:02x}")
                } else if c < 0x10000 {
                    format!("\\u{c:04x}")
                } else {
                    format!("\\U{c:08x}")
                };
                format!("{what} character '{esc}' in position {start}: {reason}")
            }
            _ => format!(
                "{what} characters in position {start}-{}: {reason}",
                end - 1
            ),
        }
    };
    Ok(Some(string::new_value(th, &text)?))
}

fn with_traceback(th: &Thread, v: Value, tb: Value) -> R {
    set_traceback(th, v, Some(tb))?;
    Ok(v)
}

pub fn add_note_text(th: &Thread, exc: Value, note: &str) -> R<()> {
    let n = string::new_value(th, note)?;
    add_note(th, exc, n).map(drop)
}

fn add_note(th: &Thread, v: Value, note: Value) -> R {
    if !note.is::<StrObj>() {
        return Err(error::type_error(
            th,
            &format!("note must be a str, not '{}'", class::type_name(note)),
        ));
    }
    let l = match attr::get_opt(th, v, nm(N::Notes))? {
        Some(l) => l,
        None => {
            let l = list::new(th)?.value();
            attr::generic_set(th, v, nm(N::Notes), Some(l))?;
            l
        }
    };
    match l.cast::<ListObj>() {
        Some(l) => list::push(th, l, note)?,
        None => {
            return Err(error::type_error(
                th,
                "Cannot add note: __notes__ is not a list",
            ));
        }
    }
    Ok(Value::NONE)
}

fn reduce(th: &Thread, v: Value) -> R {
    let e = x(v);
    let cls = class::of(v);
    let mut args = e.args.get().unwrap_or(tuple::empty().value());
    if is(cls, C::OSError)
        && let (Some(f), 2) = (e.f2.get(), args_of(e).len())
    {
        let a = args_of(e);
        args = match e.f3.get() {
            Some(g) => tuple::new_value(th, &[a.items()[0], a.items()[1], f, Value::NONE, g])?,
            None => tuple::new_value(th, &[a.items()[0], a.items()[1], f])?,
        };
    }
    let state = match attr::snapshot(th, v)? {
        Some(d) => d,
        None => dict::new_dict(th)?,
    };
    if is(cls, C::ImportError) {
        for (n, i) in [("name", 1), ("path", 2), ("name_from", 3)] {
            if let Some(y) = e.field(i).get() {
                dict::set_text(th, state, n, y)?;
            }
        }
    }
    if (is(cls, C::AttributeError) || is(cls, C::NameError))
        && let Some(y) = e.f0.get()
    {
        dict::set_text(th, state, "name", y)?;
    }
    if dict::len(state) > 0 {
        return tuple::new_value(th, &[cls.value(), args, state.value()]);
    }
    tuple::new_value(th, &[cls.value(), args])
}

fn setstate(th: &Thread, v: Value, state: Value) -> R {
    if state.is_none() {
        return Ok(Value::NONE);
    }
    let Some(d) = state.cast::<DictObj>() else {
        return Err(error::type_error(th, "state is not a dictionary"));
    };
    let mut i = 0;
    while let Some((k, y)) = dict::next(d, &mut i) {
        let k = attr::intern_name(th, k)?;
        attr::set(th, v, k, Some(y))?;
    }
    Ok(Value::NONE)
}

fn get_args(_: &Thread, v: Value) -> R {
    Ok(args_of(x(v)).value())
}
fn set_args(th: &Thread, v: Value, y: Option<Value>) -> R<()> {
    let Some(y) = y else {
        return Err(error::type_error(th, "args may not be deleted"));
    };
    let t = ops::iter::to_tuple(th, y)?;
    th.set(x(v), &x(v).args, Some(t.value()));
    Ok(())
}
fn get_traceback(_: &Thread, v: Value) -> R {
    Ok(or_none(&x(v).traceback))
}
fn set_traceback(th: &Thread, v: Value, y: Option<Value>) -> R<()> {
    match y {
        None => Err(error::type_error(th, "__traceback__ may not be deleted")),
        Some(Value::NONE) => {
            x(v).traceback.init(None);
            Ok(())
        }
        Some(t) if t.is::<TracebackObj>() => {
            th.set(x(v), &x(v).traceback, Some(t));
            Ok(())
        }
        Some(_) => Err(error::type_error(
            th,
            "__traceback__ must be a traceback or None",
        )),
    }
}
fn set_chained(th: &Thread, v: Value, y: Option<Value>, s: &Slot, what: &str) -> R<()> {
    match y {
        None => Err(error::type_error(th, &format!("{what} may not be deleted"))),
        Some(Value::NONE) => {
            s.init(None);
            Ok(())
        }
        Some(c) if c.kind() == kinds::EXC => {
            th.set_in(v, s, Some(c));
            Ok(())
        }
        Some(_) => {
            let name = what.trim_matches('_');
            Err(error::type_error(
                th,
                &format!("exception {name} must be None or derive from BaseException"),
            ))
        }
    }
}
fn get_context(_: &Thread, v: Value) -> R {
    Ok(or_none(&x(v).context))
}
fn set_context(th: &Thread, v: Value, y: Option<Value>) -> R<()> {
    set_chained(th, v, y, &x(v).context, "__context__")
}
fn get_cause(_: &Thread, v: Value) -> R {
    Ok(or_none(&x(v).cause))
}
fn set_cause(th: &Thread, v: Value, y: Option<Value>) -> R<()> {
    set_chained(th, v, y, &x(v).cause, "__cause__")?;
    x(v).suppress.init(Some(Value::TRUE));
    Ok(())
}
fn get_suppress(_: &Thread, v: Value) -> R {
    Ok(x(v).suppress.get().unwrap_or(Value::FALSE))
}
fn set_suppress(th: &Thread, v: Value, y: Option<Value>) -> R<()> {
    match y {
        Some(b @ (Value::TRUE | Value::FALSE)) => {
            x(v).suppress.init(Some(b));
            Ok(())
        }
        _ => Err(error::type_error(th, "attribute value type must be bool")),
    }
}

/// Attributes that are just fields.
macro_rules! fields {
    ($($get:ident, $set:ident = $i:literal;)*) => {$(
        fn $get(_: &Thread, v: Value) -> R {
            Ok(or_none(x(v).field($i)))
        }
        fn $set(th: &Thread, v: Value, y: Option<Value>) -> R<()> {
            th.set(x(v), x(v).field($i), y);
            Ok(())
        }
    )*};
}
fields! {
    g0, s0 = 0; g1, s1 = 1; g2, s2 = 2; g3, s3 = 3; g4, s4 = 4; g5, s5 = 5; g6, s6 = 6; g7, s7 = 7;
}
const F: [(Getter, Setter); 8] = [
    (g0, s0),
    (g1, s1),
    (g2, s2),
    (g3, s3),
    (g4, s4),
    (g5, s5),
    (g6, s6),
    (g7, s7),
];
const fn field(name: &'static str, i: usize) -> GetSetDef {
    gss(name, F[i].0, F[i].1)
}

static METHODS: [MethodDef; 7] = [
    mk("__init__", init).sig("($self, /, *args, **kwargs)"),
    m1("__repr__", repr).sig("($self, /)"),
    m1("__str__", str).sig("($self, /)"),
    m2("with_traceback", with_traceback),
    m2("add_note", add_note),
    m1("__reduce__", reduce),
    m2("__setstate__", setstate),
];
static GETSET: [GetSetDef; 5] = [
    gss("args", get_args, set_args),
    gss("__traceback__", get_traceback, set_traceback),
    gss("__context__", get_context, set_context),
    gss("__cause__", get_cause, set_cause),
    gss("__suppress_context__", get_suppress, set_suppress),
];
static NO_FIELDS: [GetSetDef; 0] = [];
static CODE: [GetSetDef; 1] = [field("code", 0)];
static VALUE: [GetSetDef; 1] = [field("value", 0)];
static IMPORT: [GetSetDef; 4] = [
    field("msg", 0),
    field("name", 1),
    field("path", 2),
    field("name_from", 3),
];
static ATTRIBUTE: [GetSetDef; 2] = [field("name", 0), field("obj", 1)];
static NAME: [GetSetDef; 1] = [field("name", 0)];
static OS: [GetSetDef; 5] = [
    field("errno", 0),
    field("strerror", 1),
    field("filename", 2),
    field("filename2", 3),
    gss("characters_written", get_written, s4),
];
fn get_written(th: &Thread, v: Value) -> R {
    match x(v).f4.get() {
        Some(n) => Ok(n),
        None => {
            let n = string::intern_new(th, "characters_written")?;
            Err(error::attribute_error(th, v, n.value()))
        }
    }
}
static SYNTAX: [GetSetDef; 8] = [
    field("msg", 0),
    field("filename", 1),
    field("lineno", 2),
    field("offset", 3),
    field("text", 4),
    field("end_lineno", 5),
    field("end_offset", 6),
    field("print_file_and_line", 7),
];
static UNICODE: [GetSetDef; 5] = [
    field("encoding", 0),
    field("object", 1),
    field("start", 2),
    field("end", 3),
    field("reason", 4),
];
static GROUP: [GetSetDef; 2] = [
    field("message", 0),
    gss("exceptions", group_exceptions, read_only),
];
fn group_exceptions(_: &Thread, v: Value) -> R {
    Ok(or_none(&x(v).f1))
}
fn read_only(th: &Thread, _: Value, _: Option<Value>) -> R<()> {
    Err(error::raise(th, C::AttributeError, "readonly attribute"))
}

macro_rules! classes {
    ($($id:ident = $name:literal, $base:ident, $fields:ident;)*) => {$(
        pub static $id: TypeSpec = TypeSpec::new($name, kinds::EXC)
            .base(C::$base)
            .words(14)
            .flags(tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT | tf::WEAKREF)
            .getset(&$fields)
            .new_fn(new)
            .construct(construct);
    )*};
}

pub static BASE_EXCEPTION: TypeSpec = TypeSpec::new("BaseException", kinds::EXC)
    .words(14)
    .flags(tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);
pub static BASE_EXCEPTION_GROUP: TypeSpec = TypeSpec::new("BaseExceptionGroup", kinds::EXC)
    .base(C::BaseException)
    .words(14)
    .flags(tf::BASE | tf::DICT_ITSELF | tf::HAS_DICT | tf::WEAKREF)
    .methods(&crate::types::groups::METHODS)
    .getset(&GROUP)
    .new_fn(new);

classes! {
    EXCEPTION = "Exception", BaseException, NO_FIELDS;
    GENERATOR_EXIT = "GeneratorExit", BaseException, NO_FIELDS;
    KEYBOARD_INTERRUPT = "KeyboardInterrupt", BaseException, NO_FIELDS;
    SYSTEM_EXIT = "SystemExit", BaseException, CODE;
    ARITHMETIC_ERROR = "ArithmeticError", Exception, NO_FIELDS;
    ASSERTION_ERROR = "AssertionError", Exception, NO_FIELDS;
    ATTRIBUTE_ERROR = "AttributeError", Exception, ATTRIBUTE;
    BUFFER_ERROR = "BufferError", Exception, NO_FIELDS;
    EOF_ERROR = "EOFError", Exception, NO_FIELDS;
    IMPORT_ERROR = "ImportError", Exception, IMPORT;
    LOOKUP_ERROR = "LookupError", Exception, NO_FIELDS;
    MEMORY_ERROR = "MemoryError", Exception, NO_FIELDS;
    NAME_ERROR = "NameError", Exception, NAME;
    OS_ERROR = "OSError", Exception, OS;
    REFERENCE_ERROR = "ReferenceError", Exception, NO_FIELDS;
    RUNTIME_ERROR = "RuntimeError", Exception, NO_FIELDS;
    STOP_ASYNC_ITERATION = "StopAsyncIteration", Exception, NO_FIELDS;
    STOP_ITERATION = "StopIteration", Exception, VALUE;
    SYNTAX_ERROR = "SyntaxError", Exception, SYNTAX;
    SYSTEM_ERROR = "SystemError", Exception, NO_FIELDS;
    TYPE_ERROR = "TypeError", Exception, NO_FIELDS;
    VALUE_ERROR = "ValueError", Exception, NO_FIELDS;
    WARNING = "Warning", Exception, NO_FIELDS;
    FLOATING_POINT_ERROR = "FloatingPointError", ArithmeticError, NO_FIELDS;
    OVERFLOW_ERROR = "OverflowError", ArithmeticError, NO_FIELDS;
    ZERO_DIVISION_ERROR = "ZeroDivisionError", ArithmeticError, NO_FIELDS;
    MODULE_NOT_FOUND_ERROR = "ModuleNotFoundError", ImportError, NO_FIELDS;
    INDEX_ERROR = "IndexError", LookupError, NO_FIELDS;
    KEY_ERROR = "KeyError", LookupError, NO_FIELDS;
    UNBOUND_LOCAL_ERROR = "UnboundLocalError", NameError, NO_FIELDS;
    BLOCKING_IO_ERROR = "BlockingIOError", OSError, NO_FIELDS;
    CHILD_PROCESS_ERROR = "ChildProcessError", OSError, NO_FIELDS;
    CONNECTION_ERROR = "ConnectionError", OSError, NO_FIELDS;
    BROKEN_PIPE_ERROR = "BrokenPipeError", ConnectionError, NO_FIELDS;
    CONNECTION_ABORTED_ERROR = "ConnectionAbortedError", ConnectionError, NO_FIELDS;
    CONNECTION_REFUSED_ERROR = "ConnectionRefusedError", ConnectionError, NO_FIELDS;
    CONNECTION_RESET_ERROR = "ConnectionResetError", ConnectionError, NO_FIELDS;
    FILE_EXISTS_ERROR = "FileExistsError", OSError, NO_FIELDS;
    FILE_NOT_FOUND_ERROR = "FileNotFoundError", OSError, NO_FIELDS;
    INTERRUPTED_ERROR = "InterruptedError", OSError, NO_FIELDS;
    IS_A_DIRECTORY_ERROR = "IsADirectoryError", OSError, NO_FIELDS;
    NOT_A_DIRECTORY_ERROR = "NotADirectoryError", OSError, NO_FIELDS;
    PERMISSION_ERROR = "PermissionError", OSError, NO_FIELDS;
    PROCESS_LOOKUP_ERROR = "ProcessLookupError", OSError, NO_FIELDS;
    TIMEOUT_ERROR = "TimeoutError", OSError, NO_FIELDS;
    NOT_IMPLEMENTED_ERROR = "NotImplementedError", RuntimeError, NO_FIELDS;
    PYTHON_FINALIZATION_ERROR = "PythonFinalizationError", RuntimeError, NO_FIELDS;
    RECURSION_ERROR = "RecursionError", RuntimeError, NO_FIELDS;
    INDENTATION_ERROR = "IndentationError", SyntaxError, NO_FIELDS;
    TAB_ERROR = "TabError", IndentationError, NO_FIELDS;
    INCOMPLETE_INPUT_ERROR = "_IncompleteInputError", SyntaxError, NO_FIELDS;
    UNICODE_ERROR = "UnicodeError", ValueError, NO_FIELDS;
    UNICODE_DECODE_ERROR = "UnicodeDecodeError", UnicodeError, UNICODE;
    UNICODE_ENCODE_ERROR = "UnicodeEncodeError", UnicodeError, UNICODE;
    UNICODE_TRANSLATE_ERROR = "UnicodeTranslateError", UnicodeError, UNICODE;
    BYTES_WARNING = "BytesWarning", Warning, NO_FIELDS;
    DEPRECATION_WARNING = "DeprecationWarning", Warning, NO_FIELDS;
    ENCODING_WARNING = "EncodingWarning", Warning, NO_FIELDS;
    FUTURE_WARNING = "FutureWarning", Warning, NO_FIELDS;
    IMPORT_WARNING = "ImportWarning", Warning, NO_FIELDS;
    PENDING_DEPRECATION_WARNING = "PendingDeprecationWarning", Warning, NO_FIELDS;
    RESOURCE_WARNING = "ResourceWarning", Warning, NO_FIELDS;
    RUNTIME_WARNING = "RuntimeWarning", Warning, NO_FIELDS;
    SYNTAX_WARNING = "SyntaxWarning", Warning, NO_FIELDS;
    UNICODE_WARNING = "UnicodeWarning", Warning, NO_FIELDS;
    USER_WARNING = "UserWarning", Warning, NO_FIELDS;
}

/// Is this class an exception class?
pub fn is_exception_class(v: Value) -> bool {
    v.cast::<TypeObj>().is_some_and(|t| is(t, C::BaseException))
}

/// `except handler:` against a pending exception object.
pub fn matches_handler(th: &Thread, exc: Value, handler: Value) -> R<bool> {
    let cannot = "catching classes that do not inherit from BaseException is not allowed";
    if let Some(t) = handler.cast::<TypeObj>() {
        if !is(t, C::BaseException) {
            return Err(error::type_error(th, cannot));
        }
        return Ok(class::is_instance(exc, t));
    }
    if let Some(ts) = handler.cast::<TupleObj>() {
        if ts.items().iter().any(|t| !is_exception_class(*t)) {
            return Err(error::type_error(th, cannot));
        }
        return Ok(ts
            .items()
            .iter()
            .any(|t| class::is_instance(exc, expect(*t))));
    }
    Err(error::type_error(th, cannot))
}

/// `raise exc from cause`.
pub fn do_raise(th: &Thread, exc: Value, cause: Option<Value>) -> R<()> {
    let value = instantiate(th, exc, "exceptions must derive from BaseException")?;
    if let Some(c) = cause {
        let c = if c.is_none() {
            None
        } else {
            Some(instantiate(
                th,
                c,
                "exception causes must derive from BaseException",
            )?)
        };
        let e = x(value);
        th.set(e, &e.cause, c);
        e.suppress.init(Some(Value::TRUE));
    }
    Err(error::raise_value(th, value))
}

fn instantiate(th: &Thread, v: Value, text: &str) -> R {
    if is_exception_class(v) {
        let e = call::call(th, v, &[])?;
        if e.kind() != kinds::EXC {
            return Err(error::type_error(
                th,
                &format!(
                    "calling {} should have returned an instance of BaseException, not {}",
                    ops::repr::repr_string(th, v)?,
                    class::type_name(e)
                ),
            ));
        }
        return Ok(e);
    }
    if v.kind() == kinds::EXC {
        return Ok(v);
    }
    Err(error::type_error(th, text))
}

/// The object of a `with` statement lacks a special method.
pub fn no_special(th: &Thread, o: Value, which: u32) -> crate::thread::Raised {
    use habu_bytecode::opcode::special as s;
    let t = class::of(o);
    let name = class::full_name(t);
    let is_async = which >= s::AENTER;
    let method = ["__enter__", "__exit__", "__aenter__", "__aexit__"][which as usize & 3];
    let proto = if is_async {
        "asynchronous context manager"
    } else {
        "context manager"
    };
    let missed = if matches!(which, s::EXIT | s::AEXIT) {
        format!(" (missed {method} method)")
    } else {
        String::new()
    };
    let other = if is_async {
        (N::Enter, N::Exit, "'with'", "'async with'")
    } else {
        (N::AEnter, N::AExit, "'async with'", "'with'")
    };
    let hint = if class::special(t, other.0).is_some() && class::special(t, other.1).is_some() {
        format!(
            " but it supports the {} protocol. Did you mean to use {}?",
            if is_async {
                "context manager"
            } else {
                "asynchronous context manager"
            },
            other.2
        )
    } else {
        String::new()
    };
    error::type_error(
        th,
        &format!("'{name}' object does not support the {proto} protocol{missed}{hint}"),
    )
}

/// `args[0]`-less StopIteration for native callers.
pub fn stop_iteration(th: &Thread, value: Option<Value>) -> crate::thread::Raised {
    match value {
        Some(v) if !v.is_none() => error::raise_args(th, core_class(C::StopIteration), &[v]),
        _ => error::raise_args(th, core_class(C::StopIteration), &[]),
    }
}

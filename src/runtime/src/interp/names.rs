//! Names: globals, builtins, namespaces of modules and classes.
//!
//! `arg` is the interned name (bit 48: push an empty word after it). A cached global is an entry number, proved
//! by the entry's key; a cached builtin also needs that the globals still lack the name, which holds while the
//! table's id and entry count are the same.

use super::attrs::{entry_at, func};
use super::frame::Frame;
use super::val;
use crate::classes::C;
use crate::core::{dict, string};
use crate::error;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops;
use crate::thread::{R, Thread, expect};
use crate::{check, next, raised, save};
use habu_heap::Value;

const NAME: u64 = 0xffff_ffff_ffff;

/// Word that changes whenever a table could have got a new key.
#[inline(always)]
pub fn stamp(d: Gc<DictObj>) -> u64 {
    let t = dict::table(d);
    (t.id.get() & 0xffff_ffff) | (t.used() as u64) << 32
}

fn name_text(name: Value) -> String {
    name.cast::<StrObj>()
        .map(|s| s.to_rust().into_owned())
        .unwrap_or_default()
}

fn not_defined(th: &Thread, name: Value) -> crate::thread::Raised {
    error::name_error(
        th,
        C::NameError,
        &format!("name '{}' is not defined", name_text(name)),
        name,
    )
}

/// `name` in the function's builtins (a dict, or any mapping).
fn from_builtins(th: &Thread, f: Gc<FunctionObj>, name: Value) -> R<Option<Value>> {
    match f.builtins.get() {
        Some(b) => match b.cast::<DictObj>() {
            Some(d) => dict::get(th, d, name),
            None => {
                let r = ops::subscr::get(th, b, name);
                error::absorb(th, r, C::KeyError)
            }
        },
        None => Ok(None),
    }
}

pub fn builtin(th: &Thread, name: &str) -> R {
    super::builtin_named(th, name)
}

crate::handlers! {
    #[inline(never)]
    load_global<const NULL: bool>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        super::attrs::note_run(ip, load_global::<NULL>);
        let f = func(fp);
        let name = val((*ip).arg & NAME);
        let g: Gc<DictObj> = f.globals.get_unchecked().cast_unchecked();
        let cache = ip.add(1);
        let found = if crate::core::class::is_exact(g.value(), C::Dict) {
            let found = dict::get_name(g, name);
            if found.is_some() {
                if let Some(i) = dict::index_of(g, name.cast_unchecked()) {
                    (*cache).arg = i as u64;
                    (*ip).h = load_global_module::<NULL> as *const () as usize;
                }
            } else if let Some(b) = f.builtins.get().and_then(|b| b.cast::<DictObj>())
                && let Some(i) = dict::index_of(b, name.cast_unchecked())
            {
                (*cache).h = stamp(g) as usize;
                (*cache).arg = i as u64;
                (*ip).h = load_global_builtin::<NULL> as *const () as usize;
            }
            found
        } else {
            let r = ops::subscr::get(th, g.value(), name);
            check!(error::absorb(th, r, C::KeyError), ip, sp, fp, th)
        };
        let v = match found {
            Some(v) => Some(v),
            None => check!(from_builtins(th, f, name), ip, sp, fp, th),
        };
        match v {
            Some(v) => {
                *sp = v.bits();
                if NULL {
                    *sp.add(1) = 0;
                }
                next!(ip.add(2), sp.add(1 + NULL as usize), fp, th)
            }
            None => {
                not_defined(th, name);
                raised!(ip, sp, fp, th)
            }
        }
    }

    load_global_module<const NULL: bool>(ip, sp, fp, th) {
        let r = entry_at(func(fp).globals.bits(), (*ip.add(1)).arg as usize, (*ip).arg & NAME);
        if r != 0 {
            *sp = r;
            if NULL {
                *sp.add(1) = 0;
            }
            next!(ip.add(2), sp.add(1 + NULL as usize), fp, th)
        }
        load_global::<NULL>(ip, sp, fp, th)
    }

    load_global_builtin<const NULL: bool>(ip, sp, fp, th) {
        let f = func(fp);
        let g: Gc<DictObj> = val(f.globals.bits()).cast_unchecked();
        if stamp(g) == (*ip.add(1)).h as u64 {
            let r = entry_at(f.builtins.bits(), (*ip.add(1)).arg as usize, (*ip).arg & NAME);
            if r != 0 {
                *sp = r;
                if NULL {
                    *sp.add(1) = 0;
                }
                next!(ip.add(2), sp.add(1 + NULL as usize), fp, th)
            }
        }
        load_global::<NULL>(ip, sp, fp, th)
    }

    store_global(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let g: Gc<DictObj> = val(func(fp).globals.bits()).cast_unchecked();
        let name = val((*ip).arg & NAME);
        let cached = (*ip.add(1)).arg as usize;
        let t = dict::table(g);
        if cached < t.used() && t.entry(cached).key.bits() == name.bits() {
            dict::replace(th, g, cached, val(*sp.sub(1)));
            next!(ip.add(2), sp.sub(1), fp, th)
        }
        check!(store_in(th, g.value(), name, val(*sp.sub(1))), ip, sp, fp, th);
        if let Some(i) = dict::index_of(g, name.cast_unchecked()) {
            (*ip.add(1)).arg = i as u64;
        }
        next!(ip.add(2), sp.sub(1), fp, th)
    }

    delete_global(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let g: Gc<DictObj> = val(func(fp).globals.bits()).cast_unchecked();
        let name = val((*ip).arg & NAME);
        if dict::remove_name(g, name).is_none() {
            not_defined(th, name);
            raised!(ip, sp, fp, th)
        }
        next!(ip.add(1), sp, fp, th)
    }

    #[inline(never)]
    load_name(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let name = val((*ip).arg & NAME);
        let f = Frame(fp);
        let cache = ip.add(1);
        let ns = f.namespace();
        if let Some(d) = ns && d.shape() == C::Dict.shape() {
            let i = (*cache).arg as usize;
            let r = entry_at(d.bits(), i, name.bits());
            if r != 0 {
                *sp = r;
                next!(ip.add(2), sp.add(1), fp, th)
            }
            if let Some(i) = dict::index_of(d.cast_unchecked(), name.cast_unchecked()) {
                (*cache).arg = i as u64;
            }
        }
        let v = check!(lookup_name(th, f, ns, name), ip, sp, fp, th);
        match v {
            Some(v) => {
                *sp = v.bits();
                next!(ip.add(2), sp.add(1), fp, th)
            }
            None => {
                not_defined(th, name);
                raised!(ip, sp, fp, th)
            }
        }
    }

    store_name(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let name = val((*ip).arg & NAME);
        let f = Frame(fp);
        let Some(ns) = f.namespace() else {
            error::raise(th, C::SystemError, &format!("no locals found when storing '{}'", name_text(name)));
            raised!(ip, sp, fp, th)
        };
        let x = val(*sp.sub(1));
        if ns.shape() == C::Dict.shape() {
            let d: Gc<DictObj> = ns.cast_unchecked();
            let i = (*ip.add(1)).arg as usize;
            let t = dict::table(d);
            if i < t.used() && t.entry(i).key.bits() == name.bits() {
                dict::replace(th, d, i, x);
                next!(ip.add(2), sp.sub(1), fp, th)
            }
        }
        check!(store_in(th, ns, name, x), ip, sp, fp, th);
        if ns.shape() == C::Dict.shape()
            && let Some(i) = dict::index_of(ns.cast_unchecked(), name.cast_unchecked())
        {
            (*ip.add(1)).arg = i as u64;
        }
        next!(ip.add(2), sp.sub(1), fp, th)
    }

    delete_name(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let name = val((*ip).arg & NAME);
        let f = Frame(fp);
        let gone = match f.namespace() {
            Some(ns) => match ns.cast::<DictObj>().filter(|_| ns.shape() == C::Dict.shape()) {
                Some(d) => check!(dict::remove(th, d, name), ip, sp, fp, th).is_some(),
                None => {
                    let r = ops::subscr::delete(th, ns, name);
                    check!(error::absorb(th, r, C::KeyError), ip, sp, fp, th).is_some()
                }
            },
            None => false,
        };
        if !gone {
            not_defined(th, name);
            raised!(ip, sp, fp, th)
        }
        next!(ip.add(1), sp, fp, th)
    }

    load_locals(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        match Frame(fp).namespace() {
            Some(ns) => {
                *sp = ns.bits();
                next!(ip.add(1), sp.add(1), fp, th)
            }
            None => {
                error::raise(th, C::SystemError, "no locals");
                raised!(ip, sp, fp, th)
            }
        }
    }

    /// Stack: mapping. `arg`: the cell's local.
    load_from_dict_or_deref(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let f = Frame(fp);
        let i = (*ip).arg as usize;
        let name = local_name(f, i);
        let v = check!(get_in(th, val(*sp.sub(1)), name), ip, sp, fp, th);
        let v = match v {
            Some(v) => v.bits(),
            None => {
                let c: Gc<CellObj> = val(*fp.add(i)).cast_unchecked();
                if c.value.bits() == 0 {
                    raise_unbound_cell(th, f, i);
                    raised!(ip, sp, fp, th)
                }
                c.value.bits()
            }
        };
        *sp.sub(1) = v;
        next!(ip.add(1), sp, fp, th)
    }

    load_from_dict_or_globals(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let f = Frame(fp);
        let name = val((*ip).arg & NAME);
        let v = check!(get_in(th, val(*sp.sub(1)), name), ip, sp, fp, th);
        let v = match v {
            Some(v) => Some(v),
            None => check!(lookup_name(th, f, None, name), ip, sp, fp, th),
        };
        match v {
            Some(v) => {
                *sp.sub(1) = v.bits();
                next!(ip.add(1), sp, fp, th)
            }
            None => {
                not_defined(th, name);
                raised!(ip, sp, fp, th)
            }
        }
    }
}

pub fn local_name(f: Frame, i: usize) -> Value {
    let names: Gc<TupleObj> = expect(f.code().locals.get().unwrap_or(Value::NONE));
    names.items()[i]
}

/// NameError for an empty cell: a free variable, or a local captured by an inner function.
pub fn raise_unbound_cell(th: &Thread, f: Frame, i: usize) {
    let name = local_name(f, i);
    let c = f.code();
    let free = i >= (c.nlocalsplus.get() - c.nfrees.get()) as usize;
    let n = name_text(name);
    if free {
        let text = format!(
            "cannot access free variable '{n}' where it is not associated with a value in enclosing scope"
        );
        error::name_error(th, C::NameError, &text, name);
    } else {
        let text =
            format!("cannot access local variable '{n}' where it is not associated with a value");
        error::name_error(th, C::UnboundLocalError, &text, name);
    }
}

/// A mapping's item; `None` where it has none.
fn get_in(th: &Thread, m: Value, name: Value) -> R<Option<Value>> {
    if m.shape() == C::Dict.shape() {
        return dict::get(th, expect(m), name);
    }
    let r = ops::subscr::get(th, m, name);
    error::absorb(th, r, C::KeyError)
}

pub fn store_in(th: &Thread, m: Value, name: Value, x: Value) -> R<()> {
    if m.shape() == C::Dict.shape() {
        return dict::set_name(th, expect(m), name, x);
    }
    ops::subscr::set(th, m, name, x)
}

/// Namespace, then globals, then builtins.
fn lookup_name(th: &Thread, f: Frame, ns: Option<Value>, name: Value) -> R<Option<Value>> {
    if let Some(ns) = ns
        && let Some(v) = get_in(th, ns, name)?
    {
        return Ok(Some(v));
    }
    let func = f.func();
    if let Some(g) = func.globals.get()
        && let Some(v) = get_in(th, g, name)?
    {
        return Ok(Some(v));
    }
    from_builtins(th, func, name)
}

/// A global or builtin of `f`, as `LOAD_GLOBAL` finds it.
pub fn global(th: &Thread, f: Gc<FunctionObj>, name: Value) -> R {
    if let Some(g) = f.globals.get()
        && let Some(v) = get_in(th, g, name)?
    {
        return Ok(v);
    }
    match from_builtins(th, f, name)? {
        Some(v) => Ok(v),
        None => Err(not_defined(th, name)),
    }
}

/// A name in the frame's namespace, its globals or builtins, as `LOAD_NAME` finds it.
pub fn named(th: &Thread, f: Frame, name: Value) -> R {
    match lookup_name(th, f, f.namespace(), name)? {
        Some(v) => Ok(v),
        None => Err(not_defined(th, name)),
    }
}

/// `SETUP_ANNOTATIONS`: the namespace gets an `__annotations__` dict.
pub fn setup_annotations(th: &Thread, f: Frame) -> R<()> {
    let Some(ns) = f.namespace() else {
        return Err(error::raise(
            th,
            C::SystemError,
            "no locals found when setting up annotations",
        ));
    };
    if get_in(th, ns, nm(N::Annotations))?.is_none() {
        let d = dict::new_dict(th)?;
        store_in(th, ns, nm(N::Annotations), d.value())?;
    }
    Ok(())
}

/// For `string` users that only have Rust text.
pub fn intern(th: &Thread, s: &str) -> R {
    Ok(string::intern_new(th, s)?.value())
}

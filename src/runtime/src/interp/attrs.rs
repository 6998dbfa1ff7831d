//! Attribute instructions. `arg` is the interned name, in the top 16 bits the local that holds the object (for
//! the forms that read it from a local). The cache instruction's `arg` is `shape | slot << 40`, its `h` an entry.
//!
//! What must hold: a slot form is only installed for classes with plain look-up and no data descriptor of the
//! name; changes of that kind empty all caches (`cache::flush_all`), all others are seen through the entry.

use super::arith::LOCAL;
use super::frame;
use super::poly::{self, What};
use super::{Op, descriptors, val};
use crate::core::lookup_cache::Kind;
use crate::core::shape::{self, Place};
use crate::core::{attr, class, dict};
use crate::kinds;
use crate::names::N;
use crate::object::*;
use crate::thread::{R, Thread, expect};
use crate::{check, next, save};
use habu_heap::{Header, Value};
use std::sync::atomic::Ordering::Relaxed;

const NAME: u64 = 0xffff_ffff_ffff;

/// # Safety
/// `ip` is an attribute instruction.
#[inline(always)]
pub unsafe fn name_of(ip: *mut Op) -> Value {
    // SAFETY: the translator stores an interned name.
    unsafe { val((*ip).arg & NAME) }
}

#[inline(always)]
pub unsafe fn object<const L: u8>(ip: *mut Op, sp: *mut u64, fp: *mut u64) -> u64 {
    // SAFETY: as the translator arranged.
    unsafe {
        if L == LOCAL {
            *fp.add(((*ip).arg >> 48) as usize)
        } else {
            *sp.sub(1)
        }
    }
}

/// Where the result goes.
#[inline(always)]
pub unsafe fn dest<const L: u8>(sp: *mut u64) -> *mut u64 {
    // SAFETY: one word below the top, or the top.
    unsafe { if L == LOCAL { sp } else { sp.sub(1) } }
}

#[inline(always)]
pub fn is_ptr(w: u64) -> bool {
    w & 0x8000_0000_0000_0007 == 0
}

#[inline(always)]
pub unsafe fn shape_of(w: u64) -> u32 {
    // SAFETY: `w` is a pointer word.
    unsafe { (*(w as *const Header)).shape.load(Relaxed) }
}

/// Look-up of this class's instances goes the plain way?
fn plain_get(v: Value) -> bool {
    match class::special_of(v, N::GetAttribute) {
        Some(f) if f.kind() == kinds::BUILTIN => expect::<BuiltinObj>(f)
            .owner()
            .is_some_and(|o| o.spec().kind == kinds::INSTANCE),
        Some(_) => false,
        None => true,
    }
}

fn plain_set(v: Value) -> bool {
    match class::special_of(v, N::SetAttr) {
        Some(f) if f.kind() == kinds::BUILTIN => expect::<BuiltinObj>(f)
            .owner()
            .is_some_and(|o| o.spec().kind == kinds::INSTANCE),
        Some(_) => false,
        None => true,
    }
}

/// In the cache of a site that has still its first form: it was run.
pub const RAN: u64 = 1 << 39;

/// Note that the instruction was run, for compilers that ask before a form was chosen.
///
/// # Safety
/// `ip` has a cache behind it; `first` is the form that the translator gave it.
pub unsafe fn note_run(ip: *mut Op, first: super::Handler) {
    // SAFETY: the caller's promise.
    unsafe {
        if (*ip).h == first as usize {
            (*ip.add(1)).arg |= RAN;
        }
    }
}

/// Where a site without form counts: how often none was found, or how long none is sought.
const TRIES: u64 = 0xffff;
const GIVE_UP_AFTER: u64 = 8;
const GIVE_UP_FOR: u64 = 5000;

/// After looking for a form: a site that finds none again and again stops looking for a while.
///
/// # Safety
/// `ip` is an attribute load with a cache behind it.
unsafe fn note_failure<const L: u8>(ip: *mut Op) {
    // SAFETY: the caller's promise.
    unsafe {
        let cache = ip.add(1);
        if (*ip).h != load_attr::<L> as super::Handler as usize {
            return;
        }
        (*cache).arg += 1;
        if (*cache).arg & TRIES >= GIVE_UP_AFTER {
            (*cache).arg = RAN | GIVE_UP_FOR;
            (*ip).h = load_attr_anyhow::<L> as *const () as usize;
        }
    }
}

/// Choose the form for what was found and fill the cache.
unsafe fn specialize<const L: u8>(th: &Thread, ip: *mut Op, v: Value, name: Value) -> R<()> {
    // SAFETY: `ip` is an attribute instruction with its cache behind it.
    unsafe {
        let cache = ip.add(1);
        if !v.is_ptr() {
            return Ok(());
        }
        if v.kind() == kinds::MODULE && class::is_exact(v, crate::classes::C::Module) {
            if let Some(d) = attr::own_dict(v)
                && let Some(i) = dict::index_of(d, name.cast_unchecked())
            {
                (*cache).arg = i as u64;
                (*ip).h = load_attr_module::<L> as *const () as usize;
            }
            return Ok(());
        }
        if v.kind() == kinds::TYPE {
            if let Some(i) = counting_entry(expect(v), name) {
                (*cache).arg = v.shape() as u64 | (i as u64) << 40;
                (*ip).h = load_attr_class::<L> as *const () as usize;
                return Ok(());
            }
            if let Some(e) = type_entry(th, expect(v), name, false)? {
                (*cache).h = e.raw() as usize;
                th.mutator.barrier(owner_of_cache(ip));
                (*ip).h = load_attr_constant::<L> as *const () as usize;
            }
            return Ok(());
        }
        if !plain_get(v) {
            return Ok(());
        }
        let (kind, info) = attr::resolve(th, v, name)?;
        let word = v.shape() as u64 | info << 40;
        match kind {
            Kind::Slot => {
                (*cache).arg = word;
                (*ip).h = load_attr_slot::<L> as *const () as usize;
            }
            Kind::Overflow => {
                (*cache).arg = word;
                (*ip).h = load_attr_overflow::<L> as *const () as usize;
            }
            Kind::Constant | Kind::Member | Kind::Property => {
                let e: Gc<Entry> = Gc::from_raw(info as *mut Entry);
                let form: super::Handler = match kind {
                    Kind::Constant => load_attr_constant::<L>,
                    Kind::Member => {
                        (*cache).arg = v.shape() as u64 | e.info.get() << 40;
                        load_attr_member::<L>
                    }
                    _ => {
                        let simple = e
                            .value
                            .get()
                            .and_then(|p| p.cast::<PropertyObj>())
                            .and_then(|p| p.get.get());
                        if !simple.is_some_and(|g| {
                            g.cast::<FunctionObj>()
                                .is_some_and(|f| f.simple_argc.get() == Some(Value::small_int(1)))
                        }) {
                            // The form that stands there has an entry of its own kind, and keeps it.
                            return Ok(());
                        }
                        load_attr_property::<L>
                    }
                };
                (*cache).h = info as usize;
                th.mutator.barrier(owner_of_cache(ip));
                (*ip).h = form as usize;
            }
            Kind::Descriptor
                if (*(info as *const Entry))
                    .value
                    .get()
                    .and_then(descriptors::getter)
                    .is_some() =>
            {
                descriptors::remember(th, ip, info, descriptors::load_attr_descriptor::<L>);
            }
            Kind::Descriptor if v.kind() == kinds::TUPLE => {
                let e: Gc<Entry> = Gc::from_raw(info as *mut Entry);
                if let Some(g) = e.value.get().filter(|g| g.kind() == kinds::TUPLE_GETTER) {
                    (*cache).h = info as usize;
                    (*cache).arg = crate::types::tuple_getter::index(g) as u64;
                    th.mutator.barrier(owner_of_cache(ip));
                    (*ip).h = load_attr_item::<L> as *const () as usize;
                }
            }
            Kind::Descriptor => {
                let e: Gc<Entry> = Gc::from_raw(info as *mut Entry);
                let own = e.value.get().and_then(|a| a.cast::<GetSetObj>());
                if own.is_some_and(|g| g.applies_to(v)) {
                    (*cache).h = info as usize;
                    th.mutator.barrier(owner_of_cache(ip));
                    (*ip).h = load_attr_native::<L> as *const () as usize;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The threaded code object that an instruction stands in (for the write barrier).
pub unsafe fn owner_of_cache(ip: *mut Op) -> *mut Header {
    // The running frame's code holds it; interior pointers resolve only in the collector, so ask the frame.
    crate::interp::current_frame(crate::threads::current())
        .and_then(|f| {
            super::ops_holding(f.code(), ip).or(f.code().ops.get().and_then(|o| o.cast()))
        })
        .map_or(ip as *mut Header, |o| o.header())
}

/// A class that was changed so often keeps numbers and the like that change: what a site remembered of them would
/// be forgotten at once.
const OFTEN: u64 = 16;

/// The place in its class's own namespace of a plain value that may change.
fn counting_entry(t: Gc<TypeObj>, name: Value) -> Option<usize> {
    let meta = class::of(t.value());
    let native = class::special(meta, N::GetAttribute).is_some_and(|f| f.kind() == kinds::BUILTIN);
    if t.version.get() < OFTEN || !native || class::lookup(meta, name).is_some() {
        return None;
    }
    // SAFETY: names are strings.
    let i = dict::index_of(t.dict(), unsafe { name.cast_unchecked() })?;
    let plain = dict::table(t.dict()).entry(i).value.get();
    (plain.is_some_and(attr::is_plain_data) && i < 1 << 16).then_some(i)
}

/// What a class method gives to a call: bound to the class once, as nobody sees which object is called. The class keeps
/// it for objects of this shape.
fn class_method(
    th: &Thread,
    t: Gc<TypeObj>,
    shape: u32,
    name: Value,
    a: Value,
) -> R<Option<Gc<Entry>>> {
    if a.kind() != kinds::CLASSMETHOD || !attr::is_of(a, crate::classes::C::ClassMethod) {
        return Ok(None);
    }
    let f = expect::<ClassMethodObj>(a).func.get();
    let Some(f) = f.filter(|f| f.kind() == kinds::FUNCTION) else {
        return Ok(None);
    };
    if let Some(e) = attr::find_entry(t, name, shape as u64)
        && let Some(m) = e.value.get().and_then(|m| m.cast::<MethodObj>())
        && m.func.get() == Some(f)
        && m.this.get() == Some(t.value())
    {
        return Ok(Some(e));
    }
    let m = attr::new_method(th, f, t.value())?;
    let e = attr::new_entry(th, shape as u64, name, m.value(), 0)?;
    attr::remember_entry(th, t, e).map(Some)
}

/// An attribute of a class object that needs no binding, or for a call none but once.
fn type_entry(th: &Thread, t: Gc<TypeObj>, name: Value, for_call: bool) -> R<Option<Gc<Entry>>> {
    let meta = class::of(t.value());
    match class::special(meta, N::GetAttribute) {
        Some(f) if f.kind() == kinds::BUILTIN => {}
        _ => return Ok(None),
    }
    if class::lookup(meta, name).is_some_and(attr::is_data_descriptor) {
        return Ok(None);
    }
    let Some(a) = class::lookup(t, name) else {
        return Ok(None);
    };
    let value = match a.kind() {
        kinds::FUNCTION | 0 => a,
        kinds::BUILTIN if a.shape() != crate::classes::C::ClassMethodDescriptor.shape() => a,
        kinds::STATICMETHOD if attr::is_of(a, crate::classes::C::StaticMethod) => {
            expect::<StaticMethodObj>(a)
                .func
                .get()
                .unwrap_or(Value::NONE)
        }
        kinds::CLASSMETHOD if for_call => {
            return class_method(th, t, t.value().shape(), name, a);
        }
        _ if class::special_of(a, N::Get).is_none() => a,
        _ => return Ok(None),
    };
    let e = attr::new_entry(th, t.value().shape() as u64, name, value, 0)?;
    Ok(Some(attr::remember_entry(th, t, e)?))
}

crate::handlers! {
    #[inline(never)]
    load_attr<const L: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        note_run(ip, load_attr::<L>);
        let v = val(object::<L>(ip, sp, fp));
        let name = name_of(ip);
        let old = poly::before(ip);
        check!(specialize::<L>(th, ip, v, name), ip, sp, fp, th);
        check!(poly::merge::<L>(th, ip, old, What::Load), ip, sp, fp, th);
        note_failure::<L>(ip);
        let r = check!(attr::get(th, v, name), ip, sp, fp, th);
        let d = dest::<L>(sp);
        *d = r.bits();
        next!(ip.add(2), d.add(1), fp, th)
    }

    load_attr_slot<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        if is_ptr(w) && shape_of(w) == c as u32 {
            let r = *(w as *const u64).add(1 + (c >> 40) as usize);
            if r != 0 {
                let d = dest::<L>(sp);
                *d = r;
                next!(ip.add(2), d.add(1), fp, th)
            }
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    load_attr_overflow<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        if is_ptr(w) && shape_of(w) == c as u32
            && let Some(r) = shape::load(val(w), Place::Overflow((c >> 40) as usize))
        {
            let d = dest::<L>(sp);
            *d = r.bits();
            next!(ip.add(2), d.add(1), fp, th)
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    load_attr_member<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let r = *(w as *const u64).add(1 + (c >> 40) as usize);
            if r != 0 {
                let d = dest::<L>(sp);
                *d = r;
                next!(ip.add(2), d.add(1), fp, th)
            }
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    load_attr_constant<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let d = dest::<L>(sp);
            *d = (*e).value.bits();
            next!(ip.add(2), d.add(1), fp, th)
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    /// A number, text or constant in the namespace of the very class.
    load_attr_class<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        if is_ptr(w) && shape_of(w) == c as u32 && (*(w as *const Header)).kind == kinds::TYPE {
            let t: Gc<TypeObj> = val(w).cast_unchecked();
            let r = entry_at(t.dict.bits(), (c >> 40) as usize, (*ip).arg & NAME);
            if r != 0 && attr::is_plain_data(val(r)) {
                let d = dest::<L>(sp);
                *d = r;
                next!(ip.add(2), d.add(1), fp, th)
            }
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    load_attr_module<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        if is_ptr(w) && (*(w as *const Header)).kind == kinds::MODULE {
            let m: Gc<ModuleObj> = val(w).cast_unchecked();
            let r = entry_at(m.dict.bits(), (*ip.add(1)).arg as usize, (*ip).arg & NAME);
            if r != 0 {
                let d = dest::<L>(sp);
                *d = r;
                next!(ip.add(2), d.add(1), fp, th)
            }
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    /// A named tuple's field.
    load_attr_item<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let i = (*ip.add(1)).arg as usize;
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let t: Gc<TupleObj> = val(w).cast_unchecked();
            if i < t.len() {
                let d = dest::<L>(sp);
                *d = t.slot(i).bits();
                next!(ip.add(2), d.add(1), fp, th)
            }
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    /// A site for which no form was found, several times: it looks up without trying, for a while.
    #[inline(never)]
    load_attr_anyhow<const L: u8>(ip, sp, fp, th) {
        let cache = ip.add(1);
        if (*cache).arg & TRIES == 0 {
            (*ip).h = load_attr::<L> as *const () as usize;
            return load_attr::<L>(ip, sp, fp, th);
        }
        (*cache).arg -= 1;
        save!(ip, sp, fp, th);
        let r = check!(attr::get(th, val(object::<L>(ip, sp, fp)), name_of(ip)), ip, sp, fp, th);
        let d = dest::<L>(sp);
        *d = r.bits();
        next!(ip.add(2), d.add(1), fp, th)
    }

    /// A native attribute of a native class: a function of the runtime answers.
    load_attr_native<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            save!(ip, sp, fp, th);
            let g: Gc<GetSetObj> = val((*e).value.bits()).cast_unchecked();
            let r = check!((g.def().get)(th, val(w)), ip, sp, fp, th);
            let d = dest::<L>(sp);
            *d = r.bits();
            next!(ip.add(2), d.add(1), fp, th)
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    /// A property whose getter is a simple Python function: its frame is pushed right here.
    load_attr_property<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let p: Gc<PropertyObj> = val((*e).value.bits()).cast_unchecked();
            if let Some(g) = p.get.get() && let Some(func) = g.cast::<FunctionObj>() {
                save!(ip, sp, fp, th);
                let code: Gc<CodeObj> = func.code.get_unchecked().cast_unchecked();
                let ops = check!(super::ops_of(th, code), ip, sp, fp, th);
                let new = check!(super::push_frame(th, func, ops, sp, dest::<L>(sp), 0), ip, sp, fp, th);
                *new = w;
                super::zero_words(new.add(1), ops.locals() - 1);
                th.fp.set(new);
                next!(ops.start(), new.add(ops.locals()), new, th)
            }
        }
        load_attr::<L>(ip, sp, fp, th)
    }

    /// For a call: pushes function and receiver, or the attribute and nothing.
    #[inline(never)]
    load_method<const L: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        note_run(ip, load_method::<L>);
        let v = val(object::<L>(ip, sp, fp));
        let name = name_of(ip);
        let d = dest::<L>(sp);
        let old = poly::before(ip);
        if v.is_ptr() && v.kind() == kinds::TYPE {
            if let Some(e) = check!(type_entry(th, expect(v), name, true), ip, sp, fp, th) {
                (*ip.add(1)).h = e.raw() as usize;
                th.mutator.barrier(owner_of_cache(ip));
                (*ip).h = load_method_constant::<L> as *const () as usize;
            }
        } else if v.is_ptr() && v.kind() == kinds::MODULE {
            if let Some(m) = attr::own_dict(v)
                && let Some(i) = dict::index_of(m, name.cast_unchecked())
            {
                (*ip.add(1)).arg = i as u64;
                (*ip).h = load_method_module::<L> as *const () as usize;
            }
        } else if plain_get(v) {
            let (kind, info) = check!(attr::resolve(th, v, name), ip, sp, fp, th);
            match kind {
                Kind::Method => {
                    let e: Gc<Entry> = Gc::from_raw(info as *mut Entry);
                    if v.is_ptr() {
                        (*ip.add(1)).h = info as usize;
                        th.mutator.barrier(owner_of_cache(ip));
                        (*ip).h = load_method_entry::<L> as *const () as usize;
                        check!(poly::merge::<L>(th, ip, old, What::Method), ip, sp, fp, th);
                    }
                    *d = e.value.bits();
                    *d.add(1) = v.bits();
                    next!(ip.add(2), d.add(2), fp, th)
                }
                Kind::Constant if v.is_ptr() => {
                    (*ip.add(1)).h = info as usize;
                    th.mutator.barrier(owner_of_cache(ip));
                    (*ip).h = load_method_constant::<L> as *const () as usize;
                }
                Kind::Slot => {
                    (*ip.add(1)).arg = v.shape() as u64 | info << 40;
                    (*ip).h = load_method_slot::<L> as *const () as usize;
                }
                Kind::Descriptor if v.is_ptr() => {
                    let e: Gc<Entry> = Gc::from_raw(info as *mut Entry);
                    let a = e.value.get().unwrap_or(Value::NONE);
                    let e = check!(class_method(th, class::of(v), v.shape(), name, a), ip, sp, fp, th);
                    if let Some(e) = e {
                        (*ip.add(1)).h = e.raw() as usize;
                        th.mutator.barrier(owner_of_cache(ip));
                        (*ip).h = load_method_constant::<L> as *const () as usize;
                    }
                }
                _ => {}
            }
        }
        check!(poly::merge::<L>(th, ip, old, What::Method), ip, sp, fp, th);
        let r = check!(attr::get(th, v, name), ip, sp, fp, th);
        *d = r.bits();
        *d.add(1) = 0;
        next!(ip.add(2), d.add(2), fp, th)
    }

    load_method_entry<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let d = dest::<L>(sp);
            *d = (*e).value.bits();
            *d.add(1) = w;
            next!(ip.add(2), d.add(2), fp, th)
        }
        load_method::<L>(ip, sp, fp, th)
    }

    load_method_constant<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let d = dest::<L>(sp);
            *d = (*e).value.bits();
            *d.add(1) = 0;
            next!(ip.add(2), d.add(2), fp, th)
        }
        load_method::<L>(ip, sp, fp, th)
    }

    load_method_slot<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        if is_ptr(w) && shape_of(w) == c as u32 {
            let r = *(w as *const u64).add(1 + (c >> 40) as usize);
            if r != 0 {
                let d = dest::<L>(sp);
                *d = r;
                *d.add(1) = 0;
                next!(ip.add(2), d.add(2), fp, th)
            }
        }
        load_method::<L>(ip, sp, fp, th)
    }

    load_method_module<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        if is_ptr(w) && (*(w as *const Header)).kind == kinds::MODULE {
            let m: Gc<ModuleObj> = val(w).cast_unchecked();
            let r = entry_at(m.dict.bits(), (*ip.add(1)).arg as usize, (*ip).arg & NAME);
            if r != 0 {
                let d = dest::<L>(sp);
                *d = r;
                *d.add(1) = 0;
                next!(ip.add(2), d.add(2), fp, th)
            }
        }
        load_method::<L>(ip, sp, fp, th)
    }

    /// Stack: value, object (or value alone with the object in a local).
    #[inline(never)]
    store_attr<const L: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        note_run(ip, store_attr::<L>);
        let v = val(object::<L>(ip, sp, fp));
        let d = dest::<L>(sp).sub(1);
        let x = val(*d);
        let name = name_of(ip);
        if v.is_ptr() && v.kind() != kinds::MODULE && v.kind() != kinds::TYPE && plain_set(v) {
            let (kind, info) = check!(attr::resolve(th, v, name), ip, sp, fp, th);
            let cache = ip.add(1);
            let old_site = poly::before(ip);
            match kind {
                Kind::Slot => {
                    (*cache).arg = v.shape() as u64 | info << 40;
                    (*ip).h = store_attr_slot::<L> as *const () as usize;
                    check!(poly::merge::<L>(th, ip, old_site, What::Store), ip, sp, fp, th);
                }
                Kind::Overflow => {
                    (*cache).arg = v.shape() as u64 | info << 40;
                    (*ip).h = store_attr_overflow::<L> as *const () as usize;
                    check!(poly::merge::<L>(th, ip, old_site, What::Store), ip, sp, fp, th);
                }
                Kind::Member => {
                    let e: Gc<Entry> = Gc::from_raw(info as *mut Entry);
                    (*cache).h = info as usize;
                    (*cache).arg = v.shape() as u64 | e.info.get() << 40;
                    th.mutator.barrier(owner_of_cache(ip));
                    (*ip).h = store_attr_member::<L> as *const () as usize;
                    check!(poly::merge::<L>(th, ip, old_site, What::Store), ip, sp, fp, th);
                }
                Kind::Property | Kind::Descriptor => {
                    let e: Gc<Entry> = Gc::from_raw(info as *mut Entry);
                    if v.is_ptr() && e.value.get().and_then(descriptors::setter).is_some() {
                        let form = descriptors::store_attr_descriptor::<L>;
                        descriptors::remember(th, ip, info, form);
                        check!(poly::merge::<L>(th, ip, old_site, What::Store), ip, sp, fp, th);
                    }
                }
                Kind::None | Kind::Method | Kind::Constant => {
                    // A new attribute: remember the transition when it ends in an inline slot.
                    let old = shape::of(v);
                    check!(attr::generic_set(th, v, name, Some(x)), ip, sp, fp, th);
                    let new = shape::of(v);
                    if new.parent.get() == Some(old.value())
                        && let Place::Inline(w) = new.place(old.count())
                    {
                        (*cache).h = new.raw() as usize;
                        (*cache).arg = old.id() as u64 | (w as u64) << 40;
                        th.mutator.barrier(owner_of_cache(ip));
                        (*ip).h = store_attr_add::<L> as *const () as usize;
                        check!(poly::merge::<L>(th, ip, old_site, What::Store), ip, sp, fp, th);
                    }
                    next!(ip.add(2), d, fp, th)
                }
                _ => {}
            }
        }
        check!(attr::set(th, v, name, Some(x)), ip, sp, fp, th);
        next!(ip.add(2), d, fp, th)
    }

    store_attr_slot<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        if is_ptr(w) && shape_of(w) == c as u32 {
            let d = dest::<L>(sp).sub(1);
            let slot = &*((w as *const habu_heap::Slot).add(1 + (c >> 40) as usize));
            th.mutator.write(w as *mut Header, slot, Value::from_bits(*d));
            next!(ip.add(2), d, fp, th)
        }
        store_attr::<L>(ip, sp, fp, th)
    }

    store_attr_overflow<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        if is_ptr(w) && shape_of(w) == c as u32 {
            return store_overflow::<L>(ip, sp, fp, th);
        }
        store_attr::<L>(ip, sp, fp, th)
    }

    /// Into the overflow array, which the object has.
    #[inline(never)]
    store_overflow<const L: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let w = object::<L>(ip, sp, fp);
        let i = ((*ip.add(1)).arg >> 40) as usize;
        let d = dest::<L>(sp).sub(1);
        check!(shape::store(th, val(w), Place::Overflow(i), Value::from_bits(*d)), ip, sp, fp, th);
        next!(ip.add(2), d, fp, th)
    }

    store_attr_member<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        let e = (*ip.add(1)).h as *const Entry;
        if is_ptr(w) && !e.is_null() && (*e).shape.get() == shape_of(w) as u64 {
            let d = dest::<L>(sp).sub(1);
            let slot = &*((w as *const habu_heap::Slot).add(1 + (c >> 40) as usize));
            th.mutator.write(w as *mut Header, slot, Value::from_bits(*d));
            next!(ip.add(2), d, fp, th)
        }
        store_attr::<L>(ip, sp, fp, th)
    }

    store_attr_add<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        let c = (*ip.add(1)).arg;
        let s = (*ip.add(1)).h as *const ShapeObj;
        if is_ptr(w) && shape_of(w) == c as u32 && !s.is_null() {
            let d = dest::<L>(sp).sub(1);
            let slot = &*((w as *const habu_heap::Slot).add(1 + (c >> 40) as usize));
            th.mutator.write(w as *mut Header, slot, Value::from_bits(*d));
            th.mutator.set_shape(w as *mut Header, (*s).id());
            next!(ip.add(2), d, fp, th)
        }
        store_attr::<L>(ip, sp, fp, th)
    }

    delete_attr(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        check!(attr::set(th, val(*sp.sub(1)), val((*ip).arg), None), ip, sp, fp, th);
        next!(ip.add(1), sp.sub(1), fp, th)
    }

    /// `super().name`: `arg` is the name, bit 48 method form, bit 49 two-argument form.
    load_super_attr(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        if super::operators::note(ip, val(*sp.sub(1)), Value::NONE) {
            check!(remember_super(th, ip, sp), ip, sp, fp, th);
        }
        let n = check!(super_attr(th, ip, sp), ip, sp, fp, th);
        next!(ip.add(2), sp.sub(3).add(n), fp, th)
    }
}

/// The function that a call of `v.name` calls with `v` in front; `None`: the attribute is to be fetched first.
pub fn find_method(th: &Thread, v: Value, name: Value) -> R<Option<Value>> {
    if matches!(v.kind(), kinds::TYPE | kinds::MODULE) || !plain_get(v) {
        return Ok(None);
    }
    Ok(match attr::resolve(th, v, name)? {
        (Kind::Method, info) => {
            // SAFETY: methods come with an entry that the class keeps.
            let e: Gc<Entry> = unsafe { Gc::from_raw(info as *mut Entry) };
            e.value.get()
        }
        _ => None,
    })
}

/// For native code: an entry for what this `super()` finds in objects like this one, where that is a function.
#[cold]
unsafe fn remember_super(th: &Thread, ip: *mut Op, sp: *mut u64) -> R<()> {
    // SAFETY: as for `super_attr`.
    let (cls, this) = unsafe { (val(*sp.sub(2)), val(*sp.sub(1))) };
    let name = unsafe { name_of(ip) };
    let t = crate::core::class::of(this);
    let Some(cls) = cls
        .cast::<TypeObj>()
        .filter(|_| this.kind() == kinds::INSTANCE)
    else {
        return Ok(());
    };
    let mark = attr::super_mark(this.shape(), cls);
    if attr::find_entry(t, name, mark).is_some() {
        return Ok(());
    }
    match crate::types::super_::found_in(cls, t, name) {
        Some(f) if crate::ops::call::is_plain_method(f) => attr::super_entry(th, t, mark, name, f),
        _ => Ok(()),
    }
}

/// Store what `super()` finds in place of the three operands; the number of words stored.
#[inline(never)]
unsafe fn super_attr(th: &Thread, ip: *mut Op, sp: *mut u64) -> R<usize> {
    // SAFETY: the operand stack holds `super`, the class and the object.
    unsafe {
        let (method, two) = ((*ip).arg >> 48 & 1 != 0, (*ip).arg >> 49 & 1 != 0);
        super_attr_at(th, name_of(ip), method, two, sp.sub(3))
    }
}

/// The same for the three operands at `d`: `super`, the class and the object.
///
/// # Safety
/// Three values stand at `d`.
pub unsafe fn super_attr_at(
    th: &Thread,
    name: Value,
    method: bool,
    two: bool,
    d: *mut u64,
) -> R<usize> {
    // SAFETY: the caller's promise.
    unsafe {
        let (sup, cls, this) = (val(*d), val(*d.add(1)), val(*d.add(2)));
        if sup == crate::runtime::class_value(crate::classes::C::Super) && cls.is::<TypeObj>() {
            let (a, bound) = crate::types::super_::lookup(th, expect(cls), this, name, method)?;
            *d = a.bits();
            *d.add(1) = if bound { this.bits() } else { 0 };
        } else {
            let o = if two {
                crate::ops::call::call(th, sup, &[cls, this])?
            } else {
                crate::ops::call::call(th, sup, &[])?
            };
            *d = attr::get(th, o, name)?.bits();
            *d.add(1) = 0;
        }
        Ok(1 + method as usize)
    }
}

/// The value of a namespace's entry `i` if it still belongs to `name`; 0 otherwise.
///
/// # Safety
/// `d` is the word of a dict.
#[inline(always)]
pub unsafe fn entry_at(d: u64, i: usize, name: u64) -> u64 {
    // SAFETY: the caller's promise; the index is checked against the table.
    unsafe {
        let d: Gc<DictObj> = val(d).cast_unchecked();
        let t = dict::table(d);
        if t.has(i) {
            let e = t.entry(i);
            if e.key.bits() == name {
                return e.value.bits();
            }
        }
        0
    }
}

/// The frame's own function, for handlers that need its globals.
#[inline(always)]
pub unsafe fn func(fp: *mut u64) -> Gc<FunctionObj> {
    // SAFETY: every frame has its function.
    unsafe { val(*fp.offset(frame::FUNC)).cast_unchecked() }
}

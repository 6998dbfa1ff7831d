//! Classes: what class a word has, look-up along the MRO, special methods by number, what a change invalidates.

use crate::classes::C;
use crate::core::{dict, shape, watch};
use crate::names::{N, SPECIALS, nm};
use crate::object::*;
use crate::runtime::{class, rt};
use crate::spec::type_flags;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;
use std::mem::offset_of;
use std::sync::atomic::Ordering::Relaxed;

/// The class of any value.
#[inline(always)]
pub fn of(v: Value) -> Gc<TypeObj> {
    if v.is_ptr() {
        shape::of(v).class()
    } else {
        of_word(v)
    }
}

fn of_word(v: Value) -> Gc<TypeObj> {
    class(match v {
        v if v.is_int() => C::Int,
        v if v.is_float() => C::Float,
        Value::NONE => C::None,
        Value::TRUE | Value::FALSE => C::Bool,
        Value::ELLIPSIS => C::Ellipsis,
        _ => C::NotImplemented,
    })
}

#[inline(always)]
pub fn is_exact(v: Value, c: C) -> bool {
    v.shape() == c.shape()
}

impl TypeObj {
    pub fn name_str(&self) -> String {
        match self.name.get().and_then(|v| v.cast::<StrObj>()) {
            Some(s) => s.to_rust().into_owned(),
            None => "?".into(),
        }
    }
    #[inline(always)]
    pub fn has(&self, flag: u64) -> bool {
        self.flags.get() & flag != 0
    }
    pub fn set_flag(&self, flag: u64) {
        self.flags.set(self.flags.get() | flag)
    }
    pub fn mro(&self) -> Gc<TupleObj> {
        match self.mro.get() {
            Some(m) => expect(m),
            None => crate::core::tuple::empty(),
        }
    }
    pub fn dict(&self) -> Gc<DictObj> {
        // SAFETY: every class has a dict.
        unsafe { self.dict.get_unchecked().cast_unchecked() }
    }
    pub fn base(&self) -> Option<Gc<TypeObj>> {
        self.base.get().and_then(|b| b.cast())
    }
    pub fn spec(&self) -> &'static crate::spec::TypeSpec {
        // SAFETY: set from a static spec when the class was made.
        unsafe { &*(self.spec.get() as *const crate::spec::TypeSpec) }
    }
}

/// The class's own name for error messages.
pub fn type_name(v: Value) -> String {
    of(v).name_str()
}

/// `module.qualname`, builtins without module.
pub fn full_name(t: Gc<TypeObj>) -> String {
    let q = t
        .qualname
        .get()
        .and_then(|v| v.cast::<StrObj>())
        .map_or_else(|| t.name_str(), |s| s.to_rust().into_owned());
    match dict::get_name(t.dict(), nm(N::Module)).and_then(|v| v.cast::<StrObj>()) {
        Some(m) if !m.eq_str("builtins") => format!("{}.{}", m.to_rust(), q),
        _ => q,
    }
}

/// First class of the MRO that defines `name` (interned).
pub fn lookup(t: Gc<TypeObj>, name: Value) -> Option<Value> {
    t.mro().items().iter().find_map(|c| {
        // SAFETY: an MRO holds classes.
        let c: Gc<TypeObj> = unsafe { c.cast_unchecked() };
        dict::get_name(c.dict(), name)
    })
}

/// The same, with the class that defines it.
pub fn lookup_where(t: Gc<TypeObj>, name: Value) -> Option<(Gc<TypeObj>, Value)> {
    t.mro().items().iter().find_map(|c| {
        // SAFETY: as above.
        let c: Gc<TypeObj> = unsafe { c.cast_unchecked() };
        dict::get_name(c.dict(), name).map(|v| (c, v))
    })
}

/// A special method as found on the class, unbound.
#[inline(always)]
pub fn special(t: Gc<TypeObj>, n: N) -> Option<Value> {
    if let Some(a) = t.specials.get() {
        // SAFETY: the array of specials is one.
        let a: Gc<ArrayObj> = unsafe { a.cast_unchecked() };
        match a.slot(n as usize).get() {
            Some(Value::NOT_IMPLEMENTED) => return None,
            Some(v) => return Some(v),
            None => {}
        }
    }
    special_slow(t, n)
}

#[inline(never)]
fn special_slow(t: Gc<TypeObj>, n: N) -> Option<Value> {
    let found = lookup(t, nm(n));
    let th = crate::threads::current();
    let a: Option<Gc<ArrayObj>> = match t.specials.get() {
        Some(a) => Some(expect(a)),
        None => match shape::array(th, SPECIALS + 1) {
            Ok(a) => {
                th.set(t, &t.specials, Some(a.value()));
                Some(a)
            }
            Err(_) => {
                th.take();
                None
            }
        },
    };
    if let Some(a) = a {
        th.set(
            a,
            a.slot(n as usize),
            Some(found.unwrap_or(Value::NOT_IMPLEMENTED)),
        );
    }
    found
}

/// Are instances equal to nothing but themselves, as was found out and kept behind the specials?
#[inline(always)]
pub fn is_known_identity(t: Gc<TypeObj>) -> bool {
    let Some(a) = t.specials.get() else {
        return false;
    };
    // SAFETY: the array of specials is one, and has a word more than there are specials.
    let a: Gc<ArrayObj> = unsafe { a.cast_unchecked() };
    a.slot(SPECIALS).get() == Some(Value::TRUE)
}

/// Keep that they are. What changes a special of the class drops this with the specials.
pub fn note_identity(t: Gc<TypeObj>) {
    if let Some(a) = t.specials.get() {
        expect::<ArrayObj>(a).slot(SPECIALS).init(Some(Value::TRUE));
    }
}

#[inline(always)]
pub fn special_of(v: Value, n: N) -> Option<Value> {
    special(of(v), n)
}

/// Is `v` an instance of `c`, or of a class derived from it that has left this special method alone? For objects that
/// are laid out like those of `c`.
#[inline(always)]
pub fn keeps(v: Value, c: C, n: N) -> bool {
    v.shape() == c.shape() || special(of(v), n) == special(crate::runtime::class(c), n)
}

#[inline]
pub fn is_subclass(a: Gc<TypeObj>, b: Gc<TypeObj>) -> bool {
    a == b || a.mro().items().contains(&b.value())
}

/// Real instance check, by class (no `__instancecheck__`).
#[inline]
pub fn is_instance(v: Value, c: Gc<TypeObj>) -> bool {
    is_subclass(of(v), c)
}

#[inline]
pub fn is_a(v: Value, c: C) -> bool {
    is_instance(v, class(c))
}

/// Classes that derive directly from `t`, as far as they live.
pub fn subclasses(t: Gc<TypeObj>, f: &mut dyn FnMut(Gc<TypeObj>)) {
    let Some(l) = t.subclasses.get() else { return };
    let l: Gc<ListObj> = expect(l);
    let mut i = 0;
    while let Some(w) = crate::core::list::get(l, i) {
        i += 1;
        if let Some(t) = w
            .cast::<WeakRefObj>()
            .and_then(crate::types::weakref::target)
        {
            f(expect(t))
        }
    }
}

/// After the class's attribute `name` changed (`None`: anything may have).
pub fn modified(th: &Thread, t: Gc<TypeObj>, name: Option<Value>) {
    rt().class_epoch.fetch_add(1, Relaxed);
    invalidate_tree(th, t, name, 0);
    // Of a metaclass, sites rely on special methods and on there being no data descriptors; its counters and tables
    // (`ABCMeta` counts registrations) may change.
    if t.has(type_flags::META) && may_be_special(name) {
        crate::interp::cache::flush_all(th);
    } else if let Some(n) = name
        && dict::get_name(t.dict(), n).is_some_and(crate::core::attr::is_data_descriptor)
        && (t.has(type_flags::META) || shape::has_attribute(t, n))
    {
        crate::interp::cache::flush_all(th);
    }
}

/// Whether this is the name of a special method, or any.
pub fn may_be_special(name: Option<Value>) -> bool {
    name.is_none_or(|n| {
        // SAFETY: names are strings.
        let text: Gc<StrObj> = unsafe { n.cast_unchecked() };
        if text.bytes().first() != Some(&b'_') {
            return false;
        }
        let all = &rt().names[..SPECIALS];
        all.iter().any(|s| s.bits() == n.bits())
    })
}

/// Does the class, or one derived from it, keep an answer of this name for attribute sites?
pub fn remembers(t: Gc<TypeObj>, name: Value, depth: u32) -> bool {
    if depth > 1000 {
        return true;
    }
    if let Some(es) = t.entries.get() {
        let es: Gc<ListObj> = expect(es);
        let kept = crate::core::list::items(es).iter();
        let mut kept = kept.map(|&e| expect::<Entry>(e));
        if kept.any(|e| e.name.get() == Some(name)) {
            return true;
        }
    }
    let mut found = false;
    subclasses(t, &mut |s| found = found || remembers(s, name, depth + 1));
    found
}

fn invalidate_tree(th: &Thread, t: Gc<TypeObj>, name: Option<Value>, depth: u32) {
    t.version.set(t.version.get() + 1);
    if may_be_special(name) {
        t.specials.init(None);
        watch::changed(t, offset_of!(TypeObj, specials) as u64);
    }
    if let Some(es) = t.entries.get() {
        // Dead entries leave the list: a program that counts in a class attribute makes one at each turn.
        let es: Gc<ListObj> = expect(es);
        let mut i = 0;
        while let Some(e) = crate::core::list::get(es, i) {
            let e: Gc<Entry> = expect(e);
            if name.is_none_or(|n| e.name.get() == Some(n)) {
                crate::core::attr::empty(e);
                let last = crate::core::list::pop(es);
                if let Some(last) = last {
                    crate::core::list::set(th, es, i, last);
                }
            } else {
                i += 1;
            }
        }
        if name.is_none() {
            t.entries.init(None);
        }
    }
    if depth < 1000 {
        subclasses(t, &mut |s| invalidate_tree(th, s, name, depth + 1));
    }
}

/// The most derived metaclass among `meta` and the bases' classes.
pub fn best_metaclass(th: &Thread, meta: Gc<TypeObj>, bases: &[Value]) -> R<Gc<TypeObj>> {
    let mut winner = meta;
    for &b in bases {
        let m = of(b);
        if is_subclass(winner, m) {
            continue;
        }
        if is_subclass(m, winner) {
            winner = m;
            continue;
        }
        return Err(crate::error::raise(
            th,
            C::TypeError,
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
        ));
    }
    Ok(winner)
}

/// C3 linearization of a class with these bases.
pub fn compute_mro(th: &Thread, t: Gc<TypeObj>) -> R<Gc<TupleObj>> {
    let bases: Gc<TupleObj> = expect(t.bases.get().unwrap_or(crate::core::tuple::empty().value()));
    let out = crate::core::list::new(th)?;
    crate::core::list::push(th, out, t.value())?;
    if bases.len() == 1 {
        let b: Gc<TypeObj> = expect(bases.items()[0]);
        for &c in b.mro().items() {
            crate::core::list::push(th, out, c)?;
        }
        return crate::core::tuple::new(th, crate::core::list::items(out));
    }
    // Sequences to merge: each base's MRO, then the bases themselves; positions stay on the Rust side.
    let n = bases.len();
    let seqs: Vec<usize> = (0..=n).collect();
    let seq = |i: usize| -> &'static [Value] {
        let t: Gc<TupleObj> = if i < n {
            expect::<TypeObj>(bases.items()[i]).mro()
        } else {
            bases
        };
        // SAFETY: MROs and bases stay reachable from the classes while this runs.
        unsafe { std::mem::transmute::<&[Value], &'static [Value]>(t.items()) }
    };
    for (i, &b) in bases.items().iter().enumerate() {
        if bases.items()[..i].contains(&b) {
            let name = expect::<TypeObj>(b).name_str();
            return Err(crate::error::raise(
                th,
                C::TypeError,
                &format!("duplicate base class {name}"),
            ));
        }
    }
    let mut pos = vec![0usize; n + 1];
    loop {
        let mut done = true;
        let mut chosen = None;
        for &s in &seqs {
            let Some(&head) = seq(s).get(pos[s]) else {
                continue;
            };
            done = false;
            let blocked = seqs
                .iter()
                .any(|&o| seq(o).get(pos[o] + 1..).is_some_and(|t| t.contains(&head)));
            if !blocked {
                chosen = Some(head);
                break;
            }
        }
        if done {
            break;
        }
        let Some(c) = chosen else {
            let mut names: Vec<String> = Vec::new();
            for &s in &seqs {
                if let Some(&h) = seq(s).get(pos[s]) {
                    let n = expect::<TypeObj>(h).name_str();
                    if !names.contains(&n) {
                        names.push(n);
                    }
                }
            }
            return Err(crate::error::raise(
                th,
                C::TypeError,
                &format!(
                    "Cannot create a consistent method resolution order (MRO) for bases {}",
                    names.join(", ")
                ),
            ));
        };
        crate::core::list::push(th, out, c)?;
        for &s in &seqs {
            if seq(s).get(pos[s]) == Some(&c) {
                pos[s] += 1;
            }
        }
    }
    crate::core::tuple::new(th, crate::core::list::items(out))
}

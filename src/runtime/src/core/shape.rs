//! Shapes: what attributes an instance has and where they are. An immutable tree of transitions for each class.
//!
//! What must hold: a shape's names array is append-only and shared along a chain; the first `count` names are
//! the shape's. A name's position says where its value is: the first `inline` ones behind the native words, the
//! others in the overflow array that the attribute storage points to. Position `POS_HOLE` names were deleted.

use crate::classes::C;
use crate::object::*;
use crate::runtime::rt;
use crate::thread::{R, Thread};
use habu_heap::{Header, Value};
use std::sync::atomic::Ordering::Relaxed;

/// More attributes than this, and the instance gets a dict.
pub const MAX_SLOTS: usize = 80;

/// `inline` word: number of inline attribute words | first inline word << 16 | flags.
pub const DICT_MODE: u64 = 1 << 32;
/// Attributes are not allowed at all (no storage).
pub const NO_ATTRS: u64 = 1 << 33;

impl ShapeObj {
    pub fn class(&self) -> Gc<TypeObj> {
        // SAFETY: every shape has a class.
        unsafe { self.class.get_unchecked().cast_unchecked() }
    }
    pub fn inline_words(&self) -> usize {
        (self.inline.get() & 0xffff) as usize
    }
    pub fn first_word(&self) -> usize {
        (self.inline.get() >> 16 & 0xffff) as usize
    }
    pub fn is_dict_mode(&self) -> bool {
        self.inline.get() & DICT_MODE != 0
    }
    pub fn no_attrs(&self) -> bool {
        self.inline.get() & NO_ATTRS != 0
    }
    pub fn count(&self) -> usize {
        self.count.get() as usize
    }
    pub fn id(&self) -> u32 {
        self.id.get() as u32
    }
    /// Name at position `i`; `None` where it was deleted.
    pub fn name(&self, i: usize) -> Option<Value> {
        let a: Gc<ArrayObj> = crate::thread::expect(self.names.get()?);
        a.slot(i).get().filter(|v| !v.is_none())
    }
    /// Position of an interned name.
    pub fn find(&self, name: Value) -> Option<usize> {
        let n = self.count();
        if n == 0 {
            return None;
        }
        let a: Gc<ArrayObj> = crate::thread::expect(self.names.get()?);
        (0..n).find(|&i| a.slot(i).bits() == name.bits())
    }
    /// Where position `i` is.
    pub fn place(&self, i: usize) -> Place {
        if i < self.inline_words() {
            Place::Inline(self.first_word() + i)
        } else {
            Place::Overflow(i - self.inline_words())
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Value word of the object, counted from behind the header.
    Inline(usize),
    /// Item of the overflow array.
    Overflow(usize),
}

/// The shape with this id.
#[inline(always)]
pub fn by_id(id: u32) -> Gc<ShapeObj> {
    let w = habu_heap::shape_table()[id as usize].load(Relaxed);
    // SAFETY: ids come from live objects' headers, whose shapes are alive.
    unsafe { Gc::from_raw(w as *mut ShapeObj) }
}

#[inline(always)]
pub fn of(v: Value) -> Gc<ShapeObj> {
    by_id(v.shape())
}

/// A shape object of `class`; `fixed` for the classes that every process has.
pub fn new(th: &Thread, class: Gc<TypeObj>, fixed: Option<u32>, inline: u64) -> R<Gc<ShapeObj>> {
    let s: Gc<ShapeObj> = th.alloc(C::Hidden.shape(), 0, std::mem::size_of::<ShapeObj>())?;
    s.class.init(Some(class.value()));
    s.parent.init(None);
    s.key.init(None);
    s.names.init(None);
    s.transitions.init(None);
    s.count.set(0);
    s.inline.set(inline);
    match fixed {
        Some(id) => {
            s.id.set(id as u64);
            habu_heap::set_static_shape(id, s.header());
        }
        None => match th.mutator.register_shape(s.header()) {
            Some(id) => s.id.set(id as u64),
            None => return Err(crate::error::out_of_memory(th)),
        },
    }
    Ok(s)
}

/// The shape that has `name` (interned) behind `s`'s names.
pub fn transition(th: &Thread, s: Gc<ShapeObj>, name: Value) -> R<Gc<ShapeObj>> {
    // Transitions are a flat array: name, shape, name, shape …
    if let Some(t) = s.transitions.get() {
        let a: Gc<ArrayObj> = crate::thread::expect(t);
        for i in (0..a.len()).step_by(2) {
            if a.slot(i).bits() == name.bits() {
                // SAFETY: odd items are shapes.
                return Ok(unsafe { a.slot(i + 1).get_unchecked().cast_unchecked() });
            }
        }
    }
    let new = self::new(th, s.class(), None, s.inline.get())?;
    th.set(new, &new.parent, Some(s.value()));
    th.set(new, &new.key, Some(name));
    let n = s.count();
    // Share the names array when `s` ends it; else copy.
    let names: Gc<ArrayObj> = match s.names.get() {
        Some(a) => {
            let a: Gc<ArrayObj> = crate::thread::expect(a);
            if n < a.len() && a.slot(n).bits() == 0 {
                a
            } else {
                copy_names(th, Some(a), n)?
            }
        }
        None => copy_names(th, None, 0)?,
    };
    th.set(names, names.slot(n), Some(name));
    th.set(new, &new.names, Some(names.value()));
    new.count.set(n as u64 + 1);
    let old = s.transitions.get().map(crate::thread::expect::<ArrayObj>);
    let len = old.map_or(0, |a| a.len());
    let grown = array(th, len + 2)?;
    if let Some(o) = old {
        for i in 0..len {
            grown.slot(i).init_bits(o.slot(i).bits());
        }
    }
    grown.slot(len).init(Some(name));
    grown.slot(len + 1).init(Some(new.value()));
    th.set(s, &s.transitions, Some(grown.value()));
    Ok(new)
}

fn copy_names(th: &Thread, from: Option<Gc<ArrayObj>>, n: usize) -> R<Gc<ArrayObj>> {
    let a = array(th, (n + 4).next_power_of_two())?;
    if let Some(o) = from {
        for i in 0..n {
            a.slot(i).init_bits(o.slot(i).bits());
        }
    }
    Ok(a)
}

/// An array of empty words.
pub fn array(th: &Thread, n: usize) -> R<Gc<ArrayObj>> {
    let a: Gc<ArrayObj> = th.alloc(C::Hidden.shape(), 0, 16 + n * 8)?;
    a.sizes.set(sizes(2 + n, n));
    for i in 0..n {
        a.slot(i).init(None);
    }
    Ok(a)
}

/// Give the object another shape (a new attribute, another class).
#[inline(always)]
pub fn set_shape(th: &Thread, v: Value, s: Gc<ShapeObj>) {
    // SAFETY: `v` is a pointer to an object of a layout that fits `s`.
    unsafe { th.mutator.set_shape(v.bits() as *mut Header, s.id()) }
}

/// The value at a place of `v`.
#[inline]
pub fn load(v: Value, p: Place) -> Option<Value> {
    match p {
        // SAFETY: the shape says that the object has this word.
        Place::Inline(w) => unsafe { v.cast_unchecked::<Instance>().word(w).get() },
        Place::Overflow(i) => {
            let a = attr_slot(v)?.get()?;
            // SAFETY: outside dict mode the storage is an overflow array.
            let a: Gc<ArrayObj> = unsafe { a.cast_unchecked() };
            if i < a.len() { a.slot(i).get() } else { None }
        }
    }
}

/// Store at a place of `v`, making room in the overflow array.
pub fn store(th: &Thread, v: Value, p: Place, x: Option<Value>) -> R<()> {
    match p {
        Place::Inline(w) => {
            // SAFETY: as in `load`.
            let slot = unsafe { v.cast_unchecked::<Instance>().word(w) };
            th.set_in(v, slot, x);
        }
        Place::Overflow(i) => {
            let Some(slot) = attr_slot(v) else {
                return Err(crate::error::raise(
                    th,
                    C::SystemError,
                    "object has no attribute storage",
                ));
            };
            let old = slot.get().map(crate::thread::expect::<ArrayObj>);
            let a = match old {
                Some(a) if i < a.len() => a,
                _ => {
                    let a = array(th, (i + 2).next_power_of_two())?;
                    if let Some(o) = old {
                        for k in 0..o.len() {
                            a.slot(k).init_bits(o.slot(k).bits());
                        }
                    }
                    th.set_in(v, slot, Some(a.value()));
                    a
                }
            };
            th.set(a, a.slot(i), x);
        }
    }
    Ok(())
}

/// Whether instances of `class` may have an attribute of this (interned) name in a slot.
pub fn has_attribute(class: Gc<TypeObj>, name: Value) -> bool {
    habu_heap::shape_table().iter().any(|w| {
        let w = w.load(Relaxed);
        if w == 0 {
            return false;
        }
        // SAFETY: the table holds live shapes; nothing is collected meanwhile.
        let s: Gc<ShapeObj> = unsafe { Gc::from_raw(w as *mut ShapeObj) };
        s.key.bits() == name.bits() && crate::core::class::is_subclass(s.class(), class)
    })
}

/// The shape of new instances of `class`.
pub fn root(class: Gc<TypeObj>) -> Gc<ShapeObj> {
    // SAFETY: every class has a root shape.
    unsafe { class.root_shape.get_unchecked().cast_unchecked() }
}

pub fn count_shapes() -> u32 {
    rt().table_ids.load(Relaxed)
}

//! Attribute sites that meet objects of several shapes: an immutable list of up to four answers, scanned by shape.
//!
//! What must hold: a list is published whole and never changed; each answer holds what the one-shape form of the
//! instruction would have held in its cache. A site that outgrows its list looks up generally from then on.

use super::arith::LOCAL;
use super::attrs::{self, dest, is_ptr, object, shape_of};
use super::feedback::{self, Site};
use super::{Op, val};
use crate::core::attr;
use crate::core::shape::{self, Place};
use crate::object::*;
use crate::thread::{R, Thread};
use crate::{check, next, save};
use habu_heap::{Header, Slot, Value};

pub const MAX: usize = 4;

/// What one shape's answer is. The order is that of the packed word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Form {
    Slot,
    Constant,
    Member,
    Property,
    Method,
    Add,
    Overflow,
    Descriptor,
}

const FORMS: [Form; 8] = [
    Form::Slot,
    Form::Constant,
    Form::Member,
    Form::Property,
    Form::Method,
    Form::Add,
    Form::Overflow,
    Form::Descriptor,
];

/// One answer. `object`: the entry, or the shape that a store leads to.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub shape: u32,
    pub form: Form,
    pub word: u32,
    pub object: u64,
}

impl Answer {
    fn packed(&self) -> u64 {
        (self.shape as u64 | (self.form as u64) << 32 | (self.word as u64) << 40) << 1 | 1
    }
    #[inline(always)]
    fn unpack(packed: u64, object: u64) -> Answer {
        let p = packed >> 1;
        Answer {
            shape: p as u32,
            form: FORMS[(p >> 32 & 7) as usize],
            word: (p >> 40) as u32 & 0xffff,
            object,
        }
    }
    /// What a one-shape form remembers.
    pub fn of(s: Site) -> Option<Answer> {
        // SAFETY: caches hold live entries.
        let shape_in = |e: *const Entry| unsafe { (*e).shape.get() as u32 };
        let a = match s {
            Site::Slot { shape, word } => Answer {
                shape,
                form: Form::Slot,
                word,
                object: 0,
            },
            Site::Overflow { shape, index } => Answer {
                shape,
                form: Form::Overflow,
                word: index,
                object: 0,
            },
            Site::Constant { entry } => Answer {
                shape: shape_in(entry),
                form: Form::Constant,
                word: 0,
                object: entry as u64,
            },
            Site::Member { entry, word } => Answer {
                shape: shape_in(entry),
                form: Form::Member,
                word,
                object: entry as u64,
            },
            Site::Property { entry } => Answer {
                shape: shape_in(entry),
                form: Form::Property,
                word: 0,
                object: entry as u64,
            },
            Site::Descriptor { entry } => Answer {
                shape: shape_in(entry),
                form: Form::Descriptor,
                word: 0,
                object: entry as u64,
            },
            Site::Method { entry } => Answer {
                shape: shape_in(entry),
                form: Form::Method,
                word: 0,
                object: entry as u64,
            },
            Site::Add { old, new, word } => Answer {
                shape: old,
                form: Form::Add,
                word,
                object: new as u64,
            },
            _ => return None,
        };
        (a.word <= 0xffff).then_some(a)
    }
}

/// A list of answers: packed word and object in turn.
///
/// # Safety
/// `list` is a live list of answers, as sites hold them.
pub unsafe fn answers(list: *const ArrayObj) -> impl Iterator<Item = Answer> {
    // SAFETY: the caller's promise.
    let l = unsafe { &*list };
    (0..l.len() / 2).map(move |i| Answer::unpack(l.slot(2 * i).bits(), l.slot(2 * i + 1).bits()))
}

/// Which of the three instructions a site is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    Load,
    Method,
    Store,
}

/// What a site knew before it is specialized once more.
#[derive(Clone, Copy)]
pub enum Before {
    Nothing,
    One(Answer),
    Many(*const ArrayObj),
}

/// # Safety
/// `ip` is an attribute instruction with its cache behind it.
pub unsafe fn before(ip: *mut Op) -> Before {
    // SAFETY: the caller's promise.
    unsafe {
        let (op, cache) = (&*ip, &*ip.add(1));
        // A site that looks up generally each time must not pay for being asked what it is.
        let general: [super::Handler; 4] = [
            attrs::load_attr::<LOCAL>,
            attrs::load_attr::<{ super::arith::STACK }>,
            attrs::load_method::<LOCAL>,
            attrs::load_method::<{ super::arith::STACK }>,
        ];
        if general.iter().any(|h| *h as usize == op.h) {
            return Before::Nothing;
        }
        if is_poly(op) {
            return match cache.h {
                0 => Before::Nothing,
                p => Before::Many(p as *const ArrayObj),
            };
        }
        feedback::attribute(op, cache)
            .and_then(Answer::of)
            .map_or(Before::Nothing, Before::One)
    }
}

pub fn is_poly(op: &Op) -> bool {
    let forms: [super::Handler; 6] = [
        load_attr_poly::<LOCAL>,
        load_attr_poly::<{ super::arith::STACK }>,
        load_method_poly::<LOCAL>,
        load_method_poly::<{ super::arith::STACK }>,
        store_attr_poly::<LOCAL>,
        store_attr_poly::<{ super::arith::STACK }>,
    ];
    forms.iter().any(|h| *h as usize == op.h)
}

/// After the site took a one-shape form: put what it knew before beside it.
///
/// # Safety
/// As for `before`.
pub unsafe fn merge<const L: u8>(th: &Thread, ip: *mut Op, old: Before, what: What) -> R<()> {
    // SAFETY: the caller's promise.
    unsafe {
        let cache = ip.add(1);
        let Some(new) = feedback::attribute(&*ip, &*cache).and_then(Answer::of) else {
            return Ok(());
        };
        let mut all = [new; MAX];
        let mut n = 1;
        let mut add = |a: Answer| {
            if a.shape != new.shape {
                if n < MAX {
                    all[n] = a;
                }
                n += 1;
            }
        };
        match old {
            Before::Nothing => {}
            Before::One(a) => add(a),
            Before::Many(l) => answers(l).for_each(add),
        }
        if n == 1 {
            return Ok(());
        }
        if n > MAX {
            (*cache).h = 0;
            (*cache).arg = 0;
            (*ip).h = match what {
                What::Load => load_attr_mega::<L> as *const () as usize,
                What::Method => load_method_mega::<L> as *const () as usize,
                What::Store => store_attr_mega::<L> as *const () as usize,
            };
            return Ok(());
        }
        let list = shape::array(th, 2 * n)?;
        for (i, a) in all[..n].iter().enumerate() {
            list.slot(2 * i).init_bits(a.packed());
            list.slot(2 * i + 1).init_bits(a.object);
        }
        (*cache).arg = 0;
        (*cache).h = list.raw() as usize;
        th.mutator.barrier(attrs::owner_of_cache(ip));
        (*ip).h = match what {
            What::Load => load_attr_poly::<L> as *const () as usize,
            What::Method => load_method_poly::<L> as *const () as usize,
            What::Store => store_attr_poly::<L> as *const () as usize,
        };
        Ok(())
    }
}

/// The answer for this shape: packed word and object; 0 where there is none.
#[inline(always)]
unsafe fn find(list: usize, shape: u32) -> (u64, u64) {
    if list == 0 {
        return (0, 0);
    }
    // SAFETY: a site's list is alive as long as the site.
    unsafe {
        let l = &*(list as *const ArrayObj);
        let n = l.len();
        let mut i = 0;
        while i < n {
            let p = l.slot(i).bits();
            if (p >> 1) as u32 == shape {
                return (p, l.slot(i + 1).bits());
            }
            i += 2;
        }
        (0, 0)
    }
}

#[inline(always)]
fn form(p: u64) -> u8 {
    (p >> 33) as u8 & 7
}

#[inline(always)]
fn word(p: u64) -> usize {
    (p >> 41) as usize & 0xffff
}

/// Does the entry still answer for this shape?
#[inline(always)]
unsafe fn fresh(e: u64, shape: u32) -> bool {
    // SAFETY: lists keep their entries.
    unsafe { (*(e as *const Entry)).shape.get() == shape as u64 }
}

crate::handlers! {
    load_attr_poly<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        if is_ptr(w) {
            let s = shape_of(w);
            let (p, e) = find((*ip.add(1)).h, s);
            if p != 0 {
                let f = form(p);
                let r = if f == Form::Slot as u8 {
                    *(w as *const u64).add(1 + word(p))
                } else if f == Form::Overflow as u8 {
                    shape::load(val(w), Place::Overflow(word(p))).map_or(0, Value::bits)
                } else if f == Form::Constant as u8 && fresh(e, s) {
                    (*(e as *const Entry)).value.bits()
                } else if f == Form::Member as u8 && fresh(e, s) {
                    *(w as *const u64).add(1 + word(p))
                } else if (f == Form::Property as u8 || f == Form::Descriptor as u8) && fresh(e, s) {
                    return property::<L>(ip, sp, fp, th);
                } else {
                    0
                };
                if r != 0 {
                    let d = dest::<L>(sp);
                    *d = r;
                    next!(ip.add(2), d.add(1), fp, th)
                }
            }
        }
        attrs::load_attr::<L>(ip, sp, fp, th)
    }

    #[inline(never)]
    property<const L: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let v = val(object::<L>(ip, sp, fp));
        let r = check!(attr::get(th, v, attrs::name_of(ip)), ip, sp, fp, th);
        let d = dest::<L>(sp);
        *d = r.bits();
        next!(ip.add(2), d.add(1), fp, th)
    }

    load_method_poly<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        if is_ptr(w) {
            let s = shape_of(w);
            let (p, e) = find((*ip.add(1)).h, s);
            if p != 0 {
                let f = form(p);
                let d = dest::<L>(sp);
                if f == Form::Method as u8 && fresh(e, s) {
                    *d = (*(e as *const Entry)).value.bits();
                    *d.add(1) = w;
                    next!(ip.add(2), d.add(2), fp, th)
                }
                let r = if f == Form::Slot as u8 {
                    *(w as *const u64).add(1 + word(p))
                } else if f == Form::Constant as u8 && fresh(e, s) {
                    (*(e as *const Entry)).value.bits()
                } else {
                    0
                };
                if r != 0 {
                    *d = r;
                    *d.add(1) = 0;
                    next!(ip.add(2), d.add(2), fp, th)
                }
            }
        }
        attrs::load_method::<L>(ip, sp, fp, th)
    }

    store_attr_poly<const L: u8>(ip, sp, fp, th) {
        let w = object::<L>(ip, sp, fp);
        if is_ptr(w) {
            let s = shape_of(w);
            let (p, e) = find((*ip.add(1)).h, s);
            if p != 0 {
                let f = form(p);
                if f == Form::Overflow as u8 {
                    return store_overflow::<L>(ip, sp, fp, th);
                }
                if f == Form::Descriptor as u8 {
                    return store_attr_mega::<L>(ip, sp, fp, th);
                }
                if f == Form::Slot as u8 || f == Form::Add as u8 || fresh(e, s) {
                    let d = dest::<L>(sp).sub(1);
                    let slot = &*((w as *const Slot).add(1 + word(p)));
                    th.mutator.write(w as *mut Header, slot, Value::from_bits(*d));
                    if f == Form::Add as u8 {
                        th.mutator.set_shape(w as *mut Header, (*(e as *const ShapeObj)).id());
                    }
                    next!(ip.add(2), d, fp, th)
                }
            }
        }
        attrs::store_attr::<L>(ip, sp, fp, th)
    }

    /// Into the overflow array, which the object has.
    #[inline(never)]
    store_overflow<const L: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let w = object::<L>(ip, sp, fp);
        let (p, _) = find((*ip.add(1)).h, shape_of(w));
        let d = dest::<L>(sp).sub(1);
        check!(shape::store(th, val(w), Place::Overflow(word(p)), Value::from_bits(*d)), ip, sp, fp, th);
        next!(ip.add(2), d, fp, th)
    }

    #[inline(never)]
    load_attr_mega<const L: u8>(ip, sp, fp, th) {
        property::<L>(ip, sp, fp, th)
    }

    #[inline(never)]
    load_method_mega<const L: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let v = val(object::<L>(ip, sp, fp));
        let name = attrs::name_of(ip);
        let d = dest::<L>(sp);
        match check!(attrs::find_method(th, v, name), ip, sp, fp, th) {
            Some(f) => {
                *d = f.bits();
                *d.add(1) = v.bits();
            }
            None => {
                let r = check!(attr::get(th, v, name), ip, sp, fp, th);
                *d = r.bits();
                *d.add(1) = 0;
            }
        }
        next!(ip.add(2), d.add(2), fp, th)
    }

    #[inline(never)]
    store_attr_mega<const L: u8>(ip, sp, fp, th) {
        save!(ip, sp, fp, th);
        let v = val(object::<L>(ip, sp, fp));
        let d = dest::<L>(sp).sub(1);
        check!(attr::set(th, v, attrs::name_of(ip), Some(val(*d))), ip, sp, fp, th);
        next!(ip.add(2), d, fp, th)
    }
}

//! What instructions read of memory and what they may change there, in classes of places that never overlap.
//!
//! What must hold: between an instruction that reads a place and one that may change it, the masks share a bit.

use crate::helpers::{TABLE, id};
use crate::ir::{Func, Inst, Rep, Test, Ty, V};
use habu_runtime::classes::{C, FIRST_DYNAMIC_SHAPE};

/// A set of classes.
pub type Places = u32;

pub const NONE: Places = 0;
pub const ALL: Places = u32::MAX;
/// Items of lists.
const ITEMS: Places = 1;
/// Buffers and lengths of lists and bytearrays.
const LENGTHS: Places = 2;
/// Numbers in arrays.
const NUMBERS: Places = 4;
/// Namespaces, classes, caches: what only Python code changes, and stores of globals.
const WORLD: Places = 8;
/// Shapes of instances.
pub const SHAPES: Places = 16;
/// Words of other objects, by their offset.
const FIRST_FIELD: u32 = 5;
pub const CLASSES: usize = 32;

fn field(offset: i32) -> Places {
    let fields = CLASSES as u32 - FIRST_FIELD;
    1 << (FIRST_FIELD + (offset / 8).rem_euclid(fields as i32) as u32)
}

/// Helpers that change nothing that was there before.
const HARMLESS: &[u16] = &[
    id::float_function,
    id::float_power,
    id::plain_binary,
    id::plain_holds,
    id::plain_truth,
    id::plain_contains,
    id::plain_length,
    id::plain_subscript,
    id::plain_slice,
    id::plain_instance,
    id::plain_get,
    id::plain_with_items,
    id::python_operator,
    id::str_code,
    id::wide_char,
    id::same_text,
    id::int_text,
    id::concat,
    id::build_tuple,
    id::build_list,
    id::list_for,
    id::new_set,
    id::build_string,
    id::build_slice,
    id::box_float,
    id::make_cell,
    id::make_function,
];

/// What the instruction reads; `None`: it must be done each time.
pub fn reads(f: &Func, inst: &Inst) -> Option<Places> {
    Some(match inst {
        Inst::Load(a, off) => match f.inst(*a) {
            // Words of the frame.
            Inst::FrameAddress(_) => return None,
            Inst::Raw(_) => WORLD,
            _ if f.ty(*a).rep == Rep::Raw => ITEMS,
            _ => field(*off),
        },
        Inst::LoadRaw(a, _) => match f.inst(*a) {
            Inst::Raw(_) => WORLD,
            _ => LENGTHS,
        },
        Inst::LoadItem(..) => ITEMS,
        Inst::LoadNumber(..) => NUMBERS,
        Inst::LoadShape(_) => SHAPES,
        Inst::Guard(_, Test::Shape(s), _) if *s >= FIRST_DYNAMIC_SHAPE => SHAPES,
        Inst::Param
        | Inst::Word(_)
        | Inst::F64(_)
        | Inst::Raw(_)
        | Inst::Slot(_)
        | Inst::TakesExactly(..)
        | Inst::Wanted
        | Inst::Alloc(..)
        | Inst::Store(..)
        | Inst::StoreItem(..)
        | Inst::StoreNumber(..)
        | Inst::StoreRaw(..)
        | Inst::SetShape(..)
        | Inst::InitShape(..)
        | Inst::Sync(..)
        | Inst::Save(..)
        | Inst::SyncMaybe(..)
        | Inst::At(..)
        | Inst::Current(_)
        | Inst::Deep(..)
        | Inst::Header(_)
        | Inst::Pop(..)
        | Inst::Count(_)
        | Inst::Call(..)
        | Inst::CallPython(_) => return None,
        _ => NONE,
    })
}

/// What it may change. Words of the frame are not counted.
pub fn changes(f: &Func, inst: &Inst) -> Places {
    match inst {
        // What a new object begins with: nobody has looked before. Iterators are worked on like that later.
        Inst::StoreRaw(a, ..)
            if matches!(f.inst(*a), Inst::Alloc(..)) && !is_iterator(f.ty(*a).shape) =>
        {
            NONE
        }
        // Of a buffer: how many items it has.
        Inst::StoreRaw(a, ..) if f.ty(*a).rep == Rep::Raw => LENGTHS,
        Inst::Store(a, ..) if matches!(f.inst(*a), Inst::Raw(_)) => WORLD,
        Inst::Store(_, off, _) | Inst::StoreRaw(_, off, _) => field(*off),
        Inst::StoreItem(..) => ITEMS,
        Inst::StoreNumber(..) => NUMBERS,
        Inst::SetShape(..) | Inst::InitShape(..) => SHAPES,
        Inst::CallPython(_) => ALL,
        Inst::Call(h, ..) if TABLE[*h as usize].python => ALL,
        Inst::Call(id::store_entry, ..) => ALL,
        Inst::Call(h, ..) if HARMLESS.contains(h) => NONE,
        Inst::Call(..) => ALL & !(WORLD | SHAPES),
        _ => NONE,
    }
}

fn is_iterator(shape: u32) -> bool {
    [C::RangeIter, C::ListIter]
        .iter()
        .any(|c| c.shape() == shape)
}

/// A tuple made here.
pub fn is_new_tuple(f: &Func, v: V) -> bool {
    matches!(f.inst(v), Inst::Alloc(..)) && f.ty(v).shape == C::Tuple.shape()
}

/// What a store leaves in the place that this load reads.
pub fn stored(f: &Func, inst: &Inst) -> Option<(Inst, V)> {
    match inst {
        Inst::Store(a, off, v) => Some((Inst::Load(*a, *off), *v)),
        // A new tuple: its sizes, its items.
        Inst::StoreRaw(a, off, v) if is_new_tuple(f, *a) => {
            let ty = match *off < crate::build::TUPLE_ITEMS {
                true => Ty::RAW,
                false => Ty::ANY,
            };
            Some((Inst::LoadFixed(*a, *off, ty), *v))
        }
        _ => None,
    }
}

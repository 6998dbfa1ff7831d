//! `__slots__`, `__dict__`, `__weakref__` of classes made in Python; how many attributes instances will have.

use crate::core::{class, class_make, dict, list, string};
use crate::error::type_error;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops;
use crate::spec::type_flags as tf;
use crate::thread::{R, Thread};
use habu_bytecode::Op as B;
use habu_heap::Value;

/// `_Class__name` for private names.
pub fn mangle(th: &Thread, class_name: &str, name: Gc<StrObj>) -> R<Gc<StrObj>> {
    let n = name.to_rust();
    if !n.starts_with("__") || n.ends_with("__") || n.contains('.') {
        return Ok(name);
    }
    let c = class_name.trim_start_matches('_');
    if c.is_empty() {
        return Ok(name);
    }
    string::intern_new(th, &format!("_{c}{n}"))
}

pub fn apply(th: &Thread, t: Gc<TypeObj>, base: Gc<TypeObj>, d: Gc<DictObj>) -> R<()> {
    let inst = class_make::is_inst_layout(t.instance_kind.get() as u8);
    let had_dict = t.has(tf::HAS_DICT);
    let had_weak = t.has(tf::WEAKREF);
    let Some(slots) = dict::get_name(d, nm(N::Slots)) else {
        if t.instance_kind.get() == kinds::TYPE as u64 {
            return Ok(());
        }
        t.set_flag(tf::HAS_DICT | tf::WEAKREF);
        if !had_dict && dict::get_name(d, nm(N::Dict)).is_none() {
            let g = crate::types::descriptors::new_getset(
                th,
                &crate::types::object::DICT_GETSET,
                t.value(),
            )?;
            dict::set_name(th, d, nm(N::Dict), g)?;
        }
        if !had_weak && dict::get_name(d, nm(N::WeakRef)).is_none() {
            let g = crate::types::descriptors::new_getset(
                th,
                &crate::types::object::WEAKREF_GETSET,
                t.value(),
            )?;
            dict::set_name(th, d, nm(N::WeakRef), g)?;
        }
        return Ok(());
    };
    let names = match slots.cast::<StrObj>() {
        Some(s) => list::from_slice(th, &[s.value()])?,
        None => ops::iter::to_list(th, slots)?,
    };
    if list::len(names) > 0
        && matches!(
            t.instance_kind.get() as u8,
            kinds::INT | kinds::TUPLE | kinds::BYTES
        )
    {
        return Err(type_error(
            th,
            &format!(
                "nonempty __slots__ not supported for subtype of '{}'",
                base.name_str()
            ),
        ));
    }
    let mut sorted = Vec::new();
    let members = list::new(th)?;
    for &n in list::items(names) {
        let Some(s) = n.cast::<StrObj>() else {
            return Err(type_error(
                th,
                &format!(
                    "__slots__ items must be strings, not '{}'",
                    class::type_name(n)
                ),
            ));
        };
        let text = s.to_rust().into_owned();
        if !is_identifier(&text) {
            return Err(type_error(th, "__slots__ must be identifiers"));
        }
        if text == "__dict__" {
            if had_dict {
                return Err(type_error(
                    th,
                    "__dict__ slot disallowed: we already got one",
                ));
            }
            t.set_flag(tf::HAS_DICT);
            let g = crate::types::descriptors::new_getset(
                th,
                &crate::types::object::DICT_GETSET,
                t.value(),
            )?;
            dict::set_name(th, d, nm(N::Dict), g)?;
            continue;
        }
        if text == "__weakref__" {
            if had_weak {
                return Err(type_error(
                    th,
                    "__weakref__ slot disallowed: we already got one",
                ));
            }
            t.set_flag(tf::WEAKREF);
            let g = crate::types::descriptors::new_getset(
                th,
                &crate::types::object::WEAKREF_GETSET,
                t.value(),
            )?;
            dict::set_name(th, d, nm(N::WeakRef), g)?;
            continue;
        }
        let m = mangle(th, &t.name_str(), s)?;
        let m = string::intern(th, m)?;
        let own = text != "__qualname__" && text != "__classcell__";
        if own && dict::get_name(d, m.value()).is_some() {
            return Err(crate::error::value_error(
                th,
                &format!("'{text}' in __slots__ conflicts with class variable"),
            ));
        }
        sorted.push(m.to_rust().into_owned());
        list::push(th, members, m.value())?;
    }
    if !inst {
        // Attributes of extended built-in objects live in their attribute word: slots become plain attributes.
        if list::len(members) > 0 {
            t.set_flag(tf::HAS_DICT);
        }
        return Ok(());
    }
    sorted.sort();
    let first = 1 + base.native_words.get();
    for (i, text) in sorted.iter().enumerate() {
        let n = string::intern_new(th, text)?;
        if dict::get_name(d, n.value()).is_some_and(|v| v.kind() == kinds::MEMBER) {
            continue;
        }
        let v = crate::types::descriptors::new_member(
            th,
            n.value(),
            t.value(),
            first as i64 + i as i64,
        )?;
        dict::set_name(th, d, n.value(), v)?;
    }
    t.native_words
        .set(base.native_words.get() + sorted.len() as u64);
    t.slot_count
        .set(base.slot_count.get() + sorted.len() as u64);
    Ok(())
}

fn is_identifier(s: &str) -> bool {
    let mut c = s.chars();
    c.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && c.all(|c| c == '_' || c.is_alphanumeric())
}

/// Attributes beyond those of `__init__` that there is room for from the start.
const MOST_LATE: usize = 8;

/// How many attributes instances will have: those that `__init__` stores on its first argument, and those that other
/// methods do. With room for them from the beginning all instances have one layout, and sites meet fewer shapes.
pub fn guess_attributes(t: Gc<TypeObj>) -> u64 {
    let inherited = t.base().map_or(0, |b| b.inline_hint.get());
    let init = dict::get_name(t.dict(), nm(N::Init));
    let mut names: Vec<u64> = Vec::new();
    // An inherited `__init__` stores what the base has room for.
    let mut calls_base = init.is_none();
    if let Some(init) = init {
        calls_base = stored_names(init, &mut names);
    }
    let own = names.len();
    let (mut i, d) = (0, t.dict());
    while let Some((name, f)) = dict::next(d, &mut i) {
        if name != nm(N::Init) {
            stored_names(f, &mut names);
        }
    }
    let mut late = (names.len() - own).min(MOST_LATE);
    // Where attributes come late, others that we do not see here may too.
    late += (late > 0) as usize;
    let own = (own + late) as u64;
    if calls_base {
        // What the base's `__init__` stores comes first.
        (own + inherited).min(24)
    } else {
        own.max(inherited).min(24)
    }
}

/// Add what a function stores on its first argument. Does it call a base's `__init__`?
fn stored_names(f: Value, names: &mut Vec<u64>) -> bool {
    let code = f.cast::<FunctionObj>().and_then(|f| f.code.get());
    let Some(code) = code.and_then(|c| c.cast::<CodeObj>()) else {
        return false;
    };
    let all = code.names.get().and_then(|n| n.cast::<TupleObj>());
    let (mut after_self, mut calls_base) = (false, false);
    let mut prefix = 0u32;
    // Unit by unit: every function of every class is looked through.
    for unit in code.bytecode().chunks_exact(2) {
        let (op, arg) = (unit[0], prefix << 8 | unit[1] as u32);
        prefix = 0;
        if op == B::EXTENDED_ARG as u8 {
            prefix = arg;
        } else if op == B::LOAD_FAST as u8 {
            after_self = arg == 0;
            continue;
        } else if op == B::STORE_ATTR as u8 {
            if after_self
                && let Some(name) = all.as_ref().and_then(|n| n.items().get(arg as usize))
                && !names.contains(&name.bits())
            {
                names.push(name.bits());
            }
        } else if op == B::LOAD_ATTR as u8 {
            calls_base |= is_init(code, arg >> 1);
        } else if op == B::LOAD_SUPER_ATTR as u8 {
            calls_base = true;
        }
        after_self &= prefix != 0;
    }
    calls_base
}

fn is_init(code: Gc<CodeObj>, name: u32) -> bool {
    let names = code.names.get().and_then(|n| n.cast::<TupleObj>());
    names.is_some_and(|n| n.items().get(name as usize) == Some(&nm(N::Init)))
}

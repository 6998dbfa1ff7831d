//! What the inline caches know, in words for the native tier: which form each instruction has taken and what it
//! remembers. The handlers' addresses and the cache words are decoded here and nowhere else.

use super::arith::{LOCAL, STACK};
use super::{Handler, Op, OpsObj, attrs, descriptors, loops, names, poly, subscr};
use crate::object::*;

/// What an instruction remembers.
#[derive(Clone, Copy, Debug)]
pub enum Site {
    /// Not run yet, or nothing that holds still.
    Unknown,
    /// Attribute in word `word` behind the header of objects with this shape.
    Slot {
        shape: u32,
        word: u32,
    },
    /// Attribute in item `index` of the overflow array.
    Overflow {
        shape: u32,
        index: u32,
    },
    /// A slot of a class with `__slots__`.
    Member {
        entry: *const Entry,
        word: u32,
    },
    /// The answer lies in the entry (a class attribute that needs no binding).
    Constant {
        entry: *const Entry,
    },
    /// The entry holds a function that is called with the object.
    Method {
        entry: *const Entry,
    },
    Property {
        entry: *const Entry,
    },
    /// The entry holds a descriptor whose method for this is a Python function; for stores also a property.
    Descriptor {
        entry: *const Entry,
    },
    /// The entry holds an attribute of a built-in type that a native function gets.
    Native {
        entry: *const Entry,
    },
    /// A number or text in the namespace of the class object, with this shape, that has changed before.
    ClassData {
        shape: u32,
    },
    /// The entry holds what gets item `index` of a named tuple.
    Item {
        entry: *const Entry,
        index: usize,
    },
    /// Entry `index` of the module's namespace.
    Module {
        index: usize,
    },
    /// Storing adds the attribute: objects go from `old` to `new`.
    Add {
        old: u32,
        new: *const ShapeObj,
        word: u32,
    },
    /// Several shapes: a list of `poly::Answer`s.
    Many {
        list: *const ArrayObj,
    },
    /// A global: entry `index` of the function's globals.
    Global {
        index: usize,
    },
    /// A builtin: entry `index`, as long as the globals' table has this stamp.
    Builtin {
        stamp: u64,
        index: usize,
    },
    /// Arithmetic: `SEEN_FLOAT`, `SEEN_MIXED`, … of `arith` (nothing: small ints, or never run).
    Numbers {
        seen: u8,
    },
    /// A subscript: `SEEN_LIST`, `SEEN_TUPLE`, … of `subscr`.
    Containers {
        seen: u8,
    },
    /// The kind of iterator that `FOR_ITER` has met last.
    Iterator {
        kind: u8,
    },
}

/// The feedback of the op with this index; `arith` says that it records kinds of numbers.
pub fn at(ops: Gc<OpsObj>, index: usize) -> Site {
    let n = ops.count.get() as usize;
    if index + 1 >= n {
        return Site::Unknown;
    }
    // SAFETY: the index is below the count; the next op is the cache of wide ones.
    let (op, cache) = unsafe { (*ops.start().add(index), *ops.start().add(index + 1)) };
    attribute(&op, &cache)
        .or_else(|| global(&op, &cache))
        .or_else(|| iterator(&op))
        .unwrap_or(Site::Unknown)
}

/// The shape of the instances that the call with this op index has called.
pub fn called_instance(ops: Gc<OpsObj>, index: usize) -> Option<u32> {
    if index + 1 >= ops.count.get() as usize {
        return None;
    }
    // SAFETY: the index is below the count; the next op is the cache of wide ones.
    let (op, cache) = unsafe { (*ops.start().add(index), *ops.start().add(index + 1)) };
    (op.h == super::calls::call_instance as *const () as usize).then_some(cache.arg as u32)
}

/// What the `TO_BOOL` with this op index has met.
pub fn truths(ops: Gc<OpsObj>, index: usize) -> Option<Truths> {
    if index + 1 >= ops.count.get() as usize {
        return None;
    }
    // SAFETY: the index is below the count; the next op is the cache of wide ones.
    let (op, cache) = unsafe { (*ops.start().add(index), *ops.start().add(index + 1)) };
    super::arith::truths(&op, &cache)
}

/// Has this `CONTAINS_OP` last met a dict or set?
pub fn looks_in_map(ops: Gc<OpsObj>, index: usize) -> bool {
    // SAFETY: callers ask for ops that exist.
    let op = unsafe { &*ops.start().add(index) };
    op.h == super::arith::contains_key as *const () as usize
}

/// The definition's word of the bound native method that the call with this op index has called first.
pub fn called_bound(ops: Gc<OpsObj>, index: usize) -> Option<u64> {
    if index + 1 >= ops.count.get() as usize {
        return None;
    }
    // SAFETY: the index is below the count; the next op is the cache of wide ones.
    let (op, cache) = unsafe { (*ops.start().add(index), *ops.start().add(index + 1)) };
    let native = op.h == super::calls::call_native as *const () as usize;
    (native && cache.arg != 0).then_some(cache.arg)
}

/// Was this op, which looks an attribute or a global up, never run?
pub fn lookup_never_ran(ops: Gc<OpsObj>, index: usize) -> bool {
    if index + 1 >= ops.count.get() as usize {
        return false;
    }
    // SAFETY: the index is below the count; the next op is the cache of wide ones.
    let (op, cache) = unsafe { (*ops.start().add(index), *ops.start().add(index + 1)) };
    let first = is(&op, attrs::load_attr::<LOCAL>, attrs::load_attr::<STACK>)
        || is(
            &op,
            attrs::load_method::<LOCAL>,
            attrs::load_method::<STACK>,
        )
        || is(&op, attrs::store_attr::<LOCAL>, attrs::store_attr::<STACK>)
        || is(&op, names::load_global::<true>, names::load_global::<false>);
    first && cache.arg & attrs::RAN == 0
}

/// Kinds of numbers that the arithmetic op with this index has seen.
pub fn numbers(ops: Gc<OpsObj>, index: usize) -> Site {
    // SAFETY: callers ask for ops that exist.
    let seen = unsafe { ((*ops.start().add(index)).arg >> 56) as u8 };
    Site::Numbers { seen }
}

/// Containers that the subscript with this op index has seen.
pub fn containers(ops: Gc<OpsObj>, index: usize) -> Site {
    // SAFETY: as above.
    let seen = unsafe { ((*ops.start().add(index)).arg >> 56) as u8 } & 15;
    Site::Containers { seen }
}

/// The one shape of containers other than lists, tuples and dicts that the subscript with this op index has seen.
pub fn container_shape(ops: Gc<OpsObj>, index: usize) -> Option<u32> {
    // SAFETY: as above.
    let s = subscr::seen_shape(unsafe { &*ops.start().add(index) });
    (s != 0 && s != subscr::SEVERAL).then_some(s)
}

/// The one type code of arrays that the subscript with this op index has seen.
pub fn array_code(ops: Gc<OpsObj>, index: usize) -> Option<u8> {
    // SAFETY: as above.
    subscr::seen_code(unsafe { &*ops.start().add(index) })
}

/// Kinds of the iterator of pairs that the `FOR_ITER` with this op index has met, and of those inside it.
pub fn pair_kinds(ops: Gc<OpsObj>, index: usize) -> Option<[u8; 3]> {
    // SAFETY: as above; a `FOR_ITER` is wide.
    let (op, cache) = unsafe { (*ops.start().add(index), *ops.start().add(index + 1)) };
    let pairs = op.h == loops::for_pair as Handler as usize;
    pairs.then(|| loops::noted_pair(cache.arg))
}

/// The shape of the iterator of keys that the `FOR_ITER` with this op index has met.
pub fn keys_shape(ops: Gc<OpsObj>, index: usize) -> Option<u32> {
    // SAFETY: as above.
    let (op, cache) = unsafe { (*ops.start().add(index), *ops.start().add(index + 1)) };
    let keys = op.h == loops::for_keys as Handler as usize;
    keys.then_some(cache.arg as u32)
}

/// What the op with this index has noted last.
pub fn met(ops: Gc<OpsObj>, index: usize) -> Option<(u32, u32)> {
    // SAFETY: callers ask for ops that exist.
    super::operators::met(unsafe { ops.start().add(index) })
}

/// What the arithmetic op with this index (its operator is `op`) has met last, and the flags of a frame that runs its
/// method for it.
pub fn operator(ops: Gc<OpsObj>, index: usize, op: u32) -> Option<((u32, u32), u64)> {
    use super::arith::CONST;
    use super::frame::flag;
    // SAFETY: callers ask for ops that exist.
    let at = unsafe { ops.start().add(index) };
    let met = super::operators::met(at)?;
    // SAFETY: as above.
    let (right, result) = super::translate::bin_form(op, unsafe { (*at).h })?;
    let mut flags = flag::OPERATOR;
    if right != CONST {
        flags |= flag::NARROW;
    }
    if result == LOCAL {
        flags |= flag::STORE;
    }
    Some((met, flags))
}

fn is(op: &Op, local: Handler, stack: Handler) -> bool {
    op.h == local as usize || op.h == stack as usize
}

pub fn attribute(op: &Op, cache: &Op) -> Option<Site> {
    if poly::is_poly(op) {
        return Some(match cache.h {
            0 => Site::Unknown,
            list => Site::Many {
                list: list as *const ArrayObj,
            },
        });
    }
    let (shape, word) = (cache.arg as u32, (cache.arg >> 40) as u32);
    let entry = cache.h as *const Entry;
    // An entry that was emptied says nothing any more.
    // SAFETY: caches of these forms hold an entry or nothing.
    let live = |s: Site| {
        if entry.is_null() || unsafe { (*entry).shape.get() } == 0 {
            Site::Unknown
        } else {
            s
        }
    };
    Some(
        if is(
            op,
            attrs::load_attr_slot::<LOCAL>,
            attrs::load_attr_slot::<STACK>,
        ) || is(
            op,
            attrs::load_method_slot::<LOCAL>,
            attrs::load_method_slot::<STACK>,
        ) || is(
            op,
            attrs::store_attr_slot::<LOCAL>,
            attrs::store_attr_slot::<STACK>,
        ) {
            if shape == 0 {
                Site::Unknown
            } else {
                Site::Slot { shape, word }
            }
        } else if is(
            op,
            attrs::load_attr_overflow::<LOCAL>,
            attrs::load_attr_overflow::<STACK>,
        ) || is(
            op,
            attrs::store_attr_overflow::<LOCAL>,
            attrs::store_attr_overflow::<STACK>,
        ) {
            if shape == 0 {
                Site::Unknown
            } else {
                Site::Overflow { shape, index: word }
            }
        } else if is(
            op,
            attrs::load_attr_member::<LOCAL>,
            attrs::load_attr_member::<STACK>,
        ) || is(
            op,
            attrs::store_attr_member::<LOCAL>,
            attrs::store_attr_member::<STACK>,
        ) {
            live(Site::Member { entry, word })
        } else if is(
            op,
            attrs::load_attr_constant::<LOCAL>,
            attrs::load_attr_constant::<STACK>,
        ) || is(
            op,
            attrs::load_method_constant::<LOCAL>,
            attrs::load_method_constant::<STACK>,
        ) {
            live(Site::Constant { entry })
        } else if is(
            op,
            attrs::load_method_entry::<LOCAL>,
            attrs::load_method_entry::<STACK>,
        ) {
            live(Site::Method { entry })
        } else if is(
            op,
            attrs::load_attr_property::<LOCAL>,
            attrs::load_attr_property::<STACK>,
        ) {
            live(Site::Property { entry })
        } else if is(
            op,
            descriptors::load_attr_descriptor::<LOCAL>,
            descriptors::load_attr_descriptor::<STACK>,
        ) || is(
            op,
            descriptors::store_attr_descriptor::<LOCAL>,
            descriptors::store_attr_descriptor::<STACK>,
        ) {
            live(Site::Descriptor { entry })
        } else if is(
            op,
            attrs::load_attr_native::<LOCAL>,
            attrs::load_attr_native::<STACK>,
        ) {
            live(Site::Native { entry })
        } else if is(
            op,
            attrs::load_attr_class::<LOCAL>,
            attrs::load_attr_class::<STACK>,
        ) {
            Site::ClassData { shape }
        } else if is(
            op,
            attrs::load_attr_item::<LOCAL>,
            attrs::load_attr_item::<STACK>,
        ) {
            live(Site::Item {
                entry,
                index: cache.arg as usize,
            })
        } else if is(
            op,
            attrs::load_attr_module::<LOCAL>,
            attrs::load_attr_module::<STACK>,
        ) || is(
            op,
            attrs::load_method_module::<LOCAL>,
            attrs::load_method_module::<STACK>,
        ) {
            Site::Module {
                index: cache.arg as usize,
            }
        } else if is(
            op,
            attrs::store_attr_add::<LOCAL>,
            attrs::store_attr_add::<STACK>,
        ) {
            if cache.h == 0 {
                Site::Unknown
            } else {
                Site::Add {
                    old: shape,
                    new: cache.h as *const ShapeObj,
                    word,
                }
            }
        } else {
            return None;
        },
    )
}

fn global(op: &Op, cache: &Op) -> Option<Site> {
    if is(
        op,
        names::load_global_module::<true>,
        names::load_global_module::<false>,
    ) {
        Some(Site::Global {
            index: cache.arg as usize,
        })
    } else if is(
        op,
        names::load_global_builtin::<true>,
        names::load_global_builtin::<false>,
    ) {
        Some(Site::Builtin {
            stamp: cache.h as u64,
            index: cache.arg as usize,
        })
    } else {
        None
    }
}

fn iterator(op: &Op) -> Option<Site> {
    use crate::kinds as k;
    let forms: [(Handler, u8); 6] = [
        (loops::for_range, k::RANGE_ITER),
        (loops::for_keys, k::DICT_ITER),
        (loops::for_list, k::LIST_ITER),
        (loops::for_tuple, k::TUPLE_ITER),
        (loops::for_str, k::STR_ITER),
        (loops::for_generator, k::GENERATOR),
    ];
    forms
        .iter()
        .find(|(h, _)| op.h == *h as usize)
        .map(|&(_, kind)| Site::Iterator { kind })
}

pub use super::arith::{
    SEEN_BIG, SEEN_FLOAT, SEEN_MIXED, SEEN_OTHER, SEEN_WIDE, SEVERAL_SHAPES, Truths,
};
pub use subscr::{
    NUMBER_CODES, SEEN_DICT, SEEN_LIST, SEEN_OTHER as SEEN_OTHER_CONTAINER, SEEN_TUPLE,
};

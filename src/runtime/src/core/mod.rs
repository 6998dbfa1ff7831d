//! The machinery under the built-in types: strings, tables, lists, ints, shapes, classes, attribute look-up.
pub mod attr;
pub mod class;
pub mod class_make;
pub mod class_slots;
pub mod code;
pub mod dict;
pub mod func;
pub mod hash;
pub mod int;
pub mod list;
pub mod lookup_cache;
pub mod parse;
pub mod recent;
pub mod shape;
pub mod short;
pub mod string;

/// Copy values between places that do not overlap. Few are copied one by one, without a call.
///
/// # Safety
/// `n` values are readable and writable there.
#[inline(always)]
pub unsafe fn copy_items(from: *const habu_heap::Value, to: *mut habu_heap::Value, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        if n > 16 {
            return std::ptr::copy_nonoverlapping(from, to, n);
        }
        for i in 0..n {
            to.add(i)
                .cast::<u64>()
                .write_volatile(*from.add(i).cast::<u64>())
        }
    }
}

pub mod tuple;
pub mod unpack;
pub mod watch;

//! State of native modules' objects that is Rust memory: behind a `NativeBox`, which the collector drops with it.
//!
//! What must hold: a box is read as the type that it was made with; nothing in it is a `Value`, as nobody looks there.

use habu_runtime::classes::C;
use habu_runtime::object::*;
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::value::Value;

/// A box with this state.
pub fn new<S>(th: &Thread, s: S) -> R {
    let b: Gc<NativeBox> = th.alloc(C::Hidden.shape(), 0, size_of::<NativeBox>())?;
    b.extra.init(None);
    b.extra2.init(None);
    b.data.set(Box::into_raw(Box::new(s)) as u64);
    b.drop
        .set(drop_state::<S> as unsafe fn(*mut u8) as usize as u64);
    th.mutator.register_native(b.header());
    Ok(b.value())
}

/// What the collector calls on the state of a dead object.
unsafe fn drop_state<S>(p: *mut u8) {
    // SAFETY: made by `Box::into_raw` in `new`, and called once.
    drop(unsafe { Box::from_raw(p as *mut S) });
}

/// The state in a box.
///
/// # Safety
/// `new` made the box with an `S`; its object is on the stack, and no other reference to the state is held: methods
/// run one at a time under the GIL.
pub unsafe fn get<S>(b: Value) -> &'static mut S {
    let b: Gc<NativeBox> = expect(b);
    // SAFETY: the caller's promise.
    unsafe { &mut *(b.data.get() as *mut S) }
}

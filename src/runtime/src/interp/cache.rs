//! Emptying caches of all threaded code, when a class changed in a way that slot caches cannot see.

use super::OpsObj;
use crate::classes::C;
use crate::core::{attr, watch};
use crate::kinds;
use crate::object::*;
use crate::thread::Thread;

/// Clear every shared entry and every site. Rare: a data descriptor was put over existing attributes, or a
/// metaclass changed.
pub fn flush_all(th: &Thread) {
    habu_heap::for_each_object(&th.mutator, &mut |p| {
        // SAFETY: the heap hands out live objects.
        unsafe {
            match (*p).kind {
                kinds::ENTRY => attr::empty(Gc::from_raw(p as *mut Entry)),
                kinds::OPS => {
                    let o = &*(p as *const OpsObj);
                    for &s in o.entry_sites() {
                        let c = o.start().add(s as usize);
                        (*c).h = 0;
                        (*c).arg = 0;
                    }
                }
                _ => {}
            }
        }
    });
    th.lookup.clear();
    watch::changed(crate::runtime::class(C::Object), watch::ATTRIBUTES);
}

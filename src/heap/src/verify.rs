//! Checks of the whole heap after a collection, for tests. Right after one, every marked object is old and not
//! remembered, so everything it refers to must be marked, too.

use crate::Header;
use crate::heap::{Heap, Inner};
use crate::layout::{RESERVED_KIND, parts};
use crate::space::{BLOCK_LOG, LINE_LOG, LINES};
use crate::walk::{each_marked, referents};
use std::sync::atomic::Ordering::Relaxed;

/// Panics on the first thing wrong.
pub fn verify(h: &Heap, inner: &Inner) {
    each_marked(h, inner, &mut |obj| {
        // SAFETY: marked objects are live, and the world is stopped.
        unsafe { check(h, obj) }
    })
}

unsafe fn check(h: &Heap, obj: *mut Header) {
    // SAFETY: the caller's promise.
    unsafe {
        let kind = (*obj).kind;
        assert!(
            kind != RESERVED_KIND && (kind as usize) < h.config.kinds.len(),
            "{obj:p}: kind {kind}"
        );
        assert!((*obj).gc.load(Relaxed) != 0, "{obj:p}: marked but not old");
        let bytes = parts(&h.kinds, h.config.kinds, obj).bytes;
        let offset = h.space.offset(obj as usize);
        if offset < h.space.large_lo.load(Relaxed) {
            let last = offset + bytes - 1;
            assert!(
                last >> BLOCK_LOG == offset >> BLOCK_LOG,
                "{obj:p}: leaves its block"
            );
            for line in offset >> LINE_LOG..=last >> LINE_LOG {
                let mark = h.space.lines(line / LINES)[line % LINES].load(Relaxed);
                assert!(mark == 1, "{obj:p}: line not marked")
            }
        }
        referents(obj, &mut |v| {
            let p = v.bits() as usize;
            if h.space.offset(p) < h.space.size {
                let name = h.config.kinds[kind as usize].name;
                assert!(
                    h.space.is_marked(p),
                    "{obj:p} ({name}) refers to {p:#x}, which is not marked"
                )
            }
        });
        let shape = (*obj).shape.load(Relaxed);
        if shape >= h.config.first_dynamic_shape {
            let object = crate::shapes::shape_object(shape);
            assert!(
                object.is_some_and(|s| h.space.is_marked(s as usize)),
                "{obj:p}: shape {shape} is dead"
            )
        }
    }
}

//! Files that nobody closed: without reference counts they are closed when a collection finds them. Until then the
//! descriptors may run out, so a collection is made where they do; and when the program ends, what was written and
//! stands in buffers still goes out.

use super::*;
use habu_runtime::core::list;
use habu_runtime::runtime::{self, Keep};
use habu_runtime::types::weakref;

/// Remember a stream that was opened for writing, weakly.
pub fn remember(th: &Thread, v: Value) -> R<()> {
    let l: Gc<ListObj> = match runtime::kept(Keep::IoOpen).and_then(|l| l.cast()) {
        Some(l) => l,
        None => {
            let l = list::new(th)?;
            runtime::keep(Keep::IoOpen, Some(l.value()));
            l
        }
    };
    let w = weakref::hidden(th, v)?;
    let n = list::len(l);
    // Whenever the list has doubled, those that are gone leave it.
    if n >= 16 && n.is_power_of_two() {
        let fresh = list::new(th)?;
        for &x in list::items(l) {
            if target(x).is_some_and(|v| !text_is_shut(v)) {
                list::push(th, fresh, x)?;
            }
        }
        list::push(th, fresh, w)?;
        runtime::keep(Keep::IoOpen, Some(fresh.value()));
        return Ok(());
    }
    list::push(th, l, w)
}
fn target(w: Value) -> Option<Value> {
    weakref::target(w.cast()?)
}
/// Closed for sure, without asking anybody.
fn text_is_shut(v: Value) -> bool {
    let b = if is_a(v, &text::TEXT) {
        text::buffer(v)
    } else {
        v
    };
    let known = is_exact(b, &writer::WRITER) || is_exact(b, &writer::RANDOM);
    known && buffered::any_state(b).direct && fileio::fd(buffered::raw(b)) < 0
}
/// The program ends.
pub fn flush_all(th: &Thread) {
    let Some(l) = runtime::kept(Keep::IoOpen).and_then(|l| l.cast::<ListObj>()) else {
        return;
    };
    for &w in list::items(l) {
        if let Some(v) = target(w).filter(|v| !text_is_shut(*v))
            && ask(th, v, "flush", &[]).is_err()
        {
            th.take();
        }
    }
}
/// Close what nobody reaches any more.
pub fn collect(th: &Thread) {
    th.mutator.collect_counting(&mut |_| false);
    habu_runtime::polls::run_finalizers(th);
}

//! `gc`: what refers to what.
//!
//! What must hold: addresses are kept outside the heap only until a list with room for all of them has taken them, during
//! which nothing is allocated and nothing collected.

use crate::imp::is_container;
use habu_heap::Header;
use habu_runtime::core::list;
use habu_runtime::kinds;
use habu_runtime::object::*;
use habu_runtime::spec::{MANY, MethodDef, m1, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::value::Value;

/// Parts of lists and of dicts and sets, which programs do not see.
fn is_part(kind: u8) -> bool {
    matches!(kind, kinds::LISTBUF | kinds::TABLE)
}

/// The values an object refers to itself.
fn each_referent(p: *mut Header, f: &mut dyn FnMut(Value)) {
    // SAFETY: the callers have live objects; `f` stores into none.
    unsafe { habu_heap::referents(p, f) }
}

fn kind(p: *mut Header) -> u8 {
    // SAFETY: as above.
    unsafe { (*p).kind }
}

/// Addresses of the objects that refer to one of `targets`.
fn referring(th: &Thread, targets: &[Value]) -> Vec<u64> {
    let mut wanted: Vec<u64> = targets.iter().map(|v| v.bits()).collect();
    let mut found = Vec::new();
    // First whole objects and parts, then whose parts those are.
    for _ in 0..2 {
        let mut parts = Vec::new();
        habu_heap::for_each_object(&th.mutator, &mut |p| {
            let k = kind(p);
            if !is_part(k) && !is_container(k) {
                return;
            }
            let mut hit = false;
            each_referent(p, &mut |v| hit |= wanted.contains(&v.bits()));
            if hit {
                (if is_part(k) { &mut parts } else { &mut found }).push(p as u64);
            }
        });
        wanted = parts;
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A list of what `find` finds: asked once for the size, and again when there is a list of that size.
fn listed(th: &Thread, find: &dyn Fn() -> Vec<u64>) -> R {
    let l = list::with_capacity(th, find().len() + 64)?;
    let most = list::buf(l).capacity();
    let own = [l.value().bits(), list::buf(l).header() as u64];
    for a in find().into_iter().filter(|a| !own.contains(a)).take(most) {
        if let Some(v) = Value::from_bits(a) {
            list::push(th, l, v)?;
        }
    }
    Ok(l.value())
}

fn get_referrers(th: &Thread, objs: &[Value]) -> R {
    listed(th, &|| referring(th, objs))
}

fn get_objects(th: &Thread, _: &[Value]) -> R {
    listed(th, &|| {
        let mut all = Vec::new();
        habu_heap::for_each_object(&th.mutator, &mut |p| {
            if is_container(kind(p)) {
                all.push(p as u64);
            }
        });
        all
    })
}

fn get_referents(th: &Thread, objs: &[Value]) -> R {
    listed(th, &|| {
        let mut all = Vec::new();
        for v in objs.iter().filter(|v| v.is_ptr()) {
            let mut todo = vec![v.bits()];
            while let Some(a) = todo.pop() {
                each_referent(a as *mut Header, &mut |v| match v.kind() {
                    k if is_part(k) => todo.push(v.bits()),
                    kinds::SHAPE | kinds::ENTRY | kinds::OPS | kinds::RAW | kinds::ARRAY => {}
                    _ => all.push(v.bits()),
                });
            }
        }
        all
    })
}

fn is_tracked(_: &Thread, v: Value) -> R {
    Ok(Value::bool(v.is_ptr() && is_container(v.kind())))
}

pub static FUNCTIONS: [MethodDef; 4] = [
    mv("get_referrers", get_referrers, 0, MANY),
    mv("get_objects", get_objects, 0, 1),
    mv("get_referents", get_referents, 0, MANY),
    m1("is_tracked", is_tracked),
];

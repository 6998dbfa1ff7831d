//! `_weakref`.

use habu_runtime::classes::C;
use habu_runtime::core::{dict, list};
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::runtime::class_value;
use habu_runtime::spec::{MethodDef, m1, m2, mv};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::weakref;
use habu_runtime::value::Value;

fn count(th: &Thread, v: Value) -> R {
    let mut n = 0;
    weakref::all_of(th, v, &mut |_| n += 1);
    Ok(Value::small_int(n))
}
fn refs(th: &Thread, v: Value) -> R {
    // The callback may not allocate: room for the references is made before.
    let mut n = 0;
    weakref::all_of(th, v, &mut |_| n += 1);
    let l = list::with_capacity(th, n)?;
    weakref::all_of(th, v, &mut |r| {
        let _ = list::push(th, l, r);
    });
    Ok(l.value())
}
fn proxy(th: &Thread, a: &[Value]) -> R {
    weakref::new_proxy(th, a[0], a.get(1).copied().filter(|c| !c.is_none()))
}
fn remove_dead(th: &Thread, d: Value, k: Value) -> R {
    let d: Gc<DictObj> = expect(d);
    if let Some(r) = dict::get(th, d, k)?.and_then(|r| r.cast::<WeakRefObj>())
        && weakref::target(r).is_none()
    {
        dict::remove(th, d, k)?;
    }
    Ok(Value::NONE)
}
static FUNCTIONS: [MethodDef; 4] = [
    m1("getweakrefcount", count),
    m1("getweakrefs", refs),
    mv("proxy", proxy, 1, 2),
    m2("_remove_dead_weakref", remove_dead),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let w = m::new(th, "_weakref", &FUNCTIONS)?;
    m::set(th, w, "ref", class_value(C::WeakRef))?;
    m::set(th, w, "ReferenceType", class_value(C::WeakRef))?;
    m::set(th, w, "ProxyType", class_value(C::WeakProxy))?;
    m::set(
        th,
        w,
        "CallableProxyType",
        class_value(C::WeakCallableProxy),
    )?;
    Ok(w)
}

//! `marshal`: constants and code objects. Lists, dicts and sets are not written yet (ValueError).

use habu_runtime::classes::C;
use habu_runtime::core::code;
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::modules::ast_objects::to_const;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::spec::{MethodDef, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;

fn dump(th: &Thread, v: Value) -> R {
    match to_const(th, v) {
        Ok(c) => bytes::new(th, &habu_bytecode::marshal::write(&c)),
        Err(e) => {
            if error::matches(th, C::TypeError) {
                th.take();
                return Err(error::value_error(th, "unmarshallable object"));
            }
            Err(e)
        }
    }
}
fn load(th: &Thread, data: &[u8]) -> R {
    match habu_bytecode::marshal::read(data) {
        Ok(c) => code::constant(th, &c),
        Err(e) => Err(error::value_error(th, &format!("bad marshal data ({e})"))),
    }
}
fn dumps(th: &Thread, a: &[Value]) -> R {
    dump(th, a[0])
}
fn loads(th: &Thread, a: &[Value]) -> R {
    load(th, bytes::buffer(th, a[0])?)
}
fn dump_to(th: &Thread, a: &[Value]) -> R {
    let b = dump(th, a[0])?;
    call::method_named(th, a[1], "write", &[b])
}
fn load_from(th: &Thread, a: &[Value]) -> R {
    let b = call::method_named(th, a[0], "read", &[])?;
    load(th, bytes::buffer(th, b)?)
}
static FUNCTIONS: [MethodDef; 4] = [
    mv("dumps", dumps, 1, 2),
    mv("loads", loads, 1, 1),
    mv("dump", dump_to, 2, 3),
    mv("load", load_from, 1, 1),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let x = m::new(th, "marshal", &FUNCTIONS)?;
    m::set(th, x, "version", Value::small_int(5))?;
    Ok(x)
}

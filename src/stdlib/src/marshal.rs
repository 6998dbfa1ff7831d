//! `marshal`: constants and code objects. Lists, dicts and sets are not written yet (ValueError).

use habu_bytecode::Const;
use habu_bytecode::pyc::MAGIC_NUMBER;
use habu_runtime::classes::C;
use habu_runtime::core::{attr, code, hash};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::modules::ast_objects::to_const;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::spec::{MethodDef, mv};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;

/// What stands before a code object: 8 bytes that must be the hash of what follows, so that a damaged file is known.
const SUM: usize = 8;

fn sum(b: &[u8]) -> [u8; SUM] {
    hash::bytes_with(b, MAGIC_NUMBER.into()).to_le_bytes()
}
/// Whether these bytes are a code object as it was written.
pub fn is_intact(data: &[u8]) -> bool {
    data.split_first_chunk::<SUM>()
        .is_some_and(|(s, rest)| *s == sum(rest))
}
fn constant(th: &Thread, v: Value) -> R<Const> {
    th.check_native_stack()?;
    Ok(match v.kind() {
        kinds::CODE => Const::Code(Box::new(code::to_unit(th, expect(v), &constant)?)),
        kinds::SLICE => {
            let part = |n: &str| constant(th, attr::get_text(th, v, n)?);
            Const::Slice(Box::new([part("start")?, part("stop")?, part("step")?]))
        }
        kinds::TUPLE => {
            let t: Gc<TupleObj> = expect(v);
            Const::Tuple(
                t.items()
                    .iter()
                    .map(|v| constant(th, *v))
                    .collect::<R<_>>()?,
            )
        }
        _ => to_const(th, v)?,
    })
}
fn dump(th: &Thread, v: Value) -> R {
    match constant(th, v) {
        Ok(c) => {
            let mut out = habu_bytecode::marshal::write(&c);
            if v.kind() == kinds::CODE {
                let s = sum(&out);
                out.splice(..0, s);
            }
            bytes::new(th, &out)
        }
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
    let body = if is_intact(data) { &data[SUM..] } else { data };
    match habu_bytecode::marshal::read(body) {
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

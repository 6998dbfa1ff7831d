//! Template strings (`t"…"`).

use crate::classes::C;
use crate::core::{list, string, tuple};
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::spec::{GetSetDef, MethodDef, TypeSpec, gs, m1};
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

fn record(th: &Thread, c: C, words: &[Value]) -> R {
    let n = words.len() + 1;
    let p = th.alloc_zeroed(c.shape(), kinds::RECORD, n as u8, 8 + n * 8)?;
    // SAFETY: just made with these words.
    let r: Gc<RecordObj> = unsafe { Gc::from_raw(p as *mut RecordObj) };
    for (i, &w) in words.iter().enumerate() {
        r.slot(i).init(Some(w));
    }
    Ok(r.value())
}
fn word(v: Value, i: usize) -> Value {
    // SAFETY: this file's records have the words that their getters name.
    unsafe { v.cast_unchecked::<RecordObj>() }
        .slot(i)
        .get()
        .unwrap_or(Value::NONE)
}
pub fn new_interpolation(th: &Thread, value: Value, expr: Value, conv: u32, spec: Value) -> R {
    let c = match conv {
        1 => string::latin1_char(b's').value(),
        2 => string::latin1_char(b'r').value(),
        3 => string::latin1_char(b'a').value(),
        _ => Value::NONE,
    };
    record(th, C::Interpolation, &[value, expr, c, spec])
}
pub fn new_template(th: &Thread, strings: Value, interpolations: Value) -> R {
    record(th, C::Template, &[strings, interpolations])
}
macro_rules! getters {
    ($($f:ident = $i:literal;)*) => {$(fn $f(_: &Thread, v: Value) -> R { Ok(word(v, $i)) })*};
}
getters! { w0 = 0; w1 = 1; w2 = 2; w3 = 3; }
fn values(th: &Thread, v: Value) -> R {
    let l = list::new(th)?;
    for &x in expect::<TupleObj>(word(v, 1)).items() {
        list::push(th, l, word(x, 0))?;
    }
    tuple::new_value(th, list::items(l))
}
fn iter(th: &Thread, v: Value) -> R {
    let (s, i): (Gc<TupleObj>, Gc<TupleObj>) = (expect(word(v, 0)), expect(word(v, 1)));
    let l = list::new(th)?;
    for (k, &x) in s.items().iter().enumerate() {
        if !expect::<StrObj>(x).is_empty() {
            list::push(th, l, x)?;
        }
        if let Some(&y) = i.items().get(k) {
            list::push(th, l, y)?;
        }
    }
    ops::iter::get(th, l.value())
}
fn template_repr(th: &Thread, v: Value) -> R {
    let (a, b) = (
        ops::repr::repr_string(th, word(v, 0))?,
        ops::repr::repr_string(th, word(v, 1))?,
    );
    string::new_value(th, &format!("Template(strings={a}, interpolations={b})"))
}
fn interpolation_repr(th: &Thread, v: Value) -> R {
    let r = |i: usize| ops::repr::repr_string(th, word(v, i));
    string::new_value(
        th,
        &format!("Interpolation({}, {}, {}, {})", r(0)?, r(1)?, r(2)?, r(3)?),
    )
}
static T_METHODS: [MethodDef; 2] = [m1("__iter__", iter), m1("__repr__", template_repr)];
static T_GETSET: [GetSetDef; 3] = [
    gs("strings", w0),
    gs("interpolations", w1),
    gs("values", values),
];
pub static SPEC: TypeSpec = TypeSpec::new("Template", kinds::RECORD)
    .module("string.templatelib")
    .words(2)
    .methods(&T_METHODS)
    .getset(&T_GETSET);
static I_METHODS: [MethodDef; 1] = [m1("__repr__", interpolation_repr)];
static I_GETSET: [GetSetDef; 4] = [
    gs("value", w0),
    gs("expression", w1),
    gs("conversion", w2),
    gs("format_spec", w3),
];
pub static INTERPOLATION: TypeSpec = TypeSpec::new("Interpolation", kinds::RECORD)
    .module("string.templatelib")
    .words(4)
    .methods(&I_METHODS)
    .getset(&I_GETSET);
pub static ITER: TypeSpec = TypeSpec::new("TemplateIter", kinds::RECORD)
    .module("string.templatelib")
    .words(2);

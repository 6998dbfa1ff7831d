//! Template strings (`t"…"`).

use crate::classes::C;
use crate::core::{class, dict, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops;
use crate::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2};
use crate::thread::{R, Thread, expect};
use habu_bytecode::opcode::binary;
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
/// The parts of a template: a literal is never beside another, and there is one before, between and after the rest.
struct Parts {
    strings: Gc<ListObj>,
    interpolations: Gc<ListObj>,
}
impl Parts {
    fn new(th: &Thread) -> R<Parts> {
        Ok(Parts {
            strings: list::from_slice(th, &[string::empty().value()])?,
            interpolations: list::new(th)?,
        })
    }
    fn push(&self, th: &Thread, v: Value) -> R<()> {
        if v.shape() == C::Interpolation.shape() {
            list::push(th, self.interpolations, v)?;
            return list::push(th, self.strings, string::empty().value());
        }
        let last = list::len(self.strings) - 1;
        let have = list::items(self.strings)[last];
        let both = ops::binary::binary(th, binary::ADD, have, v)?;
        list::set(th, self.strings, last, both);
        Ok(())
    }
    fn push_all(&self, th: &Thread, template: Value) -> R<()> {
        let (s, i): (Gc<TupleObj>, Gc<TupleObj>) =
            (expect(word(template, 0)), expect(word(template, 1)));
        for (k, &x) in s.items().iter().enumerate() {
            self.push(th, x)?;
            if let Some(&y) = i.items().get(k) {
                self.push(th, y)?;
            }
        }
        Ok(())
    }
    fn finish(&self, th: &Thread) -> R {
        let s = tuple::new_value(th, list::items(self.strings))?;
        let i = tuple::new_value(th, list::items(self.interpolations))?;
        new_template(th, s, i)
    }
}
fn make_template(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    if a.kw_len() > 0 {
        return Err(error::type_error(
            th,
            "Template.__new__ only accepts *args arguments",
        ));
    }
    let parts = Parts::new(th)?;
    for &v in a.all() {
        if !v.is::<StrObj>() && v.shape() != C::Interpolation.shape() {
            let text = format!(
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {}",
                class::type_name(v)
            );
            return Err(error::type_error(th, &text));
        }
        parts.push(th, v)?;
    }
    parts.finish(th)
}
fn add(th: &Thread, a: Value, b: Value) -> R {
    let is = |v: Value| v.shape() == C::Template.shape();
    if !is(a) || !is(b) {
        let text = format!(
            "can only concatenate string.templatelib.Template (not \"{}\") to string.templatelib.Template",
            class::full_name(class::of(b))
        );
        return Err(error::type_error(th, &text));
    }
    let parts = Parts::new(th)?;
    parts.push_all(th, a)?;
    parts.push_all(th, b)?;
    parts.finish(th)
}
fn template_reduce(th: &Thread, v: Value) -> R {
    let args = ops::iter::to_tuple(th, v)?;
    tuple::new_value(th, &[class::of(v).value(), args.value()])
}
fn make_interpolation(th: &Thread, _: Gc<TypeObj>, a: Args) -> R {
    let [value, expression, conversion, spec] = crate::args!(
        th,
        a,
        "Interpolation",
        ["value", "expression", "conversion", "format_spec"],
        0,
        1,
        4
    );
    let empty = string::empty().value();
    let text = |v: Option<Value>, name: &str| match v {
        Some(v) if !v.is::<StrObj>() => Err(error::type_error(
            th,
            &format!(
                "Interpolation() argument '{name}' must be str, not {}",
                class::type_name(v)
            ),
        )),
        v => Ok(v.unwrap_or(empty)),
    };
    let expression = text(expression, "expression")?;
    let conversion = conversion.unwrap_or(Value::NONE);
    if !conversion.is_none() {
        let s: Gc<StrObj> = expect(text(Some(conversion), "conversion")?);
        if !["s", "r", "a"].iter().any(|c| s.eq_str(c)) {
            return Err(error::value_error(
                th,
                "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'",
            ));
        }
    }
    let spec = text(spec, "format_spec")?;
    let value = value.unwrap_or(Value::NONE);
    record(th, C::Interpolation, &[value, expression, conversion, spec])
}
fn interpolation_reduce(th: &Thread, v: Value) -> R {
    let args = tuple::new_value(th, &[word(v, 0), word(v, 1), word(v, 2), word(v, 3)])?;
    tuple::new_value(th, &[class::of(v).value(), args])
}
/// What patterns bind by position.
pub fn init(th: &Thread) -> R<()> {
    let names = list::new(th)?;
    for g in &I_GETSET {
        list::push(th, names, string::intern_new(th, g.name)?.value())?;
    }
    let names = tuple::new_value(th, list::items(names))?;
    let d = crate::runtime::class(C::Interpolation).dict();
    dict::set_text(th, d, "__match_args__", names)
}
static T_METHODS: [MethodDef; 4] = [
    m1("__iter__", iter),
    m1("__repr__", template_repr),
    m2("__add__", add),
    m1("__reduce__", template_reduce),
];
static T_GETSET: [GetSetDef; 3] = [
    gs("strings", w0),
    gs("interpolations", w1),
    gs("values", values),
];
pub static SPEC: TypeSpec = TypeSpec::new("Template", kinds::RECORD)
    .module("string.templatelib")
    .words(2)
    .new_fn(make_template)
    .methods(&T_METHODS)
    .getset(&T_GETSET);
static I_METHODS: [MethodDef; 3] = [
    m1("__repr__", interpolation_repr),
    m1("__reduce__", interpolation_reduce),
    m2(
        "__class_getitem__",
        crate::types::generic_alias::class_getitem,
    )
    .class(),
];
static I_GETSET: [GetSetDef; 4] = [
    gs("value", w0),
    gs("expression", w1),
    gs("conversion", w2),
    gs("format_spec", w3),
];
pub static INTERPOLATION: TypeSpec = TypeSpec::new("Interpolation", kinds::RECORD)
    .module("string.templatelib")
    .words(4)
    .new_fn(make_interpolation)
    .methods(&I_METHODS)
    .getset(&I_GETSET);
pub static ITER: TypeSpec = TypeSpec::new("TemplateIter", kinds::RECORD)
    .module("string.templatelib")
    .words(2);

//! Struct sequences: tuples whose items have names (`os.stat_result`). Fields beyond the visible ones hang in a
//! second tuple, in the attribute word that every instance of a tuple subclass has and these classes do not use.

use habu_runtime::core::{class, shape, string, tuple};
use habu_runtime::error;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, MethodDef, m1};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::value::{Slot, Value};

/// How many visible fields the class has, and how many in all.
fn counts(cls: Gc<TypeObj>) -> (usize, usize) {
    let names = cls.spec().getset;
    let visible = names
        .iter()
        .position(|g| g.name == "n_hidden")
        .unwrap_or(names.len());
    (visible, names.len() - (visible < names.len()) as usize)
}
fn hidden(t: Gc<TupleObj>) -> &'static Slot {
    match attr_slot(t.value()) {
        Some(s) => s,
        None => unreachable!("instances of tuple's subclasses have an attribute word"),
    }
}
/// Field number `i`, hidden ones counted after the visible.
pub fn field(v: Value, i: usize) -> R {
    let t: Gc<TupleObj> = expect(v);
    if i < t.len() {
        return Ok(t.items()[i]);
    }
    let more = hidden(t).get().and_then(|h| h.cast::<TupleObj>());
    Ok(more
        .and_then(|h| h.items().get(i - t.len()).copied())
        .unwrap_or(Value::NONE))
}
/// An instance from all its fields.
pub fn make(th: &Thread, cls: Gc<TypeObj>, fields: &[Value]) -> R {
    let (n, _) = counts(cls);
    let n = n.min(fields.len());
    let more = tuple::new(th, &fields[n..])?;
    let t = tuple::new_extended(th, shape::root(cls).id(), &fields[..n])?;
    hidden(t).init(Some(more.value()));
    Ok(t.value())
}
/// `cls(sequence)`.
pub fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let [s, _] = habu_runtime::args!(th, a, "structseq", ["sequence", "dict"], 0, 1, 2);
    let Some(s) = s.filter(|s| ops::iter::is_iterable(*s)) else {
        return Err(error::type_error(th, "constructor requires a sequence"));
    };
    let items = ops::iter::to_tuple(th, s)?;
    let (least, most) = counts(cls);
    let name = class::full_name(cls);
    let (got, bound) = (items.len(), if least == most { "" } else { "n at least" });
    if got < least || got > most {
        let (bound, n) = match bound {
            "" => ("", least),
            _ if got < least => (" an at least", least),
            _ => (" an at most", most),
        };
        let bound = if bound.is_empty() { " a" } else { bound };
        return Err(error::type_error(
            th,
            &format!("{name}() takes{bound} {n}-sequence ({got}-sequence given)"),
        ));
    }
    make(th, cls, items.items())
}
fn repr(th: &Thread, v: Value) -> R {
    let cls = class::of(v);
    let t: Gc<TupleObj> = expect(v);
    let mut b = string::Builder::new();
    b.push_str(&class::full_name(cls));
    b.push_str("(");
    for (i, g) in cls.spec().getset.iter().take(t.len()).enumerate() {
        b.push_str(if i > 0 { ", " } else { "" });
        // A visible field that a hidden one shadows (`st_mtime`) bears its name without the prefix.
        b.push_str(if g.name.starts_with('_') { "st" } else { "" });
        b.push_str(g.name);
        b.push_str("=");
        b.push(expect(ops::repr::repr(th, t.items()[i])?));
    }
    b.push_str(")");
    b.finish_value(th)
}
fn reduce(th: &Thread, v: Value) -> R {
    let t: Gc<TupleObj> = expect(v);
    let mut all = habu_runtime::core::list::from_slice(th, t.items())?;
    if let Some(h) = hidden(t).get().and_then(|h| h.cast::<TupleObj>()) {
        for &x in h.items() {
            habu_runtime::core::list::push(th, all, x)?;
        }
    }
    all = all.value().cast().unwrap_or(all);
    let items = tuple::new_value(th, habu_runtime::core::list::items(all))?;
    let args = tuple::new_value(th, &[items])?;
    tuple::new_value(th, &[class::of(v).value(), args])
}
pub static METHODS: [MethodDef; 2] = [m1("__repr__", repr), m1("__reduce__", reduce)];

/// The marker between visible and hidden fields: how many are hidden.
pub fn n_hidden(_: &Thread, v: Value) -> R {
    let t: Gc<TupleObj> = expect(v);
    let n = hidden(t)
        .get()
        .and_then(|h| h.cast::<TupleObj>())
        .map_or(0, |h| h.len());
    Ok(Value::small_int(n as i64))
}

/// `structseq! { NAME "module" "name" [0 a, 1 b] [2 c] }`: a class by its visible and its hidden fields.
macro_rules! structseq {
    ($id:ident $module:literal $name:literal [$($i:literal $f:ident),*] [$($j:literal $h:ident),*]) => {
        static $id: habu_runtime::spec::TypeSpec = {
            static FIELDS: &[habu_runtime::spec::GetSetDef] = &[
                $(habu_runtime::spec::gs(stringify!($f), |_, v| $crate::structseq::field(v, $i)),)*
                habu_runtime::spec::gs("n_hidden", $crate::structseq::n_hidden),
                $(habu_runtime::spec::gs(stringify!($h), |_, v| $crate::structseq::field(v, $j)),)*
            ];
            habu_runtime::spec::TypeSpec::new($name, habu_runtime::kinds::TUPLE)
                .base(habu_runtime::classes::C::Tuple)
                .module($module)
                .methods(&$crate::structseq::METHODS)
                .getset(FIELDS)
                .new_fn($crate::structseq::new)
        };
    };
}
pub(crate) use structseq;

/// Put the class into its module.
pub fn add(th: &Thread, m: Gc<ModuleObj>, spec: &'static habu_runtime::spec::TypeSpec) -> R<()> {
    let c = habu_runtime::core::class_make::from_spec(th, spec, None)?;
    let (n, all) = counts(c);
    let d = c.dict();
    for (k, v) in [
        ("n_sequence_fields", n),
        ("n_fields", all),
        ("n_unnamed_fields", 0),
    ] {
        habu_runtime::core::dict::set_text(th, d, k, Value::small_int(v as i64))?;
    }
    let names = habu_runtime::core::list::new(th)?;
    for g in spec.getset.iter().take(n) {
        habu_runtime::core::list::push(th, names, string::intern_new(th, g.name)?.value())?;
    }
    let t = tuple::new_value(th, habu_runtime::core::list::items(names))?;
    habu_runtime::core::dict::set_text(th, d, "__match_args__", t)?;
    habu_runtime::modules::set(th, m, spec.name, c.value())
}

//! Writing JSON: strings, and whole values for `make_encoder`.

use habu_runtime::classes::C;
use habu_runtime::core::{class, class_make, dict, int, list, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call, iter};
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, mk, type_flags as tf};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{float, iters};
use habu_runtime::value::{Slot, Value};

/// `s` in quotes with what must be escaped, all beyond ASCII included if `ascii`.
fn quoted(out: &mut string::Builder, s: Gc<StrObj>, ascii: bool) {
    let plain = |c: u32| c != '"' as u32 && c != '\\' as u32 && c >= 0x20 && (c < 0x7f || !ascii);
    out.push_char('"' as u32);
    let (mut from, n) = (0, s.len());
    for i in 0..n {
        let c = s.at(i);
        if plain(c) {
            continue;
        }
        out.push_range(s, from, i);
        from = i + 1;
        match char::from_u32(c) {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\u{c}') => out.push_str("\\f"),
            _ if c > 0xffff => {
                let v = c - 0x10000;
                let (hi, lo) = (0xd800 + (v >> 10), 0xdc00 + (v & 0x3ff));
                out.push_str(&format!("\\u{hi:04x}\\u{lo:04x}"));
            }
            _ => out.push_str(&format!("\\u{c:04x}")),
        }
    }
    out.push_range(s, from, n);
    out.push_char('"' as u32);
}
fn basestring(th: &Thread, v: Value, ascii: bool) -> R {
    let Some(s) = v.cast::<StrObj>() else {
        let text = format!(
            "first argument must be a string, not {}",
            class::type_name(v)
        );
        return Err(error::type_error(th, &text));
    };
    let mut b = string::Builder::new();
    quoted(&mut b, s, ascii);
    b.finish_value(th)
}
pub fn encode_basestring_ascii(th: &Thread, v: Value) -> R {
    basestring(th, v, true)
}
pub fn encode_basestring(th: &Thread, v: Value) -> R {
    basestring(th, v, false)
}

const MARKERS: usize = 0;
const DEFAULT: usize = 1;
const ENCODER: usize = 2;
const INDENT: usize = 3;
const KEY_SEP: usize = 4;
const ITEM_SEP: usize = 5;
const SORT: usize = 6;
const SKIP: usize = 7;
const NAN: usize = 8;
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: encoders have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn field(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}

/// How strings are written.
#[derive(PartialEq)]
enum Strings {
    Ascii,
    Full,
    /// By a function of the program's.
    Own,
}
struct Encode<'a> {
    th: &'a Thread,
    me: Value,
    strings: Strings,
    out: string::Builder,
}
impl Encode<'_> {
    fn text(&mut self, v: Value) -> R<()> {
        let s: Gc<StrObj> = expect(v);
        match self.strings {
            Strings::Own => {
                let r = call::call(self.th, field(self.me, ENCODER), &[v])?;
                match r.cast::<StrObj>() {
                    Some(s) => self.out.push(s),
                    None => {
                        let text = format!(
                            "encoder() must return a string, not {}",
                            class::type_name(r)
                        );
                        return Err(error::type_error(self.th, &text));
                    }
                }
            }
            _ => quoted(&mut self.out, s, self.strings == Strings::Ascii),
        }
        Ok(())
    }
    fn float_text(&self, x: f64) -> R<String> {
        let special = if x.is_nan() {
            "NaN"
        } else if x == f64::INFINITY {
            "Infinity"
        } else if x == f64::NEG_INFINITY {
            "-Infinity"
        } else {
            return Ok(float::repr_f64(x));
        };
        if field(self.me, NAN) != Value::TRUE {
            let text = format!(
                "Out of range float values are not JSON compliant: {}",
                float::repr_f64(x)
            );
            return Err(error::value_error(self.th, &text));
        }
        Ok(special.into())
    }
    /// Numbers and constants; `None` for everything else.
    fn simple(&self, v: Value) -> R<Option<String>> {
        Ok(Some(match v {
            Value::NONE => "null".into(),
            Value::TRUE => "true".into(),
            Value::FALSE => "false".into(),
            v if int::is_int(v) => {
                let exact = int::exact(self.th, v)?;
                ops::repr::repr_string(self.th, exact)?
            }
            v => match float::get(v) {
                Some(x) => self.float_text(x)?,
                None => return Ok(None),
            },
        }))
    }
    fn sep(&mut self, i: usize) {
        if let Some(s) = field(self.me, i).cast::<StrObj>() {
            self.out.push(s);
        }
    }
    fn line(&mut self, level: usize) {
        if let Some(s) = field(self.me, INDENT).cast::<StrObj>() {
            self.out.push_str("\n");
            for _ in 0..level {
                self.out.push(s);
            }
        }
    }
    fn note(&self, r: R<()>, text: impl FnOnce() -> R<String>) -> R<()> {
        let Err(e) = r else { return Ok(()) };
        if !error::matches(self.th, C::Exception) {
            return Err(e);
        }
        let exc = self.th.take();
        let note = text()?;
        habu_runtime::types::exceptions::add_note_text(self.th, exc, &note)?;
        Err(self.th.restore(exc))
    }
    fn marked<T>(&mut self, v: Value, f: impl FnOnce(&mut Self) -> R<T>) -> R<T> {
        let markers = field(self.me, MARKERS);
        if markers.is_none() {
            return f(self);
        }
        let id = int::from_u64(self.th, v.bits())?;
        let d: Gc<DictObj> = expect(markers);
        if dict::contains(self.th, d, id)? {
            return Err(error::value_error(self.th, "Circular reference detected"));
        }
        dict::set(self.th, d, id, v)?;
        let r = f(self)?;
        dict::remove(self.th, d, id)?;
        Ok(r)
    }
    fn value(&mut self, v: Value, level: usize) -> R<()> {
        let th = self.th;
        if v.is::<StrObj>() {
            return self.text(v);
        }
        if let Some(s) = self.simple(v)? {
            self.out.push_str(&s);
            return Ok(());
        }
        if v.is::<ListObj>() || v.is::<TupleObj>() {
            return th.nested(|| self.marked(v, |e| e.array(v, level)));
        }
        if v.is::<DictObj>() {
            return th.nested(|| self.marked(v, |e| e.object(v, level)));
        }
        th.nested(|| {
            self.marked(v, |e| {
                let x = call::call(th, field(e.me, DEFAULT), &[v])?;
                let r = e.value(x, level);
                e.note(r, || {
                    Ok(format!(
                        "when serializing {} object",
                        class::full_name(class::of(v))
                    ))
                })
            })
        })
    }
    fn array(&mut self, v: Value, level: usize) -> R<()> {
        let items = iter::to_tuple(self.th, v)?;
        if items.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push_str("[");
        for (i, &x) in items.items().iter().enumerate() {
            if i > 0 {
                self.sep(ITEM_SEP);
            }
            self.line(level + 1);
            let r = self.value(x, level + 1);
            self.note(r, || {
                let name = class::full_name(class::of(v));
                Ok(format!("when serializing {name} item {i}"))
            })?;
        }
        self.line(level);
        self.out.push_str("]");
        Ok(())
    }
    fn object(&mut self, v: Value, level: usize) -> R<()> {
        let th = self.th;
        if dict::len(expect(v)) == 0 {
            self.out.push_str("{}");
            return Ok(());
        }
        let items = call::method_named(th, v, "items", &[])?;
        let items = iter::to_list(th, items)?;
        if field(self.me, SORT) == Value::TRUE {
            habu_runtime::types::sort::sort(th, items, None, false)?;
        }
        self.out.push_str("{");
        let (mut i, mut first) = (0, true);
        while let Some(pair) = list::get(items, i) {
            i += 1;
            let Some(t) = pair.cast::<TupleObj>().filter(|t| t.len() == 2) else {
                return Err(error::value_error(th, "items must return 2-tuples"));
            };
            let (k, x) = (t.items()[0], t.items()[1]);
            let simple = match k.is::<StrObj>() {
                true => None,
                false => self.simple(k)?,
            };
            if simple.is_none() && !k.is::<StrObj>() {
                if field(self.me, SKIP) == Value::TRUE {
                    continue;
                }
                let text = format!(
                    "keys must be str, int, float, bool or None, not {}",
                    class::type_name(k)
                );
                return Err(error::type_error(th, &text));
            }
            if !first {
                self.sep(ITEM_SEP);
            }
            first = false;
            self.line(level + 1);
            match simple {
                Some(s) => {
                    let s = string::new_value(th, &s)?;
                    self.text(s)?;
                }
                None => self.text(k)?,
            }
            self.sep(KEY_SEP);
            let r = self.value(x, level + 1);
            self.note(r, || {
                let name = class::full_name(class::of(v));
                let k = ops::repr::repr_string(th, k)?;
                Ok(format!("when serializing {name} item {k}"))
            })?;
        }
        if !first {
            self.line(level);
        }
        self.out.push_str("}");
        Ok(())
    }
}
fn encode(th: &Thread, a: Args) -> R {
    let me = a.all[0];
    let [v, level] = habu_runtime::args!(
        th,
        a.rest(),
        "_iterencode",
        ["obj", "_current_indent_level"],
        0,
        2,
        2
    );
    let level = habu_runtime::core::parse::as_isize(th, level.unwrap_or(Value::NONE))?;
    let f = field(me, ENCODER);
    let native = |name: &str| -> R<bool> {
        let m = habu_runtime::import::import_module(th, "_json")?;
        Ok(habu_runtime::core::attr::get_text(th, m, name)? == f)
    };
    let strings = if native("encode_basestring_ascii")? {
        Strings::Ascii
    } else if native("encode_basestring")? {
        Strings::Full
    } else {
        Strings::Own
    };
    let mut e = Encode {
        th,
        me,
        strings,
        out: string::Builder::new(),
    };
    e.value(v.unwrap_or(Value::NONE), level.max(0) as usize)?;
    let s = e.out.finish_value(th)?;
    tuple::new_value(th, &[s])
}
fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let all = habu_runtime::args!(
        th,
        a,
        "make_encoder",
        [
            "markers",
            "default",
            "encoder",
            "indent",
            "key_separator",
            "item_separator",
            "sort_keys",
            "skipkeys",
            "allow_nan"
        ],
        0,
        9,
        9
    );
    let markers = all[MARKERS].unwrap_or(Value::NONE);
    if !markers.is_none() && !markers.is::<DictObj>() {
        let text = format!(
            "make_encoder() argument 1 must be dict or None, not {}",
            class::type_name(markers)
        );
        return Err(error::type_error(th, &text));
    }
    for (i, name) in [(KEY_SEP, 5), (ITEM_SEP, 6)] {
        let s = all[i].unwrap_or(Value::NONE);
        if !s.is::<StrObj>() {
            let text = format!(
                "make_encoder() argument {name} must be str, not {}",
                class::type_name(s)
            );
            return Err(error::type_error(th, &text));
        }
    }
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    for (i, x) in all.into_iter().enumerate() {
        let mut x = x.unwrap_or(Value::NONE);
        if i >= SORT {
            x = Value::bool(ops::truth(th, x)?);
        }
        th.set_in(v, slot(v, i), Some(x));
    }
    Ok(v)
}
static METHODS: [MethodDef; 1] = [mk("__call__", encode)];
static GETSET: [GetSetDef; 8] = [
    gs("markers", |_, v| Ok(field(v, MARKERS))),
    gs("default", |_, v| Ok(field(v, DEFAULT))),
    gs("encoder", |_, v| Ok(field(v, ENCODER))),
    gs("indent", |_, v| Ok(field(v, INDENT))),
    gs("key_separator", |_, v| Ok(field(v, KEY_SEP))),
    gs("item_separator", |_, v| Ok(field(v, ITEM_SEP))),
    gs("sort_keys", |_, v| Ok(field(v, SORT))),
    gs("skipkeys", |_, v| Ok(field(v, SKIP))),
];
static ENCODER_SPEC: TypeSpec = TypeSpec::new("Encoder", kinds::RECORD)
    .module("_json")
    .words(9)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

pub fn install(th: &Thread, m: Gc<ModuleObj>) -> R<()> {
    let c = class_make::from_spec(th, &ENCODER_SPEC, None)?;
    habu_runtime::modules::set(th, m, "make_encoder", c.value())
}

//! Writing JSON: strings, and whole values for `make_encoder`.

use habu_runtime::classes::C;
use habu_runtime::core::string::Units;
use habu_runtime::core::{class, class_make, dict, int, list, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call, iter};
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, mk, type_flags as tf};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{float, iters};
use habu_runtime::value::{Slot, Value};

const fn is_plain(c: u32, ascii: bool) -> bool {
    c != '"' as u32 && c != '\\' as u32 && c >= 0x20 && (c < 0x7f || !ascii)
}
const fn plain_bytes(ascii: bool) -> [bool; 256] {
    let mut t = [false; 256];
    let mut c = 0;
    while c < 256 {
        t[c] = is_plain(c as u32, ascii);
        c += 1;
    }
    t
}
static PLAIN: [bool; 256] = plain_bytes(false);
static PLAIN_ASCII: [bool; 256] = plain_bytes(true);

/// `s` in quotes with what must be escaped, all beyond ASCII included if `ascii`.
fn quoted(out: &mut string::Builder, s: Gc<StrObj>, ascii: bool) {
    out.push_char('"' as u32);
    let mut from = 0;
    match s.units() {
        Units::One(bytes) => {
            let plain = if ascii { &PLAIN_ASCII } else { &PLAIN };
            let stops = |rest: &[u8]| rest.iter().position(|&b| !plain[b as usize]);
            while let Some(n) = stops(&bytes[from..]) {
                let at = from + n;
                out.push_range(s, from, at);
                escaped(out, bytes[at] as u32);
                from = at + 1;
            }
        }
        _ => {
            for (i, c) in s.chars().enumerate() {
                if !is_plain(c, ascii) {
                    out.push_range(s, from, i);
                    escaped(out, c);
                    from = i + 1;
                }
            }
        }
    }
    out.push_range(s, from, s.len());
    out.push_char('"' as u32);
}
fn escaped(out: &mut string::Builder, c: u32) {
    let unit = |out: &mut string::Builder, c: u32| {
        out.push_str("\\u");
        for shift in [12, 8, 4, 0] {
            out.push_char(b"0123456789abcdef"[(c >> shift & 15) as usize] as u32);
        }
    };
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
            unit(out, 0xd800 + (v >> 10));
            unit(out, 0xdc00 + (v & 0x3ff));
        }
        _ => unit(out, c),
    }
}
/// The digits of an int.
fn digits(out: &mut string::Builder, i: i64) {
    let mut text = [0; 20];
    let (mut at, mut rest) = (text.len(), i.unsigned_abs());
    loop {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if i < 0 {
        out.push_char('-' as u32);
    }
    text[at..].iter().for_each(|&d| out.push_char(d as u32));
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
    /// Write a number or a constant; false for everything else.
    fn simple(&mut self, v: Value) -> R<bool> {
        match v {
            Value::NONE => self.out.push_str("null"),
            Value::TRUE => self.out.push_str("true"),
            Value::FALSE => self.out.push_str("false"),
            v => match v.as_int() {
                Some(i) => digits(&mut self.out, i),
                None if int::is_int(v) => {
                    let exact = int::exact(self.th, v)?;
                    let text = ops::repr::repr_string(self.th, exact)?;
                    self.out.push_str(&text)
                }
                None => match float::get(v) {
                    Some(x) => {
                        let text = self.float_text(x)?;
                        self.out.push_str(&text)
                    }
                    None => return Ok(false),
                },
            },
        }
        Ok(true)
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
        let open = dict::len(d);
        dict::set(self.th, d, id, v)?;
        if dict::len(d) == open {
            return Err(error::value_error(self.th, "Circular reference detected"));
        }
        let r = f(self)?;
        dict::remove(self.th, d, id)?;
        Ok(r)
    }
    fn value(&mut self, v: Value, level: usize) -> R<()> {
        let th = self.th;
        if v.is::<StrObj>() {
            return self.text(v);
        }
        if self.simple(v)? {
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
        // What a program runs meanwhile may change a list: its items are taken one by one.
        if class::is_exact(v, C::List) {
            let l: Gc<ListObj> = expect(v);
            return self.items(v, level, |i| list::get(l, i));
        }
        let t = iter::to_tuple(self.th, v)?;
        self.items(v, level, |i| t.items().get(i).copied())
    }
    fn items(&mut self, v: Value, level: usize, get: impl Fn(usize) -> Option<Value>) -> R<()> {
        let (mut i, mut next) = (0, get(0));
        if next.is_none() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push_str("[");
        while let Some(x) = next {
            if i > 0 {
                self.sep(ITEM_SEP);
            }
            self.line(level + 1);
            let r = self.value(x, level + 1);
            self.note(r, || {
                let name = class::full_name(class::of(v));
                Ok(format!("when serializing {name} item {i}"))
            })?;
            i += 1;
            next = get(i);
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
        let sorted = field(self.me, SORT) == Value::TRUE;
        let mut first = true;
        self.out.push_str("{");
        if class::is_exact(v, C::Dict) && !sorted {
            let mut i = 0;
            while let Some((k, x)) = dict::next(expect(v), &mut i) {
                self.pair(v, k, x, level, &mut first)?;
            }
        } else {
            let items = call::method_named(th, v, "items", &[])?;
            let items = iter::to_list(th, items)?;
            if sorted {
                habu_runtime::types::sort::sort(th, items, None, false)?;
            }
            let mut i = 0;
            while let Some(pair) = list::get(items, i) {
                i += 1;
                let Some(t) = pair.cast::<TupleObj>().filter(|t| t.len() == 2) else {
                    return Err(error::value_error(th, "items must return 2-tuples"));
                };
                self.pair(v, t.items()[0], t.items()[1], level, &mut first)?;
            }
        }
        if !first {
            self.line(level);
        }
        self.out.push_str("}");
        Ok(())
    }
    /// One key and value of `v`.
    fn pair(&mut self, v: Value, k: Value, x: Value, level: usize, first: &mut bool) -> R<()> {
        let th = self.th;
        let is_text = k.is::<StrObj>();
        let fit = is_text || int::is_int(k) || float::get(k).is_some() || !k.is_ptr();
        if !fit || k == Value::ELLIPSIS || k == Value::NOT_IMPLEMENTED {
            if field(self.me, SKIP) == Value::TRUE {
                return Ok(());
            }
            let text = format!(
                "keys must be str, int, float, bool or None, not {}",
                class::type_name(k)
            );
            return Err(error::type_error(th, &text));
        }
        if !*first {
            self.sep(ITEM_SEP);
        }
        *first = false;
        self.line(level + 1);
        if is_text {
            self.text(k)?;
        } else if self.strings == Strings::Own {
            let real = std::mem::take(&mut self.out);
            let made = self.simple(k);
            let text = std::mem::replace(&mut self.out, real).finish_value(th)?;
            made?;
            self.text(text)?;
        } else {
            self.out.push_char('"' as u32);
            self.simple(k)?;
            self.out.push_char('"' as u32);
        }
        self.sep(KEY_SEP);
        let r = self.value(x, level + 1);
        self.note(r, || {
            let name = class::full_name(class::of(v));
            let k = ops::repr::repr_string(th, k)?;
            Ok(format!("when serializing {name} item {k}"))
        })
    }
}
fn encode(th: &Thread, a: Args) -> R {
    let me = a.all()[0];
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
    let native = |def: &MethodDef| {
        f.cast::<BuiltinObj>()
            .is_some_and(|b| std::ptr::eq(b.def(), def))
    };
    let strings = if native(&super::FUNCTIONS[super::QUOTE_ASCII]) {
        Strings::Ascii
    } else if native(&super::FUNCTIONS[super::QUOTE]) {
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

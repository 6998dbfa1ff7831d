//! Reading JSON: strings, and whole values for `make_scanner`.
//!
//! What must hold: errors carry the document and the position, in characters, that Lib's own scanner would give.

use habu_runtime::classes::C;
use habu_runtime::core::string::Units;
use habu_runtime::core::{attr, class, class_make, dict, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call};
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, mk, type_flags as tf};
use habu_runtime::thread::{R, Raised, Thread, expect};
use habu_runtime::types::{exceptions, float, iters};
use habu_runtime::value::{Slot, Value};

fn failure(th: &Thread, text: &str, doc: Value, at: usize) -> Raised {
    let r = (|| -> R {
        let m = habu_runtime::import::import_module(th, "json.decoder")?;
        let c = attr::get_text(th, m, "JSONDecodeError")?;
        let text = string::new_value(th, text)?;
        call::call(th, c, &[text, doc, Value::small_int(at as i64)])
    })();
    match r {
        Ok(e) => error::raise_value(th, e),
        Err(r) => r,
    }
}
/// "Nothing starts here": StopIteration with the position.
fn nothing(th: &Thread, at: usize) -> Raised {
    exceptions::stop_iteration(th, Some(Value::small_int(at as i64)))
}

fn hex4(s: Gc<StrObj>, at: usize) -> Option<u32> {
    if at + 4 > s.len() {
        return None;
    }
    let mut n = 0;
    for i in 0..4 {
        n = n * 16 + char::from_u32(s.at(at + i))?.to_digit(16)?;
    }
    Some(n)
}
/// Where the characters that stand for themselves end: at a quote, a backslash or a control character.
fn plain_end(s: &StrObj, from: usize) -> usize {
    let ends = |c: u32| c == '"' as u32 || c == '\\' as u32 || c < 0x20;
    let n = s.len();
    let mut at = from;
    if let Units::One(b) = s.units() {
        // Eight at a time. Each test may be wrong about bytes above one that it is right about: the lowest counts.
        const ONES: u64 = 0x0101_0101_0101_0101;
        const TOPS: u64 = ONES << 7;
        let below = |w: u64, c: u8| w.wrapping_sub(ONES * c as u64) & !w & TOPS;
        while let Some(w) = b.get(at..).and_then(|b| b.first_chunk::<8>()) {
            let w = u64::from_le_bytes(*w);
            let same = |c: char| below(w ^ (ONES * c as u64), 1);
            let hits = same('"') | same('\\') | below(w, 0x20);
            if hits != 0 {
                return at + hits.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
    }
    while at < n && !ends(s.at(at)) {
        at += 1;
    }
    at
}

/// The string whose first character (behind the quote) is at `begin`, and the place behind its closing quote.
pub fn text(th: &Thread, s: Gc<StrObj>, begin: usize, strict: bool) -> R<(Value, usize)> {
    let doc = s.value();
    let quote = begin.wrapping_sub(1);
    let open = |th| failure(th, "Unterminated string starting at", doc, quote);
    let n = s.len();
    // Most strings have no escapes: then the text is a slice.
    let mut at = plain_end(&s, begin);
    if at < n && s.at(at) == '"' as u32 {
        return Ok((string::slice(th, s, begin, at)?.value(), at + 1));
    }
    let mut out = string::Builder::new();
    out.push_range(s, begin, at);
    loop {
        if at >= n {
            return Err(open(th));
        }
        let c = s.at(at);
        if c == '"' as u32 {
            return Ok((out.finish_value(th)?, at + 1));
        }
        if c != '\\' as u32 {
            if c < 0x20 && strict {
                return Err(failure(th, "Invalid control character at", doc, at));
            }
            if c < 0x20 {
                out.push_char(c);
                at += 1;
            }
            let end = plain_end(&s, at);
            out.push_range(s, at, end);
            at = end;
            continue;
        }
        at += 1;
        if at >= n {
            return Err(open(th));
        }
        let e = char::from_u32(s.at(at)).unwrap_or('\0');
        at += 1;
        let plain = match e {
            '"' | '\\' | '/' => e,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let Some(mut u) = hex4(s, at) else {
                    return Err(failure(th, "Invalid \\uXXXX escape", doc, at - 1));
                };
                at += 4;
                let pair = (0xd800..0xdc00).contains(&u)
                    && at + 6 <= n
                    && s.at(at) == '\\' as u32
                    && s.at(at + 1) == 'u' as u32;
                if pair && let Some(low) = hex4(s, at + 2).filter(|l| (0xdc00..0xe000).contains(l))
                {
                    u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
                    at += 6;
                }
                out.push_char(u);
                continue;
            }
            _ => {
                return Err(failure(th, "Invalid \\escape", doc, at - 2));
            }
        };
        out.push_char(plain as u32);
    }
}
pub fn scanstring(th: &Thread, a: &[Value]) -> R {
    let Some(s) = a[0].cast::<StrObj>() else {
        let text = format!(
            "first argument must be a string, not {}",
            class::type_name(a[0])
        );
        return Err(error::type_error(th, &text));
    };
    let at = parse::as_isize(th, a[1])?;
    let strict = a.get(2).map_or(Ok(true), |v| ops::truth(th, *v))?;
    if at < 0 || at as usize > s.len() {
        return Err(error::value_error(th, "end is out of bounds"));
    }
    let (v, end) = text(th, s, at as usize, strict)?;
    tuple::new_value(th, &[v, Value::small_int(end as i64)])
}

// Scanner: strict, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant, parse_array's memo.
const STRICT: usize = 0;
const HOOK: usize = 1;
const PAIRS: usize = 2;
const FLOAT: usize = 3;
const INT: usize = 4;
const CONSTANT: usize = 5;
const NAMES: [&str; 6] = [
    "strict",
    "object_hook",
    "object_pairs_hook",
    "parse_float",
    "parse_int",
    "parse_constant",
];
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: scanners have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn field(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}

/// One call of a scanner.
struct Scan<'a> {
    th: &'a Thread,
    me: Value,
    doc: Gc<StrObj>,
    strict: bool,
    /// One object for equal keys of one document.
    keys: Gc<DictObj>,
}
impl Scan<'_> {
    fn char(&self, at: usize) -> u32 {
        if at < self.doc.len() {
            self.doc.at(at)
        } else {
            0
        }
    }
    fn is(&self, at: usize, c: char) -> bool {
        at < self.doc.len() && self.doc.at(at) == c as u32
    }
    fn skip(&self, mut at: usize) -> usize {
        while at < self.doc.len() && matches!(self.doc.at(at), 0x20 | 0x09 | 0x0a | 0x0d) {
            at += 1;
        }
        at
    }
    fn has(&self, at: usize, word: &str) -> bool {
        at + word.len() <= self.doc.len()
            && word
                .bytes()
                .enumerate()
                .all(|(i, c)| self.doc.at(at + i) == c as u32)
    }
    fn fail<T>(&self, text: &str, at: usize) -> R<T> {
        Err(failure(self.th, text, self.doc.value(), at))
    }
    fn value(&self, at: usize) -> R<(Value, usize)> {
        let th = self.th;
        if at >= self.doc.len() {
            return Err(nothing(th, at));
        }
        match char::from_u32(self.doc.at(at)).unwrap_or('\0') {
            '"' => text(th, self.doc, at + 1, self.strict),
            '{' => th.nested(|| self.object(at + 1)),
            '[' => th.nested(|| self.array(at + 1)),
            'n' if self.has(at, "null") => Ok((Value::NONE, at + 4)),
            't' if self.has(at, "true") => Ok((Value::TRUE, at + 4)),
            'f' if self.has(at, "false") => Ok((Value::FALSE, at + 5)),
            'N' if self.has(at, "NaN") => self.constant("NaN", at),
            'I' if self.has(at, "Infinity") => self.constant("Infinity", at),
            '-' if self.has(at, "-Infinity") => self.constant("-Infinity", at),
            '-' | '0'..='9' => self.number(at),
            _ => Err(nothing(th, at)),
        }
    }
    fn constant(&self, name: &str, at: usize) -> R<(Value, usize)> {
        let s = string::new_value(self.th, name)?;
        let v = call::call(self.th, field(self.me, CONSTANT), &[s])?;
        Ok((v, at + name.len()))
    }
    fn digits(&self, mut at: usize) -> usize {
        while (b'0' as u32..=b'9' as u32).contains(&self.char(at)) {
            at += 1;
        }
        at
    }
    fn number(&self, start: usize) -> R<(Value, usize)> {
        let th = self.th;
        let first = start + self.is(start, '-') as usize;
        let mut end = match self.is(first, '0') {
            true => first + 1,
            false => self.digits(first),
        };
        if end == first {
            return Err(nothing(th, start));
        }
        let mut whole = true;
        if self.is(end, '.') && self.digits(end + 1) > end + 1 {
            end = self.digits(end + 1);
            whole = false;
        }
        if self.is(end, 'e') || self.is(end, 'E') {
            let sign = (self.is(end + 1, '+') || self.is(end + 1, '-')) as usize;
            let from = end + 1 + sign;
            if self.digits(from) > from {
                end = self.digits(from);
                whole = false;
            }
        }
        let f = field(self.me, if whole { INT } else { FLOAT });
        let class = if whole { C::Int } else { C::Float };
        let s = string::slice(th, self.doc, start, end)?;
        if f == habu_runtime::runtime::class_value(class) {
            let text = s.to_rust();
            if whole && text.len() < 18 {
                if let Ok(n) = text.parse() {
                    return Ok((Value::small_int(n), end));
                }
            } else if !whole && let Ok(x) = text.parse() {
                return Ok((float::new(th, x)?, end));
            }
        }
        Ok((call::call(th, f, &[s.value()])?, end))
    }
    /// A value, where there must be one.
    fn must(&self, at: usize) -> R<(Value, usize)> {
        let r = self.value(at);
        match error::absorb(self.th, r, C::StopIteration)? {
            Some(v) => Ok(v),
            None => self.fail("Expecting value", at),
        }
    }
    fn array(&self, at: usize) -> R<(Value, usize)> {
        let l = list::new(self.th)?;
        let mut at = self.skip(at);
        if self.is(at, ']') {
            return Ok((l.value(), at + 1));
        }
        loop {
            let (v, end) = self.must(at)?;
            list::push(self.th, l, v)?;
            at = self.skip(end);
            if self.is(at, ']') {
                return Ok((l.value(), at + 1));
            }
            if !self.is(at, ',') {
                return self.fail("Expecting ',' delimiter", at);
            }
            let comma = at;
            at = self.skip(at + 1);
            if self.is(at, ']') {
                return self.fail("Illegal trailing comma before end of array", comma);
            }
        }
    }
    fn object(&self, at: usize) -> R<(Value, usize)> {
        let th = self.th;
        let pairs_hook = field(self.me, PAIRS);
        let hook = field(self.me, HOOK);
        let d = dict::new_dict(th)?;
        let pairs = list::new(th)?;
        let mut at = self.skip(at);
        let mut end = at + 1;
        if !self.is(at, '}') {
            loop {
                if !self.is(at, '"') {
                    return self.fail("Expecting property name enclosed in double quotes", at);
                }
                let (k, next) = text(th, self.doc, at + 1, self.strict)?;
                let k = dict::set_default(th, self.keys, k, k)?;
                at = self.skip(next);
                if !self.is(at, ':') {
                    return self.fail("Expecting ':' delimiter", at);
                }
                let (v, next) = self.must(self.skip(at + 1))?;
                if pairs_hook.is_none() {
                    dict::set(th, d, k, v)?;
                } else {
                    list::push(th, pairs, tuple::new_value(th, &[k, v])?)?;
                }
                at = self.skip(next);
                if self.is(at, '}') {
                    end = at + 1;
                    break;
                }
                if !self.is(at, ',') {
                    return self.fail("Expecting ',' delimiter", at);
                }
                let comma = at;
                at = self.skip(at + 1);
                if self.is(at, '}') {
                    return self.fail("Illegal trailing comma before end of object", comma);
                }
            }
        }
        let v = if !pairs_hook.is_none() {
            call::call(th, pairs_hook, &[pairs.value()])?
        } else if !hook.is_none() {
            call::call(th, hook, &[d.value()])?
        } else {
            d.value()
        };
        Ok((v, end))
    }
}
fn scan(th: &Thread, a: Args) -> R {
    let me = a.all()[0];
    let [s, at] = habu_runtime::args!(th, a.rest(), "scan_once", ["string", "idx"], 0, 2, 2);
    let (s, at) = (s.unwrap_or(Value::NONE), at.unwrap_or(Value::NONE));
    let Some(doc) = s.cast::<StrObj>() else {
        let text = format!(
            "first argument must be a string, not {}",
            class::type_name(s)
        );
        return Err(error::type_error(th, &text));
    };
    let at = parse::as_isize(th, at)?;
    if at < 0 {
        return Err(error::value_error(th, "idx cannot be negative"));
    }
    let scan = Scan {
        th,
        me,
        doc,
        strict: field(me, STRICT) == Value::TRUE,
        keys: dict::new_dict(th)?,
    };
    let (v, end) = scan.value(at as usize)?;
    tuple::new_value(th, &[v, Value::small_int(end as i64)])
}
fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let [context] = habu_runtime::args!(th, a, "make_scanner", ["context"], 0, 1, 1);
    let context = context.unwrap_or(Value::NONE);
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    for (i, n) in NAMES.iter().enumerate() {
        let mut x = attr::get_text(th, context, n)?;
        if i == STRICT {
            x = Value::bool(ops::truth(th, x)?);
        }
        th.set_in(v, slot(v, i), Some(x));
    }
    Ok(v)
}
static METHODS: [MethodDef; 1] = [mk("__call__", scan)];
static GETSET: [GetSetDef; 6] = [
    gs("strict", |_, v| Ok(field(v, STRICT))),
    gs("object_hook", |_, v| Ok(field(v, HOOK))),
    gs("object_pairs_hook", |_, v| Ok(field(v, PAIRS))),
    gs("parse_float", |_, v| Ok(field(v, FLOAT))),
    gs("parse_int", |_, v| Ok(field(v, INT))),
    gs("parse_constant", |_, v| Ok(field(v, CONSTANT))),
];
static SCANNER: TypeSpec = TypeSpec::new("Scanner", kinds::RECORD)
    .module("_json")
    .words(6)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

pub fn install(th: &Thread, m: Gc<ModuleObj>) -> R<()> {
    let c: Gc<TypeObj> = expect(class_make::from_spec(th, &SCANNER, None)?.value());
    habu_runtime::modules::set(th, m, "make_scanner", c.value())
}

//! Line ends: where a line ends in a text, the translation of all of them to `\n`, and `IncrementalNewlineDecoder`.

use super::*;
use crate::native_state;
use habu_runtime::core::string::Units;
use habu_runtime::core::tuple;
use habu_runtime::kinds;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, gs, m1, m2, mk};
use habu_runtime::types::bytes;

/// What ends a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ends {
    Lf,
    Cr,
    CrLf,
    Any,
}

impl Ends {
    /// The length of the first line, its end included.
    pub fn find<T: Copy + Into<u32>>(self, s: &[T]) -> Option<usize> {
        let (lf, cr) = (b'\n' as u32, b'\r' as u32);
        match self {
            Ends::Lf => s.iter().position(|&c| c.into() == lf).map(|i| i + 1),
            Ends::Cr => s.iter().position(|&c| c.into() == cr).map(|i| i + 1),
            Ends::CrLf => {
                let found = s
                    .windows(2)
                    .position(|w| w[0].into() == cr && w[1].into() == lf);
                found.map(|i| i + 2)
            }
            Ends::Any => {
                let i = s.iter().position(|&c| c.into() == lf || c.into() == cr)?;
                let two = s[i].into() == cr && s.get(i + 1).is_some_and(|&c| c.into() == lf);
                Some(i + 1 + two as usize)
            }
        }
    }
    #[inline]
    pub fn find_bytes(self, s: &[u8]) -> Option<usize> {
        match self {
            Ends::Lf => memchr::memchr(b'\n', s).map(|i| i + 1),
            Ends::Cr => memchr::memchr(b'\r', s).map(|i| i + 1),
            Ends::Any => {
                let i = memchr::memchr2(b'\n', b'\r', s)?;
                Some(i + 1 + (s[i] == b'\r' && s.get(i + 1) == Some(&b'\n')) as usize)
            }
            Ends::CrLf => {
                let mut at = 0;
                loop {
                    let i = at + memchr::memchr(b'\r', &s[at..])?;
                    if s.get(i + 1) == Some(&b'\n') {
                        return Some(i + 2);
                    }
                    at = i + 1;
                }
            }
        }
    }
    /// The same in a string, from a character on.
    #[inline]
    pub fn find_in(self, s: Gc<StrObj>, from: usize) -> Option<usize> {
        match s.units() {
            Units::One(u) => self.find_bytes(&u[from..]),
            Units::Two(u) => self.find(&u[from..]),
            Units::Four(u) => self.find(&u[from..]),
        }
    }
}

/// How a stream treats line ends, from its `newline` argument.
#[derive(Clone, Copy)]
pub struct Mode {
    /// As given.
    pub newline: Option<&'static str>,
    pub ends: Ends,
    /// Reading sees all three kinds; where none was named, as `\n`.
    pub universal: bool,
    pub translate: bool,
}

impl Mode {
    /// A wrong text is shown as it is, or as `repr` shows it.
    pub fn new(th: &Thread, v: Value, plain: bool) -> R<Mode> {
        if v.is_none() {
            return Ok(Mode {
                newline: None,
                ends: Ends::Lf,
                universal: true,
                translate: true,
            });
        }
        let Some(s) = v.cast::<StrObj>() else {
            return Err(type_error(
                th,
                format!("newline must be str or None, not {}", class::type_name(v)),
            ));
        };
        let known = [
            ("", Ends::Any),
            ("\n", Ends::Lf),
            ("\r", Ends::Cr),
            ("\r\n", Ends::CrLf),
        ];
        match known.iter().find(|(t, _)| s.eq_str(t)) {
            Some(&(t, ends)) => Ok(Mode {
                newline: Some(t),
                ends,
                universal: t.is_empty(),
                translate: false,
            }),
            None => {
                let r = match plain {
                    true => s.to_rust().into_owned(),
                    false => ops::repr::repr_string(th, v)?,
                };
                Err(error::value_error(
                    th,
                    &format!("illegal newline value: {r}"),
                ))
            }
        }
    }
    /// What `\n` is written as, where that is something else.
    pub fn written(&self) -> Option<&'static str> {
        self.newline.filter(|n| n.starts_with('\r'))
    }
}

const SEEN_CR: u8 = 1;
const SEEN_LF: u8 = 2;
const SEEN_CRLF: u8 = 4;

/// The translation's state between two pieces of text.
#[derive(Clone, Copy, Default)]
pub struct Newlines {
    pub translate: bool,
    /// A `\r` that ended the last piece is held back: `\n` may follow.
    pub pending: bool,
    seen: u8,
}

impl Newlines {
    pub fn new(translate: bool) -> Newlines {
        Newlines {
            translate,
            ..Newlines::default()
        }
    }
    pub fn reset(&mut self) {
        self.seen = 0;
        self.pending = false;
    }
    /// The kinds of line ends met so far.
    pub fn seen(&self, th: &Thread) -> R {
        let all = [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")];
        let mut found = [Value::NONE; 3];
        let mut n = 0;
        for (bit, text) in all {
            if self.seen & bit != 0 {
                found[n] = string::new_value(th, text)?;
                n += 1;
            }
        }
        match n {
            0 | 1 => Ok(found[0]),
            _ => tuple::new_value(th, &found[..n]),
        }
    }
    pub fn decode(&mut self, th: &Thread, s: Gc<StrObj>, last: bool) -> R<Gc<StrObj>> {
        if !self.pending
            && let Units::One(u) = s.units()
            && memchr::memchr(b'\r', u).is_none()
        {
            if self.seen & SEEN_LF == 0 && memchr::memchr(b'\n', u).is_some() {
                self.seen |= SEEN_LF;
            }
            return Ok(s);
        }
        let held = self.pending && (last || !s.is_empty());
        if held {
            self.pending = false;
        }
        let mut n = s.len();
        if !last && n > 0 && s.at(n - 1) == b'\r' as u32 {
            self.pending = true;
            n -= 1;
        }
        let mut b = string::Builder::with_width(s.width_log2(), n + 1);
        let (mut i, mut cr) = (0, held);
        // `cr`: a carriage return stands before place `i` and is not written yet.
        loop {
            let c = if i < n { s.at(i) } else { 0 };
            if cr {
                if i < n && c == b'\n' as u32 {
                    self.seen |= SEEN_CRLF;
                    b.push_str(if self.translate { "\n" } else { "\r\n" });
                    cr = false;
                    i += 1;
                    continue;
                }
                self.seen |= SEEN_CR;
                b.push_str(if self.translate { "\n" } else { "\r" });
                cr = false;
            }
            if i >= n {
                break;
            }
            i += 1;
            match c {
                0x0d => cr = true,
                0x0a => {
                    self.seen |= SEEN_LF;
                    b.push_char(c)
                }
                _ => b.push_char(c),
            }
        }
        b.finish(th)
    }
}

// ---- IncrementalNewlineDecoder

const STATE: usize = 0;
const DECODER: usize = 1;

fn state(th: &Thread, v: Value) -> R<&'static mut Newlines> {
    match slot(v, STATE).get() {
        // SAFETY: made by `init_`; nobody keeps the reference over a call.
        Some(b) => Ok(unsafe { native_state::get(b) }),
        None => Err(error::value_error(
            th,
            "IncrementalNewlineDecoder.__init__() not called",
        )),
    }
}
fn decoder(v: Value) -> Option<Value> {
    slot(v, DECODER).get().filter(|d| !d.is_none())
}
fn new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    alloc(th, cls)
}
fn init_(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [inner, translate, _] = habu_runtime::args!(
        th,
        a.rest(),
        "IncrementalNewlineDecoder",
        ["decoder", "translate", "errors"],
        0,
        2,
        3
    );
    let translate = ops::truth(th, translate.unwrap_or(Value::NONE))?;
    put(th, v, DECODER, inner);
    let b = native_state::new(th, Newlines::new(translate))?;
    put(th, v, STATE, Some(b));
    Ok(Value::NONE)
}
fn decode(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [input, last] = habu_runtime::args!(th, a.rest(), "decode", ["input", "final"], 0, 1, 2);
    let input = input.unwrap_or(Value::NONE);
    let last = match last {
        Some(l) => ops::truth(th, l)?,
        None => false,
    };
    state(th, v)?;
    let text = match decoder(v) {
        Some(d) => ask(th, d, "decode", &[input, Value::bool(last)])?,
        None => input,
    };
    let Some(s) = text.cast::<StrObj>() else {
        return Err(type_error(
            th,
            format!(
                "decoder should return a string result, not '{}'",
                class::type_name(text)
            ),
        ));
    };
    Ok(state(th, v)?.decode(th, s, last)?.value())
}
fn getstate(th: &Thread, v: Value) -> R {
    state(th, v)?;
    let (held, flag) = match decoder(v) {
        Some(d) => {
            let r = ask(th, d, "getstate", &[])?;
            let Some(t) = r.cast::<TupleObj>().filter(|t| t.len() == 2) else {
                return Err(error::type_error(th, "illegal decoder state"));
            };
            if !int::is_int(t.items()[1]) {
                return Err(error::type_error(th, "illegal decoder state"));
            }
            (t.items()[0], parse::as_isize(th, t.items()[1])?)
        }
        None => (bytes::empty().value(), 0),
    };
    let flag = flag << 1 | state(th, v)?.pending as i64;
    tuple::new_value(th, &[held, int::from_i64(th, flag)?])
}
fn setstate(th: &Thread, v: Value, x: Value) -> R {
    let Some(t) = x.cast::<TupleObj>() else {
        return Err(error::type_error(th, "state argument must be a tuple"));
    };
    if t.len() != 2 || !int::is_int(t.items()[1]) {
        return Err(error::type_error(th, "setstate(): illegal state argument"));
    }
    let flag = parse::as_isize(th, t.items()[1])?;
    state(th, v)?.pending = flag & 1 != 0;
    if let Some(d) = decoder(v) {
        let inner = tuple::new_value(th, &[t.items()[0], int::from_i64(th, flag >> 1)?])?;
        ask(th, d, "setstate", &[inner])?;
    }
    Ok(Value::NONE)
}
fn reset(th: &Thread, v: Value) -> R {
    state(th, v)?.reset();
    if let Some(d) = decoder(v) {
        ask(th, d, "reset", &[])?;
    }
    Ok(Value::NONE)
}
fn newlines(th: &Thread, v: Value) -> R {
    state(th, v)?.seen(th)
}
static METHODS: [MethodDef; 5] = [
    mk("__init__", init_),
    mk("decode", decode).sig("($self, /, input, final=False)"),
    m1("getstate", getstate).sig("($self, /)"),
    m2("setstate", setstate).sig("($self, state, /)"),
    m1("reset", reset).sig("($self, /)"),
];
static GETSET: [GetSetDef; 1] = [gs("newlines", newlines)];
pub static DECODER_TYPE: TypeSpec = TypeSpec::new("IncrementalNewlineDecoder", kinds::RECORD)
    .module("_io")
    .doc("Decodes by another decoder and reads every line end as '\\n' where translate says so.")
    .sig("(decoder, translate, errors='strict')")
    .words(2)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

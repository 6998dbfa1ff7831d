//! `_csv.Dialect`: the settings of readers and writers, checked when they are put together.

use super::registered;
use crate::native_state;
use habu_runtime::classes::C;
use habu_runtime::core::{attr, class, int, parse, string};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, type_flags as tf};
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types::iters;
use habu_runtime::value::{Slot, Value};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    Minimal,
    All,
    NonNumeric,
    None,
    Strings,
    NotNull,
}
pub const QUOTINGS: [(&str, Quoting); 6] = [
    ("QUOTE_MINIMAL", Quoting::Minimal),
    ("QUOTE_ALL", Quoting::All),
    ("QUOTE_NONNUMERIC", Quoting::NonNumeric),
    ("QUOTE_NONE", Quoting::None),
    ("QUOTE_STRINGS", Quoting::Strings),
    ("QUOTE_NOTNULL", Quoting::NotNull),
];

pub struct Settings {
    pub delimiter: u32,
    pub quote: Option<u32>,
    pub escape: Option<u32>,
    pub double_quote: bool,
    pub skip_space: bool,
    pub strict: bool,
    pub quoting: Quoting,
    pub terminator: Vec<u32>,
}

fn slot(v: Value) -> &'static Slot {
    // SAFETY: the class has one native word.
    unsafe { v.cast_unchecked::<Instance>() }.word(1)
}
pub fn settings(d: Value) -> &'static Settings {
    // SAFETY: `new` put the box there, nobody changes what is in it, and `d` is on the caller's stack.
    unsafe { native_state::get(slot(d).get().unwrap_or(Value::NONE)) }
}

const NAMES: [&str; 8] = [
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

/// A setting of one character: the given one, or what it is by default. `None` is no character.
fn character(
    th: &Thread,
    name: &str,
    v: Option<Value>,
    default: Option<char>,
    optional: bool,
) -> R<Option<u32>> {
    let Some(v) = v else {
        return Ok(default.map(|c| c as u32));
    };
    if v.is_none() && optional {
        return Ok(None);
    }
    let what = match v.cast::<StrObj>() {
        Some(s) if s.len() == 1 => return Ok(Some(s.at(0))),
        Some(s) => format!("a string of length {}", s.len()),
        None => class::type_name(v).to_string(),
    };
    let or_none = if optional { " or None" } else { "" };
    let text = format!("\"{name}\" must be a unicode character{or_none}, not {what}");
    Err(error::type_error(th, &text))
}
fn quoting(th: &Thread, v: Value) -> R<Quoting> {
    if class::of(v) != habu_runtime::runtime::class(C::Int) {
        let text = format!(
            "\"quoting\" must be an integer, not {}",
            class::type_name(v)
        );
        return Err(error::type_error(th, &text));
    }
    let n = parse::as_i32(th, v)?;
    match QUOTINGS.iter().find(|(_, q)| *q as i32 == n) {
        Some((_, q)) => Ok(*q),
        None => Err(error::type_error(th, "bad \"quoting\" value")),
    }
}

impl Settings {
    fn make(th: &Thread, given: &[Option<Value>; 8]) -> R<Settings> {
        let flag = |i: usize, default: bool| given[i].map_or(Ok(default), |v| ops::truth(th, v));
        let delimiter = character(th, NAMES[0], given[0], Some(','), false)?;
        let double_quote = flag(1, true)?;
        let escape = character(th, NAMES[2], given[2], None, true)?;
        let terminator = match given[3] {
            None => vec!['\r' as u32, '\n' as u32],
            Some(v) => match v.cast::<StrObj>() {
                Some(s) => s.chars().collect(),
                None => {
                    let text = format!(
                        "\"lineterminator\" must be a string, not {}",
                        class::type_name(v)
                    );
                    return Err(error::type_error(th, &text));
                }
            },
        };
        let quote = character(th, NAMES[4], given[4], Some('"'), true)?;
        let quoting = match given[5] {
            Some(v) => quoting(th, v)?,
            None if given[4] == Some(Value::NONE) => Quoting::None,
            None => Quoting::Minimal,
        };
        let s = Settings {
            delimiter: delimiter.unwrap_or(',' as u32),
            quote,
            escape,
            double_quote,
            skip_space: flag(6, false)?,
            strict: flag(7, false)?,
            quoting,
            terminator,
        };
        if s.quoting != Quoting::None && s.quote.is_none() {
            return Err(error::type_error(
                th,
                "quotechar must be set if quoting enabled",
            ));
        }
        s.check(th)?;
        Ok(s)
    }

    /// No two of the special characters may be the same, nor mean anything else already.
    fn check(&self, th: &Thread) -> R<()> {
        let bad = |what: &str| -> Raised { error::value_error(th, &format!("bad {what} value")) };
        let all = [
            ("delimiter", Some(self.delimiter)),
            ("escapechar", self.escape),
            ("quotechar", self.quote),
        ];
        for (name, c) in all {
            let Some(c) = c else { continue };
            let space = self.skip_space && c == ' ' as u32 && name != "delimiter";
            if c == '\n' as u32 || c == '\r' as u32 || space {
                return Err(bad(name));
            }
            if self.terminator.contains(&c) {
                return Err(bad(&format!("{name} or lineterminator")));
            }
        }
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            if all[i].1.is_some() && all[i].1 == all[j].1 {
                return Err(bad(&format!("{} or {}", all[i].0, all[j].0)));
            }
        }
        Ok(())
    }
}

fn new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    let [dialect, rest @ ..] = habu_runtime::args!(
        th,
        a,
        "Dialect",
        [
            "dialect",
            "delimiter",
            "doublequote",
            "escapechar",
            "lineterminator",
            "quotechar",
            "quoting",
            "skipinitialspace",
            "strict"
        ],
        0,
        0,
        9
    );
    let mut given: [Option<Value>; 8] = rest;
    if let Some(mut d) = dialect.filter(|d| !d.is_none()) {
        if d.is::<StrObj>() {
            d = registered(th, d)?;
        }
        let plain = class::of(d) == cls && given.iter().all(|g| g.is_none());
        if plain && cls.value() == super::own(th, "Dialect")? {
            return Ok(d);
        }
        for (g, name) in given.iter_mut().zip(NAMES) {
            if g.is_none() {
                *g = attr::get_text_opt(th, d, name)?;
            }
        }
    }
    let s = Settings::make(th, &given)?;
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    th.set_in(v, slot(v), Some(native_state::new(th, s)?));
    Ok(v)
}

fn char_or_none(th: &Thread, c: Option<u32>) -> R {
    match c {
        Some(c) => Ok(string::char_str(th, c)?.value()),
        None => Ok(Value::NONE),
    }
}
static GETSET: [GetSetDef; 8] = [
    gs("delimiter", |th, v| {
        char_or_none(th, Some(settings(v).delimiter))
    }),
    gs("doublequote", |_, v| {
        Ok(Value::bool(settings(v).double_quote))
    }),
    gs("escapechar", |th, v| char_or_none(th, settings(v).escape)),
    gs("lineterminator", |th, v| {
        Ok(string::from_u32(th, &settings(v).terminator)?.value())
    }),
    gs("quotechar", |th, v| char_or_none(th, settings(v).quote)),
    gs("quoting", |th, v| {
        int::from_i64(th, settings(v).quoting as i64)
    }),
    gs("skipinitialspace", |_, v| {
        Ok(Value::bool(settings(v).skip_space))
    }),
    gs("strict", |_, v| Ok(Value::bool(settings(v).strict))),
];
fn reduce(th: &Thread, v: Value) -> R {
    let text = format!("cannot pickle '{}' instances", class::type_name(v));
    Err(error::type_error(th, &text))
}
static METHODS: [MethodDef; 2] = [
    m1("__reduce__", reduce),
    m2("__reduce_ex__", |th, v, _| reduce(th, v)),
];
pub static DIALECT: TypeSpec = TypeSpec::new("Dialect", kinds::RECORD)
    .module("_csv")
    .doc("CSV dialect\n\nThe Dialect type records CSV parsing and generation options.\n")
    .words(1)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new);

//! `unicodedata`: the Unicode character database, and its version 3.2.0 for `stringprep` and IDNA.

use habu_runtime::classes::C;
use habu_runtime::core::{class, class_make, parse, string};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{GetSetDef, MethodDef, TypeSpec, gs, m1, m2, m3, mv, type_flags as tf};
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types::{float, iters};
use habu_runtime::value::Value;
use rustpython_unicode::data::{LookupResult, Ucd};
use rustpython_unicode::normalize::{self, NormalizeForm};
use rustpython_wtf8::{CodePoint, Wtf8Buf};

const NOW: Ucd = Ucd::new(true);
const OLD: Ucd = Ucd::new(false);

const HANGUL: std::ops::Range<u32> = 0xac00..0xd7a4;

/// The one character of an argument.
fn character(th: &Thread, v: Value, func: &str) -> R<CodePoint> {
    match v.cast::<StrObj>() {
        Some(s) if s.len() == 1 => Ok(point(s.at(0))),
        Some(s) => {
            let text = format!(
                "{func}() argument must be a unicode character, not a string of length {}",
                s.len()
            );
            Err(error::type_error(th, &text))
        }
        None => {
            let text = format!(
                "{func}() argument must be a unicode character, not {}",
                class::type_name(v)
            );
            Err(error::type_error(th, &text))
        }
    }
}
fn point(c: u32) -> CodePoint {
    match char::from_u32(c) {
        Some(c) => c.into(),
        // Only surrogates are no `char`s, and they fit 16 bits.
        None => (c as u16).into(),
    }
}
fn not_a(th: &Thread, what: &str) -> Raised {
    error::value_error(th, &format!("not a {what}"))
}

fn category(th: &Thread, u: Ucd, v: Value) -> R {
    let c = character(th, v, "category")?;
    string::new_value(th, u.category(c))
}
fn bidirectional(th: &Thread, u: Ucd, v: Value) -> R {
    let c = character(th, v, "bidirectional")?;
    // Unassigned characters have no class here, whatever default the standard gives them.
    if u.category(c) == "Cn" {
        return Ok(string::empty().value());
    }
    string::new_value(th, u.bidirectional(c))
}
fn combining(th: &Thread, u: Ucd, v: Value) -> R {
    let c = character(th, v, "combining")?;
    Ok(Value::small_int(u.combining(c) as i64))
}
fn mirrored(th: &Thread, u: Ucd, v: Value) -> R {
    let c = character(th, v, "mirrored")?;
    Ok(Value::small_int(u.mirrored(c) as i64))
}
fn east_asian_width(th: &Thread, u: Ucd, v: Value) -> R {
    let c = character(th, v, "east_asian_width")?;
    string::new_value(th, u.east_asian_width(c))
}
fn decomposition(th: &Thread, u: Ucd, v: Value) -> R {
    let c = character(th, v, "decomposition")?;
    // Hangul syllables decompose into two or three jamo by arithmetic.
    let text = match c.to_u32() {
        n if HANGUL.contains(&n) => {
            let i = n - HANGUL.start;
            let (l, v, t) = (0x1100 + i / 588, 0x1161 + i % 588 / 28, i % 28);
            match t {
                0 => format!("{l:04X} {v:04X}"),
                t => format!("{l:04X} {v:04X} {:04X}", 0x11a7 + t),
            }
        }
        _ => u.decomposition(c),
    };
    string::new_value(th, &text)
}
fn whole(th: &Thread, n: Option<u64>, default: Option<Value>, what: &str) -> R {
    match n {
        Some(n) => Ok(Value::small_int(n as i64)),
        None => default.ok_or_else(|| not_a(th, what)),
    }
}
fn decimal(th: &Thread, u: Ucd, a: &[Value]) -> R {
    let c = character(th, a[0], "decimal")?;
    whole(th, u.decimal(c), a.get(1).copied(), "decimal")
}
fn digit(th: &Thread, u: Ucd, a: &[Value]) -> R {
    let c = character(th, a[0], "digit")?;
    whole(th, u.digit(c), a.get(1).copied(), "digit")
}
fn numeric(th: &Thread, u: Ucd, a: &[Value]) -> R {
    let c = character(th, a[0], "numeric")?;
    match (u.numeric(c), a.get(1)) {
        (Some(n), _) => float::new(th, n),
        (None, Some(d)) => Ok(*d),
        (None, None) => Err(not_a(th, "numeric character")),
    }
}
fn name(th: &Thread, u: Ucd, a: &[Value]) -> R {
    let c = character(th, a[0], "name")?;
    // The names of the version that the language has: the database's own know later characters too.
    let found = c
        .to_char()
        .filter(|c| u.membership(*c))
        .and_then(habu_compiler::character_name);
    match (found, a.get(1)) {
        (Some(n), _) => string::new_value(th, &n),
        (None, Some(d)) => Ok(*d),
        (None, None) => Err(error::value_error(th, "no such name")),
    }
}
fn lookup(th: &Thread, u: Ucd, v: Value) -> R {
    let n = parse::as_str(th, v, "lookup() argument")?
        .to_rust()
        .into_owned();
    // The database's own look-up is more generous.
    let found = u.lookup(&n).filter(|f| match f {
        LookupResult::Character(c) => habu_compiler::named_character(&n) == Some(*c),
        LookupResult::Sequence(_) => true,
    });
    match found {
        Some(LookupResult::Character(c)) => Ok(string::char_str(th, c as u32)?.value()),
        Some(LookupResult::Sequence(s)) => string::new_value(th, s),
        None => {
            let text = format!("undefined character name '{n}'");
            Err(error::raise_with(
                th,
                C::KeyError,
                string::new_value(th, &text)?,
            ))
        }
    }
}
fn form(th: &Thread, v: Value, func: &str) -> R<NormalizeForm> {
    let what = format!("{func}() argument 1");
    let f = parse::as_str(th, v, &what)?;
    let f = f.to_rust().parse::<NormalizeForm>();
    f.map_err(|_| error::value_error(th, "invalid normalization form"))
}
fn text(th: &Thread, v: Value, func: &str) -> R<(Gc<StrObj>, Wtf8Buf)> {
    let what = format!("{func}() argument 2");
    let s = parse::as_str(th, v, &what)?;
    Ok((s, s.chars().map(point).collect()))
}
fn normalize(th: &Thread, _: Ucd, f: Value, v: Value) -> R {
    let f = form(th, f, "normalize")?;
    let (s, t) = text(th, v, "normalize")?;
    if s.is_ascii() {
        return Ok(v);
    }
    let out: Vec<u32> = normalize::normalize(f, &t)
        .code_points()
        .map(|c| c.to_u32())
        .collect();
    Ok(string::from_u32(th, &out)?.value())
}
fn is_normalized(th: &Thread, _: Ucd, f: Value, v: Value) -> R {
    let f = form(th, f, "is_normalized")?;
    let (_, t) = text(th, v, "is_normalized")?;
    Ok(Value::bool(normalize::is_normalized(f, &t)))
}

/// Each function for the module and, with a receiver, for `ucd_3_2_0`.
macro_rules! both {
    (one $($n1:ident)*; some $($nv:ident)*; two $($n2:ident)*) => {
        static FUNCTIONS: [MethodDef; 13] = [
            $(m1(stringify!($n1), |th, v| $n1(th, NOW, v)),)*
            $(mv(stringify!($nv), |th, a| $nv(th, NOW, a), 1, 2),)*
            $(m2(stringify!($n2), |th, x, y| $n2(th, NOW, x, y)),)*
        ];
        static METHODS: [MethodDef; 13] = [
            $(m2(stringify!($n1), |th, _, v| $n1(th, OLD, v)),)*
            $(mv(stringify!($nv), |th, a| $nv(th, OLD, &a[1..]), 2, 3),)*
            $(m3(stringify!($n2), |th, _, x, y| $n2(th, OLD, x, y)),)*
        ];
    };
}
both! {
    one category bidirectional combining mirrored east_asian_width decomposition lookup;
    some decimal digit numeric name;
    two normalize is_normalized
}
fn old_version(th: &Thread, _: Value) -> R {
    string::new_value(th, "3.2.0")
}
static GETSET: [GetSetDef; 1] = [gs("unidata_version", old_version)];
static UCD: TypeSpec = TypeSpec::new("UCD", kinds::RECORD)
    .module("unicodedata")
    .flags(tf::NO_NEW)
    .methods(&METHODS)
    .getset(&GETSET);

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let u = m::new(th, "unicodedata", &FUNCTIONS)?;
    m::set(th, u, "unidata_version", string::new_value(th, "16.0.0")?)?;
    let c = class_make::from_spec(th, &UCD, None)?;
    m::set(th, u, "UCD", c.value())?;
    // SAFETY: just made with this class's layout.
    let old = unsafe { Value::from_ptr(iters::alloc(th, c)?) };
    m::set(th, u, "ucd_3_2_0", old)?;
    Ok(u)
}

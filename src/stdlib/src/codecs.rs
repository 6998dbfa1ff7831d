//! `_codecs`: the codec registry, and the encodings that the runtime knows itself.

use habu_runtime::classes::C;
use habu_runtime::codecs::{self, Codec, Order, charmap};
use habu_runtime::core::{attr, class, dict, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::runtime::{Keep, keep, kept};
use habu_runtime::spec::{Args, MethodDef, m1, mk, mv};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;

fn kept_dict(th: &Thread, k: Keep) -> R<Gc<DictObj>> {
    if let Some(d) = kept(k) {
        return Ok(expect(d));
    }
    let d = dict::new_dict(th)?;
    keep(k, Some(d.value()));
    Ok(d)
}
fn register(th: &Thread, f: Value) -> R {
    if !ops::call::is_callable(f) {
        return Err(error::type_error(th, "argument must be callable"));
    }
    let l = m::codecs::search_list(th)?;
    list::push(th, l, f)?;
    Ok(Value::NONE)
}
fn unregister(th: &Thread, f: Value) -> R {
    let l = m::codecs::search_list(th)?;
    let mut i = 0;
    while let Some(x) = list::get(l, i) {
        if x == f {
            list::remove(th, l, i)?;
            dict::clear(th, kept_dict(th, Keep::CodecCache)?);
        } else {
            i += 1;
        }
    }
    Ok(Value::NONE)
}
fn lookup(th: &Thread, v: Value) -> R {
    let name = parse::as_str(th, v, "lookup() argument")?
        .to_rust()
        .into_owned();
    let norm = name.to_ascii_lowercase().replace(' ', "_");
    let cache = kept_dict(th, Keep::CodecCache)?;
    if let Some(c) = dict::get_text(th, cache, &norm)? {
        return Ok(c);
    }
    // The standard search function registers itself.
    habu_runtime::import::import_module(th, "encodings")?;
    let l = m::codecs::search_list(th)?;
    let key = string::new_value(th, &norm)?;
    let mut i = 0;
    while let Some(f) = list::get(l, i) {
        i += 1;
        let r = ops::call::call(th, f, &[key])?;
        if r.is_none() {
            continue;
        }
        if r.cast::<TupleObj>().is_none_or(|t| t.len() != 4) {
            return Err(error::type_error(
                th,
                "codec search functions must return 4-tuples",
            ));
        }
        dict::set_text(th, cache, &norm, r)?;
        return Ok(r);
    }
    Err(error::raise(
        th,
        C::LookupError,
        &format!("unknown encoding: {name}"),
    ))
}
fn forget(th: &Thread, v: Value) -> R {
    dict::remove(th, kept_dict(th, Keep::CodecCache)?, v)?;
    Ok(Value::NONE)
}
fn both(th: &Thread, a: Args, which: usize) -> R {
    let [obj, enc, err] =
        habu_runtime::args!(th, a, "encode", ["obj", "encoding", "errors"], 0, 1, 3);
    let enc = match enc {
        Some(e) => parse::as_str(th, e, "encoding")?.value(),
        None => string::new_value(th, "utf-8")?,
    };
    let c = lookup(th, enc)?;
    let f = ops::subscr::get(th, c, Value::small_int(which as i64))?;
    let obj = obj.unwrap_or(Value::NONE);
    let r = match err {
        Some(e) => ops::call::call(th, f, &[obj, e])?,
        None => ops::call::call(th, f, &[obj])?,
    };
    match r.cast::<TupleObj>().filter(|t| t.len() == 2) {
        Some(t) => Ok(t.items()[0]),
        None => {
            let w = if which == 0 {
                "encoder must return a tuple (object, integer)"
            } else {
                "decoder must return a tuple (object,integer)"
            };
            Err(error::type_error(th, w))
        }
    }
}
fn encode(th: &Thread, a: Args) -> R {
    both(th, a, 0)
}
fn decode(th: &Thread, a: Args) -> R {
    both(th, a, 1)
}
fn register_error(th: &Thread, a: &[Value]) -> R {
    let n = parse::as_str(th, a[0], "register_error() argument 1")?;
    if !ops::call::is_callable(a[1]) {
        return Err(error::type_error(th, "handler must be callable"));
    }
    dict::set(th, kept_dict(th, Keep::CodecErrors)?, n.value(), a[1])?;
    Ok(Value::NONE)
}
fn unregister_error(th: &Thread, v: Value) -> R {
    let n = parse::as_str(th, v, "_unregister_error() argument")?
        .to_rust()
        .into_owned();
    if codecs::is_known_handler(&n) {
        return Err(error::value_error(
            th,
            &format!("cannot un-register built-in error handler '{n}'"),
        ));
    }
    let was = dict::remove(th, kept_dict(th, Keep::CodecErrors)?, v)?;
    Ok(Value::bool(was.is_some()))
}

macro_rules! handlers {
    ($($f:ident = $n:literal;)*) => {
        $(fn $f(th: &Thread, exc: Value) -> R {
            codecs::handle_exception(th, $n, exc)
        })*
        static HANDLERS: &[MethodDef] = &[$(m1(concat!($n, "_errors"), $f)),*];
    };
}
handlers! {
    h_strict = "strict"; h_ignore = "ignore"; h_replace = "replace"; h_xml = "xmlcharrefreplace";
    h_backslash = "backslashreplace"; h_name = "namereplace"; h_escape = "surrogateescape"; h_pass = "surrogatepass";
}
fn lookup_error(th: &Thread, v: Value) -> R {
    let n = parse::as_str(th, v, "lookup_error() argument")?
        .to_rust()
        .into_owned();
    if let Some(d) = kept(Keep::CodecErrors)
        && let Some(f) = dict::get_text(th, expect(d), &n)?
    {
        return Ok(f);
    }
    if codecs::is_known_handler(&n) {
        let me = habu_runtime::import::import_module(th, "_codecs")?;
        if let Some(f) = attr::get_text_opt(th, me, &format!("{n}_errors"))? {
            return Ok(f);
        }
    }
    m::codecs::lookup_error(th, &n)
}

fn errors_of(th: &Thread, v: Option<&Value>) -> R<String> {
    match v.filter(|v| !v.is_none()) {
        Some(&v) => Ok(parse::as_str(th, v, "errors")?.to_rust().into_owned()),
        None => Ok("strict".into()),
    }
}
fn pair(th: &Thread, v: Value, n: usize) -> R {
    tuple::new_value(th, &[v, Value::small_int(n as i64)])
}
fn enc(th: &Thread, a: &[Value], c: Codec) -> R {
    let s = match a[0].cast::<StrObj>() {
        Some(s) => s,
        None => {
            let text = format!(
                "encode() argument 1 must be str, not {}",
                class::type_name(a[0])
            );
            return Err(error::type_error(th, &text));
        }
    };
    let b = codecs::encode_known(th, s, c, &errors_of(th, a.get(1))?)?;
    pair(th, bytes::new(th, &b)?, s.len())
}
fn dec(th: &Thread, a: &[Value], c: Codec, last: bool) -> R {
    let data = text_or_buffer(
        th,
        a[0],
        matches!(c, Codec::UnicodeEscape | Codec::RawUnicodeEscape),
    )?;
    let last = match a.get(2) {
        Some(&f) => ops::truth(th, f)?,
        None => last,
    };
    let (v, n) = codecs::decode_known(th, &data, c, &errors_of(th, a.get(1))?, last)?;
    pair(th, v, n)
}
/// A copy of the input: handlers may run Python code.
fn text_or_buffer(th: &Thread, v: Value, text: bool) -> R<Vec<u8>> {
    match v.cast::<StrObj>() {
        Some(s) if text => codecs::encode_known(th, s, Codec::Utf8, "strict"),
        _ => Ok(bytes::buffer(th, v)?.to_vec()),
    }
}
macro_rules! pairs {
    ($($e:ident $d:ident $en:literal $dn:literal $c:expr, $last:literal;)*) => {
        $(fn $e(th: &Thread, a: &[Value]) -> R {
            enc(th, a, $c)
        }
        fn $d(th: &Thread, a: &[Value]) -> R {
            dec(th, a, $c, $last)
        })*
        static PAIRS: &[MethodDef] = &[$(mv($en, $e, 1, 3), mv($dn, $d, 1, 3)),*];
    };
}
pairs! {
    e_utf8 d_utf8 "utf_8_encode" "utf_8_decode" Codec::Utf8, false;
    e_latin d_latin "latin_1_encode" "latin_1_decode" Codec::Latin1, true;
    e_ascii d_ascii "ascii_encode" "ascii_decode" Codec::Ascii, true;
    e_16 d_16 "utf_16_encode" "utf_16_decode" Codec::Utf16(Order::Mark), false;
    e_16le d_16le "utf_16_le_encode" "utf_16_le_decode" Codec::Utf16(Order::Little), false;
    e_16be d_16be "utf_16_be_encode" "utf_16_be_decode" Codec::Utf16(Order::Big), false;
    e_32 d_32 "utf_32_encode" "utf_32_decode" Codec::Utf32(Order::Mark), false;
    e_32le d_32le "utf_32_le_encode" "utf_32_le_decode" Codec::Utf32(Order::Little), false;
    e_32be d_32be "utf_32_be_encode" "utf_32_be_decode" Codec::Utf32(Order::Big), false;
    e_7 d_7 "utf_7_encode" "utf_7_decode" Codec::Utf7, false;
    e_esc d_esc "unicode_escape_encode" "unicode_escape_decode" Codec::UnicodeEscape, true;
    e_raw d_raw "raw_unicode_escape_encode" "raw_unicode_escape_decode" Codec::RawUnicodeEscape, true;
}
fn ex(th: &Thread, a: &[Value], wide: bool) -> R {
    let order = match a.get(2).and_then(|o| o.as_int()).unwrap_or(0) {
        0 => Order::Mark,
        o if o < 0 => Order::Little,
        _ => Order::Big,
    };
    let last = match a.get(3) {
        Some(&f) => ops::truth(th, f)?,
        None => false,
    };
    let b = bytes::buffer(th, a[0])?.to_vec();
    let c = if wide {
        Codec::Utf32(order)
    } else {
        Codec::Utf16(order)
    };
    let (v, n, o) = codecs::decode_ordered(th, &b, c, &errors_of(th, a.get(1))?, last)?;
    tuple::new_value(th, &[v, Value::small_int(n as i64), int::from_i64(th, o)?])
}
fn utf_16_ex(th: &Thread, a: &[Value]) -> R {
    ex(th, a, false)
}
fn utf_32_ex(th: &Thread, a: &[Value]) -> R {
    ex(th, a, true)
}
fn charmap_encode(th: &Thread, a: &[Value]) -> R {
    let s = parse::as_str(th, a[0], "charmap_encode() argument 1")?;
    let errors = errors_of(th, a.get(1))?;
    let b = match a.get(2).filter(|m| !m.is_none()) {
        Some(&map) => charmap::encode(th, s, &errors, map)?,
        None => codecs::encode_known(th, s, Codec::Latin1, &errors)?,
    };
    pair(th, bytes::new(th, &b)?, s.len())
}
fn charmap_decode(th: &Thread, a: &[Value]) -> R {
    let b = bytes::buffer(th, a[0])?.to_vec();
    let errors = errors_of(th, a.get(1))?;
    let v = match a.get(2).filter(|m| !m.is_none()) {
        Some(&map) => charmap::decode(th, &b, &errors, map)?,
        None => codecs::decode_known(th, &b, Codec::Latin1, &errors, true)?.0,
    };
    pair(th, v, b.len())
}
fn charmap_build(th: &Thread, v: Value) -> R {
    charmap::build(th, v)
}
fn readbuffer_encode(th: &Thread, a: &[Value]) -> R {
    let b = text_or_buffer(th, a[0], true)?;
    pair(th, bytes::new(th, &b)?, b.len())
}
fn escape_encode(th: &Thread, a: &[Value]) -> R {
    let Some(b) = a[0].cast::<BytesObj>() else {
        let text = format!(
            "escape_encode() argument 1 must be bytes, not {}",
            class::type_name(a[0])
        );
        return Err(error::type_error(th, &text));
    };
    let mut out = Vec::new();
    for &c in b.as_slice() {
        match c {
            b'\\' | b'\'' => out.extend([b'\\', c]),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b' '..=b'~' => out.push(c),
            _ => out.extend(format!("\\x{c:02x}").bytes()),
        }
    }
    pair(th, bytes::new(th, &out)?, b.as_slice().len())
}
fn escape_decode(th: &Thread, a: &[Value]) -> R {
    let b = text_or_buffer(th, a[0], true)?;
    let errors = errors_of(th, a.get(1))?;
    let (mut out, mut i) = (Vec::new(), 0);
    while i < b.len() {
        let c = b[i];
        i += 1;
        if c != b'\\' {
            out.push(c);
            continue;
        }
        let Some(&e) = b.get(i) else {
            return Err(error::value_error(th, "Trailing \\ in string"));
        };
        i += 1;
        match e {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(e),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(10),
            b'r' => out.push(13),
            b't' => out.push(9),
            b'v' => out.push(11),
            b'0'..=b'7' => {
                let n = b[i - 1..]
                    .iter()
                    .take(3)
                    .take_while(|c| (b'0'..=b'7').contains(*c))
                    .count();
                let v = b[i - 1..i - 1 + n]
                    .iter()
                    .fold(0u32, |v, c| v * 8 + (c - b'0') as u32);
                out.push(v as u8);
                i += n - 1;
            }
            b'x' => {
                let digits = b.get(i..i + 2).and_then(|h| std::str::from_utf8(h).ok());
                match digits.and_then(|h| u8::from_str_radix(h, 16).ok()) {
                    Some(v) => {
                        out.push(v);
                        i += 2;
                    }
                    None => {
                        match errors.as_str() {
                            "strict" => {
                                let text = format!("invalid \\x escape at position {}", i - 2);
                                return Err(error::value_error(th, &text));
                            }
                            "replace" => out.push(b'?'),
                            _ => {}
                        }
                        i += b.get(i).is_some_and(|c| c.is_ascii_hexdigit()) as usize;
                    }
                }
            }
            _ => out.extend([b'\\', e]),
        }
    }
    pair(th, bytes::new(th, &out)?, b.len())
}

static FUNCTIONS: &[MethodDef] = &[
    m1("register", register),
    m1("unregister", unregister),
    m1("lookup", lookup),
    m1("_forget_codec", forget),
    mk("encode", encode),
    mk("decode", decode),
    mv("register_error", register_error, 2, 2),
    m1("_unregister_error", unregister_error),
    m1("lookup_error", lookup_error),
    mv("utf_16_ex_decode", utf_16_ex, 1, 4),
    mv("utf_32_ex_decode", utf_32_ex, 1, 4),
    mv("charmap_encode", charmap_encode, 1, 3),
    mv("charmap_decode", charmap_decode, 1, 3),
    m1("charmap_build", charmap_build),
    mv("readbuffer_encode", readbuffer_encode, 1, 2),
    mv("escape_encode", escape_encode, 1, 2),
    mv("escape_decode", escape_decode, 1, 2),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let c = m::new(th, "_codecs", FUNCTIONS)?;
    m::add_functions(th, c, "_codecs", PAIRS)?;
    m::add_functions(th, c, "_codecs", HANDLERS)?;
    Ok(c)
}

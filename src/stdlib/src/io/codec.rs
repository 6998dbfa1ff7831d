//! How a text stream decodes and encodes: UTF-8, ASCII and Latin-1 by the runtime's own codecs, whose state is a few
//! bytes; others by the incremental objects that the codec registry gives.

use super::newline::Newlines;
use super::text::{DECODER, ENCODER, Text, any_state};
use super::*;
use habu_runtime::codecs::{self, Codec};
use habu_runtime::core::tuple;
use habu_runtime::types::bytes;

/// Fix the codec of the encoding; its `CodecInfo` where it is not one of ours.
pub fn find(th: &Thread, v: Value, encoding: Gc<StrObj>) -> R<Option<Value>> {
    let name = encoding.to_rust();
    let own =
        Codec::find(&name).filter(|c| matches!(c, Codec::Utf8 | Codec::Ascii | Codec::Latin1));
    any_state(v).codec = own;
    if own.is_some() {
        return Ok(None);
    }
    let registry = habu_runtime::import::import_module(th, "_codecs")?;
    let info = ask(th, registry, "lookup", &[encoding.value()])?;
    if let Some(t) = attr::get_text_opt(th, info, "_is_text_encoding")?
        && !ops::truth(th, t)?
    {
        return Err(error::raise(
            th,
            C::LookupError,
            &format!("'{name}' is not a text encoding"),
        ));
    }
    Ok(Some(info))
}
/// LookupError where there is no such error handler.
pub fn check_errors(th: &Thread, errors: Gc<StrObj>) -> R<()> {
    if codecs::is_known_handler(&errors.to_rust()) {
        return Ok(());
    }
    habu_runtime::modules::codecs::lookup_error(th, &errors.to_rust()).map(drop)
}
/// Is it for reading, for writing?
pub fn ask_buffer(th: &Thread, v: Value, b: Value) -> R<()> {
    let known = |s: &Text| s.reader || s.writer;
    if known(any_state(v)) && buffered::any_state(b).direct {
        let raw = buffered::raw(b);
        let s = any_state(v);
        s.reads = s.reader && fileio::reads(raw);
        s.writes = s.writer && fileio::writes(raw);
        return Ok(());
    }
    let reads = ask_bool(th, b, "readable")?;
    let writes = ask_bool(th, b, "writable")?;
    let s = any_state(v);
    (s.reads, s.writes) = (reads, writes);
    Ok(())
}
/// Make decoder and encoder.
pub fn make(th: &Thread, v: Value, info: Option<Value>) -> R<()> {
    let s = any_state(v);
    s.held = Vec::new();
    s.newlines = (s.reads && s.mode.universal).then(|| Newlines::new(s.mode.translate));
    let (reads, writes) = (s.reads, s.writes);
    put(th, v, DECODER, None);
    put(th, v, ENCODER, None);
    let Some(info) = info else { return Ok(()) };
    let errors = slot(v, text::ERRORS).get().unwrap_or(Value::NONE);
    if reads {
        let d = ask(th, info, "incrementaldecoder", &[errors])?;
        put(th, v, DECODER, Some(d));
    }
    if writes {
        let e = ask(th, info, "incrementalencoder", &[errors])?;
        put(th, v, ENCODER, Some(e));
    }
    Ok(())
}
pub fn decode(th: &Thread, v: Value, b: &[u8], last: bool) -> R<Gc<StrObj>> {
    let s = any_state(v);
    let text = match s.codec {
        Some(c) => {
            let errors = s.errors.clone();
            let (text, left) = if s.held.is_empty() {
                let (text, n) = codecs::decode_known(th, b, c, &errors, last)?;
                (text, b.get(n..).unwrap_or(&[]).to_vec())
            } else {
                let all = [&s.held[..], b].concat();
                let (text, n) = codecs::decode_known(th, &all, c, &errors, last)?;
                (text, all.get(n..).unwrap_or(&[]).to_vec())
            };
            any_state(v).held = left;
            text
        }
        None => {
            let b = bytes::new(th, b)?;
            decode_by(th, v, b, last)?
        }
    };
    let Some(text) = text.cast::<StrObj>() else {
        return Err(type_error(
            th,
            format!(
                "decoder should return a string result, not '{}'",
                class::type_name(text)
            ),
        ));
    };
    match &mut any_state(v).newlines {
        Some(n) => n.decode(th, text, last),
        None => Ok(text),
    }
}
fn decode_by(th: &Thread, v: Value, b: Value, last: bool) -> R {
    let d = slot(v, DECODER).get().unwrap_or(Value::NONE);
    ask(th, d, "decode", &[b, Value::bool(last)])
}
/// The decoder's state: bytes that it holds, and its flags.
pub fn get(th: &Thread, v: Value) -> R<(Vec<u8>, i64)> {
    let s = any_state(v);
    let (held, flags) = match s.codec {
        Some(_) => (s.held.clone(), 0),
        None => {
            let d = slot(v, DECODER).get().unwrap_or(Value::NONE);
            let r = ask(th, d, "getstate", &[])?;
            let Some(t) = r.cast::<TupleObj>().filter(|t| t.len() == 2) else {
                return Err(error::type_error(th, "illegal decoder state"));
            };
            let Some(b) = t.items()[0].cast::<BytesObj>() else {
                return Err(type_error(
                    th,
                    format!(
                        "illegal decoder state: the first item should be a bytes object, not '{}'",
                        class::type_name(t.items()[0])
                    ),
                ));
            };
            (b.as_slice().to_vec(), parse::as_isize(th, t.items()[1])?)
        }
    };
    Ok(match &any_state(v).newlines {
        Some(n) => (held, flags << 1 | n.pending as i64),
        None => (held, flags),
    })
}
pub fn set(th: &Thread, v: Value, held: &[u8], flags: i64) -> R<()> {
    let s = any_state(v);
    let mut flags = flags;
    if let Some(n) = &mut s.newlines {
        n.pending = flags & 1 != 0;
        flags >>= 1;
    }
    if s.codec.is_some() {
        s.held = held.to_vec();
        return Ok(());
    }
    let d = slot(v, DECODER).get().unwrap_or(Value::NONE);
    let held = bytes::new(th, held)?;
    let t = tuple::new_value(th, &[held, int::from_i64(th, flags)?])?;
    ask(th, d, "setstate", &[t])?;
    Ok(())
}
pub fn reset(th: &Thread, v: Value) -> R<()> {
    let s = any_state(v);
    if let Some(n) = &mut s.newlines {
        n.reset();
    }
    s.held.clear();
    if let Some(d) = slot(v, DECODER).get() {
        ask(th, d, "reset", &[])?;
    }
    Ok(())
}
/// Text as bytes, put behind what is pending.
pub fn encode(th: &Thread, v: Value, x: Gc<StrObj>) -> R<Encoded> {
    let s = any_state(v);
    match s.codec {
        Some(_) if x.is_ascii() => Ok(Encoded::Ascii),
        Some(c) => {
            let errors = s.errors.clone();
            Ok(Encoded::Bytes(codecs::encode_known(th, x, c, &errors)?))
        }
        None => {
            let e = slot(v, ENCODER).get().unwrap_or(Value::NONE);
            let r = ask(th, e, "encode", &[x.value()])?;
            match r.cast::<BytesObj>() {
                Some(b) => Ok(Encoded::Bytes(b.as_slice().to_vec())),
                None => Err(type_error(
                    th,
                    format!(
                        "encoder should return a bytes object, not '{}'",
                        class::type_name(r)
                    ),
                )),
            }
        }
    }
}
/// What `encode` gives: the text's own bytes will do, or these.
pub enum Encoded {
    Ascii,
    Bytes(Vec<u8>),
}

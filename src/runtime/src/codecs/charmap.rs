//! Encodings that are tables: what `_codecs.charmap_encode` and `charmap_decode` do.

use super::Codec;
use super::errors::{BadText, bad_bytes};
use crate::classes::C;
use crate::core::string::{self as text, Builder};
use crate::core::{dict, int};
use crate::error::{absorb, type_error};
use crate::object::*;
use crate::thread::{R, Thread, expect};
use habu_heap::Value;

const UNDEFINED: &str = "character maps to <undefined>";

/// `mapping` is a str of up to 256 characters, a mapping from ints, or None (Latin-1).
pub fn decode(th: &Thread, b: &[u8], errors: &str, mapping: Value) -> R {
    if mapping.is_none() {
        return Ok(text::latin1(th, b)?.value());
    }
    if let Some(s) = mapping.cast::<StrObj>()
        && let Some(t) = decode_narrow(th, b, s)?
    {
        return Ok(t);
    }
    let mut out = Builder::new();
    let mut i = 0;
    while i < b.len() {
        let found = match mapping.cast::<StrObj>() {
            Some(s) if (b[i] as usize) < s.len() && s.at(b[i] as usize) != 0xfffe => {
                out.push_char(s.at(b[i] as usize));
                true
            }
            Some(_) => false,
            None => {
                let r = crate::ops::subscr::get(th, mapping, Value::small_int(b[i] as i64));
                match absorb(th, r, C::LookupError)? {
                    None | Some(Value::NONE) => false,
                    Some(v) => push_mapped(th, &mut out, v)?,
                }
            }
        };
        if found {
            i += 1;
        } else {
            i = bad_bytes(
                th,
                &mut out,
                None,
                "charmap",
                b,
                (i, i + 1),
                UNDEFINED,
                errors,
            )?;
        }
    }
    out.finish_value(th)
}

/// The common case: every byte stands for a character below 256. `None` where one does not.
fn decode_narrow(th: &Thread, b: &[u8], mapping: Gc<StrObj>) -> R<Option<Value>> {
    if b.len() < 64 {
        return Ok(None);
    }
    let mut table = [0x100u16; 256];
    for (i, t) in table.iter_mut().enumerate().take(mapping.len()) {
        *t = mapping.at(i).min(0x100) as u16;
    }
    // Without a branch for each byte; the sum of all tells whether one was too large.
    let mut seen = 0;
    let out: Vec<u8> = b
        .iter()
        .map(|&x| {
            let c = table[x as usize];
            seen |= c;
            c as u8
        })
        .collect();
    match seen >= 0x100 {
        true => Ok(None),
        false => Ok(Some(text::latin1(th, &out)?.value())),
    }
}

fn push_mapped(th: &Thread, out: &mut Builder, v: Value) -> R<bool> {
    if let Some(s) = v.cast::<StrObj>() {
        if s.len() == 1 && s.at(0) == 0xfffe {
            return Ok(false);
        }
        out.push(s);
        return Ok(true);
    }
    if !int::is_int(v) {
        return Err(type_error(
            th,
            "character mapping must return integer, None or str",
        ));
    }
    match int::to_i64(v) {
        Some(0xfffe) => Ok(false),
        Some(c) if (0..0x110000).contains(&c) => {
            out.push_char(c as u32);
            Ok(true)
        }
        _ => Err(type_error(
            th,
            "character mapping must be in range(0x110000)",
        )),
    }
}

fn encode_one(th: &Thread, mapping: Value, c: u32, out: &mut Vec<u8>) -> R<bool> {
    if mapping.is_none() {
        if c < 256 {
            out.push(c as u8);
        }
        return Ok(c < 256);
    }
    let r = crate::ops::subscr::get(th, mapping, Value::small_int(c as i64));
    let Some(v) = absorb(th, r, C::LookupError)? else {
        return Ok(false);
    };
    if v.is_none() {
        return Ok(false);
    }
    if let Some(b) = v.cast::<BytesObj>() {
        out.extend_from_slice(b.as_slice());
        return Ok(true);
    }
    if !int::is_int(v) {
        return Err(type_error(
            th,
            &format!(
                "character mapping must return integer, bytes or None, not {}",
                crate::core::class::type_name(v)
            ),
        ));
    }
    match int::to_i64(v) {
        Some(b) if (0..256).contains(&b) => {
            out.push(b as u8);
            Ok(true)
        }
        _ => Err(type_error(th, "character mapping must be in range(256)")),
    }
}

pub fn encode(th: &Thread, s: Gc<StrObj>, errors: &str, mapping: Value) -> R<Vec<u8>> {
    let mut out = Vec::with_capacity(s.len());
    let (n, mut i) = (s.len(), 0);
    while i < n {
        if encode_one(th, mapping, s.at(i), &mut out)? {
            i += 1;
            continue;
        }
        let mut end = i + 1;
        let mut scratch = Vec::new();
        while end < n && !encode_one(th, mapping, s.at(end), &mut scratch)? {
            end += 1;
        }
        let bad = BadText {
            codec: Codec::Ascii,
            name: "charmap",
            text: s,
            start: i,
            end,
            why: UNDEFINED,
            errors,
        };
        let mut failed = None;
        let r = bad.handle(
            th,
            &mut out,
            &mut |out, c| match encode_one(th, mapping, c, out) {
                Ok(found) => found,
                Err(r) => {
                    failed = Some(th.take());
                    let _ = r;
                    false
                }
            },
        );
        if let Some(e) = failed {
            if r.is_err() {
                th.take();
            }
            return Err(th.restore(e));
        }
        i = r?;
    }
    Ok(out)
}

/// The dict that `charmap_build` makes from a decoding table.
pub fn build(th: &Thread, table: Value) -> R {
    let s: Gc<StrObj> = match table.is::<StrObj>() {
        true => expect(table),
        false => return Err(type_error(th, "charmap_build() argument must be str")),
    };
    let d = dict::new_dict(th)?;
    for (i, c) in s.chars().enumerate() {
        if c != 0xfffe {
            dict::set(
                th,
                d,
                Value::small_int(c as i64),
                Value::small_int(i as i64),
            )?;
        }
    }
    Ok(d.value())
}

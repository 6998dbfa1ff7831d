//! Places in text streams. A place is where the buffer has to be, the decoder's flags there, how many bytes it has to be
//! fed and how many characters of what comes then are before the place: one int, which is the buffer's place alone where
//! the rest is zero.

use super::text::{ENCODER, any_state, buffer, open, state};
use super::*;
use dashu_int::{IBig, UBig};
use habu_runtime::types::bytes;

#[derive(Default)]
struct Place {
    start: u64,
    flags: u32,
    feed: u32,
    skip: u32,
    eof: bool,
}

impl Place {
    fn value(&self, th: &Thread) -> R {
        let mut b = [0u8; 21];
        b[..8].copy_from_slice(&self.start.to_le_bytes());
        b[8..12].copy_from_slice(&self.flags.to_le_bytes());
        b[12..16].copy_from_slice(&self.feed.to_le_bytes());
        b[16..20].copy_from_slice(&self.skip.to_le_bytes());
        b[20] = self.eof as u8;
        int::from_ibig(th, &IBig::from(UBig::from_le_bytes(&b)))
    }
    fn parse(th: &Thread, v: Value) -> R<Place> {
        let bits = match int::to_ibig(v).map(UBig::try_from) {
            Some(Ok(u)) => u.to_le_bytes(),
            _ => Box::new([]) as Box<[u8]>,
        };
        if bits.len() > 21 {
            return Err(error::raise(
                th,
                C::OverflowError,
                "Python int too large to convert",
            ));
        }
        let mut b = [0u8; 24];
        b[..bits.len()].copy_from_slice(&bits);
        let word = |i: usize| u32::from_le_bytes([b[i], b[i + 1], b[i + 2], b[i + 3]]);
        Ok(Place {
            start: word(0) as u64 | (word(4) as u64) << 32,
            flags: word(8),
            feed: word(12),
            skip: word(16),
            eof: b[20] != 0,
        })
    }
}

fn not_seekable(th: &Thread) -> Raised {
    unsupported(th, "underlying stream is not seekable")
}
fn set_decoder(th: &Thread, v: Value, p: &Place) -> R<()> {
    // At the very start its own first state, which may be waiting for a byte order mark.
    if p.start == 0 && p.flags == 0 {
        return codec::reset(th, v);
    }
    codec::set(th, v, &[], p.flags as i64)
}
/// Is the encoder to write what begins a stream?
fn set_encoder(th: &Thread, v: Value, at_start: bool) -> R<()> {
    let Some(e) = slot(v, ENCODER).get() else {
        return Ok(());
    };
    if at_start {
        ask(th, e, "reset", &[])?;
    } else {
        ask(th, e, "setstate", &[Value::small_int(0)])?;
    }
    Ok(())
}
/// Where the buffer already stands behind the start, no byte order mark is written.
pub fn fix_encoder(th: &Thread, v: Value) -> R<()> {
    if !any_state(v).seekable || slot(v, ENCODER).get().is_none() {
        return Ok(());
    }
    let at = ask(th, buffer(v), "tell", &[])?;
    if at != Value::small_int(0) {
        set_encoder(th, v, false)?;
    }
    Ok(())
}
fn flush(th: &Thread, v: Value) -> R<()> {
    if class::of(v).has(tf::HEAP) {
        ask(th, v, "flush", &[])?;
        state(th, v)?;
        return Ok(());
    }
    text::flush(th, v).map(drop)
}
fn buffer_tell(th: &Thread, v: Value) -> R {
    let s = any_state(v);
    if s.reader || s.writer {
        return int::from_i64(th, buffered::tell_at(th, buffer(v))?);
    }
    ask(th, buffer(v), "tell", &[])
}
pub fn tell(th: &Thread, v: Value) -> R {
    open(th, v)?;
    if !text::is_seekable(th, v)? {
        return Err(not_seekable(th));
    }
    let s = any_state(v);
    if !s.telling {
        return Err(error::raise(
            th,
            C::OSError,
            "telling position disabled by next() call",
        ));
    }
    text_write::send(th, v)?;
    flush(th, v)?;
    let at = buffer_tell(th, v)?;
    let s = state(th, v)?;
    let (true, Some((flags, input))) = (s.reads, s.snapshot.clone()) else {
        return Ok(at);
    };
    let at = parse::as_isize(th, at)?;
    let mut p = Place {
        start: (at - input.len() as i64).max(0) as u64,
        flags: flags as u32,
        ..Place::default()
    };
    if s.used == 0 {
        return p.value(th);
    }
    let (used, ratio) = (s.used, s.ratio);
    let (held, old) = codec::get(th, v)?;
    let seen = any_state(v).newlines;
    let r = locate(th, v, &mut p, &input, used, ratio);
    let e = if r.is_err() { Some(th.take()) } else { None };
    codec::set(th, v, &held, old)?;
    if let (Some(n), Some(now)) = (seen, &mut any_state(v).newlines) {
        *now = n;
    }
    match e {
        Some(e) => Err(th.restore(e)),
        None => p.value(th),
    }
}
/// Find a place from which the decoder, in a state that flags alone describe, comes to the `used`th character.
fn locate(th: &Thread, v: Value, p: &mut Place, input: &[u8], used: usize, ratio: f64) -> R<()> {
    let mut skip = used;
    // A guess by the bytes that a character took, then backwards in growing steps.
    let mut n = ((ratio * used as f64) as i64).min(input.len() as i64);
    let mut back = 1;
    while n > 0 {
        set_decoder(th, v, p)?;
        let got = codec::decode(th, v, &input[..n as usize], false)?.len();
        if got <= skip {
            let (held, flags) = codec::get(th, v)?;
            if held.is_empty() {
                p.flags = flags as u32;
                skip -= got;
                break;
            }
            n -= held.len() as i64;
            back = 1;
        } else {
            n -= back;
            back *= 2;
        }
    }
    if n <= 0 {
        n = 0;
        set_decoder(th, v, p)?;
    }
    p.start += n as u64;
    p.skip = skip as u32;
    if skip == 0 {
        return Ok(());
    }
    let mut got = 0;
    for b in &input[n as usize..] {
        got += codec::decode(th, v, std::slice::from_ref(b), false)?.len();
        p.feed += 1;
        let (held, flags) = codec::get(th, v)?;
        if held.is_empty() && got <= skip {
            p.start += p.feed as u64;
            skip -= got;
            p.flags = flags as u32;
            p.feed = 0;
            got = 0;
        }
        if got >= skip {
            p.skip = skip as u32;
            return Ok(());
        }
    }
    got += codec::decode(th, v, &[], true)?.len();
    p.eof = true;
    p.skip = skip as u32;
    if got < skip {
        return Err(error::raise(
            th,
            C::OSError,
            "can't reconstruct logical file position",
        ));
    }
    Ok(())
}
fn is_zero(th: &Thread, v: Value) -> R<bool> {
    ops::compare::eq_bool(th, v, Value::small_int(0))
}
pub fn seek(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let mut cookie = a[1];
    let whence = match a.get(2) {
        Some(&w) => parse::as_i32(th, w)?,
        None => 0,
    };
    open(th, v)?;
    if !text::is_seekable(th, v)? {
        return Err(not_seekable(th));
    }
    match whence {
        0 => {}
        1 => {
            if !is_zero(th, cookie)? {
                return Err(unsupported(th, "can't do nonzero cur-relative seeks"));
            }
            cookie = ask(th, v, "tell", &[])?;
        }
        2 => {
            if !is_zero(th, cookie)? {
                return Err(unsupported(th, "can't do nonzero end-relative seeks"));
            }
            flush(th, v)?;
            text_read::forget_chars(th, v);
            any_state(v).snapshot = None;
            if state(th, v)?.reads {
                codec::reset(th, v)?;
            }
            let end = ask(
                th,
                buffer(v),
                "seek",
                &[Value::small_int(0), Value::small_int(2)],
            )?;
            set_encoder(th, v, is_zero(th, end)?)?;
            return Ok(end);
        }
        _ => {
            return Err(error::value_error(
                th,
                &format!("invalid whence ({whence}, should be 0, 1 or 2)"),
            ));
        }
    }
    let number = parse::index(th, cookie)?;
    if int::is_negative(number) {
        let r = ops::repr::repr_string(th, cookie)?;
        return Err(error::value_error(
            th,
            &format!("negative seek position {r}"),
        ));
    }
    flush(th, v)?;
    let p = Place::parse(th, number)?;
    let start = int::from_u64(th, p.start)?;
    ask(th, buffer(v), "seek", &[start])?;
    text_read::forget_chars(th, v);
    any_state(v).snapshot = None;
    if state(th, v)?.reads {
        set_decoder(th, v, &p)?;
    }
    if p.skip > 0 {
        let b = ask(th, buffer(v), "read", &[Value::small_int(p.feed as i64)])?;
        let Some(d) = bytes::as_slice(b).filter(|_| b.is::<BytesObj>()) else {
            return Err(type_error(
                th,
                format!(
                    "underlying read() should have returned a bytes object, not '{}'",
                    class::type_name(b)
                ),
            ));
        };
        any_state(v).snapshot = Some((p.flags as i64, d.to_vec()));
        let text = codec::decode(th, v, d, p.eof)?;
        put(th, v, text::CHARS, Some(text.value()));
        if text.len() < p.skip as usize {
            return Err(error::raise(
                th,
                C::OSError,
                "can't restore logical file position",
            ));
        }
        any_state(v).used = p.skip as usize;
    } else {
        any_state(v).snapshot = Some((p.flags as i64, Vec::new()));
    }
    set_encoder(th, v, p.start == 0 && p.flags == 0)?;
    Ok(cookie)
}

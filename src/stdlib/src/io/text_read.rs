//! How text streams are read.

use super::newline::Ends;
use super::text::{CHARS, TEXT, any_state, buffer, open, state};
use super::*;
use habu_runtime::thread::expect;
use habu_runtime::types::bytes;

fn chars(v: Value) -> Option<Gc<StrObj>> {
    slot(v, CHARS).get().map(expect)
}
pub fn forget_chars(th: &Thread, v: Value) {
    put(th, v, CHARS, None);
    any_state(v).used = 0;
}
/// Up to `n` characters (all for `n` below 0) of those that are decoded.
fn take(th: &Thread, v: Value, n: i64) -> R<Gc<StrObj>> {
    let Some(c) = chars(v) else {
        return Ok(string::empty());
    };
    let s = any_state(v);
    let left = c.len() - s.used.min(c.len());
    let k = if n < 0 { left } else { left.min(n as usize) };
    let from = s.used;
    s.used += k;
    string::slice(th, c, from, from + k)
}
fn must_read(th: &Thread, v: Value) -> R<()> {
    if !state(th, v)?.reads {
        return Err(unsupported(th, "not readable"));
    }
    Ok(())
}
/// Decode another piece; false at the end.
pub fn read_chunk(th: &Thread, v: Value, hint: usize) -> R<bool> {
    must_read(th, v)?;
    text::is_seekable(th, v)?;
    let before = match any_state(v).telling {
        true => Some(codec::get(th, v)?),
        false => None,
    };
    let s = any_state(v);
    let hint = (s.ratio.max(1.0) * hint as f64) as usize;
    let n = s.chunk.max(hint);
    let keep = |b: &[u8]| {
        before.map(|(mut held, flags)| {
            held.extend_from_slice(b);
            (flags, held)
        })
    };
    let (text, got, snapshot) = if s.reader {
        reader::read1_with(th, buffer(v), n, |b| {
            let text = codec::decode(th, v, b, b.is_empty())?;
            Ok((text, b.len(), keep(b)))
        })?
    } else {
        let how = if s.read1 { "read1" } else { "read" };
        let r = ask(th, buffer(v), how, &[Value::small_int(n as i64)])?;
        let Some(b) = bytes::bytes_like(th, r)? else {
            return Err(type_error(
                th,
                format!(
                    "underlying {how}() should have returned a bytes-like object, not '{}'",
                    class::type_name(r)
                ),
            ));
        };
        let text = codec::decode(th, v, b, b.is_empty())?;
        (text, b.len(), keep(b))
    };
    put(th, v, CHARS, Some(text.value()));
    let s = any_state(v);
    s.used = 0;
    s.ratio = if text.is_empty() {
        0.0
    } else {
        got as f64 / text.len() as f64
    };
    if snapshot.is_some() {
        s.snapshot = snapshot;
    }
    Ok(got > 0 || !text.is_empty())
}
pub fn read(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let n = size_arg(th, a.get(1))?;
    open(th, v)?;
    must_read(th, v)?;
    text_write::send(th, v)?;
    if n < 0 {
        return read_all(th, v);
    }
    let first = take(th, v, n)?;
    let mut left = n as usize - first.len();
    if left == 0 {
        return Ok(first.value());
    }
    let mut out = string::Builder::new();
    out.push(first);
    while left > 0 {
        if !read_chunk(th, v, left)? {
            break;
        }
        let more = take(th, v, left as i64)?;
        left -= more.len();
        if out.is_empty() && left == 0 {
            return Ok(more.value());
        }
        out.push(more);
    }
    out.finish_value(th)
}
fn read_all(th: &Thread, v: Value) -> R {
    if any_state(v).reader {
        return match reader::all_of(th, buffer(v))? {
            Some(b) => finish_all(th, v, &b),
            None => Err(error::raise(th, C::BlockingIOError, "Read returned None.")),
        };
    }
    let b = ask(th, buffer(v), "read", &[])?;
    if b.is_none() {
        return Err(error::raise(th, C::BlockingIOError, "Read returned None."));
    }
    let Some(d) = bytes::bytes_like(th, b)? else {
        return Err(type_error(
            th,
            format!(
                "underlying read() should have returned a bytes-like object, not '{}'",
                class::type_name(b)
            ),
        ));
    };
    finish_all(th, v, d)
}
fn finish_all(th: &Thread, v: Value, d: &[u8]) -> R {
    let text = codec::decode(th, v, d, true)?;
    let first = take(th, v, -1)?;
    forget_chars(th, v);
    any_state(v).snapshot = None;
    if first.is_empty() {
        return Ok(text.value());
    }
    let mut out = string::Builder::new();
    out.push(first);
    out.push(text);
    out.finish_value(th)
}
/// The next line, empty at the end.
fn line(th: &Thread, v: Value, limit: i64) -> R<Gc<StrObj>> {
    let s = open(th, v)?;
    if !s.pending.is_empty() {
        text_write::send(th, v)?;
    }
    let s = state(th, v)?;
    let ends = s.mode.ends;
    // The common case: all of it is there.
    if let Some(c) = chars(v)
        && let Some(n) = ends.find_in(c, s.used)
        && (limit < 0 || n as i64 <= limit)
    {
        let from = s.used;
        s.used += n;
        return string::slice(th, c, from, from + n);
    }
    let mut out = string::Builder::new();
    let mut cr = false;
    loop {
        let left = if limit < 0 {
            usize::MAX
        } else {
            limit as usize - out.len()
        };
        if left == 0 {
            break;
        }
        let s = state(th, v)?;
        let Some(c) = chars(v).filter(|c| s.used < c.len()) else {
            if !read_chunk(th, v, 0)? {
                forget_chars(th, v);
                any_state(v).snapshot = None;
                break;
            }
            continue;
        };
        let from = s.used;
        // A line end may lie across two pieces.
        let split = cr && ends == Ends::CrLf && c.at(from) == b'\n' as u32;
        let found = if split {
            Some(1)
        } else {
            ends.find_in(c, from)
        };
        let n = found.unwrap_or(c.len() - from).min(left);
        out.push_range(c, from, from + n);
        any_state(v).used = from + n;
        if found.is_some_and(|f| f <= left) {
            break;
        }
        cr = n > 0 && c.at(from + n - 1) == b'\r' as u32;
    }
    out.finish(th)
}
pub fn readline(th: &Thread, a: &[Value]) -> R {
    let n = match a.get(1) {
        Some(&n) if !n.is_none() => parse::as_isize(th, n)?,
        _ => -1,
    };
    must_read_or_closed(th, a[0])?;
    Ok(line(th, a[0], n)?.value())
}
fn must_read_or_closed(th: &Thread, v: Value) -> R<()> {
    open(th, v)?;
    must_read(th, v)
}
pub fn iter(th: &Thread, v: Value) -> R {
    state(th, v)?;
    if is_closed(th, v)? {
        return Err(closed_error(th));
    }
    Ok(v)
}
/// The next line; `None` at the end.
pub fn next_line(th: &Thread, v: Value) -> R<Option<Value>> {
    let s = state(th, v)?;
    s.telling = false;
    let l = if class::of(v).has(tf::HEAP) {
        let l = ask(th, v, "readline", &[])?;
        match l.cast::<StrObj>() {
            Some(l) => l,
            None => {
                return Err(error::raise(
                    th,
                    C::OSError,
                    &format!(
                        "readline() should have returned a str object, not '{}'",
                        class::type_name(l)
                    ),
                ));
            }
        }
    } else {
        if !s.reads {
            must_read_or_closed(th, v)?;
        }
        line(th, v, -1)?
    };
    if l.is_empty() {
        let s = any_state(v);
        s.snapshot = None;
        s.telling = s.seekable;
        return Ok(None);
    }
    Ok(Some(l.value()))
}
pub fn next(th: &Thread, v: Value) -> R {
    debug_assert!(is_a(v, &TEXT));
    match next_line(th, v)? {
        Some(l) => Ok(l),
        None => Err(error::raise_args(
            th,
            habu_runtime::runtime::class(C::StopIteration),
            &[],
        )),
    }
}

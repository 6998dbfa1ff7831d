//! How text streams are written.

use super::codec::Encoded;
use super::text::{any_state, buffer, open, state};
use super::*;
use habu_runtime::core::string::Units;
use habu_runtime::types::bytes;

/// Hand what is pending to the buffer.
pub fn send(th: &Thread, v: Value) -> R<()> {
    let s = any_state(v);
    if s.pending.is_empty() {
        return Ok(());
    }
    let mut b = std::mem::take(&mut s.pending);
    if s.writer {
        let r = writer::write_bytes(th, buffer(v), &b);
        // The room is used again.
        b.clear();
        let s = any_state(v);
        if s.pending.is_empty() {
            s.pending = b;
        }
        return r;
    }
    let x = bytes::new(th, &b)?;
    loop {
        match ask(th, buffer(v), "write", &[x]) {
            Ok(_) => return Ok(()),
            Err(_) if error::matches(th, C::InterruptedError) => {
                th.take();
                habu_runtime::polls::check(th)?;
            }
            Err(e) => return Err(e),
        }
    }
}
pub fn flush_buffer(th: &Thread, v: Value) -> R {
    if any_state(v).writer {
        return writer::flush(th, buffer(v));
    }
    ask(th, buffer(v), "flush", &[])
}
fn has(s: Gc<StrObj>, c: u8) -> bool {
    match s.units() {
        Units::One(u) => memchr::memchr(c, u).is_some(),
        Units::Two(u) => u.contains(&(c as u16)),
        Units::Four(u) => u.contains(&(c as u32)),
    }
}
pub fn write(th: &Thread, v: Value, x: Value) -> R {
    let Some(t) = x.cast::<StrObj>() else {
        return Err(type_error(
            th,
            format!("write() argument must be str, not {}", class::type_name(x)),
        ));
    };
    put_text(th, v, t)?;
    Ok(Value::small_int(t.len() as i64))
}
fn put_text(th: &Thread, v: Value, t: Gc<StrObj>) -> R<()> {
    let s = open(th, v)?;
    if !s.writes {
        return Err(unsupported(th, "not writable"));
    }
    let lines = s.line_buffering;
    let newline = s.mode.written();
    let lf = (lines || newline.is_some()) && has(t, b'\n');
    let mut text = t;
    if lf && let Some(nl) = newline {
        text = stringio::with_newlines(th, t, nl)?;
    }
    let flush = lines && (lf || has(t, b'\r'));
    let own;
    let b = match codec::encode(th, v, text)? {
        Encoded::Ascii => text.bytes(),
        Encoded::Bytes(b) => {
            own = b;
            &own
        }
    };
    // Sending may bring in more, where the stream below writes here.
    while !any_state(v).pending.is_empty()
        && any_state(v).pending.len() + b.len() > any_state(v).chunk
    {
        send(th, v)?;
    }
    let s = state(th, v)?;
    s.pending.extend_from_slice(b);
    if s.pending.len() >= s.chunk || flush || s.write_through {
        send(th, v)?;
    }
    if flush {
        flush_buffer(th, v)?;
    }
    let s = state(th, v)?;
    if s.reads {
        if s.snapshot.is_some() {
            text_read::forget_chars(th, v);
            any_state(v).snapshot = None;
        }
        codec::reset(th, v)?;
    }
    Ok(())
}
pub fn writelines(th: &Thread, v: Value, lines: Value) -> R {
    if is_closed(th, v)? {
        return Err(closed_error(th));
    }
    let own = !class::of(v).has(tf::HEAP);
    let it = ops::iter::get(th, lines)?;
    while let Some(line) = ops::iter::next(th, it)? {
        if own {
            write(th, v, line)?;
        } else {
            ask(th, v, "write", &[line])?;
        }
    }
    Ok(Value::NONE)
}

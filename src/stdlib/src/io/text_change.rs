//! `reconfigure`: a text stream goes on with another encoding, other line ends, or another way of buffering.

use super::newline::Mode;
use super::text::{CHARS, ENCODING, ERRORS, any_state, locale_encoding, state};
use super::*;
use habu_runtime::spec::Args;

pub fn reconfigure(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [encoding, errors, newline, lines, through] = habu_runtime::args!(
        th,
        a.rest(),
        "reconfigure",
        [
            "encoding",
            "errors",
            "newline",
            "line_buffering",
            "write_through"
        ],
        0,
        0,
        0
    );
    let encoding = reconfigured(th, encoding, "encoding")?;
    let errors = reconfigured(th, errors, "errors")?;
    let mode = match newline.filter(|n| *n != Value::ELLIPSIS) {
        Some(n) => Some(Mode::new(th, n, true)?),
        None => None,
    };
    state(th, v)?;
    let changes = encoding.is_some() || errors.is_some() || mode.is_some();
    if slot(v, CHARS).get().is_some() && changes {
        return Err(unsupported(
            th,
            "It is not possible to set the encoding or newline of stream after the first read",
        ));
    }
    let flag = |f: Option<Value>, old: bool| -> R<bool> {
        match f.filter(|f| !f.is_none()) {
            Some(f) => Ok(parse::as_i32(th, f)? != 0),
            None => Ok(old),
        }
    };
    let lines = flag(lines, any_state(v).line_buffering)?;
    let through = flag(through, any_state(v).write_through)?;
    ask(th, v, "flush", &[])?;
    state(th, v)?;
    if changes {
        if let Some(m) = mode {
            any_state(v).mode = m;
        }
        let s = any_state(v);
        // New text is to begin where the stream stands, not at its start.
        let old = slot(v, ENCODING).get().and_then(|e| e.cast::<StrObj>());
        let new_encoding = match encoding {
            Some(e) if e.eq_str("locale") => Some(string::new(th, locale_encoding())?),
            e => e,
        };
        let errors = match (errors, encoding) {
            (Some(e), _) => Some(e),
            (None, Some(_)) => Some(string::new(th, "strict")?),
            (None, None) => None,
        };
        let enc = new_encoding.or(old).unwrap_or(string::empty());
        let saved = s.codec;
        let info = match codec::find(th, v, enc) {
            Ok(i) => i,
            Err(e) => {
                any_state(v).codec = saved;
                return Err(e);
            }
        };
        if let Some(e) = errors {
            put(th, v, ERRORS, Some(e.value()));
            any_state(v).errors = e.to_rust().as_ref().into();
        }
        put(th, v, ENCODING, Some(enc.value()));
        codec::make(th, v, info)?;
        text_seek::fix_encoder(th, v)?;
    }
    let s = any_state(v);
    s.line_buffering = lines;
    s.write_through = through;
    Ok(Value::NONE)
}
fn reconfigured(th: &Thread, v: Option<Value>, name: &str) -> R<Option<Gc<StrObj>>> {
    let Some(v) = v.filter(|v| !v.is_none()) else {
        return Ok(None);
    };
    match v.cast::<StrObj>() {
        Some(s) if s.has_surrogates() => Err(habu_runtime::types::string::surrogate_error(th, s)),
        Some(s) => Ok(Some(s)),
        None => Err(type_error(
            th,
            format!(
                "reconfigure() argument '{name}' must be str or None, not {}",
                class::type_name(v)
            ),
        )),
    }
}

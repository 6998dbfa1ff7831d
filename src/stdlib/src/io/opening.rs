//! `open`, `open_code`, `text_encoding`.

use super::*;
use crate::posix::path;
use habu_runtime::config;
use habu_runtime::modules::warnings;
use habu_runtime::spec::Args;
use habu_runtime::thread::expect;

/// A mode's letters.
struct Letters {
    create: bool,
    read: bool,
    write: bool,
    append: bool,
    plus: bool,
    text: bool,
    binary: bool,
}

fn letters(th: &Thread, mode: &str) -> R<Letters> {
    let has = |c| mode.contains(c);
    let bad = mode.chars().any(|c| !"axrwb+t".contains(c))
        || mode.char_indices().any(|(i, c)| mode[..i].contains(c));
    if bad {
        return Err(error::value_error(th, &format!("invalid mode: '{mode}'")));
    }
    Ok(Letters {
        create: has('x'),
        read: has('r'),
        write: has('w'),
        append: has('a'),
        plus: has('+'),
        text: has('t'),
        binary: has('b'),
    })
}
fn given(v: Option<Value>) -> Option<Value> {
    v.filter(|v| !v.is_none())
}
fn optional_str(th: &Thread, v: Option<Value>, name: &str) -> R<Option<Gc<StrObj>>> {
    match given(v) {
        None => Ok(None),
        Some(v) => match v.cast::<StrObj>() {
            Some(s) if s.chars().any(|c| c == 0) => {
                Err(error::value_error(th, "embedded null character"))
            }
            Some(s) => Ok(Some(s)),
            None => Err(type_error(
                th,
                format!(
                    "open() argument '{name}' must be str or None, not {}",
                    class::type_name(v)
                ),
            )),
        },
    }
}
pub fn open(th: &Thread, a: Args) -> R {
    let [
        file,
        mode,
        buffering,
        encoding,
        errors,
        newline,
        closefd,
        opener,
    ] = habu_runtime::args!(
        th,
        a,
        "open",
        [
            "file",
            "mode",
            "buffering",
            "encoding",
            "errors",
            "newline",
            "closefd",
            "opener"
        ],
        0,
        1,
        8
    );
    let file = file.unwrap_or(Value::NONE);
    let mode = match mode {
        Some(m) => match m.cast::<StrObj>() {
            Some(m) => m.to_rust().into_owned(),
            None => {
                return Err(type_error(
                    th,
                    format!(
                        "open() argument 'mode' must be str, not {}",
                        class::type_name(m)
                    ),
                ));
            }
        },
        None => "r".into(),
    };
    let mut buffering = match buffering {
        Some(b) => parse::as_i32(th, b)? as i64,
        None => -1,
    };
    let encoding = optional_str(th, encoding, "encoding")?;
    let errors = optional_str(th, errors, "errors")?;
    optional_str(th, newline, "newline")?;
    let closefd = match closefd {
        Some(c) => ops::truth(th, c)?,
        None => true,
    };
    let file = if int::is_int(file) || file == Value::TRUE || file == Value::FALSE {
        file
    } else {
        path::fspath(th, file)?
    };
    let l = letters(th, &mode)?;
    if l.text && l.binary {
        return Err(error::value_error(
            th,
            "can't have text and binary mode at once",
        ));
    }
    if [l.create, l.read, l.write, l.append]
        .iter()
        .filter(|b| **b)
        .count()
        > 1
    {
        return Err(error::value_error(
            th,
            "must have exactly one of create/read/write/append mode",
        ));
    }
    for (there, what) in [
        (encoding.is_some(), "encoding"),
        (errors.is_some(), "errors"),
        (given(newline).is_some(), "newline"),
    ] {
        if l.binary && there {
            let an = if what == "newline" { "a" } else { "an" };
            return Err(error::value_error(
                th,
                &format!("binary mode doesn't take {an} {what} argument"),
            ));
        }
    }
    if l.binary && buffering == 1 {
        warnings::warn(
            th,
            C::RuntimeWarning,
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
            1,
        )?;
    }
    let raw_mode: String = mode.chars().filter(|c| !"bt".contains(*c)).collect();
    let raw = fileio::new(th, module::type_of(th, module::FILE_IO)?)?;
    fileio::start(th, raw, file, &raw_mode, closefd, opener)?;
    let mut top = raw;
    let r = (|| -> R {
        let mut line_buffering = false;
        if buffering == 1
            || buffering < 0 && fileio::may_be_terminal(raw) && fileio::is_terminal(th, raw)?
        {
            buffering = -1;
            line_buffering = true;
        }
        if buffering < 0 {
            buffering = fileio::block_size(raw).max(BUFFER_SIZE) as i64;
        }
        if buffering == 0 {
            if !l.binary {
                return Err(error::value_error(th, "can't have unbuffered text I/O"));
            }
            return Ok(raw);
        }
        let which = match () {
            _ if l.plus => module::RANDOM,
            _ if l.read => module::READER,
            _ => module::WRITER,
        };
        if which == module::RANDOM && !fileio::seekable(th, raw)? {
            base::check_seekable(th, raw)?;
        }
        let none = Args::positional_only(&[]);
        let buffer = buffered::new(th, module::type_of(th, which)?, none)?;
        let (reads, writes) = (l.read || l.plus, !l.read || l.plus);
        buffered::start_quick(th, buffer, raw, buffering as usize, reads, writes);
        top = buffer;
        if l.binary {
            return Ok(buffer);
        }
        let mode_of = newline::Mode::new(th, newline.unwrap_or(Value::NONE), true)?;
        if encoding.is_none() {
            warn_default(th, 1)?;
        }
        let t = text::new(th, module::type_of(th, module::TEXT)?, none)?;
        text::start(
            th,
            t,
            buffer,
            encoding,
            errors,
            mode_of,
            line_buffering,
            false,
        )?;
        top = t;
        attr::set_text(th, t, "mode", string::new_value(th, &mode)?)?;
        Ok(t)
    })();
    let r = r.and_then(|v| {
        if !l.read || l.plus {
            atend::remember(th, v)?;
        }
        Ok(v)
    });
    if r.is_err() {
        let e = th.take();
        if ask(th, top, "close", &[]).is_err() {
            let second = th.take();
            let x: Gc<ExcObj> = expect(second);
            th.set(x, &x.context, Some(e));
            return Err(th.restore(second));
        }
        return Err(th.restore(e));
    }
    r
}
pub fn open_code(th: &Thread, a: Args) -> R {
    let [p] = habu_runtime::args!(th, a, "open_code", ["path"], 0, 1, 1);
    let p = p.unwrap_or(Value::NONE);
    if !p.is::<StrObj>() {
        return Err(type_error(
            th,
            format!(
                "open_code() argument 'path' must be str, not {}",
                class::type_name(p)
            ),
        ));
    }
    open(
        th,
        Args::positional_only(&[p, string::new_value(th, "rb")?]),
    )
}
/// EncodingWarning where somebody wants to be told that no encoding was named.
pub fn warn_default(th: &Thread, level: i64) -> R<()> {
    if !wants_warning() {
        return Ok(());
    }
    // Where it is, only Lib's module tells.
    habu_runtime::import::import_module(th, "warnings")?;
    warnings::warn(
        th,
        C::EncodingWarning,
        "'encoding' argument not specified",
        level,
    )
}
fn wants_warning() -> bool {
    config::xoption("warn_default_encoding").is_some()
        || !config::config().ignore_environment
            && std::env::var_os("PYTHONWARNDEFAULTENCODING").is_some_and(|v| !v.is_empty())
}
pub fn text_encoding(th: &Thread, a: Args) -> R {
    let [encoding, level] = habu_runtime::args!(th, a, "text_encoding", ["", ""], 2, 1, 2);
    if let Some(e) = given(encoding) {
        return Ok(e);
    }
    let level = match level {
        Some(l) => parse::as_i32(th, l)? as i64,
        None => 2,
    };
    warn_default(th, level)?;
    let utf8 = config::xoption("utf8").is_some_and(|v| v != "0");
    string::new_value(th, if utf8 { "utf-8" } else { "locale" })
}

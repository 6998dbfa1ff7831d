//! From bytes to text: byte order mark, PEP 263 coding line, decoding, line ends.

use crate::error::{ErrorKind, SyntaxError};

fn plain(kind: ErrorKind, message: String, filename: &str) -> SyntaxError {
    SyntaxError {
        kind,
        message,
        filename: filename.into(),
        lineno: 0,
        offset: 0,
        end_lineno: 0,
        end_offset: 0,
        text: None,
        incomplete: false,
    }
}

/// The name in `coding: NAME` of a comment line.
fn cookie(line: &[u8]) -> Result<Option<String>, ()> {
    let text: Vec<u8> = line
        .iter()
        .copied()
        .skip_while(|c| matches!(c, b' ' | b'\t' | 0x0c))
        .collect();
    match text.first() {
        None | Some(b'\r') => return Ok(None),
        Some(b'#') => {}
        Some(_) => return Err(()),
    }
    let Some(at) = text.windows(6).position(|w| w == b"coding") else {
        return Ok(None);
    };
    let mut rest = &text[at..];
    loop {
        let Some(i) = rest.windows(6).position(|w| w == b"coding") else {
            return Ok(None);
        };
        rest = &rest[i + 6..];
        if matches!(rest.first(), Some(b':' | b'=')) {
            let name: Vec<u8> = rest[1..]
                .iter()
                .copied()
                .skip_while(|c| matches!(c, b' ' | b'\t'))
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'))
                .collect();
            if !name.is_empty() {
                return Ok(Some(String::from_utf8_lossy(&name).into_owned()));
            }
        }
    }
}

fn declared(source: &[u8]) -> Option<String> {
    for line in source.split(|c| *c == b'\n').take(2) {
        match cookie(line) {
            Ok(Some(name)) => return Some(name),
            Ok(None) => {}
            Err(()) => return None,
        }
    }
    None
}

fn normal(name: &str) -> String {
    let lower: String = name
        .chars()
        .take(12)
        .map(|c| {
            if c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    if lower == "utf-8" || lower.starts_with("utf-8-") || lower == "utf8" {
        return "utf-8".into();
    }
    for latin in ["latin-1", "iso-8859-1", "iso-latin-1"] {
        if lower == latin || lower.starts_with(&format!("{latin}-")) {
            return "latin-1".into();
        }
    }
    match &lower[..] {
        "latin1" | "iso8859-1" | "8859" | "cp819" | "l1" => "latin-1".into(),
        "ascii" | "us-ascii" | "646" => "ascii".into(),
        _ => lower,
    }
}

/// The coding line's encoding where `decode` does not know it; the caller may have more codecs.
pub fn foreign_encoding(source: &[u8]) -> Option<String> {
    let name = declared(source)?;
    (!KNOWN.contains(&&normal(&name)[..])).then_some(name)
}
const KNOWN: [&str; 3] = ["utf-8", "latin-1", "ascii"];

/// Text of a source given as bytes, in the encoding that they declare.
pub fn decode(source: &[u8], filename: &str) -> Result<String, SyntaxError> {
    let (bom, body) = match source.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (true, rest),
        None => (false, source),
    };
    let name = declared(body);
    let encoding = name.as_deref().map_or_else(|| "utf-8".to_string(), normal);
    if bom && encoding != "utf-8" {
        let shown = name.unwrap_or_default();
        return Err(plain(
            ErrorKind::Syntax,
            format!("encoding problem: {shown} with BOM"),
            filename,
        ));
    }
    match &encoding[..] {
        "utf-8" => match std::str::from_utf8(body) {
            Ok(s) => Ok(s.to_string()),
            Err(e) => {
                let at = e.valid_up_to();
                let line = body[..at].iter().filter(|c| **c == b'\n').count() + 1;
                let byte = body[at];
                if name.is_some() || bom {
                    let why = if e.error_len().is_none() {
                        "unexpected end of data"
                    } else if (0x80..0xc2).contains(&byte) || byte > 0xf4 {
                        "invalid start byte"
                    } else {
                        "invalid continuation byte"
                    };
                    let m = format!(
                        "(unicode error) 'utf-8' codec can't decode byte {byte:#04x} in position {at}: {why}"
                    );
                    let mut error = plain(ErrorKind::Syntax, m, filename);
                    error.lineno = line as u32;
                    return Err(error);
                }
                let m = format!(
                    "Non-UTF-8 code starting with '\\x{byte:02x}' on line {line}, but no encoding declared; see \
                     https://peps.python.org/pep-0263/ for details"
                );
                let mut error = plain(ErrorKind::Syntax, m, filename);
                error.lineno = line as u32;
                let start = body[..at]
                    .iter()
                    .rposition(|c| *c == b'\n')
                    .map_or(0, |n| n + 1);
                let rest = body[start..].split(|c| *c == b'\n').next().unwrap_or(&[]);
                let before = String::from_utf8_lossy(&body[start..at]).chars().count();
                error.offset = before as u32 + 1;
                (error.end_lineno, error.end_offset) = (error.lineno, error.offset);
                error.text = Some(String::from_utf8_lossy(rest).into_owned());
                Err(error)
            }
        },
        "latin-1" => Ok(body.iter().map(|b| *b as char).collect()),
        "ascii" => match body.iter().position(|b| *b >= 128) {
            None => Ok(body.iter().map(|b| *b as char).collect()),
            Some(at) => {
                let b = body[at];
                let m = format!(
                    "(unicode error) 'ascii' codec can't decode byte {b:#04x} in position {at}: ordinal not in range(128)"
                );
                Err(plain(ErrorKind::Syntax, m, filename))
            }
        },
        _ => Err(plain(
            ErrorKind::Syntax,
            format!("unknown encoding: {}", name.unwrap_or_default()),
            filename,
        )),
    }
}

/// Refuses null bytes, and makes every line end a `\n`.
pub fn normalize<'a>(
    source: &'a str,
    filename: &str,
) -> Result<std::borrow::Cow<'a, str>, SyntaxError> {
    if source.as_bytes().contains(&0) {
        return Err(plain(
            ErrorKind::Syntax,
            "source code string cannot contain null bytes".into(),
            filename,
        ));
    }
    if !source.as_bytes().contains(&b'\r') {
        return Ok(source.into());
    }
    Ok(source.replace("\r\n", "\n").replace('\r', "\n").into())
}

//! Escape sequences in string literals: the errors they make, and the warnings about those that mean nothing.

use crate::ast::Pos;
use crate::error::Error;
use crate::position::LineIndex;
use crate::tokenizer::{Kind, Token};

/// Prefix letters and quote width of a literal.
fn split(text: &str) -> (&str, usize) {
    let n = text.find(['"', '\'']).unwrap_or(0);
    let q = &text[n..];
    let triple = q.starts_with("\"\"\"") || q.starts_with("'''");
    (&text[..n], n + if triple { 3 } else { 1 })
}

/// CPython's words for a literal with a broken `\x`, `\u`, `\U` or `\N`.
pub fn unicode_error(text: &str, pos: Pos) -> Error {
    let (prefix, skip) = split(text);
    let body = text.get(skip..).unwrap_or("");
    let bytes = body.as_bytes();
    let is_bytes = prefix.contains(['b', 'B']);
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] != b'\\' {
            i += 1;
            continue;
        }
        let kind = bytes.get(i + 1).copied().unwrap_or(0);
        let need = match kind {
            b'x' => 2,
            b'u' if !is_bytes => 4,
            b'U' if !is_bytes => 8,
            _ => 0,
        };
        let at = body[..i].chars().count();
        if need > 0 {
            let have = bytes[i + 2..]
                .iter()
                .take(need)
                .take_while(|c| c.is_ascii_hexdigit())
                .count();
            if have < need {
                if is_bytes {
                    return Error::new(
                        pos,
                        format!("(value error) invalid \\x escape at position {at}"),
                    );
                }
                let shape = match kind {
                    b'x' => "\\xXX",
                    b'u' => "\\uXXXX",
                    _ => "\\UXXXXXXXX",
                };
                let end = at + 1 + have;
                return Error::new(
                    pos,
                    format!(
                        "(unicode error) 'unicodeescape' codec can't decode bytes in position {at}-{end}: truncated {shape} escape"
                    ),
                );
            }
            if kind == b'U'
                && u32::from_str_radix(&body[i + 2..i + 10], 16).is_ok_and(|v| v > 0x10_FFFF)
            {
                let end = at + 9;
                return Error::new(
                    pos,
                    format!(
                        "(unicode error) 'unicodeescape' codec can't decode bytes in position {at}-{end}: illegal Unicode character"
                    ),
                );
            }
        }
        if kind == b'N' && !is_bytes {
            let close = bytes[i..].iter().position(|c| *c == b'}');
            let braced = bytes.get(i + 2) == Some(&b'{');
            match close {
                Some(n) if braced && n > 3 => {
                    let name = &body[i + 3..i + n];
                    if named_character(name).is_none() {
                        let end = at + body[i..i + n].chars().count();
                        return Error::new(
                            pos,
                            format!(
                                "(unicode error) 'unicodeescape' codec can't decode bytes in position {at}-{end}: unknown Unicode character name"
                            ),
                        );
                    }
                }
                _ => {
                    let end = at + 1 + usize::from(braced);
                    return Error::new(
                        pos,
                        format!(
                            "(unicode error) 'unicodeescape' codec can't decode bytes in position {at}-{end}: malformed \\N character escape"
                        ),
                    );
                }
            }
        }
        i += 2;
    }
    Error::new(pos, "invalid syntax")
}

/// Calls `warn(message, line)` for each escape without a meaning.
pub fn warnings(
    source: &str,
    lines: &LineIndex,
    tokens: &[Token],
    mut warn: impl FnMut(String, Pos),
) {
    let mut raw_stack: Vec<bool> = Vec::new();
    for t in tokens {
        let text = source.get(t.start as usize..t.end as usize).unwrap_or("");
        match t.kind {
            Kind::String => {
                let (prefix, skip) = split(text);
                if !prefix.contains(['r', 'R']) {
                    scan(
                        source,
                        lines,
                        t.start as usize + skip,
                        t.end as usize,
                        prefix.contains(['b', 'B']),
                        &mut warn,
                    );
                }
            }
            Kind::FStringStart | Kind::TStringStart => raw_stack.push(text.contains(['r', 'R'])),
            Kind::FStringEnd | Kind::TStringEnd => {
                raw_stack.pop();
            }
            Kind::FStringMiddle | Kind::TStringMiddle if raw_stack.last() == Some(&false) => {
                scan(
                    source,
                    lines,
                    t.start as usize,
                    t.end as usize,
                    false,
                    &mut warn,
                );
            }
            _ => {}
        }
    }
}

fn scan(
    source: &str,
    lines: &LineIndex,
    start: usize,
    end: usize,
    bytes: bool,
    warn: &mut impl FnMut(String, Pos),
) {
    let b = source.as_bytes();
    let mut i = start;
    while i + 1 < end {
        if b[i] != b'\\' {
            i += 1;
            continue;
        }
        let c = b[i + 1];
        let pos = lines.pos(i as u32, i as u32);
        match c {
            b'\n' | b'\\' | b'\'' | b'"' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v'
            | b'x' => {}
            b'0'..=b'7' => {
                let octal: String = source[i + 1..end]
                    .chars()
                    .take(3)
                    .take_while(|c| ('0'..='7').contains(c))
                    .collect();
                if u32::from_str_radix(&octal, 8).is_ok_and(|v| v > 0o377) {
                    warn(
                        format!(
                            "\"\\{octal}\" is an invalid octal escape sequence. Such sequences will not work in the future. Did you mean \"\\\\{octal}\"? A raw string is also an option."
                        ),
                        pos,
                    );
                }
            }
            b'N' | b'u' | b'U' if !bytes => {}
            _ => {
                let ch = source[i + 1..].chars().next().unwrap_or(' ');
                warn(
                    format!(
                        "\"\\{ch}\" is an invalid escape sequence. Such sequences will not work in the future. Did you mean \"\\\\{ch}\"? A raw string is also an option."
                    ),
                    pos,
                );
            }
        }
        i += 2;
        while !source.is_char_boundary(i) {
            i += 1;
        }
    }
}

/// The character that `\N{name}` is, case aside.
pub fn named_character(name: &str) -> Option<char> {
    unicode_names2::character(name).or_else(|| tangut(name))
}

/// Tangut ideographs are found by their number, though nothing gives that as their name.
fn tangut(name: &str) -> Option<char> {
    const BASE: &str = "TANGUT IDEOGRAPH-";
    let (base, number) = name.split_at_checked(BASE.len())?;
    let canonical = (4..=6).contains(&number.len()) && !number.starts_with(['0', '+']);
    if !base.eq_ignore_ascii_case(BASE) || !canonical {
        return None;
    }
    match u32::from_str_radix(number, 16).ok()? {
        c @ (0x17000..0x187f8 | 0x18d00..0x18d09) => char::from_u32(c),
        _ => None,
    }
}

/// The name that `\N{}` finds the character by.
pub fn character_name(c: char) -> Option<String> {
    Some(unicode_names2::name(c)?.to_string())
}

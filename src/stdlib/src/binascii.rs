//! `binascii`: bytes as text and back: hex, base64, uuencode, quoted-printable; checksums.

use crate::own_errors;
use habu_runtime::classes::C;
use habu_runtime::core::{int, parse};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, MethodDef, m1, m2, mk, mv};
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types::bytes;
use habu_runtime::value::Value;

fn wrong(th: &Thread, text: &str) -> Raised {
    own_errors::raise(th, "binascii", "Error", text)
}
/// Bytes, or a str of ASCII.
fn ascii(th: &Thread, v: Value) -> R<Vec<u8>> {
    if let Some(s) = v.cast::<StrObj>() {
        let s = s.to_rust();
        return match s.is_ascii() {
            true => Ok(s.as_bytes().to_vec()),
            false => Err(error::value_error(
                th,
                "string argument should contain only ASCII characters",
            )),
        };
    }
    match bytes::bytes_like(th, v)? {
        Some(b) => Ok(b.to_vec()),
        None => {
            let text = format!(
                "argument should be bytes, buffer or ASCII string, not '{}'",
                habu_runtime::core::class::type_name(v)
            );
            Err(error::type_error(th, &text))
        }
    }
}
fn flag(th: &Thread, v: Option<Value>, default: bool) -> R<bool> {
    v.map_or(Ok(default), |v| ops::truth(th, v))
}

fn hexlify(th: &Thread, a: Args) -> R {
    let [data, sep, group] =
        habu_runtime::args!(th, a, "hexlify", ["data", "sep", "bytes_per_sep"], 0, 1, 3);
    let b = bytes::buffer(th, data.unwrap_or(Value::NONE))?;
    let group = group.map_or(Ok(1), |g| parse::as_i32(th, g))?;
    let text = bytes::methods::hex_text(th, b, sep, group as i64)?;
    bytes::new(th, &ascii(th, text)?)
}
fn unhexlify(th: &Thread, v: Value) -> R {
    let s = ascii(th, v)?;
    if s.len() % 2 != 0 {
        return Err(wrong(th, "Odd-length string"));
    }
    let digit = |c: u8| (c as char).to_digit(16).map(|d| d as u8);
    let mut out = Vec::with_capacity(s.len() / 2);
    for p in s.chunks_exact(2) {
        match (digit(p[0]), digit(p[1])) {
            (Some(h), Some(l)) => out.push(h << 4 | l),
            _ => return Err(wrong(th, "Non-hexadecimal digit found")),
        }
    }
    bytes::new(th, &out)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
fn b2a_base64(th: &Thread, a: Args) -> R {
    let [data, newline] = habu_runtime::args!(th, a, "b2a_base64", ["data", "newline"], 1, 1, 1);
    let b = bytes::buffer(th, data.unwrap_or(Value::NONE))?;
    let mut out = Vec::with_capacity(b.len().div_ceil(3) * 4 + 1);
    let whole = b.chunks_exact(3);
    let rest = whole.remainder();
    out.extend(whole.flat_map(|c| letters(c[0], c[1], c[2])));
    match *rest {
        [x] => {
            let [a, b, ..] = letters(x, 0, 0);
            out.extend([a, b, b'=', b'=']);
        }
        [x, y] => {
            let [a, b, c, _] = letters(x, y, 0);
            out.extend([a, b, c, b'=']);
        }
        _ => {}
    }
    if flag(th, newline, true)? {
        out.push(b'\n');
    }
    bytes::new(th, &out)
}
/// Three bytes as four letters.
fn letters(a: u8, b: u8, c: u8) -> [u8; 4] {
    let n = (a as usize) << 16 | (b as usize) << 8 | c as usize;
    [n >> 18, n >> 12, n >> 6, n].map(|x| ALPHABET[x & 63])
}
/// What a letter stands for; `NO_LETTER` for the others.
static SEXTETS: [u8; 256] = {
    let mut t = [NO_LETTER; 256];
    let mut i = 0;
    while i < 64 {
        t[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    t
};
const NO_LETTER: u8 = 0x80;
fn sextet(c: u8) -> Option<u32> {
    match SEXTETS[c as usize] {
        NO_LETTER => None,
        x => Some(x as u32),
    }
}
/// Decode groups of four letters from the start, as long as there is nothing else; how much that was.
fn whole_groups(s: &[u8], out: &mut Vec<u8>) -> usize {
    let mut done = 0;
    for c in s.chunks_exact(4) {
        let x = [c[0], c[1], c[2], c[3]].map(|c| SEXTETS[c as usize]);
        if (x[0] | x[1] | x[2] | x[3]) & NO_LETTER != 0 {
            break;
        }
        out.extend([
            x[0] << 2 | x[1] >> 4,
            x[1] << 4 | x[2] >> 2,
            x[2] << 6 | x[3],
        ]);
        done += 4;
    }
    done
}
fn a2b_base64(th: &Thread, a: Args) -> R {
    let [data, strict] = habu_runtime::args!(th, a, "a2b_base64", ["data", "strict_mode"], 1, 1, 1);
    let s = ascii(th, data.unwrap_or(Value::NONE))?;
    let strict = flag(th, strict, false)?;
    let mut out = Vec::with_capacity(s.len() / 4 * 3);
    if strict && s.first() == Some(&b'=') {
        return Err(wrong(th, "Leading padding not allowed"));
    }
    let lonely = |made: usize| {
        let n = made / 3 * 4 + 1;
        let text = format!(
            "Invalid base64-encoded string: number of data characters ({n}) cannot be 1 more than a multiple of 4"
        );
        wrong(th, &text)
    };
    // `place` sextets of the present group of four are in `bits`, and `pads` signs came after them.
    let (mut bits, mut place, mut pads) = (0u32, 0, 0);
    let plain = whole_groups(&s, &mut out);
    for &c in &s[plain..] {
        if c == b'=' {
            pads += 1;
            match place {
                1 if strict => return Err(lonely(out.len())),
                0 if strict => return Err(wrong(th, "Excess padding not allowed")),
                _ if strict && place + pads > 4 => {
                    return Err(wrong(th, "Excess padding not allowed"));
                }
                _ => continue,
            }
        }
        let Some(x) = sextet(c) else {
            if strict {
                return Err(wrong(th, "Only base64 data is allowed"));
            }
            continue;
        };
        if strict && pads > 0 {
            return Err(match place + pads >= 4 {
                true => wrong(th, "Excess data after padding"),
                false => wrong(th, "Discontinuous padding not allowed"),
            });
        }
        pads = 0;
        bits = bits << 6 | x;
        place += 1;
        match place {
            2 => out.push((bits >> 4) as u8),
            3 => out.push((bits >> 2) as u8),
            4 => {
                out.push(bits as u8);
                (bits, place) = (0, 0);
            }
            _ => {}
        }
    }
    match place {
        0 => bytes::new(th, &out),
        2 | 3 if place + pads >= 4 => bytes::new(th, &out),
        1 => Err(lonely(out.len())),
        _ => Err(wrong(th, "Incorrect padding")),
    }
}

fn b2a_uu(th: &Thread, a: Args) -> R {
    let [data, backtick] = habu_runtime::args!(th, a, "b2a_uu", ["data", "backtick"], 1, 1, 1);
    let b = bytes::buffer(th, data.unwrap_or(Value::NONE))?;
    if b.len() > 45 {
        return Err(wrong(th, "At most 45 bytes at once"));
    }
    let zero = if flag(th, backtick, false)? {
        b'`'
    } else {
        b' '
    };
    let letter = |n: u32| if n == 0 { zero } else { n as u8 + 32 };
    let mut out = vec![letter(b.len() as u32)];
    for c in b.chunks(3) {
        let n = c.iter().fold(0, |n, b| n << 8 | *b as u32) << (8 * (3 - c.len()));
        out.extend((0..4).map(|i| letter(n >> (18 - 6 * i) & 63)));
    }
    out.push(b'\n');
    bytes::new(th, &out)
}
fn a2b_uu(th: &Thread, v: Value) -> R {
    let s = ascii(th, v)?;
    let Some((&first, rest)) = s.split_first() else {
        return Err(wrong(th, "Missing length byte"));
    };
    let want = (first.wrapping_sub(32) & 63) as usize;
    let (mut out, mut bits, mut have) = (Vec::with_capacity(want), 0u32, 0);
    let mut i = 0;
    while out.len() < want {
        // What is missing at the end of a line counts as blanks.
        let c = rest.get(i).copied().unwrap_or(b' ');
        i += 1;
        let x = match c {
            b'\n' | b'\r' => {
                i -= 1;
                0
            }
            32..=96 => (c - 32) as u32 & 63,
            _ => return Err(wrong(th, "Illegal char")),
        };
        bits = bits << 6 | x;
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
            bits &= (1 << have) - 1;
        }
    }
    let blank = |c: &u8| matches!(c, b' ' | b'`' | b'\n' | b'\r');
    if !rest.iter().skip(i).all(blank) {
        return Err(wrong(th, "Trailing garbage"));
    }
    bytes::new(th, &out)
}

fn a2b_qp(th: &Thread, a: Args) -> R {
    let [data, header] = habu_runtime::args!(th, a, "a2b_qp", ["data", "header"], 0, 1, 2);
    let s = ascii(th, data.unwrap_or(Value::NONE))?;
    let header = flag(th, header, false)?;
    let digit = |c: Option<&u8>| c.and_then(|c| (*c as char).to_digit(16));
    let mut out = Vec::with_capacity(s.len());
    let mut i = 0;
    while i < s.len() {
        match s[i] {
            b'=' => {
                i += 1;
                match s.get(i) {
                    None => break,
                    // A soft line break.
                    Some(b'\n' | b'\r') => {
                        while i < s.len() && s[i] != b'\n' {
                            i += 1;
                        }
                        i += 1;
                    }
                    Some(b'=') => {
                        out.push(b'=');
                        i += 1;
                    }
                    _ => match (digit(s.get(i)), digit(s.get(i + 1))) {
                        (Some(h), Some(l)) => {
                            out.push((h << 4 | l) as u8);
                            i += 2;
                        }
                        _ => out.push(b'='),
                    },
                }
            }
            b'_' if header => {
                out.push(b' ');
                i += 1;
            }
            c => {
                out.push(c);
                i += 1;
            }
        }
    }
    bytes::new(th, &out)
}
fn b2a_qp(th: &Thread, a: Args) -> R {
    let [data, quote_tabs, is_text, header] = habu_runtime::args!(
        th,
        a,
        "b2a_qp",
        ["data", "quotetabs", "istext", "header"],
        0,
        1,
        4
    );
    let s = bytes::buffer(th, data.unwrap_or(Value::NONE))?;
    let quote_tabs = flag(th, quote_tabs, false)?;
    let is_text = flag(th, is_text, true)?;
    let header = flag(th, header, false)?;
    // Lines end as the first one does.
    let crlf = s
        .iter()
        .position(|c| *c == b'\n')
        .is_some_and(|i| i > 0 && s[i - 1] == b'\r');
    let (mut out, mut column) = (Vec::with_capacity(s.len()), 0);
    let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut i = 0;
    while i < s.len() {
        let c = s[i];
        let next = s.get(i + 1).copied();
        let line_end = |j: usize| {
            s.get(j) == Some(&b'\n') || (s.get(j) == Some(&b'\r') && s.get(j + 1) == Some(&b'\n'))
        };
        if is_text && line_end(i) {
            i += if c == b'\r' { 2 } else { 1 };
            out.extend_from_slice(end);
            column = 0;
            continue;
        }
        let last = i + 1 == s.len();
        let at_end = last || (is_text && line_end(i + 1) && !(header && c == b' '));
        let quoted = c > 126
            || c == b'='
            || (header && c == b'_')
            || (c == b'.' && column == 0 && (last || matches!(next, Some(b'\n' | b'\r' | 0))))
            || (!is_text && (c == b'\r' || c == b'\n'))
            || ((c == b'\t' || c == b' ') && (at_end || quote_tabs))
            || (c < 33 && !matches!(c, b'\r' | b'\n' | b'\t' | b' '))
            || (is_text && c == b'\r');
        let size = if quoted { 3 } else { 1 };
        // 76 columns with the `=` of a soft break.
        let stays = !quoted && (last || next == Some(b'\n'));
        if column + size >= 76 && !stays {
            out.push(b'=');
            out.extend_from_slice(end);
            column = 0;
        }
        if quoted {
            out.extend_from_slice(format!("={c:02X}").as_bytes());
        } else {
            out.push(if header && c == b' ' { b'_' } else { c });
        }
        column += size;
        i += 1;
    }
    bytes::new(th, &out)
}

/// The checksum to go on from, cut to 32 bits.
pub fn start(th: &Thread, a: &[Value]) -> R<u32> {
    match a.get(1) {
        Some(&v) => {
            let mask = Value::small_int(0xffff_ffff);
            let n = ops::binary::binary(th, habu_bytecode::opcode::binary::AND, v, mask)?;
            Ok(parse::as_isize(th, n)? as u32)
        }
        None => Ok(0),
    }
}
pub fn crc32(th: &Thread, a: &[Value]) -> R {
    let b = bytes::buffer(th, a[0])?;
    let mut h = crc32fast::Hasher::new_with_initial(start(th, a)?);
    h.update(b);
    Ok(Value::small_int(h.finalize() as i64))
}
fn crc_hqx(th: &Thread, v: Value, crc: Value) -> R {
    let b = bytes::buffer(th, v)?;
    let mut crc = start(th, &[v, crc])? & 0xffff;
    for &x in b {
        crc ^= (x as u32) << 8;
        for _ in 0..8 {
            crc = (crc << 1 ^ if crc & 0x8000 != 0 { 0x1021 } else { 0 }) & 0xffff;
        }
    }
    int::from_i64(th, crc as i64)
}

static FUNCTIONS: [MethodDef; 12] = [
    mk("hexlify", hexlify),
    mk("b2a_hex", hexlify),
    m1("unhexlify", unhexlify).sig("($module, hexstr, /)"),
    m1("a2b_hex", unhexlify).sig("($module, hexstr, /)"),
    mk("b2a_base64", b2a_base64).sig("($module, data, /, *, newline=True)"),
    mk("a2b_base64", a2b_base64).sig("($module, data, /, *, strict_mode=False)"),
    mk("b2a_uu", b2a_uu).sig("($module, data, /, *, backtick=False)"),
    m1("a2b_uu", a2b_uu).sig("($module, data, /)"),
    mk("a2b_qp", a2b_qp).sig("($module, /, data, header=False)"),
    mk("b2a_qp", b2a_qp).sig("($module, /, data, quotetabs=False, istext=True, header=False)"),
    mv("crc32", crc32, 1, 2).sig("($module, data, crc=0, /)"),
    m2("crc_hqx", crc_hqx).sig("($module, data, crc, /)"),
];
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let b = m::new(th, "binascii", &FUNCTIONS)?;
    own_errors::add(th, b, "binascii", "Error", C::ValueError)?;
    own_errors::add(th, b, "binascii", "Incomplete", C::Exception)?;
    Ok(b)
}

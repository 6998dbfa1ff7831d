//! `format()` and the format mini-language of the numbers and `str`. Floats become digits in `format/float.rs`.

use crate::classes::C;
use crate::core::class::{special_of, type_name};
use crate::core::string::{self, Builder, Filler};
use crate::error::{out_of_memory, raise, type_error, value_error};
use crate::names::N;
use crate::object::*;
use crate::ops::call::call_special;
use crate::thread::{R, Raised, Thread};
use crate::types;
use crate::unicode;
use habu_heap::Value;

mod float;
pub use float::{ADD_DOT_0, ALT, NO_NEG_0, double_to_string};

/// `format(v, spec)`; `spec` is a str.
pub fn format(th: &Thread, v: Value, spec: Value) -> R {
    let Some(s) = spec.cast::<StrObj>() else {
        return Err(type_error(
            th,
            &format!("Format specifier must be a string, not {}", type_name(spec)),
        ));
    };
    if s.is_empty() {
        if v.shape() == C::Str.shape() {
            return Ok(v);
        }
        if v.is_int() || v.shape() == C::Int.shape() {
            return types::int::to_text(th, v);
        }
    }
    if let Some(f) = v.as_float() {
        return format_float(th, v, f, s);
    }
    if v.is_int() {
        return format_int(th, v, s);
    }
    if v.shape() == C::Str.shape() {
        // SAFETY: exactly a str.
        return format_str(th, unsafe { v.cast_unchecked() }, s);
    }
    let Some(f) = special_of(v, N::Format) else {
        return Err(type_error(
            th,
            &format!("Type {} doesn't define __format__", type_name(v)),
        ));
    };
    let r = call_special(th, f, v, &[spec])?;
    if r.is::<StrObj>() {
        return Ok(r);
    }
    Err(type_error(
        th,
        &format!("__format__ must return a str, not {}", type_name(r)),
    ))
}

/// The argument of a `__format__` method.
pub fn spec_arg(th: &Thread, spec: Value) -> R<Gc<StrObj>> {
    match spec.cast::<StrObj>() {
        Some(s) => Ok(s),
        None => Err(type_error(
            th,
            &format!(
                "__format__() argument must be str, not {}",
                types::string::arg_type(spec)
            ),
        )),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    No,
    Comma,
    Underscore,
    UnderFour,
}

impl Group {
    fn size(self) -> usize {
        match self {
            Group::No => usize::MAX,
            Group::UnderFour => 4,
            _ => 3,
        }
    }
    fn char(self) -> char {
        if self == Group::Comma { ',' } else { '_' }
    }
}

/// A parsed specifier; characters as code points, 0 where absent.
#[derive(Clone, Copy)]
struct Spec {
    fill: u32,
    align: u8,
    sign: u8,
    no_neg_0: bool,
    alternate: bool,
    width: Option<usize>,
    group: Group,
    frac_group: Group,
    precision: Option<usize>,
    kind: u32,
}

fn too_many_digits(th: &Thread) -> Raised {
    value_error(th, "Too many decimal digits in format string")
}

fn integer(th: &Thread, s: &[u32], pos: &mut usize) -> R<Option<usize>> {
    let start = *pos;
    let mut n = 0usize;
    while let Some(d) = s.get(*pos).and_then(|&c| unicode::decimal_value(c)) {
        n = match n.checked_mul(10).and_then(|n| n.checked_add(d as usize)) {
            Some(n) if n <= isize::MAX as usize => n,
            _ => return Err(too_many_digits(th)),
        };
        *pos += 1;
    }
    Ok((*pos > start).then_some(n))
}

fn is_align(c: Option<&u32>) -> Option<u8> {
    match c {
        Some(&c @ (0x3c | 0x3d | 0x3e | 0x5e)) => Some(c as u8),
        _ => None,
    }
}

fn both_separators(th: &Thread) -> Raised {
    value_error(th, "Cannot specify both ',' and '_'.")
}

fn shown(c: u32) -> String {
    if (33..128).contains(&c) {
        (c as u8 as char).to_string()
    } else {
        format!("\\x{c:x}")
    }
}

fn bad_separator(th: &Thread, g: Group, kind: u32) -> Raised {
    value_error(
        th,
        &format!("Cannot specify '{}' with '{}'.", g.char(), shown(kind)),
    )
}

fn unknown_code(th: &Thread, kind: u32, v: Value) -> Raised {
    value_error(
        th,
        &format!(
            "Unknown format code '{}' for object of type '{}'",
            shown(kind),
            type_name(v)
        ),
    )
}

fn parse(th: &Thread, v: Value, text: Gc<StrObj>, default_kind: u8, default_align: u8) -> R<Spec> {
    let (mut few, many);
    let s: &[u32] = if text.len() <= 16 {
        few = [0; 16];
        for (to, c) in few.iter_mut().zip(text.chars()) {
            *to = c;
        }
        &few[..text.len()]
    } else {
        many = text.chars().collect::<Vec<u32>>();
        &many
    };
    let mut f = Spec {
        fill: 32,
        align: default_align,
        sign: 0,
        no_neg_0: false,
        alternate: false,
        width: None,
        group: Group::No,
        frac_group: Group::No,
        precision: None,
        kind: default_kind as u32,
    };
    let mut pos = 0;
    let (mut fill_given, mut align_given) = (false, false);
    if let Some(a) = is_align(s.get(1)) {
        f.align = a;
        f.fill = s[0];
        (fill_given, align_given) = (true, true);
        pos = 2;
    } else if let Some(a) = is_align(s.first()) {
        f.align = a;
        align_given = true;
        pos = 1;
    }
    let at = |pos: usize, c: u8| s.get(pos) == Some(&(c as u32));
    if let Some(&c @ (0x2b | 0x2d | 0x20)) = s.get(pos) {
        f.sign = c as u8;
        pos += 1;
    }
    if at(pos, b'z') {
        f.no_neg_0 = true;
        pos += 1;
    }
    if at(pos, b'#') {
        f.alternate = true;
        pos += 1;
    }
    if !fill_given && at(pos, b'0') {
        f.fill = b'0' as u32;
        if !align_given && default_align == b'>' {
            f.align = b'=';
        }
        pos += 1;
    }
    f.width = integer(th, s, &mut pos)?;
    let separators = |pos: &mut usize| -> R<Group> {
        let mut g = Group::No;
        if at(*pos, b',') {
            g = Group::Comma;
            *pos += 1;
        }
        if at(*pos, b'_') {
            if g != Group::No {
                return Err(both_separators(th));
            }
            g = Group::Underscore;
            *pos += 1;
        }
        if at(*pos, b',') && g == Group::Underscore {
            return Err(both_separators(th));
        }
        Ok(g)
    };
    f.group = separators(&mut pos)?;
    if at(pos, b'.') {
        pos += 1;
        f.precision = integer(th, s, &mut pos)?;
        f.frac_group = separators(&mut pos)?;
        if f.precision.is_none() && f.frac_group == Group::No {
            return Err(value_error(th, "Format specifier missing precision"));
        }
    }
    if s.len() - pos > 1 {
        return Err(value_error(
            th,
            &format!(
                "Invalid format specifier '{}' for object of type '{}'",
                text.to_rust(),
                type_name(v)
            ),
        ));
    }
    if let Some(&c) = s.get(pos) {
        f.kind = c;
    }
    let float_kind = matches!(f.kind, 0 | 0x65 | 0x66 | 0x67 | 0x45 | 0x47 | 0x25 | 0x46);
    if f.group != Group::No && !float_kind && f.kind != b'd' as u32 {
        let radix = [b'b', b'o', b'x', b'X'].iter().any(|&c| c as u32 == f.kind);
        if radix && f.group == Group::Underscore {
            f.group = Group::UnderFour;
        } else {
            return Err(bad_separator(th, f.group, f.kind));
        }
    }
    if f.frac_group != Group::No && !float_kind {
        return Err(bad_separator(th, f.frac_group, f.kind));
    }
    Ok(f)
}

/// Room on the left and right of `n` characters.
fn padding(f: &Spec, n: usize) -> (usize, usize) {
    let room = f.width.unwrap_or(0).saturating_sub(n);
    let left = match f.align {
        b'>' => room,
        b'^' => room / 2,
        _ => 0,
    };
    (left, room - left)
}

fn check_width(th: &Thread, f: &Spec) -> R<()> {
    if f.width.unwrap_or(0) > 1 << 36 {
        Err(out_of_memory(th))
    } else {
        Ok(())
    }
}

fn fill(out: &mut Builder, c: u32, n: usize) {
    for _ in 0..n {
        out.push_char(c);
    }
}

pub fn format_str(th: &Thread, s: Gc<StrObj>, spec: Gc<StrObj>) -> R {
    if spec.is_empty() {
        return types::string::exact_str(th, s).map(|s| s.value());
    }
    let f = parse(th, s.value(), spec, b's', b'<')?;
    if f.kind != b's' as u32 {
        return Err(unknown_code(th, f.kind, s.value()));
    }
    let text = match (f.sign, f.no_neg_0, f.alternate, f.align) {
        (b' ', ..) => "Space not allowed in string format specifier",
        (1.., ..) => "Sign not allowed in string format specifier",
        (_, true, ..) => "Negative zero coercion (z) not allowed in string format specifier",
        (_, _, true, _) => "Alternate form (#) not allowed in string format specifier",
        (.., b'=') => "'=' alignment not allowed in string format specifier",
        _ => "",
    };
    if !text.is_empty() {
        return Err(value_error(th, text));
    }
    let n = s.len().min(f.precision.unwrap_or(usize::MAX));
    check_width(th, &f)?;
    let (left, right) = padding(&f, n);
    if left + right == 0 {
        return Ok(string::slice(th, s, 0, n)?.value());
    }
    if let (string::Units::One(text), 0..256) = (s.units(), f.fill)
        && n + left + right > 1
    {
        let ascii = s.is_ascii() && f.fill < 128;
        let s = string::build(th, n + left + right, ascii, |to| {
            let mut out = Filler::new(to);
            out.push_many(f.fill as u8, left);
            out.push(&text[..n]);
            out.push_many(f.fill as u8, right);
        })?;
        return Ok(s.value());
    }
    let mut out = Builder::with_width(s.width_log2(), n + left + right);
    fill(&mut out, f.fill, left);
    out.push_range(s, 0, n);
    fill(&mut out, f.fill, right);
    out.finish_value(th)
}

/// Digits in groups from the right, at least `min` wide (with zeros).
fn group_digits(digits: &str, g: Group, min: usize) -> String {
    let size = g.size();
    if size == usize::MAX && digits.len() >= min {
        return digits.into();
    }
    let mut left = digits.len();
    let mut min = min as i64;
    let mut out: Vec<u8> = Vec::with_capacity(digits.len() + digits.len() / 3 + 1);
    let d = digits.as_bytes();
    // Built backwards.
    let mut first = true;
    loop {
        if !first {
            out.push(g.char() as u8);
        }
        first = false;
        let l = size.min(left.max(min.max(1) as usize));
        for _ in 0..l {
            if left > 0 {
                left -= 1;
                out.push(d[left]);
            } else {
                out.push(b'0');
            }
        }
        min -= l as i64;
        if left == 0 && min <= 0 {
            break;
        }
        min -= 1;
    }
    out.reverse();
    String::from_utf8(out).unwrap_or_default()
}

/// Fraction digits in groups from the left.
fn group_fraction(digits: &str, g: Group) -> String {
    if g == Group::No {
        return digits.into();
    }
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && i % 3 == 0 {
            out.push(g.char());
        }
        out.push(c);
    }
    out
}

/// The parts of a number: what stands between the padding.
struct Number<'a> {
    negative: bool,
    prefix: &'a str,
    digits: &'a str,
    /// With its point.
    has_point: bool,
    fraction: &'a str,
    rest: &'a str,
}

impl<'a> Number<'a> {
    /// Take `text` (without prefix) apart.
    fn of(text: &'a str) -> Number<'a> {
        let negative = text.starts_with('-');
        let body = &text[negative as usize..];
        let digits_in = |s: &str| {
            let other = s.bytes().position(|c| !c.is_ascii_digit());
            other.unwrap_or(s.len())
        };
        let end = digits_in(body);
        let (digits, tail) = body.split_at(end);
        let has_point = tail.starts_with('.');
        let tail = &tail[has_point as usize..];
        let end = if has_point { digits_in(tail) } else { 0 };
        let (fraction, rest) = tail.split_at(end);
        Number {
            negative,
            prefix: "",
            digits,
            has_point,
            fraction,
            rest,
        }
    }
}

/// Sign, prefix, padding and grouping: returns what stands before and after the `=` padding.
fn layout(f: &Spec, n: &Number) -> (String, String) {
    let mut head = String::new();
    match (f.sign, n.negative) {
        (_, true) => head.push('-'),
        (b'+', false) => head.push('+'),
        (b' ', false) => head.push(' '),
        _ => {}
    }
    head.push_str(n.prefix);
    let fraction = group_fraction(n.fraction, f.frac_group);
    let others = head.len() + n.has_point as usize + fraction.len() + n.rest.len();
    let min = if f.fill == b'0' as u32 && f.align == b'=' {
        f.width.unwrap_or(0).saturating_sub(others)
    } else {
        0
    };
    let mut body = if n.digits.is_empty() {
        String::new()
    } else {
        group_digits(n.digits, f.group, min)
    };
    if n.has_point {
        body.push('.');
    }
    body.push_str(&fraction);
    body.push_str(n.rest);
    (head, body)
}

/// A number whose digits stay together, with a one-byte fill: written where the string will be. `None` for others.
fn emit_plain(th: &Thread, f: &Spec, n: &Number) -> Option<R> {
    if f.group != Group::No || f.frac_group != Group::No || f.fill > 255 {
        return None;
    }
    let sign: &[u8] = match (f.sign, n.negative) {
        (_, true) => b"-",
        (b'+', false) => b"+",
        (b' ', false) => b" ",
        _ => b"",
    };
    let point: &[u8] = if n.has_point { b"." } else { b"" };
    let head = sign.len() + n.prefix.len();
    let body = n.digits.len() + point.len() + n.fraction.len() + n.rest.len();
    let room = f.width.unwrap_or(0).saturating_sub(head + body);
    let (left, middle, right) = if f.align == b'=' {
        (0, room, 0)
    } else {
        let (left, right) = padding(f, head + body);
        (left, 0, right)
    };
    let len = head + body + room;
    if len < 2 {
        return None;
    }
    let ascii = f.fill < 128 || room == 0;
    let s = string::build(th, len, ascii, |to| {
        let mut out = Filler::new(to);
        let fill = f.fill as u8;
        out.push_many(fill, left);
        out.push(sign);
        out.push(n.prefix.as_bytes());
        out.push_many(fill, middle);
        out.push(n.digits.as_bytes());
        out.push(point);
        out.push(n.fraction.as_bytes());
        out.push(n.rest.as_bytes());
        out.push_many(fill, right);
    });
    Some(s.map(|s| s.value()))
}

fn emit(th: &Thread, f: &Spec, n: &Number) -> R {
    check_width(th, f)?;
    if let Some(r) = emit_plain(th, f, n) {
        return r;
    }
    let (head, body) = layout(f, n);
    let len = head.len() + body.len();
    let room = f.width.unwrap_or(0).saturating_sub(len);
    if room == 0 {
        let mut s = head;
        s.push_str(&body);
        return Ok(string::ascii(th, s.as_bytes())?.value());
    }
    let mut out = Builder::with_width(if f.fill > 255 { 2 } else { 0 }, len + room);
    if f.align == b'=' {
        out.push_str(&head);
        fill(&mut out, f.fill, room);
        out.push_str(&body);
    } else {
        let (left, right) = padding(f, len);
        fill(&mut out, f.fill, left);
        out.push_str(&head);
        out.push_str(&body);
        fill(&mut out, f.fill, right);
    }
    out.finish_value(th)
}

pub fn format_int(th: &Thread, v: Value, spec: Gc<StrObj>) -> R {
    if spec.is_empty() {
        return crate::ops::repr::str(th, v);
    }
    let f = parse(th, v, spec, b'd', b'>')?;
    let kind = char::from_u32(f.kind).unwrap_or('\0');
    let radix = match kind {
        'b' => 2u32,
        'o' => 8,
        'x' | 'X' => 16,
        'd' | 'n' => 10,
        'c' => 0,
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => {
            return match crate::core::int::to_f64(v) {
                Some(x) => float_spec(th, v, x, f),
                None => Err(types::float::int_too_large(th)),
            };
        }
        _ => return Err(unknown_code(th, f.kind, v)),
    };
    if f.precision.is_some() || f.frac_group != Group::No {
        return Err(value_error(
            th,
            "Precision not allowed in integer format specifier",
        ));
    }
    if f.no_neg_0 {
        return Err(value_error(
            th,
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    if radix == 0 {
        return format_char(th, v, &f);
    }
    let mut buffer: types::int::Digits = [0; 65];
    let long;
    let (negative, digits) = match crate::core::int::to_i64(v) {
        Some(i) => {
            let m = i.unsigned_abs();
            let at = match radix {
                10 => types::int::write_decimal(m, &mut buffer),
                r => types::int::write_radix(m, r.trailing_zeros(), kind == 'X', &mut buffer),
            };
            (
                i < 0,
                std::str::from_utf8(&buffer[at..]).unwrap_or_default(),
            )
        }
        None => {
            let (negative, mut digits) = if radix == 10 {
                let s = types::int::limited(th, v)?;
                match s.strip_prefix('-') {
                    Some(d) => (true, d.to_string()),
                    None => (false, s),
                }
            } else {
                types::int::magnitude_digits(v, radix)
            };
            if kind == 'X' {
                digits.make_ascii_uppercase();
            }
            long = digits;
            (negative, long.as_str())
        }
    };
    let prefix = match kind {
        _ if !f.alternate => "",
        'b' => "0b",
        'o' => "0o",
        'x' => "0x",
        'X' => "0X",
        _ => "",
    };
    emit(
        th,
        &f,
        &Number {
            negative,
            prefix,
            digits,
            has_point: false,
            fraction: "",
            rest: "",
        },
    )
}

fn format_char(th: &Thread, v: Value, f: &Spec) -> R {
    if f.sign != 0 {
        return Err(value_error(
            th,
            "Sign not allowed with integer format specifier 'c'",
        ));
    }
    if f.alternate {
        return Err(value_error(
            th,
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    let c = match crate::core::int::to_i64(v) {
        Some(i) if (0..0x110000).contains(&i) => i as u32,
        Some(_) => return Err(raise(th, C::OverflowError, "%c arg not in range(0x110000)")),
        None => {
            return Err(raise(
                th,
                C::OverflowError,
                "Python int too large to convert to C long",
            ));
        }
    };
    check_width(th, f)?;
    let (left, right) = padding(f, 1);
    let (left, right) = if f.align == b'=' {
        (left + right, 0)
    } else {
        (left, right)
    };
    let mut out = Builder::new();
    fill(&mut out, f.fill, left);
    out.push_char(c);
    fill(&mut out, f.fill, right);
    out.finish_value(th)
}

/// `v` is the object for error texts, `x` its number.
pub fn format_float(th: &Thread, v: Value, x: f64, spec: Gc<StrObj>) -> R {
    if spec.is_empty() {
        if v.is_float() || v.shape() == C::Float.shape() {
            return string::new_value(th, &types::float::repr_f64(x));
        }
        return crate::ops::repr::str(th, v);
    }
    let f = parse(th, v, spec, 0, b'>')?;
    match f.kind {
        0 | 0x65 | 0x45 | 0x66 | 0x46 | 0x67 | 0x47 | 0x6e | 0x25 => float_spec(th, v, x, f),
        _ => Err(unknown_code(th, f.kind, v)),
    }
}

/// Presentation type, precision and flags for a float part.
fn float_kind(th: &Thread, f: &Spec, dot_0: bool) -> R<(u8, usize, u32)> {
    if f.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(value_error(th, "precision too big"));
    }
    let mut flags = if f.alternate { ALT } else { 0 };
    if f.no_neg_0 {
        flags |= NO_NEG_0;
    }
    let kind = match f.kind {
        0 => b'r',
        0x6e => b'g',
        0x25 => b'f',
        k => k as u8,
    };
    if f.kind == 0 && dot_0 {
        flags |= ADD_DOT_0;
    }
    Ok(match f.precision {
        None => (kind, if kind == b'r' { 0 } else { 6 }, flags),
        Some(p) => (if kind == b'r' { b'g' } else { kind }, p, flags),
    })
}

fn float_spec(th: &Thread, _v: Value, x: f64, f: Spec) -> R {
    let (kind, precision, flags) = float_kind(th, &f, true)?;
    let percent = f.kind == b'%' as u32;
    let mut text = double_to_string(if percent { x * 100.0 } else { x }, kind, precision, flags);
    if percent {
        text.push('%');
    }
    emit(th, &f, &Number::of(&text))
}

pub fn format_complex(th: &Thread, v: Value, re: f64, im: f64, spec: Gc<StrObj>) -> R {
    if spec.is_empty() {
        return crate::ops::repr::str(th, v);
    }
    let f = parse(th, v, spec, 0, b'>')?;
    if !matches!(f.kind, 0 | 0x65 | 0x45 | 0x66 | 0x46 | 0x67 | 0x47 | 0x6e) {
        return Err(unknown_code(th, f.kind, v));
    }
    if f.fill == b'0' as u32 {
        return Err(value_error(
            th,
            "Zero padding is not allowed in complex format specifier",
        ));
    }
    if f.align == b'=' {
        return Err(value_error(
            th,
            "'=' alignment flag is not allowed in complex format specifier",
        ));
    }
    let (kind, precision, flags) = float_kind(th, &f, false)?;
    let skip_re = f.kind == 0 && re == 0.0 && re.is_sign_positive();
    let parens = f.kind == 0 && !skip_re;
    let mut part = Spec {
        width: None,
        align: b'<',
        fill: 32,
        ..f
    };
    let mut text = String::new();
    if parens {
        text.push('(');
    }
    if !skip_re {
        let (h, b) = layout(
            &part,
            &Number::of(&double_to_string(re, kind, precision, flags)),
        );
        text.push_str(&h);
        text.push_str(&b);
        part.sign = b'+';
    }
    let (h, b) = layout(
        &part,
        &Number::of(&double_to_string(im, kind, precision, flags)),
    );
    text.push_str(&h);
    text.push_str(&b);
    text.push('j');
    if parens {
        text.push(')');
    }
    check_width(th, &f)?;
    let (left, right) = padding(&f, text.len());
    let mut out = Builder::new();
    fill(&mut out, f.fill, left);
    out.push_str(&text);
    fill(&mut out, f.fill, right);
    out.finish_value(th)
}

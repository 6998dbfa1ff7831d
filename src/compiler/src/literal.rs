//! Values of literals the parser crate cannot represent: lone surrogates in strings, integers beyond 64 bits.

use habu_bytecode::Const;

/// Most decimal digits an integer literal may have (CPython's default limit).
const MAX_DECIMAL_DIGITS: usize = 4300;

/// Decodes the text between the quotes of a string literal; in f-strings `{{` and `}}` stand for one brace.
pub fn decode_text(text: &str, raw: bool, braces: bool) -> Const {
    let mut out: Vec<u32> = Vec::with_capacity(text.len());
    let mut it = text.chars().peekable();
    while let Some(c) = it.next() {
        if braces && (c == '{' || c == '}') && it.peek() == Some(&c) {
            it.next();
            out.push(c as u32);
            continue;
        }
        if c != '\\' || raw {
            out.push(c as u32);
            continue;
        }
        let Some(e) = it.next() else {
            out.push('\\' as u32);
            break;
        };
        let hex = |it: &mut std::iter::Peekable<std::str::Chars>, n: usize| -> u32 {
            let mut v: u32 = 0;
            for _ in 0..n {
                match it.peek().and_then(|c| c.to_digit(16)) {
                    Some(d) => {
                        v = v.wrapping_mul(16).wrapping_add(d);
                        it.next();
                    }
                    None => break,
                }
            }
            v
        };
        match e {
            '\n' => {}
            '\\' | '\'' | '"' => out.push(e as u32),
            'a' => out.push(7),
            'b' => out.push(8),
            'f' => out.push(12),
            'n' => out.push(10),
            'r' => out.push(13),
            't' => out.push(9),
            'v' => out.push(11),
            '0'..='7' => {
                let mut v = e as u32 - '0' as u32;
                for _ in 0..2 {
                    match it.peek().and_then(|c| c.to_digit(8)) {
                        Some(d) => {
                            v = v * 8 + d;
                            it.next();
                        }
                        None => break,
                    }
                }
                out.push(v);
            }
            'x' => out.push(hex(&mut it, 2)),
            'u' => out.push(hex(&mut it, 4)),
            'U' => out.push(hex(&mut it, 8)),
            'N' if it.peek() == Some(&'{') => {
                it.next();
                let mut name = String::new();
                for c in it.by_ref() {
                    if c == '}' {
                        break;
                    }
                    name.push(c);
                }
                out.push(crate::escapes::named_character(&name).map_or(0xFFFD, |c| c as u32));
            }
            _ => {
                out.push('\\' as u32);
                out.push(e as u32);
            }
        }
    }
    text_const(out)
}

/// `Str` where possible, else `Surrogates`.
pub fn text_const(points: Vec<u32>) -> Const {
    match points
        .iter()
        .map(|p| char::from_u32(*p))
        .collect::<Option<String>>()
    {
        Some(s) => Const::Str(s.into()),
        None => Const::Surrogates(points.into()),
    }
}

/// The code points of a text constant.
pub fn code_points(c: &Const) -> Vec<u32> {
    match c {
        Const::Str(s) => s.chars().map(|c| c as u32).collect(),
        Const::Surrogates(p) => p.to_vec(),
        _ => Vec::new(),
    }
}

pub fn concat(mut parts: Vec<Const>) -> Const {
    if parts.len() == 1 {
        return parts.pop().unwrap_or(Const::None);
    }
    let mut text = String::new();
    for p in &parts {
        match p {
            Const::Str(s) => text.push_str(s),
            _ => return text_const(parts.iter().flat_map(code_points).collect()),
        }
    }
    Const::Str(text.into())
}

/// An integer literal too large for `u64`, as written in the source.
pub fn big_int(text: &str) -> Result<Const, String> {
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    let lower = digits.to_ascii_lowercase();
    let hex = if let Some(h) = lower.strip_prefix("0x") {
        h.trim_start_matches('0').to_string()
    } else if let Some(b) = lower.strip_prefix("0b") {
        from_bits(b.chars().map(|c| c == '1'))
    } else if let Some(o) = lower.strip_prefix("0o") {
        let bits: Vec<bool> = o
            .chars()
            .flat_map(|c| {
                let d = c.to_digit(8).unwrap_or(0);
                [d & 4 != 0, d & 2 != 0, d & 1 != 0]
            })
            .collect();
        from_bits(bits.into_iter())
    } else {
        if lower.len() > MAX_DECIMAL_DIGITS {
            return Err(format!(
                "Exceeds the limit ({MAX_DECIMAL_DIGITS} digits) for integer string conversion: value has {} digits; \
                 use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer \
                 literals to avoid decimal conversion limits.",
                lower.len()
            ));
        }
        decimal_to_hex(&lower)
    };
    Ok(Const::BigInt {
        negative: false,
        hex,
    })
}

fn from_bits(bits: impl Iterator<Item = bool>) -> String {
    let bits: Vec<bool> = bits.skip_while(|b| !b).collect();
    let mut out = String::with_capacity(bits.len() / 4 + 1);
    let head = bits.len() % 4;
    let mut push = |chunk: &[bool]| {
        let v = chunk.iter().fold(0, |v, b| v * 2 + u32::from(*b));
        out.extend(char::from_digit(v, 16));
    };
    if head > 0 {
        push(&bits[..head]);
    }
    bits[head..].chunks(4).for_each(&mut push);
    out
}

fn decimal_to_hex(digits: &str) -> String {
    let mut limbs: Vec<u32> = Vec::new();
    for chunk in digits.as_bytes().chunks(9) {
        let mut carry = chunk
            .iter()
            .fold(0u64, |v, d| v * 10 + u64::from(d.wrapping_sub(b'0')));
        let scale = 10u64.pow(chunk.len() as u32);
        for l in &mut limbs {
            let v = u64::from(*l) * scale + carry;
            *l = v as u32;
            carry = v >> 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    let mut out = String::new();
    for (i, l) in limbs.iter().rev().enumerate() {
        if i == 0 {
            out.push_str(&format!("{l:x}"));
        } else {
            out.push_str(&format!("{l:08x}"));
        }
    }
    out
}

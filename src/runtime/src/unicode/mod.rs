//! What Python asks of characters: classes and case mappings, by code point. The tables are Unicode 16's, written
//! by `generate.py`.

// As generated: one entry a line would be thousands of lines.
#[rustfmt::skip]
mod tables;

use tables as t;

/// A case mapping: one to three code points.
#[derive(Clone, Copy)]
pub struct Mapped {
    chars: [u32; 3],
    len: u8,
}

impl Mapped {
    #[inline]
    pub fn one(c: u32) -> Mapped {
        Mapped {
            chars: [c, 0, 0],
            len: 1,
        }
    }
    #[inline]
    pub fn as_slice(&self) -> &[u32] {
        &self.chars[..self.len as usize]
    }
}

#[inline]
fn flags(c: u32) -> u16 {
    let page = match t::INDEX.get((c >> 7) as usize) {
        Some(&p) => p,
        None => t::INDEX[t::INDEX.len() - 1],
    };
    t::RECORDS[t::PAGES[(page as usize) << 7 | (c & 127) as usize] as usize]
}

#[inline]
fn has(c: u32, f: u16) -> bool {
    flags(c) & f != 0
}

macro_rules! questions {
    ($($(#[$m:meta])* $name:ident = $flag:expr;)*) => {$(
        $(#[$m])*
        #[inline]
        pub fn $name(c: u32) -> bool {
            has(c, $flag)
        }
    )*};
}

questions! {
    is_alpha = t::ALPHA;
    is_decimal = t::DECIMAL;
    is_digit = t::DIGIT;
    is_numeric = t::NUMERIC;
    is_space = t::SPACE;
    /// Where `str.splitlines` splits.
    is_linebreak = t::LINEBREAK;
    is_printable = t::PRINTABLE;
    is_lower = t::LOWER;
    is_upper = t::UPPER;
    is_title = t::TITLE;
    is_cased = t::LOWER | t::UPPER | t::TITLE;
    is_case_ignorable = t::CASE_IGNORABLE;
    is_xid_start = t::XID_START;
    is_xid_continue = t::XID_CONTINUE;
}

/// 0 to 9 for the decimal digits of all scripts.
#[inline]
pub fn decimal_value(c: u32) -> Option<u8> {
    if c < 128 {
        return (48..58).contains(&c).then(|| (c - 48) as u8);
    }
    if !is_decimal(c) {
        return None;
    }
    let i = t::DECIMALS.partition_point(|&start| start <= c);
    Some((c - t::DECIMALS[i - 1]) as u8)
}

/// The same, with superscripts, circled digits and their like.
pub fn digit_value(c: u32) -> Option<u8> {
    decimal_value(c).or_else(|| {
        let i = t::DIGITS.binary_search_by_key(&c, |d| d.0).ok()?;
        Some(t::DIGITS[i].1)
    })
}

fn find(c: u32, one: &[(u32, u32)], many: &[(u32, [u32; 3], u8)]) -> Option<Mapped> {
    if let Ok(i) = one.binary_search_by_key(&c, |m| m.0) {
        return Some(Mapped::one(one[i].1));
    }
    let i = many.binary_search_by_key(&c, |m| m.0).ok()?;
    Some(Mapped {
        chars: many[i].1,
        len: many[i].2,
    })
}

/// Lowercase of one character, without regard to its neighbours.
pub fn to_lower(c: u32) -> Mapped {
    if c < 128 {
        return Mapped::one((c as u8).to_ascii_lowercase() as u32);
    }
    if !has(c, t::MAPPED) {
        return Mapped::one(c);
    }
    find(c, &t::LOWER_ONE, &t::LOWER_MANY).unwrap_or(Mapped::one(c))
}

pub fn to_upper(c: u32) -> Mapped {
    if c < 128 {
        return Mapped::one((c as u8).to_ascii_uppercase() as u32);
    }
    if !has(c, t::MAPPED) {
        return Mapped::one(c);
    }
    find(c, &t::UPPER_ONE, &t::UPPER_MANY).unwrap_or(Mapped::one(c))
}

pub fn to_title(c: u32) -> Mapped {
    if c < 128 || !has(c, t::MAPPED) {
        return to_upper(c);
    }
    find(c, &t::TITLE_ONE, &t::TITLE_MANY).unwrap_or_else(|| to_upper(c))
}

pub fn to_folded(c: u32) -> Mapped {
    if c < 128 || !has(c, t::MAPPED) {
        return to_lower(c);
    }
    find(c, &t::FOLDED_ONE, &t::FOLDED_MANY).unwrap_or_else(|| to_lower(c))
}

/// The character's name.
pub fn name(c: u32) -> Option<String> {
    char::from_u32(c).and_then(habu_compiler::character_name)
}

/// The character of a name or alias, as literals have it.
pub fn lookup_name(name: &str) -> Option<u32> {
    habu_compiler::named_character(name).map(|c| c as u32)
}

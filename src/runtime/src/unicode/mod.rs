//! What Python asks of characters: classes and case mappings, by code point.

/// A case mapping: one to three code points.
#[derive(Clone, Copy)]
pub struct Mapped {
    chars: [u32; 3],
    len: u8,
}

impl Mapped {
    pub fn one(c: u32) -> Mapped {
        Mapped { chars: [c, 0, 0], len: 1 }
    }
    pub fn as_slice(&self) -> &[u32] {
        &self.chars[..self.len as usize]
    }
    fn of(it: impl Iterator<Item = char>) -> Mapped {
        let mut m = Mapped { chars: [0; 3], len: 0 };
        for c in it {
            m.chars[m.len as usize] = c as u32;
            m.len += 1;
        }
        m
    }
}

fn ch(c: u32) -> char {
    char::from_u32(c).unwrap_or('\u{fffe}')
}
pub fn is_alpha(c: u32) -> bool {
    ch(c).is_alphabetic()
}
pub fn is_decimal(c: u32) -> bool {
    decimal_value(c).is_some()
}
pub fn is_digit(c: u32) -> bool {
    decimal_value(c).is_some()
}
pub fn decimal_value(c: u32) -> Option<u8> {
    (48..58).contains(&c).then(|| (c - 48) as u8)
}
pub fn digit_value(c: u32) -> Option<u8> {
    decimal_value(c)
}
pub fn is_numeric(c: u32) -> bool {
    ch(c).is_numeric()
}
pub fn is_space(c: u32) -> bool {
    matches!(c, 9..=13 | 28..=32) || c > 127 && ch(c).is_whitespace()
}
pub fn is_linebreak(c: u32) -> bool {
    matches!(c, 10..=13 | 28..=30 | 0x85 | 0x2028 | 0x2029)
}
pub fn is_printable(c: u32) -> bool {
    (32..127).contains(&c) || c > 160 && !ch(c).is_control() && !(0xd800..0xe000).contains(&c)
}
pub fn is_lower(c: u32) -> bool {
    ch(c).is_lowercase()
}
pub fn is_upper(c: u32) -> bool {
    ch(c).is_uppercase()
}
pub fn is_title(_c: u32) -> bool {
    false
}
pub fn is_cased(c: u32) -> bool {
    is_lower(c) || is_upper(c) || is_title(c)
}
pub fn is_case_ignorable(c: u32) -> bool {
    matches!(c, 0x27 | 0x2e | 0x3a | 0xad)
}
pub fn is_xid_start(c: u32) -> bool {
    ch(c).is_alphabetic()
}
pub fn is_xid_continue(c: u32) -> bool {
    ch(c).is_alphanumeric() || c == 95
}
pub fn to_lower(c: u32) -> Mapped {
    Mapped::of(ch(c).to_lowercase())
}
pub fn to_upper(c: u32) -> Mapped {
    Mapped::of(ch(c).to_uppercase())
}
pub fn to_title(c: u32) -> Mapped {
    to_upper(c)
}
pub fn to_folded(c: u32) -> Mapped {
    to_lower(c)
}

/// The character's name; not known yet.
pub fn name(_c: u32) -> Option<String> {
    None
}

/// The character of a name; not known yet.
pub fn lookup_name(_name: &str) -> Option<u32> {
    None
}

//! Characters as patterns see them: categories, sets and cases.

use super::code::{self, category as cat};
use habu_runtime::unicode;

#[inline]
pub fn lower_ascii(c: u32) -> u32 {
    if c < 128 {
        (c as u8).to_ascii_lowercase() as u32
    } else {
        c
    }
}
#[inline]
pub fn lower_unicode(c: u32) -> u32 {
    if c < 128 {
        return lower_ascii(c);
    }
    unicode::to_lower(c).as_slice()[0]
}
pub fn upper_unicode(c: u32) -> u32 {
    unicode::to_upper(c).as_slice()[0]
}
pub fn lower_locale(c: u32) -> u32 {
    // SAFETY: `tolower` accepts 0 to 255.
    if c < 256 {
        unsafe { libc::tolower(c as i32) as u32 }
    } else {
        c
    }
}
pub fn upper_locale(c: u32) -> u32 {
    // SAFETY: `toupper` accepts 0 to 255.
    if c < 256 {
        unsafe { libc::toupper(c as i32) as u32 }
    } else {
        c
    }
}
/// Does `c`, in any case of the locale, equal `want`?
pub fn same_locale(want: u32, c: u32) -> bool {
    c == want || lower_locale(c) == want || upper_locale(c) == want
}

pub fn word_ascii(c: u32) -> bool {
    c < 128 && ((c as u8).is_ascii_alphanumeric() || c == '_' as u32)
}
pub fn word_locale(c: u32) -> bool {
    // SAFETY: `isalnum` accepts 0 to 255.
    c < 256 && (c == '_' as u32 || unsafe { libc::isalnum(c as i32) != 0 })
}
pub fn word_unicode(c: u32) -> bool {
    if c < 128 {
        return word_ascii(c);
    }
    unicode::is_alpha(c) || unicode::is_decimal(c) || unicode::is_digit(c) || unicode::is_numeric(c)
}

#[inline]
pub fn in_category(k: u32, c: u32) -> bool {
    match k {
        cat::DIGIT => c.wrapping_sub(48) < 10,
        cat::NOT_DIGIT => c.wrapping_sub(48) >= 10,
        cat::SPACE => c == 32 || c.wrapping_sub(9) < 5,
        cat::NOT_SPACE => !(c == 32 || c.wrapping_sub(9) < 5),
        cat::WORD => word_ascii(c),
        cat::NOT_WORD => !word_ascii(c),
        cat::LINEBREAK => c == 10,
        cat::NOT_LINEBREAK => c != 10,
        cat::LOC_WORD => word_locale(c),
        cat::LOC_NOT_WORD => !word_locale(c),
        cat::UNI_DIGIT => unicode::is_decimal(c),
        cat::UNI_NOT_DIGIT => !unicode::is_decimal(c),
        cat::UNI_SPACE => unicode::is_space(c),
        cat::UNI_NOT_SPACE => !unicode::is_space(c),
        cat::UNI_WORD => word_unicode(c),
        cat::UNI_NOT_WORD => !word_unicode(c),
        cat::UNI_LINEBREAK => unicode::is_linebreak(c),
        _ => !unicode::is_linebreak(c),
    }
}

/// Is `c` in the set that starts at `p`?
#[inline]
pub fn in_set(w: &[u32], mut p: usize, c: u32) -> bool {
    let mut ok = true;
    loop {
        let op = w[p];
        p += 1;
        match op {
            code::LITERAL => {
                if w[p] == c {
                    return ok;
                }
                p += 1;
            }
            code::RANGE => {
                if w[p] <= c && c <= w[p + 1] {
                    return ok;
                }
                p += 2;
            }
            code::CHARSET => {
                if c < 256 && w[p + (c >> 5) as usize] >> (c & 31) & 1 != 0 {
                    return ok;
                }
                p += 8;
            }
            code::CATEGORY => {
                if in_category(w[p], c) {
                    return ok;
                }
                p += 1;
            }
            code::NEGATE => ok = !ok,
            code::RANGE_UNI_IGNORE => {
                let (lo, hi) = (w[p], w[p + 1]);
                let up = upper_unicode(c);
                if (lo <= c && c <= hi) || (lo <= up && up <= hi) {
                    return ok;
                }
                p += 2;
            }
            code::BIGCHARSET => {
                let blocks = w[p] as usize;
                if c < 0x10000 {
                    let k = (c >> 8) as usize;
                    let b = w[p + 1 + k / 4].to_ne_bytes()[k % 4] as usize;
                    let bit = b * 256 + (c & 255) as usize;
                    if w[p + 65 + bit / 32] >> (c & 31) & 1 != 0 {
                        return ok;
                    }
                }
                p += 65 + blocks * 8;
            }
            _ => return !ok,
        }
    }
}

/// Whether what is in the set at `p` depends on the locale.
pub fn is_local(w: &[u32], mut p: usize) -> bool {
    loop {
        p += 1 + match w[p] {
            code::LITERAL => 1,
            code::RANGE | code::RANGE_UNI_IGNORE => 2,
            code::CHARSET => 8,
            code::CATEGORY => {
                if matches!(w[p + 1], cat::LOC_WORD | cat::LOC_NOT_WORD) {
                    return true;
                }
                1
            }
            code::NEGATE => 0,
            code::BIGCHARSET => 65 + w[p + 1] as usize * 8,
            _ => return false,
        }
    }
}

/// For each character below 256 whether it is in a set.
pub type Table = [u8; 256];

/// The sets of a pattern as tables of the characters below 256; and for each word of the code 1 more than where the
/// table of the set stands that starts there, 0: there is none.
pub fn tables(w: &[u32], sets: &[usize]) -> (Vec<u32>, Vec<u8>) {
    let mut places = vec![0u32; w.len()];
    let mut out = Vec::new();
    for &p in sets {
        if is_local(w, p) {
            continue;
        }
        let table: Table = std::array::from_fn(|c| u8::from(in_set(w, p, c as u32)));
        // The same set often stands in several places.
        let made = out.as_chunks::<256>().0;
        let same = made.iter().rev().take(16).position(|t| *t == table);
        let i = same.map_or(made.len(), |back| made.len() - 1 - back);
        if same.is_none() {
            out.extend(table);
        }
        places[p] = i as u32 * 256 + 1;
    }
    (places, out)
}

/// `in_set` for what no table holds.
#[inline(never)]
pub fn in_large_set(w: &[u32], p: usize, c: u32) -> bool {
    in_set(w, p, c)
}

/// Does the one-character instruction at `p` match `c`?
#[inline]
pub fn unit(w: &[u32], p: usize, c: u32) -> bool {
    match w[p] {
        code::LITERAL => w[p + 1] == c,
        code::NOT_LITERAL => w[p + 1] != c,
        code::ANY => c != 10,
        code::ANY_ALL => true,
        code::IN => in_large_set(w, p + 2, c),
        code::CATEGORY => in_category(w[p + 1], c),
        code::IN_IGNORE => in_large_set(w, p + 2, lower_ascii(c)),
        code::IN_UNI_IGNORE => in_large_set(w, p + 2, lower_unicode(c)),
        code::IN_LOC_IGNORE => {
            let (lo, up) = (lower_locale(c), upper_locale(c));
            in_large_set(w, p + 2, lo) || (up != lo && in_large_set(w, p + 2, up))
        }
        code::LITERAL_IGNORE => w[p + 1] == lower_ascii(c),
        code::NOT_LITERAL_IGNORE => w[p + 1] != lower_ascii(c),
        code::LITERAL_UNI_IGNORE => w[p + 1] == lower_unicode(c),
        code::NOT_LITERAL_UNI_IGNORE => w[p + 1] != lower_unicode(c),
        code::LITERAL_LOC_IGNORE => same_locale(w[p + 1], c),
        code::NOT_LITERAL_LOC_IGNORE => !same_locale(w[p + 1], c),
        _ => false,
    }
}

/// The length of the one-character instruction `op`, whose words start at `p`.
#[inline]
pub fn unit_len(w: &[u32], p: usize) -> usize {
    match w[p] {
        code::ANY | code::ANY_ALL | code::FAILURE => 1,
        code::IN | code::IN_IGNORE | code::IN_LOC_IGNORE | code::IN_UNI_IGNORE => {
            1 + w[p + 1] as usize
        }
        _ => 2,
    }
}

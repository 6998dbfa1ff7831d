//! `complex("1+2j")`.

use super::Pair;
use crate::types::float;

/// Length of the longest float literal at the start of `s` (0: none).
fn literal(s: &[u8]) -> usize {
    let digits = |mut i: usize| {
        while s.get(i).is_some_and(|c| c.is_ascii_digit()) {
            i += 1;
        }
        i
    };
    let start = matches!(s.first(), Some(b'+' | b'-')) as usize;
    for word in ["infinity", "inf", "nan"] {
        if s.len() >= start + word.len()
            && s[start..start + word.len()].eq_ignore_ascii_case(word.as_bytes())
        {
            return start + word.len();
        }
    }
    let mut i = digits(start);
    let mut n = i - start;
    if s.get(i) == Some(&b'.') {
        let j = digits(i + 1);
        n += j - i - 1;
        i = j;
    }
    if n == 0 {
        return 0;
    }
    if matches!(s.get(i), Some(b'e' | b'E')) {
        let k = i + 1 + matches!(s.get(i + 1), Some(b'+' | b'-')) as usize;
        let j = digits(k);
        if j > k {
            i = j;
        }
    }
    i
}

fn without_underscores(t: &str) -> Option<String> {
    let s = t.as_bytes();
    let mut out = String::with_capacity(s.len());
    for (i, &c) in s.iter().enumerate() {
        if c == b'_' {
            let digit = |j: Option<&u8>| j.is_some_and(u8::is_ascii_digit);
            if i == 0 || !digit(s.get(i - 1)) || !digit(s.get(i + 1)) {
                return None;
            }
        } else {
            out.push(c as char);
        }
    }
    Some(out)
}

pub fn parse(text: &str) -> Option<Pair> {
    let space = |c: char| matches!(c, ' ' | '\t'..='\r' | '\x1c'..='\x1f');
    let mut t = text.trim_matches(space);
    if let Some(inner) = t.strip_prefix('(') {
        t = inner.strip_suffix(')')?.trim_matches(space);
    }
    let t = without_underscores(t)?;
    let s = t.as_bytes();
    let number = |a: usize, b: usize| float::parse(&t[a..b]);
    let unit = |c: u8| if c == b'-' { -1.0 } else { 1.0 };
    let is_j = |i: usize| matches!(s.get(i), Some(b'j' | b'J'));
    let (mut re, mut im) = (0.0, 0.0);
    let mut i = literal(s);
    if i > 0 {
        let z = number(0, i)?;
        match s.get(i) {
            Some(&c @ (b'+' | b'-')) => {
                re = z;
                let n = literal(&s[i..]);
                if n > 0 {
                    im = number(i, i + n)?;
                    i += n;
                } else {
                    im = unit(c);
                    i += 1;
                }
                if !is_j(i) {
                    return None;
                }
                i += 1;
            }
            Some(b'j' | b'J') => {
                im = z;
                i += 1;
            }
            _ => re = z,
        }
    } else {
        match s.first() {
            Some(&c @ (b'+' | b'-')) => {
                im = unit(c);
                i = 1;
            }
            _ => im = 1.0,
        }
        if !is_j(i) {
            return None;
        }
        i += 1;
    }
    if i == s.len() { Some((re, im)) } else { None }
}

//! "Did you mean": the closest name by CPython's edit distance.

const MOVE: usize = 2;
const CASE: usize = 1;
const MAX_LEN: usize = 40;
const MAX_NAMES: usize = 750;

fn cost(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

/// Distance of two names, or something above `max`.
pub fn distance(a: &str, b: &str, max: usize) -> usize {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let (Some(x), Some(y)) = (a.first(), b.first()) {
        if x != y {
            break;
        }
        (a, b) = (&a[1..], &b[1..]);
    }
    while let (Some(x), Some(y)) = (a.last(), b.last()) {
        if x != y {
            break;
        }
        (a, b) = (&a[..a.len() - 1], &b[..b.len() - 1]);
    }
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE;
    }
    if a.len() > MAX_LEN || b.len() > MAX_LEN {
        return max + 1;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|i| i * MOVE).collect();
    let mut result = 0;
    for (j, &y) in b.iter().enumerate() {
        let mut diag = j * MOVE;
        result = diag;
        let mut best = usize::MAX;
        for (i, &x) in a.iter().enumerate() {
            let sub = diag + cost(y, x);
            diag = row[i];
            let ins = result.min(diag) + MOVE;
            result = ins.min(sub);
            row[i] = result;
            best = best.min(result);
        }
        if best > max {
            return max + 1;
        }
    }
    result
}

pub fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    if name.len() > MAX_LEN {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for (n, c) in candidates.enumerate() {
        if n >= MAX_NAMES {
            return None;
        }
        if c == name {
            continue;
        }
        let mut max = (name.len() + c.len() + 3) * MOVE / 6;
        if let Some((d, _)) = best {
            max = max.min(d.saturating_sub(1));
        }
        let d = distance(name, c, max);
        if d <= max && best.is_none_or(|(b, _)| d < b) {
            best = Some((d, c));
        }
    }
    best.map(|(_, c)| c.to_string())
}

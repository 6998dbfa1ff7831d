//! The location table (`co_linetable`) in CPython's format: an entry covers one to eight 2-byte units and gives
//! a line delta, an end line and columns, in one of a few forms of growing size.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position {
    pub line: Option<u32>,
    pub end_line: Option<u32>,
    pub col: Option<u32>,
    pub end_col: Option<u32>,
}

/// One run of units with the same position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub units: u32,
    pub position: Position,
}

const NO_COLUMNS: u8 = 13;
const LONG: u8 = 14;
const NONE: u8 = 15;

pub struct Runs<'a> {
    rest: &'a [u8],
    line: i64,
}

impl Runs<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (b, tail) = self.rest.split_first()?;
        self.rest = tail;
        Some(*b)
    }

    fn varint(&mut self) -> Option<u32> {
        let mut v: u64 = 0;
        let mut shift = 0;
        loop {
            let b = self.byte()?;
            if shift < 36 {
                v |= u64::from(b & 63) << shift;
            }
            shift += 6;
            if b & 64 == 0 {
                return Some(v as u32);
            }
        }
    }

    fn svarint(&mut self) -> Option<i64> {
        let v = i64::from(self.varint()?);
        Some(if v & 1 == 1 { -(v >> 1) } else { v >> 1 })
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        let first = self.byte()?;
        let units = u32::from(first & 7) + 1;
        let code = first >> 3 & 15;
        let mut p = Position::default();
        match code {
            NONE => return Some(Run { units, position: p }),
            LONG => {
                self.line += self.svarint()?;
                let end = self.line + i64::from(self.varint()?);
                p.end_line = u32::try_from(end).ok();
                p.col = self.varint()?.checked_sub(1);
                p.end_col = self.varint()?.checked_sub(1);
            }
            NO_COLUMNS => {
                self.line += self.svarint()?;
                p.end_line = u32::try_from(self.line).ok();
            }
            10..=12 => {
                self.line += i64::from(code - 10);
                p.end_line = u32::try_from(self.line).ok();
                p.col = Some(u32::from(self.byte()?));
                p.end_col = Some(u32::from(self.byte()?));
            }
            _ => {
                let second = self.byte()?;
                p.end_line = u32::try_from(self.line).ok();
                let col = u32::from(code) << 3 | u32::from(second >> 4);
                p.col = Some(col);
                p.end_col = Some(col + u32::from(second & 15));
            }
        }
        p.line = u32::try_from(self.line).ok();
        Some(Run { units, position: p })
    }
}

pub fn runs(table: &[u8], firstlineno: u32) -> Runs<'_> {
    Runs { rest: table, line: i64::from(firstlineno) }
}

pub type Tuple = (Option<u32>, Option<u32>, Option<u32>, Option<u32>);

/// `(line, end_line, col, end_col)` of each 2-byte unit.
pub fn positions(table: &[u8], firstlineno: u32) -> impl Iterator<Item = Tuple> + '_ {
    runs(table, firstlineno).flat_map(|r| {
        let p = r.position;
        std::iter::repeat_n((p.line, p.end_line, p.col, p.end_col), r.units as usize)
    })
}

pub fn line_for(table: &[u8], firstlineno: u32, offset: u32) -> Option<u32> {
    let mut end = 0;
    for r in runs(table, firstlineno) {
        end += r.units * 2;
        if offset < end {
            return r.position.line;
        }
    }
    None
}

/// A position to encode; -1 is "none".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub line: i32,
    pub end_line: i32,
    pub col: i32,
    pub end_col: i32,
}

fn put_varint(out: &mut Vec<u8>, mut v: u32) {
    while v >= 64 {
        out.push(v as u8 & 63 | 64);
        v >>= 6;
    }
    out.push(v as u8);
}

fn put_svarint(out: &mut Vec<u8>, v: i32) {
    put_varint(out, if v < 0 { v.unsigned_abs() << 1 | 1 } else { (v as u32) << 1 });
}

/// Encodes runs of `(units, position)`.
pub fn encode(items: impl IntoIterator<Item = (u32, Source)>, firstlineno: i32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut line = firstlineno;
    for (mut units, s) in items {
        while units > 0 {
            let n = units.min(8);
            entry(&mut out, n, s, &mut line);
            units -= n;
        }
    }
    out
}

fn entry(out: &mut Vec<u8>, units: u32, s: Source, line: &mut i32) {
    let head = |code: u8| 0x80 | code << 3 | (units as u8 - 1);
    if s.line < 0 {
        out.push(head(NONE));
        return;
    }
    let delta = s.line - *line;
    if s.col < 0 || s.end_col < 0 {
        if s.end_line == s.line || s.end_line < 0 {
            out.push(head(NO_COLUMNS));
            put_svarint(out, delta);
            *line = s.line;
            return;
        }
    } else if s.end_line == s.line {
        if delta == 0 && s.col < 80 && s.end_col >= s.col && s.end_col - s.col < 16 {
            out.push(head((s.col >> 3) as u8));
            out.push((s.col as u8 & 7) << 4 | (s.end_col - s.col) as u8);
            return;
        }
        if (0..3).contains(&delta) && s.col < 128 && s.end_col < 128 {
            out.push(head(10 + delta as u8));
            out.push(s.col as u8);
            out.push(s.end_col as u8);
            *line = s.line;
            return;
        }
    }
    out.push(head(LONG));
    put_svarint(out, delta);
    put_varint(out, (s.end_line - s.line).max(0) as u32);
    put_varint(out, (s.col + 1).max(0) as u32);
    put_varint(out, (s.end_col + 1).max(0) as u32);
    *line = s.line;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let s = |line, end_line, col, end_col| Source { line, end_line, col, end_col };
        let items = vec![
            (1, s(1, 1, 0, 5)),
            (9, s(2, 2, 100, 120)),
            (2, s(1, 4, 200, 3)),
            (1, s(-1, -1, -1, -1)),
            (3, s(900, 900, -1, -1)),
        ];
        let table = encode(items.clone(), 1);
        let got: Vec<Tuple> = positions(&table, 1).collect();
        let u = |v: i32| u32::try_from(v).ok();
        let want: Vec<Tuple> = items
            .iter()
            .flat_map(|(n, s)| vec![(u(s.line), u(s.end_line), u(s.col), u(s.end_col)); *n as usize])
            .collect();
        assert_eq!(got, want);
        assert_eq!(line_for(&table, 1, 2), Some(2));
    }
}

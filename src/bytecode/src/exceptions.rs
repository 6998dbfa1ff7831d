//! The exception table: ranges of instructions and their handlers, as varints in CPython's format.
//!
//! Offsets inside the table count 2-byte units; the interface speaks bytes. Six bits a byte, most significant
//! first, bit 6 "more follows", bit 7 marks the first byte of an entry.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    pub target: u32,
    pub depth: u32,
    pub lasti: bool,
}

impl Handler {
    /// Depth and the need of the instruction's offset come as one number.
    fn new(target: u32, dl: u32) -> Handler {
        Handler {
            target,
            depth: dl >> 1,
            lasti: dl & 1 == 1,
        }
    }
}

pub struct Entries<'a> {
    rest: &'a [u8],
}

#[inline(always)]
fn varint(rest: &mut &[u8]) -> Option<u32> {
    let mut v: u32 = 0;
    loop {
        let (b, tail) = rest.split_first()?;
        *rest = tail;
        v = v.checked_mul(64)? | u32::from(b & 63);
        if b & 64 == 0 {
            return Some(v);
        }
    }
}

impl Iterator for Entries<'_> {
    /// Start, end (exclusive), handler.
    type Item = (u32, u32, Handler);

    fn next(&mut self) -> Option<Self::Item> {
        let start = varint(&mut self.rest)?.checked_mul(2)?;
        let size = varint(&mut self.rest)?.checked_mul(2)?;
        let target = varint(&mut self.rest)?.checked_mul(2)?;
        let dl = varint(&mut self.rest)?;
        Some((start, start.checked_add(size)?, Handler::new(target, dl)))
    }
}

pub fn entries(table: &[u8]) -> Entries<'_> {
    Entries { rest: table }
}

/// The handler for the instruction at byte `offset`.
pub fn lookup(table: &[u8], offset: u32) -> Option<Handler> {
    let at = offset / 2;
    let mut rest = table;
    loop {
        let start = varint(&mut rest)?;
        if start > at {
            return None;
        }
        let size = varint(&mut rest)?;
        if at - start < size {
            let target = varint(&mut rest)?.checked_mul(2)?;
            let dl = varint(&mut rest)?;
            return Some(Handler::new(target, dl));
        }
        // On to the next entry: what remains of this one tells nothing.
        let skip = rest.iter().position(|b| b & 128 != 0)?;
        rest = &rest[skip..];
    }
}

/// Entries must come in order of their start.
pub fn encode(items: impl IntoIterator<Item = (u32, u32, Handler)>) -> Vec<u8> {
    let mut out = Vec::new();
    let put = |out: &mut Vec<u8>, v: u32, first: u8| {
        let mut mark = first;
        for shift in [30, 24, 18, 12, 6] {
            if v >> shift != 0 {
                out.push((v >> shift) as u8 & 63 | 64 | mark);
                mark = 0;
            }
        }
        out.push(v as u8 & 63 | mark);
    };
    for (start, end, h) in items {
        put(&mut out, start / 2, 128);
        put(&mut out, (end - start) / 2, 0);
        put(&mut out, h.target / 2, 0);
        put(&mut out, h.depth << 1 | u32::from(h.lasti), 0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let items = vec![
            (
                0,
                4,
                Handler {
                    target: 200,
                    depth: 0,
                    lasti: false,
                },
            ),
            (
                4,
                5000,
                Handler {
                    target: 100_000,
                    depth: 7,
                    lasti: true,
                },
            ),
        ];
        let table = encode(items.clone());
        assert_eq!(entries(&table).collect::<Vec<_>>(), items);
        assert_eq!(lookup(&table, 2), Some(items[0].2));
        assert_eq!(lookup(&table, 4998), Some(items[1].2));
        assert_eq!(lookup(&table, 5000), None);
    }
}

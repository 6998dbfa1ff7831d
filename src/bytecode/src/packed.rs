//! A module's code as the packed Lib holds it: made for being turned into objects at once.
//!
//! Three tables come first: texts (names, and strings that look like them), blobs (kinds of locals), and lists of texts
//! (the names of a code object). Each entry stands there once, however often the code uses it, so it becomes one object.
//! Then comes the code: numbers are LEB128, tables are meant by index.
//!
//! What must hold: the input is this crate's own, so that the code in it is not verified; but no input makes the reader
//! panic, and no count is larger than what is left of the input.

use crate::code::{CodeUnit, Const};
use crate::marshal::Error;
use std::collections::HashMap;
use std::hash::Hash;

/// Deepest nesting of tuples and code.
pub const MAX_DEPTH: u32 = 200;

/// Would CPython intern this constant string?
pub fn looks_like_name(s: &str) -> bool {
    s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Each thing once, in the order of first use.
struct Table<T> {
    items: Vec<T>,
    known: HashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Table<T> {
    fn new() -> Table<T> {
        Table {
            items: Vec::new(),
            known: HashMap::new(),
        }
    }

    fn index(&mut self, item: T) -> u32 {
        let next = self.items.len() as u32;
        *self.known.entry(item).or_insert_with_key(|item| {
            self.items.push(item.clone());
            next
        })
    }
}

struct Writer {
    texts: Table<Box<str>>,
    blobs: Table<Box<[u8]>>,
    lists: Table<Vec<u32>>,
    code: Vec<u8>,
}

pub fn write(c: &CodeUnit) -> Vec<u8> {
    let mut w = Writer {
        texts: Table::new(),
        blobs: Table::new(),
        lists: Table::new(),
        code: Vec::new(),
    };
    w.unit(c);
    let mut out = Vec::new();
    number(&mut out, w.texts.items.len() as u32);
    w.texts
        .items
        .iter()
        .for_each(|t| bytes(&mut out, t.as_bytes()));
    number(&mut out, w.blobs.items.len() as u32);
    w.blobs.items.iter().for_each(|b| bytes(&mut out, b));
    number(&mut out, w.lists.items.len() as u32);
    for list in &w.lists.items {
        number(&mut out, list.len() as u32);
        list.iter().for_each(|&n| number(&mut out, n));
    }
    out.extend(w.code);
    out
}

fn number(out: &mut Vec<u8>, mut n: u32) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn bytes(out: &mut Vec<u8>, b: &[u8]) {
    number(out, b.len() as u32);
    out.extend(b);
}

impl Writer {
    fn list(&mut self, names: &[Box<str>]) -> u32 {
        let list = names.iter().map(|n| self.texts.index(n.clone())).collect();
        self.lists.index(list)
    }

    fn unit(&mut self, c: &CodeUnit) {
        for n in [
            c.argcount,
            c.posonlyargcount,
            c.kwonlyargcount,
            c.stacksize,
            c.flags,
            c.firstlineno,
        ] {
            number(&mut self.code, n);
        }
        let indices = [
            self.texts.index(c.filename.clone()),
            self.texts.index(c.name.clone()),
            self.texts.index(c.qualname.clone()),
            self.list(&c.names),
            self.list(&c.localsplus_names),
            self.blobs.index(c.localsplus_kinds.clone()),
        ];
        for n in indices {
            number(&mut self.code, n);
        }
        for b in [&c.code, &c.line_table, &c.exception_table] {
            bytes(&mut self.code, b);
        }
        number(&mut self.code, c.consts.len() as u32);
        c.consts.iter().for_each(|k| self.constant(k));
    }

    fn constant(&mut self, c: &Const) {
        match c {
            Const::None => self.code.push(b'N'),
            Const::True => self.code.push(b'T'),
            Const::False => self.code.push(b'F'),
            Const::Ellipsis => self.code.push(b'.'),
            Const::Int(i) => {
                self.code.push(b'i');
                self.code.extend(i.to_le_bytes());
            }
            Const::BigInt { negative, hex } => {
                self.code.push(if *negative { b'-' } else { b'+' });
                bytes(&mut self.code, hex.as_bytes());
            }
            Const::Float(f) => {
                self.code.push(b'g');
                self.code.extend(f.to_le_bytes());
            }
            Const::Complex(r, i) => {
                self.code.push(b'y');
                self.code.extend(r.to_le_bytes());
                self.code.extend(i.to_le_bytes());
            }
            Const::Str(s) if looks_like_name(s) => {
                let n = self.texts.index(s.clone());
                self.code.push(b'n');
                number(&mut self.code, n);
            }
            Const::Str(s) => {
                self.code.push(b'u');
                bytes(&mut self.code, s.as_bytes());
            }
            Const::Surrogates(points) => {
                self.code.push(b'w');
                number(&mut self.code, points.len() as u32);
                points.iter().for_each(|&p| number(&mut self.code, p));
            }
            Const::Bytes(b) => {
                self.code.push(b's');
                bytes(&mut self.code, b);
            }
            Const::Tuple(items) => self.several(b'(', items),
            Const::FrozenSet(items) => self.several(b'>', items),
            Const::Slice(parts) => {
                self.code.push(b':');
                parts.iter().for_each(|p| self.constant(p));
            }
            Const::Code(c) => {
                self.code.push(b'c');
                self.unit(c);
            }
        }
    }

    fn several(&mut self, tag: u8, items: &[Const]) {
        self.code.push(tag);
        number(&mut self.code, items.len() as u32);
        items.iter().for_each(|i| self.constant(i));
    }
}

/// What a code object is made of, but for its constants, which come next: `consts` of them.
pub struct Unit<'a> {
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub stacksize: u32,
    pub flags: u32,
    pub firstlineno: u32,
    /// Indices of texts.
    pub filename: u32,
    pub name: u32,
    pub qualname: u32,
    /// Indices of lists.
    pub names: u32,
    pub localsplus_names: u32,
    /// Index of a blob.
    pub localsplus_kinds: u32,
    pub code: &'a [u8],
    pub line_table: &'a [u8],
    pub exception_table: &'a [u8],
    pub consts: u32,
}

/// A constant; what it consists of comes next.
pub enum Item<'a> {
    /// None, True, False, Ellipsis, a number.
    Plain(Const),
    /// Index of a text.
    Name(u32),
    Str(&'a [u8]),
    Bytes(&'a [u8]),
    Tuple(u32),
    FrozenSet(u32),
    /// Three constants follow.
    Slice,
    /// A `unit` follows.
    Code,
}

/// Reads from front to back: three tables (`count` and so many entries each), then the module's `unit`.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(data: &'a [u8]) -> Reader<'a> {
        Reader { rest: data }
    }

    pub fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let (&b, rest) = self.rest.split_first().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(b)
    }

    #[inline]
    pub fn number(&mut self) -> Result<u32, Error> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(first as u32);
        }
        let mut n = (first & 0x7f) as u32;
        for shift in [7, 14, 21, 28] {
            let b = self.byte()?;
            n |= ((b & 0x7f) as u32) << shift;
            if b < 0x80 {
                return Ok(n);
            }
        }
        Err(Error::Invalid("number"))
    }

    /// How many follow; each takes a byte at least.
    pub fn count(&mut self) -> Result<u32, Error> {
        let n = self.number()?;
        if n as usize > self.rest.len() {
            return Err(Error::Truncated);
        }
        Ok(n)
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let n = self.number()? as usize;
        let (head, rest) = self.rest.split_at_checked(n).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    pub fn unit(&mut self) -> Result<Unit<'a>, Error> {
        Ok(Unit {
            argcount: self.number()?,
            posonlyargcount: self.number()?,
            kwonlyargcount: self.number()?,
            stacksize: self.number()?,
            flags: self.number()?,
            firstlineno: self.number()?,
            filename: self.number()?,
            name: self.number()?,
            qualname: self.number()?,
            names: self.number()?,
            localsplus_names: self.number()?,
            localsplus_kinds: self.number()?,
            code: self.bytes()?,
            line_table: self.bytes()?,
            exception_table: self.bytes()?,
            consts: self.count()?,
        })
    }

    pub fn item(&mut self) -> Result<Item<'a>, Error> {
        let plain = match self.byte()? {
            b'N' => Const::None,
            b'T' => Const::True,
            b'F' => Const::False,
            b'.' => Const::Ellipsis,
            b'i' => Const::Int(i64::from_le_bytes(self.array()?)),
            tag @ (b'+' | b'-') => Const::BigInt {
                negative: tag == b'-',
                hex: text(self.bytes()?)?.into(),
            },
            b'g' => Const::Float(f64::from_le_bytes(self.array()?)),
            b'y' => Const::Complex(
                f64::from_le_bytes(self.array()?),
                f64::from_le_bytes(self.array()?),
            ),
            b'w' => {
                let n = self.count()?;
                let points: Result<Box<[u32]>, Error> = (0..n).map(|_| self.number()).collect();
                Const::Surrogates(points?)
            }
            b'n' => return Ok(Item::Name(self.number()?)),
            b'u' => return Ok(Item::Str(self.bytes()?)),
            b's' => return Ok(Item::Bytes(self.bytes()?)),
            b'(' => return Ok(Item::Tuple(self.count()?)),
            b'>' => return Ok(Item::FrozenSet(self.count()?)),
            b':' => return Ok(Item::Slice),
            b'c' => return Ok(Item::Code),
            _ => return Err(Error::Invalid("unknown type code")),
        };
        Ok(Item::Plain(plain))
    }
}

pub fn text(b: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(b).map_err(|_| Error::Invalid("text is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of it, as the plain data that it was made from.
    struct Whole<'a> {
        r: Reader<'a>,
        texts: Vec<Box<str>>,
        blobs: Vec<Box<[u8]>>,
        lists: Vec<Box<[Box<str>]>>,
        depth: u32,
    }

    fn at<T: Clone>(table: &[T], i: u32) -> Result<T, Error> {
        table
            .get(i as usize)
            .cloned()
            .ok_or(Error::Invalid("index"))
    }

    fn read(data: &[u8]) -> Result<CodeUnit, Error> {
        let mut w = Whole {
            r: Reader::new(data),
            texts: Vec::new(),
            blobs: Vec::new(),
            lists: Vec::new(),
            depth: 0,
        };
        for _ in 0..w.r.count()? {
            w.texts.push(text(w.r.bytes()?)?.into());
        }
        for _ in 0..w.r.count()? {
            w.blobs.push(w.r.bytes()?.into());
        }
        for _ in 0..w.r.count()? {
            let n = w.r.count()?;
            let list: Result<Box<[Box<str>]>, Error> =
                (0..n).map(|_| at(&w.texts, w.r.number()?)).collect();
            w.lists.push(list?);
        }
        let unit = w.unit()?;
        if w.r.at_end() {
            Ok(unit)
        } else {
            Err(Error::Trailing)
        }
    }

    impl Whole<'_> {
        fn unit(&mut self) -> Result<CodeUnit, Error> {
            let u = self.r.unit()?;
            Ok(CodeUnit {
                argcount: u.argcount,
                posonlyargcount: u.posonlyargcount,
                kwonlyargcount: u.kwonlyargcount,
                stacksize: u.stacksize,
                flags: u.flags,
                firstlineno: u.firstlineno,
                filename: at(&self.texts, u.filename)?,
                name: at(&self.texts, u.name)?,
                qualname: at(&self.texts, u.qualname)?,
                names: at(&self.lists, u.names)?,
                localsplus_names: at(&self.lists, u.localsplus_names)?,
                localsplus_kinds: at(&self.blobs, u.localsplus_kinds)?,
                code: u.code.into(),
                line_table: u.line_table.into(),
                exception_table: u.exception_table.into(),
                consts: self.several(u.consts)?,
            })
        }

        fn several(&mut self, n: u32) -> Result<Box<[Const]>, Error> {
            (0..n).map(|_| self.constant()).collect()
        }

        fn constant(&mut self) -> Result<Const, Error> {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(Error::TooDeep);
            }
            let c = match self.r.item()? {
                Item::Plain(c) => c,
                Item::Name(n) => Const::Str(at(&self.texts, n)?),
                Item::Str(b) => Const::Str(text(b)?.into()),
                Item::Bytes(b) => Const::Bytes(b.into()),
                Item::Tuple(n) => Const::Tuple(self.several(n)?),
                Item::FrozenSet(n) => Const::FrozenSet(self.several(n)?),
                Item::Slice => Const::Slice(Box::new([
                    self.constant()?,
                    self.constant()?,
                    self.constant()?,
                ])),
                Item::Code => Const::Code(Box::new(self.unit()?)),
            };
            self.depth -= 1;
            Ok(c)
        }
    }

    fn sample() -> CodeUnit {
        let inner = CodeUnit {
            name: "inner".into(),
            names: vec!["a".into(), "b".into()].into(),
            localsplus_names: vec!["self".into()].into(),
            localsplus_kinds: vec![0x26].into(),
            consts: vec![Const::Str("a".into()), Const::Str("not a name".into())].into(),
            ..CodeUnit::default()
        };
        CodeUnit {
            stacksize: 300,
            flags: 0x400_0000,
            firstlineno: 70_000,
            code: vec![1, 2, 3].into(),
            line_table: vec![0x80; 200].into(),
            names: vec!["a".into(), "b".into()].into(),
            filename: "héllo.py".into(),
            name: "<module>".into(),
            consts: vec![
                Const::None,
                Const::Int(-5),
                Const::BigInt {
                    negative: true,
                    hex: "ffffffffffffffffff".into(),
                },
                Const::Float(-0.0),
                Const::Complex(1.5, f64::INFINITY),
                Const::Surrogates(Box::new([0xd800, 0x61])),
                Const::Bytes(Box::new([0, 255])),
                Const::Tuple(Box::new([Const::True, Const::Str("".into())])),
                Const::FrozenSet(Box::new([Const::False])),
                Const::Slice(Box::new([Const::None, Const::Int(2), Const::Ellipsis])),
                Const::Code(Box::new(inner.clone())),
                Const::Code(Box::new(inner)),
            ]
            .into(),
            ..CodeUnit::default()
        }
    }

    #[test]
    fn round_trip() {
        assert_eq!(read(&write(&sample())), Ok(sample()));
    }

    #[test]
    fn damaged_input_is_an_error_or_a_value() {
        let data = write(&sample());
        for n in 0..data.len() {
            assert!(read(&data[..n]).is_err());
        }
        for i in 0..data.len() {
            for bit in 0..8 {
                let mut bad = data.clone();
                bad[i] ^= 1 << bit;
                let _ = read(&bad);
            }
        }
    }
}

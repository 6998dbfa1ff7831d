//! Constants and code units as bytes, for `.pyc` files.
//!
//! One tag byte, then the value; lengths are little-endian `u32`. The reader takes any input: it never panics,
//! never allocates more than the input could fill, and refuses nesting beyond a limit.

use crate::code::{CodeUnit, Const};

/// Deepest nesting of tuples and code units the reader follows.
const MAX_DEPTH: u32 = 200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The input ends too early.
    Truncated,
    Invalid(&'static str),
    TooDeep,
    /// Something follows the value.
    Trailing,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Truncated => f.write_str("marshal data too short"),
            Error::Invalid(what) => write!(f, "bad marshal data ({what})"),
            Error::TooDeep => f.write_str("bad marshal data (nested too deeply)"),
            Error::Trailing => f.write_str("bad marshal data (trailing bytes)"),
        }
    }
}

impl std::error::Error for Error {}

pub fn write(c: &Const) -> Vec<u8> {
    let mut out = Vec::new();
    put_const(&mut out, c);
    out
}

pub fn write_code(c: &CodeUnit) -> Vec<u8> {
    let mut out = Vec::new();
    put_code(&mut out, c);
    out
}

fn put_u32(out: &mut Vec<u8>, v: u32) {
    out.extend(v.to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, b: &[u8]) {
    put_u32(out, b.len() as u32);
    out.extend(b);
}

fn put_const(out: &mut Vec<u8>, c: &Const) {
    match c {
        Const::None => out.push(b'N'),
        Const::True => out.push(b'T'),
        Const::False => out.push(b'F'),
        Const::Ellipsis => out.push(b'.'),
        Const::Int(i) => {
            out.push(b'i');
            out.extend(i.to_le_bytes());
        }
        Const::BigInt { negative, hex } => {
            out.push(if *negative { b'-' } else { b'+' });
            put_bytes(out, hex.as_bytes());
        }
        Const::Float(f) => {
            out.push(b'g');
            out.extend(f.to_le_bytes());
        }
        Const::Complex(r, i) => {
            out.push(b'y');
            out.extend(r.to_le_bytes());
            out.extend(i.to_le_bytes());
        }
        Const::Str(s) => {
            out.push(b'u');
            put_bytes(out, s.as_bytes());
        }
        Const::Surrogates(p) => {
            out.push(b'w');
            put_u32(out, p.len() as u32);
            p.iter().for_each(|p| put_u32(out, *p));
        }
        Const::Bytes(b) => {
            out.push(b's');
            put_bytes(out, b);
        }
        Const::Tuple(items) | Const::FrozenSet(items) => {
            out.push(if matches!(c, Const::Tuple(_)) {
                b'('
            } else {
                b'>'
            });
            put_u32(out, items.len() as u32);
            items.iter().for_each(|i| put_const(out, i));
        }
        Const::Slice(parts) => {
            out.push(b':');
            parts.iter().for_each(|p| put_const(out, p));
        }
        Const::Code(code) => put_code(out, code),
    }
}

fn put_code(out: &mut Vec<u8>, c: &CodeUnit) {
    out.push(b'c');
    for v in [
        c.argcount,
        c.posonlyargcount,
        c.kwonlyargcount,
        c.stacksize,
        c.flags,
        c.firstlineno,
    ] {
        put_u32(out, v);
    }
    put_bytes(out, &c.code);
    put_u32(out, c.consts.len() as u32);
    c.consts.iter().for_each(|k| put_const(out, k));
    for list in [&c.names, &c.localsplus_names] {
        put_u32(out, list.len() as u32);
        list.iter().for_each(|n| put_bytes(out, n.as_bytes()));
    }
    put_bytes(out, &c.localsplus_kinds);
    for s in [&c.filename, &c.name, &c.qualname] {
        put_bytes(out, s.as_bytes());
    }
    put_bytes(out, &c.line_table);
    put_bytes(out, &c.exception_table);
}

struct Reader<'a> {
    rest: &'a [u8],
    depth: u32,
}

/// The constant at the start of `data`, which must hold nothing else.
pub fn read(data: &[u8]) -> Result<Const, Error> {
    let mut r = Reader {
        rest: data,
        depth: 0,
    };
    let c = r.constant()?;
    if r.rest.is_empty() {
        Ok(c)
    } else {
        Err(Error::Trailing)
    }
}

pub fn read_code(data: &[u8]) -> Result<CodeUnit, Error> {
    match read(data)? {
        Const::Code(c) => Ok(*c),
        _ => Err(Error::Invalid("not a code object")),
    }
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], Error> {
        let (head, tail) = self.rest.split_at_checked(n).ok_or(Error::Truncated)?;
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| Error::Truncated)
    }

    fn u32(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn f64(&mut self) -> Result<f64, Error> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let n = self.u32()? as usize;
        self.take(n)
    }

    fn text(&mut self) -> Result<Box<str>, Error> {
        let b = self.bytes()?;
        std::str::from_utf8(b)
            .map(Into::into)
            .map_err(|_| Error::Invalid("text is not UTF-8"))
    }

    /// A count of items that take at least `size` bytes each.
    fn count(&mut self, size: usize) -> Result<usize, Error> {
        let n = self.u32()? as usize;
        if n > self.rest.len() / size {
            Err(Error::Truncated)
        } else {
            Ok(n)
        }
    }

    fn constants(&mut self) -> Result<Box<[Const]>, Error> {
        let n = self.count(1)?;
        // Reserve little: a count is cheap to forge and a constant is larger than its byte.
        let mut out = Vec::with_capacity(n.min(64));
        for _ in 0..n {
            out.push(self.constant()?);
        }
        Ok(out.into())
    }

    fn texts(&mut self) -> Result<Box<[Box<str>]>, Error> {
        let n = self.count(4)?;
        let mut out = Vec::with_capacity(n.min(64));
        for _ in 0..n {
            out.push(self.text()?);
        }
        Ok(out.into())
    }

    fn constant(&mut self) -> Result<Const, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        let result = self.constant_inner();
        self.depth -= 1;
        result
    }

    fn constant_inner(&mut self) -> Result<Const, Error> {
        let [tag] = self.array()?;
        Ok(match tag {
            b'N' => Const::None,
            b'T' => Const::True,
            b'F' => Const::False,
            b'.' => Const::Ellipsis,
            b'i' => Const::Int(i64::from_le_bytes(self.array()?)),
            b'+' | b'-' => {
                let hex = self.text()?;
                if hex.is_empty() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(Error::Invalid("digits of an int"));
                }
                Const::BigInt {
                    negative: tag == b'-',
                    hex: hex.into(),
                }
            }
            b'g' => Const::Float(self.f64()?),
            b'y' => Const::Complex(self.f64()?, self.f64()?),
            b'u' => Const::Str(self.text()?),
            b'w' => {
                let n = self.count(4)?;
                let mut points = Vec::with_capacity(n);
                for _ in 0..n {
                    let p = self.u32()?;
                    if p > 0x10_FFFF {
                        return Err(Error::Invalid("code point"));
                    }
                    points.push(p);
                }
                Const::Surrogates(points.into())
            }
            b's' => Const::Bytes(self.bytes()?.into()),
            b'(' => Const::Tuple(self.constants()?),
            b'>' => Const::FrozenSet(self.constants()?),
            b':' => Const::Slice(Box::new([
                self.constant()?,
                self.constant()?,
                self.constant()?,
            ])),
            b'c' => Const::Code(Box::new(self.code()?)),
            _ => return Err(Error::Invalid("unknown type code")),
        })
    }

    fn code(&mut self) -> Result<CodeUnit, Error> {
        let c = CodeUnit {
            argcount: self.u32()?,
            posonlyargcount: self.u32()?,
            kwonlyargcount: self.u32()?,
            stacksize: self.u32()?,
            flags: self.u32()?,
            firstlineno: self.u32()?,
            code: self.bytes()?.into(),
            consts: self.constants()?,
            names: self.texts()?,
            localsplus_names: self.texts()?,
            localsplus_kinds: self.bytes()?.into(),
            filename: self.text()?,
            name: self.text()?,
            qualname: self.text()?,
            line_table: self.bytes()?.into(),
            exception_table: self.bytes()?.into(),
        };
        crate::verify::check(&c).map_err(Error::Invalid)?;
        Ok(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcode::Op;

    fn sample() -> Const {
        let code = CodeUnit {
            stacksize: 1,
            code: vec![
                Op::RESUME as u8,
                0,
                Op::LOAD_CONST as u8,
                0,
                Op::RETURN_VALUE as u8,
                0,
            ]
            .into(),
            consts: vec![Const::None].into(),
            names: vec!["a".into()].into(),
            localsplus_names: vec!["x".into()].into(),
            localsplus_kinds: vec![0x20].into(),
            name: "f".into(),
            firstlineno: 3,
            ..CodeUnit::default()
        };
        Const::Tuple(Box::new([
            Const::Int(-5),
            Const::Float(-0.0),
            Const::Complex(1.5, f64::INFINITY),
            Const::BigInt {
                negative: true,
                hex: "ffffffffffffffffff".into(),
            },
            Const::Str("héllo".into()),
            Const::Surrogates(Box::new([0xd800, 0x61])),
            Const::Bytes(Box::new([0, 255])),
            Const::FrozenSet(Box::new([Const::True, Const::False])),
            Const::Slice(Box::new([Const::None, Const::Int(2), Const::Ellipsis])),
            Const::Code(Box::new(code)),
        ]))
    }

    #[test]
    fn round_trip() {
        let data = write(&sample());
        assert_eq!(read(&data), Ok(sample()));
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
        let deep = [b"(\x01\x00\x00\x00".repeat(100_000), b"N".to_vec()].concat();
        assert_eq!(read(&deep), Err(Error::TooDeep));
        assert!(read(b"(\xff\xff\xff\xff").is_err());
    }
}

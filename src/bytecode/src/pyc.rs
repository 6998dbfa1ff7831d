//! `.pyc` files: a magic number of our own, flags, what to check against the source, then the code.

use crate::code::CodeUnit;
use crate::marshal;

/// Changes whenever the bytecode or its encoding does. The last two bytes are CPython's guard against files
/// that were copied in text mode.
pub const MAGIC: [u8; 4] = [0x01, 0xAB, b'\r', b'\n'];
pub const MAGIC_NUMBER: u32 = u32::from_le_bytes(MAGIC);
/// `sys.implementation.cache_tag`.
pub const CACHE_TAG: &str = "habu-314";
pub const HEADER: usize = 16;

/// How a cached file is held against its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    Timestamp { mtime: u32, size: u32 },
    Hash { hash: [u8; 8], check_source: bool },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    Magic,
    Flags(u32),
    Truncated,
    Data(marshal::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Magic => f.write_str("bad magic number"),
            Error::Flags(n) => write!(f, "invalid flags {n:#x}"),
            Error::Truncated => f.write_str("reached EOF while reading the header"),
            Error::Data(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

pub fn header(check: Check) -> [u8; HEADER] {
    let mut out = [0; HEADER];
    out[..4].copy_from_slice(&MAGIC);
    match check {
        Check::Timestamp { mtime, size } => {
            out[8..12].copy_from_slice(&mtime.to_le_bytes());
            out[12..].copy_from_slice(&size.to_le_bytes());
        }
        Check::Hash { hash, check_source } => {
            out[4] = 1 | u8::from(check_source) << 1;
            out[8..].copy_from_slice(&hash);
        }
    }
    out
}

pub fn read_header(data: &[u8]) -> Result<Check, Error> {
    let (head, _) = data.split_first_chunk::<HEADER>().ok_or(Error::Truncated)?;
    let word = |i: usize| u32::from_le_bytes([head[i], head[i + 1], head[i + 2], head[i + 3]]);
    if word(0) != MAGIC_NUMBER {
        return Err(Error::Magic);
    }
    let mut hash = [0; 8];
    hash.copy_from_slice(&head[8..]);
    match word(4) {
        0 => Ok(Check::Timestamp { mtime: word(8), size: word(12) }),
        flags @ (1 | 3) => Ok(Check::Hash { hash, check_source: flags == 3 }),
        flags => Err(Error::Flags(flags)),
    }
}

pub fn write(code: &CodeUnit, check: Check) -> Vec<u8> {
    let mut out = header(check).to_vec();
    out.extend(marshal::write_code(code));
    out
}

pub fn read(data: &[u8]) -> Result<(Check, CodeUnit), Error> {
    let check = read_header(data)?;
    let code = marshal::read_code(&data[HEADER..]).map_err(Error::Data)?;
    Ok((check, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        for check in [
            Check::Timestamp { mtime: 7, size: 9 },
            Check::Hash { hash: *b"12345678", check_source: true },
            Check::Hash { hash: *b"12345678", check_source: false },
        ] {
            assert_eq!(read_header(&header(check)), Ok(check));
        }
        assert_eq!(read_header(&[0; 16]), Err(Error::Magic));
        assert_eq!(read(&MAGIC), Err(Error::Truncated));
    }
}

//! Bytes to objects. The input may be anything: every count is checked against what is there.
//!
//! What must hold: objects that later references may name are kept in a list on the heap.

use super::write::{FLAG_REF, MAX_DEPTH};
use habu_runtime::classes::C;
use habu_runtime::core::{class, code, dict, int, list, string, tuple};
use habu_runtime::error;
use habu_runtime::object::*;
use habu_runtime::ops::call;
use habu_runtime::runtime::class_value;
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types::{bytes, complex, float, slice};
use habu_runtime::value::Value;

/// Where the bytes come from.
pub enum Source {
    Data(Vec<u8>, usize),
    /// An object with `read`.
    File(Value),
}
pub struct Reader<'a> {
    pub th: &'a Thread,
    pub source: Source,
    pub allow_code: bool,
    refs: Gc<ListObj>,
    depth: usize,
}
/// "The end of a dict."
const END: Option<Value> = None;

impl<'a> Reader<'a> {
    pub fn new(th: &'a Thread, source: Source, allow_code: bool) -> R<Reader<'a>> {
        Ok(Reader {
            th,
            source,
            allow_code,
            refs: list::new(th)?,
            depth: 0,
        })
    }
    fn bad(&self, what: &str) -> Raised {
        let text = format!("bad marshal data ({what})");
        error::value_error(self.th, &text)
    }
    fn short(&self) -> Raised {
        error::raise(self.th, C::EOFError, "marshal data too short")
    }
    fn take(&mut self, n: usize) -> R<Vec<u8>> {
        match &mut self.source {
            Source::Data(d, at) => {
                let Some(b) = d.get(*at..).and_then(|r| r.get(..n)) else {
                    return Err(self.short());
                };
                *at += n;
                Ok(b.to_vec())
            }
            Source::File(f) => {
                if n == 0 {
                    return Ok(Vec::new());
                }
                let r = call::method_named(self.th, *f, "read", &[Value::small_int(n as i64)])?;
                let Some(b) = bytes::as_slice(r) else {
                    let text =
                        format!("file.read() returned not bytes but {}", class::type_name(r));
                    return Err(error::type_error(self.th, &text));
                };
                if b.len() > n {
                    let text = format!(
                        "read() returned too much data: {n} bytes requested, {} returned",
                        b.len()
                    );
                    return Err(error::value_error(self.th, &text));
                }
                if b.len() < n {
                    return Err(error::raise(
                        self.th,
                        C::EOFError,
                        "EOF read where not expected",
                    ));
                }
                Ok(b.to_vec())
            }
        }
    }
    fn byte(&mut self) -> R<u8> {
        match &mut self.source {
            Source::Data(d, at) => match d.get(*at) {
                Some(&b) => {
                    *at += 1;
                    Ok(b)
                }
                None => Err(error::raise(
                    self.th,
                    C::EOFError,
                    "EOF read where object expected",
                )),
            },
            Source::File(_) => Ok(self.take(1)?[0]),
        }
    }
    fn long(&mut self) -> R<i32> {
        let b = self.take(4)?;
        Ok(i32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }
    fn size(&mut self, what: &str) -> R<usize> {
        let n = self.long()?;
        // Every item takes a byte at least, so that a forged count reserves nothing.
        let most = match &self.source {
            Source::Data(d, at) => d.len() - at,
            Source::File(_) => i32::MAX as usize,
        };
        match usize::try_from(n) {
            Ok(n) if n <= most => Ok(n),
            Ok(_) => Err(self.short()),
            Err(_) => Err(self.bad(&format!("{what} size out of range"))),
        }
    }
    fn sized(&mut self, what: &str) -> R<Vec<u8>> {
        let n = self.size(what)?;
        self.take(n)
    }
    fn binary_float(&mut self) -> R<f64> {
        let b = self.take(8)?;
        let mut w = [0; 8];
        w.copy_from_slice(&b);
        Ok(f64::from_le_bytes(w))
    }
    fn text_float(&mut self) -> R<f64> {
        let n = self.byte()? as usize;
        let b = self.take(n)?;
        match std::str::from_utf8(&b).ok().and_then(|t| t.parse().ok()) {
            Some(x) => Ok(x),
            None => Err(self.bad("float")),
        }
    }
    /// The one value of the input.
    pub fn whole(&mut self) -> R {
        match self.value()? {
            Some(v) => Ok(v),
            None => Err(error::type_error(
                self.th,
                "NULL object in marshal data for object",
            )),
        }
    }
    fn must(&mut self, what: &str) -> R {
        match self.value()? {
            Some(v) => Ok(v),
            None => {
                let text = format!("NULL object in marshal data for {what}");
                Err(error::type_error(self.th, &text))
            }
        }
    }
    fn value(&mut self) -> R<Option<Value>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(error::value_error(self.th, "recursion limit exceeded"));
        }
        let tag = self.byte()?;
        let flag = tag & FLAG_REF != 0;
        // Containers stand in the list before their items do: these may refer to them.
        let place = list::len(self.refs);
        if flag {
            list::push(self.th, self.refs, Value::NONE)?;
        }
        let v = self.object(tag & !FLAG_REF, flag.then_some(place))?;
        if flag && let Some(v) = v {
            list::set(self.th, self.refs, place, v);
        }
        self.depth -= 1;
        Ok(v)
    }
    fn note(&self, place: Option<usize>, v: Value) {
        if let Some(i) = place {
            list::set(self.th, self.refs, i, v);
        }
    }
    fn items(&mut self, n: usize, what: &str, l: Gc<ListObj>) -> R<()> {
        for _ in 0..n {
            let x = self.must(what)?;
            list::push(self.th, l, x)?;
        }
        Ok(())
    }
    fn object(&mut self, tag: u8, place: Option<usize>) -> R<Option<Value>> {
        let th = self.th;
        Ok(Some(match tag {
            b'0' => return Ok(END),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => class_value(C::StopIteration),
            b'i' => Value::small_int(self.long()? as i64),
            b'I' => {
                let b = self.take(8)?;
                let mut w = [0; 8];
                w.copy_from_slice(&b);
                int::from_i64(th, i64::from_le_bytes(w))?
            }
            b'l' => self.int()?,
            b'f' => float::new(th, self.text_float()?)?,
            b'g' => float::new(th, self.binary_float()?)?,
            b'x' => {
                let re = self.text_float()?;
                complex::new(th, re, self.text_float()?)?
            }
            b'y' => {
                let re = self.binary_float()?;
                complex::new(th, re, self.binary_float()?)?
            }
            b's' => bytes::new(th, &self.sized("bytes object")?)?,
            b'u' | b't' => {
                let b = self.sized("string")?;
                let s = habu_runtime::codecs::decode(th, &b, "utf-8", "surrogatepass")?;
                self.interned(s, tag == b't')?
            }
            b'a' | b'A' => {
                let b = self.sized("string")?;
                let s = string::latin1(th, &b)?.value();
                self.interned(s, tag == b'A')?
            }
            b'z' | b'Z' => {
                let n = self.byte()? as usize;
                let b = self.take(n)?;
                let s = string::latin1(th, &b)?.value();
                self.interned(s, tag == b'Z')?
            }
            b'(' | b')' => {
                let n = match tag {
                    b')' => self.byte()? as usize,
                    _ => self.size("tuple")?,
                };
                let l = list::new(th)?;
                self.items(n, "tuple", l)?;
                tuple::new_value(th, list::items(l))?
            }
            b'[' => {
                let n = self.size("list")?;
                let l = list::new(th)?;
                self.note(place, l.value());
                self.items(n, "list", l)?;
                l.value()
            }
            b'{' => {
                let d = dict::new_dict(th)?;
                self.note(place, d.value());
                while let Some(k) = self.value()? {
                    let Some(v) = self.value()? else { break };
                    dict::set(th, d, k, v)?;
                }
                d.value()
            }
            b'<' | b'>' => {
                let n = self.size("set")?;
                let l = list::new(th)?;
                self.items(n, "set", l)?;
                let s = match tag {
                    b'<' => dict::new_set(th)?.value(),
                    _ => dict::new_frozenset(th)?.value(),
                };
                for &x in list::items(l) {
                    dict::set_add(th, s, x)?;
                }
                s
            }
            b':' => {
                let a = self.must("slice")?;
                let b = self.must("slice")?;
                let c = self.must("slice")?;
                slice::new(th, a, b, c)?
            }
            b'r' => {
                let n = self.long()?;
                let found = usize::try_from(n)
                    .ok()
                    .and_then(|n| list::get(self.refs, n))
                    .filter(|v| !v.is_none());
                match found {
                    Some(v) => v,
                    None => return Err(self.bad("invalid reference")),
                }
            }
            b'c' => {
                if !self.allow_code {
                    return Err(error::value_error(
                        th,
                        "unmarshalling code objects is disallowed",
                    ));
                }
                let b = self.sized("code")?;
                match habu_bytecode::marshal::read(&b) {
                    Ok(c) => code::constant(th, &c)?,
                    Err(e) => return Err(error::value_error(th, &e.to_string())),
                }
            }
            _ => return Err(self.bad("unknown type code")),
        }))
    }
    fn interned(&self, s: Value, intern: bool) -> R {
        match s.cast::<StrObj>() {
            Some(t) if intern => Ok(string::intern(self.th, t)?.value()),
            _ => Ok(s),
        }
    }
    fn int(&mut self) -> R {
        let n = self.long()?;
        if n == i32::MIN {
            return Err(self.bad("long size out of range"));
        }
        let count = n.unsigned_abs() as usize;
        let raw = self.take(count * 2)?;
        let (mut out, mut acc, mut have) = (Vec::new(), 0u32, 0);
        let mut top = 1;
        for d in raw.chunks_exact(2) {
            top = u16::from_le_bytes([d[0], d[1]]);
            if top > 0x7fff {
                return Err(self.bad("digit out of range in long"));
            }
            acc |= (top as u32) << have;
            have += 15;
            while have >= 8 {
                out.push(acc as u8);
                acc >>= 8;
                have -= 8;
            }
        }
        if top == 0 {
            return Err(self.bad("unnormalized long data"));
        }
        out.push(acc as u8);
        let u = dashu_int::IBig::from(dashu_int::UBig::from_le_bytes(&out));
        int::from_ibig(self.th, &if n < 0 { -u } else { u })
    }
}

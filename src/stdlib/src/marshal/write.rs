//! Objects to bytes, in the format of CPython's marshal version 5. Code objects, whose contents are Habu's own, stand
//! in it as a tag, a length and Habu's bytes.

use habu_runtime::classes::C;
use habu_runtime::core::{class, dict, int, list};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules::ast_objects::to_const;
use habu_runtime::object::*;
use habu_runtime::thread::{R, Raised, Thread, expect};
use habu_runtime::types::{bytes, complex, float, set};
use habu_runtime::value::Value;
use std::collections::HashMap;

pub const FLAG_REF: u8 = 0x80;
/// Deepest nesting, for writing and for reading.
pub const MAX_DEPTH: usize = 2000;

pub struct Writer<'a> {
    pub th: &'a Thread,
    pub version: i64,
    pub allow_code: bool,
    pub out: Vec<u8>,
    /// Objects written so far by their words, which the root keeps alive; no `Value` is held here.
    seen: HashMap<u64, u32>,
    depth: usize,
}

fn unfit(th: &Thread) -> Raised {
    error::value_error(th, "unmarshallable object")
}

impl<'a> Writer<'a> {
    pub fn new(th: &'a Thread, version: i64, allow_code: bool) -> Writer<'a> {
        Writer {
            th,
            version,
            allow_code,
            out: Vec::new(),
            seen: HashMap::new(),
            depth: 0,
        }
    }
    fn long(&mut self, n: usize) {
        self.out.extend((n as u32).to_le_bytes());
    }
    fn sized(&mut self, b: &[u8]) {
        self.long(b.len());
        self.out.extend(b);
    }
    fn float(&mut self, x: f64, binary: bool) {
        if binary {
            self.out.extend(x.to_le_bytes());
        } else {
            let t = float::repr_f64(x);
            self.out.push(t.len() as u8);
            self.out.extend(t.as_bytes());
        }
    }
    pub fn value(&mut self, v: Value) -> R<()> {
        let simple = match v {
            Value::NONE => b'N',
            Value::TRUE => b'T',
            Value::FALSE => b'F',
            Value::ELLIPSIS => b'.',
            _ if v == habu_runtime::runtime::class_value(C::StopIteration) => b'S',
            _ => 0,
        };
        if simple != 0 {
            self.out.push(simple);
            return Ok(());
        }
        let mut flag = 0;
        if self.version >= 3 && v.is_ptr() {
            if let Some(&i) = self.seen.get(&v.bits()) {
                self.out.push(b'r');
                self.long(i as usize);
                return Ok(());
            }
            self.seen.insert(v.bits(), self.seen.len() as u32);
            flag = FLAG_REF;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(error::value_error(
                self.th,
                "object too deeply nested to marshal",
            ));
        }
        self.object(v, flag)?;
        self.depth -= 1;
        Ok(())
    }
    fn items(&mut self, items: &[Value]) -> R<()> {
        self.long(items.len());
        for &x in items {
            self.value(x)?;
        }
        Ok(())
    }
    fn object(&mut self, v: Value, flag: u8) -> R<()> {
        let th = self.th;
        let exact = |c: C| class::is_exact(v, c);
        if v.is_int() || exact(C::Int) {
            return self.int(v, flag);
        }
        if v.is_float() || exact(C::Float) {
            let x = float::get(v).unwrap_or(0.0);
            let binary = self.version > 1;
            self.out.push(flag | if binary { b'g' } else { b'f' });
            self.float(x, binary);
            return Ok(());
        }
        if exact(C::Complex) {
            let (re, im) = complex::get(v).unwrap_or((0.0, 0.0));
            let binary = self.version > 1;
            self.out.push(flag | if binary { b'y' } else { b'x' });
            self.float(re, binary);
            self.float(im, binary);
            return Ok(());
        }
        match v.kind() {
            kinds::BYTES if exact(C::Bytes) => {
                self.out.push(flag | b's');
                self.sized(bytes::as_slice(v).unwrap_or(&[]));
            }
            kinds::STR if exact(C::Str) => self.text(expect(v), flag)?,
            kinds::TUPLE if exact(C::Tuple) => {
                let t: Gc<TupleObj> = expect(v);
                if self.version >= 4 && t.len() < 256 {
                    self.out.push(flag | b')');
                    self.out.push(t.len() as u8);
                    for &x in t.items() {
                        self.value(x)?;
                    }
                } else {
                    self.out.push(flag | b'(');
                    self.items(t.items())?;
                }
            }
            kinds::LIST if exact(C::List) => {
                let l: Gc<ListObj> = expect(v);
                self.out.push(flag | b'[');
                self.long(list::len(l));
                let mut i = 0;
                while let Some(x) = list::get(l, i) {
                    self.value(x)?;
                    i += 1;
                }
            }
            kinds::DICT if exact(C::Dict) => {
                self.out.push(flag | b'{');
                let mut i = 0;
                while let Some((k, x)) = dict::next(expect(v), &mut i) {
                    self.value(k)?;
                    self.value(x)?;
                }
                self.out.push(b'0');
            }
            kinds::SET | kinds::FROZENSET if exact(C::Set) || exact(C::FrozenSet) => {
                self.out
                    .push(flag | if exact(C::Set) { b'<' } else { b'>' });
                let l = set::items(th, v)?;
                // In the order of their bytes, so that equal sets are written alike.
                let mut keys = Vec::new();
                for (i, &x) in list::items(l).iter().enumerate() {
                    let mut w = Writer::new(th, self.version, self.allow_code);
                    w.value(x)?;
                    keys.push((w.out, i));
                }
                keys.sort();
                self.long(keys.len());
                for (_, i) in keys {
                    if let Some(x) = list::get(l, i) {
                        self.value(x)?;
                    }
                }
            }
            kinds::SLICE => {
                if self.version < 5 {
                    return Err(unfit(th));
                }
                let s: Gc<SliceObj> = expect(v);
                self.out.push(flag | b':');
                for part in [&s.start, &s.stop, &s.step] {
                    self.value(part.get().unwrap_or(Value::NONE))?;
                }
            }
            kinds::CODE => {
                if !self.allow_code {
                    return Err(error::value_error(
                        th,
                        "marshalling code objects is disallowed",
                    ));
                }
                let c = to_const(th, v)?;
                self.out.push(flag | b'c');
                self.sized(&habu_bytecode::marshal::write(&c));
            }
            _ => match v.is_ptr().then(|| bytes::bytes_like(th, v)) {
                Some(b) => match b? {
                    Some(b) => {
                        self.out.push(flag | b's');
                        self.sized(b);
                    }
                    None => return Err(unfit(th)),
                },
                None => return Err(unfit(th)),
            },
        }
        Ok(())
    }
    fn int(&mut self, v: Value, flag: u8) -> R<()> {
        if let Some(n) = int::to_i64(v).and_then(|n| i32::try_from(n).ok()) {
            self.out.push(flag | b'i');
            self.out.extend(n.to_le_bytes());
            return Ok(());
        }
        // Digits of 15 bits, least first; the count carries the sign.
        let negative = int::is_negative(v);
        let n = int::to_ibig(v).unwrap_or_default();
        let n = if negative { -n } else { n };
        let raw = dashu_int::UBig::try_from(n)
            .unwrap_or_default()
            .to_le_bytes();
        let (mut digits, mut acc, mut have) = (Vec::new(), 0u32, 0);
        for b in raw {
            acc |= (b as u32) << have;
            have += 8;
            if have >= 15 {
                digits.push((acc & 0x7fff) as u16);
                acc >>= 15;
                have -= 15;
            }
        }
        if acc != 0 {
            digits.push(acc as u16);
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let count = digits.len() as i32;
        self.out.push(flag | b'l');
        self.out
            .extend((if negative { -count } else { count }).to_le_bytes());
        for d in digits {
            self.out.extend(d.to_le_bytes());
        }
        Ok(())
    }
    fn text(&mut self, s: Gc<StrObj>, flag: u8) -> R<()> {
        if self.version >= 4 && s.is_ascii() {
            let b = s.bytes().to_vec();
            if b.len() < 256 {
                self.out.push(flag | b'z');
                self.out.push(b.len() as u8);
                self.out.extend(b);
            } else {
                self.out.push(flag | b'a');
                self.sized(&b);
            }
            return Ok(());
        }
        let b = habu_runtime::codecs::encode(self.th, s, "utf-8", "surrogatepass")?;
        self.out.push(flag | b'u');
        self.sized(&b);
        Ok(())
    }
}

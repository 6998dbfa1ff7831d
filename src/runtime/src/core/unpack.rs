//! Packed code (`habu_bytecode::packed`) as heap objects, with nothing in between: most of what is imported is code that
//! nobody will call.
//!
//! What must hold: the tables are in the heap, as everything that values are kept in; a tuple is filled while it grows
//! old, so that its items are stored with the barrier.

use crate::core::{code, dict, string, tuple};
use crate::object::*;
use crate::thread::{R, Raised, Thread};
use crate::types::{bytes, slice};
use habu_bytecode::marshal::Error;
use habu_bytecode::packed::{Item, MAX_DEPTH, Reader, text};
use habu_heap::Value;

/// Why there is no code: an exception is pending, or the data is not what the writer wrote.
enum Stop {
    Raised(Raised),
    Damaged,
}

impl From<Raised> for Stop {
    fn from(r: Raised) -> Stop {
        Stop::Raised(r)
    }
}

impl From<Error> for Stop {
    fn from(_: Error) -> Stop {
        Stop::Damaged
    }
}

struct Unpacker<'a> {
    th: &'a Thread,
    r: Reader<'static>,
    texts: Gc<TupleObj>,
    blobs: Gc<TupleObj>,
    lists: Gc<TupleObj>,
    depth: u32,
}

/// The code of a packed module; `None` where the data holds none.
pub fn module(th: &Thread, data: &'static [u8]) -> R<Option<Gc<CodeObj>>> {
    match whole(th, data) {
        Ok(c) => Ok(Some(c)),
        Err(Stop::Damaged) => Ok(None),
        Err(Stop::Raised(r)) => Err(r),
    }
}

fn whole(th: &Thread, data: &'static [u8]) -> Result<Gc<CodeObj>, Stop> {
    let mut u = Unpacker {
        th,
        r: Reader::new(data),
        texts: tuple::empty(),
        blobs: tuple::empty(),
        lists: tuple::empty(),
        depth: 0,
    };
    let n = u.r.count()?;
    u.texts = u.table(n, |u| {
        let b = u.r.bytes()?;
        Ok(match b.is_ascii() {
            true => string::intern_ascii(th, b)?,
            false => string::intern_new(th, text(b)?)?,
        }
        .value())
    })?;
    let n = u.r.count()?;
    u.blobs = u.table(n, |u| Ok(bytes::new(th, u.r.bytes()?)?))?;
    let n = u.r.count()?;
    u.lists = u.table(n, |u| {
        let n = u.r.count()?;
        let list = u.table(n, |u| {
            let n = u.r.number()?;
            at(u.texts, n)
        })?;
        Ok(list.value())
    })?;
    let c = u.unit()?;
    if u.r.at_end() {
        Ok(c)
    } else {
        Err(Stop::Damaged)
    }
}

fn at(table: Gc<TupleObj>, i: u32) -> Result<Value, Stop> {
    table.items().get(i as usize).copied().ok_or(Stop::Damaged)
}

impl<'a> Unpacker<'a> {
    /// A tuple of `n` values that are read one after the other.
    fn table(
        &mut self,
        n: u32,
        mut next: impl FnMut(&mut Unpacker<'a>) -> Result<Value, Stop>,
    ) -> Result<Gc<TupleObj>, Stop> {
        if n == 0 {
            return Ok(tuple::empty());
        }
        let t = tuple::blank(self.th, n as usize)?;
        for i in 0..n as usize {
            let v = next(self)?;
            self.th.set(t, t.slot(i), Some(v));
        }
        Ok(t)
    }

    fn unit(&mut self) -> Result<Gc<CodeObj>, Stop> {
        let th = self.th;
        let u = self.r.unit()?;
        let consts = self.table(u.consts, Unpacker::constant)?;
        let (name, qualname) = (at(self.texts, u.name)?, at(self.texts, u.qualname)?);
        let filename = at(self.texts, u.filename)?;
        let names = at(self.lists, u.names)?;
        let locals = at(self.lists, u.localsplus_names)?;
        let kinds = at(self.blobs, u.localsplus_kinds)?;
        let bytecode = code::in_place(th, u.code)?;
        let lines = code::in_place(th, u.line_table)?;
        let exceptions = code::in_place(th, u.exception_table)?;
        let values = [
            name,
            qualname,
            filename,
            consts.value(),
            names,
            locals,
            kinds,
            bytecode,
            lines,
            exceptions,
        ];
        let numbers = [
            u.argcount,
            u.posonlyargcount,
            u.kwonlyargcount,
            u.flags,
            u.stacksize,
            u.firstlineno,
        ];
        Ok(code::assemble(th, values, numbers.map(|n| n as u64))?)
    }

    fn constant(&mut self) -> Result<Value, Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Damaged);
        }
        let th = self.th;
        let v = match self.r.item()? {
            Item::Plain(c) => code::constant(th, &c)?,
            Item::Name(n) => at(self.texts, n)?,
            Item::Str(b) if b.is_ascii() => string::ascii(th, b)?.value(),
            Item::Str(b) => string::new_value(th, text(b)?)?,
            Item::Bytes(b) => bytes::new(th, b)?,
            Item::Tuple(n) => self.table(n, Unpacker::constant)?.value(),
            Item::FrozenSet(n) => {
                let items = self.table(n, Unpacker::constant)?;
                dict::frozenset_of(th, items.items())?
            }
            Item::Slice => {
                let (a, b, c) = (self.constant()?, self.constant()?, self.constant()?);
                slice::new(th, a, b, c)?
            }
            Item::Code => self.unit()?.value(),
        };
        self.depth -= 1;
        Ok(v)
    }
}

//! Code objects: from compiled units to heap objects.

use crate::classes::C;
use crate::core::{int, string, tuple};
use crate::kinds;
use crate::object::*;
use crate::thread::{R, Thread, expect};
use habu_bytecode::packed::looks_like_name;
use habu_bytecode::{CodeUnit, Const};
use habu_heap::{Slot, Value};

/// A code unit as a heap object, constants and inner code included.
pub fn from_unit(th: &Thread, u: &CodeUnit) -> R<Gc<CodeObj>> {
    let consts = tuple_const(th, &u.consts)?;
    let names = name_tuple(th, &u.names)?;
    let locals = name_tuple(th, &u.localsplus_names)?;
    let bytes = |b: &[u8]| crate::types::bytes::new(th, b);
    let (code, lines, exc, kinds_) = (
        bytes(&u.code)?,
        bytes(&u.line_table)?,
        bytes(&u.exception_table)?,
        bytes(&u.localsplus_kinds)?,
    );
    let filename = string::intern_new(th, &u.filename)?;
    let name = string::intern_new(th, &u.name)?;
    let qualname = string::intern_new(th, &u.qualname)?;
    let values = [
        name.value(),
        qualname.value(),
        filename.value(),
        consts.value(),
        names.value(),
        locals.value(),
        kinds_,
        code,
        lines,
        exc,
    ];
    let numbers = [
        u.argcount,
        u.posonlyargcount,
        u.kwonlyargcount,
        u.flags,
        u.stacksize,
        u.firstlineno,
    ];
    assemble(th, values, numbers.map(|n| n as u64))
}

/// A code object of these values and numbers, in the order of `from_unit`.
pub fn assemble(th: &Thread, values: [Value; 10], numbers: [u64; 6]) -> R<Gc<CodeObj>> {
    let o = alloc(th)?;
    let slots = [
        &o.name,
        &o.qualname,
        &o.filename,
        &o.consts,
        &o.names,
        &o.locals,
        &o.kinds,
        &o.code,
        &o.line_table,
        &o.exception_table,
    ];
    for (slot, v) in slots.into_iter().zip(values) {
        th.set(o, slot, Some(v));
    }
    let words = [
        &o.argcount,
        &o.posonly,
        &o.kwonly,
        &o.flags,
        &o.stacksize,
        &o.firstlineno,
    ];
    for (word, n) in words.into_iter().zip(numbers) {
        word.set(n);
    }
    count_locals(o);
    Ok(o)
}

/// Longest bytes that `in_place` can name.
const IN_PLACE_LEN: usize = 1 << 14;
const ADDRESS_BITS: u32 = 48;

/// Bytes that the binary holds, for a code object's slot: where they are, as an int. Most code that is imported is
/// never called, and what is called is read once, so these bytes become an object only when Python asks for them.
pub fn in_place(th: &Thread, b: &'static [u8]) -> R {
    let at = b.as_ptr() as usize;
    if b.len() >= IN_PLACE_LEN || at >> ADDRESS_BITS != 0 {
        return crate::types::bytes::new(th, b);
    }
    Ok(Value::small_int((b.len() << ADDRESS_BITS | at) as i64))
}

/// What a slot for bytes holds, in either form.
fn bytes_in(s: &Slot) -> &[u8] {
    let Some(v) = s.get() else {
        return &[];
    };
    match v.as_int() {
        // SAFETY: only `in_place` puts ints there: the address and length of bytes that last as long as the process.
        Some(i) => unsafe {
            std::slice::from_raw_parts(
                (i as usize & ((1 << ADDRESS_BITS) - 1)) as *const u8,
                i as usize >> ADDRESS_BITS,
            )
        },
        None => crate::types::bytes::as_slice(v).unwrap_or_default(),
    }
}

/// The same for Python: an object, from now on always this one.
pub fn bytes_object(th: &Thread, c: Gc<CodeObj>, s: &Slot) -> R {
    let Some(v) = s.get() else {
        return Ok(Value::NONE);
    };
    if v.as_int().is_none() {
        return Ok(v);
    }
    let b = crate::types::bytes::new(th, bytes_in(s))?;
    th.set(c, s, Some(b));
    Ok(b)
}

impl CodeObj {
    pub fn bytecode(&self) -> &[u8] {
        bytes_in(&self.code)
    }
    pub fn locations(&self) -> &[u8] {
        bytes_in(&self.line_table)
    }
    pub fn exceptions(&self) -> &[u8] {
        bytes_in(&self.exception_table)
    }
}

/// A code object as the plain data it was made from.
pub fn to_unit(th: &Thread, o: Gc<CodeObj>) -> R<CodeUnit> {
    let text = |s: &Slot| -> Box<str> {
        match s.get().and_then(|v| v.cast::<StrObj>()) {
            Some(s) => s.to_rust().into(),
            None => "".into(),
        }
    };
    let names = |s: &Slot| -> Box<[Box<str>]> {
        match s.get().and_then(|v| v.cast::<TupleObj>()) {
            Some(t) => t
                .items()
                .iter()
                .map(|n| match n.cast::<StrObj>() {
                    Some(s) => s.to_rust().into(),
                    None => "".into(),
                })
                .collect(),
            None => Box::default(),
        }
    };
    let consts = match o.consts.get().and_then(|v| v.cast::<TupleObj>()) {
        Some(t) => t
            .items()
            .iter()
            .map(|v| crate::modules::ast_objects::to_const(th, *v))
            .collect::<R<Box<[Const]>>>()?,
        None => Box::default(),
    };
    Ok(CodeUnit {
        argcount: o.argcount.get() as u32,
        posonlyargcount: o.posonly.get() as u32,
        kwonlyargcount: o.kwonly.get() as u32,
        stacksize: o.stacksize.get() as u32,
        flags: o.flags.get() as u32,
        code: o.bytecode().into(),
        consts,
        names: names(&o.names),
        localsplus_names: names(&o.locals),
        localsplus_kinds: bytes_in(&o.kinds).into(),
        filename: text(&o.filename),
        name: text(&o.name),
        qualname: text(&o.qualname),
        firstlineno: o.firstlineno.get() as u32,
        line_table: o.locations().into(),
        exception_table: o.exceptions().into(),
    })
}

/// Give the code, and the code within it that has the same file name, another one.
pub fn set_filename(th: &Thread, c: Gc<CodeObj>, name: Value) -> R<()> {
    th.check_native_stack()?;
    let old = filename(c);
    th.set(c, &c.filename, Some(name));
    let consts: Option<Gc<TupleObj>> = c.consts.get().and_then(|t| t.cast());
    for v in consts.iter().flat_map(|t| t.items()) {
        if let Some(inner) = v.cast::<CodeObj>()
            && filename(inner) == old
        {
            set_filename(th, inner, name)?;
        }
    }
    Ok(())
}

pub fn alloc(th: &Thread) -> R<Gc<CodeObj>> {
    let p = th.alloc_zeroed(
        C::Code.shape(),
        kinds::CODE,
        0,
        std::mem::size_of::<CodeObj>(),
    )?;
    // SAFETY: zeroed words are an empty code object.
    let o: Gc<CodeObj> = unsafe { Gc::from_raw(p as *mut CodeObj) };
    o.entry
        .set(crate::interp::tier::interpret as *const () as u64);
    Ok(o)
}

/// Derive the numbers of locals, cells and free variables from the kinds.
pub fn count_locals(o: Gc<CodeObj>) {
    use habu_bytecode::code::local_kind as k;
    let Some(b) = o.kinds.get().and_then(|b| b.cast::<BytesObj>()) else {
        return;
    };
    let b = b.as_slice();
    o.nlocalsplus.set(b.len() as u64);
    o.nlocals
        .set(b.iter().filter(|&&x| x & k::LOCAL != 0).count() as u64);
    o.ncells
        .set(b.iter().filter(|&&x| x & k::CELL != 0).count() as u64);
    o.nfrees
        .set(b.iter().filter(|&&x| x & k::FREE != 0).count() as u64);
}

fn name_tuple(th: &Thread, names: &[Box<str>]) -> R<Gc<TupleObj>> {
    if names.is_empty() {
        return Ok(tuple::empty());
    }
    let t = tuple::blank(th, names.len())?;
    for (i, n) in names.iter().enumerate() {
        th.set(t, t.slot(i), Some(string::intern_new(th, n)?.value()));
    }
    Ok(t)
}

pub fn constant(th: &Thread, c: &Const) -> R {
    Ok(match c {
        Const::None => Value::NONE,
        Const::True => Value::TRUE,
        Const::False => Value::FALSE,
        Const::Ellipsis => Value::ELLIPSIS,
        Const::Int(i) => int::from_i64(th, *i)?,
        Const::BigInt { negative, hex } => {
            let u = dashu_int::UBig::from_str_radix(hex, 16).unwrap_or(dashu_int::UBig::ZERO);
            let i = dashu_int::IBig::from(u);
            int::from_ibig(th, &if *negative { -i } else { i })?
        }
        Const::Float(f) => crate::types::float::new(th, *f)?,
        Const::Complex(a, b) => crate::types::complex::new(th, *a, *b)?,
        Const::Str(s) if looks_like_name(s) => string::intern_new(th, s)?.value(),
        Const::Str(s) => string::new_value(th, s)?,
        Const::Surrogates(s) => string::from_u32(th, s)?.value(),
        Const::Bytes(b) => crate::types::bytes::new(th, b)?,
        Const::Tuple(t) => tuple_const(th, t)?.value(),
        Const::FrozenSet(t) => {
            let items = tuple_const(th, t)?;
            crate::core::dict::frozenset_of(th, items.items())?
        }
        Const::Slice(s) => {
            let t = tuple_const(th, &s[..])?;
            crate::types::slice::new(th, t.items()[0], t.items()[1], t.items()[2])?
        }
        Const::Code(u) => from_unit(th, u)?.value(),
    })
}

fn tuple_const(th: &Thread, t: &[Const]) -> R<Gc<TupleObj>> {
    if t.is_empty() {
        return Ok(tuple::empty());
    }
    let made = tuple::blank(th, t.len())?;
    for (i, c) in t.iter().enumerate() {
        th.set(made, made.slot(i), Some(constant(th, c)?));
    }
    Ok(made)
}

pub fn line_at(c: Gc<CodeObj>, offset: u32) -> Option<u32> {
    habu_bytecode::locations::line_for(c.locations(), c.firstlineno.get() as u32, offset)
}

/// (line, end line, column, end column) of the instruction at `offset`.
pub type Position = (Option<u32>, Option<u32>, Option<u32>, Option<u32>);

pub fn position_at(c: Gc<CodeObj>, offset: u32) -> Option<Position> {
    habu_bytecode::locations::positions(c.locations(), c.firstlineno.get() as u32)
        .nth(offset as usize / 2)
}

pub fn filename(c: Gc<CodeObj>) -> String {
    c.filename
        .get()
        .map(expect::<StrObj>)
        .map(|s| s.to_rust().into_owned())
        .unwrap_or_default()
}

pub fn name(c: Gc<CodeObj>) -> String {
    c.name
        .get()
        .map(expect::<StrObj>)
        .map(|s| s.to_rust().into_owned())
        .unwrap_or_default()
}

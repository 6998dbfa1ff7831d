//! `_struct`: packing values into bytes by a format.

use crate::own_errors;
use habu_runtime::classes::C;
use habu_runtime::core::{class_make, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, m0, m1, m2, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Raised, Thread, expect};
use habu_runtime::types::{bytes, float, iters};
use habu_runtime::value::{Slot, Value};

#[derive(Clone, Copy)]
struct Item {
    code: u8,
    /// Bytes of one value.
    size: usize,
    /// How many values; for `s` and `p` the length of the one.
    count: usize,
    offset: usize,
}
struct Format {
    items: Vec<Item>,
    size: usize,
    little: bool,
}

fn failure(th: &Thread, text: &str) -> Raised {
    own_errors::raise(th, "_struct", "error", text)
}

impl Format {
    fn parse(th: &Thread, f: &[u8]) -> R<Format> {
        let (native, little, mut i) = match f.first() {
            Some(b'@') => (true, true, 1),
            Some(b'=' | b'<') => (false, true, 1),
            Some(b'>' | b'!') => (false, false, 1),
            _ => (true, true, 0),
        };
        let mut out = Format {
            items: Vec::new(),
            size: 0,
            little,
        };
        while i < f.len() {
            if f[i].is_ascii_whitespace() {
                i += 1;
                continue;
            }
            let mut count = 1usize;
            if f[i].is_ascii_digit() {
                count = 0;
                while i < f.len() && f[i].is_ascii_digit() {
                    count = match count
                        .checked_mul(10)
                        .and_then(|c| c.checked_add((f[i] - b'0') as usize))
                    {
                        Some(c) if c < 1 << 40 => c,
                        _ => return Err(failure(th, "total struct size too long")),
                    };
                    i += 1;
                }
                if i >= f.len() {
                    return Err(failure(th, "repeat count given without format specifier"));
                }
            }
            let code = f[i];
            i += 1;
            let size = match code {
                b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => 1,
                b'h' | b'H' | b'e' => 2,
                b'i' | b'I' | b'f' => 4,
                b'l' | b'L' => {
                    if native {
                        8
                    } else {
                        4
                    }
                }
                b'q' | b'Q' | b'd' => 8,
                b'n' | b'N' | b'P' if native => 8,
                _ => return Err(failure(th, "bad char in struct format")),
            };
            if native {
                out.size = out.size.next_multiple_of(size);
            }
            out.items.push(Item {
                code,
                size,
                count,
                offset: out.size,
            });
            out.size += size * count;
        }
        Ok(out)
    }
    fn values(&self) -> usize {
        self.items.iter().map(|i| i.values()).sum()
    }
}
impl Item {
    fn values(&self) -> usize {
        match self.code {
            b'x' => 0,
            b's' | b'p' => 1,
            _ => self.count,
        }
    }
}
fn format_of(th: &Thread, v: Value) -> R<Format> {
    match v.cast::<StrObj>() {
        Some(s) => Format::parse(th, s.to_rust().as_bytes()),
        None => match bytes::as_slice(v) {
            Some(b) => Format::parse(th, b),
            None => Err(error::type_error(
                th,
                "Struct() argument 1 must be a str or bytes object, not int",
            )),
        },
    }
}

fn pack_int(th: &Thread, item: &Item, v: Value) -> R<u64> {
    let c = item.code as char;
    let v = match habu_runtime::core::class::special_of(v, habu_runtime::names::N::Index) {
        Some(_) => parse::index(th, v)?,
        None => return Err(failure(th, "required argument is not an integer")),
    };
    let bits = item.size as u32 * 8;
    let wide = int::to_ibig(v)
        .and_then(|b| i128::try_from(b).ok())
        .unwrap_or(i128::MAX);
    let (lo, hi) = match c.is_ascii_uppercase() {
        true => (0, (1i128 << bits) - 1),
        false => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
    };
    if wide >= lo && wide <= hi {
        return Ok(wide as u64);
    }
    let text = match c {
        'b' | 'h' | 'B' | 'H' | 'i' | 'I' => {
            format!("'{c}' format requires {lo} <= number <= {hi}")
        }
        'q' | 'Q' | 'l' | 'L'
            if item.size == 8 && !(i64::MIN as i128..=u64::MAX as i128).contains(&wide) =>
        {
            "int too large to convert".to_string()
        }
        _ => format!("'{c}' format requires {lo} <= number <= {hi}"),
    };
    Err(failure(th, &text))
}
fn pack_one(th: &Thread, f: &Format, item: &Item, v: Value, out: &mut [u8]) -> R<()> {
    let raw: u64 = match item.code {
        b'c' => match v.cast::<BytesObj>().filter(|b| b.as_slice().len() == 1) {
            Some(b) => b.as_slice()[0] as u64,
            None => {
                return Err(failure(
                    th,
                    "char format requires a bytes object of length 1",
                ));
            }
        },
        b'?' => ops::truth(th, v)? as u64,
        b'e' | b'f' | b'd' => {
            let x = match float::to_f64(th, v) {
                Ok(x) => x,
                Err(_) => {
                    th.take();
                    return Err(failure(th, "required argument is not a float"));
                }
            };
            let big = |n: &str| {
                error::raise(
                    th,
                    C::OverflowError,
                    &format!("float too large to pack with {n} format"),
                )
            };
            match item.code {
                b'd' => x.to_bits(),
                b'f' if x.is_finite() && (x as f32).is_infinite() => return Err(big("f")),
                b'f' => (x as f32).to_bits() as u64,
                _ => float::to_half(x).ok_or_else(|| big("e"))? as u64,
            }
        }
        b'P' => pack_int(
            th,
            &Item {
                code: b'Q',
                ..*item
            },
            v,
        )?,
        _ => pack_int(th, item, v)?,
    };
    let b = raw.to_le_bytes();
    for (i, o) in out.iter_mut().enumerate() {
        *o = b[if f.little { i } else { item.size - 1 - i }];
    }
    Ok(())
}
fn pack_all(th: &Thread, f: &Format, what: &str, args: &[Value]) -> R<Vec<u8>> {
    if f.values() != args.len() {
        let text = format!(
            "{what} expected {} items for packing (got {})",
            f.values(),
            args.len()
        );
        return Err(failure(th, &text));
    }
    let mut out = Vec::new();
    if out.try_reserve_exact(f.size).is_err() {
        return Err(error::out_of_memory(th));
    }
    out.resize(f.size, 0u8);
    let mut next = 0;
    for item in &f.items {
        if matches!(item.code, b's' | b'p') {
            let Some(b) = bytes::as_slice(args[next]) else {
                let text = format!(
                    "argument for '{}' must be a bytes object",
                    item.code as char
                );
                return Err(failure(th, &text));
            };
            let p = (item.code == b'p') as usize;
            let n = b.len().min(item.count.saturating_sub(p)).min(if p == 1 {
                255
            } else {
                usize::MAX
            });
            if p == 1 && item.count > 0 {
                out[item.offset] = n as u8;
            }
            out[item.offset + p.min(item.count)..][..n].copy_from_slice(&b[..n]);
            next += 1;
            continue;
        }
        for k in 0..item.values() {
            let at = item.offset + k * item.size;
            pack_one(th, f, item, args[next], &mut out[at..at + item.size])?;
            next += 1;
        }
    }
    Ok(out)
}
fn unpack_one(th: &Thread, f: &Format, item: &Item, b: &[u8]) -> R {
    let mut raw = [0u8; 8];
    for (i, &c) in b.iter().enumerate() {
        raw[if f.little { i } else { item.size - 1 - i }] = c;
    }
    let u = u64::from_le_bytes(raw);
    match item.code {
        b'c' => bytes::new(th, b),
        b'?' => Ok(Value::bool(u != 0)),
        b'd' => float::new(th, f64::from_bits(u)),
        b'f' => float::new(th, f32::from_bits(u as u32) as f64),
        b'e' => float::new(th, float::from_half(u as u16)),
        c if c.is_ascii_uppercase() => int::from_u64(th, u),
        _ => {
            let shift = 64 - item.size * 8;
            int::from_i64(th, (u << shift) as i64 >> shift)
        }
    }
}
fn unpack_all(th: &Thread, f: &Format, b: &[u8]) -> R {
    let l = list::with_capacity(th, f.values())?;
    for item in &f.items {
        let v = match item.code {
            b's' => bytes::new(th, &b[item.offset..item.offset + item.count])?,
            b'p' => {
                let part = &b[item.offset..item.offset + item.count];
                let n = part
                    .first()
                    .map_or(0, |n| (*n as usize).min(item.count - 1));
                bytes::new(th, if n > 0 { &part[1..=n] } else { &[] })?
            }
            _ => {
                for k in 0..item.values() {
                    let at = item.offset + k * item.size;
                    list::push(th, l, unpack_one(th, f, item, &b[at..at + item.size])?)?;
                }
                continue;
            }
        };
        list::push(th, l, v)?;
    }
    tuple::new_value(th, list::items(l))
}

fn do_unpack(th: &Thread, f: &Format, v: Value) -> R {
    let b = bytes::buffer(th, v)?.to_vec();
    if b.len() != f.size {
        return Err(failure(
            th,
            &format!("unpack requires a buffer of {} bytes", f.size),
        ));
    }
    unpack_all(th, f, &b)
}
/// Where an offset into a buffer of `len` bytes leads, with room for the format behind it.
fn place(th: &Thread, f: &Format, what: &str, off: i64, len: usize) -> R<usize> {
    let verb = if what == "pack_into" {
        "packing"
    } else {
        "unpacking"
    };
    let at = if off < 0 { off + len as i64 } else { off };
    if at < 0 {
        return Err(failure(
            th,
            &format!("offset {off} out of range for {len}-byte buffer"),
        ));
    }
    if at as usize <= len && len - at as usize >= f.size {
        return Ok(at as usize);
    }
    let text = format!(
        "{what} requires a buffer of at least {} bytes for {verb} {} bytes at offset {off} (actual buffer size is {len})",
        at as usize + f.size,
        f.size
    );
    Err(failure(th, &text))
}
fn do_unpack_from(th: &Thread, f: &Format, a: Args) -> R {
    let [b, off] = habu_runtime::args!(th, a, "unpack_from", ["buffer", "offset"], 0, 1, 2);
    let off = off.map_or(Ok(0), |o| parse::as_index(th, o))?;
    let b = bytes::buffer(th, b.unwrap_or(Value::NONE))?.to_vec();
    let at = place(th, f, "unpack_from", off, b.len())?;
    unpack_all(th, f, &b[at..at + f.size])
}
fn do_pack_into(th: &Thread, f: &Format, a: &[Value]) -> R {
    if a.len() < 2 {
        return Err(failure(th, "pack_into expected buffer argument"));
    }
    let off = parse::as_index(th, a[1])?;
    let data = pack_all(th, f, "pack_into", &a[2..])?;
    let at = place(th, f, "pack_into", off, bytes::buffer(th, a[0])?.len())? as i64;
    let range = [Value::small_int(at), Value::small_int(at + f.size as i64)];
    let range = ops::call::call(th, habu_runtime::runtime::class_value(C::Slice), &range)?;
    let data = bytes::new(th, &data)?;
    ops::subscr::set(th, a[0], range, data)?;
    Ok(Value::NONE)
}
fn do_iter(th: &Thread, f: &Format, v: Value) -> R {
    let b = bytes::buffer(th, v)?.to_vec();
    if f.size == 0 {
        return Err(failure(
            th,
            "cannot iteratively unpack with a struct of length 0",
        ));
    }
    if !b.len().is_multiple_of(f.size) {
        let text = format!(
            "iterative unpacking requires a buffer of a multiple of {} bytes",
            f.size
        );
        return Err(failure(th, &text));
    }
    let l = list::new(th)?;
    for part in b.chunks(f.size) {
        list::push(th, l, unpack_all(th, f, part)?)?;
    }
    ops::iter::get(th, l.value())
}

fn calcsize(th: &Thread, v: Value) -> R {
    int::from_usize(th, format_of(th, v)?.size)
}
fn pack(th: &Thread, a: &[Value]) -> R {
    let f = format_of(th, a[0])?;
    bytes::new(th, &pack_all(th, &f, "pack", &a[1..])?)
}
fn unpack(th: &Thread, fmt: Value, v: Value) -> R {
    do_unpack(th, &format_of(th, fmt)?, v)
}
fn unpack_from(th: &Thread, a: Args) -> R {
    match a.pos().first() {
        Some(&f) => do_unpack_from(th, &format_of(th, f)?, a.rest()),
        None => Err(error::type_error(
            th,
            "unpack_from() takes at least 1 positional argument (0 given)",
        )),
    }
}
fn pack_into(th: &Thread, a: &[Value]) -> R {
    do_pack_into(th, &format_of(th, a[0])?, &a[1..])
}
fn iter_unpack(th: &Thread, fmt: Value, v: Value) -> R {
    do_iter(th, &format_of(th, fmt)?, v)
}
fn clear_cache(_: &Thread) -> R {
    Ok(Value::NONE)
}
static FUNCTIONS: [MethodDef; 7] = [
    m1("calcsize", calcsize),
    mv("pack", pack, 1, 255),
    m2("unpack", unpack),
    mk("unpack_from", unpack_from),
    mv("pack_into", pack_into, 1, 255),
    m2("iter_unpack", iter_unpack),
    m0("_clearcache", clear_cache),
];

// Struct: the format text.
fn slot(v: Value) -> &'static Slot {
    // SAFETY: the class has one native word.
    unsafe { v.cast_unchecked::<Instance>() }.word(1)
}
fn own(th: &Thread, v: Value) -> R<Format> {
    match slot(v).get() {
        Some(f) => format_of(th, f),
        None => Err(error::raise(
            th,
            C::RuntimeError,
            "Struct object is not initialized",
        )),
    }
}
fn s_new(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    if let Some(&f) = a.all().first() {
        format_of(th, f)?;
        let text = match f.cast::<StrObj>() {
            Some(s) => s.value(),
            None => string::latin1(th, bytes::as_slice(f).unwrap_or(b""))?.value(),
        };
        th.set_in(v, slot(v), Some(text));
    }
    Ok(v)
}
fn s_init(_: &Thread, _: Args) -> R {
    Ok(Value::NONE)
}
fn s_pack(th: &Thread, a: &[Value]) -> R {
    bytes::new(th, &pack_all(th, &own(th, a[0])?, "pack", &a[1..])?)
}
fn s_unpack(th: &Thread, v: Value, b: Value) -> R {
    do_unpack(th, &own(th, v)?, b)
}
fn s_unpack_from(th: &Thread, a: Args) -> R {
    do_unpack_from(th, &own(th, a.all()[0])?, a.rest())
}
fn s_pack_into(th: &Thread, a: &[Value]) -> R {
    do_pack_into(th, &own(th, a[0])?, &a[1..])
}
fn s_iter(th: &Thread, v: Value, b: Value) -> R {
    do_iter(th, &own(th, v)?, b)
}
fn s_size(th: &Thread, v: Value) -> R {
    int::from_usize(th, own(th, v)?.size)
}
fn s_format(_: &Thread, v: Value) -> R {
    Ok(slot(v).get().unwrap_or(Value::NONE))
}
fn s_repr(th: &Thread, v: Value) -> R {
    let r: Gc<StrObj> = expect(ops::repr::repr(th, s_format(th, v)?)?);
    string::new_value(th, &format!("_struct.Struct({})", r.to_rust()))
}
static METHODS: [MethodDef; 7] = [
    mk("__init__", s_init),
    mv("pack", s_pack, 1, 255),
    m2("unpack", s_unpack),
    mk("unpack_from", s_unpack_from),
    mv("pack_into", s_pack_into, 1, 255),
    m2("iter_unpack", s_iter),
    m1("__repr__", s_repr),
];
static FIELDS: [GetSetDef; 2] = [gs("size", s_size), gs("format", s_format)];
static STRUCT: TypeSpec = TypeSpec::new("Struct", habu_runtime::kinds::RECORD)
    .module("_struct")
    .words(1)
    .flags(tf::BASE | tf::WEAKREF)
    .methods(&METHODS)
    .getset(&FIELDS)
    .new_fn(s_new);

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let s = m::new(th, "_struct", &FUNCTIONS)?;
    m::set(
        th,
        s,
        "Struct",
        class_make::from_spec(th, &STRUCT, None)?.value(),
    )?;
    own_errors::add(th, s, "struct", "error", C::Exception)?;
    m::set(
        th,
        s,
        "__doc__",
        string::new_value(
            th,
            "Functions to convert between Python values and C structs.",
        )?,
    )?;
    Ok(s)
}

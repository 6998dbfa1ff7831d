//! `builtins`: functions and the names of the core classes.

use crate::classes::{C, SPECS};
use crate::core::{attr, class, dict, int, list, parse, string, tuple};
use crate::error;
use crate::interp;
use crate::kinds;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::{self, call, iter};
use crate::runtime::{class as core_class, rt};
use crate::spec::{Args, MethodDef, Named, m1, m2, mk, mv};
use crate::thread::{R, Thread, expect};
use crate::types;
use habu_bytecode::opcode::compare;
use habu_heap::Value;

use super::builtins_exec::{compile, eval, exec};

fn abs(th: &Thread, v: Value) -> R {
    ops::binary::absolute(th, v)
}
fn all(th: &Thread, v: Value) -> R {
    let items = iter::Items::in_any(th, v)?;
    while let Some(x) = items.next(th)? {
        if !ops::truth(th, x)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}
fn any(th: &Thread, v: Value) -> R {
    let items = iter::Items::in_any(th, v)?;
    while let Some(x) = items.next(th)? {
        if ops::truth(th, x)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}
fn ascii(th: &Thread, v: Value) -> R {
    ops::repr::ascii(th, v)
}
fn radix(th: &Thread, v: Value, spec: &str) -> R {
    let i = parse::index(th, v)?;
    let s = string::new_value(th, spec)?;
    ops::format::format(th, i, s)
}
fn bin(th: &Thread, v: Value) -> R {
    radix(th, v, "#b")
}
fn oct(th: &Thread, v: Value) -> R {
    radix(th, v, "#o")
}
fn hex(th: &Thread, v: Value) -> R {
    radix(th, v, "#x")
}
fn callable(_: &Thread, v: Value) -> R {
    Ok(Value::bool(call::is_callable(v)))
}
fn chr(th: &Thread, v: Value) -> R {
    let i = parse::index(th, v)?;
    match int::to_i64(i) {
        Some(c @ 0..=0x10ffff) => Ok(string::char_str(th, c as u32)?.value()),
        _ => Err(error::value_error(th, "chr() arg not in range(0x110000)")),
    }
}
fn ord(th: &Thread, v: Value) -> R {
    let n = match v.cast::<StrObj>() {
        Some(s) if s.len() == 1 => return Ok(Value::small_int(s.at(0) as i64)),
        Some(s) => s.len(),
        None => match types::bytes::as_slice(v) {
            Some([b]) => return Ok(Value::small_int(*b as i64)),
            Some(b) => b.len(),
            None => {
                return Err(error::type_error(
                    th,
                    &format!(
                        "ord() expected string of length 1, but {} found",
                        class::type_name(v)
                    ),
                ));
            }
        },
    };
    Err(error::type_error(
        th,
        &format!("ord() expected a character, but string of length {n} found"),
    ))
}
fn delattr(th: &Thread, v: Value, n: Value) -> R {
    let n = attr::intern_name(th, n)?;
    attr::set(th, v, n, None)?;
    Ok(Value::NONE)
}
fn dir(th: &Thread, a: &[Value]) -> R {
    let names = match a.first() {
        Some(&v) => match class::special_of(v, N::Dir) {
            Some(f) => call::call_special(th, f, v, &[])?,
            None => return Err(error::type_error(th, "object does not provide __dir__")),
        },
        None => {
            let Some(f) = interp::current_frame(th) else {
                return Err(error::raise(th, C::SystemError, "frame does not exist"));
            };
            let l = types::frame::locals_snapshot(th, f)?;
            call::method(th, l, nm(N::Keys), &[])?
        }
    };
    let l = iter::to_list(th, names)?;
    types::sort::sort(th, l, None, false)?;
    Ok(l.value())
}
fn divmod(th: &Thread, a: Value, b: Value) -> R {
    ops::binary::divmod(th, a, b)
}
fn format(th: &Thread, a: &[Value]) -> R {
    let spec = a.get(1).copied().unwrap_or(string::empty().value());
    parse::as_str(th, spec, "format() argument 2")?;
    ops::format::format(th, a[0], spec)
}
fn getattr(th: &Thread, a: &[Value]) -> R {
    let n = attr::intern_name(th, a[1])?;
    match a.get(2) {
        Some(&d) => Ok(attr::get_opt(th, a[0], n)?.unwrap_or(d)),
        None => attr::get(th, a[0], n),
    }
}
fn hasattr(th: &Thread, v: Value, n: Value) -> R {
    let n = attr::intern_name(th, n)?;
    Ok(Value::bool(attr::get_opt(th, v, n)?.is_some()))
}
fn setattr(th: &Thread, a: &[Value]) -> R {
    let n = attr::intern_name(th, a[1])?;
    attr::set(th, a[0], n, Some(a[2]))?;
    Ok(Value::NONE)
}
fn globals(th: &Thread) -> R {
    Ok(interp::current_globals(th).map_or(Value::NONE, |g| g.value()))
}
fn locals(th: &Thread) -> R {
    match interp::current_frame(th) {
        Some(f) => types::frame::locals_snapshot(th, f),
        None => Err(error::raise(th, C::SystemError, "frame does not exist")),
    }
}
fn hash(th: &Thread, v: Value) -> R {
    int::from_i64(th, ops::hash::hash(th, v)?)
}
fn id(th: &Thread, v: Value) -> R {
    int::from_u64(th, v.bits())
}
fn input(th: &Thread, a: &[Value]) -> R {
    if let Some(&p) = a.first() {
        let s = ops::repr::str(th, p)?;
        crate::modules::sys::write_to(th, "stdout", s)?;
    }
    crate::modules::sys::flush_std(th);
    crate::modules::builtins_io::flush();
    if let Some(f) = crate::modules::sys::get(th, "stdin")?.filter(|f| !f.is_none()) {
        let line = call::method(th, f, nm(N::ReadLine), &[])?;
        let s: Gc<StrObj> = match line.cast() {
            Some(s) => s,
            None => {
                return Err(error::type_error(
                    th,
                    "object.readline() returned non-string",
                ));
            }
        };
        if s.is_empty() {
            return Err(error::raise(th, C::EOFError, "EOF when reading a line"));
        }
        let n = s.len() - (s.at(s.len() - 1) == '\n' as u32) as usize;
        return Ok(string::slice(th, s, 0, n)?.value());
    }
    let mut line = String::new();
    let r = th.blocked(|| std::io::stdin().read_line(&mut line));
    match r {
        Ok(0) => Err(error::raise(th, C::EOFError, "EOF when reading a line")),
        Ok(_) => string::new_value(th, line.trim_end_matches('\n')),
        Err(e) => Err(error::io_error(th, &e, None)),
    }
}
fn isinstance(th: &Thread, v: Value, c: Value) -> R {
    Ok(Value::bool(ops::isinstance::isinstance(th, v, c)?))
}
fn issubclass(th: &Thread, k: Value, c: Value) -> R {
    Ok(Value::bool(ops::isinstance::issubclass(th, k, c)?))
}
fn py_iter(th: &Thread, a: &[Value]) -> R {
    match a.get(1) {
        None => iter::get(th, a[0]),
        Some(&s) => {
            if !call::is_callable(a[0]) {
                return Err(error::type_error(th, "iter(v, w): v must be callable"));
            }
            types::iters::new_call_iter(th, a[0], s)
        }
    }
}
fn aiter(th: &Thread, v: Value) -> R {
    let Some(f) = class::special_of(v, N::AIter) else {
        return Err(error::type_error(
            th,
            &format!("'{}' object is not an async iterable", class::type_name(v)),
        ));
    };
    let it = call::call_special(th, f, v, &[])?;
    if class::special_of(it, N::ANext).is_none() {
        return Err(error::type_error(
            th,
            &format!(
                "aiter() returned not an async iterator of type '{}'",
                class::type_name(it)
            ),
        ));
    }
    Ok(it)
}
fn anext(th: &Thread, a: &[Value]) -> R {
    let Some(f) = class::special_of(a[0], N::ANext) else {
        return Err(error::type_error(
            th,
            &format!(
                "'{}' object is not an async iterator",
                class::type_name(a[0])
            ),
        ));
    };
    let aw = call::call_special(th, f, a[0], &[])?;
    match a.get(1) {
        Some(&d) => types::asyncgen::new_anext(th, aw, d),
        None => Ok(aw),
    }
}
fn len(th: &Thread, v: Value) -> R {
    int::from_usize(th, ops::length(th, v)?)
}
/// The least or greatest of the items of a list, tuple or set, if all are small ints.
fn extreme_int(v: Value, want_less: bool) -> Option<Value> {
    let among = |items: &mut dyn Iterator<Item = Value>| {
        let mut best = items.next()?.as_int()?;
        for v in items {
            let i = v.as_int()?;
            best = if want_less { best.min(i) } else { best.max(i) };
        }
        Some(Value::small_int(best))
    };
    match v.shape() {
        s if s == C::List.shape() => among(&mut list::items(expect(v)).iter().copied()),
        s if s == C::Tuple.shape() => among(&mut expect::<TupleObj>(v).items().iter().copied()),
        s if s == C::Set.shape() || s == C::FrozenSet.shape() => dict::extreme_low(v, want_less)
            .or_else(|| dict::extreme_int(dict::as_map(v), want_less))
            .map(Value::small_int),
        _ => None,
    }
}

fn extreme(th: &Thread, a: Args, name: &str, want_less: bool) -> R {
    let op = if want_less { compare::LT } else { compare::GT };
    if a.names().is_none()
        && let &[x, y] = a.all()
    {
        return Ok(if ops::compare::rich_bool(th, y, x, op)? {
            y
        } else {
            x
        });
    }
    let (mut key, mut default) = (None, None);
    for (k, v) in a.kw() {
        let k: Gc<StrObj> = expect(k);
        if k.eq_str("key") {
            key = Some(v).filter(|v| !v.is_none());
        } else if k.eq_str("default") {
            default = Some(v);
        } else {
            return Err(error::type_error(
                th,
                &format!(
                    "{name}() got an unexpected keyword argument '{}'",
                    k.to_rust()
                ),
            ));
        }
    }
    let pos = a.pos();
    if pos.is_empty() {
        return Err(error::type_error(
            th,
            &format!("{name} expected at least 1 argument, got 0"),
        ));
    }
    let better = |x: Value, y: Value| ops::compare::rich_bool(th, x, y, op);
    let of = |v: Value| -> R {
        match key {
            Some(k) => call::call(th, k, &[v]),
            None => Ok(v),
        }
    };
    if pos.len() > 1 {
        if default.is_some() {
            return Err(error::type_error(
                th,
                &format!(
                    "Cannot specify a default for {name}() with multiple positional arguments"
                ),
            ));
        }
        let (mut best, mut best_key) = (pos[0], of(pos[0])?);
        for &v in &pos[1..] {
            let k = of(v)?;
            if better(k, best_key)? {
                (best, best_key) = (v, k);
            }
        }
        return Ok(best);
    }
    if key.is_none()
        && let Some(best) = extreme_int(pos[0], want_less)
    {
        return Ok(best);
    }
    let items = iter::Items::in_any(th, pos[0])?;
    let mut best: Option<(Value, Value)> = None;
    let take = |best: &mut Option<(Value, Value)>, v: Value| {
        let Some((_, b)) = best.filter(|_| key.is_none()) else {
            return false;
        };
        let is = ops::plain::holds(th, op, v, b);
        if is == Some(true) {
            *best = Some((v, v));
        }
        is.is_some()
    };
    while let Some(v) = items.next_refused(th, &mut |v| take(&mut best, v))? {
        let k = of(v)?;
        best = match best {
            Some((_, bk)) if better(k, bk)? => Some((v, k)),
            None => Some((v, k)),
            b => b,
        };
    }
    match best.map(|b| b.0).or(default) {
        Some(v) => Ok(v),
        None => Err(error::value_error(
            th,
            &format!("{name}() iterable argument is empty"),
        )),
    }
}
fn max(th: &Thread, a: Args) -> R {
    extreme(th, a, "max", false)
}
fn min(th: &Thread, a: Args) -> R {
    extreme(th, a, "min", true)
}
fn next(th: &Thread, a: &[Value]) -> R {
    if !iter::is_iterator(a[0]) {
        return Err(error::type_error(
            th,
            &format!("'{}' object is not an iterator", class::type_name(a[0])),
        ));
    }
    match a.get(1) {
        Some(&d) => Ok(iter::next(th, a[0])?.unwrap_or(d)),
        None => iter::next_keep_stop(th, a[0]),
    }
}
fn pow(th: &Thread, a: Args) -> R {
    let [x, y, z] = crate::args!(th, a, "pow", ["base", "exp", "mod"], 0, 2, 3);
    ops::binary::power(
        th,
        x.unwrap_or(Value::NONE),
        y.unwrap_or(Value::NONE),
        z.unwrap_or(Value::NONE),
    )
}
fn print(th: &Thread, a: Args) -> R {
    let (mut sep, mut end, mut file, mut flush) = (None, None, None, false);
    for (k, v) in a.kw() {
        let k: Gc<StrObj> = expect(k);
        let text = |v: Value, n: &str| -> R<Option<Value>> {
            if v.is_none() {
                return Ok(None);
            }
            if v.is::<StrObj>() {
                return Ok(Some(v));
            }
            Err(error::type_error(
                th,
                &format!("{n} must be None or a string, not {}", class::type_name(v)),
            ))
        };
        if k.eq_str("sep") {
            sep = text(v, "sep")?;
        } else if k.eq_str("end") {
            end = Some(text(v, "end")?);
        } else if k.eq_str("file") {
            file = Some(v).filter(|v| !v.is_none());
        } else if k.eq_str("flush") {
            flush = ops::truth(th, v)?;
        } else {
            return Err(error::type_error(
                th,
                &format!(
                    "print() got an unexpected keyword argument '{}'",
                    k.to_rust()
                ),
            ));
        }
    }
    let out = match file {
        Some(f) => Some(f),
        None => crate::modules::sys::get(th, "stdout")?,
    };
    let native = out.and_then(crate::modules::sys::stream_writer);
    let write = |v: Value| -> R<()> {
        match (out, native) {
            (Some(f), _) if f.is_none() => Ok(()),
            (Some(f), Some(w)) => w(th, f, v).map(drop),
            (Some(f), None) => call::method(th, f, nm(N::Write), &[v]).map(drop),
            (None, _) => {
                let s: Gc<StrObj> = expect(v);
                match s.to_utf8() {
                    Some(t) => crate::modules::builtins_io::write_raw(1, t.as_bytes()),
                    None => return Err(types::string::surrogate_error(th, s)),
                }
                Ok(())
            }
        }
    };
    let mut b = string::Builder::new();
    // Files that Python code can see get one write a piece, as CPython does; ours gets the whole line.
    let pieces = out.is_some() && native.is_none();
    for (i, &v) in a.pos().iter().enumerate() {
        if i > 0 {
            let s = sep.unwrap_or(string::latin1_char(b' ').value());
            if pieces { write(s)? } else { b.push(expect(s)) }
        }
        let s = ops::repr::str(th, v)?;
        if pieces { write(s)? } else { b.push(expect(s)) }
    }
    let e = match end {
        Some(Some(e)) => e,
        _ => string::latin1_char(b'\n').value(),
    };
    if pieces {
        write(e)?;
    } else {
        b.push(expect(e));
        write(b.finish_value(th)?)?;
    }
    if flush {
        match out {
            Some(f) if !f.is_none() => {
                call::method(th, f, nm(N::Flush), &[])?;
            }
            _ => {
                crate::modules::builtins_io::flush();
            }
        }
    }
    Ok(Value::NONE)
}
fn repr(th: &Thread, v: Value) -> R {
    ops::repr::repr(th, v)
}
fn round(th: &Thread, a: Args) -> R {
    let [v, n] = crate::args!(th, a, "round", ["number", "ndigits"], 0, 1, 2);
    let v = v.unwrap_or(Value::NONE);
    match class::special_of(v, N::Round) {
        Some(f) => match n.filter(|n| !n.is_none()) {
            Some(n) => call::call_special(th, f, v, &[n]),
            None => call::call_special(th, f, v, &[]),
        },
        None => Err(error::type_error(
            th,
            &format!(
                "type {} doesn't define __round__ method",
                class::type_name(v)
            ),
        )),
    }
}
fn sorted(th: &Thread, a: Args) -> R {
    let [it, key, rev] = crate::args!(th, a, "sorted", ["iterable", "key", "reverse"], 1, 1, 1);
    let l = iter::to_list(th, it.unwrap_or(Value::NONE))?;
    let rev = match rev {
        Some(r) => ops::truth(th, r)?,
        None => false,
    };
    types::sort::sort(th, l, key.filter(|k| !k.is_none()), rev)?;
    Ok(l.value())
}
fn sum(th: &Thread, a: Args) -> R {
    let [it, start] = crate::args!(th, a, "sum", ["iterable", "start"], 1, 1, 2);
    let start = start.unwrap_or(Value::small_int(0));
    let bad = match start.kind() {
        kinds::STR => Some("sum() can't sum strings [use ''.join(seq) instead]"),
        kinds::BYTES => Some("sum() can't sum bytes [use b''.join(seq) instead]"),
        kinds::BYTEARRAY => Some("sum() can't sum bytearray [use b''.join(seq) instead]"),
        _ => None,
    };
    if let Some(b) = bad {
        return Err(error::type_error(th, b));
    }
    let items = iter::Items::in_any(th, it.unwrap_or(Value::NONE))?;
    sum_items(th, &items, start, None)
}

/// `first` and the other items, added to what there is.
fn sum_items(th: &Thread, items: &iter::Items, start: Value, first: Option<Value>) -> R {
    let mut acc = start;
    // Ints first, then floats with compensated summation, as CPython sums.
    let add_ints = |acc: &mut Value, x: Value| {
        let number = match x {
            Value::FALSE => Some(0),
            Value::TRUE => Some(1),
            x => x.as_int(),
        };
        let both = acc.as_int().zip(number);
        let sum = both.and_then(|(i, j)| Value::try_int(i + j));
        sum.map(|sum| *acc = sum).is_some()
    };
    let mut item = first;
    loop {
        if item.is_none() {
            item = items.next_refused(th, &mut |x| add_ints(&mut acc, x))?;
        }
        let Some(x) = item.take() else {
            return Ok(acc);
        };
        if add_ints(&mut acc, x) {
            continue;
        }
        if acc.is_float() || types::float::get(acc).is_some() && class::is_exact(acc, C::Float) {
            let sum = Compensated {
                hi: types::float::get(acc).unwrap_or(0.0),
                lo: 0.0,
            };
            return sum_floats(th, items, sum, x);
        }
        acc = ops::binary::binary(th, habu_bytecode::opcode::binary::ADD, acc, x)?;
    }
}

/// Go on with a sum that stands at `sum`, having lost `lost` by rounding: `first`, then what is left of `items`.
pub fn sum_on(th: &Thread, sum: Value, lost: f64, first: Value, items: &iter::Items) -> R {
    match types::float::get(sum).filter(|_| !sum.is_int()) {
        Some(hi) => sum_floats(th, items, Compensated { hi, lo: lost }, first),
        None => sum_items(th, items, sum, Some(first)),
    }
}

/// A sum with what rounding has lost of it.
pub fn total(sum: f64, lost: f64) -> f64 {
    Compensated { hi: sum, lo: lost }.total()
}

/// A sum of floats with what rounding has lost of it.
struct Compensated {
    hi: f64,
    lo: f64,
}

impl Compensated {
    /// Add a float or an int that is exact as one; `false`: it is neither.
    fn add(&mut self, x: Value) -> bool {
        let exact = x.is_float() || class::is_exact(x, C::Float);
        if exact && let Some(f) = types::float::get(x) {
            let t = self.hi + f;
            if self.hi.abs() >= f.abs() {
                self.lo += (self.hi - t) + f;
            } else {
                self.lo += (f - t) + self.hi;
            }
            self.hi = t;
            return true;
        }
        let small = x.as_int().filter(|i| i.unsigned_abs() < 1 << 53);
        small.map(|i| self.hi += i as f64).is_some()
    }
    fn total(&self) -> f64 {
        if self.lo != 0.0 && self.lo.is_finite() {
            self.hi + self.lo
        } else {
            self.hi
        }
    }
}

fn sum_floats(th: &Thread, items: &iter::Items, mut sum: Compensated, first: Value) -> R {
    let mut item = Some(first);
    while let Some(x) = item {
        if !sum.add(x) {
            let mut acc = types::float::new(th, sum.total())?;
            acc = ops::binary::binary(th, habu_bytecode::opcode::binary::ADD, acc, x)?;
            while let Some(y) = items.next(th)? {
                acc = ops::binary::binary(th, habu_bytecode::opcode::binary::ADD, acc, y)?;
            }
            return Ok(acc);
        }
        item = items.next_refused(th, &mut |x| sum.add(x))?;
    }
    types::float::new(th, sum.total())
}
fn vars(th: &Thread, a: &[Value]) -> R {
    match a.first() {
        None => locals(th),
        Some(&v) => match attr::get_opt(th, v, nm(N::Dict))? {
            Some(d) => Ok(d),
            None => Err(error::type_error(
                th,
                "vars() argument must have __dict__ attribute",
            )),
        },
    }
}
fn import(th: &Thread, a: Args) -> R {
    let [name, globals, _locals, fromlist, level] = crate::args!(
        th,
        a,
        "__import__",
        ["name", "globals", "locals", "fromlist", "level"],
        0,
        1,
        5
    );
    let Some(n) = name.and_then(|n| n.cast::<StrObj>()) else {
        return Err(error::type_error(th, "module name must be a string"));
    };
    let level = match level {
        Some(l) => parse::as_isize(th, l)?,
        None => 0,
    };
    if level < 0 {
        return Err(error::value_error(th, "level must be >= 0"));
    }
    let g = globals.and_then(|g| g.cast::<DictObj>());
    crate::import::import(th, &n.to_rust(), g, fromlist.unwrap_or(Value::NONE), level)
}
/// `__build_class__(func, name, *bases, metaclass=…, **kwargs)`.
fn build_class(th: &Thread, a: Args) -> R {
    let pos = a.pos();
    if pos.len() < 2 {
        return Err(error::type_error(
            th,
            "__build_class__: not enough arguments",
        ));
    }
    let Some(func) = pos[0].cast::<FunctionObj>() else {
        return Err(error::type_error(
            th,
            "__build_class__: func must be a function",
        ));
    };
    let name = pos[1];
    if !name.is::<StrObj>() {
        return Err(error::type_error(
            th,
            "__build_class__: name is not a string",
        ));
    }
    let orig = tuple::new(th, &pos[2..])?;
    let bases = resolve_bases(th, orig)?;
    // Keywords without metaclass go to __prepare__, the metaclass and __init_subclass__.
    let mut meta = None;
    let (kn, kv) = (list::new(th)?, list::new(th)?);
    for (k, v) in a.kw() {
        if k == nm(N::Metaclass) || k.cast::<StrObj>().is_some_and(|s| s.eq_str("metaclass")) {
            meta = Some(v);
        } else {
            list::push(th, kn, k)?;
            list::push(th, kv, v)?;
        }
    }
    let names = if list::len(kn) > 0 {
        Some(tuple::new(th, list::items(kn))?)
    } else {
        None
    };
    let explicit = meta.is_some();
    let mut meta = match meta {
        Some(m) => m,
        None => match bases.items().first() {
            Some(&b) => class::of(b).value(),
            None => core_class(C::Type).value(),
        },
    };
    if let Some(m) = meta.cast::<TypeObj>() {
        meta = class::best_metaclass(th, m, bases.items())?.value();
    }
    let with_kw = |first: &[Value]| -> R<Gc<ListObj>> {
        let l = list::from_slice(th, first)?;
        for &v in list::items(kv) {
            list::push(th, l, v)?;
        }
        Ok(l)
    };
    let plain_meta = meta == core_class(C::Type).value();
    let ns = match if plain_meta {
        None
    } else {
        attr::get_opt(th, meta, nm(N::Prepare))?
    } {
        Some(p) => {
            let args = with_kw(&[name, bases.value()])?;
            call::call_args(
                th,
                p,
                Args::of(&Named {
                    all: list::items(args),
                    names,
                }),
            )?
        }
        None => dict::new_dict(th)?.value(),
    };
    if class::special_of(ns, N::GetItem).is_none() {
        let m = match meta.cast::<TypeObj>() {
            Some(m) if explicit || !plain_meta => m.name_str(),
            _ => "<metaclass>".to_string(),
        };
        return Err(error::type_error(
            th,
            &format!(
                "{m}.__prepare__() must return a mapping, not {}",
                class::type_name(ns)
            ),
        ));
    }
    let cell = interp::run_in_namespace(th, func, Some(ns))?;
    if bases != orig {
        crate::interp::names::store_in(th, ns, nm(N::OrigBases), orig.value())?;
    }
    let args = with_kw(&[name, bases.value(), ns])?;
    let cls = call::call_args(
        th,
        meta,
        Args::of(&Named {
            all: list::items(args),
            names,
        }),
    )?;
    if let Some(c) = cell.cast::<CellObj>()
        && cls.is::<TypeObj>()
    {
        match c.value.get() {
            Some(got) if got == cls => {}
            Some(got) => {
                return Err(error::type_error(
                    th,
                    &format!(
                        "__class__ set to {} defining {} as {}",
                        ops::repr::repr_string(th, got)?,
                        ops::repr::repr_string(th, name)?,
                        ops::repr::repr_string(th, cls)?
                    ),
                ));
            }
            None => {
                return Err(error::raise(
                    th,
                    C::RuntimeError,
                    &format!(
                        "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
                        ops::repr::repr_string(th, name)?,
                        ops::repr::repr_string(th, cls)?
                    ),
                ));
            }
        }
    }
    Ok(cls)
}
/// Bases that are no classes may say what stands for them (`__mro_entries__`).
fn resolve_bases(th: &Thread, bases: Gc<TupleObj>) -> R<Gc<TupleObj>> {
    if bases.items().iter().all(|b| b.is::<TypeObj>()) {
        return Ok(bases);
    }
    let out = list::new(th)?;
    let mut changed = false;
    for &b in bases.items() {
        if !b.is::<TypeObj>()
            && let Some(f) = attr::get_opt(th, b, nm(N::MroEntries))?
        {
            let r = call::call(th, f, &[bases.value()])?;
            let Some(t) = r.cast::<TupleObj>() else {
                return Err(error::type_error(th, "__mro_entries__ must return a tuple"));
            };
            changed = true;
            for &x in t.items() {
                list::push(th, out, x)?;
            }
            continue;
        }
        list::push(th, out, b)?;
    }
    if changed {
        tuple::new(th, list::items(out))
    } else {
        Ok(bases)
    }
}

/// `breakpoint(*args, **kws)`: whatever `sys.breakpointhook` does with them.
fn breakpoint(th: &Thread, a: Args) -> R {
    match crate::modules::sys::get(th, "breakpointhook")? {
        Some(f) => call::call_args(th, f, a),
        None => Err(error::raise(th, C::RuntimeError, "lost sys.breakpointhook")),
    }
}
static FUNCTIONS: [MethodDef; 44] = [
    mk("breakpoint", breakpoint),
    m1("abs", abs),
    m1("all", all),
    m1("any", any),
    m1("ascii", ascii),
    m1("bin", bin),
    m1("oct", oct),
    m1("hex", hex),
    m1("callable", callable),
    m1("chr", chr),
    m1("ord", ord),
    mk("compile", compile),
    mk("exec", exec),
    mk("eval", eval),
    m2("delattr", delattr),
    mv("dir", dir, 0, 1),
    m2("divmod", divmod),
    mv("format", format, 1, 2),
    mv("getattr", getattr, 2, 3),
    m2("hasattr", hasattr),
    mv("setattr", setattr, 3, 3),
    crate::spec::m0("globals", globals),
    crate::spec::m0("locals", locals),
    m1("hash", hash),
    m1("id", id),
    mv("input", input, 0, 1),
    m2("isinstance", isinstance),
    m2("issubclass", issubclass),
    mv("iter", py_iter, 1, 2),
    m1("aiter", aiter),
    mv("anext", anext, 1, 2),
    m1("len", len),
    mk("max", max),
    mk("min", min),
    mv("next", next, 1, 2),
    mk("pow", pow),
    mk("print", print),
    m1("repr", repr),
    mk("round", round),
    mk("sorted", sorted),
    mk("sum", sum),
    mv("vars", vars, 0, 1),
    mk("__import__", import),
    mk("__build_class__", build_class),
];

/// Classes that `builtins` names.
const CLASSES: &[C] = &[
    C::Object,
    C::Type,
    C::Int,
    C::Bool,
    C::Float,
    C::Complex,
    C::Str,
    C::Bytes,
    C::ByteArray,
    C::Tuple,
    C::List,
    C::Dict,
    C::Set,
    C::FrozenSet,
    C::Property,
    C::ClassMethod,
    C::StaticMethod,
    C::Super,
    C::Slice,
    C::Range,
    C::Enumerate,
    C::Zip,
    C::Map,
    C::Filter,
    C::Reversed,
    C::MemoryView,
];

pub fn install(th: &Thread) -> R<()> {
    let m = crate::modules::new(th, "builtins", &FUNCTIONS)?;
    let d = types::module::dict_of(m.value());
    let r = rt();
    r.builtins.init(Some(m.value()));
    r.builtins_dict.init(Some(d.value()));
    r.import_func.init(dict::get_name(d, nm(N::Import)));
    r.all.init(dict::get_text(th, d, "all")?);
    r.any.init(dict::get_text(th, d, "any")?);
    for &c in CLASSES {
        let t = core_class(c);
        dict::set_text(th, d, t.spec().name, t.value())?;
    }
    for (i, s) in SPECS.iter().enumerate() {
        if let Some(s) = s
            && s.kind == kinds::EXC
        {
            // SAFETY: core classes exist by now.
            let t = unsafe { r.classes[i].get_unchecked() };
            dict::set_text(th, d, s.name, t)?;
        }
    }
    for alias in ["EnvironmentError", "IOError"] {
        dict::set_text(th, d, alias, core_class(C::OSError).value())?;
    }
    dict::set_text(th, d, "None", Value::NONE)?;
    dict::set_text(th, d, "True", Value::TRUE)?;
    dict::set_text(th, d, "False", Value::FALSE)?;
    dict::set_text(th, d, "Ellipsis", Value::ELLIPSIS)?;
    dict::set_text(th, d, "NotImplemented", Value::NOT_IMPLEMENTED)?;
    dict::set_name(th, d, nm(N::Debug), Value::TRUE)?;
    // ExceptionGroup has two bases, so it is made like a class statement would.
    let name = string::intern_new(th, "ExceptionGroup")?;
    let bases = tuple::new(
        th,
        &[
            core_class(C::BaseExceptionGroup).value(),
            core_class(C::Exception).value(),
        ],
    )?;
    let ns = dict::new_dict(th)?;
    dict::set_name(
        th,
        ns,
        nm(N::Module),
        string::intern_new(th, "builtins")?.value(),
    )?;
    let g = crate::core::class_make::make(
        th,
        core_class(C::Type),
        name,
        bases,
        ns,
        Args::positional_only(&[]),
    )?;
    dict::set_text(th, d, "ExceptionGroup", g.value())?;
    if let Some(mods) = crate::import::modules() {
        dict::set_text(th, mods, "builtins", m.value())?;
    }
    Ok(())
}

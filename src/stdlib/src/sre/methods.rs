//! What Match answers, and the Pattern methods that go through a whole text: sub, subn, split, findall.

use super::*;
use habu_runtime::ops::call;

/// Span of group `g`, where it has matched.
fn span_of(v: Value, g: usize) -> Option<(usize, usize)> {
    if g == 0 {
        return Some((num(v, mat::START) as usize, num(v, mat::END) as usize));
    }
    let t: Gc<TupleObj> = expect(get(v, mat::MARKS));
    let at = |i: usize| t.items()[i].as_int().unwrap_or(-1);
    let (a, b) = (at(g * 2 - 2), at(g * 2 - 1));
    (a >= 0 && b >= a).then_some((a as usize, b as usize))
}
fn group_text(th: &Thread, v: Value, g: usize, default: Value) -> R {
    match span_of(v, g) {
        Some((a, b)) => slice(th, get(v, mat::STRING), a, b),
        None => Ok(default),
    }
}

pub fn getitem(th: &Thread, v: Value, k: Value) -> R {
    let g = group_index(th, v, k)?;
    group_text(th, v, g, Value::NONE)
}
pub fn group(th: &Thread, a: &[Value]) -> R {
    match a {
        [v] => group_text(th, *v, 0, Value::NONE),
        [v, k] => getitem(th, *v, *k),
        _ => {
            let t = list::new(th)?;
            for &k in &a[1..] {
                list::push(th, t, getitem(th, a[0], k)?)?;
            }
            tuple::new_value(th, list::items(t))
        }
    }
}
pub fn groups_(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [d] = habu_runtime::args!(th, a.rest(), "groups", ["default"], 0, 0, 1);
    let t = list::new(th)?;
    for g in 1..=groups(get(v, mat::RE)) {
        list::push(th, t, group_text(th, v, g, d.unwrap_or(Value::NONE))?)?;
    }
    tuple::new_value(th, list::items(t))
}
pub fn groupdict(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [d] = habu_runtime::args!(th, a.rest(), "groupdict", ["default"], 0, 0, 1);
    let out = dict::new_dict(th)?;
    let index: Gc<DictObj> = expect(get(get(v, mat::RE), pat::GROUPINDEX));
    let mut i = 0;
    while let Some((name, g)) = dict::next(index, &mut i) {
        let g = group_index(th, v, g)?;
        dict::set(
            th,
            out,
            name,
            group_text(th, v, g, d.unwrap_or(Value::NONE))?,
        )?;
    }
    Ok(out.value())
}
fn positions(th: &Thread, a: &[Value]) -> R<(i64, i64)> {
    let g = match a.get(1) {
        Some(&k) => group_index(th, a[0], k)?,
        None => 0,
    };
    Ok(span_of(a[0], g).map_or((-1, -1), |(a, b)| (a as i64, b as i64)))
}
pub fn start(th: &Thread, a: &[Value]) -> R {
    Ok(Value::small_int(positions(th, a)?.0))
}
pub fn end(th: &Thread, a: &[Value]) -> R {
    Ok(Value::small_int(positions(th, a)?.1))
}
fn pair(th: &Thread, (a, b): (i64, i64)) -> R {
    tuple::new_value(th, &[Value::small_int(a), Value::small_int(b)])
}
pub fn span(th: &Thread, a: &[Value]) -> R {
    let p = positions(th, a)?;
    pair(th, p)
}
pub fn regs(th: &Thread, v: Value) -> R {
    if let Some(t) = s(v, mat::REGS).get() {
        return Ok(t);
    }
    let l = list::new(th)?;
    for g in 0..=groups(get(v, mat::RE)) {
        let p = span_of(v, g).map_or((-1, -1), |(a, b)| (a as i64, b as i64));
        list::push(th, l, pair(th, p)?)?;
    }
    let t = tuple::new_value(th, list::items(l))?;
    th.set_in(v, s(v, mat::REGS), Some(t));
    Ok(t)
}
pub fn lastindex(_: &Thread, v: Value) -> R {
    Ok(match num(v, mat::LAST) {
        0 => Value::NONE,
        n => Value::small_int(n),
    })
}
pub fn lastgroup(_: &Thread, v: Value) -> R {
    let names: Gc<TupleObj> = expect(get(get(v, mat::RE), pat::INDEXGROUP));
    Ok(match num(v, mat::LAST) {
        0 => Value::NONE,
        n => names
            .items()
            .get(n as usize)
            .copied()
            .unwrap_or(Value::NONE),
    })
}
pub fn match_repr(th: &Thread, v: Value) -> R {
    let (a, b) = (num(v, mat::START), num(v, mat::END));
    let t = group_text(th, v, 0, Value::NONE)?;
    let r: Gc<StrObj> = expect(ops::repr::repr(th, t)?);
    let mut out = string::Builder::new();
    out.push_str(&format!("<re.Match object; span=({a}, {b}), match="));
    out.push_range(r, 0, r.len().min(50));
    out.push_str(">");
    out.finish_value(th)
}

// ---- replacing

/// The result of a replacement, of the type of its text.
enum Out {
    Text(string::Builder),
    Bytes(Vec<u8>),
}

/// Collects pieces; the first one of a wrong type is reported at the end, as `join` would.
struct Pieces {
    out: Out,
    count: usize,
    wrong: Option<String>,
}

impl Pieces {
    fn new(of: Value) -> Pieces {
        let out = if of.is::<StrObj>() {
            Out::Text(string::Builder::new())
        } else {
            Out::Bytes(Vec::new())
        };
        Pieces {
            out,
            count: 0,
            wrong: None,
        }
    }
    fn part(&mut self, text: Value, a: usize, b: usize) {
        match &mut self.out {
            Out::Text(t) => {
                if let Some(x) = text.cast::<StrObj>() {
                    t.push_range(x, a, b)
                }
            }
            Out::Bytes(t) => t.extend_from_slice(
                bytes::as_slice(text)
                    .and_then(|x| x.get(a..b))
                    .unwrap_or(&[]),
            ),
        }
        self.count += 1;
    }
    fn item(&mut self, th: &Thread, v: Value) -> R<()> {
        let ok = match &mut self.out {
            Out::Text(t) => match v.cast::<StrObj>() {
                Some(x) => {
                    t.push(x);
                    true
                }
                None => false,
            },
            Out::Bytes(t) => match bytes::bytes_like(th, v)? {
                Some(x) => {
                    t.extend_from_slice(x);
                    true
                }
                None => false,
            },
        };
        if !ok && self.wrong.is_none() {
            let want = if matches!(self.out, Out::Text(_)) {
                "str instance"
            } else {
                "a bytes-like object"
            };
            let t = class::type_name(v);
            self.wrong = Some(format!(
                "sequence item {}: expected {want}, {t} found",
                self.count
            ));
        }
        self.count += 1;
        Ok(())
    }
    fn finish(self, th: &Thread) -> R {
        if let Some(w) = self.wrong {
            return Err(error::type_error(th, &w));
        }
        match self.out {
            Out::Text(t) => t.finish_value(th),
            Out::Bytes(t) => bytes::new(th, &t),
        }
    }
}

/// The compiled form of a replacement: a Template, or the text itself where it is all literal.
fn compiled(th: &Thread, p: Value, repl: Value) -> R {
    let repl = match repl.is::<BytesObj>() {
        false => match bytes::bytes_like(th, repl)? {
            Some(b) => bytes::new(th, b)?,
            None => repl,
        },
        true => repl,
    };
    let re = habu_runtime::import::import_module(th, "re")?;
    let f = attr::get_text(th, re, "_compile_template")?;
    let t = call::call(th, f, &[p, repl])?;
    if is(t, &TEMPLATE) {
        let items: Gc<TupleObj> = expect(get(t, 0));
        if items.len() == 1 {
            return Ok(items.items()[0]);
        }
    }
    Ok(t)
}
fn has_backslash(th: &Thread, v: Value) -> R<Option<bool>> {
    if let Some(t) = v.cast::<StrObj>() {
        return Ok(Some(t.chars().any(|c| c == '\\' as u32)));
    }
    Ok(bytes::bytes_like(th, v)?.map(|b| b.contains(&b'\\')))
}

/// Append a template's expansion for the match in `w`.
fn fill(th: &Thread, out: &mut Pieces, t: Value, text: Value, w: &Work) -> R<()> {
    let items: Gc<TupleObj> = expect(get(t, 0));
    let n = out.count;
    for &x in items.items() {
        match x.as_int() {
            None => out.item(th, x)?,
            Some(0) => out.part(text, w.start, w.end),
            Some(g) => {
                let g = g as usize * 2;
                if let Some(&[a, b]) = w.marks.get(g - 2..g)
                    && a != UNSET
                    && b != UNSET
                    && a <= b
                {
                    out.part(text, a, b)
                }
            }
        }
    }
    out.count = n + 1;
    Ok(())
}

pub fn expand(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [t] = habu_runtime::args!(th, a.rest(), "expand", ["template"], 0, 1, 1);
    let p = get(v, mat::RE);
    let t = compiled(th, p, t.unwrap_or(Value::NONE))?;
    if !is(t, &TEMPLATE) {
        return Ok(t);
    }
    let string = get(v, mat::STRING);
    let mut out = Pieces::new(string);
    for &x in expect::<TupleObj>(get(t, 0)).items() {
        let x = match x.as_int() {
            Some(g) => match span_of(v, g as usize) {
                Some((a, b)) => slice(th, string, a, b)?,
                None => continue,
            },
            None => x,
        };
        out.item(th, x)?;
    }
    out.finish(th)
}

fn replace(th: &Thread, p: Value, args: [Option<Value>; 3]) -> R<(Value, i64)> {
    let [repl, string] = [args[0], args[1]].map(|v| v.unwrap_or(Value::NONE));
    let max = int_or(th, args[2], 0)?;
    let callable = call::is_callable(repl);
    let mut repl = repl;
    if !callable && has_backslash(th, repl)? != Some(false) {
        repl = compiled(th, p, repl)?;
    }
    let is_template = is(repl, &TEMPLATE);
    let (text, len) = text_of(th, p, string)?;
    let mut w = Work::lease(th, groups(p))?;
    let mut out = Pieces::new(text);
    let mut how = How {
        mode: Mode::Search,
        from: 0,
        end: len,
        advance: false,
    };
    let (mut done, mut n) = (0, 0);
    while (max == 0 || n < max) && exec(th, p, text, &mut w, how)? {
        if done < w.start {
            out.part(text, done, w.start);
        }
        if callable {
            let m = new_match(th, p, string, &w, 0, len)?;
            let x = call::call(th, repl, &[m])?;
            if !x.is_none() {
                out.item(th, x)?;
            }
        } else if is_template {
            fill(th, &mut out, repl, text, &w)?;
        } else if !repl.is_none() {
            out.item(th, repl)?;
        }
        done = w.end;
        n += 1;
        how.advance = w.end == w.start;
        how.from = w.end;
    }
    if n == 0 {
        return Ok((slice(th, string, 0, len)?, 0));
    }
    if done < len {
        out.part(text, done, len);
    }
    Ok((out.finish(th)?, n))
}
pub fn sub(th: &Thread, a: Args) -> R {
    let args = habu_runtime::args!(th, a.rest(), "sub", ["repl", "string", "count"], 0, 2, 3);
    Ok(replace(th, a.all()[0], args)?.0)
}
pub fn subn(th: &Thread, a: Args) -> R {
    let args = habu_runtime::args!(th, a.rest(), "subn", ["repl", "string", "count"], 0, 2, 3);
    let (r, n) = replace(th, a.all()[0], args)?;
    tuple::new_value(th, &[r, Value::small_int(n)])
}

// ---- splitting and finding

fn work_group(th: &Thread, string: Value, w: &Work, g: usize, default: Value) -> R {
    let (a, b) = (w.marks[g * 2 - 2], w.marks[g * 2 - 1]);
    if a == UNSET || b == UNSET || a > b {
        Ok(default)
    } else {
        slice(th, string, a, b)
    }
}
pub fn split(th: &Thread, a: Args) -> R {
    let p = a.all()[0];
    let [string, max] = habu_runtime::args!(th, a.rest(), "split", ["string", "maxsplit"], 0, 1, 2);
    let (string, max) = (string.unwrap_or(Value::NONE), int_or(th, max, 0)?);
    let (text, len) = text_of(th, p, string)?;
    let mut w = Work::lease(th, groups(p))?;
    let out = list::new(th)?;
    let mut how = How {
        mode: Mode::Search,
        from: 0,
        end: len,
        advance: false,
    };
    let (mut done, mut n) = (0, 0);
    while (max == 0 || n < max) && exec(th, p, text, &mut w, how)? {
        list::push(th, out, slice(th, text, done, w.start)?)?;
        for g in 1..=groups(p) {
            list::push(th, out, work_group(th, text, &w, g, Value::NONE)?)?;
        }
        n += 1;
        how.advance = w.end == w.start;
        how.from = w.end;
        done = w.end;
    }
    list::push(th, out, slice(th, text, done, len)?)?;
    Ok(out.value())
}
pub fn findall(th: &Thread, a: Args) -> R {
    let p = a.all()[0];
    let [string, pos, end] = habu_runtime::args!(
        th,
        a.rest(),
        "findall",
        ["string", "pos", "endpos"],
        0,
        1,
        3
    );
    let (text, len) = text_of(th, p, string.unwrap_or(Value::NONE))?;
    let (from, end) = span_args(th, pos, end, len)?;
    let mut w = Work::lease(th, groups(p))?;
    let out = list::new(th)?;
    let empty = slice(th, text, 0, 0)?;
    let mut how = How {
        mode: Mode::Search,
        from,
        end,
        advance: false,
    };
    while exec(th, p, text, &mut w, how)? {
        let x = match groups(p) {
            0 => slice(th, text, w.start, w.end)?,
            1 => work_group(th, text, &w, 1, empty)?,
            n => {
                let l = list::with_capacity(th, n)?;
                for g in 1..=n {
                    list::push(th, l, work_group(th, text, &w, g, empty)?)?;
                }
                tuple::new_value(th, list::items(l))?
            }
        };
        list::push(th, out, x)?;
        how.advance = w.end == w.start;
        how.from = w.end;
    }
    Ok(out.value())
}

//! `_csv.writer`: rows as text, quoted and escaped as the dialect wants it.

use super::dialect::{Quoting, Settings, settings};
use super::{failure, make_dialect};
use habu_runtime::classes::C;
use habu_runtime::core::class::{self, special_of};
use habu_runtime::core::{attr, parse, string};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::names::N;
use habu_runtime::object::*;
use habu_runtime::ops::{call, iter, repr};
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m2, type_flags as tf};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::iters;
use habu_runtime::value::{Slot, Value};

// Native words: the file's `write`, the dialect.
const WRITE: usize = 0;
const DIALECT: usize = 1;

fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the class has these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn field(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}

pub fn writer(th: &Thread, a: Args) -> R {
    parse::check_count(th, "writer", a.pos().len(), 1, 2)?;
    let d = make_dialect(th, a.rest())?;
    let write = attr::get_text_opt(th, a.all()[0], "write")?;
    let Some(write) = write.filter(|w| call::is_callable(*w)) else {
        return Err(error::type_error(
            th,
            "argument 1 must have a \"write\" method",
        ));
    };
    let Some(cls) = super::own(th, "Writer")?.cast() else {
        return Err(failure(th, "lost the class of writers"));
    };
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    th.set_in(v, slot(v, WRITE), Some(write));
    th.set_in(v, slot(v, DIALECT), Some(d));
    Ok(v)
}

fn is_number(v: Value) -> bool {
    let by_method = [N::Index, N::Int, N::Float]
        .into_iter()
        .any(|n| special_of(v, n).is_some());
    by_method || class::is_a(v, C::Complex)
}

struct Line<'a> {
    th: &'a Thread,
    s: &'a Settings,
    out: string::Builder,
    fields: usize,
}
impl Line<'_> {
    /// The field as the line will have it, and whether it must stand in quotes.
    fn escaped(&self, text: Gc<StrObj>, mut quoted: bool) -> R<(Vec<u32>, bool)> {
        let s = self.s;
        let mut out = Vec::with_capacity(text.len());
        for c in text.chars() {
            let (quote, escape) = (Some(c) == s.quote, Some(c) == s.escape);
            let line_end = c == '\n' as u32 || c == '\r' as u32 || s.terminator.contains(&c);
            if quote || escape || line_end || c == s.delimiter {
                let mut escaping = escape;
                if s.quoting == Quoting::None {
                    escaping = true;
                } else if quote && s.double_quote {
                    out.push(c);
                } else if quote {
                    escaping = true;
                }
                quoted |= !escaping;
                if escaping {
                    let Some(e) = s.escape else {
                        return Err(failure(self.th, "need to escape, but no escapechar set"));
                    };
                    out.push(e);
                }
            }
            out.push(c);
        }
        Ok((out, quoted))
    }
    fn put(&mut self, text: Option<Gc<StrObj>>, mut quoted: bool) -> R<()> {
        let s = self.s;
        let empty = text.is_none_or(|t| t.is_empty());
        if empty && s.delimiter == ' ' as u32 && s.skip_space {
            if self.must_stay_bare(text.is_none()) {
                return Err(failure(
                    self.th,
                    "empty field must be quoted if delimiter is a space and skipinitialspace is true",
                ));
            }
            quoted = true;
        }
        let mut body = Vec::new();
        if let Some(t) = text {
            (body, quoted) = self.escaped(t, quoted)?;
        }
        if self.fields > 0 {
            self.out.push_char(s.delimiter);
        }
        self.fields += 1;
        let quote = s.quote.filter(|_| quoted);
        for c in quote.into_iter().chain(body).chain(quote) {
            self.out.push_char(c);
        }
        Ok(())
    }
    /// Whether an empty field cannot be put in quotes; `null`: it is None.
    fn must_stay_bare(&self, null: bool) -> bool {
        match self.s.quoting {
            Quoting::None => true,
            Quoting::Strings | Quoting::NotNull => null,
            _ => false,
        }
    }
}

fn writerow(th: &Thread, me: Value, row: Value) -> R {
    let s = settings(field(me, DIALECT));
    let r = iter::get(th, row);
    let Some(it) = error::absorb(th, r, C::TypeError)? else {
        let text = format!("iterable expected, not {}", class::type_name(row));
        return Err(failure(th, &text));
    };
    let mut line = Line {
        th,
        s,
        out: string::Builder::new(),
        fields: 0,
    };
    let mut null = false;
    while let Some(v) = iter::next(th, it)? {
        let quoted = match s.quoting {
            Quoting::NonNumeric => !is_number(v),
            Quoting::All => true,
            Quoting::Strings => v.is::<StrObj>(),
            Quoting::NotNull => !v.is_none(),
            Quoting::Minimal | Quoting::None => false,
        };
        null = v.is_none();
        let text = match v.is_none() {
            true => None,
            false => Some(expect::<StrObj>(repr::str(th, v)?)),
        };
        line.put(text, quoted)?;
    }
    if line.fields > 0 && line.out.is_empty() {
        // A row with one empty field would be read as a row of none.
        if line.must_stay_bare(null) {
            return Err(failure(th, "single empty field record must be quoted"));
        }
        line.fields = 0;
        line.put(None, true)?;
    }
    let mut out = line.out;
    for &c in &s.terminator {
        out.push_char(c);
    }
    let text = out.finish_value(th)?;
    call::call(th, field(me, WRITE), &[text])
}
fn writerows(th: &Thread, me: Value, rows: Value) -> R {
    let it = iter::get(th, rows)?;
    while let Some(row) = iter::next(th, it)? {
        writerow(th, me, row)?;
    }
    Ok(Value::NONE)
}

static METHODS: [MethodDef; 2] = [m2("writerow", writerow), m2("writerows", writerows)];
static GETSET: [GetSetDef; 1] = [gs("dialect", |_, v| Ok(field(v, DIALECT)))];
pub static WRITER: TypeSpec = TypeSpec::new("writer", kinds::RECORD)
    .module("_csv")
    .doc("CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input.\n")
    .words(2)
    .flags(tf::NO_NEW)
    .methods(&METHODS)
    .getset(&GETSET);

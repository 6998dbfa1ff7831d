//! `_csv.reader`: rows from an iterator of lines, by a state machine over their characters.
//!
//! A row begins in a state of its own, so that all of the machine lives as long as one call of `__next__`; a field
//! that goes on over the end of a line makes the call ask for the next line.

use super::dialect::{Quoting, Settings, settings};
use super::{FIELD_LIMIT, failure, make_dialect};
use habu_runtime::classes::C;
use habu_runtime::core::{class, int, list, parse, string};
use habu_runtime::kinds;
use habu_runtime::object::*;
use habu_runtime::ops::{call, iter};
use habu_runtime::runtime::class_value;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, type_flags as tf};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::{exceptions, iters};
use habu_runtime::value::{Slot, Value};
use std::sync::atomic::Ordering::Relaxed;

// Native words: the lines, the dialect, the number of lines read, the row that is being read.
const LINES: usize = 0;
const DIALECT: usize = 1;
const LINE_NUM: usize = 2;
const ROW: usize = 3;

fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the class has these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn field(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}

pub fn reader(th: &Thread, a: Args) -> R {
    parse::check_count(th, "reader", a.pos().len(), 1, 2)?;
    let lines = iter::get(th, a.all()[0])?;
    let d = make_dialect(th, a.rest())?;
    let Some(cls) = super::own(th, "Reader")?.cast() else {
        return Err(failure(th, "lost the class of readers"));
    };
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    th.set_in(v, slot(v, LINES), Some(lines));
    th.set_in(v, slot(v, DIALECT), Some(d));
    slot(v, LINE_NUM).init(Some(Value::small_int(0)));
    Ok(v)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    AfterEscapedEnd,
    InField,
    InQuoted,
    EscapedInQuoted,
    QuoteInQuoted,
    EatEnd,
}
use State::*;

struct Machine<'a> {
    th: &'a Thread,
    s: &'a Settings,
    row: Gc<ListObj>,
    state: State,
    text: string::Builder,
    limit: i64,
    /// The field has no quotes so far.
    unquoted: bool,
}
impl Machine<'_> {
    fn add(&mut self, c: u32) -> R<()> {
        if self.text.len() as i64 >= self.limit {
            let text = format!("field larger than field limit ({})", self.limit);
            return Err(failure(self.th, &text));
        }
        self.text.push_char(c);
        Ok(())
    }
    fn save(&mut self) -> R<()> {
        let text = std::mem::take(&mut self.text);
        let q = self.s.quoting;
        let nulls = matches!(q, Quoting::Strings | Quoting::NotNull);
        let numbers = matches!(q, Quoting::Strings | Quoting::NonNumeric);
        let v = if self.unquoted && nulls && text.is_empty() {
            Value::NONE
        } else if self.unquoted && numbers && !text.is_empty() {
            let s = text.finish_value(self.th)?;
            call::call(self.th, class_value(C::Float), &[s])?
        } else {
            text.finish_value(self.th)?
        };
        list::push(self.th, self.row, v)
    }
    /// The field ends, with the line if that has ended.
    fn end(&mut self, c: Option<u32>) -> R<()> {
        self.save()?;
        self.state = if c.is_none() { StartRecord } else { EatEnd };
        Ok(())
    }
    /// One character, or `None` at the end of a line.
    fn step(&mut self, c: Option<u32>) -> R<()> {
        let s = self.s;
        let newline = c.is_none() || c == Some('\n' as u32) || c == Some('\r' as u32);
        let quote = c.is_some() && c == s.quote && s.quoting != Quoting::None;
        let escape = c.is_some() && c == s.escape;
        let delimiter = c == Some(s.delimiter);
        // An escaped end of line that the line itself does not have is a newline.
        let or_newline = c.unwrap_or('\n' as u32);
        if self.state == StartRecord {
            if c.is_none() {
                return Ok(());
            }
            if newline {
                self.state = EatEnd;
                return Ok(());
            }
            self.state = StartField;
        }
        match self.state {
            StartRecord | StartField => {
                self.unquoted = true;
                if newline {
                    self.end(c)?;
                } else if quote {
                    self.unquoted = false;
                    self.state = InQuoted;
                } else if escape {
                    self.state = Escaped;
                } else if c == Some(' ' as u32) && s.skip_space {
                } else if delimiter {
                    self.save()?;
                } else {
                    self.add(or_newline)?;
                    self.state = InField;
                }
            }
            Escaped => {
                self.add(or_newline)?;
                self.state = match newline && c.is_some() {
                    true => AfterEscapedEnd,
                    false => InField,
                };
            }
            AfterEscapedEnd if c.is_none() => {}
            AfterEscapedEnd | InField => {
                if newline {
                    self.end(c)?;
                } else if escape {
                    self.state = Escaped;
                } else if delimiter {
                    self.save()?;
                    self.state = StartField;
                } else {
                    self.add(or_newline)?;
                    self.state = InField;
                }
            }
            InQuoted => {
                if c.is_none() {
                } else if escape {
                    self.state = EscapedInQuoted;
                } else if quote {
                    self.state = if s.double_quote {
                        QuoteInQuoted
                    } else {
                        InField
                    };
                } else {
                    self.add(or_newline)?;
                }
            }
            EscapedInQuoted => {
                self.add(or_newline)?;
                self.state = InQuoted;
            }
            QuoteInQuoted => {
                if quote {
                    self.add(or_newline)?;
                    self.state = InQuoted;
                } else if delimiter {
                    self.save()?;
                    self.state = StartField;
                } else if newline {
                    self.end(c)?;
                } else if !s.strict {
                    self.add(or_newline)?;
                    self.state = InField;
                } else {
                    let show = |c: u32| char::from_u32(c).unwrap_or('\u{fffd}');
                    let text = format!(
                        "'{}' expected after '{}'",
                        show(s.delimiter),
                        show(s.quote.unwrap_or(0))
                    );
                    return Err(failure(self.th, &text));
                }
            }
            EatEnd => {
                if c.is_none() {
                    self.state = StartRecord;
                } else if !newline {
                    return Err(failure(
                        self.th,
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                    ));
                }
            }
        }
        Ok(())
    }
}

fn next(th: &Thread, me: Value) -> R {
    let mut m = Machine {
        th,
        s: settings(field(me, DIALECT)),
        row: list::new(th)?,
        state: StartRecord,
        text: string::Builder::new(),
        limit: FIELD_LIMIT.load(Relaxed),
        unquoted: false,
    };
    let row = m.row.value();
    th.set_in(me, slot(me, ROW), Some(row));
    loop {
        let line = iter::next(th, field(me, LINES))?;
        if slot(me, ROW).get() != Some(row) {
            return Err(failure(th, "iterator has already advanced the reader"));
        }
        let Some(line) = line else {
            slot(me, ROW).init(None);
            if m.text.is_empty() && m.state != InQuoted {
                return Err(exceptions::stop_iteration(th, None));
            }
            if m.s.strict {
                return Err(failure(th, "unexpected end of data"));
            }
            m.save()?;
            return Ok(row);
        };
        let Some(text) = line.cast::<StrObj>() else {
            let text = format!(
                "iterator should return strings, not {} (the file should be opened in text mode)",
                class::type_name(line)
            );
            return Err(failure(th, &text));
        };
        let n = int::to_i64(field(me, LINE_NUM)).unwrap_or(0);
        slot(me, LINE_NUM).init(Some(Value::small_int(n + 1)));
        for c in text.chars() {
            m.step(Some(c))?;
        }
        m.step(None)?;
        if m.state == StartRecord {
            slot(me, ROW).init(None);
            return Ok(row);
        }
    }
}

static METHODS: [MethodDef; 2] = [m1("__iter__", |_, v| Ok(v)), m1("__next__", next)];
static GETSET: [GetSetDef; 2] = [
    gs("dialect", |_, v| Ok(field(v, DIALECT))),
    gs("line_num", |_, v| Ok(field(v, LINE_NUM))),
];
pub static READER: TypeSpec = TypeSpec::new("reader", kinds::RECORD)
    .module("_csv")
    .doc("CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format.\n")
    .words(4)
    .flags(tf::NO_NEW)
    .methods(&METHODS)
    .getset(&GETSET);

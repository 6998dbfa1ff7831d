//! Printing of exceptions: traceback lines with source and carets, chains, notes, groups.

use crate::classes::C;
use crate::core::{attr, class, code, list};
use crate::names::{N, nm};
use crate::object::*;
use crate::ops;
use crate::thread::{R, Thread};
use crate::types::exceptions::x;
use habu_heap::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The whole report as text, ending in a newline. Never raises.
pub fn format_exception(th: &Thread, exc: Value) -> String {
    let mut out = String::new();
    if report(th, exc, &mut out, 0).is_err() {
        th.take();
        out.push_str("<exception while printing the exception>\n");
    }
    out
}

fn report(th: &Thread, exc: Value, out: &mut String, depth: usize) -> R<()> {
    if depth > 100 {
        return Ok(());
    }
    let e = x(exc);
    if let Some(c) = e.cause.get() {
        report(th, c, out, depth + 1)?;
        out.push_str("\nThe above exception was the direct cause of the following exception:\n\n");
    } else if let Some(c) = e.context.get()
        && e.suppress.get() != Some(Value::TRUE)
    {
        report(th, c, out, depth + 1)?;
        out.push_str("\nDuring handling of the above exception, another exception occurred:\n\n");
    }
    if let Some(tb) = e.traceback.get() {
        out.push_str("Traceback (most recent call last):\n");
        entries(tb, out);
    }
    final_line(th, exc, out)
}

struct Place {
    file: String,
    line: Option<u32>,
    name: String,
    pos: Option<code::Position>,
}

fn place(tb: Value) -> Option<Place> {
    let t: Gc<TracebackObj> = tb.cast()?;
    let f: Gc<FrameObj> = t.frame.get()?.cast()?;
    let c = f.code();
    let lasti = t.lasti.get().and_then(|i| i.as_int()).unwrap_or(-1);
    Some(Place {
        file: code::filename(c),
        line: crate::types::frame::tb_line(tb),
        name: c
            .qualname
            .get()
            .and_then(|n| n.cast::<StrObj>())
            .map(|s| s.to_rust().into_owned())
            .unwrap_or_default(),
        pos: if lasti >= 0 {
            code::position_at(c, lasti as u32)
        } else {
            None
        },
    })
}

/// Repeated entries beyond this number are counted instead.
const REPEATS: usize = 3;

fn entries(tb: Value, out: &mut String) {
    let mut next = Some(tb);
    let mut last: Option<(String, Option<u32>, String)> = None;
    let mut same = 0;
    let flush = |same: usize, out: &mut String| {
        if same > REPEATS {
            let n = same - REPEATS;
            out.push_str(&format!(
                "  [Previous line repeated {n} more time{}]\n",
                if n == 1 { "" } else { "s" }
            ));
        }
    };
    while let Some(t) = next {
        next = t.cast::<TracebackObj>().and_then(|t| t.next.get());
        let Some(p) = place(t) else { continue };
        let key = (p.file.clone(), p.line, p.name.clone());
        if last.as_ref() == Some(&key) {
            same += 1;
        } else {
            flush(same, out);
            same = 1;
            last = Some(key);
        }
        if same <= REPEATS {
            entry(&p, out);
        }
    }
    flush(same, out);
}

/// What was typed at the prompt, by the name that its code has as its file.
static TYPED: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

fn typed() -> std::sync::MutexGuard<'static, BTreeMap<String, String>> {
    TYPED.lock().unwrap_or_else(|p| p.into_inner())
}

/// Tracebacks find the lines of this "file" here.
pub fn keep_source(file: &str, text: &str) {
    typed().insert(file.to_string(), text.to_string());
}

pub fn kept_source(file: &str) -> Option<String> {
    typed().get(file).cloned()
}

fn source_line(file: &str, line: u32) -> Option<String> {
    if let Some(text) = typed().get(file).filter(|_| file != "<string>") {
        return text.lines().nth(line as usize - 1).map(|l| l.to_string());
    }
    if let Some(text) = crate::import::packed_source(file) {
        return text.lines().nth(line as usize - 1).map(|l| l.to_string());
    }
    let text = std::fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().nth(line as usize - 1).map(|l| l.to_string())
}

fn entry(p: &Place, out: &mut String) {
    // Statements that were typed are numbered only for those who look for their lines.
    let file = match p.file.strip_prefix("<stdin-") {
        Some(n) if n.ends_with('>') => "<stdin>",
        _ => &p.file,
    };
    out.push_str(&format!(
        "  File \"{file}\", line {}, in {}\n",
        p.line.map_or("?".to_string(), |l| l.to_string()),
        p.name
    ));
    let Some(line) = p.line.filter(|l| *l > 0) else {
        return;
    };
    let Some(src) = source_line(&p.file, line) else {
        return;
    };
    let stripped = src.trim();
    if stripped.is_empty() {
        return;
    }
    out.push_str(&format!("    {stripped}\n"));
    let Some((Some(l), Some(el), Some(c), Some(ec))) = p.pos else {
        return;
    };
    if l != line {
        return;
    }
    let indent = src.len() - src.trim_start().len();
    let end = if el == l {
        ec as usize
    } else {
        src.trim_end().len()
    };
    let start = c as usize;
    if start < indent
        || end <= start
        || end > src.len()
        || !src.is_char_boundary(start)
        || !src.is_char_boundary(end)
    {
        return;
    }
    // Carets under a whole line say nothing.
    if start == indent && end >= src.trim_end().len() && el == l && !has_anchor(&src[start..end]) {
        return;
    }
    let width = |s: &str| s.chars().count();
    let (a, n) = (width(&src[indent..start]), width(&src[start..end]));
    let marks = match anchor(&src[start..end]) {
        Some((left, right)) if el == l => {
            let (l, m) = (
                width(&src[start..start + left]),
                width(&src[start + left..start + right]),
            );
            format!(
                "{}{}{}",
                "~".repeat(l),
                "^".repeat(m),
                "~".repeat(n - l - m)
            )
        }
        _ => "^".repeat(n),
    };
    out.push_str(&format!("    {}{}\n", " ".repeat(a), marks));
}

fn has_anchor(s: &str) -> bool {
    anchor(s).is_some()
}

/// The operator of a binary operation, or the brackets of a call or subscript that ends the segment.
fn anchor(s: &str) -> Option<(usize, usize)> {
    // Calls and subscripts: the brackets at the end, when they close at the segment's last character.
    let open = match s.chars().last()? {
        ')' => '(',
        ']' => '[',
        _ => return None,
    };
    let (mut depth, close) = (0, s.chars().last()?);
    for (i, c) in s.char_indices().rev() {
        if c == '"' || c == '\'' {
            return None;
        }
        if c == close {
            depth += 1;
        } else if c == open {
            depth -= 1;
            if depth == 0 {
                return if i == 0 { None } else { Some((i, s.len())) };
            }
        }
    }
    None
}

fn final_line(th: &Thread, exc: Value, out: &mut String) -> R<()> {
    let t = class::of(exc);
    let q = class::full_name(t);
    let name = q.strip_prefix("__main__.").unwrap_or(&q).to_string();
    if class::is_a(exc, C::SyntaxError) {
        syntax_lines(th, exc, out)?;
    }
    let text = if class::is_a(exc, C::SyntaxError) {
        let m = x(exc).f0.get().unwrap_or(Value::NONE);
        if m.is_none() {
            "<no detail available>".to_string()
        } else {
            ops::repr::str_string(th, m)?
        }
    } else {
        match ops::repr::str_string(th, exc) {
            Ok(s) => s,
            Err(_) => {
                th.take();
                "<exception str() failed>".to_string()
            }
        }
    };
    if text.is_empty() {
        out.push_str(&format!("{name}\n"));
    } else {
        let hint = crate::types::hints::hint(th, exc)?;
        out.push_str(&format!("{name}: {text}{hint}\n"));
    }
    if let Some(notes) = attr::get_opt(th, exc, nm(N::Notes))?.and_then(|n| n.cast::<ListObj>()) {
        let mut i = 0;
        while let Some(n) = list::get(notes, i) {
            out.push_str(&ops::repr::str_string(th, n)?);
            out.push('\n');
            i += 1;
        }
    }
    Ok(())
}

fn syntax_lines(th: &Thread, exc: Value, out: &mut String) -> R<()> {
    let e = x(exc);
    let (Some(line), file) = (e.f2.get().and_then(|l| l.as_int()), e.f1.get()) else {
        return Ok(());
    };
    let file = match file.filter(|f| !f.is_none()) {
        Some(f) => ops::repr::str_string(th, f)?,
        None => "<string>".into(),
    };
    out.push_str(&format!("  File \"{file}\", line {line}\n"));
    let Some(text) = e.f4.get().and_then(|t| t.cast::<StrObj>()) else {
        return Ok(());
    };
    let text = text.to_rust().into_owned();
    let body = text.trim_end_matches(['\n', '\r']);
    let stripped = body.trim_start_matches([' ', '\x0c', '\t']);
    let spaces = body.chars().count() - stripped.chars().count();
    out.push_str(&format!("    {}\n", stripped.trim_end()));
    let Some(offset) = e.f3.get().and_then(|o| o.as_int()).filter(|o| *o > 0) else {
        return Ok(());
    };
    let end_line = e.f5.get().and_then(|l| l.as_int()).unwrap_or(line);
    let mut end = e.f6.get().and_then(|o| o.as_int()).unwrap_or(offset);
    if end_line != line || end == 0 {
        end = body.chars().count() as i64 + 1;
    }
    if end <= offset {
        end = offset + 1;
    }
    let col = offset - 1 - spaces as i64;
    if col >= 0 {
        out.push_str(&format!(
            "    {}{}\n",
            " ".repeat(col as usize),
            "^".repeat((end - offset) as usize)
        ));
    }
    Ok(())
}

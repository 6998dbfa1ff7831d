//! The prompt: statements are read, compiled and run one by one, and what they evaluate to is shown.
//!
//! What must hold: nothing that is typed ends the process but `SystemExit` and the end of the input. How lines come in
//! (`lines`) is apart from what is done with them.

mod lines;

use habu_compiler::{Mode, Options};
use habu_runtime::classes::C;
use habu_runtime::config::config;
use habu_runtime::core::{attr, class, dict, string};
use habu_runtime::error;
use habu_runtime::import;
use habu_runtime::interp;
use habu_runtime::modules::sys;
use habu_runtime::object::*;
use habu_runtime::ops::{call, repr};
use habu_runtime::start;
use habu_runtime::thread::{R, Thread};
use habu_runtime::traceback;
use habu_runtime::value::Value;
use lines::{Line, Lines};

/// Is somebody typing (or `-i` says so)?
pub fn wanted() -> bool {
    // SAFETY: a plain system call.
    config().inspect || unsafe { libc::isatty(0) == 1 }
}

/// The greeting of a session that runs no program first.
fn banner() {
    let c = config();
    if c.quiet {
        return;
    }
    eprintln!(
        "Habu {} (Python 3.14) on {}\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS
    );
}

/// The file that `PYTHONSTARTUP` names runs before the first prompt.
fn startup(th: &Thread, d: Gc<DictObj>) {
    if config().ignore_environment {
        return;
    }
    let Ok(path) = std::env::var("PYTHONSTARTUP") else {
        return;
    };
    if path.is_empty() {
        return;
    }
    let r = match std::fs::read(&path) {
        Ok(text) => import::compile_bytes(th, &text, &path, &Options::default())
            .and_then(|c| interp::run_code(th, c, d, Some(d.value()), None))
            .map(drop),
        Err(e) => {
            let n = e.raw_os_error().unwrap_or(0);
            eprintln!("Could not open PYTHONSTARTUP");
            let name = string::new_value(th, &path).unwrap_or(Value::NONE);
            Err(error::os_error(th, n, Some(name)))
        }
    };
    if r.is_err() {
        let e = th.take();
        start::show_uncaught(th, e);
    }
}

/// A session from its greeting to its end; the exit code. `greet`: nothing has run before.
pub fn run(th: &Thread, d: Gc<DictObj>, greet: bool) -> i32 {
    if greet {
        banner();
        startup(th, d);
    }
    let _ = sys::flush_std(th);
    for (name, text) in [("ps1", ">>> "), ("ps2", "... ")] {
        if let Ok(None) = sys::get(th, name)
            && let (Some(s), Ok(v)) = (sys::dict_of_sys(), string::new_value(th, text))
            && dict::set_text(th, s, name, v).is_err()
        {
            th.take();
        }
    }
    let mut lines = Lines::new();
    let mut count = 0;
    loop {
        match turn(th, d, &mut lines, &mut count) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                let e = th.take();
                if class::is_a(e, C::SystemExit) {
                    lines.finish();
                    return sys::exit_code(th, e);
                }
                start::show_uncaught(th, e);
            }
        }
        let _ = sys::flush_std(th);
    }
    lines.finish();
    0
}

fn prompt(th: &Thread, name: &str) -> String {
    let text = match sys::get(th, name) {
        Ok(Some(p)) => repr::str_string(th, p),
        Ok(None) => return String::new(),
        Err(e) => Err(e),
    };
    text.unwrap_or_else(|_| {
        th.take();
        String::new()
    })
}

/// One statement; false at the end of the input.
fn turn(th: &Thread, d: Gc<DictObj>, lines: &mut Lines, count: &mut usize) -> R<bool> {
    let mut text = String::new();
    let mut ended = false;
    loop {
        let first = text.is_empty();
        let p = prompt(th, if first { "ps1" } else { "ps2" });
        match lines.read(th, &p) {
            Line::Text(l) => {
                if !first {
                    text.push('\n');
                }
                text.push_str(&l);
            }
            Line::Interrupted => {
                eprintln!("\nKeyboardInterrupt");
                return Ok(true);
            }
            Line::End if first => {
                lines.leave_line();
                return Ok(false);
            }
            Line::End => {
                lines.leave_line();
                ended = true;
                text.push('\n');
            }
        }
        if first && is_blank(&text) {
            return Ok(!ended);
        }
        let file = format!("<stdin-{count}>");
        if let Some(code) = compile(th, &text, &file, ended)? {
            *count += 1;
            if lines.are_over() && !ended {
                lines.leave_line();
            }
            remember(th, code, &text, &file);
            interp::run_code(th, code, d, Some(d.value()), None)?;
            return Ok(true);
        }
    }
}

/// Nothing to run: white space and a comment.
fn is_blank(text: &str) -> bool {
    let t = text.trim();
    t.is_empty() || t.starts_with('#')
}

/// The code, or nothing where more lines are wanted.
fn compile(th: &Thread, text: &str, file: &str, whole: bool) -> R<Option<Gc<CodeObj>>> {
    let whole = whole || text.ends_with('\n') && ends_in_decorator(text);
    let o = Options {
        mode: Mode::Single,
        optimize: config().optimize,
        blocks_end_blank: !whole,
        ..Options::default()
    };
    match habu_compiler::compile(text, file, &o) {
        Ok(_) => import::compile_text(th, text, file, &o).map(Some),
        Err(e) if e.incomplete && !whole => Ok(None),
        // What is wrong is said without the number.
        Err(_) => import::compile_text(th, text, "<stdin>", &o).map(Some),
    }
}

/// An empty line behind a decorator: nothing it decorates will come.
fn ends_in_decorator(text: &str) -> bool {
    let last = text.trim_end().lines().next_back().unwrap_or("");
    last.trim_start().starts_with('@')
}

/// Tracebacks show the lines that were typed.
fn remember(th: &Thread, code: Gc<CodeObj>, text: &str, file: &str) {
    traceback::keep_source(file, text);
    if start::register_source(th, code, &format!("{text}\n"), "<stdin>").is_err() {
        th.take();
    }
}

/// What the tabulator offers for the text before the cursor.
fn completions(th: &Thread, text: &str) -> Vec<String> {
    let r = (|| -> R<Vec<String>> {
        let m = import::import_module(th, "rlcompleter")?;
        let c = attr::get_text(th, m, "Completer")?;
        let main = import::import_module(th, "__main__")?;
        let names = attr::get_text(th, main, "__dict__")?;
        let c = call::call(th, c, &[names])?;
        let text = string::new_value(th, text)?;
        let mut found = Vec::new();
        for i in 0.. {
            let v = call::method_named(th, c, "complete", &[text, Value::small_int(i)])?;
            if v.is_none() {
                break;
            }
            found.push(repr::str_string(th, v)?);
        }
        Ok(found)
    })();
    r.unwrap_or_else(|_| {
        th.take();
        Vec::new()
    })
}

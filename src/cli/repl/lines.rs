//! Where a session's lines come from: an editor with history and completion on a capable terminal; else plain reading, as
//! the system's own line discipline hands them over.
//!
//! What must hold: other threads run while this one waits. The editor therefore lives on a thread of its own, which asks
//! for completions by message: this thread alone runs Python.

use super::completions;
use habu_runtime::config::config;
use habu_runtime::polls;
use habu_runtime::thread::Thread;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::{History, SearchDirection};
use rustyline::{Context, Editor, Helper};
use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

pub enum Line {
    Text(String),
    Interrupted,
    End,
}

/// What the editor's thread says.
enum Said {
    Line(Line),
    /// Complete this; the answer goes back the other way.
    Complete(String),
}

enum Source {
    Plain {
        rest: Vec<u8>,
        ended: bool,
    },
    Editor {
        asks: Sender<Ask>,
        hears: Receiver<Said>,
    },
}

enum Ask {
    Line(String),
    Completions(Vec<String>),
    Finish,
}

pub struct Lines {
    source: Source,
    terminal: bool,
}

impl Lines {
    pub fn new() -> Lines {
        let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let dumb = matches!(std::env::var("TERM").as_deref(), Err(_) | Ok("" | "dumb"));
        let basic = !config().ignore_environment
            && std::env::var("PYTHON_BASIC_REPL").is_ok_and(|v| !v.is_empty());
        let source = if terminal && !dumb && !basic {
            let (asks, asked) = channel();
            let (says, hears) = channel();
            std::thread::spawn(move || edit(asked, says));
            Source::Editor { asks, hears }
        } else {
            Source::Plain {
                rest: Vec::new(),
                ended: false,
            }
        };
        Lines { source, terminal }
    }

    pub fn read(&mut self, th: &Thread, prompt: &str) -> Line {
        let terminal = self.terminal;
        match &mut self.source {
            Source::Plain { rest, ended } => {
                show(prompt, terminal);
                read_plain(th, rest, ended)
            }
            Source::Editor { asks, hears } => {
                let mut ask = Ask::Line(prompt.to_string());
                loop {
                    if asks.send(ask).is_err() {
                        return Line::End;
                    }
                    match th.blocked(|| hears.recv()) {
                        Ok(Said::Line(l)) => return l,
                        Ok(Said::Complete(text)) => ask = Ask::Completions(completions(th, &text)),
                        Err(_) => return Line::End,
                    }
                }
            }
        }
    }

    /// Was the last line ended by the end of the input?
    pub fn are_over(&self) -> bool {
        matches!(&self.source, Source::Plain { ended: true, rest } if rest.is_empty())
    }

    /// The input has ended in the middle of a prompt's line.
    pub fn leave_line(&self) {
        if self.terminal || config().inspect {
            eprintln!();
        }
    }

    /// Keep the history.
    pub fn finish(&mut self) {
        if let Source::Editor { asks, hears } = &self.source
            && asks.send(Ask::Finish).is_ok()
        {
            // Its end of the channel goes when it is done.
            while hears.recv().is_ok() {}
        }
    }
}

fn show(prompt: &str, terminal: bool) {
    habu_runtime::modules::builtins_io::flush();
    if terminal {
        let mut o = std::io::stdout();
        let _ = o.write_all(prompt.as_bytes()).and_then(|_| o.flush());
    } else {
        eprint!("{prompt}");
    }
}

fn read_plain(th: &Thread, rest: &mut Vec<u8>, ended: &mut bool) -> Line {
    let terminal = std::io::stdin().is_terminal();
    loop {
        if let Some(n) = rest.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = rest.drain(..=n).collect();
            let text = &line[..n];
            return Line::Text(String::from_utf8_lossy(text).into_owned());
        }
        if *ended {
            let line = std::mem::take(rest);
            return match line.is_empty() {
                true => Line::End,
                false => Line::Text(String::from_utf8_lossy(&line).into_owned()),
            };
        }
        let mut more = [0u8; 4096];
        // A terminal gives a line at a time. Of anything else no more is taken than the line: the program may read on.
        let most = if terminal { more.len() } else { 1 };
        let (n, e) = th.blocked(|| {
            // SAFETY: the buffer is writable for its length.
            let n = unsafe { libc::read(0, more.as_mut_ptr() as *mut _, most) };
            (n, std::io::Error::last_os_error())
        });
        match n {
            0 => {
                // A terminal goes on after its end-of-file key.
                *ended = !rest.is_empty() || !terminal;
                if rest.is_empty() {
                    return Line::End;
                }
            }
            n if n > 0 => rest.extend_from_slice(&more[..n as usize]),
            _ if e.raw_os_error() == Some(libc::EINTR) => {
                if polls::check(th).is_err() {
                    th.take();
                    rest.clear();
                    return Line::Interrupted;
                }
            }
            _ => return Line::End,
        }
    }
}

// ---- the editor's thread

fn history_file() -> Option<PathBuf> {
    if !config().ignore_environment
        && let Ok(p) = std::env::var("PYTHON_HISTORY")
        && !p.is_empty()
    {
        return Some(p.into());
    }
    Some(PathBuf::from(std::env::var_os("HOME")?).join(".python_history"))
}

struct Asking {
    says: Sender<Said>,
    asked: RefCell<Receiver<Ask>>,
}

impl Completer for Asking {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = &line[..pos];
        if before.trim().is_empty() {
            let tab = Pair {
                display: String::new(),
                replacement: "    ".into(),
            };
            return Ok((pos, vec![tab]));
        }
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .map_or(0, |i| {
                i + before[i..].chars().next().map_or(1, char::len_utf8)
            });
        let nothing = Ok((pos, Vec::new()));
        if self
            .says
            .send(Said::Complete(before[start..].into()))
            .is_err()
        {
            return nothing;
        }
        match self.asked.borrow().recv() {
            Ok(Ask::Completions(found)) => {
                let pair = |t: String| Pair {
                    display: t.clone(),
                    replacement: t,
                };
                Ok((start, found.into_iter().map(pair).collect()))
            }
            _ => nothing,
        }
    }
}

impl rustyline::hint::Hinter for Asking {
    type Hint = String;
}
impl rustyline::highlight::Highlighter for Asking {}
impl rustyline::validate::Validator for Asking {}
impl Helper for Asking {}

fn edit(asked: Receiver<Ask>, says: Sender<Said>) {
    let options = rustyline::Config::builder()
        .completion_type(rustyline::CompletionType::List)
        .max_history_size(1000)
        .map(|b| b.build())
        .unwrap_or_default();
    let Ok(mut editor) = Editor::with_config(options) else {
        return;
    };
    let file = history_file();
    if let Some(text) = file.as_ref().and_then(|f| std::fs::read_to_string(f).ok()) {
        for l in text.lines().filter(|l| !l.is_empty()) {
            let _ = editor.add_history_entry(l);
        }
    }
    editor.set_helper(Some(Asking {
        says: says.clone(),
        asked: RefCell::new(asked),
    }));
    loop {
        let ask = editor.helper().map(|h| h.asked.borrow().recv());
        let Some(Ok(Ask::Line(prompt))) = ask else {
            break;
        };
        let line = match editor.readline(&prompt) {
            Ok(l) => {
                if !l.trim().is_empty() {
                    let _ = editor.add_history_entry(&l);
                }
                Line::Text(l)
            }
            Err(ReadlineError::Interrupted) => Line::Interrupted,
            Err(_) => Line::End,
        };
        if says.send(Said::Line(line)).is_err() {
            break;
        }
    }
    if let Some(f) = file {
        let h = editor.history();
        let text: String = (0..h.len())
            .filter_map(|i| h.get(i, SearchDirection::Forward).ok().flatten())
            .map(|e| format!("{}\n", e.entry))
            .collect();
        // A history that cannot be kept is no reason to complain.
        let _ = std::fs::write(f, text);
    }
}

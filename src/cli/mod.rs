//! From arguments to a program that runs.

mod options;
mod repl;

use habu_compiler::Options;
use habu_runtime::start;
use options::Program;

/// Stack sizes to try: address space may be limited.
pub const STACK_BYTES: [usize; 4] = [512 << 20, 128 << 20, 32 << 20, 8 << 20];

/// The arguments as text, whatever bytes they are.
fn arguments() -> Vec<String> {
    std::env::args_os()
        .map(|a| a.to_string_lossy().into_owned())
        .collect()
}

pub fn main() -> i32 {
    let parsed = match options::parse(arguments()) {
        Ok(p) => p,
        Err(end) if end.code == 0 => {
            println!("{}", end.text);
            return 0;
        }
        Err(end) => {
            eprintln!("{}", end.text);
            return end.code;
        }
    };
    let stats = parsed.stats;
    let o = Options {
        optimize: parsed.config.optimize,
        ..Options::default()
    };
    let executable = parsed.config.executable.clone();
    habu_runtime::config::set(parsed.config);
    let Ok(th) = start::start(&parsed.settings) else {
        eprintln!("habu: the runtime did not start");
        return 1;
    };
    habu_jit::install(parsed.jit);
    let source = match parsed.program {
        Program::Command(c) => Source::Text(c.into_bytes(), "<string>".into()),
        Program::Module(m) => Source::Module(m),
        Program::File(f) if start::is_runnable_path(&f) => Source::Path(f),
        Program::File(f) => match std::fs::read(&f) {
            Ok(b) => {
                let full = std::path::absolute(&f).map(|p| p.to_string_lossy().into_owned());
                Source::Text(b, full.unwrap_or(f))
            }
            Err(e) => {
                let n = e.raw_os_error().unwrap_or(0);
                let text = habu_runtime::error::errno_text(n);
                eprintln!("{executable}: can't open file '{f}': [Errno {n}] {text}");
                return 2;
            }
        },
        Program::Stdin if repl::wanted() => Source::Prompt,
        Program::Stdin => {
            use std::io::Read;
            let mut b = Vec::new();
            if std::io::stdin().read_to_end(&mut b).is_err() {
                return 1;
            }
            Source::Text(b, "<stdin>".into())
        }
    };
    let prompts = matches!(source, Source::Prompt);
    let code = match habu_stdlib::install(th).and_then(|_| start::main_namespace(th)) {
        Ok(d) => match source {
            Source::Prompt => {
                start::name_main(th, d);
                repl::run(th, d, true)
            }
            Source::Text(mut text, file) => {
                if parsed.skip_first_line {
                    // The line stays, empty: numbers are those of the file.
                    let end = text.iter().position(|b| *b == b'\n').unwrap_or(text.len());
                    text.drain(..end);
                }
                start::run_main(th, &text, &file, d, &o)
            }
            Source::Module(name) => start::run_module(th, &name, true),
            Source::Path(path) => start::run_path(th, &path),
        },
        Err(_) => start::report_uncaught(th),
    };
    let code = match start::main_dict() {
        // `-i`: a prompt after the program, whatever became of it.
        Some(d) if inspects() && !prompts => repl::run(th, d, false),
        _ => code,
    };
    let code = start::finish(th, code);
    if stats {
        let s = habu_heap::stats();
        eprintln!(
            "collections {} minor, {} full; pauses {:.1} ms, longest {:.2} ms; {} bytes allocated, {} live",
            s.minor_collections,
            s.full_collections,
            s.pause_total_ns as f64 / 1e6,
            s.pause_max_ns as f64 / 1e6,
            s.allocated_bytes,
            s.live_bytes
        );
        if let Some(t) = habu_runtime::interp::tier::tier() {
            eprint!("{}", t.report());
        }
    }
    code
}

/// Does `-i` (or the variable, which the program may have set) ask for a prompt when the program is done?
fn inspects() -> bool {
    let c = habu_runtime::config::config();
    c.inspect
        || !c.ignore_environment && std::env::var("PYTHONINSPECT").is_ok_and(|v| !v.is_empty())
}

/// What is to run as `__main__`.
enum Source {
    /// What is typed.
    Prompt,
    Text(Vec<u8>, String),
    Module(String),
    /// A folder or an archive that holds a `__main__` module.
    Path(String),
}

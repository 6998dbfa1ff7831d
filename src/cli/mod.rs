//! Arguments and environment, as CPython understands them.

use habu_compiler::Options;
use habu_runtime::start::{self, Settings};

/// Stack sizes to try: address space may be limited.
pub const STACK_BYTES: [usize; 4] = [512 << 20, 128 << 20, 32 << 20, 8 << 20];

enum Program {
    Command(String),
    File(String),
    Stdin,
}

pub fn main() -> i32 {
    let mut args = std::env::args().skip(1).peekable();
    let mut settings = Settings::default();
    let mut program = None;
    let mut optimize = 0u8;
    let mut stats = false;
    let mut jit = habu_jit::Options::default();
    match std::env::var("HABU_JIT").as_deref() {
        Ok("off" | "0") => jit.mode = habu_jit::Mode::Off,
        Ok("eager") => jit.mode = habu_jit::Mode::Eager,
        _ => {}
    }
    let mut argv: Vec<String> = Vec::new();
    while let Some(a) = args.next() {
        match a.as_str() {
            "-c" => {
                let Some(c) = args.next() else {
                    return usage("argument expected for the -c option");
                };
                program = Some(Program::Command(c));
                argv.push("-c".into());
                break;
            }
            "-V" | "--version" => {
                println!("Python 3.14.0 (Habu {})", env!("CARGO_PKG_VERSION"));
                return 0;
            }
            "-h" | "-?" | "--help" => {
                println!("usage: habu [-O] [-X option] [-c cmd | file | -] [arg] ...");
                return 0;
            }
            "-O" => optimize = optimize.max(1),
            "-OO" => optimize = 2,
            "-X" => match args.next().as_deref() {
                Some("gc-stress") => settings.gc_stress = true,
                Some("gc-verify") => settings.verify = true,
                Some("stats") => stats = true,
                Some("perf") => jit.perf = true,
                Some("jit=off") => jit.mode = habu_jit::Mode::Off,
                Some("jit=on") => jit.mode = habu_jit::Mode::On,
                Some("jit=eager") => jit.mode = habu_jit::Mode::Eager,
                Some(o) if o.starts_with("jit-deopt=") => match o[10..].parse() {
                    Ok(n) => jit.deopt_every = n,
                    Err(_) => return usage("-X jit-deopt takes a number"),
                },
                Some(o) if o.starts_with("dump=") => match o[5..].split_once(':') {
                    Some((what, name)) => jit
                        .dump
                        .extend(what.split(',').map(|w| (w.to_string(), name.to_string()))),
                    None => return usage("-X dump takes FORM:NAME"),
                },
                Some(o) if o.starts_with("nursery=") => match o[8..].parse() {
                    Ok(n) => settings.nursery = n,
                    Err(_) => return usage("-X nursery takes a number of bytes"),
                },
                Some(_) => {}
                None => return usage("argument expected for the -X option"),
            },
            "-" => {
                program = Some(Program::Stdin);
                argv.push("-".into());
                break;
            }
            s if s.starts_with('-') && s.len() > 1 => {
                if !s[1..].chars().all(|c| "bBdEiIPqsSuvx".contains(c)) {
                    return usage(&format!("unknown option {s}"));
                }
            }
            _ => {
                argv.push(a.clone());
                program = Some(Program::File(a));
                break;
            }
        }
    }
    argv.extend(args);
    if let Ok(s) = std::env::var("PYTHONHASHSEED") {
        settings.hash_seed = s.parse().ok();
    }
    let Ok(th) = start::start(&settings) else {
        eprintln!("habu: the runtime did not start");
        return 1;
    };
    habu_jit::install(jit);
    let o = Options {
        optimize,
        ..Options::default()
    };
    let (src, file) = match program.unwrap_or(Program::Stdin) {
        Program::Command(c) => (c.into_bytes(), "<string>".to_string()),
        Program::File(f) => match std::fs::read(&f) {
            Ok(b) => (b, f),
            Err(e) => {
                let n = e.raw_os_error().unwrap_or(0);
                let text = habu_runtime::error::errno_text(n);
                eprintln!("habu: can't open file '{f}': [Errno {n}] {text}");
                return 2;
            }
        },
        Program::Stdin => {
            use std::io::Read;
            let mut b = Vec::new();
            if std::io::stdin().read_to_end(&mut b).is_err() {
                return 1;
            }
            (b, "<stdin>".to_string())
        }
    };
    let code = match habu_stdlib::install(th, &argv).and_then(|_| start::main_namespace(th)) {
        Ok(d) => start::run_main(th, &src, &file, d, &o),
        Err(_) => start::report_uncaught(th),
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

fn usage(text: &str) -> i32 {
    eprintln!(
        "{text}\nusage: habu [option] ... [-c cmd | file | -] [arg] ...\nTry `habu -h' for more information."
    );
    2
}

//! Arguments and environment variables, as CPython understands them: short options may be joined (`-Bsc cmd`), and
//! `-c` and `-m` end them.

use habu_runtime::config::Config;
use habu_runtime::start::Settings;

pub enum Program {
    Command(String),
    Module(String),
    File(String),
    Stdin,
}

pub struct Parsed {
    pub program: Program,
    pub config: Config,
    pub settings: Settings,
    pub jit: habu_jit::Options,
    pub stats: bool,
    /// `-x`: the first line of the program is skipped.
    pub skip_first_line: bool,
}

/// The process ends here instead: what to print, and the exit code.
pub struct End {
    pub text: String,
    pub code: i32,
}

const USAGE: &str = "usage: habu [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `habu -h' for more information.";
const HELP: &str = "usage: habu [option] ... [-c cmd | -m mod | file | -] [arg] ...
-b     : issue warnings about converting bytes/bytearray to str (-bb: errors)
-B     : don't write .pyc files on import (also PYTHONDONTWRITEBYTECODE=x)
-c cmd : program passed in as string (terminates option list)
-E     : ignore PYTHON* environment variables (such as PYTHONPATH)
-h     : print this help message and exit
-i     : inspect interactively after running script; forces a prompt even if stdin is no terminal
-I     : isolate Habu from the user's environment (implies -E, -P and -s)
-m mod : run library module as a script (terminates option list)
-O     : remove assert and __debug__-dependent statements (also PYTHONOPTIMIZE=x)
-OO    : do -O changes and also discard docstrings
-P     : don't prepend a potentially unsafe path to sys.path (also PYTHONSAFEPATH)
-q     : don't print the greeting of a session
-s     : don't add user site directory to sys.path (also PYTHONNOUSERSITE=x)
-S     : don't imply 'import site' on initialization
-v     : verbose import statements (also PYTHONVERBOSE=x)
-V     : print the version number and exit
-W arg : warning control (also PYTHONWARNINGS=arg)
-x     : skip first line of source
-X opt : set an implementation-specific option: jit=off|on|eager, importtime, gc-stress, gc-verify, nursery=BYTES, stats[=instructions]
--check-hash-based-pycs always|default|never
file   : program read from script file
-      : program read from stdin
";

fn wrong(text: &str) -> End {
    End {
        text: format!("{text}\n{USAGE}"),
        code: 2,
    }
}

pub fn parse(all: Vec<String>) -> Result<Parsed, End> {
    let mut p = Parsed {
        program: Program::Stdin,
        config: Config::default(),
        settings: Settings::default(),
        jit: habu_jit::Options::default(),
        stats: false,
        skip_first_line: false,
    };
    p.config.executable = executable(all.first().map_or("", |a| a));
    p.config.orig_argv = all.clone();
    // Before the arguments, which win.
    match std::env::var("HABU_JIT").as_deref() {
        Ok("off" | "0") => p.jit.mode = habu_jit::Mode::Off,
        Ok("eager") => p.jit.mode = habu_jit::Mode::Eager,
        _ => {}
    }
    let mut args = all.into_iter().skip(1);
    let mut argv = vec![String::new()];
    'options: while let Some(a) = args.next() {
        if a == "-" {
            argv[0] = a;
            break;
        }
        if let Some(long) = a.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((n, v)) => (n, Some(v.to_string())),
                None => (long, None),
            };
            match name {
                "" => break,
                "help" => return Err(help()),
                "version" => return Err(version()),
                "check-hash-based-pycs" => {
                    let v = value.or_else(|| args.next()).unwrap_or_default();
                    if !["always", "default", "never"].contains(&v.as_str()) {
                        return Err(wrong(
                            "--check-hash-based-pycs must be one of 'default', 'always', or 'never'",
                        ));
                    }
                    p.config.xoptions.push((name.to_string(), Some(v)));
                }
                _ => return Err(wrong(&format!("unknown option --{name}"))),
            }
            continue;
        }
        let Some(letters) = a.strip_prefix('-') else {
            argv[0] = a.clone();
            p.program = Program::File(a);
            break;
        };
        for (i, c) in letters.char_indices() {
            let rest = &letters[i + c.len_utf8()..];
            if let 'c' | 'm' | 'W' | 'X' = c {
                let value = match rest {
                    "" => args.next(),
                    _ => Some(rest.to_string()),
                };
                let Some(value) = value else {
                    return Err(wrong(&format!("argument expected for the -{c} option")));
                };
                match c {
                    'c' | 'm' => {
                        argv[0] = format!("-{c}");
                        p.program = match c {
                            'c' => Program::Command(value),
                            _ => Program::Module(value),
                        };
                        break 'options;
                    }
                    'W' => p.config.warnoptions.push(value),
                    _ => extra(&mut p, &value)?,
                }
                continue 'options;
            }
            letter(&mut p, c)?;
        }
    }
    argv.extend(args);
    p.config.argv = argv;
    environment(&mut p)?;
    Ok(p)
}

/// What a number of `importtime` means; anything that is none counts as 1.
fn import_time(option: &str, value: Option<&str>) -> Result<u8, End> {
    match value.unwrap_or("").parse::<i32>().unwrap_or(1) {
        n @ 0..=2 => Ok(n as u8),
        _ => Err(End {
            text: format!(
                "Fatal Python error: config_init_import_time: {option}: values other than 1 and 2 are reserved for future use.\nPython runtime state: preinitialized\n"
            ),
            code: 1,
        }),
    }
}

fn letter(p: &mut Parsed, c: char) -> Result<(), End> {
    let g = &mut p.config;
    match c {
        'b' => g.bytes_warning += 1,
        'B' => g.dont_write_bytecode = true,
        'd' => g.debug += 1,
        'E' => g.ignore_environment = true,
        'i' => g.inspect = true,
        'I' => {
            g.isolated = true;
            g.ignore_environment = true;
            g.safe_path = true;
            g.no_user_site = true;
        }
        'O' => g.optimize = (g.optimize + 1).min(2),
        'P' => g.safe_path = true,
        'q' => g.quiet = true,
        's' => g.no_user_site = true,
        'S' => g.no_site = true,
        'v' => g.verbose += 1,
        'x' => p.skip_first_line = true,
        'u' => g.unbuffered = true,
        // Hashing is always randomized without a seed.
        'R' | 't' => {}
        'V' => return Err(version()),
        'h' | '?' => return Err(help()),
        _ => return Err(wrong(&format!("unknown option -{c}"))),
    }
    Ok(())
}

fn extra(p: &mut Parsed, text: &str) -> Result<(), End> {
    let (name, value) = match text.split_once('=') {
        Some((n, v)) => (n, Some(v)),
        None => (text, None),
    };
    match (name, value) {
        ("gc-stress", _) => p.settings.gc_stress = true,
        ("gc-verify", _) => p.settings.verify = true,
        ("stats", what) => {
            p.stats = true;
            match what {
                None => {}
                Some("instructions") => habu_runtime::interp::counted::want(),
                _ => return Err(wrong("-X stats takes nothing or instructions")),
            }
        }
        ("dev", _) => p.config.dev_mode = true,
        ("pycache_prefix", Some(v)) => p.config.pycache_prefix = Some(v.to_string()),
        ("nursery", Some(n)) => match n.parse() {
            Ok(n) => p.settings.nursery = n,
            Err(_) => return Err(wrong("-X nursery takes a number of bytes")),
        },
        ("jit", v) => {
            p.jit.mode = match v {
                Some("off") => habu_jit::Mode::Off,
                Some("on") => habu_jit::Mode::On,
                Some("eager") => habu_jit::Mode::Eager,
                _ => return Err(wrong("-X jit takes off, on or eager")),
            }
        }
        ("importtime", v) => p.config.import_time = import_time("-X importtime", v)?,
        ("perf", _) => p.jit.perf = true,
        ("jit-hot", n) => match n.unwrap_or("").parse() {
            Ok(n) => p.jit.hot = Some(n),
            Err(_) => return Err(wrong("-X jit-hot takes a number")),
        },
        ("jit-quick", _) => p.jit.effort = habu_jit::Effort::Quick,
        ("jit-wait", _) => p.jit.wait = true,
        ("jit-deopt", n) => match n.unwrap_or("").parse() {
            Ok(n) => p.jit.deopt_every = n,
            Err(_) => return Err(wrong("-X jit-deopt takes a number")),
        },
        ("dump", v) => match v.and_then(|v| v.split_once(':')) {
            Some((what, name)) => p
                .jit
                .dump
                .extend(what.split(',').map(|w| (w.to_string(), name.to_string()))),
            None => return Err(wrong("-X dump takes FORM:NAME")),
        },
        _ => {}
    }
    let value = value.map(|v| v.to_string());
    p.config.xoptions.push((name.to_string(), value));
    Ok(())
}

fn environment(p: &mut Parsed) -> Result<(), End> {
    let g = &mut p.config;
    if g.ignore_environment {
        return Ok(());
    }
    let set = |n: &str| std::env::var(n).ok().filter(|v| !v.is_empty());
    // A number, or something that counts as 1.
    let level = |n: &str| set(n).map_or(0, |v| v.parse::<u8>().unwrap_or(1));
    g.dont_write_bytecode |= set("PYTHONDONTWRITEBYTECODE").is_some();
    g.no_user_site |= set("PYTHONNOUSERSITE").is_some();
    g.safe_path |= set("PYTHONSAFEPATH").is_some();
    g.unbuffered |= set("PYTHONUNBUFFERED").is_some();
    g.inspect |= set("PYTHONINSPECT").is_some();
    g.dev_mode |= set("PYTHONDEVMODE").is_some();
    g.optimize = g.optimize.max(level("PYTHONOPTIMIZE").min(2));
    g.verbose = g.verbose.max(level("PYTHONVERBOSE"));
    if g.pycache_prefix.is_none() {
        g.pycache_prefix = set("PYTHONPYCACHEPREFIX");
    }
    if let Some(s) = set("PYTHONPATH") {
        g.path = s.split(':').map(|p| p.to_string()).collect();
    }
    if let Some(s) = set("PYTHONWARNINGS") {
        let own = std::mem::take(&mut g.warnoptions);
        g.warnoptions = s.split(',').map(|w| w.to_string()).collect();
        g.warnoptions.extend(own);
    }
    if let Some(s) = set("PYTHONHASHSEED") {
        p.settings.hash_seed = s.parse().ok();
        g.fixed_hash_seed = p.settings.hash_seed.is_some();
    }
    if g.import_time == 0
        && let Some(v) = set("PYTHONPROFILEIMPORTTIME")
    {
        g.import_time = import_time("PYTHONPROFILEIMPORTTIME", Some(&v))?;
    }
    Ok(())
}

/// The path of this program as it was called.
fn executable(called: &str) -> String {
    use std::path::{Path, absolute};
    let text = |p: &Path| p.to_string_lossy().into_owned();
    if called.contains('/') {
        if let Ok(p) = absolute(called) {
            return text(&p);
        }
    } else if let Ok(path) = std::env::var("PATH") {
        for d in path.split(':').filter(|d| !d.is_empty()) {
            let p = Path::new(d).join(called);
            if p.is_file() {
                return text(&p);
            }
        }
    }
    std::env::current_exe()
        .map(|p| text(&p))
        .unwrap_or_default()
}

fn version() -> End {
    End {
        text: format!("Python 3.14.0 (Habu {})", env!("CARGO_PKG_VERSION")),
        code: 0,
    }
}

fn help() -> End {
    End {
        text: HELP.trim_end().to_string(),
        code: 0,
    }
}

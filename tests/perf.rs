//! `perf/run` and `perf/report`, run by Habu itself with tiny settings: what they print, with every number as `#`, and
//! what they keep when peers crash, hang or are no Python, and when Ctrl-C ends the measuring.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const HABU: &str = env!("CARGO_BIN_EXE_habu");

/// A folder of its own for a test, empty.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("perf-{name}"));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("folder");
    dir
}

/// A peer that tells a version and then does what `rest` says.
fn peer(dir: &Path, name: &str, version: &str, rest: &str) -> String {
    let path = dir.join(name);
    let text = format!("#!/bin/sh\ncase \"$2\" in import*) {version};; *) {rest};; esac\n");
    fs::write(&path, text).expect("script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("script");
    format!("{name}={}", path.display())
}

fn start(script: &str, args: &[&str]) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("perf")
        .join(script);
    Command::new(HABU)
        .arg(script)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("habu")
}

/// Both streams and the exit code.
fn end(child: Child) -> (String, Option<i32>) {
    let out = child.wait_with_output().expect("habu");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    (text, out.status.code())
}

/// Words parted by one space, numbers as `#`, and no line about the machine.
fn masked(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().filter(|l| !l.contains("cores, commit")) {
        let words: Vec<String> = line.split_whitespace().map(mask).collect();
        out.push_str(&words.join(" ").replace("( #", "(#"));
        out.push('\n');
    }
    out
}

fn mask(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        let part_of_number = c.is_ascii_digit() || (c == '.' && out.ends_with('#'));
        if !part_of_number {
            out.push(c)
        } else if !out.ends_with('#') {
            out.push('#')
        }
    }
    out
}

/// The lines of JSON that were kept, by `"name": …, "peer": …`.
fn kept(results: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for e in fs::read_dir(results).into_iter().flatten().flatten() {
        let text = fs::read_to_string(e.path()).unwrap_or_default();
        for line in text.lines() {
            let from = line.find("\"name\"").unwrap_or(0);
            let to = line.find(", \"version\"").unwrap_or(line.len());
            let error = line.find("\"error\"").unwrap_or(line.len() - 1);
            lines.push(format!(
                "{} {}",
                &line[from..to],
                &line[error..line.len() - 1]
            ));
        }
    }
    lines
}

#[test]
fn both_modes() {
    let dir = folder("modes");
    let results = dir.to_string_lossy();
    let args = [
        "--habu",
        HABU,
        "--only-habu",
        "--set",
        "startup",
        "--runs",
        "1",
    ];
    let (out, code) = end(start(
        "run",
        &[&args[..], &["--results", &results, "pass"]].concat(),
    ));
    let want = "\
interp: # (Habu #) [Rust]
jit: # (Habu #) [Rust]
interp jit
pass #ms #MB #ms #MB

speed, interp = # (larger is faster; in brackets: peak memory, interp = #)
jit
pass # (#)
geometric mean # (#)
";
    assert_eq!(masked(&out), want);
    assert_eq!(code, Some(0));
    assert_eq!(
        kept(&dir),
        [
            r#""name": "pass", "peer": "interp" "#,
            r#""name": "pass", "peer": "jit" "#
        ]
    );
}

#[test]
fn broken_peers() {
    let dir = folder("peers");
    let results = dir.join("results");
    let results = results.to_string_lossy();
    let peers = [
        "none=nothing-of-that-name".to_string(),
        "false=false".to_string(),
        peer(&dir, "fault", "kill -SEGV $$", "exit 0"),
        peer(&dir, "sleeper", "sleep 1000", "exit 0"),
        peer(
            &dir,
            "crash",
            "echo 3.0",
            "echo last words >&2; kill -SEGV $$",
        ),
        peer(&dir, "hang", "echo 3.0", "sleep 1000"),
        peer(&dir, "liar", "echo 3.0", "echo 42"),
    ];
    let mut args = vec!["--habu", HABU, "--set", "startup", "--runs", "1"];
    // An empty folder of peers: none that stands on the PATH of this machine.
    let nobody = dir.to_string_lossy();
    args.extend([
        "--limit",
        "3",
        "--peers-dir",
        &nobody,
        "--results",
        &results,
        "--peers",
    ]);
    args.extend(peers.iter().map(String::as_str));
    args.push("pass");
    let (out, code) = end(start("run", &args));
    let want = "\
FAILED to start none, which is left out: not found
FAILED to start false, which is left out: exit #
FAILED to start fault, which is left out: signal #
FAILED to start sleeper, which is left out: longer than # s
interp: # (Habu #) [Rust]
jit: # (Habu #) [Rust]
crash: #
hang: #
liar: #
interp jit crash hang liar
pass #ms #MB #ms #MB signal #: last wo longer than # s wrong output

speed, interp = # (larger is faster; in brackets: peak memory, interp = #)
jit crash hang liar
pass # (#) failed failed failed
geometric mean # (#) - - -
FAILED pass under crash: signal #: last words
FAILED pass under hang: longer than # s
FAILED pass under liar: wrong output
";
    assert_eq!(masked(&out), want);
    assert_eq!(code, Some(1));
    assert_eq!(
        kept(Path::new(&*results)),
        [
            r#""name": "pass", "peer": "interp" "#,
            r#""name": "pass", "peer": "jit" "#,
            r#""name": "pass", "peer": "crash" "error": "signal 11: last words""#,
            r#""name": "pass", "peer": "hang" "error": "longer than 3 s""#,
            r#""name": "pass", "peer": "liar" "error": "wrong output""#,
        ]
    );
}

#[test]
fn interrupted() {
    let dir = folder("interrupted");
    let begun = dir.join("begun");
    let rest = format!(": > {}; sleep 1000", begun.display());
    let slow = peer(&dir, "slow", "echo 3.0", &rest);
    let results = dir.join("results");
    let results = results.to_string_lossy();
    let nobody = dir.to_string_lossy();
    let child = start(
        "run",
        &[
            "--habu",
            HABU,
            "--set",
            "startup",
            "--runs",
            "2",
            "--peers-dir",
            &nobody,
            "--results",
            &results,
            "--peers",
            &slow,
            "pass",
        ],
    );
    let patience = Instant::now() + Duration::from_secs(60);
    while !begun.exists() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
    // SAFETY: a signal to a child that was not waited for.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
    let (out, code) = end(child);
    let want = "\
interp: # (Habu #) [Rust]
jit: # (Habu #) [Rust]
slow: #
interp jit slow
pass #ms #MB #ms #MB -

speed, interp = # (larger is faster; in brackets: peak memory, interp = #)
jit slow
pass # (#) -
geometric mean # (#) -
stopped: the table holds what was measured so far
";
    assert_eq!(masked(&out), want);
    assert_eq!(code, Some(130));
    assert_eq!(
        kept(Path::new(&*results)),
        [
            r#""name": "pass", "peer": "interp" "#,
            r#""name": "pass", "peer": "jit" "#
        ]
    );
}

#[test]
fn report() {
    let dir = folder("report");
    let row = |time: u32, commit: &str, name: &str, peer: &str, rest: &str| {
        format!(
            "{{\"time\": {time}, \"commit\": \"{commit}\", \"set\": \"programs\", \"cpu\": \"Abacus\", \"cores\": 2, \
             \"system\": \"Linux 1\", \"name\": \"{name}\", \"peer\": \"{peer}\", \"version\": \"3\", {rest}}}\n"
        )
    };
    let used = |cpu: f64, rss: u32| format!("\"cpu_min\": {cpu}, \"spread\": 0.0, \"rss\": {rss}");
    let mut lines = row(1, "old", "fib", "jit", &used(0.8, 20));
    lines += &row(1, "old", "nbody", "jit", &used(0.8, 20));
    for (name, jit, c) in [("fib", 0.25, None), ("nbody", 0.1, Some(0.0125))] {
        lines += &row(2, "new", name, "interp", &used(0.5, 10));
        lines += &row(2, "new", name, "jit", &used(jit, 20));
        lines += &row(2, "new", name, "cpython", &used(1.0, 10));
        lines += &row(2, "new", name, "pypy", "\"error\": \"signal 11\"");
        if let Some(c) = c {
            lines += &row(2, "new", name, "c", &used(c, 5));
        }
    }
    lines += "{\"time\": 2, \"comm";
    fs::write(dir.join("1-programs.jsonl"), lines).expect("results");
    let readme = dir.join("README.md");
    fs::write(
        &readme,
        "Fast.\n<!-- perf:begin -->\nold\n<!-- perf:end -->\nEnd.\n",
    )
    .expect("readme");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let (out, code) = end(start(
        "report",
        &[
            "--results",
            &dir.to_string_lossy(),
            "--output",
            &path("page.html"),
            "--plot",
            &path("speed.svg"),
            "--readme",
            &readme.to_string_lossy(),
        ],
    ));
    assert_eq!(code, Some(0), "{out}");
    let want = "\
Fast.
<!-- perf:begin -->
![Speed of each program](speed.svg)

Programs of our own, CPU time: speed against CPython 3.15 (1.00; larger is faster), Abacus, 2 cores, commit new:

| program | Habu interpreter | Habu JIT | CPython 3.15 | PyPy | C |
|---|---:|---:|---:|---:|---:|
| fib | 2.00 | 4.00 | 1.00 | failed |  |
| nbody | 2.00 | 10.00 | 1.00 | failed | 80.00 |
| **geometric mean** | **2.00** | **6.32** | **1.00** |  | **80.00** |
| **peak memory** | **1.00** | **2.00** | **1.00** |  | **0.50** |
<!-- perf:end -->
End.
";
    assert_eq!(fs::read_to_string(&readme).unwrap_or_default(), want);
    let page = fs::read_to_string(dir.join("page.html")).unwrap_or_default();
    for part in [
        "fib, Habu JIT: 4.00x",
        "<h2>Over commits</h2>",
        ">failed<",
        "commit new",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(
        !page.contains("http"),
        "a page that needs nothing from elsewhere"
    );
    let plot = fs::read_to_string(dir.join("speed.svg")).unwrap_or_default();
    assert!(plot.contains("Abacus, 2 cores, commit new"), "{plot}");
}

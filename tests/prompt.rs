//! Sessions at the prompt, through a pseudo-terminal: what `tests/prompt/NAME.in` types, line by line, must show what
//! `NAME.out` says. A line `^C` is that key, pressed while the statement before it runs or at the prompt.
//!
//! An expected output comes from CPython 3.14 with its basic prompt: `PROMPT_RECORD="python3.14 -q" cargo test --test
//! prompt` writes it anew.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// Both ends of a new pseudo-terminal.
fn terminal() -> (OwnedFd, OwnedFd) {
    let (mut a, mut b) = (-1, -1);
    // SAFETY: the two numbers are writable; the rest may be null.
    let r = unsafe {
        libc::openpty(
            &mut a,
            &mut b,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        )
    };
    assert_eq!(r, 0, "no pseudo-terminal");
    // SAFETY: just opened, and ours.
    unsafe { (OwnedFd::from_raw_fd(a), OwnedFd::from_raw_fd(b)) }
}

/// More output, until there is a prompt at its end or nothing comes any more.
fn until_prompt(out: &mut Vec<u8>, more: &Receiver<Vec<u8>>, from: usize) {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let new = &out[from..];
        if [b">>> ", b"... "].iter().any(|p| new.ends_with(*p)) {
            return;
        }
        match more.recv_timeout(Duration::from_millis(200)) {
            Ok(b) => out.extend(b),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
            Err(_) => {}
        }
    }
    panic!("no prompt after: {}", String::from_utf8_lossy(out));
}

fn session(program: &[&str], typed: &str) -> String {
    let (ours, theirs) = terminal();
    let end = || Stdio::from(theirs.try_clone().expect("descriptor"));
    let mut c = Command::new(program[0]);
    c.args(&program[1..])
        .stdin(end())
        .stdout(end())
        .stderr(end())
        .env("TERM", "dumb")
        .env("PYTHON_BASIC_REPL", "1")
        .env("NO_COLOR", "1")
        .env_remove("PYTHONSTARTUP")
        .env("PYTHON_HISTORY", "/dev/null");
    // SAFETY: system calls that a child may make between fork and exec.
    unsafe {
        c.pre_exec(|| {
            libc::setsid();
            libc::ioctl(0, libc::TIOCSCTTY, 0);
            Ok(())
        });
    }
    let mut child = c.spawn().expect("program");
    drop(theirs);
    let (tell, more) = channel();
    let mut reader = File::from(ours.try_clone().expect("descriptor"));
    std::thread::spawn(move || {
        let mut b = [0; 4096];
        while let Ok(n @ 1..) = reader.read(&mut b) {
            if tell.send(b[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut writer = File::from(ours.try_clone().expect("descriptor"));
    let mut out = Vec::new();
    until_prompt(&mut out, &more, 0);
    let lines: Vec<&str> = typed.lines().collect();
    for (i, l) in lines.iter().enumerate() {
        let from = out.len();
        let key = *l == "^C";
        if key {
            // What it interrupts has to run.
            std::thread::sleep(Duration::from_millis(500));
        }
        let text = if key { "\x03".into() } else { format!("{l}\n") };
        writer.write_all(text.as_bytes()).expect("terminal");
        let interrupted = lines.get(i + 1) == Some(&"^C") && l.is_empty();
        if !interrupted {
            until_prompt(&mut out, &more, from);
        }
    }
    // The end-of-file key.
    let _ = writer.write_all(b"\x04");
    let last = Instant::now() + PATIENCE;
    while Instant::now() < last {
        match more.recv_timeout(Duration::from_millis(200)) {
            Ok(b) => out.extend(b),
            Err(_) if child.try_wait().is_ok_and(|s| s.is_some()) => break,
            Err(_) => {}
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    let _ = ours.as_raw_fd();
    // Whether the terminal shows the key is its own affair.
    String::from_utf8_lossy(&out)
        .replace("\r\n", "\n")
        .replace("^C", "")
}

#[test]
fn sessions() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prompt");
    let record = std::env::var("PROMPT_RECORD").ok();
    let mut seen = 0;
    for e in std::fs::read_dir(&dir).expect("folder").flatten() {
        let path = e.path();
        if path.extension().is_none_or(|x| x != "in") {
            continue;
        }
        seen += 1;
        let typed = std::fs::read_to_string(&path).expect("input");
        let expected = path.with_extension("out");
        match &record {
            Some(r) => {
                let got = session(&r.split(' ').collect::<Vec<_>>(), &typed);
                std::fs::write(expected, got).expect("output");
            }
            None => {
                let got = session(&[env!("CARGO_BIN_EXE_habu"), "-q"], &typed);
                let want = std::fs::read_to_string(expected).expect("output");
                assert!(
                    got == want,
                    "{}:\n--- wanted\n{want}\n--- got\n{got}",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 0);
}

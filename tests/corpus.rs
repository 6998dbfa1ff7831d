//! One corpus of programs, run under every mode: each `tests/corpus/NAME.py` must print what `NAME.out` says
//! (recorded from CPython 3.14) whatever the collector does.

mod common;

use std::process::Command;

fn run_all(mode: &[&str]) {
    let mut failed = Vec::new();
    let programs = common::programs("corpus");
    assert!(!programs.is_empty());
    for p in &programs {
        let want = std::fs::read_to_string(p.with_extension("out")).unwrap_or_default();
        let out = Command::new(env!("CARGO_BIN_EXE_habu"))
            .args(mode)
            .arg(p.file_name().unwrap_or_default())
            .current_dir(p.parent().unwrap_or(p))
            .env("PYTHONHASHSEED", "0")
            .env_remove("PYTHONUNBUFFERED")
            .output();
        match out {
            Ok(o) => {
                let got = String::from_utf8_lossy(&o.stdout);
                if !o.status.success() || got != want {
                    failed.push(format!(
                        "{} ({}):\n--- wanted\n{want}\n--- got\n{got}\n{}",
                        p.display(),
                        o.status,
                        String::from_utf8_lossy(&o.stderr)
                    ));
                }
            }
            Err(e) => failed.push(format!("{}: {e}", p.display())),
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} failed:\n{}",
        failed.len(),
        programs.len(),
        failed.join("\n")
    );
}

#[test]
fn as_it_comes() {
    run_all(&[]);
}

#[test]
fn interpreter() {
    run_all(&["-X", "jit=off"]);
}

#[test]
fn tiny_nursery_with_verifier() {
    run_all(&["-X", "jit=off", "-X", "nursery=65536", "-X", "gc-verify"]);
}

#[test]
fn collection_at_every_allocation() {
    run_all(&["-X", "jit=off", "-X", "gc-stress"]);
}

#[test]
fn compiled_at_once() {
    run_all(&["-X", "jit=eager"]);
}

#[test]
fn every_guard_fails() {
    run_all(&["-X", "jit=eager", "-X", "jit-deopt=1"]);
}

#[test]
fn some_guards_fail_under_the_verifier() {
    let modes = ["jit=eager", "jit-deopt=7", "nursery=65536", "gc-verify"];
    let args: Vec<&str> = modes.iter().flat_map(|m| ["-X", m]).collect();
    run_all(&args);
}

#[test]
fn compiled_with_collection_at_every_allocation() {
    run_all(&["-X", "jit=eager", "-X", "gc-stress"]);
}

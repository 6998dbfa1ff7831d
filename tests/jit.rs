//! Snapshots of the native tier: each `tests/jit/NAME.py` makes its function `f` hot, and the form that it is first
//! compiled from must be what `NAME.ir` says; for `tests/jit/asm/NAME.py` the machine code for each architecture must
//! be what `NAME.ARCH` says, whatever machine the tests run on. `UPDATE=1 cargo test --test jit` writes the files anew:
//! read the difference before it is committed.

mod common;

use std::process::Command;

fn first_form(text: &str) -> String {
    let mut lines = text.lines();
    let mut out: Vec<&str> = lines.by_ref().take(1).collect();
    out.extend(lines.take_while(|l| !l.is_empty()));
    out.join("\n") + "\n"
}

/// Compare what is printed of `f` with the snapshots.
fn compare(folder: &str, form: &str, extension: &str) {
    let names = common::programs(folder);
    assert!(!names.is_empty());
    let mut failed = Vec::new();
    for p in &names {
        let out = Command::new(env!("CARGO_BIN_EXE_habu"))
            .args(["-X", "jit-hot=400", "-X", &format!("dump={form}:f")])
            .arg(p)
            .output()
            .map(|o| String::from_utf8_lossy(&o.stderr).into_owned())
            .unwrap_or_default();
        let got = first_form(&out);
        let file = p.with_extension(extension);
        if std::env::var("UPDATE").is_ok() {
            assert!(std::fs::write(&file, &got).is_ok());
        }
        let want = std::fs::read_to_string(&file).unwrap_or_default();
        if got != want || got.lines().count() < 3 {
            failed.push(format!(
                "{}:\n--- wanted\n{want}\n--- got\n{got}",
                p.display()
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn forms() {
    compare("jit", "ir", "ir");
}

#[test]
fn machine_code() {
    for arch in ["x86_64", "aarch64"] {
        compare("jit/asm", &format!("asm-{arch}"), arch);
    }
}

/// The pieces that were compiled, as `-X stats` names them.
fn compiled(program: &str) -> Vec<String> {
    let out = Command::new(env!("CARGO_BIN_EXE_habu"))
        .args(["-I", "-S", "-X", "jit-wait", "-X", "stats", "-c", program])
        .output()
        .map(|o| String::from_utf8_lossy(&o.stderr).into_owned())
        .unwrap_or_default();
    let pieces = out.lines().filter(|l| l.contains(" versions: "));
    pieces
        .filter_map(|l| l.rsplit(" versions: ").next())
        .filter_map(|l| l.split(" at ").next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn callers_take_in_what_they_call() {
    let called = "def f(n):\n return g(n) + g(n + 1)\n\
                  def g(n):\n return n * 2\n\
                  def main():\n s = 0\n for i in range(200000):\n  s += f(i)\n return s\n\
                  main()\n";
    assert_eq!(compiled(called), ["main"]);
    // A loop that is hot by itself does not wait for one around it that hardly goes round.
    let nest = "def f(n, m):\n s = 0\n for i in range(n):\n  for j in range(m):\n   s += i ^ j\n return s\n";
    assert_eq!(compiled(&format!("{nest}f(2000, 100)\n")), ["f"]);
    assert_eq!(compiled(&format!("{nest}f(2, 100000)\n")), ["f"]);
}

/// Instructions that ran natively and interpreted.
fn instructions(mode: &[&str]) -> (u64, u64) {
    let program = "def f(n):\n s = 0\n for i in range(n):\n  s = g(s, i)\n return s\n\
                   def g(s, i):\n if i % 3:\n  return s + 1\n return [s][0]\n\
                   for _ in range(40):\n f(5000)\n";
    let out = Command::new(env!("CARGO_BIN_EXE_habu"))
        .args(["-I", "-S", "-X", "stats=instructions"])
        .args(mode)
        .args(["-c", program])
        .output()
        .map(|o| String::from_utf8_lossy(&o.stderr).into_owned())
        .unwrap_or_default();
    let line = out.lines().find(|l| l.contains("instructions:"));
    let numbers: Vec<u64> = line
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_digit())
        .flat_map(str::parse)
        .collect();
    assert!(numbers.len() >= 2, "{out}");
    (numbers[0], numbers[1])
}

#[test]
fn tiers_count_the_same_instructions() {
    let (_, all) = instructions(&["-X", "jit-hot=1000000000"]);
    let (native, interpreted) = instructions(&["-X", "jit-hot=400"]);
    assert!(all > 2_000_000, "{all}");
    let off = (native + interpreted).abs_diff(all);
    assert!(off < all / 200, "{native} + {interpreted} is not {all}");
    assert!(native > all / 20 * 19, "{native} of {all}");
}

//! How a process starts: standard descriptors that are closed, `-X importtime`.
//!
//! What was wanted is recorded from CPython 3.14.

use std::fs;
use std::path::Path;
use std::process::Command;

const HABU: &str = env!("CARGO_BIN_EXE_habu");

/// What a shell prints that runs a command with `$H` for Habu; both streams.
fn shell(dir: &Path, command: &str) -> String {
    let out = Command::new("sh")
        .args(["-c", command])
        .current_dir(dir)
        .env("H", HABU)
        .env_remove("PYTHONPROFILEIMPORTTIME")
        .output()
        .expect("sh");
    format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    )
}

#[test]
#[cfg(target_os = "linux")]
fn closed_descriptors() {
    let here = Path::new(".");
    // Which streams are None, and the number that the first file gets.
    let script = "import os, sys
streams = [sys.stdin is None, sys.stdout is None, sys.stderr is None]
os.write(2 if streams[1] else 1, repr((streams, os.open(os.devnull, os.O_RDONLY))).encode())
print('printed')";
    for (closed, wanted) in [
        ("<&-", "([True, False, False], 0)printed\n"),
        (">&-", "([False, True, False], 1)"),
        ("2>&-", "([False, False, True], 2)printed\n"),
        ("<&- 2>&-", "([True, False, True], 0)printed\n"),
    ] {
        let got = shell(here, &format!("\"$H\" -c \"{script}\" {closed}"));
        assert_eq!(got, wanted, "{closed}");
    }
}

#[test]
fn import_times() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("start-times");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("p")).expect("folder");
    for (name, text) in [
        ("p/__init__.py", "import q\nfrom . import n\n"),
        ("p/m.py", "import q\n"),
        ("p/n.py", "import p.zz\n"),
        ("q.py", ""),
    ] {
        fs::write(dir.join(name), text).expect("file");
    }
    let script = "import sys; sys.path.insert(0, '')
try: import p.m
except ImportError as e: print(e)
import q
import nosuch_";
    // The lines about the modules made here, with times cut down to whether there are any.
    let told = |option: &str| -> Vec<String> {
        shell(&dir, &format!("\"$H\" {option} -c \"{script}\""))
            .lines()
            .filter_map(|l| {
                let parts: Vec<&str> = l.strip_prefix("import time: ")?.split(" | ").collect();
                let [own, all, name] = parts[..] else {
                    return None;
                };
                let ours = [
                    "imported package",
                    "p",
                    "p.m",
                    "p.n",
                    "p.zz",
                    "q",
                    "nosuch_",
                ];
                let timed = match own.trim().parse::<u64>() {
                    Ok(n) if own.len() == 9 && all.len() == 10 => {
                        assert!(all.trim().parse::<u64>().expect("time") >= n, "{l}");
                        "timed"
                    }
                    _ => own.trim_end(),
                };
                ours.contains(&name.trim())
                    .then(|| format!("{timed}|{name}"))
            })
            .collect()
    };
    let once = [
        "self [us]|imported package",
        "timed|    q",
        "timed|      p.zz",
        "timed|    p.n",
        "timed|  p",
        "timed|p.m",
        "timed|nosuch_",
    ];
    assert_eq!(told("-X importtime"), once);
    assert_eq!(told("-X importtime=yes"), once);
    let with_cached = [
        "self [us]|imported package",
        "timed|    q",
        "cached|   p",
        "cached|     p",
        "cached|       p",
        "timed|      p.zz",
        "timed|    p.n",
        "timed|  p",
        "timed|p.m",
        "cached|q",
        "timed|nosuch_",
    ];
    assert_eq!(told("-X importtime=2"), with_cached);
    assert_eq!(
        shell(&dir, "\"$H\" -X importtime=3 -c pass; echo $?"),
        "1\nFatal Python error: config_init_import_time: -X importtime: values other than 1 and 2 are reserved for future use.\nPython runtime state: preinitialized\n\n"
    );
}

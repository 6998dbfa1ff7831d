//! Where modules come from, beyond what one program of the corpus can show: archives and folders that are run, `.pth`
//! files, virtual environments, and `.pyc` files that are elsewhere, not written, checked by hash, or damaged.
//!
//! What must hold: a damaged `.pyc` is never run, and no bytes make `marshal` crash.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of its own for a test, empty.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("import-{name}"));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("folder");
    dir.canonicalize().expect("folder")
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).expect("folder");
    }
    fs::write(path, text).expect("file");
}

/// What a command prints; both streams.
fn run_as(binary: &Path, dir: &Path, args: &[&str], env: &[(&str, &str)]) -> String {
    let mut c = Command::new(binary);
    c.args(args).current_dir(dir);
    for name in [
        "PYTHONPATH",
        "PYTHONPYCACHEPREFIX",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHOME",
    ] {
        c.env_remove(name);
    }
    c.envs(env.iter().copied());
    let out = c.output().expect("habu");
    format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    )
}
fn run(dir: &Path, args: &[&str], env: &[(&str, &str)]) -> String {
    run_as(Path::new(env!("CARGO_BIN_EXE_habu")), dir, args, env)
}

#[test]
fn archives() {
    let dir = folder("archives");
    let make = r#"
import zipfile
with zipfile.ZipFile('app.zip', 'w') as z:
    z.writestr('__main__.py', '''import pkg.mod, pkgutil, sys
print(__name__, repr(__package__), type(__loader__).__name__, pkg.mod.X, sys.argv)
print(pkgutil.get_data('pkg', 'data.txt'))
try:
    pkg.mod.boom()
except ZeroDivisionError:
    import traceback
    print(traceback.format_exc().splitlines()[-3])
''')
    z.writestr('pkg/__init__.py', '')
    z.writestr('pkg/mod.py', 'X = 42\ndef boom():\n    1/0\n')
    z.writestr('pkg/data.txt', 'hello')
with zipfile.ZipFile('packed.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('zm.py', 'Y = 7\n' * 50)
with open('app.zip', 'rb') as f, open('with_head', 'wb') as g:
    g.write(b'#!/usr/bin/env habu\n' + f.read())
with open('app.zip', 'rb') as f, open('broken.zip', 'wb') as g:
    g.write(f.read()[:-30])
"#;
    assert_eq!(run(&dir, &["-c", make], &[]), "");
    for app in ["app.zip", "with_head"] {
        let got = run(&dir, &[app, "a", "b"], &[]);
        let want = format!("__main__ '' zipimporter 42 ['{app}', 'a', 'b']\nb'hello'\n    1/0\n");
        assert_eq!(got, want);
    }
    // On the path, also as its first entry, and behind another archive.
    let show = "import pkg.mod, json; print(pkg.mod.X, pkg.__path__[0].endswith('app.zip/pkg'), pkg.__loader__)";
    for path in ["app.zip", "packed.zip:app.zip"] {
        let got = run(&dir, &["-c", show], &[("PYTHONPATH", path)]);
        assert!(
            got.starts_with("42 True <zipimporter object"),
            "{path}: {got}"
        );
    }
    let path = [("PYTHONPATH", "packed.zip")];
    assert_eq!(run(&dir, &["-c", "import zm; print(zm.Y)"], &path), "7\n");
    assert_eq!(run(&dir, &["-m", "zm"], &path), "");
    let got = run(&dir, &["-c", "import pkg"], &[("PYTHONPATH", "broken.zip")]);
    assert!(
        got.contains("ModuleNotFoundError: No module named 'pkg'"),
        "{got}"
    );
}

#[test]
fn folders() {
    let dir = folder("folders");
    write(
        &dir,
        "app/__main__.py",
        "import other, sys\nprint(__name__, repr(__package__), sys.argv, other.Z)",
    );
    write(&dir, "app/other.py", "Z = 1");
    write(&dir, "empty/nothing.py", "");
    assert_eq!(
        run(&dir, &["app", "x"], &[]),
        "__main__ '' ['app', 'x'] 1\n"
    );
    let got = run(&dir, &["empty"], &[]);
    assert!(got.contains("can't find '__main__' module in"), "{got}");
}

#[test]
fn path_files() {
    let dir = folder("path-files");
    write(
        &dir,
        "site/a.pth",
        "# a comment\n../more\n\nnowhere\nimport sys; sys.seen = 'yes'\n",
    );
    write(&dir, "site/b.pth", "../more\n");
    write(&dir, "more/far.py", "W = 5");
    let script = "import site, sys; site.addsitedir('site'); import far\n\
                  print(far.W, sys.seen, [p for p in sys.path if p.endswith(('more', 'nowhere'))].__len__())";
    assert_eq!(run(&dir, &["-c", script], &[]), "5 yes 1\n");
}

#[test]
fn virtual_environment() {
    let dir = folder("venv");
    let habu = Path::new(env!("CARGO_BIN_EXE_habu"));
    fs::create_dir_all(dir.join("bin")).expect("folder");
    let link = dir.join("bin/habu");
    std::os::unix::fs::symlink(habu, &link).expect("link");
    let home = habu.parent().expect("folder").display().to_string();
    write(
        &dir,
        "pyvenv.cfg",
        &format!("home = {home}\ninclude-system-site-packages = false\nversion = 3.14\n"),
    );
    write(&dir, "lib/python3.14/site-packages/mine.py", "V = 3");
    write(&dir, "lib/python3.14/site-packages/x.pth", "extra\n");
    write(&dir, "lib/python3.14/site-packages/extra/deep.py", "D = 4");
    let script =
        "import sys, mine, deep; print(mine.V, deep.D, sys.prefix, sys.prefix != sys.base_prefix)";
    let got = run_as(&link, &dir, &["-c", script], &[]);
    assert_eq!(got, format!("3 4 {} True\n", dir.display()));
    let got = run_as(&link, &dir, &["-I", "-S", "-c", "import mine"], &[]);
    assert!(got.contains("No module named 'mine'"), "{got}");
}

/// The `.pyc` files under a folder.
fn compiled(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for e in fs::read_dir(dir).into_iter().flatten().flatten() {
        let p = e.path();
        if p.is_dir() {
            found.extend(compiled(&p));
        } else if p.extension().is_some_and(|x| x == "pyc") {
            found.push(p);
        }
    }
    found
}

#[test]
fn where_bytecode_goes() {
    let dir = folder("cache");
    write(&dir, "src/m.py", "A = 1");
    let src = dir.join("src");
    let import = ["-c", "import m; print(m.A)"];
    run(&src, &import, &[("PYTHONDONTWRITEBYTECODE", "1")]);
    run(&src, &["-B", "-c", "import m"], &[]);
    assert!(compiled(&dir).is_empty());
    let prefix = dir.join("elsewhere").display().to_string();
    assert_eq!(
        run(&src, &import, &[("PYTHONPYCACHEPREFIX", &prefix)]),
        "1\n"
    );
    assert!(compiled(&src).is_empty());
    assert_eq!(compiled(&dir.join("elsewhere")).len(), 1);
    assert_eq!(run(&src, &import, &[]), "1\n");
    assert_eq!(compiled(&src).len(), 1);
    // What is there is used, and followed when the source changes.
    write(&dir, "src/m.py", "A = 23");
    assert_eq!(run(&src, &import, &[]), "23\n");
}

#[test]
fn checked_by_hash() {
    let dir = folder("hash");
    let import = ["-c", "import m; print(m.A)"];
    for (mode, after) in [("CHECKED_HASH", "2\n"), ("UNCHECKED_HASH", "1\n")] {
        write(&dir, "m.py", "A = 1");
        let script = format!(
            "import py_compile as p; p.compile('m.py', invalidation_mode=p.PycInvalidationMode.{mode})"
        );
        assert_eq!(run(&dir, &["-c", &script], &[]), "");
        assert_eq!(run(&dir, &import, &[]), "1\n");
        write(&dir, "m.py", "A = 2");
        assert_eq!(run(&dir, &import, &[]), after, "{mode}");
        let always = ["--check-hash-based-pycs", "always", import[0], import[1]];
        assert_eq!(run(&dir, &always, &[]), "2\n", "{mode}");
    }
}

#[test]
fn damaged_bytecode() {
    let dir = folder("damaged");
    write(
        &dir,
        "m.py",
        "def f(a, b=[1, 'x']):\n    return a, b\nA = f(2.5)\n",
    );
    // Every cut and some other byte at every place, each imported anew.
    let script = r#"
import importlib, importlib.util, sys
sys.path.insert(0, '.')
import m
want = m.A
path = m.__cached__
with open(path, 'rb') as f:
    whole = f.read()
sys.dont_write_bytecode = True
def check(data, what):
    with open(path, 'wb') as f:
        f.write(data)
    del sys.modules['m']
    importlib.invalidate_caches()
    got = importlib.import_module('m').A
    if got != want:
        print(what, got)
for i in range(len(whole)):
    check(whole[:i], ('cut', i))
    check(whole[:i] + bytes([whole[i] ^ 1 << i % 8]) + whole[i + 1:], ('bit', i))
    check(whole[:i] + bytes([whole[i] ^ 255]) + whole[i + 1:], ('byte', i))
check(b'', 'empty')
check(whole + b'xyz', 'longer')
print(len(whole) > 200)
"#;
    assert_eq!(run(&dir, &["-c", script], &[]), "True\n");
}

#[test]
fn damaged_marshal() {
    let dir = folder("marshal");
    let script = r#"
import marshal
code = compile("def f(a, *b, c=1, **d):\n  try: return [x for x in b] + [c]\n  finally: print(a)\n", "f", "exec")
data = [1, 2**80, -1.5, 3j, "a\u00e9\U0001f40d", b"xyz", None, ..., {"a": (1, 2)}, frozenset({3}), "same", "same"]
seen = set()
for x in [marshal.dumps((code,)), marshal.dumps(code), marshal.dumps(data), marshal.dumps(data, 1)]:
    for i in range(len(x)):
        for y in [x[:i], *(x[:i] + bytes([b]) + x[i + 1:] for b in (x[i] ^ 1, x[i] ^ 128, 0, 255, ord('i'), ord('(')))]:
            try:
                marshal.loads(y)
            except (ValueError, EOFError, TypeError) as e:
                seen.add(type(e).__name__)
print(seen >= {'ValueError', 'EOFError'})
"#;
    assert_eq!(run(&dir, &["-c", script], &[]), "True\n");
}

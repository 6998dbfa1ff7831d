//! Packs the Python part of the standard library into the binary: one blob of sources and an index that a
//! generated match finds modules in. Our own files under `overlay/` replace those of the same name.

use std::path::{Path, PathBuf};
use std::{env, fs, io::Write};

/// Parts of Lib that no program imports from us: graphical toolkits, other platforms, installers.
const LEFT_OUT: &[&str] = &[
    "idlelib",
    "tkinter",
    "turtledemo",
    "turtle.py",
    "ensurepip",
    "lib2to3",
    "test",
    "__pycache__",
];

fn collect(dir: &Path, prefix: &str, out: &mut Vec<(String, PathBuf, bool)>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for e in entries.flatten() {
        let name = e.file_name().to_string_lossy().into_owned();
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        let path = e.path();
        if path.is_dir() {
            if path.join("__init__.py").exists() {
                collect(&path, &format!("{prefix}{name}."), out);
            }
        } else if let Some(stem) = name.strip_suffix(".py") {
            if stem == "__init__" {
                out.push((prefix.trim_end_matches('.').to_string(), path, true));
            } else {
                out.push((format!("{prefix}{stem}"), path, false));
            }
        }
    }
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=overlay");
    let mut files = Vec::new();
    collect(Path::new(rustpython_pylib::LIB_PATH), "", &mut files);
    let mut own = Vec::new();
    let here = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    collect(&Path::new(&here).join("overlay"), "", &mut own);
    files.retain(|f| !f.0.is_empty() && !own.iter().any(|o| o.0 == f.0));
    files.extend(own);
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    let mut blob = Vec::new();
    let mut index = String::from("pub static INDEX: &[(&str, usize, usize, bool)] = &[\n");
    for (name, path, package) in &files {
        let Ok(text) = fs::read(path) else { continue };
        if std::str::from_utf8(&text).is_err() {
            continue;
        }
        index.push_str(&format!(
            "    ({name:?}, {}, {}, {package}),\n",
            blob.len(),
            blob.len() + text.len()
        ));
        blob.extend_from_slice(&text);
    }
    index.push_str("];\n");
    let write = |name: &str, data: &[u8]| {
        fs::File::create(out.join(name))
            .and_then(|mut f| f.write_all(data))
            .expect("the build folder is writable")
    };
    write("lib.bin", &blob);
    write("lib_index.rs", index.as_bytes());
}

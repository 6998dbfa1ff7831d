//! Packs the Python part of the standard library into the binary: one blob of sources, one of compiled code, and an
//! index that modules are found in. Our own files under `overlay/` replace those of the same name.

use habu_bytecode::packed;
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

/// Modules whose frames tracebacks of a failed import leave out are known by the names that CPython gives their files.
const FROZEN: &[(&str, &str)] = &[
    ("importlib._bootstrap", "<frozen importlib._bootstrap>"),
    (
        "importlib._bootstrap_external",
        "<frozen importlib._bootstrap_external>",
    ),
    ("_habu_import", "<frozen importlib._bootstrap_external>"),
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

/// The file name that a module's code carries; `import.rs` makes the same one.
fn file_name(name: &str, package: bool) -> String {
    if let Some((_, f)) = FROZEN.iter().find(|(n, _)| *n == name) {
        return f.to_string();
    }
    let end = if package { "/__init__.py" } else { ".py" };
    format!("/<habu>/{}{end}", name.replace('.', "/"))
}

/// `site` names the folders of another interpreter; ours are those that CPython documents. `platform` shall tell this
/// implementation's name.
fn adapted(name: &str, text: String) -> String {
    match name {
        "site" => text
            .replace("'RustPython'", "'Python'")
            .replace("/rustpython", "/python"),
        "platform" => text.replace("RustPython", "Habu"),
        _ => text,
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
    let (mut sources, mut codes) = (Vec::new(), Vec::new());
    let mut index = String::from("pub static INDEX: &[Entry] = &[\n");
    for (name, path, package) in &files {
        let Ok(text) = fs::read_to_string(path) else {
            continue;
        };
        let text = adapted(name, text);
        let options = habu_compiler::Options::default();
        // A file that does not compile keeps its source: importing it raises the SyntaxError.
        let code = habu_compiler::compile(&text, &file_name(name, *package), &options)
            .map(|c| packed::write(&c.code))
            .unwrap_or_default();
        index.push_str(&format!(
            "    Entry {{ name: {name:?}, source: ({}, {}), code: ({}, {}), package: {package} }},\n",
            sources.len(),
            sources.len() + text.len(),
            codes.len(),
            codes.len() + code.len(),
        ));
        sources.extend_from_slice(text.as_bytes());
        codes.extend_from_slice(&code);
    }
    index.push_str("];\n");
    let write = |name: &str, data: &[u8]| {
        fs::File::create(out.join(name))
            .and_then(|mut f| f.write_all(data))
            .expect("the build folder is writable")
    };
    write("lib_sources.bin", &sources);
    write("lib_codes.bin", &codes);
    write("lib_index.rs", index.as_bytes());
}

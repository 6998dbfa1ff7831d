//! Disassembly snapshots: every `dis/NAME.py` compiles to `dis/NAME.txt`. Run with `UPDATE=1` to rewrite them.

use habu_compiler::{Options, compile};
use std::path::Path;

#[test]
fn snapshots() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dis");
    let update = std::env::var_os("UPDATE").is_some();
    let mut failures = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "py") {
            continue;
        }
        seen += 1;
        let source = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let code = compile(&source, &name, &Options::default()).unwrap().code;
        habu_bytecode::verify::check(&code).unwrap();
        let got = habu_bytecode::dis::disassemble(&code);
        let expected = path.with_extension("txt");
        if update {
            std::fs::write(&expected, &got).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != got {
            failures.push(name);
        }
    }
    assert!(seen > 5);
    assert!(
        failures.is_empty(),
        "changed: {failures:?} (UPDATE=1 rewrites them)"
    );
}

//! Whatever the input, an answer: deep nesting, and valid programs damaged at random.

use habu_compiler::{ErrorKind, Mode, Options, ast_tree, compile};

#[test]
fn deep_sources() {
    let run = |s: &str| {
        compile(s, "", &Options::default())
            .map(|_| ())
            .map_err(|e| e.kind)
    };
    assert_eq!(run(&["a"; 20_000].join("+")), Ok(()));
    assert_eq!(run(&format!("a{}", ".b".repeat(20_000))), Ok(()));
    assert_eq!(
        run(&format!("{}1", "-".repeat(100_000))),
        Err(ErrorKind::Memory)
    );
    assert_eq!(
        run(&format!("{}1", "lambda: ".repeat(100_000))),
        Err(ErrorKind::Memory)
    );
    assert_eq!(
        run(&format!("{}1{}", "(".repeat(150), ")".repeat(150))),
        Ok(())
    );
    assert_eq!(run(&"(".repeat(100_000)), Err(ErrorKind::Syntax));
    assert_eq!(run(&"[".repeat(201)), Err(ErrorKind::Syntax));
    assert_eq!(run(&"f\"{".repeat(1000)), Err(ErrorKind::Syntax));
    let elifs = format!("if a: pass\n{}", "elif b: pass\n".repeat(5000));
    assert_eq!(run(&elifs), Ok(()));
    assert!(ast_tree::parse(&["a"; 20_000].join("+"), "", Mode::Exec).is_err());
}

/// A small generator of pseudo-random numbers; the same damage every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

#[test]
fn damaged_programs() {
    // Another folder of programs may be named, for a longer run.
    let dir = match std::env::var_os("HABU_FUZZ_DIR") {
        Some(d) => d.into(),
        None => std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dis"),
    };
    let pieces = [
        "(", ")", "[", "{", "}", ":", "=", ",", "*", "**", "\n", "    ", "'", "\"\"\"", "f'{",
        "}'", "if ", "else", "lambda ", "async ", "await ", "yield ", "\\", "@", "->", ":=", "0x",
        "1_", "é", "\u{200b}", "case ", "except", "\t", "#", ".", "...", "not ", "del ", "import ",
        "as ", "in ", "for ", "class ", "def ", "type ", "!r", ";",
    ];
    let mut random = Random(42);
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "py") {
            continue;
        }
        let Ok(source) = std::fs::read_to_string(&path) else {
            continue;
        };
        let chars: Vec<char> = source.chars().collect();
        let rounds = if chars.len() > 5000 { 8 } else { 300 };
        for _ in 0..rounds {
            let mut damaged = chars.clone();
            for _ in 0..1 + random.below(3) {
                let at = random.below(damaged.len());
                match random.below(3) {
                    0 => {
                        let end = (at + 1 + random.below(8)).min(damaged.len());
                        damaged.drain(at..end);
                    }
                    1 => {
                        let piece = pieces[random.below(pieces.len())];
                        damaged.splice(at..at, piece.chars());
                    }
                    _ => damaged.truncate(at.max(1)),
                }
            }
            let text: String = damaged.into_iter().collect();
            if let Ok(c) = compile(&text, "x.py", &Options::default()) {
                assert_eq!(habu_bytecode::verify::check(&c.code), Ok(()), "{text}");
                let tree = ast_tree::parse(&text, "x.py", Mode::Exec).unwrap().tree;
                let again = ast_tree::compile(&tree, "x.py", &Options::default()).unwrap();
                // As bytes: a NaN constant is not equal to itself.
                let bytes = habu_bytecode::marshal::write_code;
                assert!(bytes(&again.code) == bytes(&c.code), "{text}");
            }
            let _ = habu_compiler::tokens::tokens(&text, "x.py", true);
        }
    }
}

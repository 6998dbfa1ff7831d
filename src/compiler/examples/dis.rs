//! Prints the disassembly of a Python file: `cargo run --example dis -- FILE`. With `--check FILE…`, only
//! compiles and reports what fails.

use habu_compiler::{Options, compile};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|a| a == "--check") {
        let mut bad = 0;
        for path in &args[1..] {
            let Ok(bytes) = std::fs::read(path) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            match compile(&text, path, &Options::default()) {
                Err(e) => {
                    println!("{path}:{}:{}: {}", e.lineno, e.offset, e.message);
                    bad += 1;
                }
                Ok(c) => {
                    let back = habu_bytecode::marshal::read_code(&habu_bytecode::marshal::write_code(&c.code));
                    if let Err(e) = back {
                        println!("{path}: {e}");
                        bad += 1;
                    }
                }
            }
        }
        println!("{} files, {bad} failed", args.len() - 1);
        return;
    }
    let Some(path) = args.first() else {
        eprintln!("usage: dis FILE");
        return;
    };
    let source = match std::fs::read_to_string(path) {
        Ok(s) => s,
        Err(e) => {
            eprintln!("{path}: {e}");
            return;
        }
    };
    match compile(&source, path, &Options::default()) {
        Ok(c) => {
            for w in &c.warnings {
                eprintln!("{path}:{}: {}: {}", w.lineno, w.category, w.message);
            }
            print!("{}", habu_bytecode::dis::disassemble(&c.code));
        }
        Err(e) => eprintln!("{e}"),
    }
}

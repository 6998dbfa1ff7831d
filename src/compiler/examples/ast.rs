//! Prints the syntax tree of each file, one node a line, and checks that compiling the tree gives the same code
//! as compiling the text.

use habu_compiler::ast_tree::{self, Field, Node};
use habu_compiler::{Mode, Options, compile};

fn show(n: &Node, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    out.push_str(&format!("{pad}{}", n.class));
    if let Some((a, b, c, d)) = n.pos {
        out.push_str(&format!(" {a}:{b}-{c}:{d}"));
    }
    out.push('\n');
    for (name, f) in &n.fields {
        field(name, f, indent + 1, out);
    }
}

fn field(name: &str, f: &Field, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match f {
        Field::None => out.push_str(&format!("{pad}{name}=None\n")),
        Field::Str(s) => out.push_str(&format!("{pad}{name}={s}\n")),
        Field::Int(i) => out.push_str(&format!("{pad}{name}={i}\n")),
        Field::Const(c) => {
            let text = match c {
                habu_bytecode::Const::Str(_) | habu_bytecode::Const::Surrogates(_) => {
                    "str".to_string()
                }
                habu_bytecode::Const::Bytes(_) => "bytes".to_string(),
                c => habu_bytecode::dis::constant(c),
            };
            out.push_str(&format!("{pad}{name}={text}\n"));
        }
        Field::Node(n) => {
            out.push_str(&format!("{pad}{name}:\n"));
            show(n, indent + 1, out);
        }
        Field::List(l) => {
            out.push_str(&format!("{pad}{name}[{}]\n", l.len()));
            for x in l {
                field("-", x, indent + 1, out);
            }
        }
    }
}

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(source) = std::fs::read_to_string(&path) else {
            continue;
        };
        println!("# {path}");
        match ast_tree::parse(&source, &path, Mode::Exec) {
            Ok(p) => {
                let mut out = String::new();
                show(&p.tree, 0, &mut out);
                print!("{out}");
                let options = Options::default();
                let same = match (
                    ast_tree::compile(&p.tree, &path, &options),
                    compile(&source, &path, &options),
                ) {
                    (Ok(a), Ok(b)) => a.code == b.code,
                    (Err(a), Err(b)) => a.message == b.message,
                    _ => false,
                };
                if !same {
                    println!("# DIFFERENT CODE");
                }
            }
            Err(e) => println!("# {e}"),
        }
    }
}

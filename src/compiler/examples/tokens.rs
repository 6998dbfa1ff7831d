//! Prints the tokens of a file as the `tokenize` module gives them.

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(source) = std::fs::read_to_string(&path) else {
            continue;
        };
        let (list, error) = habu_compiler::tokens::tokens(&source, &path, true);
        for t in list {
            println!(
                "{} {}:{}-{}:{} {:?}",
                t.kind, t.start.0, t.start.1, t.end.0, t.end.1, t.text
            );
        }
        if let Some(e) = error {
            println!("{e}");
        }
    }
}

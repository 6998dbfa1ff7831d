//! Reads sources separated by lines of `\x01` from standard input and prints one line each: kind, position and
//! message of the error, or `ok`.

use habu_compiler::{Mode, Options, compile};
use std::io::Read;

fn main() {
    let mut text = String::new();
    if std::io::stdin().read_to_string(&mut text).is_err() {
        return;
    }
    let mode = if std::env::args().nth(1).as_deref() == Some("single") {
        Mode::Single
    } else {
        Mode::Exec
    };
    for source in text.split("\x01\n") {
        match compile(
            source,
            "<string>",
            &Options {
                mode,
                ..Options::default()
            },
        ) {
            Ok(_) => println!("ok"),
            Err(e) => println!(
                "{:?}|{}:{}-{}:{}|{}",
                e.kind, e.lineno, e.offset, e.end_lineno, e.end_offset, e.message
            ),
        }
    }
}

//! `habu`: the command line.
fn main() {}

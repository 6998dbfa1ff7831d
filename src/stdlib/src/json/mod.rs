//! `_json`: the scanner and the encoder under Lib's `json`.

mod encode;
mod scan;

use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{MethodDef, m1, mv};
use habu_runtime::thread::{R, Thread};

/// Where in `FUNCTIONS` the encoder's own ways to write a string are.
const QUOTE_ASCII: usize = 1;
const QUOTE: usize = 2;
static FUNCTIONS: [MethodDef; 3] = [
    mv("scanstring", scan::scanstring, 2, 3),
    m1("encode_basestring_ascii", encode::encode_basestring_ascii),
    m1("encode_basestring", encode::encode_basestring),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let j = m::new(th, "_json", &FUNCTIONS)?;
    scan::install(th, j)?;
    encode::install(th, j)?;
    Ok(j)
}

//! The packed Lib: sources and compiled code of modules by name.

use habu_runtime::import::Packed;

pub struct Entry {
    pub name: &'static str,
    source: (usize, usize),
    code: (usize, usize),
    pub package: bool,
}

include!(concat!(env!("OUT_DIR"), "/lib_index.rs"));
static SOURCES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lib_sources.bin"));
static CODES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lib_codes.bin"));

pub fn find(name: &str) -> Option<Packed> {
    let i = INDEX.binary_search_by(|e| e.name.cmp(name)).ok()?;
    let e = &INDEX[i];
    Some(Packed {
        source: &SOURCES[e.source.0..e.source.1],
        code: &CODES[e.code.0..e.code.1],
        package: e.package,
    })
}

//! The packed Lib: sources of modules by name.

include!(concat!(env!("OUT_DIR"), "/lib_index.rs"));
static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lib.bin"));

/// Source text of a packed module, and whether it is a package.
pub fn find(name: &str) -> Option<(&'static str, bool)> {
    let i = INDEX.binary_search_by(|e| e.0.cmp(name)).ok()?;
    let (_, start, end, package) = INDEX[i];
    std::str::from_utf8(&BLOB[start..end])
        .ok()
        .map(|s| (s, package))
}

//! What the tests over folders of programs share.

use std::path::{Path, PathBuf};

/// The programs in a folder under `tests/`, in order.
pub fn programs(folder: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut v: Vec<PathBuf> = match std::fs::read_dir(&dir) {
        Ok(d) => d
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|x| x == "py"))
            .collect(),
        Err(e) => panic!("{}: {e}", dir.display()),
    };
    v.sort();
    v
}

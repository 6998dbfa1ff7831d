//! What is kept of each piece of compiled code, for as long as the process runs.

use crate::build::Seen;
use crate::deopt::ExitInfo;
use crate::unit::CodeId;
use habu_runtime::interp::tier::Place;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

#[derive(Debug)]
pub struct CodeRecord {
    pub name: String,
    /// Address of the code object.
    pub code: u64,
    pub id: CodeId,
    /// Threaded code and code of each body, the outermost first.
    pub codes: Vec<(u64, CodeId)>,
    /// Bytecode offset of the loop header for OSR code.
    pub osr: Option<u32>,
    /// Words of the whole frame (inlined bodies included), and scratch words behind them.
    pub words: u32,
    pub scratch: u32,
    pub place: Place,
    pub exits: OnceLock<Vec<ExitInfo>>,
    /// What the frame held that loop code was compiled for; empty for other code.
    pub seen: Vec<Seen>,
    /// Where the code begins, once it is there.
    pub entry: AtomicU64,
    /// Code of the same loop for a frame that holds something else (0: none), and how many come before this in such a
    /// row.
    pub next: AtomicU64,
    pub rank: AtomicU32,
    /// 1 while all that it assumes holds. On its own: the code has its address.
    pub valid: &'static AtomicU64,
    /// Nobody enters it any more.
    pub retired: AtomicBool,
    pub size: AtomicU32,
    pub compile_ns: AtomicU64,
}

impl CodeRecord {
    pub fn is_valid(&self) -> bool {
        self.valid.load(Relaxed) != 0
    }
    pub fn scratch_end(&self) -> u32 {
        self.words + self.scratch
    }
}

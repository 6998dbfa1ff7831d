//! What compiled code takes for granted, by what it is about, and what becomes of code when that changes.
//!
//! What must hold: code that assumes something reads its valid word after everything that may run other code, before it
//! relies on the assumption again. So a change only has to clear the word: who is in the code leaves at the next
//! check, and the exit sees to it that nobody enters it again. Code objects are not touched from here: they may be
//! gone, and their addresses others' (a change then clears the word of code that nobody runs).

use crate::build::Hints;
use crate::ir::{Assumption, Why};
use crate::record::CodeRecord;
use crate::unit::CodeId;
use habu_heap::Value;
use habu_runtime::core::watch;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::sync::atomic::Ordering::Relaxed;

/// So many times one place may assume what then changes.
const MOST_BREAKS: u32 = 2;

type Dependents = Vec<(Assumption, &'static CodeRecord)>;

#[derive(Default)]
pub struct Assumptions {
    /// By object and what of it.
    dependents: HashMap<(u64, u64), Dependents>,
    /// What of an object is asked about.
    asked: HashMap<u64, Vec<u64>>,
    breaks: HashMap<(CodeId, u32, Why), u32>,
    /// How much code a change has broken.
    pub broken: u32,
}

impl Assumptions {
    /// The code relies on all of these from now on.
    pub fn add(&mut self, all: &HashSet<Assumption>, record: &'static CodeRecord) {
        for a in all {
            let d = self.dependents.entry((a.owner, a.what)).or_default();
            if d.is_empty() {
                self.asked.entry(a.owner).or_default().push(a.what);
                watch::ask(a.owner, a.what);
            }
            if let Some(o) = Value::from_bits(a.owner) {
                watch::watch(o);
            }
            d.push((*a, record));
        }
    }

    /// `what` of an object has changed (`None`: anything may have).
    pub fn broken(&mut self, owner: u64, what: Option<u64>, hints: &mut Hints) {
        let Some(asked) = self.asked.get_mut(&owner) else {
            return;
        };
        let (gone, stay) = asked.iter().partition(|w| what.is_none_or(|x| x == **w));
        let gone: Vec<u64> = gone;
        if gone.is_empty() {
            return;
        }
        *asked = stay;
        let mut places = HashSet::default();
        for w in gone {
            for (a, record) in self.dependents.remove(&(owner, w)).unwrap_or_default() {
                if record.valid.swap(0, Relaxed) != 0 {
                    self.broken += 1;
                    places.insert((a.code, a.offset, a.why));
                }
            }
        }
        for p in places {
            let n = self.breaks.entry(p).or_default();
            *n += 1;
            if *n >= MOST_BREAKS {
                hints.insert(p);
            }
        }
        self.ask_again();
    }

    /// Ask about what is assumed still, and nothing else.
    fn ask_again(&mut self) {
        let valid = |d: &mut Dependents| {
            d.retain(|(_, r)| r.is_valid());
            !d.is_empty()
        };
        self.dependents.retain(|_, d| valid(d));
        self.asked.clear();
        watch::forget_all();
        for &(owner, what) in self.dependents.keys() {
            self.asked.entry(owner).or_default().push(what);
            // The object is marked already, or gone.
            watch::ask(owner, what);
        }
    }
}

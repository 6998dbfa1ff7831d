//! The abstract frame.

use crate::ir::{Block, Held, State, V};
use std::collections::{HashMap, HashSet};

/// Something checked that holds until code runs that may change it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fact {
    /// A cache entry still answers.
    Entry(u64),
    /// The word at this address is still what it was.
    Word(u64),
}

#[derive(Clone, Debug)]
pub struct Env {
    /// Locals, then the operand stack.
    pub slots: Vec<Held>,
    /// What memory has of the locals.
    pub memory: Vec<Option<Held>>,
    /// Instances whose shape was checked.
    pub shapes: HashMap<V, u32>,
    pub facts: HashSet<Fact>,
    /// The state made for the exits of the running instruction: it says what memory lacks on this path.
    pub state: Option<State>,
    /// Values that were boxed already.
    pub boxed: HashMap<V, V>,
}

/// An end of a block that goes to a block not made yet.
#[derive(Clone, Debug)]
pub struct Edge {
    pub from: Block,
    pub env: Env,
}

impl Env {
    pub fn new(locals: usize) -> Env {
        Env {
            slots: vec![Held::Empty; locals],
            memory: vec![None; locals],
            shapes: HashMap::new(),
            facts: HashSet::new(),
            state: None,
            boxed: HashMap::new(),
        }
    }

    /// Code ran that may change anything in the heap.
    pub fn forget_heap(&mut self) {
        self.shapes.clear();
        self.facts.clear();
    }

    /// Keep what both know.
    pub fn meet(&mut self, o: &Env) {
        self.state = None;
        self.shapes.retain(|k, s| o.shapes.get(k) == Some(s));
        self.facts.retain(|f| o.facts.contains(f));
        self.boxed.retain(|k, b| o.boxed.get(k) == Some(b));
    }
}

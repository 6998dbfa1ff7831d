//! The abstract frame.

use crate::ir::{Block, Held, State, V};
use rustc_hash::FxHashMap as HashMap;
use std::rc::Rc;

#[derive(Clone, Debug)]
pub struct Env {
    /// Locals, then the operand stack.
    pub slots: Vec<Held>,
    /// What memory has of the locals.
    pub memory: Vec<Option<Held>>,
    /// Instances whose shape was checked.
    pub shapes: HashMap<V, u32>,
    /// Objects (by their roots) that have one of these shapes.
    pub among: HashMap<V, Rc<[u32]>>,
    /// The frame has its header.
    pub framed: bool,
    /// All that was assumed still holds: asked since code last ran that may change it.
    pub valid: bool,
    /// The state made for the exits of the running instruction: it says what memory lacks on this path.
    pub state: Option<State>,
    /// Values that were boxed already.
    pub boxed: HashMap<V, V>,
    /// Ints of up to 64 bits as machine integers without a sign.
    pub unsigned: HashMap<V, V>,
    /// Code points of texts of one character.
    pub codes: HashMap<V, V>,
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
            shapes: HashMap::default(),
            among: HashMap::default(),
            framed: false,
            valid: false,
            state: None,
            boxed: HashMap::default(),
            unsigned: HashMap::default(),
            codes: HashMap::default(),
        }
    }

    /// Code ran that may change anything in the heap.
    pub fn forget_heap(&mut self) {
        self.shapes.clear();
        self.among.clear();
        self.valid = false;
    }

    /// Keep what both know.
    pub fn meet(&mut self, o: &Env) {
        self.state = None;
        self.shapes.retain(|k, s| o.shapes.get(k) == Some(s));
        self.among.retain(|k, s| o.among.get(k) == Some(s));
        self.valid &= o.valid;
        self.framed &= o.framed;
        self.boxed.retain(|k, b| o.boxed.get(k) == Some(b));
        self.unsigned.retain(|k, b| o.unsigned.get(k) == Some(b));
        self.codes.retain(|k, b| o.codes.get(k) == Some(b));
    }
}

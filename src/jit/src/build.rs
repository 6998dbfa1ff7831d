//! Bytecode to the representation, by running the code on abstract values.
//!
//! What must hold: `env` describes the frame at the point reached; a state is taken of it where the interpreter can
//! take over (`at_boundary`), and every exit until the next such point uses that state. Loop headers begin with the
//! types that the entry brings; where a back edge brings more, the whole is built again with the wider types, so
//! that types only grow and it ends.

mod arith;
mod attrs;
mod blocks;
mod calls;
mod catch;
mod chars;
mod early;
mod env;
mod gens;
mod giving;
mod identity;
mod inline;
mod intrinsics;
mod items;
mod iterate;
mod keys;
mod low_bits;
mod many;
mod maps;
mod names;
mod ops;
mod pairs;
mod peel;
mod quiet;
mod ranges;
mod slices;
mod subscr;
mod values;

pub use env::Env;
pub use gens::given_closure;
pub use ops::TUPLE_ITEMS;

use crate::ir::*;
use crate::unit::{CodeId, Unit};
use env::Edge;
use habu_runtime::classes::C;
use habu_runtime::object::*;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::rc::Rc;

/// Guesses that failed before: (code, bytecode offset, reason).
pub type Hints = HashSet<(CodeId, u32, Why)>;

/// What the compiler has found in entries of namespaces, by their address: what differs the next time is no constant.
pub type Globals = HashMap<u64, u64>;

/// More values than this, and it is not worth the compile time.
const MAX_VALUES: usize = 30_000;
const MAX_ROUNDS: usize = 12;

/// What a frame word holds when OSR code is made, by looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Any,
    /// Anything, or unset.
    Perhaps,
    Int,
    Float,
    Bool,
    Empty,
    /// A range iterator that only this frame sees.
    Range,
    List,
    /// An object of a built-in class.
    Shape(u32),
}

/// Where compilation begins.
#[derive(Clone, Debug)]
pub enum Start {
    Call,
    /// A loop header (bytecode offset) with what the frame's words hold.
    Loop(u32, Vec<Seen>),
    /// A RESUME of a generator, the same.
    Resume(u32, Vec<Seen>),
}

/// Why code is not compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bailout(pub &'static str);

/// The body that is being built.
pub struct Context {
    unit: Rc<Unit>,
    body: Body,
    /// The caller's state, for inlined bodies.
    parent: Option<State>,
    /// Which inlined call this is, for the loop types.
    path: Vec<u32>,
    /// Blocks that return, with what they return (inlined bodies only).
    returns: Vec<(Block, V, Env)>,
    /// Who takes the items of this generator, where it runs at once.
    taker: Option<gens::Taker>,
    /// Words that are kept for it, behind the locals.
    kept: usize,
    /// The function, where it is no constant.
    function: Option<V>,
    /// Blocks in which who takes the items wants no more of them.
    breaks: Vec<(Block, Env)>,
    /// The block that is not built any more.
    until: Option<usize>,
}

pub struct Builder<'a> {
    f: Func,
    cx: Context,
    cur: Block,
    /// The current block has ended.
    done: bool,
    env: Env,
    /// The frame at the last boundary: its words, and the instruction.
    run: (Vec<Held>, usize),
    /// Instruction being built.
    at: usize,
    constants: HashMap<u64, V>,
    floats: HashMap<u64, V>,
    raws: HashMap<i64, V>,
    /// A guarded or unboxed value to the one that it is.
    origin: HashMap<V, V>,
    hints: &'a Hints,
    globals: &'a mut Globals,
    loop_types: &'a mut blocks::LoopTypes,
    /// The loop types changed: the body is built again.
    widened: bool,
    edges: HashMap<usize, Vec<Edge>>,
    headers: HashMap<usize, blocks::Header>,
    /// Something in an inlined body needs its frame.
    inline_failed: bool,
    inlined: usize,
    failed: Option<Bailout>,
    /// UNPACK_SEQUENCE instructions whose FOR_ITER has delivered the parts already: inlining path and instruction.
    unpacked: HashSet<(Vec<u32>, usize)>,
    /// Where paths meet that bring known functions: these, and whether there is nothing else.
    choices: HashMap<V, (Vec<u64>, bool)>,
    /// The code ran in the interpreter: what has no feedback was not reached.
    expects_feedback: bool,
    /// Instructions are counted.
    counts: bool,
    /// The bodies around the one that is built, outermost first.
    outers: Vec<quiet::Outer>,
    /// Where whatever leaves goes back to, while an exception is handled that was not made.
    restart: Option<State>,
    /// Meanwhile, something was to be done that others may notice.
    loud: bool,
}

/// Build the representation; again and again until the loop types hold.
pub fn build(
    unit: Rc<Unit>,
    start: &Start,
    hints: &Hints,
    globals: &mut Globals,
    expects_feedback: bool,
    valid: u64,
) -> Result<Func, Bailout> {
    let mut types = blocks::LoopTypes::default();
    for _ in 0..MAX_ROUNDS {
        let mut b = Builder::new(unit.clone(), hints, globals, &mut types, expects_feedback);
        b.f.valid = valid;
        b.outermost(start)?;
        if !b.widened {
            b.f.osr = match start {
                Start::Loop(at, _) | Start::Resume(at, _) => Some(*at),
                Start::Call => None,
            };
            if b.f.osr.is_none() {
                cannot_be_kept(&mut b.f);
            }
            return Ok(b.f);
        }
    }
    Err(Bailout("loop types do not settle"))
}

/// Where nobody can have seen the new frame on the way, returns need not ask whether somebody keeps it.
fn cannot_be_kept(f: &mut Func) {
    let shows = |v: &V| match f.inst(*v) {
        Inst::Call(h, ..) => crate::helpers::TABLE[*h as usize].python,
        Inst::CallPython(_) => true,
        _ => false,
    };
    let in_block = |&b: &Block| f.block(b).insts.iter().any(shows);
    let from = (0..f.blocks.len() as u32).map(Block).filter(in_block);
    let shown = crate::order::reachable(f, from.collect(), None);
    for (b, _) in f.blocks.iter_mut().zip(shown).filter(|(_, shown)| !shown) {
        if let Term::Return(_, kept) = &mut b.term {
            *kept = None;
        }
    }
}

impl<'a> Builder<'a> {
    fn new(
        unit: Rc<Unit>,
        hints: &'a Hints,
        globals: &'a mut Globals,
        loop_types: &'a mut blocks::LoopTypes,
        expects_feedback: bool,
    ) -> Builder<'a> {
        let mut f = Func::default();
        let name = unit
            .code
            .qualname
            .get()
            .and_then(|n| n.cast::<StrObj>())
            .map(|s| s.to_rust().into_owned())
            .unwrap_or_default();
        f.bodies.push(BodyData {
            name,
            caller: None,
            code: unit.id,
            ops: unit.ops.raw() as u64,
            func: 0,
            base: 0,
            locals: unit.locals as u32,
            words: unit.words() as u32,
            result: 0,
            flags: 0,
            taking: None,
            framed: true,
        });
        f.roots.push(unit.ops.value().bits());
        let cur = f.new_block();
        Builder {
            f,
            env: Env {
                framed: true,
                ..Env::new(unit.locals)
            },
            cx: Context {
                unit,
                body: Body(0),
                parent: None,
                path: Vec::new(),
                returns: Vec::new(),
                taker: None,
                kept: 0,
                function: None,
                breaks: Vec::new(),
                until: None,
            },
            cur,
            done: false,
            run: (Vec::new(), 0),
            at: 0,
            constants: HashMap::default(),
            floats: HashMap::default(),
            raws: HashMap::default(),
            origin: HashMap::default(),
            hints,
            globals,
            loop_types,
            widened: false,
            edges: HashMap::default(),
            headers: HashMap::default(),
            inline_failed: false,
            inlined: 0,
            failed: None,
            unpacked: HashSet::default(),
            choices: HashMap::default(),
            expects_feedback,
            counts: habu_runtime::interp::counted::is_wanted(),
            outers: Vec::new(),
            restart: None,
            loud: false,
        }
    }

    fn outermost(&mut self, start: &Start) -> Result<(), Bailout> {
        let entry = match start {
            Start::Call => {
                self.arguments();
                0
            }
            Start::Loop(_, seen) | Start::Resume(_, seen) => {
                let at = self.cx.unit.entry;
                self.osr_entry(at, seen);
                at
            }
        };
        // Block 0 keeps constants and entry loads; the code begins in a block of its own.
        let first = self.f.new_block();
        self.end(Term::Jump(first, vec![]));
        self.cur = first;
        self.done = false;
        self.blocks_from(entry)
    }

    /// A function's frame: arguments in memory, nothing in the other locals.
    fn arguments(&mut self) {
        use habu_bytecode::CodeFlags as F;
        let c = self.cx.unit.code;
        let flags = c.flags.get() as u32;
        let n = (c.argcount.get() + c.kwonly.get()) as usize
            + (flags & F::VARARGS != 0) as usize
            + (flags & F::VARKEYWORDS != 0) as usize;
        for i in 0..n.min(self.cx.unit.locals) {
            let v = self.def(Inst::Slot(i as u32), Ty::ANY);
            self.env.slots[i] = Held::Value(v);
            self.env.memory[i] = Some(Held::Value(v));
        }
    }

    /// A frame in the middle of a loop: everything is in memory, and what was seen is guarded.
    fn osr_entry(&mut self, at: usize, seen: &[Seen]) {
        let locals = self.cx.unit.locals;
        for (i, s) in seen.iter().enumerate() {
            let held = match s {
                Seen::Empty if i >= locals || self.cx.unit.live[at].has(i) => Held::Empty,
                _ => {
                    let v = self.def(Inst::Slot(i as u32), Ty::word(kind::ANY | kind::EMPTY));
                    Held::Value(v)
                }
            };
            if i < locals {
                self.env.slots[i] = held;
                self.env.memory[i] = Some(held);
            } else {
                self.env.slots.push(held);
            }
        }
        self.at = at;
        self.begin_run(at);
        // Before the loop goes on in the interpreter nothing is to be stored: memory has it all.
        let state = self.f.state(FrameState {
            body: Body(0),
            op: self.cx.unit.op_of[at],
            line: self.cx.unit.line(at),
            offset: self.cx.unit.ins[at].offset,
            depth: (seen.len() - locals) as u32,
            dirty: Vec::new(),
            framed: true,
            parent: None,
        });
        self.env.state = Some(state);
        self.f.entry = Some(state);
        for (i, s) in seen.iter().enumerate() {
            if i < locals && !self.cx.unit.live[at].has(i) {
                // Written before it is read: whatever it is.
                continue;
            }
            let Held::Value(v) = self.env.slots[i] else {
                if *s == Seen::Empty {
                    let w = self.def(Inst::Slot(i as u32), Ty::word(kind::ANY | kind::EMPTY));
                    let empty = self.word(0);
                    let same = self.def(Inst::Same(w, empty), Ty::BOOL);
                    self.guard_true(same, Why::Empty);
                }
                continue;
            };
            let held = self.as_seen(v, *s);
            self.env.slots[i] = held;
        }
        self.guard_globals();
    }

    /// Guard that the word is what was seen.
    fn as_seen(&mut self, v: V, s: Seen) -> Held {
        match s {
            Seen::Int if !self.bad(Why::Int) => {
                let x = self.exit(Why::Int);
                Held::Value(self.refine(v, Inst::Guard(v, Test::Int, x), Ty::INT))
            }
            Seen::Float if !self.bad(Why::Float) => {
                let x = self.exit(Why::Float);
                Held::Value(self.refine(v, Inst::Unbox(v, x), Ty::F64))
            }
            Seen::Bool if !self.bad(Why::Bool) => {
                let x = self.exit(Why::Bool);
                Held::Value(self.refine(v, Inst::Guard(v, Test::Bool, x), Ty::word(kind::BOOL)))
            }
            // A generator's frame is put away at each yield: its iterators stay objects.
            Seen::Range if !self.cx.unit.is_generator() => self.private_range(v),
            Seen::List if !self.cx.unit.is_generator() => self.private_list(v),
            Seen::Range => Held::Value(self.guard_shape(v, C::RangeIter.shape())),
            Seen::List => Held::Value(self.guard_shape(v, C::ListIter.shape())),
            Seen::Shape(s) if !self.bad(Why::Shape) => {
                let x = self.exit(Why::Shape);
                Held::Value(self.refine(v, Inst::Guard(v, Test::Shape(s), x), Ty::shape(s)))
            }
            // Bytecode checks what may be unset.
            Seen::Perhaps => Held::Value(v),
            _ if self.bad(Why::Empty) => Held::Value(v),
            _ => {
                let x = self.exit(Why::Empty);
                Held::Value(self.refine(v, Inst::Guard(v, Test::NotEmpty, x), Ty::ANY))
            }
        }
    }

    /// Did this guess fail here before?
    fn bad(&self, why: Why) -> bool {
        let u = &self.cx.unit;
        self.hints.contains(&(u.id, u.ins[self.at].offset, why))
    }
}

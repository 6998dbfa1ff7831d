//! Inlining of Python functions: their bodies are built where they are called.
//!
//! What must hold: an inlined body that may be looked at (`framed`) has the words of its frame where the interpreter
//! would have put them, and makes its header before the first call that could look; any other calls nothing of the
//! kind. The caller's frame is presentable before a framed body begins. An attempt that fails leaves nothing behind.

use super::env::Edge;
use super::quiet::Outer;
use super::{Builder, Context, Env};
use crate::ir::*;
use crate::unit::{SUSPENDING, Unit};
use habu_heap::Value;
use habu_runtime::interp::frame::{self, flag};
use habu_runtime::object::*;
use rustc_hash::FxHashMap as HashMap;
use std::rc::Rc;

/// Code longer than this is called, not inlined.
pub const MAX_INLINE: usize = 100;
pub const MAX_DEPTH: usize = 6;
/// Inlined instructions in one compilation.
pub const INLINE_BUDGET: usize = 800;
/// So often code is inlined into itself, if it is no longer than that.
const MAX_AGAIN: usize = 2;
const MAX_INLINE_AGAIN: usize = 20;
/// Code that calls others saves less: it is inlined if it is no longer than that, and calls in it stay calls.
const MAX_INLINE_FRAMED: usize = 24;
/// Code with loops has its own work to do, beside which a call costs little: no more than that with all that is inlined
/// into it.
const MAX_WITH_LOOP: usize = 160;
/// Words that the frames of inlined bodies may need beyond what the caller has asked for (less than `vm_limit` is
/// before the end).
pub const MAX_WORDS: u32 = 800;

impl Builder<'_> {
    /// Why this is not to be inlined.
    fn too_much(&self, code: Gc<CodeObj>) -> Option<&'static str> {
        let size = code.bytecode().len() / 2;
        let again = self.times_active(code);
        [
            (code.flags.get() as u32 & SUSPENDING != 0, "a generator"),
            (
                again > MAX_AGAIN || again > 0 && size > MAX_INLINE_AGAIN,
                "a call of itself",
            ),
            (self.cx.path.len() >= MAX_DEPTH, "too deep"),
            (size > MAX_INLINE, "long code"),
            (self.inlined + size > INLINE_BUDGET, "all calls together"),
            (!code.exceptions().is_empty(), "exception handlers"),
            (
                self.base() + code.nlocalsplus.get() as u32 + code.stacksize.get() as u32
                    > MAX_WORDS,
                "a large frame",
            ),
        ]
        .into_iter()
        .find_map(|(is, why)| is.then_some(why))
    }

    /// How many of the calls that led here are of this code.
    pub fn times_active(&self, code: Gc<CodeObj>) -> usize {
        let callers = self.f.callers(self.cx.body);
        callers
            .filter(|b| self.f.bodies[b.index()].ops == code.ops.bits())
            .count()
    }

    /// Build the callee's body right here; its result. `None`: it was not done, and nothing was left behind.
    pub fn try_inline(
        &mut self,
        f: Gc<FunctionObj>,
        code: Gc<CodeObj>,
        args: &[V],
        at: usize,
        flags: u64,
    ) -> Option<V> {
        if let Some(why) = self.too_much(code) {
            self.f.not_inlined.push(why);
            return None;
        }
        let unit = Rc::new(Unit::new(f, 0)?);
        let mut path = self.cx.path.clone();
        path.push(self.at as u32);
        if !self.loop_types.framed.contains(&path) {
            let r = self.inlined_body(f, unit.clone(), args, (at, flags), false);
            if r.is_some() {
                return r;
            }
            self.loop_types.framed.insert(path);
        }
        let r = match self.takes_frame(code) {
            true => self.inlined_body(f, unit, args, (at, flags), true),
            false => None,
        };
        if r.is_none() {
            self.f.not_inlined.push("its frame may be looked at");
        }
        r
    }

    /// Is this to be inlined though others may look at its frame?
    fn takes_frame(&mut self, code: Gc<CodeObj>) -> bool {
        let caller = &self.f.bodies[self.cx.body.index()];
        if !caller.framed {
            // Then the caller is to have a frame.
            self.inline_failed = true;
            return false;
        }
        let itself = caller.ops == code.ops.bits();
        (self.cx.body == Body(0) || itself) && code.bytecode().len() / 2 <= MAX_INLINE_FRAMED
    }

    /// As `try_inline`, with a frame that others may look at or without one.
    fn inlined_body(
        &mut self,
        f: Gc<FunctionObj>,
        unit: Rc<Unit>,
        args: &[V],
        place: (usize, u64),
        framed: bool,
    ) -> Option<V> {
        let mark = self.mark();
        let before = self.inlined;
        self.inlined += unit.ins.len();
        let has_loop = unit.loops.iter().any(Option::is_some);
        let ends = self.body_here(f, unit, args, place, framed, None);
        match ends.filter(|_| !has_loop || self.inlined - before <= MAX_WITH_LOOP) {
            Some(ends) => Some(self.join_returns(ends.returns)),
            None => {
                self.back_to(mark);
                None
            }
        }
    }

    /// Build the callee's body up to its end, and to the block `until`.
    pub fn body_here(
        &mut self,
        f: Gc<FunctionObj>,
        unit: Rc<Unit>,
        args: &[V],
        (at, flags): (usize, u64),
        framed: bool,
        until: Option<usize>,
    ) -> Option<Ends> {
        let caller = self.cx.body;
        if framed {
            self.publish();
        }
        let parent = self.call_state(at, flags);
        let b = &self.f.bodies[caller.index()];
        let base = b.base + b.words + frame::HEADER as u32;
        let body = Body(self.f.bodies.len() as u32);
        self.f.roots.push(unit.ops.value().bits());
        self.f.bodies.push(BodyData {
            name: String::new(),
            caller: Some(caller),
            code: unit.id,
            ops: unit.ops.raw() as u64,
            func: f.value().bits(),
            base,
            locals: unit.locals as u32,
            words: unit.words() as u32,
            result: self.frame_word(at),
            flags,
            taking: None,
            framed,
        });
        if framed {
            let deep = self.exit(Why::Deep);
            self.def(Inst::Deep(caller, 1, deep), Ty::NONE);
        }
        let mut env = self.inner_env(unit.locals);
        for (slot, &a) in args.iter().enumerate() {
            env.slots[slot] = Held::Value(a);
        }
        let mut path = self.cx.path.clone();
        path.push(self.at as u32);
        let cx = Context {
            unit,
            body,
            parent: Some(parent),
            path,
            returns: Vec::new(),
            taker: None,
            kept: 0,
            function: None,
            breaks: Vec::new(),
            until,
        };
        self.inner_body(cx, env, |l| Ends {
            returns: std::mem::take(&mut l.cx.returns),
            until: until.and_then(|b| l.edges.remove(&b)).unwrap_or_default(),
        })
    }

    /// The frame of a body that begins here, which knows what its caller does.
    pub fn inner_env(&self, locals: usize) -> Env {
        Env {
            shapes: self.env.shapes.clone(),
            among: self.env.among.clone(),
            valid: self.env.valid,
            boxed: self.env.boxed.clone(),
            unsigned: self.env.unsigned.clone(),
            codes: self.env.codes.clone(),
            ..Env::new(locals)
        }
    }

    /// Build another body right here, and what its `end` makes of it. `None`: it cannot be built.
    pub fn inner_body<T>(
        &mut self,
        cx: Context,
        env: Env,
        end: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let inner = Outer {
            cx,
            env,
            run: self.run.clone(),
            at: self.at,
            edges: HashMap::default(),
            headers: HashMap::default(),
        };
        let outer = self.switch_to(inner);
        self.outers.push(outer);
        let failed_before = std::mem::replace(&mut self.inline_failed, false);
        let built = self.blocks_from(0);
        let failed = std::mem::replace(&mut self.inline_failed, failed_before) || built.is_err();
        let made = (!failed).then(|| end(self));
        if let Some(outer) = self.outers.pop() {
            self.switch_to(outer);
        }
        if failed {
            self.failed = None;
        }
        made
    }

    /// The caller's state while an inlined callee runs: at the call, operands gone; under `INIT` the new instance
    /// stands where the result goes.
    fn call_state(&mut self, at: usize, flags: u64) -> State {
        let run = self.run.clone();
        self.run.0 = self.env.slots.clone();
        self.run.0.truncate(at + (flags & flag::INIT != 0) as usize);
        let known = self.env.state.take();
        let s = self.state();
        self.env.state = known;
        self.run = run;
        s
    }

    pub fn join_returns(&mut self, returns: Vec<(Block, V, Env)>) -> V {
        match returns.as_slice() {
            [] => {
                // It never comes back: every way leaves.
                self.done = true;
                self.word(Value::NONE.bits())
            }
            [(b, v, env)] => {
                self.cur = *b;
                self.done = false;
                self.take_knowledge(env);
                *v
            }
            many => {
                let block = self.f.new_block();
                let ty = many[1..]
                    .iter()
                    .fold(self.ty(many[0].1), |t, r| t.join(self.ty(r.1)));
                let mut known = many[0].2.clone();
                for (b, v, env) in many {
                    known.meet(env);
                    let edge = Edge {
                        from: *b,
                        env: env.clone(),
                    };
                    let v = self.convert_at(&edge, *v, ty);
                    self.f.blocks[b.index()].term = Term::Jump(block, vec![v]);
                }
                self.take_knowledge(&known);
                self.cur = block;
                self.done = false;
                self.f.param(block, ty)
            }
        }
    }

    pub fn take_knowledge(&mut self, env: &Env) {
        self.env.shapes = env.shapes.clone();
        self.env.among = env.among.clone();
        self.env.valid = env.valid;
        self.env.boxed = env.boxed.clone();
        self.env.unsigned = env.unsigned.clone();
        self.env.codes = env.codes.clone();
    }

    pub fn mark(&mut self) -> Mark {
        Mark {
            insts: self.f.insts.len(),
            blocks: self.f.blocks.len(),
            states: self.f.states.len(),
            exits: self.f.exits.len(),
            bodies: self.f.bodies.len(),
            cur: self.cur,
            cur_len: self.f.blocks[self.cur.index()].insts.len(),
            first_len: self.f.blocks[0].insts.len(),
            env: self.env.clone(),
            inlined: self.inlined,
            not_inlined: self.f.not_inlined.len(),
            edges: self
                .all_edges()
                .map(|e| e.iter().map(|(&to, e)| (to, e.len())).collect())
                .collect(),
        }
    }

    pub fn back_to(&mut self, m: Mark) {
        self.f.insts.truncate(m.insts);
        self.f.blocks.truncate(m.blocks);
        self.f.states.truncate(m.states);
        self.f.exits.truncate(m.exits);
        self.f.bodies.truncate(m.bodies);
        self.f.blocks[0].insts.truncate(m.first_len);
        self.f.blocks[m.cur.index()].insts.truncate(m.cur_len);
        self.f.blocks[m.cur.index()].term = Term::Open;
        let old = |v: &V| v.index() < m.insts;
        self.constants.retain(|_, v| old(v));
        self.raws.retain(|_, v| old(v));
        self.floats.retain(|_, v| old(v));
        self.origin.retain(|v, _| old(v));
        self.f.relied.retain(old);
        self.choices.retain(|v, _| old(v));
        self.f.loop_exits.retain(|(b, _)| b.index() < m.blocks);
        self.cur = m.cur;
        self.env = m.env;
        self.inlined = m.inlined;
        self.f.not_inlined.truncate(m.not_inlined);
        // Those to handlers of what the attempt has called.
        for (edges, before) in self.all_edges().zip(m.edges) {
            edges.retain(|to, e| {
                e.truncate(before.get(to).copied().unwrap_or(0));
                !e.is_empty()
            });
        }
        self.done = false;
    }

    /// Those of this body, and of the ones around it.
    fn all_edges(&mut self) -> impl Iterator<Item = &mut HashMap<usize, Vec<Edge>>> {
        let outer = self.outers.iter_mut().map(|o| &mut o.edges);
        std::iter::once(&mut self.edges).chain(outer)
    }
}

/// Where a body that was built where it is called comes out.
pub struct Ends {
    pub returns: Vec<(Block, V, Env)>,
    /// At the block that was not to be built.
    pub until: Vec<Edge>,
}

/// Where the representation was before an attempt to inline.
pub struct Mark {
    insts: usize,
    blocks: usize,
    states: usize,
    exits: usize,
    bodies: usize,
    cur: Block,
    cur_len: usize,
    first_len: usize,
    env: Env,
    inlined: usize,
    not_inlined: usize,
    /// How many lead to each block that is not built yet, for each body.
    edges: Vec<HashMap<usize, usize>>,
}

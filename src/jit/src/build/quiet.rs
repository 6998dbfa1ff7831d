//! Exceptions that nobody sees: where one is raised and a handler of the same code takes it without looking at it, the
//! raise is a jump. Neither the exception nor its traceback is made.
//!
//! What must hold: until the handler has forgotten the exception it only computes. Whatever leaves the code on the way
//! does so before the raise, which the interpreter then does in earnest. What would show the frame, call Python code
//! or write to the heap ends the attempt.

use super::env::{Edge, Env};
use super::{Builder, Context, blocks::Header};
use crate::helpers::{EXHAUSTED, id};
use crate::ir::*;
use crate::unit::Catcher;
use habu_bytecode::Op as B;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::core::class;
use habu_runtime::object::{Gc, TypeObj, ValueExt};
use habu_runtime::types::exceptions;
use rustc_hash::FxHashMap as HashMap;
use std::mem::offset_of;

/// Longer handlers are left alone.
const MAX_HANDLER: usize = 32;

/// A body that waits for one that is built inside it.
pub struct Outer {
    pub cx: Context,
    pub env: Env,
    pub run: (Vec<Held>, usize),
    pub at: usize,
    pub edges: HashMap<usize, Vec<Edge>>,
    pub headers: HashMap<usize, Header>,
}

impl Builder<'_> {
    /// Go on in another body; the one that was built until now.
    pub fn switch_to(&mut self, o: Outer) -> Outer {
        Outer {
            cx: std::mem::replace(&mut self.cx, o.cx),
            env: std::mem::replace(&mut self.env, o.env),
            run: std::mem::replace(&mut self.run, o.run),
            at: std::mem::replace(&mut self.at, o.at),
            edges: std::mem::replace(&mut self.edges, o.edges),
            headers: std::mem::replace(&mut self.headers, o.headers),
        }
    }

    /// `raise` of a class, or of what a call of it would make. `false`: it has to be done.
    pub fn raised_quietly(&mut self, class: V) -> bool {
        let class = self.constant_of(class).and_then(Value::from_bits);
        class
            .and_then(|c| c.cast::<TypeObj>())
            .is_some_and(|t| self.raise_quietly(t))
    }

    /// Jump to the handler that takes exceptions of this class here, if that is all. The block has ended then.
    fn raise_quietly(&mut self, t: Gc<TypeObj>) -> bool {
        // A handler raises in earnest: what handles that sees the first exception.
        if self.restart.is_some() {
            self.not_quiet();
            return false;
        }
        let u = &self.cx.unit;
        let here = (u.id, u.ins[self.at].offset);
        if !exceptions::keeps_its_arguments(t)
            || !self.is_hidden()
            || self.hints.iter().any(|h| (h.0, h.1) == here)
        {
            return false;
        }
        let mark = self.mark();
        let failed = self.failed.take();
        self.same_specials(t);
        self.assume(t.value(), offset_of!(TypeObj, mro) as u64, Why::Class);
        let before = self.state();
        let known = self.env.clone();
        let mut inner = Vec::new();
        while let Some(o) = self.outers.pop() {
            inner.push(self.switch_to(o));
        }
        let (env, run, at) = (self.env.clone(), self.run.clone(), self.at);
        if !inner.is_empty() {
            self.take_knowledge(&known);
        }
        let done = self.handled_quietly(t, before);
        (self.env, self.run, self.at) = (env, run, at);
        while let Some(i) = inner.pop() {
            let o = self.switch_to(i);
            self.outers.push(o);
        }
        if !done {
            self.back_to(mark);
        }
        self.failed = self.failed.or(failed);
        self.done = done;
        done
    }

    /// Can nobody see the frames from here to the outermost one, which handlers belong to?
    fn is_hidden(&self) -> bool {
        let hidden =
            |cx: &Context, env: &Env| cx.body == Body(0) || cx.taker.is_none() && !env.framed;
        hidden(&self.cx, &self.env) && self.outers.iter().all(|o| hidden(&o.cx, &o.env))
    }

    /// In the outermost body: run the handler and what follows it.
    fn handled_quietly(&mut self, t: Gc<TypeObj>, before: State) -> bool {
        let Some(c) = self.catcher() else {
            return false;
        };
        self.restart = Some(before);
        let next = self.quiet_handler(c, t);
        self.restart = None;
        let loud = std::mem::take(&mut self.loud);
        let Some(next) = next.filter(|_| !loud) else {
            self.failed = None;
            return false;
        };
        if self.cx.unit.is_start[next] {
            self.edge_to(next);
        } else if let Err(b) = self.instructions(next) {
            self.failed = Some(b);
        }
        true
    }

    /// The handler, as long as it has the exception; the instruction after that.
    fn quiet_handler(&mut self, c: Catcher, t: Gc<TypeObj>) -> Option<usize> {
        let unit = self.cx.unit.clone();
        self.cut_for(c);
        self.env.state = None;
        // The exception.
        self.env.slots.push(Held::Empty);
        let mut i = c.at;
        for _ in 0..MAX_HANDLER {
            self.at = i;
            let x = unit.ins[i];
            i = match x.op {
                // Below it stands what was handled until now.
                B::PUSH_EXC_INFO => {
                    self.env.slots.push(Held::Empty);
                    i + 1
                }
                B::POP_EXCEPT => {
                    self.pop_held();
                    return Some(i + 1).filter(|&i| unit.is_boundary(i));
                }
                B::CHECK_EXC_MATCH => {
                    self.takes_class(t, 1)?;
                    i + 1
                }
                B::BUILD_TUPLE if unit.ins.get(i + 1)?.op == B::CHECK_EXC_MATCH => {
                    self.takes_class(t, x.arg as usize)?;
                    i + 2
                }
                B::POP_JUMP_IF_FALSE | B::POP_JUMP_IF_TRUE => {
                    let v = self.pop();
                    let (to, next) = unit.successors(i);
                    if self.decided(x.op, v)? { to? } else { next? }
                }
                B::JUMP_FORWARD => unit.successors(i).0?,
                B::LOAD_FAST if self.env.slots[x.arg as usize] == Held::Empty => return None,
                B::NOP
                | B::POP_TOP
                | B::COPY
                | B::SWAP
                | B::LOAD_FAST
                | B::LOAD_FAST_CHECK
                | B::STORE_FAST
                | B::LOAD_CONST
                | B::LOAD_SMALL_INT
                | B::LOAD_GLOBAL
                | B::BINARY_OP
                | B::UNARY_NEGATIVE => self.instruction(i).ok()?,
                _ => return None,
            };
            if self.done || self.loud || self.failed.is_some() {
                return None;
            }
        }
        None
    }

    /// `CHECK_EXC_MATCH` with the `n` classes on the stack, which are known.
    fn takes_class(&mut self, t: Gc<TypeObj>, n: usize) -> Option<()> {
        let mut takes = false;
        for _ in 0..n {
            let Held::Value(v) = self.pop_held() else {
                return None;
            };
            let c = Value::from_bits(self.constant_of(v)?)?;
            let c = c
                .cast::<TypeObj>()
                .filter(|_| exceptions::is_exception_class(c))?;
            takes |= class::is_subclass(t, c);
        }
        let w = self.word(Value::bool(takes).bits());
        self.push(w);
        Some(())
    }

    /// `next(it)` where a quiet handler waits for the end. Only for iterators that can be asked again.
    pub fn next_or_end(&mut self, it: V) -> Option<V> {
        let mark = self.mark();
        let it = self.as_word(it);
        let r = self.plain(id::plain_next, &[it], Ty::ANY)?;
        self.unless_end(r, C::StopIteration, mark)
    }

    /// `d[k]` of a dict where a quiet handler waits for a KeyError.
    pub fn found_or_end(&mut self, d: V, k: V) -> Option<V> {
        if self.bad(Why::Kind) {
            return None;
        }
        let mark = self.mark();
        let d = self.guard_shape(d, C::Dict.shape());
        let k = self.as_word(k);
        let r = self.plain(id::plain_find, &[d, k], Ty::ANY)?;
        self.unless_end(r, C::KeyError, mark)
    }

    /// What a helper gave, unless that is `EXHAUSTED`, for which an exception of this class is raised.
    fn unless_end(&mut self, r: V, c: C, mark: super::inline::Mark) -> Option<V> {
        let end = self.raw(EXHAUSTED as i64);
        let more = self.def(Inst::RawCmp(Cmp::Ne, r, end), Ty::BOOL);
        let (more, out) = self.split(more);
        let env = self.env.clone();
        self.enter(out);
        let quiet = self.raise_quietly(habu_runtime::runtime::class(c));
        if !quiet {
            self.back_to(mark);
            return None;
        }
        self.env = env;
        self.enter(more);
        Some(r)
    }

    /// Something others may notice is to be done.
    pub fn not_quiet(&mut self) {
        self.loud |= self.restart.is_some();
    }
}

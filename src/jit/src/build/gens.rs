//! Generators whose items are taken at once: `sum(x * x for x in xs)` is a loop here, no object is made.
//!
//! What must hold: the generator's frame stands above its caller's like that of any inlined body, and calls nothing that
//! may look at frames. What is kept for who takes the items (`Taking`) stands behind the generator's locals. An exit makes
//! the generator an object that runs; the interpreter goes on with its frame, what takes the items with the rest (see
//! `taken`). So taking an item has an effect only if nothing can go wrong any more: until then the generator stands
//! before its yield.

use super::env::Edge;
use super::inline::{INLINE_BUDGET, MAX_DEPTH, MAX_INLINE, MAX_WORDS};
use super::iterate::{BUF_LEN, LIST_BUF};
use super::{Builder, Context, Env};
use crate::helpers::id;
use crate::ir::*;
use crate::unit::{SUSPENDING, Unit};
use habu_bytecode::CodeFlags;
use habu_bytecode::Op as B;
use habu_bytecode::opcode::{function_attribute, intrinsic1};
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::interp::frame::{self, flag};
use habu_runtime::kinds;
use habu_runtime::object::*;
use std::rc::Rc;

/// Who takes the items, as native code does it.
#[derive(Clone, Copy, PartialEq)]
pub enum Taker {
    /// They are appended to this list.
    Append(V),
    /// They are looked at until one is true (or false).
    Until(bool),
    Sum,
    /// They are added to this set.
    Add(V),
}

/// What follows the call of a generator's function.
struct Next {
    taker: Taker,
    taking: Taking,
    /// The instruction that takes the items.
    at: usize,
    /// The stack word that the result goes to, or that has the generator.
    result: usize,
}

impl Builder<'_> {
    /// `CALL` of a generator's function where the next instruction takes all its items; the instruction to go on with.
    pub fn generator_taken(&mut self, i: usize, n: usize, at: usize) -> Option<usize> {
        let Held::Value(callee) = self.env.slots[at] else {
            return None;
        };
        let code = self.generator_code(callee)?;
        let mut path = self.cx.path.clone();
        path.push(i as u32);
        if self.counts || self.loop_types.not_taken.contains(&path) {
            return None;
        }
        let r = self.take_all(i, n, at, callee, code);
        if r.is_none() {
            self.loop_types.not_taken.insert(path);
        }
        r
    }

    fn take_all(
        &mut self,
        i: usize,
        n: usize,
        at: usize,
        callee: V,
        code: Gc<CodeObj>,
    ) -> Option<usize> {
        let size = code.bytecode().len() / 2;
        let words = code.nlocalsplus.get() as u32 + code.stacksize.get() as u32;
        if size > MAX_INLINE
            || self.inlined + size > INLINE_BUDGET
            || self.cx.path.len() >= MAX_DEPTH
            || self.base() + words > MAX_WORDS
            || !self.cx.unit.is_boundary(i + 1)
        {
            return None;
        }
        // A function made here has the globals of its maker.
        let func = match self.constant_of(callee).and_then(Value::from_bits) {
            Some(f) => f.cast()?,
            None => self.cx.unit.func,
        };
        let unit = Rc::new(Unit::taken(code, func)?);
        let args = self.generator_arguments(&unit, n, at, callee)?;
        if !yields_once(&unit) {
            return None;
        }
        let mark = self.mark();
        let next = self.next_taker(i + 1, at)?;
        self.make_room(&unit, &args, next.taker);
        match self.taken_body(unit, args, callee, &next) {
            Some(kept) => self.after_taking(&next, kept),
            None => {
                self.back_to(mark);
                None
            }
        }
    }

    /// The code of the function that a value is, if calls of it give generators: a constant, or made right here.
    fn generator_code(&self, callee: V) -> Option<Gc<CodeObj>> {
        let code: Gc<CodeObj> = match self.constant_of(callee) {
            Some(w) => Value::from_bits(w)?.cast::<FunctionObj>()?.code.get()?,
            None => Value::from_bits(self.constant_of(self.made_of(callee)?)?)?,
        }
        .cast()?;
        (code.flags.get() as u32 & SUSPENDING == CodeFlags::GENERATOR).then_some(code)
    }

    /// The code that a function is made of here which only has a closure.
    fn made_of(&self, f: V) -> Option<V> {
        match self.f.inst(f) {
            Inst::Call(id::make_function, args, _) => Some(args[1]),
            _ => self.made_of(given_closure(&self.f, f)?.0),
        }
    }

    /// The first locals of its frame.
    fn generator_arguments(
        &mut self,
        unit: &Unit,
        n: usize,
        at: usize,
        callee: V,
    ) -> Option<Vec<Held>> {
        let this = self.env.slots[at + 1];
        let given = self.env.slots[at + 2..at + 2 + n].to_vec();
        let args: Vec<Held> = [this]
            .into_iter()
            .filter(|h| *h != Held::Empty)
            .chain(given)
            .collect();
        let more = CodeFlags::VARARGS | CodeFlags::VARKEYWORDS;
        let simple = unit.code.flags.get() as u32 & more == 0 && unit.code.kwonly.get() == 0;
        if !simple || args.len() != unit.code.argcount.get() as usize || self.bad(super::Why::Same)
        {
            return None;
        }
        if let Some(w) = self.constant_of(callee) {
            let offset = std::mem::offset_of!(FunctionObj, code) as u64;
            self.assume(Value::from_bits(w)?, offset, Why::Same);
        }
        Some(args)
    }

    /// What the instruction at `at` does with the generator that is to stand in stack word `gen`.
    fn next_taker(&mut self, at: usize, generator: usize) -> Option<Next> {
        let unit = self.cx.unit.clone();
        let x = unit.ins.get(at)?;
        if x.op == B::FOR_ITER {
            let taker = self.loop_taker(at, generator)?;
            return Some(Next {
                taker,
                taking: Taking::Loop,
                at,
                result: generator,
            });
        }
        if x.op != B::CALL || x.arg != 1 || unit.is_start[at] {
            return None;
        }
        let base = generator.checked_sub(2)?;
        let (Held::Value(callee), Held::Empty) = (self.env.slots[base], self.env.slots[base + 1])
        else {
            return None;
        };
        let f = Value::from_bits(self.constant_of(callee)?)?;
        let class = |c: C| f == habu_runtime::runtime::class(c).value();
        let sum = || {
            f.cast::<BuiltinObj>()
                .is_some_and(|b| self.is_builtin(b, "sum"))
        };
        let (taker, taking) = if class(C::Set) {
            let set = self.call_as(id::new_set, &[], Ty::shape(C::Set.shape()));
            (Taker::Add(set), Taking::Set)
        } else if class(C::List) {
            let list = self.new_list();
            (Taker::Append(list), Taking::List)
        } else if f.kind() == kinds::BUILTIN && sum() {
            (Taker::Sum, Taking::Sum)
        } else {
            return None;
        };
        let result = match taking {
            Taking::List => generator,
            _ => base,
        };
        Some(Next {
            taker,
            taking,
            at,
            result,
        })
    }

    /// Room for all items where it is known how many come.
    fn make_room(&mut self, unit: &Unit, args: &[Held], taker: Taker) {
        let once = |op| unit.ins.iter().filter(|x| x.op == op).count() == 1;
        if !once(B::FOR_ITER) || !once(B::JUMP_BACKWARD) {
            return;
        }
        let Some(n) = args.first().and_then(|&h| self.items_left(h)) else {
            return;
        };
        match taker {
            Taker::Append(l) => self.call(id::list_reserve, &[l, n]),
            Taker::Add(s) => self.call(id::set_reserve, &[s, n]),
            _ => return,
        };
    }

    /// How many items an iterator has that was not made, or a few more.
    fn items_left(&mut self, h: Held) -> Option<V> {
        match h {
            Held::Range(_, _, left) => Some(self.def(Inst::Untag(left), Ty::RAW)),
            Held::List(list, _) => {
                let buf = self.def(Inst::LoadRaw(list, LIST_BUF), Ty::RAW);
                Some(self.def(Inst::LoadRaw(buf, BUF_LEN), Ty::RAW))
            }
            _ => None,
        }
    }

    /// `BUILD_LIST` of nothing for a comprehension without conditions whose iterator is on the stack: it has room for
    /// all items.
    pub fn list_of_loop(&mut self, i: usize) -> bool {
        let unit = self.cx.unit.clone();
        let op = |k: usize| unit.ins.get(i + k).map(|x| x.op);
        let top = *self.env.slots.last().unwrap_or(&Held::Empty);
        if op(1) != Some(B::SWAP) || op(2) != Some(B::FOR_ITER) {
            return false;
        }
        let head = i + 2;
        let jumps = (head..unit.ins.len()).filter(|&k| unit.jumps_to(k) == Some(head));
        let Some(jump) = only(jumps) else {
            return false;
        };
        let loops = (head..jump).filter(|&k| unit.ins[k].op == B::FOR_ITER);
        if unit.ins[jump - 1].op != B::LIST_APPEND || loops.count() != 1 {
            return false;
        }
        let Some(n) = self.items_left(top) else {
            return false;
        };
        let list = self.call_as(id::list_for, &[n], Ty::shape(C::List.shape()));
        self.push(list);
        true
    }

    fn new_list(&mut self) -> V {
        let (nowhere, none) = (self.def(Inst::FrameAddress(0), Ty::RAW), self.raw(0));
        self.call_as(id::build_list, &[nowhere, none], Ty::shape(C::List.shape()))
    }

    /// Loops that only look at the items or append them.
    fn loop_taker(&mut self, at: usize, generator: usize) -> Option<Taker> {
        let unit = self.cx.unit.clone();
        let op = |k: usize| unit.ins.get(at + 1 + k).map(|x| x.op);
        let goes_round = |k: usize| {
            let x = unit.ins.get(at + 1 + k);
            x.is_some_and(|x| x.op == B::JUMP_BACKWARD) && unit.successors(at + 1 + k).0 == Some(at)
        };
        match (op(0)?, op(1)?) {
            (B::LIST_APPEND, _) if goes_round(1) => {
                // With the item on the stack.
                let list = (generator + 2).checked_sub(unit.ins[at + 1].arg as usize + 1)?;
                match self.env.slots[list] {
                    Held::Value(v) => Some(Taker::Append(v)),
                    _ => None,
                }
            }
            (B::TO_BOOL, B::POP_JUMP_IF_TRUE) if goes_round(2) => Some(Taker::Until(true)),
            (B::TO_BOOL, B::POP_JUMP_IF_FALSE) if goes_round(2) => Some(Taker::Until(false)),
            _ => None,
        }
    }

    /// The kind of iterator that the generator has met whose function is called next with the one made here, if that is
    /// to run where its items are taken.
    pub fn taken_with(&self) -> Option<Option<u8>> {
        let u = &self.cx.unit;
        let x = u.ins.get(self.at + 1)?;
        let Held::Value(callee) = *self.env.slots.iter().nth_back(1)? else {
            return None;
        };
        let mut path = self.cx.path.clone();
        path.push(self.at as u32 + 1);
        if x.op != B::CALL
            || x.arg != 0
            || self.constant_of(callee).is_some()
            || self.loop_types.not_taken.contains(&path)
        {
            return None;
        }
        let unit = Unit::taken(self.generator_code(callee)?, u.func)?;
        let first = unit.ins.iter().position(|x| x.op == B::FOR_ITER)?;
        Some(unit.iterator_kind(first))
    }

    /// Build the generator's body; the words that were kept for who takes its items, at its end.
    fn taken_body(
        &mut self,
        unit: Rc<Unit>,
        args: Vec<Held>,
        function: V,
        next: &Next,
    ) -> Option<Vec<Held>> {
        let parent = self.taker_state(next);
        let caller = self.cx.body;
        let b = &self.f.bodies[caller.index()];
        let base = b.base + b.words + frame::HEADER as u32;
        let kept = next.taking.words();
        let body = Body(self.f.bodies.len() as u32);
        self.f.roots.push(unit.ops.value().bits());
        let at_loop = (next.taking == Taking::Loop) as u32;
        self.f.bodies.push(BodyData {
            name: String::new(),
            caller: Some(caller),
            code: unit.id,
            ops: unit.ops.raw() as u64,
            func: 0,
            base,
            locals: unit.locals as u32,
            words: (unit.words() + 1 + kept) as u32,
            result: self.frame_word(next.result) + at_loop,
            flags: flag::ENTRY | flag::GENERATOR,
            taking: Some((next.taking, unit.words() as u32)),
            framed: false,
        });
        let mut env = self.inner_env(unit.locals);
        env.slots[..args.len()].copy_from_slice(&args);
        match next.taker {
            Taker::Add(v) => env.slots.push(Held::Value(v)),
            Taker::Append(v) if next.taking == Taking::List => env.slots.push(Held::Value(v)),
            Taker::Sum => {
                let (none, nothing) = (self.word(Value::small_int(0).bits()), self.float(0.0));
                env.slots.extend([Held::Value(none), Held::Value(nothing)]);
            }
            _ => {}
        }
        let mut path = self.cx.path.clone();
        path.push(next.at as u32);
        self.inlined += unit.ins.len();
        let cx = Context {
            unit,
            body,
            parent: Some(parent),
            path,
            returns: Vec::new(),
            taker: Some(next.taker),
            kept,
            function: Some(function),
            breaks: Vec::new(),
            until: None,
        };
        let end = self.inner_body(cx, env, Self::end_of_taken)?;
        for (from, env) in end.breaks {
            self.leave_loop(from, &env, next);
        }
        match end.known {
            Some(env) => self.take_knowledge(&env),
            None => self.done = true,
        }
        Some(end.kept)
    }

    /// The generator has ended: its ways meet.
    fn end_of_taken(&mut self) -> End {
        let (locals, kept) = (self.cx.unit.locals, self.cx.kept);
        let edges: Vec<Edge> = std::mem::take(&mut self.cx.returns)
            .into_iter()
            .map(|(from, _, mut env)| {
                env.slots.truncate(locals + kept);
                Edge { from, env }
            })
            .collect();
        let breaks = std::mem::take(&mut self.cx.breaks);
        if edges.is_empty() {
            return End {
                kept: vec![Held::Empty; kept],
                known: None,
                breaks,
            };
        }
        self.join(edges);
        self.done = false;
        End {
            kept: self.env.slots[locals..].to_vec(),
            known: Some(self.env.clone()),
            breaks,
        }
    }

    /// The caller's state while the generator runs.
    fn taker_state(&mut self, next: &Next) -> State {
        let (run, at) = (self.run.clone(), self.at);
        self.run = (self.env.slots[..next.result].to_vec(), next.at);
        self.at = next.at;
        let known = self.env.state.take();
        let s = self.state();
        self.env.state = known;
        self.run = run;
        self.at = at;
        s
    }

    /// Block `from` leaves the loop that takes the items before their end.
    fn leave_loop(&mut self, from: Block, known: &Env, next: &Next) {
        let unit = self.cx.unit.clone();
        // Behind FOR_ITER and TO_BOOL stands the jump out of the loop.
        let Some(to) = unit.successors(next.at + 2).0 else {
            return;
        };
        let env = self.env.clone();
        self.take_knowledge(known);
        self.forget_generator(next);
        let edge = Edge {
            from,
            env: std::mem::replace(&mut self.env, env),
        };
        self.add_edge(to, edge);
    }

    /// Something stands where the loop would have its generator.
    fn forget_generator(&mut self, next: &Next) {
        let none = self.word(Value::NONE.bits());
        self.env.slots.truncate(next.result);
        self.push(none);
    }

    /// All items were taken; the instruction to go on with.
    fn after_taking(&mut self, next: &Next, kept: Vec<Held>) -> Option<usize> {
        if self.done {
            return Some(next.at + 1);
        }
        let kept = |k: usize| match kept[k] {
            Held::Value(v) => v,
            _ => V(0),
        };
        if next.taking == Taking::Loop {
            self.forget_generator(next);
            let exit = self.cx.unit.successors(next.at).0?;
            self.edge_to(exit);
            return Some(next.at + 1);
        }
        let r = match next.taking {
            Taking::Sum if self.ty(kept(0)).is_int() => kept(0),
            Taking::Sum => {
                let (sum, lost) = (self.as_float(kept(0)), kept(1));
                let total = Inst::Call(id::float_total, [sum, lost].into(), None);
                self.def(total, Ty::F64)
            }
            _ => kept(0),
        };
        let base = next.result - 2 * (next.taking == Taking::List) as usize;
        self.env.slots.truncate(base);
        self.push(r);
        Some(next.at + 1)
    }

    // ---- inside the generator

    /// Is this the argument that only its first instruction reads: the iterator of an expression?
    pub fn takes_argument(&mut self, local: usize) -> bool {
        let is_iterator = matches!(self.env.slots[local], Held::Range(..) | Held::List(..));
        if self.cx.taker.is_none() || !is_iterator {
            return false;
        }
        let h = std::mem::replace(&mut self.env.slots[local], Held::Empty);
        self.env.slots.push(h);
        true
    }

    /// Is this word kept for who takes the items, and another one after each?
    pub fn changes_for_taker(&self, slot: usize) -> bool {
        let locals = self.cx.unit.locals;
        self.cx.taker == Some(Taker::Sum) && (locals..locals + self.cx.kept).contains(&slot)
    }

    /// `yield v` where somebody takes the item at once.
    pub fn item_taken(&mut self, i: usize) {
        let taken = match self.cx.taker {
            _ if !self.cx.unit.is_boundary(i + 1) => None,
            Some(Taker::Append(list)) => {
                let v = self.pop_word();
                self.append(list, v);
                Some(())
            }
            Some(Taker::Add(set)) => {
                let v = self.pop_word();
                self.plain(id::plain_set_add, &[set, v], Ty::word(kind::NONE))
                    .map(drop)
            }
            Some(Taker::Until(end)) => {
                let v = self.pop();
                let truth = self.truth(v);
                let (yes, no) = self.split(truth);
                let (stop, on) = if end { (yes, no) } else { (no, yes) };
                let env = self.env.clone();
                self.cx.breaks.push((stop, env));
                self.enter(on);
                Some(())
            }
            Some(Taker::Sum) => self.add_item(),
            None => None,
        };
        if taken.is_none() {
            self.inline_failed = true;
        }
        let none = self.word(Value::NONE.bits());
        self.push(none);
    }

    /// As `sum` adds: ints, then floats with what rounding loses.
    fn add_item(&mut self) -> Option<()> {
        let at = self.cx.unit.locals;
        let (Held::Value(sum), Held::Value(lost)) = (self.env.slots[at], self.env.slots[at + 1])
        else {
            return None;
        };
        let mut x = self.pop();
        let (ts, tx) = (self.ty(sum), self.ty(x));
        if tx.rep == Rep::Bool {
            let one = self.word(Value::small_int(1).bits());
            let none = self.word(Value::small_int(0).bits());
            x = self.def(Inst::Select(x, one, none), Ty::INT);
        } else if !tx.is_int() && !tx.is_float() {
            let guess = match ts.is_int() {
                true => [Why::Int, Why::Float],
                false => [Why::Float, Why::Int],
            };
            let guess = guess.into_iter().find(|&w| !self.bad(w))?;
            x = match guess {
                Why::Int => self.guard_int(x),
                _ => self.as_float(x),
            };
        }
        if self.ty(x).is_int() && ts.is_int() {
            let over = self.exit(Why::Overflow);
            let all = self.def(Inst::Int(IntOp::Add, sum, x, over), Ty::INT);
            self.env.slots[at] = Held::Value(all);
            return Some(());
        }
        if !ts.is_int() && ts.rep != Rep::F64 {
            return None;
        }
        let (sum, plain) = (self.as_float(sum), ts.is_int() || self.ty(x).is_int());
        let x = self.as_float(x);
        let all = self.def(Inst::Float(FloatOp::Add, sum, x), Ty::F64);
        self.env.slots[at] = Held::Value(all);
        if plain {
            return Some(());
        }
        let mut f = |op, a, b| self.def(Inst::Float(op, a, b), Ty::F64);
        let second = f(FloatOp::Sub, all, sum);
        let first = f(FloatOp::Sub, all, second);
        let of_first = f(FloatOp::Sub, sum, first);
        let of_second = f(FloatOp::Sub, x, second);
        let both = f(FloatOp::Add, of_first, of_second);
        let lost = f(FloatOp::Add, lost, both);
        self.env.slots[at + 1] = Held::Value(lost);
        Some(())
    }
}

/// The function that this instruction gives its closure, and that.
pub fn given_closure(f: &Func, v: V) -> Option<(V, V)> {
    let Inst::Call(id::set_function_attribute, args, _) = f.inst(v) else {
        return None;
    };
    let closure = Inst::Raw(function_attribute::CLOSURE as i64);
    (*f.inst(args[0]) == closure).then_some((args[1], args[2]))
}

/// What a generator's body leaves.
struct End {
    kept: Vec<Held>,
    /// What is known there; `None`: it never ends.
    known: Option<Env>,
    breaks: Vec<(Block, Env)>,
}

fn only<T>(mut of: impl Iterator<Item = T>) -> Option<T> {
    of.next().filter(|_| of.next().is_none())
}

/// Is there one yield, no delegation, and no handler but the one that every generator has?
fn yields_once(u: &Unit) -> bool {
    let of = |op: B| u.ins.iter().filter(|x| x.op == op).count();
    let handlers = u.handler_ranges();
    let plain = |&(_, _, at): &(u32, u32, usize)| {
        u.ins[at].op == B::CALL_INTRINSIC_1 && u.ins[at].arg == intrinsic1::STOPITERATION_ERROR
    };
    of(B::YIELD_VALUE) == 1 && of(B::SEND) == 0 && handlers.iter().all(plain)
}

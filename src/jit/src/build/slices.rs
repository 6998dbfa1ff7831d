//! Slices of lists that are stored in a slice of a list, without the lists between.
//!
//! What must hold: from the first slice to the store there are only loads, slices, `+` of slices and sums of ints, so
//! nothing has been done when something is not as expected: the interpreter begins with the first slice again. That is
//! why all of it is built at once, with the state that this slice began with.

use super::Builder;
use crate::helpers::id;
use crate::ir::*;
use habu_bytecode::Op as B;
use habu_bytecode::opcode::binary as b;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::object::{SliceObj, ValueExt};
use habu_runtime::ops::plain;

/// A slice: of what, start, stop, step.
type Part = [V; 4];

/// What the operand stack would hold.
enum Item {
    Word(V),
    /// A constant slice without a step.
    Slice([V; 2]),
    /// A list of the items of these, one behind the other.
    Joined(Vec<Part>),
}

/// The same, as the instructions have it.
#[derive(Clone, Copy)]
enum Shape {
    Word,
    Slice,
    Joined(usize),
}

impl Builder<'_> {
    /// The first slice ends before the instruction `first`. The result is the instruction to go on with.
    pub fn slice_to_slice(&mut self, first: usize, part: Part) -> Option<usize> {
        let wrong = [Why::Kind, Why::Int, Why::Overflow];
        if wrong.iter().any(|&w| self.bad(w)) {
            return None;
        }
        let end = self.store_of_slices(first, part)?;
        self.state();
        let unit = self.cx.unit.clone();
        let mut stack = vec![Item::Joined(vec![part])];
        for k in first..end {
            match unit.ins[k].op {
                B::BINARY_SLICE => {
                    let none = self.word(Value::NONE.bits());
                    let [stop, start, c] = [(); 3].map(|_| word(stack.pop()));
                    stack.push(Item::Joined(vec![[c?, start?, stop?, none]]));
                }
                B::BINARY_OP => match (stack.pop(), stack.pop()) {
                    (Some(Item::Joined(r)), Some(Item::Joined(l))) => {
                        stack.push(Item::Joined([l, r].concat()))
                    }
                    (Some(Item::Slice([start, stop])), c) => {
                        let none = self.word(Value::NONE.bits());
                        stack.push(Item::Joined(vec![[word(c)?, start, stop, none]]))
                    }
                    (r, l) => {
                        let v = self.int_arithmetic(unit.ins[k].arg, word(l)?, word(r)?)?;
                        stack.push(Item::Word(v))
                    }
                },
                _ => {
                    self.instruction(k).ok()?;
                    let v = self.pop_word();
                    stack.push(match self.constant_slice(v) {
                        Some([start, stop, _]) => Item::Slice([start, stop]),
                        None => Item::Word(v),
                    });
                }
            }
        }
        let [from, to] = match stack.pop() {
            Some(Item::Slice(s)) => s,
            to => [word(stack.pop())?, word(to)?],
        };
        let l = word(stack.pop())?;
        let Some(Item::Joined(parts)) = stack.pop() else {
            return None;
        };
        self.store_slices(&parts, [l, from, to])?;
        Some(end + 1)
    }

    /// The same for a subscript at `i` with a constant slice.
    pub fn constant_slice_to_slice(&mut self, i: usize) -> Option<usize> {
        let &[.., Held::Value(c), Held::Value(k)] = &self.env.slots[..] else {
            return None;
        };
        let [start, stop, step] = self.constant_slice(k)?;
        let part = [c, start, stop, step];
        let ok = self.ty(c).may(kind::OBJECT) && self.store_of_slices(i + 1, part).is_some();
        if !ok {
            return None;
        }
        self.drop_n(2);
        let next = self.slice_to_slice(i + 1, part);
        if next.is_none() {
            self.push(c);
            self.push(k);
        }
        next
    }

    /// Where the slices that begin before `first` are stored, if all between is as it must be.
    fn store_of_slices(&self, first: usize, [.., step]: Part) -> Option<usize> {
        use Shape::*;
        let unit = &self.cx.unit;
        // A slice with a step is not joined with others.
        let simple = self.constant_of(step) == Some(Value::NONE.bits());
        let mut stack = vec![Joined(if simple { 1 } else { plain::JOINED })];
        let mut i = first;
        loop {
            let x = unit.ins.get(i)?;
            if i > first && unit.is_start[i] {
                return None;
            }
            match (x.op, &stack[..]) {
                (B::STORE_SLICE, [Joined(n), Word, Word, Word])
                | (B::STORE_SUBSCR, [Joined(n), Word, Slice])
                    if *n <= plain::JOINED =>
                {
                    return Some(i);
                }
                (B::LOAD_FAST, _) if matches!(self.env.slots[x.arg as usize], Held::Value(_)) => {
                    stack.push(Word)
                }
                (B::LOAD_CONST, _) => stack.push(match is_plain_slice(unit.constant(x.arg)) {
                    true => Slice,
                    false => Word,
                }),
                (B::LOAD_SMALL_INT, _) => stack.push(Word),
                (B::BINARY_SLICE, [rest @ .., Word, Word, Word]) => {
                    stack.truncate(rest.len());
                    stack.push(Joined(1))
                }
                (B::BINARY_OP, [rest @ .., l, r]) => {
                    let made = match (x.arg, *l, *r) {
                        (b::ADD | b::SUBTRACT, Word, Word) => Word,
                        (b::ADD, Joined(l), Joined(r)) => Joined(l + r),
                        (b::SUBSCR, Word, Slice) => Joined(1),
                        _ => return None,
                    };
                    stack.truncate(rest.len());
                    stack.push(made)
                }
                _ => return None,
            }
            i += 1;
        }
    }

    fn store_slices(&mut self, parts: &[Part], [l, from, to]: [V; 3]) -> Option<V> {
        let ty = Ty::word(kind::NONE);
        let none = self.word(Value::NONE.bits());
        let [[c, start, stop, step], more @ ..] = parts else {
            return None;
        };
        let (c, start, stop, step) = (*c, *start, *stop, *step);
        if !more.is_empty() {
            let mut args = vec![l, from, to];
            for k in 0..plain::JOINED {
                let [c, start, stop, _] = parts.get(k).copied().unwrap_or([none; 4]);
                args.extend([c, start, stop]);
            }
            return self.plain(id::plain_store_joined, &args, ty);
        }
        // `l[:i + 1] = l[i::-1]`
        let whole = [stop, from]
            .iter()
            .all(|&v| self.root(v) == self.root(none));
        if whole
            && self.constant_int(step) == Some(-1)
            && self.root(c) == self.root(l)
            && self.is_next(to, start)
        {
            let l = self.guard_shape(l, C::List.shape());
            let last = self.guard_int(start);
            let last = self.def(Inst::Untag(last), Ty::RAW);
            return self.plain(id::plain_turn, &[l, last], ty);
        }
        let args = [c, start, stop, step, l, from, to];
        self.plain(id::plain_copy_slice, &args, ty)
    }

    /// Is `v` one more than `i`?
    fn is_next(&self, v: V, i: V) -> bool {
        match *self.f.inst(v) {
            Inst::Int(IntOp::Add, a, b, _) => {
                self.root(a) == self.root(i) && self.constant_int(b) == Some(1)
            }
            _ => false,
        }
    }
}

fn word(i: Option<Item>) -> Option<V> {
    match i {
        Some(Item::Word(v)) => Some(v),
        _ => None,
    }
}

/// Is the constant a slice without a step?
fn is_plain_slice(constant: u64) -> bool {
    let v = Value::from_bits(constant);
    let s = v.and_then(|v| v.cast::<SliceObj>());
    s.is_some_and(|s| s.step.get().is_none_or(Value::is_none))
}

//! Setting `f_lineno`: a trace function lets its frame go on at another line.
//!
//! What must hold: only the frame whose event is being told is moved, and only to an instruction whose operand stack the
//! present one can be cut down to. That is decided by what kinds of words the stack holds at each instruction.

use crate::classes::C;
use crate::error;
use crate::interp::frame::Frame;
use crate::interp::traced;
use crate::names::N;
use crate::object::*;
use crate::thread::{R, Thread};
use habu_bytecode::effects::stack_effect;
use habu_bytecode::instructions::{self, Instr};
use habu_bytecode::{Op as B, exceptions};
use habu_heap::Value;

/// What a word of the operand stack is, as far as jumps mind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Object,
    /// What a loop iterates over.
    Iterator,
    /// An exception, handled or being handled before.
    Except,
    /// Nothing: the receiver's place of a call.
    Null,
    /// Where an exception that may be raised again came from.
    Lasti,
}

type Stack = Vec<Kind>;

/// Stacks deeper than this are not followed.
const DEEPEST: usize = 500;

struct Code {
    ins: Vec<Instr>,
    handlers: Vec<(u32, u32, exceptions::Handler)>,
    /// The line of each instruction.
    lines: Vec<Option<u32>>,
}

impl Code {
    fn of(c: Gc<CodeObj>) -> Code {
        let ins: Vec<Instr> = instructions::iter(c.bytecode()).collect();
        let handlers = exceptions::entries(c.exceptions()).collect();
        let lines = traced::lines(c, &ins);
        Code {
            ins,
            handlers,
            lines,
        }
    }

    fn index(&self, offset: u32) -> usize {
        self.ins.partition_point(|x| x.offset < offset)
    }

    /// The stack before each instruction that can be reached.
    fn stacks(&self) -> Vec<Option<Stack>> {
        let mut all: Vec<Option<Stack>> = vec![None; self.ins.len()];
        let mut todo = vec![(0, Vec::new())];
        let mut entered = vec![false; self.handlers.len()];
        loop {
            while let Some((i, s)) = todo.pop() {
                if i >= all.len() || all[i].is_some() || s.len() > DEEPEST {
                    continue;
                }
                self.step(i, &s, &mut todo);
                all[i] = Some(s);
            }
            for (k, (start, end, h)) in self.handlers.iter().enumerate() {
                let covered = self.index(*start)..self.index(*end);
                let Some(s) = all[covered].iter().flatten().next() else {
                    continue;
                };
                if std::mem::replace(&mut entered[k], true) {
                    continue;
                }
                let mut s = s[..s.len().min(h.depth as usize)].to_vec();
                if h.lasti {
                    s.push(Kind::Lasti);
                }
                s.push(Kind::Except);
                todo.push((self.index(h.target), s));
            }
            if todo.is_empty() {
                return all;
            }
        }
    }

    /// Where the code goes on from instruction `i`, with which stacks.
    fn step(&self, i: usize, before: &Stack, todo: &mut Vec<(usize, Stack)>) {
        let x = &self.ins[i];
        let mut s = before.clone();
        let n = x.arg as usize;
        match x.op {
            B::GET_ITER | B::GET_AITER => {
                s.pop();
                s.push(Kind::Iterator);
            }
            B::PUSH_EXC_INFO => s.push(Kind::Except),
            B::PUSH_NULL => s.push(Kind::Null),
            B::LOAD_GLOBAL if n & 1 != 0 => s.extend([Kind::Object, Kind::Null]),
            B::LOAD_ATTR | B::LOAD_SPECIAL if x.op == B::LOAD_SPECIAL || n & 1 != 0 => {
                s.pop();
                s.extend([Kind::Object, Kind::Null]);
            }
            B::COPY => {
                let k = s.len().checked_sub(n).map_or(Kind::Object, |k| s[k]);
                s.push(k);
            }
            B::SWAP => {
                if n >= 1 && n <= s.len() {
                    let (a, b) = (s.len() - n, s.len() - 1);
                    s.swap(a, b);
                }
            }
            B::CALL | B::CALL_KW | B::CALL_FUNCTION_EX | B::LOAD_SUPER_ATTR => {
                let popped = match x.op {
                    B::CALL => n + 2,
                    B::CALL_KW => n + 3,
                    B::CALL_FUNCTION_EX => 4,
                    _ => 3,
                };
                s.truncate(s.len().saturating_sub(popped));
                s.push(Kind::Object);
                if x.op == B::LOAD_SUPER_ATTR && n & 1 != 0 {
                    s.push(Kind::Null);
                }
            }
            _ => {
                let d = stack_effect(x.op, x.arg, false);
                let end = (s.len() as i32 + d).max(0) as usize;
                s.resize(end, Kind::Object);
            }
        }
        if x.op != B::END_ASYNC_FOR
            && let Some(to) = x.target()
        {
            todo.push((self.ins.partition_point(|y| y.start < to), s.clone()));
        }
        if !matches!(
            x.op,
            B::RETURN_VALUE
                | B::RAISE_VARARGS
                | B::RERAISE
                | B::JUMP_FORWARD
                | B::JUMP_BACKWARD
                | B::JUMP_BACKWARD_NO_INTERRUPT
        ) {
            todo.push((i + 1, s));
        }
    }
}

/// Can `from` be cut down to `to`?
fn fits(from: &Stack, to: &Stack) -> bool {
    from.len() >= to.len()
        && from.iter().zip(to).all(|(f, t)| match t {
            Kind::Object => *f != Kind::Null,
            Kind::Null => true,
            t => f == t,
        })
}

fn misfit(to: &Stack) -> &'static str {
    match to.last() {
        Some(Kind::Except) => "can't jump into an 'except' block as there's no exception",
        Some(Kind::Lasti) => "can't jump into a re-raising block as there's no location",
        Some(Kind::Iterator) => "can't jump into the body of a for loop",
        _ => "incompatible stacks",
    }
}

/// Whether the event that is being told lets its frame jump.
fn allowed(th: &Thread, f: Option<Frame>) -> Result<Frame, &'static str> {
    let Some(f) = f.filter(|f| f.0 == th.traced_frame.get()) else {
        return Err("f_lineno can only be set in a trace function");
    };
    let op = f.lasti().and_then(|at| {
        let code = f.code();
        let s = code.bytecode();
        Some((B::from_u8(*s.get(at as usize)?)?, *s.get(at as usize + 1)?))
    });
    let told = th.traced_event.get();
    let is = |n: N| told == n as u32;
    if is(N::TraceLine) || is(N::TraceOpcode) {
        return Ok(f);
    }
    if is(N::TraceCall) {
        return match op {
            Some((B::RESUME, a)) if a & 3 != 0 => Ok(f),
            _ => Err("can't jump from the 'call' trace event of a new frame"),
        };
    }
    if is(N::TraceReturn) && matches!(op, Some((B::YIELD_VALUE, _))) {
        return Ok(f);
    }
    if is(N::TraceCCall) || is(N::TraceCReturn) || is(N::TraceCException) {
        return Err("can't jump during a call");
    }
    Err("can only jump from a 'line' trace event")
}

pub fn set_line(th: &Thread, o: Gc<FrameObj>, v: Option<Value>) -> R<()> {
    let fail = |text: &str| Err(error::value_error(th, text));
    let Some(v) = v else {
        return Err(error::raise(
            th,
            C::AttributeError,
            "cannot delete attribute",
        ));
    };
    let f = match allowed(th, o.live()) {
        Ok(f) => f,
        Err(text) => return fail(text),
    };
    let Some(wanted) = v.as_int() else {
        return fail(if v.kind() == crate::kinds::INT {
            "lineno out of range"
        } else {
            "lineno must be an integer"
        });
    };
    let code = f.code();
    if wanted < code.firstlineno.get() as i32 as i64 {
        let text = format!("line {wanted} comes before the current code block");
        return fail(&text);
    }
    let c = Code::of(code);
    let begins = |i: usize| c.lines[i].filter(|_| i == 0 || c.lines[i - 1] != c.lines[i]);
    let line = (0..c.ins.len())
        .filter_map(begins)
        .filter(|l| *l as i64 >= wanted)
        .min();
    let Some(line) = line else {
        let text = format!("line {wanted} comes after the current code block");
        return fail(&text);
    };
    let stacks = c.stacks();
    let here = f.lasti().map_or(0, |at| c.index(at));
    let Some(Some(from)) = stacks.get(here) else {
        return fail("can't jump from unreachable code");
    };
    let mut best: Option<(usize, usize)> = None;
    let mut why = "";
    for i in (0..c.ins.len()).filter(|&i| begins(i) == Some(line)) {
        let Some(to) = &stacks[i] else { continue };
        if !fits(from, to) {
            why = if why.is_empty() { misfit(to) } else { why };
        } else if best.is_none_or(|(d, _)| to.len() > d) {
            best = Some((to.len(), i));
        }
    }
    let Some((depth, i)) = best else {
        return fail(if why.is_empty() {
            "can't jump into unreachable code"
        } else {
            why
        });
    };
    bind_locals(th, f)?;
    // Blocks that are left give back the exception that was handled before.
    let locals = code.nlocalsplus.get() as usize;
    for k in (depth..from.len())
        .rev()
        .filter(|&k| from[k] == Kind::Except)
    {
        let old = f.local(locals + k).filter(|v| !v.is_none());
        th.handled.init(old);
    }
    let to = traced::of(th, code)?.op_at(c.ins[i].offset);
    o.jump.init(Some(Value::small_int(depth as i64)));
    f.set_ip(to);
    Ok(())
}

/// Locals that a jump leaves without a value become None.
fn bind_locals(th: &Thread, f: Frame) -> R<()> {
    let n = f.code().nlocalsplus.get() as usize;
    let unbound = (0..n).filter(|&i| f.local(i).is_none()).count();
    if unbound == 0 {
        return Ok(());
    }
    let s = if unbound == 1 { "" } else { "s" };
    let text = format!("assigning None to {unbound} unbound local{s}");
    crate::modules::warnings::warn(th, C::RuntimeWarning, &text, 1)?;
    for i in (0..n).filter(|&i| f.local(i).is_none()) {
        f.set_local(i, Some(Value::NONE));
    }
    Ok(())
}

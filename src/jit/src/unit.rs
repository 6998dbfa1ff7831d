//! A code object as the compiler reads it: instructions, where the interpreter can take over, control flow, loops.
//!
//! What must hold: nothing here allocates in the heap, so words read from code objects stay valid while the
//! function they belong to is on a stack.

use crate::ir::Number;
use crate::live::{self, Locals};
use habu_bytecode::CodeFlags;
use habu_bytecode::Op as B;
use habu_bytecode::instructions::Instr;
use habu_runtime::interp::counted;
use habu_runtime::interp::feedback::{self, Site};
use habu_runtime::interp::{OpsObj, translate};
use habu_runtime::object::*;
use habu_runtime::value::Value;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Flags of code whose calls make a generator or something like it.
pub const SUSPENDING: u32 =
    CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;

/// Larger code is left to the interpreter.
pub const MAX_INSTRS: usize = 20000;

/// The number of a code object: addresses are used again when objects die, numbers are not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct CodeId(pub u64);

pub fn code_id(code: Gc<CodeObj>) -> CodeId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    if code.tier.get() == 0 {
        code.tier.set(NEXT.fetch_add(1, Relaxed));
    }
    CodeId(code.tier.get())
}

/// An exception handler as the instructions have it that it is there for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Catcher {
    /// Its first instruction.
    pub at: usize,
    /// Words of the operand stack that stay.
    pub depth: usize,
    /// Is the offset of what raised put under the exception?
    pub lasti: bool,
}

pub struct Unit {
    pub id: CodeId,
    pub code: Gc<CodeObj>,
    pub func: Gc<FunctionObj>,
    pub ops: Gc<OpsObj>,
    pub ins: Vec<Instr>,
    /// For each instruction where it jumps to.
    jumps: Vec<Option<usize>>,
    /// For each instruction the op it is part of.
    pub op_of: Vec<u32>,
    pub locals: usize,
    pub stack: usize,
    /// Instruction indices at which blocks begin, in reverse postorder from the entry.
    pub order: Vec<usize>,
    pub is_start: Vec<bool>,
    /// For loop headers (by instruction index) the locals that the loop assigns.
    pub loops: Vec<Option<Vec<bool>>>,
    /// For loop headers the instructions of the loop.
    members: Vec<Option<Vec<bool>>>,
    /// The instruction that compilation begins at.
    pub entry: usize,
    /// It is where a generator goes on: loops may be entered in their middle, and are those that this entry sees.
    pub resumed: bool,
    /// For each instruction where its exceptions go on.
    catchers: Vec<Option<Catcher>>,
    /// Is a yield the end of the code? Not where control flow of many runs is asked for, nor where somebody may take the
    /// item and let the generator go on.
    pub yields_end: bool,
    /// Its items are taken where they are yielded: it is no frame that is put away.
    pub taken: bool,
    /// For each instruction the locals that are still read.
    pub live: Vec<Locals>,
    lines: Vec<u32>,
}

impl Unit {
    /// `entry`: the instruction to begin at (0, or a loop header).
    pub fn new(func: Gc<FunctionObj>, entry_offset: u32) -> Option<Unit> {
        // SAFETY: a function's code is a code object.
        let code: Gc<CodeObj> = unsafe { func.code.get_unchecked().cast_unchecked() };
        Unit::of(code, func, entry_offset, false)
    }

    /// A generator's code whose items are taken where they are yielded. `func` has its globals.
    pub fn taken(code: Gc<CodeObj>, func: Gc<FunctionObj>) -> Option<Unit> {
        Unit::of(code, func, 0, true)
    }

    fn of(
        code: Gc<CodeObj>,
        func: Gc<FunctionObj>,
        entry_offset: u32,
        taken: bool,
    ) -> Option<Unit> {
        let ops: Gc<OpsObj> = code.ops.get()?.cast()?;
        let (ins, op_of) = translate::layout(code);
        if ins.len() > MAX_INSTRS || ins.is_empty() {
            return None;
        }
        let table: Vec<u32> =
            habu_bytecode::locations::positions(code.locations(), code.firstlineno.get() as u32)
                .map(|p| p.0.unwrap_or(0))
                .collect();
        let lines = ins
            .iter()
            .map(|x| table.get(x.offset as usize / 2).copied().unwrap_or(0))
            .collect();
        let mut u = Unit {
            id: code_id(code),
            code,
            func,
            ops,
            op_of,
            locals: code.nlocalsplus.get() as usize,
            stack: code.stacksize.get() as usize,
            order: Vec::new(),
            jumps: Vec::new(),
            is_start: vec![false; ins.len() + 1],
            loops: vec![None; ins.len()],
            members: vec![None; ins.len()],
            entry: 0,
            resumed: false,
            catchers: vec![None; ins.len()],
            yields_end: false,
            taken: false,
            live: Vec::new(),
            ins,
            lines,
        };
        u.jumps = u
            .ins
            .iter()
            .map(|x| x.target().and_then(|t| u.index_of(t)))
            .collect();
        u.find_catchers();
        let mut entry = u.index_of(entry_offset)?;
        let resumed = entry > 0 && u.ins[entry].op == B::RESUME;
        if resumed {
            // Leaving at once must not come back to the RESUME that enters.
            entry += 1;
        }
        // Loops are those of the whole code, wherever compilation begins.
        // From the beginning first: a handler that jumps into the middle of a loop must not be taken for its entry.
        let mut roots = vec![0];
        roots.extend(u.handlers());
        u.find_blocks(&roots);
        u.find_loops();
        // Only where loops and resumptions begin is it asked.
        if entry_offset != 0 || u.loops.iter().any(Option::is_some) {
            u.live = live::analyze(&u);
        }
        let yields = |x: &Instr| x.op == B::YIELD_VALUE;
        let one = u.ins.iter().filter(|x| yields(x)).count() == 1;
        let delegates = u.ins.iter().any(|x| x.op == B::SEND);
        u.yields_end = !(taken || resumed && u.is_generator() && one && !delegates);
        u.taken = taken;
        u.is_start.fill(false);
        // An op has the offset of that part of it that can raise: compilation begins at its first instruction. What
        // has no op of its own before a loop's first op belongs to the loop.
        let same_op = || {
            (0..=entry)
                .rev()
                .take_while(|&k| u.op_of[k] == u.op_of[entry])
        };
        u.entry = if u.loops[entry].is_some() || resumed {
            entry
        } else {
            same_op()
                .find(|&k| u.loops[k].is_some())
                .or(same_op().last())
                .unwrap_or(entry)
        };
        u.find_blocks(&[u.entry]);
        if resumed {
            u.resumed = true;
            u.loops.fill(None);
            u.members.fill(None);
            u.find_loops();
        }
        Some(u)
    }

    /// The instruction at this offset, or whose prefixes begin there.
    pub fn index_of(&self, offset: u32) -> Option<usize> {
        let i = self.ins.partition_point(|x| x.offset < offset);
        (i < self.ins.len()).then_some(i)
    }

    /// Where the backward jump at this offset goes: of two loops that begin with one op its own.
    pub fn jump_target(code: Gc<CodeObj>, jump: u32) -> Option<u32> {
        let (ins, _) = translate::layout(code);
        ins.iter().find(|x| x.offset == jump)?.target()
    }

    /// Is its frame put away at yields? Iterators are objects there.
    pub fn is_put_away(&self) -> bool {
        self.is_generator() && !self.taken
    }

    /// The code of a generator (not of a coroutine).
    pub fn is_generator(&self) -> bool {
        self.code.flags.get() as u32 & SUSPENDING == CodeFlags::GENERATOR
    }

    pub fn words(&self) -> usize {
        self.locals + self.stack
    }

    pub fn line(&self, i: usize) -> u32 {
        self.lines[i]
    }

    /// Can the interpreter take over before this instruction?
    pub fn is_boundary(&self, i: usize) -> bool {
        i == 0 || self.op_of[i] != self.op_of[i - 1]
    }

    /// The op that is made for exactly this instruction (for fused runs: the part that can raise).
    pub fn op_at(&self, i: usize) -> Option<usize> {
        let off = self.ins[i].offset;
        let offsets = self.ops.offsets();
        let k = offsets.partition_point(|&o| o < off);
        if offsets.get(k) != Some(&off) {
            return None;
        }
        // SAFETY: below the count.
        let h = unsafe { (*self.ops.start().add(k)).h };
        Some(k + counted::is_count(h) as usize)
    }

    pub fn site(&self, i: usize) -> Site {
        self.op_at(i)
            .map_or(Site::Unknown, |k| feedback::at(self.ops, k))
    }

    /// The kind of iterator that a `FOR_ITER` has met.
    pub fn iterator_kind(&self, i: usize) -> Option<u8> {
        match self.site(i) {
            Site::Iterator { kind } => Some(kind),
            _ => None,
        }
    }

    /// Kinds of numbers seen; nothing where the instruction has no op of its own.
    pub fn numbers(&self, i: usize) -> u8 {
        match self.op_at(i).map(|k| feedback::numbers(self.ops, k)) {
            Some(Site::Numbers { seen }) => seen,
            _ => feedback::SEEN_OTHER,
        }
    }

    /// The shape of the last object that an instruction has noted.
    pub fn met(&self, i: usize) -> Option<u32> {
        feedback::met(self.ops, self.op_at(i)?).map(|m| m.0)
    }

    /// Shapes of an operator's operands, and flags for the frame of its method.
    pub fn operator(&self, i: usize, op: u32) -> Option<((u32, u32), u64)> {
        feedback::operator(self.ops, self.op_at(i)?, op)
    }

    /// The shape of the instances that a `CALL` has called.
    pub fn called_instance(&self, i: usize) -> Option<u32> {
        feedback::called_instance(self.ops, self.op_at(i)?)
    }

    /// The definition's word of the bound native method that a `CALL` has called.
    pub fn called_bound(&self, i: usize) -> Option<u64> {
        feedback::called_bound(self.ops, self.op_at(i)?)
    }

    pub fn truths(&self, i: usize) -> Option<feedback::Truths> {
        feedback::truths(self.ops, self.op_at(i)?)
    }

    pub fn containers(&self, i: usize) -> u8 {
        match self.op_at(i).map(|k| feedback::containers(self.ops, k)) {
            Some(Site::Containers { seen }) => seen,
            _ => 0,
        }
    }

    /// Kinds of the iterator of pairs that a `FOR_ITER` has met, and of those inside it.
    pub fn pair_kinds(&self, i: usize) -> Option<[u8; 3]> {
        feedback::pair_kinds(self.ops, self.op_at(i)?)
    }

    /// The shape of the iterator of keys that a `FOR_ITER` has met.
    pub fn keys_shape(&self, i: usize) -> Option<u32> {
        feedback::keys_shape(self.ops, self.op_at(i)?)
    }

    /// The one shape of containers that are no list, tuple or dict.
    pub fn container_shape(&self, i: usize) -> Option<u32> {
        feedback::container_shape(self.ops, self.op_at(i)?)
    }

    /// The one type of numbers in arrays.
    pub fn array_code(&self, i: usize) -> Option<Number> {
        Number::of_code(feedback::array_code(self.ops, self.op_at(i)?)?)
    }

    /// Was this instruction surely never run?
    fn never_ran(&self, i: usize) -> bool {
        let x = &self.ins[i];
        match x.op {
            B::LOAD_ATTR | B::STORE_ATTR | B::LOAD_GLOBAL => self
                .op_at(i)
                .is_some_and(|k| feedback::lookup_never_ran(self.ops, k)),
            B::STORE_SUBSCR | B::UNPACK_SEQUENCE => self.containers(i) == 0,
            B::BINARY_OP if x.arg == habu_bytecode::opcode::binary::SUBSCR => {
                self.containers(i) == 0
            }
            _ => false,
        }
    }

    /// Was the block that begins at `b` surely never run to its end?
    pub fn block_never_ran(&self, b: usize) -> bool {
        (b..=self.block_end(b)).any(|i| self.never_ran(i))
    }

    pub fn constant(&self, i: u32) -> u64 {
        self.tuple_item(self.code.consts.get(), i)
    }

    pub fn name(&self, i: u32) -> u64 {
        self.tuple_item(self.code.names.get(), i)
    }

    fn tuple_item(&self, t: Option<Value>, i: u32) -> u64 {
        t.and_then(|t| t.cast::<TupleObj>())
            .and_then(|t| t.items().get(i as usize).map(|v| v.bits()))
            .unwrap_or(Value::NONE.bits())
    }

    /// Where instruction `i` jumps to.
    pub fn jumps_to(&self, i: usize) -> Option<usize> {
        self.jumps[i]
    }

    /// Where control goes from instruction `i`: the jump first, then the next.
    pub fn successors(&self, i: usize) -> (Option<usize>, Option<usize>) {
        let x = &self.ins[i];
        let jump = self.jumps[i];
        match x.op {
            B::JUMP_FORWARD | B::JUMP_BACKWARD | B::JUMP_BACKWARD_NO_INTERRUPT => (jump, None),
            B::POP_JUMP_IF_TRUE
            | B::POP_JUMP_IF_FALSE
            | B::POP_JUMP_IF_NONE
            | B::POP_JUMP_IF_NOT_NONE => (jump, Some(i + 1)),
            // Exhaustion goes on behind END_FOR.
            B::FOR_ITER => (jump.map(|j| j + 1), Some(i + 1)),
            B::SEND => (jump, Some(i + 1)),
            B::RETURN_VALUE | B::RAISE_VARARGS | B::RERAISE => (None, None),
            B::YIELD_VALUE if self.yields_end => (None, None),
            _ => (None, Some(i + 1)),
        }
    }

    pub fn ends_block(&self, i: usize) -> bool {
        !matches!(self.successors(i), (None, Some(_)))
    }

    /// For a loop header which instructions are in its loop.
    pub fn members(&self, header: usize) -> Option<&[bool]> {
        self.members[header].as_deref()
    }

    /// OSR code that began in an inner loop ends where the loop does if an outer loop goes on there: the outer loop is
    /// compiled as a whole when it is hot itself.
    pub fn is_beyond(&self, b: usize) -> bool {
        let Some(inner) = self.members[self.entry]
            .as_ref()
            .filter(|_| self.entry != 0)
        else {
            return false;
        };
        if inner[b] {
            return false;
        }
        self.members
            .iter()
            .enumerate()
            .any(|(h, m)| h != self.entry && m.as_ref().is_some_and(|m| m[b] && m[self.entry]))
    }

    /// Byte ranges whose exceptions go on elsewhere, with the instruction they go to.
    pub fn handler_ranges(&self) -> Vec<(u32, u32, usize)> {
        habu_bytecode::exceptions::entries(self.code.exceptions())
            .filter_map(|(from, to, h)| Some((from, to, self.index_of(h.target)?)))
            .collect()
    }

    fn find_catchers(&mut self) {
        // A generator may be suspended while it handles something.
        if self.code.flags.get() as u32 & SUSPENDING != 0 {
            return;
        }
        let table = self.code.exceptions();
        for i in 0..self.ins.len() {
            // As the interpreter does, by the offset of the op.
            let h = habu_bytecode::exceptions::lookup(table, self.offset_of_op(i));
            self.catchers[i] = h.and_then(|h| {
                let at = self.index_of(h.target).filter(|&at| self.handles(at))?;
                Some(Catcher {
                    at,
                    depth: h.depth as usize,
                    lasti: h.lasti,
                })
            });
        }
    }

    /// The offset of the op that this instruction is part of: what the interpreter knows it by.
    pub fn offset_of_op(&self, i: usize) -> u32 {
        let offset = self.ops.offsets().get(self.op_of[i] as usize).copied();
        offset.unwrap_or(self.ins[i].offset)
    }

    /// Does the handler at this instruction more than clean up and raise again, as far as that is compiled?
    fn handles(&self, at: usize) -> bool {
        let end = (at..self.ins.len()).find(|&i| self.ends_block(i));
        let block = &self.ins[at..=end.unwrap_or(at)];
        !block
            .iter()
            .any(|x| matches!(x.op, B::RERAISE | B::WITH_EXCEPT_START))
    }

    pub fn catcher(&self, i: usize) -> Option<Catcher> {
        self.catchers[i]
    }

    fn handlers(&self) -> Vec<usize> {
        self.handler_ranges().iter().map(|r| r.2).collect()
    }

    fn find_blocks(&mut self, roots: &[usize]) {
        let n = self.ins.len();
        let mut seen = vec![false; n + 1];
        for &r in roots {
            self.is_start[r] = true;
        }
        // Which instructions are reached, and which begin blocks.
        let mut work = roots.to_vec();
        while let Some(i) = work.pop() {
            if i >= n || seen[i] {
                continue;
            }
            seen[i] = true;
            let (jump, next) = self.successors(i);
            if let Some(j) = jump {
                self.is_start[j] = true;
                if let Some(k) = next {
                    self.is_start[k] = true;
                }
                work.push(j);
            }
            if let Some(k) = next {
                work.push(k);
            }
            if let Some(c) = self.catchers[i] {
                self.is_start[c.at] = true;
                work.push(c.at);
            }
        }
        // Postorder over blocks.
        let mut done = vec![false; n + 1];
        let mut post = Vec::new();
        for &root in roots {
            if std::mem::replace(&mut done[root], true) {
                continue;
            }
            let mut stack: Vec<(usize, Vec<usize>)> = vec![(root, self.block_successors(root))];
            while let Some((b, succ)) = stack.last_mut() {
                let b = *b;
                match succ.pop() {
                    Some(s) if s < n && !done[s] => {
                        done[s] = true;
                        let next = self.block_successors(s);
                        stack.push((s, next));
                    }
                    Some(_) => {}
                    None => {
                        post.push(b);
                        stack.pop();
                    }
                }
            }
        }
        post.reverse();
        self.order = post;
    }

    /// Last instruction of the block that begins at `b`.
    pub fn block_end(&self, b: usize) -> usize {
        let mut i = b;
        while !self.ends_block(i) && i + 1 < self.ins.len() && !self.is_start[i + 1] {
            i += 1;
        }
        i
    }

    /// In the order in which a stack pops them: the fall-through comes first in the result order.
    fn block_successors(&self, b: usize) -> Vec<usize> {
        let (jump, next) = self.successors(self.block_end(b));
        let mut all: Vec<usize> = next.into_iter().chain(jump).collect();
        for c in (b..=self.block_end(b)).filter_map(|i| self.catchers[i]) {
            if !all.contains(&c.at) {
                all.push(c.at);
            }
        }
        all
    }

    fn find_loops(&mut self) {
        let mut position = vec![usize::MAX; self.ins.len() + 1];
        for (p, &b) in self.order.iter().enumerate() {
            position[b] = p;
        }
        let mut back: Vec<(usize, usize)> = Vec::new();
        for (p, &b) in self.order.iter().enumerate() {
            for s in self.block_successors(b) {
                if s < position.len() && position[s] <= p {
                    back.push((b, s));
                }
            }
        }
        let mut preds: Vec<Vec<usize>> = vec![Vec::new(); self.ins.len() + 1];
        for &b in &self.order {
            for s in self.block_successors(b) {
                preds[s].push(b);
            }
        }
        for (tail, head) in back {
            let mut assigned = self.loops[head]
                .take()
                .unwrap_or_else(|| vec![false; self.locals]);
            let mut inside = vec![false; self.ins.len() + 1];
            inside[head] = true;
            let mut work = vec![tail];
            while let Some(b) = work.pop() {
                if !inside[b] {
                    inside[b] = true;
                    work.extend(&preds[b]);
                }
            }
            for b in (0..self.ins.len()).filter(|&b| inside[b]) {
                for i in b..=self.block_end(b) {
                    self.mark_assigned(i, &mut assigned);
                }
            }
            self.loops[head] = Some(assigned);
            let mut members = self.members[head]
                .take()
                .unwrap_or_else(|| vec![false; self.ins.len()]);
            for b in (0..self.ins.len()).filter(|&b| inside[b]) {
                members[b..=self.block_end(b)].fill(true);
            }
            self.members[head] = Some(members);
        }
    }

    fn mark_assigned(&self, i: usize, assigned: &mut [bool]) {
        let x = &self.ins[i];
        if matches!(
            x.op,
            B::STORE_FAST | B::DELETE_FAST | B::LOAD_FAST_AND_CLEAR | B::MAKE_CELL
        ) && let Some(a) = assigned.get_mut(x.arg as usize)
        {
            *a = true;
        }
    }
}

//! The representation to machine code, by Cranelift.
//!
//! What must hold: `fp` and the thread are the two parameters; every word that the interpreter may see is on the VM
//! stack in its own form when it looks, by `Sync` and by exits. Exit-only blocks are marked cold: Cranelift does not
//! find that out for itself.

mod exits;
mod inst;
mod memory;
mod power;

pub use memory::ops_address;

use crate::ir::{Block, Body, Exit, Func, Held, Inst, Rep, State, Term, V};
use crate::record::CodeRecord;
use cranelift_codegen::Context;
use cranelift_codegen::ir::condcodes::{CondCode, IntCC};
use cranelift_codegen::ir::{
    self as clif, AbiParam, InstBuilder, InstructionData, MemFlagsData as MemFlags, Signature,
    UserFuncName, types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use habu_runtime::interp::frame;
use habu_runtime::interp::tier::Place;
use rustc_hash::FxHashMap as HashMap;
use std::sync::{Arc, OnceLock};

/// How much Cranelift is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Effort {
    #[default]
    Full,
    /// No optimization of its own and registers allocated in one pass: less than half the time.
    Quick,
}

/// The machine that code is made for: this one.
pub fn host(how: Effort) -> Option<Arc<dyn TargetIsa>> {
    static ISA: OnceLock<Option<Arc<dyn TargetIsa>>> = OnceLock::new();
    ISA.get_or_init(|| {
        let b = cranelift_native::builder().ok()?;
        b.finish(flags(how)).ok()
    })
    .clone()
}

pub fn flags(how: Effort) -> settings::Flags {
    let mut b = settings::builder();
    for (name, value) in [
        (
            "opt_level",
            match how {
                Effort::Full => "speed",
                Effort::Quick => "none",
            },
        ),
        (
            "enable_verifier",
            if cfg!(debug_assertions) {
                "true"
            } else {
                "false"
            },
        ),
        ("enable_probestack", "false"),
        ("enable_alias_analysis", "true"),
        ("unwind_info", "false"),
        ("is_pic", "false"),
        (
            "regalloc_algorithm",
            match how {
                Effort::Full => "backtracking",
                Effort::Quick => "single_pass",
            },
        ),
    ] {
        let r = b.set(name, value);
        debug_assert!(r.is_ok());
    }
    settings::Flags::new(b)
}

pub struct Lowered {
    pub ctx: Context,
    pub exits: Vec<crate::deopt::ExitInfo>,
    pub scratch: u32,
}

/// What a block stores for exits: where it goes on, the body and its words.
type Stores = (clif::Block, Body, Vec<(u32, Held)>);

/// An item or a field that a word is stored to.
struct Into {
    owner: V,
    item: Option<V>,
    offset: i32,
}

impl Into {
    /// Where `next` stores `v`, if that makes a float a word.
    fn of(inst: &Inst, v: V, next: &Inst) -> Option<Into> {
        let (owner, item, offset, x) = match *next {
            Inst::Store(owner, offset, x) => (owner, None, offset, x),
            Inst::StoreItem(owner, i, offset, x) => (owner, Some(i), offset, x),
            _ => return None,
        };
        let is_it = x == v && matches!(inst, Inst::Box(_));
        is_it.then_some(Into {
            owner,
            item,
            offset,
        })
    }
}

struct Lower<'a, 'b> {
    f: &'a Func,
    b: FunctionBuilder<'b>,
    values: Vec<Option<clif::Value>>,
    blocks: Vec<clif::Block>,
    /// For each loop which blocks it has.
    loops: Vec<Vec<bool>>,
    exit_blocks: Vec<Option<clif::Block>>,
    /// Where exits go with their number.
    tail: clif::Block,
    th: clif::Value,
    /// Where the thread stands for calls aside.
    th_slot: clif::StackSlot,
    th_slot_used: bool,
    fp: clif::Value,
    /// Where the words of the frame are on the VM stack that are not the generator's.
    vm: clif::Value,
    /// Where the exit being made stores words of the frame.
    exit_base: clif::Value,
    record: &'a CodeRecord,
    /// Words of the whole frame.
    words: u32,
    /// It calls compiled code, which may leave the end of the VM stack behind its own words.
    calls_python: bool,
    /// For each body: may the thread's current frame be its own, or one of a body inside it?
    ever_current: Vec<bool>,
    deopt_every: u32,
    /// Where the float goes that is being made a word, if that is all the next instruction does.
    into: Option<Into>,
    /// A word that the collector was told of where it had to be.
    told: Option<V>,
    /// Powers are worked out without a call.
    powers: bool,
    scratch: u32,
    infos: Vec<crate::deopt::ExitInfo>,
    /// The blocks that exits to a state go through.
    states: HashMap<State, exits::Stored>,
    stores: HashMap<Stores, exits::Same>,
    /// How exits make instances that nobody sees; kept as long as code.
    object_forms: Vec<&'static crate::deopt::ObjectForm>,
}

/// Memory that is there and aligned.
const MEM: MemFlags = MemFlags::trusted();

/// Words of the whole frame of a function with its inlined bodies.
pub fn frame_words(f: &Func) -> u32 {
    f.bodies.iter().map(|b| b.base + b.words).max().unwrap_or(0)
}

/// Make Cranelift's input of it.
pub fn lower(f: &Func, record: &CodeRecord, isa: &dyn TargetIsa, deopt_every: u32) -> Lowered {
    let mut ctx = Context::new();
    let mut sig = Signature::new(isa.default_call_conv());
    sig.params.push(AbiParam::new(types::I64));
    sig.params.push(AbiParam::new(types::I64));
    sig.returns.push(AbiParam::new(types::I64));
    ctx.func = clif::Function::with_name_signature(UserFuncName::user(0, 0), sig);
    let mut fctx = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut ctx.func, &mut fctx);
    let order = crate::order::reverse_postorder(f);
    let dom = crate::order::Dominators::new(f, &order);
    let preds = crate::order::predecessors(f, &order);
    let blocks: Vec<clif::Block> = f.blocks.iter().map(|_| b.create_block()).collect();
    let tail = b.create_block();
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let (th, fp) = (b.block_params(entry)[0], b.block_params(entry)[1]);
    let slot = clif::StackSlotData::new(clif::StackSlotKind::ExplicitSlot, 8, 3);
    let th_slot = b.create_sized_stack_slot(slot);
    let put = b.ins().stack_store(types::I64, th, th_slot, 0);
    let mut l = Lower {
        f,
        b,
        values: vec![None; f.insts.len()],
        blocks,
        loops: crate::order::loops(&order, &dom, &preds),
        exit_blocks: vec![None; f.exits.len()],
        tail,
        th,
        th_slot,
        th_slot_used: false,
        fp,
        vm: fp,
        exit_base: fp,
        record,
        words: frame_words(f),
        calls_python: f
            .insts
            .iter()
            .any(|d| matches!(d.inst, Inst::CallPython(_))),
        ever_current: f.ever_current(),
        deopt_every,
        into: None,
        told: None,
        powers: power::works(isa),
        scratch: 0,
        infos: Vec::new(),
        states: HashMap::default(),
        stores: HashMap::default(),
        object_forms: Vec::new(),
    };
    l.prologue();
    l.body(&order);
    l.exits();
    l.b.seal_all_blocks();
    if !l.th_slot_used {
        l.b.func.layout.remove_inst(put);
        l.b.func.sized_stack_slots[th_slot].size = 0;
    }
    let (infos, scratch) = (std::mem::take(&mut l.infos), l.scratch);
    l.b.finalize(isa.frontend_config());
    Lowered {
        ctx,
        exits: infos,
        scratch,
    }
}

fn clif_type(r: Rep) -> clif::Type {
    match r {
        Rep::Word | Rep::Raw => types::I64,
        Rep::F64 => types::F64,
        Rep::Bool => types::I8,
    }
}

impl Lower<'_, '_> {
    fn prologue(&mut self) {
        if self.f.place == Place::Shown {
            let at = frame::RET_SP as i32 * 8;
            let top = self.b.ins().load(types::I64, MEM, self.fp, at);
            self.vm = self.b.ins().iadd_imm_s(top, frame::HEADER as i64 * 8 - 1);
            self.exit_base = self.vm;
        }
        if self.f.place != Place::Hidden {
            self.set_vm_top();
        }
        for (i, blk) in self.f.blocks.iter().enumerate() {
            for &p in &blk.params {
                let v = self
                    .b
                    .append_block_param(self.blocks[i], clif_type(self.f.ty(p).rep));
                self.values[p.index()] = Some(v);
            }
            if blk.cold {
                self.b.set_cold_block(self.blocks[i]);
            }
        }
        self.b.ins().jump(self.blocks[0], &[]);
    }

    /// The collector scans the VM stack up to here.
    fn set_vm_top(&mut self) {
        let top = self.b.ins().iadd_imm_s(self.vm, self.words as i64 * 8);
        let at = habu_heap::Mutator::VM_TOP_OFFSET as i32;
        self.b.ins().store(MEM, top, self.th, at);
    }

    fn body(&mut self, order: &[Block]) {
        for &i in order {
            let blk = self.f.block(i);
            self.b.switch_to_block(self.blocks[i.index()]);
            for (n, &v) in blk.insts.iter().enumerate() {
                let inst = self.f.inst(v).clone();
                let next = blk.insts.get(n + 1).map(|&s| self.f.inst(s));
                self.into = next.and_then(|s| Into::of(&inst, v, s));
                let told = self.into.as_ref().map(|_| v);
                self.inst(v, &inst);
                self.told = told;
            }
            self.term(i, &blk.term.clone());
        }
    }

    fn term(&mut self, at: Block, t: &Term) {
        match t {
            Term::Jump(to, args) => {
                let args: Vec<clif::BlockArg> = args
                    .iter()
                    .map(|&a| clif::BlockArg::Value(self.v(a)))
                    .collect();
                self.b.ins().jump(self.blocks[to.index()], &args);
            }
            Term::Branch(c, a, b) => {
                let c = self.v(*c);
                let (yes, no) = (self.blocks[a.index()], self.blocks[b.index()]);
                if self.leaves_loop(at, *b) && !self.leaves_loop(at, *a) {
                    self.unless(c, no, yes);
                } else {
                    self.b.ins().brif(c, yes, &[], no, &[]);
                }
            }
            Term::Return(v, kept) => {
                if let Some(x) = kept {
                    self.unless_kept(0, *x);
                }
                let r = self.v(*v);
                self.b.ins().return_(&[r]);
            }
            Term::Give(v) => {
                let r = self.v(*v);
                self.b.ins().return_(&[r]);
            }
            Term::Leave(x) => {
                let blk = self.exit_block(*x);
                self.b.ins().jump(blk, &[]);
            }
            Term::Open => unreachable!("block {at:?} has no end"),
        }
    }

    /// The frame whose locals begin at word `base` ends. Where somebody has made an object of it, the interpreter does
    /// that: the object keeps what the locals are.
    fn unless_kept(&mut self, base: u32, x: Exit) {
        let at = (base as i32 + frame::FLAGS as i32) * 8;
        let frame = self.frame_at(base);
        let flags = self.b.ins().load(types::I32, MEM, frame, at);
        let made = self.b.ins().band_imm_s(
            flags,
            (frame::flag::FRAME_OBJECT | frame::flag::CHANGED) as i64,
        );
        self.guard_not(made, x);
    }

    fn v(&self, v: V) -> clif::Value {
        match self.values[v.index()] {
            Some(x) => x,
            None => unreachable!("{v:?} is used before it is made: {:?}", self.f.inst(v)),
        }
    }

    fn iconst(&mut self, w: u64) -> clif::Value {
        self.b.ins().iconst(types::I64, w as i64)
    }

    /// Go on only if `ok`; else take the exit.
    fn guard(&mut self, ok: clif::Value, x: Exit) {
        let ok = self.stress(ok);
        let next = self.b.create_block();
        let out = self.exit_block(x);
        self.unless(ok, out, next);
        self.b.switch_to_block(next);
    }

    /// Branch to `out` unless `ok`. Who leaves a loop is named first: Cranelift forgets the loop with the first block
    /// it comes to that is not in it, and hoists nothing out of it from there on.
    fn unless(&mut self, ok: clif::Value, out: clif::Block, next: clif::Block) {
        let bad = self.opposite(ok);
        self.b.ins().brif(bad, out, &[], next, &[]);
    }

    fn opposite(&mut self, c: clif::Value) -> clif::Value {
        let dfg = &self.b.func.dfg;
        match dfg.value_def(c).inst().map(|i| dfg.insts[i]) {
            Some(InstructionData::IntCompare { cond, args, .. }) => {
                self.b.ins().icmp(cond.complement(), args[0], args[1])
            }
            Some(InstructionData::FloatCompare { cond, args, .. }) => {
                self.b.ins().fcmp(cond.complement(), args[0], args[1])
            }
            _ => self.b.ins().icmp_imm_s(IntCC::Equal, c, 0),
        }
    }

    /// Is there a loop with the first of these blocks but not the other?
    fn leaves_loop(&self, from: Block, to: Block) -> bool {
        self.loops
            .iter()
            .any(|inside| inside[from.index()] && !inside[to.index()])
    }

    /// Take the exit if `bad`.
    fn guard_not(&mut self, bad: clif::Value, x: Exit) {
        if self.deopt_every != 0 {
            let ok = self.b.ins().icmp_imm_s(IntCC::Equal, bad, 0);
            return self.guard(ok, x);
        }
        let next = self.b.create_block();
        let out = self.exit_block(x);
        self.b.ins().brif(bad, out, &[], next, &[]);
        self.b.switch_to_block(next);
    }

    /// `-X jit-deopt=N`: every N-th guard fails.
    fn stress(&mut self, ok: clif::Value) -> clif::Value {
        if self.deopt_every == 0 {
            return ok;
        }
        let counter = self.iconst(crate::tier::deopt_counter() as u64);
        let n = self.b.ins().load(types::I64, MEM, counter, 0);
        let n = self.b.ins().iadd_imm_s(n, -1);
        let over = self.b.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, n, 0);
        let full = self.iconst(self.deopt_every as u64);
        let n = self.b.ins().select(over, full, n);
        self.b.ins().store(MEM, n, counter, 0);
        let zero = self.b.ins().iconst(types::I8, 0);
        let ok = match self.b.func.dfg.value_type(ok) {
            types::I8 => ok,
            _ => self.b.ins().icmp_imm_s(IntCC::NotEqual, ok, 0),
        };
        self.b.ins().select(over, zero, ok)
    }
}

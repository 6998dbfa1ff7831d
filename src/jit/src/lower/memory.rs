//! Lowering of loads, stores, allocation and calls.

use super::{Lower, MEM};
use crate::aside;
use crate::helpers::{self, TABLE};
use crate::ir::{ABSENT, Body, Exit, Inst, Number, PythonCall, V, kind};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, AbiParam, InstBuilder, Signature, types};
use habu_heap::Mutator;
use habu_runtime::interp::counted;
use habu_runtime::interp::frame::{self, flag};
use habu_runtime::interp::gens::{self, SUSPENDED_AT};
use habu_runtime::interp::tier::Place;
use habu_runtime::object::{CodeObj, FunctionObj};
use habu_runtime::thread::Thread;
use std::mem::offset_of;

/// Of a word of flags, where the depth begins, in bytes.
const DEPTH_HALF: i32 = 4;

/// Where the header has the collector's byte.
const GC_BYTE: i32 = 5;

impl Lower<'_, '_> {
    pub(super) fn memory(&mut self, v: V, inst: &Inst) -> Option<clif::Value> {
        Some(match inst {
            Inst::Load(a, off) | Inst::LoadRaw(a, off) | Inst::LoadFixed(a, off, _) => {
                let a = self.v(*a);
                self.b.ins().load(types::I64, MEM, a, *off)
            }
            Inst::LoadShape(a) => self.shape_of(*a),
            Inst::LoadItem(a, i, off) => {
                let at = self.item(*a, *i);
                self.b.ins().load(types::I64, MEM, at, *off)
            }
            Inst::LoadNumber(n, a, i, off) => {
                let at = self.scaled(*a, *i, *n);
                self.load_number(*n, at, *off)
            }
            Inst::StoreNumber(n, a, i, off, x) => {
                let at = self.scaled(*a, *i, *n);
                let x = self.v(*x);
                self.store_number(*n, at, *off, x);
                return None;
            }
            Inst::Store(a, off, x) => {
                let base = self.v(*a);
                self.store(base, base, *off, *x);
                return None;
            }
            Inst::StoreItem(a, i, off, x) => {
                let at = self.item(*a, *i);
                let owner = self.v(*a);
                self.store(owner, at, *off, *x);
                return None;
            }
            Inst::StoreRaw(a, off, x) => {
                let (a, x) = (self.v(*a), self.v(*x));
                self.b.ins().store(MEM, x, a, *off);
                return None;
            }
            Inst::SetShape(a, s) => {
                let a = self.v(*a);
                self.barrier(a, a);
                self.set_shape(a, *s);
                return None;
            }
            Inst::InitShape(a, s) => {
                let a = self.v(*a);
                self.set_shape(a, *s);
                return None;
            }
            Inst::FrameAddress(n) => {
                // What others are handed is where the collector scans.
                let own = *n < self.f.bodies[0].locals || self.f.place == Place::Hidden;
                let frame = if own { self.fp } else { self.vm };
                self.b.ins().iadd_imm_s(frame, *n as i64 * 8)
            }
            Inst::Wanted => {
                let at = Mutator::POLL_OFFSET as i32;
                let p = self.b.ins().load(types::I32, MEM, self.th, at);
                self.b.ins().icmp_imm_s(IntCC::NotEqual, p, 0)
            }
            Inst::Sink if self.f.place == Place::Stack => self.iconst(0),
            Inst::Sink => {
                let at = SUSPENDED_AT.sink as i32 - SUSPENDED_AT.back as i32;
                self.b.ins().load(types::I64, MEM, self.fp, at)
            }
            Inst::Sync(n, x) | Inst::Save(n, x) => {
                debug_assert!(self.is_word(*x), "{v:?} {inst:?} {:?}", self.f.inst(*x));
                if self.is_saved(*n) || self.saves(inst) {
                    let owner = self.generator();
                    self.store(owner, self.fp, *n as i32 * 8, *x);
                    return None;
                }
                let x = self.v(*x);
                self.b.ins().store(MEM, x, self.vm, *n as i32 * 8);
                return None;
            }
            Inst::SyncMaybe(n, x) => {
                self.sync_maybe(*n, *x);
                return None;
            }
            Inst::Count(n) => {
                let counter = self.iconst(counted::native_counter() as u64);
                let so_far = self.b.ins().load(types::I64, MEM, counter, 0);
                let now = self.b.ins().iadd_imm_s(so_far, *n as i64);
                self.b.ins().store(MEM, now, counter, 0);
                return None;
            }
            Inst::At(body, op) => {
                let body = &self.f.bodies[body.index()];
                let ip = self.iconst(ops_address(body.ops, *op) | 1);
                let at = (body.base as i32 + frame::IP as i32) * 8;
                let frame = self.frame_at(body.base);
                self.b.ins().store(MEM, ip, frame, at);
                return None;
            }
            Inst::Current(body) => {
                self.set_current(self.f.bodies[body.index()].base);
                if self.calls_python {
                    self.set_vm_top();
                }
                return None;
            }
            Inst::Deep(body, levels, x) => {
                self.check_depth(*body, *levels, *x);
                return None;
            }
            Inst::Header(body) => {
                self.header(*body);
                return None;
            }
            Inst::Pop(body, kept) => {
                self.pop(*body, *kept);
                return None;
            }
            Inst::Call(helpers::id::yield_value, args, _) if self.f.place != Place::Stack => {
                self.suspend(args[1], args[2]);
                self.v(args[3])
            }
            Inst::Call(helpers::id::end_generator, args, _) if self.f.place != Place::Stack => {
                let v = self.v(args[1]);
                self.helper(helpers::id::end_in_place, &[self.fp, v])
            }
            Inst::Call(helpers::id::float_power, args, Some(x)) => {
                let base = self.v(args[0]);
                self.power(base, args[1], *x)
            }
            Inst::Call(h, args, exit) => {
                let mut words: Vec<clif::Value> = Vec::with_capacity(args.len());
                for &a in args.iter() {
                    let mut w = self.v(a);
                    if self.b.func.dfg.value_type(w) == types::F64 {
                        w = self
                            .b
                            .ins()
                            .bitcast(types::I64, clif::MemFlagsData::new(), w);
                    }
                    words.push(w);
                }
                let r = self.helper(*h, &words);
                if let Some(x) = exit {
                    self.check(r, *x);
                }
                match self.f.ty(v).rep {
                    crate::ir::Rep::F64 => {
                        self.b
                            .ins()
                            .bitcast(types::F64, clif::MemFlagsData::new(), r)
                    }
                    _ => r,
                }
            }
            Inst::CallPython(c) => self.call_python(c),
            Inst::Alloc(header, bytes, x) => self.alloc(*header, *bytes, *x),
            _ => unreachable!("{inst:?}"),
        })
    }

    /// The generator that runs in place stands at the YIELD_VALUE at `op`, with `count` words saved.
    fn suspend(&mut self, op: V, count: V) {
        let (Inst::Raw(op), Inst::Raw(count)) = (self.f.inst(op), self.f.inst(count)) else {
            unreachable!("a yield says where it is")
        };
        let sizes = gens::sizes_with(self.f.bodies[0].words as usize, *count as usize);
        for (field, word) in [
            (SUSPENDED_AT.ip, *op as u64 | 1),
            (SUSPENDED_AT.sizes, sizes),
            (SUSPENDED_AT.state, gens::SUSPENDED),
        ] {
            let word = self.iconst(word);
            let at = field as i32 - SUSPENDED_AT.back as i32;
            self.b.ins().store(MEM, word, self.fp, at);
        }
    }

    fn set_shape(&mut self, a: clif::Value, shape: u32) {
        let s = self.b.ins().iconst(types::I32, shape as i64);
        self.b.ins().store(MEM, s, a, 0);
    }

    fn sync_maybe(&mut self, n: u32, x: V) {
        let f = self.v(x);
        let bits = self
            .b
            .ins()
            .bitcast(types::I64, clif::MemFlagsData::new(), f);
        let absent = self.iconst(ABSENT);
        let there = self.b.ins().icmp(IntCC::NotEqual, bits, absent);
        let (store, next) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(there, store, &[], next, &[]);
        self.b.switch_to_block(store);
        let w = self.boxed(x);
        if self.is_saved(n) {
            let owner = self.generator();
            let slot = self.b.ins().iadd_imm_s(self.fp, n as i64 * 8);
            self.barrier(owner, slot);
        }
        let frame = if self.is_saved(n) { self.fp } else { self.vm };
        self.b.ins().store(MEM, w, frame, n as i32 * 8);
        self.b.ins().jump(next, &[]);
        self.b.switch_to_block(next);
    }

    fn shape_of(&mut self, a: V) -> clif::Value {
        let w = self.v(a);
        if self.f.ty(a).only(kind::OBJECT) {
            return self.b.ins().uload32(MEM, w, 0);
        }
        let p = self.is_pointer(a, w);
        let (object, join) = (self.b.create_block(), self.b.create_block());
        self.b.append_block_param(join, types::I64);
        let none = self.iconst(0);
        self.b
            .ins()
            .brif(p, object, &[], join, &[clif::BlockArg::Value(none)]);
        self.b.switch_to_block(object);
        let s = self.b.ins().uload32(MEM, w, 0);
        self.b.ins().jump(join, &[clif::BlockArg::Value(s)]);
        self.b.switch_to_block(join);
        self.b.block_params(join)[0]
    }

    /// Leave if the result of a call says that it raised.
    fn check(&mut self, r: clif::Value, x: Exit) {
        let next = self.b.create_block();
        let out = self.exit_block(x);
        self.unless(r, out, next);
        self.b.switch_to_block(next);
    }

    fn item(&mut self, a: V, i: V) -> clif::Value {
        let (a, i) = (self.v(a), self.v(i));
        let o = self.b.ins().ishl_imm_s(i, 3);
        self.b.ins().iadd(a, o)
    }

    fn scaled(&mut self, a: V, i: V, n: Number) -> clif::Value {
        let (a, i) = (self.v(a), self.v(i));
        let o = self.b.ins().ishl_imm_s(i, n.scale() as i64);
        self.b.ins().iadd(a, o)
    }

    fn load_number(&mut self, n: Number, at: clif::Value, off: i32) -> clif::Value {
        let i = types::I64;
        let ins = self.b.ins();
        match n {
            Number::I8 => ins.sload8(i, MEM, at, off),
            Number::U8 => ins.uload8(i, MEM, at, off),
            Number::I16 => ins.sload16(i, MEM, at, off),
            Number::U16 => ins.uload16(i, MEM, at, off),
            Number::I32 => ins.sload32(MEM, at, off),
            Number::U32 => ins.uload32(MEM, at, off),
            Number::I64 => ins.load(i, MEM, at, off),
            Number::F64 => ins.load(types::F64, MEM, at, off),
            Number::F32 => {
                let f = ins.load(types::F32, MEM, at, off);
                self.b.ins().fpromote(types::F64, f)
            }
        }
    }

    fn store_number(&mut self, n: Number, at: clif::Value, off: i32, x: clif::Value) {
        let x = match n {
            Number::F32 => self.b.ins().fdemote(types::F32, x),
            _ => x,
        };
        let ins = self.b.ins();
        match n.scale() {
            0 => ins.istore8(MEM, x, at, off),
            1 => ins.istore16(MEM, x, at, off),
            2 if !n.is_float() => ins.istore32(MEM, x, at, off),
            _ => ins.store(MEM, x, at, off),
        };
    }

    /// Call a helper: the thread, then these words.
    pub(super) fn helper(&mut self, h: u16, args: &[clif::Value]) -> clif::Value {
        let helper = &TABLE[h as usize];
        debug_assert_eq!(helper.args, args.len(), "{}", helper.name);
        let mut sig = Signature::new(self.b.func.signature.call_conv);
        for _ in 0..=args.len() {
            sig.params.push(AbiParam::new(types::I64));
        }
        sig.returns.push(AbiParam::new(types::I64));
        let sig = self.b.import_signature(sig);
        let target = self.iconst(helper.address as u64);
        let mut all = vec![self.th];
        all.extend_from_slice(args);
        let call = self.b.ins().call_indirect(sig, target, &all);
        self.b.inst_results(call)[0]
    }

    /// The same on a way that is rarely taken, which leaves all registers to the others.
    pub(super) fn helper_aside(&mut self, h: u16, args: &[clif::Value]) -> clif::Value {
        let Some(target) = aside::address(h) else {
            return self.helper(h, args);
        };
        // The thread from where it was put at first: its own register is not to be moved for this.
        let th = self
            .b
            .ins()
            .stack_load(types::I64, types::I64, self.th_slot, 0);
        self.th_slot_used = true;
        for (i, &x) in args.iter().enumerate() {
            self.b.ins().store(MEM, x, th, aside::operand(i));
        }
        let sig = self.b.import_signature(aside::signature());
        let target = self.iconst(target);
        self.b.ins().call_indirect(sig, target, &[th]);
        self.b.ins().load(types::I64, MEM, th, aside::operand(0))
    }

    /// Store with the write barrier: only pointers into objects that are not new need it.
    fn store(&mut self, owner: clif::Value, base: clif::Value, off: i32, x: V) {
        let w = self.v(x);
        if self.told != Some(x) && self.f.ty(x).may(kind::OBJECT | kind::FLOAT) {
            let slot = self.b.ins().iadd_imm_s(base, off as i64);
            self.barrier(owner, slot);
        }
        self.b.ins().store(MEM, w, base, off);
    }

    /// Tell the collector of what will be stored there.
    pub(super) fn tell(&mut self, to: &super::Into) {
        let owner = self.v(to.owner);
        let base = match to.item {
            Some(i) => self.item(to.owner, i),
            None => owner,
        };
        let slot = self.b.ins().iadd_imm_s(base, to.offset as i64);
        self.barrier(owner, slot);
    }

    fn barrier(&mut self, owner: clif::Value, slot: clif::Value) {
        let gc = self.b.ins().load(types::I8, MEM, owner, GC_BYTE);
        let (cold, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        self.b.ins().brif(gc, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        self.helper_aside(helpers::id::barrier, &[owner, slot]);
        self.b.ins().jump(next, &[]);
        self.b.switch_to_block(next);
    }

    fn alloc(&mut self, header: u64, bytes: u32, x: Exit) -> clif::Value {
        let (cursor, limit) = (Mutator::CURSOR_OFFSET as i32, Mutator::LIMIT_OFFSET as i32);
        let p = self.b.ins().load(types::I64, MEM, self.th, cursor);
        let end = self.b.ins().iadd_imm_s(p, bytes as i64);
        let limit = self.b.ins().load(types::I64, MEM, self.th, limit);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        let (slow, fast, join) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
        );
        self.b.append_block_param(join, types::I64);
        self.b.set_cold_block(slow);
        self.b.ins().brif(full, slow, &[], fast, &[]);
        self.b.switch_to_block(slow);
        let (h, n) = (self.iconst(header), self.iconst(bytes as u64));
        let r = self.helper_aside(helpers::id::allocate, &[h, n]);
        self.check(r, x);
        self.b.ins().jump(join, &[clif::BlockArg::Value(r)]);
        self.b.switch_to_block(fast);
        self.b.ins().store(MEM, end, self.th, cursor);
        let h = self.iconst(header);
        self.b.ins().store(MEM, h, p, 0);
        self.b.ins().jump(join, &[clif::BlockArg::Value(p)]);
        self.b.switch_to_block(join);
        self.b.block_params(join)[0]
    }

    /// The code object of who is called.
    fn callee_code(&mut self, c: &PythonCall, func: clif::Value) -> clif::Value {
        if c.code != 0 {
            return self.iconst(c.code);
        }
        let off = offset_of!(FunctionObj, code) as i32;
        self.b.ins().load(types::I64, MEM, func, off)
    }

    /// Leave unless there is room for the callee's frame, on the native stack as well.
    fn check_room(&mut self, c: &PythonCall, code: clif::Value, words: u32) {
        // Branches that are never taken cost less than one on what is put together first.
        let limit = |l: &mut Self, off: usize| l.b.ins().load(types::I64, MEM, l.th, off as i32);
        let room = limit(self, offset_of!(Thread, vm_limit));
        let end = self.callee_end(c, code, words);
        let bad = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, room);
        self.guard_not(bad, c.deep);
        let low = limit(self, offset_of!(Thread, native_limit));
        let native = self.b.ins().get_stack_pointer(types::I64);
        let bad = self.b.ins().icmp(IntCC::UnsignedLessThan, native, low);
        self.guard_not(bad, c.deep);
    }

    /// Where the callee's frame ends with some room behind it.
    fn callee_end(&mut self, c: &PythonCall, code: clif::Value, words: u32) -> clif::Value {
        let new = self.words as usize + frame::HEADER;
        if c.code != 0 {
            let words = new as i64 + words as i64 + 64;
            return self.b.ins().iadd_imm_s(self.vm, words * 8);
        }
        let part = |l: &mut Self, off: usize| l.b.ins().load(types::I64, MEM, code, off as i32);
        let locals = part(self, offset_of!(CodeObj, nlocalsplus));
        let stack = part(self, offset_of!(CodeObj, stacksize));
        let words = self.b.ins().iadd(locals, stack);
        let bytes = self.b.ins().ishl_imm_s(words, 3);
        let end = self.b.ins().iadd(self.vm, bytes);
        self.b.ins().iadd_imm_s(end, (new as i64 + 64) * 8)
    }

    /// Push a frame behind ours and call its code's entry. Room, depth and native stack are checked by `Deep` guards
    /// first: the frame is not touched until they have passed.
    fn call_python(&mut self, c: &PythonCall) -> clif::Value {
        let new = (self.words as usize + frame::HEADER) as i32;
        let at = |i: isize| (new + i as i32) * 8;
        let word = |off: usize| off as i32;
        if c.levels > 0 {
            self.check_depth(c.body, c.levels, c.deep);
        }
        let depth = self.depth(1 + self.inlined_depth(c.body));
        let func = self.v(c.func);
        let code = self.callee_code(c, func);
        if let Some(words) = c.room {
            self.check_room(c, code, words);
        }
        // Header.
        let caller = self.f.bodies[c.body.index()].base;
        let prev = self.tagged(caller);
        self.b.ins().store(MEM, prev, self.vm, at(frame::PREV));
        let bits = flag::ENTRY | flag::NATIVE | flag::TAG | flag::BARE | c.flags;
        self.set_flags(depth, bits, at(frame::FLAGS));
        self.b.ins().store(MEM, func, self.vm, at(frame::FUNC));
        for (i, &a) in c.args.iter().enumerate() {
            let w = self.v(a);
            self.b.ins().store(MEM, w, self.vm, at(i as isize));
        }
        let callee = self.b.ins().iadd_imm_s(self.vm, new as i64 * 8);
        let entry = self
            .b
            .ins()
            .load(types::I64, MEM, code, word(offset_of!(CodeObj, entry)));
        let mut sig = Signature::new(self.b.func.signature.call_conv);
        sig.params.push(AbiParam::new(types::I64));
        sig.params.push(AbiParam::new(types::I64));
        sig.returns.push(AbiParam::new(types::I64));
        let sig = self.b.import_signature(sig);
        let call = self.b.ins().call_indirect(sig, entry, &[self.th, callee]);
        let r = self.b.inst_results(call)[0];
        // Of what was called a frame may be the current one that is there no more.
        self.set_current(0);
        if let Some(x) = c.exit {
            self.check(r, x);
        }
        r
    }

    /// The frame whose locals begin at word `base` is the thread's current one from here on; its address.
    fn set_current(&mut self, base: u32) -> clif::Value {
        let frame = self.frame_at(base);
        let at = self.b.ins().iadd_imm_s(frame, base as i64 * 8);
        let th_fp = offset_of!(Thread, fp) as i32;
        self.b.ins().store(MEM, at, self.th, th_fp);
        at
    }

    /// What the offsets of the frame whose locals begin at word `base` count from.
    pub(super) fn frame_at(&self, base: u32) -> clif::Value {
        if base == 0 { self.fp } else { self.vm }
    }

    /// Is this word of the frame one of the generator's while it runs?
    fn is_saved(&self, word: u32) -> bool {
        self.f.place != Place::Stack && word < self.f.bodies[0].locals
    }

    /// Is this a word that the generator is suspended with?
    fn saves(&self, inst: &Inst) -> bool {
        self.f.place != Place::Stack && matches!(inst, Inst::Save(..))
    }

    /// The generator that runs in place.
    fn generator(&mut self) -> clif::Value {
        let back = -(SUSPENDED_AT.back as i64);
        self.b.ins().iadd_imm_s(self.fp, back)
    }

    /// The address of a frame, as header words have it.
    fn tagged(&mut self, base: u32) -> clif::Value {
        let frame = self.frame_at(base);
        self.b.ins().iadd_imm_s(frame, base as i64 * 8 + 1)
    }

    /// Leave if so many frames above this body's would be too deep.
    fn check_depth(&mut self, body: Body, levels: u32, deep: Exit) {
        let depth = self.depth(levels as u64 + self.inlined_depth(body));
        let limit = offset_of!(Thread, depth_limit) as i32 + DEPTH_HALF;
        let most = self.b.ins().load(types::I32, MEM, self.th, limit);
        let bad = self.b.ins().icmp(IntCC::UnsignedGreaterThan, depth, most);
        self.guard_not(bad, deep);
    }

    /// The depth of a frame so many above the outermost.
    fn depth(&mut self, above: u64) -> clif::Value {
        let at = frame::FLAGS as i32 * 8 + DEPTH_HALF;
        let own = self.b.ins().load(types::I32, MEM, self.fp, at);
        self.b.ins().iadd_imm_s(own, above as i64)
    }

    /// Depth and flags share a word.
    fn set_flags(&mut self, depth: clif::Value, bits: u64, at: i32) {
        debug_assert!(bits <= flag::LOW);
        let bits = self.b.ins().iconst(types::I32, bits as i64);
        self.b.ins().store(MEM, bits, self.vm, at);
        self.b.ins().store(MEM, depth, self.vm, at + DEPTH_HALF);
    }

    /// How many inlined calls lead to it.
    fn inlined_depth(&self, body: Body) -> u64 {
        self.f.callers(body).count() as u64 - 1
    }

    fn header(&mut self, body: Body) {
        let data = &self.f.bodies[body.index()];
        let Some(caller) = data.caller else { return };
        let at = |i: isize| (data.base as i32 + i as i32) * 8;
        let prev = self.tagged(self.f.bodies[caller.index()].base);
        self.b.ins().store(MEM, prev, self.vm, at(frame::PREV));
        let func = self.iconst(data.func);
        self.b.ins().store(MEM, func, self.vm, at(frame::FUNC));
        let depth = self.depth(self.inlined_depth(body));
        let bits = flag::TAG | flag::BARE | data.flags;
        self.set_flags(depth, bits, at(frame::FLAGS));
    }

    fn pop(&mut self, body: Body, kept: Exit) {
        let data = &self.f.bodies[body.index()];
        let Some(caller) = data.caller else { return };
        self.unless_kept(data.base, kept);
        if self.ever_current[body.index()] {
            self.set_current(self.f.bodies[caller.index()].base);
        }
    }
}

/// The address of op `i` of threaded code at `ops`.
pub fn ops_address(ops: u64, i: u32) -> u64 {
    ops + std::mem::size_of::<habu_runtime::interp::OpsObj>() as u64
        + i as u64 * std::mem::size_of::<habu_runtime::interp::Op>() as u64
}

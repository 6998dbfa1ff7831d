//! Exits: a small cold block each stores the words that memory does not have, raw, and jumps to one common tail.

use super::{Lower, MEM};
use crate::deopt::{ExitFrame, ExitInfo, Form};
use crate::ir::{Exit, Held, Inst, Rep, V};
use cranelift_codegen::ir::{self as clif, AbiParam, InstBuilder, Signature, types};
use std::sync::atomic::AtomicU32;

/// What an exit keeps in scratch words.
struct Aside {
    next: u32,
    /// Tuples, with the word of the frame that gets each.
    tuples: Vec<(u32, u32)>,
}

impl Lower<'_, '_> {
    pub(super) fn exit_block(&mut self, x: Exit) -> clif::Block {
        if let Some(b) = self.exit_blocks[x.index()] {
            return b;
        }
        let b = self.b.create_block();
        self.b.set_cold_block(b);
        self.exit_blocks[x.index()] = Some(b);
        b
    }

    /// Fill the exit blocks in, and the tail.
    pub(super) fn exits(&mut self) {
        self.b.set_cold_block(self.tail);
        self.b.append_block_param(self.tail, types::I64);
        for i in 0..self.f.exits.len() {
            let Some(b) = self.exit_blocks[i] else {
                continue;
            };
            self.b.switch_to_block(b);
            if self.f.in_place {
                self.exit_base = self.new_frame();
            }
            let info = self.store_state(Exit(i as u32));
            self.infos.push(info);
            let id = self.iconst(self.infos.len() as u64 - 1);
            self.b.ins().jump(self.tail, &[clif::BlockArg::Value(id)]);
        }
        self.b.switch_to_block(self.tail);
        let id = self.b.block_params(self.tail)[0];
        let mut sig = Signature::new(self.b.func.signature.call_conv);
        for _ in 0..4 {
            sig.params.push(AbiParam::new(types::I64));
        }
        sig.returns.push(AbiParam::new(types::I64));
        let sig = self.b.import_signature(sig);
        let target = self.iconst(crate::deopt::leave as *const () as u64);
        let record = self.iconst(self.record as *const _ as u64);
        let call = self
            .b
            .ins()
            .call_indirect(sig, target, &[self.th, self.fp, record, id]);
        let r = self.b.inst_results(call)[0];
        self.b.ins().return_(&[r]);
    }

    /// Where `gens::frame_for` will put the frame.
    fn new_frame(&mut self) -> clif::Value {
        let at = habu_heap::Mutator::VM_TOP_OFFSET as i32;
        let top = self.b.ins().load(types::I64, MEM, self.th, at);
        let header = habu_runtime::interp::frame::HEADER as i64;
        self.b.ins().iadd_imm_s(top, header * 8)
    }

    fn store_state(&mut self, x: Exit) -> ExitInfo {
        let data = &self.f.exits[x.index()];
        let why = data.why;
        let mut chain = Vec::new();
        let mut s = Some(data.state);
        while let Some(i) = s {
            chain.push(i);
            s = self.f.states[i.index()].parent;
        }
        let innermost = &self.f.states[chain[0].index()];
        let line = innermost.line;
        let mut aside = Aside {
            next: self.words,
            tuples: Vec::new(),
        };
        let mut frames = Vec::new();
        let mut stored = Vec::new();
        for &i in chain.iter().rev() {
            let st = &self.f.states[i.index()];
            let body = &self.f.bodies[st.body.index()];
            let mut forms = Vec::new();
            for &(slot, held) in &st.dirty {
                let at = (body.base + slot) as i32 * 8;
                let form = self.store_held(at, held, &mut aside);
                if body.base == 0 && matches!(form, None | Some(Form::Bool | Form::Float)) {
                    stored.push(slot);
                }
                if let Some(form) = form {
                    forms.push((slot, form));
                }
            }
            frames.push(ExitFrame {
                base: body.base,
                ops: body.ops,
                op: st.op,
                locals: body.locals,
                depth: st.depth,
                forms,
                func: body.func,
                result: body.result,
                flags: body.flags,
                framed: st.framed,
            });
        }
        self.scratch = self.scratch.max(aside.next - self.words);
        ExitInfo {
            why,
            line,
            offset: innermost.offset,
            frames,
            stored,
            entry: Some(data.state) == self.f.entry,
            taken: AtomicU32::new(0),
        }
    }

    fn store_held(&mut self, at: i32, held: Held, scratch: &mut Aside) -> Option<Form> {
        let mut aside = |l: &mut Self, vs: &[V]| {
            let first = scratch.next;
            for &v in vs {
                let x = l.v(v);
                l.b.ins()
                    .store(MEM, x, l.exit_base, scratch.next as i32 * 8);
                scratch.next += 1;
            }
            first
        };
        match held {
            Held::Empty => Some(Form::Constant(0)),
            Held::Range(a, b, c) => {
                let first = aside(self, &[a, b, c]);
                Some(Form::Range(first))
            }
            Held::List(a, b) => {
                let first = aside(self, &[a, b]);
                Some(Form::List(first))
            }
            Held::Tuple(n) => {
                if let Some((_, word)) = scratch.tuples.iter().find(|(t, _)| *t == n) {
                    return Some(Form::Again(*word));
                }
                let items = &self.f.tuples[n as usize];
                let first = aside(self, items);
                let is_float = |&v: &V| self.f.ty(v).rep == Rep::F64;
                let floats = items.iter().enumerate();
                let floats = floats.fold(0, |m, (i, v)| m | (is_float(v) as u16) << i);
                scratch.tuples.push((n, at as u32 / 8));
                Some(Form::Tuple(first, items.len() as u16, floats))
            }
            Held::Value(v) => {
                if let Inst::Word(w) = self.f.inst(v) {
                    return Some(Form::Constant(*w));
                }
                let x = self.v(v);
                match self.f.ty(v).rep {
                    Rep::Bool => {
                        let x = self.b.ins().uextend(types::I64, x);
                        self.b.ins().store(MEM, x, self.exit_base, at);
                        Some(Form::Bool)
                    }
                    Rep::F64 if self.f.ty(v).is_maybe() => {
                        let first = aside(self, &[v]);
                        Some(Form::Maybe(first))
                    }
                    Rep::F64 => {
                        self.b.ins().store(MEM, x, self.exit_base, at);
                        Some(Form::Float)
                    }
                    _ => {
                        self.b.ins().store(MEM, x, self.exit_base, at);
                        None
                    }
                }
            }
        }
    }
}

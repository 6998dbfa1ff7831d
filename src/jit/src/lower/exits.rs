//! Exits: for each state a cold block stores the words that memory does not have, raw, and goes on to the one of the
//! caller's state and at last to one common tail.

use super::{Lower, MEM};
use crate::deopt::{Closure, ExitFrame, ExitInfo, Form, ObjectForm, WordForm};
use crate::ir::{Exit, FrameState, Held, Inst, Rep, State, V};
use cranelift_codegen::ir::{self as clif, AbiParam, InstBuilder, Signature, types};
use habu_runtime::interp::tier::Place;
use std::sync::atomic::AtomicU32;

/// What exits to a state keep in scratch words: those of its callers' frames, then its own.
#[derive(Clone)]
struct Aside {
    next: u32,
    /// Tuples and instances, with the word of the frame that gets each.
    made: Vec<(Held, u32)>,
    /// What goes to scratch words before the word that is being told about gets its own.
    before: Vec<(u32, Form)>,
}

/// The block that stores what the frames of a state lack. It is shared by all exits to the state, and goes on to the
/// one of the caller's state; it takes the number of the exit.
#[derive(Clone)]
pub(super) struct Stored {
    block: clif::Block,
    aside: Aside,
    /// Outermost first.
    frames: Vec<ExitFrame>,
    /// Words of the outermost frame.
    words: Vec<u32>,
}

/// What states have in common that store the same words and go on to the same block.
pub(super) struct Same {
    block: clif::Block,
    aside: Aside,
    words: Vec<u32>,
    forms: Vec<(u32, Form)>,
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
            let info = self.exit_to_state(Exit(i as u32));
            self.b.switch_to_block(b);
            let id = self.iconst(self.infos.len() as u64);
            self.infos.push(info.1);
            self.b.ins().jump(info.0, &[clif::BlockArg::Value(id)]);
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

    /// Where the exit goes with its number, and what it is.
    fn exit_to_state(&mut self, x: Exit) -> (clif::Block, ExitInfo) {
        let data = &self.f.exits[x.index()];
        let innermost = &self.f.states[data.state.index()];
        let stored = self.stored(data.state);
        let info = ExitInfo {
            why: data.why,
            line: innermost.line,
            offset: innermost.offset,
            frames: stored.frames,
            stored: stored.words,
            entry: Some(data.state) == self.f.entry,
            taken: AtomicU32::new(0),
        };
        (stored.block, info)
    }

    /// The block of a state, made now if it is not there yet.
    fn stored(&mut self, s: State) -> Stored {
        if let Some(done) = self.states.get(&s) {
            return done.clone();
        }
        let st = &self.f.states[s.index()];
        let body = &self.f.bodies[st.body.index()];
        let mut all = match st.parent {
            Some(p) => self.stored(p),
            None => Stored {
                block: self.tail,
                aside: Aside {
                    next: self.words,
                    made: Vec::new(),
                    before: Vec::new(),
                },
                frames: Vec::new(),
                words: Vec::new(),
            },
        };
        let key = (all.block, st.body, st.dirty.clone());
        let forms = match self.stores.get(&key) {
            Some(same) => {
                all.block = same.block;
                all.aside = same.aside.clone();
                all.words.clone_from(&same.words);
                same.forms.clone()
            }
            None => {
                let forms = self.store_words(st, &mut all);
                let same = Same {
                    block: all.block,
                    aside: all.aside.clone(),
                    words: all.words.clone(),
                    forms: forms.clone(),
                };
                self.stores.insert(key, same);
                forms
            }
        };
        all.frames.push(ExitFrame {
            base: body.base,
            ops: body.ops,
            op: st.op,
            locals: body.locals,
            depth: st.depth,
            forms,
            func: body.func,
            result: body.result,
            flags: body.flags,
            taking: body.taking,
            framed: st.framed,
        });
        self.states.insert(s, all.clone());
        all
    }

    /// Make the block that stores the words of the state and goes on to its caller's.
    fn store_words(&mut self, st: &FrameState, all: &mut Stored) -> Vec<(u32, Form)> {
        let base = self.f.bodies[st.body.index()].base;
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        let id = self.b.append_block_param(block, types::I64);
        self.b.switch_to_block(block);
        if self.f.place == Place::Hidden {
            self.exit_base = self.new_frame();
        }
        let mut forms = Vec::new();
        for &(slot, held) in &st.dirty {
            let at = (base + slot) as i32 * 8;
            let form = self.store_held(at, held, &mut all.aside);
            if base == 0 && matches!(form, None | Some(Form::Bool | Form::Float)) {
                all.words.push(slot);
            }
            for (word, form) in all.aside.before.drain(..) {
                forms.push((word - base, form));
            }
            if let Some(form) = form {
                forms.push((slot, form));
            }
        }
        self.scratch = self.scratch.max(all.aside.next - self.words);
        self.b.ins().jump(all.block, &[clif::BlockArg::Value(id)]);
        all.block = block;
        forms
    }

    /// How the exit makes this instance, whose words are stored here.
    fn object_form(&mut self, n: u32, scratch: &mut Aside) -> Form {
        let f = self.f;
        let object = &f.objects[n as usize];
        let mut words = Vec::new();
        let mut own = Vec::new();
        for &h in &object.words {
            words.push(match h {
                Held::Value(v) => match *f.inst(v) {
                    Inst::Word(w) => WordForm::Constant(w),
                    _ => {
                        own.push(v);
                        match f.ty(v).rep {
                            Rep::F64 => WordForm::Float,
                            _ => WordForm::Word,
                        }
                    }
                },
                Held::Object(_) => WordForm::Again(self.made_before(h, scratch)),
                _ => WordForm::Constant(0),
            });
        }
        let first = scratch.next;
        for v in own {
            let x = self.v(v);
            let at = scratch.next as i32 * 8;
            self.b.ins().store(MEM, x, self.exit_base, at);
            scratch.next += 1;
        }
        let header = object.header;
        let form = ObjectForm { header, words };
        let known = self.object_forms.iter().find(|o| ***o == form).copied();
        let form = known.unwrap_or_else(|| {
            let new: &'static ObjectForm = Box::leak(Box::new(form));
            self.object_forms.push(new);
            new
        });
        Form::Object(form, first)
    }

    /// The word of the frames, or the scratch word, that gets an instance which another holds.
    fn made_before(&mut self, h: Held, scratch: &mut Aside) -> u32 {
        if let Some((_, word)) = scratch.made.iter().find(|(m, _)| *m == h) {
            return *word;
        }
        let word = scratch.next;
        scratch.next += 1;
        let none = self.iconst(0);
        self.b
            .ins()
            .store(MEM, none, self.exit_base, word as i32 * 8);
        if let Some(form) = self.store_held(word as i32 * 8, h, scratch) {
            scratch.before.push((word, form));
        }
        word
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
        if let Some((_, word)) = scratch.made.iter().find(|(h, _)| *h == held) {
            return Some(Form::Again(*word));
        }
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
                let items = &self.f.tuples[n as usize];
                let first = aside(self, items);
                let is_float = |&v: &V| self.f.ty(v).rep == Rep::F64;
                let floats = items.iter().enumerate();
                let floats = floats.fold(0, |m, (i, v)| m | (is_float(v) as u16) << i);
                scratch.made.push((held, at as u32 / 8));
                Some(Form::Tuple(first, items.len() as u16, floats))
            }
            Held::Object(n) => {
                scratch.made.push((held, at as u32 / 8));
                Some(self.object_form(n, scratch))
            }
            Held::Function(n) => {
                let made = &self.f.functions[n as usize];
                let first = aside(self, &[made.like]);
                let closure = match made.closure {
                    Held::Tuple(t) => {
                        let cells = &self.f.tuples[t as usize];
                        aside(self, cells);
                        Closure::Cells(cells.len() as u32)
                    }
                    Held::Value(v) => {
                        aside(self, &[v]);
                        Closure::Tuple
                    }
                    _ => Closure::None,
                };
                Some(Form::Function(made.code, first, closure))
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

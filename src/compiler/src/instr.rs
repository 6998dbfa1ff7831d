//! Instructions before assembly: real opcodes plus the pseudo ones that the flow graph resolves.

use crate::position::Loc;
use habu_bytecode::{Const, Op};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Op(Op),
    Jump,
    JumpNoInterrupt,
    /// Conditional jumps that leave the tested value.
    JumpIfFalse,
    JumpIfTrue,
    SetupFinally,
    SetupCleanup,
    SetupWith,
    PopBlock,
    LoadClosure,
    StoreFastMaybeNull,
    AnnotationsPlaceholder,
}

impl From<Op> for Code {
    fn from(op: Op) -> Code {
        Code::Op(op)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label(pub u32);

#[derive(Clone, Copy, Debug)]
pub struct Instr {
    pub code: Code,
    pub arg: u32,
    /// A label while in a sequence, a block in the flow graph.
    pub target: Option<u32>,
    pub loc: Loc,
    /// The block that handles an exception here.
    pub except: Option<u32>,
}

impl Instr {
    pub fn new(code: impl Into<Code>, arg: u32, loc: Loc) -> Instr {
        Instr { code: code.into(), arg, target: None, loc, except: None }
    }

    pub fn is(&self, op: Op) -> bool {
        self.code == Code::Op(op)
    }

    pub fn op(&self) -> Option<Op> {
        match self.code {
            Code::Op(op) => Some(op),
            _ => None,
        }
    }

    pub fn nop(&mut self) {
        self.set(Op::NOP, 0);
    }

    pub fn set(&mut self, code: impl Into<Code>, arg: u32) {
        self.code = code.into();
        self.arg = arg;
        self.target = None;
    }
}

/// Straight-line instructions with labels.
#[derive(Default, Debug)]
pub struct Sequence {
    pub instrs: Vec<Instr>,
    /// Label to instruction index.
    pub labels: Vec<Option<usize>>,
    /// Built apart, put in place of the placeholder at the end.
    pub annotations: Option<Box<Sequence>>,
}

impl Sequence {
    pub fn new_label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    pub fn use_label(&mut self, l: Label) {
        self.labels[l.0 as usize] = Some(self.instrs.len());
    }
}

/// Constants of one code object; equal ones of the same type share an entry, `0.0` and `-0.0` do not.
#[derive(Default, Debug, Clone)]
pub struct Consts {
    pub list: Vec<Const>,
    index: HashMap<Vec<u8>, u32>,
}

impl Consts {
    pub fn add(&mut self, c: Const) -> u32 {
        if matches!(c, Const::Code(_)) {
            self.list.push(c);
            return self.list.len() as u32 - 1;
        }
        let mut k = Vec::new();
        identity(&c, &mut k);
        if let Some(i) = self.index.get(&k) {
            return *i;
        }
        self.list.push(c);
        let i = self.list.len() as u32 - 1;
        self.index.insert(k, i);
        i
    }
}

/// A byte string equal for constants that may share an object.
pub fn identity(c: &Const, out: &mut Vec<u8>) {
    let len = |out: &mut Vec<u8>, n: usize| out.extend((n as u64).to_le_bytes());
    match c {
        Const::None => out.push(b'N'),
        Const::True => out.push(b'T'),
        Const::False => out.push(b'F'),
        Const::Ellipsis => out.push(b'.'),
        Const::Int(i) => {
            out.push(b'i');
            out.extend(i.to_le_bytes());
        }
        Const::BigInt { negative, hex } => {
            out.push(if *negative { b'-' } else { b'+' });
            len(out, hex.len());
            out.extend(hex.as_bytes());
        }
        Const::Float(f) => {
            out.push(b'f');
            out.extend(f.to_bits().to_le_bytes());
        }
        Const::Complex(r, i) => {
            out.push(b'c');
            out.extend(r.to_bits().to_le_bytes());
            out.extend(i.to_bits().to_le_bytes());
        }
        Const::Str(s) => {
            out.push(b's');
            len(out, s.len());
            out.extend(s.as_bytes());
        }
        Const::Surrogates(p) => {
            out.push(b'u');
            len(out, p.len());
            p.iter().for_each(|p| out.extend(p.to_le_bytes()));
        }
        Const::Bytes(b) => {
            out.push(b'b');
            len(out, b.len());
            out.extend(&**b);
        }
        Const::Tuple(items) | Const::FrozenSet(items) => {
            out.push(if matches!(c, Const::Tuple(_)) { b'(' } else { b'<' });
            len(out, items.len());
            items.iter().for_each(|i| identity(i, out));
        }
        Const::Slice(items) => {
            out.push(b':');
            items.iter().for_each(|i| identity(i, out));
        }
        Const::Code(code) => {
            out.push(b'C');
            out.extend((&**code as *const _ as usize).to_le_bytes());
        }
    }
}

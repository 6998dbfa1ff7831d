//! Walking over bytecode: `EXTENDED_ARG` prefixes are folded into the instruction they belong to.

use crate::opcode::Op;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instr {
    /// Byte offset of the operation itself.
    pub offset: u32,
    /// Byte offset of its first `EXTENDED_ARG`, or of itself.
    pub start: u32,
    pub op: Op,
    pub arg: u32,
}

pub struct Iter<'a> {
    code: &'a [u8],
    at: usize,
}

impl Iterator for Iter<'_> {
    type Item = Instr;

    /// Ends at an unknown opcode.
    fn next(&mut self) -> Option<Instr> {
        let start = self.at;
        let mut arg = 0u32;
        loop {
            let op = Op::from_u8(*self.code.get(self.at)?)?;
            arg = arg << 8 | u32::from(*self.code.get(self.at + 1)?);
            self.at += 2;
            if op != Op::EXTENDED_ARG {
                return Some(Instr { offset: self.at as u32 - 2, start: start as u32, op, arg });
            }
        }
    }
}

pub fn iter(code: &[u8]) -> Iter<'_> {
    Iter { code, at: 0 }
}

impl Instr {
    /// Byte offset a jump goes to.
    pub fn target(&self) -> Option<u32> {
        use crate::opcode::Arg;
        let next = self.offset + 2;
        match self.op.arg_kind() {
            Arg::JumpForward => next.checked_add(self.arg.checked_mul(2)?),
            Arg::JumpBackward => next.checked_sub(self.arg.checked_mul(2)?),
            _ => None,
        }
    }
}

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
                return Some(Instr {
                    offset: self.at as u32 - 2,
                    start: start as u32,
                    op,
                    arg,
                });
            }
        }
    }
}

pub fn iter(code: &[u8]) -> Iter<'_> {
    Iter { code, at: 0 }
}

/// All that `iter` gives. Every code object that runs is decoded once, so this is written for speed.
pub fn decode(code: &[u8]) -> Vec<Instr> {
    let mut out = Vec::with_capacity(code.len() / 2);
    let (mut start, mut prefix) = (0, 0u32);
    for (i, unit) in code.chunks_exact(2).enumerate() {
        let Some(op) = OPS[unit[0] as usize] else {
            break;
        };
        let arg = prefix << 8 | u32::from(unit[1]);
        if op == Op::EXTENDED_ARG {
            prefix = arg;
            continue;
        }
        let offset = 2 * i as u32;
        out.push(Instr {
            offset,
            start,
            op,
            arg,
        });
        (start, prefix) = (offset + 2, 0);
    }
    out
}

/// Opcodes by number.
static OPS: [Option<Op>; 256] = {
    let mut ops = [None; 256];
    let mut i = 0;
    while i < Op::ALL.len() {
        ops[Op::ALL[i] as usize] = Some(Op::ALL[i]);
        i += 1;
    }
    ops
};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_at_once_is_iterating() {
        let mut seed = 1u32;
        for n in 0..2000 {
            let code: Vec<u8> = (0..n % 40)
                .map(|i| {
                    seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
                    match i % 2 == 0 && seed & 0x30_0000 == 0 {
                        true => Op::EXTENDED_ARG as u8,
                        false => (seed >> 24) as u8 & 0x7f,
                    }
                })
                .collect();
            assert_eq!(decode(&code), iter(&code).collect::<Vec<_>>());
        }
    }
}

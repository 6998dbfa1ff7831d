//! Bytecode: the opcode table, code constants, exception and location tables, marshal/.pyc, disassembly.
//!
//! Invariant of this room: it depends on no other crate of the workspace, and every table (opcodes, binary
//! operators, intrinsics, flags) is defined once here and generated everywhere else.

pub mod code;
pub mod dis;
pub mod effects;
pub mod exceptions;
pub mod instructions;
pub mod locations;
pub mod marshal;
pub mod opcode;
pub mod packed;
pub mod pyc;
pub mod verify;

pub use code::{CodeFlags, CodeUnit, Const};
pub use opcode::Op;
